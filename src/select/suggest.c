#include "select/suggest.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

/* The figures of one column, where there are any. Places are rows of the survey; -1: none. */
typedef struct series {
    const pw_survey *survey;
    size_t offset; /* of a double in a row */
    int least_k;
} series;

static double at(const series *s, int place)
{
    double value;
    memcpy(&value, (const char *)&s->survey->row[place] + s->offset, sizeof value);
    return value;
}

static int k_at(const series *s, int place)
{
    return s->survey->row[place].k;
}

static bool has(const series *s, int place)
{
    return k_at(s, place) >= s->least_k && isfinite(at(s, place));
}

static int next(const series *s, int place)
{
    do
        place++;
    while (place < s->survey->count && !has(s, place));
    return place < s->survey->count ? place : -1;
}

static int previous(const series *s, int place)
{
    do
        place--;
    while (place >= 0 && !has(s, place));
    return place;
}

static int first(const series *s)
{
    return next(s, -1);
}

static int last(const series *s)
{
    return previous(s, s->survey->count);
}

__attribute__((format(printf, 3, 4))) static void suggest(pw_suggestion *suggestion, int k,
                                                          const char *format, ...)
{
    va_list arguments;
    suggestion->k = k;
    va_start(arguments, format);
    vsnprintf(suggestion->reason, sizeof suggestion->reason, format, arguments);
    va_end(arguments);
}

/* Whether there is more than one figure; says so where there is not. */
static bool can_compare(const series *s, pw_suggestion *suggestion)
{
    suggestion->defined = first(s) >= 0;
    if (!suggestion->defined)
        suggest(suggestion, 0, "not defined for this run, or not asked for");
    else if (first(s) == last(s))
        suggest(suggestion, 0, "known at k = %d only: there is nothing to compare",
                k_at(s, first(s)));
    return suggestion->defined && first(s) != last(s);
}

/* ---- cophenetic, dispersion: the last k before a fall ---- */

typedef struct fall_rule {
    double clear; /* a fall, or a rise, by more than this is one */
    double equal; /* tops no farther below the highest are as good */
    const char *literature;
} fall_rule;

/* Tops: from each the figures fall clearly; between two of them they have risen as clearly. */
typedef struct walk {
    const series *series;
    double clear, high, low; /* highest since the last rise, lowest since the last fall */
    int place, top;          /* where the walk is; the last place not clearly below `high` */
    bool falling;
} walk;

/* Goes on to the next top, at walk->top; false: none is left, and walk->falling tells how it ends. */
static bool find_top(walk *w)
{
    while ((w->place = next(w->series, w->place)) >= 0) {
        const double value = at(w->series, w->place);
        if (w->falling && value <= w->low + w->clear) {
            w->low = fmin(w->low, value);
            continue;
        }
        if (w->falling)
            w->high = value;
        w->falling = value < w->high - w->clear;
        if (w->falling) {
            w->low = value;
            return true;
        }
        w->high = fmax(w->high, value);
        w->top = w->place;
    }
    return false;
}

static walk walk_begin(const series *s, const fall_rule *rule)
{
    return (walk){.series = s, .clear = rule->clear, .high = -HUGE_VAL, .place = -1};
}

static void explain_fall(const series *s, const fall_rule *rule, int top, bool rises,
                         pw_suggestion *suggestion)
{
    const int after = next(s, top);
    char rise[80] = "";
    if (rises)
        snprintf(rise, sizeof rise, ", and rises again up to %d, the largest k tried",
                 k_at(s, last(s)));
    suggest(suggestion, k_at(s, top), "the last before it falls (%.4f at %d, %.4f at %d%s; %s)",
            at(s, top), k_at(s, top), at(s, after), k_at(s, after), rise, rule->literature);
}

static void suggest_before_fall(const series *s, const fall_rule *rule, pw_suggestion *suggestion)
{
    double highest = -HUGE_VAL;
    int chosen = -1;
    if (!can_compare(s, suggestion))
        return;
    for (walk w = walk_begin(s, rule); find_top(&w);)
        highest = fmax(highest, at(s, w.top));
    walk w = walk_begin(s, rule);
    while (find_top(&w))
        if (at(s, w.top) >= highest - rule->equal)
            chosen = w.top;
    if (chosen >= 0)
        explain_fall(s, rule, chosen, !w.falling, suggestion);
    else
        suggest(
            suggestion, 0,
            "it does not fall clearly up to k = %d (%.4f there, %.4f at %d): larger k may be as "
            "good",
            k_at(s, last(s)), at(s, last(s)), at(s, first(s)), k_at(s, first(s)));
}

