/*
 * The settings that a sweep can vary, and how a cell gets its values.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <winnow/suggest.h>

#include "mix/operating_point.h"
#include "sim/sweep_cell.h"

/* The cell that is being put together.  Rates that follow from several axes wait for all. */
struct target {
    struct wn_sim_opts *opts;
    struct wn_policy *policy;
    bool has_tpr, has_fpr;
    double tpr, fpr, d_prime, marked;
};

/* Each returns NULL, or why the value has no meaning here. */
typedef const char *set_fn(struct target *t, double v);

static const char *set_scraped(struct target *t, double v)
{
    t->opts->scraped_human_share = v;
    return NULL;
}

static const char *set_real(struct target *t, double v)
{
    enum wn_regime r = t->policy->regime;

    t->policy->real_share = v;
    return r == WN_REGIME_FRESH_REAL || r == WN_REGIME_FIXED_REAL || r == WN_REGIME_WEIGHTED
               ? NULL : "its regime has no real share";
}

static const char *looks_at_tags(const struct target *t)
{
    if (t->opts->tagger || t->opts->retrain)
        return "the real detectors are in the loop, so there are no rates to set";
    return t->policy->filter_by == WN_FILTER_TAG || t->policy->max_synthetic < 1
               ? NULL : "it does not go by tags, so a detector's rates have no meaning";
}

static const char *set_tpr(struct target *t, double v)
{
    t->tpr = v;
    t->has_tpr = true;
    return looks_at_tags(t);
}

static const char *set_fpr(struct target *t, double v)
{
    t->fpr = v;
    t->has_fpr = true;
    return looks_at_tags(t);
}

static const char *set_d_prime(struct target *t, double v)
{
    t->d_prime = v;
    return looks_at_tags(t);
}

/* P(N(0, 1) > x) to 12 digits, as policy files have it: the last bits of erfc may differ
 * between mathematical libraries. */
static double upper_tail(double x)
{
    char text[40];

    snprintf(text, sizeof(text), "%.11e", 0.5 * erfc(x * sqrt(0.5)));
    return strtod(text, NULL);
}

static const char *set_threshold(struct target *t, double v)
{
    set_tpr(t, upper_tail(v - t->d_prime));
    return set_fpr(t, upper_tail(v));
}

static const char *set_marked(struct target *t, double v)
{
    t->marked = v;
    return looks_at_tags(t);
}

static const char *set_mark_power(struct target *t, double v)
{
    return set_tpr(t, t->marked * v);
}

static const char *set_n(struct target *t, double v)
{
    t->opts->n = (uint64_t)v;
    return NULL;
}

static const char *set_lambda(struct target *t, double v)
{
    t->opts->sampling.lambda = v;
    return NULL;
}

static const char *set_temperature(struct target *t, double v)
{
    t->opts->sampling.temperature = v;
    return NULL;
}

static const char *set_top_p(struct target *t, double v)
{
    t->opts->sampling.top_p = v < 1 ? v : 0;
    return NULL;
}

static const char *set_top_k(struct target *t, double v)
{
    t->opts->sampling.top_k = (uint32_t)v;
    return NULL;
}

static const char *set_truncate(struct target *t, double v)
{
    t->opts->sampling.truncate = v;
    return NULL;
}

static const char *set_window(struct target *t, double v)
{
    t->policy->window = (unsigned)v;
    return t->policy->regime == WN_REGIME_WINDOW ? NULL : "its regime has no window";
}

static const char *set_power(struct target *t, double v)
{
    t->policy->power = v;
    return t->policy->regime == WN_REGIME_SCHEDULE ? NULL : "its regime has no schedule";
}

static const char *set_weight(struct target *t, double v)
{
    t->policy->weight = v;
    return t->policy->regime == WN_REGIME_WEIGHTED ? NULL : "its regime has no weight";
}

/* The shares of the two other parts keep their ratio. */
static const char *set_gamma(struct target *t, double v)
{
    double others = t->policy->alpha + t->policy->beta;

    if (t->policy->regime != WN_REGIME_GENERAL)
        return "its regime has no gamma";
    t->policy->alpha = others > 0 ? t->policy->alpha / others * (1 - v) : 1 - v;
    t->policy->beta = 1 - v - t->policy->alpha;
    t->policy->beta = t->policy->beta > 0 ? t->policy->beta : 0;
    t->policy->gamma = v;
    return NULL;
}

static const char *set_keep(struct target *t, double v)
{
    t->policy->keep[WN_SYNTHETIC] = v;
    return t->policy->filter_by == WN_FILTER_TAG ? NULL : "its filter does not go by tags";
}

