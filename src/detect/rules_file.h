/*
 * rules_file.h - rule files as text: from bytes to definitions and back.
 *
 * Knows the format (rules/README.md), nothing of matching.
 */
#ifndef DETECT_RULES_FILE_H
#define DETECT_RULES_FILE_H

#include <winnow/arena.h>

enum { RULES_MIN_TESTS = 3 };

/* One line that a rule must, or must not, match. */
struct rule_line {
    struct wn_str text;
    uint64_t line;              /* from 1, for messages */
    struct rule_line *next;     /* in the file's order  */
};

/* One rule; everything lives in the set's arena. */
struct rule_def {
    const char *id;
    const char *file;           /* as messages name it */
    uint64_t line, match_line;  /* of its first line and of its pattern */
    struct wn_str weight_text;  /* as written */
    double weight_nats;
    struct wn_str why, pattern;
    struct rule_line *must, *mustnot;
    size_t n_must, n_mustnot;
    struct rule_def *next;
};

/* Rules in the order of their files; zero-initialised it is empty. */
struct rule_set {
    struct wn_arena arena;
    struct rule_def *first, *last;
    size_t n;
};

/* Appends the rules of TEXT, which NAME stands for in messages.  WN_BADCONF says what
 * is wrong in which line; WN_NOMEM. */
enum wn_status rule_set_parse(struct rule_set *s, const char *name, struct wn_str text, struct wn_err *err);
/* Appends the rules of a file, or of the *.rules of a folder by name.  WN_IO;
 * WN_LIMIT for a file above 16 MiB; WN_BADCONF also for a folder without such files. */
enum wn_status rule_set_load(struct rule_set *s, const char *path, struct wn_err *err);
/* Appends all rules as one text that rule_set_parse takes back. */
void rule_set_dump(const struct rule_set *s, struct wn_buf *out);
void rule_set_release(struct rule_set *s);

#endif
