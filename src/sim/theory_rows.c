/*
 * The table of theory_table.h and the adapters it needs.
 */
#include "sim/theory_table.h"

#include <math.h>
#include <stdlib.h>

/* ---- structures from numbers ------------------------------------------------------------------------------ */

static double topup(double pi, double tpr, double fpr, double m, double n)
{
    return sim_topup_var(m, &(struct sim_theory_screen){ pi, tpr, fpr }, n);
}

static double topup_check(double m, double pi, double fpr)
{
    return topup(pi, sim_tpr_critical(m, pi, fpr), fpr, m, INFINITY);
}

static struct sim_theory_intake intake_of(const double *v)
{
    return (struct sim_theory_intake){ v[0], v[1], v[2], v[3] };
}

static double intake_inverse(double n_r, double n_s, double tpr, double fpr)
{
    return sim_theory_intake_inverse(&(struct sim_theory_intake){ n_r, n_s, tpr, fpr });
}

static double intake_pair(double n_r, double n_s, double tpr, double fpr)
{
    return sim_theory_intake_pair(&(struct sim_theory_intake){ n_r, n_s, tpr, fpr });
}

static double intake(double n_r, double n_s, double tpr, double fpr, double n)
{
    return sim_theory_intake_var(&(struct sim_theory_intake){ n_r, n_s, tpr, fpr }, n);
}

static enum wn_status intake_biased_var(const double *v, double *out, struct wn_err *err)
{
    struct sim_theory_intake in = intake_of(v);

    (void)err;
    *out = sim_theory_intake_biased(&in, v[4], v[5]).var;
    return WN_OK;
}

static enum wn_status intake_biased_mu2(const double *v, double *out, struct wn_err *err)
{
    struct sim_theory_intake in = intake_of(v);

    (void)err;
    *out = sim_theory_intake_biased(&in, v[4], v[5]).mu2;
    return WN_OK;
}

static double roc_risk(double d_prime, double n_r, double n_s, double lambda)
{
    return sim_roc_best(d_prime, n_r, n_s, lambda).risk;
}

static double roc_tpr(double d_prime, double n_r, double n_s, double lambda)
{
    return sim_roc_best(d_prime, n_r, n_s, lambda).tpr;
}

static double roc_fpr(double d_prime, double n_r, double n_s, double lambda)
{
    return sim_roc_best(d_prime, n_r, n_s, lambda).fpr;
}

static double roc_var(double d_prime, double n_r, double n_s, double lambda)
{
    return sim_roc_best(d_prime, n_r, n_s, lambda).var;
}

static enum wn_status value_filter(const double *v, double *out, struct wn_err *err)
{
    (void)err;
    *out = sim_theory_value_filter_var(&(struct sim_theory_value_filter){ v[0] != 0, v[1], v[2], v[3], v[4] }, v[5]);
    return WN_OK;
}

static struct sim_theory_importance importance_of(const double *v)
{
    return (struct sim_theory_importance){ v[0], v[1], { v[2], v[3] }, { v[4], v[5] } };
}

static enum wn_status importance_rho(const double *v, double *out, struct wn_err *err)
{
    struct sim_theory_importance i = importance_of(v);

    (void)err;
    *out = sim_theory_importance_rho(&i);
    return WN_OK;
}

static enum wn_status importance_ess(const double *v, double *out, struct wn_err *err)
{
    struct sim_theory_importance i = importance_of(v);

    (void)err;
    *out = sim_theory_importance_ess(&i);
    return WN_OK;
}

static enum wn_status mad_trace(const double *v, double *out, struct wn_err *err)
{
    (void)err;
    *out = sim_theory_mad_trace(&(struct sim_theory_mad){ v[0], v[1], v[2], v[3], v[4] }, v[5]);
    return WN_OK;
}

static enum wn_status absorption_two(const double *v, double *out, struct wn_err *err)
{
    return sim_absorption_two(v[0], v[1], out, err);
}

static double same(double p)
{
    return p;
}

static enum wn_status lines_left(const double *v, double *out, struct wn_err *err)
{
    return sim_lines_left(v[0], v[1], out, err);
}

static enum wn_status common_ancestor(const double *v, double *out, struct wn_err *err)
{
    return sim_lines_common_ancestor(v[0], out, err);
}

static enum wn_status alive(const double *v, double *out, struct wn_err *err)
{
    return sim_theory_alive(v[0], v[1], v[2], out, err);
}

