/*
 * lm_beam.c - beam search.
 *
 * A step takes the likeliest continuations of all hypotheses together, as many as the
 * beam is wide; those that end in </s> leave the beam.  log p only falls with length, so
 * the search ends when no open hypothesis can still overtake the best ended one.
 */
#include <math.h>
#include <stdlib.h>

#include "lm/lm_sampler.h"

/* A word of a hypothesis; hypotheses share their beginnings. */
struct beam_word {
    uint32_t id;
    size_t before;          /* NO_WORD: the first */
};
#define NO_WORD SIZE_MAX

struct beam_path {
    size_t last;            /* its last word; NO_WORD: empty */
    struct lm_state at;
    double log_p;           /* of the changed distribution: what the search goes by */
    double log10_p;         /* the model's own                                      */
    size_t n;               /* words, </s> included */
    bool ended;
};

/* A path of the beam with one word more. */
struct beam_step {
    double log_p;
    size_t path;            /* in the beam */
    uint32_t word;
};

struct beam {
    const struct wn_sampler *s;
    struct wn_sampler_scratch *w;
    struct wn_sample_opts opts;
    double length_penalty;
    size_t width, n_path, n_step;
    struct beam_path *path, *next;
    struct beam_step *step;         /* the best so far, the worst on top of a heap  */
    struct beam_word *word;
    size_t n_words, room;
    uint32_t *ids, *best_ids;       /* scratch for a path's words; those of best    */
    struct beam_path best;          /* n = 0: none                                  */
    struct sampler_place first;     /* where all hypotheses begin                   */
};

/* ---- memory ----------------------------------------------------------------------------- */

static bool beam_init(struct beam *b)
{
    b->w = wn_sampler_scratch_new(b->s);
    b->path = calloc(b->width, sizeof(*b->path));
    b->next = calloc(b->width, sizeof(*b->next));
    b->step = calloc(b->width, sizeof(*b->step));
    b->ids = malloc(2 * b->opts.max_tokens * sizeof(*b->ids));
    if (b->ids)
        b->best_ids = b->ids + b->opts.max_tokens;
    return b->w && b->path && b->next && b->step && b->ids;
}

static void beam_release(struct beam *b)
{
    wn_sampler_scratch_free(b->w);
    free(b->path);
    free(b->next);
    free(b->step);
    free(b->word);
    free(b->ids);
}

static bool push_word(struct beam *b, uint32_t id, size_t before)
{
    if (b->n_words == b->room) {
        size_t room = b->room ? 2 * b->room : 256;
        struct beam_word *grown = realloc(b->word, room * sizeof(*grown));

        if (!grown)
            return false;
        b->word = grown;
        b->room = room;
    }
    b->word[b->n_words++] = (struct beam_word){ id, before };
    return true;
}

/* ---- order ------------------------------------------------------------------------------------- */

static size_t spell(const struct beam *b, const struct beam_path *p, uint32_t *ids)
{
    size_t n = p->n - p->ended;

    for (size_t i = n, at = p->last; i-- > 0; at = b->word[at].before)
        ids[i] = b->word[at].id;
    return n;
}

/* Equal ones: that with the better beginning first, then by the new word's id. */
static bool is_worse(const struct beam_step *a, const struct beam_step *b)
{
    if (a->log_p != b->log_p)
        return a->log_p < b->log_p;
    return a->path != b->path ? a->path > b->path : a->word > b->word;
}

static void sift_up(struct beam_step *heap, size_t i)
{
    while (i > 0 && is_worse(&heap[i], &heap[(i - 1) / 2])) {
        struct beam_step held = heap[i];

        heap[i] = heap[(i - 1) / 2];
        heap[(i - 1) / 2] = held;
        i = (i - 1) / 2;
    }
}

static void sift_down(struct beam_step *heap, size_t n, size_t i)
{
    for (;;) {
        size_t top = i, child = 2 * i + 1;
        struct beam_step held = heap[i];

        if (child < n && is_worse(&heap[child], &heap[top]))
            top = child;
        if (child + 1 < n && is_worse(&heap[child + 1], &heap[top]))
            top = child + 1;
        if (top == i)
            return;
        heap[i] = heap[top];
        heap[top] = held;
        i = top;
    }
}

/* ---- one step --------------------------------------------------------------------------------- */

static void offer(struct beam *b, const struct beam_step *step)
{
    if (b->n_step < b->width) {
        b->step[b->n_step] = *step;
        sift_up(b->step, b->n_step++);
    } else if (is_worse(&b->step[0], step)) {
        b->step[0] = *step;
        sift_down(b->step, b->n_step, 0);
    }
}

/* Marks the words that the penalty falls on; those of the start may be among them. */
static void mark_words(struct beam *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        b->w->seen[b->ids[i]] = (uint32_t)(b->first.n + i) + 1;
}

static void unmark_words(struct beam *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        b->w->seen[b->ids[i]] = 0;
    if (n > 0)
        sampler_see(b->s, b->w, b->opts.start);
}

static double sum_of(const double *p, uint32_t n)
{
    double sum = 0.0;

    for (uint32_t i = 0; i < n; i++)
        sum += p[i];
    return sum;
}

