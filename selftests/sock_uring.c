// SPDX-License-Identifier: GPL-2.0
/*
 * TCP through io_uring, by its own system calls.
 */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/io_uring.h>
#include <linux/time_types.h>

#include "sock.h"

#define ENTRIES	16

struct ring {
	int fd;
	unsigned int to_submit;
	struct io_uring_params p;
	struct io_uring_sqe *sqes;
	char *sq, *cq;
};

/* One completion, as io_uring tells it. */
struct done {
	__u64 data;
	int res;
	unsigned int flags;
};

static bool ring_open(struct ring *r)
{
	const int prot = PROT_READ | PROT_WRITE;
	size_t size;

	memset(r, 0, sizeof(*r));
	r->fd = syscall(__NR_io_uring_setup, ENTRIES, &r->p);
	if (r->fd < 0)
		return false;
	size = r->p.cq_off.cqes + r->p.cq_entries * sizeof(struct io_uring_cqe);
	if (size < r->p.sq_off.array + r->p.sq_entries * sizeof(__u32))
		size = r->p.sq_off.array + r->p.sq_entries * sizeof(__u32);
	/* Both rings are one mapping since 5.4. */
	r->sq = mmap(NULL, size, prot, MAP_SHARED | MAP_POPULATE, r->fd,
		     IORING_OFF_SQ_RING);
	r->cq = r->sq;
	r->sqes = mmap(NULL, r->p.sq_entries * sizeof(struct io_uring_sqe),
		       prot, MAP_SHARED | MAP_POPULATE, r->fd,
		       IORING_OFF_SQES);
	return r->sq != MAP_FAILED && r->sqes != MAP_FAILED;
}

static unsigned int *ring_word(char *base, unsigned int off)
{
	return (unsigned int *)(base + off);
}

/* The next request, zeroed; it is submitted by ring_submit(). */
static struct io_uring_sqe *ring_sqe(struct ring *r, int op, int fd,
				     const void *addr, unsigned int len,
				     __u64 data)
{
	unsigned int *tail = ring_word(r->sq, r->p.sq_off.tail);
	unsigned int mask = *ring_word(r->sq, r->p.sq_off.ring_mask);
	unsigned int i = *tail & mask;
	struct io_uring_sqe *sqe = &r->sqes[i];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = op;
	sqe->fd = fd;
	sqe->addr = (unsigned long)addr;
	sqe->len = len;
	sqe->user_data = data;
	ring_word(r->sq, r->p.sq_off.array)[i] = i;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	r->to_submit++;
	return sqe;
}

static int ring_submit(struct ring *r)
{
	int n = syscall(__NR_io_uring_enter, r->fd, r->to_submit, 0, 0, NULL,
			0);

	if (n > 0)
		r->to_submit -= n;
	return n;
}

/* The next completion, within LONG_MS. */
static bool ring_wait(struct ring *r, struct done *d)
{
	unsigned int *head = ring_word(r->cq, r->p.cq_off.head);
	unsigned int *tail = ring_word(r->cq, r->p.cq_off.tail);
	unsigned int mask = *ring_word(r->cq, r->p.cq_off.ring_mask);
	const struct io_uring_cqe *cqe;
	struct __kernel_timespec ts = { .tv_sec = LONG_MS / 1000 };
	struct io_uring_getevents_arg arg = { .ts = (unsigned long)&ts };

	if (__atomic_load_n(tail, __ATOMIC_ACQUIRE) == *head)
		syscall(__NR_io_uring_enter, r->fd, 0, 1,
			IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &arg,
			sizeof(arg));
	if (__atomic_load_n(tail, __ATOMIC_ACQUIRE) == *head)
		return false;
	cqe = (struct io_uring_cqe *)(r->cq + r->p.cq_off.cqes) +
	      (*head & mask);
	d->data = cqe->user_data;
	d->res = cqe->res;
	d->flags = cqe->flags;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return true;
}

static void ring_close(struct ring *r)
{
	close(r->fd);
}

