/* Alternating non-negative least squares by block principal pivoting (Kim & Park 2011): each row becomes the
 * solution of
 *
 *     min ½ x G xᵀ − x·(r − l1)   over x ≥ 0.
 *
 * Its components are free, with (x G − r + l1)_c = 0, or bound, with x_c = 0, and infeasible where a free x_c or the
 * gradient (x G − r + l1)_c of a bound one is negative. Infeasible components change sides, all at once while that
 * makes them fewer, and for up to three more times; then the last of them alone, until there are fewer. It begins
 * with the positive entries as the free ones, and each split costs one Cholesky factor for all rows of a panel that
 * share it. A row depends on no other, to the bit: the lanes of a solution never meet.
 *
 * G is singular where components are alike or more than V has rows or columns. RIDGE G_cc is added to its
 * diagonal, so all submatrices are positive definite. For W as for H that adds ½ RIDGE Σ_c ‖w_c‖² ‖h_c‖² to the
 * objective, at most RIDGE ½‖WH‖²: the sum never rises, and the objective by rounding only. Rounding may also
 * lead pivoting astray then; a row that takes too long goes on by active sets, which descend.
 *
 * Flops: for f of k components free, f³/3 a split, 2 f k a row and split that it tries, and 2 k² a row
 * for the residual. Words moved: 3 k a row.
 */
#include "linalg/cholesky.h"
#include "update/lanes.h"
#include "update/update.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
    PANEL = 256,       /* rows that may share factors */
    TRIES = 3,         /* exchanges of all infeasible components that need not make them fewer */
    MOST_PIVOTS = 100, /* exchanges of a row: of regular problems it takes about five */
    MOST_STEPS = 10,   /* of active sets, times k */
    WORD = 64,
};

static const double RIDGE = 64 * DBL_EPSILON;
static const double SUM = 16; /* roundings of 1024 terms, the longest sum in R of one precision */

/* Rows on their way to a solution. */
typedef struct panel {
    const pw_problem *q;
    int64_t first; /* row of q */
    int words;     /* of a set */

    /* The split at hand. */
    double *factor; /* n × n: L below the diagonal, its transpose above it, 1 / L_ii on it */
    pw_vector *x;   /* k: values of the n free components, then gradients of the bound ones */
    int *component; /* k: which they are */
    int n, live;  /* free ones; all whose G_cc > 0: nothing is known about the others, they stay */
    double *norm; /* k: √G_cc, 0 where it is not positive */

    /* Of each row. */
    uint64_t *sets; /* PANEL × words: the free components */
    uint64_t hash[PANEL];
    int fewest[PANEL]; /* infeasible components so far */
    int tries[PANEL];
    int awake[PANEL], count; /* rows without solution */
} panel;

static int words_of(int k)
{
    return (k + WORD - 1) / WORD;
}

static int64_t whole_lines(int64_t doubles)
{
    return (doubles + PW_VECTOR_LENGTH - 1) / PW_VECTOR_LENGTH * PW_VECTOR_LENGTH;
}

int64_t PW_OF_WIDTH(pw_bpp_work)(int k)
{
    const int64_t n = k, factor = n * n, vectors = n * PW_VECTOR_LENGTH, components = n;
    return whole_lines(factor) + vectors + n + components + (int64_t)PANEL * words_of(k) +
           PW_VECTOR_LENGTH;
}

static void lay_out(panel *p, const pw_problem *q)
{
    const int64_t k = q->k;
    p->q = q;
    p->words = words_of(q->k);
    p->factor = (double *)pw_lanes_panel(q->work, 0, 0);
    p->x = (pw_vector *)(p->factor + whole_lines(k * k));
    p->norm = (double *)(p->x + k);
    p->sets = (uint64_t *)(p->norm + k);
    p->component = (int *)(p->sets + PANEL * p->words);
    for (int c = 0; c < q->k; c++)
        p->norm[c] = c >= q->fixed && q->G[c * k + c] > 0 ? sqrt(q->G[c * k + c]) : 0;
}

