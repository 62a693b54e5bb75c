/* What the files that read sparse groups share. "Major" is the direction that a group is
 * compressed in: its rows for CSR, its columns for CSC. */
#ifndef PW_READ_HDF5_SPARSE_H
#define PW_READ_HDF5_SPARSE_H

#include "read/hdf5_source.h"

/* Where entries 0, 1/size, 2/size, … of all begin: per rank and one more. */
typedef struct pw_major_split {
    int64_t *major; /* size + 1: the first major whose entries begin at or behind the wanted one */
    int64_t *entry; /* size + 1: the entry that it begins with */
} pw_major_split;

/* Collective over team. Checks the whole of indptr, each rank a share, and finds where equal
 * shares of the entries begin. Destroy it. */
pw_code pw_hdf5_split(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                      pw_major_split *split);

/* Local. NULL-safe. */
void pw_hdf5_split_destroy(pw_major_split *split);

/* Local. Elements first … first + count - 1 of indices, each checked to be below `minors`. */
pw_code pw_hdf5_indices(pw_reader *reader, const pw_hdf5_source *source, int64_t first,
                        int64_t count, int64_t minors, uint32_t *index);

/* Local. Reads a part of "data", "indices" or "indptr". */
pw_code pw_hdf5_part(pw_reader *reader, const pw_hdf5_source *source, const char *member,
                     int64_t first, int64_t count, pw_type type, void *values);

/* Local. Sorts each row of sparse V by column. */
pw_code pw_hdf5_sort_rows(pw_matrix *V);

/* Collective over team. Sorts each row of sparse V by column, adds up duplicates (in a wider type
 * where their sum does not fit), and drops the values where all are 1. */
pw_code pw_hdf5_tidy(pw_team *team, pw_matrix *V);

/* Collective over team. V from a group that is compressed the other way than V is swept. V knows
 * its shape and type. */
pw_code pw_hdf5_redistribute(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                             pw_matrix *V);

#endif
