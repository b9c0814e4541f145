#include <winnow/tagger.h>

#include <math.h>
#include <stdlib.h>

#include <winnow/marks.h>

#include "detect/conformal.h"
#include "detect/fuse.h"
#include "detect/model.h"
#include "detect/explain.h"

static const double default_watermark_p = 1e-6;
static const double max_watermark_p = 0.1;   /* beyond, a p-value is no hard evidence */
static const double prior_without_model = 0.5;

/* A text with more tokens gives its memory back. */
enum { USUAL_TOKENS = 1 << 17 };

static const char human_null[] = "human, exchangeable with the calibration set";
static const char kgw_null[] = "each distinct bigram is green with probability gamma, independently";

struct wn_tagger {
    struct wn_tagger_opts opts;
    const struct wn_rules *rules;   /* NULL: none */
    double fpr, fnr, prior;
};

struct wn_tagger_scratch {
    struct wn_arena arena;          /* rewound after each document */
    struct wn_rules_scratch *rules;
    struct wn_scorer *scorer;       /* made when first needed      */
};

/* One document on its way. */
struct pass {
    const struct wn_tagger *t;
    struct wn_tagger_scratch *w;
    struct wn_str text;
    struct wn_arena *a;
    struct wn_tag *tag;
    struct explain_in reason;
    struct fuse_in fuse;
    size_t ngram_at, rules_at, kgw_at;   /* places in tag->evidence; WN_MAX_EVIDENCE: none */
};

static enum wn_status no_memory(struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot tag a text: out of memory");
}

/* ---- construction ---------------------------------------------------------------------- */

static enum wn_status check_opts(const struct wn_tagger_opts *o, struct wn_err *err)
{
    if (o->n_keys > WN_MAX_KEYS)
        return wn_fail(err, WN_BADCONF, "%zu watermark keys, at most %d", o->n_keys, WN_MAX_KEYS);
    for (size_t i = 0; i < o->n_keys; i++)
        if (!o->keys[i].kgw || !o->keys[i].lm)
            return wn_fail(err, WN_BADCONF, "watermark key %zu has no vocabulary", i + 1);
    if (!(o->fpr >= 0 && o->fpr < 1))
        return wn_fail(err, WN_BADCONF, "the false-positive rate %g is not between 0 and 1", o->fpr);
    if (!(o->watermark_p >= 0 && o->watermark_p <= max_watermark_p))
        return wn_fail(err, WN_BADCONF, "the watermark threshold %g is not between 0 and %g", o->watermark_p,
                       max_watermark_p);
    return WN_OK;
}

enum wn_status wn_tagger_new(struct wn_tagger **out, const struct wn_tagger_opts *opts, struct wn_err *err)
{
    enum wn_status st = check_opts(opts, err);
    struct wn_tagger *t;

    *out = NULL;
    if (st != WN_OK)
        return st;
    t = calloc(1, sizeof(*t));
    if (!t)
        return wn_fail(err, WN_NOMEM, "out of memory for a tagger");
    t->opts = *opts;
    t->prior = prior_without_model;
    if (opts->model) {
        const struct classifier *c = &opts->model->classifier;

        t->fpr = opts->fpr > 0 ? opts->fpr : c->fpr;
        t->fnr = c->fnr;
        t->prior = c->prior;
        t->rules = opts->model->rules;
    }
    if (opts->rules)
        t->rules = opts->rules;
    if (opts->no_rules || (t->rules && wn_rules_count(t->rules) == 0))
        t->rules = NULL;
    if (!(opts->watermark_p > 0))
        t->opts.watermark_p = default_watermark_p;
    *out = t;
    return WN_OK;
}

void wn_tagger_free(struct wn_tagger *t)
{
    free(t);
}

struct wn_tagger_scratch *wn_tagger_scratch_new(const struct wn_tagger *t)
{
    struct wn_tagger_scratch *w = calloc(1, sizeof(*w));

    if (!w || !t->rules)
        return w;
    w->rules = wn_rules_scratch_new(t->rules);
    if (!w->rules) {
        free(w);
        return NULL;
    }
    return w;
}

void wn_tagger_scratch_free(struct wn_tagger_scratch *w)
{
    if (!w)
        return;
    wn_rules_scratch_free(w->rules);
    wn_scorer_free(w->scorer);
    wn_arena_release(&w->arena);
    free(w);
}

/* ---- detectors --------------------------------------------------------------------------- */

/* A zeroed place for one more line of evidence. */
static struct wn_evidence *next_evidence(struct wn_tag *tag, size_t *at)
{
    struct wn_evidence *ev = &tag->evidence[tag->n_evidence];

