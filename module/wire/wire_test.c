// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4, ARP and UDP headers, good and bad.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/prandom.h>
#include <net/ip.h>

#include "../kunit.h"
#include "wire_test.h"

#define TEST_IP_MAX	60
#define TEST_NOISE	4000

/* IPv4 */

static enum mini_drop_reason test_ipv4(struct kunit *test, const void *data,
				       size_t len, struct mini_wire_ipv4 *ip)
{
	u8 *p = test_exact(test, data, len);
	enum mini_drop_reason reason;

	memset(ip, 0xff, sizeof(*ip));
	reason = mini_wire_ipv4_parse(p, len, ip);
	kfree(p);
	return reason;
}

static void test_ipv4_csum(u8 *p)
{
	struct iphdr *iph = (struct iphdr *)p;

	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
}

/* A header of @hdr_len octets that claims to head a packet of @tot_len. */
static void test_ipv4_fill(u8 *p, unsigned int hdr_len, unsigned int tot_len)
{
	struct iphdr *iph = (struct iphdr *)p;

	memset(p, 1, hdr_len);		/* options: NOP */
	iph->version = 4;
	iph->ihl = hdr_len / 4;
	iph->tos = 0x28;
	iph->tot_len = htons(tot_len);
	iph->id = htons(0x1234);
	iph->frag_off = htons(IP_DF);
	iph->ttl = 61;
	iph->protocol = IPPROTO_TCP;
	iph->saddr = htonl(0xc0000201);
	iph->daddr = htonl(0xc6336402);
	test_ipv4_csum(p);
}

static void ipv4_parse__fields(struct kunit *test)
{
	struct mini_wire_ipv4 ip;
	u8 p[TEST_IP_MAX] = {};

	test_ipv4_fill(p, 24, 40);
	KUNIT_ASSERT_EQ(test, test_ipv4(test, p, 40, &ip), 0);
	KUNIT_EXPECT_EQ(test, ntohl(ip.saddr), 0xc0000201u);
	KUNIT_EXPECT_EQ(test, ntohl(ip.daddr), 0xc6336402u);
	KUNIT_EXPECT_EQ(test, ip.hdr_len, 24);
	KUNIT_EXPECT_EQ(test, ip.tot_len, 40);
	KUNIT_EXPECT_EQ(test, ip.id, 0x1234);
	KUNIT_EXPECT_EQ(test, ip.frag_off, 0);
	KUNIT_EXPECT_FALSE(test, ip.mf);
	KUNIT_EXPECT_TRUE(test, ip.df);
	KUNIT_EXPECT_EQ(test, ip.proto, IPPROTO_TCP);
	KUNIT_EXPECT_EQ(test, ip.ttl, 61);
	KUNIT_EXPECT_EQ(test, ip.tos, 0x28);
}

static void ipv4_parse__fragment_fields(struct kunit *test)
{
	struct mini_wire_ipv4 ip;
	u8 p[TEST_IP_MAX] = {};
	u16 off;

	for (off = 0; off < 0x2000; off += 0x1ff) {
		test_ipv4_fill(p, 20, 20);
		((struct iphdr *)p)->frag_off = htons(IP_MF | off);
		test_ipv4_csum(p);
		KUNIT_ASSERT_EQ(test, test_ipv4(test, p, 20, &ip), 0);
		KUNIT_EXPECT_EQ(test, ip.frag_off, off * 8);
		KUNIT_EXPECT_TRUE(test, ip.mf);
		KUNIT_EXPECT_FALSE(test, ip.df);
	}
}

/* Of each header and packet, each number of octets that may be left. */
static void ipv4_parse__every_length(struct kunit *test)
{
	unsigned int hdr_len, len;
	struct mini_wire_ipv4 ip;
	u8 p[TEST_IP_MAX + 4];

	for (hdr_len = 20; hdr_len <= TEST_IP_MAX; hdr_len += 4) {
		memset(p, 0, sizeof(p));
		test_ipv4_fill(p, hdr_len, hdr_len + 3);
		for (len = 0; len <= hdr_len + 4; len++)
			KUNIT_EXPECT_EQ_MSG(test, test_ipv4(test, p, len, &ip),
					    len < 20 ? MINI_DROP_IP_SHORT :
					    len < hdr_len ?
					    MINI_DROP_IP_HEADER_LEN :
					    len < hdr_len + 3 ?
					    MINI_DROP_IP_TOTAL_LEN : 0,
					    "%u of %u octets", len, hdr_len);
	}
}

