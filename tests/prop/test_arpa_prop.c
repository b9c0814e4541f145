/*
 * test_arpa_prop.c - what holds for all ARPA files.
 */
#include "unit/lm_fixture.h"

#include <math.h>

#include <winnow/rng.h>

enum { N_SEEDS = 40, MOST_LINES = 4000 };

/* Sentences over N_WORDS words, the lower ones more often.  LONG_NAMES: words of 1 to 300
 * bytes, for the same sentences. */
static struct wn_str random_text(struct wn_buf *out, uint64_t seed, unsigned n_sentences, uint32_t n_words,
                                 bool long_names)
{
    struct wn_rng rng;

    wn_rng_init(&rng, seed, WN_DOMAIN_METRIC, 0, 0, 0);
    wn_buf_reset(out);
    for (unsigned i = 0; i < n_sentences; i++) {
        for (uint64_t n = wn_rng_below(&rng, 9); n > 0; n--) {
            uint32_t w = (uint32_t)wn_rng_below(&rng, 1 + wn_rng_below(&rng, n_words));

            if (!long_names) {
                wn_buf_addf(out, "w%u ", w);
                continue;
            }
            for (uint32_t j = 0; j < w * w * 7 % (w % 5 ? 23 : 299); j++)
                wn_buf_addc(out, (char)('a' + (w + j) % 26));
            wn_buf_addf(out, "-%u ", w);
        }
        wn_buf_addc(out, '\n');
    }
    return wn_buf_str(out);
}

struct source {
    struct wn_str left;
    struct wn_rng rng;
    uint64_t most;             /* bytes a read; 0: as many as asked for */
};

static enum wn_status read_source(void *arg, char *to, size_t room, size_t *got, struct wn_err *err)
{
    struct source *s = arg;

    (void)err;
    *got = s->left.len < room ? s->left.len : room;
    if (s->most > 0 && *got > 0) {
        size_t n = 1 + wn_rng_below(&s->rng, s->most);

        *got = n < *got ? n : *got;
    }
    memcpy(to, s->left.ptr, *got);
    s->left = (struct wn_str){ s->left.ptr + *got, s->left.len - *got };
    return WN_OK;
}

static struct wn_lm *import(struct wn_str text, uint64_t seed, uint64_t most, struct wn_arpa_notes *notes)
{
    static const struct wn_arpa_opts opts = { .room = { .jobs = 2 } };
    struct source s = { .left = text, .most = most };
    struct wn_err err;
    struct wn_lm *lm;

    wn_rng_init(&s.rng, seed, WN_DOMAIN_SPLIT, 0, 0, 0);
    if (wn_lm_import_from(&lm, read_source, &s, "x.arpa", &opts, notes, &err) != WN_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, err.text);
    return lm;
}

static struct wn_str export(const struct wn_lm *lm, struct wn_buf *out)
{
    wn_buf_reset(out);
    assert_int_equal(wn_lm_arpa(lm, fixture_collect, out, NULL), WN_OK);
    return wn_buf_str(out);
}

/* Random models, pruned too, in chunks of any size. */
static void what_goes_out_comes_in_again(void **state)
{
    struct wn_buf text = { 0 }, a = { 0 }, b = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct wn_lm_opts opts = { .prune = { 0, seed % 3, seed % 3, 2, 2, 2, 2, 2 } };
        struct wn_lm *lm = fixture_model(random_text(&text, seed, 20 + 5 * (unsigned)seed, 30, seed % 2),
                                         1 + seed % WN_LM_MAX_ORDER, WN_TOK_WHITESPACE, &opts), *again;
        struct wn_arpa_notes notes;

        export(lm, &a);
        again = import(wn_buf_str(&a), seed, seed % 4 * 50, &notes);
        if (!wn_str_eq(wn_buf_str(&a), export(again, &b)) || notes.n_holes || notes.n_duplicates || notes.unk_missing)
            fail_msg("seed %llu: another model came back", (unsigned long long)seed);
        for (unsigned k = 1; k <= WN_LM_MAX_ORDER; k++)
            assert_int_equal(wn_lm_ngrams(lm, k), wn_lm_ngrams(again, k));
        wn_lm_free(lm);
        wn_lm_free(again);
    }
    wn_buf_release(&text);
    wn_buf_release(&a);
    wn_buf_release(&b);
}

/* A's lines with its words "wN" replaced by those of B's vocabulary. */
static struct wn_str rename_words(const struct wn_lm *names, const struct wn_lm *of, struct wn_str a,
                                  struct wn_buf *out)
{
    const char *p = a.ptr, *end = a.ptr + a.len;

