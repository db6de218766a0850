// SPDX-License-Identifier: GPL-2.0
/*
 * What a program sees of UDP: datagrams, who gets them, and errors.
 */
#include "sock.h"

static ssize_t send_from(int fd, const char *address, int port,
			 const void *data, size_t len)
{
	struct sockaddr_in sin = name_of(address, port);

	return sendto(fd, data, len, 0, SA(sin));
}

static int closed_port(int family)
{
	int fd = udp_bound(family, "127.0.0.1");
	int port = local_port(fd);

	close(fd);
	return port;
}

TEST_F(sock, send_and_answer)
{
	int server = udp_bound(self->family, "127.0.0.1");
	int client = udp_socket(self->family);
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	char buf[8];

	timeout_ms(client, SO_RCVTIMEO, LONG_MS);
	EXPECT_EQ(0, local_port(client));
	ASSERT_EQ(4, send_from(client, "127.0.0.1", local_port(server), "ping",
			       4));
	EXPECT_LT(0, local_port(client));
	EXPECT_EQ(4, recvfrom(server, buf, sizeof(buf), 0, (void *)&sin, &len));
	EXPECT_EQ(sizeof(sin), len);
	EXPECT_EQ(AF_INET, sin.sin_family);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), sin.sin_addr.s_addr);
	EXPECT_EQ(local_port(client), ntohs(sin.sin_port));
	ASSERT_EQ(4, sendto(server, "pong", 4, 0, SA(sin)));
	EXPECT_EQ(4, recv(client, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "pong", 4));
	close(server);
	close(client);
}

TEST_F(sock, names_after_connect)
{
	int server = udp_bound(self->family, "127.0.0.1");
	int fd = udp_socket(self->family);
	struct sockaddr_in sin = {};
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	socklen_t len = sizeof(sin);

	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(server)));
	ASSERT_OK(getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), sin.sin_addr.s_addr);
	EXPECT_NE(0, sin.sin_port);
	ASSERT_OK(getpeername(fd, (void *)&sin, &len));
	EXPECT_EQ(local_port(server), ntohs(sin.sin_port));
	ASSERT_OK(connect(fd, &none, sizeof(none)));
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
	ASSERT_OK(getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(0, sin.sin_addr.s_addr);
	EXPECT_EQ(0, sin.sin_port);
	EXPECT_ERRNO(EDESTADDRREQ, send(fd, "x", 1, 0));
	close(server);
	close(fd);
}

TEST_F(sock, disconnect_keeps_what_was_bound)
{
	int port = closed_port(self->family);
	int fd = udp_socket(self->family);
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);

	ASSERT_OK(bind_to(fd, "127.0.0.3", port));
	ASSERT_OK(connect_to(fd, "127.0.0.1", 9));
	ASSERT_OK(connect(fd, &none, sizeof(none)));
	ASSERT_OK(getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(inet_addr("127.0.0.3"), sin.sin_addr.s_addr);
	EXPECT_EQ(port, ntohs(sin.sin_port));
	close(fd);
}

TEST_F(sock, datagrams_keep_their_bounds)
{
	int a = udp_bound(self->family, "127.0.0.1");
	int b = udp_socket(self->family);
	char buf[16];

	ASSERT_OK(connect_to(b, "127.0.0.1", local_port(a)));
	EXPECT_EQ(3, send(b, "one", 3, 0));
	EXPECT_EQ(0, send(b, "", 0, 0));
	EXPECT_EQ(5, send(b, "three", 5, 0));
	EXPECT_EQ(3, recv(a, buf, sizeof(buf), 0));
	EXPECT_EQ(0, recv(a, buf, sizeof(buf), 0));
	EXPECT_EQ(5, recv(a, buf, sizeof(buf), 0));
	EXPECT_ERRNO(EAGAIN, recv(a, buf, sizeof(buf), MSG_DONTWAIT));
	close(a);
	close(b);
}

