/*
 * test_lm_mix.c - mixtures against the models they are made of, asked word by word, and
 * weights against a search over a grid.
 */
#include "unit/lm_texts.h"

#include <math.h>

#include <winnow/rng.h>

#include "lm/lm_index.h"

static struct wn_lm *mixed(const struct wn_lm *const *lm, const double *weight, size_t n)
{
    struct wn_err err;
    struct wn_lm *out;

    if (wn_lm_mix(&out, lm, weight, n, NULL, &err) != WN_OK)
        fail_msg("%s", err.text);
    return out;
}

/* What LM gives to word W of MIX after H: its share of <unk> for a word it does not know. */
static double p_in(const struct wn_lm *lm, const struct wn_lm *mix, const uint32_t *h, size_t n, uint32_t w)
{
    uint32_t ids[WN_LM_MAX_ORDER], id;
    double n_unknown = (double)wn_lm_vocab_size(mix) - (double)wn_lm_vocab_size(lm);

    for (size_t i = 0; i < n; i++)
        ids[i] = wn_lm_id(lm, wn_lm_word(mix, h[i]));
    id = wn_lm_id(lm, wn_lm_word(mix, w));
    return pow(10.0, wn_lm_prob(lm, ids, n, id)) / (id == WN_LM_UNK ? n_unknown + 1.0 : 1.0);
}

static void check_ngram(const struct wn_lm *mix, const struct wn_lm *const *lm, const double *weight, size_t n,
                        const uint32_t *words, unsigned k)
{
    double want = 0.0, got = wn_lm_prob(mix, words, k - 1, words[k - 1]);

    for (size_t i = 0; i < n; i++)
        want += weight[i] * p_in(lm[i], mix, words, k - 1, words[k - 1]);
    if (!(fabs(pow(10.0, got) - want) <= 1e-6 * want + 1e-12))
        fail_msg("order %u: 10^%.9f, want 10^%.9f", k, got, log10(want));
}

/* Every n-gram of MIX from place C of level K on, WORDS being its first K words. */
static uint64_t check_below(const struct wn_lm *mix, const struct wn_lm *const *lm, const double *weight, size_t n,
                            uint32_t *words, unsigned k, uint32_t c)
{
    uint64_t seen = 1;

    check_ngram(mix, lm, weight, n, words, k);
    if (k == wn_lm_order(mix))
        return seen;
    for (uint32_t i = mix->level[k].child[c]; i < mix->level[k].child[c + 1]; i++) {
        words[k] = mix->level[k + 1].word[i];
        seen += check_below(mix, lm, weight, n, words, k + 1, i);
    }
    return seen;
}

static void check_all(const struct wn_lm *mix, const struct wn_lm *const *lm, const double *weight, size_t n)
{
    uint64_t seen = 0, want = 0;
    struct wn_err err;

    if (lm_check_index(mix, "mixture", &err) != WN_OK)
        fail_msg("%s", err.text);
    assert_int_equal(wn_lm_smoothing(mix), WN_SMOOTH_OTHER);
    for (unsigned k = 1; k <= wn_lm_order(mix); k++)
        want += wn_lm_ngrams(mix, k);
    for (uint32_t w = 0; w < wn_lm_vocab_size(mix); w++) {
        uint32_t words[WN_LM_MAX_ORDER] = { w };

        seen += check_below(mix, lm, weight, n, words, 1, w);
    }
    assert_int_equal(seen, want);
}

/* Each n-gram of LM is in MIX: looked for by its words. */
static void check_holds(const struct wn_lm *mix, const struct wn_lm *lm)
{
    for (uint32_t id = 0; id < wn_lm_vocab_size(lm); id++)
        assert_true(wn_str_eq(wn_lm_word(mix, wn_lm_id(mix, wn_lm_word(lm, id))), wn_lm_word(lm, id)));
    for (unsigned k = 1; k <= wn_lm_order(lm); k++)
        assert_true(wn_lm_ngrams(mix, k) >= wn_lm_ngrams(lm, k));
}

