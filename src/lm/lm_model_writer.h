/*
 * lm_model_writer.h - from a stream of n-grams to a model file (docs/format/lm.md).
 *
 * Each order is put aside by range of its keys as it comes and its table made when it is
 * complete (without left masks from the producer: when the order above is).  The file is
 * complete or not there.  The same bytes for any threads and memory.
 */
#ifndef LM_MODEL_WRITER_H
#define LM_MODEL_WRITER_H

#include "lm/lm_stream.h"

struct lm_model_writer;
/* PARTS: WN_LM_WORDS | WN_LM_TABLES | WN_LM_INDEX, 0: all; WN_BADCONF for an index without
 * words, or nothing but words.  Items that do not fit into a quarter of the room's memory
 * are put aside on disk; an index is made in memory. */
enum wn_status lm_model_writer_new(struct lm_model_writer **out, const char *path, unsigned parts, bool compact,
                                   struct wn_err *err);
/* At the end of the stream the file goes to *HELD, for the caller to publish.  Before the
 * stream. */
void lm_model_writer_hold(struct lm_model_writer *w, struct wn_lm_file **held);
/* Takes one stream. */
const struct lm_consumer *lm_model_writer_consumer(struct lm_model_writer *w);
void lm_model_writer_free(struct lm_model_writer *w);

#endif
