/*
 * test_sim_fault.c - memory runs out at every allocation of a simulation in turn, engine by
 * engine: wn_simulate says so or does not need it, leaks nothing, and the next try gives the
 * same trace.
 */
#include "support/cm.h"
#include "support/fault.h"

#include <winnow/policy.h>
#include <winnow/rng.h>
#include <winnow/sim.h>

enum { MOST_CALLS = 200000, RARELY = 61, N_TEXTS = 340, N_WORDS = 40,
       FEW_TEXTS = 40, FEW_WORDS = 9 };

/* ---- a corpus, and policies ----------------------------------------------------------------------- */

static char words[N_TEXTS][N_WORDS * 4 + 1];
static struct wn_sim_text texts[N_TEXTS], short_texts[FEW_TEXTS];   /* the latter: how the others begin */

static int make_texts(void **state)
{
    (void)state;
    for (int i = 0; i < N_TEXTS; i++) {
        struct wn_rng rng;

        wn_rng_init(&rng, 5, WN_DOMAIN_REAL, 0, 0, (uint64_t)i);
        for (int k = 0; k < N_WORDS; k++) {
            double u = wn_rng_u01(&rng);

            snprintf(words[i] + 4 * k, 5, "w%02d ", (int)(60 * u * u));
        }
        texts[i] = (struct wn_sim_text){ wn_str("t"), wn_str(words[i]) };
        if (i < FEW_TEXTS)
            short_texts[i] = (struct wn_sim_text){ wn_str("t"), { words[i], FEW_WORDS * 4 } };
    }
    return 0;
}

static struct wn_policy policy(const char *yaml)
{
    struct wn_policy p;
    struct wn_err err = { WN_OK, "" };

    if (wn_policy_parse(&p, "p", wn_str(yaml), &err) != WN_OK)
        fail_msg("%s", err.text);
    return p;
}

/* ---- every allocation once -------------------------------------------------------------------------- */

static enum wn_status keep(void *arg, struct wn_str line, struct wn_err *err)
{
    wn_buf_add(arg, line);
    return wn_buf_status(arg, err);
}

static void ignore(void *arg, const struct wn_sim_conclusion *c)
{
    (void)arg;
    (void)c;
}

/* The first call that fails is call K; true when there were so many. */
static bool fails_at(int k, const struct wn_sim_opts *o, const struct wn_buf *want)
{
    struct wn_buf got = { 0 };
    struct wn_err err = { WN_OK, "" };
    enum wn_status st;
    bool was_reached;

    fault_memory_left = k;
    st = wn_simulate(o, keep, &got, &err);
    was_reached = fault_memory_left == (fault_once ? -1 : 0);
    fault_memory_left = -1;
    if (st != WN_OK && (st != WN_NOMEM || !err.text[0]))
        fail_msg("%s, '%s', allocation %d: status %d: %s", o->engine, o->policies->name, k, (int)st, err.text);
    if (st == WN_OK && !wn_str_eq(wn_buf_str(want), wn_buf_str(&got)))
        fail_msg("%s, '%s', allocation %d: another trace", o->engine, o->policies->name, k);
    assert_true(was_reached || st == WN_OK);
    wn_buf_release(&got);
    return was_reached;
}

/* Each STRIDE-th call: once that call alone, and once it and all behind it. */
static void expect_survival_of(int stride, struct wn_sim_opts o, const char *yaml)
{
    struct wn_policy p = policy(yaml);
    struct wn_buf want = { 0 };
    struct wn_err err = { WN_OK, "" };
    int k = 0;

    o.policies = &p;
    o.n_policies = 1;
    o.generations = o.generations ? o.generations : 2;
    o.replicates = o.replicates ? o.replicates : 1;
    o.conclusion = ignore;
    if (wn_simulate(&o, keep, &want, &err) != WN_OK)
        fail_msg("%s, '%s': %s", o.engine, p.name, err.text);
    fault_once = true;
    while (k < MOST_CALLS && fails_at(k, &o, &want))
        k += stride;
    fault_once = false;
    assert_true(k > 10 && k < MOST_CALLS);
    for (int j = 0; j < k; j += stride)
        assert_true(fails_at(j, &o, &want));
    assert_false(fails_at(MOST_CALLS, &o, &want));
    wn_buf_release(&want);
}

static void expect_survival(struct wn_sim_opts o, const char *yaml)
{
    expect_survival_of(1, o, yaml);
}

static struct wn_sim_opts options(const char *engine, uint64_t n)
{
    return (struct wn_sim_opts){ .engine = engine, .n = n, .seed = 3 };
}

static struct wn_sim_opts by_points(const char *engine, uint64_t n)
{
    struct wn_sim_opts o = options(engine, n);

    o.mode = WN_SIM_POINTS;
    return o;
}

static struct wn_sim_opts of_text(const char *engine, uint64_t n)
{
    struct wn_sim_opts o = options(engine, n);

    o.texts = short_texts;
    o.n_texts = FEW_TEXTS;
    return o;
}

/* ---- engines ------------------------------------------------------------------------------------------ */

