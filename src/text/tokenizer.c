/*
 * tokenizer.c - text to tokens, three ways.
 */
#include "base/utf8.h"
#include "text/char_class.h"
#include "text/codepoint.h"

enum { APOSTROPHE = '\'', HYPHEN = '-', RIGHT_QUOTE = 0x2019 };

static const char *const tokenizer_names[] = {
    [WN_TOK_WHITESPACE] = "whitespace",
    [WN_TOK_WORDS] = "words",
    [WN_TOK_FOLDED] = "folded",
};
enum { N_TOKENIZERS = sizeof(tokenizer_names) / sizeof(tokenizer_names[0]) };

const char *wn_tokenizer_name(enum wn_tokenizer t)
{
    return (unsigned)t < N_TOKENIZERS ? tokenizer_names[t] : "unknown";
}

bool wn_tokenizer_parse(struct wn_str s, enum wn_tokenizer *out)
{
    for (unsigned i = 0; i < N_TOKENIZERS; i++) {
        if (wn_str_eq(s, wn_str(tokenizer_names[i]))) {
            *out = (enum wn_tokenizer)i;
            return true;
        }
    }
    return false;
}

/* ---- a list of views that grows in the arena -------------------------------------- */

struct token_list {
    struct wn_arena *arena;
    struct wn_str *item;
    size_t n, cap;
};

static bool token_push(struct token_list *l, struct wn_str token)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 16, bytes;
        struct wn_str *more;

        if (!wn_mul_ok(cap, sizeof(*more), &bytes) || !(more = wn_arena_alloc(l->arena, bytes)))
            return false;
        if (l->n > 0)
            memcpy(more, l->item, l->n * sizeof(*more));
        l->item = more;
        l->cap = cap;
    }
    l->item[l->n++] = token;
    return true;
}

/* ---- whitespace --------------------------------------------------------------------- */

/* lmplz's separators and the end of a line; VT, FF and Unicode spaces are word bytes. */
static bool is_separator(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\0';
}

static bool split_whitespace(struct token_list *l, struct wn_str text)
{
    const char *p = text.ptr, *end = text.ptr + text.len;

    while (p < end) {
        const char *start = p;

        while (p < end && !is_separator(*p))
            p++;
        if (p > start && !token_push(l, (struct wn_str){ start, (size_t)(p - start) }))
            return false;
        if (p < end)
            p++;
    }
    return true;
}

/* ---- words ---------------------------------------------------------------------------- */

static bool in_word(enum char_class k)
{
    return k == CHAR_LETTER || k == CHAR_MARK || k == CHAR_DIGIT;
}

static bool is_connector(uint32_t c)
{
    return c == APOSTROPHE || c == HYPHEN || c == RIGHT_QUOTE;
}

/* Whether the next visible code point from POS on is a letter. */
static bool letter_follows(struct wn_str text, size_t pos)
{
    while (pos < text.len) {
        enum char_class k = char_class(codepoint_next(text, &pos));

        if (k != CHAR_FORMAT)
            return k == CHAR_LETTER;
    }
    return false;
}

/* The end of the word whose first code point, of class LAST, ends at POS.  Invisible
 * format characters do not end a word; those behind its last letter are left out. */
static size_t word_end(struct wn_str text, size_t pos, enum char_class last)
{
    size_t end = pos;

    while (pos < text.len) {
        uint32_t c = codepoint_next(text, &pos);
        enum char_class k = char_class(c);

        if (in_word(k)) {
            end = pos;
            last = k;
        } else if (k != CHAR_FORMAT && !(is_connector(c) && last != CHAR_DIGIT && letter_follows(text, pos))) {
            break;
        }
    }
    return end;
}

/* ---- folding ---------------------------------------------------------------------------- */

static uint32_t fold(uint32_t c)
{
    if (c >= 0x2018 && c <= 0x201B)
        return '\'';
    if (c >= 0x201C && c <= 0x201F)
        return '"';
    return char_is_decimal(c) ? '0' : char_lower(c);
}

/* Writes S folded to OUT (NULL: only measures) and returns its length; *SAME tells
 * whether folding changes nothing. */
static size_t fold_to(struct wn_str s, char *out, bool *same)
{
    size_t n = 0, pos = 0;

    *same = true;
    while (pos < s.len) {
        uint32_t c = codepoint_next(s, &pos), f;
        char bytes[4];
        size_t len;

        if (c >= 0x80 && char_class(c) == CHAR_FORMAT) {
            *same = false;                  /* invisible: as if it were not there */
            continue;
        }
        f = fold(c);
        *same = *same && f == c;
        len = utf8_put(bytes, f);
        if (out)
            memcpy(out + n, bytes, len);
        n += len;
    }
    return n;
}

static bool push_folded(struct token_list *l, struct wn_str token)
{
    bool same;
    size_t len = fold_to(token, NULL, &same);
    char *copy;

    if (same)
        return token_push(l, token);
    copy = wn_arena_alloc(l->arena, len);
    if (!copy)
        return false;
    fold_to(token, copy, &same);
    return token_push(l, (struct wn_str){ copy, len });
}

static bool split_words(struct token_list *l, struct wn_str text, bool folded)
{
    size_t pos = 0;

    while (pos < text.len) {
        size_t start = pos, end;
        enum char_class k = char_class(codepoint_next(text, &pos));
        struct wn_str token;

        if (k == CHAR_SPACE || k == CHAR_FORMAT)
            continue;
        end = in_word(k) ? word_end(text, pos, k) : pos;
        token = (struct wn_str){ text.ptr + start, end - start };
        if (!(folded ? push_folded(l, token) : token_push(l, token)))
            return false;
        pos = end;
    }
    return true;
}

enum wn_status wn_tokenize(enum wn_tokenizer t, struct wn_str text, struct wn_arena *a,
                           struct wn_tokens *out, struct wn_err *err)
{
    struct token_list l = { .arena = a };
    bool done;

    if ((unsigned)t >= N_TOKENIZERS)
        return wn_fail(err, WN_BADCONF, "cannot tokenize: no tokenizer has the number %u", (unsigned)t);
    done = t == WN_TOK_WHITESPACE ? split_whitespace(&l, text) : split_words(&l, text, t == WN_TOK_FOLDED);
    if (!done)
        return wn_fail(err, WN_NOMEM, "cannot tokenize a text of %zu bytes: out of memory", text.len);
    out->item = l.item;
    out->n = l.n;
    return WN_OK;
}
