/* partwise match MODEL REFERENCE: read → pair the items → match → print. The reference is read once, the model's factor
 * too, unless it takes both to find which one has the items of the reference. */
#include "base/memory.h"
#include "command/command.h"
#include "command/match_table.h"
#include "dist/collective.h"
#include "read/read.h"
#include "store/reader.h"
#include "write/write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What rank 0 finds out for all. */
typedef struct finding {
    int64_t m, n; /* rows of /W, columns of /H of the model */
    bool reference_is_model;
} finding;

typedef struct match_run {
    pw_team *team;
    const pw_options *options;
    finding found;
    pw_matrix model, reference; /* items × components, items × profiles */
    pw_item_pairing pairing;
    pw_match match;
    pw_match_table table;
} match_run;

/* ---- looking ---- */

static bool holds_factors(pw_reader *reader)
{
    return pw_reader_kind(reader, "/W") == PW_OBJECT_DATASET &&
           pw_reader_kind(reader, "/H") == PW_OBJECT_DATASET;
}

static pw_code look_at_model(const char *path, finding *found)
{
    pw_reader *reader = NULL;
    pw_dataset W, H;
    pw_code code = PW_OK;
    PW_TRY(pw_reader_open(path, &reader));
    if (!holds_factors(reader))
        PW_TRY(pw_fail(PW_ERROR_INPUT,
                       "%s: has no factors /W and /H. Name a result of `partwise fit` first, then "
                       "the reference.",
                       path));
    PW_TRY(pw_reader_describe(reader, "/W", &W));
    PW_TRY(pw_reader_describe(reader, "/H", &H));
    if (W.dimensions != 2 || H.dimensions != 2 || W.extent[1] != H.extent[0])
        PW_TRY(
            pw_fail(PW_ERROR_INPUT,
                    "%s: /W and /H are no factors: the columns of /W must be as many as the rows "
                    "of /H.",
                    path));
    found->m = W.extent[0];
    found->n = H.extent[1];
done:
    pw_reader_close(&reader);
    return code;
}

static pw_code look_at_reference(const pw_options *options, finding *found)
{
    const char *path = options->reference;
    pw_reader *reader = NULL;
    if (!pw_reader_recognises(path)) /* nor is FILE:/path/in/file such a file */
        return PW_OK;
    const pw_code code = pw_reader_open(path, &reader);
    if (code != PW_OK)
        return code;
    found->reference_is_model =
        holds_factors(reader) && pw_reader_kind(reader, "/X") == PW_OBJECT_NONE;
    pw_reader_close(&reader);
    if (found->reference_is_model && options->profiles != PW_PROFILES_AUTO)
        return pw_fail(PW_ERROR_USAGE,
                       "--profiles: %s is a model, whose profiles are its components. Leave the "
                       "option out, or name a matrix in the file: %s:/W.",
                       path, path);
    return PW_OK;
}

/* Collective over team. */
static pw_code look(match_run *r)
{
    pw_code code = PW_OK;
    if (r->team->rank == 0) {
        code = look_at_model(r->options->model, &r->found);
        if (code == PW_OK)
            code = look_at_reference(r->options, &r->found);
    }
    PW_TRY(pw_agree(r->team, code));
    pw_broadcast(r->team, &r->found, sizeof r->found, 0);
done:
    return code;
}

/* ---- reading: items become rows in memory ---- */

static pw_code read_matrix(pw_team *team, const pw_options *options, bool items_are_columns,
                           pw_matrix *V)
{
    pw_options how = *options; /* borrows its texts */
    how.distribute = items_are_columns ? PW_DISTRIBUTE_COLUMNS : PW_DISTRIBUTE_ROWS;
    pw_matrix_destroy(V);
    return pw_matrix_read(team, &how, V);
}

/* Collective over team. */
static pw_code read_factor(match_run *r, const char *path, pw_of factor, pw_matrix *V)
{
    const char *inside = factor == PW_OF_W ? ":/W" : ":/H";
    const size_t size = strlen(path) + strlen(inside) + 1;
    char *input;
    pw_code code = PW_OK;
    PW_TRY(pw_agree(r->team, PW_NEW(input, (int64_t)size)));
    snprintf(input, size, "%s%s", path, inside);
    const pw_options how = {.command = PW_COMMAND_MATCH, .input = input};
    code = read_matrix(r->team, &how, factor == PW_OF_H, V);
done:
    free(input);
    return code;
}

