// SPDX-License-Identifier: GPL-2.0
/*
 * What a program sees of control messages of datagrams, both ways.
 */
#include <time.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <stdint.h>

#include "dgram.h"

static bool stamp_is_set(const struct timespec *ts)
{
	return ts->tv_sec > 0;
}

TEST_F(sock, nothing_is_told_unasked)
{
	struct flow f = flow_open(self->family);
	struct dgram d;
	char byte;

	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1, 0));
	EXPECT_EQ(0, dgram_controls(&d));
	EXPECT_EQ(0, d.msg.msg_controllen);
	EXPECT_EQ(0, d.msg.msg_flags);
	flow_close(&f);
}

TEST_F(sock, recvttl_tells_the_ttl)
{
	struct flow f = flow_open(self->family);
	struct dgram d;
	char byte;

	ASSERT_OK(set_int(f.to, IPPROTO_IP, IP_RECVTTL, 1));
	ASSERT_OK(set_int(f.from, IPPROTO_IP, IP_TTL, 3));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1, 0));
	EXPECT_EQ(3, dgram_told_int(&d, IPPROTO_IP, IP_TTL));
	EXPECT_EQ(1, dgram_controls(&d));
	flow_close(&f);
}

TEST_F(sock, recvtos_tells_one_octet)
{
	struct flow f = flow_open(self->family);
	struct dgram d;
	uint8_t tos = 0;
	char byte;

	ASSERT_OK(set_int(f.to, IPPROTO_IP, IP_RECVTOS, 1));
	ASSERT_OK(set_int(f.from, IPPROTO_IP, IP_TOS, 0xb8));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1, 0));
	EXPECT_EQ(1, dgram_told(&d, IPPROTO_IP, IP_TOS, &tos, 1));
	EXPECT_EQ(0xb8, tos);
	flow_close(&f);
}

TEST_F(sock, ecn_bits_are_the_programs)
{
	struct flow f = flow_open(self->family);
	struct dgram d;
	uint8_t tos = 0;
	char byte;

	ASSERT_OK(set_int(f.to, IPPROTO_IP, IP_RECVTOS, 1));
	ASSERT_OK(set_int(f.from, IPPROTO_IP, IP_TOS, 0x03));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1, 0));
	EXPECT_EQ(1, dgram_told(&d, IPPROTO_IP, IP_TOS, &tos, 1));
	EXPECT_EQ(0x03, tos);
	flow_close(&f);
}

TEST_F(sock, pktinfo_tells_address_and_device)
{
	int to = udp_bound(self->family, "0.0.0.0");
	struct sockaddr_in sin = name_of("127.9.8.7", local_port(to));
	int from = udp_socket(self->family);
	struct in_pktinfo info = {};
	struct dgram d;
	char byte;

	ASSERT_OK(set_int(to, IPPROTO_IP, IP_PKTINFO, 1));
	EXPECT_EQ(1, sendto(from, "x", 1, 0, SA(sin)));
	EXPECT_EQ(1, dgram_recv(to, &d, &byte, 1, 0));
	EXPECT_EQ(sizeof(info), dgram_told(&d, IPPROTO_IP, IP_PKTINFO, &info,
					   sizeof(info)));
	EXPECT_EQ(1, info.ipi_ifindex);
	EXPECT_EQ(inet_addr("127.9.8.7"), info.ipi_addr.s_addr);
	EXPECT_EQ(inet_addr("127.9.8.7"), info.ipi_spec_dst.s_addr);
	close(from);
	close(to);
}

TEST_F(sock, origdstaddr_tells_address_and_port)
{
	int to = udp_bound(self->family, "0.0.0.0");
	struct sockaddr_in sin = name_of("127.9.8.7", local_port(to));
	int from = udp_socket(self->family);
	struct sockaddr_in told = {};
	struct dgram d;
	char byte;

	ASSERT_OK(set_int(to, IPPROTO_IP, IP_RECVORIGDSTADDR, 1));
	EXPECT_EQ(1, get_int(to, IPPROTO_IP, IP_RECVORIGDSTADDR));
	EXPECT_EQ(1, sendto(from, "x", 1, 0, SA(sin)));
	EXPECT_EQ(1, dgram_recv(to, &d, &byte, 1, 0));
	EXPECT_EQ(sizeof(told), dgram_told(&d, IPPROTO_IP, IP_ORIGDSTADDR,
					   &told, sizeof(told)));
	EXPECT_EQ(AF_INET, told.sin_family);
	EXPECT_EQ(sin.sin_addr.s_addr, told.sin_addr.s_addr);
	EXPECT_EQ(sin.sin_port, told.sin_port);
	close(from);
	close(to);
}

