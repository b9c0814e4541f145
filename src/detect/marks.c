#include <winnow/marks.h>
#include <winnow/text.h>

#include <math.h>

#include "detect/c2pa.h"
#include "detect/charsets.h"

enum {
    ZWSP = 0x200B, ZWNJ = 0x200C, ZWJ = 0x200D, WORD_JOINER = 0x2060, BOM = 0xFEFF,
    SOFT_HYPHEN = 0x00AD, NARROW_NBSP = 0x202F, IDEOGRAPHIC_SPACE = 0x3000,
    OGHAM_SPACE = 0x1680, BRAILLE_BLANK = 0x2800,
    BLACK_FLAG = 0x1F3F4, TAG_FIRST = 0xE0020, TAG_CANCEL = 0xE007F
};

static bool in(uint32_t c, uint32_t first, uint32_t last)
{
    return c >= first && c <= last;
}

static bool is_zero_width(uint32_t c)
{
    return in(c, ZWSP, ZWJ) || c == WORD_JOINER || c == BOM;
}

static bool is_selector(uint32_t c)
{
    return in(c, 0xFE00, 0xFE0F) || in(c, 0xE0100, 0xE01EF);
}

static bool is_digit(uint32_t c)
{
    return in(c, '0', '9');
}

/* What the letters of the word at hand looked like so far. */
struct word {
    unsigned latin, latin_like_cyrillic;    /* letters; those drawn like a Cyrillic one */
    unsigned foreign, foreign_like_latin;   /* Cyrillic and Greek ones                  */
};

/* A code point with its neighbours; 0 beyond the text's ends. */
struct seat {
    uint32_t before, at, after;
};

/* One kind of letters in the word must consist of look-alikes of the other:
 * "p<a>ssword" with a Cyrillic a, or a Russian word with a Latin c. */
static bool is_homoglyph_word(const struct word *w)
{
    return w->latin && w->foreign &&
           (w->foreign == w->foreign_like_latin || (w->latin < w->foreign && w->latin == w->latin_like_cyrillic));
}

/* Zero-width characters do not end a word: they are hidden inside words. */
static bool continues_word(uint32_t c)
{
    return is_zero_width(c) || c == SOFT_HYPHEN || in(c, 0x0300, 0x036F);
}

static void see_letter(struct word *w, uint32_t c, struct wn_marks *m)
{
    if (charset_latin(c)) {
        w->latin++;
        w->latin_like_cyrillic += charset_looks_cyrillic(c);
    } else if (charset_cyrillic_or_greek(c)) {
        w->foreign++;
        w->foreign_like_latin += charset_looks_latin(c);
    } else if (!continues_word(c)) {
        m->homoglyph_words += is_homoglyph_word(w);
        memset(w, 0, sizeof(*w));
    }
}

/* ZWJ glues two pictographs, after a skin tone or U+FE0F perhaps. */
static bool joins_emoji(const struct seat *s)
{
    return s->at == ZWJ && charset_emoji(s->after) && (charset_emoji(s->before) || s->before == 0xFE0F);
}

static bool zero_width_is_needed(const struct seat *s)
{
    if (s->at == ZWNJ || s->at == ZWJ)
        return charset_joins(s->before) || (charset_joins(s->after) && !is_zero_width(s->before)) || joins_emoji(s);
    if (s->at == ZWSP)
        return charset_breaks_at_zwsp(s->before) || charset_breaks_at_zwsp(s->after);
    return s->at == BOM && s->before == 0;
}

/* French sets U+202F before ; : ! ? and closing quotes, after opening ones, and in and
 * after numbers; Mongolian before its suffixes. */
static bool narrow_space_is_needed(const struct seat *s)
{
    switch (s->after) {
    case ';': case ':': case '!': case '?': case '%': case 0x00BB: case 0x203A: case 0x2030: case 0x20AC:
        return true;
    default:
        return s->before == 0x00AB || s->before == 0x2039 || s->before == 0x2014 || s->before == 0x2013 ||
               is_digit(s->before) || in(s->before, 0x1800, 0x18AF);
    }
}

static bool space_is_needed(const struct seat *s)
{
    switch (s->at) {
    case NARROW_NBSP:
        return narrow_space_is_needed(s);
    case IDEOGRAPHIC_SPACE:
        return charset_grid(s->before) || charset_grid(s->after);
    case OGHAM_SPACE:
        return in(s->before, 0x1681, 0x169C) || in(s->after, 0x1681, 0x169C);
    case BRAILLE_BLANK:
        return in(s->before, 0x2801, 0x28FF) || in(s->after, 0x2801, 0x28FF);
    default:
        return false;
    }
}

/* The end of a flag (black flag, 3 to 6 tag letters or digits, cancel tag; UTS 51,
 * section 2.6) whose first tag stands at POS; POS itself when it is none. */
