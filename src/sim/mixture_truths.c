/*
 * The truths of engine 'gmm'.
 */
#include <math.h>
#include <string.h>

#include <winnow/sim.h>

#include "sim/mixture.h"

enum { DEFAULT_ROUNDS = 200 };
static const double default_tolerance = 1e-7;

struct truth {
    const char *name;
    size_t fixed_dims;         /* 0: any                                              */
    size_t components;         /* of the fit, unless asked otherwise                  */
    double separation;         /* 0: has none                                         */
    double first_weight;       /* of the component at +separation on the first axis   */
    bool starts_at_truth;
};

static const struct truth truths[] = {
    { "three", 2, 3, 0, 0, false },
    { "blob", 0, 2, 0, 0, false },
    { "pair", 0, 2, 3, 0.5, false },
    { "separated", 1, 2, 100, 0.5, true },
    { "unequal", 0, 2, 3, 0.9, false },
};
enum { N_TRUTHS = sizeof(truths) / sizeof(truths[0]) };

static const struct truth *find(const char *name)
{
    for (size_t i = 0; i < N_TRUTHS; i++)
        if (!name || strcmp(truths[i].name, name) == 0)
            return &truths[i];
    return NULL;
}

static enum wn_status check_numbers(const struct wn_sim_model *asked, struct wn_err *err)
{
    if (!(asked->em_tolerance >= 0) || isinf(asked->em_tolerance))
        return wn_fail(err, WN_BADCONF, "engine 'gmm': the EM tolerance %g must be 0 or above, in nats a point",
                       asked->em_tolerance);
    if (!(asked->separation >= 0) || asked->separation > 1e9)
        return wn_fail(err, WN_BADCONF, "engine 'gmm': the separation %g must be between 0 and 1e9",
                       asked->separation);
    if (asked->components > SIM_MAX_COMPONENTS)
        return wn_fail(err, WN_BADCONF, "engine 'gmm': %u components are more than %d", asked->components,
                       SIM_MAX_COMPONENTS);
    if (asked->dims > SIM_MAX_MIXTURE_DIMS)
        return wn_fail(err, WN_BADCONF, "engine 'gmm': %u dimensions are more than %d", asked->dims,
                       SIM_MAX_MIXTURE_DIMS);
    return WN_OK;
}

enum wn_status sim_mixture_resolve(const struct wn_sim_model *asked, struct sim_mixture_plan *out,
                                   struct wn_err *err)
{
    const struct truth *t = find(asked->truth);
    enum wn_status st = check_numbers(asked, err);

    if (st != WN_OK)
        return st;
    if (!t)
        return wn_fail(err, WN_BADCONF,
                       "engine 'gmm' has no truth '%s': there are 'three', 'blob', 'pair', 'separated', 'unequal'",
                       asked->truth);
    if (asked->dims && t->fixed_dims && asked->dims != t->fixed_dims)
        return wn_fail(err, WN_BADCONF, "engine 'gmm': truth '%s' has %zu dimensions, not %u; leave dims out", t->name,
                       t->fixed_dims, asked->dims);
    if (t->starts_at_truth && asked->components && asked->components != t->components)
        return wn_fail(err, WN_BADCONF,
                       "engine 'gmm': truth '%s' is fitted with its own %zu components, not with %u; leave components "
                       "out", t->name, t->components, asked->components);
    if (asked->separation > 0 && t->separation == 0)
        return wn_fail(err, WN_BADCONF,
                       "engine 'gmm': truth '%s' has no separation; 'pair', 'separated' and 'unequal' have one",
                       t->name);
    *out = (struct sim_mixture_plan){
        .truth = t->name,
        .dims = t->fixed_dims ? t->fixed_dims : asked->dims ? asked->dims : 2,
        .components = asked->components ? asked->components : t->components,
        .separation = asked->separation > 0 ? asked->separation : t->separation,
        .starts_at_truth = t->starts_at_truth,
        .em_rounds = asked->em_rounds ? asked->em_rounds : DEFAULT_ROUNDS,
        .em_tolerance = asked->em_tolerance > 0 ? asked->em_tolerance : default_tolerance,
    };
    return WN_OK;
}

/* Three unequal, well separated components in the plane. */
static void fill_three(struct sim_mixture *m)
{
    static const double weight[3] = { 0.6, 0.3, 0.1 }, mean[6] = { -3, 0, 3, 0, 0, 4 };
    static const double cov[12] = { 1.0, 0.3, 0.3, 0.5, 0.5, -0.2, -0.2, 1.0, 0.4, 0, 0, 0.4 };

    memcpy(m->weight, weight, sizeof(weight));
    memcpy(m->mean, mean, sizeof(mean));
    memcpy(m->cov, cov, sizeof(cov));
}

/* One N(0, I), or two of unit covariance on both sides of 0. */
static void fill_units(struct sim_mixture *m, const struct truth *t, double separation)
{
    size_t d = m->d;

    m->weight[0] = 1;
    for (size_t k = 0; k < m->k; k++)
        for (size_t i = 0; i < d; i++)
            m->cov[k * d * d + i * d + i] = 1;
    if (m->k == 1)
        return;
    m->weight[0] = t->first_weight;
    m->weight[1] = 1 - t->first_weight;
    m->mean[0] = separation;
    m->mean[d] = -separation;
}

enum wn_status sim_mixture_truth(const struct sim_mixture_plan *plan, struct sim_mixture *m, struct wn_arena *a,
                                 struct wn_err *err)
{
    const struct truth *t = find(plan->truth);
    bool three = t == &truths[0];
    enum wn_status st = sim_mixture_new(m, three ? 3 : t->separation > 0 ? 2 : 1, plan->dims, a, err);

    if (st != WN_OK)
        return st;
    if (three)
        fill_three(m);
    else
        fill_units(m, t, plan->separation);
    return sim_mixture_prepare(m, err);
}
