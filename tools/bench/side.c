// SPDX-License-Identifier: GPL-2.0
/*
 * work: namespaces, sockets and processes.
 *
 * What fails ends the program: a figure measured on half a network is none.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work.h"

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_un un;
};

/* Sockets made from now on are in this network namespace. */
void enter(const char *netns)
{
	char path[128];
	int fd;

	if (!netns)
		return;
	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

static socklen_t address_of(union address *to, unsigned int port)
{
	memset(to, 0, sizeof(*to));
	if (opt.family == AF_UNIX) {
		to->un.sun_family = AF_UNIX;
		if (snprintf(to->un.sun_path, sizeof(to->un.sun_path), "%s/work.%u",
			     opt.dir, port) >= (int)sizeof(to->un.sun_path))
			errx(1, "%s is too long a name", opt.dir);
		return sizeof(to->un);
	}
	to->in.sin_family = AF_INET;
	to->in.sin_port = htons(port);
	if (!inet_aton(opt.address, &to->in.sin_addr))
		errx(1, "%s is no address", opt.address);
	return sizeof(to->in);
}

static int make(int type)
{
	int fd = socket(opt.family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

static void own(int fd, unsigned int port)
{
	union address a;
	socklen_t len = address_of(&a, port);
	int one = 1;

	if (opt.family == AF_UNIX)
		unlink(a.un.sun_path);
	else
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, &a.any, len))
		err(1, "bind");
}

int listen_on(unsigned int port)
{
	int fd = make(SOCK_STREAM);

	own(fd, port);
	if (listen(fd, 4096))
		err(1, "listen");
	return fd;
}

/* Acknowledgements are awaited by nobody who writes a message. */
void no_delay(int fd)
{
	int one = 1;

	if (opt.family != AF_UNIX &&
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		err(1, "TCP_NODELAY");
}

/* connect_to - to the listener; without wait, it may still be under way */
int connect_to(unsigned int port, bool wait)
{
	union address a;
	socklen_t len = address_of(&a, port);
	int fd = make(SOCK_STREAM | (wait ? 0 : SOCK_NONBLOCK));

	if (connect(fd, &a.any, len) && (wait || errno != EINPROGRESS))
		err(1, "connect");
	return fd;
}

int accept_one(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		err(1, "accept");
	return fd;
}

int bound_datagram(unsigned int port)
{
	int fd = make(SOCK_DGRAM);

	own(fd, port);
	return fd;
}

/* connected_datagram - one that can be answered, and sends to this port */
int connected_datagram(unsigned int port)
{
	union address a;
	socklen_t len = address_of(&a, port);
	int fd;

	fd = opt.family == AF_UNIX ? bound_datagram(port + 1) : make(SOCK_DGRAM);
	if (connect(fd, &a.any, len))
		err(1, "connect");
	return fd;
}

void read_all(int fd, size_t bytes)
{
	ssize_t n;

	for (size_t at = 0; at < bytes; at += n) {
		n = read(fd, buffer, bytes - at);
		if (n <= 0)
			err(1, "read gave %zd", n);
	}
}

void write_all(int fd, size_t bytes)
{
	ssize_t n;

	for (size_t at = 0; at < bytes; at += n) {
		n = write(fd, buffer, bytes - at);
		if (n < 0)
			err(1, "write");
	}
}

static pid_t children[64];
static unsigned int nr_children;

/* child - another process, which ends with this one at the latest */
void child(void (*body)(const char *netns), const char *netns)
{
	pid_t pid;

	if (nr_children == sizeof(children) / sizeof(*children))
		errx(1, "too many processes");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid) {
		children[nr_children++] = pid;
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	body(netns);
	_exit(0);
}

/* They hear nothing of sockets that this process leaves. */
void end_children(void)
{
	while (nr_children > 0) {
		kill(children[--nr_children], SIGKILL);
		waitpid(children[nr_children], NULL, 0);
	}
}

void pipe_open(struct signal_pipe *p)
{
	if (pipe2(p->fd, O_CLOEXEC))
		err(1, "pipe");
}

void pipe_tell(struct signal_pipe *p)
{
	if (write(p->fd[1], "", 1) != 1)
		err(1, "pipe");
}

void pipe_wait(struct signal_pipe *p)
{
	char c;

	if (read(p->fd[0], &c, 1) != 1)
		errx(1, "the other side is gone");
}