    wn_buf_reset(out);
    while (p < end) {
        size_t n = 0;

        while (p + n < end && !strchr("\t\n ", p[n]))
            n++;
        if (n > 0 && *p == 'w')
            wn_buf_add(out, wn_lm_word(names, wn_lm_id(of, (struct wn_str){ p, n })));
        else
            wn_buf_add(out, (struct wn_str){ p, n });
        if (p + n < end)
            wn_buf_addc(out, p[n]);
        p += n + 1;
    }
    return wn_buf_str(out);
}

/* Short words are anchored by KenLM's files, byte for byte; long ones differ by name only. */
static void long_words_are_written_as_short_ones_are(void **state)
{
    struct wn_buf text = { 0 }, a = { 0 }, b = { 0 }, renamed = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        unsigned order = 1 + seed % WN_LM_MAX_ORDER;
        struct wn_lm *brief = fixture_model(random_text(&text, seed, 60, 40, false), order, WN_TOK_WHITESPACE, NULL);
        struct wn_lm *wordy = fixture_model(random_text(&text, seed, 60, 40, true), order, WN_TOK_WHITESPACE, NULL);

        export(brief, &a);
        if (!wn_str_eq(rename_words(wordy, brief, wn_buf_str(&a), &renamed), export(wordy, &b)))
            fail_msg("seed %llu: long words change more than words", (unsigned long long)seed);
        wn_lm_free(brief);
        wn_lm_free(wordy);
    }
    wn_buf_release(&text);
    wn_buf_release(&a);
    wn_buf_release(&b);
    wn_buf_release(&renamed);
}

/* ---- lines: shuffled, doubled, taken away ------------------------------------------------ */

struct lines {
    struct wn_str item[MOST_LINES];
    unsigned order[MOST_LINES];
    size_t n;
};

/* The n-gram lines of an ARPA file. */
static void split(struct wn_str text, struct lines *l)
{
    const char *p = text.ptr, *end = text.ptr + text.len;
    unsigned order = 0;

    for (l->n = 0; p < end;) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));

        if (*p == '\\' && p[2] == '-')
            order = (unsigned)(p[1] - '0');
        else if (order > 0 && *p != '\n' && *p != '\\') {
            assert_true(l->n < MOST_LINES);
            l->order[l->n] = order;
            l->item[l->n++] = (struct wn_str){ p, (size_t)(nl - p) };
        }
        p = nl + 1;
    }
}

static struct wn_str join(const struct lines *l, unsigned order, struct wn_buf *out)
{
    wn_buf_reset(out);
    wn_buf_addz(out, "\\data\\\n");
    for (unsigned k = 1; k <= order; k++) {
        unsigned n = 0;

        for (size_t i = 0; i < l->n; i++)
            n += l->order[i] == k;
        wn_buf_addf(out, "ngram %u=%u\n", k, n);
    }
    for (unsigned k = 1; k <= order; k++) {
        wn_buf_addf(out, "\n\\%u-grams:\n", k);
        for (size_t i = 0; i < l->n; i++)
            if (l->order[i] == k) {
                wn_buf_add(out, l->item[i]);
                wn_buf_addc(out, '\n');
            }
    }
    wn_buf_addz(out, "\n\\end\\\n");
    assert_int_equal(wn_buf_status(out, NULL), WN_OK);
    return wn_buf_str(out);
}

/* Swaps lines above order 1, each with one of its order. */
static void shuffle(struct lines *l, struct wn_rng *rng)
{
    for (size_t i = 0; i < l->n; i++) {
        size_t j = wn_rng_below(rng, l->n);

        if (l->order[i] > 1 && l->order[i] == l->order[j]) {
            struct wn_str held = l->item[i];

            l->item[i] = l->item[j];
            l->item[j] = held;
        }
    }
}

static void the_order_of_lines_does_not_matter(void **state)
{
    struct wn_buf text = { 0 }, a = { 0 }, b = { 0 }, mixed = { 0 };
    struct lines *l = malloc(sizeof(*l));

    (void)state;
    assert_non_null(l);
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        unsigned order = 2 + seed % 5;
        struct wn_lm *lm = fixture_model(random_text(&text, seed, 60, 20, false), order, WN_TOK_WHITESPACE, NULL);
        struct wn_rng rng;

        wn_rng_init(&rng, seed, WN_DOMAIN_METRIC, 1, 0, 0);
        split(export(lm, &a), l);
        shuffle(l, &rng);
        wn_lm_free(lm);
        lm = import(join(l, order, &mixed), seed, 0, NULL);
        if (!wn_str_eq(wn_buf_str(&a), export(lm, &b)))
            fail_msg("seed %llu: another model from lines in another order", (unsigned long long)seed);
        wn_lm_free(lm);
    }
    free(l);
    wn_buf_release(&text);
    wn_buf_release(&a);
    wn_buf_release(&b);
    wn_buf_release(&mixed);
}

