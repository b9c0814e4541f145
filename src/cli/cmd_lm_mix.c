/* cmd_lm_mix.c - models from models: mixtures and entropy pruning. */
#include "cmd_lm.h"
#include "intake.h"
#include "lm_making.h"

#include <math.h>
#include <stdlib.h>

/* ---- what a set of models does to a text ----------------------------------------------- */

/* Several models, and text that they are tuned or measured on. */
struct ensemble {
    struct wn_lm **lm;
    size_t n;
    struct wn_lm_tuner *tuner;       /* NULL: measure only              */
    struct wn_lm_sum *sum;           /* one a model                     */
};

static enum wn_status add_sentence(struct ensemble *e, struct wn_str text, struct wn_arena *a, struct wn_err *err)
{
    struct wn_tokens tokens;
    enum wn_status st = wn_tokenize(wn_lm_tokenizer(e->lm[0]), text, a, &tokens, err);

    for (size_t i = 0; i < e->n && st == WN_OK; i++) {
        struct wn_lm_sum one = { 0 };

        wn_lm_score_tokens(e->lm[i], &tokens, NULL, &one);
        e->sum[i].log10_p += one.log10_p;
        e->sum[i].log10_p_oov += one.log10_p_oov;
        e->sum[i].n_tokens += one.n_tokens;
        e->sum[i].n_oov += one.n_oov;
    }
    return st == WN_OK && e->tuner ? wn_lm_tuner_add(e->tuner, &tokens, err) : st;
}

static enum wn_status ensemble_keep(void *ctx, const struct wn_doc *doc, void *result, uint64_t n_bytes,
                                    enum wn_reason *reason, struct wn_err *err)
{
    struct ensemble *e = ctx;
    bool lines = wn_lm_tokenizer(e->lm[0]) == WN_TOK_WHITESPACE;
    struct wn_arena a = { 0 };
    struct wn_str text = doc->text;
    enum wn_status st = WN_OK;

    (void)result;
    (void)n_bytes;
    (void)reason;
    do {
        const char *nl = lines && text.len ? memchr(text.ptr, '\n', text.len) : NULL;
        size_t n = nl ? (size_t)(nl - text.ptr) : text.len;

        st = add_sentence(e, (struct wn_str){ text.ptr, n }, &a, err);
        wn_arena_reset(&a);
        n += nl != NULL;
        text = (struct wn_str){ text.ptr + n, text.len - n };
    } while (text.len && st == WN_OK);
    wn_arena_release(&a);
    return st;
}

static enum wn_status no_holes(void *ctx, const struct wn_item *item, bool drop, struct wn_err *err)
{
    (void)ctx;
    return drop ? intake_damaged(item, "nothing was written", err) : WN_OK;
}

static enum wn_status read_heldout(struct ensemble *e, const struct intake_args *args, const char *path, const char *what,
                                   enum cli_exit *code, struct wn_err *err)
{
    struct intake_args in = *args;
    struct intake_visitor v = { .ctx = e, .keep = ensemble_keep, .file_end = no_holes };
    struct intake_result res = { 0 };
    enum wn_status st;

    in.lines = wn_lm_tokenizer(e->lm[0]) == WN_TOK_WHITESPACE;
    st = intake_run(&in, &path, 1, &v, what, &res, err);
    if (st == WN_OK && !res.account.kept.records)
        st = wn_fail(err, WN_BADDATA, "'%s' has no text to tune on", path);
    if (st == WN_OK)
        *code = intake_exit(&in, &res);
    intake_release(&res);
    return st;
}

/* ---- mix ------------------------------------------------------------------------------------- */

struct mix_args {
    const char *weights, *tune, *json;
    struct lm_output_args out;
    struct lm_room_args room;
    struct intake_args in;
};

