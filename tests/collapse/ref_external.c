/*
 * Run histories that others published, against the closed forms and against our own runs.
 */
#include "collapse/ref_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/collect.h"

enum { MOST_POINTS = 32 };

/* Name in the file, id of the closed form of the variance and of the squared mean. */
static const struct {
    const char *policy, *var, *mu2;
} forms[] = {
    { "replace", "g1.replace.mle.E_var.", "g1.replace.mle.Var_mu." },
    { "accumulate", "g1.accumulate.mle.E_var.", "g1.accumulate.mle.Var_mu." },
    { "accumulate_subsample", "g1.accumulate_subsample.mle.E_var.", "g1.accumulate_subsample.mle.Var_mu." },
};

struct history {
    struct ref_case c;
    struct json_object *points;
    size_t n_points;
    uint64_t m;
    const char *policy;
    uint32_t generation[MOST_POINTS];
    size_t at[MOST_POINTS];          /* index among the points */
    size_t n;                        /* points that can be tested */
    double *value;                   /* [(2 point + metric) R + replicate] */
    uint32_t replicates;
};

static const char *policy_of(const struct ref_case *c)
{
    const char *named = ref_text(c->self, "policy");

    if (strstr(named, "sub") || strstr(c->id, "sub"))
        return "accumulate_subsample";
    return *named ? named : strstr(c->id, "accumulate") ? "accumulate" : "replace";
}

static bool read_history(struct history *h)
{
    h->points = ref_member(h->c.self, "points");
    h->n_points = json_object_is_type(h->points, json_type_array) ? json_object_array_length(h->points) : 0;
    h->m = ref_number(h->c.self, "M") >= 1 ? (uint64_t)ref_number(h->c.self, "M") : 0;
    h->policy = policy_of(&h->c);
    for (size_t i = 0; i < h->n_points && h->n < MOST_POINTS; i++) {
        struct json_object *p = json_object_array_get_idx(h->points, i);

        if (!json_object_get_boolean(ref_member(p, "mean_is_testable")) || !(ref_number(p, "n") >= 1))
            continue;
        h->generation[h->n] = (uint32_t)ref_number(p, "n");
        h->at[h->n++] = i;
    }
    return h->m > 0 && h->n > 0;
}

/* ---- our own runs ------------------------------------------------------------------------------------- */

/* A subsample costs the whole pool in every fit. */
static uint32_t enough(const struct history *h, const struct ref_settings *s)
{
    double last = h->generation[h->n - 1], r = 20000;

    if (strcmp(h->policy, "accumulate_subsample") == 0)
        r = fmax(200, fmin(r, 4e8 / ((double)h->m * last * last)));
    return (uint32_t)(s->fast ? fmax(100, r / 10) : r);
}

static enum wn_status simulate(struct history *h, const struct ref_settings *s, struct wn_err *err)
{
    static const char *const metric[] = { "variance", "mean" };
    struct wn_policy policy;
    struct wn_sim_opts opts = { .engine = "gaussian", .policies = &policy, .n_policies = 1, .n = h->m };
    struct sim_wanted wanted = { metric, 2, h->generation, h->n, 0, h->replicates };
    struct sim_setup setup;
    enum wn_status st;

    wn_policy_init(&policy);
    if (strcmp(h->policy, "accumulate") == 0)
        policy.regime = WN_REGIME_ACCUMULATE;
    else if (strcmp(h->policy, "accumulate_subsample") == 0) {
        policy.regime = WN_REGIME_ACCUMULATE_SUBSAMPLE;
        policy.budget_of_first = 1;
    }
    opts.generations = h->generation[h->n - 1];
    opts.record = h->generation;
    opts.n_record = h->n;
    opts.jobs = s->jobs;
    opts.seed = s->seed;
    st = sim_setup_open(&setup, &opts, err);
    if (st != WN_OK)
        return st;
    st = sim_collect(&setup, &policy, &wanted, h->value, NULL, err);
    sim_setup_close(&setup);
    return st;
}

static void mean_and_se(const double *x, size_t n, bool squared, double *mean, double *se)
{
    double sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++)
        sum += squared ? x[i] * x[i] : x[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
        double d = (squared ? x[i] * x[i] : x[i]) - *mean;

        squares += d * d;
    }
    *se = sqrt(squares / (double)(n - 1) / (double)n);
}

/* ---- comparison ------------------------------------------------------------------------------------------- */

static double closed_form(const struct history *h, uint32_t fits, bool mu2)
{
    struct sim_theory_args a = { .n = 0 };
    double out = (double)NAN;

    sim_theory_set(&a, "M", (double)h->m);
    sim_theory_set(&a, "fits", fits);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (strcmp(forms[i].policy, h->policy) == 0)
            sim_theory_value(mu2 ? forms[i].mu2 : forms[i].var, &a, &out, NULL);
    return out;
}

/* The published mean against the closed form and against our runs. */
static bool check(const struct history *h, size_t i, bool mu2, const struct ref_settings *s, struct ref_tally *t)
{
    struct json_object *p = json_object_array_get_idx(h->points, h->at[i]);
    double published = ref_number(p, mu2 ? "mse_mean" : "var_mean"), se = ref_number(p, mu2 ? "mse_se" : "var_se");
    double form = closed_form(h, h->generation[i], mu2), mean, our_se, z[2];
    const double *x = h->value + (2 * i + mu2) * h->replicates;
    bool ok;

    mean_and_se(x, h->replicates, mu2, &mean, &our_se);
    z[0] = isnan(form) ? 0 : (published - form) / se;
    z[1] = (mean - published) / sqrt(our_se * our_se + se * se);
    ok = fabs(z[0]) <= 4 && fabs(z[1]) <= 4;
    t->values++;
    t->n_sims++;
    t->n_closed += !isnan(form);
    if (!isnan(form))
        ref_tally_z(t, z[0]);
    ref_tally_z(t, z[1]);
    if (!ok || s->verbose)
        printf("%s  %s  n %u  %s  published %.6g +- %.2g  closed form %.6g (z %.2f)  simulated %.6g (z %.2f, R %u)\n",
               ok ? "ok  " : "FAIL", h->c.id, h->generation[i], mu2 ? "squared mean" : "variance", published, se, form,
               z[0], mean, z[1], h->replicates);
    return ok;
}

static enum wn_status run_history(struct history *h, const struct ref_settings *s, struct ref_tally *t, bool *passed,
                                  struct wn_err *err)
{
    enum wn_status st;

    h->replicates = enough(h, s);
    h->value = malloc(2 * h->n * h->replicates * sizeof(*h->value));
    if (!h->value)
        return wn_fail(err, WN_NOMEM, "cannot keep %u replicates: out of memory", h->replicates);
    st = simulate(h, s, err);
    *passed = st == WN_OK;
    for (size_t i = 0; i < h->n && st == WN_OK; i++)
        for (int mu2 = 0; mu2 <= 1; mu2++)
            *passed &= check(h, i, mu2, s, t);
    free(h->value);
    return st;
}

enum wn_status ref_run_external(const struct ref_file *f, const struct ref_settings *s, struct ref_tally *t,
                                struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < ref_file_size(f) && st == WN_OK; i++) {
        struct history h = { .c = ref_file_at(f, i) };
        bool passed = false;

        if (!ref_is_wanted(s, h.c.id))
            continue;
        if (!read_history(&h))
            printf("FAIL  %s  : not known: it has no 'M' or no testable points\n", h.c.id);
        else
            st = run_history(&h, s, t, &passed, err);
        t->total++;
        t->passed += passed;
    }
    return st;
}
