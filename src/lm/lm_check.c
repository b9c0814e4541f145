/*
 * lm_check.c - an image from anywhere is read only after it was found sound: every
 * offset, id and range that a later read relies on is looked at here, so that a hostile
 * file with correct checksums can make answers wrong but no read go astray.
 */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include <winnow/hash.h>

#include "lm/lm_layout.h"
#include "lm/lm_line.h"

static const char *const section_name[] = {
    [LM_VOCAB_START] = "word offsets", [LM_VOCAB_BYTES] = "words",        [LM_VOCAB_SLOTS] = "word table",
    [LM_WORD] = "n-gram words",        [LM_PROB] = "log-probabilities",   [LM_BACKOFF] = "back-off weights",
    [LM_CHILD] = "continuations",      [LM_SUFFIX] = "suffixes",          [LM_LINES] = "table",
};

static enum wn_status refuse(const char *name, struct wn_err *err, const char *what)
{
    return wn_fail(err, WN_BADDATA, "cannot use model '%s': %s", name, what);
}

static bool all_zero(const char *p, uint64_t n)
{
    char any = 0;

    for (uint64_t i = 0; i < n; i++)
        any |= p[i];
    return any == 0;
}

/* ---- the front ------------------------------------------------------------------------- */

/* The first 16 bytes, which every version has. */
static enum wn_status check_origin(struct wn_str image, const char *name, struct wn_err *err)
{
    struct lm_header h = { 0 };

    memcpy(&h, image.ptr, image.len < 16 ? image.len : 16);
    if (image.len < sizeof(h.magic) || memcmp(h.magic, LM_MAGIC, sizeof(h.magic)) != 0)
        return refuse(name, err, "not a winnow language model");
    if (image.len < 16)
        return refuse(name, err, "the file ends inside its header");
    if (h.byte_order == __builtin_bswap32(LM_BYTE_ORDER))
        return refuse(name, err, "written on a machine with the other byte order; build it again on this one");
    if (h.byte_order != LM_BYTE_ORDER)
        return refuse(name, err, "the byte-order mark in the header is damaged");
    if (h.version < LM_VERSION)
        return wn_fail(err, WN_BADDATA,
                       "cannot use model '%s': it was written by an older winnow (format %u); build it again", name,
                       h.version);
    if (h.version > LM_VERSION)
        return wn_fail(err, WN_BADDATA,
                       "cannot use model '%s': it was written by a newer winnow (format %u, this one reads %d); "
                       "use that one, or build it again",
                       name, h.version, LM_VERSION);
    if (image.len < LM_FRONT_BYTES)
        return refuse(name, err, "the file ends inside its header");
    return WN_OK;
}

static bool parts_possible(const struct lm_header *h)
{
    bool words = h->parts & WN_LM_WORDS, tables = h->parts & WN_LM_TABLES, index = h->parts & WN_LM_INDEX;

    if (h->parts > (WN_LM_WORDS | WN_LM_TABLES | WN_LM_INDEX) || !(tables || index) || (index && !words))
        return false;
    if (h->mode > LM_MODE_JOINT || h->n_models != (h->mode == LM_MODE_JOINT ? 2 : 1) || h->unk_extends > 1)
        return false;
    return h->mode == LM_MODE_JOINT ? h->parts == WN_LM_TABLES : tables || h->mode == LM_MODE_EXACT;
}

/* What is wrong with the fixed part of the header, or NULL. */
static const char *head_fault(const struct lm_header *h, size_t bytes)
{
    bool words = h->parts & WN_LM_WORDS;

    if (h->order < 1 || h->order > WN_LM_MAX_ORDER)
        return "the order in the header is not possible";
    if (h->tokenizer > WN_TOK_FOLDED)
        return "the tokenizer in the header is unknown";
    if (h->smoothing > WN_SMOOTH_OTHER)
        return "the smoothing in the header is unknown";
    if (!parts_possible(h))
        return "the parts in the header are not possible";
    if (h->n_ngrams[0] < 3)
        return "the vocabulary has no room for the special words";
    for (unsigned k = h->order; k < WN_LM_MAX_ORDER; k++) {
        if (h->n_ngrams[k] != 0)
            return "the header counts n-grams above the order";
    }
    if (words ? h->n_slots <= h->n_ngrams[0] || (h->n_slots & (h->n_slots - 1)) != 0 : h->n_slots + h->vocab_bytes > 0)
        return "the size of the word table is not possible";
    if (h->image_bytes > bytes)
        return "the file is shorter than its header says";
    if (h->image_bytes < bytes)
        return "the file is longer than its header says";
    return NULL;
}

