// SPDX-License-Identifier: GPL-2.0
/*
 * How a connection ends, half by half or at once: shutdown(), close(), reset;
 * what each call says meanwhile and afterwards.
 */
#include "sock.h"
#include "states.h"

static volatile sig_atomic_t pipes;

static void on_pipe(int sig)
{
	pipes++;
}

TEST_F(sock, state_by_state)
{
	struct pair p;
	int fd = tcp_socket(self->family);

	EXPECT_EQ(TCP_CLOSE, tcp_state(fd));
	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	EXPECT_EQ(TCP_CLOSE, tcp_state(fd));
	ASSERT_OK(listen(fd, 1));
	EXPECT_EQ(TCP_LISTEN, tcp_state(fd));
	close(fd);
	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(p.client));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(p.server));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_TRUE(wait_state(p.client, TCP_FIN_WAIT2));
	EXPECT_EQ(TCP_CLOSE_WAIT, tcp_state(p.server));
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	EXPECT_TRUE(wait_state(p.client, TCP_CLOSE));
	EXPECT_TRUE(wait_state(p.server, TCP_CLOSE));
	pair_close(&p);
}

TEST_F(sock, shutdown_of_a_fresh_socket)
{
	for (int how = SHUT_RD; how <= SHUT_RDWR; how++) {
		int fd = tcp_socket(self->family);

		EXPECT_ERRNO(ENOTCONN, shutdown(fd, how));
		EXPECT_ERRNO(ENOTCONN, shutdown(fd, how));
		EXPECT_EQ(TCP_CLOSE, tcp_state(fd));
		EXPECT_EQ(0, so_error(fd));
		close(fd);
	}
}

/* It fails, and yet something was shut. */
TEST_F(sock, poll_after_shutdown_of_a_fresh_socket)
{
	int fd = tcp_socket(self->family);
	char byte;

	shutdown(fd, SHUT_RD);
	EXPECT_EQ(POLL_OVER, poll_now(fd));
	EXPECT_EQ(0, recv(fd, &byte, 1, 0));
	close(fd);
}

TEST_F(sock, shutdown_of_writing_twice)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(0, shutdown(p.client, SHUT_WR));
	EXPECT_ERRNO(0, shutdown(p.client, SHUT_WR));
	EXPECT_EQ(0, recv(p.server, &byte, 1, 0));
	EXPECT_ERRNO(0, shutdown(p.client, SHUT_RDWR));
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	pair_close(&p);
}

TEST_F(sock, shutdown_of_reading_twice)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(0, shutdown(p.client, SHUT_RD));
	EXPECT_ERRNO(0, shutdown(p.client, SHUT_RD));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(p.client));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(p.server));
	pair_close(&p);
}

/* What is there is still read; what comes later is, too. */
TEST_F(sock, shutdown_of_reading_leaves_data)
{
	struct pair p;
	char buf[8];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_EQ(4, send(p.server, "some", 4, 0));
	ASSERT_TRUE(wait_unread(p.client, 4));
	ASSERT_OK(shutdown(p.client, SHUT_RD));
	EXPECT_EQ(4, recv(p.client, buf, sizeof(buf), 0));
	EXPECT_EQ(0, recv(p.client, buf, sizeof(buf), 0));
	ASSERT_EQ(4, send(p.server, "more", 4, 0));
	ASSERT_TRUE(wait_unread(p.client, 4));
	EXPECT_EQ(4, recv(p.client, buf, sizeof(buf), 0));
	EXPECT_EQ(0, recv(p.client, buf, sizeof(buf), 0));
	pair_close(&p);
}

TEST_F(sock, shutdown_of_reading_polls_as_the_end)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.client, SHUT_RD));
	EXPECT_EQ(CAN_READ | CAN_WRITE | POLLRDHUP, poll_now(p.client));
	EXPECT_EQ(CAN_WRITE, poll_now(p.server));
	pair_close(&p);
}

TEST_F(sock, shutdown_of_writing_polls_as_writable)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	fill_up(p.client);
	EXPECT_EQ(0, poll_now(p.client));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	/* A write would not block: it fails. */
	EXPECT_EQ(CAN_WRITE, poll_now(p.client));
	pair_close(&p);
}

TEST_F(sock, shutdown_of_both_hangs_up)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.client, SHUT_RDWR));
	EXPECT_EQ(POLL_OVER, poll_now(p.client));
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	EXPECT_ERRNO(EPIPE, send(p.client, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(0, recv(p.server, &byte, 1, 0));
	EXPECT_EQ(TCP_CLOSE_WAIT, tcp_state(p.server));
	pair_close(&p);
}

/* Nobody will read it: the peer learns that. */
TEST_F(sock, data_for_who_shut_both_resets)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.client, SHUT_RDWR));
	EXPECT_TRUE(wait_state(p.client, TCP_FIN_WAIT2));
	EXPECT_EQ(0, recv(p.server, &byte, 1, 0));
	EXPECT_EQ(1, send(p.server, "x", 1, 0));
	EXPECT_TRUE(wait_state(p.server, TCP_CLOSE));
	EXPECT_EQ(EPIPE, so_error(p.server));
	EXPECT_EQ(0, so_error(p.server));
	pair_close(&p);
}

