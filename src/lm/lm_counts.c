/*
 * lm_counts.c - collect a text as word ids: the object, its ids, merging.
 */
#include "lm/lm_counts.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_IDS = 4096, LEAST_SPILL = 1 << 16, MOST_SPILL = 1 << 24 };
static const uint64_t MAX_TOKENS = INT64_MAX;

/* ---- the object --------------------------------------------------------------------- */

static enum wn_status check_opts(const struct wn_counts_opts *o, struct wn_err *err)
{
    const struct lm_room room = lm_room_of(&o->room);

    if (o->order < 1 || o->order > WN_LM_MAX_ORDER)
        return wn_fail(err, WN_BADCONF, "cannot count n-grams of order %u: 1 to %d are possible", o->order,
                       WN_LM_MAX_ORDER);
    if ((unsigned)o->tokenizer > WN_TOK_FOLDED)
        return wn_fail(err, WN_BADCONF, "cannot count n-grams: no tokenizer has the number %u",
                       (unsigned)o->tokenizer);
    return lm_room_afford(&room, LM_ROOM_LEAST, "count n-grams", err);
}

/* A folder that somebody names is tried before any text is read, which may take hours. */
static enum wn_status check_tmp(const struct lm_room *room, struct wn_err *err)
{
    const char *dir = getenv("TMPDIR");
    struct lm_temp *t = NULL;
    enum wn_status st = room->tmp_dir || (dir && *dir) ? lm_temp_new(&t, true, room->tmp_dir, err) : WN_OK;

    lm_temp_free(t);
    return st;
}

enum wn_status wn_counts_open(struct wn_counts **out, const struct wn_counts_opts *opts, struct wn_err *err)
{
    struct wn_counts *c;
    enum wn_status st = check_opts(opts, err);

    *out = NULL;
    if (st != WN_OK)
        return st;
    c = calloc(1, sizeof(*c));
    if (!c)
        return wn_fail(err, WN_NOMEM, "cannot count n-grams: out of memory");
    c->order = opts->order;
    c->tokenizer = opts->tokenizer;
    c->skip_specials = opts->skip_specials;
    c->room = lm_room_of(&opts->room);
    if (opts->room.memory_bytes) {               /* an eighth of the room for ids */
        uint64_t ids = c->room.memory_bytes / 8 / sizeof(c->ids[0]);

        c->spill_ids = ids < LEAST_SPILL ? LEAST_SPILL : ids > MOST_SPILL ? MOST_SPILL : (size_t)ids;
    }
    if (opts->room.tmp_dir)
        c->tmp_dir = strdup(opts->room.tmp_dir);
    c->room.tmp_dir = c->tmp_dir;
    st = opts->room.tmp_dir && !c->tmp_dir ? wn_fail(err, WN_NOMEM, "cannot count n-grams: out of memory")
                                           : vocab_init(&c->vocab, err);
    if (st == WN_OK && c->spill_ids)
        st = check_tmp(&c->room, err);
    if (st == WN_OK)
        *out = c;
    else
        wn_counts_free(c);
    return st;
}

enum wn_status wn_counts_new(struct wn_counts **out, unsigned order, enum wn_tokenizer tok, struct wn_err *err)
{
    const struct wn_counts_opts opts = { .order = order, .tokenizer = tok };

    return wn_counts_open(out, &opts, err);
}

void counts_drop_text(struct wn_counts *c)
{
    c->tokens_counted = wn_counts_tokens(c);
    c->is_used = true;
    c->n_sentences = 0;
    free(c->ids);
    free(c->block);
    lm_temp_free(c->spilled);
    c->ids = NULL;
    c->block = NULL;
    c->spilled = NULL;
    c->n = c->cap = c->n_blocks = c->cap_blocks = 0;
    while (c->counted) {
        struct counted *next = c->counted->next;

        counted_free(c->counted);
        c->counted = next;
    }
}

void wn_counts_free(struct wn_counts *c)
{
    if (!c)
        return;
    counts_drop_text(c);
    vocab_release(&c->vocab);
    wn_arena_release(&c->scratch);
    free(c->tmp_dir);
    free(c);
}

uint64_t counts_spilled(const struct wn_counts *c)
{
    return (uint64_t)c->n_blocks * c->spill_ids;
}

uint64_t counts_ids(const struct wn_counts *c)
{
    return counts_spilled(c) + c->n;
}

uint64_t wn_counts_tokens(const struct wn_counts *c)
{
    return counts_ids(c) - c->n_sentences + c->tokens_counted;
}

