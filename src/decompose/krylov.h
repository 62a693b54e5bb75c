/* Leading eigenvectors of a symmetric linear map A (n × n) in a block Krylov space with thick restarts, from a random start
 * (Musco & Musco 2015; Halko, Martinsson & Tropp 2011; restarts after Wu & Simon 2000):
 *
 *     for each block X of b orthonormal vectors, until the wanted vectors are good:
 *         Q = [Q X]                           # the basis, n × q, the same on every rank
 *         Z = A X                             # the map: one sweep over V
 *         G = Qᵀ A Q                          # q × q: grows by Qᵀ Z
 *         X T = Z − Q Qᵀ Z                    # orthonormal again, twice
 *         G = S Θ Sᵀ                          # Ritz values Θ, vectors Q S, residuals ‖T S_last‖
 *         where the basis is full: Q = Q S for the best of them
 *
 * Residuals are those of A v = θ v, by column norms. */
#ifndef PW_DECOMPOSE_KRYLOV_H
#define PW_DECOMPOSE_KRYLOV_H

#include "dist/team.h"

#include <stdbool.h>
#include <stdint.h>

/* The map. Both are collective over the team; X and Z are n × block, row-major. */
typedef struct pw_krylov_map {
    void *context;
    /* Z = A X; X are columns `first` … of the basis, those from `count` on are 0. */
    void (*apply)(void *context, int first, int count, const double *X, double *Z);
    /* The basis of q vectors became its product with S (q × p, row-major with leading dimension lds); NULL: of no
     * interest. */
    pw_code (*rotate)(void *context, int q, int p, const double *S, int lds);
} pw_krylov_map;

typedef struct pw_krylov_request {
    int64_t n;
    int k;     /* vectors wanted, the largest eigenvalues first */
    int block; /* vectors that the map takes at a time */
    int most;  /* vectors of the basis, at least k + 2 block, or n */
    double tolerance;
    bool
        squared; /* A = BᵀB: what is wanted is ‖Bᵀu − σ v‖ ≤ tolerance · σ_1, else ‖A v − θ v‖ ≤ tolerance · |θ|_1 */
    int64_t most_steps;
    uint64_t seed;
} pw_krylov_request;

typedef struct pw_krylov {
    int q;            /* vectors in the basis; they are turned to Ritz vectors */
    int ld;           /* of Q */
    double *Q;        /* n × q with leading dimension ld, the same on every rank; owned */
    double *values;   /* q, descending; owned */
    double *residual; /* q; owned */
    int good;         /* of the k wanted */
    int64_t steps;
} pw_krylov;

enum { PW_KRYLOV_LEAST_BLOCK = 8, PW_KRYLOV_MOST_BLOCK = 256 };

/* Local. How many vectors of n entries a map should take at a time where k are wanted: as many, from 8 to 256. From a block Krylov
 * space come no more copies of a multiple eigenvalue than a block has vectors. */
int pw_krylov_block(int k, int64_t n);

/* Collective over team. Where k are more than a block, other random blocks follow until k vectors have been drawn.
 * Destroy the result in any case. Errors: memory. Fewer than k good ones after most_steps is no
 * error. */
pw_code pw_krylov_solve(pw_team *team, const pw_krylov_request *request, const pw_krylov_map *map,
                        pw_krylov *result);

/* Local. NULL-safe. */
void pw_krylov_destroy(pw_krylov *result);

/* Local. Bytes that the solution takes on each rank. */
int64_t pw_krylov_bytes(const pw_krylov_request *request);

#endif
