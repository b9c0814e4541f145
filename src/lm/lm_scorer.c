/*
 * lm_scorer.c - texts in, sums out: batches over the tables, or a walk through the index.
 */
#include "lm/lm_batch.h"
#include "lm/lm_walk.h"

#include <stdlib.h>

/* Entries from FIRST on belong to the text whose sum this is. */
struct part {
    uint32_t first;
    struct wn_lm_sum *sum;
};

struct wn_scorer {
    const struct wn_lm *lm;
    const struct lm_isa *isa;
    struct wn_scorer_opts opts;
    unsigned n_models;
    struct lm_batch *batch;           /* NULL: no tables                             */
    struct lm_batch *twin;            /* the second model's, where both cannot share  */
    struct wn_str *word;              /* per entry; NULL when nobody asks for tokens */
    struct part *part;                /* of the texts in the batch                    */
    uint32_t n_parts;
    struct wn_arena arena;            /* tokens of texts that are not cut at blanks   */
    struct wn_scored *scored;
    size_t n_scored, cap_scored;
};

static enum wn_status no_memory(struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot score text: out of memory");
}

/* Objects as large as a batch are not cleared: only what is in use gets touched. */
static bool make_batches(struct wn_scorer *s)
{
    s->batch = malloc(sizeof(*s->batch));
    s->part = malloc(LM_BATCH_ENTRIES * sizeof(*s->part));
    if (s->opts.per_token)
        s->word = malloc(LM_BATCH_ENTRIES * sizeof(*s->word));
    if (s->n_models == 2 && s->lm->unk_extends)
        s->twin = malloc(sizeof(*s->twin));
    if (!s->batch || !s->part || (s->opts.per_token && !s->word) ||
        (s->n_models == 2 && s->lm->unk_extends && !s->twin))
        return false;
    lm_batch_init(s->batch, s->lm, s->isa, s->opts.no_markers);
    if (s->twin) {
        lm_batch_init(s->twin, s->lm, s->isa, s->opts.no_markers);
        lm_batch_of_model(s->twin, 1);
    }
    return true;
}

enum wn_status wn_scorer_new(struct wn_scorer **out, const struct wn_lm *lm, const struct wn_scorer_opts *opts,
                             struct wn_err *err)
{
    static const struct wn_scorer_opts plain = { 0 };
    const struct lm_isa *isa;
    struct wn_scorer *s;

    *out = NULL;
    opts = opts ? opts : &plain;
    isa = lm_isa_find(opts->simd);
    if (!isa)
        return wn_fail(err, WN_BADCONF, "cannot score with %s: this machine lacks it",
                       opts->simd == WN_SIMD_AVX512 ? "AVX-512" : opts->simd == WN_SIMD_AVX2 ? "AVX2" : "such SIMD");
    if (!lm_has_tables(lm)) {
        enum wn_status st = lm_need_index(lm, err);

        if (st != WN_OK)
            return st;
    }
    s = calloc(1, sizeof(*s));
    if (!s)
        return no_memory(err);
    s->lm = lm;
    s->isa = isa;
    s->opts = *opts;
    s->n_models = lm->n_models == 2 ? 2 : 1;
    if (lm_has_tables(lm) && !make_batches(s)) {
        wn_scorer_free(s);
        return no_memory(err);
    }
    *out = s;
    return WN_OK;
}

void wn_scorer_free(struct wn_scorer *s)
{
    if (!s)
        return;
    wn_arena_release(&s->arena);
    free(s->batch);
    free(s->twin);
    free(s->word);
    free(s->part);
    free(s->scored);
    free(s);
}

/* ---- what is kept of each token ----------------------------------------------------- */

static enum wn_status scored_reserve(struct wn_scorer *s, size_t extra, struct wn_err *err)
{
    size_t need, bytes;
    struct wn_scored *more;

    if (!wn_add_ok(s->n_scored, extra, &need) || need > SIZE_MAX / 2)
        return no_memory(err);
    if (need <= s->cap_scored)
        return WN_OK;
    need = need < 2 * s->cap_scored ? 2 * s->cap_scored : need;
    if (!wn_mul_ok(need, sizeof(*more), &bytes) || !(more = realloc(s->scored, bytes)))
        return no_memory(err);
    s->scored = more;
    s->cap_scored = need;
    return WN_OK;
}

