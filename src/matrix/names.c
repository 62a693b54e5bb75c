/* Growing lists of names, and their way to the ranks that keep them. */
#include "matrix/names.h"

#include "base/memory.h"
#include "dist/collective.h"

#include <inttypes.h>
#include <string.h>

pw_code pw_names_add(pw_names *names, const char *name, int64_t length)
{
    const int64_t used = names->count > 0 ? names->offset[names->count] : 0;
    pw_code code = PW_GROW(names->offset, &names->capacity, names->count + 2);
    if (code == PW_OK)
        code = PW_GROW(names->text, &names->text_capacity, used + length + 1);
    if (code != PW_OK)
        return code;
    if (length > 0)
        memcpy(names->text + used, name, (size_t)length);
    names->offset[names->count] = used;
    names->offset[++names->count] = used + length;
    return PW_OK;
}

pw_code pw_names_join(pw_names *names)
{
    int64_t *end = names->offset + names->count;
    const pw_code code = PW_GROW(names->text, &names->text_capacity, *end + 1);
    if (code != PW_OK)
        return code;
    if (end[-2] < end[-1] && end[-1] < *end) {
        char *second = names->text + end[-1];
        memmove(second + 1, second, (size_t)(*end - end[-1]));
        *second = ' ';
        ++*end;
    }
    end[-1] = *end;
    names->count--;
    return PW_OK;
}

void pw_names_destroy(pw_names *names)
{
    if (names) {
        free(names->offset);
        free(names->text);
        *names = (pw_names){.total = 0};
    }
}

/* What travels ahead of a name's text. */
typedef struct label {
    int64_t index, length;
} label;

typedef struct parcel {
    label *labels;
    char *text;
    int64_t *label_count, *text_count; /* for / from each rank */
} parcel;

static void parcel_destroy(parcel *p)
{
    free(p->labels);
    free(p->text);
    free(p->label_count);
    free(p->text_count);
}

static int64_t length_of(const pw_names *names, int64_t i)
{
    return names->offset[i + 1] - names->offset[i];
}

/* Local. The given names in the order of the ranks that they go to. */
static pw_code pack(const pw_names *given, const int64_t *index, int64_t total, int size,
                    parcel *out)
{
    pw_code code = PW_OK;
    int64_t *label_at = NULL, *text_at = NULL;
    PW_TRY(PW_NEW(out->label_count, size));
    PW_TRY(PW_NEW(out->text_count, size));
    PW_TRY(PW_NEW(label_at, size));
    PW_TRY(PW_NEW(text_at, size));
    PW_TRY(PW_NEW(out->labels, given->count));
    PW_TRY(PW_NEW(out->text, given->count > 0 ? given->offset[given->count] : 0));
    for (int64_t i = 0; i < given->count; i++) {
        if (index[i] < 0 || index[i] >= total) {
            code = pw_fail(PW_ERROR_INTERNAL, "name %" PRId64 " of %" PRId64, index[i], total);
            goto done;
        }
        const int64_t owner = pw_share_of(total, size, index[i]);
        out->label_count[owner]++;
        out->text_count[owner] += length_of(given, i);
    }
    for (int r = 1; r < size; r++) {
        label_at[r] = label_at[r - 1] + out->label_count[r - 1];
        text_at[r] = text_at[r - 1] + out->text_count[r - 1];
    }
    for (int64_t i = 0; i < given->count; i++) {
        const int64_t owner = pw_share_of(total, size, index[i]), length = length_of(given, i);
        out->labels[label_at[owner]++] = (label){index[i], length};
        memcpy(out->text + text_at[owner], given->text + given->offset[i], (size_t)length);
        text_at[owner] += length;
    }
done:
    free(label_at);
    free(text_at);
    return code;
}

