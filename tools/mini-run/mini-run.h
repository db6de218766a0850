/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of mini-run share. */
#ifndef MINI_RUN_H
#define MINI_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/seccomp.h>

#define __printf(fmt, first)	__attribute__((__format__(__printf__, fmt, first)))
#define __noreturn		__attribute__((__noreturn__))

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* As of env, nohup and timeout: ourselves, not executable, not found. */
#define EXIT_OURSELVES	125
#define EXIT_NOEXEC	126
#define EXIT_NOTFOUND	127

/* The one system call whose arguments lie in the caller's memory. */
#define I386_SOCKETCALL	102
#define CALL_SOCKET	1	/* its first argument */
#define CALL_SETSOCKOPT	14

/*
 * Tells the preloaded library AF_MINI's number, and, if there is no filter, by
 * ":" and letters which of the others' sockets are its own.
 */
#define PRELOAD_VARIABLE "MINI_RUN_FAMILY"
#define PRELOAD_ALONE		':'
#define PRELOAD_INET		'4'
#define PRELOAD_INET6		'6'
#define PRELOAD_LINUX_INET6	'l'

#define TYPE_MASK	0xf	/* without SOCK_NONBLOCK, SOCK_CLOEXEC */

void complain(const char *fmt, ...) __printf(1, 2);
void die(const char *fmt, ...) __printf(1, 2) __noreturn;

/* What a program calls socket() with. */
struct call {
	uint32_t family;
	uint32_t type;
	uint32_t protocol;
};

/* What the user chose. */
struct choice {
	bool inet;		/* AF_INET becomes AF_MINI */
	bool inet6;		/* AF_INET6 becomes AF_MINI */
	bool linux_inet6;	/* else it is Linux's, instead of refused */
	bool no_io_uring;
	bool verbose;
	bool ask_reuseport;	/* the kernel's core keeps SO_REUSEPORT */
};

/* rules.c */
#define NR_RULES	15
#define RULE_ANY	UINT32_MAX
#define REFUSE(error)	(SECCOMP_RET_ERRNO | (error))
#define ASK		SECCOMP_RET_USER_NOTIF

struct rule {
	enum { RULE_INET, RULE_INET6, RULE_NO_INET6 } when;
	uint32_t family;
	uint32_t type;
	uint32_t protocol;
	uint32_t verdict;	/* ASK, REFUSE(), or SECCOMP_RET_ALLOW */
};

extern const struct rule rules[NR_RULES];

bool rule_applies(const struct rule *rule, const struct choice *choice);
uint32_t rules_verdict(const struct choice *choice, const struct call *call);
bool needs_identity(const struct call *call);
bool module_has_none(const struct call *call, int error);

/* filter.c */
int filter_install(const struct choice *chosen, bool *no_new_privs);
bool filter_is_setsockopt(const struct seccomp_data *data);

/* exec.c */
void preload(int family, const struct choice *alone);
const char *loads_nothing(const char *path);
bool find_program(const char *name, char *path, size_t size);
const char *privilege_of(const char *path, bool caps);
const char *users_shell(void);

/* supervisor.c */
struct supervisor {
	int family;		/* AF_MINI's number here */
	int listener;		/* where the kernel asks */
	int program;		/* a pidfd: readable when it has ended */
	int proc;		/* /proc */
	int starter;		/* who waits for us to be ready */
	struct choice choice;
	/* The supervisor's own: */
	uid_t uid;
	gid_t gid;
	int net_ns;
	dev_t net_dev;
	ino_t net_ino;
};

void supervise(struct supervisor *s) __noreturn;
bool still_asks(const struct supervisor *s, const struct seccomp_notif *req);
bool is_socketcall(const struct seccomp_data *data);
int read_memory(const struct seccomp_notif *req, uint64_t from, void *to,
		size_t size);

/* caller.c */
int socket_for(const struct supervisor *s, const struct seccomp_notif *req,
	       const struct call *call);
int open_of(const struct supervisor *s, const struct seccomp_notif *req,
	    const char *what);

/* reuseport.c */
bool core_keeps_reuseport(int family);
int set_reuseport(const struct supervisor *s, const struct seccomp_notif *req);

/* say.c */
void say_call(const struct supervisor *s, uint32_t pid,
	      const struct call *call, int result);
#define LEFT_TO_LINUX	INT32_MIN

#endif /* MINI_RUN_H */
