/*
 * test_lm_file.c - model images: written, mapped, damaged.
 */
#include "support/scratch.h"
#include "unit/lm_exercise.h"
#include "unit/lm_fixture.h"
#include "unit/lm_write_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <winnow/lmbuild.h>
#include <winnow/lmscore.h>
#include <winnow/rng.h>

#include "lm/lm_layout.h"

struct fixture {
    struct wn_lm *lm;
    char *bytes;           /* the file that it becomes, for damage */
    size_t n;
    char path[64];
};

/* All parts; MODE 0: exact, 1: compact, 2: joint. */
static int set_up_mode(void **state, unsigned mode)
{
    struct write_opts o = { .parts = 7, .compact = mode == 1 };
    struct fixture *f = calloc(1, sizeof(*f));
    struct wn_str file;
    int fd;

    if (!f)
        return -1;
    f->lm = fixture_model_of(NGRAM_DATA "text/t1_toy.txt", 3, NULL);
    strcpy(f->path, "/tmp/winnow-lm-XXXXXX");
    fd = mkstemp(f->path);
    if (fd < 0)
        return -1;
    close(fd);
    if (mode == 2) {
        assert_int_equal(wn_lm_write_joint(f->lm, f->lm, f->path, NULL, NULL), WN_OK);
        file = fixture_read(f->path);
    } else {
        file = write_file_of(f->lm, f->path, &o);
    }
    f->bytes = (char *)(uintptr_t)file.ptr;
    f->n = file.len;
    *state = f;
    return 0;
}

static int set_up(void **state)
{
    return set_up_mode(state, 0);
}

static int set_up_compact(void **state)
{
    return set_up_mode(state, 1);
}

static int set_up_joint(void **state)
{
    return set_up_mode(state, 2);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    unlink(f->path);
    wn_lm_free(f->lm);
    free(f->bytes);
    free(f);
    return 0;
}

static void write_file(const struct fixture *f, size_t n)
{
    FILE *file = fopen(f->path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(f->bytes, 1, n, file), n);
    fclose(file);
}

