// SPDX-License-Identifier: GPL-2.0
/*
 * What a host is told by ICMP of its ways (RFC 1122 section 3.2.2.2), and asked
 * of its time (section 3.2.2.8), frame by frame, of both stacks:
 *
 *	host, 10.0.0.1 <-- tap0 --> the default gateway, 10.0.0.2; 10.0.0.9
 */
#include "kselftest_harness.h"
#include "frames.h"

#define BETTER	"10.0.0.9"
#define FAR	"192.0.2.1"

FIXTURE(told) {
	struct wire w;
	int udp;
	bool mini;
};

FIXTURE_VARIANT(told) {
	const char *family;
};

FIXTURE_VARIANT_ADD(told, inet) {
	.family = "inet",
};

FIXTURE_VARIANT_ADD(told, mini) {
	.family = "mini",
};

/* As 10.0.0.@last would say it. */
static void answer_arp(struct wire *w, int last)
{
	struct packet p;

	make_arp(w, &p, 2, PEER, HOST);
	arp_of(&p)->sip[3] = last;
	arp_of(&p)->sha[5] = last;
	eth_of(&p)->h_source[5] = last;
	wire_send(w, &p);
}

/* A datagram leaves: the last octet of the MAC address that it goes to. */
static int sent_to(struct wire *w, int fd, const char *to)
{
	struct sockaddr_in sin = name_of(to, 7000);
	struct packet p;

	if (sendto(fd, "x", 1, 0, SA(sin)) != 1)
		return -1;
	while (wire_next(w, &p, ANSWER_MS)) {
		/* The host asks for its own address, too: nobody has it. */
		if (!p.l4 && memcmp(arp_of(&p)->tip, &w->peer, 4) &&
		    memcmp(arp_of(&p)->tip, &w->host, 4))
			answer_arp(w, arp_of(&p)->tip[3]);
		if (p.l4 && ip_of(&p)->daddr == inet_addr(to))
			return eth_of(&p)->h_dest[5];
	}
	return -1;
}

FIXTURE_SETUP(told)
{
	ASSERT_TRUE(wire_open(&self->w, variant->family, false));
	self->mini = self->w.family != AF_INET;
	/* AF_INET's default takes gateways of other subnets, too. */
	if (!self->mini) {
		ASSERT_TRUE(wire_knob(&self->w, "shared_media", 0));
		ASSERT_TRUE(wire_knob(&self->w, "secure_redirects", 0));
	}
	ASSERT_TRUE(run("%s route add default via " PEER,
			self->mini ? "mini" : "ip"));
	self->udp = udp_bound(self->w.family, "0.0.0.0");
	/* Its MAC address is known: AF_INET asks for it otherwise. */
	ASSERT_EQ(9, sent_to(&self->w, self->udp, BETTER));
	ASSERT_EQ(2, sent_to(&self->w, self->udp, FAR));
}

FIXTURE_TEARDOWN(told)
{
	close(self->udp);
	wire_close(&self->w);
}

/* About a datagram of @fd to @to, from @from: @gateway is better. */
static void redirect(struct wire *w, int fd, const char *from, const char *to,
		     const char *gateway, int code)
{
	struct packet sent, p;

	make_udp(w, &sent, local_port(fd), 7000, "x", 1);
	ip_of(&sent)->saddr = w->host;
	ip_of(&sent)->daddr = inet_addr(to);
	fix_ip(&sent);
	fix_l4(&sent);
	make_icmp(w, &p, ICMP_REDIRECT, code, ntohl(inet_addr(gateway)),
		  sent.buf + sent.ip, 28);
	ip_of(&p)->saddr = inet_addr(from);
	fix_ip(&p);
	wire_send(w, &p);
}

TEST_F(told, a_better_gateway_is_taken)
{
	redirect(&self->w, self->udp, PEER, FAR, BETTER, ICMP_REDIR_HOST);
	EXPECT_EQ(9, sent_to(&self->w, self->udp, FAR));
	/* For that destination, by whoever sends there. */
	EXPECT_EQ(2, sent_to(&self->w, self->udp, "192.0.2.2"));
	close(self->udp);
	self->udp = udp_bound(self->w.family, "0.0.0.0");
	EXPECT_EQ(9, sent_to(&self->w, self->udp, FAR));
	/* Who is not asked any more has nothing to say: it may say it. */
	redirect(&self->w, self->udp, BETTER, FAR, PEER, ICMP_REDIR_HOST);
	EXPECT_EQ(2, sent_to(&self->w, self->udp, FAR));
}

/* RFC 1122: a network's redirect is one of the host. */
TEST_F(told, of_each_code)
{
	for (int code = 0; code < 4; code++) {
		char far[16];

		snprintf(far, sizeof(far), "192.0.2.%d", 10 + code);
		redirect(&self->w, self->udp, PEER, far, BETTER, code);
		EXPECT_EQ(9, sent_to(&self->w, self->udp, far));
	}
	redirect(&self->w, self->udp, PEER, FAR, BETTER, 4);
	EXPECT_EQ(2, sent_to(&self->w, self->udp, FAR));
}

