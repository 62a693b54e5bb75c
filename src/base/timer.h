/* Where the time goes: seconds, arithmetic and memory traffic by phase, on this rank. */
#ifndef PW_BASE_TIMER_H
#define PW_BASE_TIMER_H

/* Phases as they stand in the closing table and in /timings of a result. Those of the sweep are timed by
 * its first thread; its rest is copying H, clearing and folding P, and waiting for other threads. */
#define PW_PHASES(X)                                                                               \
    X(PW_PHASE_READ, "read")                                                                       \
    X(PW_PHASE_DECOMPOSE, "decompose")                                                             \
    X(PW_PHASE_INITIALISE, "initialise")                                                           \
    X(PW_PHASE_GRAM, "gram")                                                                       \
    X(PW_PHASE_WAIT, "sweep: wait for V")                                                          \
    X(PW_PHASE_TIMES_H, "sweep: V Ht")                                                             \
    X(PW_PHASE_UPDATE, "sweep: update")                                                            \
    X(PW_PHASE_TIMES_W, "sweep: Wt V")                                                             \
    X(PW_PHASE_SWEEP_REST, "sweep: rest")                                                          \
    X(PW_PHASE_REDUCE, "reduce")                                                                   \
    X(PW_PHASE_REPLICATED, "replicated update")                                                    \
    X(PW_PHASE_OBJECTIVE, "objective")                                                             \
    X(PW_PHASE_CHECKPOINT, "checkpoint")                                                           \
    X(PW_PHASE_WRITE, "write")

typedef enum pw_phase {
#define PW_PHASE_NAME(name, text) name,
    PW_PHASES(PW_PHASE_NAME)
#undef PW_PHASE_NAME
        PW_PHASE_COUNT
} pw_phase;

typedef struct pw_timer {
    double seconds[PW_PHASE_COUNT];
    double flops[PW_PHASE_COUNT]; /* useful ones: no padding, no repeats */
    double bytes[PW_PHASE_COUNT]; /* that must cross memory or the network at least */
} pw_timer;

/* Local. Seconds of a clock that never goes back. */
double pw_seconds(void);

/* Local. The phase's name in reports. */
const char *pw_phase_text(pw_phase phase);

/* Local. Adds all that `other` has timed, which is part of what this rank has done. */
void pw_timer_merge(pw_timer *timer, const pw_timer *other);

/* Local. Adds the time since `start` (from pw_seconds) and the work done to a phase; returns now, the
 * start of the next phase. */
double pw_timer_add(pw_timer *timer, pw_phase phase, double start, double flops, double bytes);

#endif
