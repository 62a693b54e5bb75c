#include "read/numbered.h"

#include "base/memory.h"
#include "dist/collective.h"

/* Collective over team. Numbers the items that this round brought, from number `had` of this rank on. */
static void number(pw_team *team, int64_t had, int64_t count, pw_numbering *n)
{
    int64_t found = count - had;
    const int64_t first = n->total + pw_scan_before(team, found);
    for (int64_t i = 0; i < found; i++)
        n->index[had + i] = first + i;
    pw_reduce_sum_int(team, &found, 1);
    n->total += found;
}

pw_code pw_numbered_read(pw_team *team, const char *path,
                         pw_code (*read)(void *context, pw_text_block *block), void *context,
                         const int64_t *count, pw_numbering *numbering)
{
    pw_text *text = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_text_open(team, path, 0, &text));
    for (;;) {
        pw_text_block block;
        bool more;
        PW_TRY(pw_text_next(text, &block, &more));
        if (!more)
            break;
        const int64_t had = *count;
        code = read(context, &block);
        if (code == PW_OK)
            code = PW_GROW(numbering->index, &numbering->capacity, *count + 1);
        PW_TRY(pw_agree(team, code));
        number(team, had, *count, numbering);
    }
done:
    pw_text_close(&text);
    return code;
}
