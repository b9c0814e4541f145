/* Records: rows 1-3, 6, 9-11, 13-15, 17-19, 21-27 and 31-32 of the bad inputs a corpus
 * tool must survive, and the pass-through of foreign bytes.  The JSON texts are judged by
 * RFC 8259; positions are counted by hand. */
#include "support/cm.h"

#include <time.h>

#include <winnow/record.h>

#include "base/utf8.h"

static struct wn_arena arena;

static int reset(void **state)
{
    (void)state;
    wn_arena_release(&arena);
    return 0;
}

struct parsed {
    enum wn_status st;
    enum wn_reason reason;
    struct wn_doc doc;
    struct wn_err err;
};

/* Parses LINE from a block of its exact size, so that a sanitizer sees over-reads. */
static struct parsed parse_with(const struct wn_fields *f, struct wn_str line)
{
    struct wn_item item = { .kind = WN_ITEM_RECORD, .place = { "in.jsonl", 7, 100 } };
    struct parsed p = { 0 };
    char *block = wn_arena_alloc(&arena, line.len);

    memcpy(block, line.ptr, line.len);
    item.line = (struct wn_str){ block, line.len };
    p.st = wn_record_parse(f, &item, &arena, &p.doc, &p.reason, &p.err);
    return p;
}

static struct parsed parse(struct wn_str line)
{
    static const struct wn_fields dflt = { 0 };

    return parse_with(&dflt, line);
}

static void expect_reason(struct wn_str line, enum wn_reason reason)
{
    struct parsed p = parse(line);

    if (p.reason != reason)
        print_error("%.*s: %s (%s)\n", line.len > 200 ? 200 : (int)line.len, line.ptr, wn_reason_name(p.reason),
                    p.err.text);
    assert_int_equal(p.reason, reason);
    assert_int_equal(p.st, reason == WN_R_NONE ? WN_OK : WN_BADDATA);
    wn_arena_reset(&arena);
}

/* Expects the text of {"text":"RAW"}. */
static void expect_text(struct wn_str raw, struct wn_str want, uint32_t n_repaired)
{
    struct wn_buf b = { 0 };
    struct parsed p;

    wn_buf_addz(&b, "{\"text\":\"");
    wn_buf_add(&b, raw);
    wn_buf_addz(&b, "\"}");
    p = parse(wn_buf_str(&b));
    assert_int_equal(p.st, WN_OK);
    assert_int_equal(p.doc.text.len, want.len);
    assert_memory_equal(p.doc.text.ptr, want.ptr, want.len);
    assert_int_equal(p.doc.n_repaired, n_repaired);
    wn_buf_release(&b);
}

#define EXPECT_STR(got, want) assert_true(wn_str_eq((got), wn_str(want)))

static void members_are_found_and_decoded(void **state)
{
    struct parsed p = parse(WN_STR("{ \"id\" : \"d1\",\t\"text\":\"one \\\"two\\\"\",\"source\":\"s\",\"label\":\"human\","
                                   "\"group\":12,\"lang\":\"fr\",\"winnow\":{\"v\": [1,2]} ,\"x\":null}\r"));
    (void)state;

    assert_int_equal(p.st, WN_OK);
    EXPECT_STR(p.doc.id, "d1");
    EXPECT_STR(p.doc.text, "one \"two\"");
    EXPECT_STR(p.doc.source, "s");
    EXPECT_STR(p.doc.label, "human");
    EXPECT_STR(p.doc.group, "12");
    EXPECT_STR(p.doc.lang, "fr");
    EXPECT_STR(p.doc.tag_raw, "{\"v\": [1,2]}");
    assert_false(p.doc.id_made);
    assert_int_equal(p.doc.place.line, 7);
}

static void member_names_can_be_chosen(void **state)
{
    struct wn_fields f = { .text = "raw_content", .id = "digest", .source = "source_domain" };
    struct parsed p = parse_with(&f, WN_STR("{\"text\":1,\"raw_content\":\"t\",\"digest\":\"sha1:X\",\"source_domain\":\"a.org\"}"));
    (void)state;

    assert_int_equal(p.st, WN_OK);
    EXPECT_STR(p.doc.text, "t");
    EXPECT_STR(p.doc.id, "sha1:X");
    EXPECT_STR(p.doc.source, "a.org");
}

