/* From paths to records: rows 4, 5, 7-13, 16, 20, 29, 30, 33-43 of the bad inputs a corpus
 * tool must survive.  Inputs are made by zlib, libzstd and libarchive; logs are counted
 * by hand (see itemlog.h for their form). */
#include "support/cm.h"
#include "support/gzip.h"
#include "support/itemlog.h"
#include "support/scratch.h"

#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

static struct scratch dir;

static int setup(void **state)
{
    (void)state;
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

/* Reads with OPTS and compares the log, in which the scratch folder is written "@". */
static void expect_opts(const struct wn_reader_opts *opts, const char *want)
{
    struct wn_reader *r;
    struct wn_buf log = { 0 }, got = { 0 };
    size_t n = strlen(dir.dir);

    assert_int_equal(wn_reader_open(&r, opts, NULL), WN_OK);
    assert_int_equal(itemlog_drain(r, &log, NULL), WN_END);
    wn_reader_close(r);
    for (size_t i = 0; i < log.len;) {
        bool at_dir = log.len - i >= n && memcmp(log.ptr + i, dir.dir, n) == 0;

        wn_buf_add(&got, at_dir ? WN_STR("@") : (struct wn_str){ log.ptr + i, 1 });
        i += at_dir ? n : 1;
    }
    if (!wn_str_eq(wn_buf_str(&got), wn_str(want)))
        print_error("got:\n%.*swant:\n%s", WN_STR_ARG(wn_buf_str(&got)), want);
    assert_true(wn_str_eq(wn_buf_str(&got), wn_str(want)));
    wn_buf_release(&log);
    wn_buf_release(&got);
}

static void expect(const char *path, const char *want)
{
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1 };

    expect_opts(&opts, want);
}

static const char *put(const char *name, const char *text)
{
    return scratch_file(&dir, name, text, strlen(text));
}

static size_t gz(void *out, size_t room, const void *bytes, size_t n)
{
    size_t size = gzip_member(out, room, (struct wn_str){ bytes, n });

    assert_true(size > 0);
    return size;
}

static const char *put_gz(const char *name, const char *text)
{
    char block[4096];

    return scratch_file(&dir, name, block, gz(block, sizeof(block), text, strlen(text)));
}

/* ---- plain files -------------------------------------------------------------------- */

static void records_come_between_begin_and_end(void **state)
{
    (void)state;
    expect(put("a.jsonl", "{\"a\":1}\r\n\n{\"b\":2}"),
           "begin @/a.jsonl\nrec 1+0/9 [{\"a\":1}]\nrec 3+10/7 [{\"b\":2}]\n"
           "end @/a.jsonl none lines 3 blank 1 bytes 17 raw 17\n");
}

static void bytes_of_items_and_blank_lines_add_up(void **state)
{
    const char *path = put("a.jsonl", "\xef\xbb\xbf{}\r\n\n \t\n{\n\n[]\n\0");
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1 };
    struct wn_reader *r;
    struct wn_arena a = { 0 };
    struct wn_item item;
    uint64_t sum = 0;
    (void)state;

    assert_int_equal(wn_reader_open(&r, &opts, NULL), WN_OK);
    while (wn_reader_next(r, &a, &item, NULL) == WN_OK) {
        sum += item.n_bytes;
        if (item.kind == WN_ITEM_FILE_END)
            assert_int_equal(item.file_bytes - sum, 1 + 3 + 1);
    }
    wn_reader_close(r);
    wn_arena_release(&a);
}

static void bom_is_stripped_and_told(void **state)
{
    (void)state;
    expect(put("a.jsonl", "\xef\xbb\xbf{}\n"),
           "begin @/a.jsonl\nrec 1+3/6 [{}]\nend @/a.jsonl none lines 1 blank 0 bytes 6 raw 6 bom\n");
}

static void empty_files_of_every_kind_are_accepted_with_a_warning(void **state)
{
    static const char *const names[] = { "a.jsonl", "a.jsonl.gz", "a.jsonl.zst" };
    (void)state;

    for (int i = 0; i < 3; i++) {
        char want[256];

        snprintf(want, sizeof(want), "begin @/%s (the file is empty)\nend @/%s none lines 0 blank 0 bytes 0 raw 0\n",
                 names[i], names[i]);
        expect(put(names[i], ""), want);
    }
}

