/*
 * lm_outputs.c - files to write, and writing a model that is there.
 */
#include "lm/lm_outputs.h"

#include "lm/lm_index.h"

enum wn_status lm_outputs_open(struct lm_outputs *o, const struct wn_lm_output *to, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    if (!to->arpa && !to->arpa_write && !to->model)
        return wn_fail(err, WN_BADCONF, "cannot write a model: no file is named");
    if (to->arpa || to->arpa_write) {
        st = to->arpa_write ? lm_arpa_writer_new(&o->arpa, to->arpa_write, to->arpa_arg, err)
                            : lm_arpa_writer_to_path(&o->arpa, to->arpa, err);
        if (st == WN_OK) {
            o->arpa_consumer = lm_arpa_writer_consumer(o->arpa);
            o->list[o->n++] = &o->arpa_consumer;
        }
    }
    if (st == WN_OK && to->model) {
        st = lm_model_writer_new(&o->model, to->model, to->parts, to->compact, err);
        if (st == WN_OK) {
            lm_model_writer_hold(o->model, to->held);
            o->list[o->n++] = lm_model_writer_consumer(o->model);
        }
    }
    return st;
}

void lm_outputs_release(struct lm_outputs *o)
{
    lm_arpa_writer_free(o->arpa);
    lm_model_writer_free(o->model);
    *o = (struct lm_outputs){ 0 };
}

enum wn_status wn_lm_write(const struct wn_lm *lm, const struct wn_lm_output *to, const struct wn_lm_room *room,
                           struct wn_err *err)
{
    struct lm_room inner = lm_room_of(room);
    struct lm_outputs o = { 0 };
    enum wn_status st = lm_index_usable(lm, "write the model", err);

    lm_room_give(&inner, lm->image.len);         /* as large in memory, mapped or not */
    if (st == WN_OK)
        st = lm_outputs_open(&o, to, err);
    if (st == WN_OK)
        st = lm_index_produce(lm, o.list, o.n, &inner, err);
    lm_outputs_release(&o);
    return st;
}
