/* What a call came to. The codes are also the program's exit codes (docs/running.md). */
#ifndef PARTWISE_STATUS_H
#define PARTWISE_STATUS_H

typedef enum pw_code {
    PW_OK = 0,
    PW_ERROR_INTERNAL = 1,   /* a bug, or a failed library call that has no better name */
    PW_ERROR_USAGE = 2,      /* options that make no sense */
    PW_ERROR_INPUT = 3,      /* an input file is missing, damaged, or holds what V may not hold */
    PW_ERROR_OUTPUT = 4,     /* a result cannot be written */
    PW_ERROR_MEMORY = 5,     /* the work does not fit into memory */
    PW_ERROR_CHECKPOINT = 6, /* a checkpoint is damaged or belongs to another run */
    PW_STOPPED = 75,         /* by a signal, with a checkpoint: start the same command again */
    PW_STOPPED_UNSAVED = 76  /* by a signal, without a checkpoint: the model so far is written */
} pw_code;

/* Local. The text of the last failure on this thread, "" if there was none. Borrowed. */
const char *pw_failure(void);

#endif
