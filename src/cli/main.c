#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

bool cli_quiet;
atomic_int cli_stop;

const struct cli_cmd *const cli_commands[] = { &cli_tag, &cli_train, &cli_eval, &cli_lm, &cli_watermark, &cli_mix,
                                               &cli_simulate, &cli_sweep, &cli_report, &cli_demo, NULL };

void cli_note(const char *fmt, ...)
{
    va_list ap;

    if (cli_quiet)
        return;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

void cli_warn(const char *fmt, ...)
{
    va_list ap;

    fputs("winnow: warning: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

static void on_signal(int number)
{
    atomic_store(&cli_stop, number);
}

/* The first signal lets the run end in order; a second one kills. */
static void catch_signals(void)
{
    struct sigaction act = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGHUP, &act, NULL);
    /* A closed pipe is an error of the write that meets it, so that temporary files go. */
    signal(SIGPIPE, SIG_IGN);
    /* And so is a file that grows past ulimit -f. */
    signal(SIGXFSZ, SIG_IGN);
}

enum wn_status cli_going_on(struct wn_err *err)
{
    return atomic_load(&cli_stop) ? wn_fail(err, WN_CANCELLED, "stopped before the end") : WN_OK;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

static enum cli_exit failed(const struct wn_err *err, enum wn_status st)
{
    if (st == WN_CANCELLED) {
        cli_warn("stopped by a signal; no unfinished output was published");
        return (enum cli_exit)(128 + atomic_load(&cli_stop));
    }
    if (st == WN_IO && ends_with(err->text, strerror(EPIPE)))
        return CLI_PIPE;    /* the reader of our output went away: nothing to say */
    fprintf(stderr, "winnow: %s\n", err->text[0] ? err->text : wn_status_name(st));
    return st == WN_BADCONF ? CLI_USAGE : st == WN_BADDATA ? CLI_DAMAGED : CLI_FAILED;
}

static const struct cli_cmd *lookup(const struct cli_cmd *const *list, const char *name)
{
    for (; *list; list++)
        if (strcmp((*list)->name, name) == 0)
            return *list;
    return NULL;
}

static enum cli_exit unknown_command(const struct cli_cmd *const *list, const char *parent, const char *word)
{
    const char *names[32];
    const char *near;
    size_t n = 0;

    for (; *list && n < 31; list++)
        names[n++] = (*list)->name;
    names[n] = NULL;
    near = cli_nearest(word, names);
    fprintf(stderr, "winnow: '%s%s%s' is not a command%s%s%s; 'winnow %s%s--help' lists them\n", parent, *parent ? " " : "",
            word, near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "", parent, *parent ? " " : "");
    return CLI_USAGE;
}

static enum cli_exit run_command(const struct cli_cmd *cmd, const char *parent, char **argv, size_t n)
{
    struct wn_arena arena = { 0 };
    struct cli_common common = { 0 };
    struct cli_run run = { .cmd = cmd };
    const char **rest = NULL;
    enum wn_status st;

    if (cmd->verbs) {
        const struct cli_cmd *verb = n ? lookup(cmd->verbs, argv[0]) : NULL;

        if (n && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)) {
            cli_help(stdout, cmd, NULL);
            return CLI_OK;
        }
        if (n && strcmp(argv[0], "--man") == 0) {
            cli_man(stdout, cmd);
            return CLI_OK;
        }
        if (!n) {
            cli_help(stderr, cmd, NULL);
            return CLI_USAGE;
        }
        return verb ? run_command(verb, cmd->name, argv + 1, n - 1) : unknown_command(cmd->verbs, cmd->name, argv[0]);
    }
    if (n == 1 && strcmp(argv[0], "--man") == 0) {
        cli_man(stdout, cmd);
        return CLI_OK;
    }
    run.args = wn_arena_calloc(&arena, 1, cmd->args_size ? cmd->args_size : 1);
    st = run.args ? cli_parse(cmd, argv, n, &arena, (void *)run.args, &common, &rest, &run.n_rest, &run.err)
                  : wn_fail(&run.err, WN_NOMEM, "out of memory for options");
    run.rest = rest;
    cli_quiet = cli_quiet || common.quiet;     /* a command inside a quiet demo is quiet too */
    if (st == WN_OK && common.help) {
        cli_help(stdout, cmd, parent);
    } else {
        if (st == WN_OK)
            st = cmd->run(&run);
        if (st != WN_OK)
            run.exit = failed(&run.err, st);
    }
    wn_arena_release(&arena);
    return run.exit;
}

enum cli_exit cli_dispatch(char **argv, size_t n)
{
    const struct cli_cmd *cmd = lookup(cli_commands, argv[0]);

    return cmd ? run_command(cmd, "", argv + 1, n - 1) : unknown_command(cli_commands, "", argv[0]);
}

/* A closed descriptor 0, 1 or 2 would be given to the next file that is opened, which
 * would then get what is meant for people, or be read as input. */
static void hold_standard_descriptors(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);   /* reading or writing it fails, as it should */
}

static int run_main(int argc, char **argv)
{
    enum cli_exit code;

    hold_standard_descriptors();
    catch_signals();
    if (argc < 2) {
        cli_help_top(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        const struct cli_cmd *cmd = argc > 2 ? lookup(cli_commands, argv[2]) : NULL;

        if (cmd)
            cli_help(stdout, cmd, NULL);
        else
            cli_help_top(stdout);
        code = CLI_OK;
    } else if (strcmp(argv[1], "--version") == 0) {
        printf("winnow %s\n", wn_version());
        code = CLI_OK;
    } else if (strcmp(argv[1], "--man") == 0) {
        cli_man_top(stdout);
        code = CLI_OK;
    } else {
        code = cli_dispatch(argv + 1, (size_t)argc - 1);
    }
    /* Data that never reached standard output must not look like success. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (errno != EPIPE)
            fprintf(stderr, "winnow: cannot write standard output: %s\n", strerror(errno));
        return code ? (int)code : errno == EPIPE ? CLI_PIPE : CLI_FAILED;
    }
    return (int)code;
}

int main(int argc, char **argv)
{
    int code = run_main(argc, argv);

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    /* OpenBLAS's exit handler waits for threads that spin for ever when memory was short at
     * their start (ulimit -v).  Everything of ours is written and closed by now. */
    fflush(NULL);
    _exit(code);
#endif
    return code;
}
