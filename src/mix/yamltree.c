#include "mix/yamltree.h"

#include <stdio.h>

#include <yaml.h>   /* the only file that sees it */

struct parse {
    yaml_parser_t yaml;
    struct wn_arena *arena;
    const char *name;
    struct wn_str text;
};

struct yamltree_shown yamltree_show(struct wn_str s)
{
    struct yamltree_shown out;
    size_t n = s.len < 40 ? s.len : 40;

    /* A cut must not leave half a code point. */
    while (n < s.len && n > 0 && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
        n--;
    for (size_t i = 0; i < n; i++)
        out.text[i] = (unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f ? '?' : s.ptr[i];
    memcpy(out.text + n, n < s.len ? "..." : "", n < s.len ? 4 : 1);
    return out;
}

static struct yamltree_place place_of(yaml_mark_t m)
{
    return (struct yamltree_place){ (unsigned long)m.line + 1, (unsigned long)m.column + 1 };
}

static enum wn_status refuse(const struct parse *p, struct yamltree_place at, const char *what, struct wn_err *err)
{
    return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: %s", p->name, at.line, at.column, what);
}

static enum wn_status no_memory(const struct parse *p, struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot read policy '%s': out of memory", p->name);
}

/* The decoder fails ahead of the scanner and has an offset only. */
static struct yamltree_place place_of_offset(struct wn_str text, size_t offset)
{
    struct yamltree_place at = { 1, 1 };

    for (size_t i = 0; i < offset && i < text.len; i++) {
        bool end = text.ptr[i] == '\n';

        at.line += end;
        at.column = end ? 1 : at.column + (((unsigned char)text.ptr[i] & 0xc0) != 0x80);
    }
    return at;
}

/* What libyaml found wrong.  It names the construct it was in only by a second mark. */
static enum wn_status syntax_error(const struct parse *p, struct wn_err *err)
{
    const yaml_parser_t *y = &p->yaml;
    struct yamltree_place at = place_of(y->problem_mark);

    if (y->error == YAML_MEMORY_ERROR)
        return no_memory(p, err);
    if (y->error == YAML_READER_ERROR)
        at = place_of_offset(p->text, y->problem_offset);
    return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: not valid YAML: %s", p->name, at.line, at.column,
                   y->problem ? y->problem : "syntax error");
}

static enum wn_status next_event(struct parse *p, yaml_event_t *e, struct wn_err *err)
{
    return yaml_parser_parse(&p->yaml, e) ? WN_OK : syntax_error(p, err);
}

/* The anchor or tag an event carries; both NULL for most. */
static void decoration(const yaml_event_t *e, const yaml_char_t **anchor, const yaml_char_t **tag)
{
    *anchor = *tag = NULL;
    if (e->type == YAML_SCALAR_EVENT) {
        *anchor = e->data.scalar.anchor;
        *tag = e->data.scalar.tag;
    } else if (e->type == YAML_MAPPING_START_EVENT) {
        *anchor = e->data.mapping_start.anchor;
        *tag = e->data.mapping_start.tag;
    } else if (e->type == YAML_SEQUENCE_START_EVENT) {
        *anchor = e->data.sequence_start.anchor;
        *tag = e->data.sequence_start.tag;
    }
}

static enum wn_status check_event(const struct parse *p, const yaml_event_t *e, unsigned depth, struct wn_err *err)
{
    struct yamltree_place at = place_of(e->start_mark);
    const yaml_char_t *anchor, *tag;

    decoration(e, &anchor, &tag);
    if (e->type == YAML_ALIAS_EVENT || anchor)
        return refuse(p, at, "anchors and aliases (& and *) are not allowed here", err);
    if (tag)
        return refuse(p, at, "tags (!) are not allowed here", err);
    if (depth > YAMLTREE_MAX_DEPTH)
        return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: nested more than %d deep", p->name, at.line, at.column,
                       YAMLTREE_MAX_DEPTH);
    return WN_OK;
}

static enum wn_status new_node(struct yamltree_node **out, const struct parse *p, const yaml_event_t *e,
                               struct wn_err *err)
{
    struct yamltree_node *n = wn_arena_calloc(p->arena, 1, sizeof(*n));

    if (!n)
        return no_memory(p, err);
    n->at = place_of(e->start_mark);
    if (e->type == YAML_MAPPING_START_EVENT) {
        n->kind = YAMLTREE_MAP;
    } else if (e->type == YAML_SEQUENCE_START_EVENT) {
        n->kind = YAMLTREE_LIST;
    } else {
        n->kind = YAMLTREE_SCALAR;
        n->plain = e->data.scalar.plain_implicit;
        n->text = wn_arena_copy(p->arena, (struct wn_str){ (char *)e->data.scalar.value, e->data.scalar.length });
        if (!n->text.ptr)
            return no_memory(p, err);
    }
    *out = n;
    return WN_OK;
}

