/* Properties of input and output, over many seeds; a failing one is printed. */

/* The record scanner once more, built without SSE2, under another name. */
#define IO_SCALAR
#define io_scan_object scalar_scan_object
#include "io/scan.h"
#include "../../src/io/scan.c"
#undef io_scan_object
void io_scan_object(struct wn_str line, struct io_want *want, size_t n_want, struct io_scan *out);

#include "support/cm.h"
#include "support/gzip.h"
#include "support/itemlog.h"
#include "support/rude.h"
#include "support/scratch.h"

#include <iconv.h>
#include <json-c/json.h>
#include <zstd.h>

#include <winnow/record.h>
#include <winnow/rng.h>
#include <winnow/sink.h>

#include "io/reading.h"

static struct wn_rng rng;

static void seed_with(uint64_t seed, uint64_t what)
{
    wn_rng_init(&rng, seed, WN_DOMAIN_METRIC, what, 0, 0);
}

static size_t below(size_t n)
{
    return (size_t)wn_rng_below(&rng, n);
}

#define PICK(list) (list)[below(sizeof(list) / sizeof((list)[0]))]

/* ---- any chunking gives the same documents ------------------------------------------ */

/* A stream of lines with what streams of lines suffer from. */
static void make_stream(struct wn_buf *b)
{
    static const char *const ends[] = { "\n", "\n", "\n", "\r\n", "\n\n", "\r\r\n", "\n \t\n" };
    static const char *const starts[] = { "", "", "", "\xef\xbb\xbf", "\n", "[", "[{\"a\":1}]\n", "{\n", "\xff\xfe" };
    static const char *const lines[] = { "{\"a\":1}", "{}", "", " ", "{\"t\":\"\xc3\xa9\xe2\x80\xa8\"}", "[]", "x", "\r" };
    size_t n = below(20);

    wn_buf_addz(b, PICK(starts));
    for (size_t i = 0; i < n; i++) {
        wn_buf_addz(b, PICK(lines));
        if (below(8) == 0)
            for (size_t k = below(200); k > 0; k--)
                wn_buf_addc(b, (char)('a' + below(26)));
        wn_buf_addz(b, PICK(ends));
    }
    if (below(3) == 0)
        wn_buf_addz(b, "{\"last\":");
    if (below(8) == 0)
        wn_buf_add(b, (struct wn_str){ "\0\0\0\0", 1 + below(4) });
}

static void add_gz(struct wn_buf *out, struct wn_str plain)
{
    assert_true(gzip_add(out, plain));
}

static void add_zst(struct wn_buf *out, struct wn_str plain)
{
    size_t room = ZSTD_compressBound(plain.len), n;

    assert_int_equal(wn_buf_reserve(out, room, NULL), WN_OK);
    n = ZSTD_compress(out->ptr + out->len, room, plain.ptr, plain.len, 1);
    assert_false(ZSTD_isError(n));
    out->len += n;
}

static void add_box(struct wn_buf *out, struct wn_str plain, bool zip)
{
    struct archive *a = archive_write_new();
    size_t room = 3 * plain.len + 20000, used = 0;

    assert_int_equal(wn_buf_reserve(out, room, NULL), WN_OK);
    if (zip)
        archive_write_set_format_zip(a);
    else
        archive_write_set_format_ustar(a);
    assert_int_equal(archive_write_open_memory(a, out->ptr, room, &used), ARCHIVE_OK);
    for (int i = 0; i < 3; i++) {
        struct archive_entry *e = archive_entry_new();

        archive_entry_set_pathname(e, i == 1 ? "b.txt" : "a.jsonl");
        archive_entry_set_filetype(e, AE_IFREG);
        archive_entry_set_perm(e, 0644);
        archive_entry_set_size(e, (la_int64_t)plain.len);
        assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
        archive_write_data(a, plain.ptr, plain.len);
        archive_entry_free(e);
    }
    archive_write_close(a);
    archive_write_free(a);
    out->len = used;
}

