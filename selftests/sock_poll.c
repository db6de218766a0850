// SPDX-License-Identifier: GPL-2.0
/*
 * poll(), select() and epoll: what is told, and when, by level and by edge.
 */
#include <sys/select.h>

#include "sock.h"
#include "states.h"

TEST_F(sock, fresh_sockets)
{
	int tcp = tcp_socket(self->family);
	int udp = udp_socket(self->family);

	EXPECT_EQ(POLLOUT | POLLWRNORM | POLLHUP, poll_for(tcp, POLL_ALL, 0));
	EXPECT_EQ(POLLOUT | POLLWRNORM, poll_for(udp, POLL_ALL, 0));
	close(tcp);
	close(udp);
}

TEST_F(sock, listener_is_readable)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd = tcp_socket(self->family);

	EXPECT_EQ(0, poll_for(listener, POLL_ALL, 0));
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(listener)));
	EXPECT_EQ(POLLIN | POLLRDNORM, poll_for(listener, POLL_ALL, LONG_MS));
	close(accept(listener, NULL, NULL));
	EXPECT_EQ(0, poll_for(listener, POLL_ALL, 0));
	close(fd);
	close(listener);
}

TEST_F(sock, connection_life)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(POLLOUT | POLLWRNORM, poll_for(p.client, POLL_ALL, 0));
	ASSERT_EQ(1, send(p.server, "x", 1, 0));
	ASSERT_TRUE(wait_unread(p.client, 1));
	EXPECT_EQ(POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM,
		  poll_for(p.client, POLL_ALL, 0));
	ASSERT_EQ(1, recv(p.client, &byte, 1, 0));
	EXPECT_EQ(POLLOUT | POLLWRNORM, poll_for(p.client, POLL_ALL, 0));

	/* The peer has ended its half. */
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	EXPECT_EQ(POLLIN | POLLRDHUP,
		  poll_for(p.client, POLLIN | POLLRDHUP, LONG_MS));
	EXPECT_EQ(POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLRDHUP,
		  poll_for(p.client, POLL_ALL, 0));
	/* Both halves are over. */
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_TRUE(poll_for(p.client, 0, LONG_MS) & POLLHUP);
	EXPECT_TRUE(wait_state(p.server, TCP_CLOSE));
	EXPECT_TRUE(poll_for(p.server, 0, LONG_MS) & POLLHUP);
	pair_close(&p);
}

TEST_F(sock, reset)
{
	struct linger linger = { .l_onoff = 1 };
	struct pair p;
	int events;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	setsockopt(p.server, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(p.server);
	events = poll_for(p.client, POLLIN, LONG_MS);
	EXPECT_EQ(POLLIN | POLLERR | POLLHUP, events);
	EXPECT_EQ(POLL_ALL - POLLPRI + POLLERR + POLLHUP,
		  poll_for(p.client, POLL_ALL, 0));
	EXPECT_EQ(ECONNRESET, so_error(p.client));
	EXPECT_EQ(POLL_ALL - POLLPRI + POLLHUP, poll_for(p.client, POLL_ALL, 0));
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, refused_connect)
{
	int fd = tcp_socket(self->family);

	nonblocking(fd, true);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1", 9));
	EXPECT_EQ(POLLOUT | POLLERR | POLLHUP,
		  poll_for(fd, POLLOUT, LONG_MS));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", 9));
	close(fd);
}

TEST_F(sock, full_and_drained)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	fill_up(p.client);
	EXPECT_EQ(0, poll_for(p.client, POLLOUT, 0));
	EXPECT_TRUE(drain_until_room(p.server, p.client));
	pair_close(&p);
}

TEST_F(sock, low_water_mark)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	set_int(p.server, SOL_SOCKET, SO_RCVLOWAT, 4);
	EXPECT_EQ(3, send(p.client, "abc", 3, 0));
	ASSERT_TRUE(wait_unread(p.server, 3));
	EXPECT_EQ(0, poll_for(p.server, POLLIN, SHORT_MS));
	EXPECT_EQ(1, send(p.client, "d", 1, 0));
	EXPECT_EQ(POLLIN, poll_for(p.server, POLLIN, LONG_MS));
	pair_close(&p);
}

TEST_F(sock, poll_is_woken)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	if (!fork()) {
		wait_asleep(getppid());
		send(p.client, "x", 1, 0);
		wait_asleep(getppid());
		shutdown(p.client, SHUT_WR);
		_exit(0);
	}
	EXPECT_EQ(POLLIN, poll_for(p.server, POLLIN, LONG_MS));
	EXPECT_EQ(POLLRDHUP, poll_for(p.server, POLLRDHUP, LONG_MS));
	wait(NULL);
	pair_close(&p);
}

