// SPDX-License-Identifier: GPL-2.0
/*
 * What a program sees of datagrams that are collected (MSG_MORE, UDP_CORK), cut
 * (UDP_SEGMENT) and received together (UDP_GRO).
 */
#include <stdint.h>
#include <sys/sendfile.h>

#include "dgram.h"

#define NOTHING(fd) do {						\
	char byte_;							\
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte_, 1, MSG_DONTWAIT));	\
} while (0)

TEST_F(sock, more_collects_one_datagram)
{
	struct flow f = flow_open(self->family);
	char buf[16];

	EXPECT_EQ(3, send(f.from, "abc", 3, MSG_MORE));
	EXPECT_EQ(2, send(f.from, "de", 2, MSG_MORE));
	NOTHING(f.to);
	EXPECT_EQ(1, send(f.from, "f", 1, 0));
	EXPECT_EQ(6, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "abcdef", 6));
	NOTHING(f.to);
	flow_close(&f);
}

TEST_F(sock, an_empty_send_ends_more)
{
	struct flow f = flow_open(self->family);
	char buf[16];

	EXPECT_EQ(3, send(f.from, "abc", 3, MSG_MORE));
	EXPECT_EQ(0, send(f.from, "", 0, 0));
	EXPECT_EQ(3, recv(f.to, buf, sizeof(buf), 0));
	NOTHING(f.to);
	flow_close(&f);
}

TEST_F(sock, an_empty_first_part_is_a_datagram)
{
	struct flow f = flow_open(self->family);
	char buf[16];

	EXPECT_EQ(0, send(f.from, "", 0, MSG_MORE));
	EXPECT_EQ(0, send(f.from, "", 0, 0));
	EXPECT_EQ(0, recv(f.to, buf, sizeof(buf), 0));
	NOTHING(f.to);
	flow_close(&f);
}

TEST_F(sock, cork_holds_until_it_is_pulled)
{
	struct flow f = flow_open(self->family);
	char buf[16];

	ASSERT_OK(set_int(f.from, SOL_UDP, UDP_CORK, 1));
	EXPECT_EQ(1, get_int(f.from, SOL_UDP, UDP_CORK));
	EXPECT_EQ(3, send(f.from, "abc", 3, 0));
	EXPECT_EQ(3, write(f.from, "def", 3));
	NOTHING(f.to);
	ASSERT_OK(set_int(f.from, SOL_UDP, UDP_CORK, 0));
	EXPECT_EQ(0, get_int(f.from, SOL_UDP, UDP_CORK));
	EXPECT_EQ(6, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "abcdef", 6));
	flow_close(&f);
}

TEST_F(sock, cork_of_nothing_sends_nothing)
{
	struct flow f = flow_open(self->family);
	char octet;

	ASSERT_OK(set_int(f.from, SOL_UDP, UDP_CORK, 1));
	ASSERT_OK(set_int(f.from, SOL_UDP, UDP_CORK, 0));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, recv(f.to, &octet, 1, 0));
	NOTHING(f.to);
	flow_close(&f);
}

TEST_F(sock, any_value_corks)
{
	struct flow f = flow_open(self->family);

	ASSERT_OK(set_int(f.from, SOL_UDP, UDP_CORK, -5));
	EXPECT_EQ(1, get_int(f.from, SOL_UDP, UDP_CORK));
	flow_close(&f);
}

TEST_F(sock, what_is_corked_counts_as_unsent)
{
	struct flow f = flow_open(self->family);
	int n = -1;

	ASSERT_OK(ioctl(f.from, TIOCOUTQ, &n));
	EXPECT_EQ(0, n);
	EXPECT_EQ(3, send(f.from, "abc", 3, MSG_MORE));
	ASSERT_OK(ioctl(f.from, TIOCOUTQ, &n));
	EXPECT_LT(3, n);
	flow_close(&f);
}

TEST_F(sock, the_first_part_says_where_to)
{
	struct flow f = flow_open(self->family);
	int other = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(other));
	char buf[8];

	EXPECT_EQ(1, sendto(f.from, "a", 1, MSG_MORE, SA(sin)));
	EXPECT_EQ(1, send(f.from, "b", 1, 0));
	EXPECT_EQ(2, recv(other, buf, sizeof(buf), 0));
	EXPECT_EQ(1, send(f.from, "c", 1, MSG_MORE));
	/* A name that would be refused is not even looked at. */
	sin.sin_port = 0;
	EXPECT_EQ(1, sendto(f.from, "d", 1, 0, SA(sin)));
	EXPECT_EQ(2, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "cd", 2));
	close(other);
	flow_close(&f);
}

