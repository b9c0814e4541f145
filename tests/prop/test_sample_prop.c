/*
 * test_sample_prop.c - for any model and any options: the tables that draws use hold the
 * distribution that the plain computation gives.  Seeds are tried in turn, the failing
 * one is printed.
 */
#include "unit/sample_reference.h"

#include "lm/lm_ranks.h"

enum { N_SEEDS = 40, N_CONTEXTS = 12, MAX_HISTORY = 6 };

struct subject {
    struct wn_lm *lm;
    struct wn_sampler *s;
    struct wn_sampler_scratch *w;
    double *want, *got;
    uint32_t n_words;
    uint64_t seed;
    struct wn_rng rng;
};

/* ---- models -------------------------------------------------------------------------------- */

static void random_text(struct wn_buf *out, struct wn_rng *rng, uint64_t n_sentences, uint64_t n_words)
{
    wn_buf_reset(out);
    for (uint64_t i = 0; i < n_sentences; i++) {
        uint64_t len = wn_rng_below(rng, 9);

        for (uint64_t j = 0; j < len; j++)
            wn_buf_addf(out, "w%llu ", (unsigned long long)wn_rng_below(rng, 1 + wn_rng_below(rng, n_words)));
        wn_buf_addc(out, '\n');
    }
}

/* Makes LM one whose contexts take 0.7 for their own words, shared out at random, so that
 * many of them have less than the shorter context would give: what pruning does. */
static void make_thin(struct wn_lm *lm, struct wn_rng *rng)
{
    for (unsigned k = 2; k <= lm->head.order; k++) {
        const struct lm_table *t = &lm->level[k], *below = &lm->level[k - 1];
        float *prob = (float *)(uintptr_t)t->prob, *backoff = (float *)(uintptr_t)below->backoff;

        for (uint32_t c = 0; c < below->n; c++) {
            uint32_t from = below->child[c], to = below->child[c + 1];
            double lower = 0.0, sum = 0.0;

            for (uint32_t i = from; i < to; i++) {
                prob[i] = (float)wn_rng_u01(rng) + 0.01f;
                sum += (double)prob[i];
                lower += pow(10.0, (double)below->prob[k == 2 ? t->word[i] : t->suffix[i]]);
            }
            if (to == from || lower > 0.99)
                sum *= 0.7;                        /* all words have their own: none is left over */
            else
                backoff[c] = (float)log10(0.3 / (1.0 - lower));
            if (to > from && lower > 0.99)
                backoff[c] = LM_LOG_ZERO;
            for (uint32_t i = from; i < to; i++)
                prob[i] = (float)log10(0.7 * (double)prob[i] / sum);
        }
    }
}

static void subject_init(struct subject *x, uint64_t seed)
{
    struct wn_lm_opts opts = { .smoothing = seed % 3 == 2 ? WN_SMOOTH_ML : WN_SMOOTH_KN };
    struct wn_buf text = { 0 };

    memset(x, 0, sizeof(*x));
    x->seed = seed;
    wn_rng_init(&x->rng, seed, WN_DOMAIN_REAL, 0, 0, 0);
    if (seed % 4 == 1 && seed % 3 != 2)
        opts.prune[1] = opts.prune[2] = opts.prune[3] = opts.prune[4] = 1;
    random_text(&text, &x->rng, 30 + seed * 7, 3 + seed % 40 * 5);
    x->lm = fixture_model(wn_buf_str(&text), 1 + seed % 5, WN_TOK_WHITESPACE, &opts);
    wn_buf_release(&text);
    if (seed % 4 == 3)
        make_thin(x->lm, &x->rng);
    x->n_words = wn_lm_vocab_size(x->lm);
    assert_int_equal(wn_sampler_new(&x->s, x->lm, NULL), WN_OK);
    x->w = wn_sampler_scratch_new(x->s);
    x->want = malloc(x->n_words * sizeof(*x->want));
    x->got = malloc(x->n_words * sizeof(*x->got));
    assert_true(x->w && x->want && x->got);
}

