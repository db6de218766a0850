// SPDX-License-Identifier: GPL-2.0
/*
 * Crafted packets through IP input and ICMP, on a host with 10.0.0.1/24 on a
 * device without ARP and a transport that notes what it is given.
 *
 * What is sent ends at the test device, which has no net_device: counters
 * tell of it.
 */
#include <linux/icmp.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "host_test.h"

/* RFC 3692: numbers for experiments. */
#define TEST_PROTO	253
#define TEST_NO_PROTO	254

struct test_got {
	unsigned int packets;
	unsigned int errors;
	u32 len;
	u8 dst_type;
	int errno_;
	bool hard;
	u32 mtu;
	unsigned int payload_len;
	bool claim;			/* demux says yes */
};

static struct test_got test_got;

static void test_rcv(struct mini_rx *rx, struct sk_buff *skb)
{
	test_got.packets++;
	test_got.len = skb->len == rx->len ? rx->len : U32_MAX;
	test_got.dst_type = rx->dst_type;
	consume_skb(skb);
}

static bool test_demux(struct mini_rx *rx, struct sk_buff *skb)
{
	if (test_got.claim)
		rx->conn = &test_got;
	return test_got.claim;
}

static void test_err(struct mini_net *mn, const struct mini_icmp_err *e)
{
	test_got.errors++;
	test_got.errno_ = e->errno_;
	test_got.hard = e->hard;
	test_got.mtu = e->mtu;
	test_got.payload_len = e->payload_len;
}

static const struct mini_proto test_proto = {
	.protocol = TEST_PROTO,
	.rcv = test_rcv,
	.demux = test_demux,
	.err = test_err,
};

static int input_test_init(struct kunit *test)
{
	memset(&test_got, 0, sizeof(test_got));
	mini_ip_register(&test_proto);
	return mini_test_host_init(test);
}

static void input_test_exit(struct kunit *test)
{
	mini_test_host_exit(test);
	mini_ip_unregister(&test_proto);
}

static void test_fix_csum(struct sk_buff *skb)
{
	struct iphdr *iph = (struct iphdr *)skb->data;

	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
}

/* A packet from 10.0.0.2 to 10.0.0.1 with @len octets after the header. */
static struct sk_buff *test_packet(struct kunit *test, u8 proto,
				   unsigned int len)
{
	struct sk_buff *skb = alloc_skb(256 + len, GFP_KERNEL);
	struct iphdr *iph;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 64);
	iph = skb_put_zero(skb, sizeof(*iph) + len);
	iph->version = 4;
	iph->ihl = 5;
	iph->tot_len = htons(skb->len);
	iph->ttl = 64;
	iph->protocol = proto;
	iph->saddr = htonl(0x0a000002);
	iph->daddr = htonl(0x0a000001);
	test_fix_csum(skb);
	skb->protocol = htons(ETH_P_IP);
	skb->pkt_type = PACKET_HOST;
	return skb;
}

static struct iphdr *test_iph(struct sk_buff *skb)
{
	return (struct iphdr *)skb->data;
}

static void test_input(struct mini_dev *mdev, struct sk_buff *skb)
{
	local_bh_disable();
	rcu_read_lock();
	mini_ipv4_rcv(mdev, skb);
	rcu_read_unlock();
	local_bh_enable();
}

/* The packet must be dropped for this reason, once, and for no other. */
static void expect_drop(struct kunit *test, struct mini_dev *mdev,
			struct sk_buff *skb, enum mini_drop_reason reason)
{
	u64 before = mini_test_drops(test->priv, reason);

	test_input(mdev, skb);
	KUNIT_EXPECT_EQ_MSG(test, before + 1,
			    mini_test_drops(test->priv, reason),
			    "drop reason %d", reason);
	KUNIT_EXPECT_EQ(test, 0, test_got.packets);
}

static void input__good_packet_is_delivered(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);

	test_input(mdev, test_packet(test, TEST_PROTO, 33));
	KUNIT_EXPECT_EQ(test, 1, test_got.packets);
	KUNIT_EXPECT_EQ(test, 33, test_got.len);
	KUNIT_EXPECT_EQ(test, MINI_ROUTE_LOCAL, test_got.dst_type);
}

static void input__padding_is_cut_off(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct sk_buff *skb = test_packet(test, TEST_PROTO, 5);

	skb_put_zero(skb, 21);
	test_input(mdev, skb);
	KUNIT_EXPECT_EQ(test, 1, test_got.packets);
	KUNIT_EXPECT_EQ(test, 5, test_got.len);
}

