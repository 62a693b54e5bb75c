#include "plinalg/eigen_check.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "linalg/blas.h"

#include <inttypes.h>
#include <math.h>

enum { SAMPLE = 4 }; /* vectors that are looked at */

/* Of an error of `n` roundings, relative to the norm of A. */
static double tolerance(int64_t n)
{
    return 1e-13 * (double)(n + 10);
}

pw_code pw_eigen_sums_of(pw_team *team, const pw_layout *layout, const double *A,
                         pw_eigen_sums *sums)
{
    const int64_t n = layout->total, count = pw_layout_count(layout, team->rank);
    const int64_t first = pw_layout_first(layout, team->rank);
    double scale = 0, sum[2] = {0, 0};
    for (int64_t i = 0; i < count * n; i++)
        scale = fmax(scale, fabs(A[i]));
    pw_reduce_max(team, &scale, 1);
    const double unit = scale > 0 ? scale : 1;
    for (int64_t i = 0; i < count; i++) {
        sum[0] += A[i * n + first + i] / unit;
        for (int64_t j = 0; j < n; j++)
            sum[1] += A[i * n + j] / unit * (A[i * n + j] / unit);
    }
    pw_reduce_sum(team, sum, 2);
    *sums = (pw_eigen_sums){.scale = unit, .trace = sum[0], .squares = sum[1]};
    return pw_agree(team, isfinite(sum[1]) ? PW_OK
                                           : pw_fail(PW_ERROR_INTERNAL,
                                                     "a matrix whose eigenvalues are wanted is "
                                                     "not finite"));
}

pw_code pw_eigen_check_values(const pw_eigen_sums *sums, int64_t n, const double *values)
{
    double trace = 0, squares = 0;
    for (int64_t j = 0; j < n; j++) {
        trace += values[j] / sums->scale;
        squares += values[j] / sums->scale * (values[j] / sums->scale);
    }
    if (fabs(trace - sums->trace) <= tolerance(n) * sqrt(sums->squares) &&
        fabs(squares - sums->squares) <= tolerance(n) * sums->squares)
        return PW_OK;
    return pw_fail(PW_ERROR_INTERNAL,
                   "ScaLAPACK's %" PRId64
                   " eigenvalues have sum %.17g and sum of squares %.17g, but "
                   "their matrix %.17g and %.17g (over its largest entry)",
                   n, trace, squares, sums->trace, sums->squares);
}

typedef struct sample {
    int64_t n, count; /* rows: of all ranks, of this one */
    int vectors;
    double *own;     /* count × vectors */
    double *all;     /* n × vectors */
    double *product; /* room for either, and for its transpose */
} sample;

/* Which vector number s of the sample is: the first, the last, and those between. */
static int64_t place(const sample *v, int s)
{
    return v->n > SAMPLE ? s * (v->n - 1) / (SAMPLE - 1) : s;
}

static pw_code take(pw_team *team, const pw_layout *layout, const double *vectors, sample *v)
{
    const int64_t n = layout->total, count = pw_layout_count(layout, team->rank);
    const int width = n < SAMPLE ? (int)n : SAMPLE;
    pw_code code = PW_OK;
    *v = (sample){.n = n, .count = count, .vectors = width};
    PW_TRY(PW_NEW(v->own, count * width));
    PW_TRY(PW_NEW(v->all, n * width));
    PW_TRY(PW_NEW(v->product, n * width));
done:
    if ((code = pw_agree(team, code)) != PW_OK)
        return code;
    for (int64_t i = 0; i < count; i++)
        for (int s = 0; s < width; s++)
            v->own[i * width + s] = vectors[i * n + place(v, s)];
    pw_gather_rows(team, layout, width * (int64_t)sizeof *v->own, v->own, v->all);
    return PW_OK;
}

/* Σ |A v - w v|² / scale² over this rank's rows. Sums, unlike maxima, keep what is not a number. */
static double residual(const sample *v, double scale, const double *A, const double *values)
{
    double sum = 0;
    pw_gemm_double(false, false, v->count, v->vectors, v->n, A, v->n, v->all, v->vectors, 0,
                   v->product, v->vectors);
    for (int64_t i = 0; i < v->count; i++)
        for (int s = 0; s < v->vectors; s++) {
            const int64_t at = i * v->vectors + s;
            const double miss = (v->product[at] - values[place(v, s)] * v->own[at]) / scale;
            sum += miss * miss;
        }
    return sum;
}

/* Σ (v · u - [v = u])² over the sample's v and all u. */
static double skewness(pw_team *team, const sample *v, const double *vectors)
{
    double sum = 0;
    pw_gemm_double(true, false, v->vectors, v->n, v->count, v->own, v->vectors, vectors, v->n, 0,
                   v->product, v->n);
    pw_reduce_sum(team, v->product, v->vectors * v->n);
    for (int s = 0; s < v->vectors; s++)
        for (int64_t j = 0; j < v->n; j++) {
            const double miss = v->product[s * v->n + j] - (j == place(v, s));
            sum += miss * miss;
        }
    return sum;
}

pw_code pw_eigen_check_vectors(pw_team *team, const pw_layout *layout, const pw_eigen_sums *sums,
                               const double *A, const double *values, const double *vectors)
{
    sample v;
    pw_code code = take(team, layout, vectors, &v);
    if (code == PW_OK) {
        double miss = residual(&v, sums->scale, A, values);
        pw_reduce_sum(team, &miss, 1);
        const double relative = sqrt(sums->squares > 0 ? miss / sums->squares : miss);
        const double skew = sqrt(skewness(team, &v, vectors));
        if (!(relative <= tolerance(v.n) && skew <= tolerance(v.n)))
            code = pw_fail(PW_ERROR_INTERNAL,
                           "ScaLAPACK's eigenvectors of %" PRId64
                           " rows miss A v = w v by %g of the norm of A and orthogonality by %g",
                           v.n, relative, skew);
        code = pw_agree(team, code);
    }
    free(v.own);
    free(v.all);
    free(v.product);
    return code;
}
