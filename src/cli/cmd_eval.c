#include "detectors.h"
#include "labelled.h"
#include "outputs.h"
#include "quality.h"

struct eval_args {
    const char *output, *slice;
    struct detector_args detect;
    struct labelled_args labels;
    struct intake_args in;
    double prior;
    bool tagged, json;
};

static const struct cli_opt eval_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct eval_args, output), .arg = "FILE",
      .help = "write the whole report as JSON; a policy reads its operating point from it" },
    { .name = "json", .kind = CLI_FLAG, .at = offsetof(struct eval_args, json),
      .help = "print the report on standard output as JSON" },
    { .name = "tagged", .kind = CLI_FLAG, .at = offsetof(struct eval_args, tagged),
      .help = "use the tags that the documents carry instead of tagging them" },
    { .name = "prior", .kind = CLI_REAL, .at = offsetof(struct eval_args, prior), .arg = "P", .min = 1e-6, .max = 0.999999,
      .help = "the prior that the tags' probabilities were made for; default: the model's, or 0.5" },
    { .name = "slice", .kind = CLI_CHOICE, .at = offsetof(struct eval_args, slice), .choices = "source|lang|none",
      .dflt = "source", .help = "figures by this member as well" },
    INTAKE_JOBS(struct eval_args, in),
    LABELLED_OPTS(struct eval_args, labels, in),
    DETECTOR_OPTS(struct eval_args, detect),
    INTAKE_OPTS(struct eval_args, in),
    { .name = NULL }
};

struct evaluation {
    const struct eval_args *args;
    struct detectors detectors;
    struct wn_eval *eval;
};

static enum wn_status eval_work(void *ctx, unsigned worker, const struct wn_doc *doc, struct wn_arena *batch,
                                struct wn_arena *scratch, void **result, struct wn_err *err)
{
    struct evaluation *e = ctx;
    struct wn_tag *tag = wn_arena_calloc(batch, 1, sizeof(*tag));

    (void)scratch;
    if (!tag)
        return wn_fail(err, WN_NOMEM, "out of memory for a tag");
    *result = tag;
    if (!e->args->tagged)
        return wn_tagger_tag(e->detectors.tagger, e->detectors.scratch[worker], doc->text, batch, tag, err);
    if (!doc->tag_raw.len)
        return wn_fail(err, WN_BADDATA, "--tagged, but the record has no member 'winnow'; run winnow tag first");
    return wn_tag_read_json(doc->tag_raw, tag, err);
}

static enum wn_status eval_keep(void *ctx, const struct wn_doc *doc, bool is_synthetic, void *result, struct wn_err *err)
{
    struct evaluation *e = ctx;
    struct wn_str slice = strcmp(e->args->slice, "lang") == 0 ? doc->lang : doc->source;
    char name[128];

    snprintf(name, sizeof(name), "%.*s", slice.len > 100 ? 100 : (int)slice.len, slice.ptr);
    return wn_eval_add(e->eval, result, is_synthetic, strcmp(e->args->slice, "none") == 0 || !slice.len ? NULL : name, err);
}

static enum wn_status eval_report(const struct evaluation *e, const struct intake_result *res, struct wn_buf *out,
                                  struct wn_err *err)
{
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "winnow", wn_version());
    wn_eval_members(e->eval, &j);
    detectors_json(&j, "detectors", &e->detectors);
    wn_account_json(&j, "account", &res->account);
    intake_files_json(&j, "inputs", res);
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
    return wn_buf_status(out, err);
}

static enum wn_status check_outputs(const struct eval_args *args, const struct cli_run *r, struct wn_err *err)
{
    struct cli_outputs all = { .n = 0 };
    enum wn_status st;

    cli_outputs_add(&all, "--output", args->output);
    cli_outputs_add(&all, "--rejects", args->in.rejects);
    st = cli_outputs_check(&all, r->rest, r->n_rest, err);
    if (st == WN_OK)
        st = detectors_apart(&args->detect, &all, err);
    if (st == WN_OK)
        st = cli_outputs_apart(&all, args->labels.human.item, args->labels.human.n, err);
    return st == WN_OK ? cli_outputs_apart(&all, args->labels.synthetic.item, args->labels.synthetic.n, err) : st;
}

static enum wn_status eval_run(struct cli_run *r)
{
    const struct eval_args *args = r->args;
    struct evaluation e = { .args = args };
    struct labelled_visitor v = { .ctx = &e, .work = eval_work, .keep = eval_keep };
    struct intake_args in = args->in;
    struct intake_result res = { 0 };
    struct wn_buf report = { 0 };
    struct wn_quality q;
    enum wn_status st = WN_OK;

    if (!args->tagged && !detectors_wanted(&args->detect))
        return wn_fail(&r->err, WN_BADCONF, "nothing to evaluate: give --model (or --rules, --watermark-key), or --tagged");
    in.lang_key = "lang";
    st = check_outputs(args, r, &r->err);
    if (st == WN_OK)
        st = detectors_open(&e.detectors, &args->detect, intake_jobs(&in), &r->err);
    if (st == WN_OK) {
        e.eval = wn_eval_new();
        st = e.eval ? WN_OK : wn_fail(&r->err, WN_NOMEM, "out of memory");
    }
    if (st == WN_OK)
        wn_eval_set_prior(e.eval, args->prior > 0 ? args->prior :
                                  e.detectors.model ? wn_model_prior(e.detectors.model) : 0.5);
    if (st == WN_OK)
        st = labelled_run(&args->labels, &in, r->rest, r->n_rest, &v, "evaluating", &res, &r->err);
    if (st == WN_OK)
        st = eval_report(&e, &res, &report, &r->err);
    if (st == WN_OK && args->output)
        st = wn_file_publish(args->output, wn_buf_str(&report), &r->err);
    if (st == WN_OK) {
        wn_eval_quality(e.eval, &q);
        if (args->json)
            fwrite(report.ptr, 1, report.len, stdout);
        else
            quality_print(stdout, &q);
        intake_print(&res);
        r->exit = intake_exit(&in, &res);
    }
    wn_buf_release(&report);
    intake_release(&res);
    wn_eval_free(e.eval);
    detectors_close(&e.detectors);
    return st;
}

const struct cli_cmd cli_eval = {
    .name = "eval",
    .summary = "measure the tagger on labelled documents: rates with intervals, ROC, calibration",
    .usage = "winnow eval [options] -m MODEL --human PATH --synthetic PATH [LABELLED...]",
    .about =
        "Tags documents whose origin is known and compares. Prints the rates with their 95 % intervals and n; the JSON\n"
        "report (-o) has the ROC curve, TPR at fixed FPR, calibration bins, figures by source, and the operating point\n"
        "that winnow simulate takes where data has no text.\n"
        "\n"
        "Use documents that the model was not trained on.",
    .examples =
        "$ winnow eval -m model.wnm --human mine.jsonl --synthetic theirs.jsonl -o eval.json\n"
        "$ winnow eval --tagged labelled-and-tagged.jsonl",
    .opts = eval_opts,
    .args_size = sizeof(struct eval_args),
    .run = eval_run,
};
