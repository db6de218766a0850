// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4 input (RFC 791, 1122) and ICMP (RFC 792), packet by packet: what is
 * wrong is dropped for the reason that is counted, and nothing answers it.
 */
#include "kselftest_harness.h"
#include "frames.h"

#define DATA	"sixteen octets.."

FIXTURE(ip) {
	struct wire w;
	int udp;		/* bound to any address, its port is the target */
	int port;
};

FIXTURE_VARIANT(ip) {
	bool tun;
};

FIXTURE_VARIANT_ADD(ip, tap) {
	.tun = false,
};

FIXTURE_VARIANT_ADD(ip, tun) {
	.tun = true,
};

FIXTURE_SETUP(ip)
{
	ASSERT_TRUE(wire_open(&self->w, "mini", variant->tun));
	self->udp = udp_bound(self->w.family, "0.0.0.0");
	ASSERT_LE(0, self->udp);
	self->port = local_port(self->udp);
}

FIXTURE_TEARDOWN(ip)
{
	close(self->udp);
	wire_close(&self->w);
}

static void good(struct wire *w, struct packet *p, int port)
{
	make_udp(w, p, 5000, port, DATA, sizeof(DATA) - 1);
}

/* A good datagram arrives: the stack is well, the path is open. */
static bool arrives(struct wire *w, int fd, int port)
{
	struct packet p;
	char buf[64];

	good(w, &p, port);
	wire_send(w, &p);
	return recv(fd, buf, sizeof(buf), 0) == sizeof(DATA) - 1 &&
	       !memcmp(buf, DATA, sizeof(DATA) - 1);
}

struct spoiled {
	const char *what;
	int offset;		/* in the IP header */
	uint8_t value;
	bool fix;		/* the IP checksum afterwards */
	const char *reason;
};

static const struct spoiled spoiled[] = {
	{ "header length 4",	 0, 0x44, true,  "drop/IP_HEADER_LEN" },
	{ "header length 0",	 0, 0x40, false, "drop/IP_HEADER_LEN" },
	{ "header too long",	 0, 0x4f, false, "drop/IP_HEADER_LEN" },
	{ "total length large",	 3, 45,   true,  "drop/IP_TOTAL_LEN" },
	{ "total length huge",	 2, 0xff, true,  "drop/IP_TOTAL_LEN" },
	{ "total length small",	 3, 19,   true,  "drop/IP_TOTAL_LEN" },
	{ "total length 0",	 3, 0,    true,  "drop/IP_TOTAL_LEN" },
	{ "checksum",		10, 0xee, false, "drop/IP_CSUM" },
	{ "TTL, not summed",	 8, 9,    false, "drop/IP_CSUM" },
	{ "unknown protocol",	 9, 253,  true,  "drop/IP_NO_PROTO" },
	{ "source loopback",	12, 127,  true,  "drop/IP_MARTIAN_SOURCE" },
	{ "source multicast",	12, 224,  true,  "drop/IP_MARTIAN_SOURCE" },
	{ "source is the host",	15, 1,    true,  "drop/IP_MARTIAN_SOURCE" },
	{ "source broadcast",	15, 255,  true,  "drop/IP_MARTIAN_SOURCE" },
	{ "target loopback",	16, 127,  true,  "drop/IP_MARTIAN_DEST" },
	{ "target someone else", 19, 77,  true,  "drop/IP_NOT_LOCAL" },
	{ "target far away",	16, 192,  true,  "drop/IP_NOT_LOCAL" },
};

TEST_F(ip, spoiled_headers)
{
	struct packet p;
	char buf[64];

	for (size_t i = 0; i < ARRAY_SIZE(spoiled); i++) {
		const struct spoiled *s = &spoiled[i];
		long long before = counter(s->reason);

		good(&self->w, &p, self->port);
		p.buf[p.ip + s->offset] = s->value;
		if (s->fix)
			fix_ip(&p);
		wire_send(&self->w, &p);
		EXPECT_TRUE(counter_reaches(s->reason, before + 1)) {
			TH_LOG("%s: not counted as %s", s->what, s->reason);
		}
		EXPECT_ERRNO(EAGAIN, recv(self->udp, buf, sizeof(buf),
					  MSG_DONTWAIT));
	}
	EXPECT_TRUE(arrives(&self->w, self->udp, self->port));
}

