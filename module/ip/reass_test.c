// SPDX-License-Identifier: GPL-2.0
/*
 * Fragments through IP input, on a host with 10.0.0.1/24 on a device without
 * ARP, and a transport that looks at each octet it is given.
 *
 * A datagram's octets count up from 0, so that a piece in the wrong place is
 * seen.
 */
#include <linux/icmp.h>
#include <linux/rhashtable.h>
#include <net/inet_ecn.h>
#include <net/inet_frag.h>
#include <net/ip.h>

#include "host_test.h"

/* RFC 3692: a number for experiments. */
#define TEST_PROTO	253

#define TEST_PIECES	4
/* Of the datagram that most tests cut: three of 16 octets, and these. */
#define TEST_LAST	9
#define TEST_LEN	(16 * (TEST_PIECES - 1) + TEST_LAST)

/* How long a timer that is due may take, milliseconds. */
#define TEST_WAIT	5000

struct test_got {
	unsigned int packets;
	unsigned int wrong;
	u32 len;
	u16 frag_size;
	u8 tos;
};

static struct test_got test_got;

static void test_rcv(struct mini_rx *rx, struct sk_buff *skb)
{
	unsigned int i;
	u8 octet;

	test_got.packets++;
	test_got.len = skb->len == rx->len ? rx->len : U32_MAX;
	test_got.frag_size = mini_ip_cb(skb)->frag_size;
	test_got.tos = rx->tos;
	for (i = 0; i < skb->len; i++)
		if (skb_copy_bits(skb, i, &octet, 1) || octet != (u8)i)
			test_got.wrong++;
	if (skb_transport_offset(skb) || ip_hdr(skb)->frag_off ||
	    ip_fast_csum(ip_hdr(skb), ip_hdr(skb)->ihl) ||
	    ntohs(ip_hdr(skb)->tot_len) != sizeof(struct iphdr) + skb->len)
		test_got.wrong++;
	consume_skb(skb);
}

static const struct mini_proto test_proto = {
	.protocol = TEST_PROTO,
	.rcv = test_rcv,
};

static int reass_test_init(struct kunit *test)
{
	memset(&test_got, 0, sizeof(test_got));
	mini_ip_register(&test_proto);
	return mini_test_host_init(test);
}

static void reass_test_exit(struct kunit *test)
{
	mini_test_host_exit(test);
	mini_ip_unregister(&test_proto);
}

struct test_piece {
	unsigned int offset;
	unsigned int len;
	bool more;
	u16 id;
	u8 tos;
	u8 proto;		/* 0: TEST_PROTO */
	u8 from;		/* 0: 10.0.0.2 */
};

static void test_send(struct kunit *test, struct mini_dev *mdev,
		      const struct test_piece *p)
{
	struct sk_buff *skb = alloc_skb(128 + p->len, GFP_KERNEL);
	struct iphdr *iph;
	unsigned int i;
	u8 *data;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 64);
	iph = skb_put_zero(skb, sizeof(*iph));
	data = skb_put(skb, p->len);
	for (i = 0; i < p->len; i++)
		data[i] = p->offset + i;
	iph->version = 4;
	iph->ihl = 5;
	iph->tos = p->tos;
	iph->tot_len = htons(skb->len);
	iph->id = htons(p->id);
	iph->frag_off = htons(p->offset / 8 | (p->more ? IP_MF : 0));
	iph->ttl = 64;
	iph->protocol = p->proto ? p->proto : TEST_PROTO;
	iph->saddr = htonl(0x0a000000 | (p->from ? p->from : 2));
	iph->daddr = htonl(0x0a000001);
	iph->check = ip_fast_csum(iph, iph->ihl);
	skb->protocol = htons(ETH_P_IP);
	skb->pkt_type = PACKET_HOST;

	local_bh_disable();
	rcu_read_lock();
	mini_ipv4_rcv(mdev, skb);
	rcu_read_unlock();
	local_bh_enable();
}

/* Piece @i of the datagram @id. */
static struct test_piece test_piece(unsigned int i, u16 id)
{
	bool last = i == TEST_PIECES - 1;

