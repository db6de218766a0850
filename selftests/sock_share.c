// SPDX-License-Identifier: GPL-2.0
/*
 * Several at one socket: threads of which one sleeps in a call while another
 * ends it; processes after fork() and exec(); descriptors that were copied or
 * sent over AF_UNIX.
 */
#include <sys/un.h>

#include "sock.h"
#include "states.h"

TEST_F(sock, recv_outlives_close)
{
	char buf[4];
	struct call c = { .fn = call_recv, .buf = buf, .len = 4 };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	close(p.client);
	/* The call has the socket, and gets what comes. */
	ASSERT_EQ(4, send(p.server, "late", 4, 0));
	EXPECT_EQ(4, call_end(&c));
	EXPECT_EQ(0, memcmp(buf, "late", 4));
	/* It was the last. */
	EXPECT_EQ(0, recv(p.server, buf, 1, 0));
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, accept_outlives_close)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	struct call c = { .fn = call_accept, .fd = listener };
	int port = local_port(listener);
	int fd;

	ASSERT_TRUE(call_start(&c));
	close(listener);
	fd = tcp_connected(self->family, port);
	EXPECT_LE(0, fd);
	EXPECT_LE(0, call_end(&c));
	close(fd);
	fd = tcp_socket(self->family);
	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", port));
	close(fd);
}

TEST_F(sock, send_outlives_close)
{
	static char block[100000];
	struct call c = { .fn = call_send, .buf = block, .len = sizeof(block) };
	struct pair p;
	long sum;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	sum = fill_up(p.client);
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	close(p.client);
	EXPECT_EQ(sum + (long)sizeof(block), read_all(p.server));
	EXPECT_EQ(sizeof(block), call_end(&c));
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, poll_outlives_close)
{
	struct pair p;
	int copy;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	copy = dup(p.client);
	close(p.client);
	EXPECT_EQ(POLLNVAL, poll_for(p.client, POLLIN, LONG_MS));
	EXPECT_EQ(CAN_WRITE, poll_now(copy));
	p.client = copy;
	pair_close(&p);
}

TEST_F(sock, recv_ends_with_shutdown)
{
	char buf[4];
	struct call c = { .fn = call_recv, .buf = buf, .len = 4 };

	for (int how = SHUT_RD; how <= SHUT_RDWR; how += 2) {
		struct pair p;

		ASSERT_TRUE(tcp_pair(self->family, &p));
		c.fd = p.client;
		c.tid = 0;
		ASSERT_TRUE(call_start(&c));
		EXPECT_ERRNO(0, shutdown(p.client, how));
		EXPECT_EQ(0, call_end(&c));
		pair_close(&p);
	}
}

TEST_F(sock, waitall_ends_with_shutdown)
{
	char buf[4];
	struct call c = {
		.fn = call_recv, .buf = buf, .len = 4, .flags = MSG_WAITALL,
	};
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_EQ(2, send(p.server, "ab", 2, 0));
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	EXPECT_ERRNO(0, shutdown(p.client, SHUT_RD));
	EXPECT_EQ(2, call_end(&c));
	pair_close(&p);
}

TEST_F(sock, send_ends_with_shutdown)
{
	static char block[1000];
	struct call c = { .fn = call_send, .buf = block, .len = sizeof(block) };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	fill_up(p.client);
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	EXPECT_ERRNO(0, shutdown(p.client, SHUT_WR));
	EXPECT_ERRNO(EPIPE, call_end(&c));
	pair_close(&p);
}

TEST_F(sock, send_ends_with_a_reset)
{
	static char block[1000];
	struct call c = { .fn = call_send, .buf = block, .len = sizeof(block) };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	fill_up(p.client);
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	reset_close(p.server);
	EXPECT_ERRNO(ECONNRESET, call_end(&c));
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, recv_ends_with_a_reset)
{
	char byte;
	struct call c = { .fn = call_recv, .buf = &byte, .len = 1 };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	reset_close(p.server);
	EXPECT_ERRNO(ECONNRESET, call_end(&c));
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, recv_ends_with_the_peers_end)
{
	char byte;
	struct call c = { .fn = call_recv, .buf = &byte, .len = 1 };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	c.fd = p.client;
	ASSERT_TRUE(call_start(&c));
	close(p.server);
	EXPECT_EQ(0, call_end(&c));
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, accept_ends_with_shutdown)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	struct call c = { .fn = call_accept, .fd = listener };

	ASSERT_TRUE(call_start(&c));
	EXPECT_ERRNO(0, shutdown(listener, SHUT_RDWR));
	EXPECT_ERRNO(EINVAL, call_end(&c));
	close(listener);
}

