/* V from pieces in any order against plain loops over all of it: sparse, dense, both ways round;
 * and names. */
#include "base/random.h"
#include "dist/collective.h"
#include "matrix/assemble.h"
#include "support/on_ranks.h"
#include "support/scratch.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static pw_team team;

static double draw(uint32_t what, int64_t i, int64_t j)
{
    return pw_random_uniform((pw_random_key){.seed = 11, .model = what}, i, (uint32_t)j);
}

/* Entry number e of a list that all ranks know. */
typedef struct list {
    int64_t m, n, count;
    double (*value)(int64_t e);
} list;

static struct pw_entry entry_of(const list *l, int64_t e)
{
    return (struct pw_entry){(int64_t)(draw(1, e, 0) * (double)l->m),
                             (int64_t)(draw(2, e, 0) * draw(3, e, 0) * (double)l->n), l->value(e)};
}

static double ones(int64_t e)
{
    (void)e;
    return 1;
}

static double ratings(int64_t e)
{
    return floor(5 * draw(4, e, 0));
}

static double fractions(int64_t e)
{
    return draw(4, e, 0) * pow(10, 10 * draw(5, e, 0));
}

/* The entries are dealt by a shuffle; all of V is compared, and its rows must be in order. */
static pw_type check_list(const list *l, bool transposed, pw_type type)
{
    pw_entries entries = {.count = 0};
    pw_matrix V = {.rows = 0};
    double *wanted = calloc((size_t)(l->m * l->n), sizeof *wanted);
    for (int64_t e = 0; e < l->count; e++) {
        const struct pw_entry x = entry_of(l, e);
        wanted[x.row * l->n + x.column] += x.value;
        if ((int)(draw(6, e, 0) * team.size) == team.rank)
            assert_int_equal(pw_entries_add(&entries, x.row, x.column, x.value), PW_OK);
    }
    assert_int_equal(pw_matrix_from_entries(&team, &entries, l->m, l->n, transposed, type, &V),
                     PW_OK);
    assert_int_equal(entries.count, 0);
    assert_int_equal(V.rows, transposed ? l->n : l->m);
    assert_int_equal(V.row_pointer[0], 0);
    for (int64_t i = 0; i < V.count; i++)
        for (int64_t e = V.row_pointer[i] + 1; e < V.row_pointer[i + 1]; e++)
            assert_true(V.column[e - 1] < V.column[e]);
    int64_t stored = pw_matrix_local_entries(&V);
    pw_reduce_sum_int(&team, &stored, 1);
    assert_int_equal(stored, V.entries);
    double *got = scratch_gather(&team, &V);
    for (int64_t i = 0; i < l->m * l->n; i++)
        assert_true(fabs(got[i] - wanted[i]) <= 1e-15 * wanted[i]);
    const pw_type chosen = V.type;
    assert_true((V.values == NULL) == (chosen == PW_ONE));
    pw_matrix_destroy(&V);
    free(got);
    free(wanted);
    return chosen;
}

static void entries_find_their_places(void **state)
{
    (void)state;
    const list LIST[] = {{40, 30, 100, ratings}, {3, 50, 400, fractions}, {200, 2, 30, ratings},
                         {1, 1, 5, fractions},   {5, 5, 0, ratings},      {1, 300, 2000, ratings}};
    for (size_t i = 0; i < sizeof LIST / sizeof *LIST; i++)
        for (int way = 0; way < 2; way++) {
            check_list(&LIST[i], way, PW_TYPE_NARROWEST);
            check_list(&LIST[i], way, PW_F64);
        }
}

/* The type that a matrix gets whose largest entry, on the last rank, is `value`. */
static pw_type type_for(double value)
{
    pw_entries entries = {.count = 0};
    pw_matrix V = {.rows = 0};
    if (team.rank == team.size - 1)
        pw_entries_add(&entries, 1, 2, value);
    if (team.rank == 0)
        pw_entries_add(&entries, 0, 1, 0); /* stays stored */
    assert_int_equal(pw_matrix_from_entries(&team, &entries, 3, 3, false, PW_TYPE_NARROWEST, &V),
                     PW_OK);
    assert_int_equal(V.entries, 2);
    const pw_type type = V.type;
    pw_matrix_destroy(&V);
    return type;
}

