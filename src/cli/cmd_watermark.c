#include "intake.h"
#include "keys.h"
#include "outputs.h"
#include "sampling.h"

#include <math.h>
#include <stdlib.h>

struct kgw_args {
    const char *lm;
    struct cli_list keys;
    double gamma;
};

#define KGW_OPTS(type, member)                                                                                          \
    { .name = "lm", .kind = CLI_STR, .at = offsetof(type, member.lm), .arg = "FILE",                                    \
      .help = "the language model whose token ids carry the mark" },                                                    \
    { .name = "key", .kind = CLI_LIST, .at = offsetof(type, member.keys), .arg = "KEY",                                 \
      .help = "64-bit key, decimal or hex after 0x; none: 15485863" },                                                  \
    { .name = "gamma", .kind = CLI_REAL, .at = offsetof(type, member.gamma), .arg = "SHARE", .dflt = "0.25",            \
      .min = 0.001, .max = 0.999, .help = "green share of the vocabulary" }

static enum wn_status open_kgw(struct key_set *k, const struct kgw_args *a, double delta, struct wn_err *err)
{
    static const char *const only_default[] = { "15485863" };
    struct key_opts opts = { .lm_path = a->lm, .keys = a->keys.n ? a->keys.item : only_default,
                             .n_keys = a->keys.n ? a->keys.n : 1, .gamma = a->gamma, .delta_nats = delta };

    if (!a->lm)
        return wn_fail(err, WN_BADCONF, "--lm is missing: a watermark lives on the token ids of one model");
    return keys_open(k, &opts, err);
}

/* The ids of a text under the model's own tokenizer, in A. */
static enum wn_status text_ids(const struct wn_lm *lm, struct wn_str text, struct wn_arena *a, uint32_t **ids, size_t *n,
                               struct wn_err *err)
{
    struct wn_tokens tokens;
    enum wn_status st = wn_tokenize(wn_lm_tokenizer(lm), text, a, &tokens, err);

    if (st != WN_OK)
        return st;
    *n = tokens.n;
    *ids = wn_arena_calloc(a, tokens.n, sizeof(**ids));
    if (!*ids)
        return wn_fail(err, WN_NOMEM, "out of memory for %zu token ids", tokens.n);
    for (size_t i = 0; i < tokens.n; i++)
        (*ids)[i] = wn_lm_id(lm, tokens.item[i]);
    return WN_OK;
}

/* ---- detect and keys: both test every document under every key -------------------- */

struct testing {
    struct key_set keys;
    struct wn_sink *out;       /* NULL: keys */
    struct wn_buf row;
    double threshold;
    /* per key */
    uint64_t n_tested[WN_MAX_KEYS], n_below[WN_MAX_KEYS][4];
    double sum_z[WN_MAX_KEYS], sum_z2[WN_MAX_KEYS];
    uint64_t n_marked, n_docs;
};

static const double levels[4] = { 0.05, 0.01, 0.001, 1e-4 };

static enum wn_status test_work(void *ctx, unsigned worker, const struct wn_doc *doc, struct wn_arena *batch,
                                struct wn_arena *scratch, void **result, struct wn_err *err)
{
    struct testing *t = ctx;
    struct wn_kgw_result *res = wn_arena_calloc(batch, t->keys.n, sizeof(*res));
    uint32_t *ids = NULL;
    size_t n = 0;
    enum wn_status st = res ? text_ids(t->keys.lm, doc->text, scratch, &ids, &n, err)
                            : wn_fail(err, WN_NOMEM, "out of memory for a test");

    (void)worker;
    for (size_t i = 0; i < t->keys.n && st == WN_OK; i++)
        st = wn_kgw_detect(t->keys.kgw[i], ids, n, WN_LM_UNK, &res[i], err);
    *result = res;
    return st;
}

/* Bonferroni over the keys that were tested. */
static double corrected_log10_p(double log10_p, size_t n_keys)
{
    double p = log10_p + log10((double)n_keys);

    return p < 0 ? p : 0;
}

static void detect_row(struct testing *t, const struct wn_doc *doc, const struct wn_kgw_result *res)
{
    size_t best = 0;
    double log10_p;
    struct wn_json j;

    for (size_t i = 1; i < t->keys.n; i++)
        if (res[i].log10_p < res[best].log10_p)
            best = i;
    log10_p = corrected_log10_p(res[best].log10_p, t->keys.n);
    t->n_marked += log10_p <= log10(t->threshold);
    wn_buf_reset(&t->row);
    wn_json_init(&j, &t->row);
    wn_json_open(&j, NULL, '{');
    wn_json_add_str(&j, "id", doc->id);
    wn_json_add_bool(&j, "watermarked", log10_p <= log10(t->threshold));
    wn_json_add_num(&j, "log10_p", log10_p);
    wn_json_add_uint(&j, "n_keys", t->keys.n);
    wn_json_add_strz(&j, "key", t->keys.name[best]);
    wn_json_add_uint(&j, "n_scored", res[best].n_scored);
    wn_json_add_uint(&j, "n_green", res[best].n_green);
    wn_json_add_num(&j, "z", res[best].z);
    wn_json_add_strz(&j, "null", "each distinct bigram is green with probability gamma, independently; p is corrected for "
                                 "the number of keys");
    wn_json_close(&j, '}');
    wn_buf_addc(&t->row, '\n');
}

