/*
 * How far a fitted law is from the truth: sums over the states that are left.  What the
 * others have is what is missing to the sums over all states, which the world knows.
 */
#include <math.h>

#include "sim/discrete.h"

/* Sums over the states of the model. */
struct sums {
    double squares;       /* sum p^2                              */
    double diversity;     /* sum p (1 - p)                        */
    double entropy;       /* nats                                 */
    double shared;        /* sum min(p, p0)                       */
    double truth_mass, truth_squares;
    double gap_squares;   /* sum (p - p0)^2                       */
    double kl, kl_reverse;
    size_t truth_states;  /* states that the truth has            */
};

static void add_state(struct sums *s, double p)
{
    s->squares += p * p;
    s->diversity += p * (1 - p);
    s->entropy -= p * log(p);
}

static void add_truth(struct sums *s, double p, double p0, double log_p0)
{
    double log_ratio = log_p0 - log(p);

    s->shared += fmin(p, p0);
    s->truth_mass += p0;
    s->truth_squares += p0 * p0;
    s->gap_squares += (p - p0) * (p - p0);
    s->kl_reverse -= p * log_ratio;   /* infinite where the truth has nothing */
    if (p0 > 0) {
        s->kl += p0 * log_ratio;
        s->truth_states++;
    }
}

/* Squared distance of two laws. */
static double distance_squared(const struct discrete_tally *a, const struct discrete_tally *b)
{
    double sum = 0;
    size_t i = 0, j = 0;

    while (i < a->n || j < b->n) {
        double gap;

        if (j == b->n || (i < a->n && a->state[i] < b->state[j]))
            gap = a->x[i++];
        else if (i == a->n || a->state[i] > b->state[j])
            gap = b->x[j++];
        else
            gap = a->x[i++] - b->x[j++];
        sum += gap * gap;
    }
    return sum;
}

/* Sums that roundings leave a little below 0 are 0; what is not a number stays so. */
static double above_zero(double v)
{
    return v < 0 ? 0 : v;
}

static void add_distances(const struct discrete *d, const struct sums *s, struct sim_metrics *out)
{
    const struct discrete_world *w = d->world;
    bool is_whole = s->truth_states == w->support;   /* no state of the truth is lost */
    double lost = is_whole ? 0 : above_zero(1 - s->truth_mass);
    double lost_squares = is_whole ? 0 : above_zero(w->sum_squares - s->truth_squares);

    sim_metrics_add(out, "tv", above_zero(1 - s->shared), d->n_fitted);
    sim_metrics_add(out, "lost_mass", lost, d->n_fitted);
    sim_metrics_add(out, "l2_truth", s->gap_squares + lost_squares, d->n_fitted);
    sim_metrics_add(out, "kl", is_whole ? above_zero(s->kl) : INFINITY, d->n_fitted);
    sim_metrics_add(out, "kl_reverse", above_zero(s->kl_reverse), d->n_fitted);
}

enum wn_status discrete_compare(void *state, const struct sim_view *view, struct sim_metrics *out, struct wn_err *err)
{
    const struct discrete *d = state;
    const struct discrete_world *w = d->world;
    struct sums s = { .squares = 0 };
    uint64_t n = d->n_fitted;

    (void)view;
    (void)err;
    for (size_t i = 0; i < d->law.n; i++) {
        add_state(&s, d->law.x[i]);
        if (w->truth != DISCRETE_DISTINCT)
            add_truth(&s, d->law.x[i], w->p[d->law.state[i]], w->log_p[d->law.state[i]]);
    }
    sim_metrics_add(out, "simpson", s.diversity, n);
    sim_metrics_add(out, "states", (double)d->law.n, n);
    sim_metrics_add(out, "entropy", above_zero(s.entropy), n);
    sim_metrics_add(out, "effective_states", exp(above_zero(s.entropy)), n);
    sim_metrics_add(out, "hill_2", 1 / s.squares, n);
    sim_metrics_add(out, "p_first", discrete_tally_find(&d->law, 0), n);
    sim_metrics_add(out, "l2_first", distance_squared(&d->law, &d->first), n);
    if (w->truth != DISCRETE_DISTINCT)
        add_distances(d, &s, out);
    if (d->absorbed_at > 0) {
        sim_metrics_add(out, "absorbed_at", d->absorbed_at, n);
        sim_metrics_add(out, "absorbed_first", d->absorbed_in == 0, n);
    }
    return WN_OK;
}
