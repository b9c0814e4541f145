/*
 * kde_density.h - the density of equal kernels around given points.
 */
#ifndef SIM_KDE_DENSITY_H
#define SIM_KDE_DENSITY_H

#include "sim/mixture.h"

/* Beyond this many kernels a density is the mean over this many, evenly spread over them. */
enum { SIM_KDE_KERNELS = 10000 };

struct sim_kde {
    const double *centre;    /* N x D, n >= 1, sizes at most SIM_MIXTURE_LARGEST          */
    size_t n, d;             /* d: 1 or 2                                                 */
    double width;            /* > 0: sd of a gaussian kernel, radius of a tophat          */
    bool tophat;             /* uniform in the ball of that radius, border included       */
};

/* Log density at N points (N x D); -INFINITY where no tophat reaches.  Plain arithmetic: the
 * same on every instruction set. */
enum wn_status sim_kde_log_density(const struct sim_kde *kde, const double *item, size_t n, struct wn_arena *a,
                                   double *out, struct wn_err *err);

#endif
