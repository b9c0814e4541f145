/*
 * The n-gram engine on a small corpus made here: words with a long tail, so that there
 * is a tail to lose.
 */
#include "unit/ngram_fixture.h"
#include "unit/sim_rows.h"

enum { TEXTS = 400, TYPES = 600 };

struct corpus {
    struct wn_arena arena;
    struct wn_sim_text texts[TEXTS];
};

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
            fixture_word(&text, fixture_zipf(&rng, TYPES));
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
    struct wn_policy p[3] = { sim_policy("fresh", WN_REGIME_FRESH_REAL), sim_policy("replace", WN_REGIME_REPLACE),
                              sim_policy("edit", WN_REGIME_EDIT) };
    struct wn_sim_opts opts = small(*state, p, 3);
    struct sim_rows *one = sim_rows_new(true), *four = sim_rows_new(true);

    p[0].real_share = 0.5;
    p[2].edit_above = 0.2;
    opts.generations = 2;
    opts.n = 30;
    opts.sampling.temperature = 0.9;
    opts.sampling.top_k = 300;
    opts.sampling.min_p = 1e-4;
    opts.watermark_share = 0.5;
    opts.jobs = 1;
    sim_rows_run(one, &opts);
    opts.jobs = 4;
    sim_rows_run(four, &opts);
    assert_true(wn_str_eq(wn_buf_str(&one->text), wn_buf_str(&four->text)));
    assert_true(sim_rows_mean(one, "fresh", 2, "real_share") == 0.5);
    sim_rows_release(one);
    sim_rows_release(four);

    one = sim_rows_new(true);
    four = sim_rows_new(true);
    opts.prompt = 5;
    opts.sampling.repetition_penalty = 1.1;
    sim_rows_run(four, &opts);
    opts.jobs = 1;
    sim_rows_run(one, &opts);
    assert_true(wn_str_eq(wn_buf_str(&one->text), wn_buf_str(&four->text)));
    sim_rows_release(one);
    sim_rows_release(four);
}

static void a_corpus_that_is_too_small_is_refused_with_numbers(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_FRESH_REAL);
    struct wn_sim_opts opts = small(*state, &p, 1);
    struct sim_rows *r = sim_rows_new(false);
    struct wn_err err = { 0 };

    p.real_share = 1;                /* 60 + 6 * 60 = 420 of 360 */
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
    struct sim_text *docs = calloc(opts->n, sizeof(*docs));
    struct wn_tagger_opts how = { .no_rules = true, .no_marks = true, .n_keys = 1 };
    struct wn_kgw_opts kgw = { .key = 0 };
    struct wn_err err = { 0 };

    for (size_t i = 0; i < opts->n; i++)
        docs[i].str = opts->texts[i].text;
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

/* ---- the regimes that reach into the engine ------------------------------------------- */

/* p_2 = model_2 / 2 + p_1 / 4 + truth / 4: real documents and those of an older model. */
static void older_models_write_again_under_general(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_GENERAL);
    struct wn_sim_opts opts = small(*state, &p, 1);
    struct sim_rows *r = sim_rows_new(false);

    p.alpha = 0.5;
    p.beta = 0.25;
    p.gamma = 0.25;
    opts.n = 40;
    opts.generations = 4;
    sim_rows_run(r, &opts);
    for (unsigned g = 2; g <= 4; g++) {
        double real = sim_rows_mean(r, "p", g, "real_share");

        assert_true(real > 0.1 && real < 0.6);
    }
    sim_rows_release(r);
}

/* Nothing is given a probability above 1, so nothing is edited and the text stays; with 0
 * every word is the model's. */
static void editing_nothing_keeps_the_corpus(void **state)
{
    struct wn_policy p[2] = { sim_policy("none", WN_REGIME_EDIT), sim_policy("all", WN_REGIME_EDIT) };
    struct wn_sim_opts opts = small(*state, p, 2);
    struct sim_rows *r = sim_rows_new(false);

    p[0].edit_above = 1;
    p[1].edit_above = 0;
    opts.generations = 3;
    sim_rows_run(r, &opts);
    assert_true(sim_rows_mean(r, "none", 3, "perplexity") == sim_rows_mean(r, "none", 1, "perplexity"));
    assert_true(sim_rows_mean(r, "all", 3, "perplexity") != sim_rows_mean(r, "all", 1, "perplexity"));
    sim_rows_release(r);
}

