// SPDX-License-Identifier: GPL-2.0
/* What --verbose prints: one line a socket() call, as strace would. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <netinet/in.h>

#include "mini-run.h"

static void name_of(const struct supervisor *s, uint32_t pid, char *name,
		    size_t size)
{
	char path[32];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "%u/comm", pid);
	fd = openat(s->proc, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, name, size - 1);
		close(fd);
	}
	name[n > 0 ? n - 1 : 0] = '\0';
}

static const char *type_name(uint32_t type)
{
	switch (type & TYPE_MASK) {
	case SOCK_STREAM:
		return "SOCK_STREAM";
	case SOCK_DGRAM:
		return "SOCK_DGRAM";
	case SOCK_RAW:
		return "SOCK_RAW";
	}
	return "?";
}

/* @result: a descriptor of the program's, -errno, or LEFT_TO_LINUX. */
void say_call(const struct supervisor *s, uint32_t pid,
	      const struct call *call, int result)
{
	char name[32], became[64];

	name_of(s, pid, name, sizeof(name));
	if (result == LEFT_TO_LINUX)
		snprintf(became, sizeof(became), "left to Linux");
	else if (result < 0)
		snprintf(became, sizeof(became), "-1 %s", strerror(-result));
	else
		snprintf(became, sizeof(became), "%d, AF_MINI", result);
	complain("%s[%u]: socket(%s, %s%s%s, %u) = %s", name, pid,
		 call->family == AF_INET6 ? "AF_INET6" : "AF_INET",
		 type_name(call->type),
		 call->type & SOCK_NONBLOCK ? "|SOCK_NONBLOCK" : "",
		 call->type & SOCK_CLOEXEC ? "|SOCK_CLOEXEC" : "",
		 call->protocol, became);
}
