// SPDX-License-Identifier: GPL-2.0
/*
 * What a program sees of a TCP connection: its names, its life, its ends.
 */
#include <pthread.h>
#include <sched.h>

#include "sock.h"
#include "states.h"

TEST_F(sock, names_of_both_ends)
{
	struct sockaddr_in client = {}, server = {}, peer = {};
	socklen_t len = sizeof(client);
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd = tcp_socket(self->family);
	int conn;

	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(listener)));
	conn = accept(listener, (void *)&peer, &len);
	ASSERT_LE(0, conn);
	EXPECT_EQ(sizeof(peer), len);
	EXPECT_EQ(AF_INET, peer.sin_family);
	ASSERT_OK(getsockname(fd, (void *)&client, &len));
	EXPECT_EQ(0, memcmp(&client, &peer, sizeof(peer)));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), client.sin_addr.s_addr);
	EXPECT_NE(0, client.sin_port);
	ASSERT_OK(getpeername(fd, (void *)&server, &len));
	EXPECT_EQ(local_port(listener), ntohs(server.sin_port));
	EXPECT_EQ(local_port(listener), local_port(conn));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), server.sin_addr.s_addr);
	ASSERT_OK(getpeername(conn, (void *)&peer, &len));
	EXPECT_EQ(0, memcmp(&client, &peer, sizeof(peer)));
	close(fd);
	close(conn);
	close(listener);
}

TEST_F(sock, connect_to_wildcard_is_loopback)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	int listener = tcp_listener(self->family, "0.0.0.0", 4);
	int fd = tcp_socket(self->family);

	ASSERT_OK(connect_to(fd, "0.0.0.0", local_port(listener)));
	ASSERT_OK(getpeername(fd, (void *)&sin, &len));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), sin.sin_addr.s_addr);
	close(fd);
	close(listener);
}

TEST_F(sock, bound_client_keeps_its_name)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	int listener = tcp_listener(self->family, "0.0.0.0", 4);
	int fd = tcp_socket(self->family);
	int port;

	ASSERT_OK(bind_to(fd, "127.0.0.7", 0));
	port = local_port(fd);
	ASSERT_OK(connect_to(fd, "127.0.0.9", local_port(listener)));
	EXPECT_EQ(port, local_port(fd));
	close(accept(listener, (void *)&sin, &len));
	EXPECT_EQ(inet_addr("127.0.0.7"), sin.sin_addr.s_addr);
	EXPECT_EQ(port, ntohs(sin.sin_port));
	close(fd);
	close(listener);
}

TEST_F(sock, listeners_by_address)
{
	int a = tcp_listener(self->family, "127.0.0.1", 4);
	int b = tcp_socket(self->family);
	int port = local_port(a);
	int fd = tcp_socket(self->family);

	ASSERT_OK(bind_to(b, "127.0.0.2", port));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.2", port));
	ASSERT_OK(listen(b, 4));
	ASSERT_OK(connect_to(fd, "127.0.0.2", port));
	nonblocking(a, true);
	nonblocking(b, true);
	EXPECT_EQ(POLLIN, poll_for(b, POLLIN, LONG_MS));
	EXPECT_ERRNO(EAGAIN, accept(a, NULL, NULL));
	EXPECT_ERRNO(0, accept(b, NULL, NULL));
	close(fd);
	close(a);
	close(b);
}

TEST_F(sock, accepted_inherits)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 3 };
	socklen_t len = sizeof(linger);
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd = tcp_socket(self->family);
	int conn;

	set_int(listener, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int(listener, SOL_SOCKET, SO_RCVBUF, 30000);
	set_int(listener, IPPROTO_TCP, TCP_NODELAY, 1);
	set_int(listener, IPPROTO_TCP, TCP_KEEPIDLE, 77);
	set_int(listener, IPPROTO_IP, IP_TTL, 33);
	setsockopt(listener, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(listener)));
	ASSERT_EQ(POLLIN, poll_for(listener, POLLIN, LONG_MS));
	nonblocking(listener, true);
	conn = accept(listener, NULL, NULL);
	ASSERT_LE(0, conn);
	EXPECT_EQ(1, get_int(conn, SOL_SOCKET, SO_KEEPALIVE));
	EXPECT_EQ(60000, get_int(conn, SOL_SOCKET, SO_RCVBUF));
	EXPECT_EQ(1, get_int(conn, IPPROTO_TCP, TCP_NODELAY));
	EXPECT_EQ(77, get_int(conn, IPPROTO_TCP, TCP_KEEPIDLE));
	EXPECT_EQ(33, get_int(conn, IPPROTO_IP, IP_TTL));
	EXPECT_EQ(0, get_int(conn, SOL_SOCKET, SO_ACCEPTCONN));
	memset(&linger, 0, sizeof(linger));
	ASSERT_OK(getsockopt(conn, SOL_SOCKET, SO_LINGER, &linger, &len));
	EXPECT_EQ(3, linger.l_linger);
	/* The descriptor's own flags are not the socket's. */
	EXPECT_FALSE(fcntl(conn, F_GETFL) & O_NONBLOCK);
	EXPECT_FALSE(fcntl(conn, F_GETFD) & FD_CLOEXEC);
	close(fd);
	close(conn);

	fd = tcp_socket(self->family);
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(listener)));
	ASSERT_EQ(POLLIN, poll_for(listener, POLLIN, LONG_MS));
	conn = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	EXPECT_TRUE(fcntl(conn, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(conn, F_GETFD) & FD_CLOEXEC);
	close(fd);
	close(conn);
	close(listener);
}

