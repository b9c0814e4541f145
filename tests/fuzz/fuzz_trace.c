#include "fuzz/driver.h"

#include <winnow/report.h>

#include "unit/report_markup.h"

/* What was accepted must give a sound page; what was not must say why. */
static void check_page(struct wn_report *r)
{
    struct wn_buf page = { 0 }, csv = { 0 };

    if (wn_report_html(r, &page, NULL) != WN_OK || wn_report_csv(r, &csv, NULL) != WN_OK ||
        markup_fault(wn_buf_str(&page)))
        abort();
    wn_buf_release(&page);
    wn_buf_release(&csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wn_str text = { (const char *)data, size };
    struct wn_report *r = NULL;
    struct wn_err err = { 0 };

    if (wn_report_new(&r, "fuzz", NULL) != WN_OK)
        return 0;
    if (wn_report_add_trace(r, "fuzz", text, &err) != WN_OK && !err.text[0])
        abort();
    err.text[0] = '\0';
    if (wn_report_add_summary(r, "fuzz", text, &err) != WN_OK && !err.text[0])
        abort();
    check_page(r);
    wn_report_free(r);
    return 0;
}
