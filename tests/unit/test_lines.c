/* The line cutter.  Expected values are counted by hand. */
#include "support/cm.h"

#include "io/lines.h"
#include "io/sniff.h"

/* Cuts BYTES in chunks of N and logs each item as "number+offset/bytes[text]", with a
 * prefix "!" for a line too long and "0" for a NUL tail; blanks and the rest follow. */
static void cut(struct wn_str bytes, size_t n, struct io_lines opts, struct wn_buf *log)
{
    struct io_lines l = opts;
    struct io_line line;
    enum io_cut what;
    bool ended = false;

    wn_buf_reset(log);
    while (!ended) {
        struct wn_str chunk = { bytes.ptr, bytes.len < n ? bytes.len : n };
        char *block = malloc(chunk.len ? chunk.len : 1);

        ended = bytes.len == 0;
        memcpy(block, chunk.ptr, chunk.len);
        bytes.ptr += chunk.len;
        bytes.len -= chunk.len;
        chunk.ptr = block;
        do {
            if (ended)
                io_lines_end(&l, &what, &line);
            else
                assert_int_equal(io_lines_cut(&l, &chunk, &what, &line, NULL), WN_OK);
            if (what == IO_CUT_NONE)
                break;
            wn_buf_addf(log, "%s%llu+%llu/%llu[", what == IO_CUT_TOO_LONG ? "!" : what == IO_CUT_NUL_TAIL ? "0" : "",
                        (unsigned long long)line.number, (unsigned long long)line.offset,
                        (unsigned long long)line.n_bytes);
            wn_buf_add(log, line.text);
            wn_buf_addz(log, "]");
        } while (!ended);
        memset(block, 0xaa, chunk.len);
        free(block);
    }
    wn_buf_addf(log, " %llu lines %llu blank %llu bytes%s", (unsigned long long)l.n_lines, (unsigned long long)l.n_blank,
                (unsigned long long)l.n_bytes, l.bom ? " bom" : "");
    io_lines_release(&l);
}

static void expect(struct wn_str bytes, struct io_lines opts, struct wn_str want)
{
    struct wn_buf log = { 0 };

    if (!opts.max_bytes)
        opts.max_bytes = 1000;
    for (size_t n = 1; n <= bytes.len + 1; n++) {
        cut(bytes, n, opts, &log);
        if (!wn_str_eq(wn_buf_str(&log), want))
            print_error("chunks of %zu: got  %.*s\n", n, WN_STR_ARG(wn_buf_str(&log)));
        assert_int_equal(log.len, want.len);
        assert_memory_equal(log.ptr, want.ptr, want.len);
    }
    wn_buf_release(&log);
}

static const struct io_lines plain = { 0 };

static void only_newline_ends_a_line(void **state)
{
    (void)state;
    expect(WN_STR("a\rb\n\xe2\x80\xa8" "c\x0b\x0c\xc2\x85\nd\n"), plain,
           WN_STR("1+0/4[a\rb]2+4/9[\xe2\x80\xa8" "c\x0b\x0c\xc2\x85]3+13/2[d] 3 lines 0 blank 15 bytes"));
}

static void crlf_is_one_line_end(void **state)
{
    (void)state;
    expect(WN_STR("a\r\nb\r\r\nc\r"), plain, WN_STR("1+0/3[a]2+3/4[b\r]3+7/2[c\r] 3 lines 0 blank 9 bytes"));
}

static void last_line_needs_no_end(void **state)
{
    (void)state;
    expect(WN_STR("a\nbc"), plain, WN_STR("1+0/2[a]2+2/2[bc] 2 lines 0 blank 4 bytes"));
}

static void blank_lines_are_counted_and_left_out(void **state)
{
    (void)state;
    expect(WN_STR("\n \t\r\na\n\n  "), plain, WN_STR("3+5/2[a] 5 lines 4 blank 10 bytes"));
}

static void bom_is_taken_off_the_start_only(void **state)
{
    (void)state;
    expect(WN_STR("\xef\xbb\xbf" "a\n\xef\xbb\xbf" "b\n"), plain,
           WN_STR("1+3/5[a]2+5/5[\xef\xbb\xbf" "b] 2 lines 0 blank 10 bytes bom"));
}

static void bom_alone_is_a_blank_line(void **state)
{
    (void)state;
    expect(WN_STR("\xef\xbb\xbf"), plain, WN_STR(" 1 lines 1 blank 3 bytes bom"));
}

static void nul_inside_is_kept_and_nul_tail_is_told(void **state)
{
    (void)state;
    expect(WN_STR("a\0b\nc\0\0\0"), plain, WN_STR("1+0/4[a\0b]02+4/4[c\0\0\0] 2 lines 0 blank 8 bytes"));
}

