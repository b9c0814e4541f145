/*
 * explain.h - what the tagger tells people, in one line each.
 *
 * Strings live in the arena, or are static; NULL when memory is short.
 */
#ifndef DETECT_EXPLAIN_H
#define DETECT_EXPLAIN_H

#include <winnow/arena.h>

#include "detect/classifier.h"
#include "detect/fuse.h"

/* Why the classifier could not judge, or that it did. */
enum scored { SCORED_NO_MODEL, SCORED_SHORT, SCORED_FOREIGN, SCORED_YES };

struct explain_in {
    enum scored scored;
    double score;              /* of the classifier, in nats; when scored */
    const struct classifier *classifier;   /* NULL without a model       */
    struct features features;              /* set when there was a model */
    uint64_t n_tokens;
    double p_human, p_synthetic;           /* conformal                  */
    const struct wn_evidence *rules;       /* NULL: none fired           */
    const struct wn_evidence *watermark;   /* NULL: no key               */
    bool rules_off, rules_none, marks_off;
    size_t n_keys;
};

/* The deciding reason: wn_tag.why. */
const char *explain_why(const struct explain_in *in, enum fuse_reason decided, enum wn_verdict v, struct wn_arena *a);
/* wn_tag.untested. */
const char *explain_untested(const struct explain_in *in, struct wn_arena *a);
/* The classifier's own line of evidence. */
const char *explain_ngram(const struct explain_in *in, struct wn_arena *a);

#endif