static void member_names_are_compared_after_decoding(void **state)
{
    struct parsed p = parse(WN_STR("{\"te\\u0078t\":\"t\",\"\\u0069d\":\"i\",\"textx\":\"no\",\"tex\":\"no\",\"te\\u0078\":\"no\"}"));
    (void)state;

    assert_int_equal(p.st, WN_OK);
    EXPECT_STR(p.doc.text, "t");
    EXPECT_STR(p.doc.id, "i");
}

static void inner_members_are_not_taken_for_outer_ones(void **state)
{
    struct parsed p = parse(WN_STR("{\"meta\":{\"text\":\"no\",\"id\":\"no\"},\"l\":[{\"text\":\"no\"}],\"text\":\"yes\"}"));
    (void)state;

    EXPECT_STR(p.doc.text, "yes");
    assert_true(p.doc.id_made);
}

static void last_duplicate_wins(void **state)
{
    struct parsed p = parse(WN_STR("{\"text\":1,\"id\":\"a\",\"text\":\"x\",\"text\":\"y\",\"id\":\"b\"}"));
    (void)state;

    assert_int_equal(p.st, WN_OK);
    EXPECT_STR(p.doc.text, "y");
    EXPECT_STR(p.doc.id, "b");
    expect_reason(WN_STR("{\"text\":\"x\",\"text\":1}"), WN_R_TEXT_TYPE);
}

static void ids_of_any_scalar_are_kept_byte_for_byte(void **state)
{
    (void)state;
    EXPECT_STR(parse(WN_STR("{\"text\":\"\",\"id\":12345678901234567890}")).doc.id, "12345678901234567890");
    EXPECT_STR(parse(WN_STR("{\"text\":\"\",\"id\":-0}")).doc.id, "-0");
    EXPECT_STR(parse(WN_STR("{\"text\":\"\",\"id\": 1e999 }")).doc.id, "1e999");
    EXPECT_STR(parse(WN_STR("{\"text\":\"\",\"id\":true}")).doc.id, "true");
    expect_reason(WN_STR("{\"text\":\"\",\"id\":{}}"), WN_R_ID_TYPE);
    expect_reason(WN_STR("{\"text\":\"\",\"id\":[1]}"), WN_R_ID_TYPE);
}

static void missing_null_or_empty_id_is_made_from_the_place(void **state)
{
    static const char *const lines[] = { "{\"text\":\"\"}", "{\"text\":\"\",\"id\":null}", "{\"text\":\"\",\"id\":\"\"}" };
    (void)state;

    for (int i = 0; i < 3; i++) {
        struct parsed p = parse(wn_str(lines[i]));

        EXPECT_STR(p.doc.id, "in.jsonl:7");
        assert_true(p.doc.id_made);
    }
}

static void text_must_be_there_and_a_string(void **state)
{
    (void)state;
    expect_reason(WN_STR("{}"), WN_R_TEXT_MISSING);
    expect_reason(WN_STR("{\"Text\":\"x\"}"), WN_R_TEXT_MISSING);
    expect_reason(WN_STR("{\"text\":null}"), WN_R_TEXT_TYPE);
    expect_reason(WN_STR("{\"text\":5}"), WN_R_TEXT_TYPE);
    expect_reason(WN_STR("{\"text\":{}}"), WN_R_TEXT_TYPE);
    expect_reason(WN_STR("{\"text\":[\"x\"]}"), WN_R_TEXT_TYPE);
    expect_reason(WN_STR("{\"text\":\"\"}"), WN_R_NONE);
}

static void escapes_become_characters(void **state)
{
    (void)state;
    expect_text(WN_STR("\\\"\\\\\\/\\b\\f\\n\\r\\t"), WN_STR("\"\\/\b\f\n\r\t"), 0);
    expect_text(WN_STR("a\\u0000b"), WN_STR("a\0b"), 0);
    expect_text(WN_STR("\\u00e9\\u20AC\\u20ac"), WN_STR("\xc3\xa9\xe2\x82\xac\xe2\x82\xac"), 0);
    expect_text(WN_STR("\\ud83d\\ude00"), WN_STR("\xf0\x9f\x98\x80"), 0);
    expect_text(WN_STR("\\uDBFF\\uDFFF"), WN_STR("\xf4\x8f\xbf\xbf"), 0);
}

