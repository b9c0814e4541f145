/* cmd_lm_score.c - perplexity of text under a model, or under two in one probe. */
#include "segment.h"
#include "cmd_lm.h"
#include "outputs.h"
#include "scoring.h"

#include <stdlib.h>

static const struct cli_opt score_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct score_args, output), .arg = "FILE",
      .dflt = "-", .help = "the rows, as JSON Lines" },
    { .name = "per", .kind = CLI_CHOICE, .at = offsetof(struct score_args, per), .choices = "document|sentence|token|none",
      .dflt = "document", .help = "what a row is for; of plain lines a document is a file; none: only the summary, which "
      "then goes to standard output" },
    SEGMENT_OPT(struct score_args, segment),
    { .name = "no-markers", .kind = CLI_FLAG, .at = offsetof(struct score_args, no_markers),
      .help = "start from the empty context and score no end of sentence, as KenLM's query -n" },
    { .name = "summary-json", .kind = CLI_STR, .at = offsetof(struct score_args, summary), .arg = "FILE",
      .help = "the summary and the accounting as JSON" },
    { .name = "verify", .kind = CLI_FLAG, .at = offsetof(struct score_args, verify),
      .help = "check all of the model file first, however large it is" },
    { .help = "CCNet" },
    { .name = "ccnet-cutoffs", .kind = CLI_STR, .at = offsetof(struct score_args, cutoffs), .arg = "H,T|FILE",
      .help = "divide documents into head (perplexity below H), middle (below T) and tail; FILE: a table as CCNet's "
      "cutoff.csv, a column a language, a row a percentile" },
    { .name = "ccnet-percentiles", .kind = CLI_STR, .at = offsetof(struct score_args, percentiles), .arg = "P,Q",
      .help = "the rows of FILE that are the cutoffs [30,60]; without --ccnet-cutoffs: print what the cutoffs at these "
      "percentiles of the input are" },
    { .name = "ccnet-normalise", .kind = CLI_FLAG, .at = offsetof(struct score_args, normalise),
      .help = "first do to each document what CCNet does: lower case, no accents, digits 0, ASCII punctuation, no control "
      "characters, so that it is one line" },
    { .name = "lang", .kind = CLI_STR, .at = offsetof(struct score_args, lang), .arg = "CODE",
      .help = "the language of all documents, a column of FILE" },
    { .name = "lang-key", .kind = CLI_STR, .at = offsetof(struct score_args, in.lang_key), .arg = "NAME", .dflt = "lang",
      .help = "the member that holds a document's language (CCNet: language)" },
    INTAKE_JOBS(struct score_args, in),
    INTAKE_SHARD(struct score_args, in),
    INTAKE_OPTS(struct score_args, in),
    { .name = NULL }
};

static void sum_add(struct wn_lm_sum *to, const struct wn_lm_sum *s)
{
    to->log10_p += s->log10_p;
    to->log10_p_oov += s->log10_p_oov;
    to->n_tokens += s->n_tokens;
    to->n_oov += s->n_oov;
}

/* ---- workers -------------------------------------------------------------------------------- */

/* The sentences of a text that is cut at line ends. */
static size_t count_lines(struct wn_str text)
{
    size_t n = 0;

    for (const char *p = text.ptr, *end = p + text.len; p < end; n++) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));

        p = nl ? nl + 1 : end;
    }
    return n;
}

static enum wn_status add_parts(const struct scoring *s, struct wn_scorer *scorer, struct scored_doc *d, struct wn_str text,
                                bool cut, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    size_t i = 0;

    do {
        const char *nl = d->n > 1 || cut ? memchr(text.ptr, '\n', text.len) : NULL;
        size_t n = nl ? (size_t)(nl - text.ptr) + 1 : text.len;

        st = wn_scorer_add(scorer, (struct wn_str){ text.ptr, n }, &d->sum[i * s->models], err);
        text = (struct wn_str){ text.ptr + n, text.len - n };
        i += d->n > 1;
    } while (st == WN_OK && text.len > 0 && i < d->n);
    return st;
}

