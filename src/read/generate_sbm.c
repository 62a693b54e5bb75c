/* A graph with planted communities: the stochastic block model (Holland, Laskey & Leinhardt 1983). Pairs of nodes are
 * visited in tiles, and within a tile in jumps from edge to edge (Batagelj & Brandes 2005). The jumps are a function of
 * the tile alone, so that the two ranks that own the ends of an edge agree on it without a message; a rank visits the
 * tiles that meet its rows. */
#include "read/generate.h"

#include "base/memory.h"
#include "base/random.h"
#include "read/csr.h"

#include <math.h>
#include <stdlib.h>

static const double EDGES_OF_TILE = 16; /* expected; a tile costs about as much as another edge */
static const double LEAST_SIDE = 16, MOST_SIDE = 1 << 24;
static const double WEIGHT = 100; /* of an edge with noise in whole numbers */

/* Pairs of different items among `items`, each drawn with the same probability: nodes of different blocks, or the nodes
 * of one block by their place in it. */
typedef struct pairs {
    int64_t items;
    int64_t block; /* -1: nodes of different blocks */
    double probability;
    int64_t side; /* of a tile */
} pairs;

typedef struct graph {
    const pw_options *options;
    pw_scatter blocks;
    double within, between; /* probabilities of an edge */
    double weight;
    pw_matrix *V;
    int64_t *next;   /* V->count: entries of a row so far, or where its next one goes; owned */
    uint32_t *found; /* columns; NULL while entries are only counted */
} graph;

/* ---- drawing edges ---- */

static void add(graph *g, int64_t i, int64_t j)
{
    const int64_t row = i - g->V->first;
    if (row < 0 || row >= g->V->count)
        return;
    if (g->found)
        g->found[g->next[row]] = (uint32_t)j;
    g->next[row]++;
}

static void join(graph *g, const pairs *p, int64_t x, int64_t y)
{
    if (p->block >= 0) {
        x = pw_scatter_item(&g->blocks, p->block, x);
        y = pw_scatter_item(&g->blocks, p->block, y);
        if (x < 0 || y < 0)
            return;
    } else if (pw_scatter_group(&g->blocks, x) == pw_scatter_group(&g->blocks, y)) {
        return;
    }
    add(g, x, y);
    add(g, y, x);
}

static int64_t end_of_tile(const pairs *p, int64_t tile)
{
    const int64_t end = (tile + 1) * p->side;
    return end < p->items ? end : p->items;
}

/* How many pairs in a row are not drawn: geometrically distributed. */
static int64_t jump(const pairs *p, pw_random_key key, int64_t tile, uint32_t draw)
{
    return (int64_t)fmin(0x1p60, log(pw_random_uniform(key, tile, draw)) / log1p(-p->probability));
}

/* Edges between the items of tile a and those of tile b <= a. */
static void join_tiles(graph *g, const pairs *p, int64_t a, int64_t b)
{
    const pw_random_key key = {(uint64_t)g->options->seed, PW_RANDOM_GENERATE_PATTERN,
                               (uint32_t)(p->block + 1)};
    const int64_t top = a * p->side, left = b * p->side, width = end_of_tile(p, b) - left;
    const int64_t cells = (end_of_tile(p, a) - top) * width, tile = a * (a + 1) / 2 + b;
    uint32_t draw = 0;
    for (int64_t cell = jump(p, key, tile, draw); cell < cells;
         cell += 1 + jump(p, key, tile, ++draw)) {
        const int64_t x = top + cell / width, y = left + cell % width;
        if (x > y)
            join(g, p, x, y);
    }
}

/* All pairs of which one is among the items from … to - 1. */
static void draw_pairs(graph *g, pairs p, int64_t from, int64_t to)
{
    if (p.probability <= 0)
        return;
    const double side = ceil(sqrt(EDGES_OF_TILE / p.probability));
    p.side = (int64_t)fmin(MOST_SIDE, fmax(LEAST_SIDE, side));
    const int64_t tiles = (p.items + p.side - 1) / p.side;
    const int64_t first = from / p.side, last = (to - 1) / p.side;
    for (int64_t a = first; a <= last; a++)
        for (int64_t b = 0; b < tiles; b++)
            if (b <= a)
                join_tiles(g, &p, a, b);
            else if (b > last)
                join_tiles(g, &p, b, a);
}

