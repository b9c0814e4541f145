#include "detect/features.h"

#include <assert.h>
#include <math.h>

#include "lm/lm_layout.h"

enum { WINDOW = 20 };   /* tokens */

static const double ln10 = 2.302585092994045684;
static const float log10_likely = -1, log10_rare = -4;

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

/* log10 p of WORD in the empty context under each model: its line of the joint tables'
 * unigrams (docs/format/lm.md).  The scorer's value is that of the longest n-gram.  False when
 * neither model has the word. */
static bool unigram_log10(const struct wn_lm *joint, struct wn_str word, float log10_p[2])
{
    enum { SLOTS = 2, VALUES_AT = SLOTS * sizeof(uint64_t) };
    const struct lm_hash *h = &joint->hash[1];
    uint64_t hash = lm_word_hash(word.ptr, word.len, joint->hash_seed), key[SLOTS];
    const unsigned char *line = h->line + lm_key_bucket(hash, h->n_buckets) * LM_LINE_BYTES;

    do {
        memcpy(key, line, sizeof(key));
        for (unsigned i = 0; i < SLOTS; i++) {
            if (key[i] == hash) {
                memcpy(log10_p, line + VALUES_AT + i * 2 * sizeof(float), 2 * sizeof(float));
                return true;
            }
        }
        line += LM_LINE_BYTES;
    } while (key[SLOTS - 1] != 0);
    return false;
}

/* What the two say together, on the words both know. */
static void both_models(const struct wn_lm *joint, const struct wn_scored *t, size_t n, struct features *out)
{
    struct moments llr = { 0 }, unigram = { 0 }, xent_h = { 0 }, xent_s = { 0 }, xent = { 0 };
    struct moments llr_window = { 0 }, xent_window = { 0 };
    double sum_llr = 0, sum_xent = 0;
    unsigned in_window = 0;

    for (size_t i = 0; i < n; i++) {
        double lh = (double)t[i].log10_p[HUMAN] * ln10, ls = (double)t[i].log10_p[SYNTHETIC] * ln10;
        float alone[2];

        if (t[i].is_oov[HUMAN] || t[i].is_oov[SYNTHETIC] || !unigram_log10(joint, t[i].word, alone))
            continue;
        add(&llr, ls - lh);
        add(&unigram, ((double)alone[SYNTHETIC] - (double)alone[HUMAN]) * ln10);
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
    out->xent_synthetic = xent_s.mean;
    out->xent_nats = fmin(xent_h.mean, xent_s.mean);
}

/* Shares of all tokens. */
static void shares(const struct wn_lm *joint, const struct wn_scored *t, size_t n, struct features *out)
{
    size_t oov[2] = { 0 }, likely[2] = { 0 }, n_neither = 0, n_full = 0, n_rare = 0;
    unsigned order = wn_lm_order(joint);

    for (size_t i = 0; i < n; i++) {
        for (int m = 0; m < 2; m++) {
            oov[m] += t[i].is_oov[m];
            likely[m] += t[i].log10_p[m] >= log10_likely;
        }
        n_neither += t[i].is_oov[HUMAN] && t[i].is_oov[SYNTHETIC];
        n_full += t[i].matched[SYNTHETIC] >= order;
        n_rare += t[i].log10_p[HUMAN] < log10_rare;
    }
    out->v[F_OOV_HUMAN] = share(oov[HUMAN], n);
    out->v[F_OOV_SYNTHETIC] = share(oov[SYNTHETIC], n);
    out->v[F_LONG_SYNTHETIC] = share(n_full, n);
    out->v[F_LIKELY_HUMAN] = share(likely[HUMAN], n);
    out->v[F_LIKELY_SYNTHETIC] = share(likely[SYNTHETIC], n);
    out->v[F_RARE_HUMAN] = share(n_rare, n);
    out->oov_both = share(n_neither, n);
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

enum wn_status features_scorer_new(struct wn_scorer **out, const struct wn_lm *joint, struct wn_err *err)
{
    return wn_scorer_new(out, joint, &(struct wn_scorer_opts){ .per_token = true }, err);
}

enum wn_status features_compute(const struct wn_lm *joint, struct wn_scorer *scorer, const struct wn_tokens *tokens,
                                struct features *out, struct wn_err *err)
{
    struct wn_lm_sum sum[2] = { { 0 } };
    const struct wn_scored *t;
    size_t n = tokens->n, n_scored;
    enum wn_status st;

    memset(out, 0, sizeof(*out));
    wn_scorer_clear(scorer);
    st = wn_scorer_add_tokens(scorer, tokens, sum, err);
    if (st == WN_OK)
        st = wn_scorer_flush(scorer, err);
    if (st != WN_OK)
        return st;
    t = wn_scorer_tokens(scorer, &n_scored);
    assert(n_scored == n + 1);   /* </s> is left out: where a text was cut says nothing of who wrote it */
    both_models(joint, t, n, out);
    shares(joint, t, n, out);
    surface(tokens, out->v);
    out->n_tokens = n;
    return WN_OK;
}
