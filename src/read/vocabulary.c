/* Names of columns from a file of their own. */
#include "read/read.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "read/number.h"
#include "read/text.h"

#include <inttypes.h>

typedef struct words {
    pw_names names;
    int64_t *index; /* of each of them among all words of the file */
    int64_t capacity;
    int64_t total; /* over all ranks, in the rounds so far */
} words;

static pw_code read_block(words *w, pw_text_block *block)
{
    pw_code code = PW_OK;
    pw_line line;
    while (code == PW_OK && pw_text_line(block, &line))
        if (pw_number_skip_blanks(line.begin, line.end) < line.end)
            code = pw_names_add(&w->names, line.begin, line.end - line.begin);
    if (code == PW_OK)
        code = PW_GROW(w->index, &w->capacity, w->names.count + 1);
    return code;
}

/* Collective over team. Numbers the words that this round brought, from number `had` of this rank
 * on. */
static void number_words(pw_team *team, words *w, int64_t had)
{
    int64_t found = w->names.count - had;
    const int64_t first = w->total + pw_scan_before(team, found);
    for (int64_t i = 0; i < found; i++)
        w->index[had + i] = first + i;
    pw_reduce_sum_int(team, &found, 1);
    w->total += found;
}

pw_code pw_vocabulary_read(pw_team *team, const char *path, int64_t n, pw_names *names)
{
    pw_code code = PW_OK;
    pw_text *text = NULL;
    words w = {.total = 0};
    PW_TRY(pw_text_open(team, path, 0, &text));
    for (;;) {
        pw_text_block block;
        bool more;
        PW_TRY(pw_text_next(text, &block, &more));
        if (!more)
            break;
        const int64_t had = w.names.count;
        PW_TRY(pw_agree(team, read_block(&w, &block)));
        number_words(team, &w, had);
    }
    if (w.total != n) {
        code = pw_fail(PW_ERROR_INPUT,
                       "%s: has %" PRId64 " words for %" PRId64
                       " columns. Give one word a line, one for each column.",
                       path, w.total, n);
        goto done;
    }
    pw_names_destroy(names);
    PW_TRY(pw_names_deal(team, &w.names, w.index, n, names));
done:
    pw_text_close(&text);
    pw_names_destroy(&w.names);
    free(w.index);
    return code;
}
