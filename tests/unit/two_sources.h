/*
 * two_sources.h - two made-up writers that a language model can tell apart, for tests of
 * training and tagging.  Both use the same 120 words: the human by Zipf's law, the machine
 * with a favoured third of them.
 */
#ifndef TEST_TWO_SOURCES_H
#define TEST_TWO_SOURCES_H

#include <stdio.h>

#include <winnow/lmbuild.h>
#include <winnow/tagger.h>

enum { TWO_SOURCES_WORDS = 120, TWO_SOURCES_SENTENCE = 11 };

/* A pronounceable word for each number. */
static inline void two_sources_word(struct wn_buf *out, uint64_t k)
{
    static const char *const onset[] = { "b", "d", "k", "l", "m", "n", "r", "s", "t", "v" };
    static const char *const vowel[] = { "a", "e", "i", "o" };

    wn_buf_addz(out, onset[k % 10]);
    wn_buf_addz(out, vowel[k / 10 % 4]);
    wn_buf_addz(out, onset[(k * 7 + 3) % 10]);
    if (k >= 40)
        wn_buf_addz(out, vowel[k / 40 % 4]);
}

/* Zipf's law by u^2: low numbers are frequent. */
static inline uint64_t two_sources_draw(struct wn_rng *r, bool machine)
{
    double u = wn_rng_u01(r);
    uint64_t k = (uint64_t)(u * u * TWO_SOURCES_WORDS);

    return machine && wn_rng_u01(r) < 0.4 ? k / 3 * 3 : k;
}

/* Appends N_WORDS words of one writer, in sentences. */
static inline void two_sources_text(struct wn_buf *out, bool machine, uint64_t seed, size_t n_words)
{
    struct wn_rng r;

    wn_rng_init(&r, seed, WN_DOMAIN_REAL, machine, 0, 0);
    for (size_t i = 0; i < n_words; i++) {
        if (i)
            wn_buf_addc(out, ' ');
        two_sources_word(out, two_sources_draw(&r, machine));
        if (i % TWO_SOURCES_SENTENCE == TWO_SOURCES_SENTENCE - 1)
            wn_buf_addc(out, '.');
        else if (wn_rng_u01(&r) < 0.05)
            wn_buf_addc(out, ',');
    }
}

/* A language model of 30 texts of one writer; NULL when that fails. */
static inline struct wn_lm *two_sources_lm(bool machine, struct wn_err *err)
{
    struct wn_counts *c = NULL;
    struct wn_buf text = { 0 };
    struct wn_lm *lm = NULL;
    enum wn_status st = wn_counts_new(&c, 2, WN_TOK_FOLDED, err);

    for (uint64_t i = 0; i < 30 && st == WN_OK; i++) {
        wn_buf_reset(&text);
        two_sources_text(&text, machine, i, 100);
        st = wn_counts_add_text(c, wn_buf_str(&text), err);
    }
    if (st == WN_OK)
        wn_lm_estimate(&lm, c, NULL, NULL, err);
    wn_buf_release(&text);
    wn_counts_free(c);
    return lm;
}

/* Trains on N_DOCS documents of each writer, N_WORDS words each. */
static inline enum wn_status two_sources_train(struct wn_buf *image, struct wn_quality *q, size_t n_docs, size_t n_words,
                                               unsigned jobs, const struct wn_rules *rules, struct wn_err *err)
{
    struct wn_train_opts opts = { .order = 2, .fpr = 0.05, .fnr = 0.05, .jobs = jobs };
    struct wn_trainer *t = NULL;
    struct wn_buf text = { 0 };
    enum wn_status st = wn_trainer_new(&t, &opts, rules, err);

    for (size_t i = 0; i < 2 * n_docs && st == WN_OK; i++) {
        struct wn_doc doc = { 0 };
        char id[32];

        snprintf(id, sizeof(id), "doc-%zu", i);
        wn_buf_reset(&text);
        two_sources_text(&text, i % 2, 1000 + i, n_words);
        st = wn_buf_status(&text, err);
        doc.id = wn_str(id);
        doc.text = wn_buf_str(&text);
        if (st == WN_OK)
            st = wn_trainer_add(t, &doc, i % 2, err);
    }
    if (st == WN_OK)
        st = wn_trainer_finish(t, image, q, err);
    wn_buf_release(&text);
    wn_trainer_free(t);
    return st;
}

#endif