static void nul_tail_is_one_reject(void **state)
{
    const char *path = scratch_file(&dir, "a.jsonl", "{}\n{\"t\0\0\0", 10);
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1 };
    struct wn_reader *r;
    struct wn_arena a = { 0 };
    struct wn_item item;
    (void)state;

    assert_int_equal(wn_reader_open(&r, &opts, NULL), WN_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(wn_reader_next(r, &a, &item, NULL), WN_OK);
    assert_int_equal(item.kind, WN_ITEM_REJECT);
    assert_int_equal(item.reason, WN_R_NUL_TAIL);
    assert_int_equal(item.n_bytes, 7);
    assert_int_equal(item.place.line, 2);
    assert_non_null(item.message);
    wn_reader_close(r);
    wn_arena_release(&a);
}

static void too_long_line_is_refused_and_its_neighbours_kept(void **state)
{
    const char *path = put("a.jsonl", "{\"a\":1}\n{\"a\":123}\n{\"b\":2}\n");
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1, .max_doc_bytes = 8 };
    (void)state;

    expect_opts(&opts, "begin @/a.jsonl\nrec 1+0/8 [{\"a\":1}]\nrej doc_too_large 2+8/10 [{\"a\":123}]\n"
                       "rec 3+18/8 [{\"b\":2}]\nend @/a.jsonl none lines 3 blank 0 bytes 26 raw 26\n");
}

static void pretty_printed_file_is_hinted_at_once(void **state)
{
    (void)state;
    expect(put("a.jsonl", "{\n  \"a\": 1\n}\n"),
           "begin @/a.jsonl (looks like pretty-printed JSON, an object over several lines: convert it first, for example "
           "jq -c .)\nrec 1+0/2 [{]\nrec 2+2/9 [  \"a\": 1]\nrec 3+11/2 [}]\n"
           "end @/a.jsonl none lines 3 blank 0 bytes 13 raw 13\n");
}

static void array_file_and_utf16_file_fail_as_files(void **state)
{
    (void)state;
    expect(put("a.json", "[{\"a\":1},\n{\"a\":2}]\n"),
           "begin @/a.json\nend @/a.json not_jsonl lines 0 blank 0 bytes 0 raw 19\n");
    scratch_file(&dir, "b.jsonl", "\xff\xfe{\0}\0\n\0", 8);
    expect(scratch_path(&dir, "b.jsonl"), "begin @/b.jsonl\nend @/b.jsonl encoding_utf16 lines 0 blank 0 bytes 0 raw 8\n");
}

static void whole_text_files_are_documents(void **state)
{
    (void)state;
    expect(put("a.txt", "one\ntwo\n"),
           "begin @/a.txt\ntext 1+0/8 [one\ntwo\n]\nend @/a.txt none lines 1 blank 0 bytes 8 raw 8\n");
    expect(put_gz("b.txt.gz", "[{"),
           "begin @/b.txt.gz\ntext 1+0/2 [[{]\nend @/b.txt.gz none lines 1 blank 0 bytes 2 raw 22\n");
}

/* ---- compressed files ------------------------------------------------------------------ */

static void compression_is_known_by_content_and_a_wrong_name_is_told(void **state)
{
    char zst[256];
    size_t n = ZSTD_compress(zst, sizeof(zst), "{}\n", 3, 3);
    (void)state;

    expect(put_gz("a.jsonl", "{}\n"),
           "begin @/a.jsonl\nrec 1+0/3 [{}]\nend @/a.jsonl none lines 1 blank 0 bytes 3 raw 23\n");
    scratch_file(&dir, "b.jsonl.gz", zst, n);
    expect(scratch_path(&dir, "b.jsonl.gz"),
           "begin @/b.jsonl.gz (the name promises something else, the file holds zstd)\nrec 1+0/3 [{}]\n"
           "end @/b.jsonl.gz none lines 1 blank 0 bytes 3 raw 12\n");
    expect(put("c.jsonl.zst", "{}\n"),
           "begin @/c.jsonl.zst (the name promises something else, the file holds plain bytes)\nrec 1+0/3 [{}]\n"
           "end @/c.jsonl.zst none lines 1 blank 0 bytes 3 raw 3\n");
}

static void damaged_file_fails_and_the_next_is_read(void **state)
{
    static const char form[] = "begin @/a.gz\nrec 1+0/8 [{\"a\":1}]\nrec 2+8/8 [{\"b\":2}]\n"
                               "end @/a.gz %s lines 2 blank 0 bytes 19 raw %zu\n"
                               "begin @/b.jsonl\nrec 1+0/3 [{}]\nend @/b.jsonl none lines 1 blank 0 bytes 3 raw 3\n";
    char block[256], want[512];
    size_t n = gz(block, sizeof(block), "{\"a\":1}\n{\"b\":2}\n{\"c", 19);
    const char *paths[2];
    struct wn_reader_opts opts = { .paths = paths, .n_paths = 2 };
    (void)state;

    block[n - 5] ^= 1;                                                             /* of the CRC */
    paths[0] = scratch_file(&dir, "a.gz", block, n);
    paths[1] = put("b.jsonl", "{}\n");
    snprintf(want, sizeof(want), form, "gz_crc", n);
    expect_opts(&opts, want);
    paths[0] = scratch_file(&dir, "a.gz", block, n - 5);
    snprintf(want, sizeof(want), form, "gz_truncated", n - 5);
    expect_opts(&opts, want);
}

