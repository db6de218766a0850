// SPDX-License-Identifier: GPL-2.0
/*
 * What a program sees of IP_RECVERR: errors of datagrams in the error queue,
 * and what else comes there.
 */
#include <time.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/ip_icmp.h>
#include <stdint.h>

#include "sock.h"

/* An entry of the queue. */
struct told {
	char data[64];
	struct sockaddr_in name;
	socklen_t namelen;
	int flags;
	int controls;		/* control messages but IP_RECVERR's */
	bool stamp;		/* SCM_TIMESTAMPING is one of them */
	bool recverr;
	struct sock_extended_err ee;
	struct sockaddr_in offender;
};

static ssize_t take(int fd, struct told *t, size_t room, int flags)
{
	char control[512];
	struct iovec iov = { t->data, room };
	struct msghdr msg = {
		.msg_name = &t->name, .msg_namelen = sizeof(t->name),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t len;

	memset(t, 0, sizeof(*t));
	len = recvmsg(fd, &msg, MSG_ERRQUEUE | flags);
	if (len < 0)
		return len;
	t->flags = msg.msg_flags;
	t->namelen = msg.msg_namelen;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c;
	     c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_RECVERR) {
			t->controls++;
			t->stamp |= c->cmsg_level == SOL_SOCKET &&
				    c->cmsg_type == SCM_TIMESTAMPING;
			continue;
		}
		t->recverr = c->cmsg_len == CMSG_LEN(sizeof(t->ee) +
						     sizeof(t->offender));
		memcpy(&t->ee, CMSG_DATA(c), sizeof(t->ee));
		memcpy(&t->offender, CMSG_DATA(c) + sizeof(t->ee),
		       sizeof(t->offender));
	}
	return len;
}

static int closed_port(int family)
{
	int fd = udp_bound(family, "127.0.0.1");
	int port = local_port(fd);

	close(fd);
	return port;
}

/* Sent to a port that is closed, until the refusal is in the queue. */
static bool refused(int fd, int port, const void *data, size_t len)
{
	struct sockaddr_in sin = lo(port);

	return sendto(fd, data, len, 0, SA(sin)) == (ssize_t)len &&
	       poll_for(fd, 0, LONG_MS) == POLLERR;
}

static int recverr_socket(int family)
{
	int fd = udp_bound(family, "127.0.0.1");

	set_int(fd, IPPROTO_IP, IP_RECVERR, 1);
	return fd;
}

TEST_F(sock, an_empty_queue_does_not_wait)
{
	int fd = recverr_socket(self->family);
	struct told t;

	EXPECT_ERRNO(EAGAIN, take(fd, &t, sizeof(t.data), 0));
	close(fd);
}

TEST_F(sock, the_refused_is_told_whom_and_by_whom)
{
	int fd = recverr_socket(self->family);
	int port = closed_port(self->family);
	struct told t;

	ASSERT_TRUE(refused(fd, port, "hello", 5));
	ASSERT_EQ(5, take(fd, &t, sizeof(t.data), 0));
	EXPECT_EQ(0, memcmp(t.data, "hello", 5));
	EXPECT_EQ(MSG_ERRQUEUE, t.flags);
	EXPECT_EQ(sizeof(t.name), t.namelen);
	EXPECT_EQ(AF_INET, t.name.sin_family);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), t.name.sin_addr.s_addr);
	EXPECT_EQ(port, ntohs(t.name.sin_port));
	ASSERT_TRUE(t.recverr);
	EXPECT_EQ(ECONNREFUSED, t.ee.ee_errno);
	EXPECT_EQ(SO_EE_ORIGIN_ICMP, t.ee.ee_origin);
	EXPECT_EQ(ICMP_DEST_UNREACH, t.ee.ee_type);
	EXPECT_EQ(ICMP_PORT_UNREACH, t.ee.ee_code);
	EXPECT_EQ(0, t.ee.ee_info);
	EXPECT_EQ(0, t.ee.ee_data);
	EXPECT_EQ(AF_INET, t.offender.sin_family);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), t.offender.sin_addr.s_addr);
	EXPECT_EQ(0, t.offender.sin_port);
	EXPECT_EQ(0, t.controls);
	EXPECT_ERRNO(EAGAIN, take(fd, &t, sizeof(t.data), 0));
	close(fd);
}

