// SPDX-License-Identifier: GPL-2.0
/*
 * connect() in each state of a TCP socket: how it is begun, asked for, refused,
 * undone, and done again.
 */
#include <sys/select.h>

#include "sock.h"
#include "states.h"

TEST_F(sock, connecting_select_says_writable)
{
	struct timeval tv = { .tv_sec = LONG_MS / 1000 };
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd = tcp_connecting(self->family, local_port(listener));
	fd_set r, w;

	ASSERT_LE(0, fd);
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(fd, &r);
	FD_SET(fd, &w);
	EXPECT_EQ(1, select(fd + 1, &r, &w, NULL, &tv));
	EXPECT_FALSE(FD_ISSET(fd, &r));
	EXPECT_TRUE(FD_ISSET(fd, &w));
	EXPECT_EQ(0, so_error(fd));
	close(fd);
	close(listener);
}

/* Nobody need call connect() again. */
TEST_F(sock, connecting_ends_by_itself)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd = tcp_connecting(self->family, local_port(listener));
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	ASSERT_LE(0, fd);
	ASSERT_EQ(POLLOUT, poll_for(fd, POLLOUT, LONG_MS));
	EXPECT_ERRNO(0, getpeername(fd, (void *)&sin, &len));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(fd));
	EXPECT_EQ(1, send(fd, "x", 1, 0));
	close(fd);
	close(listener);
}

TEST_F(sock, connecting_other_calls)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int port = local_port(listener);
	int fd = tcp_connecting(self->family, port);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);

	ASSERT_LE(0, fd);
	EXPECT_EQ(TCP_SYN_SENT, tcp_state(fd));
	EXPECT_ERRNO(EALREADY, connect_to(fd, "127.0.0.1", port));
	EXPECT_ERRNO(EINVAL, bind_to(fd, "127.0.0.1", 0));
	EXPECT_ERRNO(EINVAL, listen(fd, 1));
	EXPECT_ERRNO(EINVAL, accept(fd, NULL, NULL));
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
	EXPECT_EQ(0, so_error(fd));
	close(fd);
	close(in);
	close(listener);
}

TEST_F(sock, connecting_has_a_name)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int fd = tcp_connecting(self->family, local_port(listener));
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);

	ASSERT_LE(0, fd);
	EXPECT_ERRNO(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), sin.sin_addr.s_addr);
	EXPECT_NE(0, sin.sin_port);
	close(fd);
	close(in);
	close(listener);
}

TEST_F(sock, connecting_sends_and_receives_nothing)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int fd = tcp_connecting(self->family, local_port(listener));
	char byte;

	ASSERT_LE(0, fd);
	EXPECT_ERRNO(EAGAIN, send(fd, "x", 1, 0));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, 0));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_PEEK));
	EXPECT_ERRNO(EINVAL, recv(fd, &byte, 1, MSG_OOB));
	EXPECT_EQ(0, unread(fd));
	EXPECT_EQ(0, queue_size(fd, SIOCOUTQ));
	EXPECT_EQ(0, queue_size(fd, SIOCOUTQNSD));
	EXPECT_EQ(0, queue_size(fd, SIOCATMARK));
	close(fd);
	close(in);
	close(listener);
}

TEST_F(sock, connecting_shutdown_gives_up)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int fd = tcp_connecting(self->family, local_port(listener));

	ASSERT_LE(0, fd);
	EXPECT_ERRNO(0, shutdown(fd, SHUT_WR));
	EXPECT_EQ(TCP_CLOSE, tcp_state(fd));
	EXPECT_EQ(CAN_WRITE | POLLHUP | POLLERR, poll_now(fd));
	EXPECT_EQ(ECONNRESET, so_error(fd));
	EXPECT_EQ(CAN_WRITE | POLLHUP, poll_now(fd));
	close(fd);
	close(in);
	close(listener);
}