/* Submit the one request that is prepared; its result, or -ETIME. */
static int ring_run(struct ring *r)
{
	struct done d;

	if (ring_submit(r) != 1 || !ring_wait(r, &d))
		return -ETIME;
	return d.res;
}

/* False: there is no io_uring. */
static bool ring_pair(int family, struct ring *r, struct pair *p)
{
	if (!ring_open(r))
		return false;
	tcp_pair(family, p);
	return true;
}

#define NO_RING	"no io_uring here"

TEST_F(sock, uring_send_and_recv)
{
	struct pair p;
	struct ring r;
	char buf[16];

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	ring_sqe(&r, IORING_OP_SEND, p.client, "by a ring", 9, 1);
	EXPECT_EQ(9, ring_run(&r));
	ring_sqe(&r, IORING_OP_RECV, p.server, buf, sizeof(buf), 2);
	EXPECT_EQ(9, ring_run(&r));
	EXPECT_EQ(0, memcmp(buf, "by a ring", 9));
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_recv_waits_for_data)
{
	struct pair p;
	struct ring r;
	struct done d;
	char buf[16];

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	ring_sqe(&r, IORING_OP_RECV, p.server, buf, sizeof(buf), 7);
	ASSERT_EQ(1, ring_submit(&r));
	EXPECT_EQ(4, send(p.client, "late", 4, 0));
	ASSERT_TRUE(ring_wait(&r, &d));
	EXPECT_EQ(7, d.data);
	EXPECT_EQ(4, d.res);
	EXPECT_EQ(0, memcmp(buf, "late", 4));
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_recv_without_waiting)
{
	struct io_uring_sqe *sqe;
	struct pair p;
	struct ring r;
	char buf[16];

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	sqe = ring_sqe(&r, IORING_OP_RECV, p.server, buf, sizeof(buf), 1);
	sqe->msg_flags = MSG_DONTWAIT;
	EXPECT_EQ(-EAGAIN, ring_run(&r));
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_recv_all)
{
	struct io_uring_sqe *sqe;
	struct pair p;
	struct ring r;
	struct done d;
	char buf[8];

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	EXPECT_EQ(3, send(p.client, "abc", 3, 0));
	ASSERT_TRUE(wait_unread(p.server, 3));
	sqe = ring_sqe(&r, IORING_OP_RECV, p.server, buf, sizeof(buf), 1);
	sqe->msg_flags = MSG_WAITALL;
	ASSERT_EQ(1, ring_submit(&r));
	EXPECT_EQ(5, send(p.client, "defgh", 5, 0));
	ASSERT_TRUE(ring_wait(&r, &d));
	EXPECT_EQ(8, d.res);
	EXPECT_EQ(0, memcmp(buf, "abcdefgh", 8));
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_recv_end_of_file)
{
	struct pair p;
	struct ring r;
	char buf[8];

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	ring_sqe(&r, IORING_OP_RECV, p.server, buf, sizeof(buf), 1);
	EXPECT_EQ(0, ring_run(&r));
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_send_after_shutdown)
{
	struct io_uring_sqe *sqe;
	struct pair p;
	struct ring r;

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	sqe = ring_sqe(&r, IORING_OP_SEND, p.client, "x", 1, 1);
	sqe->msg_flags = MSG_NOSIGNAL;
	EXPECT_EQ(-EPIPE, ring_run(&r));
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_messages)
{
	char a[4], b[16];
	struct iovec out[2] = { { "first ", 6 }, { "second", 6 } };
	struct iovec in[2] = { { a, sizeof(a) }, { b, sizeof(b) } };
	struct sockaddr_in sin = {};
	struct msghdr tx = { .msg_iov = out, .msg_iovlen = 2 };
	struct msghdr rx = {
		.msg_name = &sin, .msg_namelen = sizeof(sin),
		.msg_iov = in, .msg_iovlen = 2,
	};
	struct pair p;
	struct ring r;

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	ring_sqe(&r, IORING_OP_SENDMSG, p.client, &tx, 1, 1);
	EXPECT_EQ(12, ring_run(&r));
	ring_sqe(&r, IORING_OP_RECVMSG, p.server, &rx, 1, 2);
	EXPECT_EQ(12, ring_run(&r));
	EXPECT_EQ(0, memcmp(a, "firs", 4));
	EXPECT_EQ(0, memcmp(b, "t second", 8));
	EXPECT_EQ(0, rx.msg_namelen);
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_readv_writev)
{
	char a[4], b[16];
	struct iovec out[2] = { { "first ", 6 }, { "second", 6 } };
	struct iovec in[2] = { { a, sizeof(a) }, { b, sizeof(b) } };
	struct pair p;
	struct ring r;

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	ring_sqe(&r, IORING_OP_WRITEV, p.client, out, 2, 1);
	EXPECT_EQ(12, ring_run(&r));
	ring_sqe(&r, IORING_OP_READV, p.server, in, 2, 2);
	EXPECT_EQ(12, ring_run(&r));
	EXPECT_EQ(0, memcmp(a, "firs", 4));
	EXPECT_EQ(0, memcmp(b, "t second", 8));
	ring_close(&r);
	pair_close(&p);
}