TEST_F(sock, the_first_part_says_how)
{
	struct flow f = flow_open(self->family);
	struct dgram d;
	char buf[8];

	ASSERT_OK(set_int(f.to, IPPROTO_IP, IP_RECVTTL, 1));
	dgram_init(&d, "a", 1);
	dgram_ask_int(&d, IPPROTO_IP, IP_TTL, 7);
	EXPECT_EQ(1, sendmsg(f.from, &d.msg, MSG_MORE));
	dgram_init(&d, "b", 1);
	dgram_ask_int(&d, IPPROTO_IP, IP_TTL, 9);
	EXPECT_EQ(1, sendmsg(f.from, &d.msg, 0));
	EXPECT_EQ(2, dgram_recv(f.to, &d, buf, sizeof(buf), 0));
	EXPECT_EQ(7, dgram_told_int(&d, IPPROTO_IP, IP_TTL));
	flow_close(&f);
}

TEST_F(sock, parts_may_be_of_any_size)
{
	static char out[65507], in[65536];
	struct flow f = flow_open(self->family);
	size_t at = 0, part = 1;

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 31 >> 3;
	while (at < sizeof(out)) {
		if (part > sizeof(out) - at)
			part = sizeof(out) - at;
		ASSERT_EQ(part, send(f.from, out + at, part, MSG_MORE));
		at += part;
		part = part * 3 % 9001 + 1;
	}
	ASSERT_EQ(0, send(f.from, "", 0, 0));
	ASSERT_EQ(sizeof(out), recv(f.to, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in, out, sizeof(out)));
	flow_close(&f);
}

TEST_F(sock, too_many_parts_are_thrown_away)
{
	static char block[40000];
	struct flow f = flow_open(self->family);

	EXPECT_EQ(sizeof(block), send(f.from, block, sizeof(block), MSG_MORE));
	EXPECT_ERRNO(EMSGSIZE, send(f.from, block, sizeof(block), MSG_MORE));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, recv(f.to, block, sizeof(block), 0));
	flow_close(&f);
}

TEST_F(sock, a_bad_part_throws_all_away)
{
	struct flow f = flow_open(self->family);
	char buf[8];

	EXPECT_EQ(3, send(f.from, "abc", 3, MSG_MORE));
	EXPECT_ERRNO(EFAULT, send(f.from, (void *)8, 3, 0));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, recv(f.to, buf, sizeof(buf), 0));
	flow_close(&f);
}

TEST_F(sock, a_refused_first_part_corks_nothing)
{
	int fd = udp_socket(self->family);
	struct sockaddr_in sin = name_of("255.255.255.255", 9);
	struct flow f = flow_open(self->family);
	char buf[4];

	EXPECT_ERRNO(EDESTADDRREQ, send(fd, "x", 1, MSG_MORE));
	EXPECT_EQ(-1, sendto(fd, "x", 1, MSG_MORE, SA(sin)));
	sin = lo(local_port(f.to));
	EXPECT_EQ(1, sendto(fd, "y", 1, 0, SA(sin)));
	EXPECT_EQ(1, recv(f.to, buf, sizeof(buf), 0));
	flow_close(&f);
	close(fd);
}

TEST_F(sock, closed_while_corked)
{
	struct flow f = flow_open(self->family);

	EXPECT_EQ(3, send(f.from, "abc", 3, MSG_MORE));
	EXPECT_EQ(0, close(f.from));
	NOTHING(f.to);
	close(f.to);
}

TEST_F(sock, sendmmsg_can_collect)
{
	struct flow f = flow_open(self->family);
	struct iovec iov[2] = { { "ab", 2 }, { "cd", 2 } };
	struct mmsghdr out[2] = {
		{ .msg_hdr = { .msg_iov = &iov[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &iov[1], .msg_iovlen = 1 } },
	};
	char buf[8];

	EXPECT_EQ(2, sendmmsg(f.from, out, 2, MSG_MORE));
	EXPECT_EQ(0, send(f.from, "", 0, 0));
	EXPECT_EQ(4, recv(f.to, buf, sizeof(buf), 0));
	flow_close(&f);
}

TEST_F(sock, sendfile_sends_a_datagram)
{
	struct flow f = flow_open(self->family);
	FILE *file = tmpfile();
	char buf[8000];
	off_t at = 0;

	memset(buf, 'f', sizeof(buf));
	ASSERT_EQ(1000, fwrite(buf, 1, 1000, file));
	fflush(file);
	EXPECT_EQ(1000, sendfile(f.from, fileno(file), &at, 1000));
	EXPECT_EQ(1000, recv(f.to, buf, sizeof(buf), 0));
	NOTHING(f.to);
	fclose(file);
	flow_close(&f);
}

TEST_F(sock, segments_are_datagrams)
{
	struct flow f = flow_open(self->family);
	char out[1000], in[400];

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 7;
	ASSERT_OK(set_int(f.from, SOL_UDP, UDP_SEGMENT, 300));
	EXPECT_EQ(300, get_int(f.from, SOL_UDP, UDP_SEGMENT));
	EXPECT_EQ(sizeof(out), send(f.from, out, sizeof(out), 0));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(300, recv(f.to, in, sizeof(in), 0));
		EXPECT_EQ(0, memcmp(in, out + 300 * i, 300));
	}
	EXPECT_EQ(100, recv(f.to, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in, out + 900, 100));
	NOTHING(f.to);
	flow_close(&f);
}

