/*
 * cli.h - how a subcommand describes itself, and what it gets when it runs.
 *
 * One file a subcommand exports one descriptor.  Parsing, --help and the man page
 * read the same rows, so they cannot disagree.
 */
#ifndef WINNOW_CLI_H
#define WINNOW_CLI_H

#include <stddef.h>
#include <stdio.h>

#include <winnow/winnow.h>

/* Exit codes; the man pages' table is made from the same list (help.c). */
enum cli_exit {
    CLI_OK = 0,
    CLI_FAILED = 1,        /* runtime or input/output failure                       */
    CLI_USAGE = 2,         /* wrong option, policy, rule or model                   */
    CLI_BAD_RECORDS = 3,   /* finished, but over --max-bad, or --strict was broken  */
    CLI_DAMAGED = 4,       /* an input file was damaged; the others are done        */
    CLI_HUP = 129,         /* SIGHUP  */
    CLI_INT = 130,         /* SIGINT  */
    CLI_PIPE = 141,        /* nobody reads standard output any more */
    CLI_TERM = 143         /* SIGTERM */
};

enum cli_kind {
    CLI_FLAG,     /* bool                                             */
    CLI_STR,      /* const char *                                     */
    CLI_UINT,     /* uint64_t; 1_000 and 1e6 are numbers too          */
    CLI_REAL,     /* double                                           */
    CLI_BYTES,    /* uint64_t; 64K, 16M, 2G                           */
    CLI_LIST,     /* struct cli_list; may be given again              */
    CLI_CHOICE    /* const char *; one of choices                     */
};

struct cli_list {
    const char **item;
    size_t n;
};

/* A row of an option table; name NULL ends the table.  A row with only a help text
 * is a heading. */
struct cli_opt {
    const char *name;      /* without "--" */
    char letter;           /* 0: none      */
    enum cli_kind kind;
    size_t at;             /* offsetof in the args struct */
    const char *arg;       /* what the value is called in help: "FILE" */
    const char *dflt;      /* default, as the user would write it; NULL: none */
    double min, max;       /* for numbers; both 0: any */
    const char *choices;   /* "auto|none" */
    const char *help;
};

/* What stands between the command line and the work. */
struct cli_run {
    const struct cli_cmd *cmd;
    const void *args;              /* the parsed options                      */
    const char *const *rest;       /* what is not an option                   */
    size_t n_rest;
    struct wn_err err;             /* filled when run returns a failing code  */
    enum cli_exit exit;            /* the code of a finished run              */
};

struct cli_cmd {
    const char *name;
    const char *summary;           /* one line, lower case */
    const char *usage;
    const char *about;             /* paragraphs for --help and the man page  */
    const char *examples;          /* lines; a line that starts with "$ " is a command */
    const struct cli_opt *opts;
    size_t args_size;
    enum wn_status (*run)(struct cli_run *r);
    const struct cli_cmd *const *verbs;   /* subcommands of its own, NULL at the end */
};

extern const struct cli_cmd cli_tag, cli_train, cli_eval, cli_lm, cli_watermark, cli_mix, cli_simulate, cli_sweep, cli_report,
    cli_demo;
extern const struct cli_cmd *const cli_commands[];   /* NULL at the end */

/* ---- opts.c ------------------------------------------------------------------------ */

/* Every command has these as well (after its own). */
struct cli_common {
    bool help, quiet, man;
};
/* Parses ARGV[0..n) by the rows of CMD into ARGS (args_size bytes, defaults set) and
 * COMMON; the rest goes to *REST.  WN_BADCONF says which option is wrong and, for an
 * unknown one, which was meant.  Everything lives in A. */
enum wn_status cli_parse(const struct cli_cmd *cmd, char **argv, size_t n, struct wn_arena *a, void *args,
                         struct cli_common *common, const char ***rest, size_t *n_rest, struct wn_err *err);
extern const struct cli_opt cli_common_opts[];
/* The name in NAMES (NULL at the end) nearest to WORD, or NULL when none is near. */
const char *cli_nearest(const char *word, const char *const *names);
/* "3/64" -> shard and count. */
enum wn_status cli_parse_shard(const char *text, unsigned *shard, unsigned *n, struct wn_err *err);

/* ---- help.c ------------------------------------------------------------------------- */

void cli_help_top(FILE *out);
void cli_help(FILE *out, const struct cli_cmd *cmd, const char *parent);
/* The man page, in man(7). */
void cli_man(FILE *out, const struct cli_cmd *cmd);
void cli_man_top(FILE *out);

/* ---- progress.c ----------------------------------------------------------------------- */

/* A line on standard error, redrawn a few times a second, only on a terminal. */
struct cli_progress {
    bool on;
    const char *what;
    double started, drawn;
};
void cli_progress_start(struct cli_progress *p, const char *what);
/* DONE of TOTAL (0: unknown) units, UNIT e.g. "MB"; NOTE may be NULL. */
void cli_progress_draw(struct cli_progress *p, double done, double total, const char *unit, const char *note);
void cli_progress_end(struct cli_progress *p);
double cli_seconds(void);

/* ---- main.c ----------------------------------------------------------------------------- */

/* WN_CANCELLED once a signal came: asked before anything is published. */
enum wn_status cli_going_on(struct wn_err *err);
/* Runs the command that ARGV[0] names with the rest as its arguments. */
enum cli_exit cli_dispatch(char **argv, size_t n);
extern bool cli_quiet;             /* -q: no notes, no progress       */
extern atomic_int cli_stop;        /* the number of the signal, or 0  */
/* A line for people on standard error, unless -q. */
void cli_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same, prefixed with "winnow: warning: ", also with -q. */
void cli_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