/* The sentence that the last token is in ends with it. */
static void end_sentence(struct wn_scorer *s)
{
    if (s->n_scored > 0)
        s->scored[s->n_scored - 1].is_end = true;
}

static const struct lm_batch *batch_of(const struct wn_scorer *s, unsigned m)
{
    return m == 1 && s->twin ? s->twin : s->batch;
}

/* There is room for all of them. */
static void keep_tokens(struct wn_scorer *s)
{
    uint32_t oov[2] = { 0, 0 };

    for (uint32_t i = LM_BATCH_PAST; i < s->batch->n; i++) {
        struct wn_scored *t;

        if (s->batch->limit[i] == 0) {
            end_sentence(s);                        /* here the next one starts */
            continue;
        }
        t = &s->scored[s->n_scored++];
        *t = (struct wn_scored){ .word = s->word[i] };
        for (unsigned m = 0; m < s->n_models; m++) {
            const struct lm_batch *b = batch_of(s, m);

            t->log10_p[m] = b->value[m][i];
            t->matched[m] = b->len[m][i];
            t->is_oov[m] = oov[m] < b->n_oov[m] && b->oov[m][oov[m]] == i;
            oov[m] += t->is_oov[m];
        }
    }
}

/* ---- batches ------------------------------------------------------------------------- */

static void add_sums(struct wn_scorer *s)
{
    for (unsigned m = 0; m < s->n_models; m++) {
        const struct lm_batch *b = batch_of(s, m);
        struct lm_cursor c = lm_batch_first();

        for (uint32_t k = 0; k < s->n_parts; k++)
            lm_batch_sum(b, m, &c, k + 1 < s->n_parts ? s->part[k + 1].first : b->n, &s->part[k].sum[m]);
    }
}

/* Scores the batch; the last text may go on in the next one.  When memory is short what
 * waited is forgotten. */
static enum wn_status run_batch(struct wn_scorer *s, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    if (s->opts.per_token)
        st = scored_reserve(s, s->batch->n, err);
    if (st == WN_OK) {
        if (s->twin) {
            lm_batch_copy(s->twin, s->batch);
            lm_batch_run(s->twin);
        }
        lm_batch_run(s->batch);
        add_sums(s);
        if (s->opts.per_token)
            keep_tokens(s);
    }
    lm_batch_clear(s->batch);
    if (s->twin)
        lm_batch_clear(s->twin);
    if (s->n_parts > 0)
        s->part[0] = (struct part){ LM_BATCH_PAST, s->part[s->n_parts - 1].sum };
    s->n_parts = s->n_parts > 0;
    return st;
}

static enum wn_status begin_text(struct wn_scorer *s, struct wn_lm_sum *sum, struct wn_err *err)
{
    enum wn_status st = lm_batch_is_full(s->batch) ? run_batch(s, err) : WN_OK;

    if (st != WN_OK)
        return st;
    if (s->batch->n == LM_BATCH_PAST)
        s->n_parts = 0;
    s->part[s->n_parts++] = (struct part){ s->batch->n, sum };
    lm_batch_start(s->batch);
    return WN_OK;
}

static enum wn_status add_lines(struct wn_scorer *s, struct wn_str text, struct wn_lm_sum *sum, struct wn_err *err)
{
    struct lm_text scan = { text.ptr, text.ptr + text.len, text.ptr, false };
    enum wn_status st;

    if (text.len == 0)
        return WN_OK;
    st = begin_text(s, sum, err);
    while (st == WN_OK) {
        s->isa->scan(s->batch, &scan, s->word);
        if (scan.at == scan.end && !scan.in_word)
            break;
        st = run_batch(s, err);
    }
    if (st == WN_OK && text.ptr[text.len - 1] != '\n')
        lm_batch_line(s->batch, s->word, false);
    return st;
}

static enum wn_status add_sentence(struct wn_scorer *s, const struct wn_tokens *t, struct wn_lm_sum *sum,
                                   struct wn_err *err)
{
    enum { ASK_EVERY = 32 };
    enum wn_status st = begin_text(s, sum, err);

    for (size_t i = 0; st == WN_OK && i < t->n; i++) {
        if (i % ASK_EVERY == 0) {
            if (lm_batch_is_full(s->batch) && (st = run_batch(s, err)) != WN_OK)
                break;
            lm_batch_ask(s->batch);
        }
        if (s->word)
            s->word[s->batch->n] = t->item[i];
        lm_batch_push(s->batch, lm_word_hash(t->item[i].ptr, t->item[i].len, s->lm->hash_seed));
    }
    if (st == WN_OK)
        lm_batch_line(s->batch, s->word, false);
    return st;
}

