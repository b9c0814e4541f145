/*
 * Speed of the loop over points, on one core (CPU time), the median of five runs: items
 * drawn, planned and fitted a second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <winnow/sim.h>

static enum wn_status swallow(void *arg, struct wn_str line, struct wn_err *err)
{
    (void)err;
    *(size_t *)arg += line.len;
    return WN_OK;
}

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

static int bench(const char *engine, enum wn_regime regime, uint64_t n, unsigned generations, unsigned replicates)
{
    struct wn_policy p;
    struct wn_sim_opts opts = { .engine = engine, .policies = &p, .n_policies = 1, .generations = generations,
                                .replicates = replicates, .seed = 1, .n = n, .mode = WN_SIM_POINTS };
    double seconds[5], items = (double)n * generations * replicates;
    struct wn_err err = { 0 };
    size_t bytes = 0;

    wn_policy_init(&p);
    p.regime = regime;
    p.real_share = 0.2;
    p.budget_of_first = regime == WN_REGIME_ACCUMULATE_SUBSAMPLE;
    for (int i = 0; i < 5; i++) {
        double start = now_s();

        if (wn_simulate(&opts, swallow, &bytes, &err) != WN_OK) {
            fprintf(stderr, "%s\n", err.text);
            return 1;
        }
        seconds[i] = now_s() - start;
    }
    qsort(seconds, 5, sizeof(seconds[0]), by_value);
    printf("%-10s %-20s n %-7llu %8.2f million new items/s  (spread %.0f %%)\n", engine, wn_regime_name(regime),
           (unsigned long long)n, 1e-6 * items / seconds[2], 100 * (seconds[4] - seconds[0]) / seconds[2]);
    return 0;
}

int main(void)
{
    return bench("gaussian", WN_REGIME_REPLACE, 100, 20, 1000) ||
           bench("gaussian", WN_REGIME_REPLACE, 100000, 5, 4) ||
           bench("gaussian", WN_REGIME_ACCUMULATE, 100, 20, 200) ||
           bench("gaussian", WN_REGIME_ACCUMULATE_SUBSAMPLE, 100, 20, 200) ||
           bench("gaussian", WN_REGIME_ACCUMULATE_SUBSAMPLE, 10000, 20, 2) ||
           bench("gaussian", WN_REGIME_FIXED_REAL, 1000, 20, 50) || bench("gmm", WN_REGIME_REPLACE, 300, 10, 10) ||
           bench("gmm", WN_REGIME_ACCUMULATE, 300, 10, 5);
}