TEST_F(sock, half_closed_by_the_peer)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	EXPECT_EQ(0, recv(p.client, &byte, 1, MSG_PEEK));
	EXPECT_EQ(0, recv(p.client, &byte, 1, MSG_DONTWAIT));
	EXPECT_ERRNO(0, getpeername(p.client, (void *)&sin, &len));
	EXPECT_ERRNO(EISCONN, connect_to(p.client, "127.0.0.1", 9));
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	EXPECT_EQ(1, recv(p.server, &byte, 1, 0));
	EXPECT_EQ(0, so_error(p.client));
	pair_close(&p);
}

TEST_F(sock, half_closed_by_oneself)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_TRUE(wait_state(p.client, TCP_FIN_WAIT2));
	EXPECT_ERRNO(EAGAIN, recv(p.client, &byte, 1, MSG_DONTWAIT));
	EXPECT_ERRNO(EPIPE, send(p.client, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(EPIPE, send(p.client, "x", 1, MSG_NOSIGNAL | MSG_OOB));
	EXPECT_ERRNO(0, getpeername(p.client, (void *)&sin, &len));
	EXPECT_ERRNO(0, getsockname(p.client, (void *)&sin, &len));
	EXPECT_ERRNO(EISCONN, connect_to(p.client, "127.0.0.1", 9));
	EXPECT_EQ(CAN_WRITE, poll_now(p.client));
	pair_close(&p);
}

TEST_F(sock, over_other_calls)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair_over(self->family, &p));
	for (int i = 0; i < 2; i++) {
		int fd = i ? p.server : p.client;

		EXPECT_EQ(0, recv(fd, &byte, 1, 0));
		EXPECT_ERRNO(EPIPE, send(fd, "x", 1, MSG_NOSIGNAL));
		EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_RDWR));
		EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
		EXPECT_ERRNO(0, getsockname(fd, (void *)&sin, &len));
		EXPECT_EQ(0, so_error(fd));
		EXPECT_EQ(POLL_OVER, poll_now(fd));
	}
	pair_close(&p);
}

TEST_F(sock, over_keeps_unread_data)
{
	struct pair p;
	char buf[8];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_EQ(4, send(p.server, "last", 4, 0));
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_TRUE(wait_state(p.client, TCP_CLOSE));
	EXPECT_EQ(4, unread(p.client));
	EXPECT_EQ(4, recv(p.client, buf, sizeof(buf), 0));
	EXPECT_EQ(0, recv(p.client, buf, sizeof(buf), 0));
	EXPECT_EQ(0, unread(p.client));
	pair_close(&p);
}

TEST_F(sock, fin_is_no_octet)
{
	struct pair p;
	char buf[8];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_EQ(3, send(p.server, "abc", 3, 0));
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	EXPECT_TRUE(wait_state(p.client, TCP_CLOSE_WAIT));
	EXPECT_EQ(3, unread(p.client));
	EXPECT_EQ(3, recv(p.client, buf, 3, 0));
	EXPECT_EQ(0, unread(p.client));
	EXPECT_EQ(CAN_READ | CAN_WRITE | POLLRDHUP, poll_now(p.client));
	pair_close(&p);
}

TEST_F(sock, reset_is_told_once_by_recv)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair_reset(self->family, &p));
	EXPECT_ERRNO(ECONNRESET, recv(p.client, &byte, 1, 0));
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	EXPECT_EQ(0, so_error(p.client));
	EXPECT_ERRNO(EPIPE, send(p.client, "x", 1, MSG_NOSIGNAL));
	pair_close(&p);
}

TEST_F(sock, reset_is_told_once_by_a_peek)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair_reset(self->family, &p));
	EXPECT_ERRNO(ECONNRESET, recv(p.client, &byte, 1, MSG_PEEK));
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	pair_close(&p);
}

TEST_F(sock, reset_is_told_once_by_so_error)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair_reset(self->family, &p));
	EXPECT_EQ(ECONNRESET, so_error(p.client));
	EXPECT_EQ(0, so_error(p.client));
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	EXPECT_EQ(POLL_OVER, poll_now(p.client));
	pair_close(&p);
}

