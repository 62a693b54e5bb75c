/* Which options of a fit go with its first factors: those of --init, and those that method spa chooses. */
#include "base/methods.h"
#include "base/options_sources.h"

static pw_code check_anchors(const pw_option_reading *reading)
{
    const pw_options *o = reading->options;
    const bool chooses = o->method == PW_METHOD_spa || o->init == PW_INIT_SPA;
    if (!chooses && pw_option_is_given(reading, "anchors"))
        return pw_fail(PW_ERROR_USAGE, "--anchors: belongs to --method spa and --init spa.");
    if (!chooses && o->anchors_scaled)
        return pw_fail(PW_ERROR_USAGE, "--anchors-scaled: belongs to --method spa and --init spa.");
    return PW_OK;
}

/* Starts that V alone decides. */
static pw_code check_init(const pw_option_reading *reading)
{
    const pw_options *o = reading->options;
    const bool misses = o->missing != PW_MISSING_NONE || o->mask || o->holdout > 0;
    if (o->init_file && pw_option_is_given(reading, "init"))
        return pw_fail(PW_ERROR_USAGE, "--init and --init-file exclude each other.");
    if (o->init == PW_INIT_RANDOM)
        return PW_OK;
    if (o->restarts > 1 && !pw_options_resamples(o) && o->init != PW_INIT_NNDSVDAR)
        return pw_fail(
            PW_ERROR_USAGE,
            "--init: all --restarts would be the same, as only random and nndsvdar depend "
            "on the seed. Give --restarts 1%s, or --init random.",
            o->command == PW_COMMAND_SCAN ? ", or --perturb" : "");
    if (misses)
        return pw_fail(PW_ERROR_USAGE,
                       "--init: V with missing entries starts at random; leave --init out.");
    if (o->symmetric)
        return pw_fail(PW_ERROR_USAGE,
                       "--init: the factor of a --symmetric matrix starts at random; leave --init "
                       "out.");
    if (o->fix_w || o->fix_h)
        return pw_fail(PW_ERROR_USAGE,
                       "--init: beside components that are given by --fix-w or --fix-h the others "
                       "start at random; leave --init out.");
    return PW_OK;
}

/* The factor that is selected is V's. */
static pw_code check_selected(const pw_options *o)
{
    const bool rows = o->anchors == PW_ANCHORS_ROWS;
    if (rows ? o->l1_h > 0 || o->l2_h > 0 : o->l1_w > 0 || o->l2_w > 0)
        return pw_fail(
            PW_ERROR_USAGE, "--l1-%c, --l2-%c: under method spa %c is made of %s of V as they are.",
            rows ? 'h' : 'w', rows ? 'h' : 'w', rows ? 'H' : 'W', rows ? "rows" : "columns");
    if (o->normalise != PW_NORM_NONE && (o->normalise_side == PW_FACTOR_H) == rows)
        return pw_fail(PW_ERROR_USAGE,
                       "--normalise: under method spa %c is made of %s of V as they are; give "
                       "--normalise-side %c.",
                       rows ? 'H' : 'W', rows ? "rows" : "columns", rows ? 'w' : 'h');
    return PW_OK;
}

/* Nothing of a run but the choice and one factor is left to method spa. */
static pw_code check_selection(const pw_option_reading *reading)
{
    const pw_options *o = reading->options;
    if (o->method != PW_METHOD_spa)
        return PW_OK;
    if (o->init_file || pw_option_is_given(reading, "init"))
        return pw_fail(PW_ERROR_USAGE, "--init, --init-file: method spa does not use them; its "
                                       "factors come from V alone.");
    if (o->fix_w || o->fix_h)
        return pw_fail(PW_ERROR_USAGE, "--fix-w, --fix-h: method spa chooses one factor out of V; "
                                       "take bpp.");
    if (o->restarts > 1 && !pw_options_resamples(o))
        return pw_fail(PW_ERROR_USAGE,
                       "--restarts: under method spa all would be the same. Give --restarts 1%s.",
                       o->command == PW_COMMAND_SCAN ? ", or --perturb" : "");
    if (o->symmetric)
        return pw_fail(PW_ERROR_USAGE, "--symmetric: method spa finds W and H apart; take hals.");
    if (o->checkpoint)
        return pw_fail(PW_ERROR_USAGE, "--checkpoint: method spa has no iterations that a run "
                                       "could go on from; leave it out.");
    return check_selected(o);
}

pw_code pw_options_check_start(const pw_option_reading *reading)
{
    pw_code code = PW_OK;
    PW_TRY(check_anchors(reading));
    PW_TRY(check_selection(reading));
    PW_TRY(check_init(reading));
done:
    return code;
}