static uint64_t *set_of(const panel *p, int row)
{
    return p->sets + (int64_t)row * p->words;
}

static void flip(uint64_t *set, int c)
{
    set[c / WORD] ^= UINT64_C(1) << c % WORD;
}

static bool is_free(const uint64_t *set, int c)
{
    return set[c / WORD] >> c % WORD & 1;
}

/* FNV-1a (Fowler, Noll, Vo) over words, its high bits mixed into the low ones. */
static void rehash(panel *p, int row)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (int w = 0; w < p->words; w++) {
        hash = (hash ^ set_of(p, row)[w]) * UINT64_C(1099511628211);
        hash ^= hash >> 32;
    }
    p->hash[row] = hash;
}

static void free_the_positive(panel *p, int row)
{
    const pw_problem *q = p->q;
    const double *x = q->X + (p->first + row) * q->ldx;
    uint64_t *set = set_of(p, row);
    memset(set, 0, (size_t)p->words * sizeof *set);
    for (int c = 0; c < q->k; c++)
        if (x[c] > 0 && p->norm[c] > 0)
            flip(set, c);
}

static void start_row(panel *p, int row)
{
    free_the_positive(p, row);
    rehash(p, row);
    p->fewest[row] = p->q->k + 1;
    p->tries[row] = TRIES;
    p->awake[p->count++] = row;
}

/* ---- A split: its factor, then its solutions, a vector of rows at a time. */

static void list_components(panel *p, const uint64_t *set)
{
    p->n = p->live = 0;
    for (int side = 1; side >= 0; side--) {
        for (int c = 0; c < p->q->k; c++)
            if (p->norm[c] > 0 && is_free(set, c) == side)
                p->component[p->live++] = c;
        p->n = side ? p->live : p->n;
    }
}

static void gather_gram(panel *p, double ridge)
{
    for (int i = 0; i < p->n; i++) {
        const double *G = p->q->G + p->component[i] * p->q->k;
        for (int j = 0; j < i; j++)
            p->factor[i * p->n + j] = G[p->component[j]];
        p->factor[i * p->n + i] = G[p->component[i]] * (1 + ridge);
    }
}

/* The ridge is that of the top of this file unless long sums round more than that. False if G is no Gram
 * matrix at all, such as one that is not finite. */
static bool factorise(panel *p)
{
    bool done = false;
    for (double ridge = RIDGE; !done && ridge < 1; ridge *= 16) {
        gather_gram(p, ridge);
        done = pw_cholesky(p->n, p->factor);
    }
    for (int i = 0; i < p->n; i++) {
        for (int j = 0; j < i; j++)
            p->factor[j * p->n + i] = p->factor[i * p->n + j];
        p->factor[i * p->n + i] = 1 / p->factor[i * p->n + i];
    }
    return done;
}

/* sum −= Σ_j a_j x_j with a_j = a[j], or a[place[j]]: four sums side by side, as additions take time. */
static inline void subtract(int count, const double *a, const int *place, const pw_vector *x,
                            pw_vector *sum)
{
    pw_vector s0 = {0}, s1 = s0, s2 = s0, s3 = s0;
    int j = 0;
    for (; j + 3 < count; j += 4) {
        s0 += (place ? a[place[j]] : a[j]) * x[j];
        s1 += (place ? a[place[j + 1]] : a[j + 1]) * x[j + 1];
        s2 += (place ? a[place[j + 2]] : a[j + 2]) * x[j + 2];
        s3 += (place ? a[place[j + 3]] : a[j + 3]) * x[j + 3];
    }
    for (; j < count; j++)
        s0 += (place ? a[place[j]] : a[j]) * x[j];
    *sum -= (s0 + s1) + (s2 + s3);
}

