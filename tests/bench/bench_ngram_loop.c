/*
 * Speed of the n-gram engine, step by step, on one core (CPU time): the median of five runs,
 * in tokens a second.  A file of JSON Lines as argument takes the place of the built-in texts (words
 * with a Zipf tail, each with its own likely successors; 2,000 documents of 200 words).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <winnow/reader.h>
#include <winnow/record.h>

#include "sim/ngram.h"

extern const struct sim_generator sim_ngram;

enum { RUNS = 5, MAX_TEXTS = 5000 };

struct bench {
    struct wn_sim_opts opts;
    struct wn_policy policy;
    struct wn_sim_text texts[MAX_TEXTS];
    struct wn_arena arena;
    struct wn_err err;
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

static double median(double *v)
{
    qsort(v, RUNS, sizeof(*v), by_value);
    return v[RUNS / 2];
}

/* ---- texts --------------------------------------------------------------------------------- */

static void make_texts(struct bench *b, size_t n)
{
    struct wn_buf text = { 0 };

    for (size_t d = 0; d < n; d++) {
        struct wn_rng rng;
        uint64_t word = d;

        wn_rng_init(&rng, 1, WN_DOMAIN_REAL, d, 0, 0);
        wn_buf_reset(&text);
        for (int i = 0; i < 200; i++) {
            if (wn_rng_u01(&rng) < 0.5)
                word = (word * 31 + wn_rng_below(&rng, 4)) % 20000;
            else
                word = (uint64_t)exp(wn_rng_u01(&rng) * log(20000)) - 1;
            wn_buf_addf(&text, "w%llu ", (unsigned long long)word);
        }
        b->texts[d].text = wn_arena_copy(&b->arena, wn_buf_str(&text));
    }
    wn_buf_release(&text);
    b->opts.n_texts = n;
}

static enum wn_status read_texts(struct bench *b, const char *path)
{
    const struct wn_reader_opts how = { .paths = &path, .n_paths = 1 };
    struct wn_reader *reader = NULL;
    struct wn_item item;
    enum wn_status st = wn_reader_open(&reader, &how, &b->err);

    while (st == WN_OK && b->opts.n_texts < MAX_TEXTS) {
        const struct wn_fields fields = { .text = "text" };
        enum wn_reason reason;
        struct wn_doc doc;

        st = wn_reader_next(reader, &b->arena, &item, &b->err);
        if (st != WN_OK || item.kind != WN_ITEM_RECORD)
            continue;
        st = wn_record_parse(&fields, &item, &b->arena, &doc, &reason, &b->err);
        if (st == WN_OK)
            b->texts[b->opts.n_texts++].text = doc.text;
    }
    wn_reader_close(reader);
    return st == WN_END ? WN_OK : st;
}

/* ---- steps --------------------------------------------------------------------------------------- */

struct pace {
    double fit_s[RUNS], sample_s[RUNS], compare_s[RUNS], edit_s[RUNS];
    uint64_t n_fitted, n_sampled;
};

static uint64_t tokens(const struct sim_text *t, size_t n)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += t[i].n_tokens;
    return sum;
}

static int step(struct bench *b, struct sim_ngram *g, struct sim_text *real, size_t n, int i, struct pace *p)
{
    struct sim_data data = { .item = real, .n = n };
    struct sim_text *made = wn_arena_calloc(g->run.arena, n, sizeof(*made));
    struct sim_view view = { .generation = 1, .policy = &b->policy, .generated = made, .n_generated = n };
    struct sim_metrics m = { .n = 0 };
    double t0 = now_s(), t1, t2, t3;

    if (sim_ngram.fit(g, 1, &data, &b->err) != WN_OK)
        return 1;
    t1 = now_s();
    if (sim_ngram.sample(g, 1, 0, made, n, &b->err) != WN_OK)
        return 1;
    t2 = now_s();
    if (sim_ngram.compare(g, &view, &m, &b->err) != WN_OK)
        return 1;
    t3 = now_s();
    p->n_fitted = tokens(real, n);
    p->n_sampled = tokens(made, n);
    if (b->opts.sampling.beam == 0 && sim_ngram.edit(g, 1, 0, real, n, 0.9, made, &b->err) != WN_OK)
        return 1;
    p->fit_s[i] = t1 - t0;
    p->sample_s[i] = t2 - t1;
    p->compare_s[i] = t3 - t2;
    p->edit_s[i] = now_s() - t3;
    return 0;
}

