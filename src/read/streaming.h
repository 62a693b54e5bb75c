/* Whether V is streamed from its file (matrix/feed.h), because it does not fit into memory. */
#ifndef PW_READ_STREAMING_H
#define PW_READ_STREAMING_H

#include "base/options.h"
#include "matrix/feed.h"

typedef struct pw_streaming {
    bool wanted;
    int64_t bytes;     /* of V on this rank */
    int64_t room;      /* for it, in bytes */
    const char *stage; /* a directory to copy V to first; NULL: none */
} pw_streaming;

/* Collective over team. Decides, for V that knows its shape and layout and takes `bytes` on this rank: its share of --memory or
 * of what is free has to hold the models, too. PW_ERROR_MEMORY where V does not fit into --memory but may not be streamed. */
pw_code pw_streaming_plan(pw_team *team, const pw_options *options, const pw_matrix *V,
                          int64_t bytes, pw_streaming *streaming);

/* Collective over team. Whether W and H of a fit fit into --memory, but not beside the copies that they are extrapolated from. */
bool pw_streaming_forgoes_copies(pw_team *team, const pw_options *options, const pw_matrix *V);

/* Collective over team. Refuses V in memory that does not fit into --memory; `cure` tells what to do instead. */
pw_code pw_streaming_refuse(pw_team *team, const pw_options *options, const pw_matrix *V,
                            const char *cure);

/* Local. PW_ERROR_MEMORY: V can not be streamed as `what` in its file stands, which `why` says; `cure` are words behind
 * "Use more nodes, ". */
pw_code pw_streaming_fail(const pw_streaming *streaming, const pw_matrix *V, const char *what,
                          const char *why, const char *cure);

/* Local. A file in `directory` for `bytes`, which nobody else sees, and which is gone when it is closed or the program ends
 * in whatever way. PW_ERROR_OUTPUT where there is no room. */
pw_code pw_stage_open(const char *directory, int64_t bytes, int *file);

/* Local. */
pw_code pw_stage_write(const char *directory, int file, int64_t at, const void *from,
                       int64_t bytes);

#endif
