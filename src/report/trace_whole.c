#include "report/trace_whole.h"

#include <stdlib.h>

/* Policies that the sentence names; of the others it gives the number. */
enum { MAX_TOLD = 3 };

/* What one run has.  Rows come run by run, so nearly every run is one of these; a run whose
 * rows are scattered is several until they are merged. */
struct trace_run {
    uint32_t replicate;
    uint32_t last, last_chosen; /* generation of the last row, and of the last real_share */
    uint16_t policy;
    bool has_ended;
};

/* What a trace has to have. */
struct promise {
    double replicates;  /* 0: the header does not say        */
    double generation;  /* the last recorded one; 0 likewise */
    bool has_chosen;    /* a generation is whole when it has real_share, the last metric that every one has */
    bool is_summed;
};

enum wn_status trace_note_run(struct trace_reading *r, const struct trace_row *row, const char *metric, struct wn_err *err)
{
    struct trace_run *run = r->n_runs ? &r->run[r->n_runs - 1] : NULL;

    if (!run || run->policy != row->policy || run->replicate != row->replicate) {
        if (r->n_runs == r->cap_runs) {
            size_t cap = r->cap_runs ? r->cap_runs * 2 : 64, bytes;
            struct trace_run *more = wn_mul_ok(cap, sizeof(*more), &bytes) ? realloc(r->run, bytes) : NULL;

            if (!more)
                return wn_fail(err, WN_NOMEM, "out of memory for trace '%s'", r->t->name);
            r->run = more;
            r->cap_runs = cap;
        }
        run = &r->run[r->n_runs++];
        *run = (struct trace_run){ .replicate = row->replicate, .policy = row->policy };
    }
    run->last = row->generation > run->last ? row->generation : run->last;
    if (strcmp(metric, "ended") == 0)
        run->has_ended = true;
    if (strcmp(metric, "real_share") == 0 && row->generation > run->last_chosen)
        run->last_chosen = row->generation;
    return WN_OK;
}

static int by_run(const void *a, const void *b)
{
    const struct trace_run *x = a, *y = b;

    if (x->policy != y->policy)
        return x->policy < y->policy ? -1 : 1;
    return (x->replicate > y->replicate) - (x->replicate < y->replicate);
}

static void merge_runs(struct trace_reading *r)
{
    size_t n = 0;

    if (r->n_runs)
        qsort(r->run, r->n_runs, sizeof(*r->run), by_run);
    for (size_t i = 0; i < r->n_runs; i++) {
        const struct trace_run *from = &r->run[i];
        struct trace_run *to = n ? &r->run[n - 1] : NULL;

        if (!to || by_run(to, from) != 0) {
            r->run[n++] = *from;
            continue;
        }
        to->last = from->last > to->last ? from->last : to->last;
        to->last_chosen = from->last_chosen > to->last_chosen ? from->last_chosen : to->last_chosen;
        to->has_ended = to->has_ended || from->has_ended;
    }
    r->n_runs = n;
}

static struct promise promise_of(const struct trace *t)
{
    const struct wn_jsonval *recorded = wn_jsonval_get(t->settings, "recorded");
    size_t n = wn_jsonval_size(recorded);
    double all = wn_jsonval_num(wn_jsonval_get(t->settings, "generations"), 0);
    struct promise p = { .replicates = wn_jsonval_num(wn_jsonval_get(t->settings, "replicates"), 0),
                         .generation = n ? wn_jsonval_num(wn_jsonval_at(recorded, n - 1), 0) : all,
                         .is_summed = t->has_summaries };

    /* Rows of version 1 had another order. */
    p.has_chosen = wn_jsonval_num(wn_jsonval_get(t->header, "version"), 0) >= 2 &&
                   trace_metric(t, "real_share") != SIZE_MAX;
    for (size_t i = 0; i < t->n_policies; i++)
        p.is_summed = p.is_summed || t->policy[i].is_counted;
    return p;
}

static bool stops_early(const struct trace_run *run, const struct promise *p)
{
    return !run->has_ended && (p->has_chosen ? run->last_chosen : run->last) < p->generation;
}

/* The runs of one policy: which are missing, and which stop.  Nothing where none does. */
static void tell_runs(struct wn_buf *out, const char *name, const struct trace_run *run, size_t n, const struct promise *p)
{
    size_t n_due = 0, n_early = 0, start = out->len;
    uint32_t first = 0;

    for (size_t i = 0; i < n; i++) {
        n_due += run[i].replicate < p->replicates;
        if (stops_early(&run[i], p) && n_early++ == 0)
            first = run[i].replicate;
    }
    if ((double)n_due < p->replicates)
        wn_buf_addf(out, "'%s' has %zu of %.0f runs", name, n_due, p->replicates);
    if (n_early && out->len > start)
        wn_buf_addz(out, "; ");
    if (n_early == 1)
        wn_buf_addf(out, "run %lu of '%s' stops before the end of generation %.0f", (unsigned long)first, name, p->generation);
    else if (n_early)
        wn_buf_addf(out, "%zu runs of '%s' stop before the end of generation %.0f", n_early, name, p->generation);
}

/* The line that counts the ended runs stands behind a policy's summaries. */
static void tell_summary(struct wn_buf *out, const struct trace_policy *policy)
{
    if (!policy->is_summed && !policy->is_counted)
        wn_buf_addf(out, "'%s' has no summary", policy->name);
    else if (!policy->is_counted)
        wn_buf_addf(out, "the summary of '%s' is cut short", policy->name);
}

/* Appends the parts of the first policies that lack something; how many do. */
static size_t tell_policies(struct wn_buf *out, const struct trace_reading *r, const struct promise *p)
{
    const struct trace *t = r->t;
    size_t n_lacking = 0, at = 0;

    for (size_t i = 0; i < t->n_policies; i++) {
        size_t from = at, before = out->len, start;

        while (at < r->n_runs && r->run[at].policy == i)
            at++;
        if (!t->policy[i].resolved) /* the header promises nothing of it */
            continue;
        wn_buf_addz(out, n_lacking ? "; " : "The trace is not finished: ");
        start = out->len;
        if (p->is_summed)
            tell_summary(out, &t->policy[i]);
        else
            tell_runs(out, t->policy[i].name, r->run ? &r->run[from] : NULL, at - from, p);
        n_lacking += out->len > start;
        if (out->len == start || n_lacking > MAX_TOLD)
            out->len = before;
    }
    return n_lacking;
}

enum wn_status trace_check_whole(struct trace_reading *r, struct wn_err *err)
{
    struct promise p = promise_of(r->t);
    struct wn_buf out = { 0 };
    size_t n_lacking;
    enum wn_status st;

    merge_runs(r);
    n_lacking = tell_policies(&out, r, &p);
    if (n_lacking > MAX_TOLD)
        wn_buf_addf(&out, "; and %zu more %s lines", n_lacking - MAX_TOLD,
                    n_lacking == MAX_TOLD + 1 ? "policy lacks" : "policies lack");
    wn_buf_addc(&out, '.');
    st = wn_buf_status(&out, err);
    if (st == WN_OK && n_lacking) {
        r->t->unfinished = wn_arena_copy(&r->t->arena, wn_buf_str(&out)).ptr;
        if (!r->t->unfinished)
            st = wn_fail(err, WN_NOMEM, "out of memory for trace '%s'", r->t->name);
    }
    wn_buf_release(&out);
    return st;
}
