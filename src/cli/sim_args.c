#include "sim_args.h"

#include <stdlib.h>

#include "policies.h"

/* ---- the corpus ------------------------------------------------------------------------------ */

static enum wn_status collect(void *ctx, const struct wn_doc *doc, void *result, uint64_t n_bytes, enum wn_reason *reason,
                              struct wn_err *err)
{
    struct sim_inputs *s = ctx;
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

static enum wn_status shuffle(struct sim_inputs *s, struct wn_err *err)
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

static enum wn_status read_corpus(struct sim_inputs *s, struct cli_run *r)
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

/* ---- the policies ------------------------------------------------------------------------------ */

static enum wn_status read_policies(struct sim_inputs *s, const struct cli_run *r, struct wn_err *err)
{
    struct wn_operating_point op = { .given = false };
    enum wn_status st = WN_OK;

    s->policies = calloc(r->n_rest, sizeof(*s->policies));
    if (!s->policies)
        return wn_fail(err, WN_NOMEM, "out of memory for %zu policies", r->n_rest);
    s->n_policies = r->n_rest;
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

/* ---- the recorded generations -------------------------------------------------------------------- */

/* One flag a generation, so that a list may name one twice and in any order. */
static enum wn_status mark_range(const char *text, uint64_t last, bool *marked, struct wn_err *err)
{
    char *end;
    double from = strtod(text, &end), to = from, step = 1;

    if (end != text && *end == ':') {
        to = strtod(end + 1, &end);
        if (*end == ':')
            step = strtod(end + 1, &end);
    }
    if (end == text || *end || !(from >= 1 && to >= from && step >= 1 && to <= (double)last))
        return wn_fail(err, WN_BADCONF,
                       "--at: '%s' is no list of generations from 1 to %llu: give numbers, FROM:TO:STEP, log or last", text,
                       (unsigned long long)last);
    for (double g = from; g <= to; g += step)
        marked[(uint64_t)g] = true;
    return WN_OK;
}

static enum wn_status mark_word(const char *word, uint64_t last, bool *marked, struct wn_err *err)
{
    static const uint64_t steps[] = { 1, 2, 5 };

    if (strcmp(word, "last") == 0) {
        marked[last] = true;
        return WN_OK;
    }
    if (strcmp(word, "log") != 0)
        return mark_range(word, last, marked, err);
    for (uint64_t ten = 1; ten <= last; ten *= 10)
        for (int i = 0; i < 3; i++)
            if (steps[i] * ten <= last)
                marked[steps[i] * ten] = true;
    marked[last] = true;
    return WN_OK;
}

static enum wn_status read_record(struct sim_inputs *s, struct wn_err *err)
{
    uint64_t last = s->args->generations;
    char *list, *rest, *word;
    bool *marked;
    enum wn_status st = WN_OK;

    if (!s->args->at)
        return WN_OK;
    list = rest = strdup(s->args->at);
    marked = calloc(last + 1, sizeof(*marked));
    s->record = calloc(last + 1, sizeof(*s->record));
    if (!list || !marked || !s->record)
        st = wn_fail(err, WN_NOMEM, "out of memory for %llu generations", (unsigned long long)last);
    while (st == WN_OK && (word = strsep(&rest, ",")) != NULL)
        st = mark_word(word, last, marked, err);
    for (uint64_t g = 1; st == WN_OK && g <= last; g++)
        if (marked[g])
            s->record[s->n_record++] = (uint32_t)g;
    free(list);
    free(marked);
    return st;
}

/* ---- all of it -------------------------------------------------------------------------------------- */

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool reads_text(const struct sim_args *a)
{
    return is(a->engine, "ngram") || is(a->engine, "bigram") || is(a->engine, "softmax");
}

enum wn_status sim_args_check(const struct sim_args *a, struct wn_err *err)
{
    if (is(a->engine, "ngram") && !a->corpus.n)
        return wn_fail(err, WN_BADCONF, "engine ngram needs --corpus: human documents to start from");
    if (!reads_text(a) && a->corpus.n)
        return wn_fail(err, WN_BADCONF, "engine %s has no text: --corpus is for the engines ngram, bigram and softmax", a->engine);
    if (!is(a->engine, "ngram") && detectors_wanted(&a->detect))
        return wn_fail(err, WN_BADCONF, "engine %s has no text: the detectors' options are for engine ngram; "
                       "give the detector's rates with --operating-point", a->engine);
    if (a->watermark_share > 0 && !a->detect.watermark_keys.n)
        return wn_fail(err, WN_BADCONF, "--watermark-share needs --watermark-key and --watermark-lm: whose mark is it");
    return WN_OK;
}

enum wn_status sim_args_apart(const struct sim_args *a, const struct cli_outputs *out, struct wn_err *err)
{
    enum wn_status st = cli_outputs_apart(out, a->corpus.item, a->corpus.n, err);

