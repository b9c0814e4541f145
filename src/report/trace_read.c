#include "report/trace_read.h"

#include <math.h>
#include <stdlib.h>

#include "report/runstats.h"
#include "report/trace_lines.h"
#include "report/trace_policies.h"
#include "report/trace_whole.h"

static enum wn_status no_memory(struct wn_err *err, const struct trace *t)
{
    return wn_fail(err, WN_NOMEM, "out of memory for trace '%s'", t->name);
}

static enum wn_status bad(struct wn_err *err, const struct trace_reading *r, const char *what)
{
    return wn_fail(err, WN_BADDATA, "cannot read trace '%s': line %llu: %s", r->t->name, (unsigned long long)r->line,
                   what);
}

static const char *keep(struct trace *t, const char *z)
{
    return wn_arena_copy(&t->arena, wn_str(z)).ptr;
}

/* ---- names ------------------------------------------------------------------------------ */

enum wn_status trace_policy_index(struct trace_reading *r, const char *name, size_t *index, struct wn_err *err)
{
    struct trace *t = r->t;

    for (size_t k = 0; k < t->n_policies; k++) {
        size_t i = (r->last_policy + k) % t->n_policies;

        if (strcmp(t->policy[i].name, name) == 0) {
            r->last_policy = *index = i;
            return WN_OK;
        }
    }
    if (t->n_policies == TRACE_MAX_POLICIES)
        return wn_fail(err, WN_LIMIT, "trace '%s' has more than %d policies", t->name, TRACE_MAX_POLICIES);
    *index = t->n_policies;
    t->policy[*index].name = keep(t, name);
    if (!t->policy[*index].name)
        return no_memory(err, t);
    t->n_policies++;
    return WN_OK;
}

enum wn_status trace_metric_index(struct trace_reading *r, const char *name, size_t *index, struct wn_err *err)
{
    struct trace *t = r->t;

    for (size_t k = 0; k < t->n_metrics; k++) {
        size_t i = (r->last_metric + 1 + k) % t->n_metrics;

        if (strcmp(t->metric[i], name) == 0) {
            r->last_metric = *index = i;
            return WN_OK;
        }
    }
    if (t->n_metrics == TRACE_MAX_METRICS)
        return wn_fail(err, WN_LIMIT, "trace '%s' has more than %d metrics", t->name, TRACE_MAX_METRICS);
    *index = t->n_metrics;
    t->metric[*index] = keep(t, name);
    if (!t->metric[*index])
        return no_memory(err, t);
    t->n_metrics++;
    return WN_OK;
}

/* ---- lines ------------------------------------------------------------------------------ */

static enum wn_status read_policies(struct trace_reading *r, struct wn_str line, struct wn_err *err)
{
    struct trace *t = r->t;
    const struct wn_jsonval *list = wn_jsonval_get(t->header, "policies");

    for (size_t i = 0; i < wn_jsonval_size(list); i++) {
        const struct wn_jsonval *p = wn_jsonval_at(list, i);
        const char *name = wn_jsonval_str(wn_jsonval_get(p, "name"), NULL);
        size_t n_before = t->n_policies, index = 0;
        enum wn_status st;

        if (!name)
            return bad(err, r, "a policy of the header has no name");
        st = trace_policy_index(r, name, &index, err);
        if (st != WN_OK)
            return st;
        if (t->n_policies == n_before)
            return bad(err, r, "two policies of the header have one name");
        t->policy[index].resolved = p;
    }
    trace_policy_digests(t, line);
    return WN_OK;
}

static enum wn_status read_header(struct trace_reading *r, struct wn_str line, struct wn_err *err)
{
    struct trace *t = r->t;
    double version;
    enum wn_status st = wn_jsonval_parse(&t->header, line, err);

    if (st == WN_BADDATA)
        return bad(err, r, "not a trace: its first line is not JSON");
    if (st != WN_OK)
        return st;
    if (strcmp(wn_jsonval_str(wn_jsonval_get(t->header, "kind"), ""), "trace") != 0)
        return bad(err, r, "not a trace: its first line is no header of kind \"trace\"");
    version = wn_jsonval_num(wn_jsonval_get(t->header, "version"), 0);
    if (version != 1 && version != 2)
        return bad(err, r, "a version of the trace format that this winnow does not know");
    t->engine = wn_jsonval_str(wn_jsonval_get(t->header, "engine"), NULL);
    if (!t->engine)
        return bad(err, r, "the header names no engine");
    t->version = wn_jsonval_str(wn_jsonval_get(t->header, "winnow"), "");
    t->settings = wn_jsonval_get(t->header, "settings");
    return read_policies(r, line, err);
}

bool trace_small_uint(const struct wn_jsonval *v, uint32_t *out)
{
    double d = wn_jsonval_num(v, -1);

    if (!(d >= 0 && d <= 4e9) || d != floor(d))
        return false;
    *out = (uint32_t)d;
    return true;
}

