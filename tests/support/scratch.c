#include "support/scratch.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool scratch_open(struct scratch *s)
{
    memset(s, 0, sizeof(*s));
    snprintf(s->dir, sizeof(s->dir), "/tmp/winnow-test-XXXXXX");
    return mkdtemp(s->dir) != NULL;
}

const char *scratch_path(struct scratch *s, const char *name)
{
    char *path = s->path[s->turn++ % 16];
    size_t n_dir = strlen(s->dir), n = strlen(name);

    if (n_dir + 1 + n >= sizeof(s->path[0]))
        abort();
    memcpy(path, s->dir, n_dir);
    path[n_dir] = '/';
    memcpy(path + n_dir + 1, name, n + 1);
    return path;
}

const char *scratch_file(struct scratch *s, const char *name, const void *bytes, size_t n)
{
    const char *path = scratch_path(s, name);
    char folder[256];
    int fd;

    snprintf(folder, sizeof(folder), "%s", path);
    for (char *slash = strchr(folder + strlen(s->dir) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0777);
        *slash = '/';
    }
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    for (size_t at = 0; fd >= 0 && at < n;) {
        ssize_t k = write(fd, (const char *)bytes + at, n - at);

        if (k <= 0)
            abort();
        at += (size_t)k;
    }
    if (fd < 0)
        abort();
    close(fd);
    return path;
}

static _Thread_local int n_seen;
static _Thread_local const char *keep;

static int see(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)path, (void)st, (void)type, (void)ftw;
    n_seen++;
    return 0;
}

int scratch_count(const struct scratch *s)
{
    n_seen = 0;
    nftw(s->dir, see, 8, FTW_PHYS);
    return n_seen - 1;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return keep && strcmp(path, keep) == 0 ? 0 : remove(path);
}

void scratch_clear(struct scratch *s, bool close)
{
    keep = close ? NULL : s->dir;
    nftw(s->dir, drop, 8, FTW_PHYS | FTW_DEPTH);
}
