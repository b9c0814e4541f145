/*
 * lm_estimate.c - from counts to a model image.
 *
 * Levels are in suffix order (lm_levels.h), the image wants them by context, then word.
 * A stable counting sort of a level by the place of the context does that, because
 * suffix order is ascending in the last word to begin with.
 */
#include <math.h>
#include <stdlib.h>

#include "lm/lm_counts.h"
#include "lm/lm_kn.h"
#include "lm/lm_layout.h"

struct build {
    const struct wn_counts *counts;
    struct kn_rules rules;
    struct lm_levels levels;
    struct wn_lm *lm;
    char *image;
    uint32_t *place, *place_below;   /* where an n-gram of the level (below) goes; dropped: UINT32_MAX */
    float *p, *p_below;              /* by n-gram of the level (below)                                 */
    float *gamma;                    /* by context                                                     */
    uint64_t word_bytes;             /* of the words that are kept                                     */
};

static void build_release(struct build *b)
{
    lm_levels_release(&b->levels);
    free(b->place);
    free(b->place_below);
    free(b->p);
    free(b->p_below);
    free(b->gamma);
    wn_lm_free(b->lm);
}

static enum wn_status set_rules(struct kn_rules *r, const struct wn_lm_opts *opts, unsigned order,
                                struct wn_err *err)
{
    memset(r, 0, sizeof(*r));
    if (!opts)
        return WN_OK;
    if ((unsigned)opts->smoothing > WN_SMOOTH_ML)
        return wn_fail(err, WN_BADCONF, "cannot estimate: no smoothing has the number %u", (unsigned)opts->smoothing);
    r->smoothing = opts->smoothing;
    r->strict_discounts = opts->strict_discounts;
    for (unsigned k = 1; k <= order; k++) {
        r->prune[k] = opts->prune[k - 1];
        if (r->prune[k] < r->prune[k - 1])      /* else a kept n-gram could lose its context */
            return wn_fail(err, WN_BADCONF, "cannot prune order %u less (%llu) than order %u (%llu)", k,
                           (unsigned long long)r->prune[k], k - 1, (unsigned long long)r->prune[k - 1]);
    }
    return WN_OK;
}

/* ---- the empty image ------------------------------------------------------------------ */

static void count_kept(struct build *b, struct lm_header *head)
{
    for (unsigned k = 1; k <= head->order; k++) {
        const struct lm_level *l = &b->levels.level[k];

        for (uint32_t g = 0; g < l->n; g++) {
            if (kn_dropped(&b->rules, l, k, g))
                continue;
            head->n_ngrams[k - 1]++;
            if (k == 1)
                b->word_bytes += vocab_word(&b->counts->vocab, g).len;
        }
    }
}

static enum wn_status make_image(struct build *b, struct wn_err *err)
{
    struct lm_header head = { .version = LM_VERSION, .byte_order = LM_BYTE_ORDER, .order = b->counts->order };
    struct lm_plan plan;

    memcpy(head.magic, LM_MAGIC, sizeof(head.magic));
    head.tokenizer = (uint32_t)b->counts->tokenizer;
    head.smoothing = (uint32_t)b->rules.smoothing;
    head.train_tokens = wn_counts_tokens(b->counts);
    count_kept(b, &head);
    head.vocab_bytes = b->word_bytes;
    head.n_slots = vocab_slots_for(head.n_ngrams[0]);
    if (!lm_plan_make(&plan, &head))
        return wn_fail(err, WN_LIMIT, "cannot build a model: more than %u n-grams of one order", UINT32_MAX - 1);
    head.n_sections = plan.n;
    head.image_bytes = plan.image_bytes;

    b->lm = calloc(1, sizeof(*b->lm));
    b->image = calloc(1, plan.image_bytes);
    if (b->lm)
        b->lm->heap = b->image;
    if (!b->lm || !b->image) {
        if (!b->lm)
            free(b->image);
        return wn_fail(err, WN_NOMEM, "cannot build a model of %llu bytes: out of memory",
                       (unsigned long long)plan.image_bytes);
    }
    memcpy(b->image, &head, sizeof(head));
    memcpy(b->image + sizeof(head), plan.section, plan.n * sizeof(plan.section[0]));
    b->lm->image = (struct wn_str){ b->image, plan.image_bytes };
    b->lm->head = head;
    lm_bind(b->lm, &plan);
    return WN_OK;
}