static const struct cli_opt mix_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct mix_args, out.model), .arg = "FILE",
      .dflt = "mixed.wlm", .help = "the model file" },
    { .name = "arpa", .kind = CLI_STR, .at = offsetof(struct mix_args, out.arpa), .arg = "FILE",
      .help = "write the mixture as ARPA as well" },
    LM_MODEL_OPTS(struct mix_args, out),
    { .name = "weights", .kind = CLI_STR, .at = offsetof(struct mix_args, weights), .arg = "W1,W2,...",
      .help = "a weight for each model, together 1 [equal]" },
    { .name = "tune", .kind = CLI_STR, .at = offsetof(struct mix_args, tune), .arg = "HELDOUT",
      .help = "find the weights under which this text is likeliest, by EM" },
    { .name = "json", .kind = CLI_STR, .at = offsetof(struct mix_args, json), .arg = "FILE",
      .help = "weights and perplexities as JSON; - is standard output" },
    LM_ROOM_OPTS(struct mix_args, room),
    INTAKE_JOBS(struct mix_args, in),
    INTAKE_OPTS(struct mix_args, in),
    { .name = NULL }
};

static enum wn_status parse_weights(const char *text, double *weight, size_t n, struct wn_err *err)
{
    const char *p = text;
    double sum = 0;
    size_t i = 0;

    for (; *p && i < n; i++) {
        char *end;

        weight[i] = strtod(p, &end);
        if (end == p || (*end && *end != ',') || !(weight[i] >= 0) || !isfinite(weight[i]))
            break;
        sum += weight[i];
        p = *end ? end + 1 : end;
    }
    if (i < n || *p)
        return wn_fail(err, WN_BADCONF, "--weights: '%s' is not a weight of 0 or more for each of the %zu models", text, n);
    if (fabs(sum - 1) > 1e-6)
        return wn_fail(err, WN_BADCONF, "--weights: '%s' sums to %g, not to 1", text, sum);
    return WN_OK;
}

static enum wn_status open_models(struct ensemble *e, const struct cli_run *r, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    e->lm = calloc(r->n_rest, sizeof(struct wn_lm *));
    e->sum = calloc(r->n_rest, sizeof(*e->sum));
    if (!e->lm || !e->sum)
        return wn_fail(err, WN_NOMEM, "out of memory for %zu models", r->n_rest);
    e->n = r->n_rest;
    for (size_t i = 0; i < e->n && st == WN_OK; i++) {
        st = lm_open_with(&e->lm[i], r->rest[i], WN_LM_WORDS | WN_LM_INDEX, "mix", err);
        if (st == WN_OK && wn_lm_tokenizer(e->lm[i]) != wn_lm_tokenizer(e->lm[0]))
            st = wn_fail(err, WN_BADCONF, "'%s' has tokens %s, '%s' %s: build them with the same --tokens", r->rest[0],
                         wn_tokenizer_name(wn_lm_tokenizer(e->lm[0])), r->rest[i],
                         wn_tokenizer_name(wn_lm_tokenizer(e->lm[i])));
    }
    return st;
}

static void close_models(struct ensemble *e)
{
    for (size_t i = 0; i < e->n; i++)
        wn_lm_free(e->lm[i]);
    wn_lm_tuner_free(e->tuner);
    free(e->lm);
    free(e->sum);
}

static enum wn_status tune(struct ensemble *e, const struct mix_args *args, double *weight, struct wn_lm_tuned *tuned,
                           enum cli_exit *code, struct wn_err *err)
{
    enum wn_status st = wn_lm_tuner_new(&e->tuner, (const struct wn_lm *const *)e->lm, e->n, err);

    if (st == WN_OK)
        st = read_heldout(e, &args->in, args->tune, "tuning", code, err);
    if (st == WN_OK)
        st = wn_lm_tuner_run(e->tuner, 0, 0, weight, tuned, err);
    if (st == WN_OK && !tuned->n_tokens)
        st = wn_fail(err, WN_BADDATA, "'%s' has no text to tune on", args->tune);
    return st;
}

static void mix_json(struct wn_buf *out, const struct cli_run *r, const struct ensemble *e, const double *weight,
                     const struct wn_lm_tuned *tuned)
{
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_open(&j, "models", '[');
    for (size_t i = 0; i < e->n; i++) {
        wn_json_open(&j, NULL, '{');
        wn_json_add_strz(&j, "path", r->rest[i]);
        wn_json_add_num(&j, "weight", weight[i]);
        if (tuned->n_tokens)
            wn_json_add_num(&j, "perplexity", wn_lm_perplexity(&e->sum[i], true));
        wn_json_close(&j, '}');
    }
    wn_json_close(&j, ']');
    if (tuned->n_tokens) {
        wn_json_add_uint(&j, "n_tokens", tuned->n_tokens);
        wn_json_add_uint(&j, "n_steps", tuned->n_steps);
        wn_json_add_num(&j, "perplexity", pow(10, -tuned->log10_p / (double)tuned->n_tokens));
    }
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
}

