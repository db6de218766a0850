// SPDX-License-Identifier: GPL-2.0
/*
 * UDP (RFC 768, 1122) on the wire: lengths, checksums, broadcasts, and the
 * ICMP errors that answer it.  What is standard is held against Linux first.
 */
#include "kselftest_harness.h"
#include "frames.h"

FIXTURE(udp) {
	struct wire w;
	bool mini;
	int fd;
	int port;
};

FIXTURE_VARIANT(udp) {
	const char *family;
	bool tun;
};

FIXTURE_VARIANT_ADD(udp, inet) {
	.family = "inet",
};

FIXTURE_VARIANT_ADD(udp, mini_tap) {
	.family = "mini",
};

FIXTURE_VARIANT_ADD(udp, mini_tun) {
	.family = "mini",
	.tun = true,
};

FIXTURE_SETUP(udp)
{
	ASSERT_TRUE(wire_open(&self->w, variant->family, variant->tun));
	self->mini = self->w.family != AF_INET;
	self->fd = udp_bound(self->w.family, "0.0.0.0");
	ASSERT_LE(0, self->fd);
	self->port = local_port(self->fd);
}

FIXTURE_TEARDOWN(udp)
{
	close(self->fd);
	wire_close(&self->w);
}

static void expect_nothing(struct __test_metadata *_metadata, int fd)
{
	char buf[64];

	EXPECT_EQ(0, poll_for(fd, POLLIN, SILENCE_MS));
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, sizeof(buf), MSG_DONTWAIT));
}

TEST_F(udp, datagram_both_ways)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	struct packet p;
	char buf[64];

	make_udp(&self->w, &p, 5000, self->port, "hello", 5);
	wire_send(&self->w, &p);
	EXPECT_EQ(5, recvfrom(self->fd, buf, sizeof(buf), 0, (void *)&sin,
			      &len));
	EXPECT_EQ(self->w.peer, sin.sin_addr.s_addr);
	EXPECT_EQ(5000, ntohs(sin.sin_port));
	EXPECT_EQ(6, sendto(self->fd, "answer", 6, 0, SA(sin)));
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(htons(5000), udp_of(&p)->dest);
	EXPECT_EQ(htons(self->port), udp_of(&p)->source);
	EXPECT_EQ(htons(14), udp_of(&p)->len);
	EXPECT_NE(0, udp_of(&p)->check);
	EXPECT_EQ(0, memcmp(p.buf + p.l4 + 8, "answer", 6));
	EXPECT_EQ(self->w.host, ip_of(&p)->saddr);
	EXPECT_EQ(self->w.peer, ip_of(&p)->daddr);
	EXPECT_EQ(64, ip_of(&p)->ttl);
}

TEST_F(udp, short_headers)
{
	struct packet p;
	uint8_t header[8] = {};

	for (size_t len = 0; len < 8; len++) {
		make_ip(&self->w, &p, IPPROTO_UDP, header, len);
		wire_send(&self->w, &p);
	}
	expect_nothing(_metadata, self->fd);
	if (self->mini)
		EXPECT_TRUE(counter_reaches("drop/UDP_SHORT", 8));
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_ICMP, SILENCE_MS));
}

TEST_F(udp, length_field)
{
	static const int bad[] = { 0, 7, 14, 65535 };
	struct packet p;
	char buf[64];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		make_udp(&self->w, &p, 5000, self->port, "hello", 5);
		udp_of(&p)->len = htons(bad[i]);
		fix_l4(&p);
		wire_send(&self->w, &p);
	}
	expect_nothing(_metadata, self->fd);
	if (self->mini)
		EXPECT_TRUE(counter_reaches("drop/UDP_LENGTH", 4));

	/* Less than IP has brought: what is beyond does not belong to it. */
	make_udp(&self->w, &p, 5000, self->port, "hello", 5);
	udp_of(&p)->len = htons(8 + 3);
	p.len -= 2;
	fix_l4(&p);
	p.len += 2;
	wire_send(&self->w, &p);
	EXPECT_EQ(3, recv(self->fd, buf, sizeof(buf), 0));
}

