/* load MODE ADDRESS PORT CLIENTS SECONDS SIZE */
#include "load.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int (*run)(const struct plan *);
} modes[] = {
	{ "connect", load_connect },
	{ "exchange", load_exchange },
	{ "proxied", load_proxied },
	{ "datagram", load_datagram },
	{ "bulk", load_bulk },
	{ "idle", load_idle },
	{ "await", load_await },
};

static int
usage(void)
{
	fprintf(stderr,
	    "usage: load connect|exchange|proxied|datagram|bulk|"
	    "idle|await ADDRESS PORT CLIENTS SECONDS SIZE\n");
	return 2;
}

int
main(int argc, char **argv)
{
	struct plan plan = { .to.sin_family = AF_INET };

	if (argc != 7 || inet_pton(AF_INET, argv[2], &plan.to.sin_addr) != 1)
		return usage();
	plan.to.sin_port = htons((uint16_t)atoi(argv[3]));
	plan.clients = (unsigned)atoi(argv[4]);
	plan.seconds = atof(argv[5]);
	plan.size = (size_t)atoi(argv[6]);
	if (plan.clients < 1 || plan.seconds <= 0 || plan.size > 65507)
		return usage();
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			return modes[i].run(&plan);
	return usage();
}
