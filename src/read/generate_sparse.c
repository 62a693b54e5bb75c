/* Sparse counts with planted clusters: a row belongs to a topic, and draws its entries from the
 * topic's distribution over the columns. */
#include "read/generate.h"

#include "base/memory.h"
#include "base/random.h"
#include "read/csr.h"

#include <math.h>
#include <stdlib.h>

static const double OWN_SHARE = 0.8; /* of a topic's mass on the columns that belong to it */
static const double LEAST_POPULARITY = 0.05;
static const double MOST_DENSITY = 0.9;

typedef struct topics {
    int64_t n, k;
    double *popularity; /* n */
    double *cumulative; /* n: running sums of popularity over all columns */
    double
        *own; /* n: the same over the columns of each topic; topic t begins at pw_share(n, k, t) */
    double *topic_mass; /* k: popularity of a topic's columns together */
    double mass;        /* of all columns */
    double draws;       /* expected entries of a row, counted as often as drawn */
} topics;

/* Purposes that share the stream of patterns. */
enum { LENGTH_OF_ROW, COLUMN_OF_DRAW };

static void topics_destroy(topics *t)
{
    free(t->popularity);
    free(t->cumulative);
    free(t->own);
    free(t->topic_mass);
}

/* Expected draws of one row in column j: `other` where the row has another topic than the column,
 * `own` where it has the same, per draw. */
static double other_rate(const topics *t, int64_t j)
{
    return (1 - OWN_SHARE) * t->popularity[j] / t->mass;
}

static double own_rate(const topics *t, int64_t j)
{
    return other_rate(t, j) + OWN_SHARE * t->popularity[j] / t->topic_mass[j % t->k];
}

/* Expected number of distinct columns in a row with `draws` expected draws, on average over the
 * topics, and its derivative. */
static double distinct_columns(const topics *t, double draws, double *slope)
{
    const double other_share = (double)(t->k - 1) / (double)t->k, own_share = 1 / (double)t->k;
    double columns = 0;
    *slope = 0;
    for (int64_t j = 0; j < t->n; j++) {
        const double other = other_rate(t, j), own = own_rate(t, j);
        columns -= other_share * expm1(-draws * other) + own_share * expm1(-draws * own);
        *slope += other_share * other * exp(-draws * other) + own_share * own * exp(-draws * own);
    }
    return columns;
}

/* Newton's method from below on a concave function: it never overshoots. */
static double draws_for(const topics *t, double columns)
{
    double draws = columns;
    for (int step = 0; step < 100; step++) {
        double slope;
        const double missing = columns - distinct_columns(t, draws, &slope);
        if (missing <= 1e-9 * columns)
            break;
        draws += missing / slope;
    }
    return draws;
}

static pw_code topics_create(const pw_options *options, topics *t)
{
    const pw_random_key key = {(uint64_t)options->seed, PW_RANDOM_GENERATE_H, 0};
    const int64_t n = options->columns, k = options->k;
    pw_code code = PW_OK;
    *t = (topics){.n = n, .k = k};
    PW_TRY(PW_NEW(t->popularity, n));
    PW_TRY(PW_NEW(t->cumulative, n));
    PW_TRY(PW_NEW(t->own, n));
    PW_TRY(PW_NEW(t->topic_mass, k));
    for (int64_t j = 0; j < n; j++) {
        t->popularity[j] = 1 / (LEAST_POPULARITY + pw_random_uniform(key, j, 0));
        t->cumulative[j] = t->mass += t->popularity[j];
        t->own[pw_share(n, k, j % k) + j / k] = t->topic_mass[j % k] += t->popularity[j];
    }
    t->draws = draws_for(t, options->density * (double)n);
done:
    return code;
}

