/*
 * suggest.h - "did you mean": the known word that is nearest to a misspelt one.
 */
#ifndef MIX_SUGGEST_H
#define MIX_SUGGEST_H

#include <winnow/str.h>

/* Keeps the best of the words offered so far. */
struct suggest {
    struct wn_str given;
    const char *best;      /* NULL: nothing near enough */
    size_t distance;
};
struct suggest suggest_for(struct wn_str given);
void suggest_offer(struct suggest *s, const char *word);

#endif
