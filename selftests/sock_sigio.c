// SPDX-License-Identifier: GPL-2.0
/*
 * Signals instead of poll(): O_ASYNC, F_SETOWN, F_SETSIG; and the ways to make
 * a descriptor not wait.
 */
#include <sys/syscall.h>
#include <linux/sockios.h>

#include "sock.h"

#ifndef F_SETSIG
#define F_SETSIG	10
#define F_GETSIG	11
#endif

static sigset_t watched;

/* From here on they wait in line until wait_signal(). */
static void block_signals(void)
{
	sigemptyset(&watched);
	sigaddset(&watched, SIGIO);
	sigaddset(&watched, SIGURG);
	sigaddset(&watched, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &watched, NULL);
}

/* The next of them, within @ms; 0: none. */
static int wait_signal(siginfo_t *info, int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };
	int sig = sigtimedwait(&watched, info, &ts);

	return sig < 0 ? 0 : sig;
}

static void no_more_signals(void)
{
	siginfo_t info;

	while (wait_signal(&info, 0))
		;
}

static void async_on(int fd, int sig)
{
	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, F_SETSIG, sig);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC);
}

/* A signal of @fd that tells of all @band, within LONG_MS. */
static bool wait_band(int fd, long band)
{
	siginfo_t info;

	while (wait_signal(&info, LONG_MS))
		if (info.si_signo == SIGRTMIN && info.si_fd == fd &&
		    (info.si_band & band) == band)
			return true;
	return false;
}

TEST_F(sock, sigio_on_data)
{
	siginfo_t info;
	struct pair p;

	block_signals();
	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(0, wait_signal(&info, 0));
	async_on(p.server, 0);
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	EXPECT_EQ(SIGIO, wait_signal(&info, LONG_MS));
	EXPECT_EQ(1, unread(p.server));
	pair_close(&p);
}

TEST_F(sock, chosen_signal_tells_descriptor)
{
	siginfo_t info;
	struct pair p;

	block_signals();
	ASSERT_TRUE(tcp_pair(self->family, &p));
	async_on(p.server, SIGRTMIN);
	EXPECT_EQ(SIGRTMIN, fcntl(p.server, F_GETSIG));
	EXPECT_EQ(getpid(), fcntl(p.server, F_GETOWN));
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	EXPECT_EQ(SIGRTMIN, wait_signal(&info, LONG_MS));
	EXPECT_EQ(p.server, info.si_fd);
	EXPECT_EQ(POLL_IN, info.si_code);
	EXPECT_EQ(POLLIN | POLLRDNORM, info.si_band);
	pair_close(&p);
}

TEST_F(sock, sigio_on_new_connection)
{
	struct pair p;
	int fd;

	block_signals();
	ASSERT_TRUE(tcp_pair(self->family, &p));
	async_on(p.listener, SIGRTMIN);
	fd = tcp_socket(self->family);
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(p.listener)));
	EXPECT_TRUE(wait_band(p.listener, POLLIN));
	close(p.server);
	p.server = accept4(p.listener, NULL, NULL, SOCK_NONBLOCK);
	EXPECT_LE(0, p.server);
	close(fd);
	pair_close(&p);
}

TEST_F(sock, sigio_on_connected)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 1);
	int fd = tcp_socket(self->family);

	block_signals();
	nonblocking(fd, true);
	async_on(fd, SIGRTMIN);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1",
					     local_port(listener)));
	EXPECT_TRUE(wait_band(fd, POLLOUT));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(fd));
	close(fd);
	close(listener);
}

TEST_F(sock, sigio_on_refusal)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 1);
	int fd = tcp_socket(self->family);
	int port = local_port(listener);
	siginfo_t info;

	close(listener);
	block_signals();
	nonblocking(fd, true);
	async_on(fd, SIGRTMIN);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1", port));
	EXPECT_EQ(SIGRTMIN, wait_signal(&info, LONG_MS));
	EXPECT_EQ(fd, info.si_fd);
	EXPECT_TRUE(poll_for(fd, POLLIN, LONG_MS) & POLLERR);
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	close(fd);
}

TEST_F(sock, sigio_on_end_of_file)
{
	struct pair p;
	char c;

	block_signals();
	ASSERT_TRUE(tcp_pair(self->family, &p));
	async_on(p.server, SIGRTMIN);
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_TRUE(wait_band(p.server, POLLIN));
	EXPECT_EQ(0, recv(p.server, &c, 1, 0));
	pair_close(&p);
}