static void mix_report(const struct cli_run *r, const struct ensemble *e, const double *weight,
                       const struct wn_lm_tuned *tuned)
{
    for (size_t i = 0; i < e->n; i++) {
        if (tuned->n_tokens)
            cli_note("weight %.6f  perplexity %.4f  %s", weight[i], wn_lm_perplexity(&e->sum[i], true), r->rest[i]);
        else
            cli_note("weight %.6f  %s", weight[i], r->rest[i]);
    }
    if (tuned->n_tokens)
        cli_note("mixture: perplexity %.4f over %llu tokens, after %u steps of EM",
                 pow(10, -tuned->log10_p / (double)tuned->n_tokens), (unsigned long long)tuned->n_tokens, tuned->n_steps);
}

/* The model, its ARPA file and the JSON. */
static enum wn_status mix_store(const struct cli_run *r, const struct wn_lm *mixed, const struct wn_lm_room *room,
                                const struct ensemble *e, const double *weight, const struct wn_lm_tuned *tuned,
                                struct wn_err *err)
{
    const struct mix_args *args = r->args;
    struct wn_buf json = { 0 };
    struct lm_files f;
    enum wn_status st = lm_files_open(&f, &args->out, err);

    if (st == WN_OK)
        st = wn_lm_write(mixed, &f.to, room, err);
    if (st == WN_OK && args->json) {
        mix_json(&json, r, e, weight, tuned);
        st = lm_files_json(&f, args->json, &json, err);
    }
    if (st == WN_OK)
        st = lm_files_publish(&f, err);
    lm_files_close(&f);
    wn_buf_release(&json);
    return st;
}

static enum wn_status mix_check(const struct mix_args *args, const struct cli_run *r, struct wn_err *err)
{
    struct cli_outputs out = { .n = 0 };
    enum wn_status st;

    if (r->n_rest < 2)
        return wn_fail(err, WN_BADCONF, "give two or more models: %s", r->cmd->usage);
    if (args->weights && args->tune)
        return wn_fail(err, WN_BADCONF, "--weights and --tune exclude each other");
    cli_outputs_add(&out, "--output", args->out.model);
    cli_outputs_add(&out, "--arpa", args->out.arpa);
    cli_outputs_add(&out, "--json", args->json);
    cli_outputs_add(&out, "--rejects", args->in.rejects);
    st = lm_model_check(args->out.model, true, err);
    if (st == WN_OK)
        st = cli_outputs_check(&out, r->rest, r->n_rest, err);
    return st == WN_OK && args->tune ? cli_outputs_apart(&out, &args->tune, 1, err) : st;
}

static enum wn_status mix_run(struct cli_run *r)
{
    const struct mix_args *args = r->args;
    struct wn_lm_room room = lm_room(&args->room, intake_jobs(&args->in));
    double *weight = calloc(r->n_rest + 1, sizeof(*weight));
    struct wn_lm_tuned tuned = { 0 };
    struct ensemble e = { .n = 0 };
    struct wn_lm *mixed = NULL;
    enum wn_status st = weight ? mix_check(args, r, &r->err) : wn_fail(&r->err, WN_NOMEM, "out of memory for weights");

    for (size_t i = 0; st == WN_OK && i < r->n_rest; i++)
        weight[i] = 1 / (double)r->n_rest;
    if (st == WN_OK && args->weights)
        st = parse_weights(args->weights, weight, r->n_rest, &r->err);
    if (st == WN_OK)
        st = open_models(&e, r, &r->err);
    if (st == WN_OK && args->tune)
        st = tune(&e, args, weight, &tuned, &r->exit, &r->err);
    if (st == WN_OK)
        st = wn_lm_mix(&mixed, (const struct wn_lm *const *)e.lm, weight, e.n, &room, &r->err);
    if (st == WN_OK)
        st = mix_store(r, mixed, &room, &e, weight, &tuned, &r->err);
    if (st == WN_OK)
        mix_report(r, &e, weight, &tuned);
    wn_lm_free(mixed);
    close_models(&e);
    free(weight);
    return st;
}