static size_t skip_flag(struct wn_str text, size_t pos)
{
    size_t at = pos;

    for (int n = 0; n < 7 && at < text.len; n++) {
        uint32_t c = wn_utf8_next(text, &at);

        if (c == TAG_CANCEL && n >= 3)
            return at;
        if (!in(c, 0xE0030, 0xE0039) && !in(c, 0xE0061, 0xE007A))
            return pos;
    }
    return pos;
}

/* Counts the one code point in the middle. */
static void see(struct wn_marks *m, const struct seat *s)
{
    uint32_t c = s->at;

    if (is_zero_width(c))
        m->zero_width += !zero_width_is_needed(s);
    else if (charset_space(c))
        m->odd_spaces += !space_is_needed(s);
    else if (c == SOFT_HYPHEN)
        m->soft_hyphens++;
    else if (in(c, 0x202A, 0x202E) || in(c, 0x2066, 0x2069))
        m->bidi_controls++;
    else if (in(c, TAG_FIRST, TAG_CANCEL))
        m->tag_chars++;
    else if (is_selector(c))
        m->stray_selectors += !charset_varies(s->before);
}

static bool is_ascii(struct wn_str s)
{
    uint64_t word;
    size_t i = 0;

    for (; i + sizeof(word) <= s.len; i += sizeof(word)) {
        memcpy(&word, s.ptr + i, sizeof(word));
        if (word & 0x8080808080808080u)
            return false;
    }
    for (; i < s.len; i++)
        if ((unsigned char)s.ptr[i] & 0x80)
            return false;
    return true;
}

static void scan(struct wn_str text, const struct c2pa_wrapper *wrapper, struct wn_marks *m)
{
    struct seat s = { 0, 0, 0 };
    struct word word = { 0, 0, 0, 0 };
    size_t pos = 0, ahead;

    while (pos < text.len) {
        if (wrapper->len && pos == wrapper->start) {
            pos += wrapper->len;
            continue;
        }
        s.at = wn_utf8_next(text, &pos);
        ahead = pos;
        see_letter(&word, s.at, m);
        if (s.at >= 0x80) {
            s.after = ahead < text.len ? wn_utf8_next(text, &ahead) : 0;
            see(m, &s);
            if (s.at == BLACK_FLAG)
                pos = skip_flag(text, pos);
        }
        s.before = s.at;
    }
    m->homoglyph_words += is_homoglyph_word(&word);
}

void wn_marks_scan(struct wn_str text, struct wn_marks *out)
{
    struct wn_marks m = { 0 };
    struct c2pa_wrapper wrapper = { 0, 0, 0 };

    if (!is_ascii(text)) {
        m.c2pa = c2pa_find(text, &wrapper);
        if (m.c2pa) {
            m.c2pa_start_byte = wrapper.start;
            m.c2pa_bytes = wrapper.len;
            m.c2pa_manifest_bytes = wrapper.manifest_len;
        }
        scan(text, &wrapper, &m);
    }
    *out = m;
}

/* Appends "N NOUN(s)" to TEXT; unchanged when N = 0, NULL when memory is short. */
static const char *add_count(struct wn_arena *a, const char *text, uint64_t n, const char *noun)
{
    if (n == 0 || !text)
        return text;
    return wn_arena_printf(a, "%s%s%llu %s%s", text, *text ? ", " : "", (unsigned long long)n, noun, n == 1 ? "" : "s");
}

bool wn_marks_evidence(const struct wn_marks *m, struct wn_arena *a, struct wn_evidence *ev)
{
    const struct {
        uint64_t n;
        const char *noun;
    } kinds[] = {
        { m->zero_width, "zero-width character" },   { m->odd_spaces, "odd space" },
        { m->homoglyph_words, "mixed-script word" }, { m->tag_chars, "tag character" },
        { m->bidi_controls, "bidi control" },        { m->soft_hyphens, "soft hyphen" },
        { m->stray_selectors, "stray variation selector" },
    };
    uint64_t total = m->c2pa;
    const char *reason = "";

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        total += kinds[i].n;
        reason = add_count(a, reason, kinds[i].n, kinds[i].noun);
    }
    if (m->c2pa && reason)
        reason = wn_arena_printf(a, "%s%sC2PA manifest of %llu bytes at byte %llu", reason, *reason ? ", " : "",
                                 (unsigned long long)m->c2pa_manifest_bytes, (unsigned long long)m->c2pa_start_byte);
    memset(ev, 0, sizeof(*ev));
    ev->detector = "marks";
    ev->statistic = "count";
    ev->value = ev->n = (double)total;
    ev->log10_p = NAN;
    ev->null_name = "";
    ev->reason = reason ? reason : "marks in the characters";
    return total > 0;
}
