#include "cmd_sweep_csv.h"
#include "cmd_sweep_file.h"
#include "cmd_sweep_grid.h"
#include "outputs.h"
#include "sim_args.h"

#include <sys/stat.h>

struct sweep_args {
    const char *output;
    struct sweep_grid_args grid;
    bool csv, restart, dry_run;
    struct sim_args sim;
};

#define AXIS(option, field, what)                                                                       \
    { .name = option, .kind = CLI_STR, .at = offsetof(struct sweep_args, grid.field), .arg = "LIST", .help = what }

static const struct cli_opt sweep_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct sweep_args, output), .arg = "FILE",
      .dflt = "-", .help = "one row a cell; a stopped run goes on from FILE.partial when it is started again" },
    { .name = "csv", .kind = CLI_FLAG, .at = offsetof(struct sweep_args, csv),
      .help = "write CSV, one line a cell, generation and metric; also when FILE ends in .csv" },
    { .name = "restart", .kind = CLI_FLAG, .at = offsetof(struct sweep_args, restart),
      .help = "drop the rows of FILE.partial and start anew" },
    { .name = "dry-run", .kind = CLI_FLAG, .at = offsetof(struct sweep_args, dry_run),
      .help = "check the grid, print the numbers of cells and runs and how long they may take, write nothing" },
    { .name = "metric", .kind = CLI_STR, .at = offsetof(struct sweep_args, grid.metric), .arg = "LIST",
      .help = "what is measured, names as in a trace, with commas; the first one is drawn; default: the engine's "
              "leading ones (gaussian: variance,log_variance,mean)" },
    { .help = "Axes, as 0.1,0.5,0.9 or FROM:TO:STEP or FROM:TO:xN (N values, each the same factor above the last)" },
    AXIS("tprs", tpr, "rates at which the detector finds synthetic items"),
    AXIS("fprs", fpr, "rates at which it accuses human ones"),
    AXIS("scraped", scraped, "shares of human items in the scrape (as --scraped-human-share)"),
    AXIS("real", real, "real shares of the policies fresh_real, fixed_real and weighted"),
    AXIS("sizes", sizes, "items of a generation (as --size)"),
    AXIS("lambdas", lambdas, "factors on the variance of samples (as --lambda)"),
    AXIS("temperatures", temperatures, "of the sampler (as --temperature)"),
    { .name = "vary", .kind = CLI_LIST, .at = offsetof(struct sweep_args, grid.vary), .arg = "NAME=LIST",
      .help = "any axis: scraped, real, n, tpr, fpr, d_prime, threshold, marked, mark_power, keep, lambda, temperature, "
              "top_p, top_k, truncate, window, power, weight, gamma" },
    { .help = "Runs, as those of simulate" },
    SIM_LOOP_OPTS(struct sweep_args, sim),
    SIM_SAMPLER_OPTS(struct sweep_args, sim),
    SIM_MODEL_OPTS(struct sweep_args, sim),
    SIM_TEXT_OPTS(struct sweep_args, sim),
    DETECTOR_OPTS(struct sweep_args, sim.detect),
    INTAKE_OPTS(struct sweep_args, sim.in),
    { .name = NULL }
};

/* ---- where rows go --------------------------------------------------------------------------------- */

struct sweeping {
    const struct sweep_args *args;
    struct wn_sweep_opts opts;
    struct wn_sweep_size size;
    struct wn_buf header, text;       /* TEXT: of one row, converted                        */
    struct sweep_file *file;          /* NULL: standard output, a pipe or a device          */
    struct wn_sink *sink;
    struct sweep_csv columns;
    bool is_csv;
    uint64_t n_kept;                  /* rows that an earlier run left                      */
    struct cli_progress progress;
};

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);

    return n >= m && strcmp(name + n - m, end) == 0;
}

static bool is_packed(const char *path)
{
    return ends_with(path, ".gz") || ends_with(path, ".zst");
}

static bool is_csv_name(const char *path)
{
    return ends_with(path, ".csv") || ends_with(path, ".csv.gz") || ends_with(path, ".csv.zst");
}

/* What can be gone on with is a file. */
static bool is_file(const char *path)
{
    struct stat info;

    return strcmp(path, "-") != 0 && (stat(path, &info) != 0 || S_ISREG(info.st_mode));
}

/* The header or a row into the sink, as it is wanted there. */
static enum wn_status send_line(void *arg, struct wn_str line, struct wn_err *err)
{
    struct sweeping *s = arg;
    enum wn_status st;

