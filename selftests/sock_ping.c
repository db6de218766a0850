// SPDX-License-Identifier: GPL-2.0
/*
 * What a program sees of echo sockets, SOCK_DGRAM of IPPROTO_ICMP: the
 * identifier is the port, and only answers to what it asked come in.
 */
#include <grp.h>
#include <linux/filter.h>

#include "icmp.h"

static ssize_t ping(int fd, const char *address, int seq)
{
	struct echo echo = echo_request(0, seq);

	return send_to(fd, address, &echo, sizeof(echo));
}

static int reply_seq(int fd)
{
	struct echo echo;

	if (recv(fd, &echo, sizeof(echo), 0) != sizeof(echo))
		return -1;
	return ntohs(echo.seq);
}

TEST_F(sock, an_echo_is_answered)
{
	int fd = ping_socket(self->family);
	struct echo out = echo_request(0, 7), in;
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	ASSERT_EQ(sizeof(out), send_to(fd, "127.0.0.1", &out, sizeof(out)));
	ASSERT_EQ(sizeof(in), recvfrom(fd, &in, sizeof(in), 0, (void *)&sin,
				       &len));
	EXPECT_EQ(ICMP_ECHOREPLY, in.type);
	EXPECT_EQ(htons(7), in.seq);
	EXPECT_EQ(local_port(fd), ntohs(in.id));
	EXPECT_EQ(0, memcmp(out.data, in.data, sizeof(in.data)));
	EXPECT_EQ(0, in_checksum(&in, sizeof(in)));
	EXPECT_EQ(sizeof(sin), len);
	EXPECT_EQ(AF_INET, sin.sin_family);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), sin.sin_addr.s_addr);
	EXPECT_EQ(0, sin.sin_port);
	close(fd);
}

TEST_F(sock, the_port_is_the_identifier)
{
	int fd = ping_socket(self->family);
	struct echo out = echo_request(99, 1), in;

	ASSERT_OK(bind_to(fd, "0.0.0.0", 1234));
	EXPECT_EQ(1234, local_port(fd));
	ASSERT_EQ(sizeof(out), send_to(fd, "127.0.0.1", &out, sizeof(out)));
	ASSERT_EQ(sizeof(in), recv(fd, &in, sizeof(in), 0));
	EXPECT_EQ(htons(1234), in.id);
	close(fd);
}

TEST_F(sock, the_kernel_writes_the_checksum)
{
	int fd = ping_socket(self->family);
	struct echo out = echo_request(0, 1);

	out.checksum = 0x1234;
	ASSERT_EQ(sizeof(out), send_to(fd, "127.0.0.1", &out, sizeof(out)));
	EXPECT_EQ(1, reply_seq(fd));
	close(fd);
}

TEST_F(sock, no_port_needs_a_privilege)
{
	int fd = ping_socket(self->family);

	ASSERT_OK(setresuid(65534, 65534, 65534));
	ASSERT_OK(bind_to(fd, "127.0.0.1", 7));
	EXPECT_EQ(7, local_port(fd));
	close(fd);
}

TEST_F(sock, sending_and_connecting_choose_a_port)
{
	int a = ping_socket(self->family);
	int b = ping_socket(self->family);
	int c = ping_socket(self->family);

	EXPECT_EQ(0, local_port(a));
	ASSERT_LT(0, ping(a, "127.0.0.1", 1));
	EXPECT_LT(0, local_port(a));
	ASSERT_OK(connect_to(b, "127.0.0.1", 0));
	EXPECT_LT(0, local_port(b));
	ASSERT_OK(bind_to(c, "0.0.0.0", 0));
	EXPECT_LT(0, local_port(c));
	EXPECT_NE(local_port(a), local_port(b));
	EXPECT_NE(local_port(a), local_port(c));
	close(a);
	close(b);
	close(c);
}

TEST_F(sock, a_failed_send_chooses_a_port_too)
{
	int fd = ping_socket(self->family);

	EXPECT_ERRNO(EINVAL, send_to(fd, "127.0.0.1", "x", 1));
	EXPECT_LT(0, local_port(fd));
	close(fd);
}

