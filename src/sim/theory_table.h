/*
 * theory_table.h - the rows behind sim_theory_value().
 */
#ifndef SIM_THEORY_TABLE_H
#define SIM_THEORY_TABLE_H

#include "sim/theory.h"

enum { THEORY_MAX_ARGS = 12 };

struct theory_row {
    const char *pattern;
    const char *args; /* of the function, in its order */
    union {
        double (*f1)(double);
        double (*f2)(double, double);
        double (*f3)(double, double, double);
        double (*f4)(double, double, double, double);
        double (*f5)(double, double, double, double, double);
    } f; /* the member with as many arguments as the list */
    /* Instead of F where a structure or memory is needed: V in the order of the list. */
    enum wn_status (*any)(const double *v, double *out, struct wn_err *err);
};

/* The first row that matches counts; a row without a pattern ends it. */
extern const struct theory_row theory_rows[];

#endif