TEST_F(sock, accept_ends_with_disconnect)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	struct call c = { .fn = call_accept, .fd = listener };

	ASSERT_TRUE(call_start(&c));
	EXPECT_ERRNO(0, disconnect(listener));
	EXPECT_ERRNO(EINVAL, call_end(&c));
	close(listener);
}

/* Of those who sleep in accept() one takes it. */
TEST_F(sock, accept_by_one_of_two)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	struct call calls[2] = {};
	int fds[2];

	for (int i = 0; i < 2; i++) {
		calls[i].fn = call_accept;
		calls[i].fd = listener;
		ASSERT_TRUE(call_start(&calls[i]));
	}
	for (int i = 0; i < 2; i++)
		fds[i] = tcp_connected(self->family, local_port(listener));
	EXPECT_LE(0, call_end(&calls[0]));
	EXPECT_LE(0, call_end(&calls[1]));
	EXPECT_NE(calls[0].ret, calls[1].ret);
	nonblocking(listener, true);
	EXPECT_ERRNO(EAGAIN, accept(listener, NULL, NULL));
	close(fds[0]);
	close(fds[1]);
	close(listener);
}

TEST_F(sock, connect_ends_with_shutdown)
{
	int in, listener = tcp_listener_full(self->family, &in);
	struct call c = { .fn = call_connect, .port = local_port(listener) };

	c.fd = tcp_socket(self->family);
	ASSERT_TRUE(call_start(&c));
	EXPECT_ERRNO(0, shutdown(c.fd, SHUT_RDWR));
	EXPECT_ERRNO(ECONNRESET, call_end(&c));
	EXPECT_EQ(TCP_CLOSE, tcp_state(c.fd));
	close(c.fd);
	close(in);
	close(listener);
}

TEST_F(sock, connect_goes_on_beside_another)
{
	int in, listener = tcp_listener_full(self->family, &in);
	struct call c = { .fn = call_connect, .port = local_port(listener) };
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	c.fd = tcp_socket(self->family);
	ASSERT_TRUE(call_start(&c));
	EXPECT_ERRNO(EINVAL, listen(c.fd, 1));
	EXPECT_ERRNO(EINVAL, bind_to(c.fd, "127.0.0.1", 0));
	EXPECT_ERRNO(ENOTCONN, getpeername(c.fd, (void *)&sin, &len));
	nonblocking(c.fd, true);
	EXPECT_ERRNO(EALREADY, connect_to(c.fd, "127.0.0.1", c.port));
	close(accept(listener, NULL, NULL));
	EXPECT_ERRNO(0, call_end(&c));
	EXPECT_ERRNO(EISCONN, connect_to(c.fd, "127.0.0.1", c.port));
	close(c.fd);
	close(in);
	close(listener);
}

TEST_F(sock, connect_by_two_at_once)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int fd = tcp_socket(self->family);
	struct call calls[2] = {};

	for (int i = 0; i < 2; i++) {
		calls[i].fn = call_connect;
		calls[i].fd = fd;
		calls[i].port = local_port(listener);
		ASSERT_TRUE(call_start(&calls[i]));
	}
	close(accept(listener, NULL, NULL));
	EXPECT_ERRNO(0, call_end(&calls[0]));
	EXPECT_ERRNO(0, call_end(&calls[1]));
	close(fd);
	close(in);
	close(listener);
}

/* A write to what is being connected waits for it. */
TEST_F(sock, send_waits_for_the_connection)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int fd = tcp_connecting(self->family, local_port(listener));
	struct call c = { .fn = call_send, .fd = fd, .buf = "x", .len = 1 };
	char byte;
	int conn;

	ASSERT_LE(0, fd);
	nonblocking(fd, false);
	ASSERT_TRUE(call_start(&c));
	close(accept(listener, NULL, NULL));
	EXPECT_EQ(1, call_end(&c));
	conn = accept(listener, NULL, NULL);
	EXPECT_EQ(1, recv(conn, &byte, 1, 0));
	close(conn);
	close(fd);
	close(in);
	close(listener);
}