/* The first of `count` running sums that is above x; the last where none is. */
static int64_t search(const double *cumulative, int64_t count, double x)
{
    int64_t low = 0, high = count - 1;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (cumulative[middle] > x)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static uint32_t draw_column(const topics *t, uint64_t seed, int64_t row, int64_t topic,
                            int64_t draw)
{
    const pw_random_key key = {seed, PW_RANDOM_GENERATE_PATTERN,
                               COLUMN_OF_DRAW + (uint32_t)(draw >> 32)};
    const double u = pw_random_uniform(key, row, (uint32_t)draw);
    if (u >= OWN_SHARE)
        return (uint32_t)search(t->cumulative, t->n, (u - OWN_SHARE) / (1 - OWN_SHARE) * t->mass);
    const int64_t begin = pw_share(t->n, t->k, topic), end = pw_share(t->n, t->k, topic + 1);
    const double x = u / OWN_SHARE * t->topic_mass[topic];
    return (uint32_t)(topic + t->k * search(t->own + begin, end - begin, x));
}

/* Poisson distributed; where the mean is large, normal with the same mean and variance. */
static int64_t draws_of_row(const topics *t, uint64_t seed, int64_t row)
{
    const pw_random_key key = {seed, PW_RANDOM_GENERATE_PATTERN, LENGTH_OF_ROW};
    if (t->draws > 64)
        return (int64_t)fmax(
            0, floor(t->draws + 0.5 + sqrt(t->draws) * pw_random_normal(key, row, 0)));
    double left = pw_random_uniform(key, row, 0), share = exp(-t->draws);
    int64_t draws = 0;
    while (left > share && draws < 1000) {
        left -= share;
        share *= t->draws / (double)++draws;
    }
    return draws;
}

/* Turns sorted draws into stored entries of V from `at` on; returns their end. */
static int64_t store_row(const pw_options *options, int64_t row, const uint32_t *drawn,
                         int64_t draws, pw_matrix *V, int64_t at)
{
    for (int64_t i = 0; i < draws;) {
        int64_t next = i + 1;
        while (next < draws && drawn[next] == drawn[i])
            next++;
        at = pw_csr_store(V, at, drawn[i],
                          pw_generate_relative_noise(options, row, drawn[i], (double)(next - i)));
        i = next;
    }
    return at;
}

static int64_t topic_of(const void *context, int64_t row)
{
    const pw_options *options = context;
    const pw_random_key key = {(uint64_t)options->seed, PW_RANDOM_GENERATE_W, 0};
    return (int64_t)(pw_random_uniform(key, row, 0) * (double)options->k);
}

/* Memory that is certainly enough for this rank's rows, and for one row's draws. Returns row
 * lengths in V->row_pointer[1 …]. */
static pw_code allocate(pw_team *team, const pw_options *options, const topics *t, pw_matrix *V,
                        uint32_t **drawn)
{
    int64_t most = 0, all = 0;
    pw_code code = PW_OK;
    for (int64_t i = 0; i < V->count; i++) {
        const int64_t draws = draws_of_row(t, (uint64_t)options->seed, V->first + i);
        most = draws > most ? draws : most;
        all += draws < t->n ? draws : t->n;
        V->row_pointer[i + 1] = draws;
    }
    PW_TRY(pw_csr_allocate(team, all, V));
    PW_TRY(pw_agree(team, PW_NEW(*drawn, most)));
done:
    return code;
}

static void fill(const pw_options *options, const topics *t, uint32_t *drawn, pw_matrix *V)
{
    for (int64_t i = 0; i < V->count; i++) {
        const int64_t row = V->first + i, topic = topic_of(options, row);
        const int64_t draws = V->row_pointer[i + 1];
        for (int64_t d = 0; d < draws; d++)
            drawn[d] = draw_column(t, (uint64_t)options->seed, row, topic, d);
        pw_csr_sort(drawn, draws);
        V->row_pointer[i + 1] = store_row(options, row, drawn, draws, V, V->row_pointer[i]);
    }
}

static pw_code plant(pw_team *team, const pw_options *options, const topics *t, pw_planted *planted)
{
    pw_planted_array *H;
    pw_code code = PW_OK;
    PW_TRY(pw_planted_add_numbers(planted, team, "labels", options->rows, t->k - 1, topic_of,
                                  options));
    PW_TRY(pw_planted_add(planted, team, "H", PW_F64, t->k, t->n, &H));
    double *value = H->values;
    for (int64_t c = H->first; c < H->first + H->count; c++)
        for (int64_t j = 0; j < t->n; j++)
            *value++ = t->draws * (j % t->k == c ? own_rate(t, j) : other_rate(t, j));
done:
    return code;
}

/* The narrowest type for counts: eight times the largest mean and then some. */
static pw_type type_of_counts(const topics *t)
{
    double most = 0;
    for (int64_t j = 0; j < t->n; j++)
        most = fmax(most, t->draws * own_rate(t, j));
    return pw_type_for_whole_numbers(20 + 8 * most);
}

static pw_code check(const pw_options *options)
{
    if (options->density > MOST_DENSITY)
        return pw_fail(PW_ERROR_USAGE,
                       "generate sparse: a density above %g is not sparse. Use lowrank.",
                       MOST_DENSITY);
    return pw_generate_check_k("sparse", options->k, options->columns, "column");
}

pw_code pw_generate_sparse(pw_team *team, const pw_options *options, pw_matrix *V,
                           pw_planted *planted)
{
    topics t = {.n = 0};
    uint32_t *drawn = NULL;
    pw_code code = PW_OK;
    PW_TRY(check(options));
    if ((code = topics_create(options, &t)) == PW_OK)
        code = plant(team, options, &t, planted);
    PW_TRY(pw_agree(team, code));
    PW_TRY(pw_csr_create(team, options->rows, options->columns,
                         pw_generate_type(options, type_of_counts(&t)), V));
    PW_TRY(allocate(team, options, &t, V, &drawn));
    fill(options, &t, drawn, V);
    pw_csr_finish(team, V);
done:
    free(drawn);
    topics_destroy(&t);
    return code;
}
