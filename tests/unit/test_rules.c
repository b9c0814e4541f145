#include "support/cm.h"

#include <math.h>
#include <unistd.h>

#include <winnow/text.h>

#include "detect/rules_need.h"
#include "detect/rules_scan.h"

/* The lines every rule needs; a test's rule is this with its own pattern. */
#define LINES "  must cat\n  must a cat\n  must cats\n  mustnot dog\n  mustnot a dog\n  mustnot dogs\n"
#define RULE(id, weight, pattern, lines) "rule " id "\n  weight " weight "\n  why it says so\n  match " pattern "\n" lines

static struct wn_rules *parse(const char *text)
{
    struct wn_rules *r = NULL;
    struct wn_err err = { 0 };

    if (wn_rules_parse(&r, "x.rules", wn_str(text), &err) != WN_OK)
        fail_msg("%s", err.text);
    return r;
}

/* Parsing TEXT fails, and the message holds WORDS. */
static void refuse(const char *text, const char *words)
{
    struct wn_rules *r = NULL;
    struct wn_err err = { 0 };

    assert_int_equal(wn_rules_parse(&r, "x.rules", wn_str(text), &err), WN_BADCONF);
    assert_null(r);
    if (!strstr(err.text, words))
        fail_msg("'%s' does not say '%s'", err.text, words);
}

/* One scan with memory of its own. */
struct scan {
    struct wn_rules *r;
    struct wn_rules_scratch *w;
    struct wn_arena a;
    struct wn_evidence ev;
    bool fired;
};

static struct scan scan(const char *rules, const char *text)
{
    struct scan s = { .r = parse(rules) };

    s.w = wn_rules_scratch_new(s.r);
    assert_non_null(s.w);
    s.fired = wn_rules_scan(s.r, s.w, wn_str(text), &s.a, &s.ev);
    return s;
}

static void scan_end(struct scan *s)
{
    wn_rules_scratch_free(s->w);
    wn_rules_free(s->r);
    wn_arena_release(&s->a);
}

static void a_rule_counts_once_and_its_hits_are_spans(void **state)
{
    struct scan s = scan(RULE("cat", "1.5", "cats?", LINES) "\n" RULE("ecole", "-0.25", "école", LINES) "\n"
                         RULE("bird", "9", "bird", LINES), "Éa CATS, école, cat");

    (void)state;
    assert_true(s.fired);
    assert_string_equal(s.ev.detector, "rules");
    assert_string_equal(s.ev.statistic, "weight_nats");
    assert_true(s.ev.value == 1.25 && s.ev.log_odds_nats == 1.25);
    assert_true(s.ev.n == 3 && s.ev.n_spans == 3);
    assert_true(isnan(s.ev.log10_p) && !s.ev.hard);
    assert_string_equal(s.ev.null_name, "");
    assert_string_equal(s.ev.reason, "rules fired: cat, ecole");
    /* code points, by place */
    assert_true(s.ev.spans[0].start == 3 && s.ev.spans[0].end == 7 && s.ev.spans[0].score == 1.5);
    assert_true(s.ev.spans[1].start == 9 && s.ev.spans[1].end == 14 && s.ev.spans[1].score == -0.25);
    assert_true(s.ev.spans[2].start == 16 && s.ev.spans[2].end == 19);
    scan_end(&s);
}

static void nothing_fires_on_other_text(void **state)
{
    struct scan s = scan(RULE("cat", "1", "cats?", LINES), "the dog");

    (void)state;
    assert_false(s.fired);
    assert_true(s.ev.value == 0 && s.ev.n == 0 && s.ev.n_spans == 0);
    assert_string_equal(s.ev.reason, "no rule fired");
    scan_end(&s);
    s = scan(RULE("cat", "1", "cats?", LINES), "");
    assert_false(s.fired);
    scan_end(&s);
}

