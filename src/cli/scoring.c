#include "scoring.h"

#include <math.h>

/* ---- rows ---------------------------------------------------------------------------------- */

static void add_sum(struct wn_json *j, const struct wn_lm_sum *sum)
{
    wn_json_add_num(j, "log10_p", sum->log10_p);
    wn_json_add_uint(j, "n_tokens", sum->n_tokens);
    wn_json_add_uint(j, "n_oov", sum->n_oov);
    wn_json_add_num(j, "perplexity", wn_lm_perplexity(sum, true));
    wn_json_add_num(j, "perplexity_without_oov", wn_lm_perplexity(sum, false));
}

/* Mean log-likelihood ratio, synthetic over human, in nats a token. */
static double ratio(const struct wn_lm_sum *sum)
{
    return sum[0].n_tokens ? (sum[1].log10_p - sum[0].log10_p) * log(10) / (double)sum[0].n_tokens : NAN;
}

static void add_sums(const struct scoring *s, struct wn_json *j, const struct wn_lm_sum *sum)
{
    static const char *const names[] = { "human", "synthetic" };

    if (s->models == 1) {
        add_sum(j, sum);
        return;
    }
    for (int m = 0; m < 2; m++) {
        wn_json_open(j, names[m], '{');
        add_sum(j, &sum[m]);
        wn_json_close(j, '}');
    }
    wn_json_add_num(j, "llr_nats_per_token", ratio(sum));
}

static struct wn_str lang_of(const struct scoring *s, struct wn_str lang)
{
    return s->args->lang ? wn_str(s->args->lang) : lang;
}

/* CCNet leaves a document without text out. */
double scoring_ccnet(const struct wn_lm_sum *sum, bool has_text)
{
    return has_text ? ccnet_round(wn_lm_perplexity(sum, true)) : NAN;
}

enum ccnet_bucket scoring_bucket(const struct scoring *s, struct wn_str lang, const struct wn_lm_sum *sum, bool has_text)
{
    return ccnet_bucket_of(&s->ccnet, lang_of(s, lang), scoring_ccnet(sum, has_text));
}

void scoring_document_row(const struct scoring *s, struct wn_buf *out, struct wn_str id, struct wn_str lang, bool has_text,
                          const struct wn_lm_sum *sum)
{
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_str(&j, "id", id);
    add_sums(s, &j, sum);
    if (s->buckets || s->spread)
        wn_json_add_num(&j, "ccnet_perplexity", scoring_ccnet(sum, has_text));
    if (s->buckets)
        wn_json_add_strz(&j, "bucket", ccnet_bucket_name(scoring_bucket(s, lang, sum, has_text)));
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
}

/* Lines are counted from the start of the file, sentences from the start of the document. */
static uint64_t sentence_number(const struct scored_doc *d, size_t i)
{
    return d->doc->n_lines ? d->doc->place.line + i : i + 1;
}

static void sentence_row(const struct scoring *s, struct wn_buf *out, const struct scored_doc *d, size_t i)
{
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_str(&j, "id", d->doc->id);
    wn_json_add_uint(&j, "sentence", sentence_number(d, i));
    add_sums(s, &j, &d->sum[i * s->models]);
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
}

/* Nine digits give a float32 back. */
static void add_float(struct wn_json *j, const char *key, float x)
{
    char text[32];

    if (isfinite(x))
        wn_json_add_raw(j, key, (struct wn_str){ text, (size_t)snprintf(text, sizeof(text), "%.9g", (double)x) });
    else
        wn_json_add_num(j, key, (double)x);
}

static void add_token(struct wn_json *j, const struct wn_scored *t, int m)
{
    add_float(j, "log10_p", t->log10_p[m]);
    wn_json_add_uint(j, "matched", t->matched[m]);
    wn_json_add_bool(j, "oov", t->is_oov[m]);
}

static void token_row(const struct scoring *s, struct wn_buf *out, const struct scored_doc *d, size_t i,
                      const struct wn_scored *t)
{
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_str(&j, "id", d->doc->id);
    wn_json_add_uint(&j, "sentence", sentence_number(d, i));
    wn_json_add_str(&j, "word", t->word.len ? t->word : WN_STR("</s>"));
    if (s->models == 1) {
        add_token(&j, t, 0);
    } else {
        wn_json_open(&j, "human", '{');
        add_token(&j, t, 0);
        wn_json_close(&j, '}');
        wn_json_open(&j, "synthetic", '{');
        add_token(&j, t, 1);
        wn_json_close(&j, '}');
    }
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
}

