#include <winnow/tails.h>

#include <math.h>
#include <stdbool.h>

#define LN_2PI 1.8378770664093454836

/* A ratio of successive convergents this near 1 no longer changes a double. */
#define CF_EPS   4e-16
#define CF_TINY  1e-300
/* Nor does a term this small beside its sum. */
#define TERM_EPS 1e-17
/* The fractions need O(sqrt(n)) steps in the worst place (the mean): 3e5 at 1e11. */
#define CF_STEPS 20000000

/* ln(1 - exp(x)) for x <= 0, exact at both ends. */
static double log1mexp(double x)
{
    if (x >= 0)
        return -INFINITY;
    return x > -M_LN2 ? log(-expm1(x)) : log1p(-exp(x));
}

/* ln Gamma(x+1) - ln(sqrt(2 pi x) (x/e)^x), x > 0: the error of Stirling's formula
 * (its series: DLMF 5.11.1). */
static double stirling_error(double x)
{
    double s, xx = x * x;
    int sign;

    if (x < 16)
        return lgamma_r(x + 1, &sign) - (x + 0.5) * log(x) + x - LN_2PI / 2;
    s = 1.0 / 1188 - 691.0 / 360360 / xx;
    s = 1.0 / 1680 - s / xx;
    s = 1.0 / 1260 - s / xx;
    s = 1.0 / 360 - s / xx;
    return (1.0 / 12 - s / xx) / x;
}

/* The deviance x ln(x/m) + m - x without cancellation where x is close to m
 * (Loader, "Fast and accurate computation of binomial probabilities", 2000, sec. 4). */
static double deviance(double x, double m)
{
    double v, s, term, power;

    if (x == 0)
        return m;
    if (fabs(x - m) >= 0.1 * (x + m))
        return x * log(x / m) + m - x;
    v = (x - m) / (x + m);
    s = (x - m) * v;
    power = 2 * x * v;
    for (int j = 1; j < 60; j++) {
        power *= v * v;
        term = power / (2 * j + 1);
        if (s + term == s)
            break;
        s += term;
    }
    return s;
}

/* ln of the binomial probability of x successes in n, p + q = 1 (Loader, eq. 3). */
static double log_binomial_pmf(double x, double n, double p, double q)
{
    double y = n - x;

    if (x == 0)
        return p < 0.1 ? n * log1p(-p) : n * log(q);
    if (y == 0)
        return q < 0.1 ? n * log1p(-q) : n * log(p);
    return stirling_error(n) - stirling_error(x) - stirling_error(y) - deviance(x, n * p) - deviance(y, n * q) -
           0.5 * (LN_2PI + log(x) + log1p(-x / n));
}

/* The continued fraction F of I_x(a, b) = x^a y^b / B(a, b) F, x + y = 1, for
 * x <= a/(a+b) (Didonato and Morris, ACM TOMS 18:360, 1992, eq. 9): unlike the
 * better known one it loses nothing near the mean.  Modified Lentz method. */
static double beta_fraction(double a, double b, double x, double y)
{
    double excess = fmax(a * y - b * x, 0);
    double c, d = 0, f;

    f = a / (a + 1) * (excess + 1);
    c = f;
    for (double m = 1; m < CF_STEPS; m++) {
        double e = a + 2 * m - 1;
        double num = (a + m - 1) / e * ((a + b + m - 1) / e) * m * (b - m) * x * x;
        double den = m + m * (b - m) * x / e + (a + m) / (e + 2) * (excess + 1 + m * (1 + y));
        double change;

        d = 1 / (den + num * d);
        c = den + num / c;
        change = c * d;
        f *= change;
        if (fabs(change - 1) <= CF_EPS)
            break;
    }
    return 1 / f;
}

/* ln P[X >= k] for 1 <= k <= n, where the fraction converges: right of the mean.
 * I_p(k, n-k+1) = pmf(k) k q * fraction. */
static double log_right_tail(double k, double n, double p, double q)
{
    return log_binomial_pmf(k, n, p, q) + log(k * q * beta_fraction(k, n - k + 1, p, q));
}

/* ln P[X >= k], the smaller of the two tails computed, the other derived. */
static double log_binomial_tail(uint64_t k, uint64_t n, double p, double q)
{
    double x = (double)k, m = (double)n;

    if (k == 0)
        return 0;
    if (k > n)
        return -INFINITY;
    if (!(p > 0))
        return p == 0 ? -INFINITY : NAN;
    if (!(q > 0))
        return q == 0 ? 0 : NAN;
    if (p * (m + 1) <= x)
        return log_right_tail(x, m, p, q);
    return log1mexp(log_right_tail(m - x + 1, m, q, p));
}

