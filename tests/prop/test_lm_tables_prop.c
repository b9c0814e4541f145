/*
 * test_lm_tables_prop.c - lines of tables for any keys, crowded ones too: what a naive
 * first-come queue makes, for every kind, for any number of threads.
 */
#include "support/cm.h"

#include <math.h>
#include <stdlib.h>

#include <winnow/rng.h>

#include "lm/lm_fill.h"
#include "lm/lm_line.h"
#include "lm/lm_quant.h"

enum { N_SEEDS = 9, N_KINDS = 8 };

static const enum lm_table_kind kinds[N_KINDS] = {
    LM_TABLE_UNIGRAM, LM_TABLE_MIDDLE, LM_TABLE_TOP, LM_TABLE_MIDDLE_COMPACT, LM_TABLE_TOP_COMPACT,
    LM_TABLE_UNIGRAM_JOINT, LM_TABLE_MIDDLE_JOINT, LM_TABLE_TOP_JOINT,
};

struct gram {
    uint64_t key, bucket;
    size_t rank;
    float prob[2], backoff[2];
    uint32_t left;
};

struct scene {
    enum lm_table_kind kind;
    uint64_t n_buckets;
    struct gram *gram;         /* in stream order; then by bucket */
    size_t n;
};

/* Some seeds crowd a third of the keys before the ends of ranges and of the table. */
static uint64_t random_key(struct wn_rng *rng, uint64_t n_buckets, bool crowded)
{
    uint64_t key = wn_rng_u64(rng), bucket;

    if (crowded && wn_rng_below(rng, 3) == 0) {
        uint64_t range = wn_rng_below(rng, lm_ranges_for(n_buckets)) + 1;

        bucket = range * LM_RANGE_LINES < n_buckets ? range * LM_RANGE_LINES : n_buckets;
        bucket -= 1 + wn_rng_below(rng, bucket < 20 ? bucket : 20);
        key = (uint64_t)(((unsigned __int128)bucket << 64) / n_buckets) + (UINT64_C(1) << 40) + (key >> 25);
    }
    return key ? key : 1;
}

static float random_log(struct wn_rng *rng)
{
    switch (wn_rng_below(rng, 20)) {
    case 0:  return LM_LOG_ZERO;
    case 1:  return -INFINITY;
    case 2:  return 0.0f;
    default: return -(float)wn_rng_below(rng, 1000000) * 1e-5f;
    }
}

static int by_bucket(const void *a, const void *b)
{
    const struct gram *x = a, *y = b;

    if (x->bucket != y->bucket)
        return x->bucket < y->bucket ? -1 : 1;
    return x->rank < y->rank ? -1 : 1;
}

static void scene_init(struct scene *s, enum lm_table_kind kind, uint64_t seed)
{
    struct wn_rng rng;

    wn_rng_init(&rng, seed, WN_DOMAIN_SAMPLE, (uint64_t)kind, 0, 0);
    s->kind = kind;
    s->n_buckets = seed % 3 == 0 ? 1 + wn_rng_below(&rng, 40) : 1 + wn_rng_below(&rng, 3 * LM_RANGE_LINES);
    s->n = s->n_buckets * lm_table_slots(kind) * (1 + seed % 9) / 10;
    s->gram = calloc(s->n + 1, sizeof(*s->gram));
    assert_non_null(s->gram);
    for (size_t i = 0; i < s->n; i++) {
        struct gram *g = &s->gram[i];

        g->key = random_key(&rng, s->n_buckets, seed % 2);
        g->bucket = lm_key_bucket(g->key, s->n_buckets);
        g->rank = i;
        g->left = (uint32_t)wn_rng_below(&rng, 65536);
        for (unsigned m = 0; m < 2; m++) {
            g->prob[m] = random_log(&rng);
            g->backoff[m] = random_log(&rng);
            if (g->backoff[m] == -INFINITY)
                g->backoff[m] = 0.25f;
        }
        if (kind >= LM_TABLE_UNIGRAM_JOINT && wn_rng_below(&rng, 3) == 0) {
            unsigned m = (unsigned)wn_rng_below(&rng, 2);

            g->prob[m] = LM_PROB_ABSENT;
            g->backoff[m] = 0.0f;
        }
    }
}

