#include "detect/trainer.h"

#include <stdio.h>
#include <stdlib.h>

#include <winnow/tagger.h>
#include <winnow/version.h>

#include "detect/conformal.h"
#include "detect/trainfit.h"

/* Shares of the first three parts, summed up; the rest is held out. */
static const double part_ends[N_PARTS - 1] = { 0.50, 0.70, 0.85 };

struct wn_trainer {
    struct wn_train_opts opts;     /* no zeros left */
    const struct wn_rules *rules;
    struct wn_arena texts;
    struct train_doc *docs;
    size_t n_docs, cap_docs;
};

/* ---- options ------------------------------------------------------------------------------ */

static double or_default(double v, double dflt)
{
    return v > 0 ? v : dflt;
}

static enum wn_status resolve(struct wn_train_opts *o, const struct wn_train_opts *in, struct wn_err *err)
{
    *o = *in;
    o->order = in->order ? in->order : 3;
    o->fpr = or_default(in->fpr, 0.01);
    o->fnr = or_default(in->fnr, 0.05);
    o->prior = or_default(in->prior, 0.5);
    o->ridge = or_default(in->ridge, 1);
    o->min_tokens = in->min_tokens ? in->min_tokens : 40;
    o->jobs = in->jobs ? in->jobs : 1;
    if (o->order > WN_LM_MAX_ORDER)
        return wn_fail(err, WN_BADCONF, "order %u is above %d", o->order, WN_LM_MAX_ORDER);
    if (!(in->fpr >= 0 && o->fpr < 1 && in->fnr >= 0 && o->fnr < 1 && in->prior >= 0 && o->prior < 1))
        return wn_fail(err, WN_BADCONF, "false-positive rate %g, false-negative rate %g and prior %g must be between 0 "
                       "and 1", in->fpr, in->fnr, in->prior);
    if (!(in->ridge >= 0 && o->ridge < 1e12))
        return wn_fail(err, WN_BADCONF, "the ridge %g is not a positive number", in->ridge);
    return WN_OK;
}

/* ---- collecting ----------------------------------------------------------------------------- */

enum wn_status wn_trainer_new(struct wn_trainer **out, const struct wn_train_opts *opts, const struct wn_rules *rules,
                              struct wn_err *err)
{
    struct wn_train_opts resolved;
    enum wn_status st = resolve(&resolved, opts, err);
    struct wn_trainer *t;

    *out = NULL;
    if (st != WN_OK)
        return st;
    t = calloc(1, sizeof(*t));
    if (!t)
        return wn_fail(err, WN_NOMEM, "out of memory for a trainer");
    t->opts = resolved;
    t->rules = rules;
    *out = t;
    return WN_OK;
}

enum train_part train_part_of(uint64_t seed, const struct wn_doc *doc)
{
    struct wn_hash128 h = wn_hash128(doc->group.len ? doc->group : doc->id, 0);
    double u = wn_keyed_u01(seed, WN_DOMAIN_SPLIT, h.hi, h.lo, 0);
    int part = 0;

    while (part < N_PARTS - 1 && u >= part_ends[part])
        part++;
    return (enum train_part)part;
}

static enum wn_status room_for_one(struct wn_trainer *t, struct wn_err *err)
{
    size_t cap = t->cap_docs ? t->cap_docs * 2 : 256, bytes;
    struct train_doc *more;

    if (t->n_docs < t->cap_docs)
        return WN_OK;
    more = wn_mul_ok(cap, sizeof(*more), &bytes) ? realloc(t->docs, bytes) : NULL;
    if (!more)
        return wn_fail(err, WN_NOMEM, "out of memory after %zu training documents", t->n_docs);
    t->docs = more;
    t->cap_docs = cap;
    return WN_OK;
}

enum wn_status wn_trainer_add(struct wn_trainer *t, const struct wn_doc *doc, bool is_synthetic, struct wn_err *err)
{
    enum wn_status st = room_for_one(t, err);
    struct wn_str text, source;

    if (st != WN_OK)
        return st;
    text = wn_arena_copy(&t->texts, doc->text);
    source = wn_arena_copy(&t->texts, doc->source);
    if (!text.ptr || !source.ptr)
        return wn_fail(err, WN_NOMEM, "out of memory after %zu training documents", t->n_docs);
    t->docs[t->n_docs++] = (struct train_doc){
        .text = text,
        .source = source,
        .hash = wn_hash128(text, 0),
        .part = train_part_of(t->opts.seed, doc),
        .is_synthetic = is_synthetic,
    };
    return WN_OK;
}

void wn_trainer_free(struct wn_trainer *t)
{
    if (!t)
        return;
    wn_arena_release(&t->texts);
    free(t->docs);
    free(t);
}

/* ---- description ------------------------------------------------------------------------------- */

static void describe_options(struct wn_json *j, const struct wn_train_opts *o)
{
    wn_json_open(j, "options", '{');
    wn_json_add_uint(j, "order", o->order);
    wn_json_add_uint(j, "seed", o->seed);
    wn_json_add_num(j, "fpr", o->fpr);
    wn_json_add_num(j, "fnr", o->fnr);
    wn_json_add_num(j, "prior", o->prior);
    wn_json_add_uint(j, "min_tokens", o->min_tokens);
    wn_json_add_num(j, "ridge", o->ridge);
    wn_json_close(j, '}');
}

