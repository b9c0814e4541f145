/*
 * The n-gram engine's table, call by call, on texts small enough for a hand calculation.
 */
#include "unit/ngram_fixture.h"

#include "sim/measure.h"

static struct wn_str str_of(const struct sim_text *t)
{
    return t->str;
}

static void assert_text(const struct sim_text *t, const char *want)
{
    if (!wn_str_eq(str_of(t), wn_str(want)))
        fail_msg("'%.*s' and not '%s'", WN_STR_ARG(t->str), want);
}

static uint64_t count_words(struct wn_str text)
{
    struct wn_arena a = { 0 };
    struct wn_tokens t;

    assert_int_equal(wn_tokenize(WN_TOK_WORDS, text, &a, &t, NULL), WN_OK);
    wn_arena_release(&a);
    return t.n;
}

/* Texts of N cycled patterns. */
static void fill(struct wn_sim_text *texts, size_t n, const char *const *pattern, size_t n_patterns)
{
    for (size_t i = 0; i < n; i++)
        texts[i].text = wn_str(pattern[i % n_patterns]);
}

/* ---- writing ---------------------------------------------------------------------------- */

enum { ZIPF_TEXTS = 120, ZIPF_TYPES = 80 };

static void zipf_texts(struct wn_arena *a, struct wn_sim_text *texts)
{
    struct wn_buf b = { 0 };

    for (size_t d = 0; d < ZIPF_TEXTS; d++) {
        struct wn_rng rng;

        wn_rng_init(&rng, 5, WN_DOMAIN_REAL, d, 0, 0);
        wn_buf_reset(&b);
        for (size_t i = 0; i < 20; i++) {
            wn_buf_addz(&b, i % 7 == 6 ? ", " : i ? " " : "");
            fixture_word(&b, fixture_zipf(&rng, ZIPF_TYPES));
        }
        wn_buf_addc(&b, '.');
        texts[d].text = wn_arena_copy(a, wn_buf_str(&b));
    }
    wn_buf_release(&b);
}

/* Shares of the n-grams of W (documents between a start and an end) that REAL has too. */
static double shared_ngrams(const struct sim_words *real, const struct sim_words *w, size_t order)
{
    size_t n_real = 0, n = 0, hits = 0;
    uint64_t *h = calloc(real->start[real->n_docs] + 1, sizeof(*h)), *one = calloc(2000, sizeof(*one));

    for (size_t d = 0; d < real->n_docs; d++)
        n_real += sim_hash_ngrams(real->hash, real->start[d], real->start[d + 1], order, h + n_real);
    for (size_t d = 0; d < w->n_docs; d++) {
        size_t k = sim_hash_ngrams(w->hash, w->start[d], w->start[d + 1], order, one);

        for (size_t i = 0; i < k; i++) {
            size_t j = 0;

            while (j < n_real && h[j] != one[i])
                j++;
            hits += j < n_real;
        }
        n += k;
    }
    free(h);
    free(one);
    return n ? (double)hits / (double)n : 1;
}

/* Relative frequency in the longest context seen cannot write an n-gram of its order that
 * the text lacks; smoothing can. */
static void every_order_writes_what_its_smoothing_allows(void **state)
{
    struct wn_arena a = { 0 };
    struct wn_sim_text texts[ZIPF_TEXTS];

    (void)state;
    zipf_texts(&a, texts);
    for (unsigned order = 1; order <= 5; order++) {
        for (int ml = 0; ml <= 1; ml++) {
            struct rig r = { .opts = { .order = order, .smoothing = ml ? WN_SMOOTH_ML : WN_SMOOTH_KN } };
            struct sim_text_reader how = { .each = NULL };
            struct sim_words real, made;
            struct sim_text *docs;
            struct sim_metrics m;
            double share;

            rig_open(&r, texts, ZIPF_TEXTS, 100);
            rig_fit(&r, 1, r.real, 100);
            docs = rig_sample(&r, 1, 0, 40);
            for (size_t i = 0; i < 40; i++) {
                assert_true(docs[i].n_tokens > 0);
                assert_int_equal(docs[i].n_tokens, count_words(docs[i].str));
            }
            how.page = &r.g->page;
            assert_int_equal(sim_read_texts(r.real, 100, &how, &r.arena, &real, NULL), WN_OK);
            assert_int_equal(sim_read_texts(docs, 40, &how, &r.arena, &made, NULL), WN_OK);
            share = shared_ngrams(&real, &made, order);
            assert_true(ml || order == 1 ? share == 1 : share < 0.999);
            m = rig_compare(&r, 1, docs, 40);
            assert_true(rig_metric(&m, "first_ppl_q50") > 1);
            assert_true(rig_has(&m, "mauve") && rig_has(&m, "self_bleu_4") && rig_has(&m, "diversity"));
            rig_close(&r);
        }
    }
    wn_arena_release(&a);
}

