/*
 * Points against sufficient statistics: the same quantity played in both modes, compared by a
 * two-sample Kolmogorov-Smirnov test.
 *
 * The ids of the file name a family, a policy and a quantity, and rarely all numbers; what is
 * not named is taken from the defaults below, which both modes share.
 */
#include "collapse/ref_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/collect.h"

static const double least_p = 1e-3;
enum { FAST_REPLICATES = 500 };

/* ---- Kolmogorov-Smirnov ----------------------------------------------------------------------------- */

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* Largest distance of two empirical distribution functions; ties move both.  Sorts both. */
static double largest_gap(double *x, size_t n, double *y, size_t m)
{
    double gap = 0;
    size_t i = 0, j = 0;

    qsort(x, n, sizeof(*x), rising);
    qsort(y, m, sizeof(*y), rising);
    while (i < n && j < m) {
        double at = fmin(x[i], y[j]);

        while (i < n && x[i] <= at)
            i++;
        while (j < m && y[j] <= at)
            j++;
        gap = fmax(gap, fabs((double)i / (double)n - (double)j / (double)m));
    }
    return gap;
}

/* Q(t) = 2 sum (-1)^(k-1) exp(-2 k^2 t^2), with the sample-size correction of Stephens (1970). */
static double ks_p(double gap, size_t n, size_t m)
{
    double root = sqrt((double)n * (double)m / (double)(n + m)), t = (root + 0.12 + 0.11 / root) * gap, sum = 0;

    if (t < 0.2)
        return 1;
    for (int k = 1; k <= 100; k++)
        sum += (k % 2 ? 2 : -2) * exp(-2.0 * k * k * t * t);
    return fmax(0, fmin(1, sum));
}

/* ---- what an id asks for -------------------------------------------------------------------------------- */

/* Words of the file's ids, as the planners write them. */
static const struct {
    const char *family, *word, *written;
} spellings[] = {
    { "g1", "var", "E_var" },     { "g1", "mu", "mu" },         { "g1", "logvar", "E_logvar" },
    { "gnd", "logdet", "E_logdet" }, { "gnd", "lmax", "E_lmax" },  { "gnd", "tr", "E_tr" },
    { "gnd", "det", "E_det" },    { "gnd", "mu2", "E_mu2" },    { "gnd", "bartlett", "replace" },
    { "disc", "H", "E_H" },       { "disc", "unique", "E_unique" }, { "disc", "entropy", "E_entropy" },
    { "g1", "strat", "stratified" },
};

/* Numbers that an id leaves out; those that it names win. */
static const struct {
    const char *family, *name;
    double value;
} defaults[] = {
    { "g1", "M", 10 },         { "g1", "M_r", 2 },       { "g1", "rho", 0.2 },
    { "g1", "window", 3 },     { "g1", "alpha", 0.5 },   { "g1", "beta", 0.25 },
    { "g1", "gamma", 0.25 },   { "g1", "n_r", 20 },      { "g1", "n_s", 20 },
    { "g1", "w", 0.6 },        { "g1", "pi", 0.05 },     { "g1", "tpr", 0.9 },
    { "g1", "fpr", 0.1 },      { "g1", "N_r", 5 },       { "g1", "N_s", 95 },
    { "g1", "M_s", 20 },       { "gnd", "d", 3 },        { "gnd", "M", 8 },
    { "gnd", "rho", 0.25 },    { "disc", "zipf", 1 },    { "disc", "K", 20 },
    { "disc", "M", 30 },       { "disc", "rho", 0.1 },   { "disc", "M_r", 5 },
    { "disc", "M_s", 25 },     { "linreg", "d", 5 },     { "linreg", "T", 30 },
    { "poisson", "lambda0", 0.5 }, { "poisson", "M", 20 },
};

static void add(struct json_object *params, const char *name, double value)
{
    json_object_object_add(params, name, json_object_new_double(value));
}

static void add_numbers_of_id(struct json_object *params, const char *id)
{
    struct sim_theory_args a = { .n = 0 };

    sim_theory_set_from(&a, id);
    for (size_t i = 0; i < a.n; i++)
        if (strcmp(a.item[i].name, "g") != 0)
            add(params, a.item[i].name, a.item[i].value);
}

/* The id in the planners' words, after "filter" without its family. */
static void rewrite(const char *id, char *out, size_t size)
{
    char family[32], word[64];
    size_t at = 0;

    ref_word(id, 0, family, sizeof(family));
    *out = '\0';
    for (size_t i = 0;; i++) {
        const char *written = word;

        ref_word(id, i, word, sizeof(word));
        if (!word[0])
            break;
        if (i == 0 && (ref_has(id, "filter") || ref_has(id, "weight")))
            continue;
        for (size_t k = 0; k < sizeof(spellings) / sizeof(spellings[0]); k++)
            if (strcmp(spellings[k].family, family) == 0 && strcmp(spellings[k].word, word) == 0)
                written = spellings[k].written;
        at += (size_t)snprintf(out + at, at < size ? size - at : 0, "%s%s", at ? "." : "", written);
    }
}

static struct json_object *params_of(const struct ref_case *c)
{
    struct json_object *params = json_object_new_object();
    char family[32];

