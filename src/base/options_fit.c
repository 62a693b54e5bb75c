/* Which options of a fit go together: a loss, a method that serves it, and what that method heeds. What is left to choose
 * is chosen. */
#include "base/methods.h"
#include "base/options_sources.h"
#include "base/options_value.h"

#include <string.h>

static const struct method {
    const char *name;
    pw_sums frobenius, missing, kl, beta;
    unsigned traits;
} METHODS[] = {{.name = "auto"},
#define METHOD(name, text_name, frobenius, missing, kl, beta, traits, copies, text)                \
    {text_name, frobenius, missing, kl, beta, traits},
               PW_METHODS(METHOD)
#undef METHOD
};

static bool has_missing(const pw_options *options)
{
    return options->missing != PW_MISSING_NONE || options->mask || options->holdout > 0;
}

static bool method_serves(const struct method *method, const pw_options *options)
{
    const pw_sums squared = has_missing(options) ? method->missing : method->frobenius;
    const pw_sums sums = options->loss == PW_LOSS_FROBENIUS ? squared
                         : options->loss == PW_LOSS_KL      ? method->kl
                                                            : method->beta;
    return sums != PW_SUMS_NONE;
}

/* Room for the names of all methods, with " or " between them. */
#define NAME_AND_ROOM(name, text_name, ...) text_name " or "
enum { NAMES_LENGTH = sizeof("" PW_METHODS(NAME_AND_ROOM)) };

/* "hals or mu": those with these traits that serve the loss. */
static void name_methods(const pw_options *options, unsigned traits, char *text, size_t size)
{
    const char *names[PW_METHOD_COUNT + 1] = {NULL};
    uint64_t set = 0;
    for (int m = 0; m < PW_METHOD_COUNT; m++) {
        const bool serves =
            (METHODS[m].traits & traits) == traits && method_serves(&METHODS[m], options);
        names[m] = METHODS[m].name;
        set |= (uint64_t)(m > 0 && serves) << m;
    }
    pw_option_list(names, set, " or ", text, size);
}

/* An option that only methods with a trait heed. */
static pw_code check_trait(const pw_options *o, pw_trait trait, const char *option)
{
    char names[NAMES_LENGTH];
    if (METHODS[o->method].traits & trait)
        return PW_OK;
    name_methods(o, trait, names, sizeof names);
    return pw_fail(PW_ERROR_USAGE, "--%s: method %s does not use it%s%s.", option,
                   METHODS[o->method].name, names[0] ? "; it belongs to " : "", names);
}

static pw_code check_loss(const pw_option_reading *reading)
{
    const pw_options *o = reading->options;
    if (pw_option_is_given(reading, "beta") && o->loss != PW_LOSS_BETA)
        return pw_fail(PW_ERROR_USAGE, "--beta: only --loss beta has one.");
    if (o->floor > 0 && (o->loss == PW_LOSS_FROBENIUS || o->loss == PW_LOSS_KL))
        return pw_fail(PW_ERROR_USAGE, "--floor: --loss frobenius and kl take zeros as they are.");
    return PW_OK;
}

/* What the option of the method is called. */
static const char *method_option(const pw_options *o)
{
    return o->command == PW_COMMAND_CLUSTER ? "nmf-method" : "method";
}

/* The loss and the method belong together; auto becomes a method. */
static pw_code check_method(pw_options *o)
{
    char names[NAMES_LENGTH];
    if (o->method == PW_METHOD_auto)
        o->method = o->loss == PW_LOSS_FROBENIUS ? PW_METHOD_hals
                    : o->loss == PW_LOSS_KL      ? PW_METHOD_newton
                                                 : PW_METHOD_mu;
    if (o->loss == PW_LOSS_FROBENIUS && !has_missing(o) &&
        METHODS[o->method].frobenius == PW_SUMS_NONE && METHODS[o->method].missing != PW_SUMS_NONE)
        return pw_fail(PW_ERROR_USAGE,
                       "--%s: %s is for V with missing entries; say which by --missing.",
                       method_option(o), METHODS[o->method].name);
    if (!method_serves(&METHODS[o->method], o)) {
        name_methods(o, 0, names, sizeof names);
        return pw_fail(PW_ERROR_USAGE, "--%s: %s does not serve this --loss%s; take %s.",
                       method_option(o), METHODS[o->method].name,
                       has_missing(o) ? " with missing entries" : "", names);
    }
    return o->inner_iterations > 1 ? check_trait(o, PW_REPEATS, "inner-iterations") : PW_OK;
}