static void subject_release(struct subject *x)
{
    wn_sampler_scratch_free(x->w);
    wn_sampler_free(x->s);
    wn_lm_free(x->lm);
    free(x->want);
    free(x->got);
}

/* A history as a text could have it, mostly: words drawn from the model, some by chance. */
static size_t random_history(struct subject *x, uint32_t history[MAX_HISTORY + 1])
{
    struct wn_sample_opts opts = { .max_tokens = 1 + wn_rng_below(&x->rng, MAX_HISTORY) };
    size_t n;

    history[0] = WN_LM_BOS;
    n = 1 + wn_sample(x->s, x->w, &opts, &x->rng, history + 1);
    if (wn_rng_below(&x->rng, 4) == 0 && n > 1 && x->n_words > 4)
        history[n - 1] = 3 + (uint32_t)wn_rng_below(&x->rng, x->n_words - 3);
    return n;
}

static struct lm_state state_of(const struct wn_lm *lm, const uint32_t *history, size_t n)
{
    struct lm_state at = lm_start(lm);

    for (size_t i = 1; i < n; i++)
        lm_advance(lm, &at, history[i]);
    return at;
}

static void compare(const struct subject *x, double tolerance, const char *what)
{
    for (uint32_t i = 0; i < x->n_words; i++) {
        if (fabs(x->got[i] - x->want[i]) > tolerance)
            fail_msg("seed %llu, %s: word %u has %.9g, must have %.9g", (unsigned long long)x->seed, what, i,
                     x->got[i], x->want[i]);
    }
}

static void for_all_models(void (*check)(struct subject *x))
{
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct subject x;

        subject_init(&x, seed);
        for (int i = 0; i < N_CONTEXTS; i++)
            check(&x);
        subject_release(&x);
    }
}

/* ---- properties ----------------------------------------------------------------------------- */

static void check_distribution(struct subject *x)
{
    uint32_t history[MAX_HISTORY + 1];
    size_t n = random_history(x, history), skip = wn_rng_below(&x->rng, n + 1);
    double sum = 0.0;

    assert_int_equal(wn_lm_distribution(x->s, history + skip, n - skip, x->got, NULL), WN_OK);
    for (uint32_t w = 0; w < x->n_words; w++) {
        x->want[w] = w == WN_LM_BOS ? 0.0 : pow(10.0, wn_lm_prob(x->lm, history + skip, n - skip, w));
        sum += x->got[w];
    }
    compare(x, 5e-7, "distribution");        /* wn_lm_prob may add in float32 */
    if (fabs(sum - 1.0) > 1e-5)
        fail_msg("seed %llu: sums to %.9g", (unsigned long long)x->seed, sum);
}

static void distributions_are_those_of_single_words_and_sum_to_one(void **state)
{
    (void)state;
    for_all_models(check_distribution);
}

/* What the alias tables would draw at AT; thinning as described in lm_sampler.h. */
static void spread(const struct subject *x, struct lm_state at, double *p)
{
    const struct sampler_head *h;
    const struct sampler_slot *slot = x->s->slot[at.length + 1];
    uint32_t n = x->n_words, from = 0, node;
    double back = 0.0, sum = 0.0;

    memset(p, 0, x->n_words * sizeof(*p));
    if (at.length > 0) {
        h = &x->s->head[at.length][at.node];
        back = (double)h->back;
        n = h->n_thin >> 1;
        from = h->from;
        if (back > 0.0)
            spread(x, (struct lm_state){ at.length - 1, h->lower }, p);
        for (uint32_t w = 0; w < x->n_words; w++) {
            struct lm_state own = at, low = lm_shorter(x->lm, at);
            double mine, below;

            if ((h->n_thin & 1) && lm_find(x->lm, at, w, &node)) {
                mine = lm_advance(x->lm, &own, w).log10_p;
                below = (double)x->lm->level[at.length].backoff[at.node] + lm_advance(x->lm, &low, w).log10_p;
                p[w] *= fmin(1.0, pow(10.0, mine - below));
            }
            p[w] *= back;
        }
    }
    for (uint32_t i = from; back < 1.0 && i < from + n; i++) {
        unsigned k = x->lm->head.order == 1 ? 1 : at.length + 1 < x->lm->head.order ? at.length + 1 : at.length;
        uint32_t a = k == 1 ? slot[i].a : x->lm->level[k].word[slot[i].a];
        uint32_t b = k == 1 ? slot[i].b : x->lm->level[k].word[slot[i].b];

        p[a] += (1.0 - back) * (double)slot[i].keep / n;
        p[b] += (1.0 - back) * (1.0 - (double)slot[i].keep) / n;
    }
    for (uint32_t w = 0; w < x->n_words; w++)
        sum += p[w];
    for (uint32_t w = 0; w < x->n_words; w++)
        p[w] /= sum;
}

