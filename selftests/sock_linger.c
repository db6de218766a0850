// SPDX-License-Identifier: GPL-2.0
/*
 * SO_LINGER in its three forms: close() that goes on behind the program's
 * back, close() that resets, close() that waits.
 */
#include "sock.h"
#include "states.h"

TEST_F(sock, linger_reads_back)
{
	struct linger linger = { 5, 5 };
	socklen_t len = sizeof(linger);
	int fd = tcp_socket(self->family);

	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len));
	EXPECT_EQ(0, linger.l_onoff);
	EXPECT_EQ(0, linger.l_linger);
	ASSERT_OK(set_linger(fd, 7));
	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len));
	EXPECT_EQ(1, linger.l_onoff);
	EXPECT_EQ(7, linger.l_linger);
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, 4));
	close(fd);
}

TEST_F(sock, linger_off_does_not_wait)
{
	struct linger off = {};
	struct pair p;
	long sum;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_linger(p.client, 1000));
	ASSERT_OK(setsockopt(p.client, SOL_SOCKET, SO_LINGER, &off,
			     sizeof(off)));
	sum = fill_up(p.client);
	/* The peer reads afterwards only: waiting would be for ever. */
	EXPECT_ERRNO(0, close(p.client));
	EXPECT_EQ(sum, read_all(p.server));
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, linger_zero_throws_away_what_was_written)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	fill_up(p.client);
	reset_close(p.client);
	EXPECT_TRUE(wait_state(p.server, TCP_CLOSE));
	EXPECT_EQ(ECONNRESET, so_error(p.server));
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, linger_zero_does_not_change_shutdown)
{
	struct pair p;
	char buf[8];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_linger(p.client, 0));
	ASSERT_EQ(4, send(p.client, "text", 4, 0));
	ASSERT_OK(shutdown(p.client, SHUT_RDWR));
	EXPECT_EQ(4, recv(p.server, buf, sizeof(buf), 0));
	EXPECT_EQ(0, recv(p.server, buf, sizeof(buf), 0));
	EXPECT_EQ(TCP_CLOSE_WAIT, tcp_state(p.server));
	/* close() it does, though all was acknowledged. */
	close(p.client);
	EXPECT_TRUE(wait_state(p.server, TCP_CLOSE));
	EXPECT_EQ(EPIPE, so_error(p.server));
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, linger_zero_when_the_peer_has_closed)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	reset_close(p.client);
	EXPECT_ERRNO(ECONNRESET, recv(p.server, &byte, 1, 0));
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, linger_zero_without_a_peer)
{
	int fd = tcp_socket(self->family);
	int port;

	ASSERT_OK(set_linger(fd, 0));
	EXPECT_ERRNO(0, close(fd));
	fd = tcp_listener(self->family, "127.0.0.1", 1);
	port = local_port(fd);
	ASSERT_OK(set_linger(fd, 0));
	EXPECT_ERRNO(0, close(fd));
	fd = tcp_socket(self->family);
	EXPECT_ERRNO(0, bind_to(fd, "127.0.0.1", port));
	close(fd);
}

TEST_F(sock, linger_ends_when_time_is_up)
{
	struct pair p;
	long sum;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_linger(p.client, 1));
	sum = fill_up(p.client);
	EXPECT_ERRNO(0, close(p.client));
	/* The connection lives on and delivers. */
	EXPECT_EQ(sum, read_all(p.server));
	p.client = -1;
	pair_close(&p);
}

static long call_close(struct call *c)
{
	return close(c->fd);
}

/* O_NONBLOCK is about reading and writing: close() waits. */
TEST_F(sock, linger_waits_though_nonblocking)
{
	struct call c = { .fn = call_close };
	struct pair p;
	long sum;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_linger(p.client, 1000));
	nonblocking(p.client, true);
	sum = fill_up(p.client);
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	EXPECT_EQ(sum, read_all(p.server));
	EXPECT_ERRNO(0, call_end(&c));
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, linger_ends_with_a_reset)
{
	struct call c = { .fn = call_close };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_linger(p.client, 1000));
	fill_up(p.client);
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	reset_close(p.server);
	EXPECT_ERRNO(0, call_end(&c));
	p.client = -1;
	p.server = -1;
	pair_close(&p);
}

/* Another descriptor: it is not the last close(), which alone waits. */
TEST_F(sock, linger_is_for_the_last_close)
{
	struct pair p;
	int copy;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_linger(p.client, 1000));
	fill_up(p.client);
	copy = dup(p.client);
	EXPECT_ERRNO(0, close(p.client));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(copy));
	ASSERT_OK(set_linger(copy, 0));
	p.client = copy;
	pair_close(&p);
}

TEST_HARNESS_MAIN
