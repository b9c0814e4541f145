#include "intake.h"
#include "outputs.h"
#include "sampling.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

/* ---- build ----------------------------------------------------------------------- */

struct build_args {
    const char *output, *arpa, *tokens, *prune, *smoothing;
    uint64_t order;
    bool strict_discounts;
    struct intake_args in;
};

static const struct cli_opt build_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct build_args, output), .arg = "FILE",
      .dflt = "model.wlm", .help = "the model file" },
    { .name = "arpa", .kind = CLI_STR, .at = offsetof(struct build_args, arpa), .arg = "FILE",
      .help = "write the model as ARPA as well" },
    { .name = "order", .kind = CLI_UINT, .at = offsetof(struct build_args, order), .arg = "N", .dflt = "3", .min = 1,
      .max = 8, .help = "longest n-gram" },
    { .name = "tokens", .kind = CLI_CHOICE, .at = offsetof(struct build_args, tokens), .choices = "words|folded|whitespace",
      .dflt = "words", .help = "words and punctuation, the same in lower case, or KenLM's (one sentence a line)" },
    { .name = "smoothing", .kind = CLI_CHOICE, .at = offsetof(struct build_args, smoothing), .choices = "kneser-ney|ml",
      .dflt = "kneser-ney", .help = "interpolated modified Kneser-Ney, or plain relative frequencies" },
    { .name = "prune", .kind = CLI_STR, .at = offsetof(struct build_args, prune), .arg = "T1,T2,...", .dflt = "0",
      .help = "drop n-grams of order k with a count of Tk or less; the last one repeats" },
    { .name = "strict-discounts", .kind = CLI_FLAG, .at = offsetof(struct build_args, strict_discounts),
      .help = "fail where the discounts have no closed form, instead of falling back to 0.5 1 1.5" },
    INTAKE_OPTS(struct build_args, in),
    { .name = NULL }
};

static enum wn_status parse_prune(const char *text, uint64_t *prune, struct wn_err *err)
{
    uint64_t last = 0;
    const char *p = text;

    for (unsigned k = 0; k < WN_LM_MAX_ORDER; k++) {
        char *end;

        if (*p) {
            uint64_t t;

            errno = 0;
            t = strtoull(p, &end, 10);

            if (!isdigit((unsigned char)*p) || (*end && *end != ',') || errno || t < last)
                return wn_fail(err, WN_BADCONF, "--prune: '%s' is not a list of non-decreasing counts such as 0,0,1", text);
            last = t;
            p = *end ? end + 1 : end;
        }
        prune[k] = last;
    }
    return *p ? wn_fail(err, WN_BADCONF, "--prune: '%s' has more than %d thresholds", text, WN_LM_MAX_ORDER) : WN_OK;
}

static enum wn_status build_keep(void *ctx, const struct wn_doc *doc, void *result, uint64_t n_bytes,
                                 enum wn_reason *reason, struct wn_err *err)
{
    enum wn_status st = wn_counts_add_text(ctx, doc->text, err);

    (void)result;
    (void)n_bytes;
    if (st == WN_BADDATA)
        *reason = WN_R_TEXT_TYPE;       /* a special word in the text */
    return st;
}

static enum wn_status no_holes(void *ctx, const struct wn_item *item, bool drop, struct wn_err *err)
{
    (void)ctx;
    return drop ? intake_damaged(item, "no model was written", err) : WN_OK;
}

static enum wn_status to_sink(void *arg, struct wn_str bytes, struct wn_err *err)
{
    enum wn_status st = cli_going_on(err);

    return st == WN_OK ? wn_sink_write(arg, bytes, err) : st;
}

static enum wn_status write_arpa(const struct wn_lm *lm, const char *path, struct wn_err *err)
{
    struct wn_sink *out = NULL;
    enum wn_status st = wn_sink_open(&out, path, &(struct wn_sink_opts){ .make_folders = true }, err);

    if (st == WN_OK)
        st = wn_lm_arpa(lm, to_sink, out, err);
    if (st == WN_OK)
        st = wn_sink_publish(out, err);
    wn_sink_close(out);
    return st;
}

