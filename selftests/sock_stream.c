// SPDX-License-Identifier: GPL-2.0
/*
 * What a program sees of the bytes of a TCP connection.
 */
#include <sys/sendfile.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "sock.h"

TEST_F(sock, bytes_have_no_bounds)
{
	struct pair p;
	char buf[16];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(3, write(p.client, "one", 3));
	EXPECT_EQ(3, send(p.client, "two", 3, 0));
	EXPECT_EQ(0, send(p.client, "", 0, 0));
	EXPECT_EQ(5, write(p.client, "three", 5));
	ASSERT_TRUE(wait_unread(p.server, 11));
	EXPECT_EQ(4, read(p.server, buf, 4));
	EXPECT_EQ(0, memcmp(buf, "onet", 4));
	EXPECT_EQ(0, recv(p.server, buf, 0, 0));
	EXPECT_EQ(7, recv(p.server, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "wothree", 7));
	pair_close(&p);
}

TEST_F(sock, gather_and_scatter)
{
	struct iovec out[3] = {
		{ "first ", 6 }, { NULL, 0 }, { "second", 6 },
	};
	char a[4], b[16];
	struct iovec in[2] = { { a, sizeof(a) }, { b, sizeof(b) } };
	struct sockaddr_in sin;
	struct msghdr msg = {
		.msg_name = &sin, .msg_namelen = sizeof(sin),
		.msg_iov = in, .msg_iovlen = 2,
	};
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(12, writev(p.client, out, 3));
	ASSERT_TRUE(wait_unread(p.server, 12));
	EXPECT_EQ(12, recvmsg(p.server, &msg, 0));
	EXPECT_EQ(0, memcmp(a, "firs", 4));
	EXPECT_EQ(0, memcmp(b, "t second", 8));
	/* A stream's data has no sender's name. */
	EXPECT_EQ(0, msg.msg_namelen);
	EXPECT_EQ(0, msg.msg_flags);
	pair_close(&p);
}

TEST_F(sock, peek_waitall_trunc)
{
	struct pair p;
	char buf[16];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(6, send(p.client, "abcdef", 6, 0));
	ASSERT_TRUE(wait_unread(p.server, 6));
	EXPECT_EQ(3, recv(p.server, buf, 3, MSG_PEEK));
	EXPECT_EQ(6, recv(p.server, buf, sizeof(buf), MSG_PEEK));
	EXPECT_EQ(0, memcmp(buf, "abcdef", 6));
	EXPECT_EQ(6, unread(p.server));
	/* On a stream MSG_TRUNC throws away what it counts. */
	EXPECT_EQ(2, recv(p.server, NULL, 2, MSG_TRUNC));
	EXPECT_EQ(4, unread(p.server));
	EXPECT_ERRNO(EAGAIN, recv(p.client, buf, 1, MSG_DONTWAIT));

	if (!fork()) {
		wait_asleep(getppid());
		send(p.client, "ghij", 4, 0);
		_exit(0);
	}
	EXPECT_EQ(8, recv(p.server, buf, 8, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "cdefghij", 8));
	wait(NULL);

	/* Not all can come any more. */
	EXPECT_EQ(2, send(p.client, "yz", 2, 0));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_EQ(2, recv(p.server, buf, 8, MSG_WAITALL));
	EXPECT_EQ(0, recv(p.server, buf, 8, MSG_WAITALL));
	pair_close(&p);
}

TEST_F(sock, counts_of_waiting_bytes)
{
	struct pair p;
	int queued = -1;
	long end = now_ms() + LONG_MS;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(0, unread(p.server));
	EXPECT_EQ(5, send(p.client, "12345", 5, 0));
	ASSERT_TRUE(wait_unread(p.server, 5));
	EXPECT_EQ(5, unread(p.server));
	/* Acknowledged: nothing is left with the sender. */
	do {
		ASSERT_OK(ioctl(p.client, TIOCOUTQ, &queued));
	} while (queued && now_ms() < end);
	EXPECT_EQ(0, queued);
	EXPECT_ERRNO(EINVAL, ioctl(p.listener, FIONREAD, &queued));
	pair_close(&p);
}

