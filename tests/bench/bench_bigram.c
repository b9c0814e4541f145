/*
 * Speed of the bigram engine on one core (CPU time), the median of five runs: 0.5 million
 * tokens over 23,000 words, the size of the corpus of Suresh et al. (2024).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/generator.h"

extern const struct sim_generator sim_bigram;

enum { BLOCK = 64, BLOCKS = 8000, WORDS = 23000, ROUNDS = 5 };

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

/* Words "w1" .. "w23000", independent, with Zipf's law by inversion of its integral. */
static void write_text(struct wn_buf *out)
{
    struct wn_rng rng;

    wn_rng_init(&rng, 1, WN_DOMAIN_REAL, 0, 0, 0);
    for (size_t i = 0; i < (size_t)BLOCK * BLOCKS * 10 / 9 + BLOCK; i++)
        wn_buf_addf(out, "w%d ", (int)exp(wn_rng_u01(&rng) * log(WORDS)));
}

/* ASKED: millions of tokens a second that are demanded; 0: nothing is. */
static void say(const char *what, double *seconds, double asked)
{
    double speed;

    qsort(seconds, ROUNDS, sizeof(*seconds), by_value);
    speed = 1e-6 * BLOCK * BLOCKS / seconds[ROUNDS / 2];
    printf("%-18s %8.1f million tokens/s  (spread %.0f %%)", what, speed,
           100 * (seconds[ROUNDS - 1] - seconds[0]) / seconds[ROUNDS / 2]);
    if (asked > 0)
        printf("; asked: %.0f: %s", asked, speed >= asked ? "met" : "MISSED");
    putchar('\n');
}

static enum wn_status measure(void *state, void *items, struct wn_err *err)
{
    double fit[ROUNDS], sample[ROUNDS], both[ROUNDS], compare[ROUNDS];
    enum wn_status st = sim_bigram.real(state, 0, 0, items, BLOCKS, err);

    for (uint32_t g = 0; g < ROUNDS && st == WN_OK; g++) {
        struct sim_data data = { .item = items, .n = BLOCKS };
        struct sim_view view = { .generation = g + 2, .generated = items, .n_generated = BLOCKS };
        struct sim_metrics metrics = { .n = 0 };
        double start = now_s(), fitted, sampled;

        st = sim_bigram.fit(state, g + 2, &data, err);
        fitted = now_s();
        if (st == WN_OK)
            st = sim_bigram.sample(state, g + 2, 0, items, BLOCKS, err);
        sampled = now_s();
        if (g == 0 && st == WN_OK)     /* the measures want a first model */
            st = sim_bigram.fit(state, 1, &data, err);
        compare[g] = now_s();
        if (st == WN_OK)
            st = sim_bigram.compare(state, &view, &metrics, err);
        compare[g] = now_s() - compare[g];
        fit[g] = fitted - start;
        sample[g] = sampled - fitted;
        both[g] = sampled - start;
    }
    if (st != WN_OK)
        return st;
    say("bigram fit", fit, 0);
    say("bigram sample", sample, 0);
    say("bigram fit+sample", both, 10);
    say("bigram measures", compare, 0);
    return WN_OK;
}

int main(void)
{
    struct wn_buf text = { 0 };
    struct wn_arena arena = { 0 };
    struct wn_sim_text document = { WN_STR("zipf"), { NULL, 0 } };
    struct wn_sim_opts opts = { .engine = "bigram", .seed = 1, .n = BLOCKS, .generations = ROUNDS, .texts = &document,
                                .n_texts = 1, .model.block = BLOCK };
    struct sim_run run = { &opts, NULL, 0, &arena };
    struct wn_err err = { 0 };
    void *world = NULL, *state = NULL, *items = calloc(BLOCKS, sim_bigram.item_size(&opts));
    enum wn_status st;

    write_text(&text);
    document.text = wn_buf_str(&text);
    st = items ? sim_bigram.open(&world, &opts, &err) : WN_NOMEM;
    if (st == WN_OK)
        st = sim_bigram.begin(&state, world, &run, &err);
    if (st == WN_OK)
        st = measure(state, items, &err);
    if (st != WN_OK)
        fprintf(stderr, "%s\n", err.text);
    sim_bigram.end(state);
    sim_bigram.close(world);
    wn_arena_release(&arena);
    wn_buf_release(&text);
    free(items);
    return st != WN_OK;
}