/* Stores PLAIN in one of the ways a corpus is stored; some are cut or bent. */
static void store(struct wn_buf *out, struct wn_str plain)
{
    size_t half = plain.len ? below(plain.len) : 0;

    switch (below(6)) {
    case 0:
        wn_buf_add(out, plain);
        break;
    case 1:
        add_gz(out, (struct wn_str){ plain.ptr, half });
        if (below(2))
            wn_buf_add(out, (struct wn_str){ "\0\0\0", 3 });
        add_gz(out, (struct wn_str){ plain.ptr + half, plain.len - half });
        break;
    case 2:
        add_zst(out, (struct wn_str){ plain.ptr, half });
        add_zst(out, (struct wn_str){ plain.ptr + half, plain.len - half });
        break;
    default:
        add_box(out, plain, below(2));
        break;
    }
    if (out->len > 1 && below(3) == 0)
        out->len -= 1 + below(out->len < 40 ? out->len - 1 : 39);
    else if (below(6) == 0)
        wn_buf_addz(out, "tail");
}

static void read_chunked(struct wn_str stored, const size_t *sizes, const char *name, struct wn_buf *log)
{
    struct wn_reader_opts opts = { .max_doc_bytes = 150 };
    struct wn_reader *r;
    enum wn_status st = io_reader_over(&r, &opts, name, rude_source(stored, sizes), NULL);

    wn_buf_reset(log);
    assert_int_equal(st, WN_OK);
    assert_int_equal(itemlog_drain(r, log, NULL), WN_END);
    wn_reader_close(r);
}

static void any_chunking_gives_the_same_documents(void **state)
{
    static const size_t whole[RUDE_SIZES] = { 1 << 20 }, ones[RUDE_SIZES] = { 1 }, one_three[RUDE_SIZES] = { 1, 3 };
    struct wn_buf plain = { 0 }, stored = { 0 }, want = { 0 }, got = { 0 };
    const char *name = "/dev/null";
    (void)state;

    for (uint64_t seed = 0; seed < 400; seed++) {
        size_t odd[RUDE_SIZES] = { 0 };
        const size_t *chunkings[] = { ones, one_three, odd };

        seed_with(seed, 1);
        wn_buf_reset(&plain);
        wn_buf_reset(&stored);
        make_stream(&plain);
        store(&stored, wn_buf_str(&plain));
        for (int i = 0; i < RUDE_SIZES; i++)
            odd[i] = 1 + below(600);
        read_chunked(wn_buf_str(&stored), whole, name, &want);
        for (int i = 0; i < 3; i++) {
            read_chunked(wn_buf_str(&stored), chunkings[i], name, &got);
            if (!wn_str_eq(wn_buf_str(&got), wn_buf_str(&want)))
                fail_msg("seed %d chunking %d:\n%.*s\nnot\n%.*s", (int)seed, i, WN_STR_ARG(wn_buf_str(&got)),
                         WN_STR_ARG(wn_buf_str(&want)));
        }
    }
    wn_buf_release(&plain);
    wn_buf_release(&stored);
    wn_buf_release(&want);
    wn_buf_release(&got);
}

/* ---- write then read is identity ------------------------------------------------------- */

/* Writes random lines with marks and rollbacks; WANT is what must be there in the end. */
static void write_lines(const char *path, struct wn_buf *want)
{
    struct wn_sink *s;
    struct wn_buf line = { 0 };
    size_t marked = 0, n = below(60);

    assert_int_equal(wn_sink_open(&s, path, NULL, NULL), WN_OK);
    for (size_t i = 0; i < n; i++) {
        size_t what = below(10);

        if (what == 0) {
            assert_int_equal(wn_sink_mark(s, NULL), WN_OK);
            marked = want->len;
        } else if (what == 1) {
            assert_int_equal(wn_sink_rollback(s, NULL), WN_OK);
            want->len = marked;
        }
        wn_buf_reset(&line);
        wn_buf_addf(&line, "{\"i\":%zu,\"t\":\"", i);
        for (size_t k = below(20) == 0 ? below(300000) : below(100); k > 0; k--)
            wn_buf_addc(&line, (char)('a' + below(26)));
        wn_buf_addz(&line, "\"}\n");
        assert_int_equal(wn_sink_write(s, wn_buf_str(&line), NULL), WN_OK);
        wn_buf_add(want, wn_buf_str(&line));
        assert_int_equal(wn_sink_bytes(s), want->len);
    }
    assert_int_equal(wn_sink_publish(s, NULL), WN_OK);
    wn_sink_close(s);
    wn_buf_release(&line);
}

