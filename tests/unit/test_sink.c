/* Outputs: complete or absent (row 48 of the bad inputs: a full disk, a reader that went
 * away).  Compressed outputs are read back by gzip(1) and by libzstd. */
#include "support/cm.h"
#include "support/scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <winnow/reader.h>
#include <winnow/sink.h>

static struct scratch dir;

static int setup(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    return scratch_open(&dir) ? 0 : -1;
}

static int clear(void **state)
{
    (void)state;
    scratch_clear(&dir, false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scratch_clear(&dir, true);
    return 0;
}

static struct wn_sink *open_sink(const char *path)
{
    struct wn_sink *s;
    struct wn_err err;
    struct wn_sink_opts opts = { .make_folders = true };

    if (wn_sink_open(&s, path, &opts, &err) != WN_OK)
        fail_msg("%s", err.text);
    return s;
}

static void add(struct wn_sink *s, const char *text)
{
    assert_int_equal(wn_sink_write(s, wn_str(text), NULL), WN_OK);
}

static void expect_file(const char *path, struct wn_str want)
{
    struct wn_buf b = { 0 };

    assert_int_equal(wn_file_read(path, 1 << 30, &b, NULL), WN_OK);
    assert_int_equal(b.len, want.len);
    assert_memory_equal(b.ptr, want.ptr, want.len);
    wn_buf_release(&b);
}

/* What gzip -d, or libzstd over all frames, makes of PATH. */
static void read_back(const char *path, struct wn_buf *out)
{
    char part[10000];

    wn_buf_reset(out);
    if (strstr(path, ".gz")) {
        char command[300];
        FILE *f;
        size_t n;

        snprintf(command, sizeof(command), "gzip -dc '%s'", path);
        f = popen(command, "r");
        assert_non_null(f);
        while ((n = fread(part, 1, sizeof(part), f)) > 0)
            wn_buf_add(out, (struct wn_str){ part, n });
        assert_int_equal(pclose(f), 0);
    } else {
        struct wn_buf stored = { 0 };
        ZSTD_DCtx *d = ZSTD_createDCtx();
        ZSTD_inBuffer in;
        size_t rc = 0;

        assert_int_equal(wn_file_read(path, 1 << 30, &stored, NULL), WN_OK);
        in = (ZSTD_inBuffer){ stored.ptr, stored.len, 0 };
        while (in.pos < in.size || rc) {
            ZSTD_outBuffer o = { part, sizeof(part), 0 };

            rc = ZSTD_decompressStream(d, &o, &in);
            assert_false(ZSTD_isError(rc));
            wn_buf_add(out, (struct wn_str){ part, o.pos });
            assert_true(rc == 0 || in.pos < in.size || o.pos == o.size);
        }
        ZSTD_freeDCtx(d);
        wn_buf_release(&stored);
    }
}

static void nothing_is_visible_before_publish(void **state)
{
    const char *path = scratch_path(&dir, "a/b/out.jsonl");
    struct wn_sink *s = open_sink(path);
    (void)state;

    add(s, "hello\n");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(scratch_count(&dir), 3);              /* two folders, one temporary file */
    assert_int_equal(wn_sink_publish(s, NULL), WN_OK);
    assert_int_equal(scratch_count(&dir), 3);
    assert_int_equal(wn_sink_bytes(s), 6);
    wn_sink_close(s);
    expect_file(path, WN_STR("hello\n"));
}

static void a_finished_output_is_complete_but_waits_for_its_name(void **state)
{
    const char *path = scratch_file(&dir, "out.gz", "old", 3);
    struct wn_buf text = { 0 };
    struct wn_sink *s = open_sink(path);
    (void)state;

    add(s, "hello\n");
    assert_int_equal(wn_sink_finish(s, NULL), WN_OK);
    assert_int_equal(wn_sink_finish(s, NULL), WN_OK);
    expect_file(path, WN_STR("old"));
    assert_int_equal(wn_sink_publish(s, NULL), WN_OK);
    wn_sink_close(s);
    read_back(path, &text);
    assert_int_equal(text.len, 6);
    assert_memory_equal(text.ptr, "hello\n", 6);
    wn_buf_release(&text);
    s = open_sink("/dev/full");
    add(s, "x");
    assert_int_equal(wn_sink_finish(s, NULL), WN_IO);
    assert_int_equal(wn_sink_publish(s, NULL), WN_IO);
    wn_sink_close(s);
}

static void a_link_that_leads_nowhere_is_refused(void **state)
{
    const char *link = scratch_path(&dir, "link");
    struct wn_sink *s;
    struct wn_err err;
    (void)state;

    assert_int_equal(symlink("nowhere", link), 0);
    assert_int_equal(wn_sink_open(&s, link, NULL, &err), WN_IO);
    assert_non_null(strstr(err.text, "it is a link that leads nowhere"));
    assert_int_equal(scratch_count(&dir), 1);
}

static void close_without_publish_leaves_nothing_and_the_old_file(void **state)
{
    const char *path = scratch_file(&dir, "out", "old", 3);
    struct wn_sink *s = open_sink(path);
    (void)state;

    add(s, "new");
    wn_sink_close(s);
    assert_int_equal(scratch_count(&dir), 1);
    expect_file(path, WN_STR("old"));
}

static void leftover_of_a_killed_run_is_taken_over(void **state)
{
    char name[64];
    struct wn_sink *s;
    (void)state;

    snprintf(name, sizeof(name), "out.tmp-%ld", (long)getpid());
    scratch_file(&dir, name, "a much longer leftover", 22);
    s = open_sink(scratch_path(&dir, "out"));
    add(s, "x");
    assert_int_equal(wn_sink_publish(s, NULL), WN_OK);
    wn_sink_close(s);
    expect_file(scratch_path(&dir, "out"), WN_STR("x"));
    assert_int_equal(scratch_count(&dir), 1);
}

static void two_sinks_on_one_path_are_refused(void **state)
{
    const char *path = scratch_path(&dir, "out");
    struct wn_sink *a = open_sink(path), *b;
    struct wn_err err;
    (void)state;

    assert_int_equal(wn_sink_open(&b, path, NULL, &err), WN_IO);
    assert_null(b);
    assert_non_null(strstr(err.text, "being written already"));
    add(a, "x");
    assert_int_equal(wn_sink_publish(a, NULL), WN_OK);
    wn_sink_close(a);
    expect_file(path, WN_STR("x"));
}

static void links_are_followed_and_devices_written_directly(void **state)
{
    const char *target = scratch_file(&dir, "target", "old", 3), *link = scratch_path(&dir, "link");
    struct wn_sink *s;
    struct stat st;
    (void)state;

    assert_int_equal(symlink("target", link), 0);
    s = open_sink(link);
    add(s, "new");
    assert_int_equal(wn_sink_publish(s, NULL), WN_OK);
    wn_sink_close(s);
    expect_file(target, WN_STR("new"));
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    s = open_sink("/dev/null");
    assert_false(wn_sink_can_rollback(s));
    add(s, "x");
    assert_int_equal(wn_sink_mark(s, NULL), WN_BADCONF);
    assert_int_equal(wn_sink_rollback(s, NULL), WN_BADCONF);
    assert_int_equal(wn_sink_publish(s, NULL), WN_OK);
    wn_sink_close(s);
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
}

static void folder_or_missing_folder_is_named(void **state)
{
    struct wn_sink *s;
    struct wn_err err;
    (void)state;

    assert_int_equal(wn_sink_open(&s, dir.dir, NULL, &err), WN_IO);
    assert_non_null(strstr(err.text, "it is a folder"));
    assert_int_equal(wn_sink_open(&s, scratch_path(&dir, "no/such/out"), NULL, &err), WN_IO);
    assert_non_null(strstr(err.text, "No such file or directory"));
    assert_int_equal(wn_sink_open(&s, scratch_path(&dir, "x.gz"), &(struct wn_sink_opts){ .level = 9 }, &err), WN_BADCONF);
    assert_int_equal(scratch_count(&dir), 0);
}

/* Lines that compress, N bytes of them. */
static void add_lines(struct wn_buf *b, size_t n, uint32_t seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        wn_buf_addc(b, i % 80 == 79 ? '\n' : (char)('a' + (seed >> 24) % 20));
    }
}