static void equal_indices_are_equal_draws(void **state)
{
    struct wn_arena a = { 0 };
    struct wn_sim_text texts[ZIPF_TEXTS];

    (void)state;
    zipf_texts(&a, texts);
    for (int mode = 0; mode < 4; mode++) {
        struct rig r = { .opts = { .order = 3, .prompt = mode >= 2 ? 4 : 0, .watermark_share = mode == 1 ? 0.5 : 0 } };
        struct sim_text *all, *some;

        r.opts.sampling.temperature = mode == 3 ? 0.8 : 1;
        r.opts.sampling.repetition_penalty = mode == 3 ? 1.2 : 0;
        rig_open(&r, texts, ZIPF_TEXTS, 30);
        rig_fit(&r, 1, r.real, 30);
        all = rig_sample(&r, 1, 0, 40);
        some = rig_sample(&r, 1, 21, 6);
        for (size_t i = 0; i < 6; i++)
            assert_true(wn_str_eq(all[21 + i].str, some[i].str));
        assert_false(wn_str_eq(all[0].str, all[1].str));
        rig_close(&r);
    }
    wn_arena_release(&a);
}

/* ---- prompts -------------------------------------------------------------------------------- */

/* Each document is a chain of its own words: a bigram model can go on in one way only. */
static void a_prompt_is_continued_and_left_out(void **state)
{
    static const char *const chain[] = { "one two three four.", "red green blue.", "ho hum" };
    struct wn_sim_text texts[30];
    struct rig r = { .opts = { .order = 2, .smoothing = WN_SMOOTH_ML, .prompt = 2 } };
    struct sim_text *docs;

    (void)state;
    fill(texts, 30, chain, 2);
    rig_open(&r, texts, 30, 4);
    rig_fit(&r, 1, r.real, 4);
    docs = rig_sample(&r, 1, 0, 6);
    for (size_t i = 0; i < 6; i++)
        assert_text(&docs[i], i % 2 ? "blue." : "three four.");
    assert_int_equal(docs[0].n_tokens, 3);
    rig_close(&r);
}

/* How often "y" follows the prompts of the first four of eight documents. */
static double share_of_y(struct wn_sim_text *texts, struct wn_sim_sampling sampling, size_t n)
{
    struct rig r = { .opts = { .order = 3, .smoothing = WN_SMOOTH_ML, .prompt = 2, .sampling = sampling, .seed = 3 } };
    struct sim_text *docs;
    size_t hits = 0;

    rig_open(&r, texts, 40, 8);
    rig_fit(&r, 1, r.real, 8);
    docs = rig_sample(&r, 1, 0, 2 * n);
    for (size_t i = 0; i < 2 * n; i++)
        hits += i % 8 < 4 && wn_str_eq(docs[i].str, WN_STR("y"));
    rig_close(&r);
    return (double)hits / (double)n;
}

static void assert_share(double share, double p, size_t n)
{
    if (fabs(share - p) > 4 * sqrt(p * (1 - p) / (double)n))
        fail_msg("%g and not %g of %zu", share, p, n);
}

/* After "w x": y 3 times of 4, z once; after "v x", which the prompt is not, always z.
 * Tempered by 1/2: 9 to 1. */
static void the_first_word_follows_the_law_behind_the_prompt(void **state)
{
    static const char *const plain[] = { "w x y", "w x y", "w x y", "w x z", "v x z", "v x z", "v x z", "v x z" };
    struct wn_sim_text texts[40];
    struct wn_sim_sampling none = { .temperature = 1 }, cool = { .temperature = 0.5 }, greedy = { .top_k = 1 };

    (void)state;
    fill(texts, 40, plain, 8);
    assert_share(share_of_y(texts, none, 2000), 0.75, 2000);
    assert_share(share_of_y(texts, cool, 2000), 0.9, 2000);
    assert_true(share_of_y(texts, greedy, 40) == 1);
}

