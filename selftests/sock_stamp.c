// SPDX-License-Identifier: GPL-2.0
/*
 * Time stamps of a TCP connection: when data came (SO_TIMESTAMP), when it left
 * and when it was acknowledged (SO_TIMESTAMPING).
 */
#include <sys/wait.h>
#include <linux/net_tstamp.h>

#include "sock.h"

/* It needs struct timespec of the headers above. */
#include <linux/errqueue.h>

#ifndef SOF_TIMESTAMPING_OPT_ID_TCP
#define SOF_TIMESTAMPING_OPT_ID_TCP	0x10000
#endif

#define STAMPS	(SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY)

static int stamping(int fd, int flags)
{
	return set_int(fd, SOL_SOCKET, SO_TIMESTAMPING, flags);
}

/* recvmsg(), and the first control message of SOL_SOCKET, if there is one. */
static ssize_t recv_cmsg(int fd, char *buf, size_t len, int flags, int *type,
			 void *data, size_t size)
{
	char control[512];
	struct iovec iov = { buf, len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(fd, &msg, flags);

	*type = -1;
	if (n < 0)
		return n;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c;
	     c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		*type = c->cmsg_type;
		memcpy(data, CMSG_DATA(c), size);
		break;
	}
	return n;
}

/*
 * Some time after the first socket asks for it the host begins to stamp what
 * comes: send and read until it does.
 */
static bool stamps_begin(const struct pair *p)
{
	long end = now_ms() + LONG_MS;
	struct timespec ts[3];
	char buf[4];
	int type;

	do {
		if (send(p->client, "try", 3, 0) != 3 ||
		    recv_cmsg(p->server, buf, 3, MSG_WAITALL, &type, ts,
			      sizeof(ts)) != 3)
			return false;
	} while (type < 0 && now_ms() < end);
	return type >= 0;
}

/* A stamp of what was sent. */
struct stamp {
	int kind;		/* SCM_TSTAMP_* */
	unsigned int id;
	int octets;
	char data[512];
	struct timespec when;
};

static bool read_stamp(int fd, struct stamp *s)
{
	char control[512];
	struct iovec iov = { s->data, sizeof(s->data) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	bool when = false, what = false;

	if (!(poll_for(fd, 0, LONG_MS) & POLLERR))
		return false;
	s->octets = recvmsg(fd, &msg, MSG_ERRQUEUE);
	if (s->octets < 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c;
	     c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_TIMESTAMPING) {
			memcpy(&s->when, CMSG_DATA(c), sizeof(s->when));
			when = true;
		} else if (c->cmsg_level == SOL_IP &&
			   c->cmsg_type == IP_RECVERR) {
			struct sock_extended_err ee;

			memcpy(&ee, CMSG_DATA(c), sizeof(ee));
			s->kind = ee.ee_info;
			s->id = ee.ee_data;
			what = ee.ee_errno == ENOMSG &&
			       ee.ee_origin == SO_EE_ORIGIN_TIMESTAMPING;
		}
	}
	return when && what;
}

static long realtime(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec;
}

TEST_F(sock, rx_timestamp)
{
	struct timeval tv = {};
	struct pair p;
	char buf[8];
	long before;
	int type;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.server, SOL_SOCKET, SO_TIMESTAMP, 1));
	ASSERT_TRUE(stamps_begin(&p));
	before = realtime();
	EXPECT_EQ(3, send(p.client, "now", 3, 0));
	ASSERT_TRUE(wait_unread(p.server, 3));
	EXPECT_EQ(3, recv_cmsg(p.server, buf, 8, 0, &type, &tv, sizeof(tv)));
	EXPECT_EQ(SCM_TIMESTAMP, type);
	EXPECT_LE(before, tv.tv_sec);
	EXPECT_GE(realtime(), tv.tv_sec);
	pair_close(&p);
}

TEST_F(sock, rx_timestampns)
{
	struct timespec ts = {};
	struct pair p;
	char buf[8];
	long before;
	int type;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.server, SOL_SOCKET, SO_TIMESTAMPNS, 1));
	ASSERT_TRUE(stamps_begin(&p));
	before = realtime();
	EXPECT_EQ(3, send(p.client, "now", 3, 0));
	ASSERT_TRUE(wait_unread(p.server, 3));
	EXPECT_EQ(3, recv_cmsg(p.server, buf, 8, 0, &type, &ts, sizeof(ts)));
	EXPECT_EQ(SCM_TIMESTAMPNS, type);
	EXPECT_LE(before, ts.tv_sec);
	EXPECT_GE(realtime(), ts.tv_sec);
	pair_close(&p);
}