/* Collective over team. The reference, unless it is a model. */
static pw_code read_reference(match_run *r)
{
    pw_options how = *r->options; /* borrows its texts */
    how.input = r->options->reference;
    if (!r->found.reference_is_model)
        return read_matrix(r->team, &how, r->options->profiles == PW_PROFILES_ROWS, &r->reference);
    if (r->options->header != PW_PRESENT_AUTO || r->options->row_names != PW_PRESENT_AUTO)
        return pw_fail(PW_ERROR_USAGE,
                       "%s: is no CSV or TSV table; --header and --row-names mean nothing there.",
                       r->options->reference);
    return PW_OK;
}

/* ---- which factor ---- */

/* Collective over team. Whether this factor has the items of the reference. */
static pw_code try_factor(match_run *r, pw_of factor)
{
    pw_code code = PW_OK;
    PW_TRY(read_factor(r, r->options->model, factor, &r->model));
    if (r->found.reference_is_model)
        PW_TRY(read_factor(r, r->options->reference, factor, &r->reference));
    pw_item_pairing_destroy(&r->pairing);
    code = pw_items_pair(r->team, &r->model, &r->reference, &r->pairing);
done:
    return code;
}

/* The factor to begin with: it alone is read where the first guess is right. */
static pw_of first_factor(const match_run *r)
{
    const int64_t items = r->reference.rows;
    if (r->options->of != PW_OF_AUTO)
        return (pw_of)r->options->of;
    return !r->found.reference_is_model && items == r->found.n && items != r->found.m ? PW_OF_H
                                                                                      : PW_OF_W;
}

/* Of what is wrong with either factor, that which is nearer to be right. */
static pw_code refuse(const match_run *r, const pw_item_pairing *first)
{
    const pw_item_pairing *second = &r->pairing;
    if (first->common > second->common)
        return pw_fail(PW_ERROR_INPUT, "%s", first->why);
    if (second->common > 0)
        return pw_fail(PW_ERROR_INPUT, "%s", second->why);
    return pw_fail(PW_ERROR_INPUT,
                   "%s: its items fit neither the %" PRId64 " rows of W nor the %" PRId64
                   " columns of H of %s, by name or by number. --of w and --of h say more.",
                   r->options->reference, r->found.m, r->found.n, r->options->model);
}

/* Collective over team. */
static pw_code pair_items(match_run *r)
{
    const pw_of factor = first_factor(r);
    pw_code code = PW_OK;
    PW_TRY(try_factor(r, factor));
    const pw_item_pairing first = r->pairing; /* but for its place */
    if (!first.fits && r->options->of != PW_OF_AUTO)
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s", first.why));
    if (!first.fits) {
        PW_TRY(try_factor(r, factor == PW_OF_W ? PW_OF_H : PW_OF_W));
        if (!r->pairing.fits)
            PW_TRY(refuse(r, &first));
    } else if (r->options->of == PW_OF_AUTO && !first.by_name && r->found.m == r->found.n)
        pw_log_warn(&r->team->log,
                    "%s: W and H have %" PRId64
                    " items each, and the components of W are taken. --of h takes those of H.",
                    r->options->model, r->found.m);
done:
    return code;
}

static void report(const match_run *r)
{
    pw_log_say(&r->team->log,
               "%s: %" PRId64 " components; %s: %" PRId64 " profiles; %" PRId64
               " items matched by %s",
               r->model.path, r->model.cols, r->reference.path, r->reference.cols, r->model.rows,
               r->pairing.by_name ? "name" : "position");
}

pw_code pw_command_match(pw_team *team, const pw_options *options)
{
    match_run r = {.team = team, .options = options};
    pw_code code = PW_OK;
    if (options->output)
        PW_TRY(pw_write_check(team, options->output));
    PW_TRY(look(&r));
    PW_TRY(read_reference(&r));
    PW_TRY(pair_items(&r));
    report(&r);
    PW_TRY(pw_match_profiles(team, &r.model, &r.reference, &r.pairing, &r.match));
    PW_TRY(pw_match_table_create(team, &r.match, &r.reference, &r.table));
    if (options->output)
        PW_TRY(pw_match_table_write(team, &r.table, options->output));
    PW_TRY(pw_agree(team, team->rank == 0 ? pw_match_table_print(&r.table) : PW_OK));
done:
    pw_match_table_destroy(&r.table);
    pw_match_destroy(&r.match);
    pw_item_pairing_destroy(&r.pairing);
    pw_matrix_destroy(&r.model);
    pw_matrix_destroy(&r.reference);
    return code;
}
