/*
 * bench_rules.c - MB/s of the rule scan, with and without the sieve.
 *
 *     bench_rules [FOLDER [TEXT-FILE]]
 *
 * FOLDER defaults to rules/.  The text, cut into documents of 4 kB, is TEXT-FILE, or
 * 4 MB of random English-like words in which one document in fifty holds a tell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <winnow/rng.h>
#include <winnow/text.h>

#include "detect/rules_scan.h"

enum { DOC_BYTES = 4096, RUNS = 5, MADE_BYTES = 4 << 20 };

static void make_text(struct wn_buf *out)
{
    static const char *const words[] = {
        "the",  "of",    "and",   "language", "model", "I",      "cannot", "help",    "you",  "with",  "that",
        "here", "is",    "a",     "sorry",    "but",   "your",   "please", "provide", "more", "was",   "trained",
        "for",  "essay", "story", "version",  "again", "river",  "house",  "night",   "over", "under", "between",
        "when", "he",    "she",   "said",     "old",   "people", "water",  "answer",  "café", "naïve", "don’t",
    };
    struct wn_rng rng;

    wn_rng_init(&rng, 7, WN_DOMAIN_SAMPLE, 0, 0, 0);
    while (out->len < MADE_BYTES) {
        uint64_t r = wn_rng_u64(&rng);

        wn_buf_addz(out, words[r % (sizeof(words) / sizeof(words[0]))]);
        wn_buf_addz(out, (r >> 32) % 12 ? " " : (r >> 40) % 8 ? ". " : ".\n");
        if ((r >> 44) % 35000 == 0)
            wn_buf_addz(out, "As an AI language model, I cannot feel. ");
    }
}

static bool read_text(const char *path, struct wn_buf *out)
{
    FILE *f = fopen(path, "rb");
    size_t got;

    if (!f)
        return false;
    while (wn_buf_reserve(out, 1 << 20, NULL) == WN_OK && (got = fread(out->ptr + out->len, 1, 1 << 20, f)) > 0)
        out->len += got;
    fclose(f);
    return wn_utf8_check(wn_buf_str(out)) == out->len;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The next piece of about DOC_BYTES, ending on a code point. */
static struct wn_str next_doc(struct wn_str text, size_t *at)
{
    size_t end = text.len - *at > DOC_BYTES ? *at + DOC_BYTES : text.len;
    struct wn_str doc;

    while (end < text.len && ((unsigned char)text.ptr[end] & 0xC0) == 0x80)
        end++;
    doc = (struct wn_str){ text.ptr + *at, end - *at };
    *at = end;
    return doc;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void measure(const struct wn_rules *r, struct wn_rules_scratch *w, struct wn_str text, bool use_sieve)
{
    struct wn_arena arena = { 0 };
    struct wn_evidence ev;
    uint64_t hits = 0, docs = 0;
    double speed[RUNS];

    for (int run = 0; run < RUNS; run++) {
        double start = now();

        hits = docs = 0;
        for (size_t at = 0; at < text.len; docs++) {
            rules_scan(r, w, next_doc(text, &at), use_sieve, &arena, &ev);
            hits += (uint64_t)ev.n;
            wn_arena_reset(&arena);
        }
        speed[run] = (double)text.len / 1e6 / (now() - start);
    }
    qsort(speed, RUNS, sizeof(speed[0]), compare);
    printf("%-14s %8.1f MB/s (%.1f to %.1f), %llu hits in %llu documents\n", use_sieve ? "with sieve" : "without sieve",
           speed[RUNS / 2], speed[0], speed[RUNS - 1], (unsigned long long)hits, (unsigned long long)docs);
    wn_arena_release(&arena);
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : "rules";
    struct wn_rules_scratch *w = NULL;
    struct wn_rules *r = NULL;
    struct wn_buf text = { 0 };
    struct wn_err err = { 0 };
    int status = 1;

    if (wn_rules_load(&r, &folder, 1, &err) != WN_OK) {
        fprintf(stderr, "bench_rules: %s\n", err.text);
        goto done;
    }
    w = wn_rules_scratch_new(r);
    if (argc > 2 && !read_text(argv[2], &text)) {
        fprintf(stderr, "bench_rules: cannot read '%s' as UTF-8\n", argv[2]);
        goto done;
    }
    if (argc <= 2)
        make_text(&text);
    if (!w)
        goto done;
    printf("%zu rules, %zu of them behind the sieve, %.1f MB\n", wn_rules_count(r), rules_sieved(r),
           (double)text.len / 1e6);
    measure(r, w, wn_buf_str(&text), true);
    measure(r, w, wn_buf_str(&text), false);
    status = 0;
done:
    wn_rules_scratch_free(w);
    wn_rules_free(r);
    wn_buf_release(&text);
    return status;
}