static void every_ngram_is_the_weighted_mean(void **state)
{
    static const double weight[][3] = { { 1.0 }, { 0.25, 0.75 }, { 0.5, 0.2, 0.3 }, { 0.0, 1.0 } };
    static const size_t n[] = { 1, 2, 3, 2 };
    struct wn_lm *lm[] = { texts_model("t2_phrases", 3), texts_model("t3_unicode", 4), texts_model("t1_toy", 2) };

    (void)state;
    for (size_t i = 0; i < sizeof(n) / sizeof(n[0]); i++) {
        struct wn_lm *mix = mixed((const struct wn_lm *const *)lm, weight[i], n[i]);

        check_all(mix, (const struct wn_lm *const *)lm, weight[i], n[i]);
        for (size_t j = 0; j < n[i]; j++)
            check_holds(mix, lm[j]);
        for (uint32_t id = 0; id < wn_lm_vocab_size(lm[0]); id++)
            assert_int_equal(wn_lm_id(mix, wn_lm_word(lm[0], id)), id);
        wn_lm_free(mix);
    }
    for (size_t i = 0; i < 3; i++)
        wn_lm_free(lm[i]);
}

/* ---- a model with <unk> inside n-grams ------------------------------------------------------ */

struct ngram {
    uint32_t w[WN_LM_MAX_ORDER];
    float prob, backoff;
};

struct bag {
    const struct wn_lm *lm;
    struct ngram *item[WN_LM_MAX_ORDER + 1];
    size_t n[WN_LM_MAX_ORDER + 1];
};

static uint32_t swapped(uint32_t w, uint32_t a, uint32_t b)
{
    return w == a ? b : w == b ? a : w;
}

/* Puts place C of level K, whose words are G's, and all below it into BAG. */
static void collect(struct bag *bag, struct ngram *g, unsigned k, uint32_t c, uint32_t a, uint32_t b)
{
    const struct lm_table *t = &bag->lm->level[k];

    g->prob = t->prob[c];
    g->backoff = t->backoff ? t->backoff[c] : 0.0f;
    bag->item[k][bag->n[k]++] = *g;
    if (k == wn_lm_order(bag->lm))
        return;
    for (uint32_t i = t->child[c]; i < t->child[c + 1]; i++) {
        g->w[k] = swapped(bag->lm->level[k + 1].word[i], a, b);
        collect(bag, g, k + 1, i, a, b);
    }
    g->w[k] = 0;
}

static int in_suffix_order(const void *x, const void *y)
{
    const struct ngram *a = x, *b = y;

    for (unsigned i = WN_LM_MAX_ORDER; i-- > 0;) {
        if (a->w[i] != b->w[i])
            return a->w[i] < b->w[i] ? -1 : 1;
    }
    return 0;
}

static uint64_t rank_of(const struct bag *bag, unsigned k, const uint32_t *w)
{
    for (size_t i = 0; i < bag->n[k]; i++) {
        if (memcmp(bag->item[k][i].w, w, k * sizeof(*w)) == 0)
            return i;
    }
    fail_msg("an n-gram has no suffix");
    return 0;
}

