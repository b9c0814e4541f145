/*
 * page.h - the sections of the page, and what they share.
 *
 * A section appends HTML to the page's buffer and checks nothing but memory: the buffer
 * remembers its own failures, and members that an input lacks show as a dash.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <winnow/arena.h>
#include <winnow/json.h>

#include "report/trace_read.h"

enum summary_kind { SUMMARY_TAG, SUMMARY_TRAIN, SUMMARY_EVAL, SUMMARY_MIX, SUMMARY_SWEEP };

struct summary {
    const char *name; /* of the file */
    enum summary_kind kind;
    struct wn_jsonval *root; /* owned */
};

struct page {
    struct wn_buf *out;
    struct wn_arena *arena; /* scratch; reset by the page between sections */
    struct wn_err *err;
};

/* ---- sections; INDEX makes their anchors unique ------------------------------------------ */

enum wn_status page_trace(struct page *p, const struct trace *t, size_t index);
/* What theory said of each policy before it ran; nothing for a trace without predictions. */
void page_predictions(struct page *p, const struct trace *t);
/* The table of the figures behind the plots of T, collapsed. */
enum wn_status page_figures(struct page *p, const struct trace *t);
enum wn_status page_tags(struct page *p, const struct summary *s, size_t index);
enum wn_status page_eval(struct page *p, const struct summary *s, size_t index);
enum wn_status page_train(struct page *p, const struct summary *s, size_t index);
enum wn_status page_mix(struct page *p, const struct summary *s, size_t index);
/* What made the inputs: versions, seeds, settings, policies. */
void page_trace_settings(struct page *p, const struct trace *t);
void page_summary_settings(struct page *p, const struct summary *s);

/* ---- cards at the top ----------------------------------------------------------------------- */

/* FILE tells traces of one engine apart; "": not needed. */
enum wn_status page_trace_card(struct page *p, const struct trace *t, const char *file);
void page_tags_card(struct page *p, const struct summary *s);
void page_eval_card(struct page *p, const struct summary *s);
void page_mix_card(struct page *p, const struct summary *s);

/* ---- what they share ------------------------------------------------------------------------- */

/* The style sheet. */
extern const char page_style[];

/* <section id="KIND-INDEX"><h2>TITLE <small>name</small></h2> */
void page_open_section(struct page *p, const char *kind, size_t index, const char *title, const char *detail,
                       const char *name);
/* A table that scrolls sideways on narrow screens; HEADS are separated by '|', those that
 * start with '#' are of numbers. */
void page_open_table(struct page *p, const char *heads);
void page_close_table(struct page *p);
/* One cell of text; CLASS may be NULL. */
void page_cell(struct page *p, const char *class, const char *z);
void page_cell_count(struct page *p, double v);
void page_cell_share(struct page *p, double share);
/* "in = kept + excluded + quarantined + failed", checked. */
void page_account(struct page *p, const struct wn_jsonval *account);
/* The files that went in. */
void page_inputs(struct page *p, const struct wn_jsonval *inputs);
/* Every member of V as "path value", arrays of scalars in one; members called SKIP are
 * left out (NULL: none). */
void page_settings(struct page *p, const struct wn_jsonval *v, const char *skip);

/* Members of members: path_num(v, "a.b", NAN). */
const struct wn_jsonval *page_get(const struct wn_jsonval *v, const char *path);
double page_num(const struct wn_jsonval *v, const char *path);
const char *page_strz(const struct wn_jsonval *v, const char *path, const char *dflt);

#endif
