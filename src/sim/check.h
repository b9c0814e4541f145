/*
 * check.h - do engine, policies and options fit together?
 */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include "sim/loop.h"

/* WN_BADCONF names what does not fit and what would. */
enum wn_status sim_check(const struct sim_setup *s, struct wn_err *err);

#endif
