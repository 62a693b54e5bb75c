/* Shards: rows that all ranks hold and of which each updates its own. Sums over ranks come to the ranks that own the rows,
 * and rows of all ranks to all, in two steps each, which take few messages and little of the network.
 *
 * Of p ranks s are a group, all of one node or of several; G = p / s. Rank i of group g owns shard i·G + g. So the shards of
 * ranks i of all groups, iG … iG + G − 1, lie together, and all rows are one such run for each rank of a group:
 *
 *     reduce:  within a group rank i gets the sums of run i, which ranks i of all groups then share out;
 *     gather:  ranks i of all groups gather run i, then the ranks of a group all runs.
 *
 * As rings, which MPI takes for long messages to gather and this file to reduce, these are s − 1 + G − 1 messages of a rank,
 * where one ring of all has p − 1.
 * Where a group is a node, each of its s ranks sends b / s of b bytes to other nodes: together b, however many they are,
 * which is the least, as each node must get all that is not its own. What is s times as much, all of b for each rank, stays
 * on the node. Where a group is c nodes, a node sends b / c to other groups, and b along the ring within its own, in which it
 * has one neighbour to send to. */
#ifndef PW_DIST_SHARDS_H
#define PW_DIST_SHARDS_H

#include "dist/layout.h"
#include "dist/team.h"

/* Ranks that take a step together: member m has the run of shards first + m·each … first + (m + 1)·each − 1. */
typedef struct pw_shards_step {
    MPI_Comm comm;
    int members, own; /* own: which member this rank is */
    int first, each;
} pw_shards_step;

typedef struct pw_shards {
    pw_layout layout; /* which rows are in which shard */
    int own;          /* this rank's shard */
    pw_shards_step within, across;
} pw_shards;

/* Collective over team. Deals `rows` rows out evenly. PW_ERROR_MEMORY, on all ranks. Destroy it. */
pw_code pw_shards_create(pw_team *team, int64_t rows, pw_shards *shards);

/* Collective over team. The same where `node` (borrowed) has the ranks of this rank's node. */
pw_code pw_shards_create_on(pw_team *team, MPI_Comm node, int64_t rows, pw_shards *shards);

/* Collective over team. NULL-safe; leaves an empty one behind, which may be destroyed by any rank. */
void pw_shards_destroy(pw_shards *shards);

/* Local. The ranks of a group, for `per_node` on each node, which divide `ranks`: of the whole nodes that do so too, those with
 * which s + G is least; of two, the larger. */
int64_t pw_shards_group(int64_t ranks, int64_t per_node);

/* Local. This rank's rows: from, … , to − 1. */
int64_t pw_shards_from(const pw_shards *shards);
int64_t pw_shards_to(const pw_shards *shards);

/* Collective over the team. Element-wise sum over ranks of all rows of `width` doubles, of which each rank gets its own, in
 * their place; what then stands in the other rows is undefined. */
void pw_shards_reduce(const pw_shards *shards, int64_t width, double *values);

/* Collective over the team. Each rank's own rows, which stand in their place, to all. Fewer than 2^31 rows. */
void pw_shards_gather(const pw_shards *shards, int64_t width, double *values);

#endif
