// SPDX-License-Identifier: GPL-2.0
/*
 * MSG_ZEROCOPY on a TCP connection: what is sent, and what is told of it on
 * the error queue.
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "sock.h"

/* It needs struct timespec of the headers above. */
#include <linux/errqueue.h>

#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY	0x4000000
#endif

#define LARGE	300000

static char large[LARGE] __attribute__((aligned(4096)));
static char back[LARGE];

static void fill(void)
{
	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = i * 11 + i / 253;
}

/* One notice: the numbers of the calls that it is of. */
struct notice {
	unsigned int lo, hi;
	int code, level, type, flags, octets;
	unsigned int err;
	int origin;
};

/* 0 and @n, or -1 and errno. */
static int read_notice(int fd, struct notice *n)
{
	char control[256], data[16];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	const struct sock_extended_err *ee;
	const struct cmsghdr *c;

	memset(n, 0, sizeof(*n));
	n->octets = recvmsg(fd, &msg, MSG_ERRQUEUE);
	if (n->octets < 0)
		return -1;
	c = CMSG_FIRSTHDR(&msg);
	if (!c) {
		errno = ENOMSG;
		return -1;
	}
	ee = (const struct sock_extended_err *)CMSG_DATA(c);
	n->level = c->cmsg_level;
	n->type = c->cmsg_type;
	n->flags = msg.msg_flags;
	n->err = ee->ee_errno;
	n->origin = ee->ee_origin;
	n->code = ee->ee_code;
	n->lo = ee->ee_info;
	n->hi = ee->ee_data;
	return 0;
}

/* Read notices until the one of call @last came; they must be in order. */
static bool wait_notices(int fd, unsigned int first, unsigned int last)
{
	unsigned int next = first;
	struct notice n;

	while (next != last + 1) {
		if (read_notice(fd, &n)) {
			if (errno != EAGAIN ||
			    !(poll_for(fd, 0, LONG_MS) & POLLERR))
				return false;
			continue;
		}
		if (n.lo != next || n.hi < n.lo)
			return false;
		next = n.hi + 1;
	}
	return true;
}

static size_t read_all(int fd, char *buf, size_t n)
{
	size_t got = 0;
	ssize_t r;

	while (got < n && (r = read(fd, buf + got, n - got)) > 0)
		got += r;
	return got;
}

/* Before 6.12 the kernel's core keeps SO_ZEROCOPY for families it knows. */
static bool zerocopy_on(int fd)
{
	return !set_int(fd, SOL_SOCKET, SO_ZEROCOPY, 1) ||
	       errno != EOPNOTSUPP;
}

#define KEPT	"this kernel keeps SO_ZEROCOPY"

/* A connection whose client may pin; false: the kernel keeps the option. */
static bool zerocopy_pair(int family, struct pair *p)
{
	fill();
	if (!tcp_pair(family, p) || zerocopy_on(p->client))
		return true;
	pair_close(p);
	return false;
}

TEST_F(sock, zerocopy_option)
{
	int fd = tcp_socket(self->family);

	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ZEROCOPY));
	if (!zerocopy_on(fd)) {
		close(fd);
		SKIP(return, KEPT);
	}
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_ZEROCOPY));
	EXPECT_ERRNO(EINVAL, set_int(fd, SOL_SOCKET, SO_ZEROCOPY, 2));
	EXPECT_ERRNO(EINVAL, set_int(fd, SOL_SOCKET, SO_ZEROCOPY, -1));
	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_ZEROCOPY, 0));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ZEROCOPY));
	close(fd);
}

TEST_F(sock, zerocopy_is_inherited)
{
	struct pair p;
	int fd;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	if (!zerocopy_on(p.listener)) {
		pair_close(&p);
		SKIP(return, KEPT);
	}
	fd = tcp_socket(self->family);
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(p.listener)));
	close(p.server);
	p.server = accept(p.listener, NULL, NULL);
	EXPECT_EQ(1, get_int(p.server, SOL_SOCKET, SO_ZEROCOPY));
	close(fd);
	pair_close(&p);
}

