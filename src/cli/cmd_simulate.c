#include "detectors.h"
#include "intake.h"
#include "outputs.h"
#include "policies.h"

#include <stdlib.h>

struct simulate_args {
    const char *engine, *output, *operating_point, *estimator, *smoothing;
    uint64_t generations, seeds, seed, n, components, order;
    double temperature, top_p, watermark_share, watermark_delta, scraped;
    struct cli_list corpus;
    struct detector_args detect;
    struct intake_args in;
    bool dry_run;
};

static const struct cli_opt simulate_opts[] = {
    { .name = "engine", .letter = 'e', .kind = CLI_CHOICE, .at = offsetof(struct simulate_args, engine),
      .choices = "gaussian|gmm|ngram", .dflt = "gaussian", .help = "what is fitted and sampled" },
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct simulate_args, output), .arg = "FILE",
      .dflt = "-", .help = "the trace: one metric a row" },
    { .name = "generations", .letter = 'g', .kind = CLI_UINT, .at = offsetof(struct simulate_args, generations), .arg = "G",
      .dflt = "10", .min = 1, .max = 100000, .help = "fits; the first one sees real data alone" },
    { .name = "seeds", .letter = 's', .kind = CLI_UINT, .at = offsetof(struct simulate_args, seeds), .arg = "R",
      .dflt = "10", .min = 1, .max = 1000000, .help = "replicates of each policy" },
    { .name = "seed", .kind = CLI_UINT, .at = offsetof(struct simulate_args, seed), .arg = "N", .dflt = "1",
      .help = "everything random follows from it" },
    { .name = "size", .letter = 'n', .kind = CLI_UINT, .at = offsetof(struct simulate_args, n), .arg = "N", .dflt = "100",
      .min = 2, .max = 1e9, .help = "points (documents, for ngram) of a generation" },
    { .name = "scraped-human-share", .kind = CLI_REAL, .at = offsetof(struct simulate_args, scraped), .arg = "SHARE",
      .dflt = "0", .min = 0, .max = 1,
      .help = "new data come undeclared, as in a scrape, with this share of human ones; 0: declared for what they are" },
    { .name = "operating-point", .kind = CLI_STR, .at = offsetof(struct simulate_args, operating_point), .arg = "FILE",
      .help = "report of winnow eval: the detector's rates, instead of those in the policies" },
    { .name = "jobs", .letter = 'j', .kind = CLI_UINT, .at = offsetof(struct simulate_args, in.jobs), .arg = "N",
      .dflt = "0", .max = 1024, .help = "worker threads; 0: one a processor; the trace does not depend on it" },
    { .name = "dry-run", .kind = CLI_FLAG, .at = offsetof(struct simulate_args, dry_run),
      .help = "check policies and settings, run nothing" },
    { .help = "Engine gaussian and gmm" },
    { .name = "estimator", .kind = CLI_CHOICE, .at = offsetof(struct simulate_args, estimator), .choices = "mle|unbiased",
      .dflt = "mle", .help = "variance divided by N or by N-1 (gaussian)" },
    { .name = "components", .letter = 'k', .kind = CLI_UINT, .at = offsetof(struct simulate_args, components), .arg = "K",
      .dflt = "3", .min = 1, .max = 16, .help = "components of the fitted mixture (gmm)" },
    { .help = "Engine ngram" },
    { .name = "corpus", .letter = 'c', .kind = CLI_LIST, .at = offsetof(struct simulate_args, corpus), .arg = "PATH",
      .help = "human documents, divided by a hash of their ids: the first real data, fresh ones, a held-out tenth" },
    { .name = "order", .kind = CLI_UINT, .at = offsetof(struct simulate_args, order), .arg = "N", .dflt = "3", .min = 1,
      .max = 8, .help = "order of the language model" },
    { .name = "smoothing", .kind = CLI_CHOICE, .at = offsetof(struct simulate_args, smoothing), .choices = "kneser-ney|ml",
      .dflt = "kneser-ney", .help = "how it is estimated" },
    { .name = "temperature", .kind = CLI_REAL, .at = offsetof(struct simulate_args, temperature), .arg = "T", .dflt = "1",
      .min = 0.01, .max = 100, .help = "of sampling" },
    { .name = "top-p", .kind = CLI_REAL, .at = offsetof(struct simulate_args, top_p), .arg = "P", .dflt = "1", .min = 1e-6,
      .max = 1, .help = "of sampling" },
    { .name = "watermark-share", .kind = CLI_REAL, .at = offsetof(struct simulate_args, watermark_share), .arg = "SHARE",
      .dflt = "0", .min = 0, .max = 1, .help = "share of synthetic documents that carry the first --watermark-key" },
    { .name = "watermark-delta", .kind = CLI_REAL, .at = offsetof(struct simulate_args, watermark_delta), .arg = "NATS",
      .dflt = "2", .min = 0.01, .max = 50, .help = "strength of that mark" },
    DETECTOR_OPTS(struct simulate_args, detect),
    INTAKE_OPTS(struct simulate_args, in),
    { .name = NULL }
};