TEST_F(udp, checksum_is_verified)
{
	struct packet p;
	char buf[64];

	make_udp(&self->w, &p, 5000, self->port, "hello", 5);
	p.buf[p.data] ^= 0x40;
	wire_send(&self->w, &p);
	make_udp(&self->w, &p, 5000, self->port, "hello", 5);
	udp_of(&p)->check ^= 0x0100;
	wire_send(&self->w, &p);
	/* The pseudo header is in it. */
	make_udp(&self->w, &p, 5000, self->port, "hello", 5);
	ip_of(&p)->saddr = inet_addr("10.0.0.3");
	fix_ip(&p);
	wire_send(&self->w, &p);
	expect_nothing(_metadata, self->fd);
	if (self->mini)
		EXPECT_TRUE(counter_reaches("drop/UDP_CSUM", 3));
	/* Nothing is answered to what nobody may have sent. */
	make_udp(&self->w, &p, 5000, self->port ^ 1, "hello", 5);
	p.buf[p.data] ^= 1;
	wire_send(&self->w, &p);
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_ICMP, SILENCE_MS));
	/* Zero means that there is none. */
	make_udp(&self->w, &p, 5000, self->port, "hello", 5);
	udp_of(&p)->check = 0;
	wire_send(&self->w, &p);
	EXPECT_EQ(5, recv(self->fd, buf, sizeof(buf), 0));
}

/* A sum of zero is sent as all ones: zero would say that there is none. */
TEST_F(udp, sum_of_zero_is_sent_as_ones)
{
	struct sockaddr_in sin = name_of(PEER, 5000);
	uint16_t data = 0, sum;
	struct packet p;

	EXPECT_EQ(2, sendto(self->fd, &data, 2, 0, SA(sin)));
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	sum = udp_of(&p)->check;
	/* The word that was 0 becomes what makes the sum 0. */
	data = sum;
	EXPECT_EQ(2, sendto(self->fd, &data, 2, 0, SA(sin)));
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(0xffff, udp_of(&p)->check);
}

TEST_F(udp, odd_lengths)
{
	struct packet p;
	char data[32], buf[64];

	memset(data, 0xfe, sizeof(data));
	for (size_t len = 0; len < sizeof(data); len++) {
		make_udp(&self->w, &p, 5000, self->port, data, len);
		wire_send(&self->w, &p);
		EXPECT_EQ((ssize_t)len, recv(self->fd, buf, sizeof(buf), 0));
		EXPECT_EQ(0, memcmp(data, buf, len));
	}
}

TEST_F(udp, closed_port_is_unreachable)
{
	struct packet p, answer;
	size_t quote;

	make_udp(&self->w, &p, 5000, self->port ^ 1, "hello", 5);
	wire_send(&self->w, &p);
	ASSERT_TRUE(wire_expect(&self->w, &answer, IPPROTO_ICMP, ANSWER_MS));
	EXPECT_EQ(ICMP_DEST_UNREACH, answer.buf[answer.l4]);
	EXPECT_EQ(ICMP_PORT_UNREACH, answer.buf[answer.l4 + 1]);
	EXPECT_EQ(self->w.host, ip_of(&answer)->saddr);
	EXPECT_EQ(self->w.peer, ip_of(&answer)->daddr);
	/* At least the header and 8 octets come back as they were. */
	quote = answer.len - answer.l4 - 8;
	EXPECT_LE(28, quote);
	EXPECT_GE(p.len - p.ip, quote);
	EXPECT_EQ(0, memcmp(answer.buf + answer.l4 + 8, p.buf + p.ip, 28));
	if (self->mini)
		EXPECT_EQ(1, counter("UdpNoPorts"));
}

TEST_F(udp, port_zero_is_nobody)
{
	struct packet p;

	make_udp(&self->w, &p, 5000, 0, "hello", 5);
	wire_send(&self->w, &p);
	EXPECT_TRUE(wire_expect(&self->w, &p, IPPROTO_ICMP, ANSWER_MS));
	expect_nothing(_metadata, self->fd);
}

TEST_F(udp, errors_are_rate_limited)
{
	struct packet p;
	int answers = 0;

	/* Not even a slow machine is seconds over this; AF_INET sends one. */
	if (self->mini)
		ASSERT_TRUE(sysctl_set("net/mini/icmp_ratelimit", 10));
	for (int i = 0; i < 400; i++) {
		make_udp(&self->w, &p, 5000, self->port ^ 1, "hello", 5);
		wire_send(&self->w, &p);
	}
	while (wire_expect(&self->w, &p, IPPROTO_ICMP, SILENCE_MS))
		answers++;
	EXPECT_LT(0, answers);
	EXPECT_GT(300, answers);
	if (self->mini)
		EXPECT_LT(0, counter("IcmpOutRateLimited"));
}