static volatile sig_atomic_t pipes;

static void on_pipe(int sig)
{
	pipes++;
}

TEST_F(sock, pipe_after_shutdown)
{
	struct pair p;

	signal(SIGPIPE, on_pipe);
	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_ERRNO(EPIPE, send(p.client, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(0, pipes);
	EXPECT_ERRNO(EPIPE, send(p.client, "x", 1, 0));
	EXPECT_EQ(1, pipes);
	EXPECT_ERRNO(EPIPE, write(p.client, "x", 1));
	EXPECT_EQ(2, pipes);
	pair_close(&p);
}

TEST_F(sock, close_with_unread_data_resets)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_EQ(1, send(p.client, "x", 1, 0));
	ASSERT_TRUE(wait_unread(p.server, 1));
	close(p.server);
	EXPECT_ERRNO(ECONNRESET, recv(p.client, &byte, 1, 0));
	/* Told once; then it is over. */
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	EXPECT_ERRNO(EPIPE, send(p.client, &byte, 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(ENOTCONN, shutdown(p.client, SHUT_WR));
	EXPECT_EQ(TCP_CLOSE, tcp_state(p.client));
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, data_after_peer_closed_resets)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	close(p.server);
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	ASSERT_EQ(1, send(p.client, "x", 1, 0));
	EXPECT_TRUE(wait_state(p.client, TCP_CLOSE));
	EXPECT_ERRNO(EPIPE, send(p.client, "x", 1, MSG_NOSIGNAL));
	p.server = -1;
	pair_close(&p);
}

TEST_F(sock, linger_zero_resets)
{
	struct linger linger = { .l_onoff = 1 };
	struct pair p;
	char byte;
	int port;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	port = local_port(p.client);
	setsockopt(p.client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(p.client);
	EXPECT_ERRNO(ECONNRESET, recv(p.server, &byte, 1, 0));
	/* No TIME_WAIT either: the port is free. */
	p.client = tcp_socket(self->family);
	EXPECT_ERRNO(0, bind_to(p.client, "127.0.0.1", port));
	pair_close(&p);
}

TEST_F(sock, linger_waits_for_the_acknowledgment)
{
	static char block[20000];
	struct linger linger = { .l_onoff = 1, .l_linger = 10 };
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	setsockopt(p.client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	ASSERT_EQ(sizeof(block), send(p.client, block, sizeof(block), 0));
	EXPECT_ERRNO(0, close(p.client));
	EXPECT_EQ(sizeof(block), unread(p.server));
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, half_close)
{
	struct pair p;
	char buf[8];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_EQ(3, send(p.client, "ask", 3, 0));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	EXPECT_EQ(3, recv(p.server, buf, 3, MSG_WAITALL));
	EXPECT_EQ(0, recv(p.server, buf, sizeof(buf), 0));
	EXPECT_EQ(0, recv(p.server, buf, sizeof(buf), 0));
	EXPECT_TRUE(wait_state(p.client, TCP_FIN_WAIT2));
	EXPECT_TRUE(wait_state(p.server, TCP_CLOSE_WAIT));
	/* The other direction is as it was. */
	ASSERT_EQ(6, send(p.server, "answer", 6, 0));
	EXPECT_EQ(6, recv(p.client, buf, 6, MSG_WAITALL));
	ASSERT_OK(shutdown(p.server, SHUT_WR));
	EXPECT_EQ(0, recv(p.client, buf, sizeof(buf), 0));
	EXPECT_TRUE(wait_state(p.server, TCP_CLOSE));
	/* TIME_WAIT is a record, no longer the socket. */
	EXPECT_TRUE(wait_state(p.client, TCP_CLOSE));
	pair_close(&p);
}

TEST_F(sock, shutdown_of_reading)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(shutdown(p.client, SHUT_RD));
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	EXPECT_EQ(1, recv(p.server, &byte, 1, 0));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(p.client));
	ASSERT_OK(shutdown(p.client, SHUT_RDWR));
	EXPECT_EQ(0, recv(p.server, &byte, 1, 0));
	pair_close(&p);
}

TEST_F(sock, shutdown_wakes_a_reader)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	if (!fork()) {
		wait_asleep(getppid());
		shutdown(p.client, SHUT_RD);
		_exit(0);
	}
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	wait(NULL);
	pair_close(&p);
}

/* The connection ends with the last descriptor, not with the first. */
TEST_F(sock, descriptors_share_a_socket)
{
	struct pair p;
	int copy, status;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	copy = dup(p.client);
	close(p.client);
	if (!fork()) {
		close(p.server);
		_exit(send(copy, "x", 1, 0) != 1);
	}
	wait(&status);
	EXPECT_EQ(0, status);
	EXPECT_EQ(1, recv(p.server, &byte, 1, 0));
	EXPECT_ERRNO(EAGAIN, recv(p.server, &byte, 1, MSG_DONTWAIT));
	close(copy);
	EXPECT_EQ(0, recv(p.server, &byte, 1, 0));
	p.client = -1;
	pair_close(&p);
}

TEST_F(sock, data_and_end_before_accept)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd = tcp_socket(self->family);
	char buf[8];
	int conn;

	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(listener)));
	ASSERT_EQ(4, send(fd, "here", 4, 0));
	close(fd);
	conn = accept(listener, NULL, NULL);
	ASSERT_LE(0, conn);
	timeout_ms(conn, SO_RCVTIMEO, LONG_MS);
	EXPECT_EQ(4, recv(conn, buf, 4, MSG_WAITALL));
	EXPECT_EQ(0, recv(conn, buf, sizeof(buf), 0));
	close(conn);
	close(listener);
}

