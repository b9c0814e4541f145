/* Where sentences end; expected cuts by hand. */
#include "support/cm.h"

#include <winnow/text.h>

/* Joins the sentences of TEXT with '|'. */
static void check(const char *text, const char *want)
{
    struct wn_str s, all = wn_str(text);
    struct wn_buf out = { 0 };
    size_t pos = 0;

    while (wn_sentence_next(all, &pos, &s)) {
        assert_true(s.len > 0);
        if (out.len > 0)
            wn_buf_addc(&out, '|');
        wn_buf_add(&out, s);
    }
    wn_buf_addc(&out, '\0');
    assert_string_equal(out.ptr, want);
    wn_buf_release(&out);
}

static void a_stop_and_a_capital_end_a_sentence(void **state)
{
    (void)state;
    check("One. Two!  Three? Four", "One.|Two!|Three?|Four");
    check("He said \"No.\" Then left.", "He said \"No.\"|Then left.");
    check("Wait... what? Yes?!", "Wait... what?|Yes?!");
    check("\xC3\x89t\xC3\xA9. \xC3\x80 Paris.", "\xC3\x89t\xC3\xA9.|\xC3\x80 Paris.");
}

static void numbers_initials_and_abbreviations_end_none(void **state)
{
    (void)state;
    check("It is 3.14 at example.org. J. Doe met Dr. Roe, cf. Fig. 2.", "It is 3.14 at example.org.|J. Doe met Dr. Roe, cf. Fig. 2.");
    check("Version 2. is old.", "Version 2. is old.");
}

static void a_blank_line_ends_a_sentence_and_a_line_end_does_not(void **state)
{
    (void)state;
    check("A title\n\nText over\ntwo lines\r\n\r\nMore", "A title|Text over\ntwo lines|More");
}

static void scripts_without_spaces_or_case_are_cut(void **state)
{
    (void)state;
    check("\xE3\x81\x82\xE3\x80\x82\xE3\x81\x84\xEF\xBC\x81", "\xE3\x81\x82\xE3\x80\x82|\xE3\x81\x84\xEF\xBC\x81");
    check("\xD7\x90\xD7\x91. \xD7\x92", "\xD7\x90\xD7\x91.|\xD7\x92");
}

static void nothing_gives_nothing(void **state)
{
    (void)state;
    check("", "");
    check(" \n\n\t ", "");
    check("...", "...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_and_a_capital_end_a_sentence),
        cmocka_unit_test(numbers_initials_and_abbreviations_end_none),
        cmocka_unit_test(a_blank_line_ends_a_sentence_and_a_line_end_does_not),
        cmocka_unit_test(scripts_without_spaces_or_case_are_cut),
        cmocka_unit_test(nothing_gives_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
