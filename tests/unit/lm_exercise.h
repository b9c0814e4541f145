/*
 * lm_exercise.h - asks a model everything that reads its image, for sanitizers to watch.
 */
#ifndef TEST_LM_EXERCISE_H
#define TEST_LM_EXERCISE_H

#include <stdlib.h>

#include <winnow/lmbuild.h>
#include <winnow/lmsample.h>

static inline enum wn_status exercise_count_bytes(void *arg, struct wn_str bytes, struct wn_err *err)
{
    (void)err;
    *(size_t *)arg += bytes.len;
    return WN_OK;
}

static inline bool exercise_is_even(void *arg, uint32_t previous, uint32_t word)
{
    (void)arg;
    (void)previous;
    return word % 2 == 0;
}

static inline void exercise_sampling(const struct wn_lm *lm)
{
    const struct wn_lm_bias bias = { exercise_is_even, NULL, 3.0 };
    const struct wn_sample_opts opts[] = {
        { .max_tokens = 12, .min_tokens = 3 },
        { .max_tokens = 12, .min_tokens = 3, .bias = &bias },
        { .max_tokens = 12, .temperature = 0.7, .top_k = 5, .top_p = 0.9 },
    };
    struct wn_sampler_scratch *w = NULL;
    struct wn_sampler *s;
    struct wn_buf text = { 0 };
    struct wn_rng rng;
    uint32_t ids[12];

    if (wn_sampler_new(&s, lm, NULL) != WN_OK)
        return;
    w = wn_sampler_scratch_new(s);
    for (size_t i = 0; w && i < sizeof(opts) / sizeof(opts[0]); i++) {
        wn_rng_init(&rng, i, WN_DOMAIN_SAMPLE, 0, 0, 0);
        wn_lm_render(lm, ids, wn_sample(s, w, &opts[i], &rng, ids), &text);
    }
    wn_buf_release(&text);
    wn_sampler_scratch_free(w);
    wn_sampler_free(s);
}

static inline void exercise_model(const struct wn_lm *lm)
{
    struct wn_str words[] = { WN_STR("the"), WN_STR("cat"), WN_STR("?"), WN_STR(""), WN_STR("the"), WN_STR("a") };
    struct wn_tokens t = { words, sizeof(words) / sizeof(words[0]) };
    struct wn_lm_score score[sizeof(words) / sizeof(words[0]) + 1];
    uint32_t n = wn_lm_vocab_size(lm), history[3];
    struct wn_lm_sum sum;
    size_t bytes = 0;

    wn_lm_score_tokens(lm, &t, score, &sum);
    for (uint32_t i = 0; i < n && i < 64; i++) {
        history[0] = i;
        history[1] = (i * 7 + 1) % n;
        history[2] = (i * 3 + 2) % n;
        wn_lm_prob(lm, history, 3, (i * 5 + 3) % n);
        wn_lm_id(lm, wn_lm_word(lm, i));
    }
    wn_lm_arpa(lm, exercise_count_bytes, &bytes, NULL);
    exercise_sampling(lm);
}

#endif
