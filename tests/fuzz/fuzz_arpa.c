/*
 * fuzz_arpa.c - any bytes as an ARPA file; a model that comes of it must work, and must come
 * back the same from its own ARPA file.
 */
#include "fuzz/driver.h"
#include "unit/lm_exercise.h"

struct source {
    const char *bytes;
    size_t left, chunk;
};

static enum wn_status read_source(void *arg, char *to, size_t room, size_t *got, struct wn_err *err)
{
    struct source *s = arg;

    (void)err;
    *got = s->left < s->chunk ? s->left : s->chunk;
    *got = *got < room ? *got : room;
    if (*got > 0)
        memcpy(to, s->bytes, *got);
    s->bytes += *got;
    s->left -= *got;
    return WN_OK;
}

static enum wn_status collect(void *arg, struct wn_str bytes, struct wn_err *err)
{
    wn_buf_add(arg, bytes);
    return wn_buf_status(arg, err);
}

static struct wn_lm *import(const char *bytes, size_t n, size_t chunk, bool lenient)
{
    struct wn_arpa_opts opts = { .allow_missing_markers = lenient, .positive_to_zero = lenient };
    struct source s = { bytes, n, chunk };
    struct wn_lm *lm;

    wn_lm_import_from(&lm, read_source, &s, "fuzz", &opts, NULL, NULL);
    return lm;
}

static void check_round_trip(const struct wn_lm *lm)
{
    struct wn_buf first = { 0 }, second = { 0 };
    struct wn_lm *again;

    if (wn_lm_arpa(lm, collect, &first, NULL) != WN_OK)
        abort();
    again = import(first.ptr, first.len, first.len, false);
    if (!again || wn_lm_arpa(again, collect, &second, NULL) != WN_OK ||
        !wn_str_eq(wn_buf_str(&first), wn_buf_str(&second)))
        abort();
    wn_lm_free(again);
    wn_buf_release(&first);
    wn_buf_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wn_lm *lm = import((const char *)data, size, 1 + size % 7 * 100, size % 2);

    if (lm) {
        exercise_model(lm);
        check_round_trip(lm);
    }
    wn_lm_free(lm);
    return 0;
}
