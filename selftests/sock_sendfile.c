// SPDX-License-Identifier: GPL-2.0
/*
 * Files and pipes into a TCP connection and out of one: sendfile(), splice().
 */
#include <sys/sendfile.h>
#include <sys/wait.h>

#include "sock.h"

#define BLOCK	200000

static char block[BLOCK], back[BLOCK];

/* A file of BLOCK octets that differ, positioned at its start. */
static int pattern_file(void)
{
	char name[] = "/tmp/sendfileXXXXXX";
	int fd = mkstemp(name);

	unlink(name);
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = i * 7 + i / 251;
	if (write(fd, block, sizeof(block)) != sizeof(block))
		return -1;
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Octets that came, up to @n. */
static size_t read_all(int fd, char *buf, size_t n)
{
	size_t got = 0;
	ssize_t r;

	while (got < n && (r = read(fd, buf + got, n - got)) > 0)
		got += r;
	return got;
}

static bool send_all(int fd, int file, off_t offset, size_t n)
{
	off_t end = offset + n;

	while (offset < end)
		if (sendfile(fd, file, &offset, end - offset) <= 0)
			return false;
	return true;
}

/* A child sends while the parent reads. */
static void send_in_child(int fd, int file, off_t offset, size_t n)
{
	if (!fork())
		_exit(!send_all(fd, file, offset, n));
}

static int child_status(void)
{
	int status = -1;

	wait(&status);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(sock, sendfile_whole_file)
{
	int file = pattern_file();
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	send_in_child(p.client, file, 0, BLOCK);
	EXPECT_EQ(BLOCK, read_all(p.server, back, BLOCK));
	EXPECT_EQ(0, memcmp(block, back, BLOCK));
	EXPECT_EQ(0, child_status());
	close(file);
	pair_close(&p);
}

TEST_F(sock, sendfile_offset_keeps_position)
{
	int file = pattern_file();
	off_t offset = 100;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(50, sendfile(p.client, file, &offset, 50));
	EXPECT_EQ(150, offset);
	EXPECT_EQ(0, lseek(file, 0, SEEK_CUR));
	EXPECT_EQ(50, read_all(p.server, back, 50));
	EXPECT_EQ(0, memcmp(block + 100, back, 50));
	close(file);
	pair_close(&p);
}

TEST_F(sock, sendfile_moves_position)
{
	int file = pattern_file();
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	lseek(file, 4000, SEEK_SET);
	EXPECT_EQ(5000, sendfile(p.client, file, NULL, 5000));
	EXPECT_EQ(9000, lseek(file, 0, SEEK_CUR));
	EXPECT_EQ(5000, read_all(p.server, back, 5000));
	EXPECT_EQ(0, memcmp(block + 4000, back, 5000));
	close(file);
	pair_close(&p);
}

/* More is asked for than the file has: what there is goes out, at once. */
TEST_F(sock, sendfile_beyond_the_end)
{
	int file = pattern_file();
	off_t offset = BLOCK - 10;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(10, sendfile(p.client, file, &offset, 4096));
	EXPECT_EQ(10, read_all(p.server, back, 10));
	EXPECT_EQ(0, memcmp(block + BLOCK - 10, back, 10));
	EXPECT_EQ(0, sendfile(p.client, file, &offset, 4096));
	EXPECT_EQ(0, unread(p.server));
	close(file);
	pair_close(&p);
}

TEST_F(sock, sendfile_of_nothing)
{
	int file = pattern_file();
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(0, sendfile(p.client, file, NULL, 0));
	EXPECT_EQ(0, unread(p.server));
	close(file);
	pair_close(&p);
}

TEST_F(sock, sendfile_unconnected)
{
	int file = pattern_file();
	int fd = tcp_socket(self->family);
	int listener = tcp_listener(self->family, "127.0.0.1", 1);

	signal(SIGPIPE, SIG_IGN);
	EXPECT_ERRNO(EPIPE, sendfile(fd, file, NULL, 10));
	EXPECT_ERRNO(EPIPE, sendfile(listener, file, NULL, 10));
	close(listener);
	close(fd);
	close(file);
}

static volatile sig_atomic_t pipes;

static void on_pipe(int sig)
{
	pipes++;
}

TEST_F(sock, sendfile_after_shutdown)
{
	int file = pattern_file();
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	pipes = 0;
	signal(SIGPIPE, on_pipe);
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_ERRNO(EPIPE, sendfile(p.client, file, NULL, 10));
	EXPECT_EQ(1, pipes);
	close(file);
	pair_close(&p);
}

TEST_F(sock, sendfile_fills_the_buffers)
{
	int file = pattern_file();
	off_t offset = 0;
	struct pair p;
	ssize_t n;
	long sent = 0;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	nonblocking(p.client, true);
	while ((n = sendfile(p.client, file, &offset, BLOCK)) > 0) {
		sent += n;
		offset = 0;
	}
	EXPECT_EQ(-1, n);
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_LT(0, sent);
	/* All that was taken arrives. */
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	while ((n = read(p.server, back, sizeof(back))) > 0)
		sent -= n;
	EXPECT_EQ(0, n);
	EXPECT_EQ(0, sent);
	close(file);
	pair_close(&p);
}

/* Octets copied and pages lent, in turn: the order stays. */
TEST_F(sock, sendfile_between_writes)
{
	int file = pattern_file();
	struct pair p;
	off_t offset;
	char buf[200];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	for (int i = 0; i < 20; i++) {
		memset(buf, 'a' + i, 100);
		EXPECT_EQ(100, send(p.client, buf, 100, MSG_MORE));
		offset = i * 1000;
		EXPECT_EQ(100, sendfile(p.client, file, &offset, 100));
	}
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(200, read_all(p.server, buf, 200));
		EXPECT_EQ('a' + i, buf[0]);
		EXPECT_EQ('a' + i, buf[99]);
		EXPECT_EQ(0, memcmp(block + i * 1000, buf + 100, 100));
	}
	close(file);
	pair_close(&p);
}

TEST_F(sock, sendfile_under_cork)
{
	int file = pattern_file();
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	set_int(p.client, IPPROTO_TCP, TCP_CORK, 1);
	EXPECT_EQ(4, send(p.client, "head", 4, 0));
	EXPECT_EQ(500, sendfile(p.client, file, NULL, 500));
	EXPECT_EQ(504, unsent(p.client));
	set_int(p.client, IPPROTO_TCP, TCP_CORK, 0);
	EXPECT_EQ(504, read_all(p.server, back, 504));
	EXPECT_EQ(0, memcmp(back, "head", 4));
	EXPECT_EQ(0, memcmp(back + 4, block, 500));
	close(file);
	pair_close(&p);
}

TEST_F(sock, sendfile_from_a_socket)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EINVAL, sendfile(p.client, p.server, NULL, 10));
	pair_close(&p);
}