static enum wn_status prepare(const struct scoring *s, struct score_worker *w, const struct wn_doc *doc,
                              struct wn_arena *batch, struct wn_str *text, struct wn_err *err)
{
    enum wn_status st;

    *text = doc->text;
    if (s->args->normalise) {
        wn_buf_reset(&w->text);
        st = wn_ccnet_normalise(doc->text, &w->text, err);
        if (st != WN_OK)
            return st;
        *text = wn_arena_copy(batch, wn_buf_str(&w->text));
        if (!text->ptr)
            return wn_fail(err, WN_NOMEM, "out of memory for a text");
    }
    if (segment_wanted(s->args->segment, doc)) {
        struct wn_str whole = *text;

        wn_buf_reset(&w->text);
        segment_lines(whole, &w->text);
        st = wn_buf_status(&w->text, err);
        if (st != WN_OK)
            return st;
        *text = wn_arena_copy(batch, wn_buf_str(&w->text));
        if (!text->ptr)
            return wn_fail(err, WN_NOMEM, "out of memory for a text");
    }
    if (!text->len && s->lines)
        *text = WN_STR("\n");        /* a document without text is one empty sentence */
    return WN_OK;
}

static enum wn_status score_work(void *ctx, unsigned worker, const struct wn_doc *doc, struct wn_arena *batch,
                                 struct wn_arena *scratch, void **result, struct wn_err *err)
{
    struct scoring *s = ctx;
    struct score_worker *w = &s->worker[worker];
    struct scored_doc *d = wn_arena_calloc(batch, 1, sizeof(*d));
    struct wn_str text;
    enum wn_status st;
    bool cut;

    (void)scratch;
    *result = d;
    if (!d)
        return wn_fail(err, WN_NOMEM, "out of memory for a score");
    st = prepare(s, w, doc, batch, &text, err);
    if (st != WN_OK)
        return st;
    d->doc = doc;
    d->has_text = doc->text.len > 0;
    cut = segment_wanted(s->args->segment, doc);
    d->n = (s->lines || (cut && text.len > 0)) && s->per >= PER_SENTENCE ? count_lines(text) : 1;
    d->sum = wn_arena_calloc(batch, d->n * s->models, sizeof(*d->sum));
    if (!d->sum)
        return wn_fail(err, WN_NOMEM, "out of memory for the scores of %zu sentences", d->n);
    *w->last = d;
    w->last = &d->next;
    return add_parts(s, w->scorer, d, text, cut, err);
}

static enum wn_status score_done(void *ctx, unsigned worker, struct wn_arena *batch, struct wn_err *err)
{
    struct scoring *s = ctx;
    struct score_worker *w = &s->worker[worker];
    const struct wn_scored *token;
    size_t n;
    enum wn_status st = wn_scorer_flush(w->scorer, err);

    if (st != WN_OK)
        return st;
    token = wn_scorer_tokens(w->scorer, &n);
    for (struct scored_doc *d = w->first; d && s->per != PER_NONE; d = d->next) {
        wn_buf_reset(&w->text);
        scoring_rows(s, &w->text, d, &token);
        st = wn_buf_status(&w->text, err);
        if (st != WN_OK)
            return st;
        d->rows = wn_arena_copy(batch, wn_buf_str(&w->text));
        if (!d->rows.ptr)
            return wn_fail(err, WN_NOMEM, "out of memory for rows");
    }
    w->first = NULL;
    w->last = &w->first;
    wn_scorer_clear(w->scorer);
    return WN_OK;
}

/* ---- the writer -------------------------------------------------------------------------------- */

static void count_document(struct scoring *s, struct wn_str lang, bool has_text, const struct wn_lm_sum *sum)
{
    s->n_documents++;
    if (s->spread)
        ccnet_spread_add(s->spread, scoring_ccnet(sum, has_text));
    if (s->buckets)
        s->in_bucket[scoring_bucket(s, lang, sum, has_text)]++;
}

