/*
 * test_lm_index.c - a model's index as a stream, and a stream as an index.  What comes out
 * is compared with what went in, with KenLM's order of n-grams (tests/vectors/ngram), and
 * with the same question answered by counting.
 */
#include "unit/lm_texts.h"

#include <unistd.h>

#include "lm/lm_index.h"

/* ---- a consumer that checks all that the stream promises ------------------------------------ */

struct seen {
    struct lm_shape shape;
    unsigned order;
    uint64_t n[WN_LM_MAX_ORDER + 1];
    uint32_t *words[WN_LM_MAX_ORDER + 1];      /* by rank                         */
    uint16_t *left[WN_LM_MAX_ORDER + 1];       /* as they came                    */
    uint16_t *want_left[WN_LM_MAX_ORDER + 1];  /* from the n-grams of the order above */
    bool ended;
};

static enum wn_status seen_begin(void *ctx, const struct lm_shape *shape, const struct lm_room *room,
                                 struct wn_err *err)
{
    struct seen *s = ctx;

    (void)room;
    (void)err;
    s->shape = *shape;
    for (unsigned k = 1; k <= shape->order; k++) {
        s->words[k] = calloc((size_t)shape->n[k] * k + 1, sizeof(uint32_t));
        s->left[k] = calloc((size_t)shape->n[k] + 1, sizeof(uint16_t));
        s->want_left[k] = calloc((size_t)shape->n[k] + 1, sizeof(uint16_t));
    }
    return WN_OK;
}

/* Words, suffixes, masks: as they stand in the block. */
static enum wn_status seen_work(void *ctx, const struct lm_block *b, struct wn_buf *out, struct wn_err *err)
{
    const struct seen *s = ctx;

    for (size_t i = 0; i < b->n * b->order; i++)
        assert_true(b->words[i] < s->shape.n[1]);
    assert_true((b->backoff == NULL) == (b->order == s->shape.order));
    assert_true((b->suffix == NULL) == (b->order == 1));
    assert_true((b->left == NULL) == (b->order == s->shape.order));
    wn_buf_add(out, (struct wn_str){ (const char *)b->words, b->n * b->order * sizeof(uint32_t) });
    if (b->suffix)
        wn_buf_add(out, (struct wn_str){ (const char *)b->suffix, b->n * sizeof(uint64_t) });
    if (b->left)
        wn_buf_add(out, (struct wn_str){ (const char *)b->left, b->n * sizeof(uint16_t) });
    return wn_buf_status(out, err);
}

static void check_order(const struct seen *s, unsigned k, uint64_t rank)
{
    const uint32_t *a = s->words[k] + (rank - 1) * k, *b = a + k;
    unsigned i = k - 1;

    while (i > 0 && a[i] == b[i])
        i--;
    assert_true(a[i] < b[i]);
}

static enum wn_status seen_take(void *ctx, unsigned k, uint64_t first, size_t n, struct wn_str out, struct wn_err *err)
{
    struct seen *s = ctx;
    size_t at = n * k * sizeof(uint32_t);

    (void)err;
    assert_true(k == s->order || k == s->order + 1);
    s->order = k;
    assert_int_equal(first, s->n[k]);
    memcpy(s->words[k] + first * k, out.ptr, at);
    for (size_t i = 0; k >= 2 && i < n; i++) {
        const uint32_t *w = s->words[k] + (first + i) * k;
        uint64_t suffix;

        memcpy(&suffix, out.ptr + at + i * sizeof(suffix), sizeof(suffix));
        assert_true(suffix < s->n[k - 1]);
        assert_memory_equal(w + 1, s->words[k - 1] + suffix * (k - 1), (k - 1) * sizeof(uint32_t));
        s->want_left[k - 1][suffix] |= (uint16_t)(1u << lm_key_left_class(s->shape.word_hash[w[0]]));
    }
    at += k >= 2 ? n * sizeof(uint64_t) : 0;
    if (k < s->shape.order)
        memcpy(s->left[k] + first, out.ptr + at, n * sizeof(uint16_t));
    for (size_t i = 0; i < n; i++) {
        if (first + i > 0)
            check_order(s, k, first + i);
    }
    s->n[k] += n;
    return WN_OK;
}