static void write_then_read_is_identity(void **state)
{
    static const char *const names[] = { "a.jsonl", "a.jsonl.gz", "a.jsonl.zst" };
    struct wn_buf want = { 0 }, got = { 0 };
    struct scratch dir;
    (void)state;

    assert_true(scratch_open(&dir));
    for (uint64_t seed = 0; seed < 60; seed++) {
        const char *path = scratch_path(&dir, names[seed % 3]);
        struct wn_reader_opts opts = { .paths = &path, .n_paths = 1 };
        struct wn_reader *r;
        struct wn_arena a = { 0 };
        struct wn_item item;

        seed_with(seed, 2);
        wn_buf_reset(&want);
        wn_buf_reset(&got);
        write_lines(path, &want);
        assert_int_equal(wn_reader_open(&r, &opts, NULL), WN_OK);
        while (wn_reader_next(r, &a, &item, NULL) == WN_OK) {
            if (item.kind == WN_ITEM_FILE_END)
                assert_int_equal(item.reason, WN_R_NONE);
            if (item.kind != WN_ITEM_RECORD)
                continue;
            wn_buf_add(&got, item.line);
            wn_buf_addc(&got, '\n');
            wn_arena_reset(&a);
        }
        wn_reader_close(r);
        wn_arena_release(&a);
        if (!wn_str_eq(wn_buf_str(&got), wn_buf_str(&want)))
            fail_msg("seed %d: %zu bytes came back of %zu", (int)seed, got.len, want.len);
    }
    scratch_clear(&dir, true);
    wn_buf_release(&want);
    wn_buf_release(&got);
}

/* ---- the scanner against json-c ---------------------------------------------------------- */

static void make_string(struct wn_buf *b)
{
    static const char *const parts[] = { "a",   "\\n",    "\\\"",        "\\\\",         "\\/",     "\\u0041", "\\u00e9",
                                         "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\\ud83d\\ude00", "{", "}",
                                         "[",   ",",      ":",           "text",         "some words of plain prose " };

    wn_buf_addc(b, '"');
    for (size_t n = below(6); n > 0; n--)
        wn_buf_addz(b, PICK(parts));
    wn_buf_addc(b, '"');
}

static void make_blank(struct wn_buf *b)
{
    static const char *const blanks[] = { "", "", "", "", " ", "  ", "\t", "\r" };

    wn_buf_addz(b, PICK(blanks));
}

static void make_value(struct wn_buf *b, int depth);

static void make_object(struct wn_buf *b, int depth)
{
    static const char *const keys[] = { "\"text\"", "\"id\"", "\"a\"", "\"te\\u0078t\"", "\"\"" };
    size_t n = below(5);

    wn_buf_addc(b, '{');
    for (size_t i = 0; i < n; i++) {
        if (i)
            wn_buf_addc(b, ',');
        make_blank(b);
        if (below(4))
            wn_buf_addz(b, PICK(keys));
        else
            make_string(b);
        make_blank(b);
        wn_buf_addc(b, ':');
        make_value(b, depth + 1);
    }
    make_blank(b);
    wn_buf_addc(b, '}');
}

static void make_value(struct wn_buf *b, int depth)
{
    static const char *const scalars[] = { "true", "false", "null", "0", "-0", "12", "-3.25", "1e5", "1.5E-3", "0.0e+0" };
    size_t what = depth > 5 ? 4 + below(3) : below(7);

    make_blank(b);
    if (what == 0) {
        make_object(b, depth);
    } else if (what == 1) {
        size_t n = below(4);

        wn_buf_addc(b, '[');
        for (size_t i = 0; i < n; i++) {
            if (i)
                wn_buf_addc(b, ',');
            make_value(b, depth + 1);
        }
        make_blank(b);
        wn_buf_addc(b, ']');
    } else if (what < 5) {
        make_string(b);
    } else {
        wn_buf_addz(b, PICK(scalars));
    }
    make_blank(b);
}

