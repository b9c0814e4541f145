/*
 * ref_case.h - the reference vectors as they are written: files of cases, cases of entries.
 *
 * A case says what is measured (id, params, quantity), an entry gives one value of it.  Strings
 * and objects are views into the parsed file.
 */
#ifndef WINNOW_REF_CASE_H
#define WINNOW_REF_CASE_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

#include "sim/theory.h"

struct ref_file {
    const char *name;              /* "discrete.json"                  */
    struct json_object *root;      /* owned                            */
    struct json_object *cases;     /* an array; NULL: the file has none */
};

/* WN_BADDATA when PATH cannot be read, is not JSON, or is not an object. */
enum wn_status ref_file_open(struct ref_file *f, const char *path, struct wn_err *err);
void ref_file_close(struct ref_file *f);

struct ref_case {
    const char *id, *kind, *quantity, *tolerance;   /* "" when not given */
    struct json_object *self, *params, *expected;   /* NULL when not given */
};
size_t ref_file_size(const struct ref_file *f);
struct ref_case ref_file_at(const struct ref_file *f, size_t i);

struct ref_entry {
    double fits;                   /* INFINITY for the key "inf"; NAN: the entry has none */
    const char *key;               /* ""                                                  */
    double value, sd, se, median;  /* NAN when not given                                  */
    double replicates;             /* behind SE and MEDIAN                                */
    struct json_object *self;
};
size_t ref_case_size(const struct ref_case *c);
struct ref_entry ref_case_at(const struct ref_case *c, size_t i);

const char *ref_text(struct json_object *object, const char *key);         /* "" when not a string  */
double ref_number(struct json_object *object, const char *key);            /* NAN when not a number */
struct json_object *ref_member(struct json_object *object, const char *key);

/* The numbers of an array, or of an array of rows, one after the other; *N of them, to be freed.
 * NULL when ARRAY has none. */
double *ref_numbers(struct json_object *array, size_t *n);

/* ---- what a case is about, as named numbers ------------------------------------------------- */

/* Letters-then-number groups of the id, then the params, then ENTRY (may be NULL): later ones
 * win.  An array "x" gives x0, x1 ...; an array "p" gives S0 = sum p^2 too. "fits" is n. */
bool ref_args(const struct ref_case *c, const struct ref_entry *e, struct sim_theory_args *out);
double ref_arg(const struct sim_theory_args *a, const char *name, double absent);

/* True when ID has WORD between its dots: "E_var" in "g1.replace.mle.E_var.M10". */
bool ref_has(const char *id, const char *word);
/* The word of ID that begins with STEM followed by a digit or a sign ("lambda" in "lambda0.8");
 * false: there is none. */
bool ref_has_stem(const char *id, const char *stem);
/* Word number I of ID, counted from 0, into OUT; "" past the end. */
void ref_word(const char *id, size_t i, char *out, size_t size);

#endif
