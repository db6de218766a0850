// SPDX-License-Identifier: GPL-2.0
/*
 * What epoll, poll and select tell of a TCP socket in each of its states, by
 * level and by edge, and what makes a new edge.
 */
#include <sys/select.h>

#include "sock.h"
#include "states.h"

#define EPOLL_MOST (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI)
#define EPOLL_OVER (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP)

TEST_F(sock, level_fresh)
{
	int fd = tcp_socket(self->family);
	int ep = watch(fd, EPOLL_MOST);

	EXPECT_EQ(EPOLLOUT | EPOLLHUP, next_event(ep, 0));
	EXPECT_EQ(EPOLLOUT | EPOLLHUP, next_event(ep, 0));
	close(ep);
	close(fd);
}

TEST_F(sock, edge_fresh)
{
	int fd = tcp_socket(self->family);
	int ep = watch(fd, EPOLL_MOST | EPOLLET);

	EXPECT_EQ(EPOLLOUT | EPOLLHUP, next_event(ep, 0));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(ep);
	close(fd);
}

TEST_F(sock, level_listening)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int ep = watch(listener, EPOLL_MOST);
	int fd;

	EXPECT_EQ(0, next_event(ep, 0));
	fd = tcp_connected(self->family, local_port(listener));
	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	EXPECT_EQ(EPOLLIN, next_event(ep, 0));
	close(accept(listener, NULL, NULL));
	EXPECT_EQ(0, next_event(ep, 0));
	close(fd);
	close(ep);
	close(listener);
}

/* Watched before it was anything: the change to a listener is no event. */
TEST_F(sock, edge_fresh_to_listening)
{
	int fd = tcp_socket(self->family);
	int ep = watch(fd, EPOLL_MOST | EPOLLET);
	int client;

	EXPECT_EQ(EPOLLOUT | EPOLLHUP, next_event(ep, 0));
	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	ASSERT_OK(listen(fd, 1));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	client = tcp_connected(self->family, local_port(fd));
	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(client);
	close(ep);
	close(fd);
}

TEST_F(sock, level_connecting)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int fd = tcp_connecting(self->family, local_port(listener));
	int ep = watch(fd, EPOLL_MOST);

	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	/* Room: the next SYN gets in. */
	close(accept(listener, NULL, NULL));
	EXPECT_EQ(EPOLLOUT, next_event(ep, LONG_MS));
	close(ep);
	close(fd);
	close(in);
	close(listener);
}

TEST_F(sock, edge_connecting_to_connected)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd = tcp_socket(self->family);
	int ep = watch(fd, EPOLL_MOST | EPOLLET);

	EXPECT_EQ(EPOLLOUT | EPOLLHUP, next_event(ep, 0));
	nonblocking(fd, true);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1",
					     local_port(listener)));
	EXPECT_EQ(EPOLLOUT, next_event(ep, LONG_MS));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	EXPECT_EQ(0, so_error(fd));
	close(ep);
	close(fd);
	close(listener);
}

TEST_F(sock, edge_connecting_to_refused)
{
	int owner, port = deaf_port(self->family, &owner);
	int fd = tcp_socket(self->family);
	int ep = watch(fd, EPOLL_MOST | EPOLLET);

	EXPECT_EQ(EPOLLOUT | EPOLLHUP, next_event(ep, 0));
	nonblocking(fd, true);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1", port));
	EXPECT_EQ(EPOLL_OVER | EPOLLERR, next_event(ep, LONG_MS));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	/* To ask for the error is no event. */
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(ep);
	close(fd);
	close(owner);
}

TEST_F(sock, level_refused)
{
	int owner, port = deaf_port(self->family, &owner);
	int fd = tcp_connecting(self->family, port);
	int ep = watch(fd, EPOLLIN);

	EXPECT_EQ(EPOLLIN | EPOLLERR | EPOLLHUP, next_event(ep, LONG_MS));
	EXPECT_EQ(EPOLLIN | EPOLLERR | EPOLLHUP, next_event(ep, 0));
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	EXPECT_EQ(EPOLLIN | EPOLLHUP, next_event(ep, 0));
	close(ep);
	close(fd);
	close(owner);
}

