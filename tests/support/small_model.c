#include "support/small_model.h"

#include "dist/collective.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the model ---- */

double small_W(int64_t i, int c)
{
    return 1.0 / (double)(3 + 7 * i + c);
}

double small_H(int64_t j, int c)
{
    return sqrt((double)(1 + 5 * j + 11 * c));
}

static pw_names make_names(pw_team *t, int64_t total, const char *prefix)
{
    pw_names names = {.total = total, .first = pw_share(total, t->size, t->rank)};
    char text[32];
    for (int64_t i = names.first; i < pw_share(total, t->size, t->rank + 1); i++)
        pw_names_add(&names, text,
                     i == 2 ? 0
                            : snprintf(text, sizeof text, "%s%lld", prefix, (long long)(i * i)));
    return names;
}

pw_matrix small_V(pw_team *t, bool transposed, bool named)
{
    pw_matrix V = {.rows = transposed ? SMALL_N : SMALL_M,
                   .cols = transposed ? SMALL_M : SMALL_N,
                   .transposed = transposed};
    pw_layout_even(V.rows, t->size, &V.layout);
    if (t->size > 1)
        V.layout.offset[1] = V.layout.offset[2];
    V.first = pw_layout_first(&V.layout, t->rank);
    V.count = pw_layout_count(&V.layout, t->rank);
    V.path = strdup("V.h5:/X");
    if (named) {
        V.row_names = make_names(t, SMALL_M, "row é ");
        V.column_names = make_names(t, SMALL_N, "c");
    }
    return V;
}

static void fill(const pw_matrix *V, pw_model *model)
{
    for (int c = 0; c < SMALL_K; c++) {
        for (int64_t i = 0; i < V->count; i++)
            model->distributed[i * SMALL_K + c] =
                V->transposed ? small_H(V->first + i, c) : small_W(V->first + i, c);
        for (int64_t j = 0; j < V->cols; j++)
            model->replicated[j * SMALL_K + c] = V->transposed ? small_W(j, c) : small_H(j, c);
    }
}

bool small_factors(pw_team *t, const pw_matrix *V, const pw_model *model)
{
    pw_model right;
    pw_model_create(t, V, SMALL_K, &right);
    fill(V, &right);
    const bool same =
        memcmp(right.distributed, model->distributed, (size_t)(V->count * SMALL_K) * 8) == 0 &&
        memcmp(right.replicated, model->replicated, (size_t)(V->cols * SMALL_K) * 8) == 0;
    pw_model_destroy(&right);
    return same;
}

pw_model small_model(pw_team *t, const pw_matrix *V, int64_t iterations, double clock)
{
    pw_model model;
    pw_model_create(t, V, SMALL_K, &model);
    fill(V, &model);
    model.iteration = iterations;
    model.seconds = 0.1 * (double)iterations + clock;
    model.first_residual = 1 / 3.0;
    model.objective = 2 / 3.0;
    model.relative_error = 0.125;
    model.projected_gradient = 1e-7;
    model.history.row = calloc((size_t)iterations + 1, sizeof *model.history.row);
    model.history.count = model.history.capacity = iterations;
    for (int64_t i = 0; i < iterations; i++)
        model.history.row[i] =
            (pw_history_row){i + 1, 0.1 * (double)i + clock, 10.0 / (double)(i + 1), 0.5, 1e-3, 0};
    return model;
}

pw_options small_options(const char *seed, const char *checkpoint)
{
    char *arguments[] = {"fit",    "V.h5",       "-k",           "3",
                         "--seed", (char *)seed, "--checkpoint", (char *)checkpoint};
    pw_options options;
    bool help;
    pw_options_default(PW_COMMAND_FIT, &options);
    if (pw_options_parse(PW_COMMAND_FIT, 8, arguments, &options, &help) != PW_OK)
        fprintf(stderr, "%s\n", pw_failure());
    return options;
}

pw_code small_write(pw_team *team, small_writer write, const char *path, bool transposed,
                    bool named, int64_t iterations)
{
    pw_matrix V = small_V(team, transposed, named);
    pw_model model = small_model(team, &V, iterations, 0.01 * team->rank);
    pw_options options = small_options("5", folder_file("c"));
    const pw_summary summary = {.fingerprint = SMALL_FINGERPRINT};
    const pw_result result = {.options = &options,
                              .V = &V,
                              .summary = &summary,
                              .model = &model,
                              .models = 1,
                              .started = 1e9};
    const pw_code code = write(team, path, &result);
    if (code != PW_OK && team->rank == 0)
        fprintf(stderr, "%s\n", pw_failure());
    pw_options_destroy(&options);
    pw_model_destroy(&model);
    pw_matrix_destroy(&V);
    return code;
}

/* ---- files ---- */

static char folder[256];

bool everywhere(pw_team *team, bool good)
{
    int all = good;
    MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MIN, team->comm);
    return all;
}

void folder_make(pw_team *team)
{
    const char *above = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/partwise-test-XXXXXX", above ? above : "/tmp");
    if (team->rank == 0 && !mkdtemp(folder))
        MPI_Abort(MPI_COMM_WORLD, 1);
    pw_broadcast(team, folder, sizeof folder, 0);
}

const char *folder_file(const char *name)
{
    static char path[4][512];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

void folder_unlink(pw_team *team, const char *name)
{
    pw_agree(team, PW_OK); /* nobody uses it any more */
    if (team->rank == 0)
        unlink(folder_file(name));
    pw_agree(team, PW_OK);
}

void folder_remove(pw_team *team)
{
    pw_agree(team, PW_OK);
    DIR *open = team->rank == 0 ? opendir(folder) : NULL;
    for (struct dirent *entry; open && (entry = readdir(open));)
        if (entry->d_name[0] != '.')
            unlink(folder_file(entry->d_name));
    if (open)
        closedir(open);
    if (team->rank == 0 && rmdir(folder) != 0)
        perror(folder);
}
