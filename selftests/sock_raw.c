// SPDX-License-Identifier: GPL-2.0
/*
 * What a program sees of SOCK_RAW: copies of packets with their IP header, of
 * what this host's stack handles too; and packets out, with a header of the
 * kernel's or of its own.
 */
#include <grp.h>
#include <linux/filter.h>
#include <netinet/udp.h>

#include "icmp.h"

/* RFC 3692: for experiments; nobody on this host takes it. */
#define MINE	253

/* A received packet of MINE. */
struct packet {
	struct iphdr ip;
	char data[64];
};

static ssize_t get(int fd, struct packet *p)
{
	memset(p, 0, sizeof(*p));
	return recv(fd, p, sizeof(*p), 0);
}

/* Nothing came; the caller has seen what is sent arrive elsewhere. */
static bool silent(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN;
}

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
		EXPECT_EQ(23, get(fds[i], &p));
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
	EXPECT_EQ(20, get(a, &p));
	close(a);
}

TEST_F(sock, requests_and_replies_are_seen)
{
	int fd = raw_socket(self->family, IPPROTO_ICMP);
	struct echo out = echo_request(1, 2), in;
	struct packet p;

	ASSERT_EQ(sizeof(out), send_to(fd, "127.0.0.1", &out, sizeof(out)));
	ASSERT_EQ(20 + sizeof(in), get(fd, &p));
	memcpy(&in, p.data, sizeof(in));
	EXPECT_EQ(ICMP_ECHO, in.type);
	ASSERT_EQ(20 + sizeof(in), get(fd, &p));
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
		EXPECT_EQ(20 + sizeof(out), get(fd, &p));
		EXPECT_EQ(ICMP_ECHO, p.data[0]);
	}
	EXPECT_EQ(20 + sizeof(out), get(fd, &p));
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
	EXPECT_EQ(20 + sizeof(out), get(fd, &p));
	EXPECT_EQ(ICMP_ECHOREPLY, p.data[0]);
	EXPECT_TRUE(silent(fd));
	EXPECT_EQ(20 + sizeof(out), get(all, &p));
	EXPECT_EQ(ICMP_ECHO, p.data[0]);
	close(fd);
	close(all);
}

TEST_F(sock, types_above_31_pass_each_filter)
{
	int fd = raw_socket(self->family, IPPROTO_ICMP);
	struct echo out = { .type = 32 };
	struct packet p;

	ASSERT_OK(set_int(fd, SOL_RAW, ICMP_FILTER, -1));
	out.checksum = in_checksum(&out, sizeof(out));
	ASSERT_EQ(sizeof(out), send_to(fd, "127.0.0.1", &out, sizeof(out)));
	EXPECT_EQ(20 + sizeof(out), get(fd, &p));
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
	ASSERT_EQ(20 + 8 + 4, get(raw, &p));
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
	int fd = udp_socket(self->family);
	struct packet p;
	char byte;

	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	ASSERT_OK(connect_to(fd, "127.0.0.1", 9));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_ERRNO(ECONNREFUSED, recv(fd, &byte, 1, 0));
	EXPECT_EQ(29, get(raw, &p));
	close(raw);
	close(fd);
}

