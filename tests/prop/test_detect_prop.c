/* What holds for any rules, text or ids: seeds are tried in turn, the failing one is
 * printed. */
#include "support/cm.h"

#include <math.h>

#include <winnow/marks.h>
#include <winnow/rng.h>
#include <winnow/tails.h>
#include <winnow/text.h>
#include <winnow/watermark.h>

#include "detect/rules_file.h"
#include "detect/rules_scan.h"

static struct wn_rng stream(uint64_t seed)
{
    struct wn_rng r;

    wn_rng_init(&r, seed, WN_DOMAIN_REAL, 0, 0, 0);
    return r;
}

static size_t pick(struct wn_rng *r, size_t n)
{
    return (size_t)wn_rng_below(r, n);
}

/* ---- the sieve changes nothing ---------------------------------------------------- */

static const char *const pieces[] = { "cat",   "model", "language", "I ",    "an ", "’",
                                      "école", "語学",  "sk",       "tasks", "x",   "STRASSE" };
enum { N_PIECES = sizeof(pieces) / sizeof(pieces[0]) };

static void add_pattern(struct wn_buf *out, struct wn_rng *r, int depth);

static void add_atom(struct wn_buf *out, struct wn_rng *r, int depth)
{
    static const char *const other[] = { ".", "\\b", "[abc]", "[^]x]", "\\w", "\\s?", "(?!cat)", "(?<=a)", "(?i)",
                                         "\\x{2019}", "\\p{L}", "['’]", "\\.", "^", "$", "\\Qa]\\E", "(?#x)" };
    static const char *const open[] = { "(?:", "(", "(?-i:", "(?>", "(?=", "(?<n>" };

    switch (pick(r, depth > 0 ? 6 : 4)) {
    case 0: case 1: case 2:
        wn_buf_addz(out, pieces[pick(r, N_PIECES)]);
        break;
    case 3:
        wn_buf_addz(out, other[pick(r, sizeof(other) / sizeof(other[0]))]);
        break;
    default:
        wn_buf_addz(out, open[pick(r, sizeof(open) / sizeof(open[0]))]);
        add_pattern(out, r, depth - 1);
        wn_buf_addc(out, ')');
    }
}

static void add_pattern(struct wn_buf *out, struct wn_rng *r, int depth)
{
    static const char *const quantifier[] = { "?", "*", "+", "{0,2}", "{1,2}", "{2}", "??", "++" };
    size_t n = 1 + pick(r, 4);

    for (size_t i = 0; i < n; i++) {
        add_atom(out, r, depth);
        if (pick(r, 4) == 0)
            wn_buf_addz(out, quantifier[pick(r, sizeof(quantifier) / sizeof(quantifier[0]))]);
        if (i + 1 < n && pick(r, 5) == 0)
            wn_buf_addc(out, '|');
    }
}

static void add_text(struct wn_buf *out, struct wn_rng *r)
{
    size_t n = pick(r, 30);

    for (size_t i = 0; i < n; i++) {
        const char *p = pieces[pick(r, N_PIECES)];

        if (pick(r, 40) == 0)
            p = pick(r, 2) ? "\xC5\xBF" : "\xE2\x84\xAA";
        for (; *p; p++)
            wn_buf_addc(out, *p >= 'a' && *p <= 'z' && pick(r, 3) == 0 ? (char)(*p - 32) : *p);
        if (pick(r, 3) == 0)
            wn_buf_addc(out, " .\n"[pick(r, 3)]);
    }
}

static void expect_same(const struct wn_rules *r, struct wn_rules_scratch *w, struct wn_str text, uint64_t seed,
                        const char *what)
{
    struct wn_arena a = { 0 };
    struct wn_evidence with, without;
    bool x = rules_scan(r, w, text, true, &a, &with), y = rules_scan(r, w, text, false, &a, &without);

    if (x != y || with.value != without.value || with.n != without.n || with.n_spans != without.n_spans ||
        strcmp(with.reason, without.reason) != 0 ||
        (with.n_spans && memcmp(with.spans, without.spans, with.n_spans * sizeof(*with.spans)) != 0))
        fail_msg("seed %llu: the sieve changes the hits of '%s' in '%.*s'", (unsigned long long)seed, what,
                 WN_STR_ARG(text));
    wn_arena_release(&a);
}

static void the_sieve_keeps_every_hit_of_random_patterns(void **state)
{
    int compiled = 0, sieved = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct wn_buf file = { 0 }, text = { 0 };
        struct wn_rules *rules = NULL;
        struct wn_rng r = stream(seed);

        wn_buf_addz(&file, "rule r\n  weight 1\n  why x\n  match ");
        add_pattern(&file, &r, 3);
        wn_buf_addz(&file, "\n  must a\n  must b\n  must c\n  mustnot a\n  mustnot b\n  mustnot c\n");
        if (wn_rules_parse(&rules, "random", wn_buf_str(&file), NULL) == WN_OK) {
            struct wn_rules_scratch *w = wn_rules_scratch_new(rules);

            wn_buf_addc(&file, '\0');
            compiled++;
            sieved += rules_sieved(rules) == 1;
            for (int t = 0; t < 10; t++) {
                wn_buf_reset(&text);
                add_text(&text, &r);
                expect_same(rules, w, wn_buf_str(&text), seed, file.ptr);
            }
            wn_rules_scratch_free(w);
        }
        wn_rules_free(rules);
        wn_buf_release(&file);
        wn_buf_release(&text);
    }
    assert_true(compiled > 1500 && sieved > 700);
}