static void types_are_narrow_and_exact(void **state)
{
    (void)state;
    const list all_ones = {1000, 1000, 50, ones}, doubled = {10, 10, 400, ones};
    assert_int_equal(check_list(&all_ones, false, PW_TYPE_NARROWEST), PW_ONE);
    assert_int_equal(check_list(&all_ones, true, PW_ONE), PW_ONE);
    assert_int_equal(check_list(&doubled, false, PW_ONE), PW_U8);
    assert_int_equal(check_list(&doubled, false, PW_I16), PW_I16);
    const list heavy = {1, 1, 300, ones};
    assert_int_equal(check_list(&heavy, false, PW_U8), PW_U16); /* 300 does not fit */
    assert_int_equal(type_for(255), PW_U8);
    assert_int_equal(type_for(256), PW_U16);
    assert_int_equal(type_for(65536), PW_U32);
    assert_int_equal(type_for(4294967296.0), PW_U64);
    assert_int_equal(type_for(18446744073709551616.0), PW_F64);
    assert_int_equal(type_for(0.5), PW_F64);
    assert_int_equal(type_for(-1), PW_F64);
    assert_int_equal(type_for(NAN), PW_F64);
    assert_int_equal(type_for(INFINITY), PW_F64);
}

/* All of one place, dealt in two ways: the same bits. */
static void sums_do_not_depend_on_the_deal(void **state)
{
    (void)state;
    double sum[2];
    for (int way = 0; way < 2; way++) {
        pw_entries entries = {.count = 0};
        pw_matrix V = {.rows = 0};
        for (int64_t e = 0; e < 1000; e++)
            if ((way ? e / 7 : 999 - e) % team.size == team.rank)
                pw_entries_add(&entries, 0, 0, fractions(way ? e : 999 - e));
        pw_matrix_from_entries(&team, &entries, 1, 1, false, PW_TYPE_NARROWEST, &V);
        double *all = scratch_gather(&team, &V);
        sum[way] = all[0];
        free(all);
        pw_matrix_destroy(&V);
    }
    assert_memory_equal(&sum[0], &sum[1], sizeof sum[0]);
}

static void ranks_hold_equal_numbers_of_entries(void **state)
{
    (void)state;
    pw_entries entries = {.count = 0};
    pw_matrix V = {.rows = 0};
    for (int64_t i = team.rank; i < 1000; i += team.size) /* row i has i / 10 + 1 entries */
        for (int64_t j = 0; j <= i / 10; j++)
            pw_entries_add(&entries, i, j, 1);
    pw_matrix_from_entries(&team, &entries, 1000, 100, false, PW_TYPE_NARROWEST, &V);
    const double fair = (double)V.entries / team.size;
    assert_true(fabs((double)pw_matrix_local_entries(&V) - fair) <= 200);
    pw_matrix_destroy(&V);
}

static void too_many_columns_are_refused(void **state)
{
    (void)state;
    pw_entries entries = {.count = 0};
    pw_matrix V = {.rows = 0};
    pw_entries_add(&entries, 0, 0, 1);
    assert_int_equal(
        pw_matrix_from_entries(&team, &entries, 5, (int64_t)1 << 32, false, PW_TYPE_NARROWEST, &V),
        PW_ERROR_INPUT);
    assert_int_equal(entries.count, 0);
    pw_matrix_destroy(&V);
}

static double place(int64_t i, int64_t j, bool whole)
{
    return whole ? (double)(i * 1000 + j) : (double)(i * 1000 + j) / 8;
}

static void check_all(const pw_matrix *V, int64_t m, int64_t n, bool whole)
{
    double *all = scratch_gather(&team, V);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++)
            assert_true(all[i * n + j] == place(i, j, whole));
    free(all);
}

/* Rank r hands over rows in steps of `step`, from the last to the first. */
static void check_put(int64_t m, int64_t n, int64_t step, bool transposed, pw_type type)
{
    pw_matrix V = {.rows = 0};
    double *wide = malloc((size_t)(step * n) * sizeof *wide);
    char *narrow = malloc((size_t)(step * n) * 8);
    const int64_t steps = (m + step - 1) / step;
    assert_int_equal(
        pw_matrix_new_dense(&team, transposed ? n : m, transposed ? m : n, transposed, type, &V),
        PW_OK);
    for (int64_t s = steps - 1 - team.rank, turn = 0; turn * team.size < steps; turn++) {
        const int64_t first = s < 0 ? 0 : s * step;
        const int64_t count = s < 0 ? 0 : first + step < m ? step : m - first;
        for (int64_t i = 0; i < count * n; i++)
            wide[i] = place(first + i / n, i % n, type != PW_F32);
        pw_narrow(type, wide, count * n, narrow, 0);
        assert_int_equal(pw_matrix_put_rows(&team, &V, first, count, narrow), PW_OK);
        s -= team.size;
    }
    check_all(&V, m, n, type != PW_F32);
    pw_matrix_destroy(&V);
    free(wide);
    free(narrow);
}

