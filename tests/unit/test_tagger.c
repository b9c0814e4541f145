#include <math.h>

#include "support/cm.h"
#include "unit/two_sources.h"

#include "detect/fuse.h"

static struct wn_err err;
static struct wn_buf image;
static struct wn_model *model;
static struct wn_arena arena;

static int build(void **state)
{
    struct wn_quality q;

    (void)state;
    if (two_sources_train(&image, &q, 300, 120, 2, NULL, &err) != WN_OK)
        return -1;
    return wn_model_view(&model, wn_buf_str(&image), "test", &err) == WN_OK ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    wn_model_free(model);
    wn_buf_release(&image);
    wn_arena_release(&arena);
    return 0;
}

static struct wn_tag tag_with(const struct wn_tagger_opts *o, struct wn_str text)
{
    struct wn_tagger *t = NULL;
    struct wn_tagger_scratch *w;
    struct wn_tag tag;

    assert_int_equal(wn_tagger_new(&t, o, &err), WN_OK);
    w = wn_tagger_scratch_new(t);
    assert_non_null(w);
    assert_int_equal(wn_tagger_tag(t, w, text, &arena, &tag, &err), WN_OK);
    wn_tagger_scratch_free(w);
    wn_tagger_free(t);
    return tag;
}

static struct wn_tag tag_writer(bool machine, uint64_t seed, size_t n_words)
{
    struct wn_buf text = { 0 };
    struct wn_tag tag;

    two_sources_text(&text, machine, seed, n_words);
    tag = tag_with(&(struct wn_tagger_opts){ .model = model }, wn_buf_str(&text));
    wn_buf_release(&text);
    return tag;
}

static void long_texts_of_both_writers_are_told_apart(void **state)
{
    struct wn_tag machine = tag_writer(true, 5, 300), human = tag_writer(false, 5, 300);

    (void)state;
    assert_int_equal(machine.verdict, WN_SYNTHETIC);
    assert_int_equal(machine.tier, WN_TIER_LIKELY);
    assert_true(machine.p_synthetic > 0.9 && machine.p_human_null <= 0.05);
    assert_non_null(strstr(machine.why, "reads like the synthetic texts"));
    assert_int_equal(human.verdict, WN_HUMAN);
    assert_true(human.p_synthetic < 0.1);
    assert_string_equal(human.evidence[0].detector, "ngram");
    assert_true(human.evidence[0].log_odds_nats < 0);
}

static void short_text_is_unknown_and_says_why(void **state)
{
    struct wn_tag tag = tag_writer(true, 6, 20);

    (void)state;
    assert_int_equal(tag.verdict, WN_UNKNOWN);
    assert_int_equal(tag.tier, WN_TIER_UNCLEAR);
    assert_true(tag.p_synthetic == 0.5 && tag.p_human_null == 1);
    assert_non_null(strstr(tag.why, "too short"));
    assert_non_null(strstr(tag.untested, "fewer than 40"));
    assert_int_equal(tag.n_evidence, 0);
}

static void text_in_another_language_is_unknown(void **state)
{
    struct wn_buf text = { 0 };
    struct wn_tag tag;

    (void)state;
    for (int i = 0; i < 100; i++)
        wn_buf_addf(&text, "wort%c%c ", 'a' + i % 26, 'a' + i / 26);
    tag = tag_with(&(struct wn_tagger_opts){ .model = model }, wn_buf_str(&text));
    assert_int_equal(tag.verdict, WN_UNKNOWN);
    assert_non_null(strstr(tag.why, "100 % of the words unknown"));
    assert_non_null(strstr(tag.untested, "out of domain"));
    wn_buf_release(&text);
}

static void what_was_not_tested_is_named(void **state)
{
    struct wn_tag tag = tag_with(&(struct wn_tagger_opts){ .no_marks = true }, WN_STR("some words"));

    (void)state;
    assert_int_equal(tag.verdict, WN_UNKNOWN);
    assert_int_equal(tag.n_tokens, 2);
    assert_int_equal(tag.n_points, 10);
    assert_string_equal(tag.untested, "perplexity: no model given; watermark: no key given; rules: none given; "
                                      "marks: switched off");
}

static void empty_text_is_unknown(void **state)
{
    struct wn_tag tag = tag_with(&(struct wn_tagger_opts){ .model = model }, WN_STR(""));

    (void)state;
    assert_int_equal(tag.verdict, WN_UNKNOWN);
    assert_int_equal(tag.n_tokens, 0);
}

