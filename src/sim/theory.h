/*
 * theory.h - closed forms and exact recursions for what the generational loop does.
 *
 * Pure functions: no state, no printing.  Counts are passed as double, and `n` counts
 * fits: fit 1 sees real data alone.  INFINITY for n gives the limit wherever the comment
 * says "limit"; the others are recursions that would not end.  The truth is N(0, 1) unless said otherwise; v_n is the
 * fitted variance, mu_n the fitted mean.  `ddof` is 0 for the MLE and 1 for the unbiased variance. Arguments outside a
 * formula's domain give NAN or INFINITY; sim_theory_value() turns those into WN_BADCONF.  Where memory is needed a
 * status is returned.
 */
#ifndef SIM_THEORY_H
#define SIM_THEORY_H

#include <winnow/sim.h>

enum {
    SIM_MAX_FITS = 10000000,
    SIM_MAX_WINDOW = 64,      /* batches                                         */
    SIM_MAX_CHAIN = 20000,    /* points of a binomial chain                      */
    SIM_MAX_DENSE = 2000,     /* points where a dense matrix is needed           */
    SIM_MAX_STATES = 10000000 /* states of a discrete law                        */
};

/* ---- theory_special.c ------------------------------------------------------------------ */

double sim_theory_digamma_excess(double x); /* psi(x) - log x, x > 0               */
double sim_theory_trigamma(double x);
double sim_theory_log_c4(double m); /* log of E sd / sigma, unbiased, m points */
double sim_theory_normal_pdf(double z);
double sim_theory_normal_above(double z);          /* P(Z > z)                            */
double sim_theory_normal_upper_quantile(double p); /* z with P(Z > z) = p                 */
double sim_theory_truncated_variance(double c);    /* of N(0, 1) given |z| < c: kappa     */

/* Calls F(arg, k, w) for the counts k of Bin(m, p) that matter, w in units of the mode's. */
typedef void sim_theory_binomial_fn(void *arg, double k, double w);
void sim_theory_binomial_each(double m, double p, sim_theory_binomial_fn *f, void *arg);
/* E F[X] for X ~ Bin(m, p). */
double sim_theory_binomial_mean(double m, double p, const double *f);
/* Limit of F(args, n) as n grows, for a remainder that is a power series in 1/n. */
double sim_theory_limit(double (*f)(const double *args, double n), const double *args);

/* ---- theory_replace.c: replace ----------------------------------------------------------- */

double sim_replace_var(double m, double ddof, double n); /* E v_n          */
double sim_replace_var_sd(double m, double ddof, double n);
double sim_replace_var_var(double m, double ddof, double n); /* Var v_n        */
double sim_replace_sd(double m, double ddof, double n);      /* E sqrt v_n     */
double sim_replace_sd_sd(double m, double ddof, double n);
double sim_replace_mu2(double m, double ddof, double n); /* E mu_n^2       */
double sim_replace_w2(double m, double ddof, double n);  /* E W2^2(N_0, N_n) */
double sim_replace_w2_second_order(double m, double n);  /* (3/2) n/M      */
double sim_replace_drift(double m, double ddof);         /* E log v per fit */
double sim_replace_half_life(double m, double ddof);     /* fits           */
double sim_theory_half_life(double drift);               /* log 2/|drift|  */
double sim_replace_logvar(double m, double ddof, double n);
double sim_replace_logvar_var(double m, double n); /* any ddof       */
double sim_replace_logvar_sd(double m, double n);
double sim_replace_x4(double m, double n); /* E X_n^4, ddof 1 */
double sim_replace_kurtosis(double m, double n);
double sim_replace_kl_truth_model(double m, double ddof, double n); /* m > 3          */
double sim_replace_kl_model_truth(double m, double ddof, double n);
double sim_replace_crossentropy(double m, double ddof, double n); /* E[-log p_0(X_n)] */
double sim_replace_tail_first(double m, double t);                /* E P(|X_1| > t), ddof 1 */
/* M_k = round(m0 k^power); power 1 is replace_grown. */
double sim_schedule_var(double m0, double power, double ddof, double n);
double sim_schedule_w2(double m0, double power, double n); /* ddof 1         */
double sim_schedule_w2_second_order(double m0, double power, double n);

