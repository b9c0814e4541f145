#include "support/cm.h"

#include <errno.h>
#include <math.h>
#include <winnow/account.h>
#include <winnow/arena.h>
#include <winnow/doc.h>
#include <winnow/hash.h>
#include <winnow/json.h>

static void failing_is_one_statement(void **state)
{
    struct wn_err err = { 0 };

    (void)state;
    assert_int_equal(wn_fail(&err, WN_LIMIT, "line %d is too long", 7), WN_LIMIT);
    wn_err_prefix(&err, "cannot read '%s': ", "x");
    assert_int_equal(err.status, WN_LIMIT);
    assert_string_equal(err.text, "cannot read 'x': line 7 is too long");
    errno = ENOENT;
    assert_int_equal(wn_fail_sys(&err, "cannot open '%s'", "y"), WN_IO);
    assert_string_equal(err.text, "cannot open 'y': No such file or directory");
    assert_int_equal(wn_fail(NULL, WN_IO, "no one listens"), WN_IO);
}

static void an_error_longer_than_its_room_is_cut(void **state)
{
    struct wn_err err = { 0 };
    char huge[2000];

    (void)state;
    memset(huge, 'a', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = 0;
    wn_fail(&err, WN_IO, "%s", huge);
    wn_err_prefix(&err, "%s", huge);
    errno = EIO;
    wn_fail_sys(&err, "%s", huge);
    assert_int_equal(strlen(err.text), WN_ERR_TEXT - 1);
}

static void a_buffer_has_a_ceiling_and_remembers_failure(void **state)
{
    struct wn_buf b = { .max_bytes = 10 };
    struct wn_err err;

    (void)state;
    wn_buf_addz(&b, "12345");
    wn_buf_addf(&b, "%d", 67);
    assert_int_equal(wn_buf_status(&b, &err), WN_OK);
    wn_buf_addz(&b, "890x");
    wn_buf_addz(&b, "8");                   /* after a failure nothing is added */
    assert_int_equal(wn_buf_status(&b, &err), WN_LIMIT);
    assert_true(wn_str_eq(wn_buf_str(&b), WN_STR("1234567")));
    wn_buf_reset(&b);
    wn_buf_addz(&b, "ok");
    assert_int_equal(wn_buf_status(&b, &err), WN_OK);
    wn_buf_release(&b);
}

static void an_arena_aligns_copies_and_forgets(void **state)
{
    struct wn_arena a = { 0 };
    struct wn_str s;

    (void)state;
    for (size_t n = 0; n < 300; n++) {
        unsigned char *p = wn_arena_calloc(&a, n, 37);

        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n * 37; i++)
            assert_int_equal(p[i], 0);
        if (n)
            memset(p, 0xff, n * 37);
    }
    s = wn_arena_copy(&a, (struct wn_str){ "a\0b", 3 });
    assert_memory_equal(s.ptr, "a\0b", 4);
    assert_string_equal(wn_arena_printf(&a, "%s-%d", "x", 5), "x-5");
    assert_null(wn_arena_calloc(&a, SIZE_MAX / 2, 3));
    assert_null(wn_arena_alloc(&a, SIZE_MAX - 3));
    wn_arena_reset(&a);
    assert_int_equal(a.used_bytes, 0);
    assert_non_null(wn_arena_alloc(&a, 1));
    wn_arena_release(&a);
}

/* Empty-input values of XXH3 as printed in the xxHash repository's own tests. */
static void hashes_equal_xxhash(void **state)
{
    struct wn_digest *d = wn_digest_new();
    struct wn_hash128 whole = wn_hash128(WN_STR("the whole of it"), 0), parts;
    char hex[33];

    (void)state;
    assert_true(wn_hash64(WN_STR(""), 0) == 0x2d06800538d394c2u);
    wn_hash128_hex(wn_hash128(WN_STR(""), 0), hex);
    assert_string_equal(hex, "99aa06d3014798d86001c324468d497f");
    wn_digest_add(d, WN_STR("the whole"));
    wn_digest_add(d, WN_STR(""));
    wn_digest_add(d, WN_STR(" of it"));
    parts = wn_digest_value(d);
    assert_true(parts.hi == whole.hi && parts.lo == whole.lo);
    wn_digest_free(d);
}

static void json_is_escaped_and_always_valid(void **state)
{
    struct wn_buf b = { 0 };

    (void)state;
    wn_json_str(&b, (struct wn_str){ "q\" b\\ n\n \x01 \x00 \xc3\xa9 \xff\xc3", 18 });
    assert_true(wn_str_eq(wn_buf_str(&b),
                          WN_STR("\"q\\\" b\\\\ n\\n \\u0001 \\u0000 \xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd\"")));
    wn_buf_release(&b);
}

static void numbers_read_back_as_themselves(void **state)
{
    static const double v[] = { 0, -0.0, 1, 0.1, 1e300, 5e-324, 1.0 / 3, 123456789012345678.0, -2.5e-7 };

    (void)state;
    for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
        struct wn_buf b = { 0 };

        wn_json_num(&b, v[i]);
        assert_non_null(memchr(b.ptr, '.', b.len) ? b.ptr : memchr(b.ptr, 'e', b.len));
        wn_buf_addc(&b, 0);
        assert_true(strtod(b.ptr, NULL) == v[i]);
        wn_buf_release(&b);
    }
}

