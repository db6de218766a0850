// SPDX-License-Identifier: GPL-2.0
/*
 * Each call that a program can get wrong, and the errno it gets for it.
 */
#include "sock.h"
#include "states.h"

#define BAD_POINTER	((void *)8)
#define NOBODY		65534

TEST_F(sock, socket_protocols)
{
	static const struct {
		int type;
		int protocol;
		int error;
	} cases[] = {
		{ SOCK_STREAM, 0, 0 },
		{ SOCK_STREAM, IPPROTO_TCP, 0 },
		{ SOCK_DGRAM, 0, 0 },
		{ SOCK_DGRAM, IPPROTO_UDP, 0 },
		{ SOCK_STREAM, IPPROTO_UDP, EPROTONOSUPPORT },
		{ SOCK_DGRAM, IPPROTO_TCP, EPROTONOSUPPORT },
		{ SOCK_STREAM, 253, EPROTONOSUPPORT },
		{ SOCK_DGRAM, 253, EPROTONOSUPPORT },
		{ SOCK_STREAM, -1, EINVAL },
		{ SOCK_STREAM, 100000, EINVAL },
		{ SOCK_RDM, 0, ESOCKTNOSUPPORT },
		{ SOCK_SEQPACKET, 0, ESOCKTNOSUPPORT },
		{ 0, 0, ESOCKTNOSUPPORT },
		{ 14, 0, EINVAL },
		{ SOCK_STREAM | 0x100, 0, EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = socket(self->family, cases[i].type, cases[i].protocol);
		int error = fd < 0 ? errno : 0;

		EXPECT_EQ(cases[i].error, error) {
			TH_LOG("type %d protocol %d", cases[i].type,
			       cases[i].protocol);
		}
		close(fd);
	}
}

TEST_F(sock, socket_flags_type_protocol)
{
	int fd = socket(self->family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	ASSERT_LE(0, fd);
	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	EXPECT_EQ(SOCK_STREAM, get_int(fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(IPPROTO_TCP, get_int(fd, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ACCEPTCONN));
	close(fd);
	fd = udp_socket(self->family);
	EXPECT_EQ(SOCK_DGRAM, get_int(fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(IPPROTO_UDP, get_int(fd, SOL_SOCKET, SO_PROTOCOL));
	close(fd);
}

TEST_F(sock, socketpair_is_not_supported)
{
	int fds[2];

	EXPECT_ERRNO(EOPNOTSUPP, socketpair(self->family, SOCK_STREAM, 0, fds));
	EXPECT_ERRNO(EOPNOTSUPP, socketpair(self->family, SOCK_DGRAM, 0, fds));
}

static void bind_cases(struct __test_metadata *_metadata, int family, int type)
{
	struct sockaddr_in sin = lo(0);
	struct sockaddr_storage big = {};
	int fd = socket(family, type, 0);

	ASSERT_LE(0, fd);
	EXPECT_ERRNO(EINVAL, bind(fd, (void *)&sin, 0));
	EXPECT_ERRNO(EINVAL, bind(fd, (void *)&sin, 2));
	EXPECT_ERRNO(EINVAL, bind(fd, (void *)&sin, sizeof(sin) - 1));
	EXPECT_ERRNO(EINVAL, bind(fd, (void *)&sin, -1));
	EXPECT_ERRNO(EINVAL, bind(fd, (void *)&big, sizeof(big) + 1));
	EXPECT_ERRNO(EFAULT, bind(fd, BAD_POINTER, sizeof(sin)));
	sin.sin_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, bind(fd, SA(sin)));
	/* An old habit that is still allowed, but for the wildcard only. */
	sin.sin_family = AF_UNSPEC;
	EXPECT_ERRNO(EAFNOSUPPORT, bind(fd, SA(sin)));
	EXPECT_ERRNO(EADDRNOTAVAIL, bind_to(fd, "192.0.2.1", 0));
	EXPECT_ERRNO(0, bind_to(fd, "127.0.0.1", 0));
	EXPECT_ERRNO(EINVAL, bind_to(fd, "127.0.0.1", 0));
	close(fd);

	fd = socket(family, type, 0);
	sin = name_of("0.0.0.0", 0);
	sin.sin_family = AF_UNSPEC;
	EXPECT_ERRNO(0, bind(fd, SA(sin)));
	EXPECT_LT(0, local_port(fd));
	close(fd);

	/* Longer than it must be is fine. */
	fd = socket(family, type, 0);
	memcpy(&big, &(struct sockaddr_in){ .sin_family = AF_INET },
	       sizeof(struct sockaddr_in));
	EXPECT_ERRNO(0, bind(fd, SA(big)));
	close(fd);
}

TEST_F(sock, bind_tcp_names)
{
	bind_cases(_metadata, self->family, SOCK_STREAM);
}

TEST_F(sock, bind_udp_names)
{
	bind_cases(_metadata, self->family, SOCK_DGRAM);
}

TEST_F(sock, bind_takes_mini_as_alias)
{
	struct sockaddr_in sin = lo(0);
	socklen_t len = sizeof(sin);
	int fd = tcp_socket(self->family);

	/* Over AF_INET this is AF_INET itself. */
	sin.sin_family = self->family;
	EXPECT_ERRNO(0, bind(fd, SA(sin)));
	EXPECT_ERRNO(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(AF_INET, sin.sin_family);
	EXPECT_EQ(sizeof(sin), len);
	close(fd);
}

static void in_use_cases(struct __test_metadata *_metadata, int family,
			 int type)
{
	int a = socket(family, type, 0);
	int b = socket(family, type, 0);
	int port;

	ASSERT_OK(bind_to(a, "127.0.0.1", 0));
	port = local_port(a);
	EXPECT_ERRNO(EADDRINUSE, bind_to(b, "127.0.0.1", port));
	EXPECT_ERRNO(EADDRINUSE, bind_to(b, "0.0.0.0", port));
	/* A refused bind leaves nothing behind. */
	EXPECT_EQ(0, local_port(b));
	EXPECT_ERRNO(0, bind_to(b, "127.0.0.2", port));
	close(b);

	/* Both must have agreed to share. */
	b = socket(family, type, 0);
	set_int(b, SOL_SOCKET, SO_REUSEADDR, 1);
	EXPECT_ERRNO(EADDRINUSE, bind_to(b, "127.0.0.1", port));
	set_int(a, SOL_SOCKET, SO_REUSEADDR, 1);
	EXPECT_ERRNO(0, bind_to(b, "127.0.0.1", port));
	close(a);
	close(b);

	/* Closed: free at once, as nobody was connected. */
	a = socket(family, type, 0);
	EXPECT_ERRNO(0, bind_to(a, "0.0.0.0", port));
	b = socket(family, type, 0);
	EXPECT_ERRNO(EADDRINUSE, bind_to(b, "127.0.0.2", port));
	close(a);
	close(b);
}

TEST_F(sock, bind_tcp_in_use)
{
	in_use_cases(_metadata, self->family, SOCK_STREAM);
}

TEST_F(sock, bind_udp_in_use)
{
	in_use_cases(_metadata, self->family, SOCK_DGRAM);
}

TEST_F(sock, bind_reuseport)
{
	int a = udp_socket(self->family);
	int b = udp_socket(self->family);
	int c = udp_socket(self->family);
	int port;

	if (reuseport_is_kept(a))
		SKIP(return, "this kernel keeps SO_REUSEPORT for AF_INET");
	set_int(b, SOL_SOCKET, SO_REUSEPORT, 1);
	ASSERT_OK(bind_to(a, "127.0.0.1", 0));
	port = local_port(a);
	EXPECT_ERRNO(0, bind_to(b, "127.0.0.1", port));
	EXPECT_ERRNO(EADDRINUSE, bind_to(c, "127.0.0.1", port));
	close(a);
	close(b);
	close(c);
}

/* The two transports have ports of their own. */
TEST_F(sock, bind_tcp_and_udp_share_a_number)
{
	int tcp = tcp_socket(self->family);
	int udp = udp_socket(self->family);

	ASSERT_OK(bind_to(tcp, "127.0.0.1", 0));
	EXPECT_ERRNO(0, bind_to(udp, "127.0.0.1", local_port(tcp)));
	close(tcp);
	close(udp);
}

TEST_F(sock, bind_privileged_port)
{
	int tcp = tcp_socket(self->family);
	int udp = udp_socket(self->family);

	EXPECT_ERRNO(0, bind_to(tcp, "127.0.0.1", 1023));
	close(tcp);
	ASSERT_OK(setresuid(NOBODY, NOBODY, NOBODY));
	tcp = tcp_socket(self->family);
	EXPECT_ERRNO(EACCES, bind_to(tcp, "127.0.0.1", 1023));
	EXPECT_ERRNO(EACCES, bind_to(udp, "127.0.0.1", 1));
	EXPECT_ERRNO(0, bind_to(tcp, "127.0.0.1", 1024));
	EXPECT_ERRNO(0, bind_to(udp, "127.0.0.1", 1024));
	close(tcp);
	close(udp);
}

TEST_F(sock, bind_picks_a_port_in_range)
{
	for (int i = 0; i < 32; i++) {
		int fd = tcp_socket(self->family);

		ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
		EXPECT_LE(32768, local_port(fd));
		EXPECT_GE(60999, local_port(fd));
		close(fd);
	}
}

TEST_F(sock, connect_tcp_names)
{
	struct sockaddr_in sin = lo(9);
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(EINVAL, connect(fd, (void *)&sin, 0));
	EXPECT_ERRNO(EINVAL, connect(fd, (void *)&sin, sizeof(sin) - 1));
	EXPECT_ERRNO(EINVAL, connect(fd, (void *)&sin, -1));
	EXPECT_ERRNO(EFAULT, connect(fd, BAD_POINTER, sizeof(sin)));
	sin.sin_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, connect(fd, SA(sin)));
	EXPECT_ERRNO(ENETUNREACH, connect_to(fd, "192.0.2.1", 9));
	EXPECT_ERRNO(ENETUNREACH, connect_to(fd, "224.0.0.1", 9));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", 9));
	/* None of them has spoilt the socket. */
	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", 9));
	EXPECT_EQ(0, so_error(fd));
	close(fd);
}

TEST_F(sock, connect_udp_names)
{
	struct sockaddr_in sin = lo(9);
	int fd = udp_socket(self->family);

	EXPECT_ERRNO(EINVAL, connect(fd, (void *)&sin, sizeof(sin) - 1));
	EXPECT_ERRNO(EFAULT, connect(fd, BAD_POINTER, sizeof(sin)));
	sin.sin_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, connect(fd, SA(sin)));
	EXPECT_ERRNO(ENETUNREACH, connect_to(fd, "192.0.2.1", 9));
	EXPECT_ERRNO(0, connect_to(fd, "127.0.0.1", 9));
	EXPECT_ERRNO(0, connect_to(fd, "127.0.0.2", 10));
	close(fd);
}

TEST_F(sock, connect_refused_nonblocking)
{
	int fd = tcp_socket(self->family);

	nonblocking(fd, true);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1", 9));
	EXPECT_TRUE(poll_for(fd, POLLOUT, LONG_MS) & POLLERR);
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	EXPECT_EQ(0, so_error(fd));
	close(fd);
}

TEST_F(sock, connect_twice)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int port = local_port(listener);
	int fd = tcp_socket(self->family);

	ASSERT_LE(0, listener);
	EXPECT_ERRNO(0, connect_to(fd, "127.0.0.1", port));
	EXPECT_ERRNO(EISCONN, connect_to(fd, "127.0.0.1", port));
	close(fd);

	/* Not blocking: the second call reports the first one's success. */
	fd = tcp_socket(self->family);
	nonblocking(fd, true);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1", port));
	EXPECT_EQ(POLLOUT, poll_for(fd, POLLOUT, LONG_MS));
	EXPECT_EQ(0, so_error(fd));
	EXPECT_ERRNO(0, connect_to(fd, "127.0.0.1", port));
	EXPECT_ERRNO(EISCONN, connect_to(fd, "127.0.0.1", port));
	close(fd);

	EXPECT_ERRNO(EISCONN, connect_to(listener, "127.0.0.1", port));
	close(listener);
}

TEST_F(sock, connect_in_progress)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int port = local_port(listener);
	int fd = tcp_socket(self->family);
	char byte = 0;
	long before;

	nonblocking(fd, true);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1", port));
	EXPECT_ERRNO(EALREADY, connect_to(fd, "127.0.0.1", port));
	EXPECT_EQ(TCP_SYN_SENT, tcp_state(fd));
	EXPECT_ERRNO(EAGAIN, send(fd, &byte, 1, 0));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, 0));
	EXPECT_EQ(0, poll_for(fd, POLLIN | POLLOUT, 0));
	close(fd);

	fd = tcp_socket(self->family);
	timeout_ms(fd, SO_SNDTIMEO, 2 * SHORT_MS);
	before = times_asleep();
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1", port));
	EXPECT_LT(before, times_asleep());
	close(fd);
	close(in);
	close(listener);
}

