/*
 * lm_arpa_read.c - an ARPA file, section by section.
 *
 * Neighbouring lines share words, at whichever end they are sorted by: a word is first
 * compared with the one at its place on the line before, and only then looked up.
 */
#include "lm/lm_arpa_read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lm/lm_arpa_grams.h"
#include "lm/lm_feed.h"
#include "lm/lm_index.h"
#include "lm/lm_layout.h"

#define UNK_MISSING_LOG10 (-100.0f)   /* as KenLM's readers do */

/* What of a word or line goes into a message. */
enum { SHOWN = 60 };
#define SHOW(s) (int)((s).len < SHOWN ? (s).len : SHOWN), (s).ptr

struct reader {
    struct arpa_lines lines;
    struct wn_arpa_opts opts;
    struct wn_arpa_notes notes;
    struct lm_room room;
    unsigned order;
    uint64_t count[WN_LM_MAX_ORDER + 1];           /* [k]: as the header says */
    struct vocab vocab;
    bool has_special[WN_LM_EOS + 1];
    uint32_t last[WN_LM_MAX_ORDER];                /* words of the line before */
    struct arpa_grams grams[WN_LM_MAX_ORDER + 1];
    uint64_t *word_hash;
};

static bool is_blank(struct wn_str line)
{
    return arpa_skip_spaces(line.ptr, line.ptr + line.len) == line.ptr + line.len;
}

static struct wn_str trim(struct wn_str s)
{
    const char *end = s.ptr + s.len;

    s.ptr = arpa_skip_spaces(s.ptr, end);
    while (end > s.ptr && arpa_is_space(end[-1]))
        end--;
    s.len = (size_t)(end - s.ptr);
    return s;
}

static bool starts_with(struct wn_str s, const char *z)
{
    size_t n = strlen(z);

    return s.len >= n && memcmp(s.ptr, z, n) == 0;
}

/* The next line that is not blank, trimmed; EXPECTED is what a file that ends lacks. */
static enum wn_status next_filled(struct reader *r, const char *expected, struct wn_str *line, struct wn_err *err)
{
    enum wn_status st;

    do {
        st = arpa_lines_next(&r->lines, line, err);
        if (st == WN_END && r->lines.number == 0)
            return wn_fail(err, WN_BADDATA, "cannot read the ARPA file '%s': it is empty", r->lines.name);
        if (st == WN_END)
            return arpa_lines_fail(&r->lines, err, WN_BADDATA, "the file ends before '%s'", expected);
    } while (st == WN_OK && is_blank(*line));
    if (st == WN_OK)
        *line = trim(*line);
    return st;
}

/* ---- the header ------------------------------------------------------------------------ */

static enum wn_status refuse_head(struct reader *r, struct wn_str line, struct wn_err *err)
{
    if (starts_with(line, "\x1F\x8B") || starts_with(line, "\x28\xB5\x2F\xFD"))
        return wn_fail(err, WN_BADDATA, "cannot read the ARPA file '%s': it is compressed: decompress it first",
                       r->lines.name);
    return arpa_lines_fail(&r->lines, err, WN_BADDATA,
                           "expected '\\data\\', found '%.*s' (before it only lines that start with '#' may stand)",
                           SHOW(line));
}

static enum wn_status find_data(struct reader *r, struct wn_err *err)
{
    struct wn_str line;
    enum wn_status st;

    do
        st = next_filled(r, "\\data\\", &line, err);
    while (st == WN_OK && line.ptr[0] == '#');
    if (st == WN_OK && !wn_str_eq(line, WN_STR("\\data\\")))
        st = refuse_head(r, line, err);
    return st;
}

/* Reads a whole number at *P; false when there is none, or it does not fit. */
static bool read_count(const char **p, const char *end, uint64_t *out)
{
    const char *start = *p;

    *out = 0;
    for (; *p < end && **p >= '0' && **p <= '9'; ++*p)
        if (__builtin_mul_overflow(*out, 10, out) || __builtin_add_overflow(*out, (uint64_t)(**p - '0'), out))
            return false;
    return *p > start;
}

