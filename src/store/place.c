#include "store/place.h"

#include <stdio.h>
#include <string.h>

const char *pw_place_name(const char *group, const char *name, char text[static PW_PLACE])
{
    snprintf(text, PW_PLACE, "%s/%s", strcmp(group, "/") == 0 ? "" : group, name);
    return text;
}
