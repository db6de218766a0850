// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that a program sends by SOCK_RAW, with a header of the kernel's or of
 * its own, and the errors that come back.
 */
#include <netinet/udp.h>

#include "icmp.h"

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
	EXPECT_EQ(28, get_packet(fd, &in));
	close(fd);
	p.ip.id = htons(2);
	ASSERT_EQ(28, send_to(out, "127.0.0.1", &p, 28));
	EXPECT_LE(20 + 8 + 28, get_packet(icmp, &in));
	EXPECT_EQ(ICMP_DEST_UNREACH, in.data[0]);
	EXPECT_EQ(ICMP_PROT_UNREACH, in.data[1]);
	/* Of the second packet: id is in the fifth octet of the quote */
	EXPECT_EQ(2, in.data[8 + 5]);
	close(icmp);
	close(out);
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
	ASSERT_EQ(24, get_packet(in, &got));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), got.ip.saddr);
	EXPECT_EQ(htons(24), got.ip.tot_len);
	EXPECT_EQ(0, in_checksum(&got.ip, sizeof(got.ip)));
	EXPECT_EQ(0x20, got.ip.tos);
	EXPECT_EQ(7, got.ip.ttl);
	EXPECT_EQ(0, memcmp(got.data, "text", 4));
	/* A packet that is never cut needs no identification. */
	p.ip.frag_off = htons(0x4000);
	ASSERT_EQ(24, send_to(out, "127.0.0.1", &p, 24));
	ASSERT_EQ(24, get_packet(in, &got));
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
	ASSERT_EQ(24, get_packet(in, &one));
	ASSERT_EQ(24, get_packet(in, &two));
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
	ASSERT_EQ(20, get_packet(in, &got));
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
	ASSERT_EQ(21, get_packet(a, &p));
	EXPECT_EQ(3, p.ip.ttl);
	EXPECT_EQ(0x10, p.ip.tos);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_TTL;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	*(int *)CMSG_DATA(c) = 99;
	ASSERT_EQ(1, sendmsg(a, &msg, 0));
	ASSERT_EQ(21, get_packet(a, &p));
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
	EXPECT_EQ(28, get_packet(out, &got));
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
	struct packet p;

	/* The host's own error to itself is a packet that raw sockets see. */
	ASSERT_TRUE(udp_refused(self->family));
	EXPECT_EQ(20 + 8 + 29, get_packet(icmp, &p));
	EXPECT_EQ(0xc0, p.ip.tos);
	EXPECT_EQ(ICMP_DEST_UNREACH, p.data[0]);
	EXPECT_EQ(ICMP_PORT_UNREACH, p.data[1]);
	close(icmp);
}

TEST_HARNESS_MAIN
