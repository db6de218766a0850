// SPDX-License-Identifier: GPL-2.0
/*
 * listen() and accept(): the queue and its bounds, what an accepted socket
 * inherits, what became of a connection before it was accepted.
 */
#include "sock.h"
#include "states.h"

TEST_F(sock, accept_cuts_a_long_name)
{
	struct sockaddr_in sin;
	int in, listener = tcp_listener_full(self->family, &in);
	socklen_t len = 4;
	int conn;

	ASSERT_LE(0, listener);
	memset(&sin, 0xff, sizeof(sin));
	conn = accept(listener, (void *)&sin, &len);
	EXPECT_LE(0, conn);
	EXPECT_EQ(sizeof(sin), len);
	EXPECT_EQ(AF_INET, sin.sin_family);
	EXPECT_EQ(local_port(in), ntohs(sin.sin_port));
	EXPECT_EQ(0xffffffff, sin.sin_addr.s_addr);
	close(conn);
	close(in);
	close(listener);
}

TEST_F(sock, accept_without_a_length)
{
	struct sockaddr_in sin;
	int in, listener = tcp_listener_full(self->family, &in);
	char byte;

	ASSERT_LE(0, listener);
	EXPECT_ERRNO(EFAULT, accept(listener, (void *)&sin, NULL));
	/* It was taken off the queue, and is gone. */
	EXPECT_EQ(0, recv(in, &byte, 1, 0));
	close(in);
	close(listener);
}

TEST_F(sock, accept4_nonblock_alone)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int conn = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	char byte;

	ASSERT_LE(0, conn);
	EXPECT_TRUE(fcntl(conn, F_GETFL) & O_NONBLOCK);
	EXPECT_FALSE(fcntl(conn, F_GETFD) & FD_CLOEXEC);
	EXPECT_ERRNO(EAGAIN, recv(conn, &byte, 1, 0));
	close(conn);
	close(in);
	close(listener);
}

TEST_F(sock, accept4_cloexec_alone)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int conn = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	ASSERT_LE(0, conn);
	EXPECT_FALSE(fcntl(conn, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(conn, F_GETFD) & FD_CLOEXEC);
	close(conn);
	close(in);
	close(listener);
}

TEST_F(sock, accept_by_who_does_not_listen)
{
	int fd = tcp_socket(self->family);
	struct pair p;

	EXPECT_ERRNO(EINVAL, accept(fd, NULL, NULL));
	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	EXPECT_ERRNO(EINVAL, accept(fd, NULL, NULL));
	nonblocking(fd, true);
	EXPECT_ERRNO(EINVAL, accept(fd, NULL, NULL));
	close(fd);
	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EINVAL, accept(p.client, NULL, NULL));
	EXPECT_ERRNO(EINVAL, accept(p.server, NULL, NULL));
	pair_close(&p);
	ASSERT_TRUE(tcp_pair_over(self->family, &p));
	EXPECT_ERRNO(EINVAL, accept(p.client, NULL, NULL));
	pair_close(&p);
}

TEST_F(sock, accept_after_the_client_closed)
{
	int in, listener = tcp_listener_full(self->family, &in);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	int port = local_port(in);
	char byte;
	int conn;

	ASSERT_LE(0, listener);
	close(in);
	conn = accept(listener, (void *)&sin, &len);
	ASSERT_LE(0, conn);
	EXPECT_EQ(port, ntohs(sin.sin_port));
	EXPECT_EQ(0, recv(conn, &byte, 1, 0));
	EXPECT_EQ(TCP_CLOSE_WAIT, tcp_state(conn));
	EXPECT_ERRNO(0, getpeername(conn, (void *)&sin, &len));
	close(conn);
	close(listener);
}

/* A reset does not take it off the queue; its name is still known. */
TEST_F(sock, accept_after_the_client_reset)
{
	int in, listener = tcp_listener_full(self->family, &in);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	int port = local_port(in);
	char byte;
	int conn;

	ASSERT_LE(0, listener);
	reset_close(in);
	EXPECT_EQ(POLLIN, poll_for(listener, POLLIN, LONG_MS));
	conn = accept(listener, (void *)&sin, &len);
	ASSERT_LE(0, conn);
	EXPECT_EQ(sizeof(sin), len);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), sin.sin_addr.s_addr);
	EXPECT_EQ(port, ntohs(sin.sin_port));
	EXPECT_TRUE(wait_state(conn, TCP_CLOSE));
	EXPECT_ERRNO(ECONNRESET, recv(conn, &byte, 1, 0));
	EXPECT_EQ(0, recv(conn, &byte, 1, 0));
	close(conn);
	close(listener);
}

