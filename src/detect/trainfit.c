#include "detect/trainfit.h"

#include <math.h>
#include <stdlib.h>

#include <winnow/flow.h>

#include "detect/conformal.h"

/* A text further out than all but this share of the calibration texts is foreign. */
static const double foreign_tail = 0.005;

enum { DOCS_A_TASK = 64, WORTHWHILE_DOCS = 50 };

static const char *const part_names[N_PARTS] = { "language-model", "classifier", "calibration", "held-out" };
static const char *const class_names[2] = { "human", "synthetic" };

static enum wn_status no_memory(const struct fit *f, struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot train on %zu documents: out of memory", f->n_docs);
}

/* ---- duplicates ------------------------------------------------------------------------- */

static int by_hash(const void *a, const void *b)
{
    const struct train_doc *x = *(struct train_doc *const *)a, *y = *(struct train_doc *const *)b;

    if (x->hash.hi != y->hash.hi)
        return x->hash.hi < y->hash.hi ? -1 : 1;
    if (x->hash.lo != y->hash.lo)
        return x->hash.lo < y->hash.lo ? -1 : 1;
    return (x > y) - (x < y);      /* order of arrival */
}

static bool same_text(const struct train_doc *a, const struct train_doc *b)
{
    return a->hash.hi == b->hash.hi && a->hash.lo == b->hash.lo;
}

/* The documents order[0..n) have one text.  One of them stays, unless they disagree: a text
 * given as human and as synthetic teaches nothing but a mistake. */
static void mark_equal(struct fit *f, struct train_doc **order, size_t n)
{
    bool conflict = false;

    for (size_t i = 1; i < n; i++)
        conflict |= order[i]->is_synthetic != order[0]->is_synthetic;
    for (size_t i = conflict ? 0 : 1; i < n; i++)
        order[i]->is_duplicate = true;
    if (conflict)
        f->counts.n_both_labels += n;
    else
        f->counts.n_duplicates += n - 1;
}

/* A text that occurs in two parts would be scored by a model that has seen it. */
static enum wn_status mark_duplicates(struct fit *f, struct wn_err *err)
{
    struct train_doc **order = calloc(f->n_docs ? f->n_docs : 1, sizeof(*order));

    if (!order)
        return no_memory(f, err);
    for (size_t i = 0; i < f->n_docs; i++)
        order[i] = &f->docs[i];
    qsort(order, f->n_docs, sizeof(*order), by_hash);
    for (size_t from = 0, to; from < f->n_docs; from = to) {
        for (to = from + 1; to < f->n_docs && same_text(order[from], order[to]);)
            to++;
        mark_equal(f, order + from, to - from);
    }
    free(order);
    return WN_OK;
}

/* ---- language models ---------------------------------------------------------------------- */

static enum wn_status build_lm(void *ctx, size_t label, struct wn_err *err)
{
    struct fit *f = ctx;
    enum wn_status st = wn_counts_new(&f->ngrams[label], f->opts->order, WN_TOK_FOLDED, err);

    for (size_t i = 0; i < f->n_docs && st == WN_OK; i++) {
        const struct train_doc *d = &f->docs[i];

        if (d->part == PART_LM && d->is_synthetic == (label == SYNTHETIC) && !d->is_duplicate)
            st = wn_counts_add_text(f->ngrams[label], d->text, err);
    }
    if (st == WN_OK)
        st = wn_lm_estimate(&f->lm[label], f->ngrams[label], &(struct wn_lm_opts){ 0 }, NULL, err);
    if (st != WN_OK)
        return st;
    f->counts.lm_tokens[label] = wn_counts_tokens(f->ngrams[label]);
    f->counts.lm_types[label] = wn_counts_types(f->ngrams[label]);
    for (unsigned k = 1; k <= f->opts->order; k++)
        f->counts.lm_ngrams[label][k] = wn_lm_ngrams(f->lm[label], k);
    wn_counts_free(f->ngrams[label]);
    f->ngrams[label] = NULL;
    return WN_OK;
}

/* The tables that taggers will read, so that the classifier learns from their numbers. */
static enum wn_status join_lms(struct fit *f, struct wn_err *err)
{
    struct wn_lm_room room = { .jobs = f->opts->jobs };
    enum wn_status st = wn_lm_join(&f->joint, f->lm[HUMAN], f->lm[SYNTHETIC], &room, err);

    for (int label = 0; label < 2; label++) {
        wn_lm_free(f->lm[label]);
        f->lm[label] = NULL;
    }
    f->m.joint = f->joint;
    return st;
}

/* ---- features -------------------------------------------------------------------------------- */

static enum wn_status features_of(struct fit *f, size_t i, struct wn_scorer *scorer, struct wn_arena *a,
                                  struct wn_err *err)
{
    struct train_doc *d = &f->docs[i];
    struct wn_tokens tokens;
    enum wn_status st;

