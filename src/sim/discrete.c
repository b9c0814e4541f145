/*
 * The discrete law: truth by Zipf, given, or without two equal draws; model: relative
 * frequencies, with add-k smoothing when asked for.  Items are states, uint32 from 0: the
 * state called 1 in the metrics is item 0.
 */
#include "sim/discrete.h"

#include <math.h>
#include <stdlib.h>

#include <winnow/hash.h>

#include "sim/lawcut.h"
#include "sim/measure.h"
#include "sim/theory.h"

/* ---- settings and world ---------------------------------------------------------------- */

enum { DEFAULT_STATES = 1000 };

static enum discrete_truth truth_of(const struct wn_sim_opts *opts)
{
    if (opts->model.truth && strcmp(opts->model.truth, "distinct") == 0)
        return DISCRETE_DISTINCT;
    return opts->model.law ? DISCRETE_LAW : DISCRETE_ZIPF;
}

static uint64_t states_of(const struct wn_sim_opts *opts)
{
    return opts->model.states ? opts->model.states : DEFAULT_STATES;
}

static void discrete_settings(struct wn_json *j, const struct wn_sim_opts *opts)
{
    static const char *const names[] = { "zipf", "law", "distinct" };
    const struct wn_sim_model *m = &opts->model;
    enum discrete_truth truth = truth_of(opts);
    char hex[33];

    wn_json_add_strz(j, "truth", names[truth]);
    if (truth == DISCRETE_DISTINCT)
        return;
    wn_json_add_uint(j, "states", states_of(opts));
    if (truth == DISCRETE_LAW) {
        struct wn_str bytes = { (const char *)m->law, (size_t)states_of(opts) * sizeof(*m->law) };

        wn_hash128_hex(wn_hash128(bytes, 0), hex);
        wn_json_add_strz(j, "law", hex);
    } else {
        wn_json_add_num(j, "zipf", m->zipf);
        wn_json_add_num(j, "zipf_shift", m->zipf_shift);
    }
    wn_json_add_num(j, "add", m->add);
}

static enum wn_status check_model(const struct wn_sim_opts *opts, struct wn_err *err)
{
    const struct wn_sim_model *m = &opts->model;
    bool is_distinct = truth_of(opts) == DISCRETE_DISTINCT;

    if (m->truth && !is_distinct && strcmp(m->truth, "zipf") != 0)
        return wn_fail(err, WN_BADCONF, "engine 'discrete' has no truth '%s': use 'zipf' or 'distinct'", m->truth);
    if (is_distinct && (m->law || m->add != 0))
        return wn_fail(err, WN_BADCONF, "truth 'distinct' has states without end: no law, no add-k smoothing");
    if (m->truth && m->law)
        return wn_fail(err, WN_BADCONF, "truth '%s' and a law of its own contradict each other", m->truth);
    if (m->law && m->states == 0)
        return wn_fail(err, WN_BADCONF, "a law needs its number of states");
    if (states_of(opts) > SIM_MAX_STATES)
        return wn_fail(err, WN_BADCONF, "a law of %llu states is too large: the limit is %d",
                       (unsigned long long)states_of(opts), SIM_MAX_STATES);
    if (!(m->zipf >= 0 && m->zipf <= 100))
        return wn_fail(err, WN_BADCONF, "zipf is %g: it must be from 0 to 100", m->zipf);
    if (!(m->zipf_shift > -1 && m->zipf_shift <= 1e9))
        return wn_fail(err, WN_BADCONF, "zipf_shift is %g: it must be above -1 and at most 1e9", m->zipf_shift);
    if (!(m->add >= 0 && m->add <= 1e9))
        return wn_fail(err, WN_BADCONF, "add is %g: it must be from 0 to 1e9", m->add);
    return m->law ? sim_check_law(m->law, (size_t)states_of(opts), err) : WN_OK;
}

/* p_i ~ (i + shift)^-zipf relative to state 1, so that nothing overflows; summed from the
 * smallest. */
