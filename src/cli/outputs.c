#include "outputs.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

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

static void place_of(const char *path, struct place *p)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;

    p->exists = stat(path, &p->st) == 0;
    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path + (slash == path)) : 1, slash ? path : ".");
    if (!realpath(folder, p->path))
        snprintf(p->path, sizeof(p->path), "%s", folder);
    snprintf(p->path + strlen(p->path), sizeof(p->path) - strlen(p->path), "/%s", name);
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

static enum wn_status check_pair(const struct cli_outputs *o, size_t i, size_t k, struct wn_err *err)
{
    if (strcmp(o->out[i].path, "-") == 0 && strcmp(o->out[k].path, "-") == 0)
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

/* Opens and drops it: nothing stays but missing folders. */
static enum wn_status can_be_made(const char *path, struct wn_err *err)
{
    struct wn_sink *sink = NULL;
    enum wn_status st = WN_OK;

    if (strcmp(path, "-") != 0)
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
