/*
 * ngram.h - the parts of the n-gram engine: the user's corpus, the watermark, and
 * what is measured on text.
 */
#ifndef SIM_NGRAM_H
#define SIM_NGRAM_H

#include "sim/generator.h"

/* The longest document a model writes, in tokens. */
enum { SIM_MAX_DOC_TOKENS = 1000 };

/* ---- the corpus: first, fresh, held out --------------------------------------------- */

/* Texts [0, n_usable) are for fitting, the rest is held out, tokenized. */
struct sim_corpus {
    const struct wn_sim_text *texts;
    size_t n_usable;
    struct wn_tokens *held_out;
    size_t n_held_out, longest_held_out;     /* documents; tokens of the longest */
    uint64_t n_types;                        /* different words of all texts     */
    struct wn_arena arena;
};

/* WN_BADCONF when the corpus is too small for the options, with the numbers. */
enum wn_status sim_corpus_open(struct sim_corpus *c, const struct wn_sim_opts *opts, struct wn_err *err);
void sim_corpus_release(struct sim_corpus *c);

/* ---- fitting ---------------------------------------------------------------------------- */

/* An n-gram model of DATA's texts, with order and smoothing of OPTS. */
enum wn_status sim_fit_texts(struct wn_lm **out, const struct wn_sim_opts *opts, const union sim_value *data,
                             size_t n, struct wn_err *err);
/* A document of the corpus or a model: counts its tokens. */
enum wn_status sim_text_value(union sim_value *out, struct wn_str text, struct wn_arena *scratch, struct wn_err *err);

/* ---- the watermark -------------------------------------------------------------------------- */

/* The KGW bias over the vocabulary of REFERENCE, for models whose own ids differ: a word
 * is looked up by its text. */
struct sim_marker {
    const struct wn_lm *reference;
    struct wn_kgw *kgw;
    uint32_t *to_reference;        /* by id of the model now set; UINT32_MAX: not known there */
};

/* Points M at the words of LM. */
enum wn_status sim_marker_set(struct sim_marker *m, const struct wn_lm *lm, struct wn_err *err);
/* The bias to sample with; lives as long as M and is valid for the LM last set. */
struct wn_lm_bias sim_marker_bias(struct sim_marker *m);
void sim_marker_release(struct sim_marker *m);

/* ---- measures --------------------------------------------------------------------------------- */

/* Perplexity of the held-out texts under LM over the corpus's whole vocabulary, so that
 * models with different vocabularies compare: the probability of <unk> is shared evenly by
 * the words of the corpus that LM lacks (Ueberla 1994 calls it adjusted perplexity).  A
 * closed vocabulary would reward a model for forgetting words.  And the shares of their tokens that LM does
 * not know and that it gives probability 0. */
enum wn_status sim_heldout_metrics(const struct sim_corpus *c, const struct wn_lm *lm, struct wn_arena *scratch,
                                   struct sim_metrics *out, struct wn_err *err);
/* Diversity and length of what a model wrote. */
enum wn_status sim_text_metrics(const union sim_value *docs, size_t n, struct wn_arena *scratch,
                                struct sim_metrics *out, struct wn_err *err);

#endif
