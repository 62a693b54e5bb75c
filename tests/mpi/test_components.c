/* Components of several models, on any ranks and either way round: their cosines, averages and sparseness against plain
 * loops over whole factors. */
#include "base/random.h"
#include "select/components.h"
#include "select/sparseness.h"
#include "support/on_ranks.h"
#include "support/small_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

enum { RESTARTS = 5, K = 3, WIDTH = RESTARTS * K, MOST_LENGTH = SMALL_M };

static pw_team team;

/* Entry of component c of restart r at place i of W's columns or H's rows. Restart 4's component 1 has died; scales
 * range so far that squares of entries leave the range of a double. */
static double entry(bool of_h, int r, int c, int64_t i)
{
    static const double SCALES[] = {1, 1e-200, 1e200, 3, 7};
    const int planted = (r + c) % K;
    const pw_random_key plan = {.seed = 5, .model = of_h},
                        noise = {.seed = 5, .model = 2 + of_h + 2 * (uint32_t)r};
    if (r == 4 && c == 1)
        return 0;
    return SCALES[r] * (pow(pw_random_uniform(plan, i, (uint32_t)planted), 4) +
                        0.1 * pw_random_uniform(noise, i, (uint32_t)planted));
}

static void fill(const pw_matrix *V, int r, pw_model *model)
{
    for (int c = 0; c < K; c++) {
        for (int64_t i = 0; i < V->count; i++)
            model->distributed[i * K + c] = entry(V->transposed, r, c, V->first + i);
        for (int64_t j = 0; j < V->cols; j++)
            model->replicated[j * K + c] = entry(!V->transposed, r, c, j);
    }
}

typedef struct fixture {
    pw_matrix V;
    pw_model model[RESTARTS];
    const pw_model *pointer[RESTARTS];
    pw_components components;
    int64_t length;
} fixture;

static void make(fixture *f, bool of_h, bool transposed)
{
    f->V = small_V(&team, transposed, false);
    f->length = of_h ? SMALL_N : SMALL_M;
    for (int r = 0; r < RESTARTS; r++) {
        pw_model_create(&team, &f->V, K, &f->model[r]);
        fill(&f->V, r, &f->model[r]);
        f->pointer[r] = &f->model[r];
    }
    f->components = (pw_components){
        .V = &f->V, .model = f->pointer, .restarts = RESTARTS, .k = K, .of_h = of_h};
}

static void discard(fixture *f)
{
    for (int r = 0; r < RESTARTS; r++)
        pw_model_destroy(&f->model[r]);
    pw_matrix_destroy(&f->V);
}

static void each_way(void (*check)(fixture *f))
{
    for (int way = 0; way < 4; way++) {
        fixture f;
        make(&f, way & 1, way & 2);
        check(&f);
        discard(&f);
    }
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fmax(1, fabs(b));
}

/* Component i of all, scaled to sum 1. */
static void scaled_ref(const fixture *f, int i, double x[MOST_LENGTH])
{
    double sum = 0;
    for (int64_t e = 0; e < f->length; e++)
        sum += x[e] = entry(f->components.of_h, i / K, i % K, e);
    for (int64_t e = 0; e < f->length; e++)
        x[e] = sum > 0 ? x[e] / sum : 0;
}

