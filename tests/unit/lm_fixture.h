/*
 * lm_fixture.h - files, models and buffers for the tests of text and lm.
 */
#ifndef TEST_LM_FIXTURE_H
#define TEST_LM_FIXTURE_H

#include "support/cm.h"

#include <winnow/lmbuild.h>

#define NGRAM_DATA WN_TEST_DATA "/ngram/"

/* The file at PATH; free .ptr. */
static inline struct wn_str fixture_read(const char *path)
{
    struct wn_buf b = { 0 };
    char part[4096];
    size_t got;
    FILE *f = fopen(path, "rb");

    if (!f)
        fail_msg("cannot open '%s'", path);
    while ((got = fread(part, 1, sizeof(part), f)) > 0)
        wn_buf_add(&b, (struct wn_str){ part, got });
    fclose(f);
    assert_int_equal(wn_buf_status(&b, NULL), WN_OK);
    return wn_buf_str(&b);
}

static inline void fixture_drop(struct wn_str s)
{
    if (s.len > 0)
        free((void *)(uintptr_t)s.ptr);
}

static inline struct wn_counts *fixture_counts(struct wn_str text, unsigned order, enum wn_tokenizer tok)
{
    struct wn_counts *c;
    struct wn_err err;

    assert_int_equal(wn_counts_new(&c, order, tok, &err), WN_OK);
    if (wn_counts_add_text(c, text, &err) != WN_OK)
        fail_msg("%s", err.text);
    return c;
}

static inline struct wn_lm *fixture_model(struct wn_str text, unsigned order, enum wn_tokenizer tok,
                                          const struct wn_lm_opts *opts)
{
    struct wn_counts *c = fixture_counts(text, order, tok);
    struct wn_err err;
    struct wn_lm *lm;

    if (wn_lm_estimate(&lm, c, opts, NULL, &err) != WN_OK)
        fail_msg("%s", err.text);
    wn_counts_free(c);
    return lm;
}

/* A model of the file at PATH, one sentence a line. */
static inline struct wn_lm *fixture_model_of(const char *path, unsigned order, const struct wn_lm_opts *opts)
{
    struct wn_str text = fixture_read(path);
    struct wn_lm *lm = fixture_model(text, order, WN_TOK_WHITESPACE, opts);

    fixture_drop(text);
    return lm;
}

static inline enum wn_status fixture_collect(void *arg, struct wn_str bytes, struct wn_err *err)
{
    wn_buf_add(arg, bytes);
    return wn_buf_status(arg, err);
}


#endif