TEST_F(sock, level_connected)
{
	struct pair p;
	char byte;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLL_MOST);
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	ASSERT_EQ(1, send(p.server, "x", 1, 0));
	ASSERT_TRUE(wait_unread(p.client, 1));
	EXPECT_EQ(EPOLLIN | EPOLLOUT, next_event(ep, 0));
	ASSERT_EQ(1, recv(p.client, &byte, 1, 0));
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, level_half_closed_by_the_peer)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	EXPECT_TRUE(wait_state(p.client, TCP_CLOSE_WAIT));
	ep = watch(p.client, EPOLL_MOST);
	EXPECT_EQ(EPOLLIN | EPOLLOUT | EPOLLRDHUP, next_event(ep, 0));
	EXPECT_EQ(EPOLLIN | EPOLLOUT | EPOLLRDHUP, next_event(ep, 0));
	ASSERT_OK(watch_again(ep, p.client, EPOLLIN));
	EXPECT_EQ(EPOLLIN, next_event(ep, 0));
	ASSERT_OK(watch_again(ep, p.client, EPOLLRDHUP));
	EXPECT_EQ(EPOLLRDHUP, next_event(ep, 0));
	ASSERT_OK(watch_again(ep, p.client, EPOLLPRI));
	EXPECT_EQ(0, next_event(ep, 0));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, level_half_closed_by_oneself)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLL_MOST);
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_TRUE(wait_state(p.client, TCP_FIN_WAIT2));
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	ASSERT_OK(shutdown(p.client, SHUT_RD));
	EXPECT_EQ(EPOLL_OVER, next_event(ep, 0));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, level_over)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair_over(self->family, &p));
	ep = watch(p.client, EPOLL_MOST);
	EXPECT_EQ(EPOLL_OVER, next_event(ep, 0));
	close(ep);
	/* Told whatever was asked for. */
	ep = watch(p.server, 0);
	EXPECT_EQ(EPOLLHUP, next_event(ep, 0));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, level_reset)
{
	struct pair p;
	char byte;
	int ep;

	ASSERT_TRUE(tcp_pair_reset(self->family, &p));
	ep = watch(p.client, EPOLL_MOST);
	EXPECT_EQ(EPOLL_OVER | EPOLLERR, next_event(ep, 0));
	EXPECT_ERRNO(ECONNRESET, recv(p.client, &byte, 1, 0));
	EXPECT_EQ(EPOLL_OVER, next_event(ep, 0));
	ASSERT_OK(watch_again(ep, p.client, 0));
	EXPECT_EQ(EPOLLHUP, next_event(ep, 0));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, edge_of_the_peers_end)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLL_MOST | EPOLLET);
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	EXPECT_EQ(EPOLLIN | EPOLLOUT | EPOLLRDHUP, next_event(ep, LONG_MS));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, edge_of_data_and_end)
{
	struct pair p;
	char buf[4];
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLLIN | EPOLLRDHUP | EPOLLET);
	ASSERT_EQ(3, send(p.server, "abc", 3, 0));
	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	/* Not read yet, and now the end. */
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	EXPECT_EQ(EPOLLIN | EPOLLRDHUP, next_event(ep, LONG_MS));
	EXPECT_EQ(3, recv(p.client, buf, 3, 0));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, edge_of_own_shutdown)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLL_MOST | EPOLLET);
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	ASSERT_OK(shutdown(p.client, SHUT_RD));
	EXPECT_EQ(EPOLLIN | EPOLLOUT | EPOLLRDHUP, next_event(ep, LONG_MS));
	EXPECT_EQ(0, next_event(ep, 0));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, edge_of_both_ends)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_TRUE(wait_state(p.client, TCP_FIN_WAIT2));
	ep = watch(p.client, EPOLL_MOST | EPOLLET);
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	EXPECT_EQ(EPOLL_OVER, next_event(ep, LONG_MS));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, edge_of_a_reset_with_data)
{
	struct pair p;
	char byte;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLLIN | EPOLLET);
	ASSERT_EQ(1, send(p.server, "x", 1, 0));
	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	reset_close(p.server);
	EXPECT_EQ(EPOLLIN | EPOLLERR | EPOLLHUP, next_event(ep, LONG_MS));
	EXPECT_EQ(1, recv(p.client, &byte, 1, 0));
	EXPECT_ERRNO(ECONNRESET, recv(p.client, &byte, 1, 0));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(ep);
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, edge_of_a_disconnect)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLL_MOST | EPOLLET);
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	ASSERT_OK(disconnect(p.client));
	EXPECT_EQ(EPOLLOUT | EPOLLHUP | EPOLLERR, next_event(ep, LONG_MS));
	EXPECT_EQ(0, next_event(ep, 0));
	close(ep);
	pair_close(&p);
}

