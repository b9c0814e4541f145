/* Any bytes as a rule file; what loads must dump, load again to the same dump, and scan
 * its own text, with and without the sieve, to the same weight. */
#include "fuzz/driver.h"

#include "detect/rules_scan.h"

static void use(const struct wn_rules *r, struct wn_str text)
{
    struct wn_rules_scratch *w = wn_rules_scratch_new(r);
    struct wn_arena a = { 0 };
    struct wn_evidence with, without;

    if (!w)
        return;
    rules_scan(r, w, text, true, &a, &with);
    rules_scan(r, w, text, false, &a, &without);
    if (with.value != without.value || with.n != without.n)
        abort();
    wn_rules_scratch_free(w);
    wn_arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wn_str text = { (const char *)data, size };
    struct wn_buf once = { 0 }, twice = { 0 };
    struct wn_rules *r = NULL, *again = NULL;

    if (size > 65536 || wn_rules_parse(&r, "fuzz", text, NULL) != WN_OK)
        return 0;
    wn_rules_self_test(r, NULL);
    use(r, text);
    if (wn_rules_dump(r, &once, NULL) != WN_OK || wn_rules_parse(&again, "dump", wn_buf_str(&once), NULL) != WN_OK ||
        wn_rules_dump(again, &twice, NULL) != WN_OK || !wn_str_eq(wn_buf_str(&once), wn_buf_str(&twice)))
        abort();
    wn_rules_free(r);
    wn_rules_free(again);
    wn_buf_release(&once);
    wn_buf_release(&twice);
    return 0;
}
