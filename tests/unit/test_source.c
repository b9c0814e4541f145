/* Decoders of compressed bytes.  Inputs are made by zlib (through libarchive) and libzstd;
 * the decoder of gzip under test is libisal, so zlib is an independent reference. */
#include "support/cm.h"
#include "support/gzip.h"
#include "support/rude.h"

#include <zstd.h>

static const size_t one_then_three[RUDE_SIZES] = { 1, 3 };
static const size_t large[RUDE_SIZES] = { 100000 };

/* N bytes that compress, but not to nothing. */
static void add_prose(struct wn_buf *b, size_t n)
{
    uint32_t x = 12345;

    for (size_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        wn_buf_addc(b, i % 61 == 60 ? '\n' : (char)('a' + (x >> 24) % 13));
    }
}

static void add_gz(struct wn_buf *out, struct wn_str plain)
{
    assert_true(gzip_add(out, plain));
}

static void add_zst_with(struct wn_buf *out, struct wn_str plain, int window_log, int checksum)
{
    ZSTD_CCtx *c = ZSTD_createCCtx();
    ZSTD_inBuffer in = { plain.ptr, plain.len, 0 };
    size_t room = ZSTD_compressBound(plain.len) + 100;
    ZSTD_outBuffer o;

    assert_int_equal(wn_buf_reserve(out, room, NULL), WN_OK);
    o = (ZSTD_outBuffer){ out->ptr + out->len, room, 0 };
    ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, checksum);
    if (window_log) {
        ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, window_log);
        assert_int_equal(ZSTD_compressStream2(c, &o, &in, ZSTD_e_flush), 0);  /* size unknown: the window is written */
    }
    assert_int_equal(ZSTD_compressStream2(c, &o, &in, ZSTD_e_end), 0);
    out->len += o.pos;
    ZSTD_freeCCtx(c);
}

static void add_zst(struct wn_buf *out, struct wn_str plain)
{
    add_zst_with(out, plain, 0, 1);
}

enum format { GZ, ZST };

/* Decodes STORED in chunks of SIZES; what came out is in GOT. */
static enum wn_status decode(enum format f, struct wn_str stored, const size_t *sizes, struct wn_buf *got,
                             struct io_facts *facts, struct wn_err *err)
{
    struct io_source *src, *raw = rude_source(stored, sizes);
    struct wn_str chunk;
    enum wn_status st;

    memset(facts, 0, sizeof(*facts));
    facts->fd = -1;
    st = f == GZ ? io_gz_open(&src, raw, facts, err) : io_zst_open(&src, raw, 128 << 20, facts, err);
    wn_buf_reset(got);
    while (st == WN_OK) {
        st = io_source_next(src, &chunk, err);
        if (st == WN_OK) {
            assert_true(chunk.len > 0);
            wn_buf_add(got, chunk);
        }
    }
    assert_int_equal(io_source_next(src, &chunk, NULL), st);   /* and so it stays */
    io_source_close(src);
    return st;
}

struct fixture {
    struct wn_buf plain, stored, got;
    struct io_facts facts;
    struct wn_err err;
};

static void fixture_release(struct fixture *x)
{
    wn_buf_release(&x->plain);
    wn_buf_release(&x->stored);
    wn_buf_release(&x->got);
}

/* Expects the whole plain text, then END, in both chunkings. */
static void expect_whole(enum format f, struct fixture *x)
{
    const size_t *chunkings[] = { one_then_three, large };

    for (int i = 0; i < 2; i++) {
        assert_int_equal(decode(f, wn_buf_str(&x->stored), chunkings[i], &x->got, &x->facts, &x->err), WN_END);
        assert_int_equal(x->got.len, x->plain.len);
        assert_true(wn_str_eq(wn_buf_str(&x->got), wn_buf_str(&x->plain)));
    }
}

/* Expects REASON after a prefix of the plain text, the same in both chunkings. */
static void expect_fault(enum format f, struct fixture *x, enum wn_reason reason, size_t at_least)
{
    const size_t *chunkings[] = { one_then_three, large };

    for (int i = 0; i < 2; i++) {
        assert_int_equal(decode(f, wn_buf_str(&x->stored), chunkings[i], &x->got, &x->facts, &x->err), WN_BADDATA);
        assert_string_equal(wn_reason_name(x->facts.reason), wn_reason_name(reason));
        assert_true(x->got.len >= at_least && x->got.len <= x->plain.len);
        assert_int_equal(memcmp(x->got.ptr ? x->got.ptr : "", x->plain.ptr, x->got.len), 0);
    }
}