static enum wn_status seen_end(void *ctx, struct wn_err *err)
{
    struct seen *s = ctx;

    (void)err;
    s->ended = true;
    return WN_OK;
}

static void seen_release(struct seen *s)
{
    for (unsigned k = 1; k <= WN_LM_MAX_ORDER; k++) {
        free(s->words[k]);
        free(s->left[k]);
        free(s->want_left[k]);
    }
}

/* ---- helpers ---------------------------------------------------------------------------------- */

static const struct case_row {
    const char *text;
    unsigned order;
    uint64_t prune[WN_LM_MAX_ORDER];
} cases[] = {
    { "t1_toy", 1, { 0 } },
    { "t1_toy", 2, { 0 } },
    { "t1_toy", 5, { 0 } },
    { "t1_toy", 8, { 0 } },
    { "t2_phrases", 3, { 0 } },
    { "t2_phrases", 5, { 0, 0, 1, 2, 2 } },
    { "t3_unicode", 5, { 0 } },
    { "t4_zipf", 3, { 0, 1, 1 } },
    { "t7_oneword", 4, { 0 } },
    { "t8_repeat", 6, { 3, 3, 3, 3, 3, 3 } },
};

static struct wn_lm *case_model(const struct case_row *c)
{
    return texts_model_pruned(c->text, c->order, c->prune);
}

static struct wn_lm *rebuilt(const struct wn_lm *lm, unsigned jobs)
{
    struct lm_room room = { .jobs = jobs, .memory_bytes = UINT64_MAX };
    struct lm_index_builder *b;
    struct lm_consumer c;
    const struct lm_consumer *const all[] = { &c };
    struct wn_lm *out;
    struct wn_err err;

    assert_int_equal(lm_index_builder_new(&b, &err), WN_OK);
    c = lm_index_builder_consumer(b);
    assert_int_equal(lm_index_builder_take(b, &out, &err), WN_BROKEN);
    if (lm_index_produce(lm, all, 1, &room, &err) != WN_OK)
        fail_msg("%s", err.text);
    assert_int_equal(lm_index_builder_take(b, &out, &err), WN_OK);
    lm_index_builder_free(b);
    return out;
}

/* ---- tests ------------------------------------------------------------------------------------- */

static void streams_are_closed_sorted_and_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lm_room room = { .jobs = 1 + i % 3, .memory_bytes = UINT64_MAX };
        struct wn_lm *lm = case_model(&cases[i]);
        struct seen a = { 0 }, b = { 0 };
        struct lm_consumer ca = { .ctx = &a, .begin = seen_begin, .work = seen_work, .take = seen_take, .end = seen_end };
        struct lm_consumer cb = ca;
        const struct lm_consumer *const all[] = { &ca, &cb };
        struct wn_err err;

        cb.ctx = &b;
        if (lm_index_produce(lm, all, 2, &room, &err) != WN_OK)
            fail_msg("%s", err.text);
        assert_true(a.ended && b.ended);
        for (unsigned k = 1; k <= cases[i].order; k++) {
            assert_int_equal(a.n[k], wn_lm_ngrams(lm, k));
            assert_memory_equal(a.words[k], b.words[k], (size_t)a.n[k] * k * sizeof(uint32_t));
            if (k < cases[i].order)
                assert_memory_equal(a.left[k], a.want_left[k], (size_t)a.n[k] * sizeof(uint16_t));
        }
        seen_release(&a);
        seen_release(&b);
        wn_lm_free(lm);
    }
}

/* The estimator's index is made another way, and agrees with KenLM's files. */
static void a_rebuilt_index_is_the_one_that_was_streamed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wn_lm *lm = case_model(&cases[i]);

        for (unsigned jobs = 1; jobs <= 4; jobs += 3) {
            struct wn_lm *again = rebuilt(lm, jobs);

            if (!wn_str_eq(wn_lm_image(lm), wn_lm_image(again)))
                fail_msg("%s order %u jobs %u: another image", cases[i].text, cases[i].order, jobs);
            wn_lm_free(again);
        }
        wn_lm_free(lm);
    }
}

