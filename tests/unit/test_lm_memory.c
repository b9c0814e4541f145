/*
 * test_lm_memory.c - what a job holds stays within its memory, a full disk is an error with a
 * name, and counts may be larger than 2^32.
 *
 * Peaks are those of child processes (ru_maxrss), as the system sees them.
 */
#include "support/cm.h"

#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <winnow/lmbuild.h>

#include "lm_fixture.h"
#include "support/scratch_group.h"

/* ---- jobs ------------------------------------------------------------------------------- */

enum { SENTENCE = 20, ORDER = 3 };

/* N tokens of some 50,000 words, the first ones frequent: the cube of a uniform number. */
static enum wn_status add_text(struct wn_counts *c, unsigned n, struct wn_err *err)
{
    uint64_t dice = 1;
    enum wn_status st = WN_OK;
    char text[1 << 16];

    while (st == WN_OK && n > 0) {
        size_t len = 0;

        for (unsigned i = 1; i <= 100 * SENTENCE && n > 0; i++, n--) {
            double x;

            dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            x = (double)(dice >> 40) / (1 << 24);
            len += (size_t)snprintf(text + len, sizeof(text) - len, "w%x%c", (unsigned)(x * x * x * 50000),
                                    i % SENTENCE ? ' ' : '\n');
        }
        st = wn_counts_add_text(c, (struct wn_str){ text, len }, err);
    }
    return st;
}

static enum wn_status build(unsigned n_tokens, const struct wn_lm_room *room, const struct wn_lm_output *to,
                            struct wn_err *err)
{
    const struct wn_counts_opts counting = { .order = ORDER, .tokenizer = WN_TOK_WHITESPACE, .room = *room };
    const struct wn_lm_opts opts = { .room = *room };
    struct wn_counts *c = NULL;
    enum wn_status st = wn_counts_open(&c, &counting, err);

    if (st == WN_OK)
        st = add_text(c, n_tokens, err);
    if (st == WN_OK)
        st = wn_lm_build(c, &opts, to, NULL, err);
    wn_counts_free(c);
    return st;
}

/* The same in a child: its status, what it said, and its peak in MiB. */
static enum wn_status build_apart(unsigned n_tokens, const struct wn_lm_room *room, const struct wn_lm_output *to,
                                  rlim_t most_file_bytes, char said[WN_ERR_TEXT], long *peak)
{
    int talk[2], status;
    struct rusage use;
    ssize_t n;
    pid_t child;

    assert_int_equal(pipe(talk), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct wn_err err = { .text = "" };
        enum wn_status st;

        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){ most_file_bytes, most_file_bytes });
        mallopt(M_MMAP_THRESHOLD, 1 << 20);
        mallopt(M_ARENA_MAX, 1);
        st = build(n_tokens, room, to, &err);
        if (write(talk[1], err.text, strlen(err.text) + 1) < 0)
            _exit(100);
        _exit((int)st);
    }
    close(talk[1]);
    n = read(talk[0], said, WN_ERR_TEXT - 1);
    said[n > 0 ? n : 0] = '\0';
    close(talk[0]);
    assert_int_equal(wait4(child, &status, 0, &use), child);
    assert_true(WIFEXITED(status));
    *peak = use.ru_maxrss >> 10;
    return (enum wn_status)WEXITSTATUS(status);
}

/* ---- memory -------------------------------------------------------------------------------- */

static void a_build_stays_within_its_memory(void **state)
{
    const struct wn_lm_room room = { .jobs = 2, .memory_bytes = 48 << 20, .outside_bytes = 8 << 20, .tmp_dir = scratch.dir };
    const struct wn_lm_output to[] = { { .arpa = scratch_path(&scratch, "m.arpa") },
                                       { .model = scratch_path(&scratch, "m.wlm"), .parts = WN_LM_WORDS | WN_LM_TABLES } };

    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip();
#endif
    for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
        char said[WN_ERR_TEXT];
        long peak;

        if (build_apart(3000000, &room, &to[i], RLIM_INFINITY, said, &peak) != WN_OK)
            fail_msg("%s", said);
        if (peak > 48)
            fail_msg("output %zu: a peak of %ld MiB with 48 allowed", i, peak);
    }
    scratch_clear(&scratch, false);
}

/* The number in an error is enough, and the one before it was not. */
static void the_memory_that_an_error_asks_for_is_enough(void **state)
{
    struct wn_lm_room room = { .jobs = 2, .memory_bytes = 8 << 20, .outside_bytes = 8 << 20, .tmp_dir = scratch.dir };
    const struct wn_lm_output to = { .model = scratch_path(&scratch, "m.wlm"), .parts = WN_LM_WORDS | WN_LM_INDEX };
    enum wn_status st = WN_LIMIT;

    (void)state;
    for (int i = 0; st == WN_LIMIT && i < 4; i++) {
        struct wn_err err;
        const char *at;

        st = build(200000, &room, &to, &err);
        if (st == WN_OK)
            break;
        at = strstr(err.text, "at least ");
        assert_non_null(at);
        assert_true(strtoull(at + 9, NULL, 10) << 20 > room.memory_bytes);
        room.memory_bytes = strtoull(at + 9, NULL, 10) << 20;
        if (i > 0)                               /* the sizes are known by then */
            assert_non_null(strstr(err.text, "--for scoring"));
    }
    assert_int_equal(st, WN_OK);
    scratch_clear(&scratch, false);
}

