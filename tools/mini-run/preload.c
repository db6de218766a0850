// SPDX-License-Identifier: GPL-2.0
/*
 * mini-run --preload: socket() of a dynamically linked program, which makes a
 * socket of AF_MINI itself where the supervisor would have given it one.
 *
 * It saves the question alone.  The filter stays: who does not come by here (a
 * static program, the C library's own calls, a raw socket, a program without
 * our variable) asks the supervisor as ever, and so does who is refused here.
 *
 * It is linked to no library, so that any C library's programs can load it.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <netinet/in.h>

#include "mini-run.h"

extern char **environ __attribute__((weak));
int *__errno_location(void);
#pragma weak __errno_location

/* AF_MINI's number; 0: not looked for yet, AF_INET: without the variable */
static int family;

static long call3(long nr, long a, long b, long c)
{
#if defined(__x86_64__)
	long ret;

	asm volatile("syscall" : "=a"(ret) : "0"(nr), "D"(a), "S"(b), "d"(c)
		     : "rcx", "r11", "memory");
	return ret;
#elif defined(__aarch64__)
	register long x8 asm("x8") = nr;
	register long x0 asm("x0") = a;
	register long x1 asm("x1") = b;
	register long x2 asm("x2") = c;

	asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2)
		     : "memory");
	return x0;
#else
#error "add the system calls of this architecture"
#endif
}

/* TCP and UDP, which are anybody's; the rest is the supervisor's. */
static int is_plain(int type, int protocol)
{
	switch (type & TYPE_MASK) {
	case SOCK_STREAM:
		return !protocol || protocol == IPPROTO_TCP;
	case SOCK_DGRAM:
		return !protocol || protocol == IPPROTO_UDP;
	}
	return 0;
}

/* A number of at most three digits, or 0 */
static int read_number(const char *word)
{
	int n = 0, i;

	for (i = 0; word[i] >= '0' && word[i] <= '9' && i < 3; i++)
		n = 10 * n + word[i] - '0';
	return word[i] ? 0 : n;
}

/*
 * Early, before a program writes over its variables; if the C library is not up
 * by then, at the first call.
 */
static __attribute__((constructor)) void find_family(void)
{
	static const char name[] = PRELOAD_VARIABLE "=";
	char **at = &environ ? environ : NULL;
	int n;

	if (!at)
		return;
	for (; *at; at++) {
		size_t i = 0;

		while (name[i] && (*at)[i] == name[i])
			i++;
		if (name[i])
			continue;
		n = read_number(*at + i);
		family = n ? n : AF_INET;
		return;
	}
	family = AF_INET;
}

int socket(int domain, int type, int protocol)
{
	long ret = -EAFNOSUPPORT;

	if (!family)
		find_family();
	if (domain == AF_INET && family && family != AF_INET &&
	    is_plain(type, protocol))
		ret = call3(SYS_socket, family, type, protocol);
	/* A filter of the program's may know AF_INET alone. */
	if (ret == -EAFNOSUPPORT || ret == -EPERM || ret == -EACCES)
		ret = call3(SYS_socket, domain, type, protocol);
	if (ret >= 0)
		return ret;
	if (__errno_location)
		*__errno_location() = -ret;
	return -1;
}
