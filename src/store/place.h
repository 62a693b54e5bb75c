/* Paths inside a file: what stands in a group. */
#ifndef PW_STORE_PLACE_H
#define PW_STORE_PLACE_H

#include <stdint.h>

enum { PW_PLACE = 64 };

/* Local. "/" and "W" → "/W", "/models/3" and "state/W" → "/models/3/state/W". Returns `text`. */
const char *pw_place_name(const char *group, const char *name, char text[static PW_PLACE]);

/* Local. The group of one of several models: "/models/3". Returns `text`. */
const char *pw_place_of_model(int64_t model, char text[static PW_PLACE]);

#endif