static void a_reason_names_the_first_rules_and_counts_the_others(void **state)
{
    struct scan s = scan(RULE("r1", "1", "a", LINES) RULE("r2", "1", "a", LINES) RULE("r3", "1", "a", LINES)
                         RULE("r4", "1", "a", LINES) RULE("r5", "1", "a", LINES) RULE("r6", "1", "a", LINES), "a");

    (void)state;
    assert_string_equal(s.ev.reason, "rules fired: r1, r2, r3, r4 and 2 more");
    scan_end(&s);
}

static void a_pattern_over_the_step_limit_is_named_and_not_counted(void **state)
{
    struct scan s = scan(RULE("slow", "5", "(a+)+$", LINES) "\n" RULE("b", "1", "b", LINES),
                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");

    (void)state;
    assert_true(s.fired);
    assert_true(s.ev.value == 1 && s.ev.n == 1);
    assert_string_equal(s.ev.reason, "rule fired: b; over the step limit, not counted: slow");
    scan_end(&s);
}

/* Nested groups use the JIT's stack, which is bounded as well. */
static void a_pattern_that_exhausts_the_stack_is_named_and_not_counted(void **state)
{
    struct wn_buf text = { 0 };
    struct scan s;

    (void)state;
    for (int i = 0; i < 200000; i++)
        wn_buf_addc(&text, 'x');
    wn_buf_addz(&text, "!");
    wn_buf_addc(&text, '\0');
    s = scan(RULE("deep", "5", "(?:(x)(?:y)?)+?z|((?:x|(?:xx))*)+y", LINES), text.ptr);
    assert_false(s.fired);
    assert_non_null(strstr(s.ev.reason, "over the step limit, not counted: deep"));
    scan_end(&s);
    wn_buf_release(&text);
}

static void empty_matches_and_moved_starts_do_not_loop(void **state)
{
    struct scan s = scan(RULE("empty", "1", "x*", LINES) "\n" RULE("moved", "1", "a\\Kb|(?=ab)", LINES), "abc éabc");

    (void)state;
    assert_true(s.fired);
    for (size_t i = 0; i < s.ev.n_spans; i++)
        assert_true(s.ev.spans[i].start <= s.ev.spans[i].end && s.ev.spans[i].end <= 8);
    scan_end(&s);
}

static void hits_of_one_rule_are_bounded(void **state)
{
    struct wn_buf text = { 0 };
    struct scan s;

    (void)state;
    for (int i = 0; i < 1000; i++)
        wn_buf_addz(&text, "cat ");
    wn_buf_addc(&text, '\0');
    s = scan(RULE("cat", "1", "cat", LINES), text.ptr);
    assert_true(s.ev.n == 256 && s.ev.n_spans == 256 && s.ev.value == 1);
    scan_end(&s);
    wn_buf_release(&text);
}

static void mistakes_are_named_with_their_line(void **state)
{
    (void)state;
    refuse("rule a\n  weigt 1\n", "unknown word 'weigt' in 'x.rules', line 2");
    refuse("rule a b\n", "a rule's id must be");
    refuse("rule \n", "a rule's id must be");
    refuse("  weight 1\n", "belongs to no rule");
    refuse("rule a\n   weight 1\n", "start with two spaces");
    refuse("rule a\n weight 1\n", "start with two spaces");
    refuse("weight 1\n", "expected 'rule ID'");
    refuse("# fine\n\nrule a\n  weight one\n", "weight is not a number in 'x.rules', line 4");
    refuse("rule a\n  weight inf\n", "weight is not a number");
    refuse("rule a\n  weight 1\n  weight 1\n", "has two weights");
    refuse("rule a\n  why x\n  why x\n", "says why twice");
    refuse("rule a\n  match x\n  match x\n", "has two patterns");
    refuse("rule a\n\n  weight 1\n", "rule 'a' has no weight in 'x.rules', line 1");
    refuse("rule a\n  weight 1\n", "does not say why");
    refuse("rule a\n  weight 1\n  why x\n", "has no pattern");
    refuse("rule a\n  weight 1\n  why x\n  match x\n  must x\n  must x\n", "needs three lines that it must match");
    refuse("rule a\n  weight 1\n  why x\n  match x\n  must x\n  must x\n  must x\n", "that it must not match");
    refuse("rule a\n  why \xff\n", "not UTF-8 text in 'x.rules', line 2");
    refuse(RULE("a", "1", "x", LINES) RULE("a", "1", "x", LINES), "rule 'a' in 'x.rules', line 11, stands already");
    refuse(RULE("a", "1", "x(", LINES), "rule 'a' does not compile: missing closing parenthesis at byte 2");
    refuse(RULE("a", "1", "\\C", LINES), "does not compile");
}

static void comments_and_line_ends_are_free(void **state)
{
    struct wn_rules *r = parse("\xEF\xBB\xBF# first\r\nrule a\r\n  weight 1\r\n# inside\r\n  why x\r\n  match cat\r\n"
                               "  must cat\r\n  must cat\r\n  must cat\r\n  mustnot x\r\n  mustnot x\r\n  mustnot x");
    struct wn_err err = { 0 };

    (void)state;
    assert_int_equal(wn_rules_count(r), 1);
    assert_string_equal(wn_rules_id(r, 0), "a");
    assert_int_equal(wn_rules_self_test(r, &err), WN_OK);
    wn_rules_free(r);
    r = parse("");
    assert_int_equal(wn_rules_count(r), 0);
    wn_rules_free(r);
}

static void the_self_test_names_the_line_that_fails(void **state)
{
    struct wn_rules *r = parse(RULE("a", "1", "cat", LINES) "\n" RULE("b", "1", "cat$", LINES));
    struct wn_err err = { 0 };

    (void)state;
    assert_int_equal(wn_rules_self_test(r, &err), WN_BADCONF);
    assert_string_equal(err.text, "rule 'b' does not match a line that it must match in 'x.rules', line 18");
    wn_rules_free(r);
    r = parse(RULE("c", "1", "cat|a dog", LINES));
    assert_int_equal(wn_rules_self_test(r, &err), WN_BADCONF);
    assert_string_equal(err.text, "rule 'c' matches a line that it must not match in 'x.rules', line 9");
    wn_rules_free(r);
}

static void a_dump_parses_back_to_the_same_dump(void **state)
{
    struct wn_rules *r = parse("# gone\n" RULE("a", "1.50", "c[aä]t ", LINES) "\n\n" RULE("b.b-2", "-2", "x|cat", LINES));
    struct wn_buf once = { 0 }, twice = { 0 };
    struct wn_rules *again = NULL;
    struct wn_err err = { 0 };

    (void)state;
    assert_int_equal(wn_rules_dump(r, &once, &err), WN_OK);
    assert_int_equal(wn_rules_parse(&again, "model", wn_buf_str(&once), &err), WN_OK);
    assert_int_equal(wn_rules_dump(again, &twice, &err), WN_OK);
    assert_true(wn_str_eq(wn_buf_str(&once), wn_buf_str(&twice)));
    assert_true(once.len > 100 && memmem(once.ptr, once.len, "match c[aä]t \n", 15));
    wn_rules_free(r);
    wn_rules_free(again);
    wn_buf_release(&once);
    wn_buf_release(&twice);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void folders_are_read_in_the_order_of_their_names(void **state)
{
    char folder[] = "/tmp/winnow-rules-XXXXXX", path[4][64];
    const char *paths[2] = { folder, path[2] };
    struct wn_rules *r = NULL;
    struct wn_err err = { 0 };

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(wn_rules_load(&r, paths, 1, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "no *.rules file in"));
    snprintf(path[0], sizeof(path[0]), "%s/b.rules", folder);
    snprintf(path[1], sizeof(path[1]), "%s/a.rules", folder);
    snprintf(path[2], sizeof(path[2]), "%s/c.txt", folder);
    snprintf(path[3], sizeof(path[3]), "%s/none", folder);
    write_file(path[0], RULE("second", "1", "cat", LINES));
    write_file(path[1], RULE("first", "1", "cat", LINES));
    write_file(path[2], RULE("third", "1", "cat", LINES));
    assert_int_equal(wn_rules_load(&r, paths, 2, &err), WN_OK);
    assert_int_equal(wn_rules_count(r), 3);
    assert_string_equal(wn_rules_id(r, 0), "first");
    assert_string_equal(wn_rules_id(r, 1), "second");
    assert_string_equal(wn_rules_id(r, 2), "third");
    wn_rules_free(r);
    write_file(path[2], RULE("first", "1", "cat", LINES));
    assert_int_equal(wn_rules_load(&r, paths, 2, &err), WN_BADCONF);
    assert_non_null(strstr(err.text, "stands already in"));
    assert_null(r);
    paths[0] = path[3];
    assert_int_equal(wn_rules_load(&r, paths, 1, &err), WN_IO);
    assert_non_null(strstr(err.text, "No such file"));
    for (int i = 0; i < 3; i++)
        unlink(path[i]);
    rmdir(folder);
}

/* What rules/ ships. */
static void the_shipped_rules_pass_their_own_lines(void **state)
{
    const char *folder = "rules";
    struct wn_rules *r = NULL;
    struct wn_err err = { 0 };

    (void)state;
    if (wn_rules_load(&r, &folder, 1, &err) != WN_OK)
        fail_msg("%s", err.text);
    if (wn_rules_self_test(r, &err) != WN_OK)
        fail_msg("%s", err.text);
    assert_true(wn_rules_count(r) >= 50);
    /* the sieve must hold back nearly all of them, or a scan takes ten times as long */
    assert_true(rules_sieved(r) * 10 >= wn_rules_count(r) * 9);
    wn_rules_free(r);
}

/* "-" for no need; else branches by |, sets by &, literals by /, in the order kept. */
static void write_need(const struct need_branch *b, struct wn_buf *out)
{
    if (!b)
        wn_buf_addz(out, "-");
    for (; b; b = b->next) {
        for (const struct need_set *s = b->sets; s; s = s->next) {
            for (const struct need_literal *l = s->first; l; l = l->next) {
                wn_buf_add(out, l->text);
                wn_buf_addz(out, l->next ? "/" : "");
            }
            wn_buf_addz(out, s->next ? "&" : "");
        }
        wn_buf_addz(out, b->next ? "|" : "");
    }
    wn_buf_addc(out, '\0');
}

/* By hand from the syntax of PCRE2 patterns. */
static void needs_are_read_off_the_pattern(void **state)
{
    static const struct {
        const char *pattern, *need;
    } cases[] = {
        { "language Model", "language model" },
        { "\\bas an? AI\\b", "as a" },
        { "fooba?r", "foob" },
        { "abc+def", "def" },
        { "abcd+efgh", "efgh&abcd" },
        { "abcd.abc.abcde.abcdef", "abcdef&abcde&abcd" },
        { "abc{0,3}def", "def" },
        { "abcd{1}defgh{2,}", "defgh&abcd" },
        { "(?:one|three) horses", " horses" },
        { "x (?:sorry|apology) y", "apology/sorry" },
        { "x (?:sorry|no) y", "-" },
        { "(?:sorry)? but then", " but then" },
        { "alpha|beta1|gamma", "alpha|beta1|gamma" },
        { "alpha|be", "-" },
        { "(?!never)(?<=not)always", "always" },
        { "(?i:LOUD)er", "loud" },
        { "(?m)^line$", "line" },
        { "(?<name>word)s", "word" },
        { "[^]abc]+tail", "tail" },
        { "a.b.c.d", "-" },
        { "\\[your name\\]", "[your name]" },
        { "\\x{2019}s apple", "s apple" },
        { "l’État", "l’" },
        { "ÉTAT fort", "tat fort" },
        { "語学 école", "語学 &cole" },
        { "\\p{L}+ing the", "ing the" },
        { "", "-" },
        /* not known for certain */
        { "(?x)a b c d", "-" }, { "\\Qabc\\Edef", "-" }, { "(abc)\\1", "-" }, { "(?|abc|def)", "-" },
        { "(*UCP)abc", "-" }, { "abc{,3}def", "-" }, { "(?(?=a)abc|abd)", "-" }, { "[[:alpha:]]abc", "-" },
        { "abc(?#comment)def", "-" }, { "(?R)?abc", "-" }, { "[\\c]]abc", "-" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wn_arena a = { 0 };
        struct wn_buf out = { 0 };
        struct need_branch *need;

        assert_int_equal(need_of_pattern(wn_str(cases[i].pattern), &a, &need), WN_OK);
        write_need(need, &out);
        if (strcmp(out.ptr, cases[i].need) != 0)
            fail_msg("'%s' needs '%s', not '%s'", cases[i].pattern, cases[i].need, out.ptr);
        wn_buf_release(&out);
        wn_arena_release(&a);
    }
}

/* The sieve stands on this: besides U+017F and U+212A no code point above ASCII equals
 * an ASCII one without regard to case, and those of needs have no other case. */
static void only_two_foreign_letters_fold_into_ascii(void **state)
{
    struct wn_rules *r = parse(RULE("ascii", "1", "[\\x00-\\x7F]", LINES));
    struct wn_rules_scratch *w = wn_rules_scratch_new(r);
    struct wn_arena a = { 0 };

    (void)state;
    for (uint32_t c = 0x80; c < 0x110000; c += 64) {
        struct wn_buf text = { 0 };
        struct wn_evidence ev;
        double want = 0;

        for (uint32_t d = c; d < c + 64; d++) {
            if (d < 0xD800 || d > 0xDFFF)
                wn_utf8_add(&text, d);
            want += d == 0x017F || d == 0x212A;
        }
        rules_scan(r, w, wn_buf_str(&text), false, &a, &ev);
        assert_true(ev.n == want);
        wn_buf_release(&text);
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
    wn_rules_scratch_free(w);
    wn_rules_free(r);
}

static void foreign_letters_that_fold_into_ascii_are_found(void **state)
{
    struct scan s = scan(RULE("task", "1", "task list", LINES), "ta\xC5\xBF" "k list, TAS\xE2\x84\xAA LI\xC5\xBFT");

    (void)state;
    assert_true(s.ev.n == 2);
    scan_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_counts_once_and_its_hits_are_spans),
        cmocka_unit_test(nothing_fires_on_other_text),
        cmocka_unit_test(a_reason_names_the_first_rules_and_counts_the_others),
        cmocka_unit_test(a_pattern_over_the_step_limit_is_named_and_not_counted),
        cmocka_unit_test(a_pattern_that_exhausts_the_stack_is_named_and_not_counted),
        cmocka_unit_test(empty_matches_and_moved_starts_do_not_loop),
        cmocka_unit_test(hits_of_one_rule_are_bounded),
        cmocka_unit_test(mistakes_are_named_with_their_line),
        cmocka_unit_test(comments_and_line_ends_are_free),
        cmocka_unit_test(the_self_test_names_the_line_that_fails),
        cmocka_unit_test(a_dump_parses_back_to_the_same_dump),
        cmocka_unit_test(folders_are_read_in_the_order_of_their_names),
        cmocka_unit_test(the_shipped_rules_pass_their_own_lines),
        cmocka_unit_test(needs_are_read_off_the_pattern),
        cmocka_unit_test(only_two_foreign_letters_fold_into_ascii),
        cmocka_unit_test(foreign_letters_that_fold_into_ascii_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