TEST_F(sock, sendfile_and_splice)
{
	static char block[200000], back[200000];
	FILE *file = tmpfile();
	off_t offset = 0;
	size_t got = 0;
	struct pair p;
	int pipefd[2];

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = i * 7 + i / 251;
	ASSERT_EQ(1, fwrite(block, sizeof(block), 1, file));
	fflush(file);
	ASSERT_TRUE(tcp_pair(self->family, &p));
	if (!fork()) {
		while (offset < (off_t)sizeof(block))
			if (sendfile(p.client, fileno(file), &offset,
				     sizeof(block) - offset) <= 0)
				_exit(1);
		_exit(0);
	}
	ASSERT_OK(pipe(pipefd));
	while (got < sizeof(back)) {
		ssize_t n = splice(p.server, NULL, pipefd[1], NULL, 16384, 0);

		ASSERT_LT(0, n) TH_LOG("%s", strerror(errno));
		ASSERT_EQ(n, read(pipefd[0], back + got, n));
		got += n;
	}
	EXPECT_EQ(0, memcmp(block, back, sizeof(block)));
	wait(NULL);
	fclose(file);
	pair_close(&p);
}

/* Both directions at once, more than all buffers hold. */
TEST_F(sock, bulk_both_ways)
{
	const size_t total = 2 << 20;
	size_t sent[2] = {}, got[2] = {};
	static unsigned char out[8192], in[65536];
	int fds[2], bad = 0;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	fds[0] = p.client;
	fds[1] = p.server;
	nonblocking(fds[0], true);
	nonblocking(fds[1], true);
	while (got[0] < total || got[1] < total) {
		struct pollfd polls[2];

		for (int i = 0; i < 2; i++)
			polls[i] = (struct pollfd){ fds[i], POLLIN |
				(sent[i] < total ? POLLOUT : 0), 0 };
		ASSERT_LT(0, poll(polls, 2, LONG_MS));
		for (int i = 0; i < 2; i++) {
			size_t n = total - sent[i];
			ssize_t r;

			if (n > sizeof(out))
				n = sizeof(out);
			for (size_t k = 0; k < n; k++)
				out[k] = (sent[i] + k) * 31 >> 3;
			r = n ? send(fds[i], out, n, 0) : 0;
			sent[i] += r > 0 ? r : 0;
			r = recv(fds[i], in, sizeof(in), 0);
			for (ssize_t k = 0; k < r; k++)
				bad += in[k] != (unsigned char)
					((got[i] + k) * 31 >> 3);
			got[i] += r > 0 ? r : 0;
		}
	}
	EXPECT_EQ(0, bad);
	EXPECT_EQ(total, got[0]);
	EXPECT_EQ(total, got[1]);
	pair_close(&p);
}

TEST_F(sock, cork_holds_back)
{
	struct pair p;
	char buf[16];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	set_int(p.client, IPPROTO_TCP, TCP_CORK, 1);
	EXPECT_EQ(4, send(p.client, "head", 4, 0));
	EXPECT_EQ(4, unsent(p.client));
	set_int(p.client, IPPROTO_TCP, TCP_CORK, 0);
	EXPECT_EQ(4, recv(p.server, buf, 4, MSG_WAITALL));
	EXPECT_EQ(4, send(p.client, "more", 4, MSG_MORE));
	EXPECT_EQ(4, unsent(p.client));
	EXPECT_EQ(4, send(p.client, "done", 4, 0));
	EXPECT_EQ(8, recv(p.server, buf, 8, MSG_WAITALL));
	pair_close(&p);
}

TEST_F(sock, peek_waits_for_all)
{
	struct pair p;
	char buf[8];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(3, send(p.client, "abc", 3, 0));
	if (!fork()) {
		wait_asleep(getppid());
		_exit(send(p.client, "def", 3, 0) != 3);
	}
	EXPECT_EQ(6, recv(p.server, buf, 6, MSG_PEEK | MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "abcdef", 6));
	EXPECT_EQ(6, unread(p.server));
	wait(NULL);
	pair_close(&p);
}

