// SPDX-License-Identifier: GPL-2.0
/*
 * SO_REUSEPORT: who may be in a group, how packets are spread over it, and
 * programs that choose.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <sys/syscall.h>

#include "sock.h"

#define MEMBERS		4
#define FLOWS		200
/* Of 200 flows 50 are expected; fewer come to less than one run in 10^7. */
#define FAIR		18

/* Bound to the loopback with SO_REUSEPORT as said; -1 with errno. */
static int bound_as(int family, int type, int port, int reuseport)
{
	int fd = socket(family, type, 0);
	int saved;

	if (reuseport)
		set_reuseport(fd, 1);
	if (bind_to(fd, "127.0.0.1", port)) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

struct group {
	int fds[MEMBERS];
	int port;
};

static bool group_open(struct group *g, int family, int type)
{
	g->port = 0;
	for (int i = 0; i < MEMBERS; i++) {
		g->fds[i] = bound_as(family, type, g->port, 1);
		if (g->fds[i] < 0 ||
		    (type == SOCK_STREAM && listen(g->fds[i], FLOWS)))
			return false;
		g->port = local_port(g->fds[i]);
	}
	return true;
}

static void group_close(struct group *g)
{
	for (int i = 0; i < MEMBERS; i++)
		close(g->fds[i]);
}

/* Which member has something to read, waiting for it; -1: none. */
static int group_taker(const struct group *g)
{
	struct pollfd p[MEMBERS];

	for (int i = 0; i < MEMBERS; i++) {
		p[i].fd = g->fds[i];
		p[i].events = POLLIN;
	}
	if (poll(p, MEMBERS, LONG_MS) < 1)
		return -1;
	for (int i = 0; i < MEMBERS; i++) {
		if (p[i].revents)
			return i;
	}
	return -1;
}

/* One datagram from a new port; the member that got it. */
static int group_datagram(const struct group *g, int family, const char *text)
{
	struct sockaddr_in sin = lo(g->port);
	int fd = udp_socket(family);
	char buf[16];
	int taker;

	if (sendto(fd, text, strlen(text), 0, SA(sin)) < 0)
		return -1;
	close(fd);
	taker = group_taker(g);
	if (taker >= 0)
		recv(g->fds[taker], buf, sizeof(buf), 0);
	return taker;
}

/* One connection; the listener that got it. */
static int group_connection(const struct group *g, int family)
{
	int fd = tcp_socket(family);
	int taker = -1;
	int child;

	if (!connect_to(fd, "127.0.0.1", g->port))
		taker = group_taker(g);
	if (taker >= 0) {
		child = accept(g->fds[taker], NULL, NULL);
		/* The client's end is gone at once: no port is used up. */
		close(child);
	}
	close(fd);
	return taker;
}

TEST_F(sock, reuseport_reads_back)
{
	int fd = tcp_socket(self->family);

	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_REUSEPORT));
	EXPECT_ERRNO(0, set_reuseport(fd, 1));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_REUSEPORT));
	EXPECT_ERRNO(0, set_reuseport(fd, 0));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_REUSEPORT));
	close(fd);
}

TEST_F(sock, reuseport_of_all)
{
	struct group tcp, udp;

	EXPECT_TRUE(group_open(&tcp, self->family, SOCK_STREAM));
	EXPECT_TRUE(group_open(&udp, self->family, SOCK_DGRAM));
	group_close(&tcp);
	group_close(&udp);
}

TEST_F(sock, reuseport_of_one_alone)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };

	for (int i = 0; i < 4; i++) {
		int first = i / 2;
		int one = bound_as(self->family, types[i % 2], 0, first);

		ASSERT_LE(0, one);
		EXPECT_ERRNO(EADDRINUSE, bound_as(self->family, types[i % 2],
						  local_port(one), !first));
		close(one);
	}
}

