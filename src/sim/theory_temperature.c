/*
 * Biased sampling from a discrete law with infinite samples: temperature with fresh real
 * data, p* = rho p_0 + (1 - rho) T_tau(p*), and repeated top-p.
 */
#include "sim/theory.h"

#include "sim/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROUNDS = 1000000 };

/* Total change at which p is at rest: a thousand states round to about 1e-14 together. */
#define AT_REST 1e-13

/* One round of p; returns the total change. */
static double round_of(const struct sim_theory_law *truth, double rho, double tau, double *p, double *hot)
{
    double total = 0, change = 0;

    for (size_t i = 0; i < truth->n; i++)
        total += hot[i] = pow(p[i], 1 / tau);
    for (size_t i = 0; i < truth->n; i++) {
        double now = rho * truth->p[i] + (1 - rho) * hot[i] / total;

        change += fabs(now - p[i]);
        p[i] = now;
    }
    return change;
}

enum wn_status sim_theory_temperature_rest(const struct sim_theory_law *truth, double rho, double tau,
                                           struct sim_theory_rest *out, struct wn_err *err)
{
    double *p = calloc(2 * truth->n + 1, sizeof(*p));
    double change = 1;

    if (!p)
        return wn_fail(err, WN_NOMEM, "cannot find the fixed point: out of memory");
    memcpy(p, truth->p, truth->n * sizeof(*p));
    for (int i = 0; i < MAX_ROUNDS && change > AT_REST; i++)
        change = round_of(truth, rho, tau, p, p + truth->n);
    *out = (struct sim_theory_rest){ .entropy = sim_entropy(p, truth->n), .first = p[0] };
    for (size_t i = 0; i < truth->n; i++)
        if (truth->p[i] > 0)
            out->kl += truth->p[i] * log(truth->p[i] / p[i]);
    free(p);
    return WN_OK;
}

/* The truth is flat: from all mass on one state, x = P(that state) moves alone. */
struct sim_theory_rest sim_theory_flat_rest(double k, double rho, double tau)
{
    double x = 1, was = 0, other;

    for (int i = 0; i < MAX_ROUNDS && fabs(x - was) > 1e-16; i++) {
        double hot = pow(x, 1 / tau), cold = (k - 1) * pow((1 - x) / (k - 1), 1 / tau);

        was = x;
        x = rho / k + (1 - rho) * hot / (hot + cold);
    }
    other = (1 - x) / (k - 1);
    return (struct sim_theory_rest){ .entropy = -x * log(x) - (1 - x) * log(other),
                                     .first = x,
                                     .kl = -log(k) - (log(x) + (k - 1) * log(other)) / k };
}

bool sim_flat_is_bistable(double k, double rho, double tau)
{
    return (1 - rho) / tau < 1 && sim_theory_flat_rest(k, rho, tau).first > 1.5 / k;
}

double sim_top_p_states(const struct sim_theory_law *falling, double top_p, double n)
{
    size_t states = falling->n;
    double mass = 1;

    for (double i = 1; i < n; i++) {
        double want = top_p * mass;

        mass = 0;
        for (states = 0; states < falling->n && mass < want; states++)
            mass += falling->p[states];
    }
    return (double)states;
}
