/*
 * metrics.json: measures of texts, whose tokens are separated by spaces.
 */
#include "collapse/ref_measure.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <winnow/hash.h>
#include <zstd.h>

#include "sim/measure.h"

/* ---- documents -------------------------------------------------------------------------------------- */

static size_t count_words(const char *text)
{
    size_t n = 0;

    for (; *text; text += strcspn(text, " ")) {
        text += strspn(text, " ");
        n += *text != '\0';
    }
    return n;
}

static uint64_t *hash_words(const char *text, uint64_t *out)
{
    for (size_t n; *(text += strspn(text, " ")); text += n) {
        n = strcspn(text, " ");
        *out++ = wn_hash64((struct wn_str){ text, n }, 0);
    }
    return out;
}

/* False when DOCS is not an array of strings. */
static bool read_words(struct json_object *docs, struct wn_arena *a, struct sim_words *out)
{
    size_t n = json_object_is_type(docs, json_type_array) ? json_object_array_length(docs) : 0, total = 0;
    size_t *start = wn_arena_calloc(a, n + 1, sizeof(*start));
    uint64_t *hash, *at;

    for (size_t i = 0; i < n; i++) {
        if (!json_object_is_type(json_object_array_get_idx(docs, i), json_type_string))
            return false;
        total += count_words(json_object_get_string(json_object_array_get_idx(docs, i)));
    }
    hash = at = wn_arena_calloc(a, total + 1, sizeof(*hash));
    if (n == 0 || !start || !hash)
        return false;
    for (size_t i = 0; i < n; i++) {
        start[i] = (size_t)(at - hash);
        at = hash_words(json_object_get_string(json_object_array_get_idx(docs, i)), at);
    }
    start[n] = total;
    *out = (struct sim_words){ hash, start, n };
    return true;
}

/* The documents of another case, when the params name one: "CASE docs repeated N times". */
static struct json_object *docs_of(const struct ref_measure *m, size_t *times)
{
    struct json_object *docs = ref_member(m->c.params, "docs"), *any = NULL;
    const char *text = ref_text(m->c.params, "docs"), *repeated = strstr(text, "repeated ");

    *times = repeated ? (size_t)strtoul(repeated + 9, NULL, 10) : 1;
    if (!*text)
        return docs;
    for (size_t i = 0; i < ref_file_size(m->file); i++) {
        struct ref_case other = ref_file_at(m->file, i);
        struct json_object *theirs = ref_member(other.params, "docs");
        size_t length = strlen(other.id);

        if (!json_object_is_type(theirs, json_type_array))
            continue;
        if (strncmp(text, other.id, length) == 0 && text[length] == ' ')
            return theirs;
        any = theirs;                 /* the cases of the file share their documents */
    }
    return any;
}

/* ---- measures -------------------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The number behind the letters of KEY: 2 in "distinct2". */
static size_t number_in(const char *key, size_t absent)
{
    size_t at = strcspn(key, "0123456789");

    return key[at] ? (size_t)strtoul(key + at, NULL, 10) : absent;
}

static enum wn_status lexical(const struct ref_measure *m, const struct sim_words *w, const char *key, double *out,
                              struct wn_err *err)
{
    double asked = ref_number(m->c.params, "window");
    size_t window = number_in(key, asked >= 1 ? (size_t)asked : 50);
    struct sim_lexical l;
    enum wn_status st = sim_measure_lexical(w, begins(key, "mattr") ? window : 50, m->arena, &l, err);

    if (st != WN_OK)
        return st;
    *out = strcmp(key, "tokens") == 0 || strcmp(key, "ntokens") == 0 ? (double)l.n_tokens
           : strcmp(key, "types") == 0 || strcmp(key, "ntypes") == 0 ? (double)l.n_types
           : strcmp(key, "hapaxes") == 0 || strcmp(key, "nhapax") == 0 || strcmp(key, "hapaxcount") == 0
               ? (double)l.n_hapaxes
           : begins(key, "hapax")                                    ? l.hapax_share
           : begins(key, "ttr") || begins(key, "typetoken")          ? l.ttr
           : begins(key, "mattr")                                    ? l.mattr
           : begins(key, "zipfml")                                   ? l.zipf_ml
           : begins(key, "zipf")                                     ? l.zipf_ols
           : begins(key, "heaps")                                    ? l.heaps
                                                                     : (double)NAN;
    return isnan(*out) ? WN_END : WN_OK;
}

