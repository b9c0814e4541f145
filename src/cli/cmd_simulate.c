#include "outputs.h"
#include "sim_args.h"

#include <math.h>
#include <stdlib.h>

struct simulate_args {
    const char *output;
    bool dry_run, summary, json;
    struct sim_args sim;
};

static const struct cli_opt simulate_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct simulate_args, output), .arg = "FILE",
      .dflt = "-", .help = "the trace: one metric a row" },
    { .name = "summary", .kind = CLI_FLAG, .at = offsetof(struct simulate_args, summary),
      .help = "write statistics over the replicates (mean, quantiles, log moments) instead of every replicate's rows" },
    { .name = "json", .kind = CLI_FLAG, .at = offsetof(struct simulate_args, json),
      .help = "print what was predicted and what came out on standard error as JSON instead of a table" },
    { .name = "dry-run", .kind = CLI_FLAG, .at = offsetof(struct simulate_args, dry_run),
      .help = "check policies and settings, run nothing" },
    SIM_LOOP_OPTS(struct simulate_args, sim),
    SIM_SAMPLER_OPTS(struct simulate_args, sim),
    SIM_MODEL_OPTS(struct simulate_args, sim),
    SIM_TEXT_OPTS(struct simulate_args, sim),
    DETECTOR_OPTS(struct simulate_args, sim.detect),
    INTAKE_OPTS(struct simulate_args, sim.in),
    { .name = NULL }
};

/* ---- predicted and simulated, policy by policy ---------------------------------------------------- */

struct conclusions {
    struct wn_sim_conclusion *item;
    char (*why)[160];            /* the items' why_not */
    size_t n;
};

/* Called at most once a policy; policy names and metrics outlive the run. */
static void on_conclusion(void *arg, const struct wn_sim_conclusion *c)
{
    struct conclusions *all = arg;

    all->item[all->n] = *c;
    snprintf(all->why[all->n], sizeof(all->why[0]), "%s", c->why_not);
    all->item[all->n].why_not = all->why[all->n];
    all->n++;
}

static const char *number(char out[32], double v)
{
    if (isnan(v))
        return "-";
    snprintf(out, 32, "%.3g", v);
    return out;
}

/* The drift of a logarithm; else the power or the growth that takes its place. */
static const char *course(char out[32], const struct wn_sim_conclusion *c)
{
    if (!isnan(c->drift_per_fit))
        snprintf(out, 32, "%.3g", c->drift_per_fit);
    else if (!isnan(c->power))
        snprintf(out, 32, "n^%.3g", c->power);
    else if (!isnan(c->growth_per_fit))
        snprintf(out, 32, "%.3g n", c->growth_per_fit);
    else
        return "-";
    return out;
}

static void print_row(const struct wn_sim_conclusion *c, int width)
{
    char t[8][32], spread[100] = "-", mean[70] = "-";

    if (c->n_values) {
        snprintf(spread, sizeof(spread), "%s [%s, %s]", number(t[0], c->median), number(t[1], c->q05),
                 number(t[2], c->q95));
        snprintf(mean, sizeof(mean), "%s", number(t[0], c->mean));
        if (!isnan(c->se))
            snprintf(mean, sizeof(mean), "%s +- %s", number(t[0], c->mean), number(t[1], c->se));
    }
    cli_note("%-*.*s %-6s %10s %9s %9s %9s | %-30s %-20s %9s%s", width, width, c->policy,
             c->is_exact ? "exact" : "points", course(t[3], c), number(t[4], c->half_life_fits),
             number(t[5], c->real_per_fit), number(t[6], c->lasting), spread, mean, number(t[7], c->expected),
             c->mean_by_rare_paths ? "  mean carried by rare paths" : "");
    if (c->n_values < c->n_runs && c->n_values > 0)
        cli_note("%-*s %s is of the %llu of %llu runs that still have one: it says nothing of the others", width, "",
                 c->metric, (unsigned long long)c->n_values, (unsigned long long)c->n_runs);
    if (c->n_ended)
        cli_note("%-*s %llu of %llu runs ended early", width, "", (unsigned long long)c->n_ended,
                 (unsigned long long)c->n_runs);
}

static bool has_unlimited(const struct conclusions *all)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->item[i].is_unlimited)
            return true;
    return false;
}

/* No policy has a number, all for one reason: as a rule it is the engine. */
static bool is_unpredicted(const struct conclusions *all)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->item[i].predicted || !all->why[i][0] || strcmp(all->why[i], all->why[0]) != 0)
            return false;
    return true;
}

static void print_reasons(const struct conclusions *all)
{
    if (is_unpredicted(all)) {
        cli_note("nothing is predicted: %s", all->why[0]);
        return;
    }
    for (size_t i = 0; i < all->n; i++)
        if (all->why[i][0] && (i == 0 || strcmp(all->why[i], all->why[i - 1]) != 0))
            cli_note("not all is predicted for %s: %s", all->item[i].policy, all->why[i]);
}