struct simulating {
    const struct simulate_args *args;
    struct wn_policy *policies;
    struct detectors detectors;
    struct wn_arena texts_arena;
    struct wn_sim_text *texts;
    size_t n_texts, cap_texts;
    struct wn_buf detectors_json;
    struct wn_sink *out;
    struct cli_progress progress;
};

static enum wn_status collect(void *ctx, const struct wn_doc *doc, void *result, uint64_t n_bytes, enum wn_reason *reason,
                              struct wn_err *err)
{
    struct simulating *s = ctx;
    struct wn_sim_text one = { wn_arena_copy(&s->texts_arena, doc->id), wn_arena_copy(&s->texts_arena, doc->text) };

    (void)result;
    (void)n_bytes;
    (void)reason;
    if (s->n_texts == s->cap_texts) {
        size_t cap = s->cap_texts ? s->cap_texts * 2 : 1024;
        struct wn_sim_text *grown = realloc(s->texts, cap * sizeof(*grown));

        if (!grown)
            return wn_fail(err, WN_NOMEM, "out of memory for the corpus");
        s->texts = grown;
        s->cap_texts = cap;
    }
    s->texts[s->n_texts++] = one;
    return one.id.ptr && one.text.ptr ? WN_OK : wn_fail(err, WN_NOMEM, "out of memory for the corpus");
}

static enum wn_status no_holes(void *ctx, const struct wn_item *item, bool drop, struct wn_err *err)
{
    (void)ctx;
    return drop ? intake_damaged(item, "nothing was simulated", err) : WN_OK;
}

/* A corpus file is usually sorted by source; first data, fresh data and the held-out tenth
 * must look alike. */
struct shuffled {
    uint64_t key;
    struct wn_sim_text text;
};

static int by_key(const void *a, const void *b)
{
    const struct shuffled *x = a, *y = b;

    return x->key != y->key ? (x->key < y->key ? -1 : 1) : wn_str_cmp(x->text.id, y->text.id);
}

static enum wn_status shuffle(struct simulating *s, struct wn_err *err)
{
    struct shuffled *all = calloc(s->n_texts ? s->n_texts : 1, sizeof(*all));

    if (!all)
        return wn_fail(err, WN_NOMEM, "out of memory for the corpus");
    for (size_t i = 0; i < s->n_texts; i++) {
        struct wn_hash128 h = wn_hash128(s->texts[i].id, 0);

        all[i] = (struct shuffled){ wn_keyed_u64(s->args->seed, WN_DOMAIN_SHUFFLE, h.hi, h.lo, 0), s->texts[i] };
    }
    qsort(all, s->n_texts, sizeof(*all), by_key);
    for (size_t i = 0; i < s->n_texts; i++)
        s->texts[i] = all[i].text;
    free(all);
    return WN_OK;
}

static enum wn_status read_corpus(struct simulating *s, struct cli_run *r)
{
    struct intake_visitor v = { .ctx = s, .keep = collect, .file_end = no_holes };
    struct intake_result res = { 0 };
    enum wn_status st = intake_run(&s->args->in, s->args->corpus.item, s->args->corpus.n, &v, "reading", &res, &r->err);

    if (st == WN_OK)
        st = shuffle(s, &r->err);
    if (st == WN_OK)
        r->exit = intake_exit(&s->args->in, &res);
    intake_release(&res);
    return st;
}

static enum wn_status read_policies(struct simulating *s, const struct cli_run *r, struct wn_err *err)
{
    struct wn_operating_point op = { .given = false };
    enum wn_status st = WN_OK;

    s->policies = calloc(r->n_rest, sizeof(*s->policies));
    if (!s->policies)
        return wn_fail(err, WN_NOMEM, "out of memory for %zu policies", r->n_rest);
    if (s->args->operating_point)
        st = cli_read_operating_point(&op, s->args->operating_point, err);
    for (size_t i = 0; i < r->n_rest && st == WN_OK; i++) {
        st = cli_read_policy(&s->policies[i], r->rest[i], err);
        if (op.given)                    /* measured rates win over the example in the file */
            s->policies[i].op = op;
        for (size_t k = 0; k < i && st == WN_OK; k++)
            if (strcmp(s->policies[k].name, s->policies[i].name) == 0)
                st = wn_fail(err, WN_BADCONF, "two policies are named '%s': '%s' and '%s'; give them a 'name'",
                             s->policies[i].name, r->rest[k], r->rest[i]);
    }
    return st;
}

static void on_progress(void *arg, uint64_t done, uint64_t total)
{
    cli_progress_draw(arg, (double)done, (double)total, "generations", NULL);
}

static enum wn_status trace_line(void *arg, struct wn_str line, struct wn_err *err)
{
    return wn_sink_write(arg, line, err);
}

static enum wn_status fill_opts(struct simulating *s, const struct cli_run *r, struct wn_sim_opts *o, struct wn_err *err)
{
    const struct simulate_args *a = s->args;