static enum wn_status add_ending(struct trace_reading *r, const struct trace_row *row, const char *reason, struct wn_err *err)
{
    struct trace *t = r->t;

    t->n_endings++;
    if (t->n_endings_kept == TRACE_MAX_ENDINGS_KEPT)
        return WN_OK;
    if (!r->ending)
        r->ending = wn_arena_calloc(&t->arena, TRACE_MAX_ENDINGS_KEPT, sizeof(*r->ending));
    reason = keep(t, reason);
    if (!r->ending || !reason)
        return no_memory(err, t);
    t->ending = r->ending;
    r->ending[t->n_endings_kept++] = (struct ending){ .policy = t->policy[row->policy].name,
                                                      .reason = reason,
                                                      .replicate = row->replicate,
                                                      .generation = row->generation,
                                                      .kept = row->value };
    return WN_OK;
}

enum wn_status trace_add_row(struct trace_reading *r, const struct trace_row *row, struct wn_err *err)
{
    struct trace *t = r->t;

    if (t->n_rows == r->cap_rows) {
        size_t cap = r->cap_rows ? r->cap_rows * 2 : 1024, bytes;
        struct trace_row *more = wn_mul_ok(cap, sizeof(*more), &bytes) ? realloc(t->rows, bytes) : NULL;

        if (!more)
            return no_memory(err, t);
        t->rows = more;
        r->cap_rows = cap;
    }
    t->rows[t->n_rows++] = *row;
    return WN_OK;
}

static enum wn_status take_row(struct trace_reading *r, const struct wn_jsonval *v, struct wn_err *err)
{
    const char *policy = wn_jsonval_str(wn_jsonval_get(v, "policy"), NULL);
    const char *metric = wn_jsonval_str(wn_jsonval_get(v, "metric"), NULL);
    struct trace_row row = { .line = (uint32_t)r->line };
    const char *what = NULL;
    size_t p = 0, m = 0;
    enum wn_status st;

    if (!policy || !metric || !trace_small_uint(wn_jsonval_get(v, "replicate"), &row.replicate) ||
        !trace_small_uint(wn_jsonval_get(v, "generation"), &row.generation))
        return bad(err, r, "not a row: it needs policy, replicate, generation and metric");
    if (!trace_value(v, &row.value, &what))
        return bad(err, r, what);
    st = trace_policy_index(r, policy, &p, err);
    row.policy = (uint16_t)p;
    if (st == WN_OK && !trace_is_theory(metric))
        st = trace_note_run(r, &row, metric, err);
    if (st != WN_OK)
        return st;
    if (strcmp(metric, "ended") == 0)
        return add_ending(r, &row, wn_jsonval_str(wn_jsonval_get(v, "reason"), "no reason given"), err);
    st = trace_metric_index(r, metric, &m, err);
    row.metric = (uint16_t)m;
    r->t->has_runs = r->t->has_runs || !trace_is_theory(metric);
    return st == WN_OK ? trace_add_row(r, &row, err) : st;
}

static enum wn_status read_row(struct trace_reading *r, struct wn_str line, struct wn_err *err)
{
    struct wn_jsonval *v = NULL;
    const char *what = NULL;
    enum wn_status st = wn_jsonval_parse(&v, line, err);

    if (st == WN_BADDATA)
        return bad(err, r, "not JSON, or cut short");
    if (st == WN_OK && wn_jsonval_get(v, "kind"))
        st = trace_take_line(r, &v, &what, err);
    else if (st == WN_OK)
        st = take_row(r, v, err);
    if (what)
        st = bad(err, r, what);
    wn_jsonval_free(v);
    return st;
}

static enum wn_status read_lines(struct trace_reading *r, struct wn_str text, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    while (text.len && st == WN_OK) {
        const char *nl = memchr(text.ptr, '\n', text.len);
        struct wn_str line = { text.ptr, nl ? (size_t)(nl - text.ptr) : text.len };

        r->line++;
        text.ptr += line.len + (nl != NULL);
        text.len -= line.len + (nl != NULL);
        if (r->line == 1)
            st = read_header(r, line, err);
        else if (line.len)
            st = read_row(r, line, err);
    }
    if (r->line == 0)
        st = wn_fail(err, WN_BADDATA, "cannot read trace '%s': the file is empty", r->t->name);
    return st;
}

/* ---- figures ------------------------------------------------------------------------------ */

