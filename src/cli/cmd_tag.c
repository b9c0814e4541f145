#include "detectors.h"
#include "intake.h"
#include "outputs.h"

#include <stdlib.h>

struct tag_args {
    const char *output, *summary, *attributes;
    struct detector_args detect;
    struct intake_args in;
    bool dry_run, json;
};

static const struct cli_opt tag_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct tag_args, output), .arg = "FILE", .dflt = "-",
      .help = "tagged documents, in input order; .gz and .zst compress; - is standard output; may be the input; missing folders are made" },
    { .name = "attributes", .kind = CLI_STR, .at = offsetof(struct tag_args, attributes), .arg = "EXPERIMENT",
      .help = "write Dolma attribute rows with keys EXPERIMENT__tagger__type instead of whole documents" },
    { .name = "summary", .kind = CLI_STR, .at = offsetof(struct tag_args, summary), .arg = "FILE",
      .help = "write counts of verdicts, detectors and records as JSON" },
    { .name = "json", .kind = CLI_FLAG, .at = offsetof(struct tag_args, json),
      .help = "print the summary on standard error as JSON" },
    { .name = "dry-run", .letter = 'n', .kind = CLI_FLAG, .at = offsetof(struct tag_args, dry_run),
      .help = "load everything, say what would be done, write nothing" },
    INTAKE_JOBS(struct tag_args, in),
    INTAKE_SHARD(struct tag_args, in),
    DETECTOR_OPTS(struct tag_args, detect),
    INTAKE_OPTS(struct tag_args, in),
    { .name = NULL }
};

/* What a worker hands to the writer. */
struct tagged {
    struct wn_tag tag;
    struct wn_str row;
};

struct tagging {
    const struct tag_args *args;
    struct detectors detectors;
    struct wn_buf *row;             /* one a worker */
    struct wn_sink *out;
    struct wn_tagstats *stats;      /* of what was published */
    struct wn_tagstats *pending;    /* of the file under way */
};

static void attribute(struct wn_json *j, const char *experiment, const char *name, uint64_t n_points, double score)
{
    char key[200];

    snprintf(key, sizeof(key), "%s__%s", experiment, name);
    wn_json_open(j, key, '[');
    if (n_points) {                          /* an empty text has no span */
        wn_json_open(j, NULL, '[');
        wn_json_add_uint(j, NULL, 0);
        wn_json_add_uint(j, NULL, n_points);
        wn_json_add_num(j, NULL, (double)(long long)(score * 1e5 + (score < 0 ? -0.5 : 0.5)) / 1e5);
        wn_json_close(j, ']');
    }
    wn_json_close(j, ']');
}

/* {"id":...,"attributes":{...},"source":...}: docs/format/tags.md. */
static void attribute_row(struct wn_buf *out, const struct tag_args *args, const struct wn_doc *doc, const struct wn_tag *tag)
{
    const char *experiment = args->attributes;
    struct wn_json j;
    struct wn_str id;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    if (!doc->id_made && wn_record_get(doc->record, args->in.id_key, &id))
        wn_json_add_raw(&j, "id", id);       /* compared by JSON equality with the document's */
    else
        wn_json_add_str(&j, "id", doc->id);
    wn_json_open(&j, "attributes", '{');
    attribute(&j, experiment, "prov__p", tag->n_points, tag->p_synthetic);
    attribute(&j, experiment, "prov__verdict", tag->n_points, tag->verdict);
    attribute(&j, experiment, "prov__human_null_p", tag->n_points, tag->p_human_null);
    for (size_t i = 0; i < tag->n_evidence; i++) {
        char name[80];

        snprintf(name, sizeof(name), "%.30s__%.40s", tag->evidence[i].detector, tag->evidence[i].statistic);
        attribute(&j, experiment, name, tag->n_points, tag->evidence[i].value);
    }
    wn_json_close(&j, '}');
    if (doc->source.len)
        wn_json_add_str(&j, "source", doc->source);
    wn_json_close(&j, '}');
}

static enum wn_status inline_row(struct wn_buf *out, const struct wn_doc *doc, const struct wn_tag *tag,
                                 struct wn_arena *scratch, struct wn_err *err)
{
    struct wn_buf raw = { 0 };
    struct wn_str copy;
    enum wn_status st;

    wn_tag_write_json(&raw, tag);
    st = wn_buf_status(&raw, err);
    copy = st == WN_OK ? wn_arena_copy(scratch, wn_buf_str(&raw)) : (struct wn_str){ NULL, 0 };
    wn_buf_release(&raw);
    if (!copy.ptr)
        return st != WN_OK ? st : wn_fail(err, WN_NOMEM, "out of memory for a tag");
    return wn_record_set(out, doc->record, "winnow", copy, err);
}

