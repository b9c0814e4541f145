#include <winnow/tagger.h>

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <winnow/hash.h>

#include "detect/model.h"

/*
 *   [ header | section table | language models | classifier | scores | rules | description ]
 *
 * Sections start at multiples of 64, so that a line of the language models' tables is one of
 * the cache; all is in the byte order of the machine that wrote it.  docs/format/model.md is
 * the specification.
 */
enum section_kind {
    SECTION_LMS = 1,
    SECTION_CLASSIFIER,
    SECTION_SCORES,
    SECTION_RULES,
    SECTION_DESCRIPTION
};
enum { N_SECTIONS = 5, FORMAT_VERSION = 2, MAX_DESCRIPTION_BYTES = 4 << 20 };
enum { ALIGN_BYTES = 64, IMAGE_ALIGN_BYTES = 8 };

static const double max_number = 1e12;
static const uint32_t byte_order_mark = 0x01020304;
static const char magic[8] = { 'W', 'N', 'M', 'O', 'D', 'E', 'L', '\n' };

struct header {
    char magic[8];
    uint32_t byte_order;
    uint32_t version;
    uint64_t image_bytes;
    uint32_t n_sections;
    uint32_t n_features;
    uint64_t feature_set;    /* XXH3-64 of the feature names: other features, other model */
    uint64_t table_hash;     /* XXH3-64 of the header up to here and of the section table */
};

struct section {
    uint64_t kind;
    uint64_t offset, bytes;
    uint64_t hash_hi, hash_lo;   /* XXH3-128 of the bytes */
};

struct prologue {
    struct header header;
    struct section table[N_SECTIONS];
};

static const char *const section_names[N_SECTIONS + 1] = {
    "", "language models", "classifier", "calibration scores", "rules", "description",
};

