/*
 * c2pa.h - the manifest wrapper for unstructured text of C2PA 2.4, A.8.
 *
 *     U+FEFF, then one variation selector a byte: b < 16 is U+FE00+b, else U+E0100+b-16
 *     bytes: "C2PATXT\0"  version = 1  length (4 bytes, big-endian)  manifest  [padding]
 */
#ifndef DETECT_C2PA_H
#define DETECT_C2PA_H

#include <stdbool.h>

#include <winnow/str.h>

struct c2pa_wrapper {
    size_t start, len;      /* bytes of the text, padding included */
    uint64_t manifest_len;
};

/* True when TEXT holds exactly one wrapper and it is well formed: more than one, a
 * foreign magic or version, or a cut manifest are none. */
bool c2pa_find(struct wn_str text, struct c2pa_wrapper *out);

#endif