/* Method ccd goes through both factors component by component, on all ranks together; a symmetric model has one factor. */
static pw_code check_h_update(const pw_options *o)
{
    const bool has = o->method != PW_METHOD_ccd && !o->symmetric;
    return o->h_update == PW_H_SHARDED && !has
               ? pw_fail(PW_ERROR_USAGE, "--h-update: %s has no H update to share out.",
                         o->symmetric ? "--symmetric" : "method ccd")
               : PW_OK;
}

static pw_code check_extrapolate(pw_options *o)
{
    const bool can = (METHODS[o->method].traits & PW_EXTRAPOLATES) && !has_missing(o);
    if (o->extrapolate == PW_PRESENT_YES && has_missing(o))
        return pw_fail(PW_ERROR_USAGE, "--extrapolate: needs V without missing entries.");
    if (o->extrapolate == PW_PRESENT_YES)
        return check_trait(o, PW_EXTRAPOLATES, "extrapolate");
    if (o->extrapolate == PW_PRESENT_AUTO)
        o->extrapolate = can ? PW_PRESENT_YES : PW_PRESENT_NO;
    return PW_OK;
}

/* One factor, held by rows; its penalties are those of H. */
static pw_code check_symmetric(pw_options *o)
{
    if (!o->symmetric && o->affinity != PW_AFFINITY_PLAIN)
        return pw_fail(PW_ERROR_USAGE, "--affinity: belongs to --symmetric.");
    if (!o->symmetric)
        return PW_OK;
    if (o->affinity != PW_AFFINITY_PLAIN && o->weight != PW_WEIGHT_NONE)
        return pw_fail(PW_ERROR_USAGE, "--affinity and --weight exclude each other.");
    if (o->loss != PW_LOSS_FROBENIUS)
        return pw_fail(PW_ERROR_USAGE, "--symmetric: needs --loss frobenius.");
    if (has_missing(o))
        return pw_fail(PW_ERROR_USAGE, "--symmetric: needs V without missing entries.");
    if (o->distribute == PW_DISTRIBUTE_COLUMNS)
        return pw_fail(PW_ERROR_USAGE, "--distribute: a --symmetric matrix is held by rows.");
    if (o->extrapolate == PW_PRESENT_YES)
        return pw_fail(PW_ERROR_USAGE, "--extrapolate: a --symmetric factor is not extrapolated.");
    if (o->fix_w || o->fix_h)
        return pw_fail(PW_ERROR_USAGE, "--fix-w, --fix-h: a --symmetric factor is found as a "
                                       "whole.");
    if (o->l1_w > 0 || o->l2_w > 0)
        return pw_fail(PW_ERROR_USAGE, "--l1-w, --l2-w: the factor of a --symmetric matrix is "
                                       "penalised by --l1-h and --l2-h.");
    o->distribute = PW_DISTRIBUTE_ROWS;
    o->extrapolate = PW_PRESENT_NO;
    return PW_OK;
}

