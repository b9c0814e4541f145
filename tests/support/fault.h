/*
 * fault.h - make the k-th allocation or system call fail.  For programs in tests/fault,
 * which are linked with --wrap; include it in one file only.
 */
#ifndef WINNOW_TEST_FAULT_H
#define WINNOW_TEST_FAULT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Calls that still succeed; -1: no faults. */
static int fault_memory_left = -1, fault_write_left = -1, fault_sync_left = -1;
static int fault_write_errno = ENOSPC;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
ssize_t __real_write(int fd, const void *p, size_t n);
int __real_fsync(int fd);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
int __wrap_fsync(int fd);

/* With fault_once only the call itself fails, and what comes behind it succeeds (a caller
 * that ignores a failure shows); otherwise all behind it fail too, as when memory or a disk
 * is really full. */
static bool fault_once;

static inline bool fault_now(int *left)
{
    if (*left < 0)
        return false;
    if (*left == 0) {
        *left = fault_once ? -1 : 0;
        return true;
    }
    --*left;
    return false;
}

void *__wrap_malloc(size_t n)
{
    return fault_now(&fault_memory_left) ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fault_now(&fault_memory_left) ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fault_now(&fault_memory_left) ? NULL : __real_realloc(p, n);
}

ssize_t __wrap_write(int fd, const void *p, size_t n)
{
    if (fault_now(&fault_write_left)) {
        errno = fault_write_errno;
        return -1;
    }
    return __real_write(fd, p, n);
}

int __wrap_fsync(int fd)
{
    if (fault_now(&fault_sync_left)) {
        errno = EIO;
        return -1;
    }
    return __real_fsync(fd);
}

#endif
