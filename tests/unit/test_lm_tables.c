/*
 * test_lm_tables.c - tables of model files, read back by a second reader.
 *
 * Expected numbers are those of KenLM's ARPA files in tests/vectors/ngram/arpa.
 */
#include "unit/lm_arpa_table.h"
#include "unit/lm_second_reader.h"
#include "unit/lm_texts.h"
#include "unit/lm_write_file.h"

#include <unistd.h>

#include <winnow/lmscore.h>

#include "lm/lm_key.h"
#include "support/scratch_group.h"

struct vector {
    const char *text, *arpa;
    unsigned order;
    uint64_t prune[WN_LM_MAX_ORDER];
};

static const struct vector vectors[] = {
    { "t1_toy", "t1_o1_fb", 1, { 0 } },
    { "t1_toy", "t1_o2_fb", 2, { 0 } },
    { "t1_toy", "t1_o3_fb", 3, { 0 } },
    { "t1_toy", "t1_o5_fb", 5, { 0 } },
    { "t2_phrases", "t2_o3", 3, { 0 } },
    { "t2_phrases", "t2_o5_p0012", 5, { 0, 0, 1, 2, 2 } },
    { "t3_unicode", "t3_o5", 5, { 0 } },
};
enum { N_VECTORS = sizeof(vectors) / sizeof(vectors[0]) };

/* A vector's model, what is in its ARPA file, and one of the files that it becomes. */
struct sample {
    struct wn_lm *lm;
    struct wn_str arpa, file;
    struct arpa_line *line;
    size_t n;
    struct arpa_table table;
    unsigned *left;                 /* by line: classes of words before it, bits 0..15 */
    struct second_reader r;
};

static struct wn_lm *model_of(const struct vector *v)
{
    return texts_model_pruned(v->text, v->order, v->prune);
}

static void sample_open(struct sample *s, const struct vector *v, const struct write_opts *o)
{
    char path[256];

    memset(s, 0, sizeof(*s));
    s->lm = model_of(v);
    snprintf(path, sizeof(path), "%sarpa/%s.arpa", NGRAM_DATA, v->arpa);
    s->arpa = fixture_read(path);
    s->line = arpa_lines(s->arpa, &s->n);
    arpa_table_init(&s->table, s->line, s->n);
    if (o) {
        s->file = write_file_of(s->lm, scratch_path(&scratch, "model"), o);
        s->r = (struct second_reader){ (const unsigned char *)s->file.ptr, s->file.len };
        sr_check(&s->r);
    }
}

/* What the left masks must say: each line's first word counts for the line without it. */
static void find_left(struct sample *s)
{
    s->left = calloc(s->n, sizeof(*s->left));
    assert_non_null(s->left);
    for (size_t i = 0; i < s->n; i++) {
        const struct arpa_line *l = &s->line[i], *rest;

        if (l->order == 1)
            continue;
        rest = arpa_find(&s->table, (struct wn_str){ l->word[1].ptr,
                                                     (size_t)(l->words.ptr + l->words.len - l->word[1].ptr) });
        assert_non_null(rest);
        s->left[rest - s->line] |= 1u << sr_class(&s->r, l->word[0]);
    }
}

static void sample_close(struct sample *s)
{
    wn_lm_free(s->lm);
    fixture_drop(s->arpa);
    fixture_drop(s->file);
    free(s->line);
    free(s->table.slot);
    free(s->left);
}

static void expect_mask(const struct sample *s, const struct arpa_line *l, const struct sr_found *f)
{
    unsigned want = s->left[l - s->line];

    if (f->mask_bits == 15)
        want = (want | (want >> 15 << 14)) & 0x7FFF;
    else if (f->mask_bits == 8)
        want = (want | want >> 8) & 0xFF;
    else
        return;
    if (f->mask != want)
        fail_msg("'%.*s': left mask %x, not %x", WN_STR_ARG(l->words), f->mask, want);
}

/* What the tables hold of line L, which they must. */
static struct sr_found find_line(const struct sample *s, const struct vector *v, const struct arpa_line *l)
{
    struct sr_found f;

    if (!sr_look_up(&s->r, l->word, l->order, &f))
        fail_msg("%s: '%.*s' is not found", v->arpa, WN_STR_ARG(l->words));
    return f;
}

