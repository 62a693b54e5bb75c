/* Names in the same order are compared where they are, each rank its own; others are gathered and sorted on rank 0. */
#include "select/items.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "select/mutation_class.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 60 }; /* bytes of a name in a message */

const pw_names *pw_item_names(const pw_matrix *V)
{
    return V->transposed ? &V->column_names : &V->row_names;
}

const pw_names *pw_profile_names(const pw_matrix *V)
{
    return V->transposed ? &V->row_names : &V->column_names;
}

void pw_item_pairing_destroy(pw_item_pairing *pairing)
{
    if (pairing) {
        free(pairing->place);
        pairing->place = NULL;
    }
}

static const char *items_text(const pw_matrix *V)
{
    return V->transposed ? "columns" : "rows";
}

/* ---- names as they are compared ---- */

/* Local. This rank's names, mutation classes in the one notation. */
static pw_code normalise(const pw_names *names, pw_names *normal)
{
    pw_code code = PW_OK;
    for (int64_t i = 0; code == PW_OK && i < names->count; i++) {
        char text[PW_MUTATION_CLASS_LENGTH];
        const char *name = names->text + names->offset[i];
        const int64_t length = names->offset[i + 1] - names->offset[i];
        const int64_t found = pw_mutation_class(name, length, text);
        code = found > 0 ? pw_names_add(normal, text, found) : pw_names_add(normal, name, length);
    }
    normal->total = names->total;
    return code;
}

/* Collective over team. */
static bool are_in_the_same_order(pw_team *team, const pw_names *a, const pw_names *b)
{
    int64_t differ = a->total != b->total;
    if (!differ && a->count > 0)
        differ = memcmp(a->offset, b->offset, (size_t)(a->count + 1) * sizeof *a->offset) != 0 ||
                 memcmp(a->text, b->text, (size_t)a->offset[a->count]) != 0;
    pw_reduce_max_int(team, &differ, 1);
    return !differ;
}

/* ---- names in different orders ---- */

typedef struct entry {
    const char *text;
    int64_t length, index;
} entry;

/* All names of one side, on rank 0. */
typedef struct gathered {
    pw_names names;
    entry *sorted;
} gathered;

static void gathered_destroy(gathered *all)
{
    pw_names_destroy(&all->names);
    free(all->sorted);
}

