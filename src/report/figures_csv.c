#include "report/figures_csv.h"

#include <math.h>

static void field(struct wn_buf *out, const char *z)
{
    if (!strpbrk(z, ",\"\r\n")) {
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

static void number(struct wn_buf *out, double v)
{
    wn_buf_addc(out, ',');
    if (isfinite(v))
        wn_json_num(out, v);
}

void figures_csv_head(struct wn_buf *out)
{
    wn_buf_addz(out, "engine,policy,metric,generation,n,mean,sd,low,high,median,q10,q90,trace\n");
}

static void row(struct wn_buf *out, const struct trace *t, size_t policy, size_t metric, const struct figure *f)
{
    field(out, t->engine);
    wn_buf_addc(out, ',');
    field(out, t->policy[policy].name);
    wn_buf_addc(out, ',');
    field(out, t->metric[metric]);
    wn_buf_addf(out, ",%lu,%llu", (unsigned long)f->generation, (unsigned long long)f->n);
    number(out, f->mean);
    number(out, f->sd);
    number(out, f->low);
    number(out, f->high);
    number(out, f->median);
    number(out, f->q10);
    number(out, f->q90);
    wn_buf_addc(out, ',');
    field(out, t->name);
    wn_buf_addc(out, '\n');
}

void figures_csv_rows(struct wn_buf *out, const struct trace *t)
{
    for (size_t p = 0; p < t->n_policies; p++)
        for (size_t m = 0; m < t->n_metrics; m++) {
            const struct curve *c = trace_curve(t, p, m);

            for (size_t i = 0; i < c->n; i++)
                row(out, t, p, m, &c->at[i]);
        }
}
