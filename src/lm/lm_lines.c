/*
 * lm_lines.c - WHITESPACE text to ids in one pass.
 *
 * Words are found and hashed eight bytes at a time, a batch ahead of their look-up, so
 * that slots of the vocabulary are on their way when they are needed.
 */
#include "lm/lm_counts.h"

enum { BATCH = 128, PAD = 16 };

/* A word, or with an empty one the end of a line. */
struct lines {
    struct wn_counts *c;
    size_t n;
    uint64_t line;
    bool skip;
    struct vocab_key word[BATCH];
};

/* Separators are lmplz's: NUL, TAB, CR, SPACE, and LF. */
static bool is_separator(unsigned char b)
{
    return b <= ' ' && (UINT64_C(0x100002601) >> b & 1);
}

/* The high bit of the first byte in X (lowest first) that is at most SPACE, and perhaps
 * of later ones: (b - 0x21) borrows below 0x21, and bytes of 0x80 and more are left out. */
static uint64_t low_bytes(uint64_t x)
{
    return (x - UINT64_C(0x2121212121212121)) & ~x & UINT64_C(0x8080808080808080);
}

static uint64_t load8(const char *p)
{
    uint64_t x;

    memcpy(&x, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    return x;
}

/* N in 0..7 */
static uint64_t keep_bytes(uint64_t x, unsigned n)
{
    return x & ((UINT64_C(1) << 8 * n) - 1);
}

/* ---- look-up ---------------------------------------------------------------------------- */

/* The ids of the batch; each line end takes two: </s>, and <s> of the line to come. */
static enum wn_status flush_words(struct lines *l, uint32_t *to, size_t *n_ids, struct wn_err *err)
{
    struct vocab *v = &l->c->vocab;
    uint32_t *start = to;

    for (size_t i = 0; i < l->n; i++) {
        const struct vocab_key *k = &l->word[i];
        uint32_t id;
        uint64_t at;

        if (k->word.len == 0) {
            *to++ = WN_LM_EOS;
            *to++ = WN_LM_BOS;
            l->line++;
            continue;
        }
        id = vocab_probe(v, k, &at);
        if (__builtin_expect(id == VOCAB_NONE, 0)) {
            enum wn_status st = vocab_add(v, k, at, &id, err);

            if (st != WN_OK)
                return st;
        } else if (__builtin_expect(id <= WN_LM_EOS, 0)) {
            if (!l->skip)
                return wn_fail(err, WN_BADDATA, "cannot count a sentence: it has the reserved word '%.*s'",
                               WN_STR_ARG(k->word));
            continue;
        }
        *to++ = id;
    }
    *n_ids = (size_t)(to - start);
    return WN_OK;
}

static enum wn_status flush(struct lines *l, struct wn_err *err)
{
    struct wn_counts *c = l->c;
    uint32_t local[2 * BATCH], *to = local;
    size_t n_ids = 0, got = 0, done = 0;
    enum wn_status st = counts_check(c, err);

    if (st == WN_OK && c->cap - c->n >= 2 * BATCH)
        to = c->ids + c->n;
    if (st == WN_OK)
        st = flush_words(l, to, &n_ids, err);
    if (st != WN_OK)
        return st;
    l->n = 0;
    if (to != local) {
        c->n += n_ids;
        return WN_OK;
    }
    for (; done < n_ids; done += got) {
        st = counts_room(c, n_ids - done, &got, err);
        if (st != WN_OK)
            return st;
        memcpy(c->ids + c->n, local + done, got * sizeof(local[0]));
        c->n += got;
    }
    return WN_OK;
}

/* ---- finding words ------------------------------------------------------------------------ */

/* Where a word that is longer than 15 bytes, or has other control characters, ends. */
static const char *word_end(const char *p, const char *end)
{
    while (p < end && !is_separator((unsigned char)*p))
        p++;
    return p;
}

/* The word at P, of up to 15 bytes if it is simple; PAD bytes can be read.  Returns its
 * length, and sets head and hash when it is not SIZE_MAX. */
static inline size_t short_word(const char *p, struct vocab_key *k)
{
    uint64_t a = load8(p), low = low_bytes(a), b = 0;
    size_t n;

    if (low) {
        n = (unsigned)__builtin_ctzll(low) / 8;
        a = keep_bytes(a, (unsigned)n);
    } else {
        b = load8(p + 8);
        low = low_bytes(b);
        if (!low)
            return SIZE_MAX;
        n = (unsigned)__builtin_ctzll(low) / 8;
        b = keep_bytes(b, (unsigned)n);
        n += 8;
    }
    if (!is_separator((unsigned char)p[n]))
        return SIZE_MAX;
    k->head = a;
    k->hash = lm_word_hash16(a, b, n, 0);
    k->word = (struct wn_str){ p, n };
    return n;
}

/* Words from P on, up to where END - PAD or, with LAST, END is; a word is never cut. */
static enum wn_status scan(struct lines *l, const char **at, const char *end, bool last, struct wn_err *err)
{
    const struct vocab *v = &l->c->vocab;
    const char *p = *at, *stop = last ? end : end - PAD;
    enum wn_status st = WN_OK;

    while (p < stop) {
        struct vocab_key *k = &l->word[l->n];
        size_t n = short_word(p, k);

        if (n == SIZE_MAX) {
            const char *q = word_end(p, end);

            if (q == end && !last)
                break;                           /* goes on where nothing can be read ahead */
            *k = vocab_hashed((struct wn_str){ p, (size_t)(q - p) });
            n = (size_t)(q - p);
        }
        if (n > 0) {
            vocab_prefetch(v, k->hash);
            l->n++;
        }
        p += n;
        if (l->n == BATCH && (st = flush(l, err)) != WN_OK)
            break;
        if (p < end && *p == '\n') {
            l->word[l->n++].word.len = 0;
            if (l->n == BATCH && (st = flush(l, err)) != WN_OK)
                break;
        }
        p++;
    }
    *at = p;
    return st;
}

/* The end of a text: what scan left, a few bytes or one long word. */
static enum wn_status scan_tail(struct lines *l, const char *p, const char *end, struct wn_err *err)
{
    char copy[4 * PAD] = { 0 };                  /* with separators behind that can be read */
    const char *at = copy;
    const size_t n = (size_t)(end - p);
    enum wn_status st = WN_OK;

    if (n > sizeof(copy) - PAD) {
        l->word[l->n++] = vocab_hashed((struct wn_str){ p, n });
    } else {
        memcpy(copy, p, n);
        st = scan(l, &at, copy + n, true, err);
    }
    return st == WN_OK ? flush(l, err) : st;
}

static enum wn_status push_id(struct wn_counts *c, uint32_t id, struct wn_err *err)
{
    size_t got;
    enum wn_status st = counts_room(c, 1, &got, err);

    if (st == WN_OK)
        c->ids[c->n++] = id;
    return st;
}

enum wn_status counts_add_lines(struct wn_counts *c, struct wn_str text, uint64_t *line, struct wn_err *err)
{
    const char *p = text.ptr, *end = p + text.len;
    struct lines l;
    enum wn_status st;

    l.c = c;
    l.n = 0;
    l.line = 1;
    l.skip = c->skip_specials;
    if (text.len == 0)
        return WN_OK;
    if (end[-1] == '\n')                         /* the last line has its end below */
        end--;
    st = push_id(c, WN_LM_BOS, err);
    if (st == WN_OK && end - p > PAD)
        st = scan(&l, &p, end, false, err);
    if (st == WN_OK && p < end)
        st = scan_tail(&l, p, end, err);
    if (st == WN_OK)
        st = flush(&l, err);
    if (st == WN_OK)
        st = push_id(c, WN_LM_EOS, err);
    *line = l.line;
    if (st == WN_OK)
        c->n_sentences += l.line;
    return st;
}