/* Published direction (Shumailov et al. 2024, fig. 1): what later models write is likelier
 * under the first model than real text is, and the mass moves to the left end. */
static void later_text_moves_to_the_likely_end_of_the_first_model(void **state)
{
    const struct wn_policy p = sim_policy("replace", WN_REGIME_REPLACE);
    struct wn_sim_opts opts = small(*state, &p, 1);
    struct sim_rows *r = sim_rows_new(false);

    opts.sampling.top_p = 0.9;
    opts.generations = 4;
    sim_rows_run(r, &opts);
    assert_true(sim_rows_mean(r, "replace", 4, "first_logppl_mean") <
                sim_rows_mean(r, "replace", 1, "first_logppl_mean"));
    assert_true(sim_rows_mean(r, "replace", 1, "first_ppl_below_real_q05") > 0.5);
    assert_true(sim_rows_mean(r, "replace", 4, "self_bleu_4") > sim_rows_mean(r, "replace", 1, "self_bleu_4"));
    assert_true(sim_rows_mean(r, "replace", 4, "mauve") < sim_rows_mean(r, "replace", 1, "mauve"));
    sim_rows_release(r);
}

/* Top fraction keeps what the first model finds likely, surprise what the newest one does not:
 * the next text moves one way and the other. */
static void scores_choose_what_comes_next(void **state)
{
    struct wn_policy p[3] = { sim_policy("all", WN_REGIME_REPLACE), sim_policy("best", WN_REGIME_REPLACE),
                              sim_policy("odd", WN_REGIME_REPLACE) };
    struct wn_sim_opts opts = small(*state, p, 3);
    struct sim_rows *r = sim_rows_new(false);
    double all, best, odd;

    p[1].filter_by = WN_FILTER_TOP_FRACTION;
    p[2].filter_by = WN_FILTER_SURPRISE;
    p[1].top_share = p[2].top_share = 0.5;
    p[1].trust_real = p[2].trust_real = false;
    opts.generations = 3;
    opts.order = 1;
    sim_rows_run(r, &opts);
    all = sim_rows_mean(r, "all", 3, "first_logppl_mean");
    best = sim_rows_mean(r, "best", 3, "first_logppl_mean");
    odd = sim_rows_mean(r, "odd", 3, "first_logppl_mean");
    assert_true(best < all - 0.1 && odd > all + 0.1);
    assert_true(sim_rows_mean(r, "best", 1, "kept") == 30);
    sim_rows_release(r);
}

/* The greedy model writes one document 60 times: one is left. */
static void dedup_leaves_one_of_a_kind(void **state)
{
    struct wn_policy p[2] = { sim_policy("exact", WN_REGIME_REPLACE), sim_policy("near", WN_REGIME_REPLACE) };
    struct wn_sim_opts opts = small(*state, p, 2);
    struct sim_rows *r = sim_rows_new(false);

    p[0].dedup = WN_DEDUP_EXACT;
    p[1].dedup = WN_DEDUP_NEAR;
    opts.generations = 1;
    opts.sampling.top_k = 1;
    sim_rows_run(r, &opts);
    assert_true(sim_rows_mean(r, "exact", 1, "kept") == 1 && sim_rows_mean(r, "near", 1, "kept") == 1);
    assert_true(sim_rows_mean(r, "near", 1, "copies_inside") == 1);
    assert_true(sim_rows_mean(r, "near", 1, "self_bleu_4") > 0.99);
    sim_rows_release(r);
}

/* ---- a tagger of every generation's own ---------------------------------------------------- */

enum { CHAINS = 670, CHAIN_WORDS = 70, CHOICES = 2 };

/* Each place has words of its own, and which of them comes depends on the word two places
 * before, 9 times of 10: a bigram model gets the places right, and the length, but not that. */