/* "ngram 2=1234", spaces allowed between all parts. */
static bool parse_count(struct wn_str line, uint64_t *order, uint64_t *count)
{
    const char *p = line.ptr, *end = line.ptr + line.len;

    if (!starts_with(line, "ngram") || line.len < 6 || !arpa_is_space(line.ptr[5]))
        return false;
    p = arpa_skip_spaces(p + 5, end);
    if (!read_count(&p, end, order))
        return false;
    p = arpa_skip_spaces(p, end);
    if (p == end || *p != '=')
        return false;
    p = arpa_skip_spaces(p + 1, end);
    return read_count(&p, end, count) && p == end;
}

static enum wn_status take_count(struct reader *r, struct wn_str line, struct wn_err *err)
{
    uint64_t order, count;

    if (!parse_count(line, &order, &count))
        return arpa_lines_fail(&r->lines, err, WN_BADDATA,
                               "expected 'ngram %u=' and a number, or a blank line, found '%.*s'", r->order + 1,
                               SHOW(line));
    if (order != r->order + 1)
        return arpa_lines_fail(&r->lines, err, WN_BADDATA, "expected 'ngram %u=', found '%.*s'", r->order + 1,
                               SHOW(line));
    if (order > WN_LM_MAX_ORDER)
        return arpa_lines_fail(&r->lines, err, WN_BADDATA, "order %u, but the order of a model is at most %d",
                               r->order + 1, WN_LM_MAX_ORDER);
    if (count > ARPA_MOST_GRAMS)
        return arpa_lines_fail(&r->lines, err, WN_BADDATA, "%llu %u-grams, but a model has at most %u of an order",
                               (unsigned long long)count, r->order + 1, ARPA_MOST_GRAMS);
    r->order++;
    r->count[r->order] = count;
    return WN_OK;
}

/* The counts, up to a blank line. */
static enum wn_status read_counts(struct reader *r, struct wn_err *err)
{
    struct wn_str line;
    enum wn_status st;

    while ((st = arpa_lines_next(&r->lines, &line, err)) == WN_OK && !is_blank(line)) {
        st = take_count(r, trim(line), err);
        if (st != WN_OK)
            return st;
    }
    if (st == WN_END)
        return arpa_lines_fail(&r->lines, err, WN_BADDATA, "the file ends inside its header");
    if (st == WN_OK && r->order == 0)
        st = arpa_lines_fail(&r->lines, err, WN_BADDATA, "expected 'ngram 1=' and a number behind '\\data\\'");
    return st;
}

/* Bytes that the counts promise to take: n-grams, the model, and what builds it. */
static enum wn_status check_memory(const struct reader *r, struct wn_err *err)
{
    double need = 0.0, most = 0.0;
    char what[256];

    for (unsigned k = 1; k <= r->order; k++) {
        need += (double)r->count[k] * (4.0 * k + 14 + 20);
        most = (double)r->count[k] > most ? (double)r->count[k] : most;
    }
    need += 70 * most + 100 * (double)r->count[1] + (1 << 21);      /* words, with their tables */
    snprintf(what, sizeof(what), "read the ARPA file '%.200s' with the counts in its header", r->lines.name);
    return lm_room_afford(&r->room, need < 0x1p62 ? (uint64_t)need : UINT64_C(1) << 62, what, err);
}

/* ---- one n-gram ------------------------------------------------------------------------- */

static enum wn_status read_prob(struct reader *r, const char **at, const char *end, float *prob, struct wn_err *err)
{
    const char *start = arpa_skip_spaces(*at, end), *p = arpa_number(start, end, prob);
    struct wn_str shown = { start, (size_t)(end - start) };

