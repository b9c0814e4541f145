/*
 * A generation of engine gmm (fit with its k-means start, then sampling) in milliseconds of CPU,
 * as the median over a chain of fits, beside scikit-learn's GaussianMixture on the same
 * truth, size, K and tolerance when Debian's python3-sklearn is installed (one thread each;
 * PYTHON names another interpreter).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/generator.h"

extern const struct sim_generator sim_gmm;

enum { MOST_FITS = 64 };
static const double tolerance = 1e-5;

struct figures {
    double ms, rounds;
};

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double rounds_of(void *state, uint32_t generation)
{
    struct sim_view view = { .generation = generation };
    struct sim_metrics m = { .n = 0 };

    sim_gmm.compare(state, &view, &m, NULL);
    for (size_t i = 0; i < m.n; i++)
        if (strcmp(m.item[i].name, "em_rounds") == 0)
            return m.item[i].value;
    return 0;
}

static struct figures chain(const struct sim_run *run, const void *world, size_t n, unsigned fits)
{
    double *item = calloc(n, run->opts->model.dims * sizeof(*item)), ms[MOST_FITS];
    struct sim_data data = { .item = item, .n = n };
    struct figures out = { 0, 0 };
    struct wn_err err;
    void *state = NULL;

    if (!item || sim_gmm.begin(&state, world, run, &err) != WN_OK) {
        free(item);
        return out;
    }
    sim_gmm.real(state, 0, 0, item, n, &err);
    for (uint32_t g = 1; g <= fits; g++) {
        double start = now_ms();

        if (sim_gmm.fit(state, g, &data, &err) != WN_OK || sim_gmm.sample(state, g, 0, item, n, &err) != WN_OK)
            printf("%s\n", err.text);
        ms[g - 1] = now_ms() - start;
        out.rounds += rounds_of(state, g) / fits;
    }
    qsort(ms, fits, sizeof(*ms), by_value);
    out.ms = ms[fits / 2];
    sim_gmm.end(state);
    free(item);
    return out;
}

static struct figures ours(const char *truth, unsigned dims, size_t n, unsigned fits)
{
    struct wn_sim_opts opts = { .engine = "gmm", .seed = 1,
                                .model = { .truth = truth, .components = 3, .dims = dims, .em_tolerance = tolerance,
                                           .em_rounds = 200 } };
    struct wn_arena arena = { 0 };
    struct sim_run run = { .opts = &opts, .arena = &arena };
    struct figures out = { 0, 0 };
    struct wn_err err;
    void *world;

    if (sim_gmm.open(&world, &opts, &err) == WN_OK) {
        out = chain(&run, world, n, fits);
        sim_gmm.close(world);
    } else {
        printf("%s\n", err.text);
    }
    wn_arena_release(&arena);
    return out;
}

/* false: there is no scikit-learn, and the partner said so. */
static bool theirs(const char *truth, unsigned dims, size_t n, unsigned fits, struct figures *out)
{
    const char *python = getenv("PYTHON");
    char command[512], line[256] = "";
    FILE *f;

    snprintf(command, sizeof(command), "%s tests/bench/bench_gmm.py %s %u %zu %u %g",
             python ? python : "/usr/bin/python3", truth, dims, n, fits, tolerance);
    f = popen(command, "r");
    if (f && !fgets(line, sizeof(line), f))
        snprintf(line, sizeof(line), "scikit-learn is not installed\n");
    if (f)
        pclose(f);
    if (sscanf(line, "%lf %lf", &out->ms, &out->rounds) == 2)
        return true;
    fputs(line, stdout);
    return false;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *truth;
        unsigned dims;
        size_t n;
        unsigned fits, their_fits;
    } rows[] = {
        { "three", 2, 1000, 51, 15 }, { "three", 2, 10000, 31, 9 },  { "three", 2, 50000, 15, 5 },
        { "three", 2, 200000, 9, 3 }, { "blob", 2, 10000, 9, 5 },    { "pair", 10, 10000, 9, 5 },
    };
    bool partner = argc < 2 || strcmp(argv[1], "alone") != 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct figures a = ours(rows[i].truth, rows[i].dims, rows[i].n, rows[i].fits), b;

        printf("gmm %-6s d %-2u K 3 n %-7zu %9.3f ms a generation (%.0f rounds of EM)\n", rows[i].truth, rows[i].dims,
               rows[i].n, a.ms, a.rounds);
        fflush(stdout);
        partner = partner && theirs(rows[i].truth, rows[i].dims, rows[i].n, rows[i].their_fits, &b);
        if (partner)
            printf("  scikit-learn               %9.3f ms (%.0f rounds): %.0f times as long, %.0f a round\n", b.ms,
                   b.rounds, b.ms / a.ms, b.ms / b.rounds / (a.ms / a.rounds));
    }
    return 0;
}
