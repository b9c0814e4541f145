/*
 * lm_mix.c - linear interpolation of models, as a back-off model over the union of their
 * n-grams.
 *
 * Level by level, in order of places: the continuations of a context are the union of its
 * continuations in each model, merged by word.  p_i of an n-gram that model i lacks is
 * its back-off weight times p_i of the n-gram's suffix, which is in the union already.
 *
 * Back-off weights: let r_i be what p_i(. | h') leaves for the words that do not continue h
 * in the union, h' being h without its first word.  Model i gives those words alpha_i(h) r_i,
 * so the mixture's weight (what sum w_i p_i(. | h) leaves over what sum w_i p_i(. | h')
 * leaves) is the mean of the alpha_i(h) weighted by w_i r_i.  Unlike 1 - sum p it does not lose
 * its digits when little is left.  All in double.
 */
#include <math.h>
#include <stdlib.h>

#include "lm/lm_index.h"
#include "lm/lm_log10.h"
#include "lm/lm_mix.h"

enum {
    NONE = UINT32_MAX,
    POLL_CONTEXTS = 1 << 14,
    AHEAD = 16                 /* n-grams between a prefetch and its use */
};

/* Of one model, by place in a level of the union. */
struct matched {
    uint32_t *node;        /* its n-gram, words that it does not know taken as <unk>; NONE: no such */
    bool *is_own;          /* it is the very n-gram, no <unk> for something else                   */
};

/* A continuation of a context: its word in the union and its node. */
struct arm {
    uint32_t word, node;
};

struct part {
    const struct wn_lm *lm;
    double weight, unk_share;             /* 1 / (words that its <unk> stands for)      */
    bool is_sorted;                       /* its words keep their order in the union     */
    struct matched at, below;
    uint32_t *place, *place_below;        /* by node of its level (below): in the union  */
    /* Of the context at hand. */
    struct arm *arm;
    uint32_t n_arms, next;
    bool is_context, is_own, has_unk;
    double alpha, left, left_own;         /* r_i; what p_i(. | h) leaves                 */
};

/* A level of the union, by place. */
struct level {
    uint32_t n;
    uint32_t *word, *suffix, *child;
    float *prob, *backoff;
};

struct mix {
    struct lm_mix_words words;
    struct lm_room room;
    struct part *part;
    size_t n;
    unsigned order;
    struct level level[WN_LM_MAX_ORDER + 1];
    double *p, *p_below;                  /* p_i by place in the level (below), [place * n + i] */
    struct wn_lm *lm;
};

static void matched_release(struct matched *m)
{
    free(m->node);
    free(m->is_own);
    *m = (struct matched){ 0 };
}

static void mix_release(struct mix *m)
{
    for (size_t i = 0; m->part && i < m->n; i++) {
        matched_release(&m->part[i].at);
        matched_release(&m->part[i].below);
        free(m->part[i].place);
        free(m->part[i].place_below);
        free(m->part[i].arm);
    }
    free(m->part);
    free(m->p);
    free(m->p_below);
    for (unsigned k = 1; k <= WN_LM_MAX_ORDER; k++) {
        free(m->level[k].word);
        free(m->level[k].suffix);
        free(m->level[k].child);
        free(m->level[k].prob);
        free(m->level[k].backoff);
    }
    lm_mix_words_release(&m->words);
    wn_lm_free(m->lm);
}

static enum wn_status no_memory(struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot mix models: out of memory");
}

/* ---- memory -------------------------------------------------------------------------------- */

/* Room for CAP n-grams of order K; what is not used in the end is never touched. */
static bool level_alloc(struct mix *m, unsigned k, size_t cap)
{
    struct level *l = &m->level[k];
    bool fits = true;
    size_t bytes;

    cap++;
    fits = fits && (l->word = malloc(cap * sizeof(uint32_t)));
    fits = fits && (l->suffix = malloc(cap * sizeof(uint32_t)));
    fits = fits && (l->prob = malloc(cap * sizeof(float)));
    if (k < m->order) {
        fits = fits && (l->backoff = malloc(cap * sizeof(float)));
        fits = fits && (l->child = calloc(cap, sizeof(uint32_t)));
    }
    free(m->p_below);
    m->p_below = m->p;
    m->p = fits && wn_mul_ok(cap, m->n * sizeof(double), &bytes) ? malloc(bytes) : NULL;
    fits = m->p;
    for (size_t i = 0; fits && i < m->n; i++) {
        struct part *p = &m->part[i];
        size_t n_own = p->lm->level[k].n;

        matched_release(&p->below);
        p->below = p->at;
        p->at = (struct matched){ 0 };
        free(p->place_below);
        p->place_below = p->place;
        p->place = NULL;
        fits = fits && (p->at.node = malloc(cap * sizeof(uint32_t)));
        fits = fits && (p->at.is_own = malloc(cap * sizeof(bool)));
        fits = fits && (p->place = calloc(n_own + 1, sizeof(uint32_t)));
    }
    return fits;
}