/* "rep2" is of the whole text in the sense of sim_measure_repeats; "meandiversity" of documents. */
static enum wn_status repeats(const struct ref_measure *m, const struct sim_words *w, const char *key, double *out,
                              struct wn_err *err)
{
    struct sim_repeats r;
    enum wn_status st = sim_measure_repeats(w, m->arena, &r, err);
    size_t order = number_in(key, 0);

    if (st != WN_OK)
        return st;
    if (begins(key, "rep"))
        *out = order >= 2 && order <= 4 ? r.rep[order - 2] : (double)NAN;
    else
        *out = strstr(key, "mean") ? r.mean_diversity : r.diversity;
    return isnan(*out) ? WN_END : WN_OK;
}

static enum wn_status self_bleu(const struct ref_measure *m, const struct sim_words *w, const char *key, double *out,
                                struct wn_err *err)
{
    double *score = wn_arena_calloc(m->arena, w->n_docs, sizeof(*score)), mean;
    size_t i = number_in(key, w->n_docs);
    enum wn_status st = score ? sim_self_bleu(w, m->arena, score, &mean, err) : WN_NOMEM;

    if (st != WN_OK)
        return st;
    if (!begins(key, "doc"))
        *out = mean;
    else if (i < w->n_docs)
        *out = score[i];
    return begins(key, "doc") && i >= w->n_docs ? WN_END : WN_OK;
}

/* "distinct2" is a share, "distinctbigrams" a count. */
static enum wn_status ngrams(const struct ref_measure *m, const struct sim_words *w, const char *key, double *out,
                             struct wn_err *err)
{
    size_t order = strstr(key, "trigram") ? 3 : strstr(key, "bigram") ? 2 : 1;
    struct sim_ngrams n;
    enum wn_status st = sim_count_ngrams(w, number_in(key, order), m->arena, &n, err);

    if (st != WN_OK)
        return st;
    *out = strstr(key, "entropy") ? n.entropy_nats
           : strstr(key, "grams") ? (double)n.distinct
                                  : (double)n.distinct / (double)n.total;
    return WN_OK;
}

/* "doc2rep3": of one document alone.  *KEY moves behind it. */
static void choose_document(struct sim_words *w, const char **key)
{
    char *end;
    size_t i;

    if (!begins(*key, "doc") || !isdigit((unsigned char)(*key)[3]))
        return;
    i = (size_t)strtoul(*key + 3, &end, 10);
    if (i >= w->n_docs || !*end)
        return;
    w->start += i;
    w->n_docs = 1;
    *key = end;
}

enum wn_status ref_measure_text(const struct ref_measure *m, const char *key, double *out, struct wn_err *err)
{
    struct sim_words w;
    size_t times;
    char plain[64];
    const char *word = plain;

    ref_plain_key(key, plain);
    if (!read_words(docs_of(m, &times), m->arena, &w))
        return WN_END;
    if (strstr(m->c.id, "bleu") || begins(word, "selfbleu"))
        return self_bleu(m, &w, word, out, err);
    choose_document(&w, &word);
    if (begins(word, "rep") || strstr(word, "diversity"))
        return repeats(m, &w, word, out, err);
    if (begins(word, "distinct") || strstr(word, "entropy"))
        return ngrams(m, &w, word, out, err);
    return lexical(m, &w, word, out, err);
}

/* Two texts: real and made. */
enum wn_status ref_measure_ngrams(const struct ref_measure *m, const char *key, double *out, struct wn_err *err)
{
    struct json_object *made = ref_member(m->c.params, "made");
    double order = ref_number(m->c.params, "order"), alpha = ref_number(m->c.params, "alpha");
    struct sim_words r, s;
    struct sim_ngram_kl kl;
    enum wn_status st;
    char word[64];

