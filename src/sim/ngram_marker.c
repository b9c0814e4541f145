#include <stdlib.h>

#include "sim/ngram.h"

/* Words of a model are single tokens of its tokenizer; the reference may fold them.  OUT:
 * UINT32_MAX for a word that it does not have. */
static enum wn_status reference_id(const struct wn_lm *reference, struct wn_str word, struct wn_arena *scratch,
                                   uint32_t *out)
{
    struct wn_tokens t;
    enum wn_status st = wn_tokenize(wn_lm_tokenizer(reference), word, scratch, &t, NULL);

    *out = UINT32_MAX;
    if (st != WN_OK || t.n != 1)
        return st == WN_NOMEM ? WN_NOMEM : WN_OK;
    *out = wn_lm_id(reference, t.item[0]);
    if (*out == WN_LM_UNK)
        *out = UINT32_MAX;
    return WN_OK;
}

static enum wn_status map_words(uint32_t *map, const struct wn_lm *reference, const struct wn_lm *lm)
{
    struct wn_arena scratch = { 0 };
    uint32_t n = wn_lm_vocab_size(lm);
    enum wn_status st = WN_OK;

    map[WN_LM_UNK] = UINT32_MAX;
    map[WN_LM_BOS] = WN_LM_BOS;
    map[WN_LM_EOS] = WN_LM_EOS;
    for (uint32_t id = WN_LM_EOS + 1; id < n && st == WN_OK; id++) {
        st = reference_id(reference, wn_lm_word(lm, id), &scratch, &map[id]);
        wn_arena_reset(&scratch);
    }
    wn_arena_release(&scratch);
    return st;
}

enum wn_status sim_marker_set(struct sim_marker *m, const struct wn_lm *lm, struct wn_err *err)
{
    uint32_t n = wn_lm_vocab_size(lm), *map = malloc(n * sizeof(*map));

    if (!map || map_words(map, m->reference, lm) != WN_OK) {
        free(map);
        return wn_fail(err, WN_NOMEM, "cannot map %u words to the watermark's vocabulary: out of memory", n);
    }
    free(m->to_reference);
    m->to_reference = map;
    return WN_OK;
}

static bool boosted(void *arg, uint32_t previous_id, uint32_t word_id)
{
    const struct sim_marker *m = arg;
    uint32_t previous = m->to_reference[previous_id], word = m->to_reference[word_id];

    return previous != UINT32_MAX && word != UINT32_MAX && wn_kgw_green(m->kgw, previous, word);
}

struct wn_lm_bias sim_marker_bias(struct sim_marker *m)
{
    struct wn_lm_bias bias = { boosted, m, wn_kgw_bias(m->kgw).delta_nats };

    return bias;
}

void sim_marker_release(struct sim_marker *m)
{
    free(m->to_reference);
    m->to_reference = NULL;
}
