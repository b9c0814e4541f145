/*
 * metrics.json: every value through the measures of the simulator.
 */
#include "collapse/ref_measure.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collapse/ref_report.h"
#include "sim/linalg.h"
#include "sim/measure.h"

static struct json_object *param(const struct ref_measure *m, const char *name)
{
    return ref_member(m->c.params, name);
}

void ref_plain_key(const char *key, char out[64])
{
    size_t n = 0;

    for (; *key && n + 1 < 64; key++)
        if (isalnum((unsigned char)*key))
            out[n++] = (char)tolower((unsigned char)*key);
    out[n] = '\0';
}

/* The first of the names of a list that is there, its numbers in the arena of the case. */
static const double *numbers(const struct ref_measure *m, const char *const *names, size_t *n)
{
    struct json_object *found = NULL;
    double *heap, *out;

    *n = 0;
    for (; *names && !found; names++)
        found = param(m, *names);
    heap = ref_numbers(found, n);
    out = heap ? wn_arena_alloc(m->arena, *n * sizeof(*out)) : NULL;
    if (out)
        memcpy(out, heap, *n * sizeof(*out));
    else
        *n = 0;
    free(heap);
    return out;
}

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* ---- normal laws --------------------------------------------------------------------------------- */

/* Key "m1,s1|m2,s2". */
enum wn_status ref_measure_line(const struct ref_measure *m, const char *key, double *out, struct wn_err *err)
{
    double a[2], b[2];

    (void)err;
    if (sscanf(key, "%lf,%lf|%lf,%lf", &a[0], &a[1], &b[0], &b[1]) != 4)
        return WN_END;
    if (ref_has(m->c.id, "w2"))
        *out = sim_gauss_w2_squared(a[0], a[1], b[0], b[1]);
    else if (ref_has(m->c.id, "kl"))
        *out = sim_gauss_kl(a[0], a[1], b[0], b[1]);
    else if (ref_has(m->c.id, "tv"))
        *out = sim_gauss_total_variation(a[0], a[1], b[0], b[1]);
    else if (ref_has(m->c.id, "hellinger"))
        *out = sim_gauss_hellinger_squared(a[0], a[1], b[0], b[1]);
    else
        return WN_END;
    return WN_OK;
}

static int side_of(size_t n)
{
    return (int)lround(sqrt((double)n));
}

/* Covariances S1 and S2; the means m1 and m2 are 0 where they are not given.  Or one S. */
enum wn_status ref_measure_nd(const struct ref_measure *m, const char *key, double *out, struct wn_err *err)
{
    size_t n[4];
    const double *s1 = numbers(m, NAMES("S1", "C1", "S", "cov"), &n[0]), *s2 = numbers(m, NAMES("S2", "C2"), &n[1]);
    const double *m1 = numbers(m, NAMES("m1", "mu1"), &n[2]), *m2 = numbers(m, NAMES("m2", "mu2"), &n[3]);
    int d = side_of(n[0]);
    const double *zero = wn_arena_calloc(m->arena, (size_t)d + 1, sizeof(*zero));
    struct sim_normal a = { d, m1 ? m1 : zero, s1 }, b = { d, m2 ? m2 : zero, s2 };

    (void)key;
    sim_linalg_start();
    if (!s1 || (size_t)d * (size_t)d != n[0] || !zero)
        return WN_END;
    if (strstr(m->c.id, "rank")) {
        *out = sim_effective_rank(s1, d);
        return WN_OK;
    }
    if (strstr(m->c.id, "logdet"))
        return sim_log_det(s1, d, m->arena, out, err);
    if (n[1] != n[0])
        return WN_END;
    if (ref_has(m->c.id, "w2") || strstr(m->c.id, "fid"))
        return sim_normal_w2_squared(&a, &b, m->arena, out, err);
    if (ref_has(m->c.id, "kl"))
        return sim_normal_kl(&a, &b, m->arena, out, err);
    return strstr(m->c.id, "hell") ? sim_normal_hellinger_squared(&a, &b, m->arena, out, err) : WN_END;
}

/* Weights a, means m, covariances C of the mixtures 1 and 2. */
enum wn_status ref_measure_mixture(const struct ref_measure *m, const char *key, double *out, struct wn_err *err)
{
    static const char *const names[2][3][5] = {
        { { "a1", "w1", "pi1", "weights1", NULL }, { "m1", "mu1", "means1", NULL }, { "C1", "S1", "covs1", "cov1", NULL } },
        { { "a2", "w2", "pi2", "weights2", NULL }, { "m2", "mu2", "means2", NULL }, { "C2", "S2", "covs2", "cov2", NULL } },
    };
    struct sim_gmm g[2];