static void fail_values(const struct vector *v, const struct arpa_line *l, const struct sr_found *f)
{
    fail_msg("%s: '%.*s' has %.9g %.9g, not %.9g %.9g", v->arpa, WN_STR_ARG(l->words), (double)f->prob[0],
             (double)f->backoff[0], (double)l->prob, (double)l->backoff);
}

/* ---- one model ----------------------------------------------------------------------- */

static void exact_tables_give_every_number_of_the_arpa_file(void **state)
{
    const struct write_opts o = { .parts = WN_LM_TABLES };
    struct sample s;

    (void)state;
    for (size_t v = 0; v < N_VECTORS; v++) {
        sample_open(&s, &vectors[v], &o);
        find_left(&s);
        for (size_t i = 0; i < s.n; i++) {
            const struct arpa_line *l = &s.line[i];
            struct sr_found f = find_line(&s, &vectors[v], l);

            if (f.prob[0] != l->prob || f.backoff[0] != l->backoff)
                fail_values(&vectors[v], l, &f);
            expect_mask(&s, l, &f);
        }
        sample_close(&s);
    }
}

static float half_step(const struct second_reader *r, unsigned k, unsigned what, unsigned model)
{
    struct sr_section s;

    assert_true(sr_find(r, 9, k, &s));
    /* half a step, and the rounding of offset + scale * code */
    return fabsf(sr_f32(r->file + s.entry + 52 + 16 * what + 8 * model)) * 0.5f + 2e-6f;
}

/* Of two n-grams in a line that share their tag the first is found: of n n-grams about
 * n * 7 / 2^19 in a compact top table, 0.2 for the largest here. */
static void compact_tables_are_half_a_step_off_at_most(void **state)
{
    const struct write_opts o = { .parts = WN_LM_TABLES, .compact = true };
    struct sample s;

    (void)state;
    for (size_t v = 0; v < N_VECTORS; v++) {
        size_t twins = 0;

        sample_open(&s, &vectors[v], &o);
        find_left(&s);
        for (size_t i = 0; i < s.n; i++) {
            const struct arpa_line *l = &s.line[i];
            struct sr_found f = find_line(&s, &vectors[v], l);

            if (l->order > 1 && l->order == vectors[v].order &&
                !(fabsf(f.prob[0] - l->prob) <= half_step(&s.r, l->order, 0, 0)) && ++twins <= 2)
                continue;
            if (!(fabsf(f.prob[0] - l->prob) <= half_step(&s.r, l->order, 0, 0)) ||
                !(fabsf(f.backoff[0] - l->backoff) <= half_step(&s.r, l->order, 1, 0)) ||
                (l->backoff == 0.0f && f.backoff[0] != 0.0f))
                fail_values(&vectors[v], l, &f);
            expect_mask(&s, l, &f);
        }
        sample_close(&s);
    }
}

/* How many of N random n-grams that the model lacks are found. */
static size_t false_finds(const struct sample *s, unsigned order, size_t n)
{
    size_t found = 0, n_words = 0;
    uint64_t x = 1;

    while (n_words < s->n && s->line[n_words].order == 1)
        n_words++;
    for (size_t i = 0; i < n; i++) {
        struct wn_str word[WN_LM_MAX_ORDER];
        char text[1024];
        struct sr_found f;
        size_t len = 0;

        for (unsigned j = 0; j < order; j++) {
            x = x * 6364136223846793005u + 1442695040888963407u;       /* Knuth's MMIX */
            word[j] = s->line[(x >> 33) % n_words].words;
            if (j > 0)
                text[len++] = ' ';
            memcpy(text + len, word[j].ptr, word[j].len);
            len += word[j].len;
        }
        if (!arpa_find(&s->table, (struct wn_str){ text, len }))
            found += sr_look_up(&s->r, word, order, &f);
    }
    return found;
}

static void absent_n_grams_are_rarely_found(void **state)
{
    struct write_opts o = { .parts = WN_LM_TABLES };
    struct sample s;

    (void)state;
    sample_open(&s, &vectors[4], &o);                       /* t2_o3 */
    assert_int_equal(false_finds(&s, 2, 50000), 0);         /* 2^-48 * 3 each */
    assert_int_equal(false_finds(&s, 3, 100000), 0);        /* 2^-32 * 6      */
    sample_close(&s);
    o.compact = true;
    sample_open(&s, &vectors[4], &o);
    assert_true(false_finds(&s, 2, 50000) <= 3);            /* 2^-23 * 6: 0.04 expected */
    assert_true(false_finds(&s, 3, 100000) <= 15);          /* 2^-19 * 14: 2.7 expected */
    sample_close(&s);
}

