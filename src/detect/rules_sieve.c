#include "detect/rules_sieve.h"

#include <limits.h>

/* A literal is found by four of its bytes, or by three when it has no more.  Hashes of
 * 16 bits keep the two bit tables in the first-level cache. */
enum { SHORT_GRAM = NEED_MIN_BYTES, LONG_GRAM = 4, HASH_BITS = 16, HASH_SIZE = 1 << HASH_BITS };

/* One literal of one set. */
struct entry {
    uint32_t gram;              /* its rarest bytes ...            */
    uint32_t offset;            /* ... and where in it they stand  */
    struct wn_str text;
    uint32_t set;
    uint32_t next;              /* entry of the same hash; 0: none */
};

/* One branch: sets FIRST .. FIRST+N-1 must all be found. */
struct branch {
    uint32_t rule, first, n;
};

/* Where the entries of one gram length start. */
struct table {
    size_t gram_len;
    uint32_t mask;              /* cuts the gram out of four bytes */
    uint32_t *head;             /* by hash; 0: none */
    uint64_t *bit;              /* by hash: head is not 0 */
};

struct sieve {
    size_t n_rules, n_sets, n_branches, n_entries;
    struct entry *entry;        /* from 1 */
    struct branch *branch;
    bool *always;
    struct table brief, full;
    unsigned char fold[UCHAR_MAX + 1];
};

static uint32_t hash(uint32_t gram)
{
    return (gram * 0x9E3779B1u) >> (32 - HASH_BITS);
}

