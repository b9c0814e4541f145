/* cmd_lm_build.c - from text to counts, from counts to models. */
#include "cmd_lm.h"
#include "intake.h"
#include "lm_making.h"
#include "segment.h"

#include <stdlib.h>

/* ---- counting ----------------------------------------------------------------------- */

struct counting_args {
    uint64_t order;
    const char *tokens, *segment;
    bool skip_symbols;
    struct lm_room_args room;
    struct intake_args in;
};

#define COUNTING_OPTS(type, member)                                                                                     \
    { .help = "Counting" },                                                                                             \
    { .name = "order", .kind = CLI_UINT, .at = offsetof(type, member.order), .arg = "N", .dflt = "3", .min = 1,         \
      .max = WN_LM_MAX_ORDER, .help = "longest n-gram" },                                                               \
    { .name = "tokens", .kind = CLI_CHOICE, .at = offsetof(type, member.tokens), .choices = "words|folded|whitespace",  \
      .dflt = "words", .help = "words and punctuation, the same in lower case, or KenLM's (one sentence a line)" },     \
    SEGMENT_OPT(type, member.segment),                                                                                  \
    { .name = "skip-symbols", .kind = CLI_FLAG, .at = offsetof(type, member.skip_symbols),                              \
      .help = "take <s>, </s> and <unk> in a text as white space, instead of quarantining it" },                        \
    LM_ROOM_OPTS(type, member.room),                                                                                    \
    INTAKE_JOBS(type, member.in)

struct counting {
    struct wn_counts *counts;
    const char *segment;
    bool lines;                    /* the tokenizer cuts at line ends */
    struct wn_buf sentences;       /* of one document                 */
};

/* The document's sentences; all or none of them, as only white-space tokens can be refused. */
static enum wn_status add_sentences(struct counting *c, struct wn_str text, struct wn_err *err)
{
    enum wn_status st;

    wn_buf_reset(&c->sentences);
    segment_lines(text, &c->sentences);
    st = wn_buf_status(&c->sentences, err);
    text = wn_buf_str(&c->sentences);
    if (st == WN_OK && c->lines)
        return wn_counts_add_text(c->counts, text, err);
    while (st == WN_OK && text.len > 0) {
        size_t n = (size_t)((const char *)memchr(text.ptr, '\n', text.len) - text.ptr) + 1;

        st = wn_counts_add_text(c->counts, (struct wn_str){ text.ptr, n }, err);
        text = (struct wn_str){ text.ptr + n, text.len - n };
    }
    return st;
}

static enum wn_status keep_text(void *ctx, const struct wn_doc *doc, void *result, uint64_t n_bytes,
                                enum wn_reason *reason, struct wn_err *err)
{
    struct counting *c = ctx;
    enum wn_status st = segment_wanted(c->segment, doc) ? add_sentences(c, doc->text, err)
                                                        : wn_counts_add_text(c->counts, doc->text, err);

    (void)result;
    (void)n_bytes;
    if (st == WN_BADDATA) {
        *reason = WN_R_SPECIAL_WORD;
        /* Of one line by itself the place says where it is. */
        if (doc->n_lines == 1 && strncmp(err->text, "line 1: ", 8) == 0)
            memmove(err->text, err->text + 8, strlen(err->text + 8) + 1);
    }
    return st;
}

static enum wn_status no_holes(void *ctx, const struct wn_item *item, bool drop, struct wn_err *err)
{
    (void)ctx;
    return drop ? intake_damaged(item, "nothing was written", err) : WN_OK;
}

static enum wn_status count_all(const struct counting_args *args, const struct cli_run *r, struct wn_counts **counts,
                                struct intake_result *res, struct wn_err *err)
{
    struct intake_args in = args->in;
    struct counting c = { .segment = args->segment };
    struct intake_visitor v = { .ctx = &c, .keep = keep_text, .file_end = no_holes };
    struct wn_counts_opts opts = { .order = (unsigned)args->order, .skip_specials = args->skip_symbols,
                                   .room = lm_room(&args->room, intake_jobs(&in)) };
    enum wn_status st;

