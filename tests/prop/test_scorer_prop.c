/*
 * test_scorer_prop.c - what holds for any model and any text: seeds are tried in turn, the
 * failing one is printed.
 */
#include "unit/lm_tables_fixture.h"

#include <sys/mman.h>
#include <unistd.h>

#include <winnow/lmscore.h>
#include <winnow/rng.h>

enum { N_SEEDS = 30 };

static const enum wn_simd simds[] = { WN_SIMD_NONE, WN_SIMD_AVX2, WN_SIMD_AVX512 };
enum { N_SIMDS = sizeof(simds) / sizeof(simds[0]) };

/* Words of 1 to 40 bytes, the earlier ones likelier, some of them with bytes above 127. */
static void add_word(struct wn_buf *out, struct wn_rng *rng, uint64_t n_words)
{
    uint64_t id = wn_rng_below(rng, 1 + wn_rng_below(rng, n_words)), len = 1 + (id * 7 + id / 3) % 40;

    for (uint64_t k = 0; k < len; k++)
        wn_buf_addc(out, (char)(k % 5 == 4 ? 0xc3 : 'a' + (id + k * id) % 26));
}

/* N sentences over N_WORDS words; HOSTILE: all separators, empty lines, no end. */
static struct wn_str random_text(struct wn_buf *out, struct wn_rng *rng, uint64_t n, uint64_t n_words, bool hostile)
{
    wn_buf_reset(out);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t len = wn_rng_below(rng, wn_rng_below(rng, 4) ? 9 : 200);

        for (uint64_t j = 0; j < len; j++) {
            add_word(out, rng, n_words);
            wn_buf_addc(out, hostile ? "\0\t\r  "[wn_rng_below(rng, 5)] : ' ');
            if (hostile && wn_rng_below(rng, 8) == 0)
                wn_buf_add(out, (struct wn_str){ "\0\t \r", wn_rng_below(rng, 5) });
        }
        if (!hostile || wn_rng_below(rng, 4) || i + 1 < n)
            wn_buf_addc(out, '\n');
        for (uint64_t k = hostile && wn_rng_below(rng, 5) == 0 ? wn_rng_below(rng, 100) : 0; k > 0; k--)
            wn_buf_addc(out, '\n');
    }
    assert_int_equal(wn_buf_status(out, NULL), WN_OK);
    return wn_buf_str(out);
}

static struct wn_lm *random_model(struct wn_rng *rng, unsigned order, uint64_t n_words)
{
    struct wn_lm_opts opts = { 0 };
    struct wn_buf text = { 0 };
    struct wn_lm *lm;

    for (unsigned k = 1; k < WN_LM_MAX_ORDER; k++)
        opts.prune[k] = opts.prune[k - 1] + wn_rng_below(rng, 4) / 3;
    lm = fixture_model(random_text(&text, rng, 40, n_words, false), order, WN_TOK_WHITESPACE, &opts);
    wn_buf_release(&text);
    return lm;
}

/* A text whose last byte is the last of a page, and nothing readable behind. */
struct cliff {
    char *map;
    size_t bytes;
    struct wn_str text;
};

static struct cliff cliff_make(struct wn_str text)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), body = (text.len + page - 1) / page * page;
    struct cliff c = { .bytes = body + page };

    c.map = mmap(NULL, c.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(c.map != MAP_FAILED);
    assert_int_equal(mprotect(c.map + body, page, PROT_NONE), 0);
    c.text = (struct wn_str){ c.map + body - text.len, text.len };
    if (text.len > 0)
        memcpy(c.map + body - text.len, text.ptr, text.len);
    return c;
}

/* What a scorer said of a text: its tokens and sums. */
struct said {
    struct wn_scorer *s;
    const struct wn_scored *token;
    size_t n;
    struct wn_lm_sum sum[2];
};

static bool said_open(struct said *a, const struct wn_lm *lm, enum wn_simd simd, bool no_markers)
{
    struct wn_scorer_opts opts = { .per_token = true, .no_markers = no_markers, .simd = simd };

    *a = (struct said){ 0 };
    return wn_scorer_new(&a->s, lm, &opts, NULL) == WN_OK;
}

static void said_add(struct said *a, struct wn_str text)
{
    assert_int_equal(wn_scorer_add(a->s, text, a->sum, NULL), WN_OK);
}

static void said_end(struct said *a)
{
    assert_int_equal(wn_scorer_flush(a->s, NULL), WN_OK);
    a->token = wn_scorer_tokens(a->s, &a->n);
}