static void gz_trailing_bytes_are_told_at_the_end(void **state)
{
    char block[256];
    size_t n = gz(block, sizeof(block), "{}\n", 3);
    (void)state;

    memcpy(block + n, "junk", 4);
    expect(scratch_file(&dir, "a.gz", block, n + 4),
           "begin @/a.gz\nrec 1+0/3 [{}]\nend @/a.gz none lines 1 blank 0 bytes 3 raw 27 trailing\n");
}

static void window_can_be_raised(void **state)
{
    ZSTD_CCtx *c = ZSTD_createCCtx();
    char block[256];
    ZSTD_inBuffer in = { "{}\n", 3, 0 };
    ZSTD_outBuffer out = { block, sizeof(block), 0 };
    const char *path;
    struct wn_reader_opts opts = { .n_paths = 1 };
    (void)state;

    ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, 28);
    ZSTD_compressStream2(c, &out, &in, ZSTD_e_flush);
    ZSTD_compressStream2(c, &out, &in, ZSTD_e_end);
    ZSTD_freeCCtx(c);
    path = scratch_file(&dir, "a.zst", block, out.pos);
    opts.paths = &path;
    expect_opts(&opts, "begin @/a.zst\nend @/a.zst zst_window lines 0 blank 0 bytes 0 raw 15\n");
    opts.zstd_window_max = 256u << 20;
    expect_opts(&opts, "begin @/a.zst\nrec 1+0/3 [{}]\nend @/a.zst none lines 1 blank 0 bytes 3 raw 15\n");
}

static void foreign_formats_are_named(void **state)
{
    (void)state;
    scratch_file(&dir, "a.xz", "\xfd" "7zXZ\0\0\0", 8);
    expect(scratch_path(&dir, "a.xz"), "begin @/a.xz\nend @/a.xz unsupported lines 0 blank 0 bytes 0 raw 8\n");
    scratch_file(&dir, "a.txt", "winnowLM", 8);        /* a model of lm: no text, whatever its name */
    expect(scratch_path(&dir, "a.txt"), "begin @/a.txt\nend @/a.txt unsupported lines 0 blank 0 bytes 0 raw 8\n");
}

/* ---- paths -------------------------------------------------------------------------------- */

static void directories_are_walked_in_byte_order(void **state)
{
    struct wn_reader_opts opts = { .n_paths = 1 };
    const char *path = dir.dir;
    (void)state;

    put("b.jsonl", "");
    put("a/z.jsonl", "");
    put("a/\xc3\xa9 x\n?*.jsonl", "");
    put("a.jsonl", "");
    put("B.jsonl", "");
    put(".hidden", "");
    put("a/.git/x.jsonl", "");
    put("b.jsonl.tmp-123", "");
    assert_int_equal(symlink("a.jsonl", scratch_path(&dir, "link.jsonl")), 0);
    assert_int_equal(mkfifo(scratch_path(&dir, "pipe"), 0666), 0);
    opts.paths = &path;
#define EMPTY(n) "begin @/" n " (the file is empty)\nend @/" n " none lines 0 blank 0 bytes 0 raw 0\n"
    expect_opts(&opts, EMPTY("B.jsonl") EMPTY("a.jsonl") EMPTY("a/z.jsonl") EMPTY("a/\xc3\xa9 x\n?*.jsonl")
                           EMPTY("b.jsonl") EMPTY("link.jsonl"));
}

static void link_cycles_and_dangling_links_fail_alone(void **state)
{
    const char *path = dir.dir;
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1 };
    (void)state;

    put("d/a.jsonl", "{}");
    assert_int_equal(symlink("..", scratch_path(&dir, "d/up")), 0);
    assert_int_equal(symlink("self", scratch_path(&dir, "self")), 0);
    assert_int_equal(symlink("gone", scratch_path(&dir, "dangling")), 0);
    expect_opts(&opts, "begin @/d/a.jsonl\nrec 1+0/2 [{}]\nend @/d/a.jsonl none lines 1 blank 0 bytes 2 raw 2\n"
                       "begin @/d/up\nend @/d/up open lines 0 blank 0 bytes 0 raw 0\n"
                       "begin @/dangling\nend @/dangling open lines 0 blank 0 bytes 0 raw 0\n"
                       "begin @/self\nend @/self open lines 0 blank 0 bytes 0 raw 0\n");
}

