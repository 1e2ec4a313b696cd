/*
 * System calls that return -errno and do not set errno: for children that
 * share their memory, and errno with it, with the daemon.  syscall(2) has the
 * registers.  RAWSYS_NATIVE is 0 where there is no such code: there, errno is
 * set, and children must not share memory.
 */
#ifndef SUPERD_SPAWN_RAWSYS_H
#define SUPERD_SPAWN_RAWSYS_H

#include <sys/syscall.h>
#include <errno.h>
#include <unistd.h>

#if defined(__x86_64__)
#define RAWSYS_NATIVE 1

static inline long
rawsys(long n, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
}

#elif defined(__aarch64__)
#define RAWSYS_NATIVE 1

static inline long
rawsys(long n, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = n;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
			 : "memory");
	return x0;
}

#else
#define RAWSYS_NATIVE 0

static inline long
rawsys(long n, long a, long b, long c, long d, long e)
{
	long result = syscall(n, a, b, c, d, e);

	return result < 0 ? -errno : result;
}
#endif

#endif
