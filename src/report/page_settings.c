#include "report/page.h"

#include "report/markup.h"

static void open_made(struct page *p, const char *what, const char *name, const char *version)
{
    wn_buf_addz(p->out, "<h3>");
    markup_textz(p->out, what);
    wn_buf_addz(p->out, " <small>");
    markup_textz(p->out, name);
    wn_buf_addz(p->out, "</small></h3>\n<p class=\"dim\">winnow ");
    markup_textz(p->out, *version ? version : "of unknown version");
    wn_buf_addz(p->out, "</p>\n");
}

static void write_policy(struct page *p, const char *name, const char *digest, const struct wn_jsonval *policy)
{
    wn_buf_addz(p->out, "<tr>");
    page_cell(p, NULL, name);
    page_cell(p, "hex", *digest ? digest : "not in the trace");
    wn_buf_addz(p->out, "<td>");
    page_settings(p, policy, "name");
    wn_buf_addz(p->out, "</td></tr>\n");
}

void page_trace_settings(struct page *p, const struct trace *t)
{
    open_made(p, "simulate", t->name, t->version);
    page_settings(p, t->settings, NULL);
    page_open_table(p, "policy|digest|resolved");
    for (size_t i = 0; i < t->n_policies; i++)
        write_policy(p, t->policy[i].name, t->policy[i].digest, t->policy[i].resolved);
    page_close_table(p);
}

static const char *const kinds[] = {
    [SUMMARY_TAG] = "tag", [SUMMARY_TRAIN] = "train", [SUMMARY_EVAL] = "eval", [SUMMARY_MIX] = "mix",
    [SUMMARY_SWEEP] = "sweep"
};

/* A model that tagged or was trained: its digest and the options it was made with. */
static void write_model(struct page *p, const struct wn_jsonval *model)
{
    const struct wn_jsonval *made_of = page_get(model, "made_of");

    if (!model)
        return;
    wn_buf_addz(p->out, "<p>Model <code>");
    markup_textz(p->out, page_strz(model, "digest", "without a digest"));
    wn_buf_addz(p->out, "</code></p>\n");
    if (page_get(made_of, "options"))
        page_settings(p, page_get(made_of, "options"), NULL);
    for (size_t i = 0; i < wn_jsonval_size(page_get(made_of, "notes")) && i < 20; i++) {
        wn_buf_addz(p->out, "<p class=\"note\">");
        markup_textz(p->out, wn_jsonval_str(wn_jsonval_at(page_get(made_of, "notes"), i), ""));
        wn_buf_addz(p->out, "</p>\n");
    }
}

void page_summary_settings(struct page *p, const struct summary *s)
{
    const struct wn_jsonval *detectors = page_get(s->root, "detectors");

    open_made(p, kinds[s->kind], s->name, page_strz(s->root, "winnow", ""));
    write_model(p, page_get(s->root, "model"));
    write_model(p, page_get(detectors, "model"));
    if (detectors)
        page_settings(p, detectors, "model");
    if (s->kind == SUMMARY_MIX) {
        page_open_table(p, "policy|digest|resolved");
        write_policy(p, page_strz(s->root, "policy.name", "?"), page_strz(s->root, "policy_digest", ""),
                     page_get(s->root, "policy"));
        page_close_table(p);
    }
}