	return (struct test_piece){
		.offset = 16 * i, .len = last ? TEST_LAST : 16, .more = !last,
		.id = id,
	};
}

static void test_send_piece(struct kunit *test, struct mini_dev *mdev,
			    unsigned int i, u16 id)
{
	struct test_piece p = test_piece(i, id);

	test_send(test, mdev, &p);
}

/* Of 10.0.0.@from. */
static void test_send_from(struct kunit *test, struct mini_dev *mdev,
			   unsigned int i, u16 id, u8 from)
{
	struct test_piece p = test_piece(i, id);

	p.from = from;
	test_send(test, mdev, &p);
}

/* The @n-th order of the pieces, by the digits of n in factorials. */
static void test_order(unsigned int n, unsigned int *order)
{
	bool used[TEST_PIECES] = {};
	unsigned int i, j, digit;

	for (i = 0; i < TEST_PIECES; i++) {
		digit = n % (TEST_PIECES - i);
		n /= TEST_PIECES - i;
		for (j = 0; used[j] || digit--; j++)
			;
		used[j] = true;
		order[i] = j;
	}
}

static void expect_whole(struct kunit *test, unsigned int packets)
{
	struct mini_net *mn = test->priv;

	KUNIT_EXPECT_EQ(test, packets, test_got.packets);
	KUNIT_EXPECT_EQ(test, TEST_LEN, test_got.len);
	KUNIT_EXPECT_EQ(test, 0, test_got.wrong);
	KUNIT_EXPECT_EQ(test, packets,
			mini_test_event(mn, MINI_MIB_IP_REASM_OKS));
	KUNIT_EXPECT_EQ(test, 0, mini_reass_mem(mn));
}

static void reass__every_order(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	unsigned int order[TEST_PIECES];
	unsigned int n, i;

	for (n = 0; n < 24; n++) {
		test_order(n, order);
		for (i = 0; i < TEST_PIECES; i++) {
			KUNIT_EXPECT_EQ(test, n, test_got.packets);
			test_send_piece(test, mdev, order[i], n);
		}
		expect_whole(test, n + 1);
		KUNIT_EXPECT_EQ(test, 36, test_got.frag_size);
	}
}

/* In every order, each of the pieces comes twice, one after the other. */
static void reass__duplicates(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct mini_net *mn = test->priv;
	unsigned int order[TEST_PIECES];
	unsigned int n, i, twice;
	unsigned int sent = 0;

	for (n = 0; n < 24; n++) {
		test_order(n, order);
		/* The last completes it: what came after would begin anew. */
		for (twice = 0; twice < TEST_PIECES - 1; twice++) {
			for (i = 0; i < TEST_PIECES; i++) {
				test_send_piece(test, mdev, order[i], sent);
				if (i == twice)
					test_send_piece(test, mdev, order[i],
							sent);
			}
			expect_whole(test, ++sent);
		}
	}
	KUNIT_EXPECT_EQ(test, sent,
			mini_test_drops(mn, MINI_DROP_IP_FRAG_DUPLICATE));
	KUNIT_EXPECT_EQ(test, 0, mini_test_event(mn, MINI_MIB_IP_REASM_FAILS));
}

/* Two pieces that contradict each other, and their datagram is gone. */
static void reass__overlaps(struct kunit *test)
{
	static const struct test_piece pairs[][2] = {
		/* The second begins within the first. */
		{ { 0, 16, true }, { 8, 16, true } },
		{ { 0, 16, true }, { 8, 16, false } },
		/* The first is within the second. */
		{ { 8, 8, true }, { 0, 24, true } },
		{ { 16, 8, true }, { 16, 16, true } },
		/* The second ends within the first. */
		{ { 16, 16, true }, { 8, 16, true } },
		/* Another end than was said. */
		{ { 16, 8, false }, { 24, 8, false } },
		{ { 16, 16, false }, { 16, 8, false } },
		{ { 16, 8, false }, { 24, 8, true } },
		{ { 32, 8, true }, { 16, 8, false } },
	};
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct mini_net *mn = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		test_send(test, mdev, &pairs[i][0]);
		KUNIT_EXPECT_LT(test, 0, mini_reass_mem(mn));
		test_send(test, mdev, &pairs[i][1]);
		KUNIT_EXPECT_EQ(test, i + 1,
				mini_test_drops(mn, MINI_DROP_IP_FRAG_OVERLAP));
		KUNIT_EXPECT_EQ(test, 0, mini_reass_mem(mn));
	}
	KUNIT_EXPECT_EQ(test, i, mini_test_event(mn, MINI_MIB_IP_REASM_FAILS));
	KUNIT_EXPECT_EQ(test, 0, test_got.packets);
}

