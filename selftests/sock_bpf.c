// SPDX-License-Identifier: GPL-2.0
/*
 * Socket filters: SO_ATTACH_FILTER, SO_ATTACH_BPF, SO_LOCK_FILTER and
 * SO_DETACH_FILTER on datagram sockets, connections and listeners.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <sys/syscall.h>

#include "sock.h"

static int attach(int fd, struct sock_filter *code, int len)
{
	struct sock_fprog prog = { .len = len, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			  sizeof(prog));
}

/* Keep so much of each packet, its transport header counted; 0: drop it. */
static int attach_keep(int fd, unsigned int octets)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, octets) };

	return attach(fd, code, ARRAY_SIZE(code));
}

static int detach(int fd)
{
	return set_int(fd, SOL_SOCKET, SO_DETACH_FILTER, 0);
}

TEST_F(sock, filter_keeps_a_datagram)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));
	char buf[16];

	ASSERT_OK(attach_keep(fd, 0xffff));
	ASSERT_EQ(5, sendto(fd, "hello", 5, 0, SA(sin)));
	EXPECT_EQ(5, recv(fd, buf, sizeof(buf), 0));
	close(fd);
}

TEST_F(sock, filter_drops_a_datagram)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));
	char buf[16];

	ASSERT_OK(attach_keep(fd, 0));
	ASSERT_EQ(5, sendto(fd, "hello", 5, 0, SA(sin)));
	ASSERT_OK(detach(fd));
	ASSERT_EQ(2, sendto(fd, "hi", 2, 0, SA(sin)));
	EXPECT_EQ(2, recv(fd, buf, sizeof(buf), 0));
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, sizeof(buf), MSG_DONTWAIT));
	close(fd);
}

TEST_F(sock, filter_cuts_a_datagram)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));
	char buf[16];

	ASSERT_OK(attach_keep(fd, 8 + 3));
	ASSERT_EQ(5, sendto(fd, "hello", 5, 0, SA(sin)));
	EXPECT_EQ(3, recv(fd, buf, sizeof(buf), MSG_TRUNC));
	EXPECT_EQ(0, memcmp(buf, "hel", 3));
	/* The header stays. */
	ASSERT_OK(attach_keep(fd, 2));
	ASSERT_EQ(5, sendto(fd, "hello", 5, 0, SA(sin)));
	EXPECT_EQ(0, recv(fd, buf, sizeof(buf), 0));
	close(fd);
}

TEST_F(sock, filter_sees_the_udp_header)
{
	int from = udp_bound(self->family, "127.0.0.1");
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, local_port(from), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));
	char buf[16];

	ASSERT_OK(attach(fd, code, ARRAY_SIZE(code)));
	ASSERT_EQ(1, sendto(fd, "a", 1, 0, SA(sin)));
	ASSERT_EQ(2, sendto(from, "bb", 2, 0, SA(sin)));
	EXPECT_EQ(2, recv(fd, buf, sizeof(buf), 0));
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, sizeof(buf), MSG_DONTWAIT));
	close(fd);
	close(from);
}

TEST_F(sock, filter_sees_the_payload)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'y', 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));
	char buf[16];

	ASSERT_OK(attach(fd, code, ARRAY_SIZE(code)));
	ASSERT_EQ(2, sendto(fd, "no", 2, 0, SA(sin)));
	ASSERT_EQ(3, sendto(fd, "yes", 3, 0, SA(sin)));
	EXPECT_EQ(3, recv(fd, buf, sizeof(buf), 0));
	close(fd);
}

/* From the network header on, whatever the socket is of. */
TEST_F(sock, filter_sees_the_ip_header)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_NET_OFF + 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));
	char buf[16];

	ASSERT_OK(attach(fd, code, ARRAY_SIZE(code)));
	ASSERT_EQ(3, sendto(fd, "yes", 3, 0, SA(sin)));
	EXPECT_EQ(3, recv(fd, buf, sizeof(buf), 0));
	close(fd);
}

TEST_F(sock, filter_is_replaced)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));
	char buf[16];

	ASSERT_OK(attach_keep(fd, 0));
	ASSERT_OK(attach_keep(fd, 0xffff));
	ASSERT_EQ(3, sendto(fd, "yes", 3, 0, SA(sin)));
	EXPECT_EQ(3, recv(fd, buf, sizeof(buf), 0));
	close(fd);
}

TEST_F(sock, filter_is_detached_once)
{
	int fds[] = { tcp_socket(self->family), udp_socket(self->family) };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		EXPECT_ERRNO(ENOENT, detach(fds[i]));
		ASSERT_OK(attach_keep(fds[i], 1));
		EXPECT_ERRNO(0, detach(fds[i]));
		EXPECT_ERRNO(ENOENT, detach(fds[i]));
	}
}

TEST_F(sock, filter_locked)
{
	int fd = udp_socket(self->family);

	ASSERT_OK(attach_keep(fd, 1));
	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_LOCK_FILTER, 1));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_LOCK_FILTER));
	EXPECT_ERRNO(EPERM, detach(fd));
	EXPECT_ERRNO(EPERM, attach_keep(fd, 2));
	EXPECT_ERRNO(EPERM, set_int(fd, SOL_SOCKET, SO_LOCK_FILTER, 0));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_LOCK_FILTER, 1));
	close(fd);
}