    if (d->part == PART_LM || d->is_duplicate)
        return WN_OK;
    st = wn_tokenize(WN_TOK_FOLDED, d->text, a, &tokens, err);
    if (st != WN_OK)
        return st;
    d->is_short = tokens.n < f->opts->min_tokens;
    if (d->is_short || d->part == PART_HELD_OUT)
        return WN_OK;
    return features_compute(f->joint, scorer, &tokens, &f->features[i], err);
}

static enum wn_status features_task(void *ctx, size_t task, struct wn_err *err)
{
    struct fit *f = ctx;
    struct wn_arena a = { 0 };
    struct wn_scorer *scorer;
    enum wn_status st = features_scorer_new(&scorer, f->joint, err);

    for (size_t i = task * DOCS_A_TASK; i < f->n_docs && i < (task + 1) * DOCS_A_TASK && st == WN_OK; i++) {
        st = features_of(f, i, scorer, &a, err);
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
    wn_scorer_free(scorer);
    return st;
}

static size_t n_tasks(const struct fit *f)
{
    return (f->n_docs + DOCS_A_TASK - 1) / DOCS_A_TASK;
}

/* ---- parts ------------------------------------------------------------------------------------- */

static bool is_usable(const struct train_doc *d)
{
    return !d->is_duplicate && !d->is_short;
}

static void count_parts(struct fit *f)
{
    memset(f->counts.docs, 0, sizeof(f->counts.docs));
    f->counts.n_short = 0;
    for (size_t i = 0; i < f->n_docs; i++) {
        f->counts.docs[f->docs[i].part][f->docs[i].is_synthetic] += is_usable(&f->docs[i]);
        f->counts.n_short += f->docs[i].is_short;
    }
}

static enum wn_status check_parts(struct fit *f, struct wn_err *err)
{
    count_parts(f);
    for (int part = 0; part < N_PARTS; part++)
        for (int label = 0; label < 2; label++)
            if (!f->counts.docs[part][label])
                return wn_fail(err, WN_BADCONF, "cannot train: the %s part has no %s document%s; the parts take 50, "
                               "20, 15 and 15 %% of what comes in: give %d or more documents of each label in "
                               "unrelated groups (left out: %llu repeated texts, %llu given under both labels)",
                               part_names[part], class_names[label], part == PART_LM ? "" : " that is long enough",
                               WORTHWHILE_DOCS, (unsigned long long)f->counts.n_duplicates,
                               (unsigned long long)f->counts.n_both_labels);
    return WN_OK;
}

/* ---- classifier ------------------------------------------------------------------------------------ */

static enum wn_status fit_classifier(struct fit *f, struct wn_err *err)
{
    struct classifier_row *rows = calloc(f->n_docs, sizeof(*rows));
    size_t n = 0;
    enum wn_status st;

    if (!rows)
        return no_memory(f, err);
    for (size_t i = 0; i < f->n_docs; i++)
        if (f->docs[i].part == PART_CLASSIFIER && is_usable(&f->docs[i]))
            rows[n++] = (struct classifier_row){ &f->features[i], f->docs[i].is_synthetic };
    st = classifier_fit(&f->m.classifier, rows, n, f->opts->ridge, err);
    free(rows);
    return st;
}

/* The value that a share foreign_tail of the calibration documents exceeds. */
static enum wn_status foreign_limit(struct fit *f, size_t field, double *limit, struct wn_err *err)
{
    double *v = calloc(f->n_docs, sizeof(*v));
    size_t n = 0;

    if (!v)
        return no_memory(f, err);
    for (size_t i = 0; i < f->n_docs; i++)
        if (f->docs[i].part == PART_CALIBRATION && is_usable(&f->docs[i]))
            memcpy(&v[n++], (const char *)&f->features[i] + field, sizeof(double));
    qsort(v, n, sizeof(*v), conformal_order);
    *limit = conformal_upper_limit(v, n, foreign_tail);
    free(v);
    return WN_OK;
}

static enum wn_status calibration_scores(struct fit *f, struct wn_err *err)
{
    for (int label = 0; label < 2; label++) {
        f->scores[label] = calloc(f->counts.docs[PART_CALIBRATION][label], sizeof(double));
        if (!f->scores[label])
            return no_memory(f, err);
    }
    for (size_t i = 0; i < f->n_docs; i++) {
        const struct train_doc *d = &f->docs[i];

        if (d->part == PART_CALIBRATION && is_usable(d))
            f->scores[d->is_synthetic][f->n_scores[d->is_synthetic]++] =
                classifier_score(&f->m.classifier, &f->features[i]);
    }
    for (int label = 0; label < 2; label++)
        qsort(f->scores[label], f->n_scores[label], sizeof(double), conformal_order);
    return WN_OK;
}

static enum wn_status calibrate(struct fit *f, struct wn_err *err)
{
    struct wn_model *m = &f->m;
    enum wn_status st = calibration_scores(f, err);

