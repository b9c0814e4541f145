#include <winnow/rules.h>
#include <winnow/text.h>

#include <math.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "detect/rules_file.h"
#include "detect/rules_scan.h"
#include "detect/rules_sieve.h"

enum {
    STEP_LIMIT = 100000,            /* of one match attempt: about a millisecond           */
    HEAP_LIMIT_KIB = 16 << 10,      /* of the interpreter, where the JIT is not available  */
    JIT_STACK_MIN = 32 << 10, JIT_STACK_MAX = 1 << 20,
    MAX_HITS = 256,                 /* of one rule in one text                             */
    NAMED = 4                       /* rules that a reason spells out                      */
};

struct rule {
    const struct rule_def *def;
    pcre2_code *code;
};

struct wn_rules {
    struct rule_set set;            /* owns the definitions and, in its arena, the sieve */
    struct rule *rule;
    size_t n_compiled;
    const struct sieve *sieve;
    size_t n_sieved;
    pcre2_general_context *memory;
    pcre2_compile_context *syntax;
};

struct wn_rules_scratch {
    pcre2_match_data *match;
    pcre2_match_context *limits;
    pcre2_jit_stack *stack;
    unsigned char *sieve_state;
    bool *may;
};

/* PCRE2 draws its memory through these, so that faults in it can be tested. */
static void *give(size_t n, void *data)
{
    (void)data;
    return malloc(n);
}

static void take_back(void *p, void *data)
{
    (void)data;
    free(p);
}

static enum wn_status no_memory(struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot load rules: out of memory");
}

/* ---- loading ----------------------------------------------------------------------- */

static enum wn_status compile_rule(struct wn_rules *r, const struct rule_def *def, struct wn_err *err)
{
    const uint32_t how = PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C;
    PCRE2_UCHAR why[160];
    PCRE2_SIZE at;
    int code;
    pcre2_code *c;

    c = pcre2_compile((PCRE2_SPTR)def->pattern.ptr, def->pattern.len, how, &code, &at, r->syntax);
    if (!c && code == PCRE2_ERROR_HEAP_FAILED)
        return no_memory(err);
    if (!c) {
        pcre2_get_error_message(code, why, sizeof(why));
        return wn_fail(err, WN_BADCONF, "rule '%s' does not compile: %s at byte %zu of the pattern, in '%s', line %llu",
                       def->id, (const char *)why, (size_t)at, def->file, (unsigned long long)def->match_line);
    }
    /* Where the JIT refuses (no executable memory, say) the interpreter answers. */
    pcre2_jit_compile(c, PCRE2_JIT_COMPLETE);
    r->rule[r->n_compiled].def = def;
    r->rule[r->n_compiled].code = c;
    r->n_compiled++;
    return WN_OK;
}

static enum wn_status build_sieve(struct wn_rules *r, struct wn_err *err)
{
    struct need_branch **needs = wn_arena_calloc(&r->set.arena, r->n_compiled, sizeof(*needs));

    if (!needs)
        return no_memory(err);
    for (size_t i = 0; i < r->n_compiled; i++) {
        if (need_of_pattern(r->rule[i].def->pattern, &r->set.arena, &needs[i]) != WN_OK)
            return no_memory(err);
        r->n_sieved += needs[i] != NULL;
    }
    r->sieve = sieve_new(needs, r->n_compiled, &r->set.arena);
    return r->sieve ? WN_OK : no_memory(err);
}

static enum wn_status compile_all(struct wn_rules *r, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    r->rule = wn_arena_calloc(&r->set.arena, r->set.n, sizeof(*r->rule));
    r->memory = pcre2_general_context_create(give, take_back, NULL);
    r->syntax = r->memory ? pcre2_compile_context_create(r->memory) : NULL;
    if (!r->rule || !r->syntax)
        return no_memory(err);
    pcre2_set_newline(r->syntax, PCRE2_NEWLINE_ANYCRLF);
    for (const struct rule_def *d = r->set.first; d && st == WN_OK; d = d->next)
        st = compile_rule(r, d, err);
    return st == WN_OK ? build_sieve(r, err) : st;
}

enum wn_status wn_rules_load(struct wn_rules **out, const char *const *paths, size_t n_paths, struct wn_err *err)
{
    struct wn_rules *r = calloc(1, sizeof(*r));
    enum wn_status st = r ? WN_OK : no_memory(err);

    *out = NULL;
    for (size_t i = 0; i < n_paths && st == WN_OK; i++)
        st = rule_set_load(&r->set, paths[i], err);
    if (st == WN_OK)
        st = compile_all(r, err);
    if (st == WN_OK) {
        *out = r;
        r = NULL;
    }
    wn_rules_free(r);
    return st;
}

enum wn_status wn_rules_parse(struct wn_rules **out, const char *name, struct wn_str text, struct wn_err *err)
{
    struct wn_rules *r = calloc(1, sizeof(*r));
    enum wn_status st = r ? rule_set_parse(&r->set, name, text, err) : no_memory(err);