/* Local. Puts what came into the order of its indices. */
static pw_code unpack(const parcel *in, int64_t labels, pw_names *names)
{
    pw_code code = PW_OK;
    int64_t bytes = 0;
    PW_TRY(PW_NEW(names->offset, names->count + 1));
    names->capacity = names->count + 1;
    for (int64_t i = 0; i < names->count; i++)
        names->offset[i + 1] = -1;
    for (int64_t i = 0; i < labels; i++) {
        names->offset[in->labels[i].index - names->first + 1] = in->labels[i].length;
        bytes += in->labels[i].length;
    }
    for (int64_t i = 0; i < names->count; i++) {
        if (names->offset[i + 1] < 0 || labels != names->count) {
            code = pw_fail(PW_ERROR_INTERNAL, "name %" PRId64 " is missing or stands twice",
                           names->first + i);
            goto done;
        }
        names->offset[i + 1] += names->offset[i];
    }
    PW_TRY(PW_NEW(names->text, bytes));
    names->text_capacity = bytes;
    const char *from = in->text;
    for (int64_t i = 0; i < labels; i++) {
        const label *l = &in->labels[i];
        memcpy(names->text + names->offset[l->index - names->first], from, (size_t)l->length);
        from += l->length;
    }
done:
    return code;
}

pw_code pw_names_deal(pw_team *team, pw_names *given, const int64_t *index, int64_t total,
                      pw_names *names)
{
    pw_code code = PW_OK;
    parcel out = {.labels = NULL}, in = {.labels = NULL};
    int64_t labels = 0;
    *names = (pw_names){.total = total};
    names->first = pw_share(total, team->size, team->rank);
    names->count = pw_share(total, team->size, team->rank + 1) - names->first;
    code = pack(given, index, total, team->size, &out);
    if (code == PW_OK)
        code = PW_NEW(in.label_count, team->size);
    if (code == PW_OK)
        code = PW_NEW(in.text_count, team->size);
    PW_TRY(pw_agree(team, code));
    pw_names_destroy(given);
    PW_TRY(pw_exchange(team, out.labels, out.label_count, sizeof(label), (void **)&in.labels,
                       in.label_count));
    PW_TRY(pw_exchange(team, out.text, out.text_count, 1, (void **)&in.text, in.text_count));
    for (int r = 0; r < team->size; r++)
        labels += in.label_count[r];
    PW_TRY(pw_agree(team, unpack(&in, labels, names)));
done:
    parcel_destroy(&out);
    parcel_destroy(&in);
    pw_names_destroy(given);
    if (code != PW_OK)
        pw_names_destroy(names);
    return code;
}

/* Collective over team. `count` elements of this rank, to rank 0. `counts` has room for two per rank. */
static pw_code gather(pw_team *team, const void *send, int64_t count, size_t size, int64_t *counts,
                      void **all)
{
    memset(counts, 0, (size_t)team->size * sizeof *counts);
    counts[0] = count;
    return pw_exchange(team, send, counts, size, all, counts + team->size);
}

pw_code pw_names_gather(pw_team *team, const pw_names *names, pw_names *all)
{
    const int64_t bytes = names->count > 0 ? names->offset[names->count] : 0;
    int64_t *counts = NULL, *lengths = NULL, *came = NULL;
    *all = (pw_names){.total = names->total, .count = team->rank == 0 ? names->total : 0};
    pw_code code = PW_NEW(counts, 2 * (int64_t)team->size);
    if (code == PW_OK)
        code = PW_NEW(lengths, names->count);
    if (code == PW_OK)
        code = PW_NEW(all->offset, all->count + 1);
    PW_TRY(pw_agree(team, code));
    for (int64_t i = 0; i < names->count; i++)
        lengths[i] = length_of(names, i);
    PW_TRY(gather(team, lengths, names->count, sizeof *lengths, counts, (void **)&came));
    PW_TRY(gather(team, names->text, bytes, 1, counts, (void **)&all->text));
    for (int64_t i = 0; i < all->count; i++)
        all->offset[i + 1] = all->offset[i] + came[i];
done:
    free(counts);
    free(lengths);
    free(came);
    if (code != PW_OK)
        pw_names_destroy(all);
    return code;
}
