/*
 * lm_mix.h - several models over one vocabulary.
 *
 * A word that a model does not know is one of those that its <unk> stands for.  With U
 * words of the union unknown to model i, each of them, and <unk> itself (what no model
 * knows), has p_i(<unk> | h) / (U + 1); as part of h such a word is <unk>.  So the p_i of
 * all words of the union still sum to one, and so does any mixture of them.  (To give each
 * unknown word all of p_i(<unk> | h) would favour the model with the smallest vocabulary.)
 */
#ifndef LM_MIX_H
#define LM_MIX_H

#include "lm/lm_stream.h"

/* Ids of the union: those of model 0, then the new words of model 1, and so on. */
struct lm_mix_words {
    size_t n;                  /* models                                            */
    struct vocab vocab;
    uint32_t **to;             /* [i]: id in model i to id in the union              */
    uint32_t **from;           /* [i]: the way back; WN_LM_UNK for unknown words     */
    uint32_t *n_unknown;       /* [i]: words of the union that model i does not know */
};
/* Starts as zeros; safe to release at any time. */
enum wn_status lm_mix_words_init(struct lm_mix_words *w, const struct wn_lm *const *lm, size_t n, struct wn_err *err);
void lm_mix_words_release(struct lm_mix_words *w);

/* Whether word ID of the union stands for something that model I calls <unk>. */
static inline bool lm_mix_shares(const struct lm_mix_words *w, size_t i, uint32_t id)
{
    return w->from[i][id] == WN_LM_UNK;
}

#endif
