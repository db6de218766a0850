/* SPDX-License-Identifier: GPL-2.0 */
/* For tests of what a TCP socket's states mean to a program. */
#ifndef SELFTESTS_STATES_H
#define SELFTESTS_STATES_H

#include <linux/sockios.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "calls.h"

#define POLL_ALL (POLLIN | POLLOUT | POLLPRI | POLLRDHUP | POLLRDNORM | \
		  POLLWRNORM)
/* What poll() says of them when asked for all. */
#define CAN_READ	(POLLIN | POLLRDNORM)
#define CAN_WRITE	(POLLOUT | POLLWRNORM)
#define POLL_OVER	(CAN_READ | CAN_WRITE | POLLRDHUP | POLLHUP)

static inline int poll_now(int fd)
{
	return poll_for(fd, POLL_ALL, 0);
}

static inline int set_linger(int fd, int seconds)
{
	struct linger linger = { .l_onoff = 1, .l_linger = seconds };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static inline void reset_close(int fd)
{
	set_linger(fd, 0);
	close(fd);
}

/* The client's end, closed by a reset that has arrived. */
static inline bool tcp_pair_reset(int family, struct pair *p)
{
	if (!tcp_pair(family, p))
		return false;
	reset_close(p->server);
	p->server = -1;
	return wait_state(p->client, TCP_CLOSE);
}

/* Both ends closed in order, the client first; both descriptors are open. */
static inline bool tcp_pair_over(int family, struct pair *p)
{
	char byte;

	return tcp_pair(family, p) && !shutdown(p->client, SHUT_WR) &&
	       !recv(p->server, &byte, 1, 0) && !shutdown(p->server, SHUT_WR) &&
	       !recv(p->client, &byte, 1, 0) &&
	       wait_state(p->client, TCP_CLOSE) &&
	       wait_state(p->server, TCP_CLOSE);
}

static inline int disconnect(int fd)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	return connect(fd, &sa, sizeof(sa));
}

/* A port at which nobody listens, because its owner only has it bound. */
static inline int deaf_port(int family, int *owner)
{
	*owner = tcp_socket(family);
	return bind_to(*owner, "127.0.0.1", 0) ? -1 : local_port(*owner);
}

static inline int tcp_connected(int family, int port)
{
	int fd = tcp_socket(family);

	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	timeout_ms(fd, SO_SNDTIMEO, LONG_MS);
	if (connect_to(fd, "127.0.0.1", port)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The answer is awaited, not the connection's end: EINPROGRESS is success. */
static inline int tcp_connecting(int family, int port)
{
	int fd = tcp_socket(family);

	nonblocking(fd, true);
	if (!connect_to(fd, "127.0.0.1", port) || errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * A listener whose queue is full: SYNs of others are left unanswered for as
 * long as it does not accept.  *@in is the connection in the queue.
 */
static inline int tcp_listener_full(int family, int *in)
{
	int listener = tcp_listener(family, "127.0.0.1", 0);

	*in = -1;
	if (listener < 0)
		return -1;
	timeout_ms(listener, SO_RCVTIMEO, LONG_MS);
	*in = tcp_connected(family, local_port(listener));
	if (*in < 0 || poll_for(listener, POLLIN, LONG_MS) != POLLIN) {
		close(listener);
		return -1;
	}
	return listener;
}

/* When the next probe or retransmission is due, at most, and a bit. */
static inline void sleep_an_rto(int fd)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);
	unsigned int ms;

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len);
	ms = info.tcpi_rto / 1000 + SHORT_MS;
	usleep((ms > 3 * SHORT_MS ? ms : 3 * SHORT_MS) * 1000);
}

/*
 * Until the peer, which does not read, takes no more: what it acknowledges late
 * makes room once more, and so does what the first probe of a small window
 * gets in.  Return: how many octets were taken.
 */
static inline long fill_up(int fd)
{
	static char block[65536];
	long sum = 0, before;
	ssize_t n;

	do {
		before = sum;
		while ((n = send(fd, block, sizeof(block), MSG_DONTWAIT)) > 0)
			sum += n;
		while ((n = send(fd, block, 1, MSG_DONTWAIT)) > 0)
			sum += n;
		sleep_an_rto(fd);
	} while (sum != before);
	return sum;
}

/* To the end of the stream; -1: it ended badly. */
static inline long read_all(int fd)
{
	static char block[65536];
	long sum = 0;
	ssize_t n;

	while ((n = recv(fd, block, sizeof(block), 0)) > 0)
		sum += n;
	return n ? -1 : sum;
}

/* Read until the other end has room; what it still had has come by then. */
static inline bool drain_until_room(int fd, int writer)
{
	static char block[65536];
	long end = now_ms() + LONG_MS;

	do {
		while (recv(fd, block, sizeof(block), MSG_DONTWAIT) > 0)
			;
		if (poll_for(writer, POLLOUT, 1) == POLLOUT)
			return true;
	} while (now_ms() < end);
	return false;
}

static inline int watch(int fd, unsigned int events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };
	int ep = epoll_create1(0);

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) ? -1 : ep;
}

static inline int watch_again(int ep, int fd, unsigned int events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	return epoll_ctl(ep, EPOLL_CTL_MOD, fd, &ev);
}

/* Events of the one descriptor that is watched; 0: none came. */
static inline unsigned int next_event(int ep, int ms)
{
	struct epoll_event ev = {};

	return epoll_wait(ep, &ev, 1, ms) == 1 ? ev.events : 0;
}

/* So many connections wait to be accepted. */
static inline bool wait_queued(int listener, unsigned int n)
{
	long end = now_ms() + LONG_MS;
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	while (!getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &len) &&
	       info.tcpi_unacked != n) {
		if (now_ms() > end)
			return false;
		usleep(1000);
	}
	return info.tcpi_unacked == n;
}

static inline int queue_size(int fd, unsigned long request)
{
	int n = -1;

	return ioctl(fd, request, &n) ? -1 : n;
}

/* A call in a thread of its own. */
struct call {
	pthread_t thread;
	long (*fn)(struct call *c);
	int fd;
	int port;		/* for connect() */
	char *buf;
	size_t len;
	int flags;
	long ret;
	int err;
	int tid;
};

static void *call_run(void *arg)
{
	struct call *c = arg;

	__atomic_store_n(&c->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	errno = 0;
	c->ret = c->fn(c);
	c->err = errno;
	return NULL;
}

/* It sleeps in its call. */
static inline bool call_sleeps(struct call *c)
{
	int tid;

	while (!(tid = __atomic_load_n(&c->tid, __ATOMIC_ACQUIRE)))
		usleep(1000);
	return wait_asleep(tid);
}

/* It has been begun, and sleeps. */
static inline bool call_start(struct call *c)
{
	return !pthread_create(&c->thread, NULL, call_run, c) &&
	       call_sleeps(c);
}

/* What it returned, with its errno. */
static inline long call_end(struct call *c)
{
	pthread_join(c->thread, NULL);
	errno = c->err;
	return c->ret;
}

static inline long call_recv(struct call *c)
{
	return recv(c->fd, c->buf, c->len, c->flags);
}

static inline long call_send(struct call *c)
{
	return send(c->fd, c->buf, c->len, c->flags | MSG_NOSIGNAL);
}

static inline long call_accept(struct call *c)
{
	return accept(c->fd, NULL, NULL);
}

static inline long call_connect(struct call *c)
{
	return connect_to(c->fd, "127.0.0.1", c->port);
}

#endif /* SELFTESTS_STATES_H */