static void lone_surrogates_are_replaced_and_counted(void **state)
{
    (void)state;
    expect_text(WN_STR("\\ud800"), WN_STR("\xef\xbf\xbd"), 1);
    expect_text(WN_STR("\\ud83dx"), WN_STR("\xef\xbf\xbdx"), 1);
    expect_text(WN_STR("\\ude00\\ud83d"), WN_STR("\xef\xbf\xbd\xef\xbf\xbd"), 2);
    expect_text(WN_STR("\\ud83d\\ud83d\\ude00"), WN_STR("\xef\xbf\xbd\xf0\x9f\x98\x80"), 1);
    expect_text(WN_STR("\\ud83d\\u0041"), WN_STR("\xef\xbf\xbd" "A"), 1);
    expect_text(WN_STR("\\ud83d\\n"), WN_STR("\xef\xbf\xbd\n"), 1);
}

static void odd_but_legal_characters_pass(void **state)
{
    (void)state;
    expect_text(WN_STR("\xef\xbb\xbf|\xe2\x80\xa8|\xc2\x85|\x7f|\xf4\x8f\xbf\xbf|\xef\xbf\xbf"),
                WN_STR("\xef\xbb\xbf|\xe2\x80\xa8|\xc2\x85|\x7f|\xf4\x8f\xbf\xbf|\xef\xbf\xbf"), 0);
}

static void broken_json_is_named(void **state)
{
    static const char *const broken[] = {
        "{\"a\":1,}",        "{\"a\" 1}",         "{\"a\":}",          "{a:1}",             "{'a':1}",
        "{\"a\":1 \"b\":2}", "{,}",               "{\"a\":[1,]}",      "{\"a\":[,1]}",      "{\"a\":[1 2]}",
        "{\"a\":01}",        "{\"a\":+1}",        "{\"a\":.5}",        "{\"a\":1.}",        "{\"a\":1.e5}",
        "{\"a\":1e}",        "{\"a\":1e+}",       "{\"a\":-}",         "{\"a\":--1}",       "{\"a\":0x10}",
        "{\"a\":NaN}",       "{\"a\":Infinity}",  "{\"a\":-Infinity}", "{\"a\":nul}",       "{\"a\":True}",
        "{\"a\":\"\\x41\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"\\u+123\"}", "{\"a\":\"\t\"}", "{\"a\":\"\x1f\"}",
        "nope",              "}",                 "]",                 ",",                 "{\"a\":1]",
        "{\"a\":[1}",        "{1:2}",             "{null:1}",          "{\"a\":undefined}", "{\"a\"::1}",
        "{\"a\":\v1}",       "/**/{}",
    };
    size_t n = sizeof(broken) / sizeof(broken[0]);
    (void)state;

    for (size_t i = 0; i < n; i++)
        expect_reason(wn_str(broken[i]), WN_R_JSON_SYNTAX);
    expect_reason(WN_STR("{\"a\":\"x\0y\"}"), WN_R_JSON_SYNTAX);
    expect_reason(WN_STR("\0\0{}"), WN_R_JSON_SYNTAX);
}

/* Blocks of 16 and 32 bytes are looked at together; no place in them may be missed. */
static void special_bytes_are_found_at_every_place_of_a_block(void **state)
{
    char line[100] = "{\"text\":\"";
    (void)state;

    for (int c = 0; c < 256; c++) {
        for (size_t at = 9; at < 89; at++) {
            memset(line + 9, 'x', sizeof(line) - 9);
            memcpy(line + 90, "\"}", 2);
            line[at] = (char)c;
            expect_reason((struct wn_str){ line, 92 }, c == '\\' || c == '"' || c < 0x20 ? WN_R_JSON_SYNTAX
                                                       : c >= 0x80                        ? WN_R_UTF8_INVALID
                                                                                          : WN_R_NONE);
        }
    }
}