static void missing_path_fails_alone_with_its_reason(void **state)
{
    const char *paths[] = { "/nonexistent/x", put("a.jsonl", "{}\n") };
    struct wn_reader_opts opts = { .paths = paths, .n_paths = 2 };
    struct wn_reader *r;
    struct wn_arena a = { 0 };
    struct wn_item item;
    (void)state;

    expect_opts(&opts, "begin /nonexistent/x\nend /nonexistent/x open lines 0 blank 0 bytes 0 raw 0\n"
                       "begin @/a.jsonl\nrec 1+0/3 [{}]\nend @/a.jsonl none lines 1 blank 0 bytes 3 raw 3\n");
    assert_int_equal(wn_reader_open(&r, &opts, NULL), WN_OK);
    wn_reader_next(r, &a, &item, NULL);
    wn_reader_next(r, &a, &item, NULL);
    assert_string_equal(item.message, "cannot open: No such file or directory");
    wn_reader_close(r);
    wn_arena_release(&a);
}

static void file_that_vanishes_after_listing_has_changed(void **state)
{
    const char *path = put("a.jsonl", "{}\n");
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1 };
    struct wn_reader *r;
    struct wn_buf log = { 0 };
    (void)state;

    assert_int_equal(wn_reader_open(&r, &opts, NULL), WN_OK);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(itemlog_drain(r, &log, NULL), WN_END);
    wn_buf_addc(&log, '\0');
    assert_non_null(strstr(log.ptr, "changed_during_read"));
    wn_buf_release(&log);
    wn_reader_close(r);
}

/* Opens PATH, draws two items, changes the file by CHANGE, and expects it noticed. */
static void expect_changed(const char *path, void (*change)(const char *))
{
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1 };
    struct wn_reader *r;
    struct wn_arena a = { 0 };
    struct wn_item item;

    assert_int_equal(wn_reader_open(&r, &opts, NULL), WN_OK);
    assert_int_equal(wn_reader_next(r, &a, &item, NULL), WN_OK);
    change(path);
    while (item.kind != WN_ITEM_FILE_END)
        assert_int_equal(wn_reader_next(r, &a, &item, NULL), WN_OK);
    assert_string_equal(wn_reason_name(item.reason), "changed_during_read");
    wn_reader_close(r);
    wn_arena_release(&a);
}

static void grow(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND);

    assert_int_equal(write(fd, "{}\n", 3), 3);
    close(fd);
}

static void shrink(const char *path)
{
    assert_int_equal(truncate(path, 300000), 0);
}

/* Other bytes of the same length show by the time; it is set, since clocks tick slowly. */
static void rewrite(const char *path)
{
    const struct timespec times[2] = { { 1000000000, 0 }, { 1000000000, 0 } };

    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void file_that_grows_shrinks_or_is_rewritten_has_changed(void **state)
{
    static char big[600000];
    const char *path;
    (void)state;

    memset(big, ' ', sizeof(big));
    for (size_t i = 0; i < sizeof(big); i += 10)
        memcpy(big + i, "{}      \n", 9);
    path = scratch_file(&dir, "a.jsonl", big, sizeof(big));
    expect_changed(path, grow);
    expect_changed(path, shrink);
    expect_changed(path, rewrite);
}

static void gz_cut_short_by_its_writer_has_changed(void **state)
{
    static char block[700000], stored[800000];
    uint32_t x = 1;
    size_t n;
    (void)state;

    for (size_t i = 0; i < sizeof(block); i++) {
        x = x * 1664525u + 1013904223u;
        block[i] = i % 100 == 99 ? '\n' : (char)(x >> 24 | 0x80);
    }
    n = gz(stored, sizeof(stored), block, sizeof(block));
    assert_true(n > 600000);
    expect_changed(scratch_file(&dir, "a.gz", stored, n - 100), grow);
}

static void shards_divide_the_files(void **state)
{
    const char *path = dir.dir;
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1, .n_shards = 2 };
    struct wn_reader *r;
    uint64_t done, total;
    struct wn_err err;
    (void)state;

    put("a", "{}");
    put("b", "{ }");
    put("c", "{}\n\n");
    opts.shard = 1;
    expect_opts(&opts, "begin @/b\nrec 1+0/3 [{ }]\nend @/b none lines 1 blank 0 bytes 3 raw 3\n");
    opts.shard = 0;
    expect_opts(&opts, "begin @/a\nrec 1+0/2 [{}]\nend @/a none lines 1 blank 0 bytes 2 raw 2\n"
                       "begin @/c\nrec 1+0/3 [{}]\nend @/c none lines 2 blank 1 bytes 4 raw 4\n");
    assert_int_equal(wn_reader_open(&r, &opts, NULL), WN_OK);
    wn_reader_progress(r, &done, &total);
    assert_int_equal(done, 0);
    assert_int_equal(total, 6);
    wn_reader_close(r);
    opts.shard = 2;
    assert_int_equal(wn_reader_open(&r, &opts, &err), WN_BADCONF);
    opts.n_paths = 0;
    assert_int_equal(wn_reader_open(&r, &opts, &err), WN_BADCONF);
    assert_null(r);
}