TEST_F(sock, names_after_accept_of_a_reset)
{
	int in, listener = tcp_listener_full(self->family, &in);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	int conn;

	ASSERT_LE(0, listener);
	reset_close(in);
	conn = accept(listener, NULL, NULL);
	ASSERT_LE(0, conn);
	EXPECT_TRUE(wait_state(conn, TCP_CLOSE));
	EXPECT_ERRNO(ENOTCONN, getpeername(conn, (void *)&sin, &len));
	EXPECT_ERRNO(0, getsockname(conn, (void *)&sin, &len));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), sin.sin_addr.s_addr);
	EXPECT_EQ(local_port(listener), ntohs(sin.sin_port));
	close(conn);
	close(listener);
}

TEST_F(sock, data_before_accept_outlives_the_reset)
{
	int in, listener = tcp_listener_full(self->family, &in);
	char buf[8];
	int conn;

	ASSERT_LE(0, listener);
	ASSERT_EQ(4, send(in, "data", 4, 0));
	reset_close(in);
	conn = accept(listener, NULL, NULL);
	ASSERT_LE(0, conn);
	EXPECT_TRUE(wait_state(conn, TCP_CLOSE));
	EXPECT_EQ(4, unread(conn));
	EXPECT_EQ(4, recv(conn, buf, sizeof(buf), 0));
	EXPECT_ERRNO(ECONNRESET, recv(conn, buf, sizeof(buf), 0));
	EXPECT_EQ(0, recv(conn, buf, sizeof(buf), 0));
	close(conn);
	close(listener);
}

TEST_F(sock, poll_after_accept_of_a_reset)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int conn;

	ASSERT_LE(0, listener);
	reset_close(in);
	conn = accept(listener, NULL, NULL);
	ASSERT_LE(0, conn);
	EXPECT_TRUE(wait_state(conn, TCP_CLOSE));
	EXPECT_EQ(POLL_OVER | POLLERR, poll_now(conn));
	EXPECT_EQ(ECONNRESET, so_error(conn));
	EXPECT_EQ(POLL_OVER, poll_now(conn));
	close(conn);
	close(listener);
}

static int inheritance(int listener, int family, int level, int name, int set)
{
	int fd, conn, got = -1;

	if (set >= 0 && set_int(listener, level, name, set))
		return -1;
	fd = tcp_connected(family, local_port(listener));
	timeout_ms(listener, SO_RCVTIMEO, LONG_MS);
	conn = accept(listener, NULL, NULL);
	if (conn >= 0)
		got = get_int(conn, level, name);
	close(conn);
	close(fd);
	return got;
}

#define INHERITS(what, level, name, value)				\
TEST_F(sock, accepted_inherits_##what)					\
{									\
	int listener = tcp_listener(self->family, "127.0.0.1", 4);	\
									\
	ASSERT_LE(0, listener);						\
	EXPECT_EQ(value, inheritance(listener, self->family, level,	\
				     name, value));			\
	close(listener);						\
}

INHERITS(lowat, SOL_SOCKET, SO_RCVLOWAT, 7)
INHERITS(mark, SOL_SOCKET, SO_MARK, 77)
INHERITS(oobinline, SOL_SOCKET, SO_OOBINLINE, 1)
INHERITS(reuseaddr, SOL_SOCKET, SO_REUSEADDR, 1)
INHERITS(dontroute, SOL_SOCKET, SO_DONTROUTE, 1)
INHERITS(tos, IPPROTO_IP, IP_TOS, 0x20)
INHERITS(mtu_discover, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
INHERITS(user_timeout, IPPROTO_TCP, TCP_USER_TIMEOUT, 12345)
INHERITS(keepintvl, IPPROTO_TCP, TCP_KEEPINTVL, 33)
INHERITS(keepcnt, IPPROTO_TCP, TCP_KEEPCNT, 5)
INHERITS(cork, IPPROTO_TCP, TCP_CORK, 1)
INHERITS(linger2, IPPROTO_TCP, TCP_LINGER2, 17)
INHERITS(notsent_lowat, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 4096)

/* Linux sets it by the packets' TOS, if at all. */
TEST_F(sock, accepted_does_not_inherit_priority)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);

	EXPECT_EQ(0, inheritance(listener, self->family, SOL_SOCKET,
				 SO_PRIORITY, 4));
	EXPECT_EQ(4, get_int(listener, SOL_SOCKET, SO_PRIORITY));
	close(listener);
}