static void what_follows_a_record_is_never_half_accepted(void **state)
{
    (void)state;
    expect_reason(WN_STR("{\"text\":\"x\"}TRAILER"), WN_R_JSON_TRAILING);
    expect_reason(WN_STR("{\"text\":\"x\"}{\"text\":\"y\"}"), WN_R_JSON_TRAILING);
    expect_reason(WN_STR("{\"text\":\"x\"} {\"text\":\"y\"}"), WN_R_JSON_TRAILING);
    expect_reason(WN_STR("{\"text\":\"x\"},"), WN_R_JSON_TRAILING);
    expect_reason(WN_STR("{\"text\":\"x\"}}"), WN_R_JSON_TRAILING);
    expect_reason(WN_STR("{\"text\":\"x\"}\0"), WN_R_JSON_TRAILING);
    expect_reason(WN_STR("{\"text\":\"x\"} \t\r"), WN_R_NONE);
}

static void half_a_record_is_truncated_wherever_it_was_cut(void **state)
{
    struct wn_str whole = WN_STR("{\"id\":\"\\u00e9\\n\",\"n\":[-1.5e+3,true,{\"k\":null}],\"text\":\"caf\xc3\xa9 \xf0\x9f\x98\x80\"}");
    (void)state;

    for (size_t n = 1; n < whole.len; n++)
        expect_reason((struct wn_str){ whole.ptr, n }, WN_R_JSON_TRUNCATED);
    expect_reason(whole, WN_R_NONE);
}

static void only_objects_are_records(void **state)
{
    static const char *const others[] = { "42", "-0", "[]", "null", "true", "\"text\"", "[{\"text\":\"x\"}]", " [1,[2]] " };
    (void)state;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        expect_reason(wn_str(others[i]), WN_R_JSON_NOT_OBJECT);
}

/* N times OPEN, then N times CLOSE, as the value of a member. */
static void nest(struct wn_buf *b, const char *open, const char *close, int n)
{
    wn_buf_reset(b);
    wn_buf_addz(b, "{\"text\":\"x\",\"a\":");
    for (int i = 0; i < n; i++)
        wn_buf_addz(b, open);
    wn_buf_addz(b, "1");
    for (int i = 0; i < n; i++)
        wn_buf_addz(b, close);
    wn_buf_addz(b, "}");
}

static void nesting_is_limited_to_a_thousand(void **state)
{
    struct wn_buf b = { 0 };
    (void)state;

    nest(&b, "[", "]", 999);
    expect_reason(wn_buf_str(&b), WN_R_NONE);
    nest(&b, "[", "]", 1000);
    expect_reason(wn_buf_str(&b), WN_R_JSON_DEPTH);
    nest(&b, "{\"k\":", "}", 999);
    expect_reason(wn_buf_str(&b), WN_R_NONE);
    nest(&b, "[{\"k\":", "}]", 50000);
    expect_reason(wn_buf_str(&b), WN_R_JSON_DEPTH);
    nest(&b, "[", "}", 3);
    expect_reason(wn_buf_str(&b), WN_R_JSON_SYNTAX);
    wn_buf_release(&b);
}

static void a_million_members_take_linear_time(void **state)
{
    struct wn_buf b = { 0 };
    clock_t start;
    (void)state;

    wn_buf_addz(&b, "{\"text\":\"x\"");
    for (int i = 0; i < 1000000; i++)
        wn_buf_addf(&b, ",\"k%d\":[%d]", i % 1000, i);
    wn_buf_addz(&b, "}");
    start = clock();
    expect_reason(wn_buf_str(&b), WN_R_NONE);
    assert_true(clock() - start < 2 * CLOCKS_PER_SEC);   /* 14 MB: about 0.1 s; quadratic would be hours */
    wn_buf_release(&b);
}

/* RFC 3629; the list follows the classes of table 3-7 of the Unicode standard. */
static const struct wn_str bad_utf8[] = {
    { "\x80", 1 },         { "\xbf", 1 },             { "\xc0\x80", 2 },         { "\xc1\xbf", 2 },
    { "\xc3", 1 },         { "\xc3(", 2 },            { "\xe0\x80\x80", 3 },     { "\xe0\x9f\xbf", 3 },
    { "\xe2\x82", 2 },     { "\xed\xa0\x80", 3 },     { "\xed\xbf\xbf", 3 },     { "\xf0\x80\x80\x80", 4 },
    { "\xf0\x8f\xbf\xbf", 4 }, { "\xf4\x90\x80\x80", 4 }, { "\xf5\x80\x80\x80", 4 }, { "\xff", 1 },
    { "\xed\xa0\xbd\xed\xb8\x80", 6 },
};

