/* From pieces of V that ranks hold in any order to V in its layout: how text files and matrices
 * stored the other way round are distributed. */
#ifndef PW_MATRIX_ASSEMBLE_H
#define PW_MATRIX_ASSEMBLE_H

#include "matrix/matrix.h"

/* Entries in coordinate form, in any order; duplicates add up. Rows and columns as the user sees
 * them. */
typedef struct pw_entries {
    int64_t count, capacity;
    struct pw_entry {
        int64_t row, column;
        double value;
    } * entry;
} pw_entries;

/* Local. Appends one entry. */
pw_code pw_entries_add(pw_entries *entries, int64_t row, int64_t column, double value);

/* Local. NULL-safe. */
void pw_entries_destroy(pw_entries *entries);

/* What PW_TYPE_NARROWEST asks for: PW_ONE if all entries are 1, else the narrowest unsigned type
 * that holds every entry exactly, else PW_F64 (also when some are negative or not finite, to be
 * refused later). */
#define PW_TYPE_NARROWEST ((pw_type)-1)

/* Collective over team. Builds sparse V (m × n) from everybody's entries: rows (columns where
 * `transposed`) split so that ranks hold about equal numbers of entries. Takes the entries: leaves
 * an empty list. Duplicates are added in the order of their values, so that sums do not depend on
 * who held them. A `type` too narrow for a sum gives way to PW_TYPE_NARROWEST. PW_ERROR_INPUT for
 * 2^32 swept columns or more. */
pw_code pw_matrix_from_entries(pw_team *team, pw_entries *entries, int64_t m, int64_t n,
                               bool transposed, pw_type type, pw_matrix *V);

/* Collective over team, to be called the same number of times on every rank. Hands over `count`
 * rows of dense V as the user sees it, from row `first` on, count × n in V's type (n: columns of V
 * as the user sees it); they go to the ranks that own them, transposed where V is. count may be 0.
 * V comes from pw_matrix_new_dense. */
pw_code pw_matrix_put_rows(pw_team *team, pw_matrix *V, int64_t first, int64_t count,
                           const void *values);

/* Runs of whole rows of V as the user sees it, each in the narrowest type that holds it. */
typedef struct pw_row_piece {
    int64_t first, count; /* global first row */
    pw_type type;
    void *values; /* count × n */
} pw_row_piece;

typedef struct pw_row_pieces {
    int64_t count, capacity;
    pw_row_piece *piece;
} pw_row_pieces;

/* Local. Appends a narrowed copy of `count` rows of n doubles. count may be 0. */
pw_code pw_row_pieces_add(pw_row_pieces *pieces, int64_t first, int64_t count, int64_t n,
                          const double *values);

/* Local. Bytes that the values of all pieces take. */
int64_t pw_row_pieces_bytes(const pw_row_pieces *pieces, int64_t n);

/* Local. NULL-safe. */
void pw_row_pieces_destroy(pw_row_pieces *pieces);

/* Collective over team. Dense V (m × n) in the narrowest type that holds every entry, from
 * everybody's pieces, which together hold every row once. Takes the pieces: leaves none. */
pw_code pw_matrix_from_row_pieces(pw_team *team, pw_row_pieces *pieces, int64_t m, int64_t n,
                                  bool transposed, pw_matrix *V);

#endif
