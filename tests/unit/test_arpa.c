/*
 * test_arpa.c - ARPA files in and out.  What each file of arpa_corner/ comes to (accepted or
 * not, totals, matched lengths) was printed by KenLM's query, commit 4cb443e; our
 * deviations stand in `ours`, calculated by hand.
 */
#include "unit/lm_arpa_source.h"
#include "unit/lm_texts.h"
#include "support/scratch_group.h"

#include <dirent.h>
#include <math.h>
#include <stdatomic.h>
#include <unistd.h>

#include "lm/lm_arpa_lines.h"

#define CORNER NGRAM_DATA "arpa_corner/"

enum { N_LINES = 7 };          /* of heldout.txt */

struct expected {
    const char *name;
    bool accepted;
    double total[N_LINES];
    char matched[N_LINES][16];
};

static const struct expected ours[] = {
    /* Missing: "<s> a", "a b", "b c"; each is its back-off weight plus its unigram, as for hole_bigram. */
    { "hole_two_levels", true, { -2.0, -2.85, -4.1, -4.1, -5.2, -1.5, -2.2 },
      { "2333", "123", "111", "112", "2112", "1", "232" } },
    /* Sums of unigrams. */
    { "order1", true, { -3.8, -3.0, -2.9, -3.9, -4.7, -1.0, -2.7 },
      { "1111", "111", "111", "111", "1111", "1", "111" } },
    /* Whoever opens the file decompresses it. */
    { .name = "gz_magic" },
};

static struct expected parse_row(char *row, char *name)
{
    struct expected e = { .name = name };
    char *field[6], *p = row;

    for (int i = 0; i < 6; i++) {
        field[i] = p;
        p = strchr(p, '\t');
        assert_non_null(p);
        *p++ = '\0';
    }
    strcpy(name, field[0]);
    e.accepted = strcmp(field[1], "0") == 0;
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (strcmp(ours[i].name, name) == 0)
            return ours[i];
    for (int i = 0; e.accepted && i < N_LINES; i++) {
        int n = 0;

        e.total[i] = strtod(field[3], &field[3]);
        assert_int_equal(sscanf(field[4], "%15s%n", e.matched[i], &n), 1);
        field[4] += n;
    }
    return e;
}

static void check_scores(const struct wn_lm *lm, const struct expected *e)
{
    struct wn_str text = fixture_read(CORNER "heldout.txt"), left = text, line;
    struct wn_arena a = { 0 };

    for (int i = 0; i < N_LINES; i++) {
        struct wn_lm_score score[16];
        struct wn_tokens t;
        struct wn_lm_sum sum;

        assert_true(texts_line(&left, &line));
        t = texts_tokens(line, &a);
        wn_lm_score_tokens(lm, &t, score, &sum);
        if (!(fabs(sum.log10_p - e->total[i]) < 1e-5) && sum.log10_p != e->total[i])
            fail_msg("%s, line %d: %.7f, not %.7f", e->name, i, sum.log10_p, e->total[i]);
        assert_int_equal(t.n + 1, strlen(e->matched[i]));
        for (size_t j = 0; j <= t.n; j++)
            if (score[j].matched != e->matched[i][j] - '0')
                fail_msg("%s, line %d, token %zu: matched %u", e->name, i, j, score[j].matched);
    }
    wn_arena_release(&a);
    fixture_drop(text);
}

static void check_corner(const struct expected *e)
{
    char path[256];
    struct wn_err err;
    enum wn_status st;
    struct wn_lm *lm;

    snprintf(path, sizeof(path), CORNER "%s.arpa%s", e->name, strcmp(e->name, "gz_magic") == 0 ? ".gz" : "");
    st = wn_lm_import(&lm, path, NULL, NULL, &err);
    if (e->accepted && st != WN_OK)
        fail_msg("%s: %s", e->name, err.text);
    if (!e->accepted && st != WN_BADDATA)
        fail_msg("%s: not refused", e->name);
    assert_true(e->accepted == (lm != NULL));
    if (lm)
        check_scores(lm, e);
    wn_lm_free(lm);
}

