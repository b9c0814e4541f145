/*
 * hash.h - content hashes (XXH3).  Not cryptographic: against accident, not malice.
 */
#ifndef WINNOW_HASH_H
#define WINNOW_HASH_H

#include <winnow/str.h>

struct wn_hash128 {
    uint64_t hi, lo;
};

uint64_t wn_hash64(struct wn_str s, uint64_t seed);
struct wn_hash128 wn_hash128(struct wn_str s, uint64_t seed);

/* A digest of bytes that come in pieces; equals wn_hash128(whole, 0). */
struct wn_digest;
struct wn_digest *wn_digest_new(void);              /* NULL when memory is short */
void wn_digest_add(struct wn_digest *d, struct wn_str s);
struct wn_hash128 wn_digest_value(const struct wn_digest *d);
void wn_digest_free(struct wn_digest *d);

/* 32 lower-case hex digits and a NUL, high half first. */
void wn_hash128_hex(struct wn_hash128 h, char out[33]);

#endif