static void *feed_pipe(void *path)
{
    int fd = open(path, O_WRONLY);

    for (int i = 0; i < 3 && fd >= 0; i++) {
        if (write(fd, "{\"a\"", 4) != 4 || write(fd, ":1}\n", 4) != 4)
            break;
    }
    close(fd);
    return NULL;
}

static void pipes_and_standard_input_are_read(void **state)
{
    char *path = (char *)(uintptr_t)scratch_path(&dir, "pipe");
    pthread_t feeder;
    int in = dup(STDIN_FILENO), file;
    (void)state;

    assert_int_equal(mkfifo(path, 0666), 0);
    assert_int_equal(pthread_create(&feeder, NULL, feed_pipe, path), 0);
    expect(path, "begin @/pipe\nrec 1+0/8 [{\"a\":1}]\nrec 2+8/8 [{\"a\":1}]\nrec 3+16/8 [{\"a\":1}]\n"
                 "end @/pipe none lines 3 blank 0 bytes 24 raw 24\n");
    pthread_join(feeder, NULL);
    file = open(put_gz("in", "{}\n"), O_RDONLY);
    dup2(file, STDIN_FILENO);
    close(file);
    expect("-", "begin -\nrec 1+0/3 [{}]\nend - none lines 1 blank 0 bytes 3 raw 23\n");
    dup2(in, STDIN_FILENO);
    close(in);
}

static bool stop_second_time(void *n_asked)
{
    return ++*(int *)n_asked > 1;
}

static void pipe_without_a_writer_can_be_stopped(void **state)
{
    const char *path = scratch_path(&dir, "pipe");
    int n_asked = 0;
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1, .stop = stop_second_time, .stop_arg = &n_asked };
    struct wn_reader *r;
    struct wn_arena a = { 0 };
    struct wn_item item = { 0 };
    enum wn_status st;
    (void)state;

    assert_int_equal(mkfifo(path, 0666), 0);
    assert_int_equal(wn_reader_open(&r, &opts, NULL), WN_OK);
    do
        st = wn_reader_next(r, &a, &item, NULL);
    while (st == WN_OK && item.kind == WN_ITEM_FILE_BEGIN);
    assert_int_equal(st, WN_CANCELLED);
    wn_reader_close(r);
    wn_arena_release(&a);
}

static void digest_is_of_the_stored_bytes(void **state)
{
    char block[256];
    size_t n = gz(block, sizeof(block), "{}\n", 3);
    const char *path = scratch_file(&dir, "a.gz", block, n);
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1, .digest = true };
    struct wn_hash128 want = wn_hash128((struct wn_str){ block, n }, 0);
    struct wn_reader *r;
    struct wn_arena a = { 0 };
    struct wn_item item = { 0 };
    uint64_t done, total;
    (void)state;

    assert_int_equal(wn_reader_open(&r, &opts, NULL), WN_OK);
    while (wn_reader_next(r, &a, &item, NULL) == WN_OK)
        ;
    assert_int_equal(item.kind, WN_ITEM_FILE_END);
    assert_true(item.file_digest.hi == want.hi && item.file_digest.lo == want.lo);
    wn_reader_progress(r, &done, &total);
    assert_int_equal(done, n);
    assert_int_equal(total, n);
    wn_reader_close(r);
    wn_arena_release(&a);
}

static void many_files_need_few_descriptors(void **state)
{
    const char *path = dir.dir;
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1 };
    struct wn_reader *r;
    struct wn_arena a = { 0 };
    struct wn_item item;
    int lowest = dup(0), n = 0, now;
    (void)state;

    close(lowest);
    for (int i = 0; i < 300; i++) {
        char name[64];

        snprintf(name, sizeof(name), "d%d/e/f%d/x.jsonl", i % 7, i);
        put(name, "{}\n");
    }
    assert_int_equal(wn_reader_open(&r, &opts, NULL), WN_OK);
    while (wn_reader_next(r, &a, &item, NULL) == WN_OK) {
        n += item.kind == WN_ITEM_RECORD;
        now = dup(0);
        close(now);
        assert_true(now <= lowest + 1);
    }
    assert_int_equal(n, 300);
    wn_reader_close(r);
    wn_arena_release(&a);
}

