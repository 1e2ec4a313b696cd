/*
 * A filter, run here as the kernel runs it, with the instructions that
 * conf/filter.c uses: for whoever wants to know what it says of a packet.
 */
#ifndef TESTS_UNIT_BPF_H
#define TESTS_UNIT_BPF_H

#include <arpa/inet.h>

#include <string.h>

#include "conf/filter.h"

enum { PACKET_MAX = 64 };

/* Network header first. */
struct packet {
	uint8_t bytes[PACKET_MAX];
	size_t length;
};

enum bpf_end {
	BPF_PASSES,
	BPF_DROPS,
	BPF_CUTS,	 /* passes, but not all of its bytes */
	BPF_INSTRUCTION, /* one that is not understood here */
	BPF_RUNS_OUT	 /* there is no verdict at the end of it */
};

/* From the network header on; false where the packet ends before. */
static inline bool
bpf_load(const struct packet *packet, const struct sock_filter *at, uint32_t *a)
{
	uint32_t offset = at->k - (uint32_t)SKF_NET_OFF;
	uint32_t size = BPF_SIZE(at->code) == BPF_B ? 1 : sizeof(*a);

	if (offset + size > packet->length)
		return false;
	if (size == 1) {
		*a = packet->bytes[offset];
		return true;
	}
	memcpy(a, packet->bytes + offset, sizeof(*a));
	*a = ntohl(*a);
	return true;
}

/* How many instructions are left out. */
static inline size_t
bpf_jump(const struct sock_filter *at, uint32_t a)
{
	switch (at->code) {
	case BPF_JMP | BPF_JA:
		return at->k;
	case BPF_JMP | BPF_JEQ | BPF_K:
		return a == at->k ? at->jt : at->jf;
	default: /* JGE */
		return a >= at->k ? at->jt : at->jf;
	}
}

static inline enum bpf_end
bpf_run(const struct filter *filter, const struct packet *packet)
{
	uint32_t a = 0;

	for (size_t i = 0; i < filter->count; i++) {
		const struct sock_filter *at = &filter->code[i];

		switch (at->code) {
		case BPF_RET | BPF_K:
			return at->k == 0 ?
			    BPF_DROPS :
			    at->k == UINT32_MAX ?
			    BPF_PASSES :
			    BPF_CUTS;
		case BPF_LD | BPF_B | BPF_ABS:
		case BPF_LD | BPF_W | BPF_ABS:
			if (at->k < (uint32_t)SKF_NET_OFF)
				return BPF_INSTRUCTION;
			if (!bpf_load(packet, at, &a))
				return BPF_DROPS;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= at->k;
			break;
		case BPF_JMP | BPF_JA:
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
			i += bpf_jump(at, a);
			break;
		default:
			return BPF_INSTRUCTION;
		}
	}
	return BPF_RUNS_OUT;
}

/* One that comes from there, with nothing of use besides. */
static inline void
packet_from(const struct addr *addr, struct packet *packet)
{
	bool v6 = addr->u.sa.sa_family == AF_INET6;

	memset(packet, 0xa5, sizeof(*packet));
	packet->length = v6 ? 40 : 20;
	packet->bytes[0] = v6 ? 0x6a : 0x45;
	if (v6)
		memcpy(packet->bytes + 8, &addr->u.in6.sin6_addr, 16);
	else
		memcpy(packet->bytes + 12, &addr->u.in.sin_addr, 4);
}

#endif
