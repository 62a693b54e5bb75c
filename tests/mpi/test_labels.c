/* The component that items belong to: for V either way round, whole or some of them, however the scale is split. */
#include "dist/collective.h"
#include "select/labels.h"
#include "support/on_ranks.h"
#include "support/small_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static pw_team team;

/* With ties, zeros, and components of different size: m × 3 and n × 3. Column 2 of W is zero. */
static const double W_OF[SMALL_M][SMALL_K] = {{1, 2, 0}, {4, 1, 0}, {0, 0, 0}, {3, 1, 0},
                                              {0, 5, 0}, {2, 1, 0}, {1, 0, 0}, {0, 1, 0},
                                              {9, 9, 0}, {0, 0, 0}, {0, 0, 0}};
static const double H_OF[SMALL_N][SMALL_K] = {{1, 1, 9}, {2, 1, 9}, {0, 0, 9},
                                              {2, 2, 0}, {0, 3, 1}, {1, 0, 7}};

/* V ≈ W diag(scale) H, where factors of 2 are moved from W to H and to the scale: no rounding. */
typedef struct split {
    double w[SMALL_K], h[SMALL_K], scale[SMALL_K]; /* times */
} split;

static const split TOGETHER = {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}},
                   APART = {{4, 0.5, 1}, {0.5, 8, 2}, {0.5, 0.25, 0.5}};

static pw_model make_model(const pw_matrix *V, const split *s)
{
    pw_model model;
    assert_int_equal(pw_model_create(&team, V, SMALL_K, &model), PW_OK);
    model.scale = calloc(SMALL_K, sizeof *model.scale);
    memcpy(model.scale, s->scale, sizeof s->scale);
    for (int c = 0; c < SMALL_K; c++) {
        for (int64_t i = V->first; i < V->first + V->count; i++)
            model.distributed[(i - V->first) * SMALL_K + c] =
                V->transposed ? H_OF[i][c] * s->h[c] : W_OF[i][c] * s->w[c];
        for (int64_t j = 0; j < V->cols; j++)
            model.replicated[j * SMALL_K + c] =
                V->transposed ? W_OF[j][c] * s->w[c] : H_OF[j][c] * s->h[c];
    }
    return model;
}

/* By definition, of all items. */
static void expect(const split *s, bool of_columns, bool raw, int32_t *labels)
{
    const double(*own)[SMALL_K] = of_columns ? H_OF : W_OF,
          (*other)[SMALL_K] = of_columns ? W_OF : H_OF;
    const double *split_own = of_columns ? s->h : s->w;
    double sum[SMALL_K] = {0};
    for (int i = 0; i < (of_columns ? SMALL_M : SMALL_N); i++)
        for (int c = 0; c < SMALL_K; c++)
            sum[c] += other[i][c];
    for (int i = 0; i < (of_columns ? SMALL_N : SMALL_M); i++) {
        double largest = 0;
        labels[i] = -1;
        for (int c = 0; c < SMALL_K; c++) {
            const double weight = own[i][c] * (raw ? split_own[c] : sum[c]);
            if (weight > largest) {
                largest = weight;
                labels[i] = c;
            }
        }
    }
}

/* All items, then some of them. */
static void check(const pw_matrix *V, const split *s, bool of_columns, bool raw)
{
    static const int64_t SOME[] = {1, 2, 3, 5};
    int32_t expected[SMALL_M], labels[SMALL_M];
    const int64_t items = of_columns ? SMALL_N : SMALL_M;
    pw_model model = make_model(V, s);
    expect(s, of_columns, raw, expected);
    assert_int_equal(pw_labels_find(&team, V, &model, of_columns, raw, items, NULL, labels), PW_OK);
    assert_memory_equal(labels, expected, (size_t)items * sizeof *labels);
    assert_int_equal(pw_labels_find(&team, V, &model, of_columns, raw, 4, SOME, labels), PW_OK);
    for (int a = 0; a < 4; a++)
        assert_int_equal(labels[a], expected[SOME[a]]);
    pw_model_destroy(&model);
}

static void every_way(void **state)
{
    (void)state;
    for (int way = 0; way < 16; way++) {
        pw_matrix V = small_V(&team, way & 1, false);
        check(&V, way & 2 ? &APART : &TOGETHER, way & 4, way & 8);
        pw_matrix_destroy(&V);
    }
}

/* Said by hand, so that the loops above cannot share a mistake with the code: sums of W are 20, 20, 0. */
static void ties_and_zeros(void **state)
{
    (void)state;
    static const int32_t COLUMNS[] = {0, 0, -1, 0, 1, 0}, RAW[] = {2, 2, 2, 0, 1, 2};
    pw_matrix V = small_V(&team, false, false);
    pw_model model = make_model(&V, &APART);
    int32_t labels[SMALL_N];
    assert_int_equal(pw_labels_find(&team, &V, &model, true, false, SMALL_N, NULL, labels), PW_OK);
    assert_memory_equal(labels, COLUMNS, sizeof COLUMNS);
    pw_model_destroy(&model);
    model = make_model(&V, &TOGETHER);
    free(model.scale);
    model.scale = NULL;
    assert_int_equal(pw_labels_find(&team, &V, &model, true, true, SMALL_N, NULL, labels), PW_OK);
    assert_memory_equal(labels, RAW, sizeof RAW);
    assert_int_equal(pw_labels_find(&team, &V, &model, true, false, SMALL_N, NULL, labels), PW_OK);
    assert_memory_equal(labels, COLUMNS, sizeof COLUMNS);
    pw_model_destroy(&model);
    pw_matrix_destroy(&V);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way),
        cmocka_unit_test(ties_and_zeros),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
