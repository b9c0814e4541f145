#include "support/cm.h"
#include "unit/two_sources.h"

#include "detect/trainer.h"

static struct wn_err err;

static struct wn_doc named(const char *id, const char *group)
{
    struct wn_doc d = { 0 };

    d.id = wn_str(id);
    d.group = wn_str(group);
    return d;
}

static void a_group_falls_in_one_part(void **state)
{
    (void)state;
    for (int g = 0; g < 50; g++) {
        char group[16], id[16];
        struct wn_doc a, b;

        snprintf(group, sizeof(group), "g%d", g);
        snprintf(id, sizeof(id), "id%d", g);
        a = named("first", group);
        b = named(id, group);
        assert_int_equal(train_part_of(3, &a), train_part_of(3, &b));
    }
}

/* 20,000 ids: each share within 4 standard deviations of 50, 20, 15, 15 %. */
static void parts_have_their_shares(void **state)
{
    static const double share[N_PARTS] = { 0.50, 0.20, 0.15, 0.15 };
    double n[N_PARTS] = { 0 };

    (void)state;
    for (int i = 0; i < 20000; i++) {
        char id[16];
        struct wn_doc d;

        snprintf(id, sizeof(id), "%d", i);
        d = named(id, NULL);
        n[train_part_of(9, &d)]++;
    }
    for (int p = 0; p < N_PARTS; p++)
        assert_true(n[p] > 20000 * share[p] - 4 * 71 && n[p] < 20000 * share[p] + 4 * 71);
}

static void another_seed_splits_otherwise(void **state)
{
    int moved = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        char id[16];
        struct wn_doc d;

        snprintf(id, sizeof(id), "%d", i);
        d = named(id, NULL);
        moved += train_part_of(1, &d) != train_part_of(2, &d);
    }
    assert_true(moved > 30);
}

static void add_text(struct wn_trainer *t, const char *id, struct wn_str text, bool is_synthetic)
{
    struct wn_doc d = named(id, NULL);

    d.text = text;
    assert_int_equal(wn_trainer_add(t, &d, is_synthetic, &err), WN_OK);
}

static void missing_class_is_named(void **state)
{
    struct wn_trainer *t = NULL;
    struct wn_buf image = { 0 };
    struct wn_quality q;

    (void)state;
    assert_int_equal(wn_trainer_new(&t, &(struct wn_train_opts){ 0 }, NULL, &err), WN_OK);
    assert_int_equal(wn_trainer_finish(t, &image, &q, &err), WN_BADCONF);
    add_text(t, "a", WN_STR("one lonely text"), false);
    assert_int_equal(wn_trainer_finish(t, &image, &q, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "document"));
    assert_non_null(strstr(err.text, "50 or more"));
    wn_trainer_free(t);
    wn_buf_release(&image);
}

/* Texts below min_tokens fill no part but the language models'. */
static void short_texts_do_not_count_for_the_classifier(void **state)
{
    struct wn_buf image = { 0 };
    struct wn_quality q;

    (void)state;
    assert_int_equal(two_sources_train(&image, &q, 60, 10, 1, NULL, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "long enough"));
    wn_buf_release(&image);
}

/* The same text under new ids must not reach a second part. */
static void repeated_text_is_used_once(void **state)
{
    struct wn_trainer *t = NULL;
    struct wn_buf image = { 0 }, human = { 0 }, machine = { 0 };
    struct wn_quality q;

    (void)state;
    two_sources_text(&human, false, 1, 80);
    two_sources_text(&machine, true, 1, 80);
    assert_int_equal(wn_trainer_new(&t, &(struct wn_train_opts){ 0 }, NULL, &err), WN_OK);
    for (int i = 0; i < 200; i++) {
        char id[16];

        snprintf(id, sizeof(id), "%d", i);
        add_text(t, id, wn_buf_str(i % 2 ? &machine : &human), i % 2);
    }
    assert_int_equal(wn_trainer_finish(t, &image, &q, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "198 repeated texts, 0 given under both labels"));
    wn_trainer_free(t);
    wn_buf_release(&image);
    wn_buf_release(&human);
    wn_buf_release(&machine);
}

