// SPDX-License-Identifier: GPL-2.0
/*
 * mini-run --preload, --no-filter: socket() of a dynamically linked program,
 * which makes a socket of AF_MINI itself where the supervisor would have given
 * it one.
 *
 * With a filter it saves the question alone: who does not come by here (a
 * static program, the C library's own calls, a raw socket, a program without
 * our variable) asks the supervisor as ever, and so does who is refused here.
 * Without one nobody else looks: all the rules are followed here.
 *
 * It is linked to no library, so that any C library's programs can load it.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/mini.h>

#include "mini-run.h"

extern char **environ __attribute__((weak));
int *__errno_location(void);
#pragma weak __errno_location

#define PUBLIC	__attribute__((visibility("default")))

/* AF_MINI's number; 0: not looked for yet, AF_INET: without the variable */
static int family;
static bool alone;	/* no filter, no supervisor */
static struct choice choice = { .inet = true, .linux_inet6 = true };

static long call5(long nr, long a, long b, long c, long d, long e)
{
#if defined(__x86_64__)
	register long r10 asm("r10") = d;
	register long r8 asm("r8") = e;
	long ret;

	asm volatile("syscall" : "=a"(ret)
		     : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
		     : "rcx", "r11", "memory");
	return ret;
#elif defined(__aarch64__)
	register long x8 asm("x8") = nr;
	register long x0 asm("x0") = a;
	register long x1 asm("x1") = b;
	register long x2 asm("x2") = c;
	register long x3 asm("x3") = d;
	register long x4 asm("x4") = e;

	asm volatile("svc 0" : "+r"(x0)
		     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
#else
#error "add the system calls of this architecture"
#endif
}

static long call3(long nr, long a, long b, long c)
{
	return call5(nr, a, b, c, 0, 0);
}

static void read_letter(char letter)
{
	switch (letter) {
	case PRELOAD_INET:
		choice.inet = true;
		break;
	case PRELOAD_INET6:
		choice.inet6 = true;
		break;
	case PRELOAD_LINUX_INET6:
		choice.linux_inet6 = true;
		break;
	}
}

/* Returns the family: a number of at most three digits, or 0. */
static int read_variable(const char *word)
{
	int n = 0, i;

	for (i = 0; word[i] >= '0' && word[i] <= '9' && i < 3; i++)
		n = 10 * n + word[i] - '0';
	if (word[i] == PRELOAD_ALONE) {
		alone = true;
		choice.inet = false;
		choice.linux_inet6 = false;
		for (i++; word[i]; i++)
			read_letter(word[i]);
	}
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
		n = read_variable(*at + i);
		family = n ? n : AF_INET;
		return;
	}
	family = AF_INET;
}

static long make_socket(const struct call *call)
{
	int domain = call->family;
	long error, fd = call3(SYS_socket, family, call->type, call->protocol);

	if (fd < 0 || domain == AF_INET)
		return fd;
	error = call5(SYS_setsockopt, fd, SOL_MINI, MINI_DOMAIN, (long)&domain,
		      sizeof(domain));
	if (!error)
		return fd;
	call3(SYS_close, fd, 0, 0);
	return error;
}

/* Whether to ask the kernel for what the program wanted, instead. */
static bool left_to_kernel(const struct call *call, long error)
{
	if (alone)
		return module_has_none(call, error);
	/* A filter of the program's may know AF_INET alone. */
	return error == -EAFNOSUPPORT || error == -EPERM || error == -EACCES;
}

static int result(long ret)
{
	if (ret >= 0)
		return ret;
	if (__errno_location)
		*__errno_location() = -ret;
	return -1;
}

PUBLIC int socket(int domain, int type, int protocol)
{
	const struct call call = { domain, type, protocol };
	uint32_t verdict = SECCOMP_RET_ALLOW;
	long ret;

	if (!family)
		find_family();
	if (family && family != AF_INET)
		verdict = rules_verdict(&choice, &call);
	/* TCP and UDP are anybody's; the rest is the supervisor's. */
	if (!alone && (verdict != ASK || needs_identity(&call)))
		verdict = SECCOMP_RET_ALLOW;
	if (verdict == ASK) {
		ret = make_socket(&call);
		if (ret >= 0 || !left_to_kernel(&call, ret))
			return result(ret);
	} else if (verdict != SECCOMP_RET_ALLOW) {
		return result(-(long)(verdict & SECCOMP_RET_DATA));
	}
	return result(call3(SYS_socket, domain, type, protocol));
}

/* What the core of some kernels (6.1) keeps to AF_INET, see reuseport.c. */
PUBLIC int setsockopt(int fd, int level, int name, const void *value,
		      socklen_t len)
{
	long ret = call5(SYS_setsockopt, fd, level, name, (long)value, len);

	if (ret == -EOPNOTSUPP && level == SOL_SOCKET && name == SO_REUSEPORT &&
	    !call5(SYS_setsockopt, fd, SOL_MINI, MINI_REUSEPORT, (long)value,
		   len))
		ret = 0;
	return result(ret);
}
