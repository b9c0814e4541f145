/*
 * Engine kde: kernel density estimation.  The model is its points and a bandwidth.
 *
 * A kernel density does not collapse: each fit widens it by its kernel, so its variance
 * grows where the rule follows the data and ends near M h^2 where h is fixed.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/draws.h"
#include "sim/kde_engine.h"

/* Equal points have no spread to take a bandwidth from. */
static const double smallest_width = 1e-9;
static const double largest_width = 1e50;

/* ---- settings --------------------------------------------------------------------------------- */

static enum wn_status read_bandwidth(const char *text, struct sim_kde_setting *s, struct wn_err *err)
{
    char *end;

    s->rule = SIM_KDE_SCOTT;
    if (!text || strcmp(text, "scott") == 0)
        return WN_OK;
    s->rule = SIM_KDE_SILVERMAN;
    if (strcmp(text, "silverman") == 0)
        return WN_OK;
    s->rule = SIM_KDE_FIXED;
    s->width = strtod(text, &end);
    if (end == text || *end != '\0' || !(s->width >= smallest_width && s->width <= largest_width))
        return wn_fail(err, WN_BADCONF,
                       "engine 'kde': the bandwidth '%s' is neither 'scott', 'silverman' nor a number from %g to %g",
                       text, smallest_width, largest_width);
    return WN_OK;
}

static enum wn_status resolve(const struct wn_sim_model *m, struct sim_kde_setting *s, struct wn_err *err)
{
    const char *kernel = m->kernel ? m->kernel : "gaussian";

    *s = (struct sim_kde_setting){ .shape = sim_shape_find(m->truth) };
    if (!s->shape)
        return wn_fail(err, WN_BADCONF,
                       "engine 'kde' has no truth '%s': there are 'normal', 'blobs', 'circles', 'moons', 'swiss-roll'",
                       m->truth);
    if (m->dims && m->dims != s->shape->d)
        return wn_fail(err, WN_BADCONF, "engine 'kde': truth '%s' has dimension %u, not %u; leave dims out",
                       s->shape->name, s->shape->d, m->dims);
    s->tophat = strcmp(kernel, "tophat") == 0;
    if (!s->tophat && strcmp(kernel, "gaussian") != 0)
        return wn_fail(err, WN_BADCONF, "engine 'kde' has no kernel '%s': there are 'gaussian', 'tophat'", kernel);
    return read_bandwidth(m->bandwidth, s, err);
}

/* Options that open() has accepted resolve again. */
static struct sim_kde_setting setting_of(const struct wn_sim_opts *opts)
{
    struct sim_kde_setting s = { .shape = sim_shape_find(NULL) };

    if (resolve(&opts->model, &s, NULL) != WN_OK)
        s.shape = sim_shape_find(NULL);
    return s;
}

static void kde_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    struct sim_kde_setting s = setting_of(opts);

    wn_json_add_strz(j, "truth", s.shape->name);
    wn_json_add_uint(j, "dims", s.shape->d);
    wn_json_add_strz(j, "kernel", s.tophat ? "tophat" : "gaussian");
    if (s.rule == SIM_KDE_FIXED)
        wn_json_add_num(j, "bandwidth", s.width);
    else
        wn_json_add_strz(j, "bandwidth", s.rule == SIM_KDE_SCOTT ? "scott" : "silverman");
}

/* The rules need a spread. */
static size_t kde_min_items(const struct wn_sim_opts *opts)
{
    return setting_of(opts).rule == SIM_KDE_FIXED ? 1 : 2;
}

static size_t kde_item_size(const struct wn_sim_opts *opts)
{
    return setting_of(opts).shape->d * sizeof(double);
}

/* ---- world and run ------------------------------------------------------------------------------ */

void sim_kde_moments(const double *x, size_t n, size_t d, double *mean, double *cov)
{
    memset(mean, 0, d * sizeof(*mean));
    memset(cov, 0, d * d * sizeof(*cov));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            mean[j] += x[i * d + j] / (double)n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            for (size_t k = 0; k < d; k++)
                cov[j * d + k] += (x[i * d + j] - mean[j]) * (x[i * d + k] - mean[k]) / (double)n;
}

