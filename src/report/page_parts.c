#include "report/page.h"

#include <math.h>
#include <stdio.h>

#include "report/markup.h"

enum { MAX_SETTINGS_DEPTH = 8, MAX_PATH = 256, MAX_LISTED = 64 };

/* ---- reading --------------------------------------------------------------------------- */

const struct wn_jsonval *page_get(const struct wn_jsonval *v, const char *path)
{
    while (v) {
        const char *dot = strchr(path, '.');
        char key[64];

        if (!dot)
            return wn_jsonval_get(v, path);
        snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
        v = wn_jsonval_get(v, key);
        path = dot + 1;
    }
    return NULL;
}

double page_num(const struct wn_jsonval *v, const char *path)
{
    return wn_jsonval_num(page_get(v, path), NAN);
}

const char *page_strz(const struct wn_jsonval *v, const char *path, const char *dflt)
{
    return wn_jsonval_str(page_get(v, path), dflt);
}

/* ---- sections and tables ------------------------------------------------------------------ */

void page_open_section(struct page *p, const char *kind, size_t index, const char *title, const char *detail,
                       const char *name)
{
    wn_buf_addf(p->out, "<section id=\"%s-%zu\">\n<h2>", kind, index);
    markup_textz(p->out, title);
    if (*detail) {
        wn_buf_addz(p->out, ": ");
        markup_textz(p->out, detail);
    }
    wn_buf_addz(p->out, " <small>");
    markup_textz(p->out, name);
    wn_buf_addz(p->out, "</small></h2>\n");
}

void page_open_table(struct page *p, const char *heads)
{
    wn_buf_addz(p->out, "<div class=\"scroll\"><table><thead><tr>");
    while (*heads) {
        size_t len = strcspn(heads, "|");
        bool is_number = *heads == '#';

        wn_buf_addz(p->out, is_number ? "<th class=\"n\" scope=\"col\">" : "<th scope=\"col\">");
        markup_text(p->out, (struct wn_str){ heads + is_number, len - is_number });
        wn_buf_addz(p->out, "</th>");
        heads += len + (heads[len] == '|');
    }
    wn_buf_addz(p->out, "</tr></thead><tbody>\n");
}

void page_close_table(struct page *p)
{
    wn_buf_addz(p->out, "</tbody></table></div>\n");
}

static void open_cell(struct page *p, const char *class)
{
    wn_buf_addz(p->out, "<td");
    if (class) {
        wn_buf_addz(p->out, " class=\"");
        wn_buf_addz(p->out, class);
        wn_buf_addc(p->out, '"');
    }
    wn_buf_addc(p->out, '>');
}

void page_cell(struct page *p, const char *class, const char *z)
{
    open_cell(p, class);
    markup_textz(p->out, z);
    wn_buf_addz(p->out, "</td>");
}

void page_cell_count(struct page *p, double v)
{
    open_cell(p, "n");
    markup_count(p->out, v);
    wn_buf_addz(p->out, "</td>");
}

void page_cell_share(struct page *p, double share)
{
    open_cell(p, "n");
    markup_percent(p->out, share);
    wn_buf_addz(p->out, "</td>");
}

/* ---- accounts and inputs --------------------------------------------------------------------- */

static const char *const fates[] = { "kept", "excluded", "quarantined", "failed" };
enum { N_FATES = 4 };

static double fate_count(const struct wn_jsonval *account, const char *fate, const char *unit)
{
    return page_num(wn_jsonval_get(account, fate), unit);
}

static void write_sum(struct page *p, const struct wn_jsonval *account, const char *unit, const char *words)
{
    double in = fate_count(account, "in", unit), sum = 0;

    wn_buf_addz(p->out, "<p class=\"account\">");
    markup_count(p->out, in);
    wn_buf_addf(p->out, " %s in", words);
    for (int i = 0; i < N_FATES; i++) {
        double n = fate_count(account, fates[i], unit);

        sum += n;
        wn_buf_addz(p->out, i ? " + " : " = ");
        markup_count(p->out, n);
        wn_buf_addf(p->out, " %s", fates[i]);
    }
    if (sum == in)
        wn_buf_addz(p->out, " <span class=\"good\">adds up</span></p>\n");
    else
        wn_buf_addz(p->out, " <span class=\"bad\">does not add up</span></p>\n");
}

/* Members that are counts, or objects with "records". */
static void write_reasons(struct page *p, const char *title, const struct wn_jsonval *reasons)
{
    size_t n = wn_jsonval_size(reasons);

    if (!n)
        return;
    wn_buf_addf(p->out, "<p class=\"account\">%s: ", title);
    for (size_t i = 0; i < n; i++) {
        const struct wn_jsonval *v = wn_jsonval_at(reasons, i);
        const char *key = wn_jsonval_key_at(reasons, i);

        if (i)
            wn_buf_addz(p->out, ", ");
        markup_textz(p->out, key ? key : "");
        wn_buf_addc(p->out, ' ');
        markup_count(p->out, wn_jsonval_is_num(v) ? wn_jsonval_num(v, NAN) : page_num(v, "records"));
    }
    wn_buf_addz(p->out, "</p>\n");
}

