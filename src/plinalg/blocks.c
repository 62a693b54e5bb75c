#include "plinalg/blocks.h"

#include "base/memory.h"
#include "base/smaller.h"
#include "dist/collective.h"

static int64_t limit(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

pw_code pw_blocks_create(pw_team *team, int64_t count, int64_t length, pw_blocks *blocks)
{
    pw_code code = PW_OK;
    *blocks = (pw_blocks){.total = count, .length = length};
    PW_TRY(PW_NEW(blocks->out, team->size));
    PW_TRY(PW_NEW(blocks->in, team->size));
done:
    if ((code = pw_agree(team, code)) != PW_OK)
        return code;
    const int64_t first = pw_scan_before(team, count), end = first + count;
    pw_reduce_sum_int(team, &blocks->total, 1);
    blocks->height = pw_parts_of(blocks->total, team->size);
    for (int q = 0; q < team->size; q++) {
        const int64_t begin = limit(q * blocks->height, first, end);
        blocks->out[q] = limit((q + 1) * blocks->height, first, end) - begin;
    }
    return PW_OK;
}

void pw_blocks_destroy(pw_blocks *blocks)
{
    if (blocks) {
        free(blocks->out);
        free(blocks->in);
        *blocks = (pw_blocks){.total = 0};
    }
}

int64_t pw_blocks_count(pw_team *team, const pw_blocks *blocks)
{
    return limit(blocks->total - team->rank * blocks->height, 0, blocks->height);
}

static size_t row_bytes(const pw_blocks *blocks)
{
    return (size_t)blocks->length * sizeof(double);
}

pw_code pw_blocks_deal(pw_team *team, pw_blocks *blocks, const double *own, double **block)
{
    void *rows = NULL;
    pw_code code = pw_exchange(team, own, blocks->out, row_bytes(blocks), &rows, blocks->in);
    *block = rows;
    return code;
}

void pw_blocks_return(pw_team *team, const pw_blocks *blocks, const double *block, double *own)
{
    pw_exchange_into(team, block, blocks->in, row_bytes(blocks), own, blocks->out);
}