/* Reading is no event, whatever is left. */
TEST_F(sock, edge_is_not_made_by_reading)
{
	struct pair p;
	char buf[2];
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLLIN | EPOLLET);
	ASSERT_EQ(4, send(p.server, "abcd", 4, 0));
	ASSERT_TRUE(wait_unread(p.client, 4));
	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	EXPECT_EQ(2, recv(p.client, buf, 2, 0));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	EXPECT_EQ(2, recv(p.client, buf, 2, 0));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, edge_is_made_by_each_arrival)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLLIN | EPOLLET);
	for (int i = 1; i <= 5; i++) {
		ASSERT_EQ(1, send(p.server, "x", 1, 0));
		EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
		EXPECT_EQ(i, unread(p.client));
		EXPECT_EQ(0, next_event(ep, 0));
	}
	close(ep);
	pair_close(&p);
}

/* Acknowledgments are nothing to tell, unless there was no room. */
TEST_F(sock, edge_is_not_made_by_sending)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLL_MOST | EPOLLET);
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	ASSERT_EQ(1, send(p.client, "x", 1, 0));
	while (queue_size(p.client, SIOCOUTQ) > 0)
		;
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, edge_of_room_again_and_again)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLLOUT | EPOLLET);
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	for (int i = 0; i < 2; i++) {
		fill_up(p.client);
		next_event(ep, 0);
		EXPECT_EQ(0, next_event(ep, 0));
		EXPECT_TRUE(drain_until_room(p.server, p.client));
		EXPECT_EQ(EPOLLOUT, next_event(ep, LONG_MS));
	}
	close(ep);
	pair_close(&p);
}

/* Whatever happens, all that holds is told. */
TEST_F(sock, edge_tells_of_both_directions)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLLIN | EPOLLOUT | EPOLLET);
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	ASSERT_EQ(1, send(p.server, "x", 1, 0));
	EXPECT_EQ(EPOLLIN | EPOLLOUT, next_event(ep, LONG_MS));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, edge_again_by_modifying)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLLOUT | EPOLLET);
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	EXPECT_EQ(0, next_event(ep, 0));
	ASSERT_OK(watch_again(ep, p.client, EPOLLOUT | EPOLLET));
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	EXPECT_EQ(0, next_event(ep, 0));
	close(ep);
	pair_close(&p);
}

TEST_F(sock, oneshot_out)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLLOUT | EPOLLONESHOT);
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	EXPECT_EQ(0, next_event(ep, 0));
	ASSERT_OK(watch_again(ep, p.client, EPOLLOUT | EPOLLONESHOT));
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	close(ep);
	pair_close(&p);
}

/* Disarmed, it does not even tell of the end. */
TEST_F(sock, oneshot_is_silent_about_a_reset)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLLOUT | EPOLLONESHOT);
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	reset_close(p.server);
	ASSERT_TRUE(wait_state(p.client, TCP_CLOSE));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	ASSERT_OK(watch_again(ep, p.client, EPOLLIN | EPOLLONESHOT));
	EXPECT_EQ(EPOLLIN | EPOLLERR | EPOLLHUP, next_event(ep, 0));
	close(ep);
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, oneshot_listener)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int ep = watch(listener, EPOLLIN | EPOLLONESHOT);
	int a = tcp_connected(self->family, local_port(listener));
	int b;

	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	b = tcp_connected(self->family, local_port(listener));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(accept(listener, NULL, NULL));
	ASSERT_OK(watch_again(ep, listener, EPOLLIN | EPOLLONESHOT));
	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	close(a);
	close(b);
	close(ep);
	close(listener);
}

