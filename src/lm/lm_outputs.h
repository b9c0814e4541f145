/*
 * lm_outputs.h - the consumers that a caller's wish for files comes to.
 */
#ifndef LM_OUTPUTS_H
#define LM_OUTPUTS_H

#include "lm/lm_arpa.h"
#include "lm/lm_model_writer.h"

/* Starts as zeros; safe to release at any time. */
struct lm_outputs {
    struct lm_arpa_writer *arpa;
    struct lm_model_writer *model;
    struct lm_consumer arpa_consumer;
    const struct lm_consumer *list[2];    /* what to give to a producer */
    size_t n;
};
/* WN_BADCONF when TO names no file. */
enum wn_status lm_outputs_open(struct lm_outputs *o, const struct wn_lm_output *to, struct wn_err *err);
/* After a stream that ended, or at any time to give it up. */
void lm_outputs_release(struct lm_outputs *o);

#endif
