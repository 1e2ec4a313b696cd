/*
 * The handlers of the internal services, for table.c: echo (RFC 862), discard
 * (RFC 863), chargen (RFC 864), daytime (RFC 867) and time (RFC 868).  Their
 * types are explained in services.h.
 */
#ifndef SERVICES_HANDLERS_H
#define SERVICES_HANDLERS_H

#include "services/services.h"
#include "services/stream.h"

stream_step echo_step;
ssize_t echo_datagram(char *, size_t length, size_t size, time_t now);
stream_step discard_step;
ssize_t discard_datagram(char *, size_t length, size_t size, time_t now);
stream_step chargen_step;
ssize_t chargen_datagram(char *, size_t length, size_t size, time_t now);
size_t daytime_answer(char *, size_t size, time_t now);
ssize_t daytime_datagram(char *, size_t length, size_t size, time_t now);
size_t time_answer(char *, size_t size, time_t now);
ssize_t time_datagram(char *, size_t length, size_t size, time_t now);

#endif
