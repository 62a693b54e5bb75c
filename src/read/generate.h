/* Matrices whose answer is known. Every number in them is a function of the options and its place
 * alone, so the same options give the same bits on any number of ranks and threads. */
#ifndef PW_READ_GENERATE_H
#define PW_READ_GENERATE_H

#include "base/options.h"
#include "matrix/matrix.h"
#include "read/scatter.h"

/* One array of the planted answer, in contiguous blocks of rows over the ranks. */
typedef struct pw_planted_array {
    const char *name; /* "W", "H", … */
    pw_type type;
    int64_t rows, columns; /* over all ranks; columns 0: one-dimensional */
    int64_t first, count;  /* this rank's rows */
    void *values;          /* count × columns; owned */
} pw_planted_array;

enum { PW_PLANTED_MOST = 4 };

typedef struct pw_planted {
    bool symmetric; /* V is, to the bit */
    int count;
    pw_planted_array array[PW_PLANTED_MOST];
} pw_planted;

/* Collective over team. Makes the matrix that options->kind, rows, columns, k, density, mixing,
 * noise, snr, seed and value_type ask for, split evenly by rows, and the answer planted in it. Destroy both. */
pw_code pw_generate(pw_team *team, const pw_options *options, pw_matrix *V, pw_planted *planted);

/* Local. NULL-safe. */
void pw_planted_destroy(pw_planted *planted);

/* Collective over team. The generators, one a kind.
 *
 * swimmer: 256 images of 32 × 32 pixels, one a row: a torso, and four limbs in four positions each
 * (Donoho & Stodden 2003). Planted: `parts` (17 × 1024, 0 or 1: position p of limb l is row 4 l +
 * p, the torso is the last), `W` (256 × 17) with V = W parts.
 *
 * lowrank: V = W H, dense. Half of the entries of W (m × k) and H (k × n) are 0, the others
 * exponentially distributed; component i mod k of row i and j mod k of column j are never 0. V is
 * about 1 on average.
 *
 * sparse: counts, V Poisson distributed around rows of `H` (k × n): row i around H's row
 * `labels`[i]. Column j belongs to topic j mod k; four fifths of a topic's mass lie on its own
 * columns, the rest on all, by their popularity (the most popular twenty times the least). H is
 * scaled so that the expected share of nonzeros is options->density. Time and memory go with the
 * nonzeros and k n.
 *
 * mixture: row i is normally distributed around row `labels`[i] of `centroids` (k × n), with the same
 * standard deviation in every direction: options->noise times √(n/6), the typical distance of two centroids, whose
 * entries are uniform between 4 standard deviations and 1 more than that.
 *
 * biclusters: V is 6 where `row_labels`[i] = `column_labels`[j], else 1.
 *
 * sbm: the adjacency of a graph of options->rows nodes, symmetric, sparse, all ones: a stochastic block model (Holland,
 * Laskey & Leinhardt 1983). Two nodes are joined with a probability that depends on whether their `labels` are the
 * same, such that options->density is the expected share of nonzeros and options->mixing that of edges between blocks.
 * options->columns counts for nothing. Time and memory go with the edges.
 *
 * hyperspectral: V = W H with noise: k smooth spectra `H` (k × n) between 0 and 1, and their shares `W` (m × k) in each
 * pixel, uniform over those that are not negative and sum to 1 (a flat Dirichlet distribution). Pixel `pure`[c] is
 * spectrum c alone. White normal noise, whose variance is 10^(-snr/10) of the expected square of an entry, is added
 * where options->snr is not 0; entries remain at least 0.
 *
 * Labels, in all but sparse, divide rows, columns or nodes into k groups whose sizes differ by 1 at the most (scatter.h).
 *
 * With noise x, an entry v becomes v + x·|z|·(the brightness of a part) in the swimmer; in lowrank, sparse, biclusters
 * and edges of sbm v·(1 + x·z) but at least 0, z standard normal, the same for both directions of an edge: the
 * relative error of the planted answer is then about x. In whole-number types a pixel of the swimmer is 100, and so is
 * an edge with noise; entries of dense kinds are scaled (with W, of hyperspectral with H, and centroids) to fill the
 * type well, and what does not fit the type is clipped. */