/* ---- containers ------------------------------------------------------------------------------ */

struct member {
    const char *name;
    const void *bytes;
    size_t n;
};

/* Writes a container and returns its size; needs a UTF-8 locale for zip names. */
static size_t box(void *out, size_t room, bool zip, const struct member *m, size_t n)
{
    struct archive *a = archive_write_new();
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before = uselocale(utf8);
    size_t used = 0;

    if (zip)
        archive_write_set_format_zip(a);
    else
        archive_write_set_format_ustar(a);
    archive_write_set_bytes_in_last_block(a, 1);
    assert_int_equal(archive_write_open_memory(a, out, room, &used), ARCHIVE_OK);
    for (size_t i = 0; i < n; i++) {
        struct archive_entry *e = archive_entry_new();

        archive_entry_set_pathname(e, m[i].name);
        archive_entry_set_filetype(e, m[i].bytes ? AE_IFREG : AE_IFDIR);
        archive_entry_set_perm(e, 0644);
        archive_entry_set_size(e, (la_int64_t)m[i].n);
        assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
        if (m[i].n)
            archive_write_data(a, m[i].bytes, m[i].n);
        archive_entry_free(e);
    }
    archive_write_close(a);
    archive_write_free(a);
    uselocale(before);
    freelocale(utf8);
    return used;
}

static char boxed[1 << 20];
static char small_gz[64];

/* Six entries: a folder, lines, a text, compressed lines, a hidden file, a non-ASCII name. */
static size_t mixed_box(bool zip)
{
    size_t n = gz(small_gz, sizeof(small_gz), "{\"z\":1}\n", 8);
    const struct member m[] = {
        { "d/", NULL, 0 },        { "d/a.jsonl", "{}\n\n{ }", 7 }, { "d/b.txt", "one\ntwo", 7 },
        { "c.jsonl.gz", small_gz, n }, { "d/._a.jsonl", "junk", 4 }, { "\xc3\xa9.jsonl", "{}", 2 },
    };

    return box(boxed, sizeof(boxed), zip, m, 6);
}

static const char mixed_log[] =
    "begin @/x!d/a.jsonl\nrec 1+0/3 [{}]\nrec 3+4/3 [{ }]\nend @/x!d/a.jsonl none lines 3 blank 1 bytes 7 raw 0 member\n"
    "begin @/x!d/b.txt\ntext 1+0/7 [one\ntwo]\nend @/x!d/b.txt none lines 1 blank 0 bytes 7 raw 0 member\n"
    "begin @/x!c.jsonl.gz\nrec 1+0/8 [{\"z\":1}]\nend @/x!c.jsonl.gz none lines 1 blank 0 bytes 8 raw 0 member\n"
    "begin @/x!\xc3\xa9.jsonl\nrec 1+0/2 [{}]\nend @/x!\xc3\xa9.jsonl none lines 1 blank 0 bytes 2 raw 0 member\n";

static void expect_box(const char *path, const char *members, const char *reason, size_t raw)
{
    char want[8192];

    snprintf(want, sizeof(want), "%sbegin @/x\nend @/x %s lines 0 blank 0 bytes 0 raw %zu container\n", members, reason, raw);
    expect(path, want);
}

static void members_of_tar_and_zip_are_files(void **state)
{
    (void)state;
    for (int zip = 0; zip < 2; zip++) {
        size_t n = mixed_box(zip);

        expect_box(scratch_file(&dir, "x", boxed, n), mixed_log, "none", n);
    }
}

static void compressed_tar_is_read_through(void **state)
{
    static char stored[1 << 16];
    size_t n = mixed_box(false), m = gz(stored, sizeof(stored), boxed, n);
    (void)state;

    expect_box(scratch_file(&dir, "x", stored, m), mixed_log, "none", m);
    stored[m - 3] ^= 1;
    expect_box(scratch_file(&dir, "x", stored, m), mixed_log, "gz_crc", m);
}

static void zip_without_its_directory_is_damaged(void **state)
{
    size_t n = mixed_box(true);
    (void)state;

    expect_box(scratch_file(&dir, "x", boxed, n - 30), mixed_log, "archive_damaged", n - 30);
    boxed[n - 22 + 10] = 5;                                     /* lists 5 members, has 6 */
    expect_box(scratch_file(&dir, "x", boxed, n), mixed_log, "archive_damaged", n);
}