static void fill_truth(struct discrete_world *w, const struct wn_sim_model *m)
{
    double sum = 0;

    for (size_t i = w->n_states; i-- > 0;) {
        double rank = ((double)i + 1 + m->zipf_shift) / (1 + m->zipf_shift);

        w->p[i] = m->law ? m->law[i] : pow(rank, -m->zipf);
        sum += w->p[i];
    }
    for (size_t i = w->n_states; i-- > 0;) {
        w->p[i] /= sum;
        w->log_p[i] = log(w->p[i]);
        w->sum_squares += w->p[i] * w->p[i];
        w->support += w->p[i] > 0;
    }
}

static void discrete_close(void *world)
{
    struct discrete_world *w = world;

    if (!w)
        return;
    sim_alias_free(w->alias);
    free(w->p);
    free(w->log_p);
    free(w);
}

static enum wn_status discrete_open(void **world, const struct wn_sim_opts *opts, struct wn_err *err)
{
    struct discrete_world *w;
    enum wn_status st = check_model(opts, err);

    *world = NULL;
    if (st != WN_OK)
        return st;
    w = calloc(1, sizeof(*w));
    if (!w)
        return wn_fail(err, WN_NOMEM, "cannot make the truth: out of memory");
    w->truth = truth_of(opts);
    if (w->truth != DISCRETE_DISTINCT) {
        w->n_states = (size_t)states_of(opts);
        w->p = calloc(w->n_states, sizeof(*w->p));
        w->log_p = calloc(w->n_states, sizeof(*w->log_p));
        if (!w->p || !w->log_p) {
            st = wn_fail(err, WN_NOMEM, "cannot make a truth of %zu states: out of memory", w->n_states);
        } else {
            fill_truth(w, &opts->model);
            st = sim_alias_new(&w->alias, w->p, w->n_states, err);
        }
    }
    if (st != WN_OK) {
        discrete_close(w);
        return st;
    }
    *world = w;
    return WN_OK;
}

static size_t discrete_min_items(const struct wn_sim_opts *opts)
{
    (void)opts;
    return 1;
}

static size_t discrete_item_size(const struct wn_sim_opts *opts)
{
    (void)opts;
    return sizeof(uint32_t);
}

/* ---- a run --------------------------------------------------------------------------------- */

static void discrete_end(void *state)
{
    struct discrete *d = state;

    if (!d)
        return;
    discrete_tally_release(&d->law);
    discrete_tally_release(&d->first);
    discrete_tally_release(&d->spare);
    discrete_stores_free(d->stores);
    sim_alias_free(d->alias);
    wn_arena_release(&d->scratch);
    free(d->emitted);
    free(d);
}

static enum wn_status discrete_begin(void **state, const void *world, const struct sim_run *run, struct wn_err *err)
{
    struct discrete *d = calloc(1, sizeof(*d));

    *state = NULL;
    if (!d)
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    d->run = *run;
    d->world = world;
    d->stores = discrete_stores_new();
    if (!d->stores) {
        discrete_end(d);
        return wn_fail(err, WN_NOMEM, "cannot start a run: out of memory");
    }
    *state = d;
    return WN_OK;
}

enum wn_status discrete_take_new(struct discrete *d, uint64_t n, uint32_t *first, struct wn_err *err)
{
    if (n > UINT32_MAX - (uint64_t)d->next_new)
        return wn_fail(err, WN_LIMIT, "a run can tell %u real items apart: ask for fewer items or generations",
                       UINT32_MAX);
    *first = d->next_new;
    d->next_new += (uint32_t)n;
    return WN_OK;
}

static enum wn_status discrete_real(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                    struct wn_err *err)
{
    struct discrete *d = state;
    uint32_t *item = out;

    if (d->world->truth == DISCRETE_DISTINCT) {
        uint32_t next = 0;
        enum wn_status st = discrete_take_new(d, n, &next, err);

        for (size_t i = 0; st == WN_OK && i < n; i++)
            item[i] = next + (uint32_t)i;
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        struct wn_rng rng;

        wn_rng_init(&rng, d->run.opts->seed, WN_DOMAIN_REAL, d->run.replicate, generation, first + i);
        item[i] = (uint32_t)sim_alias_draw(d->world->alias, &rng);
    }
    return WN_OK;
}