static enum wn_status component_var(const double *v, double *out, struct wn_err *err)
{
    return sim_component_var(v[0], v[1], v[2], out, err);
}

/* Standard deviation of a 0/1 outcome. */
static double indicator_sd(double p)
{
    return sqrt(p * (1 - p));
}

static double cdf_sd(double m, double ddof, double n, double eps)
{
    return indicator_sd(sim_replace_cdf(m, ddof, n, eps));
}

static double extinct_sd(double m, double lambda0, double n)
{
    return indicator_sd(sim_poisson_extinct(m, lambda0, n));
}

static double accumulate_sd(double m, double n)
{
    return sqrt(sim_accumulate_var_var(m, n));
}

static double component_diversity(double m, double share, double n)
{
    return share * (1 - share) * sim_replace_var(m, 0, n);
}

static double fresh_biased_limit(double m, double m_r, double lambda)
{
    return sim_fresh_biased_limit(m_r / m, lambda);
}

static double flat_entropy(double k, double rho, double tau)
{
    return sim_theory_flat_rest(k, rho, tau).entropy;
}

static double flat_first(double k, double rho, double tau)
{
    return sim_theory_flat_rest(k, rho, tau).first;
}

static double missing_mass_exponent(double s)
{
    return -(1 - 1 / s);
}

/* ---- Zipf laws: exponent (0: uniform), shift of the rank, number of states ------------------------------------ */

typedef enum wn_status law_fn(const struct sim_theory_law *law, const double *v, double *out, struct wn_err *err);

static enum wn_status with_law(const double *v, law_fn *f, double *out, struct wn_err *err)
{
    double *p;
    enum wn_status st = sim_theory_zipf_new(v[0], v[1], v[2], &p, err);

    if (st != WN_OK)
        return st;
    st = f(&(struct sim_theory_law){ p, (size_t)v[2] }, v + 3, out, err);
    free(p);
    return st;
}