    if (st == WN_OK)
        st = classifier_calibrate(&m->classifier, f->scores[HUMAN], f->n_scores[HUMAN], f->scores[SYNTHETIC],
                                  f->n_scores[SYNTHETIC], err);
    if (st == WN_OK)
        st = foreign_limit(f, offsetof(struct features, oov_both), &m->classifier.max_oov, err);
    if (st == WN_OK)
        st = foreign_limit(f, offsetof(struct features, xent_nats), &m->classifier.max_xent_nats, err);
    m->human_scores = f->scores[HUMAN];
    m->n_human_scores = f->n_scores[HUMAN];
    m->synthetic_scores = f->scores[SYNTHETIC];
    m->n_synthetic_scores = f->n_scores[SYNTHETIC];
    return st;
}

enum wn_status fit_run(struct fit *f, struct wn_err *err)
{
    const struct wn_train_opts *o = f->opts;
    enum wn_status st = mark_duplicates(f, err);

    f->m.classifier.min_tokens = o->min_tokens;
    f->m.classifier.fpr = o->fpr;
    f->m.classifier.fnr = o->fnr;
    f->m.classifier.prior = o->prior;
    f->features = calloc(f->n_docs ? f->n_docs : 1, sizeof(*f->features));
    if (st == WN_OK && !f->features)
        st = no_memory(f, err);
    if (st == WN_OK)
        st = check_parts(f, err);        /* before the work, as far as it can be told */
    if (st == WN_OK)
        st = wn_parallel_each(2, o->jobs, build_lm, f, NULL, err);
    if (st == WN_OK)
        st = join_lms(f, err);
    if (st == WN_OK)
        st = wn_parallel_each(n_tasks(f), o->jobs, features_task, f, NULL, err);
    if (st == WN_OK)
        st = check_parts(f, err);        /* short texts are known now */
    if (st == WN_OK)
        st = fit_classifier(f, err);
    return st == WN_OK ? calibrate(f, err) : st;
}

/* ---- held out ------------------------------------------------------------------------------------------ */

struct outcome {
    enum wn_verdict verdict;
    double p_synthetic;
};

struct measure {
    struct fit *f;
    const struct wn_tagger *tagger;
    struct outcome *outcomes;      /* one a document; only of the held-out part */
};

static bool is_held_out(const struct train_doc *d)
{
    return d->part == PART_HELD_OUT && !d->is_duplicate;
}

static enum wn_status measure_task(void *ctx, size_t task, struct wn_err *err)
{
    struct measure *m = ctx;
    struct wn_tagger_scratch *w = wn_tagger_scratch_new(m->tagger);
    struct wn_arena a = { 0 };
    struct wn_tag tag;
    enum wn_status st = w ? WN_OK : no_memory(m->f, err);

    for (size_t i = task * DOCS_A_TASK; i < m->f->n_docs && i < (task + 1) * DOCS_A_TASK && st == WN_OK; i++) {
        if (!is_held_out(&m->f->docs[i]))
            continue;
        st = wn_tagger_tag(m->tagger, w, m->f->docs[i].text, &a, &tag, err);
        m->outcomes[i] = (struct outcome){ tag.verdict, tag.p_synthetic };
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
    wn_tagger_scratch_free(w);
    return st;
}

enum wn_status fit_measure(struct fit *f, struct wn_eval *e, struct wn_err *err)
{
    struct wn_tagger_opts opts = { .model = &f->m };
    struct wn_tagger *tagger = NULL;
    struct measure m = { f, NULL, calloc(f->n_docs, sizeof(*m.outcomes)) };
    enum wn_status st = m.outcomes ? wn_tagger_new(&tagger, &opts, err) : no_memory(f, err);

    m.tagger = tagger;
    if (st == WN_OK)
        st = wn_parallel_each(n_tasks(f), f->opts->jobs, measure_task, &m, NULL, err);
    for (size_t i = 0; i < f->n_docs && st == WN_OK; i++) {
        struct wn_tag tag = { .verdict = m.outcomes[i].verdict, .p_synthetic = m.outcomes[i].p_synthetic };

        if (is_held_out(&f->docs[i]))
            st = wn_eval_add(e, &tag, f->docs[i].is_synthetic, f->docs[i].source.ptr, err);
    }
    free(m.outcomes);
    wn_tagger_free(tagger);
    return st;
}

void fit_release(struct fit *f)
{
    for (int label = 0; label < 2; label++) {
        wn_counts_free(f->ngrams[label]);
        wn_lm_free(f->lm[label]);
        free(f->scores[label]);
    }
    wn_lm_free(f->joint);
    free(f->features);
    wn_buf_release(&f->description);
}