/* What was made from the last model no longer holds. */
static void forget_emission(struct discrete *d)
{
    d->is_emitted = false;
    sim_alias_free(d->alias);
    d->alias = NULL;
}

static enum wn_status copy_tally(struct discrete_tally *to, const struct discrete_tally *from, struct wn_err *err)
{
    const struct discrete_tally none = { .n = 0 };

    return discrete_tally_add(to, from, &none, 1, err);
}

/* Remembers theta_1, and when a single state was left for the first time. */
static enum wn_status note_generation(struct discrete *d, uint32_t generation, struct wn_err *err)
{
    if (d->law.n == 1 && d->absorbed_at == 0) {
        d->absorbed_at = generation;
        d->absorbed_in = d->law.state[0];
    }
    return generation == 1 ? copy_tally(&d->first, &d->law, err) : WN_OK;
}

enum wn_status discrete_set_model(struct discrete *d, uint32_t generation, const struct discrete_tally *counts,
                                  uint64_t n, struct wn_err *err)
{
    double add = d->run.opts->model.add, total = discrete_tally_sum(counts) + add * (double)d->world->n_states;
    size_t n_alive = add > 0 ? d->world->n_states : counts->n;
    enum wn_status st;

    if (!(total > 0 && isfinite(total)))
        return wn_fail(err, WN_BADDATA, "cannot fit a law: the weights of %llu items add up to %g",
                       (unsigned long long)n, total);
    st = discrete_tally_reserve(&d->law, n_alive, err);
    if (st != WN_OK)
        return st;
    d->law.n = n_alive;
    for (size_t i = 0, seen = 0; i < n_alive; i++) {
        bool is_seen = add > 0 ? seen < counts->n && counts->state[seen] == i : true;
        double count = is_seen ? counts->x[seen] : 0;

        d->law.state[i] = is_seen ? counts->state[seen] : (uint32_t)i;
        d->law.x[i] = (count + add) / total;
        seen += is_seen;
    }
    d->n_fitted = n;
    forget_emission(d);
    return note_generation(d, generation, err);
}

static enum wn_status discrete_fit(void *state, uint32_t generation, const struct sim_data *data, struct wn_err *err)
{
    struct discrete *d = state;
    enum wn_status st = discrete_tally_items(&d->spare, data->item, data->weight, data->n, err);

    return st == WN_OK ? discrete_set_model(d, generation, &d->spare, data->n, err) : st;
}

enum wn_status discrete_emission(struct discrete *d, const double **out, struct wn_err *err)
{
    enum wn_status st;

    *out = d->law.x;
    if (!sim_law_is_cut(&d->run.opts->sampling))
        return WN_OK;
    if (!d->is_emitted) {
        if (d->emitted_cap < d->law.n) {
            free(d->emitted);
            d->emitted = calloc(d->law.cap, sizeof(*d->emitted));
            d->emitted_cap = d->emitted ? d->law.cap : 0;
            if (!d->emitted)
                return wn_fail(err, WN_NOMEM, "cannot cut a law of %zu states: out of memory", d->law.n);
        }
        memcpy(d->emitted, d->law.x, d->law.n * sizeof(*d->emitted));
        st = sim_law_cut(&d->run.opts->sampling, d->emitted, d->law.n, &d->scratch, err);
        wn_arena_reset(&d->scratch);
        if (st != WN_OK)
            return st;
        d->is_emitted = true;
    }
    *out = d->emitted;
    return WN_OK;
}

enum wn_status discrete_emission_alias(struct discrete *d, const struct sim_alias **out, struct wn_err *err)
{
    const double *p;
    enum wn_status st = WN_OK;

    if (!d->alias) {
        st = discrete_emission(d, &p, err);
        if (st == WN_OK)
            st = sim_alias_new(&d->alias, p, d->law.n, err);
    }
    *out = d->alias;
    return st;
}