static void gz_members_empty_members_and_zero_padding_are_one_stream(void **state)
{
    struct fixture x = { 0 };
    struct wn_str all;
    (void)state;

    add_prose(&x.plain, 700000);
    all = wn_buf_str(&x.plain);
    add_gz(&x.stored, WN_STR(""));
    add_gz(&x.stored, (struct wn_str){ all.ptr, 1 });
    add_gz(&x.stored, (struct wn_str){ all.ptr + 1, 600000 });
    add_gz(&x.stored, WN_STR(""));
    wn_buf_add(&x.stored, (struct wn_str){ "\0\0\0\0\0", 5 });
    add_gz(&x.stored, (struct wn_str){ all.ptr + 600001, all.len - 600001 });
    wn_buf_add(&x.stored, (struct wn_str){ "\0\0\0", 3 });
    expect_whole(GZ, &x);
    assert_false(x.facts.gz_trailing);
    fixture_release(&x);
}

static void gz_trailing_garbage_is_noticed_and_the_data_kept(void **state)
{
    static const char *const tails[] = { "junk", "\x1f", "\x1fx", "x\x1f\x8b" };
    (void)state;

    for (size_t i = 0; i < 4; i++) {
        struct fixture x = { 0 };

        add_prose(&x.plain, 1000);
        add_gz(&x.stored, wn_buf_str(&x.plain));
        wn_buf_addz(&x.stored, tails[i]);
        expect_whole(GZ, &x);
        assert_true(x.facts.gz_trailing);
        fixture_release(&x);
    }
}

static void gz_cut_anywhere_is_truncated_after_what_could_be_decoded(void **state)
{
    struct fixture x = { 0 };
    size_t whole;
    (void)state;

    add_prose(&x.plain, 300);
    add_gz(&x.stored, wn_buf_str(&x.plain));
    whole = x.stored.len;
    for (size_t n = 2; n < whole; n++) {
        x.stored.len = n;
        expect_fault(GZ, &x, WN_R_GZ_TRUNCATED, n > whole - 8 ? x.plain.len : 0);
    }
    x.stored.len = whole;
    add_gz(&x.stored, wn_buf_str(&x.plain));
    x.stored.len = whole + 5;                      /* inside the second member's header */
    expect_fault(GZ, &x, WN_R_GZ_TRUNCATED, 300);
    fixture_release(&x);
}

static void gz_checksum_and_length_are_checked_in_every_member(void **state)
{
    (void)state;
    for (int back = 1; back <= 8; back++) {        /* the last 8 bytes: CRC, then ISIZE */
        struct fixture x = { 0 };
        struct wn_str all;

        add_prose(&x.plain, 5000);
        all = wn_buf_str(&x.plain);
        add_gz(&x.stored, (struct wn_str){ all.ptr, 2000 });
        add_gz(&x.stored, (struct wn_str){ all.ptr + 2000, 3000 });
        x.stored.ptr[x.stored.len - (size_t)back] ^= 1;
        expect_fault(GZ, &x, WN_R_GZ_CRC, 5000);
        fixture_release(&x);
    }
}

static void gz_flipped_bits_never_pass(void **state)
{
    struct fixture x = { 0 };
    (void)state;

    add_prose(&x.plain, 3000);
    add_gz(&x.stored, wn_buf_str(&x.plain));
    for (size_t i = 12; i < x.stored.len; i += 7) {
        x.stored.ptr[i] ^= 0x10;
        assert_int_equal(decode(GZ, wn_buf_str(&x.stored), large, &x.got, &x.facts, &x.err), WN_BADDATA);
        assert_true(x.facts.reason == WN_R_GZ_CRC || x.facts.reason == WN_R_GZ_CORRUPT ||
                    x.facts.reason == WN_R_GZ_TRUNCATED);
        x.stored.ptr[i] ^= 0x10;
    }
    fixture_release(&x);
}

static void zst_frames_and_skippable_frames_are_one_stream(void **state)
{
    static const char skippable[] = "\x53\x2a\x4d\x18\x05\x00\x00\x00hello";
    struct fixture x = { 0 };
    struct wn_str all;
    (void)state;

    add_prose(&x.plain, 700000);
    all = wn_buf_str(&x.plain);
    wn_buf_add(&x.stored, (struct wn_str){ skippable, 13 });
    add_zst(&x.stored, (struct wn_str){ all.ptr, 1 });
    add_zst(&x.stored, WN_STR(""));
    wn_buf_add(&x.stored, (struct wn_str){ skippable, 13 });
    wn_buf_add(&x.stored, (struct wn_str){ skippable, 13 });
    add_zst_with(&x.stored, (struct wn_str){ all.ptr + 1, all.len - 1 }, 0, 0);
    wn_buf_add(&x.stored, (struct wn_str){ skippable, 13 });
    expect_whole(ZST, &x);
    fixture_release(&x);
}

static void zst_cut_anywhere_is_truncated_after_what_could_be_decoded(void **state)
{
    struct fixture x = { 0 };
    size_t whole;
    (void)state;

    add_prose(&x.plain, 300);
    add_zst(&x.stored, wn_buf_str(&x.plain));
    whole = x.stored.len;
    for (size_t n = 1; n < whole; n++) {
        x.stored.len = n;
        expect_fault(ZST, &x, WN_R_ZST_TRUNCATED, 0);
    }
    x.stored.len = whole;
    add_zst(&x.stored, wn_buf_str(&x.plain));
    x.stored.len = whole + 3;                      /* inside the second frame's magic */
    expect_fault(ZST, &x, WN_R_ZST_TRUNCATED, 300);
    fixture_release(&x);
}

