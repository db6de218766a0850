/* SPDX-License-Identifier: GPL-2.0 */
/* Short names for what tests do with sockets all the time. */
#ifndef SELFTESTS_CALLS_H
#define SELFTESTS_CALLS_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <linux/mini.h>
#include <linux/sockios.h>

#include "family.h"

/* The call fails with this errno; 0: it does not fail. */
#define EXPECT_ERRNO(expected, call) do {				\
	long ret_ = (call);						\
	int errno_ = ret_ == -1 ? errno : 0;				\
	EXPECT_EQ(expected, errno_) {					\
		TH_LOG("%s: %s", #call, strerror(errno_));		\
	}								\
} while (0)

#define ASSERT_OK(call) do {						\
	long ret_ = (call);						\
	int errno_ = ret_ == -1 ? errno : 0;				\
	ASSERT_EQ(0, errno_) {						\
		TH_LOG("%s: %s", #call, strerror(errno_));		\
	}								\
} while (0)

/*
 * Long enough for what takes a while on an emulated CPU, short enough to
 * show that something does not happen.
 */
#define LONG_MS		10000
#define SHORT_MS	100

static inline struct sockaddr_in name_of(const char *address, int port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};

	inet_pton(AF_INET, address, &sin.sin_addr);
	return sin;
}

static inline struct sockaddr_in lo(int port)
{
	return name_of("127.0.0.1", port);
}

#define SA(sin)		((struct sockaddr *)&(sin)), sizeof(sin)

static inline int local_port(int fd)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);

	if (getsockname(fd, (struct sockaddr *)&sin, &len))
		return -1;
	return ntohs(sin.sin_port);
}

static inline int bind_to(int fd, const char *address, int port)
{
	struct sockaddr_in sin = name_of(address, port);

	return bind(fd, SA(sin));
}

/* Bound to 127.0.0.1 with SO_REUSEADDR or not, or -1. */
static inline int bound_reuse(int family, int type, int port, int reuse)
{
	int fd = socket(family, type, 0);
	int saved;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
	if (bind_to(fd, "127.0.0.1", port)) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static inline int connect_to(int fd, const char *address, int port)
{
	struct sockaddr_in sin = name_of(address, port);

	return connect(fd, SA(sin));
}

static inline int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

/*
 * Before 6.12 the kernel's core keeps SO_REUSEPORT for AF_INET and AF_INET6,
 * and no other family is asked.
 */
static inline bool reuseport_is_kept(int fd)
{
	return set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1) && errno == EOPNOTSUPP;
}

/* Where the core keeps it, AF_MINI has an option of its own for the same. */
static inline int set_reuseport(int fd, int on)
{
	int ret = set_int(fd, SOL_SOCKET, SO_REUSEPORT, on);

	if (ret && errno == EOPNOTSUPP)
		ret = set_int(fd, SOL_MINI, MINI_REUSEPORT, on);
	return ret;
}

static inline int get_int(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, level, name, &value, &len))
		return -1;
	return value;
}

static inline int so_error(int fd)
{
	return get_int(fd, SOL_SOCKET, SO_ERROR);
}

static inline void nonblocking(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

static inline void timeout_ms(int fd, int name, int ms)
{
	struct timeval tv = {
		.tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000,
	};

	setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv));
}

static inline long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * How often the caller has gone to sleep.  It tells whether a call waited
 * without asking a clock: those of two emulated CPUs differ.
 */
static inline long times_asleep(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) ? -1 : usage.ru_nvcsw;
}

/* A thread or process, by its number, sleeps in a call; false: it has ended. */
static inline bool wait_asleep(int tid)
{
	long end = now_ms() + LONG_MS;
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	while (state != 'S' && now_ms() < end) {
		usleep(1000);
		file = fopen(path, "r");
		if (!file)
			return false;
		if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
			state = 0;
		fclose(file);
	}
	return state == 'S';
}

/* What poll() says of one descriptor. */
static inline int poll_for(int fd, int events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms) < 0 ? -1 : p.revents;
}

static inline int tcp_state(int fd)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		return -1;
	return info.tcpi_state;
}

static inline bool wait_state(int fd, int state)
{
	long end = now_ms() + LONG_MS;

	while (tcp_state(fd) != state) {
		if (now_ms() > end)
			return false;
		usleep(1000);
	}
	return true;
}

/* Octets that can be read now, or -1. */
static inline int unread(int fd)
{
	int n = -1;

	return ioctl(fd, FIONREAD, &n) ? -1 : n;
}

/* Octets that were written and not sent yet, or -1. */
static inline int unsent(int fd)
{
	int n = -1;

	return ioctl(fd, SIOCOUTQNSD, &n) ? -1 : n;
}

static inline bool wait_unread(int fd, int n)
{
	long end = now_ms() + LONG_MS;

	while (unread(fd) < n) {
		if (now_ms() > end)
			return false;
		usleep(1000);
	}
	return true;
}

static inline int tcp_socket(int family)
{
	return socket(family, SOCK_STREAM, 0);
}

static inline int udp_socket(int family)
{
	return socket(family, SOCK_DGRAM, 0);
}

static inline int tcp_listener(int family, const char *address, int backlog)
{
	int fd = tcp_socket(family);

	if (fd >= 0 && (bind_to(fd, address, 0) || listen(fd, backlog))) {
		close(fd);
		return -1;
	}
	return fd;
}

struct pair {
	int listener;
	int client;
	int server;
};

/* A connection of two descriptors, its calls limited to LONG_MS. */
static inline bool tcp_pair(int family, struct pair *p)
{
	p->client = -1;
	p->server = -1;
	p->listener = tcp_listener(family, "127.0.0.1", 8);
	if (p->listener < 0)
		return false;
	p->client = tcp_socket(family);
	timeout_ms(p->listener, SO_RCVTIMEO, LONG_MS);
	timeout_ms(p->client, SO_RCVTIMEO, LONG_MS);
	timeout_ms(p->client, SO_SNDTIMEO, LONG_MS);
	if (connect_to(p->client, "127.0.0.1", local_port(p->listener)))
		return false;
	p->server = accept(p->listener, NULL, NULL);
	timeout_ms(p->server, SO_RCVTIMEO, LONG_MS);
	timeout_ms(p->server, SO_SNDTIMEO, LONG_MS);
	return p->server >= 0;
}

static inline void pair_close(struct pair *p)
{
	close(p->listener);
	close(p->client);
	close(p->server);
}

/* A bound UDP socket, its calls limited to LONG_MS. */
static inline int udp_bound(int family, const char *address)
{
	int fd = udp_socket(family);

	if (fd >= 0 && bind_to(fd, address, 0)) {
		close(fd);
		return -1;
	}
	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	return fd;
}

/* Who may have an echo socket: net.ipv4's or net.mini's ping_group_range. */
static inline bool ping_groups(int family, const char *range)
{
	const char *name = family == AF_INET ?
			   "/proc/sys/net/ipv4/ping_group_range" :
			   "/proc/sys/net/mini/ping_group_range";
	FILE *file = fopen(name, "w");

	if (!file)
		return false;
	fputs(range, file);
	return !fclose(file);
}

#endif /* SELFTESTS_CALLS_H */
