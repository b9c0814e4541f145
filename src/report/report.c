#include <winnow/report.h>

#include <stdlib.h>

#include <winnow/version.h>

#include "report/conclusion.h"
#include "report/figures_csv.h"
#include "report/markup.h"
#include "report/page_sweep.h"

struct wn_report {
    char *title;
    struct trace **trace;
    size_t n_traces;
    struct summary *summary;
    size_t n_summaries;
    struct wn_buf conclusion; /* NUL-terminated; of the traces so far */
};

enum wn_status wn_report_new(struct wn_report **out, const char *title, struct wn_err *err)
{
    struct wn_report *r = calloc(1, sizeof(*r));

    *out = NULL;
    if (r)
        r->title = strdup(title);
    if (!r || !r->title) {
        wn_report_free(r);
        return wn_fail(err, WN_NOMEM, "out of memory for a report");
    }
    *out = r;
    return WN_OK;
}

void wn_report_free(struct wn_report *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n_traces; i++)
        trace_free(r->trace[i]);
    for (size_t i = 0; i < r->n_summaries; i++) {
        wn_jsonval_free(r->summary[i].root);
        free((char *)r->summary[i].name);
    }
    free(r->trace);
    free(r->summary);
    wn_buf_release(&r->conclusion);
    free(r->title);
    free(r);
}

/* ---- inputs ------------------------------------------------------------------------------- */

/* The file's name behind the engine's, where two traces have the same engine; else "". */
static const char *told_apart(const struct wn_report *r, const struct trace *t)
{
    const char *slash = strrchr(t->name, '/');

    for (size_t i = 0; i < r->n_traces; i++)
        if (r->trace[i] != t && strcmp(r->trace[i]->engine, t->engine) == 0)
            return slash ? slash + 1 : t->name;
    return "";
}

/* One line of the conclusion: T's sentences, with the file's name where it is needed. */
static enum wn_status conclude_one(const struct wn_report *r, const struct trace *t, struct wn_buf *out, struct wn_err *err)
{
    struct wn_buf shown = { 0 }, certainty = { 0 };
    size_t engine = strlen(t->engine), from = out->len;
    enum wn_status st = conclusion_write(t, &shown, &certainty, err);

    if (st == WN_OK && shown.len > engine) {
        wn_buf_add(out, (struct wn_str){ shown.ptr, engine });
        if (*told_apart(r, t))
            wn_buf_addf(out, " (%s)", told_apart(r, t));
        wn_buf_add(out, (struct wn_str){ shown.ptr + engine, shown.len - engine });
        wn_buf_addc(out, ' ');
        wn_buf_add(out, wn_buf_str(&certainty));
    }
    for (size_t i = from; i < out->len; i++) /* it may be shown on a terminal */
        if ((unsigned char)out->ptr[i] < 0x20 || out->ptr[i] == 0x7f)
            out->ptr[i] = '?';
    wn_buf_release(&shown);
    wn_buf_release(&certainty);
    return st;
}

/* The conclusion of all traces; on failure it stays as it was. */
static enum wn_status conclude(struct wn_report *r, struct wn_err *err)
{
    struct wn_buf all = { 0 };
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < r->n_traces && st == WN_OK; i++) {
        size_t before = all.len;

        if (before)
            wn_buf_addc(&all, '\n');
        st = conclude_one(r, r->trace[i], &all, err);
        if (all.len == before + (before > 0))
            all.len = before;               /* nothing came: no empty line */
    }
    wn_buf_addc(&all, '\0');
    if (st == WN_OK)
        st = wn_buf_status(&all, err);
    if (st == WN_OK) {
        wn_buf_release(&r->conclusion);
        r->conclusion = all;
        all = (struct wn_buf){ 0 };
    }
    wn_buf_release(&all);
    return st;
}

enum wn_status wn_report_add_trace(struct wn_report *r, const char *name, struct wn_str text, struct wn_err *err)
{
    struct trace **more = realloc(r->trace, (r->n_traces + 1) * sizeof(struct trace *));
    struct trace *t = NULL;
    enum wn_status st;

    if (!more)
        return wn_fail(err, WN_NOMEM, "out of memory for trace '%s'", name);
    r->trace = more;
    st = trace_read(&t, name, text, err);
    if (st != WN_OK)
        return st;
    r->trace[r->n_traces++] = t;
    st = conclude(r, err);
    if (st != WN_OK) {
        r->n_traces--;
        trace_free(t);
    }
    return st;
}

