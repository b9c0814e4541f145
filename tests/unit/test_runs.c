/*
 * test_runs.c - from text to sorted, counted N-grams, in memory and on disk.
 */
#include "unit/runs_fixture.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#define MB (UINT64_C(1) << 20)

static struct wn_counts *counts_in(struct wn_str text, unsigned order, uint64_t memory_bytes)
{
    const struct wn_counts_opts opts = { .order = order, .room = { .memory_bytes = memory_bytes } };
    struct wn_counts *c;
    struct wn_err err;

    if (wn_counts_open(&c, &opts, &err) != WN_OK || wn_counts_add_text(c, text, &err) != WN_OK)
        fail_msg("%s", err.text);
    return c;
}

/* By hand: "a b" and "b", order 2: </s> after b twice, a after <s>, b after <s> and after a. */
static void ngrams_are_in_suffix_order_with_counts(void **state)
{
    static const uint32_t words[][2] = { { 2, 4 }, { 3, 1 }, { 4, 1 }, { 4, 3 } };
    static const uint64_t count[] = { 2, 1, 1, 1 };
    struct wn_counts *c = counts_in(WN_STR("a b\nb\n"), 2, 0);
    struct ngrams g = runs_of(c, true, 1, 0);

    (void)state;
    assert_int_equal(g.n, 4);
    assert_memory_equal(g.words, words, sizeof(words));
    assert_memory_equal(g.count, count, sizeof(count));
    ngrams_drop(&g);
    wn_counts_free(c);
}

static void nothing_counted_gives_one_empty_part(void **state)
{
    struct wn_counts *c = counts_in(WN_STR(""), 3, 0);
    struct ngrams g = runs_of(c, false, 2, 0);

    (void)state;
    assert_int_equal(g.n, 0);
    ngrams_drop(&g);
    wn_counts_free(c);
}

/* Vocabularies on both sides of what 16 and 21 bits can number. */
static void packing_follows_the_vocabulary(void **state)
{
    static const struct { uint32_t words; unsigned bits; } cases[] = { { 65533, 16 }, { 65534, 21 } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wn_buf b = { 0 };
        struct wn_counts *c;
        struct lm_runs *r;
        const struct lm_room room = { .jobs = 1, .memory_bytes = UINT64_MAX };

        for (uint32_t w = 0; w < cases[i].words; w++)
            wn_buf_addf(&b, "%u ", w);
        c = counts_in(wn_buf_str(&b), 5, 0);
        assert_int_equal(wn_counts_types(c), cases[i].words + 3);
        assert_int_equal(lm_runs_new(&r, c, false, &room, NULL), WN_OK);
        assert_int_equal(lm_runs_packing(r)->bits, cases[i].bits);
        assert_int_equal(lm_runs_ngrams(r), cases[i].words + 1);
        lm_runs_free(r);
        wn_counts_free(c);
        wn_buf_release(&b);
    }
}

static void jobs_and_memory_do_not_show(void **state)
{
    static const struct { unsigned jobs; uint64_t memory; } rooms[] = { { 2, 0 }, { 3, 0 }, { 1, 16 * MB }, { 3, 24 * MB } };
    struct wn_buf b = { 0 };
    struct wn_str text = runs_text(&b, 5, 150000, 3000, 30);

    (void)state;
    for (unsigned order = 1; order <= 7; order += 2) {
        struct wn_counts *c = counts_in(text, order, 0);
        struct ngrams one = runs_of(c, false, 1, 0);

        for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
            struct wn_counts *other = rooms[i].memory ? counts_in(text, order, rooms[i].memory) : c;
            struct ngrams g = runs_of(other, other != c, rooms[i].jobs, rooms[i].memory);

            assert_true(ngrams_equal(&one, &g));
            ngrams_drop(&g);
            if (other != c)
                wn_counts_free(other);
        }
        ngrams_drop(&one);
        wn_counts_free(c);
    }
    wn_buf_release(&b);
}

