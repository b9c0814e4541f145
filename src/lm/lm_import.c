/*
 * lm_import.c - ARPA files to models with words and index.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <winnow/lmbuild.h>

#include "lm/lm_arpa_read.h"
#include "lm/lm_index.h"

enum wn_status wn_lm_import_from(struct wn_lm **out,
                                 enum wn_status (*read)(void *arg, char *to, size_t room, size_t *got,
                                                        struct wn_err *err),
                                 void *arg, const char *name, const struct wn_arpa_opts *opts,
                                 struct wn_arpa_notes *notes, struct wn_err *err)
{
    static const struct wn_arpa_opts defaults = { .tokenizer = WN_TOK_WHITESPACE };
    struct lm_index_builder *b;
    const struct lm_consumer *list[1];
    struct lm_consumer consumer;
    enum wn_status st;

    *out = NULL;
    st = lm_index_builder_new(&b, err);
    if (st != WN_OK)
        return st;
    consumer = lm_index_builder_consumer(b);
    list[0] = &consumer;
    st = lm_arpa_read(read, arg, name, opts ? opts : &defaults, notes, list, 1, err);
    if (st == WN_OK)
        st = lm_index_builder_take(b, out, err);
    lm_index_builder_free(b);
    return st;
}

struct input {
    int fd;
    const char *path;
};

static enum wn_status read_fd(void *arg, char *to, size_t room, size_t *got, struct wn_err *err)
{
    const struct input *in = arg;
    ssize_t n;

    do
        n = read(in->fd, to, room);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return wn_fail_sys(err, "cannot read the ARPA file '%s'", in->path);
    *got = (size_t)n;
    return WN_OK;
}

enum wn_status wn_lm_import(struct wn_lm **out, const char *path, const struct wn_arpa_opts *opts,
                            struct wn_arpa_notes *notes, struct wn_err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    struct input in = { is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), path };
    enum wn_status st;

    *out = NULL;
    if (in.fd < 0)
        return wn_fail_sys(err, "cannot open the ARPA file '%s'", path);
    st = wn_lm_import_from(out, read_fd, &in, path, opts, notes, err);
    if (!is_stdin)
        close(in.fd);
    return st;
}