static void ipv4_parse__version(struct kunit *test)
{
	struct mini_wire_ipv4 ip;
	u8 p[TEST_IP_MAX] = {};
	unsigned int v;

	for (v = 0; v < 16; v++) {
		test_ipv4_fill(p, 20, 20);
		((struct iphdr *)p)->version = v;
		test_ipv4_csum(p);
		KUNIT_EXPECT_EQ_MSG(test, test_ipv4(test, p, 20, &ip),
				    v == 4 ? 0 : MINI_DROP_IP_VERSION,
				    "version %u", v);
	}
}

static void ipv4_parse__header_len(struct kunit *test)
{
	struct mini_wire_ipv4 ip;
	u8 p[TEST_IP_MAX] = {};
	unsigned int ihl;

	for (ihl = 0; ihl < 16; ihl++) {
		test_ipv4_fill(p, 60, 60);
		((struct iphdr *)p)->ihl = ihl;
		if (ihl >= 5)
			test_ipv4_csum(p);
		KUNIT_EXPECT_EQ_MSG(test, test_ipv4(test, p, 60, &ip),
				    ihl < 5 ? MINI_DROP_IP_HEADER_LEN : 0,
				    "ihl %u", ihl);
	}
}

static void ipv4_parse__total_len(struct kunit *test)
{
	static const u16 lens[] = { 0, 1, 19, 20, 40, 44, 45, 0x8000, 0xffff };
	struct mini_wire_ipv4 ip;
	u8 p[TEST_IP_MAX] = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		test_ipv4_fill(p, 24, lens[i]);
		KUNIT_EXPECT_EQ_MSG(test, test_ipv4(test, p, 44, &ip),
				    lens[i] < 24 || lens[i] > 44 ?
				    MINI_DROP_IP_TOTAL_LEN : 0,
				    "total length %u", lens[i]);
	}
}

/* What a link pads is not part of the packet, and no fault. */
static void ipv4_parse__padding(struct kunit *test)
{
	struct mini_wire_ipv4 ip;
	u8 p[TEST_IP_MAX] = {};

	test_ipv4_fill(p, 20, 21);
	KUNIT_EXPECT_EQ(test, test_ipv4(test, p, 46, &ip), 0);
	KUNIT_EXPECT_EQ(test, ip.tot_len, 21);
}

static void ipv4_parse__every_bit_flipped(struct kunit *test)
{
	struct mini_wire_ipv4 ip;
	u8 p[TEST_IP_MAX] = {};
	unsigned int bit;

	test_ipv4_fill(p, 60, 60);
	for (bit = 0; bit < 60 * 8; bit++) {
		p[bit / 8] ^= 1 << bit % 8;
		if (bit / 8 == 0 || bit / 8 == 2 || bit / 8 == 3)
			KUNIT_EXPECT_NE_MSG(test, test_ipv4(test, p, 60, &ip),
					    0, "bit %u", bit);
		else
			KUNIT_EXPECT_EQ_MSG(test, test_ipv4(test, p, 60, &ip),
					    MINI_DROP_IP_CSUM, "bit %u", bit);
		p[bit / 8] ^= 1 << bit % 8;
	}
	KUNIT_EXPECT_EQ(test, test_ipv4(test, p, 60, &ip), 0);
}

/* IPv4 as ICMP quotes it */

static enum mini_drop_reason test_quote(struct kunit *test, const void *data,
					size_t len, struct mini_wire_ipv4 *ip)
{
	u8 *p = test_exact(test, data, len);
	enum mini_drop_reason reason;

	memset(ip, 0xff, sizeof(*ip));
	reason = mini_wire_icmp_quote_parse(p, len, ip);
	kfree(p);
	return reason;
}

