// SPDX-License-Identifier: GPL-2.0
/*
 * SO_REUSEPORT where the kernel's core keeps it to AF_INET and gives a family
 * no say (6.1): AF_MINI takes it as an option of its own, MINI_REUSEPORT, which
 * the supervisor sets on the caller's socket.
 *
 * Whatever is not ours to answer is left to the kernel: sockets of other
 * families, descriptors that are none, values that cannot be read.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/mini.h>

#include "mini-run.h"

/* What a program calls setsockopt() with, as socketcall() has it in memory. */
struct option {
	uint32_t fd;
	uint32_t level;
	uint32_t name;
	uint32_t value;
	uint32_t len;
};

/*
 * Asked by trying, on a socket that nobody else has; and of the kernel itself,
 * as a library that an outer mini-run had us load would answer otherwise.
 */
bool core_keeps_reuseport(int family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int on = 1;
	bool keeps;

	if (fd < 0)
		return false;
	keeps = syscall(SYS_setsockopt, fd, SOL_SOCKET, SO_REUSEPORT, &on,
			sizeof(on)) &&
		!setsockopt(fd, SOL_MINI, MINI_REUSEPORT, &on, sizeof(on));
	close(fd);
	return keeps;
}

/* The process that the calling thread belongs to, or -errno. */
static pid_t process_of(const struct supervisor *s,
			const struct seccomp_notif *req)
{
	int fd = open_of(s, req, "status");
	char text[512], *line;
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	line = strstr(text, "\nTgid:");
	return line ? atoi(line + strlen("\nTgid:")) : -ESRCH;
}

/* The caller's descriptor as one of ours, or -errno. */
static int borrow(const struct supervisor *s, const struct seccomp_notif *req,
		  int theirs)
{
	pid_t pid = process_of(s, req);
	int pidfd, fd = -ESRCH;

	if (pid < 0)
		return pid;
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return -errno;
	if (still_asks(s, req)) {
		fd = syscall(SYS_pidfd_getfd, pidfd, theirs, 0);
		if (fd < 0)
			fd = -errno;
	}
	close(pidfd);
	return fd;
}

static bool is_of_family(int fd, int family)
{
	socklen_t len = sizeof(int);
	int domain;

	return !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) &&
	       domain == family;
}

/* Where the option's arguments are; the value stays in the caller's memory. */
static int read_option(const struct seccomp_notif *req, struct option *option,
		       uint64_t *value)
{
	int err = 0;

	if (is_socketcall(&req->data)) {
		err = read_memory(req, (uint32_t)req->data.args[1], option,
				  sizeof(*option));
		*value = option->value;
	} else {
		option->fd = req->data.args[0];
		option->level = req->data.args[1];
		option->name = req->data.args[2];
		option->len = req->data.args[4];
		*value = req->data.args[3];
	}
	return err;
}

/* Returns 0, -errno or LEFT_TO_LINUX: what setsockopt() is to return. */
int set_reuseport(const struct supervisor *s, const struct seccomp_notif *req)
{
	struct option option;
	int on, fd, got = LEFT_TO_LINUX;
	uint64_t value;

	if (read_option(req, &option, &value) ||
	    option.level != SOL_SOCKET || option.name != SO_REUSEPORT ||
	    (int)option.len < (int)sizeof(on) ||
	    read_memory(req, value, &on, sizeof(on)))
		return LEFT_TO_LINUX;
	/* What was read is the caller's if borrow() finds it waiting still. */
	fd = borrow(s, req, option.fd);
	if (fd < 0)
		return LEFT_TO_LINUX;
	if (is_of_family(fd, s->family)) {
		got = setsockopt(fd, SOL_MINI, MINI_REUSEPORT, &on, sizeof(on));
		if (got)
			got = -errno;
	}
	close(fd);
	return got;
}
