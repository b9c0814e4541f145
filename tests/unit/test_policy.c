#include "support/cm.h"

#include <winnow/policy.h>

static struct wn_err err;

static enum wn_status parse(struct wn_policy *p, const char *yaml)
{
    memset(&err, 0, sizeof(err));
    return wn_policy_parse(p, "dir/p.yaml", wn_str(yaml), &err);
}

static void must_parse(struct wn_policy *p, const char *yaml)
{
    if (parse(p, yaml) != WN_OK)
        fail_msg("'%s': %s", yaml, err.text);
}

static void the_shortest_policy_takes_every_default(void **state)
{
    struct wn_policy p;

    (void)state;
    must_parse(&p, "regime: replace\n");
    assert_string_equal(p.name, "p");               /* from the file's name */
    assert_int_equal(p.regime, WN_REGIME_REPLACE);
    assert_int_equal(p.seed, 1);
    assert_int_equal(p.filter_by, WN_FILTER_NONE);
    assert_true(p.keep[WN_HUMAN] == 1 && p.keep[WN_UNKNOWN] == 1 && p.keep[WN_SYNTHETIC] == 0);
    assert_true(p.trust_real);
    assert_false(p.op.given);
    assert_true(p.budget_documents == 0 && p.budget_tokens == 0 && p.budget_of_first == 0);
    assert_false(p.short_ok);
    assert_true(p.max_synthetic == 1);
}

static void every_key_arrives(void **state)
{
    struct wn_policy p;

    (void)state;
    must_parse(&p, "name: \"a \\u00fc b\"\nregime: fresh_real\nseed: 18446744073709551615\n"
                   "fresh_real: {share: 0.25}\nmax_synthetic: 0.2\nbudget: {tokens: 2_000_000, short: accept}\n"
                   "filter:\n  by: tag\n  keep: {human: 0.9, unknown: 0.5, synthetic: 0.1}\n  trust_real: false\n"
                   "  operating_point: {tpr: 0.7, fpr: 0.2, unknown_synthetic: 0.15, unknown_human: 0.4, tpr_low: 0.6,\n"
                   "    tpr_high: 0.8, fpr_low: 0.1, fpr_high: 0.3}\n");
    assert_string_equal(p.name, "a \xc3\xbc b");
    assert_int_equal(p.regime, WN_REGIME_FRESH_REAL);
    assert_true(p.seed == UINT64_MAX);
    assert_true(p.real_share == 0.25 && p.max_synthetic == 0.2);
    assert_true(p.budget_tokens == 2000000 && p.short_ok);
    assert_int_equal(p.filter_by, WN_FILTER_TAG);
    assert_true(p.keep[WN_HUMAN] == 0.9 && p.keep[WN_UNKNOWN] == 0.5 && p.keep[WN_SYNTHETIC] == 0.1);
    assert_false(p.trust_real);
    assert_true(p.op.given && p.op.tpr == 0.7 && p.op.fpr == 0.2);
    assert_true(p.op.unknown_synthetic == 0.15 && p.op.unknown_human == 0.4);
    assert_true(p.op.tpr_low == 0.6 && p.op.tpr_high == 0.8 && p.op.fpr_low == 0.1 && p.op.fpr_high == 0.3);
    must_parse(&p, "regime: accumulate\nbudget: {documents: 12}\nfilter: {by: oracle}\n");
    assert_true(p.regime == WN_REGIME_ACCUMULATE && p.budget_documents == 12 && p.filter_by == WN_FILTER_ORACLE);
    must_parse(&p, "regime: accumulate_subsample\nbudget: {of_first: 1.5}\nfilter: {by: none}\n");
    assert_true(p.regime == WN_REGIME_ACCUMULATE_SUBSAMPLE && p.budget_of_first == 1.5);
}

static void every_regime_has_its_settings(void **state)
{
    struct wn_policy p;

    (void)state;
    must_parse(&p, "regime: fresh_real\nfresh_real: {share: 0.25, mixing: iid, source: first}\n");
    assert_true(p.real_share == 0.25 && p.mixing == WN_MIXING_IID && p.real_from_first);
    must_parse(&p, "regime: fresh_real\nfresh_real: {share: 0.25, mixing: stratified, source: new}\n");
    assert_true(p.mixing == WN_MIXING_STRATIFIED && !p.real_from_first);
    must_parse(&p, "regime: replace_grown\n");
    assert_true(p.regime == WN_REGIME_REPLACE_GROWN && p.power == 1 && p.budget_of_first == 0 && !p.short_ok);
    must_parse(&p, "regime: replace_grown\nbudget: {short: accept}\n");
    assert_true(p.short_ok);
    must_parse(&p, "regime: schedule\nschedule: {power: 1.5}\n");
    assert_true(p.regime == WN_REGIME_SCHEDULE && p.power == 1.5);
    must_parse(&p, "regime: window\nwindow: {generations: 1000}\n");
    assert_true(p.regime == WN_REGIME_WINDOW && p.window == 1000);
    must_parse(&p, "regime: fixed_real\nfixed_real: {share: 0.4}\n");
    assert_true(p.regime == WN_REGIME_FIXED_REAL && p.real_share == 0.4);
    must_parse(&p, "regime: weighted\nweighted: {share: 0.5, weight: 0.618, mixing: iid, source: first}\n");
    assert_true(p.regime == WN_REGIME_WEIGHTED && p.real_share == 0.5 && p.weight == 0.618);
    assert_true(p.mixing == WN_MIXING_IID && p.real_from_first);
    must_parse(&p, "regime: general\ngeneral: {alpha: 0.7, beta: 0.2, gamma: 0.1}\n");   /* not 1 in binary */
    assert_true(p.regime == WN_REGIME_GENERAL && p.alpha == 0.7 && p.beta == 0.2 && p.gamma == 0.1);
    must_parse(&p, "regime: edit\nedit: {above: 0.99}\ndedup: near\n");
    assert_true(p.regime == WN_REGIME_EDIT && p.edit_above == 0.99 && p.dedup == WN_DEDUP_NEAR);
    must_parse(&p, "regime: replace\ndedup: exact\n");
    assert_true(p.dedup == WN_DEDUP_EXACT && p.power == 0 && p.window == 0);
}

