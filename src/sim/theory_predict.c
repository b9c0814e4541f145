/*
 * What a loop will do, in a handful of numbers, before it runs.
 */
#include <math.h>

#include "sim/inflow.h"
#include "sim/theory.h"

/* Pairs of lines find one parent with probability PAIR per fit: M lines need about
 * 2 (1 - 1/M) / PAIR fits (Kingman). */
static double absorption(double m, double pair)
{
    return 2 * (1 - 1 / m) / pair;
}

static void drifts(struct sim_prediction *out, double drift, double fits)
{
    out->lasting_var = 0;
    out->drift_per_fit = drift;
    out->half_life_fits = sim_theory_half_life(drift);
    out->absorption_fits = fits;
}

static void replace(const struct sim_theory_loop_opts *o, double lambda, double ddof, struct sim_prediction *out)
{
    drifts(out, sim_replace_drift(o->m, ddof) + log(lambda), absorption(o->m, 1 / o->m));
}

static void accumulate(const struct sim_theory_loop_opts *o, double lambda, double ddof, struct sim_prediction *out)
{
    out->lasting_var = lambda < 1 ? 0 : sim_accumulate_var(o->m, ddof, INFINITY);
    out->power = lambda - 1;
}

static enum wn_status check(const struct sim_theory_loop_opts *o, double lambda, struct wn_err *err)
{
    bool biased = lambda < 1, unbiased_fit = o->estimator == WN_ESTIMATE_UNBIASED;

    if (!(o->m >= 2))
        return wn_fail(err, WN_BADCONF, "a prediction needs 2 points a fit or more, not %g", o->m);
    if (!(lambda > 0 && lambda <= 1))
        return wn_fail(err, WN_BADCONF, "the sampling bias must be above 0 and at most 1, not %g", lambda);
    if (unbiased_fit && o->loop != SIM_LOOP_REPLACE && (o->loop != SIM_LOOP_ACCUMULATE || biased))
        return wn_fail(err, WN_BADCONF, "no closed form is built in for unbiased fits under this policy");
    if (biased && o->loop != SIM_LOOP_REPLACE && o->loop != SIM_LOOP_ACCUMULATE && o->loop != SIM_LOOP_FRESH &&
        o->loop != SIM_LOOP_INTAKE)
        return wn_fail(err, WN_BADCONF, "no closed form is built in for biased sampling under this policy");
    if (o->loop == SIM_LOOP_WINDOW && !(o->batches >= 1 && o->batches <= SIM_MAX_WINDOW))
        return wn_fail(err, WN_BADCONF, "a window holds 1 to %d batches, not %g", SIM_MAX_WINDOW, o->batches);
    if (o->loop >= SIM_LOOP_FIXED_REAL && !(o->real_share > 0 && o->real_share <= 1))
        return wn_fail(err, WN_BADCONF, "the real share must be above 0 and at most 1, not %g", o->real_share);
    if (!(o->tpr >= 0 && o->tpr <= 1 && o->fpr >= 0 && o->fpr < 1))
        return wn_fail(err, WN_BADCONF, "a detector's rates are shares, and some real data must pass");
    return WN_OK;
}

/* A share of 1 leaves no synthetic points: every fit is a first fit. */
static void fixed_real(const struct sim_theory_loop_opts *o, struct sim_prediction *out)
{
    double real = o->m * o->real_share;

    out->first_var = 1 - 1 / real;
    out->lasting_var = o->real_share < 1 ? sim_fixed_real_var(real, o->m - real, INFINITY) : out->first_var;
    out->real_per_fit = real;
}

static void fresh(const struct sim_theory_loop_opts *o, double lambda, struct sim_prediction *out)
{
    out->real_per_fit = o->m * o->real_share;
    out->lasting_var = sim_fresh_var(o->m, out->real_per_fit, lambda, INFINITY);
    out->critical_share = lambda < 1 ? sim_rho_critical_biased(lambda) : sim_rho_critical(o->m);
}