static double cosine_ref(const fixture *f, int i, int j)
{
    double x[MOST_LENGTH], y[MOST_LENGTH], xy = 0, xx = 0, yy = 0;
    scaled_ref(f, i, x);
    scaled_ref(f, j, y);
    for (int64_t e = 0; e < f->length; e++) {
        xy += x[e] * y[e];
        xx += x[e] * x[e];
        yy += y[e] * y[e];
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

static void check_cosines(fixture *f)
{
    double *cosines;
    bool good = true;
    ALL(&team, pw_components_cosines(&team, &f->components, &cosines) == PW_OK);
    for (int i = 0; i < WIDTH; i++)
        for (int j = 0; j < WIDTH; j++)
            good = good && near(cosines[i * WIDTH + j], cosine_ref(f, i, j)) &&
                   cosines[i * WIDTH + j] <= 1;
    ALL(&team, good);
    ALL(&team, cosines[0] == 1 && cosines[13 * WIDTH + 13] == 0);
    free(cosines);
}

static void check_stability(fixture *f)
{
    pw_stability s;
    bool good = true;
    ALL(&team, pw_components_stability(&team, &f->components, 1, &s) == PW_OK);
    for (int r = 0; r < RESTARTS; r++)
        for (int c = 0; c < K; c++)
            good = good && (s.cluster[r * K + c] + 1) % K == (r + c) % K;
    ALL(&team, good);
    ALL(&team, s.component[13] == 0 && s.silhouette[s.cluster[13]] == s.minimum);
    ALL(&team, s.mean > 0.5 && s.mean < 1);
    pw_stability_destroy(&s);
}

/* Mean and deviation at place e of cluster c, which has component c − r of restart r. */
static void average_ref(const fixture *f, int64_t e, int c, double *mean, double *sd)
{
    double value[RESTARTS], x[MOST_LENGTH];
    int count = 0;
    for (int r = 0; r < RESTARTS; r++) {
        const int i = r * K + (c - r % K + K) % K;
        scaled_ref(f, i, x);
        if (i != 13)
            value[count++] = x[e];
    }
    *mean = *sd = 0;
    for (int v = 0; v < count; v++)
        *mean += value[v] / count;
    for (int v = 0; v < count; v++)
        *sd += (value[v] - *mean) * (value[v] - *mean) / (count - 1);
    *sd = sqrt(*sd);
}

static void check_average(fixture *f)
{
    int cluster[WIDTH];
    double mean[MOST_LENGTH * K], sd[MOST_LENGTH * K], right_mean, right_sd;
    bool good = true;
    for (int i = 0; i < WIDTH; i++)
        cluster[i] = (i / K + i % K) % K;
    ALL(&team, pw_components_average(&team, &f->components, cluster, mean, sd) == PW_OK);
    const pw_factor_part part = pw_components_part(&team, &f->components, 2);
    for (int64_t i = 0; i < part.count; i++)
        for (int c = 0; c < K; c++) {
            average_ref(f, part.first + i, c, &right_mean, &right_sd);
            good = good && near(mean[i * K + c], right_mean) && near(sd[i * K + c], right_sd);
        }
    ALL(&team, good);
}

/* One restart alone, of which a component has died. */
static void check_one_restart(fixture *f)
{
    const int cluster[] = {0, 1, 2};
    double mean[MOST_LENGTH * K], sd[MOST_LENGTH * K], x[MOST_LENGTH];
    bool good = true;
    pw_components one = f->components;
    one.model += 4;
    one.restarts = 1;
    ALL(&team, pw_components_average(&team, &one, cluster, mean, sd) == PW_OK);
    const pw_factor_part part = pw_components_part(&team, &one, 0);
    for (int c = 0; c < K; c++) {
        scaled_ref(f, 4 * K + c, x);
        for (int64_t i = 0; i < part.count; i++)
            good = good && near(mean[i * K + c], x[part.first + i]) && isnan(sd[i * K + c]);
    }
    ALL(&team, good);
}

static double sparseness_ref(const fixture *f, int r)
{
    double sum = 0, x[MOST_LENGTH];
    int count = 0;
    for (int c = 0; c < K; c++) {
        double l1 = 0, l2 = 0;
        scaled_ref(f, r * K + c, x);
        for (int64_t e = 0; e < f->length; e++) {
            l1 += x[e];
            l2 += x[e] * x[e];
        }
        if (l1 > 0) {
            sum += (sqrt((double)f->length) - l1 / sqrt(l2)) / (sqrt((double)f->length) - 1);
            count++;
        }
    }
    return sum / count;
}

static void check_sparseness(fixture *f)
{
    for (int r = 0; r < RESTARTS; r++) {
        double sparseness;
        const pw_factor_part part = pw_components_part(&team, &f->components, r);
        ALL(&team, pw_sparseness(&team, &part, K, &sparseness) == PW_OK);
        ALL(&team, near(sparseness, sparseness_ref(f, r)));
    }
}

/* Component 0 has one entry that is not 0, component 1 has all the same, component 2 none. */
static void check_extreme_sparseness(fixture *f)
{
    double sparseness;
    pw_factor_part part = pw_components_part(&team, &f->components, 0);
    for (int64_t i = 0; i < part.count; i++) {
        part.X[i * K] = part.first + i == 4 ? 1e-300 : 0;
        part.X[i * K + 1] = 1e300;
        part.X[i * K + 2] = 0;
    }
    ALL(&team, pw_sparseness(&team, &part, K, &sparseness) == PW_OK);
    ALL(&team, near(sparseness, 0.5));
    for (int64_t i = 0; i < part.count * K; i++)
        part.X[i] = 0;
    ALL(&team, pw_sparseness(&team, &part, K, &sparseness) == PW_OK);
    ALL(&team, isnan(sparseness));
}

static void cosines(void **state)
{
    (void)state;
    each_way(check_cosines);
}

static void stability(void **state)
{
    (void)state;
    each_way(check_stability);
}

static void averages(void **state)
{
    (void)state;
    each_way(check_average);
    each_way(check_one_restart);
}

static void sparseness_of_each(void **state)
{
    (void)state;
    each_way(check_sparseness);
    each_way(check_extreme_sparseness);
}

/* So many rows that they come in several tiles. */
static void several_tiles(void **state)
{
    (void)state;
    enum { ROWS = 400000 };
    pw_matrix V = {.rows = ROWS, .cols = 1};
    pw_model model;
    double *found, product[4] = {0};
    ALL(&team, pw_layout_even(ROWS, team.size, &V.layout) == PW_OK);
    V.first = pw_layout_first(&V.layout, team.rank);
    V.count = pw_layout_count(&V.layout, team.rank);
    ALL(&team, pw_model_create(&team, &V, 2, &model) == PW_OK);
    for (int64_t i = 0; i < ROWS; i++) {
        const double x[] = {(double)(1 + i % 7), (double)(1 + i % 1000)};
        for (int e = 0; e < 4; e++)
            product[e] += x[e / 2] * x[e % 2];
        for (int c = 0; c < 2; c++)
            if (i >= V.first && i < V.first + V.count)
                model.distributed[(i - V.first) * 2 + c] = x[c];
    }
    const pw_model *const pointer[] = {&model};
    const pw_components components = {.V = &V, .model = pointer, .restarts = 1, .k = 2};
    ALL(&team, pw_components_cosines(&team, &components, &found) == PW_OK);
    ALL(&team, near(found[1], product[1] / sqrt(product[0] * product[3])) && found[2] == found[1]);
    free(found);
    pw_model_destroy(&model);
    pw_matrix_destroy(&V);
}

/* Sixty million components have no room for their cosines: refused, not tried. */
static void too_many_components(void **state)
{
    (void)state;
    fixture f;
    double *found;
    make(&f, false, false);
    pw_components many = f.components;
    many.restarts = 20000000;
    ALL(&team, pw_components_cosines(&team, &many, &found) == PW_ERROR_MEMORY);
    ALL(&team, found == NULL);
    discard(&f);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cosines),       cmocka_unit_test(stability),
        cmocka_unit_test(averages),      cmocka_unit_test(sparseness_of_each),
        cmocka_unit_test(several_tiles), cmocka_unit_test(too_many_components),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
