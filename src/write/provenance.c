/* Where a result comes from: program, command, machine, input, time. What differs from rank to rank is rank 0's. */
#include "write/parts.h"

#include "base/version.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { TIME_LENGTH = 32 };

static void time_text(time_t when, char text[static TIME_LENGTH])
{
    struct tm parts;
    text[0] = '\0';
    if (gmtime_r(&when, &parts))
        strftime(text, TIME_LENGTH, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static pw_code write_place(pw_team *team, pw_writer *writer, const pw_result *result)
{
    char host[MPI_MAX_PROCESSOR_NAME] = "", start[TIME_LENGTH], end[TIME_LENGTH];
    int length;
    pw_code code = PW_OK;
    MPI_Get_processor_name(host, &length);
    time_text((time_t)result->started, start);
    time_text(time(NULL), end);
    PW_TRY(pw_writer_attribute_text(writer, "/provenance", "host", host));
    PW_TRY(pw_writer_attribute_int(writer, "/provenance", "ranks", team->size));
    PW_TRY(pw_writer_attribute_int(writer, "/provenance", "threads", team->threads));
    PW_TRY(pw_writer_attribute_text(writer, "/provenance", "start", start));
    PW_TRY(pw_writer_attribute_text(writer, "/provenance", "end", end));
done:
    return code;
}

pw_code pw_write_provenance(pw_team *team, pw_writer *writer, const pw_result *result)
{
    char fingerprint[24];
    pw_code code = PW_OK;
    snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, result->summary->fingerprint);
    PW_TRY(pw_writer_group(writer, "/provenance"));
    PW_TRY(pw_writer_attribute_text(writer, "/provenance", "version", pw_version()));
    PW_TRY(pw_writer_attribute_text(writer, "/provenance", "commit", pw_commit()));
    PW_TRY(pw_writer_attribute_text(writer, "/provenance", "command_line",
                                    result->options->command_line));
    PW_TRY(pw_writer_attribute_text(writer, "/provenance", "input", result->V->path));
    PW_TRY(pw_writer_attribute_text(writer, "/provenance", "input_fingerprint", fingerprint));
    PW_TRY(pw_writer_attribute_text(writer, "/provenance", "stop_reason",
                                    pw_reason_text(result->model->reason)));
    PW_TRY(write_place(team, writer, result));
done:
    return code;
}
