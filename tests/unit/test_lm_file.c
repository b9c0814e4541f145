/*
 * test_lm_file.c - model images: written, mapped, damaged.
 */
#include "unit/lm_exercise.h"
#include "unit/lm_fixture.h"

#include <unistd.h>

#include "lm/lm_layout.h"

struct fixture {
    struct wn_lm *lm;
    char *bytes;           /* a copy of its image, for damage */
    size_t n;
    char path[64];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct wn_str image;
    int fd;

    if (!f)
        return -1;
    f->lm = fixture_model_of(NGRAM_DATA "text/t1_toy.txt", 3, NULL);
    image = wn_lm_image(f->lm);
    f->n = image.len;
    f->bytes = malloc(image.len);
    strcpy(f->path, "/tmp/winnow-lm-XXXXXX");
    fd = mkstemp(f->path);
    if (!f->bytes || fd < 0)
        return -1;
    memcpy(f->bytes, image.ptr, image.len);
    close(fd);
    *state = f;
    return 0;
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

static struct lm_header *header(struct fixture *f)
{
    return (struct lm_header *)(void *)f->bytes;
}

static void mapped_model_is_the_one_that_was_written(void **state)
{
    struct fixture *f = *state;
    struct wn_buf a = { 0 }, b = { 0 };
    struct wn_err err;
    struct wn_lm *lm;

    write_file(f, f->n);
    assert_int_equal(wn_lm_open(&lm, f->path, &err), WN_OK);
    assert_true(wn_str_eq(wn_lm_image(lm), wn_lm_image(f->lm)));
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
    assert_int_equal(wn_lm_open(&lm, "/", &err), WN_BADDATA);
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
    struct wn_lm *lm;

    expect_refusal(f, 20, "the file ends inside its header");
    expect_refusal(f, f->n - 1, "the file is shorter than its header says");
    for (size_t n = 0; n < f->n; n++) {
        char *exact = malloc(n + 1);

        assert_non_null(exact);
        memcpy(exact, f->bytes, n);
        assert_int_equal(wn_lm_view(&lm, (struct wn_str){ exact, n }, "cut", NULL), WN_BADDATA);
        free(exact);
    }
    header(f)->image_bytes -= 8;
    expect_refusal(f, f->n, "the file is longer than its header says");
}

static void other_versions_and_byte_orders_are_refused(void **state)
{
    struct fixture *f = *state;

    header(f)->version = 2;
    expect_refusal(f, f->n, "another version");
    header(f)->version = LM_VERSION;
    header(f)->byte_order = 0x04030201;
    expect_refusal(f, f->n, "the other byte order");
    header(f)->byte_order = 0x01020305;
    expect_refusal(f, f->n, "byte-order mark");
}

static void damage_is_named_by_section(void **state)
{
    struct fixture *f = *state;
    const struct lm_section *s = (const void *)(f->bytes + sizeof(struct lm_header));

    for (uint32_t i = 0; i < header(f)->n_sections; i++) {
        if (s[i].kind == LM_PROB && s[i].order == 2)
            f->bytes[s[i].offset] ^= 1;
    }
    expect_refusal(f, f->n, "the checksum of the log-probabilities of order 2 does not match");
}

static void contradicting_sizes_are_refused(void **state)
{
    struct fixture *f = *state;

    header(f)->n_ngrams[1]++;
    expect_refusal(f, f->n, "contradict");
    header(f)->n_ngrams[1] = UINT64_MAX / 4;
    expect_refusal(f, f->n, "the sizes in the header are not possible");
    header(f)->n_ngrams[1] = 38;
    header(f)->order = 9;
    expect_refusal(f, f->n, "order");
    header(f)->order = 3;
    header(f)->tokenizer = 3;
    expect_refusal(f, f->n, "tokenizer");
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

static void every_flipped_byte_is_noticed(void **state)
{
    static const unsigned char flips[] = { 0x01, 0x80, 0xFF };
    struct fixture *f = *state;
    struct wn_lm *lm;

    for (size_t i = 0; i < f->n; i++) {
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
    static const unsigned char flips[] = { 0x01, 0x40, 0x80, 0xFF };
    struct fixture *f = *state;
    size_t table = sizeof(struct lm_header) + header(f)->n_sections * sizeof(struct lm_section);
    char *bad = malloc(f->n);
    struct wn_lm *lm;

    assert_non_null(bad);
    for (size_t i = 0; i < f->n; i++) {
        for (size_t j = 0; j < sizeof(flips); j++) {
            memcpy(bad, f->bytes, f->n);
            bad[i] = (char)((unsigned char)bad[i] ^ flips[j]);
            if (i >= table)
                lm_image_seal(bad);
            else if (i < offsetof(struct lm_header, hash))
                ((struct lm_header *)(void *)bad)->hash = lm_head_hash(bad, header(f)->n_sections);
            if (wn_lm_view(&lm, (struct wn_str){ bad, f->n }, "flipped", NULL) != WN_OK)
                continue;
            exercise_model(lm);
            wn_lm_free(lm);
        }
    }
    free(bad);
}

#define with_model(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_model(mapped_model_is_the_one_that_was_written),
        with_model(missing_files_are_an_io_error),
        with_model(foreign_files_are_refused),
        with_model(truncated_and_longer_files_are_refused),
        with_model(other_versions_and_byte_orders_are_refused),
        with_model(damage_is_named_by_section),
        with_model(contradicting_sizes_are_refused),
        with_model(unaligned_images_are_refused),
        with_model(every_flipped_byte_is_noticed),
        with_model(damage_under_right_checksums_is_refused_or_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