static void tar_cut_between_members_is_damaged(void **state)
{
    const struct member m[] = { { "a.jsonl", "{}", 2 }, { "b.jsonl", "{}", 2 } };
    size_t n = box(boxed, sizeof(boxed), false, m, 2);
    const char *first = "begin @/x!a.jsonl\nrec 1+0/2 [{}]\nend @/x!a.jsonl none lines 1 blank 0 bytes 2 raw 0 member\n";
    (void)state;

    assert_int_equal(n, 4 * 512 + 1024);
    expect_box(scratch_file(&dir, "x", boxed, 1024), first, "archive_damaged", 1024);
}

static void tar_cut_inside_a_member_fails_member_and_container(void **state)
{
    static char lines[3000];
    const struct member m[] = { { "a.jsonl", "{}", 2 }, { "b.jsonl", lines, sizeof(lines) } };
    size_t n;
    struct wn_buf log = { 0 };
    struct wn_reader *r;
    const char *path;
    struct wn_reader_opts opts = { .n_paths = 1 };
    (void)state;

    memset(lines, '\n', sizeof(lines));
    memcpy(lines, "{}", 2);
    n = box(boxed, sizeof(boxed), false, m, 2);
    assert_true(n > 3000);
    path = scratch_file(&dir, "x", boxed, 3000);
    opts.paths = &path;
    assert_int_equal(wn_reader_open(&r, &opts, NULL), WN_OK);
    assert_int_equal(itemlog_drain(r, &log, NULL), WN_END);
    wn_reader_close(r);
    wn_buf_addc(&log, '\0');
    assert_non_null(strstr(log.ptr, "!a.jsonl none"));
    assert_non_null(strstr(log.ptr, "!b.jsonl archive_damaged"));
    assert_non_null(strstr(log.ptr, "/x archive_damaged"));
    wn_buf_release(&log);
}

static void zip_member_with_a_wrong_checksum_fails_alone(void **state)
{
    const struct member m[] = { { "a.jsonl", "{\"aaaaaaaaaaaaaaaa\":1}", 22 }, { "b.jsonl", "{}", 2 } };
    size_t n = box(boxed, sizeof(boxed), true, m, 2);
    struct wn_buf log = { 0 };
    struct wn_reader *r;
    const char *path;
    struct wn_reader_opts opts = { .n_paths = 1 };
    size_t at = 0;
    (void)state;

    while (memcmp(boxed + at, "PK\x07\x08", 4) != 0)            /* the data descriptor, CRC behind it */
        at++;
    boxed[at + 4] ^= 1;
    path = scratch_file(&dir, "x", boxed, n);
    opts.paths = &path;
    assert_int_equal(wn_reader_open(&r, &opts, NULL), WN_OK);
    assert_int_equal(itemlog_drain(r, &log, NULL), WN_END);
    wn_reader_close(r);
    wn_buf_addc(&log, '\0');
    assert_non_null(strstr(log.ptr, "!a.jsonl archive_damaged"));
    assert_non_null(strstr(log.ptr, "!b.jsonl none lines 1"));
    wn_buf_release(&log);
}

static void container_in_a_container_is_refused(void **state)
{
    static char inner[8192];
    const struct member a[] = { { "a.jsonl", "{}", 2 } };
    size_t n = box(inner, sizeof(inner), false, a, 1);
    const struct member m[] = { { "in.tar", inner, n } };
    (void)state;

    n = box(boxed, sizeof(boxed), false, m, 1);
    expect_box(scratch_file(&dir, "x", boxed, n),
               "begin @/x!in.tar\nend @/x!in.tar unsupported lines 0 blank 0 bytes 0 raw 0 member\n", "none", n);
}

/* ---- formats that the caller names ------------------------------------------------------ */

static void expect_format(const char *path, enum wn_reader_format format, uint64_t group_bytes, const char *want)
{
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1, .format = format, .group_bytes = group_bytes,
                                   .max_doc_bytes = 16 };

    expect_opts(&opts, want);
}

static void format_can_be_named_against_the_file_name(void **state)
{
    const char *txt = put("a.txt", "{}\n\nb\n");
    (void)state;

    expect_format(txt, WN_FORMAT_JSONL, 0, "begin @/a.txt\nrec 1+0/3 [{}]\nrec 3+4/2 [b]\n"
                                           "end @/a.txt none lines 3 blank 1 bytes 6 raw 6\n");
    expect_format(txt, WN_FORMAT_LINES, 0, "begin @/a.txt\ntext 1+0/3 [{}]\ntext 3+4/2 [b]\n"
                                           "end @/a.txt none lines 3 blank 1 bytes 6 raw 6\n");
    expect_format(put("a.jsonl", "{}\n\nb\n"), WN_FORMAT_TEXT, 0,
                  "begin @/a.jsonl\ntext 1+0/6 [{}\n\nb\n]\nend @/a.jsonl none lines 1 blank 0 bytes 6 raw 6\n");
}