    *out = NULL;
    if (st == WN_OK)
        st = compile_all(r, err);
    if (st == WN_OK) {
        *out = r;
        r = NULL;
    }
    wn_rules_free(r);
    return st;
}

void wn_rules_free(struct wn_rules *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n_compiled; i++)
        pcre2_code_free(r->rule[i].code);
    pcre2_compile_context_free(r->syntax);
    pcre2_general_context_free(r->memory);
    rule_set_release(&r->set);
    free(r);
}

size_t wn_rules_count(const struct wn_rules *r)
{
    return r->n_compiled;
}

const char *wn_rules_id(const struct wn_rules *r, size_t i)
{
    return r->rule[i].def->id;
}

size_t rules_sieved(const struct wn_rules *r)
{
    return r->n_sieved;
}

enum wn_status wn_rules_dump(const struct wn_rules *r, struct wn_buf *out, struct wn_err *err)
{
    rule_set_dump(&r->set, out);
    return wn_buf_status(out, err);
}

/* ---- scanning ------------------------------------------------------------------------ */

struct wn_rules_scratch *wn_rules_scratch_new(const struct wn_rules *r)
{
    struct wn_rules_scratch *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    w->match = pcre2_match_data_create(1, r->memory);
    w->limits = pcre2_match_context_create(r->memory);
    w->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, r->memory);
    w->sieve_state = malloc(sieve_state_bytes(r->sieve));
    w->may = malloc((r->n_compiled + 1) * sizeof(*w->may));
    /* No JIT stack is no failure: the JIT may be absent, and it has 32 KiB of its own. */
    if (!w->match || !w->limits || !w->sieve_state || !w->may) {
        wn_rules_scratch_free(w);
        return NULL;
    }
    pcre2_set_match_limit(w->limits, STEP_LIMIT);
    pcre2_set_heap_limit(w->limits, HEAP_LIMIT_KIB);
    pcre2_jit_stack_assign(w->limits, NULL, w->stack);
    return w;
}

void wn_rules_scratch_free(struct wn_rules_scratch *w)
{
    if (!w)
        return;
    pcre2_match_data_free(w->match);
    pcre2_match_context_free(w->limits);
    if (w->stack)
        pcre2_jit_stack_free(w->stack);
    free(w->sieve_state);
    free(w->may);
    free(w);
}

/* One hit in bytes. */
struct hit {
    size_t start, end;
    double weight;
};

/* The hits of one text, in the arena. */
struct hits {
    struct wn_arena *arena;
    struct hit *item;
    size_t n, room;
    bool lost;          /* memory was short: no spans then */
};

static void add_hit(struct hits *h, struct hit hit)
{
    if (h->n == h->room && !h->lost) {
        size_t room = h->room ? 2 * h->room : 16;
        struct hit *more = wn_arena_calloc(h->arena, room, sizeof(*more));

        h->lost = !more;
        if (more && h->n)
            memcpy(more, h->item, h->n * sizeof(*more));
        if (more) {
            h->item = more;
            h->room = room;
        }
    }
    if (!h->lost)
        h->item[h->n] = hit;
    h->n++;
}

/* All hits of one rule from left to right, at most MAX_HITS; HITS may be NULL.
 * Returns how many, or -1 when the step limit (or the JIT's stack) was reached. */
static int match_rule(const struct rule *rule, struct wn_rules_scratch *w, struct wn_str text, struct hits *hits)
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(w->match);
    PCRE2_SIZE from = 0;
    int n = 0;

    while (n < MAX_HITS && from <= text.len) {
        int rc = pcre2_match(rule->code, (PCRE2_SPTR)text.ptr, text.len, from, PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY,
                             w->match, w->limits);

        if (rc == PCRE2_ERROR_NOMATCH)
            break;
        if (rc < 0)
            return -1;
        n++;
        /* \K can put the start behind the end, or the end before FROM. */
        if (hits)
            add_hit(hits, (struct hit){ at[0] < at[1] ? at[0] : at[1], at[1], rule->def->weight_nats });
        if (at[1] > from)
            from = at[1];
        else if (from < text.len)
            wn_utf8_next(text, &from);
        else
            break;
    }
    return n;
}

static int by_place(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return (x->weight > y->weight) - (x->weight < y->weight);
}

static uint64_t points(struct wn_str text, size_t from, size_t to)
{
    return wn_utf8_count((struct wn_str){ text.ptr + from, to - from });
}