static void make_broadcast(struct wire *w, struct packet *p, const char *to,
			   int port)
{
	make_udp(w, p, 5000, port, "hello", 5);
	ip_of(p)->daddr = inet_addr(to);
	fix_ip(p);
	fix_l4(p);
	if (!w->tun)
		memset(eth_of(p)->h_dest, 0xff, ETH_ALEN);
}

TEST_F(udp, broadcasts_come_to_all)
{
	static const char *const targets[] = { "255.255.255.255", "10.0.0.255" };
	int second = udp_socket(self->w.family);
	int specific = udp_socket(self->w.family);
	struct packet p;
	char buf[64];

	close(self->fd);
	self->fd = udp_socket(self->w.family);
	set_int(self->fd, SOL_SOCKET, SO_REUSEADDR, 1);
	set_int(second, SOL_SOCKET, SO_REUSEADDR, 1);
	set_int(specific, SOL_SOCKET, SO_REUSEADDR, 1);
	timeout_ms(self->fd, SO_RCVTIMEO, ANSWER_MS);
	timeout_ms(second, SO_RCVTIMEO, ANSWER_MS);
	ASSERT_OK(bind_to(self->fd, "0.0.0.0", self->port));
	ASSERT_OK(bind_to(second, "0.0.0.0", self->port));
	ASSERT_OK(bind_to(specific, HOST, self->port));
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		make_broadcast(&self->w, &p, targets[i], self->port);
		wire_send(&self->w, &p);
		EXPECT_EQ(5, recv(self->fd, buf, sizeof(buf), 0));
		EXPECT_EQ(5, recv(second, buf, sizeof(buf), 0));
	}
	/* Its address is another one. */
	expect_nothing(_metadata, specific);
	/* And to a broadcast nobody is told that nobody is there. */
	make_broadcast(&self->w, &p, "255.255.255.255", self->port ^ 1);
	wire_send(&self->w, &p);
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_ICMP, SILENCE_MS));
	close(second);
	close(specific);
}

TEST_F(udp, broadcast_is_sent_to_all)
{
	struct sockaddr_in sin = name_of("10.0.0.255", 5000);
	struct packet p;

	EXPECT_ERRNO(EACCES, sendto(self->fd, "x", 1, 0, SA(sin)));
	set_int(self->fd, SOL_SOCKET, SO_BROADCAST, 1);
	EXPECT_EQ(1, sendto(self->fd, "x", 1, 0, SA(sin)));
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(sin.sin_addr.s_addr, ip_of(&p)->daddr);
	EXPECT_EQ(self->w.host, ip_of(&p)->saddr);
	if (!self->w.tun)
		EXPECT_EQ(0, memcmp(eth_of(&p)->h_dest,
				    "\xff\xff\xff\xff\xff\xff", ETH_ALEN));
}

TEST_F(udp, too_large_for_the_link)
{
	static char block[1500];
	struct sockaddr_in sin = name_of(PEER, 5000);
	struct packet p;

	set_int(self->fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	EXPECT_ERRNO(EMSGSIZE, sendto(self->fd, block, 1473, 0, SA(sin)));
	EXPECT_EQ(1472, sendto(self->fd, block, 1472, 0, SA(sin)));
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(1500, p.len - p.ip);
}

TEST_F(udp, ttl_and_tos_of_the_socket)
{
	struct sockaddr_in sin = name_of(PEER, 5000);
	struct packet p;

	set_int(self->fd, IPPROTO_IP, IP_TTL, 3);
	set_int(self->fd, IPPROTO_IP, IP_TOS, 0x10);
	EXPECT_EQ(1, sendto(self->fd, "x", 1, 0, SA(sin)));
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(3, ip_of(&p)->ttl);
	EXPECT_EQ(0x10, ip_of(&p)->tos);
}

TEST_F(udp, full_receive_buffer_drops)
{
	struct packet p;
	int got = 0;
	char buf[1024];

	set_int(self->fd, SOL_SOCKET, SO_RCVBUF, 4096);
	memset(buf, 0, sizeof(buf));
	for (int i = 0; i < 100; i++) {
		make_udp(&self->w, &p, 5000, self->port, buf, sizeof(buf));
		wire_send(&self->w, &p);
	}
	if (self->mini)
		EXPECT_TRUE(counter_reaches("drop/UDP_RCVBUF", 50));
	while (recv(self->fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		got++;
	EXPECT_LT(0, got);
	EXPECT_GT(50, got);
}

TEST_HARNESS_MAIN
