/* The list of --k of a scan: "2:10", "2:10:2", "2,3,5" and mixtures of them. */
#include "base/memory.h"
#include "base/options.h"

#include <stdlib.h>

typedef struct list {
    int *k;
    int64_t count, room;
} list;

static pw_code refuse(const char *text)
{
    return pw_fail(
        PW_ERROR_USAGE,
        "-k: '%s' is no list of numbers of components from 1 to %d. Write 2:10, 2:10:2 or "
        "2,3,5.",
        text, PW_MOST_COMPONENTS);
}

/* A number at *at, which moves behind it; 0 where there is none. */
static long number(const char **at)
{
    char *end;
    const bool digit = **at >= '0' && **at <= '9';
    const long value = digit ? strtol(*at, &end, 10) : 0;
    if (digit)
        *at = end;
    return value >= 1 && value <= PW_MOST_COMPONENTS ? value : 0;
}

/* Keeps the list ascending and free of repetitions. */
static pw_code insert(list *l, int k)
{
    int64_t place = l->count;
    while (place > 0 && l->k[place - 1] > k)
        place--;
    if (place > 0 && l->k[place - 1] == k)
        return PW_OK;
    const pw_code code = PW_GROW(l->k, &l->room, l->count + 1);
    if (code != PW_OK)
        return code;
    for (int64_t i = l->count++; i > place; i--)
        l->k[i] = l->k[i - 1];
    l->k[place] = k;
    return PW_OK;
}

/* A, A:B or A:B:STEP at *at. */
static pw_code add_range(list *l, const char *text, const char **at)
{
    const long from = number(at);
    long to = from, step = 1;
    pw_code code = PW_OK;
    if (**at == ':') {
        ++*at;
        to = number(at);
    }
    if (**at == ':') {
        ++*at;
        step = number(at);
    }
    if (from < 1 || to < from || step < 1 || (**at != ',' && **at != '\0'))
        return refuse(text);
    for (long k = from; k <= to && code == PW_OK; k += step)
        code = insert(l, (int)k);
    return code;
}

pw_code pw_options_ks(const char *text, int **k, int *count)
{
    list l = {.count = 0};
    const char *at = text;
    pw_code code = add_range(&l, text, &at);
    while (code == PW_OK && *at == ',') {
        at++;
        code = add_range(&l, text, &at);
    }
    if (code != PW_OK) {
        free(l.k);
        return code;
    }
    *k = l.k;
    *count = (int)l.count;
    return PW_OK;
}
