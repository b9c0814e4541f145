/*
 * lm_prune.c - entropy pruning: costs, what stays, and the smaller model.
 *
 * From the highest order down, an n-gram goes when its cost is below the threshold and
 * nothing that stays needs it: an n-gram that stays needs its context, which holds it,
 * and its suffix, which its siblings back off to.  Costs are those of the whole model, each
 * n-gram removed alone.  What stays keeps its order, so the new index is the old one with
 * the gaps closed; back-off weights are computed anew where a continuation went.
 */
#include <math.h>
#include <stdlib.h>

#include "lm/lm_index.h"
#include "lm/lm_log10.h"
#include "lm/lm_prune.h"

static enum wn_status no_memory(struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot prune the model: out of memory");
}

/* p(w | h without its first word) of n-gram I of order K. */
static double lower_p(const struct wn_lm *lm, unsigned k, uint32_t i)
{
    const struct lm_table *t = &lm->level[k];

    return lm_exp10(lm->level[k - 1].prob[k == 2 ? t->word[i] : t->suffix[i]]);
}

/* ---- costs --------------------------------------------------------------------------------- */

/* log p(h) (natural) of every n-gram h of order K, by the chain rule; NULL: out of memory. */
static double *log_marginals(const struct wn_lm *lm, unsigned k)
{
    uint32_t n = lm->level[1].n;
    double *log_p = malloc(((size_t)n + 1) * sizeof(*log_p));

    for (uint32_t w = 0; log_p && w < n; w++)
        log_p[w] = (double)lm->level[1].prob[w == WN_LM_BOS ? WN_LM_EOS : w] * M_LN10;
    for (unsigned j = 2; log_p && j <= k; j++) {
        const struct lm_table *below = &lm->level[j - 1], *t = &lm->level[j];
        double *next = malloc(((size_t)t->n + 1) * sizeof(*next));

        for (uint32_t c = 0; next && c < below->n; c++) {
            for (uint32_t i = below->child[c]; i < below->child[c + 1]; i++)
                next[i] = log_p[c] + (double)t->prob[i] * M_LN10;
        }
        free(log_p);
        log_p = next;
    }
    return log_p;
}

/* Costs of the continuations of context C of order K - 1, whose marginal is P_H. */
static void context_costs(const struct wn_lm *lm, unsigned k, uint32_t c, double p_h, double *cost)
{
    const struct lm_table *below = &lm->level[k - 1], *t = &lm->level[k];
    uint32_t from = below->child[c], to = below->child[c + 1];
    double alpha = lm_exp10(below->backoff[c]), den = 1.0, num;

    for (uint32_t i = from; i < to; i++) {
        cost[i] = lower_p(lm, k, i);    /* for a while */
        den -= cost[i];
    }
    den = fmax(den, 0.0);
    num = alpha * den;                  /* what p(. | h) leaves to backing off */
    for (uint32_t i = from; i < to; i++) {
        double p = lm_exp10(t->prob[i]), low = cost[i];
        double after = den + low > 0.0 ? (num + p) / (den + low) : 0.0, d = 0.0;

        if (p > 0.0)
            d += p * ((double)t->prob[i] * M_LN10 - log(low * after));
        if (num > 0.0)
            d += num * ((double)below->backoff[c] * M_LN10 - log(after));
        cost[i] = expm1(p_h * d);
    }
}

enum wn_status lm_prune_costs(const struct wn_lm *lm, unsigned k, double *cost, struct wn_err *err)
{
    double *log_p = log_marginals(lm, k - 1);

    if (!log_p)
        return no_memory(err);
    for (uint32_t c = 0; c < lm->level[k - 1].n; c++) {
        if (lm->level[k - 1].child[c] < lm->level[k - 1].child[c + 1])
            context_costs(lm, k, c, exp(log_p[c]), cost);
    }
    free(log_p);
    return WN_OK;
}

/* ---- what stays ---------------------------------------------------------------------------- */

