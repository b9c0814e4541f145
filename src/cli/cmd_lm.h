/*
 * cmd_lm.h - the verbs of winnow lm.
 */
#ifndef WINNOW_CLI_CMD_LM_H
#define WINNOW_CLI_CMD_LM_H

#include "cli.h"

extern const struct cli_cmd lm_build, lm_count, lm_merge, lm_score, lm_sample, lm_info, lm_export, lm_import, lm_convert,
    lm_joint, lm_mix, lm_prune;

#endif