pw_code pw_generate_swimmer(pw_team *team, const pw_options *options, pw_matrix *V,
                            pw_planted *planted);
pw_code pw_generate_lowrank(pw_team *team, const pw_options *options, pw_matrix *V,
                            pw_planted *planted);
pw_code pw_generate_sparse(pw_team *team, const pw_options *options, pw_matrix *V,
                           pw_planted *planted);

pw_code pw_generate_mixture(pw_team *team, const pw_options *options, pw_matrix *V,
                            pw_planted *planted);
pw_code pw_generate_biclusters(pw_team *team, const pw_options *options, pw_matrix *V,
                               pw_planted *planted);
pw_code pw_generate_sbm(pw_team *team, const pw_options *options, pw_matrix *V,
                        pw_planted *planted);
pw_code pw_generate_hyperspectral(pw_team *team, const pw_options *options, pw_matrix *V,
                                  pw_planted *planted);

/* ---- what they share ---- */

/* Local. PW_ERROR_USAGE where there are fewer items (say "row") than components. */
pw_code pw_generate_check_k(const char *kind, int64_t k, int64_t items, const char *item);

/* Local. `total` items in k groups; `which` tells apart different ones of the same data. */
pw_scatter pw_generate_groups(const pw_options *options, uint32_t which, int64_t total);

/* Local. Appends an array to the answer, zeroed, with this rank's even share of its rows. */
pw_code pw_planted_add(pw_planted *planted, const pw_team *team, const char *name, pw_type type,
                       int64_t rows, int64_t columns, pw_planted_array **array);

/* Local. The same, f64, with this rank's rows of `all` (rows × columns). */
pw_code pw_planted_add_block(pw_planted *planted, const pw_team *team, const char *name,
                             int64_t rows, int64_t columns, const double *all);

/* Local. The same, one-dimensional, with number(context, i) at i, in the narrowest type that holds `most`. */
typedef int64_t (*pw_planted_number)(const void *context, int64_t i);
pw_code pw_planted_add_numbers(pw_planted *planted, const pw_team *team, const char *name,
                               int64_t rows, int64_t most, pw_planted_number number,
                               const void *context);

/* Local. The same with the group of each item. */
pw_code pw_planted_add_groups(pw_planted *planted, const pw_team *team, const char *name,
                              const pw_scatter *scatter);

/* Local. Fills dense V, already allocated, with what `entries` writes to v[0] … v[count - 1]: columns from … from +
 * count - 1 of a row of all of V. Threads share the rows. */
typedef void (*pw_generate_entries)(const void *context, int64_t row, int64_t from, int64_t count,
                                    double *v);
void pw_generate_dense(const pw_team *team, pw_matrix *V, pw_generate_entries entries,
                       const void *context);

/* Local. Columns from … from + count - 1 of w H into v; w has k entries, H is k × n. Sums run over the components in
 * order. */
void pw_generate_product(const double *w, const double *H, int64_t k, int64_t n, int64_t from,
                         int64_t count, double *v);

/* Local. The entry of V with its noise: relative to it, by options->noise, or of a given standard deviation. At least 0. */
double pw_generate_relative_noise(const pw_options *options, int64_t row, int64_t column,
                                  double value);
double pw_generate_additive_noise(const pw_options *options, int64_t row, int64_t column,
                                  double deviation, double value);

/* Local. The type asked for; `preferred` where the choice is left open (value_type beyond the
 * types). */
pw_type pw_generate_type(const pw_options *options, pw_type preferred);

/* Local. Whether the type is one of whole numbers. */
bool pw_generate_is_whole(pw_type type);

/* Local. The value as `type` can hold it: rounded and clipped where it is one of whole numbers. */
double pw_generate_round(pw_type type, double value);

/* Local. What to multiply entries with so that those up to `most` fill the type: 1 unless it is one of whole numbers. */
double pw_generate_scale(pw_type type, double most);

#endif
