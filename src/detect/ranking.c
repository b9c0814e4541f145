#include "detect/ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Humans first among ties: the result must not depend on qsort. */
static int by_score(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (int)x->is_synthetic - (int)y->is_synthetic;
}

void ranking_sort(struct ranked *r, size_t n)
{
    if (n)
        qsort(r, n, sizeof(*r), by_score);
}

bool ranking_next(const struct ranked *r, size_t n, size_t *i, struct roc_point *p)
{
    if (*i >= n)
        return false;
    p->threshold = r[*i].score;
    for (; *i < n && r[*i].score == p->threshold; (*i)++) {
        p->hits += r[*i].is_synthetic;
        p->false_alarms += !r[*i].is_synthetic;
    }
    return true;
}

double ranking_auroc(const struct ranked *r, size_t n)
{
    struct roc_point p = { 0 }, before = { 0 };
    double area = 0;     /* in units of one hit by one false alarm */
    size_t i = 0;

    while (ranking_next(r, n, &i, &p)) {
        area += (double)(p.false_alarms - before.false_alarms) * ((double)p.hits + (double)before.hits) / 2;
        before = p;
    }
    return p.hits && p.false_alarms ? area / ((double)p.hits * (double)p.false_alarms) : NAN;
}

struct roc_point ranking_at_fpr(const struct ranked *r, size_t n, uint64_t n_human, double fpr)
{
    struct roc_point p = { .threshold = INFINITY }, best = p;
    size_t i = 0;

    while (ranking_next(r, n, &i, &p) && (double)p.false_alarms <= fpr * (double)n_human)
        best = p;
    return best;
}

void ranking_calibration(const struct ranked *r, size_t n, double prior, struct calibration *out)
{
    double count[2] = { 0, 0 }, weight[2] = { 1, 1 }, total = 0;

    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < n; i++)
        count[r[i].is_synthetic]++;
    if (prior > 0 && count[0] > 0 && count[1] > 0) {
        weight[0] = (1 - prior) / count[0];
        weight[1] = prior / count[1];
    }
    for (size_t i = 0; i < n; i++) {
        double w = weight[r[i].is_synthetic], p = r[i].score, d = p - r[i].is_synthetic;
        int b = (int)(fmin(fmax(p, 0), 1) * CALIBRATION_BINS);

        b = b < CALIBRATION_BINS ? b : CALIBRATION_BINS - 1;
        total += w;
        out->brier += w * d * d;
        out->bin[b].n++;
        out->bin[b].weight += w;
        out->bin[b].mean_p += w * p;
        out->bin[b].share += w * r[i].is_synthetic;
    }
    out->brier /= total;       /* NAN for nothing */
    for (int b = 0; b < CALIBRATION_BINS; b++) {
        if (!out->bin[b].n)
            continue;
        out->ece += fabs(out->bin[b].mean_p - out->bin[b].share);
        out->bin[b].mean_p /= out->bin[b].weight;
        out->bin[b].share /= out->bin[b].weight;
    }
    out->ece /= total;
}
