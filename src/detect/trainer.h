/*
 * trainer.h - which part of the training data a document falls in.
 */
#ifndef DETECT_TRAINER_H
#define DETECT_TRAINER_H

#include <winnow/doc.h>

enum train_part { PART_LM, PART_CLASSIFIER, PART_CALIBRATION, PART_HELD_OUT, N_PARTS };

/* By the keyed hash of DOC's group, or its id when it has none: nothing else plays a
 * role, so related documents stay together and more data moves nobody. */
enum train_part train_part_of(uint64_t seed, const struct wn_doc *doc);

#endif