/* Where the next section starts when one ends at N. */
static uint64_t aligned(uint64_t n)
{
    return (n + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
}

static uint64_t feature_set(void)
{
    uint64_t h = 0;

    for (int f = 0; f < N_FEATURES; f++)
        h = wn_hash64(wn_str(feature_name((enum feature)f)), h);
    return h;
}

static uint64_t table_hash(const struct prologue *p)
{
    struct wn_str head = { (const char *)&p->header, offsetof(struct header, table_hash) };
    struct wn_str table = { (const char *)p->table, sizeof(p->table) };

    return wn_hash64(table, wn_hash64(head, 0));
}

/* ---- writing ---------------------------------------------------------------------------- */

static struct wn_str bytes_of(const void *p, size_t n)
{
    struct wn_str s = { p, n };

    return s;
}

static void pad(struct wn_buf *out, size_t from)
{
    while (out->len - from != aligned(out->len - from) && wn_buf_status(out, NULL) == WN_OK)
        wn_buf_addc(out, '\0');
}

static enum wn_status fill_section(const struct wn_model *m, enum section_kind kind, struct wn_buf *out,
                                   struct wn_err *err)
{
    uint64_t counts[2] = { m->n_human_scores, m->n_synthetic_scores };

    switch (kind) {
    case SECTION_LMS:
        wn_buf_add(out, wn_lm_image(m->joint));
        break;
    case SECTION_CLASSIFIER:
        wn_buf_add(out, bytes_of(&m->classifier, sizeof(m->classifier)));
        break;
    case SECTION_SCORES:
        wn_buf_add(out, bytes_of(counts, sizeof(counts)));
        wn_buf_add(out, bytes_of(m->human_scores, m->n_human_scores * sizeof(double)));
        wn_buf_add(out, bytes_of(m->synthetic_scores, m->n_synthetic_scores * sizeof(double)));
        break;
    case SECTION_RULES:
        if (m->rules && wn_rules_count(m->rules) > 0)
            return wn_rules_dump(m->rules, out, err);
        break;
    case SECTION_DESCRIPTION:
        wn_buf_add(out, m->description);
        break;
    }
    return WN_OK;
}

enum wn_status model_write(const struct wn_model *m, struct wn_buf *out, struct wn_err *err)
{
    size_t from = out->len;
    struct prologue p;
    enum wn_status st = WN_OK;

    memset(&p, 0, sizeof(p));
    wn_buf_add(out, bytes_of(&p, sizeof(p)));
    pad(out, from);
    for (int i = 0; i < N_SECTIONS && st == WN_OK; i++) {
        struct section *s = &p.table[i];
        struct wn_hash128 hash;

        s->kind = (uint64_t)(i + 1);
        s->offset = out->len - from;
        st = fill_section(m, (enum section_kind)(i + 1), out, err);
        if (st == WN_OK)
            st = wn_buf_status(out, err);
        if (st != WN_OK)
            break;
        s->bytes = out->len - from - s->offset;
        hash = wn_hash128(bytes_of(out->ptr + from + s->offset, s->bytes), 0);
        s->hash_hi = hash.hi;
        s->hash_lo = hash.lo;
        pad(out, from);
    }
    if (st == WN_OK)
        st = wn_buf_status(out, err);
    if (st != WN_OK) {
        wn_err_prefix(err, "cannot write the model: ");
        return st;
    }
    memcpy(p.header.magic, magic, sizeof(magic));
    p.header.byte_order = byte_order_mark;
    p.header.version = FORMAT_VERSION;
    p.header.image_bytes = out->len - from;
    p.header.n_sections = N_SECTIONS;
    p.header.n_features = N_FEATURES;
    p.header.feature_set = feature_set();
    p.header.table_hash = table_hash(&p);
    memcpy(out->ptr + from, &p, sizeof(p));
    return WN_OK;
}

/* ---- checking ---------------------------------------------------------------------------- */

static enum wn_status refuse(const struct wn_model *m, struct wn_err *err, const char *why)
{
    return wn_fail(err, WN_BADDATA, "model '%s': %s", m->name, why);
}

static enum wn_status check_header(const struct wn_model *m, const struct prologue *p, size_t n, struct wn_err *err)
{
    const struct header *h = &p->header;

    if (h->byte_order == __builtin_bswap32(byte_order_mark))
        return refuse(m, err, "written on a machine of the other byte order");
    if (h->byte_order != byte_order_mark)
        return refuse(m, err, "corrupt header");
    if (h->version < FORMAT_VERSION)
        return wn_fail(err, WN_BADDATA, "model '%s': written by an older winnow (format version %u, this one reads "
                       "%d); train it again", m->name, h->version, FORMAT_VERSION);
    if (h->version > FORMAT_VERSION)
        return wn_fail(err, WN_BADDATA, "model '%s': written by a newer winnow (format version %u, this one reads %d); "
                       "use that one, or train it again", m->name, h->version, FORMAT_VERSION);
    if (h->image_bytes > n)
        return wn_fail(err, WN_BADDATA, "model '%s': truncated: %zu of %llu bytes", m->name, n,
                       (unsigned long long)h->image_bytes);
    if (h->image_bytes < n)
        return refuse(m, err, "bytes behind its end");
    if (h->n_sections != N_SECTIONS || h->table_hash != table_hash(p))
        return refuse(m, err, "corrupt header");
    if (h->n_features != N_FEATURES || h->feature_set != feature_set())
        return refuse(m, err, "made for other features; train it again with this winnow");
    return WN_OK;
}

static bool all_zero(struct wn_str s)
{
    char any = 0;

    for (size_t i = 0; i < s.len; i++)
        any |= s.ptr[i];
    return any == 0;
}

/* The bytes of one section, which starts at *AT; moves *AT to where the next one does.  The table's
 * hash has been checked, but a hash is no proof. */
static enum wn_status take_section(const struct wn_model *m, const struct section *s, struct wn_str image,
                                   enum section_kind kind, uint64_t *at, struct wn_str *out, struct wn_err *err)
{
    struct wn_hash128 hash;
    uint64_t end;

    if (s->kind != kind || s->offset != *at || *at > image.len || s->bytes > image.len - *at ||
        aligned(*at + s->bytes) > image.len)
        return refuse(m, err, "corrupt section table");
    end = *at + s->bytes;
    *out = bytes_of(image.ptr + *at, s->bytes);
    *at = aligned(end);
    hash = wn_hash128(*out, 0);
    if (hash.hi != s->hash_hi || hash.lo != s->hash_lo || !all_zero(bytes_of(image.ptr + end, *at - end)))
        return wn_fail(err, WN_BADDATA, "model '%s': the section '%s' is corrupt", m->name, section_names[kind]);
    return WN_OK;
}

/* They fill the image; the gaps behind them are zero. */
static enum wn_status take_sections(const struct wn_model *m, const struct prologue *p, struct wn_str image,
                                    struct wn_str *s, struct wn_err *err)
{
    uint64_t at = aligned(sizeof(*p));
    enum wn_status st = WN_OK;

    if (at > image.len || !all_zero(bytes_of(image.ptr + sizeof(*p), at - sizeof(*p))))
        return refuse(m, err, "corrupt section table");
    for (int kind = 1; kind <= N_SECTIONS && st == WN_OK; kind++)
        st = take_section(m, &p->table[kind - 1], image, (enum section_kind)kind, &at, &s[kind], err);
    return st == WN_OK && at != image.len ? refuse(m, err, "corrupt section table") : st;
}

/* Finite, and so small that no sum of products of them overflows. */
static bool all_sane(const double *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs(v[i]) <= max_number))
            return false;
    return true;
}

