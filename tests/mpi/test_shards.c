/* Sums over ranks of which each gets its rows, and rows that all get: any shards, also empty ones, on any nodes. The first few
 * ranks are a team; some of them stand for a node, in a block or dealt out in turn, equally many or not. */
#include "dist/collective.h"
#include "dist/shards.h"
#include "support/on_ranks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static pw_team world;

/* ---- how many are a group ---- */

/* Of the multiples of per_node that divide `ranks`. */
static int64_t group_ref(int64_t ranks, int64_t per_node)
{
    int64_t best = ranks;
    for (int64_t s = ranks; s > 0; s--)
        if (ranks % s == 0 && s % per_node == 0 && s + ranks / s < best + ranks / best)
            best = s;
    return best;
}

static void groups_are_of_whole_nodes(void **state)
{
    (void)state;
    assert_int_equal(pw_shards_group(1024, 1), 32);
    assert_int_equal(pw_shards_group(1024, 128), 128);
    assert_int_equal(pw_shards_group(64, 64), 64);
    assert_int_equal(pw_shards_group(8, 1), 4);
    assert_int_equal(pw_shards_group(7, 1), 7);
    for (int64_t ranks = 1; ranks <= 200; ranks++)
        for (int64_t per_node = 1; per_node <= ranks; per_node++)
            if (ranks % per_node == 0)
                assert_int_equal(pw_shards_group(ranks, per_node), group_ref(ranks, per_node));
}

/* ---- rows ---- */

static double sum_of(const pw_team *team, int64_t place)
{
    return (double)((int64_t)team->size * (team->size + 1) / 2 * (place + 1));
}

/* Rank r has r + 1 times the place. */
static void check_rows(pw_team *team, const pw_shards *shards, int64_t width)
{
    const int64_t length = shards->layout.total * width;
    const int64_t from = pw_shards_from(shards) * width, to = pw_shards_to(shards) * width;
    double *values = calloc((size_t)(length + 1), sizeof *values);
    for (int64_t i = 0; i < length; i++)
        values[i] = (double)((team->rank + 1) * (i + 1));
    values[length] = -1;
    pw_shards_reduce(shards, width, values);
    for (int64_t i = 0; i < length; i++) {
        if (i >= from && i < to)
            assert_true(values[i] == sum_of(team, i));
        else
            values[i] = -1; /* nothing of it may be left over from here */
    }
    pw_shards_gather(shards, width, values);
    for (int64_t i = 0; i < length; i++)
        assert_true(values[i] == sum_of(team, i));
    assert_true(values[length] == -1);
    free(values);
}

static bool is_same(MPI_Comm comm, int value)
{
    int extremes[] = {value, -value};
    MPI_Allreduce(MPI_IN_PLACE, extremes, 2, MPI_INT, MPI_MAX, comm);
    return extremes[0] == -extremes[1];
}

/* Each shard has one rank. Nodes of equally many ranks are not cut. */
static void check_owners(pw_team *team, MPI_Comm node, const pw_shards *shards)
{
    int owners[team->size], on_node, leader = team->rank;
    for (int r = 0; r < team->size; r++)
        owners[r] = r == shards->own;
    MPI_Allreduce(MPI_IN_PLACE, owners, team->size, MPI_INT, MPI_SUM, team->comm);
    for (int r = 0; r < team->size; r++)
        assert_int_equal(owners[r], 1);
    MPI_Comm_size(node, &on_node);
    if (!is_same(team->comm, on_node)) { /* one flat step */
        assert_int_equal(shards->within.members, team->size);
        return;
    }
    assert_int_equal(shards->within.members, pw_shards_group(team->size, on_node));
    assert_int_equal(shards->within.members * shards->across.members, team->size);
    MPI_Bcast(&leader, 1, MPI_INT, 0, shards->within.comm);
    assert_true(is_same(node, leader));
}

static void check_on(pw_team *team, int node_number)
{
    static const int64_t ROWS[] = {0, 1, 7, 12345};
    MPI_Comm node;
    MPI_Comm_split(team->comm, node_number, 0, &node);
    for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++) {
        pw_shards shards;
        assert_int_equal(pw_shards_create_on(team, node, ROWS[r], &shards), PW_OK);
        check_owners(team, node, &shards);
        check_rows(team, &shards, 1);
        check_rows(team, &shards, 3);
        pw_shards_destroy(&shards);
    }
    MPI_Comm_free(&node);
}

static void rows_come_and_go(void **state)
{
    (void)state;
    for (int size = 1; size <= world.size; size++) {
        MPI_Comm first;
        MPI_Comm_split(world.comm, world.rank < size ? 0 : MPI_UNDEFINED, 0, &first);
        if (first == MPI_COMM_NULL)
            continue;
        pw_team team;
        pw_team_create(first, PW_LOG_QUIET, &team);
        for (int n = 1; n <= size; n++) {
            check_on(&team, team.rank / n);
            check_on(&team, team.rank % n);
        }
        pw_team_destroy(&team);
        MPI_Comm_free(&first);
    }
}

/* Here all ranks are on one node, and the way of pw_shards_create ends in one step. */
static void one_node_is_flat(void **state)
{
    (void)state;
    pw_shards shards;
    assert_int_equal(pw_shards_create(&world, 30, &shards), PW_OK);
    if (pw_ranks_on_node(world.comm) == world.size)
        assert_int_equal(shards.within.members, world.size);
    check_rows(&world, &shards, 2);
    pw_shards_destroy(&shards);
    pw_shards_destroy(&shards);
    pw_shards_destroy(NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_of_whole_nodes),
        cmocka_unit_test(rows_come_and_go),
        cmocka_unit_test(one_node_is_flat),
    };
    ranks_begin(&argc, &argv, &world);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&world);
    return failed;
}