TEST_F(sock, accepted_inherits_sndbuf)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);

	ASSERT_OK(set_int(listener, SOL_SOCKET, SO_SNDBUF, 20000));
	EXPECT_EQ(40000, inheritance(listener, self->family, SOL_SOCKET,
				     SO_SNDBUF, -1));
	close(listener);
}

TEST_F(sock, accepted_inherits_timeouts)
{
	int in, listener;
	struct timeval tv = {};
	socklen_t len = sizeof(tv);
	int conn;

	listener = tcp_listener(self->family, "127.0.0.1", 4);
	timeout_ms(listener, SO_RCVTIMEO, LONG_MS);
	timeout_ms(listener, SO_SNDTIMEO, 2000);
	in = tcp_connected(self->family, local_port(listener));
	conn = accept(listener, NULL, NULL);
	ASSERT_LE(0, conn);
	ASSERT_OK(getsockopt(conn, SOL_SOCKET, SO_SNDTIMEO, &tv, &len));
	EXPECT_EQ(2, tv.tv_sec);
	ASSERT_OK(getsockopt(conn, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	EXPECT_EQ(LONG_MS / 1000, tv.tv_sec);
	close(conn);
	close(in);
	close(listener);
}

TEST_F(sock, accepted_inherits_congestion_control)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	char name[16] = "reno";
	socklen_t len = sizeof(name);
	int in, conn;

	ASSERT_OK(setsockopt(listener, IPPROTO_TCP, TCP_CONGESTION, name, 4));
	in = tcp_connected(self->family, local_port(listener));
	conn = accept(listener, NULL, NULL);
	ASSERT_LE(0, conn);
	memset(name, 0, sizeof(name));
	ASSERT_OK(getsockopt(conn, IPPROTO_TCP, TCP_CONGESTION, name, &len));
	/* AF_MINI knows it by that name, and calls it newreno. */
	EXPECT_STREQ(self->family == AF_INET ? "reno" : "newreno", name);
	close(conn);
	close(in);
	close(listener);
}

/* The child was born with the handshake, not with accept(). */
TEST_F(sock, accepted_knows_nothing_of_later_options)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int conn;

	ASSERT_LE(0, listener);
	ASSERT_OK(set_int(listener, SOL_SOCKET, SO_KEEPALIVE, 1));
	ASSERT_OK(set_int(listener, IPPROTO_TCP, TCP_NODELAY, 1));
	conn = accept(listener, NULL, NULL);
	ASSERT_LE(0, conn);
	EXPECT_EQ(0, get_int(conn, SOL_SOCKET, SO_KEEPALIVE));
	EXPECT_EQ(0, get_int(conn, IPPROTO_TCP, TCP_NODELAY));
	close(conn);
	close(in);
	close(listener);
}

TEST_F(sock, accepted_has_options_of_its_own)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.server, IPPROTO_TCP, TCP_NODELAY, 1));
	ASSERT_OK(set_int(p.server, IPPROTO_IP, IP_TOS, 0x10));
	EXPECT_EQ(0, get_int(p.listener, IPPROTO_TCP, TCP_NODELAY));
	EXPECT_EQ(0, get_int(p.listener, IPPROTO_IP, IP_TOS));
	pair_close(&p);
}

TEST_F(sock, backlog_of_zero_takes_one)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int fd = tcp_connecting(self->family, local_port(listener));

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, poll_for(fd, POLLOUT, SHORT_MS));
	EXPECT_EQ(TCP_SYN_SENT, tcp_state(fd));
	/* Room for it: the SYN that comes again is answered. */
	close(accept(listener, NULL, NULL));
	EXPECT_EQ(POLLOUT, poll_for(fd, POLLOUT, LONG_MS));
	close(fd);
	close(in);
	close(listener);
}

TEST_F(sock, backlog_of_two_takes_three)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 2);
	int fds[4];

	for (int i = 0; i < 3; i++) {
		fds[i] = tcp_connected(self->family, local_port(listener));
		EXPECT_LE(0, fds[i]);
	}
	nonblocking(listener, true);
	/* The third handshake ends at its client a little earlier. */
	ASSERT_TRUE(wait_queued(listener, 3));
	fds[3] = tcp_connecting(self->family, local_port(listener));
	EXPECT_EQ(0, poll_for(fds[3], POLLOUT, SHORT_MS));
	for (int i = 0; i < 3; i++)
		EXPECT_ERRNO(0, accept(listener, NULL, NULL));
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	close(listener);
}