TEST_F(sock, filter_that_is_wrong)
{
	struct sock_filter none[] = { BPF_STMT(BPF_LD | BPF_IMM, 1) };
	struct sock_filter nonsense[] = { { .code = 0xffff } };
	int fd = udp_socket(self->family);
	int value = 1;

	EXPECT_ERRNO(EINVAL, attach(fd, nonsense, 1));
	EXPECT_ERRNO(EINVAL, attach(fd, none, 1));
	EXPECT_ERRNO(EINVAL, attach(fd, none, 0));
	EXPECT_ERRNO(EFAULT, attach(fd, (void *)8, 1));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER,
					&value, sizeof(value)));
	EXPECT_ERRNO(ENOENT, detach(fd));
	close(fd);
}

TEST_F(sock, filter_reads_back)
{
	struct sock_filter code[8] = {};
	socklen_t len = ARRAY_SIZE(code);
	int fd = udp_socket(self->family);

	ASSERT_OK(attach_keep(fd, 77));
	/* In instructions, not octets. */
	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, code, &len));
	EXPECT_EQ(1, len);
	EXPECT_EQ(BPF_RET | BPF_K, code[0].code);
	EXPECT_EQ(77, code[0].k);
	close(fd);
}

/* A filter that keeps so many octets lets no data through. */
static void nothing_passes(struct __test_metadata *_metadata, int family,
			   int keep)
{
	struct pair p;
	char buf[16];

	ASSERT_TRUE(tcp_pair(family, &p));
	ASSERT_OK(attach_keep(p.server, keep));
	ASSERT_EQ(5, send(p.client, "hello", 5, 0));
	EXPECT_EQ(0, poll_for(p.server, POLLIN, SHORT_MS));
	/* Nobody acknowledged it: it comes again. */
	ASSERT_OK(detach(p.server));
	EXPECT_EQ(5, recv(p.server, buf, sizeof(buf), 0));
	pair_close(&p);
}

TEST_F(sock, filter_of_a_connection_drops)
{
	nothing_passes(_metadata, self->family, 0);
}

TEST_F(sock, filter_of_a_connection_cuts)
{
	/* Of the data nothing is left, the header stays. */
	nothing_passes(_metadata, self->family, 1);
}

TEST_F(sock, filter_of_a_connection_cuts_and_the_rest_comes_again)
{
	/* Three octets behind the header, wherever it ends. */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 12),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 2),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x3c),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 3),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct pair p;
	char buf[16];

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(attach(p.server, code, ARRAY_SIZE(code)));
	ASSERT_EQ(5, send(p.client, "hello", 5, 0));
	EXPECT_EQ(3, recv(p.server, buf, 3, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "hel", 3));
	EXPECT_EQ(2, recv(p.server, buf, 2, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "lo", 2));
	pair_close(&p);
}

TEST_F(sock, filter_of_a_listener_drops_syns)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 1);
	int fd = tcp_socket(self->family);

	ASSERT_OK(attach_keep(listener, 0));
	nonblocking(fd, true);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1",
					     local_port(listener)));
	EXPECT_EQ(0, poll_for(fd, POLLOUT, SHORT_MS));
	ASSERT_OK(detach(listener));
	/* The second SYN. */
	EXPECT_EQ(POLLOUT, poll_for(fd, POLLOUT, LONG_MS));
	EXPECT_EQ(0, so_error(fd));
	close(fd);
	close(listener);
}

TEST_F(sock, filter_is_inherited_by_accept)
{
	struct pair p;
	int fd;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(ENOENT, detach(p.server));
	ASSERT_OK(attach_keep(p.listener, 0xffff));
	ASSERT_OK(set_int(p.listener, SOL_SOCKET, SO_LOCK_FILTER, 1));
	fd = tcp_socket(self->family);
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(p.listener)));
	close(p.server);
	p.server = accept(p.listener, NULL, NULL);
	ASSERT_LE(0, p.server);
	EXPECT_ERRNO(EPERM, detach(p.server));
	EXPECT_EQ(1, get_int(p.server, SOL_SOCKET, SO_LOCK_FILTER));
	close(fd);
	pair_close(&p);
}

/* An extended program that returns a number. */
static int program(int number)
{
	struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = number },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (unsigned long)code,
		.insn_cnt = ARRAY_SIZE(code),
		.license = (unsigned long)"GPL",
	};

	return syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

TEST_F(sock, bpf_program_cuts_and_drops)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));
	int cut = program(8 + 2);
	int drop;
	char buf[16];

	if (cut < 0 && errno == ENOSYS)
		SKIP(return, "a kernel without bpf()");
	ASSERT_LE(0, cut);
	drop = program(0);
	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_ATTACH_BPF, cut));
	ASSERT_EQ(5, sendto(fd, "hello", 5, 0, SA(sin)));
	EXPECT_EQ(2, recv(fd, buf, sizeof(buf), 0));
	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_ATTACH_BPF, drop));
	ASSERT_EQ(5, sendto(fd, "hello", 5, 0, SA(sin)));
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, sizeof(buf), MSG_DONTWAIT));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_DETACH_BPF, 0));
	close(fd);
}

TEST_F(sock, bpf_program_that_is_none)
{
	int fd = udp_socket(self->family);
	int file = open("/dev/null", O_RDONLY);

	EXPECT_ERRNO(EBADF, set_int(fd, SOL_SOCKET, SO_ATTACH_BPF, -1));
	EXPECT_ERRNO(EINVAL, set_int(fd, SOL_SOCKET, SO_ATTACH_BPF, file));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &file,
					2));
	close(fd);
	close(file);
}

TEST_HARNESS_MAIN