/* Penalties on cosines are no convex problem: each coordinate is. */
static pw_code check_orthogonal(pw_options *o)
{
    char names[NAMES_LENGTH];
    if (o->method == PW_METHOD_orthogonal_mu && o->orthogonal == PW_ORTHOGONAL_NOT)
        o->orthogonal = PW_ORTHOGONAL_H;
    if (o->orthogonal == PW_ORTHOGONAL_NOT)
        return PW_OK;
    if (o->loss != PW_LOSS_FROBENIUS)
        return pw_fail(PW_ERROR_USAGE, "--orthogonal: needs --loss frobenius.");
    if (has_missing(o))
        return pw_fail(PW_ERROR_USAGE, "--orthogonal: needs V without missing entries.");
    if (o->symmetric)
        return pw_fail(PW_ERROR_USAGE, "--orthogonal and --symmetric exclude each other.");
    if (o->orthogonal == PW_ORTHOGONAL_W ? o->fix_w : o->fix_h)
        return pw_fail(PW_ERROR_USAGE,
                       "--orthogonal: components of the same factor that are given stay as they "
                       "are, orthogonal or not. Fix the other factor, or none.");
    if (o->extrapolate == PW_PRESENT_YES)
        return pw_fail(PW_ERROR_USAGE, "--extrapolate: orthogonal factors are not extrapolated.");
    o->extrapolate = PW_PRESENT_NO;
    if (METHODS[o->method].traits & PW_ORTHOGONALISES)
        return PW_OK;
    name_methods(o, PW_ORTHOGONALISES, names, sizeof names);
    return pw_fail(PW_ERROR_USAGE, "--orthogonal: method %s cannot; take %s.",
                   METHODS[o->method].name, names);
}

static pw_code check_patience(const pw_option_reading *reading)
{
    if (!(reading->options->holdout > 0) && reading->options->patience > 0 &&
        pw_option_is_given(reading, "patience"))
        return pw_fail(PW_ERROR_USAGE,
                       "--patience: there is no held-out error to watch. Give a --holdout, too.");
    return PW_OK;
}

static pw_code check_normalise(const pw_option_reading *reading)
{
    if (reading->options->normalise == PW_NORM_NONE &&
        pw_option_is_given(reading, "normalise-side"))
        return pw_fail(PW_ERROR_USAGE, "--normalise-side: there is no --normalise to be done.");
    return PW_OK;
}

/* What only the rank-one method heeds. */
static pw_code check_ratings(const pw_option_reading *reading)
{
    static const char *const NAMES[] = {"bias", "l2-bias-w", "l2-bias-h", "shrink", "l2-by-count"};
    pw_options *o = reading->options;
    const bool has_l2 = o->l2_w > 0 || o->l2_h > 0 || pw_option_is_given(reading, "l2-w") ||
                        pw_option_is_given(reading, "l2-h");
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (pw_option_is_given(reading, NAMES[i]) && o->method != PW_METHOD_ccd)
            return pw_fail(PW_ERROR_USAGE, "--%s: method %s does not use it; it belongs to ccd.",
                           NAMES[i], METHODS[o->method].name);
        if (pw_option_is_given(reading, NAMES[i]) && strncmp(NAMES[i], "l2-bias", 7) == 0 &&
            !o->bias)
            return pw_fail(PW_ERROR_USAGE, "--%s: there are no biases without --bias.", NAMES[i]);
    }
    if (pw_option_is_given(reading, "shrink") && has_l2)
        return pw_fail(PW_ERROR_USAGE,
                       "--shrink: --l2-w and --l2-h replace it; give either it or them.");
    if (o->method == PW_METHOD_ccd && (o->fix_w || o->fix_h))
        return pw_fail(PW_ERROR_USAGE,
                       "--fix-w, --fix-h: method ccd finds both factors; take hals.");
    if (has_l2 || o->method != PW_METHOD_ccd)
        o->shrink = 0;
    o->bias = o->bias && o->method == PW_METHOD_ccd;
    return PW_OK;
}

static pw_code check_bound(const pw_options *o)
{
    if (!o->svd_bound)
        return PW_OK;
    if (o->loss != PW_LOSS_FROBENIUS)
        return pw_fail(PW_ERROR_USAGE,
                       "--svd-bound: is one of squared errors; needs --loss frobenius.");
    if (has_missing(o))
        return pw_fail(PW_ERROR_USAGE, "--svd-bound: needs V without missing entries.");
    if (pw_options_resamples(o))
        return pw_fail(PW_ERROR_USAGE, "--svd-bound: is that of V, and each model of --perturb has "
                                       "a resample of its own. Give one of them.");
    return PW_OK;
}

