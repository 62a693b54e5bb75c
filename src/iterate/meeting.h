/* A meeting: groups of ranks that iterate over models of their own keep each other informed, of how far they are and that
 * they shall stop. Only the first ranks of the groups meet, several times a second, and nobody waits there: what one says
 * reaches the others with a later sweep. */
#ifndef PW_ITERATE_MEETING_H
#define PW_ITERATE_MEETING_H

#include "iterate/progress.h"

typedef struct pw_meeting pw_meeting;

/* Collective over team. The meeting of its `groups` groups; `own` (borrowed) is the team of this rank's group. `model`
 * are all models of all groups. Close it, and destroy it; a failure leaves NULL on all ranks. */
pw_code pw_meeting_create(pw_team *team, int groups, pw_team *own, const pw_options *options,
                          const pw_model *model, int64_t models, pw_meeting **meeting);

/* Local. Says, on the first rank of a group, what has become of the group's models, of which `running` are in its sweeps, and hears
 * about the others. `stop`: all
 * are to stop. Prints how far all are when that is due. On other ranks it does nothing. */
void pw_meeting_attend(pw_meeting *meeting, const pw_model *model, int64_t models, int running,
                       bool stop);

/* Local. Whether this rank has heard that all are to stop. NULL-safe. */
bool pw_meeting_stops(const pw_meeting *meeting);

/* Collective over team. This group is done with its models, well or with a failure, which stops the others. Returns when
 * all are, with what the ranks of all groups agree on. */
pw_code pw_meeting_close(pw_meeting *meeting, const pw_model *model, int64_t models, pw_code code);

/* Collective over team. NULL-safe. */
void pw_meeting_destroy(pw_meeting **meeting);

#endif