TEST_F(sock, rx_timestamping)
{
	struct timespec ts[3] = {};
	struct pair p;
	char buf[8];
	int type;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(stamping(p.server, SOF_TIMESTAMPING_RX_SOFTWARE |
			   SOF_TIMESTAMPING_SOFTWARE));
	ASSERT_TRUE(stamps_begin(&p));
	EXPECT_EQ(3, send(p.client, "now", 3, 0));
	ASSERT_TRUE(wait_unread(p.server, 3));
	EXPECT_EQ(3, recv_cmsg(p.server, buf, 8, 0, &type, ts, sizeof(ts)));
	EXPECT_EQ(SCM_TIMESTAMPING, type);
	EXPECT_NE(0, ts[0].tv_sec);
	EXPECT_EQ(0, ts[1].tv_sec);
	EXPECT_EQ(0, ts[2].tv_sec);
	pair_close(&p);
}

TEST_F(sock, rx_timestamp_off)
{
	struct timeval tv;
	struct pair p;
	char buf[8];
	int type;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(1, send(p.client, "a", 1, 0));
	EXPECT_EQ(1, recv_cmsg(p.server, buf, 8, 0, &type, &tv, sizeof(tv)));
	EXPECT_EQ(-1, type);
	ASSERT_OK(set_int(p.server, SOL_SOCKET, SO_TIMESTAMP, 1));
	ASSERT_OK(set_int(p.server, SOL_SOCKET, SO_TIMESTAMP, 0));
	EXPECT_EQ(1, send(p.client, "b", 1, 0));
	EXPECT_EQ(1, recv_cmsg(p.server, buf, 8, 0, &type, &tv, sizeof(tv)));
	EXPECT_EQ(-1, type);
	pair_close(&p);
}

/* A peek tells it, too, and the time that it tells is the same. */
TEST_F(sock, rx_timestamp_peek)
{
	struct timespec peek = {}, ts = {};
	struct pair p;
	char buf[8];
	int type;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.server, SOL_SOCKET, SO_TIMESTAMPNS, 1));
	ASSERT_TRUE(stamps_begin(&p));
	EXPECT_EQ(3, send(p.client, "now", 3, 0));
	ASSERT_TRUE(wait_unread(p.server, 3));
	EXPECT_EQ(3, recv_cmsg(p.server, buf, 8, MSG_PEEK, &type, &peek,
			       sizeof(peek)));
	EXPECT_EQ(SCM_TIMESTAMPNS, type);
	EXPECT_EQ(3, recv_cmsg(p.server, buf, 8, 0, &type, &ts, sizeof(ts)));
	EXPECT_EQ(SCM_TIMESTAMPNS, type);
	EXPECT_EQ(0, memcmp(&peek, &ts, sizeof(ts)));
	pair_close(&p);
}

/* Who reads nothing is told nothing. */
TEST_F(sock, rx_timestamp_end_of_file)
{
	struct timeval tv;
	struct pair p;
	char buf[8];
	int type;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.server, SOL_SOCKET, SO_TIMESTAMP, 1));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_EQ(0, recv_cmsg(p.server, buf, 8, 0, &type, &tv, sizeof(tv)));
	EXPECT_EQ(-1, type);
	pair_close(&p);
}

TEST_F(sock, tx_software)
{
	struct stamp s;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(stamping(p.client, STAMPS | SOF_TIMESTAMPING_TX_SOFTWARE));
	EXPECT_EQ(5, send(p.client, "stamp", 5, 0));
	ASSERT_TRUE(read_stamp(p.client, &s));
	EXPECT_EQ(SCM_TSTAMP_SND, s.kind);
	EXPECT_EQ(0, s.id);
	EXPECT_EQ(0, s.octets);
	EXPECT_NE(0, s.when.tv_sec);
	/* One stamp a send(), and no error. */
	EXPECT_EQ(0, poll_for(p.client, 0, 0));
	EXPECT_EQ(0, so_error(p.client));
	pair_close(&p);
}

TEST_F(sock, tx_sched)
{
	struct stamp s;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(stamping(p.client, STAMPS | SOF_TIMESTAMPING_TX_SCHED));
	EXPECT_EQ(5, send(p.client, "stamp", 5, 0));
	ASSERT_TRUE(read_stamp(p.client, &s));
	EXPECT_EQ(SCM_TSTAMP_SCHED, s.kind);
	pair_close(&p);
}

TEST_F(sock, tx_ack)
{
	struct stamp s;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(stamping(p.client, STAMPS | SOF_TIMESTAMPING_TX_ACK));
	EXPECT_EQ(5, send(p.client, "stamp", 5, 0));
	ASSERT_TRUE(read_stamp(p.client, &s));
	EXPECT_EQ(SCM_TSTAMP_ACK, s.kind);
	EXPECT_EQ(0, s.octets);
	pair_close(&p);
}