/* More than the buffers hold: the ring waits for room and goes on. */
TEST_F(sock, uring_send_more_than_fits)
{
	static char block[4 << 20];
	size_t left = sizeof(block);
	struct io_uring_sqe *sqe;
	struct pair p;
	struct ring r;
	struct done d;

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	sqe = ring_sqe(&r, IORING_OP_SEND, p.client, block, sizeof(block), 1);
	sqe->msg_flags = MSG_WAITALL;
	if (!fork()) {
		ssize_t n;

		while ((n = read(p.server, block, sizeof(block))) > 0)
			left -= n;
		_exit(n || left);
	}
	ASSERT_EQ(1, ring_submit(&r));
	ASSERT_TRUE(ring_wait(&r, &d));
	EXPECT_EQ(sizeof(block), d.res);
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	int status = -1;

	wait(&status);
	EXPECT_EQ(0, status);
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_accept)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	struct io_uring_sqe *sqe;
	struct pair p;
	struct ring r;
	struct done d;
	int fd;

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	sqe = ring_sqe(&r, IORING_OP_ACCEPT, p.listener, &sin, 0, 1);
	sqe->addr2 = (unsigned long)&len;
	sqe->accept_flags = SOCK_NONBLOCK;
	ASSERT_EQ(1, ring_submit(&r));
	fd = tcp_socket(self->family);
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(p.listener)));
	ASSERT_TRUE(ring_wait(&r, &d));
	ASSERT_LE(0, d.res);
	EXPECT_EQ(local_port(fd), ntohs(sin.sin_port));
	EXPECT_EQ(AF_INET, sin.sin_family);
	EXPECT_EQ(sizeof(sin), len);
	EXPECT_TRUE(fcntl(d.res, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(2, send(fd, "hi", 2, 0));
	EXPECT_TRUE(wait_unread(d.res, 2));
	close(d.res);
	close(fd);
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_accept_multishot)
{
	struct io_uring_sqe *sqe;
	struct pair p;
	struct ring r;
	struct done d;
	int fd[3];

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	sqe = ring_sqe(&r, IORING_OP_ACCEPT, p.listener, NULL, 0, 5);
	sqe->ioprio = IORING_ACCEPT_MULTISHOT;
	ASSERT_EQ(1, ring_submit(&r));
	for (int i = 0; i < 3; i++) {
		fd[i] = tcp_socket(self->family);
		ASSERT_OK(connect_to(fd[i], "127.0.0.1",
				     local_port(p.listener)));
		ASSERT_TRUE(ring_wait(&r, &d));
		EXPECT_EQ(5, d.data);
		EXPECT_LE(0, d.res);
		EXPECT_EQ(IORING_CQE_F_MORE, d.flags & IORING_CQE_F_MORE);
		close(d.res);
	}
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_accept_not_listening)
{
	struct pair p;
	struct ring r;

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	ring_sqe(&r, IORING_OP_ACCEPT, p.client, NULL, 0, 1);
	EXPECT_EQ(-EINVAL, ring_run(&r));
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_connect)
{
	struct io_uring_sqe *sqe;
	struct sockaddr_in sin;
	struct pair p;
	struct ring r;
	int fd = tcp_socket(self->family);

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	sin = lo(local_port(p.listener));
	sqe = ring_sqe(&r, IORING_OP_CONNECT, fd, &sin, 0, 1);
	sqe->off = sizeof(sin);
	EXPECT_EQ(0, ring_run(&r));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(fd));
	EXPECT_EQ(1, send(fd, "x", 1, 0));
	/* Once more. */
	sqe = ring_sqe(&r, IORING_OP_CONNECT, fd, &sin, 0, 1);
	sqe->off = sizeof(sin);
	EXPECT_EQ(-EISCONN, ring_run(&r));
	close(fd);
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_connect_refused)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 1);
	struct sockaddr_in sin = lo(local_port(listener));
	int fd = tcp_socket(self->family);
	struct io_uring_sqe *sqe;
	struct ring r;

	close(listener);
	if (!ring_open(&r))
		SKIP(return, NO_RING);
	sqe = ring_sqe(&r, IORING_OP_CONNECT, fd, &sin, 0, 1);
	sqe->off = sizeof(sin);
	EXPECT_EQ(-ECONNREFUSED, ring_run(&r));
	close(fd);
	ring_close(&r);
}