static enum wn_status test_keep(void *ctx, const struct wn_doc *doc, void *result, uint64_t n_bytes,
                                enum wn_reason *reason, struct wn_err *err)
{
    struct testing *t = ctx;
    const struct wn_kgw_result *res = result;
    enum wn_status st;

    (void)n_bytes;
    (void)reason;
    t->n_docs++;
    for (size_t i = 0; i < t->keys.n; i++) {
        if (!res[i].n_scored)
            continue;
        t->n_tested[i]++;
        t->sum_z[i] += res[i].z;
        t->sum_z2[i] += res[i].z * res[i].z;
        for (int l = 0; l < 4; l++)
            t->n_below[i][l] += res[i].log10_p <= log10(levels[l]);
    }
    if (!t->out)
        return WN_OK;
    detect_row(t, doc, res);
    st = wn_buf_status(&t->row, err);
    return st == WN_OK ? wn_sink_write(t->out, wn_buf_str(&t->row), err) : st;
}

struct detect_args {
    const char *output;
    struct kgw_args kgw;
    struct intake_args in;
    double p;
};

static enum wn_status test_all(struct cli_run *r, const struct detect_args *args, struct testing *t, const char *what)
{
    struct intake_args in = args->in;
    struct intake_visitor v = { .ctx = t, .work = test_work, .keep = test_keep };
    struct intake_result res = { 0 };
    struct cli_outputs out = { .n = 0 };
    enum wn_status st;

    in.salvage = true;                 /* each row stands by itself */
    cli_outputs_add(&out, "--output", args->output);
    cli_outputs_add(&out, "--rejects", args->in.rejects);
    st = cli_outputs_check(&out, r->rest, r->n_rest, &r->err);
    if (st == WN_OK)
        st = cli_outputs_apart(&out, &args->kgw.lm, 1, &r->err);
    if (st == WN_OK)
        st = open_kgw(&t->keys, &args->kgw, 0, &r->err);
    if (st == WN_OK && args->output)
        st = wn_sink_open(&t->out, args->output, &(struct wn_sink_opts){ .make_folders = true }, &r->err);
    if (st == WN_OK)
        st = intake_run(&in, r->rest, r->n_rest, &v, what, &res, &r->err);
    if (st == WN_OK)
        st = intake_any(&res, &r->err);
    if (st == WN_OK && t->out)
        st = wn_sink_publish(t->out, &r->err);
    if (st == WN_OK) {
        intake_print(&res);
        r->exit = intake_exit(&in, &res);
    }
    wn_sink_close(t->out);
    wn_buf_release(&t->row);
    intake_release(&res);
    return st;
}

static const struct cli_opt detect_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct detect_args, output), .arg = "FILE",
      .dflt = "-", .help = "one JSON row a document" },
    KGW_OPTS(struct detect_args, kgw),
    { .name = "p", .kind = CLI_REAL, .at = offsetof(struct detect_args, p), .arg = "P", .dflt = "1e-6", .min = 1e-300,
      .max = 0.5, .help = "call a document watermarked at this corrected p-value" },
    INTAKE_JOBS(struct detect_args, in),
    INTAKE_SHARD(struct detect_args, in),
    INTAKE_OPTS(struct detect_args, in),
    { .name = NULL }
};

static enum wn_status detect_run(struct cli_run *r)
{
    const struct detect_args *args = r->args;
    struct testing t = { .threshold = args->p };
    enum wn_status st = test_all(r, args, &t, "testing");

    keys_close(&t.keys);
    if (st == WN_OK)
        cli_note("%llu of %llu documents watermarked at corrected p <= %g", (unsigned long long)t.n_marked,
                 (unsigned long long)t.n_docs, args->p);
    return st;
}

static const struct cli_cmd watermark_detect = {
    .name = "detect",
    .summary = "test documents under keys",
    .usage = "winnow watermark detect --lm FILE [--key KEY]... [options] [INPUT...]",
    .about = "Writes one row a document: distinct bigrams scored, how many are green, z, and the exact binomial p-value,\n"
             "corrected for the number of keys. Each distinct bigram counts once. Bigrams with an unknown word are not tested.",
    .opts = detect_opts,
    .args_size = sizeof(struct detect_args),
    .run = detect_run,
};