    if (st == WN_OK)
        st = cli_outputs_apart(out, &a->operating_point, 1, err);
    return st == WN_OK ? detectors_apart(&a->detect, out, err) : st;
}

enum wn_status sim_inputs_open(struct sim_inputs *in, const struct sim_args *a, struct cli_run *r)
{
    enum wn_status st;

    in->args = a;
    st = read_policies(in, r, &r->err);
    if (st == WN_OK)
        st = read_record(in, &r->err);
    if (st == WN_OK && a->corpus.n)
        st = read_corpus(in, r);
    if (st == WN_OK && detectors_wanted(&a->detect))
        st = detectors_open(&in->detectors, &a->detect, 1, &r->err);
    return st;
}

static struct wn_sim_sampling sampling_of(const struct sim_args *a)
{
    return (struct wn_sim_sampling){ .lambda = a->lambda, .truncate = a->truncate, .temperature = a->temperature,
                                     .top_k = (uint32_t)a->top_k, .top_p = a->top_p < 1 ? a->top_p : 0, .min_p = a->min_p,
                                     .typical = a->typical < 1 ? a->typical : 0, .beam = (unsigned)a->beam,
                                     .repetition_penalty = a->repetition_penalty > 1 ? a->repetition_penalty : 0 };
}

static struct wn_sim_model model_of(const struct sim_args *a)
{
    return (struct wn_sim_model){ .dims = (unsigned)a->dims, .truth = a->truth, .components = (unsigned)a->components,
                                  .separation = a->separation, .states = a->states, .zipf = a->zipf,
                                  .zipf_shift = a->zipf_shift, .add = a->add, .rate = a->rate, .noise = a->noise,
                                  .same_design = a->same_design, .kernel = a->kernel, .bandwidth = a->bandwidth,
                                  .em_rounds = (unsigned)a->em_rounds, .em_tolerance = a->em_tolerance,
                                  .block = (unsigned)a->block, .learning_rate = a->learning_rate,
                                  .epochs = (unsigned)a->epochs, .batch = (unsigned)a->batch };
}

static void fill_text(const struct sim_inputs *in, struct wn_sim_opts *o)
{
    const struct sim_args *a = in->args;

    o->texts = in->texts;
    o->n_texts = in->n_texts;
    o->tagger = in->detectors.tagger;
    o->retrain = a->retrain;
    o->order = (unsigned)a->order;
    o->smoothing = is(a->smoothing, "ml") ? WN_SMOOTH_ML : WN_SMOOTH_KN;
    o->prompt = (unsigned)a->prompt;
    o->watermark_share = a->watermark_share;
    o->watermark_delta = a->watermark_delta;
    o->watermark_key = in->detectors.keys.n ? in->detectors.keys.key[0] : 0;
    o->watermark_lm = in->detectors.keys.lm;
}

enum wn_status sim_inputs_opts(struct sim_inputs *in, struct wn_sim_opts *o, struct wn_err *err)
{
    const struct sim_args *a = in->args;

    *o = (struct wn_sim_opts){ .engine = a->engine, .policies = in->policies, .n_policies = in->n_policies,
                               .generations = (unsigned)a->generations, .replicates = (unsigned)a->seeds, .seed = a->seed,
                               .n = a->n, .n_first = a->n_first, .first_mixed = a->first_mixed, .jobs = intake_jobs(&a->in),
                               .stop = &cli_stop, .record = in->record, .n_record = in->n_record,
                               .scraped_human_share = a->scraped, .sampling = sampling_of(a), .model = model_of(a) };
    o->mode = is(a->mode, "exact") ? WN_SIM_EXACT : is(a->mode, "points") ? WN_SIM_POINTS : WN_SIM_AUTO;
    o->estimator = is(a->estimator, "unbiased") ? WN_ESTIMATE_UNBIASED :
                   is(a->estimator, "by-source") ? WN_ESTIMATE_BY_SOURCE : WN_ESTIMATE_MLE;
    fill_text(in, o);
    if (o->tagger) {
        struct wn_json j;

        wn_json_init(&j, &in->detectors_json);
        detectors_json(&j, NULL, &in->detectors);
        o->detectors_json = wn_buf_str(&in->detectors_json);
    }
    return wn_buf_status(&in->detectors_json, err);
}

void sim_inputs_close(struct sim_inputs *in)
{
    detectors_close(&in->detectors);
    wn_buf_release(&in->detectors_json);
    wn_arena_release(&in->texts_arena);
    free(in->texts);
    free(in->policies);
    free(in->record);
}