static void check_alias_tables(struct subject *x)
{
    uint32_t history[MAX_HISTORY + 1];
    size_t n = random_history(x, history);

    spread(x, state_of(x->lm, history, n), x->got);
    for (uint32_t w = 0; w < x->n_words; w++)
        x->want[w] = w == WN_LM_BOS ? 0.0 : pow(10.0, wn_lm_prob(x->lm, history, n, w));
    reference_normalise(x->want, x->n_words);
    compare(x, 3e-6, "alias tables");
}

static void alias_tables_hold_the_model(void **state)
{
    (void)state;
    for_all_models(check_alias_tables);
}

static struct wn_sample_opts random_options(struct wn_rng *rng)
{
    struct wn_sample_opts o = { .temperature = 0.0 };
    uint64_t which = wn_rng_below(rng, 32);

    o.temperature = which & 1 ? 0.1 + 2.0 * wn_rng_u01(rng) : 0.0;
    o.top_k = which & 2 ? 1 + (uint32_t)wn_rng_below(rng, 30) : 0;
    o.top_p = which & 4 ? wn_rng_u01(rng) : 0.0;
    o.min_p = which & 8 ? 0.3 * wn_rng_u01(rng) : 0.0;
    o.typical = which & 16 ? wn_rng_u01(rng) : 0.0;
    o.min_tokens = wn_rng_below(rng, 2) * 100;
    return o;
}

static void plan_to_words(struct subject *x, const struct ranks_plan *plan)
{
    memset(x->got, 0, x->n_words * sizeof(*x->got));
    for (unsigned i = 0; i < plan->n; i++) {
        const struct ranks_link *l = &plan->link[i];
        double mass = 0.0;
        uint32_t node;

        for (uint32_t j = l->from; j < l->to; j++) {
            if (l->low && lm_find(x->lm, l->cover, l->own->id[j], &node))
                continue;
            x->got[l->own->id[j]] = l->scale * (l->own->mass[j + 1] - l->own->mass[j]);
            mass += x->got[l->own->id[j]];
        }
        if (fabs(mass - l->share) > 1e-9 * plan->share)
            fail_msg("seed %llu: a link has %.9g, is said to have %.9g", (unsigned long long)x->seed, mass, l->share);
    }
    reference_normalise(x->got, x->n_words);
}

static void check_plan(struct subject *x)
{
    struct wn_sample_opts opts = random_options(&x->rng);
    uint32_t history[MAX_HISTORY + 1];
    size_t n = random_history(x, history);
    struct reference r = { x->lm, &opts, history, n, x->want };
    const struct ranks_plan *plan =
        ranks_plan(x->w->cache, x->s, &opts, state_of(x->lm, history, n), n - 1 < opts.min_tokens);

    reference_distribution(&r);
    plan_to_words(x, plan);
    for (uint32_t w = 0; w < x->n_words; w++) {
        if (x->want[w] > 0.0) {                 /* else a shorter context stands in */
            compare(x, 1e-6, "plan");
            return;
        }
    }
}

static void temperature_and_truncations_keep_what_the_plain_way_keeps(void **state)
{
    (void)state;
    for_all_models(check_plan);
}

