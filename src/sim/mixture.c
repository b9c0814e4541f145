#include "sim/mixture.h"

#include <math.h>
#include <string.h>

#include "sim/draws_inline.h"
#include "sim/mixture_pass.h"

static const double log_two_pi = 1.83787706640934548356;

enum wn_status sim_mixture_new(struct sim_mixture *m, size_t k, size_t d, struct wn_arena *a, struct wn_err *err)
{
    double *at = wn_arena_calloc(a, k * (2 + d + 3 * d * d), sizeof(*at));

    if (!at)
        return wn_fail(err, WN_NOMEM, "cannot make a mixture of %zu components: out of memory", k);
    *m = (struct sim_mixture){ .k = k, .d = d, .weight = at, .log_scale = at + k, .mean = at + 2 * k };
    m->cov = m->mean + k * d;
    m->chol = m->cov + k * d * d;
    m->whiten = m->chol + k * d * d;
    return WN_OK;
}

void sim_mixture_copy(struct sim_mixture *to, const struct sim_mixture *from)
{
    /* One allocation holds all the arrays, weight first. */
    memcpy(to->weight, from->weight, from->k * (2 + from->d + 3 * from->d * from->d) * sizeof(double));
}

/* chol and whiten are scratch until the covariance stands. */
static bool factor_part(struct sim_mixture *m, size_t k)
{
    size_t d = m->d;
    double *cov = m->cov + k * d * d, *chol = m->chol + k * d * d, *whiten = m->whiten + k * d * d, trace = 0;

    if (!sim_lift(cov, d, SIM_COVARIANCE_FLOOR, chol, whiten))
        return false;
    for (size_t i = 0; i < d; i++)
        trace += cov[i * d + i];
    if (!sim_factor(cov, d, chol) && !(sim_lift(cov, d, 1e-12 * trace, chol, whiten) && sim_factor(cov, d, chol)))
        return false;
    sim_invert_lower(chol, d, whiten);
    return true;
}

enum wn_status sim_mixture_prepare(struct sim_mixture *m, struct wn_err *err)
{
    size_t d = m->d;

    for (size_t k = 0; k < m->k; k++) {
        double log_det = 0;

        if (!factor_part(m, k))
            return wn_fail(err, WN_BADDATA, "cannot use component %zu of a mixture: its covariance has no factor",
                           k + 1);
        for (size_t i = 0; i < d; i++)
            log_det += sim_plain_log(m->chol[k * d * d + i * d + i]);
        m->log_scale[k] = m->weight[k] > 0 ? sim_plain_log(m->weight[k]) - 0.5 * (double)d * log_two_pi - log_det
                                           : -INFINITY;
    }
    return WN_OK;
}

void sim_mixture_terms(const struct sim_mixture *m, const double *x, double *term)
{
    size_t d = m->d;

    for (size_t k = 0; k < m->k; k++) {
        const double *w = m->whiten + k * d * d, *mean = m->mean + k * d;
        double q = 0;

        for (size_t i = 0; i < d; i++) {
            double s = 0;

            for (size_t j = 0; j <= i; j++)
                s += w[i * d + j] * (x[j] - mean[j]);
            q += s * s;
        }
        term[k] = m->log_scale[k] - 0.5 * q;
    }
}

void sim_mixture_moments(const struct sim_mixture *m, double *mean, double *cov)
{
    size_t d = m->d;

    memset(mean, 0, d * sizeof(*mean));
    memset(cov, 0, d * d * sizeof(*cov));
    for (size_t k = 0; k < m->k; k++)
        for (size_t i = 0; i < d; i++)
            mean[i] += m->weight[k] * m->mean[k * d + i];
    for (size_t k = 0; k < m->k; k++) {
        const double *c = m->cov + k * d * d, *at = m->mean + k * d;

        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j < d; j++)
                cov[i * d + j] += m->weight[k] * (c[i * d + j] + (at[i] - mean[i]) * (at[j] - mean[j]));
    }
}

/* ---- draws -------------------------------------------------------------------------------- */

struct source {
    const struct sim_mixture *m;
    double below[SIM_MAX_COMPONENTS];   /* u >= below[k]: the component is past k */
    double scale;
};

static void source_init(struct source *s, const struct sim_mixture *m, double lambda)
{
    size_t last = 0;
    double sum = 0;

    s->m = m;
    s->scale = sqrt(lambda);
    for (size_t k = 0; k < m->k; k++) {
        sum += m->weight[k];
        s->below[k] = sum;
        last = m->weight[k] > 0 ? k : last;
    }
    /* The last component that has weight takes what rounding leaves over. */
    for (size_t k = last; k < m->k; k++)
        s->below[k] = INFINITY;
}

/* Counting instead of searching: no branch to guess wrong. */
static inline size_t pick(const struct source *s, double u)
{
    size_t k = 0;

    for (size_t i = 0; i + 1 < s->m->k; i++)
        k += u >= s->below[i];
    return k;
}

static void draw_any(const struct source *s, struct wn_rng *rng, double *x)
{
    size_t d = s->m->d, k = pick(s, sim_u01_fast(rng));
    const double *l = s->m->chol + k * d * d;
    double z[SIM_MAX_MIXTURE_DIMS];

    for (size_t i = 0; i < d; i++) {
        double sum = 0;

        z[i] = sim_normal_fast(rng);
        for (size_t j = 0; j <= i; j++)
            sum += l[i * d + j] * z[j];
        x[i] = s->m->mean[k * d + i] + s->scale * sum;
    }
}

/* Items FROM..TO of a block into OUT, in the plane: the stream stays in registers. */
static void draw_plane(const struct source *s, struct wn_rng start, size_t from, size_t to, double *out)
{
    struct wn_rng rng = start;

    for (size_t i = 0; i < to; i++) {
        size_t k = pick(s, sim_u01_fast(&rng));
        const double *l = s->m->chol + 4 * k, *mean = s->m->mean + 2 * k;
        double z0 = sim_normal_fast(&rng), z1 = sim_normal_fast(&rng);

        if (i < from)
            continue;
        *out++ = mean[0] + s->scale * (l[0] * z0);
        *out++ = mean[1] + s->scale * (l[2] * z0 + l[3] * z1);
    }
}

static void draw_block(const struct source *s, struct wn_rng rng, size_t from, size_t to, double *out)
{
    double unused[SIM_MAX_MIXTURE_DIMS];

    if (s->m->d == 2) {
        draw_plane(s, rng, from, to, out);
        return;
    }
    for (size_t i = 0; i < to; i++)
        draw_any(s, &rng, i < from ? unused : out + (i - from) * s->m->d);
}

void sim_mixture_draw(const struct sim_mixture *m, const struct sim_draw_key *key, double lambda, size_t first,
                      double *out, size_t n)
{
    struct source s;
    struct wn_rng rng;

    source_init(&s, m, lambda);
    for (size_t i = first, end = first + n; i < end;) {
        size_t block = i / SIM_DRAW_BLOCK, from = i % SIM_DRAW_BLOCK;
        size_t to = end - i < SIM_DRAW_BLOCK - from ? from + (end - i) : SIM_DRAW_BLOCK;

        wn_rng_init(&rng, key->seed, key->domain, key->replicate, key->generation, block);
        draw_block(&s, rng, from, to, out + (i - first) * m->d);
        i += to - from;
    }
}