/* The first send() has an errno of its own, and no signal. */
TEST_F(sock, reset_is_told_once_by_send)
{
	struct pair p;
	char byte;

	signal(SIGPIPE, on_pipe);
	ASSERT_TRUE(tcp_pair_reset(self->family, &p));
	EXPECT_ERRNO(ECONNRESET, send(p.client, "x", 1, 0));
	EXPECT_EQ(0, pipes);
	EXPECT_ERRNO(EPIPE, send(p.client, "x", 1, 0));
	EXPECT_EQ(1, pipes);
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	pair_close(&p);
}

TEST_F(sock, reset_other_calls)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	struct pair p;

	ASSERT_TRUE(tcp_pair_reset(self->family, &p));
	EXPECT_ERRNO(ENOTCONN, shutdown(p.client, SHUT_WR));
	EXPECT_ERRNO(ENOTCONN, getpeername(p.client, (void *)&sin, &len));
	EXPECT_ERRNO(0, getsockname(p.client, (void *)&sin, &len));
	EXPECT_ERRNO(EINVAL, accept(p.client, NULL, NULL));
	EXPECT_ERRNO(EISCONN, connect_to(p.client, "127.0.0.1", 9));
	/* None of them has asked for the error. */
	EXPECT_EQ(ECONNRESET, so_error(p.client));
	pair_close(&p);
}

TEST_F(sock, reset_leaves_what_came_before)
{
	struct pair p;
	char buf[8];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_EQ(4, send(p.server, "last", 4, 0));
	ASSERT_TRUE(wait_unread(p.client, 4));
	reset_close(p.server);
	ASSERT_TRUE(wait_state(p.client, TCP_CLOSE));
	EXPECT_EQ(4, unread(p.client));
	EXPECT_EQ(2, recv(p.client, buf, 2, 0));
	EXPECT_EQ(2, recv(p.client, buf, sizeof(buf), MSG_WAITALL));
	EXPECT_ERRNO(ECONNRESET, recv(p.client, buf, sizeof(buf), 0));
	EXPECT_EQ(0, recv(p.client, buf, sizeof(buf), 0));
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, reset_takes_what_was_unsent)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	fill_up(p.client);
	EXPECT_LT(0, queue_size(p.client, SIOCOUTQ));
	close(p.server);	/* with unread data */
	EXPECT_TRUE(wait_state(p.client, TCP_CLOSE));
	EXPECT_EQ(POLL_OVER | POLLERR, poll_now(p.client));
	EXPECT_ERRNO(ECONNRESET, send(p.client, "x", 1, MSG_NOSIGNAL));
	p.server = -1;
	pair_close(&p);
}

/* The end was seen: the reset is found only by who asks for it. */
TEST_F(sock, reset_after_the_end)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_EQ(1, send(p.client, "x", 1, 0));
	ASSERT_TRUE(wait_unread(p.server, 1));
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	close(p.server);	/* with unread data */
	EXPECT_TRUE(wait_state(p.client, TCP_CLOSE));
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	EXPECT_EQ(POLL_OVER | POLLERR, poll_now(p.client));
	EXPECT_EQ(EPIPE, so_error(p.client));
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, reset_of_who_waits_for_the_end)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_TRUE(wait_state(p.client, TCP_FIN_WAIT2));
	reset_close(p.server);
	EXPECT_TRUE(wait_state(p.client, TCP_CLOSE));
	EXPECT_ERRNO(ECONNRESET, recv(p.client, &byte, 1, 0));
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	EXPECT_ERRNO(EPIPE, send(p.client, "x", 1, MSG_NOSIGNAL));
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, close_with_unread_data_after_shutdown)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	EXPECT_TRUE(wait_state(p.client, TCP_CLOSE_WAIT));
	ASSERT_EQ(1, send(p.client, "x", 1, 0));
	ASSERT_TRUE(wait_unread(p.server, 1));
	close(p.server);
	EXPECT_TRUE(wait_state(p.client, TCP_CLOSE));
	EXPECT_EQ(EPIPE, so_error(p.client));
	p.server = -1;
	pair_close(&p);
}

/* Only octets count: an end that nobody has read is no loss. */
TEST_F(sock, close_with_an_unread_end_does_not_reset)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_TRUE(wait_state(p.server, TCP_CLOSE_WAIT));
	close(p.server);
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	EXPECT_TRUE(wait_state(p.client, TCP_CLOSE));
	EXPECT_EQ(0, so_error(p.client));
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, close_after_a_peek_resets)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_EQ(1, send(p.client, "x", 1, 0));
	EXPECT_EQ(1, recv(p.server, &byte, 1, MSG_PEEK));
	close(p.server);
	EXPECT_ERRNO(ECONNRESET, recv(p.client, &byte, 1, 0));
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, close_delivers_what_was_written)
{
	struct pair p;
	long sum;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	sum = fill_up(p.client);
	ASSERT_LT(0, sum);
	close(p.client);
	EXPECT_EQ(sum, read_all(p.server));
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, shutdown_delivers_what_was_written)
{
	struct pair p;
	long sum;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	sum = fill_up(p.client);
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_EQ(TCP_FIN_WAIT1, tcp_state(p.client));
	EXPECT_EQ(sum, read_all(p.server));
	EXPECT_TRUE(wait_state(p.client, TCP_FIN_WAIT2));
	pair_close(&p);
}