/* Texts put together from the lines of the shipped rules, cut and with their case
 * changed. */
static void the_sieve_keeps_every_hit_of_the_shipped_rules(void **state)
{
    const char *folder = "rules";
    struct rule_set set = { 0 };
    struct wn_rules *rules = NULL;
    struct wn_rules_scratch *w;
    struct wn_err err = { 0 };
    uint64_t seed = 0;

    (void)state;
    assert_int_equal(rule_set_load(&set, folder, &err), WN_OK);
    assert_int_equal(wn_rules_load(&rules, &folder, 1, &err), WN_OK);
    w = wn_rules_scratch_new(rules);
    for (const struct rule_def *d = set.first; d; d = d->next, seed++) {
        struct wn_rng r = stream(seed);
        struct wn_buf text = { 0 };

        for (const struct rule_line *l = d->must; l; l = l->next) {
            for (size_t i = 0; i < l->text.len; i++) {
                char c = l->text.ptr[i];

                if ((unsigned char)c < 0x80 && pick(&r, 60) == 0)
                    continue;
                wn_buf_addc(&text, c >= 'a' && c <= 'z' && pick(&r, 8) == 0 ? (char)(c - 32) : c);
            }
            wn_buf_addc(&text, '\n');
            if (d->mustnot)
                wn_buf_add(&text, d->mustnot->text);
        }
        expect_same(rules, w, wn_buf_str(&text), seed, d->id);
        wn_buf_release(&text);
    }
    assert_true(seed > 0);
    wn_rules_scratch_free(w);
    wn_rules_free(rules);
    rule_set_release(&set);
}

/* ---- green lists --------------------------------------------------------------------- */

static void repeating_a_text_adds_one_bigram_at_most(void **state)
{
    struct wn_kgw_opts opts = { .vocab_size = 500 };
    struct wn_kgw *k = NULL;
    uint32_t ids[600];

    (void)state;
    assert_int_equal(wn_kgw_new(&k, &opts, NULL), WN_OK);
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct wn_rng r = stream(seed);
        size_t n = 2 + pick(&r, 298);
        struct wn_kgw_result once, twice;

        for (size_t i = 0; i < n; i++)
            ids[i] = ids[n + i] = (uint32_t)pick(&r, 1 + pick(&r, 520));
        assert_int_equal(wn_kgw_detect(k, ids, n, UINT32_MAX, &once, NULL), WN_OK);
        assert_int_equal(wn_kgw_detect(k, ids, 2 * n, UINT32_MAX, &twice, NULL), WN_OK);
        if (once.n_green > once.n_scored || once.n_scored > once.n_bigrams || once.n_bigrams != n - 1 ||
            twice.n_scored - once.n_scored > 1 || once.log10_p > 0)
            fail_msg("seed %llu: %llu green of %llu, then of %llu", (unsigned long long)seed,
                     (unsigned long long)once.n_green, (unsigned long long)once.n_scored,
                     (unsigned long long)twice.n_scored);
    }
    wn_kgw_free(k);
}

/* Words drawn uniformly, green ones e^2 times as likely: a share of
 * 0.25 e^2 / (0.25 e^2 + 0.75) = 0.711 green; 150 tokens of it have p < 1e-12. */
static void a_biased_text_is_found_and_another_key_sees_nothing(void **state)
{
    struct wn_kgw_opts opts = { .vocab_size = 1000 }, other_opts = { .vocab_size = 1000, .key = 99 };
    struct wn_kgw *k = NULL, *other = NULL;

    (void)state;
    assert_int_equal(wn_kgw_new(&k, &opts, NULL), WN_OK);
    assert_int_equal(wn_kgw_new(&other, &other_opts, NULL), WN_OK);
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct wn_lm_bias b = wn_kgw_bias(k);
        struct wn_rng r = stream(seed);
        struct wn_kgw_result mine, theirs;
        uint32_t ids[150] = { 1 };

        for (size_t i = 1; i < 150; i++)
            do {
                ids[i] = (uint32_t)pick(&r, 1000);
            } while (!b.boosted(b.arg, ids[i - 1], ids[i]) && wn_rng_u01(&r) > exp(-b.delta_nats));
        assert_int_equal(wn_kgw_detect(k, ids, 150, UINT32_MAX, &mine, NULL), WN_OK);
        assert_int_equal(wn_kgw_detect(other, ids, 150, UINT32_MAX, &theirs, NULL), WN_OK);
        if (mine.log10_p > -12 || theirs.log10_p < -4)
            fail_msg("seed %llu: log10 p %g and %g", (unsigned long long)seed, mine.log10_p, theirs.log10_p);
    }
    wn_kgw_free(k);
    wn_kgw_free(other);
}