TEST_F(sock, tx_stamps_in_order)
{
	const int kinds[] = {
		SCM_TSTAMP_SCHED, SCM_TSTAMP_SND, SCM_TSTAMP_ACK,
	};
	struct stamp s;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(stamping(p.client, STAMPS | SOF_TIMESTAMPING_TX_ACK |
			   SOF_TIMESTAMPING_TX_SOFTWARE |
			   SOF_TIMESTAMPING_TX_SCHED));
	EXPECT_EQ(5, send(p.client, "stamp", 5, 0));
	for (int i = 0; i < 3; i++) {
		ASSERT_TRUE(read_stamp(p.client, &s));
		EXPECT_EQ(kinds[i], s.kind);
	}
	pair_close(&p);
}

/* A stamp's number is the last octet's, from the option on. */
TEST_F(sock, tx_numbers)
{
	struct stamp s;
	struct pair p;
	char buf[16];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(7, send(p.client, "unheard", 7, 0));
	EXPECT_EQ(7, recv(p.server, buf, 7, MSG_WAITALL));
	EXPECT_EQ(1, send(p.server, "!", 1, 0));
	EXPECT_EQ(1, recv(p.client, buf, 1, MSG_WAITALL));
	ASSERT_OK(stamping(p.client, STAMPS | SOF_TIMESTAMPING_OPT_ID |
			   SOF_TIMESTAMPING_TX_ACK));
	EXPECT_EQ(5, send(p.client, "stamp", 5, 0));
	ASSERT_TRUE(read_stamp(p.client, &s));
	EXPECT_EQ(4, s.id);
	EXPECT_EQ(3, send(p.client, "two", 3, 0));
	ASSERT_TRUE(read_stamp(p.client, &s));
	EXPECT_EQ(7, s.id);
	/* Anew, from here on. */
	ASSERT_OK(stamping(p.client, 0));
	ASSERT_OK(stamping(p.client, STAMPS | SOF_TIMESTAMPING_OPT_ID |
			   SOF_TIMESTAMPING_TX_SOFTWARE));
	EXPECT_EQ(2, send(p.client, "st", 2, 0));
	ASSERT_TRUE(read_stamp(p.client, &s));
	EXPECT_EQ(1, s.id);
	pair_close(&p);
}

/* Where the option is new, with what is not acknowledged yet left out. */
TEST_F(sock, tx_numbers_from_what_is_written)
{
	struct stamp s;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	set_int(p.client, IPPROTO_TCP, TCP_CORK, 1);
	EXPECT_EQ(4, send(p.client, "held", 4, 0));
	if (stamping(p.client, STAMPS | SOF_TIMESTAMPING_OPT_ID |
		     SOF_TIMESTAMPING_OPT_ID_TCP | SOF_TIMESTAMPING_TX_ACK)) {
		EXPECT_EQ(EINVAL, errno);
		pair_close(&p);
		SKIP(return, "no SOF_TIMESTAMPING_OPT_ID_TCP before 6.2");
	}
	EXPECT_EQ(3, send(p.client, "new", 3, 0));
	set_int(p.client, IPPROTO_TCP, TCP_CORK, 0);
	ASSERT_TRUE(read_stamp(p.client, &s));
	EXPECT_EQ(2, s.id);
	pair_close(&p);
}

TEST_F(sock, tx_numbers_from_what_is_unacknowledged)
{
	struct stamp s;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	set_int(p.client, IPPROTO_TCP, TCP_CORK, 1);
	EXPECT_EQ(4, send(p.client, "held", 4, 0));
	ASSERT_OK(stamping(p.client, STAMPS | SOF_TIMESTAMPING_OPT_ID |
			   SOF_TIMESTAMPING_TX_ACK));
	EXPECT_EQ(3, send(p.client, "new", 3, 0));
	set_int(p.client, IPPROTO_TCP, TCP_CORK, 0);
	ASSERT_TRUE(read_stamp(p.client, &s));
	EXPECT_EQ(6, s.id);
	pair_close(&p);
}

TEST_F(sock, tx_numbers_need_a_connection)
{
	int fd = tcp_socket(self->family);

	/* Before 6.12 no other family is asked. */
	if (self->family != AF_INET && reuseport_is_kept(fd)) {
		close(fd);
		SKIP(return, "this kernel keeps SO_TIMESTAMPING");
	}
	EXPECT_ERRNO(EINVAL, stamping(fd, SOF_TIMESTAMPING_OPT_ID));
	ASSERT_OK(stamping(fd, STAMPS));
	close(fd);
}

