/*
 * mix_admit.h - what regime and filter say of one item, whatever the others are.
 */
#ifndef MIX_ADMIT_H
#define MIX_ADMIT_H

#include "mix/mix_order.h"

/* IT's generation is part of the regime. */
bool mix_in_regime(const struct wn_policy *p, const struct wn_mix_item *it, uint32_t newest);
/* KEPT, or why not: what barred it, the regime, the filter. */
enum wn_fate mix_admit(const struct wn_policy *p, const struct wn_mix_item *it, uint32_t newest);
/* Some of what is kept has to be real, to the nearest document: P->real_share of it. */
bool mix_has_share(const struct wn_policy *p);
/* The class of an item whose fate mix_admit has filled. */
enum mix_class mix_class_of(const struct wn_policy *p, const struct wn_mix_item *it);

#endif