TEST_F(ip, addresses_of_nothing)
{
	static const struct {
		const char *what;
		const char *source;
		const char *target;
		const char *reason;
	} cases[] = {
		{ "all ones from", "255.255.255.255", HOST,
		  "drop/IP_MARTIAN_SOURCE" },
		{ "zero to", PEER, "0.0.0.0", "drop/IP_MARTIAN_DEST" },
		{ "multicast to", PEER, "224.0.0.9", "drop/IP_NOT_MEMBER" },
	};
	struct packet p;
	char buf[64];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		good(&self->w, &p, self->port);
		ip_of(&p)->saddr = inet_addr(cases[i].source);
		ip_of(&p)->daddr = inet_addr(cases[i].target);
		fix_ip(&p);
		fix_l4(&p);
		wire_send(&self->w, &p);
		EXPECT_TRUE(counter_reaches(cases[i].reason, 1)) {
			TH_LOG("%s: not counted", cases[i].what);
		}
		EXPECT_ERRNO(EAGAIN, recv(self->udp, buf, sizeof(buf),
					  MSG_DONTWAIT));
	}
	EXPECT_TRUE(arrives(&self->w, self->udp, self->port));
}

TEST_F(ip, short_packets)
{
	struct packet p;

	/* A tun device looks at the first octet itself. */
	for (size_t len = 1; len < 20; len++) {
		good(&self->w, &p, self->port);
		p.len = p.ip + len;
		wire_send(&self->w, &p);
	}
	EXPECT_TRUE(counter_reaches("drop/IP_SHORT", 19));
	/* The header is whole, the rest is not. */
	good(&self->w, &p, self->port);
	p.len = p.l4 + 3;
	wire_send(&self->w, &p);
	EXPECT_TRUE(counter_reaches("drop/IP_TOTAL_LEN", 1));
	EXPECT_TRUE(arrives(&self->w, self->udp, self->port));
}

TEST_F(ip, other_versions)
{
	struct packet p;

	if (self->w.tun)
		return;		/* the device refuses them */
	for (int version = 0; version < 16; version++) {
		if (version == 4)
			continue;
		good(&self->w, &p, self->port);
		ip_of(&p)->version = version;
		fix_ip(&p);
		wire_send(&self->w, &p);
	}
	EXPECT_TRUE(counter_reaches("drop/IP_VERSION", 15));
	EXPECT_TRUE(arrives(&self->w, self->udp, self->port));
}

TEST_F(ip, options_are_passed_over)
{
	uint8_t buf[64] = { 1, 1, 1, 0 };
	struct packet udp, p;

	good(&self->w, &udp, self->port);
	memcpy(buf + 4, udp.buf + udp.l4, udp.len - udp.l4);
	make_ip(&self->w, &p, IPPROTO_UDP, buf, 4 + udp.len - udp.l4);
	ip_of(&p)->ihl = 6;
	fix_ip(&p);
	wire_send(&self->w, &p);
	EXPECT_EQ((ssize_t)sizeof(DATA) - 1,
		  recv(self->udp, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, DATA, sizeof(DATA) - 1));
	/* One whose length leads behind the header. */
	p.buf[p.ip + 20] = 7;
	p.buf[p.ip + 21] = 5;
	fix_ip(&p);
	wire_send(&self->w, &p);
	EXPECT_TRUE(counter_reaches("drop/IP_OPTIONS", 1));
	EXPECT_TRUE(arrives(&self->w, self->udp, self->port));
}

TEST_F(ip, padding_is_cut_off)
{
	struct packet p;
	char buf[64];

	make_udp(&self->w, &p, 5000, self->port, "ab", 2);
	memset(p.buf + p.len, 0xa5, 18);
	p.len += 18;
	wire_send(&self->w, &p);
	EXPECT_EQ(2, recv(self->udp, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "ab", 2));
}

