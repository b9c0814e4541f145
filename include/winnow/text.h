/*
 * text.h - code points and words.
 */
#ifndef WINNOW_TEXT_H
#define WINNOW_TEXT_H

#include <winnow/arena.h>

/* The offset of the first invalid byte, or s.len when S is valid UTF-8 (RFC 3629:
 * no overlong forms, no surrogates, nothing above U+10FFFF). */
size_t wn_utf8_check(struct wn_str s);
/* Decodes one code point at *POS of a valid string and moves *POS behind it. */
uint32_t wn_utf8_next(struct wn_str s, size_t *pos);
/* Appends C (a scalar value) as UTF-8. */
void wn_utf8_add(struct wn_buf *out, uint32_t c);
/* Code points of a valid string. */
uint64_t wn_utf8_count(struct wn_str s);

/* How text becomes tokens.  The numbers are stored in model files. */
enum wn_tokenizer {
    /* Separated by NUL, TAB, CR, SPACE, one sentence a line: KenLM's lmplz. */
    WN_TOK_WHITESPACE = 0,
    /* Words: maximal runs of letters, marks and digits, with single ' or ’ or -
     * between letters inside; every other visible code point is a token by itself.
     * Invisible ones (format characters, variation selectors) stay inside a word and
     * are left out elsewhere.  Case is kept; the views live in the text.
     * wn_words_join is its inverse on token sequences. */
    WN_TOK_WORDS = 1,
    /* WN_TOK_WORDS, lower-cased (simple mapping), digits folded to 0, curly quotes
     * to straight ones, invisible code points removed: for perplexity, not for
     * sampling. */
    WN_TOK_FOLDED = 2
};
const char *wn_tokenizer_name(enum wn_tokenizer t);
bool wn_tokenizer_parse(struct wn_str s, enum wn_tokenizer *out);

/* The next sentence of a running TEXT (valid UTF-8) from *POS on, which moves behind it; false
 * at the end.  Without white space around it, never empty.  By rules, not learnt: a stop
 * (. ! ? and those of other scripts) with white space and no small letter behind it, or a
 * blank line; not behind initials and a few abbreviations. */
bool wn_sentence_next(struct wn_str text, size_t *pos, struct wn_str *out);

/* Tokens of one text.  The views live in the text, or in the arena where folding
 * changed them. */
struct wn_tokens {
    struct wn_str *item;
    size_t n;
};
/* Splits TEXT (valid UTF-8 for WORDS and FOLDED; any bytes for WHITESPACE). */
enum wn_status wn_tokenize(enum wn_tokenizer t, struct wn_str text, struct wn_arena *a,
                           struct wn_tokens *out, struct wn_err *err);

/* Writes N tokens as readable text: one space between words, none before . , ; : ! ? ) ]
 * and none after ( [.  Tokenizing the result (WORDS) gives the same tokens. */
void wn_words_join(struct wn_buf *out, const struct wn_str *token, size_t n);
/* Whether wn_words_join puts a space between two tokens. */
bool wn_words_space(struct wn_str left, struct wn_str right);

/* Appends TEXT (valid UTF-8) as CCNet normalises it before it asks for a perplexity
 * (docs/format/ccnet.md): white space at both ends off, lower case, decomposed without
 * nonspacing marks, decimal digits 0, some thirty punctuation marks as ASCII, and controls,
 * line ends among them, deleted.  WN_NOMEM, WN_LIMIT. */
enum wn_status wn_ccnet_normalise(struct wn_str text, struct wn_buf *out, struct wn_err *err);

#endif
