/* Three maxima tell which types fit, so that ranges are joined by one reduction. */
#include "matrix/range.h"

#include "dist/collective.h"

#include <math.h>

pw_range pw_range_empty(void)
{
    return (pw_range){.largest = -HUGE_VAL, .below = -HUGE_VAL};
}

void pw_range_add(pw_range *range, const double *values, int64_t count)
{
    pw_range r = *range;
    for (int64_t i = 0; i < count; i++) {
        const double value = values[i];
        if (!(fabs(value) < HUGE_VAL) || value != trunc(value)) {
            r.fraction = 1;
            continue;
        }
        if (value > r.largest)
            r.largest = value;
        if (-value > r.below)
            r.below = -value;
    }
    *range = r;
}

void pw_range_agree(pw_team *team, pw_range *range)
{
    double all[3] = {range->fraction, range->largest, range->below};
    pw_reduce_max(team, all, 3);
    *range = (pw_range){.fraction = all[0], .largest = all[1], .below = all[2]};
}

bool pw_range_is_one(const pw_range *range)
{
    return range->fraction == 0 && range->largest <= 1 && range->below <= -1;
}

pw_type pw_range_narrowest(const pw_range *range)
{
    if (range->fraction != 0 || range->below > 0 || !(range->largest < 0x1p64))
        return PW_F64;
    return pw_type_for_whole_numbers(range->largest);
}

bool pw_range_fits(const pw_range *range, pw_type type)
{
    if (type == PW_ONE)
        return pw_range_is_one(range);
    if (type == PW_F32 || type == PW_F64)
        return true;
    const int bits = 8 * (int)pw_type_size(type);
    const bool is_signed = type == PW_I8 || type == PW_I16 || type == PW_I32 || type == PW_I64;
    const double top = ldexp(1, is_signed ? bits - 1 : bits);
    return range->fraction == 0 && range->largest < top && range->below <= (is_signed ? top : 0);
}
