/*
 * What theory says of a cell: where the variance, or the Simpson diversity, comes to rest.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/forecast.h"
#include "sim/sweep_cell.h"

enum wn_status sim_sweep_theory(const struct wn_sim_opts *o, struct sim_sweep_theory *out, struct wn_err *err)
{
    struct sim_outlook t;
    enum wn_status st = sim_forecast_shares(o, o->policies, &t, err);

    *out = (struct sim_sweep_theory){ .is_told = false };
    if (st != WN_OK || !t.metric)
        return st;
    out->is_told = true;
    out->first = t.first;
    out->lasting = t.lasting;
    out->drift_per_fit = t.drift_per_fit;
    out->half_life_fits = t.half_life_fits;
    out->rho_eff = t.real_share;
    out->real_per_fit = t.real_per_fit;
    out->critical_share = t.critical_share;
    out->tpr_critical = t.critical_tpr;
    return WN_OK;
}

static double discrete_truth(const struct wn_sim_model *m)
{
    size_t states = m->states ? m->states : 1000;
    double *p = NULL, simpson = NAN;

    if (m->truth && strcmp(m->truth, "zipf") != 0)
        return strcmp(m->truth, "distinct") == 0 ? 1 : NAN;
    if (m->law)
        return sim_theory_simpson(&(struct sim_theory_law){ m->law, states });
    if (sim_theory_zipf_new(m->zipf, m->zipf_shift, (double)states, &p, NULL) == WN_OK)
        simpson = sim_theory_simpson(&(struct sim_theory_law){ p, states });
    free(p);
    return simpson;
}

double sim_sweep_truth(const struct wn_sim_opts *o, const char *metric)
{
    if (strcmp(o->engine, "gaussian") == 0 && strcmp(metric, "variance") == 0)
        return 1;
    return strcmp(o->engine, "discrete") == 0 && strcmp(metric, "simpson") == 0 ? discrete_truth(&o->model) : NAN;
}