static bool is_rate(double r)
{
    return r > 0 && r < 1;
}

static bool classifier_ok(const struct classifier *c)
{
    for (int j = 0; j < N_FEATURES; j++)
        if (!(c->sd[j] > 0))
            return false;
    return is_rate(c->fpr) && is_rate(c->fnr) && is_rate(c->prior) && !isnan(c->max_oov) &&
           !isnan(c->max_xent_nats) && all_sane(c->mean, N_FEATURES) && all_sane(c->sd, N_FEATURES) &&
           all_sane(c->beta, N_FEATURES + 1) && all_sane(&c->platt_offset, 1) && all_sane(&c->platt_slope, 1) &&
           c->platt_slope > 0;
}

static bool scores_ok(const double *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (!(v[i - 1] <= v[i]))
            return false;
    return all_sane(v, n);
}

static enum wn_status load_numbers(struct wn_model *m, struct wn_str classifier, struct wn_str scores,
                                   struct wn_err *err)
{
    uint64_t n[2];
    size_t room;

    if (classifier.len != sizeof(m->classifier))
        return refuse(m, err, "the section 'classifier' has the wrong size");
    memcpy(&m->classifier, classifier.ptr, sizeof(m->classifier));
    if (!classifier_ok(&m->classifier))
        return refuse(m, err, "the section 'classifier' holds impossible numbers");
    if (scores.len < sizeof(n))
        return refuse(m, err, "the section 'calibration scores' has the wrong size");
    memcpy(n, scores.ptr, sizeof(n));
    room = (scores.len - sizeof(n)) / sizeof(double);
    if (n[0] > room || n[1] != room - n[0] || scores.len % sizeof(double))
        return refuse(m, err, "the section 'calibration scores' has the wrong size");
    m->human_scores = (const double *)(const void *)(scores.ptr + sizeof(n));
    m->synthetic_scores = m->human_scores + n[0];
    m->n_human_scores = n[0];
    m->n_synthetic_scores = n[1];
    if (!scores_ok(m->human_scores, n[0]) || !scores_ok(m->synthetic_scores, n[1]))
        return refuse(m, err, "the section 'calibration scores' is not in order");
    return WN_OK;
}

static enum wn_status load_lms(struct wn_model *m, struct wn_str image, struct wn_err *err)
{
    /* The section's own hash has been checked, and tables are safe to search whatever they hold. */
    enum wn_status st = wn_lm_view_head(&m->own_joint, image, m->name, err);

    if (st == WN_OK && wn_lm_models(m->own_joint) != 2)
        st = refuse(m, err, "one language model in place of two");
    if (st == WN_OK && wn_lm_tokenizer(m->own_joint) != WN_TOK_FOLDED)
        st = refuse(m, err, "language models over other tokens than folded words");
    m->joint = m->own_joint;
    return st;
}

static enum wn_status load_rules(struct wn_model *m, struct wn_str text, struct wn_err *err)
{
    enum wn_status st = text.len ? wn_rules_parse(&m->own_rules, m->name, text, err) : WN_OK;

    m->rules = m->own_rules;
    /* the rules stand in a file that is read, not in the user's configuration */
    return st == WN_BADCONF ? wn_fail(err, WN_BADDATA, "model '%s': its rules do not load", m->name) : st;
}

static enum wn_status load_description(struct wn_model *m, struct wn_str text, struct wn_err *err)
{
    struct wn_jsonval *v = NULL;
    enum wn_status st;

    if (text.len > MAX_DESCRIPTION_BYTES)
        return refuse(m, err, "the section 'description' is too long");
    st = wn_jsonval_parse(&v, text, err);
    wn_jsonval_free(v);
    m->description = text;
    return st == WN_BADDATA ? refuse(m, err, "the section 'description' is not JSON") : st;
}

static enum wn_status load(struct wn_model *m, struct wn_str image, struct wn_err *err)
{
    struct wn_str s[N_SECTIONS + 1] = { { NULL, 0 } };
    struct prologue p;
    enum wn_status st = WN_OK;