TEST_F(sock, uring_poll)
{
	struct io_uring_sqe *sqe;
	struct pair p;
	struct ring r;
	struct done d;

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	sqe = ring_sqe(&r, IORING_OP_POLL_ADD, p.client, NULL, 0, 1);
	sqe->poll32_events = POLLOUT;
	EXPECT_EQ(POLLOUT, ring_run(&r));
	sqe = ring_sqe(&r, IORING_OP_POLL_ADD, p.server, NULL, 0, 2);
	sqe->poll32_events = POLLIN;
	ASSERT_EQ(1, ring_submit(&r));
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	ASSERT_TRUE(ring_wait(&r, &d));
	EXPECT_EQ(2, d.data);
	EXPECT_EQ(POLLIN, d.res);
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_poll_multishot)
{
	struct io_uring_sqe *sqe;
	struct pair p;
	struct ring r;
	struct done d;
	char c;

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	sqe = ring_sqe(&r, IORING_OP_POLL_ADD, p.server, NULL,
		       IORING_POLL_ADD_MULTI, 2);
	sqe->poll32_events = POLLIN;
	ASSERT_EQ(1, ring_submit(&r));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(1, send(p.client, "x", 1, 0));
		ASSERT_TRUE(ring_wait(&r, &d));
		EXPECT_EQ(2, d.data);
		EXPECT_TRUE(d.res & POLLIN);
		EXPECT_EQ(IORING_CQE_F_MORE, d.flags & IORING_CQE_F_MORE);
		EXPECT_EQ(1, recv(p.server, &c, 1, 0));
	}
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_recv_multishot)
{
	enum { COUNT = 8, SIZE = 256 };
	static char pool[COUNT * SIZE];
	struct io_uring_sqe *sqe;
	struct pair p;
	struct ring r;
	struct done d;
	char out[4];

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	sqe = ring_sqe(&r, IORING_OP_PROVIDE_BUFFERS, COUNT, pool, SIZE, 1);
	sqe->buf_group = 3;
	ASSERT_LE(0, ring_run(&r));
	sqe = ring_sqe(&r, IORING_OP_RECV, p.server, NULL, 0, 9);
	sqe->ioprio = IORING_RECV_MULTISHOT;
	sqe->flags = IOSQE_BUFFER_SELECT;
	sqe->buf_group = 3;
	ASSERT_EQ(1, ring_submit(&r));
	for (int i = 0; i < 3; i++) {
		snprintf(out, sizeof(out), "no%d", i);
		EXPECT_EQ(3, send(p.client, out, 3, 0));
		ASSERT_TRUE(ring_wait(&r, &d));
		EXPECT_EQ(9, d.data);
		ASSERT_EQ(3, d.res);
		EXPECT_TRUE(d.flags & IORING_CQE_F_MORE);
		ASSERT_TRUE(d.flags & IORING_CQE_F_BUFFER);
		EXPECT_EQ(0, memcmp(out, pool + SIZE * (d.flags >>
					IORING_CQE_BUFFER_SHIFT), 3));
	}
	/* The end of the stream ends it. */
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	ASSERT_TRUE(ring_wait(&r, &d));
	EXPECT_EQ(0, d.res);
	EXPECT_FALSE(d.flags & IORING_CQE_F_MORE);
	ring_close(&r);
	pair_close(&p);
}