TEST_F(sock, messages_come_in_linux_order)
{
	static const int order[] = { IP_PKTINFO, IP_TTL, IP_TOS,
				     IP_ORIGDSTADDR };
	struct flow f = flow_open(self->family);
	struct dgram d;
	char byte;
	int i = 0;

	ASSERT_OK(set_int(f.to, IPPROTO_IP, IP_RECVORIGDSTADDR, 1));
	ASSERT_OK(set_int(f.to, IPPROTO_IP, IP_RECVTOS, 1));
	ASSERT_OK(set_int(f.to, IPPROTO_IP, IP_RECVTTL, 1));
	ASSERT_OK(set_int(f.to, IPPROTO_IP, IP_PKTINFO, 1));
	ASSERT_OK(set_int(f.to, SOL_SOCKET, SO_TIMESTAMP, 1));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1, 0));
	ASSERT_EQ(5, dgram_controls(&d));
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&d.msg); c;
	     c = CMSG_NXTHDR(&d.msg, c), i++) {
		EXPECT_EQ(i ? order[i - 1] : SOL_SOCKET,
			  i ? c->cmsg_type : c->cmsg_level);
	}
	flow_close(&f);
}

TEST_F(sock, a_peek_tells_them_too)
{
	struct flow f = flow_open(self->family);
	struct dgram d;
	char byte;

	ASSERT_OK(set_int(f.to, IPPROTO_IP, IP_RECVTTL, 1));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1,
					i ? 0 : MSG_PEEK));
		EXPECT_EQ(64, dgram_told_int(&d, IPPROTO_IP, IP_TTL));
	}
	flow_close(&f);
}

TEST_F(sock, without_room_they_are_cut)
{
	struct flow f = flow_open(self->family);
	struct dgram d;
	char byte;

	ASSERT_OK(set_int(f.to, IPPROTO_IP, IP_PKTINFO, 1));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	dgram_init(&d, &byte, 1);
	d.msg.msg_control = d.control;
	d.msg.msg_controllen = CMSG_LEN(4);
	EXPECT_EQ(1, recvmsg(f.to, &d.msg, 0));
	EXPECT_EQ(MSG_CTRUNC, d.msg.msg_flags);
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	dgram_init(&d, &byte, 1);
	EXPECT_EQ(1, recvmsg(f.to, &d.msg, 0));
	EXPECT_EQ(MSG_CTRUNC, d.msg.msg_flags);
	flow_close(&f);
}

TEST_F(sock, timestamp_in_microseconds)
{
	struct flow f = flow_open(self->family);
	struct timeval tv = {};
	struct dgram d;
	char byte;

	ASSERT_OK(set_int(f.to, SOL_SOCKET, SO_TIMESTAMP, 1));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1, 0));
	EXPECT_EQ(sizeof(tv), dgram_told(&d, SOL_SOCKET, SCM_TIMESTAMP, &tv,
					 sizeof(tv)));
	EXPECT_LT(0, tv.tv_sec);
	flow_close(&f);
}

TEST_F(sock, timestamp_in_nanoseconds)
{
	struct flow f = flow_open(self->family);
	struct timespec ts = {};
	struct dgram d;
	char byte;

	ASSERT_OK(set_int(f.to, SOL_SOCKET, SO_TIMESTAMPNS, 1));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1, 0));
	EXPECT_EQ(sizeof(ts), dgram_told(&d, SOL_SOCKET, SCM_TIMESTAMPNS, &ts,
					 sizeof(ts)));
	EXPECT_TRUE(stamp_is_set(&ts));
	flow_close(&f);
}