TEST_F(sock, connecting_shutdown_then_connect)
{
	int in, full = tcp_listener_full(self->family, &in);
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd = tcp_connecting(self->family, local_port(full));

	ASSERT_LE(0, fd);
	EXPECT_ERRNO(0, shutdown(fd, SHUT_RD));
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1",
					     local_port(listener)));
	EXPECT_EQ(POLLOUT, poll_for(fd, POLLOUT, LONG_MS));
	EXPECT_ERRNO(0, connect_to(fd, "127.0.0.1", local_port(listener)));
	close(fd);
	close(in);
	close(full);
	close(listener);
}

TEST_F(sock, connecting_close_frees_the_port)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int fd = tcp_connecting(self->family, local_port(listener));
	int port = local_port(fd);

	ASSERT_LE(0, fd);
	EXPECT_ERRNO(0, close(fd));
	fd = tcp_socket(self->family);
	EXPECT_ERRNO(0, bind_to(fd, "127.0.0.1", port));
	close(fd);
	close(in);
	close(listener);
}

TEST_F(sock, connecting_goes_on_when_it_may_block)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd = tcp_connecting(self->family, local_port(listener));

	ASSERT_LE(0, fd);
	nonblocking(fd, false);
	EXPECT_ERRNO(0, connect_to(fd, "127.0.0.1", local_port(listener)));
	EXPECT_ERRNO(EISCONN, connect_to(fd, "127.0.0.1",
					 local_port(listener)));
	close(fd);
	close(listener);
}

/* Where to is decided by the first call. */
TEST_F(sock, connecting_state_before_name)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int fd = tcp_connecting(self->family, local_port(listener));
	struct sockaddr_in sin = lo(9);

	ASSERT_LE(0, fd);
	EXPECT_ERRNO(EALREADY, connect_to(fd, "192.0.2.1", 9));
	EXPECT_ERRNO(EINVAL, connect(fd, (void *)&sin, 1));
	close(fd);
	close(in);
	close(listener);
}

TEST_F(sock, connected_state_before_name)
{
	struct sockaddr_in sin = lo(9);
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EISCONN, connect_to(p.client, "192.0.2.1", 9));
	EXPECT_ERRNO(EINVAL, connect(p.client, (void *)&sin, 1));
	EXPECT_ERRNO(EISCONN, connect_to(p.server, "127.0.0.1", 9));
	pair_close(&p);
}

TEST_F(sock, refused_leaves_a_fresh_socket)
{
	int owner, port = deaf_port(self->family, &owner);
	int fd = tcp_socket(self->family);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);

	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", port));
	EXPECT_EQ(TCP_CLOSE, tcp_state(fd));
	EXPECT_EQ(0, so_error(fd));
	EXPECT_EQ(CAN_WRITE | POLLHUP, poll_now(fd));
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
	EXPECT_ERRNO(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(0, sin.sin_addr.s_addr);
	EXPECT_ERRNO(EPIPE, send(fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(ENOTCONN, recv(fd, &sin, 1, 0));
	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_RDWR));
	close(fd);
	close(owner);
}

/* The number of a port that was chosen is told when it is gone, too. */
TEST_F(sock, refused_still_tells_its_port)
{
	int owner, port = deaf_port(self->family, &owner);
	int fd = tcp_socket(self->family);
	int other = tcp_socket(self->family);
	int mine;

	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", port));
	mine = local_port(fd);
	EXPECT_LE(32768, mine);
	EXPECT_ERRNO(0, bind_to(other, "127.0.0.1", mine));
	EXPECT_ERRNO(0, bind_to(fd, "127.0.0.1", 0));
	close(fd);
	close(other);
	close(owner);
}

TEST_F(sock, refused_then_connected)
{
	int owner, port = deaf_port(self->family, &owner);
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", port));
	ASSERT_OK(listen(owner, 1));
	EXPECT_ERRNO(0, connect_to(fd, "127.0.0.1", port));
	EXPECT_EQ(1, send(fd, "x", 1, 0));
	close(fd);
	close(owner);
}