TEST_F(sock, one_segment_is_a_datagram)
{
	struct flow f = flow_open(self->family);
	char buf[400] = {};

	ASSERT_OK(set_int(f.from, SOL_UDP, UDP_SEGMENT, 300));
	EXPECT_EQ(300, send(f.from, buf, 300, 0));
	EXPECT_EQ(1, send(f.from, buf, 1, 0));
	EXPECT_EQ(0, send(f.from, buf, 0, 0));
	EXPECT_EQ(300, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(1, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(0, recv(f.to, buf, sizeof(buf), 0));
	flow_close(&f);
}

TEST_F(sock, a_control_message_cuts)
{
	struct flow f = flow_open(self->family);
	uint16_t size = 100;
	char buf[250] = {};
	struct dgram d;

	ASSERT_OK(set_int(f.from, SOL_UDP, UDP_SEGMENT, 200));
	dgram_init(&d, buf, sizeof(buf));
	dgram_ask(&d, SOL_UDP, UDP_SEGMENT, &size, sizeof(size));
	EXPECT_EQ(sizeof(buf), sendmsg(f.from, &d.msg, 0));
	EXPECT_EQ(100, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(100, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(50, recv(f.to, buf, sizeof(buf), 0));
	/* Zero: not cut, whatever the socket says. */
	size = 0;
	dgram_init(&d, buf, sizeof(buf));
	dgram_ask(&d, SOL_UDP, UDP_SEGMENT, &size, sizeof(size));
	EXPECT_EQ(sizeof(buf), sendmsg(f.from, &d.msg, 0));
	EXPECT_EQ(sizeof(buf), recv(f.to, buf, sizeof(buf), 0));
	flow_close(&f);
}

TEST_F(sock, segments_from_parts)
{
	struct flow f = flow_open(self->family);
	char buf[64] = {};

	ASSERT_OK(set_int(f.from, SOL_UDP, UDP_SEGMENT, 10));
	EXPECT_EQ(7, send(f.from, buf, 7, MSG_MORE));
	EXPECT_EQ(7, send(f.from, buf, 7, MSG_MORE));
	EXPECT_EQ(7, send(f.from, buf, 7, 0));
	EXPECT_EQ(10, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(10, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(1, recv(f.to, buf, sizeof(buf), 0));
	flow_close(&f);
}

TEST_F(sock, a_large_packet_of_segments)
{
	static char out[64000], in[2000];
	struct flow f = flow_open(self->family);
	int got = 0;

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 13 >> 2;
	set_int(f.to, SOL_SOCKET, SO_RCVBUF, 1 << 20);
	ASSERT_OK(set_int(f.from, SOL_UDP, UDP_SEGMENT, 1400));
	EXPECT_EQ(sizeof(out), send(f.from, out, sizeof(out), 0));
	while (got < (int)sizeof(out)) {
		ssize_t len = recv(f.to, in, sizeof(in), 0);

		ASSERT_LT(0, len);
		EXPECT_EQ(0, memcmp(in, out + got, len));
		got += len;
	}
	EXPECT_EQ(sizeof(out), got);
	flow_close(&f);
}

TEST_F(sock, segment_sizes_out_of_range)
{
	struct flow f = flow_open(self->family);

	EXPECT_ERRNO(EINVAL, set_int(f.from, SOL_UDP, UDP_SEGMENT, -1));
	EXPECT_ERRNO(EINVAL, set_int(f.from, SOL_UDP, UDP_SEGMENT, 65536));
	EXPECT_ERRNO(0, set_int(f.from, SOL_UDP, UDP_SEGMENT, 65535));
	EXPECT_ERRNO(0, set_int(f.from, SOL_UDP, UDP_SEGMENT, 0));
	flow_close(&f);
}

TEST_F(sock, too_many_segments)
{
	struct flow f = flow_open(self->family);
	char buf[200] = {};

	ASSERT_OK(set_int(f.from, SOL_UDP, UDP_SEGMENT, 1));
	EXPECT_ERRNO(EINVAL, send(f.from, buf, sizeof(buf), 0));
	EXPECT_EQ(40, send(f.from, buf, 40, 0));
	for (int i = 0; i < 40; i++)
		EXPECT_EQ(1, recv(f.to, buf, sizeof(buf), 0));
	flow_close(&f);
}

TEST_F(sock, segments_need_checksums)
{
	struct flow f = flow_open(self->family);
	char buf[200] = {};

	ASSERT_OK(set_int(f.from, SOL_SOCKET, SO_NO_CHECK, 1));
	ASSERT_OK(set_int(f.from, SOL_UDP, UDP_SEGMENT, 100));
	EXPECT_ERRNO(EINVAL, send(f.from, buf, sizeof(buf), 0));
	flow_close(&f);
}

TEST_F(sock, segment_messages_that_are_malformed)
{
	struct flow f = flow_open(self->family);
	const uint16_t cork = 1;
	struct dgram d;

	dgram_init(&d, "x", 1);
	dgram_ask_int(&d, SOL_UDP, UDP_SEGMENT, 100);
	EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	dgram_init(&d, "x", 1);
	dgram_ask(&d, SOL_UDP, UDP_CORK, &cork, sizeof(cork));
	EXPECT_ERRNO(EINVAL, sendmsg(f.from, &d.msg, 0));
	flow_close(&f);
}

TEST_F(sock, gro_takes_segments_together)
{
	struct flow f = flow_open(self->family);
	char out[1000], in[2000];
	struct dgram d;

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 7;
	ASSERT_OK(set_int(f.to, SOL_UDP, UDP_GRO, 1));
	EXPECT_EQ(1, get_int(f.to, SOL_UDP, UDP_GRO));
	ASSERT_OK(set_int(f.from, SOL_UDP, UDP_SEGMENT, 300));
	EXPECT_EQ(sizeof(out), send(f.from, out, sizeof(out), 0));
	EXPECT_EQ(sizeof(out), dgram_recv(f.to, &d, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in, out, sizeof(out)));
	EXPECT_EQ(300, dgram_told_int(&d, SOL_UDP, UDP_GRO));
	EXPECT_EQ(local_port(f.from), ntohs(d.name.sin_port));
	flow_close(&f);
}

TEST_F(sock, gro_of_one_datagram_tells_no_size)
{
	struct flow f = flow_open(self->family);
	struct dgram d;
	char buf[16];

	ASSERT_OK(set_int(f.to, SOL_UDP, UDP_GRO, 1));
	EXPECT_EQ(3, send(f.from, "abc", 3, 0));
	EXPECT_EQ(3, dgram_recv(f.to, &d, buf, sizeof(buf), 0));
	EXPECT_EQ(0, dgram_controls(&d));
	flow_close(&f);
}

TEST_F(sock, gro_is_truncated_as_one)
{
	struct flow f = flow_open(self->family);
	char buf[300] = {};
	struct dgram d;

	ASSERT_OK(set_int(f.to, SOL_UDP, UDP_GRO, 1));
	ASSERT_OK(set_int(f.from, SOL_UDP, UDP_SEGMENT, 100));
	EXPECT_EQ(sizeof(buf), send(f.from, buf, sizeof(buf), 0));
	EXPECT_EQ(150, dgram_recv(f.to, &d, buf, 150, 0));
	EXPECT_EQ(MSG_TRUNC, d.msg.msg_flags);
	NOTHING(f.to);
	flow_close(&f);
}

TEST_F(sock, options_of_level_udp_that_are_malformed)
{
	int fd = udp_socket(self->family);
	socklen_t len = 1;
	int val = -1;

	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_UDP, UDP_CORK, &val, 3));
	EXPECT_ERRNO(EFAULT, setsockopt(fd, SOL_UDP, UDP_CORK, (void *)8, 4));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_UDP, 99, 1));
	EXPECT_ERRNO(ENOPROTOOPT, getsockopt(fd, SOL_UDP, 99, &val, &len));
	ASSERT_OK(getsockopt(fd, SOL_UDP, UDP_GRO, &val, &len));
	EXPECT_EQ(1, len);
	len = -1;
	EXPECT_ERRNO(EINVAL, getsockopt(fd, SOL_UDP, UDP_GRO, &val, &len));
	close(fd);
}

TEST_HARNESS_MAIN
