/*
 * forecast_parts.h - what forecasts are made of; for forecast*.c alone.
 *
 *     how many items a fit gets (law) -> expected variance, fit by fit (loop) -> metrics of an engine
 *
 * Everything rests on one idea (theory_policy.c): the expected half squared difference D of
 * two training points is that of their parents, and 0 for two points with one parent.
 * D of a point and a new real one is tracked the same way, with the truth as a batch of its
 * own.  Units: variances of the truth.
 */
#ifndef SIM_FORECAST_PARTS_H
#define SIM_FORECAST_PARTS_H

#include "sim/forecast.h"

/* ---- forecast_law.c: how many new items a fit gets ----------------------------------------- */

struct forecast_count {
    double real, synthetic, weight;      /* weights of a law add up to 1 */
};

struct forecast_law {
    struct forecast_count *item;
    size_t n, cap;
    bool no_memory;
};

/* The new items that follow fit GENERATION (0: generation 0 itself, when it is mixed), those
 * with fewer than LEAST in all left out: such a run ends.  Returns NULL, or why there is no
 * closed form; no_memory is set when that is the reason.  Laws too wide to list are replaced
 * by the 3-point Gauss-Hermite rule, whose error is of the order n^-2. */
const char *forecast_law_make(struct forecast_law *law, const struct wn_sim_opts *o, const struct wn_policy *p,
                              uint32_t generation, double least);
/* N real items and nothing else. */
const char *forecast_law_real(struct forecast_law *law, double n);
void forecast_law_release(struct forecast_law *law);
/* E F(real + synthetic). */
double forecast_law_mean(const struct forecast_law *law, double (*f)(const void *arg, double n), const void *arg);
bool forecast_law_has_real(const struct forecast_law *law);
/* Whether each item of the law is a synthetic one, and never fewer than N. */
bool forecast_law_is_pure(const struct forecast_law *law, double n);

/* ---- forecast_loop.c: the expected variance --------------------------------------------------- */

/* How a model's variance follows from that of its N training points, over N:
 * u = factor(N) v + added; samples have variance bias u. */
struct forecast_fit {
    enum wn_estimator estimator;
    double bias;                         /* lambda, and what truncation leaves */
    double kernel;                       /* kde: (h / s)^2 = kernel n^-0.4; 0: none */
    double added;                        /* kde with a fixed width */
    double least;                        /* items that a fit needs */
    bool is_normal;                      /* log v is a sum of the logs of chi-squares */
    double dims;                         /* gaussian-nd: the drift is that of log det; else 0 */
};
double forecast_fit_factor(const struct forecast_fit *fit, double n);

/* Coefficients of what a step starts from. */
struct forecast_sum {
    double one, emitted, to_truth, to_fixed;
};
struct forecast_core {
    struct forecast_sum v, u, rp, tp;
};

enum forecast_kind { FORECAST_CORE, FORECAST_POOL, FORECAST_WINDOW, FORECAST_GENERAL };

struct forecast_window;

struct forecast_loop {
    const struct wn_sim_opts *opts;
    const struct wn_policy *policy;
    struct forecast_fit fit;
    enum forecast_kind kind;
    uint32_t n_fits;                     /* done; var and mu2 are those of the last one */
    double var, mu2;                     /* E of the model's variance, of its squared mean; NAN: not known */
    struct forecast_law law;             /* the new items of the last fit */
    bool law_varies;                     /* from fit to fit */

    /* CORE: the newest items, and FIXED real ones that stay for ever. */
    double fixed;
    struct forecast_core core;           /* of the law */
    double v, rp, tp;                    /* of the training set: variance over N, D to the fixed items, to the truth */
    /* POOL: everything so far; fitted whole or by a subsample. */
    double pool_var, pool_mu2;
    double n_mean, n_var;                /* of the pool's size, in the measure tilted by the variance */
    double subsample;                    /* items of the subsample; INFINITY: all */
    /* WINDOW */
    struct forecast_window *window;
    /* GENERAL: D of two points of p_g, and the second moment of p_g. */
    double x, second;
};

/* NULL, or why there is no closed form.  The loop stands before fit 1. */
const char *forecast_loop_open(struct forecast_loop *l, const struct wn_sim_opts *o, const struct wn_policy *p,
                               const struct forecast_fit *fit);
