/* The options of a run, from first to last: defaults, reading, checks, record. */
#include "base/options.h"

#include "base/memory.h"
#include "base/methods.h"
#include "base/options_find.h"
#include "base/options_sources.h"
#include "base/options_value.h"

#include <stdlib.h>
#include <string.h>

pw_option_source pw_option_source_of(const pw_option_reading *reading, const pw_option *option)
{
    return reading->source[option - PW_OPTIONS];
}

pw_code pw_option_give(pw_option_reading *reading, const pw_option *option, pw_option_source source,
                       const char *label, const char *text)
{
    pw_options loser = {0};
    const bool wins = source >= pw_option_source_of(reading, option);
    const pw_code code = pw_option_set(option, label, text, wins ? reading->options : &loser);
    if (wins)
        reading->source[option - PW_OPTIONS] = source;
    pw_options_destroy(&loser);
    return code;
}

pw_code pw_options_default(pw_command command, pw_options *options)
{
    pw_code code = PW_OK;
    *options = (pw_options){.command = command};
    for (const pw_option *option = PW_OPTIONS; option->name; option++)
        if ((option->commands & command) && option->initial)
            PW_TRY(pw_option_set(option, option->name, option->initial, options));
    if (!pw_option_find("distribute", command)) /* the command holds V as it is */
        options->distribute = PW_DISTRIBUTE_ROWS;
done:
    return code;
}

void pw_options_destroy(pw_options *options)
{
    if (!options)
        return;
    free(options->command_line);
    options->command_line = NULL;
    for (const pw_option *option = PW_OPTIONS; option->name; option++)
        if (option->type == PW_OPTION_TEXT) {
            char **text = pw_option_field(option, options);
            free(*text);
            *text = NULL;
        }
}

static pw_code check_required(const pw_option_reading *reading)
{
    const pw_command_info *info = pw_command_describe(reading->command);
    for (const pw_option *option = PW_OPTIONS; option->name; option++)
        if ((option->required & reading->command) &&
            pw_option_source_of(reading, option) == PW_SOURCE_DEFAULT)
            return pw_fail(PW_ERROR_USAGE,
                           "%s: %s is missing. Usage: partwise %s %s [options]; "
                           "`partwise help %s` tells more.",
                           info->name, option->name, info->name, info->usage, info->name);
    return PW_OK;
}

/* Whether `input`, which may be FILE:/path/in/file, is in the file `path`. */
static bool names_same_file(const char *input, const char *path)
{
    const size_t length = path ? strlen(path) : 0;
    return input && path && strncmp(input, path, length) == 0 &&
           (input[length] == '\0' || strncmp(input + length, ":/", 2) == 0);
}

static pw_code check_paths(const pw_options *options)
{
    const char *const read[] = {options->reference, options->entries, options->known,
                                options->truth};
    for (size_t i = 0; i < sizeof read / sizeof *read; i++)
        if (names_same_file(read[i], options->output))
            return pw_fail(PW_ERROR_USAGE,
                           "--output: '%.400s' is one of the inputs. Choose another name.",
                           options->output);
    if (names_same_file(options->input, options->output))
        return pw_fail(PW_ERROR_USAGE, "--output: '%.400s' is the input. Choose another name.",
                       options->output);
    if (names_same_file(options->mask, options->output))
        return pw_fail(PW_ERROR_USAGE, "--output: '%.400s' is the mask. Choose another name.",
                       options->output);
    if (names_same_file(options->input, options->checkpoint))
        return pw_fail(PW_ERROR_USAGE, "--checkpoint: '%.400s' is the input. Choose another name.",
                       options->checkpoint);
    if (names_same_file(options->fix_w, options->output) ||
        names_same_file(options->fix_h, options->output))
        return pw_fail(PW_ERROR_USAGE,
                       "--output: '%.400s' holds the given components. Choose another name.",
                       options->output);
    if (names_same_file(options->model, options->output))
        return pw_fail(PW_ERROR_USAGE, "--output: '%.400s' is the model. Choose another name.",
                       options->output);
    if (names_same_file(options->checkpoint, options->output))
        return pw_fail(PW_ERROR_USAGE, "--checkpoint: '%.400s' is the output. Choose another name.",
                       options->checkpoint);
    return PW_OK;
}

bool pw_option_is_given(const pw_option_reading *reading, const char *name)
{
    const pw_option *option = pw_option_find(name, reading->command);
    const pw_option_source source =
        option ? pw_option_source_of(reading, option) : PW_SOURCE_DEFAULT;
    return source == PW_SOURCE_FILE || source == PW_SOURCE_COMMAND_LINE;
}

