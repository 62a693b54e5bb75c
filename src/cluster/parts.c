/* Each rank joins the ends of its edges in a forest of its own. The least label that any rank has for a node then joins what
 * others have joined, until nothing changes. */
#include "cluster/parts.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/visit.h"

typedef struct forest {
    int64_t *parent; /* of a root, itself; never above the node */
    int64_t last;    /* row that was visited last */
    int64_t visited; /* rows */
} forest;

static int64_t root_of(forest *f, int64_t node)
{
    while (f->parent[node] != node) {
        f->parent[node] = f->parent[f->parent[node]];
        node = f->parent[node];
    }
    return node;
}

static bool join(forest *f, int64_t a, int64_t b)
{
    const int64_t x = root_of(f, a), y = root_of(f, b);
    if (x < y)
        f->parent[y] = x;
    else
        f->parent[x] = y;
    return x != y;
}

static void join_ends(void *context, int64_t row, int64_t column, double v)
{
    forest *f = context;
    (void)v;
    f->visited += row != f->last;
    f->last = row;
    join(f, row, column);
}

/* Collective. Whether anything was joined. */
static bool join_with_others(pw_team *team, forest *f, int64_t n, int64_t *label)
{
    int64_t joined = 0;
    for (int64_t i = 0; i < n; i++)
        label[i] = -root_of(f, i);
    pw_reduce_max_int(team, label, n);
    for (int64_t i = 0; i < n; i++)
        joined += join(f, i, -label[i]);
    pw_reduce_max_int(team, &joined, 1);
    return joined > 0;
}

pw_code pw_graph_parts(pw_team *team, const pw_matrix *V, int64_t *parts, int64_t *isolated)
{
    const int64_t n = V->cols;
    forest f = {.last = -1};
    int64_t *label = NULL;
    pw_code code = PW_NEW(f.parent, n);
    if (code == PW_OK)
        code = PW_NEW(label, n);
    PW_TRY(pw_agree(team, code));
    for (int64_t i = 0; i < n; i++)
        f.parent[i] = i;
    pw_matrix_visit(V, join_ends, &f);
    while (join_with_others(team, &f, n, label))
        ;
    *parts = 0;
    for (int64_t i = 0; i < n; i++)
        *parts += f.parent[i] == i;
    pw_reduce_sum_int(team, &f.visited, 1);
    *isolated = n - f.visited;
done:
    free(f.parent);
    free(label);
    return code;
}
