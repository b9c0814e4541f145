/* Rules, green lists and marks when memory runs out at the k-th call: nothing leaks
 * (under AddressSanitizer), nothing is half made, the status tells. */
#include "support/cm.h"
#include "support/fault.h"

#include <unistd.h>

#include <winnow/marks.h>
#include <winnow/rules.h>
#include <winnow/watermark.h>

static const char two_rules[] =
    "rule cat\n  weight 1\n  why says cat\n  match \\b(?:black|white) cats?\n  must black cat\n  must white cat\n"
    "  must a black cat\n  mustnot dog\n  mustnot cat\n  mustnot black dog\n\n"
    "rule horse\n  weight 2\n  why says horse\n  match horse(?:s|back)?\n  must horse\n  must horses\n"
    "  must horseback\n  mustnot dog\n  mustnot cat\n  mustnot ass\n";

static void a_rule_file_loads_or_says_no_memory(void **state)
{
    enum wn_status st = WN_NOMEM;

    (void)state;
    for (int k = 0; st != WN_OK; k++) {
        struct wn_rules *r = NULL;
        struct wn_err err = { 0 };

        fault_memory_left = k;
        st = wn_rules_parse(&r, "x.rules", WN_STR(two_rules), &err);
        fault_memory_left = -1;
        if (st != WN_OK) {
            assert_int_equal(st, WN_NOMEM);
            assert_int_equal(err.status, WN_NOMEM);
            assert_null(r);
        }
        wn_rules_free(r);
        assert_true(k < 1000);
    }
}

static void a_folder_loads_or_says_no_memory(void **state)
{
    char folder[] = "/tmp/winnow-rules-XXXXXX", path[64];
    const char *paths[1] = { folder };
    enum wn_status st = WN_NOMEM;
    FILE *f;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a.rules", folder);
    f = fopen(path, "wb");
    assert_non_null(f);
    fputs(two_rules, f);
    fclose(f);
    for (int k = 0; st != WN_OK; k++) {
        struct wn_rules *r = NULL;

        fault_memory_left = k;
        st = wn_rules_load(&r, paths, 1, NULL);
        fault_memory_left = -1;
        assert_true(st == WN_OK ? r != NULL : (st == WN_NOMEM && !r));
        wn_rules_free(r);
        assert_true(k < 1000);
    }
    unlink(path);
    rmdir(folder);
}

/* A scan has no status: short of memory it loses spans and words, never the weight. */
static void a_scan_keeps_its_weight_without_memory(void **state)
{
    struct wn_rules *r = NULL;
    struct wn_rules_scratch *w = NULL;

    (void)state;
    assert_int_equal(wn_rules_parse(&r, "x.rules", WN_STR(two_rules), NULL), WN_OK);
    for (int k = 0; !w; k++) {
        fault_memory_left = k;
        w = wn_rules_scratch_new(r);
        fault_memory_left = -1;
        assert_true(k < 100);
    }
    for (int k = 0; k < 8; k++) {
        struct wn_arena a = { 0 };
        struct wn_evidence ev;
        bool fired;

        fault_memory_left = k;
        fired = wn_rules_scan(r, w, WN_STR("black cats on horseback"), &a, &ev);
        fault_memory_left = -1;
        assert_true(fired && ev.value == 3 && ev.n == 2);
        assert_non_null(ev.reason);
        assert_true(ev.n_spans == 0 || ev.n_spans == 2);
        wn_arena_release(&a);
    }
    wn_rules_scratch_free(w);
    wn_rules_free(r);
}

static void the_self_test_says_no_memory(void **state)
{
    enum wn_status st = WN_NOMEM;
    struct wn_rules *r = NULL;

    (void)state;
    assert_int_equal(wn_rules_parse(&r, "x.rules", WN_STR(two_rules), NULL), WN_OK);
    for (int k = 0; st != WN_OK; k++) {
        fault_memory_left = k;
        st = wn_rules_self_test(r, NULL);
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
        assert_true(k < 100);
    }
    wn_rules_free(r);
}

static void green_lists_do_without_memory(void **state)
{
    const uint32_t ids[] = { 1, 2, 3, 70, 1, 2, 99, 4 };
    struct wn_kgw_opts opts = { .vocab_size = 64 };
    struct wn_kgw_result want, got;
    struct wn_kgw *k = NULL;

    (void)state;
    assert_int_equal(wn_kgw_new(&k, &opts, NULL), WN_OK);
    assert_int_equal(wn_kgw_detect(k, ids, 8, UINT32_MAX, &want, NULL), WN_OK);
    wn_kgw_free(k);
    for (int left = 0; left < 30; left++) {
        enum wn_status st;

        fault_memory_left = left;
        st = wn_kgw_new(&k, &opts, NULL);
        assert_true(st == WN_OK ? k != NULL : (st == WN_NOMEM && !k));
        if (k) {
            st = wn_kgw_detect(k, ids, 8, UINT32_MAX, &got, NULL);
            assert_true(st == WN_NOMEM || (got.n_green == want.n_green && got.log10_p == want.log10_p));
        }
        fault_memory_left = -1;
        wn_kgw_free(k);
    }
}

static void marks_are_counted_without_memory(void **state)
{
    struct wn_marks m = { .zero_width = 3, .c2pa = true };

    (void)state;
    for (int k = 0; k < 4; k++) {
        struct wn_arena a = { 0 };
        struct wn_evidence ev;

        fault_memory_left = k;
        assert_true(wn_marks_evidence(&m, &a, &ev));
        fault_memory_left = -1;
        assert_true(ev.value == 4);
        assert_non_null(ev.reason);
        wn_arena_release(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_file_loads_or_says_no_memory),
        cmocka_unit_test(a_folder_loads_or_says_no_memory),
        cmocka_unit_test(a_scan_keeps_its_weight_without_memory),
        cmocka_unit_test(the_self_test_says_no_memory),
        cmocka_unit_test(green_lists_do_without_memory),
        cmocka_unit_test(marks_are_counted_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