void scoring_rows(const struct scoring *s, struct wn_buf *out, const struct scored_doc *d, const struct wn_scored **token)
{
    if (s->per == PER_DOCUMENT && !d->doc->n_lines)
        scoring_document_row(s, out, d->doc->id, d->doc->lang, d->has_text, d->sum);
    for (size_t i = 0; i < d->n && s->per == PER_SENTENCE; i++)
        sentence_row(s, out, d, i);
    for (size_t i = 0; i < d->n && s->per == PER_TOKEN; i++)
        for (uint64_t k = d->sum[i * s->models].n_tokens; k; k--)
            token_row(s, out, d, i, (*token)++);
}

/* ---- summary ------------------------------------------------------------------------------------- */

/* The words of KenLM's query. */
static void print_sum(FILE *out, const struct wn_lm_sum *sum)
{
    fprintf(out, "Perplexity including OOVs:\t%.10g\nPerplexity excluding OOVs:\t%.10g\nOOVs:\t%llu\nTokens:\t%llu\n",
            wn_lm_perplexity(sum, true), wn_lm_perplexity(sum, false), (unsigned long long)sum->n_oov,
            (unsigned long long)sum->n_tokens);
}

void scoring_print(const struct scoring *s)
{
    /* Not behind the JSON. */
    bool json = s->args->summary && strcmp(s->args->summary, "-") == 0;
    FILE *out = s->per == PER_NONE && !json ? stdout : stderr;

    if (out == stderr && cli_quiet)
        return;
    if (s->models == 2)
        fputs("human\n", out);
    print_sum(out, &s->total[0]);
    if (s->models == 2) {
        fputs("synthetic\n", out);
        print_sum(out, &s->total[1]);
        fprintf(out, "log-likelihood ratio, synthetic over human:\t%.6g nats a token\n", ratio(s->total));
    }
    if (s->buckets)
        fprintf(out, "head %llu, middle %llu, tail %llu, without cutoffs %llu\n", (unsigned long long)s->in_bucket[CCNET_HEAD],
                (unsigned long long)s->in_bucket[CCNET_MIDDLE], (unsigned long long)s->in_bucket[CCNET_TAIL],
                (unsigned long long)s->in_bucket[CCNET_ALL]);
    if (s->spread)
        fprintf(out, "percentiles %g and %g of %llu documents: --ccnet-cutoffs %.1f,%.1f\n", s->ccnet.percent[0],
                s->ccnet.percent[1], (unsigned long long)ccnet_spread_count(s->spread),
                ccnet_spread_cutoff(s->spread, s->ccnet.percent[0]), ccnet_spread_cutoff(s->spread, s->ccnet.percent[1]));
}

enum wn_status scoring_summary(const struct scoring *s, const struct intake_result *res, struct wn_err *err)
{
    struct wn_buf out = { 0 };
    struct wn_json j;
    enum wn_status st;

    wn_json_init(&j, &out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_uint(&j, "documents", s->n_documents);
    add_sums(s, &j, s->total);
    if (s->buckets) {
        wn_json_open(&j, "buckets", '{');
        for (int b = 0; b < CCNET_N; b++)
            wn_json_add_uint(&j, ccnet_bucket_name((enum ccnet_bucket)b), s->in_bucket[b]);
        wn_json_close(&j, '}');
    }
    if (s->spread) {
        wn_json_open(&j, "cutoffs", '{');
        wn_json_add_num(&j, "head", ccnet_spread_cutoff(s->spread, s->ccnet.percent[0]));
        wn_json_add_num(&j, "middle", ccnet_spread_cutoff(s->spread, s->ccnet.percent[1]));
        wn_json_close(&j, '}');
    }
    wn_account_json(&j, "account", &res->account);
    wn_json_close(&j, '}');
    wn_buf_addc(&out, '\n');
    st = wn_buf_status(&out, err);
    if (st == WN_OK)
        st = wn_file_publish(s->args->summary, wn_buf_str(&out), err);
    wn_buf_release(&out);
    return st;
}
