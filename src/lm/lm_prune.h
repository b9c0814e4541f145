/*
 * lm_prune.h - what removing an n-gram costs (Stolcke 1998, "Entropy-based pruning of
 * backoff language models").
 *
 * Without the n-gram h w, p(w | h) comes by back-off and alpha(h) changes to alpha'(h).
 * The relative entropy of the model with it to the one without:
 *
 *   D = -p(h) { p(w|h) [log p(w|h') + log alpha'(h) - log p(w|h)]
 *               + [log alpha'(h) - log alpha(h)] (sum of p(v|h) over v that back off) }
 *
 * and the perplexity grows by the factor exp(D).  p(h) is the model's own, by the chain
 * rule; p(<s>) is taken to be the unigram p(</s>), because each sentence has one of both and
 * models give <s> anything from 0 to 1.  Kneser-Ney's lower orders are made for backing
 * off and not for the marginals that this p(h) is read from, so pruning such models
 * hard costs more than the same threshold does with Good-Turing or Witten-Bell models
 * (Chelba, Brants, Neveitt and Xu 2010, "Study on interaction between entropy pruning and
 * Kneser-Ney smoothing"; Siivola, Hirsimaki and Virpioja 2007).
 */
#ifndef LM_PRUNE_H
#define LM_PRUNE_H

#include "lm/lm_layout.h"

/* COST[i] = exp(D) - 1 of n-gram I of order K, 2 <= K <= order, each removed alone. */
enum wn_status lm_prune_costs(const struct wn_lm *lm, unsigned k, double *cost, struct wn_err *err);

#endif