static void compressed_outputs_read_back_the_same(void **state)
{
    static const char *const names[] = { "a.gz", "a.zst", "a.zstd" };
    struct wn_buf want = { 0 }, got = { 0 };
    (void)state;

    add_lines(&want, 1000000, 1);
    for (int i = 0; i < 3; i++) {
        const char *path = scratch_path(&dir, names[i]);
        struct wn_sink *s = open_sink(path);

        assert_int_equal(wn_sink_write(s, wn_buf_str(&want), NULL), WN_OK);
        assert_int_equal(wn_sink_publish(s, NULL), WN_OK);
        wn_sink_close(s);
        read_back(path, &got);
        assert_true(wn_str_eq(wn_buf_str(&got), wn_buf_str(&want)));
    }
    wn_buf_release(&want);
    wn_buf_release(&got);
}

static void empty_compressed_output_is_a_valid_stream(void **state)
{
    static const char *const names[] = { "a.gz", "a.zst" };
    struct wn_buf got = { 0 };
    (void)state;

    for (int i = 0; i < 2; i++) {
        const char *path = scratch_path(&dir, names[i]);
        struct wn_sink *s = open_sink(path);
        struct stat st;

        add(s, "dropped");
        assert_int_equal(wn_sink_rollback(s, NULL), WN_OK);
        assert_int_equal(wn_sink_publish(s, NULL), WN_OK);
        assert_int_equal(wn_sink_bytes(s), 0);
        wn_sink_close(s);
        assert_int_equal(stat(path, &st), 0);
        assert_true(st.st_size > 0);
        read_back(path, &got);
        assert_int_equal(got.len, 0);
    }
    wn_buf_release(&got);
}