TEST_F(sock, reuse_is_on_from_the_start)
{
	int a = ping_socket(self->family);
	int b = ping_socket(self->family);
	int c = ping_socket(self->family);

	EXPECT_EQ(1, get_int(a, SOL_SOCKET, SO_REUSEADDR));
	ASSERT_OK(bind_to(a, "127.0.0.1", 4321));
	ASSERT_OK(bind_to(b, "127.0.0.1", 4321));
	ASSERT_OK(set_int(c, SOL_SOCKET, SO_REUSEADDR, 0));
	EXPECT_ERRNO(EADDRINUSE, bind_to(c, "127.0.0.1", 4321));
	close(a);
	close(b);
	close(c);
}

TEST_F(sock, one_identifier_whatever_the_address)
{
	int a = ping_socket(self->family);
	int b = ping_socket(self->family);

	set_int(a, SOL_SOCKET, SO_REUSEADDR, 0);
	set_int(b, SOL_SOCKET, SO_REUSEADDR, 0);
	ASSERT_OK(bind_to(a, "127.0.0.1", 4321));
	EXPECT_ERRNO(EADDRINUSE, bind_to(b, "127.0.0.2", 4321));
	close(a);
	ASSERT_OK(bind_to(b, "127.0.0.2", 4321));
	close(b);
}

TEST_F(sock, the_newest_of_equals_gets_the_answer)
{
	int a = ping_socket(self->family);
	int b = ping_socket(self->family);
	char byte;

	ASSERT_OK(bind_to(a, "0.0.0.0", 4321));
	ASSERT_OK(bind_to(b, "0.0.0.0", 4321));
	ASSERT_LT(0, ping(a, "127.0.0.1", 5));
	EXPECT_EQ(5, reply_seq(b));
	EXPECT_ERRNO(EAGAIN, recv(a, &byte, 1, MSG_DONTWAIT));
	close(a);
	close(b);
}

TEST_F(sock, bind_happens_once)
{
	int fd = ping_socket(self->family);

	ASSERT_OK(bind_to(fd, "0.0.0.0", 0));
	EXPECT_ERRNO(EINVAL, bind_to(fd, "0.0.0.0", 0));
	close(fd);
}

TEST_F(sock, bind_wants_an_address_of_this_host)
{
	int fd = ping_socket(self->family);

	EXPECT_ERRNO(EADDRNOTAVAIL, bind_to(fd, "192.0.2.1", 0));
	EXPECT_ERRNO(EADDRNOTAVAIL, bind_to(fd, "224.0.0.1", 0));
	EXPECT_ERRNO(EADDRNOTAVAIL, bind_to(fd, "255.255.255.255", 0));
	EXPECT_EQ(0, local_port(fd));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_FREEBIND, 1));
	EXPECT_ERRNO(EADDRNOTAVAIL, bind_to(fd, "224.0.0.1", 0));
	ASSERT_OK(bind_to(fd, "192.0.2.1", 0));
	close(fd);
}

TEST_F(sock, bind_looks_at_the_name)
{
	int fd = ping_socket(self->family);
	struct sockaddr_in sin = lo(0);

	EXPECT_ERRNO(EINVAL, bind(fd, (void *)&sin, sizeof(sin) - 1));
	sin.sin_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, bind(fd, SA(sin)));
	sin.sin_family = AF_UNSPEC;
	EXPECT_ERRNO(EAFNOSUPPORT, bind(fd, SA(sin)));
	sin.sin_addr.s_addr = INADDR_ANY;
	ASSERT_OK(bind(fd, SA(sin)));
	close(fd);
}

TEST_F(sock, bound_to_an_address_it_is_the_source)
{
	int fd = ping_socket(self->family);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);

	ASSERT_OK(bind_to(fd, "127.0.0.3", 0));
	ASSERT_LT(0, ping(fd, "127.0.0.4", 2));
	EXPECT_EQ(2, reply_seq(fd));
	ASSERT_OK(getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(inet_addr("127.0.0.3"), sin.sin_addr.s_addr);
	close(fd);
}

TEST_F(sock, each_gets_the_answers_to_its_own)
{
	int a = ping_socket(self->family);
	int b = ping_socket(self->family);
	char byte;

	ASSERT_LT(0, ping(a, "127.0.0.1", 10));
	ASSERT_LT(0, ping(b, "127.0.0.1", 20));
	EXPECT_EQ(20, reply_seq(b));
	EXPECT_EQ(10, reply_seq(a));
	EXPECT_ERRNO(EAGAIN, recv(a, &byte, 1, MSG_DONTWAIT));
	EXPECT_ERRNO(EAGAIN, recv(b, &byte, 1, MSG_DONTWAIT));
	close(a);
	close(b);
}