TEST_F(sock, segments_are_seen)
{
	int raw = raw_socket(self->family, IPPROTO_TCP);
	int fd = tcp_socket(self->family);
	struct tcphdr th;
	struct packet p;

	EXPECT_ERRNO(ECONNREFUSED, connect_to(fd, "127.0.0.1", 9));
	EXPECT_LE(40, get(raw, &p));
	memcpy(&th, p.data, sizeof(th));
	EXPECT_EQ(TH_SYN, th.th_flags & (TH_SYN | TH_ACK));
	EXPECT_EQ(htons(9), th.dest);
	EXPECT_EQ(40, get(raw, &p));
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

TEST_F(sock, an_unknown_protocol_is_refused_unless_somebody_listens)
{
	int icmp = raw_socket(self->family, IPPROTO_ICMP);
	int out = raw_socket(self->family, IPPROTO_RAW);
	struct packet p = {
		.ip = {
			.version = 4, .ihl = 5, .ttl = 9, .protocol = MINE,
			.daddr = htonl(INADDR_LOOPBACK),
		},
	};
	struct packet in;
	int fd;

	fd = raw_socket(self->family, MINE);
	p.ip.id = htons(1);
	ASSERT_EQ(28, send_to(out, "127.0.0.1", &p, 28));
	EXPECT_EQ(28, get(fd, &in));
	close(fd);
	p.ip.id = htons(2);
	ASSERT_EQ(28, send_to(out, "127.0.0.1", &p, 28));
	EXPECT_LE(20 + 8 + 28, get(icmp, &in));
	EXPECT_EQ(ICMP_DEST_UNREACH, in.data[0]);
	EXPECT_EQ(ICMP_PROT_UNREACH, in.data[1]);
	/* Of the second packet: id is in the fifth octet of the quote */
	EXPECT_EQ(2, in.data[8 + 5]);
	close(icmp);
	close(out);
}

TEST_F(sock, bound_it_hears_what_comes_there)
{
	int all = raw_socket(self->family, MINE);
	int fd = raw_socket(self->family, MINE);
	struct packet p;

	ASSERT_OK(bind_to(fd, "127.0.0.2", 0));
	ASSERT_EQ(1, send_to(all, "127.0.0.1", "1", 1));
	ASSERT_EQ(1, send_to(all, "127.0.0.2", "2", 1));
	EXPECT_EQ(21, get(fd, &p));
	EXPECT_EQ('2', p.data[0]);
	EXPECT_EQ(21, get(all, &p));
	EXPECT_EQ('1', p.data[0]);
	EXPECT_EQ(21, get(all, &p));
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
	EXPECT_EQ(21, get(all, &p));
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
	EXPECT_EQ(21, get(fd, &p));
	EXPECT_EQ('2', p.data[0]);
	EXPECT_EQ(1, send(fd, "3", 1, 0));
	EXPECT_EQ(21, get(two, &p));
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
	EXPECT_EQ(21, get(all, &p));
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

TEST_F(sock, what_raw_may_send)
{
	int fd = raw_socket(self->family, MINE);
	int icmp = raw_socket(self->family, IPPROTO_ICMP);
	struct sockaddr_in sin = lo(0);
	static char large[65536];

	EXPECT_ERRNO(EDESTADDRREQ, send(fd, "x", 1, 0));
	EXPECT_ERRNO(EMSGSIZE, sendto(fd, large, 65536, 0, SA(sin)));
	EXPECT_ERRNO(EMSGSIZE, sendto(fd, large, 65535, 0, SA(sin)));
	EXPECT_ERRNO(EOPNOTSUPP, sendto(fd, "x", 1, MSG_OOB, SA(sin)));
	EXPECT_ERRNO(EINVAL, sendto(fd, "x", 1, 0, (void *)&sin,
				    sizeof(sin) - 1));
	EXPECT_ERRNO(ENETUNREACH, send_to(fd, "192.0.2.1", "x", 1));
	/* Type and code are needed for the way. */
	EXPECT_ERRNO(EFAULT, sendto(icmp, "x", 1, 0, SA(sin)));
	EXPECT_EQ(2, sendto(icmp, "xx", 2, 0, SA(sin)));
	sin.sin_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, sendto(fd, "x", 1, 0, SA(sin)));
	sin.sin_family = AF_UNSPEC;
	EXPECT_EQ(1, sendto(fd, "x", 1, 0, SA(sin)));
	close(fd);
	close(icmp);
}

TEST_F(sock, the_largest_raw_packet)
{
	static char out[65515], in[65536];
	int fd = raw_socket(self->family, MINE);

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 3;
	ASSERT_EQ(sizeof(out), send_to(fd, "127.0.0.1", out, sizeof(out)));
	ASSERT_EQ(65535, recv(fd, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in + 20, out, sizeof(out)));
	close(fd);
}

TEST_F(sock, who_includes_the_header)
{
	int fd = raw_socket(self->family, MINE);
	int raw = raw_socket(self->family, IPPROTO_RAW);
	int udp = udp_socket(self->family);

	EXPECT_EQ(0, get_int(fd, IPPROTO_IP, IP_HDRINCL));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_HDRINCL, 5));
	EXPECT_EQ(1, get_int(fd, IPPROTO_IP, IP_HDRINCL));
	EXPECT_EQ(1, get_int(raw, IPPROTO_IP, IP_HDRINCL));
	ASSERT_OK(set_int(raw, IPPROTO_IP, IP_HDRINCL, 0));
	EXPECT_EQ(0, get_int(raw, IPPROTO_IP, IP_HDRINCL));
	EXPECT_EQ(0, get_int(udp, IPPROTO_IP, IP_HDRINCL));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(udp, IPPROTO_IP, IP_HDRINCL, 1));
	close(fd);
	close(raw);
	close(udp);
}

