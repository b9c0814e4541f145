/*
 * lm_image.c - images made in memory: words and index.
 */
#include <stdlib.h>

#include "lm/lm_layout.h"

/* Header and plan of what NUMBERS asks for; false when it is too large. */
static bool complete(struct lm_header *head, struct lm_plan *plan)
{
    memcpy(head->magic, LM_MAGIC, sizeof(head->magic));
    head->version = LM_VERSION;
    head->byte_order = LM_BYTE_ORDER;
    head->parts = WN_LM_WORDS | WN_LM_INDEX;
    head->mode = LM_MODE_EXACT;
    head->n_models = 1;
    head->unk_extends = 0;
    head->hash_seed = 0;
    head->n_slots = vocab_slots_for(head->n_ngrams[0]);
    if (!lm_plan_make(plan, head, NULL))
        return false;
    head->n_sections = plan->n;
    head->image_bytes = plan->image_bytes;
    return true;
}

enum wn_status lm_image_new(struct wn_lm **out, const struct lm_header *numbers, struct wn_err *err)
{
    struct lm_header head = *numbers;
    struct lm_plan plan;
    struct wn_lm *lm;
    char *heap;

    *out = NULL;
    if (!complete(&head, &plan))
        return wn_fail(err, WN_LIMIT, "cannot hold a model in memory: more than %u n-grams of one order", UINT32_MAX - 1);
    lm = calloc(1, sizeof(*lm));
    heap = calloc(1, plan.image_bytes + LM_LINE_ALIGN);
    if (!lm || !heap) {
        free(lm);
        free(heap);
        return wn_fail(err, WN_NOMEM, "cannot hold a model of %llu bytes: out of memory",
                       (unsigned long long)plan.image_bytes);
    }
    lm->heap = heap;
    heap += LM_LINE_ALIGN - (uintptr_t)heap % LM_LINE_ALIGN;
    memcpy(heap, &head, sizeof(head));
    memcpy(heap + offsetof(struct lm_front, section), plan.section, plan.n * sizeof(plan.section[0]));
    lm->image = (struct wn_str){ heap, plan.image_bytes };
    lm->head = head;
    lm_bind(lm, plan.section, plan.n);
    *out = lm;
    return WN_OK;
}

void *lm_image_at(struct wn_lm *lm, const void *view)
{
    return (char *)(uintptr_t)lm->image.ptr + ((const char *)view - lm->image.ptr);
}

void lm_image_words(struct wn_lm *lm, const struct vocab *v)
{
    memcpy(lm_image_at(lm, lm->vocab_start), v->start, ((size_t)v->n + 1) * sizeof(v->start[0]));
    if (v->n_bytes > 0)
        memcpy(lm_image_at(lm, lm->vocab_bytes), v->bytes, v->n_bytes);
    for (uint32_t id = 0; id < v->n; id++)
        vocab_place(lm_image_at(lm, lm->vocab_slots), lm->head.n_slots, vocab_word(v, id), id);
}

void lm_image_seal(char *image)
{
    struct lm_front front;

    memcpy(&front, image, sizeof(front));
    for (uint32_t i = 0; i < front.head.n_sections; i++) {
        struct lm_section *s = &front.section[i];

        s->hash = lm_section_hash((struct wn_str){ image + s->offset, s->bytes });
    }
    memcpy(image, &front, sizeof(front));
    front.hash = lm_front_hash(image);
    memcpy(image, &front, sizeof(front));
}
