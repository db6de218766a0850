// SPDX-License-Identifier: GPL-2.0
/*
 * What a program sees of SOCK_RAW: copies of packets with their IP header, of
 * what this host's stack handles too; names and options.
 */
#include <grp.h>
#include <linux/filter.h>
#include <netinet/udp.h>

#include "icmp.h"

TEST_F(sock, raw_needs_a_protocol)
{
	EXPECT_ERRNO(EPROTONOSUPPORT, socket(self->family, SOCK_RAW, 0));
	EXPECT_ERRNO(EINVAL, socket(self->family, SOCK_RAW, -1));
	EXPECT_ERRNO(EINVAL, socket(self->family, SOCK_RAW, 1000));
}

TEST_F(sock, raw_needs_a_capability)
{
	ASSERT_OK(seteuid(65534));
	EXPECT_ERRNO(EPERM, socket(self->family, SOCK_RAW, IPPROTO_ICMP));
	EXPECT_ERRNO(EPERM, socket(self->family, SOCK_RAW, IPPROTO_RAW));
	EXPECT_ERRNO(EPROTONOSUPPORT, socket(self->family, SOCK_RAW, 0));
	ASSERT_OK(seteuid(0));
}

TEST_F(sock, one_sends_another_gets)
{
	int a = raw_socket(self->family, MINE);
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	struct packet p;

	ASSERT_EQ(5, send_to(a, "127.0.0.1", "hello", 5));
	ASSERT_EQ(25, recvfrom(a, &p, sizeof(p), 0, (void *)&sin, &len));
	EXPECT_EQ(0x45, *(uint8_t *)&p);
	EXPECT_EQ(htons(25), p.ip.tot_len);
	EXPECT_EQ(64, p.ip.ttl);
	EXPECT_EQ(0, p.ip.tos);
	EXPECT_EQ(MINE, p.ip.protocol);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), p.ip.saddr);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), p.ip.daddr);
	EXPECT_EQ(0, in_checksum(&p.ip, sizeof(p.ip)));
	EXPECT_EQ(0, memcmp(p.data, "hello", 5));
	EXPECT_EQ(sizeof(sin), len);
	EXPECT_EQ(AF_INET, sin.sin_family);
	EXPECT_EQ(0, sin.sin_port);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), sin.sin_addr.s_addr);
	close(a);
}

TEST_F(sock, each_gets_a_copy)
{
	int fds[4];
	struct packet p;

	for (int i = 0; i < 4; i++)
		fds[i] = raw_socket(self->family, MINE);
	ASSERT_EQ(3, send_to(fds[0], "127.0.0.1", "abc", 3));
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(23, get_packet(fds[i], &p));
		EXPECT_EQ(0, memcmp(p.data, "abc", 3));
		EXPECT_TRUE(silent(fds[i]));
		close(fds[i]);
	}
}

TEST_F(sock, no_octets_are_a_packet)
{
	int a = raw_socket(self->family, MINE);
	struct packet p;

	EXPECT_EQ(0, send_to(a, "127.0.0.1", "", 0));
	EXPECT_EQ(20, get_packet(a, &p));
	close(a);
}

TEST_F(sock, requests_and_replies_are_seen)
{
	int fd = raw_socket(self->family, IPPROTO_ICMP);
	struct echo out = echo_request(1, 2), in;
	struct packet p;

	ASSERT_EQ(sizeof(out), send_to(fd, "127.0.0.1", &out, sizeof(out)));
	ASSERT_EQ(20 + sizeof(in), get_packet(fd, &p));
	memcpy(&in, p.data, sizeof(in));
	EXPECT_EQ(ICMP_ECHO, in.type);
	ASSERT_EQ(20 + sizeof(in), get_packet(fd, &p));
	memcpy(&in, p.data, sizeof(in));
	EXPECT_EQ(ICMP_ECHOREPLY, in.type);
	EXPECT_EQ(out.id, in.id);
	EXPECT_EQ(out.seq, in.seq);
	EXPECT_EQ(0, in_checksum(&in, sizeof(in)));
	close(fd);
}