TEST_F(sock, truncation_is_told)
{
	int a = udp_bound(self->family, "127.0.0.1");
	int b = udp_socket(self->family);
	char buf[4];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	ASSERT_OK(connect_to(b, "127.0.0.1", local_port(a)));
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(10, send(b, "0123456789", 10, 0));
	EXPECT_EQ(4, recvmsg(a, &msg, 0));
	EXPECT_EQ(MSG_TRUNC, msg.msg_flags);
	EXPECT_EQ(10, recv(a, buf, sizeof(buf), MSG_TRUNC));
	EXPECT_EQ(10, recv(a, NULL, 0, MSG_TRUNC | MSG_PEEK));
	EXPECT_EQ(4, recv(a, buf, sizeof(buf), MSG_PEEK));
	EXPECT_EQ(4, recv(a, buf, sizeof(buf), 0));
	/* The rest of each is gone. */
	EXPECT_EQ(4, recv(a, buf, sizeof(buf), 0));
	EXPECT_ERRNO(EAGAIN, recv(a, buf, sizeof(buf), MSG_DONTWAIT));
	close(a);
	close(b);
}

TEST_F(sock, largest_datagram)
{
	static char out[65507], in[65536];
	int a = udp_bound(self->family, "127.0.0.1");
	int b = udp_socket(self->family);

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 13;
	ASSERT_OK(connect_to(b, "127.0.0.1", local_port(a)));
	EXPECT_EQ(sizeof(out), send(b, out, sizeof(out), 0));
	EXPECT_EQ(sizeof(out), recv(a, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in, out, sizeof(out)));
	close(a);
	close(b);
}

TEST_F(sock, fionread_is_the_first_datagram)
{
	int a = udp_bound(self->family, "127.0.0.1");
	int b = udp_socket(self->family);

	ASSERT_OK(connect_to(b, "127.0.0.1", local_port(a)));
	EXPECT_EQ(0, unread(a));
	EXPECT_EQ(7, send(b, "1234567", 7, 0));
	EXPECT_EQ(3, send(b, "123", 3, 0));
	EXPECT_TRUE(wait_unread(a, 7));
	EXPECT_EQ(7, unread(a));
	close(a);
	close(b);
}

TEST_F(sock, specific_before_wildcard)
{
	int any = udp_socket(self->family);
	int one = udp_socket(self->family);
	int fd = udp_socket(self->family);
	int port;
	char byte;

	set_int(any, SOL_SOCKET, SO_REUSEADDR, 1);
	set_int(one, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_OK(bind_to(any, "0.0.0.0", 0));
	port = local_port(any);
	ASSERT_OK(bind_to(one, "127.0.0.1", port));
	timeout_ms(any, SO_RCVTIMEO, LONG_MS);
	timeout_ms(one, SO_RCVTIMEO, LONG_MS);
	EXPECT_EQ(1, send_from(fd, "127.0.0.1", port, "1", 1));
	EXPECT_EQ(1, send_from(fd, "127.0.0.2", port, "2", 1));
	EXPECT_EQ(1, recv(one, &byte, 1, 0));
	EXPECT_EQ('1', byte);
	EXPECT_EQ(1, recv(any, &byte, 1, 0));
	EXPECT_EQ('2', byte);
	EXPECT_ERRNO(EAGAIN, recv(one, &byte, 1, MSG_DONTWAIT));
	EXPECT_ERRNO(EAGAIN, recv(any, &byte, 1, MSG_DONTWAIT));
	close(any);
	close(one);
	close(fd);
}

TEST_F(sock, connected_before_bound)
{
	int bound = udp_socket(self->family);
	int conn = udp_socket(self->family);
	int peer = udp_bound(self->family, "127.0.0.1");
	int other = udp_bound(self->family, "127.0.0.1");
	int port;
	char byte;

	set_int(bound, SOL_SOCKET, SO_REUSEADDR, 1);
	set_int(conn, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_OK(bind_to(conn, "127.0.0.1", 0));
	port = local_port(conn);
	ASSERT_OK(bind_to(bound, "127.0.0.1", port));
	ASSERT_OK(connect_to(conn, "127.0.0.1", local_port(peer)));
	timeout_ms(bound, SO_RCVTIMEO, LONG_MS);
	timeout_ms(conn, SO_RCVTIMEO, LONG_MS);
	EXPECT_EQ(1, send_from(peer, "127.0.0.1", port, "p", 1));
	EXPECT_EQ(1, send_from(other, "127.0.0.1", port, "o", 1));
	EXPECT_EQ(1, recv(conn, &byte, 1, 0));
	EXPECT_EQ('p', byte);
	EXPECT_EQ(1, recv(bound, &byte, 1, 0));
	EXPECT_EQ('o', byte);
	EXPECT_ERRNO(EAGAIN, recv(conn, &byte, 1, MSG_DONTWAIT));
	EXPECT_ERRNO(EAGAIN, recv(bound, &byte, 1, MSG_DONTWAIT));
	close(bound);
	close(conn);
	close(peer);
	close(other);
}

TEST_F(sock, connected_hears_its_peer_only)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	int peer = udp_bound(self->family, "127.0.0.1");
	int other = udp_bound(self->family, "127.0.0.1");
	char byte;

	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(peer)));
	EXPECT_EQ(1, send_from(other, "127.0.0.1", local_port(fd), "o", 1));
	EXPECT_EQ(1, send_from(peer, "127.0.0.1", local_port(fd), "p", 1));
	EXPECT_EQ(1, recv(fd, &byte, 1, 0));
	EXPECT_EQ('p', byte);
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_DONTWAIT));
	/* But it may talk to anybody. */
	EXPECT_EQ(1, send_from(fd, "127.0.0.1", local_port(other), "x", 1));
	EXPECT_EQ(1, recv(other, &byte, 1, 0));
	close(fd);
	close(peer);
	close(other);
}