    if (image.len < sizeof(magic) || memcmp(image.ptr, magic, sizeof(magic)) != 0)
        return refuse(m, err, "not a winnow model");
    if (image.len < sizeof(p))
        return refuse(m, err, "truncated in its header");
    memcpy(&p, image.ptr, sizeof(p));
    st = check_header(m, &p, image.len, err);
    if (st == WN_OK)
        st = take_sections(m, &p, image, s, err);
    if (st == WN_OK)
        st = load_numbers(m, s[SECTION_CLASSIFIER], s[SECTION_SCORES], err);
    if (st == WN_OK)
        st = load_lms(m, s[SECTION_LMS], err);
    if (st == WN_OK)
        st = load_rules(m, s[SECTION_RULES], err);
    if (st == WN_OK)
        st = load_description(m, s[SECTION_DESCRIPTION], err);
    /* the table holds the 128-bit hash of every section, so its hash stands for all */
    wn_hash128_hex(wn_hash128(bytes_of(&p, sizeof(p)), 0), m->digest);
    return st;
}

/* ---- opening ------------------------------------------------------------------------------ */

static enum wn_status new_model(struct wn_model **out, const char *name, struct wn_err *err)
{
    struct wn_model *m = calloc(1, sizeof(*m));
    char *copy = malloc(strlen(name) + 1);

    *out = NULL;
    if (!m || !copy) {
        free(m);
        free(copy);
        return wn_fail(err, WN_NOMEM, "model '%s': out of memory", name);
    }
    strcpy(copy, name);
    m->name = copy;
    *out = m;
    return WN_OK;
}

enum wn_status wn_model_view(struct wn_model **out, struct wn_str image, const char *name, struct wn_err *err)
{
    struct wn_model *m = NULL;
    enum wn_status st;

    *out = NULL;
    st = new_model(&m, name, err);
    if (st == WN_OK && (uintptr_t)image.ptr % IMAGE_ALIGN_BYTES)
        st = wn_fail(err, WN_BADCONF, "model '%s': its image is not %d-byte aligned", name, IMAGE_ALIGN_BYTES);
    if (st == WN_OK)
        st = load(m, image, err);
    if (st == WN_OK) {
        *out = m;
        m = NULL;
    }
    wn_model_free(m);
    return st;
}

static enum wn_status map_file(struct wn_model *m, const char *path, struct wn_err *err)
{
    struct stat info;
    enum wn_status st = WN_OK;
    void *p;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return wn_fail_sys(err, "cannot open the model '%s'", path);
    if (fstat(fd, &info) != 0) {
        st = wn_fail_sys(err, "cannot open the model '%s'", path);
        goto done;
    }
    if (!S_ISREG(info.st_mode)) {
        st = wn_fail(err, WN_BADDATA, "model '%s': not a regular file", path);
        goto done;
    }
    if (info.st_size == 0) {
        st = wn_fail(err, WN_BADDATA, "model '%s': empty file", path);
        goto done;
    }
    p = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) {
        st = wn_fail_sys(err, "cannot map the model '%s'", path);
        goto done;
    }
    m->map = p;
    m->map_bytes = (size_t)info.st_size;
done:
    close(fd);
    return st;
}

enum wn_status wn_model_open(struct wn_model **out, const char *path, struct wn_err *err)
{
    struct wn_model *m = NULL;
    enum wn_status st;

    *out = NULL;
    st = new_model(&m, path, err);
    if (st == WN_OK)
        st = map_file(m, path, err);
    if (st == WN_OK)
        st = load(m, bytes_of(m->map, m->map_bytes), err);
    if (st == WN_OK) {
        *out = m;
        m = NULL;
    }
    wn_model_free(m);
    return st;
}

void wn_model_free(struct wn_model *m)
{
    if (!m)
        return;
    wn_lm_free(m->own_joint);
    wn_rules_free(m->own_rules);
    if (m->map)
        munmap(m->map, m->map_bytes);
    free(m->name);
    free(m);
}

const struct wn_lm *wn_model_lm(const struct wn_model *m)
{
    return m->joint;
}

double wn_model_prior(const struct wn_model *m)
{
    return m->classifier.prior;
}

const char *wn_model_digest(const struct wn_model *m)
{
    return m->digest;
}

void wn_model_json(struct wn_json *j, const char *key, const struct wn_model *m)
{
    wn_json_open(j, key, '{');
    wn_json_add_strz(j, "digest", m->digest);
    wn_json_add_raw(j, "made_of", m->description);
    wn_json_close(j, '}');
}
