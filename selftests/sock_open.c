// SPDX-License-Identifier: GPL-2.0
/*
 * What a program sees of how connections open: TCP Fast Open, TCP_SAVED_SYN,
 * TCP_DEFER_ACCEPT, the backlog.
 */
#include "sock.h"

/* <netinet/tcp.h> of old has them not. */
#ifndef TCP_FASTOPEN_KEY
#define TCP_FASTOPEN_KEY	33
#endif
#ifndef TCP_FASTOPEN_NO_COOKIE
#define TCP_FASTOPEN_NO_COOKIE	34
#endif

static void knob(int family, const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/%s",
		 family == AF_INET ? "ipv4" : "mini", name);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		ksft_print_msg("%s: %m\n", path);
	close(fd);
}

static int set_tcp(int fd, int name, int value)
{
	return setsockopt(fd, IPPROTO_TCP, name, &value, sizeof(value));
}

static int get_tcp(int fd, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	getsockopt(fd, IPPROTO_TCP, name, &value, &len);
	return value;
}

static bool syn_data(int fd)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len);
	return info.tcpi_options & TCPI_OPT_SYN_DATA;
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in) {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static ssize_t fast(int fd, int port, const char *text)
{
	struct sockaddr_in sin = loopback(port);

	return sendto(fd, text, strlen(text), MSG_FASTOPEN | MSG_NOSIGNAL,
		      (void *)&sin, sizeof(sin));
}

/* One connection by MSG_FASTOPEN; was its data taken with the SYN? */
static int fast_once(int family, int listener, const char *text)
{
	int fd = tcp_socket(family);
	char buf[64] = "";
	int taken = -1;
	int conn;

	if (fast(fd, local_port(listener), text) != (ssize_t)strlen(text))
		goto out;
	conn = accept(listener, NULL, NULL);
	if (conn < 0)
		goto out;
	timeout_ms(conn, SO_RCVTIMEO, LONG_MS);
	if (recv(conn, buf, sizeof(buf), 0) == (ssize_t)strlen(text) &&
	    !strcmp(buf, text) && syn_data(conn) == syn_data(fd))
		taken = syn_data(fd);
	close(conn);
out:
	close(fd);
	return taken;
}

TEST_F(sock, fast_open_first_and_second)
{
	int listener;

	knob(self->family, "tcp_fastopen", "3");
	listener = tcp_listener(self->family, "127.0.0.1", 8);
	ASSERT_OK(set_tcp(listener, TCP_FASTOPEN, 8));
	EXPECT_EQ(8, get_tcp(listener, TCP_FASTOPEN));
	/* The first one learns the cookie, the others use it. */
	EXPECT_EQ(0, fast_once(self->family, listener, "one"));
	EXPECT_EQ(1, fast_once(self->family, listener, "two"));
	EXPECT_EQ(1, fast_once(self->family, listener, "three"));
	close(listener);
}

TEST_F(sock, fast_open_not_offered)
{
	int listener;

	knob(self->family, "tcp_fastopen", "1");
	listener = tcp_listener(self->family, "127.0.0.1", 8);
	set_tcp(listener, TCP_FASTOPEN, 8);
	EXPECT_EQ(0, fast_once(self->family, listener, "one"));
	EXPECT_EQ(0, fast_once(self->family, listener, "two"));
	close(listener);
}

TEST_F(sock, fast_open_keys)
{
	char both[32], back[32] = {};
	socklen_t len = sizeof(back);
	int listener;

	memset(both, 'a', 16);
	memset(both + 16, 'b', 16);
	knob(self->family, "tcp_fastopen", "3");
	listener = tcp_listener(self->family, "127.0.0.1", 8);
	ASSERT_OK(set_tcp(listener, TCP_FASTOPEN, 8));
	EXPECT_ERRNO(EINVAL, setsockopt(listener, IPPROTO_TCP,
					TCP_FASTOPEN_KEY, both, 15));
	ASSERT_OK(setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN_KEY,
			     both + 16, 16));
	EXPECT_EQ(0, fast_once(self->family, listener, "one"));
	/* The old key is the second one now: its cookie still opens. */
	ASSERT_OK(setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN_KEY, both,
			     32));
	ASSERT_OK(getsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN_KEY, back,
			     &len));
	EXPECT_EQ(32, len);
	EXPECT_EQ(0, memcmp(both, back, 32));
	EXPECT_EQ(1, fast_once(self->family, listener, "two"));
	/* And a new one came with it. */
	ASSERT_OK(setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN_KEY, both,
			     16));
	EXPECT_EQ(1, fast_once(self->family, listener, "three"));
	/* Another key altogether: no more. */
	ASSERT_OK(setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN_KEY,
			     "0123456789abcdef", 16));
	EXPECT_EQ(0, fast_once(self->family, listener, "four"));
	EXPECT_EQ(1, fast_once(self->family, listener, "five"));
	close(listener);
}

