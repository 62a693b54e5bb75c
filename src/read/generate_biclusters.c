/* A dense matrix whose row clusters and column clusters meet in blocks that stand out from a flat background. */
#include "read/generate.h"

#include "base/memory.h"

#include <stdlib.h>

/* Blocks have the same height, which makes their singular values equal: methods that look at the first log2(k) singular
 * vectors alone (Dhillon 2001) would see the highest blocks only. */
static const double BACKGROUND = 1, HEIGHT = 6;
static const double NOISE_KEPT = 3; /* standard deviations that whole-number types have room for */

typedef struct biclusters {
    const pw_options *options;
    pw_scatter rows, columns;
    int64_t *block_of_column; /* n; owned */
    double scale;
} biclusters;

static void entries(const void *context, int64_t row, int64_t from, int64_t count, double *v)
{
    const biclusters *g = context;
    const int64_t block = pw_scatter_group(&g->rows, row);
    for (int64_t j = 0; j < count; j++) {
        const double level = g->block_of_column[from + j] == block ? HEIGHT : BACKGROUND;
        v[j] = pw_generate_relative_noise(g->options, row, from + j, g->scale * level);
    }
}

static pw_code plant(pw_team *team, biclusters *g, pw_planted *planted)
{
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(g->block_of_column, g->columns.total));
    for (int64_t j = 0; j < g->columns.total; j++)
        g->block_of_column[j] = pw_scatter_group(&g->columns, j);
    PW_TRY(pw_planted_add_groups(planted, team, "row_labels", &g->rows));
    PW_TRY(pw_planted_add_groups(planted, team, "column_labels", &g->columns));
done:
    return code;
}

pw_code pw_generate_biclusters(pw_team *team, const pw_options *options, pw_matrix *V,
                               pw_planted *planted)
{
    const pw_type type = pw_generate_type(options, PW_F64);
    biclusters g = {.options = options,
                    .rows = pw_generate_groups(options, 0, options->rows),
                    .columns = pw_generate_groups(options, 1, options->columns),
                    .scale = pw_generate_scale(type, HEIGHT * (1 + NOISE_KEPT * options->noise))};
    pw_code code = PW_OK;
    PW_TRY(pw_generate_check_k("biclusters", options->k, options->rows, "row"));
    PW_TRY(pw_generate_check_k("biclusters", options->k, options->columns, "column"));
    PW_TRY(pw_matrix_new_dense(team, options->rows, options->columns, false, type, V));
    PW_TRY(pw_agree(team, plant(team, &g, planted)));
    pw_generate_dense(team, V, entries, &g);
done:
    free(g.block_of_column);
    return code;
}
