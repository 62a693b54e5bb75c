/* The life of a file that is written in parallel, and what its data sets have in common. Transfers are
 * independent: a rank whose transfer fails goes on to the next agreement, so that no other waits for it. */
#include "store/writer_private.h"

#include "base/fault.h"
#include "base/memory.h"

enum { REASON_LENGTH = 300 };

/* ---- failures ---- */

pw_code pw_writer_broke(pw_writer *writer, const char *name)
{
    char reason[REASON_LENGTH];
    writer->broken = true;
    pw_store_reason(reason, sizeof reason);
    return pw_fail(PW_ERROR_OUTPUT, "%s: writing '%s' failed on rank %d: %s. Is the disk full?",
                   writer->output.path, name, writer->team->rank,
                   reason[0] ? reason : "no reason given");
}

/* HDF5 may wait for ever in closing a file that broke, and MPI may crash after it. */
static _Noreturn void end_job(pw_writer *writer, pw_code code)
{
    if (writer->team->rank != 0)
        MPI_Barrier(writer->team->comm); /* until rank 0 has ended the job */
    pw_output_discard(writer->team, &writer->output);
    pw_team_abort(writer->team, code);
}

pw_code pw_writer_settle(pw_writer *writer, pw_code code)
{
    if ((code = pw_agree(writer->team, code)) == PW_OK)
        return PW_OK;
    int broken = writer->broken;
    MPI_Allreduce(MPI_IN_PLACE, &broken, 1, MPI_INT, MPI_MAX, writer->team->comm);
    if (broken)
        end_job(writer, code);
    return code;
}

/* ---- the file ---- */

static pw_code not_created(const pw_writer *writer)
{
    char reason[REASON_LENGTH];
    return pw_fail(PW_ERROR_OUTPUT, "%s: cannot be created: %s.", writer->output.path,
                   pw_store_reason(reason, sizeof reason));
}

/* Contiguous, not filled before it is written, and without times, which differ from rank to rank. */
static hid_t new_creation_list(void)
{
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_layout(list, H5D_CONTIGUOUS);
    H5Pset_fill_time(list, H5D_FILL_TIME_NEVER);
    H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY);
    H5Pset_obj_track_times(list, false);
    return list;
}

/* Where some ranks have the file open and others do not, it cannot be closed. */
static pw_code create_file(pw_writer *writer)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    pw_code code = PW_OK;
    H5Pset_fapl_mpio(access, writer->team->comm, MPI_INFO_NULL);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    if (writer->guarded)
        H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
    writer->file = H5Fcreate(writer->output.temporary, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    if (writer->file < 0)
        code = not_created(writer);
    H5Pclose(access);
    int opened = writer->file >= 0;
    MPI_Allreduce(MPI_IN_PLACE, &opened, 1, MPI_INT, MPI_MAX, writer->team->comm);
    writer->broken = opened && writer->file < 0;
    return pw_writer_settle(writer, code);
}

static pw_code create_writer(pw_team *team, const char *path, int64_t bytes, bool guarded,
                             pw_writer **writer)
{
    pw_store_start();
    pw_code code = pw_agree(team, PW_NEW(*writer, 1));
    if (code != PW_OK) { /* some ranks have none to discard together */
        free(*writer);
        *writer = NULL;
        return code;
    }
    (*writer)->team = team;
    (*writer)->guarded = guarded;
    (*writer)->file = H5I_INVALID_HID;
    (*writer)->creation = new_creation_list();
    PW_TRY(pw_output_open(team, path, bytes, &(*writer)->output));
    PW_TRY(create_file(*writer));
    if (team->rank == 0)
        pw_output_reserve(&(*writer)->output, bytes);
done:
    if (code != PW_OK)
        pw_writer_discard(writer);
    return code;
}

pw_code pw_writer_create(pw_team *team, const char *path, int64_t bytes, pw_writer **writer)
{
    return create_writer(team, path, bytes, false, writer);
}