static void every_filter_has_its_settings(void **state)
{
    struct wn_policy p;

    (void)state;
    must_parse(&p, "regime: replace\nfilter:\n  by: importance\n"
                   "  importance: {power: 10, human: [1, 8.5], synthetic: [8, 2]}\n"
                   "  trust_real: false\n  intake: topup\n");
    assert_true(p.filter_by == WN_FILTER_IMPORTANCE && p.importance_power == 10 && !p.trust_real && p.topup);
    assert_true(p.human_confidence[0] == 1 && p.human_confidence[1] == 8.5);
    assert_true(p.synthetic_confidence[0] == 8 && p.synthetic_confidence[1] == 2);
    must_parse(&p, "regime: replace\nfilter: {by: importance, importance: {power: 0.5}, intake: fixed}\n");
    assert_true(p.human_confidence[0] == 0 && p.synthetic_confidence[1] == 0 && p.trust_real && !p.topup);
    must_parse(&p, "regime: replace\nfilter: {by: verify, verify: {right: 0.9, wrong: 0.2}}\n");
    assert_true(p.filter_by == WN_FILTER_VERIFY && p.keep_right == 0.9 && p.keep_wrong == 0.2);
    must_parse(&p, "regime: replace\nfilter: {by: value, value: {flags: tails, beyond: 1.5, drop: 0.3}}\n");
    assert_true(p.filter_by == WN_FILTER_VALUE && p.value_tails && p.value_cut == 1.5 && p.value_drop == 0.3);
    must_parse(&p, "regime: replace\nfilter: {by: value, value: {flags: centre, beyond: 1.5, drop: 0.3}}\n");
    assert_false(p.value_tails);
    must_parse(&p, "regime: replace\nfilter: {by: top_fraction, top_fraction: {share: 0.25}}\n");
    assert_true(p.filter_by == WN_FILTER_TOP_FRACTION && p.top_share == 0.25);
    must_parse(&p, "regime: replace\nfilter: {by: surprise, surprise: {share: 1}}\n");
    assert_true(p.filter_by == WN_FILTER_SURPRISE && p.top_share == 1);
    must_parse(&p, "regime: replace\nfilter: {by: oracle, intake: topup}\n");
    assert_true(p.filter_by == WN_FILTER_ORACLE && p.topup);
}

static bool near_to(double x, double want)
{
    return x > want - 1e-11 && x < want + 1e-11;
}

/* Upper tails of the normal law from tables: Q(1) = 0.158655253931457, Q(-1) = 1 - Q(1),
 * Q(1.959963984540054) = 0.025. */
static void an_operating_point_has_three_forms(void **state)
{
    struct wn_policy p;

    (void)state;
    must_parse(&p, "regime: replace\nfilter: {by: tag, operating_point: {d_prime: 2, threshold: 1}}\n");
    assert_true(p.op.given && near_to(p.op.tpr, 1 - 0.158655253931457) && near_to(p.op.fpr, 0.158655253931457));
    assert_true(p.op.tpr_low == p.op.tpr && p.op.tpr_high == p.op.tpr && p.op.fpr_low == p.op.fpr);
    assert_true(p.op.unknown_human == 0 && p.op.unknown_synthetic == 0 && p.op.fpr_high == p.op.fpr);
    must_parse(&p, "regime: replace\nfilter: {by: tag, operating_point: {d_prime: 0, threshold: 1.959963984540054}}\n");
    assert_true(near_to(p.op.tpr, 0.025) && p.op.tpr == p.op.fpr);
    must_parse(&p, "regime: replace\nfilter: {by: tag, operating_point: {d_prime: 100, threshold: -100}}\n");
    assert_true(p.op.tpr == 1 && p.op.fpr == 1);
    must_parse(&p, "regime: replace\nfilter: {by: tag, operating_point: {marked: 0.5, power: 0.9, alpha: 0.01}}\n");
    assert_true(near_to(p.op.tpr, 0.45) && p.op.fpr == 0.01 && p.op.fpr_high == 0.01 && p.op.tpr_low == p.op.tpr);
}

static void numbers_may_have_underscores_and_exponents(void **state)
{
    static const struct {
        const char *text;
        double want;
    } good[] = { { "0.5", 0.5 }, { "1", 1 }, { "5e-1", 0.5 }, { "0.000_5", 0.0005 }, { "+0.25", 0.25 }, { "1E0", 1 } };
    static const char *const bad[] = { ".5", "0x1", "nan", ".inf", "1_", "_1", "1__0", "0.5.1", "", "'0.5'", "~", "1e",
                                       "1 2" };
    struct wn_policy p;
    char yaml[80];

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(yaml, sizeof(yaml), "regime: replace\nmax_synthetic: %s\n", good[i].text);
        must_parse(&p, yaml);
        assert_true(p.max_synthetic == good[i].want);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(yaml, sizeof(yaml), "regime: replace\nmax_synthetic: %s\n", bad[i]);
        if (parse(&p, yaml) != WN_BADCONF)
            fail_msg("'%s' was taken", bad[i]);
    }
}