static void invalid_utf8_is_quarantined(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_utf8) / sizeof(bad_utf8[0]); i++) {
        struct wn_buf b = { 0 };
        struct parsed p;

        wn_buf_addz(&b, "{\"text\":\"ab");
        wn_buf_add(&b, bad_utf8[i]);
        wn_buf_addz(&b, "cd\"}");
        p = parse(wn_buf_str(&b));
        assert_int_equal(p.reason, WN_R_UTF8_INVALID);
        assert_non_null(strstr(p.err.text, "byte 12: invalid UTF-8"));
        wn_buf_release(&b);
    }
    expect_reason(WN_STR("{\"other\":\"\xff\",\"text\":\"x\"}"), WN_R_UTF8_INVALID);
    expect_reason(WN_STR("{\xff:1}"), WN_R_UTF8_INVALID);
}

static void the_first_problem_is_the_one_named(void **state)
{
    (void)state;
    expect_reason(WN_STR("{\"a\":\"\xff\",}"), WN_R_UTF8_INVALID);
    expect_reason(WN_STR("{\"a\":x,\"b\":\"\xff\"}"), WN_R_JSON_SYNTAX);
    expect_reason(WN_STR("{\"text\":\"\xff"), WN_R_UTF8_INVALID);
}

static void invalid_utf8_can_be_replaced_and_is_counted(void **state)
{
    struct wn_fields f = { .utf8_replace = true };
    struct wn_str line = WN_STR("{\"text\":\"a\xff\\n\xe2\x82|\xc3\xa9\xed\xa0\x80\",\"id\":\"\xc3\"}");
    struct parsed p = parse_with(&f, line);
    (void)state;

    /* each maximal ill-formed part is one U+FFFD: ff, e2 82, ed, a0, 80 and c3 */
    assert_int_equal(p.st, WN_OK);
    EXPECT_STR(p.doc.text, "a\xef\xbf\xbd\n\xef\xbf\xbd|\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_STR(p.doc.id, "\xef\xbf\xbd");
    assert_int_equal(p.doc.n_repaired, 6);
    EXPECT_STR(p.doc.record, "{\"text\":\"a\xef\xbf\xbd\\n\xef\xbf\xbd|\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\","
                             "\"id\":\"\xef\xbf\xbd\"}");
    p = parse_with(&f, WN_STR("{\"text\":\"x\"\xff}"));
    assert_int_equal(p.reason, WN_R_JSON_SYNTAX);
}

static void utf8_check_agrees_with_the_slow_definition(void **state)
{
    char s[64];
    (void)state;

    for (size_t i = 0; i < sizeof(bad_utf8) / sizeof(bad_utf8[0]); i++) {
        for (size_t at = 0; at < 48; at++) {
            memset(s, 'x', sizeof(s));
            memcpy(s + at, bad_utf8[i].ptr, bad_utf8[i].len);
            assert_int_equal(wn_utf8_check((struct wn_str){ s, sizeof(s) }), at);
            assert_int_equal(wn_utf8_check((struct wn_str){ s, at + bad_utf8[i].len }), at);
        }
    }
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        unsigned n, bad;
        bool cut;

        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        n = utf8_put(s, c);
        s[n] = s[n + 1] = s[n + 2] = s[n + 3] = 'x';
        assert_int_equal(utf8_step((struct wn_str){ s, n }, &bad, &cut), n);
        assert_int_equal(wn_utf8_check((struct wn_str){ s, n }), n);
        assert_int_equal(wn_utf8_check((struct wn_str){ s, n + 4 }), n + 4);
    }
}

/* All four-byte strings over the bytes where the classes of table 3-7 begin and end,
 * alone and at every place of a block. */
