/*
 * tag_lines.c - the library in one small program: tags each line of standard input by
 * rules and by marks in the characters, and prints verdict, probability and reason.
 *
 * From the source folder, after make:
 *
 *     gcc -std=gnu11 -Wall -Iinclude docs/examples/tag_lines.c build/libwinnow.a \
 *         -lpcre2-8 -lutf8proc -lcjson -lm -pthread -o build/tag_lines
 *     echo "As an AI language model, I cannot do that." | build/tag_lines rules
 */
#include <stdio.h>
#include <stdlib.h>

#include <sys/types.h>

#include <winnow/winnow.h>

/* Everything a tag points to lives in the arena: print it before the next reset. */
static enum wn_status tag_line(const struct wn_tagger *tagger, struct wn_tagger_scratch *scratch, struct wn_arena *a,
                               struct wn_str line, struct wn_err *err)
{
    struct wn_tag tag;
    enum wn_status st;

    if (wn_utf8_check(line) != line.len)
        return wn_fail(err, WN_BADDATA, "invalid UTF-8 at byte %zu", wn_utf8_check(line) + 1);
    wn_arena_reset(a);
    st = wn_tagger_tag(tagger, scratch, line, a, &tag, err);
    if (st == WN_OK)
        printf("%s\t%.4f\t%s\n", wn_verdict_name(tag.verdict), tag.p_synthetic, tag.why);
    return st;
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "rules";
    struct wn_rules *rules = NULL;
    struct wn_tagger *tagger = NULL;
    struct wn_tagger_scratch *scratch = NULL;
    struct wn_arena arena = { 0 };
    struct wn_err err = { 0 };
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    enum wn_status st = wn_rules_load(&rules, &path, 1, &err);

    if (st == WN_OK)
        st = wn_tagger_new(&tagger, &(struct wn_tagger_opts){ .rules = rules }, &err);
    if (st == WN_OK) {
        scratch = wn_tagger_scratch_new(tagger);    /* one a thread */
        if (!scratch)
            st = wn_fail(&err, WN_NOMEM, "out of memory");
    }
    while (st == WN_OK && (n = getline(&line, &room, stdin)) > 0) {
        size_t len = (size_t)n - (line[n - 1] == '\n');

        st = tag_line(tagger, scratch, &arena, (struct wn_str){ line, len }, &err);
        if (st == WN_BADDATA) {                     /* one bad line is not a dead stream */
            fprintf(stderr, "tag_lines: skipped a line: %s\n", err.text);
            st = WN_OK;
        }
    }
    if (st != WN_OK)
        fprintf(stderr, "tag_lines: %s\n", err.text);
    free(line);
    wn_arena_release(&arena);
    wn_tagger_scratch_free(scratch);
    wn_tagger_free(tagger);
    wn_rules_free(rules);
    return st != WN_OK || fflush(stdout) != 0;
}