/* ---- a full disk ------------------------------------------------------------------------------- */

static void a_full_disk_while_spilling_is_named_and_leaves_nothing(void **state)
{
    const struct wn_lm_room room = { .jobs = 2, .memory_bytes = 24 << 20, .tmp_dir = scratch.dir };
    const struct wn_lm_output to = { .arpa = scratch_path(&scratch, "m.arpa"), .model = scratch_path(&scratch, "m.wlm"),
                                     .parts = WN_LM_WORDS | WN_LM_TABLES };
    const rlim_t most[] = { 1 << 20, 8 << 20 };      /* while counting, while sorting */

    (void)state;
    for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
        char said[WN_ERR_TEXT], want[WN_ERR_TEXT];
        long peak;

        assert_int_equal(build_apart(1000000, &room, &to, most[i], said, &peak), WN_IO);
        snprintf(want, sizeof(want), "cannot write to a temporary file in '%s'", scratch.dir);
        if (!strstr(said, want))
            fail_msg("not a word of the temporary file: %s", said);
        assert_int_equal(scratch_count(&scratch), 0);
    }
}

/* ---- large counts ------------------------------------------------------------------------------- */

/* The counts at PATH twice. */
static enum wn_status double_counts(const char *path, struct wn_err *err)
{
    struct wn_counts_opts opts = { .order = 0 };
    struct wn_counts *c = NULL;
    enum wn_status st = wn_counts_peek(path, &opts, err);

    if (st == WN_OK)
        st = wn_counts_open(&c, &opts, err);
    for (unsigned i = 0; i < 2 && st == WN_OK; i++)
        st = wn_counts_add_file(c, path, err);
    if (st == WN_OK)
        st = wn_counts_save(c, path, NULL, err);
    wn_counts_free(c);
    return st;
}

static struct wn_str arpa_of(const char *counts, enum wn_smoothing smoothing, uint64_t memory)
{
    const struct wn_lm_opts opts = { .smoothing = smoothing, .room = { .memory_bytes = memory, .tmp_dir = scratch.dir } };
    const struct wn_lm_output to = { .arpa = scratch_path(&scratch, "large.arpa") };
    struct wn_counts_opts what = { .order = 0 };
    struct wn_counts *c = NULL;
    struct wn_err err;
    enum wn_status st = wn_counts_peek(counts, &what, &err);

    if (st == WN_OK)
        st = wn_counts_open(&c, &what, &err);
    if (st == WN_OK)
        st = wn_counts_add_file(c, counts, &err);
    if (st == WN_OK)
        st = wn_lm_build(c, &opts, &to, NULL, &err);
    if (st != WN_OK)
        fail_msg("%s", err.text);
    wn_counts_free(c);
    return fixture_read(to.arpa);
}

/* A power of two changes no ratio of float32 numbers, so maximum likelihood gives the same bytes.
 * In Kneser-Ney counts of 3 and more differ from small ones by what their discount is worth. */
static void counts_far_beyond_32_bits_are_estimated_from(void **state)
{
    struct wn_str text = fixture_read(NGRAM_DATA "text/t2_phrases.txt");
    struct wn_counts *c = fixture_counts(text, 3, WN_TOK_WHITESPACE);
    const char *path = scratch_path(&scratch, "large.wlc");
    const uint64_t n = wn_counts_tokens(c);
    struct wn_str once, many, kn, tight;
    enum wn_status st = WN_OK;
    struct wn_err err;
    unsigned doubled = 0;

    (void)state;
    assert_int_equal(wn_counts_save(c, path, NULL, &err), WN_OK);
    wn_counts_free(c);
    once = arpa_of(path, WN_SMOOTH_ML, 0);
    for (; doubled < 40; doubled++)
        assert_int_equal(double_counts(path, &err), WN_OK);
    many = arpa_of(path, WN_SMOOTH_ML, 0);
    assert_true(wn_str_eq(once, many));
    kn = arpa_of(path, WN_SMOOTH_KN, 0);
    tight = arpa_of(path, WN_SMOOTH_KN, 24 << 20);
    assert_true(wn_str_eq(kn, tight));
    assert_null(memmem(kn.ptr, kn.len, "nan\t", 4));
    assert_null(memmem(kn.ptr, kn.len, "inf\t", 4));
    for (; st == WN_OK; doubled++)                   /* up to 2^63 - 1 tokens */
        st = double_counts(path, &err);
    assert_int_equal(st, WN_LIMIT);
    assert_true(n <= (uint64_t)INT64_MAX >> (doubled - 1) && n > (uint64_t)INT64_MAX >> doubled);
    fixture_drop(text);
    fixture_drop(once);
    fixture_drop(many);
    fixture_drop(kn);
    fixture_drop(tight);
    scratch_clear(&scratch, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_build_stays_within_its_memory),
        cmocka_unit_test(the_memory_that_an_error_asks_for_is_enough),
        cmocka_unit_test(a_full_disk_while_spilling_is_named_and_leaves_nothing),
        cmocka_unit_test(counts_far_beyond_32_bits_are_estimated_from),
    };

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
