/*
 * bench_io - MB/s of decoded bytes: record scanning, gz and zst decoding, reading from
 * end to end; beside memchr and memcpy of the same bytes on the same machine.  Median
 * and range of several runs, CPU time of one thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <winnow/record.h>
#include <winnow/rng.h>
#include <winnow/sink.h>

#include "base/utf8.h"
#include "io/scan.h"
#include "support/scratch.h"

enum { RUNS = 7, CORPUS_BYTES = 48 << 20 };

static struct wn_buf corpus;
static struct scratch dir;
static volatile uint64_t taken;   /* what the runs compute, so that they are not left out */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void measure(const char *what, void (*run)(void))
{
    double rate[RUNS];

    for (int i = 0; i < RUNS; i++) {
        double start = now();

        run();
        rate[i] = (double)corpus.len / (now() - start) / 1e6;
    }
    qsort(rate, RUNS, sizeof(rate[0]), by_value);
    printf("%-32s %8.0f MB/s  (%.0f to %.0f)\n", what, rate[RUNS / 2], rate[0], rate[RUNS - 1]);
}

/* Records of prose, log-normal lengths around 2 kB, one escape in 60 characters; MANY
 * writes every fifth letter outside ASCII. */
static void make_corpus(bool many)
{
    static const char *const wide[] = { "\xc3\xa9", "\xd0\xb6", "\xe4\xb8\xad", "\xf0\x9f\x98\x80" };
    struct wn_rng r;

    wn_buf_reset(&corpus);
    wn_rng_init(&r, 1, WN_DOMAIN_METRIC, 0, 0, 0);
    for (int i = 0; corpus.len < CORPUS_BYTES; i++) {
        uint64_t n = 200 + wn_rng_below(&r, 4000), word = 0;

        wn_buf_addf(&corpus, "{\"id\": \"doc-%08d\", \"source\": \"bench\", \"text\": \"", i);
        for (uint64_t k = 0; k < n; k++) {
            uint64_t x = wn_rng_below(&r, 60);

            if (x == 0)
                wn_buf_addz(&corpus, k % 2 ? "\\n" : "\\\"");
            else if (++word % 6 == 0)
                wn_buf_addc(&corpus, ' ');
            else if (many && x < 12)
                wn_buf_addz(&corpus, wide[x % 4]);
            else
                wn_buf_addc(&corpus, (char)('a' + x % 26));
        }
        wn_buf_addf(&corpus, "\", \"metadata\": {\"n\": %d, \"l\": [1, 2.5, null]}}\n", i);
    }
}

static void each_line(void (*fn)(struct wn_str line))
{
    const char *p = corpus.ptr, *end = corpus.ptr + corpus.len;

    while (p < end) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));

        fn((struct wn_str){ p, (size_t)(nl - p) });
        p = nl + 1;
    }
}

static void count_line(struct wn_str line)
{
    taken += line.len;
}

static void run_memchr(void)
{
    each_line(count_line);
}

static void run_memcpy(void)
{
    static char block[1 << 20];

    for (size_t at = 0; at + sizeof(block) <= corpus.len; at += sizeof(block)) {
        memcpy(block, corpus.ptr + at, sizeof(block));
        taken += (unsigned char)block[at % sizeof(block)];
    }
}

static void run_utf8(void)
{
    taken += wn_utf8_check(wn_buf_str(&corpus));
}

static void scan_line(struct wn_str line)
{
    struct io_want want[2] = { { .key = WN_STR("id") }, { .key = WN_STR("text") } };
    struct io_scan scan;

    io_scan_object(line, want, 2, &scan);
    taken += scan.body_end + want[1].raw.len;
}

static void run_scan(void)
{
    each_line(scan_line);
}

static struct wn_arena arena;

static void parse_line(struct wn_str line)
{
    static const struct wn_fields fields;
    struct wn_item item = { .kind = WN_ITEM_RECORD, .line = line, .place = { "bench", 1, 0 } };
    struct wn_doc doc;
    enum wn_reason reason;

    wn_record_parse(&fields, &item, &arena, &doc, &reason, NULL);
    taken += doc.text.len;
    wn_arena_reset(&arena);
}

static void run_parse(void)
{
    each_line(parse_line);
}

static void read_path(const char *path)
{
    struct wn_reader_opts opts = { .paths = &path, .n_paths = 1 };
    struct wn_reader *r;
    struct wn_item item;

    if (wn_reader_open(&r, &opts, NULL) != WN_OK)
        abort();
    while (wn_reader_next(r, &arena, &item, NULL) == WN_OK) {
        taken += item.line.len;
        wn_arena_reset(&arena);
    }
    wn_reader_close(r);
}

static void run_read_plain(void)
{
    read_path(scratch_path(&dir, "a.jsonl"));
}

static void run_read_gz(void)
{
    read_path(scratch_path(&dir, "a.jsonl.gz"));
}

static void run_read_zst(void)
{
    read_path(scratch_path(&dir, "a.jsonl.zst"));
}

static void run_write_gz(void)
{
    wn_file_publish(scratch_path(&dir, "a.jsonl.gz"), wn_buf_str(&corpus), NULL);
}

static void run_write_zst(void)
{
    wn_file_publish(scratch_path(&dir, "a.jsonl.zst"), wn_buf_str(&corpus), NULL);
}

static void measure_scanning(const char *name)
{
    printf("%s, %zu MB\n", name, corpus.len >> 20);
    measure("  memchr for line ends", run_memchr);
    measure("  memcpy", run_memcpy);
    measure("  UTF-8 check", run_utf8);
    measure("  scan (structure, two members)", run_scan);
    measure("  parse (scan, UTF-8, decode)", run_parse);
}

int main(void)
{
    if (!scratch_open(&dir))
        return 1;
    make_corpus(true);
    measure_scanning("multi-script");
    make_corpus(false);
    measure_scanning("prose");
    if (wn_file_publish(scratch_path(&dir, "a.jsonl"), wn_buf_str(&corpus), NULL) != WN_OK)
        return 1;
    measure("  write .gz", run_write_gz);
    measure("  write .zst", run_write_zst);
    measure("  read plain, cut into lines", run_read_plain);
    measure("  read .gz", run_read_gz);
    measure("  read .zst", run_read_zst);
    scratch_clear(&dir, true);
    wn_buf_release(&corpus);
    wn_arena_release(&arena);
    return 0;
}