static void add_gram(struct lm_spool *spool, const struct scene *s, const struct gram *g)
{
    uint32_t w[LM_MOST_WORDS] = { 0 };

    memcpy(w, &g->key, 8);
    memcpy(w + 2, g->prob, 4);
    if (lm_item_words(s->kind) == LM_JOINT_WORDS) {
        memcpy(w + 2, g->prob, 8);
        memcpy(w + 4, g->backoff, 8);
        w[6] = g->left;
    } else if (lm_item_words(s->kind) == LM_ITEM_WORDS) {
        memcpy(w + 3, g->backoff, 4);
        w[4] = g->left;
    }
    assert_int_equal(lm_spool_add(spool, lm_range_of(g->key, s->n_buckets), w, 1, NULL), WN_OK);
}

static struct lm_fill fill_for(const struct scene *s, const struct lm_spool *spool, struct lm_sink *sink, unsigned jobs)
{
    static const struct lm_extent extent = { -10.0f, 0.25f };
    struct lm_fill f = { .items = spool, .sink = sink, .offset = 128, .jobs = jobs };
    unsigned max = s->kind == LM_TABLE_TOP_COMPACT ? LM_Q12_MAX : LM_Q16_MAX;

    f.table.kind = s->kind;
    f.table.n_buckets = s->n_buckets;
    for (unsigned m = 0; m < 2; m++) {
        f.table.prob[m] = lm_quant_for(&extent, max);
        f.table.backoff[m] = lm_quant_for(&extent, LM_Q16_MAX);
    }
    return f;
}

static bool same_value(float got, float want, float step)
{
    return got == want || fabsf(got - want) <= step;
}

static void expect_slot(const struct scene *s, const struct lm_slot *got, const struct gram *want, const char *where)
{
    static const unsigned tag_bits[] = { 0, 64, 48, 32, 23, 19, 64, 24, 31 };
    unsigned bits = tag_bits[s->kind];
    uint64_t tag = bits == 64 ? want->key : lm_fingerprint(want->key, bits);
    bool quantised = s->kind == LM_TABLE_MIDDLE_COMPACT || s->kind >= LM_TABLE_MIDDLE_JOINT;
    bool has_backoff = s->kind != LM_TABLE_TOP && s->kind != LM_TABLE_TOP_COMPACT && s->kind != LM_TABLE_TOP_JOINT;
    float step = s->kind == LM_TABLE_TOP_COMPACT ? 10.25f / 4093 / 2 + 1e-5f : quantised ? 10.25f / 65532 / 2 + 2e-6f : 0.0f;

    if (got->tag != tag)
        fail_msg("%s: another n-gram is there", where);
    for (unsigned m = 0; m < got->n_models; m++) {
        bool absent = got->n_models == 2 && want->prob[m] == LM_PROB_ABSENT;

        if (got->absent[m] != absent)
            fail_msg("%s: presence in model %u is wrong", where, m);
        if (!absent && !same_value(got->prob[m], want->prob[m], step))
            fail_msg("%s: %.9g, not %.9g", where, (double)got->prob[m], (double)want->prob[m]);
        if (!absent && has_backoff && !same_value(got->backoff[m], want->backoff[m], step))
            fail_msg("%s: back-off %.9g, not %.9g", where, (double)got->backoff[m], (double)want->backoff[m]);
    }
}

/* The naive queue: line by line, what waits and what comes. */
static void expect_lines(const struct scene *s, const struct lm_fill *f, uint64_t n_lines, const char *image,
                         uint64_t seed)
{
    unsigned slots = lm_table_slots(s->kind);
    size_t next = 0, came = 0;

    for (uint64_t b = 0; b < n_lines; b++) {
        const unsigned char *line = (const unsigned char *)image + f->offset + b * LM_LINE_BYTES;
        struct lm_slot slot[LM_MAX_SLOTS];
        unsigned used = lm_line_read(&f->table, line, slot), want = 0;
        char where[80];

        snprintf(where, sizeof(where), "seed %llu, kind %u, line %llu", (unsigned long long)seed, s->kind,
                 (unsigned long long)b);
        while (came < s->n && s->gram[came].bucket <= b)
            came++;
        for (; want < slots && next < came; want++, next++) {
            if (want < used && used <= slots)
                expect_slot(s, &slot[want], &s->gram[next], where);
        }
        if (used != want)
            fail_msg("%s: %u slots used, not %u", where, used, want);
        if (lm_line_goes_on(s->kind, line) != (next < came) &&
            !(want == slots && (s->kind == LM_TABLE_UNIGRAM || s->kind == LM_TABLE_UNIGRAM_JOINT)))
            fail_msg("%s: goes on is wrong", where);
        if (b + 1 == s->n_buckets)
            assert_int_equal(n_lines - s->n_buckets, (came - next) / slots + 1);
    }
    assert_int_equal(next, s->n);
}