/* ---- stability ---- */

static const double STABLE_MEAN = 0.8, STABLE_LEAST = 0.2;

static bool is_stable(const series *mean, const series *least, int place)
{
    return at(mean, place) >= STABLE_MEAN && at(least, place) >= STABLE_LEAST;
}

static void suggest_stable(const series *mean, const series *least, pw_suggestion *suggestion)
{
    int chosen = last(mean);
    char after[80] = "no larger k was tried";
    suggestion->defined = chosen >= 0;
    if (chosen < 0) {
        suggest(suggestion, 0, "not defined for this run, or not asked for");
        return;
    }
    if (k_at(mean, chosen) == 1) {
        suggest(suggestion, 0, "one component is stable by definition, and no larger k was tried");
        return;
    }
    while (chosen >= 0 && !is_stable(mean, least, chosen))
        chosen = previous(mean, chosen);
    const int larger = next(mean, chosen);
    if (larger >= 0)
        snprintf(after, sizeof after, "%.2f and %.2f at %d", at(mean, larger), at(least, larger),
                 k_at(mean, larger));
    if (chosen < 0)
        suggest(suggestion, 0,
                "components are stable at no k (silhouettes: mean and least %s, where %.1f and "
                "%.1f are asked; Islam et al. 2022)",
                after, STABLE_MEAN, STABLE_LEAST);
    else if (k_at(mean, chosen) == 1)
        suggest(suggestion, 1,
                "no larger k is stable, and one component is by definition (silhouettes: mean and "
                "least %s, where %.1f and %.1f are asked; Islam et al. 2022)",
                after, STABLE_MEAN, STABLE_LEAST);
    else
        suggest(suggestion, k_at(mean, chosen),
                "the largest whose components are stable (silhouettes: mean %.2f and least %.2f, "
                "where %.1f and %.1f are asked; %s; Islam et al. 2022)",
                at(mean, chosen), at(least, chosen), STABLE_MEAN, STABLE_LEAST, after);
}

/* ---- aic, bic, holdout: the least ---- */

static int find_least(const series *s)
{
    int least = first(s);
    for (int place = least; place >= 0; place = next(s, place))
        if (at(s, place) < at(s, least))
            least = place;
    return least;
}

/* "12.3 below that at 2, 4.5 below that at 4" */
static void describe_neighbours(const series *s, int place, char text[static 120])
{
    const int before = previous(s, place), after = next(s, place);
    int length = 0;
    text[0] = '\0';
    if (before >= 0)
        length = snprintf(text, 120, "%.3g below that at %d%s", at(s, before) - at(s, place),
                          k_at(s, before), after >= 0 ? ", " : "");
    if (after >= 0)
        snprintf(text + length, (size_t)(120 - length), "%.3g below that at %d",
                 at(s, after) - at(s, place), k_at(s, after));
}

static const char *describe_edge(const series *s, int place)
{
    return place == last(s)    ? "; no larger k was tried"
           : place == first(s) ? "; no smaller k was tried"
                               : "";
}

static void suggest_least(const series *s, const char *literature, pw_suggestion *suggestion)
{
    char neighbours[120];
    if (!can_compare(s, suggestion))
        return;
    const int least = find_least(s);
    describe_neighbours(s, least, neighbours);
    const char *edge = k_at(s, least) == 1 ? "" : describe_edge(s, least);
    suggest(suggestion, k_at(s, least), "the least (%s%s; %s)", neighbours, edge, literature);
}

static void suggest_held_out(const series *s, pw_suggestion *suggestion)
{
    suggest_least(s, "Wold 1978", suggestion);
    if (suggestion->k == 0)
        return;
    const int least = find_least(s);
    const double spread = s->survey->row[least].holdout_spread;
    int place = first(s);
    if (!(spread > 0))
        return;
    while (at(s, place) > at(s, least) + spread)
        place = next(s, place);
    if (place != least)
        suggest(suggestion, k_at(s, place),
                "%.6g, within one standard error (%.2g) of the least, %.6g at %d (Breiman et al. "
                "1984)",
                at(s, place), spread, at(s, least), k_at(s, least));
}

/* ---- residual: the elbow ---- */

enum { LEAST_FOR_ELBOW = 4 };
static const double LEAST_BEND = 0.05;

