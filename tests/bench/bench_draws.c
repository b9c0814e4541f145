/*
 * bench_draws - nanoseconds a draw of the simulator's random variates, as the median of
 * several runs, CPU time of one thread; beside NumPy's in the same run where python3 has it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sim/draws_inline.h"

enum { RUNS = 7, DRAWS = 400000, STATES = 1000 };

static struct wn_rng rng;
static struct sim_alias *table;
static double weight[STATES];
static uint64_t counts[STATES], taken[STATES];
static volatile double sink;   /* what the runs draw, so that they are not left out */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* One loop a law; the fast ones keep the stream in registers, as their users should. */
#define LOOP(name, expr)                                                                                              \
    static void run_##name(void)                                                                                      \
    {                                                                                                                 \
        struct wn_rng r = rng;                                                                                        \
        double sum = 0;                                                                                               \
                                                                                                                      \
        for (int i = 0; i < DRAWS; i++)                                                                               \
            sum += (double)(expr);                                                                                    \
        rng = r;                                                                                                      \
        sink = sum;                                                                                                   \
    }

static struct sim_chi2 chi2_99;

LOOP(polar, wn_rng_normal(&r))
LOOP(normal, sim_draw_normal(&r))
LOOP(normal_fast, sim_normal_fast(&r))
LOOP(exponential, sim_draw_exponential(&r))
LOOP(chi2, sim_draw_chi2(&r, 99))
LOOP(chi2_of, sim_draw_chi2_of(&r, &chi2_99))
LOOP(chi2_fast, sim_chi2_fast(&r, &chi2_99))
LOOP(gamma, sim_draw_gamma(&r, 0.7))
LOOP(beta, sim_draw_beta(&r, 2, 3))
LOOP(truncated, sim_draw_truncated_normal(&r, 0.8))
LOOP(binomial_10, sim_draw_binomial(&r, 10, 0.3))
LOOP(binomial_100, sim_draw_binomial(&r, 100, 0.3))
LOOP(binomial_tera, sim_draw_binomial(&r, 1000000000000, 0.3))
LOOP(poisson_3, sim_draw_poisson(&r, 3))
LOOP(poisson_30, sim_draw_poisson(&r, 30))
LOOP(hyper_20, sim_draw_hypergeometric(&r, 30, 50, 20))
LOOP(hyper_mega, sim_draw_hypergeometric(&r, 300000, 500000, 200000))
LOOP(alias, sim_alias_draw(table, &r))

/* Vectors: as many states in all as the others have draws, so ns a state. */
static void run_multinomial(void)
{
    for (int i = 0; i < DRAWS / STATES; i++)
        sim_draw_multinomial(&rng, 100000, weight, STATES, taken);
}

static void run_pools(void)
{
    for (int i = 0; i < DRAWS / STATES; i++)
        sim_draw_multivariate_hypergeometric(&rng, counts, STATES, 20000, taken);
}