/* x becomes what components of the rows pull at, r − l1 less what their fixed components explain. */
static inline void load(panel *p, const int *row, int rows)
{
    const pw_problem *q = p->q;
    pw_vector *fixed = p->x + p->live;
    for (int i = 0; i < p->live + q->fixed; i++)
        for (int l = 0; l < PW_VECTOR_LENGTH; l++) {
            const int64_t at = p->first + row[l < rows ? l : 0];
            const int c = i < p->live ? p->component[i] : i - p->live;
            p->x[i][l] = i < p->live ? q->R[at * q->ldr + c] - q->l1[c] : q->X[at * q->ldx + c];
        }
    for (int i = 0; i < p->live && q->fixed > 0; i++)
        subtract(q->fixed, q->G + p->component[i] * q->k, NULL, fixed, &p->x[i]);
}

/* Values and gradients of the split for up to PW_VECTOR_LENGTH rows. What may be rounding becomes zero: rounding is
 * √(x G xᵀ) times a few ε, for a value in units of 1 / √G_cc and for a gradient in units of √G_cc. So what is
 * negative is infeasible, and no component lives on noise, which the other factor would blow up. */
PW_CLONES static void solve(panel *p, const int *row, int rows)
{
    const pw_problem *q = p->q;
    const double rounding = SUM * q->rounding + 4 * DBL_EPSILON * q->k;
    const int n = p->n;
    pw_vector *x = p->x, square = {0}, length = {0};
    load(p, row, rows);
    for (int i = 0; i < n; i++) { /* L y = x; then y·y = x G xᵀ */
        subtract(i, p->factor + i * n, NULL, x, &x[i]);
        x[i] *= p->factor[i * n + i];
        square += x[i] * x[i];
    }
    for (int i = n - 1; i >= 0; i--) { /* Lᵀ x = y */
        subtract(n - 1 - i, p->factor + i * n + i + 1, NULL, x + i + 1, &x[i]);
        x[i] *= p->factor[i * n + i];
    }
    for (int l = 0; l < PW_VECTOR_LENGTH; l++)
        length[l] = rounding * sqrt(square[l]);
    for (int i = n; i < p->live; i++) {
        const double norm = p->norm[p->component[i]];
        subtract(n, q->G + p->component[i] * q->k, p->component, x, &x[i]);
        x[i] = norm * length - x[i];
    }
    for (int i = 0; i < n; i++) {
        const pw_vector zero = {0}, size = p->norm[p->component[i]] * x[i];
        x[i] = (pw_vector)((pw_vector_mask)x[i] & ((size > length) | (x[i] < zero)));
    }
}

/* Moves infeasible components of a row, of which there are `count`, to the other side. */
static void exchange(panel *p, int row, int lane, int count)
{
    const bool fewer = count < p->fewest[row];
    const bool all = fewer || p->tries[row] > 0;
    int last = -1;
    if (fewer) {
        p->fewest[row] = count;
        p->tries[row] = TRIES;
    } else if (all) {
        p->tries[row]--;
    }
    for (int i = 0; i < p->live; i++)
        if (p->x[i][lane] < 0) {
            if (all)
                flip(set_of(p, row), p->component[i]);
            else if (p->component[i] > last)
                last = p->component[i];
        }
    if (!all)
        flip(set_of(p, row), last);
    rehash(p, row);
}

/* Writes the solution of a lane; false, and another split to try, where it is infeasible. */
static bool conclude(panel *p, int row, int lane)
{
    double *x = p->q->X + (p->first + row) * p->q->ldx;
    int count = 0;
    for (int i = 0; i < p->live; i++)
        count += p->x[i][lane] < 0;
    if (count > 0) {
        exchange(p, row, lane, count);
        return false;
    }
    for (int i = 0; i < p->live; i++)
        x[p->component[i]] = i < p->n ? p->x[i][lane] : 0;
    return true;
}

/* ---- A row that pivoting has not solved: the active sets of Lawson & Hanson (1974), slower, but each step lowers
 * the objective. */

