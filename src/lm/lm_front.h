/*
 * lm_front.h - the parts of an image that are known only when all is written: where the
 * sections lie, their checksums, the front.  For writers of tables.
 */
#ifndef LM_FRONT_H
#define LM_FRONT_H

#include "lm/lm_layout.h"
#include "lm/lm_sink.h"

struct lm_draft {
    struct lm_header head;
    struct lm_sink sink;
    struct wn_lm_file **held;                          /* not NULL: gets the file, unpublished */
    uint64_t n_lines[WN_LM_MAX_ORDER + 1];             /* of tables that are done          */
    struct lm_section table[WN_LM_MAX_ORDER + 1];      /* their buckets, lines, values, hash */
    uint64_t words_hash[3];                            /* of kinds 1, 2, 3                 */
};

/* HEAD's numbers are set but for sizes; fills in the rest of HEAD.  WN_LIMIT when an index
 * cannot hold them. */
enum wn_status lm_draft_begin(struct lm_draft *d, struct wn_err *err);
/* Where the section of KIND and ORDER lies; right once all tables below ORDER are done. */
uint64_t lm_draft_offset(const struct lm_draft *d, enum lm_section_kind kind, unsigned order);
enum wn_status lm_draft_words(struct lm_draft *d, const struct vocab *v, struct wn_err *err);
/* Copies the index of INDEX, which is sealed, and has the same numbers; NULL: none.  Then
 * writes the front. */
enum wn_status lm_draft_end(struct lm_draft *d, const struct wn_lm *index, struct wn_err *err);
/* What was written to memory, as a model. */
enum wn_status lm_draft_take(struct lm_draft *d, struct wn_lm **out, struct wn_err *err);

#endif
