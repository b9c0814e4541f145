/*
 * points_pool.h - inside a run of points: letting items in, judging them, counting them.
 */
#ifndef SIM_POINTS_POOL_H
#define SIM_POINTS_POOL_H

#include "sim/blend.h"
#include "sim/draws.h"
#include "sim/points.h"
#include "sim/sieve.h"

struct sim_points {
    const struct sim_setup *setup;
    struct sim_run run;
    struct wn_arena arena;
    enum sim_source source;
    bool is_keyed;                 /* somebody reads the items' keys                    */
    bool is_judged;                /* items have verdicts or confidences                */
    void *state;
    struct sim_pool pool;
    struct sim_kept kept;          /* what the next model is fitted on                  */
    struct sim_blend blend;        /* GENERAL                                           */
    unsigned char *first;          /* a copy of generation 0, where a regime needs it   */
    size_t n_first;
    size_t newest, settled;        /* index in pool of the first item of this generation,
                                      of the first one that the sieve has not seen       */
    size_t n_generated;            /* items of the newest model, from NEWEST on         */
    float *human_scores;           /* rising: the tagger's of generation 0's real items */
    size_t n_human_scores;
    uint32_t generation;
    struct wn_mix_summary sum;
    struct wn_err plan_err;
    bool short_supply;
    bool starved;                  /* topup gave up: the filter lets next to nothing through */
};

/* Who writes. */
enum sim_hand { SIM_BY_TRUTH, SIM_BY_MODEL, SIM_BY_EDITING };

/* What new items are said to be, and what they are. */
struct sim_papers {
    enum wn_origin declared;
    bool is_real;
    enum sim_hand hand;
};

/* N new items of this generation. */
enum wn_status sim_points_add(struct sim_points *l, uint64_t n, struct sim_papers papers, struct wn_err *err);
/* N real items of generation 0, drawn without replacement; all of them when N is more. */
enum wn_status sim_points_again(struct sim_points *l, uint64_t n, struct wn_err *err);
/* Keeps a copy of what is in the pool, when the regime comes back to it. */
enum wn_status sim_points_remember_first(struct sim_points *l, struct wn_err *err);

/* Keeps what the tagger said of the pool's items, to set later generations against. */
enum wn_status sim_points_remember_scores(struct sim_points *l, struct wn_err *err);

/* Items of the newest generation that the last plan kept. */
uint64_t sim_points_kept_new(const struct sim_points *l);
/* Bars those of them that are more than WANT, by lot. */
enum wn_status sim_points_bar_surplus(struct sim_points *l, uint64_t want, struct wn_err *err);

/* What the pool and its detector looked like in this generation. */
void sim_points_metrics(const struct sim_points *l, struct sim_metrics *m);

#endif
