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
    assert_true(p.fresh_share == 0.25 && p.max_synthetic == 0.2);
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
    { "regime: replace\nshare: 0.5\n", "dir/p.yaml:2:1: unknown key 'share'; it belongs under 'fresh_real'" },
    { "regime: replace\nfilter: {by: none, seed: 3}\n",
      "dir/p.yaml:2:20: unknown key 'seed' in 'filter'; it belongs at the top level" },
    { "regime: replace\nfilter: {by: tag, human: 1}\n",
      "dir/p.yaml:2:19: unknown key 'human' in 'filter'; it belongs under 'keep'" },
    { "regime: replace\nzzzzzz: 1\n", "dir/p.yaml:2:1: unknown key 'zzzzzz'" },
    { "regime: replace\n<<: {seed: 2}\n", "dir/p.yaml:2:1: unknown key '<<'" },
    { "regime: replace\nseed: 1\nseed: 2\n", "dir/p.yaml:3:1: 'seed' is given twice; the first is on line 2" },
    { "regime: replace\nbudget: {documents: 1, \"documents\": 2}\n",
      "dir/p.yaml:2:24: 'documents' is given twice; the first is on line 2" },
    { "regime: acumulate\n", "dir/p.yaml:1:9: 'regime' must be one of replace, accumulate, accumulate_subsample, "
                             "fresh_real, not 'acumulate'; did you mean 'accumulate'?" },
    { "regime: [replace]\n", "dir/p.yaml:1:9: 'regime' must be one of replace, accumulate, accumulate_subsample, "
                             "fresh_real, not a list" },
    { "regime:\n", "dir/p.yaml:1:8: 'regime' must be one of replace, accumulate, accumulate_subsample, fresh_real, "
                   "not ''" },
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
    { "regime: replace\nfilter: {keep: {human: 1}}\n", "dir/p.yaml:2:1: 'filter' needs 'by': none, tag or oracle" },
    { "regime: replace\nfilter: {by: oracle, keep: {human: 1}}\n",
      "dir/p.yaml:2:22: 'keep' belongs to 'by: tag'; the filter here goes by something else" },
    { "regime: replace\nfilter: {by: none, trust_real: true}\n",
      "dir/p.yaml:2:20: 'trust_real' belongs to 'by: tag'; the filter here goes by something else" },
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

static void mistakes_are_named_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct wn_policy p;

        memset(&p, 0x5a, sizeof(p));
        assert_int_equal(parse(&p, mistakes[i].yaml), WN_BADCONF);
        assert_string_equal(err.text, mistakes[i].message);
        assert_int_equal(p.seed, 0x5a5a5a5a5a5a5a5a);   /* untouched */
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
    char seen[8][33];
    struct wn_policy p;
    size_t n = sizeof(whole_policies) / sizeof(whole_policies[0]);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        must_parse(&p, whole_policies[i]);
        wn_policy_digest(&p, seen[i]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(seen[i], seen[k]);
    }
    must_parse(&p, "regime: replace\nname: renamed");
    wn_policy_digest(&p, seen[n]);
    assert_string_equal(seen[n], seen[0]);
    must_parse(&p, "regime: replace\nseed: 2");
    wn_policy_digest(&p, seen[n]);
    assert_string_not_equal(seen[n], seen[0]);
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

/* Every fenced block marked "yaml" in the specification is a whole policy. */
static void every_example_of_the_specification_parses(void **state)
{
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
        at = end;
    }
    assert_true(n >= 5);
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