/* Whether S, a table of KIND, has what codes need to become numbers, and zeros where there are none. */
static bool quants_possible(const struct lm_section *s, enum lm_table_kind kind)
{
    const bool joint = kind == LM_TABLE_MIDDLE_JOINT || kind == LM_TABLE_TOP_JOINT;
    const bool middle = kind == LM_TABLE_MIDDLE_JOINT || kind == LM_TABLE_MIDDLE_COMPACT;
    const unsigned n_models = joint ? 2 : kind == LM_TABLE_MIDDLE_COMPACT || kind == LM_TABLE_TOP_COMPACT;
    bool possible = true;

    for (unsigned m = 0; m < 2; m++) {
        const struct lm_quant *p = &s->prob[m], *b = &s->backoff[m];

        possible = possible && isfinite(p->offset) && isfinite(p->scale) && isfinite(b->offset) && isfinite(b->scale);
        if (m >= n_models)
            possible = possible && all_zero((const char *)p, sizeof(*p));
        if (m >= n_models || !middle)
            possible = possible && all_zero((const char *)b, sizeof(*b));
    }
    return possible;
}

/* Takes the lines of each order's table from the section table; false when one cannot be. */
static bool read_lines(const struct lm_front *f, uint64_t *n_lines)
{
    memset(n_lines, 0, (WN_LM_MAX_ORDER + 1) * sizeof(*n_lines));
    for (uint32_t i = 0; i < f->head.n_sections; i++) {
        const struct lm_section *s = &f->section[i];

        if (s->kind != LM_LINES) {
            if (!all_zero((const char *)&s->n_buckets, sizeof(*s) - offsetof(struct lm_section, n_buckets)))
                return false;
            continue;
        }
        if (s->order < 1 || s->order > f->head.order || s->n_buckets < 1 || s->n_lines <= s->n_buckets)
            return false;
        if (!quants_possible(s, lm_table_kind_of(&f->head, s->order)))
            return false;
        n_lines[s->order] = s->n_lines;
    }
    return true;
}

/* The section table must say what the header's numbers imply. */
static const char *sections_fault(const struct lm_front *f)
{
    uint64_t n_lines[WN_LM_MAX_ORDER + 1];
    struct lm_plan plan;

    if (f->head.n_sections > LM_MAX_SECTIONS || !read_lines(f, n_lines))
        return "the section table contradicts the header";
    if (!lm_plan_make(&plan, &f->head, n_lines))
        return "the sizes in the header are not possible";
    if (f->head.n_sections != plan.n || f->head.image_bytes != plan.image_bytes)
        return "the sizes in the header contradict each other";
    for (uint32_t i = 0; i < plan.n; i++) {
        const struct lm_section *want = &plan.section[i], *have = &f->section[i];

        if (have->kind != want->kind || have->order != want->order || have->offset != want->offset ||
            have->bytes != want->bytes)
            return "the section table contradicts the header";
    }
    if (!all_zero((const char *)(f->section + plan.n), (LM_MAX_SECTIONS - plan.n) * sizeof(f->section[0])) ||
        !all_zero(f->zero, sizeof(f->zero)))
        return "bytes of the header that nothing uses are not zero";
    return NULL;
}

/* Without branches: there may be many words. */
static bool words_ascend(const uint32_t *start, uint64_t n)
{
    uint32_t down = 0;

    for (uint64_t i = 0; i < n; i++)
        down |= start[i] > start[i + 1];
    return !down;
}

/* What is wrong with the slots of the word table, or NULL.  SEEN: a bit for each id, zeros. */
static const char *slots_fault(const uint64_t *slot, uint64_t n_slots, uint64_t n, uint64_t *seen)
{
    uint64_t used = 0;
    bool twice = false;

    for (uint64_t i = 0; i < n_slots; i++) {
        uint64_t id = (slot[i] & UINT32_MAX) - 1;

        if (slot[i] == 0)
            continue;
        if (id >= n)                          /* id 0 - 1 too */
            return "the word table points outside the vocabulary";
        twice |= seen[id / 64] >> id % 64 & 1;
        seen[id / 64] |= UINT64_C(1) << id % 64;
        used++;
    }
    return used == n && !twice ? NULL : "the word table does not hold every word once";
}

static const char *words_fault(const struct wn_lm *lm)
{
    static const char *const special[] = { "<unk>", "<s>", "</s>" };
    uint64_t n = lm->head.n_ngrams[0];

    if (lm->vocab_start[0] != 0 || lm->vocab_start[n] != lm->head.vocab_bytes)
        return "the words do not fill their section";
    if (!words_ascend(lm->vocab_start, n))
        return "a word ends before it starts";
    for (uint32_t i = 0; i < 3; i++) {
        struct wn_str word = { lm->vocab_bytes + lm->vocab_start[i], lm->vocab_start[i + 1] - lm->vocab_start[i] };

        if (!wn_str_eq(word, wn_str(special[i])))
            return "the special words are not the first three";
    }
    return NULL;
}

