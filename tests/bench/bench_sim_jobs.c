/*
 * What a second processor brings: wall time of wn_simulate at --jobs 1 and with all
 * processors, in turns, medians.  First the machine's own limit: random numbers drawn by
 * threads that share nothing.  Processors that are two threads of one core, or that
 * others use too, do not reach their number; the CPU time of all threads together, which
 * is also printed, tells waiting from more work.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <winnow/flow.h>
#include <winnow/sim.h>

#include "sim/draws.h"

enum { TURNS = 7, TEXTS = 400, WORDS = 200 };
static const double least_s = 0.05;      /* wall seconds of one turn at --jobs 1 */

static struct wn_sim_text texts[TEXTS];

static double clock_s(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* ---- what is run ---------------------------------------------------------------------------- */

static enum wn_status draw_numbers(void *ctx, size_t i, struct wn_err *err)
{
    uint64_t sum = 0, *out = ctx;
    struct wn_rng r;

    (void)err;
    wn_rng_init(&r, 1, WN_DOMAIN_METRIC, i, 0, 0);
    for (int k = 0; k < 1000000; k++)
        sum ^= wn_rng_u64(&r);
    out[i] = sum;
    return WN_OK;
}

static enum wn_status swallow(void *arg, struct wn_str line, struct wn_err *err)
{
    (void)err;
    *(size_t *)arg += line.len;
    return WN_OK;
}

/* OPTS NULL: the random numbers. */
static enum wn_status once(const struct wn_sim_opts *opts, unsigned jobs, struct wn_err *err)
{
    struct wn_sim_opts o;
    uint64_t sums[32];
    size_t bytes = 0;

    if (!opts)
        return wn_parallel_each(32, jobs, draw_numbers, sums, NULL, err);
    o = *opts;
    o.jobs = jobs;
    return wn_simulate(&o, swallow, &bytes, err);
}

/* ---- turns ------------------------------------------------------------------------------------ */

struct cost {
    double wall_s, cpu_s;      /* wall_s 0: it failed, and said so */
};

static struct cost cost_of(const struct wn_sim_opts *opts, unsigned jobs, unsigned repeats)
{
    struct cost c = { clock_s(CLOCK_MONOTONIC), clock_s(CLOCK_PROCESS_CPUTIME_ID) };
    enum wn_status st = WN_OK;
    struct wn_err err;

    for (unsigned i = 0; i < repeats && st == WN_OK; i++)
        st = once(opts, jobs, &err);
    if (st != WN_OK) {
        fprintf(stderr, "bench_sim_jobs: %s\n", err.text);
        return (struct cost){ 0, 0 };
    }
    return (struct cost){ clock_s(CLOCK_MONOTONIC) - c.wall_s, clock_s(CLOCK_PROCESS_CPUTIME_ID) - c.cpu_s };
}

static double median(double *v)
{
    qsort(v, TURNS, sizeof(*v), by_value);
    return v[TURNS / 2];
}

static bool row(const char *what, const struct wn_sim_opts *opts)
{
    double wall[TURNS], gain[TURNS], cpu[TURNS], first = cost_of(opts, 1, 1).wall_s;
    unsigned all = wn_cpu_count(), repeats = first < least_s ? (unsigned)(least_s / first) + 1 : 1;

    if (first == 0)
        return false;
    for (int i = 0; i < TURNS; i++) {
        struct cost one = cost_of(opts, 1, repeats), many = cost_of(opts, all, repeats);

        wall[i] = one.wall_s;
        gain[i] = one.wall_s / many.wall_s;
        cpu[i] = many.cpu_s / one.cpu_s;
    }
    printf("%-40s %8.2f ms at --jobs 1; %u jobs: %.2f times as fast", what, 1e3 * median(wall) / repeats, all,
           median(gain));
    printf(" (%.2f to %.2f) for %.2f times the CPU time\n", gain[0], gain[TURNS - 1], median(cpu));
    fflush(stdout);
    return true;
}

/* Words with a Zipf tail, each with its own likely successors. */
static bool make_texts(struct wn_arena *arena)
{
    struct wn_buf text = { 0 };

    for (size_t d = 0; d < TEXTS; d++) {
        struct wn_rng rng;
        uint64_t word = d;

        wn_rng_init(&rng, 1, WN_DOMAIN_REAL, d, 0, 0);
        wn_buf_reset(&text);
        for (int i = 0; i < WORDS; i++) {
            if (wn_rng_u01(&rng) < 0.5)
                word = (word * 31 + wn_rng_below(&rng, 4)) % 20000;
            else
                word = (uint64_t)exp(wn_rng_u01(&rng) * log(20000)) - 1;
            wn_buf_addf(&text, "w%llu ", (unsigned long long)word);
        }
        texts[d].text = wn_arena_copy(arena, wn_buf_str(&text));
        if (!texts[d].text.ptr)
            break;
    }
    wn_buf_release(&text);
    return texts[TEXTS - 1].text.ptr != NULL;
}

int main(void)
{
    struct wn_policy p;
    uint32_t last = 1000;
    struct wn_sim_opts rows[] = {
        { .engine = "gaussian", .generations = 1000, .replicates = 1000, .n = 100, .record = &last, .n_record = 1,
          .summary_only = true },
        { .engine = "gaussian", .generations = 1000, .replicates = 1000, .n = 100, .record = &last, .n_record = 1 },
        { .engine = "gaussian", .generations = 100, .replicates = 100, .n = 100 },
        { .engine = "gmm", .generations = 10, .replicates = 16, .n = 1000 },
        { .engine = "ngram", .generations = 3, .replicates = 8, .n = TEXTS / 4, .texts = texts, .n_texts = TEXTS },
    };
    static const char *const what[] = {
        "gaussian exact 1,000 x 1,000, summary",  "gaussian exact 1,000 x 1,000, last rows",
        "gaussian exact 100 x 100, every row",    "gmm n 1,000, 10 fits x 16 seeds",
        "ngram 100 texts of 200 words, 3 fits x 8",
    };
    struct wn_arena arena = { 0 };
    bool ok = make_texts(&arena) && row("random numbers, nothing shared", NULL);

    wn_policy_init(&p);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && ok; i++) {
        rows[i].policies = &p;
        rows[i].n_policies = 1;
        rows[i].seed = 1;
        ok = row(what[i], &rows[i]);
    }
    wn_arena_release(&arena);
    return !ok;
}
