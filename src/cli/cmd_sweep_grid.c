#include "cmd_sweep_grid.h"

#include <stdlib.h>

static enum wn_status add_axis(struct sweep_grid *g, const char *option, const char *name, size_t name_len,
                               const char *list, struct wn_err *err)
{
    struct wn_sweep_axis *a = &g->axis[g->n_axes];
    enum wn_status st;

    if (!list)
        return WN_OK;
    if (g->n_axes == WN_SWEEP_MAX_AXES)
        return wn_fail(err, WN_LIMIT, "%s: a sweep has at most %d axes", option, WN_SWEEP_MAX_AXES);
    g->name[g->n_axes] = strndup(name, name_len);
    if (!g->name[g->n_axes])
        return wn_fail(err, WN_NOMEM, "%s: out of memory", option);
    for (char *p = g->name[g->n_axes]; *p; p++)
        *p = *p == '-' ? '_' : *p;
    a->name = g->name[g->n_axes];
    st = grid_parse(&g->values[g->n_axes], option, list, wn_sweep_axis_is_whole(a->name), err);
    a->value = g->values[g->n_axes].value;
    a->n = g->values[g->n_axes].n;
    g->n_axes++;
    return st;
}

static enum wn_status add_vary(struct sweep_grid *g, const char *text, struct wn_err *err)
{
    const char *equals = strchr(text, '=');

    if (!equals || equals == text)
        return wn_fail(err, WN_BADCONF, "--vary: '%s' is not NAME=LIST", text);
    return add_axis(g, "--vary", text, (size_t)(equals - text), equals + 1, err);
}

static size_t place_of(const char *name)
{
    const char *known;
    size_t i = 0;

    while ((known = wn_sweep_axis_name(i, NULL)) != NULL && strcmp(known, name) != 0)
        i++;
    return i;
}

static int by_place(const void *a, const void *b)
{
    size_t x = place_of(((const struct wn_sweep_axis *)a)->name), y = place_of(((const struct wn_sweep_axis *)b)->name);

    return x < y ? -1 : x > y;
}

/* The order of options does not change the order of rows. */
static enum wn_status read_axes(struct sweep_grid *g, const struct sweep_grid_args *a, struct wn_err *err)
{
    const struct {
        const char *option, *name, *list;
    } named[] = {
        { "--tprs", "tpr", a->tpr },          { "--fprs", "fpr", a->fpr },
        { "--scraped", "scraped", a->scraped }, { "--real", "real", a->real },
        { "--sizes", "n", a->sizes },        { "--lambdas", "lambda", a->lambdas },
        { "--temperatures", "temperature", a->temperatures },
    };
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]) && st == WN_OK; i++)
        st = add_axis(g, named[i].option, named[i].name, strlen(named[i].name), named[i].list, err);
    for (size_t i = 0; i < a->vary.n && st == WN_OK; i++)
        st = add_vary(g, a->vary.item[i], err);
    qsort(g->axis, g->n_axes, sizeof(g->axis[0]), by_place);
    return st;
}

static enum wn_status read_metrics(struct sweep_grid *g, const char *list, struct wn_err *err)
{
    char *rest, *name;

    if (!list)
        return WN_OK;
    g->metrics = rest = strdup(list);
    if (!rest)
        return wn_fail(err, WN_NOMEM, "--metric: out of memory");
    while ((name = strsep(&rest, ",")) != NULL) {
        if (!*name)
            return wn_fail(err, WN_BADCONF, "--metric: an empty name in the list");
        if (g->n_metrics == WN_SWEEP_MAX_METRICS)
            return wn_fail(err, WN_LIMIT, "--metric: more than %d names", WN_SWEEP_MAX_METRICS);
        for (size_t i = 0; i < g->n_metrics; i++)
            if (strcmp(g->metric[i], name) == 0)
                return wn_fail(err, WN_BADCONF, "--metric: '%s' is there twice", name);
        g->metric[g->n_metrics++] = name;
    }
    return WN_OK;
}

enum wn_status sweep_grid_read(struct sweep_grid *g, const struct sweep_grid_args *a, struct wn_err *err)
{
    enum wn_status st = read_axes(g, a, err);

    return st == WN_OK ? read_metrics(g, a->metric, err) : st;
}

void sweep_grid_release(struct sweep_grid *g)
{
    for (size_t i = 0; i < g->n_axes; i++) {
        grid_release(&g->values[i]);
        free(g->name[i]);
    }
    free(g->metrics);
}
