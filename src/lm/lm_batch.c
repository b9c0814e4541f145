/*
 * lm_batch.c - the course of a batch: what is the same for all instruction sets.
 */
#include "lm/lm_batch.h"

#include <stddef.h>

_Static_assert((int)LM_BATCH_PAST >= (int)WN_LM_MAX_ORDER, "the past holds every context");
_Static_assert((int)LM_BATCH_ENTRIES < UINT16_MAX, "entries are numbered in 16 bits");

/* The values of a special word in model M; a word that is not there has log10 p -100 in
 * KenLM, and so here. */
static void look_up(struct lm_batch *b, uint64_t hash, float prob[2], float backoff[2])
{
    const uint32_t i = LM_BATCH_PAST;

    for (unsigned m = 0; m < 2; m++) {
        b->special.unk_prob[m] = -100.0f;
        b->special.unk_backoff[m] = 0.0f;
        b->len[m][i] = 1;
    }
    b->hash[i] = hash;
    b->word_list[0] = (uint16_t)i;
    b->word_line[0] = lm_home(&b->lm->hash[1], hash);
    b->n_words = 1;
    b->isa->words(b);
    for (unsigned m = 0; m < 2; m++) {
        prob[m] = b->prob[m][i];
        backoff[m] = b->backoff[m][1][i];
    }
    b->n_oov[0] = b->n_oov[1] = b->n_words = 0;
}

static uint64_t hash_of(const struct wn_lm *lm, struct wn_str word)
{
    return lm_word_hash(word.ptr, word.len, lm->hash_seed);
}

void lm_batch_init(struct lm_batch *b, const struct wn_lm *lm, const struct lm_isa *isa, bool no_markers)
{
    struct lm_specials special = { .bos = hash_of(lm, WN_STR("<s>")), .eos = hash_of(lm, WN_STR("</s>")),
                                   .unk = hash_of(lm, WN_STR("<unk>")) };
    float unused[2];

    memset(b, 0, offsetof(struct lm_batch, hash));
    memset(b->hash, 0, LM_BATCH_PAST * sizeof(b->hash[0]));
    memset(b->limit, 0, LM_BATCH_PAST);
    b->lm = lm;
    b->isa = isa;
    b->no_markers = no_markers;
    b->n_models = lm->n_models == 2 ? 2 : 1;
    b->order = lm->head.order;         /* an empty order too: back-off weights of the one below count */
    look_up(b, special.bos, unused, special.bos_backoff);
    look_up(b, special.unk, special.unk_prob, special.unk_backoff);
    b->special = special;
    b->unk_first = lm->unk_extends;
    for (unsigned m = 0; m < 2; m++)
        b->len[m][LM_BATCH_PAST - 1] = 0;          /* before all: the empty context */
    b->any[LM_BATCH_PAST - 1] = 0;
    b->n = b->n_asked = LM_BATCH_PAST;
}

void lm_batch_of_model(struct lm_batch *b, unsigned model)
{
    b->unk_model = model;
}

void lm_batch_copy(struct lm_batch *b, const struct lm_batch *from)
{
    size_t n = from->n - LM_BATCH_PAST;

    memcpy(b->hash + LM_BATCH_PAST, from->hash + LM_BATCH_PAST, n * sizeof(b->hash[0]));
    memcpy(b->limit + LM_BATCH_PAST, from->limit + LM_BATCH_PAST, n);
    memcpy(b->start, from->start, from->n_starts * sizeof(b->start[0]));
    b->n = from->n;
    b->n_starts = from->n_starts;
    b->depth = from->depth;
}

void lm_batch_start(struct lm_batch *b)
{
    uint32_t i = b->n++;

    b->start[b->n_starts++] = (uint16_t)i;
    b->hash[i] = b->special.bos;
    b->limit[i] = 0;
    b->depth = b->no_markers ? 0 : 1;
}

void lm_batch_line(struct lm_batch *b, struct wn_str *word, bool more)
{
    if (!b->no_markers) {
        if (word)
            word[b->n] = WN_STR("");
        lm_batch_push(b, b->special.eos);
    }
    if (more)
        lm_batch_start(b);
}

/* Gives the entries of the list from FIRST on their keys of order N and asks for the lines. */
static void ask(struct lm_batch *b, uint32_t first, unsigned n)
{
    const struct lm_hash h = b->lm->hash[n];
    const uint32_t end = b->n_list;

    for (uint32_t j = first; j < end; j++) {
        uint32_t i = b->list[j];
        uint64_t key = lm_key_extend(n == 2 ? b->hash[i] : b->key[i], b->hash[i - n + 1]);
        const unsigned char *line = lm_home(&h, key);

        __builtin_prefetch(line);
        b->key[i] = key;
        b->line[j] = line;
    }
}

static void ask_bigrams(struct lm_batch *b)
{
    uint32_t first = b->n_list, n_list = first;

    if (b->order < 2)
        return;
    for (uint32_t i = b->n_asked; i < b->n; i++) {
        b->list[n_list] = (uint16_t)i;
        n_list += b->limit[i] >= 2;
    }
    b->n_list = n_list;
    ask(b, first, 2);
    b->n_asked = b->n;
}