static void send_order(const struct bag *bag, unsigned k, const struct lm_consumer *c)
{
    size_t n = bag->n[k];
    uint32_t *words = calloc(n * k + 1, sizeof(*words));
    uint64_t *suffix = calloc(n + 1, sizeof(*suffix));
    float *prob = calloc(n + 1, sizeof(*prob)), *backoff = calloc(n + 1, sizeof(*backoff));
    struct lm_block b = { .order = k, .n = n, .words = words, .prob = prob };
    struct wn_buf out = { 0 };

    b.backoff = k < wn_lm_order(bag->lm) ? backoff : NULL;
    b.suffix = k >= 2 ? suffix : NULL;
    for (size_t i = 0; i < n; i++) {
        memcpy(words + i * k, bag->item[k][i].w, k * sizeof(*words));
        prob[i] = bag->item[k][i].prob;
        backoff[i] = bag->item[k][i].backoff;
        suffix[i] = k >= 2 ? rank_of(bag, k - 1, bag->item[k][i].w + 1) : 0;
    }
    assert_int_equal(c->work(c->ctx, &b, &out, NULL), WN_OK);
    assert_int_equal(c->take(c->ctx, k, 0, n, wn_buf_str(&out), NULL), WN_OK);
    wn_buf_release(&out);
    free(words);
    free(suffix);
    free(prob);
    free(backoff);
}

/* LM with the parts of <unk> and WORD exchanged. */
static struct wn_lm *with_unk_as(const struct wn_lm *lm, struct wn_str word)
{
    struct bag bag = { .lm = lm };
    struct lm_room room = { .jobs = 1, .memory_bytes = UINT64_MAX };
    struct vocab vocab = lm_index_vocab(lm);
    struct lm_shape shape = { .order = wn_lm_order(lm), .vocab = &vocab };
    struct lm_index_builder *b;
    struct lm_consumer c;
    struct wn_lm *out;
    uint32_t x = wn_lm_id(lm, word);

    assert_true(x > WN_LM_EOS);
    for (unsigned k = 1; k <= shape.order; k++) {
        shape.n[k] = wn_lm_ngrams(lm, k);
        bag.item[k] = calloc(shape.n[k], sizeof(struct ngram));
    }
    for (uint32_t w = 0; w < vocab.n; w++) {
        struct ngram g = { .w = { swapped(w, WN_LM_UNK, x) } };

        collect(&bag, &g, 1, w, WN_LM_UNK, x);
    }
    assert_int_equal(lm_index_builder_new(&b, NULL), WN_OK);
    c = lm_index_builder_consumer(b);
    assert_int_equal(c.begin(c.ctx, &shape, &room, NULL), WN_OK);
    for (unsigned k = 1; k <= shape.order; k++) {
        qsort(bag.item[k], bag.n[k], sizeof(struct ngram), in_suffix_order);
        send_order(&bag, k, &c);
        if (k > 1)
            free(bag.item[k - 1]);
    }
    free(bag.item[shape.order]);
    assert_int_equal(c.end(c.ctx, NULL), WN_OK);
    assert_int_equal(lm_index_builder_take(b, &out, NULL), WN_OK);
    lm_index_builder_free(b);
    return out;
}

static double sum_after(const struct wn_lm *lm, const uint32_t *h, size_t n)
{
    double sum = 0.0;

    for (uint32_t w = 0; w < wn_lm_vocab_size(lm); w++)
        sum += w == WN_LM_BOS ? 0.0 : pow(10.0, wn_lm_prob(lm, h, n, w));
    return sum;
}

/* As a model of a closed vocabulary has them: <unk> follows words and is followed. */
static void models_that_extend_unk_are_followed(void **state)
{
    static const double weight[] = { 0.5, 0.5 };
    struct wn_lm *plain = fixture_model(WN_STR("a b a c\nb a b b\nc a d\na a b d\n"), 3, WN_TOK_WHITESPACE, NULL);
    struct wn_lm *lm[2] = { with_unk_as(plain, WN_STR("b")),
                            fixture_model(WN_STR("a e f\ne b a\nf f a e\nb e\n"), 3, WN_TOK_WHITESPACE, NULL) };
    struct wn_lm *mix = mixed((const struct wn_lm *const *)lm, weight, 2);

    (void)state;
    assert_true(fabs(sum_after(lm[0], (uint32_t[]){ 3, 0 }, 2) - 1.0) < 1e-6);
    check_all(mix, (const struct wn_lm *const *)lm, weight, 2);
    for (uint32_t a = 0; a < wn_lm_vocab_size(mix); a++) {
        for (uint32_t b = 0; b < wn_lm_vocab_size(mix); b++) {
            double sum = sum_after(mix, (uint32_t[]){ a, b }, 2);

            if (!(fabs(sum - 1.0) < 1e-5))
                fail_msg("after %u %u: %.7f", a, b, sum);
        }
    }
    wn_lm_free(mix);
    wn_lm_free(plain);
    wn_lm_free(lm[0]);
    wn_lm_free(lm[1]);
}

