/*
 * lmbuild.h - make n-gram models: count text, estimate, read ARPA, mix, prune.
 *
 * Interpolated modified Kneser-Ney (Chen and Goodman 1998, eq. 26 and p. 20) in
 * float32 with the order of operations of KenLM's lmplz, so that an ARPA file can
 * equal its output byte for byte.  The result does not depend on threads or memory.
 */
#ifndef WINNOW_LMBUILD_H
#define WINNOW_LMBUILD_H

#include <stdatomic.h>

#include <winnow/lm.h>

/* What a job may use; NULL or zeros: one thread, as much memory as it takes. */
struct wn_lm_room {
    unsigned jobs;             /* threads; 0: 1                                              */
    uint64_t memory_bytes;     /* peak of what the job holds; beyond, it works on disk; 0: no limit.
                                  WN_LIMIT names the least that would do                     */
    uint64_t outside_bytes;    /* how much of memory_bytes the caller needs itself           */
    const char *tmp_dir;       /* NULL: $TMPDIR or /tmp                                      */
    const atomic_int *stop;    /* not NULL and non-zero: WN_CANCELLED soon                   */
};

/* A file that is written and synced, but has not got its name yet: where several files
 * belong together, all of them can be complete before one is there.  Publish gives the name,
 * at once; close removes a file that was not published.  NULL is fine for close. */
struct wn_lm_file;
enum wn_status wn_lm_file_publish(struct wn_lm_file *f, struct wn_err *err);
void wn_lm_file_close(struct wn_lm_file *f);

/* ---- counting: mergeable state ------------------------------------------------- */

struct wn_counts;

struct wn_counts_opts {
    unsigned order;                /* 1..WN_LM_MAX_ORDER                                        */
    enum wn_tokenizer tokenizer;
    bool skip_specials;            /* <s>, </s>, <unk> in a text are white space, not an error   */
    struct wn_lm_room room;
};
enum wn_status wn_counts_new(struct wn_counts **out, unsigned order, enum wn_tokenizer tok, struct wn_err *err);
enum wn_status wn_counts_open(struct wn_counts **out, const struct wn_counts_opts *opts, struct wn_err *err);
/* Counts one sentence (a document, for documents): <s> tokens </s>.  A token that is
 * <s>, </s> or <unk> is WN_BADDATA, as with WHITESPACE one is that is empty or has white space
 * in it.  On any failure the counts stay as they were. */
enum wn_status wn_counts_add(struct wn_counts *c, const struct wn_tokens *sentence, struct wn_err *err);
/* Tokenizes and counts a text: WHITESPACE cuts at '\n', one sentence a line (the last
 * one with or without it); the others count the whole text as one sentence.  On any failure
 * the counts stay as they were; ERR names the line. */
enum wn_status wn_counts_add_text(struct wn_counts *c, struct wn_str text, struct wn_err *err);
/* INTO becomes the counts of both, as if FROM's text had come after INTO's; on failure
 * it stays as it was.  WN_BADCONF when orders or tokenizers differ, or FROM is INTO. */
enum wn_status wn_counts_merge(struct wn_counts *into, const struct wn_counts *from, struct wn_err *err);
/* A count file (docs/format/lm-counts.md): save publishes it whole or not at all; add
 * merges one, as wn_counts_merge does.  Damaged and foreign files are WN_BADDATA; one that was
 * forged so that its sums agree may be WN_BADDATA only when a model is estimated. */
enum wn_status wn_counts_save(struct wn_counts *c, const char *path, const struct wn_lm_room *room, struct wn_err *err);
/* As save, but hands the file over for the caller to publish. */
enum wn_status wn_counts_write(struct wn_counts *c, const char *path, const struct wn_lm_room *room,
                               struct wn_lm_file **out, struct wn_err *err);
enum wn_status wn_counts_add_file(struct wn_counts *c, const char *path, struct wn_err *err);
/* Order and tokenizer of a count file, so that counts for it can be opened. */
enum wn_status wn_counts_peek(const char *path, struct wn_counts_opts *opts, struct wn_err *err);
/* Tokens seen (</s> included, <s> not) and distinct words with the three specials. */
uint64_t wn_counts_tokens(const struct wn_counts *c);
uint64_t wn_counts_types(const struct wn_counts *c);
void wn_counts_free(struct wn_counts *c);