TEST_F(sock, reuseport_against_reuseaddr)
{
	int one = bound_as(self->family, SOCK_DGRAM, 0, 1);

	ASSERT_LE(0, one);
	EXPECT_ERRNO(EADDRINUSE, bound_reuse(self->family, SOCK_DGRAM,
					     local_port(one), 1));
	close(one);
}

TEST_F(sock, reuseport_of_another_user)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	int two[2];
	int one[2];

	for (int i = 0; i < 2; i++)
		one[i] = bound_as(self->family, types[i], 0, 1);
	ASSERT_OK(seteuid(65534));
	for (int i = 0; i < 2; i++) {
		EXPECT_ERRNO(EADDRINUSE, bound_as(self->family, types[i],
						  local_port(one[i]), 1));
		/* Who made the socket counts, not who binds it. */
		two[i] = socket(self->family, types[i], 0);
		set_reuseport(two[i], 1);
	}
	ASSERT_OK(seteuid(0));
	for (int i = 0; i < 2; i++)
		EXPECT_ERRNO(EADDRINUSE, bind_to(two[i], "127.0.0.1",
						 local_port(one[i])));
}

TEST_F(sock, reuseport_set_after_bind)
{
	int one = bound_as(self->family, SOCK_STREAM, 0, 0);
	int port = local_port(one);

	EXPECT_ERRNO(EADDRINUSE, bound_as(self->family, SOCK_STREAM, port, 1));
	close(one);
}

TEST_F(sock, reuseport_port_0_is_not_shared)
{
	bool seen[65536] = {};

	for (int i = 0; i < 50; i++) {
		int fd = bound_as(self->family, SOCK_STREAM, 0, 1);

		ASSERT_LE(0, fd);
		EXPECT_FALSE(seen[local_port(fd)]);
		seen[local_port(fd)] = true;
	}
}

TEST_F(sock, reuseport_listener_against_one_without)
{
	int one = bound_as(self->family, SOCK_STREAM, 0, 1);

	ASSERT_OK(listen(one, 1));
	EXPECT_ERRNO(EADDRINUSE, bound_as(self->family, SOCK_STREAM,
					  local_port(one), 0));
	close(one);
}

TEST_F(sock, reuseport_connections_spread)
{
	int count[MEMBERS] = {};
	struct group g;

	ASSERT_TRUE(group_open(&g, self->family, SOCK_STREAM));
	for (int i = 0; i < FLOWS; i++) {
		int taker = group_connection(&g, self->family);

		ASSERT_LE(0, taker);
		count[taker]++;
	}
	for (int i = 0; i < MEMBERS; i++)
		EXPECT_LE(FAIR, count[i]);
	group_close(&g);
}

TEST_F(sock, reuseport_datagrams_spread)
{
	int count[MEMBERS] = {};
	struct group g;

	ASSERT_TRUE(group_open(&g, self->family, SOCK_DGRAM));
	for (int i = 0; i < FLOWS; i++) {
		int taker = group_datagram(&g, self->family, "x");

		ASSERT_LE(0, taker);
		count[taker]++;
	}
	for (int i = 0; i < MEMBERS; i++)
		EXPECT_LE(FAIR, count[i]);
	group_close(&g);
}

TEST_F(sock, reuseport_a_flow_stays)
{
	struct sockaddr_in sin;
	struct group g;
	char byte;
	int first;
	int fd;

	ASSERT_TRUE(group_open(&g, self->family, SOCK_DGRAM));
	sin = lo(g.port);
	fd = udp_bound(self->family, "127.0.0.1");
	ASSERT_EQ(1, sendto(fd, "x", 1, 0, SA(sin)));
	first = group_taker(&g);
	ASSERT_LE(0, first);
	recv(g.fds[first], &byte, 1, 0);
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(1, sendto(fd, "x", 1, 0, SA(sin)));
		EXPECT_EQ(first, group_taker(&g));
		recv(g.fds[first], &byte, 1, 0);
	}
	close(fd);
	group_close(&g);
}