static const struct {
    const char *what;
    void (*run)(void);
    const char *numpy;   /* the same of n draws, by the generator g */
} rows[] = {
    { "normal, polar method (wn_rng)", run_polar, NULL },
    { "normal", run_normal, "g.standard_normal(n)" },
    { "normal, inline", run_normal_fast, "g.standard_normal(n)" },
    { "exponential", run_exponential, "g.standard_exponential(n)" },
    { "chi-square 99", run_chi2, "g.chisquare(99, n)" },
    { "chi-square 99, prepared", run_chi2_of, "g.chisquare(99, n)" },
    { "chi-square 99, inline", run_chi2_fast, "g.chisquare(99, n)" },
    { "gamma 0.7", run_gamma, "g.standard_gamma(0.7, n)" },
    { "beta 2 3", run_beta, "g.beta(2, 3, n)" },
    { "normal within 0.8", run_truncated, NULL },
    { "binomial 10 0.3", run_binomial_10, "g.binomial(10, 0.3, n)" },
    { "binomial 100 0.3", run_binomial_100, "g.binomial(100, 0.3, n)" },
    { "binomial 1e12 0.3", run_binomial_tera, "g.binomial(10**12, 0.3, n)" },
    { "poisson 3", run_poisson_3, "g.poisson(3, n)" },
    { "poisson 30", run_poisson_30, "g.poisson(30, n)" },
    { "hypergeometric 30 50 20", run_hyper_20, "g.hypergeometric(30, 50, 20, n)" },
    { "hypergeometric 3e5 5e5 2e5", run_hyper_mega, "g.hypergeometric(300000, 500000, 200000, n)" },
    { "alias table of 1,000 states", run_alias, NULL },
    { "multinomial, a state of 1,000", run_multinomial, "g.multinomial(100000, w, n // 1000)" },
    { "multivariate hyp., a state", run_pools,
      "g.multivariate_hypergeometric(c, 20000, n // 1000, method='marginals')" },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Asks python3 for the same rows; false when NumPy is not there. */
static bool time_numpy(double *ns)
{
    FILE *script;
    char name[] = "/tmp/bench_draws-XXXXXX", command[128];
    int fd = mkstemp(name), got = 0;

    if (fd < 0)
        return false;
    script = fdopen(fd, "w");
    fprintf(script,
            "import sys, time\ntry:\n    import numpy as np\nexcept ImportError:\n    sys.exit(1)\n"
            "g = np.random.Generator(np.random.PCG64(1))\nn = %d\n"
            "w = np.array([1.0 / (i + 1) for i in range(%d)])\nw /= w.sum()\n"
            "c = np.array([100000 // (i + 1) for i in range(%d)])\n"
            "def t(f):\n    v = []\n    for i in range(%d):\n        s = time.process_time()\n        f()\n"
            "        v.append(time.process_time() - s)\n    return sorted(v)[len(v) // 2] / n * 1e9\n",
            DRAWS, STATES, STATES, RUNS);
    for (int i = 0; i < ROWS; i++)
        fprintf(script, "print(%s%s%s)\n", rows[i].numpy ? "t(lambda: " : "0", rows[i].numpy ? rows[i].numpy : "",
                rows[i].numpy ? ")" : "");
    fclose(script);
    for (int i = 0; i < 2 && got < ROWS; i++) {   /* the system's python may have what another lacks */
        FILE *child;

        snprintf(command, sizeof(command), "%s %s 2>/dev/null", i ? "/usr/bin/python3" : "python3", name);
        child = popen(command, "r");
        for (got = 0; child && got < ROWS && fscanf(child, "%lf", &ns[got]) == 1; got++)
            ;
        if (child)
            pclose(child);
    }
    unlink(name);
    return got == ROWS;
}

int main(void)
{
    double numpy_ns[ROWS] = { 0 };
    struct wn_err err;

    wn_rng_init(&rng, 1, WN_DOMAIN_METRIC, 0, 0, 0);
    chi2_99 = sim_chi2_of(99);
    for (int i = 0; i < STATES; i++) {
        weight[i] = 1.0 / (i + 1);
        counts[i] = 100000 / ((uint64_t)i + 1);
    }
    if (sim_alias_new(&table, weight, STATES, &err) != WN_OK) {
        fprintf(stderr, "bench_draws: %s\n", err.text);
        return 1;
    }
    if (!time_numpy(numpy_ns))
        printf("no NumPy in python3: nothing to compare with\n");
    for (int i = 0; i < ROWS; i++) {
        double ns[RUNS];

        for (int k = 0; k < RUNS; k++) {
            double start = now();

            rows[i].run();
            ns[k] = (now() - start) / DRAWS * 1e9;
        }
        qsort(ns, RUNS, sizeof(ns[0]), by_value);
        printf("%-32s %7.2f ns  (%.2f to %.2f)", rows[i].what, ns[RUNS / 2], ns[0], ns[RUNS - 1]);
        if (numpy_ns[i] > 0)
            printf("   numpy %7.2f ns, %4.1f times", numpy_ns[i], numpy_ns[i] / ns[RUNS / 2]);
        putchar('\n');
    }
    sim_alias_free(table);
    return 0;
}