static void expect_refusal(const struct fixture *f, size_t n, const char *why)
{
    struct wn_err err;
    struct wn_lm *lm;

    write_file(f, n);
    assert_int_equal(wn_lm_open(&lm, f->path, &err), WN_BADDATA);
    assert_null(lm);
    assert_non_null(strstr(err.text, f->path));
    if (!strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
}

static struct lm_front *front(struct fixture *f)
{
    return (struct lm_front *)(void *)f->bytes;
}

/* The checksum of the front put right, as somebody who means harm would. */
static void seal_front(struct fixture *f)
{
    front(f)->hash = lm_front_hash(f->bytes);
}

static struct lm_section *section(struct fixture *f, enum lm_section_kind kind, unsigned order)
{
    for (uint32_t i = 0; i < front(f)->head.n_sections; i++) {
        struct lm_section *s = &front(f)->section[i];

        if (s->kind == (uint32_t)kind && s->order == order)
            return s;
    }
    fail_msg("no section %d of order %u", (int)kind, order);
    return NULL;
}

static void mapped_model_is_the_one_that_was_written(void **state)
{
    struct fixture *f = *state;
    struct wn_buf a = { 0 }, b = { 0 };
    struct wn_err err;
    struct wn_lm *lm;

    write_file(f, f->n);
    assert_int_equal(wn_lm_open(&lm, f->path, &err), WN_OK);
    assert_true(wn_str_eq(wn_lm_image(lm), (struct wn_str){ f->bytes, f->n }));
    assert_int_equal(wn_lm_order(lm), 3);
    assert_int_equal(wn_lm_tokenizer(lm), WN_TOK_WHITESPACE);
    assert_int_equal(wn_lm_vocab_size(lm), 16);                /* t1_o3_fb.arpa: ngram 1=16 2=38 3=56 */
    assert_int_equal(wn_lm_ngrams(lm, 2), 38);
    assert_int_equal(wn_lm_ngrams(lm, 3), 56);
    assert_int_equal(wn_lm_ngrams(lm, 4), 0);
    assert_int_equal(wn_lm_ngrams(lm, 0), 0);
    assert_int_equal(wn_lm_train_tokens(lm), 94);              /* words and lines of t1_toy.txt */
    assert_int_equal(wn_lm_arpa(lm, fixture_collect, &a, NULL), WN_OK);
    assert_int_equal(wn_lm_arpa(f->lm, fixture_collect, &b, NULL), WN_OK);
    assert_true(wn_str_eq(wn_buf_str(&a), wn_buf_str(&b)));
    for (uint32_t i = 0; i < wn_lm_vocab_size(lm); i++)
        assert_int_equal(wn_lm_id(lm, wn_lm_word(lm, i)), i);
    wn_buf_release(&a);
    wn_buf_release(&b);
    wn_lm_free(lm);
}

static void missing_files_are_an_io_error(void **state)
{
    struct wn_err err;
    struct wn_lm *lm;

    (void)state;
    assert_int_equal(wn_lm_open(&lm, "/nonexistent/x.lm", &err), WN_IO);
    assert_null(lm);
    assert_int_equal(wn_lm_open(&lm, "/", &err), WN_IO);
    assert_string_equal(err.text, "cannot open model '/': Is a directory");
}

/* It would have to wait for a writer, and cannot be mapped. */
static void pipes_are_refused_at_once(void **state)
{
    struct scratch dir = { 0 };
    struct wn_counts_opts opts;
    struct wn_err err;
    struct wn_lm *lm;
    const char *path;

    (void)state;
    assert_true(scratch_open(&dir));
    path = scratch_path(&dir, "pipe");
    assert_int_equal(mkfifo(path, 0666), 0);
    assert_int_equal(wn_lm_open(&lm, path, &err), WN_BADDATA);
    assert_non_null(strstr(err.text, "it is a pipe"));
    assert_int_equal(wn_lm_open_resident(&lm, path, &err), WN_BADDATA);
    assert_non_null(strstr(err.text, "it is a pipe"));
    assert_int_equal(wn_counts_peek(path, &opts, &err), WN_BADDATA);
    assert_non_null(strstr(err.text, "it is a pipe"));
    scratch_clear(&dir, true);
}

static void foreign_files_are_refused(void **state)
{
    struct fixture *f = *state;

    expect_refusal(f, 0, "not a winnow language model");
    expect_refusal(f, 5, "not a winnow language model");
    memcpy(f->bytes, "\\data\\\nn", 8);
    expect_refusal(f, f->n, "not a winnow language model");
    expect_refusal(f, 20, "not a winnow language model");
}

static void truncated_and_longer_files_are_refused(void **state)
{
    struct fixture *f = *state;
    char *exact = malloc(f->n);
    struct wn_lm *lm;

    expect_refusal(f, 12, "the file ends inside its header");
    expect_refusal(f, 4095, "the file ends inside its header");
    expect_refusal(f, f->n - 1, "the file is shorter than its header says");
    assert_non_null(exact);
    for (size_t n = 0; n < f->n; n++) {
        char *end = exact + (f->n - n) / 64 * 64;       /* at the block's end, for sanitizers */

        memcpy(end, f->bytes, n);
        if (n % 64 == 0)
            assert_int_equal(wn_lm_view(&lm, (struct wn_str){ end, n }, "cut", NULL), WN_BADDATA);
    }
    free(exact);
    front(f)->head.image_bytes -= 64;
    seal_front(f);
    expect_refusal(f, f->n, "the file is longer than its header says");
}

static void other_versions_and_byte_orders_are_refused(void **state)
{
    struct fixture *f = *state;

    front(f)->head.version = 1;
    expect_refusal(f, 136, "it was written by an older winnow (format 1); build it again");
    expect_refusal(f, f->n, "it was written by an older winnow (format 1); build it again");
    front(f)->head.version = 3;
    expect_refusal(f, f->n, "it was written by a newer winnow (format 3");
    front(f)->head.version = LM_VERSION;
    front(f)->head.byte_order = 0x04030201;
    expect_refusal(f, f->n, "the other byte order; build it again");
    front(f)->head.byte_order = 0x01020305;
    expect_refusal(f, f->n, "byte-order mark");
}

static void damage_is_named_by_section(void **state)
{
    struct fixture *f = *state;
    struct lm_section *prob = section(f, LM_PROB, 2), *lines = section(f, LM_LINES, 3);

    f->bytes[prob->offset] ^= 1;
    expect_refusal(f, f->n, "the checksum of the log-probabilities of order 2 does not match");
    f->bytes[lines->offset + 5] ^= 1;
    expect_refusal(f, f->n, "the checksum of the table of order 3 does not match");
    front(f)->head.train_tokens++;
    expect_refusal(f, f->n, "the checksum of the header does not match");
}

static void refuse_number(struct fixture *f, uint32_t *number, uint32_t bad, const char *why)
{
    uint32_t good = *number;

    *number = bad;
    seal_front(f);
    expect_refusal(f, f->n, why);
    *number = good;
    seal_front(f);
}

static void contradicting_numbers_are_refused(void **state)
{
    struct fixture *f = *state;
    struct lm_header *h = &front(f)->head;
    struct lm_section *lines = section(f, LM_LINES, 2);

    refuse_number(f, &h->order, 9, "order");
    refuse_number(f, &h->order, 0, "order");
    refuse_number(f, &h->order, 2, "above the order");
    refuse_number(f, &h->tokenizer, 3, "tokenizer");
    refuse_number(f, &h->smoothing, 3, "smoothing");
    refuse_number(f, &h->parts, 8, "parts");
    refuse_number(f, &h->parts, WN_LM_WORDS, "parts");
    refuse_number(f, &h->parts, WN_LM_INDEX, "parts");
    refuse_number(f, &h->mode, LM_MODE_JOINT, "parts");
    refuse_number(f, &h->mode, 3, "parts");
    refuse_number(f, &h->n_models, 2, "parts");
    refuse_number(f, &h->n_sections, 49, "section table");
    refuse_number(f, &h->n_sections, h->n_sections - 1, "contradict");
    refuse_number(f, (uint32_t *)(void *)&h->n_ngrams[1], 39, "contradict");
    refuse_number(f, (uint32_t *)(void *)&h->n_ngrams[0], 2, "special words");
    refuse_number(f, (uint32_t *)(void *)&h->n_slots, 31, "word table");
    refuse_number(f, (uint32_t *)(void *)&lines->n_buckets, 0, "section table");
    refuse_number(f, (uint32_t *)(void *)&lines->n_buckets, (uint32_t)lines->n_lines, "section table");
    refuse_number(f, (uint32_t *)(void *)&lines->n_lines, (uint32_t)lines->n_lines + 64, "contradict");
    refuse_number(f, (uint32_t *)(void *)&lines->prob[0].scale, 0x7FC00000, "section table");   /* a NaN */
    h->n_ngrams[1] = UINT64_MAX / 4;
    seal_front(f);
    expect_refusal(f, f->n, "the sizes in the header are not possible");
}

static void unaligned_images_are_refused(void **state)
{
    struct fixture *f = *state;
    char *moved = malloc(f->n + 1);
    struct wn_lm *lm;

    assert_non_null(moved);
    memcpy(moved + 1, f->bytes, f->n);
    assert_int_equal(wn_lm_view(&lm, (struct wn_str){ moved + 1, f->n }, "x", NULL), WN_BADCONF);
    free(moved);
}

/* Of long runs of zeros one byte in 16 stands for all. */
static bool is_padding(const struct fixture *f, size_t i)
{
    return i > sizeof(struct lm_front) && f->bytes[i] == 0 && f->bytes[i - 1] == 0 && i % 16 != 0;
}

static void every_flipped_byte_is_noticed(void **state)
{
    static const unsigned char flips[] = { 0x01, 0xFE };
    struct fixture *f = *state;
    struct wn_lm *lm;

    for (size_t i = 0; i < f->n; i++) {
        if (is_padding(f, i))
            continue;
        for (size_t j = 0; j < sizeof(flips); j++) {
            f->bytes[i] = (char)((unsigned char)f->bytes[i] ^ flips[j]);
            if (wn_lm_view(&lm, (struct wn_str){ f->bytes, f->n }, "flipped", NULL) != WN_BADDATA)
                fail_msg("byte %zu ^ %02x was accepted", i, flips[j]);
            f->bytes[i] = (char)((unsigned char)f->bytes[i] ^ flips[j]);
        }
    }
}

/* With the checksums put right after the damage, as somebody who means harm would. */
static void damage_under_right_checksums_is_refused_or_harmless(void **state)
{
    static const unsigned char flips[] = { 0x01, 0x80 };
    struct fixture *f = *state;
    char *bad = malloc(f->n);
    struct wn_lm *lm;

    assert_non_null(bad);
    for (size_t i = 0; i < f->n; i++) {
        if (is_padding(f, i))
            continue;
        for (size_t j = 0; j < sizeof(flips); j++) {
            memcpy(bad, f->bytes, f->n);
            bad[i] = (char)((unsigned char)bad[i] ^ flips[j]);
            if (i >= sizeof(struct lm_front))
                lm_image_seal(bad);
            else
                ((struct lm_front *)(void *)bad)->hash = lm_front_hash(bad);
            if (wn_lm_view(&lm, (struct wn_str){ bad, f->n }, "flipped", NULL) != WN_OK)
                continue;
            exercise_model(lm);
            wn_lm_free(lm);
        }
    }
    free(bad);
}

/* Bytes that docs/format/lm.md calls zero: a section's codes where it has none, entries behind the
 * last, the gap before the checksum. */
static void bytes_of_the_front_that_nothing_uses_are_zero(void **state)
{
    struct fixture *f = *state;
    char *unused[] = { (char *)&section(f, LM_VOCAB_BYTES, 0)->prob[0], (char *)&section(f, LM_LINES, 2)->prob[1],
                       (char *)&section(f, LM_LINES, 3)->backoff[0],
                       (char *)&front(f)->section[front(f)->head.n_sections], &front(f)->zero[95] };

    for (size_t i = 0; i < sizeof(unused) / sizeof(unused[0]); i++) {
        *unused[i] = 1;
        seal_front(f);
        expect_refusal(f, f->n, i < 3 ? "the section table contradicts the header" : "nothing uses");
        *unused[i] = 0;
    }
}

/* A unigram that one model lacks, with a back-off weight of that model. */
static void absent_halves_have_no_values(void **state)
{
    struct fixture *f = *state;
    struct lm_section *s = section(f, LM_LINES, 1);
    char *line = f->bytes + s->offset;
    const float absent = LM_PROB_ABSENT, backoff = -0.25f;

    while (line[0] == 0 && line[7] == 0)
        line += LM_LINE_BYTES;
    memcpy(line + 16 + 4, &absent, sizeof(absent));
    memset(line + 32 + 4, 0, sizeof(backoff));
    lm_image_seal(f->bytes);
    write_file(f, f->n);
    wn_lm_free(f->lm);
    assert_int_equal(wn_lm_open(&f->lm, f->path, NULL), WN_OK);
    memcpy(line + 32 + 4, &backoff, sizeof(backoff));
    lm_image_seal(f->bytes);
    expect_refusal(f, f->n, "order 1: a line of a table is malformed");
}

/* The word table with the first word of the text in the place of another. */
static void words_that_stand_in_the_table_twice_are_refused(void **state)
{
    struct fixture *f = *state;
    uint64_t *slot = (uint64_t *)(void *)(f->bytes + section(f, LM_VOCAB_SLOTS, 0)->offset), first = 0;

    for (uint64_t i = 0; i < front(f)->head.n_slots; i++) {
        if ((slot[i] & UINT32_MAX) <= 3)
            continue;
        if (first) {
            slot[i] = first;
            break;
        }
        first = slot[i];
    }
    lm_image_seal(f->bytes);
    expect_refusal(f, f->n, "the word table does not hold every word once");
}

static void tables_that_lie_are_refused(void **state)
{
    struct fixture *f = *state;
    struct lm_section *s = section(f, LM_LINES, 2);
    unsigned char *line = (unsigned char *)f->bytes + s->offset, *last = line + (s->n_lines - 1) * LM_LINE_BYTES;
    uint32_t used = 0;

    last[0] ^= 1;                                       /* goes on, from the last line */
    lm_image_seal(f->bytes);
    expect_refusal(f, f->n, "a table has no end");
    last[0] ^= 1;
    while (line[used * LM_LINE_BYTES + 7] == 0 && line[used * LM_LINE_BYTES + 6] == 0)
        used++;
    line += used * LM_LINE_BYTES;
    memset(line + 32, 0xFF, 4);                         /* a NaN */
    lm_image_seal(f->bytes);
    expect_refusal(f, f->n, "order 2: a log-probability in a table");
    memset(line, 0, LM_LINE_BYTES);
    lm_image_seal(f->bytes);
    expect_refusal(f, f->n, "order 2: a table does not hold all n-grams");
}

/* ---- files that AUTO opens without reading them all ----------------------------------- */

/* F's file with so many lines in the table of order 3 that it is no small file any more; the
 * tables are holes, what else there is stays. */
static void write_large(struct fixture *f)
{
    struct lm_front big = *front(f);
    uint64_t n_lines[WN_LM_MAX_ORDER + 1] = { 0 };
    struct lm_plan plan;
    FILE *file = fopen(f->path, "wb");

    assert_non_null(file);
    for (unsigned k = 1; k <= 3; k++)
        n_lines[k] = k == 3 ? 600000 : section(f, LM_LINES, k)->n_lines;
    assert_true(lm_plan_make(&plan, &big.head, n_lines));
    big.head.image_bytes = plan.image_bytes;
    for (uint32_t i = 0; i < plan.n; i++) {
        big.section[i].offset = plan.section[i].offset;
        big.section[i].bytes = plan.section[i].bytes;
        if (plan.section[i].kind == LM_LINES && plan.section[i].order == 3) {
            big.section[i].n_lines = n_lines[3];
            big.section[i].n_buckets = n_lines[3] - 1;
        } else {
            assert_int_equal(fseek(file, (long)plan.section[i].offset, SEEK_SET), 0);
            assert_int_equal(fwrite(f->bytes + front(f)->section[i].offset, 1, plan.section[i].bytes, file),
                             plan.section[i].bytes);
        }
    }
    big.hash = lm_front_hash((const char *)&big);
    rewind(file);
    assert_int_equal(fwrite(&big, 1, sizeof(big), file), sizeof(big));
    fclose(file);
    assert_int_equal(truncate(f->path, (off_t)plan.image_bytes), 0);
}

static void scatter(const struct fixture *f, const struct lm_section *s, uint64_t seed)
{
    FILE *file = fopen(f->path, "r+b");
    struct wn_rng rng;

    assert_non_null(file);
    wn_rng_init(&rng, seed, WN_DOMAIN_SAMPLE, 0, 0, 0);
    for (unsigned i = 0; i < 400; i++) {
        assert_int_equal(fseek(file, (long)(s->offset + wn_rng_below(&rng, s->bytes)), SEEK_SET), 0);
        fputc((int)wn_rng_below(&rng, 256), file);
    }
    fclose(file);
}

static void large_files_are_verified_when_asked(void **state)
{
    struct fixture *f = *state;
    struct wn_err err;
    struct wn_lm *lm;

    write_large(f);
    if (wn_lm_open(&lm, f->path, &err) != WN_OK)
        fail_msg("%s", err.text);
    assert_int_equal(lm_need_index(lm, &err), WN_OK);
    wn_lm_free(lm);
    if (wn_lm_open_resident(&lm, f->path, &err) != WN_OK)
        fail_msg("%s", err.text);
    wn_lm_free(lm);
    assert_int_equal(wn_lm_open_verify(&lm, f->path, WN_LM_VERIFY_ALL, &err), WN_BADDATA);
    assert_non_null(strstr(err.text, "the table of order 3"));
}

static void a_damaged_index_of_a_large_file_is_found_before_it_is_used(void **state)
{
    struct fixture *f = *state;
    struct lm_section index;
    struct wn_err err;
    struct wn_lm *lm;

    write_large(f);
    assert_int_equal(wn_lm_open(&lm, f->path, &err), WN_OK);
    index = *section(f, LM_SUFFIX, 3);
    index.offset = (uint64_t)((const char *)lm->level[3].suffix - lm->image.ptr);
    wn_lm_free(lm);
    scatter(f, &index, 1);
    assert_int_equal(wn_lm_open(&lm, f->path, &err), WN_OK);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(lm_need_index(lm, &err), WN_BADDATA);
        assert_non_null(strstr(err.text, f->path));
    }
    assert_int_equal(wn_lm_arpa(lm, NULL, NULL, &err), WN_BADDATA);
    wn_lm_free(lm);
}

