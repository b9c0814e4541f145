#include "detect/conformal.h"

#include <math.h>

/* How many of the sorted values are < SCORE (or <= SCORE). */
static size_t count_below(const double *sorted, size_t n, double score, int or_equal)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (sorted[mid] < score || (or_equal && sorted[mid] == score))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

double conformal_p_upper(const double *sorted, size_t n, double score)
{
    return (double)(1 + n - count_below(sorted, n, score, 0)) / (double)(n + 1);
}

double conformal_p_lower(const double *sorted, size_t n, double score)
{
    return (double)(1 + count_below(sorted, n, score, 1)) / (double)(n + 1);
}

uint64_t conformal_needed(double level)
{
    uint64_t n = (uint64_t)fmax(ceil(1 / level), 2) - 2;

    while (1 / (double)(n + 1) > level)     /* the comparison that a verdict makes */
        n++;
    return n;
}

double conformal_upper_limit(const double *sorted, size_t n, double tail)
{
    size_t above = (size_t)(tail * (double)n);

    return n ? sorted[n - 1 - above] : INFINITY;
}

int conformal_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}