/* A search goes from line to line until one does not say "go on": the last must not. */
static const char *ends_fault(const struct wn_lm *lm)
{
    for (unsigned k = 1; k <= lm->head.order; k++) {
        const struct lm_hash *h = &lm->hash[k];

        if (lm_line_goes_on(h->kind, h->line + (h->n_lines - 1) * LM_LINE_BYTES))
            return "a table has no end";
    }
    return NULL;
}

enum wn_status lm_check_front(struct wn_lm *lm, const char *name, struct wn_err *err)
{
    struct lm_front front;
    const char *fault;
    enum wn_status st;

    if ((uintptr_t)lm->image.ptr % 8 != 0)
        return wn_fail(err, WN_BADCONF, "cannot use model '%s': its bytes are not 8-byte aligned", name);
    st = check_origin(lm->image, name, err);
    if (st != WN_OK)
        return st;
    memcpy(&front, lm->image.ptr, sizeof(front));
    if (lm_front_hash(lm->image.ptr) != front.hash)
        return refuse(name, err, "the checksum of the header does not match");
    fault = head_fault(&front.head, lm->image.len);
    if (!fault)
        fault = sections_fault(&front);
    if (fault)
        return refuse(name, err, fault);
    lm->head = front.head;
    lm_bind(lm, front.section, front.head.n_sections);
    if (lm->parts & WN_LM_TABLES)
        fault = ends_fault(lm);
    return fault ? refuse(name, err, fault) : WN_OK;
}

/* ---- checksums ----------------------------------------------------------------------- */

static unsigned part_of(uint32_t kind)
{
    return kind <= LM_VOCAB_SLOTS ? WN_LM_WORDS : kind == LM_LINES ? WN_LM_TABLES : WN_LM_INDEX;
}

enum wn_status lm_check_hashes(const struct wn_lm *lm, unsigned parts, const char *name, struct wn_err *err)
{
    const struct lm_front *f = (const void *)lm->image.ptr;

    for (uint32_t i = 0; i < f->head.n_sections; i++) {
        const struct lm_section *s = &f->section[i];
        uint64_t end = s->offset + s->bytes;
        uint64_t next = i + 1 < f->head.n_sections ? s[1].offset : f->head.image_bytes;

        if (!(parts & part_of(s->kind)))
            continue;
        if (lm_section_hash((struct wn_str){ lm->image.ptr + s->offset, s->bytes }) != s->hash)
            return wn_fail(err, WN_BADDATA, "cannot use model '%s': the checksum of the %s of order %u does not match",
                           name, section_name[s->kind], s->order);
        if (!all_zero(lm->image.ptr + end, next - end))
            return refuse(name, err, "the padding between sections is not zero");
    }
    return WN_OK;
}

/* ---- the index ----------------------------------------------------------------------- */

static bool all_numbers(const float *x, uint32_t n, float min, float max)
{
    bool ok = true;

    for (uint32_t i = 0; i < n; i++)
        ok = ok && x[i] >= min && x[i] <= max;      /* false for NaN */
    return ok;
}

static bool all_below(const uint32_t *x, uint32_t n, uint32_t limit)
{
    uint32_t top = 0;

    for (uint32_t i = 0; i < n; i++)
        top = x[i] > top ? x[i] : top;
    return n == 0 || top < limit;
}

/* The ranges of level K's children, and the order of the words in them. */
static const char *child_fault(const struct wn_lm *lm, unsigned k)
{
    const struct lm_table *t = &lm->level[k], *up = &lm->level[k + 1];

    if (t->child[0] != 0 || t->child[t->n] != up->n)
        return "the continuations do not fill their level";
    for (uint32_t i = 0; i < t->n; i++) {
        if (t->child[i] > t->child[i + 1] || t->child[i + 1] > up->n)
            return "the continuations of an n-gram are out of order";
        for (uint32_t j = t->child[i]; j + 1 < t->child[i + 1]; j++) {
            if (up->word[j] >= up->word[j + 1])
                return "the continuations of an n-gram are not sorted by word";
        }
    }
    return NULL;
}

static const char *level_fault(const struct wn_lm *lm, unsigned k)
{
    const struct lm_table *t = &lm->level[k];

    if (!all_numbers(t->prob, t->n, -INFINITY, 0.0f))
        return "a log-probability is not a number at most 0";
    if (k >= 2 && !all_below(t->word, t->n, lm->level[1].n))
        return "an n-gram has a word outside the vocabulary";
    if (k >= 3 && !all_below(t->suffix, t->n, lm->level[k - 1].n))
        return "an n-gram has a suffix outside the level below";
    if (k == lm->head.order)
        return NULL;
    if (!all_numbers(t->backoff, t->n, -LM_BACKOFF_MOST, LM_BACKOFF_MOST))
        return "a back-off weight is not a number from -1e6 to 1e6";
    return child_fault(lm, k);
}

