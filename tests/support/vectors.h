/*
 * vectors.h - reads the reference vectors under tests/vectors/.
 */
#ifndef WINNOW_TEST_VECTORS_H
#define WINNOW_TEST_VECTORS_H

#include "support/cm.h"

#include <winnow/json.h>

/* The parsed file NAME ("watermark/statistics.json"); the caller frees it.  A file
 * that cannot be read fails the test. */
static inline struct wn_jsonval *vectors_load(const char *name)
{
    struct wn_jsonval *v = NULL;
    struct wn_buf text = { 0 };
    struct wn_err err = { 0 };
    char path[256];
    size_t got;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", WN_TEST_DATA, name);
    f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot open '%s'", path);
    do {
        assert_int_equal(wn_buf_reserve(&text, 65536, &err), WN_OK);
        got = fread(text.ptr + text.len, 1, 65536, f);
        text.len += got;
    } while (got > 0);
    fclose(f);
    if (wn_jsonval_parse(&v, wn_buf_str(&text), &err) != WN_OK)
        fail_msg("%s: %s", path, err.text);
    wn_buf_release(&text);
    return v;
}

static inline double vectors_num(const struct wn_jsonval *c, const char *key)
{
    return wn_jsonval_num(wn_jsonval_get(c, key), 0.0 / 0.0);
}

static inline const char *vectors_str(const struct wn_jsonval *c, const char *key)
{
    return wn_jsonval_str(wn_jsonval_get(c, key), "");
}

/* A 64-bit integer, which the files keep as a string. */
static inline uint64_t vectors_u64(const struct wn_jsonval *c, const char *key)
{
    return strtoull(vectors_str(c, key), NULL, 10);
}

#endif
