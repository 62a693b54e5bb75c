/* How far a run of many models is. */
#ifndef PW_ITERATE_PROGRESS_H
#define PW_ITERATE_PROGRESS_H

#include "dist/team.h"
#include "matrix/model.h"

enum { PW_LIVE_PER_SECOND = 10 };

/* Numbers of models, then the least objective of each k among those that are finished (INFINITY: none is). */
enum { PW_PROGRESS_FINISHED, PW_PROGRESS_RUNNING, PW_PROGRESS_WAITING, PW_PROGRESS_BEST };

typedef struct pw_progress {
    int64_t models;
    int ks, *k;     /* the numbers of components that they have, in the order of the models */
    double *figure; /* PW_PROGRESS_BEST + ks */
    double started, reported; /* clocks */
} pw_progress;

/* Local. Of models that are to run; their k are looked at. Destroy it. */
pw_code pw_progress_create(const pw_model *model, int64_t models, pw_progress *progress);
void pw_progress_destroy(pw_progress *progress);

/* Local. The figures of `models` of the models, in their order, into `figure`; `running` of them are. */
void pw_progress_count(const pw_progress *progress, const pw_model *model, int64_t models,
                       int running, double *figure);

/* Local. Whether a line is due. */
bool pw_progress_is_due(const pw_progress *progress, const pw_log *log, double report_every);

/* Local. A line of what the figures say: live, or in the log. */
void pw_progress_tell(pw_progress *progress, pw_log *log);

/* Local. "12 s", "5 min", "3.4 h" */
void pw_duration_text(double seconds, char text[static 32]);

#endif