/* The image is ours to write until it is sealed; everybody else has a const view. */
static void *writable(const struct build *b, const void *view)
{
    return b->image + ((const char *)view - b->lm->image.ptr);
}

static void write_words(struct build *b)
{
    const struct lm_level *l = &b->levels.level[1];
    uint32_t *start = writable(b, b->lm->vocab_start), id = 0, at = 0;
    char *bytes = writable(b, b->lm->vocab_bytes);
    uint64_t *slot = writable(b, b->lm->vocab_slots);

    for (uint32_t g = 0; g < l->n; g++) {
        struct wn_str word = vocab_word(&b->counts->vocab, g);

        if (kn_dropped(&b->rules, l, 1, g))
            continue;
        if (word.len > 0)
            memcpy(bytes + at, word.ptr, word.len);
        vocab_place(slot, b->lm->head.n_slots, word, id);
        at += (uint32_t)word.len;
        start[++id] = at;
    }
}

/* ---- one level into the image ------------------------------------------------------------ */

static void place_words(struct build *b)
{
    const struct lm_level *l = &b->levels.level[1];
    uint32_t next = 0;

    for (uint32_t g = 0; g < l->n; g++)
        b->place[g] = kn_dropped(&b->rules, l, 1, g) ? UINT32_MAX : next++;
}

/* Sets place for order K and the children of the level below. */
static void place_level(struct build *b, unsigned k)
{
    const struct lm_level *l = &b->levels.level[k];
    uint32_t n_contexts = b->lm->level[k - 1].n;
    uint32_t *child = writable(b, b->lm->level[k - 1].child);

    for (uint32_t g = 0; g < l->n; g++) {
        if (!kn_dropped(&b->rules, l, k, g))
            child[b->place_below[l->context[g]] + 1]++;
    }
    for (uint32_t c = 0; c < n_contexts; c++)
        child[c + 1] += child[c];
    /* Use child[c] as the next free place; afterwards it is where c's range ends. */
    for (uint32_t g = 0; g < l->n; g++)
        b->place[g] = kn_dropped(&b->rules, l, k, g) ? UINT32_MAX : child[b->place_below[l->context[g]]]++;
    memmove(child + 1, child, n_contexts * sizeof(*child));
    child[0] = 0;
}

static float log_of(float p)
{
    return p > 0.0f ? log10f(p) : LM_LOG_ZERO;
}

static void write_level(struct build *b, unsigned k)
{
    const struct lm_level *l = &b->levels.level[k];
    const struct lm_table *t = &b->lm->level[k];
    float *prob = writable(b, t->prob);
    uint32_t *word = k >= 2 ? writable(b, t->word) : NULL;
    uint32_t *suffix = k >= 3 ? writable(b, t->suffix) : NULL;

    for (uint32_t g = 0; g < l->n; g++) {
        uint32_t to = b->place[g];

        if (to == UINT32_MAX)
            continue;
        prob[to] = fminf(0.0f, log_of(b->p[g]));
        if (suffix)
            suffix[to] = b->place_below[l->suffix[g]];
        if (word)
            word[to] = l->word[g];
    }
}

/* The level knows words by their ids in the counts; dropping words closes the gaps. */
static void renumber_words(struct build *b, unsigned k, const uint32_t *id_of)
{
    uint32_t *word = writable(b, b->lm->level[k].word);

    for (uint32_t i = 0; i < b->lm->level[k].n; i++)
        word[i] = id_of[word[i]];
}

