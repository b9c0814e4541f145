/*
 * lm_layout.c - where the sections of an image lie.
 */
#include "lm/lm_layout.h"

#include <winnow/hash.h>

/* docs/format/lm.md gives these as fixed offsets. */
_Static_assert(sizeof(struct lm_header) == 136 && offsetof(struct lm_header, hash) == 128, "header layout");
_Static_assert(sizeof(struct lm_section) == 32, "section table layout");

static bool plan_add(struct lm_plan *plan, enum lm_section_kind kind, unsigned order, uint64_t count, uint64_t size)
{
    struct lm_section *s = &plan->section[plan->n];
    uint64_t bytes;

    if (count > INT64_MAX / size)
        return false;
    bytes = count * size;
    *s = (struct lm_section){ kind, order, plan->image_bytes, bytes, 0 };
    if (bytes > INT64_MAX - 8 - plan->image_bytes)
        return false;
    plan->image_bytes = (plan->image_bytes + bytes + 7) / 8 * 8;
    plan->n++;
    return true;
}

static bool plan_level(struct lm_plan *plan, const struct lm_header *head, unsigned k)
{
    uint64_t n = head->n_ngrams[k - 1];

    return (k < 2 || plan_add(plan, LM_WORD, k, n, sizeof(uint32_t))) &&
           plan_add(plan, LM_PROB, k, n, sizeof(float)) &&
           (k >= head->order || (plan_add(plan, LM_BACKOFF, k, n, sizeof(float)) &&
                                 plan_add(plan, LM_CHILD, k, n + 1, sizeof(uint32_t)))) &&
           (k < 3 || plan_add(plan, LM_SUFFIX, k, n, sizeof(uint32_t)));
}

/* vocabulary, then level by level */
static uint32_t count_sections(unsigned order)
{
    return 3 + order + (order - 1) * 3 + (order > 2 ? order - 2 : 0);
}

bool lm_plan_make(struct lm_plan *plan, const struct lm_header *head)
{
    bool fits;

    plan->n = 0;
    plan->image_bytes = sizeof(*head) + count_sections(head->order) * sizeof(struct lm_section);
    for (unsigned k = 1; k <= head->order; k++) {
        if (head->n_ngrams[k - 1] >= UINT32_MAX)
            return false;
    }
    fits = plan_add(plan, LM_VOCAB_START, 0, head->n_ngrams[0] + 1, sizeof(uint32_t)) &&
           plan_add(plan, LM_VOCAB_BYTES, 0, head->vocab_bytes, 1) &&
           plan_add(plan, LM_VOCAB_SLOTS, 0, head->n_slots, sizeof(uint64_t));
    for (unsigned k = 1; fits && k <= head->order; k++)
        fits = plan_level(plan, head, k);
    return fits;
}

void lm_bind(struct wn_lm *lm, const struct lm_plan *plan)
{
    for (unsigned k = 1; k <= lm->head.order; k++)
        lm->level[k].n = (uint32_t)lm->head.n_ngrams[k - 1];
    for (uint32_t i = 0; i < plan->n; i++) {
        const struct lm_section *s = &plan->section[i];
        struct lm_table *t = &lm->level[s->order];
        const void *at = lm->image.ptr + s->offset;

        switch ((enum lm_section_kind)s->kind) {
        case LM_VOCAB_START: lm->vocab_start = at; break;
        case LM_VOCAB_BYTES: lm->vocab_bytes = at; break;
        case LM_VOCAB_SLOTS: lm->vocab_slots = at; break;
        case LM_WORD:        t->word = at; break;
        case LM_PROB:        t->prob = at; break;
        case LM_BACKOFF:     t->backoff = at; break;
        case LM_CHILD:       t->child = at; break;
        case LM_SUFFIX:      t->suffix = at; break;
        }
    }
}

uint64_t lm_head_hash(const char *image, uint32_t n_sections)
{
    struct wn_str head = { image, offsetof(struct lm_header, hash) };
    struct wn_str table = { image + sizeof(struct lm_header), n_sections * sizeof(struct lm_section) };

    return wn_hash64(table, wn_hash64(head, 0));
}

void lm_image_seal(char *image)
{
    struct lm_header head;

    memcpy(&head, image, sizeof(head));
    for (uint32_t i = 0; i < head.n_sections; i++) {
        char *at = image + sizeof(head) + i * sizeof(struct lm_section);
        struct lm_section s;

        memcpy(&s, at, sizeof(s));
        s.hash = wn_hash64((struct wn_str){ image + s.offset, s.bytes }, 0);
        memcpy(at, &s, sizeof(s));
    }
    head.hash = lm_head_hash(image, head.n_sections);
    memcpy(image, &head, sizeof(head));
}
