#include "base/precision.h"

pw_precision pw_precision_for(pw_type type)
{
    switch (type) {
    case PW_U32:
    case PW_I32:
    case PW_U64:
    case PW_I64:
    case PW_F64:
        return PW_PRECISION_DOUBLE;
    default:
        return PW_PRECISION_SINGLE;
    }
}

bool pw_is_single(pw_precision asked, pw_type type)
{
    return (asked == PW_PRECISION_AUTO ? pw_precision_for(type) : asked) == PW_PRECISION_SINGLE;
}
