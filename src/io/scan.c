/* scan.c - check one JSON object (RFC 8259) and find members of it. */
#include "io/scan.h"

#include "io/bytescan.h"
#include "io/jstring.h"

enum { STACK_WORDS = (IO_MAX_DEPTH + 63) / 64 };

struct scanner {
    const char *start, *p, *end;
    enum wn_reason reason;
    const char *what;
    unsigned depth;                    /* open objects and arrays                  */
    uint64_t is_array[STACK_WORDS];    /* bit d-1: the one at depth d is an array  */
    struct io_want *want;
    size_t n_want;
    uint64_t wanted;                   /* bit i: the member in hand is want[i]     */
    const char *value;                 /* where its value starts                   */
    const char *body_end;
};

static bool fail(struct scanner *s, enum wn_reason reason, const char *what)
{
    s->reason = reason;
    s->what = what;
    return false;
}

/* The line ends where more is needed, or WHAT is wrong with the byte there. */
static bool fail_here(struct scanner *s, const char *what)
{
    if (s->p == s->end)
        return fail(s, WN_R_JSON_TRUNCATED, "the record ends too early");
    return fail(s, WN_R_JSON_SYNTAX, what);
}

static inline void skip_blanks(struct scanner *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\t' || *s->p == '\r'))
        s->p++;
}

/* The character escaped at P (behind the backslash) and, for \u, its four digits. */
static bool skip_escape(struct scanner *s)
{
    if (s->p == s->end)
        return fail_here(s, "");
    switch (*s->p) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
        s->p++;
        return true;
    case 'u':
        s->p++;
        for (int i = 0; i < 4; i++, s->p++)
            if (s->p == s->end || io_hex_digit(*s->p) < 0)
                return fail_here(s, "four hex digits must follow '\\u'");
        return true;
    default:
        return fail_here(s, "unknown escape in a string");
    }
}

/* P stands behind the opening quote; moves it behind the closing one. */
static inline bool skip_string(struct scanner *s)
{
    for (;;) {
        s->p = bytescan_plain(s->p, s->end);
        if (s->p == s->end)
            return fail_here(s, "");
        if (*s->p == '"') {
            s->p++;
            return true;
        }
        if (*s->p != '\\')
            return fail_here(s, "unescaped control character in a string");
        s->p++;
        if (!skip_escape(s))
            return false;
    }
}

static bool skip_digits(struct scanner *s, const char *what)
{
    if (s->p == s->end || *s->p < '0' || *s->p > '9')
        return fail_here(s, what);
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    return true;
}

static bool skip_number(struct scanner *s)
{
    if (*s->p == '-')
        s->p++;
    if (s->p < s->end && *s->p == '0')
        s->p++;
    else if (!skip_digits(s, "a digit must follow '-'"))
        return false;
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (!skip_digits(s, "a digit must follow '.'"))
            return false;
    }
    if (s->p < s->end && (*s->p | 0x20) == 'e') {
        s->p++;
        if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
            s->p++;
        if (!skip_digits(s, "an exponent must have digits"))
            return false;
    }
    return true;
}

static bool skip_literal(struct scanner *s, const char *word)
{
    for (; *word; word++, s->p++)
        if (s->p == s->end || *s->p != *word)
            return fail_here(s, "expected a value");
    return true;
}

static bool push(struct scanner *s, bool is_array)
{
    uint64_t bit;

    if (s->depth == IO_MAX_DEPTH)
        return fail(s, WN_R_JSON_DEPTH, "nested more than 1000 deep");
    bit = 1ull << (s->depth % 64);
    if (is_array)
        s->is_array[s->depth / 64] |= bit;
    else
        s->is_array[s->depth / 64] &= ~bit;
    s->depth++;
    s->p++;
    skip_blanks(s);
    return true;
}

static inline bool in_array(const struct scanner *s)
{
    return s->is_array[(s->depth - 1) / 64] >> ((s->depth - 1) % 64) & 1;
}

/* Whether the member whose raw name is RAW is one of those looked for. */
static uint64_t match_key(const struct scanner *s, struct wn_str raw)
{
    uint64_t mask = 0;
    bool escaped = raw.len && memchr(raw.ptr, '\\', raw.len);

    for (size_t i = 0; i < s->n_want; i++) {
        struct wn_str key = s->want[i].key;
        bool same = escaped ? io_string_equals(raw, key)
                            : raw.len == key.len && memcmp(raw.ptr, key.ptr, raw.len) == 0;

        mask |= (uint64_t)same << i;
    }
    return mask;
}

