/*
 * bench_score.c - tokens per second of scoring, per instruction set, beside what the machine
 * can do: the random lines it can fetch, and the cutting and hashing of words alone.
 *
 *   bench_score [MODEL TEXT]      without: models of a made-up text, of 121 and 57 MB
 *
 * CPU time, median of several runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <winnow/lmbuild.h>
#include <winnow/lmscore.h>
#include <winnow/rng.h>

#include "lm/lm_batch.h"

enum { N_RUNS = 5, ORDER = 5, N_VOCAB = 60000, N_TRAIN = 2000000, N_TEST = 2000000 };

static double clock_of(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double now(void)
{
    return clock_of(CLOCK_PROCESS_CPUTIME_ID);
}

static double wall(void)
{
    return clock_of(CLOCK_MONOTONIC);
}

static void die_unless(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench_score: %s\n", what);
    exit(1);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *x)
{
    qsort(x, N_RUNS, sizeof(*x), by_size);
    return x[N_RUNS / 2];
}

/* ---- the machine ------------------------------------------------------------------------- */

/* Fetches lines at random places, 128 on their way at a time; millions a second. */
static double random_lines(const unsigned char *mem, uint64_t n_lines)
{
    enum { N_FLY = 128, N_ROUNDS = 20000 };
    double seconds[N_RUNS];
    uint64_t x = 1, sum = 0;

    for (unsigned r = 0; r < N_RUNS; r++) {
        double begin = now();

        for (unsigned i = 0; i < N_ROUNDS; i++) {
            const unsigned char *line[N_FLY];

            for (unsigned k = 0; k < N_FLY; k++) {
                x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
                line[k] = mem + lm_key_bucket(lm_key_mix(x, LM_KEY_A), n_lines) * LM_LINE_BYTES;
                __builtin_prefetch(line[k]);
            }
            for (unsigned k = 0; k < N_FLY; k++)
                sum += *line[k];
        }
        seconds[r] = now() - begin;
    }
    return N_FLY * (double)N_ROUNDS / median(seconds) * 1e-6 + (sum == 1 ? 1e-9 : 0.0);
}

static void print_machine(const struct wn_lm *lm)
{
    uint64_t n_lines = 0;
    unsigned char *mem;

    for (unsigned n = 1; n <= lm->head.order; n++)
        n_lines += lm->hash[n].n_lines;
    mem = malloc(n_lines * LM_LINE_BYTES);
    die_unless(mem != NULL, "out of memory");
    memset(mem, 1, n_lines * LM_LINE_BYTES);
    printf("  tables %.0f MB; this machine fetches %.1f M random lines/s from as much memory\n",
           (double)n_lines * LM_LINE_BYTES * 1e-6, random_lines(mem, n_lines));
    free(mem);
}

/* ---- the work ---------------------------------------------------------------------------- */

/* Seconds to cut and hash TEXT, without a look-up. */
static double hash_only(const struct wn_lm *lm, const struct lm_isa *isa, struct wn_str text)
{
    struct lm_text scan = { text.ptr, text.ptr + text.len, text.ptr, false };
    struct lm_batch *b = malloc(sizeof(*b));
    double begin;

    die_unless(b != NULL, "out of memory");
    lm_batch_init(b, lm, isa, false);
    b->order = 1;                                     /* asks for no lines */
    lm_batch_start(b);
    begin = now();
    while (scan.at < scan.end || scan.in_word) {
        isa->scan(b, &scan, NULL);
        lm_batch_clear(b);
    }
    begin = now() - begin;
    free(b);
    return begin;
}

static void bench_simd(const struct wn_lm *lm, struct wn_str text, enum wn_simd simd)
{
    struct wn_scorer_opts opts = { .simd = simd };
    double hash[N_RUNS], all[N_RUNS];
    struct wn_lm_sum sum[2];
    struct wn_scorer *s;

    if (wn_scorer_new(&s, lm, &opts, NULL) != WN_OK)
        return;                                       /* not on this machine */
    for (unsigned r = 0; r < N_RUNS; r++) {
        double begin = now();

        memset(sum, 0, sizeof(sum));
        die_unless(wn_scorer_add(s, text, sum, NULL) == WN_OK && wn_scorer_flush(s, NULL) == WN_OK, "cannot score");
        all[r] = now() - begin;
        hash[r] = lm_has_tables(lm) ? hash_only(lm, lm_isa_find(simd), text) : 0.0;
    }
    printf("  %-7s %7.2f M tokens/s, %5.1f ns a token, of which words %4.1f ns; log10 p %.4f\n", wn_scorer_simd(s),
           (double)sum[0].n_tokens / median(all) * 1e-6, median(all) / (double)sum[0].n_tokens * 1e9,
           median(hash) / (double)sum[0].n_tokens * 1e9, sum[0].log10_p);
    wn_scorer_free(s);
}