struct prune {
    const struct wn_lm *lm;
    struct lm_room room;
    unsigned char *keep[WN_LM_MAX_ORDER + 1];     /* by place                        */
    uint32_t *place;                              /* of the level below: in the new model */
    uint64_t n_dropped[WN_LM_MAX_ORDER + 1];
    struct wn_lm *out;
};

static void prune_release(struct prune *p)
{
    for (unsigned k = 1; k <= WN_LM_MAX_ORDER; k++)
        free(p->keep[k]);
    free(p->place);
    wn_lm_free(p->out);
}

static void need(const struct prune *p, unsigned k, uint32_t c, uint32_t i)
{
    const struct lm_table *t = &p->lm->level[k];

    p->keep[k - 1][c] = 1;
    p->keep[k - 1][k == 2 ? t->word[i] : t->suffix[i]] = 1;
}

static enum wn_status mark_level(struct prune *p, unsigned k, double threshold, struct wn_err *err)
{
    const struct lm_table *below = &p->lm->level[k - 1];
    double *cost = malloc(((size_t)p->lm->level[k].n + 1) * sizeof(*cost));
    enum wn_status st = cost ? lm_prune_costs(p->lm, k, cost, err) : no_memory(err);

    for (uint32_t c = 0; st == WN_OK && c < below->n; c++) {
        for (uint32_t i = below->child[c]; i < below->child[c + 1]; i++) {
            p->keep[k][i] = p->keep[k][i] || cost[i] >= threshold;
            if (p->keep[k][i])
                need(p, k, c, i);
            else
                p->n_dropped[k]++;
        }
    }
    free(cost);
    return st == WN_OK ? lm_index_poll(&p->room, err) : st;
}

static enum wn_status mark_all(struct prune *p, double threshold, struct wn_err *err)
{
    unsigned order = p->lm->head.order;
    enum wn_status st = WN_OK;

    for (unsigned k = 1; k <= order; k++) {
        p->keep[k] = calloc((size_t)p->lm->level[k].n + 1, 1);
        if (!p->keep[k])
            return no_memory(err);
    }
    memset(p->keep[1], 1, p->lm->level[1].n);
    for (unsigned k = order; st == WN_OK && k >= 2; k--)
        st = mark_level(p, k, threshold, err);
    return st;
}

/* ---- the smaller model ------------------------------------------------------------------- */

static enum wn_status make_room(struct prune *p, struct wn_err *err)
{
    struct vocab vocab = lm_index_vocab(p->lm);
    struct lm_shape shape = { .order = p->lm->head.order, .smoothing = WN_SMOOTH_OTHER, .vocab = &vocab };

    shape.tokenizer = wn_lm_tokenizer(p->lm);
    shape.train_tokens = wn_lm_train_tokens(p->lm);
    for (unsigned k = 1; k <= shape.order; k++)
        shape.n[k] = p->lm->level[k].n - p->n_dropped[k];
    return lm_index_alloc(&p->out, &shape, err);
}

/* The back-off weight of context C of order K - 1 over the continuations that stay. */
static float new_backoff(const struct prune *p, unsigned k, uint32_t c)
{
    const struct lm_table *below = &p->lm->level[k - 1], *t = &p->lm->level[k];
    uint32_t from = below->child[c], to = below->child[c + 1], n_kept = 0;
    double den = 1.0, num, gone = 0.0, gone_low = 0.0;

    for (uint32_t i = from; i < to; i++)
        n_kept += p->keep[k][i];
    if (n_kept == to - from)
        return below->backoff[c];
    if (n_kept == 0)
        return 0.0f;
    for (uint32_t i = from; i < to; i++) {
        double low = lower_p(p->lm, k, i);

        den -= low;
        if (!p->keep[k][i]) {
            gone += lm_exp10(t->prob[i]);
            gone_low += low;
        }
    }
    num = lm_exp10(below->backoff[c]) * fmax(den, 0.0) + gone;
    den = fmax(den, 0.0) + gone_low;
    return den > 0.0 ? lm_log10(num / den) : LM_LOG_ZERO;
}

