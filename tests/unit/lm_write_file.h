/*
 * lm_write_file.h - model files for tests, by streaming a model into the writer.
 */
#ifndef TEST_LM_WRITE_FILE_H
#define TEST_LM_WRITE_FILE_H

#include "unit/lm_fixture.h"

#include "lm/lm_index.h"
#include "lm/lm_model_writer.h"

struct write_opts {
    unsigned parts;
    bool compact;
    unsigned jobs;              /* 0: 1                                            */
    uint64_t memory_bytes;      /* 0: no limit                                     */
    bool hide_left;             /* as from a producer that knows no left masks     */
};

/* A consumer in front of another that takes the left masks away. */
struct no_left {
    const struct lm_consumer *to;
};

static inline enum wn_status no_left_begin(void *ctx, const struct lm_shape *s, const struct lm_room *room,
                                           struct wn_err *err)
{
    const struct lm_consumer *to = ((struct no_left *)ctx)->to;

    return to->begin(to->ctx, s, room, err);
}

static inline enum wn_status no_left_work(void *ctx, const struct lm_block *b, struct wn_buf *out, struct wn_err *err)
{
    const struct lm_consumer *to = ((struct no_left *)ctx)->to;
    struct lm_block bare = *b;

    bare.left = NULL;
    return to->work(to->ctx, &bare, out, err);
}

static inline enum wn_status no_left_take(void *ctx, unsigned order, uint64_t first, size_t n, struct wn_str out,
                                          struct wn_err *err)
{
    const struct lm_consumer *to = ((struct no_left *)ctx)->to;

    return to->take(to->ctx, order, first, n, out, err);
}

static inline enum wn_status no_left_end(void *ctx, struct wn_err *err)
{
    const struct lm_consumer *to = ((struct no_left *)ctx)->to;

    return to->end(to->ctx, err);
}

static inline enum wn_status try_write(const struct wn_lm *lm, const char *path, const struct write_opts *o,
                                       struct wn_err *err)
{
    struct lm_room room = { .jobs = o->jobs ? o->jobs : 1,
                            .memory_bytes = o->memory_bytes ? o->memory_bytes : UINT64_MAX };
    struct lm_model_writer *w;
    enum wn_status st = lm_model_writer_new(&w, path, o->parts, o->compact, err);

    if (st == WN_OK) {
        struct no_left hide = { lm_model_writer_consumer(w) };
        const struct lm_consumer hidden = { .ctx = &hide, .begin = no_left_begin, .work = no_left_work,
                                            .take = no_left_take, .end = no_left_end };
        const struct lm_consumer *to = o->hide_left ? &hidden : hide.to;

        st = lm_index_produce(lm, &to, 1, &room, err);
    }
    lm_model_writer_free(w);
    return st;
}

/* The file that LM becomes; free .ptr. */
static inline struct wn_str write_file_of(const struct wn_lm *lm, const char *path, const struct write_opts *o)
{
    struct wn_err err;

    if (try_write(lm, path, o, &err) != WN_OK)
        fail_msg("%s", err.text);
    return fixture_read(path);
}

#endif
