/*
 * lm.h - word n-gram language models: open, ask, score.  Log-probabilities are log10.
 *
 * A model has up to three parts, as its file has (docs/format/lm.md):
 *   words   the vocabulary, by id;
 *   tables  what scoring needs: hash tables by order, exact or compact (quantised);
 *   index   the n-grams by context: what sampling, export, pruning and mixing need.
 * A model made in memory has words and index.  Scores come from the tables when there
 * are any, else from the index; both give the same values (exact tables).
 *
 * lmbuild.h makes models, lmscore.h scores at speed, lmsample.h draws from them.
 */
#ifndef WINNOW_LM_H
#define WINNOW_LM_H

#include <winnow/text.h>

enum { WN_LM_MAX_ORDER = 8, WN_LM_UNK = 0, WN_LM_BOS = 1, WN_LM_EOS = 2 };

enum wn_smoothing {
    WN_SMOOTH_KN = 0,      /* interpolated modified Kneser-Ney                       */
    WN_SMOOTH_ML = 1,      /* relative frequency in the longest context that was seen */
    WN_SMOOTH_OTHER = 2    /* from an ARPA file, a mixture or pruning                 */
};

/* Const and shared by all threads. */
struct wn_lm;

enum { WN_LM_WORDS = 1, WN_LM_TABLES = 2, WN_LM_INDEX = 4 };

enum wn_lm_verify {
    WN_LM_VERIFY_AUTO = 0,  /* all of a file up to 32 MiB; the head of a larger one, its words and
                               index before they are first needed                             */
    WN_LM_VERIFY_ALL = 1    /* every checksum, id and range: reads the whole file             */
};
/* Maps a model file.  Foreign, truncated, other-endian or corrupt files are refused by
 * name (WN_BADDATA).  A damaged file that AUTO let pass can give wrong numbers, but no
 * stray read. */
enum wn_status wn_lm_open(struct wn_lm **out, const char *path, struct wn_err *err);
enum wn_status wn_lm_open_verify(struct wn_lm **out, const char *path, enum wn_lm_verify how, struct wn_err *err);
/* A model over IMAGE, which must outlive it and be 8-byte aligned (a section of a larger
 * mapped file; 64-byte alignment is faster), verified wholly; _head, for bytes that have been
 * verified otherwise, looks only at what AUTO looks at in a large file. */
enum wn_status wn_lm_view(struct wn_lm **out, struct wn_str image, const char *name, struct wn_err *err);
enum wn_status wn_lm_view_head(struct wn_lm **out, struct wn_str image, const char *name, struct wn_err *err);
void wn_lm_free(struct wn_lm *lm);
/* The image, position independent; write it to a file to map it later.  Lives as
 * long as the model. */
struct wn_str wn_lm_image(const struct wn_lm *lm);

/* WN_LM_WORDS | ..: what the model has. */
unsigned wn_lm_parts(const struct wn_lm *lm);
/* Whether the tables are quantised. */
bool wn_lm_compact(const struct wn_lm *lm);
/* 1, or 2 for a joint model: every score then comes twice. */
unsigned wn_lm_models(const struct wn_lm *lm);
unsigned wn_lm_order(const struct wn_lm *lm);
enum wn_tokenizer wn_lm_tokenizer(const struct wn_lm *lm);
enum wn_smoothing wn_lm_smoothing(const struct wn_lm *lm);
/* Words with the three specials; ids are 0..n-1. */
uint32_t wn_lm_vocab_size(const struct wn_lm *lm);
/* Of a joint model: n-grams that either has. */
uint64_t wn_lm_ngrams(const struct wn_lm *lm, unsigned order);
/* Training tokens (</s> included); 0: not known. */
uint64_t wn_lm_train_tokens(const struct wn_lm *lm);
/* WN_LM_UNK when the word is not known, or the model has no (sound) words. */
uint32_t wn_lm_id(const struct wn_lm *lm, struct wn_str word);
/* "<unk>" when there is no such id, or the model has no (sound) words. */
struct wn_str wn_lm_word(const struct wn_lm *lm, uint32_t id);

/* ---- scoring, one text at a time --------------------------------------------------- */

/* One token's score. */
struct wn_lm_score {
    float log10_p;
    uint8_t matched;   /* length of the longest n-gram found; 1 for an unknown word too */
    uint32_t id;       /* WN_LM_UNK when the model has no words                          */
};

struct wn_lm_sum {
    double log10_p;       /* all tokens, </s> included                      */
    double log10_p_oov;   /* the share of it that fell on unknown words     */
    uint64_t n_tokens;    /* words + one </s>                               */
    uint64_t n_oov;
};
/* Scores <s> TOKENS </s>.  PER_TOKEN, when not NULL, has room for n+1.  Of a joint model,
 * the first. */
void wn_lm_score_tokens(const struct wn_lm *lm, const struct wn_tokens *tokens,
                        struct wn_lm_score *per_token, struct wn_lm_sum *sum);
/* log10 p(word | the last order-1 ids of history[0..n)).  The model needs words. */
double wn_lm_prob(const struct wn_lm *lm, const uint32_t *history, size_t n, uint32_t word);
/* 10^(-log10_p / n_tokens), with or without the unknown words; NaN without tokens. */
double wn_lm_perplexity(const struct wn_lm_sum *sum, bool with_oov);

#endif
