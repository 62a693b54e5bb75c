/* In the order of the leaves two of them are joined at the largest of the heights between neighbours on the way. A pair is
 * counted by the rank that has the row of its left leaf. */
#include "select/cophenetic.h"

#include "base/memory.h"
#include "dist/collective.h"

#include <math.h>

typedef struct pairs {
    int64_t items, first, count;
    const float *C;
    const int64_t *order;
    int64_t *place; /* items: where in `order` */
    const double *height;
} pairs;

/* Sums over pairs, of distances x and heights y less their means as they are taken to be. */
typedef struct moments {
    double mean_x, mean_y;
    double x, y, xx, xy, yy;
    double most[4]; /* largest of x, -x, y, -y */
} moments;

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static void add_row(const pairs *p, int64_t i, moments *all)
{
    const float *row = p->C + i * p->items;
    const int64_t start = p->place[p->first + i];
    moments m = {.x = 0};
    double y = 0;
    for (int64_t q = start + 1; q < p->items; q++) {
        const double x = 1 - (double)row[p->order[q]];
        y = larger(y, p->height[q - 1]);
        const double dx = x - all->mean_x, dy = y - all->mean_y;
        m.x += dx;
        m.y += dy;
        m.xx += dx * dx;
        m.xy += dx * dy;
        m.yy += dy * dy;
        const double signs[] = {x, -x, y, -y};
        for (int s = 0; s < 4; s++)
            all->most[s] = larger(all->most[s], signs[s]);
    }
    all->x += m.x;
    all->y += m.y;
    all->xx += m.xx;
    all->xy += m.xy;
    all->yy += m.yy;
}

/* Collective over team. */
static moments sum_pairs(pw_team *team, const pairs *p, double mean_x, double mean_y)
{
    moments m = {
        .mean_x = mean_x, .mean_y = mean_y, .most = {-INFINITY, -INFINITY, -INFINITY, -INFINITY}};
    for (int64_t i = 0; i < p->count; i++)
        add_row(p, i, &m);
    double sums[] = {m.x, m.y, m.xx, m.xy, m.yy};
    pw_reduce_sum(team, sums, 5);
    pw_reduce_max(team, m.most, 4);
    m.x = sums[0];
    m.y = sums[1];
    m.xx = sums[2];
    m.xy = sums[3];
    m.yy = sums[4];
    return m;
}

/* Collective over team. */
static double correlate(pw_team *team, const pairs *p)
{
    const double count = 0.5 * (double)p->items * (double)(p->items - 1);
    if (count < 2)
        return NAN;
    const moments raw = sum_pairs(team, p, 0, 0);
    if (raw.most[0] == -raw.most[1] || raw.most[2] == -raw.most[3])
        return NAN;
    const moments m = sum_pairs(team, p, raw.x / count, raw.y / count);
    const double r = m.xy / sqrt(m.xx) / sqrt(m.yy);
    return r > 1 ? 1 : r;
}

pw_code pw_cophenetic_correlate(pw_team *team, int64_t items, const float *C, const int64_t *order,
                                const double *height, double *correlation)
{
    const int64_t first = pw_share(items, team->size, team->rank);
    pairs p = {.items = items,
               .first = first,
               .count = pw_share(items, team->size, team->rank + 1) - first,
               .C = C,
               .order = order,
               .height = height};
    const pw_code code = pw_agree(team, PW_NEW(p.place, items));
    for (int64_t q = 0; code == PW_OK && q < items; q++)
        p.place[order[q]] = q;
    if (code == PW_OK)
        *correlation = correlate(team, &p);
    free(p.place);
    return code;
}
