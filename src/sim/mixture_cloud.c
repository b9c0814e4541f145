#include <math.h>
#include <string.h>

#include "sim/mixture_pass.h"

static enum wn_status no_memory(size_t n, struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot look at %zu points: out of memory", n);
}

static bool copy_point(struct sim_cloud *c, const double *item, size_t place)
{
    double *to = c->x + place / SIM_CLOUD_BLOCK * c->d * SIM_CLOUD_BLOCK + place % SIM_CLOUD_BLOCK;
    bool fits = true;

    for (size_t j = 0; j < c->d; j++) {
        to[j * SIM_CLOUD_BLOCK] = item[j];
        fits &= fabs(item[j]) <= SIM_MIXTURE_LARGEST;
    }
    return fits;
}

enum wn_status sim_cloud_new(struct sim_cloud *c, const double *item, const double *weight, size_t n, size_t d,
                             struct wn_arena *a, struct wn_err *err)
{
    size_t n_blocks = (n + SIM_CLOUD_BLOCK - 1) / SIM_CLOUD_BLOCK, places = n_blocks * SIM_CLOUD_BLOCK;

    *c = (struct sim_cloud){ .n = n, .d = d, .n_blocks = n_blocks };
    c->x = sim_aligned_doubles(a, places * d);
    c->weight = sim_aligned_doubles(a, places);
    if (!c->x || !c->weight)
        return no_memory(n, err);
    for (size_t i = 0; i < places; i++) {
        size_t from = i < n ? i : n - 1;

        if (!copy_point(c, item + from * d, i))
            return wn_fail(err, WN_BADDATA, "point %zu has a coordinate that is not finite or is larger than %g; the "
                           "model has run away: stop the run earlier", from + 1, SIM_MIXTURE_LARGEST);
        c->weight[i] = i >= n ? 0 : weight ? weight[i] : 1;
        c->total_weight += c->weight[i];
        c->weighted |= c->weight[i] != 0 && c->weight[i] != 1;
    }
    return WN_OK;
}

enum wn_status sim_cloud_log_density(const struct sim_cloud *c, const struct sim_mixture *m, struct wn_arena *a,
                                     double *out, struct wn_err *err)
{
    size_t places = c->n_blocks * SIM_CLOUD_BLOCK;
    struct sim_pass p = { .model = m, .points = c, .log_density = sim_aligned_doubles(a, places),
                          .scratch = sim_aligned_doubles(a, sim_pass_n_scratch(m->k, m->d)) };

    if (!p.log_density || !p.scratch)
        return no_memory(c->n, err);
    sim_isa_best()->pass(&p);
    memcpy(out, p.log_density, c->n * sizeof(*out));
    return WN_OK;
}