TEST_F(sock, listen_errors)
{
	int udp = udp_socket(self->family);
	int fd = tcp_socket(self->family);
	struct pair p;

	EXPECT_ERRNO(EOPNOTSUPP, listen(udp, 1));
	/* Not bound: a port is chosen; the backlog is clamped, both ways. */
	EXPECT_ERRNO(0, listen(fd, -1));
	EXPECT_LT(0, local_port(fd));
	EXPECT_ERRNO(0, listen(fd, 100000));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_ACCEPTCONN));
	EXPECT_EQ(TCP_LISTEN, tcp_state(fd));
	close(fd);
	close(udp);

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EINVAL, listen(p.client, 1));
	pair_close(&p);
}

TEST_F(sock, listen_in_use)
{
	int a = tcp_socket(self->family);
	int b = tcp_socket(self->family);

	set_int(a, SOL_SOCKET, SO_REUSEADDR, 1);
	set_int(b, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_OK(bind_to(a, "127.0.0.1", 0));
	ASSERT_OK(bind_to(b, "127.0.0.1", local_port(a)));
	EXPECT_ERRNO(0, listen(a, 1));
	EXPECT_ERRNO(EADDRINUSE, listen(b, 1));
	close(a);
	EXPECT_ERRNO(0, listen(b, 1));
	close(b);
}

TEST_F(sock, accept_errors)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int udp = udp_socket(self->family);
	int fd = tcp_socket(self->family);
	struct sockaddr_in sin;
	socklen_t len = -1;
	long before;

	EXPECT_ERRNO(EINVAL, accept(fd, NULL, NULL));
	EXPECT_ERRNO(EOPNOTSUPP, accept(udp, NULL, NULL));
	EXPECT_ERRNO(EINVAL, accept4(listener, NULL, NULL, 0x40000000));
	nonblocking(listener, true);
	EXPECT_ERRNO(EAGAIN, accept(listener, NULL, NULL));
	nonblocking(listener, false);
	timeout_ms(listener, SO_RCVTIMEO, SHORT_MS);
	before = times_asleep();
	EXPECT_ERRNO(EAGAIN, accept(listener, NULL, NULL));
	EXPECT_LT(before, times_asleep());

	timeout_ms(listener, SO_RCVTIMEO, LONG_MS);
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(listener)));
	EXPECT_ERRNO(EINVAL, accept(listener, (void *)&sin, &len));
	close(fd);
	fd = tcp_socket(self->family);
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(listener)));
	len = sizeof(sin);
	EXPECT_ERRNO(EFAULT, accept(listener, BAD_POINTER, &len));
	close(fd);
	close(udp);
	close(listener);
}

