/*
 * The n-gram engine on a small corpus made here: words with a long tail, so that there
 * is a tail to lose.
 */
#include "unit/sim_rows.h"

#include <winnow/rng.h>

#include "sim/ngram.h"

enum { TEXTS = 400, TYPES = 600 };

struct corpus {
    struct wn_arena arena;
    struct wn_sim_text texts[TEXTS];
};

/* Word k is one of its own letters' names: no two are equal. */
static void add_word(struct wn_buf *b, uint64_t k)
{
    static const char *const syllable[] = { "ba", "ke", "li", "mo", "nu", "ra", "se", "ti" };

    for (int i = 0; i < 4; i++, k /= 8)
        wn_buf_addz(b, syllable[k % 8]);
}

/* Rank r with probability near 1/r: exp of a uniform number. */
static uint64_t zipf(struct wn_rng *rng)
{
    return (uint64_t)exp(wn_rng_u01(rng) * log(TYPES)) - 1;
}

static int make_corpus(void **state)
{
    struct corpus *c = calloc(1, sizeof(*c));
    struct wn_buf text = { 0 };

    for (size_t d = 0; d < TEXTS; d++) {
        struct wn_rng rng;
        size_t n;

        wn_rng_init(&rng, 77, WN_DOMAIN_REAL, d, 0, 0);
        n = 25 + wn_rng_below(&rng, 20);
        wn_buf_reset(&text);
        for (size_t i = 0; i < n; i++) {
            wn_buf_addz(&text, i ? " " : "");
            add_word(&text, zipf(&rng));
        }
        wn_buf_addc(&text, '.');
        c->texts[d].text = wn_arena_copy(&c->arena, wn_buf_str(&text));
    }
    wn_buf_release(&text);
    *state = c;
    return 0;
}

static int free_corpus(void **state)
{
    struct corpus *c = *state;

    wn_arena_release(&c->arena);
    free(c);
    return 0;
}

static struct wn_sim_opts small(const struct corpus *c, const struct wn_policy *p, size_t n_policies)
{
    return (struct wn_sim_opts){ .engine = "ngram", .policies = p, .n_policies = n_policies, .generations = 6,
                                 .replicates = 2, .seed = 4, .n = 60, .jobs = 2, .order = 2,
                                 .texts = c->texts, .n_texts = TEXTS };
}

/* The published shapes (ordering and direction only; Suresh et al. for a maximum
 * likelihood bigram: types and, far more, distinct bigrams fall, entropy a little). */
static void replacement_loses_words_and_accumulation_keeps_them(void **state)
{
    const struct wn_policy p[2] = { sim_policy("replace", WN_REGIME_REPLACE),
                                    sim_policy("accumulate", WN_REGIME_ACCUMULATE) };
    struct wn_sim_opts opts = small(*state, p, 2);
    struct sim_rows *r = sim_rows_new(false);

    opts.smoothing = WN_SMOOTH_ML;
    sim_rows_run(r, &opts);
    assert_true(sim_rows_mean(r, "replace", 6, "types") < 0.7 * sim_rows_mean(r, "replace", 1, "types"));
    assert_true(sim_rows_mean(r, "replace", 6, "distinct_2") < 0.5 * sim_rows_mean(r, "replace", 1, "distinct_2"));
    assert_true(sim_rows_mean(r, "replace", 6, "unigram_entropy") <
                sim_rows_mean(r, "replace", 1, "unigram_entropy"));
    assert_true(sim_rows_mean(r, "replace", 6, "impossible_share") >
                sim_rows_mean(r, "replace", 1, "impossible_share") + 0.01);
    assert_true(sim_rows_mean(r, "replace", 6, "oov_share") > 2 * sim_rows_mean(r, "replace", 1, "oov_share"));
    assert_true(sim_rows_mean(r, "accumulate", 6, "types") > 0.85 * sim_rows_mean(r, "accumulate", 1, "types"));
    assert_true(sim_rows_mean(r, "accumulate", 6, "distinct_2") >
                0.75 * sim_rows_mean(r, "accumulate", 1, "distinct_2"));
    assert_true(sim_rows_mean(r, "accumulate", 6, "oov_share") == sim_rows_mean(r, "accumulate", 1, "oov_share"));
    assert_null(sim_rows_find(r, "replace", 1, "perplexity"));       /* infinite, so left out */
    sim_rows_release(r);
}

/* Smoothing keeps the perplexity finite; human text becomes less likely all the same. */
static void replacement_raises_the_perplexity_of_human_text(void **state)
{
    const struct wn_policy p = sim_policy("replace", WN_REGIME_REPLACE);
    struct wn_sim_opts opts = small(*state, &p, 1);
    struct sim_rows *r = sim_rows_new(false);

    sim_rows_run(r, &opts);
    assert_true(sim_rows_mean(r, "replace", 6, "perplexity") > 1.1 * sim_rows_mean(r, "replace", 1, "perplexity"));
    assert_true(sim_rows_mean(r, "replace", 6, "oov_share") > 1.5 * sim_rows_mean(r, "replace", 1, "oov_share"));
    assert_true(sim_rows_mean(r, "replace", 6, "types") < 0.9 * sim_rows_mean(r, "replace", 1, "types"));
    assert_true(sim_rows_mean(r, "replace", 6, "impossible_share") == 0);
    sim_rows_release(r);
}