TEST_F(ip, unicast_in_a_broadcast_frame)
{
	struct packet p;
	char buf[64];

	if (self->w.tun)
		return;
	good(&self->w, &p, self->port);
	memset(eth_of(&p)->h_dest, 0xff, ETH_ALEN);
	wire_send(&self->w, &p);
	EXPECT_TRUE(counter_reaches("drop/IP_UNICAST_IN_L2_MULTICAST", 1));
	EXPECT_ERRNO(EAGAIN, recv(self->udp, buf, sizeof(buf), MSG_DONTWAIT));
}

TEST_F(ip, frames_for_other_hosts)
{
	struct packet p;
	char buf[64];

	if (self->w.tun)
		return;
	good(&self->w, &p, self->port);
	eth_of(&p)->h_dest[5] ^= 1;
	wire_send(&self->w, &p);
	EXPECT_TRUE(counter_reaches("drop/LINK_OTHER_HOST", 1));
	EXPECT_ERRNO(EAGAIN, recv(self->udp, buf, sizeof(buf), MSG_DONTWAIT));
}

TEST_F(ip, version_6_is_consumed)
{
	struct packet p;

	good(&self->w, &p, self->port);
	if (!self->w.tun)
		eth_of(&p)->h_proto = htons(ETH_P_IPV6);
	ip_of(&p)->version = 6;
	wire_send(&self->w, &p);
	EXPECT_TRUE(counter_reaches("drop/LINK_NO_HANDLER", 1));
}

TEST_F(ip, unknown_protocol_is_answered)
{
	struct packet p;

	make_ip(&self->w, &p, 253, DATA, 16);
	wire_send(&self->w, &p);
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_ICMP, ANSWER_MS));
	EXPECT_EQ(ICMP_DEST_UNREACH, p.buf[p.l4]);
	EXPECT_EQ(ICMP_PROT_UNREACH, p.buf[p.l4 + 1]);
}

TEST_F(ip, echo_is_answered)
{
	static const size_t sizes[] = { 0, 1, 56, 1000, 1472 };
	static uint8_t data[1472];
	struct packet p;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i * 7;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		make_icmp(&self->w, &p, ICMP_ECHO, 0, 0x12340000 + i, data,
			  sizes[i]);
		wire_send(&self->w, &p);
		ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_ICMP, ANSWER_MS));
		EXPECT_EQ(ICMP_ECHOREPLY, p.buf[p.l4]);
		EXPECT_EQ(0, p.buf[p.l4 + 1]);
		EXPECT_EQ(0x12, p.buf[p.l4 + 4]);
		EXPECT_EQ(i, p.buf[p.l4 + 7]);
		EXPECT_EQ(sizes[i], p.len - p.l4 - 8);
		EXPECT_EQ(0, memcmp(p.buf + p.l4 + 8, data, sizes[i]));
		EXPECT_EQ(self->w.host, ip_of(&p)->saddr);
		EXPECT_EQ(self->w.peer, ip_of(&p)->daddr);
		EXPECT_EQ(64, ip_of(&p)->ttl);
	}
	EXPECT_EQ((long long)ARRAY_SIZE(sizes), counter("IcmpOutEchoReps"));
}

TEST_F(ip, echo_not_answered)
{
	struct packet p;

	make_icmp(&self->w, &p, ICMP_ECHO, 0, 1, DATA, 16);
	p.buf[p.data] ^= 1;
	wire_send(&self->w, &p);
	EXPECT_TRUE(counter_reaches("drop/ICMP_CSUM", 1));

	for (size_t len = 0; len < 8; len++) {
		uint8_t icmp[8] = { ICMP_ECHO, 0, 0xf7, 0xff };

		make_ip(&self->w, &p, IPPROTO_ICMP, icmp, len);
		wire_send(&self->w, &p);
	}
	EXPECT_TRUE(counter_reaches("drop/ICMP_SHORT", 8));

	make_icmp(&self->w, &p, 77, 0, 1, DATA, 16);
	wire_send(&self->w, &p);
	EXPECT_TRUE(counter_reaches("drop/ICMP_TYPE", 1));

	/* RFC 1122 leaves it open for broadcasts; silence cannot be abused. */
	make_icmp(&self->w, &p, ICMP_ECHO, 0, 1, DATA, 16);
	ip_of(&p)->daddr = inet_addr("10.0.0.255");
	fix_ip(&p);
	if (!self->w.tun)
		memset(eth_of(&p)->h_dest, 0xff, ETH_ALEN);
	wire_send(&self->w, &p);
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_ICMP, SILENCE_MS));

	ASSERT_TRUE(sysctl_set("net/mini/icmp_echo_ignore_all", 1));
	make_icmp(&self->w, &p, ICMP_ECHO, 0, 1, DATA, 16);
	wire_send(&self->w, &p);
	EXPECT_TRUE(counter_reaches("drop/ICMP_ECHO_IGNORED", 1));
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_ICMP, SILENCE_MS));
}