TEST_F(sock, a_wrong_checksum_is_seen_but_not_answered)
{
	int fd = raw_socket(self->family, IPPROTO_ICMP);
	struct echo out = echo_request(1, 2);
	struct packet p;

	out.checksum ^= 1;
	ASSERT_EQ(sizeof(out), send_to(fd, "127.0.0.1", &out, sizeof(out)));
	out = echo_request(1, 3);
	ASSERT_EQ(sizeof(out), send_to(fd, "127.0.0.1", &out, sizeof(out)));
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(20 + sizeof(out), get_packet(fd, &p));
		EXPECT_EQ(ICMP_ECHO, p.data[0]);
	}
	EXPECT_EQ(20 + sizeof(out), get_packet(fd, &p));
	EXPECT_EQ(ICMP_ECHOREPLY, p.data[0]);
	EXPECT_EQ(3, p.data[7]);
	close(fd);
}

TEST_F(sock, the_filter_of_icmp_types)
{
	int all = raw_socket(self->family, IPPROTO_ICMP);
	int fd = raw_socket(self->family, IPPROTO_ICMP);
	struct echo out = echo_request(1, 2);
	struct packet p;

	EXPECT_EQ(0, get_int(fd, SOL_RAW, ICMP_FILTER));
	ASSERT_OK(set_int(fd, SOL_RAW, ICMP_FILTER, ~(1 << ICMP_ECHOREPLY)));
	EXPECT_EQ(~(1 << ICMP_ECHOREPLY), get_int(fd, SOL_RAW, ICMP_FILTER));
	ASSERT_EQ(sizeof(out), send_to(fd, "127.0.0.1", &out, sizeof(out)));
	EXPECT_EQ(20 + sizeof(out), get_packet(fd, &p));
	EXPECT_EQ(ICMP_ECHOREPLY, p.data[0]);
	EXPECT_TRUE(silent(fd));
	EXPECT_EQ(20 + sizeof(out), get_packet(all, &p));
	EXPECT_EQ(ICMP_ECHO, p.data[0]);
	close(fd);
	close(all);
}

TEST_F(sock, router_alert_is_for_raw_sockets)
{
	int fd = raw_socket(self->family, IPPROTO_UDP);
	int any = raw_socket(self->family, IPPROTO_RAW);
	int udp = socket(self->family, SOCK_DGRAM, 0);
	int on;

	EXPECT_ERRNO(ENOBUFS, set_int(fd, IPPROTO_IP, IP_ROUTER_ALERT, 0));
	EXPECT_EQ(0, set_int(fd, IPPROTO_IP, IP_ROUTER_ALERT, 1));
	/* AF_INET of 6.1 does not tell. */
	on = get_int(fd, IPPROTO_IP, IP_ROUTER_ALERT);
	if (on != -1 || self->family != AF_INET)
		EXPECT_EQ(1, on);
	EXPECT_ERRNO(EADDRINUSE, set_int(fd, IPPROTO_IP, IP_ROUTER_ALERT, 2));
	EXPECT_EQ(0, set_int(fd, IPPROTO_IP, IP_ROUTER_ALERT, 0));
	EXPECT_ERRNO(ENOBUFS, set_int(fd, IPPROTO_IP, IP_ROUTER_ALERT, 0));
	EXPECT_ERRNO(EINVAL, set_int(any, IPPROTO_IP, IP_ROUTER_ALERT, 1));
	EXPECT_ERRNO(EINVAL, set_int(udp, IPPROTO_IP, IP_ROUTER_ALERT, 1));
	close(udp);
	close(any);
	close(fd);
}

TEST_F(sock, types_above_31_pass_each_filter)
{
	int fd = raw_socket(self->family, IPPROTO_ICMP);
	struct echo out = { .type = 32 };
	struct packet p;

	ASSERT_OK(set_int(fd, SOL_RAW, ICMP_FILTER, -1));
	out.checksum = in_checksum(&out, sizeof(out));
	ASSERT_EQ(sizeof(out), send_to(fd, "127.0.0.1", &out, sizeof(out)));
	EXPECT_EQ(20 + sizeof(out), get_packet(fd, &p));
	EXPECT_EQ(32, p.data[0]);
	close(fd);
}