/* A penalty of 2 on y, which the prompt holds: 9/16 to 1/4; tempered, the squares of these. */
static void the_penalty_counts_the_words_of_the_prompt(void **state)
{
    static const char *const plain[] = { "y x y", "y x y", "y x y", "y x z", "v x z", "v x z", "v x z", "v x z" };
    struct wn_sim_text texts[40];
    struct wn_sim_sampling penalty = { .repetition_penalty = 2 };
    struct wn_sim_sampling cool = { .repetition_penalty = 2, .temperature = 0.5 };
    struct wn_sim_sampling cut = { .repetition_penalty = 2, .min_p = 1e-6 };

    (void)state;
    fill(texts, 40, plain, 8);
    assert_share(share_of_y(texts, penalty, 2000), 0.5625 / (0.5625 + 0.25), 2000);
    assert_share(share_of_y(texts, cool, 2000), 0.31640625 / (0.31640625 + 0.0625), 2000);
    assert_share(share_of_y(texts, cut, 2000), 0.5625 / (0.5625 + 0.25), 2000);
}

/* What a bigram model of the ten texts finds behind the first's first two words. */
static void assert_beam(const char *const pattern[10], struct wn_sim_sampling how, const char *want)
{
    struct rig r = { .opts = { .order = 2, .smoothing = WN_SMOOTH_ML, .prompt = 2, .sampling = how } };
    struct wn_sim_text texts[100];
    struct sim_text *docs;

    fill(texts, 100, pattern, 10);
    rig_open(&r, texts, 100, 10);
    rig_fit(&r, 1, r.real, 10);
    docs = rig_sample(&r, 1, 0, 2);
    assert_text(&docs[0], want);
    assert_text(&docs[1], want);
    rig_close(&r);
}

/* After x: y 0.6, z 0.4.  After y one of four words, after z always q: 0.4 beats 0.2, but
 * a beam of one cannot see it.  In the second text y a is 0.6 * 2/3, z q 0.4 * 3/4. */
static void a_beam_finds_the_likeliest_pair(void **state)
{
    static const char *const hidden[] = { "w x y a", "w x y a", "w x y b", "w x y b", "w x y c", "w x y d",
                                          "w x z q", "w x z q", "w x z q", "w x z q" };
    static const char *const plain[] = { "w x y a", "w x y a", "w x y a", "w x y a", "w x y b", "w x y b",
                                         "w x z q", "w x z q", "w x z q", "w x z r" };

    (void)state;
    assert_beam(hidden, (struct wn_sim_sampling){ .beam = 1 }, "y a");
    for (unsigned width = 2; width <= 5; width++) {
        assert_beam(hidden, (struct wn_sim_sampling){ .beam = width }, "z q");
        assert_beam(plain, (struct wn_sim_sampling){ .beam = width }, "y a");
    }
}

/* After x: y 0.6, but y stands in the prompt: 0.36 of 0.76; z 0.4. */
static void a_beam_obeys_the_penalty(void **state)
{
    static const char *const pattern[] = { "y x y a", "y x y a", "y x y a", "y x y a", "y x y a", "y x y a",
                                           "y x z q", "y x z q", "y x z q", "y x z q" };

    (void)state;
    assert_beam(pattern, (struct wn_sim_sampling){ .beam = 1 }, "y x");
    assert_beam(pattern, (struct wn_sim_sampling){ .beam = 1, .repetition_penalty = 2 }, "z q");
}

/* ---- editing ------------------------------------------------------------------------------------ */

/* y follows x in 3 of 4: drawn anew where 0.5 is too much, so it turns to z in 1 of 4; z,
 * at 0.25, stays, and so does x, which nothing else can stand for. */