static void lm_print(FILE *out, const struct wn_lm *lm)
{
    fprintf(out, "order %u, tokens %s, %u words, trained on %llu tokens, %.1f MB\n", wn_lm_order(lm),
            wn_tokenizer_name(wn_lm_tokenizer(lm)), wn_lm_vocab_size(lm), (unsigned long long)wn_lm_train_tokens(lm),
            (double)wn_lm_image(lm).len / 1e6);
    for (unsigned k = 1; k <= wn_lm_order(lm); k++)
        fprintf(out, "  %u-grams: %llu\n", k, (unsigned long long)wn_lm_ngrams(lm, k));
}

static enum wn_status estimate(const struct build_args *args, const struct wn_counts *counts, struct wn_lm **lm,
                               struct wn_err *err)
{
    struct wn_lm_opts opts = { .smoothing = strcmp(args->smoothing, "ml") == 0 ? WN_SMOOTH_ML : WN_SMOOTH_KN,
                               .strict_discounts = args->strict_discounts };
    unsigned fell_back = 0;
    enum wn_status st = parse_prune(args->prune, opts.prune, err);

    if (st == WN_OK)
        st = wn_lm_estimate(lm, counts, &opts, &fell_back, err);
    for (unsigned k = 1; st == WN_OK && k <= WN_LM_MAX_ORDER; k++)
        if (fell_back >> (k - 1) & 1)
            cli_warn("order %u has too few different counts for closed-form discounts; used 0.5 1 1.5", k);
    return st;
}

static enum wn_status build_run(struct cli_run *r)
{
    const struct build_args *args = r->args;
    struct intake_args in = args->in;
    struct intake_visitor v = { .keep = build_keep, .file_end = no_holes };
    struct intake_result res = { 0 };
    struct wn_counts *counts = NULL;
    struct wn_lm *lm = NULL;
    enum wn_tokenizer tok = WN_TOK_WORDS;
    struct cli_outputs out = { .n = 0 };
    uint64_t prune[WN_LM_MAX_ORDER];
    enum wn_status st;

    cli_outputs_add(&out, "--output", args->output);
    cli_outputs_add(&out, "--arpa", args->arpa);
    cli_outputs_add(&out, "--rejects", args->in.rejects);
    st = parse_prune(args->prune, prune, &r->err);
    if (st == WN_OK)
        st = cli_outputs_check(&out, r->rest, r->n_rest, &r->err);
    if (st != WN_OK)
        return st;
    in.jobs = 1;      /* counting is one thread's work: ids are given by first appearance */
    wn_tokenizer_parse(wn_str(args->tokens), &tok);
    st = wn_counts_new(&counts, (unsigned)args->order, tok, &r->err);
    v.ctx = counts;
    if (st == WN_OK)
        st = intake_run(&in, r->rest, r->n_rest, &v, "counting", &res, &r->err);
    if (st == WN_OK)
        st = estimate(args, counts, &lm, &r->err);
    if (st == WN_OK)
        st = cli_going_on(&r->err);
    if (st == WN_OK)
        st = wn_file_publish(args->output, wn_lm_image(lm), &r->err);
    if (st == WN_OK && args->arpa)
        st = write_arpa(lm, args->arpa, &r->err);
    if (st == WN_OK) {
        if (!cli_quiet)
            lm_print(stderr, lm);
        intake_print(&res);
        r->exit = intake_exit(&in, &res);
    }
    wn_lm_free(lm);
    wn_counts_free(counts);
    intake_release(&res);
    return st;
}

static const struct cli_cmd lm_build = {
    .name = "build",
    .summary = "estimate a model from text",
    .usage = "winnow lm build [options] [INPUT...]",
    .about = "Counts n-grams and estimates a model. Documents of a JSON Lines input are one sequence each; with\n"
             "--tokens whitespace every line of a text is one sentence, as in KenLM.",
    .opts = build_opts,
    .args_size = sizeof(struct build_args),
    .run = build_run,
};

/* ---- score -------------------------------------------------------------------------- */

struct score_args {
    const char *output;
    struct intake_args in;
};

static const struct cli_opt score_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct score_args, output), .arg = "FILE",
      .dflt = "-", .help = "one JSON row a document" },
    INTAKE_JOBS(struct score_args, in),
    INTAKE_SHARD(struct score_args, in),
    INTAKE_OPTS(struct score_args, in),
    { .name = NULL }
};

struct scoring {
    struct wn_lm *lm;
    struct wn_sink *out;
    struct wn_buf row;
    struct wn_lm_sum total;
};