static void rollback_drops_what_came_after_the_mark(void **state)
{
    static const char *const names[] = { "a.jsonl", "a.gz", "a.zst" };
    struct wn_buf first = { 0 }, lost = { 0 }, want = { 0 }, got = { 0 };
    (void)state;

    add_lines(&first, 300000, 1);
    add_lines(&lost, 700000, 2);
    wn_buf_add(&want, wn_buf_str(&first));
    wn_buf_addz(&want, "second");
    for (int i = 0; i < 3; i++) {
        const char *path = scratch_path(&dir, names[i]);
        struct wn_sink *s = open_sink(path);

        assert_true(wn_sink_can_rollback(s));
        assert_int_equal(wn_sink_write(s, wn_buf_str(&first), NULL), WN_OK);
        assert_int_equal(wn_sink_mark(s, NULL), WN_OK);
        assert_int_equal(wn_sink_write(s, wn_buf_str(&lost), NULL), WN_OK);
        assert_int_equal(wn_sink_bytes(s), 1000000);
        assert_int_equal(wn_sink_rollback(s, NULL), WN_OK);
        assert_int_equal(wn_sink_bytes(s), 300000);
        add(s, "lost too");
        assert_int_equal(wn_sink_rollback(s, NULL), WN_OK);
        add(s, "second");
        assert_int_equal(wn_sink_publish(s, NULL), WN_OK);
        wn_sink_close(s);
        if (i == 0)
            expect_file(path, wn_buf_str(&want));
        else
            read_back(path, &got);
        assert_true(i == 0 || wn_str_eq(wn_buf_str(&got), wn_buf_str(&want)));
    }
    wn_buf_release(&first);
    wn_buf_release(&lost);
    wn_buf_release(&want);
    wn_buf_release(&got);
}

/* One million bytes in writes of N; 0: all at once. */
static void write_in_pieces(const char *path, struct wn_str all, size_t n)
{
    struct wn_sink *s = open_sink(path);

    while (all.len) {
        struct wn_str piece = { all.ptr, n && n < all.len ? n : all.len };

        assert_int_equal(wn_sink_write(s, piece, NULL), WN_OK);
        all.ptr += piece.len;
        all.len -= piece.len;
    }
    assert_int_equal(wn_sink_publish(s, NULL), WN_OK);
    wn_sink_close(s);
}