static void lines_are_those_of_a_naive_queue(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        for (unsigned i = 0; i < N_KINDS; i++) {
            struct lm_spool spool;
            struct scene s;

            scene_init(&s, kinds[i], seed);
            assert_int_equal(lm_spool_init(&spool, lm_ranges_for(s.n_buckets), lm_item_words(s.kind) * 4,
                                           seed % 2 ? LM_SPOOL_MOST : LM_SPOOL_LEAST, seed % 4 == 0, NULL, NULL),
                             WN_OK);
            for (size_t j = 0; j < s.n; j++)
                add_gram(&spool, &s, &s.gram[j]);
            qsort(s.gram, s.n, sizeof(s.gram[0]), by_bucket);
            for (unsigned jobs = 1; jobs <= 1 + seed % 3; jobs++) {
                struct lm_sink sink = { 0 };
                struct lm_fill f = fill_for(&s, &spool, &sink, jobs);
                uint64_t n_lines, hash;

                assert_int_equal(lm_fill_table(&f, &n_lines, &hash, NULL), WN_OK);
                expect_lines(&s, &f, n_lines, sink.image, seed);
                assert_true(hash == lm_section_hash((struct wn_str){ sink.image + f.offset, n_lines * LM_LINE_BYTES }));
                lm_sink_release(&sink);
            }
            lm_spool_release(&spool);
            free(s.gram);
        }
    }
}

static void codes_are_the_nearest_and_the_largest_is_exact(void **state)
{
    struct wn_rng rng;

    (void)state;
    wn_rng_init(&rng, 1, WN_DOMAIN_SAMPLE, 0, 0, 0);
    for (unsigned i = 0; i < 20000; i++) {
        float a = -(float)wn_rng_below(&rng, 1000) / 7.0f, b = a - (float)wn_rng_below(&rng, 1000) / 11.0f;
        struct lm_extent x = { b, a };
        struct lm_quant q = lm_quant_for(&x, LM_Q16_MAX);
        float v = b + (a - b) * (float)wn_rng_below(&rng, 1001) / 1000.0f;
        float got;

        v = v > a ? a : v < b ? b : v;
        got = lm_unquant16(&q, lm_quant_code(&q, v, LM_Q16_MAX), LM_LOG_ZERO);
        /* the values have up to 8 digits before the rounding of float32 */
        if (fabsf(got - v) > fabsf(q.scale) * 0.5f + 4e-5f)
            fail_msg("%.9g in %.9g .. %.9g became %.9g", (double)v, (double)b, (double)a, (double)got);
        assert_true(lm_unquant16(&q, lm_quant_code(&q, a, LM_Q16_MAX), LM_LOG_ZERO) == a);
    }
}

static void tables_have_the_least_lines_for_their_load(void **state)
{
    (void)state;
    /* 0.6 * 4, 0.79 * 4, 0.8 * 8, 0.8 * 8, 0.85 * 16, 0.6 * 2, 0.8 * 5, 0.8 * 8 */
    static const double load[N_KINDS] = { 2.4, 3.16, 6.4, 6.4, 13.6, 1.2, 4.0, 6.4 };

    for (unsigned i = 0; i < N_KINDS; i++) {
        for (uint64_t n = 0; n < 3000; n++) {
            uint64_t b = lm_buckets_for(kinds[i], n);

            assert_true((double)n <= (double)b * load[i] + 1e-6 && b >= 1);
            assert_true(b == 1 || (double)n > (double)(b - 1) * load[i] - 1e-6);
        }
    }
    assert_true(lm_buckets_for(LM_TABLE_TOP, UINT64_C(64) << 50) == UINT64_C(10) << 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_those_of_a_naive_queue),
        cmocka_unit_test(codes_are_the_nearest_and_the_largest_is_exact),
        cmocka_unit_test(tables_have_the_least_lines_for_their_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