/* What is wrong, and the words a user reads. */
static const struct {
    const char *yaml, *message;
} mistakes[] = {
    { "", "dir/p.yaml:1:1: the policy is empty; it needs at least 'regime'" },
    { "# nothing\n", "dir/p.yaml:1:1: the policy is empty; it needs at least 'regime'" },
    { "seed: 1\n", "dir/p.yaml:1:1: the policy has no 'regime'" },
    { "just words\n", "dir/p.yaml:1:1: a policy is made of 'key: value' lines" },
    { "- a\n- b\n", "dir/p.yaml:1:1: a policy is made of 'key: value' lines" },
    { "regime: replace\nfiltr: {by: tag}\n", "dir/p.yaml:2:1: unknown key 'filtr'; did you mean 'filter'?" },
    { "regime: replace\nsede: 2\n", "dir/p.yaml:2:1: unknown key 'sede'; did you mean 'seed'?" },
    { "regime: replace\nshare: 0.5\n", "dir/p.yaml:2:1: unknown key 'share'; it belongs under 'fresh_real', "
                                     "'fixed_real', 'weighted', 'top_fraction' or 'surprise'" },
    { "regime: replace\nfilter: {by: tag, alpha: 1}\n",
      "dir/p.yaml:2:19: unknown key 'alpha' in 'filter'; it belongs under 'general' or 'operating_point'" },
    { "regime: replace\nfilter: {by: none, seed: 3}\n",
      "dir/p.yaml:2:20: unknown key 'seed' in 'filter'; it belongs at the top level" },
    { "regime: replace\nfilter: {by: tag, human: 1}\n",
      "dir/p.yaml:2:19: unknown key 'human' in 'filter'; it belongs under 'keep' or 'importance'" },
    { "regime: replace\nzzzzzz: 1\n", "dir/p.yaml:2:1: unknown key 'zzzzzz'" },
    { "regime: replace\n<<: {seed: 2}\n", "dir/p.yaml:2:1: unknown key '<<'" },
    { "regime: replace\nseed: 1\nseed: 2\n", "dir/p.yaml:3:1: 'seed' is given twice; the first is on line 2" },
    { "regime: replace\nbudget: {documents: 1, \"documents\": 2}\n",
      "dir/p.yaml:2:24: 'documents' is given twice; the first is on line 2" },
    { "regime: acumulate\n",
      "dir/p.yaml:1:9: 'regime' must be one of replace, accumulate, accumulate_subsample, fresh_real, replace_grown, "
      "schedule, window, fixed_real, weighted, general, edit, not 'acumulate'; did you mean 'accumulate'?" },
    { "regime: [replace]\n",
      "dir/p.yaml:1:9: 'regime' must be one of replace, accumulate, accumulate_subsample, fresh_real, replace_grown, "
      "schedule, window, fixed_real, weighted, general, edit, not a list" },
    { "regime:\n",
      "dir/p.yaml:1:8: 'regime' must be one of replace, accumulate, accumulate_subsample, fresh_real, replace_grown, "
      "schedule, window, fixed_real, weighted, general, edit, not ''" },
    { "regime: replace\nseed: 1.5\n", "dir/p.yaml:2:7: 'seed' must be a whole number, not '1.5'" },
    { "regime: replace\nseed: -1\n", "dir/p.yaml:2:7: 'seed' must be a whole number, not '-1'" },
    { "regime: replace\nseed: '7'\n", "dir/p.yaml:2:7: 'seed' must be a whole number, not '7' in quotes" },
    { "regime: replace\nseed: 18446744073709551616\n",
      "dir/p.yaml:2:7: 'seed' must be a whole number, not '18446744073709551616'" },
    { "regime: replace\nbudget: {documents: 0}\n", "dir/p.yaml:2:21: 'documents' must be at least 1, not '0'" },
    { "regime: replace\nbudget: 10\n",
      "dir/p.yaml:2:9: 'budget' must be a section of 'key: value' lines, not '10'" },
    { "regime: replace\nmax_synthetic: 1.01\n",
      "dir/p.yaml:2:16: 'max_synthetic' must be between 0 and 1, not '1.01'" },
    { "regime: replace\nbudget: {of_first: 0}\n",
      "dir/p.yaml:2:20: 'of_first' must be between 1e-06 and 1e+06, not '0'" },
    { "regime: replace\nfilter: {by: tag, trust_real: yes}\n",
      "dir/p.yaml:2:31: 'trust_real' must be true or false, not 'yes'" },
    { "regime: replace\nname: {a: b}\n",
      "dir/p.yaml:2:7: 'name' must be 1 to 63 bytes of text on one line, not a section" },
    { "regime: replace\nname: \"a\\x1b[31mb\"\n",
      "dir/p.yaml:2:7: 'name' must be 1 to 63 bytes of text on one line, not 'a?[31mb' in quotes" },
    { "regime: fresh_real\n", "dir/p.yaml:1:1: 'regime' is fresh_real, which needs 'fresh_real: {share: ...}'" },
    { "regime: replace\nfresh_real: {share: 0.1}\n",
      "dir/p.yaml:2:1: 'fresh_real' belongs to 'regime: fresh_real'; the regime here is another one" },
    { "regime: replace\nfilter: {keep: {human: 1}}\n", "dir/p.yaml:2:1: 'filter' needs 'by': none, tag, oracle, "
                                                   "importance, verify, value, top_fraction or surprise" },
    { "regime: replace\nfilter: {by: oracle, keep: {human: 1}}\n",
      "dir/p.yaml:2:22: 'keep' belongs to 'by: tag'; the filter here goes by something else" },
    { "regime: replace\nfilter: {by: none, trust_real: true}\n",
      "dir/p.yaml:2:20: 'trust_real' belongs to a filter that judges items: tag, importance, value, top_fraction, surprise" },
    { "regime: replace\nfilter: {by: none, operating_point: {tpr: 1, fpr: 0}}\n",
      "dir/p.yaml:2:20: 'operating_point' belongs to 'by: tag' or 'max_synthetic'; there is neither here" },
    { "regime: replace\nfilter: {by: tag, operating_point: {tpr: 1}}\n",
      "dir/p.yaml:2:19: 'operating_point' needs both 'tpr' and 'fpr'" },
    { "regime: replace\nfilter: {by: tag, operating_point: {tpr: 0.9, fpr: 0, unknown_synthetic: 0.2}}\n",
      "dir/p.yaml:2:19: 'tpr' and 'unknown_synthetic' add up to more than 1" },
    { "regime: replace\nfilter: {by: tag, operating_point: {tpr: 0.9, fpr: 0.1, fpr_low: 0.2}}\n",
      "dir/p.yaml:2:19: 'fpr' is outside 'fpr_low' to 'fpr_high'" },
    { "regime: replace\nbudget: {documents: 5, tokens: 5}\n",
      "dir/p.yaml:2:24: 'budget' has both 'documents' and 'tokens'; give one of them" },
    { "regime: replace\nbudget: {short: accept}\n",
      "dir/p.yaml:2:1: 'budget' needs one of 'documents', 'tokens', 'of_first'" },
    { "regime: &r replace\n", "dir/p.yaml:1:9: anchors and aliases (& and *) are not allowed here" },
    { "regime: replace\nname: *r\n", "dir/p.yaml:2:7: anchors and aliases (& and *) are not allowed here" },
    { "regime: !!str replace\n", "dir/p.yaml:1:9: tags (!) are not allowed here" },
    { "regime: replace\n---\nregime: replace\n", "dir/p.yaml:2:1: a second document; one file holds one policy" },
    { "regime: replace\n? [a]\n: b\n", "dir/p.yaml:2:3: a key must be a plain word" },
    { "[[[[[[[[[x]]]]]]]]]\n", "dir/p.yaml:1:9: nested more than 8 deep" },
    { "regime: replace\nfilter: {by: tag\n",
      "dir/p.yaml:3:1: not valid YAML: did not find expected ',' or '}'" },
    { "regime: replace\n\tseed: 1\n", "dir/p.yaml:2:1: not valid YAML: found a tab character that violates indentation" },
    { "regime: replace\nname: \xff\n", "dir/p.yaml:2:7: not valid YAML: invalid leading UTF-8 octet" },
};