static void icmp_quote_parse__every_length(struct kunit *test)
{
	struct mini_wire_ipv4 ip;
	u8 p[TEST_IP_MAX + 8] = {};
	unsigned int hdr_len, len;

	for (hdr_len = 20; hdr_len <= TEST_IP_MAX; hdr_len += 4) {
		test_ipv4_fill(p, hdr_len, 1500);
		for (len = 0; len <= hdr_len + 8; len++)
			KUNIT_EXPECT_EQ_MSG(test, test_quote(test, p, len, &ip),
					    len < hdr_len + 8 ?
					    MINI_DROP_ICMP_QUOTE : 0,
					    "%u of %u octets", len, hdr_len);
		KUNIT_EXPECT_EQ(test, ip.hdr_len, hdr_len);
		KUNIT_EXPECT_EQ(test, ip.tot_len, 1500);
	}
}

/* A router changed TTL before another one quoted what it got. */
static void icmp_quote_parse__stale_checksum(struct kunit *test)
{
	struct mini_wire_ipv4 ip;
	u8 p[28] = {};

	test_ipv4_fill(p, 20, 28);
	((struct iphdr *)p)->ttl = 1;
	KUNIT_EXPECT_EQ(test, test_quote(test, p, 28, &ip), 0);
	KUNIT_EXPECT_EQ(test, ip.ttl, 1);
	KUNIT_EXPECT_EQ(test, ntohl(ip.daddr), 0xc6336402u);
	KUNIT_EXPECT_EQ(test, ip.proto, IPPROTO_TCP);
}

static void icmp_quote_parse__no_ipv4(struct kunit *test)
{
	struct mini_wire_ipv4 ip;
	u8 p[TEST_IP_MAX + 8] = {};
	unsigned int i;

	test_ipv4_fill(p, 20, 28);
	for (i = 0; i < 256; i++) {
		p[0] = i;
		KUNIT_EXPECT_EQ_MSG(test, test_quote(test, p, 68, &ip),
				    i == 0x45 ? 0 : MINI_DROP_ICMP_QUOTE,
				    "first octet %#x", i);
	}
	for (i = 0; i < 40; i++) {
		test_ipv4_fill(p, 20, i);
		KUNIT_EXPECT_EQ_MSG(test, test_quote(test, p, 28, &ip),
				    i < 28 ? MINI_DROP_ICMP_QUOTE : 0,
				    "total length %u", i);
	}
}

/* ARP */

static const struct mini_wire_arp test_arp = {
	.op = MINI_WIRE_ARP_REPLY,
	.sha = { 0x02, 0, 0, 0, 0, 0x01 },
	.tha = { 0x02, 0, 0, 0, 0, 0x02 },
	.spa = cpu_to_be32(0xc0000201),
	.tpa = cpu_to_be32(0xc0000202),
};

static enum mini_drop_reason test_arp_parse(struct kunit *test, const void *p,
					    size_t len)
{
	u8 *exact = test_exact(test, p, len);
	enum mini_drop_reason reason;
	struct mini_wire_arp arp;

	reason = mini_wire_arp_parse(exact, len, &arp);
	kfree(exact);
	return reason;
}

static void arp_build__octets(struct kunit *test)
{
	static const u8 want[MINI_WIRE_ARP_LEN] = {
		0, 1, 8, 0, 6, 4, 0, 2,
		2, 0, 0, 0, 0, 1, 192, 0, 2, 1,
		2, 0, 0, 0, 0, 2, 192, 0, 2, 2,
	};
	struct mini_wire_arp arp = {};
	u8 p[MINI_WIRE_ARP_LEN];

	mini_wire_arp_build(p, &test_arp);
	KUNIT_EXPECT_EQ(test, memcmp(p, want, sizeof(p)), 0);
	KUNIT_ASSERT_EQ(test, mini_wire_arp_parse(p, sizeof(p), &arp), 0);
	KUNIT_EXPECT_EQ(test, arp.op, test_arp.op);
	KUNIT_EXPECT_TRUE(test, ether_addr_equal_unaligned(arp.sha,
							   test_arp.sha));
	KUNIT_EXPECT_TRUE(test, ether_addr_equal_unaligned(arp.tha,
							   test_arp.tha));
	KUNIT_EXPECT_EQ(test, ntohl(arp.spa), ntohl(test_arp.spa));
	KUNIT_EXPECT_EQ(test, ntohl(arp.tpa), ntohl(test_arp.tpa));
}