static void longest_line_fits_and_one_byte_more_does_not(void **state)
{
    struct io_lines four = { .max_bytes = 4 };
    (void)state;

    expect(WN_STR("abcd\nabcde\nabcd\r\nabcd\r\r\nabcd"), four,
           WN_STR("1+0/5[abcd]!2+5/6[abcde]3+11/6[abcd]!4+17/7[abcd\r]5+24/4[abcd] 5 lines 0 blank 28 bytes"));
    expect(WN_STR("\xef\xbb\xbf" "abcd\n"), four, WN_STR("1+3/8[abcd] 1 lines 0 blank 8 bytes bom"));
    expect(WN_STR("abcdefghijklmnop"), four, WN_STR("!1+0/16[abcdefghijklmnop] 1 lines 0 blank 16 bytes"));
}

/* A line of 65,536,000 bytes, of which L keeps no more than it may. */
static void feed_endless_line(struct io_lines l)
{
    struct io_line line;
    enum io_cut what;
    static char block[1 << 16];

    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 1000; i++) {
        struct wn_str chunk = { block, sizeof(block) };

        assert_int_equal(io_lines_cut(&l, &chunk, &what, &line, NULL), WN_OK);
        assert_int_equal(what, IO_CUT_NONE);
    }
    assert_true(l.part.cap <= 262144);
    io_lines_end(&l, &what, &line);
    assert_int_equal(what, IO_CUT_TOO_LONG);
    assert_int_equal(line.n_bytes, 65536000);
    assert_int_equal(line.text.len, IO_HEAD_BYTES);
    io_lines_release(&l);
}

static void endless_line_is_not_buffered(void **state)
{
    (void)state;
    feed_endless_line((struct io_lines){ .max_bytes = 100000 });
}

static void whole_text_is_one_line_even_when_empty(void **state)
{
    struct io_lines whole = { .whole = true };
    (void)state;

    expect(WN_STR("a\nb\n"), whole, WN_STR("1+0/4[a\nb\n] 1 lines 0 blank 4 bytes"));
    expect(WN_STR(""), whole, WN_STR("1+0/0[] 1 lines 0 blank 0 bytes"));
    expect(WN_STR("\xef\xbb\xbf\n"), whole, WN_STR("1+3/4[\n] 1 lines 0 blank 4 bytes bom"));
}

static void empty_stream_has_no_lines(void **state)
{
    (void)state;
    expect(WN_STR(""), plain, WN_STR(" 0 lines 0 blank 0 bytes"));
}

/* ---- lines together ------------------------------------------------------------------ */

static void whole_lines_come_together_wherever_the_chunks_fall(void **state)
{
    struct io_lines six = { .group_bytes = 6 }, one = { .group_bytes = 1 };
    (void)state;

    expect(WN_STR("ab\n\ncd\r\nefghijkl\nm"), six,
           WN_STR("1+0/8[ab\n\ncd\r\n]4+8/9[efghijkl\n]5+17/1[m] 5 lines 0 blank 18 bytes"));
    expect(WN_STR("\n \na\n"), one, WN_STR("1+0/1[\n]2+1/2[ \n]3+3/2[a\n] 3 lines 0 blank 5 bytes"));
    expect(WN_STR("\xef\xbb\xbf" "a\nb\n"), six, WN_STR("1+3/7[a\nb\n] 2 lines 0 blank 7 bytes bom"));
    expect(WN_STR("a\0\0"), six, WN_STR("1+0/3[a\0\0] 1 lines 0 blank 3 bytes"));
    expect(WN_STR(""), six, WN_STR(" 0 lines 0 blank 0 bytes"));
}

static void line_too_long_stands_alone_among_groups(void **state)
{
    struct io_lines four = { .group_bytes = 100, .max_bytes = 4 };
    (void)state;

    expect(WN_STR("ab\nabcd\nabcde\ncd\nef\n"), four,
           WN_STR("1+0/8[ab\nabcd\n]!3+8/6[abcde]4+14/6[cd\nef\n] 5 lines 0 blank 20 bytes"));
    expect(WN_STR("abcdefghi\nabcdefghi"), four,
           WN_STR("!1+0/10[abcdefghi]!2+10/9[abcdefghi] 2 lines 0 blank 19 bytes"));
    expect(WN_STR("ab\nabcdefgh"), four, WN_STR("1+0/3[ab\n]!2+3/8[abcdefgh] 2 lines 0 blank 11 bytes"));
}

static void endless_line_is_not_buffered_in_a_group(void **state)
{
    (void)state;
    feed_endless_line((struct io_lines){ .max_bytes = 100000, .group_bytes = 1 << 20 });
}

/* ---- what a stream is --------------------------------------------------------------- */

