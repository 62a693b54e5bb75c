/* Where a data set stands in its file, for those that read it without HDF5. */
#include "store/reader_private.h"

#include <string.h>

/* Links may lead to other files. */
static bool is_elsewhere(hid_t file, hid_t dataset)
{
    char name[2][4096] = {"", ""};
    const hid_t own = H5Iget_file_id(dataset);
    const bool known = own >= 0 && H5Fget_name(file, name[0], sizeof name[0]) > 0 &&
                       H5Fget_name(own, name[1], sizeof name[1]) > 0;
    if (own >= 0)
        H5Fclose(own);
    return !known || strcmp(name[0], name[1]) != 0;
}

/* NULL, or why the elements do not stand in the file one behind the other as `type` is in memory. */
static const char *find_obstacle(hid_t file, hid_t dataset, pw_type type)
{
    const char *reason = NULL;
    const hid_t creation = H5Dget_create_plist(dataset), stored = H5Dget_type(dataset);
    const H5T_class_t class = stored < 0 ? H5T_NO_CLASS : H5Tget_class(stored);
    if (creation < 0 || stored < 0)
        reason = "cannot be read";
    else if (H5Pget_nfilters(creation) > 0)
        reason = "is compressed";
    else if (H5Pget_layout(creation) != H5D_CONTIGUOUS)
        reason = "is stored in chunks";
    else if (H5Pget_external_count(creation) > 0 || is_elsewhere(file, dataset))
        reason = "is kept in other files";
    else if ((class != H5T_INTEGER && class != H5T_FLOAT) ||
             H5Tequal(stored, pw_store_native(type)) <= 0)
        reason = "has numbers of a type or byte order that is not this machine's";
    else if (H5Dget_offset(dataset) == HADDR_UNDEF)
        reason = "was never written";
    if (stored >= 0)
        H5Tclose(stored);
    if (creation >= 0)
        H5Pclose(creation);
    return reason;
}

pw_code pw_reader_offset(pw_reader *reader, const char *name, pw_type type, int64_t *offset,
                         const char **obstacle)
{
    const hid_t dataset = H5Dopen2(reader->file, name, H5P_DEFAULT);
    if (dataset < 0)
        return pw_reader_failed(reader, name, dataset);
    *obstacle = find_obstacle(reader->file, dataset, type);
    *offset = *obstacle ? -1 : (int64_t)H5Dget_offset(dataset);
    H5Dclose(dataset);
    return PW_OK;
}