static void size_of_the_writes_does_not_show_in_the_file(void **state)
{
    static const char *const names[] = { "a.gz", "a.zst" };
    static const size_t sizes[] = { 1, 777, 300000 };
    struct wn_buf all = { 0 }, want = { 0 };
    (void)state;

    add_lines(&all, 1000000, 3);
    for (int i = 0; i < 2; i++) {
        const char *path = scratch_path(&dir, names[i]);

        write_in_pieces(path, wn_buf_str(&all), 0);
        wn_buf_reset(&want);
        assert_int_equal(wn_file_read(path, 1 << 30, &want, NULL), WN_OK);
        for (int k = 0; k < 3; k++) {
            write_in_pieces(path, wn_buf_str(&all), sizes[k]);
            expect_file(path, wn_buf_str(&want));
        }
    }
    wn_buf_release(&all);
    wn_buf_release(&want);
}

static void full_disk_is_reported_and_stays(void **state)
{
    static char block[600000];
    struct wn_sink *s = open_sink("/dev/full");
    struct wn_err err;
    (void)state;

    assert_int_equal(wn_sink_write(s, (struct wn_str){ block, sizeof(block) }, &err), WN_IO);
    assert_string_equal(err.text, "cannot write '/dev/full': No space left on device");
    assert_int_equal(wn_sink_write(s, WN_STR("x"), &err), WN_IO);
    assert_int_equal(wn_sink_publish(s, &err), WN_IO);
    assert_string_equal(err.text, "cannot write '/dev/full': No space left on device");
    assert_false(wn_sink_reader_gone(s));
    wn_sink_close(s);
    s = open_sink("/dev/full");
    add(s, "little");
    assert_int_equal(wn_sink_publish(s, &err), WN_IO);
    wn_sink_close(s);
}

static void standard_output_takes_bytes_and_tells_when_its_reader_is_gone(void **state)
{
    int saved = dup(STDOUT_FILENO), ends[2];
    struct wn_sink *s;
    struct wn_err err = { 0 };
    char got[8] = "";
    enum wn_status st1, st2;
    bool gone;
    (void)state;

    fflush(stdout);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDOUT_FILENO);
    s = open_sink("-");
    st1 = wn_sink_write(s, WN_STR("hello"), &err);
    if (st1 == WN_OK)
        st1 = wn_sink_publish(s, &err);
    close(ends[1]);
    if (read(ends[0], got, 5) != 5)
        got[0] = '\0';
    close(ends[0]);
    wn_sink_write(s, WN_STR("more"), NULL);
    st2 = wn_sink_publish(s, &err);
    gone = wn_sink_reader_gone(s);
    wn_sink_close(s);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    assert_int_equal(st1, WN_OK);
    assert_string_equal(got, "hello");
    assert_int_equal(st2, WN_IO);
    assert_true(gone);
    assert_string_equal(err.text, "cannot write '-': Broken pipe");
}

static void small_files_are_published_and_read_whole(void **state)
{
    const char *path = scratch_path(&dir, "m.json");
    struct wn_buf b = { 0 };
    struct wn_err err;
    (void)state;

    assert_int_equal(wn_file_publish(path, WN_STR("{\"a\":1}\n"), &err), WN_OK);
    expect_file(path, WN_STR("{\"a\":1}\n"));
    assert_int_equal(wn_file_read(path, 8, &b, &err), WN_OK);
    assert_int_equal(wn_file_read(path, 7, &b, &err), WN_LIMIT);
    assert_int_equal(wn_file_read("/nonexistent", 7, &b, &err), WN_IO);
    assert_string_equal(err.text, "cannot read '/nonexistent': No such file or directory");
    wn_buf_release(&b);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, clear)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_visible_before_publish),
        TEST(a_finished_output_is_complete_but_waits_for_its_name),
        TEST(a_link_that_leads_nowhere_is_refused),
        TEST(close_without_publish_leaves_nothing_and_the_old_file),
        TEST(leftover_of_a_killed_run_is_taken_over),
        TEST(two_sinks_on_one_path_are_refused),
        TEST(links_are_followed_and_devices_written_directly),
        TEST(folder_or_missing_folder_is_named),
        TEST(compressed_outputs_read_back_the_same),
        TEST(empty_compressed_output_is_a_valid_stream),
        TEST(rollback_drops_what_came_after_the_mark),
        TEST(size_of_the_writes_does_not_show_in_the_file),
        TEST(full_disk_is_reported_and_stays),
        TEST(standard_output_takes_bytes_and_tells_when_its_reader_is_gone),
        TEST(small_files_are_published_and_read_whole),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
