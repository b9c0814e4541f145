/*
 * lm_layout.c - where the sections of an image lie.
 */
#include "lm/lm_layout.h"

#include <winnow/hash.h>

/* docs/format/lm.md gives these as fixed offsets. */
_Static_assert(sizeof(struct lm_header) == 152, "header layout");
_Static_assert(sizeof(struct lm_section) == 80, "section table layout");
_Static_assert(sizeof(struct lm_front) == LM_FRONT_BYTES, "front layout");

static bool plan_add(struct lm_plan *plan, enum lm_section_kind kind, unsigned order, uint64_t count, uint64_t size)
{
    struct lm_section *s = &plan->section[plan->n];
    uint64_t bytes, align;

    if (count > INT64_MAX / size)
        return false;
    bytes = count * size;
    align = kind == LM_LINES ? LM_PAGE_ALIGN : LM_LINE_ALIGN;
    plan->image_bytes = (plan->image_bytes + align - 1) / align * align;
    *s = (struct lm_section){ .kind = kind, .order = order, .offset = plan->image_bytes, .bytes = bytes };
    if (bytes > INT64_MAX - 2 * (uint64_t)LM_PAGE_ALIGN - plan->image_bytes)
        return false;
    plan->image_bytes += bytes;
    plan->n++;
    return true;
}

static bool plan_level(struct lm_plan *plan, const struct lm_header *head, unsigned k)
{
    uint64_t n = head->n_ngrams[k - 1];

    return n < UINT32_MAX && (k < 2 || plan_add(plan, LM_WORD, k, n, sizeof(uint32_t))) &&
           plan_add(plan, LM_PROB, k, n, sizeof(float)) &&
           (k >= head->order || (plan_add(plan, LM_BACKOFF, k, n, sizeof(float)) &&
                                 plan_add(plan, LM_CHILD, k, n + 1, sizeof(uint32_t)))) &&
           (k < 3 || plan_add(plan, LM_SUFFIX, k, n, sizeof(uint32_t)));
}

static bool plan_words(struct lm_plan *plan, const struct lm_header *head)
{
    return plan_add(plan, LM_VOCAB_START, 0, head->n_ngrams[0] + 1, sizeof(uint32_t)) &&
           plan_add(plan, LM_VOCAB_BYTES, 0, head->vocab_bytes, 1) &&
           plan_add(plan, LM_VOCAB_SLOTS, 0, head->n_slots, sizeof(uint64_t));
}

bool lm_plan_make(struct lm_plan *plan, const struct lm_header *head, const uint64_t *n_lines)
{
    bool fits = head->n_ngrams[0] < UINT32_MAX;

    plan->n = 0;
    plan->image_bytes = LM_FRONT_BYTES;
    if (head->parts & WN_LM_WORDS)
        fits = fits && plan_words(plan, head);
    for (unsigned k = 1; fits && (head->parts & WN_LM_TABLES) && k <= head->order; k++)
        fits = plan_add(plan, LM_LINES, k, n_lines[k], LM_LINE_BYTES);
    for (unsigned k = 1; fits && (head->parts & WN_LM_INDEX) && k <= head->order; k++)
        fits = plan_level(plan, head, k);
    plan->image_bytes = (plan->image_bytes + LM_LINE_ALIGN - 1) / LM_LINE_ALIGN * LM_LINE_ALIGN;
    return fits;
}

enum lm_table_kind lm_table_kind_of(const struct lm_header *head, unsigned k)
{
    static const enum lm_table_kind kind[3][3] = {
        [LM_MODE_EXACT] = { LM_TABLE_UNIGRAM, LM_TABLE_MIDDLE, LM_TABLE_TOP },
        [LM_MODE_COMPACT] = { LM_TABLE_UNIGRAM, LM_TABLE_MIDDLE_COMPACT, LM_TABLE_TOP_COMPACT },
        [LM_MODE_JOINT] = { LM_TABLE_UNIGRAM_JOINT, LM_TABLE_MIDDLE_JOINT, LM_TABLE_TOP_JOINT },
    };

    return kind[head->mode][k == 1 ? 0 : k < head->order ? 1 : 2];
}

unsigned lm_table_slots(enum lm_table_kind kind)
{
    static const unsigned char slots[] = {
        [LM_TABLE_UNIGRAM] = 4,       [LM_TABLE_MIDDLE] = 4,       [LM_TABLE_TOP] = 8, [LM_TABLE_MIDDLE_COMPACT] = 8,
        [LM_TABLE_TOP_COMPACT] = 16,  [LM_TABLE_UNIGRAM_JOINT] = 2, [LM_TABLE_MIDDLE_JOINT] = 5,
        [LM_TABLE_TOP_JOINT] = 8,
    };

    return slots[kind];
}

static void bind_lines(struct wn_lm *lm, const struct lm_section *s)
{
    struct lm_hash *h = &lm->hash[s->order];

    *h = (struct lm_hash){ .kind = lm_table_kind_of(&lm->head, s->order),
                           .line = (const unsigned char *)lm->image.ptr + s->offset,
                           .n_buckets = s->n_buckets, .n_lines = s->n_lines };
    memcpy(h->prob, s->prob, sizeof(h->prob));
    memcpy(h->backoff, s->backoff, sizeof(h->backoff));
}

void lm_bind(struct wn_lm *lm, const struct lm_section *section, uint32_t n)
{
    lm->parts = lm->head.parts;
    lm->n_models = lm->head.n_models;
    lm->hash_seed = lm->head.hash_seed;
    lm->unk_extends = lm->head.unk_extends != 0;
    for (unsigned k = 1; (lm->parts & WN_LM_INDEX) && k <= lm->head.order; k++)
        lm->level[k].n = (uint32_t)lm->head.n_ngrams[k - 1];
    for (uint32_t i = 0; i < n; i++) {
        const struct lm_section *s = &section[i];
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
        case LM_LINES:       bind_lines(lm, s); break;
        }
    }
}

uint64_t lm_hash_join(uint64_t hash, struct wn_str piece)
{
    uint64_t pair[2] = { hash, wn_hash64(piece, 0) };

    return wn_hash64((struct wn_str){ (const char *)pair, sizeof(pair) }, 0);
}

uint64_t lm_section_hash(struct wn_str section)
{
    uint64_t hash = 0;

    for (size_t at = 0; at < section.len; at += LM_PIECE_BYTES) {
        size_t left = section.len - at;

        hash = lm_hash_join(hash, (struct wn_str){ section.ptr + at, left < LM_PIECE_BYTES ? left : LM_PIECE_BYTES });
    }
    return hash;
}

uint64_t lm_front_hash(const char *front)
{
    return wn_hash64((struct wn_str){ front, offsetof(struct lm_front, hash) }, 0);
}
