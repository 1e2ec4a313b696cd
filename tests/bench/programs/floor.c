/* Sockets and children of the floor programs. */
#include "floor.h"

#include <sys/socket.h>
#include <sys/syscall.h>

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

enum { NOBODY = 65534, BACKLOG = 128 };

int
floor_socket(char **argv, int type)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), one = 1;

	at.sin_port = htons((uint16_t)atoi(argv[2]));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (inet_pton(AF_INET, argv[1], &at.sin_addr) != 1 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    (type == SOCK_STREAM && listen(fd, BACKLOG) != 0))
		err(1, "%s:%s", argv[1], argv[2]);
	return fd;
}

/* In the child, in the memory of its parent: system calls, nothing else. */
static void
become(char *program, int fd, bool session)
{
	static const gid_t groups[1] = { NOBODY };
	char *argv[] = { program, NULL }, *envp[] = { NULL };

	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (session)
		setsid();
	if (syscall(SYS_setgroups, 1, groups) != 0 ||
	    syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY) != 0 ||
	    syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY) != 0)
		_exit(125);
	execve(program, argv, envp);
	_exit(126);
}

int
floor_start(char *program, int fd, bool session)
{
	pid_t pid = vfork();

	if (pid == 0)
		become(program, fd, session);
	return pid;
}
