/* Private to plinalg/: a distributed matrix whose rows lie anyhow becomes one whose rows lie as ScaLAPACK wants them: a
 * block of equal height on each rank, in the same order; the last blocks may be lower or empty. */
#ifndef PW_PLINALG_BLOCKS_H
#define PW_PLINALG_BLOCKS_H

#include "dist/team.h"

#include <stdint.h>

typedef struct pw_blocks {
    int64_t total;  /* rows over all ranks */
    int64_t height; /* of a full block */
    int64_t length; /* of a row */
    int64_t *out;   /* team size: of this rank's own rows, those in the block of each rank */
    int64_t *in;    /* team size: of the rows of this rank's block, those that each rank owns */
} pw_blocks;

/* Collective over team. The deal of `count` rows here (0 allowed) of `length` numbers. Destroy it. Errors: PW_ERROR_MEMORY. */
pw_code pw_blocks_create(pw_team *team, int64_t count, int64_t length, pw_blocks *blocks);

/* Local. Rows of this rank's block. */
int64_t pw_blocks_count(pw_team *team, const pw_blocks *blocks);

/* Local. NULL-safe. */
void pw_blocks_destroy(pw_blocks *blocks);

/* Collective over team. `own` (count × length, row-major; not written) to a new `block`, which is the caller's to free.
 * Errors: PW_ERROR_MEMORY. */
pw_code pw_blocks_deal(pw_team *team, pw_blocks *blocks, const double *own, double **block);

/* Collective over team. The way back, after pw_blocks_deal. */
void pw_blocks_return(pw_team *team, const pw_blocks *blocks, const double *block, double *own);

#endif
