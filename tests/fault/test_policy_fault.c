#include "support/cm.h"
#include "support/fault.h"

#include <sys/types.h>

#include <winnow/mix.h>

static const char yaml[] = "name: a policy\nregime: fresh_real\nfresh_real: {share: 0.3}\n"
                           "filter:\n  by: tag\n  keep: {human: 1, unknown: 0.5}\n"
                           "budget: {documents: 3}\n";

static void parsing_survives_every_failed_allocation(void **state)
{
    enum wn_status st = WN_NOMEM;
    struct wn_policy p;
    struct wn_err err;
    long k;

    (void)state;
    for (k = 0; st != WN_OK; k++) {
        p.seed = 4711;
        fault_memory_left = k;
        st = wn_policy_parse(&p, "p.yaml", wn_str(yaml), &err);
        fault_memory_left = -1;
        assert_true(st == WN_OK || (st == WN_NOMEM && p.seed == 4711));
    }
    assert_true(k > 1);          /* at least one did fail */
    assert_int_equal(p.seed, 1);
}

static void planning_survives_every_failed_allocation(void **state)
{
    struct wn_mix_item items[20];
    struct wn_mix_summary sum;
    enum wn_status st = WN_NOMEM;
    struct wn_policy p;
    struct wn_err err;
    long k;

    (void)state;
    memset(items, 0, sizeof(items));
    wn_policy_init(&p);
    p.budget_documents = 7;
    for (k = 0; st != WN_OK; k++) {
        fault_memory_left = k;
        st = wn_mix_plan(&p, items, 20, 0, 0, &sum, &err);
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
    }
    assert_true(k > 1);
    assert_int_equal(sum.n[WN_FATE_KEPT], 7);
}

static void a_digest_needs_no_memory(void **state)
{
    struct wn_policy p;
    char digest[33] = "";

    (void)state;
    wn_policy_init(&p);
    p.regime = WN_REGIME_FRESH_REAL;
    p.filter_by = WN_FILTER_TAG;
    p.op = (struct wn_operating_point){ true, 1.0 / 3, 1.0 / 7, 1.0 / 9, 1.0 / 11, 0.1, 0.9, 1e-300, 1.0 / 3 };
    p.budget_documents = p.budget_tokens = p.seed = UINT64_MAX;
    fault_memory_left = 0;                    /* the first allocation would fail */
    wn_policy_digest(&p, digest);
    assert_int_equal(fault_memory_left, 0);        /* none was asked for */
    fault_memory_left = -1;
    assert_int_equal(strlen(digest), 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parsing_survives_every_failed_allocation),
        cmocka_unit_test(planning_survives_every_failed_allocation),
        cmocka_unit_test(a_digest_needs_no_memory),
    };

    fault_once = true;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
