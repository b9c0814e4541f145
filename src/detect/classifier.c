#include "detect/classifier.h"

#include <math.h>
#include <stdlib.h>

#include "detect/logistic.h"

/* Further out than this many standard deviations says no more: one odd number must
 * not decide a verdict. */
static const double clip_sd = 4;
/* Platt slopes are kept positive, so that the map is monotone. */
static const double min_slope = 1e-6;

_Static_assert((int)N_FEATURES <= (int)LOGISTIC_MAX_INPUTS, "the logistic model holds every feature");

static double standard(const struct classifier *c, const struct features *f, size_t j)
{
    double z = (f->v[j] - c->mean[j]) / c->sd[j];

    return fmax(-clip_sd, fmin(clip_sd, z));
}

static void class_weights(const struct classifier_row *rows, size_t n, double *weight)
{
    double count[2] = { 0, 0 };

    for (size_t i = 0; i < n; i++)
        count[rows[i].is_synthetic]++;
    for (size_t i = 0; i < n; i++)
        weight[i] = (double)n / (2 * count[rows[i].is_synthetic]);
}

/* Weighted mean and sd of each feature; a constant feature gets sd 1 and so no say. */
static void fit_scale(struct classifier *c, const struct classifier_row *rows, const double *weight, size_t n)
{
    for (size_t j = 0; j < N_FEATURES; j++) {
        double sum = 0, sum2 = 0;

        for (size_t i = 0; i < n; i++)
            sum += weight[i] * rows[i].f->v[j];
        c->mean[j] = sum / (double)n;
        for (size_t i = 0; i < n; i++) {
            double d = rows[i].f->v[j] - c->mean[j];

            sum2 += weight[i] * d * d;
        }
        c->sd[j] = sqrt(sum2 / (double)n);
        if (!(c->sd[j] > 1e-9))
            c->sd[j] = 1;
    }
}

enum wn_status classifier_fit(struct classifier *c, const struct classifier_row *rows, size_t n, double ridge,
                              struct wn_err *err)
{
    double *x = calloc(n ? n : 1, N_FEATURES * sizeof(*x));
    double *target = calloc(n ? n : 1, sizeof(*target));
    double *weight = calloc(n ? n : 1, sizeof(*weight));
    struct logistic_data data = { x, target, weight, n, N_FEATURES };
    enum wn_status st;

    if (!x || !target || !weight) {
        st = wn_fail(err, WN_NOMEM, "out of memory for the classifier's %zu rows", n);
        goto done;
    }
    class_weights(rows, n, weight);
    fit_scale(c, rows, weight, n);
    for (size_t i = 0; i < n; i++) {
        target[i] = rows[i].is_synthetic;
        for (size_t j = 0; j < N_FEATURES; j++)
            x[i * N_FEATURES + j] = standard(c, rows[i].f, j);
    }
    st = logistic_fit(c->beta, &data, ridge, err);
done:
    free(x);
    free(target);
    free(weight);
    return st;
}

enum wn_status classifier_calibrate(struct classifier *c, const double *human, size_t n_human,
                                    const double *synthetic, size_t n_synthetic, struct wn_err *err)
{
    size_t n = n_human + n_synthetic;
    double *x = calloc(n ? n : 1, 3 * sizeof(*x));
    double *target, *weight, beta[2] = { 0, 0 };
    enum wn_status st;

    if (!x)
        return wn_fail(err, WN_NOMEM, "out of memory for %zu calibration scores", n);
    target = x + n;
    weight = target + n;
    for (size_t i = 0; i < n; i++) {
        bool is_synthetic = i >= n_human;

        x[i] = is_synthetic ? synthetic[i - n_human] : human[i];
        target[i] = is_synthetic ? ((double)n_synthetic + 1) / ((double)n_synthetic + 2) : 1 / ((double)n_human + 2);
        weight[i] = (double)n * (is_synthetic ? c->prior / (double)n_synthetic : (1 - c->prior) / (double)n_human);
    }
    st = logistic_fit(beta, &(struct logistic_data){ x, target, weight, n, 1 }, 1e-6, err);
    c->platt_slope = fmax(beta[1], min_slope);
    c->platt_offset = beta[0];
    free(x);
    return st;
}

double classifier_score(const struct classifier *c, const struct features *f)
{
    double z = c->beta[0];

    for (size_t j = 0; j < N_FEATURES; j++)
        z += c->beta[j + 1] * standard(c, f, j);
    return z;
}

double classifier_log_odds(const struct classifier *c, double score)
{
    return c->platt_slope * score + c->platt_offset;
}

bool classifier_is_foreign(const struct classifier *c, const struct features *f)
{
    return f->oov_both > c->max_oov || f->xent_nats > c->max_xent_nats;
}