TEST_F(sock, what_the_kernel_fills_in)
{
	int out = raw_socket(self->family, IPPROTO_RAW);
	int in = raw_socket(self->family, MINE);
	struct packet p = {
		.ip = {
			.version = 4, .ihl = 5, .tos = 0x20, .ttl = 7,
			.tot_len = 1, .check = 1, .protocol = MINE,
			.daddr = htonl(INADDR_LOOPBACK),
		},
		.data = "text",
	};
	struct packet got;

	ASSERT_EQ(24, send_to(out, "127.0.0.1", &p, 24));
	ASSERT_EQ(24, get(in, &got));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), got.ip.saddr);
	EXPECT_EQ(htons(24), got.ip.tot_len);
	EXPECT_EQ(0, in_checksum(&got.ip, sizeof(got.ip)));
	EXPECT_EQ(0x20, got.ip.tos);
	EXPECT_EQ(7, got.ip.ttl);
	EXPECT_EQ(0, memcmp(got.data, "text", 4));
	/* A packet that is never cut needs no identification. */
	p.ip.frag_off = htons(0x4000);
	ASSERT_EQ(24, send_to(out, "127.0.0.1", &p, 24));
	ASSERT_EQ(24, get(in, &got));
	EXPECT_EQ(0, got.ip.id);
	EXPECT_EQ(htons(0x4000), got.ip.frag_off);
	close(out);
	close(in);
}

TEST_F(sock, identifications_are_filled_in)
{
	int out = raw_socket(self->family, IPPROTO_RAW);
	int in = raw_socket(self->family, MINE);
	struct packet p = {
		.ip = {
			.version = 4, .ihl = 5, .ttl = 7, .protocol = MINE,
			.daddr = htonl(INADDR_LOOPBACK),
		},
	};
	struct packet one, two;

	/* Either may be 0 by chance, not both. */
	ASSERT_EQ(24, send_to(out, "127.0.0.1", &p, 24));
	ASSERT_EQ(24, send_to(out, "127.0.0.1", &p, 24));
	ASSERT_EQ(24, get(in, &one));
	ASSERT_EQ(24, get(in, &two));
	EXPECT_NE(one.ip.id, two.ip.id);
	close(out);
	close(in);
}

TEST_F(sock, what_the_program_wrote_stays)
{
	int out = raw_socket(self->family, IPPROTO_RAW);
	int in = raw_socket(self->family, MINE);
	struct packet p = {
		.ip = {
			.version = 4, .ihl = 5, .ttl = 1, .protocol = MINE,
			.id = htons(0x1234), .saddr = inet_addr("127.0.0.9"),
			.daddr = inet_addr("127.0.0.5"),
		},
	};
	struct packet got;

	/* The way is that of the name, the header's that of the packet. */
	ASSERT_EQ(20, send_to(out, "127.0.0.1", &p, 20));
	ASSERT_EQ(20, get(in, &got));
	EXPECT_EQ(htons(0x1234), got.ip.id);
	EXPECT_EQ(inet_addr("127.0.0.9"), got.ip.saddr);
	EXPECT_EQ(inet_addr("127.0.0.5"), got.ip.daddr);
	EXPECT_EQ(1, got.ip.ttl);
	close(out);
	close(in);
}