pw_code pw_writer_create_guarded(pw_team *team, const char *path, int64_t bytes, pw_writer **writer)
{
    return create_writer(team, path, bytes, true, writer);
}

static void destroy(pw_writer **writer)
{
    H5Pclose((*writer)->creation);
    free(*writer);
    *writer = NULL;
}

pw_code pw_writer_commit(pw_writer **writer, bool keep_previous)
{
    pw_writer *w = *writer;
    pw_code code = PW_OK;
    if (H5Fflush(w->file, H5F_SCOPE_GLOBAL) < 0)
        code = pw_writer_broke(w, "/");
    PW_TRY(pw_writer_settle(w, code));
    if (H5Fclose(w->file) < 0)
        code = pw_writer_broke(w, "/");
    w->file = H5I_INVALID_HID;
    PW_TRY(pw_writer_settle(w, code));
    code = pw_output_publish(w->team, &w->output, keep_previous);
done:
    destroy(writer);
    return code;
}

void pw_writer_discard(pw_writer **writer)
{
    if (!writer || !*writer)
        return;
    if ((*writer)->file >= 0)
        H5Fclose((*writer)->file);
    pw_output_discard((*writer)->team, &(*writer)->output);
    destroy(writer);
}

pw_code pw_writer_group(pw_writer *writer, const char *name)
{
    const hid_t list = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_obj_track_times(list, false);
    const hid_t group = H5Gcreate2(writer->file, name, H5P_DEFAULT, list, H5P_DEFAULT);
    pw_code code = PW_OK;
    if (group < 0 || H5Gclose(group) < 0)
        code = pw_writer_broke(writer, name);
    H5Pclose(list);
    return pw_writer_settle(writer, code);
}

/* ---- data sets ---- */

pw_target pw_target_create(pw_writer *writer, const char *name, int dimensions,
                           const int64_t *extent, hid_t stored, hid_t native)
{
    hsize_t size[2] = {0};
    for (int d = 0; d < dimensions; d++)
        size[d] = (hsize_t)extent[d];
    pw_target target = {.name = name, .native = native, .dimensions = dimensions};
    target.space = H5Screate_simple(dimensions, size, NULL);
    target.id = H5Dcreate2(writer->file, name, stored, target.space, H5P_DEFAULT, writer->creation,
                           H5P_DEFAULT);
    return target;
}

pw_code pw_target_put(pw_writer *writer, const pw_target *target, const int64_t *start,
                      const int64_t *count, const void *values)
{
    hsize_t from[2] = {0}, length[2] = {0};
    for (int d = 0; d < target->dimensions; d++) {
        from[d] = (hsize_t)start[d];
        length[d] = (hsize_t)count[d];
    }
    if (target->id < 0 || writer->broken)
        return PW_ERROR_OUTPUT;
    const hid_t memory = H5Screate_simple(target->dimensions, length, NULL);
    const bool good =
        memory >= 0 && !pw_fault(PW_FAULT_WRITE) &&
        H5Sselect_hyperslab(target->space, H5S_SELECT_SET, from, NULL, length, NULL) >= 0 &&
        H5Dwrite(target->id, target->native, memory, target->space, H5P_DEFAULT, values) >= 0;
    const pw_code code = good ? PW_OK : pw_writer_broke(writer, target->name);
    if (memory >= 0)
        H5Sclose(memory);
    return code;
}

pw_code pw_target_close(pw_writer *writer, pw_target *target, pw_code code)
{
    if (target->id < 0)
        code = pw_writer_broke(writer, target->name);
    if ((code = pw_writer_settle(writer, code)) == PW_OK && H5Dclose(target->id) < 0)
        code = pw_writer_broke(writer, target->name);
    if (target->space >= 0)
        H5Sclose(target->space);
    return code == PW_OK ? PW_OK : pw_writer_settle(writer, code);
}