/* ---- estimation ------------------------------------------------------------------ */

struct wn_lm_opts {
    enum wn_smoothing smoothing;      /* KN or ML                                              */
    bool strict_discounts;            /* fail when the closed form of the discounts fails; by
                                         default that order falls back                         */
    float fallback[3];                /* to these D1 D2 D3+; all 0: 0.5 1 1.5                   */
    uint64_t prune[WN_LM_MAX_ORDER];  /* drop n-grams of order k with raw count <= prune[k-1];
                                         must not decrease up to the order of the counts      */
    const struct wn_tokens *limit_vocab;  /* not NULL: drop n-grams with a word that is not here */
    uint64_t vocab_pad;               /* the uniform distribution below order 1 has at least this
                                         many words                                            */
    bool no_unigram_interpolation;    /* <unk> gets the whole back-off mass of order 1 (SRILM)  */
    bool exact_last;                  /* count the last n-gram's suffixes as all others are: a
                                         correction of lmplz that can change last digits      */
    struct wn_lm_room room;
};

/* What an estimate came to. */
struct wn_lm_made {
    uint64_t n[WN_LM_MAX_ORDER + 1];         /* [k]: n-grams kept                               */
    uint64_t n_all[WN_LM_MAX_ORDER + 1];     /* [k]: before pruning                             */
    float discount[WN_LM_MAX_ORDER + 1][4];  /* [k][j], j = 1, 2, 3                             */
    unsigned fell_back;                      /* bit k-1: order k used the fall-back discounts   */
    uint64_t train_tokens;
};

/* Estimates from C (WN_BADDATA when nothing was counted); OPTS may be NULL.  WN_SMOOTH_ML
 * is relative frequency in the longest context that was seen, a log10 of -99 standing for
 * probability 0; with prune or limit_vocab it is WN_BADCONF (wn_lm_prune is for that).  *FELL_BACK (may be NULL): bit k-1 set when order k used the
 * fall-back discounts.  The model has words and index. */
enum wn_status wn_lm_estimate(struct wn_lm **out, const struct wn_counts *c, const struct wn_lm_opts *opts,
                              unsigned *fell_back, struct wn_err *err);

/* ---- outputs ----------------------------------------------------------------------- */

/* Files to write a model to, in one pass.  Each is complete or not there. */
struct wn_lm_output {
    const char *arpa;          /* NULL: none; "-": standard output; plain text                */
    /* Not NULL: the ARPA text goes here instead (compression, pipes); ARPA_ARG is its first
     * argument. */
    enum wn_status (*arpa_write)(void *arg, struct wn_str bytes, struct wn_err *err);
    void *arpa_arg;
    const char *model;         /* NULL: none                                                  */
    unsigned parts;            /* of the model file: WN_LM_WORDS | TABLES | INDEX; 0: all.
                                  INDEX takes memory for the whole model                      */
    bool compact;              /* quantised tables                                            */
    struct wn_lm_file **held;  /* not NULL: gets the model file, for the caller to publish    */
};

/* Estimates straight into files, within opts->room.  C's text is used up: C can then only
 * be freed (WN_BADCONF from all else).  MADE may be NULL. */
enum wn_status wn_lm_build(struct wn_counts *c, const struct wn_lm_opts *opts, const struct wn_lm_output *to,
                           struct wn_lm_made *made, struct wn_err *err);
/* Writes LM (which has an index) to files. */
enum wn_status wn_lm_write(const struct wn_lm *lm, const struct wn_lm_output *to, const struct wn_lm_room *room,
                           struct wn_err *err);
/* Two models in one set of tables, for scoring only (WN_LM_TABLES).  The models need words,
 * an index and the same tokenizer. */
enum wn_status wn_lm_write_joint(const struct wn_lm *first, const struct wn_lm *second, const char *path,
                                 const struct wn_lm_room *room, struct wn_err *err);
/* The same as an image in memory. */
enum wn_status wn_lm_join(struct wn_lm **out, const struct wn_lm *first, const struct wn_lm *second,
                          const struct wn_lm_room *room, struct wn_err *err);
/* Writes the model (which has an index) as an ARPA file, in KenLM's order and number
 * format. */
enum wn_status wn_lm_arpa(const struct wn_lm *lm,
                          enum wn_status (*write)(void *arg, struct wn_str bytes, struct wn_err *err), void *arg,
                          struct wn_err *err);