    if (!s->is_csv)
        return wn_sink_write(s->sink, line, err);
    wn_buf_reset(&s->text);
    st = s->columns.n_axes || s->text.max_bytes ? sweep_csv_row(&s->columns, line, &s->text, err)
                                                : sweep_csv_header(&s->columns, line, &s->text, err);
    s->text.max_bytes = (size_t)1 << 30;      /* the header has been */
    return st == WN_OK ? wn_sink_write(s->sink, wn_buf_str(&s->text), err) : st;
}

static enum wn_status keep_line(void *arg, struct wn_str line, struct wn_err *err)
{
    struct sweeping *s = arg;

    return sweep_file_add(s->file, line, err);
}

static enum wn_status open_output(struct sweeping *s, struct wn_err *err)
{
    enum wn_status st;

    if (is_file(s->args->output))
        return sweep_file_open(&s->file, s->args->output, wn_buf_str(&s->header), s->args->restart, &s->n_kept, err);
    if (s->args->restart)
        return wn_fail(err, WN_BADCONF, "--restart is for a file that is gone on with: give --output");
    st = wn_sink_open(&s->sink, s->args->output, NULL, err);
    return st == WN_OK ? send_line(s, wn_buf_str(&s->header), err) : st;
}

/* All rows are there: the file gets its name, or its rows another form. */
static enum wn_status publish(struct sweeping *s, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    if (!s->file)
        return wn_sink_publish(s->sink, err);
    if (!s->is_csv && !is_packed(s->args->output))
        return sweep_file_publish(s->file, false, err);
    st = wn_sink_open(&s->sink, s->args->output, NULL, err);
    if (st == WN_OK)
        st = sweep_file_each(s->file, send_line, s, err);
    if (st == WN_OK)
        st = wn_sink_publish(s->sink, err);
    return st == WN_OK ? sweep_file_publish(s->file, true, err) : st;
}

static void close_output(struct sweeping *s)
{
    sweep_file_close(s->file);
    wn_sink_close(s->sink);
    sweep_csv_release(&s->columns);
    wn_buf_release(&s->header);
    wn_buf_release(&s->text);
}

/* ---- the run ----------------------------------------------------------------------------------------- */

/* Only what this process does counts for the time that is left. */
static void on_progress(void *arg, uint64_t done, uint64_t total)
{
    struct sweeping *s = arg;
    uint64_t before = s->n_kept * s->opts.sim.replicates;

    cli_progress_draw(&s->progress, (double)(done - before), (double)(total - before), "runs", NULL);
}

static enum wn_status no_row(void *arg, struct wn_str row, struct wn_err *err)
{
    (void)arg;
    (void)row;
    (void)err;
    return WN_OK;
}

/* One run of cells here and there, for a second at most. */
static enum wn_status estimate(const struct sweeping *s, struct wn_err *err)
{
    enum { MOST_TRIED = 32 };
    uint64_t tried = s->size.cells < MOST_TRIED ? s->size.cells : MOST_TRIED, done = 0;
    double started = cli_seconds(), each;
    enum wn_status st = WN_OK;

    for (uint64_t i = 0; i < tried && st == WN_OK && cli_seconds() - started < 1; i++) {
        struct wn_sweep_opts one = s->opts;

        /* In strides, so that the cells tried before time is up are from all over the grid. */
        one.first_cell = (i * 13 % tried) * s->size.cells / tried;
        one.n_cells = 1;
        one.sim.replicates = 1;
        one.sim.jobs = 1;
        one.sim.progress = NULL;
        st = wn_sweep(&one, no_row, NULL, NULL, err);
        done++;
    }
    each = (cli_seconds() - started) / (double)(done ? done : 1);
    if (st == WN_OK)
        cli_note("about %.3g s on %u threads, by a run of %llu cells", each * (double)s->size.runs / s->opts.sim.jobs,
                 s->opts.sim.jobs, (unsigned long long)done);
    return st;
}

static void report(const struct sweeping *s, const struct wn_sweep_totals *t, double started)
{
    if (t->refused == t->rows && t->rows > 0)
        cli_warn("all %llu cells were refused, the first because: %s", (unsigned long long)t->refused, t->first_refusal);
    else if (t->refused)
        cli_note("%llu of %llu cells were refused, the first because: %s", (unsigned long long)t->refused,
                 (unsigned long long)t->rows, t->first_refusal);
    cli_note("engine %s: %llu cells of %llu runs in %.1f s", s->opts.sim.engine, (unsigned long long)t->rows,
             (unsigned long long)s->opts.sim.replicates, cli_seconds() - started);
}

static enum wn_status run_cells(struct sweeping *s, struct wn_err *err)
{
    struct wn_sweep_totals totals = { .rows = 0 };
    double started = cli_seconds();
    enum wn_status st;

