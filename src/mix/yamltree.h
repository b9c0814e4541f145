/*
 * yamltree.h - a small YAML document as a tree whose every node knows its place.
 *
 * Only what a policy needs: one document of mappings, lists and scalars.  Refused by
 * name and place: anchors and aliases (so nothing can expand), tags, more than one
 * document, a key given twice in one mapping, keys that are no scalars, and anything
 * beyond the ceilings below.  The tree lives in the caller's arena.
 */
#ifndef MIX_YAMLTREE_H
#define MIX_YAMLTREE_H

#include <winnow/arena.h>

enum {
    YAMLTREE_MAX_BYTES = 1 << 20,
    YAMLTREE_MAX_DEPTH = 8,
    YAMLTREE_MAX_ITEMS = 256   /* of one mapping or list; bounds the search for duplicates */
};

enum yamltree_kind { YAMLTREE_SCALAR, YAMLTREE_MAP, YAMLTREE_LIST };

struct yamltree_place {
    unsigned long line, column;   /* from 1 */
};

struct yamltree_node {
    enum yamltree_kind kind;
    struct wn_str text;                  /* scalar: decoded                             */
    bool plain;                          /* scalar: without quotes, so it may be a number */
    struct yamltree_place at;
    struct wn_str key;                   /* member of a mapping                         */
    struct yamltree_place key_at;
    struct yamltree_node *first, *next;  /* children in their order                     */
};

/* Parses TEXT; *ROOT is NULL when it holds no document (nothing but comments).  NAME
 * stands in front of messages: "name:line:column: what".  WN_BADCONF or WN_NOMEM. */
enum wn_status yamltree_parse(const struct yamltree_node **root, struct wn_arena *a, const char *name,
                              struct wn_str text, struct wn_err *err);

/* S for a message: at most 40 bytes, control characters as '?'. */
struct yamltree_shown {
    char text[48];
};
struct yamltree_shown yamltree_show(struct wn_str s);

#endif