/* The settings of regimes, filters and operating points: what is missing, what does not
 * belong, what is out of range. */
static const struct {
    const char *yaml, *message;
} section_mistakes[] = {
    /* a regime without its section, and half a section */
    { "regime: window\n", "1:1: 'regime' is window, which needs 'window: {generations: ...}'" },
    { "regime: schedule\n", "1:1: 'regime' is schedule, which needs 'schedule: {power: ...}'" },
    { "regime: fixed_real\n", "1:1: 'regime' is fixed_real, which needs 'fixed_real: {share: ...}'" },
    { "regime: weighted\n", "1:1: 'regime' is weighted, which needs 'weighted: {share: ..., weight: ...}'" },
    { "regime: general\n", "1:1: 'regime' is general, which needs 'general: {alpha: ..., beta: ..., gamma: ...}'" },
    { "regime: edit\n", "1:1: 'regime' is edit, which needs 'edit: {above: ...}'" },
    { "regime: fresh_real\nfresh_real: {mixing: iid}\n", "2:1: 'fresh_real' needs 'share'" },
    { "regime: weighted\nweighted: {share: 0.5}\n", "2:1: 'weighted' needs 'weight'" },
    { "regime: general\ngeneral: {alpha: 0.5, gamma: 0.5}\n", "2:1: 'general' needs 'beta'" },
    { "regime: window\nwindow: {}\n", "2:1: 'window' needs 'generations'" },
    /* a section of another regime */
    { "regime: replace\nwindow: {generations: 2}\n",
      "2:1: 'window' belongs to 'regime: window'; the regime here is another one" },
    { "regime: window\nwindow: {generations: 2}\nschedule: {power: 1}\n",
      "3:1: 'schedule' belongs to 'regime: schedule'; the regime here is another one" },
    { "regime: fresh_real\nfresh_real: {share: 0.1}\nfixed_real: {share: 0.1}\n",
      "3:1: 'fixed_real' belongs to 'regime: fixed_real'; the regime here is another one" },
    { "regime: fixed_real\nfixed_real: {share: 0.1, mixing: iid}\n",
      "2:26: unknown key 'mixing' in 'fixed_real'; it belongs under 'fresh_real' or 'weighted'" },
    /* ranges */
    { "regime: window\nwindow: 3\n", "2:9: 'window' must be a section of 'key: value' lines, not '3'" },
    { "regime: window\nwindow: {generations: 0}\n", "2:23: 'generations' must be between 1 and 1000, not '0'" },
    { "regime: window\nwindow: {generations: 1001}\n", "2:23: 'generations' must be between 1 and 1000, not '1001'" },
    { "regime: schedule\nschedule: {power: 4.5}\n", "2:19: 'power' must be between 0 and 4, not '4.5'" },
    { "regime: general\ngeneral: {alpha: 0, beta: 0.5, gamma: 0.5}\n",
      "2:18: 'alpha' must be above 0 and at most 1, not '0'" },
    { "regime: general\ngeneral: {alpha: 0.5, beta: 0.25, gamma: 0.3}\n",
      "2:1: 'general' has 'alpha', 'beta' and 'gamma' that add up to 1.05; they must add up to 1" },
    { "regime: weighted\nweighted: {share: 0, weight: 0.5}\n",
      "2:22: 'weight' is above 0, but with 'share: 0' no real document can carry it; raise 'share'" },
    { "regime: weighted\nweighted: {share: 1, weight: 0.5}\n",
      "2:22: 'weight' is below 1, but with 'share: 1' no other document can carry the rest; lower 'share'" },
    { "regime: edit\nedit: {above: 1.5}\n", "2:15: 'above' must be between 0 and 1, not '1.5'" },
    { "regime: fresh_real\nfresh_real: {share: 0.1, mixing: random}\n",
      "2:34: 'mixing' must be one of stratified, iid, not 'random'" },
    { "regime: fresh_real\nfresh_real: {share: 0.1, source: old}\n",
      "2:34: 'source' must be one of new, first, not 'old'" },
    { "regime: replace\ndedup: yes\n", "2:8: 'dedup' must be one of none, exact, near, not 'yes'" },
    /* filters */
    { "regime: replace\nfilter: {by: importance}\n",
      "2:10: 'by' is importance, which needs 'importance: {power: ...}'" },
    { "regime: replace\nfilter: {by: verify, verify: {right: 1}}\n", "2:22: 'verify' needs 'wrong'" },
    { "regime: replace\nfilter: {by: value}\n",
      "2:10: 'by' is value, which needs 'value: {flags: ..., beyond: ..., drop: ...}'" },
    { "regime: replace\nfilter: {by: value, value: {flags: tails, drop: 1}}\n", "2:21: 'value' needs 'beyond'" },
    { "regime: replace\nfilter: {by: value, value: {flags: center, beyond: 1, drop: 1}}\n",
      "2:36: 'flags' must be one of tails, centre, not 'center'; did you mean 'centre'?" },
    { "regime: replace\nfilter: {by: value, value: {flags: tails, beyond: 0, drop: 1}}\n",
      "2:51: 'beyond' must be above 0 and at most 1000, not '0'" },
    { "regime: replace\nfilter: {by: top_fraction}\n",
      "2:10: 'by' is top_fraction, which needs 'top_fraction: {share: ...}'" },
    { "regime: replace\nfilter: {by: surprise, surprise: {share: 0}}\n",
      "2:42: 'share' must be above 0 and at most 1, not '0'" },
    { "regime: replace\nfilter: {by: surprise, surprise: {share: 0.5}, top_fraction: {share: 0.5}}\n",
      "2:48: 'top_fraction' belongs to 'by: top_fraction'; the filter here goes by something else" },
    { "regime: replace\nfilter: {by: importance, importance: {power: 0}}\n",
      "2:46: 'power' must be above 0 and at most 1000, not '0'" },
    { "regime: replace\nfilter: {by: importance, importance: {power: 1, human: [1, 2]}}\n",
      "2:26: 'importance' has 'human' but not 'synthetic'; give both or neither" },
    { "regime: replace\nfilter: {by: importance, importance: {power: 1, human: 1, synthetic: [1, 2]}}\n",
      "2:56: 'human' must be a list of two numbers above 0, [a, b], not '1'" },
    { "regime: replace\nfilter: {by: importance, importance: {power: 1, human: [1], synthetic: [1, 2]}}\n",
      "2:56: 'human' must be a list of two numbers above 0, [a, b]; this one has 1" },
    { "regime: replace\nfilter: {by: importance, importance: {power: 1, human: [1, 2, 3], synthetic: [1, 2]}}\n",
      "2:56: 'human' must be a list of two numbers above 0, [a, b]; this one has 3" },
    { "regime: replace\nfilter: {by: importance, importance: {power: 1, human: [1, 0], synthetic: [1, 2]}}\n",
      "2:60: the numbers of 'human' must be above 0 and at most 1e+06, not '0'" },
    { "regime: replace\nfilter: {by: importance, importance: {power: 1, human: [1, [2]], synthetic: [1, 2]}}\n",
      "2:60: 'human' must be a list of two numbers above 0, [a, b], not a list" },
    { "regime: replace\nfilter: {by: verify, verify: {right: 1, wrong: 0}, trust_real: false}\n",
      "2:52: 'trust_real' belongs to a filter that judges items: tag, importance, value, top_fraction, surprise" },
    { "regime: replace\nfilter: {by: none, intake: fixed}\n",
      "2:20: 'intake' belongs to 'by: tag', 'oracle' or 'importance'; the filter here goes by something else" },
    { "regime: replace\nfilter: {by: tag, keep: {human: 0, unknown: 0}, intake: topup}\n",
      "2:49: 'intake' is topup, but 'keep' keeps nothing, so it would never end; raise one of 'human', 'unknown', "
      "'synthetic'" },
    { "regime: replace\nfilter: {by: importance, importance: {power: 1}, operating_point: {tpr: 1, fpr: 0}}\n",
      "2:50: 'operating_point' belongs to 'by: tag' or 'max_synthetic'; there is neither here" },
    /* operating points */
    { "regime: replace\nfilter: {by: tag, operating_point: {}}\n",
      "2:19: 'operating_point' needs both 'tpr' and 'fpr', or both 'd_prime' and 'threshold', or 'marked', 'power' and "
      "'alpha'" },
    { "regime: replace\nfilter: {by: tag, operating_point: {d_prime: 2}}\n",
      "2:19: 'operating_point' needs both 'd_prime' and 'threshold'" },
    { "regime: replace\nfilter: {by: tag, operating_point: {marked: 1, power: 1}}\n",
      "2:19: 'operating_point' needs 'marked', 'power' and 'alpha'" },
    { "regime: replace\nfilter: {by: tag, operating_point: {d_prime: 2, threshold: 1, unknown_human: 0.1}}\n",
      "2:37: 'd_prime' cannot stand beside 'unknown_human': 'operating_point' is either both 'tpr' and 'fpr', or both "
      "'d_prime' and 'threshold', or 'marked', 'power' and 'alpha'" },
    { "regime: replace\nfilter: {by: tag, operating_point: {threshold: 1, marked: 1}}\n",
      "2:51: 'marked' cannot stand beside 'threshold': 'operating_point' is either both 'tpr' and 'fpr', or both "
      "'d_prime' and 'threshold', or 'marked', 'power' and 'alpha'" },
    { "regime: replace\nfilter: {by: tag, operating_point: {d_prime: -1, threshold: 0}}\n",
      "2:46: 'd_prime' must be between 0 and 100, not '-1'" },
    /* budgets */
    { "regime: replace_grown\nbudget: {documents: 5}\n",
      "2:10: 'documents' contradicts 'regime: replace_grown', which says itself how many documents there are; leave it "
      "out" },
    { "regime: schedule\nschedule: {power: 1}\nbudget: {of_first: 1, short: accept}\n",
      "3:10: 'of_first' contradicts 'regime: schedule', which says itself how many documents there are; leave it out" },
    { "regime: replace_grown\nbudget: {}\n", "2:1: 'budget' needs 'short': error or accept" },
};