static void input__bad_header_is_dropped(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct sk_buff *skb;

	skb = test_packet(test, TEST_PROTO, 8);
	skb_trim(skb, 19);
	expect_drop(test, mdev, skb, MINI_DROP_IP_SHORT);

	skb = test_packet(test, TEST_PROTO, 8);
	test_iph(skb)->version = 6;
	test_fix_csum(skb);
	expect_drop(test, mdev, skb, MINI_DROP_IP_VERSION);

	skb = test_packet(test, TEST_PROTO, 8);
	test_iph(skb)->ihl = 4;
	expect_drop(test, mdev, skb, MINI_DROP_IP_HEADER_LEN);

	skb = test_packet(test, TEST_PROTO, 8);
	test_iph(skb)->tot_len = htons(29);
	test_fix_csum(skb);
	expect_drop(test, mdev, skb, MINI_DROP_IP_TOTAL_LEN);

	skb = test_packet(test, TEST_PROTO, 8);
	test_iph(skb)->tot_len = 0;
	test_fix_csum(skb);
	expect_drop(test, mdev, skb, MINI_DROP_IP_TOTAL_LEN);

	skb = test_packet(test, TEST_PROTO, 8);
	test_iph(skb)->check ^= htons(0x100);
	expect_drop(test, mdev, skb, MINI_DROP_IP_CSUM);
}

static u64 test_parm_probs(struct kunit *test)
{
	return mini_test_event(test->priv, MINI_MIB_ICMP_OUT_PARM_PROBS);
}

static void input__bad_options_are_dropped(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct sk_buff *skb;

	skb = test_packet(test, TEST_PROTO, 8);
	test_iph(skb)->ihl = 6;
	skb->data[20] = IPOPT_RR;
	skb->data[21] = 5;
	test_fix_csum(skb);
	expect_drop(test, mdev, skb, MINI_DROP_IP_OPTIONS);
	KUNIT_EXPECT_EQ(test, 1, test_parm_probs(test));

	/* Of another host's, only a router says so. */
	skb = test_packet(test, TEST_PROTO, 8);
	test_iph(skb)->ihl = 6;
	test_iph(skb)->daddr = htonl(0x0a000003);
	skb->data[20] = IPOPT_RR;
	skb->data[21] = 5;
	test_fix_csum(skb);
	expect_drop(test, mdev, skb, MINI_DROP_IP_OPTIONS);
	KUNIT_EXPECT_EQ(test, 1, test_parm_probs(test));

	skb = test_packet(test, TEST_PROTO, 8);
	test_iph(skb)->ihl = 6;
	skb->data[20] = IPOPT_LSRR;
	skb->data[21] = 3;
	test_fix_csum(skb);
	expect_drop(test, mdev, skb, MINI_DROP_IP_SOURCE_ROUTE);
}

static void test_from_to(struct kunit *test, struct mini_dev *mdev, u32 from,
			 u32 to, enum mini_drop_reason reason)
{
	struct sk_buff *skb = test_packet(test, TEST_PROTO, 8);

	test_iph(skb)->saddr = htonl(from);
	test_iph(skb)->daddr = htonl(to);
	test_fix_csum(skb);
	expect_drop(test, mdev, skb, reason);
}

static void input__martians_are_dropped(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct sk_buff *skb;

	/* Sources: multicast, broadcast, loopback, nobody, subnet's, own */
	test_from_to(test, mdev, 0xe0000001, 0x0a000001,
		     MINI_DROP_IP_MARTIAN_SOURCE);
	test_from_to(test, mdev, 0xffffffff, 0x0a000001,
		     MINI_DROP_IP_MARTIAN_SOURCE);
	test_from_to(test, mdev, 0x7f000001, 0x0a000001,
		     MINI_DROP_IP_MARTIAN_SOURCE);
	test_from_to(test, mdev, 0x00000000, 0x0a000001,
		     MINI_DROP_IP_MARTIAN_SOURCE);
	test_from_to(test, mdev, 0x0a0000ff, 0x0a000001,
		     MINI_DROP_IP_MARTIAN_SOURCE);
	test_from_to(test, mdev, 0x0a000001, 0x0a000001,
		     MINI_DROP_IP_MARTIAN_SOURCE);
	/* Nobody tells of groups, and only to them. */
	skb = test_packet(test, IPPROTO_IGMP, 8);
	test_iph(skb)->saddr = 0;
	test_fix_csum(skb);
	expect_drop(test, mdev, skb, MINI_DROP_IP_MARTIAN_SOURCE);
	/* Destinations: loopback, nobody */
	test_from_to(test, mdev, 0x0a000002, 0x7f000001,
		     MINI_DROP_IP_MARTIAN_DEST);
	test_from_to(test, mdev, 0x0a000002, 0x00000000,
		     MINI_DROP_IP_MARTIAN_DEST);
	/* Others' */
	test_from_to(test, mdev, 0x0a000002, 0x0a000003,
		     MINI_DROP_IP_NOT_LOCAL);
	test_from_to(test, mdev, 0x0a000002, 0xc0000201,
		     MINI_DROP_IP_NOT_LOCAL);
}