TEST_F(sock, exclusive_takes_few_events)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int ep = epoll_create1(0);

	EXPECT_ERRNO(0, epoll_ctl(ep, EPOLL_CTL_ADD, listener, &ev));
	EXPECT_ERRNO(EINVAL, epoll_ctl(ep, EPOLL_CTL_MOD, listener, &ev));
	EXPECT_ERRNO(0, epoll_ctl(ep, EPOLL_CTL_DEL, listener, NULL));
	ev.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLRDHUP;
	EXPECT_ERRNO(EINVAL, epoll_ctl(ep, EPOLL_CTL_ADD, listener, &ev));
	close(ep);
	close(listener);
}

static long call_epoll(struct call *c)
{
	return next_event(c->fd, LONG_MS);
}

/* Two epolls wait for a listener: one connection wakes one of them. */
TEST_F(sock, exclusive_wakes_one)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	struct call calls[2] = {};
	int fds[2], woken;

	for (int i = 0; i < 2; i++) {
		calls[i].fn = call_epoll;
		calls[i].fd = watch(listener, EPOLLIN | EPOLLEXCLUSIVE);
		ASSERT_TRUE(call_start(&calls[i]));
	}
	fds[0] = tcp_connected(self->family, local_port(listener));
	do {
		woken = !!__atomic_load_n(&calls[0].ret, __ATOMIC_ACQUIRE) +
			!!__atomic_load_n(&calls[1].ret, __ATOMIC_ACQUIRE);
	} while (!woken);
	usleep(SHORT_MS * 1000);
	woken = !!__atomic_load_n(&calls[0].ret, __ATOMIC_ACQUIRE) +
		!!__atomic_load_n(&calls[1].ret, __ATOMIC_ACQUIRE);
	EXPECT_EQ(1, woken);
	/* The second one wakes the other. */
	fds[1] = tcp_connected(self->family, local_port(listener));
	EXPECT_EQ(EPOLLIN, call_end(&calls[0]));
	EXPECT_EQ(EPOLLIN, call_end(&calls[1]));
	for (int i = 0; i < 2; i++) {
		close(fds[i]);
		close(calls[i].fd);
	}
	close(listener);
}

TEST_F(sock, two_epolls_are_both_told)
{
	struct pair p;
	int a, b;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	a = watch(p.client, EPOLLIN | EPOLLET);
	b = watch(p.client, EPOLLIN);
	ASSERT_EQ(1, send(p.server, "x", 1, 0));
	EXPECT_EQ(EPOLLIN, next_event(a, LONG_MS));
	EXPECT_EQ(EPOLLIN, next_event(b, LONG_MS));
	close(a);
	close(b);
	pair_close(&p);
}

TEST_F(sock, epoll_of_an_epoll)
{
	struct pair p;
	int inner, outer;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	inner = watch(p.client, EPOLLIN);
	outer = watch(inner, EPOLLIN);
	EXPECT_EQ(0, next_event(outer, 0));
	ASSERT_EQ(1, send(p.server, "x", 1, 0));
	EXPECT_EQ(EPOLLIN, next_event(outer, LONG_MS));
	EXPECT_EQ(EPOLLIN, next_event(inner, 0));
	close(outer);
	close(inner);
	pair_close(&p);
}

TEST_F(sock, closed_is_watched_no_more)
{
	struct pair p;
	int ep;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLLIN | EPOLLOUT);
	EXPECT_EQ(EPOLLOUT, next_event(ep, 0));
	close(p.client);
	EXPECT_EQ(0, next_event(ep, 0));
	close(ep);
	p.client = -1;
	pair_close(&p);
}

/* The socket is watched, not the number. */
TEST_F(sock, closed_is_watched_while_a_copy_is_open)
{
	struct pair p;
	int ep, copy;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ep = watch(p.client, EPOLLIN);
	copy = dup(p.client);
	close(p.client);
	ASSERT_EQ(1, send(p.server, "x", 1, 0));
	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	close(copy);
	EXPECT_EQ(0, next_event(ep, 0));
	close(ep);
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, level_listener_shut)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int ep = watch(listener, EPOLLIN);

	EXPECT_EQ(0, next_event(ep, 0));
	ASSERT_OK(shutdown(listener, SHUT_RD));
	EXPECT_EQ(EPOLLHUP, next_event(ep, LONG_MS));
	close(ep);
	close(listener);
}