TEST_F(sock, lengths_of_the_filter)
{
	int fd = raw_socket(self->family, IPPROTO_ICMP);
	uint64_t value = 0x1122334455667788;
	socklen_t len = sizeof(value);

	ASSERT_OK(setsockopt(fd, SOL_RAW, ICMP_FILTER, &value, sizeof(value)));
	EXPECT_EQ(0x55667788, get_int(fd, SOL_RAW, ICMP_FILTER));
	value = 0xff;
	ASSERT_OK(setsockopt(fd, SOL_RAW, ICMP_FILTER, &value, 1));
	EXPECT_EQ(0x556677ff, get_int(fd, SOL_RAW, ICMP_FILTER));
	ASSERT_OK(setsockopt(fd, SOL_RAW, ICMP_FILTER, &value, 0));
	ASSERT_OK(getsockopt(fd, SOL_RAW, ICMP_FILTER, &value, &len));
	EXPECT_EQ(4, len);
	len = 2;
	ASSERT_OK(getsockopt(fd, SOL_RAW, ICMP_FILTER, &value, &len));
	EXPECT_EQ(2, len);
	len = -1;
	EXPECT_ERRNO(EINVAL, getsockopt(fd, SOL_RAW, ICMP_FILTER, &value,
					&len));
	close(fd);
}

TEST_F(sock, levels_and_names_of_options)
{
	int fd = raw_socket(self->family, MINE);
	int tcp = raw_socket(self->family, IPPROTO_TCP);
	int udp = udp_socket(self->family);

	EXPECT_ERRNO(EOPNOTSUPP, set_int(fd, SOL_RAW, ICMP_FILTER, 1));
	EXPECT_ERRNO(EOPNOTSUPP, get_int(fd, SOL_RAW, ICMP_FILTER));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_RAW, 2, 1));
	EXPECT_ERRNO(ENOPROTOOPT, get_int(fd, SOL_RAW, 2));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(tcp, IPPROTO_TCP, TCP_NODELAY, 1));
	EXPECT_ERRNO(EOPNOTSUPP, get_int(tcp, IPPROTO_TCP, TCP_NODELAY));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(udp, SOL_RAW, ICMP_FILTER, 1));
	EXPECT_EQ(SOCK_RAW, get_int(fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(MINE, get_int(fd, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_REUSEADDR));
	close(fd);
	close(tcp);
	close(udp);
}

TEST_F(sock, datagrams_are_seen_and_delivered)
{
	int raw = raw_socket(self->family, IPPROTO_UDP);
	int a = udp_bound(self->family, "127.0.0.1");
	int b = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(a));
	struct udphdr uh;
	struct packet p;
	char buf[8];

	ASSERT_EQ(4, sendto(b, "data", 4, 0, SA(sin)));
	EXPECT_EQ(4, recv(a, buf, sizeof(buf), 0));
	ASSERT_EQ(20 + 8 + 4, get_packet(raw, &p));
	memcpy(&uh, p.data, sizeof(uh));
	EXPECT_EQ(htons(local_port(b)), uh.source);
	EXPECT_EQ(htons(local_port(a)), uh.dest);
	EXPECT_EQ(0, memcmp(p.data + 8, "data", 4));
	close(raw);
	close(a);
	close(b);
}

TEST_F(sock, a_closed_port_refuses_though_raw_sees)
{
	int raw = raw_socket(self->family, IPPROTO_UDP);
	struct packet p;

	ASSERT_TRUE(udp_refused(self->family));
	EXPECT_EQ(29, get_packet(raw, &p));
	close(raw);
}

TEST_F(sock, segments_are_seen)
{
	int raw = raw_socket(self->family, IPPROTO_TCP);
	int fd = tcp_socket(self->family);
	struct tcphdr th;
	struct packet p;

	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", 9));
	EXPECT_LE(40, get_packet(raw, &p));
	memcpy(&th, p.data, sizeof(th));
	EXPECT_EQ(TH_SYN, th.th_flags & (TH_SYN | TH_ACK));
	EXPECT_EQ(htons(9), th.dest);
	EXPECT_EQ(40, get_packet(raw, &p));
	memcpy(&th, p.data, sizeof(th));
	EXPECT_EQ(TH_RST, th.th_flags & TH_RST);
	EXPECT_EQ(htons(9), th.source);
	close(raw);
	close(fd);
}

