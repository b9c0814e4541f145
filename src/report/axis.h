/*
 * axis.h - from values to positions, with round numbers at the ticks.
 */
#ifndef REPORT_AXIS_H
#define REPORT_AXIS_H

#include <stdbool.h>
#include <winnow/str.h>

enum { AXIS_MAX_TICKS = 16 };

struct axis {
    double low, high;       /* of the domain; the logs' when IS_LOG */
    double at_low, at_high; /* positions of its ends                */
    bool is_log;
    double tick[AXIS_MAX_TICKS]; /* values */
    size_t n_ticks;
    double step; /* between linear ticks */
};

/* A domain that holds LOW and HIGH (finite, LOW <= HIGH) and ends at ticks, about WANTED
 * of them. */
void axis_linear(struct axis *a, double low, double high, int wanted);
/* The same in decades; LOW > 0. */
void axis_log(struct axis *a, double low, double high);
/* Whole numbers from LOW to HIGH exactly, ticks inside. */
void axis_whole(struct axis *a, double low, double high, int wanted);
/* Where V is drawn; outside of the domain up to one domain's length away. */
double axis_place(const struct axis *a, double v);
void axis_label(const struct axis *a, size_t tick, struct wn_buf *out);

#endif