    wn_tokenizer_parse(wn_str(args->tokens), &opts.tokenizer);
    in.lines = opts.tokenizer == WN_TOK_WHITESPACE;
    st = intake_check_room(&in, args->room.memory, err);
    if (st == WN_OK)
        st = wn_counts_open(counts, &opts, err);
    c.counts = *counts;
    c.lines = in.lines;
    if (st == WN_OK)
        st = intake_run(&in, r->rest, r->n_rest, &v, "counting", res, err);
    wn_buf_release(&c.sentences);
    if (st == WN_OK)
        st = cli_going_on(err);
    return st;
}

/* ---- build ------------------------------------------------------------------------------ */

struct build_args {
    const char *json, *counts;
    struct lm_output_args out;
    struct lm_estimate_args estimate;
    struct counting_args c;
};

static const struct cli_opt build_opts[] = {
    LM_OUTPUT_OPTS(struct build_args, out),
    { .name = "counts", .kind = CLI_STR, .at = offsetof(struct build_args, counts), .arg = "FILE",
      .help = "write the counts as well, for 'lm merge'" },
    { .name = "json", .kind = CLI_STR, .at = offsetof(struct build_args, json), .arg = "FILE",
      .help = "n-grams and discounts by order, time and peak memory, as JSON; - is standard output" },
    COUNTING_OPTS(struct build_args, c),
    LM_ESTIMATE_OPTS(struct build_args, estimate),
    INTAKE_OPTS(struct build_args, c.in),
    { .name = NULL }
};

/* Without any output named there is one. */
static struct lm_output_args outputs_of(const struct lm_output_args *given, const char *counts)
{
    struct lm_output_args out = *given;

    if (!out.model && !out.arpa && !counts)
        out.model = "model.wlm";
    return out;
}

static enum wn_status check_outputs(const struct lm_output_args *to, const char *counts, const char *json, const char *rejects,
                                    const char *limit_vocab, struct cli_run *r)
{
    struct cli_outputs out = { .n = 0 };
    enum wn_status st = lm_model_check(to->model, true, &r->err);

    if (st == WN_OK)
        st = lm_counts_check("--counts", counts, &r->err);
    cli_outputs_add(&out, "--output", to->model);
    cli_outputs_add(&out, "--arpa", to->arpa);
    cli_outputs_add(&out, "--counts", counts);
    cli_outputs_add(&out, "--json", json);
    cli_outputs_add(&out, "--rejects", rejects);
    if (st == WN_OK)
        st = cli_outputs_check(&out, r->rest, r->n_rest, &r->err);
    return st == WN_OK ? cli_outputs_apart(&out, &limit_vocab, 1, &r->err) : st;
}

/* Writes what was asked for of C, and tells about it. */
static enum wn_status finish(struct wn_counts *c, const struct wn_counts_opts *what, struct lm_estimate *e,
                             const struct lm_output_args *to, const char *counts, const char *json, double started,
                             struct wn_err *err)
{
    struct lm_report report = { .order = what->order, .tokenizer = what->tokenizer, .n_types = wn_counts_types(c),
                                .has_model = to->model || to->arpa, .started = started };
    struct lm_files f = { .arpa = NULL };
    struct wn_buf text = { 0 };
    enum wn_status st = WN_OK;

    report.made.train_tokens = wn_counts_tokens(c);
    if (report.has_model && !report.made.train_tokens)
        return wn_fail(err, WN_BADCONF, "cannot estimate a model: no text was counted");
    if (report.has_model)
        st = lm_files_open(&f, to, err);
    if (st == WN_OK && counts)
        st = wn_counts_write(c, counts, &e->opts.room, &f.counts, err);
    if (st == WN_OK && report.has_model)
        st = wn_lm_build(c, &e->opts, &f.to, &report.made, err);
    if (st == WN_OK && json) {
        lm_report_json(&report, &text);
        st = lm_files_json(&f, json, &text, err);
    }
    if (st == WN_OK)
        st = lm_files_publish(&f, err);
    if (st == WN_OK)
        lm_report_print(&report);
    /* The three marks are always there. */
    if (st == WN_OK && report.has_model && e->opts.limit_vocab && report.made.n[1] <= 3 && report.n_types > 3)
        cli_warn("--limit-vocab: the text has none of its words");
    lm_files_close(&f);
    wn_buf_release(&text);
    return st;
}