static void arp_parse__every_length(struct kunit *test)
{
	u8 p[46] = {};		/* as Ethernet pads it */
	unsigned int len;

	mini_wire_arp_build(p, &test_arp);
	for (len = 0; len <= sizeof(p); len++)
		KUNIT_EXPECT_EQ_MSG(test, test_arp_parse(test, p, len),
				    len < MINI_WIRE_ARP_LEN ?
				    MINI_DROP_ARP_SHORT : 0,
				    "%u octets", len);
}

/* Hardware type, protocol type and both lengths: one value each is ours. */
static void arp_parse__format(struct kunit *test)
{
	u8 p[MINI_WIRE_ARP_LEN];
	unsigned int bit;

	mini_wire_arp_build(p, &test_arp);
	for (bit = 0; bit < 6 * 8; bit++) {
		p[bit / 8] ^= 1 << bit % 8;
		KUNIT_EXPECT_EQ_MSG(test, test_arp_parse(test, p, sizeof(p)),
				    MINI_DROP_ARP_FORMAT, "bit %u", bit);
		p[bit / 8] ^= 1 << bit % 8;
	}
}

static void arp_parse__opcode(struct kunit *test)
{
	u8 p[MINI_WIRE_ARP_LEN];
	unsigned int op;

	mini_wire_arp_build(p, &test_arp);
	for (op = 0; op <= 0xffff; op += op < 32 ? 1 : 0x1f) {
		p[6] = op >> 8;
		p[7] = op;
		KUNIT_EXPECT_EQ_MSG(test, test_arp_parse(test, p, sizeof(p)),
				    op == 1 || op == 2 ? 0 :
				    MINI_DROP_ARP_OPCODE, "opcode %u", op);
	}
}

static void arp_parse__sender(struct kunit *test)
{
	static const u8 bad[][ETH_ALEN] = {
		{ 0, 0, 0, 0, 0, 0 },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		{ 0x01, 0, 0x5e, 0, 0, 1 },
		{ 0x33, 0x33, 0, 0, 0, 1 },
	};
	struct mini_wire_arp arp = test_arp;
	u8 p[MINI_WIRE_ARP_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		memcpy(arp.sha, bad[i], ETH_ALEN);
		mini_wire_arp_build(p, &arp);
		KUNIT_EXPECT_EQ_MSG(test, test_arp_parse(test, p, sizeof(p)),
				    MINI_DROP_ARP_SENDER, "sender %pM", bad[i]);
	}
	/* A probe: nobody's address asks for the target's (RFC 5227). */
	arp = test_arp;
	arp.op = MINI_WIRE_ARP_REQUEST;
	arp.spa = 0;
	eth_zero_addr(arp.tha);
	mini_wire_arp_build(p, &arp);
	KUNIT_EXPECT_EQ(test, test_arp_parse(test, p, sizeof(p)), 0);
}

/* UDP */

static enum mini_drop_reason test_udp(struct kunit *test, const void *data,
				      size_t len, struct mini_wire_udp *udp)
{
	u8 *p = test_exact(test, data, len);
	enum mini_drop_reason reason;

	reason = mini_wire_udp_parse(p, len, udp);
	kfree(p);
	return reason;
}

static void udp_parse__fields(struct kunit *test)
{
	static const u8 p[] = { 0x30, 0x39, 0, 53, 0, 9, 0xab, 0xcd, 'x', 0 };
	struct mini_wire_udp udp = {};

	KUNIT_ASSERT_EQ(test, test_udp(test, p, sizeof(p), &udp), 0);
	KUNIT_EXPECT_EQ(test, ntohs(udp.sport), 12345);
	KUNIT_EXPECT_EQ(test, ntohs(udp.dport), 53);
	KUNIT_EXPECT_EQ(test, udp.len, 9);
	KUNIT_EXPECT_EQ(test, ntohs((__force __be16)udp.check), 0xabcd);
}