/* Without the option the flag means nothing. */
TEST_F(sock, zerocopy_flag_alone)
{
	struct notice n;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(5, send(p.client, "plain", 5, MSG_ZEROCOPY));
	EXPECT_EQ(5, read_all(p.server, back, 5));
	EXPECT_EQ(0, memcmp(back, "plain", 5));
	EXPECT_ERRNO(EAGAIN, read_notice(p.client, &n));
	pair_close(&p);
}

TEST_F(sock, error_queue_empty)
{
	char buf[8];
	struct pair p;
	int fd = tcp_socket(self->family);

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EAGAIN, recv(p.client, buf, 8, MSG_ERRQUEUE));
	EXPECT_ERRNO(EAGAIN, recv(p.listener, buf, 8, MSG_ERRQUEUE));
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, 8, MSG_ERRQUEUE));
	/* What came is no matter of that queue. */
	EXPECT_EQ(4, send(p.server, "data", 4, 0));
	ASSERT_TRUE(wait_unread(p.client, 4));
	EXPECT_ERRNO(EAGAIN, recv(p.client, buf, 8, MSG_ERRQUEUE));
	EXPECT_EQ(4, recv(p.client, buf, 8, 0));
	close(fd);
	pair_close(&p);
}

TEST_F(sock, zerocopy_notice)
{
	struct notice n;
	struct pair p;

	if (!zerocopy_pair(self->family, &p))
		SKIP(return, KEPT);
	EXPECT_EQ(8000, send(p.client, large, 8000, MSG_ZEROCOPY));
	EXPECT_EQ(8000, read_all(p.server, back, 8000));
	EXPECT_EQ(0, memcmp(large, back, 8000));
	EXPECT_EQ(POLLERR, poll_for(p.client, 0, LONG_MS));
	ASSERT_OK(read_notice(p.client, &n));
	EXPECT_EQ(0, n.octets);
	EXPECT_EQ(SOL_IP, n.level);
	EXPECT_EQ(IP_RECVERR, n.type);
	EXPECT_EQ(MSG_ERRQUEUE, n.flags & MSG_ERRQUEUE);
	EXPECT_EQ(0, n.err);
	EXPECT_EQ(SO_EE_ORIGIN_ZEROCOPY, n.origin);
	/* On the way to this host itself it is copied after all. */
	EXPECT_EQ(SO_EE_CODE_ZEROCOPY_COPIED, n.code);
	EXPECT_EQ(0, n.lo);
	EXPECT_EQ(0, n.hi);
	/* It is no error. */
	EXPECT_EQ(0, so_error(p.client));
	EXPECT_EQ(0, poll_for(p.client, 0, 0));
	pair_close(&p);
}

TEST_F(sock, zerocopy_numbers)
{
	struct pair p;

	if (!zerocopy_pair(self->family, &p))
		SKIP(return, KEPT);
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(1000, send(p.client, large + i * 1000, 1000,
				     MSG_ZEROCOPY));
		/* A plain one has none. */
		EXPECT_EQ(1, send(p.client, "-", 1, 0));
	}
	EXPECT_EQ(5005, read_all(p.server, back, 5005));
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(0, memcmp(back + i * 1001, large + i * 1000, 1000));
		EXPECT_EQ('-', back[i * 1001 + 1000]);
	}
	EXPECT_TRUE(wait_notices(p.client, 0, 4));
	pair_close(&p);
}