void page_account(struct page *p, const struct wn_jsonval *account)
{
    if (!account)
        return;
    wn_buf_addz(p->out, "<h3>Every record, once</h3>\n");
    write_sum(p, account, "records", "records");
    write_sum(p, account, "bytes", "bytes");
    write_reasons(p, "Quarantined by reason", wn_jsonval_get(account, "quarantined_by_reason"));
    write_reasons(p, "Files that failed by reason", wn_jsonval_get(account, "files_failed_by_reason"));
}

void page_inputs(struct page *p, const struct wn_jsonval *inputs)
{
    size_t n = wn_jsonval_size(inputs);

    if (!n)
        return;
    wn_buf_addf(p->out, "<details><summary>Inputs (%zu)</summary>\n", n);
    page_open_table(p, "file|declared|#records|#bytes|XXH3-128|damage");
    for (size_t i = 0; i < n; i++) {
        const struct wn_jsonval *v = wn_jsonval_at(inputs, i);
        double records = page_num(v, "records");

        wn_buf_addz(p->out, "<tr>");
        page_cell(p, "path", page_strz(v, "path", "?"));
        page_cell(p, NULL, page_strz(v, "origin", ""));
        page_cell_count(p, isfinite(records) ? records : page_num(v, "lines"));
        page_cell_count(p, page_num(v, "bytes"));
        page_cell(p, "hex", page_strz(v, "xxh3_128", ""));
        page_cell(p, NULL, page_strz(v, "failed", page_strz(v, "damage", "")));
        wn_buf_addz(p->out, "</tr>\n");
    }
    page_close_table(p);
    wn_buf_addz(p->out, "</details>\n");
}

/* ---- settings -------------------------------------------------------------------------------- */

static bool is_bool(const struct wn_jsonval *v)
{
    return wn_jsonval_bool(v, true) == wn_jsonval_bool(v, false);
}

static bool is_scalar(const struct wn_jsonval *v)
{
    return wn_jsonval_is_num(v) || wn_jsonval_is_str(v) || is_bool(v) || !wn_jsonval_size(v);
}

static void write_scalar(struct page *p, const struct wn_jsonval *v)
{
    double n = wn_jsonval_num(v, NAN);

    if (wn_jsonval_is_str(v))
        markup_textz(p->out, wn_jsonval_str(v, ""));
    else if (wn_jsonval_is_num(v) && n == floor(n) && fabs(n) < 1e15)
        markup_fixed(p->out, n, 0);
    else if (wn_jsonval_is_num(v))
        wn_json_num(p->out, n);
    else
        wn_buf_addz(p->out, is_bool(v) ? (wn_jsonval_bool(v, false) ? "yes" : "no") : "none");
}

static bool is_list(const struct wn_jsonval *v)
{
    size_t n = wn_jsonval_size(v);

    if (!n || wn_jsonval_key_at(v, 0))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!is_scalar(wn_jsonval_at(v, i)))
            return false;
    return true;
}

static void write_list(struct page *p, const struct wn_jsonval *v)
{
    size_t n = wn_jsonval_size(v);

    for (size_t i = 0; i < n && i < MAX_LISTED; i++) {
        if (i)
            wn_buf_addz(p->out, ", ");
        write_scalar(p, wn_jsonval_at(v, i));
    }
    if (n > MAX_LISTED)
        wn_buf_addf(p->out, ", and %zu more", n - MAX_LISTED);
}

static void write_setting(struct page *p, const char *path, const struct wn_jsonval *v)
{
    wn_buf_addz(p->out, "<span class=\"set\"><i>");
    markup_textz(p->out, path);
    wn_buf_addz(p->out, "</i> ");
    if (is_list(v))
        write_list(p, v);
    else
        write_scalar(p, v);
    wn_buf_addz(p->out, "</span> ");
}

static void write_settings(struct page *p, const char *path, const struct wn_jsonval *v, const char *skip,
                           unsigned depth)
{
    for (size_t i = 0; i < wn_jsonval_size(v); i++) {
        const char *key = wn_jsonval_key_at(v, i);
        const struct wn_jsonval *member = wn_jsonval_at(v, i);
        char longer[MAX_PATH], number[24];

        if (!key) {
            snprintf(number, sizeof(number), "%zu", i + 1);
            key = number;
        }
        if (skip && strcmp(key, skip) == 0)
            continue;
        snprintf(longer, sizeof(longer), "%s%s%s", path, *path ? "." : "", key);
        if (is_scalar(member) || is_list(member))
            write_setting(p, longer, member);
        else if (depth < MAX_SETTINGS_DEPTH)
            write_settings(p, longer, member, skip, depth + 1);
    }
}

void page_settings(struct page *p, const struct wn_jsonval *v, const char *skip)
{
    wn_buf_addz(p->out, "<p class=\"sets\">");
    write_settings(p, "", v, skip, 0);
    wn_buf_addz(p->out, "</p>\n");
}