TEST_F(sock, a_header_that_is_none)
{
	int fd = raw_socket(self->family, IPPROTO_RAW);
	struct packet p = {
		.ip = { .version = 4, .ihl = 5, .protocol = MINE },
	};

	EXPECT_ERRNO(EINVAL, send_to(fd, "127.0.0.1", &p, 0));
	EXPECT_ERRNO(EINVAL, send_to(fd, "127.0.0.1", &p, 19));
	p.ip.ihl = 4;
	EXPECT_ERRNO(EINVAL, send_to(fd, "127.0.0.1", &p, 40));
	p.ip.ihl = 15;
	EXPECT_ERRNO(EINVAL, send_to(fd, "127.0.0.1", &p, 59));
	p.ip.ihl = 6;
	EXPECT_ERRNO(EINVAL, send_to(fd, "127.0.0.1", &p, 23));
	EXPECT_ERRNO(EDESTADDRREQ, send(fd, &p, 40, 0));
	close(fd);
}

TEST_F(sock, ttl_and_tos_of_what_is_sent)
{
	int a = raw_socket(self->family, MINE);
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct sockaddr_in sin = lo(0);
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_name = &sin, .msg_namelen = sizeof(sin),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	struct packet p;

	ASSERT_OK(set_int(a, IPPROTO_IP, IP_TTL, 3));
	ASSERT_OK(set_int(a, IPPROTO_IP, IP_TOS, 0x10));
	ASSERT_EQ(1, send_to(a, "127.0.0.1", "x", 1));
	ASSERT_EQ(21, get(a, &p));
	EXPECT_EQ(3, p.ip.ttl);
	EXPECT_EQ(0x10, p.ip.tos);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_TTL;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	*(int *)CMSG_DATA(c) = 99;
	ASSERT_EQ(1, sendmsg(a, &msg, 0));
	ASSERT_EQ(21, get(a, &p));
	EXPECT_EQ(99, p.ip.ttl);
	close(a);
}

TEST_F(sock, control_messages_of_a_raw_packet)
{
	int fd = raw_socket(self->family, MINE);
	union {
		char buf[256];
		struct cmsghdr align;
	} control;
	struct packet p;
	struct iovec iov = { &p, sizeof(p) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct in_pktinfo *info;

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVTTL, 1));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_PKTINFO, 1));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_TTL, 17));
	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1));
	ASSERT_EQ(1, send_to(fd, "127.0.0.5", "x", 1));
	ASSERT_EQ(21, recvmsg(fd, &msg, 0));
	ASSERT_NE(NULL, find_cmsg(&msg, IPPROTO_IP, IP_TTL));
	EXPECT_EQ(17, *(int *)find_cmsg(&msg, IPPROTO_IP, IP_TTL));
	info = find_cmsg(&msg, IPPROTO_IP, IP_PKTINFO);
	ASSERT_NE(NULL, info);
	EXPECT_EQ(1, info->ipi_ifindex);
	EXPECT_EQ(inet_addr("127.0.0.5"), info->ipi_addr.s_addr);
	EXPECT_EQ(inet_addr("127.0.0.5"), info->ipi_spec_dst.s_addr);
	EXPECT_NE(NULL, find_cmsg(&msg, SOL_SOCKET, SCM_TIMESTAMPNS));
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
	EXPECT_EQ(21, get(fd, &p));
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
	EXPECT_EQ(22, get(fd, &p));
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