    if (s->n_kept)
        cli_note("'%s.partial' has %llu of %llu cells: going on", s->args->output, (unsigned long long)s->n_kept,
                 (unsigned long long)s->size.cells);
    s->opts.first_cell = s->n_kept;
    s->opts.sim.progress = on_progress;
    s->opts.sim.progress_arg = s;
    cli_progress_start(&s->progress, "sweeping");
    st = wn_sweep(&s->opts, s->file ? keep_line : send_line, s, &totals, err);
    cli_progress_end(&s->progress);
    if (st == WN_OK)
        st = cli_going_on(err);
    if (st == WN_OK)
        st = publish(s, err);
    else if (s->file && sweep_file_flush(s->file, NULL) == WN_OK)
        cli_note("'%s.partial' holds %llu of %llu cells: the same command goes on from there", s->args->output,
                 (unsigned long long)(s->n_kept + totals.rows), (unsigned long long)s->size.cells);
    if (st == WN_OK)
        report(s, &totals, started);
    return st;
}

static enum wn_status sweep_all(const struct sweep_args *args, struct sim_inputs *in, const struct sweep_grid *grid,
                                struct cli_run *r)
{
    struct sweeping s = { .args = args, .is_csv = args->csv || is_csv_name(args->output) };
    enum wn_status st = sim_inputs_opts(in, &s.opts.sim, &r->err);

    s.opts.axis = grid->axis;
    s.opts.n_axes = grid->n_axes;
    s.opts.metric = grid->n_metrics ? grid->metric : NULL;
    s.opts.n_metrics = grid->n_metrics;
    if (st == WN_OK)
        st = wn_sweep_check(&s.opts, &s.size, &r->err);
    if (st == WN_OK && args->dry_run) {
        printf("%llu cells, %llu runs\n", (unsigned long long)s.size.cells, (unsigned long long)s.size.runs);
        st = estimate(&s, &r->err);
    } else if (st == WN_OK) {
        st = wn_sweep_header(&s.opts, &s.header, &r->err);
        if (st == WN_OK)
            st = open_output(&s, &r->err);
        if (st == WN_OK)
            st = run_cells(&s, &r->err);
    }
    close_output(&s);
    return st;
}

static enum wn_status sweep_run(struct cli_run *r)
{
    const struct sweep_args *args = r->args;
    struct sim_inputs in = { .args = NULL };
    struct sweep_grid grid = { .n_axes = 0 };
    struct cli_outputs out = { .n = 0 };
    enum wn_status st;

    if (!r->n_rest)
        return wn_fail(&r->err, WN_BADCONF, "no policy: %s", r->cmd->usage);
    st = sim_args_check(&args->sim, &r->err);
    if (st == WN_OK)
        st = sweep_grid_read(&grid, &args->grid, &r->err);
    cli_outputs_add(&out, "--output", args->output);
    cli_outputs_add(&out, "--rejects", args->sim.in.rejects);
    if (st == WN_OK)
        st = cli_outputs_check(&out, r->rest, r->n_rest, &r->err);
    if (st == WN_OK)
        st = sim_args_apart(&args->sim, &out, &r->err);
    if (st == WN_OK)
        st = sim_inputs_open(&in, &args->sim, r);
    if (st == WN_OK)
        st = sweep_all(args, &in, &grid, r);
    sim_inputs_close(&in);
    sweep_grid_release(&grid);
    return st;
}

const struct cli_cmd cli_sweep = {
    .name = "sweep",
    .summary = "simulate a grid of settings, for phase diagrams",
    .usage = "winnow sweep [options] POLICY...",
    .about =
        "Runs the simulation of every policy with every combination of the axes' values and writes one row a cell: the\n"
        "statistics of its runs and, where a closed form exists, what theory says. Replicate r draws the same random\n"
        "numbers in every cell. Combinations without a meaning get a row that says why.\n"
        "\n"
        "Generations are recorded as --at says; by default the last one alone. The rows (docs/format/sweep.md) have the\n"
        "same bytes for any number of jobs. A run that was stopped goes on where it was when the same command is given\n"
        "again. winnow report draws the phase diagram.",
    .examples =
        "$ winnow sweep --scraped 0.01:0.5:x12 --tprs 0:1:0.1 -g 200 -s 50 topup.yaml -o phase.jsonl\n"
        "$ winnow report phase.jsonl -o phase.html\n"
        "$ winnow sweep --real 0.01:0.9:x8 --lambdas 0.5,0.8,0.95,1 fresh.yaml -o lambda.csv",
    .opts = sweep_opts,
    .args_size = sizeof(struct sweep_args),
    .run = sweep_run,
};