TEST_F(sock, what_may_be_sent)
{
	int fd = ping_socket(self->family);
	static char large[65536] = { ICMP_ECHO };
	struct echo echo = echo_request(0, 1);

	EXPECT_ERRNO(EDESTADDRREQ, send(fd, &echo, sizeof(echo), 0));
	EXPECT_ERRNO(EINVAL, send_to(fd, "127.0.0.1", &echo, 7));
	EXPECT_ERRNO(EMSGSIZE, send_to(fd, "127.0.0.1", large, 65536));
	echo.code = 1;
	EXPECT_ERRNO(EINVAL, send_to(fd, "127.0.0.1", &echo, sizeof(echo)));
	echo.code = 0;
	echo.type = ICMP_ECHOREPLY;
	EXPECT_ERRNO(EINVAL, send_to(fd, "127.0.0.1", &echo, sizeof(echo)));
	echo.type = ICMP_TIMESTAMP;
	EXPECT_ERRNO(EINVAL, send_to(fd, "127.0.0.1", &echo, sizeof(echo)));
	/* RFC 8335's extended echo */
	echo.type = 42;
	EXPECT_EQ(sizeof(echo), send_to(fd, "127.0.0.1", &echo, sizeof(echo)));
	close(fd);
}

TEST_F(sock, a_header_alone_is_an_echo)
{
	int fd = ping_socket(self->family);
	struct echo echo = echo_request(0, 3);
	char buf[64];

	EXPECT_EQ(8, send_to(fd, "127.0.0.1", &echo, 8));
	EXPECT_EQ(8, recv(fd, buf, sizeof(buf), 0));
	close(fd);
}

TEST_F(sock, a_large_echo_comes_back_whole)
{
	static char out[60001] = { ICMP_ECHO }, in[65536];
	int fd = ping_socket(self->family);

	for (size_t i = 8; i < sizeof(out); i++)
		out[i] = i * 7;
	EXPECT_EQ(sizeof(out), send_to(fd, "127.0.0.1", out, sizeof(out)));
	EXPECT_EQ(sizeof(out), recv(fd, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(out + 8, in + 8, sizeof(out) - 8));
	close(fd);
}

TEST_F(sock, send_looks_at_name_and_flags)
{
	int fd = ping_socket(self->family);
	struct echo echo = echo_request(0, 1);
	struct sockaddr_in sin = lo(0);

	EXPECT_ERRNO(EOPNOTSUPP, sendto(fd, &echo, sizeof(echo), MSG_OOB,
					SA(sin)));
	EXPECT_ERRNO(EINVAL, sendto(fd, &echo, sizeof(echo), 0, (void *)&sin,
				    sizeof(sin) - 1));
	sin.sin_family = AF_UNSPEC;
	EXPECT_ERRNO(EAFNOSUPPORT, sendto(fd, &echo, sizeof(echo), 0,
					  SA(sin)));
	close(fd);
}

TEST_F(sock, connected_it_needs_no_name)
{
	int fd = ping_socket(self->family);
	struct echo echo = echo_request(0, 4);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);

	ASSERT_OK(connect_to(fd, "127.0.0.1", 77));
	ASSERT_OK(getpeername(fd, (void *)&sin, &len));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), sin.sin_addr.s_addr);
	EXPECT_EQ(htons(77), sin.sin_port);
	ASSERT_OK(getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), sin.sin_addr.s_addr);
	EXPECT_EQ(sizeof(echo), send(fd, &echo, sizeof(echo), 0));
	EXPECT_EQ(4, reply_seq(fd));
	close(fd);
}

TEST_F(sock, a_peer_of_port_0_is_not_told)
{
	int fd = ping_socket(self->family);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);

	ASSERT_OK(connect_to(fd, "127.0.0.1", 0));
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
	close(fd);
}

TEST_F(sock, disconnected_it_gives_back_a_port_it_did_not_ask_for)
{
	int a = ping_socket(self->family);
	int b = ping_socket(self->family);
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct echo echo = echo_request(0, 4);

	ASSERT_OK(connect_to(a, "127.0.0.1", 0));
	ASSERT_OK(connect(a, &none, sizeof(none)));
	EXPECT_EQ(0, local_port(a));
	EXPECT_ERRNO(EDESTADDRREQ, send(a, &echo, sizeof(echo), 0));
	ASSERT_OK(bind_to(b, "127.0.0.1", 4321));
	ASSERT_OK(connect_to(b, "127.0.0.1", 0));
	ASSERT_OK(connect(b, &none, sizeof(none)));
	EXPECT_EQ(4321, local_port(b));
	ASSERT_LT(0, ping(b, "127.0.0.1", 6));
	EXPECT_EQ(6, reply_seq(b));
	close(a);
	close(b);
}