static void files_of_other_tools_are_read_as_kenlm_reads_them(void **state)
{
    FILE *f = fopen(CORNER "results.tsv", "rb");
    char row[4096], name[4096];
    int n = 0;

    (void)state;
    assert_non_null(f);
    assert_non_null(fgets(row, sizeof(row), f));             /* names of the columns */
    while (fgets(row, sizeof(row), f)) {
        struct expected e = parse_row(row, name);

        check_corner(&e);
        n++;
    }
    fclose(f);
    assert_int_equal(n, 41);
}

/* ---- from memory --------------------------------------------------------------------- */

static enum wn_status import_text(struct wn_lm **lm, struct wn_str text, const struct wn_arpa_opts *opts,
                                  struct wn_arpa_notes *notes, struct wn_err *err)
{
    struct arpa_source s = { .left = text };

    return wn_lm_import_from(lm, arpa_source_read, &s, "x.arpa", opts, notes, err);
}

static struct wn_lm *import_good(struct wn_str text, const struct wn_arpa_opts *opts, struct wn_arpa_notes *notes)
{
    struct wn_err err;
    struct wn_lm *lm;

    if (import_text(&lm, text, opts, notes, &err) != WN_OK)
        fail_msg("%s", err.text);
    return lm;
}

static void expect_refusal(struct wn_str text, enum wn_status status, const char *why)
{
    struct wn_err err;
    struct wn_lm *lm;

    assert_int_equal(import_text(&lm, text, NULL, NULL, &err), status);
    assert_null(lm);
    if (!strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
}

#define HEAD "\\data\\\nngram 1=4\nngram 2=2\n\n\\1-grams:\n-1\t<unk>\n-99\t<s>\t-0.5\n-1\t</s>\n-0.7\ta\t-0.25\n\n"
#define GOOD HEAD "\\2-grams:\n-0.5\t<s> a\n-0.4\ta </s>\n\n\\end\\\n"

static void errors_name_the_line(void **state)
{
    static const struct {
        const char *file;
        const char *why;
    } cases[] = {
        { "space_separator", "line 7: expected a TAB behind the log-probability" },
        { "positive_prob", "line 15: the log-probability 0.1 is above 0" },
        { "backoff_in_top", "line 22: the back-off weight '-0.3' at the highest order" },
        { "nan_prob", "line 15: expected a log-probability, found 'nan" },
        { "inf_backoff", "line 15: the back-off weight '-inf' is not finite" },
        { "count_too_big", "line 21: the header counts 6 2-grams, only 5 came" },
        { "count_too_small", "line 19: expected '\\3-grams:'" },
        { "missing_order_header", "line 14: expected '\\2-grams:'" },
        { "oov_in_bigram", "line 20: the word 'zzz' is not among the unigrams" },
        { "no_blank_lines", "line 5: expected 'ngram 4='" },
        { "head_text", "line 1: expected '\\data\\', found 'some words'" },
        { "trailing_text", "line 27: 'more' behind '\\end\\'" },
        { "no_end", "line 25: the file ends before '\\end\\'" },
        { "bos_missing", "'<s>' is not among the unigrams" },
        { "eos_missing", "'</s>' is not among the unigrams" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char path[256];
        struct wn_err err;
        struct wn_lm *lm;

        snprintf(path, sizeof(path), CORNER "%s.arpa", cases[i].file);
        assert_int_equal(wn_lm_import(&lm, path, NULL, NULL, &err), WN_BADDATA);
        assert_non_null(strstr(err.text, path));
        if (!strstr(err.text, cases[i].why))
            fail_msg("'%s' does not say '%s'", err.text, cases[i].why);
    }
}

static void malformed_lines_are_refused(void **state)
{
    (void)state;
    wn_lm_free(import_good(WN_STR(GOOD), NULL, NULL));
    expect_refusal(WN_STR(""), WN_BADDATA, "it is empty");
    expect_refusal(WN_STR("# SRILM\n"), WN_BADDATA, "line 1: the file ends before '\\data\\'");
    expect_refusal(WN_STR("\\data\\\n\n"), WN_BADDATA, "line 2: expected 'ngram 1='");
    expect_refusal(WN_STR("\\data\\\nngram 1=4"), WN_BADDATA, "ends inside its header");
    expect_refusal(WN_STR("\\data\\\nngram 2=4\n\n"), WN_BADDATA, "line 2: expected 'ngram 1='");
    expect_refusal(WN_STR("\\data\\\nngram 1=99999999999999999999\n\n"), WN_BADDATA, "line 2: expected 'ngram 1='");
    expect_refusal(WN_STR(HEAD "\\2-grams:\n-0.5\t<s>\n"), WN_BADDATA, "line 12: expected 2 words, found 1");
    expect_refusal(WN_STR(HEAD "\\2-grams:\n-0.5\t<s> a b\n"), WN_BADDATA, "line 12: expected a back-off weight");
    expect_refusal(WN_STR(HEAD "\\2-grams:\n-0.5\t<s> a 0 0\n"), WN_BADDATA, "line 12: expected a back-off weight");
    expect_refusal(WN_STR("\\data\\\nngram 1=1\nngram 2=0\n\n\\1-grams:\n-1\ta\t-2e6\n"), WN_BADDATA,
                   "line 6: the back-off weight '-2e6' is not between -1e6 and 1e6");
    expect_refusal(WN_STR(HEAD "\\2-grams:\n-0.5x\t<s> a\n"), WN_BADDATA, "line 12: expected a log-probability");
    expect_refusal(WN_STR(HEAD "\\2-grams:\n\t<s> a\n"), WN_BADDATA, "line 12: expected a log-probability");
    expect_refusal(WN_STR(HEAD "\\2-grams:\n-0.5\t<s> A\n"), WN_BADDATA, "line 12: the word 'A'");
    expect_refusal(WN_STR(HEAD "\\2-grams:\n-0.5"), WN_BADDATA, "line 12: expected a TAB");
    expect_refusal(WN_STR("\\data\\\nngram 1=1\n\n\\1-grams:\n-1\t\n"), WN_BADDATA, "line 5: expected a word");
    expect_refusal(WN_STR("\x28\xB5\x2F\xFD...."), WN_BADDATA, "it is compressed");
}

static void counts_of_the_header_are_not_trusted(void **state)
{
    struct wn_arpa_opts small = { .room = { .memory_bytes = 1 << 24 } };
    struct wn_err err;
    struct wn_lm *lm;

    (void)state;
    expect_refusal(WN_STR("\\data\\\nngram 1=4294967294\n\n\\1-grams:\n-1\t<unk>\n\\end\\\n"), WN_BADDATA,
                   "line 6: the header counts 4294967294 1-grams, only 1 came");
    expect_refusal(WN_STR("\\data\\\nngram 1=1\nngram 2=18446744073709551615\n\n"), WN_BADDATA,
                   "line 3: 18446744073709551615 2-grams, but a model has at most 4294967294 of an order");
    expect_refusal(WN_STR("\\data\\\nngram 1=1\nngram 2=1\nngram 3=1\nngram 4=1\nngram 5=1\nngram 6=1\nngram 7=1\n"
                          "ngram 8=1\nngram 9=1\n\n"),
                   WN_BADDATA, "line 10: order 9, but the order of a model is at most 8");
    assert_int_equal(import_text(&lm, WN_STR("\\data\\\nngram 1=1000000\n\n"), &small, NULL, &err), WN_LIMIT);
    assert_non_null(strstr(err.text, "in its header in 16.0 MB of memory: at least"));
}

/* 400 words of 64 KiB, and a word of 9 MiB, with 4 MiB for all. */
static void long_words_stay_within_the_memory(void **state)
{
    const struct wn_arpa_opts opts = { .allow_missing_markers = true, .room.memory_bytes = UINT64_C(4) << 20 };
    char path[] = "/tmp/winnow-arpa-XXXXXX";
    struct wn_err err;

    (void)state;
    close(mkstemp(path));
    for (int one = 0; one < 2; one++) {
        const int n = one ? 1 : 400, length = one ? 9 << 20 : 1 << 16;
        FILE *f = fopen(path, "w");
        struct wn_lm *lm;

        assert_non_null(f);
        fprintf(f, "\\data\\\nngram 1=%d\n\n\\1-grams:\n", n);
        for (int i = 0; i < n; i++)
            fprintf(f, "-1\t%0*d\n", length, i);
        fputs("\n\\end\\\n", f);
        assert_int_equal(fclose(f), 0);
        assert_int_equal(wn_lm_import(&lm, path, &opts, NULL, &err), WN_LIMIT);
        if (!strstr(err.text, one ? "line 4: a line of" : "words in 4.0 MB"))
            fail_msg("%s", err.text);
    }
    unlink(path);
}

static void what_was_mended_is_noted(void **state)
{
    static const struct {
        const char *file;
        struct wn_arpa_notes notes;
    } cases[] = {
        { "base", { 0 } },
        { "unk_missing", { .unk_missing = true } },
        { "hole_bigram", { .n_holes = 1 } },
        { "hole_two_levels", { .n_holes = 3 } },
        { "dup_unigram", { .n_duplicates = 1 } },
        { "dup_bigram", { .n_duplicates = 1 } },
        { "positive_prob", { .n_positive = 1 } },
        { "bos_missing", { 0 } },
        { "eos_missing", { 0 } },
    };
    static const struct wn_arpa_opts opts = { .allow_missing_markers = true, .positive_to_zero = true };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wn_arpa_notes got;
        char path[256];
        struct wn_err err;
        struct wn_lm *lm;

        snprintf(path, sizeof(path), CORNER "%s.arpa", cases[i].file);
        if (wn_lm_import(&lm, path, &opts, &got, &err) != WN_OK)
            fail_msg("%s", err.text);
        if (got.unk_missing != cases[i].notes.unk_missing || got.n_holes != cases[i].notes.n_holes ||
            got.n_duplicates != cases[i].notes.n_duplicates || got.n_positive != cases[i].notes.n_positive)
            fail_msg("%s: other notes", cases[i].file);
        if (strcmp(cases[i].file, "bos_missing") == 0)
            assert_true(wn_lm_prob(lm, NULL, 0, WN_LM_BOS) == -99.0);
        if (strcmp(cases[i].file, "positive_prob") == 0)
            assert_true(wn_lm_prob(lm, (uint32_t[]){ WN_LM_BOS }, 1, wn_lm_id(lm, WN_STR("a"))) == 0.0);
        wn_lm_free(lm);
    }
}

static void every_file_of_lmplz_comes_out_as_it_went_in(void **state)
{
    DIR *dir = opendir(NGRAM_DATA "arpa");
    const struct dirent *entry;
    int n = 0;

    (void)state;
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        struct wn_buf out = { 0 };
        char path[512];
        struct wn_str text;
        struct wn_lm *lm;

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), NGRAM_DATA "arpa/%s", entry->d_name);
        text = fixture_read(path);
        lm = import_good(text, NULL, NULL);
        assert_int_equal(wn_lm_arpa(lm, fixture_collect, &out, NULL), WN_OK);
        if (!wn_str_eq(text, wn_buf_str(&out)))
            fail_msg("%s differs", path);
        wn_lm_free(lm);
        wn_buf_release(&out);
        fixture_drop(text);
        n++;
    }
    closedir(dir);
    assert_true(n >= 25);
}