TEST_F(sock, refused_then_listens)
{
	int owner, port = deaf_port(self->family, &owner);
	int fd = tcp_socket(self->family);
	int client;

	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", port));
	EXPECT_ERRNO(0, bind_to(fd, "127.0.0.1", 0));
	EXPECT_ERRNO(0, listen(fd, 1));
	client = tcp_connected(self->family, local_port(fd));
	EXPECT_LE(0, client);
	close(client);
	close(fd);
	close(owner);
}

TEST_F(sock, refused_bound_keeps_its_name)
{
	int owner, port = deaf_port(self->family, &owner);
	int fd = tcp_socket(self->family);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	int mine;

	ASSERT_OK(bind_to(fd, "127.0.0.3", 0));
	mine = local_port(fd);
	ASSERT_OK(close(fd));
	fd = tcp_socket(self->family);
	ASSERT_OK(bind_to(fd, "127.0.0.3", mine));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", port));
	EXPECT_ERRNO(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(inet_addr("127.0.0.3"), sin.sin_addr.s_addr);
	EXPECT_EQ(mine, ntohs(sin.sin_port));
	close(fd);
	close(owner);
}

TEST_F(sock, refused_asked_by_connect_then_again)
{
	int owner, port = deaf_port(self->family, &owner);
	int fd = tcp_connecting(self->family, port);

	ASSERT_LE(0, fd);
	ASSERT_TRUE(poll_for(fd, POLLOUT, LONG_MS) & POLLERR);
	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", port));
	/* Told: this is the next try. */
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1", port));
	close(fd);
	close(owner);
}

/* SO_ERROR had it first. */
TEST_F(sock, refused_asked_by_so_error_then_connect)
{
	int owner, port = deaf_port(self->family, &owner);
	int fd = tcp_connecting(self->family, port);

	ASSERT_LE(0, fd);
	ASSERT_TRUE(poll_for(fd, POLLOUT, LONG_MS) & POLLERR);
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	EXPECT_ERRNO(ECONNABORTED, connect_to(fd, "127.0.0.1", port));
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1", port));
	close(fd);
	close(owner);
}

TEST_F(sock, refused_asked_by_recv)
{
	int owner, port = deaf_port(self->family, &owner);
	int fd = tcp_connecting(self->family, port);
	char byte;

	ASSERT_LE(0, fd);
	ASSERT_TRUE(poll_for(fd, POLLOUT, LONG_MS) & POLLERR);
	EXPECT_ERRNO(ECONNREFUSED, recv(fd, &byte, 1, 0));
	EXPECT_EQ(0, recv(fd, &byte, 1, 0));
	EXPECT_EQ(0, so_error(fd));
	close(fd);
	close(owner);
}

TEST_F(sock, refused_asked_by_send)
{
	int owner, port = deaf_port(self->family, &owner);
	int fd = tcp_connecting(self->family, port);

	ASSERT_LE(0, fd);
	ASSERT_TRUE(poll_for(fd, POLLOUT, LONG_MS) & POLLERR);
	/* An error is no broken pipe: no signal. */
	EXPECT_ERRNO(ECONNREFUSED, send(fd, "x", 1, 0));
	EXPECT_ERRNO(EPIPE, send(fd, "x", 1, MSG_NOSIGNAL));
	close(fd);
	close(owner);
}

TEST_F(sock, refused_and_not_asked)
{
	int owner, port = deaf_port(self->family, &owner);
	int fd = tcp_connecting(self->family, port);

	ASSERT_LE(0, fd);
	ASSERT_TRUE(poll_for(fd, POLLOUT, LONG_MS) & POLLERR);
	EXPECT_EQ(POLL_OVER | POLLERR, poll_now(fd));
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	EXPECT_EQ(POLL_OVER, poll_now(fd));
	EXPECT_ERRNO(EINVAL, listen(fd, 1));
	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_WR));
	close(fd);
	close(owner);
}

TEST_F(sock, unreachable_leaves_a_fresh_socket)
{
	int fd = tcp_socket(self->family);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);

	EXPECT_ERRNO(ENETUNREACH, connect_to(fd, "192.0.2.1", 9));
	EXPECT_EQ(0, so_error(fd));
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
	EXPECT_EQ(0, local_port(fd));
	EXPECT_EQ(CAN_WRITE | POLLHUP, poll_now(fd));
	EXPECT_ERRNO(0, listen(fd, 1));
	close(fd);
}