static enum wn_status kde_open(void **world, const struct wn_sim_opts *opts, struct wn_err *err)
{
    struct sim_kde_world *w = calloc(1, sizeof(*w));
    double cov[4], l[4];
    enum wn_status st;

    *world = NULL;
    if (!w)
        return wn_fail(err, WN_NOMEM, "cannot make the truth of engine 'kde': out of memory");
    st = resolve(&opts->model, &w->set, err);
    if (st != WN_OK) {
        free(w);
        return st;
    }
    sim_shape_nodes(w->set.shape, w->node);
    sim_kde_moments(w->node, w->set.shape->n_nodes, w->set.shape->d, w->mean, cov);
    for (size_t i = 0; i < w->set.shape->d; i++)
        cov[i * (w->set.shape->d + 1)] += w->set.shape->noise * w->set.shape->noise;
    sim_factor(cov, w->set.shape->d, l);
    sim_invert_lower(l, w->set.shape->d, w->whiten);
    *world = w;
    return WN_OK;
}

static enum wn_status kde_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    struct sim_kde_state *k = wn_arena_calloc(run->arena, 1, sizeof(*k));

    if (!k)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    k->run = *run;
    k->world = world;
    k->model.d = k->world->set.shape->d;
    k->model.tophat = k->world->set.tophat;
    *state = k;
    return WN_OK;
}

static void kde_end(void *state)
{
    struct sim_kde_state *k = state;

    if (!k)
        return;
    wn_arena_release(&k->points);
    wn_arena_release(&k->scratch);
}

/* ---- draws ---------------------------------------------------------------------------------------- */

static void draw_model(const struct sim_kde *m, struct wn_rng *rng, double *x)
{
    const double *centre = m->centre + wn_rng_below(rng, m->n) * m->d;
    double step[2], square;

    do {
        square = 0;
        for (size_t j = 0; j < m->d; j++) {
            step[j] = m->tophat ? 2 * wn_rng_u01(rng) - 1 : sim_draw_normal(rng);
            square += step[j] * step[j];
        }
    } while (m->tophat && square > 1);   /* the ball inside the cube; on the line all of it */
    for (size_t j = 0; j < m->d; j++)
        x[j] = centre[j] + m->width * step[j];
}

/* One stream for each block of SIM_DRAW_BLOCK items: a call that begins inside a block draws
 * what comes before, so equal (generation, index) are equal items.  MODEL NULL: the truth. */
static void draw_many(const struct sim_kde_state *k, const struct sim_kde *model, const struct sim_draw_key *key,
                      size_t first, double *out, size_t n)
{
    size_t d = k->model.d;
    struct wn_rng rng;
    double x[2];

    for (size_t i = first - first % SIM_DRAW_BLOCK; i < first + n; i++) {
        if (i % SIM_DRAW_BLOCK == 0)
            wn_rng_init(&rng, key->seed, key->domain, key->replicate, key->generation, i / SIM_DRAW_BLOCK);
        if (model)
            draw_model(model, &rng, x);
        else
            sim_shape_draw(k->world->set.shape, &rng, x);
        if (i >= first)
            memcpy(out + (i - first) * d, x, d * sizeof(*out));
    }
}

void sim_kde_draw_truth(const struct sim_kde_state *k, const struct sim_draw_key *key, size_t first, double *out,
                        size_t n)
{
    draw_many(k, NULL, key, first, out, n);
}

static struct sim_draw_key key_of(const struct sim_kde_state *k, enum wn_domain domain, uint32_t generation)
{
    return (struct sim_draw_key){ k->run.opts->seed, domain, k->run.replicate, generation };
}

