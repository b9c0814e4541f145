/*
 * scoring.h - lm score from the inside: documents on their way, their rows, the summary.
 */
#ifndef WINNOW_CLI_SCORING_H
#define WINNOW_CLI_SCORING_H

#include "ccnet.h"
#include "intake.h"

enum per { PER_NONE, PER_DOCUMENT, PER_SENTENCE, PER_TOKEN };

struct score_args {
    const char *output, *per, *summary, *cutoffs, *percentiles, *lang, *segment;
    bool no_markers, verify, normalise;
    struct intake_args in;
};

/* A document on its way: N parts (the document, or its sentences) with MODELS sums each. */
struct scored_doc {
    const struct wn_doc *doc;
    struct wn_lm_sum *sum;
    size_t n;
    bool has_text;
    struct wn_str rows;
    struct scored_doc *next;
};

struct score_worker {
    struct wn_scorer *scorer;
    struct scored_doc *first, **last;    /* since the last work_done */
    struct wn_buf text;                  /* rows or normalised text  */
};

struct scoring {
    const struct score_args *args;
    enum per per;
    struct wn_lm *lm;
    unsigned models;
    bool lines;                          /* a line is a sentence                            */
    struct score_worker *worker;
    unsigned n_workers;
    struct ccnet ccnet;
    struct ccnet_spread *spread;
    bool buckets;
    /* the writer's */
    struct wn_sink *out;
    struct wn_buf row;
    struct wn_lm_sum total[2], file[2];  /* FILE: of the plain lines of the file under way  */
    bool file_has_lines;
    uint64_t n_documents, in_bucket[CCNET_N];
};

/* A row for a document, or for a file of plain lines. */
void scoring_document_row(const struct scoring *s, struct wn_buf *out, struct wn_str id, struct wn_str lang, bool has_text,
                          const struct wn_lm_sum *sum);
/* The rows of D as --per says; *TOKEN moves on behind those that were used. */
void scoring_rows(const struct scoring *s, struct wn_buf *out, const struct scored_doc *d, const struct wn_scored **token);
/* What CCNet would say of a document; NaN where it says nothing. */
double scoring_ccnet(const struct wn_lm_sum *sum, bool has_text);
enum ccnet_bucket scoring_bucket(const struct scoring *s, struct wn_str lang, const struct wn_lm_sum *sum, bool has_text);

/* For people: on standard output with --per none, else on standard error. */
void scoring_print(const struct scoring *s);
/* The same with the accounting, to --summary-json. */
enum wn_status scoring_summary(const struct scoring *s, const struct intake_result *res, struct wn_err *err);

#endif
