#include "sampling.h"

#include <stdlib.h>

enum { PER_BATCH = 16, IDS_TOGETHER = 4 << 20 };

struct sampling {
    const struct sampling_args *args;
    const struct wn_lm *lm;
    struct wn_sampler *sampler;
    struct wn_lm_bias bias;
    struct wn_sample_opts opts;
    struct wn_sample_start start[PER_BATCH];   /* the same for all texts side by side */
    struct wn_arena prompt;                    /* its words                           */
    struct wn_sampler_scratch **scratch;   /* one a worker */
    uint64_t next;
    struct wn_sink *out;
    bool marked;
};

struct batch_of_samples {
    uint64_t first, n;
    struct wn_str rows;
};

static enum wn_status sample_read(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct sampling *s = ctx;
    struct batch_of_samples *work = wn_arena_calloc(&b->arena, 1, sizeof(*work));

    if (s->next >= s->args->documents)
        return WN_END;
    if (!work)
        return wn_fail(err, WN_NOMEM, "out of memory for samples");
    work->first = s->next;
    work->n = s->args->documents - s->next < PER_BATCH ? s->args->documents - s->next : PER_BATCH;
    s->next += work->n;
    b->data = work;
    return WN_OK;
}

static void write_sample(const struct sampling *s, struct wn_buf *rows, uint64_t index, struct wn_str text, size_t n_tokens)
{
    char id[160];
    struct wn_json j;

    snprintf(id, sizeof(id), "%.100s%llu", s->args->prefix, (unsigned long long)index);
    wn_json_init(&j, rows);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "id", id);
    wn_json_add_str(&j, "text", text);
    wn_json_add_strz(&j, "source", s->marked ? "winnow-lm-watermarked" : "winnow-lm");
    wn_json_add_strz(&j, "label", "synthetic");
    wn_json_add_uint(&j, "n_tokens", n_tokens);
    wn_json_close(&j, '}');
    wn_buf_addc(rows, '\n');
}

/* Draws documents FIRST .. FIRST + N - 1 into ROWS. */
static enum wn_status sample_some(struct sampling *s, unsigned worker, uint64_t first, size_t n, uint32_t *ids,
                                  struct wn_buf *text, struct wn_buf *rows, struct wn_err *err)
{
    struct wn_rng rng[PER_BATCH];
    size_t n_ids[PER_BATCH];
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < n; i++)
        wn_rng_init(&rng[i], s->args->seed, WN_DOMAIN_SAMPLE, 0, 0, first + i);
    wn_sample_batch(s->sampler, s->scratch[worker], &s->opts, rng, n, ids, n_ids);
    for (size_t i = 0; i < n && (st = cli_going_on(err)) == WN_OK; i++) {
        wn_buf_reset(text);
        wn_lm_render(s->lm, ids + i * s->opts.max_tokens, n_ids[i], text);
        write_sample(s, rows, first + i, wn_buf_str(text), n_ids[i]);
    }
    return st;
}

static enum wn_status sample_work(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct sampling *s = ctx;
    struct batch_of_samples *work = b->data;
    /* Side by side as long as that stays small. */
    size_t most = s->opts.max_tokens < IDS_TOGETHER / PER_BATCH ? PER_BATCH : 1;
    uint32_t *ids = wn_arena_alloc(b->scratch, most * s->opts.max_tokens * sizeof(*ids));
    struct wn_buf rows = { 0 }, text = { 0 };
    enum wn_status st = WN_OK;

    if (!ids)
        return wn_fail(err, WN_NOMEM, "out of memory for %llu tokens", (unsigned long long)s->opts.max_tokens);
    for (uint64_t done = 0; st == WN_OK && done < work->n;) {
        size_t n = work->n - done < most ? (size_t)(work->n - done) : most;

        st = sample_some(s, b->worker, work->first + done, n, ids, &text, &rows, err);
        done += n;
    }
    if (st == WN_OK)
        st = wn_buf_status(&text, err);
    if (st == WN_OK)
        st = wn_buf_status(&rows, err);
    if (st == WN_OK) {
        work->rows = wn_arena_copy(&b->arena, wn_buf_str(&rows));
        if (!work->rows.ptr)
            st = wn_fail(err, WN_NOMEM, "out of memory for samples");
    }
    wn_buf_release(&text);
    wn_buf_release(&rows);
    return st;
}

static enum wn_status sample_write(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct sampling *s = ctx;

    return wn_sink_write(s->out, ((struct batch_of_samples *)b->data)->rows, err);
}