/* The same numbers and words, written otherwise. */
static void notation_does_not_matter(void **state)
{
    static const char *const same[] = {
        "\\data\\\r\nngram 1=4\r\nngram 2=2\r\n\r\n\\1-grams:\r\n-1.0\t<UNK>\r\n-99\t<s>\t-5e-1\r\n-1\t</s>\r\n"
        "-0.70000000000000000000000000001\ta\t-.25\r\n\\2-grams:\r\n-0.5\t<s> a\t0\r\n-0.4\ta </s>\t-0.0\r\n\\end\\",
        "# a\n\n # b\n\\data\\  \nngram  1 = 4\nngram 2=\t2\n \n\\1-grams: \n -1\t<unk> \n\n-99\t<s> -0.5\n-1\t</s>\n"
        "-7E-1\t\ta\t-2500e-4\n\n\\2-grams:\n-0.5\t<s>\ta\n-0.4\t a  </s> \n\n\\end\\\n\n \n",
    };
    struct wn_buf want = { 0 };
    struct wn_lm *lm = import_good(WN_STR(GOOD), NULL, NULL);

    (void)state;
    assert_int_equal(wn_lm_arpa(lm, fixture_collect, &want, NULL), WN_OK);
    wn_lm_free(lm);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        struct wn_buf got = { 0 };

        lm = import_good(wn_str(same[i]), NULL, NULL);
        assert_int_equal(wn_lm_arpa(lm, fixture_collect, &got, NULL), WN_OK);
        if (!wn_str_eq(wn_buf_str(&want), wn_buf_str(&got)))
            fail_msg("case %zu:\n%.*s", i, WN_STR_ARG(wn_buf_str(&got)));
        wn_lm_free(lm);
        wn_buf_release(&got);
    }
    wn_buf_release(&want);
}