TEST_F(sock, zerocopy_large)
{
	size_t sent = 0;
	unsigned int calls = 0;
	struct pair p;

	if (!zerocopy_pair(self->family, &p))
		SKIP(return, KEPT);
	if (!fork()) {
		size_t n = read_all(p.server, back, LARGE);

		_exit(n != LARGE || memcmp(large, back, LARGE));
	}
	while (sent < LARGE) {
		ssize_t n = send(p.client, large + sent, LARGE - sent,
				 MSG_ZEROCOPY);

		ASSERT_LT(0, n) TH_LOG("%s", strerror(errno));
		sent += n;
		calls++;
	}
	wait(NULL);
	EXPECT_TRUE(wait_notices(p.client, 0, calls - 1));
	pair_close(&p);
}

TEST_F(sock, zerocopy_large_is_intact)
{
	int status = -1;
	size_t sent = 0;
	struct pair p;

	if (!zerocopy_pair(self->family, &p))
		SKIP(return, KEPT);
	if (!fork()) {
		size_t n = read_all(p.server, back, LARGE);

		_exit(n != LARGE || memcmp(large, back, LARGE));
	}
	while (sent < LARGE) {
		ssize_t n = send(p.client, large + sent,
				 LARGE - sent < 30001 ? LARGE - sent : 30001,
				 MSG_ZEROCOPY | (sent & 1 ? MSG_MORE : 0));

		ASSERT_LT(0, n);
		sent += n;
	}
	wait(&status);
	EXPECT_EQ(0, status);
	pair_close(&p);
}

TEST_F(sock, zerocopy_gathers)
{
	struct iovec iov[3] = {
		{ large + 10, 3000 }, { large + 50000, 1 },
		{ large + 4000, 9000 },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 3 };
	struct pair p;

	if (!zerocopy_pair(self->family, &p))
		SKIP(return, KEPT);
	EXPECT_EQ(12001, sendmsg(p.client, &msg, MSG_ZEROCOPY));
	EXPECT_EQ(12001, read_all(p.server, back, 12001));
	EXPECT_EQ(0, memcmp(back, large + 10, 3000));
	EXPECT_EQ(large[50000], back[3000]);
	EXPECT_EQ(0, memcmp(back + 3001, large + 4000, 9000));
	EXPECT_TRUE(wait_notices(p.client, 0, 0));
	pair_close(&p);
}

TEST_F(sock, zerocopy_of_nothing)
{
	struct notice n;
	struct pair p;

	if (!zerocopy_pair(self->family, &p))
		SKIP(return, KEPT);
	EXPECT_EQ(0, send(p.client, large, 0, MSG_ZEROCOPY));
	EXPECT_ERRNO(EAGAIN, read_notice(p.client, &n));
	EXPECT_EQ(1, send(p.client, large, 1, MSG_ZEROCOPY));
	EXPECT_EQ(1, read_all(p.server, back, 1));
	EXPECT_TRUE(wait_notices(p.client, 0, 0));
	pair_close(&p);
}

/* A call that fails has no number. */
TEST_F(sock, zerocopy_bad_address)
{
	char *hole = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	struct notice n;
	struct pair p;

	if (!zerocopy_pair(self->family, &p))
		SKIP(return, KEPT);
	EXPECT_ERRNO(EFAULT, send(p.client, hole, 100, MSG_ZEROCOPY));
	EXPECT_ERRNO(EAGAIN, read_notice(p.client, &n));
	EXPECT_EQ(10, send(p.client, large, 10, MSG_ZEROCOPY));
	EXPECT_EQ(10, read_all(p.server, back, 10));
	EXPECT_EQ(0, memcmp(back, large, 10));
	EXPECT_TRUE(wait_notices(p.client, 0, 0));
	munmap(hole, 8192);
	pair_close(&p);
}

TEST_F(sock, zerocopy_unconnected)
{
	struct notice n;
	int fd = tcp_socket(self->family);

	if (!zerocopy_on(fd)) {
		close(fd);
		SKIP(return, KEPT);
	}
	EXPECT_ERRNO(EPIPE, send(fd, "x", 1, MSG_ZEROCOPY | MSG_NOSIGNAL));
	EXPECT_ERRNO(EAGAIN, read_notice(fd, &n));
	close(fd);
}

