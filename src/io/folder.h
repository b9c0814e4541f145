/*
 * folder.h - the folder a path lies in.
 */
#ifndef IO_FOLDER_H
#define IO_FOLDER_H

#include <winnow/str.h>

/* Makes the folders above PATH that are missing. */
enum wn_status io_folder_make(const char *path, struct wn_err *err);
/* Syncs the folder of PATH, so that a name in it lasts; false with errno. */
bool io_folder_sync(const char *path);

#endif
