/*
 * model.h - the parts of an opened model; const once built, shared by all threads.
 *
 * The trainer builds one over its own parts (nothing owned); wn_model_open and
 * wn_model_view build one over an image.
 */
#ifndef DETECT_MODEL_H
#define DETECT_MODEL_H

#include <winnow/tagger.h>

#include "detect/classifier.h"

struct wn_model {
    const struct wn_lm *joint;                /* human and synthetic, in one set of tables */
    const struct wn_rules *rules;             /* NULL: none */
    struct classifier classifier;
    const double *human_scores, *synthetic_scores;   /* calibration, ascending */
    size_t n_human_scores, n_synthetic_scores;
    struct wn_str description;                /* one JSON object */
    char digest[33];
    /* what this object must give back; all NULL in the trainer's */
    char *name;
    struct wn_lm *own_joint;
    struct wn_rules *own_rules;
    void *map;
    size_t map_bytes;
};

/* Appends the image of M (docs/format/model.md); the digest and the owned parts play
 * no role. */
enum wn_status model_write(const struct wn_model *m, struct wn_buf *out, struct wn_err *err);

#endif