TEST_F(sock, reuseport_who_closes_gets_no_more)
{
	struct group tcp, udp;

	ASSERT_TRUE(group_open(&tcp, self->family, SOCK_STREAM));
	ASSERT_TRUE(group_open(&udp, self->family, SOCK_DGRAM));
	close(tcp.fds[1]);
	close(udp.fds[1]);
	tcp.fds[1] = -1;
	udp.fds[1] = -1;
	for (int i = 0; i < 30; i++) {
		EXPECT_LE(0, group_connection(&tcp, self->family));
		EXPECT_LE(0, group_datagram(&udp, self->family, "x"));
	}
	group_close(&tcp);
	group_close(&udp);
}

TEST_F(sock, reuseport_bound_to_the_address_comes_first)
{
	struct sockaddr_in sin;
	int fds[3];
	int from = udp_socket(self->family);
	int port = 0;

	for (int i = 0; i < 3; i++) {
		fds[i] = udp_socket(self->family);
		ASSERT_OK(set_reuseport(fds[i], 1));
		ASSERT_OK(bind_to(fds[i], i == 2 ? "127.0.0.1" : "0.0.0.0",
				  port));
		port = local_port(fds[i]);
	}
	sin = lo(port);
	for (int i = 0; i < 20; i++)
		ASSERT_EQ(1, sendto(from, "x", 1, 0, SA(sin)));
	ASSERT_TRUE(wait_unread(fds[2], 1));
	EXPECT_EQ(0, unread(fds[0]));
	EXPECT_EQ(0, unread(fds[1]));
}

TEST_F(sock, reuseport_who_has_a_peer_gets_its_datagrams)
{
	struct sockaddr_in sin;
	struct group g;
	char byte;
	int fd;

	ASSERT_TRUE(group_open(&g, self->family, SOCK_DGRAM));
	sin = lo(g.port);
	fd = udp_bound(self->family, "127.0.0.1");
	ASSERT_OK(connect_to(g.fds[2], "127.0.0.1", local_port(fd)));
	for (int i = 0; i < 10; i++) {
		ASSERT_EQ(1, sendto(fd, "x", 1, 0, SA(sin)));
		EXPECT_EQ(2, group_taker(&g));
		recv(g.fds[2], &byte, 1, 0);
		/* And no one else's. */
		EXPECT_NE(2, group_datagram(&g, self->family, "x"));
	}
	close(fd);
	group_close(&g);
}

static int attach_cbpf(int fd, struct sock_filter *code, int len)
{
	struct sock_fprog prog = { .len = len, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog,
			  sizeof(prog));
}

/* Always the same member: those that bound or listened first come first. */
static int attach_index(int fd, unsigned int index)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, index) };

	return attach_cbpf(fd, code, ARRAY_SIZE(code));
}

TEST_F(sock, reuseport_cbpf_names_the_listener)
{
	struct group g;

	ASSERT_TRUE(group_open(&g, self->family, SOCK_STREAM));
	for (int i = MEMBERS - 1; i >= 0; i--) {
		ASSERT_OK(attach_index(g.fds[0], i));
		for (int n = 0; n < 5; n++)
			EXPECT_EQ(i, group_connection(&g, self->family));
	}
	group_close(&g);
}

TEST_F(sock, reuseport_cbpf_reads_the_datagram)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 'a'),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct group g;

	ASSERT_TRUE(group_open(&g, self->family, SOCK_DGRAM));
	ASSERT_OK(attach_cbpf(g.fds[3], code, ARRAY_SIZE(code)));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(0, group_datagram(&g, self->family, "a"));
		EXPECT_EQ(1, group_datagram(&g, self->family, "bc"));
		EXPECT_EQ(2, group_datagram(&g, self->family, "cd"));
		EXPECT_EQ(3, group_datagram(&g, self->family, "d"));
	}
	group_close(&g);
}

TEST_F(sock, reuseport_cbpf_names_nobody)
{
	struct group g;

	ASSERT_TRUE(group_open(&g, self->family, SOCK_DGRAM));
	ASSERT_OK(attach_index(g.fds[0], MEMBERS));
	for (int i = 0; i < 10; i++)
		EXPECT_LE(0, group_datagram(&g, self->family, "x"));
	group_close(&g);
}