static void copy_plan(const struct ranks_plan *plan, struct ranks_link link[WN_LM_MAX_ORDER])
{
    for (unsigned i = 0; i < plan->n; i++)
        link[i] = plan->link[i];
}

/* A cache that forgets all the time gives the same plans as one that never does. */
static void check_small_cache(struct subject *x)
{
    struct ranks_cache *small = ranks_cache_new(x->s, 0);
    struct wn_sample_opts opts = random_options(&x->rng);

    assert_non_null(small);
    for (int i = 0; i < 20; i++) {
        struct ranks_link link[WN_LM_MAX_ORDER];
        uint32_t history[MAX_HISTORY + 1];
        size_t n = random_history(x, history);
        struct lm_state at = state_of(x->lm, history, n);
        struct ranks_plan plan = *ranks_plan(small, x->s, &opts, at, i % 2);
        const struct ranks_plan *same;

        copy_plan(&plan, link);
        same = ranks_plan(x->w->cache, x->s, &opts, at, i % 2);
        assert_int_equal(plan.n, same->n);
        assert_true(plan.share == same->share);
        for (unsigned j = 0; j < plan.n; j++)
            assert_true(link[j].from == same->link[j].from && link[j].to == same->link[j].to &&
                        link[j].share == same->link[j].share);
    }
    ranks_cache_free(small);
}

static void what_was_forgotten_comes_back_the_same(void **state)
{
    (void)state;
    for_all_models(check_small_cache);
}

static void check_dense(struct subject *x)
{
    struct wn_sample_opts opts = random_options(&x->rng);
    struct sampler_place place;
    uint32_t history[MAX_HISTORY + 1], word;
    size_t n = random_history(x, history);
    struct reference r = { x->lm, &opts, history, n, x->want };

    place = (struct sampler_place){ state_of(x->lm, history, n), history[n - 1], n - 1, n - 1 < opts.min_tokens };
    reference_distribution(&r);
    for (int i = 0; i < 30; i++) {
        word = sampler_draw_dense(x->s, x->w, &opts, place, &x->rng);
        if (opts.min_tokens == 0 && x->want[word] <= 0.0)
            fail_msg("seed %llu: word %u is impossible", (unsigned long long)x->seed, word);
    }
}

static void dense_way_draws_only_what_is_kept(void **state)
{
    (void)state;
    for_all_models(check_dense);
}

static void check_batches(struct subject *x)
{
    enum { MANY = 37, LENGTH = 9 };
    struct wn_sample_opts opts = random_options(&x->rng);
    uint32_t ids[MANY * LENGTH], one[LENGTH];
    struct wn_rng rng[MANY];
    size_t n_ids[MANY], most = 1 + wn_rng_below(&x->rng, MANY);

    if (wn_rng_below(&x->rng, 2))
        opts = (struct wn_sample_opts){ .min_tokens = wn_rng_below(&x->rng, 4) };
    opts.repetition_penalty = wn_rng_below(&x->rng, 4) == 0 ? 1.3 : 0.0;
    opts.max_tokens = LENGTH;
    for (size_t i = 0; i < most; i++)
        wn_rng_init(&rng[i], x->seed, WN_DOMAIN_SAMPLE, i, 0, 0);
    wn_sample_batch(x->s, x->w, &opts, rng, most, ids, n_ids);
    for (size_t i = 0; i < most; i++) {
        wn_rng_init(&rng[i], x->seed, WN_DOMAIN_SAMPLE, i, 0, 0);
        assert_int_equal(wn_sample(x->s, x->w, &opts, &rng[i], one), n_ids[i]);
        assert_memory_equal(one, ids + i * LENGTH, n_ids[i] * sizeof(one[0]));
    }
}

static void batches_hold_what_single_calls_draw(void **state)
{
    (void)state;
    for_all_models(check_batches);
}

enum { N_TEXTS = 8000, DEPTH = 4 };

/* Whether the text begins with the N words of PREFIX and goes on (</s> counts). */
static bool begins_with(const uint32_t *ids, size_t n_ids, const uint32_t *prefix, size_t n)
{
    return n_ids >= n && memcmp(ids, prefix, n * sizeof(*ids)) == 0;
}

