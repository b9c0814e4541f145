#include "support/vectors.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "detect/torch_rng.h"

/* Words of numpy's legacy seeding, checked equal to torch's by the file's makers. */
static void words_equal_the_reference(void **state)
{
    struct wn_jsonval *file = vectors_load("watermark/mt19937_torch.json");
    const struct wn_jsonval *cases = wn_jsonval_get(file, "cases");
    struct wn_mt mt;

    (void)state;
    assert_true(wn_jsonval_size(cases) >= 17);
    for (size_t i = 0; i < wn_jsonval_size(cases); i++) {
        const struct wn_jsonval *c = wn_jsonval_at(cases, i);
        const struct wn_jsonval *first = wn_jsonval_get(c, "u32_first8"), *at = wn_jsonval_get(c, "u32_at");
        char index[16];

        wn_mt_seed(&mt, vectors_u64(c, "seed"));
        for (unsigned k = 0; k < 2000; k++) {
            uint32_t word = wn_mt_u32(&mt);

            snprintf(index, sizeof(index), "%u", k);
            if (k < 8)
                assert_true(word == (uint32_t)wn_jsonval_num(wn_jsonval_at(first, k), -1));
            if (wn_jsonval_get(at, index))
                assert_true(word == (uint32_t)vectors_num(at, index));
        }
    }
    wn_jsonval_free(file);
}

/* torch.randperm of torch 1.13.1 on the CPU. */
static void permutations_equal_the_reference(void **state)
{
    struct wn_jsonval *file = vectors_load("watermark/torch_randperm.json");
    const struct wn_jsonval *cases = wn_jsonval_get(file, "cases");
    uint32_t *perm = malloc(1000003 * sizeof(*perm));

    (void)state;
    assert_non_null(perm);
    assert_true(wn_jsonval_size(cases) >= 60);
    for (size_t i = 0; i < wn_jsonval_size(cases); i++) {
        const struct wn_jsonval *c = wn_jsonval_at(cases, i);
        const struct wn_jsonval *whole = wn_jsonval_get(c, "perm"), *first = wn_jsonval_get(c, "first16");
        uint32_t n = (uint32_t)vectors_num(c, "n");
        char hex[17];

        wn_torch_randperm(vectors_u64(c, "seed"), n, n, perm);
        for (size_t k = 0; k < wn_jsonval_size(whole); k++)
            assert_int_equal(perm[k], wn_jsonval_num(wn_jsonval_at(whole, k), -1));
        for (size_t k = 0; k < wn_jsonval_size(first); k++)
            assert_int_equal(perm[k], wn_jsonval_num(wn_jsonval_at(first, k), -1));
        snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)XXH64(perm, n * sizeof(*perm), 0));
        assert_string_equal(hex, vectors_str(c, "xxh64"));
    }
    free(perm);
    wn_jsonval_free(file);
}

/* The definition: among the first k of the permutation. */
static void following_one_item_finds_the_same_list(void **state)
{
    const struct {
        uint32_t n, k;
    } sizes[] = { { 2, 1 }, { 3, 0 }, { 7, 7 }, { 33, 3 }, { 100, 50 }, { 257, 256 }, { 1000, 250 } };
    uint32_t perm[1000];

    (void)state;
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
        for (uint64_t seed = 0; seed < 20; seed++) {
            uint32_t n = sizes[s].n, k = sizes[s].k;

            wn_torch_randperm(seed, n, n, perm);
            for (uint32_t i = 0; i < n; i++)
                if (wn_torch_randperm_has(seed, n, k, perm[i]) != (i < k))
                    fail_msg("seed %d, n %u, k %u, place %u", (int)seed, n, k, i);
            assert_false(wn_torch_randperm_has(seed, n, k, n));
        }
}

static void the_first_entries_need_no_more_steps(void **state)
{
    uint32_t all[500], some[500];

    (void)state;
    wn_torch_randperm(42, 500, 500, all);
    wn_torch_randperm(42, 500, 125, some);
    assert_memory_equal(all, some, 125 * sizeof(*all));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_equal_the_reference),
        cmocka_unit_test(permutations_equal_the_reference),
        cmocka_unit_test(following_one_item_finds_the_same_list),
        cmocka_unit_test(the_first_entries_need_no_more_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
