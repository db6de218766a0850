// SPDX-License-Identifier: GPL-2.0
/*
 * Calls on TCP sockets that end before their time: SO_RCVTIMEO, SO_SNDTIMEO,
 * signals with and without SA_RESTART.
 */
#include "sock.h"
#include "states.h"

static volatile sig_atomic_t signals;

static void on_usr1(int sig)
{
	signals++;
}

static void catch(int flags)
{
	struct sigaction sa = { .sa_handler = on_usr1, .sa_flags = flags };

	signals = 0;
	sigaction(SIGUSR1, &sa, NULL);
}

static void interrupt(struct call *c)
{
	long end = now_ms() + LONG_MS;

	pthread_kill(c->thread, SIGUSR1);
	while (!signals && now_ms() < end)
		usleep(1000);
}

static int no_timeout(int fd, int name)
{
	struct timeval tv = {};

	return setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv));
}

TEST_F(sock, timeouts_read_back)
{
	struct timeval tv = { .tv_sec = 9 };
	socklen_t len = sizeof(tv);
	int fd = tcp_socket(self->family);

	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	EXPECT_EQ(0, tv.tv_sec);
	EXPECT_EQ(0, tv.tv_usec);
	timeout_ms(fd, SO_RCVTIMEO, 1500);
	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	EXPECT_EQ(1, tv.tv_sec);
	EXPECT_EQ(500000, tv.tv_usec);
	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, &len));
	EXPECT_EQ(0, tv.tv_sec);
	close(fd);
}

TEST_F(sock, timeouts_out_of_range)
{
	struct timeval tv = { .tv_usec = 1000000 };
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(EDOM, setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv,
				      sizeof(tv)));
	tv.tv_usec = -1;
	EXPECT_ERRNO(EDOM, setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv,
				      sizeof(tv)));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, 4));
	close(fd);
}

/* Less than none is none at all: calls do not wait. */
TEST_F(sock, timeout_below_zero)
{
	struct timeval tv = { .tv_sec = -1 };
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(setsockopt(p.client, SOL_SOCKET, SO_RCVTIMEO, &tv,
			     sizeof(tv)));
	EXPECT_ERRNO(EAGAIN, recv(p.client, &byte, 1, 0));
	pair_close(&p);
}

TEST_F(sock, recv_times_out)
{
	struct pair p;
	long before;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	timeout_ms(p.client, SO_RCVTIMEO, 20);
	before = times_asleep();
	EXPECT_ERRNO(EAGAIN, recv(p.client, &byte, 1, 0));
	EXPECT_LT(before, times_asleep());
	EXPECT_ERRNO(EAGAIN, recv(p.client, &byte, 1, MSG_PEEK));
	EXPECT_EQ(0, so_error(p.client));
	/* It is a limit of waiting, not of the connection. */
	ASSERT_EQ(1, send(p.server, "x", 1, 0));
	ASSERT_TRUE(wait_unread(p.client, 1));
	EXPECT_EQ(1, recv(p.client, &byte, 1, 0));
	pair_close(&p);
}

TEST_F(sock, waitall_times_out_with_what_came)
{
	struct pair p;
	char buf[8];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_EQ(3, send(p.server, "abc", 3, 0));
	ASSERT_TRUE(wait_unread(p.client, 3));
	timeout_ms(p.client, SO_RCVTIMEO, 20);
	EXPECT_EQ(3, recv(p.client, buf, sizeof(buf), MSG_WAITALL));
	EXPECT_ERRNO(EAGAIN, recv(p.client, buf, sizeof(buf), MSG_WAITALL));
	pair_close(&p);
}

TEST_F(sock, send_times_out)
{
	struct pair p;
	long before;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	fill_up(p.client);
	timeout_ms(p.client, SO_SNDTIMEO, 20);
	before = times_asleep();
	EXPECT_ERRNO(EAGAIN, send(p.client, "x", 1, 0));
	EXPECT_LT(before, times_asleep());
	EXPECT_TRUE(drain_until_room(p.server, p.client));
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	pair_close(&p);
}

TEST_F(sock, send_times_out_with_what_went)
{
	static char big[32 << 20];
	struct pair p;
	ssize_t n;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	timeout_ms(p.client, SO_SNDTIMEO, 200);
	n = send(p.client, big, sizeof(big), 0);
	EXPECT_LT(0, n);
	EXPECT_GT((ssize_t)sizeof(big), n);
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_EQ(n, read_all(p.server));
	pair_close(&p);
}

