#include "sim/kde_density.h"

#include <math.h>
#include <string.h>

#include "sim/mixture_pass.h"

enum { BLOCK = SIM_CLOUD_BLOCK };

static const double log_two_pi = 1.83787706640934548356;
static const double log_pi = 1.14472988584940017414;
static const double log_two = 0.69314718055994530942;

/* Every so many-th kernel when there are too many. */
static enum wn_status thin(const struct sim_kde *kde, struct wn_arena *a, const double **centre, size_t *n,
                           struct wn_err *err)
{
    double *some;

    *centre = kde->centre;
    *n = kde->n;
    if (kde->n <= SIM_KDE_KERNELS)
        return WN_OK;
    some = wn_arena_alloc(a, SIM_KDE_KERNELS * kde->d * sizeof(*some));
    if (!some)
        return wn_fail(err, WN_NOMEM, "cannot compute a kernel density: out of memory");
    for (size_t i = 0; i < SIM_KDE_KERNELS; i++)
        memcpy(some + i * kde->d, kde->centre + i * kde->n / SIM_KDE_KERNELS * kde->d, kde->d * sizeof(*some));
    *centre = some;
    *n = SIM_KDE_KERNELS;
    return WN_OK;
}

static void count_reach(struct sim_kernels *p)
{
    memset(p->sum, 0, sizeof(p->sum));
    for (size_t k = 0; k < p->n; k++) {
        for (size_t i = 0; i < BLOCK; i++) {
            double q = 0;

            for (size_t j = 0; j < p->d; j++) {
                double step = (p->query[j * BLOCK + i] - p->centre[k * p->d + j]) * p->inverse;

                q += step * step;
            }
            p->sum[i] += q <= 1;
        }
    }
}

static void block_density(const struct sim_kde *kde, struct sim_kernels *p, double *out, size_t n)
{
    double d = (double)kde->d, log_n = sim_plain_log((double)p->n), log_width = sim_plain_log(kde->width);

    if (kde->tophat) {
        double log_volume = (kde->d == 1 ? log_two : log_pi) + d * log_width;

        count_reach(p);
        for (size_t i = 0; i < n; i++)
            out[i] = p->sum[i] > 0 ? sim_plain_log(p->sum[i]) - log_n - log_volume : -INFINITY;
        return;
    }
    sim_isa_best()->kernel_top(p);
    sim_isa_best()->kernel_sum(p);
    for (size_t i = 0; i < n; i++)
        out[i] = p->top[i] + sim_plain_log(p->sum[i]) - log_n - d * (log_width + 0.5 * log_two_pi);
}

enum wn_status sim_kde_log_density(const struct sim_kde *kde, const double *item, size_t n, struct wn_arena *a,
                                   double *out, struct wn_err *err)
{
    struct sim_kernels p = { .d = kde->d, .inverse = 1 / kde->width };
    struct sim_cloud c;
    enum wn_status st;

    if (n == 0)
        return WN_OK;
    st = sim_cloud_new(&c, item, NULL, n, kde->d, a, err);
    if (st == WN_OK)
        st = thin(kde, a, &p.centre, &p.n, err);
    for (size_t b = 0; st == WN_OK && b < c.n_blocks; b++) {
        size_t here = n - b * BLOCK < BLOCK ? n - b * BLOCK : BLOCK;

        p.query = c.x + b * kde->d * BLOCK;
        block_density(kde, &p, out + b * BLOCK, here);
    }
    return st;
}