    memset(ev, 0, sizeof(*ev));
    ev->log10_p = NAN;
    ev->null_name = "";
    ev->reason = "";
    *at = tag->n_evidence++;
    return ev;
}

static enum wn_status text_features(struct pass *p, const struct wn_tokens *tokens, struct wn_err *err)
{
    const struct wn_lm *joint = p->t->opts.model->joint;
    struct wn_tagger_scratch *w = p->w;
    enum wn_status st = w->scorer ? WN_OK : features_scorer_new(&w->scorer, joint, err);

    if (st == WN_OK)
        st = features_compute(joint, w->scorer, tokens, &p->reason.features, err);
    if (tokens->n > USUAL_TOKENS) {
        wn_scorer_free(w->scorer);
        w->scorer = NULL;
    }
    return st;
}

/* Features, score and conformal p-values, when the text can be judged at all. */
static enum wn_status judge(struct pass *p, const struct wn_tokens *tokens, struct wn_err *err)
{
    const struct wn_model *m = p->t->opts.model;
    const struct classifier *c = &m->classifier;
    struct explain_in *r = &p->reason;
    enum wn_status st;

    r->classifier = c;
    r->scored = SCORED_SHORT;
    if (tokens->n < c->min_tokens)
        return WN_OK;
    st = text_features(p, tokens, err);
    if (st != WN_OK)
        return st;
    r->scored = SCORED_FOREIGN;
    if (classifier_is_foreign(c, &r->features))
        return WN_OK;
    r->scored = SCORED_YES;
    r->score = classifier_score(c, &r->features);
    r->p_human = conformal_p_upper(m->human_scores, m->n_human_scores, r->score);
    r->p_synthetic = conformal_p_lower(m->synthetic_scores, m->n_synthetic_scores, r->score);
    p->fuse.scored = true;
    p->fuse.log_odds_nats = classifier_log_odds(c, r->score);
    p->fuse.p_human = r->p_human;
    p->fuse.p_synthetic = r->p_synthetic;
    return WN_OK;
}

static enum wn_status add_ngram(struct pass *p, struct wn_err *err)
{
    const struct explain_in *r = &p->reason;
    struct wn_evidence *ev;

    if (r->scored != SCORED_YES)
        return WN_OK;
    ev = next_evidence(p->tag, &p->ngram_at);
    ev->detector = "ngram";
    ev->statistic = "score_nats";       /* what the p-value belongs to; the ratio is in the reason */
    ev->value = r->score;
    ev->n = (double)r->n_tokens;
    ev->log10_p = log10(r->p_human);
    ev->null_name = human_null;
    ev->log_odds_nats = p->fuse.log_odds_nats - (log(p->t->prior) - log1p(-p->t->prior));
    ev->reason = explain_ngram(r, p->a);
    return ev->reason ? WN_OK : no_memory(err);
}

static void add_rules(struct pass *p)
{
    struct wn_evidence ev = { 0 };

    if (!p->t->rules || !wn_rules_scan(p->t->rules, p->w->rules, p->text, p->a, &ev))
        return;
    *next_evidence(p->tag, &p->rules_at) = ev;
    p->fuse.rule_nats = ev.value;
    p->reason.rules = &p->tag->evidence[p->rules_at];
}

static void add_marks(struct pass *p)
{
    struct wn_evidence ev = { 0 };
    struct wn_marks marks;
    size_t at;

    if (p->t->opts.no_marks)
        return;
    wn_marks_scan(p->text, &marks);
    if (wn_marks_evidence(&marks, p->a, &ev))
        *next_evidence(p->tag, &at) = ev;
}

/* The ids of the text in the vocabulary of LM; an unknown word is WN_LM_UNK. */
static enum wn_status text_ids(struct pass *p, const struct wn_lm *lm, uint32_t **ids, size_t *n, struct wn_err *err)
{
    struct wn_tokens tokens;
    enum wn_status st = wn_tokenize(wn_lm_tokenizer(lm), p->text, &p->w->arena, &tokens, err);

    if (st != WN_OK)
        return st;
    *ids = wn_arena_calloc(&p->w->arena, tokens.n, sizeof(**ids));
    if (!*ids)
        return no_memory(err);
    for (size_t i = 0; i < tokens.n; i++)
        (*ids)[i] = wn_lm_id(lm, tokens.item[i]);
    *n = tokens.n;
    return WN_OK;
}

