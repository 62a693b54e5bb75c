/* Whether a checkpoint is of this run: its options of identity, and its V. */
#include "initialise/resume.h"

#include "matrix/factors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The options of identity while those of the file are read. */
typedef struct identity {
    pw_reader *reader;
    uint64_t sum;                       /* of those in the file */
    char difference[PW_FAILURE_LENGTH]; /* the first that has another value here; "": none */
} identity;

static const char CURE[] = "Use the command of that run, or another --checkpoint, or remove that "
                           "file and its .prev to start anew";

static pw_code compare_option(void *context, const char *name, const char *value, bool counts)
{
    identity *found = context;
    if (!counts)
        return PW_OK;
    char *there = pw_reader_attribute_text(found->reader, "/options", name);
    if (there)
        found->sum += pw_text_checksum(name, there);
    if (!found->difference[0] && (!there || strcmp(there, value) != 0))
        snprintf(found->difference, sizeof found->difference,
                 "is the checkpoint of another run: its option %s is '%s', here it is '%s'. %s.",
                 name, there ? there : "unknown", value, CURE);
    free(there);
    return PW_OK;
}

bool pw_resume_checksum_is(pw_reader *reader, const char *group, const char *attribute,
                           uint64_t sum)
{
    char expected[PW_CHECKSUM_TEXT];
    char *there = pw_reader_attribute_text(reader, group, attribute);
    snprintf(expected, sizeof expected, "%016" PRIx64, sum);
    const bool same = there && strcmp(there, expected) == 0;
    free(there);
    return same;
}

pw_code pw_resume_damaged(pw_reader *reader, const char *what)
{
    return pw_fail(PW_ERROR_INPUT, "%s: is damaged: %s.", pw_reader_path(reader), what);
}

static pw_code other_input(pw_reader *reader, const pw_wanted *w)
{
    char *path = pw_reader_attribute_text(reader, "/provenance", "input");
    const pw_code code = pw_fail(
        PW_ERROR_CHECKPOINT,
        "%s: is the checkpoint of another run: its input was '%s' with other entries than "
        "'%s' has. %s.",
        pw_reader_path(reader), path ? path : "unknown", w->V->path ? w->V->path : "V", CURE);
    free(path);
    return code;
}

pw_code pw_resume_check_identity(pw_reader *reader, const pw_wanted *w)
{
    identity found = {.reader = reader};
    char *kind = pw_reader_attribute_text(reader, "/", "partwise");
    char *fingerprint = pw_reader_attribute_text(reader, "/provenance", "input_fingerprint");
    pw_code code = PW_OK;
    if (!kind || strcmp(kind, "checkpoint") != 0 || !fingerprint)
        PW_TRY(
            pw_fail(PW_ERROR_INPUT, "%s: is no checkpoint of partwise.", pw_reader_path(reader)));
    pw_options_visit(w->options, compare_option, &found);
    found.sum += pw_text_checksum("input_fingerprint", fingerprint);
    if (!pw_resume_checksum_is(reader, "/state", "identity_checksum", found.sum))
        PW_TRY(pw_resume_damaged(reader, "the checksum of its options is wrong"));
    if (found.difference[0])
        PW_TRY(pw_fail(PW_ERROR_CHECKPOINT, "%s: %s", pw_reader_path(reader), found.difference));
    if (strcmp(fingerprint, w->fingerprint) != 0)
        code = other_input(reader, w);
done:
    free(kind);
    free(fingerprint);
    return code;
}
