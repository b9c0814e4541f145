/*
 * page_sweep.h - the phase diagrams of a sweep (docs/format/sweep.md).
 */
#ifndef REPORT_PAGE_SWEEP_H
#define REPORT_PAGE_SWEEP_H

#include "report/page.h"

/* Whether TEXT starts with the header of a sweep. */
bool page_sweep_is(struct wn_str text);
/* Reads the lines of a sweep into one value that holds what is drawn: kind, winnow, header,
 * metric, generation, truth, counts, and "value" and "theory", a number a cell in arrays of
 * PAGE_SWEEP_CHUNK.  Rows that are not there yet are null.  WN_BADDATA names the line. */
enum { PAGE_SWEEP_CHUNK = 256 };
enum wn_status page_sweep_parse(struct wn_jsonval **out, struct wn_str text, struct wn_err *err);

enum wn_status page_sweep(struct page *p, const struct summary *s, size_t index);
void page_sweep_card(struct page *p, const struct summary *s);

#endif