double wn_log_binomial_sf(uint64_t k, uint64_t n, double p)
{
    return log_binomial_tail(k, n, p, 1 - p);
}

double wn_log_normal_sf(double z)
{
    double f, t;

    if (z < 0)
        return log1p(-0.5 * erfc(-z * M_SQRT1_2));
    if (z < 20)
        return log(0.5 * erfc(z * M_SQRT1_2));
    /* Mills' ratio: phi(z) / (z + 1/(z + 2/(z + 3/...))); 30 levels are plenty here. */
    t = z;
    for (int j = 30; j >= 1; j--)
        t = z + j / t;
    f = -0.5 * z * z - LN_2PI / 2;
    return f - log(t);
}

/* ln of x^n e^-x / n!, the Poisson probability of n at mean x. */
static double log_poisson_pmf(double n, double x)
{
    if (n == 0)
        return -x;
    return -stirling_error(n) - deviance(n, x) - 0.5 * (LN_2PI + log(n));
}

/* Q(n, x) / poisson(n; x) for x > n + 1: n times 1/(x+1-n- (1-n)/(x+3-n- ...))
 * (DLMF 8.9.2 after an even contraction), by the modified Lentz method. */
static double gamma_fraction(double n, double x)
{
    double b = x + 1 - n, c = 1 / CF_TINY, d = 1 / b, f = d;

    for (int i = 1; i < CF_STEPS; i++) {
        double a = -i * (i - n), change;

        b += 2;
        d = a * d + b;
        d = 1 / (fabs(d) < CF_TINY ? CF_TINY : d);
        c = b + a / c;
        c = fabs(c) < CF_TINY ? CF_TINY : c;
        change = c * d;
        f *= change;
        if (fabs(change - 1) <= CF_EPS)
            break;
    }
    return n * f;
}

/* P(n, x) / poisson(n; x) for x <= n + 1: 1 + x/(n+1) + x^2/((n+1)(n+2)) + ... */
static double gamma_series(double n, double x)
{
    double term = 1, sum = 1;

    for (int i = 1; i < CF_STEPS; i++) {
        term *= x / (n + i);
        sum += term;
        if (term < TERM_EPS * sum)
            break;
    }
    return sum;
}

double wn_log_gamma_sf(uint64_t n, double x)
{
    double a = (double)n;

    if (n == 0 || !(x >= 0))
        return NAN;
    if (x == 0)
        return 0;
    if (isinf(x))
        return -INFINITY;
    if (x > a + 1)
        return log_poisson_pmf(a, x) + log(gamma_fraction(a, x));
    return log1mexp(log_poisson_pmf(a, x) + log(gamma_series(a, x)));
}

/* An urn: N items, K of them successes, d drawn. */
struct urn {
    double N, K, d;
};

/* Loader 2000, section 5: as three binomials of the same p. */
static double log_urn_pmf(const struct urn *u, double x)
{
    double p = u->d / u->N, q = (u->N - u->d) / u->N;

    return log_binomial_pmf(x, u->K, p, q) + log_binomial_pmf(u->d - x, u->N - u->K, p, q) -
           log_binomial_pmf(u->d, u->N, p, q);
}

/* ln of pmf(x) + pmf(x+1) + ... for x at or beyond the mode, where the terms fall
 * faster than a geometric series: O(standard deviation) of them count. */
static double log_urn_right(const struct urn *u, double x)
{
    double term = 1, sum = 1, rest = u->N - u->K - u->d;

    for (double j = x; term > 0; j++) {
        double ratio = (u->K - j) * (u->d - j) / ((j + 1) * (rest + j + 1));

        term *= ratio;
        sum += term;
        if (term * ratio < TERM_EPS * sum * (1 - ratio))
            break;
    }
    return log_urn_pmf(u, x) + log(sum);
}