/* Octets are left: the completion says so. */
TEST_F(sock, uring_recv_tells_of_more)
{
	struct pair p;
	struct ring r;
	struct done d;
	char buf[4];

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	EXPECT_EQ(6, send(p.client, "abcdef", 6, 0));
	ASSERT_TRUE(wait_unread(p.server, 6));
	ring_sqe(&r, IORING_OP_RECV, p.server, buf, sizeof(buf), 1);
	ASSERT_EQ(1, ring_submit(&r));
	ASSERT_TRUE(ring_wait(&r, &d));
	EXPECT_EQ(4, d.res);
	EXPECT_TRUE(d.flags & IORING_CQE_F_SOCK_NONEMPTY);
	ring_sqe(&r, IORING_OP_RECV, p.server, buf, sizeof(buf), 1);
	ASSERT_EQ(1, ring_submit(&r));
	ASSERT_TRUE(ring_wait(&r, &d));
	EXPECT_EQ(2, d.res);
	EXPECT_FALSE(d.flags & IORING_CQE_F_SOCK_NONEMPTY);
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_send_zc)
{
	static char page[10000], back[10000];
	size_t got = 0;
	struct pair p;
	struct ring r;
	struct done d;

	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = i * 5 + i / 256;
	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	ring_sqe(&r, IORING_OP_SEND_ZC, p.client, page, sizeof(page), 4);
	ASSERT_EQ(1, ring_submit(&r));
	ASSERT_TRUE(ring_wait(&r, &d));
	EXPECT_EQ(4, d.data);
	ASSERT_EQ(sizeof(page), d.res);
	EXPECT_TRUE(d.flags & IORING_CQE_F_MORE);
	while (got < sizeof(back)) {
		ssize_t n = read(p.server, back + got, sizeof(back) - got);

		ASSERT_LT(0, n);
		got += n;
	}
	EXPECT_EQ(0, memcmp(page, back, sizeof(page)));
	/* And that the pages are free again. */
	ASSERT_TRUE(ring_wait(&r, &d));
	EXPECT_EQ(4, d.data);
	EXPECT_TRUE(d.flags & IORING_CQE_F_NOTIF);
	EXPECT_FALSE(d.flags & IORING_CQE_F_MORE);
	ring_close(&r);
	pair_close(&p);
}