static void json_is_written_and_read(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_json j;
    struct wn_jsonval *v = NULL;
    struct wn_err err = { 0 };

    (void)state;
    wn_json_init(&j, &b);
    wn_json_open(&j, NULL, '{');
    wn_json_add_num(&j, "x", 1.5);
    wn_json_open(&j, "list", '[');
    wn_json_add_uint(&j, NULL, 1);
    wn_json_add_bool(&j, NULL, true);
    wn_json_open(&j, NULL, '{');
    wn_json_close(&j, '}');
    wn_json_close(&j, ']');
    wn_json_add_strz(&j, "s", "t");
    wn_json_close(&j, '}');
    assert_true(wn_str_eq(wn_buf_str(&b), WN_STR("{\"x\":1.5,\"list\":[1,true,{}],\"s\":\"t\"}")));
    assert_int_equal(wn_jsonval_parse(&v, wn_buf_str(&b), &err), WN_OK);
    assert_true(wn_jsonval_num(wn_jsonval_get(v, "x"), 0) == 1.5);
    assert_int_equal(wn_jsonval_size(wn_jsonval_get(v, "list")), 3);
    assert_string_equal(wn_jsonval_str(wn_jsonval_get(v, "s"), ""), "t");
    assert_string_equal(wn_jsonval_key_at(v, 1), "list");
    assert_null(wn_jsonval_get(v, "none"));
    assert_true(wn_jsonval_num(wn_jsonval_get(wn_jsonval_get(v, "none"), "deeper"), 7) == 7);
    wn_jsonval_free(v);
    assert_int_equal(wn_jsonval_parse(&v, WN_STR("{\"a\":\n  x}"), &err), WN_BADDATA);
    assert_null(v);
    assert_non_null(strstr(err.text, "line 2"));
    assert_int_equal(wn_jsonval_parse(&v, WN_STR("{} {}"), &err), WN_BADDATA);
    assert_int_equal(wn_jsonval_parse(&v, WN_STR(""), &err), WN_BADDATA);
    wn_buf_release(&b);
}

static void a_tag_is_written_and_read(void **state)
{
    struct wn_tag tag = { .verdict = WN_SYNTHETIC, .tier = WN_TIER_CERTAIN, .p_synthetic = 0.875,
                          .p_human_null = 0.25, .n_tokens = 42, .why = "because" };
    struct wn_tag back;
    struct wn_span span = { 3, 9, 0.5 };
    struct wn_buf b = { 0 };
    struct wn_err err = { 0 };

    (void)state;
    tag.evidence[0] = (struct wn_evidence){ .detector = "kgw", .statistic = "z", .value = 5, .n = 40,
                                            .log10_p = NAN, .reason = "r", .spans = &span, .n_spans = 1 };
    tag.n_evidence = 1;
    wn_tag_write_json(&b, &tag);
    assert_int_equal(wn_tag_read_json(wn_buf_str(&b), &back, &err), WN_OK);
    assert_int_equal(back.verdict, WN_SYNTHETIC);
    assert_int_equal(back.tier, WN_TIER_CERTAIN);
    assert_true(back.p_synthetic == 0.875 && back.p_human_null == 0.25 && back.n_tokens == 42);
    wn_buf_release(&b);
    assert_int_equal(wn_tag_read_json(WN_STR("{\"verdict\":\"robot\"}"), &back, &err), WN_BADDATA);
    assert_non_null(strstr(err.text, "'robot'"));
    assert_int_equal(wn_tag_read_json(WN_STR("7"), &back, &err), WN_BADDATA);
}

static void totals_that_do_not_add_up_are_named(void **state)
{
    struct wn_account a = { 0 };
    struct wn_err err = { 0 };

    (void)state;
    wn_account_add(&a.in, 10);
    wn_account_add(&a.in, 20);
    wn_account_add(&a.kept, 10);
    assert_int_equal(wn_account_check(&a, &err), WN_BROKEN);
    wn_account_add(&a.quarantined, 20);
    assert_int_equal(wn_account_check(&a, &err), WN_BROKEN);   /* without a reason */
    wn_account_add(&a.by_reason[WN_R_JSON_SYNTAX], 20);
    assert_int_equal(wn_account_check(&a, &err), WN_OK);
    a.kept.bytes++;
    assert_int_equal(wn_account_check(&a, &err), WN_BROKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failing_is_one_statement),
        cmocka_unit_test(an_error_longer_than_its_room_is_cut),
        cmocka_unit_test(a_buffer_has_a_ceiling_and_remembers_failure),
        cmocka_unit_test(an_arena_aligns_copies_and_forgets),
        cmocka_unit_test(hashes_equal_xxhash),
        cmocka_unit_test(json_is_escaped_and_always_valid),
        cmocka_unit_test(numbers_read_back_as_themselves),
        cmocka_unit_test(json_is_written_and_read),
        cmocka_unit_test(a_tag_is_written_and_read),
        cmocka_unit_test(totals_that_do_not_add_up_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
