/*
 * scratch_group.h - one folder for the tests of a program: set-up and tear-down of their
 * group.  Include it in one file only.
 */
#ifndef WINNOW_TEST_SCRATCH_GROUP_H
#define WINNOW_TEST_SCRATCH_GROUP_H

#include "support/scratch.h"

static struct scratch scratch;

static inline int scratch_set_up(void **state)
{
    (void)state;
    return scratch_open(&scratch) ? 0 : -1;
}

/* For a test that leaves files which the next one must not find. */
static inline int scratch_empty(void **state)
{
    (void)state;
    scratch_clear(&scratch, false);
    return 0;
}

static inline int scratch_tear_down(void **state)
{
    (void)state;
    scratch_clear(&scratch, true);
    return 0;
}

#endif
