/*
 * Discrete laws with exact fits.  Simpson diversity has the factors of the Gaussian
 * variance; whatever depends on one state at a time comes from the binomial chain.
 */
#include "sim/theory.h"

#include <math.h>
#include <stdlib.h>

enum wn_status sim_theory_zipf_new(double s, double shift, double k, double **out, struct wn_err *err)
{
    double total = 0, *p;

    *out = NULL;
    if (!(k >= 1 && k <= SIM_MAX_STATES && k == floor(k)))
        return wn_fail(err, WN_BADCONF, "a law needs 1 to %d states, not %g", SIM_MAX_STATES, k);
    p = calloc((size_t)k, sizeof(*p));
    if (!p)
        return wn_fail(err, WN_NOMEM, "cannot make a law of %g states: out of memory", k);
    for (size_t i = (size_t)k; i-- > 0;)
        total += p[i] = pow((double)i + 1 + shift, -s);
    for (size_t i = 0; i < (size_t)k; i++)
        p[i] /= total;
    *out = p;
    return WN_OK;
}

double sim_theory_simpson(const struct sim_theory_law *law)
{
    double sum = 0;

    for (size_t i = 0; i < law->n; i++)
        sum += law->p[i] * law->p[i];
    return 1 - sum;
}

double sim_martingale_var(double p, double m, double n)
{
    return p * (1 - p) * sim_replace_mu2(m, 0, n);
}

/* ---- sums over states of a function of the state's frequency -------------------------------------------- */

static double start_value(enum sim_theory_state_sum what, double x)
{
    if (what == SIM_SUM_ENTROPY)
        return x > 0 ? -x * log(x) : 0;
    if (what == SIM_SUM_LOST)
        return x == 0;
    return x > 0;
}

enum wn_status sim_theory_state_sum(const struct sim_theory_law *law, double m, double n,
                                    enum sim_theory_state_sum what, double *out, struct wn_err *err)
{
    struct sim_theory_chain *c = NULL;
    double *f = NULL, sum = 0;
    enum wn_status st = sim_theory_chain_new(&c, m, err);

    if (st != WN_OK)
        return st;
    f = calloc((size_t)m + 1, sizeof(*f));
    if (!f) {
        st = wn_fail(err, WN_NOMEM, "cannot sum over states: out of memory");
        goto done;
    }
    for (size_t x = 0; x <= (size_t)m; x++)
        f[x] = start_value(what, (double)x / m);
    sim_theory_chain_back(c, f, n - 1);
    for (size_t i = 0; i < law->n; i++)
        sum += (what == SIM_SUM_LOST ? law->p[i] : 1) * sim_theory_binomial_mean(m, law->p[i], f);
    *out = sum;
done:
    free(f);
    sim_theory_chain_free(c);
    return st;
}

/* E|x - p| = 2 E(p - x)+ as E x = p, and (p - x)+ = p [x <= j/m] - x [x <= j/m] with
 * j = floor(m p): two vectors serve every state with the same j. */
static double tv_of_group(struct sim_theory_chain *c, const struct sim_theory_law *law, double m, double n, double j,
                          double *at, double *mass)
{
    double sum = 0;

    for (size_t x = 0; x <= (size_t)m; x++) {
        at[x] = (double)x <= j;
        mass[x] = (double)x <= j ? (double)x / m : 0;
    }
    sim_theory_chain_back(c, at, n - 1);
    sim_theory_chain_back(c, mass, n - 1);
    for (size_t i = 0; i < law->n; i++)
        if (floor(m * law->p[i]) == j)
            sum +=
                law->p[i] * sim_theory_binomial_mean(m, law->p[i], at) - sim_theory_binomial_mean(m, law->p[i], mass);
    return sum;
}

enum wn_status sim_theory_total_variation(const struct sim_theory_law *law, double m, double n, double *out,
                                          struct wn_err *err)
{
    struct sim_theory_chain *c = NULL;
    double *at = NULL, *mass = NULL, sum = 0;
    bool *used = NULL;
    enum wn_status st = sim_theory_chain_new(&c, m, err);

