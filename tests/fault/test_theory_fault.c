/*
 * test_theory_fault.c - memory runs out at every allocation of the exact chains in turn;
 * each says so, nothing leaks, and the next try succeeds.
 */
#include "support/cm.h"
#include "support/fault.h"

#include "sim/theory.h"

static const double flat[] = { 0.5, 0.25, 0.125, 0.125 };
static const struct sim_theory_law law = { flat, 4 };

static enum wn_status lines_left(double *out)
{
    return sim_lines_left(20, 3, out, NULL);
}

static enum wn_status common_ancestor(double *out)
{
    return sim_lines_common_ancestor(20, out, NULL);
}

static enum wn_status absorption(double *out)
{
    return sim_absorption_two(30, 0.5, out, NULL);
}

static enum wn_status states(double *out)
{
    return sim_theory_state_sum(&law, 30, 3, SIM_SUM_STATES, out, NULL);
}

static enum wn_status distance(double *out)
{
    return sim_theory_total_variation(&law, 30, 3, out, NULL);
}

static enum wn_status missing(double *out)
{
    return sim_theory_missing_mass_twice(&law, 30, 10, out, NULL);
}

static enum wn_status component(double *out)
{
    return sim_component_var(30, 0.5, 3, out, NULL);
}

static enum wn_status temperature(double *out)
{
    struct sim_theory_rest rest = { 0 };
    enum wn_status st = sim_theory_temperature_rest(&law, 0.5, 0.9, &rest, NULL);

    *out = rest.entropy;
    return st;
}

static enum wn_status zipf(double *out)
{
    double *p = NULL;
    enum wn_status st = sim_theory_zipf_new(1, 0, 10, &p, NULL);

    assert_true((st == WN_OK) == (p != NULL));
    *out = p ? p[0] : 0;
    free(p);
    return st;
}

static void every_chain_survives_every_failed_allocation(void **state)
{
    static enum wn_status (*const call[])(double *) = { lines_left, common_ancestor, absorption,  states, distance,
                                                        missing,    component,       temperature, zipf };

    (void)state;
    for (size_t i = 0; i < sizeof(call) / sizeof(call[0]); i++) {
        enum wn_status st = WN_NOMEM;
        double out = 0;

        for (int k = 0; st != WN_OK; k++) {
            fault_memory_left = k;
            st = call[i](&out);
            fault_memory_left = -1;
            assert_true(st == WN_OK || st == WN_NOMEM);
            assert_true(k < 100);
        }
        assert_true(out > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chain_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