uint64_t wn_counts_types(const struct wn_counts *c)
{
    return c->vocab.n;
}

uint64_t counts_memory(const struct wn_counts *c)
{
    uint64_t sum = vocab_memory(&c->vocab) + (uint64_t)c->cap * sizeof(c->ids[0]) +
                   (uint64_t)c->cap_blocks * sizeof(c->block[0]);

    for (const struct counted *d = c->counted; d; d = d->next) {
        sum += d->cap * sizeof(d->block[0]);
        if (d->n_blocks && lm_temp_view(d->temp, d->block[0].at))
            sum += lm_temp_bytes(d->temp);
    }
    return sum;
}

enum wn_status counts_check(const struct wn_counts *c, struct wn_err *err)
{
    uint64_t least;
    char what[64];

    if (c->lost)
        return wn_fail(err, WN_IO, "cannot count n-grams: what was counted is lost");
    if (c->is_used)
        return wn_fail(err, WN_BADCONF, "cannot count n-grams: these counts were used up by a model");
    if (c->room.stop && atomic_load_explicit(c->room.stop, memory_order_relaxed))
        return wn_fail(err, WN_CANCELLED, "counting was cancelled");
    if (c->room.memory_bytes == UINT64_MAX)
        return WN_OK;
    least = vocab_memory(&c->vocab) * 2 + LM_ROOM_LEAST / 2;      /* twice: it grows by copying */
    if (c->room.memory_bytes >= least)
        return WN_OK;
    snprintf(what, sizeof(what), "count n-grams with %u words", c->vocab.n);
    return lm_room_afford(&c->room, least, what, err);
}

/* ---- ids ------------------------------------------------------------------------------ */

static enum wn_status add_block(struct wn_counts *c, struct wn_err *err)
{
    uint64_t at, *more;
    enum wn_status st = WN_OK;

    if (!c->spilled)
        st = lm_temp_new(&c->spilled, true, c->tmp_dir, err);
    if (st == WN_OK && c->n_blocks == c->cap_blocks) {
        size_t cap = c->cap_blocks ? c->cap_blocks * 2 : 16;

        more = realloc(c->block, cap * sizeof(*more));
        if (!more)
            return wn_fail(err, WN_NOMEM, "cannot count %llu tokens: out of memory", (unsigned long long)counts_ids(c));
        c->block = more;
        c->cap_blocks = cap;
    }
    if (st == WN_OK)
        st = lm_temp_put(c->spilled, c->ids, c->n * sizeof(c->ids[0]), &at, err);
    if (st != WN_OK)
        return st;
    c->block[c->n_blocks++] = at;
    c->n = 0;
    return WN_OK;
}

/* Makes the buffer larger, up to MOST. */
static enum wn_status grow_ids(struct wn_counts *c, size_t extra, size_t most, struct wn_err *err)
{
    size_t want, cap = c->cap ? c->cap : FIRST_IDS;
    uint32_t *more;

    if (!wn_add_ok(c->n, extra, &want) || want > most)
        want = most;
    while (cap < want)
        cap += cap / 2;
    if (cap > most)
        cap = most;
    more = realloc(c->ids, cap * sizeof(*more));
    if (!more)
        return wn_fail(err, WN_NOMEM, "cannot count %zu tokens: out of memory", want);
    c->ids = more;
    c->cap = cap;
    return WN_OK;
}

enum wn_status counts_room(struct wn_counts *c, size_t extra, size_t *got, struct wn_err *err)
{
    const size_t most = c->spill_ids ? c->spill_ids : SIZE_MAX / sizeof(c->ids[0]) / 4;
    enum wn_status st = WN_OK;

    if (c->n == most)
        st = c->spill_ids ? add_block(c, err)
                          : wn_fail(err, WN_LIMIT, "cannot count more than %zu tokens in memory", most);
    if (st == WN_OK && c->cap - c->n < extra && c->cap < most)
        st = grow_ids(c, extra, most, err);
    *got = c->cap - c->n < extra ? c->cap - c->n : extra;
    return st;
}

enum wn_status counts_read(const struct wn_counts *c, uint64_t at, uint32_t *to, size_t *n, struct wn_err *err)
{
    const size_t from = (size_t)(at % c->spill_ids), left = c->spill_ids - from;

    *n = *n < left ? *n : left;
    return lm_temp_get(c->spilled, c->block[at / c->spill_ids] + from * sizeof(*to), to, *n * sizeof(*to), err);
}