static enum wn_status discrete_sample(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                      struct wn_err *err)
{
    struct discrete *d = state;
    const struct sim_alias *alias;
    uint32_t *item = out;
    enum wn_status st = discrete_emission_alias(d, &alias, err);

    for (size_t i = 0; st == WN_OK && i < n; i++) {
        struct wn_rng rng;

        wn_rng_init(&rng, d->run.opts->seed, WN_DOMAIN_SAMPLE, d->run.replicate, generation, first + i);
        item[i] = d->law.state[sim_alias_draw(alias, &rng)];
    }
    return st;
}

/* ---- what policies see ------------------------------------------------------------------------ */

static enum wn_status discrete_quality(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const struct discrete *d = state;
    const uint32_t *at = item;

    if (d->world->truth == DISCRETE_DISTINCT)
        return wn_fail(err, WN_BADCONF, "truth 'distinct' gives no state a probability: no quality to select by");
    for (size_t i = 0; i < n; i++)
        out[i] = d->world->p[at[i]];
    return WN_OK;
}

/* Infinite for a state that the model has lost. */
static enum wn_status discrete_surprise(void *state, const void *item, size_t n, double *out, struct wn_err *err)
{
    const struct discrete *d = state;
    const uint32_t *at = item;

    (void)err;
    for (size_t i = 0; i < n; i++)
        out[i] = -log(discrete_tally_find(&d->law, at[i]));
    return WN_OK;
}

static enum wn_status discrete_fingerprint(void *state, const void *item, size_t n, uint64_t *out, struct wn_err *err)
{
    const uint32_t *at = item;

    (void)state;
    (void)err;
    for (size_t i = 0; i < n; i++)
        out[i] = at[i];
    return WN_OK;
}

/* A model that was put away. */
struct kept {
    size_t n;
    uint64_t n_fitted;
    const uint32_t *state;
    const double *p;
};

static void *discrete_model_put(void *state)
{
    const struct discrete *d = state;
    struct kept *k = wn_arena_calloc(d->run.arena, 1, sizeof(*k));
    uint32_t *at = wn_arena_calloc(d->run.arena, d->law.n, sizeof(*at));
    double *p = wn_arena_calloc(d->run.arena, d->law.n, sizeof(*p));

    if (!k || !at || !p)
        return NULL;
    memcpy(at, d->law.state, d->law.n * sizeof(*at));
    memcpy(p, d->law.x, d->law.n * sizeof(*p));
    *k = (struct kept){ .n = d->law.n, .n_fitted = d->n_fitted, .state = at, .p = p };
    return k;
}

static enum wn_status discrete_model_take(void *state, const void *model, struct wn_err *err)
{
    struct discrete *d = state;
    const struct kept *k = model;
    enum wn_status st = discrete_tally_reserve(&d->law, k->n, err);

    if (st != WN_OK)
        return st;
    memcpy(d->law.state, k->state, k->n * sizeof(*k->state));
    memcpy(d->law.x, k->p, k->n * sizeof(*k->p));
    d->law.n = k->n;
    d->n_fitted = k->n_fitted;
    forget_emission(d);
    return WN_OK;
}

const struct sim_generator sim_discrete = {
    .name = "discrete",
    .about = "a law on K states (Zipf, flat or given), fitted by relative frequencies",
    .takes = SIM_TAKES_TEMPERATURE | SIM_TAKES_CUTS | SIM_TAKES_WEIGHTS | SIM_EXACT_BIASED,
    .open = discrete_open,
    .close = discrete_close,
    .settings = discrete_settings,
    .min_items = discrete_min_items,
    .item_size = discrete_item_size,
    .begin = discrete_begin,
    .end = discrete_end,
    .real = discrete_real,
    .fit = discrete_fit,
    .sample = discrete_sample,
    .compare = discrete_compare,
    .quality = discrete_quality,
    .surprise = discrete_surprise,
    .fingerprint = discrete_fingerprint,
    .model_put = discrete_model_put,
    .model_take = discrete_model_take,
    .exact = &discrete_exact,
};