    if (!p || (p < end && !arpa_is_space(*p)) || isnan(*prob))
        return arpa_lines_fail(&r->lines, err, WN_BADDATA, "expected a log-probability, found '%.*s'", SHOW(shown));
    if (p == end || *p != '\t')
        return arpa_lines_fail(&r->lines, err, WN_BADDATA,
                               "expected a TAB behind the log-probability (sed -E 's/^([-+.0-9eE]+) +/\\1\\t/' "
                               "puts it there)");
    *at = p + 1;
    if (*prob > 0.0f) {
        if (!r->opts.positive_to_zero)
            return arpa_lines_fail(&r->lines, err, WN_BADDATA,
                                   "the log-probability %g is above 0 (positive ones can be read as 0)",
                                   (double)*prob);
        r->notes.n_positive++;
    }
    *prob = *prob < 0.0f ? *prob : 0.0f;                   /* no -0 either */
    return WN_OK;
}

/* What may follow the words: nothing, or the back-off weight. */
static enum wn_status read_backoff(struct reader *r, const char *p, const char *end, bool is_top, float *backoff,
                                   struct wn_err *err)
{
    const char *start = arpa_skip_spaces(p, end);
    struct wn_str shown = { start, (size_t)(end - start) };

    *backoff = 0.0f;
    if (start == end)
        return WN_OK;
    p = arpa_number(start, end, backoff);
    if (!p || arpa_skip_spaces(p, end) != end)
        return arpa_lines_fail(&r->lines, err, WN_BADDATA,
                               "expected a back-off weight or the end of the line, found '%.*s'", SHOW(shown));
    if (!isfinite(*backoff))
        return arpa_lines_fail(&r->lines, err, WN_BADDATA, "the back-off weight '%.*s' is not finite", SHOW(shown));
    if (fabsf(*backoff) > LM_BACKOFF_MOST)
        return arpa_lines_fail(&r->lines, err, WN_BADDATA, "the back-off weight '%.*s' is not between -1e6 and 1e6",
                               SHOW(shown));
    if (is_top && *backoff != 0.0f)
        return arpa_lines_fail(&r->lines, err, WN_BADDATA,
                               "the back-off weight '%.*s' at the highest order, which has none", SHOW(shown));
    *backoff += 0.0f;                                      /* -0 becomes 0 */
    return WN_OK;
}

static bool next_word(const char **p, const char *end, struct wn_str *word)
{
    const char *start = arpa_skip_spaces(*p, end), *q = start;

    while (q < end && !arpa_is_space(*q))
        q++;
    *word = (struct wn_str){ start, (size_t)(q - start) };
    *p = q;
    return word->len > 0;
}

static struct wn_str usual_spelling(struct wn_str word)
{
    return wn_str_eq(word, WN_STR("<UNK>")) ? WN_STR("<unk>") : word;
}

/* The id of the word at *P, which moves behind it. */
static enum wn_status read_word(struct reader *r, unsigned k, unsigned j, const char **p, const char *end,
                                uint32_t *id, struct wn_err *err)
{
    struct wn_str guess = vocab_word(&r->vocab, r->last[j]), word;
    const char *start = arpa_skip_spaces(*p, end);

    if ((size_t)(end - start) >= guess.len && memcmp(start, guess.ptr, guess.len) == 0 &&
        (start + guess.len == end || arpa_is_space(start[guess.len]))) {
        *p = start + guess.len;
        *id = r->last[j];
        return WN_OK;
    }
    if (!next_word(p, end, &word))
        return arpa_lines_fail(&r->lines, err, WN_BADDATA, "expected %u words, found %u", k, j);
    *id = vocab_find(&r->vocab, usual_spelling(word));
    if (*id == VOCAB_NONE || (*id <= WN_LM_EOS && *id != WN_LM_UNK && !r->has_special[*id] && !r->opts.allow_missing_markers))
        return arpa_lines_fail(&r->lines, err, WN_BADDATA, "the word '%.*s' is not among the unigrams", SHOW(word));
    r->last[j] = *id;
    return WN_OK;
}

