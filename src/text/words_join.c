/*
 * words_join.c - tokens to readable text, such that tokenizing it gives them back.
 *
 * Leaving a space out is safe exactly beside the tokens below: they are one code point
 * that is never part of a word, so nothing can merge with them.
 */
#include <winnow/text.h>

static bool is_one_of(struct wn_str token, const char *set)
{
    return token.len == 1 && token.ptr[0] != '\0' && strchr(set, token.ptr[0]) != NULL;
}

bool wn_words_space(struct wn_str left, struct wn_str right)
{
    return !is_one_of(right, ".,;:!?)]") && !is_one_of(left, "([");
}

void wn_words_join(struct wn_buf *out, const struct wn_str *token, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && wn_words_space(token[i - 1], token[i]))
            wn_buf_addc(out, ' ');
        wn_buf_add(out, token[i]);
    }
}