static void editing_redraws_what_is_too_predictable(void **state)
{
    static const char *const pattern[] = { "x y", "x y", "x y", "x z" };
    enum { N = 4000 };
    static struct wn_sim_text texts[5000];
    struct rig r = { .opts = { .order = 2, .smoothing = WN_SMOOTH_ML } };
    struct sim_text *out;
    size_t n_y = 0, turned = 0;

    (void)state;
    fill(texts, 5000, pattern, 4);
    rig_open(&r, texts, 5000, N);
    rig_fit(&r, 1, r.real, N);
    out = wn_arena_calloc(&r.arena, N, sizeof(*out));
    assert_int_equal(sim_ngram.edit(r.g, 1, 0, r.real, N, 0.5, out, &r.err), WN_OK);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(out[i].n_tokens, 2);
        if (wn_str_eq(r.real[i].str, WN_STR("x z"))) {
            assert_text(&out[i], "x z");
            continue;
        }
        n_y++;
        turned += wn_str_eq(out[i].str, WN_STR("x z"));
    }
    assert_share((double)turned / (double)n_y, 0.25, n_y);
    assert_int_equal(sim_ngram.edit(r.g, 1, 0, r.real, N, 0.76, out, &r.err), WN_OK);
    for (size_t i = 0; i < N; i++)
        assert_true(wn_str_eq(out[i].str, r.real[i].str));
    rig_close(&r);
}

/* ---- scores ---------------------------------------------------------------------------------------- */

/* Order 1 on "a a b" and "a b": a 3, b 2, end 2 of 7. */
struct tiny {
    struct rig r;
    struct wn_sim_text texts[20];
};

static void tiny_open(struct tiny *t)
{
    static const char *const pattern[] = { "a a b", "a b" };

    t->r.opts = (struct wn_sim_opts){ .order = 1, .smoothing = WN_SMOOTH_ML };
    fill(t->texts, 20, pattern, 2);
    rig_open(&t->r, t->texts, 20, 2);
    rig_fit(&t->r, 1, t->r.real, 2);
}

static const double ln_a = -0.8472978603872037 /* ln 3/7 */, ln_b = -1.252762968495368 /* ln 2/7 */;

static struct sim_text text(const char *z)
{
    return (struct sim_text){ wn_str(z), count_words(wn_str(z)) };
}

static void scores_are_mean_log_probabilities(void **state)
{
    struct tiny t = { .r = { .g = NULL } };
    struct sim_text docs[3] = { text("a"), text("a b"), text("b b b") };
    double quality[3], surprise[3];

    (void)state;
    tiny_open(&t);
    assert_int_equal(sim_ngram.quality(t.r.g, docs, 3, quality, &t.r.err), WN_OK);
    assert_int_equal(sim_ngram.surprise(t.r.g, docs, 3, surprise, &t.r.err), WN_OK);
    assert_float_equal(quality[0], (ln_a + ln_b) / 2, 1e-6);
    assert_float_equal(quality[1], (ln_a + 2 * ln_b) / 3, 1e-6);
    assert_float_equal(quality[2], ln_b, 1e-6);
    for (int i = 0; i < 3; i++)
        assert_true(surprise[i] == -quality[i]);
    rig_fit(&t.r, 2, docs, 1);      /* a 1, end 1 of 2: the first model stays the judge */
    assert_int_equal(sim_ngram.quality(t.r.g, docs, 1, quality, &t.r.err), WN_OK);
    assert_int_equal(sim_ngram.surprise(t.r.g, docs, 1, surprise, &t.r.err), WN_OK);
    assert_float_equal(quality[0], (ln_a + ln_b) / 2, 1e-6);
    assert_float_equal(surprise[0], log(2), 1e-6);
    rig_close(&t.r);
}

static void the_histogram_is_that_of_a_hand_calculation(void **state)
{
    struct tiny t = { .r = { .g = NULL } };
    struct sim_text docs[3] = { text("a b"), text("b"), text("a a a") };
    double ab = -(ln_a + 2 * ln_b) / 3, b = -ln_b, aaa = -(3 * ln_a + ln_b) / 4;
    /* held out: "a a b" and "a b"; the 5 % quantile of two is 0.95 low + 0.05 high */
    double real_low = exp(-(2 * ln_a + 2 * ln_b) / 4), mean = (ab + b + aaa) / 3;
    double squares = (ab - mean) * (ab - mean) + (b - mean) * (b - mean) + (aaa - mean) * (aaa - mean);
    struct sim_metrics m;

    (void)state;
    tiny_open(&t);
    m = rig_compare(&t.r, 1, docs, 3);
    assert_float_equal(rig_metric(&m, "first_ppl_q50"), exp(ab), 1e-5);
    assert_float_equal(rig_metric(&m, "first_ppl_q05"), 0.9 * exp(aaa) + 0.1 * exp(ab), 1e-5);
    assert_float_equal(rig_metric(&m, "first_ppl_q99"), 0.98 * exp(b) + 0.02 * exp(ab), 1e-5);
    assert_float_equal(rig_metric(&m, "first_logppl_mean"), mean, 1e-6);
    assert_float_equal(rig_metric(&m, "first_logppl_sd"), sqrt(squares / 2), 1e-6);
    assert_true(exp(aaa) < real_low);
    assert_float_equal(rig_metric(&m, "first_ppl_below_real_q05"), 1 / 3.0, 1e-12);
    /* "b", and "a b" itself: the 99 % quantile of two lies a little below the higher one */
    assert_float_equal(rig_metric(&m, "first_ppl_above_real_q99"), 2 / 3.0, 1e-12);
    assert_float_equal(rig_metric(&m, "perplexity"), exp(-(3 * ln_a + 4 * ln_b) / 7), 1e-5);
    rig_close(&t.r);
}