static int compare_names(const entry *a, const entry *b)
{
    const int order =
        memcmp(a->text, b->text, (size_t)(a->length < b->length ? a->length : b->length));
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare_entries(const void *first, const void *second)
{
    const entry *a = first, *b = second;
    const int order = compare_names(a, b);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static pw_code sort_names(gathered *all)
{
    const pw_names *names = &all->names;
    const pw_code code = PW_NEW(all->sorted, names->count);
    for (int64_t i = 0; code == PW_OK && i < names->count; i++)
        all->sorted[i] =
            (entry){names->text + names->offset[i], names->offset[i + 1] - names->offset[i], i};
    if (code == PW_OK)
        qsort(all->sorted, (size_t)names->count, sizeof *all->sorted, compare_entries);
    return code;
}

/* The first of the names that stand twice, NULL: none does. */
static const entry *find_double(const gathered *all)
{
    for (int64_t i = 1; i < all->names.count; i++)
        if (compare_names(&all->sorted[i - 1], &all->sorted[i]) == 0)
            return &all->sorted[i];
    return NULL;
}

/* Names that only one side has, and the first of them in its order. */
typedef struct lack {
    int64_t count;
    const entry *first;
} lack;

static void note_lack(lack *l, const entry *e)
{
    if (l->count++ == 0 || e->index < l->first->index)
        l->first = e;
}

/* Walks both sorted lists side by side; neither has a name twice. */
static int64_t merge(const gathered *model, const gathered *reference, int64_t *target,
                     lack *in_reference, lack *in_model)
{
    const int64_t rows = model->names.count, columns = reference->names.count;
    int64_t i = 0, j = 0, common = 0;
    while (i < rows || j < columns) {
        const entry *a = model->sorted + i, *b = reference->sorted + j;
        const int order = i == rows ? 1 : j == columns ? -1 : compare_names(a, b);
        if (order == 0) {
            target[b->index] = a->index;
            common++;
        } else if (order < 0)
            note_lack(in_reference, a);
        else
            note_lack(in_model, b);
        i += order <= 0;
        j += order >= 0;
    }
    return common;
}

static int shown(const entry *e)
{
    return (int)(e->length < SHOWN ? e->length : SHOWN);
}

static void explain_double(const pw_matrix *V, const entry *twice, char why[PW_FAILURE_LENGTH])
{
    snprintf(why, PW_FAILURE_LENGTH,
             "%s: two of its %s are called '%.*s' (number %" PRId64
             " from 0 is the second), so they cannot be matched by name. Give each a name of its "
             "own.",
             V->path, items_text(V), shown(twice), twice->text, twice->index);
}

static void explain_lacks(const pw_matrix *model, const pw_matrix *reference, int64_t common,
                          const lack *in_reference, const lack *in_model,
                          char why[PW_FAILURE_LENGTH])
{
    const entry *a = in_reference->first, *b = in_model->first;
    if (common == 0) {
        snprintf(why, PW_FAILURE_LENGTH,
                 "%s: none of its %s ('%.*s', …) is called like one of the %s of %s ('%.*s', …). "
                 "Use the same names in both, or leave them out of one to go by position.",
                 reference->path, items_text(reference), shown(b), b->text, items_text(model),
                 model->path, shown(a), a->text);
        return;
    }
    int length = snprintf(why, PW_FAILURE_LENGTH, "%s:", reference->path);
    if (a)
        length +=
            snprintf(why + length, (size_t)(PW_FAILURE_LENGTH - length),
                     " lacks '%.*s' of the %s of %s (%" PRId64 " in all)%s", shown(a), a->text,
                     items_text(model), model->path, in_reference->count, b ? ", and" : "");
    if (b && length < PW_FAILURE_LENGTH)
        length += snprintf(why + length, (size_t)(PW_FAILURE_LENGTH - length),
                           " has '%.*s', which is not among the %s of %s (%" PRId64 " in all)",
                           shown(b), b->text, items_text(model), model->path, in_model->count);
    if (length < PW_FAILURE_LENGTH)
        snprintf(why + length, (size_t)(PW_FAILURE_LENGTH - length),
                 ". Both need the same items, in any order.");
}

/* Rank 0. Target of each item of the reference, or why there is none. */
static pw_code join(const pw_matrix *model, const pw_matrix *reference, gathered *a, gathered *b,
                    int64_t *target, pw_item_pairing *pairing)
{
    lack in_reference = {.count = 0}, in_model = {.count = 0};
    pw_code code = sort_names(a);
    if (code == PW_OK)
        code = sort_names(b);
    if (code != PW_OK)
        return code;
    const entry *twice_a = find_double(a), *twice_b = find_double(b);
    if (twice_a || twice_b) {
        explain_double(twice_b ? reference : model, twice_b ? twice_b : twice_a, pairing->why);
        return PW_OK;
    }
    pairing->common = merge(a, b, target, &in_reference, &in_model);
    pairing->fits = in_reference.count == 0 && in_model.count == 0;
    if (!pairing->fits)
        explain_lacks(model, reference, pairing->common, &in_reference, &in_model, pairing->why);
    return PW_OK;
}

/* Collective over team. `own` becomes the targets of this rank's items. */
static pw_code pair_by_sorting(pw_team *team, const pw_matrix *model, const pw_matrix *reference,
                               const pw_names *model_names, const pw_names *reference_names,
                               pw_item_pairing *pairing)
{
    gathered a = {.sorted = NULL}, b = {.sorted = NULL};
    int64_t *target = NULL, *own = pairing->place;
    pw_code code = PW_OK;
    PW_TRY(pw_names_gather(team, model_names, &a.names));
    PW_TRY(pw_names_gather(team, reference_names, &b.names));
    PW_TRY(pw_agree(team, PW_NEW(target, reference->rows)));
    if (team->rank == 0)
        code = join(model, reference, &a, &b, target, pairing);
    PW_TRY(pw_agree(team, code));
    pw_broadcast(team, pairing, sizeof *pairing, 0);
    pairing->place = own;
    if (pairing->fits) {
        pw_broadcast(team, target, reference->rows * (int64_t)sizeof *target, 0);
        memcpy(own, target + reference->first, (size_t)reference->count * sizeof *own);
    }
done:
    gathered_destroy(&a);
    gathered_destroy(&b);
    free(target);
    return code;
}

/* ---- pairing ---- */

static void pair_by_position(const pw_matrix *reference, pw_item_pairing *pairing)
{
    pairing->fits = true;
    for (int64_t i = 0; i < reference->count; i++)
        pairing->place[i] = reference->first + i;
}

static pw_code pair_by_name(pw_team *team, const pw_matrix *model, const pw_matrix *reference,
                            pw_item_pairing *pairing)
{
    pw_names a = {.total = 0}, b = {.total = 0};
    pw_code code = normalise(pw_item_names(model), &a);
    if (code == PW_OK)
        code = normalise(pw_item_names(reference), &b);
    PW_TRY(pw_agree(team, code));
    pairing->by_name = true;
    if (are_in_the_same_order(team, &a, &b)) {
        pair_by_position(reference, pairing);
        pairing->common = a.total;
    } else if (a.total > PW_MOST_SORTED_ITEMS || b.total > PW_MOST_SORTED_ITEMS)
        snprintf(pairing->why, PW_FAILURE_LENGTH,
                 "%s: its %s do not stand in the order of those of %s; above %d of them they have "
                 "to. Sort one of the two.",
                 reference->path, items_text(reference), model->path, PW_MOST_SORTED_ITEMS);
    else
        PW_TRY(pair_by_sorting(team, model, reference, &a, &b, pairing));
done:
    pw_names_destroy(&a);
    pw_names_destroy(&b);
    return code;
}

pw_code pw_items_pair(pw_team *team, const pw_matrix *model, const pw_matrix *reference,
                      pw_item_pairing *pairing)
{
    *pairing = (pw_item_pairing){.fits = false};
    const pw_code code = pw_agree(team, PW_NEW(pairing->place, reference->count));
    if (code != PW_OK)
        return code;
    if (pw_item_names(model)->total > 0 && pw_item_names(reference)->total > 0)
        return pair_by_name(team, model, reference, pairing);
    if (model->rows == reference->rows)
        pair_by_position(reference, pairing);
    else
        snprintf(pairing->why, PW_FAILURE_LENGTH,
                 "%s: has %" PRId64 " %s where %s has %" PRId64
                 " %s. Without names on both sides they go by position: give as many.",
                 reference->path, reference->rows, items_text(reference), model->path, model->rows,
                 items_text(model));
    return PW_OK;
}