static void check_same(const struct said *a, const struct said *b, unsigned n_models, uint64_t seed, const char *what)
{
    if (a->n != b->n)
        fail_msg("seed %llu, %s: %zu tokens, want %zu", (unsigned long long)seed, what, b->n, a->n);
    for (size_t i = 0; i < a->n; i++) {
        const struct wn_scored *x = &a->token[i], *y = &b->token[i];

        for (unsigned m = 0; m < n_models; m++)
            if (memcmp(&x->log10_p[m], &y->log10_p[m], sizeof(float)) != 0 || x->matched[m] != y->matched[m] ||
                x->is_oov[m] != y->is_oov[m] || x->is_end != y->is_end || !wn_str_eq(x->word, y->word))
                fail_msg("seed %llu, %s, token %zu '%.*s' model %u: %.9g by %u, want %.9g by %u",
                         (unsigned long long)seed, what, i, WN_STR_ARG(x->word), m, (double)y->log10_p[m],
                         y->matched[m], (double)x->log10_p[m], x->matched[m]);
    }
    for (unsigned m = 0; m < n_models; m++)
        if (memcmp(&a->sum[m], &b->sum[m], sizeof(a->sum[m])) != 0)
            fail_msg("seed %llu, %s: another sum", (unsigned long long)seed, what);
}

/* FIRST (and SECOND): all that must agree on TEXT. */
static void check_tables(const struct wn_lm *first, const struct wn_lm *second, enum tables_mode mode,
                         struct wn_str text, double load, bool bare, uint64_t seed)
{
    struct said want, got;
    struct tables t;

    tables_make(&t, first, second, mode, load);
    assert_true(said_open(&want, mode == TABLES_EXACT ? first : &t.lm, WN_SIMD_NONE, bare));
    said_add(&want, text);
    said_end(&want);
    for (size_t k = 0; k < N_SIMDS; k++) {
        if (!said_open(&got, &t.lm, simds[k], bare))
            continue;                                       /* not on this machine */
        said_add(&got, text);
        said_end(&got);
        check_same(&want, &got, t.n_models, seed, wn_scorer_simd(got.s));
        wn_scorer_free(got.s);
    }
    wn_scorer_free(want.s);
    tables_release(&t);
}

static void all_instruction_sets_and_the_index_give_the_same_bits(void **state)
{
    struct wn_buf text = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        double load = 0.5 + 0.1 * (double)(seed % 6);
        struct wn_lm *first, *second;
        struct wn_rng rng;
        struct cliff c;

        wn_rng_init(&rng, seed, WN_DOMAIN_REAL, 0, 0, 0);
        first = random_model(&rng, 1 + seed % WN_LM_MAX_ORDER, 30);
        second = random_model(&rng, 1 + wn_rng_below(&rng, WN_LM_MAX_ORDER), 60);
        c = cliff_make(random_text(&text, &rng, seed % 11, 50, true));
        check_tables(first, NULL, TABLES_EXACT, c.text, load, seed % 2, seed);
        check_tables(first, NULL, TABLES_COMPACT, c.text, load, seed % 2, seed);
        check_tables(first, second, TABLES_JOINT, c.text, load, seed % 2, seed);
        munmap(c.map, c.bytes);
        wn_lm_free(first);
        wn_lm_free(second);
    }
    wn_buf_release(&text);
}

/* Short words up to the last byte before a page that cannot be read, at every length. */
static void no_byte_behind_a_text_is_read(void **state)
{
    struct wn_rng rng;
    struct wn_lm *lm;

    (void)state;
    wn_rng_init(&rng, 1, WN_DOMAIN_REAL, 4, 0, 0);
    lm = random_model(&rng, 3, 30);
    for (unsigned len = 0; len < 200; len++) {
        unsigned word = 1 + len % 3;
        char text[200];
        struct cliff c;

        for (unsigned i = 0; i < len; i++)
            text[i] = (len - i) % (word + 1) == 0 ? ' ' : 'a';
        c = cliff_make((struct wn_str){ text, len });
        check_tables(lm, NULL, TABLES_EXACT, c.text, 0.8, false, len);
        munmap(c.map, c.bytes);
    }
    wn_lm_free(lm);
}

/* Cut at ends of lines, so that the sentences are the same. */
static void parts_of_a_text_score_as_the_whole(void **state)
{
    struct wn_buf text = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct said whole, parts;
        struct wn_rng rng;
        struct wn_lm *lm;
        struct tables t;
        struct wn_str s;

        wn_rng_init(&rng, seed, WN_DOMAIN_REAL, 1, 0, 0);
        lm = random_model(&rng, 1 + seed % WN_LM_MAX_ORDER, 30);
        tables_make(&t, lm, NULL, seed % 2 ? TABLES_EXACT : TABLES_COMPACT, 0.8);
        s = random_text(&text, &rng, 60, 50, true);
        assert_true(said_open(&whole, &t.lm, WN_SIMD_AUTO, seed % 3 == 0));
        assert_true(said_open(&parts, &t.lm, WN_SIMD_AUTO, seed % 3 == 0));
        said_add(&whole, s);
        said_end(&whole);
        while (s.len > 0) {
            const char *lf = memchr(s.ptr, '\n', s.len);
            size_t n = lf ? (size_t)(lf - s.ptr) + 1 : s.len;

            said_add(&parts, (struct wn_str){ s.ptr, n });
            if (wn_rng_below(&rng, 10) == 0)
                said_end(&parts);
            s = (struct wn_str){ s.ptr + n, s.len - n };
        }
        said_end(&parts);
        check_same(&whole, &parts, 1, seed, "in parts");
        wn_scorer_free(whole.s);
        wn_scorer_free(parts.s);
        tables_release(&t);
        wn_lm_free(lm);
    }
    wn_buf_release(&text);
}