static void bytes_depend_on_the_model_alone(void **state)
{
    struct sample s;

    (void)state;
    sample_open(&s, &vectors[6], NULL);
    for (unsigned compact = 0; compact < 2; compact++) {
        const struct write_opts o[] = {
            { .parts = 7, .compact = compact },
            { .parts = 7, .compact = compact, .jobs = 3 },
            { .parts = 7, .compact = compact, .jobs = 2, .memory_bytes = 1 },
            { .parts = 7, .compact = compact, .hide_left = true },
            { .parts = 7, .compact = compact, .jobs = 3, .memory_bytes = 1, .hide_left = true },
        };
        struct wn_str first = write_file_of(s.lm, scratch_path(&scratch, "first"), &o[0]);

        for (size_t i = 1; i < sizeof(o) / sizeof(o[0]); i++) {
            struct wn_str other = write_file_of(s.lm, scratch_path(&scratch, "other"), &o[i]);

            if (!wn_str_eq(first, other))
                fail_msg("way %zu of writing gives other bytes (compact: %u)", i, compact);
            fixture_drop(other);
        }
        fixture_drop(first);
    }
    sample_close(&s);
}

static void parts_are_there_as_asked_for(void **state)
{
    static const unsigned parts[] = { WN_LM_TABLES, WN_LM_WORDS | WN_LM_TABLES, WN_LM_WORDS | WN_LM_INDEX, 7 };
    struct sample s;

    (void)state;
    sample_open(&s, &vectors[2], NULL);                     /* t1_o3_fb */
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const struct write_opts o = { .parts = parts[i] };
        const char *path = scratch_path(&scratch, "parts");
        struct wn_buf arpa = { 0 };
        struct wn_err err;
        struct wn_lm *lm;

        fixture_drop(write_file_of(s.lm, path, &o));
        if (wn_lm_open(&lm, path, &err) != WN_OK)
            fail_msg("%s", err.text);
        assert_int_equal(wn_lm_parts(lm), parts[i]);
        assert_int_equal(wn_lm_models(lm), 1);
        assert_false(wn_lm_compact(lm));
        assert_int_equal(wn_lm_smoothing(lm), WN_SMOOTH_KN);
        assert_int_equal(wn_lm_vocab_size(lm), 16);
        assert_int_equal(wn_lm_ngrams(lm, 3), 56);
        if (parts[i] & WN_LM_WORDS) {
            assert_true(wn_str_eq(wn_lm_word(lm, 2), WN_STR("</s>")));
            assert_int_equal(wn_lm_id(lm, wn_lm_word(lm, 15)), 15);
        } else {
            assert_true(wn_str_eq(wn_lm_word(lm, 2), WN_STR("<unk>")));
            assert_int_equal(wn_lm_id(lm, WN_STR("</s>")), WN_LM_UNK);
        }
        assert_int_equal(lm_need_index(lm, &err), parts[i] & WN_LM_INDEX ? WN_OK : WN_BADCONF);
        if (parts[i] & WN_LM_INDEX) {
            assert_int_equal(wn_lm_arpa(lm, fixture_collect, &arpa, NULL), WN_OK);
            assert_true(wn_str_eq(wn_buf_str(&arpa), s.arpa));
        }
        wn_buf_release(&arpa);
        wn_lm_free(lm);
    }
    sample_close(&s);
}

static void impossible_parts_are_refused(void **state)
{
    struct lm_model_writer *w;

    (void)state;
    assert_int_equal(lm_model_writer_new(&w, "x", WN_LM_WORDS, false, NULL), WN_BADCONF);
    assert_null(w);
    assert_int_equal(lm_model_writer_new(&w, "x", WN_LM_INDEX | WN_LM_TABLES, false, NULL), WN_BADCONF);
    assert_int_equal(lm_model_writer_new(&w, "x", 8 | WN_LM_TABLES, false, NULL), WN_BADCONF);
}

/* ---- joint --------------------------------------------------------------------------- */

