/*
 * ngram.h - the parts of the n-gram engine: the user's corpus, the models of a run, what
 * writes with them, what they are measured by, and the tagger that a run trains itself.
 */
#ifndef SIM_NGRAM_H
#define SIM_NGRAM_H

#include <winnow/lmsample.h>

#include "sim/generator.h"

/* The longest document a model writes, in tokens. */
enum { SIM_MAX_DOC_TOKENS = 1000 };

/* An item: a document.  Its bytes live as long as the run, or are the caller's corpus. */
struct sim_text {
    struct wn_str str;
    uint64_t n_tokens;
};

/* ---- the corpus: first, fresh, held out (ngram_corpus.c) ------------------------------ */

/* Texts [0, n_usable) are for runs to fit on, the next n_reserved train their taggers, and
 * the rest is held out, tokenized. */
struct sim_corpus {
    const struct wn_sim_text *texts;
    size_t n_usable, n_reserved;
    struct sim_text *item;                   /* all but the held-out ones             */
    uint64_t *fingerprint;                   /* of the usable ones                    */
    struct wn_tokens *held_out;
    size_t n_held_out, longest_held_out;     /* documents; tokens of the longest      */
    struct sim_words held_out_words;
    uint64_t n_types;                        /* different words of all texts          */
    struct wn_arena arena;
};

/* WN_BADCONF when the corpus is too small for the options, with the numbers. */
enum wn_status sim_corpus_open(struct sim_corpus *c, const struct wn_sim_opts *opts, struct wn_err *err);
void sim_corpus_release(struct sim_corpus *c);

/* An n-gram model of N texts, with order and smoothing of OPTS. */
enum wn_status sim_fit_texts(struct wn_lm **out, const struct wn_sim_opts *opts, const struct sim_text *data, size_t n,
                             struct wn_err *err);

/* ---- documents as hashes of words (ngram_words.c) --------------------------------------- */

/* Hashes of the words of T into OUT, which has room for t->n. */
void sim_hash_words(const struct wn_tokens *t, uint64_t *out);
/* Equal for documents with the same words: what dedup calls exact copies. */
uint64_t sim_words_fingerprint(const uint64_t *hash, size_t n);

/* What ngram_words.c reads a document for. */
struct sim_text_reader {
    struct wn_arena *page;       /* rewound for each document */
    /* Is given every document in turn; may be NULL. */
    enum wn_status (*each)(void *arg, size_t doc, const struct wn_tokens *tokens, struct wn_err *err);
    void *arg;
};
/* The words of N documents; OUT lives in A. */
enum wn_status sim_read_texts(const struct sim_text *docs, size_t n, const struct sim_text_reader *how,
                              struct wn_arena *a, struct sim_words *out, struct wn_err *err);

/* ---- the watermark (ngram_marker.c) ------------------------------------------------------- */

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

/* ---- the tagger of a run's own (ngram_learner.c) ------------------------------------------- */

/* Trained anew for every generation: human, documents of the corpus that no model is fitted
 * on (a model's text would betray those it was fitted on, and the tagger could not keep its
 * promise on new ones); synthetic, as many of what the model before wrote (in generation 1
 * there is none, and it is what the first model wrote).  Zeroed it is empty. */
struct sim_learner {
    struct {
        struct wn_str *text;
        size_t n, cap;
    } newest, before;              /* what the last two models wrote */
    struct wn_buf image;
    struct wn_model *model;
    struct wn_tagger *tagger;
    struct wn_tagger_scratch *scratch;
    bool is_stale;                 /* another one is due */
};

/* Fewest documents of each kind to train with. */
enum { SIM_LEARNER_MIN_DOCS = 100 };

/* Human documents that the taggers take: half of generation 0; 0 without opts->retrain. */
size_t sim_learner_docs(const struct wn_sim_opts *opts);
/* WN_BADCONF, with numbers, when these or what a model writes are too few. */
enum wn_status sim_learner_check(const struct wn_sim_opts *opts, struct wn_err *err);
/* A new model has been fitted: what the last one wrote is what to train on next. */
void sim_learner_turn(struct sim_learner *l);
/* The newest model wrote these. */
enum wn_status sim_learner_add(struct sim_learner *l, const struct sim_text *docs, size_t n, struct wn_err *err);
/* Makes l->tagger the one of this generation, with N_HUMAN human documents.  Where the
 * documents do not make a tagger (a collapsed model wrote one text over and over), the one
 * before stays; WN_BADCONF when there is none.  l->tagger stays NULL as long as no model
 * has written anything. */
enum wn_status sim_learner_train(struct sim_learner *l, const struct sim_run *run, uint32_t generation,
                                 const struct sim_text *human, size_t n_human, struct wn_err *err);
void sim_learner_release(struct sim_learner *l);

