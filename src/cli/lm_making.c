#include "lm_making.h"

#include <ctype.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* ---- room ---------------------------------------------------------------------------- */

/* The number behind KEY (at the start of a line) in a small text file; 0: none. */
static uint64_t number_in(const char *path, const char *key)
{
    FILE *f = fopen(path, "re");
    size_t n = strlen(key);
    uint64_t found = 0;
    char line[256];

    while (f && !found && fgets(line, sizeof(line), f))
        if (strncmp(line, key, n) == 0)
            found = strtoull(line + n, NULL, 10);
    if (f)
        fclose(f);
    return found;
}

/* Bytes that this process may still take: the machine's, or its control group's (v2). */
static uint64_t free_memory(void)
{
    uint64_t most = number_in("/proc/meminfo", "MemAvailable:") << 10;
    uint64_t limit = number_in("/sys/fs/cgroup/memory.max", ""), used = number_in("/sys/fs/cgroup/memory.current", "");

    if (limit && limit - (used < limit ? used : limit) < most)
        most = limit - (used < limit ? used : limit);
    return most;
}

/* Blocks of a megabyte and more go back to the system when they are freed (glibc would keep up to
 * 32 MB of them by itself), and threads share what is smaller. */
static void spare_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
    mallopt(M_ARENA_MAX, 1);
}

struct wn_lm_room lm_room(const struct lm_room_args *args, unsigned jobs)
{
    /* The program itself, and the batches of text on their way. */
    uint64_t ours = (12 + 3 * (uint64_t)jobs) << 20;
    uint64_t budget = args->memory ? args->memory : free_memory() / 4 * 3;

    if (args->memory)
        spare_memory();
    return (struct wn_lm_room){ .jobs = jobs, .memory_bytes = budget, .outside_bytes = ours, .tmp_dir = args->tmp,
                                .stop = &cli_stop };
}

/* ---- outputs --------------------------------------------------------------------------- */

unsigned lm_parts_of(const char *purpose)
{
    return strcmp(purpose, "scoring") == 0    ? WN_LM_WORDS | WN_LM_TABLES
           : strcmp(purpose, "sampling") == 0 ? WN_LM_WORDS | WN_LM_INDEX
                                              : WN_LM_WORDS | WN_LM_TABLES | WN_LM_INDEX;
}

enum wn_status lm_model_check(const char *path, bool arpa_too, struct wn_err *err)
{
    const char *hint = arpa_too ? "; --arpa - can" : "";
    struct stat info;

    if (!path)
        return WN_OK;
    if (strcmp(path, "-") == 0)
        return wn_fail(err, WN_BADCONF, "--output: a model cannot go to standard output, which cannot be mapped%s", hint);
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
        return wn_fail(err, WN_BADCONF, "--output: a model cannot go to '%s', which is no file and cannot be mapped%s", path,
                       hint);
    return WN_OK;
}

enum wn_status lm_counts_check(const char *option, const char *path, struct wn_err *err)
{
    if (path && strcmp(path, "-") == 0)
        return wn_fail(err, WN_BADCONF, "%s: counts cannot go to standard output: 'lm merge' reads them from a file", option);
    return WN_OK;
}

static enum wn_status to_sink(void *arg, struct wn_str bytes, struct wn_err *err)
{
    enum wn_status st = cli_going_on(err);

    return st == WN_OK ? wn_sink_write(arg, bytes, err) : st;
}

enum wn_status lm_files_open(struct lm_files *f, const struct lm_output_args *args, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    *f = (struct lm_files){ .to = { .model = args->model } };
    if (args->model) {
        f->to.parts = lm_parts_of(args->purpose);
        f->to.held = &f->model;
        f->to.compact = strcmp(args->mode, "compact") == 0;
    }
    if (args->arpa) {
        st = wn_sink_open(&f->arpa, args->arpa, &(struct wn_sink_opts){ .make_folders = true }, err);
        f->to.arpa_write = to_sink;
        f->to.arpa_arg = f->arpa;
    }
    return st;
}

enum wn_status lm_files_json(struct lm_files *f, const char *path, const struct wn_buf *text, struct wn_err *err)
{
    enum wn_status st = wn_buf_status(text, err);

    if (st == WN_OK)
        st = wn_sink_open(&f->json, path, &(struct wn_sink_opts){ .make_folders = true }, err);
    return st == WN_OK ? wn_sink_write(f->json, wn_buf_str(text), err) : st;
}

enum wn_status lm_files_publish(struct lm_files *f, struct wn_err *err)
{
    enum wn_status st = f->arpa ? wn_sink_finish(f->arpa, err) : WN_OK;