const struct cli_cmd lm_mix = {
    .name = "mix",
    .summary = "interpolate models, with weights given or tuned on held-out text",
    .usage = "winnow lm mix [options] MODEL MODEL...",
    .about = "p(w|h) of the result is the weighted mean of the models', exactly for every n-gram that one of them has. Tuning\n"
             "prints the perplexity of the text under each model and under the mixture. Plain text of a whitespace model is one\n"
             "sentence a line, as in 'lm build'.",
    .opts = mix_opts,
    .args_size = sizeof(struct mix_args),
    .run = mix_run,
};

/* ---- prune ---------------------------------------------------------------------------------------- */

struct prune_args {
    double threshold;
    uint64_t jobs;
    struct lm_output_args out;
    struct lm_room_args room;
};

static const struct cli_opt prune_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct prune_args, out.model), .arg = "FILE",
      .dflt = "pruned.wlm", .help = "the model file" },
    { .name = "arpa", .kind = CLI_STR, .at = offsetof(struct prune_args, out.arpa), .arg = "FILE",
      .help = "write the pruned model as ARPA as well" },
    LM_MODEL_OPTS(struct prune_args, out),
    { .name = "threshold", .kind = CLI_REAL, .at = offsetof(struct prune_args, threshold), .arg = "SHARE", .dflt = "1e-8",
      .max = 1, .help = "drop n-grams without which the perplexity rises by less than this share" },
    LM_ROOM_OPTS(struct prune_args, room),
    { .name = "jobs", .letter = 'j', .kind = CLI_UINT, .at = offsetof(struct prune_args, jobs), .arg = "N", .dflt = "0",
      .max = 1024, .help = "worker threads; 0: one a processor; the output does not depend on it" },
    { .name = NULL }
};

static enum wn_status prune_run(struct cli_run *r)
{
    const struct prune_args *args = r->args;
    struct wn_lm_room room = lm_room(&args->room, args->jobs ? (unsigned)args->jobs : wn_cpu_count());
    uint64_t n_dropped[WN_LM_MAX_ORDER + 1] = { 0 };
    struct cli_outputs out = { .n = 0 };
    struct wn_lm *lm = NULL, *pruned = NULL;
    enum wn_status st;

    if (r->n_rest != 1)
        return wn_fail(&r->err, WN_BADCONF, "give one model file: %s", r->cmd->usage);
    cli_outputs_add(&out, "--output", args->out.model);
    cli_outputs_add(&out, "--arpa", args->out.arpa);
    st = lm_model_check(args->out.model, true, &r->err);
    if (st == WN_OK)
        st = cli_outputs_check(&out, r->rest, r->n_rest, &r->err);
    if (st == WN_OK)
        st = lm_open_with(&lm, r->rest[0], WN_LM_WORDS | WN_LM_INDEX, "prune", &r->err);
    if (st == WN_OK)
        st = wn_lm_prune(&pruned, lm, args->threshold, n_dropped, &room, &r->err);
    if (st == WN_OK)
        st = lm_store(pruned, &args->out, &room, &r->err);
    for (unsigned k = 2; st == WN_OK && k <= wn_lm_order(lm); k++)
        cli_note("%u-grams: %llu of %llu dropped", k, (unsigned long long)n_dropped[k],
                 (unsigned long long)wn_lm_ngrams(lm, k));
    wn_lm_free(pruned);
    wn_lm_free(lm);
    return st;
}

const struct cli_cmd lm_prune = {
    .name = "prune",
    .summary = "drop the n-grams that matter least, by entropy",
    .usage = "winnow lm prune [options] MODEL",
    .about = "Entropy pruning (Stolcke 1998) of a finished model, and new back-off weights. 'lm build --prune' drops by count\n"
             "instead.",
    .opts = prune_opts,
    .args_size = sizeof(struct prune_args),
    .run = prune_run,
};