/* ---- theory_quantile.c ---------------------------------------------------------------------- */

double sim_replace_cdf(double m, double ddof, double n, double eps);    /* P(v_n < eps) */
double sim_replace_quantile(double m, double ddof, double n, double q); /* 0 < q < 1    */

/* ---- theory_policy.c: means of v_n, MLE unless ddof is a parameter --------------------------- */

double sim_accumulate_var(double m, double ddof, double n); /* limit  */
double sim_accumulate_mu2(double m, double n);              /* limit  */
double sim_accumulate_var_var(double m, double n);
double sim_accumulate_lambda_var(double m, double lambda, double n); /* limit  */
double sim_accumulate_truncated_var(double c, double n);             /* M = infinity   */
double sim_subsample_var(double m, double n);                        /* limit  */
/* The last BATCHES batches; 1 to SIM_MAX_WINDOW. */
double sim_window_var(double m, double batches, double n);
double sim_window_rate(double m, double batches); /* factor per fit, late      */
/* Synthetic points come from N(mu, lambda v); unbiased fits. */
double sim_biased_var(double lambda, double n);
double sim_biased_mu2(double m, double lambda, double n); /* limit  */
double sim_truncated_var(double m, double c, double n);   /* |z| < c is emitted        */
/* The best fraction p by value survives, M = infinity. */
double sim_top_fraction_gain(double p);
double sim_top_fraction_kappa(double p);
double sim_top_fraction_var(double p, double n);
double sim_top_fraction_mean(double p, double n); /* limit  */

/* ---- theory_real.c: real data in every fit ----------------------------------------------------- */

struct sim_theory_moments {
    double var, mu2; /* E v_n, E mu_n^2 */
};

/* m_r of the m points are new real ones, the others from N(mu, lambda v). */
double sim_fresh_var(double m, double m_r, double lambda, double n);                 /* limit  */
double sim_fresh_mu2(double m, double m_r, double lambda, double n);                 /* limit  */
double sim_fresh_biased_limit(double rho, double lambda);                            /* M = infinity   */
double sim_fresh_truncated_limit(double rho, double c);                              /* M = infinity   */
double sim_fresh_iid_var(double m, double rho, double n);                            /* limit  */
double sim_fixed_real_var(double m_r, double m_s, double n);                         /* limit  */
double sim_general_var(double m, double alpha, double beta, double gamma, double n); /* limit */
/* Weight w on n_r real points, 1 - w on n_s synthetic ones. */
double sim_weight_best(double k);                                         /* n_r = k n_s, large n */
double sim_weight_mu2(double n_r, double n_s, double w, double n);        /* limit  */
double sim_weight_mean_error(double n_r, double n_s, double w, double n); /* limit  */
double sim_weight_var_error(double n_r, double n_s, double w, double n);  /* limit  */

/* ---- theory_filter.c ------------------------------------------------------------------------------ */

double sim_rho_eff(double pi, double tpr, double fpr);
double sim_watermark_rho_eff(double pi, double marked, double power, double alpha);
double sim_watermark_ceiling(double pi, double marked);
double sim_rho_critical(double m); /* v* = 1/2       */
double sim_tpr_critical(double m, double pi, double fpr);
double sim_rho_critical_biased(double lambda); /* M = infinity   */

struct sim_theory_screen {
    double real_share, tpr, fpr;
};
/* Screened until exactly m points are kept. */
double sim_topup_var(double m, const struct sim_theory_screen *s, double n); /* limit  */

struct sim_theory_intake {
    double n_r, n_s; /* points screened per fit */
    double tpr, fpr;
};
double sim_theory_intake_inverse(const struct sim_theory_intake *in);       /* E 1/M          */
double sim_theory_intake_pair(const struct sim_theory_intake *in);          /* E ks(ks-1)/M^2 */
double sim_theory_intake_var(const struct sim_theory_intake *in, double n); /* limit  */
/* As above with sampling bias; draws with fewer than 2 points are redrawn. */
struct sim_theory_moments sim_theory_intake_biased(const struct sim_theory_intake *in, double lambda,
                                                   double n); /* limit */