/* Each claimed length against each number of octets that IP carried. */
static void udp_parse__every_length(struct kunit *test)
{
	struct mini_wire_udp udp;
	unsigned int len, claim;
	u8 p[24] = {};

	for (len = 0; len <= sizeof(p); len++) {
		for (claim = 0; claim <= sizeof(p) + 1; claim++) {
			p[5] = claim;
			KUNIT_EXPECT_EQ_MSG(test, test_udp(test, p, len, &udp),
					    len < 8 ? MINI_DROP_UDP_SHORT :
					    claim < 8 || claim > len ?
					    MINI_DROP_UDP_LENGTH : 0,
					    "%u of %u octets", claim, len);
		}
	}
	p[4] = 0xff;
	p[5] = 0xff;
	KUNIT_EXPECT_EQ(test, test_udp(test, p, sizeof(p), &udp),
			MINI_DROP_UDP_LENGTH);
}

/* Octets that nobody chose: no parser says yes to what it cannot stand by. */
static void wire_parse__noise(struct kunit *test)
{
	struct mini_wire_ipv4 ip;
	struct mini_wire_udp udp;
	struct rnd_state rnd;
	unsigned int i, len;
	u8 p[TEST_IP_MAX + 8];

	prandom_seed_state(&rnd, 791);
	for (i = 0; i < TEST_NOISE; i++) {
		prandom_bytes_state(&rnd, p, sizeof(p));
		len = prandom_u32_state(&rnd) % (sizeof(p) + 1);
		if (i & 1)
			p[0] = 0x40 | (p[0] & 0xf);
		if (i & 2)
			p[2] = 0;
		if ((i & 4) && len >= 20 && (p[0] & 0xf) >= 5 &&
		    (p[0] & 0xf) * 4 <= len)
			test_ipv4_csum(p);
		if (!test_ipv4(test, p, len, &ip)) {
			KUNIT_EXPECT_GE(test, ip.hdr_len, 20);
			KUNIT_EXPECT_LE(test, ip.hdr_len, ip.tot_len);
			KUNIT_EXPECT_LE(test, ip.tot_len, len);
		}
		if (!test_quote(test, p, len, &ip)) {
			KUNIT_EXPECT_GE(test, ip.hdr_len, 20);
			KUNIT_EXPECT_LE(test, ip.hdr_len + 8, len);
			KUNIT_EXPECT_LE(test, ip.hdr_len + 8, ip.tot_len);
		}
		p[4] = 0;
		if (!test_udp(test, p, len, &udp)) {
			KUNIT_EXPECT_GE(test, udp.len, 8);
			KUNIT_EXPECT_LE(test, udp.len, len);
		}
		test_arp_parse(test, p, len);
	}
}

static struct kunit_case mini_wire_test_cases[] = {
	KUNIT_CASE(ipv4_parse__fields),
	KUNIT_CASE(ipv4_parse__fragment_fields),
	KUNIT_CASE(ipv4_parse__every_length),
	KUNIT_CASE(ipv4_parse__version),
	KUNIT_CASE(ipv4_parse__header_len),
	KUNIT_CASE(ipv4_parse__total_len),
	KUNIT_CASE(ipv4_parse__padding),
	KUNIT_CASE(ipv4_parse__every_bit_flipped),
	KUNIT_CASE(icmp_quote_parse__every_length),
	KUNIT_CASE(icmp_quote_parse__stale_checksum),
	KUNIT_CASE(icmp_quote_parse__no_ipv4),
	KUNIT_CASE(arp_build__octets),
	KUNIT_CASE(arp_parse__every_length),
	KUNIT_CASE(arp_parse__format),
	KUNIT_CASE(arp_parse__opcode),
	KUNIT_CASE(arp_parse__sender),
	KUNIT_CASE(udp_parse__fields),
	KUNIT_CASE(udp_parse__every_length),
	KUNIT_CASE(wire_parse__noise),
	{}
};

struct kunit_suite mini_wire_test_suite = {
	.name = "mini_wire",
	.test_cases = mini_wire_test_cases,
};