static enum wn_status kde_real(void *state, uint32_t generation, size_t first, void *out, size_t n,
                               struct wn_err *err)
{
    const struct sim_kde_state *k = state;
    struct sim_draw_key key = key_of(k, WN_DOMAIN_REAL, generation);

    (void)err;
    draw_many(k, NULL, &key, first, out, n);
    return WN_OK;
}

static enum wn_status kde_sample(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                 struct wn_err *err)
{
    const struct sim_kde_state *k = state;
    struct sim_draw_key key = key_of(k, WN_DOMAIN_SAMPLE, generation);

    (void)err;
    draw_many(k, &k->model, &key, first, out, n);
    return WN_OK;
}

/* ---- fit -------------------------------------------------------------------------------------------- */

/* Scott: h = s n^(-1/(d+4)); Silverman: times (4/(d+2))^(1/(d+4)), on the line (4/3)^(1/5).
 * s^2: the unbiased variance, in the plane the mean of both axes'. */
static double rule_width(const struct sim_kde_setting *set, const struct sim_kde *m)
{
    double mean[2], cov[4], d = (double)m->d, n = (double)m->n, trace = 0, c;

    sim_kde_moments(m->centre, m->n, m->d, mean, cov);
    for (size_t j = 0; j < m->d; j++)
        trace += cov[j * (m->d + 1)];
    c = set->rule == SIM_KDE_SCOTT ? 1 : pow(4 / (d + 2), 1 / (d + 4));
    return fmax(smallest_width, c * sqrt(trace / d * n / (n - 1)) * pow(n, -1 / (d + 4)));
}

static enum wn_status kde_fit(void *state, uint32_t generation, const struct sim_data *data, struct wn_err *err)
{
    struct sim_kde_state *k = state;
    size_t size = data->n * k->model.d;
    double *centre;

    (void)generation;
    wn_arena_reset(&k->points);
    centre = wn_arena_alloc(&k->points, size * sizeof(*centre));
    if (!centre)
        return wn_fail(err, WN_NOMEM, "cannot keep %zu points: out of memory", data->n);
    memcpy(centre, data->item, size * sizeof(*centre));
    for (size_t i = 0; i < size; i++)
        if (!(fabs(centre[i]) <= SIM_MIXTURE_LARGEST))
            return wn_fail(err, WN_BADDATA, "a point is not finite or larger than %g; the model has run away: stop the "
                           "run earlier or fix the bandwidth", SIM_MIXTURE_LARGEST);
    k->model.centre = centre;
    k->model.n = data->n;
    k->model.width = k->world->set.rule == SIM_KDE_FIXED ? k->world->set.width : rule_width(&k->world->set, &k->model);
    return WN_OK;
}

/* ---- regime 'general' ---------------------------------------------------------------------------------- */

static void *kde_model_put(void *state)
{
    const struct sim_kde_state *k = state;
    size_t size = k->model.n * k->model.d * sizeof(double);
    struct sim_kde *m = wn_arena_alloc(k->run.arena, sizeof(*m));
    double *centre = wn_arena_alloc(k->run.arena, size);

    if (!m || !centre)
        return NULL;
    memcpy(centre, k->model.centre, size);
    *m = k->model;
    m->centre = centre;
    return m;
}

static enum wn_status kde_model_take(void *state, const void *model, struct wn_err *err)
{
    struct sim_kde_state *k = state;

    (void)err;
    k->model = *(const struct sim_kde *)model;
    return WN_OK;
}

const struct sim_generator sim_kde = {
    .name = "kde",
    .about = "kernel density estimation",
    .open = kde_open,
    .close = free,
    .settings = kde_settings,
    .min_items = kde_min_items,
    .item_size = kde_item_size,
    .begin = kde_begin,
    .end = kde_end,
    .real = kde_real,
    .fit = kde_fit,
    .sample = kde_sample,
    .compare = sim_kde_compare,
    .quality = sim_kde_quality,
    .distance = sim_kde_distance,
    .surprise = sim_kde_surprise,
    .model_put = kde_model_put,
    .model_take = kde_model_take,
};