    ref_plain_key(key, word);
    order = isnan(order) ? ref_number(m->c.params, "n") : order;
    if (!made)
        made = ref_member(m->c.params, "fake");
    if (!read_words(ref_member(m->c.params, "real"), m->arena, &r) || !read_words(made, m->arena, &s) || isnan(alpha))
        return WN_END;
    st = sim_measure_ngram_kl(&r, &s, order >= 1 ? (size_t)order : 1, alpha, m->arena, &kl, err);
    *out = strstr(word, "rev") ? kl.reverse : kl.forward;
    return st;
}

/* ---- compression -------------------------------------------------------------------------------------------- */

struct compressed {
    size_t raw, bytes;
    bool by_zlib;
};

static enum wn_status zstd_19(struct wn_str raw, size_t *n, struct wn_err *err)
{
    ZSTD_CCtx *z = ZSTD_createCCtx();
    size_t room = ZSTD_compressBound(raw.len), got;
    void *out = malloc(room);

    if (!z || !out) {
        ZSTD_freeCCtx(z);
        free(out);
        return wn_fail(err, WN_NOMEM, "cannot compress: out of memory");
    }
    ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, 19);
    ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);      /* as the command-line tool */
    got = ZSTD_compress2(z, out, room, raw.ptr, raw.len);
    ZSTD_freeCCtx(z);
    free(out);
    *n = got;
    return ZSTD_isError(got) ? wn_fail(err, WN_BROKEN, "zstd: %s", ZSTD_getErrorName(got)) : WN_OK;
}

/* Deflate at level 9, through libarchive: gzip has 12 bytes more around the stream than zlib. */
static enum wn_status zlib_9(struct wn_str raw, size_t *n, struct wn_err *err)
{
    struct archive *a = archive_write_new();
    struct archive_entry *e;
    size_t room = raw.len + 65536, used = 0;
    void *out = malloc(room);
    bool ok = a && out && archive_write_add_filter_gzip(a) == ARCHIVE_OK &&
              archive_write_set_format_raw(a) == ARCHIVE_OK &&
              archive_write_set_options(a, "gzip:compression-level=9") == ARCHIVE_OK &&
              archive_write_set_bytes_per_block(a, 0) == ARCHIVE_OK &&
              archive_write_open_memory(a, out, room, &used) == ARCHIVE_OK;

    e = ok ? archive_entry_new() : NULL;
    if (e) {
        archive_entry_set_filetype(e, AE_IFREG);
        ok = archive_write_header(a, e) == ARCHIVE_OK &&
             archive_write_data(a, raw.ptr, raw.len) == (la_ssize_t)raw.len && archive_write_close(a) == ARCHIVE_OK;
        archive_entry_free(e);
    }
    archive_write_free(a);
    free(out);
    *n = used - 12;
    return ok && used > 12 ? WN_OK : wn_fail(err, WN_BROKEN, "cannot compress by libarchive");
}

static enum wn_status compress(void *arg, struct wn_str raw, size_t *n, struct wn_err *err)
{
    struct compressed *c = arg;
    enum wn_status st = c->by_zlib ? zlib_9(raw, &c->bytes, err) : zstd_19(raw, &c->bytes, err);

    c->raw = raw.len;
    *n = c->bytes;
    return st;
}

enum wn_status ref_measure_compression(const struct ref_measure *m, const char *key, double *out, struct wn_err *err)
{
    size_t times, n_docs;
    struct json_object *docs = docs_of(m, &times);
    struct compressed c = { 0, 0, begins(key, "zlib") };
    struct wn_str *text;
    double ratio;
    enum wn_status st;

    if (!json_object_is_type(docs, json_type_array) || json_object_array_length(docs) == 0)
        return WN_END;
    n_docs = json_object_array_length(docs);
    text = wn_arena_calloc(m->arena, n_docs * times, sizeof(*text));
    if (!text)
        return wn_fail(err, WN_NOMEM, "cannot hold %zu documents: out of memory", n_docs * times);
    for (size_t i = 0; i < n_docs * times; i++) {
        const char *s = json_object_get_string(json_object_array_get_idx(docs, i % n_docs));

        text[i] = (struct wn_str){ s, strlen(s) };
    }
    st = sim_compression_ratio(text, n_docs * times, compress, &c, &ratio, err);
    *out = strcmp(key, "raw") == 0 ? (double)c.raw : strstr(key, "ratio") ? ratio : (double)c.bytes;
    return st;
}
