#include "update/update.h"

const pw_method *pw_method_at(int64_t index)
{
    static const pw_method METHODS[] = {{.name = "auto"},
#define METHOD(name, text_name, frobenius, missing, kl, beta, traits, copies, text)                \
    {text_name, text,   frobenius,          missing,         kl, beta,                             \
     traits,    copies, pw_##name##_update, pw_##name##_work},
                                        PW_METHODS(METHOD)
#undef METHOD
    };
    return &METHODS[index];
}

int64_t pw_update_work(const pw_method *method, int k)
{
    const int64_t update = method->work(k), residual = pw_problem_residual_work(k);
    return update > residual ? update : residual;
}

int pw_inner_iterations(int64_t nonzeros, int64_t rows, int k)
{
    enum { MOST = 10 };
    const double ratio = (double)nonzeros / ((double)(rows > 0 ? rows : 1) * k);
    const double repeats = 1 + 0.5 * ratio;
    return repeats < MOST ? (int)repeats : MOST;
}