TEST_F(sock, sendfile_timeout)
{
	int file = pattern_file();
	off_t offset = 0;
	struct pair p;
	ssize_t n;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	timeout_ms(p.client, SO_SNDTIMEO, SHORT_MS);
	while ((n = sendfile(p.client, file, &offset, BLOCK)) > 0)
		offset = 0;
	EXPECT_EQ(-1, n);
	EXPECT_EQ(EAGAIN, errno);
	close(file);
	pair_close(&p);
}

TEST_F(sock, splice_in)
{
	int pipefd[2];
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(pipe(pipefd));
	EXPECT_EQ(7, write(pipefd[1], "through", 7));
	EXPECT_EQ(7, splice(pipefd[0], NULL, p.client, NULL, 4096, 0));
	EXPECT_EQ(7, read_all(p.server, back, 7));
	EXPECT_EQ(0, memcmp(back, "through", 7));
	/* The writer is gone: the end of the pipe, not of the stream. */
	close(pipefd[1]);
	EXPECT_EQ(0, splice(pipefd[0], NULL, p.client, NULL, 4096, 0));
	EXPECT_ERRNO(EAGAIN, recv(p.server, back, 1, MSG_DONTWAIT));
	close(pipefd[0]);
	pair_close(&p);
}

TEST_F(sock, splice_in_more)
{
	int pipefd[2];
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(pipe(pipefd));
	EXPECT_EQ(4, write(pipefd[1], "more", 4));
	EXPECT_EQ(4, splice(pipefd[0], NULL, p.client, NULL, 4,
			    SPLICE_F_MORE));
	EXPECT_EQ(4, unsent(p.client));
	EXPECT_EQ(4, write(pipefd[1], "done", 4));
	EXPECT_EQ(4, splice(pipefd[0], NULL, p.client, NULL, 4, 0));
	EXPECT_EQ(8, read_all(p.server, back, 8));
	EXPECT_EQ(0, memcmp(back, "moredone", 8));
	close(pipefd[0]);
	close(pipefd[1]);
	pair_close(&p);
}

