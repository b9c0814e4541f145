/*
 * lm_draw.c - draw texts.
 *
 * A watermark's bias, a repetition penalty and the words that must not come (<unk>, and
 * </s> before the least length) are handled by rejection, which is exact: a draw from p
 * that is accepted with probability e^-delta unless boosted has p'(w) proportional to
 * p(w) e^(delta boosted); one that is accepted with probability p(w)^(penalty - 1) has
 * p(w)^penalty.  Every try is independent, so giving up after some and drawing from the
 * same p' by the dense way leaves the distribution as it is; only the time is bounded.
 *
 * Several texts take turns.  A turn ends where the next step needs memory that is probably
 * not in the cache and has just been asked for.  Each text has its own random numbers, so
 * the turns do not change what is drawn.
 */
#include <math.h>

#include "lm/lm_ranks.h"
#include "lm/lm_sampler.h"

enum { MAX_TRIES = 64, N_LANES = 16 };

enum lane_step { LANE_HEAD, LANE_SLOT, LANE_NODE, LANE_DONE };

/* One text being drawn. */
struct lane {
    enum lane_step step;
    bool thin;                /* a thin context was left on the way down      */
    unsigned tries;
    unsigned length;          /* of the context that the draw is at           */
    uint32_t node;            /* its place; after LANE_SLOT the new state's   */
    double part;              /* in [0, 1): which half of the slot            */
    const struct sampler_slot *slot;
    struct wn_rng *rng;
    uint32_t *ids;
    size_t *n_ids;
    size_t n;                 /* words drawn */
    struct sampler_place place;
};

/* What all texts of a call share. */
struct drawing {
    const struct wn_sampler *s;
    struct wn_sampler_scratch *w;
    const struct wn_sample_opts *opts;
    uint64_t max_tokens;
    double keep;              /* probability of accepting a word that is not boosted */
    double penalty_less_1;
    bool checked;             /* bias or penalty                                     */
    struct wn_rng *rng;
    size_t next, n;
    uint32_t *ids;
    size_t *n_ids;
};

static double u01(struct wn_rng *rng)
{
    return wn_rng_u01(rng);
}

/* ---- accepting a word -------------------------------------------------------------------- */

/* ln p(WORD | AT). */
static double log_p(const struct wn_lm *lm, struct lm_state at, uint32_t word)
{
    return lm_advance(lm, &at, word).log10_p * M_LN10;
}

/* AT: the context that WORD was drawn at. */
static bool is_accepted(const struct drawing *d, const struct lane *l, struct lm_state at, uint32_t word)
{
    const struct wn_lm_bias *bias = d->opts->bias;
    double keep = 1.0;

    if (word <= WN_LM_BOS || (word == WN_LM_EOS && l->place.no_end))
        return false;
    if (!d->checked)
        return true;
    if (bias && !bias->boosted(bias->arg, l->place.previous, word))
        keep = d->keep;
    if (d->penalty_less_1 > 0.0 && sampler_repeats(d->w, d->opts, l->place.n, word))
        keep *= exp(d->penalty_less_1 * log_p(d->s->lm, at, word));
    return keep >= 1.0 || u01(l->rng) < keep;
}

/* ---- the start, the end, and a word in between ---------------------------------------------- */

/* The next draw begins at the text's own context. */
static void begin_draw(struct lane *l)
{
    l->length = l->place.at.length;
    l->node = l->place.at.node;
    l->thin = false;
    l->step = LANE_HEAD;
}

static void begin_word(const struct drawing *d, struct lane *l)
{
    l->place.no_end = l->n < d->opts->min_tokens;
    l->tries = 0;
    begin_draw(l);
}

static const struct wn_sample_start *start_of(const struct drawing *d, size_t text)
{
    return d->opts->start ? &d->opts->start[text] : NULL;
}

static void next_text(struct drawing *d, struct lane *l)
{
    *l = (struct lane){ .step = LANE_DONE };
    if (d->next == d->n)
        return;
    l->rng = &d->rng[d->next];
    l->ids = d->ids + d->next * d->max_tokens;
    l->n_ids = &d->n_ids[d->next];
    l->place = sampler_behind(d->s, start_of(d, d->next));
    d->next++;
    begin_word(d, l);
}

static bool is_stopped(const struct drawing *d)
{
    return d->opts->stop && atomic_load_explicit(d->opts->stop, memory_order_relaxed) != 0;
}

/* WORD is drawn and the text's context is NEXT. */
static void end_word(struct drawing *d, struct lane *l, uint32_t word, struct lm_state next)
{
    if (word != WN_LM_EOS) {
        l->ids[l->n++] = word;
        l->place.n++;
        l->place.at = next;
        l->place.previous = word;
        if (l->n < d->max_tokens && !is_stopped(d)) {
            begin_word(d, l);
            return;
        }
    }
    *l->n_ids = l->n;
    next_text(d, l);
}