/* More n-grams than one chunk or one bucket holds. */
static void large_orders_go_through_many_buckets(void **state)
{
    struct wn_buf text = { 0 };
    struct wn_lm *lm, *again;
    uint32_t x = 1;

    (void)state;
    for (unsigned i = 0; i < 150000; i++) {
        x = x * 1664525u + 1013904223u;                       /* Numerical Recipes' generator */
        wn_buf_addf(&text, "w%u%c", (x >> 8) % (1 + (x >> 20)), i % 21 == 20 ? '\n' : ' ');
    }
    lm = fixture_model(wn_buf_str(&text), 4, WN_TOK_WHITESPACE, NULL);
    assert_true(wn_lm_ngrams(lm, 2) > 1u << 16 && wn_lm_ngrams(lm, 4) > 1u << 16);
    again = rebuilt(lm, 2);
    assert_true(wn_str_eq(wn_lm_image(lm), wn_lm_image(again)));
    wn_lm_free(again);
    wn_lm_free(lm);
    wn_buf_release(&text);
}

/* ---- streams that break their promises ---------------------------------------------------------- */

struct ngram {
    uint32_t w[3];
    uint64_t suffix;
};

/* Sends the words <unk> <s> </s> a, then N2 bigrams and N3 trigrams. */
static enum wn_status send(const struct ngram *two, size_t n2, const struct ngram *three, size_t n3, uint64_t say3,
                           struct wn_err *err)
{
    struct lm_room room = { .jobs = 1, .memory_bytes = UINT64_MAX };
    uint32_t one[] = { 0, 1, 2, 3 }, id;
    float zero[16] = { 0 };
    struct lm_shape shape = { .order = 3, .n = { 0, 4, n2, say3 } };
    struct lm_index_builder *b;
    struct lm_consumer c;
    struct vocab v;
    struct wn_buf out = { 0 };
    enum wn_status st;

    assert_int_equal(vocab_init(&v, NULL), WN_OK);
    assert_int_equal(vocab_intern(&v, WN_STR("a"), &id, NULL), WN_OK);
    shape.vocab = &v;
    assert_int_equal(lm_index_builder_new(&b, NULL), WN_OK);
    c = lm_index_builder_consumer(b);
    st = c.begin(c.ctx, &shape, &room, err);
    for (unsigned k = 1; st == WN_OK && k <= 3; k++) {
        const struct ngram *g = k == 3 ? three : two;
        size_t n = k == 1 ? 4 : k == 2 ? n2 : n3;
        uint32_t words[48];
        uint64_t suffix[16];
        struct lm_block blk = { .order = k, .n = n, .words = k == 1 ? one : words, .prob = zero };

        for (size_t i = 0; k >= 2 && i < n; i++) {
            memcpy(words + i * k, g[i].w, k * sizeof(uint32_t));
            suffix[i] = g[i].suffix;
        }
        blk.suffix = k >= 2 ? suffix : NULL;
        blk.backoff = k < 3 ? zero : NULL;
        wn_buf_reset(&out);
        st = c.work(c.ctx, &blk, &out, err);
        if (st == WN_OK && n > 0)
            st = c.take(c.ctx, k, 0, n, wn_buf_str(&out), err);
    }
    if (st == WN_OK)
        st = c.end(c.ctx, err);
    wn_buf_release(&out);
    lm_index_builder_free(b);
    vocab_release(&v);
    return st;
}