/* MESSAGE is that of YAML, and the policy is untouched. */
static void check_mistake(const char *yaml, const char *message)
{
    struct wn_policy p;

    memset(&p, 0x5a, sizeof(p));
    if (parse(&p, yaml) != WN_BADCONF)
        fail_msg("'%s' was taken", yaml);
    assert_string_equal(err.text, message);
    assert_int_equal(p.seed, 0x5a5a5a5a5a5a5a5a);
}

static void mistakes_are_named_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++)
        check_mistake(mistakes[i].yaml, mistakes[i].message);
}

static void settings_that_are_missing_or_without_effect_are_named(void **state)
{
    char message[512];

    (void)state;
    for (size_t i = 0; i < sizeof(section_mistakes) / sizeof(section_mistakes[0]); i++) {
        snprintf(message, sizeof(message), "dir/p.yaml:%s", section_mistakes[i].message);
        check_mistake(section_mistakes[i].yaml, message);
    }
}

static void a_mapping_of_thousands_is_refused_at_once(void **state)
{
    struct wn_buf yaml = { 0 };
    struct wn_policy p;

    (void)state;
    for (int i = 0; i < 3000; i++)
        wn_buf_addf(&yaml, "k%d: 1\n", i);
    memset(&err, 0, sizeof(err));
    assert_int_equal(wn_policy_parse(&p, "p", wn_buf_str(&yaml), &err), WN_BADCONF);
    assert_string_equal(err.text, "p:1:1: more than 256 items");
    wn_buf_reset(&yaml);
    while (yaml.len <= 1 << 20)
        wn_buf_addz(&yaml, "# a comment that goes on for ever and ever\n");
    assert_int_equal(wn_policy_parse(&p, "p", wn_buf_str(&yaml), &err), WN_BADCONF);
    wn_buf_release(&yaml);
}

