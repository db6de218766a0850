// SPDX-License-Identifier: GPL-2.0
/*
 * What a router passes on, what it drops and what it tells of it: crafted
 * packets from 10.0.0.2 by a device with 10.0.0.1/24, mostly to hosts behind
 * another with 10.0.1.1/24.
 *
 * What is sent ends at the test devices, which have no net_device: counters
 * tell of it.
 */
#include <linux/icmp.h>
#include <linux/rtnetlink.h>
#include <net/ip.h>

#include "host_test.h"

#define ONE	(TEST_IFINDEX + 1)
#define TWO	(TEST_IFINDEX + 2)

#define SENDER	0x0a000002	/* 10.0.0.2 */
#define BEHIND	0x0a000102	/* 10.0.1.2 */

static struct mini_dev *test_one;
static struct mini_dev *test_two;

static int forward_test_init(struct kunit *test)
{
	const u32 flags = MINI_DEV_F_UP | MINI_DEV_F_NOARP;
	struct mini_net *mn;
	int err;

	err = mini_test_host_init(test);
	if (err)
		return err;
	mn = test->priv;
	mn->sysctl.ip_forward = 1;
	mn->sysctl.rp_filter = 0;
	mn->sysctl.icmp_ratelimit = 0;
	test_one = mini_test_dev(test, ONE, flags);
	test_two = mini_test_dev(test, TWO, flags);
	err = mini_test_addr_add(test_one, TEST_ADDR(10, 0, 0, 1), 24);
	if (!err)
		err = mini_test_addr_add(test_two, TEST_ADDR(10, 0, 1, 1), 24);
	return err;
}

/* What a packet differs in from one of 100 octets from SENDER to BEHIND. */
struct test_given {
	u32 src;
	u32 dst;
	u16 len;
	u8 ttl;
	bool df;
	u8 pkt_type;
};

static void give(struct kunit *test, struct test_given g)
{
	struct sk_buff *skb = alloc_skb(2200, GFP_KERNEL);
	struct iphdr *iph;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 128);
	iph = skb_put_zero(skb, g.len ? g.len : 100);
	iph->version = 4;
	iph->ihl = 5;
	iph->tot_len = htons(skb->len);
	iph->ttl = g.ttl ? g.ttl : 64;
	iph->frag_off = g.df ? htons(IP_DF) : 0;
	iph->protocol = IPPROTO_UDP;
	iph->saddr = htonl(g.src ? g.src : SENDER);
	iph->daddr = htonl(g.dst ? g.dst : BEHIND);
	iph->check = ip_fast_csum(iph, iph->ihl);
	skb->protocol = htons(ETH_P_IP);
	skb->pkt_type = g.pkt_type;
	local_bh_disable();
	rcu_read_lock();
	mini_ipv4_rcv(test_one, skb);
	rcu_read_unlock();
	local_bh_enable();
}

static u64 count(struct kunit *test, enum mini_mib id)
{
	return mini_test_event(test->priv, id);
}

static void expect_forwarded(struct kunit *test, struct test_given g)
{
	u64 before = count(test, MINI_MIB_IP_FORWARDED);
	u64 errors = count(test, MINI_MIB_ICMP_OUT_MSGS);

	give(test, g);
	KUNIT_EXPECT_EQ(test, before + 1, count(test, MINI_MIB_IP_FORWARDED));
	KUNIT_EXPECT_EQ(test, errors, count(test, MINI_MIB_ICMP_OUT_MSGS));
}

/* @error: an ICMP message tells the sender. */
static void expect_dropped(struct kunit *test, struct test_given g,
			   enum mini_drop_reason reason, bool error)
{
	u64 before = count(test, MINI_MIB_IP_FORWARDED);
	u64 errors = count(test, MINI_MIB_ICMP_OUT_MSGS);
	u64 drops = mini_test_drops(test->priv, reason);

	give(test, g);
	KUNIT_EXPECT_EQ_MSG(test, drops + 1,
			    mini_test_drops(test->priv, reason),
			    "drop reason %d, to %x", reason, g.dst);
	KUNIT_EXPECT_EQ(test, before, count(test, MINI_MIB_IP_FORWARDED));
	KUNIT_EXPECT_EQ(test, errors + error,
			count(test, MINI_MIB_ICMP_OUT_MSGS));
}

static void forward__only_if_told(struct kunit *test)
{
	struct mini_net *mn = test->priv;

	expect_forwarded(test, (struct test_given){});
	mn->sysctl.ip_forward = 0;
	expect_dropped(test, (struct test_given){}, MINI_DROP_IP_NOT_LOCAL,
		       false);
}

static void forward__ttl(struct kunit *test)
{
	expect_forwarded(test, (struct test_given){ .ttl = 2 });
	expect_dropped(test, (struct test_given){ .ttl = 1 }, MINI_DROP_IP_TTL,
		       true);
	KUNIT_EXPECT_EQ(test, 1, count(test, MINI_MIB_ICMP_OUT_TIME_EXCDS));
}