double wn_log_hypergeometric_sf(uint64_t k, uint64_t N, uint64_t K, uint64_t draws)
{
    struct urn u = { (double)N, (double)K, (double)draws };
    struct urn failures = { (double)N, (double)N - (double)K, (double)draws };
    double x = (double)k;

    if (K > N || draws > N)
        return NAN;
    if (k == 0 || (draws > N - K && k <= draws - (N - K)))
        return 0;
    if (k > K || k > draws)
        return -INFINITY;
    if (x >= (u.d + 1) * (u.K + 1) / (u.N + 2))
        return log_urn_right(&u, x);
    return log1mexp(log_urn_right(&failures, u.d - x + 1));
}

double wn_normal_isf(double p)
{
    double z, goal, tail, step;

    if (!(p > 0 && p < 1))
        return p == 0 ? INFINITY : p == 1 ? -INFINITY : NAN;
    if (p > 0.5)
        return -wn_normal_isf(1 - p);
    goal = log(p);
    z = p > 0.1 ? (0.5 - p) * 2.5 : sqrt(-2 * goal - log(-2 * goal));
    /* Newton on ln sf, which is concave: no step can run away. */
    for (int i = 0; i < 50; i++) {
        tail = wn_log_normal_sf(z);
        step = (tail - goal) * exp(tail + 0.5 * z * z + LN_2PI / 2);
        z += step;
        if (fabs(step) <= 1e-16 * (1 + fabs(z)))
            break;
    }
    return z;
}

/* The p at which the tail of k is GOAL: ln P[X >= k], which rises with p, or, when
 * BELOW, ln P[X <= k], which falls. */
static double solve_rate(uint64_t k, uint64_t n, double goal, bool below)
{
    double low = 0, high = 1;

    for (int i = 0; i < 200; i++) {
        double mid = low + (high - low) / 2, tail;

        if (mid <= low || mid >= high)
            break;
        tail = below ? log_binomial_tail(n - k, n, 1 - mid, mid) : log_binomial_tail(k, n, mid, 1 - mid);
        if ((tail < goal) == below)
            high = mid;
        else
            low = mid;
    }
    return low + (high - low) / 2;
}

struct wn_interval wn_rate_interval(uint64_t hits, uint64_t n, double level)
{
    struct wn_interval r = { 0, 1 };
    double goal = log(0.5 - level / 2);

    if (n == 0 || hits > n || !(level < 1))
        return r;
    if (hits > 0)
        r.low = solve_rate(hits, n, goal, false);
    if (hits < n)
        r.high = solve_rate(hits, n, goal, true);
    return r;
}

/* ln Gamma(a + 1/2) - ln Gamma(a), a > 0. */
static double log_gamma_half_step(double a)
{
    int sign;

    if (a < 16)
        return lgamma_r(a + 0.5, &sign) - lgamma_r(a, &sign);
    /* Both by Stirling's formula; a ln(1 + 1/2a) - 1/2 cancels the large parts. */
    return 0.5 * log(a) + a * log1p(0.5 / a) - 0.5 + stirling_error(a + 0.5) - stirling_error(a);
}

/* P[T >= t], Student's t with DF degrees of freedom, t >= 0: half of
 * I_x(df/2, 1/2), x = df / (df + t^2). */
static double student_sf(double t, double df)
{
    double a = df / 2, x = df / (df + t * t), y = t * t / (df + t * t), front;

    if (t == 0)
        return 0.5;
    /* x^a y^(1/2) / B(a, 1/2) */
    front = exp(-a * log1p(t * t / df) + 0.5 * log(y) + log_gamma_half_step(a) - 0.5 * log(M_PI));
    if (x <= a / (a + 0.5))
        return 0.5 * front * beta_fraction(a, 0.5, x, y);
    return 0.5 - 0.5 * front * beta_fraction(0.5, a, y, x);
}

static double student_isf(double p, double df)
{
    double low = 0, high = 1, mid;

    while (student_sf(high, df) > p && high < 1e150)
        high *= 2;
    for (int i = 0; i < 200; i++) {
        mid = low + (high - low) / 2;
        if (mid <= low || mid >= high)
            break;
        if (student_sf(mid, df) > p)
            low = mid;
        else
            high = mid;
    }
    return low + (high - low) / 2;
}

struct wn_interval wn_mean_interval(double mean, double sd, uint64_t n, double level)
{
    struct wn_interval r = { -INFINITY, INFINITY };
    double half;

    if (n < 2 || !(level < 1))
        return r;
    half = student_isf(0.5 - level / 2, (double)n - 1) * sd / sqrt((double)n);
    r.low = mean - half;
    r.high = mean + half;
    return r;
}