/* A reader is woken when there is as much as it asked for, or the end. */
TEST_F(sock, low_water_mark)
{
	struct pair p;
	char buf[16];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.server, SOL_SOCKET, SO_RCVLOWAT, 6));
	EXPECT_EQ(6, get_int(p.server, SOL_SOCKET, SO_RCVLOWAT));
	EXPECT_EQ(3, send(p.client, "abc", 3, 0));
	ASSERT_TRUE(wait_unread(p.server, 3));
	EXPECT_EQ(0, poll_for(p.server, POLLIN, 0));
	/* Who does not wait has what there is. */
	EXPECT_EQ(3, recv(p.server, buf, 16, MSG_DONTWAIT | MSG_PEEK));
	if (!fork()) {
		wait_asleep(getppid());
		_exit(send(p.client, "defg", 4, 0) != 4);
	}
	EXPECT_EQ(7, recv(p.server, buf, 16, 0));
	wait(NULL);
	EXPECT_EQ(1, send(p.client, "h", 1, 0));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_EQ(1, recv(p.server, buf, 16, 0));
	EXPECT_EQ(0, recv(p.server, buf, 16, 0));
	pair_close(&p);
}

TEST_F(sock, trunc_throws_away)
{
	struct pair p;
	char buf[8] = "--------";

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(6, send(p.client, "abcdef", 6, 0));
	ASSERT_TRUE(wait_unread(p.server, 6));
	/* Counted, not copied, and with a peek not even taken. */
	EXPECT_EQ(4, recv(p.server, buf, 4, MSG_TRUNC | MSG_PEEK));
	EXPECT_EQ(0, memcmp(buf, "--------", 8));
	EXPECT_EQ(6, unread(p.server));
	EXPECT_EQ(6, recv(p.server, NULL, 1000, MSG_TRUNC));
	EXPECT_EQ(0, unread(p.server));
	EXPECT_ERRNO(EAGAIN, recv(p.server, NULL, 1000,
				  MSG_TRUNC | MSG_DONTWAIT));
	pair_close(&p);
}

TEST_F(sock, send_without_waiting_is_partial)
{
	static char block[8 << 20];
	struct pair p;
	ssize_t n;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	n = send(p.client, block, sizeof(block), MSG_DONTWAIT);
	EXPECT_LT(0, n);
	EXPECT_GT(sizeof(block), n);
	while ((n = send(p.client, block, sizeof(block), MSG_DONTWAIT)) > 0)
		;
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_FALSE(poll_for(p.client, POLLOUT, 0) & POLLOUT);
	pair_close(&p);
}

TEST_F(sock, a_stream_has_no_offset)
{
	struct pair p;
	char c;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(ESPIPE, pwrite(p.client, "x", 1, 0));
	EXPECT_ERRNO(ESPIPE, pread(p.server, &c, 1, 0));
	EXPECT_ERRNO(ESPIPE, lseek(p.client, 0, SEEK_CUR));
	pair_close(&p);
}

TEST_F(sock, many_pieces)
{
	static struct iovec out[1025], in[1024];
	static char block[1024], back[1024];
	struct pair p;

	for (int i = 0; i < 1024; i++) {
		block[i] = i * 3 + i / 256;
		out[i] = (struct iovec){ block + i, 1 };
		in[i] = (struct iovec){ back + i, 1 };
	}
	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(1024, writev(p.client, out, 1024));
	ASSERT_TRUE(wait_unread(p.server, 1024));
	EXPECT_EQ(1024, readv(p.server, in, 1024));
	EXPECT_EQ(0, memcmp(block, back, 1024));
	EXPECT_ERRNO(EINVAL, writev(p.client, out, 1025));
	EXPECT_EQ(0, writev(p.client, out, 0));
	pair_close(&p);
}

/* Nothing is lost by a call that fails. */
TEST_F(sock, bad_address)
{
	struct pair p;
	char buf[8];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EFAULT, send(p.client, (void *)8, 4, 0));
	EXPECT_EQ(4, send(p.client, "good", 4, 0));
	ASSERT_TRUE(wait_unread(p.server, 4));
	EXPECT_ERRNO(EFAULT, recv(p.server, (void *)8, 4, 0));
	EXPECT_EQ(4, recv(p.server, buf, 8, 0));
	EXPECT_EQ(0, memcmp(buf, "good", 4));
	pair_close(&p);
}

TEST_HARNESS_MAIN
