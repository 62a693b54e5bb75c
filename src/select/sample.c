/* Items go by in turn, those with small hashes stay in a buffer twice as long as the sample: when it is full, the larger
 * half goes. */
#include "select/sample.h"

#include "base/hash.h"
#include "base/memory.h"

typedef struct candidate {
    uint64_t hash;
    int64_t item;
} candidate;

static int compare_hashes(const void *first, const void *second)
{
    const candidate *a = first, *b = second;
    return (a->hash > b->hash) - (a->hash < b->hash);
}

static int compare_items(const void *first, const void *second)
{
    const candidate *a = first, *b = second;
    return (a->item > b->item) - (a->item < b->item);
}

/* No two items have the same hash: the multiplication by an odd number and the mixing can be undone. */
static uint64_t hash_of(uint64_t key, int64_t item)
{
    return pw_hash_mix(key + UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)item);
}

/* Fills `kept`, which has room for 2 most, with the sample in its first places. */
static void draw(uint64_t seed, int64_t n, int64_t most, candidate *kept)
{
    const uint64_t key = pw_hash_mix(seed + 1);
    uint64_t bar = UINT64_MAX;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        const uint64_t hash = hash_of(key, i);
        if (hash > bar)
            continue;
        if (count == 2 * most) {
            qsort(kept, (size_t)count, sizeof *kept, compare_hashes);
            count = most;
            bar = kept[most - 1].hash;
        }
        kept[count++] = (candidate){hash, i};
    }
    qsort(kept, (size_t)count, sizeof *kept, compare_hashes);
}

pw_code pw_items_sample(uint64_t seed, int64_t n, int64_t most, int64_t *item)
{
    const int64_t wanted = n < most ? n : most;
    candidate *kept;
    const pw_code code = PW_NEW(kept, 2 * wanted);
    if (code != PW_OK)
        return code;
    draw(seed, n, wanted, kept);
    qsort(kept, (size_t)wanted, sizeof *kept, compare_items);
    for (int64_t i = 0; i < wanted; i++)
        item[i] = kept[i].item;
    free(kept);
    return PW_OK;
}