TEST_F(sock, recv_waits_for_the_connection)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int fd = tcp_connecting(self->family, local_port(listener));
	char byte;
	struct call c = { .fn = call_recv, .fd = fd, .buf = &byte, .len = 1 };
	int conn;

	ASSERT_LE(0, fd);
	nonblocking(fd, false);
	ASSERT_TRUE(call_start(&c));
	close(accept(listener, NULL, NULL));
	conn = accept(listener, NULL, NULL);
	EXPECT_EQ(1, send(conn, "x", 1, 0));
	EXPECT_EQ(1, call_end(&c));
	close(conn);
	close(fd);
	close(in);
	close(listener);
}

TEST_F(sock, recv_by_one_of_two)
{
	struct call calls[2] = {};
	struct pair p;
	char buf[2];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	for (int i = 0; i < 2; i++) {
		calls[i].fn = call_recv;
		calls[i].fd = p.client;
		calls[i].buf = buf + i;
		calls[i].len = 1;
		ASSERT_TRUE(call_start(&calls[i]));
	}
	ASSERT_EQ(1, send(p.server, "x", 1, 0));
	close(p.server);
	EXPECT_EQ(1, call_end(&calls[0]) + call_end(&calls[1]));
	p.server = -1;
	pair_close(&p);
}

/* An error is told to one of them, the end to the other. */
TEST_F(sock, reset_is_told_to_one_of_two)
{
	struct call calls[2] = {};
	struct pair p;
	char buf[2];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	for (int i = 0; i < 2; i++) {
		calls[i].fn = call_recv;
		calls[i].fd = p.client;
		calls[i].buf = buf + i;
		calls[i].len = 1;
		ASSERT_TRUE(call_start(&calls[i]));
	}
	reset_close(p.server);
	EXPECT_EQ(-1, call_end(&calls[0]) + call_end(&calls[1]));
	EXPECT_EQ(ECONNRESET, calls[0].ret ? calls[0].err : calls[1].err);
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, fork_shares_shutdown)
{
	struct pair p;
	int status;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	if (!fork())
		_exit(!!shutdown(p.client, SHUT_WR));
	ASSERT_LT(0, wait(&status));
	EXPECT_EQ(0, status);
	EXPECT_ERRNO(EPIPE, send(p.client, "x", 1, MSG_NOSIGNAL));
	pair_close(&p);
}

/* The child's exit closes descriptors, not the connection. */
TEST_F(sock, fork_and_exit_of_the_child)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	if (!fork())
		_exit(0);
	ASSERT_LT(0, wait(NULL));
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	EXPECT_EQ(1, recv(p.server, &byte, 1, 0));
	EXPECT_ERRNO(EAGAIN, recv(p.server, &byte, 1, MSG_DONTWAIT));
	pair_close(&p);
}

/* SO_LINGER 0 is for close(), and who is killed closes. */
TEST_F(sock, death_of_the_last_process)
{
	int fds[2], status;
	struct pair p;
	char byte;
	pid_t pid;

	ASSERT_OK(pipe(fds));
	ASSERT_TRUE(tcp_pair(self->family, &p));
	pid = fork();
	if (!pid) {
		close(p.server);
		close(fds[1]);
		read(fds[0], &byte, 1);
		_exit(0);
	}
	close(p.client);
	EXPECT_ERRNO(EAGAIN, recv(p.server, &byte, 1, MSG_DONTWAIT));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	EXPECT_EQ(0, recv(p.server, &byte, 1, 0));
	EXPECT_EQ(TCP_CLOSE_WAIT, tcp_state(p.server));
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, fork_shares_the_listener)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd, status;
	char byte;

	if (!fork()) {
		int conn = accept(listener, NULL, NULL);

		_exit(send(conn, "x", 1, 0) != 1);
	}
	fd = tcp_connected(self->family, local_port(listener));
	close(listener);
	EXPECT_EQ(1, recv(fd, &byte, 1, 0));
	EXPECT_EQ(0, recv(fd, &byte, 1, 0));
	ASSERT_LT(0, wait(&status));
	EXPECT_EQ(0, status);
	close(fd);
}

TEST_F(sock, copies_share_flags)
{
	struct pair p;
	char byte;
	int copy;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	copy = dup(p.client);
	nonblocking(copy, true);
	EXPECT_ERRNO(EAGAIN, recv(p.client, &byte, 1, 0));
	ASSERT_OK(fcntl(copy, F_SETFD, FD_CLOEXEC));
	EXPECT_FALSE(fcntl(p.client, F_GETFD) & FD_CLOEXEC);
	close(copy);
	pair_close(&p);
}

