/*
 * cmd_sweep_file.h - the output of a sweep, which may take days: rows that are there stay.
 *
 * Rows go to OUT.partial, header first; once all are in, it becomes OUT.  A later run with the
 * same header goes on behind the last whole row.  The bytes of OUT are those of a run that was
 * never stopped.
 */
#ifndef WINNOW_CLI_CMD_SWEEP_FILE_H
#define WINNOW_CLI_CMD_SWEEP_FILE_H

#include <winnow/str.h>

struct sweep_file;

/* Takes OUT.partial, makes it if there is none, and locks it.  *N_ROWS: the rows that it has
 * already; RESTART drops them.  WN_BADCONF: it belongs to another sweep; WN_IO: another process
 * writes it, or the system says no. */
enum wn_status sweep_file_open(struct sweep_file **out, const char *path, struct wn_str header, bool restart,
                               uint64_t *n_rows, struct wn_err *err);
/* Appends whole rows; they reach the disk every few seconds. */
enum wn_status sweep_file_add(struct sweep_file *f, struct wn_str rows, struct wn_err *err);
/* Syncs what is there. */
enum wn_status sweep_file_flush(struct sweep_file *f, struct wn_err *err);
/* Calls EACH with the header and every row, from the first. */
typedef enum wn_status sweep_line_fn(void *arg, struct wn_str line, struct wn_err *err);
enum wn_status sweep_file_each(struct sweep_file *f, sweep_line_fn *each, void *arg, struct wn_err *err);
/* Gives OUT.partial the name OUT, or removes it when REMOVE (what was wanted is elsewhere). */
enum wn_status sweep_file_publish(struct sweep_file *f, bool remove, struct wn_err *err);
/* Keeps OUT.partial unless it was published.  NULL is fine. */
void sweep_file_close(struct sweep_file *f);

#endif