TEST_F(sock, a_connection_lives_beside_raw)
{
	int raw = raw_socket(self->family, IPPROTO_TCP);
	struct pair pair;
	char buf[8];

	ASSERT_TRUE(tcp_pair(self->family, &pair));
	ASSERT_EQ(5, send(pair.client, "hello", 5, 0));
	EXPECT_EQ(5, recv(pair.server, buf, 5, MSG_WAITALL));
	ASSERT_EQ(5, send(pair.server, "again", 5, 0));
	EXPECT_EQ(5, recv(pair.client, buf, 5, MSG_WAITALL));
	pair_close(&pair);
	close(raw);
}

TEST_F(sock, bound_it_hears_what_comes_there)
{
	int all = raw_socket(self->family, MINE);
	int fd = raw_socket(self->family, MINE);
	struct packet p;

	ASSERT_OK(bind_to(fd, "127.0.0.2", 0));
	ASSERT_EQ(1, send_to(all, "127.0.0.1", "1", 1));
	ASSERT_EQ(1, send_to(all, "127.0.0.2", "2", 1));
	EXPECT_EQ(21, get_packet(fd, &p));
	EXPECT_EQ('2', p.data[0]);
	EXPECT_EQ(21, get_packet(all, &p));
	EXPECT_EQ('1', p.data[0]);
	EXPECT_EQ(21, get_packet(all, &p));
	EXPECT_EQ('2', p.data[0]);
	EXPECT_TRUE(silent(fd));
	close(all);
	close(fd);
}

TEST_F(sock, bound_it_speaks_from_there)
{
	int fd = raw_socket(self->family, MINE);
	int all = raw_socket(self->family, MINE);
	struct packet p;

	ASSERT_OK(bind_to(fd, "127.0.0.2", 0));
	ASSERT_EQ(1, send_to(fd, "127.0.0.3", "x", 1));
	EXPECT_EQ(21, get_packet(all, &p));
	EXPECT_EQ(inet_addr("127.0.0.2"), p.ip.saddr);
	EXPECT_EQ(inet_addr("127.0.0.3"), p.ip.daddr);
	close(fd);
	close(all);
}

TEST_F(sock, connected_it_hears_its_peer)
{
	int all = raw_socket(self->family, MINE);
	int fd = raw_socket(self->family, MINE);
	int two = raw_socket(self->family, MINE);
	struct packet p;

	ASSERT_OK(bind_to(two, "127.0.0.2", 0));
	ASSERT_OK(connect_to(fd, "127.0.0.2", 0));
	/* From 127.0.0.1, then from the peer */
	ASSERT_EQ(1, send_to(all, "127.0.0.1", "1", 1));
	ASSERT_EQ(1, send_to(two, "127.0.0.1", "2", 1));
	EXPECT_EQ(21, get_packet(fd, &p));
	EXPECT_EQ('2', p.data[0]);
	EXPECT_EQ(1, send(fd, "3", 1, 0));
	EXPECT_EQ(21, get_packet(two, &p));
	EXPECT_EQ('3', p.data[0]);
	close(all);
	close(fd);
	close(two);
}

TEST_F(sock, where_raw_may_be_bound)
{
	int fd = raw_socket(self->family, MINE);
	struct sockaddr_in sin = lo(0);

	EXPECT_ERRNO(EINVAL, bind(fd, (void *)&sin, sizeof(sin) - 1));
	EXPECT_ERRNO(EADDRNOTAVAIL, bind_to(fd, "192.0.2.1", 0));
	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	ASSERT_OK(bind_to(fd, "127.0.0.2", 5));
	ASSERT_OK(bind_to(fd, "224.0.0.1", 0));
	ASSERT_OK(bind_to(fd, "255.255.255.255", 0));
	ASSERT_OK(bind_to(fd, "0.0.0.0", 0));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_FREEBIND, 1));
	ASSERT_OK(bind_to(fd, "192.0.2.1", 0));
	ASSERT_OK(bind_to(fd, "0.0.0.0", 0));
	ASSERT_OK(connect_to(fd, "127.0.0.1", 0));
	EXPECT_ERRNO(EINVAL, bind_to(fd, "127.0.0.1", 0));
	close(fd);
}