/* 1,000,000 times the same pair in 16 MB: the part comes in pieces. */
static void a_pair_larger_than_the_memory_is_counted(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_counts *c;
    struct ngrams g;

    (void)state;
    for (unsigned i = 0; i < 1000000; i++)
        wn_buf_addz(&b, "a ");
    c = counts_in(wn_buf_str(&b), 5, 16 * MB);
    g = runs_of(c, true, 1, 16 * MB);
    assert_int_equal(g.n, 6);                    /* </s>; a behind <s> and 1, 2, 3, 4 others */
    assert_int_equal(g.count[5], 999996);
    ngrams_drop(&g);
    wn_counts_free(c);
    wn_buf_release(&b);
}

static void too_little_memory_is_named(void **state)
{
    struct wn_counts_opts opts = { .order = 3, .room = { .memory_bytes = 5 * MB } };
    const struct lm_room room = { .jobs = 1, .memory_bytes = 6 * MB };
    struct wn_counts *c;
    struct lm_runs *r;
    struct wn_buf b = { 0 };
    struct wn_err err;

    (void)state;
    assert_int_equal(wn_counts_open(&c, &opts, &err), WN_LIMIT);
    assert_string_equal(err.text, "cannot count n-grams in 5.0 MB of memory: at least 16 MB are needed");
    assert_null(c);
    c = counts_in(runs_text(&b, 1, 300000, 5000, 20), 3, 16 * MB);
    assert_int_equal(lm_runs_new(&r, c, false, &room, &err), WN_LIMIT);
    assert_non_null(strstr(err.text, "at least "));
    assert_null(r);
    wn_counts_free(c);
    opts.room.memory_bytes = 16 * MB;            /* and words that do not fit */
    assert_int_equal(wn_counts_open(&c, &opts, &err), WN_OK);
    wn_buf_reset(&b);
    for (unsigned i = 0; i < 400000; i++)
        wn_buf_addf(&b, "%u ", i);
    assert_int_equal(wn_counts_add_text(c, wn_buf_str(&b), &err), WN_LIMIT);
    assert_int_equal(wn_counts_tokens(c), 0);
    assert_int_equal(wn_counts_types(c), 3);
    wn_counts_free(c);
    wn_buf_release(&b);
}

static void a_raised_stop_cancels(void **state)
{
    atomic_int stop;
    const struct wn_counts_opts opts = { .order = 3, .room = { .stop = &stop } };
    const struct lm_room room = { .jobs = 2, .memory_bytes = UINT64_MAX, .stop = &stop };
    struct wn_counts *c;
    struct lm_runs *r;

    (void)state;
    atomic_init(&stop, 0);
    assert_int_equal(wn_counts_open(&c, &opts, NULL), WN_OK);
    assert_int_equal(wn_counts_add_text(c, WN_STR("a b c\n"), NULL), WN_OK);
    atomic_store(&stop, 1);
    assert_int_equal(wn_counts_add_text(c, WN_STR("d\n"), NULL), WN_CANCELLED);
    assert_int_equal(wn_counts_tokens(c), 4);
    assert_int_equal(lm_runs_new(&r, c, false, &room, NULL), WN_CANCELLED);
    wn_counts_free(c);
}