    (void)key;
    for (int i = 0; i < 2; i++) {
        size_t k, n_mean, n_cov;

        g[i].weight = numbers(m, names[i][0], &k);
        g[i].mean = numbers(m, names[i][1], &n_mean);
        g[i].cov = numbers(m, names[i][2], &n_cov);
        if (k == 0 || n_mean % k != 0 || n_cov * k != n_mean * n_mean)
            return WN_END;
        g[i].k = k;
        g[i].d = (int)(n_mean / k);
    }
    sim_linalg_start();
    return sim_gmm_l2_squared(&g[0], &g[1], m->arena, out, err);
}

/* ---- laws and samples ------------------------------------------------------------------------------- */

/* "KL_pq", "Hill2_p", "TV": a measure, and which laws. */
enum wn_status ref_measure_law(const struct ref_measure *m, const char *key, double *out, struct wn_err *err)
{
    size_t n, k;
    const double *p = numbers(m, NAMES("p", "P"), &n), *q = numbers(m, NAMES("q", "Q"), &k);
    const double *one = strstr(key, "_q") ? q : p;
    char word[64], *end;

    (void)err;
    ref_plain_key(key, word);
    if (!p || (q && k != n) || !one)
        return WN_END;
    if (strncmp(word, "simpson", 7) == 0)
        *out = sim_simpson(one, n);
    else if (strncmp(word, "hill", 4) == 0)
        *out = sim_hill(one, n, strncmp(word + 4, "inf", 3) == 0 ? INFINITY : strtod(word + 4, &end));
    else if (strncmp(word, "entropy", 7) == 0)
        *out = sim_entropy(one, n);
    else if (strncmp(word, "support", 7) == 0)
        *out = (double)sim_support(one, n);
    else if (!q)
        return WN_END;
    else if (strncmp(word, "kl", 2) == 0)
        *out = strstr(word, "qp") ? sim_kl(q, p, n) : sim_kl(p, q, n);
    else if (strncmp(word, "js", 2) == 0)
        *out = sim_js(p, q, n);
    else if (strncmp(word, "tv", 2) == 0)
        *out = sim_total_variation(p, q, n);
    else if (strncmp(word, "hell", 4) == 0)
        *out = sim_hellinger_squared(p, q, n);
    else if (strncmp(word, "lost", 4) == 0)
        *out = sim_lost_mass(p, q, n);
    else
        return WN_END;
    return WN_OK;
}

enum wn_status ref_measure_sample(const struct ref_measure *m, const char *key, double *out, struct wn_err *err)
{
    size_t n, k;
    const double *x = numbers(m, NAMES("x", "real"), &n), *y = numbers(m, NAMES("y", "fake"), &k);
    struct sim_transport t;
    enum wn_status st;
    char word[64];

    ref_plain_key(key, word);
    if (!x || !y)
        return WN_END;
    st = sim_empirical_transport(x, n, y, k, m->arena, &t, err);
    *out = strncmp(word, "w1", 2) == 0 ? t.w1 : t.w2_squared;
    return st == WN_OK && strncmp(word, "w1", 2) != 0 && strncmp(word, "w2", 2) != 0 ? WN_END : st;
}

enum wn_status ref_measure_cloud(const struct ref_measure *m, const char *key, double *out, struct wn_err *err)
{
    struct json_object *points = param(m, "real");
    size_t n_real, n_fake, rows = json_object_is_type(points, json_type_array) ? json_object_array_length(points) : 0;
    const double *real = numbers(m, NAMES("real"), &n_real), *fake = numbers(m, NAMES("fake"), &n_fake);
    double k = ref_number(m->c.params, "k");
    struct sim_points a, b;
    struct sim_prdc prdc;
    enum wn_status st;

    if (!real || !fake || !(k >= 1) || rows == 0 || n_fake % (n_real / rows) != 0)
        return WN_END;
    a = (struct sim_points){ real, rows, (int)(n_real / rows) };
    b = (struct sim_points){ fake, n_fake / (n_real / rows), a.d };
    st = sim_measure_prdc(&a, &b, (size_t)k, m->arena, &prdc, err);
    if (st != WN_OK)
        return st;
    *out = strcmp(key, "precision") == 0  ? prdc.precision
           : strcmp(key, "recall") == 0   ? prdc.recall
           : strcmp(key, "density") == 0  ? prdc.density
           : strcmp(key, "coverage") == 0 ? prdc.coverage
                                          : (double)NAN;
    return isnan(*out) ? WN_END : WN_OK;
}