static void describe_documents(struct wn_json *j, const struct train_counts *c)
{
    static const char *const keys[N_PARTS] = { "lm", "classifier", "calibration", "held_out" };

    wn_json_open(j, "documents", '{');
    for (int part = 0; part < N_PARTS; part++) {
        wn_json_open(j, keys[part], '{');
        wn_json_add_uint(j, "human", c->docs[part][HUMAN]);
        wn_json_add_uint(j, "synthetic", c->docs[part][SYNTHETIC]);
        wn_json_close(j, '}');
    }
    wn_json_add_uint(j, "duplicates", c->n_duplicates);
    wn_json_add_uint(j, "both_labels", c->n_both_labels);
    wn_json_add_uint(j, "short", c->n_short);
    wn_json_close(j, '}');
}

static void describe_lms(struct wn_json *j, const struct fit *f)
{
    static const char *const keys[2] = { "human", "synthetic" };

    wn_json_open(j, "language_models", '{');
    for (int label = 0; label < 2; label++) {
        wn_json_open(j, keys[label], '{');
        wn_json_add_uint(j, "tokens", f->counts.lm_tokens[label]);
        wn_json_add_uint(j, "types", f->counts.lm_types[label]);
        wn_json_open(j, "ngrams", '[');
        for (unsigned k = 1; k <= f->opts->order; k++)
            wn_json_add_uint(j, NULL, f->counts.lm_ngrams[label][k]);
        wn_json_close(j, ']');
        wn_json_close(j, '}');
    }
    wn_json_close(j, '}');
}

static void describe_classifier(struct wn_json *j, const struct classifier *c)
{
    wn_json_open(j, "classifier", '{');
    wn_json_add_num(j, "intercept", c->beta[0]);
    wn_json_open(j, "features", '[');
    for (int i = 0; i < N_FEATURES; i++) {
        wn_json_open(j, NULL, '{');
        wn_json_add_strz(j, "name", feature_name((enum feature)i));
        wn_json_add_num(j, "weight", c->beta[i + 1]);
        wn_json_add_num(j, "mean", c->mean[i]);
        wn_json_add_num(j, "sd", c->sd[i]);
        wn_json_close(j, '}');
    }
    wn_json_close(j, ']');
    wn_json_add_num(j, "platt_slope", c->platt_slope);
    wn_json_add_num(j, "platt_offset", c->platt_offset);
    wn_json_add_num(j, "max_oov", c->max_oov);
    wn_json_add_num(j, "max_xent_nats", c->max_xent_nats);
    wn_json_close(j, '}');
}

/* A promise that the calibration set is too small to give anything under. */
static void note_shortage(struct wn_json *j, size_t n, const char *label, const char *verdict, const char *rate_name,
                          double rate)
{
    uint64_t needed = conformal_needed(rate);
    char note[256];

    if (n >= needed)
        return;
    snprintf(note, sizeof(note), "%zu %s calibration documents: the classifier calls nothing %s at %s %g; %llu are "
             "needed", n, label, verdict, rate_name, rate, (unsigned long long)needed);
    wn_json_add_strz(j, NULL, note);
}

static enum wn_status describe(struct fit *f, size_t n_rules, const struct wn_eval *e, struct wn_err *err)
{
    struct wn_json j;

    wn_json_init(&j, &f->description);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "kind", "model");
    wn_json_add_strz(&j, "version", wn_version());
    describe_options(&j, f->opts);
    describe_documents(&j, &f->counts);
    describe_lms(&j, f);
    describe_classifier(&j, &f->m.classifier);
    wn_json_add_uint(&j, "rules", n_rules);
    wn_json_open(&j, "notes", '[');
    note_shortage(&j, f->n_scores[HUMAN], "human", "synthetic", "a false-positive rate of", f->opts->fpr);
    note_shortage(&j, f->n_scores[SYNTHETIC], "synthetic", "human", "a false-negative rate of", f->opts->fnr);
    wn_json_close(&j, ']');
    wn_eval_json(e, &j, "held_out");
    wn_json_close(&j, '}');
    f->m.description = wn_buf_str(&f->description);
    return wn_buf_status(&f->description, err);
}

/* ---- finishing ------------------------------------------------------------------------------------ */

enum wn_status wn_trainer_finish(struct wn_trainer *t, struct wn_buf *model_image, struct wn_quality *held_out,
                                 struct wn_err *err)
{
    struct fit f = { .opts = &t->opts, .docs = t->docs, .n_docs = t->n_docs };
    struct wn_eval *e = wn_eval_new();
    enum wn_status st;

    f.m.rules = t->rules;
    if (!e) {
        st = wn_fail(err, WN_NOMEM, "out of memory for the held-out figures");
        goto done;
    }
    wn_eval_set_prior(e, t->opts.prior);
    st = fit_run(&f, err);
    if (st == WN_OK)
        st = fit_measure(&f, e, err);
    if (st == WN_OK)
        st = describe(&f, t->rules ? wn_rules_count(t->rules) : 0, e, err);
    if (st == WN_OK)
        st = model_write(&f.m, model_image, err);
    if (st != WN_OK)
        goto done;
    wn_eval_quality(e, held_out);
    held_out->n_duplicates = f.counts.n_duplicates;
    held_out->n_both_labels = f.counts.n_both_labels;
    held_out->n_human_calibration = f.n_scores[HUMAN];
    held_out->n_synthetic_calibration = f.n_scores[SYNTHETIC];
    held_out->n_needed_for_fpr = conformal_needed(t->opts.fpr);
    held_out->n_needed_for_fnr = conformal_needed(t->opts.fnr);
done:
    fit_release(&f);
    wn_eval_free(e);
    return st;
}
