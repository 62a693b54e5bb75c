/* Which options of a clustering go together: its method, and what that method heeds. */
#include "base/options_find.h"
#include "base/options_sources.h"
#include "base/options_value.h"

enum {
    KMEANS = 1 << PW_CLUSTER_KMEANS,
    NMF = 1 << PW_CLUSTER_NMF,
    SYMNMF = 1 << PW_CLUSTER_SYMNMF,
    KERNEL_KMEANS = 1 << PW_CLUSTER_KERNEL_KMEANS,
    SPECTRAL = 1 << PW_CLUSTER_SPECTRAL,
    BICLUSTER = 1 << PW_CLUSTER_BICLUSTER
};

/* Options that not all methods heed. */
static const struct use {
    const char *name;
    unsigned methods;
} USES[] = {{"weight", KMEANS | NMF | SPECTRAL},
            {"graph", SPECTRAL},
            {"neighbours", SPECTRAL},
            {"solver", SPECTRAL},
            {"affinity", SYMNMF | KERNEL_KMEANS},
            {"loss", NMF},
            {"nmf-method", NMF | SYMNMF},
            {"orthogonal", NMF},
            {"shift", KERNEL_KMEANS},
            {"init-file", KMEANS},
            {"tolerance", KMEANS | NMF | SYMNMF | SPECTRAL | BICLUSTER},
            {"model", NMF}};

static pw_code check_uses(const pw_option_reading *reading)
{
    const pw_option *method = pw_option_find("method", reading->command);
    const int64_t chosen = reading->options->cluster_by;
    char users[PW_CHOICES_LENGTH];
    for (size_t i = 0; i < sizeof USES / sizeof *USES; i++)
        if (pw_option_is_given(reading, USES[i].name) && !(USES[i].methods >> chosen & 1)) {
            pw_option_list(method->choices, USES[i].methods, " or ", users, sizeof users);
            return pw_fail(PW_ERROR_USAGE, "--%s: method %s does not use it; it belongs to %s.",
                           USES[i].name, method->choices[chosen], users);
        }
    return PW_OK;
}

/* What there is to cluster: V, or the factor of a model. */
static pw_code check_source(const pw_option_reading *reading)
{
    static const char *const OF_V[] = {"k",          "weight",   "loss",      "nmf-method",
                                       "orthogonal", "restarts", "seed",      "max-iterations",
                                       "tolerance",  "header",   "row-names", "vocabulary"};
    const pw_options *o = reading->options;
    if (!o->model && !o->input)
        return pw_fail(PW_ERROR_USAGE, "cluster: input is missing. Name V, or a --model.");
    if (!o->model && o->k == 0)
        return pw_fail(PW_ERROR_USAGE, "cluster: k is missing. Say by -k how many clusters.");
    if (o->model && o->input)
        return pw_fail(PW_ERROR_USAGE, "cluster: give either V or --model, not both.");
    for (size_t i = 0; o->model && i < sizeof OF_V / sizeof *OF_V; i++)
        if (pw_option_is_given(reading, OF_V[i]))
            return pw_fail(PW_ERROR_USAGE,
                           "--%s: the --model is fitted already. Leave one of the two out.",
                           OF_V[i]);
    return PW_OK;
}

/* A graph that is given has its weights. */
static pw_code check_graph(const pw_option_reading *reading)
{
    const pw_options *o = reading->options;
    const bool given = o->cluster_by == PW_CLUSTER_SPECTRAL && o->graph == PW_GRAPH_GIVEN;
    if (given && pw_option_is_given(reading, "neighbours"))
        return pw_fail(PW_ERROR_USAGE,
                       "--neighbours: belongs to --graph neighbours and --graph gaussian.");
    if (given && pw_option_is_given(reading, "weight"))
        return pw_fail(PW_ERROR_USAGE, "--weight: a --graph that is given is cut as it is. Leave "
                                       "--weight out, or take --graph neighbours.");
    return PW_OK;
}

static pw_code check_start(const pw_option_reading *reading)
{
    pw_options *o = reading->options;
    if (o->init_file && o->restarts > 1 && pw_option_is_given(reading, "restarts"))
        return pw_fail(PW_ERROR_USAGE,
                       "--init-file: --restarts begin at random; give one of them.");
    if (o->init_file)
        o->restarts = 1;
    return PW_OK;
}

/* Those that depend on the method. */
static void set_defaults(const pw_option_reading *reading)
{
    pw_options *o = reading->options;
    const bool fits = o->cluster_by == PW_CLUSTER_NMF || o->cluster_by == PW_CLUSTER_SYMNMF;
    const pw_option *tolerance = pw_option_find("tolerance", reading->command);
    if (o->max_iterations == 0)
        o->max_iterations = fits ? 1000 : 300;
    if (pw_option_source_of(reading, tolerance) == PW_SOURCE_DEFAULT)
        o->tolerance = fits ? 1e-5 : o->cluster_by == PW_CLUSTER_KERNEL_KMEANS ? 0 : 1e-4;
    o->symmetric = o->cluster_by == PW_CLUSTER_SYMNMF || o->cluster_by == PW_CLUSTER_KERNEL_KMEANS;
}

pw_code pw_options_check_cluster(const pw_option_reading *reading)
{
    pw_code code = PW_OK;
    if (reading->command != PW_COMMAND_CLUSTER)
        return PW_OK;
    PW_TRY(check_uses(reading));
    PW_TRY(check_source(reading));
    PW_TRY(check_graph(reading));
    PW_TRY(check_start(reading));
    set_defaults(reading);
done:
    return code;
}
