/*
 * Runs the cells of a sweep on all threads.
 *
 *     cells     |----- 0 -----|----- 1 -----|--------------- 2 ---------------|
 *     batches   [   pieces of cells 0 and 1   ][ piece of 2 ][ piece of 2 ] ...
 *
 * A cell takes from microseconds to hours, so a batch of the flow is not a cell but as many
 * runs, in grid order, as take about two milliseconds by what the last ones took.  How runs
 * fall into batches depends on the clock; rows do not: each run writes its own values, and
 * whoever finishes the last run of a cell sums them up.
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <winnow/flow.h>

#include "sim/sweep_cell.h"

enum { MAX_RUNS_A_BATCH = 1 << 16, MAX_PIECES = 1 << 10 };
static const uint64_t batch_ns = 2000000;

/* A cell on its way; the lock guards what several workers change. */
struct cell {
    struct sim_sweep_cell is;
    struct cell *next, *before;        /* in the sweep's list                                  */
    pthread_mutex_t lock;
    bool is_tried, is_setup;
    enum wn_status opened;             /* of the first try; nobody tries again                 */
    struct sim_setup setup;
    double *value, *scratch;
    uint32_t *ended, left;             /* LEFT: runs that are not done                         */
    char *why;                         /* owned: the refusal                                   */
    uint32_t refused_from;             /* first replicate of the piece that was refused        */
    struct wn_buf row;
};

struct piece {
    struct cell *cell;
    uint32_t from, n;                  /* replicates                                           */
};

struct work {
    struct piece *piece;
    size_t n;
};

struct sweep {
    struct sim_sweep plan;
    struct cell *now;                  /* the reader's: cell and replicate that come next      */
    uint64_t next_cell, end_cell;
    uint32_t next_replicate;
    uint64_t runs_done, runs_total;
    atomic_uint_least64_t run_ns;      /* what a run has taken of late                         */
    pthread_mutex_t lock;
    struct cell *alive;                /* all cells that are on their way                      */
    wn_sweep_fn *write;
    void *arg;
    struct wn_sweep_totals *totals;
};

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- cells --------------------------------------------------------------------------------------- */

static struct cell *cell_new(struct sweep *w, uint64_t index)
{
    struct cell *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->is.index = index;
    c->left = w->plan.opts.sim.replicates;
    pthread_mutex_init(&c->lock, NULL);
    pthread_mutex_lock(&w->lock);
    c->next = w->alive;
    if (w->alive)
        w->alive->before = c;
    w->alive = c;
    pthread_mutex_unlock(&w->lock);
    return c;
}

static void cell_free(struct sweep *w, struct cell *c)
{
    pthread_mutex_lock(&w->lock);
    if (c->next)
        c->next->before = c->before;
    if (c->before)
        c->before->next = c->next;
    else
        w->alive = c->next;
    pthread_mutex_unlock(&w->lock);
    if (c->is_setup)
        sim_setup_close(&c->setup);
    pthread_mutex_destroy(&c->lock);
    free(c->value);
    free(c->scratch);
    free(c->ended);
    free(c->why);
    wn_buf_release(&c->row);
    free(c);
}

/* What does not fit together is a row; everything else ends the sweep. */
static bool is_refusal(enum wn_status st)
{
    return st == WN_BADCONF || st == WN_LIMIT;
}

/* Of several pieces the first one's reason stands, whichever came first. */
static enum wn_status refuse(struct cell *c, uint32_t from, const struct wn_err *why, struct wn_err *err)
{
    char *text;

    if (c->why && c->refused_from <= from)
        return WN_OK;
    text = strdup(why->text);
    if (!text)
        return wn_fail(err, WN_NOMEM, "cannot refuse a cell: out of memory");
    free(c->why);
    c->why = text;
    c->refused_from = from;
    return WN_OK;
}

static enum wn_status cell_make(const struct sim_sweep *s, struct cell *c, struct wn_err *err)
{
    size_t runs = s->opts.sim.replicates, values = runs * s->opts.n_metrics * s->opts.sim.n_record;
    enum wn_status st = sim_sweep_settle(s, c->is.index, &c->is.opts, &c->is.policy, err);