/* sendmsg() asks for one call. */
TEST_F(sock, tx_by_control_message)
{
	union {
		char buf[CMSG_SPACE(sizeof(__u32))];
		struct cmsghdr align;
	} control = {};
	struct iovec iov = { "stamp", 5 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	__u32 flags = SOF_TIMESTAMPING_TX_ACK;
	struct stamp s;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(stamping(p.client, STAMPS));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SO_TIMESTAMPING;
	c->cmsg_len = CMSG_LEN(sizeof(flags));
	memcpy(CMSG_DATA(c), &flags, sizeof(flags));
	EXPECT_EQ(5, send(p.client, "plain", 5, 0));
	EXPECT_EQ(5, sendmsg(p.client, &msg, 0));
	ASSERT_TRUE(read_stamp(p.client, &s));
	EXPECT_EQ(SCM_TSTAMP_ACK, s.kind);
	EXPECT_EQ(0, poll_for(p.client, 0, 0));
	/* What it does not know is refused, and nothing is sent. */
	c->cmsg_type = 0x7777;
	EXPECT_ERRNO(EINVAL, sendmsg(p.client, &msg, 0));
	/* Another level's is passed over. */
	c->cmsg_level = SOL_IP;
	EXPECT_EQ(5, sendmsg(p.client, &msg, 0));
	EXPECT_TRUE(wait_unread(p.server, 15));
	EXPECT_EQ(15, unread(p.server));
	pair_close(&p);
}

/* Without OPT_TSONLY the data comes back, behind its headers. */
TEST_F(sock, tx_with_data)
{
	struct stamp s;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(stamping(p.client, SOF_TIMESTAMPING_SOFTWARE |
			   SOF_TIMESTAMPING_TX_SOFTWARE));
	EXPECT_EQ(8, send(p.client, "returned", 8, 0));
	ASSERT_TRUE(read_stamp(p.client, &s));
	ASSERT_LE(8 + 40, s.octets);
	EXPECT_EQ(0, memcmp(s.data + s.octets - 8, "returned", 8));
	pair_close(&p);
}

/* Of what was sent in many segments the last one's time is told. */
TEST_F(sock, tx_of_a_large_send)
{
	static char block[300000];
	struct stamp s;
	struct pair p;
	size_t got = 0;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(stamping(p.client, STAMPS | SOF_TIMESTAMPING_OPT_ID |
			   SOF_TIMESTAMPING_TX_ACK));
	if (!fork()) {
		while (got < sizeof(block)) {
			ssize_t n = read(p.server, block, sizeof(block));

			if (n <= 0)
				_exit(1);
			got += n;
		}
		_exit(0);
	}
	EXPECT_EQ(sizeof(block), send(p.client, block, sizeof(block), 0));
	ASSERT_TRUE(read_stamp(p.client, &s));
	EXPECT_EQ(SCM_TSTAMP_ACK, s.kind);
	EXPECT_EQ(sizeof(block) - 1, s.id);
	EXPECT_EQ(0, poll_for(p.client, 0, 0));
	wait(NULL);
	pair_close(&p);
}

TEST_F(sock, tx_of_splice)
{
	struct stamp s;
	struct pair p;
	int pipefd[2];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(pipe(pipefd));
	ASSERT_OK(stamping(p.client, STAMPS | SOF_TIMESTAMPING_TX_ACK));
	EXPECT_EQ(4, write(pipefd[1], "pipe", 4));
	EXPECT_EQ(4, splice(pipefd[0], NULL, p.client, NULL, 4, 0));
	ASSERT_TRUE(read_stamp(p.client, &s));
	EXPECT_EQ(SCM_TSTAMP_ACK, s.kind);
	close(pipefd[0]);
	close(pipefd[1]);
	pair_close(&p);
}

TEST_F(sock, busy_poll)
{
	struct pair p;
	char buf[4];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(0, get_int(p.server, SOL_SOCKET, SO_BUSY_POLL));
	ASSERT_OK(set_int(p.server, SOL_SOCKET, SO_BUSY_POLL, 50));
	EXPECT_EQ(50, get_int(p.server, SOL_SOCKET, SO_BUSY_POLL));
	EXPECT_ERRNO(EAGAIN, recv(p.server, buf, 4, MSG_DONTWAIT));
	EXPECT_EQ(4, send(p.client, "poll", 4, 0));
	EXPECT_EQ(4, recv(p.server, buf, 4, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "poll", 4));
	pair_close(&p);
}

TEST_HARNESS_MAIN