static void fresh_iid(const struct sim_theory_loop_opts *o, struct sim_prediction *out)
{
    double rho = sim_rho_eff(o->real_share, o->tpr, o->fpr);

    out->real_per_fit = o->m * rho;
    out->lasting_var = sim_fresh_iid_var(o->m, rho, INFINITY);
    out->critical_share = sim_rho_critical(o->m);
}

static void intake(const struct sim_theory_loop_opts *o, double lambda, struct sim_prediction *out)
{
    double n_r = nearbyint(o->m * o->real_share);
    struct sim_theory_intake in = { n_r, o->m - n_r, o->tpr, o->fpr };

    out->first_var = sim_theory_intake_biased(&in, lambda, 1).var;
    out->lasting_var = sim_theory_intake_biased(&in, lambda, INFINITY).var;
    out->real_per_fit = n_r * (1 - o->fpr);
}

enum wn_status sim_predict(const struct sim_theory_loop_opts *o, struct sim_prediction *out, struct wn_err *err)
{
    double lambda = o->lambda == 0 ? 1 : o->lambda, ddof = o->estimator == WN_ESTIMATE_UNBIASED;
    struct sim_prediction p = { .half_life_fits = INFINITY, .absorption_fits = INFINITY };
    enum wn_status st = check(o, lambda, err);

    if (st != WN_OK)
        return st;
    p.first_var = sim_replace_var(o->m, ddof, 1);
    switch (o->loop) {
    case SIM_LOOP_REPLACE:
        replace(o, lambda, ddof, &p);
        break;
    case SIM_LOOP_ACCUMULATE:
        accumulate(o, lambda, ddof, &p);
        break;
    case SIM_LOOP_SUBSAMPLE:
        p.lasting_var = sim_subsample_var(o->m, INFINITY);
        break;
    case SIM_LOOP_WINDOW: {
        double rate = sim_window_rate(o->m, o->batches);

        drifts(&p, log(rate), absorption(o->m, 1 - rate));
        break;
    }
    case SIM_LOOP_FIXED_REAL:
        fixed_real(o, &p);
        break;
    case SIM_LOOP_FRESH:
        fresh(o, lambda, &p);
        break;
    case SIM_LOOP_FRESH_IID:
        fresh_iid(o, &p);
        break;
    case SIM_LOOP_INTAKE:
        intake(o, lambda, &p);
        break;
    }
    if (!isfinite(p.first_var) || !isfinite(p.lasting_var))
        return wn_fail(err, WN_BADCONF, "nothing is left to fit under these rates");
    *out = p;
    return WN_OK;
}

enum wn_status sim_predict_policy(const struct wn_policy *p, enum wn_estimator e, uint64_t m,
                                  struct sim_prediction *out, struct wn_err *err)
{
    struct sim_theory_loop_opts o = { .estimator = e, .m = (double)m };

    /* The means know which budgets and filters they hold for. */
    if (m < 2 || isnan(wn_theory_gaussian_variance(p, e, m, 1)))
        return wn_fail(err, WN_BADCONF, "no closed form is built in for the policy '%s'", p->name);
    switch (p->regime) {
    case WN_REGIME_REPLACE:
        o.loop = SIM_LOOP_REPLACE;
        break;
    case WN_REGIME_ACCUMULATE:
        o.loop = SIM_LOOP_ACCUMULATE;
        break;
    case WN_REGIME_ACCUMULATE_SUBSAMPLE:
        o.loop = SIM_LOOP_SUBSAMPLE;
        break;
    case WN_REGIME_FRESH_REAL:
        o.loop = SIM_LOOP_FRESH;
        o.real_share = (double)sim_real_items(p, m) / (double)m;
        if (o.real_share == 0)
            o.loop = SIM_LOOP_REPLACE;
        break;
    default:                        /* their means are NAN */
        break;
    }
    return sim_predict(&o, out, err);
}