    c->is.opts.jobs = 1;               /* the threads are the sweep's */
    c->is.opts.progress = NULL;
    if (st != WN_OK)
        return st;
    c->is_setup = true;
    st = sim_setup_open(&c->setup, &c->is.opts, err);
    if (st != WN_OK)
        return st;
    c->is.is_exact = sim_is_exact(&c->setup, &c->is.policy, NULL);
    c->value = malloc(values * sizeof(*c->value));
    c->scratch = malloc(runs * sizeof(*c->scratch));
    c->ended = malloc(runs * sizeof(*c->ended));
    if (!c->value || !c->scratch || !c->ended)
        return wn_fail(err, WN_NOMEM, "out of memory for the values of %zu runs", runs);
    return WN_OK;
}

/* The first worker that comes to a cell opens it. */
static enum wn_status cell_open(const struct sim_sweep *s, struct cell *c, bool *is_refused, struct wn_err *err)
{
    struct wn_err why = { WN_OK, "cannot start a cell: out of memory" };
    enum wn_status st;

    pthread_mutex_lock(&c->lock);
    if (!c->is_tried) {
        c->opened = cell_make(s, c, &why);
        if (is_refusal(c->opened))
            c->opened = refuse(c, 0, &why, &why);
        c->is_tried = true;
    }
    st = c->opened == WN_OK ? WN_OK : wn_fail(err, c->opened, "%s", why.text);
    *is_refused = c->why != NULL && c->refused_from == 0;
    pthread_mutex_unlock(&c->lock);
    return st;
}

/* ---- work ---------------------------------------------------------------------------------------- */

static enum wn_status run_piece(const struct sim_sweep *s, const struct piece *p, struct wn_arena *scratch,
                                struct wn_err *err)
{
    const struct wn_sweep_opts *o = &s->opts;
    size_t lines = o->sim.n_record * o->n_metrics;
    struct sim_wanted wanted = { o->metric, o->n_metrics, o->sim.record, o->sim.n_record, p->from, p->n };
    double *value = wn_arena_calloc(scratch, lines * p->n, sizeof(*value));
    enum wn_status st;

    if (!value)
        return wn_fail(err, WN_NOMEM, "out of memory for the values of %u runs", p->n);
    st = sim_collect(&p->cell->setup, &p->cell->is.policy, &wanted, value, p->cell->ended + p->from, err);
    for (size_t i = 0; i < lines && st == WN_OK; i++)
        memcpy(p->cell->value + i * o->sim.replicates + p->from, value + i * p->n, p->n * sizeof(*value));
    return st;
}

/* Once all its runs are in, a cell becomes its row. */
static enum wn_status finish_piece(const struct sim_sweep *s, const struct piece *p, struct wn_err *err)
{
    struct cell *c = p->cell;
    enum wn_status st;
    bool is_last;

    pthread_mutex_lock(&c->lock);
    c->left -= p->n;
    is_last = c->left == 0;
    pthread_mutex_unlock(&c->lock);
    if (!is_last)
        return WN_OK;
    c->is.refused = c->why;
    c->is.value = c->value;
    c->is.ended = c->ended;
    st = sim_sweep_row(s, &c->is, c->scratch, &c->row, err);
    if (c->is_setup)
        sim_setup_close(&c->setup);
    c->is_setup = false;
    return st;
}

static enum wn_status do_piece(const struct sim_sweep *s, const struct piece *p, struct wn_arena *scratch,
                               struct wn_err *err)
{
    struct wn_err why = { WN_OK, "" };
    bool is_refused;
    enum wn_status st = cell_open(s, p->cell, &is_refused, err);

    if (st != WN_OK)
        return st;
    if (!is_refused) {
        st = run_piece(s, p, scratch, &why);
        if (is_refusal(st)) {
            pthread_mutex_lock(&p->cell->lock);
            st = refuse(p->cell, p->from, &why, err);
            pthread_mutex_unlock(&p->cell->lock);
        } else if (st != WN_OK) {
            wn_fail(err, st, "%s", why.text);
            if (st != WN_CANCELLED)
                wn_err_prefix(err, "cell %llu, policy '%s': ", (unsigned long long)p->cell->is.index,
                              p->cell->is.policy.name);
        }
    }
    return st == WN_OK ? finish_piece(s, p, err) : st;
}

static enum wn_status do_work(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct sweep *w = ctx;
    const struct work *work = b->data;
    uint64_t started = now_ns(), runs = 0, spent, before = atomic_load(&w->run_ns);
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < work->n && st == WN_OK; i++) {
        wn_arena_reset(b->scratch);
        st = do_piece(&w->plan, &work->piece[i], b->scratch, err);
        runs += work->piece[i].n;
    }
    spent = (now_ns() - started) / runs + 1;
    atomic_store(&w->run_ns, spent > before ? spent : (before * 3 + spent) / 4);
    return st;
}

