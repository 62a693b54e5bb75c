#include "cluster/classes.h"

#include "base/memory.h"
#include "dist/collective.h"

#include <string.h>

typedef struct word {
    const char *text;
    int64_t length;
} word;

static word word_of(const pw_names *names, int64_t i)
{
    return (word){names->text + names->offset[i], names->offset[i + 1] - names->offset[i]};
}

static int compare(const void *first, const void *second)
{
    const word *a = first, *b = second;
    const int64_t both = a->length < b->length ? a->length : b->length;
    const int order = both > 0 ? memcmp(a->text, b->text, (size_t)both) : 0;
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

/* Local. The different ones among the names, in the order of their bytes. */
static pw_code distinct_of(const pw_names *names, pw_names *distinct)
{
    word *sorted = NULL;
    pw_code code = PW_NEW(sorted, names->count);
    for (int64_t i = 0; i < names->count && code == PW_OK; i++)
        sorted[i] = word_of(names, i);
    if (code == PW_OK)
        qsort(sorted, (size_t)names->count, sizeof *sorted, compare);
    for (int64_t i = 0; i < names->count && code == PW_OK; i++)
        if (i == 0 || compare(&sorted[i - 1], &sorted[i]) != 0)
            code = pw_names_add(distinct, sorted[i].text, sorted[i].length);
    free(sorted);
    return code;
}

/* Collective over team. Rank 0's list to all. */
static pw_code share(pw_team *team, pw_names *list)
{
    int64_t sizes[2] = {list->count, list->count > 0 ? list->offset[list->count] : 0};
    pw_code code = PW_OK;
    pw_broadcast(team, sizes, sizeof sizes, 0);
    if (team->rank > 0) {
        list->count = sizes[0];
        code = PW_NEW(list->offset, sizes[0] + 1);
        if (code == PW_OK)
            code = PW_NEW(list->text, sizes[1]);
    }
    PW_TRY(pw_agree(team, code));
    if (sizes[0] > 0)
        pw_broadcast(team, list->offset, (sizes[0] + 1) * (int64_t)sizeof *list->offset, 0);
    if (sizes[1] > 0)
        pw_broadcast(team, list->text, sizes[1], 0);
done:
    return code;
}

/* Its number in the list, which has it. */
static int32_t number_of(const pw_names *list, word wanted)
{
    int64_t low = 0, high = list->count - 1;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        const word there = word_of(list, middle);
        if (compare(&there, &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return (int32_t)low;
}

pw_code pw_classes_number(pw_team *team, const pw_names *text, int32_t *class, int *classes)
{
    pw_names own = {.total = 0}, all = {.total = 0}, list = {.total = 0};
    pw_code code = PW_OK;
    PW_TRY(pw_agree(team, distinct_of(text, &own)));
    own.total = own.count;
    pw_reduce_sum_int(team, &own.total, 1);
    PW_TRY(pw_names_gather(team, &own, &all));
    PW_TRY(pw_agree(team, distinct_of(&all, &list)));
    PW_TRY(share(team, &list));
    for (int64_t i = 0; i < text->count; i++)
        class[i] = number_of(&list, word_of(text, i));
    *classes = pw_int(list.count);
done:
    pw_names_destroy(&own);
    pw_names_destroy(&all);
    pw_names_destroy(&list);
    return code;
}