static void input__loopback_brings_own_addresses(struct kunit *test)
{
	struct mini_dev *lo = mini_dev_loopback(test->priv);
	struct sk_buff *skb = test_packet(test, TEST_PROTO, 8);

	mini_test_one_dev(test);
	test_iph(skb)->saddr = htonl(0x0a000001);
	test_iph(skb)->daddr = htonl(INADDR_LOOPBACK);
	test_fix_csum(skb);
	test_input(lo, skb);
	KUNIT_EXPECT_EQ(test, 1, test_got.packets);
}

static void input__broadcast_is_for_udp_and_icmp(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);

	test_from_to(test, mdev, 0x0a000002, 0x0a0000ff,
		     MINI_DROP_IP_NOT_UNICAST);
	test_from_to(test, mdev, 0x0a000002, 0xffffffff,
		     MINI_DROP_IP_NOT_UNICAST);
	test_from_to(test, mdev, 0x0a000002, 0xe0000001,
		     MINI_DROP_IP_NOT_UNICAST);
	/* Who asks for an address (RFC 2131) */
	test_from_to(test, mdev, 0x00000000, 0xffffffff,
		     MINI_DROP_IP_NOT_UNICAST);
}

static void input__unicast_in_broadcast_frame(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct sk_buff *skb = test_packet(test, TEST_PROTO, 8);

	/* Nor does a connection get it. */
	test_got.claim = true;
	skb->pkt_type = PACKET_BROADCAST;
	expect_drop(test, mdev, skb, MINI_DROP_IP_UNICAST_IN_L2_MULTICAST);
}

static void input__connection_needs_no_route(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct sk_buff *skb = test_packet(test, TEST_PROTO, 8);

	test_got.claim = true;
	test_iph(skb)->daddr = htonl(0xc0000201);
	test_fix_csum(skb);
	test_input(mdev, skb);
	KUNIT_EXPECT_EQ(test, 1, test_got.packets);
	KUNIT_EXPECT_EQ(test, MINI_ROUTE_LOCAL, test_got.dst_type);
}

static void input__nobody_poses_as_this_host(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);

	/* The connection could be one of this host with itself. */
	test_got.claim = true;
	KUNIT_ASSERT_EQ(test, 0,
			mini_test_addr_add(mdev, TEST_ADDR(10, 0, 7, 1), 24));
	test_from_to(test, mdev, 0x0a000701, 0x0a000001,
		     MINI_DROP_IP_MARTIAN_SOURCE);
	KUNIT_ASSERT_EQ(test, 0,
			mini_test_addr_del(mdev, TEST_ADDR(10, 0, 7, 1), 24));
	KUNIT_ASSERT_EQ(test, 0,
			mini_test_addr_add(mini_dev_loopback(test->priv),
					   TEST_ADDR(10, 0, 8, 1), 24));
	test_from_to(test, mdev, 0x0a000899, 0x0a000001,
		     MINI_DROP_IP_MARTIAN_SOURCE);
}

static u64 test_unreachs(struct kunit *test)
{
	return mini_test_event(test->priv, MINI_MIB_ICMP_OUT_DEST_UNREACHS);
}

static void unreach__unknown_protocol_is_told(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);

	expect_drop(test, mdev, test_packet(test, TEST_NO_PROTO, 8),
		    MINI_DROP_IP_NO_PROTO);
	KUNIT_EXPECT_EQ(test, 1, test_unreachs(test));
}

