/* A growing orthonormal basis that every rank has, and the next block of it. */
#ifndef PW_DECOMPOSE_BASIS_H
#define PW_DECOMPOSE_BASIS_H

#include "dist/team.h"

#include <stdint.h>

typedef struct pw_basis {
    pw_team *team;
    int64_t n;
    int most, block;
    uint64_t seed;
    int q;         /* vectors so far */
    double *Q;     /* n × q with leading dimension `most`, borrowed */
    int width;     /* of the next block: at most `block`, at most n − q */
    double *X;     /* n × block: the next block, 0 from `width` on */
    double *T;     /* block × block: Z = X T of the Z that it was made of */
    double *work;  /* most × block */
    double *small; /* 3 block² */
    double *scale; /* 2 block */
    int64_t drawn; /* random vectors so far */
} pw_basis;

/* Local. An empty basis in Q. Destroy it in any case. */
pw_code pw_basis_create(pw_team *team, int64_t n, int most, int block, uint64_t seed, double *Q,
                        pw_basis *basis);
void pw_basis_destroy(pw_basis *basis);

/* Collective over team. Makes a first block of random vectors. */
pw_code pw_basis_start(pw_basis *basis);

/* Local. Q = [Q X]. */
void pw_basis_append(pw_basis *basis);

/* Local. C (q × block) = Qᵀ Z, Z −= Q C. */
void pw_basis_project(const pw_basis *basis, double *Z, double *C);

/* Collective over team. The next block out of Z (n × block, lost), which has been projected once: X orthonormal and orthogonal
 * to Q, Z = X T up to rounding. Directions that Z has none of are random (then T is 0 there). By eigenvectors of the
 * Gram matrix (Stathopoulos & Wu 2002), repeated. */
pw_code pw_basis_continue(pw_basis *basis, double *Z);

#endif
