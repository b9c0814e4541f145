/*
 * kde_engine.h - what the files of engine kde share: its world and its run.
 */
#ifndef SIM_KDE_ENGINE_H
#define SIM_KDE_ENGINE_H

#include "sim/generator.h"
#include "sim/kde_density.h"
#include "sim/shapes.h"

enum sim_kde_rule { SIM_KDE_SCOTT, SIM_KDE_SILVERMAN, SIM_KDE_FIXED };

struct sim_kde_setting {
    const struct sim_shape *shape;
    enum sim_kde_rule rule;
    double width;              /* by rule FIXED */
    bool tophat;
};

struct sim_kde_world {
    struct sim_kde_setting set;
    double node[2 * SIM_SHAPE_NODES];
    double mean[2], whiten[4];   /* of the truth: centre and L^-1 of its covariance */
};

struct sim_kde_state {
    struct sim_run run;
    const struct sim_kde_world *world;
    struct sim_kde model;
    struct wn_arena points;      /* of the model  */
    struct wn_arena scratch;     /* of one call   */
    double *test;                /* of the truth; made when first needed */
};

/* kde.c */

/* N items of the truth. */
void sim_kde_draw_truth(const struct sim_kde_state *k, const struct sim_draw_key *key, size_t first, double *out,
                        size_t n);
/* Mean of N points (N x D) and covariance around it, over N. */
void sim_kde_moments(const double *x, size_t n, size_t d, double *mean, double *cov);

/* kde_metrics.c: functions of struct sim_generator */
enum wn_status sim_kde_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                               struct wn_err *err);
enum wn_status sim_kde_quality(void *state, const void *item, size_t n, double *out, struct wn_err *err);
enum wn_status sim_kde_surprise(void *state, const void *item, size_t n, double *out, struct wn_err *err);
enum wn_status sim_kde_distance(void *state, const void *item, size_t n, double *out, struct wn_err *err);

#endif
