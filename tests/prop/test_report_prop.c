#include "support/cm.h"

#include <math.h>
#include <winnow/report.h>
#include <winnow/rng.h>

#include "report/svgplot.h"
#include "unit/report_markup.h"

enum { N_SEEDS = 300, MAX_LINES = 14, MAX_X = 30 };

static const double label_gap = 13.5, plot_width = 380, plot_height = 232;

/* A walk over many magnitudes, with gaps. */
static double any_value(struct wn_rng *rng)
{
    switch (wn_rng_below(rng, 8)) {
    case 0:
        return NAN;
    case 1:
        return 0;
    case 2:
        return ldexp(wn_rng_u01(rng) - 0.5, (int)wn_rng_below(rng, 2000) - 1000);
    default:
        return 10 * wn_rng_u01(rng);
    }
}

/* The attribute NAME=" behind P, as a number. */
static double attribute(const char *p, const char *name)
{
    const char *at = strstr(p, name);

    assert_non_null(at);
    return strtod(at + strlen(name), NULL);
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Labels keep their distance and stay inside of the view box. */
static bool labels_are_apart(const char *svg)
{
    double y[MAX_LINES];
    size_t n = 0;

    for (const char *p = svg; (p = strstr(p, "<text class=\"label\"")) != NULL; p++) {
        double x = attribute(p, " x=\"");

        y[n++] = attribute(p, " y=\"");
        if (x < 0 || x > plot_width - 5 || y[n - 1] < 5 || y[n - 1] > plot_height - 20)
            return false;
    }
    qsort(y, n, sizeof(*y), rising);
    for (size_t i = 1; i < n; i++)
        if (y[i] - y[i - 1] < label_gap - 0.11) /* printed with one decimal */
            return false;
    return true;
}

static bool one_plot(uint64_t seed)
{
    struct wn_rng rng;
    double x[MAX_X], v[MAX_LINES][3][MAX_X];
    struct plot_line line[MAX_LINES];
    struct line_plot plot = { .title = "t", .x_name = "x", .x = x, .line = line };
    struct wn_arena arena = { 0 };
    struct wn_buf out = { 0 };
    struct plot_notes notes;
    bool ok;

    wn_rng_init(&rng, seed, WN_DOMAIN_METRIC, 1, 0, 0);
    plot.truth = any_value(&rng);
    plot.n_x = 1 + wn_rng_below(&rng, MAX_X);
    plot.n_lines = 1 + wn_rng_below(&rng, MAX_LINES);
    for (size_t k = 0; k < plot.n_x; k++)
        x[k] = (k ? x[k - 1] : 0) + 1 + (double)wn_rng_below(&rng, 5);
    for (size_t i = 0; i < plot.n_lines; i++) {
        for (size_t k = 0; k < plot.n_x; k++)
            for (int s = 0; s < 3; s++)
                v[i][s][k] = any_value(&rng);
        line[i] = (struct plot_line){ i % 3 ? "a policy" : "another", i, v[i][0], v[i][1], v[i][2], i % 5 == 4 };
    }
    ok = svg_lines(&out, &plot, &arena, &notes, NULL) == WN_OK && !markup_fault(wn_buf_str(&out));
    wn_buf_addc(&out, '\0');
    ok = ok && labels_are_apart(out.ptr);
    wn_buf_release(&out);
    wn_arena_release(&arena);
    return ok;
}

static void labels_never_meet_whatever_the_lines_do(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < N_SEEDS; seed++)
        if (!one_plot(seed))
            fail_msg("seed %llu", (unsigned long long)seed);
}

static void write_trace(struct wn_rng *rng, struct wn_buf *out)
{
    static const char *const metrics[] = { "variance", "theory_variance", "perplexity", "types",
                                           "kept",     "a <new> one",     "kl" };
    unsigned n_policies = 1 + (unsigned)wn_rng_below(rng, 9), n_generations = 1 + (unsigned)wn_rng_below(rng, 6);

    wn_buf_addz(out, "{\"kind\":\"trace\",\"version\":1,\"engine\":\"gaussian\"}\n");
    for (unsigned p = 0; p < n_policies; p++)
        for (unsigned r = 0; r < 3; r++)
            for (unsigned g = 1; g <= n_generations; g++)
                for (size_t m = 0; m < sizeof(metrics) / sizeof(metrics[0]); m++) {
                    double v = any_value(rng);

                    if (!isfinite(v))
                        continue;                       /* a trace leaves it out */
                    wn_buf_addf(
                        out, "{\"policy\":\"p%u\",\"replicate\":%u,\"generation\":%u,\"metric\":\"%s\",\"value\":", p,
                        r, g, metrics[m]);
                    wn_json_num(out, v);
                    wn_buf_addz(out, "}\n");
                }
}

static bool one_page(uint64_t seed)
{
    struct wn_rng rng;
    struct wn_buf text = { 0 }, page = { 0 }, again = { 0 };
    struct wn_report *r = NULL;
    bool ok;

    wn_rng_init(&rng, seed, WN_DOMAIN_METRIC, 2, 0, 0);
    write_trace(&rng, &text);
    ok = wn_report_new(&r, "t", NULL) == WN_OK && wn_report_add_trace(r, "t", wn_buf_str(&text), NULL) == WN_OK &&
         wn_report_html(r, &page, NULL) == WN_OK && wn_report_html(r, &again, NULL) == WN_OK &&
         wn_str_eq(wn_buf_str(&page), wn_buf_str(&again)) && !markup_fault(wn_buf_str(&page));
    wn_report_free(r);
    wn_buf_release(&text);
    wn_buf_release(&page);
    wn_buf_release(&again);
    return ok;
}

static void any_trace_gives_a_sound_page(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++)
        if (!one_page(seed))
            fail_msg("seed %llu", (unsigned long long)seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_never_meet_whatever_the_lines_do),
        cmocka_unit_test(any_trace_gives_a_sound_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