/* From a path to the score of the text's first line, the file's pages in memory. */
static void bench_open(const char *path, struct wn_str text)
{
    const char *end = memchr(text.ptr, '\n', text.len);
    double took[N_RUNS];

    text.len = end ? (size_t)(end - text.ptr) : text.len;
    for (unsigned r = 0; r < N_RUNS; r++) {
        double begin = wall();
        struct wn_scorer *s = NULL;
        struct wn_lm_sum sum[2];
        struct wn_lm *lm = NULL;

        memset(sum, 0, sizeof(sum));
        die_unless(wn_lm_open(&lm, path, NULL) == WN_OK && wn_scorer_new(&s, lm, NULL, NULL) == WN_OK &&
                       wn_scorer_add(s, text, sum, NULL) == WN_OK && wn_scorer_flush(s, NULL) == WN_OK,
                   "cannot open and score");
        took[r] = wall() - begin;
        wn_scorer_free(s);
        wn_lm_free(lm);
    }
    printf("  open to first score %.2f ms\n", median(took) * 1e3);
}

static void bench_model(const char *path, struct wn_str text)
{
    struct wn_lm *lm;
    struct wn_err err;

    die_unless(wn_lm_open(&lm, path, &err) == WN_OK, "cannot open the model");
    printf("%s: order %u, %s%s\n", path, wn_lm_order(lm), wn_lm_compact(lm) ? "compact" : "exact",
           wn_lm_models(lm) == 2 ? ", joint" : "");
    if (lm_has_tables(lm))
        print_machine(lm);
    bench_open(path, text);
    for (int simd = WN_SIMD_NONE; simd <= WN_SIMD_AVX512; simd++)
        bench_simd(lm, text, (enum wn_simd)simd);
    wn_lm_free(lm);
}

/* ---- what is scored ------------------------------------------------------------------------ */

/* The next word is one of a few that its predecessor prefers, or any; earlier words are
 * likelier. */
static void make_text(struct wn_buf *out, uint64_t n, uint64_t seed)
{
    struct wn_rng rng;
    uint64_t word = 0;

    wn_rng_init(&rng, seed, WN_DOMAIN_REAL, 0, 0, 0);
    for (uint64_t i = 0; i < n; i++) {
        if (wn_rng_below(&rng, 3) > 0)
            word = (word * 31 + wn_rng_below(&rng, 6)) % N_VOCAB;
        else
            word = wn_rng_below(&rng, 1 + wn_rng_below(&rng, 1 + wn_rng_below(&rng, N_VOCAB)));
        wn_buf_addf(out, "w%llu%c", (unsigned long long)word, i % 20 == 19 ? '\n' : ' ');
    }
    die_unless(wn_buf_status(out, NULL) == WN_OK, "out of memory");
}

static void bench_made_up(void)
{
    char dir[] = "/tmp/bench_score_XXXXXX", path[64];
    struct wn_buf train = { 0 }, test = { 0 };
    struct wn_counts *counts;
    struct wn_lm *lm;

    die_unless(mkdtemp(dir) != NULL, "cannot make a folder");
    snprintf(path, sizeof(path), "%s/model", dir);
    make_text(&train, N_TRAIN, 1);
    make_text(&test, N_TEST, 2);
    die_unless(wn_counts_new(&counts, ORDER, WN_TOK_WHITESPACE, NULL) == WN_OK &&
               wn_counts_add_text(counts, wn_buf_str(&train), NULL) == WN_OK &&
               wn_lm_estimate(&lm, counts, NULL, NULL, NULL) == WN_OK, "cannot estimate");
    for (int compact = 0; compact < 2; compact++) {
        struct wn_lm_output to = { .model = path, .parts = WN_LM_TABLES, .compact = compact };

        die_unless(wn_lm_write(lm, &to, NULL, NULL) == WN_OK, "cannot write the model");
        bench_model(path, wn_buf_str(&test));
        unlink(path);
    }
    rmdir(dir);
    wn_lm_free(lm);
    wn_counts_free(counts);
    wn_buf_release(&train);
    wn_buf_release(&test);
}

int main(int argc, char **argv)
{
    struct stat info;
    void *text;
    int fd;

    if (argc != 3) {
        bench_made_up();
        return 0;
    }
    fd = open(argv[2], O_RDONLY);
    die_unless(fd >= 0 && fstat(fd, &info) == 0 && info.st_size > 0, "cannot open the text");
    text = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    die_unless(text != MAP_FAILED, "cannot map the text");
    bench_model(argv[1], (struct wn_str){ text, (size_t)info.st_size });
    munmap(text, (size_t)info.st_size);
    close(fd);
    return 0;
}
