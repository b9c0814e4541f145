#include "fuzz/driver.h"

#include <winnow/policy.h>

static bool is_share(double x)
{
    return x >= 0 && x <= 1;
}

static bool is_law(const double law[2])
{
    return (law[0] == 0 && law[1] == 0) || (law[0] > 0 && law[1] > 0);
}

/* The ranges of policy.h, for every policy that parses. */
static void check_ranges(const struct wn_policy *p)
{
    bool good = is_share(p->real_share) && is_share(p->weight) && is_share(p->max_synthetic) && is_share(p->alpha) &&
                is_share(p->beta) && is_share(p->gamma) && is_share(p->edit_above) && is_share(p->keep_right) &&
                is_share(p->keep_wrong) && is_share(p->value_drop) && is_share(p->top_share) && p->power >= 0 &&
                p->power <= 4 && p->window <= 1000 && p->importance_power >= 0 && p->value_cut >= 0 &&
                is_law(p->human_confidence) && is_law(p->synthetic_confidence);

    for (int v = 0; v < 3; v++)
        good = good && is_share(p->keep[v]);
    good = good && is_share(p->op.tpr) && is_share(p->op.fpr);
    good = good && (p->regime != WN_REGIME_WINDOW || p->window > 0);
    good = good && (p->regime != WN_REGIME_GENERAL || p->alpha > 0);
    good = good && (p->filter_by != WN_FILTER_IMPORTANCE || p->importance_power > 0);
    if (!good)
        abort();
}

/* What only simulations obey is said in words. */
static void check_use(const struct wn_policy *p)
{
    struct wn_err err = { 0 };

    if (wn_policy_check_mix(p, &err) != WN_OK && (err.status != WN_BADCONF || !err.text[0]))
        abort();
}

/* The resolved form of a policy parses to itself. */
static void check_round_trip(const struct wn_policy *p)
{
    struct wn_buf text = { 0 };
    struct wn_policy again;
    char a[33], b[33];
    struct wn_json j;

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

    if (wn_policy_parse(&p, "fuzz", text, &err) == WN_OK) {
        check_ranges(&p);
        check_use(&p);
        check_round_trip(&p);
    } else if (!err.text[0] || err.status == WN_OK) {
        abort();
    }
    if (wn_operating_point_parse(&op, "fuzz", text, &err) == WN_OK && !(op.tpr >= 0 && op.fpr <= 1))
        abort();
    return 0;
}
