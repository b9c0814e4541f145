/*
 * tagger.h - from a document to its tag: evidence of every detector, fused.
 *
 * One model file holds a human LM and a synthetic LM in joint tables, the classifier over
 * both, its calibration, and the rules.  It is mapped, const, and shared by all threads.
 */
#ifndef WINNOW_TAGGER_H
#define WINNOW_TAGGER_H

#include <winnow/doc.h>
#include <winnow/json.h>
#include <winnow/lm.h>
#include <winnow/rules.h>
#include <winnow/watermark.h>

/* ---- training ------------------------------------------------------------------- */

struct wn_train_opts {
    unsigned order;            /* of both LMs; 0: 3                                          */
    uint64_t seed;             /* of the split                                               */
    double fpr;                /* promised false-positive rate on human text; 0: 0.01         */
    double fnr;                /* the same for the verdict human; 0: 0.05                     */
    double prior;              /* prior P(synthetic) of the tags' probability; 0: 0.5        */
    uint64_t min_tokens;       /* shorter texts are unknown; 0: 40                           */
    double ridge;              /* L2 penalty of the logistic model; 0: 1.0                   */
    unsigned jobs;             /* 0: 1                                                       */
};

/* Collects labelled documents.  Each goes, by a keyed hash of its group (or id), to
 * one of four parts: LMs 50 %, classifier 20 %, calibration 15 %, held out 15 %; so a
 * document is never scored by a model that has seen it.  Memory grows with the text. */
struct wn_trainer;
enum wn_status wn_trainer_new(struct wn_trainer **out, const struct wn_train_opts *opts, const struct wn_rules *rules,
                              struct wn_err *err);
/* IS_SYNTHETIC is DOC's label. */
enum wn_status wn_trainer_add(struct wn_trainer *t, const struct wn_doc *doc, bool is_synthetic, struct wn_err *err);

/* Quality on the held-out part. */
struct wn_rate {
    uint64_t hits, n;
};
struct wn_quality {
    uint64_t n_human, n_synthetic;
    double auroc;
    struct wn_rate tpr, fpr;                /* verdict synthetic, of synthetic / of human       */
    struct wn_rate unknown_h, unknown_s;    /* verdict unknown                                  */
    double tpr_at_fpr01;                    /* TPR at 1 % FPR of the ranking                    */
    double brier, ece;                      /* of p_synthetic; ece with 10 equal-width bins     */
    /* filled by training only: calibration documents, and the fewest that the promised
     * rates need; with fewer the classifier never gives that verdict */
    uint64_t n_human_calibration, n_needed_for_fpr;
    uint64_t n_synthetic_calibration, n_needed_for_fnr;
    /* training only: texts left out because they came before under the same label, and
     * because they were given under both (all of these) */
    uint64_t n_duplicates, n_both_labels;
};
/* Trains; WN_BADCONF when a part lacks a class (says how many documents it needs).  A
 * text that came before, or under both labels, is in no part, whatever its id.  Same documents in the same
 * order give the same bytes for any number of jobs. */
enum wn_status wn_trainer_finish(struct wn_trainer *t, struct wn_buf *model_image, struct wn_quality *held_out, struct wn_err *err);
void wn_trainer_free(struct wn_trainer *t);

/* ---- the model -------------------------------------------------------------------- */

struct wn_model;
enum wn_status wn_model_open(struct wn_model **out, const char *path, struct wn_err *err);
/* Over an image that must outlive it and be 8-byte aligned (64-byte alignment is faster). */
enum wn_status wn_model_view(struct wn_model **out, struct wn_str image, const char *name, struct wn_err *err);
void wn_model_free(struct wn_model *m);
/* Its language models in joint tables: first the human one, then the synthetic one.  They
 * have neither words nor index. */
const struct wn_lm *wn_model_lm(const struct wn_model *m);
/* What it is made of, for people and manifests (docs/format/model.md, "description");
 * "notes" under "made_of" says which verdicts its calibration set is too small for. */
