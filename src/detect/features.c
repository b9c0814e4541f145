#include "detect/features.h"

#include <math.h>

enum { WINDOW = 20 };   /* tokens */

static const double ln10 = 2.302585092994045684;
static const double log10_likely = -1, log10_rare = -4;

static const char *const names[N_FEATURES] = {
    [F_LLR] = "llr_nats",
    [F_LLR_UNIGRAM] = "llr_unigram_nats",
    [F_LLR_WINDOW_SD] = "llr_window_sd_nats",
    [F_XENT_HUMAN] = "xent_human_nats",
    [F_XENT_SD] = "xent_sd_nats",
    [F_XENT_WINDOW_SD] = "xent_window_sd_nats",
    [F_OOV_HUMAN] = "oov_human",
    [F_OOV_SYNTHETIC] = "oov_synthetic",
    [F_LONG_SYNTHETIC] = "long_match_synthetic",
    [F_LIKELY_HUMAN] = "likely_human",
    [F_LIKELY_SYNTHETIC] = "likely_synthetic",
    [F_RARE_HUMAN] = "rare_human",
    [F_SENTENCE_LENGTH] = "ln_sentence_length",
    [F_COMMAS] = "commas",
    [F_APOSTROPHES] = "apostrophes",
};

const char *feature_name(enum feature f)
{
    return names[f];
}

/* ---- running moments ---------------------------------------------------------------- */

struct moments {
    double n, mean, m2;   /* Welford 1962 */
};

static void add(struct moments *m, double x)
{
    double delta = x - m->mean;

    m->n++;
    m->mean += delta / m->n;
    m->m2 += delta * (x - m->mean);
}

/* 0 with fewer than two values. */
static double sd(const struct moments *m)
{
    return m->n > 1 ? sqrt(m->m2 / (m->n - 1)) : 0;
}

static double share(double count, size_t n)
{
    return n ? count / (double)n : 0;
}

/* ---- language models ------------------------------------------------------------------ */

struct lm_pair {
    const struct wn_lm *lm;
    const struct wn_lm_score *score;
};

static bool is_oov(const struct lm_pair *p, size_t i)
{
    return p->score[i].id == WN_LM_UNK;
}

static double unigram_log10(const struct lm_pair *p, size_t i)
{
    return wn_lm_prob(p->lm, NULL, 0, p->score[i].id);
}

typedef bool score_test(const struct lm_pair *p, size_t i);

static bool is_full_match(const struct lm_pair *p, size_t i)
{
    return p->score[i].matched >= wn_lm_order(p->lm);
}

static bool is_likely(const struct lm_pair *p, size_t i)
{
    return p->score[i].log10_p >= log10_likely;
}

static bool is_rare(const struct lm_pair *p, size_t i)
{
    return p->score[i].log10_p < log10_rare;
}

static double share_where(score_test *holds, const struct lm_pair *p, size_t n)
{
    double count = 0;

    for (size_t i = 0; i < n; i++)
        count += holds(p, i);
    return share(count, n);
}

