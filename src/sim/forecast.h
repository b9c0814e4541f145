/*
 * forecast.h - what theory says of a policy before it runs: a handful of numbers, and the
 * expected values of metrics, fit by fit.
 *
 * Closed forms and exact recursions; no random numbers.  A fit costs O(1), under a window O(W);
 * a forecast is made once a policy or once a cell of a sweep, not once a run.
 */
#ifndef SIM_FORECAST_H
#define SIM_FORECAST_H

#include "sim/loop.h"
#include "sim/theory.h"

/* A number that no theory gives is NAN. */
struct sim_outlook {
    const char *metric;          /* of first and lasting; NULL when nothing is known           */
    double first;                /* its mean after fit 1                                       */
    double lasting;              /* where it ends: its mean, but 0 where typical runs go to 0  */
    bool is_unlimited;           /* lasting holds for infinitely many items a fit              */
    const char *drift_of;        /* "log_variance", "log_det", or "log_mean_M" of a metric M   */
    double drift_per_fit;        /* of that, where it falls or rises geometrically             */
    double half_life_fits;       /* log 2 / |drift|, for a fall                                */
    double power;                /* metric ~ fits^power                                        */
    double growth_per_fit;       /* metric ~ growth * fits                                     */
    double real_per_fit;         /* M rho_eff: real items that reach a late fit                */
    double real_share;           /* rho_eff: their share of what it sees                       */
    double critical_share;       /* of real items, at which half of the variance survives      */
    double critical_tpr;         /* topup: of the detector, at which that share is met         */
    double absorption_fits;      /* until one real item is everyone's ancestor (diffusion)     */
    char why_not[160];           /* what has no closed form; empty: nothing is missing         */
};

struct sim_forecast;

/* S and POLICY outlive the forecast.  Engines of text have an empty outlook and no curves. */
enum wn_status sim_forecast_open(struct sim_forecast **out, const struct sim_setup *s, const struct wn_policy *policy,
                                 struct wn_err *err);
void sim_forecast_close(struct sim_forecast *f);
const struct sim_outlook *sim_forecast_outlook(const struct sim_forecast *f);

/* The outlook alone, of engines whose diversity follows one recursion (gaussian, discrete), as
 * shares of the truth's.  No world and no curves, so it takes about a microsecond.  O is
 * resolved but for its sampling.  OUT has no metric where no closed form is built in. */
enum wn_status sim_forecast_shares(const struct wn_sim_opts *o, const struct wn_policy *policy, struct sim_outlook *out,
                                   struct wn_err *err);

/* Goes on to the next fit, the first call to fit 1; its expected values go to OUT (NULL: not
 * wanted).  Names are those of the trace's metrics, and mean_squared is E mu^2.  Values that
 * are not known are left out. */
enum wn_status sim_forecast_next(struct sim_forecast *f, struct sim_metrics *out, struct wn_err *err);

#endif