struct sim_theory_operating {
    double threshold, tpr, fpr;
    double var, risk; /* v*, (sqrt v* - 1)^2 + E mu^2* */
};
struct sim_theory_operating sim_roc_best(double d_prime, double n_r, double n_s, double lambda);

struct sim_theory_value_filter {
    bool flags_tails;                /* |x| > c is flagged; else |x| < c */
    double real_share, c, t, lambda; /* t: probability to drop what is flagged */
};
double sim_theory_value_filter_var(const struct sim_theory_value_filter *f, double n); /* limit; M = infinity */

double sim_verify_wrong(double error, double phi, double psi, double n);
double sim_verify_critical(double phi, double psi);

struct sim_theory_beta {
    double a, b;
};
struct sim_theory_importance {
    double real_share, power;               /* weights (1 - confidence)^power */
    struct sim_theory_beta real, synthetic; /* laws of the confidence         */
};
double sim_theory_importance_rho(const struct sim_theory_importance *i);
double sim_theory_importance_ess(const struct sim_theory_importance *i); /* share of the sample */

/* ---- theory_chain.c --------------------------------------------------------------------------------- */

struct sim_theory_chain;
enum wn_status sim_theory_chain_new(struct sim_theory_chain **out, double m, struct wn_err *err);
void sim_theory_chain_free(struct sim_theory_chain *c);
/* STEPS times f(x) <- E f(X' | x), f of m + 1 values. */
void sim_theory_chain_back(struct sim_theory_chain *c, double *f, double steps);
/* Mean fits until one of two states is left. */
enum wn_status sim_absorption_two(double m, double p, double *out, struct wn_err *err);
double sim_absorption_two_diffusion(double m, double p);
/* m distinct labels: mean number left after n fits, mean fits until one is left. */
enum wn_status sim_lines_left(double m, double n, double *out, struct wn_err *err);
enum wn_status sim_lines_common_ancestor(double m, double *out, struct wn_err *err);
double sim_lines_kingman(double m); /* 2M(1 - 1/M)    */

/* ---- theory_discrete.c -------------------------------------------------------------------------------- */

/* Probabilities that sum to 1; a view. */
struct sim_theory_law {
    const double *p;
    size_t n;
};
/* k probabilities proportional to (rank + shift)^-s; the caller frees them. */
enum wn_status sim_theory_zipf_new(double s, double shift, double k, double **out, struct wn_err *err);
double sim_theory_simpson(const struct sim_theory_law *law); /* 1 - sum p^2    */
double sim_martingale_var(double p, double m, double n);     /* Var theta_n(i) */

enum sim_theory_state_sum {
    SIM_SUM_STATES,  /* E number of states alive         */
    SIM_SUM_ENTROPY, /* E Shannon entropy, nats          */
    SIM_SUM_LOST     /* E truth's mass of dead states    */
};
enum wn_status sim_theory_state_sum(const struct sim_theory_law *law, double m, double n,
                                    enum sim_theory_state_sum what, double *out, struct wn_err *err);
enum wn_status sim_theory_total_variation(const struct sim_theory_law *law, double m, double n, double *out,
                                          struct wn_err *err);
/* P(a state of mass p is alive), and the bounds of Suresh et al. */
enum wn_status sim_theory_alive(double m, double p, double n, double *out, struct wn_err *err);
double sim_theory_alive_lower(double m, double p, double n);
double sim_theory_alive_upper(double m, double p, double n);
double sim_theory_seen_states(const struct sim_theory_law *law, double m);  /* in m real points */
double sim_theory_missing_mass(const struct sim_theory_law *law, double t); /* unseen in t real points */
enum wn_status sim_theory_missing_mass_twice(const struct sim_theory_law *law, double t0, double t, double *out,
                                             struct wn_err *err);
double sim_smoothed_diversity(const struct sim_theory_law *law, double m, double add, double n);
double sim_smoothed_first(const struct sim_theory_law *law, double m, double add, double n);
enum wn_status sim_component_var(double m, double share, double n, double *out, struct wn_err *err);

