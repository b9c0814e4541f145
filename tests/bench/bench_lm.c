/*
 * bench_lm.c - tokens per second of counting, estimating, scoring and sampling: median
 * and spread of several runs on a made-up text with Zipf-like word frequencies.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <winnow/lmbuild.h>
#include <winnow/lmsample.h>

enum { N_RUNS = 7, N_VOCAB = 20000, ORDER = 3, MAX_WORDS = 100, BATCH = 64 };

struct bench {
    struct wn_buf text;
    uint64_t n_tokens;
    struct wn_counts *counts;
    struct wn_lm *lm;
    struct wn_sampler *sampler;
    struct wn_sampler_scratch *scratch;
    struct wn_lm *bigrams;               /* maximum likelihood */
    struct wn_sampler *bigram_sampler;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die_unless(bool ok, const struct wn_err *err)
{
    if (ok)
        return;
    fprintf(stderr, "bench_lm: %s\n", err->text);
    exit(1);
}

/* The next word is one of a few that its predecessor prefers, or any. */
static void make_text(struct bench *b, uint64_t n_tokens)
{
    struct wn_rng rng;
    uint64_t word = 0;

    wn_rng_init(&rng, 1, WN_DOMAIN_REAL, 0, 0, 0);
    wn_buf_reset(&b->text);
    for (uint64_t i = 0; i < n_tokens; i++) {
        if (wn_rng_below(&rng, 3) > 0)
            word = (word * 31 + wn_rng_below(&rng, 6)) % N_VOCAB;
        else
            word = wn_rng_below(&rng, 1 + wn_rng_below(&rng, 1 + wn_rng_below(&rng, N_VOCAB)));
        wn_buf_addf(&b->text, "w%llu%c", (unsigned long long)word, i % 20 == 19 ? '\n' : ' ');
    }
    b->n_tokens = n_tokens;
}

static uint64_t run_count(struct bench *b)
{
    struct wn_err err;

    wn_counts_free(b->counts);
    die_unless(wn_counts_new(&b->counts, ORDER, WN_TOK_WHITESPACE, &err) == WN_OK, &err);
    die_unless(wn_counts_add_text(b->counts, wn_buf_str(&b->text), &err) == WN_OK, &err);
    return wn_counts_tokens(b->counts);
}

static uint64_t run_estimate(struct bench *b)
{
    struct wn_err err;

    wn_lm_free(b->lm);
    die_unless(wn_lm_estimate(&b->lm, b->counts, NULL, NULL, &err) == WN_OK, &err);
    return wn_counts_tokens(b->counts);
}

static uint64_t run_score(struct bench *b)
{
    struct wn_arena a = { 0 };
    uint64_t n = 0;

    for (const char *p = b->text.ptr, *end = p + b->text.len; p < end;) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        struct wn_str line = { p, (size_t)((nl ? nl : end) - p) };
        struct wn_tokens t;
        struct wn_lm_sum sum;
        struct wn_err err;

        wn_arena_reset(&a);
        die_unless(wn_tokenize(WN_TOK_WHITESPACE, line, &a, &t, &err) == WN_OK, &err);
        wn_lm_score_tokens(b->lm, &t, NULL, &sum);
        n += sum.n_tokens;
        p = nl ? nl + 1 : end;
    }
    wn_arena_release(&a);
    return n;
}

static uint64_t run_prepare(struct bench *b)
{
    struct wn_err err;

    wn_sampler_scratch_free(b->scratch);
    wn_sampler_free(b->sampler);
    die_unless(wn_sampler_new(&b->sampler, b->lm, &err) == WN_OK, &err);
    b->scratch = wn_sampler_scratch_new(b->sampler);
    return wn_lm_ngrams(b->lm, 1) + wn_lm_ngrams(b->lm, 2) + wn_lm_ngrams(b->lm, 3);
}

static bool is_green(void *arg, uint32_t previous, uint32_t word)
{
    (void)arg;
    return ((previous * 2654435761u) ^ (word * 2246822519u)) >> 31;
}

static uint64_t sample_many(struct bench *b, const struct wn_sample_opts *opts, uint64_t n_texts)
{
    uint32_t ids[MAX_WORDS];
    struct wn_rng rng;
    uint64_t n = 0;

    for (uint64_t i = 0; i < n_texts; i++) {
        wn_rng_init(&rng, 2, WN_DOMAIN_SAMPLE, i, 0, 0);
        n += wn_sample(b->sampler, b->scratch, opts, &rng, ids) + 1;
    }
    return n;
}

static uint64_t run_sample(struct bench *b)
{
    const struct wn_sample_opts opts = { .max_tokens = MAX_WORDS };

    return sample_many(b, &opts, b->n_tokens / 20);
}

static uint64_t sample_batches(struct bench *b, const struct wn_sampler *s)
{
    const struct wn_sample_opts opts = { .max_tokens = MAX_WORDS };
    uint32_t ids[BATCH * MAX_WORDS];
    size_t n_ids[BATCH];
    struct wn_rng rng[BATCH];
    uint64_t n = 0;

    for (uint64_t i = 0; i < b->n_tokens / 20; i += BATCH) {
        for (uint64_t j = 0; j < BATCH; j++)
            wn_rng_init(&rng[j], 2, WN_DOMAIN_SAMPLE, i + j, 0, 0);
        wn_sample_batch(s, b->scratch, &opts, rng, BATCH, ids, n_ids);
        for (size_t j = 0; j < BATCH; j++)
            n += n_ids[j] + 1;
    }
    return n;
}

static uint64_t run_batch(struct bench *b)
{
    return sample_batches(b, b->sampler);
}

