#include <winnow/flow.h>

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

/*
 * A ring of slots; batch SEQ lives in slot SEQ % n_slots:
 *
 *     FREE --read--> READY --work--> WORKING --> DONE --write--> FREE
 *
 * The reader thread fills slots in order, workers take READY slots in order, the
 * calling thread writes DONE slots in order.  A failure of read or work stays in its
 * slot until the writer comes to it, so the first one in input order wins.
 */
enum slot_state { SLOT_FREE, SLOT_READY, SLOT_WORKING, SLOT_DONE };

struct slot {
    enum slot_state state;
    enum wn_status status;
    struct wn_err err;
    struct wn_batch batch;
};

struct run {
    const struct wn_flow *flow;
    void *ctx;
    const atomic_int *stop;
    struct slot *slots;
    size_t n_slots;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t next_work;   /* the next batch a worker takes              */
    uint64_t n_read;      /* batches handed to the workers              */
    bool ended;           /* n_read is final                            */
    bool quit;            /* everybody goes home                        */
};

static bool stopped(const atomic_int *stop)
{
    return stop && atomic_load(stop);
}

static enum wn_status cancelled(struct wn_err *err)
{
    return wn_fail(err, WN_CANCELLED, "stopped before the end");
}

static enum wn_status run_inline(const struct wn_flow *f, void *ctx, const atomic_int *stop, struct wn_err *err)
{
    struct wn_batch b = { 0 };
    struct wn_arena scratch = { 0 };
    enum wn_status st = WN_OK;

    b.scratch = &scratch;
    while (st == WN_OK) {
        if (stopped(stop)) {
            st = cancelled(err);
            break;
        }
        wn_arena_reset(&b.arena);
        b.data = NULL;
        st = f->read(ctx, &b, err);
        if (st != WN_OK)
            break;
        wn_arena_reset(&scratch);
        st = f->work(ctx, &b, err);
        if (st == WN_OK)
            st = f->write(ctx, &b, err);
        b.seq++;
    }
    wn_arena_release(&b.arena);
    wn_arena_release(&scratch);
    return st == WN_END ? WN_OK : st;
}

static void *reader_main(void *arg)
{
    struct run *r = arg;

    for (uint64_t seq = 0;; seq++) {
        struct slot *s = &r->slots[seq % r->n_slots];
        enum wn_status st;

        pthread_mutex_lock(&r->lock);
        while (s->state != SLOT_FREE && !r->quit)
            pthread_cond_wait(&r->changed, &r->lock);
        if (r->quit) {
            pthread_mutex_unlock(&r->lock);
            return NULL;
        }
        pthread_mutex_unlock(&r->lock);

        wn_arena_reset(&s->batch.arena);
        s->batch.seq = seq;
        s->batch.data = NULL;
        st = stopped(r->stop) ? cancelled(&s->err) : r->flow->read(r->ctx, &s->batch, &s->err);

        pthread_mutex_lock(&r->lock);
        if (st == WN_OK) {
            s->state = SLOT_READY;
            r->n_read = seq + 1;
        } else {
            r->ended = true;
            if (st != WN_END) {         /* the writer meets it as a finished, failed batch */
                s->status = st;
                s->state = SLOT_DONE;
                r->n_read = seq + 1;
                r->next_work += r->next_work == seq;
            }
        }
        pthread_cond_broadcast(&r->changed);
        pthread_mutex_unlock(&r->lock);
        if (st != WN_OK)
            return NULL;
    }
}

