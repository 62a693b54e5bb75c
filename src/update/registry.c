#include "update/update.h"

#include "update/lanes.h"

const pw_method *pw_method_at(int64_t index)
{
    static const pw_method METHODS[] = {{.name = "auto"},
#define METHOD(name, text_name, frobenius, missing, kl, beta, traits, copies, text)                \
    {text_name, text, frobenius, missing, kl, beta, traits, copies, pw_##name##_update},
                                        PW_METHODS(METHOD)
#undef METHOD
    };
    return &METHODS[index];
}

int64_t pw_update_work(int k)
{
    const int64_t panels = (int64_t)2 * k * PW_LANES + PW_VECTOR_LENGTH; /* and their alignment */
    const int64_t step = (int64_t)k * k + PW_NEWTON_VECTORS * (int64_t)k;
    return panels > step ? panels : step;
}

int pw_inner_iterations(int64_t nonzeros, int64_t rows, int k)
{
    enum { MOST = 10 };
    const double ratio = (double)nonzeros / ((double)(rows > 0 ? rows : 1) * k);
    const double repeats = 1 + 0.5 * ratio;
    return repeats < MOST ? (int)repeats : MOST;
}
