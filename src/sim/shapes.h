/*
 * shapes.h - truths on the line and in the plane for engine 'kde': the usual toy sets.
 *
 * Every one is a curve, or a few points, with normal noise of one width on each axis:
 *
 *     normal      (0), noise 1: N(0, 1)
 *     blobs       the corners (0, 2), (-sqrt 3, -1), (sqrt 3, -1), 1/3 each; noise 0.5
 *     circles     radius 1 or 1/2, half each, angle uniform; noise 0.05
 *     moons       (cos t, sin t) or (1 - cos t, 1/2 - sin t), half each, t uniform in 0..pi;
 *                 noise 0.1
 *     swiss-roll  (t cos t, t sin t)/10, t uniform in 3 pi/2 .. 9 pi/2; noise 0.05
 */
#ifndef SIM_SHAPES_H
#define SIM_SHAPES_H

#include <stdbool.h>

#include <winnow/rng.h>

enum { SIM_SHAPE_NODES = 1024 };

struct sim_shape {
    const char *name;
    unsigned d;
    double noise;
    unsigned n_nodes;        /* at most SIM_SHAPE_NODES                                   */
    /* The place before noise for U in [0, 1). */
    void (*place)(double u, double *x);
};

/* NAME NULL: the first; NULL when there is none. */
const struct sim_shape *sim_shape_find(const char *name);
/* One point. */
void sim_shape_draw(const struct sim_shape *s, struct wn_rng *rng, double *x);
/* n_nodes places (n_nodes x d) whose mean normal density of width NOISE is the shape's: exact
 * for points, the midpoint rule along curves, with steps below 0.7 noise (the rule's error for
 * a normal density is exp(-2 pi^2 / 0.7^2) = 1e-17 on closed curves, and below 1 % within
 * a few noises of an open end). */
void sim_shape_nodes(const struct sim_shape *s, double *x);

#endif
