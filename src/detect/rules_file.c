#include "detect/rules_file.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <winnow/text.h>

enum { FILE_MAX_BYTES = 16 << 20, ID_MAX = 64, INDENT = 2 };

/* A walk through one file. */
struct parser {
    struct rule_set *set;
    const char *name;
    struct wn_str rest;
    uint64_t line;
    struct rule_def *rule;          /* the one that is open; NULL between rules */
    struct rule_line **must_end, **mustnot_end;
    struct wn_err *err;
};

static enum wn_status no_memory(struct parser *p)
{
    return wn_fail(p->err, WN_NOMEM, "cannot read rules '%s': out of memory", p->name);
}

static enum wn_status bad(struct parser *p, uint64_t line, const char *what)
{
    return wn_fail(p->err, WN_BADCONF, "%s in '%s', line %llu", what, p->name, (unsigned long long)line);
}

static enum wn_status bad_rule(struct parser *p, const char *what)
{
    return wn_fail(p->err, WN_BADCONF, "rule '%s' %s in '%s', line %llu", p->rule->id, what, p->name,
                   (unsigned long long)p->rule->line);
}

/* Cuts one line off the rest, without its "\n" or "\r\n". */
static bool next_line(struct parser *p, struct wn_str *line)
{
    const char *end;

    if (p->rest.len == 0)
        return false;
    end = memchr(p->rest.ptr, '\n', p->rest.len);
    line->ptr = p->rest.ptr;
    line->len = end ? (size_t)(end - p->rest.ptr) : p->rest.len;
    p->rest.ptr += line->len + (end != NULL);
    p->rest.len -= line->len + (end != NULL);
    while (line->len && line->ptr[line->len - 1] == '\r')
        line->len--;
    p->line++;
    return true;
}

/* Splits "WORD TEXT" at the first space; TEXT is empty when there is none. */
static struct wn_str cut_word(struct wn_str *line)
{
    const char *space = memchr(line->ptr, ' ', line->len);
    struct wn_str word = { line->ptr, space ? (size_t)(space - line->ptr) : line->len };
    size_t used = word.len + (space != NULL);

    line->ptr += used;
    line->len -= used;
    return word;
}

static bool is_id(struct wn_str s)
{
    if (s.len == 0 || s.len > ID_MAX)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("_.-", c)) || !c)
            return false;
    }
    return true;
}

static enum wn_status copy(struct parser *p, struct wn_str text, struct wn_str *out)
{
    struct wn_str s = wn_arena_copy(&p->set->arena, text);

    if (!s.ptr)
        return no_memory(p);
    *out = s;
    return WN_OK;
}

static enum wn_status take_weight(struct parser *p, struct wn_str text)
{
    struct rule_def *r = p->rule;
    enum wn_status st;
    char *end;

    if (r->weight_text.ptr)
        return bad_rule(p, "has two weights");
    st = copy(p, text, &r->weight_text);
    if (st != WN_OK)
        return st;
    r->weight_nats = strtod(r->weight_text.ptr, &end);
    if (text.len == 0 || *end || strlen(r->weight_text.ptr) != text.len || !isfinite(r->weight_nats))
        return bad(p, p->line, "weight is not a number");
    return WN_OK;
}

static enum wn_status take_why(struct parser *p, struct wn_str text)
{
    if (p->rule->why.ptr)
        return bad_rule(p, "says why twice");
    return copy(p, text, &p->rule->why);
}

static enum wn_status take_match(struct parser *p, struct wn_str text)
{
    if (p->rule->pattern.ptr)
        return bad_rule(p, "has two patterns");
    p->rule->match_line = p->line;
    return copy(p, text, &p->rule->pattern);
}

static enum wn_status add_line(struct parser *p, struct wn_str text, struct rule_line ***end, size_t *count)
{
    struct rule_line *l = wn_arena_calloc(&p->set->arena, 1, sizeof(*l));

    if (!l)
        return no_memory(p);
    l->line = p->line;
    **end = l;
    *end = &l->next;
    (*count)++;
    return copy(p, text, &l->text);
}

static enum wn_status take_must(struct parser *p, struct wn_str text)
{
    return add_line(p, text, &p->must_end, &p->rule->n_must);
}