static enum wn_status check_key(const struct parse *p, const struct yamltree_node *map,
                                const struct yamltree_node *key, struct wn_err *err)
{
    if (key->kind != YAMLTREE_SCALAR)
        return refuse(p, key->at, "a key must be a plain word", err);
    for (const struct yamltree_node *m = map->first; m; m = m->next)
        if (wn_str_eq(m->key, key->text))
            return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: '%s' is given twice; the first is on line %lu", p->name,
                           key->at.line, key->at.column, yamltree_show(key->text).text, m->key_at.line);
    return WN_OK;
}

static enum wn_status read_node(struct yamltree_node **out, struct parse *p, yaml_event_t *e, unsigned depth,
                                struct wn_err *err);

/* One item of a list, or key and value of a mapping.  E is its first event. */
static enum wn_status read_item(struct yamltree_node **out, struct parse *p, const struct yamltree_node *parent,
                                yaml_event_t *e, unsigned depth, struct wn_err *err)
{
    struct yamltree_node *key = NULL, *value;
    enum wn_status st;

    if (parent->kind == YAMLTREE_MAP) {
        st = read_node(&key, p, e, depth, err);
        if (st == WN_OK)
            st = check_key(p, parent, key, err);
        if (st == WN_OK)
            st = next_event(p, e, err);
        if (st != WN_OK)
            return st;
    }
    st = read_node(&value, p, e, depth, err);
    if (st != WN_OK)
        return st;
    if (key) {
        value->key = key->text;
        value->key_at = key->at;
    }
    *out = value;
    return WN_OK;
}

static enum wn_status read_children(struct parse *p, struct yamltree_node *parent, unsigned depth, struct wn_err *err)
{
    struct yamltree_node **tail = &parent->first;
    yaml_event_t e;

    for (unsigned n = 0;; n++) {
        enum wn_status st = next_event(p, &e, err);

        if (st != WN_OK)
            return st;
        if (e.type == YAML_MAPPING_END_EVENT || e.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&e);
            return WN_OK;
        }
        if (n == YAMLTREE_MAX_ITEMS) {
            yaml_event_delete(&e);
            return wn_fail(err, WN_BADCONF, "%s:%lu:%lu: more than %d items", p->name, parent->at.line,
                           parent->at.column, YAMLTREE_MAX_ITEMS);
        }
        st = read_item(tail, p, parent, &e, depth + 1, err);
        if (st != WN_OK)
            return st;
        tail = &(*tail)->next;
    }
}

/* Reads the node that starts with E, and gives E back to libyaml in any case. */
static enum wn_status read_node(struct yamltree_node **out, struct parse *p, yaml_event_t *e, unsigned depth,
                                struct wn_err *err)
{
    struct yamltree_node *n = NULL;
    enum wn_status st = check_event(p, e, depth, err);

    if (st == WN_OK)
        st = new_node(&n, p, e, err);
    yaml_event_delete(e);
    if (st == WN_OK && n->kind != YAMLTREE_SCALAR)
        st = read_children(p, n, depth, err);
    if (st == WN_OK)
        *out = n;
    return st;
}

/* Events before and between documents say nothing of their own. */
static enum wn_status next_of(struct parse *p, yaml_event_type_t skip, yaml_event_t *e, struct wn_err *err)
{
    enum wn_status st = next_event(p, e, err);

    if (st == WN_OK && e->type == skip) {
        yaml_event_delete(e);
        st = next_event(p, e, err);
    }
    return st;
}

static enum wn_status read_stream(struct yamltree_node **out, struct parse *p, struct wn_err *err)
{
    yaml_event_t e;
    enum wn_status st = next_of(p, YAML_STREAM_START_EVENT, &e, err);

    if (st != WN_OK || e.type == YAML_STREAM_END_EVENT)
        return st;
    yaml_event_delete(&e);   /* start of the document */
    st = next_event(p, &e, err);
    if (st == WN_OK)
        st = read_node(out, p, &e, 1, err);
    if (st == WN_OK)
        st = next_of(p, YAML_DOCUMENT_END_EVENT, &e, err);
    if (st != WN_OK)
        return st;
    if (e.type != YAML_STREAM_END_EVENT)
        st = refuse(p, place_of(e.start_mark), "a second document; one file holds one policy", err);
    yaml_event_delete(&e);
    return st;
}

enum wn_status yamltree_parse(const struct yamltree_node **root, struct wn_arena *a, const char *name,
                              struct wn_str text, struct wn_err *err)
{
    struct parse p = { .arena = a, .name = name, .text = text };
    struct yamltree_node *n = NULL;
    enum wn_status st;

    *root = NULL;
    if (text.len > YAMLTREE_MAX_BYTES)
        return wn_fail(err, WN_BADCONF, "'%s' has %zu bytes; a policy has at most %d", name, text.len,
                       YAMLTREE_MAX_BYTES);
    if (!yaml_parser_initialize(&p.yaml))
        return no_memory(&p, err);
    /* Said aloud, so that a byte order mark cannot switch to UTF-16. */
    yaml_parser_set_encoding(&p.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&p.yaml, (const unsigned char *)text.ptr, text.len);
    st = read_stream(&n, &p, err);
    yaml_parser_delete(&p.yaml);
    if (st == WN_OK)
        *root = n;
    return st;
}
