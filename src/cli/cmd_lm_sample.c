/* cmd_lm_sample.c - text drawn from a model, or its likeliest text. */
#include "cmd_lm.h"
#include "lm_making.h"
#include "sampling.h"

enum { DOCUMENTS = 10 };      /* the default of --documents */

struct sample_args {
    struct sampling_args sampling;
};

static const struct cli_opt sample_opts[] = {
    SAMPLING_OPTS(struct sample_args, sampling),
    SAMPLING_BEAM(struct sample_args, sampling),
    { .name = NULL }
};

/* Options that would have no effect. */
static enum wn_status check_beam(const struct sampling_args *a, struct wn_err *err)
{
    bool draws = a->temperature < 1 || a->temperature > 1 || a->top_k || a->top_p < 1 || a->min_p > 0 || a->typical < 1;

    if (!a->beam && a->length_penalty > 0)
        return wn_fail(err, WN_BADCONF, "--length-penalty is for --beam, which is missing");
    if (a->beam && draws)
        return wn_fail(err, WN_BADCONF, "--beam draws nothing: --temperature, --top-k, --top-p, --min-p and --typical are not "
                       "for it");
    if (a->beam && a->documents != DOCUMENTS && a->documents != 1)
        return wn_fail(err, WN_BADCONF, "--beam writes one document, not --documents %llu", (unsigned long long)a->documents);
    return WN_OK;
}

static enum wn_status sample_run(struct cli_run *r)
{
    const struct sampling_args *args = &((const struct sample_args *)r->args)->sampling;
    struct cli_outputs out = { .n = 0 };
    struct wn_lm *lm = NULL;
    enum wn_status st;

    if (r->n_rest != 1)
        return wn_fail(&r->err, WN_BADCONF, "give one model file: %s", r->cmd->usage);
    st = check_beam(args, &r->err);
    if (st != WN_OK)
        return st;
    cli_outputs_add(&out, "--output", args->output);
    st = cli_outputs_check(&out, r->rest, r->n_rest, &r->err);
    if (st == WN_OK)
        st = lm_open_with(&lm, r->rest[0], WN_LM_WORDS | WN_LM_INDEX, "sample", &r->err);
    if (st == WN_OK)
        st = sampling_run(args, lm, NULL, &r->err);
    wn_lm_free(lm);
    return st;
}

const struct cli_cmd lm_sample = {
    .name = "sample",
    .summary = "write documents sampled from a model",
    .usage = "winnow lm sample [options] MODEL",
    .about = "Draws documents word by word. They carry the label synthetic. 'winnow watermark embed' does the same with a\n"
             "watermark. The modes apply in this order, each to what the ones before left: repetition penalty, temperature,\n"
             "top-k, top-p, min-p, typical. --beam writes the one likeliest document instead.\n"
             "Bytes of a word that are not UTF-8, which models of plain text may have, come out as U+FFFD.",
    .opts = sample_opts,
    .args_size = sizeof(struct sample_args),
    .run = sample_run,
};
