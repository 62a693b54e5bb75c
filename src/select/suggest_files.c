#include "select/suggest.h"

#include <string.h>

void pw_suggestions_print(const pw_suggestions *suggestions, FILE *stream)
{
    fprintf(stream, "%-12s%4s  %s\n", "criterion", "k", "reason");
    for (int c = 0; c < PW_CRITERIA; c++) {
        const pw_suggestion *s = &suggestions->of[c];
        char k[16] = "-";
        if (s->k > 0)
            snprintf(k, sizeof k, "%d", s->k);
        if (s->defined)
            fprintf(stream, "%-12s%4s  %s\n", s->criterion, k, s->reason);
    }
}

/* Texts one after the other, as the writer takes them. */
typedef struct texts {
    int64_t offset[PW_CRITERIA + 1];
    char text[PW_CRITERIA * PW_REASON_LENGTH];
} texts;

static void add(texts *t, int place, const char *text)
{
    const size_t length = strlen(text);
    memcpy(t->text + t->offset[place], text, length);
    t->offset[place + 1] = t->offset[place] + (int64_t)length;
}

pw_code pw_suggestions_write(pw_team *team, pw_writer *writer, const pw_suggestions *suggestions)
{
    const pw_part part = {.total = PW_CRITERIA, .count = team->rank == 0 ? PW_CRITERIA : 0};
    texts criterion = {.offset = {0}}, reason = {.offset = {0}};
    int64_t k[PW_CRITERIA];
    pw_code code = PW_OK;
    for (int c = 0; c < part.count; c++) {
        add(&criterion, c, suggestions->of[c].criterion);
        add(&reason, c, suggestions->of[c].reason);
        k[c] = suggestions->of[c].k;
    }
    PW_TRY(pw_writer_group(writer, "/suggestions"));
    PW_TRY(
        pw_writer_texts(writer, "/suggestions/criterion", part, criterion.offset, criterion.text));
    PW_TRY(pw_writer_list(writer, "/suggestions/k", part, PW_I64, PW_I64, k));
    PW_TRY(pw_writer_texts(writer, "/suggestions/reason", part, reason.offset, reason.text));
    code = pw_writer_attribute_text(writer, "/suggestions", "warning", suggestions->warning);
done:
    return code;
}
