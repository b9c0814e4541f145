/*
 * lm_arpa_source.h - ARPA text in memory as the importer reads it.
 */
#ifndef TEST_LM_ARPA_SOURCE_H
#define TEST_LM_ARPA_SOURCE_H

#include "support/cm.h"

#include "lm/lm_arpa.h"
#include "lm/lm_arpa_read.h"

struct arpa_source {
    struct wn_str left;
    size_t most;               /* bytes a read gives; 0: as many as there is room for */
    long fails_at;             /* which read fails, from 1 on; 0: none                */
};

static inline enum wn_status arpa_source_read(void *arg, char *to, size_t room, size_t *got, struct wn_err *err)
{
    struct arpa_source *s = arg;

    if (s->fails_at > 0 && --s->fails_at == 0)
        return wn_fail(err, WN_IO, "cannot read 'x.arpa': broken");
    *got = s->left.len < room ? s->left.len : room;
    *got = s->most > 0 && s->most < *got ? s->most : *got;
    memcpy(to, s->left.ptr, *got);
    s->left = (struct wn_str){ s->left.ptr + *got, s->left.len - *got };
    return WN_OK;
}

/* Reads S and writes what came as an ARPA file to PATH. */
static inline enum wn_status arpa_source_write(struct arpa_source s, const char *path)
{
    static const struct wn_arpa_opts opts = { 0 };
    struct lm_arpa_writer *w;
    enum wn_status st = lm_arpa_writer_to_path(&w, path, NULL);

    assert_true((st == WN_OK) == (w != NULL));
    if (st == WN_OK) {
        struct lm_consumer consumer = lm_arpa_writer_consumer(w);
        const struct lm_consumer *list[] = { &consumer };

        st = lm_arpa_read(arpa_source_read, &s, "x.arpa", &opts, NULL, list, 1, NULL);
    }
    lm_arpa_writer_free(w);
    return st;
}

#endif