static void make_chains(struct wn_arena *a, struct wn_sim_text *texts)
{
    struct wn_buf text = { 0 };

    for (size_t d = 0; d < CHAINS; d++) {
        uint64_t choice[CHAIN_WORDS] = { 0 };
        struct wn_rng rng;

        wn_rng_init(&rng, 78, WN_DOMAIN_REAL, d, 0, 0);
        wn_buf_reset(&text);
        for (size_t i = 0; i < CHAIN_WORDS; i++) {
            choice[i] = i >= 2 && wn_rng_u01(&rng) < 0.9 ? (choice[i - 2] + i) % CHOICES : wn_rng_below(&rng, CHOICES);
            wn_buf_addz(&text, i ? " " : "");
            fixture_word(&text, i * CHOICES + choice[i]);
        }
        texts[d].text = wn_arena_copy(a, wn_buf_str(&text));
    }
    wn_buf_release(&text);
}

static void a_retrained_tagger_tells_the_last_model_from_people(void **state)
{
    struct wn_policy p = sim_policy("p", WN_REGIME_FRESH_REAL);
    struct wn_arena a = { 0 };
    struct wn_sim_text texts[CHAINS];
    struct wn_sim_opts opts = { .engine = "ngram", .policies = &p, .n_policies = 1, .generations = 3, .replicates = 1,
                                .n = 200, .order = 2, .smoothing = WN_SMOOTH_ML, .texts = texts, .n_texts = CHAINS,
                                .retrain = true };
    struct sim_rows *r = sim_rows_new(false);
    struct wn_err err = { 0 };

    (void)state;
    make_chains(&a, texts);
    p.real_share = 0.5;
    sim_rows_run(r, &opts);
    for (unsigned g = 1; g <= 3; g++) {
        assert_true(sim_rows_mean(r, "p", g, "achieved_tpr") > 0.75);
        assert_true(sim_rows_mean(r, "p", g, "achieved_fpr") < 0.1);
        assert_true(sim_rows_mean(r, "p", g, "mean_p_synthetic") > 0.8);
    }
    p.real_share = 0.6;
    assert_int_equal(wn_simulate(&opts, sim_rows_take, r, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "there are 100 and 80"));
    sim_rows_release(r);
    wn_arena_release(&a);
}

/* A model that writes one text over and over trains no second tagger: the first one stays. */
static void a_collapsed_model_keeps_the_tagger_it_has(void **state)
{
    struct wn_arena a = { 0 };
    struct wn_sim_text texts[CHAINS];
    struct rig r = { .opts = { .order = 2, .smoothing = WN_SMOOTH_ML, .retrain = true } };
    struct sim_judgement first, second;
    struct sim_text *made;

    (void)state;
    make_chains(&a, texts);
    rig_open(&r, texts, CHAINS, 200);
    assert_int_equal(sim_ngram.tag(r.g, &r.real[150], &first, &r.err), WN_OK);
    assert_int_equal(first.verdict, WN_UNKNOWN);      /* nothing to learn from yet */
    rig_fit(&r, 1, r.real, 200);
    made = rig_sample(&r, 1, 0, 200);
    assert_int_equal(sim_ngram.tag(r.g, &made[0], &first, &r.err), WN_OK);
    assert_int_equal(first.verdict, WN_SYNTHETIC);
    for (size_t i = 0; i < r.g->learner.newest.n; i++)
        r.g->learner.newest.text[i] = made[0].str;
    rig_fit(&r, 2, made, 200);
    assert_int_equal(sim_ngram.tag(r.g, &made[0], &second, &r.err), WN_OK);
    assert_true(second.verdict == first.verdict && second.p_synthetic == first.p_synthetic);
    rig_close(&r);
    wn_arena_release(&a);
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
        cmocka_unit_test(older_models_write_again_under_general),
        cmocka_unit_test(editing_nothing_keeps_the_corpus),
        cmocka_unit_test(later_text_moves_to_the_likely_end_of_the_first_model),
        cmocka_unit_test(scores_choose_what_comes_next),
        cmocka_unit_test(dedup_leaves_one_of_a_kind),
        cmocka_unit_test(a_retrained_tagger_tells_the_last_model_from_people),
        cmocka_unit_test(a_collapsed_model_keeps_the_tagger_it_has),
    };

    return cmocka_run_group_tests(tests, make_corpus, free_corpus);
}