TEST_F(sock, listen_again_with_more)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int fd;

	ASSERT_LE(0, listener);
	ASSERT_OK(listen(listener, 4));
	fd = tcp_connecting(self->family, local_port(listener));
	EXPECT_EQ(POLLOUT, poll_for(fd, POLLOUT, LONG_MS));
	EXPECT_ERRNO(0, accept(listener, NULL, NULL));
	EXPECT_ERRNO(0, accept(listener, NULL, NULL));
	close(fd);
	close(in);
	close(listener);
}

/* Who is in the queue stays. */
TEST_F(sock, listen_again_with_less)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fds[3], late;

	for (int i = 0; i < 3; i++) {
		fds[i] = tcp_connected(self->family, local_port(listener));
		ASSERT_LE(0, fds[i]);
	}
	timeout_ms(listener, SO_RCVTIMEO, LONG_MS);
	ASSERT_OK(listen(listener, 0));
	late = tcp_connecting(self->family, local_port(listener));
	EXPECT_EQ(0, poll_for(late, POLLOUT, SHORT_MS));
	close(late);
	for (int i = 0; i < 3; i++) {
		EXPECT_ERRNO(0, accept(listener, NULL, NULL));
		close(fds[i]);
	}
	close(listener);
}

TEST_F(sock, listener_info_tells_of_its_queue)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 5);
	struct tcp_info info = {};
	socklen_t len = sizeof(info);
	int fds[2];

	for (int i = 0; i < 2; i++)
		fds[i] = tcp_connected(self->family, local_port(listener));
	ASSERT_OK(getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &len));
	EXPECT_EQ(TCP_LISTEN, info.tcpi_state);
	EXPECT_EQ(2, info.tcpi_unacked);
	EXPECT_EQ(5, info.tcpi_sacked);
	close(fds[0]);
	close(fds[1]);
	close(listener);
}

TEST_F(sock, listener_other_calls)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 1);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	char byte;

	ASSERT_LE(0, listener);
	EXPECT_ERRNO(EISCONN, connect_to(listener, "127.0.0.1", 9));
	EXPECT_ERRNO(EINVAL, bind_to(listener, "127.0.0.1", 0));
	EXPECT_ERRNO(ENOTCONN, getpeername(listener, (void *)&sin, &len));
	EXPECT_ERRNO(ENOTCONN, recv(listener, &byte, 1, 0));
	EXPECT_ERRNO(ENOTCONN, recv(listener, &byte, 1, MSG_OOB));
	EXPECT_ERRNO(ENOTCONN, recv(listener, &byte, 1, MSG_DONTWAIT));
	EXPECT_ERRNO(EPIPE, send(listener, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(0, so_error(listener));
	close(listener);
}

TEST_F(sock, listener_has_no_queues_of_octets)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 1);
	int n = -1;

	ASSERT_LE(0, listener);
	EXPECT_ERRNO(EINVAL, ioctl(listener, FIONREAD, &n));
	EXPECT_ERRNO(EINVAL, ioctl(listener, SIOCOUTQ, &n));
	EXPECT_ERRNO(EINVAL, ioctl(listener, SIOCOUTQNSD, &n));
	EXPECT_ERRNO(0, ioctl(listener, SIOCATMARK, &n));
	EXPECT_EQ(0, n);
	close(listener);
}

TEST_F(sock, listener_shut_for_writing_still_listens)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd;

	ASSERT_LE(0, listener);
	EXPECT_ERRNO(0, shutdown(listener, SHUT_WR));
	EXPECT_EQ(TCP_LISTEN, tcp_state(listener));
	fd = tcp_connected(self->family, local_port(listener));
	EXPECT_LE(0, fd);
	timeout_ms(listener, SO_RCVTIMEO, LONG_MS);
	EXPECT_ERRNO(0, accept(listener, NULL, NULL));
	close(fd);
	close(listener);
}

TEST_F(sock, listener_shut_for_reading_ends)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int port = local_port(listener);
	int fd = tcp_socket(self->family);
	char byte;

	ASSERT_LE(0, listener);
	EXPECT_ERRNO(0, shutdown(listener, SHUT_RD));
	EXPECT_EQ(TCP_CLOSE, tcp_state(listener));
	EXPECT_ERRNO(ECONNRESET, recv(in, &byte, 1, 0));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", port));
	EXPECT_EQ(CAN_WRITE | POLLHUP, poll_now(listener));
	EXPECT_ERRNO(ENOTCONN, shutdown(listener, SHUT_RD));
	close(fd);
	close(in);
	close(listener);
}

