/*
 * cmd_sweep_csv.h - the rows of a sweep as CSV: one line a cell, generation and metric.
 */
#ifndef WINNOW_CLI_CMD_SWEEP_CSV_H
#define WINNOW_CLI_CMD_SWEEP_CSV_H

#include <winnow/str.h>

/* Appends LINE, the header or a row as wn_sweep gives it, as lines of CSV; the columns follow
 * from the header.  Zero-initialised before the header. */
struct sweep_csv {
    char *axis[16];
    size_t n_axes;
};
enum wn_status sweep_csv_header(struct sweep_csv *c, struct wn_str line, struct wn_buf *out, struct wn_err *err);
enum wn_status sweep_csv_row(const struct sweep_csv *c, struct wn_str line, struct wn_buf *out, struct wn_err *err);
void sweep_csv_release(struct sweep_csv *c);

#endif