TEST_F(sock, closed_listener_resets_the_unaccepted)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 4);
	int fd = tcp_socket(self->family);
	char byte;

	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(listener)));
	ASSERT_EQ(POLLIN, poll_for(listener, POLLIN, LONG_MS));
	close(listener);
	EXPECT_ERRNO(ECONNRESET, recv(fd, &byte, 1, 0));
	close(fd);
}

TEST_F(sock, time_wait_keeps_the_port)
{
	struct pair p;
	char byte;
	int port, fd;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	port = local_port(p.listener);
	set_int(p.server, SOL_SOCKET, SO_REUSEADDR, 1);
	/* The server closes first: TIME_WAIT is its. */
	shutdown(p.server, SHUT_WR);
	EXPECT_EQ(0, recv(p.client, &byte, 1, 0));
	shutdown(p.client, SHUT_WR);
	EXPECT_EQ(0, recv(p.server, &byte, 1, 0));
	EXPECT_TRUE(wait_state(p.server, TCP_CLOSE));
	pair_close(&p);
	fd = tcp_socket(self->family);
	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, "127.0.0.1", port));
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	EXPECT_ERRNO(0, bind_to(fd, "127.0.0.1", port));
	EXPECT_ERRNO(0, listen(fd, 1));
	close(fd);
}

TEST_F(sock, connections_keep_the_port)
{
	struct pair p;
	int port, fd;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	port = local_port(p.listener);
	close(p.listener);
	fd = tcp_socket(self->family);
	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, "127.0.0.1", port));
	close(fd);
	p.listener = -1;
	pair_close(&p);
}

/* Both ends of the connection are one socket: simultaneous open. */
TEST_F(sock, connect_to_itself)
{
	int fd = tcp_socket(self->family);
	char buf[8];

	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	timeout_ms(fd, SO_SNDTIMEO, LONG_MS);
	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	EXPECT_ERRNO(0, connect_to(fd, "127.0.0.1", local_port(fd)));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(fd));
	EXPECT_EQ(5, send(fd, "hello", 5, 0));
	EXPECT_EQ(5, recv(fd, buf, 5, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "hello", 5));
	ASSERT_OK(shutdown(fd, SHUT_WR));
	EXPECT_EQ(0, recv(fd, buf, 5, 0));
	close(fd);
}

