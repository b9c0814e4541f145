/*
 * lm_words_scan.h - text to hashed words, 64 bytes at a time, compiled once for each
 * instruction set.
 *
 * Who includes this has defined ISA and ISA_INLINE (lm_probe_body.h) and classify: a bit for each
 * of 64 bytes that ends a word (NUL, TAB, CR, SPACE, LF), and one for each LF.
 */
#ifndef LM_WORDS_SCAN_H
#define LM_WORDS_SCAN_H

#include "lm/lm_batch.h"

enum { SCAN_STEP = 64 };

/* The hash of a word whose next 16 bytes may be read. */
static inline uint64_t hash_within(const char *p, size_t n, uint64_t seed)
{
    static const uint64_t keep[9] = {
        0, 0xff, 0xffff, 0xffffff, 0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff, ~UINT64_C(0),
    };
    uint64_t a, b;

    if (n > 16)
        return lm_word_hash(p, n, seed);
    memcpy(&a, p, 8);
    memcpy(&b, p + 8, 8);
    return lm_word_hash16(a & keep[n < 8 ? n : 8], b & keep[n > 8 ? n - 8 : 0], n, seed);
}

/* Pushes the words that end at the set bits of ENDS; *STARTS has the places where the later ones
 * begin.  IS_DEEP: all of these bytes are far enough from the text's end to read beyond a word. */
static ISA_INLINE void push_words(struct lm_batch *b, struct lm_text *s, struct wn_str *word, uint64_t ends,
                                  uint64_t *starts, bool is_deep)
{
    const uint64_t seed = b->lm->hash_seed;
    const char *at = s->at, *begin = s->word;
    uint64_t later = *starts;

    for (; ends; ends &= ends - 1) {
        size_t n = (size_t)(at + __builtin_ctzll(ends) - begin);

        if (word)
            word[b->n] = (struct wn_str){ begin, n };
        lm_batch_push(b, is_deep ? hash_within(begin, n, seed) : lm_word_hash(begin, n, seed));
        begin = at + (later ? __builtin_ctzll(later) : 0);
        later &= later - 1;
    }
    s->word = begin;
    *starts = later;
}

/* One step; bytes that are SEP end words, those that are LF end lines. */
static ISA_INLINE void scan_step(struct lm_batch *b, struct lm_text *s, struct wn_str *word, uint64_t sep, uint64_t lf,
                                 bool is_deep)
{
    uint64_t before = sep << 1 | !s->in_word;            /* the byte before is no part of a word */
    uint64_t starts = ~sep & before, ends = sep & ~before;

    if (!s->in_word && starts) {
        s->word = s->at + __builtin_ctzll(starts);
        starts &= starts - 1;
    }
    for (; lf; lf &= lf - 1) {
        uint64_t upto = lf ^ (lf - 1);

        push_words(b, s, word, ends & upto, &starts, is_deep);
        ends &= ~upto;
        lm_batch_line(b, word, s->at + __builtin_ctzll(lf) + 1 < s->end);
    }
    push_words(b, s, word, ends, &starts, is_deep);
    s->in_word = sep >> (SCAN_STEP - 1) == 0;
}

static ISA void scan(struct lm_batch *b, struct lm_text *s, struct wn_str *word)
{
    uint64_t sep, lf;

    while (!lm_batch_is_full(b) && s->end - s->at >= SCAN_STEP + 16) {
        classify(s->at, &sep, &lf);
        scan_step(b, s, word, sep, lf, true);
        lm_batch_ask(b);
        s->at += SCAN_STEP;
    }
    while (!lm_batch_is_full(b) && (s->at < s->end || s->in_word)) {
        size_t n = (size_t)(s->end - s->at);
        char last[SCAN_STEP];

        if (n > SCAN_STEP)
            n = SCAN_STEP;
        memset(last, ' ', sizeof(last));          /* ends the last word where the text does */
        memcpy(last, s->at, n);
        classify(last, &sep, &lf);
        scan_step(b, s, word, sep, lf, false);
        lm_batch_ask(b);
        s->at += n;
    }
}

#endif