static void forward__mtu(struct kunit *test)
{
	test_two->mtu = 576;
	expect_forwarded(test, (struct test_given){ .len = 576, .df = true });
	KUNIT_EXPECT_EQ(test, 0, count(test, MINI_MIB_IP_FRAG_CREATES));
	expect_dropped(test, (struct test_given){ .len = 577, .df = true },
		       MINI_DROP_IP_FRAG_NEEDED, true);
	KUNIT_EXPECT_EQ(test, 1, count(test, MINI_MIB_IP_FRAG_FAILS));
	KUNIT_EXPECT_EQ(test, 1, count(test, MINI_MIB_ICMP_OUT_DEST_UNREACHS));
	expect_forwarded(test, (struct test_given){ .len = 577 });
	/* No device takes the first: there is no second. */
	KUNIT_EXPECT_EQ(test, 1, count(test, MINI_MIB_IP_FRAG_CREATES));
}

/* Sources and destinations that no router may pass on */
static void forward__martians(struct kunit *test)
{
	static const struct test_given given[] = {
		{ .src = 0x7f000001 },		/* 127.0.0.1 */
		{ .src = 0xe0000101 },		/* 224.0.1.1 */
		{ .src = 0xffffffff },
		{ .src = 0x0a000001 },		/* our own */
		{ .src = 0x0a0001ff },		/* a subnet as such */
		{ .src = 0xa9fe0001 },		/* 169.254.0.1 */
		{ .dst = 0x7f000002 },
		{ .dst = 0xa9fe0001 },
	};
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0,
			mini_test_route_add(test->priv, TEST_ADDR(0, 0, 0, 0),
					    0, TEST_ADDR(10, 0, 1, 254), 0, 0));
	for (i = 0; i < ARRAY_SIZE(given); i++)
		give(test, given[i]);
	KUNIT_EXPECT_EQ(test, 0, count(test, MINI_MIB_IP_FORWARDED));
	KUNIT_EXPECT_EQ(test, 0, count(test, MINI_MIB_ICMP_OUT_MSGS));
	KUNIT_EXPECT_EQ(test, 2, mini_test_drops(test->priv,
						 MINI_DROP_IP_LINK_LOCAL));
}

/* RFC 1812 section 4.2.2.11, RFC 2644; and what came in a frame for many */
static void forward__nothing_for_many(struct kunit *test)
{
	static const struct test_given given[] = {
		{ .dst = 0xe0000101 },
		{ .dst = 0xefffffff },
		{ .dst = 0xffffffff },
		{ .dst = 0x0a0001ff },		/* 10.0.1.255 */
		{ .pkt_type = PACKET_BROADCAST },
		{ .pkt_type = PACKET_MULTICAST },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(given); i++)
		give(test, given[i]);
	KUNIT_EXPECT_EQ(test, 0, count(test, MINI_MIB_IP_FORWARDED));
	KUNIT_EXPECT_EQ(test, 0, count(test, MINI_MIB_ICMP_OUT_MSGS));
	KUNIT_EXPECT_EQ(test, 2,
			mini_test_drops(test->priv,
					MINI_DROP_IP_UNICAST_IN_L2_MULTICAST));
}

/* Its own addresses are the end of the way, on whatever device they are. */
static void forward__not_to_itself(struct kunit *test)
{
	give(test, (struct test_given){ .dst = 0x0a000001 });
	give(test, (struct test_given){ .dst = 0x0a000101 });
	KUNIT_EXPECT_EQ(test, 0, count(test, MINI_MIB_IP_FORWARDED));
}

static void forward__routes_that_lead_nowhere(struct kunit *test)
{
	static const struct {
		u8 type;
		bool error;
	} cases[] = {
		{ MINI_ROUTE_BLACKHOLE, false },
		{ MINI_ROUTE_UNREACHABLE, true },
		{ MINI_ROUTE_PROHIBIT, true },
	};
	struct mini_route_cfg cfg = { .plen = MINI_V4_PLEN(24) };
	unsigned int i;

	/* No route at all: net unreachable */
	expect_dropped(test, (struct test_given){ .dst = 0xc0000201 },
		       MINI_DROP_IP_NO_ROUTE, true);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		cfg.dst = TEST_ADDR(198, 51, i, 0);
		cfg.type = cases[i].type;
		rtnl_lock();
		KUNIT_EXPECT_EQ(test, 0, mini_route_add(test->priv, &cfg,
							NULL));
		rtnl_unlock();
		expect_dropped(test, (struct test_given){
					.dst = 0xc6330001 + (i << 8) },
			       MINI_DROP_IP_NO_ROUTE, cases[i].error);
	}
}

static struct kunit_case forward_test_cases[] = {
	KUNIT_CASE(forward__only_if_told),
	KUNIT_CASE(forward__ttl),
	KUNIT_CASE(forward__mtu),
	KUNIT_CASE(forward__martians),
	KUNIT_CASE(forward__nothing_for_many),
	KUNIT_CASE(forward__not_to_itself),
	KUNIT_CASE(forward__routes_that_lead_nowhere),
	{}
};

struct kunit_suite mini_forward_test_suite = {
	.name = "mini_forward",
	.init = forward_test_init,
	.exit = mini_test_host_exit,
	.test_cases = forward_test_cases,
};