static void a_subsample_without_a_budget_is_as_large_as_generation_0(void **state)
{
    struct wn_policy p;

    (void)state;
    must_parse(&p, "regime: accumulate_subsample\n");
    assert_true(p.budget_of_first == 1 && !p.short_ok);
    must_parse(&p, "regime: accumulate_subsample\nbudget: {short: accept}\n");
    assert_true(p.budget_of_first == 1 && p.short_ok);
    must_parse(&p, "regime: accumulate_subsample\nbudget: {tokens: 9}\n");
    assert_true(p.budget_of_first == 0 && p.budget_tokens == 9);
}

static void the_name_comes_from_the_file_when_none_is_given(void **state)
{
    static const char *const cases[][2] = {
        { "a/b/strict.yaml", "strict" }, { "strict", "strict" },   { ".hidden", ".hidden" }, { "v1.2.yml", "v1.2" },
        { "-", "policy" },               { "folder/", "policy" },
    };
    struct wn_policy p;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(wn_policy_parse(&p, cases[i][0], WN_STR("regime: replace"), &err), WN_OK);
        assert_string_equal(p.name, cases[i][1]);
    }
}

/* The text of P's JSON, in a buffer that the caller releases. */
static struct wn_buf json_of(const struct wn_policy *p)
{
    struct wn_buf text = { 0 };
    struct wn_json j;

    wn_json_init(&j, &text);
    wn_policy_json(&j, NULL, p);
    return text;
}

static void the_resolved_policy_is_written_out_whole(void **state)
{
    struct wn_policy p;
    struct wn_buf text;

    (void)state;
    must_parse(&p, "name: 'x \"y\"'\nregime: fresh_real\nseed: 7\nfresh_real: {share: 0.3}\nfilter: {by: tag}\n"
                   "budget: {documents: 1_000}\n");
    text = json_of(&p);
    wn_buf_addc(&text, '\0');
    assert_string_equal(text.ptr,
                        "{\"name\":\"x \\\"y\\\"\",\"regime\":\"fresh_real\",\"seed\":7,\"fresh_real\":{\"share\":0.3},"
                        "\"filter\":{\"by\":\"tag\",\"keep\":{\"human\":1.0,\"unknown\":1.0,\"synthetic\":0.0},"
                        "\"trust_real\":true},\"max_synthetic\":1.0,\"budget\":{\"documents\":1000,\"short\":\"error\"}}");
    wn_buf_release(&text);
}

static const char *const whole_policies[] = {
    "regime: replace",
    "regime: accumulate\nseed: 18446744073709551615",
    "regime: accumulate_subsample",
    "regime: fresh_real\nfresh_real: {share: 0.1}\nfilter: {by: oracle}\nbudget: {of_first: 0.333}",
    "regime: accumulate\nmax_synthetic: 1e-3\nfilter: {by: none, operating_point: {tpr: 0.8, fpr: 0.02}}",
    "regime: replace\nfilter:\n  by: tag\n  keep: {unknown: 0.12345678901234567}\n  trust_real: false\n"
    "  operating_point: {tpr: 0.9, fpr: 0.01, unknown_human: 0.2, tpr_low: 0.85, tpr_high: 0.95, fpr_low: 0}\n"
    "budget: {tokens: 123_456_789_012, short: accept}",
    /* settings that came later */
    "regime: fresh_real\nfresh_real: {share: 0.1, mixing: iid}",
    "regime: fresh_real\nfresh_real: {share: 0.1, source: first}\ndedup: exact",
    "regime: replace_grown\nbudget: {short: accept}",
    "regime: schedule\nschedule: {power: 0.7}\ndedup: near",
    "regime: window\nwindow: {generations: 3}",
    "regime: fixed_real\nfixed_real: {share: 0.3}",
    "regime: weighted\nweighted: {share: 0.3, weight: 0.6, mixing: iid, source: first}",
    "regime: general\ngeneral: {alpha: 0.7, beta: 0.2, gamma: 0.1}",
    "regime: edit\nedit: {above: 0.99}",
    "regime: replace\nfilter: {by: importance, importance: {power: 10, human: [1, 0.1], synthetic: [1e-3, 2]}}",
    "regime: replace\nfilter: {by: importance, importance: {power: 10}, trust_real: false, intake: topup}",
    "regime: replace\nfilter: {by: verify, verify: {right: 0.9, wrong: 0.1}}",
    "regime: replace\nfilter: {by: value, value: {flags: centre, beyond: 1.5, drop: 0.3}}",
    "regime: replace\nfilter: {by: top_fraction, top_fraction: {share: 0.2}}",
    "regime: replace\nfilter: {by: surprise, surprise: {share: 0.2}}",
    "regime: replace\nfilter: {by: oracle, intake: topup}",
    "regime: replace\nfilter: {by: tag, operating_point: {d_prime: 1.7, threshold: 0.3}}",
    "regime: replace\nfilter: {by: tag, operating_point: {marked: 0.3, power: 0.7, alpha: 1e-6}}",
};
/* Of the first ones, as winnow 0.1.0 wrote them before there were others: an old manifest
 * must go on naming its policy. */
static const char *const old_digests[] = {
    "aa7bf43dd12a9e29e877f6c524eb7613", "1e48eb3b44e76c2373d9004e8e74ca62", "0545103dbf1665d9b56266495733f41e",
    "9642e8c0c010b30ceccbcffb22e9e750", "e4be653728c0996bee1c26e13cc285e3", "823ca58355b111bb9d261c92af793f7d",
};

static void the_resolved_policy_parses_to_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(whole_policies) / sizeof(whole_policies[0]); i++) {
        struct wn_policy p, q;
        char a[33], b[33];
        struct wn_buf text, again;

        must_parse(&p, whole_policies[i]);
        text = json_of(&p);
        if (wn_policy_parse(&q, "json", wn_buf_str(&text), &err) != WN_OK)
            fail_msg("%s", err.text);
        again = json_of(&q);
        assert_true(wn_str_eq(wn_buf_str(&text), wn_buf_str(&again)));
        wn_policy_digest(&p, a);
        wn_policy_digest(&q, b);
        assert_string_equal(a, b);
        wn_buf_release(&text);
        wn_buf_release(&again);
    }
}

