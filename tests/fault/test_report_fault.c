#include "support/cm.h"
#include "support/fault.h"

#include <winnow/report.h>

static const char trace[] =
    "{\"kind\":\"trace\",\"version\":1,\"engine\":\"gaussian\",\"policies\":[{\"name\":\"a\"},{\"name\":\"b\"}]}\n"
    "{\"policy\":\"a\",\"replicate\":0,\"generation\":1,\"metric\":\"variance\",\"value\":1}\n"
    "{\"policy\":\"b\",\"replicate\":0,\"generation\":1,\"metric\":\"variance\",\"value\":2}\n"
    "{\"policy\":\"a\",\"replicate\":1,\"generation\":2,\"metric\":\"ended\",\"value\":0,\"reason\":\"x\"}\n";
static const char eval[] = "{\"kind\":\"eval\",\"roc\":[{\"fpr\":0,\"tpr\":1}],\"reliability\":[{\"n\":1}]}";
static const char tags[] =
    "{\"kind\":\"tag\",\"tags\":{\"documents\":1,\"slices\":[{\"slice\":\"s\",\"documents\":1}]}}";

static enum wn_status make_report(struct wn_buf *page, struct wn_buf *csv, struct wn_err *err)
{
    struct wn_report *r = NULL;
    enum wn_status st = wn_report_new(&r, "title", err);

    if (st == WN_OK)
        st = wn_report_add_trace(r, "t", wn_str(trace), err);
    if (st == WN_OK)
        st = wn_report_add_summary(r, "e", wn_str(eval), err);
    if (st == WN_OK)
        st = wn_report_add_summary(r, "g", wn_str(tags), err);
    if (st == WN_OK)
        st = wn_report_html(r, page, err);
    if (st == WN_OK)
        st = wn_report_csv(r, csv, err);
    wn_report_free(r);
    return st;
}

static void a_report_survives_every_failed_allocation(void **state)
{
    struct wn_buf want = { 0 }, page = { 0 }, csv = { 0 };
    struct wn_err err;
    enum wn_status st = WN_NOMEM;
    int k;

    (void)state;
    assert_int_equal(make_report(&want, &csv, &err), WN_OK);
    for (k = 0; st != WN_OK; k++) {
        wn_buf_release(&page);
        wn_buf_release(&csv);
        fault_memory_left = k;
        st = make_report(&page, &csv, &err);
        fault_memory_left = -1;
        if (st != WN_OK && (st != WN_NOMEM || err.status != WN_NOMEM || !err.text[0]))
            fail_msg("allocation %d: status %d", k, (int)st);
    }
    assert_true(k > 15);
    assert_true(wn_str_eq(wn_buf_str(&want), wn_buf_str(&page))); /* nothing is left out in silence */
    wn_buf_release(&want);
    wn_buf_release(&page);
    wn_buf_release(&csv);
}

/* A failure while a trace is added leaves the report as it was. */
static void a_trace_that_failed_leaves_nothing_behind(void **state)
{
    struct wn_report *r = NULL;
    struct wn_err err;
    enum wn_status st = WN_NOMEM;

    (void)state;
    assert_int_equal(wn_report_new(&r, "title", &err), WN_OK);
    for (int k = 0; st != WN_OK; k++) {
        assert_string_equal(wn_report_conclusion(r), "");
        fault_memory_left = k;
        st = wn_report_add_trace(r, "t", wn_str(trace), &err);
        fault_memory_left = -1;
    }
    assert_string_not_equal(wn_report_conclusion(r), "");
    wn_report_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_survives_every_failed_allocation),
        cmocka_unit_test(a_trace_that_failed_leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