static enum wn_status read_ngram(struct reader *r, unsigned k, struct wn_str line, struct wn_err *err)
{
    const char *p = line.ptr, *end = line.ptr + line.len;
    struct arpa_grams *g = &r->grams[k];
    float prob, backoff;
    enum wn_status st;
    uint32_t *row;

    st = read_prob(r, &p, end, &prob, err);
    if (st != WN_OK)
        return st;
    row = g->n < ARPA_MOST_GRAMS ? arpa_grams_room(g) : NULL;
    if (!row)
        return g->n < ARPA_MOST_GRAMS
                   ? arpa_lines_fail(&r->lines, err, WN_NOMEM, "out of memory for %zu n-grams", g->n)
                   : arpa_lines_fail(&r->lines, err, WN_LIMIT, "more than %u n-grams of an order", ARPA_MOST_GRAMS);
    for (unsigned j = 0; st == WN_OK && j < k; j++)
        st = read_word(r, k, j, &p, end, &row[j], err);
    if (st == WN_OK)
        st = read_backoff(r, p, end, k == r->order, &backoff, err);
    if (st == WN_OK)
        arpa_grams_added(g, prob, backoff);
    return st;
}

/* The header does not say how long the words are: to be asked when there is one more. */
static enum wn_status check_words(const struct reader *r, struct wn_err *err)
{
    uint64_t need = vocab_memory(&r->vocab) + r->lines.cap;
    char what[256];

    if (need <= r->room.memory_bytes)
        return WN_OK;
    snprintf(what, sizeof(what), "read the ARPA file '%.200s' beyond %u words", r->lines.name, r->vocab.n);
    return lm_room_afford(&r->room, need, what, err);
}

/* Unigrams lie by id; of equal ones the first stays, as in KenLM. */
static enum wn_status take_unigram(struct reader *r, struct wn_str word, float prob, float backoff,
                                   struct wn_err *err)
{
    struct arpa_grams *g = &r->grams[1];
    uint32_t before = r->vocab.n, id, *row;
    enum wn_status st = vocab_intern(&r->vocab, usual_spelling(word), &id, err);

    if (st != WN_OK) {
        wn_err_prefix(err, "cannot read the ARPA file '%s': line %llu: ", r->lines.name,
                      (unsigned long long)r->lines.number);
        return st;
    }
    if (id <= WN_LM_EOS && !r->has_special[id]) {
        r->has_special[id] = true;
        g->prob[id] = prob;
        g->backoff[id] = backoff;
        return WN_OK;
    }
    if (id < before) {
        r->notes.n_duplicates++;
        return WN_OK;
    }
    st = check_words(r, err);
    if (st != WN_OK)
        return st;
    row = arpa_grams_room(g);
    if (!row)
        return arpa_lines_fail(&r->lines, err, WN_NOMEM, "out of memory for %zu words", g->n);
    row[0] = id;
    arpa_grams_added(g, prob, backoff);
    return WN_OK;
}

static enum wn_status read_unigram(struct reader *r, unsigned k, struct wn_str line, struct wn_err *err)
{
    const char *p = line.ptr, *end = line.ptr + line.len;
    float prob, backoff;
    struct wn_str word;
    enum wn_status st;

    st = read_prob(r, &p, end, &prob, err);
    if (st == WN_OK && !next_word(&p, end, &word))
        st = arpa_lines_fail(&r->lines, err, WN_BADDATA, "expected a word behind the log-probability");
    if (st == WN_OK)
        st = read_backoff(r, p, end, k == r->order, &backoff, err);
    return st == WN_OK ? take_unigram(r, word, prob, backoff, err) : st;
}

/* ---- sections ------------------------------------------------------------------------------ */

static enum wn_status read_heading(struct reader *r, unsigned k, struct wn_err *err)
{
    struct wn_str line;
    char heading[32];
    enum wn_status st;