enum wn_status lm_check_index(const struct wn_lm *lm, const char *name, struct wn_err *err)
{
    const char *fault = NULL;

    for (unsigned k = 1; !fault && k <= lm->head.order; k++)
        fault = level_fault(lm, k);
    return fault ? refuse(name, err, fault) : WN_OK;
}

/* Verifies once what STATE is of.  Two threads may check at once: both find the same. */
static enum wn_status need(const struct wn_lm *lm, atomic_int *state, unsigned part, const char *what,
                           enum wn_status (*check)(const struct wn_lm *, const char *, struct wn_err *),
                           struct wn_err *err)
{
    const char *name = lm->name ? lm->name : "in memory";
    int trust = state ? atomic_load(state) : LM_SOUND;
    enum wn_status st;

    if (trust == LM_SOUND)
        return WN_OK;
    if (trust == LM_UNSOUND)
        return wn_fail(err, WN_BADDATA, "cannot use model '%s': its %s is damaged", name, what);
    st = lm_check_hashes(lm, part, name, err);
    if (st == WN_OK)
        st = check(lm, name, err);
    if (st == WN_OK || st == WN_BADDATA)           /* else it is still not known */
        atomic_store(state, st == WN_OK ? LM_SOUND : LM_UNSOUND);
    return st;
}

enum wn_status lm_check_words(const struct wn_lm *lm, const char *name, struct wn_err *err)
{
    const uint64_t n = lm->head.n_ngrams[0];
    const char *fault = words_fault(lm);
    uint64_t *seen;

    if (fault)
        return refuse(name, err, fault);
    seen = calloc(n / 64 + 1, sizeof(*seen));
    if (!seen)
        return wn_fail(err, WN_NOMEM, "cannot use model '%s': out of memory", name);
    fault = slots_fault(lm->vocab_slots, lm->head.n_slots, n, seen);
    free(seen);
    return fault ? refuse(name, err, fault) : WN_OK;
}

enum wn_status lm_need_words(const struct wn_lm *lm, struct wn_err *err)
{
    if (!(lm->parts & WN_LM_WORDS))
        return wn_fail(err, WN_BADCONF, "cannot use model '%s': it holds no words; build it with them",
                       lm->name ? lm->name : "in memory");
    return need(lm, lm->word_state, WN_LM_WORDS, "vocabulary", lm_check_words, err);
}

enum wn_status lm_need_index(const struct wn_lm *lm, struct wn_err *err)
{
    enum wn_status st;

    if (!(lm->parts & WN_LM_INDEX))
        return wn_fail(err, WN_BADCONF, "cannot use model '%s': it has no index of its n-grams; build it with one",
                       lm->name ? lm->name : "in memory");
    st = lm_need_words(lm, err);
    return st == WN_OK ? need(lm, lm->index_state, WN_LM_INDEX, "index", lm_check_index, err) : st;
}

/* ---- the tables ---------------------------------------------------------------------- */

static const char *line_fault(const struct lm_hash *h, const unsigned char *line, uint64_t *n)
{
    struct lm_slot slot[LM_MAX_SLOTS];
    unsigned used = lm_line_read(h, line, slot);

    if (used > lm_table_slots(h->kind))
        return "a line of a table is malformed";
    if (used < lm_table_slots(h->kind) && lm_line_goes_on(h->kind, line) && h->kind != LM_TABLE_UNIGRAM &&
        h->kind != LM_TABLE_UNIGRAM_JOINT)
        return "a line of a table goes on although it is not full";
    for (unsigned i = 0; i < used; i++) {
        for (unsigned m = 0; m < slot[i].n_models; m++) {
            if (!(slot[i].prob[m] <= 0.0f))
                return "a log-probability in a table is not a number at most 0";
            if (!(fabsf(slot[i].backoff[m]) <= LM_BACKOFF_MOST))
                return "a back-off weight in a table is not a number from -1e6 to 1e6";
        }
    }
    *n += used;
    return NULL;
}

enum wn_status lm_check_tables(const struct wn_lm *lm, const char *name, struct wn_err *err)
{
    for (unsigned k = 1; k <= lm->head.order; k++) {
        const struct lm_hash *h = &lm->hash[k];
        const char *fault = NULL;
        uint64_t n = 0;

        for (uint64_t i = 0; !fault && i < h->n_lines; i++)
            fault = line_fault(h, h->line + i * LM_LINE_BYTES, &n);
        if (!fault && n != lm->head.n_ngrams[k - 1])
            fault = "a table does not hold all n-grams";
        if (fault)
            return wn_fail(err, WN_BADDATA, "cannot use model '%s': order %u: %s", name, k, fault);
    }
    return WN_OK;
}