static enum wn_status tag_work(void *ctx, unsigned worker, const struct wn_doc *doc, struct wn_arena *batch,
                               struct wn_arena *scratch, void **result, struct wn_err *err)
{
    struct tagging *t = ctx;
    struct tagged *out = wn_arena_calloc(batch, 1, sizeof(*out));
    struct wn_buf *row = &t->row[worker];
    enum wn_status st;

    if (!out)
        return wn_fail(err, WN_NOMEM, "out of memory for a tag");
    st = wn_tagger_tag(t->detectors.tagger, t->detectors.scratch[worker], doc->text, batch, &out->tag, err);
    if (st != WN_OK)
        return st;
    wn_buf_reset(row);
    if (t->args->attributes)
        attribute_row(row, t->args, doc, &out->tag);
    else
        st = inline_row(row, doc, &out->tag, scratch, err);
    wn_buf_addc(row, '\n');
    if (st == WN_OK)
        st = wn_buf_status(row, err);
    if (st != WN_OK)
        return st;
    out->row = wn_arena_copy(batch, wn_buf_str(row));
    *result = out;
    return out->row.ptr ? WN_OK : wn_fail(err, WN_NOMEM, "out of memory for a row");
}

static enum wn_status tag_keep(void *ctx, const struct wn_doc *doc, void *result, uint64_t n_bytes, enum wn_reason *reason,
                               struct wn_err *err)
{
    struct tagging *t = ctx;
    struct tagged *one = result;
    enum wn_status st = wn_sink_write(t->out, one->row, err);

    (void)n_bytes;
    (void)reason;
    return st == WN_OK ? wn_tagstats_add(t->pending, &one->tag, doc->source, err) : st;
}

static enum wn_status tag_file_begin(void *ctx, const struct wn_item *item, struct wn_err *err)
{
    struct tagging *t = ctx;

    (void)item;
    return wn_sink_can_rollback(t->out) ? wn_sink_mark(t->out, err) : WN_OK;
}

static enum wn_status tag_file_end(void *ctx, const struct wn_item *item, bool drop, struct wn_err *err)
{
    struct tagging *t = ctx;
    enum wn_status st = drop ? wn_sink_rollback(t->out, err) : wn_tagstats_merge(t->stats, t->pending, err);

    (void)item;
    wn_tagstats_reset(t->pending);
    return st;
}

static enum wn_status summarize(const struct tagging *t, const struct intake_result *res, struct wn_buf *out,
                                struct wn_err *err)
{
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "kind", "tag");
    wn_json_add_strz(&j, "winnow", wn_version());
    detectors_json(&j, "detectors", &t->detectors);
    wn_account_json(&j, "account", &res->account);
    wn_tagstats_json(t->stats, &j, "tags");
    intake_files_json(&j, "inputs", res);
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
    return wn_buf_status(out, err);
}

static enum wn_status finish(struct tagging *t, const struct intake_result *res, struct wn_err *err)
{
    struct wn_buf summary = { 0 };
    enum wn_status st = cli_going_on(err);

    if (st == WN_OK)
        st = intake_any(res, err);
    if (st == WN_OK)
        st = summarize(t, res, &summary, err);
    /* The corpus last: where it stands, its summary stands too. */
    if (st == WN_OK && t->args->summary)
        st = wn_file_publish(t->args->summary, wn_buf_str(&summary), err);
    if (st == WN_OK)
        st = wn_sink_publish(t->out, err);
    if (st == WN_OK) {
        if (t->args->json)
            fwrite(summary.ptr, 1, summary.len, stderr);
        else
            intake_print(res);
    }
    wn_buf_release(&summary);
    return st;
}

static void dry_run(const struct cli_run *r, const struct tag_args *args, const struct tagging *t)
{
    printf("would tag:");
    for (size_t i = 0; i < r->n_rest; i++)
        printf(" %s", r->rest[i]);
    printf("%s\noutput: %s\nmodel: %s\nwatermark keys: %zu\njobs: %u\n", r->n_rest ? "" : " standard input", args->output,
           t->detectors.model ? wn_model_digest(t->detectors.model) : "none", t->detectors.keys.n, intake_jobs(&args->in));
}

/* A key's parts must survive Dolma's grammar: no cut, no surprise. */
static bool is_experiment(const char *name)
{
    size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    return n >= 1 && n <= 64 && !name[n] && !(name[0] >= '0' && name[0] <= '9') && !strstr(name, "__");
}