static unsigned fold_byte(unsigned c)
{
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* How rare a byte is in running text: letters by their rank in Western languages. */
static int rarity(unsigned char c)
{
    static const char common[] = " eatinosrldcumphgfbvywkxjqz";
    const char *at = strchr(common, c);

    return at && c ? (int)(at - common) : 20;
}

static int rarity_at(struct wn_str s, size_t at, size_t len)
{
    int sum = 0;

    for (size_t i = at; i < at + len; i++)
        sum += rarity((unsigned char)s.ptr[i]);
    return sum;
}

static void add_entry(struct sieve *s, struct wn_str text, uint32_t set)
{
    struct table *t = text.len < LONG_GRAM ? &s->brief : &s->full;
    struct entry *e = &s->entry[++s->n_entries];
    uint32_t h;
    size_t best = 0;

    for (size_t i = 1; i + t->gram_len <= text.len; i++)
        if (rarity_at(text, i, t->gram_len) > rarity_at(text, best, t->gram_len))
            best = i;
    for (size_t i = 0; i < t->gram_len; i++)
        e->gram = e->gram << 8 | (unsigned char)text.ptr[best + i];
    e->offset = (uint32_t)best;
    e->text = text;
    e->set = set;
    h = hash(e->gram);
    e->next = t->head[h];
    t->head[h] = (uint32_t)s->n_entries;
    t->bit[h >> 6] |= (uint64_t)1 << (h & 63);
}

static void add_rule(struct sieve *s, uint32_t rule, const struct need_branch *need)
{
    s->always[rule] = !need;
    for (; need; need = need->next) {
        struct branch *b = &s->branch[s->n_branches++];

        b->rule = rule;
        b->first = (uint32_t)s->n_sets;
        for (const struct need_set *set = need->sets; set; set = set->next, b->n++, s->n_sets++)
            for (const struct need_literal *l = set->first; l; l = l->next)
                add_entry(s, l->text, (uint32_t)s->n_sets);
    }
}

static bool table_init(struct table *t, size_t gram_len, struct wn_arena *a)
{
    t->gram_len = gram_len;
    t->mask = gram_len == LONG_GRAM ? UINT32_MAX : 0xFFFFFF;
    t->head = wn_arena_calloc(a, HASH_SIZE, sizeof(*t->head));
    t->bit = wn_arena_calloc(a, HASH_SIZE / 64, sizeof(*t->bit));
    return t->head && t->bit;
}

const struct sieve *sieve_new(struct need_branch *const *needs, size_t n_rules, struct wn_arena *a)
{
    struct sieve *s = wn_arena_calloc(a, 1, sizeof(*s));
    size_t n_branches = 0, n_entries = 1;

    for (size_t r = 0; r < n_rules; r++)
        for (const struct need_branch *b = needs[r]; b; b = b->next, n_branches++)
            for (const struct need_set *set = b->sets; set; set = set->next)
                n_entries += set->n;
    if (!s)
        return NULL;
    s->entry = wn_arena_calloc(a, n_entries, sizeof(*s->entry));
    s->branch = wn_arena_calloc(a, n_branches, sizeof(*s->branch));
    s->always = wn_arena_calloc(a, n_rules, sizeof(*s->always));
    if (!s->entry || !s->branch || !s->always || !table_init(&s->brief, SHORT_GRAM, a) ||
        !table_init(&s->full, LONG_GRAM, a))
        return NULL;
    s->n_rules = n_rules;
    for (unsigned c = 0; c <= UCHAR_MAX; c++)
        s->fold[c] = (unsigned char)fold_byte(c);
    for (size_t r = 0; r < n_rules; r++)
        add_rule(s, (uint32_t)r, needs[r]);
    return s;
}

size_t sieve_state_bytes(const struct sieve *s)
{
    return s->n_sets + 1;
}

static bool holds(const struct sieve *s, const unsigned char *p, struct wn_str literal)
{
    for (size_t i = 0; i < literal.len; i++)
        if (s->fold[p[i]] != (unsigned char)literal.ptr[i])
            return false;
    return true;
}

/* Checks the entries whose gram ends with the byte at END-1. */
static void check(const struct sieve *s, const struct table *t, struct wn_str text, size_t end, uint32_t gram,
                  unsigned char *state)
{
    const unsigned char *p = (const unsigned char *)text.ptr;
    size_t at;

    if (end < t->gram_len)
        return;
    at = end - t->gram_len;
    for (uint32_t i = t->head[hash(gram)]; i; i = s->entry[i].next) {
        const struct entry *e = &s->entry[i];

        if (e->gram != gram || state[e->set] || e->offset > at || text.len - (at - e->offset) < e->text.len)
            continue;
        state[e->set] = holds(s, p + at - e->offset, e->text);
    }
}

static bool listed(const uint64_t *bit, uint32_t gram)
{
    uint32_t h = hash(gram);

    return bit[h >> 6] >> (h & 63) & 1;
}

/* Fills STATE: which sets the text holds. */
static void find_sets(const struct sieve *s, struct wn_str text, unsigned char *state)
{
    const unsigned char *p = (const unsigned char *)text.ptr, *fold = s->fold;
    const uint64_t *brief = s->brief.bit, *full = s->full.bit;
    uint32_t gram = 0, brief_mask = s->brief.mask;

    memset(state, 0, s->n_sets);
    for (size_t i = 0; i < text.len; i++) {
        gram = gram << 8 | fold[p[i]];
        if (listed(full, gram))
            check(s, &s->full, text, i + 1, gram, state);
        if (listed(brief, gram & brief_mask))
            check(s, &s->brief, text, i + 1, gram & brief_mask, state);
    }
}

/* U+017F and U+212A equal s and k without regard to case (Unicode CaseFolding). */
static bool has_foreign_ascii(struct wn_str text)
{
    return text.len && (memmem(text.ptr, text.len, "\xC5\xBF", 2) || memmem(text.ptr, text.len, "\xE2\x84\xAA", 3));
}

void sieve_run(const struct sieve *s, struct wn_str text, unsigned char *state, bool *may)
{
    if (has_foreign_ascii(text)) {
        memset(may, true, s->n_rules * sizeof(*may));
        return;
    }
    find_sets(s, text, state);
    memcpy(may, s->always, s->n_rules * sizeof(*may));
    for (size_t b = 0; b < s->n_branches; b++) {
        bool all = true;

        for (uint32_t k = 0; k < s->branch[b].n; k++)
            all = all && state[s->branch[b].first + k];
        may[s->branch[b].rule] = may[s->branch[b].rule] || all;
    }
}
