/*
 * ref_measure.h - what the measures give for the small inputs of metrics.json.
 */
#ifndef WINNOW_REF_MEASURE_H
#define WINNOW_REF_MEASURE_H

#include <winnow/arena.h>

#include "collapse/ref_case.h"

struct ref_measure {
    const struct ref_file *file;    /* a case may name the documents of another */
    struct ref_case c;
    struct wn_arena *arena;
};

/* *OUT becomes the value of the case that KEY names.  WN_END: the case or the key is not known. */
typedef enum wn_status ref_measure_fn(const struct ref_measure *m, const char *key, double *out, struct wn_err *err);
ref_measure_fn ref_measure_line, ref_measure_nd, ref_measure_law, ref_measure_sample, ref_measure_cloud,
    ref_measure_mixture, ref_measure_perplexity, ref_measure_frontier, ref_measure_text, ref_measure_ngrams,
    ref_measure_compression;

/* KEY in lower-case letters and digits only: "Rep-2" is "rep2". */
void ref_plain_key(const char *key, char out[64]);

#endif
