/*
 * test_lm_build.c - estimating into a stream and into files: what is told, what is refused,
 * and that threads, memory and the way out change nothing.
 */
#include "unit/lm_stream_record.h"

#include "lm/lm_build.h"
#include "support/scratch_group.h"

static enum wn_status stream_of(struct stream_record *r, struct wn_counts *c, const struct wn_lm_opts *opts,
                                struct wn_lm_made *made, struct wn_err *err)
{
    const struct lm_consumer consumer = record_consumer(r), *list[] = { &consumer };

    return lm_estimate_stream(c, false, opts, list, 1, made, err);
}

/* lmplz's own account of t2_o3_p1 (manifest.tsv of the vectors). */
static void what_was_made_equals_lmplz_figures(void **state)
{
    struct wn_str text = fixture_read(NGRAM_DATA "text/t2_phrases.txt");
    struct wn_counts *c = fixture_counts(text, 3, WN_TOK_WHITESPACE);
    struct wn_lm_opts opts = { .prune = { 1, 1, 1 } };
    struct stream_record r;
    struct wn_lm_made made;

    (void)state;
    assert_int_equal(stream_of(&r, c, &opts, &made, NULL), WN_OK);
    assert_int_equal(made.n_all[1], 210);
    assert_int_equal(made.n[2], 2610);
    assert_int_equal(made.n_all[2], 4856);
    assert_int_equal(made.n_all[3], 15204);
    assert_float_equal(made.discount[1][1], 0.5, 1e-6);
    assert_float_equal(made.discount[2][1], 0.585734, 1e-6);
    assert_float_equal(made.discount[2][2], 1.17249, 1e-5);
    assert_float_equal(made.discount[2][3], 1.49099, 1e-5);
    assert_int_equal(made.fell_back & 3, 1);
    assert_int_equal(made.train_tokens, wn_counts_tokens(c));
    for (unsigned k = 1; k <= 3; k++)
        assert_int_equal(r.at[k].n, made.n[k]);
    record_release(&r);
    wn_counts_free(c);
    fixture_drop(text);
}

/* Ids by appearance: b 3, a 4.  So: b </s>, a </s>, <s> b, a b, <s> a, b a. */
static void bigrams_come_in_suffix_order_with_their_suffixes(void **state)
{
    static const uint32_t want[6][2] = { { 3, 2 }, { 4, 2 }, { 1, 3 }, { 4, 3 }, { 1, 4 }, { 3, 4 } };
    struct wn_counts *c = fixture_counts(WN_STR("b a b\na\n"), 2, WN_TOK_WHITESPACE);
    struct stream_record r;

    (void)state;
    assert_int_equal(stream_of(&r, c, NULL, NULL, NULL), WN_OK);
    assert_int_equal(r.at[1].n, 5);
    assert_int_equal(r.at[2].n, 6);
    assert_memory_equal(r.at[2].words, want, sizeof(want));
    for (int i = 0; i < 6; i++)
        assert_int_equal(r.at[2].suffix[i], want[i][1]);
    record_release(&r);
    wn_counts_free(c);
}

static enum wn_status fail_begin(void *ctx, const struct lm_shape *shape, const struct lm_room *room,
                                 struct wn_err *err)
{
    (void)ctx;
    (void)shape;
    (void)room;
    return wn_fail(err, WN_LIMIT, "no room");
}

static enum wn_status fail_work(void *ctx, const struct lm_block *b, struct wn_buf *out, struct wn_err *err)
{
    const unsigned *order = ctx;

    (void)out;
    return b->order == *order ? wn_fail(err, WN_NOMEM, "no memory at %u", b->order) : WN_OK;
}

static enum wn_status fail_take(void *ctx, unsigned order, uint64_t first, size_t n, struct wn_str out,
                                struct wn_err *err)
{
    const unsigned *fails = ctx;

    (void)first;
    (void)n;
    (void)out;
    return order == *fails ? wn_fail(err, WN_IO, "disk full at %u", order) : WN_OK;
}

static enum wn_status never_end(void *ctx, struct wn_err *err)
{
    (void)ctx;
    (void)err;
    fail_msg("a failed stream has no end");
    return WN_OK;
}

static enum wn_status plain_begin(void *ctx, const struct lm_shape *shape, const struct lm_room *room,
                                  struct wn_err *err)
{
    (void)ctx;
    (void)shape;
    (void)room;
    (void)err;
    return WN_OK;
}

static enum wn_status plain_work(void *ctx, const struct lm_block *b, struct wn_buf *out, struct wn_err *err)
{
    (void)ctx;
    (void)b;
    (void)out;
    (void)err;
    return WN_OK;
}

static enum wn_status plain_take(void *ctx, unsigned order, uint64_t first, size_t n, struct wn_str out,
                                 struct wn_err *err)
{
    (void)ctx;
    (void)order;
    (void)first;
    (void)n;
    (void)out;
    (void)err;
    return WN_OK;
}

static void expect_failure(struct wn_str text, const struct lm_consumer *consumer, enum wn_status want,
                           const char *message)
{
    struct wn_counts *c = fixture_counts(text, 3, WN_TOK_WHITESPACE);
    struct wn_lm_opts opts = { .room = { .jobs = 3 } };
    struct wn_err err;

    assert_int_equal(lm_estimate_stream(c, false, &opts, &consumer, 1, NULL, &err), want);
    assert_string_equal(err.text, message);
    wn_counts_free(c);
}