/* A word of NUL bytes and invalid UTF-8, one of 16 bytes, one of 10 MB. */
static void any_bytes_are_words(void **state)
{
    enum { LONG = 10000000 };
    static const char odd[] = "x\0\xFF\xC3";
    char *huge = malloc(LONG);
    struct wn_buf text = { 0 }, out = { 0 };
    struct wn_lm *lm;

    (void)state;
    assert_non_null(huge);
    memset(huge, 'h', LONG);
    wn_buf_addz(&text, "\\data\\\nngram 1=6\nngram 2=3\n\n\\1-grams:\n-1\t<unk>\t0\n-99\t<s>\t-0.5\n-1\t</s>\t0\n-0.7\t");
    wn_buf_add(&text, WN_STR("x\0\xFF\xC3"));
    wn_buf_addz(&text, "\t0\n-0.7\t0123456789abcdef\t0\n-0.5\t");
    wn_buf_add(&text, (struct wn_str){ huge, LONG });
    wn_buf_addz(&text, "\t-1\n\n\\2-grams:\n-0.5\t");
    wn_buf_add(&text, (struct wn_str){ huge, LONG });
    wn_buf_addz(&text, " ");
    wn_buf_add(&text, WN_STR("x\0\xFF\xC3"));
    wn_buf_addz(&text, "\n-0.5\t<s> 0123456789abcdef\n-0.4\t0123456789abcdef ");
    wn_buf_add(&text, (struct wn_str){ huge, LONG });
    wn_buf_addz(&text, "\n\n\\end\\\n");
    lm = import_good(wn_buf_str(&text), NULL, NULL);
    assert_int_equal(wn_lm_id(lm, (struct wn_str){ odd, 4 }), 3);
    assert_int_equal(wn_lm_id(lm, (struct wn_str){ huge, LONG }), 5);
    assert_int_equal(wn_lm_arpa(lm, fixture_collect, &out, NULL), WN_OK);
    assert_true(wn_str_eq(wn_buf_str(&text), wn_buf_str(&out)));
    wn_lm_free(lm);
    wn_buf_release(&text);
    wn_buf_release(&out);
    free(huge);
}