/* What may be locked in memory bounds what may be pinned. */
TEST_F(sock, zerocopy_pins_within_the_limit)
{
	int status = -1;
	struct pair p;

	if (!zerocopy_pair(self->family, &p))
		SKIP(return, KEPT);
	if (!fork()) {
		struct rlimit none = { 0, 0 };

		if (setrlimit(RLIMIT_MEMLOCK, &none) || setuid(65534))
			_exit(1);
		if (send(p.client, large, 1000, MSG_ZEROCOPY) != -1)
			_exit(2);
		if (errno != ENOBUFS)
			_exit(3);
		/* Copied it can be. */
		_exit(send(p.client, large, 1000, 0) == 1000 ? 0 : 4);
	}
	wait(&status);
	EXPECT_EQ(0, WEXITSTATUS(status));
	EXPECT_EQ(1000, read_all(p.server, back, 1000));
	pair_close(&p);
}

/* Nobody reads: what is queued is freed by the reset, and told. */
TEST_F(sock, zerocopy_reset)
{
	struct linger now = { .l_onoff = 1 };
	struct pair p;

	if (!zerocopy_pair(self->family, &p))
		SKIP(return, KEPT);
	EXPECT_EQ(4000, send(p.client, large, 4000, MSG_ZEROCOPY));
	setsockopt(p.server, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(p.server);
	ASSERT_TRUE(wait_state(p.client, TCP_CLOSE));
	EXPECT_TRUE(wait_notices(p.client, 0, 0));
	EXPECT_EQ(ECONNRESET, so_error(p.client));
	close(p.client);
	close(p.listener);
}

TEST_F(sock, zerocopy_fills_the_buffers)
{
	unsigned int calls = 0;
	size_t sent = 0, got = 0;
	ssize_t n;
	struct pair p;

	if (!zerocopy_pair(self->family, &p))
		SKIP(return, KEPT);
	nonblocking(p.client, true);
	while ((n = send(p.client, large, LARGE, MSG_ZEROCOPY)) > 0) {
		sent += n;
		calls++;
	}
	EXPECT_EQ(-1, n);
	EXPECT_TRUE(errno == EAGAIN || errno == ENOBUFS);
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	while ((n = read(p.server, back, sizeof(back))) > 0)
		got += n;
	EXPECT_EQ(sent, got);
	EXPECT_TRUE(wait_notices(p.client, 0, calls - 1));
	pair_close(&p);
}

/* Before it is told the program keeps its hands off; then it may write. */
TEST_F(sock, zerocopy_buffer_is_free_when_told)
{
	struct pair p;

	if (!zerocopy_pair(self->family, &p))
		SKIP(return, KEPT);
	for (int i = 0; i < 10; i++) {
		memset(large, 'a' + i, 5000);
		ASSERT_EQ(5000, send(p.client, large, 5000, MSG_ZEROCOPY));
		ASSERT_TRUE(wait_notices(p.client, i, i));
	}
	for (int i = 0; i < 10; i++) {
		ASSERT_EQ(5000, read_all(p.server, back, 5000));
		EXPECT_EQ('a' + i, back[0]);
		EXPECT_EQ('a' + i, back[4999]);
	}
	pair_close(&p);
}

/*
 * Zero copies on the receiving side are refused, or can be had: either way the
 * program can read().
 */
TEST_F(sock, zerocopy_receive_falls_back)
{
	void *map;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	map = mmap(NULL, 65536, PROT_READ, MAP_SHARED, p.server, 0);
	EXPECT_EQ(4, send(p.client, "read", 4, 0));
	EXPECT_EQ(4, read_all(p.server, back, 4));
	EXPECT_EQ(0, memcmp(back, "read", 4));
	if (map != MAP_FAILED)
		munmap(map, 65536);
	pair_close(&p);
}

TEST_HARNESS_MAIN
