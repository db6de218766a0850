// SPDX-License-Identifier: GPL-2.0
/*
 * The seccomp filter: which calls the kernel asks us about.  Of socket() the
 * rules tell (rules.c); and
 *
 *	setsockopt(any, SOL_SOCKET, SO_REUSEPORT, ...)	ask the supervisor,
 *							where the kernel's core
 *							keeps it from AF_MINI
 *
 * The program is written here and not by libseccomp (2.5), which takes the
 * pointer that socketcall() is given for the arguments behind it, and has no
 * way to say SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV.
 *
 * io_uring makes sockets without a system call.  Kernels that can filter its
 * operations (7.0) get the same rules there, as a refusal: nobody can be
 * asked.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/io_uring.h>

#include "mini-run.h"

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF	4
#else
#define LOW_HALF	0
#endif

/* Every way into the calls of interest that a program on this machine has. */
static const struct abi {
	uint32_t arch;
	uint32_t nr;
	enum { SOCKET, SOCKETCALL, IO_URING, SETSOCKOPT } call;
} abis[] = {
#if defined(__x86_64__)
	{ AUDIT_ARCH_X86_64, __NR_socket, SOCKET },
	{ AUDIT_ARCH_X86_64, 0x40000000 | 41, SOCKET },		/* x32 */
	{ AUDIT_ARCH_I386, 359, SOCKET },
	{ AUDIT_ARCH_I386, I386_SOCKETCALL, SOCKETCALL },
	{ AUDIT_ARCH_X86_64, __NR_io_uring_setup, IO_URING },
	{ AUDIT_ARCH_X86_64, 0x40000000 | 425, IO_URING },
	{ AUDIT_ARCH_I386, 425, IO_URING },
	{ AUDIT_ARCH_X86_64, __NR_setsockopt, SETSOCKOPT },
	{ AUDIT_ARCH_X86_64, 0x40000000 | 541, SETSOCKOPT },
	{ AUDIT_ARCH_I386, 366, SETSOCKOPT },
#elif defined(__aarch64__)
	{ AUDIT_ARCH_AARCH64, __NR_socket, SOCKET },
	{ AUDIT_ARCH_ARM, 281, SOCKET },
	{ AUDIT_ARCH_AARCH64, __NR_io_uring_setup, IO_URING },
	{ AUDIT_ARCH_ARM, 425, IO_URING },
	{ AUDIT_ARCH_AARCH64, __NR_setsockopt, SETSOCKOPT },
	{ AUDIT_ARCH_ARM, 294, SETSOCKOPT },
#else
#error "add the system calls of this architecture"
#endif
};

#define INSNS_ABI	10	/* at most: to recognize a call, and what to do */
#define INSNS_KNOW	4
#define INSNS_RULE	8

static const struct choice *choice;

struct program {
	struct sock_filter code[INSNS_ABI * ARRAY_SIZE(abis) + 1 +
				INSNS_RULE * NR_RULES + 1];
	unsigned short len;
};

/* Where a filter finds the three arguments of socket(). */
struct place {
	uint32_t family;
	uint32_t type;
	uint32_t protocol;
};

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
static uint32_t arg(unsigned int n)
{
	return offsetof(struct seccomp_data, args[n]) + LOW_HALF;
}

/* What follows once the call is recognized, in instructions. */
static unsigned int insns_to_do(const struct abi *abi)
{
	switch (abi->call) {
	case SOCKETCALL:
		return choice->ask_reuseport ? 5 : 3;
	case SETSOCKOPT:
		return 6;
	default:
		return 1;
	}
}

static unsigned int insns_of(const struct abi *abi)
{
	if (abi->call == SETSOCKOPT && !choice->ask_reuseport)
		return 0;
	return INSNS_KNOW + insns_to_do(abi);
}

