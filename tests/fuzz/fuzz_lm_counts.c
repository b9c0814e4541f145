/*
 * fuzz_lm_counts.c - any bytes as a count file: first as they come, then with checksums
 * put right, so that the checks behind them are reached.  What is taken must survive
 * being saved and read again.
 */
#include "fuzz/driver.h"

#include <unistd.h>

#include "lm/lm_countfile.h"
#include "lm/lm_runs.h"

/* Writes the bytes to a file of its own; the caller unlinks it. */
static int write_file(char *path, const void *bytes, size_t n)
{
    int fd = mkstemp(path);

    if (fd < 0)
        return -1;
    if (write(fd, bytes, n) != (ssize_t)n) {
        close(fd);
        return -1;
    }
    return close(fd);
}

static void use_counts(struct wn_counts *c, const char *path)
{
    const uint64_t tokens = wn_counts_tokens(c);
    struct wn_counts_opts opts = { 0 };
    struct wn_counts *again = NULL;

    if (wn_counts_save(c, path, NULL, NULL) != WN_OK || wn_counts_peek(path, &opts, NULL) != WN_OK ||
        wn_counts_open(&again, &opts, NULL) != WN_OK || wn_counts_add_file(again, path, NULL) != WN_OK ||
        wn_counts_tokens(again) != tokens)
        abort();
    wn_counts_free(again);
}

static void try_file(const void *bytes, size_t n)
{
    char path[] = "/tmp/fuzz-counts-XXXXXX";
    struct wn_counts_opts opts = { 0 };
    struct wn_counts *c = NULL;

    if (write_file(path, bytes, n) == 0 && wn_counts_peek(path, &opts, NULL) == WN_OK &&
        wn_counts_open(&c, &opts, NULL) == WN_OK && wn_counts_add_file(c, path, NULL) == WN_OK)
        use_counts(c, path);
    wn_counts_free(c);
    unlink(path);
}

/* Puts the checksums right as far as blocks follow each other. */
static void seal(char *bytes, size_t n)
{
    struct countfile_head head;
    size_t at = sizeof(head);

    memcpy(&head, bytes, sizeof(head));
    head.hash = countfile_head_hash(head);
    memcpy(bytes, &head, sizeof(head));
    for (uint64_t i = 0; n - at >= sizeof(struct countfile_block); i++) {
        struct countfile_block b;

        memcpy(&b, bytes + at, sizeof(b));
        if (b.bytes > n - at - sizeof(b))
            break;
        b.hash = wn_hash64((struct wn_str){ bytes + at + sizeof(b), (size_t)b.bytes }, i);
        memcpy(bytes + at, &b, sizeof(b));
        at += sizeof(b) + (size_t)b.bytes;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = calloc(1, size ? size : 1);

    if (!copy)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    try_file(copy, size);
    if (size >= sizeof(struct countfile_head)) {
        seal(copy, size);
        try_file(copy, size);
    }
    free(copy);
    return 0;
}