static enum wn_status build_run(struct cli_run *r)
{
    const struct build_args *args = r->args;
    struct lm_output_args to = outputs_of(&args->out, args->counts);
    struct wn_lm_room room = lm_room(&args->c.room, intake_jobs(&args->c.in));
    struct wn_counts_opts what = { .order = (unsigned)args->c.order };
    struct intake_result res = { 0 };
    struct lm_estimate e = { 0 };
    struct wn_counts *counts = NULL;
    double started = cli_seconds();
    bool counted;
    enum wn_status st = lm_estimate_init(&e, &args->estimate, &room, &r->err);

    wn_tokenizer_parse(wn_str(args->c.tokens), &what.tokenizer);
    if (st == WN_OK)
        st = check_outputs(&to, args->counts, args->json, args->c.in.rejects, args->estimate.limit_vocab, r);
    if (st == WN_OK)
        st = count_all(&args->c, r, &counts, &res, &r->err);
    counted = st == WN_OK;
    /* No model can come of that, which intake_exit says. */
    if (counted && !(intake_none(&res) && (to.model || to.arpa)))
        st = finish(counts, &what, &e, &to, args->counts, args->json, started, &r->err);
    if (counted && (st == WN_OK || !wn_counts_tokens(counts)))
        intake_print(&res);
    if (st == WN_OK)
        r->exit = intake_exit(&args->c.in, &res);
    wn_counts_free(counts);
    lm_estimate_release(&e);
    intake_release(&res);
    return st;
}

const struct cli_cmd lm_build = {
    .name = "build",
    .summary = "estimate a model from text",
    .usage = "winnow lm build [options] [INPUT...]",
    .about = "Counts n-grams and estimates a model: an interpolated modified Kneser-Ney model as KenLM's lmplz makes it,\n"
             "its ARPA file byte for byte. Documents of a JSON Lines input are one sequence each.\n"
             "\n"
             "With --tokens whitespace every line is a sentence, and an input whose first byte that is no blank is not '{'\n"
             "is plain text, one sentence a line, whatever its name and size: any bytes, read in flat memory. (With the\n"
             "other tokenizers a file called .txt is one document.) --format decides otherwise.\n"
             "\n"
             "The files do not depend on --memory or --jobs. With --memory the work goes to disk where it must; the index,\n"
             "which sampling and export need, is made in memory, so that a very large model wants --for scoring.",
    .opts = build_opts,
    .args_size = sizeof(struct build_args),
    .run = build_run,
};

/* ---- count --------------------------------------------------------------------------------- */

struct count_args {
    const char *output;
    struct counting_args c;
};

static const struct cli_opt count_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct count_args, output), .arg = "FILE",
      .dflt = "counts.wlc", .help = "the count file" },
    COUNTING_OPTS(struct count_args, c),
    INTAKE_SHARD(struct count_args, c.in),
    INTAKE_OPTS(struct count_args, c.in),
    { .name = NULL }
};

static enum wn_status count_run(struct cli_run *r)
{
    const struct count_args *args = r->args;
    struct wn_lm_room room = lm_room(&args->c.room, intake_jobs(&args->c.in));
    struct cli_outputs out = { .n = 0 };
    struct intake_result res = { 0 };
    struct wn_counts *counts = NULL;
    enum wn_status st;

    cli_outputs_add(&out, "--output", args->output);
    cli_outputs_add(&out, "--rejects", args->c.in.rejects);
    st = lm_counts_check("--output", args->output, &r->err);
    if (st == WN_OK)
        st = cli_outputs_check(&out, r->rest, r->n_rest, &r->err);
    if (st == WN_OK)
        st = count_all(&args->c, r, &counts, &res, &r->err);
    if (st == WN_OK)
        st = wn_counts_save(counts, args->output, &room, &r->err);
    if (st == WN_OK) {
        cli_note("order %llu, tokens %s: %llu tokens, %llu types", (unsigned long long)args->c.order, args->c.tokens,
                 (unsigned long long)wn_counts_tokens(counts), (unsigned long long)wn_counts_types(counts));
        intake_print(&res);
        r->exit = intake_exit(&args->c.in, &res);
    }
    wn_counts_free(counts);
    intake_release(&res);
    return st;
}

const struct cli_cmd lm_count = {
    .name = "count",
    .summary = "count the n-grams of a part of a corpus",
    .usage = "winnow lm count [options] [INPUT...]",
    .about = "Writes the counts of some texts to a file that 'winnow lm merge' adds to others: the model of the sum is that\n"
             "of the whole corpus, byte for byte, when the parts are given in its order. Inputs are read as in 'lm build'.",
    .opts = count_opts,
    .args_size = sizeof(struct count_args),
    .run = count_run,
};