TEST_F(sock, accept_times_out)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd;

	timeout_ms(listener, SO_RCVTIMEO, 20);
	EXPECT_ERRNO(EAGAIN, accept(listener, NULL, NULL));
	fd = tcp_connected(self->family, local_port(listener));
	ASSERT_EQ(POLLIN, poll_for(listener, POLLIN, LONG_MS));
	EXPECT_ERRNO(0, accept(listener, NULL, NULL));
	close(fd);
	close(listener);
}

/* connect() goes on; the time that it may take is that of sending. */
TEST_F(sock, connect_times_out)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int fd = tcp_socket(self->family);

	timeout_ms(fd, SO_SNDTIMEO, 20);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1",
					     local_port(listener)));
	EXPECT_EQ(TCP_SYN_SENT, tcp_state(fd));
	EXPECT_ERRNO(EALREADY, connect_to(fd, "127.0.0.1",
					  local_port(listener)));
	close(accept(listener, NULL, NULL));
	EXPECT_EQ(POLLOUT, poll_for(fd, POLLOUT, LONG_MS));
	EXPECT_ERRNO(0, connect_to(fd, "127.0.0.1", local_port(listener)));
	close(fd);
	close(in);
	close(listener);
}

TEST_F(sock, send_to_the_unconnected_times_out)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int fd = tcp_connecting(self->family, local_port(listener));
	char byte;

	ASSERT_LE(0, fd);
	nonblocking(fd, false);
	timeout_ms(fd, SO_SNDTIMEO, 20);
	timeout_ms(fd, SO_RCVTIMEO, 20);
	EXPECT_ERRNO(EAGAIN, send(fd, "x", 1, 0));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, 0));
	EXPECT_EQ(TCP_SYN_SENT, tcp_state(fd));
	close(fd);
	close(in);
	close(listener);
}

TEST_F(sock, recv_is_interrupted)
{
	char byte;
	struct call c = { .fn = call_recv, .buf = &byte, .len = 1 };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	no_timeout(p.client, SO_RCVTIMEO);
	catch(0);
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_ERRNO(EINTR, call_end(&c));
	pair_close(&p);
}

TEST_F(sock, recv_is_restarted)
{
	char byte;
	struct call c = { .fn = call_recv, .buf = &byte, .len = 1 };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	no_timeout(p.client, SO_RCVTIMEO);
	catch(SA_RESTART);
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_EQ(1, signals);
	EXPECT_TRUE(call_sleeps(&c));
	ASSERT_EQ(1, send(p.server, "x", 1, 0));
	EXPECT_EQ(1, call_end(&c));
	pair_close(&p);
}

/* A limit cannot be taken up again: SA_RESTART does not help. */
TEST_F(sock, recv_with_a_timeout_is_not_restarted)
{
	char byte;
	struct call c = { .fn = call_recv, .buf = &byte, .len = 1 };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	timeout_ms(p.client, SO_RCVTIMEO, LONG_MS);
	catch(SA_RESTART);
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_ERRNO(EINTR, call_end(&c));
	pair_close(&p);
}

TEST_F(sock, waitall_is_interrupted_with_what_came)
{
	char buf[8];
	struct call c = {
		.fn = call_recv, .buf = buf, .len = 8, .flags = MSG_WAITALL,
	};
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	no_timeout(p.client, SO_RCVTIMEO);
	ASSERT_EQ(3, send(p.server, "abc", 3, 0));
	ASSERT_TRUE(wait_unread(p.client, 3));
	catch(SA_RESTART);
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_EQ(3, call_end(&c));
	pair_close(&p);
}

TEST_F(sock, send_is_interrupted)
{
	struct call c = { .fn = call_send, .buf = "x", .len = 1 };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	no_timeout(p.client, SO_SNDTIMEO);
	fill_up(p.client);
	catch(0);
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_ERRNO(EINTR, call_end(&c));
	pair_close(&p);
}

TEST_F(sock, send_is_restarted)
{
	struct call c = { .fn = call_send, .buf = "x", .len = 1 };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	no_timeout(p.client, SO_SNDTIMEO);
	fill_up(p.client);
	catch(SA_RESTART);
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_TRUE(call_sleeps(&c));
	EXPECT_TRUE(drain_until_room(p.server, p.client));
	EXPECT_EQ(1, call_end(&c));
	pair_close(&p);
}