TEST_F(sock, timestamps_follow_arrival)
{
	struct flow f = flow_open(self->family);
	struct timespec ts[2] = {};
	struct dgram d;
	char byte;

	ASSERT_OK(set_int(f.to, SOL_SOCKET, SO_TIMESTAMPNS, 1));
	/* Both arrive before the first is read. */
	EXPECT_EQ(1, send(f.from, "1", 1, 0));
	EXPECT_EQ(2, send(f.from, "22", 2, 0));
	ASSERT_TRUE(wait_unread(f.to, 1));
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1, 0));
		dgram_told(&d, SOL_SOCKET, SCM_TIMESTAMPNS, &ts[i],
			   sizeof(ts[i]));
		EXPECT_TRUE(stamp_is_set(&ts[i]));
	}
	EXPECT_TRUE(ts[1].tv_sec > ts[0].tv_sec ||
		    (ts[1].tv_sec == ts[0].tv_sec &&
		     ts[1].tv_nsec >= ts[0].tv_nsec));
	flow_close(&f);
}

TEST_F(sock, timestamping_of_software)
{
	struct flow f = flow_open(self->family);
	struct scm_timestamping stamps = {};
	long end = now_ms() + LONG_MS;
	struct dgram d;
	char byte;
	int len;

	ASSERT_OK(set_int(f.to, SOL_SOCKET, SO_TIMESTAMPING,
			  SOF_TIMESTAMPING_RX_SOFTWARE |
			  SOF_TIMESTAMPING_SOFTWARE));
	/* The kernel may switch stamps on a little later. */
	do {
		EXPECT_EQ(1, send(f.from, "x", 1, 0));
		EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1, 0));
		len = dgram_told(&d, SOL_SOCKET, SCM_TIMESTAMPING, &stamps,
				 sizeof(stamps));
	} while (len < 0 && now_ms() < end);
	EXPECT_EQ(sizeof(stamps), len);
	EXPECT_TRUE(stamp_is_set((void *)&stamps.ts[0]));
	EXPECT_FALSE(stamp_is_set((void *)&stamps.ts[2]));
	flow_close(&f);
}

TEST_F(sock, siocgstamp_tells_the_last)
{
	struct flow f = flow_open(self->family);
	struct timeval tv = {};
	char byte;

	/* The first call switches stamps on. */
	EXPECT_ERRNO(ENOENT, ioctl(f.to, SIOCGSTAMP, &tv));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, recv(f.to, &byte, 1, 0));
	EXPECT_ERRNO(0, ioctl(f.to, SIOCGSTAMP, &tv));
	EXPECT_LT(0, tv.tv_sec);
	flow_close(&f);
}

TEST_F(sock, rxq_ovfl_counts_what_was_lost)
{
	struct flow f = flow_open(self->family);
	static char block[1000];
	uint32_t lost = 0;
	struct dgram d;

	ASSERT_OK(set_int(f.to, SOL_SOCKET, SO_RXQ_OVFL, 1));
	ASSERT_OK(set_int(f.to, SOL_SOCKET, SO_RCVBUF, 4096));
	for (int i = 0; i < 100; i++)
		EXPECT_EQ(sizeof(block), send(f.from, block, sizeof(block), 0));
	while (recv(f.to, block, sizeof(block), MSG_DONTWAIT) > 0)
		;
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, dgram_recv(f.to, &d, block, 1, 0));
	EXPECT_EQ(sizeof(lost), dgram_told(&d, SOL_SOCKET, SO_RXQ_OVFL, &lost,
					   sizeof(lost)));
	EXPECT_LT(50, lost);
	EXPECT_GT(100, lost);
	flow_close(&f);
}

TEST_F(sock, a_ttl_for_one_datagram)
{
	struct flow f = flow_open(self->family);
	struct dgram d;
	char byte;

	ASSERT_OK(set_int(f.to, IPPROTO_IP, IP_RECVTTL, 1));
	dgram_init(&d, "x", 1);
	dgram_ask_int(&d, IPPROTO_IP, IP_TTL, 5);
	EXPECT_EQ(1, sendmsg(f.from, &d.msg, 0));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1, 0));
	EXPECT_EQ(5, dgram_told_int(&d, IPPROTO_IP, IP_TTL));
	EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1, 0));
	EXPECT_EQ(64, dgram_told_int(&d, IPPROTO_IP, IP_TTL));
	flow_close(&f);
}