TEST_F(sock, sigio_on_reset)
{
	struct linger now = { .l_onoff = 1 };
	siginfo_t info;
	struct pair p;

	block_signals();
	ASSERT_TRUE(tcp_pair(self->family, &p));
	async_on(p.server, SIGRTMIN);
	setsockopt(p.client, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(p.client);
	EXPECT_EQ(SIGRTMIN, wait_signal(&info, LONG_MS));
	EXPECT_TRUE(poll_for(p.server, POLLIN, LONG_MS) & POLLERR);
	EXPECT_EQ(ECONNRESET, so_error(p.server));
	close(p.server);
	close(p.listener);
}

TEST_F(sock, sigio_on_room)
{
	static char block[65536];
	struct pair p;
	ssize_t n;

	block_signals();
	ASSERT_TRUE(tcp_pair(self->family, &p));
	async_on(p.client, SIGRTMIN);
	nonblocking(p.client, true);
	while ((n = send(p.client, block, sizeof(block), 0)) > 0)
		;
	EXPECT_EQ(EAGAIN, errno);
	no_more_signals();
	if (!fork()) {
		/* Else the connection would not end with the parent's. */
		close(p.client);
		while (recv(p.server, block, sizeof(block), 0) > 0)
			;
		_exit(0);
	}
	EXPECT_TRUE(wait_band(p.client, POLLOUT));
	EXPECT_TRUE(poll_for(p.client, POLLOUT, LONG_MS) & POLLOUT);
	pair_close(&p);
	wait(NULL);
}

TEST_F(sock, sigio_ends)
{
	siginfo_t info;
	struct pair p;

	block_signals();
	ASSERT_TRUE(tcp_pair(self->family, &p));
	async_on(p.server, 0);
	fcntl(p.server, F_SETFL, fcntl(p.server, F_GETFL) & ~O_ASYNC);
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	ASSERT_TRUE(wait_unread(p.server, 1));
	EXPECT_EQ(0, wait_signal(&info, 0));
	pair_close(&p);
}

TEST_F(sock, sigio_needs_an_owner)
{
	siginfo_t info;
	struct pair p;

	block_signals();
	ASSERT_TRUE(tcp_pair(self->family, &p));
	fcntl(p.server, F_SETFL, fcntl(p.server, F_GETFL) | O_ASYNC);
	EXPECT_EQ(0, fcntl(p.server, F_GETOWN));
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	ASSERT_TRUE(wait_unread(p.server, 1));
	EXPECT_EQ(0, wait_signal(&info, 0));
	pair_close(&p);
}

TEST_F(sock, sigio_by_ioctl)
{
	siginfo_t info;
	struct pair p;
	int pid = getpid(), on = 1;

	block_signals();
	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(ioctl(p.server, FIOSETOWN, &pid));
	pid = 0;
	ASSERT_OK(ioctl(p.server, FIOGETOWN, &pid));
	EXPECT_EQ(getpid(), pid);
	pid = 0;
	ASSERT_OK(ioctl(p.server, SIOCGPGRP, &pid));
	EXPECT_EQ(getpid(), pid);
	ASSERT_OK(ioctl(p.server, FIOASYNC, &on));
	EXPECT_TRUE(fcntl(p.server, F_GETFL) & O_ASYNC);
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	EXPECT_EQ(SIGIO, wait_signal(&info, LONG_MS));
	pair_close(&p);
}

TEST_F(sock, sigio_to_a_thread)
{
	struct f_owner_ex owner = { F_OWNER_TID, syscall(SYS_gettid) };
	struct f_owner_ex seen = {};
	siginfo_t info;
	struct pair p;

	block_signals();
	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(fcntl(p.server, F_SETOWN_EX, &owner));
	ASSERT_OK(fcntl(p.server, F_GETOWN_EX, &seen));
	EXPECT_EQ(owner.type, seen.type);
	EXPECT_EQ(owner.pid, seen.pid);
	fcntl(p.server, F_SETFL, fcntl(p.server, F_GETFL) | O_ASYNC);
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	EXPECT_EQ(SIGIO, wait_signal(&info, LONG_MS));
	pair_close(&p);
}

/* Urgent data signals the owner, O_ASYNC or not. */
TEST_F(sock, sigurg)
{
	siginfo_t info;
	struct pair p;

	block_signals();
	ASSERT_TRUE(tcp_pair(self->family, &p));
	fcntl(p.server, F_SETOWN, getpid());
	EXPECT_EQ(1, send(p.client, "!", 1, MSG_OOB));
	EXPECT_EQ(SIGURG, wait_signal(&info, LONG_MS));
	pair_close(&p);
}

TEST_F(sock, no_waiting_by_fcntl_and_ioctl)
{
	int on = 1, off = 0;
	struct pair p;
	char c;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	nonblocking(p.client, true);
	EXPECT_ERRNO(EAGAIN, read(p.client, &c, 1));
	EXPECT_ERRNO(EAGAIN, recv(p.client, &c, 1, MSG_WAITALL));
	nonblocking(p.client, false);
	ASSERT_OK(ioctl(p.client, FIONBIO, &on));
	EXPECT_TRUE(fcntl(p.client, F_GETFL) & O_NONBLOCK);
	EXPECT_ERRNO(EAGAIN, read(p.client, &c, 1));
	ASSERT_OK(ioctl(p.client, FIONBIO, &off));
	EXPECT_FALSE(fcntl(p.client, F_GETFL) & O_NONBLOCK);
	ASSERT_OK(ioctl(p.listener, FIONBIO, &on));
	EXPECT_ERRNO(EAGAIN, accept(p.listener, NULL, NULL));
	pair_close(&p);
}

/* A duplicate shares what makes it wait or not. */
TEST_F(sock, no_waiting_by_a_duplicate)
{
	struct pair p;
	char c;
	int fd;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	fd = dup(p.client);
	nonblocking(fd, true);
	EXPECT_ERRNO(EAGAIN, read(p.client, &c, 1));
	close(fd);
	pair_close(&p);
}

TEST_HARNESS_MAIN
