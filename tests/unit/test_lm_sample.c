/*
 * test_lm_sample.c - what is drawn has the probabilities that the model and the options
 * say.  Seeds are fixed, so nothing here fails by chance; the chi-square bound is five
 * standard deviations above its mean.
 */
#include "unit/sample_reference.h"
#include "unit/lm_drawer.h"

#include "lm/lm_pow10.h"

enum { N_DRAWS = 60000, N_MAX = 2 };

struct fixture {
    struct drawer from;
    double *want;              /* by word: expected share */
    uint32_t *seen;            /* by word: drawn          */
    uint32_t n_words;
};

/* LM belongs to the fixture from now on. */
static void fixture_open(struct fixture *f, struct wn_lm *lm)
{
    f->from = drawer_open(lm);
    f->n_words = wn_lm_vocab_size(lm);
    f->want = calloc(f->n_words, sizeof(*f->want));
    f->seen = calloc(f->n_words, sizeof(*f->seen));
    assert_true(f->want && f->seen);
}

static void fixture_close(struct fixture *f)
{
    drawer_close(&f->from);
    free(f->want);
    free(f->seen);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (!f)
        return -1;
    fixture_open(f, fixture_model_of(NGRAM_DATA "text/t2_phrases.txt", 3, NULL));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture_close(*state);
    free(*state);
    return 0;
}

/* want = p(. | <s> FIRST), or p(. | <s>) when FIRST is </s>, without <s> and <unk>. */
static void expect_model(struct fixture *f, uint32_t first)
{
    uint32_t history[2] = { WN_LM_BOS, first };
    double total = 0.0;

    for (uint32_t w = WN_LM_EOS; w < f->n_words; w++) {
        f->want[w] = pow(10.0, wn_lm_prob(f->from.lm, history, first == WN_LM_EOS ? 1 : 2, w));
        total += f->want[w];
    }
    for (uint32_t w = 0; w < f->n_words; w++)
        f->want[w] /= total;
}

static void normalise(struct fixture *f)
{
    double total = 0.0;

    for (uint32_t w = 0; w < f->n_words; w++)
        total += f->want[w];
    for (uint32_t w = 0; w < f->n_words; w++)
        f->want[w] /= total;
}

/* Draws texts of up to two words; counts first words, or second words after FIRST. */
static uint32_t draw(struct fixture *f, const struct wn_sample_opts *opts, uint32_t first, int n_draws)
{
    struct wn_sample_opts o = *opts;
    uint32_t n = 0, ids[N_MAX];
    struct wn_rng rng;

    o.max_tokens = first == WN_LM_EOS ? 1 : 2;
    memset(f->seen, 0, f->n_words * sizeof(*f->seen));
    for (int i = 0; i < n_draws; i++) {
        size_t len;

        wn_rng_init(&rng, 7, WN_DOMAIN_SAMPLE, (uint64_t)i, 0, 0);
        len = wn_sample(f->from.sampler, f->from.scratch, &o, &rng, ids);
        if (first == WN_LM_EOS)
            f->seen[len > 0 ? ids[0] : WN_LM_EOS]++, n++;
        else if (len > 0 && ids[0] == first)
            f->seen[len > 1 ? ids[1] : WN_LM_EOS]++, n++;
    }
    return n;
}

/* Words with fewer than five expected draws are one cell. */
static void check_chi_square(const struct fixture *f, uint32_t n)
{
    double x2 = 0.0, rest_want = 0.0, rest_seen = 0.0, df = -1.0;

    assert_true(n > 1000);
    for (uint32_t w = 0; w < f->n_words; w++) {
        double e = f->want[w] * n, o = f->seen[w];

        if (f->want[w] == 0.0 && f->seen[w] > 0)
            fail_msg("word %u is impossible and was drawn %u times", w, f->seen[w]);
        if (e < 5.0) {
            rest_want += e;
            rest_seen += o;
            continue;
        }
        x2 += (o - e) * (o - e) / e;
        df += 1.0;
    }
    if (rest_want > 0.0) {
        x2 += (rest_seen - rest_want) * (rest_seen - rest_want) / rest_want;
        df += 1.0;
    }
    if (x2 > df + 5.0 * sqrt(2.0 * df))
        fail_msg("chi-square %g at %g degrees of freedom", x2, df);
}