static void expect_half(const struct sample *s, const struct second_reader *r, unsigned m)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct arpa_line *l = &s->line[i];
        float step = l->order == 1 ? 0.0f : half_step(r, l->order, 0, m);
        struct sr_found f;

        if (!sr_look_up(r, l->word, l->order, &f) || !f.in[m])
            fail_msg("model %u: '%.*s' is not found", m, WN_STR_ARG(l->words));
        if (!(fabsf(f.prob[m] - l->prob) <= step))
            fail_msg("model %u: '%.*s' has %.9g, not %.9g", m, WN_STR_ARG(l->words), (double)f.prob[m], (double)l->prob);
        step = l->order == 1 ? 0.0f : l->order < sr_u32(r, 16) ? half_step(r, l->order, 1, m) : 0.0f;
        if (!(fabsf(f.backoff[m] - l->backoff) <= step))
            fail_msg("model %u: '%.*s' has back-off %.9g, not %.9g", m, WN_STR_ARG(l->words), (double)f.backoff[m],
                     (double)l->backoff);
    }
}

/* n-grams of A must not count as B's, unless they are; and masks must have A's classes. */
static void expect_apart(const struct sample *a, const struct sample *b, const struct second_reader *r, unsigned m)
{
    size_t wrong = 0;

    for (size_t i = 0; i < a->n; i++) {
        const struct arpa_line *l = &a->line[i];
        struct sr_found f;

        assert_true(sr_look_up(r, l->word, l->order, &f));
        wrong += f.in[1 - m] != (arpa_find(&b->table, l->words) != NULL);
        if (f.mask_bits == 8)
            assert_int_equal((a->left[i] | a->left[i] >> 8) & 0xFF & ~f.mask, 0);
    }
    assert_true(wrong <= 1);        /* tags of 24 bits: 2^-24 * 4 each */
}

static void joint_tables_hold_both_models(void **state)
{
    static const unsigned pair[][2] = { { 2, 4 }, { 3, 4 }, { 5, 6 }, { 2, 2 }, { 0, 0 } };   /* orders 3 3, 5 3, 5 5, .. */

    (void)state;
    for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++) {
        const char *path = scratch_path(&scratch, "joint");
        struct sample s[2];
        struct wn_str file, again;
        struct second_reader r;
        struct wn_lm_room room = { .jobs = 3, .memory_bytes = 1 };
        struct wn_lm *lm;
        struct wn_err err;

        sample_open(&s[0], &vectors[pair[i][0]], NULL);
        sample_open(&s[1], &vectors[pair[i][1]], NULL);
        if (wn_lm_write_joint(s[0].lm, s[1].lm, path, NULL, &err) != WN_OK)
            fail_msg("%s", err.text);
        file = fixture_read(path);
        r = (struct second_reader){ (const unsigned char *)file.ptr, file.len };
        sr_check(&r);
        for (unsigned m = 0; m < 2; m++) {
            s[m].r = r;
            find_left(&s[m]);
            expect_half(&s[m], &r, m);
        }
        expect_apart(&s[0], &s[1], &r, 0);
        expect_apart(&s[1], &s[0], &r, 1);

        if (wn_lm_open(&lm, path, &err) != WN_OK)
            fail_msg("%s", err.text);
        assert_int_equal(wn_lm_models(lm), 2);
        wn_lm_free(lm);
        assert_int_equal(wn_lm_join(&lm, s[0].lm, s[1].lm, NULL, &err), WN_OK);
        assert_true(wn_str_eq(wn_lm_image(lm), file));
        wn_lm_free(lm);
        if (wn_lm_write_joint(s[0].lm, s[1].lm, path, &room, &err) != WN_OK)
            fail_msg("%s", err.text);
        again = fixture_read(path);
        assert_true(wn_str_eq(again, file));
        fixture_drop(again);
        fixture_drop(file);
        sample_close(&s[0]);
        sample_close(&s[1]);
    }
}

/* Every token of TEXT must match as long an n-gram of model M in JOINT as in LM. */
static void expect_matches(const struct wn_lm *joint, unsigned m, const struct wn_lm *lm, struct wn_str text)
{
    const struct wn_scorer_opts opts = { .per_token = true };
    struct wn_lm_sum sum[2] = { { 0 } }, alone = { 0 };
    const struct wn_scored *got, *want;
    struct wn_scorer *s[2];
    size_t n, n_want;

    assert_int_equal(wn_scorer_new(&s[0], joint, &opts, NULL), WN_OK);
    assert_int_equal(wn_scorer_new(&s[1], lm, &opts, NULL), WN_OK);
    assert_int_equal(wn_scorer_add(s[0], text, sum, NULL), WN_OK);
    assert_int_equal(wn_scorer_add(s[1], text, &alone, NULL), WN_OK);
    assert_int_equal(wn_scorer_flush(s[0], NULL), WN_OK);
    assert_int_equal(wn_scorer_flush(s[1], NULL), WN_OK);
    got = wn_scorer_tokens(s[0], &n);
    want = wn_scorer_tokens(s[1], &n_want);
    assert_true(n > 1000 && n == n_want);
    for (size_t i = 0; i < n; i++)
        if (got[i].matched[m] != want[i].matched[0])
            fail_msg("model %u, token %zu: %u words match, not %u", m, i, got[i].matched[m], want[i].matched[0]);
    wn_scorer_free(s[0]);
    wn_scorer_free(s[1]);
}