/* RFC 1122 section 3.2.2 */
static void unreach__is_not_sent_about(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct sk_buff *skb = test_packet(test, IPPROTO_UDP, 8);
	struct mini_rx rx = {
		.mn = test->priv,
		.mdev = mdev,
		.saddr = TEST_ADDR(10, 0, 0, 2),
		.daddr = TEST_ADDR(10, 0, 0, 1),
		.len = 8,
		.proto = IPPROTO_UDP,
		.dst_type = MINI_ROUTE_LOCAL,
	};

	skb_reset_network_header(skb);
	skb_pull(skb, sizeof(struct iphdr));
	skb_reset_transport_header(skb);

	/* a packet to a broadcast address, */
	rx.dst_type = MINI_ROUTE_BROADCAST;
	mini_icmp_send_unreach(&rx, skb, ICMP_PORT_UNREACH);
	rx.dst_type = MINI_ROUTE_LOCAL;
	/* one in a broadcast frame, */
	skb->pkt_type = PACKET_BROADCAST;
	mini_icmp_send_unreach(&rx, skb, ICMP_PORT_UNREACH);
	skb->pkt_type = PACKET_HOST;
	/* a fragment that is not the first, */
	ip_hdr(skb)->frag_off = htons(8);
	mini_icmp_send_unreach(&rx, skb, ICMP_PORT_UNREACH);
	ip_hdr(skb)->frag_off = 0;
	/* an ICMP error, */
	rx.proto = IPPROTO_ICMP;
	skb->data[0] = ICMP_DEST_UNREACH;
	mini_icmp_send_unreach(&rx, skb, ICMP_PORT_UNREACH);
	rx.proto = IPPROTO_UDP;
	/* a source that is no single host. */
	rx.saddr = TEST_ADDR(0, 0, 0, 0);
	mini_icmp_send_unreach(&rx, skb, ICMP_PORT_UNREACH);
	rx.saddr = TEST_ADDR(10, 0, 0, 255);
	mini_icmp_send_unreach(&rx, skb, ICMP_PORT_UNREACH);
	rx.saddr = TEST_ADDR(224, 0, 0, 9);
	mini_icmp_send_unreach(&rx, skb, ICMP_PORT_UNREACH);
	KUNIT_EXPECT_EQ(test, 0, test_unreachs(test));

	rx.saddr = TEST_ADDR(10, 0, 0, 2);
	mini_icmp_send_unreach(&rx, skb, ICMP_PORT_UNREACH);
	KUNIT_EXPECT_EQ(test, 1, test_unreachs(test));
	kfree_skb(skb);
}

static void unreach__rate_is_limited(struct kunit *test)
{
	struct mini_net *mn = test->priv;
	unsigned long now = INITIAL_JIFFIES;
	unsigned int i;

	mn->sysctl.icmp_ratelimit = 10;
	mn->sysctl.icmp_burst = 3;
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, mini_icmp_allow(mn, now));
	KUNIT_EXPECT_FALSE(test, mini_icmp_allow(mn, now));
	KUNIT_EXPECT_EQ(test, 1,
			mini_test_event(mn, MINI_MIB_ICMP_OUT_RATELIMITED));
	/* A tenth of a second brings one more. */
	now += DIV_ROUND_UP(HZ, 10);
	KUNIT_EXPECT_TRUE(test, mini_icmp_allow(mn, now));
	KUNIT_EXPECT_FALSE(test, mini_icmp_allow(mn, now));
	/* A long rest brings no more than a burst. */
	now += 1000 * HZ;
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, mini_icmp_allow(mn, now));
	KUNIT_EXPECT_FALSE(test, mini_icmp_allow(mn, now));
	mn->sysctl.icmp_ratelimit = 0;
	KUNIT_EXPECT_TRUE(test, mini_icmp_allow(mn, now));
}

/* An ICMP message after the IP header, its checksum to be set at last. */
static struct sk_buff *test_icmp(struct kunit *test, u8 type, u8 code,
				 unsigned int len)
{
	struct sk_buff *skb = test_packet(test, IPPROTO_ICMP,
					  sizeof(struct icmphdr) + len);

	skb->data[20] = type;
	skb->data[21] = code;
	return skb;
}

static void test_icmp_csum(struct sk_buff *skb)
{
	struct icmphdr *icmp = (struct icmphdr *)(skb->data + 20);

	icmp->checksum = 0;
	icmp->checksum = csum_fold(csum_partial(icmp, skb->len - 20, 0));
}

