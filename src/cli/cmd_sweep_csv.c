#include "cmd_sweep_csv.h"

#include <math.h>
#include <stdlib.h>

#include <winnow/json.h>

static const char *const statistics[] = { "n", "mean", "se", "sd", "median", "q05", "q25", "q75", "q95", "log_mean" };
static const char *const theories[] = { "first", "lasting", "drift_per_fit", "half_life_fits", "rho_eff",
                                        "real_per_fit", "critical_share", "tpr_critical" };
enum { N_STATISTICS = sizeof(statistics) / sizeof(statistics[0]), N_THEORIES = sizeof(theories) / sizeof(theories[0]) };

/* Quoted where RFC 4180 wants it. */
static void add_text(struct wn_buf *out, const char *z)
{
    if (!z[strcspn(z, ",\"\r\n")]) {
        wn_buf_addz(out, z);
        return;
    }
    wn_buf_addc(out, '"');
    for (; *z; z++) {
        if (*z == '"')
            wn_buf_addc(out, '"');
        wn_buf_addc(out, *z);
    }
    wn_buf_addc(out, '"');
}

/* Counts without a point; what is not there is empty. */
static void add_number(struct wn_buf *out, const struct wn_jsonval *v)
{
    double x = wn_jsonval_num(v, (double)NAN);

    wn_buf_addc(out, ',');
    if (isnan(x))
        return;
    if (x == floor(x) && fabs(x) < 1e15)
        wn_buf_addf(out, "%.0f", x);
    else
        wn_json_num(out, x);
}

enum wn_status sweep_csv_header(struct sweep_csv *c, struct wn_str line, struct wn_buf *out, struct wn_err *err)
{
    struct wn_jsonval *root = NULL;
    enum wn_status st = wn_jsonval_parse(&root, line, err);
    const struct wn_jsonval *axes = wn_jsonval_get(root, "axes");

    for (size_t i = 0; i < wn_jsonval_size(axes) && i < 16 && st == WN_OK; i++) {
        c->axis[c->n_axes] = strdup(wn_jsonval_str(wn_jsonval_get(wn_jsonval_at(axes, i), "name"), ""));
        if (!c->axis[c->n_axes++])
            st = wn_fail(err, WN_NOMEM, "out of memory for the columns of a sweep");
    }
    wn_jsonval_free(root);
    if (st != WN_OK)
        return st;
    wn_buf_addz(out, "cell,policy");
    for (size_t i = 0; i < c->n_axes; i++)
        wn_buf_addf(out, ",%s", c->axis[i]);
    wn_buf_addz(out, ",refused,played,runs,ended,generation,metric");
    for (size_t i = 0; i < N_STATISTICS; i++)
        wn_buf_addf(out, ",%s", statistics[i]);
    for (size_t i = 0; i < N_THEORIES; i++)
        wn_buf_addf(out, ",theory_%s", theories[i]);
    wn_buf_addc(out, '\n');
    return wn_buf_status(out, err);
}

static void add_line(const struct sweep_csv *c, const struct wn_jsonval *row, const struct wn_jsonval *stat,
                     struct wn_buf *out)
{
    const struct wn_jsonval *theory = wn_jsonval_get(row, "theory");

    wn_buf_addf(out, "%.0f,", wn_jsonval_num(wn_jsonval_get(row, "cell"), 0));
    add_text(out, wn_jsonval_str(wn_jsonval_get(row, "policy"), ""));
    for (size_t i = 0; i < c->n_axes; i++)
        add_number(out, wn_jsonval_get(wn_jsonval_get(row, "at"), c->axis[i]));
    wn_buf_addc(out, ',');
    add_text(out, wn_jsonval_str(wn_jsonval_get(row, "refused"), ""));
    wn_buf_addc(out, ',');
    add_text(out, wn_jsonval_str(wn_jsonval_get(row, "played"), ""));
    add_number(out, wn_jsonval_get(row, "runs"));
    add_number(out, wn_jsonval_get(row, "ended"));
    add_number(out, wn_jsonval_get(stat, "generation"));
    wn_buf_addc(out, ',');
    add_text(out, wn_jsonval_str(wn_jsonval_get(stat, "metric"), ""));
    for (size_t i = 0; i < N_STATISTICS; i++)
        add_number(out, wn_jsonval_get(stat, statistics[i]));
    for (size_t i = 0; i < N_THEORIES; i++)
        add_number(out, wn_jsonval_get(theory, theories[i]));
    wn_buf_addc(out, '\n');
}

enum wn_status sweep_csv_row(const struct sweep_csv *c, struct wn_str line, struct wn_buf *out, struct wn_err *err)
{
    struct wn_jsonval *root = NULL;
    enum wn_status st = wn_jsonval_parse(&root, line, err);
    const struct wn_jsonval *stats = wn_jsonval_get(root, "stats");

    for (size_t i = 0; i < wn_jsonval_size(stats); i++)
        add_line(c, root, wn_jsonval_at(stats, i), out);
    if (st == WN_OK && !stats)
        add_line(c, root, NULL, out);
    wn_jsonval_free(root);
    return st == WN_OK ? wn_buf_status(out, err) : st;
}

void sweep_csv_release(struct sweep_csv *c)
{
    for (size_t i = 0; i < c->n_axes; i++)
        free(c->axis[i]);
    c->n_axes = 0;
}