/* What is to be predicted. */
static pw_code check_predict(const pw_option_reading *reading)
{
    const pw_options *o = reading->options;
    if (reading->command != PW_COMMAND_PREDICT)
        return PW_OK;
    if ((o->top > 0) == (o->entries != NULL))
        return pw_fail(PW_ERROR_USAGE, "predict: give either --entries FILE or --top N%s.",
                       o->entries ? ", not both" : "");
    if (o->entries && (o->known || pw_option_is_given(reading, "of")))
        return pw_fail(PW_ERROR_USAGE, "--%s: belongs to --top.", o->known ? "known" : "of");
    return PW_OK;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

/* "partwise" and the words of the command line, one blank between them. */
static pw_code join_words(int argc, char **argv, char **line)
{
    size_t size = sizeof "partwise";
    for (int i = 0; i < argc; i++)
        size += strlen(argv[i]) + 1;
    free(*line);
    const pw_code code = PW_NEW(*line, (int64_t)size);
    if (code != PW_OK)
        return code;
    strcpy(*line, "partwise");
    for (int i = 0; i < argc; i++)
        strcat(strcat(*line, " "), argv[i]);
    return PW_OK;
}

pw_code pw_options_parse(pw_command command, int argc, char **argv, pw_options *options, bool *help)
{
    pw_code code = PW_OK;
    pw_option_reading reading = {.command = command, .options = options};
    *help = asks_for_help(argc, argv);
    if (*help)
        goto done;
    PW_TRY(join_words(argc, argv, &options->command_line));
    PW_TRY(pw_options_read_command_line(&reading, argc, argv));
    PW_TRY(pw_options_read_environment(&reading));
    if (options->config)
        PW_TRY(pw_options_read_file(&reading, options->config));
    PW_TRY(check_required(&reading));
    PW_TRY(check_paths(options));
    PW_TRY(pw_options_check_cluster(&reading));
    PW_TRY(pw_options_check_fit(&reading));
    PW_TRY(pw_options_check_kind(&reading));
    PW_TRY(check_predict(&reading));
    if (options->quiet && options->verbose)
        code = pw_fail(PW_ERROR_USAGE, "--quiet and --verbose exclude each other.");
done:
    return code;
}

/* Where several models run, those that have ended stay so: what decided on it must not change. */
static bool is_of_identity(const pw_option *option, const pw_options *options)
{
    const bool several = options->command == PW_COMMAND_SCAN || options->restarts > 1;
    return option->identity || (several && option->ends);
}

pw_code pw_options_visit(const pw_options *options, pw_option_visitor visit, void *context)
{
    pw_code code = PW_OK;
    char number[PW_NUMBER_LENGTH];
    for (const pw_option *option = PW_OPTIONS; option->name; option++)
        if (option->commands & options->command)
            PW_TRY(visit(context, option->name, pw_option_text(option, options, number),
                         is_of_identity(option, options)));
done:
    return code;
}

pw_code pw_options_adopt(const pw_options *from, pw_command command, pw_options *to)
{
    char number[PW_NUMBER_LENGTH];
    pw_code code = PW_OK;
    PW_TRY(pw_options_default(command, to));
    PW_TRY(PW_NEW(to->command_line, (int64_t)strlen(from->command_line) + 1));
    strcpy(to->command_line, from->command_line);
    for (const pw_option *option = PW_OPTIONS; option->name; option++) {
        const pw_option *there = pw_option_find(option->name, command);
        const char *text = pw_option_text(option, from, number);
        if ((option->commands & from->command) && there && there->offset == option->offset && *text)
            PW_TRY(pw_option_set(there, option->name, text, to));
    }
done:
    return code;
}

pw_code pw_options_inherit(pw_options *options, const char *path, pw_option_look_up look_up,
                           void *context)
{
    pw_code code = PW_OK;
    for (const pw_option *option = PW_OPTIONS; option->name && code == PW_OK; option++) {
        char *text = option->inherited && (option->commands & options->command)
                         ? look_up(context, option->name)
                         : NULL;
        if (text && pw_option_set(option, option->name, text, options) != PW_OK)
            code = pw_fail(PW_ERROR_INPUT,
                           "%s: was made with %s = '%.100s', which this version does not know.",
                           path, option->name, text);
        free(text);
    }
    return code;
}

/* FNV-1a (Fowler, Noll, Vo) over text with its closing zero. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    do
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    while (*text++);
    return hash;
}

static pw_code hash_option(void *context, const char *name, const char *value, bool identity)
{
    uint64_t *hash = context;
    (void)identity;
    *hash = hash_text(hash_text(*hash, name), value);
    return PW_OK;
}

uint64_t pw_options_fingerprint(const pw_options *options)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    pw_options_visit(options, hash_option, &hash);
    return hash;
}
