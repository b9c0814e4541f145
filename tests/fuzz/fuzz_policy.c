#include "fuzz/driver.h"

#include <winnow/policy.h>

/* A policy that parses must be in range, and its resolved form must parse to itself. */
static void check_round_trip(const struct wn_policy *p)
{
    struct wn_buf text = { 0 };
    struct wn_policy again;
    char a[33], b[33];
    struct wn_json j;

    if (!(p->fresh_share >= 0 && p->fresh_share <= 1 && p->max_synthetic >= 0 && p->max_synthetic <= 1))
        abort();
    for (int v = 0; v < 3; v++)
        if (!(p->keep[v] >= 0 && p->keep[v] <= 1))
            abort();
    wn_json_init(&j, &text);
    wn_policy_json(&j, NULL, p);
    if (wn_buf_status(&text, NULL) != WN_OK || wn_policy_parse(&again, "again", wn_buf_str(&text), NULL) != WN_OK)
        abort();
    wn_policy_digest(p, a);
    wn_policy_digest(&again, b);
    if (strcmp(a, b) || strcmp(p->name, again.name))
        abort();
    wn_buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wn_str text = { (const char *)data, size };
    struct wn_operating_point op;
    struct wn_policy p;
    struct wn_err err = { 0 };

    if (wn_policy_parse(&p, "fuzz", text, &err) == WN_OK)
        check_round_trip(&p);
    else if (!err.text[0] || err.status == WN_OK)
        abort();
    if (wn_operating_point_parse(&op, "fuzz", text, &err) == WN_OK && !(op.tpr >= 0 && op.fpr <= 1))
        abort();
    return 0;
}