    *o = (struct wn_sim_opts){ .engine = a->engine, .policies = s->policies, .n_policies = r->n_rest,
                               .generations = (unsigned)a->generations, .replicates = (unsigned)a->seeds, .seed = a->seed,
                               .n = a->n, .jobs = intake_jobs(&a->in), .stop = &cli_stop, .progress = on_progress,
                               .progress_arg = &s->progress, .scraped_human_share = a->scraped,
                               .estimator = strcmp(a->estimator, "unbiased") == 0 ? WN_ESTIMATE_UNBIASED : WN_ESTIMATE_MLE,
                               .components = (unsigned)a->components, .texts = s->texts, .n_texts = s->n_texts,
                               .tagger = detectors_wanted(&a->detect) ? s->detectors.tagger : NULL,
                               .order = (unsigned)a->order,
                               .smoothing = strcmp(a->smoothing, "ml") == 0 ? WN_SMOOTH_ML : WN_SMOOTH_KN,
                               .temperature = a->temperature, .top_p = a->top_p, .watermark_share = a->watermark_share,
                               .watermark_delta = a->watermark_delta, .watermark_key = s->detectors.keys.n ? s->detectors.keys.key[0] : 0,
                               .watermark_lm = s->detectors.keys.lm };
    if (o->tagger) {
        struct wn_json j;

        wn_json_init(&j, &s->detectors_json);
        detectors_json(&j, NULL, &s->detectors);
        o->detectors_json = wn_buf_str(&s->detectors_json);
    }
    return wn_buf_status(&s->detectors_json, err);
}

static enum wn_status simulate_all(struct simulating *s, struct cli_run *r)
{
    struct wn_sim_opts opts;
    double started = cli_seconds();
    enum wn_status st = fill_opts(s, r, &opts, &r->err);

    if (st != WN_OK || s->args->dry_run)
        return st;
    st = wn_sink_open(&s->out, s->args->output, &(struct wn_sink_opts){ .make_folders = true }, &r->err);
    cli_progress_start(&s->progress, "simulating");
    if (st == WN_OK)
        st = wn_simulate(&opts, trace_line, s->out, &r->err);
    cli_progress_end(&s->progress);
    if (st == WN_OK)
        st = wn_sink_publish(s->out, &r->err);
    if (st == WN_OK)
        cli_note("engine %s: %zu policies, %llu seeds, %llu generations of %llu in %.1f s", opts.engine, opts.n_policies,
                 (unsigned long long)opts.replicates, (unsigned long long)opts.generations, (unsigned long long)opts.n,
                 cli_seconds() - started);
    return st;
}

static enum wn_status simulate_run(struct cli_run *r)
{
    const struct simulate_args *args = r->args;
    struct simulating s = { .args = args };
    bool ngram = strcmp(args->engine, "ngram") == 0;
    struct cli_outputs out = { .n = 0 };
    enum wn_status st;

    if (!r->n_rest)
        return wn_fail(&r->err, WN_BADCONF, "no policy: %s", r->cmd->usage);
    if (ngram && !args->corpus.n)
        return wn_fail(&r->err, WN_BADCONF, "engine ngram needs --corpus: human documents to start from");
    if (!ngram && (args->corpus.n || detectors_wanted(&args->detect)))
        return wn_fail(&r->err, WN_BADCONF, "engine %s has no text: --corpus and the detectors' options are for engine ngram; "
                       "give the detector's rates with --operating-point", args->engine);
    cli_outputs_add(&out, "--output", args->output);
    cli_outputs_add(&out, "--rejects", args->in.rejects);
    st = cli_outputs_check(&out, r->rest, r->n_rest, &r->err);
    if (st == WN_OK)
        st = cli_outputs_apart(&out, args->corpus.item, args->corpus.n, &r->err);
    if (st == WN_OK)
        st = cli_outputs_apart(&out, &args->operating_point, 1, &r->err);
    if (st == WN_OK)
        st = detectors_apart(&args->detect, &out, &r->err);
    if (st == WN_OK)
        st = read_policies(&s, r, &r->err);
    if (st == WN_OK && ngram)
        st = read_corpus(&s, r);
    if (st == WN_OK && args->watermark_share > 0 && !args->detect.watermark_keys.n)
        st = wn_fail(&r->err, WN_BADCONF, "--watermark-share needs --watermark-key and --watermark-lm: whose mark is it");
    if (st == WN_OK && detectors_wanted(&args->detect))
        st = detectors_open(&s.detectors, &args->detect, 1, &r->err);
    if (st == WN_OK)
        st = simulate_all(&s, r);
    wn_sink_close(s.out);
    detectors_close(&s.detectors);
    wn_buf_release(&s.detectors_json);
    wn_arena_release(&s.texts_arena);
    free(s.texts);
    free(s.policies);
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
        "The trace (docs/format/trace.md) has the same bytes for any number of jobs.",
    .examples =
        "$ winnow simulate corpus/policies/replace.yaml corpus/policies/accumulate.yaml -g 30 -s 20 -o trace.jsonl\n"
        "$ winnow simulate -e gmm -n 500 corpus/policies/replace.yaml -o gmm.jsonl\n"
        "$ winnow simulate -e ngram -c human.jsonl -m model.wnm corpus/policies/filtered.yaml -o text.jsonl",
    .opts = simulate_opts,
    .args_size = sizeof(struct simulate_args),
    .run = simulate_run,
};