    ref_word(c->id, 0, family, sizeof(family));
    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
        if (strcmp(defaults[i].family, family) == 0)
            add(params, defaults[i].name, defaults[i].value);
    add_numbers_of_id(params, c->id);
    if (json_object_is_type(c->params, json_type_object)) {
        json_object_object_foreach(c->params, name, v) {
            json_object_object_add(params, name, json_object_get(v));
        }
    }
    return params;
}

/* ---- one case ---------------------------------------------------------------------------------------------- */

static enum wn_status sample(const struct ref_plan *p, enum wn_sim_mode mode, uint64_t seed, unsigned jobs,
                             uint32_t n, double *out, struct wn_err *err)
{
    struct wn_sim_opts opts = p->opts;
    struct sim_wanted wanted = { p->metric, 1, &p->generation, 1, 0, n };
    struct sim_setup setup;
    enum wn_status st;

    opts.policies = &p->policy;
    opts.n_policies = 1;
    opts.generations = p->generation;
    opts.replicates = n;
    opts.record = &p->generation;
    opts.n_record = 1;
    opts.jobs = jobs;
    opts.mode = mode;
    opts.seed = seed;
    if (p->bandwidth[0])
        opts.model.bandwidth = p->bandwidth;
    st = sim_setup_open(&setup, &opts, err);
    if (st != WN_OK)
        return st;
    st = sim_collect(&setup, &p->policy, &wanted, out, NULL, err);
    sim_setup_close(&setup);
    return st;
}

/* Moves the values that there are to the front. */
static size_t without_gaps(double *x, size_t n, double *mean)
{
    size_t kept = 0;

    *mean = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) {
            *mean += x[i];
            x[kept++] = x[i];
        }
    *mean /= kept > 0 ? (double)kept : 1;
    return kept;
}

static enum wn_status compare_modes(const struct ref_case *c, const struct ref_plan *p, const struct ref_settings *s,
                                    uint32_t r, bool *passed)
{
    double *x = malloc(2 * (size_t)r * sizeof(*x)), *y = x + r, mean[2], prob = 0;
    struct wn_err err = { 0 };
    enum wn_status st = WN_NOMEM;
    size_t n[2] = { 0, 0 };

    *passed = false;
    if (!x)
        return WN_NOMEM;
    st = sample(p, WN_SIM_EXACT, s->seed ^ 0x65786163, s->jobs, r, x, &err);
    if (st == WN_OK)
        st = sample(p, WN_SIM_POINTS, s->seed ^ 0x706f696e, s->jobs, r, y, &err);
    if (st == WN_OK) {
        n[0] = without_gaps(x, r, &mean[0]);
        n[1] = without_gaps(y, r, &mean[1]);
        prob = n[0] > 1 && n[1] > 1 ? ks_p(largest_gap(x, n[0], y, n[1]), n[0], n[1]) : 0;
        *passed = prob > least_p;
    }
    if (st != WN_OK)
        printf("FAIL  %s  : simulation: %s\n", c->id, err.text);
    else if (!*passed || s->verbose)
        printf("%s  %s  n %u  ks p %.4f  mean exact %.6g  points %.6g  R %zu, %zu\n", *passed ? "ok  " : "FAIL", c->id,
               p->generation, prob, mean[0], mean[1], n[0], n[1]);
    free(x);
    return WN_OK;
}

static enum wn_status run_case(const struct ref_case *c, const struct ref_settings *s, bool *passed, bool *left_out)
{
    struct ref_case asked = *c;
    struct ref_entry e = { .fits = ref_number(c->self, "n"), .key = "", .value = 0, .sd = 1, .self = c->self };
    double r = fmax(2000, fmin(ref_number(c->self, "R_exact"), 20000));
    struct json_object *params = params_of(c);
    struct ref_plan plan;
    struct wn_err why = { 0 };
    enum wn_status st = WN_OK;
    enum ref_known known;
    char id[160];

    rewrite(c->id, id, sizeof(id));
    asked.id = id;
    asked.params = params;
    asked.kind = "exact";
    e.se = e.median = e.replicates = (double)NAN;
    known = ref_plan_entry(&plan, &asked, &e, &why);
    if (known == REF_UNKNOWN && ref_has(id, "mu")) {
        ref_take(&plan, "mean", ref_plain);
        known = REF_PLANNED;
    }
    r = s->fast ? FAST_REPLICATES : r;
    *passed = false;
    *left_out = s->fast && (double)plan.opts.n * plan.generation * r > 1e5;
    if (known != REF_PLANNED)
        printf("FAIL  %s  : not known: %s\n", c->id, why.text);
    else if (!*left_out)
        st = compare_modes(c, &plan, s, (uint32_t)r, passed);
    ref_plan_release(&plan);
    json_object_put(params);
    return st;
}

enum wn_status ref_run_equivalence(const struct ref_file *f, const struct ref_settings *s, struct ref_tally *t,
                                   struct wn_err *err)
{
    for (size_t i = 0; i < ref_file_size(f); i++) {
        struct ref_case c = ref_file_at(f, i);
        bool passed, left_out;

        if (!ref_is_wanted(s, c.id))
            continue;
        if (run_case(&c, s, &passed, &left_out) != WN_OK)
            return wn_fail(err, WN_NOMEM, "cannot keep two samples: out of memory");
        t->total++;
        t->values++;
        t->n_sims += !left_out;
        t->left_out += left_out;
        t->cases_left_out += left_out;
        t->passed += passed || left_out;
    }
    return WN_OK;
}