/* A cell's values are set in this order; LOW < v <= HIGH where LOW is open. */
static const struct kind {
    const char *name, *about;
    double low, high;
    bool is_open, is_whole;
    set_fn *set;
} kinds[] = {
    { "scraped", "share of human items in a scrape", 0, 1, false, false, set_scraped },
    { "real", "real share of fresh_real, fixed_real, weighted", 0, 1, false, false, set_real },
    { "n", "items of a generation", 1, 1e12, false, true, set_n },
    { "tpr", "rate at which the detector finds synthetic items", 0, 1, false, false, set_tpr },
    { "fpr", "rate at which it accuses human ones", 0, 1, false, false, set_fpr },
    { "d_prime", "distance of the detector's scores, with threshold", -100, 100, false, false, set_d_prime },
    { "threshold", "its threshold, with d_prime", -100, 100, false, false, set_threshold },
    { "marked", "share of synthetic items with a watermark, with mark_power", 0, 1, false, false, set_marked },
    { "mark_power", "rate at which marked items are found, with marked", 0, 1, false, false, set_mark_power },
    { "keep", "probability to keep what is tagged synthetic", 0, 1, false, false, set_keep },
    { "lambda", "factor on the variance of samples", 0, 1, true, false, set_lambda },
    { "temperature", "of the sampler", 0.01, 100, false, false, set_temperature },
    { "top_p", "mass that is sampled from; 1: all", 0, 1, true, false, set_top_p },
    { "top_k", "states or words that are sampled from; 0: all", 0, 4e9, false, true, set_top_k },
    { "truncate", "standard deviations that are sampled from; 0: all", 0, 1e6, false, false, set_truncate },
    { "window", "generations in the window", 1, 1000, false, true, set_window },
    { "power", "growth of the schedule", 0, 4, false, false, set_power },
    { "weight", "weight of the real items of regime weighted", 0, 1, false, false, set_weight },
    { "gamma", "share of the truth in regime general", 0, 0.999999, false, false, set_gamma },
};
enum { N_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static const struct kind *find(const char *name)
{
    for (size_t i = 0; i < N_KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

const char *wn_sweep_axis_name(size_t i, const char **about)
{
    if (i >= N_KINDS)
        return NULL;
    if (about)
        *about = kinds[i].about;
    return kinds[i].name;
}

bool wn_sweep_axis_is_whole(const char *name)
{
    const struct kind *k = find(name);

    return k && k->is_whole;
}

/* ---- checks ---------------------------------------------------------------------------------- */

static const struct wn_sweep_axis *axis_of(const struct wn_sweep_opts *o, const char *name)
{
    for (size_t i = 0; i < o->n_axes; i++)
        if (strcmp(o->axis[i].name, name) == 0)
            return &o->axis[i];
    return NULL;
}

static enum wn_status unknown(const char *name, struct wn_err *err)
{
    struct wn_suggest s = wn_suggest_for(wn_str(name));
    struct wn_buf names = { 0 };
    enum wn_status st;

    for (size_t i = 0; i < N_KINDS; i++) {
        wn_suggest_offer(&s, kinds[i].name);
        wn_buf_addf(&names, "%s%s", i ? ", " : "", kinds[i].name);
    }
    st = wn_fail(err, WN_BADCONF, "there is no axis '%s'%s%s%s: axes are %.*s", name, s.best ? ", did you mean '" : "",
                 s.best ? s.best : "", s.best ? "'" : "", WN_STR_ARG(wn_buf_str(&names)));
    wn_buf_release(&names);
    return st;
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static enum wn_status check_different(const struct wn_sweep_axis *a, struct wn_err *err)
{
    double *sorted = malloc(a->n * sizeof(*sorted));
    enum wn_status st = WN_OK;

    if (!sorted)
        return wn_fail(err, WN_NOMEM, "out of memory for axis '%s'", a->name);
    memcpy(sorted, a->value, a->n * sizeof(*sorted));
    qsort(sorted, a->n, sizeof(*sorted), rising);
    for (size_t i = 1; i < a->n && st == WN_OK; i++)
        if (sorted[i] == sorted[i - 1])
            st = wn_fail(err, WN_BADCONF, "axis '%s' has the value %g twice", a->name, sorted[i]);
    free(sorted);
    return st;
}

static enum wn_status check_axis(const struct wn_sweep_axis *a, struct wn_err *err)
{
    const struct kind *k = find(a->name);

    if (!k)
        return unknown(a->name, err);
    if (a->n == 0)
        return wn_fail(err, WN_BADCONF, "axis '%s' has no values", a->name);
    if (a->n > WN_SWEEP_MAX_CELLS)
        return wn_fail(err, WN_LIMIT, "axis '%s' has %zu values: a sweep has at most %d cells", a->name, a->n,
                       WN_SWEEP_MAX_CELLS);
    for (size_t i = 0; i < a->n; i++) {
        double v = a->value[i];

        if (!(v >= k->low && v <= k->high) || (k->is_open && v == k->low))
            return wn_fail(err, WN_BADCONF, "axis '%s': %g is not %s %g and at most %g", a->name, v,
                           k->is_open ? "above" : "at least", k->low, k->high);
        if (k->is_whole && v != floor(v))
            return wn_fail(err, WN_BADCONF, "axis '%s' takes whole numbers, not %g", a->name, v);
    }
    return check_different(a, err);
}

/* Axes that only mean something together, and those that say the same in another way. */
static enum wn_status check_together(const struct wn_sweep_opts *o, struct wn_err *err)
{
    static const struct {
        const char *axis, *other;
        bool needs;
    } rules[] = {
        { "d_prime", "threshold", true },   { "threshold", "d_prime", true },   { "marked", "mark_power", true },
        { "mark_power", "marked", true },   { "d_prime", "tpr", false },        { "d_prime", "fpr", false },
        { "d_prime", "marked", false },     { "marked", "tpr", false },
    };

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (axis_of(o, rules[i].axis) && !axis_of(o, rules[i].other) == rules[i].needs)
            return wn_fail(err, WN_BADCONF, rules[i].needs ? "axis '%s' needs axis '%s' beside it: one value will do"
                                                           : "axes '%s' and '%s' both set the detector's rates",
                           rules[i].axis, rules[i].other);
    return WN_OK;
}

enum wn_status sim_sweep_check_axes(const struct wn_sweep_opts *o, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    if (o->n_axes > WN_SWEEP_MAX_AXES)
        return wn_fail(err, WN_LIMIT, "a sweep has at most %d axes, not %zu", WN_SWEEP_MAX_AXES, o->n_axes);
    for (size_t i = 0; i < o->n_axes && st == WN_OK; i++) {
        st = check_axis(&o->axis[i], err);
        if (st == WN_OK && axis_of(o, o->axis[i].name) != &o->axis[i])
            st = wn_fail(err, WN_BADCONF, "axis '%s' is given twice", o->axis[i].name);
    }
    return st == WN_OK ? check_together(o, err) : st;
}

/* ---- one cell -------------------------------------------------------------------------------- */

double sim_sweep_value(const struct wn_sweep_opts *o, uint64_t index, size_t a)
{
    for (size_t i = o->n_axes - 1; i > a; i--)
        index /= o->axis[i].n;
    return o->axis[a].value[index % o->axis[a].n];
}

/* Rates 0..1; rounding of erfc may leave them a hair outside. */
static const char *set_rates(struct target *t)
{
    struct wn_operating_point *op = &t->policy->op;

    if (!t->has_tpr && !t->has_fpr)
        return NULL;
    if (!op->given && !(t->has_tpr && t->has_fpr))
        return t->has_tpr ? "it has no operating point: give an axis fpr as well"
                          : "it has no operating point: give an axis tpr as well";
    op->given = true;
    if (t->has_tpr)
        op->tpr = op->tpr_low = op->tpr_high = fmin(fmax(t->tpr, 0), 1);
    if (t->has_fpr)
        op->fpr = op->fpr_low = op->fpr_high = fmin(fmax(t->fpr, 0), 1);
    return operating_point_fault(op);
}

enum wn_status sim_sweep_settle(const struct sim_sweep *s, uint64_t index, struct wn_sim_opts *opts,
                                struct wn_policy *policy, struct wn_err *err)
{
    const struct wn_sweep_opts *o = &s->opts;
    uint64_t block = s->size.cells / o->sim.n_policies;
    struct target t = { .opts = opts, .policy = policy };
    const char *fault = NULL;

    *policy = o->sim.policies[index / block];
    *opts = o->sim;
    opts->policies = policy;
    opts->n_policies = 1;
    for (size_t k = 0; k < N_KINDS && !fault; k++)
        for (size_t a = 0; a < o->n_axes && !fault; a++)
            if (strcmp(o->axis[a].name, kinds[k].name) == 0)
                fault = kinds[k].set(&t, sim_sweep_value(o, index, a));
    if (!fault)
        fault = set_rates(&t);
    return fault ? wn_fail(err, WN_BADCONF, "policy '%s': %s", policy->name, fault) : WN_OK;
}