void wn_model_json(struct wn_json *j, const char *key, const struct wn_model *m);
/* The prior P(synthetic) that its tags' probabilities are made for. */
double wn_model_prior(const struct wn_model *m);
/* 32 hex digits of its content. */
const char *wn_model_digest(const struct wn_model *m);

/* ---- tagging ------------------------------------------------------------------------- */

enum { WN_MAX_KEYS = 16 };

struct wn_tagger_opts {
    const struct wn_model *model;        /* NULL: no perplexity classifier               */
    const struct wn_rules *rules;        /* NULL: the model's own; see no_rules          */
    bool no_rules, no_marks;
    /* watermark tests: each key over the vocabulary of its LM */
    struct {
        struct wn_kgw *kgw;
        const struct wn_lm *lm;          /* whose tokenizer and ids the key was used with */
        const char *name;                /* for reasons: "key 15485863"                   */
    } keys[WN_MAX_KEYS];
    size_t n_keys;
    double fpr;                          /* > 0: instead of the model's                   */
    double watermark_p;                  /* corrected p below which a mark decides; 0: 1e-6 */
};

struct wn_tagger;           /* const after new; shared by threads */
struct wn_tagger_scratch;   /* one a thread */
enum wn_status wn_tagger_new(struct wn_tagger **out, const struct wn_tagger_opts *opts, struct wn_err *err);
void wn_tagger_free(struct wn_tagger *t);
struct wn_tagger_scratch *wn_tagger_scratch_new(const struct wn_tagger *t);   /* NULL: no memory */
void wn_tagger_scratch_free(struct wn_tagger_scratch *w);

/* Tags TEXT (valid UTF-8); everything the tag points to lives in A. */
enum wn_status wn_tagger_tag(const struct wn_tagger *t, struct wn_tagger_scratch *w, struct wn_str text,
                             struct wn_arena *a, struct wn_tag *tag, struct wn_err *err);

/* ---- counting tags -------------------------------------------------------------------------- */

/* What a run of tags looked like: verdicts, tiers, detectors, a histogram of
 * p_synthetic in 20 bins, all of it again by slice (source).  Add in input order from
 * one thread. */
struct wn_tagstats;
struct wn_tagstats *wn_tagstats_new(void);   /* NULL: no memory */
void wn_tagstats_free(struct wn_tagstats *s);
/* Forgets what was added; keeps the memory. */
void wn_tagstats_reset(struct wn_tagstats *s);
/* Adds FROM to INTO. */
enum wn_status wn_tagstats_merge(struct wn_tagstats *into, const struct wn_tagstats *from, struct wn_err *err);
enum wn_status wn_tagstats_add(struct wn_tagstats *s, const struct wn_tag *tag, struct wn_str slice, struct wn_err *err);
void wn_tagstats_json(const struct wn_tagstats *s, struct wn_json *j, const char *key);

/* ---- measuring ------------------------------------------------------------------------- */

/* Scores and verdicts against labels. */
struct wn_eval;
struct wn_eval *wn_eval_new(void);   /* NULL: no memory */
void wn_eval_free(struct wn_eval *e);
/* Brier score and calibration bins weigh the classes as if a share PRIOR of the
 * documents were synthetic (at first 0.5; 0: as they came).  Give the prior that the
 * tags' probabilities were made for, or a labelled set with another mix looks
 * miscalibrated. */
void wn_eval_set_prior(struct wn_eval *e, double prior);
/* SLICE (source, language; may be NULL) groups the figures as well. */
enum wn_status wn_eval_add(struct wn_eval *e, const struct wn_tag *tag, bool is_synthetic, const char *slice, struct wn_err *err);
void wn_eval_quality(const struct wn_eval *e, struct wn_quality *out);
/* The whole report: rates with Clopper-Pearson intervals and n, ROC points, TPR at
 * fixed FPR, calibration bins, slices; and "operating_point" {tpr, fpr, with intervals},
 * which a policy can name. */
void wn_eval_json(const struct wn_eval *e, struct wn_json *j, const char *key);
/* The same members into the object that is open in J. */
void wn_eval_members(const struct wn_eval *e, struct wn_json *j);

#endif