TEST_F(sock, the_offender_is_the_address_sent_to)
{
	int port = closed_port(self->family);
	struct sockaddr_in sin = name_of("127.0.0.77", port);
	int fd = recverr_socket(self->family);
	struct told t;

	ASSERT_EQ(1, sendto(fd, "x", 1, 0, SA(sin)));
	ASSERT_EQ(POLLERR, poll_for(fd, 0, LONG_MS));
	ASSERT_EQ(1, take(fd, &t, sizeof(t.data), 0));
	EXPECT_EQ(inet_addr("127.0.0.77"), t.name.sin_addr.s_addr);
	EXPECT_EQ(inet_addr("127.0.0.77"), t.offender.sin_addr.s_addr);
	close(fd);
}

TEST_F(sock, reading_the_queue_clears_the_error)
{
	int fd = recverr_socket(self->family);
	struct told t;

	ASSERT_TRUE(refused(fd, closed_port(self->family), "x", 1));
	EXPECT_EQ(1, take(fd, &t, sizeof(t.data), 0));
	EXPECT_EQ(0, so_error(fd));
	EXPECT_EQ(POLLOUT, poll_for(fd, POLLIN | POLLOUT, 0));
	close(fd);
}

TEST_F(sock, so_error_leaves_the_queue)
{
	int fd = recverr_socket(self->family);
	struct told t;

	ASSERT_TRUE(refused(fd, closed_port(self->family), "x", 1));
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	EXPECT_EQ(0, so_error(fd));
	EXPECT_EQ(POLLERR, poll_for(fd, 0, 0));
	EXPECT_EQ(1, take(fd, &t, sizeof(t.data), 0));
	EXPECT_EQ(0, poll_for(fd, 0, 0));
	close(fd);
}

TEST_F(sock, recv_fails_once_and_leaves_the_queue)
{
	int fd = recverr_socket(self->family);
	struct told t;
	char byte;

	ASSERT_TRUE(refused(fd, closed_port(self->family), "x", 1));
	EXPECT_ERRNO(ECONNREFUSED, recv(fd, &byte, 1, 0));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_DONTWAIT));
	EXPECT_EQ(1, take(fd, &t, sizeof(t.data), 0));
	close(fd);
}

TEST_F(sock, send_fails_once_and_leaves_the_queue)
{
	int peer = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(peer));
	int fd = recverr_socket(self->family);
	struct told t;

	ASSERT_TRUE(refused(fd, closed_port(self->family), "x", 1));
	EXPECT_ERRNO(ECONNREFUSED, sendto(fd, "y", 1, 0, SA(sin)));
	EXPECT_EQ(1, sendto(fd, "y", 1, 0, SA(sin)));
	EXPECT_EQ(1, take(fd, &t, sizeof(t.data), 0));
	EXPECT_EQ('x', t.data[0]);
	close(peer);
	close(fd);
}

TEST_F(sock, the_next_entry_sets_the_error_again)
{
	int fd = recverr_socket(self->family);
	int port = closed_port(self->family);
	struct told t;

	ASSERT_TRUE(refused(fd, port, "1", 1));
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	ASSERT_TRUE(refused(fd, port, "2", 1));
	/* Of two sent, one refusal can still be on its way. */
	while (so_error(fd) != ECONNREFUSED)
		ASSERT_EQ(POLLERR, poll_for(fd, 0, LONG_MS));
	EXPECT_EQ(1, take(fd, &t, sizeof(t.data), 0));
	EXPECT_EQ('1', t.data[0]);
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	EXPECT_EQ(1, take(fd, &t, sizeof(t.data), 0));
	EXPECT_EQ('2', t.data[0]);
	EXPECT_EQ(0, so_error(fd));
	close(fd);
}

TEST_F(sock, an_entry_is_cut_to_the_room)
{
	int fd = recverr_socket(self->family);
	struct told t;

	ASSERT_TRUE(refused(fd, closed_port(self->family), "0123456789", 10));
	EXPECT_EQ(4, take(fd, &t, 4, 0));
	EXPECT_EQ(MSG_ERRQUEUE | MSG_TRUNC, t.flags);
	EXPECT_EQ(ECONNREFUSED, t.ee.ee_errno);
	close(fd);
}