/* Puts one odd byte in, takes one out, changes one, or cuts the end off. */
static void mutate(struct wn_buf *b)
{
    static const char bytes[] = "{}[]:,\"\\ \tutfn0123456789.eE+-ax\x01\x80\xc3\xff\x7f";
    char c = bytes[below(sizeof(bytes) - 1)];
    size_t at = below(b->len);

    switch (below(4)) {
    case 0:
        b->ptr[at] = c;
        break;
    case 1:
        memmove(b->ptr + at, b->ptr + at + 1, b->len - at - 1);
        b->len--;
        break;
    case 2:
        wn_buf_addc(b, c);
        memmove(b->ptr + at + 1, b->ptr + at, b->len - at - 1);
        b->ptr[at] = c;
        break;
    default:
        b->len = at;
        break;
    }
}

/* glibc's judgement of UTF-8; json-c's takes overlong forms. */
static bool oracle_utf8(struct wn_str s)
{
    static char wide[1 << 16];
    iconv_t c = iconv_open("UTF-32LE", "UTF-8");
    char *in = (char *)(uintptr_t)s.ptr, *out = wide;
    size_t n_in = s.len, n_out = sizeof(wide), rc;

    assert_true(s.len * 4 <= sizeof(wide));
    rc = iconv(c, &in, &n_in, &out, &n_out);
    iconv_close(c);
    return rc != (size_t)-1;
}

/* json-c's judgement: is S one strict JSON object, then *ROOT. */
static bool oracle(struct wn_str s, json_object **root)
{
    json_tokener *t = json_tokener_new_ex(64);
    bool ok;

    json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    *root = json_tokener_parse_ex(t, s.ptr, (int)s.len);
    ok = json_tokener_get_error(t) == json_tokener_success && json_tokener_get_parse_end(t) == s.len &&
         json_object_is_type(*root, json_type_object) && oracle_utf8(s);
    json_tokener_free(t);
    return ok;
}

/* Where json-c 0.16 is known to leave RFC 8259, strict mode or not: raw control
 * characters in strings are taken, numbers are read loosely ("1.", "1e", "-", "-01", "00"), NaN and
 * Infinity are values, "tRue" is. */
static bool oracle_is_lax(struct wn_str s)
{
    bool in_string = false;

    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i], next = i + 1 < s.len ? (unsigned char)s.ptr[i + 1] : 0;

        if (c == '"')
            in_string = !in_string;
        else if (c == '\\' && in_string)
            i++;
        else if (c < 0x20 && in_string)
            return true;
        else if (!in_string && strchr(".eE+-", c) && !(next >= '0' && next <= '9'))
            return true;
        else if (!in_string && c == '0' && next >= '0' && next <= '9')
            return true;
    }
    return false;
}

static const struct wn_fields default_fields = { 0 };

static void expect_same_text(struct wn_str line, json_object *root, struct wn_arena *a, uint64_t seed)
{
    struct wn_item item = { .kind = WN_ITEM_RECORD, .line = line, .place = { "x", 1, 0 } };
    json_object *text = NULL;
    struct wn_doc doc;
    enum wn_reason reason;
    enum wn_status st = wn_record_parse(&default_fields, &item, a, &doc, &reason, NULL);

    if (reason == WN_R_ID_TYPE)                          /* looked at first */
        return;
    if (!json_object_object_get_ex(root, "text", &text)) {
        assert_int_equal(reason, WN_R_TEXT_MISSING);
    } else if (!json_object_is_type(text, json_type_string)) {
        assert_int_equal(reason, WN_R_TEXT_TYPE);
    } else {
        struct wn_str want = { json_object_get_string(text), (size_t)json_object_get_string_len(text) };

        if (st != WN_OK || !wn_str_eq(doc.text, want))
            fail_msg("seed %llu: text of %.*s", (unsigned long long)seed, WN_STR_ARG(line));
    }
}