/* Shares of what follows PREFIX against the model's: each within 5.5 standard errors. */
static void check_shares(struct subject *x, const uint32_t *ids, const size_t *n_ids, const uint32_t *prefix,
                         size_t n)
{
    static const struct wn_sample_opts plain = { .temperature = 0.0 };
    uint32_t history[DEPTH + 1] = { WN_LM_BOS };
    struct reference r = { x->lm, &plain, history, n + 1, x->want };
    double total = 0.0;

    memcpy(history + 1, prefix, n * sizeof(*prefix));
    reference_distribution(&r);
    memset(x->got, 0, x->n_words * sizeof(*x->got));
    for (size_t i = 0; i < N_TEXTS; i++) {
        if (!begins_with(ids + i * DEPTH, n_ids[i], prefix, n))
            continue;
        x->got[n_ids[i] > n ? ids[i * DEPTH + n] : WN_LM_EOS] += 1.0;
        total += 1.0;
    }
    for (uint32_t w = 0; w < x->n_words && total > 400.0; w++) {
        double p = x->want[w], error = sqrt(p * (1.0 - p) / total) + 0.5 / total;

        if (fabs(x->got[w] / total - p) > 5.5 * error)
            fail_msg("seed %llu, after %zu words: word %u came %g times of %g, p is %g", (unsigned long long)x->seed, n,
                     w, x->got[w], total, p);
    }
}

/* The commonest text of DEPTH - 1 words, word by word. */
static size_t commonest_prefix(struct subject *x, const uint32_t *ids, const size_t *n_ids, uint32_t *prefix)
{
    for (size_t n = 0; n < DEPTH - 1; n++) {
        uint32_t best = WN_LM_EOS;

        memset(x->got, 0, x->n_words * sizeof(*x->got));
        for (size_t i = 0; i < N_TEXTS; i++) {
            if (n_ids[i] > n && begins_with(ids + i * DEPTH, n_ids[i], prefix, n))
                x->got[ids[i * DEPTH + n]] += 1.0;
        }
        for (uint32_t w = 0; w < x->n_words; w++)
            best = x->got[w] > x->got[best] ? w : best;
        if (best == WN_LM_EOS)
            return n;
        prefix[n] = best;
    }
    return DEPTH - 1;
}

/* The whole way, back-off, thin contexts and the context after each word included. */
static void drawn_words_have_their_probabilities_at_every_place(void **state)
{
    uint32_t *ids = malloc(sizeof(*ids) * N_TEXTS * DEPTH), prefix[DEPTH];
    struct wn_rng *rng = malloc(sizeof(*rng) * N_TEXTS);
    size_t *n_ids = malloc(sizeof(*n_ids) * N_TEXTS), n;
    const struct wn_sample_opts opts = { .max_tokens = DEPTH };

    (void)state;
    assert_true(ids && rng && n_ids);
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct subject x;

        subject_init(&x, seed);
        for (size_t i = 0; i < N_TEXTS; i++)
            wn_rng_init(&rng[i], seed, WN_DOMAIN_SAMPLE, i, 1, 0);
        wn_sample_batch(x.s, x.w, &opts, rng, N_TEXTS, ids, n_ids);
        n = commonest_prefix(&x, ids, n_ids, prefix);
        for (size_t i = 0; i <= n; i++)
            check_shares(&x, ids, n_ids, prefix, i);
        subject_release(&x);
    }
    free(ids);
    free(rng);
    free(n_ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distributions_are_those_of_single_words_and_sum_to_one),
        cmocka_unit_test(alias_tables_hold_the_model),
        cmocka_unit_test(temperature_and_truncations_keep_what_the_plain_way_keeps),
        cmocka_unit_test(what_was_forgotten_comes_back_the_same),
        cmocka_unit_test(dense_way_draws_only_what_is_kept),
        cmocka_unit_test(drawn_words_have_their_probabilities_at_every_place),
        cmocka_unit_test(batches_hold_what_single_calls_draw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
