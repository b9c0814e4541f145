#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

const struct cli_opt cli_common_opts[] = {
    { .help = "General" },
    { .name = "quiet", .letter = 'q', .kind = CLI_FLAG, .at = offsetof(struct cli_common, quiet),
      .help = "no summary and no progress on standard error; errors and warnings stay" },
    { .name = "help", .letter = 'h', .kind = CLI_FLAG, .at = offsetof(struct cli_common, help), .help = "print this text" },
    { .name = NULL }
};

const char *cli_nearest(const char *word, const char *const *names)
{
    struct wn_suggest s = wn_suggest_for(wn_str(word));

    for (; *names; names++) {
        /* A beginning is how people type a long option. */
        if (word[0] && strncmp(*names, word, strlen(word)) == 0)
            return *names;
        wn_suggest_offer(&s, *names);
    }
    return s.best;
}

static bool ends_table(const struct cli_opt *o)
{
    return !o->name && !o->help;
}

static const struct cli_opt *find(const struct cli_opt *table, const char *name, size_t len, char letter)
{
    for (const struct cli_opt *o = table; o && !ends_table(o); o++)
        if (o->name && (letter ? o->letter == letter : strlen(o->name) == len && strncmp(o->name, name, len) == 0))
            return o;
    return NULL;
}

/* A number with '_' between digits allowed. */
static bool number(const char *text, double *out, uint64_t *exact, char *unit)
{
    char clean[64], *end;
    size_t n = 0;

    for (const char *p = text; *p; p++) {
        if (*p == '_' && p > text && isdigit((unsigned char)p[-1]) && isdigit((unsigned char)p[1]))
            continue;
        if (n + 1 == sizeof(clean))
            return false;
        clean[n++] = *p;
    }
    clean[n] = 0;
    if (!n || isspace((unsigned char)clean[0]))
        return false;
    errno = 0;
    *out = strtod(clean, &end);
    *unit = *end;
    /* A double would round a seed above 2^53: such a number must be plain digits. */
    if (strspn(clean, "0123456789") == n)
        *exact = strtoull(clean, NULL, 10);
    else
        *exact = *out >= 0 && *out < 0x1p53 ? (uint64_t)*out : 0;
    return end > clean && !errno && isfinite(*out) && (!*end || !end[1]);
}

static bool unit_factor(char unit, double *factor)
{
    switch (toupper((unsigned char)unit)) {
    case 0: *factor = 1; return true;
    case 'K': *factor = 1024; return true;
    case 'M': *factor = 1024 * 1024; return true;
    case 'G': *factor = 1024.0 * 1024 * 1024; return true;
    case 'T': *factor = 1024.0 * 1024 * 1024 * 1024; return true;
    }
    return false;
}

static enum wn_status set_number(const struct cli_opt *o, const char *value, char *at, struct wn_err *err)
{
    double x, factor = 1;
    uint64_t exact = 0;
    char unit;
    bool ok = number(value, &x, &exact, &unit) && (o->kind == CLI_BYTES ? unit_factor(unit, &factor) : !unit);

    x = ok ? x * factor : 0;
    if (!ok || (o->kind != CLI_REAL && (x < 0 || x != floor(x))))
        return wn_fail(err, WN_BADCONF, "--%s: '%s' is not %s", o->name, value,
                       o->kind == CLI_REAL ? "a number" : o->kind == CLI_UINT ? "a whole number" : "a size such as 64M");
    if ((o->min != 0 || o->max != 0) && (x < o->min || x > o->max))
        return wn_fail(err, WN_BADCONF, "--%s: %s is out of range, from %g to %g", o->name, value, o->min, o->max);
    if (o->kind == CLI_REAL) {
        memcpy(at, &x, sizeof(x));
        return WN_OK;
    }
    if (factor != 1)
        exact = (uint64_t)x;
    if (!exact && x >= 0x1p53)
        return wn_fail(err, WN_BADCONF, "--%s: %s is too large, or not written in plain digits", o->name, value);
    memcpy(at, &exact, sizeof(exact));
    return WN_OK;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t n = value ? strlen(value) : 0;

    for (const char *p = choices; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
        if (n && strncmp(p, value, n) == 0 && (p[n] == '|' || !p[n]))
            return true;
    return false;
}

static enum wn_status append(struct cli_list *l, const char *value, struct wn_arena *a, struct wn_err *err)
{
    const char **grown = l->item;

    /* Grows at 0, 1, 2, 4, 8, ... items. */
    if ((l->n & (l->n - 1)) == 0) {
        grown = wn_arena_alloc(a, (l->n ? l->n * 2 : 1) * sizeof(*grown));
        if (!grown)
            return wn_fail(err, WN_NOMEM, "out of memory for options");
        if (l->n)
            memcpy(grown, l->item, l->n * sizeof(*grown));
    }
    grown[l->n++] = value;
    l->item = grown;
    return WN_OK;
}

static enum wn_status set(const struct cli_opt *o, const char *value, char *base, struct wn_arena *a, struct wn_err *err)
{
    char *at = base + o->at;

