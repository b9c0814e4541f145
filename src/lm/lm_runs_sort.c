/*
 * lm_runs_sort.c - sort packed N-grams and count equal ones.
 *
 * Least significant digit first: a part fits into the cache, keys are dense in their
 * digits, and no branch depends on data.  Fields of a key have fewer bits in use than they
 * are wide, so digits are cut within fields; digits that are the same in the whole part
 * (most of the last word's) cost nothing.
 */
#include <stdlib.h>

#include "lm/lm_parts.h"

enum { FEW = 24 };

static unsigned bits_of(uint32_t x)
{
    return x ? 32 - (unsigned)__builtin_clz(x) : 1;
}

/* The digits of each field, the last field's lowest first. */
static void cut_digits(struct lm_sorter *s, const struct lm_packing *p, uint32_t n_words)
{
    unsigned used = bits_of(n_words - 1), n = (used + LM_DIGIT_BITS - 1) / LM_DIGIT_BITS;

    for (unsigned i = p->order; i-- > 0;) {
        unsigned base = 64 - p->bits * (i % p->per + 1), at = 0;

        for (unsigned j = 0; j < n; j++) {
            unsigned bits = (used - at + n - j - 1) / (n - j);

            s->digit[s->n_digits++] =
                (struct lm_digit){ (uint8_t)(i / p->per), (uint8_t)(base + at), (uint8_t)bits };
            at += bits;
        }
    }
}

enum wn_status lm_sorter_init(struct lm_sorter *s, const struct lm_packing *p, uint32_t n_words, bool counted,
                              struct wn_err *err)
{
    memset(s, 0, sizeof(*s));
    s->stride = p->stride;
    s->width = p->stride + counted;
    cut_digits(s, p, n_words);
    s->hist = malloc(s->n_digits * sizeof(s->hist[0]));
    return s->hist ? WN_OK : lm_sort_no_memory(err);
}

void lm_sorter_release(struct lm_sorter *s)
{
    free(s->hist);
    free(s->scratch);
    free(s->count);
    free(s->wide);
    memset(s, 0, sizeof(*s));
}

uint64_t lm_sorter_bytes(void)
{
    return LM_MAX_DIGITS * sizeof(uint32_t[1 << LM_DIGIT_BITS]);
}

enum wn_status lm_sorter_reserve(struct lm_sorter *s, size_t n, struct wn_err *err)
{
    if (n > UINT32_MAX)
        return wn_fail(err, WN_LIMIT, "cannot sort n-grams: more than %u end in the same two words", UINT32_MAX);
    if (n > s->cap_count) {
        free(s->count);
        s->count = malloc(n);
        s->cap_count = s->count ? n : 0;
    }
    if (n * s->width > s->cap_numbers) {
        free(s->scratch);
        s->scratch = malloc(n * s->width * sizeof(s->scratch[0]));
        s->cap_numbers = s->scratch ? n * s->width : 0;
    }
    if (n > s->cap_count || n * s->width > s->cap_numbers)
        return wn_fail(err, WN_NOMEM, "cannot sort %zu n-grams: out of memory", n);
    return WN_OK;
}

/* ---- sorting ------------------------------------------------------------------------------ */

static inline __attribute__((always_inline)) bool less(const uint64_t *a, const uint64_t *b, unsigned stride)
{
    for (unsigned j = 0; j + 1 < stride; j++) {
        if (a[j] != b[j])
            return a[j] < b[j];
    }
    return a[stride - 1] < b[stride - 1];
}

static inline __attribute__((always_inline)) bool equal(const uint64_t *a, const uint64_t *b, unsigned stride)
{
    uint64_t differ = 0;

    for (unsigned j = 0; j < stride; j++)
        differ |= a[j] ^ b[j];
    return differ == 0;
}

static inline __attribute__((always_inline)) void move(uint64_t *to, const uint64_t *from, unsigned width)
{
    for (unsigned j = 0; j < width; j++)
        to[j] = from[j];
}

static void insertion_sort(uint64_t *rec, size_t n, unsigned stride, unsigned width)
{
    for (size_t i = 1; i < n; i++) {
        uint64_t r[5];
        size_t at = i;

        move(r, rec + i * width, width);
        for (; at > 0 && less(r, rec + (at - 1) * width, stride); at--)
            move(rec + at * width, rec + (at - 1) * width, width);
        move(rec + at * width, r, width);
    }
}

static inline unsigned digit_of(const uint64_t *r, const struct lm_digit *d)
{
    return (unsigned)(r[d->number] >> d->shift) & ((1u << d->bits) - 1);
}

/* A block of records at a time stays in the nearest cache for all digits. */
static void count_digits(struct lm_sorter *s, const uint64_t *rec, size_t n)
{
    enum { BLOCK = 256 };

    for (unsigned d = 0; d < s->n_digits; d++)
        memset(s->hist[d], 0, sizeof(uint32_t) << s->digit[d].bits);
    for (size_t at = 0; at < n; at += BLOCK) {
        const uint64_t *from = rec + at * s->width, *end = rec + (n - at < BLOCK ? n : at + BLOCK) * s->width;

        for (unsigned d = 0; d < s->n_digits; d++) {
            const unsigned shift = s->digit[d].shift, mask = (1u << s->digit[d].bits) - 1, width = s->width;
            uint32_t *hist = s->hist[d];

            for (const uint64_t *r = from + s->digit[d].number; r < end; r += width)
                hist[*r >> shift & mask]++;
        }
    }
}

static inline __attribute__((always_inline)) void spread(uint64_t *to, const uint64_t *from, size_t n,
                                                         const struct lm_digit *d, uint32_t *next, unsigned width)
{
    const unsigned number = d->number, shift = d->shift, mask = (1u << d->bits) - 1;

    for (size_t i = 0; i < n; i++, from += width) {
        uint32_t at = next[from[number] >> shift & mask]++;

        move(to + (size_t)at * width, from, width);
    }
}