static enum wn_status score_work(void *ctx, unsigned worker, const struct wn_doc *doc, struct wn_arena *batch,
                                 struct wn_arena *scratch, void **result, struct wn_err *err)
{
    struct scoring *s = ctx;
    struct wn_lm_sum *sum = wn_arena_calloc(batch, 1, sizeof(*sum));
    struct wn_tokens tokens;
    struct wn_str text = doc->text;
    bool lines = wn_lm_tokenizer(s->lm) == WN_TOK_WHITESPACE;
    enum wn_status st = sum ? WN_OK : wn_fail(err, WN_NOMEM, "out of memory for a score");

    (void)worker;
    *result = sum;
    while (st == WN_OK && (text.len || !sum->n_tokens)) {
        const char *nl = lines && text.len ? memchr(text.ptr, '\n', text.len) : NULL;
        struct wn_str part = { text.ptr, nl ? (size_t)(nl - text.ptr) : text.len };
        struct wn_lm_sum one = { 0 };

        st = wn_tokenize(wn_lm_tokenizer(s->lm), part, scratch, &tokens, err);
        if (st != WN_OK)
            break;
        wn_lm_score_tokens(s->lm, &tokens, NULL, &one);
        sum->log10_p += one.log10_p;
        sum->log10_p_oov += one.log10_p_oov;
        sum->n_tokens += one.n_tokens;
        sum->n_oov += one.n_oov;
        text.ptr += part.len + (nl != NULL);
        text.len -= part.len + (nl != NULL);
    }
    return st;
}

static enum wn_status score_keep(void *ctx, const struct wn_doc *doc, void *result, uint64_t n_bytes,
                                 enum wn_reason *reason, struct wn_err *err)
{
    struct scoring *s = ctx;
    const struct wn_lm_sum *sum = result;
    struct wn_json j;
    enum wn_status st;

    (void)n_bytes;
    (void)reason;
    wn_buf_reset(&s->row);
    wn_json_init(&j, &s->row);
    wn_json_open(&j, NULL, '{');
    wn_json_add_str(&j, "id", doc->id);
    wn_json_add_num(&j, "log10_p", sum->log10_p);
    wn_json_add_uint(&j, "n_tokens", sum->n_tokens);
    wn_json_add_uint(&j, "n_oov", sum->n_oov);
    wn_json_add_num(&j, "perplexity", wn_lm_perplexity(sum, true));
    wn_json_add_num(&j, "perplexity_without_oov", wn_lm_perplexity(sum, false));
    wn_json_close(&j, '}');
    wn_buf_addc(&s->row, '\n');
    s->total.log10_p += sum->log10_p;
    s->total.log10_p_oov += sum->log10_p_oov;
    s->total.n_tokens += sum->n_tokens;
    s->total.n_oov += sum->n_oov;
    st = wn_buf_status(&s->row, err);
    return st == WN_OK ? wn_sink_write(s->out, wn_buf_str(&s->row), err) : st;
}

static enum wn_status score_run(struct cli_run *r)
{
    const struct score_args *args = r->args;
    struct scoring s = { 0 };
    struct intake_args in = args->in;
    struct intake_visitor v = { .ctx = &s, .work = score_work, .keep = score_keep };
    struct intake_result res = { 0 };
    struct cli_outputs out = { .n = 0 };
    enum wn_status st;

    if (!r->n_rest)
        return wn_fail(&r->err, WN_BADCONF, "no model: %s", r->cmd->usage);
    in.salvage = true;                       /* a score stands by itself */
    cli_outputs_add(&out, "--output", args->output);
    cli_outputs_add(&out, "--rejects", args->in.rejects);
    st = cli_outputs_check(&out, r->rest, r->n_rest, &r->err);
    if (st == WN_OK)
        st = wn_lm_open(&s.lm, r->rest[0], &r->err);
    if (st == WN_OK)
        st = wn_sink_open(&s.out, args->output, &(struct wn_sink_opts){ .make_folders = true }, &r->err);
    if (st == WN_OK)
        st = intake_run(&in, r->rest + 1, r->n_rest - 1, &v, "scoring", &res, &r->err);
    if (st == WN_OK)
        st = intake_any(&res, &r->err);
    if (st == WN_OK)
        st = wn_sink_publish(s.out, &r->err);
    if (st == WN_OK) {
        cli_note("perplexity %.4f over %llu tokens, %llu of them unknown; without those %.4f",
                 wn_lm_perplexity(&s.total, true), (unsigned long long)s.total.n_tokens, (unsigned long long)s.total.n_oov,
                 wn_lm_perplexity(&s.total, false));
        intake_print(&res);
        r->exit = intake_exit(&in, &res);
    }
    wn_sink_close(s.out);
    wn_buf_release(&s.row);
    wn_lm_free(s.lm);
    intake_release(&res);
    return st;
}

