/*
 * conclusion.h - what a trace says in one sentence: which policy kept how much.
 */
#ifndef REPORT_CONCLUSION_H
#define REPORT_CONCLUSION_H

#include "report/runstats.h"
#include "report/trace_read.h"

/* How the figure that stands for an engine is made from its runs. */
enum headline_kind {
    HEADLINE_MEDIAN, /* median of the runs in the last generation               */
    HEADLINE_MEAN,   /* their mean                                              */
    HEADLINE_RISE,   /* mean over runs of last minus first generation           */
    HEADLINE_RATIO   /* the same of the logs, so exp of it: last over first     */
};

struct headline {
    const char *metric;
    enum headline_kind kind;
    double goal;          /* the nearest to it is the best; -INFINITY: the lowest;
                           * NAN: nobody knows                                     */
    const char *label;    /* of a card: "perplexity, last over first fit"         */
    const char *sentence; /* what the figure is, behind "after 6 fits "           */
    const char *unit;     /* behind the number: " times", " nats", ""             */
};

/* One policy's figure. */
struct headline_value {
    const struct trace_policy *policy;
    struct estimate e;
    uint32_t generation; /* the last one of this policy       */
    uint64_t n_started;  /* runs that have a first generation */
};

/* false when the trace has nothing to conclude from. */
bool headline_find(const struct trace *t, struct headline *h);
/* VALUE has room for t->n_policies; those without a figure are left out.  Best first
 * where there is a best.
 * Scratch memory comes from A. */
enum wn_status headline_values(const struct trace *t, const struct headline *h, struct wn_arena *a,
                               struct headline_value *value, size_t *n, struct wn_err *err);

/* Appends what the trace shows, and how sure that is, what an unfinished trace lacks included;
 * nothing for a whole trace without figures.  The first starts with the name of the engine. */
enum wn_status conclusion_write(const struct trace *t, struct wn_buf *shown, struct wn_buf *certainty,
                                struct wn_err *err);

#endif