static void expect_bad(const struct ngram *two, size_t n2, const struct ngram *three, size_t n3, uint64_t say3,
                       const char *why)
{
    struct wn_err err = { 0 };

    assert_int_equal(send(two, n2, three, n3, say3, &err), WN_BADDATA);
    if (!strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
}

static void broken_streams_are_refused(void **state)
{
    static const struct ngram two[] = { { { 1, 3 }, 3 }, { { 3, 3 }, 3 } };
    static const struct ngram good[] = { { { 1, 3, 3 }, 1 } };
    static const struct ngram no_context[] = { { { 2, 3, 3 }, 1 } };
    static const struct ngram twice[] = { { { 1, 3, 3 }, 1 }, { { 1, 3, 3 }, 1 } };
    static const struct ngram far[] = { { { 1, 3, 3 }, 7 } };
    static const struct ngram unsorted[] = { { { 3, 3 }, 3 }, { { 1, 3 }, 3 } };
    struct wn_err err;

    (void)state;
    assert_int_equal(send(two, 2, good, 1, 1, &err), WN_OK);
    assert_int_equal(send(two, 2, NULL, 0, 0, &err), WN_OK);
    assert_int_equal(send(NULL, 0, NULL, 0, 0, &err), WN_OK);
    expect_bad(two, 2, no_context, 1, 1, "came without its context");
    expect_bad(two, 2, twice, 2, 2, "is out of order");
    expect_bad(two, 2, far, 1, 1, "is out of order");
    expect_bad(unsorted, 2, good, 1, 1, "is out of order");
    expect_bad(two, 2, good, 1, 2, "1 n-grams of order 3 came, 2 were announced");
    expect_bad(two, 2, twice, 2, 1, "is out of order");
}

/* ---- files ----------------------------------------------------------------------------------------- */

static void a_written_model_is_the_model(void **state)
{
    struct wn_lm *lm = case_model(&cases[5]), *back;
    struct wn_buf arpa = { 0 };
    struct wn_lm_output to = { 0 };
    struct wn_str text;
    struct wn_err err;
    char path[] = "/tmp/winnow-lm-index-XXXXXX", arpa_path[64];
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    snprintf(arpa_path, sizeof(arpa_path), "%s.arpa", path);
    assert_int_equal(wn_lm_write(lm, &to, NULL, &err), WN_BADCONF);
    to.model = path;
    to.arpa = arpa_path;
    to.parts = WN_LM_WORDS | WN_LM_INDEX;
    if (wn_lm_write(lm, &to, NULL, &err) != WN_OK || wn_lm_open(&back, path, &err) != WN_OK)
        fail_msg("%s", err.text);
    assert_true(wn_str_eq(wn_lm_image(back), wn_lm_image(lm)));
    text = fixture_read(arpa_path);
    assert_int_equal(wn_lm_arpa(lm, fixture_collect, &arpa, &err), WN_OK);
    assert_true(wn_str_eq(text, wn_buf_str(&arpa)));
    wn_lm_free(back);

    to = (struct wn_lm_output){ .model = path, .parts = WN_LM_TABLES };     /* nothing to walk in it */
    if (wn_lm_write(lm, &to, NULL, &err) != WN_OK || wn_lm_open(&back, path, &err) != WN_OK)
        fail_msg("%s", err.text);
    assert_int_equal(wn_lm_write(back, &to, NULL, &err), WN_BADCONF);
    assert_string_equal(err.text, "cannot write the model: the model has no words; write it with both words and index");
    wn_lm_free(back);
    unlink(path);
    unlink(arpa_path);
    fixture_drop(text);
    wn_buf_release(&arpa);
    wn_lm_free(lm);
}

static void stopping_is_obeyed(void **state)
{
    atomic_int stop = 1;
    struct lm_room room = { .jobs = 1, .memory_bytes = UINT64_MAX, .stop = &stop };
    struct wn_lm *lm = case_model(&cases[4]);
    struct lm_index_builder *b;
    struct lm_consumer c;
    const struct lm_consumer *const all[] = { &c };
    struct wn_err err;

    (void)state;
    assert_int_equal(lm_index_builder_new(&b, &err), WN_OK);
    c = lm_index_builder_consumer(b);
    assert_int_equal(lm_index_produce(lm, all, 1, &room, &err), WN_CANCELLED);
    lm_index_builder_free(b);
    wn_lm_free(lm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_closed_sorted_and_complete),
        cmocka_unit_test(a_rebuilt_index_is_the_one_that_was_streamed),
        cmocka_unit_test(large_orders_go_through_many_buckets),
        cmocka_unit_test(broken_streams_are_refused),
        cmocka_unit_test(a_written_model_is_the_model),
        cmocka_unit_test(stopping_is_obeyed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