/* ---- one model and others --------------------------------------------------------------------- */

static void one_model_is_reproduced_bit_by_bit(void **state)
{
    static const double weight[] = { 1.0 };
    struct wn_lm *lm = texts_model("t2_phrases", 4);
    struct wn_lm *mix = mixed((const struct wn_lm *const[]){ lm }, weight, 1);

    (void)state;
    for (unsigned k = 1; k <= 4; k++) {
        assert_int_equal(mix->level[k].n, lm->level[k].n);
        assert_memory_equal(mix->level[k].prob, lm->level[k].prob, lm->level[k].n * sizeof(float));
        if (k >= 2)
            assert_memory_equal(mix->level[k].word, lm->level[k].word, lm->level[k].n * sizeof(uint32_t));
        if (k >= 3)
            assert_memory_equal(mix->level[k].suffix, lm->level[k].suffix, lm->level[k].n * sizeof(uint32_t));
        if (k < 4) {
            assert_memory_equal(mix->level[k].child, lm->level[k].child, (lm->level[k].n + 1) * sizeof(uint32_t));
            assert_memory_equal(mix->level[k].backoff, lm->level[k].backoff, lm->level[k].n * sizeof(float));
        }
    }
    assert_int_equal(wn_lm_train_tokens(mix), wn_lm_train_tokens(lm));
    wn_lm_free(mix);
    wn_lm_free(lm);
}

static void a_weight_of_one_keeps_that_models_values(void **state)
{
    static const double weight[] = { 1.0, 0.0 };
    struct wn_lm *lm[] = { texts_model("t3_unicode", 3), texts_model("t2_phrases", 3) };
    struct wn_lm *mix = mixed((const struct wn_lm *const *)lm, weight, 2);
    struct wn_rng rng;

    (void)state;
    wn_rng_init(&rng, 3, WN_DOMAIN_METRIC, 0, 0, 0);
    for (int i = 0; i < 20000; i++) {
        uint32_t h[2], w = 1 + (uint32_t)wn_rng_below(&rng, wn_lm_vocab_size(lm[0]) - 1);

        for (int j = 0; j < 2; j++)
            h[j] = (uint32_t)wn_rng_below(&rng, wn_lm_vocab_size(lm[0]));
        assert_true(fabs(wn_lm_prob(mix, h, 2, w) - wn_lm_prob(lm[0], h, 2, w)) < 2e-6);
    }
    wn_lm_free(mix);
    wn_lm_free(lm[0]);
    wn_lm_free(lm[1]);
}

/* Unsmoothed models: probabilities of zero mix, too. */
static void relative_frequencies_mix(void **state)
{
    static const struct wn_lm_opts ml = { .smoothing = WN_SMOOTH_ML };
    static const double weight[] = { 0.5, 0.5 };
    struct wn_lm *lm[] = { fixture_model(WN_STR("a b\na c\n"), 2, WN_TOK_WHITESPACE, &ml),
                           fixture_model(WN_STR("a b\nb d\n"), 2, WN_TOK_WHITESPACE, &ml) };
    struct wn_lm *mix = mixed((const struct wn_lm *const *)lm, weight, 2);
    uint32_t a = wn_lm_id(mix, WN_STR("a")), b = wn_lm_id(mix, WN_STR("b")), c = wn_lm_id(mix, WN_STR("c"));

    (void)state;
    check_all(mix, (const struct wn_lm *const *)lm, weight, 2);
    assert_true(fabs(pow(10.0, wn_lm_prob(mix, &a, 1, b)) - 0.75) < 1e-6);   /* (1/2 + 1) / 2 */
    assert_true(fabs(pow(10.0, wn_lm_prob(mix, &a, 1, c)) - 0.25) < 1e-6);
    assert_true(wn_lm_prob(mix, &a, 1, a) < -90.0);
    wn_lm_free(mix);
    wn_lm_free(lm[0]);
    wn_lm_free(lm[1]);
}