struct worker {
    struct run *run;
    unsigned index;
    struct wn_arena scratch;
};

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct run *r = w->run;

    pthread_mutex_lock(&r->lock);
    for (;;) {
        struct slot *s = &r->slots[r->next_work % r->n_slots];

        if (r->quit || (r->ended && r->next_work >= r->n_read))
            break;
        if (r->next_work >= r->n_read || s->state != SLOT_READY) {
            if (s->state == SLOT_DONE && r->next_work < r->n_read)
                break;                  /* the failed read: nothing comes after it */
            pthread_cond_wait(&r->changed, &r->lock);
            continue;
        }
        s->state = SLOT_WORKING;
        r->next_work++;
        pthread_mutex_unlock(&r->lock);

        wn_arena_reset(&w->scratch);
        s->batch.worker = w->index;
        s->batch.scratch = &w->scratch;
        s->status = r->flow->work(r->ctx, &s->batch, &s->err);

        pthread_mutex_lock(&r->lock);
        s->state = SLOT_DONE;
        pthread_cond_broadcast(&r->changed);
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* Writes batches in order until the end or the first failure. */
static enum wn_status write_all(struct run *r, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (uint64_t seq = 0; st == WN_OK; seq++) {
        struct slot *s = &r->slots[seq % r->n_slots];

        pthread_mutex_lock(&r->lock);
        while (!(s->state == SLOT_DONE && seq < r->n_read) && !(r->ended && seq >= r->n_read))
            pthread_cond_wait(&r->changed, &r->lock);
        if (seq >= r->n_read) {
            pthread_mutex_unlock(&r->lock);
            break;
        }
        pthread_mutex_unlock(&r->lock);

        st = s->status;
        if (st != WN_OK && err)
            *err = s->err;
        if (st == WN_OK)
            st = r->flow->write(r->ctx, &s->batch, err);

        pthread_mutex_lock(&r->lock);
        s->state = SLOT_FREE;
        pthread_cond_broadcast(&r->changed);
        pthread_mutex_unlock(&r->lock);
    }
    return st;
}

static enum wn_status run_threads(const struct wn_flow *f, void *ctx, unsigned jobs, const atomic_int *stop,
                                  struct wn_err *err)
{
    struct run r = { .flow = f, .ctx = ctx, .stop = stop, .n_slots = (size_t)jobs * 2 + 2 };
    struct worker *workers = calloc(jobs, sizeof(*workers));
    pthread_t *threads = calloc(jobs + 1, sizeof(*threads));
    unsigned started = 0;
    enum wn_status st = WN_OK;
    int rc = 0;

    r.slots = calloc(r.n_slots, sizeof(*r.slots));
    pthread_mutex_init(&r.lock, NULL);
    pthread_cond_init(&r.changed, NULL);
    if (!workers || !threads || !r.slots) {
        st = wn_fail(err, WN_NOMEM, "out of memory for %u worker threads", jobs);
        goto done;
    }
    rc = pthread_create(&threads[started], NULL, reader_main, &r);
    started += rc == 0;
    for (unsigned i = 0; i < jobs && !rc; i++) {
        workers[i].run = &r;
        workers[i].index = i;
        rc = pthread_create(&threads[started], NULL, worker_main, &workers[i]);
        started += rc == 0;
    }
    st = rc ? wn_fail(err, WN_NOMEM, "cannot start thread %u of %u", started + 1, jobs + 1) : write_all(&r, err);
    pthread_mutex_lock(&r.lock);
    r.quit = true;
    pthread_cond_broadcast(&r.changed);
    pthread_mutex_unlock(&r.lock);
    while (started)
        pthread_join(threads[--started], NULL);
done:
    for (size_t i = 0; r.slots && i < r.n_slots; i++)
        wn_arena_release(&r.slots[i].batch.arena);
    for (unsigned i = 0; workers && i < jobs; i++)
        wn_arena_release(&workers[i].scratch);
    pthread_cond_destroy(&r.changed);
    pthread_mutex_destroy(&r.lock);
    free(r.slots);
    free(threads);
    free(workers);
    return st;
}

enum wn_status wn_flow_run(const struct wn_flow *f, void *ctx, unsigned jobs, const atomic_int *stop, struct wn_err *err)
{
    return jobs <= 1 ? run_inline(f, ctx, stop, err) : run_threads(f, ctx, jobs, stop, err);
}

struct each {
    size_t n;
    wn_each_fn *body;
    void *ctx;
    const atomic_int *stop;
    pthread_mutex_t lock;
    size_t next;
    size_t failed_at;
    enum wn_status status;
    struct wn_err err;
};

static void *each_main(void *arg)
{
    struct each *e = arg;

    for (;;) {
        struct wn_err err = { 0 };
        enum wn_status st;
        size_t i;

        pthread_mutex_lock(&e->lock);
        i = e->status == WN_OK && e->next < e->n ? e->next++ : e->n;
        pthread_mutex_unlock(&e->lock);
        if (i >= e->n)
            return NULL;
        st = stopped(e->stop) ? cancelled(&err) : e->body(e->ctx, i, &err);
        if (st == WN_OK)
            continue;
        pthread_mutex_lock(&e->lock);
        if (i < e->failed_at) {
            e->failed_at = i;
            e->status = st;
            e->err = err;
        }
        pthread_mutex_unlock(&e->lock);
    }
}

enum wn_status wn_parallel_each(size_t n, unsigned jobs, wn_each_fn *body, void *ctx, const atomic_int *stop,
                                struct wn_err *err)
{
    struct each e = { .n = n, .body = body, .ctx = ctx, .stop = stop, .failed_at = SIZE_MAX };
    size_t helpers = jobs > 1 && n > 1 ? (jobs < n ? jobs : n) - 1 : 0;
    pthread_t *threads = helpers ? calloc(helpers, sizeof(*threads)) : NULL;
    size_t started = 0;

    if (helpers && !threads)
        return wn_fail(err, WN_NOMEM, "out of memory for %u threads", jobs);
    pthread_mutex_init(&e.lock, NULL);
    while (started < helpers && pthread_create(&threads[started], NULL, each_main, &e) == 0)
        started++;
    each_main(&e);     /* the calling thread is one of them, so a failed start only costs speed */
    while (started)
        pthread_join(threads[--started], NULL);
    pthread_mutex_destroy(&e.lock);
    free(threads);
    if (e.status != WN_OK && err)
        *err = e.err;
    return e.status;
}

unsigned wn_cpu_count(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    return CPU_COUNT(&set) > 0 ? (unsigned)CPU_COUNT(&set) : 1;
}
