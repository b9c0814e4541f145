/*
 * lmscore.h - score text at the speed of memory.
 *
 * A scorer is one thread's machine over a model's tables: texts go in, their tokens are
 * hashed and looked up in blocks, all orders in flight at a time, across the ends of
 * sentences and documents.  Without tables it walks the index, one token after the other.
 * The instruction set (AVX-512, AVX2, or neither) changes the speed, never a value; neither
 * do the ends of batches, or in how many calls the sentences came.
 *
 * A value is what KenLM computes, in float32: log10 p of the longest n-gram found, then the
 * back-off weights from the shortest to the longest context that the model has.  Sums are in
 * double, in the order of tokens, OOVs apart in theirs.  Words are lmplz's: its query also
 * ends them at VT and FF, and does not at NUL.
 *
 * Tables find an absent n-gram by chance (docs/format/lm.md says how rarely).  An unknown word
 * whose bigram is found so, with compact tables once in some 1.4 million searches, is not
 * counted as OOV.
 */
#ifndef WINNOW_LMSCORE_H
#define WINNOW_LMSCORE_H

#include <winnow/lm.h>

/* As wn_lm_open, which verifies no more of a file above 32 MiB than its head, but reads the file
 * into memory with large pages instead of mapping it: some 0.3 s for a GB that is cached, and
 * memory that processes do not share; then a model of 1 GB scores 10 to 40 %
 * faster.  Worth it for some ten million tokens. */
enum wn_status wn_lm_open_resident(struct wn_lm **out, const char *path, struct wn_err *err);

struct wn_scorer;

enum wn_simd { WN_SIMD_AUTO = 0, WN_SIMD_NONE = 1, WN_SIMD_AVX2 = 2, WN_SIMD_AVX512 = 3 };

struct wn_scorer_opts {
    bool per_token;        /* keep what wn_scorer_tokens gives                             */
    bool no_markers;       /* start from the empty context, and score no </s> (query -n)   */
    enum wn_simd simd;     /* WN_BADCONF when this machine lacks it                        */
};
/* LM must outlive the scorer.  OPTS may be NULL. */
enum wn_status wn_scorer_new(struct wn_scorer **out, const struct wn_lm *lm, const struct wn_scorer_opts *opts,
                             struct wn_err *err);
void wn_scorer_free(struct wn_scorer *s);

/* Takes a text in: with the WHITESPACE tokenizer every line is a sentence (the text need not
 * be UTF-8; an empty text has none), else the whole text is one.  Adds to SUM[0 ..
 * wn_lm_models - 1], which must live, as must TEXT, until wn_scorer_flush; the sums are
 * complete only then. */
enum wn_status wn_scorer_add(struct wn_scorer *s, struct wn_str text, struct wn_lm_sum *sum, struct wn_err *err);
/* The same for one sentence of tokens. */
enum wn_status wn_scorer_add_tokens(struct wn_scorer *s, const struct wn_tokens *sentence, struct wn_lm_sum *sum,
                                    struct wn_err *err);
/* Scores what is still waiting.  After WN_NOMEM from add or flush the sums of the texts since
 * the last flush are not complete; the scorer takes new texts. */
enum wn_status wn_scorer_flush(struct wn_scorer *s, struct wn_err *err);

/* One scored token.  [1] only of joint models. */
struct wn_scored {
    struct wn_str word;       /* empty for </s>; lives as the text does (folded words: until clear) */
    float log10_p[2];
    uint8_t matched[2];       /* length of the longest n-gram found; 1 for an unknown word too */
    bool is_oov[2];
    bool is_end;              /* </s>, or with no_markers the sentence's last token        */
};
/* All tokens since the last clear, in order; complete after flush.  Valid until the next add. */
const struct wn_scored *wn_scorer_tokens(const struct wn_scorer *s, size_t *n);
/* Forgets them; what waits for a flush stays. */
void wn_scorer_clear(struct wn_scorer *s);
/* What runs: "avx512", "avx2" or "scalar". */
const char *wn_scorer_simd(const struct wn_scorer *s);

#endif
