/*
 * version.h - the version of the headers, and of the library that was linked.
 */
#ifndef WINNOW_VERSION_H
#define WINNOW_VERSION_H

#define WN_VERSION "0.1.0"
#define WN_RELEASE_DATE "2026-11-22"

/* The version of the library. */
const char *wn_version(void);

#endif