    snprintf(heading, sizeof(heading), "\\%u-grams:", k);
    st = next_filled(r, heading, &line, err);
    if (st == WN_OK && !wn_str_eq(line, wn_str(heading)))
        st = k > 1 ? arpa_lines_fail(&r->lines, err, WN_BADDATA,
                                     "expected '%s' behind the %llu %u-grams that the header counts, found '%.*s'",
                                     heading, (unsigned long long)r->count[k - 1], k - 1, SHOW(line))
                   : arpa_lines_fail(&r->lines, err, WN_BADDATA, "expected '%s', found '%.*s'", heading, SHOW(line));
    return st;
}

static enum wn_status read_section(struct reader *r, unsigned k, struct wn_err *err)
{
    enum wn_status st = read_heading(r, k, err);

    memset(r->last, 0, sizeof(r->last));
    for (uint64_t i = 0; st == WN_OK && i < r->count[k]; i++) {
        struct wn_str line;

        do
            st = arpa_lines_next(&r->lines, &line, err);
        while (st == WN_OK && is_blank(line));
        if (st == WN_END || (st == WN_OK && line.ptr[0] == '\\'))
            return arpa_lines_fail(&r->lines, err, WN_BADDATA, "the header counts %llu %u-grams, only %llu came",
                                   (unsigned long long)r->count[k], k, (unsigned long long)i);
        if (st == WN_OK)
            st = k == 1 ? read_unigram(r, k, line, err) : read_ngram(r, k, line, err);
    }
    return st;
}

static enum wn_status read_end(struct reader *r, struct wn_err *err)
{
    struct wn_str line;
    enum wn_status st = next_filled(r, "\\end\\", &line, err);

    if (st == WN_OK && !wn_str_eq(line, WN_STR("\\end\\")))
        return arpa_lines_fail(&r->lines, err, WN_BADDATA,
                               "expected '\\end\\' behind the %llu %u-grams that the header counts, found '%.*s'",
                               (unsigned long long)r->count[r->order], r->order, SHOW(line));
    while (st == WN_OK) {
        st = arpa_lines_next(&r->lines, &line, err);
        if (st == WN_OK && !is_blank(line))
            return arpa_lines_fail(&r->lines, err, WN_BADDATA, "'%.*s' behind '\\end\\'", SHOW(trim(line)));
    }
    return st == WN_END ? WN_OK : st;
}

/* The three special words, not seen yet. */
static enum wn_status begin_unigrams(struct reader *r, struct wn_err *err)
{
    struct arpa_grams *g = &r->grams[1];
    enum wn_status st = vocab_init(&r->vocab, err);

    for (uint32_t id = 0; st == WN_OK && id <= WN_LM_EOS; id++) {
        uint32_t *row = arpa_grams_room(g);

        if (!row)
            return wn_fail(err, WN_NOMEM, "cannot read the ARPA file '%s': out of memory", r->lines.name);
        row[0] = id;
        arpa_grams_added(g, id == WN_LM_UNK ? UNK_MISSING_LOG10 : LM_LOG_ZERO, 0.0f);
    }
    return st;
}

static enum wn_status check_specials(struct reader *r, struct wn_err *err)
{
    r->notes.unk_missing = !r->has_special[WN_LM_UNK];
    for (uint32_t id = WN_LM_BOS; id <= WN_LM_EOS; id++) {
        struct wn_str word = vocab_word(&r->vocab, id);

        if (!r->has_special[id] && !r->opts.allow_missing_markers)
            return arpa_lines_fail(&r->lines, err, WN_BADDATA,
                                   "'%.*s' is not among the unigrams before this line (a missing one can be added)",
                                   WN_STR_ARG(word));
    }
    return WN_OK;
}

static enum wn_status read_file(struct reader *r, struct wn_err *err)
{
    enum wn_status st = find_data(r, err);