static void icmp__echo_is_answered(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct mini_net *mn = test->priv;
	struct sk_buff *skb = test_icmp(test, ICMP_ECHO, 0, 56);

	test_icmp_csum(skb);
	test_input(mdev, skb);
	KUNIT_EXPECT_EQ(test, 1, mini_test_event(mn, MINI_MIB_ICMP_IN_ECHOS));
	KUNIT_EXPECT_EQ(test, 1,
			mini_test_event(mn, MINI_MIB_ICMP_OUT_ECHO_REPS));
}

static void icmp__echo_may_be_ignored(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct mini_net *mn = test->priv;
	struct sk_buff *skb = test_icmp(test, ICMP_ECHO, 0, 56);

	/* To a broadcast address always */
	test_icmp_csum(skb);
	test_iph(skb)->daddr = htonl(0x0a0000ff);
	test_fix_csum(skb);
	expect_drop(test, mdev, skb, MINI_DROP_ICMP_ECHO_IGNORED);

	mn->sysctl.icmp_echo_ignore_all = 1;
	skb = test_icmp(test, ICMP_ECHO, 0, 56);
	test_icmp_csum(skb);
	expect_drop(test, mdev, skb, MINI_DROP_ICMP_ECHO_IGNORED);
	KUNIT_EXPECT_EQ(test, 0,
			mini_test_event(mn, MINI_MIB_ICMP_OUT_ECHO_REPS));
}

static void icmp__bad_message_is_dropped(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct sk_buff *skb;

	expect_drop(test, mdev, test_packet(test, IPPROTO_ICMP, 7),
		    MINI_DROP_ICMP_SHORT);
	skb = test_icmp(test, ICMP_ECHO, 0, 56);
	test_icmp_csum(skb);
	skb->data[40] ^= 1;
	expect_drop(test, mdev, skb, MINI_DROP_ICMP_CSUM);
	skb = test_icmp(test, 200, 0, 56);
	test_icmp_csum(skb);
	expect_drop(test, mdev, skb, MINI_DROP_ICMP_TYPE);
}

/* An error about a packet of @len octets that 10.0.0.1 sent. */
static struct sk_buff *test_icmp_err(struct kunit *test, u8 type, u8 code,
				     u16 len, unsigned int quoted)
{
	struct sk_buff *skb = test_icmp(test, type, code,
					sizeof(struct iphdr) + quoted);
	struct iphdr *quote = (struct iphdr *)(skb->data + 28);

	quote->version = 4;
	quote->ihl = 5;
	quote->tot_len = htons(len);
	quote->ttl = 1;
	quote->protocol = TEST_PROTO;
	quote->saddr = htonl(0x0a000001);
	quote->daddr = htonl(0xc0000209);
	quote->check = ip_fast_csum(quote, 5);
	test_icmp_csum(skb);
	return skb;
}

static void test_expect_err(struct kunit *test, struct mini_dev *mdev,
			    u8 type, u8 code, int errno_, bool hard)
{
	unsigned int before = test_got.errors;

	test_input(mdev, test_icmp_err(test, type, code, 1500, 8));
	KUNIT_EXPECT_EQ(test, before + 1, test_got.errors);
	KUNIT_EXPECT_EQ(test, errno_, test_got.errno_);
	KUNIT_EXPECT_EQ(test, hard, test_got.hard);
	KUNIT_EXPECT_EQ(test, 8, test_got.payload_len);
}

static void icmp_err__becomes_an_errno(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);

	test_expect_err(test, mdev, ICMP_DEST_UNREACH, ICMP_NET_UNREACH,
			ENETUNREACH, false);
	test_expect_err(test, mdev, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH,
			EHOSTUNREACH, false);
	test_expect_err(test, mdev, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH,
			ECONNREFUSED, true);
	test_expect_err(test, mdev, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH,
			ENOPROTOOPT, true);
	test_expect_err(test, mdev, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL,
			EHOSTUNREACH, false);
	test_expect_err(test, mdev, ICMP_PARAMETERPROB, 0, EPROTO, false);
}

