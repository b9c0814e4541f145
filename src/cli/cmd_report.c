#include "outputs.h"

struct report_args {
    const char *output, *csv, *title;
};

static const struct cli_opt report_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct report_args, output), .arg = "FILE",
      .dflt = "report.html", .help = "the page" },
    { .name = "csv", .kind = CLI_STR, .at = offsetof(struct report_args, csv), .arg = "FILE",
      .help = "write every figure behind the plots as CSV" },
    { .name = "title", .kind = CLI_STR, .at = offsetof(struct report_args, title), .arg = "TEXT",
      .dflt = "What the policy bought", .help = "heading of the page" },
    { .name = NULL }
};

enum { MAX_SUMMARY_BYTES = 64 << 20 };

/* A trace is JSON Lines with a header of kind trace; everything else is a summary. */
static bool is_trace(struct wn_str text)
{
    const char *nl = text.len ? memchr(text.ptr, '\n', text.len) : NULL;
    struct wn_str head = { text.ptr, nl ? (size_t)(nl - text.ptr) : text.len };
    struct wn_str kind;

    return wn_record_get(head, "kind", &kind) && wn_str_eq(kind, WN_STR("\"trace\""));
}

static enum wn_status add_input(struct wn_report *report, const char *path, struct wn_err *err)
{
    struct wn_buf text = { 0 };
    enum wn_status st = wn_file_read(path, (uint64_t)1 << 32, &text, err);

    if (st == WN_OK && is_trace(wn_buf_str(&text)))
        st = wn_report_add_trace(report, path, wn_buf_str(&text), err);
    else if (st == WN_OK && text.len > MAX_SUMMARY_BYTES)
        st = wn_fail(err, WN_BADDATA, "'%s' is neither a trace nor a summary", path);
    else if (st == WN_OK)
        st = wn_report_add_summary(report, path, wn_buf_str(&text), err);
    wn_buf_release(&text);
    return st;
}

static enum wn_status report_run(struct cli_run *r)
{
    const struct report_args *args = r->args;
    struct wn_report *report = NULL;
    struct wn_buf page = { 0 }, csv = { 0 };
    struct cli_outputs out = { .n = 0 };
    enum wn_status st;

    if (!r->n_rest)
        return wn_fail(&r->err, WN_BADCONF, "no input: give traces (winnow simulate) and summaries (tag, train, eval, mix)");
    cli_outputs_add(&out, "--output", args->output);
    cli_outputs_add(&out, "--csv", args->csv);
    st = cli_outputs_check(&out, r->rest, r->n_rest, &r->err);
    if (st == WN_OK)
        st = wn_report_new(&report, args->title, &r->err);
    for (size_t i = 0; i < r->n_rest && st == WN_OK; i++)
        st = add_input(report, r->rest[i], &r->err);
    if (st == WN_OK)
        st = wn_report_html(report, &page, &r->err);
    if (st == WN_OK && args->csv)
        st = wn_report_csv(report, &csv, &r->err);
    if (st == WN_OK)
        st = cli_going_on(&r->err);
    if (st == WN_OK)
        st = wn_file_publish(args->output, wn_buf_str(&page), &r->err);
    if (st == WN_OK && args->csv)
        st = wn_file_publish(args->csv, wn_buf_str(&csv), &r->err);
    if (st == WN_OK) {
        if (*wn_report_conclusion(report))
            cli_note("%s", wn_report_conclusion(report));
        cli_note("%s: %.1f kB", args->output, (double)page.len / 1e3);
    }
    wn_buf_release(&page);
    wn_buf_release(&csv);
    wn_report_free(report);
    return st;
}

const struct cli_cmd cli_report = {
    .name = "report",
    .summary = "traces and summaries into one self-contained HTML page",
    .usage = "winnow report [options] TRACE|SUMMARY...",
    .about = "Draws each metric by generation, one line a policy, with intervals over the replicates; tag scores; what was\n"
             "kept and why not. The page needs no network and no scripts.",
    .examples = "$ winnow report trace.jsonl tags.json -o report.html --csv figures.csv",
    .opts = report_opts,
    .args_size = sizeof(struct report_args),
    .run = report_run,
};