TEST_F(sock, source_is_what_was_bound)
{
	int a = udp_bound(self->family, "0.0.0.0");
	int b = udp_bound(self->family, "127.0.0.5");
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	char byte;

	EXPECT_EQ(1, send_from(b, "127.0.0.1", local_port(a), "x", 1));
	EXPECT_EQ(1, recvfrom(a, &byte, 1, 0, (void *)&sin, &len));
	EXPECT_EQ(inet_addr("127.0.0.5"), sin.sin_addr.s_addr);
	close(a);
	close(b);
}

/* IP_FREEBIND lends an address to bind(); nobody speaks in another's name. */
TEST_F(sock, freebind_lends_no_source)
{
	struct sockaddr_in sin = name_of("192.0.2.77", 0);
	int fd = udp_socket(self->family);
	int one = 1;

	ASSERT_OK(setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one)));
	ASSERT_OK(bind(fd, SA(sin)));
	EXPECT_EQ(-1, send_from(fd, "127.0.0.1", 9, "x", 1));
	EXPECT_EQ(-1, connect_to(fd, "127.0.0.1", 9));
	close(fd);
}

TEST_F(sock, connected_socket_is_refused)
{
	int fd = udp_socket(self->family);
	char byte;

	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	ASSERT_OK(connect_to(fd, "127.0.0.1", closed_port(self->family)));
	EXPECT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_ERRNO(ECONNREFUSED, recv(fd, &byte, 1, 0));
	/* Told once. */
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_DONTWAIT));

	EXPECT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_TRUE(poll_for(fd, POLLIN, LONG_MS) & POLLERR);
	EXPECT_ERRNO(ECONNREFUSED, send(fd, "x", 1, 0));

	EXPECT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_TRUE(poll_for(fd, POLLIN, LONG_MS) & POLLERR);
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	EXPECT_EQ(0, so_error(fd));
	close(fd);
}

TEST_F(sock, unconnected_socket_hears_no_error)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	int port = closed_port(self->family);
	char byte;

	EXPECT_EQ(1, send_from(fd, "127.0.0.1", port, "x", 1));
	EXPECT_EQ(1, send_from(fd, "127.0.0.1", port, "x", 1));
	EXPECT_EQ(0, poll_for(fd, POLLIN, SHORT_MS));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_DONTWAIT));
	EXPECT_EQ(0, so_error(fd));
	close(fd);
}

TEST_F(sock, receive_buffer_is_a_limit)
{
	int a = udp_bound(self->family, "127.0.0.1");
	int b = udp_socket(self->family);
	static char block[1000];
	int got = 0, last = -1, number;

	set_int(a, SOL_SOCKET, SO_RCVBUF, 20000);
	ASSERT_OK(connect_to(b, "127.0.0.1", local_port(a)));
	for (int i = 0; i < 500; i++) {
		memcpy(block, &i, sizeof(i));
		EXPECT_EQ(sizeof(block), send(b, block, sizeof(block), 0));
	}
	/* The first ones are there, in order; those without room are not. */
	while (recv(a, &number, sizeof(number), MSG_DONTWAIT) > 0) {
		EXPECT_EQ(last + 1, number);
		last = number;
		got++;
	}
	EXPECT_LT(5, got);
	EXPECT_GT(100, got);
	close(a);
	close(b);
}