/* The most n-grams that order K of the union can have. */
static size_t level_cap(const struct mix *m, unsigned k)
{
    uint64_t n = 0;

    for (size_t i = 0; i < m->n; i++)
        n += m->part[i].lm->level[k].n;
    return k == 1 ? m->words.vocab.n : (size_t)n;
}

/* ---- order 1 --------------------------------------------------------------------------------- */

static void mix_words(struct mix *m)
{
    struct level *l = &m->level[1];

    l->n = m->words.vocab.n;
    for (uint32_t u = 0; u < l->n; u++) {
        double sum = 0.0;

        for (size_t i = 0; i < m->n; i++) {
            struct part *p = &m->part[i];
            uint32_t node = m->words.from[i][u];
            bool shares = lm_mix_shares(&m->words, i, u);

            p->at.node[u] = node;
            p->at.is_own[u] = !shares || u == WN_LM_UNK;
            m->p[u * m->n + i] = lm_exp10(p->lm->level[1].prob[node]) * (shares ? p->unk_share : 1.0);
            if (p->at.is_own[u])
                p->place[node] = u;
            sum += p->weight * m->p[u * m->n + i];
        }
        l->word[u] = l->suffix[u] = u;
        l->prob[u] = fminf(0.0f, lm_log10(sum));
    }
}

/* ---- one context -------------------------------------------------------------------------- */

static int by_word(const void *a, const void *b)
{
    uint32_t x = ((const struct arm *)a)->word, y = ((const struct arm *)b)->word;

    return x < y ? -1 : x > y;
}

static void sort_arms(struct arm *arm, uint32_t n)
{
    enum { FEW = 24 };

    if (n > FEW) {
        qsort(arm, n, sizeof(*arm), by_word);
        return;
    }
    for (uint32_t i = 1; i < n; i++) {
        struct arm a = arm[i];
        uint32_t j = i;

        for (; j > 0 && arm[j - 1].word > a.word; j--)
            arm[j] = arm[j - 1];
        arm[j] = a;
    }
}

/* Sets what part I knows of context C of order K - 1. */
static void open_context(const struct mix *m, size_t i, unsigned k, uint32_t c)
{
    struct part *p = &m->part[i];
    const struct lm_table *t = &p->lm->level[k - 1];
    uint32_t node = p->below.node[c];

    p->is_context = node != NONE && k <= p->lm->head.order;
    p->is_own = p->is_context && p->below.is_own[c];
    p->alpha = p->is_context ? lm_exp10(t->backoff[node]) : 1.0;
    p->left = p->left_own = 1.0;
    p->n_arms = p->next = 0;
    if (p->is_context) {
        const uint32_t *word = p->lm->level[k].word, *to = m->words.to[i];

        for (uint32_t j = t->child[node]; j < t->child[node + 1]; j++)
            p->arm[p->n_arms++] = (struct arm){ to[word[j]], j };
        if (!p->is_sorted)
            sort_arms(p->arm, p->n_arms);
    }
    p->has_unk = p->n_arms > 0 && p->arm[0].word == WN_LM_UNK;
}

/* The least word that still continues the context in a model that has it; NONE: no more. */
static uint32_t next_word(const struct mix *m)
{
    uint32_t least = NONE;

    for (size_t i = 0; i < m->n; i++) {
        const struct part *p = &m->part[i];

        if (p->is_own && p->next < p->n_arms && p->arm[p->next].word < least)
            least = p->arm[p->next].word;
    }
    return least;
}

/* Part I's n-gram for the context and word W; *IS_OWN: the very one. */
static uint32_t match(const struct mix *m, size_t i, uint32_t w, bool *is_own)
{
    struct part *p = &m->part[i];

    *is_own = false;
    while (p->next < p->n_arms && p->arm[p->next].word < w)
        p->next++;
    if (p->next < p->n_arms && p->arm[p->next].word == w) {
        *is_own = p->is_own;
        return p->arm[p->next++].node;
    }
    return p->has_unk && lm_mix_shares(&m->words, i, w) ? p->arm[0].node : NONE;
}

