#include "outputs.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void cli_outputs_add(struct cli_outputs *o, const char *option, const char *path)
{
    if (!path || o->n == CLI_MAX_OUTPUTS)
        return;
    o->out[o->n].option = option;
    o->out[o->n++].path = path;
}

/* What a path leads to; a file that is not there yet is known by its folder and name. */
struct place {
    struct stat st;
    bool exists;
    char path[PATH_MAX];
};

/* Adds NAME of LEN bytes to a path that is absolute; "." and ".." are taken literally, since
 * what is not there yet cannot be a link. */
static void go_down(char path[PATH_MAX], const char *name, size_t len)
{
    size_t n = strlen(path);

    if (len == 0 || (len == 1 && name[0] == '.'))
        return;
    if (len == 2 && name[0] == '.' && name[1] == '.') {
        char *slash = strrchr(path, '/');

        slash[slash == path] = '\0';
    } else {
        snprintf(path + n, PATH_MAX - n, "%s%.*s", n == 1 ? "" : "/", (int)len, name);
    }
}

/* The folders of PATH that are there as the system knows them, the rest as it is written. */
static void place_of(const char *path, struct place *p)
{
    char next[PATH_MAX], real[PATH_MAX];

    p->exists = stat(path, &p->st) == 0;
    if (!realpath(path[0] == '/' ? "/" : ".", p->path))
        snprintf(p->path, sizeof(p->path), "/");
    while (*path) {
        size_t n = strcspn(path, "/");

        if (n == 2 && path[0] == '.' && path[1] == '.') {
            go_down(p->path, path, n);
        } else {
            memcpy(next, p->path, sizeof(next));
            go_down(next, path, n);
            memcpy(p->path, realpath(next, real) ? real : next, sizeof(next));
        }
        path += n + (path[n] == '/');
    }
}

/* Devices and pipes may be shared: /dev/null is no file to lose. */
static bool same_file(const char *a, const char *b)
{
    struct place x, y;

    if (strcmp(a, "-") == 0 || strcmp(b, "-") == 0)
        return false;
    place_of(a, &x);
    place_of(b, &y);
    if (x.exists && y.exists)
        return S_ISREG(x.st.st_mode) && x.st.st_dev == y.st.st_dev && x.st.st_ino == y.st.st_ino;
    return x.exists == y.exists && strcmp(x.path, y.path) == 0;
}

/* "-", or another name of what standard output is; of devices only a terminal. */
static bool is_stdout(const char *path)
{
    struct stat a, b;

    if (strcmp(path, "-") == 0)
        return true;
    return stat(path, &a) == 0 && fstat(STDOUT_FILENO, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
           (!S_ISCHR(a.st_mode) || isatty(STDOUT_FILENO));
}

static enum wn_status check_pair(const struct cli_outputs *o, size_t i, size_t k, struct wn_err *err)
{
    if (is_stdout(o->out[i].path) && is_stdout(o->out[k].path))
        return wn_fail(err, WN_BADCONF, "%s and %s both go to standard output", o->out[k].option, o->out[i].option);
    if (same_file(o->out[i].path, o->out[k].path))
        return wn_fail(err, WN_BADCONF, "%s and %s are the same file '%s'", o->out[k].option, o->out[i].option,
                       o->out[i].path);
    return WN_OK;
}

enum wn_status cli_outputs_apart(const struct cli_outputs *o, const char *const *in, size_t n_in, struct wn_err *err)
{
    for (size_t i = 0; i < o->n; i++)
        for (size_t k = 0; k < n_in; k++)
            if (in[k] && same_file(o->out[i].path, in[k]))
                return wn_fail(err, WN_BADCONF, "%s would overwrite the input '%s'", o->out[i].option, in[k]);
    return WN_OK;
}

/* Opens and drops it: nothing stays but missing folders.  Not so a pipe, whose reader would
 * take that for the end, or a device. */
static enum wn_status can_be_made(const char *path, struct wn_err *err)
{
    struct wn_sink *sink = NULL;
    struct stat info;
    enum wn_status st = WN_OK;

    if (strcmp(path, "-") != 0 && (stat(path, &info) != 0 || S_ISREG(info.st_mode) || S_ISDIR(info.st_mode)))
        st = wn_sink_open(&sink, path, &(struct wn_sink_opts){ .make_folders = true }, err);
    wn_sink_close(sink);
    return st;
}

enum wn_status cli_outputs_check(const struct cli_outputs *o, const char *const *in, size_t n_in, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < o->n && st == WN_OK; i++) {
        if (!o->out[i].path[0])
            st = wn_fail(err, WN_BADCONF, "%s: an empty name", o->out[i].option);
        for (size_t k = 0; k < i && st == WN_OK; k++)
            st = check_pair(o, i, k, err);
    }
    if (st == WN_OK)
        st = cli_outputs_apart(o, in, n_in, err);
    for (size_t i = 0; i < o->n && st == WN_OK; i++)
        st = can_be_made(o->out[i].path, err);
    return st;
}