static void fast_and_slow_utf8_agree_on_all_class_borders(void **state)
{
    static const unsigned char edge[] = { 0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
                                          0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff };
    const int n = sizeof(edge);
    (void)state;

    for (int i = 0; i < n * n * n * n; i++) {
        char s[8] = { (char)edge[i % n], (char)edge[i / n % n], (char)edge[i / n / n % n], (char)edge[i / n / n / n], 'x', 'x' };
        char block[80];
        size_t slow = 0, at = 2 + (size_t)(i % 61);

        while (slow < 6) {
            unsigned bad, k;
            bool cut;

            k = utf8_step((struct wn_str){ s + slow, 6 - slow }, &bad, &cut);
            if (!k)
                break;
            slow += k;
        }
        assert_int_equal(wn_utf8_check((struct wn_str){ s, 6 }), slow);
        memset(block, 'x', sizeof(block));
        memcpy(block, "\xc3\xa9", 2);
        memcpy(block + at, s, 6);
        assert_int_equal(wn_utf8_check((struct wn_str){ block, sizeof(block) }), slow == 6 ? sizeof(block) : at + slow);
        assert_int_equal(wn_utf8_check((struct wn_str){ block, at + 4 }), slow >= 4 ? at + 4 : at + slow);
    }
}

static void message_names_the_byte_and_what_stands_there(void **state)
{
    struct parsed p = parse(WN_STR("{\"id\":\"a\",\"text\":\"x\ty\"}"));
    (void)state;

    assert_string_equal(p.err.text, "byte 20: unescaped control character in a string, after '{\"id\":\"a\",\"text\":\"x' "
                                    "before '?y\"}'");
    p = parse(WN_STR("{\"id\":\"0123456789012345678901234567890123456789\",\"text\" \"0123456789012345678901234567890\"}"));
    assert_string_equal(p.err.text, "byte 57: expected ':' after a member name, after "
                                    "'...345678901234567890123456789\",\"text\" ' before '\"01234567890123456789012...'");
}

static void whole_text_becomes_a_document_and_a_record(void **state)
{
    struct wn_item item = { .kind = WN_ITEM_RECORD, .is_text = true, .line = WN_STR("a \"b\"\n\\n\xc3\xa9\n"),
                            .place = { "a.zip!b.txt", 1, 0 } };
    struct wn_fields f = { 0 };
    enum wn_reason reason;
    struct wn_doc doc;
    (void)state;

    assert_int_equal(wn_record_parse(&f, &item, &arena, &doc, &reason, NULL), WN_OK);
    EXPECT_STR(doc.text, "a \"b\"\n\\n\xc3\xa9\n");
    EXPECT_STR(doc.id, "a.zip!b.txt:1");
    EXPECT_STR(doc.record, "{\"id\":\"a.zip!b.txt:1\",\"text\":\"a \\\"b\\\"\\n\\\\n\xc3\xa9\\n\",\"source\":\"a.zip!b.txt\"}");
    item.line = WN_STR("bad \xff");
    assert_int_equal(wn_record_parse(&f, &item, &arena, &doc, &reason, NULL), WN_BADDATA);
    assert_int_equal(reason, WN_R_UTF8_INVALID);
    f.utf8_replace = true;
    assert_int_equal(wn_record_parse(&f, &item, &arena, &doc, &reason, NULL), WN_OK);
    EXPECT_STR(doc.text, "bad \xef\xbf\xbd");
    assert_int_equal(doc.n_repaired, 1);
}

/* ---- set, get, decode ----------------------------------------------------------------- */

static void expect_set(const char *record, const char *key, const char *raw, const char *want)
{
    struct wn_buf out = { 0 };

    assert_int_equal(wn_record_set(&out, wn_str(record), key, wn_str(raw), NULL), WN_OK);
    if (!wn_str_eq(wn_buf_str(&out), wn_str(want)))
        print_error("got %.*s\n", WN_STR_ARG(wn_buf_str(&out)));
    assert_true(wn_str_eq(wn_buf_str(&out), wn_str(want)));
    wn_buf_release(&out);
}

static void set_replaces_in_place_or_adds_last_and_keeps_the_rest(void **state)
{
    (void)state;
    expect_set("{}", "w", "1", "{\"w\":1}");
    expect_set(" { } ", "w", "1", " {\"w\":1 } ");
    expect_set("{\"a\":1}", "w", "{}", "{\"a\":1,\"w\":{}}");
    expect_set("{ \"a\" : 1.50 }", "w", "2", "{ \"a\" : 1.50,\"w\":2 }");
    expect_set("{\"a\": 1 , \"b\": \"\\u0041\"}", "a", "[2]", "{\"a\": [2] , \"b\": \"\\u0041\"}");
    expect_set("{\"a\":1,\"a\":2,\"b\":3}", "a", "9", "{\"a\":1,\"a\":9,\"b\":3}");
    expect_set("{\"\\u0061\":1}", "a", "9", "{\"\\u0061\":9}");
    expect_set("{\"x\":{\"a\":1}}", "a", "9", "{\"x\":{\"a\":1},\"a\":9}");
    expect_set("{}", "q\"k", "1", "{\"q\\\"k\":1}");
    assert_int_equal(wn_record_set(&(struct wn_buf){ 0 }, WN_STR("{\"a\":"), "w", WN_STR("1"), NULL), WN_BADDATA);
}