static void bad_requests_are_refused(void **state)
{
    struct wn_lm *a = texts_model("t1_toy", 2), *b, *out;
    const struct wn_lm *pair[2] = { a, a };
    struct wn_err err;

    (void)state;
    b = fixture_model(WN_STR("x y"), 2, WN_TOK_WORDS, NULL);
    assert_int_equal(wn_lm_mix(&out, pair, (double[]){ 1 }, 0, NULL, &err), WN_BADCONF);
    assert_int_equal(wn_lm_mix(&out, pair, (double[]){ 0.5, 0.4 }, 2, NULL, &err), WN_BADCONF);
    assert_string_equal(err.text, "cannot mix models: the weights sum to 0.9, not to 1");
    assert_int_equal(wn_lm_mix(&out, pair, (double[]){ 1.5, -0.5 }, 2, NULL, &err), WN_BADCONF);
    assert_int_equal(wn_lm_mix(&out, pair, (double[]){ 1.0, NAN }, 2, NULL, &err), WN_BADCONF);
    assert_int_equal(wn_lm_mix(&out, pair, (double[]){ 0.5, 0.5 }, 2, &(struct wn_lm_room){ .memory_bytes = 100 }, &err),
                     WN_LIMIT);
    pair[1] = b;
    assert_int_equal(wn_lm_mix(&out, pair, (double[]){ 0.5, 0.5 }, 2, NULL, &err), WN_BADCONF);
    assert_null(out);
    wn_lm_free(a);
    wn_lm_free(b);
}

/* ---- weights ------------------------------------------------------------------------------- */

static void add_lines(struct wn_lm_tuner *t, struct wn_str text)
{
    struct wn_str line;

    while (texts_line(&text, &line)) {
        struct wn_arena a = { 0 };
        struct wn_tokens tokens = texts_tokens(line, &a);

        assert_int_equal(wn_lm_tuner_add(t, &tokens, NULL), WN_OK);
        wn_arena_release(&a);
    }
}

static struct wn_lm_tuner *tuner_on(const struct wn_lm *const *lm, size_t n, const char *text)
{
    struct wn_str s = texts_read(text);
    struct wn_lm_tuner *t;

    assert_int_equal(wn_lm_tuner_new(&t, lm, n, NULL), WN_OK);
    add_lines(t, s);
    fixture_drop(s);
    return t;
}

/* log10 p of the file TEXT under the mixture itself. */
static double score_of(const struct wn_lm *const *lm, double w, const char *text)
{
    double weight[] = { w, 1.0 - w }, total;
    struct wn_lm *mix = mixed(lm, weight, 2);
    struct wn_str s = texts_read(text);

    total = texts_log10_p(mix, s);
    fixture_drop(s);
    wn_lm_free(mix);
    return total;
}

/* The log-likelihood of weight W, from the tokens' probabilities under each model. */
struct grid {
    size_t n;
    double *p;
};

static double grid_log(const struct grid *g, double w)
{
    double sum = 0.0;

    for (size_t i = 0; i < g->n; i++)
        sum += log10(w * g->p[2 * i] + (1.0 - w) * g->p[2 * i + 1]);
    return sum;
}