static bool find_kind(const char *kind, enum summary_kind *out)
{
    static const char *const names[] = {
        [SUMMARY_TAG] = "tag", [SUMMARY_TRAIN] = "train", [SUMMARY_EVAL] = "eval", [SUMMARY_MIX] = "mix",
        [SUMMARY_SWEEP] = "sweep"
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(kind, names[i]) == 0) {
            *out = (enum summary_kind)i;
            return true;
        }
    return false;
}

static enum wn_status read_summary(struct summary *s, const char *name, struct wn_str text, struct wn_err *err)
{
    const char *kind;
    enum wn_status st = page_sweep_is(text) ? page_sweep_parse(&s->root, text, err) :
                                              wn_jsonval_parse(&s->root, text, err);

    if (st != WN_OK) {
        wn_err_prefix(err, "cannot read summary '%s': ", name);
        return st;
    }
    kind = wn_jsonval_str(wn_jsonval_get(s->root, "kind"), NULL);
    if (!kind)
        return wn_fail(err, WN_BADDATA, "cannot read summary '%s': it has no \"kind\"", name);
    if (!find_kind(kind, &s->kind))
        return wn_fail(err, WN_BADDATA, "cannot read summary '%s': its kind '%.40s' is none of tag, train, eval, mix, sweep",
                       name, kind);
    s->name = strdup(name);
    return s->name ? WN_OK : wn_fail(err, WN_NOMEM, "out of memory for summary '%s'", name);
}

enum wn_status wn_report_add_summary(struct wn_report *r, const char *name, struct wn_str text, struct wn_err *err)
{
    struct summary *more = realloc(r->summary, (r->n_summaries + 1) * sizeof(*more));
    struct summary s = { 0 };
    enum wn_status st;

    if (!more)
        return wn_fail(err, WN_NOMEM, "out of memory for summary '%s'", name);
    r->summary = more;
    st = read_summary(&s, name, text, err);
    if (st != WN_OK) {
        wn_jsonval_free(s.root);
        return st;
    }
    r->summary[r->n_summaries++] = s;
    return WN_OK;
}

const char *wn_report_conclusion(struct wn_report *r)
{
    return r->conclusion.ptr ? r->conclusion.ptr : "";
}

/* ---- the page ------------------------------------------------------------------------------- */

static const struct {
    enum wn_status (*section)(struct page *p, const struct summary *s, size_t index);
    void (*card)(struct page *p, const struct summary *s);
    const char *anchor, *words;
} kinds[] = {
    [SUMMARY_TAG] = { page_tags, page_tags_card, "tags", "Tags" },
    [SUMMARY_TRAIN] = { page_train, page_eval_card, "train", "Model" },
    [SUMMARY_EVAL] = { page_eval, page_eval_card, "eval", "Tagger" },
    [SUMMARY_MIX] = { page_mix, page_mix_card, "mix", "Corpus" },
    [SUMMARY_SWEEP] = { page_sweep, page_sweep_card, "sweep", "Sweep" },
};

/* The order of the sections: how good the tagger is, what it said, what came of it. */
static const enum summary_kind section_order[] = { SUMMARY_TRAIN, SUMMARY_EVAL, SUMMARY_TAG, SUMMARY_MIX, SUMMARY_SWEEP };
enum { N_KINDS = 5 };

static enum wn_status write_lead(const struct wn_report *r, struct page *p)
{
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < r->n_traces && st == WN_OK; i++) {
        struct wn_buf shown = { 0 }, certainty = { 0 };
        size_t name = strlen(r->trace[i]->engine);

        st = conclusion_write(r->trace[i], &shown, &certainty, p->err);
        if (st == WN_OK && shown.len > name) {
            wn_buf_addz(p->out, "<p class=\"lead\"><b>");
            markup_text(p->out, (struct wn_str){ shown.ptr, name });
            wn_buf_addz(p->out, "</b>");
            if (*told_apart(r, r->trace[i])) {
                wn_buf_addz(p->out, " (");
                markup_textz(p->out, told_apart(r, r->trace[i]));
                wn_buf_addc(p->out, ')');
            }
            markup_text(p->out, (struct wn_str){ shown.ptr + name, shown.len - name });
            wn_buf_addz(p->out, " <span>");
            markup_text(p->out, wn_buf_str(&certainty));
            wn_buf_addz(p->out, "</span></p>\n");
        }
        wn_buf_release(&shown);
        wn_buf_release(&certainty);
    }
    return st;
}

static enum wn_status write_cards(const struct wn_report *r, struct page *p)
{
    enum wn_status st = WN_OK;