/* Half way between two floats, and a hair beyond: 1 + 2^-24 and its neighbours' sides. */
static void decimals_are_rounded_once(void **state)
{
    static const struct {
        const char *text;
        float want;
    } cases[] = {
        { "1.000000059604644775390625", 1.0f },
        { "1.00000005960464477539062500000000000000001", 1.00000012f },
        { "1.000000059604644775390624999999999999", 1.0f },
        { "1.000000178813934326171875", 1.00000024f },
        { "0.00000000000000000000000000000000000000000000140129846432481707", 1e-45f },
        { "7.006492321624085e-46", 0.0f },
        { "7.0064923216240862e-46", 1e-45f },
        { "3.4028236e38", INFINITY },
        { "123456789012345678901234567890e-29", 1.23456789f },
        { "0e999999999999999999999", 0.0f },
        { "1e-999999999999999999999", 0.0f },
        { "00000000000000000000000000001.5", 1.5f },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *end = cases[i].text + strlen(cases[i].text);
        float got = NAN;

        assert_ptr_equal(arpa_number(cases[i].text, end, &got), end);
        if (got != cases[i].want)
            fail_msg("%s: %.9g", cases[i].text, (double)got);
    }
    assert_null(arpa_number("-", "-" + 1, &(float){ 0 }));
    assert_null(arpa_number(".", "." + 1, &(float){ 0 }));
}

