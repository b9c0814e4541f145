#include "intake.h"

#include <stdlib.h>
#include <sys/stat.h>

struct demo_args {
    const char *human, *corpus, *rules, *output;
    uint64_t jobs;
};

static const struct cli_opt demo_opts[] = {
    { .name = "human", .kind = CLI_STR, .at = offsetof(struct demo_args, human), .arg = "FILE",
      .dflt = "build/human/human.jsonl", .help = "human documents; 'make human' extracts them from Debian packages" },
    { .name = "corpus", .kind = CLI_STR, .at = offsetof(struct demo_args, corpus), .arg = "DIR", .dflt = "corpus",
      .help = "folder with the machine-written documents and the policies" },
    { .name = "rules", .kind = CLI_STR, .at = offsetof(struct demo_args, rules), .arg = "DIR", .dflt = "rules",
      .help = "folder with the rule files" },
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct demo_args, output), .arg = "DIR",
      .dflt = "winnow-demo", .help = "folder for everything that is made" },
    { .name = "jobs", .letter = 'j', .kind = CLI_UINT, .at = offsetof(struct demo_args, jobs), .arg = "N", .dflt = "0",
      .max = 1024, .help = "worker threads; 0: one a processor" },
    { .name = NULL }
};

enum { SPLIT_SEED = 1, MAX_PARTS = 3 };

/* ---- the split ---------------------------------------------------------------------- */

/* Where a document goes, by a hash of its id: the first part whose bound is above it. */
struct split_part {
    const char *name;
    double below;
};

/* The sampled machine text must come from documents that the classifier never sees as
 * human ones: an LM repeats its training words, and they would give the calibration
 * documents away. */
static const struct split_part human_parts[] = { { "base", 0.3 }, { "train", 0.65 }, { "held", 1 } };
static const struct split_part machine_parts[] = { { "train", 0.5 }, { "held", 1 } };

struct split {
    const struct split_part *part;
    size_t n_parts;
    struct wn_sink *sink[MAX_PARTS];
    uint64_t n[MAX_PARTS];
};

static enum wn_status split_keep(void *ctx, const struct wn_doc *doc, void *result, uint64_t n_bytes,
                                 enum wn_reason *reason, struct wn_err *err)
{
    struct split *s = ctx;
    struct wn_hash128 h = wn_hash128(doc->id, 0);
    double u = wn_keyed_u01(SPLIT_SEED, WN_DOMAIN_SPLIT, h.hi, h.lo, 1);
    size_t i = 0;
    enum wn_status st;

    (void)result;
    (void)n_bytes;
    (void)reason;
    while (i + 1 < s->n_parts && u >= s->part[i].below)
        i++;
    s->n[i]++;
    st = wn_sink_write(s->sink[i], doc->record, err);
    return st == WN_OK ? wn_sink_write(s->sink[i], WN_STR("\n"), err) : st;
}

/* Divides PATHS into OUT/NAME-<part>.jsonl. */
static enum wn_status split_files(const char *out, const char *name, const char *const *paths, size_t n_paths,
                                  const struct split_part *part, size_t n_parts, struct wn_err *err)
{
    static const struct wn_sink_opts opts = { .make_folders = true };
    const struct intake_args in = { .max_bad = 1, .jobs = 1 };
    struct split s = { .part = part, .n_parts = n_parts };
    struct intake_visitor v = { .ctx = &s, .keep = split_keep };
    struct intake_result res = { 0 };
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < n_parts && st == WN_OK; i++) {
        char path[4200];

        snprintf(path, sizeof(path), "%s/%s-%s.jsonl", out, name, part[i].name);
        st = wn_sink_open(&s.sink[i], path, &opts, err);
    }
    if (st == WN_OK)
        st = intake_run(&in, paths, n_paths, &v, "splitting", &res, err);
    if (st == WN_OK && res.account.files_failed)
        st = wn_fail(err, WN_BADDATA, "the %s documents cannot be read whole", name);
    for (size_t i = 0; i < n_parts && st == WN_OK; i++) {
        st = s.n[i] ? wn_sink_publish(s.sink[i], err) : wn_fail(err, WN_BADCONF, "too few %s documents", name);
        if (st == WN_OK)
            cli_note("  %s-%s.jsonl: %llu documents", name, part[i].name, (unsigned long long)s.n[i]);
    }
    for (size_t i = 0; i < n_parts; i++)
        wn_sink_close(s.sink[i]);
    intake_release(&res);
    return st;
}

/* ---- the path, as a user would type it ---------------------------------------------------- */

