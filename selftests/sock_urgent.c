// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent data as programs know it (RFC 6093), and what else a stream's reader
 * may ask for: SO_RCVLOWAT, SO_PEEK_OFF, TCP_WINDOW_CLAMP.
 */
#include "sock.h"

static volatile sig_atomic_t urgs;

static void on_urg(int sig)
{
	urgs++;
}

static int at_mark(int fd)
{
	int val = -1;

	return ioctl(fd, SIOCATMARK, &val) ? -1 : val;
}

TEST_F(sock, urgent_octet_apart)
{
	char buf[16] = {};
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EINVAL, recv(p.server, buf, 1, MSG_OOB));
	ASSERT_EQ(3, send(p.client, "abC", 3, MSG_OOB));
	ASSERT_EQ(2, send(p.client, "de", 2, 0));
	ASSERT_EQ(POLLPRI, poll_for(p.server, POLLPRI, 5000));
	EXPECT_EQ(0, at_mark(p.server));
	EXPECT_EQ(1, recv(p.server, buf, 1, MSG_OOB | MSG_PEEK));
	EXPECT_EQ(1, recv(p.server, buf, 1, MSG_OOB));
	EXPECT_EQ('C', buf[0]);
	EXPECT_ERRNO(EINVAL, recv(p.server, buf, 1, MSG_OOB));
	EXPECT_EQ(0, poll_for(p.server, POLLPRI, 0));
	/* A read ends at the mark, the next one goes on behind it. */
	EXPECT_EQ(2, recv(p.server, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "ab", 2));
	EXPECT_EQ(1, at_mark(p.server));
	EXPECT_EQ(2, recv(p.server, buf, 2, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "de", 2));
	EXPECT_EQ(0, at_mark(p.server));
	pair_close(&p);
}

TEST_F(sock, urgent_octet_in_line)
{
	char buf[16] = {};
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.server, SOL_SOCKET, SO_OOBINLINE, 1));
	ASSERT_EQ(3, send(p.client, "abC", 3, MSG_OOB));
	ASSERT_EQ(2, send(p.client, "de", 2, 0));
	ASSERT_TRUE(wait_unread(p.server, 5));
	EXPECT_ERRNO(EINVAL, recv(p.server, buf, 1, MSG_OOB));
	EXPECT_EQ(2, recv(p.server, buf, sizeof(buf), MSG_WAITALL));
	EXPECT_EQ(1, at_mark(p.server));
	EXPECT_EQ(3, recv(p.server, buf, 3, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "Cde", 3));
	pair_close(&p);
}

TEST_F(sock, urgent_data_signals_its_owner)
{
	struct sigaction sa = { .sa_handler = on_urg };
	struct pair p;
	char c;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	urgs = 0;
	ASSERT_OK(sigaction(SIGURG, &sa, NULL));
	ASSERT_OK(fcntl(p.server, F_SETOWN, getpid()));
	ASSERT_EQ(1, send(p.client, "x", 1, 0));
	ASSERT_TRUE(wait_unread(p.server, 1));
	EXPECT_EQ(0, urgs);
	ASSERT_EQ(1, send(p.client, "y", 1, MSG_OOB));
	while (poll_for(p.server, POLLPRI, 5000) != POLLPRI && errno == EINTR)
		;
	EXPECT_EQ(1, urgs);
	EXPECT_EQ(1, recv(p.server, &c, 1, MSG_OOB));
	EXPECT_EQ('y', c);
	pair_close(&p);
}

TEST_F(sock, rcvlowat_is_bounded_and_wakes)
{
	char buf[100];
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.server, SOL_SOCKET, SO_RCVLOWAT, 50));
	ASSERT_EQ(49, send(p.client, buf, 49, 0));
	ASSERT_TRUE(wait_unread(p.server, 49));
	EXPECT_EQ(0, poll_for(p.server, POLLIN, 50));
	ASSERT_EQ(1, send(p.client, buf, 1, 0));
	EXPECT_EQ(POLLIN, poll_for(p.server, POLLIN, 5000));
	ASSERT_OK(set_int(p.server, SOL_SOCKET, SO_RCVLOWAT, 1 << 30));
	EXPECT_LT(get_int(p.server, SOL_SOCKET, SO_RCVLOWAT), 1 << 30);
	EXPECT_EQ(0, poll_for(p.server, POLLIN, 0));
	ASSERT_OK(set_int(p.server, SOL_SOCKET, SO_RCVLOWAT, 0));
	EXPECT_EQ(1, get_int(p.server, SOL_SOCKET, SO_RCVLOWAT));
	EXPECT_EQ(POLLIN, poll_for(p.server, POLLIN, 0));
	pair_close(&p);
}

/* AF_INET has it for streams since 6.9. */
TEST_F(sock, peek_off_moves_on)
{
	char buf[16] = {};
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	if (set_int(p.server, SOL_SOCKET, SO_PEEK_OFF, 0)) {
		pair_close(&p);
		SKIP(return, "no SO_PEEK_OFF");
	}
	ASSERT_EQ(6, send(p.client, "abcdef", 6, 0));
	ASSERT_TRUE(wait_unread(p.server, 6));
	EXPECT_EQ(2, recv(p.server, buf, 2, MSG_PEEK));
	EXPECT_EQ(2, recv(p.server, buf, 2, MSG_PEEK));
	EXPECT_EQ(0, memcmp(buf, "cd", 2));
	EXPECT_EQ(1, recv(p.server, buf, 1, 0));
	EXPECT_EQ('a', buf[0]);
	EXPECT_EQ(2, recv(p.server, buf, 16, MSG_PEEK));
	EXPECT_EQ(0, memcmp(buf, "ef", 2));
	pair_close(&p);
}

TEST_F(sock, window_clamp_option)
{
	struct pair p;
	int fd = tcp_socket(self->family);

	EXPECT_EQ(0, get_int(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP));
	ASSERT_OK(set_int(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, 10000));
	EXPECT_EQ(10000, get_int(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP));
	ASSERT_OK(set_int(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, 0));
	EXPECT_EQ(0, get_int(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP));
	close(fd);
	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EINVAL, set_int(p.client, IPPROTO_TCP, TCP_WINDOW_CLAMP, 0));
	pair_close(&p);
}

TEST_HARNESS_MAIN