TEST_F(sock, an_empty_datagram_has_an_entry)
{
	int fd = recverr_socket(self->family);
	struct told t;

	ASSERT_TRUE(refused(fd, closed_port(self->family), "", 0));
	EXPECT_EQ(0, take(fd, &t, sizeof(t.data), 0));
	EXPECT_EQ(MSG_ERRQUEUE, t.flags);
	EXPECT_EQ(ECONNREFUSED, t.ee.ee_errno);
	close(fd);
}

TEST_F(sock, a_peek_takes_the_entry)
{
	int fd = recverr_socket(self->family);
	struct told t;

	ASSERT_TRUE(refused(fd, closed_port(self->family), "x", 1));
	EXPECT_EQ(1, take(fd, &t, sizeof(t.data), MSG_PEEK));
	EXPECT_ERRNO(EAGAIN, take(fd, &t, sizeof(t.data), 0));
	close(fd);
}

TEST_F(sock, without_recverr_a_connected_socket_has_no_entry)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	struct told t;

	ASSERT_OK(connect_to(fd, "127.0.0.1", closed_port(self->family)));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_EQ(POLLERR, poll_for(fd, 0, LONG_MS));
	EXPECT_ERRNO(EAGAIN, take(fd, &t, sizeof(t.data), 0));
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	close(fd);
}

TEST_F(sock, a_connected_socket_has_an_entry)
{
	int port = closed_port(self->family);
	int fd = recverr_socket(self->family);
	struct told t;

	ASSERT_OK(connect_to(fd, "127.0.0.1", port));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_EQ(POLLERR, poll_for(fd, 0, LONG_MS));
	EXPECT_EQ(1, take(fd, &t, sizeof(t.data), 0));
	EXPECT_EQ(port, ntohs(t.name.sin_port));
	EXPECT_EQ(ECONNREFUSED, t.ee.ee_errno);
	close(fd);
}

TEST_F(sock, recverr_switched_off_empties_the_queue)
{
	int fd = recverr_socket(self->family);
	struct told t;

	ASSERT_TRUE(refused(fd, closed_port(self->family), "x", 1));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVERR, 0));
	EXPECT_ERRNO(EAGAIN, take(fd, &t, sizeof(t.data), 0));
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	close(fd);
}

TEST_F(sock, datagrams_pass_by_an_entry)
{
	int fd = recverr_socket(self->family);
	struct sockaddr_in self_name = lo(local_port(fd));
	struct told t;
	char byte;

	ASSERT_TRUE(refused(fd, closed_port(self->family), "x", 1));
	EXPECT_EQ(0, unread(fd));
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	EXPECT_EQ(1, sendto(fd, "d", 1, 0, SA(self_name)));
	EXPECT_EQ(1, recv(fd, &byte, 1, 0));
	EXPECT_EQ('d', byte);
	EXPECT_EQ(1, take(fd, &t, sizeof(t.data), 0));
	close(fd);
}

TEST_F(sock, epoll_tells_an_edge_of_errors)
{
	int fd = recverr_socket(self->family);
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(0);

	ASSERT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	ASSERT_TRUE(refused(fd, closed_port(self->family), "x", 1));
	ASSERT_EQ(1, epoll_wait(ep, &ev, 1, LONG_MS));
	EXPECT_EQ(EPOLLERR, ev.events);
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 0));
	close(ep);
	close(fd);
}

TEST_F(sock, select_err_queue_asks_for_pollpri)
{
	int fd = recverr_socket(self->family);

	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_SELECT_ERR_QUEUE, 1));
	ASSERT_TRUE(refused(fd, closed_port(self->family), "x", 1));
	EXPECT_EQ(POLLERR | POLLPRI, poll_for(fd, POLLPRI, 0));
	close(fd);
}