/* Tests every key; the smallest p, corrected for their number (Bonferroni), stands. */
static enum wn_status add_watermark(struct pass *p, struct wn_err *err)
{
    const struct wn_tagger_opts *o = &p->t->opts;
    struct wn_kgw_result best = { 0 };
    struct wn_evidence *ev;
    uint32_t *ids = NULL;
    size_t n = 0, best_key = 0;
    enum wn_status st = WN_OK;

    if (!o->n_keys)
        return WN_OK;
    for (size_t i = 0; i < o->n_keys; i++) {
        struct wn_kgw_result r;

        if (!i || o->keys[i].lm != o->keys[i - 1].lm)
            st = text_ids(p, o->keys[i].lm, &ids, &n, err);
        if (st == WN_OK)
            st = wn_kgw_detect(o->keys[i].kgw, ids, n, WN_LM_UNK, &r, err);
        if (st != WN_OK)
            return st;
        if (!i || r.log10_p < best.log10_p) {
            best = r;
            best_key = i;
        }
    }
    ev = next_evidence(p->tag, &p->kgw_at);
    ev->detector = "kgw";
    ev->statistic = "z";
    ev->value = best.z;
    ev->n = (double)best.n_scored;
    ev->log10_p = fmin(0, best.log10_p + log10((double)o->n_keys));
    ev->null_name = kgw_null;
    ev->hard = true;
    ev->reason = wn_arena_printf(p->a, "watermark %s: %llu of %llu distinct bigrams are green, z %.2f, log10 p %.2f "
                                 "corrected for %zu key%s", o->keys[best_key].name ? o->keys[best_key].name : "key",
                                 (unsigned long long)best.n_green, (unsigned long long)best.n_scored, best.z,
                                 ev->log10_p, o->n_keys, o->n_keys == 1 ? "" : "s");
    p->fuse.mark_log10_p = ev->log10_p;
    p->reason.watermark = ev;
    return ev->reason ? WN_OK : no_memory(err);
}

/* ---- the tag ------------------------------------------------------------------------------- */

static enum wn_status finish(struct pass *p, struct wn_err *err)
{
    struct wn_tag *tag = p->tag;
    struct fuse_out f;

    fuse_decide(&p->fuse, &f);
    if (p->rules_at < WN_MAX_EVIDENCE)
        tag->evidence[p->rules_at].log_odds_nats = f.rule_nats;
    if (p->kgw_at < WN_MAX_EVIDENCE)
        tag->evidence[p->kgw_at].log_odds_nats = f.mark_nats;
    tag->verdict = f.verdict;
    tag->tier = f.tier;
    tag->p_synthetic = f.p_synthetic;
    tag->p_human_null = p->fuse.scored ? p->fuse.p_human : 1;
    tag->why = explain_why(&p->reason, f.reason, f.verdict, p->a);
    tag->untested = explain_untested(&p->reason, p->a);
    return tag->why && tag->untested ? WN_OK : no_memory(err);
}

static enum wn_status run(struct pass *p, struct wn_err *err)
{
    struct wn_tokens tokens;
    enum wn_status st = wn_tokenize(WN_TOK_FOLDED, p->text, &p->w->arena, &tokens, err);

    if (st != WN_OK)
        return st;
    p->tag->n_tokens = p->reason.n_tokens = tokens.n;
    p->tag->n_points = wn_utf8_count(p->text);
    if (p->t->opts.model)
        st = judge(p, &tokens, err);
    if (st == WN_OK)
        st = add_ngram(p, err);
    if (st != WN_OK)
        return st;
    add_rules(p);
    add_marks(p);
    st = add_watermark(p, err);
    return st == WN_OK ? finish(p, err) : st;
}

enum wn_status wn_tagger_tag(const struct wn_tagger *t, struct wn_tagger_scratch *w, struct wn_str text,
                             struct wn_arena *a, struct wn_tag *tag, struct wn_err *err)
{
    struct pass p = { .t = t, .w = w, .text = text, .a = a, .tag = tag };
    enum wn_status st;

    memset(tag, 0, sizeof(*tag));
    p.ngram_at = p.rules_at = p.kgw_at = WN_MAX_EVIDENCE;
    p.reason = (struct explain_in){
        .scored = SCORED_NO_MODEL,
        .p_human = 1,
        .p_synthetic = 1,
        .rules_off = t->opts.no_rules,
        .rules_none = !t->rules,
        .marks_off = t->opts.no_marks,
        .n_keys = t->opts.n_keys,
    };
    p.fuse = (struct fuse_in){ .prior = t->prior, .fpr = t->fpr, .fnr = t->fnr, .watermark_p = t->opts.watermark_p };
    st = run(&p, err);
    wn_arena_reset(&w->arena);
    return st;
}