/* Spans in code points, by place. */
static void make_spans(struct hits *h, struct wn_str text, struct wn_evidence *ev)
{
    struct wn_span *span;
    uint64_t n_points = 0;
    size_t at = 0;

    span = h->lost || !h->n ? NULL : wn_arena_calloc(h->arena, h->n, sizeof(*span));
    if (!span)
        return;
    qsort(h->item, h->n, sizeof(*h->item), by_place);
    for (size_t i = 0; i < h->n; i++) {
        n_points += points(text, at, h->item[i].start);
        at = h->item[i].start;
        span[i].start = n_points;
        span[i].end = n_points + points(text, at, h->item[i].end);
        span[i].score = h->item[i].weight;
    }
    ev->spans = span;
    ev->n_spans = h->n;
}

/* The reason as it grows: names of rules, the first few spelt out. */
struct names {
    struct wn_arena *arena;
    const char *text;       /* NULL: memory was short */
    size_t n;
};

static void add_name(struct names *names, const char *id)
{
    if (names->n < NAMED && names->text)
        names->text = wn_arena_printf(names->arena, "%s%s%s", names->text, names->n ? ", " : "", id);
    names->n++;
}

static const char *names_text(const struct names *names)
{
    if (names->n > NAMED && names->text)
        return wn_arena_printf(names->arena, "%s and %zu more", names->text, names->n - NAMED);
    return names->text;
}

static const char *make_reason(const struct names *fired, const struct names *limited, struct wn_arena *a)
{
    const char *f = names_text(fired), *l = names_text(limited), *text = "no rule fired";

    if (fired->n)
        text = f ? wn_arena_printf(a, "%s %s", fired->n == 1 ? "rule fired:" : "rules fired:", f) : NULL;
    if (limited->n && text)
        text = l ? wn_arena_printf(a, "%s; over the step limit, not counted: %s", text, l) : NULL;
    return text ? text : "rules fired";
}

bool rules_scan(const struct wn_rules *r, struct wn_rules_scratch *w, struct wn_str text, bool use_sieve,
                struct wn_arena *a, struct wn_evidence *ev)
{
    struct hits hits = { a, NULL, 0, 0, false };
    struct names fired = { a, "", 0 }, limited = { a, "", 0 };

    memset(ev, 0, sizeof(*ev));
    if (use_sieve)
        sieve_run(r->sieve, text, w->sieve_state, w->may);
    for (size_t i = 0; i < r->n_compiled; i++) {
        size_t before = hits.n;
        int n;

        if (use_sieve && !w->may[i])
            continue;
        n = match_rule(&r->rule[i], w, text, &hits);
        if (n < 0) {
            hits.n = before;
            add_name(&limited, r->rule[i].def->id);
        } else if (n > 0) {
            ev->value += r->rule[i].def->weight_nats;
            add_name(&fired, r->rule[i].def->id);
        }
    }
    ev->detector = "rules";
    ev->statistic = "weight_nats";
    ev->n = (double)hits.n;
    ev->log10_p = NAN;
    ev->null_name = "";
    ev->log_odds_nats = ev->value;
    ev->reason = make_reason(&fired, &limited, a);
    make_spans(&hits, text, ev);
    return fired.n > 0;
}

bool wn_rules_scan(const struct wn_rules *r, struct wn_rules_scratch *w, struct wn_str text,
                   struct wn_arena *a, struct wn_evidence *ev)
{
    return rules_scan(r, w, text, true, a, ev);
}

/* ---- self test ------------------------------------------------------------------------- */

static enum wn_status test_lines(const struct wn_rules *r, struct wn_rules_scratch *w, size_t i,
                                 const struct rule_line *l, bool must, struct wn_err *err)
{
    const struct rule *rule = &r->rule[i];
    const char *what;

    for (; l; l = l->next) {
        int n = match_rule(rule, w, l->text, NULL);

        sieve_run(r->sieve, l->text, w->sieve_state, w->may);
        if (n > 0 && !w->may[i])
            return wn_fail(err, WN_BROKEN, "the prefilter loses a match of rule '%s' in '%s', line %llu",
                           rule->def->id, rule->def->file, (unsigned long long)l->line);
        if (n >= 0 && (n > 0) == must)
            continue;
        what = n < 0 ? "needs too many steps on" : must ? "does not match" : "matches";
        return wn_fail(err, WN_BADCONF, "rule '%s' %s a line that it must %smatch in '%s', line %llu", rule->def->id,
                       what, must ? "" : "not ", rule->def->file, (unsigned long long)l->line);
    }
    return WN_OK;
}

enum wn_status wn_rules_self_test(const struct wn_rules *r, struct wn_err *err)
{
    struct wn_rules_scratch *w = wn_rules_scratch_new(r);
    enum wn_status st = WN_OK;

    if (!w)
        return wn_fail(err, WN_NOMEM, "cannot test rules: out of memory");
    for (size_t i = 0; i < r->n_compiled && st == WN_OK; i++) {
        st = test_lines(r, w, i, r->rule[i].def->must, true, err);
        if (st == WN_OK)
            st = test_lines(r, w, i, r->rule[i].def->mustnot, false, err);
    }
    wn_rules_scratch_free(w);
    return st;
}
