/*
 * lm.h - word n-gram language models: count, estimate, map, score, sample.
 *
 * Interpolated modified Kneser-Ney (Chen and Goodman 1998, eq. 26 and p. 20) in
 * float32 with the order of operations of KenLM's lmplz, so that an exported ARPA
 * file can equal its output byte for byte.  Log-probabilities are log10.
 */
#ifndef WINNOW_LM_H
#define WINNOW_LM_H

#include <winnow/rng.h>
#include <winnow/text.h>

enum { WN_LM_MAX_ORDER = 8, WN_LM_UNK = 0, WN_LM_BOS = 1, WN_LM_EOS = 2 };

/* ---- counting: mergeable state ------------------------------------------------- */

struct wn_counts;
/* ORDER 1..WN_LM_MAX_ORDER. */
enum wn_status wn_counts_new(struct wn_counts **out, unsigned order, enum wn_tokenizer tok, struct wn_err *err);
/* Counts one sentence (a document, for documents): <s> tokens </s>.  A token that is
 * <s>, </s> or <unk> is WN_BADDATA.  On any failure the counts stay as they were.  The
 * tokens are copied as ids (4 bytes each, at most 2^32 - 2 in one object: WN_LIMIT). */
enum wn_status wn_counts_add(struct wn_counts *c, const struct wn_tokens *sentence, struct wn_err *err);
/* Tokenizes and counts a text: WHITESPACE cuts at '\n', one sentence a line; the
 * others count the whole text as one sentence.  After a failure the lines before the
 * one that ERR names are counted. */
enum wn_status wn_counts_add_text(struct wn_counts *c, struct wn_str text, struct wn_err *err);
/* INTO becomes the counts of both, as if FROM's text had come after INTO's; on failure
 * it stays as it was.  WN_BADCONF when orders or tokenizers differ. */
enum wn_status wn_counts_merge(struct wn_counts *into, const struct wn_counts *from, struct wn_err *err);
/* Tokens seen (</s> included, <s> not) and distinct words with the three specials. */
uint64_t wn_counts_tokens(const struct wn_counts *c);
uint64_t wn_counts_types(const struct wn_counts *c);
void wn_counts_free(struct wn_counts *c);

/* ---- estimation ------------------------------------------------------------------ */

enum wn_smoothing { WN_SMOOTH_KN = 0, WN_SMOOTH_ML = 1 };

struct wn_lm_opts {
    enum wn_smoothing smoothing;
    bool strict_discounts;       /* fail when the closed form of the discounts fails; by
                                    default that order falls back to 0.5 1 1.5            */
    uint64_t prune[WN_LM_MAX_ORDER];  /* drop n-grams of order k with raw count <= prune[k-1];
                                         must not decrease up to the order of the counts      */
};

/* A model: an image in memory, owned or mapped; const and shared by all threads. */
struct wn_lm;

/* Estimates from C (WN_BADDATA when nothing was counted); OPTS may be NULL.  WN_SMOOTH_ML
 * is relative frequency in the longest context that was seen, a log10 of -99 standing for
 * probability 0.  *FELL_BACK (may be NULL): bit k-1 set when order k used the
 * fall-back discounts. */
enum wn_status wn_lm_estimate(struct wn_lm **out, const struct wn_counts *c, const struct wn_lm_opts *opts,
                              unsigned *fell_back, struct wn_err *err);
/* The image, position independent; write it to a file to map it later.  Lives as
 * long as the model. */
struct wn_str wn_lm_image(const struct wn_lm *lm);
/* Maps a model file.  Foreign, truncated, other-endian or corrupt files are refused
 * by name (WN_BADDATA). */
enum wn_status wn_lm_open(struct wn_lm **out, const char *path, struct wn_err *err);
/* A model over IMAGE, which must outlive it and be 8-byte aligned (a section of a
 * larger mapped file). */
enum wn_status wn_lm_view(struct wn_lm **out, struct wn_str image, const char *name, struct wn_err *err);
void wn_lm_free(struct wn_lm *lm);

