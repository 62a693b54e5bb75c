#include "dist/layout.h"

#include "base/memory.h"

int64_t pw_share(int64_t total, int64_t parts, int64_t part)
{
    const int64_t larger = total % parts;
    return part * (total / parts) + (part < larger ? part : larger);
}

int64_t pw_share_of(int64_t total, int64_t parts, int64_t item)
{
    const int64_t small = total / parts, larger = total % parts, in_larger = larger * (small + 1);
    return item < in_larger ? item / (small + 1) : larger + (item - in_larger) / small;
}

static pw_code layout_new(int64_t total, int size, pw_layout *layout)
{
    *layout = (pw_layout){.total = total, .size = size};
    return PW_NEW(layout->offset, (int64_t)size + 1);
}

pw_code pw_layout_even(int64_t total, int size, pw_layout *layout)
{
    pw_code code = layout_new(total, size, layout);
    for (int r = 0; code == PW_OK && r <= size; r++)
        layout->offset[r] = pw_share(total, size, r);
    return code;
}

pw_code pw_layout_weighted(int64_t total, int size, int64_t buckets,
                           const int64_t *offset_in_weight, pw_layout *layout)
{
    pw_code code = layout_new(total, size, layout);
    if (code != PW_OK)
        return code;
    int64_t bucket = 0;
    for (int r = 1; r < size; r++) {
        const int64_t wanted = pw_share(offset_in_weight[buckets], size, r);
        while (bucket < buckets && offset_in_weight[bucket] < wanted)
            bucket++;
        layout->offset[r] = pw_share(total, buckets, bucket);
    }
    layout->offset[size] = total;
    return PW_OK;
}

void pw_layout_destroy(pw_layout *layout)
{
    if (layout) {
        free(layout->offset);
        *layout = (pw_layout){.size = 0};
    }
}

int64_t pw_layout_first(const pw_layout *layout, int rank)
{
    return layout->offset[rank];
}

int64_t pw_layout_count(const pw_layout *layout, int rank)
{
    return layout->offset[rank + 1] - layout->offset[rank];
}

int pw_layout_owner(const pw_layout *layout, int64_t row)
{
    int low = 0, high = layout->size; /* offset[low] <= row < offset[high] */
    while (high - low > 1) {
        const int middle = low + (high - low) / 2;
        if (layout->offset[middle] <= row)
            low = middle;
        else
            high = middle;
    }
    return low;
}