    if (st != WN_OK)
        return st;
    at = calloc((size_t)m + 1, sizeof(*at));
    mass = calloc((size_t)m + 1, sizeof(*mass));
    used = calloc((size_t)m + 1, sizeof(*used));
    if (!at || !mass || !used) {
        st = wn_fail(err, WN_NOMEM, "cannot sum distances: out of memory");
        goto done;
    }
    for (size_t i = 0; i < law->n; i++)
        used[(size_t)floor(m * law->p[i])] = true;
    for (size_t j = 0; j <= (size_t)m; j++)
        if (used[j])
            sum += tv_of_group(c, law, m, n, (double)j, at, mass);
    *out = sum;
done:
    free(at);
    free(mass);
    free(used);
    sim_theory_chain_free(c);
    return st;
}

enum wn_status sim_theory_alive(double m, double p, double n, double *out, struct wn_err *err)
{
    struct sim_theory_law one = { &p, 1 };

    return sim_theory_state_sum(&one, m, n, SIM_SUM_STATES, out, err);
}

double sim_theory_alive_lower(double m, double p, double n)
{
    return -expm1(-m * p * sim_branching_g(n));
}

double sim_theory_alive_upper(double m, double p, double n)
{
    return 1 - fmax(0, 1 - 3 * m * p * p - 3 * n * p) * exp(-m * p * sim_branching_g(n));
}

double sim_theory_seen_states(const struct sim_theory_law *law, double m)
{
    double sum = 0;

    for (size_t i = 0; i < law->n; i++)
        sum -= expm1(m * log1p(-law->p[i]));
    return sum;
}

double sim_theory_missing_mass(const struct sim_theory_law *law, double t)
{
    double sum = 0;

    for (size_t i = law->n; i-- > 0;)
        sum += law->p[i] * exp(t * log1p(-law->p[i]));
    return sum;
}

enum wn_status sim_theory_missing_mass_twice(const struct sim_theory_law *law, double t0, double t, double *out,
                                             struct wn_err *err)
{
    double *unseen, sum = 0;

    if (!(t0 >= 1 && t0 <= SIM_MAX_STATES && t0 == floor(t0)))
        return wn_fail(err, WN_BADCONF, "the first sample needs 1 to %d points, not %g", SIM_MAX_STATES, t0);
    unseen = calloc((size_t)t0 + 1, sizeof(*unseen));
    if (!unseen)
        return wn_fail(err, WN_NOMEM, "cannot sum the missing mass: out of memory");
    for (size_t x = 0; x <= (size_t)t0; x++)
        unseen[x] = pow(1 - (double)x / t0, t);
    for (size_t i = law->n; i-- > 0;)
        sum += law->p[i] * sim_theory_binomial_mean(t0, law->p[i], unseen);
    free(unseen);
    *out = sum;
    return WN_OK;
}

/* ---- smoothing and far-apart components -------------------------------------------------------------------- */

/* Add-k smoothing is mutation at rate u = kK/(M + kK); F = E sum p^2. */
double sim_smoothed_diversity(const struct sim_theory_law *law, double m, double add, double n)
{
    double k = (double)law->n, u = add * k / (m + add * k), same = 1 - sim_theory_simpson(law);

    for (double i = 1; i <= n; i++)
        same = (1 - u) * (1 - u) * (1 / m + (1 - 1 / m) * same) + (2 * u * (1 - u) + u * u) / k;
    return 1 - same;
}

double sim_smoothed_first(const struct sim_theory_law *law, double m, double add, double n)
{
    double k = (double)law->n, kept = pow(1 - add * k / (m + add * k), n);

    return kept * law->p[0] + (1 - kept) / k;
}

/* Two components so far apart that responsibilities are 0 or 1: the variance of one,
 * 0 when it is extinct, loses 1/k of itself at each fit with k points. */
enum wn_status sim_component_var(double m, double share, double n, double *out, struct wn_err *err)
{
    struct sim_theory_chain *c = NULL;
    double *f;
    enum wn_status st = sim_theory_chain_new(&c, m, err);

    if (st != WN_OK)
        return st;
    f = calloc((size_t)m + 1, sizeof(*f));
    if (!f) {
        sim_theory_chain_free(c);
        return wn_fail(err, WN_NOMEM, "cannot follow the component: out of memory");
    }
    for (size_t k = 1; k <= (size_t)m; k++)
        f[k] = 1 - 1 / (double)k;
    for (double i = 1; i < n; i++) {
        sim_theory_chain_back(c, f, 1);
        f[0] = 0;
        for (size_t k = 1; k <= (size_t)m; k++)
            f[k] *= 1 - 1 / (double)k;
    }
    *out = sim_theory_binomial_mean(m, share, f);
    free(f);
    sim_theory_chain_free(c);
    return WN_OK;
}
