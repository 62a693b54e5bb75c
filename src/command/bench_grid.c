/* What is measured: lists in the options, and what stands for those that are not given. */
#include "command/bench.h"

#include "base/options_find.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The items of a list with commas, one after the other; false at its end. */
static bool next_word(const char **list, char word[static PW_BENCH_WORD])
{
    const size_t length = strcspn(*list, ",");
    if (**list == '\0')
        return false;
    snprintf(word, PW_BENCH_WORD, "%.*s", (int)length, *list);
    *list += length + ((*list)[length] == ',');
    return true;
}

/* "200000x20000x4e6" */
static bool read_sizes(const char *text, int count, double size[static 3])
{
    for (int i = 0; i < count; i++) {
        char *end;
        size[i] = strtod(text, &end);
        if (end == text || !(size[i] >= 1 && size[i] <= 1e12) || size[i] != floor(size[i]) ||
            *end != (i + 1 < count ? 'x' : '\0'))
            return false;
        text = end + 1;
    }
    return true;
}

static pw_code add_shape(const char *text, bool sparse, double skew, pw_bench_grid *grid)
{
    double size[3];
    if (strcmp(text, "none") == 0)
        return PW_OK;
    if (!read_sizes(text, sparse ? 3 : 2, size) || size[1] >= UINT32_MAX)
        return pw_fail(PW_ERROR_USAGE, "--%s: '%.100s' is no size. Write %s, or none.",
                       sparse ? "sparse" : "dense", text, sparse ? "40000x10000x8e5" : "4000x2000");
    if (sparse && size[2] > size[0] * size[1] / 2)
        return pw_fail(PW_ERROR_USAGE, "--sparse: with %g nonzeros half of V or more is filled.",
                       size[2]);
    grid->shape[grid->shapes++] = (pw_bench_shape){
        .sparse = sparse,
        .rows = (int64_t)size[0],
        .columns = (int64_t)size[1],
        .entries = sparse ? (int64_t)size[2] : 0,
        .skew = skew,
    };
    return PW_OK;
}

static pw_code read_types(const char *list, pw_bench_grid *grid)
{
    char word[PW_BENCH_WORD];
    while (next_word(&list, word)) {
        int type = 0;
        while (type < PW_ONE && strcmp(word, pw_type_text((pw_type)type)) != 0)
            type++;
        if (type == PW_ONE || grid->types == PW_ONE)
            return pw_fail(PW_ERROR_USAGE, "--types: '%s' is no type. Write u8,f32,f64.", word);
        grid->type[grid->types++] = (pw_type)type;
    }
    return PW_OK;
}

static bool names_loss(const char *word)
{
    const char *const *name = pw_option_find("loss", PW_COMMAND_FIT)->choices;
    while (*name && strcmp(word, *name) != 0)
        name++;
    return *name;
}

/* "method", "loss:method" or "loss". */
static void read_method(const char *word, pw_bench_method *m)
{
    const char *colon = strchr(word, ':');
    const bool has_loss = colon || names_loss(word);
    const char *loss = has_loss ? word : "frobenius";
    snprintf(m->loss, sizeof m->loss, "%.*s", (int)strcspn(loss, ":"), loss);
    snprintf(m->method, sizeof m->method, "%s", colon ? colon + 1 : has_loss ? "auto" : word);
}

static pw_code read_methods(const char *list, pw_bench_grid *grid)
{
    char word[PW_BENCH_WORD];
    if (strcmp(list, "none") == 0)
        return PW_OK;
    while (next_word(&list, word)) {
        if (grid->methods == PW_BENCH_METHODS)
            return pw_fail(PW_ERROR_USAGE, "--methods: more than %d.", PW_BENCH_METHODS);
        read_method(word, &grid->method[grid->methods++]);
    }
    return PW_OK;
}

static const char *either(const char *given, bool full, const char *large, const char *small)
{
    return given ? given : full ? large : small;
}

pw_code pw_bench_grid_read(const pw_options *o, pw_bench_grid *grid)
{
    *grid = (pw_bench_grid){.both = o->full && o->precision == PW_PRECISION_AUTO,
                            .precision = o->precision,
                            .repeats = o->repeats};
    pw_code code = PW_OK;
    PW_TRY(add_shape(either(o->dense, o->full, "20000x4000", "4000x2000"), false, 1, grid));
    PW_TRY(add_shape(either(o->sparse, o->full, "200000x20000x4e6", "40000x10000x8e5"), true,
                     o->skew, grid));
    PW_TRY(read_types(either(o->types, o->full, "u8,f32,f64", "u8,f64"), grid));
    PW_TRY(read_methods(o->methods ? o->methods : "hals,mu,kl", grid));
    PW_TRY(pw_options_ks(either(o->ks, o->full, "16,48,50,64,100", "16,50"), &grid->k, &grid->ks));
done:
    return code;
}

int pw_bench_precisions(const pw_bench_grid *grid, pw_type type, bool single[static 2])
{
    single[0] = grid->both || pw_is_single((pw_precision)grid->precision, type);
    single[1] = false;
    return grid->both ? 2 : 1;
}
