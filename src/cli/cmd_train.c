#include "labelled.h"
#include "outputs.h"
#include "quality.h"

struct train_args {
    const char *output, *summary;
    struct labelled_args labels;
    struct intake_args in;
    struct cli_list rules;
    uint64_t order, seed, min_tokens;
    double fpr, fnr, prior, ridge;
    bool json;
};

static const struct cli_opt train_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct train_args, output), .arg = "FILE",
      .dflt = "model.wnm", .help = "the model file" },
    { .name = "summary", .kind = CLI_STR, .at = offsetof(struct train_args, summary), .arg = "FILE",
      .help = "write the held-out quality and the counts as JSON" },
    { .name = "json", .kind = CLI_FLAG, .at = offsetof(struct train_args, json),
      .help = "print the summary on standard output as JSON" },
    { .name = "rules", .kind = CLI_LIST, .at = offsetof(struct train_args, rules), .arg = "PATH",
      .help = "rule files or folders to put into the model" },
    { .name = "order", .kind = CLI_UINT, .at = offsetof(struct train_args, order), .arg = "N", .dflt = "3", .min = 1,
      .max = 8, .help = "order of both language models" },
    { .name = "fpr", .kind = CLI_REAL, .at = offsetof(struct train_args, fpr), .arg = "RATE", .dflt = "0.01", .min = 1e-6,
      .max = 0.5, .help = "promised false-positive rate on human text" },
    { .name = "fnr", .kind = CLI_REAL, .at = offsetof(struct train_args, fnr), .arg = "RATE", .dflt = "0.05", .min = 1e-6,
      .max = 0.5, .help = "rate of synthetic documents that may be called human" },
    { .name = "prior", .kind = CLI_REAL, .at = offsetof(struct train_args, prior), .arg = "P", .dflt = "0.5", .min = 1e-6,
      .max = 0.999999, .help = "share of synthetic documents assumed by p_synthetic" },
    { .name = "min-tokens", .kind = CLI_UINT, .at = offsetof(struct train_args, min_tokens), .arg = "N", .dflt = "40",
      .min = 1, .max = 1000000, .help = "shorter texts are tagged unknown" },
    { .name = "ridge", .kind = CLI_REAL, .at = offsetof(struct train_args, ridge), .arg = "L2", .dflt = "1", .min = 1e-9,
      .max = 1e9, .help = "penalty of the logistic model" },
    { .name = "seed", .kind = CLI_UINT, .at = offsetof(struct train_args, seed), .arg = "N", .dflt = "1",
      .help = "seed of the split into parts" },
    INTAKE_JOBS(struct train_args, in),
    LABELLED_OPTS(struct train_args, labels, in),
    INTAKE_OPTS(struct train_args, in),
    { .name = NULL }
};

static enum wn_status train_keep(void *ctx, const struct wn_doc *doc, bool is_synthetic, void *result, struct wn_err *err)
{
    (void)result;
    return wn_trainer_add(ctx, doc, is_synthetic, err);
}

static enum wn_status summarize(const struct intake_result *res, const struct wn_model *model, const struct wn_quality *q,
                                struct wn_buf *out, struct wn_err *err)
{
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "kind", "train");
    wn_json_add_strz(&j, "winnow", wn_version());
    wn_model_json(&j, "model", model);
    quality_json(&j, "held_out", q);
    wn_account_json(&j, "account", &res->account);
    intake_files_json(&j, "inputs", res);
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
    return wn_buf_status(out, err);
}

static enum wn_status publish(const struct train_args *args, const struct intake_result *res, const struct wn_buf *image,
                              const struct wn_quality *q, struct wn_err *err)
{
    struct wn_model *model = NULL;
    struct wn_buf summary = { 0 };
    enum wn_status st = wn_model_view(&model, wn_buf_str(image), args->output, err);

    if (st == WN_OK)
        st = summarize(res, model, q, &summary, err);
    if (st == WN_OK)
        st = wn_file_publish(args->output, wn_buf_str(image), err);
    if (st == WN_OK && args->summary)
        st = wn_file_publish(args->summary, wn_buf_str(&summary), err);
    if (st == WN_OK && args->json) {
        fwrite(summary.ptr, 1, summary.len, stdout);
    }
    if (st == WN_OK && q->n_both_labels)
        cli_warn("%llu texts were given as human and as synthetic; they were left out", (unsigned long long)q->n_both_labels);
    if (st == WN_OK && q->n_duplicates)
        cli_note("%llu repeated texts were left out", (unsigned long long)q->n_duplicates);
    if (st == WN_OK && !args->json && !cli_quiet) {
        fprintf(stderr, "held-out quality of '%s' (%s):\n", args->output, wn_model_digest(model));
        quality_print(stderr, q);
    }
    wn_model_free(model);
    wn_buf_release(&summary);
    return st;
}