static void smaller_rate_calls_fewer_texts_synthetic(void **state)
{
    struct wn_buf text = { 0 };
    struct wn_tag tag;

    (void)state;
    two_sources_text(&text, true, 5, 300);
    tag = tag_with(&(struct wn_tagger_opts){ .model = model, .fpr = 1e-6 }, wn_buf_str(&text));
    assert_int_equal(tag.verdict, WN_UNKNOWN);      /* no calibration set of this size gives p <= 1e-6 */
    wn_buf_release(&text);
}

static void tag_does_not_depend_on_what_was_tagged_before(void **state)
{
    struct wn_tagger *t = NULL;
    struct wn_tagger_scratch *w;
    struct wn_buf a = { 0 }, b = { 0 }, j1 = { 0 }, j2 = { 0 };
    struct wn_tag tag;

    (void)state;
    two_sources_text(&a, true, 7, 150);
    two_sources_text(&b, false, 8, 500);
    assert_int_equal(wn_tagger_new(&t, &(struct wn_tagger_opts){ .model = model }, &err), WN_OK);
    w = wn_tagger_scratch_new(t);
    assert_int_equal(wn_tagger_tag(t, w, wn_buf_str(&a), &arena, &tag, &err), WN_OK);
    wn_tag_write_json(&j1, &tag);
    assert_int_equal(wn_tagger_tag(t, w, wn_buf_str(&b), &arena, &tag, &err), WN_OK);
    assert_int_equal(wn_tagger_tag(t, w, wn_buf_str(&a), &arena, &tag, &err), WN_OK);
    wn_tag_write_json(&j2, &tag);
    assert_true(wn_str_eq(wn_buf_str(&j1), wn_buf_str(&j2)));
    wn_tagger_scratch_free(w);
    wn_tagger_free(t);
    wn_buf_release(&a);
    wn_buf_release(&b);
    wn_buf_release(&j1);
    wn_buf_release(&j2);
}

/* ---- rules ------------------------------------------------------------------------------- */

static struct wn_rules *one_rule(const char *weight)
{
    struct wn_buf text = { 0 };
    struct wn_rules *r = NULL;

    wn_buf_addf(&text, "# test\n# language: en (English)\n\nrule zappo\n  weight %s\n  why Says zappo\n  match \\bzappo\\b\n"
                       "  must Well, zappo it is.\n  must Zappo!\n  must So zappo.\n"
                       "  mustnot Well, zap it is.\n  mustnot Zappos.\n  mustnot Mozappo.\n", weight);
    assert_int_equal(wn_rules_parse(&r, "test.rules", wn_buf_str(&text), &err), WN_OK);
    wn_buf_release(&text);
    return r;
}

static void heavy_rule_raises_unknown(void **state)
{
    struct wn_rules *r = one_rule("4");
    struct wn_tag tag = tag_with(&(struct wn_tagger_opts){ .rules = r }, WN_STR("Oh zappo my friend."));

    (void)state;
    assert_int_equal(tag.verdict, WN_SYNTHETIC);
    assert_int_equal(tag.tier, WN_TIER_LIKELY);
    assert_true(fabs(tag.p_synthetic - 1 / (1 + exp(-4))) < 1e-12);
    assert_string_equal(tag.evidence[0].detector, "rules");
    wn_rules_free(r);
}

static void light_rule_only_moves_the_probability(void **state)
{
    struct wn_rules *r = one_rule("2");
    struct wn_tag tag = tag_with(&(struct wn_tagger_opts){ .rules = r }, WN_STR("Oh zappo my friend."));

    (void)state;
    assert_int_equal(tag.verdict, WN_UNKNOWN);
    assert_true(fabs(tag.p_synthetic - 1 / (1 + exp(-2))) < 1e-12);
    wn_rules_free(r);
}

static void model_brings_its_rules_along(void **state)
{
    struct wn_rules *r = one_rule("4");
    struct wn_buf with = { 0 };
    struct wn_model *m = NULL;
    struct wn_quality q;
    struct wn_tag tag;

    (void)state;
    assert_int_equal(two_sources_train(&with, &q, 100, 80, 1, r, &err), WN_OK);
    wn_rules_free(r);
    assert_int_equal(wn_model_view(&m, wn_buf_str(&with), "m", &err), WN_OK);
    tag = tag_with(&(struct wn_tagger_opts){ .model = m }, WN_STR("Oh zappo my friend."));
    assert_int_equal(tag.verdict, WN_SYNTHETIC);
    tag = tag_with(&(struct wn_tagger_opts){ .model = m, .no_rules = true }, WN_STR("Oh zappo my friend."));
    assert_int_equal(tag.verdict, WN_UNKNOWN);
    assert_non_null(strstr(tag.untested, "rules: switched off"));
    wn_model_free(m);
    wn_buf_release(&with);
}