static uint32_t commonest_first_word(struct fixture *f)
{
    uint32_t best = WN_LM_EOS + 1;

    expect_model(f, WN_LM_EOS);
    for (uint32_t w = best; w < f->n_words; w++)
        best = f->want[w] > f->want[best] ? w : best;
    return best;
}

static void first_words_have_their_probabilities(void **state)
{
    struct fixture *f = *state;
    struct wn_sample_opts opts = { 0 };
    uint32_t n = draw(f, &opts, WN_LM_EOS, N_DRAWS);

    expect_model(f, WN_LM_EOS);
    check_chi_square(f, n);
}

static void second_words_have_their_probabilities(void **state)
{
    struct fixture *f = *state;
    struct wn_sample_opts opts = { 0 };
    uint32_t first = commonest_first_word(f), n = draw(f, &opts, first, N_DRAWS);

    expect_model(f, first);
    check_chi_square(f, n);
}

static bool is_green(void *arg, uint32_t previous, uint32_t word)
{
    (void)arg;
    return (previous + word) % 3 == 0;
}

/* p'(w) proportional to p(w) e^(delta boosted(w)); the word before the first is <s>. */
static void expect_bias(struct fixture *f, double delta)
{
    expect_model(f, WN_LM_EOS);
    for (uint32_t w = 0; w < f->n_words; w++)
        f->want[w] *= is_green(NULL, WN_LM_BOS, w) ? exp(delta) : 1.0;
    normalise(f);
}

static void bias_multiplies_by_e_to_the_delta(void **state)
{
    struct fixture *f = *state;
    struct wn_lm_bias bias = { is_green, NULL, 2.0 };
    struct wn_sample_opts opts = { .bias = &bias };
    uint32_t n = draw(f, &opts, WN_LM_EOS, N_DRAWS);

    expect_bias(f, 2.0);
    check_chi_square(f, n);
}

/* e^-6: most draws give up rejecting and go the dense way, with the same result. */
static void large_bias_is_exact_too(void **state)
{
    struct fixture *f = *state;
    struct wn_lm_bias bias = { is_green, NULL, 6.0 };
    struct wn_sample_opts opts = { .bias = &bias };
    uint32_t n = draw(f, &opts, WN_LM_EOS, N_DRAWS / 4);

    expect_bias(f, 6.0);
    check_chi_square(f, n);
}

static void bias_and_truncation_combine(void **state)
{
    struct fixture *f = *state;
    struct wn_lm_bias bias = { is_green, NULL, 2.0 };
    struct wn_sample_opts opts = { .bias = &bias, .top_k = UINT32_MAX };   /* keeps all */
    uint32_t n = draw(f, &opts, WN_LM_EOS, N_DRAWS / 8);

    expect_bias(f, 2.0);
    check_chi_square(f, n);
}

static void temperature_raises_to_its_inverse(void **state)
{
    struct fixture *f = *state;
    struct wn_sample_opts opts = { .temperature = 0.5 };
    uint32_t n = draw(f, &opts, WN_LM_EOS, N_DRAWS / 8);

    expect_model(f, WN_LM_EOS);
    for (uint32_t w = 0; w < f->n_words; w++)
        f->want[w] = f->want[w] * f->want[w];
    normalise(f);
    check_chi_square(f, n);
}

