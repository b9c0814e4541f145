/*
 * test_lm_join.c - items between n-grams and contexts when there is little room in them:
 * colliding contexts and counts that do not fit change nothing.
 */
#include "unit/lm_stream_record.h"

#include <winnow/rng.h>

#include "lm/lm_counts.h"
#include "lm/lm_est.h"

static struct wn_counts *some_counts(unsigned order)
{
    struct wn_buf text = { 0 };
    struct wn_counts *c;
    struct wn_rng rng;

    wn_rng_init(&rng, order, WN_DOMAIN_REAL, 0, 0, 0);
    for (unsigned i = 0; i < 60000; i++)
        wn_buf_addf(&text, "w%llu%c", (unsigned long long)wn_rng_below(&rng, 1 + wn_rng_below(&rng, 900)),
                    i % 11 ? ' ' : '\n');
    c = fixture_counts(wn_buf_str(&text), order, WN_TOK_WHITESPACE);
    wn_buf_release(&text);
    return c;
}

/* The estimate with COUNT_BITS of an item for the count; 0: as it comes. */
static void estimate(struct stream_record *r, struct wn_counts *c, unsigned count_bits, bool on_disk)
{
    const struct lm_consumer consumer = record_consumer(r), *list[] = { &consumer };
    struct lm_est e = { .vocab = &c->vocab, .room = { .jobs = 2, .memory_bytes = UINT64_MAX } };
    struct lm_shape shape = { .order = c->order };
    struct lm_runs *runs;

    assert_int_equal(lm_rules_set(&e.rules, NULL, c->order, NULL), WN_OK);
    e.rules.prune[c->order] = 1;
    assert_int_equal(lm_runs_new(&runs, c, false, &e.room, NULL), WN_OK);
    e.runs = runs;
    assert_int_equal(lm_est_open(&e, NULL), WN_OK);
    if (count_bits)
        e.count_bits = count_bits;
    assert_int_equal(lm_est_scan(&e, NULL), WN_OK);
    assert_int_equal(lm_est_words(&e, NULL), WN_OK);
    for (unsigned k = 1; k <= c->order; k++)
        shape.n[k] = e.tally[k].kept;
    shape.word_hash = e.words.hash;
    assert_int_equal(consumer.begin(consumer.ctx, &shape, &e.room, NULL), WN_OK);
    e.on_disk = on_disk;                      /* the items */
    assert_int_equal(lm_est_stream(&e, list, 1, NULL), WN_OK);
    assert_int_equal(consumer.end(consumer.ctx, NULL), WN_OK);
    lm_est_release(&e);
    lm_runs_free(runs);
}

static void check_same(unsigned order, unsigned count_bits, bool on_disk)
{
    struct wn_counts *c = some_counts(order);
    struct stream_record want, got;

    estimate(&want, c, 0, false);
    estimate(&got, c, count_bits, on_disk);
    assert_true(record_same(&want, &got));
    record_release(&want);
    record_release(&got);
    wn_counts_free(c);
}

/* With n contexts in a part and 2^b keys a seed fails with probability 1 - exp(-n^2 / 2^(b+1)):
 * for n = 40,000 and b = 30 or 31, about a half. */
static void colliding_contexts_get_another_seed(void **state)
{
    (void)state;
    check_same(4, 34, false);
    check_same(5, 33, false);
    check_same(5, 33, true);
}

/* With three bits only the counts 1 and 2 and dropped 3 fit. */
static void counts_without_room_are_listed(void **state)
{
    (void)state;
    check_same(4, 3, false);
    check_same(3, 3, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colliding_contexts_get_another_seed),
        cmocka_unit_test(counts_without_room_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
