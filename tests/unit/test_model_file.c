#include <unistd.h>

#include "support/cm.h"
#include "unit/two_sources.h"

static struct wn_err err;
static struct wn_buf image;

static int build(void **state)
{
    struct wn_quality q;

    (void)state;
    return two_sources_train(&image, &q, 200, 80, 1, NULL, &err) == WN_OK ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    wn_buf_release(&image);
    return 0;
}

/* A copy of the first N bytes, 8-byte aligned. */
static struct wn_str copy_of(size_t n)
{
    char *p = malloc(n ? n : 1);

    assert_non_null(p);
    memcpy(p, image.ptr, n);
    return (struct wn_str){ p, n };
}

static void refused(struct wn_str bytes, const char *why)
{
    struct wn_model *m = NULL;

    memset(&err, 0, sizeof(err));
    assert_int_equal(wn_model_view(&m, bytes, "m.winnow", &err), WN_BADDATA);
    assert_null(m);
    assert_non_null(strstr(err.text, "m.winnow"));
    if (!strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
}

static void whole_image_opens(void **state)
{
    struct wn_model *m = NULL;

    (void)state;
    assert_int_equal(wn_model_view(&m, wn_buf_str(&image), "m", &err), WN_OK);
    assert_int_equal(strlen(wn_model_digest(m)), 32);
    assert_int_equal(wn_lm_models(wn_model_lm(m)), 2);
    assert_int_equal(wn_lm_order(wn_model_lm(m)), 2);
    assert_int_equal(wn_lm_tokenizer(wn_model_lm(m)), WN_TOK_FOLDED);
    wn_model_free(m);
    wn_model_free(NULL);
}

static void file_opens_as_the_image_does(void **state)
{
    char path[] = "/tmp/winnow-test-model-XXXXXX";
    int fd = mkstemp(path);
    struct wn_model *a = NULL, *b = NULL;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, image.ptr, image.len), image.len);
    close(fd);
    assert_int_equal(wn_model_open(&a, path, &err), WN_OK);
    assert_int_equal(wn_model_view(&b, wn_buf_str(&image), "m", &err), WN_OK);
    assert_string_equal(wn_model_digest(a), wn_model_digest(b));
    wn_model_free(a);
    wn_model_free(b);
    unlink(path);
}

static void missing_empty_and_odd_files_are_named(void **state)
{
    struct wn_model *m = NULL;

    (void)state;
    assert_int_equal(wn_model_open(&m, "/nonexistent/x.winnow", &err), WN_IO);
    assert_non_null(strstr(err.text, "/nonexistent/x.winnow"));
    assert_int_equal(wn_model_open(&m, "/dev/null", &err), WN_BADDATA);
    assert_int_equal(wn_model_open(&m, "tests", &err), WN_BADDATA);
    assert_null(m);
}

static void foreign_bytes_are_refused(void **state)
{
    struct wn_str s = copy_of(image.len), none = copy_of(0);

    (void)state;
    refused(none, "not a winnow model");
    free((char *)none.ptr);
    ((char *)s.ptr)[0] ^= 1;
    refused(s, "not a winnow model");
    free((char *)s.ptr);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    for (size_t n = 8; n < image.len; n += n < 512 ? 1 : image.len / 97) {
        struct wn_str s = copy_of(n);

        refused(s, "truncated");
        free((char *)s.ptr);
    }
}

static void bytes_behind_the_end_are_refused(void **state)
{
    char *p = calloc(1, image.len + 8);

    (void)state;
    memcpy(p, image.ptr, image.len);
    refused((struct wn_str){ p, image.len + 8 }, "behind its end");
    free(p);
}

static void other_byte_order_is_refused(void **state)
{
    struct wn_str s = copy_of(image.len);

    (void)state;
    for (int i = 0; i < 4; i++)
        ((char *)s.ptr)[8 + i] = image.ptr[11 - i];
    refused(s, "other byte order");
    free((char *)s.ptr);
}

