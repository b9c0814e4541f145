/*
 * operating_point.h - when the rates of a tagger make sense together.
 */
#ifndef MIX_OPERATING_POINT_H
#define MIX_OPERATING_POINT_H

#include <winnow/policy.h>

/* NULL, or what is wrong with OP, for the end of a message. */
const char *operating_point_fault(const struct wn_operating_point *op);

#endif
