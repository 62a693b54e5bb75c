/* The man page partwise(1), in roff, made from the table. */
#include "base/options_find.h"
#include "base/options_text.h"
#include "base/version.h"

#include <string.h>

/* Text with roff's own characters made harmless. */
static void print_text(FILE *stream, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stream);
    for (; *text; text++) {
        if (*text == '-')
            fputs("\\-", stream);
        else if (*text == '\\')
            fputs("\\e", stream);
        else
            fputc(*text, stream);
    }
}

static void print_paragraph(FILE *stream, const char *text)
{
    print_text(stream, text);
    fputc('\n', stream);
}

static void print_example(FILE *stream, const char *lines)
{
    fprintf(stream, ".PP\n.nf\n.RS 4\n");
    while (*lines) {
        char line[256];
        const size_t length = strcspn(lines, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, lines);
        print_paragraph(stream, line);
        lines += length + (lines[length] == '\n');
    }
    fprintf(stream, ".RE\n.fi\n");
}

static void print_commands(FILE *stream)
{
    fprintf(stream, ".SH COMMANDS\n");
    for (const pw_command_info *info = PW_COMMANDS; info->name; info++) {
        fprintf(stream, ".TP\n\\fBpartwise %s\\fR ", info->name);
        print_paragraph(stream, info->usage);
        print_paragraph(stream, info->description);
    }
    fprintf(stream, ".TP\n\\fBpartwise help\\fR [\\fICOMMAND\\fR]\n"
                    "Prints the commands, or what one of them takes.\n");
}

static void print_option(FILE *stream, const pw_option *option)
{
    char limits[PW_LIMITS_LENGTH];
    fprintf(stream, ".TP\n");
    if (option->letter)
        fprintf(stream, "\\fB\\-%c\\fR, ", option->letter);
    fprintf(stream, "\\fB\\-\\-");
    print_text(stream, option->name);
    fprintf(stream, "\\fR");
    if (option->value_name)
        fprintf(stream, " \\fI%s\\fR", option->value_name);
    fprintf(stream, "  (");
    const char *gap = "";
    for (const pw_command_info *info = PW_COMMANDS; info->name; info++)
        if (option->commands & info->command) {
            fprintf(stream, "%s%s", gap, info->name);
            gap = ", ";
        }
    fprintf(stream, ")\n");
    print_text(stream, option->help);
    print_paragraph(stream, pw_option_limits_text(option, PW_ANY_COMMAND, limits, sizeof limits));
}

static void print_options(FILE *stream)
{
    fprintf(stream, ".SH OPTIONS\nIn brackets: the section of the configuration file. In "
                    "parentheses: the commands that use the option.\n");
    for (const pw_option_section *section = PW_OPTION_SECTIONS; section->name; section++) {
        fprintf(stream, ".SS %s [%s]\n", section->title, section->name);
        for (const pw_option *option = PW_OPTIONS; option->name; option++)
            if (strcmp(option->section, section->name) == 0)
                print_option(stream, option);
    }
}

static void print_sources(FILE *stream)
{
    fprintf(stream, ".SH CONFIGURATION FILE\n");
    print_paragraph(stream, "--config FILE reads options from lines name = value under [section] "
                            "headings; ; or # begins a line that is a comment. Names of files are "
                            "relative to the current directory.");
    print_example(stream, "[files]\ninput = V.h5:/X\n[model]\nk = 20\n[stop]\ntolerance = 1e-5\n");
    fprintf(stream, ".SH ENVIRONMENT\n");
    print_paragraph(stream,
                    "Every option can be given as PARTWISE_NAME, in capitals and with _ for "
                    "-: PARTWISE_MAX_ITERATIONS=50. The command line beats the "
                    "environment, the environment beats the file.");
}

static void print_exit_codes(FILE *stream)
{
    static const struct {
        pw_code code;
        const char *meaning;
    } CODES[] = {
        {PW_OK, "Done."},
        {PW_ERROR_INTERNAL, "A failure inside partwise or a library it uses."},
        {PW_ERROR_USAGE, "Options that make no sense."},
        {PW_ERROR_INPUT, "An input file is missing, damaged, or holds what V may not hold."},
        {PW_ERROR_OUTPUT, "A result cannot be written."},
        {PW_ERROR_MEMORY, "The work does not fit into memory."},
        {PW_ERROR_CHECKPOINT, "A checkpoint is damaged or belongs to another run."},
        {PW_STOPPED, "Stopped on request after a checkpoint: start the same command again."},
        {PW_STOPPED_UNSAVED,
         "Stopped on request without a checkpoint: the model so far is written."},
    };
    fprintf(stream, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++)
        fprintf(stream, ".TP\n%d\n%s\n", (int)CODES[i].code, CODES[i].meaning);
}

pw_code pw_options_print_man(FILE *stream)
{
    fprintf(stream,
            ".TH PARTWISE 1 \"\" \"partwise %s\" \"User Commands\"\n"
            ".SH NAME\npartwise \\- non\\-negative matrix factorisation across many "
            "nodes\n.SH SYNOPSIS\n",
            pw_version());
    for (const pw_command_info *info = PW_COMMANDS; info->name; info++) {
        fprintf(stream, "%s\\fBpartwise %s\\fR ", info == PW_COMMANDS ? "" : ".br\n", info->name);
        print_text(stream, info->usage);
        fprintf(stream, " [options]\n");
    }
    fprintf(stream, ".SH DESCRIPTION\n");
    print_paragraph(stream, "partwise finds non-negative W (m x k) and H (k x n) with V close to "
                            "W H, where V is too large for one node. Run it as it is, or on many "
                            "processes with mpirun or srun.");
    print_commands(stream);
    print_options(stream);
    print_sources(stream);
    print_exit_codes(stream);
    fprintf(stream, ".SH EXAMPLES\n");
    for (const pw_command_info *info = PW_COMMANDS; info->name; info++)
        print_example(stream, info->examples);
    fprintf(stream, ".SH SEE ALSO\n.BR mpirun (1),\n.BR srun (1)\n");
    return pw_text_finish(stream);
}