TEST_F(sock, connect_looks_at_the_name)
{
	int fd = ping_socket(self->family);
	struct sockaddr_in sin = lo(0);

	EXPECT_ERRNO(EINVAL, connect(fd, (void *)&sin, 1));
	EXPECT_ERRNO(EINVAL, connect(fd, (void *)&sin, sizeof(sin) - 1));
	sin.sin_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, connect(fd, SA(sin)));
	EXPECT_ERRNO(ENETUNREACH, connect_to(fd, "192.0.2.1", 0));
	close(fd);
}

TEST_F(sock, truncation_is_told_by_the_flag_alone)
{
	int fd = ping_socket(self->family);
	char buf[10];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	ASSERT_LT(0, ping(fd, "127.0.0.1", 1));
	EXPECT_EQ(10, recvmsg(fd, &msg, MSG_PEEK));
	EXPECT_EQ(MSG_TRUNC, msg.msg_flags);
	EXPECT_EQ(10, recvmsg(fd, &msg, MSG_TRUNC));
	EXPECT_EQ(MSG_TRUNC, msg.msg_flags);
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, 1, MSG_DONTWAIT));
	close(fd);
}

TEST_F(sock, control_messages_of_a_reply)
{
	int fd = ping_socket(self->family);
	union {
		char buf[256];
		struct cmsghdr align;
	} control;
	struct echo in;
	struct iovec iov = { &in, sizeof(in) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct in_pktinfo *info;
	int *ttl;

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVTTL, 1));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_PKTINFO, 1));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVTOS, 1));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_TOS, 0x48));
	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_TIMESTAMP, 1));
	ASSERT_LT(0, ping(fd, "127.0.0.5", 1));
	ASSERT_EQ(sizeof(in), recvmsg(fd, &msg, 0));
	ttl = find_cmsg(&msg, IPPROTO_IP, IP_TTL);
	ASSERT_NE(NULL, ttl);
	EXPECT_EQ(64, *ttl);
	info = find_cmsg(&msg, IPPROTO_IP, IP_PKTINFO);
	ASSERT_NE(NULL, info);
	EXPECT_EQ(1, info->ipi_ifindex);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), info->ipi_addr.s_addr);
	ASSERT_NE(NULL, find_cmsg(&msg, IPPROTO_IP, IP_TOS));
	EXPECT_EQ(0x48, *(uint8_t *)find_cmsg(&msg, IPPROTO_IP, IP_TOS));
	EXPECT_NE(NULL, find_cmsg(&msg, SOL_SOCKET, SCM_TIMESTAMP));
	close(fd);
}

TEST_F(sock, poll_tells_of_a_reply)
{
	int fd = ping_socket(self->family);

	EXPECT_EQ(POLLOUT, poll_for(fd, POLLIN | POLLOUT, 0));
	ASSERT_LT(0, ping(fd, "127.0.0.1", 1));
	EXPECT_EQ(POLLIN, poll_for(fd, POLLIN, LONG_MS));
	EXPECT_EQ(1, reply_seq(fd));
	EXPECT_EQ(0, poll_for(fd, POLLIN, 0));
	close(fd);
}

TEST_F(sock, only_some_groups_may)
{
	gid_t group = 4242;
	int fd;

	ASSERT_TRUE(ping_groups(self->family, "1 0"));
	EXPECT_ERRNO(EACCES, socket(self->family, SOCK_DGRAM, IPPROTO_ICMP));
	ASSERT_TRUE(ping_groups(self->family, "4242 4243"));
	EXPECT_ERRNO(EACCES, socket(self->family, SOCK_DGRAM, IPPROTO_ICMP));
	ASSERT_OK(setgroups(1, &group));
	fd = socket(self->family, SOCK_DGRAM, IPPROTO_ICMP);
	EXPECT_LE(0, fd);
	close(fd);
	ASSERT_OK(setgroups(0, NULL));
	EXPECT_ERRNO(EACCES, socket(self->family, SOCK_DGRAM, IPPROTO_ICMP));
	ASSERT_OK(setresgid(-1, 4243, -1));
	fd = socket(self->family, SOCK_DGRAM, IPPROTO_ICMP);
	EXPECT_LE(0, fd);
	close(fd);
}