unsigned wn_lm_order(const struct wn_lm *lm);
enum wn_tokenizer wn_lm_tokenizer(const struct wn_lm *lm);
/* Words with the three specials; ids are 0..n-1. */
uint32_t wn_lm_vocab_size(const struct wn_lm *lm);
uint64_t wn_lm_ngrams(const struct wn_lm *lm, unsigned order);
/* Training tokens (</s> included). */
uint64_t wn_lm_train_tokens(const struct wn_lm *lm);
/* WN_LM_UNK when the word is not known. */
uint32_t wn_lm_id(const struct wn_lm *lm, struct wn_str word);
struct wn_str wn_lm_word(const struct wn_lm *lm, uint32_t id);
/* Writes the model as an ARPA file, in KenLM's order and number format. */
enum wn_status wn_lm_arpa(const struct wn_lm *lm,
                          enum wn_status (*write)(void *arg, struct wn_str bytes, struct wn_err *err), void *arg,
                          struct wn_err *err);

/* ---- scoring ------------------------------------------------------------------------ */

/* One token's score. */
struct wn_lm_score {
    float log10_p;
    uint8_t matched;   /* length of the longest n-gram found; 1 for an unknown word too */
    uint32_t id;
};

struct wn_lm_sum {
    double log10_p;       /* all tokens, </s> included                      */
    double log10_p_oov;   /* the share of it that fell on unknown words     */
    uint64_t n_tokens;    /* words + one </s>                               */
    uint64_t n_oov;
};
/* Scores <s> TOKENS </s>.  PER_TOKEN, when not NULL, has room for n+1. */
void wn_lm_score_tokens(const struct wn_lm *lm, const struct wn_tokens *tokens,
                        struct wn_lm_score *per_token, struct wn_lm_sum *sum);
/* log10 p(word | the last order-1 ids of history[0..n)). */
double wn_lm_prob(const struct wn_lm *lm, const uint32_t *history, size_t n, uint32_t word);
/* 10^(-log10_p / n_tokens), with or without the unknown words; NaN without tokens. */
double wn_lm_perplexity(const struct wn_lm_sum *sum, bool with_oov);

/* ---- sampling ------------------------------------------------------------------------- */

/* Adds a bias to the next word's logits; 0 for words it leaves alone (a watermark:
 * the function says whether WORD is on the green list of the word before it). */
struct wn_lm_bias {
    bool (*boosted)(void *arg, uint32_t previous_id, uint32_t word_id);
    void *arg;
    double delta_nats;          /* added to the logit of a boosted word, >= 0 */
};

/* Applied in this order: bias, temperature, top_k, top_p (of what top_k left).  Without
 * the last three a token costs O(log n) a level and is drawn exactly, bias included; with
 * any of them it costs O(vocabulary). */
struct wn_sample_opts {
    double temperature;          /* 0: 1.0; p^(1/T) renormalised                      */
    uint32_t top_k;              /* 0: off                                            */
    double top_p;                /* 0 or 1: off; the shortest prefix with mass >= p   */
    uint64_t max_tokens;         /* 0: 1,000                                          */
    uint64_t min_tokens;         /* </s> is not drawn before; where nothing else can
                                    follow, shorter contexts stand in                 */
    const struct wn_lm_bias *bias;
};

/* Draws from one model; holds cumulative tables, const after new, shared by threads. */
struct wn_sampler;
enum wn_status wn_sampler_new(struct wn_sampler **out, const struct wn_lm *lm, struct wn_err *err);
void wn_sampler_free(struct wn_sampler *s);
/* Scratch of one thread. */
struct wn_sampler_scratch;
struct wn_sampler_scratch *wn_sampler_scratch_new(const struct wn_sampler *s);  /* NULL: no memory */
void wn_sampler_scratch_free(struct wn_sampler_scratch *w);
/* Draws ids after <s> until </s> (not stored) or max_tokens into IDS (room for
 * max_tokens); never <s> or <unk>.  Returns how many. */
size_t wn_sample(const struct wn_sampler *s, struct wn_sampler_scratch *w, const struct wn_sample_opts *opts,
                 struct wn_rng *rng, uint32_t *ids);
/* Writes ids as text: wn_words_join for WORDS, single spaces otherwise. */
void wn_lm_render(const struct wn_lm *lm, const uint32_t *ids, size_t n, struct wn_buf *out);

#endif
