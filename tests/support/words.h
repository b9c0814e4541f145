/*
 * words.h - text of made-up words.
 */
#ifndef WINNOW_TEST_WORDS_H
#define WINNOW_TEST_WORDS_H

#include "support/cm.h"

#include <winnow/str.h>

/* N words in turn out of SOME, "STEM0" and so on, 13 a line. */
static inline struct wn_str words_text(struct wn_buf *out, const char *stem, unsigned n, unsigned some)
{
    wn_buf_reset(out);
    for (unsigned i = 0; i < n; i++)
        wn_buf_addf(out, "%s%u%c", stem, i % some, i % 13 ? ' ' : '\n');
    assert_int_equal(wn_buf_status(out, NULL), WN_OK);
    return wn_buf_str(out);
}

#endif
