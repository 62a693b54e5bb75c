/* Groups: the ranks of a scan split, and each group fits its own share of the models to its own copy of V. */
#ifndef PW_COMMAND_GROUPS_H
#define PW_COMMAND_GROUPS_H

#include "command/ensemble.h"
#include "iterate/grouping.h"

/* Local (the same on every rank). PW_ERROR_USAGE where there cannot be as many groups as --groups asks for. */
pw_code pw_groups_check(const pw_ensemble *ensemble);

/* Collective over team, once V is read. What is known of the ensemble, and how its ranks should split. Destroy the
 * grouping. */
pw_code pw_groups_plan(const pw_ensemble *ensemble, pw_grouping_facts *facts,
                       pw_grouping *grouping);

/* Collective over team. Fits all models, in so many groups: models are dealt to them in turn, and lie in the layout of all
 * ranks afterwards, those of a k that have begun first. V loses its entries where there are several groups.
 * A signal to any rank ends all groups, and so does a failure of any. */
pw_code pw_groups_iterate(pw_ensemble *ensemble, int groups);

#endif
