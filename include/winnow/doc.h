/*
 * doc.h - the nouns every stage passes on: document, evidence, tag.
 *
 *     bytes -> io -> document -> detect -> evidence -> fuse -> tag -> mix -> corpus
 *
 * detect and mix do not know each other; struct wn_tag is their contract.
 */
#ifndef WINNOW_DOC_H
#define WINNOW_DOC_H

#include <winnow/arena.h>

/* Where a record came from.  FILE lives as long as the reader that gave it. */
struct wn_place {
    const char *file;     /* as the user named it; "archive.zip!member" inside a container */
    uint64_t line;        /* from 1                                                        */
    uint64_t offset;      /* of the line's first byte in the decoded stream                */
};

/* One document.  All views live in the batch (or as long as the reader says). */
struct wn_doc {
    struct wn_str record;  /* the untouched bytes of its line, without '\n' (and '\r');
                              with repaired UTF-8 where that was asked for; of a
                              plain-text file: {"id", "text", "source"} made for it   */
    struct wn_str id;      /* a string id decoded; another scalar as its JSON text;
                              "<file>:<line>" when the record has none                  */
    struct wn_str text;    /* decoded, valid UTF-8; may hold NUL                        */
    struct wn_str source;  /* empty when the record has none                            */
    struct wn_str label;   /* the user's label field, decoded; empty when none          */
    struct wn_str group;   /* ties documents that belong together; empty when none      */
    struct wn_str lang;    /* empty when none                                           */
    struct wn_str tag_raw; /* raw JSON value of the member "winnow"; empty when none    */
    struct wn_place place;
    bool id_made;          /* the id was made from the place                            */
    uint32_t n_repaired;   /* lone surrogates and bad UTF-8 replaced by U+FFFD          */
    uint64_t n_lines;      /* not 0: TEXT is so many plain lines, any bytes, no document;
                              the id is the file's name and there is no record          */
};

enum wn_verdict { WN_UNKNOWN = 0, WN_HUMAN = 1, WN_SYNTHETIC = 2 };

/* "unknown", "human", "synthetic". */
const char *wn_verdict_name(enum wn_verdict v);
/* The reverse; false when S is none of them. */
bool wn_verdict_parse(struct wn_str s, enum wn_verdict *out);

/* A stretch of a text in code points, half open, with a score. */
struct wn_span {
    uint64_t start, end;
    double score;
};

/* What one detector says of one document. */
struct wn_evidence {
    const char *detector;    /* "ngram", "rules", "kgw", "marks"; static or model lifetime    */
    const char *statistic;   /* what value is: "score_nats", "z", "weight_nats", "count"        */
    double value;
    double n;                /* observations behind it (tokens, distinct bigrams, hits)       */
    double log10_p;          /* log10 of the p-value, <= 0; NAN when the test gives none      */
    const char *null_name;   /* the null hypothesis of that p; "" when there is none          */
    double log_odds_nats;    /* what it adds to the log-odds of synthetic; 0: reported only   */
    bool hard;               /* its p-value may decide alone (a keyed watermark)              */
    const char *reason;      /* one line for people                                           */
    const struct wn_span *spans;
    size_t n_spans;
};

enum { WN_MAX_EVIDENCE = 8 };

/* How sure the verdict is.  certain: hard evidence; likely: beyond the calibrated
 * threshold; unclear: verdict unknown. */
enum wn_tier { WN_TIER_UNCLEAR = 0, WN_TIER_LIKELY = 1, WN_TIER_CERTAIN = 2 };
const char *wn_tier_name(enum wn_tier t);

/* The verdict on one document, and why. */
struct wn_tag {
    enum wn_verdict verdict;
    enum wn_tier tier;
    double p_synthetic;      /* calibrated probability at the model's prior, 0..1            */
    double p_human_null;     /* conformal p-value of the classifier's score under "human,
                                exchangeable with the calibration set"; 1 when not tested    */
    uint64_t n_tokens;
    uint64_t n_points;       /* length of the text in code points                            */
    const char *why;         /* the deciding reason in one line                              */
    struct wn_evidence evidence[WN_MAX_EVIDENCE];
    size_t n_evidence;
    const char *untested;    /* detectors that could not run and why; "" when all ran        */
};

/* Appends the tag as one flat JSON object with the same keys and types in every
 * row: the "winnow" member of inline output (docs/format/tags.md). */
void wn_tag_write_json(struct wn_buf *out, const struct wn_tag *tag);

/* Reads back what mix and eval need (verdict, tier, p_synthetic, p_human_null,
 * n_tokens) from such an object.  WN_BADDATA names the key that is wrong. */
enum wn_status wn_tag_read_json(struct wn_str json, struct wn_tag *out, struct wn_err *err);

#endif
