/* What an iteration costs: seconds and bytes, from sizes and constants alone, so that the same run is planned in the same way
 * again. docs/performance.md has the formulas. */
#ifndef PW_ITERATE_COST_H
#define PW_ITERATE_COST_H

#include "base/options.h"
#include "base/type.h"

/* V, and how it is fitted. */
typedef struct pw_cost_work {
    int64_t rows, columns; /* of V as it is swept */
    double entries, bytes; /* that products go over; of V. On all ranks together */
    bool sparse, single;   /* single: products run in float */
    const pw_options *options;

    /* Models that are fitted: how many, Σ k, Σ k², and Σ k of those that go through V at a time. */
    double models, components, squares, at_once;
} pw_cost_work;

/* Who fits it. */
typedef struct pw_cost_team {
    int64_t ranks;
    int threads;      /* of each */
    double latency;   /* seconds of a message */
    double bandwidth; /* bytes per second that a rank sends while it receives as many */
} pw_cost_team;

/* Seconds of one iteration of all models. */
typedef struct pw_cost {
    double products;    /* with V */
    double distributed; /* update of the distributed factor, and its sums */
    double replicated;  /* of the other one */
    double memory;      /* V as it comes into the caches */
    double steps;       /* between sweeps */
    double messages;
} pw_cost;

/* Of a machine about which nothing else is known. */
extern const double PW_COST_LATENCY, PW_COST_BANDWIDTH;

/* Local. The work of one model of k components. */
pw_cost_work pw_cost_of_one(pw_cost_work work, int k);

/* Local. With each rank updating all of the replicated factor, or (sharded) its part of it. */
pw_cost pw_cost_find(const pw_cost_work *work, const pw_cost_team *team, bool sharded);

/* Local. What the update of a row of the distributed factor takes, in entries of V whose product with H takes as long. */
int64_t pw_cost_of_row(const pw_cost_work *work);

/* Local. Σ of the parts. */
double pw_cost_seconds(const pw_cost *cost);

/* Local. Whether it takes less time sharded: as asked for by --h-update, else by the model. */
bool pw_cost_prefers_shards(const pw_cost_work *work, const pw_cost_team *team);

/* Local. Bytes that a rank takes for V, the factors and what the iteration sums up. */
double pw_cost_bytes(const pw_cost_work *work, int64_t ranks);

#endif