static void reass__what_one_alone_tells(struct kunit *test)
{
	static const struct {
		struct test_piece p;
		enum mini_drop_reason reason;
	} cases[] = {
		{ { 0, 0, true }, MINI_DROP_IP_FRAG_LENGTH },
		{ { 8, 0, false }, MINI_DROP_IP_FRAG_LENGTH },
		{ { 0, 15, true }, MINI_DROP_IP_FRAG_LENGTH },
		{ { 0, 7, true }, MINI_DROP_IP_FRAG_LENGTH },
		/* The ping of death */
		{ { 65528, 8, false }, MINI_DROP_IP_FRAG_OVERSIZE },
		{ { 65512, 4, false }, MINI_DROP_IP_FRAG_OVERSIZE },
		{ { 64800, 1480, true }, MINI_DROP_IP_FRAG_OVERSIZE },
		{ { 0, 8, true, .proto = IPPROTO_TCP },
		  MINI_DROP_IP_FRAG_TINY },
		{ { 8, 16, true, .proto = IPPROTO_TCP },
		  MINI_DROP_IP_FRAG_TINY },
	};
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct mini_net *mn = test->priv;
	unsigned int i;
	u64 before;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		before = mini_test_drops(mn, cases[i].reason);
		test_send(test, mdev, &cases[i].p);
		KUNIT_EXPECT_EQ_MSG(test, before + 1,
				    mini_test_drops(mn, cases[i].reason),
				    "case %u", i);
		KUNIT_EXPECT_EQ(test, 0, mini_reass_mem(mn));
	}
	/* As large as can be: it is kept. */
	test_send(test, mdev, &(struct test_piece){ 65512, 3, false });
	KUNIT_EXPECT_LT(test, 0, mini_reass_mem(mn));
}

/* Only pieces of one datagram make one. */
static void reass__others_do_not_mix(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct mini_net *mn = test->priv;
	unsigned int i;

	for (i = 0; i < TEST_PIECES; i++)
		test_send_piece(test, mdev, i, i);
	KUNIT_EXPECT_EQ(test, 0, test_got.packets);
	for (i = 1; i < TEST_PIECES; i++)
		test_send_piece(test, mdev, i, 0);
	KUNIT_EXPECT_EQ(test, 1, test_got.packets);
	KUNIT_EXPECT_EQ(test, 0, test_got.wrong);
	KUNIT_EXPECT_LT(test, 0, mini_reass_mem(mn));
}

/* RFC 3168 section 5.3 */
static void reass__ecn(struct kunit *test)
{
	static const struct {
		u8 first;
		u8 second;
		u8 whole;	/* U8_MAX: dropped */
	} cases[] = {
		{ 0, 0, 0 },
		{ INET_ECN_ECT_0, INET_ECN_ECT_0, INET_ECN_ECT_0 },
		{ INET_ECN_ECT_0, INET_ECN_CE, INET_ECN_CE },
		{ INET_ECN_CE, INET_ECN_ECT_0, INET_ECN_CE },
		{ INET_ECN_CE, INET_ECN_CE, INET_ECN_CE },
		{ INET_ECN_NOT_ECT, INET_ECN_CE, U8_MAX },
		{ INET_ECN_CE, INET_ECN_NOT_ECT, U8_MAX },
		{ INET_ECN_ECT_1, INET_ECN_NOT_ECT, U8_MAX },
	};
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct mini_net *mn = test->priv;
	unsigned int i, whole = 0, dropped = 0;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		test_send(test, mdev, &(struct test_piece){
			  0, 16, true, .tos = cases[i].first });
		test_send(test, mdev, &(struct test_piece){
			  16, 8, false, .tos = cases[i].second });
		if (cases[i].whole == U8_MAX) {
			dropped++;
		} else {
			whole++;
			KUNIT_EXPECT_EQ(test, cases[i].whole, test_got.tos);
		}
		KUNIT_EXPECT_EQ(test, whole, test_got.packets);
		KUNIT_EXPECT_EQ(test, dropped,
				mini_test_drops(mn, MINI_DROP_IP_FRAG_ECN));
		KUNIT_EXPECT_EQ(test, 0, mini_reass_mem(mn));
	}
}

