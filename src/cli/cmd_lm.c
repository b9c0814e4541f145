#include "cmd_lm.h"

static const struct cli_cmd *const lm_verbs[] = { &lm_build, &lm_count,   &lm_merge,   &lm_score, &lm_sample, &lm_info, &lm_export,
                                                  &lm_import, &lm_convert, &lm_joint,  &lm_mix,   &lm_prune,  NULL };

const struct cli_cmd cli_lm = {
    .name = "lm",
    .summary = "n-gram language models by themselves: build, score, sample, convert, mix, prune",
    .usage = "winnow lm COMMAND [options]",
    .about = "Word n-gram models with interpolated modified Kneser-Ney smoothing, in one mapped file.",
    .examples = "$ winnow lm build corpus/machine-en-a.jsonl --order 3 -o machine.wlm\n"
                "$ winnow lm score machine.wlm corpus/machine-en-b.jsonl -o scores.jsonl\n"
                "$ winnow lm sample machine.wlm -n 3 --seed 7\n"
                "$ winnow lm build --tokens whitespace --order 5 -S 4G --arpa model.arpa -o model.wlm sentences.txt.zst",
    .verbs = lm_verbs,
};