/* What the first model holds to be impossible has no perplexity: the figures that need one
 * are left out, the ranks below it are not. */
static void an_impossible_document_is_far_out_and_no_number(void **state)
{
    struct tiny t = { .r = { .g = NULL } };
    struct sim_text docs[4] = { text("a a b"), text("a a b"), text("a a b"), text("zebra") };
    struct sim_metrics m;

    (void)state;
    tiny_open(&t);
    m = rig_compare(&t.r, 1, docs, 4);
    assert_false(rig_has(&m, "first_logppl_mean"));
    assert_false(rig_has(&m, "first_ppl_q99"));
    assert_true(rig_has(&m, "first_ppl_q50"));
    assert_float_equal(rig_metric(&m, "first_ppl_above_real_q99"), 0.25, 1e-12);
    rig_close(&t.r);
}

/* ---- copies --------------------------------------------------------------------------------------------- */

/* 60 words; the LAST one may differ. */
static struct sim_text long_text(struct wn_arena *a, uint64_t from, uint64_t last)
{
    struct wn_buf b = { 0 };
    struct sim_text t;

    for (uint64_t i = 0; i < 60; i++) {
        fixture_word(&b, i == 59 ? last : from + i);
        wn_buf_addz(&b, i % 2 ? " " : "  ");
    }
    t = (struct sim_text){ wn_arena_copy(a, wn_buf_str(&b)), 60 };
    wn_buf_release(&b);
    return t;
}

/* One word of 60 changed at the end: 55 of 57 different shingles in common. */
static void copies_are_found_with_the_first_of_them(void **state)
{
    struct tiny t = { .r = { .g = NULL } };
    struct wn_arena a = { 0 };
    struct sim_text docs[6] = { long_text(&a, 0, 100), long_text(&a, 200, 300), long_text(&a, 0, 101),
                                long_text(&a, 200, 300), long_text(&a, 0, 102), text("short") };
    static const size_t want[6] = { 0, 1, 0, 1, 0, 5 };
    uint64_t print[6];
    size_t copy_of[6];
    struct sim_metrics m;

    (void)state;
    tiny_open(&t);
    assert_int_equal(sim_ngram.near_copies(t.r.g, docs, 6, copy_of, &t.r.err), WN_OK);
    assert_memory_equal(copy_of, want, sizeof(want));
    docs[3].str = wn_arena_copy(&a, docs[3].str);
    assert_int_equal(sim_ngram.fingerprint(t.r.g, docs, 6, print, &t.r.err), WN_OK);
    assert_true(print[1] == print[3]);
    assert_true(print[0] != print[2] && print[0] != print[1] && print[5] != print[0]);
    m = rig_compare(&t.r, 1, docs, 6);
    assert_float_equal(rig_metric(&m, "copies_inside"), 2 / 6.0, 1e-12);
    assert_float_equal(rig_metric(&m, "near_copies_inside"), 5 / 6.0, 1e-12);
    assert_float_equal(rig_metric(&m, "copies_of_real"), 0, 1e-12);
    docs[0] = text("a  b");
    m = rig_compare(&t.r, 1, docs, 1);
    assert_float_equal(rig_metric(&m, "copies_of_real"), 1, 1e-12);
    wn_arena_release(&a);
    rig_close(&t.r);
}

/* ---- models, and what is refused ------------------------------------------------------------------------- */

