/* Groups of ranks, and models that come from the layout of a group to that of all ranks: whole, with all they have, and
 * from any group. */
#include "dist/collective.h"
#include "matrix/transfer.h"
#include "support/on_ranks.h"
#include "support/small_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static pw_team team;

static void test_groups_are_blocks_of_about_the_same_size(void **state)
{
    (void)state;
    for (int groups = 1; groups <= team.size; groups++) {
        pw_team own;
        const int group = pw_team_group(team.size, groups, team.rank);
        pw_team_split(&team, groups, &own);
        ALL(&team, group >= 0 && group < groups);
        ALL(&team, team.rank == pw_team_group_first(team.size, groups, group) + own.rank);
        ALL(&team, own.size == team.size / groups || own.size == team.size / groups + 1);
        ALL(&team, own.crowd * own.size == team.size); /* all are on one node */
        ALL(&team, (own.log.stream == stderr) == (team.rank == 0));
        pw_team_destroy(&own);
    }
}

/* With all that a model may have. */
static pw_model make_model(pw_team *own, const pw_matrix *V)
{
    pw_model model = small_model(own, V, 5, own->rank);
    model.scale = calloc(SMALL_K, sizeof *model.scale);
    model.scale[SMALL_K - 1] = 0.25;
    model.revivals[1] = 4;
    assert_int_equal(pw_model_add_bias(own, V, &model), PW_OK);
    for (int64_t i = 0; i < V->count; i++)
        model.bias.distributed[i] = small_W(V->first + i, 1);
    for (int64_t j = 0; j < V->cols; j++)
        model.bias.replicated[j] = small_H(j, 2);
    model.bias.offset = -3;
    model.seed = 77;
    return model;
}

static bool is_that(const pw_matrix *V, const pw_model *model)
{
    bool same = small_factors(&team, V, model) && model->k == SMALL_K && model->seed == 77 &&
                model->iteration == 5 && model->scale[SMALL_K - 1] == 0.25 &&
                model->revivals[1] == 4 && model->bias.offset == -3 && model->history.count == 5 &&
                model->history.row[4].iteration == 5 && !model->momentum.distributed;
    for (int64_t i = 0; i < V->count; i++)
        same = same && model->bias.distributed[i] == small_W(V->first + i, 1);
    for (int64_t j = 0; j < V->cols; j++)
        same = same && model->bias.replicated[j] == small_H(j, 2);
    return same;
}

/* From the first, or the last, of so many groups. */
static void transfer(int groups, int owner, bool transposed)
{
    pw_team own;
    pw_team_split(&team, groups, &own);
    pw_matrix V = small_V(&team, transposed, false), from = small_V(&own, transposed, false);
    const bool mine = pw_team_group(team.size, groups, team.rank) == owner;
    pw_model model = {.k = SMALL_K}, unbegun = {.k = SMALL_K};
    if (mine)
        model = make_model(&own, &from);
    const int first = pw_team_group_first(team.size, groups, owner);
    ALL(&team, pw_model_transfer(&team, mine ? &from : NULL, first, &V, &model) == PW_OK);
    ALL(&team, is_that(&V, &model));
    unbegun.seed = mine ? 9 : 0;
    ALL(&team, pw_model_transfer(&team, mine ? &from : NULL, first, &V, &unbegun) == PW_OK);
    ALL(&team, unbegun.seed == 9 && !unbegun.distributed && !unbegun.replicated);
    pw_model_destroy(&model);
    pw_matrix_destroy(&V);
    pw_matrix_destroy(&from);
    pw_team_destroy(&own);
}

static void test_models_come_over_whole(void **state)
{
    (void)state;
    for (int groups = 1; groups <= team.size; groups++)
        for (int transposed = 0; transposed < 2; transposed++) {
            transfer(groups, 0, transposed);
            transfer(groups, groups - 1, transposed);
        }
}

int main(int argc, char **argv)
{
    ranks_begin(&argc, &argv, &team);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups_are_blocks_of_about_the_same_size),
        cmocka_unit_test(test_models_come_over_whole),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