TEST_F(sock, an_entry_brings_other_control_messages)
{
	int fd = recverr_socket(self->family);
	struct told t;

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVTTL, 1));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_PKTINFO, 1));
	ASSERT_TRUE(refused(fd, closed_port(self->family), "x", 1));
	EXPECT_EQ(1, take(fd, &t, sizeof(t.data), 0));
	EXPECT_TRUE(t.recverr);
	EXPECT_EQ(2, t.controls);
	close(fd);
}

TEST_F(sock, control_messages_without_room_are_told)
{
	int fd = recverr_socket(self->family);
	char byte, control[CMSG_SPACE(4)];
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	ASSERT_TRUE(refused(fd, closed_port(self->family), "x", 1));
	EXPECT_EQ(1, recvmsg(fd, &msg, MSG_ERRQUEUE));
	EXPECT_EQ(MSG_ERRQUEUE | MSG_CTRUNC, msg.msg_flags);
	close(fd);
}

TEST_F(sock, recvmmsg_takes_several_entries)
{
	int fd = recverr_socket(self->family);
	int port = closed_port(self->family);
	char data[4][4];
	struct iovec iov[4];
	struct mmsghdr in[4] = {};

	for (int i = 0; i < 4; i++) {
		iov[i] = (struct iovec){ data[i], 4 };
		in[i].msg_hdr.msg_iov = &iov[i];
		in[i].msg_hdr.msg_iovlen = 1;
	}
	ASSERT_TRUE(refused(fd, port, "ab", 2));
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	EXPECT_EQ(1, recvmmsg(fd, in, 4, MSG_ERRQUEUE, NULL));
	EXPECT_EQ(2, in[0].msg_len);
	close(fd);
}

/* 20 octets of IP and 8 of UDP leave 65507. */
TEST_F(sock, a_local_error_has_an_entry)
{
	static char block[65508];
	int fd = recverr_socket(self->family);
	struct sockaddr_in sin = lo(9);
	struct told t;

	EXPECT_ERRNO(EMSGSIZE, sendto(fd, block, sizeof(block), 0, SA(sin)));
	EXPECT_EQ(POLLERR, poll_for(fd, 0, 0));
	EXPECT_EQ(0, so_error(fd));
	ASSERT_EQ(0, take(fd, &t, sizeof(t.data), 0));
	EXPECT_EQ(EMSGSIZE, t.ee.ee_errno);
	EXPECT_EQ(SO_EE_ORIGIN_LOCAL, t.ee.ee_origin);
	EXPECT_EQ(0, t.ee.ee_type);
	EXPECT_EQ(0, t.ee.ee_code);
	EXPECT_EQ(sizeof(t.name), t.namelen);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), t.name.sin_addr.s_addr);
	EXPECT_EQ(0, t.offender.sin_family);
	EXPECT_EQ(0, t.offender.sin_addr.s_addr);
	close(fd);
}

TEST_F(sock, without_recverr_a_local_error_has_none)
{
	static char block[65508];
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(9);
	struct told t;

	EXPECT_ERRNO(EMSGSIZE, sendto(fd, block, sizeof(block), 0, SA(sin)));
	EXPECT_ERRNO(EAGAIN, take(fd, &t, sizeof(t.data), 0));
	close(fd);
}

TEST_F(sock, the_queue_has_a_limit)
{
	int fd = recverr_socket(self->family);
	struct sockaddr_in sin = lo(closed_port(self->family));
	struct told t;
	int n = 0;

	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_RCVBUF, 4096));
	for (int i = 0; i < 200; i++)
		sendto(fd, "x", 1, 0, SA(sin));
	ASSERT_EQ(POLLERR, poll_for(fd, 0, LONG_MS));
	while (take(fd, &t, sizeof(t.data), 0) == 1)
		n++;
	EXPECT_LT(0, n);
	EXPECT_GT(100, n);
	close(fd);
}

TEST_F(sock, closed_with_entries)
{
	int fd = recverr_socket(self->family);

	ASSERT_TRUE(refused(fd, closed_port(self->family), "x", 1));
	EXPECT_EQ(0, close(fd));
}