static void zst_damage_bad_checksum_and_garbage_are_corrupt(void **state)
{
    struct fixture x = { 0 };
    size_t whole;
    (void)state;

    add_prose(&x.plain, 300000);
    add_zst(&x.stored, wn_buf_str(&x.plain));
    whole = x.stored.len;
    x.stored.ptr[whole - 1] ^= 1;
    expect_fault(ZST, &x, WN_R_ZST_CORRUPT, 262144);   /* the blocks before the checksum were given */
    x.stored.ptr[whole - 1] ^= 1;
    x.stored.ptr[whole - 2000] ^= 1;                   /* decodes to other bytes: only the checksum tells */
    assert_int_equal(decode(ZST, wn_buf_str(&x.stored), large, &x.got, &x.facts, &x.err), WN_BADDATA);
    assert_int_equal(x.facts.reason, WN_R_ZST_CORRUPT);
    x.stored.ptr[whole - 2000] ^= 1;
    wn_buf_addz(&x.stored, "garbage");
    expect_fault(ZST, &x, WN_R_ZST_CORRUPT, 300000);
    assert_non_null(strstr(x.err.text, "behind zstd frame 1"));
    fixture_release(&x);
}

static void zst_window_beyond_the_ceiling_names_the_flag_and_the_memory(void **state)
{
    struct fixture x = { 0 };
    (void)state;

    add_prose(&x.plain, 1000);
    add_zst_with(&x.stored, wn_buf_str(&x.plain), 30, 0);
    expect_fault(ZST, &x, WN_R_ZST_WINDOW, 0);
    assert_non_null(strstr(x.err.text, "1024 MiB"));
    assert_non_null(strstr(x.err.text, "128 MiB"));
    assert_non_null(strstr(x.err.text, "--zstd-window-max"));
    fixture_release(&x);
}

static void zst_window_at_the_ceiling_is_read(void **state)
{
    struct fixture x = { 0 };
    (void)state;

    add_prose(&x.plain, 1000);
    add_zst_with(&x.stored, wn_buf_str(&x.plain), 27, 0);
    expect_whole(ZST, &x);
    fixture_release(&x);
}

static void peek_shows_the_head_and_gives_it_again(void **state)
{
    struct wn_str head, chunk;
    struct io_source *p;
    struct wn_buf got = { 0 };
    (void)state;

    for (size_t want = 0; want < 12; want++) {
        assert_int_equal(io_peek_open(&p, rude_source(WN_STR("0123456789"), one_then_three), NULL), WN_OK);
        assert_int_equal(io_peek_head(p, want, &head, NULL), WN_OK);
        assert_int_equal(head.len, want < 10 ? want : 10);
        assert_memory_equal(head.ptr, "0123456789", head.len);
        wn_buf_reset(&got);
        while (io_source_next(p, &chunk, NULL) == WN_OK)
            wn_buf_add(&got, chunk);
        assert_true(wn_str_eq(wn_buf_str(&got), WN_STR("0123456789")));
        io_source_close(p);
    }
    wn_buf_release(&got);
}

static void tap_counts_and_digests_what_passes(void **state)
{
    struct io_facts facts = { .fd = -1 };
    struct io_source *t;
    struct wn_str chunk;
    struct wn_hash128 want = wn_hash128(WN_STR("0123456789"), 0), got;
    (void)state;

    facts.digest = wn_digest_new();
    assert_int_equal(io_tap_open(&t, rude_source(WN_STR("0123456789"), one_then_three), &facts, NULL), WN_OK);
    while (io_source_next(t, &chunk, NULL) == WN_OK)
        ;
    got = wn_digest_value(facts.digest);
    assert_int_equal(facts.raw_bytes, 10);
    assert_true(got.hi == want.hi && got.lo == want.lo);
    io_source_close(t);
    wn_digest_free(facts.digest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gz_members_empty_members_and_zero_padding_are_one_stream),
        cmocka_unit_test(gz_trailing_garbage_is_noticed_and_the_data_kept),
        cmocka_unit_test(gz_cut_anywhere_is_truncated_after_what_could_be_decoded),
        cmocka_unit_test(gz_checksum_and_length_are_checked_in_every_member),
        cmocka_unit_test(gz_flipped_bits_never_pass),
        cmocka_unit_test(zst_frames_and_skippable_frames_are_one_stream),
        cmocka_unit_test(zst_cut_anywhere_is_truncated_after_what_could_be_decoded),
        cmocka_unit_test(zst_damage_bad_checksum_and_garbage_are_corrupt),
        cmocka_unit_test(zst_window_beyond_the_ceiling_names_the_flag_and_the_memory),
        cmocka_unit_test(zst_window_at_the_ceiling_is_read),
        cmocka_unit_test(peek_shows_the_head_and_gives_it_again),
        cmocka_unit_test(tap_counts_and_digests_what_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
