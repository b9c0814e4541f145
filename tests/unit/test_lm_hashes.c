/*
 * Words whose hashes were made to meet: the seed moves on, and not for ever.
 */
#include <stdlib.h>

#include "support/cm.h"

#include "lm/lm_key.h"
#include "lm/lm_stream.h"

static struct wn_err err;

/* 16 bytes that hash to 0 under SEED: the second factor of the product is 0. */
static void make_zero(char out[16], uint64_t seed)
{
    uint64_t y = (seed << 32 | seed >> 32) ^ 16 * LM_KEY_C ^ LM_KEY_B;

    memcpy(out, "anything", 8);
    memcpy(out + 8, &y, 8);
}

static void a_word_that_hashes_to_zero_moves_the_seed_on(void **state)
{
    struct vocab v = { 0 };
    uint64_t seed, *hash;
    char word[16];
    uint32_t id;

    (void)state;
    assert_int_equal(vocab_init(&v, &err), WN_OK);
    make_zero(word, 0);
    assert_int_equal(lm_word_hash(word, 16, 0), 0);
    assert_int_equal(vocab_intern(&v, (struct wn_str){ word, 16 }, &id, &err), WN_OK);
    assert_int_equal(lm_word_hashes(&v, &seed, &hash, &err), WN_OK);
    assert_int_equal(seed, 1);
    assert_true(hash[id] != 0 && hash[id] == lm_word_hash(word, 16, 1));
    free(hash);
    vocab_release(&v);
}

/* What stands before such bytes in a longer word must still count. */
static void no_ending_makes_longer_words_meet(void **state)
{
    char a[18], b[18];

    (void)state;
    make_zero(a, 0);
    memcpy(a + 16, "zz", 2);
    memcpy(b, a, sizeof(b));
    memcpy(b, "whatever", 8);
    assert_true(lm_word_hash(a, 18, 1) != lm_word_hash(b, 18, 1));
}

static void words_against_every_seed_are_an_error_not_a_loop(void **state)
{
    struct vocab v = { 0 };
    uint64_t seed, *hash = NULL;

    (void)state;
    assert_int_equal(vocab_init(&v, &err), WN_OK);
    for (uint64_t s = 0; s < 64; s++) {
        char word[16];
        uint32_t id;

        make_zero(word, s);
        assert_int_equal(vocab_intern(&v, (struct wn_str){ word, 16 }, &id, &err), WN_OK);
    }
    assert_int_equal(lm_word_hashes(&v, &seed, &hash, &err), WN_LIMIT);
    assert_null(hash);
    vocab_release(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_that_hashes_to_zero_moves_the_seed_on),
        cmocka_unit_test(no_ending_makes_longer_words_meet),
        cmocka_unit_test(words_against_every_seed_are_an_error_not_a_loop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
