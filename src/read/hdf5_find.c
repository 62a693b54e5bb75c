/* Finding V inside an HDF5 file, and saying what there is where it is not found. */
#include "read/hdf5_source.h"

#include "base/memory.h"
#include "base/nearest.h"

#include <stdio.h>
#include <string.h>

enum { DEPTH = 5, MOST_CANDIDATES = 1000, LIST_LENGTH = 400 };

bool pw_hdf5_join(char path[static PW_INSIDE_LENGTH], const char *group, const char *name)
{
    const char *slash = group[0] && group[strlen(group) - 1] == '/' ? "" : "/";
    const int length = snprintf(path, PW_INSIDE_LENGTH, "%s%s%s", group, slash, name);
    return length > 0 && length < PW_INSIDE_LENGTH;
}

/* ---- everything in the file that could be V ---- */

typedef struct candidates {
    pw_reader *reader;
    const char *group; /* that is being looked through */
    int depth, most_depth;
    int64_t count, capacity;
    char (*path)[PW_INSIDE_LENGTH];
} candidates;

static bool is_matrix(pw_reader *reader, const char *path)
{
    pw_dataset dataset;
    bool by_columns;
    switch (pw_reader_kind(reader, path)) {
    case PW_OBJECT_DATASET:
        return pw_reader_describe(reader, path, &dataset) == PW_OK && dataset.dimensions == 2 &&
               dataset.content == PW_CONTENT_NUMBER && dataset.extent[0] > 0 &&
               dataset.extent[1] > 0;
    case PW_OBJECT_GROUP:
        return pw_hdf5_is_sparse(reader, path, &by_columns);
    default:
        return false;
    }
}

static pw_code look_at(void *context, const char *member)
{
    candidates *found = context;
    char path[PW_INSIDE_LENGTH];
    pw_code code = PW_OK;
    if (found->count >= MOST_CANDIDATES || member[0] == '#' ||
        !pw_hdf5_join(path, found->group, member))
        return PW_OK;
    if (is_matrix(found->reader, path)) {
        code = PW_GROW(found->path, &found->capacity, found->count + 1);
        if (code == PW_OK)
            memcpy(found->path[found->count++], path, sizeof path);
    } else if (found->depth < found->most_depth &&
               pw_reader_kind(found->reader, path) == PW_OBJECT_GROUP) {
        const char *above = found->group;
        found->group = path;
        found->depth++;
        code = pw_reader_members(found->reader, path, look_at, found);
        found->depth--;
        found->group = above;
    }
    return code;
}

static pw_code find_candidates(pw_reader *reader, const char *group, int depth, candidates *found)
{
    *found = (candidates){.reader = reader, .group = group, .depth = 1, .most_depth = depth};
    return pw_reader_members(reader, group, look_at, found);
}

/* "/a, /b, …" as far as there is room. */
static void list(const candidates *found, char text[static LIST_LENGTH])
{
    size_t length = 0;
    text[0] = '\0';
    for (int64_t i = 0; i < found->count; i++) {
        const size_t needed = strlen(found->path[i]) + 2;
        if (length + needed + 8 > LIST_LENGTH) {
            snprintf(text + length, LIST_LENGTH - length, ", …");
            return;
        }
        length += (size_t)snprintf(text + length, LIST_LENGTH - length, "%s%s", i ? ", " : "",
                                   found->path[i]);
    }
}

/* ---- nothing where V was looked for ---- */

/* `what` is wrong with `wanted`; says what else there is. */
static pw_code refuse(pw_reader *reader, const char *wanted, const char *what)
{
    candidates found;
    char text[LIST_LENGTH], guess[PW_INSIDE_LENGTH + 32] = "";
    pw_nearest nearest = {.word = wanted};
    pw_code code = PW_OK;
    PW_TRY(find_candidates(reader, "/", DEPTH, &found));
    for (int64_t i = 0; i < found.count; i++)
        pw_nearest_offer(&nearest, found.path[i]);
    if (nearest.name)
        snprintf(guess, sizeof guess, " Did you mean '%s'?", nearest.name);
    list(&found, text);
    code =
        pw_fail(PW_ERROR_INPUT, "%s: '%s' %s.%s %s%s.", pw_reader_path(reader), wanted, what, guess,
                found.count > 0 ? "Its matrices are: " : "There is no matrix in the file", text);
done:
    free(found.path);
    return code;
}

/* ---- V ---- */

/* "/a/b" from "a/b/", "//a/b", … */
static pw_code set_inside(pw_reader *reader, const char *inside, pw_hdf5_source *source)
{
    while (*inside == '/')
        inside++;
    if (!pw_hdf5_join(source->inside, "/", inside))
        return pw_fail(PW_ERROR_INPUT, "%s: the path inside the file is longer than %d bytes.",
                       pw_reader_path(reader), PW_INSIDE_LENGTH - 1);
    size_t length = strlen(source->inside);
    while (length > 1 && source->inside[length - 1] == '/')
        source->inside[--length] = '\0';
    return PW_OK;
}

static pw_code choose_only(pw_reader *reader, pw_hdf5_source *source)
{
    candidates found;
    char text[LIST_LENGTH];
    pw_code code = PW_OK;
    const char *path = pw_reader_path(reader);
    PW_TRY(find_candidates(reader, "/", 1, &found));
    if (found.count == 1) {
        code = set_inside(reader, found.path[0], source);
        goto done;
    }
    if (found.count == 0) {
        free(found.path);
        PW_TRY(find_candidates(reader, "/", DEPTH, &found));
    }
    list(&found, text);
    if (found.count > 0)
        code = pw_fail(PW_ERROR_INPUT, "%s: holds these matrices: %s. Say which one, as in %s:%s.",
                       path, text, path, found.path[0]);
    else
        code =
            pw_fail(PW_ERROR_INPUT,
                    "%s: holds no two-dimensional data set of numbers and no sparse matrix.", path);
done:
    free(found.path);
    return code;
}

static pw_code choose(pw_reader *reader, pw_hdf5_source *source)
{
    bool by_columns;
    if (pw_reader_kind(reader, "/X") != PW_OBJECT_NONE)
        return set_inside(reader, "X", source);
    if (is_matrix(reader, "/W") && is_matrix(reader, "/H"))
        return pw_fail(PW_ERROR_INPUT,
                       "%s: holds factors, /W and /H, as partwise writes them, and no V. Give the "
                       "file with V, or name one of them: %s:/W.",
                       pw_reader_path(reader), pw_reader_path(reader));
    if (pw_hdf5_is_sparse(reader, "/matrix", &by_columns))
        return set_inside(reader, "matrix", source);
    if (pw_hdf5_is_sparse(reader, "/", &by_columns))
        return set_inside(reader, "", source);
    return choose_only(reader, source);
}

pw_code pw_hdf5_find(pw_reader *reader, const char *inside, pw_hdf5_source *source)
{
    pw_code code = PW_OK;
    *source = (pw_hdf5_source){.sparse = false};
    PW_TRY(inside ? set_inside(reader, inside, source) : choose(reader, source));
    bool by_columns;
    const pw_object kind = pw_reader_kind(reader, source->inside);
    if (kind == PW_OBJECT_NONE)
        PW_TRY(refuse(reader, source->inside, "is not there"));
    if (kind == PW_OBJECT_GROUP && !pw_hdf5_is_sparse(reader, source->inside, &by_columns))
        PW_TRY(refuse(reader, source->inside, "is a group, but no sparse matrix that is known"));
    PW_TRY(pw_hdf5_describe(reader, source));
done:
    return code;
}