static void get_finds_the_last_raw_value(void **state)
{
    struct wn_str raw;
    (void)state;

    assert_true(wn_record_get(WN_STR("{\"a\": 1.0 ,\"a\" : \"\\u0041\" }"), "a", &raw));
    EXPECT_STR(raw, "\"\\u0041\"");
    assert_false(wn_record_get(WN_STR("{\"a\":{\"b\":1}}"), "b", &raw));
    assert_false(wn_record_get(WN_STR("{\"a\":1"), "a", &raw));
}

static void decode_takes_strings_only(void **state)
{
    struct wn_str s;
    (void)state;

    assert_true(wn_record_decode(WN_STR("\"a\\u0062\\ud800\""), &arena, &s));
    EXPECT_STR(s, "ab\xef\xbf\xbd");
    assert_true(wn_record_decode(WN_STR("\"\""), &arena, &s));
    assert_int_equal(s.len, 0);
    assert_false(wn_record_decode(WN_STR("1"), &arena, &s));
    assert_false(wn_record_decode(WN_STR("\""), &arena, &s));
    assert_false(wn_record_decode(WN_STR("\"\\u00\""), &arena, &s));
    assert_false(wn_record_decode(WN_STR("\"a\"b\""), &arena, &s));
    assert_false(wn_record_decode(WN_STR("\"a\\\""), &arena, &s));
    assert_false(wn_record_decode(WN_STR(""), &arena, &s));
}

static void every_reason_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < WN_R_COUNT; i++) {
        assert_string_not_equal(wn_reason_name((enum wn_reason)i), "unknown");
        for (int j = 0; j < i; j++)
            assert_string_not_equal(wn_reason_name((enum wn_reason)i), wn_reason_name((enum wn_reason)j));
    }
    assert_string_equal(wn_reason_name(WN_R_COUNT), "unknown");
    assert_string_equal(wn_reason_name(WN_R_CHANGED), "changed_during_read");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, reset)
    const struct CMUnitTest tests[] = {
        TEST(members_are_found_and_decoded),
        TEST(member_names_can_be_chosen),
        TEST(member_names_are_compared_after_decoding),
        TEST(inner_members_are_not_taken_for_outer_ones),
        TEST(last_duplicate_wins),
        TEST(ids_of_any_scalar_are_kept_byte_for_byte),
        TEST(missing_null_or_empty_id_is_made_from_the_place),
        TEST(text_must_be_there_and_a_string),
        TEST(escapes_become_characters),
        TEST(lone_surrogates_are_replaced_and_counted),
        TEST(odd_but_legal_characters_pass),
        TEST(broken_json_is_named),
        TEST(special_bytes_are_found_at_every_place_of_a_block),
        TEST(what_follows_a_record_is_never_half_accepted),
        TEST(half_a_record_is_truncated_wherever_it_was_cut),
        TEST(only_objects_are_records),
        TEST(nesting_is_limited_to_a_thousand),
        TEST(a_million_members_take_linear_time),
        TEST(invalid_utf8_is_quarantined),
        TEST(the_first_problem_is_the_one_named),
        TEST(invalid_utf8_can_be_replaced_and_is_counted),
        TEST(utf8_check_agrees_with_the_slow_definition),
        TEST(fast_and_slow_utf8_agree_on_all_class_borders),
        TEST(message_names_the_byte_and_what_stands_there),
        TEST(whole_text_becomes_a_document_and_a_record),
        TEST(set_replaces_in_place_or_adds_last_and_keeps_the_rest),
        TEST(get_finds_the_last_raw_value),
        TEST(decode_takes_strings_only),
        TEST(every_reason_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
