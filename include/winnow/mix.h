/*
 * mix.h - which documents a policy keeps.
 *
 * A pure function of the items and the policy: no input order, thread, shard or
 * process plays a part.  Every choice is keyed by (seed, source, id).
 */
#ifndef WINNOW_MIX_H
#define WINNOW_MIX_H

#include <winnow/hash.h>
#include <winnow/policy.h>

enum wn_origin { WN_ORIGIN_REAL = 0, WN_ORIGIN_SYNTHETIC = 1, WN_ORIGIN_SCRAPED = 2 };

/* What the plan must know of one document (or data point). */
struct wn_mix_item {
    struct wn_hash128 key;     /* wn_mix_key(source, id)                             */
    uint64_t n_tokens;
    uint32_t generation;       /* 0: the first real data                             */
    uint8_t origin;            /* enum wn_origin, as declared                        */
    uint8_t verdict;           /* enum wn_verdict                                    */
    uint8_t fate;              /* filled by wn_mix_plan: enum wn_fate                */
};
struct wn_hash128 wn_mix_key(struct wn_str source, struct wn_str id);

/* What became of it.  All but KEPT are "excluded by policy", for this reason. */
enum wn_fate {
    WN_FATE_KEPT = 0,
    WN_FATE_REGIME,      /* its generation is not part of the regime                  */
    WN_FATE_FILTER,      /* its verdict has weight 0                                  */
    WN_FATE_WEIGHT,      /* lost the keyed draw against its verdict's weight          */
    WN_FATE_QUOTA,       /* above max_synthetic or the share of fresh real data       */
    WN_FATE_BUDGET,      /* behind the budget                                         */
    WN_FATE_COUNT
};
const char *wn_fate_name(enum wn_fate f);

struct wn_mix_summary {
    uint64_t n[WN_FATE_COUNT];
    uint64_t tokens[WN_FATE_COUNT];
    uint64_t by_origin[3][WN_FATE_COUNT];
    uint64_t by_verdict[3][WN_FATE_COUNT];
    uint64_t want_documents, want_tokens;   /* the budget as resolved; 0: none             */
    uint64_t short_documents, short_tokens; /* how far the supply stayed below it          */
    uint64_t n_duplicate_keys;              /* items whose key occurred before: same choice */
};

/* Fills every item's fate.  NEWEST is the newest generation; FIRST_DOCUMENTS the size of
 * generation 0 (0: counted from the items).  A token budget is met within one document:
 * documents are taken in key order until the next would exceed it.  The result does not
 * depend on the order of ITEMS.  WN_LIMIT when the supply is short and the policy does
 * not accept that (fates are filled all the same). */
enum wn_status wn_mix_plan(const struct wn_policy *p, struct wn_mix_item *items, size_t n, uint32_t newest,
                           uint64_t first_documents, struct wn_mix_summary *sum, struct wn_err *err);

void wn_mix_summary_json(struct wn_json *j, const char *key, const struct wn_mix_summary *s);

#endif