/* Most n-grams of a model come one after the other: looks ahead for their suffixes. */
static void prefetch_suffixes(const struct mix *m, const struct part *p, unsigned k, uint32_t node)
{
    const struct lm_table *t = &p->lm->level[k];

    if (t->n - node > 2 * AHEAD) {
        uint32_t near = p->place_below[t->suffix[node + AHEAD]];

        __builtin_prefetch(&p->place_below[t->suffix[node + 2 * AHEAD]]);
        __builtin_prefetch(&m->p_below[near * m->n]);
    }
}

/* Adds the n-gram of the context and W, with its suffix, and what each model makes of it. */
static void add_ngram(struct mix *m, unsigned k, uint32_t w)
{
    struct level *l = &m->level[k];
    uint32_t g = l->n++, suffix = w;
    double sum = 0.0;

    for (size_t i = 0; i < m->n; i++) {
        struct part *p = &m->part[i];
        uint32_t node = p->at.node[g] = match(m, i, w, &p->at.is_own[g]);

        if (p->at.is_own[g]) {
            p->place[node] = g;
            if (k >= 3) {
                prefetch_suffixes(m, p, k, node);
                suffix = p->place_below[p->lm->level[k].suffix[node]];
            }
        }
    }
    for (size_t i = 0; i < m->n; i++) {
        struct part *p = &m->part[i];
        uint32_t node = p->at.node[g];
        double below = m->p_below[suffix * m->n + i], x = p->alpha * below;

        if (node != NONE)
            x = lm_exp10(p->lm->level[k].prob[node]) * (lm_mix_shares(&m->words, i, w) ? p->unk_share : 1.0);
        m->p[g * m->n + i] = x;
        if (w != WN_LM_BOS) {
            p->left -= below;
            p->left_own -= x;
        }
        sum += p->weight * x;
    }
    l->word[g] = w;
    l->suffix[g] = suffix;
    l->prob[g] = fminf(0.0f, lm_log10(sum));
}

/* The back-off weight of the context whose continuations were just added. */
static double mixed_alpha(const struct mix *m)
{
    double num = 0.0, den = 0.0, mean = 0.0;

    for (size_t i = 0; i < m->n; i++) {
        const struct part *p = &m->part[i];
        double r = fmax(p->left, 0.0);
        /* Where <unk> is a continuation of its own, words that are not here have shares of it. */
        bool is_plain = !p->is_context || (p->is_own && !(p->has_unk && m->words.n_unknown[i] > 0));

        num += p->weight * (is_plain ? p->alpha * r : fmax(p->left_own, 0.0));
        den += p->weight * r;
        mean += p->weight * p->alpha;
    }
    return den > 1e-12 ? num / den : mean;      /* nothing left to back off to: of no effect */
}

static enum wn_status mix_level(struct mix *m, unsigned k, struct wn_err *err)
{
    struct level *below = &m->level[k - 1], *l = &m->level[k];
    enum wn_status st = WN_OK;

    for (uint32_t c = 0; c < below->n; c++) {
        uint32_t w;

        if (c % POLL_CONTEXTS == 0)
            st = lm_index_poll(&m->room, err);
        if (st != WN_OK)
            return st;
        below->child[c] = l->n;
        for (size_t i = 0; i < m->n; i++)
            open_context(m, i, k, c);
        while ((w = next_word(m)) != NONE)
            add_ngram(m, k, w);
        below->backoff[c] = lm_log10(mixed_alpha(m));
    }
    below->child[below->n] = l->n;
    return WN_OK;
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* The longest list of continuations in LM. */
static uint32_t most_children(const struct wn_lm *lm)
{
    uint32_t most = 0;

    for (unsigned k = 1; k < lm->head.order; k++) {
        for (uint32_t c = 0; c < lm->level[k].n; c++) {
            uint32_t n = lm->level[k].child[c + 1] - lm->level[k].child[c];

            most = n > most ? n : most;
        }
    }
    return most;
}

static enum wn_status set_parts(struct mix *m, const struct wn_lm *const *lm, const double *weight, struct wn_err *err)
{
    double total = 0.0;

    for (size_t i = 0; i < m->n; i++) {
        if (!(weight[i] >= 0.0))
            return wn_fail(err, WN_BADCONF, "cannot mix models: weight %zu is %g, not 0 or more", i + 1, weight[i]);
        total += weight[i];
    }
    if (!(fabs(total - 1.0) <= 1e-6))
        return wn_fail(err, WN_BADCONF, "cannot mix models: the weights sum to %g, not to 1", total);
    for (size_t i = 0; i < m->n; i++) {
        struct part *p = &m->part[i];
        uint32_t n_words = wn_lm_vocab_size(lm[i]);

        p->lm = lm[i];
        p->weight = weight[i] / total;
        p->unk_share = 1.0 / ((double)m->words.n_unknown[i] + 1.0);
        p->is_sorted = true;
        for (uint32_t id = 1; id < n_words; id++)
            p->is_sorted = p->is_sorted && m->words.to[i][id] > m->words.to[i][id - 1];
        p->arm = malloc(((size_t)most_children(lm[i]) + 1) * sizeof(*p->arm));
        if (!p->arm)
            return no_memory(err);
        m->order = lm[i]->head.order > m->order ? lm[i]->head.order : m->order;
    }
    return WN_OK;
}

static uint64_t tokens_of_all(const struct mix *m)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < m->n; i++) {
        uint64_t n = wn_lm_train_tokens(m->part[i].lm);

        if (n == 0)
            return 0;
        sum += n;
    }
    return sum;
}