TEST_F(sock, only_a_connected_one_hears_of_errors)
{
	int one = raw_socket(self->family, IPPROTO_UDP);
	int two = raw_socket(self->family, IPPROTO_UDP);
	struct udphdr uh = { .source = htons(9), .dest = htons(9),
			     .len = htons(8) };

	/* Nobody has port 9. */
	ASSERT_OK(connect_to(two, "127.0.0.1", 0));
	ASSERT_EQ(8, send(two, &uh, 8, 0));
	EXPECT_EQ(POLLERR, poll_for(two, POLLPRI, LONG_MS) & POLLERR);
	EXPECT_EQ(ECONNREFUSED, so_error(two));
	EXPECT_EQ(0, so_error(two));
	EXPECT_EQ(0, so_error(one));
	close(one);
	close(two);
}

TEST_F(sock, an_error_is_told_by_recv)
{
	struct udphdr uh = { .source = htons(9), .dest = htons(9),
			     .len = htons(8) };
	int udp = raw_socket(self->family, IPPROTO_UDP);

	ASSERT_OK(connect_to(udp, "127.0.0.1", 0));
	ASSERT_EQ(8, send(udp, &uh, 8, 0));
	EXPECT_NE(0, poll_for(udp, POLLPRI, LONG_MS) & POLLERR);
	/* Who sends learns nothing; who receives does. */
	EXPECT_EQ(8, send(udp, &uh, 8, 0));
	EXPECT_ERRNO(ECONNREFUSED, recv(udp, &uh, 8, MSG_DONTWAIT));
	close(udp);
}

TEST_F(sock, raw_bound_to_a_device)
{
	int fd = raw_socket(self->family, MINE);
	struct packet p;

	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	ASSERT_EQ(1, send_to(fd, "127.0.0.1", "x", 1));
	EXPECT_EQ(21, get(fd, &p));
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

TEST_F(sock, protocol_255_is_one_of_them)
{
	int out = raw_socket(self->family, IPPROTO_RAW);
	struct packet p = {
		.ip = {
			.version = 4, .ihl = 5, .ttl = 9, .protocol = 255,
			.daddr = htonl(INADDR_LOOPBACK),
		},
	}, got;

	ASSERT_EQ(28, send_to(out, "127.0.0.1", &p, 28));
	p.ip.protocol = MINE;
	ASSERT_EQ(28, send_to(out, "127.0.0.1", &p, 28));
	EXPECT_EQ(28, get(out, &got));
	EXPECT_EQ(255, got.ip.protocol);
	EXPECT_TRUE(silent(out));
	close(out);
}

TEST_F(sock, raw_errors_come_to_the_error_queue)
{
	int icmp = raw_socket(self->family, IPPROTO_ICMP);
	int fd = raw_socket(self->family, MINE);
	int own = raw_socket(self->family, MINE);
	struct entry entry;

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVERR, 1));
	ASSERT_OK(set_int(own, IPPROTO_IP, IP_RECVERR, 1));
	ASSERT_OK(set_int(own, IPPROTO_IP, IP_HDRINCL, 1));
	ASSERT_LT(0, send_error(icmp, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0,
				MINE, 9, "what was sent", 13));
	EXPECT_NE(0, poll_for(fd, POLLPRI, LONG_MS) & POLLERR);
	ASSERT_TRUE(read_entry(fd, &entry));
	EXPECT_EQ(ECONNREFUSED, entry.ee.ee_errno);
	EXPECT_EQ(SO_EE_ORIGIN_ICMP, entry.ee.ee_origin);
	EXPECT_EQ(ICMP_DEST_UNREACH, entry.ee.ee_type);
	EXPECT_EQ(ICMP_PORT_UNREACH, entry.ee.ee_code);
	EXPECT_EQ(inet_addr("127.0.0.9"), entry.name.sin_addr.s_addr);
	EXPECT_EQ(13, entry.len);
	EXPECT_EQ(0, memcmp(entry.data, "what was sent", 13));
	/* Who writes headers is shown them. */
	EXPECT_NE(0, poll_for(own, POLLPRI, LONG_MS) & POLLERR);
	ASSERT_TRUE(read_entry(own, &entry));
	EXPECT_EQ(20 + 13, entry.len);
	EXPECT_EQ(0x45, entry.data[0]);
	EXPECT_EQ(0, memcmp(entry.data + 20, "what was sent", 13));
	close(icmp);
	close(fd);
	close(own);
}

