/* Numbers with units, and words for numbers, as in all dialects.  Pure.  The
 * parsers return 0, or -1 if text is not of the form. */
#ifndef CONF_UNITS_H
#define CONF_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/addr.h"

/* Decimal digits only, min..max; -1 otherwise. */
int parse_number(const char *text, unsigned long long min,
    unsigned long long max, unsigned long long *);
/* A uid or gid in decimal digits, except the largest, which means "no change"
 * for setresuid(2).  -1 otherwise. */
int parse_id(const char *text, uint32_t *);
/* Bytes: digits with k, K, m, M, g, G (powers of 1024); -1 otherwise. */
int parse_size(const char *text, uint64_t *);
/* Seconds: digits with s, m, h, d, and sums ("1h30m"); -1 otherwise. */
int parse_duration(const char *text, unsigned *seconds);
/* "32/64": bits of IPv4, 1 to 32, and of IPv6, 1 to 128; -1 otherwise. */
int parse_client_bits(const char *text, struct client_bits *);
/* Is it "unlimited", which is allowed for some numbers? */
bool is_unlimited(const char *text);
/* yes, no, true, false, on, off; -1 otherwise. */
int parse_bool(const char *text, bool *);
/* Octal 0..07777; -1 otherwise. */
int parse_octal(const char *text, unsigned *);
/* syslog(3) words: "daemon", "info"; -1 if unknown. */
int parse_facility(const char *text, int *);
int parse_level(const char *text, int *);
const char *facility_name(int);
const char *level_name(int);
/* RLIMIT_* by the words as, core, cpu, data, fsize, memlock, nofile, nproc,
 * rss, stack, ... ("files" is nofile); -1 if unknown. */
int parse_resource(const char *text, int *);
const char *resource_name(int);

/* The plural ending for this number: "" or "s". */
const char *plural(size_t);

#endif
