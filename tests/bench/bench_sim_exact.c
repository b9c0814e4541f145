/*
 * Chains of fits played by sufficient statistics, on one core: CPU nanoseconds a fit, as the
 * median of several runs; only the last generation is recorded.  Beside NumPy's vectorised
 * step for the same chains, in turns, when /usr/bin/python3 has it (PYTHON names another
 * interpreter; the argument "alone" leaves it out).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/collect.h"
#include "sim/draws_inline.h"

enum { TURNS = 7, MOST_SEEDS = 1000, MOST_PARTNERS = 2 };
static const double least_s = 0.03;      /* CPU seconds of one turn */

struct partner {
    const char *name, *what;
    unsigned fits, seeds;
    double asked;              /* how many times as long as ours it is to take; 0: not said */
};

struct row {
    const char *what;
    struct wn_sim_opts opts;
    struct wn_policy policy;
    unsigned seeds;
    struct partner partner[MOST_PARTNERS];
};

struct spread {
    double low, median, high;
};

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static struct spread spread_of(double *v)
{
    qsort(v, TURNS, sizeof(*v), by_value);
    return (struct spread){ v[0], v[TURNS / 2], v[TURNS - 1] };
}

/* ---- one turn ------------------------------------------------------------------------------- */

/* Nanoseconds a fit; 0: it failed, and said so. */
static double ours(const struct row *r)
{
    static const char *const metric[] = { "mean" };
    uint32_t last = r->opts.generations;
    struct wn_sim_opts opts = r->opts;
    struct sim_wanted wanted = { metric, 1, &last, 1, 0, r->seeds };
    double value[MOST_SEEDS], start, s = 0, fits = 0;
    struct sim_setup setup;
    struct wn_err err;
    enum wn_status st;

    opts.policies = &r->policy;
    opts.n_policies = opts.jobs = 1;
    opts.record = &last;
    opts.n_record = 1;
    opts.seed = 1;
    opts.mode = WN_SIM_EXACT;
    st = sim_setup_open(&setup, &opts, &err);
    for (start = now_s(); st == WN_OK && s < least_s; s = now_s() - start) {
        st = sim_collect(&setup, &r->policy, &wanted, value, NULL, &err);
        fits += (double)r->seeds * opts.generations;
    }
    sim_setup_close(&setup);
    if (st != WN_OK)
        fprintf(stderr, "bench_sim_exact: %s\n", err.text);
    return st == WN_OK ? 1e9 * s / fits : 0;
}

/* The same from the partner; 0: there is none, and it said so. */
static double theirs(const struct partner *p)
{
    const char *python = getenv("PYTHON");
    char command[512], line[256] = "";
    double ns = 0;
    FILE *f;

    snprintf(command, sizeof(command), "%s tests/bench/bench_sim.py %s %u %u", python ? python : "/usr/bin/python3",
             p->name, p->fits, p->seeds);
    f = popen(command, "r");
    if (f && !fgets(line, sizeof(line), f))
        snprintf(line, sizeof(line), "NumPy is not installed\n");
    if (f)
        pclose(f);
    if (sscanf(line, "%lf", &ns) != 1)
        printf("%.*s: our figures alone\n", (int)strcspn(line, "\n"), line);
    return ns;
}

/* A normal and a chi-square variate: what a fit of one dimension cannot go below. */
static double numbers_alone(void)
{
    static volatile double sink;
    enum { DRAWS = 2000000 };
    struct sim_chi2 chi2 = sim_chi2_of(99);
    struct wn_rng r;
    double sum = 0, start;

    wn_rng_init(&r, 1, WN_DOMAIN_METRIC, 0, 0, 0);
    start = now_s();
    for (int i = 0; i < DRAWS; i++) {
        sum += sim_normal_fast(&r);
        sum += sim_chi2_fast(&r, &chi2);
    }
    sink = sum;
    (void)sink;
    return 1e9 * (now_s() - start) / DRAWS;
}

/* ---- rows -------------------------------------------------------------------------------------- */

static void say_partner(const struct partner *p, double *ns, double *ratio)
{
    struct spread t = spread_of(ns), times = spread_of(ratio);

    printf("  %-38s %10.1f ns: %.1f times as long (%.1f to %.1f)", p->what, t.median, times.median, times.low,
           times.high);
    if (p->asked > 0)
        printf("; asked: %.0f times: %s", p->asked, times.median >= p->asked ? "met" : "MISSED");
    putchar('\n');
}

