/*
 * lm_check.c - an image from anywhere is read only after it was found sound: every
 * offset, id and range that a later read relies on is looked at here, so that a hostile
 * file with correct checksums can make answers wrong but no read go astray.
 */
#include "lm/lm_layout.h"

static enum wn_status refuse(const char *name, struct wn_err *err, const char *what)
{
    return wn_fail(err, WN_BADDATA, "cannot use model '%s': %s", name, what);
}

/* What is wrong with the fixed part of the header, or NULL. */
static const char *head_fault(const struct lm_header *h, size_t bytes)
{
    if (memcmp(h->magic, LM_MAGIC, sizeof(h->magic)) != 0)
        return "not a winnow language model";
    if (h->byte_order == __builtin_bswap32(LM_BYTE_ORDER))
        return "written on a machine with the other byte order";
    if (h->byte_order != LM_BYTE_ORDER)
        return "the byte-order mark in the header is damaged";
    if (h->version != LM_VERSION)
        return "another version of the format";
    if (h->order < 1 || h->order > WN_LM_MAX_ORDER)
        return "the order in the header is not possible";
    if (h->tokenizer > WN_TOK_FOLDED)
        return "the tokenizer in the header is unknown";
    if (h->smoothing > WN_SMOOTH_ML)
        return "the smoothing in the header is unknown";
    if (h->n_ngrams[0] < 3)
        return "the vocabulary has no room for the special words";
    for (unsigned k = h->order; k < WN_LM_MAX_ORDER; k++) {
        if (h->n_ngrams[k] != 0)
            return "the header counts n-grams above the order";
    }
    if (h->n_slots <= h->n_ngrams[0] || (h->n_slots & (h->n_slots - 1)) != 0)
        return "the size of the word table is not possible";
    if (h->image_bytes > bytes)
        return "the file is shorter than its header says";
    if (h->image_bytes < bytes)
        return "the file is longer than its header says";
    return NULL;
}

static bool is_zero(const char *p, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        if (p[i] != 0)
            return false;
    }
    return true;
}

/* The section table must say what the header's numbers imply. */
static const char *table_fault(const struct wn_lm *lm, const struct lm_plan *plan)
{
    const char *table = lm->image.ptr + sizeof(struct lm_header);

    if (lm->head.n_sections != plan->n || lm->head.image_bytes != plan->image_bytes)
        return "the sizes in the header contradict each other";
    if (lm_head_hash(lm->image.ptr, plan->n) != lm->head.hash)
        return "the checksum of the header does not match";
    for (uint32_t i = 0; i < plan->n; i++) {
        const struct lm_section *want = &plan->section[i];
        uint64_t end = want->offset + want->bytes;
        uint64_t next = i + 1 < plan->n ? want[1].offset : plan->image_bytes;
        struct lm_section have;

        memcpy(&have, table + i * sizeof(have), sizeof(have));
        if (have.kind != want->kind || have.order != want->order || have.offset != want->offset ||
            have.bytes != want->bytes)
            return "the section table contradicts the header";
        if (!is_zero(lm->image.ptr + end, next - end))
            return "the padding between sections is not zero";
    }
    return NULL;
}

static const char *vocab_fault(const struct wn_lm *lm)
{
    static const char *const special[] = { "<unk>", "<s>", "</s>" };
    uint64_t n = lm->head.n_ngrams[0], used = 0;

    if (lm->vocab_start[0] != 0 || lm->vocab_start[n] != lm->head.vocab_bytes)
        return "the words do not fill their section";
    for (uint64_t i = 0; i < n; i++) {
        if (lm->vocab_start[i] > lm->vocab_start[i + 1])
            return "a word ends before it starts";
    }
    for (uint32_t i = 0; i < 3; i++) {
        if (!wn_str_eq(wn_lm_word(lm, i), wn_str(special[i])))
            return "the special words are not the first three";
    }
    for (uint64_t i = 0; i < lm->head.n_slots; i++) {
        uint32_t id_plus_1 = (uint32_t)lm->vocab_slots[i];

        if (id_plus_1 > n || (id_plus_1 == 0 && lm->vocab_slots[i] != 0))
            return "the word table points outside the vocabulary";
        used += id_plus_1 != 0;
    }
    return used == n ? NULL : "the word table does not hold every word once";
}

static bool all_numbers(const float *x, uint32_t n, float max)
{
    bool ok = true;

    for (uint32_t i = 0; i < n; i++)
        ok = ok && x[i] >= -1e6f && x[i] <= max;      /* false for NaN */
    return ok;
}

static bool all_below(const uint32_t *x, uint32_t n, uint32_t limit)
{
    uint32_t top = 0;

    for (uint32_t i = 0; i < n; i++)
        top = x[i] > top ? x[i] : top;
    return n == 0 || top < limit;
}

/* The ranges of level K's children, and the order of the words in them. */
static const char *child_fault(const struct wn_lm *lm, unsigned k)
{
    const struct lm_table *t = &lm->level[k], *up = &lm->level[k + 1];

    if (t->child[0] != 0 || t->child[t->n] != up->n)
        return "the continuations do not fill their level";
    for (uint32_t i = 0; i < t->n; i++) {
        if (t->child[i] > t->child[i + 1] || t->child[i + 1] > up->n)
            return "the continuations of an n-gram are out of order";
        for (uint32_t j = t->child[i]; j + 1 < t->child[i + 1]; j++) {
            if (up->word[j] >= up->word[j + 1])
                return "the continuations of an n-gram are not sorted by word";
        }
    }
    return NULL;
}

static const char *level_fault(const struct wn_lm *lm, unsigned k)
{
    const struct lm_table *t = &lm->level[k];

    if (!all_numbers(t->prob, t->n, 0.0f))
        return "a log-probability is not a number at most 0";
    if (k >= 2 && !all_below(t->word, t->n, lm->level[1].n))
        return "an n-gram has a word outside the vocabulary";
    if (k >= 3 && !all_below(t->suffix, t->n, lm->level[k - 1].n))
        return "an n-gram has a suffix outside the level below";
    if (k == lm->head.order)
        return NULL;
    if (!all_numbers(t->backoff, t->n, 1e6f))
        return "a back-off weight is not a number";
    return child_fault(lm, k);
}

enum wn_status lm_check(struct wn_lm *lm, const char *name, struct wn_err *err)
{
    struct lm_plan plan;
    const char *fault;

    if ((uintptr_t)lm->image.ptr % 8 != 0)
        return wn_fail(err, WN_BADCONF, "cannot use model '%s': its bytes are not 8-byte aligned", name);
    if (lm->image.len < sizeof(lm->head))
        return refuse(name, err, lm->image.len < sizeof(lm->head.magic) ||
                                         memcmp(lm->image.ptr, LM_MAGIC, sizeof(lm->head.magic)) != 0
                                     ? "not a winnow language model"
                                     : "the file ends inside its header");
    memcpy(&lm->head, lm->image.ptr, sizeof(lm->head));
    fault = head_fault(&lm->head, lm->image.len);
    if (!fault && !lm_plan_make(&plan, &lm->head))
        fault = "the sizes in the header are not possible";
    if (!fault)
        fault = table_fault(lm, &plan);
    if (!fault) {
        lm_bind(lm, &plan);
        fault = vocab_fault(lm);
    }
    for (unsigned k = 1; !fault && k <= lm->head.order; k++)
        fault = level_fault(lm, k);
    return fault ? refuse(name, err, fault) : WN_OK;
}