/* Goes on to the next fit; false when a growing law has no closed form any more or memory
 * ran out (law.no_memory). */
bool forecast_loop_next(struct forecast_loop *l);
/* The next fit's law is not the last one's. */
bool forecast_loop_has_new_law(const struct forecast_loop *l);
void forecast_loop_close(struct forecast_loop *l);
/* Real items are never part of a fit but the first. */
bool forecast_loop_is_pure(const struct forecast_loop *l);

/* ---- forecast_core.c ---------------------------------------------------------------------------- */

void forecast_core_law(struct forecast_loop *l);
void forecast_core_step(struct forecast_loop *l, double emitted);
/* E v of the fixed point under the present law; NAN when there is none. */
double forecast_core_rest(const struct forecast_loop *l);

/* ---- forecast_pool.c ---------------------------------------------------------------------------- */

void forecast_pool_start(struct forecast_loop *l);
void forecast_pool_step(struct forecast_loop *l);

/* ---- forecast_window.c -------------------------------------------------------------------------- */

struct forecast_window *forecast_window_new(size_t batches);
void forecast_window_free(struct forecast_window *w);
/* Adds a batch of REAL and SYNTHETIC items, the latter with variance EMITTED around the mean
 * of what the window holds. */
void forecast_window_add(struct forecast_window *w, double real, double synthetic, double emitted);
double forecast_window_var(const struct forecast_window *w);
double forecast_window_mu2(const struct forecast_window *w);
double forecast_window_items(const struct forecast_window *w);

/* ---- forecast_outlook.c --------------------------------------------------------------------------- */

/* Everything that holds for any engine whose diversity follows the loop; L stands before fit 1
 * and is used up.  SCALE: units of the metric. */
void forecast_outlook(struct sim_outlook *out, struct forecast_loop *l, double scale);

/* ---- engines: forecast_normal.c, forecast_discrete.c, forecast_other.c ---------------------------- */

struct sim_forecast {
    const struct sim_setup *setup;
    const struct wn_policy *policy;
    struct sim_outlook outlook;
    const struct forecast_engine *engine;   /* NULL: no curves */
    struct forecast_loop loop;
    bool is_open, is_over;
    double scale;                           /* d, or the truth's diversity */

    /* normal laws: E log v (or log det), E sd, E 1/v, E mu^2/v; NAN: not known */
    double log_var, sd, inverse, ratio;
    double step_log, step_sd, step_inverse, step_ratio;   /* of a fit, for the present law */
    double det, of_square, squared;                       /* E det S, E tr S^2, E (tr S)^2 */
    double step_det, step_square, step_share;
    /* discrete */
    double same, step_same, same_floor;     /* E sum p^2 of a smoothed law: same' = step same + floor */
    struct forecast_states *states;
    /* others: linreg's error, poisson's survival, exponential's log scale, labels' wrong rate */
    double value, step_value, gain;
};

struct forecast_engine {
    const char *name;
    /* How a fit changes a diversity that is 1 in the truth; returns NULL, or why there is no
     * such number.  NULL: sim_forecast_shares() does not know the engine. */
    const char *(*fit)(const struct wn_sim_opts *o, struct forecast_fit *out);
    /* Fills outlook and opens the loop; a reason in outlook.why_not when it cannot. */
    enum wn_status (*open)(struct sim_forecast *f, struct wn_err *err);
    /* Behind the loop's own step; may be NULL. */
    void (*next)(struct sim_forecast *f, bool new_law);
    void (*values)(const struct sim_forecast *f, struct sim_metrics *out);
};

extern const struct forecast_engine forecast_gaussian, forecast_gaussian_nd, forecast_discrete, forecast_linreg,
    forecast_kde, forecast_poisson, forecast_exponential, forecast_labels;

struct forecast_states;
void forecast_states_free(struct forecast_states *s);

/* Opens the loop, twice: once for the outlook. */
enum wn_status forecast_start(struct sim_forecast *f, const struct forecast_fit *fit, struct wn_err *err);
void forecast_refuse(struct sim_forecast *f, const char *why);
enum wn_status forecast_no_memory(struct wn_err *err);

#endif
