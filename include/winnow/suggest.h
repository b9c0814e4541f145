/*
 * suggest.h - "did you mean": the known word that is nearest to a misspelt one.
 */
#ifndef WINNOW_SUGGEST_H
#define WINNOW_SUGGEST_H

#include <winnow/str.h>

/* Keeps the best of the words offered so far. */
struct wn_suggest {
    struct wn_str given;
    const char *best;      /* NULL: nothing near enough */
    size_t distance;
};
/* Starts with no offer; GIVEN is what the user wrote. */
struct wn_suggest wn_suggest_for(struct wn_str given);
/* WORD (which must outlive S) becomes the best when it is nearer than the one before, at a
 * few edits at most; equally near, the first one stays. */
void wn_suggest_offer(struct wn_suggest *s, const char *word);

#endif
