/*
 * lm_line.h - one line of a table as numbers (lm_tables.h), for whoever is in no hurry:
 * checks and tests.
 */
#ifndef LM_LINE_H
#define LM_LINE_H

#include "lm/lm_tables.h"

enum { LM_MAX_SLOTS = 16 };

struct lm_slot {
    uint64_t tag;          /* fingerprint, or the key of a unigram                        */
    unsigned left;         /* mask of the classes of words to the left                   */
    unsigned n_models;
    bool absent[2];        /* a joint model's half that does not have the n-gram; its
                              values are 0                                              */
    float prob[2], backoff[2];   /* without a back-off: 0                                */
};

/* Whether an n-gram that is not in this line may be in the next. */
bool lm_line_goes_on(enum lm_table_kind kind, const unsigned char *line);
/* The slots in use, which come first; more than there are when the line is malformed: a used
 * slot behind an empty one, a code without meaning, or bytes that should be 0. */
unsigned lm_line_read(const struct lm_hash *h, const unsigned char *line, struct lm_slot *out);

#endif