static void icmp_err__tells_the_mtu(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct sk_buff *skb;

	skb = test_icmp_err(test, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
			    1500, 8);
	((struct icmphdr *)(skb->data + 20))->un.frag.mtu = htons(1280);
	test_icmp_csum(skb);
	test_input(mdev, skb);
	KUNIT_EXPECT_EQ(test, EMSGSIZE, test_got.errno_);
	KUNIT_EXPECT_EQ(test, 1280, test_got.mtu);
	/* Not told: the next lower one of RFC 1191's table */
	test_input(mdev, test_icmp_err(test, ICMP_DEST_UNREACH,
				       ICMP_FRAG_NEEDED, 1500, 8));
	KUNIT_EXPECT_EQ(test, 1492, test_got.mtu);
	/* No link is as narrow as a forged error may say. */
	test_input(mdev, test_icmp_err(test, ICMP_DEST_UNREACH,
				       ICMP_FRAG_NEEDED, 60, 8));
	KUNIT_EXPECT_EQ(test, 68, test_got.mtu);
}

static void icmp_err__quote_must_be_ours(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct iphdr *quote;
	struct sk_buff *skb;

	/* Less than eight octets of the transport */
	expect_drop(test, mdev,
		    test_icmp_err(test, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH,
				  1500, 7),
		    MINI_DROP_ICMP_QUOTE);
	/* From another host */
	skb = test_icmp_err(test, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH,
			    1500, 8);
	quote = (struct iphdr *)(skb->data + 28);
	quote->saddr = htonl(0x0a000003);
	test_icmp_csum(skb);
	expect_drop(test, mdev, skb, MINI_DROP_ICMP_QUOTE);
	/* A later fragment */
	skb = test_icmp_err(test, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH,
			    1500, 8);
	quote = (struct iphdr *)(skb->data + 28);
	quote->frag_off = htons(8);
	test_icmp_csum(skb);
	expect_drop(test, mdev, skb, MINI_DROP_ICMP_QUOTE);
	/* A header longer than the quote */
	skb = test_icmp_err(test, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH,
			    1500, 8);
	quote = (struct iphdr *)(skb->data + 28);
	quote->ihl = 15;
	test_icmp_csum(skb);
	expect_drop(test, mdev, skb, MINI_DROP_ICMP_QUOTE);
	/* Not IPv4 at all */
	skb = test_icmp_err(test, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH,
			    1500, 8);
	quote = (struct iphdr *)(skb->data + 28);
	quote->version = 6;
	test_icmp_csum(skb);
	expect_drop(test, mdev, skb, MINI_DROP_ICMP_QUOTE);
	KUNIT_EXPECT_EQ(test, 0, test_got.errors);
}

static void icmp_err__dead_neighbour_is_told(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct sk_buff *skb = test_packet(test, TEST_PROTO, 20);

	swap(test_iph(skb)->saddr, test_iph(skb)->daddr);
	skb_reset_network_header(skb);
	local_bh_disable();
	mini_icmp_unreach(mdev, skb);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, 1, test_got.errors);
	KUNIT_EXPECT_EQ(test, EHOSTUNREACH, test_got.errno_);
	KUNIT_EXPECT_FALSE(test, test_got.hard);
	KUNIT_EXPECT_EQ(test, 20, test_got.payload_len);
}

static struct kunit_case mini_ip_input_test_cases[] = {
	KUNIT_CASE(input__good_packet_is_delivered),
	KUNIT_CASE(input__padding_is_cut_off),
	KUNIT_CASE(input__bad_header_is_dropped),
	KUNIT_CASE(input__bad_options_are_dropped),
	KUNIT_CASE(input__martians_are_dropped),
	KUNIT_CASE(input__loopback_brings_own_addresses),
	KUNIT_CASE(input__broadcast_is_for_udp_and_icmp),
	KUNIT_CASE(input__unicast_in_broadcast_frame),
	KUNIT_CASE(input__connection_needs_no_route),
	KUNIT_CASE(input__nobody_poses_as_this_host),
	KUNIT_CASE(unreach__unknown_protocol_is_told),
	KUNIT_CASE(unreach__is_not_sent_about),
	KUNIT_CASE(unreach__rate_is_limited),
	KUNIT_CASE(icmp__echo_is_answered),
	KUNIT_CASE(icmp__echo_may_be_ignored),
	KUNIT_CASE(icmp__bad_message_is_dropped),
	KUNIT_CASE(icmp_err__becomes_an_errno),
	KUNIT_CASE(icmp_err__tells_the_mtu),
	KUNIT_CASE(icmp_err__quote_must_be_ours),
	KUNIT_CASE(icmp_err__dead_neighbour_is_told),
	{}
};

struct kunit_suite mini_ip_input_test_suite = {
	.name = "mini_ip_input",
	.init = input_test_init,
	.exit = input_test_exit,
	.test_cases = mini_ip_input_test_cases,
};