/* false: our part failed.  Clears PARTNERS when there are none. */
static bool play(const struct row *r, bool *partners)
{
    double our[TURNS], their[MOST_PARTNERS][TURNS], ratio[MOST_PARTNERS][TURNS];
    struct spread t;

    for (int i = 0; i < TURNS; i++) {
        our[i] = ours(r);
        if (our[i] == 0)
            return false;
        for (int k = 0; k < MOST_PARTNERS && r->partner[k].name && *partners; k++) {
            their[k][i] = theirs(&r->partner[k]);
            ratio[k][i] = their[k][i] / our[i];
            *partners = their[k][i] > 0;
        }
    }
    t = spread_of(our);
    printf("%-40s %10.1f ns a fit (%.1f to %.1f)\n", r->what, t.median, t.low, t.high);
    for (int k = 0; k < MOST_PARTNERS && r->partner[k].name && *partners; k++)
        say_partner(&r->partner[k], their[k], ratio[k]);
    fflush(stdout);
    return true;
}

#define GAUSSIAN { .engine = "gaussian", .generations = 1000, .n = 100 }

static struct row rows[] = {
    { .what = "gaussian M 100 replace, 1,000 x 1,000", .opts = GAUSSIAN, .seeds = 1000,
      .partner = { { "statistics", "NumPy, the exact step, 1,000 seeds", 1000, 1000, 2 },
                   { "points", "NumPy, 100 points a fit, 1,000 seeds", 50, 1000, 50 } } },
    { .what = "gaussian accumulate", .opts = GAUSSIAN, .seeds = 200, .policy.regime = WN_REGIME_ACCUMULATE },
    { .what = "gaussian fresh_real 0.1", .opts = GAUSSIAN, .seeds = 200,
      .policy = { .regime = WN_REGIME_FRESH_REAL, .real_share = 0.1 } },
    { .what = "gaussian fixed_real 0.3", .opts = GAUSSIAN, .seeds = 200,
      .policy = { .regime = WN_REGIME_FIXED_REAL, .real_share = 0.3 } },
    { .what = "gaussian window 5", .opts = GAUSSIAN, .seeds = 200,
      .policy = { .regime = WN_REGIME_WINDOW, .window = 5 } },
    { .what = "gaussian detector 0.8/0.05", .seeds = 200,
      .opts = { .engine = "gaussian", .generations = 1000, .n = 100, .scraped_human_share = 0.5 },
      .policy = { .filter_by = WN_FILTER_TAG, .op = { .given = true, .tpr = 0.8, .fpr = 0.05 } } },
    { .what = "gaussian detector 0.8/0.05, topup", .seeds = 200,
      .opts = { .engine = "gaussian", .generations = 1000, .n = 100, .scraped_human_share = 0.5 },
      .policy = { .filter_by = WN_FILTER_TAG, .topup = true, .op = { .given = true, .tpr = 0.8, .fpr = 0.05 } } },
    { .what = "discrete K 1,000 M 1,000, 100 fits", .seeds = 20,
      .opts = { .engine = "discrete", .generations = 100, .n = 1000, .model = { .states = 1000, .zipf = 1 } },
      .partner = { { "counts", "NumPy's multinomial, 20 seeds", 100, 20, 0 } } },
    { .what = "gaussian-nd d 10 M 100, 100 fits", .seeds = 200,
      .opts = { .engine = "gaussian-nd", .generations = 100, .n = 100, .model.dims = 10 },
      .partner = { { "matrices10", "NumPy, Bartlett and matmul, 200 seeds", 100, 200, 0 } } },
    { .what = "gaussian-nd d 100 M 1,000, 20 fits", .seeds = 4,
      .opts = { .engine = "gaussian-nd", .generations = 20, .n = 1000, .model.dims = 100 },
      .partner = { { "matrices100", "NumPy, Bartlett and matmul, 4 seeds", 20, 4, 0 } } },
};

/* What a row says of its policy, over the defaults. */
static void fill(struct wn_policy *p)
{
    struct wn_policy given = *p;

    wn_policy_init(p);
    p->regime = given.regime;
    p->real_share = given.real_share;
    p->window = given.window;
    p->filter_by = given.filter_by;
    p->topup = given.topup;
    p->op = given.op;
}

int main(int argc, char **argv)
{
    bool partners = argc < 2 || strcmp(argv[1], "alone") != 0;
    double alone[TURNS];

    for (int i = 0; i < TURNS; i++)
        alone[i] = numbers_alone();
    printf("%-40s %10.1f ns\n", "a normal and a chi-square, nothing else", spread_of(alone).median);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fill(&rows[i].policy);
        if (!play(&rows[i], &partners))
            return 1;
    }
    return 0;
}