TEST_F(sock, dup2_closes_what_was_there)
{
	int null = open("/dev/null", O_RDWR);
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(p.client, dup2(null, p.client));
	EXPECT_EQ(0, recv(p.server, &byte, 1, 0));
	close(null);
	pair_close(&p);
}

static int give(int via, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(via, &msg, 0) == 1 ? 0 : -1;
}

static int take(int via)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	int fd = -1;

	if (recvmsg(via, &msg, 0) != 1)
		return -1;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (cmsg && cmsg->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

TEST_F(sock, connection_given_away)
{
	int via[2], status;
	struct pair p;
	char byte;

	ASSERT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, via));
	if (!fork()) {
		int fd = take(via[1]);

		_exit(send(fd, "x", 1, 0) != 1);
	}
	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(give(via[0], p.client));
	close(p.client);
	close(via[1]);
	EXPECT_EQ(1, recv(p.server, &byte, 1, 0));
	EXPECT_EQ(0, recv(p.server, &byte, 1, 0));
	ASSERT_LT(0, wait(&status));
	EXPECT_EQ(0, status);
	close(via[0]);
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, listener_given_away)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int port = local_port(listener);
	int via[2], got, fd;

	ASSERT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, via));
	ASSERT_OK(give(via[0], listener));
	close(listener);
	/* On its way it listens, too. */
	fd = tcp_connected(self->family, port);
	EXPECT_LE(0, fd);
	got = take(via[1]);
	ASSERT_LE(0, got);
	EXPECT_EQ(port, local_port(got));
	EXPECT_ERRNO(0, accept(got, NULL, NULL));
	close(fd);
	close(got);
	close(via[0]);
	close(via[1]);
}

/* Closed with what carried it. */
TEST_F(sock, connection_lost_on_its_way)
{
	struct pair p;
	int via[2];
	char byte;

	ASSERT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, via));
	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(give(via[0], p.client));
	close(p.client);
	EXPECT_ERRNO(EAGAIN, recv(p.server, &byte, 1, MSG_DONTWAIT));
	close(via[0]);
	close(via[1]);
	EXPECT_EQ(0, recv(p.server, &byte, 1, 0));
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, connecting_given_away)
{
	int in, listener = tcp_listener_full(self->family, &in);
	int fd = tcp_connecting(self->family, local_port(listener));
	int via[2], got;

	ASSERT_LE(0, fd);
	ASSERT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, via));
	ASSERT_OK(give(via[0], fd));
	close(fd);
	got = take(via[1]);
	ASSERT_LE(0, got);
	EXPECT_EQ(TCP_SYN_SENT, tcp_state(got));
	EXPECT_TRUE(fcntl(got, F_GETFL) & O_NONBLOCK);
	close(accept(listener, NULL, NULL));
	EXPECT_EQ(POLLOUT, poll_for(got, POLLOUT, LONG_MS));
	close(got);
	close(in);
	close(listener);
	close(via[0]);
	close(via[1]);
}

/* A process that becomes another program, which ends when @hold closes. */
static pid_t become_cat(int hold)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	dup2(hold, STDIN_FILENO);
	execlp("cat", "cat", NULL);
	_exit(1);
}

TEST_F(sock, exec_closes_what_asked_for_it)
{
	struct pair p;
	int hold[2];
	char byte;
	pid_t pid;

	ASSERT_OK(pipe2(hold, O_CLOEXEC));
	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(fcntl(p.client, F_SETFD, FD_CLOEXEC));
	pid = become_cat(hold[0]);
	close(p.client);
	EXPECT_EQ(0, recv(p.server, &byte, 1, 0));
	close(hold[1]);
	waitpid(pid, NULL, 0);
	close(hold[0]);
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, exec_keeps_the_others)
{
	int hold[2], status = -1;
	struct pair p;
	char byte;
	pid_t pid;

	ASSERT_OK(pipe2(hold, O_CLOEXEC));
	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(fcntl(p.server, F_SETFD, FD_CLOEXEC));
	/* The program reads the socket to its end. */
	pid = become_cat(p.client);
	close(p.client);
	EXPECT_ERRNO(EAGAIN, recv(p.server, &byte, 1, MSG_DONTWAIT));
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	waitpid(pid, &status, 0);
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, recv(p.server, &byte, 1, 0));
	close(hold[0]);
	close(hold[1]);
	p.client = -1;
	pair_close(&p);
}

TEST_HARNESS_MAIN