/* ---- watermark ----------------------------------------------------------------------------- */

/* Text over the vocabulary of LM; with BIAS every word is drawn from the green list. */
static void marked_text(struct wn_buf *out, const struct wn_lm *lm, struct wn_kgw *k)
{
    uint32_t v = wn_lm_vocab_size(lm), before = 3;
    struct wn_rng r;

    wn_rng_init(&r, 11, WN_DOMAIN_WATERMARK, 0, 0, 0);
    for (int i = 0; i < 80; i++) {
        uint32_t id;

        do {
            id = 3 + (uint32_t)wn_rng_below(&r, v - 3);
        } while (wn_lm_word(lm, id).len < 3 || (k && !wn_kgw_green(k, before, id)));
        if (i)
            wn_buf_addc(out, ' ');
        wn_buf_add(out, wn_lm_word(lm, id));
        before = id;
    }
}

static void keyed_mark_decides_and_is_certain(void **state)
{
    struct wn_lm *lm = two_sources_lm(false, &err);
    struct wn_kgw *right = NULL, *wrong = NULL;
    struct wn_tagger_opts o = { 0 };
    struct wn_buf text = { 0 };
    struct wn_tag tag;

    (void)state;
    assert_non_null(lm);
    assert_int_equal(wn_kgw_new(&right, &(struct wn_kgw_opts){ .vocab_size = wn_lm_vocab_size(lm) }, &err), WN_OK);
    assert_int_equal(wn_kgw_new(&wrong, &(struct wn_kgw_opts){ .key = 99, .vocab_size = wn_lm_vocab_size(lm) }, &err), WN_OK);
    marked_text(&text, lm, right);
    o.n_keys = 2;
    o.keys[0].kgw = wrong;
    o.keys[0].lm = lm;
    o.keys[0].name = "key 99";
    o.keys[1].kgw = right;
    o.keys[1].lm = lm;
    o.keys[1].name = "key 15485863";
    tag = tag_with(&o, wn_buf_str(&text));
    assert_int_equal(tag.verdict, WN_SYNTHETIC);
    assert_int_equal(tag.tier, WN_TIER_CERTAIN);
    assert_non_null(strstr(tag.why, "key 15485863"));
    assert_non_null(strstr(tag.why, "corrected for 2 keys"));
    assert_true(tag.evidence[0].hard && tag.evidence[0].log10_p < -6);
    assert_null(strstr(tag.untested, "watermark"));

    o.n_keys = 1;      /* the wrong key alone: no claim */
    tag = tag_with(&o, wn_buf_str(&text));
    assert_int_equal(tag.verdict, WN_UNKNOWN);
    assert_true(tag.evidence[0].log_odds_nats == 0);
    wn_lm_free(lm);
    wn_kgw_free(right);
    wn_kgw_free(wrong);
    wn_buf_release(&text);
}

static void senseless_options_are_refused(void **state)
{
    struct wn_tagger_opts many = { .n_keys = WN_MAX_KEYS + 1 }, empty_key = { .n_keys = 1 };
    struct wn_tagger_opts loose = { .watermark_p = 0.5 }, rate = { .fpr = 2 };
    struct wn_tagger *t = NULL;

    (void)state;
    assert_int_equal(wn_tagger_new(&t, &many, &err), WN_BADCONF);
    assert_int_equal(wn_tagger_new(&t, &empty_key, &err), WN_BADCONF);
    assert_int_equal(wn_tagger_new(&t, &loose, &err), WN_BADCONF);
    assert_int_equal(wn_tagger_new(&t, &rate, &err), WN_BADCONF);
    assert_null(t);
    wn_tagger_free(NULL);
    wn_tagger_scratch_free(NULL);
}

/* ---- fusion, by hand --------------------------------------------------------------------------- */

static struct fuse_out fuse(double p_human, double p_synthetic, double nats, double rules, double mark_log10_p)
{
    struct fuse_in in = { .prior = 0.5, .fpr = 0.01, .fnr = 0.05, .scored = true, .log_odds_nats = nats,
                          .p_human = p_human, .p_synthetic = p_synthetic, .rule_nats = rules,
                          .mark_log10_p = mark_log10_p, .watermark_p = 1e-6 };
    struct fuse_out out;

    fuse_decide(&in, &out);
    return out;
}