static uint64_t run_sample_biased(struct bench *b)
{
    const struct wn_lm_bias bias = { is_green, NULL, 2.0 };
    const struct wn_sample_opts opts = { .max_tokens = MAX_WORDS, .bias = &bias };

    return sample_many(b, &opts, b->n_tokens / 20);
}

static uint64_t run_top_k(struct bench *b)
{
    const struct wn_sample_opts opts = { .max_tokens = MAX_WORDS, .top_k = 50 };

    return sample_many(b, &opts, b->n_tokens / 40);
}

static uint64_t run_top_p(struct bench *b)
{
    const struct wn_sample_opts opts = { .max_tokens = MAX_WORDS, .top_p = 0.9 };

    return sample_many(b, &opts, b->n_tokens / 40);
}

static uint64_t run_min_p(struct bench *b)
{
    const struct wn_sample_opts opts = { .max_tokens = MAX_WORDS, .min_p = 0.05 };

    return sample_many(b, &opts, b->n_tokens / 40);
}

static uint64_t run_temperature(struct bench *b)
{
    const struct wn_sample_opts opts = { .max_tokens = MAX_WORDS, .temperature = 0.8 };

    return sample_many(b, &opts, b->n_tokens / 40);
}

static uint64_t run_typical(struct bench *b)
{
    const struct wn_sample_opts opts = { .max_tokens = MAX_WORDS, .typical = 0.95 };

    return sample_many(b, &opts, b->n_tokens / 40);
}

static uint64_t run_penalty(struct bench *b)
{
    const struct wn_sample_opts opts = { .max_tokens = MAX_WORDS, .repetition_penalty = 1.2 };

    return sample_many(b, &opts, b->n_tokens / 40);
}

static uint64_t run_penalty_top_p(struct bench *b)
{
    const struct wn_sample_opts opts = { .max_tokens = MAX_WORDS, .repetition_penalty = 1.2, .top_p = 0.9 };

    return sample_many(b, &opts, 4);
}

static uint64_t run_beam(struct bench *b)
{
    const struct wn_sample_opts opts = { .max_tokens = 20, .min_tokens = 20 };
    uint32_t ids[20];
    struct wn_err err;
    size_t n;

    die_unless(wn_lm_beam(b->sampler, 4, 0.0, &opts, ids, &n, NULL, &err) == WN_OK, &err);
    return n;
}

/* What a simulation of maximum-likelihood bigrams draws; the model is made in the first run. */
static uint64_t run_bigrams(struct bench *b)
{
    const struct wn_lm_opts ml = { .smoothing = WN_SMOOTH_ML };
    struct wn_counts *c;
    struct wn_err err;

    if (!b->bigrams) {
        die_unless(wn_counts_new(&c, 2, WN_TOK_WHITESPACE, &err) == WN_OK, &err);
        die_unless(wn_counts_add_text(c, wn_buf_str(&b->text), &err) == WN_OK, &err);
        die_unless(wn_lm_estimate(&b->bigrams, c, &ml, NULL, &err) == WN_OK, &err);
        wn_counts_free(c);
        die_unless(wn_sampler_new(&b->bigram_sampler, b->bigrams, &err) == WN_OK, &err);
    }
    return sample_batches(b, b->bigram_sampler);
}

static void drop_bigrams(struct bench *b)
{
    wn_sampler_free(b->bigram_sampler);
    wn_lm_free(b->bigrams);
    b->bigram_sampler = NULL;
    b->bigrams = NULL;
}

static const struct {
    const char *name, *unit;
    uint64_t (*run)(struct bench *b);
} rows[] = {
    { "count", "tokens", run_count },
    { "estimate", "tokens", run_estimate },
    { "score (text)", "tokens", run_score },
    { "sampler tables", "n-grams", run_prepare },
    { "sample", "tokens", run_sample },
    { "sample, delta 2", "tokens", run_sample_biased },
    { "sample, batches", "tokens", run_batch },
    { "ML bigrams, batches", "tokens", run_bigrams },
    { "top-k 50", "tokens", run_top_k },
    { "top-p 0.9", "tokens", run_top_p },
    { "min-p 0.05", "tokens", run_min_p },
    { "temperature 0.8", "tokens", run_temperature },
    { "typical 0.95", "tokens", run_typical },
    { "penalty 1.2", "tokens", run_penalty },
    { "penalty and top-p", "tokens", run_penalty_top_p },
    { "beam 4", "tokens", run_beam },
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void run_rows(struct bench *b)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double seconds[N_RUNS];
        uint64_t n = 0;

        for (int j = 0; j < N_RUNS; j++) {
            double start = now();

            n = rows[i].run(b);
            seconds[j] = now() - start;
        }
        qsort(seconds, N_RUNS, sizeof(seconds[0]), by_value);
        printf("  %-20s %8.2f ms  %8.1f k %s/s  (%.2f to %.2f ms)\n", rows[i].name, seconds[N_RUNS / 2] * 1e3,
               (double)n / seconds[N_RUNS / 2] * 1e-3, rows[i].unit, seconds[0] * 1e3, seconds[N_RUNS - 1] * 1e3);
    }
}

int main(void)
{
    static const uint64_t sizes[] = { 100000, 1000000 };
    struct bench b = { .counts = NULL };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        printf("order %d, %llu tokens, CPU time, median of %d (least to most)\n", ORDER,
               (unsigned long long)sizes[i], N_RUNS);
        make_text(&b, sizes[i]);
        run_rows(&b);
        drop_bigrams(&b);
    }
    wn_sampler_scratch_free(b.scratch);
    wn_sampler_free(b.sampler);
    wn_lm_free(b.lm);
    wn_counts_free(b.counts);
    wn_buf_release(&b.text);
    return 0;
}