void lm_batch_ask(struct lm_batch *b)
{
    if (!b->unk_first) {
        ask_bigrams(b);
        return;
    }
    for (; b->n_asked < b->n; b->n_asked++)
        __builtin_prefetch(lm_home(&b->lm->hash[1], b->hash[b->n_asked]));
}

/* Makes the words that the model does not know <unk>, so that n-grams with <unk> fit. */
static void replace_unknown(struct lm_batch *b)
{
    unsigned m = b->unk_model;

    b->n_words = 0;
    b->oov_known = false;
    for (uint32_t i = LM_BATCH_PAST; i < b->n; i++) {
        b->len[0][i] = b->len[1][i] = 1;
        if (b->limit[i] == 0)
            continue;
        b->word_list[b->n_words] = (uint16_t)i;
        b->word_line[b->n_words++] = lm_home(&b->lm->hash[1], b->hash[i]);
    }
    b->isa->words(b);
    for (uint32_t k = 0; k < b->n_oov[m]; k++)
        b->hash[b->oov[m][k]] = b->special.unk;
    b->oov_known = true;
    b->n_asked = LM_BATCH_PAST;
    ask_bigrams(b);
}

/* All tokens begin as unigrams, to be looked up; starts are what they are. */
static void begin(struct lm_batch *b)
{
    uint8_t at_start = b->no_markers ? 0 : 1;

    for (unsigned m = 0; m < b->n_models; m++) {
        memset(b->len[m] + LM_BATCH_PAST, 1, b->n - LM_BATCH_PAST);
        for (uint32_t k = 0; k < b->n_starts; k++) {
            uint32_t i = b->start[k];

            b->len[m][i] = at_start;
            b->prob[m][i] = 0.0f;
            b->backoff[m][1][i] = b->special.bos_backoff[m];
        }
    }
    if (b->n_models == 1)
        return;
    memset(b->any + LM_BATCH_PAST, 1, b->n - LM_BATCH_PAST);
    for (uint32_t k = 0; k < b->n_starts; k++)
        b->any[b->start[k]] = at_start;
}

/* Lists the words whose own values count: those without a bigram, and those before them. */
static void ask_words(struct lm_batch *b)
{
    const uint8_t *other = b->len[b->n_models - 1];
    uint32_t n_words = 0, mine = 0;

    b->limit[b->n] = 0;
    for (uint32_t i = LM_BATCH_PAST - 1; i < b->n; i++) {
        uint32_t next = (b->limit[i + 1] != 0) & ((b->len[0][i + 1] == 1) | (other[i + 1] == 1));

        b->word_list[n_words] = (uint16_t)i;
        n_words += (b->limit[i] != 0) & (mine | next);
        mine = next;
    }
    for (uint32_t k = 0; k < n_words; k++) {
        b->word_line[k] = lm_home(&b->lm->hash[1], b->hash[b->word_list[k]]);
        __builtin_prefetch(b->word_line[k]);
    }
    b->n_words = n_words;
}

void lm_batch_run(struct lm_batch *b)
{
    lm_batch_ask(b);
    if (b->unk_first)
        replace_unknown(b);
    begin(b);
    if (b->order < 2)
        ask_words(b);
    for (unsigned n = 2; n <= b->order; n++) {
        b->isa->probe(b, n);
        if (n < b->order)
            ask(b, 0, n + 1);
        if (n == 2)
            ask_words(b);
    }
    b->isa->words(b);
    b->isa->values(b);
    for (unsigned m = 0; m < b->n_models; m++)
        for (uint32_t k = 0; k < b->n_starts; k++)
            b->value[m][b->start[k]] = 0.0f;
}

void lm_batch_sum(const struct lm_batch *b, unsigned m, struct lm_cursor *c, uint32_t end, struct wn_lm_sum *sum)
{
    double log10_p = sum->log10_p;
    uint64_t n_tokens = end - c->entry;

    for (uint32_t i = c->entry; i < end; i++)
        log10_p += (double)b->value[m][i];
    for (; c->start < b->n_starts && b->start[c->start] < end; c->start++)
        n_tokens--;
    for (; c->oov < b->n_oov[m] && b->oov[m][c->oov] < end; c->oov++) {
        sum->log10_p_oov += (double)b->value[m][b->oov[m][c->oov]];
        sum->n_oov++;
    }
    sum->log10_p = log10_p;
    sum->n_tokens += n_tokens;
    c->entry = end;
}

void lm_batch_clear(struct lm_batch *b)
{
    const uint32_t last = b->n - 1, kept = LM_BATCH_PAST - 1;

    memmove(b->hash, b->hash + b->n - LM_BATCH_PAST, LM_BATCH_PAST * sizeof(b->hash[0]));
    b->limit[kept] = b->limit[last];
    b->any[kept] = b->any[last];
    for (unsigned m = 0; m < b->n_models; m++) {
        b->len[m][kept] = b->len[m][last];
        for (unsigned n = 1; n < b->order; n++)
            b->backoff[m][n][kept] = b->backoff[m][n][last];
    }
    b->n = b->n_asked = LM_BATCH_PAST;
    b->n_starts = b->n_list = b->n_words = 0;
    b->n_oov[0] = b->n_oov[1] = 0;
}