static void scanner_agrees_with_json_c(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_arena a = { 0 };
    int n_valid = 0, n_invalid = 0;
    (void)state;

    for (uint64_t seed = 0; seed < 30000; seed++) {
        struct wn_item item = { .kind = WN_ITEM_RECORD, .place = { "x", 1, 0 } };
        json_object *root;
        enum wn_reason reason;
        struct wn_doc doc;
        bool ours, theirs;

        seed_with(seed, 3);
        wn_buf_reset(&b);
        make_object(&b, 0);
        for (size_t n = below(3); n > 0 && b.len > 1; n--)
            mutate(&b);
        wn_buf_addc(&b, '\0');
        item.line = (struct wn_str){ b.ptr, b.len - 1 };
        theirs = oracle(item.line, &root);
        wn_record_parse(&default_fields, &item, &a, &doc, &reason, NULL);
        ours = reason == WN_R_NONE || reason == WN_R_TEXT_MISSING || reason == WN_R_TEXT_TYPE || reason == WN_R_ID_TYPE;
        if (ours != theirs && !(theirs && oracle_is_lax(item.line)))
            fail_msg("seed %llu: %s takes %.*s", (unsigned long long)seed, ours ? "winnow" : "json-c", WN_STR_ARG(item.line));
        if (ours)
            expect_same_text(item.line, root, &a, seed);
        n_valid += ours;
        n_invalid += !ours;
        json_object_put(root);
        wn_arena_reset(&a);
    }
    assert_true(n_valid > 8000 && n_invalid > 8000);
    wn_buf_release(&b);
    wn_arena_release(&a);
}

/* ---- other properties of records ---------------------------------------------------------- */

static void scalar_and_sse2_scanners_give_the_same_answers(void **state)
{
    struct wn_buf b = { 0 };
    (void)state;

    for (uint64_t seed = 0; seed < 20000; seed++) {
        struct io_want w1[2] = { { .key = WN_STR("text") }, { .key = WN_STR("a") } }, w2[2];
        struct io_scan s1, s2;

        seed_with(seed, 4);
        memcpy(w2, w1, sizeof(w1));
        wn_buf_reset(&b);
        make_object(&b, 0);
        if (below(2) && b.len > 1)
            mutate(&b);
        io_scan_object(wn_buf_str(&b), w1, 2, &s1);
        scalar_scan_object(wn_buf_str(&b), w2, 2, &s2);
        if (s1.reason != s2.reason || s1.at != s2.at || s1.body_end != s2.body_end)
            fail_msg("seed %d: %.*s", (int)seed, WN_STR_ARG(wn_buf_str(&b)));
        for (int i = 0; i < 2; i++) {
            assert_int_equal(w1[i].found, w2[i].found);
            assert_true(!w1[i].found || (w1[i].raw.ptr == w2[i].raw.ptr && w1[i].raw.len == w2[i].raw.len));
        }
    }
    wn_buf_release(&b);
}

static void set_then_get_is_identity_and_set_back_restores(void **state)
{
    struct wn_buf b = { 0 }, value = { 0 }, changed = { 0 }, back = { 0 };
    (void)state;

    for (uint64_t seed = 0; seed < 5000; seed++) {
        struct wn_str old, got;

        seed_with(seed, 5);
        wn_buf_reset(&b);
        wn_buf_reset(&value);
        wn_buf_reset(&changed);
        wn_buf_reset(&back);
        make_object(&b, 0);
        make_string(&value);
        assert_int_equal(wn_record_set(&changed, wn_buf_str(&b), "text", wn_buf_str(&value), NULL), WN_OK);
        assert_true(wn_record_get(wn_buf_str(&changed), "text", &got));
        if (!wn_str_eq(got, wn_buf_str(&value)))
            fail_msg("seed %d: %.*s", (int)seed, WN_STR_ARG(wn_buf_str(&changed)));
        if (wn_record_get(wn_buf_str(&b), "text", &old)) {
            assert_int_equal(wn_record_set(&back, wn_buf_str(&changed), "text", old, NULL), WN_OK);
            assert_true(wn_str_eq(wn_buf_str(&back), wn_buf_str(&b)));
        }
    }
    wn_buf_release(&b);
    wn_buf_release(&value);
    wn_buf_release(&changed);
    wn_buf_release(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_chunking_gives_the_same_documents),
        cmocka_unit_test(write_then_read_is_identity),
        cmocka_unit_test(scanner_agrees_with_json_c),
        cmocka_unit_test(scalar_and_sse2_scanners_give_the_same_answers),
        cmocka_unit_test(set_then_get_is_identity_and_set_back_restores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
