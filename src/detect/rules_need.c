#include "detect/rules_need.h"

#include <winnow/text.h>

enum { DEPTH_MAX = 24, RUN_MAX = 256 };

/* Ends of the walk besides success. */
enum outcome { READ, UNSURE, NO_MEMORY };

struct reader {
    struct wn_str pattern;
    size_t at;
    struct wn_arena *arena;
    unsigned depth;
};

/* The literal characters that follow each other without a gap. */
struct run {
    char bytes[RUN_MAX];
    size_t len;
};

enum atom_kind { ATOM_CHAR, ATOM_GROUP, ATOM_OTHER };

struct atom {
    enum atom_kind kind;
    char bytes[4];                  /* CHAR */
    size_t len;
    struct need_branch *branches;   /* GROUP */
};

/* How often an atom stands; MANY: anything but once. */
struct quantity {
    bool optional, many;
};

static enum outcome read_branches(struct reader *r, struct need_branch **out);

static bool more(const struct reader *r)
{
    return r->at < r->pattern.len;
}

static char peek(const struct reader *r)
{
    return r->pattern.ptr[r->at];
}

static bool take(struct reader *r, const char *word)
{
    size_t n = strlen(word);

    if (r->pattern.len - r->at < n || memcmp(r->pattern.ptr + r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Scripts and punctuation without case. */
static bool has_no_case(uint32_t c)
{
    return (c >= 0x0590 && c <= 0x0FFF) || (c >= 0x2010 && c <= 0x2027) || (c >= 0x2E80 && c <= 0xA4CF) ||
           (c >= 0xAC00 && c <= 0xD7A3);
}

/* ---- sets ------------------------------------------------------------------------ */

static enum outcome add_set(struct reader *r, struct need_set **list, struct need_set set)
{
    struct need_set *s = wn_arena_alloc(r->arena, sizeof(*s));

    if (!s)
        return NO_MEMORY;
    *s = set;
    s->next = *list;
    *list = s;
    return READ;
}

/* Ends a run: what is long enough becomes a set of one literal. */
static enum outcome flush(struct reader *r, struct run *run, struct need_set **sets)
{
    struct need_set set = { NULL, 1, run->len, NULL };
    struct need_literal *l;

    if (run->len < NEED_MIN_BYTES) {
        run->len = 0;
        return READ;
    }
    l = wn_arena_calloc(r->arena, 1, sizeof(*l));
    if (!l)
        return NO_MEMORY;
    l->text = wn_arena_copy(r->arena, (struct wn_str){ run->bytes, run->len });
    if (!l->text.ptr)
        return NO_MEMORY;
    set.first = l;
    run->len = 0;
    return add_set(r, sets, set);
}

/* A longer shortest literal is rarer; fewer alternatives break ties. */
static bool tells_more(const struct need_set *a, const struct need_set *b)
{
    return a->min_len != b->min_len ? a->min_len > b->min_len : a->n < b->n;
}

/* Keeps the best, best first.  Beside a longer literal a very short one tells nothing
 * that would be worth looking for. */
static struct need_set *best_sets(struct need_set *sets)
{
    struct need_set *kept = NULL, *next, **place;
    int n = 0;

    for (; sets; sets = next) {
        next = sets->next;
        for (place = &kept; *place && !tells_more(sets, *place); place = &(*place)->next)
            ;
        sets->next = *place;
        *place = sets;
    }
    for (place = &kept; *place && n < NEED_MAX_SETS && (n == 0 || (*place)->min_len > NEED_MIN_BYTES);
         place = &(*place)->next)
        n++;
    *place = NULL;
    return kept;
}

/* What a group needs of the branch around it: all sets of its only branch, or the
 * union of the best set of each. */
static enum outcome add_group(struct reader *r, struct need_branch *branches, struct need_set **sets)
{
    struct need_set all = { NULL, 0, SIZE_MAX, NULL }, *s, *next;

    if (!branches->next) {
        for (s = branches->sets; s; s = next) {
            next = s->next;
            s->next = *sets;
            *sets = s;
        }
        return READ;
    }
    for (struct need_branch *b = branches; b; b = b->next) {
        struct need_literal **end;

        if (!b->sets || all.n + b->sets->n > NEED_MAX_LITERALS)
            return READ;
        for (end = &b->sets->first; *end; end = &(*end)->next)
            ;
        *end = all.first;
        all.first = b->sets->first;
        all.n += b->sets->n;
        all.min_len = b->sets->min_len < all.min_len ? b->sets->min_len : all.min_len;
        b->sets->first = NULL;      /* moved */
    }
    return add_set(r, sets, all);
}

/* ---- syntax ------------------------------------------------------------------------ */

/* Skips a class; the reader stands behind '['. */
static enum outcome skip_class(struct reader *r)
{
    take(r, "^");
    take(r, "]");
    while (more(r)) {
        char c = r->pattern.ptr[r->at++];

        if (c == ']')
            return READ;
        if (c == '[' && more(r) && strchr(":.=", peek(r)))
            return UNSURE;
        if (c == '\\') {
            if (!more(r) || strchr("QEc", peek(r)))
                return UNSURE;      /* \Q..\E and \c] hide brackets */
            r->at++;
        }
    }
    return UNSURE;
}

/* The reader stands behind a backslash. */
static enum outcome read_escape(struct reader *r, struct atom *out)
{
    char c;

    if (!more(r))
        return UNSURE;
    c = r->pattern.ptr[r->at++];
    if (strchr("\\^$.[]|()?*+{}/-_<>=!:;,#&%@~`'\" ", c)) {
        out->kind = ATOM_CHAR;
        out->bytes[0] = c;
        out->len = 1;
        return READ;
    }
    out->kind = ATOM_OTHER;
    if (strchr("bBAzZGdDwWsShHvVRXntrfaeK", c))
        return READ;
    if (c == 'p' || c == 'P') {
        if (!take(r, "{"))
            return UNSURE;
        while (more(r) && peek(r) != '}')
            r->at++;
        return take(r, "}") ? READ : UNSURE;
    }
    if (c == 'x' && take(r, "{")) {
        while (more(r) && peek(r) != '}')
            r->at++;
        return take(r, "}") ? READ : UNSURE;
    }
    return UNSURE;      /* references, \Q, \x41, \N, \c and the rest */
}

/* The letters of "(?im-s:" or "(?i)"; the reader stands behind "(?". */
static enum outcome read_flags(struct reader *r, bool *is_group)
{
    while (more(r) && strchr("imsU-", peek(r)))
        r->at++;
    *is_group = take(r, ":");
    return *is_group || take(r, ")") ? READ : UNSURE;
}

static enum outcome skip_name(struct reader *r)
{
    while (more(r) && peek(r) != '>')
        r->at++;
    return take(r, ">") ? READ : UNSURE;
}

/* The reader stands behind '('. */
static enum outcome read_group(struct reader *r, struct atom *out)
{
    bool is_look = false, is_group = true;
    enum outcome o = READ;

    if (more(r) && peek(r) == '*')
        return UNSURE;
    if (take(r, "?=") || take(r, "?!") || take(r, "?<=") || take(r, "?<!"))
        is_look = true;
    else if (take(r, "?P<") || take(r, "?<"))
        o = skip_name(r);
    else if (take(r, "?>"))
        ;
    else if (take(r, "?"))
        o = read_flags(r, &is_group);
    if (o != READ)
        return o;
    out->kind = ATOM_OTHER;
    if (!is_group)
        return READ;
    if (++r->depth > DEPTH_MAX)
        return UNSURE;
    o = read_branches(r, &out->branches);
    r->depth--;
    if (o != READ)
        return o;
    if (!is_look)
        out->kind = ATOM_GROUP;
    return take(r, ")") ? READ : UNSURE;
}

static enum outcome read_char(struct reader *r, struct atom *out)
{
    size_t from = r->at;
    uint32_t c = wn_utf8_next(r->pattern, &r->at);

    out->kind = c < 0x80 || has_no_case(c) ? ATOM_CHAR : ATOM_OTHER;
    out->len = r->at - from;
    memcpy(out->bytes, r->pattern.ptr + from, out->len);
    return READ;
}

static enum outcome read_atom(struct reader *r, struct atom *out)
{
    out->branches = NULL;
    out->kind = ATOM_OTHER;
    switch (peek(r)) {
    case '\\':
        r->at++;
        return read_escape(r, out);
    case '[':
        r->at++;
        return skip_class(r);
    case '(':
        r->at++;
        return read_group(r, out);
    case '.': case '^': case '$':
        r->at++;
        return READ;
    case '*': case '+': case '?': case '{':
        return UNSURE;      /* a quantifier of nothing, or a brace that stands for itself */
    default:
        return read_char(r, out);
    }
}

/* {n}, {n,}, {n,m}; the reader stands behind '{'. */
static enum outcome read_bounds(struct reader *r, struct quantity *q)
{
    bool zero = true;

    if (!more(r) || !is_digit(peek(r)))
        return UNSURE;
    for (; more(r) && is_digit(peek(r)); r->at++)
        zero = zero && peek(r) == '0';
    if (take(r, ","))
        while (more(r) && is_digit(peek(r)))
            r->at++;
    q->optional = zero;
    return take(r, "}") ? READ : UNSURE;
}

static enum outcome read_quantity(struct reader *r, struct quantity *q)
{
    q->optional = false;
    q->many = true;
    if (take(r, "{")) {
        if (read_bounds(r, q) != READ)
            return UNSURE;
    } else if (take(r, "?") || take(r, "*")) {
        q->optional = true;
    } else if (!take(r, "+")) {
        q->many = false;
        return READ;
    }
    if (!take(r, "?"))
        take(r, "+");
    return READ;
}

static void append(struct run *run, const struct atom *atom)
{
    for (size_t i = 0; i < atom->len; i++) {
        char c = atom->bytes[i];

        run->bytes[run->len++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
}

static enum outcome read_branch(struct reader *r, struct need_set **sets)
{
    struct run run;
    enum outcome o = READ;

    run.len = 0;
    *sets = NULL;
    while (o == READ && more(r) && peek(r) != '|' && peek(r) != ')') {
        struct quantity q;
        struct atom atom;

        o = read_atom(r, &atom);
        if (o == READ)
            o = read_quantity(r, &q);
        if (o != READ)
            return o;
        if (atom.kind == ATOM_CHAR && !q.optional)
            append(&run, &atom);
        if (atom.kind != ATOM_CHAR || q.many || run.len > RUN_MAX - 8)
            o = flush(r, &run, sets);
        if (o == READ && atom.kind == ATOM_GROUP && !q.optional)
            o = add_group(r, atom.branches, sets);
    }
    if (o == READ)
        o = flush(r, &run, sets);
    *sets = best_sets(*sets);
    return o;
}

static enum outcome read_branches(struct reader *r, struct need_branch **out)
{
    struct need_branch **end = out;

    *out = NULL;
    do {
        struct need_branch *b = wn_arena_calloc(r->arena, 1, sizeof(*b));
        enum outcome o;

        if (!b)
            return NO_MEMORY;
        o = read_branch(r, &b->sets);
        if (o != READ)
            return o;
        *end = b;
        end = &b->next;
    } while (take(r, "|"));
    return READ;
}

enum wn_status need_of_pattern(struct wn_str pattern, struct wn_arena *a, struct need_branch **out)
{
    struct reader r = { pattern, 0, a, 0 };
    struct need_branch *branches;
    enum outcome o = read_branches(&r, &branches);

    *out = NULL;
    if (o == NO_MEMORY)
        return WN_NOMEM;
    if (o == UNSURE || more(&r))
        return WN_OK;
    for (struct need_branch *b = branches; b; b = b->next)
        if (!b->sets)
            return WN_OK;
    *out = branches;
    return WN_OK;
}