static void write_backoff(struct build *b, unsigned k_context)
{
    float *backoff = writable(b, b->lm->level[k_context].backoff);

    for (uint32_t c = 0; c < b->levels.level[k_context].n; c++) {
        if (b->place_below[c] != UINT32_MAX)
            backoff[b->place_below[c]] = log_of(b->gamma[c]);
    }
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool alloc_arrays(struct build *b)
{
    size_t most = 1;

    for (unsigned k = 1; k <= b->counts->order; k++)
        most = b->levels.level[k].n > most ? b->levels.level[k].n : most;
    b->place = malloc(most * sizeof(*b->place));
    b->place_below = malloc(most * sizeof(*b->place_below));
    b->p = malloc(most * sizeof(*b->p));
    b->p_below = malloc(most * sizeof(*b->p_below));
    b->gamma = malloc(most * sizeof(*b->gamma));
    return b->place && b->place_below && b->p && b->p_below && b->gamma;
}

static void step_up(struct build *b)
{
    uint32_t *place = b->place;
    float *p = b->p;

    b->place = b->place_below;
    b->place_below = place;
    b->p = b->p_below;
    b->p_below = p;
}

static enum wn_status estimate_levels(struct build *b, unsigned *fell_back, struct wn_err *err)
{
    float uniform = (float)(1.0 / (double)(float)(b->lm->head.n_ngrams[0] - 1));
    enum wn_status st;

    for (unsigned k = 1; k <= b->counts->order; k++) {
        struct kn_discounts d;
        bool fell;

        st = kn_discount(&d, &fell, &b->levels, k, &b->rules, err);
        if (st == WN_OK)
            st = kn_probabilities(b->p, b->gamma, &b->levels, k, &d, b->p_below, uniform, &b->rules, err);
        if (st != WN_OK)
            return st;
        *fell_back |= fell ? 1u << (k - 1) : 0;
        if (k == 1) {
            place_words(b);
        } else {
            place_level(b, k);
            write_backoff(b, k - 1);
        }
        write_level(b, k);
        step_up(b);
    }
    return WN_OK;
}

/* Words keep their order, so the ids in the model are the ranks among the kept. */
static enum wn_status renumber(struct build *b, struct wn_err *err)
{
    const struct lm_level *l = &b->levels.level[1];
    uint32_t *id_of, next = 0;

    if (l->n == b->lm->level[1].n)
        return WN_OK;
    id_of = malloc(l->n * sizeof(*id_of));
    if (!id_of)
        return wn_fail(err, WN_NOMEM, "cannot build a model: out of memory");
    for (uint32_t g = 0; g < l->n; g++)
        id_of[g] = kn_dropped(&b->rules, l, 1, g) ? WN_LM_UNK : next++;
    for (unsigned k = 2; k <= b->counts->order; k++)
        renumber_words(b, k, id_of);
    free(id_of);
    return WN_OK;
}

enum wn_status wn_lm_estimate(struct wn_lm **out, const struct wn_counts *c, const struct wn_lm_opts *opts,
                              unsigned *fell_back, struct wn_err *err)
{
    struct build b = { .counts = c };
    unsigned fell = 0;
    enum wn_status st;

    *out = NULL;
    if (c->n == 0)
        return wn_fail(err, WN_BADDATA, "cannot estimate a model: no text was counted");
    st = set_rules(&b.rules, opts, c->order, err);
    if (st == WN_OK)
        st = lm_levels_build(&b.levels, c->ids, c->n, c->vocab.n, c->order, err);
    if (st == WN_OK)
        st = make_image(&b, err);
    if (st == WN_OK && !alloc_arrays(&b))
        st = wn_fail(err, WN_NOMEM, "cannot estimate a model of %zu tokens: out of memory", c->n);
    if (st != WN_OK)
        goto done;
    write_words(&b);
    st = estimate_levels(&b, &fell, err);
    if (st == WN_OK)
        st = renumber(&b, err);
    if (st != WN_OK)
        goto done;
    lm_image_seal(b.image);
    memcpy(&b.lm->head, b.image, sizeof(b.lm->head));
    *out = b.lm;
    b.lm = NULL;
    if (fell_back)
        *fell_back = fell;
done:
    build_release(&b);
    return st;
}