TEST_F(sock, names_of_a_raw_socket)
{
	int fd = raw_socket(self->family, MINE);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);

	EXPECT_EQ(MINE, local_port(fd));
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
	ASSERT_OK(bind_to(fd, "127.0.0.2", 77));
	ASSERT_OK(getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(inet_addr("127.0.0.2"), sin.sin_addr.s_addr);
	EXPECT_EQ(htons(MINE), sin.sin_port);
	ASSERT_OK(connect_to(fd, "127.0.0.3", 0));
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
	ASSERT_OK(connect_to(fd, "127.0.0.3", 5));
	ASSERT_OK(getpeername(fd, (void *)&sin, &len));
	EXPECT_EQ(inet_addr("127.0.0.3"), sin.sin_addr.s_addr);
	EXPECT_EQ(htons(5), sin.sin_port);
	close(fd);
}

TEST_F(sock, a_disconnected_raw_socket_is_deaf)
{
	int all = raw_socket(self->family, MINE);
	int fd = raw_socket(self->family, MINE);
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	struct packet p;

	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	ASSERT_OK(connect_to(fd, "127.0.0.1", 0));
	ASSERT_OK(connect(fd, &none, sizeof(none)));
	ASSERT_OK(getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(0, sin.sin_addr.s_addr);
	EXPECT_EQ(0, sin.sin_port);
	EXPECT_ERRNO(EDESTADDRREQ, send(fd, "x", 1, 0));
	ASSERT_EQ(1, send_to(fd, "127.0.0.1", "x", 1));
	EXPECT_EQ(21, get_packet(all, &p));
	EXPECT_TRUE(silent(fd));
	close(all);
	close(fd);
}

TEST_F(sock, whom_raw_may_connect_to)
{
	int fd = raw_socket(self->family, MINE);
	struct sockaddr_in sin = lo(0);

	EXPECT_ERRNO(EINVAL, connect(fd, (void *)&sin, 1));
	EXPECT_ERRNO(EINVAL, connect(fd, (void *)&sin, sizeof(sin) - 1));
	EXPECT_ERRNO(ENETUNREACH, connect_to(fd, "192.0.2.1", 0));
	sin.sin_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, connect(fd, SA(sin)));
	EXPECT_ERRNO(EDESTADDRREQ, send(fd, "x", 1, 0));
	/* "Any" is this host. */
	ASSERT_OK(connect_to(fd, "0.0.0.0", 3));
	EXPECT_EQ(1, send(fd, "x", 1, 0));
	close(fd);
}

TEST_F(sock, a_cut_packet_is_told)
{
	int fd = raw_socket(self->family, MINE);
	char buf[10];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	for (int i = 0; i < 2; i++)
		ASSERT_EQ(5, send_to(fd, "127.0.0.1", "hello", 5));
	EXPECT_EQ(10, recvmsg(fd, &msg, MSG_PEEK));
	EXPECT_EQ(MSG_TRUNC, msg.msg_flags);
	EXPECT_EQ(10, recvmsg(fd, &msg, 0));
	EXPECT_EQ(25, recvmsg(fd, &msg, MSG_TRUNC));
	EXPECT_ERRNO(EAGAIN, recvmsg(fd, &msg, MSG_DONTWAIT));
	close(fd);
}

TEST_F(sock, fionread_counts_the_header)
{
	int fd = raw_socket(self->family, MINE);
	int n = -1;

	EXPECT_EQ(0, unread(fd));
	ASSERT_EQ(5, send_to(fd, "127.0.0.1", "hello", 5));
	ASSERT_EQ(7, send_to(fd, "127.0.0.1", "hello!!", 7));
	ASSERT_TRUE(wait_unread(fd, 25));
	EXPECT_EQ(25, unread(fd));
	ASSERT_OK(ioctl(fd, TIOCOUTQ, &n));
	EXPECT_EQ(0, n);
	close(fd);
}