TEST_F(sock, shutdown_of_a_connected_socket)
{
	int fd = udp_socket(self->family);
	char byte;

	ASSERT_OK(connect_to(fd, "127.0.0.1", 9));
	EXPECT_ERRNO(0, shutdown(fd, SHUT_RD));
	EXPECT_EQ(0, recv(fd, &byte, 1, 0));
	EXPECT_ERRNO(0, shutdown(fd, SHUT_WR));
	EXPECT_ERRNO(EPIPE, send(fd, "x", 1, MSG_NOSIGNAL));
	close(fd);
}

TEST_F(sock, many_messages_in_a_call)
{
	enum { N = 16 };
	int a = udp_bound(self->family, "127.0.0.1");
	int b = udp_socket(self->family);
	struct mmsghdr out[N] = {}, in[N] = {};
	struct iovec out_iov[N], in_iov[N];
	char data[N][4], back[N][4];

	ASSERT_OK(connect_to(b, "127.0.0.1", local_port(a)));
	for (int i = 0; i < N; i++) {
		memset(data[i], 'a' + i, 4);
		out_iov[i] = (struct iovec){ data[i], 1 + i % 4 };
		in_iov[i] = (struct iovec){ back[i], 4 };
		out[i].msg_hdr.msg_iov = &out_iov[i];
		out[i].msg_hdr.msg_iovlen = 1;
		in[i].msg_hdr.msg_iov = &in_iov[i];
		in[i].msg_hdr.msg_iovlen = 1;
	}
	EXPECT_EQ(N, sendmmsg(b, out, N, 0));
	EXPECT_EQ(N, recvmmsg(a, in, N, MSG_WAITFORONE, NULL));
	for (int i = 0; i < N; i++) {
		EXPECT_EQ(1 + i % 4, in[i].msg_len);
		EXPECT_EQ('a' + i, back[i][0]);
	}
	close(a);
	close(b);
}

TEST_F(sock, packet_information)
{
	int a = udp_bound(self->family, "0.0.0.0");
	int b = udp_socket(self->family);
	char control[256], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int seen = 0;

	ASSERT_OK(set_int(a, IPPROTO_IP, IP_PKTINFO, 1));
	ASSERT_OK(set_int(a, IPPROTO_IP, IP_RECVTTL, 1));
	ASSERT_OK(set_int(a, IPPROTO_IP, IP_RECVTOS, 1));
	ASSERT_OK(set_int(b, IPPROTO_IP, IP_TTL, 42));
	ASSERT_OK(set_int(b, IPPROTO_IP, IP_TOS, 0x10));
	EXPECT_EQ(1, send_from(b, "127.0.0.9", local_port(a), "x", 1));
	EXPECT_EQ(1, recvmsg(a, &msg, 0));
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c;
	     c = CMSG_NXTHDR(&msg, c)) {
		struct in_pktinfo info;
		int value = 0;

		EXPECT_EQ(IPPROTO_IP, c->cmsg_level);
		switch (c->cmsg_type) {
		case IP_PKTINFO:
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			EXPECT_EQ(inet_addr("127.0.0.9"), info.ipi_addr.s_addr);
			EXPECT_EQ(1, info.ipi_ifindex);
			seen |= 1;
			break;
		case IP_TTL:
			memcpy(&value, CMSG_DATA(c), sizeof(value));
			EXPECT_EQ(42, value);
			seen |= 2;
			break;
		case IP_TOS:
			EXPECT_EQ(0x10, *CMSG_DATA(c));
			seen |= 4;
			break;
		}
	}
	EXPECT_EQ(7, seen);
	close(a);
	close(b);
}

TEST_F(sock, a_sender_wakes_a_reader)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	int port = local_port(fd);
	char byte;

	if (!fork()) {
		wait_asleep(getppid());
		send_from(udp_socket(self->family), "127.0.0.1", port, "x", 1);
		_exit(0);
	}
	EXPECT_EQ(1, recv(fd, &byte, 1, 0));
	wait(NULL);
	close(fd);
}

TEST_F(sock, receive_times_out)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	long before = times_asleep();
	char byte;

	timeout_ms(fd, SO_RCVTIMEO, SHORT_MS);
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, 0));
	EXPECT_LT(before, times_asleep());
	close(fd);
}

TEST_HARNESS_MAIN