static void offer_words(struct beam *b, size_t i)
{
    const struct beam_path *path = &b->path[i];
    struct sampler_place place = { path->at, path->n > 0 ? b->word[path->last].id : b->first.previous,
                                   b->first.n + path->n, path->n < b->opts.min_tokens };
    bool changed = b->opts.bias || sampler_penalty(&b->opts) != 1.0, possible;
    uint32_t n_words = b->s->lm->level[1].n;
    double log_total = 0.0, least;
    size_t n = changed ? spell(b, path, b->ids) : 0;

    mark_words(b, n);
    possible = sampler_weigh(b->s, b->w, &b->opts, place);
    unmark_words(b, n);
    if (!possible)                                  /* as wn_sample: the text ends here */
        return;
    if (changed)
        log_total = log(sum_of(b->w->weight, n_words));
    least = 0.0;
    for (uint32_t w = 0; w < n_words; w++) {
        /* No logarithm for words that cannot enter a full beam. */
        if (b->w->weight[w] <= least)
            continue;
        offer(b, &(struct beam_step){ path->log_p + log(b->w->weight[w]) - log_total, i, w });
        if (b->n_step == b->width)
            least = exp(b->step[0].log_p - path->log_p + log_total) * (1.0 - 1e-9);
    }
}

static double score(const struct beam *b, const struct beam_path *p)
{
    return b->length_penalty > 0.0 ? p->log_p / pow((double)p->n, b->length_penalty) : p->log_p;
}

static void end_path(struct beam *b, const struct beam_path *p)
{
    if (b->best.n > 0 && score(b, p) <= score(b, &b->best))
        return;                       /* paths of one step come in the order of is_worse */
    spell(b, p, b->best_ids);
    b->best = *p;
}

static int by_rank(const void *a, const void *b)
{
    const struct beam_step *x = a, *y = b;

    return is_worse(x, y) ? 1 : is_worse(y, x) ? -1 : 0;
}

/* Turns the best steps into the next beam, likeliest first. */
static bool take_steps(struct beam *b)
{
    struct beam_path *held = b->path;
    size_t n = 0;

    qsort(b->step, b->n_step, sizeof(*b->step), by_rank);
    for (size_t i = 0; i < b->n_step; i++) {
        const struct beam_step *step = &b->step[i];
        struct beam_path p = b->path[step->path];

        p.log_p = step->log_p;
        p.log10_p += lm_advance(b->s->lm, &p.at, step->word).log10_p;
        p.n++;
        p.ended = step->word == WN_LM_EOS;
        if (!p.ended) {
            if (!push_word(b, step->word, p.last))
                return false;
            p.last = b->n_words - 1;
        }
        if (p.ended || p.n == b->opts.max_tokens)
            end_path(b, &p);
        else
            b->next[n++] = p;
    }
    b->path = b->next;
    b->next = held;
    b->n_path = n;
    return true;
}

/* Whether an open path may still be better than the best that ended: log p can only
 * fall, and the divisor is at most that of the greatest length. */
static bool is_open(const struct beam *b)
{
    double divisor = pow((double)b->opts.max_tokens, b->length_penalty);

    if (b->n_path == 0)
        return false;
    return b->best.n == 0 || b->path[0].log_p / divisor >= score(b, &b->best);
}

static enum wn_status search(struct beam *b, struct wn_err *err)
{
    b->first = sampler_behind(b->s, b->opts.start);
    sampler_see(b->s, b->w, b->opts.start);
    b->path[0] = (struct beam_path){ .last = NO_WORD, .at = b->first.at };
    b->n_path = 1;
    while (is_open(b)) {
        size_t n_path = b->n_path;

        b->n_step = 0;
        for (size_t i = 0; i < n_path; i++) {
            if (b->opts.stop && atomic_load_explicit(b->opts.stop, memory_order_relaxed))
                return wn_fail(err, WN_CANCELLED, "the search was cancelled");
            offer_words(b, i);
        }
        if (!take_steps(b))
            return wn_fail(err, WN_NOMEM, "cannot search with a beam of %zu: out of memory", b->width);
    }
    return WN_OK;
}

enum wn_status wn_lm_beam(const struct wn_sampler *s, unsigned beam, double length_penalty,
                          const struct wn_sample_opts *opts, uint32_t *ids, size_t *n, double *log10_p,
                          struct wn_err *err)
{
    struct beam b = { .s = s, .length_penalty = length_penalty, .width = beam };
    enum wn_status st;

    *n = 0;
    if (beam == 0)
        return wn_fail(err, WN_BADCONF, "cannot search with a beam of 0 hypotheses");
    if (!(length_penalty >= 0.0))
        return wn_fail(err, WN_BADCONF, "cannot search with a length penalty of %g: less than 0", length_penalty);
    if (opts)
        b.opts = *opts;
    b.opts.max_tokens = b.opts.max_tokens ? b.opts.max_tokens : SAMPLER_MAX_TOKENS;
    st = beam_init(&b) ? WN_OK : wn_fail(err, WN_NOMEM, "cannot search with a beam of %u: out of memory", beam);
    if (st == WN_OK)
        st = search(&b, err);
    if (st == WN_OK) {
        *n = b.best.n - b.best.ended;
        memcpy(ids, b.best_ids, *n * sizeof(*ids));
        if (log10_p)
            *log10_p = b.best.log10_p;
    }
    beam_release(&b);
    return st;
}