/* ---- world and run (ngram.c) ---------------------------------------------------------------- */

struct sim_ngram_world {
    struct sim_corpus corpus;
    struct wn_lm *first;           /* the model of the first n documents; NULL unless marked */
    const struct wn_lm *reference; /* whose vocabulary the mark is keyed over                */
    struct wn_kgw *kgw;            /* NULL: no watermark                                     */
};

/* A model of the run; those that are put away live until its end. */
struct sim_ngram_model {
    struct wn_lm *lm;
    bool is_kept;
    struct sim_ngram_model *next_kept;
};

/* The real text under the run's first model. */
struct sim_first_reference {
    bool is_made;
    double q05, q99;               /* of the held-out documents' perplexities */
};

struct sim_ngram {
    struct sim_run run;
    const struct sim_ngram_world *world;
    struct sim_marker marker;
    struct sim_ngram_model *model; /* NULL before the first fit                */
    struct sim_ngram_model *first; /* theta_1, the model of generation 1       */
    struct sim_ngram_model *kept;
    struct wn_sampler *sampler;
    struct wn_sampler_scratch *drawing;
    struct wn_tagger_scratch *tagging;   /* of the caller's tagger */
    struct sim_learner learner;
    uint32_t generation;           /* of the last fit                          */
    struct wn_arena scratch;       /* of one call                              */
    struct wn_arena page;          /* of one document                          */
    size_t next_text;              /* the first human document not used yet    */
    size_t n_first;                /* documents of generation 0: the first texts of the corpus */
    uint64_t *first_fingerprint;   /* theirs, rising; NULL: not made yet       */
    struct sim_first_reference reference;
};

/* ---- writing (ngram_write.c, ngram_edit.c) ----------------------------------------------------- */

/* WN_BADCONF for sampling options that contradict each other; their ranges are check.c's. */
enum wn_status sim_ngram_check_sampling(const struct wn_sim_opts *opts, struct wn_err *err);
/* N documents of the model: .sample of the engine's table. */
enum wn_status sim_ngram_sample(void *state, uint32_t generation, size_t first, void *out, size_t n,
                                struct wn_err *err);
/* .edit of the table. */
enum wn_status sim_ngram_edit(void *state, uint32_t generation, size_t first, const void *item, size_t n, double above,
                              void *out, struct wn_err *err);

/* ---- measures (ngram_score.c, ngram_metrics.c, ngram_lexical.c) ---------------------------------- */

/* A text under a model over the vocabulary of the whole corpus, so that models with different
 * vocabularies compare: the probability of <unk> is shared evenly by the words of the corpus
 * that the model lacks (Ueberla 1994 calls it adjusted perplexity).  A closed vocabulary
 * would reward a model for forgetting words. */
struct sim_text_score {
    double logp_nats;              /* of all tokens, </s> included; finite: a probability of 0
                                      counts as 10^-99                                         */
    uint64_t n_tokens, n_oov, n_impossible;
};
struct sim_text_scorer {
    const struct wn_lm *lm;
    double log10_lacked;           /* of how many words of the corpus the model lacks */
};
struct sim_text_scorer sim_scorer_of(const struct sim_corpus *c, const struct wn_lm *lm);
/* ROOM: one more than tokens. */
void sim_score_text(const struct sim_text_scorer *s, const struct wn_tokens *text, struct wn_lm_score *room,
                    struct sim_text_score *out);
/* exp(-logp / tokens); INFINITY with an impossible token. */
double sim_score_perplexity(const struct sim_text_score *s);

/* .quality: mean ln p a token under the first model; .surprise: minus that under the model now set. */
enum wn_status sim_ngram_quality(void *state, const void *item, size_t n, double *out, struct wn_err *err);
enum wn_status sim_ngram_surprise(void *state, const void *item, size_t n, double *out, struct wn_err *err);

/* Perplexity of the held-out texts, and the shares of their tokens that LM does not know and
 * that it gives probability 0. */
enum wn_status sim_heldout_metrics(const struct sim_corpus *c, const struct wn_lm *lm, struct wn_arena *scratch,
                                   struct sim_metrics *out, struct wn_err *err);
/* The histogram of N documents' perplexities PPL (sorted here) against the real text's. */
void sim_first_metrics(const struct sim_first_reference *real, double *ppl, size_t n, struct sim_metrics *out);
/* Diversity, length, repetition and copies in what a model wrote. */
enum wn_status sim_lexical_metrics(const struct sim_words *words, const struct sim_words *held_out,
                                   struct wn_arena *scratch, struct sim_metrics *out, struct wn_err *err);
/* .compare of the table. */
enum wn_status sim_ngram_compare(void *state, const struct sim_view *view, struct sim_metrics *out,
                                 struct wn_err *err);

#endif
