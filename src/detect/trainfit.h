/*
 * trainfit.h - from documents with parts and labels to a model's parts.
 */
#ifndef DETECT_TRAINFIT_H
#define DETECT_TRAINFIT_H

#include <winnow/hash.h>
#include <winnow/lmbuild.h>

#include "detect/model.h"
#include "detect/trainer.h"

struct train_doc {
    struct wn_str text, source;
    struct wn_hash128 hash;    /* of the text                                            */
    enum train_part part;
    bool is_synthetic;
    bool is_duplicate;         /* the text came before, or under both labels: in no part */
    bool is_short;             /* below min_tokens: not in classifier and calibration    */
};

/* What training counted, for the description. */
struct train_counts {
    uint64_t docs[N_PARTS][2];         /* without duplicates and, where scored, short ones */
    uint64_t n_duplicates, n_both_labels, n_short;
    uint64_t lm_tokens[2], lm_types[2];
    uint64_t lm_ngrams[2][WN_LM_MAX_ORDER + 1];   /* [k]: of order k                       */
};

/* One training.  OPTS holds no zeros; M is filled over the parts below, which
 * fit_release frees. */
struct fit {
    const struct wn_train_opts *opts;
    struct train_doc *docs;
    size_t n_docs;
    struct train_counts counts;
    struct features *features;         /* one a document; only of the parts that need them */
    struct wn_counts *ngrams[2];
    struct wn_lm *lm[2];               /* until they are joined                            */
    struct wn_lm *joint;
    double *scores[2];
    size_t n_scores[2];
    struct wn_buf description;
    struct wn_model m;
};

/* Marks duplicates, builds both language models and joins them, fits and calibrates the
 * classifier. */
enum wn_status fit_run(struct fit *f, struct wn_err *err);
/* Tags the held-out part with the fitted model. */
enum wn_status fit_measure(struct fit *f, struct wn_eval *e, struct wn_err *err);
void fit_release(struct fit *f);

#endif