/* ---- marks ---------------------------------------------------------------------------- */

static uint64_t total(const struct wn_marks *m)
{
    return m->zero_width + m->odd_spaces + m->homoglyph_words + m->tag_chars + m->bidi_controls + m->soft_hyphens +
           m->stray_selectors + m->c2pa;
}

static struct wn_str random_marks(struct wn_buf *out, struct wn_rng *r)
{
    static const uint32_t chars[] = { 'a', 'o', ' ', '!', '1', 0xE9, 0x430, 0x43E, 0x3B1, 0x39F, 0x645,
                                      0x4E00, 0xAD, 0xA0, 0x200B, 0x200C,
                                      0x200D, 0x2060, 0x202F, 0x3000, 0x2009, 0x202E, 0x2069, 0xFE0F, 0x1F3F4, 0xE0067,
                                      0xE007F, 0x1F469, 0x2764, 0xE0100 };

    wn_buf_reset(out);
    for (size_t n = pick(r, 40); n > 0; n--)
        wn_utf8_add(out, chars[pick(r, sizeof(chars) / sizeof(chars[0]))]);
    return wn_buf_str(out);
}

static void lines_have_their_own_marks(void **state)
{
    struct wn_buf one = { 0 }, two = { 0 }, both = { 0 };

    (void)state;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct wn_rng r = stream(seed);
        struct wn_marks a, b, ab;

        wn_marks_scan(random_marks(&one, &r), &a);
        wn_marks_scan(random_marks(&two, &r), &b);
        wn_buf_reset(&both);
        wn_buf_add(&both, wn_buf_str(&one));
        wn_buf_addc(&both, '\n');
        wn_buf_add(&both, wn_buf_str(&two));
        wn_marks_scan(wn_buf_str(&both), &ab);
        if (total(&a) + total(&b) != total(&ab) || a.zero_width + b.zero_width != ab.zero_width ||
            a.odd_spaces + b.odd_spaces != ab.odd_spaces)
            fail_msg("seed %llu: %d + %d marks, together %d", (unsigned long long)seed, (int)total(&a), (int)total(&b),
                     (int)total(&ab));
    }
    wn_buf_release(&one);
    wn_buf_release(&two);
    wn_buf_release(&both);
}

/* A wrapper made by the rule, at any place in plain text, is found there. */
static void a_made_wrapper_is_found_where_it_is(void **state)
{
    struct wn_buf text = { 0 };

    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct wn_rng r = stream(seed);
        size_t before = pick(&r, 20), n = pick(&r, 300), pad = pick(&r, 4), start;
        unsigned char head[13] = "C2PATXT\0\1";
        struct wn_marks m;

        head[11] = (unsigned char)(n >> 8);
        head[12] = (unsigned char)n;
        wn_buf_reset(&text);
        for (size_t i = 0; i < before; i++)
            wn_buf_addz(&text, "é");
        start = text.len;
        wn_utf8_add(&text, 0xFEFF);
        for (size_t i = 0; i < 13 + n + pad; i++) {
            uint32_t byte = i < 13 ? head[i] : (uint32_t)pick(&r, 256);

            wn_utf8_add(&text, byte < 16 ? 0xFE00 + byte : 0xE0100 + byte - 16);
        }
        wn_marks_scan(wn_buf_str(&text), &m);
        if (!m.c2pa || m.c2pa_start_byte != start || m.c2pa_manifest_bytes != n ||
            m.c2pa_start_byte + m.c2pa_bytes != text.len || total(&m) != 1)
            fail_msg("seed %llu: not found", (unsigned long long)seed);
    }
    wn_buf_release(&text);
}

/* ---- tails ------------------------------------------------------------------------------ */

static void tails_fall_and_intervals_hold_their_rate(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct wn_rng r = stream(seed);
        uint64_t n = (uint64_t)pow(10, 9 * wn_rng_u01(&r)), k;
        double p = wn_rng_u01(&r), here, next;
        struct wn_interval ci;

        k = n ? wn_rng_below(&r, n) : 0;
        here = wn_log_binomial_sf(k, n, p);
        next = wn_log_binomial_sf(k + 1, n, p);
        ci = wn_rate_interval(k, n, 0.95);
        if (!(next <= here && here <= 0) || !(ci.low <= (double)k / (double)n && (double)k / (double)n <= ci.high))
            fail_msg("seed %llu: k %llu, n %llu, p %g", (unsigned long long)seed, (unsigned long long)k,
                     (unsigned long long)n, p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sieve_keeps_every_hit_of_random_patterns),
        cmocka_unit_test(the_sieve_keeps_every_hit_of_the_shipped_rules),
        cmocka_unit_test(repeating_a_text_adds_one_bigram_at_most),
        cmocka_unit_test(a_biased_text_is_found_and_another_key_sees_nothing),
        cmocka_unit_test(lines_have_their_own_marks),
        cmocka_unit_test(a_made_wrapper_is_found_where_it_is),
        cmocka_unit_test(tails_fall_and_intervals_hold_their_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
