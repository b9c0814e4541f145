/*
 * A tagger for every generation, trained as `winnow train` does.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/inflow.h"
#include "sim/loop.h"
#include "sim/ngram.h"

/* The rates of `winnow train`, where there are documents enough to promise them.  15 % of
 * the documents calibrate; the rate of missed synthetic ones is such that half of that
 * number is enough: a rate of r needs 1/r - 1. */
static const double promised_fpr = 0.01, promised_fnr = 0.05, half_calibration = 0.15 / 2;

size_t sim_learner_docs(const struct wn_sim_opts *opts)
{
    uint64_t most = 0;

    for (size_t i = 0; opts->retrain && i < opts->n_policies; i++) {
        uint64_t first = sim_first_items(opts, &opts->policies[i]);

        most = first > most ? first : most;
    }
    return most / 2;
}

enum wn_status sim_learner_check(const struct wn_sim_opts *opts, struct wn_err *err)
{
    size_t human = sim_learner_docs(opts);

    for (size_t i = 0; i < opts->n_policies; i++) {
        const struct wn_policy *p = &opts->policies[i];
        uint64_t synthetic = sim_inflow(opts, p, 0, 1).synthetic;

        if (human < SIM_LEARNER_MIN_DOCS || synthetic < SIM_LEARNER_MIN_DOCS)
            return wn_fail(err, WN_BADCONF,
                           "policy '%s': to train a tagger takes %d human documents (as many as half of generation 0 "
                           "are set aside) and %d that a model wrote; there are %zu and %llu: raise n to %d or more",
                           p->name, SIM_LEARNER_MIN_DOCS, SIM_LEARNER_MIN_DOCS, human, (unsigned long long)synthetic,
                           2 * SIM_LEARNER_MIN_DOCS);
    }
    return WN_OK;
}

void sim_learner_turn(struct sim_learner *l)
{
    struct wn_str *room = l->before.text;
    size_t cap = l->before.cap;

    l->before = l->newest;
    l->newest.text = room;
    l->newest.cap = cap;
    l->newest.n = 0;
    l->is_stale = true;
}

enum wn_status sim_learner_add(struct sim_learner *l, const struct sim_text *docs, size_t n, struct wn_err *err)
{
    if (l->newest.n + n > l->newest.cap) {
        size_t cap = 2 * (l->newest.n + n);
        struct wn_str *more = realloc(l->newest.text, cap * sizeof(*more));

        if (!more)
            return wn_fail(err, WN_NOMEM, "cannot keep %zu documents to train on: out of memory", n);
        l->newest.text = more;
        l->newest.cap = cap;
    }
    for (size_t i = 0; i < n; i++)
        l->newest.text[l->newest.n++] = docs[i].str;
    return WN_OK;
}

static enum wn_status add_doc(struct wn_trainer *t, char kind, size_t i, struct wn_str text, struct wn_err *err)
{
    struct wn_doc doc = { .text = text };
    char id[32];

    snprintf(id, sizeof(id), "%c%zu", kind, i);
    doc.id = wn_str(id);
    return wn_trainer_add(t, &doc, kind == 's', err);
}

/* The image and what came out on the documents that were held out. */
static enum wn_status train_image(const struct sim_learner *l, const struct wn_train_opts *how,
                                  const struct sim_text *human, size_t n_human, struct wn_buf *image,
                                  struct wn_quality *quality, struct wn_err *err)
{
    const struct wn_str *made = l->before.n ? l->before.text : l->newest.text;
    size_t n_made = l->before.n ? l->before.n : l->newest.n;
    struct wn_trainer *t = NULL;
    enum wn_status st = wn_trainer_new(&t, how, NULL, err);

    n_made = n_made < n_human ? n_made : n_human;      /* one class does not outweigh the other */
    for (size_t i = 0; i < n_human && st == WN_OK; i++)
        st = add_doc(t, 'h', i, human[i].str, err);
    for (size_t i = 0; i < n_made && st == WN_OK; i++)
        st = add_doc(t, 's', i, made[i], err);
    if (st == WN_OK)
        st = wn_trainer_finish(t, image, quality, err);
    wn_trainer_free(t);
    return st;
}

static void drop_tagger(struct sim_learner *l)
{
    wn_tagger_scratch_free(l->scratch);
    wn_tagger_free(l->tagger);
    wn_model_free(l->model);
    wn_buf_release(&l->image);
    l->scratch = NULL;
    l->tagger = NULL;
    l->model = NULL;
}

/* IMAGE becomes the learner's.  The rate of false alarms is the promised one, or the lowest
 * that so many calibration documents can promise. */
static enum wn_status take_image(struct sim_learner *l, const struct wn_buf *image, const struct wn_quality *quality,
                                 struct wn_err *err)
{
    double least = 1 / (double)(quality->n_human_calibration + 1);
    struct wn_tagger_opts how = { .no_rules = true, .no_marks = true, .fpr = fmax(least, promised_fpr) };
    enum wn_status st;

    drop_tagger(l);
    l->image = *image;
    st = wn_model_view(&l->model, wn_buf_str(&l->image), "the generation's tagger", err);
    how.model = l->model;
    if (st == WN_OK)
        st = wn_tagger_new(&l->tagger, &how, err);
    if (st != WN_OK)
        return st;
    l->scratch = wn_tagger_scratch_new(l->tagger);
    return l->scratch ? WN_OK : wn_fail(err, WN_NOMEM, "cannot tag documents: out of memory");
}

enum wn_status sim_learner_train(struct sim_learner *l, const struct sim_run *run, uint32_t generation,
                                 const struct sim_text *human, size_t n_human, struct wn_err *err)
{
    struct wn_train_opts how = { .fpr = promised_fpr };
    struct wn_buf image = { 0 };
    struct wn_quality quality = { 0 };
    enum wn_status st;

    if (!l->is_stale || l->before.n + l->newest.n == 0)
        return WN_OK;
    how.fnr = fmax(promised_fnr, 1 / (half_calibration * (double)n_human));
    how.seed = wn_keyed_u64(run->opts->seed, WN_DOMAIN_SPLIT, run->replicate, generation, 0);
    st = train_image(l, &how, human, n_human, &image, &quality, err);
    if (st == WN_OK) {
        st = take_image(l, &image, &quality, err);
    } else {
        wn_buf_release(&image);
        if (st == WN_BADCONF && l->tagger)
            st = WN_OK;
        else
            wn_err_prefix(err, "the tagger of generation %u: ", generation);
    }
    l->is_stale = st != WN_OK;
    return st;
}

void sim_learner_release(struct sim_learner *l)
{
    drop_tagger(l);
    free(l->newest.text);
    free(l->before.text);
    memset(l, 0, sizeof(*l));
}