TEST_F(sock, names_of_nobody)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	int fd = tcp_socket(self->family);
	int udp = udp_socket(self->family);

	EXPECT_ERRNO(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(sizeof(sin), len);
	EXPECT_EQ(AF_INET, sin.sin_family);
	EXPECT_EQ(0, sin.sin_addr.s_addr);
	EXPECT_EQ(0, sin.sin_port);
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
	EXPECT_ERRNO(ENOTCONN, getpeername(udp, (void *)&sin, &len));
	len = -1;
	EXPECT_ERRNO(EINVAL, getsockname(fd, (void *)&sin, &len));
	len = sizeof(sin);
	EXPECT_ERRNO(EFAULT, getsockname(fd, BAD_POINTER, &len));
	EXPECT_ERRNO(EFAULT, getsockname(fd, (void *)&sin, BAD_POINTER));
	/* Too small: filled as far as it goes, the true length is told. */
	memset(&sin, 0xff, sizeof(sin));
	len = 2;
	EXPECT_ERRNO(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(sizeof(sin), len);
	EXPECT_EQ(AF_INET, sin.sin_family);
	EXPECT_EQ(0xffff, sin.sin_port);
	close(fd);
	close(udp);
}

TEST_F(sock, tcp_without_peer)
{
	int fd = tcp_socket(self->family);
	char byte = 0;

	signal(SIGPIPE, SIG_IGN);
	EXPECT_ERRNO(ENOTCONN, recv(fd, &byte, 1, 0));
	EXPECT_ERRNO(EPIPE, send(fd, &byte, 1, 0));
	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_WR));
	EXPECT_ERRNO(EINVAL, shutdown(fd, 3));
	EXPECT_ERRNO(EINVAL, shutdown(fd, -1));
	close(fd);

	fd = tcp_listener(self->family, "127.0.0.1", 1);
	EXPECT_ERRNO(ENOTCONN, recv(fd, &byte, 1, 0));
	EXPECT_ERRNO(EPIPE, send(fd, &byte, 1, 0));
	/* SHUT_RD ends listening. */
	EXPECT_ERRNO(0, shutdown(fd, SHUT_RD));
	EXPECT_ERRNO(EINVAL, accept(fd, NULL, NULL));
	close(fd);
}

