/* The window over indptr. */
#include "read/hdf5_cursor.h"

#include "base/memory.h"
#include "read/hdf5_sparse.h"

enum { WINDOW = 1 << 16 };

struct pw_major_cursor {
    pw_reader *reader;
    const pw_hdf5_source *source;
    int64_t majors;
    int64_t major;        /* the current one */
    int64_t first, count; /* of the window */
    int64_t window[WINDOW];
};

pw_code pw_major_cursor_create(pw_reader *reader, const pw_hdf5_source *source, int64_t major,
                               pw_major_cursor **cursor)
{
    if (PW_NEW(*cursor, 1) != PW_OK)
        return PW_ERROR_MEMORY;
    (*cursor)->reader = reader;
    (*cursor)->source = source;
    (*cursor)->majors = source->by_columns ? source->n : source->m;
    (*cursor)->major = major;
    return PW_OK;
}

void pw_major_cursor_destroy(pw_major_cursor **cursor)
{
    free(*cursor);
    *cursor = NULL;
}

/* The entry that the current major ends before. */
static pw_code major_end(pw_major_cursor *c, int64_t *end)
{
    const int64_t at = c->major + 1;
    pw_code code = PW_OK;
    if (at >= c->first + c->count) {
        c->first = at;
        c->count = c->majors + 1 - at < WINDOW ? c->majors + 1 - at : WINDOW;
        code = pw_hdf5_part(c->reader, c->source, "indptr", c->first, c->count, PW_I64, c->window);
    }
    *end = c->window[at - c->first];
    return code;
}

pw_code pw_major_cursor_next(pw_major_cursor *cursor, int64_t first, int64_t count, uint32_t *major)
{
    int64_t end = 0;
    pw_code code = PW_OK;
    for (int64_t i = 0; i < count;) {
        PW_TRY(major_end(cursor, &end));
        for (; i < count && first + i < end; i++)
            major[i] = (uint32_t)cursor->major;
        if (i < count)
            cursor->major++;
    }
done:
    return code;
}