/* How far the root of a sum of squares is below the straight line from the first to the last, as a share of the
 * difference of these. */
static double bend_at(const series *s, int place)
{
    const double from = sqrt(at(s, first(s))), to = sqrt(at(s, last(s)));
    const double way = (double)(k_at(s, place) - k_at(s, first(s))) /
                       (double)(k_at(s, last(s)) - k_at(s, first(s)));
    return (from + way * (to - from) - sqrt(at(s, place))) / (from - to);
}

static void suggest_elbow(const series *s, pw_suggestion *suggestion)
{
    int figures = 0, elbow = first(s);
    for (int place = first(s); place >= 0; place = next(s, place))
        figures++;
    if (!can_compare(s, suggestion))
        return;
    if (figures < LEAST_FOR_ELBOW) {
        suggest(suggestion, 0, "an elbow takes at least %d values of k", LEAST_FOR_ELBOW);
        return;
    }
    if (!(at(s, first(s)) > at(s, last(s)))) {
        suggest(suggestion, 0, "it does not fall from k = %d to k = %d", k_at(s, first(s)),
                k_at(s, last(s)));
        return;
    }
    for (int place = elbow; place >= 0; place = next(s, place))
        if (bend_at(s, place) > bend_at(s, elbow))
            elbow = place;
    if (bend_at(s, elbow) < LEAST_BEND)
        suggest(suggestion, 0, "no elbow: its root falls almost evenly from k = %d to k = %d",
                k_at(s, first(s)), k_at(s, last(s)));
    else
        suggest(
            suggestion, k_at(s, elbow),
            "the elbow: its root is %.0f %% of that at %d, and farthest below the straight line "
            "to %d (Satopää et al. 2011)",
            100 * sqrt(at(s, elbow) / at(s, first(s))), k_at(s, first(s)), k_at(s, last(s)));
}

/* ---- all ---- */

/* "k = 3 by cophenetic, stability; k = 5 by aic", from the smallest k on. The number of different k. */
static int group(const pw_suggestions *all, size_t size, char *text)
{
    int groups = 0, done = 0; /* the largest k that was dealt with */
    size_t length = 0;
    for (;; groups++) {
        int k = 0;
        for (int c = 0; c < PW_CRITERIA; c++)
            if (all->of[c].k > done && (k == 0 || all->of[c].k < k))
                k = all->of[c].k;
        if (k == 0)
            return groups;
        const char *between = "by ";
        length += (size_t)snprintf(text + length, size - length, "%sk = %d ", done ? "; " : "", k);
        for (int c = 0; c < PW_CRITERIA; c++)
            if (all->of[c].k == k) {
                length += (size_t)snprintf(text + length, size - length, "%s%s", between,
                                           all->of[c].criterion);
                between = ", ";
            }
        done = k;
    }
}

static void warn(pw_suggestions *all)
{
    char text[PW_REASON_LENGTH]; /* seven names and seven numbers: 200 characters at most */
    if (group(all, sizeof text, text) > 1)
        snprintf(all->warning, sizeof all->warning, "criteria disagree on k: %s", text);
}

#define SERIES(name, least) (&(series){survey, offsetof(pw_survey_row, name), least})

void pw_suggest(const pw_survey *survey, pw_suggestions *suggestions)
{
    static const char *const NAMES[PW_CRITERIA] = {"cophenetic", "dispersion", "stability", "aic",
                                                   "bic",        "holdout",    "residual"};
    static const fall_rule COPHENETIC = {0.005, 0.02, "Brunet et al. 2004"},
                           DISPERSION = {0.03, 0.12, "Kim & Park 2007"};
    pw_suggestion *of = suggestions->of;
    *suggestions = (pw_suggestions){.warning = ""};
    for (int c = 0; c < PW_CRITERIA; c++)
        of[c].criterion = NAMES[c];
    suggest_before_fall(SERIES(cophenetic, 2), &COPHENETIC, &of[0]);
    suggest_before_fall(SERIES(dispersion, 2), &DISPERSION, &of[1]);
    suggest_stable(SERIES(stability_mean, 1), SERIES(stability_min, 1), &of[2]);
    suggest_least(SERIES(aic, 1), "Akaike 1974", &of[3]);
    suggest_least(SERIES(bic, 1), "Schwarz 1978", &of[4]);
    suggest_held_out(SERIES(holdout_error, 1), &of[5]);
    suggest_elbow(SERIES(residual_sum_of_squares, 1), &of[6]);
    warn(suggestions);
}