/* ---- without tables ------------------------------------------------------------------ */

static enum wn_status walk_sentence(struct wn_scorer *s, const struct wn_tokens *t, struct wn_lm_sum *sum,
                                    struct wn_err *err)
{
    size_t n = t->n + !s->opts.no_markers;
    struct lm_state at = s->opts.no_markers ? (struct lm_state){ 0, 0 } : lm_start(s->lm);

    if (s->opts.per_token && scored_reserve(s, n, err) != WN_OK)
        return WN_NOMEM;
    for (size_t i = 0; i < n; i++) {
        struct wn_str word = i < t->n ? t->item[i] : WN_STR("");
        uint32_t id = i < t->n ? wn_lm_id(s->lm, word) : WN_LM_EOS;
        unsigned matched;
        float log10_p = lm_walk(s->lm, &at, id, &matched);

        sum->log10_p += (double)log10_p;
        sum->log10_p_oov += id == WN_LM_UNK ? (double)log10_p : 0.0;
        sum->n_oov += id == WN_LM_UNK;
        if (s->opts.per_token)
            s->scored[s->n_scored++] = (struct wn_scored){
                .word = word, .log10_p = { log10_p }, .matched = { (uint8_t)matched },
                .is_oov = { id == WN_LM_UNK }, .is_end = i + 1 == n,
            };
    }
    sum->n_tokens += n;
    return WN_OK;
}

static enum wn_status walk_lines(struct wn_scorer *s, struct wn_str text, struct wn_lm_sum *sum, struct wn_err *err)
{
    const char *p = text.ptr, *end = text.ptr + text.len;
    enum wn_status st = WN_OK;

    while (st == WN_OK && p < end) {
        const char *lf = memchr(p, '\n', (size_t)(end - p)), *stop = lf ? lf : end;
        struct wn_tokens t;

        wn_arena_reset(&s->arena);
        st = wn_tokenize(WN_TOK_WHITESPACE, (struct wn_str){ p, (size_t)(stop - p) }, &s->arena, &t, err);
        if (st == WN_OK)
            st = walk_sentence(s, &t, sum, err);
        p = lf ? lf + 1 : end;
    }
    return st;
}

/* ---- the doors ----------------------------------------------------------------------- */

enum wn_status wn_scorer_add_tokens(struct wn_scorer *s, const struct wn_tokens *sentence, struct wn_lm_sum *sum,
                                    struct wn_err *err)
{
    return s->batch ? add_sentence(s, sentence, sum, err) : walk_sentence(s, sentence, sum, err);
}

enum wn_status wn_scorer_add(struct wn_scorer *s, struct wn_str text, struct wn_lm_sum *sum, struct wn_err *err)
{
    struct wn_tokens t;
    enum wn_status st;

    if (wn_lm_tokenizer(s->lm) == WN_TOK_WHITESPACE)
        return s->batch ? add_lines(s, text, sum, err) : walk_lines(s, text, sum, err);
    if (!s->opts.per_token)
        wn_arena_reset(&s->arena);                  /* else folded words live until clear */
    st = wn_tokenize(wn_lm_tokenizer(s->lm), text, &s->arena, &t, err);
    return st == WN_OK ? wn_scorer_add_tokens(s, &t, sum, err) : st;
}

enum wn_status wn_scorer_flush(struct wn_scorer *s, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    if (s->batch && s->batch->n > LM_BATCH_PAST)
        st = run_batch(s, err);
    s->n_parts = 0;
    if (st == WN_OK && s->opts.per_token)
        end_sentence(s);
    return st;
}

const struct wn_scored *wn_scorer_tokens(const struct wn_scorer *s, size_t *n)
{
    *n = s->n_scored;
    return s->scored;
}

void wn_scorer_clear(struct wn_scorer *s)
{
    s->n_scored = 0;
    if (!s->batch || s->batch->n == LM_BATCH_PAST)   /* else words still wait for their scores */
        wn_arena_reset(&s->arena);
}

const char *wn_scorer_simd(const struct wn_scorer *s)
{
    return s->batch ? s->isa->name : lm_isa_scalar.name;
}