/* Moves level K, whose contexts' new places P->place has, and leaves its own there. */
static enum wn_status move_level(struct prune *p, unsigned k, struct wn_err *err)
{
    const struct lm_table *from = &p->lm->level[k], *to = &p->out->level[k];
    uint32_t *place = malloc(((size_t)from->n + 1) * sizeof(*place)), n = 0;
    float *prob = lm_image_at(p->out, to->prob), *backoff = to->backoff ? lm_image_at(p->out, to->backoff) : NULL;
    uint32_t *word = k >= 2 ? lm_image_at(p->out, to->word) : NULL;
    uint32_t *suffix = k >= 3 ? lm_image_at(p->out, to->suffix) : NULL;

    if (!place)
        return no_memory(err);
    for (uint32_t i = 0; i < from->n; i++) {
        place[i] = n;
        if (!p->keep[k][i])
            continue;
        prob[n] = from->prob[i];
        if (word)
            word[n] = from->word[i];
        if (suffix)
            suffix[n] = p->place[from->suffix[i]];
        if (backoff)
            backoff[n] = new_backoff(p, k + 1, i);
        n++;
    }
    place[from->n] = n;
    free(p->place);
    p->place = place;
    return WN_OK;
}

/* The ranges of level K's continuations: PLACE is that of level K + 1, ends included. */
static void move_ranges(struct prune *p, unsigned k)
{
    const struct lm_table *from = &p->lm->level[k];
    uint32_t *child = lm_image_at(p->out, p->out->level[k].child), n = 0;

    for (uint32_t c = 0; c < from->n; c++) {
        if (p->keep[k][c])
            child[n++] = p->place[from->child[c]];
    }
    child[n] = p->place[p->lm->level[k + 1].n];
}

static enum wn_status move_all(struct prune *p, struct wn_err *err)
{
    enum wn_status st = make_room(p, err);

    for (unsigned k = 1; st == WN_OK && k <= p->lm->head.order; k++) {
        st = lm_index_poll(&p->room, err);
        if (st == WN_OK)
            st = move_level(p, k, err);
        if (st == WN_OK && k >= 2)
            move_ranges(p, k - 1);
    }
    if (st == WN_OK)
        lm_image_seal(lm_image_at(p->out, p->out->image.ptr));
    return st;
}

/* What pruning LM holds at most: the smaller model, a byte for each n-gram, and 16 for each
 * of the largest order. */
static uint64_t memory_for(const struct wn_lm *lm)
{
    uint64_t all = 0, most = 0;

    for (unsigned k = 1; k <= lm->head.order; k++) {
        all += lm->level[k].n;
        most = lm->level[k].n > most ? lm->level[k].n : most;
    }
    return lm->head.image_bytes + all + 16 * most;
}

enum wn_status wn_lm_prune(struct wn_lm **out, const struct wn_lm *lm, double threshold, uint64_t *n_dropped,
                           const struct wn_lm_room *room, struct wn_err *err)
{
    struct prune p = { .lm = lm, .room = lm_room_of(room) };
    enum wn_status st;

    *out = NULL;
    if (!(threshold >= 0.0))
        return wn_fail(err, WN_BADCONF, "cannot prune the model: the threshold is %g, not 0 or more", threshold);
    st = lm_index_usable(lm, "prune the model", err);
    if (st == WN_OK)
        st = lm_index_afford(&p.room, memory_for(lm) + lm->image.len, "prune the model", err);
    if (st == WN_OK)
        st = mark_all(&p, threshold, err);
    if (st == WN_OK)
        st = move_all(&p, err);
    if (st == WN_OK) {
        for (unsigned k = 1; n_dropped && k <= lm->head.order; k++)
            n_dropped[k] = p.n_dropped[k];
        *out = p.out;
        p.out = NULL;
    }
    prune_release(&p);
    return st;
}