static void numbers_survive(void **state)
{
    struct wn_sim_opts moons = options("kde", 5);

    (void)state;
    expect_survival(options("gaussian", 5), "regime: replace\n");
    expect_survival(by_points("gaussian", 5), "regime: accumulate\n");
    expect_survival(options("gaussian-nd", 5), "regime: replace\n");
    expect_survival(by_points("gaussian-nd", 5), "regime: replace\n");
    expect_survival(options("gmm", 12), "regime: replace\n");
    expect_survival(options("kde", 5), "regime: replace\n");
    moons.model = (struct wn_sim_model){ .truth = "moons" };
    expect_survival(moons, "regime: replace\n");
    expect_survival(options("poisson", 5), "regime: replace\n");
    expect_survival(options("exponential", 5), "regime: replace\n");
    expect_survival(options("labels", 5), "regime: replace\n");
    expect_survival(options("linreg", 8), "regime: accumulate\n");
    expect_survival(by_points("linreg", 8), "regime: replace\n");
}

static void states_survive(void **state)
{
    struct wn_sim_opts exact = options("discrete", 6), points = by_points("discrete", 6);

    (void)state;
    exact.model = points.model = (struct wn_sim_model){ .states = 4, .zipf = 1 };
    expect_survival(exact, "regime: replace\n");
    expect_survival(points, "regime: accumulate\n");
    exact.sampling.temperature = 0.9;
    expect_survival(exact, "regime: replace\n");
    exact.sampling = (struct wn_sim_sampling){ .top_p = 0.9 };
    expect_survival(exact, "regime: fresh_real\nfresh_real: {share: 0.5}\n");
}

static void tokens_survive(void **state)
{
    struct wn_sim_opts chain = options("bigram", 4), corpus = of_text("bigram", 4), net = of_text("softmax", 4);

    (void)state;
    chain.model = (struct wn_sim_model){ .states = 4, .block = 4 };
    corpus.model = (struct wn_sim_model){ .block = 4 };
    net.model = (struct wn_sim_model){ .block = 4, .epochs = 1 };
    expect_survival(chain, "regime: replace\n");
    expect_survival(corpus, "regime: replace\n");
    expect_survival(corpus, "regime: edit\nedit: {above: 0.5}\n");
    expect_survival(net, "regime: replace\n");
}

static void text_survives(void **state)
{
    struct wn_sim_opts o = of_text("ngram", 6);

    (void)state;
    o.order = 2;
    expect_survival(o, "regime: replace\n");
    o.sampling.beam = 2;
    o.prompt = 2;
    expect_survival(o, "regime: fresh_real\nfresh_real: {share: 0.5}\ndedup: near\n");
    o.sampling.beam = 0;
    o.prompt = 0;
    o.watermark_share = 0.5;
    o.sampling.temperature = 0.8;
    expect_survival(o, "regime: accumulate\n");
    o.texts = texts;           /* training a tagger takes so many, and so long ones */
    o.n_texts = N_TEXTS;
    o.n = 200;
    o.retrain = true;
    expect_survival_of(RARELY, o, "regime: replace\nfilter: {by: tag}\n");
}

/* ---- policies and outputs ------------------------------------------------------------------------------- */

static void policies_survive(void **state)
{
    struct wn_sim_opts g = options("gaussian", 5), p = by_points("gaussian", 5), states = by_points("discrete", 6);

    (void)state;
    states.model = (struct wn_sim_model){ .states = 4, .zipf = 1 };
    expect_survival(g, "regime: general\ngeneral: {alpha: 0.6, beta: 0.2, gamma: 0.2}\n");
    expect_survival(p, "regime: general\ngeneral: {alpha: 0.6, beta: 0.2, gamma: 0.2}\n");
    expect_survival(p, "regime: accumulate_subsample\n");
    expect_survival(g, "regime: fixed_real\nfixed_real: {share: 0.4}\n");
    expect_survival(p, "regime: weighted\nweighted: {share: 0.4, weight: 0.3}\n");
    expect_survival(p, "regime: schedule\nschedule: {power: 1.5}\n");
    expect_survival(p, "regime: replace\nfilter: {by: surprise, surprise: {share: 0.6}}\n");
    g.generations = p.generations = 4;
    expect_survival(g, "regime: window\nwindow: {generations: 2}\n");
    expect_survival(p, "regime: window\nwindow: {generations: 2}\n");
    g.generations = p.generations = 2;
    expect_survival(states, "regime: accumulate\ndedup: exact\n");
    g.scraped_human_share = p.scraped_human_share = 0.4;
    expect_survival(g, "regime: replace\nfilter: {by: tag, trust_real: false, intake: topup,\n"
                       "  operating_point: {tpr: 0.5, fpr: 0.1}}\n");
    expect_survival(p, "regime: replace\nfilter: {by: tag, trust_real: false, intake: topup,\n"
                       "  operating_point: {tpr: 0.5, fpr: 0.1}}\n");
}

static void summaries_survive(void **state)
{
    struct wn_sim_opts o = options("gaussian", 5);

    (void)state;
    o.replicates = 3;
    o.summary_only = true;
    expect_survival(o, "regime: replace\n");
    o.mode = WN_SIM_POINTS;
    expect_survival(o, "regime: replace\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_survive), cmocka_unit_test(states_survive),   cmocka_unit_test(tokens_survive),
        cmocka_unit_test(text_survives),   cmocka_unit_test(policies_survive), cmocka_unit_test(summaries_survive),
    };

    return cmocka_run_group_tests(tests, make_texts, NULL);
}
