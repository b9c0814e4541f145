/* Any bytes as a tar or a zip, whatever their magic says. */
#include "fuzz/driver.h"

#include "io/box.h"
#include "support/rude.h"

static void walk(struct wn_str bytes, enum io_kind kind)
{
    static const size_t sizes[RUDE_SIZES] = { 600, 1, 100 };
    struct io_facts facts = { .fd = -1 }, member_facts;
    struct io_source *member;
    struct wn_str chunk;
    struct io_box *box;
    struct wn_err err;
    const char *name;
    uint64_t n = 0;
    enum wn_status st = io_box_open(&box, rude_source(bytes, sizes), kind, &facts, &err);

    while (st == WN_OK) {
        member_facts = (struct io_facts){ .fd = -1 };
        st = io_box_next(box, &name, &member, &member_facts, &err);
        if (st != WN_OK)
            break;
        while (n < (1 << 24) && io_source_next(member, &chunk, &err) == WN_OK)
            n += chunk.len;
        io_source_close(member);
        if (strlen(name) == 0 || n >= (1 << 24))
            break;
    }
    if (st == WN_BADDATA && facts.reason == WN_R_NONE)
        abort();
    io_box_close(box);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wn_str bytes = { (const char *)data, size };

    if (size == 0)
        return 0;
    walk(bytes, IO_KIND_TAR);
    walk(bytes, IO_KIND_ZIP);
    return 0;
}
