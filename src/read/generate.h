/* Matrices whose answer is known. Every number in them is a function of the options and its place
 * alone, so the same options give the same bits on any number of ranks and threads. */
#ifndef PW_READ_GENERATE_H
#define PW_READ_GENERATE_H

#include "base/options.h"
#include "matrix/matrix.h"

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
    int count;
    pw_planted_array array[PW_PLANTED_MOST];
} pw_planted;

/* Collective over team. Makes the matrix that options->kind, rows, columns, k, density, noise,
 * seed and value_type ask for, split evenly by rows, and the answer planted in it. Destroy both. */
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
 * With noise x, an entry v becomes v + x·|z|·(the brightness of a part) in the swimmer, else v·(1
 * + x·z) but at least 0, z standard normal: the relative error of the planted answer is then about
 * x. In whole-number types a pixel of the swimmer is 100, lowrank entries are scaled (W with them)
 * to fill the type well, and what does not fit the type is clipped. */
pw_code pw_generate_swimmer(pw_team *team, const pw_options *options, pw_matrix *V,
                            pw_planted *planted);
pw_code pw_generate_lowrank(pw_team *team, const pw_options *options, pw_matrix *V,
                            pw_planted *planted);
pw_code pw_generate_sparse(pw_team *team, const pw_options *options, pw_matrix *V,
                           pw_planted *planted);

/* Local. Appends an array to the answer, zeroed, with this rank's even share of its rows. */
pw_code pw_planted_add(pw_planted *planted, const pw_team *team, const char *name, pw_type type,
                       int64_t rows, int64_t columns, pw_planted_array **array);

/* Local. The type asked for; `preferred` where the choice is left open (value_type beyond the
 * types). */
pw_type pw_generate_type(const pw_options *options, pw_type preferred);

/* Local. The value as `type` can hold it: rounded and clipped where it is one of whole numbers. */
double pw_generate_round(pw_type type, double value);

#endif