TEST_F(sock, broadcast_is_nobody_to_connect_to)
{
	int fd = tcp_socket(self->family);

	set_int(fd, SOL_SOCKET, SO_BROADCAST, 1);
	EXPECT_ERRNO(ENETUNREACH, connect_to(fd, "127.255.255.255", 9));
	EXPECT_ERRNO(ENETUNREACH, connect_to(fd, "224.0.0.1", 9));
	EXPECT_ERRNO(ENETUNREACH, connect_to(fd, "255.255.255.255", 9));
	close(fd);
}

TEST_F(sock, connect_to_port_zero)
{
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", 0));
	close(fd);
}

TEST_F(sock, disconnect_fresh)
{
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(0, disconnect(fd));
	EXPECT_EQ(0, so_error(fd));
	EXPECT_EQ(CAN_WRITE | POLLHUP, poll_now(fd));
	EXPECT_ERRNO(0, listen(fd, 1));
	close(fd);
}

TEST_F(sock, disconnect_needs_no_whole_name)
{
	struct sockaddr_in sin = { .sin_family = AF_UNSPEC };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EINVAL, connect(p.client, (void *)&sin, 0));
	EXPECT_ERRNO(EINVAL, connect(p.client, (void *)&sin, 1));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(p.client));
	EXPECT_ERRNO(0, connect(p.client, (void *)&sin, 2));
	EXPECT_EQ(TCP_CLOSE, tcp_state(p.client));
	pair_close(&p);
}

TEST_F(sock, disconnect_bound_keeps_the_port)
{
	int fd = tcp_socket(self->family);
	int other = tcp_socket(self->family);
	int port;

	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	port = local_port(fd);
	EXPECT_ERRNO(0, disconnect(fd));
	EXPECT_EQ(port, local_port(fd));
	EXPECT_ERRNO(EADDRINUSE, bind_to(other, "127.0.0.1", port));
	close(fd);
	close(other);
}

TEST_F(sock, disconnect_connecting)
{
	int in, full = tcp_listener_full(self->family, &in);
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd = tcp_connecting(self->family, local_port(full));

	ASSERT_LE(0, fd);
	EXPECT_ERRNO(0, disconnect(fd));
	EXPECT_EQ(TCP_CLOSE, tcp_state(fd));
	EXPECT_EQ(ECONNRESET, so_error(fd));
	nonblocking(fd, false);
	EXPECT_ERRNO(0, connect_to(fd, "127.0.0.1", local_port(listener)));
	close(fd);
	close(in);
	close(full);
	close(listener);
}

TEST_F(sock, disconnect_tells_of_a_reset)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(0, disconnect(p.client));
	EXPECT_EQ(CAN_WRITE | POLLHUP | POLLERR, poll_now(p.client));
	EXPECT_EQ(ECONNRESET, so_error(p.client));
	EXPECT_ERRNO(ENOTCONN, recv(p.client, &byte, 1, 0));
	EXPECT_ERRNO(ECONNRESET, recv(p.server, &byte, 1, 0));
	pair_close(&p);
}

TEST_F(sock, disconnect_forgets_the_peer)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(0, disconnect(p.client));
	EXPECT_ERRNO(ENOTCONN, getpeername(p.client, (void *)&sin, &len));
	EXPECT_ERRNO(0, getsockname(p.client, (void *)&sin, &len));
	EXPECT_EQ(0, sin.sin_addr.s_addr);
	EXPECT_NE(0, sin.sin_port);
	pair_close(&p);
}

