/* Sparse counts with planted clusters: a row belongs to a topic, and draws its entries from the
 * topic's distribution over the columns. */
#include "read/generate.h"

#include "base/memory.h"
#include "base/random.h"
#include "dist/collective.h"

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

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void sort(uint32_t *column, int64_t count)
{
    if (count > 32) {
        qsort(column, (size_t)count, sizeof *column, compare);
        return;
    }
    for (int64_t i = 1; i < count; i++) {
        const uint32_t moved = column[i];
        int64_t at = i;
        for (; at > 0 && column[at - 1] > moved; at--)
            column[at] = column[at - 1];
        column[at] = moved;
    }
}

static double with_noise(const pw_options *options, int64_t row, uint32_t column, double value)
{
    const pw_random_key key = {(uint64_t)options->seed, PW_RANDOM_GENERATE_NOISE, 0};
    if (options->noise > 0)
        value *= 1 + options->noise * pw_random_normal(key, row, column);
    return value > 0 ? value : 0;
}

/* Turns sorted draws into stored entries of V from `at` on; returns their end. */
static int64_t store_row(const pw_options *options, int64_t row, const uint32_t *drawn,
                         int64_t draws, pw_matrix *V, int64_t at)
{
    for (int64_t i = 0; i < draws;) {
        int64_t next = i + 1;
        while (next < draws && drawn[next] == drawn[i])
            next++;
        const double noisy = with_noise(options, row, drawn[i], (double)(next - i));
        const double value = pw_generate_round(V->type, noisy);
        if (value > 0) {
            V->column[at] = drawn[i];
            pw_narrow(V->type, &value, 1, V->values, at);
            at++;
        }
        i = next;
    }
    return at;
}

static int64_t topic_of(const pw_options *options, int64_t row)
{
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
    PW_TRY(pw_agree(team, PW_NEW(V->row_pointer, V->count + 1)));
    for (int64_t i = 0; i < V->count; i++) {
        const int64_t draws = draws_of_row(t, (uint64_t)options->seed, V->first + i);
        most = draws > most ? draws : most;
        all += draws < t->n ? draws : t->n;
        V->row_pointer[i + 1] = draws;
    }
    const int64_t size = (int64_t)pw_type_size(V->type);
    PW_TRY(pw_memory_check(team, all * (size + 4) + most * 4, V->path, "V"));
    if ((code = PW_NEW(*drawn, most)) == PW_OK && (code = PW_NEW(V->column, all)) == PW_OK) {
        V->values = pw_new(all, (size_t)size);
        code = V->values ? PW_OK : PW_ERROR_MEMORY;
    }
    PW_TRY(pw_agree(team, code));
done:
    return code;
}

/* Gives back what duplicates have left over. */
static void *shrunk(void *array, int64_t count, size_t size)
{
    void *smaller = realloc(array, (size_t)(count + 1) * size);
    return smaller ? smaller : array;
}

static void fill(const pw_options *options, const topics *t, uint32_t *drawn, pw_matrix *V)
{
    for (int64_t i = 0; i < V->count; i++) {
        const int64_t row = V->first + i, topic = topic_of(options, row);
        const int64_t draws = V->row_pointer[i + 1];
        for (int64_t d = 0; d < draws; d++)
            drawn[d] = draw_column(t, (uint64_t)options->seed, row, topic, d);
        sort(drawn, draws);
        V->row_pointer[i + 1] = store_row(options, row, drawn, draws, V, V->row_pointer[i]);
    }
    const int64_t entries = V->row_pointer[V->count];
    V->column = shrunk(V->column, entries, sizeof *V->column);
    V->values = shrunk(V->values, entries, pw_type_size(V->type));
}

static pw_code plant(pw_team *team, const pw_options *options, const topics *t, pw_planted *planted)
{
    const pw_type type = pw_type_for_whole_numbers((double)(t->k - 1));
    pw_planted_array *labels, *H;
    pw_code code = PW_OK;
    PW_TRY(pw_planted_add(planted, team, "labels", type, options->rows, 0, &labels));
    for (int64_t i = 0; i < labels->count; i++) {
        const double topic = (double)topic_of(options, labels->first + i);
        pw_narrow(type, &topic, 1, labels->values, i);
    }
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
    if (options->k > options->columns)
        return pw_fail(PW_ERROR_USAGE,
                       "generate sparse: every component needs a column of its own. "
                       "Use more columns or a smaller k.");
    return PW_OK;
}

pw_code pw_generate_sparse(pw_team *team, const pw_options *options, pw_matrix *V,
                           pw_planted *planted)
{
    topics t = {.n = 0};
    uint32_t *drawn = NULL;
    pw_code code = PW_OK;
    PW_TRY(check(options));
    if ((code = topics_create(options, &t)) == PW_OK &&
        (code = pw_layout_even(options->rows, team->size, &V->layout)) == PW_OK)
        code = plant(team, options, &t, planted);
    PW_TRY(pw_agree(team, code));

    V->rows = options->rows;
    V->cols = options->columns;
    V->sparse = true;
    V->type = pw_generate_type(options, type_of_counts(&t));
    V->first = pw_layout_first(&V->layout, team->rank);
    V->count = pw_layout_count(&V->layout, team->rank);
    PW_TRY(allocate(team, options, &t, V, &drawn));
    fill(options, &t, drawn, V);
    V->entries = V->row_pointer[V->count];
    pw_reduce_sum_int(team, &V->entries, 1);
done:
    free(drawn);
    topics_destroy(&t);
    return code;
}