/* A program's own pages, lent to a pipe. */
TEST_F(sock, vmsplice_in)
{
	static char page[8192] __attribute__((aligned(4096)));
	struct iovec iov = { page + 100, 5000 };
	int pipefd[2];
	struct pair p;
	size_t done = 0;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(pipe(pipefd));
	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = i * 13 + i / 256;
	EXPECT_EQ(5000, vmsplice(pipefd[1], &iov, 1, 0));
	while (done < 5000) {
		ssize_t n = splice(pipefd[0], NULL, p.client, NULL,
				   5000 - done, 0);

		ASSERT_LT(0, n);
		done += n;
	}
	EXPECT_EQ(5000, read_all(p.server, back, 5000));
	EXPECT_EQ(0, memcmp(page + 100, back, 5000));
	close(pipefd[0]);
	close(pipefd[1]);
	pair_close(&p);
}

TEST_F(sock, splice_out)
{
	int pipefd[2];
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(pipe(pipefd));
	EXPECT_EQ(6, send(p.client, "abcdef", 6, 0));
	ASSERT_TRUE(wait_unread(p.server, 6));
	EXPECT_EQ(4, splice(p.server, NULL, pipefd[1], NULL, 4, 0));
	EXPECT_EQ(2, unread(p.server));
	EXPECT_EQ(2, splice(p.server, NULL, pipefd[1], NULL, 100, 0));
	EXPECT_EQ(6, read(pipefd[0], back, 100));
	EXPECT_EQ(0, memcmp(back, "abcdef", 6));
	close(pipefd[0]);
	close(pipefd[1]);
	pair_close(&p);
}

TEST_F(sock, splice_out_nothing_there)
{
	int pipefd[2];
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(pipe(pipefd));
	nonblocking(p.server, true);
	EXPECT_ERRNO(EAGAIN, splice(p.server, NULL, pipefd[1], NULL, 10, 0));
	nonblocking(p.server, false);
	timeout_ms(p.server, SO_RCVTIMEO, SHORT_MS);
	EXPECT_ERRNO(EAGAIN, splice(p.server, NULL, pipefd[1], NULL, 10, 0));
	close(pipefd[0]);
	close(pipefd[1]);
	pair_close(&p);
}

TEST_F(sock, splice_out_waits)
{
	int pipefd[2];
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(pipe(pipefd));
	if (!fork()) {
		wait_asleep(getppid());
		_exit(send(p.client, "late", 4, 0) != 4);
	}
	EXPECT_EQ(4, splice(p.server, NULL, pipefd[1], NULL, 10, 0));
	EXPECT_EQ(4, read(pipefd[0], back, 10));
	EXPECT_EQ(0, memcmp(back, "late", 4));
	EXPECT_EQ(0, child_status());
	close(pipefd[0]);
	close(pipefd[1]);
	pair_close(&p);
}

TEST_F(sock, splice_out_end_of_file)
{
	int pipefd[2];
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(pipe(pipefd));
	EXPECT_EQ(3, send(p.client, "end", 3, 0));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	ASSERT_TRUE(wait_state(p.server, TCP_CLOSE_WAIT));
	EXPECT_EQ(3, splice(p.server, NULL, pipefd[1], NULL, 10, 0));
	EXPECT_EQ(0, splice(p.server, NULL, pipefd[1], NULL, 10, 0));
	EXPECT_EQ(0, splice(p.server, NULL, pipefd[1], NULL, 10, 0));
	close(pipefd[0]);
	close(pipefd[1]);
	pair_close(&p);
}

TEST_F(sock, splice_out_reset)
{
	struct linger now = { .l_onoff = 1 };
	int pipefd[2];
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(pipe(pipefd));
	setsockopt(p.client, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(p.client);
	ASSERT_TRUE(wait_state(p.server, TCP_CLOSE));
	EXPECT_ERRNO(ECONNRESET, splice(p.server, NULL, pipefd[1], NULL, 10,
					0));
	EXPECT_EQ(0, splice(p.server, NULL, pipefd[1], NULL, 10, 0));
	close(pipefd[0]);
	close(pipefd[1]);
	close(p.server);
	close(p.listener);
}

TEST_F(sock, splice_out_unconnected)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 1);
	int fd = tcp_socket(self->family);
	int pipefd[2];

	ASSERT_OK(pipe(pipefd));
	EXPECT_ERRNO(ENOTCONN, splice(fd, NULL, pipefd[1], NULL, 10, 0));
	EXPECT_ERRNO(ENOTCONN, splice(listener, NULL, pipefd[1], NULL, 10, 0));
	close(pipefd[0]);
	close(pipefd[1]);
	close(fd);
	close(listener);
}

