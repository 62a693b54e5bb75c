#include "store/place.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *pw_place_name(const char *group, const char *name, char text[static PW_PLACE])
{
    snprintf(text, PW_PLACE, "%s/%s", strcmp(group, "/") == 0 ? "" : group, name);
    return text;
}

const char *pw_place_of_model(int64_t model, char text[static PW_PLACE])
{
    snprintf(text, PW_PLACE, "/models/%" PRId64, model);
    return text;
}