struct counts_mark counts_mark(const struct wn_counts *c)
{
    return (struct counts_mark){ c->n, c->n_blocks, c->n_sentences, c->vocab.n };
}

enum wn_status counts_back(struct wn_counts *c, const struct counts_mark *m, enum wn_status st, struct wn_err *err)
{
    if (c->n_blocks > m->n_blocks) {             /* the end of then is in a block of now */
        size_t n = m->n;
        enum wn_status read = counts_read(c, (uint64_t)m->n_blocks * c->spill_ids, c->ids, &n, err);

        c->lost = c->lost || read != WN_OK;
        st = read != WN_OK ? read : st;
        c->n_blocks = m->n_blocks;
    }
    c->n = m->n;
    c->n_sentences = m->n_sentences;
    vocab_truncate(&c->vocab, m->n_words);
    return st;
}

/* ---- adding ---------------------------------------------------------------------------- */

bool counts_is_word(const struct wn_counts *c, struct wn_str t)
{
    bool separates = t.len == 0;

    if (c->tokenizer != WN_TOK_WHITESPACE)
        return true;
    for (size_t i = 0; i < t.len; i++)
        separates |= t.ptr[i] == ' ' || t.ptr[i] == '\n' || t.ptr[i] == '\t' || t.ptr[i] == '\r' || t.ptr[i] == '\0';
    return !separates;
}

static enum wn_status push(struct wn_counts *c, uint32_t id, struct wn_err *err)
{
    enum wn_status st = WN_OK;
    size_t got;

    if (c->n == c->cap)
        st = counts_room(c, 1, &got, err);
    if (st == WN_OK)
        c->ids[c->n++] = id;
    return st;
}

static enum wn_status add_words(struct wn_counts *c, const struct wn_tokens *sentence, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (size_t i = 0; st == WN_OK && i < sentence->n; i++) {
        uint32_t id;

        if (i % 4096 == 4095 && (st = counts_check(c, err)) != WN_OK)
            break;
        if (!counts_is_word(c, sentence->item[i]))
            return wn_fail(err, WN_BADDATA, "cannot count a sentence: token %zu, '%.*s', %s", i + 1,
                           WN_STR_ARG(sentence->item[i]),
                           sentence->item[i].len == 0 ? "is empty" : "has white space in it");
        st = vocab_intern(&c->vocab, sentence->item[i], &id, err);
        if (st != WN_OK || (id <= WN_LM_EOS && c->skip_specials))
            continue;
        if (id <= WN_LM_EOS)
            return wn_fail(err, WN_BADDATA, "cannot count a sentence: token %zu is the reserved word '%.*s'", i + 1,
                           WN_STR_ARG(sentence->item[i]));
        st = push(c, id, err);
    }
    return st;
}

enum wn_status wn_counts_add(struct wn_counts *c, const struct wn_tokens *sentence, struct wn_err *err)
{
    const struct counts_mark m = counts_mark(c);
    enum wn_status st = counts_check(c, err);

    if (st != WN_OK)
        return st;
    st = push(c, WN_LM_BOS, err);
    if (st == WN_OK)
        st = add_words(c, sentence, err);
    if (st == WN_OK)
        st = push(c, WN_LM_EOS, err);
    if (st != WN_OK)
        return counts_back(c, &m, st, err);
    c->n_sentences++;
    return WN_OK;
}

enum wn_status wn_counts_add_text(struct wn_counts *c, struct wn_str text, struct wn_err *err)
{
    const struct counts_mark m = counts_mark(c);
    struct wn_tokens t;
    uint64_t line = 1;
    enum wn_status st = counts_check(c, err);

    if (st != WN_OK)
        return st;
    if (c->tokenizer != WN_TOK_WHITESPACE) {
        wn_arena_reset(&c->scratch);
        st = wn_tokenize(c->tokenizer, text, &c->scratch, &t, err);
        return st == WN_OK ? wn_counts_add(c, &t, err) : st;
    }
    st = counts_add_lines(c, text, &line, err);
    if (st == WN_OK)
        return WN_OK;
    if (st == WN_BADDATA)
        wn_err_prefix(err, "line %llu: ", (unsigned long long)line);
    return counts_back(c, &m, st, err);
}

/* ---- merging ----------------------------------------------------------------------------- */

