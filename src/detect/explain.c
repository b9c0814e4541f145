#include "detect/explain.h"

#include <math.h>

static double percent(double share)
{
    return 100 * share;
}

static const char *why_classifier(const struct explain_in *in, enum wn_verdict v, struct wn_arena *a)
{
    bool synthetic = v == WN_SYNTHETIC;

    return wn_arena_printf(a, "reads like the %s texts: score %.2f (llr %.2f nats/token) over %llu tokens, conformal p %.2g "
                           "under %s", synthetic ? "synthetic" : "human", in->score, in->features.v[F_LLR],
                           (unsigned long long)in->n_tokens, synthetic ? in->p_human : in->p_synthetic,
                           synthetic ? "human" : "synthetic");
}

static const char *why_unscored(const struct explain_in *in, struct wn_arena *a)
{
    switch (in->scored) {
    case SCORED_NO_MODEL:
        return "nothing that was tested decides, and no model was given";
    case SCORED_SHORT:
        return wn_arena_printf(a, "too short to judge: %llu tokens, the model asks for %llu",
                               (unsigned long long)in->n_tokens, (unsigned long long)in->classifier->min_tokens);
    case SCORED_FOREIGN:
        return wn_arena_printf(a, "unlike anything the model was calibrated on: %.0f %% of the words unknown to both "
                               "sides, %.1f nats/token", percent(in->features.oov_both), in->features.xent_nats);
    case SCORED_YES:
        break;
    }
    return "";
}

const char *explain_why(const struct explain_in *in, enum fuse_reason decided, enum wn_verdict v, struct wn_arena *a)
{
    switch (decided) {
    case FUSE_CLASSIFIER:
        return why_classifier(in, v, a);
    case FUSE_RULES:
        return in->rules->reason;
    case FUSE_WATERMARK:
        return in->watermark->reason;
    case FUSE_BETWEEN:
        return wn_arena_printf(a, "between the two: conformal p %.2g under human, %.2g under synthetic, over %llu "
                               "tokens", in->p_human, in->p_synthetic, (unsigned long long)in->n_tokens);
    case FUSE_CONFLICT:
        return wn_arena_printf(a, "reads like the human texts, but %s", in->rules->reason);
    case FUSE_NOTHING:
        break;
    }
    return why_unscored(in, a);
}

static const char *untested_perplexity(const struct explain_in *in, struct wn_arena *a)
{
    switch (in->scored) {
    case SCORED_NO_MODEL:
        return "perplexity: no model given";
    case SCORED_SHORT:
        return wn_arena_printf(a, "perplexity: %llu tokens, fewer than %llu", (unsigned long long)in->n_tokens,
                               (unsigned long long)in->classifier->min_tokens);
    case SCORED_FOREIGN:
        return "perplexity: out of domain";
    case SCORED_YES:
        break;
    }
    return "";
}

const char *explain_untested(const struct explain_in *in, struct wn_arena *a)
{
    const char *part[4];
    const char *line = "";

    part[0] = untested_perplexity(in, a);
    part[1] = in->n_keys ? "" : "watermark: no key given";
    part[2] = in->rules_off ? "rules: switched off" : in->rules_none ? "rules: none given" : "";
    part[3] = in->marks_off ? "marks: switched off" : "";
    for (int i = 0; i < 4 && line; i++) {
        if (!part[i])
            return NULL;
        if (part[i][0])
            line = line[0] ? wn_arena_printf(a, "%s; %s", line, part[i]) : part[i];
    }
    return line;
}

const char *explain_ngram(const struct explain_in *in, struct wn_arena *a)
{
    const double *v = in->features.v;

    return wn_arena_printf(a, "llr %.2f nats/token over %llu tokens, perplexity %.0f under the human model and %.0f "
                           "under the synthetic one, conformal p %.2g under human and %.2g under synthetic",
                           v[F_LLR], (unsigned long long)in->n_tokens, exp(v[F_XENT_HUMAN]),
                           exp(in->features.xent_synthetic), in->p_human, in->p_synthetic);
}