TEST_F(sock, disconnect_forgets_what_was_shut)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.client, SHUT_RDWR));
	EXPECT_ERRNO(0, disconnect(p.client));
	close(p.server);
	ASSERT_OK(connect_to(p.client, "127.0.0.1", local_port(p.listener)));
	p.server = accept(p.listener, NULL, NULL);
	EXPECT_EQ(1, send(p.client, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(1, recv(p.server, &byte, 1, 0));
	EXPECT_EQ(1, send(p.server, "y", 1, MSG_NOSIGNAL));
	EXPECT_EQ(1, recv(p.client, &byte, 1, 0));
	pair_close(&p);
}

TEST_F(sock, disconnect_forgets_unread_data)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_EQ(1, send(p.server, "x", 1, 0));
	ASSERT_TRUE(wait_unread(p.client, 1));
	EXPECT_ERRNO(0, disconnect(p.client));
	ASSERT_OK(connect_to(p.client, "127.0.0.1", local_port(p.listener)));
	EXPECT_EQ(0, unread(p.client));
	EXPECT_ERRNO(EAGAIN, recv(p.client, &byte, 1, MSG_DONTWAIT));
	pair_close(&p);
}

TEST_F(sock, disconnect_listener)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int port = local_port(listener);
	int fd = tcp_socket(self->family);

	ASSERT_LE(0, listener);
	EXPECT_ERRNO(0, disconnect(listener));
	EXPECT_EQ(0, so_error(listener));
	EXPECT_EQ(0, get_int(listener, SOL_SOCKET, SO_ACCEPTCONN));
	EXPECT_ERRNO(EINVAL, accept(listener, NULL, NULL));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", port));
	close(fd);
	close(listener);
}

TEST_F(sock, disconnect_listener_resets_the_queue)
{
	int in, listener = tcp_listener_full(self->family, &in);
	char byte;

	ASSERT_LE(0, listener);
	EXPECT_ERRNO(0, disconnect(listener));
	EXPECT_ERRNO(ECONNRESET, recv(in, &byte, 1, 0));
	close(in);
	close(listener);
}

TEST_F(sock, disconnected_listener_listens_again)
{
	int listener = tcp_socket(self->family);
	int fd, port;

	/* A port that was asked for stays. */
	ASSERT_OK(bind_to(listener, "127.0.0.1", 0));
	port = local_port(listener);
	close(listener);
	listener = tcp_socket(self->family);
	ASSERT_OK(bind_to(listener, "127.0.0.1", port));
	ASSERT_OK(listen(listener, 1));
	EXPECT_ERRNO(0, disconnect(listener));
	EXPECT_ERRNO(0, listen(listener, 1));
	EXPECT_EQ(port, local_port(listener));
	fd = tcp_connected(self->family, port);
	EXPECT_LE(0, fd);
	close(fd);
	close(listener);
}

/* A port that nobody asked for goes with what it was chosen for. */
TEST_F(sock, disconnect_listener_frees_a_chosen_port)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 1);
	int other = tcp_socket(self->family);
	int port = local_port(listener);

	ASSERT_LE(0, listener);
	EXPECT_ERRNO(0, disconnect(listener));
	EXPECT_EQ(port, local_port(listener));
	EXPECT_ERRNO(0, bind_to(other, "127.0.0.1", port));
	/* It gets another. */
	EXPECT_ERRNO(0, listen(listener, 1));
	EXPECT_NE(port, local_port(listener));
	close(other);
	close(listener);
}

TEST_F(sock, disconnected_client_becomes_a_listener)
{
	struct pair p;
	int fd;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(0, disconnect(p.client));
	EXPECT_ERRNO(0, bind_to(p.client, "127.0.0.1", 0));
	EXPECT_ERRNO(0, listen(p.client, 1));
	fd = tcp_connected(self->family, local_port(p.client));
	EXPECT_LE(0, fd);
	close(fd);
	pair_close(&p);
}

TEST_F(sock, disconnect_bound_to_any_gives_the_address_back)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd = tcp_socket(self->family);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	int port;

	ASSERT_OK(bind_to(fd, "0.0.0.0", 0));
	port = local_port(fd);
	close(fd);
	fd = tcp_socket(self->family);
	ASSERT_OK(bind_to(fd, "0.0.0.0", port));
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(listener)));
	EXPECT_ERRNO(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), sin.sin_addr.s_addr);
	EXPECT_EQ(port, ntohs(sin.sin_port));
	ASSERT_OK(disconnect(fd));
	EXPECT_ERRNO(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(0, sin.sin_addr.s_addr);
	EXPECT_EQ(port, ntohs(sin.sin_port));
	close(fd);
	close(listener);
}

