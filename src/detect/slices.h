/*
 * slices.h - names of slices (sources, languages) to small numbers.
 *
 * Holds at most SLICES_MAX names, so that a corpus with a source a document does not
 * fill the memory; later ones share the slice "(other)".
 */
#ifndef DETECT_SLICES_H
#define DETECT_SLICES_H

#include <winnow/arena.h>

enum { SLICES_MAX = 1000, SLICES_BUCKETS = 4096 };

struct slices {
    struct wn_arena names;
    struct wn_str name[SLICES_MAX + 1];
    uint16_t bucket[SLICES_BUCKETS];    /* 1 + index; 0: empty */
    size_t n;
};

/* The number of NAME, made when it is new.  WN_NOMEM. */
enum wn_status slices_index(struct slices *s, struct wn_str name, size_t *out, struct wn_err *err);
/* All numbers in the order of their names' bytes; ORDER has room for SLICES_MAX + 1. */
void slices_sorted(const struct slices *s, size_t *order);
/* Forgets all names; keeps the memory. */
void slices_reset(struct slices *s);
void slices_release(struct slices *s);

#endif