TEST_F(sock, select_sets)
{
	struct timeval tv = { .tv_sec = 10 };
	struct pair p;
	fd_set r, w, e;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_ZERO(&e);
	FD_SET(p.client, &r);
	FD_SET(p.client, &w);
	FD_SET(p.client, &e);
	EXPECT_EQ(1, select(p.client + 1, &r, &w, &e, &tv));
	EXPECT_FALSE(FD_ISSET(p.client, &r));
	EXPECT_TRUE(FD_ISSET(p.client, &w));
	EXPECT_FALSE(FD_ISSET(p.client, &e));
	EXPECT_EQ(1, send(p.server, "x", 1, 0));
	FD_ZERO(&r);
	FD_SET(p.client, &r);
	EXPECT_EQ(1, select(p.client + 1, &r, NULL, NULL, &tv));
	pair_close(&p);
}

TEST_F(sock, epoll_level)
{
	struct pair p;
	char byte;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.server, EPOLLIN | EPOLLRDHUP);
	ASSERT_LE(0, ep);
	EXPECT_EQ(0, next_event(ep, 0));
	EXPECT_EQ(2, send(p.client, "xy", 2, 0));
	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	EXPECT_EQ(EPOLLIN, next_event(ep, 0));
	EXPECT_EQ(1, recv(p.server, &byte, 1, 0));
	EXPECT_EQ(EPOLLIN, next_event(ep, 0));
	EXPECT_EQ(1, recv(p.server, &byte, 1, 0));
	EXPECT_EQ(0, next_event(ep, 0));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_EQ(EPOLLIN | EPOLLRDHUP, next_event(ep, LONG_MS));
	EXPECT_EQ(EPOLLIN | EPOLLRDHUP, next_event(ep, 0));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, epoll_edge_in)
{
	struct pair p;
	char byte;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.server, EPOLLIN | EPOLLRDHUP | EPOLLET);
	ASSERT_LE(0, ep);
	EXPECT_EQ(2, send(p.client, "xy", 2, 0));
	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	EXPECT_EQ(1, recv(p.server, &byte, 1, 0));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	/* New data is a new edge, though the old was not all read. */
	EXPECT_EQ(1, send(p.client, "z", 1, 0));
	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_EQ(EPOLLIN | EPOLLRDHUP, next_event(ep, LONG_MS));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, epoll_edge_out)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLLOUT | EPOLLET);
	ASSERT_LE(0, ep);
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	EXPECT_EQ(0, next_event(ep, 0));
	fill_up(p.client);
	next_event(ep, 0);
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	EXPECT_TRUE(drain_until_room(p.server, p.client));
	EXPECT_EQ(EPOLLOUT, next_event(ep, LONG_MS));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, epoll_connect)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd = tcp_socket(self->family);
	int ep;

	nonblocking(fd, true);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1",
					     local_port(listener)));
	ep = watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	EXPECT_EQ(EPOLLOUT, next_event(ep, LONG_MS));
	EXPECT_EQ(0, so_error(fd));
	close(ep);
	close(fd);
	close(listener);
}

TEST_F(sock, epoll_accept_edge)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int ep = watch(listener, EPOLLIN | EPOLLET);
	int fds[2];

	for (int i = 0; i < 2; i++) {
		fds[i] = tcp_socket(self->family);
		ASSERT_OK(connect_to(fds[i], "127.0.0.1",
				     local_port(listener)));
		EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
		EXPECT_EQ(0, next_event(ep, 0));
	}
	close(fds[0]);
	close(fds[1]);
	close(ep);
	close(listener);
}

TEST_F(sock, epoll_oneshot)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLONESHOT };
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.server, EPOLLIN | EPOLLONESHOT);
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	EXPECT_EQ(1, send(p.client, "y", 1, 0));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	ASSERT_OK(epoll_ctl(ep, EPOLL_CTL_MOD, p.server, &ev));
	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, epoll_reset)
{
	struct linger linger = { .l_onoff = 1 };
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLLIN | EPOLLRDHUP | EPOLLET);
	setsockopt(p.server, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(p.server);
	EXPECT_EQ(EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP,
		  next_event(ep, LONG_MS));
	close(ep);
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, udp_events)
{
	int a = udp_bound(self->family, "127.0.0.1");
	int b = udp_socket(self->family);
	int ep = watch(a, EPOLLIN | EPOLLET);
	char byte;

	EXPECT_EQ(POLLOUT | POLLWRNORM, poll_for(a, POLL_ALL, 0));
	ASSERT_OK(connect_to(b, "127.0.0.1", local_port(a)));
	EXPECT_EQ(1, send(b, "x", 1, 0));
	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	EXPECT_EQ(0, next_event(ep, 0));
	EXPECT_EQ(POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM,
		  poll_for(a, POLL_ALL, 0));
	EXPECT_EQ(1, send(b, "y", 1, 0));
	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	EXPECT_EQ(1, recv(a, &byte, 1, 0));
	EXPECT_EQ(1, recv(a, &byte, 1, 0));
	EXPECT_EQ(POLLOUT | POLLWRNORM, poll_for(a, POLL_ALL, 0));
	close(ep);
	close(a);
	/* An error is told whatever was asked for. */
	EXPECT_EQ(1, send(b, "x", 1, 0));
	EXPECT_EQ(POLLERR, poll_for(b, 0, LONG_MS));
	close(b);
}

TEST_HARNESS_MAIN