static void a_failing_consumer_stops_the_stream(void **state)
{
    struct wn_str text = fixture_read(NGRAM_DATA "text/t2_phrases.txt");

    (void)state;
    for (unsigned order = 1; order <= 3; order++) {
        struct lm_consumer c = { .ctx = &order, .begin = fail_begin, .work = plain_work, .take = plain_take,
                                 .end = never_end };
        char message[64];

        expect_failure(text, &c, WN_LIMIT, "no room");
        c.begin = plain_begin;
        c.work = fail_work;
        snprintf(message, sizeof(message), "no memory at %u", order);
        expect_failure(text, &c, WN_NOMEM, message);
        c.work = plain_work;
        c.take = fail_take;
        snprintf(message, sizeof(message), "disk full at %u", order);
        expect_failure(text, &c, WN_IO, message);
    }
    fixture_drop(text);
}

static void a_raised_flag_stops_the_estimate(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR("a b\nb c\n"), 3, WN_TOK_WHITESPACE);
    atomic_int stop = 1;
    struct wn_lm_opts opts = { .room = { .stop = &stop } };
    struct stream_record r;
    struct wn_lm *lm;

    (void)state;
    assert_int_equal(stream_of(&r, c, &opts, NULL, NULL), WN_CANCELLED);
    record_release(&r);
    assert_int_equal(wn_lm_estimate(&lm, c, &opts, NULL, NULL), WN_CANCELLED);
    assert_null(lm);
    wn_counts_free(c);
}

static void check_file(const char *path, struct wn_str want)
{
    struct wn_str got = fixture_read(path);

    assert_true(wn_str_eq(got, want));
    fixture_drop(got);
}

/* One pass writes both files; the model scores as the one in memory. */
static void a_build_writes_arpa_and_model_at_once(void **state)
{
    struct wn_str text = fixture_read(NGRAM_DATA "text/t2_phrases.txt");
    struct wn_str want = fixture_read(NGRAM_DATA "arpa/t2_o3.arpa");
    struct wn_counts *c = fixture_counts(text, 3, WN_TOK_WHITESPACE);
    struct wn_lm_output to = { .arpa = scratch_path(&scratch, "m.arpa"), .model = scratch_path(&scratch, "m.wlm") };
    struct wn_lm_made made;
    struct wn_err err;
    struct wn_lm *lm;
    uint32_t h;

    (void)state;
    if (wn_lm_build(c, NULL, &to, &made, &err) != WN_OK)
        fail_msg("%s", err.text);
    wn_counts_free(c);
    check_file(to.arpa, want);
    assert_int_equal(wn_lm_open_verify(&lm, to.model, WN_LM_VERIFY_ALL, &err), WN_OK);
    assert_int_equal(wn_lm_parts(lm), WN_LM_WORDS | WN_LM_TABLES | WN_LM_INDEX);
    assert_int_equal(wn_lm_ngrams(lm, 3), made.n[3]);
    h = WN_LM_BOS;
    assert_true(wn_lm_prob(lm, &h, 1, WN_LM_EOS) < 0.0);
    wn_lm_free(lm);
    fixture_drop(want);
    fixture_drop(text);
}

static void a_build_that_fails_leaves_no_file(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR("a\n"), 2, WN_TOK_WHITESPACE);
    struct wn_lm_opts strict = { .strict_discounts = true };
    struct wn_lm_output to = { .arpa = scratch_path(&scratch, "no.arpa"),
                               .model = scratch_path(&scratch, "no.wlm") };
    int before = scratch_count(&scratch);
    struct wn_err err;

    (void)state;
    assert_int_equal(wn_lm_build(c, &strict, &to, NULL, &err), WN_BADDATA);
    assert_string_equal(err.text,
                        "cannot estimate discounts for order 1: 2, 0, 0 and 0 n-grams with counts 1 to 4");
    assert_int_equal(scratch_count(&scratch), before);
    wn_counts_free(c);
}

static void a_build_without_a_file_or_text_is_refused(void **state)
{
    struct wn_counts *c = fixture_counts(WN_STR(""), 2, WN_TOK_WHITESPACE);
    struct wn_lm_output none = { 0 }, to = { .arpa = scratch_path(&scratch, "no.arpa") };
    struct wn_err err;

    (void)state;
    assert_int_equal(wn_lm_build(c, NULL, &none, NULL, &err), WN_BADCONF);
    assert_int_equal(wn_lm_build(c, NULL, &to, NULL, &err), WN_BADDATA);
    assert_string_equal(err.text, "cannot estimate a model: no text was counted");
    wn_counts_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_made_equals_lmplz_figures),
        cmocka_unit_test(bigrams_come_in_suffix_order_with_their_suffixes),
        cmocka_unit_test(a_failing_consumer_stops_the_stream),
        cmocka_unit_test(a_raised_flag_stops_the_estimate),
        cmocka_unit_test(a_build_writes_arpa_and_model_at_once),
        cmocka_unit_test(a_build_that_fails_leaves_no_file),
        cmocka_unit_test(a_build_without_a_file_or_text_is_refused),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