static const struct {
    const char *what;
    const char *line;    /* {O} output, {C} corpus, {R} rules, {J} jobs */
} steps[] = {
    { "A language model of some human documents writes a second kind of machine text, with and without a watermark.",
      "lm build {O}/human-base.jsonl -o {O}/human.wlm -q" },
    { NULL, "lm sample {O}/human.wlm -n 400 --min-tokens 80 --max-tokens 250 --id-prefix train- -o {O}/sampled-train.jsonl" },
    { NULL, "lm sample {O}/human.wlm -n 120 --seed 2 --min-tokens 80 --max-tokens 250 --id-prefix plain- -o {O}/sampled.jsonl" },
    { NULL, "watermark embed --lm {O}/human.wlm --key 20261122 -n 120 --seed 3 --min-tokens 80 --max-tokens 250 "
            "--id-prefix marked- -o {O}/marked.jsonl" },
    { "Train the classifier; its quality is printed for documents that it never saw.",
      "train --human {O}/human-train.jsonl --synthetic {O}/machine-train.jsonl --synthetic {O}/sampled-train.jsonl "
      "--rules {R} --fpr 0.05 -j {J} -o {O}/model.wnm --summary {O}/train.json" },
    { "Tag a scrape: human and machine documents that no model was trained on.",
      "tag -m {O}/model.wnm --watermark-key 20261122 --watermark-lm {O}/human.wlm -j {J} --summary {O}/tags.json "
      "-o {O}/tagged.jsonl {O}/human-held.jsonl {O}/machine-held.jsonl {O}/sampled.jsonl {O}/marked.jsonl" },
    { "Their labels are known, so the tagger's rates can be measured.",
      "eval --tagged {O}/tagged.jsonl -o {O}/eval.json" },
    { "Mix real and scraped documents under two policies.",
      "mix {C}/policies/accumulate.yaml --real {O}/human-train.jsonl {O}/tagged.jsonl -o {O}/mixed-accumulate.jsonl" },
    { NULL, "mix {C}/policies/filtered.yaml --real {O}/human-train.jsonl {O}/tagged.jsonl -o {O}/mixed-filtered.jsonl "
            "--excluded {O}/mixed-filtered.excluded.jsonl" },
    { "Simulate the same files: a Gaussian with the measured rates, a mixture, and a language model with the real "
      "detectors in the loop.",
      "simulate {C}/policies/replace.yaml {C}/policies/accumulate.yaml {C}/policies/filtered.yaml {C}/policies/fresh.yaml "
      "-g 60 -s 100 -n 100 --operating-point {O}/eval.json -j {J} -o {O}/gaussian.jsonl" },
    { NULL, "simulate -e gmm {C}/policies/replace.yaml {C}/policies/accumulate.yaml {C}/policies/filtered.yaml "
            "{C}/policies/fresh.yaml -g 30 -s 20 -n 200 --operating-point {O}/eval.json -j {J} -o {O}/gmm.jsonl" },
    { NULL, "simulate -e ngram {C}/policies/replace.yaml {C}/policies/accumulate.yaml {C}/policies/filtered.yaml "
            "{C}/policies/fresh.yaml -c {O}/human-held.jsonl -m {O}/model.wnm --watermark-key 20261122 --watermark-lm "
            "{O}/human.wlm --watermark-share 0.5 -g 8 -s 5 -n 200 -j {J} -o {O}/ngram.jsonl" },
    { "Draw it.", "report {O}/gaussian.jsonl {O}/gmm.jsonl {O}/ngram.jsonl {O}/train.json {O}/tags.json {O}/eval.json "
                  "{O}/mixed-accumulate.jsonl.manifest.json {O}/mixed-filtered.jsonl.manifest.json -o {O}/report.html "
                  "--csv {O}/report.csv" },
};

/* Replaces {X} in WORD; the result lives in A. */
static const char *expand(const struct demo_args *args, const char *word, struct wn_arena *a)
{
    struct wn_buf out = { 0 };
    struct wn_str copy;
    char jobs[24];

    snprintf(jobs, sizeof(jobs), "%llu", (unsigned long long)args->jobs);
    for (const char *p = word; *p; p++) {
        const char *value = NULL;

        if (p[0] == '{' && p[1] && p[2] == '}')
            value = p[1] == 'O' ? args->output : p[1] == 'C' ? args->corpus : p[1] == 'R' ? args->rules : jobs;
        if (value) {
            wn_buf_addz(&out, value);
            p += 2;
        } else {
            wn_buf_addc(&out, *p);
        }
    }
    copy = wn_arena_copy(a, wn_buf_str(&out));
    wn_buf_release(&out);
    return copy.ptr;
}

