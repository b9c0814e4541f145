/*
 * lm_arpa_lines.h - the lines of an ARPA file, and the numbers on them.
 */
#ifndef LM_ARPA_LINES_H
#define LM_ARPA_LINES_H

#include <stdatomic.h>

#include <winnow/str.h>

/* Puts up to ROOM bytes at TO; *GOT is 0 at the end. */
typedef enum wn_status lm_arpa_read_fn(void *arg, char *to, size_t room, size_t *got, struct wn_err *err);

/* Set the first five; the rest starts as zeros. */
struct arpa_lines {
    lm_arpa_read_fn *read;
    void *arg;
    const char *name;              /* for messages                           */
    const atomic_int *stop;        /* may be NULL                            */
    uint64_t most_bytes;           /* of the buffer; 0: as many as it takes  */
    char *bytes;
    size_t cap, begin, end;
    uint64_t number;               /* of the line last given, from 1         */
    bool ended;
};

/* The next line without '\n'; lives until the next call.  WN_END behind the last one, which
 * may lack its '\n'. */
enum wn_status arpa_lines_next(struct arpa_lines *l, struct wn_str *line, struct wn_err *err);
/* wn_fail with "cannot read the ARPA file 'x': line N: " in front. */
enum wn_status arpa_lines_fail(const struct arpa_lines *l, struct wn_err *err, enum wn_status status,
                               const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void arpa_lines_release(struct arpa_lines *l);

/* What separates words: KenLM's list. */
static inline bool arpa_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static inline const char *arpa_skip_spaces(const char *p, const char *end)
{
    while (p < end && arpa_is_space(*p))
        p++;
    return p;
}

/* The decimal number at P, correctly rounded; also "inf", "nan" and the like in any case.
 * Returns what follows, or NULL when there is none. */
const char *arpa_number(const char *p, const char *end, float *out);

#endif