static void missing_files_are_an_io_error(void **state)
{
    struct wn_err err;
    struct wn_lm *lm;

    (void)state;
    assert_int_equal(wn_lm_import(&lm, "/nonexistent/x.arpa", NULL, NULL, &err), WN_IO);
    assert_null(lm);
    assert_int_equal(wn_lm_import(&lm, "/", NULL, NULL, &err), WN_IO);
    assert_null(lm);
}

static void a_raised_flag_stops_the_import(void **state)
{
    atomic_int stop = 1;
    struct wn_arpa_opts opts = { .room = { .stop = &stop } };
    struct wn_err err;
    struct wn_lm *lm;

    (void)state;
    assert_int_equal(import_text(&lm, WN_STR(GOOD), &opts, NULL, &err), WN_CANCELLED);
    assert_null(lm);
}

static enum wn_status to_path(const char *path, struct wn_str text)
{
    return arpa_source_write((struct arpa_source){ .left = text }, path);
}

static void written_files_are_complete_or_not_there(void **state)
{
    const char *path = scratch_path(&scratch, "out.arpa");
    struct wn_str text;

    (void)state;
    assert_int_equal(to_path(path, WN_STR(HEAD "\\2-grams:\n")), WN_BADDATA);
    assert_int_equal(scratch_count(&scratch), 0);
    assert_int_equal(to_path(path, WN_STR(GOOD)), WN_OK);
    assert_int_equal(scratch_count(&scratch), 1);
    text = fixture_read(path);
    assert_true(wn_str_eq(text, WN_STR("\\data\\\nngram 1=4\nngram 2=2\n\n\\1-grams:\n-1\t<unk>\t0\n-99\t<s>\t-0.5\n"
                                       "-1\t</s>\t0\n-0.7\ta\t-0.25\n\n\\2-grams:\n-0.4\ta </s>\n-0.5\t<s> a\n\n\\end\\\n")));
    fixture_drop(text);
    assert_int_equal(to_path("/nonexistent/out.arpa", WN_STR(GOOD)), WN_IO);
}

static void empty_orders_have_sections(void **state)
{
    struct wn_buf out = { 0 };
    struct wn_lm *lm;

    (void)state;
    assert_int_equal(wn_lm_import(&lm, CORNER "empty_top.arpa", NULL, NULL, NULL), WN_OK);
    assert_int_equal(wn_lm_arpa(lm, fixture_collect, &out, NULL), WN_OK);
    wn_buf_addc(&out, '\0');
    assert_non_null(strstr(out.ptr, "ngram 3=0\n"));
    assert_non_null(strstr(out.ptr, "\n\n\\3-grams:\n\n\\end\\\n"));
    wn_lm_free(lm);
    wn_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_other_tools_are_read_as_kenlm_reads_them),
        cmocka_unit_test(errors_name_the_line),
        cmocka_unit_test(malformed_lines_are_refused),
        cmocka_unit_test(counts_of_the_header_are_not_trusted),
        cmocka_unit_test(long_words_stay_within_the_memory),
        cmocka_unit_test(what_was_mended_is_noted),
        cmocka_unit_test(every_file_of_lmplz_comes_out_as_it_went_in),
        cmocka_unit_test(notation_does_not_matter),
        cmocka_unit_test(any_bytes_are_words),
        cmocka_unit_test(decimals_are_rounded_once),
        cmocka_unit_test(missing_files_are_an_io_error),
        cmocka_unit_test(a_raised_flag_stops_the_import),
        cmocka_unit_test(empty_orders_have_sections),
        cmocka_unit_test(written_files_are_complete_or_not_there),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