static void a_model_that_was_put_away_writes_as_before(void **state)
{
    struct wn_arena a = { 0 };
    struct wn_sim_text texts[ZIPF_TEXTS];
    struct rig r = { .opts = { .order = 3 } };
    struct sim_text *before, *other, *again;
    void *second;

    (void)state;
    zipf_texts(&a, texts);
    rig_open(&r, texts, ZIPF_TEXTS, 60);
    rig_fit(&r, 1, r.real, 60);
    assert_non_null(sim_ngram.model_put(r.g));
    rig_fit(&r, 2, r.real, 20);
    second = sim_ngram.model_put(r.g);
    before = rig_sample(&r, 2, 0, 10);
    rig_fit(&r, 3, r.real + 30, 30);
    other = rig_sample(&r, 2, 0, 10);
    assert_int_equal(sim_ngram.model_take(r.g, second, &r.err), WN_OK);
    again = rig_sample(&r, 2, 0, 10);
    assert_false(wn_str_eq(before[0].str, other[0].str) && wn_str_eq(before[1].str, other[1].str));
    for (size_t i = 0; i < 10; i++)
        assert_true(wn_str_eq(before[i].str, again[i].str));
    rig_close(&r);
    wn_arena_release(&a);
}

static void assert_refused(struct wn_sim_opts opts, const char *words)
{
    static const char *const pattern[] = { "a b" };
    struct wn_sim_text texts[20];
    struct wn_policy p;
    struct wn_err err = { 0 };
    void *world = NULL;

    fill(texts, 20, pattern, 1);
    wn_policy_init(&p);
    opts.policies = &p;
    opts.n_policies = 1;
    opts.texts = texts;
    opts.n_texts = 20;
    opts.n = opts.n ? opts.n : 5;
    opts.generations = 1;
    assert_int_equal(sim_ngram.open(&world, &opts, &err), WN_BADCONF);
    assert_null(world);
    if (!strstr(err.text, words))
        fail_msg("'%s' in '%s'", words, err.text);
}

static void contradictions_are_named(void **state)
{
    (void)state;
    assert_refused((struct wn_sim_opts){ .sampling = { .beam = 5 } }, "without a prompt");
    assert_refused((struct wn_sim_opts){ .sampling = { .beam = 5, .temperature = 0.7 }, .prompt = 3 }, "draws nothing");
    assert_refused((struct wn_sim_opts){ .sampling = { .beam = 5, .top_k = 3 }, .prompt = 3 }, "draws nothing");
    assert_refused((struct wn_sim_opts){ .sampling = { .beam = 5 }, .prompt = 2000 }, "more than 1000");
    assert_refused((struct wn_sim_opts){ .order = 9 }, "above 8");
    assert_refused((struct wn_sim_opts){ .n = 19 }, "18 of 20");
    assert_refused((struct wn_sim_opts){ .retrain = true }, "raise n to 200");
}

static void a_corpus_that_runs_out_is_named(void **state)
{
    struct tiny t = { .r = { .g = NULL } };
    struct sim_text more[20];

    (void)state;
    tiny_open(&t);
    assert_int_equal(sim_ngram.real(t.r.g, 1, 0, more, 16, &t.r.err), WN_OK);
    assert_int_equal(sim_ngram.real(t.r.g, 2, 0, more, 1, &t.r.err), WN_BADCONF);
    assert_non_null(strstr(t.r.err.text, "0 of 18 are left"));
    rig_close(&t.r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_writes_what_its_smoothing_allows),
        cmocka_unit_test(equal_indices_are_equal_draws),
        cmocka_unit_test(a_prompt_is_continued_and_left_out),
        cmocka_unit_test(the_first_word_follows_the_law_behind_the_prompt),
        cmocka_unit_test(the_penalty_counts_the_words_of_the_prompt),
        cmocka_unit_test(a_beam_finds_the_likeliest_pair),
        cmocka_unit_test(a_beam_obeys_the_penalty),
        cmocka_unit_test(editing_redraws_what_is_too_predictable),
        cmocka_unit_test(scores_are_mean_log_probabilities),
        cmocka_unit_test(the_histogram_is_that_of_a_hand_calculation),
        cmocka_unit_test(an_impossible_document_is_far_out_and_no_number),
        cmocka_unit_test(copies_are_found_with_the_first_of_them),
        cmocka_unit_test(a_model_that_was_put_away_writes_as_before),
        cmocka_unit_test(contradictions_are_named),
        cmocka_unit_test(a_corpus_that_runs_out_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