TEST_F(sock, outq_counts_what_is_not_acknowledged)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(0, queue_size(p.client, SIOCOUTQ));
	fill_up(p.client);
	EXPECT_LT(0, queue_size(p.client, SIOCOUTQ));
	EXPECT_LE(queue_size(p.client, SIOCOUTQNSD),
		  queue_size(p.client, SIOCOUTQ));
	EXPECT_LT(0, queue_size(p.client, SIOCOUTQNSD));
	while (queue_size(p.client, SIOCOUTQ) > 0)
		EXPECT_TRUE(drain_until_room(p.server, p.client));
	EXPECT_EQ(0, queue_size(p.client, SIOCOUTQNSD));
	pair_close(&p);
}

TEST_F(sock, outq_of_what_was_never_sent)
{
	int fd = tcp_socket(self->family);

	EXPECT_EQ(0, queue_size(fd, SIOCOUTQ));
	EXPECT_EQ(0, queue_size(fd, SIOCOUTQNSD));
	EXPECT_EQ(0, queue_size(fd, FIONREAD));
	EXPECT_EQ(0, queue_size(fd, SIOCATMARK));
	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	EXPECT_EQ(0, queue_size(fd, SIOCOUTQ));
	close(fd);
}

TEST_F(sock, queue_sizes_need_a_pointer)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EFAULT, ioctl(p.client, FIONREAD, 8));
	EXPECT_ERRNO(EFAULT, ioctl(p.client, SIOCOUTQ, 8));
	EXPECT_ERRNO(EFAULT, ioctl(p.client, SIOCOUTQNSD, 8));
	EXPECT_ERRNO(EFAULT, ioctl(p.client, SIOCATMARK, 8));
	EXPECT_ERRNO(ENOTTY, ioctl(p.client, TIOCGWINSZ, 8));
	pair_close(&p);
}

TEST_F(sock, pipe_signal_of_a_vector)
{
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct pair p;

	signal(SIGPIPE, on_pipe);
	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_ERRNO(EPIPE, writev(p.client, &iov, 1));
	EXPECT_EQ(1, pipes);
	EXPECT_ERRNO(EPIPE, sendmsg(p.client, &msg, 0));
	EXPECT_EQ(2, pipes);
	EXPECT_ERRNO(EPIPE, sendmsg(p.client, &msg, MSG_NOSIGNAL));
	EXPECT_EQ(2, pipes);
	pair_close(&p);
}

TEST_F(sock, pipe_signal_kills)
{
	struct pair p;
	int status;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	if (!fork()) {
		signal(SIGPIPE, SIG_DFL);
		send(p.client, "x", 1, 0);
		_exit(0);
	}
	ASSERT_LT(0, wait(&status));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGPIPE, WTERMSIG(status));
	pair_close(&p);
}

/* Nothing to send is nothing to fail with. */
TEST_F(sock, sending_nothing)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(0, send(p.client, "", 0, 0));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_ERRNO(EPIPE, send(p.client, "", 0, MSG_NOSIGNAL));
	pair_close(&p);
	ASSERT_TRUE(tcp_pair_reset(self->family, &p));
	EXPECT_ERRNO(ECONNRESET, send(p.client, "", 0, MSG_NOSIGNAL));
	pair_close(&p);
}

TEST_F(sock, receiving_nothing)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EAGAIN, recv(p.client, &byte, 0, MSG_DONTWAIT));
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	EXPECT_EQ(0, recv(p.client, &byte, 0, 0));
	pair_close(&p);
}

TEST_F(sock, name_given_to_a_stream_is_not_looked_at)
{
	struct sockaddr_in sin = name_of("192.0.2.1", 9);
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(1, sendto(p.client, "x", 1, 0, SA(sin)));
	EXPECT_EQ(1, recv(p.server, &byte, 1, 0));
	pair_close(&p);
}

TEST_F(sock, no_name_comes_with_a_stream)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_EQ(1, send(p.client, "x", 1, 0));
	memset(&sin, 0xff, sizeof(sin));
	EXPECT_EQ(1, recvfrom(p.server, &byte, 1, 0, (void *)&sin, &len));
	EXPECT_EQ(0, len);
	EXPECT_EQ(0xffff, sin.sin_family);
	pair_close(&p);
}

TEST_HARNESS_MAIN
