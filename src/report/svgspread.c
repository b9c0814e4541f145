#include "report/svgplot.h"

#include <math.h>

bool svg_spread(double *at, size_t n, double gap, double low, double high)
{
    if (!n)
        return true;
    if ((double)(n - 1) * gap > high - low)
        return false;
    /* With i * gap taken off, "gap apart" is "not falling", and the nearest such sequence is
     * the isotonic regression: blocks that fall are pooled at their mean. */
    for (size_t i = 0; i < n; i++) {
        size_t first = i;
        double mean;

        at[i] -= (double)i * gap;
        mean = at[i];
        while (first > 0 && at[first - 1] > mean) {
            double pooled = at[first - 1];
            size_t members = 0;

            while (first > 0 && at[first - 1] == pooled) {
                first--;
                members++;
            }
            mean = (pooled * (double)members + mean * (double)(i + 1 - first - members)) / (double)(i + 1 - first);
        }
        for (size_t k = first; k <= i; k++)
            at[k] = mean;
    }
    for (size_t i = 0; i < n; i++)
        at[i] = fmin(fmax(at[i], low), high - (double)(n - 1) * gap) + (double)i * gap;
    return true;
}