static void a_filter_by_operating_point_needs_no_tagger(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_ACCUMULATE);
    struct wn_sim_opts opts = small(*state, &p, 1);
    struct sim_rows *r = sim_rows_new(false);

    opts.generations = 2;
    p.filter_by = WN_FILTER_TAG;
    p.op = (struct wn_operating_point){ .given = true, .tpr = 1, .fpr = 0 };
    sim_rows_run(r, &opts);
    assert_true(sim_rows_mean(r, "p", 2, "achieved_tpr") == 1);
    assert_true(sim_rows_mean(r, "p", 2, "kept") == 60);
    assert_true(sim_rows_mean(r, "p", 2, "perplexity") == sim_rows_mean(r, "p", 1, "perplexity"));
    assert_null(sim_rows_find(r, "p", 1, "mean_p_synthetic"));
    sim_rows_release(r);
}

static void jobs_do_not_change_a_byte_of_the_trace(void **state)
{
    struct wn_policy p[2] = { sim_policy("fresh", WN_REGIME_FRESH_REAL), sim_policy("replace", WN_REGIME_REPLACE) };
    struct wn_sim_opts opts = small(*state, p, 2);
    struct sim_rows *one = sim_rows_new(true), *four = sim_rows_new(true);

    p[0].fresh_share = 0.5;
    opts.generations = 3;
    opts.temperature = 0.9;
    opts.watermark_share = 0.5;
    opts.jobs = 1;
    sim_rows_run(one, &opts);
    opts.jobs = 4;
    sim_rows_run(four, &opts);
    assert_true(wn_str_eq(wn_buf_str(&one->text), wn_buf_str(&four->text)));
    assert_true(sim_rows_mean(one, "fresh", 3, "real_share") == 0.5);
    sim_rows_release(one);
    sim_rows_release(four);
}

static void a_corpus_that_is_too_small_is_refused_with_numbers(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_FRESH_REAL);
    struct wn_sim_opts opts = small(*state, &p, 1);
    struct sim_rows *r = sim_rows_new(false);
    struct wn_err err = { 0 };

    p.fresh_share = 1;                /* 60 + 6 * 60 = 420 of 360 */
    assert_int_equal(wn_simulate(&opts, sim_rows_take, r, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "420 human documents are needed"));
    assert_non_null(strstr(err.text, "360 of 400"));
    opts.n_texts = 9;
    assert_int_equal(wn_simulate(&opts, sim_rows_take, r, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "at least 10 human documents"));
    assert_int_equal(r->n_rows, 0);
    sim_rows_release(r);
}

/* A tagger that knows nothing but the key, over the vocabulary of the first documents. */
struct detector {
    struct wn_lm *lm;
    struct wn_kgw *kgw;
    struct wn_tagger *tagger;
};

static void detector_open(struct detector *d, const struct wn_sim_opts *opts)
{
    union sim_value *docs = calloc(opts->n, sizeof(*docs));
    struct wn_tagger_opts how = { .no_rules = true, .no_marks = true, .n_keys = 1 };
    struct wn_kgw_opts kgw = { .key = 0 };
    struct wn_err err = { 0 };

    for (size_t i = 0; i < opts->n; i++)
        docs[i].text.str = opts->texts[i].text;
    assert_int_equal(sim_fit_texts(&d->lm, opts, docs, opts->n, &err), WN_OK);
    kgw.vocab_size = wn_lm_vocab_size(d->lm);
    assert_int_equal(wn_kgw_new(&d->kgw, &kgw, &err), WN_OK);
    how.keys[0].kgw = d->kgw;
    how.keys[0].lm = d->lm;
    how.keys[0].name = "key";
    if (wn_tagger_new(&d->tagger, &how, &err) != WN_OK)
        fail_msg("%s", err.text);
    free(docs);
}

static void detector_close(struct detector *d)
{
    wn_tagger_free(d->tagger);
    wn_kgw_free(d->kgw);
    wn_lm_free(d->lm);
}

/* The real tagger reads what the models of every generation write: marked documents are
 * found, human ones are not, and the filter keeps the rest. */
static void the_real_tagger_finds_the_mark_in_every_generation(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_ACCUMULATE);
    struct wn_sim_opts opts = small(*state, &p, 1);
    struct sim_rows *r = sim_rows_new(false);
    struct detector d = { 0 };

    detector_open(&d, &opts);
    p.filter_by = WN_FILTER_TAG;
    p.trust_real = false;
    opts.generations = 3;
    opts.watermark_share = 1;
    opts.watermark_delta = 8;
    opts.watermark_lm = d.lm;
    opts.tagger = d.tagger;
    sim_rows_run(r, &opts);
    for (unsigned g = 1; g <= 3; g++) {
        assert_true(sim_rows_mean(r, "p", g, "achieved_tpr") > 0.8);
        assert_true(sim_rows_mean(r, "p", g, "achieved_fpr") == 0);
        assert_true(sim_rows_mean(r, "p", g, "mean_p_synthetic") > 0.8);
        assert_true(sim_rows_mean(r, "p", g, "real_share") > 0.7);
    }
    sim_rows_release(r);

    r = sim_rows_new(false);
    opts.watermark_share = 0;
    sim_rows_run(r, &opts);
    assert_true(sim_rows_mean(r, "p", 3, "achieved_tpr") == 0);
    sim_rows_release(r);
    detector_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replacement_loses_words_and_accumulation_keeps_them),
        cmocka_unit_test(replacement_raises_the_perplexity_of_human_text),
        cmocka_unit_test(a_filter_by_operating_point_needs_no_tagger),
        cmocka_unit_test(jobs_do_not_change_a_byte_of_the_trace),
        cmocka_unit_test(a_corpus_that_is_too_small_is_refused_with_numbers),
        cmocka_unit_test(the_real_tagger_finds_the_mark_in_every_generation),
    };

    return cmocka_run_group_tests(tests, make_corpus, free_corpus);
}
