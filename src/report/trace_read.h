/*
 * trace_read.h - a trace in memory: who ran, and every figure over the replicates.
 *
 *     policies x metrics ─► curve ─► figure (one a generation) ─► values of the runs
 *
 * Read once, const afterwards.  Memory: 24 bytes a row beside the figures.
 */
#ifndef REPORT_TRACE_READ_H
#define REPORT_TRACE_READ_H

#include <winnow/arena.h>
#include <winnow/json.h>

enum { TRACE_MAX_POLICIES = 256, TRACE_MAX_METRICS = 256, TRACE_MAX_ENDINGS_KEPT = 1000 };

/* One value of one run.  Of replicate TRACE_SUMMED: VALUE is an index of a summary. */
#define TRACE_SUMMED UINT32_MAX
struct trace_row {
    double value;
    uint32_t generation, replicate;
    uint32_t line; /* of the file, from 1 */
    uint16_t policy, metric;
};

/* What the runs of one policy gave for one metric in one generation. */
struct figure {
    uint32_t generation;
    uint64_t n;                   /* runs with a value                               */
    double mean, sd;              /* sd of the sample; NAN for n = 1                 */
    double low, high;             /* 95 % t interval of the mean; NAN for n = 1      */
    double median, q10, q90;      /* of the runs; quantiles interpolate (type 7)     */
    double q05, q95;              /* of a summary line, which has no q10 and q90; else NAN */
    double log_mean;              /* of a summary line; else NAN                     */
    const struct trace_row *rows; /* n of them, by replicate; NULL: a summary line   */
};

struct curve {
    const struct figure *at; /* by generation */
    size_t n;
};

/* A run that could not go on. */
struct ending {
    const char *policy, *reason;
    uint32_t replicate, generation;
    double kept;
};

struct trace_policy {
    const char *name;
    char digest[33];                   /* of the resolved policy; "" when the header lacks it */
    const struct wn_jsonval *resolved; /* NULL for a policy that only rows name          */
    struct wn_jsonval *prediction;     /* owned; NULL: the trace has none                */
    uint64_t n_ended, n_runs;          /* of a summary: runs that ended early, all runs  */
    bool is_summed, is_counted;        /* has summary lines; has the line that counts the ended runs */
};

struct trace {
    const char *name; /* of the file */
    const char *engine, *version;
    const struct wn_jsonval *settings;
    struct trace_policy policy[TRACE_MAX_POLICIES];
    size_t n_policies;
    const char *metric[TRACE_MAX_METRICS];
    size_t n_metrics;
    uint32_t last_generation; /* that has any value; 0 without rows */
    uint64_t n_rows;
    bool has_runs, has_summaries; /* values of runs; summary lines instead of them */
    const struct ending *ending; /* the first TRACE_MAX_ENDINGS_KEPT   */
    size_t n_endings, n_endings_kept;
    const char *unfinished; /* a sentence: what the header promises and the trace lacks; NULL: it is whole */

    struct wn_jsonval *header; /* owned, as everything below */
    struct trace_row *rows;
    struct figure *summary; /* those that summary lines give */
    struct curve *curves; /* [policy * n_metrics + metric] */
    struct wn_arena arena;
};

/* WN_BADDATA names NAME and line. */
enum wn_status trace_read(struct trace **out, const char *name, struct wn_str text, struct wn_err *err);
void trace_free(struct trace *t);

/* Theory is kept as a metric of its own, "theory_X" for metric X: lines of kind "theory", and
 * rows of version 1. */
#define TRACE_THEORY "theory_"
bool trace_is_theory(const char *metric);

/* SIZE_MAX when there is none. */
size_t trace_metric(const struct trace *t, const char *name);
static inline const struct curve *trace_curve(const struct trace *t, size_t policy, size_t metric)
{
    return &t->curves[policy * t->n_metrics + metric];
}
/* NULL when generation G has no figure. */
const struct figure *curve_at(const struct curve *c, uint32_t generation);

#endif
