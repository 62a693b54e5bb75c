/* Names of columns from a file of their own. */
#include "read/read.h"

#include "read/number.h"
#include "read/numbered.h"

#include <inttypes.h>
#include <stdlib.h>

static pw_code read_block(void *context, pw_text_block *block)
{
    pw_names *words = context;
    pw_code code = PW_OK;
    pw_line line;
    while (code == PW_OK && pw_text_line(block, &line))
        if (pw_number_skip_blanks(line.begin, line.end) < line.end)
            code = pw_names_add(words, line.begin, line.end - line.begin);
    return code;
}

pw_code pw_vocabulary_read(pw_team *team, const char *path, int64_t n, pw_names *names)
{
    pw_names words = {.total = 0};
    pw_numbering all = {.total = 0};
    pw_code code = PW_OK;
    PW_TRY(pw_numbered_read(team, path, read_block, &words, &words.count, &all));
    if (all.total != n)
        PW_TRY(pw_fail(PW_ERROR_INPUT,
                       "%s: has %" PRId64 " words for %" PRId64
                       " columns. Give one word a line, one for each column.",
                       path, all.total, n));
    pw_names_destroy(names);
    PW_TRY(pw_names_deal(team, &words, all.index, n, names));
done:
    pw_names_destroy(&words);
    free(all.index);
    return code;
}