static enum wn_status take_mustnot(struct parser *p, struct wn_str text)
{
    return add_line(p, text, &p->mustnot_end, &p->rule->n_mustnot);
}

static const struct field {
    const char *word;
    enum wn_status (*take)(struct parser *p, struct wn_str text);
} fields[] = {
    { "weight", take_weight }, { "why", take_why },         { "match", take_match },
    { "must", take_must },     { "mustnot", take_mustnot },
};

static enum wn_status close_rule(struct parser *p)
{
    struct rule_def *r = p->rule;

    if (!r)
        return WN_OK;
    if (!r->weight_text.ptr)
        return bad_rule(p, "has no weight");
    if (!r->why.ptr || !r->why.len)
        return bad_rule(p, "does not say why");
    if (!r->pattern.ptr || !r->pattern.len)
        return bad_rule(p, "has no pattern");
    if (r->n_must < RULES_MIN_TESTS)
        return bad_rule(p, "needs three lines that it must match");
    if (r->n_mustnot < RULES_MIN_TESTS)
        return bad_rule(p, "needs three lines that it must not match");
    p->rule = NULL;
    return WN_OK;
}

static enum wn_status open_rule(struct parser *p, struct wn_str id)
{
    struct rule_def *r, *other;

    if (!is_id(id))
        return bad(p, p->line, "a rule's id must be 1 to 64 letters, digits and _.-");
    for (other = p->set->first; other; other = other->next)
        if (wn_str_eq(wn_str(other->id), id))
            return wn_fail(p->err, WN_BADCONF, "rule '%s' in '%s', line %llu, stands already in '%s', line %llu",
                           other->id, p->name, (unsigned long long)p->line, other->file,
                           (unsigned long long)other->line);
    r = wn_arena_calloc(&p->set->arena, 1, sizeof(*r));
    if (!r)
        return no_memory(p);
    r->id = wn_arena_copy(&p->set->arena, id).ptr;
    if (!r->id)
        return no_memory(p);
    r->file = p->name;
    r->line = p->line;
    p->must_end = &r->must;
    p->mustnot_end = &r->mustnot;
    if (p->set->last)
        p->set->last->next = r;
    else
        p->set->first = r;
    p->set->last = r;
    p->set->n++;
    p->rule = r;
    return WN_OK;
}

static enum wn_status take_field(struct parser *p, struct wn_str line)
{
    struct wn_str word;

    if (line.len <= INDENT || line.ptr[1] != ' ' || line.ptr[2] == ' ')
        return bad(p, p->line, "a rule's lines start with two spaces and a word");
    if (!p->rule)
        return bad(p, p->line, "this line belongs to no rule: 'rule ID' must come first");
    line.ptr += INDENT;
    line.len -= INDENT;
    word = cut_word(&line);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (wn_str_eq(word, wn_str(fields[i].word)))
            return fields[i].take(p, line);
    return wn_fail(p->err, WN_BADCONF,
                   "unknown word '%.*s' in '%s', line %llu: a rule has weight, why, match, must, mustnot",
                   (int)(word.len > 40 ? 40 : word.len), word.ptr, p->name, (unsigned long long)p->line);
}

static enum wn_status take_line(struct parser *p, struct wn_str line)
{
    enum wn_status st;
    struct wn_str word;

    if (memchr(line.ptr, 0, line.len) || wn_utf8_check(line) != line.len)
        return bad(p, p->line, "not UTF-8 text");
    if (line.len == 0)
        return close_rule(p);
    if (line.ptr[0] == '#')
        return WN_OK;
    if (line.ptr[0] == ' ')
        return take_field(p, line);
    word = cut_word(&line);
    if (!wn_str_eq(word, WN_STR("rule")))
        return bad(p, p->line, "expected 'rule ID', a comment or an empty line");
    st = close_rule(p);
    return st == WN_OK ? open_rule(p, line) : st;
}

enum wn_status rule_set_parse(struct rule_set *s, const char *name, struct wn_str text, struct wn_err *err)
{
    struct parser p = { s, NULL, text, 0, NULL, NULL, NULL, err };
    enum wn_status st = WN_OK;
    struct wn_str line;

