#include "collapse/ref_case.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- files ------------------------------------------------------------------------------------ */

enum wn_status ref_file_open(struct ref_file *f, const char *path, struct wn_err *err)
{
    const char *slash = strrchr(path, '/');

    *f = (struct ref_file){ .name = slash ? slash + 1 : path };
    f->root = json_object_from_file(path);
    if (!f->root)
        return wn_fail(err, WN_BADDATA, "cannot read '%s': it is missing or not JSON", path);
    if (!json_object_is_type(f->root, json_type_object))
        return wn_fail(err, WN_BADDATA, "cannot read '%s': it is not a JSON object", path);
    f->cases = ref_member(f->root, "cases");
    if (f->cases && !json_object_is_type(f->cases, json_type_array))
        return wn_fail(err, WN_BADDATA, "cannot read '%s': 'cases' is not an array", path);
    return WN_OK;
}

void ref_file_close(struct ref_file *f)
{
    json_object_put(f->root);
    *f = (struct ref_file){ .name = NULL };
}

struct json_object *ref_member(struct json_object *object, const char *key)
{
    struct json_object *out = NULL;

    if (!json_object_is_type(object, json_type_object))
        return NULL;
    json_object_object_get_ex(object, key, &out);
    return out;
}

const char *ref_text(struct json_object *object, const char *key)
{
    struct json_object *v = ref_member(object, key);

    return json_object_is_type(v, json_type_string) ? json_object_get_string(v) : "";
}

static bool is_number(struct json_object *v)
{
    return json_object_is_type(v, json_type_double) || json_object_is_type(v, json_type_int);
}

double ref_number(struct json_object *object, const char *key)
{
    struct json_object *v = ref_member(object, key);

    return is_number(v) ? json_object_get_double(v) : (double)NAN;
}

static size_t count_numbers(struct json_object *array)
{
    size_t n = 0;

    if (is_number(array))
        return 1;
    if (!json_object_is_type(array, json_type_array))
        return 0;
    for (size_t i = 0; i < json_object_array_length(array); i++)
        n += count_numbers(json_object_array_get_idx(array, i));
    return n;
}

static void copy_numbers(struct json_object *array, double *out, size_t *at)
{
    if (is_number(array)) {
        out[(*at)++] = json_object_get_double(array);
        return;
    }
    for (size_t i = 0; json_object_is_type(array, json_type_array) && i < json_object_array_length(array); i++)
        copy_numbers(json_object_array_get_idx(array, i), out, at);
}

double *ref_numbers(struct json_object *array, size_t *n)
{
    size_t count = count_numbers(array);
    double *out = count > 0 ? malloc(count * sizeof(*out)) : NULL;

    *n = 0;
    if (out)
        copy_numbers(array, out, n);
    return out;
}

/* ---- cases and entries -------------------------------------------------------------------------- */

size_t ref_file_size(const struct ref_file *f)
{
    return f->cases ? json_object_array_length(f->cases) : 0;
}

struct ref_case ref_file_at(const struct ref_file *f, size_t i)
{
    struct json_object *o = json_object_array_get_idx(f->cases, i);

    return (struct ref_case){
        .id = ref_text(o, "id"),
        .kind = ref_text(o, "kind"),
        .quantity = ref_text(o, "quantity"),
        .tolerance = ref_text(o, "tolerance"),
        .self = o,
        .params = ref_member(o, "params"),
        .expected = ref_member(o, "expected"),
    };
}

size_t ref_case_size(const struct ref_case *c)
{
    return json_object_is_type(c->expected, json_type_array) ? json_object_array_length(c->expected) : 0;
}

struct ref_entry ref_case_at(const struct ref_case *c, size_t i)
{
    struct json_object *o = json_object_array_get_idx(c->expected, i);
    struct ref_entry e = {
        .fits = ref_number(o, "n"),
        .key = ref_text(o, "key"),
        .value = ref_number(o, "value"),
        .sd = ref_number(o, "sd"),
        .se = ref_number(o, "se"),
        .median = ref_number(o, "median"),
        .replicates = ref_number(o, "R"),
        .self = o,
    };

    if (strcmp(e.key, "inf") == 0 || strcmp(ref_text(o, "n"), "inf") == 0)
        e.fits = INFINITY;
    return e;
}

/* ---- named numbers -------------------------------------------------------------------------------- */

enum { MOST_INDEXED = 8 };

/* A name that is too long is no formula's argument. */
static void set(struct sim_theory_args *a, const char *name, double value)
{
    if (strlen(name) < sizeof(a->item[0].name))
        sim_theory_set(a, name, value);
}

static void set_array(struct sim_theory_args *a, const char *name, struct json_object *v)
{
    double squares = 0;

    for (size_t i = 0; i < json_object_array_length(v); i++) {
        struct json_object *item = json_object_array_get_idx(v, i);
        double x = json_object_get_double(item);
        char indexed[64];

        if (!is_number(item))
            return;
        squares += x * x;
        snprintf(indexed, sizeof(indexed), "%s%zu", name, i);
        if (i < MOST_INDEXED)
            set(a, indexed, x);
    }
    if (strcmp(name, "p") == 0)
        set(a, "S0", squares);
}

static void set_members(struct sim_theory_args *a, struct json_object *object)
{
    if (!json_object_is_type(object, json_type_object))
        return;
    json_object_object_foreach(object, name, v) {
        if (is_number(v))
            set(a, name, json_object_get_double(v));
        else if (json_object_is_type(v, json_type_string) && strcmp(json_object_get_string(v), "inf") == 0)
            set(a, name, INFINITY);
        else if (json_object_is_type(v, json_type_array))
            set_array(a, name, v);
    }
}

bool ref_args(const struct ref_case *c, const struct ref_entry *e, struct sim_theory_args *out)
{
    bool ok;

    out->n = 0;
    ok = sim_theory_set_from(out, c->id);
    set_members(out, c->params);
    if (!e || !json_object_is_type(e->self, json_type_object))
        return ok;
    if (!isnan(e->median))
        set(out, "median", e->median);
    json_object_object_foreach(e->self, name, v) {
        if (strcmp(name, "n") != 0 && is_number(v))
            set(out, name, json_object_get_double(v));
    }
    ok = ok && sim_theory_set_from(out, e->key);
    if (!isnan(e->fits))
        set(out, "fits", e->fits);
    return ok;
}

double ref_arg(const struct sim_theory_args *a, const char *name, double absent)
{
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->item[i].name, name) == 0)
            return a->item[i].value;
    return absent;
}

/* ---- words of an id --------------------------------------------------------------------------------- */

bool ref_has(const char *id, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = id; *at; at += strcspn(at, "."), at += *at == '.')
        if (strcspn(at, ".") == length && memcmp(at, word, length) == 0)
            return true;
    return false;
}

bool ref_has_stem(const char *id, const char *stem)
{
    size_t length = strlen(stem);

    for (const char *at = id; *at; at += strcspn(at, "."), at += *at == '.')
        if (strncmp(at, stem, length) == 0 && isdigit((unsigned char)at[length]))
            return true;
    return false;
}

void ref_word(const char *id, size_t i, char *out, size_t size)
{
    for (; i > 0 && *id; i--) {
        id += strcspn(id, ".");
        id += *id == '.';
    }
    snprintf(out, size, "%.*s", (int)strcspn(id, "."), id);
}
