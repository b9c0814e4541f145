#include "support/vectors.h"

#include <math.h>
#include <winnow/marks.h>
#include <winnow/text.h>

static struct wn_marks scan(const char *text)
{
    struct wn_marks m;

    assert_int_equal(wn_utf8_check(wn_str(text)), strlen(text));
    wn_marks_scan(wn_str(text), &m);
    return m;
}

/* All counts of M together. */
static uint64_t total(const struct wn_marks *m)
{
    return m->zero_width + m->odd_spaces + m->homoglyph_words + m->tag_chars + m->bidi_controls + m->soft_hyphens +
           m->stray_selectors + m->c2pa;
}

static void expect_clean(const char *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct wn_marks m = scan(texts[i]);

        if (total(&m))
            fail_msg("'%s': %d marks", texts[i], (int)total(&m));
    }
}

#define EXPECT_CLEAN(texts) expect_clean(texts, sizeof(texts) / sizeof((texts)[0]))

static void plain_text_has_no_marks(void **state)
{
    static const char *const texts[] = { "", "plain ASCII text, long enough for words of eight bytes.", "naïve café",
                                         "日本語の文章。", "Привет, мир", "Ελληνικά" };

    (void)state;
    EXPECT_CLEAN(texts);
}

static void zero_width_characters_are_counted(void **state)
{
    (void)state;
    assert_int_equal(scan("a\u200Bb").zero_width, 1);
    assert_int_equal(scan("a\u2060b\uFEFFc").zero_width, 2);
    /* a code of two-bit symbols between words */
    assert_int_equal(scan("secret\u200B\u200C\u200D\uFEFF text").zero_width, 4);
    assert_int_equal(scan("wo\u200Crd, wo\u200Drd").zero_width, 2);
}

static void joiners_are_needed_by_scripts_and_emoji(void **state)
{
    static const char *const texts[] = {
        "می\u200Cخواهم",                          /* Persian: half space                        */
        "क्\u200Dष क्\u200Cष",                       /* Hindi: half form, explicit virama         */
        "\U0001F469\u200D\U0001F680",              /* woman astronaut                            */
        "\U0001F469\U0001F3FD\u200D\U0001F680",    /* with a skin tone                           */
        "\u2764\uFE0F\u200D\U0001F525",            /* heart on fire                              */
        "\U0001F3F3\uFE0F\u200D\U0001F308",        /* rainbow flag                               */
        "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466",
        "\U0001F9D1\u200D\u2695\uFE0F",            /* health worker                              */
        "ภาษา\u200Bไทย",                          /* Thai: a place to break the line            */
    };

    (void)state;
    EXPECT_CLEAN(texts);
    /* a run of them is no spelling */
    assert_int_equal(scan("می\u200C\u200C\u200Dخواهم").zero_width, 2);
    assert_int_equal(scan("\U0001F469\u200Dx").zero_width, 1);
}

static void a_byte_order_mark_counts_only_inside(void **state)
{
    (void)state;
    assert_int_equal(scan("\uFEFFtext").zero_width, 0);
    assert_int_equal(scan("te\uFEFFxt").zero_width, 1);
    assert_int_equal(scan("\uFEFF\uFEFFtext").zero_width, 1);
}

static void look_alike_spaces_are_counted(void **state)
{
    (void)state;
    assert_int_equal(scan("a\u2004b\u2005c\u200Ad\u205Fe").odd_spaces, 4);
    assert_int_equal(scan("the\u202Fword").odd_spaces, 1);
    assert_int_equal(scan("a\u3000b").odd_spaces, 1);
    assert_int_equal(scan("a\u2800b").odd_spaces, 1);
    assert_int_equal(scan("a\u00A0b").odd_spaces, 0);
}

static void spaces_of_other_typographies_are_not(void **state)
{
    static const char *const texts[] = {
        "Vraiment\u202F? «\u202Foui\u202F», dit-il\u202F; enfin\u202F!", "12\u202F345,6\u202F% soit 3\u202Fkm",
        "Il dit\u00A0: 25\u00A0€",                 "日本\u3000太郎", "\u3000\u3000第一章",
        "ᠮᠣᠩᠭᠣᠯ\u202Fᠤᠨ",                           "⠓⠑⠇\u2800⠺",
    };

    (void)state;
    EXPECT_CLEAN(texts);
}

static void words_with_letters_of_two_scripts_are_counted(void **state)
{
    (void)state;
    assert_int_equal(scan("p\u0430ssword").homoglyph_words, 1);             /* Cyrillic a              */
    assert_int_equal(scan("The \u0421OVID \u0440\u0430per, ok").homoglyph_words, 2);
    assert_int_equal(scan("\u0391pple \u039Fne \u03BFpen").homoglyph_words, 3);   /* Greek             */
    assert_int_equal(scan("сл" "o" "во").homoglyph_words, 1);               /* Latin o in Russian      */
    assert_int_equal(scan("pa\u200Bssw\u043Erd").homoglyph_words, 1);       /* zero width does not cut */
}

