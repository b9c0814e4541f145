/*
 * lm_front.c - sections around the tables.
 */
#include "lm/lm_front.h"

#include <stdlib.h>

enum wn_status lm_draft_begin(struct lm_draft *d, struct wn_err *err)
{
    struct lm_header *h = &d->head;
    struct lm_plan plan;

    memcpy(h->magic, LM_MAGIC, sizeof(h->magic));
    h->version = LM_VERSION;
    h->byte_order = LM_BYTE_ORDER;
    h->n_slots = h->parts & WN_LM_WORDS ? vocab_slots_for(h->n_ngrams[0]) : 0;
    if (!lm_plan_make(&plan, h, d->n_lines))
        return wn_fail(err, WN_LIMIT, "cannot write a model with an index of more than %u n-grams of one order",
                       UINT32_MAX - 1);
    return WN_OK;
}

static const struct lm_section *find(const struct lm_plan *plan, enum lm_section_kind kind, unsigned order)
{
    for (uint32_t i = 0; i < plan->n; i++) {
        if (plan->section[i].kind == (uint32_t)kind && plan->section[i].order == order)
            return &plan->section[i];
    }
    return NULL;
}

uint64_t lm_draft_offset(const struct lm_draft *d, enum lm_section_kind kind, unsigned order)
{
    struct lm_plan plan;

    lm_plan_make(&plan, &d->head, d->n_lines);
    return find(&plan, kind, order)->offset;
}

static enum wn_status put_words(struct lm_draft *d, enum lm_section_kind kind, const void *bytes, size_t n,
                                struct wn_err *err)
{
    uint64_t at = lm_draft_offset(d, kind, 0);
    enum wn_status st = lm_sink_reserve(&d->sink, at + n, err);

    d->words_hash[kind - LM_VOCAB_START] = lm_section_hash((struct wn_str){ bytes, n });
    return st == WN_OK ? lm_sink_set(&d->sink, at, bytes, n, err) : st;
}

static enum wn_status put_slots(struct lm_draft *d, const struct vocab *v, struct wn_err *err)
{
    uint64_t n = d->head.n_slots, *slot;
    enum wn_status st;

    slot = calloc(n, sizeof(*slot));
    if (!slot)
        return wn_fail(err, WN_NOMEM, "cannot write the words of a model: out of memory");
    for (uint32_t id = 0; id < v->n; id++)
        vocab_place(slot, n, vocab_word(v, id), id);
    st = put_words(d, LM_VOCAB_SLOTS, slot, n * sizeof(*slot), err);
    free(slot);
    return st;
}

enum wn_status lm_draft_words(struct lm_draft *d, const struct vocab *v, struct wn_err *err)
{
    enum wn_status st = put_words(d, LM_VOCAB_START, v->start, ((size_t)v->n + 1) * sizeof(v->start[0]), err);

    if (st == WN_OK)
        st = put_words(d, LM_VOCAB_BYTES, v->bytes, v->n_bytes, err);
    return st == WN_OK ? put_slots(d, v, err) : st;
}

static enum wn_status copy_section(struct lm_draft *d, struct lm_section *to, const struct wn_lm *index,
                                   struct wn_err *err)
{
    const struct lm_front *front = (const void *)index->image.ptr;

    for (uint32_t i = 0; i < front->head.n_sections; i++) {
        const struct lm_section *from = &front->section[i];

        if (from->kind != to->kind || from->order != to->order)
            continue;
        to->hash = from->hash;
        return lm_sink_set(&d->sink, to->offset, index->image.ptr + from->offset, from->bytes, err);
    }
    return WN_OK;
}

static enum wn_status put_section(struct lm_draft *d, struct lm_section *s, const struct wn_lm *index,
                                  struct wn_err *err)
{
    const struct lm_section *t = &d->table[s->order];

    if (s->kind <= LM_VOCAB_SLOTS) {
        s->hash = d->words_hash[s->kind - LM_VOCAB_START];
    } else if (s->kind == LM_LINES) {
        s->hash = t->hash;
        s->n_buckets = t->n_buckets;
        s->n_lines = t->n_lines;
        memcpy(s->prob, t->prob, sizeof(s->prob));
        memcpy(s->backoff, t->backoff, sizeof(s->backoff));
    } else {
        return copy_section(d, s, index, err);
    }
    return WN_OK;
}

enum wn_status lm_draft_end(struct lm_draft *d, const struct wn_lm *index, struct wn_err *err)
{
    struct lm_front front = { .hash = 0 };
    enum wn_status st = WN_OK;
    struct lm_plan plan;

    lm_plan_make(&plan, &d->head, d->n_lines);
    d->head.n_sections = plan.n;
    d->head.image_bytes = plan.image_bytes;
    st = lm_sink_reserve(&d->sink, plan.image_bytes, err);
    for (uint32_t i = 0; st == WN_OK && i < plan.n; i++)
        st = put_section(d, &plan.section[i], index, err);
    front.head = d->head;
    memcpy(front.section, plan.section, plan.n * sizeof(plan.section[0]));
    front.hash = lm_front_hash((const char *)&front);
    /* The padding behind the last section, which nothing else may reach. */
    if (st == WN_OK)
        st = lm_sink_set(&d->sink, plan.section[plan.n - 1].offset + plan.section[plan.n - 1].bytes, front.zero,
                         plan.image_bytes - plan.section[plan.n - 1].offset - plan.section[plan.n - 1].bytes, err);
    if (st == WN_OK)
        st = lm_sink_set(&d->sink, 0, &front, sizeof(front), err);
    if (st != WN_OK || !d->sink.file)
        return st;
    if (!d->held)
        return lm_publish_commit(d->sink.file, err);
    st = lm_publish_finish(d->sink.file, err);
    if (st == WN_OK) {
        *d->held = d->sink.file;
        d->sink.file = NULL;
    }
    return st;
}

enum wn_status lm_draft_take(struct lm_draft *d, struct wn_lm **out, struct wn_err *err)
{
    struct wn_lm *lm = calloc(1, sizeof(*lm));
    const struct lm_front *front = (const void *)d->sink.image;

    *out = NULL;
    if (!lm)
        return wn_fail(err, WN_NOMEM, "cannot hold a model: out of memory");
    lm->image = (struct wn_str){ d->sink.image, front->head.image_bytes };
    lm->heap = d->sink.heap;
    lm->head = front->head;
    lm_bind(lm, front->section, front->head.n_sections);
    d->sink = (struct lm_sink){ 0 };
    *out = lm;
    return WN_OK;
}
