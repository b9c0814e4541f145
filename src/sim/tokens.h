/*
 * tokens.h - what the engines over tokens (bigram, softmax) share: items, truth, the
 * drawing of whole streams, and the measures that need no knowledge of the model.
 *
 * A text is a stream of token ids 0..n_types-1.  An item is a block of it together with
 * the token in front, so that the bigrams of a stream are exactly those of its blocks:
 *
 *     stream   0 | a b c d | e f g h | ...        n_tokens bigrams: 0a ab bc cd de ef ...
 *     items        (0; a b c d) (d; e f g h)
 *
 * Two truths.  "chain": V states, the row of state i is 1/(1..V), normalised and rotated
 * right by i, so that state j follows i with weight 1/((j - i mod V) + 1); its stationary
 * law is flat.  A corpus: the user's documents, cut into words, each followed by an end of
 * document (id 0), words in the order of their first appearance; the last tenth of the
 * stream is held out.  Every stream begins behind token 0.
 */
#ifndef SIM_TOKENS_H
#define SIM_TOKENS_H

#include "sim/draws.h"
#include "sim/generator.h"

struct sim_block {
    uint32_t before;       /* the token in front: the context of the first */
    uint32_t n;            /* tokens, the same in all items of a run       */
    uint32_t token[];
};

enum {
    SIM_DENSE_TYPES = 2000,       /* laws over all pairs are kept up to this many types         */
    SIM_MAX_BLOCK = 65536,
    SIM_LEXICAL_TOKENS = 16384    /* of what a model wrote, the part that slow measures read    */
};

/* What differs between the engines. */
struct sim_tokens_kind {
    const char *engine;
    uint64_t corpus_types;        /* types of a corpus when the options name no number; 0: all  */
    uint64_t max_types;
};

/* The world: const once opened. */
struct sim_tokens {
    uint32_t n_types, block;
    uint32_t *stream;             /* a corpus: n_usable tokens, then n_held_out; NULL: a chain  */
    size_t n_usable, n_held_out;
    double *row;                  /* a chain: the row of state 0                                */
    struct sim_alias *draw;       /* from that row                                              */
};

/* WN_BADCONF, WN_LIMIT: the options ask for what the engine or the corpus has not. */
enum wn_status sim_tokens_open(struct sim_tokens *t, const struct sim_tokens_kind *kind, const struct wn_sim_opts *opts,
                               struct wn_err *err);
void sim_tokens_release(struct sim_tokens *t);
/* Truth, block and number of types, resolved. */
void sim_tokens_settings(struct wn_json *j, const struct sim_tokens_kind *kind, const struct wn_sim_opts *opts);

/* Number and digest of the user's documents: for any engine that takes texts. */
void sim_corpus_settings(struct wn_json *j, const struct wn_sim_opts *opts);

uint32_t sim_tokens_block(const struct wn_sim_opts *opts);
size_t sim_tokens_item_size(const struct wn_sim_opts *opts);
static inline size_t sim_block_size(uint32_t n_tokens)
{
    return sizeof(struct sim_block) + n_tokens * sizeof(uint32_t);
}
/* Item I of an array of items of SIZE bytes. */
static inline const struct sim_block *sim_block_at(const void *items, size_t size, size_t i)
{
    return (const struct sim_block *)((const char *)items + i * size);
}

/* N items of the truth: of a chain one stream from state 0, keyed by (replicate, generation,
 * FIRST); of a corpus the next tokens, from *USED on, which moves.  WN_BADCONF when the corpus
 * is used up. */
enum wn_status sim_tokens_real(const struct sim_tokens *t, const struct sim_run *run, uint32_t generation, size_t first,
                               size_t *used, void *out, size_t n, struct wn_err *err);

/* XXH3 of each block, the token in front left out: copies are equal tokens. */
void sim_tokens_fingerprint(const struct sim_tokens *t, const void *item, size_t n, uint64_t *out);
uint64_t sim_tokens_count(const void *item);

/* ---- tokens_corpus.c ---- */

/* Fills stream, n_usable, n_held_out and n_types from the texts.  LIMIT > 0: only the
 * LIMIT - 1 likeliest types of the usable part (the end of document is one) keep an id of
 * their own, the others become one last type. */
enum wn_status sim_tokens_read(struct sim_tokens *t, const struct wn_sim_opts *opts, uint64_t limit,
                               struct wn_err *err);

