/* Each word of a name tells some of the class; together they must tell all of it, and not contradict each other. */
#include "select/mutation_class.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct change {
    char from, to; /* 0: not told yet */
    char context[PW_MUTATION_CONTEXT];
    int64_t context_length; /* 0: not told yet */
} change;

static bool is_base(char c)
{
    return c == 'A' || c == 'C' || c == 'G' || c == 'T';
}

static bool are_bases(const char *text, int64_t length)
{
    while (length > 0 && is_base(text[length - 1]))
        length--;
    return length == 0;
}

static bool tell_type(change *c, char from, char to)
{
    if (!is_base(from) || !is_base(to) || (c->from && (c->from != from || c->to != to)))
        return false;
    c->from = from;
    c->to = to;
    return true;
}

static bool tell_context(change *c, const char *context, int64_t length)
{
    if (length < 3 || length > PW_MUTATION_CONTEXT || length % 2 == 0 ||
        !are_bases(context, length) ||
        (c->context_length > 0 &&
         (c->context_length != length || memcmp(c->context, context, (size_t)length) != 0)))
        return false;
    memcpy(c->context, context, (size_t)length);
    c->context_length = length;
    return true;
}

/* A[C>A]A: the context is what is left without "[", ">A]". */
static bool tell_all(change *c, const char *word, int64_t length)
{
    char context[PW_MUTATION_CONTEXT];
    const int64_t flank = (length - 5) / 2;
    const char *middle = word + flank;
    if (flank < 1 || length != 2 * flank + 5 || 2 * flank + 1 > PW_MUTATION_CONTEXT ||
        middle[0] != '[' || middle[2] != '>' || middle[4] != ']')
        return false;
    memcpy(context, word, (size_t)flank);
    context[flank] = middle[1];
    memcpy(context + flank + 1, middle + 5, (size_t)flank);
    return tell_type(c, middle[1], middle[3]) && tell_context(c, context, 2 * flank + 1);
}

static bool tell(change *c, const char *word, int64_t length)
{
    if (length == 3 && word[1] == '>')
        return tell_type(c, word[0], word[2]);
    return memchr(word, '[', (size_t)length) ? tell_all(c, word, length)
                                             : tell_context(c, word, length);
}

static bool is_between(char c)
{
    return c == ' ' || c == '\t' || c == ',';
}

int64_t pw_mutation_class(const char *name, int64_t length,
                          char text[static PW_MUTATION_CLASS_LENGTH])
{
    change c = {.context_length = 0};
    for (int64_t at = 0, end; at < length; at = end) {
        while (at < length && is_between(name[at]))
            at++;
        end = at;
        while (end < length && !is_between(name[end]))
            end++;
        if (end > at && !tell(&c, name + at, end - at))
            return 0;
    }
    const int flank = (int)(c.context_length - 1) / 2;
    if (!c.from || c.context_length == 0 || c.context[flank] != c.from)
        return 0;
    return snprintf(text, PW_MUTATION_CLASS_LENGTH, "%.*s[%c>%c]%.*s", flank, c.context, c.from,
                    c.to, flank, c.context + flank + 1);
}
