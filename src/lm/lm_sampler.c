/*
 * lm_sampler.c - the tables that draws use, made once from a model's index.
 */
#include <math.h>
#include <stdlib.h>

#include "lm/lm_ranks.h"
#include "lm/lm_sampler.h"

/* A u this far below 0 is more than the rounding of two logarithms kept as float32 (2 ulp
 * of 10 each: a relative 4e-6). */
#define ROUNDING 1e-5

/* Of one thread's scratch. */
#define CACHE_BYTES ((size_t)64 << 20)
/* log10 p below this has no float32 p. */
#define LEAST (-37.0f)

/* Places whose p is asked for early: far enough to hide a miss. */
enum { AHEAD = 32 };

struct making {
    struct wn_sampler *s;
    float *p[2];          /* of the level and the one below, by turns */
    float *gamma;         /* of the level below                       */
    double *u;            /* of one context                           */
};

/* ---- memory ----------------------------------------------------------------------------- */

/* Takes COUNT * SIZE bytes at *USED of HEAP, or of nothing when HEAP is NULL. */
static void *carve(char *heap, size_t *used, size_t count, size_t size)
{
    void *at = heap ? heap + *used : NULL;

    *used += (count * size + 63) & ~(size_t)63;
    return at;
}

/* Numbers of n-grams are below 2^32 and there are 8 orders at most: no sum overflows. */
static size_t lay_out(struct wn_sampler *s, char *heap)
{
    unsigned order = s->lm->head.order;
    size_t used = 0;

    s->unigram = carve(heap, &used, s->lm->level[1].n, sizeof(*s->unigram));
    for (unsigned k = 1; k <= order; k++) {
        s->slot[k] = carve(heap, &used, s->lm->level[k].n, sizeof(*s->slot[k]));
        if (k < order)
            s->head[k] = carve(heap, &used, s->lm->level[k].n, sizeof(*s->head[k]));
    }
    return used;
}

static bool alloc_tables(struct wn_sampler *s)
{
    size_t bytes = lay_out(s, NULL);
    char *heap = malloc(bytes + 63);

    if (!heap)
        return false;
    s->heap = heap;
    lay_out(s, heap + (0 - (uintptr_t)heap % 64) % 64);     /* cache lines */
    return true;
}

static void find_most(struct wn_sampler *s)
{
    const struct wn_lm *lm = s->lm;

    s->most[1] = lm->level[1].n;
    for (unsigned k = 1; k < lm->head.order; k++) {
        const uint32_t *child = lm->level[k].child;

        for (uint32_t c = 0; c < lm->level[k].n; c++)
            s->most[k + 1] = child[c + 1] - child[c] > s->most[k + 1] ? child[c + 1] - child[c] : s->most[k + 1];
    }
}

static bool alloc_making(struct making *m)
{
    size_t most = 1, most_u = 1;

    for (unsigned k = 1; k <= m->s->lm->head.order; k++) {
        most = m->s->lm->level[k].n > most ? m->s->lm->level[k].n : most;
        most_u = m->s->most[k] > most_u ? m->s->most[k] : most_u;
    }
    m->p[0] = malloc(most * sizeof(float));
    m->p[1] = malloc(most * sizeof(float));
    m->gamma = malloc(most * sizeof(float));
    m->u = malloc(most_u * sizeof(double));
    return m->p[0] && m->p[1] && m->gamma && m->u;
}

static void making_release(struct making *m)
{
    free(m->p[0]);
    free(m->p[1]);
    free(m->gamma);
    free(m->u);
}

/* ---- the tables --------------------------------------------------------------------------- */

static void make_unigrams(struct making *m, float *p)
{
    struct wn_sampler *s = m->s;
    const struct lm_table *t = &s->lm->level[1];
    double total = 0.0;

    for (uint32_t i = 0; i < t->n; i++) {
        s->unigram[i] = i == WN_LM_BOS ? 0.0 : sampler_p((double)t->prob[i]);
        p[i] = (float)s->unigram[i];
        m->u[i] = s->unigram[i];
        total += s->unigram[i];
        s->slot[1][i] = (struct sampler_slot){ 1.0f, i, i };
    }
    sampler_alias(s->slot[1], m->u, t->n, total > 0.0 ? total : 1.0);
}

/* Sets u of the N continuations from FROM on and adds them up. */
static double weigh_own(struct making *m, unsigned k, uint32_t from, uint32_t n, double gamma, const float *p,
                        const float *below, bool *thin)
{
    const struct lm_table *t = &m->s->lm->level[k];
    const uint32_t *suffix = k == 2 ? t->word : t->suffix;
    double total = 0.0;

    for (uint32_t i = 0; i < n; i++) {
        double u = (double)p[from + i], low;

        if (gamma > 0.0) {
            /* The next contexts' are asked for as well; the last ones need not be. */
            if (t->n - from - i > AHEAD)
                __builtin_prefetch(&below[suffix[from + i + AHEAD]]);
            low = gamma * (double)below[suffix[from + i]];
            u -= low;
            *thin = *thin || u < -ROUNDING * low;
        }
        m->u[i] = u > 0.0 ? u : 0.0;
        total += m->u[i];
    }
    return total;
}