/* All edges of this rank's nodes, in the same order each time. */
static void draw_edges(graph *g)
{
    const int64_t first = g->V->first, end = first + g->V->count, k = g->blocks.groups;
    if (first == end)
        return;
    draw_pairs(g, (pairs){.items = g->V->rows, .block = -1, .probability = g->between}, first, end);
    for (int64_t block = 0; block < k; block++) {
        const pairs p = {
            .items = pw_scatter_rounds(&g->blocks), .block = block, .probability = g->within};
        draw_pairs(g, p, first / k, (end - 1) / k + 1);
    }
}

/* ---- the matrix ---- */

/* Lengths of rows become where they begin; returns the sum. */
static int64_t lengths_to_starts(const pw_matrix *V, int64_t *next)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < V->count; i++) {
        const int64_t length = next[i];
        next[i] = sum;
        sum += length;
    }
    return sum;
}

/* Sorts each row and gives its edges their weights; those that noise makes 0 go. */
static void weigh(const graph *g)
{
    pw_matrix *V = g->V;
    int64_t begin = 0, at = 0;
    for (int64_t i = 0; i < V->count; i++) {
        const int64_t row = V->first + i;
        pw_csr_sort(g->found + begin, g->next[i] - begin);
        for (; begin < g->next[i]; begin++) {
            const int64_t column = g->found[begin], above = row > column ? row : column;
            at = pw_csr_store(
                V, at, (uint32_t)column,
                pw_generate_relative_noise(g->options, above, row + column - above, g->weight));
        }
        V->row_pointer[i + 1] = at;
    }
}

static double share_of_pairs(double edges, double of_pairs)
{
    return edges > 0 ? edges / of_pairs : 0;
}

/* Probabilities such that all edges, and those between blocks, are as many as asked for, in expectation. */
static pw_code set_probabilities(graph *g)
{
    const double n = (double)g->options->rows, k = (double)g->options->k;
    const double nodes = floor(n / k),
                 larger = n - k * nodes; /* of a block; blocks with one more */
    const double inside = nodes * (larger * (nodes + 1) + (k - larger) * (nodes - 1));
    const double edges = g->options->density * n * n;
    const double leaving = g->options->k > 1 ? g->options->mixing * edges : 0;
    g->within = share_of_pairs(edges - leaving, inside);
    g->between = share_of_pairs(leaving, n * (n - 1) - inside);
    if (g->within > 1)
        return pw_fail(PW_ERROR_USAGE,
                       "generate sbm: there are not so many pairs of nodes within blocks. "
                       "Take a smaller --density or k, or a larger --mixing.");
    if (g->between > 1)
        return pw_fail(PW_ERROR_USAGE,
                       "generate sbm: there are not so many pairs of nodes in different blocks. "
                       "Take a smaller --density or --mixing.");
    return PW_OK;
}

static pw_code check(const pw_options *options)
{
    if (options->rows > UINT32_MAX)
        return pw_fail(PW_ERROR_USAGE, "generate sbm: nodes are columns too. Take at most %u rows.",
                       UINT32_MAX);
    return pw_generate_check_k("sbm", options->k, options->rows, "row");
}

pw_code pw_generate_sbm(pw_team *team, const pw_options *options, pw_matrix *V, pw_planted *planted)
{
    const bool noisy = options->noise > 0;
    const pw_type type = pw_generate_type(options, noisy ? PW_F64 : PW_ONE);
    graph g = {.options = options,
               .blocks = pw_generate_groups(options, 0, options->rows),
               .weight = noisy && pw_generate_is_whole(type) ? WEIGHT : 1,
               .V = V};
    pw_code code = PW_OK;
    PW_TRY(check(options));
    PW_TRY(set_probabilities(&g));
    PW_TRY(pw_agree(team, pw_planted_add_groups(planted, team, "labels", &g.blocks)));
    planted->symmetric = true;
    PW_TRY(pw_csr_create(team, options->rows, options->rows, type, V));
    PW_TRY(pw_agree(team, PW_NEW(g.next, V->count)));
    draw_edges(&g);
    PW_TRY(pw_csr_allocate(team, lengths_to_starts(V, g.next), V));
    g.found = V->column;
    draw_edges(&g);
    weigh(&g);
    pw_csr_finish(team, V);
done:
    free(g.next);
    return code;
}