/* A word of 16 bytes whose last 8 make the second factor of lm_word_hash16 zero hashes to 0
 * with the seed 0: its model, and the joint one, need another seed than the first model. */
static void models_with_other_seeds_are_joined_whole(void **state)
{
    uint64_t tail = 16 * LM_KEY_C ^ LM_KEY_B;
    struct wn_str text = fixture_read(NGRAM_DATA "text/t2_phrases.txt");
    struct wn_str other = fixture_read(NGRAM_DATA "text/t4_zipf.txt");
    struct wn_lm *first = fixture_model(text, 5, WN_TOK_WHITESPACE, NULL), *second, *joint;
    struct wn_buf longer = { 0 };

    (void)state;
    wn_buf_add(&longer, other);
    wn_buf_add(&longer, WN_STR("\nanything"));
    wn_buf_add(&longer, (struct wn_str){ (const char *)&tail, sizeof(tail) });
    assert_int_equal(lm_word_hash(longer.ptr + longer.len - 16, 16, 0), 0);
    assert_int_equal(wn_buf_status(&longer, NULL), WN_OK);
    second = fixture_model(wn_buf_str(&longer), 5, WN_TOK_WHITESPACE, NULL);
    for (unsigned m = 0; m < 2; m++) {
        assert_int_equal(wn_lm_join(&joint, m ? second : first, m ? first : second, NULL, NULL), WN_OK);
        expect_matches(joint, m, first, text);
        expect_matches(joint, 1 - m, second, other);
        wn_lm_free(joint);
    }
    wn_lm_free(first);
    wn_lm_free(second);
    wn_buf_release(&longer);
    fixture_drop(text);
    fixture_drop(other);
}

static void models_over_other_tokens_are_not_joined(void **state)
{
    struct wn_lm *a = fixture_model(WN_STR("a b\n"), 2, WN_TOK_WHITESPACE, NULL);
    struct wn_lm *b = fixture_model(WN_STR("a b\n"), 2, WN_TOK_FOLDED, NULL), *lm;
    struct wn_err err;

    (void)state;
    assert_int_equal(wn_lm_join(&lm, a, b, NULL, &err), WN_BADCONF);
    assert_null(lm);
    assert_non_null(strstr(err.text, "different tokens"));
    wn_lm_free(a);
    wn_lm_free(b);
}

static void a_failed_write_leaves_no_file(void **state)
{
    const struct write_opts o = { .parts = WN_LM_TABLES };
    struct wn_lm *lm = fixture_model(WN_STR("a b\n"), 2, WN_TOK_WHITESPACE, NULL);
    struct wn_err err;
    int before;

    (void)state;
    scratch_clear(&scratch, false);
    before = scratch_count(&scratch);
    assert_int_equal(try_write(lm, scratch_path(&scratch, "no/such/folder"), &o, &err), WN_IO);
    assert_int_equal(wn_lm_write_joint(lm, lm, scratch_path(&scratch, "no/such/folder"), NULL, &err), WN_IO);
    assert_int_equal(scratch_count(&scratch), before);
    wn_lm_free(lm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_tables_give_every_number_of_the_arpa_file),
        cmocka_unit_test(compact_tables_are_half_a_step_off_at_most),
        cmocka_unit_test(absent_n_grams_are_rarely_found),
        cmocka_unit_test(bytes_depend_on_the_model_alone),
        cmocka_unit_test(parts_are_there_as_asked_for),
        cmocka_unit_test(impossible_parts_are_refused),
        cmocka_unit_test(joint_tables_hold_both_models),
        cmocka_unit_test(models_with_other_seeds_are_joined_whole),
        cmocka_unit_test(models_over_other_tokens_are_not_joined),
        cmocka_unit_test(a_failed_write_leaves_no_file),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