/* ---- the flow ------------------------------------------------------------------------------------- */

static enum wn_status take_piece(struct sweep *w, uint32_t most, struct piece *out, struct wn_err *err)
{
    uint32_t runs = w->plan.opts.sim.replicates, left;

    if (!w->now)
        w->now = cell_new(w, w->next_cell);
    if (!w->now)
        return wn_fail(err, WN_NOMEM, "cannot start a cell: out of memory");
    left = runs - w->next_replicate;
    *out = (struct piece){ w->now, w->next_replicate, left < most ? left : most };
    w->next_replicate += out->n;
    if (w->next_replicate == runs) {
        w->next_replicate = 0;
        w->next_cell++;
        w->now = NULL;
    }
    return WN_OK;
}

static enum wn_status next_work(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct sweep *w = ctx;
    uint64_t room = batch_ns / (atomic_load(&w->run_ns) + 1);
    uint64_t cells = w->end_cell - w->next_cell;
    struct work *work;
    size_t cap;
    enum wn_status st = WN_OK;

    if (cells == 0)
        return WN_END;
    room = room < 1 ? 1 : room > MAX_RUNS_A_BATCH ? MAX_RUNS_A_BATCH : room;
    cap = room / w->plan.opts.sim.replicates + 2;
    cap = cap < MAX_PIECES ? cap : MAX_PIECES;
    work = wn_arena_calloc(&b->arena, 1, sizeof(*work));
    if (work)
        work->piece = wn_arena_calloc(&b->arena, cap, sizeof(*work->piece));
    if (!work || !work->piece)
        return wn_fail(err, WN_NOMEM, "cannot start a cell: out of memory");
    while (room > 0 && work->n < cap && w->next_cell < w->end_cell && st == WN_OK) {
        st = take_piece(w, (uint32_t)room, &work->piece[work->n], err);
        if (st == WN_OK)
            room -= work->piece[work->n++].n;
    }
    b->data = work;
    return st;
}

static enum wn_status write_row(struct sweep *w, struct cell *c, struct wn_err *err)
{
    struct wn_sweep_totals *t = w->totals;
    enum wn_status st = w->write(w->arg, wn_buf_str(&c->row), err);

    if (st == WN_OK) {
        t->rows++;
        if (c->why && t->refused++ == 0) {
            size_t n = strlen(c->why) < sizeof(t->first_refusal) ? strlen(c->why) : sizeof(t->first_refusal) - 1;

            memcpy(t->first_refusal, c->why, n);
            t->first_refusal[n] = '\0';
        }
    }
    cell_free(w, c);
    return st;
}

static enum wn_status write_work(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct sweep *w = ctx;
    const struct work *work = b->data;
    const struct wn_sim_opts *o = &w->plan.opts.sim;
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < work->n && st == WN_OK; i++) {
        const struct piece *p = &work->piece[i];

        w->runs_done += p->n;
        if (p->from + p->n == o->replicates)
            st = write_row(w, p->cell, err);
    }
    if (st == WN_OK && o->progress)
        o->progress(o->progress_arg, w->runs_done, w->runs_total);
    return st;
}

enum wn_status wn_sweep(const struct wn_sweep_opts *opts, wn_sweep_fn *write, void *arg, struct wn_sweep_totals *totals,
                        struct wn_err *err)
{
    static const struct wn_flow flow = { next_work, do_work, write_work };
    struct wn_sweep_totals unread;
    struct sweep w = { .write = write, .arg = arg, .totals = totals ? totals : &unread };
    const struct wn_sim_opts *o = &w.plan.opts.sim;
    enum wn_status st = sim_sweep_open(&w.plan, opts, err);

    *w.totals = (struct wn_sweep_totals){ .rows = 0 };
    if (st != WN_OK)
        return st;
    w.next_cell = opts->first_cell;
    w.end_cell = opts->n_cells ? opts->first_cell + opts->n_cells : w.plan.size.cells;
    w.runs_total = w.plan.size.runs;
    w.runs_done = w.next_cell * o->replicates;
    atomic_init(&w.run_ns, batch_ns / 2);
    pthread_mutex_init(&w.lock, NULL);
    st = wn_flow_run(&flow, &w, o->jobs, o->stop, err);
    while (w.alive)                    /* after a failure */
        cell_free(&w, w.alive);
    pthread_mutex_destroy(&w.lock);
    return st;
}