static void the_digest_tells_policies_apart_but_not_names(void **state)
{
    char seen[sizeof(whole_policies) / sizeof(whole_policies[0]) + 1][33];
    struct wn_policy p;
    size_t n = sizeof(whole_policies) / sizeof(whole_policies[0]);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        must_parse(&p, whole_policies[i]);
        wn_policy_digest(&p, seen[i]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(seen[i], seen[k]);
    }
    for (size_t i = 0; i < sizeof(old_digests) / sizeof(old_digests[0]); i++)
        assert_string_equal(seen[i], old_digests[i]);
    must_parse(&p, "regime: replace\nname: renamed");
    wn_policy_digest(&p, seen[n]);
    assert_string_equal(seen[n], seen[0]);
    must_parse(&p, "regime: replace\nseed: 2");
    wn_policy_digest(&p, seen[n]);
    assert_string_not_equal(seen[n], seen[0]);
}

static void a_default_that_is_written_out_changes_no_digest(void **state)
{
    static const char *const pairs[][2] = {
        { "regime: replace", "regime: replace\ndedup: none\nmax_synthetic: 1\nfilter: {by: none}" },
        { "regime: fresh_real\nfresh_real: {share: 0.5}",
          "regime: fresh_real\nfresh_real: {share: 0.5, mixing: stratified, source: new}" },
        { "regime: replace\nfilter: {by: oracle}", "regime: replace\nfilter: {by: oracle, intake: fixed}" },
        { "regime: replace_grown", "regime: replace_grown\nbudget: {short: error}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        char digest[2][33];
        struct wn_policy p;

        for (int k = 0; k < 2; k++) {
            must_parse(&p, pairs[i][k]);
            wn_policy_digest(&p, digest[k]);
        }
        assert_string_equal(digest[0], digest[1]);
    }
}

static void what_a_corpus_cannot_obey_is_said(void **state)
{
    static const struct {
        const char *yaml, *part;
    } cases[] = {
        { "regime: general\ngeneral: {alpha: 1, beta: 0, gamma: 0}", "'regime: general' draws from models" },
        { "regime: edit\nedit: {above: 1}", "'regime: edit' rewrites tokens" },
        { "regime: weighted\nweighted: {share: 0.5, weight: 0.5}", "'regime: weighted' gives real documents a weight" },
        { "regime: fresh_real\nfresh_real: {share: 0.5, mixing: iid}", "'mixing: iid' draws how many" },
        { "regime: replace\nfilter: {by: tag, intake: topup}", "'intake: topup' draws new documents" },
        { "regime: replace\nfilter: {by: verify, verify: {right: 1, wrong: 0}}", "'by: verify' needs to know" },
        { "regime: replace\nfilter: {by: value, value: {flags: tails, beyond: 1, drop: 1}}",
          "'by: value' judges numbers" },
        { "regime: replace\nfilter: {by: top_fraction, top_fraction: {share: 1}}", "'by: top_fraction' needs" },
        { "regime: replace\nfilter: {by: surprise, surprise: {share: 1}}", "'by: surprise' asks the model" },
        { "regime: replace\ndedup: near", "'dedup: near' compares texts" },
    };
    static const char *const fine[] = {
        "regime: replace", "regime: accumulate\ndedup: exact", "regime: accumulate_subsample", "regime: replace_grown",
        "regime: schedule\nschedule: {power: 2}", "regime: window\nwindow: {generations: 2}",
        "regime: fixed_real\nfixed_real: {share: 0.1}", "regime: fresh_real\nfresh_real: {share: 0.1, source: first}",
        "regime: replace\nfilter: {by: importance, importance: {power: 1}}", "regime: replace\nfilter: {by: oracle}",
    };
    struct wn_policy p;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        must_parse(&p, cases[i].yaml);
        assert_int_equal(wn_policy_check_mix(&p, &err), WN_BADCONF);
        if (!strstr(err.text, cases[i].part) || !strstr(err.text, "policy 'p' can be simulated but not applied"))
            fail_msg("%s", err.text);
    }
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        must_parse(&p, fine[i]);
        assert_int_equal(wn_policy_check_mix(&p, &err), WN_OK);
    }
}

static void every_word_has_its_name(void **state)
{
    (void)state;
    assert_string_equal(wn_regime_name(WN_REGIME_REPLACE), "replace");
    assert_string_equal(wn_regime_name(WN_REGIME_EDIT), "edit");
    assert_string_equal(wn_regime_name(WN_REGIME_FIXED_REAL), "fixed_real");
    assert_string_equal(wn_filter_name(WN_FILTER_IMPORTANCE), "importance");
    assert_string_equal(wn_filter_name(WN_FILTER_SURPRISE), "surprise");
    assert_string_equal(wn_mixing_name(WN_MIXING_STRATIFIED), "stratified");
    assert_string_equal(wn_mixing_name(WN_MIXING_IID), "iid");
    assert_string_equal(wn_dedup_name(WN_DEDUP_NONE), "none");
    assert_string_equal(wn_dedup_name(WN_DEDUP_NEAR), "near");
}

static void read_file(struct wn_buf *out, const char *path)
{
    FILE *f = fopen(path, "rb");
    char part[4096];
    size_t got;

    assert_non_null(f);
    while ((got = fread(part, 1, sizeof(part), f)) > 0)
        wn_buf_add(out, (struct wn_str){ part, got });
    fclose(f);
}