    if (st == WN_OK)
        st = read_counts(r, err);
    if (st == WN_OK)
        st = check_memory(r, err);
    if (st == WN_OK)
        st = begin_unigrams(r, err);
    for (unsigned k = 1; st == WN_OK && k <= r->order; k++) {
        st = read_section(r, k, err);
        if (st == WN_OK && k == 1)
            st = check_specials(r, err);
        if (st == WN_OK && k > 1)
            st = arpa_grams_sort(&r->grams[k], r->vocab.n, &r->notes.n_duplicates, r->room.stop, err);
    }
    if (st == WN_OK)
        st = read_end(r, err);
    return st;
}

/* ---- to the consumers ------------------------------------------------------------------------ */

static enum wn_status fill_block(void *ctx, unsigned order, uint64_t first, size_t n, const struct lm_feed_arrays *a,
                                 struct wn_err *err)
{
    const struct arpa_grams *g = &((const struct reader *)ctx)->grams[order];

    (void)err;
    memcpy(a->words, arpa_row(g, first), n * order * sizeof(*a->words));
    memcpy(a->prob, g->prob + first, n * sizeof(*a->prob));
    memcpy(a->backoff, g->backoff + first, n * sizeof(*a->backoff));
    if (g->left)
        memcpy(a->left, g->left + first, n * sizeof(*a->left));
    for (size_t i = 0; g->suffix && i < n; i++)
        a->suffix[i] = g->suffix[first + i];
    return WN_OK;
}

static enum wn_status feed(struct reader *r, const struct lm_consumer *const *consumers, size_t n,
                           struct wn_err *err)
{
    struct lm_shape shape = { .order = r->order, .tokenizer = r->opts.tokenizer, .smoothing = WN_SMOOTH_OTHER };
    struct lm_feed *f = NULL;
    enum wn_status st;

    shape.vocab = &r->vocab;
    for (unsigned k = 1; k <= r->order; k++)
        shape.n[k] = r->grams[k].n;
    st = lm_word_hashes(&r->vocab, &shape.hash_seed, &r->word_hash, err);
    shape.word_hash = r->word_hash;
    if (st == WN_OK)
        st = arpa_link(r->grams, r->order, r->word_hash, err);
    if (st == WN_OK)
        st = lm_feed_begin(&f, &shape, consumers, n, &r->room, err);
    for (unsigned k = 1; st == WN_OK && k <= r->order; k++) {
        st = lm_feed_order(f, k, true, fill_block, r, err);
        arpa_grams_release(&r->grams[k]);
    }
    if (st == WN_OK)
        st = lm_feed_end(f, err);
    lm_feed_free(f);
    return st;
}

enum wn_status lm_arpa_read(lm_arpa_read_fn *read, void *arg, const char *name, const struct wn_arpa_opts *opts,
                            struct wn_arpa_notes *notes, const struct lm_consumer *const *consumers, size_t n,
                            struct wn_err *err)
{
    struct reader r = { .lines = { .read = read, .arg = arg, .name = name }, .opts = *opts };
    enum wn_status st;

    r.room = lm_room_of(&opts->room);
    r.lines.stop = r.room.stop;
    r.lines.most_bytes = opts->room.memory_bytes ? r.room.memory_bytes : 0;
    for (unsigned k = 1; k <= WN_LM_MAX_ORDER; k++)
        r.grams[k].k = k;
    st = read_file(&r, err);
    arpa_lines_release(&r.lines);
    if (st == WN_OK)
        st = arpa_close(r.grams, r.order, &r.notes.n_holes, r.room.stop, err);
    if (st == WN_OK)
        st = feed(&r, consumers, n, err);
    if (notes)
        *notes = r.notes;
    for (unsigned k = 1; k <= WN_LM_MAX_ORDER; k++)
        arpa_grams_release(&r.grams[k]);
    vocab_release(&r.vocab);
    free(r.word_hash);
    return st;
}