TEST_F(sock, splice_has_no_offset)
{
	loff_t offset = 0;
	int pipefd[2];
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(pipe(pipefd));
	EXPECT_EQ(1, write(pipefd[1], "x", 1));
	EXPECT_EQ(1, send(p.client, "y", 1, 0));
	EXPECT_ERRNO(EINVAL, splice(p.server, &offset, pipefd[1], NULL, 1, 0));
	EXPECT_ERRNO(EINVAL, splice(pipefd[0], NULL, p.client, &offset, 1, 0));
	close(pipefd[0]);
	close(pipefd[1]);
	pair_close(&p);
}

/* The urgent octet is for recv() alone: a splice ends before it. */
TEST_F(sock, splice_out_stops_at_urgent)
{
	int pipefd[2];
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(pipe(pipefd));
	EXPECT_EQ(3, send(p.client, "ab!", 3, MSG_OOB));
	EXPECT_EQ(2, send(p.client, "cd", 2, 0));
	ASSERT_TRUE(poll_for(p.server, POLLPRI, LONG_MS) & POLLPRI);
	EXPECT_EQ(2, splice(p.server, NULL, pipefd[1], NULL, 100, 0));
	EXPECT_EQ(2, read(pipefd[0], back, 100));
	EXPECT_EQ(0, memcmp(back, "ab", 2));
	EXPECT_EQ(1, recv(p.server, back, 1, MSG_OOB));
	EXPECT_EQ('!', back[0]);
	EXPECT_EQ(2, read_all(p.server, back, 2));
	EXPECT_EQ(0, memcmp(back, "cd", 2));
	close(pipefd[0]);
	close(pipefd[1]);
	pair_close(&p);
}

/* A proxy: from one connection to another, by a pipe. */
TEST_F(sock, splice_relays)
{
	int file = pattern_file();
	struct pair in, out;
	int pipefd[2];

	ASSERT_TRUE(tcp_pair(self->family, &in));
	ASSERT_TRUE(tcp_pair(self->family, &out));
	ASSERT_OK(pipe(pipefd));
	send_in_child(in.client, file, 0, BLOCK);
	if (!fork()) {
		size_t left = BLOCK;
		ssize_t n, m;

		while (left) {
			n = splice(in.server, NULL, pipefd[1], NULL, left, 0);
			if (n <= 0)
				_exit(1);
			left -= n;
			while (n) {
				m = splice(pipefd[0], NULL, out.client, NULL,
					   n, left ? SPLICE_F_MORE : 0);
				if (m <= 0)
					_exit(2);
				n -= m;
			}
		}
		_exit(0);
	}
	EXPECT_EQ(BLOCK, read_all(out.server, back, BLOCK));
	EXPECT_EQ(0, memcmp(block, back, BLOCK));
	EXPECT_EQ(0, child_status());
	EXPECT_EQ(0, child_status());
	close(file);
	pair_close(&in);
	pair_close(&out);
}

TEST_F(sock, splice_out_opens_the_window)
{
	int file = pattern_file();
	int null = open("/dev/null", O_WRONLY);
	size_t got = 0;
	int pipefd[2];
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(pipe(pipefd));
	set_int(p.server, SOL_SOCKET, SO_RCVBUF, 8192);
	send_in_child(p.client, file, 0, BLOCK);
	while (got < BLOCK) {
		ssize_t n = splice(p.server, NULL, pipefd[1], NULL, 4096, 0);

		ASSERT_LT(0, n);
		ASSERT_EQ(n, splice(pipefd[0], NULL, null, NULL, n, 0));
		got += n;
	}
	EXPECT_EQ(0, child_status());
	close(null);
	close(file);
	close(pipefd[0]);
	close(pipefd[1]);
	pair_close(&p);
}

TEST_HARNESS_MAIN
