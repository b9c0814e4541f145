/*
 * mix.h - which documents a policy keeps.
 *
 * A pure function of the items and the policy: no input order, thread, shard or
 * process plays a part.  Every choice is keyed by (seed, source, id).
 */
#ifndef WINNOW_MIX_H
#define WINNOW_MIX_H

#include <winnow/account.h>
#include <winnow/hash.h>
#include <winnow/policy.h>

enum wn_origin { WN_ORIGIN_REAL = 0, WN_ORIGIN_SYNTHETIC = 1, WN_ORIGIN_SCRAPED = 2 };
/* "real", "synthetic", "scraped". */
const char *wn_origin_name(enum wn_origin o);

/* What the plan must know of one document (or data point). */
struct wn_mix_item {
    struct wn_hash128 key;     /* wn_mix_key(source, id)                             */
    uint64_t n_tokens;
    uint32_t generation;       /* 0: the first real data                             */
    uint8_t origin;            /* enum wn_origin, as declared                        */
    uint8_t verdict;           /* enum wn_verdict                                    */
    uint8_t fate;              /* filled by wn_mix_plan: enum wn_fate                */
    uint8_t barred;            /* enum wn_fate settled before the plan, by what the
                                  plan does not see (values, copies); it comes before
                                  the regime; 0: none                                */
    float p_synthetic;         /* the detector's confidence 0..1, for IMPORTANCE; NAN:
                                  none, which keeps the item (callers that have such
                                  items count them)                                  */
};
struct wn_hash128 wn_mix_key(struct wn_str source, struct wn_str id);

/* What became of it.  All but KEPT are "excluded by policy", for this reason. */
enum wn_fate {
    WN_FATE_KEPT = 0,
    WN_FATE_REGIME,      /* its generation is not part of the regime                  */
    WN_FATE_FILTER,      /* its verdict has weight 0                                  */
    WN_FATE_WEIGHT,      /* lost the keyed draw against the weight of its verdict or
                            of its confidence                                         */
    WN_FATE_QUOTA,       /* above max_synthetic or the share of real data             */
    WN_FATE_BUDGET,      /* behind the budget                                         */
    WN_FATE_DUPLICATE,   /* a copy of an item that stays                              */
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

/* Bars copies (WN_FATE_DUPLICATE) among the items that are not barred and whose generation
 * is part of P's regime: of those whose CONTENT is equal one stays, a declared real one if
 * there is one, the first in key order else.  CONTENT[i] is a hash of item i's text.
 * Whether P asks for it is the caller's to look at.  WN_NOMEM: 32 bytes an item. */
enum wn_status wn_mix_bar_copies(const struct wn_policy *p, struct wn_mix_item *items, const struct wn_hash128 *content,
                                 size_t n, uint32_t newest, struct wn_err *err);

/* Fills every item's fate.  NEWEST is the newest generation; FIRST_DOCUMENTS the size of
 * generation 0 (0: counted from the items).  A token budget is met within one document:
 * documents are taken in key order until the next would exceed it.  REPLACE_GROWN and
 * SCHEDULE have a budget of their own, round(FIRST_DOCUMENTS (NEWEST + 1)^power) documents.
 * VERIFY, VALUE, TOP_FRACTION and SURPRISE act through `barred` alone, and what GENERAL,
 * EDIT and the mixing IID want was settled when the items were drawn: the plan keeps them.
 * The result does not depend on the order of ITEMS (of items equal in every field, the
 * first stay).  A larger budget keeps a superset, unless a share of real data and a
 * max_synthetic that binds meet.
 * WN_LIMIT when the supply is short and the policy does not accept that (fates are filled
 * all the same); WN_BADCONF for an item out of range, or a budget relative to a generation
 * 0 that is not there; WN_NOMEM: 16 bytes an item. */
enum wn_status wn_mix_plan(const struct wn_policy *p, struct wn_mix_item *items, size_t n, uint32_t newest,
                           uint64_t first_documents, struct wn_mix_summary *sum, struct wn_err *err);

void wn_mix_summary_json(struct wn_json *j, const char *key, const struct wn_mix_summary *s);

/* ---- the manifest: what went in, what came out, under which policy ------------------ */

/* One input or output.  Its views must outlive the call. */
struct wn_manifest_file {
    const char *path;
    uint64_t bytes;            /* as stored                                          */
    uint64_t records;
    struct wn_hash128 digest;  /* XXH3-128 of the stored bytes                       */
    enum wn_origin origin;     /* inputs: as declared                                */
    uint32_t generation;       /* inputs                                             */
    const char *failed;        /* inputs: why it could not be read; NULL: it was     */
};
struct wn_manifest {
    const struct wn_policy *policy;
    const struct wn_account *account;
    const struct wn_mix_summary *mix;
    const struct wn_manifest_file *inputs, *outputs;
    size_t n_inputs, n_outputs;
};
/* Appends the manifest as one line of JSON with its '\n' (docs/format/manifest.md).  It
 * holds no time and no host, so that a repeated run gives the same bytes. */
void wn_manifest_write(struct wn_buf *out, const struct wn_manifest *m);

#endif