TEST_F(sock, reuseport_cbpf_is_detached)
{
	int count[MEMBERS] = {};
	struct group g;
	int none = 0;

	ASSERT_TRUE(group_open(&g, self->family, SOCK_DGRAM));
	ASSERT_OK(attach_index(g.fds[0], 2));
	EXPECT_EQ(2, group_datagram(&g, self->family, "x"));
	EXPECT_ERRNO(0, setsockopt(g.fds[1], SOL_SOCKET,
				   SO_DETACH_REUSEPORT_BPF, &none,
				   sizeof(none)));
	EXPECT_ERRNO(ENOENT, setsockopt(g.fds[1], SOL_SOCKET,
					SO_DETACH_REUSEPORT_BPF, &none,
					sizeof(none)));
	for (int i = 0; i < 60; i++) {
		int taker = group_datagram(&g, self->family, "x");

		ASSERT_LE(0, taker);
		count[taker]++;
	}
	/* 60 flows to one of four by chance: never. */
	EXPECT_GT(60, count[2]);
	group_close(&g);
}

TEST_F(sock, reuseport_cbpf_before_bind)
{
	struct group g;

	g.port = 0;
	for (int i = 0; i < MEMBERS; i++) {
		g.fds[i] = udp_socket(self->family);
		ASSERT_OK(set_reuseport(g.fds[i], 1));
		/* The first one's is the group's. */
		if (!i)
			ASSERT_OK(attach_index(g.fds[i], 3));
		ASSERT_OK(bind_to(g.fds[i], "127.0.0.1", g.port));
		g.port = local_port(g.fds[i]);
	}
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(3, group_datagram(&g, self->family, "x"));
	group_close(&g);
}

TEST_F(sock, reuseport_programs_that_are_refused)
{
	struct sock_filter nonsense[] = { { .code = 0xffff } };
	int fd = bound_as(self->family, SOCK_DGRAM, 0, 0);
	int bad = -1;

	/* Not of a group. */
	EXPECT_ERRNO(EINVAL, attach_index(fd, 0));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET,
					SO_DETACH_REUSEPORT_BPF, &bad,
					sizeof(bad)));
	close(fd);
	fd = bound_as(self->family, SOCK_DGRAM, 0, 1);
	EXPECT_ERRNO(EINVAL, attach_cbpf(fd, nonsense, 1));
	EXPECT_ERRNO(EINVAL, attach_cbpf(fd, nonsense, 0));
	EXPECT_ERRNO(EBADF, setsockopt(fd, SOL_SOCKET,
				       SO_ATTACH_REUSEPORT_EBPF, &bad,
				       sizeof(bad)));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET,
					SO_ATTACH_REUSEPORT_EBPF, &bad, 1));
	close(fd);
}

TEST_F(sock, reuseport_ebpf_names_the_member)
{
	struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (unsigned long)code,
		.insn_cnt = ARRAY_SIZE(code),
		.license = (unsigned long)"GPL",
	};
	struct group tcp, udp;
	int prog;

	prog = syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (prog < 0 && errno == ENOSYS)
		SKIP(return, "a kernel without bpf()");
	ASSERT_LE(0, prog);
	ASSERT_TRUE(group_open(&tcp, self->family, SOCK_STREAM));
	ASSERT_TRUE(group_open(&udp, self->family, SOCK_DGRAM));
	ASSERT_OK(set_int(tcp.fds[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF,
			  prog));
	ASSERT_OK(set_int(udp.fds[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF,
			  prog));
	for (int i = 0; i < 10; i++) {
		EXPECT_EQ(1, group_connection(&tcp, self->family));
		EXPECT_EQ(1, group_datagram(&udp, self->family, "x"));
	}
	group_close(&tcp);
	group_close(&udp);
}

TEST_HARNESS_MAIN
