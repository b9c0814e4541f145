/* Any bytes as a model file; what opens must tag and describe itself. */
#include "fuzz/driver.h"

#include <winnow/hash.h>
#include <winnow/tagger.h>

/* docs/format/model.md: header, then 5 rows of kind, offset, bytes, hash (high, low). */
enum { HEADER_BYTES = 48, TABLE_HASH_AT = 40, N_SECTIONS = 5, ROW_WORDS = 5 };

static void use(const struct wn_model *m)
{
    static const char text[] = "bab dad kak, lal bab. dad kak lal bab dad kak lal bab dad kak lal bab dad kak lal bab dad kak lal "
                               "bab dad kak lal bab dad kak lal bab dad kak lal bab dad kak lal bab dad kak lal bab dad.";
    struct wn_tagger_opts opts = { .model = m };
    struct wn_tagger_scratch *w = NULL;
    struct wn_tagger *t = NULL;
    struct wn_arena a = { 0 };
    struct wn_buf out = { 0 };
    struct wn_json j;
    struct wn_tag tag;

    wn_json_init(&j, &out);
    wn_model_json(&j, NULL, m);
    if (wn_tagger_new(&t, &opts, NULL) == WN_OK)
        w = wn_tagger_scratch_new(t);
    if (w)
        wn_tagger_tag(t, w, wn_str(text), &a, &tag, NULL);
    wn_tagger_scratch_free(w);
    wn_tagger_free(t);
    wn_arena_release(&a);
    wn_buf_release(&out);
}

/* Makes the hashes fit, so that mutations reach what lies behind them. */
static void repair(uint64_t *image, size_t size)
{
    uint64_t *table = image + HEADER_BYTES / 8;
    struct wn_str head = { (const char *)image, TABLE_HASH_AT };
    struct wn_str rows = { (const char *)table, N_SECTIONS * ROW_WORDS * 8 };

    if (size < HEADER_BYTES + rows.len)
        return;
    for (int i = 0; i < N_SECTIONS; i++) {
        uint64_t *row = table + i * ROW_WORDS;

        if (row[1] <= size && row[2] <= size - row[1]) {
            struct wn_hash128 h = wn_hash128((struct wn_str){ (const char *)image + row[1], row[2] }, 0);

            row[3] = h.hi;
            row[4] = h.lo;
        }
    }
    image[TABLE_HASH_AT / 8] = wn_hash64(rows, wn_hash64(head, 0));
}

static void try(const uint64_t *image, size_t size)
{
    struct wn_model *m = NULL;

    if (wn_model_view(&m, (struct wn_str){ (const char *)image, size }, "fuzz", NULL) == WN_OK)
        use(m);
    wn_model_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t *aligned = malloc(size + sizeof(*aligned));

    if (!aligned)
        return 0;
    memcpy(aligned, data, size);
    try(aligned, size);
    repair(aligned, size);
    try(aligned, size);
    free(aligned);
    return 0;
}