enum wn_status ref_measure_perplexity(const struct ref_measure *m, const char *key, double *out, struct wn_err *err)
{
    size_t n;
    const double *logp = numbers(m, NAMES("logp", "logp_nats"), &n);

    (void)key;
    (void)err;
    *out = logp ? sim_perplexity(logp, n) : (double)NAN;
    return logp ? WN_OK : WN_END;
}

enum wn_status ref_measure_frontier(const struct ref_measure *m, const char *key, double *out, struct wn_err *err)
{
    size_t n, k;
    const double *p = numbers(m, NAMES("P", "p"), &n), *q = numbers(m, NAMES("Q", "q"), &k);
    double c = ref_number(m->c.params, "c");

    (void)key;
    (void)err;
    if (!p || !q || n != k)
        return WN_END;
    *out = sim_frontier_area(p, q, n, isnan(c) ? 5 : c);
    return WN_OK;
}

/* ---- which measure --------------------------------------------------------------------------------------- */

/* By words of the id and by the params that there are; the first that fits. */
static const struct {
    const char *in_id, *param;
    ref_measure_fn *measure;
} measures[] = {
    { "compression", "", ref_measure_compression }, { "perplexity", "", ref_measure_perplexity },
    { "mauve", "", ref_measure_frontier },          { "frontier", "", ref_measure_frontier },
    { "prdc", "real", ref_measure_cloud },          { "gmm", "", ref_measure_mixture },
    { "text", "docs", ref_measure_text },           { "text", "", ref_measure_ngrams },
    { "ngram", "", ref_measure_ngrams },            { "empirical", "", ref_measure_sample },
    { "gauss1d", "", ref_measure_line },            { "", "S1", ref_measure_nd },
    { "", "S", ref_measure_nd },                    { "", "docs", ref_measure_text },
    { "", "p", ref_measure_law },                   { "", "x", ref_measure_sample },
};

/* Absolute: "abs 1e-6", "relative 1e-9", "within 5%"; the files' rule is 1e-9 relative. */
static double tolerance_of(const struct ref_case *c, const char *key, double want)
{
    const char *abs = strstr(c->tolerance, "abs "), *relative = strstr(c->tolerance, "relative ");
    const char *percent = strstr(c->tolerance, "within ");

    if (abs)
        return strtod(abs + 4, NULL);
    if (percent && strcmp(key, "raw") != 0)
        return fabs(want) * strtod(percent + 7, NULL) / 100;
    return fabs(want) * (relative ? strtod(relative + 9, NULL) : 1e-9) + (want == 0 ? 1e-14 : 0);
}

static enum wn_status measure(const struct ref_measure *m, const char *key, double *out, struct wn_err *err)
{
    for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++)
        if (strstr(m->c.id, measures[i].in_id) && (!measures[i].param[0] || param(m, measures[i].param)))
            return measures[i].measure(m, key, out, err);
    return WN_END;
}

static bool run_entry(const struct ref_measure *m, const struct ref_entry *e, const struct ref_settings *s,
                      struct ref_tally *t)
{
    struct wn_err err = { 0 };
    double got = (double)NAN;
    enum wn_status st = measure(m, e->key, &got, &err);

    if (st == WN_OK)
        return ref_check_value(t, s->verbose, m->c.id, e->key, e->value, got, tolerance_of(&m->c, e->key, e->value));
    t->values++;
    printf("FAIL  %s  %s  value %.12g  : %s\n", m->c.id, e->key, e->value,
           st == WN_END ? "not known: no measure for it" : err.text);
    return false;
}

enum wn_status ref_run_measures(const struct ref_file *f, const struct ref_settings *s, struct ref_tally *t,
                                struct wn_err *err)
{
    struct wn_arena arena = { 0 };

    (void)err;
    for (size_t i = 0; i < ref_file_size(f); i++) {
        struct ref_measure m = { f, ref_file_at(f, i), &arena };
        bool passed = ref_case_size(&m.c) > 0;

        if (!ref_is_wanted(s, m.c.id))
            continue;
        if (!passed)
            printf("FAIL  %s  : not known: it has no list of expected values\n", m.c.id);
        for (size_t k = 0; k < ref_case_size(&m.c); k++) {
            struct ref_entry e = ref_case_at(&m.c, k);

            passed &= run_entry(&m, &e, s, t);
            wn_arena_reset(&arena);
        }
        t->total++;
        t->passed += passed;
    }
    wn_arena_release(&arena);
    return WN_OK;
}