    if (st == WN_OK && f->json)
        st = wn_sink_finish(f->json, err);
    if (st == WN_OK)
        st = cli_going_on(err);
    if (st == WN_OK && f->counts)
        st = wn_lm_file_publish(f->counts, err);
    if (st == WN_OK && f->model)
        st = wn_lm_file_publish(f->model, err);
    if (st == WN_OK && f->arpa)
        st = wn_sink_publish(f->arpa, err);
    if (st == WN_OK && f->json)
        st = wn_sink_publish(f->json, err);
    return st;
}

void lm_files_close(struct lm_files *f)
{
    wn_sink_close(f->arpa);
    wn_sink_close(f->json);
    wn_lm_file_close(f->model);
    wn_lm_file_close(f->counts);
    *f = (struct lm_files){ .arpa = NULL };
}

enum wn_status lm_store(const struct wn_lm *lm, const struct lm_output_args *args, const struct wn_lm_room *room,
                        struct wn_err *err)
{
    struct lm_files f;
    enum wn_status st = lm_files_open(&f, args, err);

    if (st == WN_OK)
        st = wn_lm_write(lm, &f.to, room, err);
    if (st == WN_OK)
        st = lm_files_publish(&f, err);
    lm_files_close(&f);
    return st;
}

/* ---- options of estimation ------------------------------------------------------------------ */

/* TEXT; of an empty list or one that ends with a comma, where it stops being one. */
static const char *list_of(const char *text)
{
    size_t n = strlen(text);

    return n && text[n - 1] != ',' ? text : ",";
}

static enum wn_status parse_prune(const char *text, uint64_t *prune, struct wn_err *err)
{
    uint64_t last = 0;
    const char *p = list_of(text);

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

static enum wn_status parse_fallback(const char *text, float *d, struct wn_err *err)
{
    const char *p = text;
    int n = 0;

    p = list_of(text);
    for (float last = 0; n < 3; n++) {
        if (*p) {
            char *end;

            last = strtof(p, &end);
            /* D_j takes from a count of j, and 0 for all of them would mean the default. */
            if (end == p || (*end && *end != ',') || !(last >= 0) || last > (float)(n + 1) || (n == 0 && last == 0))
                break;
            p = *end ? end + 1 : end;
        }
        d[n] = last;
    }
    if (n < 3 || *p)
        return wn_fail(err, WN_BADCONF, "--discount-fallback: '%s' is not up to three discounts such as 0.5,1,1.5 with "
                       "0 < D1 <= 1, 0 <= D2 <= 2 and 0 <= D3 <= 3", text);
    return WN_OK;
}

static enum wn_status read_words(struct lm_estimate *e, const char *path, struct wn_err *err)
{
    struct wn_buf text = { 0 };
    struct wn_str kept;
    enum wn_status st = wn_file_read_until(path, (uint64_t)4 << 30, &cli_stop, &text, err);

    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\n')
            text.ptr[i] = ' ';
    if (st == WN_OK) {
        kept = wn_arena_copy(&e->arena, wn_buf_str(&text));
        st = kept.ptr ? wn_tokenize(WN_TOK_WHITESPACE, kept, &e->arena, &e->words, err)
                      : wn_fail(err, WN_NOMEM, "out of memory for the words of '%s'", path);
    }
    if (st == WN_OK && !e->words.n)
        st = wn_fail(err, WN_BADCONF, "--limit-vocab: '%s' has no words", path);
    e->opts.limit_vocab = &e->words;
    wn_buf_release(&text);
    return st;
}

enum wn_status lm_estimate_init(struct lm_estimate *e, const struct lm_estimate_args *args, const struct wn_lm_room *room,
                                struct wn_err *err)
{
    enum wn_status st;