static void plain_lines_come_in_groups_raw(void **state)
{
    (void)state;
    expect_format(put("a", "a\xff\n\n{\"x\n[{\n0123456789abcdefg\nlast"), WN_FORMAT_LINES, 4,
                  "begin @/a\nlines 1+0/4 [a\xff\n\n]x2\nlines 3+4/4 [{\"x\n]x1\nlines 4+8/3 [[{\n]x1\n"
                  "rej doc_too_large 5+11/18 [0123456789abcdefg]\nlines 6+29/4 [last]x1\n"
                  "end @/a none lines 6 blank 0 bytes 33 raw 33\n");
    expect_format(put_gz("a.txt.gz", "a\nb\n"), WN_FORMAT_LINES, 100,
                  "begin @/a.txt.gz\nlines 1+0/4 [a\nb\n]x2\nend @/a.txt.gz none lines 2 blank 0 bytes 4 raw 24\n");
}

static void first_byte_tells_json_lines_from_plain_ones(void **state)
{
    (void)state;
    expect_format(put("a.txt", "\xef\xbb\xbf\r\n\t {}\n"), WN_FORMAT_SNIFF, 100,
                  "begin @/a.txt\nrec 2+5/5 [\t {}]\nend @/a.txt none lines 2 blank 1 bytes 10 raw 10 bom\n");
    expect_format(put("b.jsonl", "[{\n"), WN_FORMAT_SNIFF, 100,
                  "begin @/b.jsonl\nlines 1+0/3 [[{\n]x1\nend @/b.jsonl none lines 1 blank 0 bytes 3 raw 3\n");
    expect_format(put("c", "\n\n"), WN_FORMAT_SNIFF, 100,
                  "begin @/c\nlines 1+0/2 [\n\n]x2\nend @/c none lines 2 blank 0 bytes 2 raw 2\n");
}

static void whole_lines_before_damage_are_given(void **state)
{
    char block[4096];
    size_t n = gz(block, sizeof(block), "a b\nc d\nbegun", 13);
    const char *path;
    (void)state;

    path = scratch_file(&dir, "a.gz", block, n - 8);
    expect_format(path, WN_FORMAT_LINES, 1 << 20,
                  "begin @/a.gz\nlines 1+0/8 [a b\nc d\n]x2\nend @/a.gz gz_truncated lines 2 blank 0 bytes 13 raw 25\n");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, clear)
    const struct CMUnitTest tests[] = {
        TEST(records_come_between_begin_and_end),
        TEST(bytes_of_items_and_blank_lines_add_up),
        TEST(bom_is_stripped_and_told),
        TEST(empty_files_of_every_kind_are_accepted_with_a_warning),
        TEST(nul_tail_is_one_reject),
        TEST(too_long_line_is_refused_and_its_neighbours_kept),
        TEST(pretty_printed_file_is_hinted_at_once),
        TEST(array_file_and_utf16_file_fail_as_files),
        TEST(whole_text_files_are_documents),
        TEST(compression_is_known_by_content_and_a_wrong_name_is_told),
        TEST(damaged_file_fails_and_the_next_is_read),
        TEST(gz_trailing_bytes_are_told_at_the_end),
        TEST(window_can_be_raised),
        TEST(foreign_formats_are_named),
        TEST(directories_are_walked_in_byte_order),
        TEST(link_cycles_and_dangling_links_fail_alone),
        TEST(missing_path_fails_alone_with_its_reason),
        TEST(file_that_vanishes_after_listing_has_changed),
        TEST(file_that_grows_shrinks_or_is_rewritten_has_changed),
        TEST(gz_cut_short_by_its_writer_has_changed),
        TEST(shards_divide_the_files),
        TEST(pipes_and_standard_input_are_read),
        TEST(pipe_without_a_writer_can_be_stopped),
        TEST(digest_is_of_the_stored_bytes),
        TEST(many_files_need_few_descriptors),
        TEST(members_of_tar_and_zip_are_files),
        TEST(compressed_tar_is_read_through),
        TEST(zip_without_its_directory_is_damaged),
        TEST(tar_cut_between_members_is_damaged),
        TEST(tar_cut_inside_a_member_fails_member_and_container),
        TEST(zip_member_with_a_wrong_checksum_fails_alone),
        TEST(container_in_a_container_is_refused),
        TEST(format_can_be_named_against_the_file_name),
        TEST(plain_lines_come_in_groups_raw),
        TEST(first_byte_tells_json_lines_from_plain_ones),
        TEST(whole_lines_before_damage_are_given),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
