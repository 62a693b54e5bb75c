/* A hyperspectral image under the linear mixing model (Keshava & Mustard 2002): each pixel is a convex combination of
 * smooth spectra, and each spectrum stands alone in one pixel. */
#include "read/generate.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>

/* A spectrum: normal bumps on a floor, divided by its maximum. Positions and widths are relative to all bands. */
enum { BUMPS = 4, NUMBERS_OF_BUMP = 3 };
static const double FLOOR = 0.1, LOWEST = 0.2, NARROWEST = 0.03, WIDEST = 0.15;
static const double NOISE_KEPT = 4; /* standard deviations that whole-number types have room for */

typedef struct image {
    const pw_options *options;
    double *H;     /* k × n; owned */
    int64_t *pure; /* k; owned */
    double deviation;
    const double *W; /* this rank's rows × k, from `first` on */
    int64_t first;
} image;

static double between(double from, double to, pw_random_key key, int64_t c, int number)
{
    return from + (to - from) * pw_random_uniform(key, c, (uint32_t)number);
}

static void make_spectrum(const pw_options *options, int64_t c, double *spectrum)
{
    const pw_random_key key = {(uint64_t)options->seed, PW_RANDOM_GENERATE_H, 0};
    const int64_t n = options->columns;
    double most = 0;
    for (int64_t j = 0; j < n; j++)
        spectrum[j] = FLOOR;
    for (int b = 0; b < BUMPS; b++) {
        const double height = between(LOWEST, 1, key, c, NUMBERS_OF_BUMP * b);
        const double middle = between(0, 1, key, c, NUMBERS_OF_BUMP * b + 1);
        const double width = between(NARROWEST, WIDEST, key, c, NUMBERS_OF_BUMP * b + 2);
        for (int64_t j = 0; j < n; j++) {
            const double away = (((double)j + 0.5) / (double)n - middle) / width;
            spectrum[j] += height * exp(-away * away / 2);
        }
    }
    for (int64_t j = 0; j < n; j++)
        most = fmax(most, spectrum[j]);
    for (int64_t j = 0; j < n; j++)
        spectrum[j] /= most;
}

/* Each spectrum has one of k equal shares of the pixels, and its pure pixel is one of these. */
static void choose_pure(const pw_options *options, int64_t *pure)
{
    const pw_random_key key = {(uint64_t)options->seed, PW_RANDOM_GENERATE_PATTERN, 0};
    const pw_scatter shares = pw_generate_groups(options, 0, options->k);
    for (int64_t share = 0; share < options->k; share++) {
        const int64_t from = pw_share(options->rows, options->k, share);
        const int64_t size = pw_share(options->rows, options->k, share + 1) - from;
        pure[pw_scatter_group(&shares, share)] =
            from + (int64_t)(pw_random_uniform(key, share, 0) * (double)size);
    }
}

/* Equal shares of the simplex: exponential numbers divided by their sum. */
static void mix(const pw_options *options, int64_t pixel, double *w)
{
    const pw_random_key key = {(uint64_t)options->seed, PW_RANDOM_GENERATE_W, 0};
    double sum = 0;
    for (int64_t c = 0; c < options->k; c++)
        sum += w[c] = -log(pw_random_uniform(key, pixel, (uint32_t)c));
    for (int64_t c = 0; c < options->k; c++)
        w[c] /= sum;
}

/* Expected mean square of the entries of W H: a flat Dirichlet distribution has E w_c w_d = (1 + [c = d]) / (k (k + 1)),
 * and k of the rows are spectra. */
static double expected_square(const pw_options *options, const double *H)
{
    const int64_t m = options->rows, n = options->columns, k = options->k;
    double of_sum = 0, single = 0;
    for (int64_t j = 0; j < n; j++) {
        double sum = 0;
        for (int64_t c = 0; c < k; c++) {
            sum += H[c * n + j];
            single += H[c * n + j] * H[c * n + j];
        }
        of_sum += sum * sum;
    }
    const double mixed = (of_sum + single) / ((double)k * (double)(k + 1));
    return ((double)(m - k) * mixed + single) / ((double)m * (double)n);
}

static pw_code make_spectra(const pw_options *options, pw_type type, image *g)
{
    const int64_t n = options->columns, k = options->k;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(g->H, k * n));
    for (int64_t c = 0; c < k; c++)
        make_spectrum(options, c, g->H + c * n);
    if (options->snr > 0)
        g->deviation = sqrt(expected_square(options, g->H) * pow(10, -options->snr / 10));
    const double scale = pw_generate_scale(type, 1 + NOISE_KEPT * g->deviation);
    g->deviation *= scale;
    for (int64_t i = 0; i < k * n; i++)
        g->H[i] *= scale;
done:
    return code;
}

static int64_t pure_pixel(const void *context, int64_t c)
{
    return ((const image *)context)->pure[c];
}

static pw_code plant(pw_team *team, const pw_options *options, image *g, pw_planted *planted)
{
    const int64_t m = options->rows, k = options->k;
    pw_planted_array *W;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(g->pure, k));
    choose_pure(options, g->pure);
    PW_TRY(pw_planted_add(planted, team, "W", PW_F64, m, k, &W));
    double *w = W->values;
    for (int64_t i = 0; i < W->count; i++)
        mix(options, W->first + i, w + i * k);
    for (int64_t c = 0; c < k; c++) {
        const int64_t i = g->pure[c] - W->first;
        for (int64_t d = 0; i >= 0 && i < W->count && d < k; d++)
            w[i * k + d] = d == c;
    }
    g->W = w;
    PW_TRY(pw_planted_add_block(planted, team, "H", k, options->columns, g->H));
    PW_TRY(pw_planted_add_numbers(planted, team, "pure", k, m - 1, pure_pixel, g));
done:
    return code;
}

static void entries(const void *context, int64_t row, int64_t from, int64_t count, double *v)
{
    const image *g = context;
    const int64_t k = g->options->k;
    pw_generate_product(g->W + (row - g->first) * k, g->H, k, g->options->columns, from, count, v);
    for (int64_t j = 0; j < count; j++)
        v[j] = pw_generate_additive_noise(g->options, row, from + j, g->deviation, v[j]);
}

pw_code pw_generate_hyperspectral(pw_team *team, const pw_options *options, pw_matrix *V,
                                  pw_planted *planted)
{
    const pw_type type = pw_generate_type(options, PW_F64);
    image g = {.options = options};
    pw_code code = PW_OK;
    PW_TRY(pw_generate_check_k("hyperspectral", options->k, options->rows, "row"));
    PW_TRY(pw_generate_check_k("hyperspectral", options->k, options->columns, "column"));
    PW_TRY(pw_matrix_new_dense(team, options->rows, options->columns, false, type, V));
    if ((code = make_spectra(options, type, &g)) == PW_OK)
        code = plant(team, options, &g, planted);
    PW_TRY(pw_agree(team, code));
    g.first = V->first;
    pw_generate_dense(team, V, entries, &g);
done:
    free(g.H);
    free(g.pure);
    return code;
}