TEST_F(sock, udp_send_errors)
{
	static char big[65508];
	struct sockaddr_in sin = lo(9);
	int fd = udp_socket(self->family);

	EXPECT_ERRNO(EDESTADDRREQ, send(fd, "x", 1, 0));
	EXPECT_ERRNO(EINVAL, sendto(fd, "x", 1, 0, (void *)&sin, 15));
	EXPECT_ERRNO(EMSGSIZE, sendto(fd, big, sizeof(big), 0, SA(sin)));
	EXPECT_ERRNO(EFAULT, sendto(fd, BAD_POINTER, 1, 0, SA(sin)));
	sin.sin_port = 0;
	EXPECT_ERRNO(EINVAL, sendto(fd, "x", 1, 0, SA(sin)));
	sin.sin_port = htons(9);
	sin.sin_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, sendto(fd, "x", 1, 0, SA(sin)));
	sin = name_of("192.0.2.1", 9);
	EXPECT_ERRNO(ENETUNREACH, sendto(fd, "x", 1, 0, SA(sin)));
	EXPECT_ERRNO(EOPNOTSUPP, send(fd, "x", 1, MSG_OOB));
	close(fd);
}

TEST_F(sock, recv_errors)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	struct pair p;
	char byte;

	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_DONTWAIT));
	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_RDWR));
	close(fd);
	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EAGAIN, recv(p.client, &byte, 1, MSG_DONTWAIT));
	EXPECT_EQ(4, send(p.server, "four", 4, 0));
	EXPECT_ERRNO(EFAULT, recv(p.client, BAD_POINTER, 4, 0));
	EXPECT_ERRNO(EFAULT, send(p.client, BAD_POINTER, 4, 0));
	/* What could not be copied was not lost. */
	EXPECT_EQ(4, unread(p.client));
	pair_close(&p);
}

TEST_HARNESS_MAIN
