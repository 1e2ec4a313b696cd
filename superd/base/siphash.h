/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash.  Without the key
 * nobody can compute it, or invert it by trying all inputs.
 */
#ifndef SUPERD_BASE_SIPHASH_H
#define SUPERD_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

enum { SIPHASH_KEY = 16 }; /* bytes */

/* The hash of length bytes; the same on every architecture. */
uint64_t siphash(const uint8_t key[SIPHASH_KEY], const void *, size_t length);

#endif