/* Leaves in want the K likeliest words of the model, or the shortest prefix with mass P. */
static uint32_t truncate_by_hand(struct fixture *f, uint32_t k, double p)
{
    double *rest = malloc(f->n_words * sizeof(*rest)), mass = 0.0;
    uint32_t n = 0;

    assert_non_null(rest);
    expect_model(f, WN_LM_EOS);
    memcpy(rest, f->want, f->n_words * sizeof(*rest));
    memset(f->want, 0, f->n_words * sizeof(*f->want));
    for (; n < k && mass < p; n++) {
        uint32_t best = 0;

        for (uint32_t w = 1; w < f->n_words; w++)
            best = rest[w] > rest[best] ? w : best;
        mass += rest[best];
        f->want[best] = rest[best];
        rest[best] = -1.0;
    }
    free(rest);
    normalise(f);
    return n;
}

static void top_k_keeps_the_k_likeliest(void **state)
{
    struct fixture *f = *state;
    struct wn_sample_opts opts = { .top_k = 7 };
    uint32_t n = draw(f, &opts, WN_LM_EOS, N_DRAWS / 8);

    truncate_by_hand(f, 7, 2.0);
    check_chi_square(f, n);
}

static void top_p_keeps_the_shortest_prefix(void **state)
{
    struct fixture *f = *state;
    struct wn_sample_opts opts = { .top_p = 0.9 };
    uint32_t n = draw(f, &opts, WN_LM_EOS, N_DRAWS / 8);

    assert_true(truncate_by_hand(f, f->n_words, 0.9) > 3);
    check_chi_square(f, n);
}

/* Draws by OPTS against the plain computation: first words, then second words after the
 * commonest first one. */
static void check_draws(struct fixture *f, const struct wn_sample_opts *opts, int n_draws)
{
    uint32_t history[2] = { WN_LM_BOS, WN_LM_EOS + 1 }, n;
    struct reference r = { f->from.lm, opts, history, 1, f->want };

    n = draw(f, opts, WN_LM_EOS, n_draws);
    reference_distribution(&r);
    check_chi_square(f, n);
    for (uint32_t w = WN_LM_EOS + 1; w < f->n_words; w++)
        history[1] = f->want[w] > f->want[history[1]] ? w : history[1];
    n = draw(f, opts, history[1], n_draws);
    if (n < 1000 || wn_lm_order(f->from.lm) == 1)
        return;
    r.n = 2;
    reference_distribution(&r);
    check_chi_square(f, n);
}

static const struct wn_lm_bias green = { is_green, NULL, 1.5 };

/* Every way of drawing that there is, and combinations. */
static const struct wn_sample_opts all_ways[] = {
    { .temperature = 0.0 },
    { .min_tokens = 2 },
    { .temperature = 0.6 },
    { .temperature = 1.7, .min_tokens = 1 },
    { .top_k = 9 },
    { .top_k = 1 },
    { .top_p = 0.7 },
    { .min_p = 0.1 },
    { .typical = 0.4 },
    { .typical = 0.9, .min_tokens = 2 },
    { .temperature = 1.3, .top_k = 40, .top_p = 0.9, .min_p = 0.02, .typical = 0.8 },
    { .repetition_penalty = 1.5 },
    { .repetition_penalty = 1.5, .temperature = 0.8 },
    { .repetition_penalty = 0.8 },
    { .repetition_penalty = 1.5, .repetition_window = 2 },
    { .repetition_penalty = 1.5, .top_p = 0.8 },
    { .bias = &green, .temperature = 0.8 },
    { .bias = &green, .top_k = 12 },
    { .bias = &green, .repetition_penalty = 1.2, .typical = 0.9 },
};

static void check_all_ways(struct fixture *f, int n_draws)
{
    for (size_t i = 0; i < sizeof(all_ways) / sizeof(all_ways[0]); i++)
        check_draws(f, &all_ways[i], n_draws);
}

static void every_way_draws_what_the_plain_computation_gives(void **state)
{
    check_all_ways(*state, 4000);
}

/* Other models: order 1, maximum likelihood, pruned, and one whose contexts have one
 * continuation each. */
