/*
 * ccnet.h - head, middle and tail by perplexity, as CCNet divides a crawl (Wenzek et al. 2020,
 * "CCNet: Extracting High Quality Monolingual Datasets from Web Crawl Data").
 */
#ifndef WINNOW_CLI_CCNET_H
#define WINNOW_CLI_CCNET_H

#include "cli.h"

enum ccnet_bucket { CCNET_ALL, CCNET_HEAD, CCNET_MIDDLE, CCNET_TAIL, CCNET_N };

/* Cutoffs for one language, or (LANG empty) for all. */
struct ccnet_row {
    struct wn_str lang;
    double head, tail;
};

struct ccnet {
    struct ccnet_row *row;       /* in ARENA */
    size_t n;
    double percent[2];
    bool seen[2];                /* a table: the rows of PERCENT came */
    struct wn_arena arena;
};

/* SPEC: "340,520", or a table as CCNet's cutoff.csv: a column a language, a row a percentile,
 * of which PERCENTILES ("30,60") names two.  SPEC NULL: percentiles alone.  Release in any case. */
enum wn_status ccnet_init(struct ccnet *c, const char *spec, const char *percentiles, struct wn_err *err);
void ccnet_release(struct ccnet *c);
/* Whether documents of LANG can get a bucket. */
bool ccnet_has(const struct ccnet *c, struct wn_str lang);

/* To one decimal, ties as Python's round decides them; NaN stays. */
double ccnet_round(double perplexity);
/* CCNET_ALL when LANG has no cutoffs or there is no perplexity. */
enum ccnet_bucket ccnet_bucket_of(const struct ccnet *c, struct wn_str lang, double rounded);
const char *ccnet_bucket_name(enum ccnet_bucket b);

/* How many documents have which perplexity: exact to 0.1 below 100,000, to 0.1 % above. */
struct ccnet_spread;
struct ccnet_spread *ccnet_spread_new(void);     /* NULL: no memory */
void ccnet_spread_free(struct ccnet_spread *s);
void ccnet_spread_add(struct ccnet_spread *s, double rounded);
uint64_t ccnet_spread_count(const struct ccnet_spread *s);
/* The smallest cutoff that at least PERCENT of the documents are below; NaN without documents. */
double ccnet_spread_cutoff(const struct ccnet_spread *s, double percent);

#endif
