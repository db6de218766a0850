/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of mini-run share. */
#ifndef MINI_RUN_H
#define MINI_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define __printf(fmt, first)	__attribute__((__format__(__printf__, fmt, first)))
#define __noreturn		__attribute__((__noreturn__))

/* As of env, nohup and timeout: ourselves, not executable, not found. */
#define EXIT_OURSELVES	125
#define EXIT_NOEXEC	126
#define EXIT_NOTFOUND	127

/* The one system call whose arguments lie in the caller's memory. */
#define I386_SOCKETCALL	102

void complain(const char *fmt, ...) __printf(1, 2);
void die(const char *fmt, ...) __printf(1, 2) __noreturn;

/* filter.c */
int filter_install(void);
uint32_t filter_verdict(uint32_t family, uint32_t type, uint32_t protocol);

/* supervisor.c */
struct supervisor {
	int family;		/* AF_MINI's number here */
	int listener;		/* where the kernel asks */
	int program;		/* a pidfd: readable when it has ended */
	int proc;		/* /proc */
	int starter;		/* who waits for us to be ready */
	bool verbose;
	/* The supervisor's own: */
	uid_t uid;
	gid_t gid;
	int net_ns;
	dev_t net_dev;
	ino_t net_ino;
};

void supervise(struct supervisor *s) __noreturn;

#endif /* MINI_RUN_H */