static void copy_level(struct wn_lm *lm, unsigned k, const struct level *l)
{
    const struct lm_table *t = &lm->level[k];

    memcpy(lm_image_at(lm, t->prob), l->prob, l->n * sizeof(float));
    if (k >= 2)
        memcpy(lm_image_at(lm, t->word), l->word, l->n * sizeof(uint32_t));
    if (k >= 3)
        memcpy(lm_image_at(lm, t->suffix), l->suffix, l->n * sizeof(uint32_t));
    if (k == lm->head.order)
        return;
    memcpy(lm_image_at(lm, t->backoff), l->backoff, l->n * sizeof(float));
    memcpy(lm_image_at(lm, t->child), l->child, ((size_t)l->n + 1) * sizeof(uint32_t));
}

static enum wn_status make_model(struct mix *m, struct wn_err *err)
{
    struct lm_shape shape = { .order = m->order, .smoothing = WN_SMOOTH_OTHER, .vocab = &m->words.vocab };
    enum wn_status st;

    shape.tokenizer = wn_lm_tokenizer(m->part[0].lm);
    shape.train_tokens = tokens_of_all(m);
    for (unsigned k = 1; k <= m->order; k++)
        shape.n[k] = m->level[k].n;
    st = lm_index_alloc(&m->lm, &shape, err);
    if (st != WN_OK)
        return st;
    for (unsigned k = 1; k <= m->order; k++)
        copy_level(m->lm, k, &m->level[k]);
    lm_image_seal(lm_image_at(m->lm, m->lm->image.ptr));
    return WN_OK;
}

/* What mixing holds at most: the levels of the union (20 bytes an n-gram) twice at the end,
 * and of two levels what each model makes of it. */
static uint64_t memory_for(const struct mix *m)
{
    uint64_t all = m->words.vocab.n_bytes, most = 0;

    for (size_t i = 0; i < m->n; i++)
        all += m->part[i].lm->image.len;
    for (unsigned k = 1; k <= m->order; k++) {
        all += 40 * (uint64_t)level_cap(m, k);
        most = level_cap(m, k) > most ? level_cap(m, k) : most;
    }
    return all + 2 * most * m->n * (sizeof(uint32_t) * 2 + sizeof(bool) + sizeof(double));
}

static enum wn_status mix_all(struct mix *m, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (unsigned k = 1; st == WN_OK && k <= m->order; k++) {
        size_t cap = level_cap(m, k);

        if (cap >= NONE)
            st = wn_fail(err, WN_LIMIT, "cannot mix models: more than %u n-grams of order %u", NONE - 1, k);
        else if (!level_alloc(m, k, cap))
            st = no_memory(err);
        else if (k == 1)
            mix_words(m);
        else
            st = mix_level(m, k, err);
    }
    return st == WN_OK ? make_model(m, err) : st;
}

enum wn_status wn_lm_mix(struct wn_lm **out, const struct wn_lm *const *lm, const double *weight, size_t n,
                         const struct wn_lm_room *room, struct wn_err *err)
{
    struct mix m = { .room = lm_room_of(room), .n = n };
    enum wn_status st = WN_OK;

    *out = NULL;
    if (n == 0)
        return wn_fail(err, WN_BADCONF, "cannot mix models: there are none");
    for (size_t i = 0; st == WN_OK && i < n; i++)
        st = lm_index_usable(lm[i], "mix models", err);
    if (st != WN_OK)
        return st;
    m.part = calloc(n, sizeof(*m.part));
    st = m.part ? lm_mix_words_init(&m.words, lm, n, err) : no_memory(err);
    if (st == WN_OK)
        st = set_parts(&m, lm, weight, err);
    if (st == WN_OK)
        st = lm_index_afford(&m.room, memory_for(&m), "mix models", err);
    if (st == WN_OK)
        st = mix_all(&m, err);
    if (st == WN_OK) {
        *out = m.lm;
        m.lm = NULL;
    }
    mix_release(&m);
    return st;
}