/* ---- merge ------------------------------------------------------------------------------------- */

struct merge_args {
    const char *json, *counts;
    uint64_t jobs;
    struct lm_room_args room;
    struct lm_output_args out;
    struct lm_estimate_args estimate;
};

static const struct cli_opt merge_opts[] = {
    LM_OUTPUT_OPTS(struct merge_args, out),
    { .name = "counts", .kind = CLI_STR, .at = offsetof(struct merge_args, counts), .arg = "FILE",
      .help = "write the sum of the counts" },
    { .name = "json", .kind = CLI_STR, .at = offsetof(struct merge_args, json), .arg = "FILE",
      .help = "n-grams and discounts by order, time and peak memory, as JSON; - is standard output" },
    LM_ROOM_OPTS(struct merge_args, room),
    { .name = "jobs", .letter = 'j', .kind = CLI_UINT, .at = offsetof(struct merge_args, jobs), .arg = "N", .dflt = "0",
      .max = 1024, .help = "worker threads; 0: one a processor; the output does not depend on it" },
    LM_ESTIMATE_OPTS(struct merge_args, estimate),
    { .name = NULL }
};

/* All of the count files must be of one kind; WHAT becomes that kind. */
static enum wn_status peek_all(const struct cli_run *r, struct wn_counts_opts *what, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < r->n_rest; i++)
        if (strcmp(r->rest[i], "-") == 0)
            return wn_fail(err, WN_BADCONF, "counts cannot be read from standard input: give the files of 'winnow lm count'");
    st = wn_counts_peek(r->rest[0], what, err);
    for (size_t i = 1; i < r->n_rest && st == WN_OK; i++) {
        struct wn_counts_opts other = { .order = 0 };

        st = wn_counts_peek(r->rest[i], &other, err);
        if (st == WN_OK && (other.order != what->order || other.tokenizer != what->tokenizer))
            st = wn_fail(err, WN_BADCONF, "'%s' holds counts of order %u, tokens %s, '%s' of order %u, tokens %s: count them "
                         "with the same options", r->rest[0], what->order, wn_tokenizer_name(what->tokenizer), r->rest[i],
                         other.order, wn_tokenizer_name(other.tokenizer));
    }
    return st;
}

static enum wn_status merge_run(struct cli_run *r)
{
    const struct merge_args *args = r->args;
    struct lm_output_args to = outputs_of(&args->out, args->counts);
    struct wn_lm_room room = lm_room(&args->room, args->jobs ? (unsigned)args->jobs : wn_cpu_count());
    struct wn_counts_opts what = { .order = 0 };
    struct lm_estimate e = { 0 };
    struct wn_counts *counts = NULL;
    double started = cli_seconds();
    enum wn_status st;

    if (!r->n_rest)
        return wn_fail(&r->err, WN_BADCONF, "no count files: %s", r->cmd->usage);
    st = lm_estimate_init(&e, &args->estimate, &room, &r->err);
    if (st == WN_OK)
        st = check_outputs(&to, args->counts, args->json, NULL, args->estimate.limit_vocab, r);
    if (st == WN_OK)
        st = peek_all(r, &what, &r->err);
    what.room = room;
    if (st == WN_OK)
        st = wn_counts_open(&counts, &what, &r->err);
    for (size_t i = 0; i < r->n_rest && st == WN_OK; i++) {
        st = wn_counts_add_file(counts, r->rest[i], &r->err);
        if (st == WN_OK)
            st = cli_going_on(&r->err);
    }
    if (st == WN_OK)
        st = finish(counts, &what, &e, &to, args->counts, args->json, started, &r->err);
    wn_counts_free(counts);
    lm_estimate_release(&e);
    return st;
}

const struct cli_cmd lm_merge = {
    .name = "merge",
    .summary = "add count files up and estimate a model from the sum",
    .usage = "winnow lm merge [options] COUNTS...",
    .about = "Adds the count files of 'winnow lm count' and estimates as 'winnow lm build' does: the files are those of a build\n"
             "from the texts themselves in the same order, byte for byte. --counts alone writes only the sum.",
    .opts = merge_opts,
    .args_size = sizeof(struct merge_args),
    .run = merge_run,
};
