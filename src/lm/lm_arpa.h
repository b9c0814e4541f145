/*
 * lm_arpa.h - n-grams on their way into an ARPA file: lmplz's order, lmplz's numbers.
 *
 * A consumer (lm_stream.h).  Blocks become text on any thread; take adds the section
 * headings and hands the text on in order.  Keeps 16 bytes a word of the vocabulary.
 */
#ifndef LM_ARPA_H
#define LM_ARPA_H

#include "lm/lm_stream.h"

struct lm_arpa_writer;

/* Text goes to WRITE, some hundred kilobytes a call; its failure ends the stream. */
enum wn_status lm_arpa_writer_new(struct lm_arpa_writer **out,
                                  enum wn_status (*write)(void *arg, struct wn_str bytes, struct wn_err *err),
                                  void *arg, struct wn_err *err);
/* The same into the plain file at PATH ("-": standard output), which is there when end has
 * returned WN_OK, complete, and else not at all. */
enum wn_status lm_arpa_writer_to_path(struct lm_arpa_writer **out, const char *path, struct wn_err *err);
/* What to give to a producer.  W must outlive the stream, and takes one only. */
struct lm_consumer lm_arpa_writer_consumer(struct lm_arpa_writer *w);
void lm_arpa_writer_free(struct lm_arpa_writer *w);

#endif
