#include "measure/measure.h"

#include "base/memory.h"
#include "base/random.h"
#include "linalg/blas.h"
#include "matrix/share.h"
#include "matrix/touch.h"

#include <omp.h>

static int64_t real_size(const pw_sweep_meter *m)
{
    return m->single ? sizeof(float) : sizeof(double);
}

static void fill(const pw_sweep_meter *m)
{
    const pw_random_key key_w = {0, PW_RANDOM_W, 0}, key_h = {0, PW_RANDOM_H, 0};
    for (int64_t i = 0; i < m->V->count; i++)
        for (int c = 0; c < m->k; c++)
            m->W[i * m->k + c] = pw_random_uniform(key_w, m->V->first + i, (uint32_t)c);
    for (int64_t j = 0; j < m->V->cols; j++)
        for (int c = 0; c < m->k; c++)
            m->H[j * m->k + c] = pw_random_uniform(key_h, j, (uint32_t)c);
}

/* Numbers as BLAS wants them, in the type of the products. */
static void copy(const pw_sweep_meter *m, pw_type type, const void *values, int64_t count, void *to)
{
    if (m->single)
        pw_widen_to_float(type, values, 0, count, to);
    else
        pw_widen_to_double(type, values, 0, count, to);
}

static pw_code create_blas(pw_sweep_meter *m)
{
    const pw_matrix *V = m->V;
    const size_t size = (size_t)real_size(m);
    const pw_type type = m->single ? PW_F32 : PW_F64;
    m->W_wide = pw_new(V->count * m->k, size);
    m->H_wide = pw_new(V->cols * m->k, size);
    m->R_wide = pw_new(V->count * m->k, size);
    m->P_wide = pw_new(V->cols * m->k, size);
    if (V->type != type)
        m->V_wide = pw_new(V->count * V->cols, size);
    if (!m->W_wide || !m->H_wide || !m->R_wide || !m->P_wide || (V->type != type && !m->V_wide))
        return PW_ERROR_MEMORY;
    copy(m, PW_F64, m->W, V->count * m->k, m->W_wide);
    copy(m, PW_F64, m->H, V->cols * m->k, m->H_wide);
    if (m->V_wide)
        copy(m, V->type, V->values, V->count * V->cols, m->V_wide);
    return PW_OK;
}

static pw_code create_products(pw_sweep_meter *m)
{
    const pw_products_request request = {.K = m->k,
                                         .precision =
                                             m->single ? PW_PRECISION_SINGLE : PW_PRECISION_DOUBLE,
                                         .typical = 1,
                                         .terms = PW_TERMS_V};
    const int threads = m->team->threads;
    pw_code code = PW_OK;
    m->source = pw_source_of(m->V, threads);
    PW_TRY(PW_NEW(m->W, m->V->count * m->k));
    pw_touch_rows(m->team, m->V, (size_t)m->k * sizeof *m->W, m->W);
    PW_TRY(PW_NEW(m->H, m->V->cols * m->k));
    PW_TRY(PW_NEW(m->P, m->V->cols * m->k));
    PW_TRY(PW_NEW(m->R, threads));
    for (int t = 0; t < threads; t++)
        PW_TRY(PW_NEW(m->R[t], m->source.tile_rows * m->k));
    PW_TRY(pw_workspace_create(&m->source, threads, &m->workspace));
    PW_TRY(pw_products_create(&m->workspace, &request, &m->products));
done:
    return code;
}

pw_code pw_sweep_meter_create(pw_team *team, const pw_matrix *V, int k, bool single, bool with_blas,
                              pw_sweep_meter *meter)
{
    *meter = (pw_sweep_meter){.team = team, .V = V, .k = k, .single = single};
    pw_code code = create_products(meter);
    if (code == PW_OK) {
        fill(meter);
        code = with_blas ? create_blas(meter) : PW_OK;
    }
    return pw_agree(team, code);
}