/* A member's name and colon; P then stands at its value. */
static bool scan_key(struct scanner *s)
{
    const char *name;

    if (s->p == s->end || *s->p != '"')
        return fail_here(s, "expected a member name in quotes");
    name = ++s->p;
    if (!skip_string(s))
        return false;
    if (s->depth == 1)
        s->wanted = match_key(s, (struct wn_str){ name, (size_t)(s->p - 1 - name) });
    skip_blanks(s);
    if (s->p == s->end || *s->p != ':')
        return fail_here(s, "expected ':' after a member name");
    s->p++;
    skip_blanks(s);
    if (s->depth == 1)
        s->value = s->p;
    return true;
}

static void found_value(struct scanner *s)
{
    struct wn_str raw = { s->value, (size_t)(s->p - s->value) };

    s->body_end = s->p;
    for (size_t i = 0; s->wanted; i++, s->wanted >>= 1) {
        if (s->wanted & 1) {
            s->want[i].raw = raw;
            s->want[i].found = true;
        }
    }
}

/* Opens an object or array.  *CLOSED: it was empty, and is closed again. */
static bool scan_open(struct scanner *s, bool *closed)
{
    bool is_array = *s->p == '[';

    if (!push(s, is_array))
        return false;
    if (s->depth == 1)
        s->body_end = s->start;
    *closed = s->p < s->end && *s->p == (is_array ? ']' : '}');
    if (*closed) {
        s->p++;
        s->depth--;
        return true;
    }
    return is_array || scan_key(s);
}

/* One scalar, or the opening of a container; *DONE: a whole value lies behind P. */
static bool scan_value(struct scanner *s, bool *done)
{
    *done = true;
    if (s->p == s->end)
        return fail_here(s, "");
    switch (*s->p) {
    case '"':
        s->p++;
        return skip_string(s);
    case '{': case '[':
        return scan_open(s, done);
    case 't':
        return skip_literal(s, "true");
    case 'f':
        return skip_literal(s, "false");
    case 'n':
        return skip_literal(s, "null");
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        return skip_number(s);
    default:
        return fail_here(s, "expected a value");
    }
}

/* Behind a value inside a container: on to the next value, closing what closes. */
static bool scan_after(struct scanner *s)
{
    while (s->depth > 0) {
        bool is_array = in_array(s);

        if (s->depth == 1 && !is_array)
            found_value(s);
        skip_blanks(s);
        if (s->p == s->end)
            return fail_here(s, "");
        if (*s->p == ',') {
            s->p++;
            skip_blanks(s);
            return is_array || scan_key(s);
        }
        if (*s->p != (is_array ? ']' : '}'))
            return fail_here(s, is_array ? "expected ',' or ']' after a value" : "expected ',' or '}' after a value");
        s->p++;
        s->depth--;
    }
    return true;
}

static bool scan_document(struct scanner *s)
{
    bool done;

    do {
        if (!scan_value(s, &done))
            return false;
        if (done && !scan_after(s))
            return false;
    } while (s->depth > 0);
    skip_blanks(s);
    if (s->p < s->end)
        return fail(s, WN_R_JSON_TRAILING, "bytes behind the record's end");
    return true;
}

void io_scan_object(struct wn_str line, struct io_want *want, size_t n_want, struct io_scan *out)
{
    struct scanner s = { 0 };
    const char *first;

    for (size_t i = 0; i < n_want; i++)
        want[i].found = false;
    s.start = s.p = line.ptr;
    s.end = line.ptr + line.len;
    s.want = want;
    s.n_want = n_want;
    skip_blanks(&s);
    first = s.p;
    s.body_end = s.start;
    if (scan_document(&s) && *first != '{') {
        fail(&s, WN_R_JSON_NOT_OBJECT, "the record is no JSON object");
        s.p = first;
    }
    out->reason = s.reason;
    out->what = s.what;
    out->at = (size_t)(s.p - s.start);
    out->is_empty = s.body_end == s.start;
    out->body_end = out->is_empty ? (size_t)(first - s.start) + 1 : (size_t)(s.body_end - s.start);
}