/* Defines the adapter NAME for the law functional EXPR, a value. */
#define LAW_VALUE(name, expr)                                                                                          \
    static enum wn_status name##_law(const struct sim_theory_law *law, const double *v, double *out,                   \
                                     struct wn_err *err)                                                               \
    {                                                                                                                  \
        (void)v;                                                                                                       \
        (void)err;                                                                                                     \
        *out = (expr);                                                                                                 \
        return WN_OK;                                                                                                  \
    }                                                                                                                  \
    static enum wn_status name(const double *v, double *out, struct wn_err *err)                                       \
    {                                                                                                                  \
        return with_law(v, name##_law, out, err);                                                                      \
    }

/* The same for an EXPR that is a status. */
#define LAW_STATUS(name, expr)                                                                                         \
    static enum wn_status name##_law(const struct sim_theory_law *law, const double *v, double *out,                   \
                                     struct wn_err *err)                                                               \
    {                                                                                                                  \
        return (expr);                                                                                                 \
    }                                                                                                                  \
    static enum wn_status name(const double *v, double *out, struct wn_err *err)                                       \
    {                                                                                                                  \
        return with_law(v, name##_law, out, err);                                                                      \
    }

LAW_VALUE(law_simpson, sim_theory_simpson(law))
LAW_VALUE(law_replace, sim_theory_simpson(law) * sim_replace_var(v[0], 0, v[1]))
LAW_VALUE(law_accumulate, sim_theory_simpson(law) * sim_accumulate_var(v[0], 0, v[1]))
LAW_VALUE(law_subsample, sim_theory_simpson(law) * sim_subsample_var(v[0], v[1]))
LAW_VALUE(law_fresh, sim_theory_simpson(law) * sim_fresh_iid_var(v[0], v[1], v[2]))
LAW_VALUE(law_first_var, sim_martingale_var(law->p[0], v[0], v[1]))
LAW_VALUE(law_seen, sim_theory_seen_states(law, v[0]))
LAW_VALUE(law_missing, sim_theory_missing_mass(law, v[0]))
LAW_VALUE(law_smoothed, sim_smoothed_diversity(law, v[0], v[1], v[2]))
LAW_VALUE(law_smoothed_first, sim_smoothed_first(law, v[0], v[1], v[2]))
LAW_VALUE(law_top_p, sim_top_p_states(law, v[0], v[1]))
LAW_STATUS(law_states, sim_theory_state_sum(law, v[0], v[1], SIM_SUM_STATES, out, err))
LAW_STATUS(law_entropy, sim_theory_state_sum(law, v[0], v[1], SIM_SUM_ENTROPY, out, err))
LAW_STATUS(law_lost, sim_theory_state_sum(law, v[0], v[1], SIM_SUM_LOST, out, err))
LAW_STATUS(law_tv, sim_theory_total_variation(law, v[0], v[1], out, err))
LAW_STATUS(law_missing_twice, sim_theory_missing_mass_twice(law, v[0], v[1], out, err))

#define LAW_REST(name, member)                                                                                         \
    static enum wn_status name##_law(const struct sim_theory_law *law, const double *v, double *out,                   \
                                     struct wn_err *err)                                                               \
    {                                                                                                                  \
        struct sim_theory_rest rest = { 0 };                                                                           \
        enum wn_status st = sim_theory_temperature_rest(law, v[0], v[1], &rest, err);                                  \
                                                                                                                       \
        *out = rest.member;                                                                                            \
        return st;                                                                                                     \
    }                                                                                                                  \
    static enum wn_status name(const double *v, double *out, struct wn_err *err)                                       \
    {                                                                                                                  \
        return with_law(v, name##_law, out, err);                                                                      \
    }
LAW_REST(law_rest_entropy, entropy)
LAW_REST(law_rest_first, first)
LAW_REST(law_rest_kl, kl)

/* ---- constants ----------------------------------------------------------------------------------------------------
 */

/* Excess risk of `accumulate` for large M in units of the first fit. */
static double workflow_accumulate(double power)
{
    return M_PI * M_PI / 6 * power;
}

static double workflow_subsample(double power)
{
    return (M_PI * M_PI / 2 - 2) * power;
}

#define F1(fn) .f.f1 = fn
#define F2(fn) .f.f2 = fn
#define F3(fn) .f.f3 = fn
#define F4(fn) .f.f4 = fn
#define F5(fn) .f.f5 = fn

const struct theory_row theory_rows[] = {
    /* 1-D Gaussian, replace */
    { "g1.replace.unbiased.E_var.*", "M,1,fits", F3(sim_replace_var) },
    { "g1.replace.unbiased.E_var.*#sd", "M,1,fits", F3(sim_replace_var_sd) },
    { "g1.replace.unbiased.Var_var.*", "M,1,fits", F3(sim_replace_var_var) },
    { "g1.replace.unbiased.E_sd.*", "M,1,fits", F3(sim_replace_sd) },
    { "g1.replace.unbiased.E_sd.*#sd", "M,1,fits", F3(sim_replace_sd_sd) },
    { "g1.replace.unbiased.Var_mu.*", "M,1,fits", F3(sim_replace_mu2) },
    { "g1.replace.unbiased.E_W2sq.*", "M,1,fits", F3(sim_replace_w2) },
    { "g1.replace.unbiased.E_W2sq.*#second_order", "M,fits", F2(sim_replace_w2_second_order) },
    { "g1.replace.unbiased.E_logvar.*", "M,1,fits", F3(sim_replace_logvar) },
    { "g1.replace.unbiased.E_logvar.*#sd", "M,fits", F2(sim_replace_logvar_sd) },
    { "g1.replace.unbiased.E_logvar.*#drift_per_fit", "M,1", F2(sim_replace_drift) },
    { "g1.replace.unbiased.E_logvar.*#half_life_fits", "M,1", F2(sim_replace_half_life) },
    { "g1.replace.unbiased.quantiles.*", "M,1,fits,q", F4(sim_replace_quantile) },
    { "g1.replace.unbiased.P_collapse.*", "M,1,fits,eps", F4(sim_replace_cdf) },
    { "g1.replace.unbiased.P_collapse.*#sd", "M,1,fits,eps", F4(cdf_sd) },
    { "g1.replace.unbiased.E_KL_0n.*", "M,1,fits", F3(sim_replace_kl_truth_model) },
    { "g1.replace.unbiased.E_KL_n0.*", "M,1,fits", F3(sim_replace_kl_model_truth) },
    { "g1.replace.unbiased.E_crossentropy.*", "M,1,fits", F3(sim_replace_crossentropy) },
    { "g1.replace.mle.E_var.*", "M,0,fits", F3(sim_replace_var) },
    { "g1.replace.mle.E_var.*#sd", "M,0,fits", F3(sim_replace_var_sd) },
    { "g1.replace.mle.Var_var.*", "M,0,fits", F3(sim_replace_var_var) },
    { "g1.replace.mle.E_sd.*", "M,0,fits", F3(sim_replace_sd) },
    { "g1.replace.mle.E_sd.*#sd", "M,0,fits", F3(sim_replace_sd_sd) },
    { "g1.replace.mle.Var_mu.*", "M,0,fits", F3(sim_replace_mu2) },
    { "g1.replace.mle.E_W2sq.*", "M,0,fits", F3(sim_replace_w2) },
    { "g1.replace.mle.E_W2sq.*#second_order", "M,fits", F2(sim_replace_w2_second_order) },
    { "g1.replace.mle.E_logvar.*", "M,0,fits", F3(sim_replace_logvar) },
    { "g1.replace.mle.E_logvar.*#sd", "M,fits", F2(sim_replace_logvar_sd) },
    { "g1.replace.mle.E_logvar.*#drift_per_fit", "M,0", F2(sim_replace_drift) },
    { "g1.replace.mle.E_logvar.*#half_life_fits", "M,0", F2(sim_replace_half_life) },
    { "g1.replace.mle.quantiles.*", "M,0,fits,q", F4(sim_replace_quantile) },
    { "g1.replace.mle.P_collapse.*", "M,0,fits,eps", F4(sim_replace_cdf) },
    { "g1.replace.mle.P_collapse.*#sd", "M,0,fits,eps", F4(cdf_sd) },
    { "g1.replace.mle.E_KL_0n.*", "M,0,fits", F3(sim_replace_kl_truth_model) },
    { "g1.replace.mle.E_KL_n0.*", "M,0,fits", F3(sim_replace_kl_model_truth) },
    { "g1.replace.mle.E_crossentropy.*", "M,0,fits", F3(sim_replace_crossentropy) },
    { "g1.replace.Var_logvar.*", "M,fits", F2(sim_replace_logvar_var) },
    { "g1.replace.unbiased.E_X4.*", "M,fits", F2(sim_replace_x4) },
    { "g1.replace.unbiased.E_X4.*#kurtosis", "M,fits", F2(sim_replace_kurtosis) },
    { "g1.replace.unbiased.E_tail*.n1", "M,t", F2(sim_replace_tail_first) },
    { "g1.replace.schedule.*.E_W2sq", "M0,p,fits", F3(sim_schedule_w2) },
    { "g1.replace.schedule.*.E_W2sq#second_order", "M0,p,fits", F3(sim_schedule_w2_second_order) },
    { "g1.replace_grown.mle.E_var.*", "M,1,0,fits", F4(sim_schedule_var) },
    { "g1.replace.lambda*.unbiased.E_var.*", "lambda,fits", F2(sim_biased_var) },
    { "g1.replace.lambda*.unbiased.Var_mu.*", "M,lambda,fits|inf", F3(sim_biased_mu2) },
    { "g1.replace.lambda*.unbiased.Var_mu.*#limit", "M,lambda,inf", F3(sim_biased_mu2) },
    { "g1.replace.truncate*.mle.E_var.*", "M,c,fits", F3(sim_truncated_var) },
    { "g1.replace.truncate*.mle.E_var.*#kappa", "c", F1(sim_theory_truncated_variance) },
    { "g1.replace.top*.Minf", "p,fits", F2(sim_top_fraction_var) },
    { "g1.replace.top*.Minf#mean", "p,fits|inf", F2(sim_top_fraction_mean) },
    { "g1.replace.top*.Minf#h", "p", F1(sim_top_fraction_gain) },
    { "g1.replace.top*.Minf#kappa", "p", F1(sim_top_fraction_kappa) },
    { "g1.replace.top*.Minf#mu_inf", "p,inf", F2(sim_top_fraction_mean) },

    /* 1-D Gaussian, old data stay */
    { "g1.accumulate.unbiased.E_var.*", "M,1,fits|inf", F3(sim_accumulate_var) },
    { "g1.accumulate.unbiased.E_var.*#limit_n_inf", "M,1,inf", F3(sim_accumulate_var) },
    { "g1.accumulate.mle.E_var.*", "M,0,fits|inf", F3(sim_accumulate_var) },
    { "g1.accumulate.mle.E_var.*#sd", "M,fits", F2(accumulate_sd) },
    { "g1.accumulate.mle.E_var.*#limit_n_inf", "M,0,inf", F3(sim_accumulate_var) },
    { "g1.accumulate.mle.Var_mu.*", "M,fits|inf", F2(sim_accumulate_mu2) },
    { "g1.accumulate.mle.Var_mu.*#limit_n_inf", "M,inf", F2(sim_accumulate_mu2) },
    { "g1.accumulate.mle.Var_var.*", "M,fits", F2(sim_accumulate_var_var) },
    { "g1.accumulate.lambda*.mle.E_var.*", "M,lambda,fits|inf", F3(sim_accumulate_lambda_var) },
    { "g1.accumulate.truncate*.Minf", "c,fits|inf", F2(sim_accumulate_truncated_var) },
    { "g1.accumulate.truncate*.Minf#kappa", "c", F1(sim_theory_truncated_variance) },
    { "g1.accumulate_subsample.mle.E_var.*", "M,fits|inf", F2(sim_subsample_var) },
    { "g1.accumulate_subsample.mle.E_var.*#value_n20000", "M,20000", F2(sim_subsample_var) },
    { "g1.window*.mle.E_var.*", "M,W,fits|inf", F3(sim_window_var) },
    { "g1.window*.mle.E_var.*#asymptotic_factor_per_fit", "M,W", F2(sim_window_rate) },

    /* 1-D Gaussian, real data in every fit */
    { "g1.fresh.stratified.mle.E_var.*", "M,M_r,lambda=1,fits|inf", F4(sim_fresh_var) },
    { "g1.fresh.stratified.mle.E_var.*#fixed_point_var", "M,M_r,lambda=1,inf", F4(sim_fresh_var) },
    { "g1.fresh.stratified.mle.E_var.*#fixed_point_mu2", "M,M_r,lambda=1,inf", F4(sim_fresh_mu2) },
    { "g1.fresh.stratified.mle.Var_mu.*", "M,M_r,lambda=1,fits|inf", F4(sim_fresh_mu2) },
    { "g1.fresh.iid.mle.E_var.*", "M,rho,fits|inf", F3(sim_fresh_iid_var) },
    { "g1.fresh.iid.mle.E_var.*#fixed_point_var", "M,rho,inf", F3(sim_fresh_iid_var) },
    { "g1.fresh.lambda*.mle.E_var.*", "M,M_r,lambda,fits|inf", F4(sim_fresh_var) },
    { "g1.fresh.lambda*.mle.E_var.*#fixed_point_var", "M,M_r,lambda,inf", F4(sim_fresh_var) },
    { "g1.fresh.lambda*.mle.E_var.*#large_M_fixed_point", "M,M_r,lambda", F3(fresh_biased_limit) },
    { "g1.fresh.truncate*.Minf", "rho,c", F2(sim_fresh_truncated_limit) },
    { "g1.fixed_real.mle.E_var.*", "M_r,M_s,fits|inf", F3(sim_fixed_real_var) },
    { "g1.fixed_real.mle.E_var.*#fixed_point_var", "M_r,M_s,inf", F3(sim_fixed_real_var) },
    { "g1.general.*", "M,alpha,beta,gamma,fits|inf", F5(sim_general_var) },
    { "g1.general.*#fixed_point_var", "M,alpha,beta,gamma,inf", F5(sim_general_var) },
    { "weight.golden#w", "1", F1(sim_weight_best) },
    { "weight.golden#ratio", "1", F1(sim_weight_best) },
    { "weight.general", "k", F1(sim_weight_best) },
    { "weight.E_mu2.*", "n_r,n_s,w,fits|inf", F4(sim_weight_mu2) },
    { "weight.E_mu2.*#fixed_point", "n_r,n_s,w,inf", F4(sim_weight_mu2) },
    { "weight.published.E_mean_err.*", "n_real,m_synth,w,fits|inf", F4(sim_weight_mean_error) },
    { "weight.published.E_mean_err.*#fixed_point", "n_real,m_synth,w,inf", F4(sim_weight_mean_error) },
    { "weight.published.E_var_err.*", "n_real,m_synth,w,fits|inf", F4(sim_weight_var_error) },
    { "weight.published.E_var_err.*#fixed_point", "n_real,m_synth,w,inf", F4(sim_weight_var_error) },

    /* detectors, watermarks, verification, importance */
    { "filter.rho_eff", "pi,tpr,fpr", F3(sim_rho_eff) },
    { "filter.topup.E_var.*", "pi,tpr,fpr,M,fits|inf", F5(topup) },
    { "filter.topup.E_var.*#rho_eff", "pi,tpr,fpr", F3(sim_rho_eff) },
    { "filter.topup.E_var.*#fixed_point", "pi,tpr,fpr,M,inf", F5(topup) },
    { "filter.topup.E_var.*#fixed_point_without_filter", "pi,0,0,M,inf", F5(topup) },
    { "filter.fixed_intake.E_var.*", "N_r,N_s,tpr,fpr,fits|inf", F5(intake) },
    { "filter.fixed_intake.E_var.*#E_inv_M", "N_r,N_s,tpr,fpr", F4(intake_inverse) },
    { "filter.fixed_intake.E_var.*#E_pair", "N_r,N_s,tpr,fpr", F4(intake_pair) },
    { "filter.fixed_intake.E_var.*#fixed_point", "N_r,N_s,tpr,fpr,inf", F5(intake) },
    { "filter.fixed_intake.lambda*", "N_r,N_s,tpr,fpr,lambda,fits|inf", .any = intake_biased_var },
    { "filter.fixed_intake.lambda*#fixed_point", "N_r,N_s,tpr,fpr,lambda,inf", .any = intake_biased_var },
    { "filter.fixed_intake.lambda*#fixed_point_mu2", "N_r,N_s,tpr,fpr,lambda,inf", .any = intake_biased_mu2 },
    { "filter.fixed_intake.lambda*#no_filter_fixed_point", "N_r,N_s,0,0,lambda,inf", .any = intake_biased_var },
    { "filter.fixed_intake.lambda*#perfect_filter_fixed_point", "N_r,N_s,1,0,lambda,inf", .any = intake_biased_var },
    { "filter.roc.operating_point.*", "d_prime,N_r,N_s,lam", F4(roc_risk) },
    { "filter.roc.operating_point.*#tpr", "d_prime,N_r,N_s,lam", F4(roc_tpr) },
    { "filter.roc.operating_point.*#fpr", "d_prime,N_r,N_s,lam", F4(roc_fpr) },
    { "filter.roc.operating_point.*#vstar", "d_prime,N_r,N_s,lam", F4(roc_var) },
    { "filter.phase.rho_c", "M", F1(sim_rho_critical) },
    { "filter.phase.tpr_c", "M,pi,fpr", F3(sim_tpr_critical) },
    { "filter.phase.tpr_c#check_vstar", "M,pi,fpr", F3(topup_check) },
    { "filter.phase.lambda", "lam", F1(sim_rho_critical_biased) },
    { "filter.watermark.rho_eff", "pi,u,tw,a", F4(sim_watermark_rho_eff) },
    { "filter.watermark.rho_eff#ceiling", "pi,u", F2(sim_watermark_ceiling) },
    { "filter.value_dependent.flag_centre.*", "0,pi,c,t,lambda,fits|inf", .any = value_filter },
    { "filter.value_dependent.flag_tails.*", "1,pi,c,t,lambda,fits|inf", .any = value_filter },
    { "verify.loop", "e,phi,psi,fits", F4(sim_verify_wrong) },
    { "verify.critical", "phi,psi", F2(sim_verify_critical) },
    { "filter.importance.*#rho", "pi,bias_factor,real_conf_beta0,real_conf_beta1,syn_conf_beta0,syn_conf_beta1",
      .any = importance_rho },
    { "filter.importance.*#ess_fraction",
      "pi,bias_factor,real_conf_beta0,real_conf_beta1,syn_conf_beta0,syn_conf_beta1", .any = importance_ess },

    /* discrete laws */
    { "disc.replace.E_H.*", "zipf=0,shift=0,K,M,fits", .any = law_replace },
    { "disc.replace.E_H.*#H0", "zipf=0,shift=0,K", .any = law_simpson },
    { "disc.replace.E_unique.alldistinct.*", "M,fits", .any = lines_left },
    { "disc.replace.E_TMRCA.alldistinct.*#T", "M", .any = common_ancestor },
    { "disc.replace.E_TMRCA.alldistinct.*#kingman", "M", F1(sim_lines_kingman) },
    { "disc.replace.E_unique.*", "zipf=0,shift=0,K,M,fits", .any = law_states },
    { "disc.replace.E_entropy.*", "zipf=0,shift=0,K,M,fits", .any = law_entropy },
    { "disc.replace.E_TV.*", "zipf=0,shift=0,K,M,fits", .any = law_tv },
    { "disc.replace.E_lostmass.*", "zipf=0,shift=0,K,M,fits", .any = law_lost },
    { "disc.replace.Var_p1.*", "zipf=0,shift=0,K,M,fits", .any = law_first_var },
    { "disc.replace.E_absorb.K2.*#T", "M,p", .any = absorption_two },
    { "disc.replace.E_absorb.K2.*#diffusion", "M,p", F2(sim_absorption_two_diffusion) },
    { "disc.replace.P_fix.K2.*#P", "p", F1(same) },
    { "disc.replace.P_fix.K2.*#sd", "p", F1(indicator_sd) },
    { "disc.replace.addk*.E_H.*", "zipf=0,shift=0,K,M,addk,fits", .any = law_smoothed },
    { "disc.replace.addk*.E_H.*#E_p1", "zipf=0,shift=0,K,M,addk,fits", .any = law_smoothed_first },
    { "disc.accumulate.E_H.*", "zipf=0,shift=0,K,M,fits|inf", .any = law_accumulate },
    { "disc.accumulate.E_H.*#limit", "zipf=0,shift=0,K,M,inf", .any = law_accumulate },
    { "disc.accumulate.E_H.*#H0", "zipf=0,shift=0,K", .any = law_simpson },
    { "disc.accumulate.E_unique.*", "zipf=0,shift=0,K,M", .any = law_seen },
    { "disc.accumulate_subsample.E_H.*", "zipf=0,shift=0,K,M,fits|inf", .any = law_subsample },
    { "disc.fresh.E_H.*", "zipf=0,shift=0,K,M,rho,fits|inf", .any = law_fresh },
    { "disc.fresh.E_H.*#fixed_point", "zipf=0,shift=0,K,M,rho,inf", .any = law_fresh },
    { "disc.fresh.temperature*#entropy", "zipf=0,shift=0,K,rho,tau", .any = law_rest_entropy },
    { "disc.fresh.temperature*#p1", "zipf=0,shift=0,K,rho,tau", .any = law_rest_first },
    { "disc.fresh.temperature*#KL", "zipf=0,shift=0,K,rho,tau", .any = law_rest_kl },
    { "disc.suresh.gk", "k", F1(sim_branching_g) },
    { "disc.suresh.bound.*", "M,p,fits", .any = alive },
    { "disc.suresh.bound.*#lower", "M,p,fits", F3(sim_theory_alive_lower) },
    { "disc.suresh.bound.*#upper", "M,p,fits", F3(sim_theory_alive_upper) },
    { "disc.tail.missingmass.*", "s,shift=0,K,T", .any = law_missing },
    { "disc.tail.missingmass.*#theory_slope", "s", F1(missing_mass_exponent) },
    { "disc.tail.twostage.*", "s,shift=0,K,T0,T", .any = law_missing_twice },
    { "disc.bias.topp.*", "zipf=0,shift=0,K,topp,fits", .any = law_top_p },
    { "bias.hysteresis.*", "K,rho,tau", F3(flat_entropy) },
    { "bias.hysteresis.*#p1", "K,rho,tau", F3(flat_first) },
    { "bias.hysteresis.*#from_truth", "0,0,K,rho,tau", .any = law_rest_entropy },
    { "bias.transition.zipf05_*", "0.5,0,K,rho,tau", .any = law_rest_entropy },

    /* d-dimensional Gaussian */
    { "gnd.replace.unbiased.E_tr.*", "d,M,1,fits", F4(sim_nd_trace) },
    { "gnd.replace.unbiased.E_logdet.*", "d,M,1,fits", F4(sim_nd_logdet) },
    { "gnd.replace.unbiased.E_logdet.*#sd", "d,M,fits", F3(sim_nd_logdet_sd) },
    { "gnd.replace.unbiased.E_logdet.*#drift_per_fit", "d,M,1", F3(sim_nd_logdet_drift) },
    { "gnd.replace.unbiased.E_det.*", "d,M,1,fits", F4(sim_nd_det) },
    { "gnd.replace.unbiased.lyapunov.*", "M,1,i", F3(sim_nd_lyapunov) },
    { "gnd.replace.mle.E_tr.*", "d,M,0,fits", F4(sim_nd_trace) },
    { "gnd.replace.mle.E_logdet.*", "d,M,0,fits", F4(sim_nd_logdet) },
    { "gnd.replace.mle.E_logdet.*#sd", "d,M,fits", F3(sim_nd_logdet_sd) },
    { "gnd.replace.mle.E_logdet.*#drift_per_fit", "d,M,0", F3(sim_nd_logdet_drift) },
    { "gnd.replace.mle.E_det.*", "d,M,0,fits", F4(sim_nd_det) },
    { "gnd.replace.mle.lyapunov.*", "M,0,i", F3(sim_nd_lyapunov) },
    { "gnd.replace.Var_logdet.*", "d,M,fits", F3(sim_nd_logdet_var) },
    { "gnd.replace.unbiased.E_trS2.*", "d,M,fits", F3(sim_nd_trace_of_square) },
    { "gnd.replace.unbiased.E_tr_sq.*", "d,M,fits", F3(sim_nd_trace_squared) },
    { "gnd.replace.unbiased.E_mu2.*", "d,M,fits", F3(sim_nd_mu2) },
    { "gnd.replace.unbiased.E_W2sq.*#second_order", "d,M,fits", F3(sim_nd_w2_second_order) },
    { "gnd.accumulate.mle.E_tr.*", "d,M,fits|inf", F3(sim_nd_accumulate_trace) },
    { "gnd.accumulate.mle.E_tr.*#limit", "d,M,inf", F3(sim_nd_accumulate_trace) },
    { "gnd.mad_fresh_loop.E_tr.*", "d,n_r,n_s,lambda,n_ini,fits", .any = mad_trace },

    /* regression, kernel densities, counts, Poisson, separated mixture */
    { "linreg.replace.*", "d,T,sigma,fits", F4(sim_linreg_replace) },
    { "linreg.accumulate.same_X.*", "d,T,sigma,fits|inf", F4(sim_linreg_accumulate) },
    { "linreg.accumulate.same_X.*#limit", "d,T,sigma,inf", F4(sim_linreg_accumulate) },
    { "linreg.accumulate.fresh_X.*", "d,T,sigma,fits", F4(sim_linreg_accumulate_new) },
    { "linreg.replace_grown.fresh_X.*", "d,T,sigma,fits", F4(sim_linreg_grown) },
    { "linreg.fresh.d1.*", "T_r,T_s,fits|inf", F3(sim_linreg_fresh) },
    { "linreg.fresh.d1.*#fixed_point", "T_r,T_s,inf", F3(sim_linreg_fresh) },
    { "linreg.strong_collapse.*", "sigma,d,n,p2,c2", F5(sim_linreg_strong) },
    { "kde.replace.fixed_h*", "M,h,fits|inf", F3(sim_kde_fixed_var) },
    { "kde.replace.fixed_h*#fixed_point", "M,h,inf", F3(sim_kde_fixed_var) },
    { "kde.replace.scott.*", "M,c,fits", F3(sim_kde_rule_var) },
    { "kde.replace.scott.*#growth_per_fit", "M,c", F2(sim_kde_rule_growth) },
    { "kde.replace.silverman.*", "M,c,fits", F3(sim_kde_rule_var) },
    { "kde.replace.silverman.*#growth_per_fit", "M,c", F2(sim_kde_rule_growth) },
    { "lm.seddik.fully_synthetic.*", "n,S0,fits", F3(sim_seddik_sum_squares) },
    { "lm.seddik.partially_synthetic.*", "N,n,S0,fits|inf", F4(sim_seddik_partial) },
    { "lm.seddik.partially_synthetic.*#fixed_point", "N,n,S0,inf", F4(sim_seddik_partial) },
    { "poisson.replace.P_extinct.*", "M,lambda0,fits", F3(sim_poisson_extinct) },
    { "poisson.replace.P_extinct.*#sd", "M,lambda0,fits", F3(extinct_sd) },
    { "poisson.replace.Var.*", "M,lambda0,fits", F3(sim_poisson_var) },
    { "gmm.separated.E_weight_H.*", "M,pi0,fits", F3(component_diversity) },
    { "gmm.separated.E_compvar.*", "M,0.5,fits", .any = component_var },
    { "workflow.constants#accumulate", "1", F1(workflow_accumulate) },
    { "workflow.constants#accumulate_subsample", "1", F1(workflow_subsample) },
    { .pattern = NULL }
};