static void other_models_are_drawn_from_as_well(void **state)
{
    static const struct {
        const char *path;
        unsigned order;
        struct wn_lm_opts opts;
    } models[] = {
        { NGRAM_DATA "text/t2_phrases.txt", 1, { .smoothing = WN_SMOOTH_KN } },
        { NGRAM_DATA "text/t2_phrases.txt", 2, { .smoothing = WN_SMOOTH_ML } },
        { NGRAM_DATA "text/t2_phrases.txt", 4, { .prune = { 0, 1, 2, 2 } } },
        { NGRAM_DATA "text/t8_repeat.txt", 3, { .smoothing = WN_SMOOTH_KN } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        struct fixture f;

        fixture_open(&f, fixture_model_of(models[i].path, models[i].order, &models[i].opts));
        check_all_ways(&f, 1500);
        fixture_close(&f);
    }
}

/* "a" is drawn again only after two other words: a penalty so large forbids it. */
static void penalty_reaches_back_as_far_as_its_window(void **state)
{
    const struct wn_str text = WN_STR("a b c a c b a\nb c a b\nc b a\na c b a b c\n");
    struct drawer d = drawer_open(fixture_model(text, 2, WN_TOK_WHITESPACE, NULL));
    struct wn_sample_opts opts = { .repetition_penalty = 40.0, .repetition_window = 2, .max_tokens = 30,
                                   .min_tokens = 30 };
    struct wn_rng rng;
    uint32_t ids[30];

    (void)state;
    wn_rng_init(&rng, 5, WN_DOMAIN_SAMPLE, 0, 0, 0);
    assert_int_equal(wn_sample(d.sampler, d.scratch, &opts, &rng, ids), 30);
    for (int i = 2; i < 30; i++)
        assert_true(ids[i] != ids[i - 1] && ids[i] != ids[i - 2]);
    drawer_close(&d);
}

/* What the scratch remembers of other options and texts leaves no trace. */
static void earlier_calls_do_not_matter(void **state)
{
    struct fixture *f = *state;
    uint32_t a[30], b[30];

    for (size_t i = 0; i < sizeof(all_ways) / sizeof(all_ways[0]); i++) {
        struct wn_sampler_scratch *fresh = wn_sampler_scratch_new(f->from.sampler);
        struct wn_sample_opts opts = all_ways[i];
        struct wn_rng rng;
        size_t n;

        assert_non_null(fresh);
        opts.max_tokens = 30;
        wn_rng_init(&rng, i, WN_DOMAIN_SAMPLE, 2, 3, 4);
        n = wn_sample(f->from.sampler, f->from.scratch, &opts, &rng, a);
        wn_rng_init(&rng, i, WN_DOMAIN_SAMPLE, 2, 3, 4);
        assert_int_equal(wn_sample(f->from.sampler, fresh, &opts, &rng, b), n);
        assert_memory_equal(a, b, n * sizeof(a[0]));
        wn_sampler_scratch_free(fresh);
    }
}

/* ---- starts ------------------------------------------------------------------------------ */

enum { N_WAYS = sizeof(all_ways) / sizeof(all_ways[0]), MOST_START = 4 };

/* First words behind START against the plain computation; min_tokens counts what is drawn. */
static void check_behind(struct fixture *f, struct wn_sample_opts opts, const struct wn_sample_start *start,
                         int n_draws)
{
    uint32_t history[1 + MOST_START] = { WN_LM_BOS }, id;
    struct reference r = { f->from.lm, &opts, history, 1 + start->n, f->want };
    struct wn_sample_opts how = opts;

    memcpy(history + 1, start->ids, start->n * sizeof(history[0]));
    how.max_tokens = 1;
    how.start = start;
    memset(f->seen, 0, f->n_words * sizeof(*f->seen));
    for (int i = 0; i < n_draws; i++) {
        struct wn_rng rng;

        wn_rng_init(&rng, 8, WN_DOMAIN_SAMPLE, (uint64_t)i, start->n, 0);
        f->seen[wn_sample(f->from.sampler, f->from.scratch, &how, &rng, &id) > 0 ? id : WN_LM_EOS]++;
    }
    opts.min_tokens = opts.min_tokens > 0 ? opts.min_tokens + start->n : 0;
    reference_distribution(&r);
    check_chi_square(f, (uint32_t)n_draws);
}

/* Commonest words, twice the same one among them, and one that the model does not know. */
static void first_word_behind_a_start_has_its_conditional_law(void **state)
{
    struct fixture *f = *state;
    uint32_t a = commonest_first_word(f), b = WN_LM_EOS + 1, ids[MOST_START];

    for (uint32_t w = b; w < f->n_words; w++)
        b = wn_lm_prob(f->from.lm, &a, 1, w) > wn_lm_prob(f->from.lm, &a, 1, b) ? w : b;
    memcpy(ids, (uint32_t[]){ b, WN_LM_UNK, a, b }, sizeof(ids));
    for (size_t i = 0; i < N_WAYS; i++) {
        check_behind(f, all_ways[i], &(struct wn_sample_start){ ids + 2, 1 }, 1100);
        check_behind(f, all_ways[i], &(struct wn_sample_start){ ids, 4 }, 1100);
    }
    check_behind(f, all_ways[0], &(struct wn_sample_start){ ids, 0 }, 20000);
    check_behind(f, all_ways[0], &(struct wn_sample_start){ ids, 2 }, 20000);
    check_behind(f, all_ways[0], &(struct wn_sample_start){ ids + 2, 2 }, 20000);
}

/* A text's own beginning as the start, and the random numbers where they stood then: the rest
 * is the same. */
static void text_goes_on_from_its_own_beginning(void **state)
{
    enum { MOST = 20 };
    struct fixture *f = *state;
    uint32_t whole[MOST], part[MOST];

    for (size_t i = 0; i < N_WAYS; i++) {
        for (size_t cut = 1; cut <= 4; cut++) {
            struct wn_sample_opts opts = all_ways[i];
            struct wn_sample_start start = { whole, cut };
            struct wn_rng rng;

            opts.max_tokens = opts.min_tokens = MOST;
            wn_rng_init(&rng, i, WN_DOMAIN_SAMPLE, cut, 0, 0);
            assert_int_equal(wn_sample(f->from.sampler, f->from.scratch, &opts, &rng, whole), MOST);
            wn_rng_init(&rng, i, WN_DOMAIN_SAMPLE, cut, 0, 0);
            opts.max_tokens = opts.min_tokens = cut;
            assert_int_equal(wn_sample(f->from.sampler, f->from.scratch, &opts, &rng, part), cut);
            opts.max_tokens = opts.min_tokens = MOST - cut;
            opts.start = &start;
            assert_int_equal(wn_sample(f->from.sampler, f->from.scratch, &opts, &rng, part), MOST - cut);
            assert_memory_equal(part, whole + cut, (MOST - cut) * sizeof(part[0]));
        }
    }
}

/* Each text of a call has its own start; they leave no trace in the scratch. */
static void texts_of_one_call_have_their_own_starts(void **state)
{
    enum { N_TEXTS = 20, MOST = 15 };
    struct fixture *f = *state;
    uint32_t words[N_TEXTS + 2], ids[N_TEXTS * MOST], one[MOST];
    struct wn_sample_start start[N_TEXTS];

    for (uint32_t i = 0; i < N_TEXTS + 2; i++)
        words[i] = i == 7 ? UINT32_MAX : WN_LM_EOS + 1 + i * 5 % (f->n_words - WN_LM_EOS - 1);
    for (size_t i = 0; i < N_TEXTS; i++)
        start[i] = (struct wn_sample_start){ words + i, i % 4 };
    for (size_t i = 0; i < N_WAYS; i++) {
        struct wn_sampler_scratch *fresh = wn_sampler_scratch_new(f->from.sampler);
        struct wn_sample_opts opts = all_ways[i];
        struct wn_rng rng[N_TEXTS], again;
        size_t n_ids[N_TEXTS];

        assert_non_null(fresh);
        opts.max_tokens = MOST;
        opts.start = start;
        for (uint32_t t = 0; t < N_TEXTS; t++)
            wn_rng_init(&rng[t], i, WN_DOMAIN_SAMPLE, 0, 0, t);
        wn_sample_batch(f->from.sampler, f->from.scratch, &opts, rng, N_TEXTS, ids, n_ids);
        for (uint32_t t = N_TEXTS; t-- > 0;) {
            opts.start = &start[t];
            wn_rng_init(&again, i, WN_DOMAIN_SAMPLE, 0, 0, t);
            assert_int_equal(wn_sample(f->from.sampler, fresh, &opts, &again, one), n_ids[t]);
            assert_memory_equal(one, ids + t * MOST, n_ids[t] * sizeof(one[0]));
        }
        wn_sampler_scratch_free(fresh);
    }
}

static void powers_of_ten_are_those_of_the_c_library(void **state)
{
    enum { N = 4099 };
    float x[N], y[N];

    (void)state;
    for (int i = 0; i < N; i++)
        x[i] = -40.0f + 0.02f * (float)i;
    lm_pow10_many(y, x, N, -37.0f);
    for (int i = 0; i < N; i++) {
        double want = pow(10.0, fmin(38.0, (double)x[i]));

        if (fabs(lm_pow10((double)x[i]) / pow(10.0, (double)x[i]) - 1.0) > 1e-12)
            fail_msg("10^%.9g is %.17g", (double)x[i], lm_pow10((double)x[i]));
        if (x[i] <= -37.0f)
            assert_true(y[i] == 0.0f);
        else
            assert_true(fabs((double)y[i] / want - 1.0) < 4e-7);
    }
    assert_true(lm_pow10(-1e9) == 0.0);
}

static void top_1_is_always_the_likeliest(void **state)
{
    struct fixture *f = *state;
    struct wn_sample_opts opts = { .top_k = 1, .top_p = 0.3, .max_tokens = 20, .min_tokens = 20 };
    uint32_t ids[20], history[22] = { WN_LM_BOS };
    struct wn_rng rng;
    size_t n;

    wn_rng_init(&rng, 3, WN_DOMAIN_SAMPLE, 0, 0, 0);
    n = wn_sample(f->from.sampler, f->from.scratch, &opts, &rng, ids);
    assert_int_equal(n, 20);
    for (size_t i = 0; i < n; i++) {
        double best = -1e9;

        for (uint32_t w = WN_LM_EOS + 1; w < f->n_words; w++)
            best = fmax(best, wn_lm_prob(f->from.lm, history, i + 1, w));
        assert_float_equal(wn_lm_prob(f->from.lm, history, i + 1, ids[i]), best, 1e-6);
        history[i + 1] = ids[i];
    }
}

static void lengths_stay_within_their_limits(void **state)
{
    struct fixture *f = *state;
    struct wn_sample_opts opts = { .min_tokens = 9, .max_tokens = 12 };
    uint32_t ids[12];
    struct wn_rng rng;

    wn_rng_init(&rng, 5, WN_DOMAIN_SAMPLE, 0, 0, 0);
    for (int i = 0; i < 500; i++) {
        size_t n = wn_sample(f->from.sampler, f->from.scratch, &opts, &rng, ids);

        assert_true(n >= 9 && n <= 12);
        for (size_t j = 0; j < n; j++)
            assert_true(ids[j] > WN_LM_EOS && ids[j] < f->n_words);
    }
}

/* After "a" nothing but </s> was ever seen; a shorter context must help out. */
static void least_length_holds_where_only_the_end_is_possible(void **state)
{
    struct wn_lm_opts ml = { .smoothing = WN_SMOOTH_ML };
    struct drawer d = drawer_open(fixture_model(WN_STR("a\na\n"), 2, WN_TOK_WHITESPACE, &ml));
    struct wn_sample_opts opts = { .min_tokens = 4, .max_tokens = 8 };
    struct wn_rng rng;
    uint32_t ids[8];

    (void)state;
    wn_rng_init(&rng, 5, WN_DOMAIN_SAMPLE, 0, 0, 0);
    assert_int_equal(wn_sample(d.sampler, d.scratch, &opts, &rng, ids), 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(ids[i], wn_lm_id(d.lm, WN_STR("a")));
    drawer_close(&d);
}

/* After "x" nothing but </s> was seen, so the unigrams stand in, without </s>: x 4, a 1, b 2 of
 * 12.  A penalty of 2 squares p(x), which came already: 4/36, 3/36, 6/36. */
static void penalty_goes_by_the_context_that_stands_in(void **state)
{
    struct wn_lm_opts ml = { .smoothing = WN_SMOOTH_ML };
    struct fixture f;
    struct wn_sample_opts opts = { .repetition_penalty = 2.0, .min_tokens = 2 };
    const double want[] = { 0.0, 0.0, 0.0, 4.0 / 13.0, 3.0 / 13.0, 6.0 / 13.0 };

    (void)state;
    fixture_open(&f, fixture_model(WN_STR("x\nx\nx\na b\nb x\n"), 2, WN_TOK_WHITESPACE, &ml));
    assert_int_equal(f.n_words, 6);
    memcpy(f.want, want, sizeof(want));
    check_chi_square(&f, draw(&f, &opts, wn_lm_id(f.from.lm, WN_STR("x")), 20000));
    opts.top_k = 100;                            /* keeps all, by the dense way */
    check_chi_square(&f, draw(&f, &opts, wn_lm_id(f.from.lm, WN_STR("x")), 20000));
    fixture_close(&f);
}

static void blank_lines_alone_give_empty_texts(void **state)
{
    struct drawer d = drawer_open(fixture_model(WN_STR("\n\n"), 2, WN_TOK_WHITESPACE, NULL));
    struct wn_sample_opts opts = { .min_tokens = 2 };
    uint32_t ids[1000];
    struct wn_rng rng;

    (void)state;
    wn_rng_init(&rng, 5, WN_DOMAIN_SAMPLE, 0, 0, 0);
    assert_int_equal(wn_sample(d.sampler, d.scratch, &opts, &rng, ids), 0);
    drawer_close(&d);
}

/* A maximum-likelihood model repeats only what it saw: every pair drawn is in the text. */
static void maximum_likelihood_never_backs_off(void **state)
{
    struct wn_lm_opts ml = { .smoothing = WN_SMOOTH_ML };
    struct drawer d = drawer_open(fixture_model_of(NGRAM_DATA "text/t1_toy.txt", 2, &ml));
    struct wn_sample_opts opts = { .max_tokens = 50 };
    struct wn_rng rng;
    uint32_t ids[50];

    (void)state;
    wn_rng_init(&rng, 11, WN_DOMAIN_SAMPLE, 0, 0, 0);
    for (int i = 0; i < 2000; i++) {
        size_t n = wn_sample(d.sampler, d.scratch, &opts, &rng, ids);

        for (size_t j = 1; j < n; j++)
            assert_true(wn_lm_prob(d.lm, ids + j - 1, 1, ids[j]) > -3.0);
    }
    drawer_close(&d);
}

/* By each of the three ways to draw: in turns, by ranks, over the whole vocabulary. */
static void stopped_texts_end_after_their_next_word(void **state)
{
    enum { N_TEXTS = 40, MOST = 30 };
    struct fixture *f = *state;
    const atomic_int stop = 1;
    const struct wn_sample_opts ways[] = {
        { .max_tokens = MOST, .min_tokens = MOST, .stop = &stop },
        { .max_tokens = MOST, .min_tokens = MOST, .top_k = 5, .stop = &stop },
        { .max_tokens = MOST, .min_tokens = MOST, .repetition_penalty = 0.5, .stop = &stop },
    };

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        uint32_t ids[N_TEXTS * MOST];
        struct wn_rng rng[N_TEXTS];
        size_t n_ids[N_TEXTS];

        for (uint32_t t = 0; t < N_TEXTS; t++)
            wn_rng_init(&rng[t], 3, WN_DOMAIN_SAMPLE, 0, 0, t);
        wn_sample_batch(f->from.sampler, f->from.scratch, &ways[i], rng, N_TEXTS, ids, n_ids);
        for (size_t t = 0; t < N_TEXTS; t++)
            assert_int_equal(n_ids[t], 1);
    }
}

static void same_stream_gives_same_text(void **state)
{
    struct fixture *f = *state;
    struct wn_sample_opts opts = { .max_tokens = 30 };
    struct wn_sampler_scratch *other = wn_sampler_scratch_new(f->from.sampler);
    uint32_t a[30], b[30];
    struct wn_rng rng;
    size_t n;

    assert_non_null(other);
    wn_rng_init(&rng, 1, WN_DOMAIN_SAMPLE, 2, 3, 4);
    n = wn_sample(f->from.sampler, f->from.scratch, &opts, &rng, a);
    wn_rng_init(&rng, 1, WN_DOMAIN_SAMPLE, 2, 3, 4);
    assert_int_equal(wn_sample(f->from.sampler, other, &opts, &rng, b), n);
    assert_memory_equal(a, b, n * sizeof(a[0]));
    wn_sampler_scratch_free(other);
}

static void rendered_text_tokenizes_to_the_drawn_words(void **state)
{
    struct wn_lm *lm = fixture_model(WN_STR("Yes (it's so), no?"), 2, WN_TOK_WORDS, NULL);
    uint32_t ids[] = { 3, 4, 5, 6, 7, 8, 9, 10 };
    struct wn_buf out = { 0 };

    (void)state;
    wn_lm_render(lm, ids, 8, &out);
    assert_true(wn_str_eq(wn_buf_str(&out), WN_STR("Yes (it's so), no?")));
    wn_buf_release(&out);
    wn_lm_free(lm);
}

#define with_model(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_model(first_words_have_their_probabilities),
        with_model(second_words_have_their_probabilities),
        with_model(bias_multiplies_by_e_to_the_delta),
        with_model(large_bias_is_exact_too),
        with_model(bias_and_truncation_combine),
        with_model(temperature_raises_to_its_inverse),
        with_model(top_k_keeps_the_k_likeliest),
        with_model(top_p_keeps_the_shortest_prefix),
        with_model(every_way_draws_what_the_plain_computation_gives),
        cmocka_unit_test(other_models_are_drawn_from_as_well),
        cmocka_unit_test(penalty_reaches_back_as_far_as_its_window),
        with_model(earlier_calls_do_not_matter),
        with_model(first_word_behind_a_start_has_its_conditional_law),
        with_model(text_goes_on_from_its_own_beginning),
        with_model(texts_of_one_call_have_their_own_starts),
        cmocka_unit_test(powers_of_ten_are_those_of_the_c_library),
        with_model(top_1_is_always_the_likeliest),
        with_model(lengths_stay_within_their_limits),
        cmocka_unit_test(least_length_holds_where_only_the_end_is_possible),
        cmocka_unit_test(penalty_goes_by_the_context_that_stands_in),
        cmocka_unit_test(blank_lines_alone_give_empty_texts),
        cmocka_unit_test(maximum_likelihood_never_backs_off),
        with_model(stopped_texts_end_after_their_next_word),
        with_model(same_stream_gives_same_text),
        cmocka_unit_test(rendered_text_tokenizes_to_the_drawn_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
