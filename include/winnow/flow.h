/*
 * flow.h - an ordered pipeline: one reader, N workers, one writer.
 *
 * Batches are read in order, worked on by any thread, and written in order, so the
 * output does not depend on the number of threads.  The first failure *in input
 * order* wins: all batches before it are written, nothing after it is.
 */
#ifndef WINNOW_FLOW_H
#define WINNOW_FLOW_H

#include <stdatomic.h>

#include <winnow/arena.h>

/* One batch on its way.  It has one owner at a time; the flow recycles it after
 * write has returned. */
struct wn_batch {
    uint64_t seq;               /* 0, 1, 2, ... in input order                     */
    unsigned worker;            /* 0..jobs-1: who works on it; index for per-thread state */
    struct wn_arena arena;      /* lives until the batch was written; reset before read   */
    struct wn_arena *scratch;   /* the worker's own; reset before each work call          */
    void *data;                 /* the callbacks' own; usually allocated in arena         */
};

struct wn_flow {
    /* One thread at a time, in order.  WN_END stops, and that batch is dropped. */
    enum wn_status (*read)(void *ctx, struct wn_batch *b, struct wn_err *err);
    /* Any thread; touches only b, b->scratch, and per-worker or const state. */
    enum wn_status (*work)(void *ctx, struct wn_batch *b, struct wn_err *err);
    /* One thread at a time, in input order. */
    enum wn_status (*write)(void *ctx, struct wn_batch *b, struct wn_err *err);
};

/* Runs F until read says WN_END or something fails.  JOBS >= 1 workers (with 1, all
 * happens in the calling thread).  STOP, when not NULL, is polled between batches:
 * non-zero ends the run with WN_CANCELLED.  Returns WN_OK at the end of input. */
enum wn_status wn_flow_run(const struct wn_flow *f, void *ctx, unsigned jobs,
                           const atomic_int *stop, struct wn_err *err);

/* Runs body(ctx, i) for i in 0..n-1 on JOBS threads; each i once, in no order.
 * Returns the failure with the smallest i, or WN_OK. */
typedef enum wn_status wn_each_fn(void *ctx, size_t i, struct wn_err *err);
enum wn_status wn_parallel_each(size_t n, unsigned jobs, wn_each_fn *body, void *ctx,
                                const atomic_int *stop, struct wn_err *err);

/* The number of processors this process may use; at least 1. */
unsigned wn_cpu_count(void);

#endif
