/*
 * What theory says of a cell: where the variance, or the Simpson diversity, comes to rest.
 *
 * Under policies that look at labels alone the MLE variance of a Gaussian and the Simpson
 * diversity of a discrete law obey one recursion, so the shares are the same for both.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/inflow.h"
#include "sim/screen.h"
#include "sim/sweep_cell.h"
#include "sim/theory.h"

/* The sums over a fixed intake take about n steps. */
static const double most_intake = 100000;

/* Fits and samples that the recursion holds for. */
static bool is_plain(const struct wn_sim_opts *o)
{
    const struct wn_sim_sampling *s = &o->sampling;

    if (s->truncate > 0 || (s->temperature > 0 && s->temperature != 1) || s->top_k || (s->top_p > 0 && s->top_p < 1) ||
        s->min_p > 0 || s->typical > 0 || o->n < 2)
        return false;
    if (strcmp(o->engine, "gaussian") == 0)
        return o->estimator != WN_ESTIMATE_BY_SOURCE;
    return strcmp(o->engine, "discrete") == 0 && o->model.add == 0;
}

/* The detector as the rates at which it drops; true when the policy looks at labels alone. */
static bool drop_rates(const struct wn_policy *p, struct sim_theory_loop_opts *out)
{
    struct sim_screen q = sim_screen_of(p);

    if (p->filter_by != WN_FILTER_NONE && p->filter_by != WN_FILTER_ORACLE &&
        !(p->filter_by == WN_FILTER_TAG && p->op.given) &&
        !(p->filter_by == WN_FILTER_IMPORTANCE && p->human_confidence[0] > 0))
        return false;
    out->tpr = 1 - q.synthetic;
    out->fpr = 1 - q.scraped;
    return true;
}

/* New items come undeclared, and the filter looks at them. */
static bool scrape(const struct wn_sim_opts *o, const struct wn_policy *p, struct sim_theory_loop_opts *out)
{
    if (p->regime != WN_REGIME_REPLACE || !drop_rates(p, out))
        return false;
    out->real_share = o->scraped_human_share;
    if (!p->topup && nearbyint(o->scraped_human_share * out->m) == 0)
        return false;                  /* without() says what becomes of it */
    if (p->topup)
        out->loop = SIM_LOOP_FRESH_IID;
    else if (p->filter_by != WN_FILTER_NONE)
        out->loop = SIM_LOOP_INTAKE;
    else {
        out->loop = SIM_LOOP_FRESH;
        out->real_share = nearbyint(o->scraped_human_share * out->m) / out->m;
    }
    return out->loop != SIM_LOOP_INTAKE || out->m <= most_intake;
}

static bool with_real(const struct wn_policy *p, uint64_t n, struct sim_theory_loop_opts *out)
{
    bool is_iid = p->regime == WN_REGIME_FRESH_REAL && p->mixing == WN_MIXING_IID;

    if (p->real_from_first)
        return false;
    out->loop = p->regime == WN_REGIME_FIXED_REAL ? SIM_LOOP_FIXED_REAL : is_iid ? SIM_LOOP_FRESH_IID : SIM_LOOP_FRESH;
    out->real_share = is_iid ? p->real_share : (double)sim_real_items(p, n) / (double)n;
    if (out->real_share == 0)
        out->loop = SIM_LOOP_REPLACE;
    return true;
}

static bool loop_of(const struct wn_sim_opts *o, const struct wn_policy *p, struct sim_theory_loop_opts *out)
{
    if (p->budget_documents || p->budget_tokens || p->budget_of_first > 0 || p->max_synthetic < 1 ||
        p->dedup != WN_DEDUP_NONE)
        return false;
    if (o->scraped_human_share > 0)
        return scrape(o, p, out);
    if (p->filter_by != WN_FILTER_NONE)
        return false;
    switch (p->regime) {
    case WN_REGIME_REPLACE:
        out->loop = SIM_LOOP_REPLACE;
        return true;
    case WN_REGIME_ACCUMULATE:
        out->loop = SIM_LOOP_ACCUMULATE;
        return true;
    case WN_REGIME_ACCUMULATE_SUBSAMPLE:
        out->loop = SIM_LOOP_SUBSAMPLE;
        return true;
    case WN_REGIME_WINDOW:
        out->loop = SIM_LOOP_WINDOW;
        out->batches = p->window;
        return true;
    case WN_REGIME_FRESH_REAL:
    case WN_REGIME_FIXED_REAL:
        return with_real(p, o->n, out);
    default:
        return false;
    }
}

static bool general(const struct wn_sim_opts *o, const struct wn_policy *p, struct sim_sweep_theory *out)
{
    double m = (double)o->n;

    if (p->regime != WN_REGIME_GENERAL || o->scraped_human_share > 0 || o->estimator != WN_ESTIMATE_MLE ||
        (o->sampling.lambda > 0 && o->sampling.lambda < 1) || p->filter_by != WN_FILTER_NONE || p->budget_documents ||
        p->budget_tokens || p->budget_of_first > 0 || p->dedup != WN_DEDUP_NONE)
        return false;
    out->first = sim_general_var(m, p->alpha, p->beta, p->gamma, 1);
    out->lasting = sim_general_var(m, p->alpha, p->beta, p->gamma, INFINITY);
    return isfinite(out->lasting);
}

/* A fixed intake of so few human items that not one comes: nothing lasts. */
static bool without(const struct wn_sim_opts *o, const struct wn_policy *p, struct sim_sweep_theory *out)
{
    struct sim_theory_loop_opts l;

    if (!(o->scraped_human_share > 0) || p->topup || p->regime != WN_REGIME_REPLACE || !drop_rates(p, &l) ||
        nearbyint(o->scraped_human_share * (double)o->n) > 0)
        return false;
    out->lasting = out->rho_eff = out->real_per_fit = 0;
    return true;
}

bool sim_sweep_theory(const struct wn_sim_opts *o, struct sim_sweep_theory *out)
{
    const struct wn_policy *p = o->policies;
    struct sim_theory_loop_opts l = { .estimator = o->estimator, .m = (double)o->n, .lambda = o->sampling.lambda };
    struct sim_prediction got;

    *out = (struct sim_sweep_theory){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
    if (!is_plain(o))
        return false;
    if (general(o, p, out) || without(o, p, out))
        return true;
    if (!loop_of(o, p, &l) || sim_predict(&l, &got, NULL) != WN_OK)
        return false;
    out->first = got.first_var;
    out->lasting = got.lasting_var;
    out->drift_per_fit = got.drift_per_fit;
    out->half_life_fits = got.half_life_fits;
    if (l.loop >= SIM_LOOP_FIXED_REAL) {
        out->rho_eff = sim_rho_eff(l.real_share, l.tpr, l.fpr);
        out->real_per_fit = got.real_per_fit;
    }
    if (got.critical_share > 0)
        out->critical_share = got.critical_share;
    if (l.loop == SIM_LOOP_FRESH_IID && o->scraped_human_share > 0 && l.real_share < 1)
        out->tpr_critical = sim_tpr_critical(l.m, l.real_share, l.fpr);
    return true;
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
