#include "mix/policy_number.h"

#include <stdlib.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits with single underscores between them, from *AT; what is copied leaves the
 * underscores out.  Returns how many digits there were. */
static size_t take_digits(struct wn_str s, size_t *at, char *out, size_t *n)
{
    size_t digits = 0;

    while (*at < s.len && (is_digit(s.ptr[*at]) || (s.ptr[*at] == '_' && digits > 0 && *at + 1 < s.len &&
                                                    is_digit(s.ptr[*at + 1])))) {
        if (is_digit(s.ptr[*at])) {
            out[(*n)++] = s.ptr[*at];
            digits++;
        }
        (*at)++;
    }
    return digits;
}

enum { MAX_NUMBER = 60 };

bool policy_number_whole(const struct yamltree_node *n, uint64_t *out)
{
    char digits[MAX_NUMBER];
    size_t at = 0, n_digits = 0;
    uint64_t v = 0;

    if (n->kind != YAMLTREE_SCALAR || !n->plain || n->text.len >= MAX_NUMBER)
        return false;
    if (!take_digits(n->text, &at, digits, &n_digits) || at != n->text.len)
        return false;
    for (size_t i = 0; i < n_digits; i++)
        if (__builtin_mul_overflow(v, (uint64_t)10, &v) || __builtin_add_overflow(v, (uint64_t)(digits[i] - '0'), &v))
            return false;
    *out = v;
    return true;
}

static bool take_any(struct wn_str s, size_t *at, const char *set, char *out, size_t *n)
{
    if (*at >= s.len || !s.ptr[*at] || !strchr(set, s.ptr[*at]))
        return false;
    out[(*n)++] = s.ptr[(*at)++];
    return true;
}

bool policy_number_real(const struct yamltree_node *node, double *out)
{
    char clean[MAX_NUMBER + 1];
    struct wn_str s = node->text;
    size_t at = 0, n = 0;

    if (node->kind != YAMLTREE_SCALAR || !node->plain || s.len >= MAX_NUMBER)
        return false;
    take_any(s, &at, "+-", clean, &n);
    if (!take_digits(s, &at, clean, &n))
        return false;
    if (take_any(s, &at, ".", clean, &n) && !take_digits(s, &at, clean, &n))
        return false;
    if (take_any(s, &at, "eE", clean, &n)) {
        take_any(s, &at, "+-", clean, &n);
        if (!take_digits(s, &at, clean, &n))
            return false;
    }
    clean[n] = '\0';
    *out = strtod(clean, NULL);
    return at == s.len;
}