static void make_context(struct making *m, unsigned k, uint32_t c, const float *p, const float *below)
{
    const struct lm_table *t = &m->s->lm->level[k - 1];
    struct sampler_head *h = &m->s->head[k - 1][c];
    uint32_t from = t->child[c], n = t->child[c + 1] - from;
    double gamma, own;
    bool thin = false;

    *h = (struct sampler_head){ from, 0, 1.0f, k == 2 ? 0 : k == 3 ? t->word[c] : t->suffix[c] };
    if (n == 0)
        return;
    gamma = (double)m->gamma[c];
    own = weigh_own(m, k, from, n, gamma, p, below, &thin);
    h->n_thin = 2 * n + thin;
    if (own <= 0.0)
        return;
    h->back = (float)(gamma / (own + gamma));
    if (n > 1)
        sampler_alias(m->s->slot[k] + from, m->u, n, own);
}

static void make_level(struct making *m, unsigned k, float *p, const float *below)
{
    const struct wn_lm *lm = m->s->lm;
    const struct lm_table *t = &lm->level[k];
    struct sampler_slot *slot = m->s->slot[k];
    const uint32_t *suffix = k == 2 ? t->word : t->suffix;
    bool top = k == lm->head.order;

    lm_pow10_many(p, t->prob, t->n, LEAST);
    lm_pow10_many(m->gamma, lm->level[k - 1].backoff, lm->level[k - 1].n, LEAST);
    for (uint32_t i = 0; i < t->n; i++) {
        uint32_t to = top ? suffix[i] : i;

        slot[i] = (struct sampler_slot){ 1.0f, to, to };
    }
    for (uint32_t c = 0; c < lm->level[k - 1].n; c++)
        make_context(m, k, c, p, below);
}

enum wn_status wn_sampler_new(struct wn_sampler **out, const struct wn_lm *lm, struct wn_err *err)
{
    struct wn_sampler *s = NULL;
    struct making m = { NULL, { NULL, NULL }, NULL, NULL };
    enum wn_status st = WN_OK;

    *out = NULL;
    if (lm->level[1].n == 0)
        return wn_fail(err, WN_BADCONF, "cannot prepare a model for sampling: it has no index");
    st = lm_need_index(lm, err);
    if (st != WN_OK)
        return st;
    s = calloc(1, sizeof(*s));
    m.s = s;
    if (s) {
        s->lm = lm;
        find_most(s);
    }
    if (!s || !alloc_tables(s) || !alloc_making(&m)) {
        st = wn_fail(err, WN_NOMEM, "cannot prepare a model for sampling: out of memory");
        goto done;
    }
    make_unigrams(&m, m.p[1]);
    for (unsigned k = 2; k <= lm->head.order; k++)
        make_level(&m, k, m.p[k % 2], m.p[(k - 1) % 2]);
    *out = s;
    s = NULL;
done:
    making_release(&m);
    wn_sampler_free(s);
    return st;
}

void wn_sampler_free(struct wn_sampler *s)
{
    if (!s)
        return;
    free(s->heap);
    free(s);
}

struct wn_sampler_scratch *wn_sampler_scratch_new(const struct wn_sampler *s)
{
    struct wn_sampler_scratch *w = calloc(1, sizeof(*w));
    size_t n = s->lm->level[1].n;

    if (!w)
        return NULL;
    w->weight = malloc(n * sizeof(*w->weight));
    w->key = malloc(n * sizeof(*w->key));
    w->heap = malloc(n * sizeof(*w->heap));
    w->seen = calloc(n, sizeof(*w->seen));
    w->cache = ranks_cache_new(s, CACHE_BYTES);
    if (!w->weight || !w->key || !w->heap || !w->seen || !w->cache) {
        wn_sampler_scratch_free(w);
        return NULL;
    }
    return w;
}

void wn_sampler_scratch_free(struct wn_sampler_scratch *w)
{
    if (!w)
        return;
    free(w->weight);
    free(w->key);
    free(w->heap);
    free(w->seen);
    ranks_cache_free(w->cache);
    free(w);
}

/* ---- where a text begins -------------------------------------------------------------------- */

static uint32_t known_id(const struct wn_sampler *s, uint32_t id)
{
    return id < s->lm->level[1].n ? id : WN_LM_UNK;
}

/* order - 1 words fill a state, so the ones before them need not be walked. */
struct sampler_place sampler_behind(const struct wn_sampler *s, const struct wn_sample_start *start)
{
    const struct wn_lm *lm = s->lm;
    struct sampler_place p = { .at = lm_start(lm), .previous = WN_LM_BOS };
    size_t most = lm->head.order - 1, from = 0;

    if (!start || start->n == 0)
        return p;
    if (start->n >= most) {
        p.at = (struct lm_state){ 0, 0 };
        from = start->n - most;
    }
    for (size_t i = from; i < start->n; i++)
        lm_advance(lm, &p.at, known_id(s, start->ids[i]));
    p.previous = known_id(s, start->ids[start->n - 1]);
    p.n = start->n;
    return p;
}

void sampler_see(const struct wn_sampler *s, struct wn_sampler_scratch *w, const struct wn_sample_start *start)
{
    for (size_t i = 0; start && i < start->n; i++)
        w->seen[known_id(s, start->ids[i])] = (uint32_t)i + 1;
}

void sampler_forget(const struct wn_sampler *s, struct wn_sampler_scratch *w, const struct wn_sample_start *start)
{
    for (size_t i = 0; start && i < start->n; i++)
        w->seen[known_id(s, start->ids[i])] = 0;
}
