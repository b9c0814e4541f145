/*
 * Forecasts for gaussian and gaussian-nd.  Means of variances come from the loop.  What is not
 * linear in the variance - logarithms, standard deviations, KL - is known where every fit
 * sees the last model's items alone: there log v is a sum of independent steps
 * (theory_replace.c).
 */
#include <math.h>

#include "sim/forecast_parts.h"
#include "sim/gauss_nd.h"

struct norm {
    double ddof, dims;
};

static struct norm norm_of(const struct sim_forecast *f)
{
    return (struct norm){ f->loop.fit.estimator != WN_ESTIMATE_MLE, f->scale };
}

static double log_step(const void *arg, double n)
{
    const struct norm *m = arg;

    return sim_nd_logdet_drift(m->dims, n, m->ddof);
}

static double sd_step(const void *arg, double n)
{
    const struct norm *m = arg;

    return exp(sim_theory_log_c4(n) + 0.5 * log((n - 1) / (n - m->ddof)));
}

/* E v / v' */
static double inverse_step(const void *arg, double n)
{
    const struct norm *m = arg;

    return (n - m->ddof) / (n - 3);
}

static double ratio_step(const void *arg, double n)
{
    return inverse_step(arg, n) / n;
}

static double det_step(const void *arg, double n)
{
    const struct norm *m = arg;

    return sim_nd_det(m->dims, n, m->ddof, 1);
}

static double square_step(const void *arg, double n)
{
    const struct norm *m = arg;
    double f = (n - 1) / (n - m->ddof);

    return f * f;
}

static double square_share(const void *arg, double n)
{
    return square_step(arg, n) / (n - 1);
}

/* Each fit has more than LEAST items, in all that the law counts. */
static bool above(const struct forecast_law *law, double least)
{
    for (size_t i = 0; i < law->n; i++)
        if (law->item[i].real + law->item[i].synthetic <= least)
            return false;
    return true;
}

static void measure_law(struct sim_forecast *f)
{
    const struct forecast_law *law = &f->loop.law;
    struct norm m = norm_of(f);
    bool any = above(law, 1), kl = above(law, 3);

    f->step_log = above(law, m.dims) ? forecast_law_mean(law, log_step, &m) : NAN;
    f->step_sd = any ? forecast_law_mean(law, sd_step, &m) : NAN;
    f->step_inverse = kl ? forecast_law_mean(law, inverse_step, &m) : NAN;
    f->step_ratio = kl ? forecast_law_mean(law, ratio_step, &m) : NAN;
    f->step_det = any ? forecast_law_mean(law, det_step, &m) : NAN;
    f->step_square = any ? forecast_law_mean(law, square_step, &m) : NAN;
    f->step_share = any ? forecast_law_mean(law, square_share, &m) : NAN;
}

static bool is_normal(const struct sim_forecast *f)
{
    const struct forecast_loop *l = &f->loop;

    if (l->kind != FORECAST_CORE && l->n_fits > 1)
        return false;
    if (l->n_fits == 1)
        return l->fixed == 0 && !(l->opts->first_mixed && l->fit.estimator == WN_ESTIMATE_BY_SOURCE) &&
               l->policy->regime != WN_REGIME_WEIGHTED;
    return forecast_loop_is_pure(l) && l->opts->sampling.truncate == 0;
}

static void normal_next(struct sim_forecast *f, bool new_law)
{
    double bias = f->loop.n_fits == 1 ? 1 : f->loop.fit.bias, d = f->scale, of_square = f->of_square;

    if (!is_normal(f)) {
        f->log_var = f->sd = f->inverse = f->ratio = f->det = f->of_square = f->squared = NAN;
        return;
    }
    if (new_law)
        measure_law(f);
    f->log_var += f->step_log + d * log(bias);
    f->sd *= f->step_sd * sqrt(bias);
    f->ratio = f->step_inverse * f->ratio / bias + f->step_ratio;
    f->inverse *= f->step_inverse / bias;
    f->det *= f->step_det * pow(bias, d);
    f->of_square = bias * bias * (f->step_square * of_square + f->step_share * (of_square + f->squared));
    f->squared = bias * bias * (f->step_square * f->squared + 2 * f->step_share * of_square);
}

static const char *normal_fit(const struct wn_sim_opts *o, struct forecast_fit *out)
{
    double kappa = o->sampling.truncate > 0 ? sim_theory_truncated_variance(o->sampling.truncate) : 1;
    double lambda = o->sampling.lambda > 0 ? o->sampling.lambda : 1;

    *out = (struct forecast_fit){ .estimator = o->estimator, .bias = lambda * kappa, .is_normal = true,
                                  .least = (double)sim_generator_find(o->engine)->min_items(o) };
    return NULL;
}

static void normal_start(struct sim_forecast *f)
{
    f->sd = f->inverse = f->det = 1;
    f->of_square = f->scale;
    f->squared = f->scale * f->scale;
}

/* ---- gaussian ------------------------------------------------------------------------------------ */

static enum wn_status gaussian_open(struct sim_forecast *f, struct wn_err *err)
{
    struct forecast_fit fit;

    normal_fit(&f->setup->opts, &fit);
    f->outlook.metric = "variance";
    normal_start(f);
    return forecast_start(f, &fit, err);
}

static void gaussian_values(const struct sim_forecast *f, struct sim_metrics *out)
{
    double v = f->loop.var, mu2 = f->loop.mu2;

    sim_metrics_add(out, "mean_squared", mu2, 0);
    sim_metrics_add(out, "variance", v, 0);
    sim_metrics_add(out, "log_variance", f->log_var, 0);
    sim_metrics_add(out, "w2_squared", mu2 + v + 1 - 2 * f->sd, 0);
    sim_metrics_add(out, "kl", (f->log_var + f->inverse + f->ratio - 1) / 2, 0);
    sim_metrics_add(out, "kl_reverse", (v + mu2 - 1 - f->log_var) / 2, 0);
}

const struct forecast_engine forecast_gaussian = { "gaussian", normal_fit, gaussian_open, normal_next,
                                                  gaussian_values };

/* ---- gaussian-nd: d independent axes as far as means of variances go ------------------------------- */

static enum wn_status nd_open(struct sim_forecast *f, struct wn_err *err)
{
    struct forecast_fit fit;

    normal_fit(&f->setup->opts, &fit);
    f->scale = (double)sim_gnd_dims(&f->setup->opts);
    fit.dims = f->scale;
    f->outlook.metric = "trace";
    normal_start(f);
    return forecast_start(f, &fit, err);
}

static void nd_values(const struct sim_forecast *f, struct sim_metrics *out)
{
    sim_metrics_add(out, "mean_squared", f->scale * f->loop.mu2, 0);
    sim_metrics_add(out, "log_det", f->log_var, 0);
    sim_metrics_add(out, "det", f->det, 0);
    sim_metrics_add(out, "trace", f->scale * f->loop.var, 0);
    sim_metrics_add(out, "trace_of_square", f->of_square, 0);
    sim_metrics_add(out, "trace_squared", f->squared, 0);
}

const struct forecast_engine forecast_gaussian_nd = { "gaussian-nd", NULL, nd_open, normal_next, nd_values };
