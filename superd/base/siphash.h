/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a hash that nobody can compute,
 * or turn round by trying, who has not got its key.
 */
#ifndef SUPERD_BASE_SIPHASH_H
#define SUPERD_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

enum { SIPHASH_KEY = 16 }; /* bytes */

uint64_t siphash(const uint8_t key[SIPHASH_KEY], const void *, size_t length);

#endif