/* ---- theory_temperature.c: M = infinity ------------------------------------------------------------- */

struct sim_theory_rest {
    double entropy, first, kl; /* nats, P(state 1), KL(truth || rest) in nats */
};
enum wn_status sim_theory_temperature_rest(const struct sim_theory_law *truth, double rho, double tau,
                                           struct sim_theory_rest *out, struct wn_err *err);
/* Flat truth over k states, started from all mass on one. */
struct sim_theory_rest sim_theory_flat_rest(double k, double rho, double tau);
bool sim_flat_is_bistable(double k, double rho, double tau);
/* States left after n fits under repeated top-p; FALLING is sorted. */
double sim_top_p_states(const struct sim_theory_law *falling, double top_p, double n);

/* ---- theory_other.c ------------------------------------------------------------------------------------- */

double sim_nd_trace(double d, double m, double ddof, double n);
double sim_nd_logdet_drift(double d, double m, double ddof);
double sim_nd_logdet(double d, double m, double ddof, double n);
double sim_nd_logdet_var(double d, double m, double n);
double sim_nd_logdet_sd(double d, double m, double n);
double sim_nd_det(double d, double m, double ddof, double n);
double sim_nd_trace_of_square(double d, double m, double n);  /* ddof 1         */
double sim_nd_trace_squared(double d, double m, double n);    /* ddof 1         */
double sim_nd_mu2(double d, double m, double n);              /* ddof 1         */
double sim_nd_w2_second_order(double d, double m, double n);  /* ddof 1         */
double sim_nd_lyapunov(double m, double ddof, double i);      /* i = 1: largest */
double sim_nd_accumulate_trace(double d, double m, double n); /* MLE, limit     */

struct sim_theory_mad {
    double d, n_r, n_s, lambda, n_ini;
};
double sim_theory_mad_trace(const struct sim_theory_mad *s, double n);

/* Mean squared error of the coefficients; T points a fit, T > d + 1. */
double sim_linreg_replace(double d, double t, double sigma, double n);
double sim_linreg_accumulate(double d, double t, double sigma, double n); /* one design; limit */
double sim_linreg_accumulate_new(double d, double t, double sigma, double n);
double sim_linreg_grown(double d, double t, double sigma, double n);
double sim_linreg_fresh(double t_r, double t_s, double n); /* limit  */
double sim_linreg_strong(double sigma, double d, double n, double p2, double c2);

double sim_kde_fixed_var(double m, double h, double n); /* limit  */
double sim_kde_rule_growth(double m, double c);         /* h = c s M^-1/5 */
double sim_kde_rule_var(double m, double c, double n);

double sim_seddik_sum_squares(double size, double s0, double fits);
double sim_seddik_partial(double real, double size, double s0, double fits); /* limit  */
double sim_branching_g(double k);
double sim_poisson_extinct(double m, double lambda0, double n);
double sim_poisson_var(double m, double lambda0, double n);

/* ---- theory_table.c: quantities by name ----------------------------------------------------------------- */

/* Named numbers: "M" 100, "rho" 0.1, "fits" 20. */
struct sim_theory_args {
    struct {
        char name[24];
        double value;
    } item[64];
    size_t n;
};
/* Sets or replaces; false when the name is too long or there is no room. */
bool sim_theory_set(struct sim_theory_args *a, const char *name, double value);
/* Sets every letters-then-number group of TEXT: "zipf1_K100.M50" gives zipf, K and M.
 * A number ends where strtod ends it. */
bool sim_theory_set_from(struct sim_theory_args *a, const char *text);

/* Value of the quantity NAME: an id such as "g1.replace.mle.E_var.M100", with "#part" for
 * a second value of the case ("...#sd").  WN_END when no formula has that name,
 * WN_BADCONF when an argument is missing or the value is not finite; WN_NOMEM. */
enum wn_status sim_theory_value(const char *name, const struct sim_theory_args *a, double *out, struct wn_err *err);

/* Row I of the table: its name pattern ('*' is any text) and its arguments ("M,fits");
 * false past the end. */
bool sim_theory_row(size_t i, const char **pattern, const char **args);

#endif