static struct grid grid_of(const struct wn_lm *const *lm, const char *text)
{
    static const double half[] = { 0.5, 0.5 };
    struct wn_lm *mix = mixed(lm, half, 2);
    struct wn_str s = texts_read(text), left = s, line;
    struct grid g = { 0 };

    g.p = calloc(2 * s.len + 2, sizeof(*g.p));
    assert_non_null(g.p);
    while (texts_line(&left, &line)) {
        struct wn_arena a = { 0 };
        struct wn_tokens t = texts_tokens(line, &a);
        uint32_t *ids;

        for (size_t m = 0; m < 2; m++) {
            double unknown = (double)(wn_lm_vocab_size(mix) - wn_lm_vocab_size(lm[m])) + 1.0;

            ids = wn_arena_calloc(&a, t.n + 2, sizeof(*ids));
            assert_non_null(ids);
            ids[0] = WN_LM_BOS;
            for (size_t i = 0; i <= t.n; i++) {
                ids[i + 1] = i < t.n ? wn_lm_id(lm[m], t.item[i]) : WN_LM_EOS;
                g.p[2 * (g.n + i) + m] = pow(10.0, wn_lm_prob(lm[m], ids, i + 1, ids[i + 1])) /
                                         (ids[i + 1] == WN_LM_UNK ? unknown : 1.0);
            }
        }
        g.n += t.n + 1;
        wn_arena_release(&a);
    }
    fixture_drop(s);
    wn_lm_free(mix);
    return g;
}

static void weights_are_those_of_a_fine_grid(void **state)
{
    struct wn_lm *lm[] = { texts_model("t2_phrases", 3), texts_model("t2_phrases", 1) };
    struct wn_lm_tuner *t = tuner_on((const struct wn_lm *const *)lm, 2, "t2_heldout");
    struct grid g = grid_of((const struct wn_lm *const *)lm, "t2_heldout");
    struct wn_lm_tuned tuned;
    double weight[2], best = 0.0, best_log = -INFINITY;

    (void)state;
    assert_int_equal(wn_lm_tuner_run(t, 1e-9, 0, weight, &tuned, NULL), WN_OK);
    for (int i = 1; i < 20000; i++) {
        double x = grid_log(&g, i / 20000.0);

        if (x > best_log) {
            best_log = x;
            best = i / 20000.0;
        }
    }
    assert_int_equal(tuned.n_tokens, g.n);
    assert_true(best > 0.01 && best < 0.99);
    if (fabs(weight[0] - best) > 1e-4 || fabs(tuned.log10_p - best_log) > 1e-3)
        fail_msg("weight %.6f at %.6f, grid %.6f at %.6f", weight[0], tuned.log10_p, best, best_log);
    assert_true(fabs(weight[0] + weight[1] - 1.0) < 1e-12);
    free(g.p);
    wn_lm_tuner_free(t);
    wn_lm_free(lm[0]);
    wn_lm_free(lm[1]);
}

static void likelihood_never_falls_in_a_step(void **state)
{
    struct wn_lm *lm[] = { texts_model("t2_phrases", 3), texts_model("t2_phrases", 1), texts_model("t3_unicode", 2) };
    struct wn_lm_tuner *t = tuner_on((const struct wn_lm *const *)lm, 3, "t2_heldout");
    double before = -INFINITY, weight[3];

    (void)state;
    for (unsigned steps = 1; steps < 60; steps++) {
        struct wn_lm_tuned tuned;

        assert_int_equal(wn_lm_tuner_run(t, 1e-300, steps, weight, &tuned, NULL), WN_OK);
        assert_int_equal(tuned.n_steps, steps);
        assert_true(tuned.log10_p >= before - 1e-9 * fabs(before));
        before = tuned.log10_p;
    }
    assert_true(fabs(weight[0] + weight[1] + weight[2] - 1.0) < 1e-12);
    assert_true(weight[2] < 1e-3);                  /* a model of another language */
    wn_lm_tuner_free(t);
    for (size_t i = 0; i < 3; i++)
        wn_lm_free(lm[i]);
}

