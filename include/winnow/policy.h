/*
 * policy.h - one policy, two uses: the YAML file that curates a corpus (winnow mix)
 * is the file that the simulator runs for G generations (winnow simulate).
 * docs/format/policy.md specifies it.
 */
#ifndef WINNOW_POLICY_H
#define WINNOW_POLICY_H

#include <winnow/doc.h>
#include <winnow/json.h>

enum wn_regime {
    WN_REGIME_REPLACE,               /* the newest generation only                           */
    WN_REGIME_ACCUMULATE,            /* everything so far                                    */
    WN_REGIME_ACCUMULATE_SUBSAMPLE,  /* a draw without replacement from everything so far    */
    WN_REGIME_FRESH_REAL             /* the newest synthetic + new real data at a fixed share */
};
const char *wn_regime_name(enum wn_regime r);

enum wn_filter_by {
    WN_FILTER_NONE,    /* keep everything                                                   */
    WN_FILTER_TAG,     /* by verdict: the real detectors where there is text, their
                          operating point where there is none                               */
    WN_FILTER_ORACLE   /* by the true origin (simulation; in mix: by declared origin, and
                          only what is declared real stays)                                 */
};
/* "none", "tag", "oracle". */
const char *wn_filter_name(enum wn_filter_by f);

/* How often the tagger gives which verdict: rates 0..1 with their intervals. */
struct wn_operating_point {
    bool given;
    double tpr, fpr;                       /* P(verdict synthetic | synthetic), (… | human)  */
    double unknown_synthetic, unknown_human;
    double tpr_low, tpr_high, fpr_low, fpr_high;   /* equal to the rates when not measured   */
};

struct wn_policy {
    char name[64];
    enum wn_regime regime;
    uint64_t seed;
    double fresh_share;          /* FRESH_REAL: share of new real documents, 0..1          */
    enum wn_filter_by filter_by;
    double keep[3];              /* probability to keep, by enum wn_verdict                */
    bool trust_real;             /* documents declared real skip the filter                */
    struct wn_operating_point op;
    uint64_t budget_documents;   /* 0: none */
    uint64_t budget_tokens;      /* 0: none */
    double budget_of_first;      /* > 0: documents, as a multiple of generation 0's        */
    bool short_ok;               /* a supply below the budget is accepted (and reported)   */
    double max_synthetic;        /* largest share of kept documents tagged synthetic; 1: off */
};

/* The defaults of docs/format/policy.md: replace, seed 1, no filter, no budget. */
void wn_policy_init(struct wn_policy *out);
/* Parses a policy; NAME is for messages, and without its folder and extension it is the
 * policy's name when the file gives none.  WN_BADCONF with line and column: unknown key
 * ("did you mean ..."), duplicate key, wrong type, out of range, contradiction.  WN_NOMEM. */
enum wn_status wn_policy_parse(struct wn_policy *out, const char *name, struct wn_str yaml, struct wn_err *err);
/* Takes tpr, fpr, unknown rates and intervals from "operating_point" of an eval summary
 * (JSON).  WN_BADDATA when JSON does not parse, WN_BADCONF when a rate is missing or makes no
 * sense; both name the place. */
enum wn_status wn_operating_point_parse(struct wn_operating_point *out, const char *name, struct wn_str json, struct wn_err *err);
/* The resolved policy with every default, in a fixed order.  The object is a policy file
 * itself (JSON is YAML): parsed again it gives the same policy. */
void wn_policy_json(struct wn_json *j, const char *key, const struct wn_policy *p);
/* 32 hex digits of the resolved policy, the seed included, the name left out: a file that
 * was renamed does the same. */
void wn_policy_digest(const struct wn_policy *p, char out[33]);

#endif
