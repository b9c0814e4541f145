/* Text as CCNet normalises it.  Expected values follow by hand from the steps in
 * docs/format/ccnet.md, with the decompositions of the Unicode character database. */
#include "support/cm.h"

#include <winnow/text.h>

static void expect(const char *text, const char *want)
{
    struct wn_buf out = { 0 };

    assert_int_equal(wn_ccnet_normalise(wn_str(text), &out, NULL), WN_OK);
    if (!wn_str_eq(wn_buf_str(&out), wn_str(want)))
        print_error("'%s' gives '%.*s', not '%s'\n", text, WN_STR_ARG(wn_buf_str(&out)), want);
    assert_true(wn_str_eq(wn_buf_str(&out), wn_str(want)));
    wn_buf_release(&out);
}

static void case_accents_and_digits_go(void **state)
{
    (void)state;
    expect("Le 14 Juillet 1789, À l'Étranger", "le 00 juillet 0000, a l'etranger");
    expect("Ångström ĐỒNG e\xcc\x81", "angstrom đong e");
    expect("\xd9\xa1\xd9\xa2 \xef\xbc\x91", "00 0");                          /* Arabic-Indic 1 2, fullwidth 1 */
    expect("\xc4\xb0STANBUL", "istanbul");                                    /* dotted capital I               */
    expect("\xea\xb0\x80", "\xe1\x84\x80\xe1\x85\xa1");                       /* Hangul GA: two jamo            */
}

static void lines_are_glued_together(void **state)
{
    (void)state;
    expect("one\ntwo\r\nthree\tfour", "onetwothreefour");
    expect("a\x7f" "b\xc2\x85" "c", "abc");
}

static void white_space_at_the_ends_goes_and_stays_inside(void **state)
{
    (void)state;
    expect(" \n\xc2\xa0\xe3\x80\x80 a  b\xc2\xa0" "c \x1f", "a  b\xc2\xa0" "c");
    expect(" \n ", "");
    expect("", "");
}

static void punctuation_becomes_ascii(void **state)
{
    (void)state;
    expect("“a” „b‟ «c» 「d」 《e》", "\"a\" \"b‟ \"c\" \"d\" \"e\"");
    expect("it´s it’s ‘x’", "it's it's ‘x'");
    expect("a—b a–b a…━►", "a - b a-b a...--");
    expect("，。、：∶？！（）；．～〈〉【】％", ",.,::?!();. ~<>[]%");
}

static void final_sigma_has_a_form_of_its_own(void **state)
{
    (void)state;
    expect("ΟΔΟΣ ΣΑΣ Σ", "οδος σας σ");
    expect("Α.Σ ΟΔΟΣ, Σ'", "α.ς οδος, σ'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_accents_and_digits_go),
        cmocka_unit_test(lines_are_glued_together),
        cmocka_unit_test(white_space_at_the_ends_goes_and_stays_inside),
        cmocka_unit_test(punctuation_becomes_ascii),
        cmocka_unit_test(final_sigma_has_a_form_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