static enum cli_exit run_step(const struct demo_args *args, const char *line, struct wn_arena *a)
{
    char *words = (char *)wn_arena_copy(a, wn_str(line)).ptr, *next = NULL;
    char *argv[64];
    size_t n = 0;
    bool quiet = cli_quiet;
    enum cli_exit code;

    fputs("\n$ winnow", stderr);
    for (char *w = strtok_r(words, " ", &next); w && n < 63; w = strtok_r(NULL, " ", &next)) {
        argv[n] = (char *)expand(args, w, a);
        fprintf(stderr, " %s", argv[n++]);
    }
    fputc('\n', stderr);
    code = cli_dispatch(argv, n);
    fflush(stdout);         /* what a step says stands behind its command, in a file as well */
    cli_quiet = quiet;      /* a step's -q is its own */
    return code;
}

static enum wn_status check_inputs(const struct demo_args *args, struct wn_err *err)
{
    struct stat s;

    if (stat(args->human, &s) != 0)
        return wn_fail(err, WN_BADCONF, "no human documents at '%s': run 'make human' in winnow's source folder, or give your "
                       "own with --human", args->human);
    if (stat(args->corpus, &s) != 0 || stat(args->rules, &s) != 0)
        return wn_fail(err, WN_BADCONF, "no folder '%s' or '%s': run this in winnow's source folder, or give --corpus and --rules "
                       "(installed, they lie under PREFIX/share/winnow)",
                       args->corpus, args->rules);
    return WN_OK;
}

static void print_files(const struct demo_args *args, double seconds)
{
    static const char *const files[][2] = {
        { "report.html", "open this in a browser" },
        { "report.csv", "the figures behind its plots" },
        { "model.wnm", "the trained tagger" },
        { "tagged.jsonl", "the scrape with a tag on every document" },
        { "eval.json", "the tagger's rates" },
        { "mixed-filtered.jsonl", "the corpus under policy filtered (and mixed-accumulate.jsonl)" },
        { "gaussian.jsonl", "a trace (and gmm.jsonl, ngram.jsonl)" },
    };

    printf("\nDone in %.0f s. In %s:\n", seconds, args->output);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        printf("  %-22s %s\n", files[i][0], files[i][1]);
}

static enum wn_status demo_run(struct cli_run *r)
{
    static const char *const machine[] = { "machine-en-a.jsonl", "machine-en-b.jsonl", "machine-fr-a.jsonl",
                                           "machine-fr-b.jsonl" };
    const struct demo_args *args = r->args;
    struct wn_arena a = { 0 };
    const char *paths[4];
    double started = cli_seconds();
    enum wn_status st = check_inputs(args, &r->err);

    for (size_t i = 0; i < 4 && st == WN_OK; i++) {
        paths[i] = wn_arena_printf(&a, "%s/%s", args->corpus, machine[i]);
        if (!paths[i])
            st = wn_fail(&r->err, WN_NOMEM, "out of memory");
    }
    cli_note("Human and machine documents, divided by a hash of their ids: to train on, and held out.");
    if (st == WN_OK)
        st = split_files(args->output, "human", &args->human, 1, human_parts, 3, &r->err);
    if (st == WN_OK)
        st = split_files(args->output, "machine", paths, 4, machine_parts, 2, &r->err);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && st == WN_OK && r->exit == CLI_OK; i++) {
        if (steps[i].what)
            fprintf(stderr, "\n%s\n", steps[i].what);
        r->exit = run_step(args, steps[i].line, &a);
    }
    if (st == WN_OK && r->exit == CLI_OK)
        print_files(args, cli_seconds() - started);
    wn_arena_release(&a);
    return st;
}

const struct cli_cmd cli_demo = {
    .name = "demo",
    .summary = "the whole path on built-in data in about a minute, ending in a report",
    .usage = "winnow demo [options]",
    .about =
        "Runs the main job on the built-in data, printing each command as a user would type it: human and machine\n"
        "documents are tagged, mixed under two policies, simulated for some generations, and a self-contained\n"
        "report.html shows what the policy bought.\n"
        "\n"
        "The machine documents come with winnow; the human ones are extracted from Debian packages by 'make human'.",
    .examples = "$ winnow demo --human build/human/human.jsonl -o winnow-demo",
    .opts = demo_opts,
    .args_size = sizeof(struct demo_args),
    .run = demo_run,
};