    *e = (struct lm_estimate){ .opts = { .smoothing = strcmp(args->smoothing, "ml") == 0 ? WN_SMOOTH_ML : WN_SMOOTH_KN,
                                         .strict_discounts = args->strict_discounts, .vocab_pad = args->vocab_pad,
                                         .no_unigram_interpolation = args->interpolate[0] == 'n' || args->interpolate[0] == '0',
                                         .exact_last = args->exact_last, .room = *room } };
    if (args->kenlm_compat && args->exact_last)
        return wn_fail(err, WN_BADCONF, "--kenlm-compat and --exact-last exclude each other");
    st = parse_prune(args->prune, e->opts.prune, err);
    if (st == WN_OK)
        st = parse_fallback(args->fallback, e->opts.fallback, err);
    if (st == WN_OK && args->limit_vocab)
        st = read_words(e, args->limit_vocab, err);
    return st;
}

void lm_estimate_release(struct lm_estimate *e)
{
    wn_arena_release(&e->arena);
}

/* ---- report ------------------------------------------------------------------------------------- */

static uint64_t peak_rss(void)
{
    struct rusage use;

    return getrusage(RUSAGE_SELF, &use) == 0 ? (uint64_t)use.ru_maxrss << 10 : 0;
}

static void report_table(const struct lm_report *r)
{
    for (unsigned k = 1; k <= r->order; k++) {
        const float *d = r->made.discount[k];

        if (r->made.n[k] == r->made.n_all[k])
            cli_note("  %u-grams: %llu, D1 %.6g D2 %.6g D3+ %.6g", k, (unsigned long long)r->made.n[k], (double)d[1],
                     (double)d[2], (double)d[3]);
        else
            cli_note("  %u-grams: %llu of %llu, D1 %.6g D2 %.6g D3+ %.6g", k, (unsigned long long)r->made.n[k],
                     (unsigned long long)r->made.n_all[k], (double)d[1], (double)d[2], (double)d[3]);
    }
}

void lm_report_json(const struct lm_report *r, struct wn_buf *out)
{
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_uint(&j, "order", r->order);
    wn_json_add_strz(&j, "tokens", wn_tokenizer_name(r->tokenizer));
    wn_json_add_uint(&j, "train_tokens", r->made.train_tokens);
    wn_json_add_uint(&j, "types", r->n_types);
    wn_json_open(&j, "orders", '[');
    for (unsigned k = 1; r->has_model && k <= r->order; k++) {
        wn_json_open(&j, NULL, '{');
        wn_json_add_uint(&j, "order", k);
        wn_json_add_uint(&j, "ngrams", r->made.n[k]);
        wn_json_add_uint(&j, "ngrams_before_pruning", r->made.n_all[k]);
        wn_json_add_num(&j, "d1", (double)r->made.discount[k][1]);
        wn_json_add_num(&j, "d2", (double)r->made.discount[k][2]);
        wn_json_add_num(&j, "d3", (double)r->made.discount[k][3]);
        wn_json_add_bool(&j, "fell_back", r->made.fell_back >> (k - 1) & 1);
        wn_json_close(&j, '}');
    }
    wn_json_close(&j, ']');
    wn_json_add_num(&j, "seconds", cli_seconds() - r->started);
    wn_json_add_uint(&j, "peak_rss_bytes", peak_rss());
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
}

void lm_report_print(const struct lm_report *r)
{
    for (unsigned k = 1; k <= r->order; k++)
        if (r->made.fell_back >> (k - 1) & 1)
            cli_warn("order %u has too few different counts for closed-form discounts; used %g %g %g", k,
                     (double)r->made.discount[k][1], (double)r->made.discount[k][2], (double)r->made.discount[k][3]);
    cli_note("order %u, tokens %s: %llu tokens, %llu types, %.2f s, peak %.1f MB", r->order, wn_tokenizer_name(r->tokenizer),
             (unsigned long long)r->made.train_tokens, (unsigned long long)r->n_types, cli_seconds() - r->started,
             (double)peak_rss() / 1e6);
    if (r->has_model)
        report_table(r);
}

/* ---- models ------------------------------------------------------------------------------------------ */

enum wn_status lm_open_with(struct wn_lm **out, const char *path, unsigned parts, const char *what, struct wn_err *err)
{
    enum wn_status st = wn_lm_open(out, path, err);

    if (st != WN_OK || (wn_lm_parts(*out) & parts) == parts)
        return st;
    if (wn_lm_models(*out) == 2)
        st = wn_fail(err, WN_BADCONF, "'%s' is a joint model, for scoring only; %s needs the two models it was made of",
                     path, what);
    else if (parts & ~wn_lm_parts(*out) & WN_LM_INDEX)
        st = wn_fail(err, WN_BADCONF, "'%s' has no index, which %s needs: build it with --for all", path, what);
    else
        st = wn_fail(err, WN_BADCONF, "'%s' lacks what %s needs: build it with --for all", path, what);
    wn_lm_free(*out);
    *out = NULL;
    return st;
}

void lm_print(FILE *out, const struct wn_lm *lm)
{
    unsigned parts = wn_lm_parts(lm);

    fprintf(out, "order %u, tokens %s, %u words, trained on %llu tokens, %.1f MB\n", wn_lm_order(lm),
            wn_tokenizer_name(wn_lm_tokenizer(lm)), wn_lm_vocab_size(lm), (unsigned long long)wn_lm_train_tokens(lm),
            (double)wn_lm_image(lm).len / 1e6);
    fprintf(out, "  holds%s%s%s%s\n", parts & WN_LM_WORDS ? " words" : "",
            parts & WN_LM_TABLES ? wn_lm_compact(lm) ? " tables (compact)" : " tables (exact)" : "",
            parts & WN_LM_INDEX ? " index" : "", wn_lm_models(lm) == 2 ? ", of two models" : "");
    for (unsigned k = 1; k <= wn_lm_order(lm); k++)
        fprintf(out, "  %u-grams: %llu\n", k, (unsigned long long)wn_lm_ngrams(lm, k));
}