static void rows_are_put_in_place(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        check_put(60, 45, 7, way, PW_U16);
        check_put(60, 45, 60, way, PW_F32);
        check_put(1, 90, 1, way, PW_F64);
        check_put(90, 1, 4, way, PW_U32);
        check_put(3, 3, 1, way, PW_I16);
    }
    for (int way = 0; way < 2; way++) /* bytes */
        check_put(1, 200, 1, way, PW_U8);
}

static void check_pieces(int64_t m, int64_t n, int64_t step, bool transposed, bool whole,
                         pw_type wanted)
{
    pw_row_pieces pieces = {.count = 0};
    pw_matrix V = {.rows = 0};
    double *values = malloc((size_t)(step * n) * sizeof *values);
    for (int64_t first = team.rank * step; first < m; first += step * team.size) {
        const int64_t count = first + step < m ? step : m - first;
        for (int64_t i = 0; i < count * n; i++)
            values[i] = place(first + i / n, i % n, whole);
        assert_int_equal(pw_row_pieces_add(&pieces, first, count, n, values), PW_OK);
    }
    assert_int_equal(pw_matrix_from_row_pieces(&team, &pieces, m, n, transposed, &V), PW_OK);
    assert_int_equal(pieces.count, 0);
    assert_int_equal(V.type, wanted);
    check_all(&V, m, n, whole);
    pw_matrix_destroy(&V);
    free(values);
}

static void pieces_become_one_matrix(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        check_pieces(50, 30, 4, way, true, PW_U16);
        check_pieces(100, 7, 3, way, true, PW_U32);
        check_pieces(50, 30, 4, way, false, PW_F64);
        check_pieces(1, 200, 1, way, true, PW_U8);
        check_pieces(2, 1, 1, way, true, PW_U16); /* 0 and 1000, of different widths */
        check_pieces(3, 1, 50, way, true, PW_U16);
    }
}

static void check_names(int64_t total)
{
    pw_names given = {.total = 0}, names;
    int64_t *index = malloc((size_t)(total + 1) * sizeof *index);
    char *wanted = malloc((size_t)total * 24 + 1), *to = wanted;
    *to = '\0';
    for (int64_t i = 0; i < total; i++) {
        char name[24];
        const int64_t which = (i * 7 + 3) % total; /* total is no multiple of 7 */
        const int length = which % 5 == 0 ? 0 : sprintf(name, "name %" PRId64, which * which);
        if (i % team.size == team.rank) {
            index[given.count] = which;
            assert_int_equal(pw_names_add(&given, name, length), PW_OK);
        }
    }
    for (int64_t i = 0; i < total; i++)
        to += i % 5 == 0 ? sprintf(to, "|") : sprintf(to, "name %" PRId64 "|", i * i);
    assert_int_equal(pw_names_deal(&team, &given, index, total, &names), PW_OK);
    assert_int_equal(given.count, 0);
    assert_int_equal(names.total, total);
    assert_int_equal(names.first, pw_share(total, team.size, team.rank));
    char *got = scratch_gather_names(&team, &names);
    assert_string_equal(got, wanted);
    pw_names_destroy(&names);
    free(index);
    free(wanted);
    free(got);
}

static void names_are_dealt(void **state)
{
    (void)state;
    check_names(1000);
    check_names(1);
    check_names(5);
    check_names(0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_find_their_places),
        cmocka_unit_test(types_are_narrow_and_exact),
        cmocka_unit_test(sums_do_not_depend_on_the_deal),
        cmocka_unit_test(ranks_hold_equal_numbers_of_entries),
        cmocka_unit_test(too_many_columns_are_refused),
        cmocka_unit_test(rows_are_put_in_place),
        cmocka_unit_test(pieces_become_one_matrix),
        cmocka_unit_test(names_are_dealt),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