static enum wn_status check_outputs(const struct train_args *args, const struct cli_run *r, struct wn_err *err)
{
    struct cli_outputs all = { .n = 0 };
    enum wn_status st;

    cli_outputs_add(&all, "--output", args->output);
    cli_outputs_add(&all, "--summary", args->summary);
    cli_outputs_add(&all, "--rejects", args->in.rejects);
    st = cli_outputs_check(&all, r->rest, r->n_rest, err);
    if (st == WN_OK)
        st = cli_outputs_apart(&all, args->rules.item, args->rules.n, err);
    if (st == WN_OK)
        st = cli_outputs_apart(&all, args->labels.human.item, args->labels.human.n, err);
    return st == WN_OK ? cli_outputs_apart(&all, args->labels.synthetic.item, args->labels.synthetic.n, err) : st;
}

static enum wn_status train_run(struct cli_run *r)
{
    const struct train_args *args = r->args;
    struct wn_train_opts opts = { .order = (unsigned)args->order, .seed = args->seed, .fpr = args->fpr, .fnr = args->fnr,
                                  .prior = args->prior, .min_tokens = args->min_tokens, .ridge = args->ridge,
                                  .jobs = intake_jobs(&args->in) };
    struct labelled_visitor v = { .keep = train_keep };
    struct intake_result res = { 0 };
    struct wn_trainer *trainer = NULL;
    struct wn_rules *rules = NULL;
    struct wn_buf image = { 0 };
    struct wn_quality q = { 0 };
    enum wn_status st = check_outputs(args, r, &r->err);

    if (st == WN_OK && args->rules.n)
        st = wn_rules_load(&rules, args->rules.item, args->rules.n, &r->err);
    if (st == WN_OK)
        st = wn_trainer_new(&trainer, &opts, rules, &r->err);
    v.ctx = trainer;
    if (st == WN_OK)
        st = labelled_run(&args->labels, &args->in, r->rest, r->n_rest, &v, "reading", &res, &r->err);
    if (st == WN_OK)
        st = wn_trainer_finish(trainer, &image, &q, &r->err);
    if (st == WN_OK)
        st = cli_going_on(&r->err);
    if (st == WN_OK)
        st = publish(args, &res, &image, &q, &r->err);
    if (st == WN_OK) {
        if (!args->json)
            intake_print(&res);
        r->exit = intake_exit(&args->in, &res);
    }
    wn_buf_release(&image);
    wn_trainer_free(trainer);
    wn_rules_free(rules);
    intake_release(&res);
    return st;
}

const struct cli_cmd cli_train = {
    .name = "train",
    .summary = "train the classifier from labelled corpora and print its held-out quality",
    .usage = "winnow train [options] --human PATH --synthetic PATH [LABELLED...] [-o MODEL]",
    .about =
        "Builds one model file: a language model of the human documents, one of the synthetic documents, a calibrated\n"
        "classifier over both, and the rules. Each document falls, by a keyed hash of its group or id, in one of four\n"
        "parts (language models 50 %, classifier 20 %, calibration 15 %, held out 15 %), so that no document is scored\n"
        "by a model that has seen it.\n"
        "\n"
        "The threshold for the verdict synthetic is set on human text (split conformal): for documents exchangeable with\n"
        "the calibration part, at most --fpr of the human ones are called synthetic. The printed rates are those of the\n"
        "held-out part, with their intervals; on text from elsewhere, measure again with winnow eval.",
    .examples =
        "$ winnow train --human human.jsonl --synthetic corpus/machine-en-a.jsonl --rules rules -o model.wnm\n"
        "$ winnow train labelled.jsonl.zst --order 4 --fpr 0.005 -o model.wnm --summary train.json",
    .opts = train_opts,
    .args_size = sizeof(struct train_args),
    .run = train_run,
};