/* Lent and copied octets in one stream. */
TEST_F(sock, uring_send_zc_between_sends)
{
	static char page[3000], back[3010];
	unsigned int notices = 0, results = 0;
	size_t got = 0;
	struct pair p;
	struct ring r;
	struct done d;

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	for (int i = 0; i < 4; i++) {
		memset(page, 'a' + i, sizeof(page));
		EXPECT_EQ(5, send(p.client, "left-", 5, MSG_MORE));
		ring_sqe(&r, IORING_OP_SEND_ZC, p.client, page, sizeof(page),
			 4);
		ASSERT_EQ(1, ring_submit(&r));
		EXPECT_EQ(5, send(p.client, "right", 5, 0));
		for (got = 0; got < sizeof(back);) {
			ssize_t n = read(p.server, back + got,
					 sizeof(back) - got);

			ASSERT_LT(0, n);
			got += n;
		}
		EXPECT_EQ(0, memcmp(back, "left-", 5));
		EXPECT_EQ(0, memcmp(back + 5, page, sizeof(page)));
		EXPECT_EQ(0, memcmp(back + 3005, "right", 5));
		while (notices + results < 2 * (i + 1U)) {
			ASSERT_TRUE(ring_wait(&r, &d));
			if (d.flags & IORING_CQE_F_NOTIF)
				notices++;
			else
				results++;
		}
	}
	EXPECT_EQ(4, notices);
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_linked)
{
	struct io_uring_sqe *sqe;
	struct pair p;
	struct ring r;
	struct done d;
	char buf[8];

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	sqe = ring_sqe(&r, IORING_OP_SEND, p.client, "ping", 4, 1);
	sqe->flags = IOSQE_IO_LINK;
	ring_sqe(&r, IORING_OP_RECV, p.server, buf, sizeof(buf), 2);
	ASSERT_EQ(2, ring_submit(&r));
	ASSERT_TRUE(ring_wait(&r, &d));
	EXPECT_EQ(1, d.data);
	EXPECT_EQ(4, d.res);
	ASSERT_TRUE(ring_wait(&r, &d));
	EXPECT_EQ(2, d.data);
	EXPECT_EQ(4, d.res);
	EXPECT_EQ(0, memcmp(buf, "ping", 4));
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_cancel)
{
	struct pair p;
	struct ring r;
	struct done d;
	bool gone = false, done = false;
	char buf[8];

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	ring_sqe(&r, IORING_OP_RECV, p.server, buf, sizeof(buf), 1);
	ASSERT_EQ(1, ring_submit(&r));
	ring_sqe(&r, IORING_OP_ASYNC_CANCEL, -1, (void *)1, 0, 2);
	ASSERT_EQ(1, ring_submit(&r));
	for (int i = 0; i < 2; i++) {
		ASSERT_TRUE(ring_wait(&r, &d));
		if (d.data == 1)
			gone = d.res == -ECANCELED;
		else
			done = d.res == 0;
	}
	EXPECT_TRUE(gone);
	EXPECT_TRUE(done);
	/* What comes now is for the next one. */
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	EXPECT_EQ(1, recv(p.server, buf, sizeof(buf), 0));
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_shutdown)
{
	struct pair p;
	struct ring r;
	char c;

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	ring_sqe(&r, IORING_OP_SHUTDOWN, p.client, NULL, SHUT_WR, 1);
	EXPECT_EQ(0, ring_run(&r));
	EXPECT_EQ(0, recv(p.server, &c, 1, 0));
	ring_sqe(&r, IORING_OP_SHUTDOWN, p.listener, NULL, SHUT_WR, 1);
	EXPECT_EQ(0, ring_run(&r));
	ring_close(&r);
	pair_close(&p);
}

TEST_F(sock, uring_splice)
{
	struct io_uring_sqe *sqe;
	struct pair p;
	struct ring r;
	int pipefd[2];
	char buf[8];

	if (!ring_pair(self->family, &r, &p))
		SKIP(return, NO_RING);
	ASSERT_OK(pipe(pipefd));
	EXPECT_EQ(4, send(p.client, "tube", 4, 0));
	ASSERT_TRUE(wait_unread(p.server, 4));
	sqe = ring_sqe(&r, IORING_OP_SPLICE, pipefd[1], (void *)-1, 100, 1);
	sqe->off = -1;
	sqe->splice_off_in = -1;
	sqe->splice_fd_in = p.server;
	EXPECT_EQ(4, ring_run(&r));
	EXPECT_EQ(4, read(pipefd[0], buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "tube", 4));
	close(pipefd[0]);
	close(pipefd[1]);
	ring_close(&r);
	pair_close(&p);
}

TEST_HARNESS_MAIN