/* @left: how many instructions lie between the next one's and the rules. */
static void add_abi(struct program *p, const struct abi *abi,
		    unsigned int left)
{
	unsigned int to_do = insns_to_do(abi);

	load(p, offsetof(struct seccomp_data, arch));
	unless(p, abi->arch, to_do + 2);
	load(p, offsetof(struct seccomp_data, nr));
	unless(p, abi->nr, to_do);
	switch (abi->call) {
	case SOCKETCALL:
		load(p, arg(0));
		unless(p, CALL_SOCKET, 1);
		stmt(p, BPF_RET | BPF_K, ASK);
		if (choice->ask_reuseport) {
			unless(p, CALL_SETSOCKOPT, 1);
			stmt(p, BPF_RET | BPF_K, ASK);
		}
		break;
	case SOCKET:
		stmt(p, BPF_JMP | BPF_JA, left);
		break;
	case IO_URING:
		stmt(p, BPF_RET | BPF_K, choice->no_io_uring ? REFUSE(ENOSYS) :
						       SECCOMP_RET_ALLOW);
		break;
	case SETSOCKOPT:
		load(p, arg(1));
		unless(p, SOL_SOCKET, 3);
		load(p, arg(2));
		unless(p, SO_REUSEPORT, 1);
		stmt(p, BPF_RET | BPF_K, ASK);
		stmt(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
		break;
	}
}

/* Whether @data is a call of setsockopt(), which socketcall() hides. */
bool filter_is_setsockopt(const struct seccomp_data *data)
{
	if (is_socketcall(data))
		return (uint32_t)data->args[0] == CALL_SETSOCKOPT;
	for (size_t i = 0; i < ARRAY_SIZE(abis); i++)
		if (abis[i].call == SETSOCKOPT && abis[i].arch == data->arch &&
		    abis[i].nr == (uint32_t)data->nr)
			return true;
	return false;
}

static void add_rule(struct program *p, const struct place *at,
		     const struct rule *rule, uint32_t verdict)
{
	unsigned int protocol = rule->protocol == RULE_ANY ? 0 : 2;
	unsigned int type = rule->type == RULE_ANY ? 0 : 3;

	load(p, at->family);
	unless(p, rule->family, type + protocol + 1);
	if (type) {
		load(p, at->type);
		stmt(p, BPF_ALU | BPF_AND | BPF_K, TYPE_MASK);
		unless(p, rule->type, protocol + 1);
	}
	if (protocol) {
		load(p, at->protocol);
		unless(p, rule->protocol, 1);
	}
	stmt(p, BPF_RET | BPF_K, verdict);
}

static void write_program(struct program *p)
{
	const struct place at = { arg(0), arg(1), arg(2) };
	unsigned int left = 1;		/* what is no call of interest */

	p->len = 0;
	for (size_t i = 0; i < ARRAY_SIZE(abis); i++)
		left += insns_of(&abis[i]);
	for (size_t i = 0; i < ARRAY_SIZE(abis); i++) {
		left -= insns_of(&abis[i]);
		if (insns_of(&abis[i]))
			add_abi(p, &abis[i], left);
	}
	stmt(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < NR_RULES; i++)
		if (rule_applies(&rules[i], choice))
			add_rule(p, &at, &rules[i],
				 choice->verbose ? ASK : rules[i].verdict);
	stmt(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

#define REGISTER_BPF_FILTER	37
#define BPF_CMD_FILTER		1

/* What io_uring_register() takes, and what its filters see, since 7.0. */
struct uring_filter {
	uint16_t command;
	uint16_t flags;
	uint32_t reserved;
	struct {
		uint32_t opcode;
		uint32_t flags;
		uint32_t len;
		uint8_t sees;	/* octets of an operation's own arguments */
		uint8_t reserved[3];
		uint64_t code;
		uint64_t reserved2[5];
	} filter;
};

struct uring_data {
	uint64_t user_data;
	uint8_t opcode, sqe_flags, sees, pad[5];
	struct call socket;
};

/*
 * The same for sockets by io_uring; there a filter says 1 for yes, and what it
 * refuses ends with EACCES.  Earlier kernels have nothing of the kind.
 */
static void guard_io_uring(void)
{
	const struct place at = {
		offsetof(struct uring_data, socket.family),
		offsetof(struct uring_data, socket.type),
		offsetof(struct uring_data, socket.protocol),
	};
	struct program p = { .len = 0 };
	struct uring_filter reg = {
		.command = BPF_CMD_FILTER,
		.filter = {
			.opcode = IORING_OP_SOCKET,
			.sees = sizeof(struct call),
			.code = (uintptr_t)p.code,
		},
	};

	for (size_t i = 0; i < NR_RULES; i++)
		if (rule_applies(&rules[i], choice))
			add_rule(&p, &at, &rules[i], 0);
	stmt(&p, BPF_RET | BPF_K, 1);
	reg.filter.len = p.len;
	syscall(SYS_io_uring_register, -1, REGISTER_BPF_FILTER, &reg, 1);
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
 * @no_new_privs: whether we had to give up set-user-ID programs.
 */
int filter_install(const struct choice *chosen, bool *no_new_privs)
{
	struct program program;
	struct sock_fprog prog = { .filter = program.code };
	int fd;

	choice = chosen;
	write_program(&program);
	prog.len = program.len;
	fd = set_filter(&prog);
	*no_new_privs = fd < 0 && errno == EACCES;
	/*
	 * Without CAP_SYS_ADMIN a filter is only for those who can gain no
	 * privileges any more; with it, set-user-ID programs keep working.
	 */
	if (*no_new_privs) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			return -1;
		fd = set_filter(&prog);
	}
	if (fd >= 0)
		guard_io_uring();
	return fd;
}