TEST_F(sock, the_range_of_groups_is_a_sysctl)
{
	const char *name = self->family == AF_INET ?
			   "/proc/sys/net/ipv4/ping_group_range" :
			   "/proc/sys/net/mini/ping_group_range";
	char text[64] = "";
	FILE *file;

	EXPECT_FALSE(ping_groups(self->family, "-1 5"));
	EXPECT_FALSE(ping_groups(self->family, "nonsense"));
	ASSERT_TRUE(ping_groups(self->family, "5 4"));
	file = fopen(name, "r");
	ASSERT_NE(NULL, fgets(text, sizeof(text), file));
	fclose(file);
	EXPECT_STREQ("1\t0\n", text);
	ASSERT_TRUE(ping_groups(self->family, "7 2147483647"));
	file = fopen(name, "r");
	ASSERT_NE(NULL, fgets(text, sizeof(text), file));
	fclose(file);
	EXPECT_STREQ("7\t2147483647\n", text);
	ASSERT_TRUE(ping_groups(self->family, "0 2147483647"));
}

TEST_F(sock, shutdown_of_a_ping)
{
	int fd = ping_socket(self->family);
	char byte;

	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_RD));
	EXPECT_EQ(0, recv(fd, &byte, 1, 0));
	ASSERT_OK(connect_to(fd, "127.0.0.1", 0));
	ASSERT_OK(shutdown(fd, SHUT_WR));
	signal(SIGPIPE, SIG_IGN);
	EXPECT_ERRNO(EPIPE, ping(fd, "127.0.0.1", 1));
	close(fd);
}

TEST_F(sock, calls_of_other_types)
{
	int fd = ping_socket(self->family);
	int n;

	EXPECT_ERRNO(EOPNOTSUPP, listen(fd, 1));
	EXPECT_ERRNO(EOPNOTSUPP, accept(fd, NULL, NULL));
	EXPECT_ERRNO(ENOTTY, ioctl(fd, FIONREAD, &n));
	EXPECT_ERRNO(EOPNOTSUPP, recv(fd, &n, sizeof(n), MSG_OOB));
	EXPECT_ERRNO(EPROTONOSUPPORT,
		     socket(self->family, SOCK_STREAM, IPPROTO_ICMP));
	close(fd);
}

TEST_F(sock, options_of_a_ping)
{
	int fd = ping_socket(self->family);

	EXPECT_EQ(SOCK_DGRAM, get_int(fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(IPPROTO_ICMP, get_int(fd, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, IPPROTO_IP, IP_HDRINCL, 1));
	EXPECT_EQ(0, get_int(fd, IPPROTO_IP, IP_HDRINCL));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_RAW, ICMP_FILTER, 1));
	EXPECT_ERRNO(EOPNOTSUPP, get_int(fd, SOL_RAW, ICMP_FILTER));
	EXPECT_ERRNO(ENOTCONN, get_int(fd, IPPROTO_IP, IP_MTU));
	ASSERT_OK(connect_to(fd, "127.0.0.1", 0));
	EXPECT_EQ(65535, get_int(fd, IPPROTO_IP, IP_MTU));
	close(fd);
}

TEST_F(sock, a_filter_sees_the_icmp_header_first)
{
	/* Only of sequence number 2 */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { .filter = code, .len = 4 };
	int fd = ping_socket(self->family);

	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			     sizeof(prog)));
	for (int seq = 1; seq < 4; seq++)
		ASSERT_LT(0, ping(fd, "127.0.0.1", seq));
	EXPECT_EQ(2, reply_seq(fd));
	close(fd);
}

TEST_F(sock, bound_to_a_device)
{
	int fd = ping_socket(self->family);

	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	ASSERT_LT(0, ping(fd, "127.0.0.1", 9));
	EXPECT_EQ(9, reply_seq(fd));
	close(fd);
}