TEST_F(sock, fast_open_key_of_the_namespace)
{
	static const char two[] =
		"01020304-05060708-090a0b0c-0d0e0f10,11111111-22222222-33333333-44444444\n";
	char path[64], buf[128] = "";
	int fd;

	knob(self->family, "tcp_fastopen_key", two);
	snprintf(path, sizeof(path), "/proc/sys/net/%s/tcp_fastopen_key",
		 self->family == AF_INET ? "ipv4" : "mini");
	fd = open(path, O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_LT(0, read(fd, buf, sizeof(buf) - 1));
	EXPECT_STREQ(two, buf);
	EXPECT_ERRNO(EINVAL, pwrite(fd, "01020304-05", 11, 0));
	EXPECT_EQ(35, pwrite(fd, two, 35, 0));
	memset(buf, 0, sizeof(buf));
	EXPECT_EQ(36, pread(fd, buf, sizeof(buf) - 1, 0));
	EXPECT_EQ(0, memcmp(two, buf, 35));
	close(fd);
}

TEST_F(sock, fast_open_connect)
{
	char buf[8] = "";
	int listener, fd, conn;
	struct sockaddr_in sin;

	knob(self->family, "tcp_fastopen", "3");
	listener = tcp_listener(self->family, "127.0.0.1", 8);
	ASSERT_OK(set_tcp(listener, TCP_FASTOPEN, 8));
	ASSERT_LE(0, fast_once(self->family, listener, "one"));
	fd = tcp_socket(self->family);
	ASSERT_OK(set_tcp(fd, TCP_FASTOPEN_CONNECT, 1));
	sin = loopback(local_port(listener));
	ASSERT_OK(connect(fd, (void *)&sin, sizeof(sin)));
	/* AF_INET would wait for the handshake here. */
	nonblocking(fd, true);
	EXPECT_ERRNO(EISCONN, connect(fd, (void *)&sin, sizeof(sin)));
	nonblocking(fd, false);
	EXPECT_EQ(POLLOUT, poll_for(fd, POLLOUT | POLLIN, 0));
	/* Nothing has left: nobody is there to accept. */
	EXPECT_EQ(0, poll_for(listener, POLLIN, 100));
	EXPECT_EQ(4, write(fd, "data", 4));
	conn = accept(listener, NULL, NULL);
	ASSERT_LE(0, conn);
	EXPECT_EQ(4, recv(conn, buf, sizeof(buf), 0));
	EXPECT_TRUE(syn_data(fd));
	EXPECT_TRUE(syn_data(conn));
	EXPECT_EQ(2, send(conn, "ok", 2, 0));
	EXPECT_EQ(2, recv(fd, buf, sizeof(buf), 0));
	close(fd);
	close(conn);
	/* One that is closed before it wrote anything leaves no trace. */
	fd = tcp_socket(self->family);
	ASSERT_OK(set_tcp(fd, TCP_FASTOPEN_CONNECT, 1));
	ASSERT_OK(connect(fd, (void *)&sin, sizeof(sin)));
	close(fd);
	EXPECT_EQ(0, poll_for(listener, POLLIN, 100));
	close(listener);
}

TEST_F(sock, fast_open_errors)
{
	struct sockaddr_in sin = { .sin_family = AF_UNSPEC };
	int listener, fd;

	knob(self->family, "tcp_fastopen", "1");
	listener = tcp_listener(self->family, "127.0.0.1", 8);
	fd = tcp_socket(self->family);
	EXPECT_ERRNO(EOPNOTSUPP, sendto(fd, "x", 1, MSG_FASTOPEN, (void *)&sin,
					sizeof(sin)));
	EXPECT_ERRNO(EINVAL, set_tcp(fd, TCP_FASTOPEN, -1));
	EXPECT_ERRNO(EINVAL, set_tcp(fd, TCP_FASTOPEN_CONNECT, 2));
	EXPECT_ERRNO(EINVAL, set_tcp(fd, TCP_FASTOPEN_NO_COOKIE, 2));
	EXPECT_EQ(1, fast(fd, local_port(listener), "x"));
	EXPECT_ERRNO(EISCONN, fast(fd, local_port(listener), "x"));
	EXPECT_ERRNO(EINVAL, set_tcp(fd, TCP_FASTOPEN, 1));
	EXPECT_ERRNO(EINVAL, set_tcp(fd, TCP_FASTOPEN_CONNECT, 1));
	EXPECT_ERRNO(EINVAL, set_tcp(fd, TCP_FASTOPEN_NO_COOKIE, 1));
	close(fd);
	/* Nobody listens: sendto() says what connect() would. */
	fd = tcp_socket(self->family);
	EXPECT_ERRNO(ECONNREFUSED, fast(fd, 1, "x"));
	/* And it can try again. */
	EXPECT_EQ(1, fast(fd, local_port(listener), "x"));
	close(fd);
	knob(self->family, "tcp_fastopen", "0");
	fd = tcp_socket(self->family);
	EXPECT_ERRNO(EOPNOTSUPP, fast(fd, local_port(listener), "x"));
	EXPECT_ERRNO(EOPNOTSUPP, set_tcp(fd, TCP_FASTOPEN_CONNECT, 1));
	close(fd);
	close(listener);
}

/* A long message: what does not fit the SYN follows. */
TEST_F(sock, fast_open_long_message)
{
	static char text[200000], got[200000];
	struct sockaddr_in sin;
	size_t n = 0;
	int listener, fd, conn;
	ssize_t ret;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i * 7 + (i >> 8);
	knob(self->family, "tcp_fastopen", "3");
	listener = tcp_listener(self->family, "127.0.0.1", 8);
	ASSERT_OK(set_tcp(listener, TCP_FASTOPEN, 8));
	ASSERT_LE(0, fast_once(self->family, listener, "one"));
	fd = tcp_socket(self->family);
	sin = loopback(local_port(listener));
	if (!fork()) {
		ret = sendto(fd, text, sizeof(text), MSG_FASTOPEN,
			     (void *)&sin, sizeof(sin));
		_exit(ret != sizeof(text));
	}
	conn = accept(listener, NULL, NULL);
	ASSERT_LE(0, conn);
	timeout_ms(conn, SO_RCVTIMEO, LONG_MS);
	while (n < sizeof(got)) {
		ret = recv(conn, got + n, sizeof(got) - n, 0);
		ASSERT_LT(0, ret);
		n += ret;
	}
	EXPECT_EQ(0, memcmp(text, got, sizeof(got)));
	EXPECT_TRUE(syn_data(conn));
	close(fd);
	close(conn);
	close(listener);
}

TEST_F(sock, saved_syn)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 8);
	int fd = tcp_socket(self->family);
	unsigned char syn[256] = {};
	socklen_t len, whole;
	int conn;

	EXPECT_ERRNO(EINVAL, set_tcp(listener, TCP_SAVE_SYN, 3));
	ASSERT_OK(set_tcp(listener, TCP_SAVE_SYN, 1));
	EXPECT_EQ(1, get_tcp(listener, TCP_SAVE_SYN));
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(listener)));
	conn = accept(listener, NULL, NULL);
	ASSERT_LE(0, conn);
	len = 20;
	EXPECT_ERRNO(EINVAL, getsockopt(conn, IPPROTO_TCP, TCP_SAVED_SYN, syn,
					&len));
	whole = len;
	EXPECT_LE(20 + 20, whole);
	len = sizeof(syn);
	ASSERT_OK(getsockopt(conn, IPPROTO_TCP, TCP_SAVED_SYN, syn, &len));
	EXPECT_EQ(whole, len);
	EXPECT_EQ(whole, 20 + (syn[32] >> 4) * 4);
	/* An IPv4 header, a TCP header, its ports and SYN. */
	EXPECT_EQ(0x45, syn[0]);
	EXPECT_EQ(IPPROTO_TCP, syn[9]);
	EXPECT_EQ(local_port(fd), syn[20] << 8 | syn[21]);
	EXPECT_EQ(local_port(listener), syn[22] << 8 | syn[23]);
	EXPECT_EQ(0x02, syn[33] & 0x3f);
	/* It is read once. */
	len = sizeof(syn);
	ASSERT_OK(getsockopt(conn, IPPROTO_TCP, TCP_SAVED_SYN, syn, &len));
	EXPECT_EQ(0, len);
	close(conn);
	close(fd);
	/* One that nobody reads goes with its socket. */
	fd = tcp_socket(self->family);
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(listener)));
	close(fd);
	close(listener);
}