TEST_F(sock, disconnect_and_connect_again)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(0, connect(p.client, &sa, sizeof(sa)));
	EXPECT_ERRNO(ECONNRESET, recv(p.server, &byte, 1, 0));
	EXPECT_EQ(TCP_CLOSE, tcp_state(p.client));
	EXPECT_ERRNO(0, connect_to(p.client, "127.0.0.1",
				   local_port(p.listener)));
	EXPECT_EQ(1, send(p.client, "x", 1, 0));
	pair_close(&p);
}

/* A thread that waits in recv() or, if there is no room, in send(). */
struct sleeper {
	pthread_t thread;
	int fd;
	bool writes;
	char buf[5];
	long ret;
	int err;
};

static void *sleeper_run(void *arg)
{
	struct sleeper *s = arg;

	s->ret = s->writes ? send(s->fd, s->buf, sizeof(s->buf), MSG_NOSIGNAL) :
			     recv(s->fd, s->buf, sizeof(s->buf), 0);
	s->err = errno;
	return NULL;
}

/* Before the sleeper runs again, its socket is another connection's. */
static int sleeper_disturb(struct sleeper *s, int listener)
{
	struct sched_param first = { .sched_priority = 1 }, usual = {};
	struct sockaddr sa = { .sa_family = AF_UNSPEC };
	cpu_set_t cpu;
	int conn = -1;

	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu) ||
	    pthread_create(&s->thread, NULL, sleeper_run, s))
		return -1;
	usleep(50000);
	nonblocking(s->fd, true);
	if (!sched_setscheduler(0, SCHED_FIFO, &first) &&
	    !connect(s->fd, &sa, sizeof(sa)) &&
	    connect_to(s->fd, "127.0.0.1", local_port(listener)) &&
	    errno == EINPROGRESS) {
		conn = accept(listener, NULL, NULL);
		send(conn, "hello", 5, 0);
	}
	sched_setscheduler(0, SCHED_OTHER, &usual);
	pthread_join(s->thread, NULL);
	return conn;
}

TEST_F(sock, reader_does_not_read_the_next_connection)
{
	struct sleeper s = {};
	struct pair p;
	char buf[5];
	int conn;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	s.fd = p.client;
	conn = sleeper_disturb(&s, p.listener);
	ASSERT_LE(0, conn);
	EXPECT_EQ(-1, s.ret);
	EXPECT_EQ(EPIPE, s.err);
	EXPECT_EQ(5, recv(p.client, buf, sizeof(buf), 0));
	close(conn);
	pair_close(&p);
}

TEST_F(sock, writer_does_not_write_to_the_next_connection)
{
	struct sleeper s = { .writes = true };
	struct pair p;
	char buf[4096];
	int conn;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	fill_up(p.client);
	s.fd = p.client;
	conn = sleeper_disturb(&s, p.listener);
	ASSERT_LE(0, conn);
	EXPECT_EQ(-1, s.ret);
	EXPECT_TRUE(s.err == EPIPE || s.err == ECONNRESET);
	EXPECT_ERRNO(EAGAIN, recv(conn, buf, sizeof(buf), MSG_DONTWAIT));
	close(conn);
	pair_close(&p);
}

TEST_F(sock, ports_of_many_clients_differ)
{
	enum { N = 64 };
	int listener = tcp_listener(self->family, "127.0.0.1", N);
	int fds[N], conns[N];
	char seen[65536] = {};

	for (int i = 0; i < N; i++) {
		fds[i] = tcp_socket(self->family);
		ASSERT_OK(connect_to(fds[i], "127.0.0.1",
				     local_port(listener)));
		EXPECT_EQ(0, seen[local_port(fds[i])]++);
		EXPECT_EQ(sizeof(i), send(fds[i], &i, sizeof(i), 0));
	}
	for (int i = 0; i < N; i++) {
		int number = -1;

		conns[i] = accept(listener, NULL, NULL);
		ASSERT_LE(0, conns[i]);
		EXPECT_EQ(sizeof(number), recv(conns[i], &number,
					       sizeof(number), MSG_WAITALL));
		/* The queue keeps the order of arrival. */
		EXPECT_EQ(i, number);
	}
	for (int i = 0; i < N; i++) {
		close(fds[i]);
		close(conns[i]);
	}
	close(listener);
}

TEST_HARNESS_MAIN