static void shapes_are_told_apart(void **state)
{
    static const struct {
        struct wn_str head;
        enum io_shape shape;
    } rows[] = {
        { { "{\"a\":1}\n", 8 }, IO_SHAPE_LINES },
        { { "[{\"a\":1},{\"a\":2}]", 17 }, IO_SHAPE_ARRAY },
        { { "\xef\xbb\xbf [\n {\"a\":1},\n", 18 }, IO_SHAPE_ARRAY },
        { { "[{\"a\":1},\n{\"a\":2}]\n", 19 }, IO_SHAPE_ARRAY },
        { { "[{\"a\":1}]\n[{\"a\":2}]\n", 20 }, IO_SHAPE_ARRAY },
        { { "[{\"a\":1}]\n{\"a\":2}\n", 18 }, IO_SHAPE_LINES },   /* one bad line of many */
        { { "[]\n{\"a\":2}\n", 11 }, IO_SHAPE_LINES },
        { { "[1,2]", 5 }, IO_SHAPE_LINES },
        { { "{\n  \"a\": 1\n}\n", 13 }, IO_SHAPE_PRETTY },
        { { "{\n", 2 }, IO_SHAPE_LINES },
        { { "\xff\xfe{\0", 4 }, IO_SHAPE_UTF16 },
        { { "\xfe\xff\0{", 4 }, IO_SHAPE_UTF16 },
        { { "{\0\"\0", 4 }, IO_SHAPE_UTF16 },
        { { "\0{\0\"", 4 }, IO_SHAPE_UTF16 },
        { { "\0\0\xfe\xff", 4 }, IO_SHAPE_UTF16 },
        { { "\0\0\0\0", 4 }, IO_SHAPE_LINES },
        { { "", 0 }, IO_SHAPE_LINES },
        { { " \n", 2 }, IO_SHAPE_LINES },
    };
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (io_shape(rows[i].head, true) != rows[i].shape)
            print_error("row %zu\n", i);
        assert_int_equal(io_shape(rows[i].head, true), rows[i].shape);
    }
}

static void kinds_are_known_by_their_first_bytes(void **state)
{
    static const struct {
        struct wn_str head;
        enum io_kind kind;
    } rows[] = {
        { { "\x1f\x8b\x08", 3 }, IO_KIND_GZ },          { { "\x28\xb5\x2f\xfd", 4 }, IO_KIND_ZST },
        { { "\x5f\x2a\x4d\x18", 4 }, IO_KIND_ZST },      { { "PK\3\4", 4 }, IO_KIND_ZIP },
        { { "PK\5\6", 4 }, IO_KIND_ZIP },                { { "\xfd" "7zXZ\0", 6 }, IO_KIND_FOREIGN },
        { { "BZh91AY&SY", 10 }, IO_KIND_FOREIGN },       { { "PAR1", 4 }, IO_KIND_FOREIGN },
        { { "\x1f", 1 }, IO_KIND_LINES },                { { "BZh", 3 }, IO_KIND_LINES },
        { { "{", 1 }, IO_KIND_LINES },                   { { "", 0 }, IO_KIND_LINES },
    };
    static const char zeros[1024];
    const char *name;
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(io_sniff(rows[i].head, &name), rows[i].kind);
    assert_int_equal(io_sniff((struct wn_str){ zeros, sizeof(zeros) }, &name), IO_KIND_LINES);
}

static void texts_are_known_by_their_names(void **state)
{
    (void)state;
    assert_true(io_name_is_text("a.txt") && io_name_is_text("b/c.TXT.gz") && io_name_is_text("x.txt.zst"));
    assert_false(io_name_is_text("a.jsonl") || io_name_is_text("txt") || io_name_is_text("a.txt.tar"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_newline_ends_a_line),
        cmocka_unit_test(crlf_is_one_line_end),
        cmocka_unit_test(last_line_needs_no_end),
        cmocka_unit_test(blank_lines_are_counted_and_left_out),
        cmocka_unit_test(bom_is_taken_off_the_start_only),
        cmocka_unit_test(bom_alone_is_a_blank_line),
        cmocka_unit_test(nul_inside_is_kept_and_nul_tail_is_told),
        cmocka_unit_test(longest_line_fits_and_one_byte_more_does_not),
        cmocka_unit_test(endless_line_is_not_buffered),
        cmocka_unit_test(whole_text_is_one_line_even_when_empty),
        cmocka_unit_test(empty_stream_has_no_lines),
        cmocka_unit_test(shapes_are_told_apart),
        cmocka_unit_test(kinds_are_known_by_their_first_bytes),
        cmocka_unit_test(texts_are_known_by_their_names),
        cmocka_unit_test(whole_lines_come_together_wherever_the_chunks_fall),
        cmocka_unit_test(line_too_long_stands_alone_among_groups),
        cmocka_unit_test(endless_line_is_not_buffered_in_a_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