/* ASKED: millions of tokens a second that sampling is to reach; 0: nothing is said. */
static void say(const struct bench *b, struct pace *p, double asked)
{
    double fitted = (double)p->n_fitted, sampled = (double)p->n_sampled;
    const struct wn_sim_sampling *s = &b->opts.sampling;

    printf("%s order %u prompt %-2u T %.1f top-k %-2u beam %u: fit %5.2f, sample %6.3f M tokens/s (%.0f k tokens); "
           "measures %.0f ms", b->opts.smoothing == WN_SMOOTH_ML ? "ml" : "kn", b->opts.order, b->opts.prompt,
           s->temperature > 0 ? s->temperature : 1, s->top_k, s->beam, 1e-6 * fitted / median(p->fit_s),
           1e-6 * sampled / median(p->sample_s), 1e-3 * sampled, 1e3 * median(p->compare_s));
    if (s->beam == 0)
        printf("; edit %5.2f M tokens/s", 1e-6 * fitted / median(p->edit_s));
    if (asked > 0)
        printf("; asked of sampling: %.0f: %s", asked, 1e-6 * sampled / median(p->sample_s) >= asked ? "met" : "MISSED");
    printf("\n");
}

static int bench(struct bench *b, size_t n, double asked)
{
    struct pace p = { .n_fitted = 0 };
    struct wn_arena arena = { 0 };
    struct sim_run run = { &b->opts, &b->policy, 0, &arena };
    struct sim_text *real;
    void *world = NULL, *state = NULL;
    int bad = 1;

    b->opts.n = n;
    if (sim_ngram.open(&world, &b->opts, &b->err) == WN_OK && sim_ngram.begin(&state, world, &run, &b->err) == WN_OK) {
        real = wn_arena_calloc(&arena, n, sizeof(*real));
        bad = sim_ngram.real(state, 0, 0, real, n, &b->err) != WN_OK;
        for (int i = 0; i < RUNS && !bad; i++)
            bad = step(b, state, real, n, i, &p);
    }
    if (bad)
        fprintf(stderr, "%s\n", b->err.text);
    else
        say(b, &p, asked);
    sim_ngram.end(state);
    sim_ngram.close(world);
    wn_arena_release(&arena);
    return bad;
}

int main(int argc, char **argv)
{
    static struct bench b;
    static const struct {
        unsigned order, prompt;
        enum wn_smoothing smoothing;
        struct wn_sim_sampling sampling;
        size_t share;                  /* of the texts: one in so many */
        double asked;
    } row[] = {
        { 3, 0, WN_SMOOTH_KN, { .temperature = 1 }, 2, 2 },  { 3, 0, WN_SMOOTH_ML, { .temperature = 1 }, 2, 0 },
        { 5, 0, WN_SMOOTH_KN, { .temperature = 1 }, 2, 0 },  { 3, 0, WN_SMOOTH_KN, { .temperature = 0.7 }, 2, 0 },
        { 3, 0, WN_SMOOTH_KN, { .top_k = 50 }, 2, 0 },       { 3, 64, WN_SMOOTH_KN, { .temperature = 1 }, 2, 0 },
        { 3, 64, WN_SMOOTH_KN, { .top_k = 50 }, 2, 0 },      { 3, 16, WN_SMOOTH_KN, { .beam = 5 }, 100, 0 },
    };
    int bad = 0;

    wn_policy_init(&b.policy);
    b.opts.policies = &b.policy;
    b.opts.n_policies = 1;
    b.opts.generations = 1;
    b.opts.texts = b.texts;
    if (argc > 1)
        bad = read_texts(&b, argv[1]) != WN_OK;
    else
        make_texts(&b, 2000);
    if (bad)
        fprintf(stderr, "%s\n", b.err.text);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]) && !bad; i++) {
        b.opts.order = row[i].order;
        b.opts.prompt = row[i].prompt;
        b.opts.smoothing = row[i].smoothing;
        b.opts.sampling = row[i].sampling;
        bad = bench(&b, b.opts.n_texts / row[i].share, row[i].asked);
    }
    wn_arena_release(&b.arena);
    return bad;
}