    wn_buf_addz(p->out, "<div class=\"cards\">\n");
    for (size_t i = 0; i < r->n_traces && st == WN_OK; i++) {
        st = page_trace_card(p, r->trace[i], told_apart(r, r->trace[i]));
        wn_arena_reset(p->arena);
    }
    for (int k = 0; k < N_KINDS; k++)
        for (size_t i = 0; i < r->n_summaries; i++)
            if (r->summary[i].kind == section_order[k])
                kinds[section_order[k]].card(p, &r->summary[i]);
    wn_buf_addz(p->out, "</div>\n");
    return st;
}

static void write_nav(const struct wn_report *r, struct page *p)
{
    wn_buf_addz(p->out, "<nav>");
    for (size_t i = 0; i < r->n_traces; i++) {
        wn_buf_addf(p->out, "<a href=\"#trace-%zu\">Simulation: ", i);
        markup_textz(p->out, r->trace[i]->engine);
        wn_buf_addz(p->out, "</a> ");
    }
    for (int k = 0; k < N_KINDS; k++)
        for (size_t i = 0; i < r->n_summaries; i++) {
            const struct summary *s = &r->summary[i];

            if (s->kind != section_order[k])
                continue;
            wn_buf_addf(p->out, "<a href=\"#%s-%zu\">%s", kinds[s->kind].anchor, i, kinds[s->kind].words);
            if (s->kind == SUMMARY_MIX) {
                wn_buf_addz(p->out, ": ");
                markup_textz(p->out, page_strz(s->root, "policy.name", "?"));
            }
            wn_buf_addz(p->out, "</a> ");
        }
    wn_buf_addz(p->out, "<a href=\"#made\">How this was made</a></nav>\n");
}

static enum wn_status write_sections(const struct wn_report *r, struct page *p)
{
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < r->n_traces && st == WN_OK; i++) {
        st = page_trace(p, r->trace[i], i);
        wn_arena_reset(p->arena);
    }
    for (int k = 0; k < N_KINDS; k++)
        for (size_t i = 0; i < r->n_summaries && st == WN_OK; i++)
            if (r->summary[i].kind == section_order[k]) {
                st = kinds[section_order[k]].section(p, &r->summary[i], i);
                wn_arena_reset(p->arena);
            }
    return st;
}

static void write_made(const struct wn_report *r, struct page *p)
{
    wn_buf_addz(
        p->out,
        "<section id=\"made\">\n<h2>How this was made</h2>\n<p>Versions, seeds and every setting that can change a "
        "value. Policies with one digest decide alike, whatever their names.</p>\n");
    for (size_t i = 0; i < r->n_traces; i++)
        page_trace_settings(p, r->trace[i]);
    for (int k = 0; k < N_KINDS; k++)
        for (size_t i = 0; i < r->n_summaries; i++)
            if (r->summary[i].kind == section_order[k])
                page_summary_settings(p, &r->summary[i]);
    wn_buf_addz(p->out, "</section>\n<footer>winnow ");
    markup_textz(p->out, wn_version());
    wn_buf_addz(p->out, " report. This page loads nothing from anywhere.</footer>\n");
}

static void write_head(const struct wn_report *r, struct page *p)
{
    wn_buf_addz(p->out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                        "'unsafe-inline'\">\n<title>");
    markup_textz(p->out, r->title);
    wn_buf_addz(p->out, "</title>\n<style>\n");
    wn_buf_addz(p->out, page_style);
    wn_buf_addz(p->out, "</style>\n</head>\n<body>\n<h1>");
    markup_textz(p->out, r->title);
    wn_buf_addz(p->out, "</h1>\n");
}

enum wn_status wn_report_html(struct wn_report *r, struct wn_buf *out, struct wn_err *err)
{
    struct wn_arena arena = { 0 };
    struct page p = { out, &arena, err };
    enum wn_status st;

    write_head(r, &p);
    st = write_lead(r, &p);
    if (!r->n_traces && !r->n_summaries)
        wn_buf_addz(out, "<p class=\"empty\">Nothing was given to report on.</p>\n");
    if (st == WN_OK)
        st = write_cards(r, &p);
    write_nav(r, &p);
    if (st == WN_OK)
        st = write_sections(r, &p);
    write_made(r, &p);
    wn_buf_addz(out, "</body>\n</html>\n");
    wn_arena_release(&arena);
    return st == WN_OK ? wn_buf_status(out, err) : st;
}

enum wn_status wn_report_csv(struct wn_report *r, struct wn_buf *out, struct wn_err *err)
{
    figures_csv_head(out);
    for (size_t i = 0; i < r->n_traces; i++)
        figures_csv_rows(out, r->trace[i]);
    return wn_buf_status(out, err);
}
