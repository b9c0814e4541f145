/*
 * draws_vectors.c - multinomial and multivariate hypergeometric counts, one state after the
 * other given those before; Bartlett's factor of a Wishart matrix.
 */
#include <assert.h>

#include "sim/draws_inline.h"
#include "sim/draws_sum.h"

/* Binomial with the shares P and Q = 1 - P of what is left, by the smaller of the two: 1 - P
 * would lose the digits of a small Q. */
static uint64_t of_rest(struct wn_rng *r, uint64_t n, double p, double q)
{
    if (p <= q)
        return sim_draw_binomial(r, n, p);
    return q > 0 ? n - sim_draw_binomial(r, n, q) : n;
}

void sim_draw_multinomial(struct wn_rng *r, uint64_t n, const double *p, size_t k, uint64_t *out)
{
    struct draws_sum rest = { 0, 0 };
    size_t last = 0, i;

    for (i = 0; i < k; i++) {
        out[i] = 0;
        assert(p[i] >= 0);
        if (p[i] > 0) {
            draws_sum_add(&rest, p[i]);
            last = i;
        }
    }
    assert(rest.high > 0 && isfinite(rest.high));
    for (i = 0; i < last && n > 0; i++) {
        double before = draws_sum_value(&rest);

        if (!(p[i] > 0))
            continue;
        draws_sum_add(&rest, -p[i]);
        out[i] = of_rest(r, n, p[i] / before, draws_sum_value(&rest) / before);
        n -= out[i];
    }
    if (n > 0)
        out[last] = n;
}

void sim_draw_multivariate_hypergeometric(struct wn_rng *r, const uint64_t *count, size_t k, uint64_t draws,
                                          uint64_t *out)
{
    uint64_t pool = 0;

    for (size_t i = 0; i < k; i++) {
        assert(count[i] <= SIM_DRAW_MAX - pool);
        pool += count[i];
    }
    assert(draws <= pool);
    for (size_t i = 0; i < k; i++) {
        uint64_t here = count[i];

        pool -= here;
        out[i] = here == 0 || draws == 0 ? 0 : sim_draw_hypergeometric(r, here, pool, draws);
        draws -= out[i];
    }
}

void sim_draw_bartlett(struct wn_rng *r, int d, double df, double *a)
{
    assert(d >= 1 && df >= 0 && (df > d - 1 || df == floor(df)));
    for (int i = 0; i < d; i++) {
        double *row = a + (size_t)i * (size_t)d;

        for (int j = 0; j < d; j++) {
            if (j > i || j >= df)   /* above the diagonal, or beyond the rank */
                row[j] = 0;
            else if (j < i)
                row[j] = sim_normal_fast(r);
            else
                row[j] = sqrt(sim_draw_chi2(r, df - i));
        }
    }
}