/* Every timer is due now. */
static void test_time_passes(struct mini_net *mn)
{
	struct rhashtable_iter iter;
	struct inet_frag_queue *q;

	rhashtable_walk_enter(&mn->reass->dir->rhashtable, &iter);
	rhashtable_walk_start(&iter);
	while ((q = rhashtable_walk_next(&iter)))
		if (!IS_ERR(q))
			mod_timer_pending(&q->timer, jiffies);
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

static bool test_wait_event(struct mini_net *mn, enum mini_mib id, u64 value)
{
	unsigned long end = jiffies + msecs_to_jiffies(TEST_WAIT);

	while (mini_test_event(mn, id) != value) {
		if (time_after(jiffies, end))
			return false;
		schedule_timeout_uninterruptible(1);
	}
	return true;
}

static void reass__time_is_up(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct mini_net *mn = test->priv;
	unsigned long end = jiffies + msecs_to_jiffies(TEST_WAIT);
	u64 told;

	told = mini_test_event(mn, MINI_MIB_ICMP_OUT_MSGS);
	/* Without the first fragment, nobody hears of it. */
	test_send_piece(test, mdev, 1, 1);
	test_time_passes(mn);
	KUNIT_EXPECT_TRUE(test, test_wait_event(mn, MINI_MIB_IP_REASM_TIMEOUT,
						1));
	KUNIT_EXPECT_EQ(test, told,
			mini_test_event(mn, MINI_MIB_ICMP_OUT_MSGS));
	test_send_piece(test, mdev, 0, 2);
	test_send_piece(test, mdev, 3, 2);
	test_time_passes(mn);
	KUNIT_EXPECT_TRUE(test, test_wait_event(mn, MINI_MIB_ICMP_OUT_MSGS,
						told + 1));
	KUNIT_EXPECT_EQ(test, 2,
			mini_test_event(mn, MINI_MIB_IP_REASM_TIMEOUT));
	/* The timer gives the rest back after it has told. */
	while (mini_reass_mem(mn) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_EQ(test, 0, mini_reass_mem(mn));
	/* What comes late begins anew, and is no whole. */
	test_send_piece(test, mdev, 1, 2);
	test_send_piece(test, mdev, 2, 2);
	KUNIT_EXPECT_EQ(test, 0, test_got.packets);
}

static void reass__memory_is_limited(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct mini_net *mn = test->priv;
	unsigned int i;
	long most = 0;

	mn->sysctl.ipfrag_high_thresh = SZ_64K;
	for (i = 0; i < 1000; i++) {
		test_send_piece(test, mdev, 1, i);
		most = max(most, mini_reass_mem(mn));
	}
	KUNIT_EXPECT_LT(test, 0,
			mini_test_drops(mn, MINI_DROP_IP_FRAG_MEMORY));
	KUNIT_EXPECT_GE(test, SZ_64K, most);
	KUNIT_EXPECT_LT(test, SZ_32K, most);
	/* The oldest made room for the youngest. */
	for (i = 0; i < TEST_PIECES; i++)
		if (i != 1)
			test_send_piece(test, mdev, i, 999);
	KUNIT_EXPECT_EQ(test, 1, test_got.packets);
	for (i = 0; i < TEST_PIECES; i++)
		if (i != 1)
			test_send_piece(test, mdev, i, 0);
	KUNIT_EXPECT_EQ(test, 1, test_got.packets);
	mn->sysctl.ipfrag_high_thresh = 0;
	i = mini_test_drops(mn, MINI_DROP_IP_FRAG_MEMORY);
	test_send_piece(test, mdev, 0, 0);
	KUNIT_EXPECT_LT(test, i,
			mini_test_drops(mn, MINI_DROP_IP_FRAG_MEMORY));
	KUNIT_EXPECT_EQ(test, 0, mini_reass_mem(mn));
}

/* The limit is filled at the cost of who fills it. */
static void reass__one_sender_does_not_starve_others(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct mini_net *mn = test->priv;
	unsigned int i;
	u8 other = 3;

	mn->sysctl.ipfrag_high_thresh = SZ_64K;
	do {
		for (i = 0; i < 4; i++)
			test_send_from(test, mdev, 1, 0, other + i);
		for (i = 0; i < 1000; i++)
			test_send_piece(test, mdev, 1, i);
		/* At most one of the four shares it, but for a miracle. */
		for (i = 0; i < 4; i++) {
			test_send_from(test, mdev, 0, 0, other + i);
			test_send_from(test, mdev, 2, 0, other + i);
			test_send_from(test, mdev, 3, 0, other + i);
		}
		other += 4;
	} while (test_got.packets < 3 && other < 40);
	KUNIT_EXPECT_LE(test, 3, test_got.packets);
	KUNIT_EXPECT_EQ(test, 0, test_got.wrong);
	KUNIT_EXPECT_LT(test, 0,
			mini_test_drops(mn, MINI_DROP_IP_FRAG_MEMORY));
	KUNIT_EXPECT_GE(test, SZ_64K, mini_reass_mem(mn));
}

/* Identifications that may have come round again. */
static void reass__distance(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct mini_net *mn = test->priv;
	unsigned int n, i;

	mn->sysctl.ipfrag_max_dist = 10;
	/* 9 others between are near enough, 10 are not. */
	for (n = 9; n <= 10; n++) {
		for (i = 0; i < TEST_PIECES - 1; i++)
			test_send_piece(test, mdev, i, n);
		for (i = 0; i < n; i++)
			test_send_piece(test, mdev, 1, 100 * n + i);
		test_send_piece(test, mdev, TEST_PIECES - 1, n);
		KUNIT_EXPECT_EQ(test, 1, test_got.packets);
		KUNIT_EXPECT_EQ(test, n - 9,
				mini_test_drops(mn,
						MINI_DROP_IP_FRAG_DISTANCE));
	}
	/* It began anew with the one that came late. */
	for (i = 0; i < TEST_PIECES - 1; i++)
		test_send_piece(test, mdev, i, 10);
	KUNIT_EXPECT_EQ(test, 2, test_got.packets);
	KUNIT_EXPECT_EQ(test, 0, test_got.wrong);
	/* Without a limit none is too far. */
	mn->sysctl.ipfrag_max_dist = 0;
	test_send_piece(test, mdev, 0, 1);
	for (i = 0; i < 100; i++)
		test_send_piece(test, mdev, 1, 2000 + i);
	for (i = 1; i < TEST_PIECES; i++)
		test_send_piece(test, mdev, i, 1);
	KUNIT_EXPECT_EQ(test, 3, test_got.packets);
}

static struct kunit_case mini_ip_reass_test_cases[] = {
	KUNIT_CASE(reass__every_order),
	KUNIT_CASE(reass__duplicates),
	KUNIT_CASE(reass__overlaps),
	KUNIT_CASE(reass__what_one_alone_tells),
	KUNIT_CASE(reass__others_do_not_mix),
	KUNIT_CASE(reass__ecn),
	KUNIT_CASE(reass__time_is_up),
	KUNIT_CASE(reass__memory_is_limited),
	KUNIT_CASE(reass__one_sender_does_not_starve_others),
	KUNIT_CASE(reass__distance),
	{}
};

struct kunit_suite mini_ip_reass_test_suite = {
	.name = "mini_ip_reass",
	.init = reass_test_init,
	.exit = reass_test_exit,
	.test_cases = mini_ip_reass_test_cases,
};