static void the_example_policies_say_what_their_names_say(void **state)
{
    static const struct {
        const char *path, *name;
        enum wn_regime regime;
        enum wn_filter_by by;
    } files[] = {
        { "corpus/policies/replace.yaml", "replace", WN_REGIME_REPLACE, WN_FILTER_NONE },
        { "corpus/policies/accumulate.yaml", "accumulate", WN_REGIME_ACCUMULATE, WN_FILTER_NONE },
        { "corpus/policies/filtered.yaml", "filtered", WN_REGIME_ACCUMULATE_SUBSAMPLE, WN_FILTER_TAG },
        { "corpus/policies/fresh.yaml", "fresh", WN_REGIME_FRESH_REAL, WN_FILTER_TAG },
        { "corpus/policies/window.yaml", "window", WN_REGIME_WINDOW, WN_FILTER_NONE },
        { "corpus/policies/fixed-real.yaml", "fixed-real", WN_REGIME_FIXED_REAL, WN_FILTER_NONE },
        { "corpus/policies/weighted.yaml", "weighted", WN_REGIME_WEIGHTED, WN_FILTER_NONE },
        { "corpus/policies/importance.yaml", "importance", WN_REGIME_ACCUMULATE_SUBSAMPLE, WN_FILTER_IMPORTANCE },
        { "corpus/policies/general.yaml", "general", WN_REGIME_GENERAL, WN_FILTER_NONE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct wn_buf text = { 0 };
        struct wn_policy p;

        read_file(&text, files[i].path);
        if (wn_policy_parse(&p, files[i].path, wn_buf_str(&text), &err) != WN_OK)
            fail_msg("%s", err.text);
        assert_string_equal(p.name, files[i].name);
        assert_int_equal(p.regime, files[i].regime);
        assert_int_equal(p.filter_by, files[i].by);
        assert_true(p.op.given == (files[i].by == WN_FILTER_TAG));
        assert_true(p.budget_documents == 0 && p.budget_tokens == 0);   /* sizes are relative */
        wn_buf_release(&text);
    }
}

/* Every fenced block marked "yaml" in the specification is a whole policy, and together they
 * show every regime and every filter. */
static void every_example_of_the_specification_parses(void **state)
{
    bool regimes[WN_REGIME_EDIT + 1] = { false }, filters[WN_FILTER_SURPRISE + 1] = { false };
    struct wn_buf text = { 0 };
    int n = 0;

    (void)state;
    read_file(&text, "docs/format/policy.md");
    wn_buf_addc(&text, '\0');
    for (char *at = text.ptr; (at = strstr(at, "\n```yaml\n")) != NULL; n++) {
        char *end = strstr(at + 9, "\n```");
        struct wn_policy p;

        assert_non_null(end);
        if (wn_policy_parse(&p, "policy.md", (struct wn_str){ at + 9, (size_t)(end - at) - 8 }, &err) != WN_OK)
            fail_msg("example %d: %s", n + 1, err.text);
        regimes[p.regime] = filters[p.filter_by] = true;
        at = end;
    }
    assert_true(n >= 16);
    for (int i = 0; i <= WN_REGIME_EDIT; i++)
        assert_true(regimes[i]);
    for (int i = 0; i <= WN_FILTER_SURPRISE; i++)
        assert_true(filters[i]);
    wn_buf_release(&text);
}

static void an_operating_point_comes_from_an_eval_summary(void **state)
{
    struct wn_operating_point op;

    (void)state;
    assert_int_equal(wn_operating_point_parse(&op, "e.json",
                                              WN_STR("{\"kind\":\"eval\",\"operating_point\":{\"tpr\":0.9,\"fpr\":0.02,"
                                                     "\"unknown_synthetic\":0.05,\"unknown_human\":0.1,\"tpr_low\":0.8,"
                                                     "\"tpr_high\":0.95,\"fpr_low\":0.01,\"fpr_high\":0.04}}"),
                                              &err),
                     WN_OK);
    assert_true(op.given && op.tpr == 0.9 && op.fpr == 0.02 && op.unknown_synthetic == 0.05 && op.unknown_human == 0.1);
    assert_true(op.tpr_low == 0.8 && op.tpr_high == 0.95 && op.fpr_low == 0.01 && op.fpr_high == 0.04);
    assert_int_equal(wn_operating_point_parse(&op, "e.json", WN_STR("{\"operating_point\":{\"tpr\":1,\"fpr\":0}}"), &err),
                     WN_OK);
    assert_true(op.tpr_low == 1 && op.tpr_high == 1 && op.fpr_high == 0 && op.unknown_human == 0);
}

static void an_operating_point_that_makes_no_sense_is_refused(void **state)
{
    static const struct {
        const char *json, *message;
        enum wn_status status;
    } cases[] = {
        { "{", "e.json: not valid JSON: line 1", WN_BADDATA },
        { "{}", "e.json: there is no 'operating_point' in it; winnow eval writes one", WN_BADCONF },
        { "{\"operating_point\":{\"tpr\":0.5}}", "e.json: 'operating_point' has no 'fpr'", WN_BADCONF },
        { "{\"operating_point\":{\"tpr\":0.5,\"fpr\":\"0\"}}",
          "e.json: 'fpr' of 'operating_point' must be a number between 0 and 1", WN_BADCONF },
        { "{\"operating_point\":{\"tpr\":1.5,\"fpr\":0}}",
          "e.json: 'tpr' of 'operating_point' must be a number between 0 and 1", WN_BADCONF },
        { "{\"operating_point\":{\"tpr\":0.5,\"fpr\":0.5,\"unknown_human\":0.6}}",
          "e.json: operating_point: 'fpr' and 'unknown_human' add up to more than 1", WN_BADCONF },
        { "{\"operating_point\":{\"tpr\":0.5,\"fpr\":0.5,\"tpr_high\":0.4}}",
          "e.json: operating_point: 'tpr' is outside 'tpr_low' to 'tpr_high'", WN_BADCONF },
    };
    struct wn_operating_point op;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(wn_operating_point_parse(&op, "e.json", wn_str(cases[i].json), &err), cases[i].status);
        err.text[strlen(cases[i].message)] = '\0';   /* the column is the JSON reader's */
        assert_string_equal(err.text, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shortest_policy_takes_every_default),
        cmocka_unit_test(every_key_arrives),
        cmocka_unit_test(every_regime_has_its_settings),
        cmocka_unit_test(every_filter_has_its_settings),
        cmocka_unit_test(an_operating_point_has_three_forms),
        cmocka_unit_test(settings_that_are_missing_or_without_effect_are_named),
        cmocka_unit_test(a_default_that_is_written_out_changes_no_digest),
        cmocka_unit_test(what_a_corpus_cannot_obey_is_said),
        cmocka_unit_test(every_word_has_its_name),
        cmocka_unit_test(numbers_may_have_underscores_and_exponents),
        cmocka_unit_test(mistakes_are_named_with_their_place),
        cmocka_unit_test(a_mapping_of_thousands_is_refused_at_once),
        cmocka_unit_test(a_subsample_without_a_budget_is_as_large_as_generation_0),
        cmocka_unit_test(the_name_comes_from_the_file_when_none_is_given),
        cmocka_unit_test(the_resolved_policy_is_written_out_whole),
        cmocka_unit_test(the_resolved_policy_parses_to_itself),
        cmocka_unit_test(the_digest_tells_policies_apart_but_not_names),
        cmocka_unit_test(the_example_policies_say_what_their_names_say),
        cmocka_unit_test(every_example_of_the_specification_parses),
        cmocka_unit_test(an_operating_point_comes_from_an_eval_summary),
        cmocka_unit_test(an_operating_point_that_makes_no_sense_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