/* A total order, so that any sort gives the same. */
static int by_place(const void *a, const void *b)
{
    const struct trace_row *x = a, *y = b;

    if (x->policy != y->policy)
        return x->policy < y->policy ? -1 : 1;
    if (x->metric != y->metric)
        return x->metric < y->metric ? -1 : 1;
    if (x->generation != y->generation)
        return x->generation < y->generation ? -1 : 1;
    if (x->replicate != y->replicate)
        return x->replicate < y->replicate ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

static bool same_cell(const struct trace_row *x, const struct trace_row *y)
{
    return x->policy == y->policy && x->metric == y->metric && x->generation == y->generation;
}

static enum wn_status check_twice(const struct trace *t, struct wn_err *err)
{
    for (size_t i = 1; i < t->n_rows; i++) {
        const struct trace_row *x = &t->rows[i - 1], *y = &t->rows[i];

        if (same_cell(x, y) && (x->replicate == y->replicate || y->replicate == TRACE_SUMMED))
            return wn_fail(err, WN_BADDATA,
                           "cannot read trace '%s': line %lu gives '%s' of a generation and run again, after line %lu",
                           t->name, (unsigned long)y->line, t->metric[y->metric], (unsigned long)x->line);
    }
    return WN_OK;
}

/* Cells of the sorted rows, and the largest. */
static size_t count_cells(const struct trace *t, size_t *largest)
{
    size_t n_cells = 0, n = 0;

    *largest = 0;
    for (size_t i = 0; i < t->n_rows; i++) {
        n = i && same_cell(&t->rows[i - 1], &t->rows[i]) ? n + 1 : 1;
        n_cells += n == 1;
        *largest = n > *largest ? n : *largest;
    }
    return n_cells;
}

static enum wn_status make_figures(struct trace *t, struct wn_err *err)
{
    size_t largest, n_cells = count_cells(t, &largest), n;
    struct figure *f = wn_arena_calloc(&t->arena, n_cells, sizeof(*f));
    double *sorted = wn_arena_calloc(&t->arena, largest, sizeof(*sorted));

    t->curves = wn_arena_calloc(&t->arena, t->n_policies * t->n_metrics, sizeof(*t->curves));
    if (!f || !sorted || !t->curves)
        return no_memory(err, t);
    for (size_t i = 0; i < t->n_rows; i += n, f++) {
        const struct trace_row *row = &t->rows[i];
        struct curve *c = &t->curves[(size_t)row->policy * t->n_metrics + row->metric];

        for (n = 1; i + n < t->n_rows && same_cell(row, &row[n]); n++)
            ;
        if (row->replicate == TRACE_SUMMED) {
            *f = t->summary[(size_t)row->value];
        } else {
            runstats_figure(f, row, n, sorted);
            f->rows = row;
        }
        f->generation = row->generation;
        if (!c->n)
            c->at = f;
        c->n++;
        if (row->generation > t->last_generation && !trace_is_theory(t->metric[row->metric]))
            t->last_generation = row->generation;
    }
    return WN_OK;
}

enum wn_status trace_read(struct trace **out, const char *name, struct wn_str text, struct wn_err *err)
{
    struct trace_reading r = { .t = calloc(1, sizeof(*r.t)) };
    enum wn_status st;

    *out = NULL;
    if (!r.t)
        return wn_fail(err, WN_NOMEM, "out of memory for trace '%s'", name);
    r.t->name = name; /* for messages until it is kept */
    name = keep(r.t, name);
    if (!name) {
        st = no_memory(err, r.t);
        goto done;
    }
    r.t->name = name;
    st = read_lines(&r, text, err);
    if (st != WN_OK)
        goto done;
    if (r.t->n_rows)
        qsort(r.t->rows, r.t->n_rows, sizeof(*r.t->rows), by_place);
    st = check_twice(r.t, err);
    if (st == WN_OK)
        st = make_figures(r.t, err);
    if (st == WN_OK)
        st = trace_check_whole(&r, err);
    if (st != WN_OK)
        goto done;
    *out = r.t;
    r.t = NULL;
done:
    free(r.run);
    trace_free(r.t);
    return st;
}

void trace_free(struct trace *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->n_policies; i++)
        wn_jsonval_free(t->policy[i].prediction);
    wn_jsonval_free(t->header);
    free(t->rows);
    free(t->summary);
    wn_arena_release(&t->arena);
    free(t);
}

bool trace_is_theory(const char *metric)
{
    return strncmp(metric, TRACE_THEORY, strlen(TRACE_THEORY)) == 0;
}

/* ---- look-ups ------------------------------------------------------------------------------- */

size_t trace_metric(const struct trace *t, const char *name)
{
    for (size_t i = 0; i < t->n_metrics; i++)
        if (strcmp(t->metric[i], name) == 0)
            return i;
    return SIZE_MAX;
}

const struct figure *curve_at(const struct curve *c, uint32_t generation)
{
    size_t low = 0, high = c->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (c->at[mid].generation < generation)
            low = mid + 1;
        else
            high = mid;
    }
    return low < c->n && c->at[low].generation == generation ? &c->at[low] : NULL;
}
