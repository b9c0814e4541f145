/*
 * mix_summary.h - the counts of a plan as JSON.
 */
#ifndef MIX_SUMMARY_H
#define MIX_SUMMARY_H

#include <winnow/mix.h>

/* WITH_COPIES writes the fate "duplicate" too, which only a policy with 'dedup' has. */
void mix_summary_json(struct wn_json *j, const char *key, const struct wn_mix_summary *s, bool with_copies);

#endif