/* The definition, on the lines themselves: log10 p(w_n | w_1 .. w_(n-1)). */
static double by_definition(const struct lines *l, const char *const *w, unsigned n)
{
    struct wn_buf want = { 0 }, context = { 0 };
    double p = NAN, backoff = 0.0;

    for (unsigned i = 0; i < n; i++) {
        wn_buf_addf(&want, "%c%s", i ? ' ' : '\t', w[i]);
        if (i + 1 < n)
            wn_buf_addf(&context, "%c%s", i ? ' ' : '\t', w[i]);
    }
    for (size_t i = 0; i < l->n; i++) {
        const char *tab = memchr(l->item[i].ptr, '\t', l->item[i].len);
        size_t left = (size_t)(l->item[i].ptr + l->item[i].len - tab);
        const char *second = memchr(tab + 1, '\t', left - 1);
        struct wn_str words = { tab, second ? (size_t)(second - tab) : left };

        if (isnan(p) && wn_str_eq(words, wn_buf_str(&want)))
            p = strtod(l->item[i].ptr, NULL);
        if (second && context.len > 0 && wn_str_eq(words, wn_buf_str(&context)))
            backoff = strtod(second + 1, NULL);
    }
    wn_buf_release(&want);
    wn_buf_release(&context);
    return isnan(p) ? backoff + by_definition(l, w + 1, n - 1) : p;
}

static void check_probability(const struct wn_lm *lm, const struct lines *l, unsigned order, struct wn_rng *rng,
                              uint64_t seed)
{
    const char *words[WN_LM_MAX_ORDER];
    char text[WN_LM_MAX_ORDER][16];
    uint32_t ids[WN_LM_MAX_ORDER];
    double want, got;

    for (unsigned j = 0; j < order; j++) {
        ids[j] = (uint32_t)wn_rng_below(rng, wn_lm_vocab_size(lm));
        snprintf(text[j], sizeof(text[j]), "%.*s", WN_STR_ARG(wn_lm_word(lm, ids[j])));
        words[j] = text[j];
    }
    want = by_definition(l, words, order);
    got = wn_lm_prob(lm, ids, order - 1, ids[order - 1]);
    if (fabs(want - got) > 1e-5)
        fail_msg("seed %llu: %.7f, by definition %.7f", (unsigned long long)seed, got, want);
}

static void filled_holes_change_no_probability(void **state)
{
    struct wn_buf text = { 0 }, a = { 0 }, holey = { 0 };
    struct lines *l = malloc(sizeof(*l));
    uint64_t n_holes = 0;

    (void)state;
    assert_non_null(l);
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        unsigned order = 2 + seed % 4;
        struct wn_lm *lm = fixture_model(random_text(&text, seed, 25, 8, false), order, WN_TOK_WHITESPACE, NULL);
        struct wn_arpa_notes notes;
        struct wn_rng rng;
        size_t n = 0;

        wn_rng_init(&rng, seed, WN_DOMAIN_METRIC, 2, 0, 0);
        split(export(lm, &a), l);
        for (size_t i = 0; i < l->n; i++) {
            l->item[n] = l->item[i];
            l->order[n] = l->order[i];
            n += l->order[i] == 1 || wn_rng_below(&rng, 3) > 0;
        }
        l->n = n;
        wn_lm_free(lm);
        lm = import(join(l, order, &holey), seed, 0, &notes);
        n_holes += notes.n_holes;
        for (int i = 0; i < 60; i++)
            check_probability(lm, l, order, &rng, seed);
        wn_lm_free(lm);
    }
    assert_true(n_holes > 100);
    free(l);
    wn_buf_release(&text);
    wn_buf_release(&a);
    wn_buf_release(&holey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_out_comes_in_again),
        cmocka_unit_test(long_words_are_written_as_short_ones_are),
        cmocka_unit_test(the_order_of_lines_does_not_matter),
        cmocka_unit_test(filled_holes_change_no_probability),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
