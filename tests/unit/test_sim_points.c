#include "support/cm.h"

#include <winnow/sim.h>

#include "sim/points_pool.h"

static struct wn_policy policy;
static struct wn_err err;

/* Both ways in, and a number of items that crosses from three digits to four. */
static void an_item_is_the_document_of_its_generation_and_number(void **state)
{
    struct wn_sim_opts opts = { .engine = "gaussian", .policies = &policy, .n_policies = 1, .generations = 1,
                                .replicates = 1, .seed = 3, .n = 10, .mode = WN_SIM_POINTS };
    struct sim_papers papers = { WN_ORIGIN_REAL, true, SIM_BY_TRUTH };
    struct sim_points l = { .is_keyed = true, .generation = 12 };
    struct sim_setup setup;

    (void)state;
    wn_policy_init(&policy);
    assert_int_equal(sim_setup_open(&setup, &opts, &err), WN_OK);
    l.setup = &setup;
    l.run = (struct sim_run){ &setup.opts, &policy, 0, &l.arena };
    l.pool.item_size = setup.gen->item_size(&setup.opts);
    assert_int_equal(setup.gen->begin(&l.state, setup.world, &l.run, &err), WN_OK);
    assert_int_equal(sim_points_add(&l, 7, papers, &err), WN_OK);
    assert_int_equal(sim_points_add(&l, 1100, papers, &err), WN_OK);
    for (size_t i = 0; i < 1107; i++) {
        char id[48];
        struct wn_hash128 want;

        snprintf(id, sizeof(id), "g12-%zu", i);
        want = wn_mix_key(WN_STR("run"), wn_str(id));
        assert_int_equal(l.pool.item[i].key.hi, want.hi);
        assert_int_equal(l.pool.item[i].key.lo, want.lo);
    }
    sim_pool_release(&l.pool);
    wn_arena_release(&l.arena);
    sim_setup_close(&setup);
}

static enum wn_status count_lines(void *arg, struct wn_str line, struct wn_err *why)
{
    (void)line;
    (void)why;
    (*(size_t *)arg)++;
    return WN_OK;
}

/* Its originals are those of generation 0, however that came about. */
static void editing_goes_on_after_a_mixed_first_generation(void **state)
{
    struct wn_sim_opts opts = { .engine = "bigram", .policies = &policy, .n_policies = 1, .generations = 4,
                                .replicates = 2, .seed = 1, .n = 8, .first_mixed = true, .mode = WN_SIM_POINTS };
    size_t lines = 0;

    (void)state;
    wn_policy_init(&policy);
    policy.regime = WN_REGIME_EDIT;
    policy.edit_above = 0.5;
    opts.model.block = 20;
    if (wn_simulate(&opts, count_lines, &lines, &err) != WN_OK)
        fail_msg("%s", err.text);
    assert_true(lines > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_is_the_document_of_its_generation_and_number),
        cmocka_unit_test(editing_goes_on_after_a_mixed_first_generation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