TEST_F(sock, send_is_interrupted_with_what_went)
{
	static char big[32 << 20];
	struct call c = { .fn = call_send, .buf = big, .len = sizeof(big) };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	no_timeout(p.client, SO_SNDTIMEO);
	catch(SA_RESTART);
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_LT(0, call_end(&c));
	EXPECT_GT((long)sizeof(big), c.ret);
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_EQ(c.ret, read_all(p.server));
	pair_close(&p);
}

TEST_F(sock, accept_is_interrupted)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	struct call c = { .fn = call_accept, .fd = listener };

	catch(0);
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_ERRNO(EINTR, call_end(&c));
	close(listener);
}

TEST_F(sock, accept_is_restarted)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	struct call c = { .fn = call_accept, .fd = listener };
	int fd;

	catch(SA_RESTART);
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_TRUE(call_sleeps(&c));
	fd = tcp_connected(self->family, local_port(listener));
	EXPECT_LE(0, call_end(&c));
	close(fd);
	close(listener);
}

TEST_F(sock, accept_with_a_timeout_is_not_restarted)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	struct call c = { .fn = call_accept, .fd = listener };

	timeout_ms(listener, SO_RCVTIMEO, LONG_MS);
	catch(SA_RESTART);
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_ERRNO(EINTR, call_end(&c));
	close(listener);
}

/* The handshake does not stop for it. */
TEST_F(sock, connect_is_interrupted)
{
	int in, listener = tcp_listener_full(self->family, &in);
	struct call c = { .fn = call_connect, .port = local_port(listener) };

	c.fd = tcp_socket(self->family);
	catch(0);
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_ERRNO(EINTR, call_end(&c));
	EXPECT_EQ(TCP_SYN_SENT, tcp_state(c.fd));
	nonblocking(c.fd, true);
	EXPECT_ERRNO(EALREADY, connect_to(c.fd, "127.0.0.1", c.port));
	close(accept(listener, NULL, NULL));
	EXPECT_EQ(POLLOUT, poll_for(c.fd, POLLOUT, LONG_MS));
	EXPECT_ERRNO(0, connect_to(c.fd, "127.0.0.1", c.port));
	close(c.fd);
	close(in);
	close(listener);
}

TEST_F(sock, connect_is_restarted)
{
	int in, listener = tcp_listener_full(self->family, &in);
	struct call c = { .fn = call_connect, .port = local_port(listener) };

	c.fd = tcp_socket(self->family);
	catch(SA_RESTART);
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_TRUE(call_sleeps(&c));
	close(accept(listener, NULL, NULL));
	EXPECT_ERRNO(0, call_end(&c));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(c.fd));
	close(c.fd);
	close(in);
	close(listener);
}

TEST_F(sock, connect_with_a_timeout_is_not_restarted)
{
	int in, listener = tcp_listener_full(self->family, &in);
	struct call c = { .fn = call_connect, .port = local_port(listener) };

	c.fd = tcp_socket(self->family);
	timeout_ms(c.fd, SO_SNDTIMEO, LONG_MS);
	catch(SA_RESTART);
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_ERRNO(EINTR, call_end(&c));
	EXPECT_EQ(TCP_SYN_SENT, tcp_state(c.fd));
	close(c.fd);
	close(in);
	close(listener);
}

static long call_poll(struct call *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	return poll(&p, 1, LONG_MS);
}

TEST_F(sock, poll_is_never_restarted)
{
	struct call c = { .fn = call_poll };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	catch(SA_RESTART);
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_ERRNO(EINTR, call_end(&c));
	pair_close(&p);
}

static long call_epoll(struct call *c)
{
	struct epoll_event ev;

	return epoll_wait(c->fd, &ev, 1, LONG_MS);
}

TEST_F(sock, epoll_is_never_restarted)
{
	struct call c = { .fn = call_epoll };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	catch(SA_RESTART);
	c.fd = watch(p.client, EPOLLIN);
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_ERRNO(EINTR, call_end(&c));
	close(c.fd);
	pair_close(&p);
}

static long call_close(struct call *c)
{
	return close(c->fd);
}

/* A signal ends the waiting; what was written is delivered all the same. */
TEST_F(sock, linger_is_interrupted)
{
	struct call c = { .fn = call_close };
	struct pair p;
	long sum;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_linger(p.client, 1000));
	sum = fill_up(p.client);
	catch(0);
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	interrupt(&c);
	EXPECT_ERRNO(0, call_end(&c));
	EXPECT_EQ(sum, read_all(p.server));
	p.client = -1;
	pair_close(&p);
}

TEST_HARNESS_MAIN