/* docs/format/model.md: the version is a u32 at 12. */
static void other_versions_are_refused_with_advice(void **state)
{
    struct wn_str s = copy_of(image.len);
    uint32_t version;

    (void)state;
    memcpy(&version, s.ptr + 12, sizeof(version));
    assert_int_equal(version, 2);
    version = 1;
    memcpy((char *)s.ptr + 12, &version, sizeof(version));
    refused(s, "older winnow (format version 1, this one reads 2); train it again");
    version = 3;
    memcpy((char *)s.ptr + 12, &version, sizeof(version));
    refused(s, "newer winnow (format version 3, this one reads 2)");
    free((char *)s.ptr);
}

/* docs/format/model.md: 5 rows of 40 bytes at 48, each with its offset at 8 and its size at 16;
 * a line of the joint tables must not lie in two lines of the cache. */
static void sections_start_at_multiples_of_64_with_zeros_between(void **state)
{
    uint64_t end = 48 + 5 * 40, offset, size;

    (void)state;
    for (size_t row = 0; row < 5; row++) {
        memcpy(&offset, image.ptr + 48 + 40 * row + 8, 8);
        memcpy(&size, image.ptr + 48 + 40 * row + 16, 8);
        assert_int_equal(offset, (end + 63) / 64 * 64);
        for (uint64_t i = end; i < offset; i++)
            assert_int_equal(image.ptr[i], 0);
        end = offset + size;
    }
    assert_int_equal(image.len, (end + 63) / 64 * 64);
}

static void any_flipped_bit_is_refused(void **state)
{
    struct wn_str s = copy_of(image.len);
    size_t n_tried = 0;

    (void)state;
    for (size_t i = 8; i < s.len; i += i < 400 ? 1 : 331, n_tried++) {
        struct wn_model *m = NULL;

        ((char *)s.ptr)[i] ^= 0x10;
        if (wn_model_view(&m, s, "m", &err) == WN_OK)
            fail_msg("byte %zu", i);
        ((char *)s.ptr)[i] ^= 0x10;
    }
    assert_true(n_tried > 400);
    ((char *)s.ptr)[s.len - 1] ^= 0x10;      /* a gap */
    refused(s, "corrupt");
    free((char *)s.ptr);
}

static void unaligned_image_is_a_caller_mistake(void **state)
{
    char *p = malloc(image.len + 1);
    struct wn_model *m = NULL;

    (void)state;
    memcpy(p + 1, image.ptr, image.len);
    assert_int_equal(wn_model_view(&m, (struct wn_str){ p + 1, image.len }, "m", &err), WN_BADCONF);
    free(p);
}

static void description_is_json_with_the_promise(void **state)
{
    struct wn_model *m = NULL;
    struct wn_buf out = { 0 };
    struct wn_jsonval *v = NULL;
    const struct wn_jsonval *made;
    struct wn_json j;

    (void)state;
    assert_int_equal(wn_model_view(&m, wn_buf_str(&image), "m", &err), WN_OK);
    wn_json_init(&j, &out);
    wn_model_json(&j, NULL, m);
    assert_int_equal(wn_jsonval_parse(&v, wn_buf_str(&out), &err), WN_OK);
    made = wn_jsonval_get(v, "made_of");
    assert_string_equal(wn_jsonval_str(wn_jsonval_get(made, "kind"), ""), "model");
    assert_true(wn_jsonval_num(wn_jsonval_get(wn_jsonval_get(made, "options"), "fpr"), 0) == 0.05);
    assert_string_equal(wn_jsonval_str(wn_jsonval_get(wn_jsonval_get(made, "held_out"), "kind"), ""), "eval");
    wn_jsonval_free(v);
    wn_buf_release(&out);
    wn_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_image_opens),
        cmocka_unit_test(file_opens_as_the_image_does),
        cmocka_unit_test(missing_empty_and_odd_files_are_named),
        cmocka_unit_test(foreign_bytes_are_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(bytes_behind_the_end_are_refused),
        cmocka_unit_test(other_byte_order_is_refused),
        cmocka_unit_test(other_versions_are_refused_with_advice),
        cmocka_unit_test(sections_start_at_multiples_of_64_with_zeros_between),
        cmocka_unit_test(any_flipped_bit_is_refused),
        cmocka_unit_test(unaligned_image_is_a_caller_mistake),
        cmocka_unit_test(description_is_json_with_the_promise),
    };
    return cmocka_run_group_tests(tests, build, drop);
}
