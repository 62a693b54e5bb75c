/* First factors out of a file: an earlier result, or /W and /H of any other program. */
#include "initialise/initialise.h"

#include "dist/collective.h"
#include "initialise/factors.h"

#include <float.h>
#include <inttypes.h>

/* An entry that no factor may have. */
typedef struct bad_entry {
    int64_t place; /* row · columns + column in the file; INT64_MAX: there is none */
    double value;
} bad_entry;

static bool is_good(double x)
{
    return x >= 0 && x <= DBL_MAX;
}

/* The first by place in this rank's part. `by_columns`: X holds columns of the file. */
static bad_entry find_bad(pw_factor_part part, int k, bool by_columns)
{
    bad_entry first = {.place = INT64_MAX};
    for (int64_t i = 0; i < part.count; i++)
        for (int c = 0; c < k; c++) {
            const int64_t row = part.first + i;
            const int64_t place = by_columns ? c * part.total + row : row * k + c;
            if (!is_good(part.X[i * k + c]) && place < first.place)
                first = (bad_entry){place, part.X[i * k + c]};
        }
    return first;
}

/* Collective. Every rank looks through its part; the one with the first bad entry tells. */
static pw_code check_entries(pw_team *team, const char *path, const char *name, pw_factor_part part,
                             int k, bool by_columns)
{
    const int64_t columns = by_columns ? part.total : k;
    const bad_entry bad = find_bad(part, k, by_columns);
    int64_t first = -bad.place;
    pw_code code = PW_OK;
    pw_reduce_max_int(team, &first, 1);
    if (-first == bad.place && bad.place != INT64_MAX)
        code = pw_fail(PW_ERROR_INPUT,
                       "%s: '%s' is %g at row %" PRId64 ", column %" PRId64
                       " (counted from 0); factors must be finite and not negative.",
                       path, name, bad.value, bad.place / columns, bad.place % columns);
    return pw_agree(team, code);
}

pw_code pw_initialise_file(pw_team *team, const pw_matrix *V, const char *path, pw_model *model)
{
    pw_reader *reader = NULL;
    pw_code code = pw_reader_open(path, &reader);
    if (code == PW_OK)
        code = pw_factors_check(reader, V, model->k);
    PW_TRY(pw_agree(team, code));
    code = pw_factors_read(team, reader, V, model);
    if (code == PW_OK)
        code = pw_factors_scale(reader, "/W", pw_factor_W(team, V, model), model->k);
    if (code == PW_OK)
        code = pw_factors_scale(reader, "/H", pw_factor_H(team, V, model), model->k);
    PW_TRY(pw_agree(team, code));
    PW_TRY(check_entries(team, path, "/W", pw_factor_W(team, V, model), model->k, false));
    PW_TRY(check_entries(team, path, "/H", pw_factor_H(team, V, model), model->k, true));
    pw_factors_replicate(team, V, model);
done:
    pw_reader_close(&reader);
    return code;
}