    p.name = wn_arena_copy(&s->arena, wn_str(name)).ptr;
    if (!p.name)
        return wn_fail(err, WN_NOMEM, "cannot read rules '%s': out of memory", name);
    if (text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0) {
        p.rest.ptr += 3;
        p.rest.len -= 3;
    }
    while (st == WN_OK && next_line(&p, &line))
        st = take_line(&p, line);
    return st == WN_OK ? close_rule(&p) : st;
}

static enum wn_status read_file(const char *path, struct wn_buf *out, struct wn_err *err)
{
    FILE *f = fopen(path, "rb");
    enum wn_status st = WN_OK;
    size_t got;

    if (!f)
        return wn_fail_sys(err, "cannot open rules '%s'", path);
    out->max_bytes = FILE_MAX_BYTES;
    do {
        st = wn_buf_reserve(out, 65536, err);
        if (st != WN_OK)
            break;
        got = fread(out->ptr + out->len, 1, 65536, f);
        out->len += got;
    } while (got > 0);
    if (st == WN_OK && ferror(f))
        st = wn_fail_sys(err, "cannot read rules '%s'", path);
    else if (st != WN_OK)
        wn_err_prefix(err, "cannot read rules '%s': ", path);
    fclose(f);
    return st;
}

static enum wn_status load_file(struct rule_set *s, const char *path, struct wn_err *err)
{
    struct wn_buf text = { 0 };
    enum wn_status st = read_file(path, &text, err);

    if (st == WN_OK)
        st = rule_set_parse(s, path, wn_buf_str(&text), err);
    wn_buf_release(&text);
    return st;
}

static int is_rule_file(const struct dirent *d)
{
    size_t n = strlen(d->d_name);

    return n > 6 && d->d_name[0] != '.' && strcmp(d->d_name + n - 6, ".rules") == 0;
}

/* Bytes, not the locale: the order of the rules is the order of the reasons. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum wn_status load_folder(struct rule_set *s, const char *path, struct wn_err *err)
{
    struct dirent **entry = NULL;
    struct wn_buf full = { 0 };
    int n = scandir(path, &entry, is_rule_file, by_name);
    enum wn_status st = WN_OK;

    if (n < 0)
        return wn_fail_sys(err, "cannot list rules in '%s'", path);
    if (n == 0)
        st = wn_fail(err, WN_BADCONF, "no *.rules file in '%s'", path);
    for (int i = 0; i < n; i++) {
        if (st == WN_OK) {
            wn_buf_reset(&full);
            wn_buf_addf(&full, "%s/%s", path, entry[i]->d_name);
            wn_buf_addc(&full, '\0');
            st = wn_buf_status(&full, err);
        }
        if (st == WN_OK)
            st = load_file(s, full.ptr, err);
        free(entry[i]);
    }
    free(entry);
    wn_buf_release(&full);
    return st;
}

enum wn_status rule_set_load(struct rule_set *s, const char *path, struct wn_err *err)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return wn_fail_sys(err, "cannot open rules '%s'", path);
    return S_ISDIR(info.st_mode) ? load_folder(s, path, err) : load_file(s, path, err);
}

static void dump_lines(struct wn_buf *out, const char *word, const struct rule_line *l)
{
    for (; l; l = l->next) {
        wn_buf_addf(out, "  %s ", word);
        wn_buf_add(out, l->text);
        wn_buf_addc(out, '\n');
    }
}

void rule_set_dump(const struct rule_set *s, struct wn_buf *out)
{
    for (const struct rule_def *r = s->first; r; r = r->next) {
        wn_buf_addf(out, "%srule %s\n  weight ", r == s->first ? "" : "\n", r->id);
        wn_buf_add(out, r->weight_text);
        wn_buf_addz(out, "\n  why ");
        wn_buf_add(out, r->why);
        wn_buf_addz(out, "\n  match ");
        wn_buf_add(out, r->pattern);
        wn_buf_addc(out, '\n');
        dump_lines(out, "must", r->must);
        dump_lines(out, "mustnot", r->mustnot);
    }
}

void rule_set_release(struct rule_set *s)
{
    wn_arena_release(&s->arena);
    memset(s, 0, sizeof(*s));
}