static enum wn_status check_args(const struct tag_args *args, const struct cli_run *r, struct wn_err *err)
{
    struct cli_outputs all = { .n = 0 }, side = { .n = 0 };
    enum wn_status st;

    if (args->attributes && !is_experiment(args->attributes))
        return wn_fail(err, WN_BADCONF, "--attributes: '%s' is not a name of 1 to 64 letters, digits and single _, starting "
                       "with a letter", args->attributes);
    if (!detectors_wanted(&args->detect) && args->detect.no_marks)
        return wn_fail(err, WN_BADCONF, "no detector is left: give --model, --rules or --watermark-key");
    cli_outputs_add(&all, "--output", args->output);
    cli_outputs_add(&all, "--summary", args->summary);
    cli_outputs_add(&all, "--rejects", args->in.rejects);
    cli_outputs_add(&side, "--summary", args->summary);
    cli_outputs_add(&side, "--rejects", args->in.rejects);
    st = detectors_apart(&args->detect, &all, err);
    if (st == WN_OK)
        st = cli_outputs_check(&all, NULL, 0, err);
    return st == WN_OK ? cli_outputs_apart(&side, r->rest, r->n_rest, err) : st;
}

static enum wn_status tag_run(struct cli_run *r)
{
    const struct tag_args *args = r->args;
    unsigned jobs = intake_jobs(&args->in);
    struct tagging t = { .args = args };
    struct intake_visitor v = { .ctx = &t, .work = tag_work, .keep = tag_keep, .file_begin = tag_file_begin,
                                .file_end = tag_file_end };
    struct intake_result res = { 0 };
    enum wn_status st;

    st = check_args(args, r, &r->err);
    if (st != WN_OK)
        return st;
    if (!args->detect.model)
        cli_warn("no --model: the perplexity classifier does not run, so only marks, rules and keys speak");
    st = detectors_open(&t.detectors, &args->detect, jobs, &r->err);
    if (st != WN_OK || args->dry_run)
        goto done;
    t.row = calloc(jobs, sizeof(*t.row));
    t.stats = wn_tagstats_new();
    t.pending = wn_tagstats_new();
    if (!t.row || !t.stats || !t.pending) {
        st = wn_fail(&r->err, WN_NOMEM, "out of memory for %u workers", jobs);
        goto done;
    }
    st = wn_sink_open(&t.out, args->output, &(struct wn_sink_opts){ .make_folders = true }, &r->err);
    if (st != WN_OK)
        goto done;
    v.cannot_drop = !wn_sink_can_rollback(t.out);
    st = intake_run(&args->in, r->rest, r->n_rest, &v, "tagging", &res, &r->err);
    if (st == WN_OK)
        st = finish(&t, &res, &r->err);
    if (st == WN_OK)
        r->exit = intake_exit(&args->in, &res);
done:
    if (st == WN_OK && args->dry_run)
        dry_run(r, args, &t);
    intake_release(&res);
    wn_sink_close(t.out);
    wn_tagstats_free(t.pending);
    wn_tagstats_free(t.stats);
    for (unsigned i = 0; t.row && i < jobs; i++)
        wn_buf_release(&t.row[i]);
    free(t.row);
    detectors_close(&t.detectors);
    return st;
}

const struct cli_cmd cli_tag = {
    .name = "tag",
    .summary = "tag documents as human, synthetic or unknown, with reasons",
    .usage = "winnow tag [options] [INPUT...]",
    .about =
        "Reads documents (JSON Lines, plain or .gz or .zst, tar and zip of such files, plain text; standard input when\n"
        "no INPUT is given), runs the configured detectors, and writes every document with one member more, 'winnow':\n"
        "the verdict, a calibrated probability, and the evidence of each detector under its null hypothesis. All other\n"
        "bytes of a record stay as they came.\n"
        "\n"
        "What was not tested is said to be not tested: a watermark test runs only for keys that are given. Short or\n"
        "out-of-domain text is tagged unknown rather than guessed.\n"
        "\n"
        "A damaged input file does not stop the others. Nothing of it is published unless --salvage is given; on\n"
        "standard output, which cannot be taken back, the whole records before the damage are kept.",
    .examples =
        "$ winnow tag --rules rules corpus/machine-en-a.jsonl -o tagged.jsonl\n"
        "$ winnow tag -m model.wnm --summary tags.json -o tagged.jsonl.zst web/*.jsonl.gz\n"
        "$ zstdcat web.jsonl.zst | winnow tag -m model.wnm - | jq -c 'select(.winnow.verdict==\"human\")'",
    .opts = tag_opts,
    .args_size = sizeof(struct tag_args),
    .run = tag_run,
};