uint64_t *lm_sorter_sort(struct lm_sorter *s, uint64_t *rec, size_t n)
{
    uint64_t *to = s->scratch;

    if (n <= FEW) {
        insertion_sort(rec, n, s->stride, s->width);
        return rec;
    }
    count_digits(s, rec, n);
    for (unsigned d = 0; d < s->n_digits; d++) {
        const struct lm_digit *digit = &s->digit[d];
        uint32_t *next = s->hist[d], sum = 0;
        uint64_t *swap = rec;

        if (next[digit_of(rec, digit)] == n)     /* the same in all */
            continue;
        for (unsigned i = 0; i >> digit->bits == 0; i++) {
            uint32_t here = next[i];

            next[i] = sum;
            sum += here;
        }
        switch (s->width) {
        case 1: spread(to, rec, n, digit, next, 1); break;
        case 2: spread(to, rec, n, digit, next, 2); break;
        case 3: spread(to, rec, n, digit, next, 3); break;
        default: spread(to, rec, n, digit, next, s->width); break;
        }
        rec = to;
        to = swap;
    }
    return rec;
}

/* ---- counting ------------------------------------------------------------------------------- */

static enum wn_status add_wide(struct lm_sorter *s, struct lm_squeezed *out, uint64_t count, struct wn_err *err)
{
    if (out->n_wide == s->cap_wide) {
        size_t cap = s->cap_wide ? s->cap_wide * 2 : 64;
        uint64_t *more = realloc(s->wide, cap * sizeof(*more));

        if (!more)
            return wn_fail(err, WN_NOMEM, "cannot count n-grams: out of memory");
        s->wide = more;
        s->cap_wide = cap;
    }
    s->wide[out->n_wide++] = count;
    return WN_OK;
}

/* Keys of sorted records to TO; the length of each run of equal ones goes to the counts,
 * as far as a byte can tell. */
static inline __attribute__((always_inline)) size_t count_runs(uint64_t *to, const uint64_t *from, size_t n,
                                                               uint8_t *count, unsigned stride)
{
    size_t m = 0;

    move(to, from, stride);
    count[0] = 1;
    for (size_t i = 1; i < n; i++) {
        bool same = equal(from + i * stride, from + (i - 1) * stride, stride);
        unsigned c = same ? count[m] + (count[m] < UINT8_MAX) : 1;

        m += !same;
        move(to + m * stride, from + i * stride, stride);
        count[m] = (uint8_t)c;
    }
    return m + 1;
}

/* True lengths of runs that a byte cannot hold: FROM has the sorted records, KEY the keys. */
static enum wn_status count_wide(struct lm_sorter *s, const uint64_t *from, size_t n, struct lm_squeezed *out,
                                 struct wn_err *err)
{
    size_t at = 0;

    for (size_t i = 0; i < out->n; i++) {
        size_t start = at;
        enum wn_status st;

        at += s->count[i];
        if (s->count[i] < UINT8_MAX)
            continue;
        while (at < n && equal(from + at * s->stride, from + start * s->stride, s->stride))
            at++;
        st = add_wide(s, out, at - start, err);
        if (st != WN_OK)
            return st;
    }
    return WN_OK;
}

size_t lm_sorter_sum(struct lm_sorter *s, uint64_t *rec, size_t n)
{
    const unsigned stride = s->stride, width = s->width;
    const uint64_t *from = lm_sorter_sort(s, rec, n);
    size_t m = 0;

    for (size_t i = 0; i < n; i++) {
        const uint64_t *r = from + i * width;

        if (m > 0 && equal(r, rec + (m - 1) * width, stride))
            rec[(m - 1) * width + stride] += r[stride];
        else
            move(rec + m++ * width, r, width);
    }
    return m;
}

/* Records with counts, all different: keys and counts part. */
static enum wn_status strip_counts(struct lm_sorter *s, uint64_t *rec, struct lm_squeezed *out, struct wn_err *err)
{
    for (size_t i = 0; i < out->n; i++) {
        uint64_t count = rec[i * s->width + s->stride];

        move(rec + i * s->stride, rec + i * s->width, s->stride);
        s->count[i] = count < UINT8_MAX ? (uint8_t)count : UINT8_MAX;
        out->ones = out->ones && count == 1;
        if (count >= UINT8_MAX) {
            enum wn_status st = add_wide(s, out, count, err);

            if (st != WN_OK)
                return st;
        }
    }
    return WN_OK;
}

enum wn_status lm_sorter_squeeze(struct lm_sorter *s, uint64_t *rec, size_t n, struct lm_squeezed *out,
                                 struct wn_err *err)
{
    uint64_t *from;

    *out = (struct lm_squeezed){ .ones = true };
    if (n == 0)
        return WN_OK;
    if (s->width > s->stride) {
        out->n = lm_sorter_sum(s, rec, n);
        return strip_counts(s, rec, out, err);
    }
    from = lm_sorter_sort(s, rec, n);
    if (from == rec) {                           /* count_wide needs the records as they were */
        memcpy(s->scratch, rec, n * s->width * sizeof(*rec));
        from = s->scratch;
    }
    switch (s->stride) {
    case 1: out->n = count_runs(rec, from, n, s->count, 1); break;
    case 2: out->n = count_runs(rec, from, n, s->count, 2); break;
    default: out->n = count_runs(rec, from, n, s->count, s->stride); break;
    }
    out->ones = out->n == n;
    return n > UINT8_MAX ? count_wide(s, from, n, out, err) : WN_OK;
}