static void scores_of_an_unverified_damaged_table_are_only_wrong(void **state)
{
    struct fixture *f = *state;
    struct wn_err err;
    struct wn_lm *lm;

    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct lm_section lines[4];

        write_large(f);
        assert_int_equal(wn_lm_open(&lm, f->path, &err), WN_OK);
        for (unsigned k = 1; k <= 3; k++)
            lines[k] = (struct lm_section){ .offset = (uint64_t)((const char *)lm->hash[k].line - lm->image.ptr),
                                            .bytes = lm->hash[k].n_lines * LM_LINE_BYTES };
        wn_lm_free(lm);
        for (unsigned k = 1; k <= 3; k++)
            scatter(f, &lines[k], seed);
        if (wn_lm_open(&lm, f->path, &err) != WN_OK) {
            assert_non_null(strstr(err.text, "a table has no end"));
            continue;
        }
        exercise_model(lm);
        wn_lm_free(lm);
    }
}

#define with_model(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define with(test, start) { #test ", " #start, test, start, tear_down, NULL }

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_model(mapped_model_is_the_one_that_was_written),
        with_model(missing_files_are_an_io_error),
        with_model(pipes_are_refused_at_once),
        with_model(foreign_files_are_refused),
        with_model(truncated_and_longer_files_are_refused),
        with_model(other_versions_and_byte_orders_are_refused),
        with_model(damage_is_named_by_section),
        with_model(contradicting_numbers_are_refused),
        with_model(unaligned_images_are_refused),
        with(every_flipped_byte_is_noticed, set_up),
        with(every_flipped_byte_is_noticed, set_up_compact),
        with(every_flipped_byte_is_noticed, set_up_joint),
        with(damage_under_right_checksums_is_refused_or_harmless, set_up),
        with(damage_under_right_checksums_is_refused_or_harmless, set_up_compact),
        with(damage_under_right_checksums_is_refused_or_harmless, set_up_joint),
        with(bytes_of_the_front_that_nothing_uses_are_zero, set_up),
        with(bytes_of_the_front_that_nothing_uses_are_zero, set_up_compact),
        with(absent_halves_have_no_values, set_up_joint),
        with_model(words_that_stand_in_the_table_twice_are_refused),
        with_model(tables_that_lie_are_refused),
        with_model(large_files_are_verified_when_asked),
        with_model(a_damaged_index_of_a_large_file_is_found_before_it_is_used),
        with(scores_of_an_unverified_damaged_table_are_only_wrong, set_up),
        with(scores_of_an_unverified_damaged_table_are_only_wrong, set_up_compact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
