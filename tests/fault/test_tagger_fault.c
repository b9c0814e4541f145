#include "support/cm.h"
#include "support/fault.h"
#include "unit/two_sources.h"

static struct wn_err err;

/* Fails allocation 0, 1, 2 ... of a whole training until it succeeds. */
static void training_survives_every_failed_allocation(void **state)
{
    enum wn_status st = WN_NOMEM;
    int tried = 0;

    (void)state;
    for (int k = 0; st != WN_OK; k++, tried++) {
        struct wn_buf image = { 0 };
        struct wn_quality q;

        memset(&err, 0, sizeof(err));
        fault_memory_left = k;
        st = two_sources_train(&image, &q, 30, 45, 1, NULL, &err);
        fault_memory_left = -1;
        if (st != WN_OK && st != WN_NOMEM)
            fail_msg("call %d: %s: %s", k, wn_status_name(st), err.text);
        assert_true(st == WN_OK || err.status == WN_NOMEM);
        wn_buf_release(&image);
    }
    assert_true(tried > 50);
}

static void opening_survives_every_failed_allocation(void **state)
{
    struct wn_buf image = { 0 };
    enum wn_status st = WN_NOMEM;
    struct wn_quality q;

    (void)state;
    assert_int_equal(two_sources_train(&image, &q, 30, 45, 1, NULL, &err), WN_OK);
    for (int k = 0; st != WN_OK; k++) {
        struct wn_model *m = NULL;

        fault_memory_left = k;
        st = wn_model_view(&m, wn_buf_str(&image), "m", &err);
        fault_memory_left = -1;
        assert_true(st == WN_OK || (st == WN_NOMEM && !m));
        wn_model_free(m);
    }
    wn_buf_release(&image);
}

static void tagging_survives_every_failed_allocation(void **state)
{
    struct wn_buf image = { 0 }, text = { 0 };
    struct wn_model *m = NULL;
    enum wn_status st = WN_NOMEM;
    struct wn_quality q;

    (void)state;
    assert_int_equal(two_sources_train(&image, &q, 30, 45, 1, NULL, &err), WN_OK);
    assert_int_equal(wn_model_view(&m, wn_buf_str(&image), "m", &err), WN_OK);
    two_sources_text(&text, true, 1, 3000);
    for (int k = 0; st != WN_OK; k++) {
        struct wn_tagger *t = NULL;
        struct wn_tagger_scratch *w = NULL;
        struct wn_arena a = { 0 };
        struct wn_tag tag;

        fault_memory_left = k;
        st = wn_tagger_new(&t, &(struct wn_tagger_opts){ .model = m }, &err);
        if (st == WN_OK)
            w = wn_tagger_scratch_new(t);
        if (st == WN_OK && !w)
            st = WN_NOMEM;
        if (st == WN_OK)
            st = wn_tagger_tag(t, w, wn_buf_str(&text), &a, &tag, &err);
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
        wn_tagger_scratch_free(w);
        wn_tagger_free(t);
        wn_arena_release(&a);
    }
    wn_model_free(m);
    wn_buf_release(&text);
    wn_buf_release(&image);
}

/* Counting has no error object to hand back when it starts: NULL says it. */
static void counting_survives_every_failed_allocation(void **state)
{
    enum wn_status st = WN_NOMEM;

    (void)state;
    for (int k = 0; st != WN_OK; k++) {
        struct wn_tag tag = { .verdict = WN_HUMAN };
        struct wn_tagstats *s;
        struct wn_eval *e;

        fault_memory_left = k;
        s = wn_tagstats_new();
        e = wn_eval_new();
        st = s && e ? WN_OK : WN_NOMEM;
        for (int i = 0; i < 20 && st == WN_OK; i++) {
            char name[32];

            snprintf(name, sizeof(name), "slice %d", i);
            st = wn_tagstats_add(s, &tag, wn_str(name), &err);
            if (st == WN_OK)
                st = wn_eval_add(e, &tag, i % 2, name, &err);
        }
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
        wn_tagstats_free(s);
        wn_eval_free(e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_survives_every_failed_allocation),
        cmocka_unit_test(opening_survives_every_failed_allocation),
        cmocka_unit_test(tagging_survives_every_failed_allocation),
        cmocka_unit_test(counting_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