static const struct wn_flow sample_flow = { sample_read, sample_work, sample_write };

/* The one document of a beam search. */
static enum wn_status write_beam(struct sampling *s, struct wn_err *err)
{
    uint32_t *ids = calloc(s->opts.max_tokens, sizeof(*ids));
    struct wn_buf row = { 0 }, text = { 0 };
    double log10_p;
    size_t n = 0;
    enum wn_status st;

    st = ids ? wn_lm_beam(s->sampler, (unsigned)s->args->beam, s->args->length_penalty, &s->opts, ids, &n, &log10_p, err)
             : wn_fail(err, WN_NOMEM, "out of memory for %llu tokens", (unsigned long long)s->opts.max_tokens);
    if (st == WN_OK) {
        wn_lm_render(s->lm, ids, n, &text);
        write_sample(s, &row, 0, wn_buf_str(&text), n);
        st = wn_buf_status(&text, err);
    }
    if (st == WN_OK)
        st = wn_buf_status(&row, err);
    if (st == WN_OK)
        st = wn_sink_write(s->out, wn_buf_str(&row), err);
    if (st == WN_OK)
        cli_note("log10 p %.6g, %zu tokens", log10_p, n);
    wn_buf_release(&text);
    wn_buf_release(&row);
    free(ids);
    return st;
}

/* Cut as the model's own texts were. */
static enum wn_status take_prompt(struct sampling *s, struct wn_err *err)
{
    struct wn_tokens words;
    uint32_t *ids;
    enum wn_status st = wn_tokenize(wn_lm_tokenizer(s->lm), wn_str(s->args->prompt), &s->prompt, &words, err);

    if (st != WN_OK)
        return st;
    ids = wn_arena_alloc(&s->prompt, words.n * sizeof(*ids));
    if (!ids)
        return wn_fail(err, WN_NOMEM, "out of memory for the prompt");
    for (size_t i = 0; i < words.n; i++)
        ids[i] = wn_lm_id(s->lm, words.item[i]);
    for (size_t i = 0; i < PER_BATCH; i++)
        s->start[i] = (struct wn_sample_start){ ids, words.n };
    s->opts.start = s->start;
    return WN_OK;
}

enum wn_status sampling_run(const struct sampling_args *args, const struct wn_lm *lm, struct wn_kgw *kgw, struct wn_err *err)
{
    unsigned jobs = args->jobs ? (unsigned)args->jobs : wn_cpu_count(), made = 0;
    struct sampling s = { .args = args, .lm = lm, .marked = kgw != NULL };
    enum wn_status st;

    s.opts = (struct wn_sample_opts){ .temperature = args->temperature, .top_k = (uint32_t)args->top_k, .top_p = args->top_p,
                                      .min_p = args->min_p, .typical = args->typical,
                                      .repetition_penalty = args->repetition_penalty,
                                      .repetition_window = (uint32_t)args->repetition_window, .max_tokens = args->max_tokens,
                                      .min_tokens = args->min_tokens, .stop = &cli_stop };
    if (args->min_tokens > args->max_tokens)
        return wn_fail(err, WN_BADCONF, "--min-tokens %llu is above --max-tokens %llu", (unsigned long long)args->min_tokens,
                       (unsigned long long)args->max_tokens);
    if (kgw) {
        s.bias = wn_kgw_bias(kgw);
        s.opts.bias = &s.bias;
    }
    st = take_prompt(&s, err);
    if (st == WN_OK)
        st = wn_sampler_new(&s.sampler, lm, err);
    if (st != WN_OK) {
        wn_arena_release(&s.prompt);
        return st;
    }
    s.scratch = calloc(jobs, sizeof(struct wn_sampler_scratch *));
    while (s.scratch && made < jobs && (s.scratch[made] = wn_sampler_scratch_new(s.sampler)))
        made++;
    st = made == jobs ? wn_sink_open(&s.out, args->output, &(struct wn_sink_opts){ .make_folders = true }, err)
                      : wn_fail(err, WN_NOMEM, "out of memory for %u workers", jobs);
    if (st == WN_OK)
        st = args->beam ? write_beam(&s, err) : wn_flow_run(&sample_flow, &s, jobs, &cli_stop, err);
    if (st == WN_OK)
        st = wn_sink_publish(s.out, err);
    wn_sink_close(s.out);
    while (made)
        wn_sampler_scratch_free(s.scratch[--made]);
    free(s.scratch);
    wn_sampler_free(s.sampler);
    wn_arena_release(&s.prompt);
    return st;
}