TEST_F(sock, a_program_is_not_told_of_others_echoes)
{
	int fd = ping_socket(self->family);
	int raw = raw_socket(self->family, IPPROTO_ICMP);
	struct echo echo = echo_request(4321, 1);
	struct echo reply = echo_request(4321, 2);
	char byte;

	/* A request that bears its identifier, and then an answer. */
	reply.type = ICMP_ECHOREPLY;
	reply.checksum = 0;
	reply.checksum = in_checksum(&reply, sizeof(reply));
	ASSERT_OK(bind_to(fd, "127.0.0.1", 4321));
	ASSERT_EQ(sizeof(reply), send_to(raw, "127.0.0.2", &reply,
					 sizeof(reply)));
	ASSERT_EQ(sizeof(reply), send_to(raw, "127.0.0.1", &reply,
					 sizeof(reply)));
	EXPECT_EQ(2, reply_seq(fd));
	ASSERT_EQ(sizeof(echo), send_to(raw, "127.0.0.1", &echo,
					sizeof(echo)));
	/* The answer to it, which comes after it. */
	EXPECT_EQ(1, reply_seq(fd));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_DONTWAIT));
	close(fd);
	close(raw);
}

/* A socket whose identifier is 4321, and who tells lies about its echoes. */
static int erring(struct __test_metadata *_metadata, int family, int *raw)
{
	int fd = ping_socket(family);

	*raw = raw_socket(family, IPPROTO_ICMP);
	ASSERT_OK(set_int(*raw, SOL_RAW, ICMP_FILTER, -1));
	ASSERT_OK(bind_to(fd, "127.0.0.1", 4321));
	return fd;
}

TEST_F(sock, errors_come_to_the_error_queue)
{
	int raw, fd = erring(_metadata, self->family, &raw);
	struct echo echo = echo_request(4321, 5), quoted;
	struct entry entry;

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVERR, 1));
	ASSERT_LT(0, send_error(raw, ICMP_TIME_EXCEEDED, 0, 0, IPPROTO_ICMP, 9,
				&echo, sizeof(echo)));
	EXPECT_EQ(POLLERR, poll_for(fd, POLLPRI, LONG_MS) & POLLERR);
	ASSERT_TRUE(read_entry(fd, &entry));
	EXPECT_EQ(EHOSTUNREACH, entry.ee.ee_errno);
	EXPECT_EQ(SO_EE_ORIGIN_ICMP, entry.ee.ee_origin);
	EXPECT_EQ(ICMP_TIME_EXCEEDED, entry.ee.ee_type);
	EXPECT_EQ(0, entry.ee.ee_code);
	EXPECT_EQ(0, entry.ee.ee_info);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), entry.offender.sin_addr.s_addr);
	EXPECT_EQ(inet_addr("127.0.0.9"), entry.name.sin_addr.s_addr);
	EXPECT_EQ(0, entry.name.sin_port);
	EXPECT_EQ(MSG_ERRQUEUE, entry.flags);
	EXPECT_EQ(sizeof(echo), entry.len);
	memcpy(&quoted, entry.data, sizeof(quoted));
	EXPECT_EQ(0, memcmp(&quoted, &echo, sizeof(echo)));
	EXPECT_FALSE(read_entry(fd, &entry));
	EXPECT_EQ(EAGAIN, errno);
	close(fd);
	close(raw);
}

TEST_F(sock, an_error_fails_the_next_call)
{
	int raw, fd = erring(_metadata, self->family, &raw);
	struct echo echo = echo_request(4321, 5);
	char byte;

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVERR, 1));
	ASSERT_LT(0, send_error(raw, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0,
				IPPROTO_ICMP, 9, &echo, sizeof(echo)));
	EXPECT_NE(0, poll_for(fd, POLLPRI, LONG_MS) & POLLERR);
	EXPECT_ERRNO(EHOSTUNREACH, recv(fd, &byte, 1, MSG_DONTWAIT));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_DONTWAIT));
	close(fd);
	close(raw);
}

TEST_F(sock, who_does_not_ask_hears_hard_ones_of_its_peer)
{
	int raw, fd = erring(_metadata, self->family, &raw);
	struct echo echo = echo_request(4321, 5);

	/* Not connected; then a passing one; then a hard one */
	ASSERT_LT(0, send_error(raw, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0,
				IPPROTO_ICMP, 1, &echo, sizeof(echo)));
	ASSERT_LT(0, ping(fd, "127.0.0.1", 1));
	EXPECT_EQ(1, reply_seq(fd));
	EXPECT_EQ(0, so_error(fd));
	ASSERT_OK(connect_to(fd, "127.0.0.1", 0));
	ASSERT_LT(0, send_error(raw, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0,
				IPPROTO_ICMP, 1, &echo, sizeof(echo)));
	ASSERT_LT(0, ping(fd, "127.0.0.1", 2));
	EXPECT_EQ(2, reply_seq(fd));
	EXPECT_EQ(0, so_error(fd));
	ASSERT_LT(0, send_error(raw, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0,
				IPPROTO_ICMP, 1, &echo, sizeof(echo)));
	EXPECT_NE(0, poll_for(fd, POLLPRI, LONG_MS) & POLLERR);
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	close(fd);
	close(raw);
}

