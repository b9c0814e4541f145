#include <winnow/tagger.h>

#include <math.h>
#include <stdlib.h>

#include "detect/slices.h"

enum { N_BINS = 20, MAX_DETECTORS = 16 };

struct detector_count {
    const char *name;          /* static or model lifetime, see struct wn_evidence    */
    uint64_t n_documents;      /* with evidence of it                                 */
    uint64_t n_for_synthetic;  /* ... that moved the log-odds towards synthetic       */
    uint64_t n_for_human;      /* ... towards human                                   */
};

struct group {
    uint64_t documents, tokens;
    uint64_t verdicts[3], tiers[3];
    uint64_t bins[N_BINS];
    struct detector_count detectors[MAX_DETECTORS];
    size_t n_detectors;
};

struct wn_tagstats {
    struct group all;
    struct slices slices;
    struct group *by_slice;   /* room for SLICES_MAX + 1 */
    size_t cap_slices;
};

struct wn_tagstats *wn_tagstats_new(void)
{
    return calloc(1, sizeof(struct wn_tagstats));
}

void wn_tagstats_free(struct wn_tagstats *s)
{
    if (!s)
        return;
    slices_release(&s->slices);
    free(s->by_slice);
    free(s);
}

/* The counts of the detector NAME; NULL beyond MAX_DETECTORS. */
static struct detector_count *detector(struct group *g, const char *name)
{
    size_t i = 0;

    while (i < g->n_detectors && strcmp(g->detectors[i].name, name) != 0)
        i++;
    if (i == MAX_DETECTORS)
        return NULL;
    if (i == g->n_detectors)
        g->detectors[g->n_detectors++] = (struct detector_count){ .name = name };
    return &g->detectors[i];
}

static void add_detector(struct group *g, const struct wn_evidence *ev)
{
    struct detector_count *d = detector(g, ev->detector);

    if (!d)
        return;
    d->n_documents++;
    d->n_for_synthetic += ev->log_odds_nats > 0;
    d->n_for_human += ev->log_odds_nats < 0;
}

static void add_to(struct group *g, const struct wn_tag *tag)
{
    int bin = (int)(fmin(fmax(tag->p_synthetic, 0), 1) * N_BINS);

    g->documents++;
    g->tokens += tag->n_tokens;
    g->verdicts[tag->verdict]++;
    g->tiers[tag->tier]++;
    g->bins[bin < N_BINS ? bin : N_BINS - 1]++;
    for (size_t i = 0; i < tag->n_evidence; i++)
        add_detector(g, &tag->evidence[i]);
}

static enum wn_status room_for(struct wn_tagstats *s, size_t index, struct wn_err *err)
{
    size_t cap = s->cap_slices ? s->cap_slices * 2 : 8;
    struct group *more;

    if (index < s->cap_slices)
        return WN_OK;
    more = realloc(s->by_slice, cap * sizeof(*more));
    if (!more)
        return wn_fail(err, WN_NOMEM, "out of memory for the figures of %zu slices", index + 1);
    memset(more + s->cap_slices, 0, (cap - s->cap_slices) * sizeof(*more));
    s->by_slice = more;
    s->cap_slices = cap;
    return WN_OK;
}

enum wn_status wn_tagstats_add(struct wn_tagstats *s, const struct wn_tag *tag, struct wn_str slice, struct wn_err *err)
{
    size_t i = 0;
    enum wn_status st = slices_index(&s->slices, slice, &i, err);

    if (st == WN_OK)
        st = room_for(s, i, err);
    if (st != WN_OK)
        return st;
    add_to(&s->all, tag);
    add_to(&s->by_slice[i], tag);
    return WN_OK;
}

static void merge_group(struct group *into, const struct group *from)
{
    into->documents += from->documents;
    into->tokens += from->tokens;
    for (int i = 0; i < 3; i++) {
        into->verdicts[i] += from->verdicts[i];
        into->tiers[i] += from->tiers[i];
    }
    for (int i = 0; i < N_BINS; i++)
        into->bins[i] += from->bins[i];
    for (size_t i = 0; i < from->n_detectors; i++) {
        const struct detector_count *f = &from->detectors[i];
        struct detector_count *d = detector(into, f->name);

        if (!d)
            continue;
        d->n_documents += f->n_documents;
        d->n_for_synthetic += f->n_for_synthetic;
        d->n_for_human += f->n_for_human;
    }
}

enum wn_status wn_tagstats_merge(struct wn_tagstats *into, const struct wn_tagstats *from, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < from->slices.n && st == WN_OK; i++) {
        size_t at = 0;

        st = slices_index(&into->slices, from->slices.name[i], &at, err);
        if (st == WN_OK)
            st = room_for(into, at, err);
        if (st == WN_OK)
            merge_group(&into->by_slice[at], &from->by_slice[i]);
    }
    if (st == WN_OK)
        merge_group(&into->all, &from->all);
    return st;
}

void wn_tagstats_reset(struct wn_tagstats *s)
{
    memset(&s->all, 0, sizeof(s->all));
    slices_reset(&s->slices);
    if (s->by_slice)
        memset(s->by_slice, 0, s->cap_slices * sizeof(*s->by_slice));
}

static void write_detectors(struct wn_json *j, const struct group *g)
{
    const struct detector_count *order[MAX_DETECTORS];

    for (size_t i = 0; i < g->n_detectors; i++) {     /* by name, whatever came first */
        size_t k = i;

        for (; k > 0 && strcmp(order[k - 1]->name, g->detectors[i].name) > 0; k--)
            order[k] = order[k - 1];
        order[k] = &g->detectors[i];
    }
    wn_json_open(j, "detectors", '{');
    for (size_t i = 0; i < g->n_detectors; i++) {
        wn_json_open(j, order[i]->name, '{');
        wn_json_add_uint(j, "documents", order[i]->n_documents);
        wn_json_add_uint(j, "for_synthetic", order[i]->n_for_synthetic);
        wn_json_add_uint(j, "for_human", order[i]->n_for_human);
        wn_json_close(j, '}');
    }
    wn_json_close(j, '}');
}

static void write_group(struct wn_json *j, const struct group *g)
{
    wn_json_add_uint(j, "documents", g->documents);
    wn_json_add_uint(j, "tokens", g->tokens);
    wn_json_open(j, "verdicts", '{');
    for (int v = 0; v < 3; v++)
        wn_json_add_uint(j, wn_verdict_name((enum wn_verdict)v), g->verdicts[v]);
    wn_json_close(j, '}');
    wn_json_open(j, "tiers", '{');
    for (int t = 0; t < 3; t++)
        wn_json_add_uint(j, wn_tier_name((enum wn_tier)t), g->tiers[t]);
    wn_json_close(j, '}');
    write_detectors(j, g);
    wn_json_open(j, "p_synthetic_bins", '[');
    for (int b = 0; b < N_BINS; b++)
        wn_json_add_uint(j, NULL, g->bins[b]);
    wn_json_close(j, ']');
}

void wn_tagstats_json(const struct wn_tagstats *s, struct wn_json *j, const char *key)
{
    size_t order[SLICES_MAX + 1];

    slices_sorted(&s->slices, order);
    wn_json_open(j, key, '{');
    write_group(j, &s->all);
    wn_json_open(j, "slices", '[');
    for (size_t i = 0; i < s->slices.n; i++) {
        wn_json_open(j, NULL, '{');
        wn_json_add_str(j, "slice", s->slices.name[order[i]]);
        write_group(j, &s->by_slice[order[i]]);
        wn_json_close(j, '}');
    }
    wn_json_close(j, ']');
    wn_json_close(j, '}');
}
