/*
 * rules.h - regular-expression tells, from the files under rules/ (rules/README.md
 * has their format).  PCRE2 with JIT; every match runs under a step limit.
 */
#ifndef WINNOW_RULES_H
#define WINNOW_RULES_H

#include <winnow/doc.h>

struct wn_rules;   /* const after load; shared by threads */

/* Loads files, or the *.rules of folders by name.  WN_BADCONF names file, line and reason: an
 * unknown word, a duplicate id, a pattern that does not compile, a rule without
 * lines that must and must not match.  WN_IO; WN_LIMIT above 16 MiB a file. */
enum wn_status wn_rules_load(struct wn_rules **out, const char *const *paths, size_t n_paths, struct wn_err *err);
/* Loads one file's text; NAME is for messages. */
enum wn_status wn_rules_parse(struct wn_rules **out, const char *name, struct wn_str text, struct wn_err *err);
void wn_rules_free(struct wn_rules *r);
size_t wn_rules_count(const struct wn_rules *r);
const char *wn_rules_id(const struct wn_rules *r, size_t i);
/* All files as one text that wn_rules_parse takes back: what a model file stores. */
enum wn_status wn_rules_dump(const struct wn_rules *r, struct wn_buf *out, struct wn_err *err);
/* Runs every rule's own must and must-not lines.  WN_BADCONF names the first that
 * fails, with file, line and rule. */
enum wn_status wn_rules_self_test(const struct wn_rules *r, struct wn_err *err);

/* Match memory of one thread. */
struct wn_rules_scratch;
struct wn_rules_scratch *wn_rules_scratch_new(const struct wn_rules *r);   /* NULL: no memory */
void wn_rules_scratch_free(struct wn_rules_scratch *w);

/* Finds hits in TEXT (valid UTF-8) and fills EV (detector "rules", statistic
 * "weight_nats": the sum of the weights of the rules that fired, each once; n: hits,
 * at most 256 a rule; spans in code points, by place).  A rule that hits its step limit
 * is named in the reason and counts as no hit.  Short of memory EV has no spans or a
 * shorter reason, and the same value.  false: nothing fired (EV is still filled). */
bool wn_rules_scan(const struct wn_rules *r, struct wn_rules_scratch *w, struct wn_str text,
                   struct wn_arena *a, struct wn_evidence *ev);

#endif
