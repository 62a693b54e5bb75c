/* pw_factorise: what `partwise fit` does, between a caller's arrays instead of files. */
#include "partwise/factorise.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "initialise/initialise.h"
#include "iterate/iterate.h"
#include "matrix/weight.h"

#include <stdio.h>
#include <string.h>

static const char IN_MEMORY[] = "(memory)";

/* Options of the program that mean nothing to a call. */
static pw_code check_names(const char *const given[])
{
    static const char *const OTHERS[] = {
        "input",      "output",           "config",     "vocabulary", "header", "row-names",
        "checkpoint", "checkpoint-every", "distribute", "mask",       "bias"};
    for (int i = 0; given && given[i]; i++)
        for (size_t o = 0; o < sizeof OTHERS / sizeof *OTHERS; o++)
            if (strcspn(given[i], "=") == strlen(OTHERS[o]) &&
                strncmp(given[i], OTHERS[o], strlen(OTHERS[o])) == 0)
                return pw_fail(PW_ERROR_USAGE,
                               "pw_factorise: '%s' is an option of the program, not of a call.",
                               OTHERS[o]);
    return PW_OK;
}

/* The options as the command line of a fit. */
static pw_code parse(const char *const given[], pw_options *options)
{
    int count = 0;
    while (given && given[count])
        count++;
    char **words = NULL;
    bool help = false;
    pw_code code = PW_OK;
    PW_TRY(check_names(given));
    PW_TRY(PW_NEW(words, count + 2));
    for (int i = 0; i < count; i++) {
        const size_t size = strlen(given[i]) + sizeof "--";
        PW_TRY(PW_NEW(words[i + 1], (int64_t)size));
        snprintf(words[i + 1], size, "--%s", given[i]);
    }
    words[0] = words[count + 1] = (char *)IN_MEMORY; /* the command's name, and V's */
    PW_TRY(pw_options_parse(PW_COMMAND_FIT, count + 2, words, options, &help));
    if (options->restarts > 1) /* the environment may ask for them too */
        PW_TRY(pw_fail(PW_ERROR_USAGE,
                       "pw_factorise: 'restarts' is an option of the program: call it with "
                       "several seeds."));
    if (help)
        code = pw_fail(PW_ERROR_USAGE, "pw_factorise: there is no help here, but in `partwise help "
                                       "fit`.");
done:
    for (int i = 1; words && i <= count; i++)
        free(words[i]);
    free(words);
    return code;
}

static pw_code check_rows(const pw_input *input)
{
    if (input->rows < 1 || input->columns < 1 || input->count < 0)
        return pw_fail(PW_ERROR_INPUT, "pw_factorise: V has no rows or no columns.");
    if (!input->row_pointer)
        return input->type == PW_ONE || (!input->values && input->count > 0)
                   ? pw_fail(PW_ERROR_INPUT, "pw_factorise: dense V needs values.")
                   : PW_OK;
    if (input->columns > UINT32_MAX || input->row_pointer[0] != 0)
        return pw_fail(PW_ERROR_INPUT, "pw_factorise: row_pointer must start at 0, and columns "
                                       "stay below 2^32.");
    for (int64_t i = 0; i < input->count; i++) {
        if (input->row_pointer[i] > input->row_pointer[i + 1])
            return pw_fail(PW_ERROR_INPUT, "pw_factorise: row_pointer falls after row %lld.",
                           (long long)i);
        for (int64_t e = input->row_pointer[i]; e < input->row_pointer[i + 1]; e++)
            if (input->column[e] >= input->columns ||
                (e > input->row_pointer[i] && input->column[e] <= input->column[e - 1]))
                return pw_fail(PW_ERROR_INPUT,
                               "pw_factorise: columns of row %lld are out of range or order.",
                               (long long)i);
    }
    return PW_OK;
}

/* Ranks that mean different matrices or options would wait for each other for ever. Collective. */
static pw_code check_equal(pw_team *team, const pw_input *input, const pw_options *options)
{
    const uint64_t mine[] = {(uint64_t)input->rows, (uint64_t)input->columns, input->type,
                             input->row_pointer != NULL, pw_options_fingerprint(options)};
    uint64_t first[sizeof mine / sizeof *mine];
    memcpy(first, mine, sizeof mine);
    pw_broadcast(team, first, sizeof first, 0);
    return pw_agree(team,
                    memcmp(first, mine, sizeof mine) == 0
                        ? PW_OK
                        : pw_fail(PW_ERROR_USAGE,
                                  "pw_factorise: rank %d has other options, or another shape, "
                                  "type or storage of V, than rank 0.",
                                  team->rank));
}