TEST_F(sock, connect_after_the_end)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair_over(self->family, &p));
	EXPECT_ERRNO(EISCONN, connect_to(p.client, "127.0.0.1",
					 local_port(p.listener)));
	EXPECT_ERRNO(EINVAL, listen(p.client, 1));
	EXPECT_ERRNO(0, disconnect(p.client));
	EXPECT_EQ(0, so_error(p.client));
	EXPECT_ERRNO(0, connect_to(p.client, "127.0.0.1",
				   local_port(p.listener)));
	pair_close(&p);
}

TEST_F(sock, connect_after_a_reset)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair_reset(self->family, &p));
	EXPECT_ERRNO(EISCONN, connect_to(p.client, "127.0.0.1",
					 local_port(p.listener)));
	EXPECT_EQ(ECONNRESET, so_error(p.client));
	EXPECT_ERRNO(0, disconnect(p.client));
	EXPECT_ERRNO(0, connect_to(p.client, "127.0.0.1",
				   local_port(p.listener)));
	pair_close(&p);
}

/* What was shut when there was no peer is shut for the peer that comes. */
TEST_F(sock, connect_after_shutdown_of_nothing)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_WR));
	EXPECT_ERRNO(0, connect_to(fd, "127.0.0.1", local_port(listener)));
	EXPECT_ERRNO(EPIPE, send(fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(fd));
	close(fd);
	close(listener);
}

TEST_F(sock, connect_the_same_way_twice)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int a = tcp_socket(self->family);
	int b = tcp_socket(self->family);

	set_int(a, SOL_SOCKET, SO_REUSEADDR, 1);
	set_int(b, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_OK(bind_to(a, "127.0.0.1", 0));
	ASSERT_OK(bind_to(b, "127.0.0.1", local_port(a)));
	EXPECT_ERRNO(0, connect_to(a, "127.0.0.1", local_port(listener)));
	EXPECT_ERRNO(EADDRNOTAVAIL, connect_to(b, "127.0.0.1",
					       local_port(listener)));
	EXPECT_EQ(TCP_CLOSE, tcp_state(b));
	close(a);
	close(b);
	close(listener);
}

TEST_F(sock, connect_to_itself_without_waiting)
{
	struct sockaddr_in me = {}, peer = {};
	socklen_t len = sizeof(me);
	int fd = tcp_socket(self->family);

	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	nonblocking(fd, true);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1", local_port(fd)));
	EXPECT_EQ(POLLOUT, poll_for(fd, POLLOUT, LONG_MS));
	EXPECT_EQ(0, so_error(fd));
	ASSERT_OK(getsockname(fd, (void *)&me, &len));
	ASSERT_OK(getpeername(fd, (void *)&peer, &len));
	EXPECT_EQ(0, memcmp(&me, &peer, sizeof(me)));
	close(fd);
}

/* Its FIN comes back as the peer's: simultaneous close. */
TEST_F(sock, close_of_a_connection_to_itself)
{
	int fd = tcp_socket(self->family);

	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(fd)));
	ASSERT_OK(shutdown(fd, SHUT_WR));
	EXPECT_TRUE(wait_state(fd, TCP_CLOSE));
	EXPECT_EQ(POLL_OVER, poll_now(fd));
	EXPECT_EQ(0, so_error(fd));
	close(fd);
}

TEST_F(sock, ports_of_clients_are_chosen_in_the_range)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 16);

	for (int i = 0; i < 16; i++) {
		int fd = tcp_connected(self->family, local_port(listener));

		EXPECT_LE(32768, local_port(fd));
		EXPECT_GE(60999, local_port(fd));
		close(fd);
	}
	close(listener);
}

TEST_HARNESS_MAIN
