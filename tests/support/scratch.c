#include "support/scratch.h"

#include "dist/collective.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static char path[512];

static void write_file(const char *bytes, int64_t length, bool packed)
{
    const char *folder = getenv("TMPDIR");
    if (!path[0]) {
        snprintf(path, sizeof path, "%s/partwise-test-XXXXXX", folder ? folder : "/tmp");
        const int made = mkstemp(path);
        if (made >= 0)
            close(made);
    }
    gzFile file = gzopen(path, packed ? "wb" : "wbT");
    if (!file || gzwrite(file, bytes, (unsigned)length) != length || gzclose(file) != Z_OK) {
        perror(path);
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
}

const char *scratch_file(pw_team *team, const char *bytes, int64_t length, bool packed)
{
    pw_agree(team, PW_OK); /* nobody reads the last one any more */
    if (team->rank == 0)
        write_file(bytes, length < 0 ? (int64_t)strlen(bytes) : length, packed);
    pw_broadcast(team, path, sizeof path, 0);
    return path;
}

void scratch_remove(pw_team *team)
{
    pw_agree(team, PW_OK);
    if (team->rank == 0 && path[0])
        unlink(path);
    path[0] = '\0';
}

double *scratch_gather(pw_team *team, const pw_matrix *V)
{
    const int64_t m = V->transposed ? V->cols : V->rows, n = V->transposed ? V->rows : V->cols;
    double *all = calloc((size_t)(m * n + 1), sizeof *all);
    for (int64_t i = 0; i < V->count; i++) {
        const int64_t begin = V->sparse ? V->row_pointer[i] : i * V->cols;
        const int64_t end = V->sparse ? V->row_pointer[i + 1] : begin + V->cols;
        for (int64_t e = begin; e < end; e++) {
            const int64_t row = V->first + i, column = V->sparse ? V->column[e] : e - begin;
            double *to = V->transposed ? &all[column * n + row] : &all[row * n + column];
            pw_widen_to_double(V->type, V->values, e, 1, to);
        }
    }
    pw_reduce_sum(team, all, m * n);
    return all;
}

char *scratch_gather_names(pw_team *team, const pw_names *names)
{
    const int64_t text = names->count > 0 ? names->offset[names->count] : 0;
    const int mine = pw_int(text + names->count);
    char *own = malloc((size_t)mine + 1), *at = own;
    int *counts = calloc((size_t)team->size, sizeof *counts);
    int *places = calloc((size_t)team->size + 1, sizeof *places);
    for (int64_t i = 0; i < names->count; i++) {
        const int64_t length = names->offset[i + 1] - names->offset[i];
        memcpy(at, names->text + names->offset[i], (size_t)length);
        at += length;
        *at++ = '|';
    }
    MPI_Allgather(&mine, 1, MPI_INT, counts, 1, MPI_INT, team->comm);
    for (int r = 0; r < team->size; r++)
        places[r + 1] = places[r] + counts[r];
    char *all = calloc((size_t)places[team->size] + 1, 1);
    MPI_Allgatherv(own, mine, MPI_CHAR, all, counts, places, MPI_CHAR, team->comm);
    free(own);
    free(counts);
    free(places);
    return all;
}