/* One label of the two is wrong, and nobody can say which. */
static void a_text_under_both_labels_is_left_out(void **state)
{
    struct wn_trainer *t = NULL;
    struct wn_buf image = { 0 };
    struct wn_quality q;

    (void)state;
    assert_int_equal(wn_trainer_new(&t, &(struct wn_train_opts){ 0 }, NULL, &err), WN_OK);
    add_text(t, "a", WN_STR("claimed by both sides"), false);
    add_text(t, "b", WN_STR("claimed by both sides"), true);
    add_text(t, "c", WN_STR("claimed by both sides"), true);
    add_text(t, "d", WN_STR("another"), true);
    assert_int_equal(wn_trainer_finish(t, &image, &q, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "0 repeated texts, 3 given under both labels"));
    wn_trainer_free(t);
    wn_buf_release(&image);
}

static void model_is_the_same_for_one_and_four_jobs(void **state)
{
    struct wn_buf one = { 0 }, four = { 0 };
    struct wn_quality q1, q4;

    (void)state;
    assert_int_equal(two_sources_train(&one, &q1, 200, 80, 1, NULL, &err), WN_OK);
    assert_int_equal(two_sources_train(&four, &q4, 200, 80, 4, NULL, &err), WN_OK);
    assert_true(wn_str_eq(wn_buf_str(&one), wn_buf_str(&four)));
    assert_memory_equal(&q1, &q4, sizeof(q1));
    wn_buf_release(&one);
    wn_buf_release(&four);
}

static void held_out_quality_finds_the_writers_apart(void **state)
{
    struct wn_buf image = { 0 };
    struct wn_quality q;

    (void)state;
    assert_int_equal(two_sources_train(&image, &q, 300, 120, 2, NULL, &err), WN_OK);
    assert_true(q.n_human > 25 && q.n_synthetic > 25);
    assert_true(q.auroc > 0.95);
    assert_true(q.tpr.hits * 2 > q.tpr.n);
    assert_int_equal(q.n_needed_for_fpr, 19);      /* at a rate of 0.05 */
    assert_true(q.n_human_calibration >= 19);
    wn_buf_release(&image);
}

/* About 6 calibration documents of each label cannot support a rate of 0.05. */
static void too_small_a_calibration_set_is_noted_not_overstretched(void **state)
{
    struct wn_buf image = { 0 }, text = { 0 };
    struct wn_model *m = NULL;
    struct wn_quality q;
    struct wn_json j;

    (void)state;
    assert_int_equal(two_sources_train(&image, &q, 40, 120, 1, NULL, &err), WN_OK);
    assert_true(q.n_human_calibration < q.n_needed_for_fpr);
    assert_int_equal(q.tpr.hits, 0);
    assert_int_equal(q.fpr.hits, 0);
    assert_int_equal(wn_model_view(&m, wn_buf_str(&image), "small", &err), WN_OK);
    wn_json_init(&j, &text);
    wn_model_json(&j, NULL, m);
    wn_buf_addc(&text, '\0');
    assert_non_null(strstr(text.ptr, "calls nothing synthetic"));
    wn_model_free(m);
    wn_buf_release(&text);
    wn_buf_release(&image);
}

static void senseless_options_are_refused(void **state)
{
    static const struct wn_train_opts bad[] = {
        { .order = 99 }, { .fpr = 1.5 }, { .fpr = -1 }, { .fnr = 1 }, { .prior = 1 }, { .ridge = -1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct wn_trainer *t = NULL;

        assert_int_equal(wn_trainer_new(&t, &bad[i], NULL, &err), WN_BADCONF);
        assert_null(t);
    }
    wn_trainer_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_falls_in_one_part),
        cmocka_unit_test(parts_have_their_shares),
        cmocka_unit_test(another_seed_splits_otherwise),
        cmocka_unit_test(missing_class_is_named),
        cmocka_unit_test(short_texts_do_not_count_for_the_classifier),
        cmocka_unit_test(repeated_text_is_used_once),
        cmocka_unit_test(a_text_under_both_labels_is_left_out),
        cmocka_unit_test(model_is_the_same_for_one_and_four_jobs),
        cmocka_unit_test(held_out_quality_finds_the_writers_apart),
        cmocka_unit_test(too_small_a_calibration_set_is_noted_not_overstretched),
        cmocka_unit_test(senseless_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