TEST_F(sock, a_ttl_out_of_range)
{
	static const int bad[] = { 0, 256, -1 };
	struct flow f = flow_open(self->family);
	uint8_t octet = 5;
	struct dgram d;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		dgram_init(&d, "x", 1);
		dgram_ask_int(&d, IPPROTO_IP, IP_TTL, bad[i]);
		EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	}
	dgram_init(&d, "x", 1);
	dgram_ask(&d, IPPROTO_IP, IP_TTL, &octet, 1);
	EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	flow_close(&f);
}

TEST_F(sock, a_tos_for_one_datagram)
{
	struct flow f = flow_open(self->family);
	uint8_t octet = 0x88, tos = 0;
	struct dgram d;
	char byte;

	ASSERT_OK(set_int(f.to, IPPROTO_IP, IP_RECVTOS, 1));
	dgram_init(&d, "x", 1);
	dgram_ask(&d, IPPROTO_IP, IP_TOS, &octet, 1);
	EXPECT_EQ(1, sendmsg(f.from, &d.msg, 0));
	dgram_init(&d, "x", 1);
	dgram_ask_int(&d, IPPROTO_IP, IP_TOS, 0x20);
	EXPECT_EQ(1, sendmsg(f.from, &d.msg, 0));
	EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1, 0));
	dgram_told(&d, IPPROTO_IP, IP_TOS, &tos, 1);
	EXPECT_EQ(0x88, tos);
	EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1, 0));
	dgram_told(&d, IPPROTO_IP, IP_TOS, &tos, 1);
	EXPECT_EQ(0x20, tos);
	flow_close(&f);
}

TEST_F(sock, a_tos_out_of_range)
{
	struct flow f = flow_open(self->family);
	struct dgram d;

	dgram_init(&d, "x", 1);
	dgram_ask_int(&d, IPPROTO_IP, IP_TOS, 256);
	EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	dgram_init(&d, "x", 1);
	dgram_ask_int(&d, IPPROTO_IP, IP_TOS, -1);
	EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	flow_close(&f);
}