static void end_word_anyhow(struct drawing *d, struct lane *l, uint32_t word)
{
    struct lm_state next = l->place.at;

    if (word != WN_LM_EOS)
        lm_advance(d->s->lm, &next, word);
    end_word(d, l, word, next);
}

/* ---- one draw, step by step -------------------------------------------------------------------- */

static void ask_for(const void *at)
{
    __builtin_prefetch(at, 0, 3);
}

/* Takes one of N slots of order K from FROM. */
static void choose_slot(const struct wn_sampler *s, struct lane *l, unsigned k, uint32_t from, uint32_t n)
{
    __uint128_t x = (__uint128_t)wn_rng_u64(l->rng) * n;

    l->slot = s->slot[k] + from + (uint32_t)(x >> 64);
    l->part = (double)((uint64_t)x >> 11) * 0x1p-53;
    l->step = LANE_SLOT;
    ask_for(l->slot);
}

static void step_head(const struct wn_sampler *s, struct lane *l)
{
    if (l->length > 0) {
        const struct sampler_head *h = &s->head[l->length][l->node];

        if (h->back <= 0.0f || (h->back < 1.0f && u01(l->rng) >= (double)h->back)) {
            choose_slot(s, l, l->length + 1, h->from, h->n_thin >> 1);
            return;
        }
        l->thin = l->thin || h->n_thin & 1;
        l->node = h->lower;
        l->length--;
        if (l->length > 0) {
            ask_for(&s->head[l->length][l->node]);
            return;
        }
    }
    choose_slot(s, l, 1, 0, s->lm->level[1].n);
}

/* The level of the state that a draw at contexts of LENGTH words leads to. */
static unsigned state_length(const struct wn_sampler *s, unsigned length)
{
    unsigned most = s->lm->head.order > 1 ? s->lm->head.order - 1 : 1;

    return length + 1 < most ? length + 1 : most;
}

static void step_slot(const struct wn_sampler *s, struct lane *l)
{
    unsigned k = state_length(s, l->length);

    l->node = l->part < (double)l->slot->keep ? l->slot->a : l->slot->b;
    if (k < s->lm->head.order)
        ask_for(&s->head[k][l->node]);
    if (k > 1)
        ask_for(&s->lm->level[k].word[l->node]);
    l->step = LANE_NODE;
}

/* WORD was drawn from the context of LENGTH words below AT; whether the thin ones between
 * let it through.  Else *AT is the context that draws again. */
static bool passes(const struct wn_lm *lm, struct lm_state *at, unsigned length, uint32_t word, struct wn_rng *rng)
{
    struct lm_state left[WN_LM_MAX_ORDER], c = *at;
    unsigned n = 0;

    for (; c.length > length; c = lm_shorter(lm, c))
        left[n++] = c;
    while (n-- > 0) {
        struct lm_state lower = lm_shorter(lm, left[n]);
        double gamma = (double)lm->level[left[n].length].backoff[left[n].node], mine, below;
        uint32_t node;

        if (!lm_find(lm, left[n], word, &node))
            continue;
        mine = (double)lm->level[left[n].length + 1].prob[node];
        below = gamma + log_p(lm, lower, word) / M_LN10;
        if (mine < below && u01(rng) >= lm_pow10(mine - below)) {
            *at = left[n];
            return false;
        }
    }
    return true;
}

/* The longest context that the text ends in after WORD; NODE is the one that the draw from
 * LENGTH words gave.  Longer ones matter only when the draw had backed off. */
static struct lm_state state_after(const struct wn_lm *lm, struct lm_state at, unsigned length, uint32_t node,
                                   uint32_t word)
{
    unsigned most = lm->head.order - 1;

    if (most == 0)
        return (struct lm_state){ 0, 0 };
    if (at.length == most && length < most)
        at = lm_shorter(lm, at);
    for (; at.length > length; at = lm_shorter(lm, at)) {
        uint32_t longer;

        if (lm_find(lm, at, word, &longer))
            return (struct lm_state){ at.length + 1, longer };
    }
    return (struct lm_state){ length + 1 < most ? length + 1 : most, node };
}

static void step_node(struct drawing *d, struct lane *l)
{
    const struct wn_lm *lm = d->s->lm;
    unsigned k = state_length(d->s, l->length);
    uint32_t word = k > 1 ? lm->level[k].word[l->node] : l->node;

    if (l->thin && l->tries < MAX_TRIES) {
        struct lm_state again = l->place.at;

        if (!passes(lm, &again, l->length, word, l->rng)) {
            l->tries++;
            l->length = again.length;
            l->node = again.node;
            l->step = LANE_HEAD;
            return;
        }
    }
    if (l->tries < MAX_TRIES && is_accepted(d, l, l->place.at, word)) {
        end_word(d, l, word, state_after(lm, l->place.at, l->length, l->node, word));
        return;
    }
    if (++l->tries < MAX_TRIES)
        begin_draw(l);
    else
        end_word_anyhow(d, l, sampler_draw_dense(d->s, d->w, d->opts, l->place, l->rng));
}

