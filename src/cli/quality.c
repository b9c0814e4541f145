#include "quality.h"

static void print_rate(FILE *out, const char *name, struct wn_rate r)
{
    struct wn_interval i = wn_rate_interval(r.hits, r.n, 0.95);

    if (!r.n)
        fprintf(out, "  %-34s   -      (no documents)\n", name);
    else
        fprintf(out, "  %-34s %6.2f %%  [%.2f, %.2f], %llu of %llu\n", name, 100.0 * (double)r.hits / (double)r.n,
                100 * i.low, 100 * i.high, (unsigned long long)r.hits, (unsigned long long)r.n);
}

/* A calibration set can be too small for a promise; then that verdict is never given. */
static void print_notes(FILE *out, const struct wn_quality *q)
{
    if (q->n_human_calibration < q->n_needed_for_fpr)
        fprintf(out, "  note: %llu human calibration documents, and the promised false-positive rate needs %llu: the classifier "
                     "alone never says synthetic\n",
                (unsigned long long)q->n_human_calibration, (unsigned long long)q->n_needed_for_fpr);
    if (q->n_synthetic_calibration < q->n_needed_for_fnr)
        fprintf(out, "  note: %llu synthetic calibration documents, and --fnr needs %llu: the classifier never says human\n",
                (unsigned long long)q->n_synthetic_calibration, (unsigned long long)q->n_needed_for_fnr);
}

void quality_print(FILE *out, const struct wn_quality *q)
{
    fprintf(out, "  %llu human, %llu synthetic documents; rates with 95 %% Clopper-Pearson intervals\n",
            (unsigned long long)q->n_human, (unsigned long long)q->n_synthetic);
    print_rate(out, "synthetic called synthetic (TPR)", q->tpr);
    print_rate(out, "human called synthetic (FPR)", q->fpr);
    print_rate(out, "synthetic called unknown", q->unknown_s);
    print_rate(out, "human called unknown", q->unknown_h);
    print_notes(out, q);
    if (!q->n_human || !q->n_synthetic)
        return;                        /* the rest compares the two */
    fprintf(out, "  %-34s %6.4f\n", "AUROC", q->auroc);
    fprintf(out, "  %-34s %6.2f %%\n", "TPR at 1 % FPR of the ranking", 100 * q->tpr_at_fpr01);
    fprintf(out, "  %-34s %6.4f, %.4f\n", "Brier score, calibration error", q->brier, q->ece);
}

static void rate_json(struct wn_json *j, const char *key, struct wn_rate r)
{
    struct wn_interval i = wn_rate_interval(r.hits, r.n, 0.95);

    wn_json_open(j, key, '{');
    wn_json_add_uint(j, "hits", r.hits);
    wn_json_add_uint(j, "n", r.n);
    wn_json_add_num(j, "rate", r.n ? (double)r.hits / (double)r.n : 0);
    wn_json_add_num(j, "low", i.low);
    wn_json_add_num(j, "high", i.high);
    wn_json_close(j, '}');
}

void quality_json(struct wn_json *j, const char *key, const struct wn_quality *q)
{
    wn_json_open(j, key, '{');
    wn_json_add_uint(j, "n_human", q->n_human);
    wn_json_add_uint(j, "n_synthetic", q->n_synthetic);
    wn_json_add_num(j, "auroc", q->auroc);
    rate_json(j, "tpr", q->tpr);
    rate_json(j, "fpr", q->fpr);
    rate_json(j, "unknown_synthetic", q->unknown_s);
    rate_json(j, "unknown_human", q->unknown_h);
    wn_json_add_num(j, "tpr_at_fpr_0.01", q->tpr_at_fpr01);
    wn_json_add_num(j, "brier", q->brier);
    wn_json_add_num(j, "ece", q->ece);
    wn_json_close(j, '}');
}