    switch (o->kind) {
    case CLI_FLAG:
        *(bool *)(void *)at = true;
        return WN_OK;
    case CLI_CHOICE:
        if (!is_choice(o->choices, value))
            return wn_fail(err, WN_BADCONF, "--%s: '%s' is not one of %s", o->name, value, o->choices);
        /* fall through */
    case CLI_STR:
        memcpy(at, &value, sizeof(value));
        return WN_OK;
    case CLI_LIST:
        return append((struct cli_list *)(void *)at, value, a, err);
    default:
        return set_number(o, value, at, err);
    }
}

/* The length of "winnow lm build" in "winnow lm build [options] ...". */
static int command_words(const struct cli_cmd *cmd)
{
    size_t n = strcspn(cmd->usage, "-[ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    while (n && cmd->usage[n - 1] == ' ')
        n--;
    return (int)n;
}

static enum wn_status unknown_option(const struct cli_cmd *cmd, const char *word, struct wn_err *err)
{
    const char *names[80];
    size_t n = 0;
    const char *near;

    for (const struct cli_opt *o = cmd->opts; o && !ends_table(o); o++)
        if (o->name && n < 70)
            names[n++] = o->name;
    for (const struct cli_opt *o = cli_common_opts; !ends_table(o); o++)
        if (o->name)
            names[n++] = o->name;
    names[n] = NULL;
    near = word[0] == '-' && word[1] == '-' ? cli_nearest(word + 2, names) : NULL;
    return wn_fail(err, WN_BADCONF, "unknown option '%s'%s%s%s; '%.*s --help' lists the options", word,
                   near ? ", did you mean '--" : "", near ? near : "", near ? "'?" : "", command_words(cmd), cmd->usage);
}

/* One word of the command line that starts with '-'; *I moves on when it takes the
 * next word as its value. */
static enum wn_status option(const struct cli_cmd *cmd, char **argv, size_t n, size_t *i, struct wn_arena *a, char *args,
                             struct cli_common *common, struct wn_err *err)
{
    const char *word = argv[*i];
    bool is_long = word[1] == '-';
    const char *eq = is_long ? strchr(word, '=') : NULL;
    size_t len = is_long ? (eq ? (size_t)(eq - word) : strlen(word)) - 2 : 0;
    char *base = args;
    const struct cli_opt *o = find(cmd->opts, word + 2, len, is_long ? 0 : word[1]);
    const char *value = eq ? eq + 1 : !is_long && word[2] ? word + 2 : NULL;

    if (!o) {
        o = find(cli_common_opts, word + 2, len, is_long ? 0 : word[1]);
        base = (char *)common;
    }
    if (!o)
        return unknown_option(cmd, word, err);
    if (o->kind == CLI_FLAG) {
        if (value)
            return wn_fail(err, WN_BADCONF, "--%s takes no value", o->name);
    } else if (!value) {
        if (*i + 1 >= n)
            return wn_fail(err, WN_BADCONF, "--%s needs a value: %s", o->name, o->kind == CLI_CHOICE ? o->choices : o->arg);
        value = argv[++*i];
    }
    return set(o, value, base, a, err);
}

enum wn_status cli_parse(const struct cli_cmd *cmd, char **argv, size_t n, struct wn_arena *a, void *args,
                         struct cli_common *common, const char ***rest, size_t *n_rest, struct wn_err *err)
{
    struct cli_list words = { NULL, 0 };
    bool only_words = false;
    enum wn_status st = WN_OK;

    for (const struct cli_opt *o = cmd->opts; o && !ends_table(o) && st == WN_OK; o++)
        if (o->name && o->dflt && o->kind != CLI_LIST)
            st = set(o, o->dflt, args, a, err);
    for (size_t i = 0; i < n && st == WN_OK; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0)
            only_words = true;
        else if (only_words || argv[i][0] != '-' || !argv[i][1])
            st = append(&words, argv[i], a, err);
        else
            st = option(cmd, argv, n, &i, a, args, common, err);
    }
    *rest = words.item;
    *n_rest = words.n;
    return st;
}

enum wn_status cli_parse_shard(const char *text, unsigned *shard, unsigned *n, struct wn_err *err)
{
    char *end = NULL, *last = NULL;
    unsigned long i, count;

    *shard = 0;
    *n = 1;
    if (!text)
        return WN_OK;
    i = strtoul(text, &end, 10);
    count = end > text && *end == '/' ? strtoul(end + 1, &last, 10) : 0;
    if (!last || *last || last == end + 1 || count < 1 || count > 1000000 || i >= count || !isdigit((unsigned char)text[0]))
        return wn_fail(err, WN_BADCONF, "--shard: '%s' is not INDEX/COUNT with INDEX from 0 to COUNT-1", text);
    *shard = (unsigned)i;
    *n = (unsigned)count;
    return WN_OK;
}