void pw_sweep_meter_destroy(pw_sweep_meter *meter)
{
    void *const all[] = {meter->W,      meter->H,      meter->P,      meter->V_wide,
                         meter->W_wide, meter->H_wide, meter->R_wide, meter->P_wide};
    pw_products_destroy(&meter->products);
    pw_workspace_destroy(&meter->workspace);
    for (int t = 0; meter->R && t < meter->team->threads; t++)
        free(meter->R[t]);
    free(meter->R);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    *meter = (pw_sweep_meter){.k = 0};
}

/* The sweep of the iteration without its updates. */
static void sweep_thread(pw_sweep_meter *m, int thread)
{
    for (int64_t b = 0; b < m->source.tiles; b++) {
        const pw_tile tile = pw_source_tile(&m->source, b);
        const int threads = m->team->threads;
        int64_t from, to;
        pw_tile_share(&tile, PW_ROW_OF_PRODUCTS, threads, thread, &from, &to);
        double *W = m->W + tile.first * m->k;
        pw_products_times_h(&m->products, &tile, thread, from, to, W + from * m->k, m->R[thread]);
        pw_workspace_take(&m->workspace, &tile, from, to);
        pw_products_take_w(&m->products, &tile, from, to, W + from * m->k);
#pragma omp barrier
        pw_products_times_w(&m->products, &tile, thread, W);
    }
    pw_products_end(&m->products, thread);
}

static void sweep(void *context)
{
    pw_sweep_meter *m = context;
    pw_products_begin(&m->products, m->H, m->P, PW_MEASURE_NOT);
#pragma omp parallel num_threads(m->team->threads)
    sweep_thread(m, omp_get_thread_num());
}

double pw_sweep_meter_run(pw_sweep_meter *meter)
{
    return pw_measure_seconds(meter->team, sweep, meter);
}

/* R = V Hᵀ for rows, P = Wᵀ V for columns of this thread. */
static void blas_thread(const pw_sweep_meter *m, int thread)
{
    const int threads = m->team->threads;
    const int64_t n = m->V->cols, rows = m->V->count, k = m->k;
    const int64_t from = pw_share(rows, threads, thread), to = pw_share(rows, threads, thread + 1);
    const int64_t left = pw_share(n, threads, thread), right = pw_share(n, threads, thread + 1);
    const void *V = m->V_wide ? m->V_wide : m->V->values;
    if (m->single)
        pw_gemm_float(false, false, to - from, k, n, (const float *)V + from * n, n, m->H_wide, k,
                      0, (float *)m->R_wide + from * k, k);
    else
        pw_gemm_double(false, false, to - from, k, n, (const double *)V + from * n, n, m->H_wide, k,
                       0, (double *)m->R_wide + from * k, k);
#pragma omp barrier
    if (m->single)
        pw_gemm_float(true, false, right - left, k, rows, (const float *)V + left, n, m->W_wide, k,
                      0, (float *)m->P_wide + left * k, k);
    else
        pw_gemm_double(true, false, right - left, k, rows, (const double *)V + left, n, m->W_wide,
                       k, 0, (double *)m->P_wide + left * k, k);
}

static void blas(void *context)
{
    const pw_sweep_meter *m = context;
#pragma omp parallel num_threads(m->team->threads)
    blas_thread(m, omp_get_thread_num());
}

double pw_sweep_meter_blas(pw_sweep_meter *meter)
{
    return pw_measure_seconds(meter->team, blas, meter);
}

double pw_sweep_flops(const pw_matrix *V, int k)
{
    return 4.0 * k * (double)V->entries;
}

double pw_sweep_bytes(const pw_matrix *V, int k, bool single)
{
    const double real = single ? sizeof(float) : sizeof(double);
    const double entry = (double)pw_type_size(V->type) + (V->sparse ? sizeof *V->column : 0);
    return entry * (double)V->entries + 8.0 * k * (double)V->rows + 3 * real * k * (double)V->cols;
}