static void print_table(const struct conclusions *all)
{
    const char *metric = "the leading metric";
    int width = 6;
    char head[80];

    if (!all->n)
        return;
    for (size_t i = all->n; i-- > 0;) {
        int n = (int)strlen(all->item[i].policy);

        width = n > width ? n < 24 ? n : 24 : width;
        metric = all->item[i].metric ? all->item[i].metric : metric;
    }
    snprintf(head, sizeof(head), "%s after %u %s: median [5 %%, 95 %%]", metric, all->item[0].generation,
             all->item[0].generation == 1 ? "fit" : "fits");
    cli_note("%-*s %-6s %-40s | what the runs did; %s", width, "", "", "predicted", head);
    cli_note("%-*s %-6s %10s %9s %9s %9s | %-30s %-20s %9s", width, "policy", "played", "drift/fit", "half-life",
             "M rho_eff", "lasting", "median [5 %, 95 %]", "mean +- s.e.", "expected");
    for (size_t i = 0; i < all->n; i++)
        print_row(&all->item[i], width);
    if (has_unlimited(all))
        cli_note("'lasting' is that of infinitely many items a fit where the sampler is biased");
    print_reasons(all);
}

static void add_number(struct wn_json *j, const char *key, double v)
{
    if (isfinite(v))
        wn_json_add_num(j, key, v);
}

static void add_prediction(struct wn_json *j, const struct wn_sim_conclusion *c)
{
    wn_json_open(j, "predicted", '{');
    if (c->predicted)
        wn_json_add_strz(j, "metric", c->predicted);
    add_number(j, "first", c->first);
    add_number(j, "lasting", c->lasting);
    if (c->is_unlimited)
        wn_json_add_bool(j, "unlimited", true);
    if (c->drift_of)
        wn_json_add_strz(j, "drift_of", c->drift_of);
    add_number(j, "drift_per_fit", c->drift_per_fit);
    add_number(j, "half_life_fits", c->half_life_fits);
    add_number(j, "power", c->power);
    add_number(j, "growth_per_fit", c->growth_per_fit);
    add_number(j, "real_per_fit", c->real_per_fit);
    add_number(j, "real_share", c->real_share);
    add_number(j, "critical_share", c->critical_share);
    if (c->why_not[0])
        wn_json_add_strz(j, "why_not", c->why_not);
    wn_json_close(j, '}');
}

static void add_policy(struct wn_json *j, const struct wn_sim_conclusion *c)
{
    wn_json_open(j, NULL, '{');
    wn_json_add_strz(j, "policy", c->policy);
    wn_json_add_strz(j, "played", c->is_exact ? "exact" : "points");
    wn_json_add_uint(j, "runs", c->n_runs);
    wn_json_add_uint(j, "runs_ended", c->n_ended);
    add_prediction(j, c);
    if (c->metric) {
        wn_json_open(j, "simulated", '{');
        wn_json_add_strz(j, "metric", c->metric);
        wn_json_add_uint(j, "generation", c->generation);
        wn_json_add_uint(j, "n", c->n_values);
        add_number(j, "mean", c->mean);
        add_number(j, "se", c->se);
        add_number(j, "median", c->median);
        add_number(j, "q05", c->q05);
        add_number(j, "q95", c->q95);
        add_number(j, "expected", c->expected);
        wn_json_add_bool(j, "mean_by_rare_paths", c->mean_by_rare_paths);
        wn_json_close(j, '}');
    }
    wn_json_close(j, '}');
}

static enum wn_status print_json(const struct conclusions *all, const char *engine, struct wn_err *err)
{
    struct wn_buf text = { 0 };
    struct wn_json j;
    enum wn_status st;

    wn_json_init(&j, &text);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "kind", "simulate");
    wn_json_add_strz(&j, "winnow", wn_version());
    wn_json_add_strz(&j, "engine", engine);
    wn_json_open(&j, "policies", '[');
    for (size_t i = 0; i < all->n; i++)
        add_policy(&j, &all->item[i]);
    wn_json_close(&j, ']');
    wn_json_close(&j, '}');
    wn_buf_addc(&text, '\n');
    st = wn_buf_status(&text, err);
    if (st == WN_OK)
        fwrite(text.ptr, 1, text.len, stderr);
    wn_buf_release(&text);
    return st;
}

static enum wn_status conclusions_init(struct conclusions *all, size_t n, struct wn_err *err)
{
    *all = (struct conclusions){ calloc(n, sizeof(*all->item)), calloc(n, sizeof(*all->why)), 0 };
    return all->item && all->why ? WN_OK : wn_fail(err, WN_NOMEM, "out of memory for %zu policies", n);
}

