/*
 * lmsample.h - draw text from a model with an index.
 *
 * Reproducible by key: the stream of random numbers that the caller passes decides every
 * draw.  p(. | h) over words is exact.
 */
#ifndef WINNOW_LMSAMPLE_H
#define WINNOW_LMSAMPLE_H

#include <stdatomic.h>

#include <winnow/lm.h>
#include <winnow/rng.h>

/* Adds a bias to the next word's logits; 0 for words it leaves alone (a watermark:
 * the function says whether WORD is on the green list of the word before it). */
struct wn_lm_bias {
    bool (*boosted)(void *arg, uint32_t previous_id, uint32_t word_id);
    void *arg;
    double delta_nats;          /* added to the logit of a boosted word, >= 0 */
};

/* What stands before a text: N ids of words of the model, others count as <unk>.  They are not
 * drawn and not stored; the first draw is from p(. | them).  The last order - 1 matter,
 * fewer follow <s>; a bias hears the last one as the word before the first draw, and a
 * repetition penalty counts all of them. */
struct wn_sample_start {
    const uint32_t *ids;
    size_t n;                   /* 0: <s> alone */
};

/* Applied in this order, each to what the ones before left: repetition penalty, bias,
 * temperature, top_k, top_p, min_p, typical.  Words that may not come (<s>, <unk>, </s>
 * before min_tokens) have gone before all of them.  Equally likely words count by id,
 * lower ids first; at typical's edge they stay or go together.
 *
 * Every combination is drawn exactly.  A token costs a memory access or two a level without
 * options; with temperature and truncations a few binary searches, once its context has
 * been met; with a bias or a penalty together with a truncation, or a penalty below 1, a
 * pass over the vocabulary. */
struct wn_sample_opts {
    double temperature;          /* 0: 1.0; p^(1/T) renormalised                      */
    uint32_t top_k;              /* 0: off                                            */
    double top_p;                /* 0 or 1: off; the shortest prefix with mass >= p   */
    double min_p;                /* 0: off; words below min_p times the likeliest's p go
                                    (Nguyen et al. 2024)                              */
    double typical;              /* 0 or 1: off; the words whose -log p is nearest to the
                                    entropy, up to this mass (Meister et al. 2023)     */
    double repetition_penalty;   /* 0 or 1: off; a log p of a word already drawn in this
                                    text, or of its start, is multiplied by it (Keskar
                                    et al. 2019)                                       */
    uint32_t repetition_window;  /* only the last this many words count; 0: all        */
    uint64_t max_tokens;         /* 0: 1,000                                          */
    uint64_t min_tokens;         /* </s> is not drawn before; where nothing else can
                                    follow, shorter contexts stand in                 */
    const struct wn_lm_bias *bias;
    const struct wn_sample_start *start;   /* one for each text of the call; NULL: <s>  */
    const atomic_int *stop;      /* once it is not 0, every text ends after its next word (what
                                    came is of no use then) and a beam search with
                                    WN_CANCELLED; NULL: never                          */
};

/* Draws from one model with an index (WN_BADCONF without one); const after new, shared by
 * threads.  12 bytes an n-gram, 16 more a context. */
struct wn_sampler;
enum wn_status wn_sampler_new(struct wn_sampler **out, const struct wn_lm *lm, struct wn_err *err);
void wn_sampler_free(struct wn_sampler *s);
/* Scratch of one thread: what temperature and truncations work out about contexts is kept
 * in it, at most 64 MiB unless the vocabulary alone needs more, until other options come. */
struct wn_sampler_scratch;
struct wn_sampler_scratch *wn_sampler_scratch_new(const struct wn_sampler *s);  /* NULL: no memory */
void wn_sampler_scratch_free(struct wn_sampler_scratch *w);
/* Draws ids after <s>, or after opts->start[0], until </s> (not stored) or max_tokens into
 * IDS (room for max_tokens); never <s> or <unk>.  Returns how many. */
size_t wn_sample(const struct wn_sampler *s, struct wn_sampler_scratch *w, const struct wn_sample_opts *opts,
                 struct wn_rng *rng, uint32_t *ids);
/* N texts, several at a time so that memory accesses overlap: text i draws from rng[i], after
 * opts->start[i], into IDS + i * max_tokens (1,000 where that is 0), n_ids[i] words; exactly
 * what wn_sample gives for each. */
void wn_sample_batch(const struct wn_sampler *s, struct wn_sampler_scratch *w, const struct wn_sample_opts *opts,
                     struct wn_rng *rng, size_t n, uint32_t *ids, size_t *n_ids);
/* Beam search: the likeliest continuation of <s>, or of opts->start[0], that BEAM >= 1
 * hypotheses a step find, ended by </s> or at max_tokens, by log p / length^LENGTH_PENALTY
 * (>= 0; 0: plain log p), </s> counted in.  Deterministic: of equal ones, that which ended
 * first, then that with the likelier beginning (all words but the last), then the lower last
 * id.  Only min_tokens, max_tokens, repetition, bias, start and stop of OPTS (may be NULL)
 * apply.  With a repetition penalty or a bias p is that of the changed distribution, else the
 * model's own.  IDS has room for max_tokens.  *LOG10_P (may be NULL): the model's own, of the
 * words and of </s> when it came.  WN_BADCONF: beam 0, or a length penalty below 0.
 * WN_NOMEM, WN_CANCELLED. */
enum wn_status wn_lm_beam(const struct wn_sampler *s, unsigned beam, double length_penalty,
                          const struct wn_sample_opts *opts, uint32_t *ids, size_t *n, double *log10_p,
                          struct wn_err *err);
/* p(word | history) for every word at once, P[0 .. vocabulary), <s> at 0: the last order - 1
 * of the N ids of HISTORY, as wn_lm_prob takes them. */
enum wn_status wn_lm_distribution(const struct wn_sampler *s, const uint32_t *history, size_t n, double *p,
                                  struct wn_err *err);
/* Writes ids as text: wn_words_join for WORDS, single spaces otherwise. */
void wn_lm_render(const struct wn_lm *lm, const uint32_t *ids, size_t n, struct wn_buf *out);

#endif