TEST_F(sock, pktinfo_chooses_the_source)
{
	struct in_pktinfo info = {
		.ipi_spec_dst.s_addr = inet_addr("127.0.0.8"),
	};
	int to = udp_bound(self->family, "127.0.0.1");
	int from = udp_bound(self->family, "0.0.0.0");
	struct sockaddr_in sin = lo(local_port(to));
	struct dgram d;
	char byte;

	dgram_init(&d, "x", 1);
	d.msg.msg_name = &sin;
	d.msg.msg_namelen = sizeof(sin);
	dgram_ask(&d, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	EXPECT_EQ(1, sendmsg(from, &d.msg, 0));
	EXPECT_EQ(1, dgram_recv(to, &d, &byte, 1, 0));
	EXPECT_EQ(info.ipi_spec_dst.s_addr, d.name.sin_addr.s_addr);
	close(from);
	close(to);
}

TEST_F(sock, pktinfo_that_is_refused)
{
	struct flow f = flow_open(self->family);
	struct in_pktinfo info = {
		.ipi_spec_dst.s_addr = inet_addr("192.0.2.1"),
	};
	struct dgram d;

	/* Nobody's address. */
	dgram_init(&d, "x", 1);
	dgram_ask(&d, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	EXPECT_ERRNO(ENETUNREACH, sendmsg(f.from, &d.msg, 0));
	/* Cut short. */
	dgram_init(&d, "x", 1);
	dgram_ask(&d, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info) - 1);
	EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	/* No such device. */
	info.ipi_spec_dst.s_addr = 0;
	info.ipi_ifindex = 987654;
	dgram_init(&d, "x", 1);
	dgram_ask(&d, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	EXPECT_ERRNO(ENODEV, sendmsg(f.from, &d.msg, 0));
	info.ipi_ifindex = -1;
	dgram_init(&d, "x", 1);
	dgram_ask(&d, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	EXPECT_ERRNO(ENODEV, sendmsg(f.from, &d.msg, 0));
	flow_close(&f);
}

TEST_F(sock, unknown_messages)
{
	struct flow f = flow_open(self->family);
	struct dgram d;
	char byte;

	dgram_init(&d, "x", 1);
	dgram_ask_int(&d, IPPROTO_IP, 9999, 1);
	EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	dgram_init(&d, "x", 1);
	dgram_ask_int(&d, SOL_SOCKET, 9999, 1);
	EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	dgram_init(&d, "x", 1);
	dgram_ask_int(&d, SOL_UDP, 9999, 1);
	EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	/* Another level's are for others to read. */
	dgram_init(&d, "y", 1);
	dgram_ask_int(&d, IPPROTO_TCP, 1, 1);
	EXPECT_EQ(1, sendmsg(f.from, &d.msg, 0));
	EXPECT_EQ(1, recv(f.to, &byte, 1, 0));
	EXPECT_EQ('y', byte);
	flow_close(&f);
}

TEST_F(sock, a_message_longer_than_all)
{
	struct flow f = flow_open(self->family);
	struct dgram d;

	dgram_init(&d, "x", 1);
	dgram_ask_int(&d, IPPROTO_IP, IP_TTL, 5);
	((struct cmsghdr *)d.control)->cmsg_len = 400;
	EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	((struct cmsghdr *)d.control)->cmsg_len = 3;
	EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	flow_close(&f);
}

TEST_F(sock, a_mark_for_one_datagram)
{
	struct flow f = flow_open(self->family);
	const uint16_t half = 7;
	struct dgram d;
	char byte;

	dgram_init(&d, "x", 1);
	dgram_ask_int(&d, SOL_SOCKET, SO_MARK, 7);
	EXPECT_EQ(1, sendmsg(f.from, &d.msg, 0));
	EXPECT_EQ(1, recv(f.to, &byte, 1, 0));
	dgram_init(&d, "x", 1);
	dgram_ask(&d, SOL_SOCKET, SO_MARK, &half, sizeof(half));
	EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	flow_close(&f);
}

#ifndef SO_RCVMARK
#define SO_RCVMARK	75
#endif

TEST_F(sock, rcvmark_tells_the_senders_mark)
{
	struct flow f = flow_open(self->family);
	struct dgram d;
	char byte;

	ASSERT_OK(set_int(f.to, SOL_SOCKET, SO_RCVMARK, 1));
	ASSERT_OK(set_int(f.from, SOL_SOCKET, SO_MARK, 77));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, dgram_recv(f.to, &d, &byte, 1, 0));
	EXPECT_EQ(77, dgram_told_int(&d, SOL_SOCKET, SO_MARK));
	flow_close(&f);
}

TEST_F(sock, txtime_needs_its_option)
{
	struct flow f = flow_open(self->family);
	struct sock_txtime option = { .clockid = CLOCK_MONOTONIC };
	uint64_t when = 1;
	struct dgram d;
	char byte;

	dgram_init(&d, "x", 1);
	dgram_ask(&d, SOL_SOCKET, SCM_TXTIME, &when, sizeof(when));
	EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	ASSERT_OK(setsockopt(f.from, SOL_SOCKET, SO_TXTIME, &option,
			     sizeof(option)));
	EXPECT_EQ(1, sendmsg(f.from, &d.msg, 0));
	EXPECT_EQ(1, recv(f.to, &byte, 1, 0));
	flow_close(&f);
}

TEST_F(sock, timestamping_messages_that_are_malformed)
{
	struct flow f = flow_open(self->family);
	struct dgram d;

	/* Of receiving, for something sent. */
	dgram_init(&d, "x", 1);
	dgram_ask_int(&d, SOL_SOCKET, SO_TIMESTAMPING,
		      SOF_TIMESTAMPING_RX_SOFTWARE);
	EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	flow_close(&f);
}

TEST_HARNESS_MAIN
