#include "command/match_table.h"

#include "store/output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

pw_code pw_match_table_create(pw_team *team, const pw_match *match, const pw_matrix *reference,
                              pw_match_table *table)
{
    *table = (pw_match_table){.match = match};
    return pw_names_gather(team, pw_profile_names(reference), &table->names);
}

void pw_match_table_destroy(pw_match_table *table)
{
    if (table)
        pw_names_destroy(&table->names);
}

/* ---- for people and awk: the name, which may have blanks, comes last ---- */

static void print_name(const pw_match_table *table, int64_t profile)
{
    const pw_names *names = &table->names;
    if (names->count > 0)
        printf("%.*s\n", (int)(names->offset[profile + 1] - names->offset[profile]),
               names->text + names->offset[profile]);
    else
        printf("%" PRId64 "\n", profile);
}

/* Cosine of component c with its profile. */
static double cosine_of(const pw_match *match, int64_t c)
{
    return match->cosine[c * match->references + match->reference[c]];
}

pw_code pw_match_table_print(const pw_match_table *table)
{
    const pw_match *match = table->match;
    double sum = 0;
    int64_t pairs = 0, worst = -1;
    printf("%-11s%-10s%s\n", "component", "cosine", "reference");
    for (int64_t c = 0; c < match->components; c++) {
        if (match->reference[c] < 0) {
            printf("%-11" PRId64 "%-10s%s\n", c, "-", "-");
            continue;
        }
        printf("%-11" PRId64 "%-10.6f", c, cosine_of(match, c));
        print_name(table, match->reference[c]);
        sum += cosine_of(match, c);
        pairs++;
        if (worst < 0 || cosine_of(match, c) < cosine_of(match, worst))
            worst = c;
    }
    printf("%-11s%-10.6f%" PRId64 " of %" PRId64 " components\n", "mean", sum / (double)pairs,
           pairs, match->components);
    printf("%-11s%-10.6fcomponent %" PRId64 "\n", "minimum", cosine_of(match, worst), worst);
    if (fflush(stdout) != 0 || ferror(stdout))
        return pw_fail(PW_ERROR_OUTPUT, "standard output: %s.", strerror(errno));
    return PW_OK;
}

/* ---- CSV ---- */

/* In quotes, which are doubled inside (RFC 4180). */
static void write_name(const pw_match_table *table, int64_t profile, FILE *file)
{
    const pw_names *names = &table->names;
    if (names->count == 0) {
        fprintf(file, "%" PRId64, profile);
        return;
    }
    putc('"', file);
    for (int64_t i = names->offset[profile]; i < names->offset[profile + 1]; i++) {
        if (names->text[i] == '"')
            putc('"', file);
        putc(names->text[i], file);
    }
    putc('"', file);
}

static void write_row(const pw_match_table *table, int64_t c, FILE *file)
{
    const pw_match *match = table->match;
    fprintf(file, "%" PRId64 ",", c);
    if (match->reference[c] >= 0) {
        write_name(table, match->reference[c], file);
        fprintf(file, ",%.9f", cosine_of(match, c));
    } else
        putc(',', file);
    for (int64_t j = 0; j < match->references; j++)
        fprintf(file, ",%.9f", match->cosine[c * match->references + j]);
    putc('\n', file);
}

static void print_table(const void *context, FILE *file)
{
    const pw_match_table *table = context;
    fprintf(file, "component,reference,cosine");
    for (int64_t j = 0; j < table->match->references; j++) {
        putc(',', file);
        write_name(table, j, file);
    }
    putc('\n', file);
    for (int64_t c = 0; c < table->match->components; c++)
        write_row(table, c, file);
}

/* Bytes of the file, generously; names counted as 100. */
static int64_t room(const pw_match *match)
{
    return (match->components + 8) * (match->references + 16) * 16;
}

pw_code pw_match_table_write(pw_team *team, const pw_match_table *table, const char *path)
{
    return pw_output_print(team, path, room(table->match), print_table, table);
}