/* ---- ARPA in -------------------------------------------------------------------------- */

struct wn_arpa_opts {
    enum wn_tokenizer tokenizer;    /* of the text the model will score                       */
    bool allow_missing_markers;     /* no <s> or </s>: add them with log10 p -99               */
    bool positive_to_zero;          /* log10 p above 0 becomes 0, instead of an error          */
    struct wn_lm_room room;
};
/* What had to be mended. */
struct wn_arpa_notes {
    bool unk_missing;          /* <unk> came in with log10 p -100                              */
    uint64_t n_holes;          /* n-grams that others needed came in with their back-off value */
    uint64_t n_duplicates;     /* the first line of equal ones was taken, as in KenLM          */
    uint64_t n_positive;
};
/* Reads an ARPA file ("-": standard input) of any tool (docs/format/arpa.md); errors name the
 * line.  It must not be compressed.  The model has words and index.  OPTS (zeros) and NOTES may
 * be NULL. */
enum wn_status wn_lm_import(struct wn_lm **out, const char *path, const struct wn_arpa_opts *opts,
                            struct wn_arpa_notes *notes, struct wn_err *err);
/* The same from READ, which puts up to ROOM bytes at TO; *GOT is 0 at the end.  NAME is for
 * messages. */
enum wn_status wn_lm_import_from(struct wn_lm **out,
                                 enum wn_status (*read)(void *arg, char *to, size_t room, size_t *got,
                                                        struct wn_err *err),
                                 void *arg, const char *name, const struct wn_arpa_opts *opts,
                                 struct wn_arpa_notes *notes, struct wn_err *err);

/* ---- models from models ------------------------------------------------------------------ */

/* p(w|h) = sum of weight[i] * p_i(w|h) over N >= 1 models with an index and the same
 * tokenizer; WEIGHT >= 0 and sums to 1 within 1e-6 (it is normalised).  The mixture is a
 * back-off model over the union of the n-grams: exact for every n-gram it holds, and for
 * others the back-off weights make it sum to one (static interpolation, as in SRILM
 * -mix-lm; Stolcke 2002).  A word that model i does not know has p_i(<unk>|h) / (U + 1), where
 * U is how many words of the union it lacks; <unk> itself keeps the same share. */
enum wn_status wn_lm_mix(struct wn_lm **out, const struct wn_lm *const *lm, const double *weight, size_t n,
                         const struct wn_lm_room *room, struct wn_err *err);
/* Adds the per-token log10 p of a text under each of N models, for tuning.  EM on all
 * added tokens, from equal weights, until no weight moves by TOLERANCE (0: 1e-6) or
 * MAX_STEPS (0: 1,000).  Unknown words count as in wn_lm_mix. */
struct wn_lm_tuner;
enum wn_status wn_lm_tuner_new(struct wn_lm_tuner **out, const struct wn_lm *const *lm, size_t n, struct wn_err *err);
enum wn_status wn_lm_tuner_add(struct wn_lm_tuner *t, const struct wn_tokens *sentence, struct wn_err *err);
struct wn_lm_tuned {
    uint64_t n_tokens;
    unsigned n_steps;
    double log10_p;            /* of the mixture on the tuning text                            */
};
enum wn_status wn_lm_tuner_run(struct wn_lm_tuner *t, double tolerance, unsigned max_steps, double *weight,
                               struct wn_lm_tuned *out, struct wn_err *err);
void wn_lm_tuner_free(struct wn_lm_tuner *t);

/* Entropy pruning (Stolcke 1998, "Entropy-based pruning of backoff language models"): drops
 * n-grams of order 2 and more whose removal raises the model's perplexity by less than the
 * share THRESHOLD, from the highest order down, contexts and suffixes of kept n-grams
 * excepted; then recomputes the back-off weights.  p(h) is the model's own, with the
 * unigram p(</s>) for <s>; the lower orders of a Kneser-Ney model make it a poor one, and such
 * models lose more by pruning than others (Chelba et al. 2010).  N_DROPPED[k] (may be NULL): how many of order k. */
enum wn_status wn_lm_prune(struct wn_lm **out, const struct wn_lm *lm, double threshold, uint64_t *n_dropped,
                           const struct wn_lm_room *room, struct wn_err *err);

#endif