static const struct cli_cmd lm_score = {
    .name = "score",
    .summary = "perplexity of documents under a model",
    .usage = "winnow lm score [options] MODEL [INPUT...]",
    .about = "Writes {id, log10_p, n_tokens, n_oov, perplexity, perplexity_without_oov} for each document. Tokens are words\n"
             "plus one end of sentence.",
    .opts = score_opts,
    .args_size = sizeof(struct score_args),
    .run = score_run,
};

/* ---- info, export, sample ------------------------------------------------------------- */

static enum wn_status open_only(struct cli_run *r, struct wn_lm **lm)
{
    if (r->n_rest != 1)
        return wn_fail(&r->err, WN_BADCONF, "give one model file: %s", r->cmd->usage);
    return wn_lm_open(lm, r->rest[0], &r->err);
}

static enum wn_status info_run(struct cli_run *r)
{
    struct wn_lm *lm = NULL;
    enum wn_status st = open_only(r, &lm);

    if (st == WN_OK)
        lm_print(stdout, lm);
    wn_lm_free(lm);
    return st;
}

static const struct cli_cmd lm_info = { .name = "info", .summary = "what a model file holds",
                                        .usage = "winnow lm info MODEL",
                                        .about = "Prints order, tokenizer, sizes and counts.", .run = info_run };

struct export_args {
    const char *output;
};

static const struct cli_opt export_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct export_args, output), .arg = "FILE",
      .dflt = "-", .help = "the ARPA file" },
    { .name = NULL }
};

static enum wn_status export_run(struct cli_run *r)
{
    struct wn_lm *lm = NULL;
    enum wn_status st = open_only(r, &lm);

    if (st == WN_OK)
        st = write_arpa(lm, ((const struct export_args *)r->args)->output, &r->err);
    wn_lm_free(lm);
    return st;
}

static const struct cli_cmd lm_export = { .name = "export", .summary = "write a model as ARPA",
                                          .usage = "winnow lm export [-o FILE] MODEL",
                                          .about = "Writes the ARPA text that other toolkits read.",
                                          .opts = export_opts, .args_size = sizeof(struct export_args), .run = export_run };

struct sample_args {
    struct sampling_args sampling;
};

static const struct cli_opt sample_opts[] = { SAMPLING_OPTS(struct sample_args, sampling), { .name = NULL } };

static enum wn_status sample_run(struct cli_run *r)
{
    struct wn_lm *lm = NULL;
    enum wn_status st = open_only(r, &lm);

    if (st == WN_OK)
        st = sampling_run(&((const struct sample_args *)r->args)->sampling, lm, NULL, &r->err);
    wn_lm_free(lm);
    return st;
}

static const struct cli_cmd lm_sample = {
    .name = "sample",
    .summary = "write documents sampled from a model",
    .usage = "winnow lm sample [options] MODEL",
    .about = "Draws documents word by word. They carry the label synthetic. 'winnow watermark embed' does the same with a\n"
             "watermark.",
    .opts = sample_opts,
    .args_size = sizeof(struct sample_args),
    .run = sample_run,
};

static const struct cli_cmd *const lm_verbs[] = { &lm_build, &lm_score, &lm_sample, &lm_info, &lm_export, NULL };

const struct cli_cmd cli_lm = {
    .name = "lm",
    .summary = "n-gram language models by themselves: build, score, sample, info, export",
    .usage = "winnow lm COMMAND [options]",
    .about = "Word n-gram models with interpolated modified Kneser-Ney smoothing, in one mapped file.",
    .examples = "$ winnow lm build corpus/machine-en-a.jsonl --order 3 -o machine.wlm\n"
                "$ winnow lm score machine.wlm corpus/machine-en-b.jsonl -o scores.jsonl\n"
                "$ winnow lm sample machine.wlm -n 3 --seed 7",
    .verbs = lm_verbs,
};