static void draw_in_turns(struct drawing *d)
{
    struct lane lane[N_LANES];
    unsigned n = d->n < N_LANES ? (unsigned)d->n : N_LANES, busy = n;

    for (unsigned i = 0; i < n; i++)
        next_text(d, &lane[i]);
    while (busy > 0) {
        busy = 0;
        for (unsigned i = 0; i < n; i++) {
            struct lane *l = &lane[i];

            if (l->step == LANE_DONE)
                continue;
            busy++;
            if (l->step == LANE_HEAD)
                step_head(d->s, l);
            else if (l->step == LANE_SLOT)
                step_slot(d->s, l);
            else
                step_node(d, l);
        }
    }
}

/* ---- one text after the other --------------------------------------------------------------------- */

/* By temperature and truncations; bias and penalty by rejection. */
static uint32_t draw_ranked(struct drawing *d, const struct lane *l)
{
    const struct ranks_plan *plan =
        ranks_plan(d->w->cache, d->s, d->opts, l->place.at, l->place.no_end);

    if (plan->share <= 0.0)
        return WN_LM_EOS;               /* nothing but </s> is possible at all */
    for (int i = 0; i < MAX_TRIES; i++) {
        uint32_t word = ranks_draw(plan, d->s->lm, l->rng);

        if (is_accepted(d, l, plan->at, word))
            return word;
    }
    return sampler_draw_dense(d->s, d->w, d->opts, l->place, l->rng);
}

static void forget_words(struct wn_sampler_scratch *w, const uint32_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        w->seen[ids[i]] = 0;
}

static void draw_one_by_one(struct drawing *d, bool dense)
{
    for (size_t i = 0; i < d->n; i++) {
        struct lane l;

        next_text(d, &l);
        sampler_see(d->s, d->w, start_of(d, i));
        for (;;) {
            uint32_t word = dense ? sampler_draw_dense(d->s, d->w, d->opts, l.place, l.rng) : draw_ranked(d, &l);

            if (word == WN_LM_EOS)
                break;
            l.ids[l.n++] = word;
            /* Asked once a word: the flag may rise at any time. */
            if (l.n == d->max_tokens || is_stopped(d))
                break;
            lm_advance(d->s->lm, &l.place.at, word);
            l.place.previous = word;
            d->w->seen[word] = (uint32_t)++l.place.n;
            begin_word(d, &l);
        }
        *l.n_ids = l.n;
        forget_words(d->w, l.ids, l.n);
        sampler_forget(d->s, d->w, start_of(d, i));
    }
}

void wn_sample_batch(const struct wn_sampler *s, struct wn_sampler_scratch *w, const struct wn_sample_opts *opts,
                     struct wn_rng *rng, size_t n, uint32_t *ids, size_t *n_ids)
{
    double penalty = sampler_penalty(opts), temperature = sampler_temperature(opts);
    struct drawing d = { .s = s, .w = w, .opts = opts, .rng = rng, .n = n, .ids = ids, .n_ids = n_ids };
    bool changes = opts->bias || penalty != 1.0;

    d.max_tokens = opts->max_tokens ? opts->max_tokens : SAMPLER_MAX_TOKENS;
    d.keep = opts->bias ? exp(-opts->bias->delta_nats / temperature) : 1.0;
    d.penalty_less_1 = (penalty - 1.0) / temperature;
    d.checked = changes;
    if (penalty < 1.0 || (changes && sampler_truncates(opts)))
        draw_one_by_one(&d, true);
    else if (penalty != 1.0 || temperature != 1.0 || sampler_truncates(opts))
        draw_one_by_one(&d, false);
    else
        draw_in_turns(&d);
}

size_t wn_sample(const struct wn_sampler *s, struct wn_sampler_scratch *w, const struct wn_sample_opts *opts,
                 struct wn_rng *rng, uint32_t *ids)
{
    size_t n = 0;

    wn_sample_batch(s, w, opts, rng, 1, ids, &n);
    return n;
}

void wn_lm_render(const struct wn_lm *lm, const uint32_t *ids, size_t n, struct wn_buf *out)
{
    bool words = wn_lm_tokenizer(lm) == WN_TOK_WORDS;
    struct wn_str left = { "", 0 };

    for (size_t i = 0; i < n; i++) {
        struct wn_str word = wn_lm_word(lm, ids[i]);

        if (i > 0 && (!words || wn_words_space(left, word)))
            wn_buf_addc(out, ' ');
        wn_buf_add(out, word);
        left = word;
    }
}
