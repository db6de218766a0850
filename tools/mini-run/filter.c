// SPDX-License-Identifier: GPL-2.0
/*
 * The seccomp filter: which socket() calls the kernel asks us about.
 *
 *	socket(AF_INET, SOCK_STREAM, 0 or TCP)		ask the supervisor
 *	socket(AF_INET, SOCK_DGRAM, 0 or UDP)		ask the supervisor
 *	socket(AF_INET, SOCK_STREAM, MPTCP)		EPROTONOSUPPORT
 *	socket(AF_INET6, any of these)			EAFNOSUPPORT
 *	anything else					as without us
 *
 * The errors make programs fall back to what we can give them; left alone,
 * these calls would quietly give them a socket of Linux's own stack.
 *
 * The program is written here and not by libseccomp (2.5), which takes the
 * pointer that socketcall() is given for the arguments behind it, and has no
 * way to say SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>

#include "mini-run.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define TYPE_MASK	0xf	/* without SOCK_NONBLOCK, SOCK_CLOEXEC */
#define SYS_SOCKET	1	/* the first argument of socketcall() */

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF	4
#else
#define LOW_HALF	0
#endif

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Every way into socket() that a program on this machine has. */
static const struct abi {
	uint32_t arch;
	uint32_t nr;
	bool multiplexed;
} abis[] = {
#if defined(__x86_64__)
	{ AUDIT_ARCH_X86_64, __NR_socket, false },
	{ AUDIT_ARCH_X86_64, 0x40000000 | 41, false },	/* x32 */
	{ AUDIT_ARCH_I386, 359, false },
	{ AUDIT_ARCH_I386, I386_SOCKETCALL, true },
#elif defined(__aarch64__)
	{ AUDIT_ARCH_AARCH64, __NR_socket, false },
	{ AUDIT_ARCH_ARM, 281, false },
#else
#error "add the system calls of this architecture"
#endif
};

#define REFUSE(error) (SECCOMP_RET_ERRNO | (error))

static const struct rule {
	uint32_t family;
	uint32_t type;
	uint32_t protocol;
	uint32_t verdict;
} rules[] = {
	{ AF_INET, SOCK_STREAM, 0, SECCOMP_RET_USER_NOTIF },
	{ AF_INET, SOCK_STREAM, IPPROTO_TCP, SECCOMP_RET_USER_NOTIF },
	{ AF_INET, SOCK_STREAM, IPPROTO_MPTCP, REFUSE(EPROTONOSUPPORT) },
	{ AF_INET, SOCK_DGRAM, 0, SECCOMP_RET_USER_NOTIF },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP, SECCOMP_RET_USER_NOTIF },
	{ AF_INET6, SOCK_STREAM, 0, REFUSE(EAFNOSUPPORT) },
	{ AF_INET6, SOCK_STREAM, IPPROTO_TCP, REFUSE(EAFNOSUPPORT) },
	{ AF_INET6, SOCK_STREAM, IPPROTO_MPTCP, REFUSE(EAFNOSUPPORT) },
	{ AF_INET6, SOCK_DGRAM, 0, REFUSE(EAFNOSUPPORT) },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_UDP, REFUSE(EAFNOSUPPORT) },
};

#define INSNS_ABI	7
#define INSNS_RULE	8

struct program {
	struct sock_filter code[INSNS_ABI * ARRAY_SIZE(abis) + 1 +
				INSNS_RULE * ARRAY_SIZE(rules) + 1];
	unsigned short len;
};

/* What the filter says of a call, for those whose arguments it cannot see. */
uint32_t filter_verdict(uint32_t family, uint32_t type, uint32_t protocol)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].family == family &&
		    rules[i].type == (type & TYPE_MASK) &&
		    rules[i].protocol == protocol)
			return rules[i].verdict;
	return SECCOMP_RET_ALLOW;
}

static void stmt(struct program *p, uint16_t code, uint32_t k)
{
	p->code[p->len++] = (struct sock_filter)BPF_STMT(code, k);
}

/* Skip @insns instructions unless the accumulator is @k. */
static void unless(struct program *p, uint32_t k, uint8_t insns)
{
	p->code[p->len++] =
		(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0,
					     insns);
}

static void load(struct program *p, uint32_t offset)
{
	stmt(p, BPF_LD | BPF_W | BPF_ABS, offset);
}

/* The kernel takes ints: what is in the upper half of a register is noise. */
static void load_arg(struct program *p, unsigned int n)
{
	load(p, offsetof(struct seccomp_data, args[n]) + LOW_HALF);
}

/* @left: how many instructions lie between here and the rules. */
static void add_abi(struct program *p, const struct abi *abi,
		    unsigned int left)
{
	load(p, offsetof(struct seccomp_data, arch));
	unless(p, abi->arch, 5);
	load(p, offsetof(struct seccomp_data, nr));
	unless(p, abi->nr, 3);
	if (abi->multiplexed) {
		load_arg(p, 0);
		unless(p, SYS_SOCKET, 1);
		stmt(p, BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	} else {
		stmt(p, BPF_JMP | BPF_JA, left + 2);
		stmt(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
		stmt(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
}

static void add_rule(struct program *p, const struct rule *rule)
{
	load_arg(p, 0);
	unless(p, rule->family, 6);
	load_arg(p, 1);
	stmt(p, BPF_ALU | BPF_AND | BPF_K, TYPE_MASK);
	unless(p, rule->type, 3);
	load_arg(p, 2);
	unless(p, rule->protocol, 1);
	stmt(p, BPF_RET | BPF_K, rule->verdict);
}

static void write_program(struct program *p)
{
	p->len = 0;
	for (size_t i = 0; i < ARRAY_SIZE(abis); i++)
		add_abi(p, &abis[i],
			(ARRAY_SIZE(abis) - 1 - i) * INSNS_ABI + 1);
	stmt(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		add_rule(p, &rules[i]);
	stmt(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

static int set_filter(const struct sock_fprog *prog)
{
	/*
	 * Killable: once we know of a call, signals wait for its answer.  A
	 * handler could otherwise make socket() fail with EINTR, for which no
	 * program is prepared.
	 */
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		       SECCOMP_FILTER_FLAG_NEW_LISTENER |
		       SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, prog);
}

/*
 * Put the calling thread, and whatever it will become, under the filter.
 * Returns the descriptor to answer at, -1 with errno if it cannot be.
 */
int filter_install(void)
{
	struct program program;
	struct sock_fprog prog = { .filter = program.code };
	int fd;

	write_program(&program);
	prog.len = program.len;
	fd = set_filter(&prog);
	if (fd >= 0 || errno != EACCES)
		return fd;
	/*
	 * Without CAP_SYS_ADMIN a filter is only for those who can gain no
	 * privileges any more; with it, set-user-ID programs keep working.
	 */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return set_filter(&prog);
}