static enum wn_status append_ids(struct wn_counts *into, const uint32_t *ids, size_t n, const uint32_t *id_of,
                                 struct wn_err *err)
{
    while (n > 0) {
        size_t got;
        enum wn_status st = counts_check(into, err);

        if (st == WN_OK)
            st = counts_room(into, n, &got, err);
        if (st != WN_OK)
            return st;
        for (size_t i = 0; i < got; i++)
            into->ids[into->n + i] = id_of[ids[i]];
        into->n += got;
        ids += got;
        n -= got;
    }
    return WN_OK;
}

static enum wn_status merge_text(struct wn_counts *into, const struct wn_counts *from, const uint32_t *id_of,
                                 struct wn_err *err)
{
    enum { PIECE = 1 << 16 };
    uint32_t *ids = from->n_blocks ? malloc(PIECE * sizeof(*ids)) : NULL;
    enum wn_status st = WN_OK;

    if (from->n_blocks && !ids)
        return wn_fail(err, WN_NOMEM, "cannot merge counts: out of memory");
    for (uint64_t at = 0; st == WN_OK && at < counts_spilled(from);) {
        size_t n = PIECE;

        st = counts_read(from, at, ids, &n, err);
        if (st == WN_OK)
            st = append_ids(into, ids, n, id_of, err);
        at += n;
    }
    free(ids);
    if (st == WN_OK)
        st = append_ids(into, from->ids, from->n, id_of, err);
    if (st == WN_OK)
        into->n_sentences += from->n_sentences;
    return st;
}

/* *OUT: all that count files brought FROM, in the ids of INTO. */
static enum wn_status merge_counted(struct counted **out, struct wn_counts *into, const struct wn_counts *from,
                                    const uint32_t *id_of, struct wn_err *err)
{
    struct counted_walk w;
    enum wn_status st;

    if (!from->counted)
        return WN_OK;
    st = counted_new(out, into, err);
    if (st != WN_OK)
        return st;
    if (!counted_walk_init(&w, from))
        st = wn_fail(err, WN_NOMEM, "cannot merge counts: out of memory");
    while (st == WN_OK && (st = counted_walk_next(&w, err)) == WN_OK) {
        for (size_t i = 0; i < (size_t)w.n * from->order; i++)
            w.words[i] = id_of[w.words[i]];          /* <unk>, the filling, stays 0 */
        st = counted_put(*out, from->order, w.count, w.words, w.n, err);
    }
    counted_walk_release(&w);
    for (const struct counted *d = from->counted; d; d = d->next) {
        (*out)->tokens += d->tokens;
        (*out)->sentences += d->sentences;
    }
    return st == WN_END ? WN_OK : st;
}

static enum wn_status merge_all(struct wn_counts *into, const struct wn_counts *from, uint32_t *id_of,
                                struct wn_err *err)
{
    struct counted *d = NULL;
    enum wn_status st = counts_check(into, err);

    if (st == WN_OK && wn_counts_tokens(into) > MAX_TOKENS - wn_counts_tokens(from))
        st = wn_fail(err, WN_LIMIT, "cannot merge counts: more than %lld tokens", (long long)MAX_TOKENS);
    for (uint32_t i = 0; st == WN_OK && i < from->vocab.n; i++)
        st = vocab_intern(&into->vocab, vocab_word(&from->vocab, i), &id_of[i], err);
    if (st == WN_OK)
        st = merge_counted(&d, into, from, id_of, err);
    if (st == WN_OK)
        st = merge_text(into, from, id_of, err);
    if (st == WN_OK && d) {
        st = counted_take(into, d, err);
        d = st == WN_OK ? NULL : d;
    }
    counted_free(d);
    return st;
}

enum wn_status wn_counts_merge(struct wn_counts *into, const struct wn_counts *from, struct wn_err *err)
{
    const struct counts_mark m = counts_mark(into);
    uint32_t *id_of;
    enum wn_status st;

    if (into == from)
        return wn_fail(err, WN_BADCONF, "cannot merge counts with themselves");
    if (from->is_used)
        return wn_fail(err, WN_BADCONF, "cannot merge counts that were used up by a model");
    if (into->order != from->order || into->tokenizer != from->tokenizer)
        return wn_fail(err, WN_BADCONF, "cannot merge counts: order %u of %s and order %u of %s", into->order,
                       wn_tokenizer_name(into->tokenizer), from->order, wn_tokenizer_name(from->tokenizer));
    id_of = malloc((size_t)from->vocab.n * sizeof(*id_of));
    if (!id_of)
        return wn_fail(err, WN_NOMEM, "cannot merge counts: out of memory");
    st = merge_all(into, from, id_of, err);
    if (st != WN_OK)
        st = counts_back(into, &m, st, err);
    free(id_of);
    return st;
}