static void fusion_follows_its_table(void **state)
{
    (void)state;
    assert_int_equal(fuse(0.004, 0.5, 3, 0, 0).verdict, WN_SYNTHETIC);
    assert_int_equal(fuse(0.6, 0.01, -3, 0, 0).verdict, WN_HUMAN);
    assert_int_equal(fuse(0.3, 0.3, 0, 0, 0).verdict, WN_UNKNOWN);
    assert_int_equal(fuse(0.004, 0.01, 0, 0, 0).verdict, WN_UNKNOWN);    /* odd for both            */
    assert_int_equal(fuse(0.3, 0.3, 0, 3, 0).verdict, WN_SYNTHETIC);     /* sigmoid(3) = 0.953      */
    assert_int_equal(fuse(0.3, 0.3, -1, 3, 0).verdict, WN_UNKNOWN);      /* sigmoid(2) = 0.881      */
    assert_int_equal(fuse(0.3, 0.3, 4, 2.9, 0).verdict, WN_UNKNOWN);     /* rules below 3 nats      */
    assert_int_equal(fuse(0.6, 0.01, -3, 5, 0).verdict, WN_UNKNOWN);     /* classifier against rule */
    assert_int_equal(fuse(0.6, 0.01, -3, 0, -6).verdict, WN_SYNTHETIC);  /* p = threshold decides   */
    assert_int_equal(fuse(0.6, 0.01, -3, 0, -5.9).verdict, WN_HUMAN);
    assert_int_equal(fuse(0.6, 0.01, -3, 0, -6).tier, WN_TIER_CERTAIN);
}

/* p = 1e-6: -ln(e p (-ln p)) = -1 + 13.8155106 - ln 13.8155106 = 10.1897186 (Sellke, Bayarri
 * and Berger's bound, recomputed outside). */
static void mark_weighs_the_bound_of_its_p_value(void **state)
{
    (void)state;
    assert_true(fabs(fuse(1, 1, 0, 0, -6).mark_nats - 10.1897186) < 1e-6);
    assert_true(fuse(1, 1, 0, 0, -4000).mark_nats == 30);
    assert_true(fuse(1, 1, 0, 50, 0).rule_nats == 6);
    assert_true(fuse(1, 1, 0, -50, 0).rule_nats == -6);
}

/* Above 131,072 tokens a scratch gives its memory back. */
static void a_huge_text_does_not_change_the_next(void **state)
{
    struct wn_buf small = { 0 }, huge = { 0 };
    struct wn_tagger_scratch *w;
    struct wn_tagger *t = NULL;
    struct wn_tag before, tag, after;

    (void)state;
    two_sources_text(&small, true, 5, 300);
    two_sources_text(&huge, false, 6, 140000);
    assert_int_equal(wn_tagger_new(&t, &(struct wn_tagger_opts){ .model = model }, &err), WN_OK);
    w = wn_tagger_scratch_new(t);
    assert_non_null(w);
    assert_int_equal(wn_tagger_tag(t, w, wn_buf_str(&small), &arena, &before, &err), WN_OK);
    assert_int_equal(wn_tagger_tag(t, w, wn_buf_str(&huge), &arena, &tag, &err), WN_OK);
    assert_true(tag.n_tokens > 131072 && tag.verdict == WN_HUMAN);
    assert_int_equal(wn_tagger_tag(t, w, wn_buf_str(&small), &arena, &after, &err), WN_OK);
    assert_true(before.p_synthetic == after.p_synthetic);
    assert_string_equal(before.why, after.why);
    wn_tagger_scratch_free(w);
    wn_tagger_free(t);
    wn_buf_release(&small);
    wn_buf_release(&huge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_texts_of_both_writers_are_told_apart),
        cmocka_unit_test(short_text_is_unknown_and_says_why),
        cmocka_unit_test(text_in_another_language_is_unknown),
        cmocka_unit_test(what_was_not_tested_is_named),
        cmocka_unit_test(empty_text_is_unknown),
        cmocka_unit_test(smaller_rate_calls_fewer_texts_synthetic),
        cmocka_unit_test(tag_does_not_depend_on_what_was_tagged_before),
        cmocka_unit_test(heavy_rule_raises_unknown),
        cmocka_unit_test(light_rule_only_moves_the_probability),
        cmocka_unit_test(model_brings_its_rules_along),
        cmocka_unit_test(keyed_mark_decides_and_is_certain),
        cmocka_unit_test(senseless_options_are_refused),
        cmocka_unit_test(fusion_follows_its_table),
        cmocka_unit_test(mark_weighs_the_bound_of_its_p_value),
        cmocka_unit_test(a_huge_text_does_not_change_the_next),
    };
    return cmocka_run_group_tests(tests, build, drop);
}