/* A matrix over the caller's arrays. Collective. */
static pw_code borrow(pw_team *team, const pw_input *input, pw_matrix *V)
{
    const int64_t before = pw_scan_before(team, input->count);
    int64_t stored[] = {input->count, input->row_pointer ? input->row_pointer[input->count]
                                                         : input->count * input->columns};
    *V = (pw_matrix){.rows = input->rows,
                     .cols = input->columns,
                     .sparse = input->row_pointer != NULL,
                     .type = input->type,
                     .first = before,
                     .count = input->count,
                     .values = (void *)input->values,
                     .row_pointer = (int64_t *)input->row_pointer,
                     .column = (uint32_t *)input->column};
    pw_reduce_sum_int(team, stored, 2);
    V->entries = stored[1];
    pw_code code = pw_layout_even(input->rows, team->size, &V->layout);
    if (code == PW_OK && stored[0] != input->rows)
        code = pw_fail(PW_ERROR_INPUT, "pw_factorise: ranks hold %lld rows of %lld.",
                       (long long)stored[0], (long long)input->rows);
    if ((code = pw_agree(team, code)) == PW_OK)
        MPI_Allgather(&before, 1, MPI_INT64_T, V->layout.offset, 1, MPI_INT64_T, team->comm);
    return code;
}

static pw_code hand_over(pw_team *team, const pw_matrix *V, pw_model *model, pw_factors *factors)
{
    const int k = model->k;
    *factors = (pw_factors){.k = k,
                            .iterations = model->iteration,
                            .objective = model->objective,
                            .relative_error = model->relative_error,
                            .projected_gradient = model->projected_gradient,
                            .holdout_error = model->holdout_error,
                            .stopped = pw_reason_text(model->reason)};
    const pw_code code = pw_agree(team, PW_NEW(factors->H, V->cols * k));
    if (code != PW_OK)
        return code;
    for (int64_t j = 0; j < V->cols; j++)
        for (int c = 0; c < k; c++)
            factors->H[c * V->cols + j] = model->replicated[j * k + c];
    factors->W = model->distributed;
    factors->scale = model->scale;
    model->distributed = model->scale = NULL;
    return PW_OK;
}

/* Collective. */
static pw_code fit(pw_team *team, const pw_options *options, pw_matrix *V, pw_factors *factors)
{
    pw_summary summary;
    pw_model model = {.k = 0};
    pw_code code = PW_OK;
    PW_TRY(pw_matrix_summarise(team, V, &summary));
    PW_TRY(pw_summary_check(V, &summary));
    PW_TRY(pw_matrix_weigh(team, options, V));
    PW_TRY(pw_weight_summarise(team, V, &summary));
    PW_TRY(pw_model_allocate(team, V, options, (int)options->k, (uint64_t)options->seed, &model));
    PW_TRY(pw_initialise(team, V, &summary, options, &model));
    PW_TRY(pw_iterate(team, V, &summary, options, NULL, &model, 1));
    code = hand_over(team, V, &model, factors);
done:
    pw_model_destroy(&model);
    return code;
}

pw_code pw_factorise(MPI_Comm comm, const pw_input *input, const char *const given[],
                     pw_factors *factors)
{
    pw_options options;
    pw_team team;
    pw_matrix V = {.rows = 0};
    *factors = (pw_factors){.k = 0};
    pw_team_create(comm, PW_LOG_QUIET, &team);
    pw_code code = pw_options_default(PW_COMMAND_FIT, &options);
    if (code == PW_OK)
        code = parse(given, &options);
    if (code == PW_OK)
        code = check_rows(input);
    PW_TRY(pw_agree(&team, code));
    PW_TRY(check_equal(&team, input, &options));
    team.log.level = options.verbose ? PW_LOG_VERBOSE : PW_LOG_QUIET;
    PW_TRY(pw_team_choose_threads(options.threads, &team));
    PW_TRY(borrow(&team, input, &V));
    PW_TRY(pw_matrix_set_missing(&options, &V));
    code = fit(&team, &options, &V, factors);
done:
    pw_layout_destroy(&V.layout);
    pw_weight_destroy(V.weight);
    pw_options_destroy(&options);
    pw_team_destroy(&team);
    return code;
}

void pw_factors_destroy(pw_factors *factors)
{
    if (factors) {
        free(factors->W);
        free(factors->H);
        free(factors->scale);
        *factors = (pw_factors){.k = 0};
    }
}