TEST_F(sock, listener_shut_listens_again)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd;

	ASSERT_LE(0, listener);
	EXPECT_ERRNO(0, shutdown(listener, SHUT_RDWR));
	EXPECT_ERRNO(0, listen(listener, 1));
	EXPECT_EQ(TCP_LISTEN, tcp_state(listener));
	fd = tcp_connected(self->family, local_port(listener));
	EXPECT_LE(0, fd);
	close(fd);
	close(listener);
}

/* Also with data that nobody has read, and with a peer that is done. */
TEST_F(sock, close_of_a_listener_resets_its_queue)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int a = tcp_connected(self->family, local_port(listener));
	int b = tcp_connected(self->family, local_port(listener));
	int c = tcp_connected(self->family, local_port(listener));
	char byte;

	ASSERT_LE(0, c);
	ASSERT_EQ(1, send(b, "x", 1, 0));
	ASSERT_OK(shutdown(c, SHUT_WR));
	EXPECT_TRUE(wait_state(c, TCP_FIN_WAIT2));
	close(listener);
	EXPECT_ERRNO(ECONNRESET, recv(a, &byte, 1, 0));
	EXPECT_ERRNO(ECONNRESET, recv(b, &byte, 1, 0));
	EXPECT_ERRNO(ECONNRESET, recv(c, &byte, 1, 0));
	close(a);
	close(b);
	close(c);
}

TEST_F(sock, connections_outlive_their_listener)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	close(p.listener);
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	EXPECT_EQ(1, recv(p.server, &byte, 1, 0));
	EXPECT_EQ(1, send(p.server, "y", 1, 0));
	EXPECT_EQ(1, recv(p.client, &byte, 1, 0));
	p.listener = -1;
	pair_close(&p);
}

TEST_F(sock, listen_without_bind_takes_any_address)
{
	int listener = tcp_socket(self->family);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	int fd;

	ASSERT_OK(listen(listener, 1));
	ASSERT_OK(getsockname(listener, (void *)&sin, &len));
	EXPECT_EQ(0, sin.sin_addr.s_addr);
	EXPECT_LE(32768, ntohs(sin.sin_port));
	fd = tcp_connected(self->family, ntohs(sin.sin_port));
	EXPECT_LE(0, fd);
	close(fd);
	close(listener);
}

/* A stream may be bound there, too; nobody connects to it. */
TEST_F(sock, bind_stream_to_a_group)
{
	int fd = tcp_socket(self->family);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);

	EXPECT_ERRNO(0, bind_to(fd, "224.0.0.1", 0));
	EXPECT_ERRNO(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(inet_addr("224.0.0.1"), sin.sin_addr.s_addr);
	EXPECT_ERRNO(0, listen(fd, 1));
	close(fd);
	fd = tcp_socket(self->family);
	EXPECT_ERRNO(0, bind_to(fd, "127.255.255.255", 0));
	close(fd);
}

TEST_F(sock, bind_in_each_state)
{
	int fd = tcp_socket(self->family);
	struct pair p;

	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	EXPECT_ERRNO(EINVAL, bind_to(fd, "127.0.0.1", local_port(fd)));
	EXPECT_ERRNO(EADDRNOTAVAIL, bind_to(fd, "192.0.2.1", 0));
	close(fd);
	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EINVAL, bind_to(p.client, "127.0.0.1", 0));
	EXPECT_ERRNO(EINVAL, bind_to(p.server, "127.0.0.1", 0));
	EXPECT_ERRNO(EINVAL, bind_to(p.listener, "127.0.0.1", 0));
	pair_close(&p);
	/* Its port went with the reset: it may have another. */
	ASSERT_TRUE(tcp_pair_reset(self->family, &p));
	EXPECT_ERRNO(0, bind_to(p.client, "127.0.0.1", 0));
	pair_close(&p);
}

TEST_F(sock, listen_in_each_state)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(0, listen(p.listener, 3));
	EXPECT_ERRNO(EINVAL, listen(p.client, 1));
	EXPECT_ERRNO(EINVAL, listen(p.server, 1));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_ERRNO(EINVAL, listen(p.client, 1));
	pair_close(&p);
	ASSERT_TRUE(tcp_pair_reset(self->family, &p));
	EXPECT_ERRNO(EINVAL, listen(p.client, 1));
	pair_close(&p);
}

TEST_HARNESS_MAIN
