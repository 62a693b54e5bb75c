/* --name value, --name=value, -x value, -xvalue, --flag, --flag=no, words without a name; "--"
 * ends the options. */
#include "base/options_find.h"
#include "base/options_sources.h"

#include <string.h>

enum { LABEL_LENGTH = 80 };

typedef struct command_line {
    pw_option_reading *reading;
    char **next; /* what is still to be read; NULL ends it */
    char **end;
    const char
        *words[PW_MOST_POSITIONALS + 1]; /* without a name; one too many is kept for the message */
    int word_count;
} command_line;

static void keep_word(command_line *line, const char *word)
{
    if (line->word_count <= PW_MOST_POSITIONALS)
        line->words[line->word_count++] = word;
}

/* The value of an option: what was written together with it (`attached`), or else the next word. */
static pw_code take_value(command_line *line, const pw_option *option, const char *attached,
                          const char **value)
{
    *value = attached;
    if (attached)
        return PW_OK;
    if (option->type == PW_OPTION_FLAG)
        *value = "yes";
    else if (line->next < line->end && strncmp(*line->next, "--", 2) != 0)
        *value = *line->next++;
    else
        return pw_fail(PW_ERROR_USAGE, "--%s: the value is missing. Write --%s %s.", option->name,
                       option->name, option->value_name);
    return PW_OK;
}

static pw_code give(command_line *line, const pw_option *option, const char *attached)
{
    pw_code code = PW_OK;
    char label[LABEL_LENGTH];
    const char *value;
    snprintf(label, sizeof label, "--%s", option->name);
    PW_TRY(take_value(line, option, attached, &value));
    PW_TRY(pw_option_give(line->reading, option, PW_SOURCE_COMMAND_LINE, label, value));
done:
    return code;
}

/* `text` follows the two dashes. */
static pw_code read_long(command_line *line, const char *text)
{
    char label[LABEL_LENGTH];
    const pw_command command = line->reading->command;
    const int length = (int)strcspn(text, "=");
    snprintf(label, sizeof label, "--%.*s", length, text);
    const pw_option *option = pw_option_find(label + 2, command);
    if (!option)
        return pw_option_fail_unknown(command, label, "--", label + 2);
    return give(line, option, text[length] ? text + length + 1 : NULL);
}

/* `text` follows the one dash. */
static pw_code read_short(command_line *line, const char *text)
{
    const pw_command command = line->reading->command;
    const pw_option *option = pw_option_find_letter(text[0], command);
    const pw_option *elsewhere = pw_option_find_letter(text[0], PW_ANY_COMMAND);
    const char label[] = {'-', text[0], '\0'};
    if (!option)
        return pw_option_fail_unknown(command, elsewhere ? label : text - 1, "--",
                                      elsewhere ? elsewhere->name : text);
    if (option->type == PW_OPTION_FLAG && text[1])
        return pw_option_fail_unknown(command, text - 1, "--", text);
    return give(line, option, text[1] ? text + 1 : NULL);
}

/* Words without a name fill, in order, the places that no option has filled. */
static pw_code place_words(command_line *line)
{
    pw_code code = PW_OK;
    const pw_command_info *info = pw_command_describe(line->reading->command);
    int placed = 0;
    for (int i = 0; i < PW_MOST_POSITIONALS && info->positionals[i]; i++) {
        const pw_option *option = pw_option_find(info->positionals[i], info->command);
        if (placed < line->word_count &&
            pw_option_source_of(line->reading, option) != PW_SOURCE_COMMAND_LINE)
            PW_TRY(pw_option_give(line->reading, option, PW_SOURCE_COMMAND_LINE, option->name,
                                  line->words[placed++]));
    }
    if (placed < line->word_count)
        code = pw_fail(PW_ERROR_USAGE,
                       "%s: '%.400s' is one argument too many. Usage: partwise %s %s [options]",
                       info->name, line->words[placed], info->name, info->usage);
done:
    return code;
}

pw_code pw_options_read_command_line(pw_option_reading *reading, int argc, char **argv)
{
    pw_code code = PW_OK;
    command_line line = {.reading = reading, .next = argv + 1, .end = argv + argc};
    bool options_ended = false;
    while (line.next < line.end) {
        const char *word = *line.next++;
        if (options_ended || word[0] != '-' || word[1] == '\0')
            keep_word(&line, word);
        else if (strcmp(word, "--") == 0)
            options_ended = true;
        else if (word[1] == '-')
            PW_TRY(read_long(&line, word + 2));
        else
            PW_TRY(read_short(&line, word + 1));
    }
    PW_TRY(place_words(&line));
done:
    return code;
}