static enum wn_status score_keep(void *ctx, const struct wn_doc *doc, void *result, uint64_t n_bytes,
                                 enum wn_reason *reason, struct wn_err *err)
{
    struct scoring *s = ctx;
    const struct scored_doc *d = result;
    struct wn_lm_sum sum[2] = { { .n_tokens = 0 } };

    (void)n_bytes;
    (void)reason;
    for (size_t i = 0; i < d->n; i++)
        for (unsigned m = 0; m < s->models; m++)
            sum_add(&sum[m], &d->sum[i * s->models + m]);
    for (unsigned m = 0; m < s->models; m++) {
        sum_add(&s->total[m], &sum[m]);
        if (doc->n_lines)
            sum_add(&s->file[m], &sum[m]);
    }
    s->file_has_lines = s->file_has_lines || doc->n_lines;
    if (!doc->n_lines)
        count_document(s, doc->lang, d->has_text, sum);
    return d->rows.len ? wn_sink_write(s->out, d->rows, err) : WN_OK;
}

static enum wn_status score_file_end(void *ctx, const struct wn_item *item, bool drop, struct wn_err *err)
{
    struct scoring *s = ctx;
    enum wn_status st = WN_OK;

    (void)drop;
    if (s->file_has_lines) {
        count_document(s, WN_STR(""), true, s->file);
        wn_buf_reset(&s->row);
        if (s->per == PER_DOCUMENT)
            scoring_document_row(s, &s->row, wn_str(item->place.file), WN_STR(""), true, s->file);
        st = wn_buf_status(&s->row, err);
        if (st == WN_OK && s->row.len)
            st = wn_sink_write(s->out, wn_buf_str(&s->row), err);
    }
    memset(s->file, 0, sizeof(s->file));
    s->file_has_lines = false;
    return st;
}

/* ---- run ------------------------------------------------------------------------------------------- */

static enum per per_of(const char *name)
{
    return name[0] == 'n' ? PER_NONE : name[0] == 'd' ? PER_DOCUMENT : name[0] == 's' ? PER_SENTENCE : PER_TOKEN;
}

static enum wn_status check_args(const struct score_args *args, const struct cli_run *r, struct wn_err *err)
{
    struct cli_outputs out = { .n = 0 };
    enum wn_status st;

    if (args->lang && !args->cutoffs)
        return wn_fail(err, WN_BADCONF, "--lang names a column of the file given to --ccnet-cutoffs, which is missing");
    if ((args->cutoffs || args->percentiles) && per_of(args->per) == PER_TOKEN)
        return wn_fail(err, WN_BADCONF, "--per token has no buckets: the CCNet options are for documents and sentences");
    if (per_of(args->per) == PER_NONE && strcmp(args->output, "-") != 0)
        return wn_fail(err, WN_BADCONF, "--per none has no rows: nothing would be written to --output '%s'", args->output);
    if (per_of(args->per) != PER_NONE)
        cli_outputs_add(&out, "--output", args->output);
    cli_outputs_add(&out, "--summary-json", args->summary);
    cli_outputs_add(&out, "--rejects", args->in.rejects);
    st = cli_outputs_check(&out, r->rest, r->n_rest, err);
    return st == WN_OK ? cli_outputs_apart(&out, &args->cutoffs, 1, err) : st;
}

static enum wn_status open_workers(struct scoring *s, struct wn_err *err)
{
    struct wn_scorer_opts opts = { .per_token = s->per == PER_TOKEN, .no_markers = s->args->no_markers };
    enum wn_status st = WN_OK;

    s->n_workers = intake_jobs(&s->args->in);
    s->worker = calloc(s->n_workers, sizeof(*s->worker));
    if (!s->worker)
        return wn_fail(err, WN_NOMEM, "out of memory for %u workers", s->n_workers);
    for (unsigned i = 0; i < s->n_workers && st == WN_OK; i++) {
        s->worker[i].last = &s->worker[i].first;
        st = wn_scorer_new(&s->worker[i].scorer, s->lm, &opts, err);
    }
    return st;
}

static enum wn_status open_all(struct scoring *s, const char *model, struct wn_err *err)
{
    const struct score_args *args = s->args;
    enum wn_status st = ccnet_init(&s->ccnet, args->cutoffs, args->percentiles, err);

