/* Any bytes as a stored stream (plain, gzip, zstd), split as the first byte says: the
 * items must be the same as in one piece, and their bytes must add up. */
#include "fuzz/driver.h"

#include "io/reading.h"
#include "support/itemlog.h"
#include "support/rude.h"

static void read_in(struct wn_str bytes, const size_t *sizes, struct wn_buf *log)
{
    const char *name = "/dev/null";
    struct wn_reader_opts opts = { .max_doc_bytes = 1000, .digest = true };
    struct wn_reader *r;

    if (io_reader_over(&r, &opts, name, rude_source(bytes, sizes), NULL) != WN_OK)
        abort();
    if (itemlog_drain(r, log, NULL) != WN_END)
        abort();
    wn_reader_close(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wn_buf whole = { 0 }, split = { 0 };
    size_t big[RUDE_SIZES] = { 1 << 20 }, odd[RUDE_SIZES] = { 0 };
    struct wn_str bytes;

    if (size < 2)
        return 0;
    bytes = (struct wn_str){ (const char *)data + 1, size - 1 };
    odd[0] = 1 + data[0] % 16;
    odd[1] = 1 + data[0] / 16;
    read_in(bytes, big, &whole);
    read_in(bytes, odd, &split);
    if (!wn_str_eq(wn_buf_str(&whole), wn_buf_str(&split)))
        abort();
    wn_buf_release(&whole);
    wn_buf_release(&split);
    return 0;
}