/* What the two say together, on the words both know. */
static void both_models(const struct lm_pair *h, const struct lm_pair *s, size_t n, struct features *out)
{
    struct moments llr = { 0 }, unigram = { 0 }, xent_h = { 0 }, xent_s = { 0 }, xent = { 0 };
    struct moments llr_window = { 0 }, xent_window = { 0 };
    double sum_llr = 0, sum_xent = 0, n_neither = 0;
    unsigned in_window = 0;

    for (size_t i = 0; i < n; i++) {
        double lh = h->score[i].log10_p * ln10, ls = s->score[i].log10_p * ln10;

        n_neither += is_oov(h, i) && is_oov(s, i);
        if (is_oov(h, i) || is_oov(s, i))
            continue;
        add(&llr, ls - lh);
        add(&unigram, (unigram_log10(s, i) - unigram_log10(h, i)) * ln10);
        add(&xent_h, -lh);
        add(&xent_s, -ls);
        add(&xent, -(lh + ls) / 2);
        sum_llr += ls - lh;
        sum_xent -= (lh + ls) / 2;
        if (++in_window == WINDOW) {
            add(&llr_window, sum_llr / WINDOW);
            add(&xent_window, sum_xent / WINDOW);
            sum_llr = sum_xent = 0;
            in_window = 0;
        }
    }
    out->v[F_LLR] = llr.mean;
    out->v[F_LLR_UNIGRAM] = unigram.mean;
    out->v[F_LLR_WINDOW_SD] = sd(&llr_window);
    out->v[F_XENT_HUMAN] = xent_h.mean;
    out->v[F_XENT_SD] = sd(&xent);
    out->v[F_XENT_WINDOW_SD] = sd(&xent_window);
    out->oov_both = share(n_neither, n);
    out->xent_synthetic = xent_s.mean;
    out->xent_nats = fmin(xent_h.mean, xent_s.mean);
}

/* ---- surface ------------------------------------------------------------------------------ */

/* WN_TOK_FOLDED makes each mark a token of its own. */
static bool is_mark(struct wn_str t, const char *set)
{
    return t.len == 1 && t.ptr[0] && strchr(set, t.ptr[0]);
}

static bool has_apostrophe(struct wn_str t)
{
    return t.len > 1 && memchr(t.ptr, '\'', t.len);
}

static void surface(const struct wn_tokens *tokens, double *v)
{
    double commas = 0, apostrophes = 0, in_sentence = 0;
    struct moments sentence = { 0 };
    bool open = false;     /* something but full stops since the last end: "..." ends once */

    for (size_t i = 0; i < tokens->n; i++) {
        struct wn_str t = tokens->item[i];

        in_sentence++;
        commas += is_mark(t, ",");
        apostrophes += has_apostrophe(t);
        if (!is_mark(t, ".!?")) {
            open = true;
        } else if (open) {
            add(&sentence, in_sentence);
            in_sentence = 0;
            open = false;
        }
    }
    if (open)
        add(&sentence, in_sentence);
    v[F_SENTENCE_LENGTH] = log(fmax(sentence.mean, 1));
    v[F_COMMAS] = share(commas, tokens->n);
    v[F_APOSTROPHES] = share(apostrophes, tokens->n);
}

enum wn_status features_compute(const struct wn_lm *human, const struct wn_lm *synthetic,
                                const struct wn_tokens *tokens, struct wn_arena *a, struct features *out,
                                struct wn_err *err)
{
    struct wn_lm_score *sh = wn_arena_calloc(a, tokens->n + 1, sizeof(*sh));
    struct wn_lm_score *ss = wn_arena_calloc(a, tokens->n + 1, sizeof(*ss));
    struct lm_pair h = { human, sh }, s = { synthetic, ss };
    size_t n = tokens->n;    /* </s> is left out: where a text was cut says nothing of who wrote it */
    struct wn_lm_sum sum;

    memset(out, 0, sizeof(*out));
    if (!sh || !ss)
        return wn_fail(err, WN_NOMEM, "out of memory for the scores of %zu tokens", n);
    wn_lm_score_tokens(human, tokens, sh, &sum);
    wn_lm_score_tokens(synthetic, tokens, ss, &sum);
    both_models(&h, &s, n, out);
    out->v[F_OOV_HUMAN] = share_where(is_oov, &h, n);
    out->v[F_OOV_SYNTHETIC] = share_where(is_oov, &s, n);
    out->v[F_LONG_SYNTHETIC] = share_where(is_full_match, &s, n);
    out->v[F_LIKELY_HUMAN] = share_where(is_likely, &h, n);
    out->v[F_LIKELY_SYNTHETIC] = share_where(is_likely, &s, n);
    out->v[F_RARE_HUMAN] = share_where(is_rare, &h, n);
    surface(tokens, out->v);
    out->n_tokens = n;
    return WN_OK;
}