static void honest_mixtures_are_not(void **state)
{
    static const char *const texts[] = {
        "TNFα, IFNγ, NFκB, 5 μm, kΩ, Δt, λx",   "IT-компания и USB-порт", "Windowsовский", "Wi-Fi есть",
        "Moscow (Москва), Athens (Αθήνα)",
    };

    (void)state;
    EXPECT_CLEAN(texts);
}

static void tag_characters_outside_flags_are_counted(void **state)
{
    /* England: U+1F3F4, then "gbeng" in tags, then the cancel tag */
    const char *flag = "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F";

    (void)state;
    assert_int_equal(scan(flag).tag_chars, 0);
    assert_int_equal(scan("hi\U000E0068\U000E0069").tag_chars, 2);
    assert_int_equal(scan("\U0001F3F4\U000E0067\U000E007F").tag_chars, 2);
    assert_int_equal(scan("\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067x").tag_chars, 5);
}

static void controls_soft_hyphens_and_selectors_are_counted(void **state)
{
    (void)state;
    assert_int_equal(scan("a\u202Eb\u202C \u2066c\u2069").bidi_controls, 4);
    assert_int_equal(scan("co\u00ADop").soft_hyphens, 1);
    assert_int_equal(scan("a\uFE0Fb").stray_selectors, 1);
    assert_int_equal(scan("\U0001F600\uFE0F\uFE01\U000E0110").stray_selectors, 2);
    assert_int_equal(scan("\u2764\uFE0F \u2764\uFE0E 1\uFE0F\u20E3 \u845B\U000E0100 \u00A9\uFE0F").stray_selectors, 0);
}

static size_t unhex(const char *hex, char *out)
{
    size_t n = strlen(hex) / 2;

    for (size_t i = 0; i < n; i++) {
        unsigned byte;

        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (char)byte;
    }
    return n;
}

/* The c2pa-text package, run unmodified; where it raised, there is no wrapper. */
static void c2pa_wrappers_equal_the_reference(void **state)
{
    struct wn_jsonval *file = vectors_load("watermark/c2pa_text.json");
    const struct wn_jsonval *cases = wn_jsonval_get(file, "cases");

    (void)state;
    assert_true(wn_jsonval_size(cases) >= 18);
    for (size_t i = 0; i < wn_jsonval_size(cases); i++) {
        const struct wn_jsonval *c = wn_jsonval_at(cases, i);
        const char *id = vectors_str(c, "id");
        char text[8192];
        struct wn_str s = { text, 0 };
        struct wn_marks m;

        assert_true(strlen(vectors_str(c, "text_utf8_hex")) / 2 <= sizeof(text));
        s.len = unhex(vectors_str(c, "text_utf8_hex"), text);
        wn_marks_scan(s, &m);
        if (m.c2pa != wn_jsonval_bool(wn_jsonval_get(c, "found"), false))
            fail_msg("%s: c2pa is %d", id, m.c2pa);
        if (!m.c2pa)
            continue;
        assert_int_equal(m.c2pa_start_byte, vectors_num(c, "wrapper_start_byte"));
        assert_int_equal(m.c2pa_bytes, vectors_num(c, "wrapper_length_bytes"));
        assert_int_equal(m.c2pa_manifest_bytes, strlen(vectors_str(c, "manifest_hex")) / 2);
        if (m.zero_width || m.stray_selectors)
            fail_msg("%s: the wrapper's own characters are counted", id);
    }
    wn_jsonval_free(file);
}

static void evidence_says_what_was_found(void **state)
{
    struct wn_marks m = scan("a\u200Bb\u200Bc p\u0430ss");
    struct wn_arena a = { 0 };
    struct wn_evidence ev;

    (void)state;
    assert_true(wn_marks_evidence(&m, &a, &ev));
    assert_string_equal(ev.detector, "marks");
    assert_string_equal(ev.statistic, "count");
    assert_true(ev.value == 3 && ev.n == 3 && ev.log_odds_nats == 0 && !ev.hard && isnan(ev.log10_p));
    assert_string_equal(ev.reason, "2 zero-width characters, 1 mixed-script word");
    m = (struct wn_marks){ .c2pa = true, .c2pa_start_byte = 11, .c2pa_manifest_bytes = 32 };
    assert_true(wn_marks_evidence(&m, &a, &ev));
    assert_string_equal(ev.reason, "C2PA manifest of 32 bytes at byte 11");
    m = scan("nothing");
    assert_false(wn_marks_evidence(&m, &a, &ev));
    wn_arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_has_no_marks),
        cmocka_unit_test(zero_width_characters_are_counted),
        cmocka_unit_test(joiners_are_needed_by_scripts_and_emoji),
        cmocka_unit_test(a_byte_order_mark_counts_only_inside),
        cmocka_unit_test(look_alike_spaces_are_counted),
        cmocka_unit_test(spaces_of_other_typographies_are_not),
        cmocka_unit_test(words_with_letters_of_two_scripts_are_counted),
        cmocka_unit_test(honest_mixtures_are_not),
        cmocka_unit_test(tag_characters_outside_flags_are_counted),
        cmocka_unit_test(controls_soft_hyphens_and_selectors_are_counted),
        cmocka_unit_test(c2pa_wrappers_equal_the_reference),
        cmocka_unit_test(evidence_says_what_was_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