TEST_F(sock, streams_have_a_queue_too)
{
	struct pair p;
	struct told t;
	int fd = tcp_socket(self->family);

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EAGAIN, take(fd, &t, sizeof(t.data), 0));
	EXPECT_ERRNO(EAGAIN, take(p.listener, &t, sizeof(t.data), 0));
	EXPECT_ERRNO(EAGAIN, take(p.client, &t, sizeof(t.data), 0));
	pair_close(&p);
	close(fd);
}

/* What a sender's timestamps ask for, and an entry that is one. */
static bool is_stamp(const struct told *t, uint32_t kind, uint32_t id)
{
	return t->recverr && t->stamp && t->ee.ee_errno == ENOMSG &&
	       t->ee.ee_origin == SO_EE_ORIGIN_TIMESTAMPING &&
	       t->ee.ee_info == kind && t->ee.ee_data == id && !t->namelen;
}

TEST_F(sock, transmit_timestamps_count_datagrams)
{
	int peer = udp_bound(self->family, "127.0.0.1");
	int fd = udp_socket(self->family);
	struct told t;

	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_TIMESTAMPING,
			  SOF_TIMESTAMPING_TX_SOFTWARE |
			  SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
			  SOF_TIMESTAMPING_OPT_TSONLY));
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(peer)));
	for (uint32_t i = 0; i < 3; i++) {
		ASSERT_EQ(3, send(fd, "abc", 3, 0));
		ASSERT_EQ(POLLERR, poll_for(fd, 0, LONG_MS));
		/* The socket itself has no error. */
		EXPECT_EQ(0, so_error(fd));
		ASSERT_EQ(0, take(fd, &t, sizeof(t.data), 0));
		EXPECT_TRUE(is_stamp(&t, SCM_TSTAMP_SND, i));
	}
	EXPECT_ERRNO(EAGAIN, take(fd, &t, sizeof(t.data), 0));
	close(peer);
	close(fd);
}

TEST_F(sock, a_transmit_timestamp_brings_the_datagram)
{
	int peer = udp_bound(self->family, "127.0.0.1");
	int fd = udp_socket(self->family);
	struct told t;
	ssize_t len;

	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_TIMESTAMPING,
			  SOF_TIMESTAMPING_TX_SOFTWARE |
			  SOF_TIMESTAMPING_SOFTWARE));
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(peer)));
	ASSERT_EQ(3, send(fd, "abc", 3, 0));
	ASSERT_EQ(POLLERR, poll_for(fd, 0, LONG_MS));
	len = take(fd, &t, sizeof(t.data), 0);
	/* All headers, those of the link too, stand in front. */
	ASSERT_LE(20 + 8 + 3, len);
	EXPECT_EQ(0, memcmp(t.data + len - 3, "abc", 3));
	EXPECT_TRUE(is_stamp(&t, SCM_TSTAMP_SND, 0));
	close(peer);
	close(fd);
}

TEST_F(sock, a_control_message_asks_for_one_timestamp)
{
	int peer = udp_bound(self->family, "127.0.0.1");
	union {
		struct cmsghdr hdr;
		char room[CMSG_SPACE(sizeof(uint32_t))];
	} control = {
		.hdr = {
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SO_TIMESTAMPING,
			.cmsg_len = CMSG_LEN(sizeof(uint32_t)),
		},
	};
	uint32_t ask = SOF_TIMESTAMPING_TX_SOFTWARE;
	struct iovec iov = { "abc", 3 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd = udp_socket(self->family);
	struct told t;

	memcpy(CMSG_DATA(&control.hdr), &ask, sizeof(ask));
	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_TIMESTAMPING,
			  SOF_TIMESTAMPING_SOFTWARE |
			  SOF_TIMESTAMPING_OPT_TSONLY));
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(peer)));
	ASSERT_EQ(3, send(fd, "abc", 3, 0));
	ASSERT_EQ(3, sendmsg(fd, &msg, 0));
	ASSERT_EQ(POLLERR, poll_for(fd, 0, LONG_MS));
	EXPECT_EQ(0, take(fd, &t, sizeof(t.data), 0));
	EXPECT_TRUE(is_stamp(&t, SCM_TSTAMP_SND, 0));
	EXPECT_ERRNO(EAGAIN, take(fd, &t, sizeof(t.data), 0));
	close(peer);
	close(fd);
}

TEST_HARNESS_MAIN
