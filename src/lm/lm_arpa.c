/*
 * lm_arpa.c - a model as an ARPA file, in lmplz's order.
 *
 * The image is sorted by context; the file by suffix.  The suffix order of a level is a
 * stable counting sort by last word of the continuations of the level below, taken in
 * the suffix order of that level.
 */
#include <stdlib.h>

#include <winnow/lmbuild.h>

#include "lm/lm_layout.h"
#include "lm/shortest_float.h"

enum { FLUSH_BYTES = 1 << 16 };

struct arpa {
    const struct wn_lm *lm;
    enum wn_status (*write)(void *arg, struct wn_str bytes, struct wn_err *err);
    void *arg;
    struct wn_buf out;
    uint32_t *context[WN_LM_MAX_ORDER + 1];   /* [k >= 2]: place of each n-gram's context */
    uint32_t *order, *next_order;
};

static enum wn_status flush(struct arpa *a, size_t at_least, struct wn_err *err)
{
    enum wn_status st = wn_buf_status(&a->out, err);

    if (st == WN_OK && a->out.len >= at_least && a->out.len > 0) {
        st = a->write(a->arg, wn_buf_str(&a->out), err);
        wn_buf_reset(&a->out);
    }
    return st;
}

static void add_number(struct wn_buf *out, float x)
{
    char text[SHORTEST_FLOAT_BYTES];

    wn_buf_add(out, (struct wn_str){ text, shortest_float(x, text) });
}

static void add_line(struct arpa *a, unsigned k, uint32_t node)
{
    uint32_t word[WN_LM_MAX_ORDER], at = node;

    for (unsigned j = k; j >= 2; j--) {
        word[j - 1] = a->lm->level[j].word[at];
        at = a->context[j][at];
    }
    word[0] = at;
    add_number(&a->out, a->lm->level[k].prob[node]);
    for (unsigned j = 0; j < k; j++) {
        wn_buf_addc(&a->out, j == 0 ? '\t' : ' ');
        wn_buf_add(&a->out, wn_lm_word(a->lm, word[j]));
    }
    if (k < a->lm->head.order) {
        wn_buf_addc(&a->out, '\t');
        add_number(&a->out, a->lm->level[k].backoff[node]);
    }
    wn_buf_addc(&a->out, '\n');
}

static enum wn_status write_section(struct arpa *a, unsigned k, struct wn_err *err)
{
    wn_buf_addf(&a->out, "\\%u-grams:\n", k);
    for (uint32_t i = 0; i < a->lm->level[k].n; i++) {
        enum wn_status st;

        add_line(a, k, a->order[i]);
        st = flush(a, FLUSH_BYTES, err);
        if (st != WN_OK)
            return st;
    }
    wn_buf_addc(&a->out, '\n');
    return WN_OK;
}

/* Sets context[K] and turns order from that of level K - 1 into that of level K. */
static void sort_level(struct arpa *a, unsigned k, uint32_t *bucket)
{
    const struct lm_table *below = &a->lm->level[k - 1], *t = &a->lm->level[k];
    uint32_t n_words = a->lm->level[1].n, *swap;

    memset(bucket, 0, ((size_t)n_words + 1) * sizeof(*bucket));
    for (uint32_t i = 0; i < t->n; i++)
        bucket[t->word[i] + 1]++;
    for (uint32_t w = 0; w < n_words; w++)
        bucket[w + 1] += bucket[w];
    for (uint32_t i = 0; i < below->n; i++) {
        uint32_t c = a->order[i];

        for (uint32_t j = below->child[c]; j < below->child[c + 1]; j++) {
            a->context[k][j] = c;
            a->next_order[bucket[t->word[j]]++] = j;
        }
    }
    swap = a->order;
    a->order = a->next_order;
    a->next_order = swap;
}

static enum wn_status alloc_arrays(struct arpa *a, uint32_t **bucket, struct wn_err *err)
{
    size_t most = 1;
    bool fits = true;

    for (unsigned k = 1; k <= a->lm->head.order; k++) {
        size_t n = a->lm->level[k].n;

        most = n > most ? n : most;
        if (k >= 2)
            fits = fits && (a->context[k] = malloc((n + 1) * sizeof(uint32_t)));
    }
    fits = fits && (a->order = malloc(most * sizeof(uint32_t)));
    fits = fits && (a->next_order = malloc(most * sizeof(uint32_t)));
    fits = fits && (*bucket = malloc(((size_t)a->lm->level[1].n + 1) * sizeof(uint32_t)));
    return fits ? WN_OK : wn_fail(err, WN_NOMEM, "cannot write an ARPA file: out of memory");
}

enum wn_status wn_lm_arpa(const struct wn_lm *lm,
                          enum wn_status (*write)(void *arg, struct wn_str bytes, struct wn_err *err), void *arg,
                          struct wn_err *err)
{
    struct arpa a = { .lm = lm, .write = write, .arg = arg };
    uint32_t *bucket = NULL;
    enum wn_status st = alloc_arrays(&a, &bucket, err);

    if (st != WN_OK)
        goto done;
    wn_buf_addz(&a.out, "\\data\\\n");
    for (unsigned k = 1; k <= lm->head.order; k++)
        wn_buf_addf(&a.out, "ngram %u=%u\n", k, lm->level[k].n);
    wn_buf_addc(&a.out, '\n');
    for (uint32_t i = 0; i < lm->level[1].n; i++)
        a.order[i] = i;
    for (unsigned k = 1; st == WN_OK && k <= lm->head.order; k++) {
        if (k >= 2)
            sort_level(&a, k, bucket);
        st = write_section(&a, k, err);
    }
    wn_buf_addz(&a.out, "\\end\\\n");
    if (st == WN_OK)
        st = flush(&a, 0, err);
done:
    for (unsigned k = 2; k <= WN_LM_MAX_ORDER; k++)
        free(a.context[k]);
    free(a.order);
    free(a.next_order);
    free(bucket);
    wn_buf_release(&a.out);
    return st;
}