TEST_F(sock, defer_accept)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 8);
	int fd = tcp_socket(self->family);
	char buf[8];
	int conn;

	ASSERT_OK(set_tcp(listener, TCP_DEFER_ACCEPT, 10));
	EXPECT_EQ(15, get_tcp(listener, TCP_DEFER_ACCEPT));
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(listener)));
	EXPECT_EQ(0, poll_for(listener, POLLIN, 200));
	ASSERT_EQ(4, send(fd, "data", 4, 0));
	EXPECT_EQ(POLLIN, poll_for(listener, POLLIN, LONG_MS));
	conn = accept(listener, NULL, NULL);
	ASSERT_LE(0, conn);
	EXPECT_EQ(4, recv(conn, buf, sizeof(buf), MSG_DONTWAIT));
	close(conn);
	close(fd);
	close(listener);
}

/* One more than the backlog waits; the next one's SYN is not answered. */
TEST_F(sock, backlog_is_one_less_than_may_wait)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 2);
	int fd[4];

	for (int i = 0; i < 4; i++) {
		fd[i] = tcp_socket(self->family);
		nonblocking(fd[i], true);
		EXPECT_ERRNO(EINPROGRESS,
			     connect_to(fd[i], "127.0.0.1",
					local_port(listener)));
		EXPECT_EQ(i < 3 ? POLLOUT : 0,
			  poll_for(fd[i], POLLOUT, i < 3 ? LONG_MS : 300));
	}
	/* With room again its next SYN gets through. */
	close(accept(listener, NULL, NULL));
	EXPECT_EQ(POLLOUT, poll_for(fd[3], POLLOUT, LONG_MS));
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	close(listener);
}

TEST_HARNESS_MAIN