TEST_F(sock, errors_of_size_and_of_fields)
{
	int raw, fd = erring(_metadata, self->family, &raw);
	struct echo echo = echo_request(4321, 5);
	struct entry entry;

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVERR, 1));
	ASSERT_LT(0, send_error(raw, ICMP_PARAMETERPROB, 0, 0x11000000,
				IPPROTO_ICMP, 1, &echo, sizeof(echo)));
	EXPECT_NE(0, poll_for(fd, POLLPRI, LONG_MS) & POLLERR);
	ASSERT_TRUE(read_entry(fd, &entry));
	EXPECT_EQ(EPROTO, entry.ee.ee_errno);
	EXPECT_EQ(0x11, entry.ee.ee_info);
	EXPECT_EQ(0, poll_for(fd, POLLPRI, 0) & POLLERR);
	/* Who sets no DF hears nothing of sizes: the next error is another. */
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT));
	ASSERT_LT(0, send_error(raw, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1400,
				IPPROTO_ICMP, 77, &echo, sizeof(echo)));
	/* Nor does anybody of fragments that were waited for in vain. */
	ASSERT_LT(0, send_error(raw, ICMP_TIME_EXCEEDED, 1, 0,
				IPPROTO_ICMP, 1, &echo, sizeof(echo)));
	ASSERT_LT(0, send_error(raw, ICMP_TIME_EXCEEDED, 0, 0,
				IPPROTO_ICMP, 1, &echo, sizeof(echo)));
	EXPECT_NE(0, poll_for(fd, POLLPRI, LONG_MS) & POLLERR);
	ASSERT_TRUE(read_entry(fd, &entry));
	EXPECT_EQ(ICMP_TIME_EXCEEDED, entry.ee.ee_type);
	EXPECT_EQ(0, entry.ee.ee_code);
	EXPECT_FALSE(read_entry(fd, &entry));
	close(fd);
	close(raw);
}

TEST_F(sock, errors_of_other_identifiers_and_types)
{
	int raw, fd = erring(_metadata, self->family, &raw);
	struct echo other = echo_request(4322, 1);
	struct echo reply = echo_request(4321, 2);
	struct echo mine = echo_request(4321, 3);
	struct entry entry;

	reply.type = ICMP_ECHOREPLY;
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVERR, 1));
	ASSERT_LT(0, send_error(raw, ICMP_TIME_EXCEEDED, 0, 0, IPPROTO_ICMP, 1,
				&other, sizeof(other)));
	ASSERT_LT(0, send_error(raw, ICMP_TIME_EXCEEDED, 0, 0, IPPROTO_ICMP, 1,
				&reply, sizeof(reply)));
	ASSERT_LT(0, send_error(raw, ICMP_TIME_EXCEEDED, 0, 0, IPPROTO_ICMP, 1,
				&mine, sizeof(mine)));
	EXPECT_NE(0, poll_for(fd, POLLPRI, LONG_MS) & POLLERR);
	ASSERT_TRUE(read_entry(fd, &entry));
	EXPECT_EQ(3, entry.data[7]);
	EXPECT_FALSE(read_entry(fd, &entry));
	close(fd);
	close(raw);
}

TEST_F(sock, an_echo_that_is_too_large_is_a_local_error)
{
	static char large[65530] = { ICMP_ECHO };
	int fd = ping_socket(self->family);
	struct entry entry;

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVERR, 1));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO));
	EXPECT_ERRNO(EMSGSIZE, send_to(fd, "127.0.0.1", large, sizeof(large)));
	ASSERT_TRUE(read_entry(fd, &entry));
	EXPECT_EQ(EMSGSIZE, entry.ee.ee_errno);
	EXPECT_EQ(SO_EE_ORIGIN_LOCAL, entry.ee.ee_origin);
	EXPECT_EQ(65535, entry.ee.ee_info);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), entry.name.sin_addr.s_addr);
	EXPECT_EQ(0, entry.len);
	close(fd);
}

TEST_HARNESS_MAIN
