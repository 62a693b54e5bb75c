/* The first ranks of all groups gather what each has to say by a collective call that runs beside the iteration. Each
 * finds in its outcome the same words, so that all know alike whether there will be another one. */
#include "iterate/meeting.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "iterate/iterate.h"

#include <math.h>
#include <string.h>

enum { PER_SECOND = 5 };                      /* meetings, where sweeps are short */
enum { SAID_STOP, SAID_DONE, SAID_PROGRESS }; /* and its figures */

struct pw_meeting {
    pw_team *team, *own;
    double report_every;
    MPI_Comm leaders; /* MPI_COMM_NULL where this is no first rank */
    MPI_Request request;
    int groups, length;   /* doubles that each says */
    double *mine;         /* what this group has to say */
    double *said, *heard; /* of the call under way: length, groups × length */
    pw_progress progress; /* of all groups, as heard last */
    double began;         /* clock: the last call */
    bool stops, over;
};

static pw_code allocate(pw_meeting *m, const pw_model *model, int64_t models)
{
    pw_code code = PW_OK;
    PW_TRY(pw_progress_create(model, models, &m->progress));
    m->length = SAID_PROGRESS + PW_PROGRESS_BEST + m->progress.ks;
    PW_TRY(PW_NEW(m->mine, m->length));
    PW_TRY(PW_NEW(m->said, m->length));
    code = PW_NEW(m->heard, (int64_t)m->groups * m->length);
done:
    return code;
}

pw_code pw_meeting_create(pw_team *team, int groups, pw_team *own, const pw_options *options,
                          const pw_model *model, int64_t models, pw_meeting **meeting)
{
    pw_meeting *m = NULL;
    pw_code code = pw_agree(team, PW_NEW(m, 1));
    *meeting = m;
    if (code != PW_OK)
        goto done;
    *m = (pw_meeting){.team = team,
                      .own = own,
                      .report_every = options->report_every,
                      .request = MPI_REQUEST_NULL,
                      .groups = groups};
    MPI_Comm_split(team->comm, own->rank == 0 ? 0 : MPI_UNDEFINED, team->rank, &m->leaders);
    code = pw_agree(team, allocate(m, model, models));
done:
    if (code != PW_OK)
        pw_meeting_destroy(meeting);
    return code;
}

void pw_meeting_destroy(pw_meeting **meeting)
{
    pw_meeting *m = *meeting;
    if (!m)
        return;
    if (m->team && m->leaders != MPI_COMM_NULL)
        MPI_Comm_free(&m->leaders);
    pw_progress_destroy(&m->progress);
    free(m->mine);
    free(m->said);
    free(m->heard);
    free(m);
    *meeting = NULL;
}

/* ---- on the first rank of a group ---- */

static void begin_call(pw_meeting *m)
{
    memcpy(m->said, m->mine, (size_t)m->length * sizeof *m->said);
    MPI_Iallgather(m->said, m->length, MPI_DOUBLE, m->heard, m->length, MPI_DOUBLE, m->leaders,
                   &m->request);
    m->began = pw_seconds();
}

/* What all have said. */
static void end_call(pw_meeting *m)
{
    double *figure = m->progress.figure;
    int done = 0;
    for (int i = 0; i < PW_PROGRESS_BEST + m->progress.ks; i++)
        figure[i] = i < PW_PROGRESS_BEST ? 0 : INFINITY;
    for (int g = 0; g < m->groups; g++) {
        const double *said = m->heard + (int64_t)g * m->length;
        m->stops = m->stops || said[SAID_STOP] > 0;
        done += said[SAID_DONE] > 0;
        for (int i = 0; i < PW_PROGRESS_BEST; i++)
            figure[i] += said[SAID_PROGRESS + i];
        for (int i = PW_PROGRESS_BEST; i < PW_PROGRESS_BEST + m->progress.ks; i++)
            figure[i] = fmin(figure[i], said[SAID_PROGRESS + i]);
    }
    m->over = done == m->groups;
    if (pw_progress_is_due(&m->progress, &m->own->log, m->report_every))
        pw_progress_tell(&m->progress, &m->own->log);
}

void pw_meeting_attend(pw_meeting *m, const pw_model *model, int64_t models, int running, bool stop)
{
    if (m->leaders == MPI_COMM_NULL)
        return;
    if (m->request != MPI_REQUEST_NULL) {
        int ended;
        MPI_Test(&m->request, &ended, MPI_STATUS_IGNORE);
        if (!ended)
            return;
        end_call(m);
    }
    m->mine[SAID_STOP] = m->mine[SAID_STOP] > 0 || stop;
    if (!(m->mine[SAID_STOP] > 0 && !m->stops) && (pw_seconds() - m->began) * PER_SECOND < 1)
        return;
    pw_progress_count(&m->progress, model, models, running, m->mine + SAID_PROGRESS);
    begin_call(m);
}

bool pw_meeting_stops(const pw_meeting *m)
{
    return m && m->stops;
}

/* ---- at the end ---- */

/* One more call, and this group's wish to stop, which no sweep carries any more. */
static void wait_for_others(pw_meeting *m)
{
    double words[] = {pw_signals_stop_wanted(), 0};
    pw_reduce_sum(m->own, words, 1);
    if (m->leaders != MPI_COMM_NULL) {
        m->mine[SAID_STOP] = m->mine[SAID_STOP] > 0 || words[0] > 0;
        if (m->request == MPI_REQUEST_NULL)
            begin_call(m);
        MPI_Wait(&m->request, MPI_STATUS_IGNORE);
        end_call(m);
        words[1] = m->over;
    }
    pw_broadcast(m->own, &words[1], sizeof words[1], 0);
    m->over = words[1] > 0;
}

pw_code pw_meeting_close(pw_meeting *m, const pw_model *model, int64_t models, pw_code code)
{
    const double start = pw_seconds();
    pw_progress_count(&m->progress, model, models, 0, m->mine + SAID_PROGRESS);
    m->mine[SAID_DONE] = 1;
    if (code != PW_OK)
        m->mine[SAID_STOP] = 1;
    while (!m->over)
        wait_for_others(m);
    pw_timer_add(&m->own->timer, PW_PHASE_REDUCE, start, 0, 0);
    return pw_agree(m->team, code);
}
