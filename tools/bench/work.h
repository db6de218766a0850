/* SPDX-License-Identifier: GPL-2.0 */
/*
 * work: what its files share.
 *
 * A work is something two sockets do with each other, on AF_MINI, AF_INET or
 * AF_UNIX.  This process measures; what stands on the other side is a child.
 */
#ifndef TOOLS_BENCH_WORK_H
#define TOOLS_BENCH_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <linux/mini.h>

#define FIRST_PORT	7000

/* Large enough for anything that is read or written at once */
extern char buffer[1 << 20];

struct options {
	int family;		/* AF_MINI, AF_INET or AF_UNIX */
	const char *near;	/* network namespace of what connects or sends */
	const char *far;	/* of what listens or receives; its address: */
	const char *address;
	const char *dir;	/* where AF_UNIX sockets are made */
	unsigned int warm_ms;	/* before anything is counted */
	unsigned int ms;	/* counted */
	unsigned int count;	/* flows, connections, datagrams at once */
	unsigned int bytes;	/* of a message */
};

extern struct options opt;

/* What happened since the process started; a work counts here. */
extern uint64_t done;

/* side.c: namespaces, sockets, processes */
void enter(const char *netns);
int listen_on(unsigned int port);
int connect_to(unsigned int port, bool wait);
int accept_one(int listener);
int bound_datagram(unsigned int port);
int connected_datagram(unsigned int port);
void read_all(int fd, size_t bytes);
void write_all(int fd, size_t bytes);
void no_delay(int fd);
void child(void (*body)(const char *netns), const char *netns);
void end_children(void);

/* One process tells another, without a socket. */
struct signal_pipe {
	int fd[2];
};

void pipe_open(struct signal_pipe *p);
void pipe_tell(struct signal_pipe *p);
void pipe_wait(struct signal_pipe *p);

/* work.c */
double rate(void (*op)(void));

/* idle.c */
int idle(void);

#endif
