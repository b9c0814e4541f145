/*
 * The token engines when memory runs out: every allocation fails once, nothing leaks and
 * nothing crashes (run under AddressSanitizer too).
 */
#include "support/cm.h"

#include "sim/generator.h"
#include "support/fault.h"

extern const struct sim_generator sim_bigram, sim_softmax;

enum { N = 4 };

static enum wn_status keep_and_take(const struct sim_generator *gen, void *state, struct wn_err *err)
{
    void *model = gen->model_put(state);

    return model ? gen->model_take(state, model, err) : WN_NOMEM;
}

/* One turn of the loop with everything an engine can be asked. */
static enum wn_status one_turn(const struct sim_generator *gen, void *state, void *items, void *others,
                               struct wn_err *err)
{
    struct sim_data data = { .item = items, .n = N };
    struct sim_view view = { .generation = 1, .generated = others, .n_generated = N };
    struct sim_metrics metrics = { .n = 0 };
    enum wn_status st = gen->real(state, 0, 0, items, N, err);

    if (st == WN_OK)
        st = gen->fit(state, 1, &data, err);
    if (st == WN_OK)
        st = gen->sample(state, 1, 0, others, N, err);
    if (st == WN_OK)
        st = gen->compare(state, &view, &metrics, err);
    if (st == WN_OK)
        st = gen->edit(state, 1, 0, items, N, 0.1, others, err);
    return st == WN_OK ? keep_and_take(gen, state, err) : st;
}

static void fail_every_allocation(const struct sim_generator *gen, const struct wn_sim_opts *opts)
{
    void *items = calloc(N, gen->item_size(opts)), *others = calloc(N, gen->item_size(opts));
    enum wn_status st = WN_NOMEM;
    int k;

    assert_non_null(items);
    assert_non_null(others);
    for (k = 0; st != WN_OK && k < 100000; k++) {
        struct wn_arena arena = { 0 };
        struct sim_run run = { opts, NULL, 0, &arena };
        struct wn_err err = { 0 };
        void *world = NULL, *state = NULL;

        fault_memory_left = k;
        st = gen->open(&world, opts, &err);
        if (st == WN_OK)
            st = gen->begin(&state, world, &run, &err);
        if (st == WN_OK)
            st = one_turn(gen, state, items, others, &err);
        fault_memory_left = -1;
        assert_true(st == WN_OK || st == WN_NOMEM);
        gen->end(state);
        gen->close(world);
        wn_arena_release(&arena);
    }
    assert_int_equal(st, WN_OK);
    assert_true(k > 10);
    free(items);
    free(others);
}

static const struct wn_sim_text text = {
    { "1", 1 }, { "the cat saw the dog and the dog saw the cat run from the dog", 60 }
};

static void both_engines_survive_with_a_chain_and_with_a_corpus(void **state)
{
    const struct sim_generator *const engines[] = { &sim_bigram, &sim_softmax };

    (void)state;
    for (size_t e = 0; e < 2; e++)
        for (int corpus = 0; corpus < 2; corpus++)
            for (int cut = 0; cut < 2; cut++) {
                struct wn_sim_opts opts = { .seed = 1, .model = { .block = 3, .states = 5 },
                                            .sampling.top_k = cut ? 2 : 0, .texts = corpus ? &text : NULL,
                                            .n_texts = corpus };

                fail_every_allocation(engines[e], &opts);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(both_engines_survive_with_a_chain_and_with_a_corpus) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