static void conclusions_release(struct conclusions *all)
{
    free(all->item);
    free(all->why);
}

/* ---- the run ------------------------------------------------------------------------------------------ */

static void on_progress(void *arg, uint64_t done, uint64_t total)
{
    cli_progress_draw(arg, (double)done, (double)total, "runs", NULL);
}

static enum wn_status trace_line(void *arg, struct wn_str line, struct wn_err *err)
{
    return wn_sink_write(arg, line, err);
}

static enum wn_status simulate_all(const struct simulate_args *args, struct sim_inputs *in, struct cli_run *r)
{
    struct cli_progress progress;
    struct wn_sim_opts opts;
    struct conclusions all = { .n = 0 };
    struct wn_sink *out = NULL;
    double started = cli_seconds();
    enum wn_status st = sim_inputs_opts(in, &opts, &r->err);

    opts.summary_only = args->summary;
    opts.progress = on_progress;
    opts.progress_arg = &progress;
    if (st == WN_OK && args->dry_run)
        return wn_simulate_check(&opts, &r->err);
    if (st == WN_OK)
        st = conclusions_init(&all, opts.n_policies, &r->err);
    opts.conclusion = on_conclusion;
    opts.conclusion_arg = &all;
    if (st == WN_OK)
        st = wn_sink_open(&out, args->output, &(struct wn_sink_opts){ .make_folders = true }, &r->err);
    cli_progress_start(&progress, "simulating");
    if (st == WN_OK)
        st = wn_simulate(&opts, trace_line, out, &r->err);
    cli_progress_end(&progress);
    if (st == WN_OK)
        st = wn_sink_publish(out, &r->err);
    wn_sink_close(out);
    if (st == WN_OK)
        cli_note("engine %s: %zu policies, %llu seeds, %llu generations of %llu in %.1f s", opts.engine, opts.n_policies,
                 (unsigned long long)opts.replicates, (unsigned long long)opts.generations, (unsigned long long)opts.n,
                 cli_seconds() - started);
    if (st == WN_OK && args->json)
        st = print_json(&all, opts.engine, &r->err);
    else if (st == WN_OK)
        print_table(&all);
    conclusions_release(&all);
    return st;
}

static enum wn_status simulate_run(struct cli_run *r)
{
    const struct simulate_args *args = r->args;
    struct sim_inputs in = { .args = NULL };
    struct cli_outputs out = { .n = 0 };
    enum wn_status st;

    if (!r->n_rest)
        return wn_fail(&r->err, WN_BADCONF, "no policy: %s", r->cmd->usage);
    st = sim_args_check(&args->sim, &r->err);
    cli_outputs_add(&out, "--output", args->output);
    cli_outputs_add(&out, "--rejects", args->sim.in.rejects);
    if (st == WN_OK)
        st = cli_outputs_check(&out, r->rest, r->n_rest, &r->err);
    if (st == WN_OK)
        st = sim_args_apart(&args->sim, &out, &r->err);
    if (st == WN_OK)
        st = sim_inputs_open(&in, &args->sim, r);
    if (st == WN_OK)
        st = simulate_all(args, &in, r);
    sim_inputs_close(&in);
    return st;
}

const struct cli_cmd cli_simulate = {
    .name = "simulate",
    .summary = "run policies for generations of models and record what happens",
    .usage = "winnow simulate [options] POLICY...",
    .about =
        "Fits a model, samples from it, tags the samples, lets the policy choose, fits the next model, for G generations\n"
        "and R seeds of each policy. The policies are the files that winnow mix takes. Generation n counts fits: the\n"
        "model of generation 1 has seen real data alone.\n"
        "\n"
        "With engine ngram the detectors given here are in the loop, on text that each generation's model wrote. The\n"
        "other engines have no text; there the detector is its operating point, measured by winnow eval.\n"
        "\n"
        "At its end a table on standard error sets what theory predicts beside what the runs did: the drift of the log\n"
        "variance per fit (or n^power, or growth times n) and its half-life, the real items that reach a fit (M rho_eff),\n"
        "where it ends; then median, 5 % and 95 % quantile and mean of the metric that leads, and its exact mean.\n"
        "\n"
        "The trace (docs/format/trace.md) has the same bytes for any number of jobs.",
    .examples =
        "$ winnow simulate corpus/policies/replace.yaml corpus/policies/accumulate.yaml -g 30 -s 20 -o trace.jsonl\n"
        "$ winnow simulate -e gmm -n 500 corpus/policies/replace.yaml -o gmm.jsonl\n"
        "$ winnow simulate -e ngram -c human.jsonl -m model.wnm corpus/policies/filtered.yaml -o text.jsonl",
    .opts = simulate_opts,
    .args_size = sizeof(struct simulate_args),
    .run = simulate_run,
};