TEST_F(sock, poll_of_a_raw_socket)
{
	int fd = raw_socket(self->family, MINE);
	struct packet p;

	EXPECT_EQ(POLLOUT, poll_for(fd, POLLIN | POLLOUT, 0));
	ASSERT_EQ(1, send_to(fd, "127.0.0.1", "x", 1));
	EXPECT_EQ(POLLIN, poll_for(fd, POLLIN, LONG_MS));
	EXPECT_EQ(21, get_packet(fd, &p));
	EXPECT_EQ(0, poll_for(fd, POLLIN, 0));
	close(fd);
}

TEST_F(sock, a_filter_sees_the_ip_header_first)
{
	/* Only to 127.0.0.2 */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x7f000002, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 22),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { .filter = code, .len = 4 };
	int fd = raw_socket(self->family, MINE);
	struct packet p;

	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			     sizeof(prog)));
	ASSERT_EQ(5, send_to(fd, "127.0.0.1", "hello", 5));
	ASSERT_EQ(5, send_to(fd, "127.0.0.2", "hello", 5));
	/* It cuts, too. */
	EXPECT_EQ(22, get_packet(fd, &p));
	EXPECT_EQ(inet_addr("127.0.0.2"), p.ip.daddr);
	EXPECT_TRUE(silent(fd));
	close(fd);
}

TEST_F(sock, shutdown_of_a_raw_socket)
{
	int fd = raw_socket(self->family, MINE);
	int own = raw_socket(self->family, IPPROTO_RAW);
	struct packet p = { .ip = { .version = 4, .ihl = 5 } };
	char byte;

	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_RD));
	EXPECT_EQ(0, recv(fd, &byte, 1, 0));
	ASSERT_OK(connect_to(fd, "127.0.0.1", 0));
	ASSERT_OK(shutdown(fd, SHUT_WR));
	/* Packets behind a header of the kernel's do not mind. */
	EXPECT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_OK(connect_to(own, "127.0.0.1", 0));
	ASSERT_OK(shutdown(own, SHUT_WR));
	signal(SIGPIPE, SIG_IGN);
	EXPECT_ERRNO(EPIPE, send(own, &p, 28, 0));
	close(fd);
	close(own);
}

TEST_F(sock, calls_raw_does_not_have)
{
	int fd = raw_socket(self->family, MINE);
	char byte;

	EXPECT_ERRNO(EOPNOTSUPP, listen(fd, 1));
	EXPECT_ERRNO(EOPNOTSUPP, accept(fd, NULL, NULL));
	EXPECT_ERRNO(EOPNOTSUPP, recv(fd, &byte, 1, MSG_OOB));
	EXPECT_ERRNO(EOPNOTSUPP, set_int(fd, SOL_SOCKET, SO_PEEK_OFF, 1));
	close(fd);
}

TEST_F(sock, raw_bound_to_a_device)
{
	int fd = raw_socket(self->family, MINE);
	struct packet p;

	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	ASSERT_EQ(1, send_to(fd, "127.0.0.1", "x", 1));
	EXPECT_EQ(21, get_packet(fd, &p));
	close(fd);
}

TEST_F(sock, a_full_queue_drops)
{
	static char out[8192];
	int fd = raw_socket(self->family, MINE);
	int all = raw_socket(self->family, MINE);
	int one = 1, n = 0;
	union {
		char buf[64];
		struct cmsghdr align;
	} control;
	char in[8];
	struct iovec iov = { in, sizeof(in) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	uint32_t *drops;

	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_RCVBUF, 1));
	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof(one)));
	for (int i = 0; i < 8; i++)
		ASSERT_EQ(sizeof(out), send_to(all, "127.0.0.1", out,
					       sizeof(out)));
	while (recv(fd, in, sizeof(in), MSG_DONTWAIT) > 0)
		n++;
	EXPECT_GT(8, n);
	ASSERT_EQ(1, send_to(all, "127.0.0.1", "x", 1));
	ASSERT_EQ(sizeof(in), recvmsg(fd, &msg, 0));
	drops = find_cmsg(&msg, SOL_SOCKET, SO_RXQ_OVFL);
	ASSERT_NE(NULL, drops);
	EXPECT_EQ(8 - n, *drops);
	close(fd);
	close(all);
}

TEST_HARNESS_MAIN