static const struct cli_opt keys_opts[] = {
    KGW_OPTS(struct detect_args, kgw),
    INTAKE_JOBS(struct detect_args, in),
    INTAKE_OPTS(struct detect_args, in),
    { .name = NULL }
};

static enum wn_status keys_run(struct cli_run *r)
{
    struct testing t = { .threshold = 1e-6 };
    enum wn_status st = test_all(r, r->args, &t, "calibrating");

    for (size_t i = 0; i < t.keys.n && st == WN_OK; i++) {
        double n = (double)t.n_tested[i], mean = n ? t.sum_z[i] / n : 0;

        printf("key %s: %llu documents tested, mean z %.3f, sd of z %.3f\n", t.keys.name[i],
               (unsigned long long)t.n_tested[i], mean, n > 1 ? sqrt((t.sum_z2[i] - n * mean * mean) / (n - 1)) : 0);
        for (int l = 0; l < 4; l++) {
            struct wn_interval ci = wn_rate_interval(t.n_below[i][l], t.n_tested[i], 0.95);

            printf("  p <= %-6g realised %.5f  [%.5f, %.5f], %llu of %llu\n", levels[l],
                   n ? (double)t.n_below[i][l] / n : 0, ci.low, ci.high, (unsigned long long)t.n_below[i][l],
                   (unsigned long long)t.n_tested[i]);
        }
    }
    keys_close(&t.keys);
    return st;
}

static const struct cli_cmd watermark_keys = {
    .name = "keys",
    .summary = "null calibration of keys on documents known to be unmarked",
    .usage = "winnow watermark keys --lm FILE [--key KEY]... HUMAN...",
    .about = "Tests documents that carry no mark and prints how often each level is reached: under the null the realised\n"
             "rate is the level. A key that exceeds it is unlucky for this text: choose another, or a smaller p.",
    .opts = keys_opts,
    .args_size = sizeof(struct detect_args),
    .run = keys_run,
};

/* ---- embed ---------------------------------------------------------------------------- */

struct embed_args {
    struct sampling_args sampling;
    struct kgw_args kgw;
    double delta;
};

static const struct cli_opt embed_opts[] = {
    KGW_OPTS(struct embed_args, kgw),
    { .name = "delta", .kind = CLI_REAL, .at = offsetof(struct embed_args, delta), .arg = "NATS", .dflt = "2", .min = 0.01,
      .max = 50, .help = "what a green word's logit gains" },
    { .help = "Sampling" },
    SAMPLING_OPTS(struct embed_args, sampling),
    { .name = NULL }
};

static enum wn_status embed_run(struct cli_run *r)
{
    const struct embed_args *args = r->args;
    struct cli_outputs out = { .n = 0 };
    struct key_set keys = { 0 };
    enum wn_status st;

    if (args->kgw.keys.n > 1)
        return wn_fail(&r->err, WN_BADCONF, "a text carries one key, not %zu", args->kgw.keys.n);
    cli_outputs_add(&out, "--output", args->sampling.output);
    st = cli_outputs_check(&out, &args->kgw.lm, 1, &r->err);
    if (st == WN_OK)
        st = open_kgw(&keys, &args->kgw, args->delta, &r->err);
    if (st == WN_OK)
        st = sampling_run(&args->sampling, keys.lm, keys.kgw[0], &r->err);
    keys_close(&keys);
    return st;
}

static const struct cli_cmd watermark_embed = {
    .name = "embed",
    .summary = "sample watermarked documents from a language model",
    .usage = "winnow watermark embed --lm FILE [--key KEY] [options]",
    .about = "Samples documents whose green words are favoured: p'(w) is proportional to p(w) exp(delta) for green w.",
    .opts = embed_opts,
    .args_size = sizeof(struct embed_args),
    .run = embed_run,
};

static const struct cli_cmd *const watermark_verbs[] = { &watermark_detect, &watermark_embed, &watermark_keys, NULL };

const struct cli_cmd cli_watermark = {
    .name = "watermark",
    .summary = "keyed watermarks: detect in text, embed when sampling, calibrate keys",
    .usage = "winnow watermark COMMAND [options]",
    .about = "KGW lefthash (Kirchenbauer et al. 2023) over the vocabulary of a winnow language model, bit for bit the\n"
             "simple_1 scheme of the lm-watermarking reference on a CPU generator. Without the key nothing is claimed.",
    .examples = "$ winnow lm build corpus/machine-en-a.jsonl corpus/machine-en-b.jsonl -o machine.wlm\n"
                "$ winnow watermark embed --lm machine.wlm --key 42 -n 5 --min-tokens 100 -o marked.jsonl\n"
                "$ winnow watermark detect --lm machine.wlm --key 42 marked.jsonl -o tests.jsonl\n"
                "$ winnow watermark keys --lm machine.wlm --key 42 corpus/machine-en-a.jsonl",
    .verbs = watermark_verbs,
};