static pw_code check_checkpoint(const pw_option_reading *reading)
{
    if (!reading->options->checkpoint && pw_option_is_given(reading, "checkpoint-every"))
        return pw_fail(PW_ERROR_USAGE, "--checkpoint-every: there is no --checkpoint to write.");
    return PW_OK;
}

static pw_code check_consensus(const pw_options *o)
{
    if (o->command == PW_COMMAND_SCAN && o->raw_argmax && o->consensus == PW_ITEMS_NONE)
        return pw_fail(PW_ERROR_USAGE, "--raw-argmax: there is no --consensus that it is for.");
    return PW_OK;
}

/* Weights that sums of V make would be those of V and not of the resample; of zeros that a draw makes some would be
 * unknown, or infinitely far from everything. */
static pw_code check_perturb(const pw_options *o)
{
    pw_perturb kind = PW_PERTURB_NOT;
    double delta;
    const pw_code code = pw_options_perturb(o->perturb, &kind, &delta);
    if (code != PW_OK || kind == PW_PERTURB_NOT)
        return code;
    const bool poisson = kind == PW_PERTURB_POISSON;
    const bool infinite = o->loss == PW_LOSS_IS || (o->loss == PW_LOSS_BETA && o->beta <= 0);
    if (o->symmetric)
        return pw_fail(PW_ERROR_USAGE, "--perturb: a resample of a --symmetric matrix would not be "
                                       "symmetric. Leave --symmetric or --perturb out.");
    if (o->weight != PW_WEIGHT_NONE && o->weight != PW_WEIGHT_LOG1P)
        return pw_fail(
            PW_ERROR_USAGE,
            "--perturb: of --weight only log1p goes with resamples: the others weight by "
            "sums of V itself. Leave --weight or --perturb out.");
    if (poisson && o->missing == PW_MISSING_ZERO)
        return pw_fail(
            PW_ERROR_USAGE,
            "--perturb: poisson may draw 0, which --missing zero would take for unknown. "
            "Take uniform:D, or say by --mask what is known.");
    if (poisson && infinite && !(o->floor > 0))
        return pw_fail(
            PW_ERROR_USAGE,
            "--perturb: poisson may draw 0, which this --loss cannot take. Give a --floor, "
            "or take uniform:D.");
    return PW_OK;
}

static pw_code check_restarts(const pw_options *o)
{
    if (o->command != PW_COMMAND_FIT)
        return PW_OK;
    if (o->keep > o->restarts)
        return pw_fail(PW_ERROR_USAGE, "--keep: of %lld --restarts not so many can be kept.",
                       (long long)o->restarts);
    if (o->restarts > 1 && o->init_file)
        return pw_fail(PW_ERROR_USAGE,
                       "--init-file: --restarts begin at random; give one of them.");
    return PW_OK;
}

static bool makes_fits(const pw_options *o)
{
    const bool by_factors = o->cluster_by == PW_CLUSTER_NMF || o->cluster_by == PW_CLUSTER_SYMNMF;
    return (o->command & (PW_COMMAND_FIT | PW_COMMAND_SCAN | PW_COMMAND_PLAN)) ||
           (o->command == PW_COMMAND_CLUSTER && by_factors && !o->model);
}

pw_code pw_options_check_fit(const pw_option_reading *reading)
{
    pw_code code = PW_OK;
    if (!makes_fits(reading->options))
        return PW_OK;
    PW_TRY(check_restarts(reading->options));
    PW_TRY(check_consensus(reading->options));
    PW_TRY(check_perturb(reading->options));
    PW_TRY(check_loss(reading));
    PW_TRY(check_method(reading->options));
    PW_TRY(pw_options_check_start(reading));
    PW_TRY(check_symmetric(reading->options));
    PW_TRY(check_orthogonal(reading->options));
    PW_TRY(check_extrapolate(reading->options));
    PW_TRY(check_h_update(reading->options));
    PW_TRY(check_patience(reading));
    PW_TRY(check_normalise(reading));
    PW_TRY(check_ratings(reading));
    PW_TRY(check_bound(reading->options));
    PW_TRY(check_checkpoint(reading));
done:
    return code;
}