TEST_F(told, what_is_not_taken)
{
	static const struct {
		const char *from;
		const char *gateway;
	} cases[] = {
		{ "10.0.0.3", BETTER },		/* not the gateway */
		{ PEER, PEER },
		{ PEER, HOST },
		{ PEER, "224.0.0.1" },
		{ PEER, "255.255.255.255" },
		{ PEER, "0.0.0.0" },
		{ PEER, "198.51.100.1" },	/* not on the link */
		{ PEER, "10.0.0.255" },		/* AF_INET takes it */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases) - !self->mini; i++) {
		redirect(&self->w, self->udp, cases[i].from, FAR,
			 cases[i].gateway, ICMP_REDIR_HOST);
		EXPECT_EQ(2, sent_to(&self->w, self->udp, FAR)) {
			TH_LOG("case %zu", i);
		}
	}
	/* Of who reaches its peer without a gateway. */
	redirect(&self->w, self->udp, PEER, "10.0.0.2", BETTER,
		 ICMP_REDIR_HOST);
	EXPECT_EQ(2, sent_to(&self->w, self->udp, PEER));
}

TEST_F(told, only_if_it_may)
{
	ASSERT_TRUE(wire_knob(&self->w, "accept_redirects", 0));
	redirect(&self->w, self->udp, PEER, FAR, BETTER, ICMP_REDIR_HOST);
	EXPECT_EQ(2, sent_to(&self->w, self->udp, FAR));
	ASSERT_TRUE(wire_knob(&self->w, "accept_redirects", 1));
	/* Routers know better. */
	ASSERT_TRUE(sysctl_set(self->mini ? "net/mini/ip_forward" :
			       "net/ipv4/ip_forward", 1));
	redirect(&self->w, self->udp, PEER, FAR, BETTER, ICMP_REDIR_HOST);
	EXPECT_EQ(2, sent_to(&self->w, self->udp, FAR));
}

/* Of a route by another gateway nothing was said. */
TEST_F(told, another_route_is_another_way)
{
	redirect(&self->w, self->udp, PEER, FAR, BETTER, ICMP_REDIR_HOST);
	EXPECT_EQ(9, sent_to(&self->w, self->udp, FAR));
	ASSERT_TRUE(run("%s route add 192.0.2.0/24 via 10.0.0.3",
			self->mini ? "mini" : "ip"));
	EXPECT_EQ(3, sent_to(&self->w, self->udp, FAR));
}

/* It does not answer: back to the default. */
TEST_F(told, a_dead_gateway_is_forgotten)
{
	struct sockaddr_in sin = name_of(FAR, 7000);
	struct packet p;

	if (!self->mini)
		return;		/* it asks first, and takes nothing */
	ASSERT_TRUE(sysctl_set("net/mini/neigh_retrans_ms", 10));
	redirect(&self->w, self->udp, PEER, FAR, "10.0.0.7", ICMP_REDIR_HOST);
	ASSERT_EQ(1, sendto(self->udp, "x", 1, 0, SA(sin)));
	ASSERT_TRUE(counter_reaches("drop/NEIGH_FAILED", 1));
	while (wire_next(&self->w, &p, 0))
		;
	EXPECT_EQ(2, sent_to(&self->w, self->udp, FAR));
}

TEST_F(told, what_time_it_is)
{
	static const uint8_t asked[12] = { 1, 2, 3, 4 };
	struct packet p;

	for (int more = 0; more < 2; more++) {
		uint8_t data[32] = {};
		uint32_t receive, transmit;

		memcpy(data, asked, 4);
		make_icmp(&self->w, &p, ICMP_TIMESTAMP, 0, 0x12345678, data,
			  12 + 20 * more);
		wire_send(&self->w, &p);
		ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_ICMP, ANSWER_MS));
		EXPECT_EQ(ICMP_TIMESTAMPREPLY, p.buf[p.l4]);
		EXPECT_EQ(0, p.buf[p.l4 + 1]);
		EXPECT_EQ(20u, p.len - p.l4);
		EXPECT_EQ(0, memcmp(p.buf + p.l4 + 4, "\x12\x34\x56\x78", 4));
		EXPECT_EQ(0, memcmp(p.buf + p.l4 + 8, asked, 4));
		memcpy(&receive, p.buf + p.l4 + 12, 4);
		memcpy(&transmit, p.buf + p.l4 + 16, 4);
		EXPECT_EQ(receive, transmit);
		EXPECT_GT(24 * 60 * 60 * 1000u, ntohl(receive));
	}
	/* To a broadcast address, or too short: nothing. */
	make_icmp(&self->w, &p, ICMP_TIMESTAMP, 0, 1, asked, 12);
	ip_of(&p)->daddr = inet_addr("10.0.0.255");
	memset(eth_of(&p)->h_dest, 0xff, ETH_ALEN);
	fix_ip(&p);
	wire_send(&self->w, &p);
	make_icmp(&self->w, &p, ICMP_TIMESTAMP, 0, 1, asked, 3);
	wire_send(&self->w, &p);
	EXPECT_EQ(2, sent_to(&self->w, self->udp, FAR));
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_ICMP, 0));
}

TEST_HARNESS_MAIN