/* From x towards the values of the split at hand, as far as x stays non-negative; what reaches zero there
 * becomes bound. False on the way. */
static bool step(panel *p, int row)
{
    double *x = p->q->X + (p->first + row) * p->q->ldx, length = 1;
    for (int i = 0; i < p->n; i++) {
        const double from = x[p->component[i]], to = p->x[i][0];
        if (to < 0 && from / (from - to) < length)
            length = from / (from - to);
    }
    for (int i = 0; i < p->n; i++) {
        const int c = p->component[i];
        const double from = x[c], to = p->x[i][0];
        const bool stops = to < 0 && from / (from - to) <= length;
        const double next = from + length * (to - from);
        x[c] = stops || next < 0 ? 0 : next; /* rounding */
        if (stops)
            flip(set_of(p, row), c);
    }
    return length == 1;
}

/* Frees the bound component that lowers the objective most steeply; false where none does. */
static bool enter(panel *p, int row)
{
    int best = -1;
    double steepest = 0;
    for (int i = p->n; i < p->live; i++) {
        const double slope = p->x[i][0] / p->norm[p->component[i]];
        if (slope < steepest) {
            steepest = slope;
            best = p->component[i];
        }
    }
    if (best >= 0)
        flip(set_of(p, row), best);
    return best >= 0;
}

static void walk(panel *p, int row)
{
    free_the_positive(p, row);
    for (int64_t i = 0; i < (int64_t)MOST_STEPS * p->q->k; i++) {
        list_components(p, set_of(p, row));
        if (!factorise(p))
            return;
        solve(p, &row, 1);
        if (step(p, row) && !enter(p, row))
            return;
    }
}

/* ---- Rows together. */

static bool same_set(const panel *p, int a, int b)
{
    return p->hash[a] == p->hash[b] &&
           memcmp(set_of(p, a), set_of(p, b), (size_t)p->words * sizeof *p->sets) == 0;
}

/* Brings those of the rows that share the set of the first to the front; returns how many. */
static int gather_group(const panel *p, int *row, int count)
{
    int same = 1;
    for (int i = 1; i < count; i++)
        if (same_set(p, row[0], row[i])) {
            const int other = row[same];
            row[same++] = row[i];
            row[i] = other;
        }
    return same;
}

/* Solves rows that share a set; keeps those in `unsolved` that need another, and returns how many. */
static int solve_group(panel *p, const int *row, int count, int *unsolved)
{
    int kept = 0;
    list_components(p, set_of(p, row[0]));
    const bool regular = factorise(p);
    for (int i = 0; i < count; i += PW_VECTOR_LENGTH) {
        const int rows = count - i < PW_VECTOR_LENGTH ? count - i : PW_VECTOR_LENGTH;
        if (regular)
            solve(p, row + i, rows);
        for (int l = 0; l < rows; l++)
            if (regular && !conclude(p, row[i + l], l))
                unsolved[kept++] = row[i + l];
    }
    return kept;
}

/* Each awake row tries its split. */
static void try_all(panel *p)
{
    int kept = 0;
    for (int begin = 0, same = 0; begin < p->count; begin += same) {
        same = gather_group(p, p->awake + begin, p->count - begin);
        kept += solve_group(p, p->awake + begin, same, p->awake + kept); /* kept ≤ begin */
    }
    p->count = kept;
}

void PW_OF_WIDTH(pw_bpp_update)(const pw_problem *q)
{
    panel p;
    pw_problem_residual(q);
    lay_out(&p, q);
    for (p.first = 0; p.first < q->rows; p.first += PANEL) {
        p.count = 0;
        for (int row = 0; row < PANEL && p.first + row < q->rows; row++)
            start_row(&p, row);
        for (int i = 0; i < MOST_PIVOTS && p.count > 0; i++)
            try_all(&p);
        for (int i = 0; i < p.count; i++)
            walk(&p, p.awake[i]);
    }
}