/* A file of this process cannot pass 1 MB, as on a disk that is full. */
static void a_full_disk_is_named(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_str text = runs_text(&b, 3, 600000, 5000, 20);
    struct wn_counts *c = counts_in(text, 5, 16 * MB);
    const struct lm_room room = { .jobs = 1, .memory_bytes = 16 * MB };
    struct rlimit old, small;
    struct lm_runs *r;
    enum wn_status st;
    struct wn_err err;

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){ MB, old.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    st = lm_runs_new(&r, c, false, &room, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(st, WN_IO);
    assert_non_null(strstr(err.text, "cannot write to a temporary file in '"));
    assert_int_equal(lm_runs_new(&r, c, false, &room, &err), WN_OK);     /* the counts are as they were */
    lm_runs_free(r);
    wn_counts_free(c);
    wn_buf_release(&b);
}

static void counting_on_a_full_disk_takes_the_text_back(void **state)
{
    struct wn_buf b = { 0 };
    struct wn_str text = runs_text(&b, 4, 1200000, 500, 20);
    struct wn_counts *c = counts_in(WN_STR("x y\n"), 2, 16 * MB);
    struct rlimit old, small;
    enum wn_status st;
    struct wn_err err;
    struct ngrams g;

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){ 3 * MB, old.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    st = wn_counts_add_text(c, text, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(st, WN_IO);
    assert_int_equal(wn_counts_tokens(c), 3);
    assert_int_equal(wn_counts_types(c), 5);
    g = runs_of(c, true, 1, 16 * MB);            /* <s> x y </s> came back from the file */
    assert_int_equal(g.n, 3);
    ngrams_drop(&g);
    wn_counts_free(c);
    wn_buf_release(&b);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/* A line "NAME: n kB" of /proc/self/status, in bytes. */
static uint64_t status_bytes(const char *name)
{
    char line[256];
    uint64_t kb = 0;
    FILE *f = fopen("/proc/self/status", "r");

    assert_non_null(f);
    while (fgets(line, sizeof(line), f)) {
        if (strncmp(line, name, strlen(name)) == 0)
            kb = strtoull(line + strlen(name) + 1, NULL, 10);
    }
    fclose(f);
    return kb * 1024;
}

/* 1,200,000 tokens at order 5 take 19 MB in memory, ids not counted; the text comes in pieces
 * and the peak since the start is what the room says, plus 1 MB for the C library. */
static void work_on_disk_stays_within_its_memory(void **state)
{
    const struct wn_counts_opts opts = { .order = 5, .room = { .jobs = 2, .memory_bytes = 16 * MB } };
    const struct lm_room room = { .jobs = 2, .memory_bytes = 16 * MB };
    struct wn_buf b = { 0 };
    struct wn_counts *c;
    struct lm_runs *r;
    uint64_t before, peak;
    FILE *f = fopen("/proc/self/clear_refs", "w");

    (void)state;
    if (!f || fputs("5", f) < 0 || fclose(f) != 0)
        skip();                                  /* cannot set the peak back here */
    runs_text(&b, 0, 20000, 3000, 20);
    before = status_bytes("VmRSS");
    assert_int_equal(wn_counts_open(&c, &opts, NULL), WN_OK);
    for (uint64_t i = 0; i < 60; i++)
        assert_int_equal(wn_counts_add_text(c, runs_text(&b, i, 20000, 3000, 20), NULL), WN_OK);
    assert_int_equal(lm_runs_new(&r, c, true, &room, NULL), WN_OK);
    peak = status_bytes("VmHWM");
    if (peak > before + 17 * MB)
        fail_msg("peak memory %.1f MB, before %.1f MB", (double)peak / 1048576, (double)before / 1048576);
    lm_runs_free(r);
    wn_counts_free(c);
    wn_buf_release(&b);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        cmocka_unit_test(work_on_disk_stays_within_its_memory),
#endif
        cmocka_unit_test(ngrams_are_in_suffix_order_with_counts),
        cmocka_unit_test(nothing_counted_gives_one_empty_part),
        cmocka_unit_test(packing_follows_the_vocabulary),
        cmocka_unit_test(jobs_and_memory_do_not_show),
        cmocka_unit_test(a_pair_larger_than_the_memory_is_counted),
        cmocka_unit_test(too_little_memory_is_named),
        cmocka_unit_test(a_raised_stop_cancels),
        cmocka_unit_test(a_full_disk_is_named),
        cmocka_unit_test(counting_on_a_full_disk_takes_the_text_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