/* An ICMP error about a datagram that the host may have sent. */
static void quote(struct wire *w, struct packet *p, int code, int sport,
		  int dport)
{
	struct packet sent;

	make_udp(w, &sent, sport, dport, DATA, 16);
	ip_of(&sent)->saddr = w->host;
	ip_of(&sent)->daddr = w->peer;
	fix_ip(&sent);
	fix_l4(&sent);
	make_icmp(w, p, ICMP_DEST_UNREACH, code, 0, sent.buf + sent.ip,
		  sent.len - sent.ip);
}

TEST_F(ip, errors_reach_the_connected_socket)
{
	int fd = udp_bound(self->w.family, HOST);
	struct packet p;
	char byte;

	ASSERT_OK(connect_to(fd, PEER, 7000));
	quote(&self->w, &p, ICMP_PORT_UNREACH, local_port(fd), 7000);
	wire_send(&self->w, &p);
	EXPECT_ERRNO(ECONNREFUSED, recv(fd, &byte, 1, 0));
	/* Of another conversation. */
	quote(&self->w, &p, ICMP_PORT_UNREACH, local_port(fd), 7001);
	wire_send(&self->w, &p);
	quote(&self->w, &p, ICMP_PORT_UNREACH, local_port(fd) ^ 1, 7000);
	wire_send(&self->w, &p);
	EXPECT_TRUE(counter_reaches("IcmpInDestUnreachs", 3));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_DONTWAIT));
	close(fd);
}

TEST_F(ip, bad_quotes)
{
	int fd = udp_bound(self->w.family, HOST);
	int port = local_port(fd);
	struct packet p;
	char byte;

	ASSERT_OK(connect_to(fd, PEER, 7000));
	/* Cut off anywhere before the ports are told. */
	for (size_t len = 0; len < 28; len += 3) {
		quote(&self->w, &p, ICMP_PORT_UNREACH, port, 7000);
		p.len = p.data + len;
		ip_of(&p)->tot_len = htons(p.len - p.ip);
		fix_ip(&p);
		fix_l4(&p);
		wire_send(&self->w, &p);
	}
	EXPECT_TRUE(counter_reaches("drop/ICMP_QUOTE", 10));
	/* A header that cannot be, or a packet that we have not sent. */
	quote(&self->w, &p, ICMP_PORT_UNREACH, port, 7000);
	p.buf[p.data] = 0x65;
	fix_l4(&p);
	wire_send(&self->w, &p);
	quote(&self->w, &p, ICMP_PORT_UNREACH, port, 7000);
	p.buf[p.data] = 0x44;
	fix_l4(&p);
	wire_send(&self->w, &p);
	quote(&self->w, &p, ICMP_PORT_UNREACH, port, 7000);
	p.buf[p.data] = 0x4f;
	fix_l4(&p);
	wire_send(&self->w, &p);
	quote(&self->w, &p, ICMP_PORT_UNREACH, port, 7000);
	p.buf[p.data + 15] = 99;
	fix_l4(&p);
	wire_send(&self->w, &p);
	EXPECT_TRUE(counter_reaches("drop/ICMP_QUOTE", 14));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_DONTWAIT));
	EXPECT_EQ(0, so_error(fd));
	close(fd);
}

TEST_HARNESS_MAIN
