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
    WN_REGIME_FRESH_REAL,            /* the newest synthetic + new real data at a fixed share */
    WN_REGIME_REPLACE_GROWN,         /* the newest only, (g + 1) times generation 0's size,
                                        g the newest generation                             */
    WN_REGIME_SCHEDULE,              /* the newest only, (g + 1)^power times that size       */
    WN_REGIME_WINDOW,                /* the newest W generations                             */
    WN_REGIME_FIXED_REAL,            /* the first real data, kept for ever, + the newest
                                        synthetic                                            */
    WN_REGIME_WEIGHTED,              /* FRESH_REAL whose real part has a fixed total weight  */
    WN_REGIME_GENERAL,               /* drawn from p_g = alpha model_g + beta p_(g-1) +
                                        gamma truth, p_0 = truth (Shumailov et al. 2024)     */
    WN_REGIME_EDIT                   /* real text whose too predictable tokens are replaced
                                        by the model's (Zhu et al. 2024)                     */
};
const char *wn_regime_name(enum wn_regime r);

enum wn_filter_by {
    WN_FILTER_NONE,    /* keep everything                                                   */
    WN_FILTER_TAG,     /* by verdict: the real detectors where there is text, their
                          operating point where there is none                               */
    WN_FILTER_ORACLE,  /* by the true origin (simulation; in mix: by declared origin, and
                          only what is declared real stays)                                 */
    WN_FILTER_IMPORTANCE,   /* keep with probability (1 - confidence)^power, confidence the
                               detector's P(synthetic) (after Drayson et al. 2025)          */
    WN_FILTER_VERIFY,       /* keep synthetic items with one probability where they are right,
                               another where they are wrong (Feng et al. 2024)              */
    WN_FILTER_VALUE,        /* drop what lies in the tails (or the centre) with a probability,
                               whoever made it                                              */
    WN_FILTER_TOP_FRACTION, /* keep the best share by a quality score                       */
    WN_FILTER_SURPRISE      /* keep the share that the current model finds least likely     */
};
/* "none", "tag", "oracle", "importance", "verify", "value", "top_fraction", "surprise". */
const char *wn_filter_name(enum wn_filter_by f);

/* How the real share of FRESH_REAL and WEIGHTED is met. */
enum wn_mixing {
    WN_MIXING_STRATIFIED,  /* to the nearest item                       */
    WN_MIXING_IID          /* each item is real with that probability   */
};
/* "stratified", "iid". */
const char *wn_mixing_name(enum wn_mixing m);

/* What removes copies before everything else. */
enum wn_dedup {
    WN_DEDUP_NONE,
    WN_DEDUP_EXACT,  /* equal items of the regime; of each a declared real one
                        stays, else the first in key order                 */
    WN_DEDUP_NEAR    /* text: near-duplicates too                          */
};
/* "none", "exact", "near". */
const char *wn_dedup_name(enum wn_dedup d);

/* How often the tagger gives which verdict: rates 0..1 with their intervals.  A policy
 * file may give them as the rates, as a binormal detector (d_prime, threshold: scores are
 * N(0,1) for human and N(d_prime,1) for synthetic items, flagged above the threshold, so
 * tpr = Q(threshold - d_prime) and fpr = Q(threshold)) or as a watermark test (marked,
 * power, alpha: tpr = marked * power, fpr = alpha); what is stored are the rates. */
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
    double real_share;           /* FRESH_REAL, FIXED_REAL, WEIGHTED: share of real
                                    documents, 0..1                                        */
    enum wn_mixing mixing;       /* FRESH_REAL, WEIGHTED                                   */
    bool real_from_first;        /* FRESH_REAL, WEIGHTED: real documents are drawn anew
                                    from generation 0 each time, not new ones              */
    double weight;               /* WEIGHTED: total weight of the real documents, 0..1     */
    unsigned window;             /* WINDOW: generations, 1..1000                           */
    double power;                /* SCHEDULE: 0..4; REPLACE_GROWN: 1                       */
    double alpha, beta, gamma;   /* GENERAL: 0..1, sum 1, alpha > 0                        */
    double edit_above;           /* EDIT: tokens with model probability >= this, 0..1      */
    enum wn_dedup dedup;
    enum wn_filter_by filter_by;
    bool topup;                  /* TAG, ORACLE, IMPORTANCE: new items are screened until as
                                    many are kept as a generation has; else a fixed number
                                    is screened (simulations)                              */
    double importance_power;     /* IMPORTANCE: > 0                                        */
    double human_confidence[2];  /* IMPORTANCE without text: Beta(a, b) laws of the         */
    double synthetic_confidence[2]; /* confidence on human and synthetic items; 0: not given */
    double keep_right, keep_wrong;  /* VERIFY: phi, psi                                    */
    bool value_tails;            /* VALUE: flags what is farther out than value_cut, else
                                    what is nearer                                         */
    double value_cut;            /* VALUE: > 0, in standard deviations of the truth        */
    double value_drop;           /* VALUE: probability to drop what is flagged             */
    double top_share;            /* TOP_FRACTION, SURPRISE: share kept, above 0 to 1       */
    double keep[3];              /* probability to keep, by enum wn_verdict                */
    bool trust_real;             /* documents declared real skip the filter                */
    struct wn_operating_point op;
    uint64_t budget_documents;   /* 0: none */
    uint64_t budget_tokens;      /* 0: none */
    double budget_of_first;      /* > 0: documents, as a multiple of generation 0's.  A file
                                    gives at most one of the three, and none of them for
                                    REPLACE_GROWN and SCHEDULE                             */
    bool short_ok;               /* a supply below the budget is accepted (and reported)   */
    double max_synthetic;        /* largest share of kept documents tagged synthetic; 1: off */
};

/* The defaults of docs/format/policy.md: replace, seed 1, no filter, no budget. */
void wn_policy_init(struct wn_policy *out);
/* Parses a policy; NAME is for messages, and without its folder and extension it is the
 * policy's name when the file gives none.  WN_BADCONF with line and column: unknown key
 * ("did you mean ..."), duplicate key, wrong type, out of range, contradiction.  WN_NOMEM. */
enum wn_status wn_policy_parse(struct wn_policy *out, const char *name, struct wn_str yaml, struct wn_err *err);
/* Says which part of P only a simulation can obey ("regime 'general' draws from models:
 * winnow mix has none"): WN_BADCONF; WN_OK when winnow mix can. */
enum wn_status wn_policy_check_mix(const struct wn_policy *p, struct wn_err *err);
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
