/* Groups: the ranks of a scan split, and each group fits its own share of the models to its own copy of V. */
#ifndef PW_COMMAND_GROUPS_H
#define PW_COMMAND_GROUPS_H

#include "command/ensemble.h"

/* Local (the same on every rank). PW_ERROR_USAGE where so many models cannot be fitted in as many groups as --groups asks
 * for. */
pw_code pw_groups_check(const pw_team *team, const pw_options *options, int64_t models);

/* Collective over team, once V is read. Prints on standard output what there is to do, and how the ranks would split. */
pw_code pw_groups_tell(const pw_ensemble *ensemble);

/* Collective over team. Fits all models, in as many groups as is asked for or seems best: models are dealt to them in turn,
 * and lie in the layout of all ranks afterwards, those of a k that have begun first. V loses its entries where
 * there are several groups. A signal to any rank ends all groups, and so does a failure of any. */
pw_code pw_groups_iterate(pw_ensemble *ensemble);

#endif