/* A model, asked for probabilities. */
struct sim_token_model {
    const void *arg;
    double (*p)(const void *arg, uint32_t before, uint32_t token);
    void (*row)(const void *arg, uint32_t before, double *p);    /* of every type */
    const uint32_t *seen;         /* how often each type occurs in what the model was fitted on */
};

/* ---- tokens_rows.c: tables to draw from, made when a context is first met ---- */

/* The law behind CONTEXT: ids into TOKEN, probabilities into P, room for n_types each, and
 * how many into *N. */
typedef enum wn_status sim_token_law(void *model, uint32_t context, uint32_t *token, double *p, size_t *n,
                                     struct wn_err *err);

struct sim_token_rows {
    struct sim_alias **alias;     /* one a context; NULL: not met          */
    uint32_t **token;             /* what the alias table's states stand for */
    size_t n;                     /* contexts                              */
    uint32_t *some_token;
    double *some_p;               /* n_types each, for one law at a time   */
};

/* For N contexts and laws over N_TYPES. */
enum wn_status sim_token_rows_init(struct sim_token_rows *r, size_t n, uint32_t n_types, struct wn_err *err);
/* The model changed: forgets all tables. */
void sim_token_rows_reset(struct sim_token_rows *r);
void sim_token_rows_release(struct sim_token_rows *r);

/* Who asks: the model, its law, and the sampler it goes through. */
struct sim_token_drawing {
    struct sim_token_rows *rows;
    void *model;
    sim_token_law *law;
    uint32_t (*row)(const void *model, uint32_t before);   /* contexts with one law share a row */
    const struct wn_sim_sampling *sampling;
    struct wn_arena *scratch;     /* reset at will */
};
/* One token behind BEFORE. */
enum wn_status sim_token_draw(const struct sim_token_drawing *d, struct wn_rng *rng, uint32_t before, uint32_t *out,
                              struct wn_err *err);
/* N items of BLOCK tokens, one stream from token 0. */
enum wn_status sim_token_write(const struct sim_token_drawing *d, struct wn_rng *rng, uint32_t block, void *out,
                               size_t n, struct wn_err *err);

/* ---- tokens_edit.c: the policy EDIT ---- */

struct sim_token_edit {
    const struct sim_run *run;
    uint32_t generation;
    size_t first;                 /* the stream of item i is keyed by (replicate, generation, first + i) */
    double above;
    const struct sim_token_model *model;
    void *arg;                    /* DRAW writes one token behind BEFORE */
    enum wn_status (*draw)(void *arg, struct wn_rng *rng, uint32_t before, uint32_t *out, struct wn_err *err);
};
/* OUT becomes ITEM with each token that the model gives at least ABOVE replaced by its draw,
 * both given the token that stood in front in ITEM (Zhu et al. 2024, token-level editing).
 * Tokens of probability 0 stay even when ABOVE is 0. */
enum wn_status sim_tokens_edit(const struct sim_tokens *t, const struct sim_token_edit *e, const void *item, size_t n,
                               void *out, struct wn_err *err);

/* ---- tokens_metrics.c ---- */

/* What a block's surprise counts for a token of probability 0, in nats: a finite number
 * keeps blocks with one such token before blocks with two. */
#define SIM_IMPOSSIBLE_NATS 100.0

/* OUT[i]: mean -log p of the tokens of item i, in nats a token. */
void sim_tokens_surprise(const struct sim_tokens *t, const struct sim_token_model *m, const void *item, size_t n,
                         double *out);
/* A corpus: heldout_nll (infinite, so left out, as soon as one token is impossible),
 * oov_share, impossible_share.  A chain of up to SIM_DENSE_TYPES states: kl, tv and
 * lost_mass, means over the contexts. */
enum wn_status sim_tokens_truth_metrics(const struct sim_tokens *t, const struct sim_token_model *m,
                                        struct wn_arena *scratch, struct sim_metrics *out, struct wn_err *err);
/* What was written: hapax_share, mattr_50, zipf_slope, rep_4, and its surprise under FIRST,
 * the model of generation 1: first_nll, first_nll_q05, first_nll_q95.  All read the first
 * SIM_LEXICAL_TOKENS tokens. */
enum wn_status sim_tokens_written_metrics(const struct sim_tokens *t, const struct sim_token_model *first,
                                          const struct sim_view *view, struct wn_arena *scratch,
                                          struct sim_metrics *out, struct wn_err *err);

#endif