/* Sentence by sentence as tokens, by the plain call. */
static void one_sentence_at_a_time_scores_as_all_at_once(void **state)
{
    struct wn_buf text = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct wn_arena a = { 0 };
        struct said by_tokens;
        struct wn_tokens words;
        struct wn_lm_score *score;
        struct wn_lm_sum sum;
        struct wn_rng rng;
        struct wn_lm *lm;
        struct tables t;

        wn_rng_init(&rng, seed, WN_DOMAIN_REAL, 2, 0, 0);
        lm = random_model(&rng, 1 + seed % WN_LM_MAX_ORDER, 30);
        tables_make(&t, lm, NULL, TABLES_EXACT, 0.8);
        wn_buf_reset(&text);
        for (uint64_t i = wn_rng_below(&rng, 2000); i > 0; i--) {
            add_word(&text, &rng, 50);
            wn_buf_addc(&text, ' ');
        }
        assert_int_equal(wn_tokenize(WN_TOK_WHITESPACE, wn_buf_str(&text), &a, &words, NULL), WN_OK);
        score = wn_arena_calloc(&a, words.n + 1, sizeof(*score));
        assert_non_null(score);
        wn_lm_score_tokens(&t.lm, &words, score, &sum);
        assert_true(said_open(&by_tokens, &t.lm, WN_SIMD_AUTO, false));
        assert_int_equal(wn_scorer_add_tokens(by_tokens.s, &words, by_tokens.sum, NULL), WN_OK);
        said_end(&by_tokens);
        assert_int_equal(by_tokens.n, words.n + 1);
        for (size_t i = 0; i <= words.n; i++) {
            assert_memory_equal(&score[i].log10_p, &by_tokens.token[i].log10_p[0], sizeof(float));
            assert_int_equal(score[i].matched, by_tokens.token[i].matched[0]);
            assert_int_equal(score[i].id == WN_LM_UNK, by_tokens.token[i].is_oov[0]);
        }
        assert_memory_equal(&sum, &by_tokens.sum[0], sizeof(sum));
        wn_scorer_free(by_tokens.s);
        tables_release(&t);
        wn_lm_free(lm);
        wn_arena_release(&a);
    }
    wn_buf_release(&text);
}

/* Numbers may be wrong, but all reads stay inside (a sanitizer sees it; so do guard pages). */
static void damaged_tables_never_lead_astray(void **state)
{
    static const enum tables_mode modes[] = { TABLES_EXACT, TABLES_COMPACT, TABLES_JOINT };
    struct wn_buf text = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct cliff table[WN_LM_MAX_ORDER + 1] = { { 0 } };
        struct wn_rng rng;
        struct wn_lm *lm;
        struct tables t;

        wn_rng_init(&rng, seed, WN_DOMAIN_REAL, 3, 0, 0);
        lm = random_model(&rng, 1 + seed % WN_LM_MAX_ORDER, 30);
        tables_make(&t, lm, modes[seed % 3] == TABLES_JOINT ? lm : NULL, modes[seed % 3], 0.9);
        for (unsigned k = 1; k <= t.lm.head.order; k++) {
            size_t bytes = t.lm.hash[k].n_lines * LM_LINE_BYTES;

            for (size_t i = 0; i < bytes; i++)
                if (wn_rng_below(&rng, seed % 5 + 1) > 0)
                    t.mem[k][i] = seed % 7 == 0 ? 0xff : (unsigned char)wn_rng_below(&rng, 256);
            table[k] = cliff_make((struct wn_str){ (const char *)t.mem[k], bytes });
            t.lm.hash[k].line = (const unsigned char *)table[k].text.ptr;
        }
        for (size_t i = 0; i < N_SIMDS; i++) {
            struct said s;

            if (!said_open(&s, &t.lm, simds[i], false))
                continue;
            said_add(&s, random_text(&text, &rng, 20, 50, true));
            said_end(&s);
            wn_scorer_free(s.s);
        }
        for (unsigned k = 1; k <= t.lm.head.order; k++)
            munmap(table[k].map, table[k].bytes);
        tables_release(&t);
        wn_lm_free(lm);
    }
    wn_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_instruction_sets_and_the_index_give_the_same_bits),
        cmocka_unit_test(no_byte_behind_a_text_is_read),
        cmocka_unit_test(parts_of_a_text_score_as_the_whole),
        cmocka_unit_test(one_sentence_at_a_time_scores_as_all_at_once),
        cmocka_unit_test(damaged_tables_never_lead_astray),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
