/* What every file of store/ shares: starting the HDF5 library, the HDF5 types of pw_type, and the
 * words of a failed call. For store/ alone: includes hdf5.h. */
#ifndef PW_STORE_TYPES_H
#define PW_STORE_TYPES_H

#include "base/status.h"
#include "base/type.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>

/* Local. To be called before any other use of HDF5, any number of times: no file locking (unless
 * the environment says otherwise), no printing of errors by the library. */
void pw_store_start(void);

/* Local. The type that elements of `type` have in memory; not to be closed. H5I_INVALID_HID for
 * PW_ONE. */
hid_t pw_store_native(pw_type type);

/* Local. The type that elements of `type` get in files: little-endian; not to be closed. */
hid_t pw_store_file_type(pw_type type);

/* Local. The narrowest pw_type that holds what a numeric file type holds (f16 as f32, bool as u8,
 * odd integer widths as the next wider one). False where the type is not numeric; `words` then
 * says what it is. */
bool pw_store_type(hid_t file_type, pw_type *type, const char **words);

/* Local. The reason of the last failed HDF5 call, in the library's words, cut to one line; "" if
 * there is none. Returns text. */
char *pw_store_reason(char *text, size_t size);

#endif