TEST_F(sock, raw_errors_of_others)
{
	int icmp = raw_socket(self->family, IPPROTO_ICMP);
	int bound = raw_socket(self->family, MINE);
	int peer = raw_socket(self->family, MINE);
	int all = raw_socket(self->family, MINE);
	struct entry entry;

	ASSERT_OK(set_int(bound, IPPROTO_IP, IP_RECVERR, 1));
	ASSERT_OK(set_int(peer, IPPROTO_IP, IP_RECVERR, 1));
	ASSERT_OK(set_int(all, IPPROTO_IP, IP_RECVERR, 1));
	ASSERT_OK(bind_to(bound, "127.0.0.2", 0));
	ASSERT_OK(connect_to(peer, "127.0.0.3", 0));
	ASSERT_LT(0, send_error(icmp, ICMP_TIME_EXCEEDED, 0, 0, MINE, 9,
				"12345678", 8));
	ASSERT_LT(0, send_error(icmp, ICMP_TIME_EXCEEDED, 0, 0, MINE + 1, 9,
				"12345678", 8));
	ASSERT_LT(0, send_error(icmp, ICMP_DEST_UNREACH, 1, 0, MINE, 3,
				"12345678", 8));
	EXPECT_NE(0, poll_for(peer, POLLPRI, LONG_MS) & POLLERR);
	ASSERT_TRUE(read_entry(peer, &entry));
	EXPECT_EQ(1, entry.ee.ee_code);
	EXPECT_FALSE(read_entry(peer, &entry));
	EXPECT_FALSE(read_entry(bound, &entry));
	ASSERT_TRUE(read_entry(all, &entry));
	EXPECT_EQ(0, entry.ee.ee_code);
	ASSERT_TRUE(read_entry(all, &entry));
	EXPECT_EQ(1, entry.ee.ee_code);
	EXPECT_FALSE(read_entry(all, &entry));
	close(icmp);
	close(bound);
	close(peer);
	close(all);
}

TEST_F(sock, a_raw_packet_that_is_too_large_is_a_local_error)
{
	static char large[65530];
	int fd = raw_socket(self->family, MINE);
	struct entry entry;

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVERR, 1));
	EXPECT_ERRNO(EMSGSIZE, send_to(fd, "127.0.0.1", large, sizeof(large)));
	ASSERT_TRUE(read_entry(fd, &entry));
	EXPECT_EQ(EMSGSIZE, entry.ee.ee_errno);
	EXPECT_EQ(SO_EE_ORIGIN_LOCAL, entry.ee.ee_origin);
	EXPECT_EQ(65535, entry.ee.ee_info);
	close(fd);
}

TEST_F(sock, errors_are_messages_too)
{
	int icmp = raw_socket(self->family, IPPROTO_ICMP);
	int fd = udp_socket(self->family);
	struct packet p;
	char byte;

	/* The host's own error to itself is a packet that raw sockets see. */
	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	ASSERT_OK(connect_to(fd, "127.0.0.1", 9));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_ERRNO(ECONNREFUSED, recv(fd, &byte, 1, 0));
	EXPECT_EQ(20 + 8 + 29, get(icmp, &p));
	EXPECT_EQ(0xc0, p.ip.tos);
	EXPECT_EQ(ICMP_DEST_UNREACH, p.data[0]);
	EXPECT_EQ(ICMP_PORT_UNREACH, p.data[1]);
	close(icmp);
	close(fd);
}

TEST_HARNESS_MAIN