    s->buckets = args->cutoffs;
    if (st == WN_OK && args->lang && !ccnet_has(&s->ccnet, wn_str(args->lang)))
        st = wn_fail(err, WN_BADCONF, "--lang: '%s' has no cutoffs in '%s'", args->lang, args->cutoffs);
    if (st == WN_OK)
        st = wn_lm_open_verify(&s->lm, model, args->verify ? WN_LM_VERIFY_ALL : WN_LM_VERIFY_AUTO, err);
    if (st != WN_OK)
        return st;
    s->models = wn_lm_models(s->lm);
    s->lines = wn_lm_tokenizer(s->lm) == WN_TOK_WHITESPACE;
    if (args->percentiles && !args->cutoffs) {
        s->spread = ccnet_spread_new();
        if (!s->spread)
            return wn_fail(err, WN_NOMEM, "out of memory for percentiles");
    }
    st = open_workers(s, err);
    if (st == WN_OK && s->per != PER_NONE)
        st = wn_sink_open(&s->out, args->output, &(struct wn_sink_opts){ .make_folders = true }, err);
    return st;
}

static void close_all(struct scoring *s)
{
    for (unsigned i = 0; s->worker && i < s->n_workers; i++) {
        wn_scorer_free(s->worker[i].scorer);
        wn_buf_release(&s->worker[i].text);
    }
    free(s->worker);
    wn_sink_close(s->out);
    wn_buf_release(&s->row);
    ccnet_spread_free(s->spread);
    ccnet_release(&s->ccnet);
    wn_lm_free(s->lm);
}

static enum wn_status score_run(struct cli_run *r)
{
    const struct score_args *args = r->args;
    struct scoring s = { .args = args, .per = per_of(args->per) };
    struct intake_args in = args->in;
    struct intake_visitor v = { .ctx = &s, .work = score_work, .work_done = score_done, .keep = score_keep,
                                .file_end = score_file_end };
    struct intake_result res = { 0 };
    enum wn_status st;

    if (!r->n_rest)
        return wn_fail(&r->err, WN_BADCONF, "no model: %s", r->cmd->usage);
    in.salvage = true;                       /* a score stands by itself */
    st = check_args(args, r, &r->err);
    if (st == WN_OK)
        st = open_all(&s, r->rest[0], &r->err);
    in.lines = s.lines && !args->normalise;
    if (st == WN_OK)
        st = intake_run(&in, r->rest + 1, r->n_rest - 1, &v, "scoring", &res, &r->err);
    if (st == WN_OK)
        st = intake_any(&res, &r->err);
    if (st == WN_OK && s.out)
        st = wn_sink_publish(s.out, &r->err);
    if (st == WN_OK && args->summary)
        st = scoring_summary(&s, &res, &r->err);
    if (st == WN_OK) {
        scoring_print(&s);
        intake_print(&res);
        r->exit = intake_exit(&in, &res);
    }
    close_all(&s);
    intake_release(&res);
    return st;
}

const struct cli_cmd lm_score = {
    .name = "score",
    .summary = "perplexity of text under a model",
    .usage = "winnow lm score [options] MODEL [INPUT...]",
    .about = "Writes {id, log10_p, n_tokens, n_oov, perplexity, perplexity_without_oov} for each document. Tokens are words\n"
             "plus one end of sentence. Of a joint model (lm joint) a row holds these for human and for synthetic, and\n"
             "llr_nats_per_token, their mean log-likelihood ratio, synthetic over human.\n"
             "\n"
             "With a whitespace model every line is a sentence, and an input whose first byte that is no blank is not '{'\n"
             "is plain text, one sentence a line, whatever its name; a document is then the file. --per sentence counts its\n"
             "lines from 1.\n"
             "\n"
             "The CCNet options give the buckets that CCNet gives with word models: the perplexity is rounded to one decimal\n"
             "and compared with two cutoffs. docs/format/ccnet.md says what is the same and what is not.",
    .opts = score_opts,
    .args_size = sizeof(struct score_args),
    .run = score_run,
};
