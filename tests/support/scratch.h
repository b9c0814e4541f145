/*
 * scratch.h - a folder for one test program's files, removed at its end.
 */
#ifndef WINNOW_TEST_SCRATCH_H
#define WINNOW_TEST_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

struct scratch {
    char dir[64];
    char path[16][256];   /* recycled: at most 16 paths in use at a time */
    unsigned turn;
};

/* False when no folder can be made. */
bool scratch_open(struct scratch *s);
/* The path of NAME in it. */
const char *scratch_path(struct scratch *s, const char *name);
/* Writes a file there, the folders in NAME included, and returns its path. */
const char *scratch_file(struct scratch *s, const char *name, const void *bytes, size_t n);
/* How many files and folders there are, at any depth. */
int scratch_count(const struct scratch *s);
/* Removes everything in it, and with CLOSE the folder. */
void scratch_clear(struct scratch *s, bool close);

#endif
