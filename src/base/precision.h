/* The type of the products with V. */
#ifndef PW_BASE_PRECISION_H
#define PW_BASE_PRECISION_H

#include "base/options.h"
#include "base/type.h"

#include <stdbool.h>

/* Local. The precision that V's own type can resolve: double for f64 and whole numbers of 32 bits and
 * more, else single. */
pw_precision pw_precision_for(pw_type type);

/* Local. Whether products with V of this type run in float, for what --precision asks. */
bool pw_is_single(pw_precision asked, pw_type type);

#endif
