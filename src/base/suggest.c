#include <winnow/suggest.h>

enum { MAX_WORD = 31 };

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;

    return m < c ? m : c;
}

/* Edits between A and B, where swapping two neighbours counts as one ("optimal string
 * alignment").  Both have at most MAX_WORD bytes. */
static size_t edits(struct wn_str a, struct wn_str b)
{
    size_t d[MAX_WORD + 1][MAX_WORD + 1];

    for (size_t i = 0; i <= a.len; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= b.len; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= a.len; i++)
        for (size_t j = 1; j <= b.len; j++) {
            d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]));
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1] &&
                d[i - 2][j - 2] + 1 < d[i][j])
                d[i][j] = d[i - 2][j - 2] + 1;
        }
    return d[a.len][b.len];
}

struct wn_suggest wn_suggest_for(struct wn_str given)
{
    return (struct wn_suggest){ .given = given };
}

void wn_suggest_offer(struct wn_suggest *s, const char *word)
{
    struct wn_str w = wn_str(word);
    size_t n;

    if (!s->given.len || s->given.len > MAX_WORD || w.len > MAX_WORD)
        return;
    n = edits(s->given, w);
    /* Beyond a third of the word's letters a suggestion is noise. */
    if (n > 1 + w.len / 4 || n >= w.len || (s->best && n >= s->distance))
        return;
    s->best = word;
    s->distance = n;
}