TEST_F(sock, level_accepted_in_the_queue_tells_nothing_twice)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int ep = watch(listener, EPOLLIN | EPOLLET);
	int fd = tcp_connected(self->family, local_port(listener));

	EXPECT_EQ(EPOLLIN, next_event(ep, LONG_MS));
	/* Data for who is in the queue is not the listener's. */
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(fd);
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(ep);
	close(listener);
}

TEST_F(sock, select_of_a_reset)
{
	struct timeval tv = { .tv_sec = LONG_MS / 1000 };
	struct pair p;
	fd_set r, w, e;

	ASSERT_TRUE(tcp_pair_reset(self->family, &p));
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_ZERO(&e);
	FD_SET(p.client, &r);
	FD_SET(p.client, &w);
	FD_SET(p.client, &e);
	EXPECT_EQ(2, select(p.client + 1, &r, &w, &e, &tv));
	EXPECT_TRUE(FD_ISSET(p.client, &r));
	EXPECT_TRUE(FD_ISSET(p.client, &w));
	EXPECT_FALSE(FD_ISSET(p.client, &e));
	pair_close(&p);
}

TEST_F(sock, select_of_the_end)
{
	struct timeval tv = { .tv_sec = LONG_MS / 1000 };
	struct pair p;
	fd_set r;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	FD_ZERO(&r);
	FD_SET(p.client, &r);
	EXPECT_EQ(1, select(p.client + 1, &r, NULL, NULL, &tv));
	EXPECT_TRUE(FD_ISSET(p.client, &r));
	pair_close(&p);
}

TEST_F(sock, select_of_urgent_data)
{
	struct timeval tv = { .tv_sec = LONG_MS / 1000 };
	struct pair p;
	fd_set e;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_EQ(1, send(p.server, "x", 1, MSG_OOB));
	FD_ZERO(&e);
	FD_SET(p.client, &e);
	EXPECT_EQ(1, select(p.client + 1, NULL, NULL, &e, &tv));
	EXPECT_TRUE(FD_ISSET(p.client, &e));
	EXPECT_EQ(CAN_WRITE | POLLPRI, poll_now(p.client));
	pair_close(&p);
}

static void on_usr1(int sig)
{
}

/* A signal that was held back comes in with ppoll()'s own mask. */
TEST_F(sock, ppoll_with_a_mask)
{
	struct timespec ts = { .tv_sec = LONG_MS / 1000 };
	struct pollfd pfd = { .events = POLLIN };
	sigset_t held, none;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	pfd.fd = p.client;
	signal(SIGUSR1, on_usr1);
	sigemptyset(&none);
	sigemptyset(&held);
	sigaddset(&held, SIGUSR1);
	sigprocmask(SIG_BLOCK, &held, NULL);
	raise(SIGUSR1);
	EXPECT_EQ(0, poll_for(p.client, POLLIN, 0));
	EXPECT_ERRNO(EINTR, ppoll(&pfd, 1, &ts, &none));
	ASSERT_EQ(1, send(p.server, "x", 1, 0));
	EXPECT_EQ(1, ppoll(&pfd, 1, &ts, NULL));
	EXPECT_EQ(POLLIN, pfd.revents);
	pair_close(&p);
}

TEST_F(sock, poll_of_many_at_once)
{
	struct pair p, q;
	struct pollfd pfds[3];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_TRUE(tcp_pair_over(self->family, &q));
	ASSERT_EQ(1, send(p.server, "x", 1, 0));
	ASSERT_TRUE(wait_unread(p.client, 1));
	pfds[0] = (struct pollfd){ .fd = p.client, .events = POLLIN };
	pfds[1] = (struct pollfd){ .fd = p.server, .events = POLLIN };
	pfds[2] = (struct pollfd){ .fd = q.client };
	EXPECT_EQ(2, poll(pfds, 3, LONG_MS));
	EXPECT_EQ(POLLIN, pfds[0].revents);
	EXPECT_EQ(0, pfds[1].revents);
	EXPECT_EQ(POLLHUP, pfds[2].revents);
	pair_close(&p);
	pair_close(&q);
}

TEST_HARNESS_MAIN