static void equal_models_stay_at_equal_weights(void **state)
{
    struct wn_lm *lm = texts_model("t1_toy", 3);
    const struct wn_lm *const pair[] = { lm, lm };
    struct wn_lm_tuner *t = tuner_on(pair, 2, "t1_heldout");
    struct wn_lm_tuned tuned;
    double weight[2];

    (void)state;
    assert_int_equal(wn_lm_tuner_run(t, 0.0, 0, weight, &tuned, NULL), WN_OK);
    assert_true(weight[0] == 0.5 && weight[1] == 0.5);
    assert_int_equal(tuned.n_steps, 1);
    wn_lm_tuner_free(t);
    wn_lm_free(lm);
}

/* The first model is sure of what comes; the other one has to share its mass. */
static void a_perfect_model_takes_all(void **state)
{
    static const struct wn_lm_opts ml = { .smoothing = WN_SMOOTH_ML };
    struct wn_lm *lm[] = { fixture_model(WN_STR("a b c\n"), 2, WN_TOK_WHITESPACE, &ml),
                           fixture_model(WN_STR("c b a\na c b\n"), 2, WN_TOK_WHITESPACE, NULL) };
    struct wn_lm_tuner *t;
    struct wn_lm_tuned tuned;
    double weight[2];

    (void)state;
    assert_int_equal(wn_lm_tuner_new(&t, (const struct wn_lm *const *)lm, 2, NULL), WN_OK);
    assert_int_equal(wn_lm_tuner_run(t, 0.0, 0, weight, &tuned, NULL), WN_BADDATA);
    add_lines(t, WN_STR("a b c\na b c\na b c\n"));
    assert_int_equal(wn_lm_tuner_run(t, 0.0, 0, weight, &tuned, NULL), WN_OK);
    assert_true(weight[0] > 0.9999);
    assert_true(fabs(tuned.log10_p) < 1e-3);        /* probability 1 */
    assert_int_equal(tuned.n_tokens, 12);
    assert_int_equal(wn_lm_tuner_run(t, -1.0, 0, weight, &tuned, NULL), WN_BADCONF);
    wn_lm_tuner_free(t);
    wn_lm_free(lm[0]);
    wn_lm_free(lm[1]);
}

/* Where all n-grams of the text are in the union, the tuner's figure is the mixture's. */
static void tuned_likelihood_is_the_mixtures(void **state)
{
    struct wn_lm *lm[] = { texts_model("t1_toy", 2), texts_model("t3_unicode", 1) };
    struct wn_lm_tuner *t = tuner_on((const struct wn_lm *const *)lm, 2, "t1_toy");
    struct wn_lm_tuned tuned;
    double weight[2];

    (void)state;
    assert_int_equal(wn_lm_tuner_run(t, 0.0, 3, weight, &tuned, NULL), WN_OK);
    assert_true(fabs(tuned.log10_p - score_of((const struct wn_lm *const *)lm, weight[0], "t1_toy")) < 1e-4);
    wn_lm_tuner_free(t);
    wn_lm_free(lm[0]);
    wn_lm_free(lm[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_ngram_is_the_weighted_mean),
        cmocka_unit_test(models_that_extend_unk_are_followed),
        cmocka_unit_test(one_model_is_reproduced_bit_by_bit),
        cmocka_unit_test(a_weight_of_one_keeps_that_models_values),
        cmocka_unit_test(relative_frequencies_mix),
        cmocka_unit_test(bad_requests_are_refused),
        cmocka_unit_test(weights_are_those_of_a_fine_grid),
        cmocka_unit_test(likelihood_never_falls_in_a_step),
        cmocka_unit_test(equal_models_stay_at_equal_weights),
        cmocka_unit_test(a_perfect_model_takes_all),
        cmocka_unit_test(tuned_likelihood_is_the_mixtures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
