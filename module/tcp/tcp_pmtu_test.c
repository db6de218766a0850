// SPDX-License-Identifier: GPL-2.0
/*
 * The size of packets: what ICMP claims (RFC 1191, 5927), what probing finds
 * (RFC 4821), on a clock and a wire of the test's own.
 */
#include "tcp_harness.h"
#include "../link/link.h"

#define ACK	MINI_TCP_ACK
#define WND	BENCH_WND
#define HDR	40U

/* An Ethernet, and a peer that takes 1460 octets. */
static void pmtu_established(struct tcp_bench *b, int probing)
{
	struct mini_tcp_sock *tp = b->tp;
	struct mini_net *mn = mini_tcp_mn(tp);

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	mn->sysctl.tcp_mtu_probing = probing;
	tp->ms.path.mdev = mini_dev_hold(mini_dev_loopback(mn));
	tp->ms.path.mtu = 1500;
	tp->mss_peer = 1460;
	tp->snd_wnd = WND;
	tp->max_wnd = WND;
	mini_tcp_mtu_start(tp);
	tp->cc.cwnd = 40 * tp->cc.mss;
	mn->sysctl.tcp_mtu_probing = 0;
}

/* One segment of any length, as sendmsg() would have queued it. */
static void pmtu_write(struct tcp_bench *b, u32 len)
{
	struct mini_tcp_sock *tp = b->tp;
	struct sock *sk = &tp->ms.sk;
	struct sk_buff *skb;
	struct page *page;

	lock_sock(sk);
	skb = mini_tcp_new_segment(tp);
	page = alloc_pages(GFP_KERNEL | __GFP_COMP, get_order(len));
	KUNIT_ASSERT_NOT_NULL(b->test, skb);
	KUNIT_ASSERT_NOT_NULL(b->test, page);
	skb_fill_page_desc(skb, 0, page, 0, len);
	skb->len += len;
	skb->data_len += len;
	skb->truesize += len;
	sk_wmem_queued_add(sk, len);
	sk_mem_charge(sk, len);
	tp->write_seq += len;
	mini_tcp_cb(skb)->end_seq += len;
	mini_tcp_push(tp, b->now);
	release_sock(sk);
}

static void pmtu_claim(struct tcp_bench *b, u32 mtu, u32 len, u32 seq)
{
	lock_sock(&b->tp->ms.sk);
	mini_tcp_mtu_claim(b->tp, mtu, len, b->tp->iss + seq, b->now);
	release_sock(&b->tp->ms.sk);
}

/* The first size that is told is believed: nothing speaks against it. */
static void pmtu__first_claim(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 cwnd;

	pmtu_established(b, 0);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 1460U);
	pmtu_write(b, 4380);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 4380);
	cwnd = b->tp->cc.cwnd;
	pmtu_claim(b, 1000, 1500, 1);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 1000 - HDR);
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, cwnd);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 4380);
	TCP_EXPECT_SILENCE(b);
	KUNIT_EXPECT_EQ(test, mini_tcp_mtu(b->tp), 1000U);
	/* Ten minutes later larger ones are tried again. */
	tcp_bench_in(b, ACK, 1, 4381, 0, WND);
	tcp_bench_advance(b, 601ULL * USEC_PER_SEC);
	pmtu_write(b, 1460);
	tcp_bench_in(b, ACK, 1, 5341, 0, WND);
	pmtu_write(b, 10);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 1460U);
}

/* RFC 5927: what cannot be true changes nothing. */
static void pmtu__false_claims(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	pmtu_established(b, 0);
	pmtu_write(b, 2920);
	tcp_bench_flush(b);
	/* It would have passed; no such packet was sent; no news. */
	pmtu_claim(b, 1000, 999, 1);
	pmtu_claim(b, 1000, 1000, 1);
	pmtu_claim(b, 1000, 1501, 1);
	pmtu_claim(b, 1500, 1500, 1);
	b->tp->ms.pmtudisc = IP_PMTUDISC_DONT;
	pmtu_claim(b, 1000, 1500, 1);
	b->tp->ms.pmtudisc = IP_PMTUDISC_INTERFACE;
	pmtu_claim(b, 1000, 1500, 1);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 1460U);
	TCP_EXPECT_SILENCE(b);
}

/* RFC 5927 7.2: below a size that arrived, only the clock gives it proof. */
static void pmtu__doubted_claim(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	pmtu_established(b, 0);
	pmtu_write(b, 2920);
	tcp_bench_in(b, ACK, 1, 2921, 0, WND);
	pmtu_write(b, 2920);
	tcp_bench_flush(b);
	KUNIT_EXPECT_EQ(test, b->tp->mtu_acked, 1500U);
	pmtu_claim(b, 600, 1500, 2921);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 1460U);
	TCP_EXPECT_SILENCE(b);
	/* The segment arrived: the message lied. */
	tcp_bench_in(b, ACK, 1, 4381, 0, WND);
	pmtu_write(b, 1460);
	tcp_bench_flush(b);
	tcp_bench_advance(b, 3 * b->tp->rto_us);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 1460U);
	tcp_bench_in(b, ACK, 1, 7301, 0, WND);
	tcp_bench_flush(b);
	/* The next one does not arrive: the path has changed. */
	pmtu_write(b, 1460);
	tcp_bench_flush(b);
	pmtu_claim(b, 600, 1500, 7301);
	TCP_EXPECT_SILENCE(b);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 1460U);
	tcp_bench_advance(b, 5 * USEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 600 - HDR);
}

static void pmtu__floor(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	pmtu_established(b, 0);
	pmtu_write(b, 1460);
	pmtu_claim(b, 68, 1500, 1);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 552 - HDR);
	KUNIT_EXPECT_TRUE(test, b->tp->df_off);
}

/* A probe is one packet, larger than mss; that it arrives raises mss. */
static void pmtu__probe_arrives(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	pmtu_established(b, 2);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 1024U);
	b->tp->mtup_when = b->now;
	pmtu_write(b, 20000);
	/* (1500 + 1064) / 2 */
	TCP_EXPECT_OUT(b, ACK, 1, 1, 1282 - HDR);
	KUNIT_EXPECT_EQ(test, b->tp->mtup_size, 1282U);
	tcp_bench_flush(b);
	tcp_bench_in(b, ACK, 1, 1 + 1282 - HDR, 0, WND);
	pmtu_write(b, 20000);
	KUNIT_EXPECT_EQ(test, b->tp->mtup_low, 1282U);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 1282 - HDR);
	KUNIT_EXPECT_EQ(test, b->tp->mtup_size, (1500U + 1282) / 2);
}

/* The search closes in on what the path carries, and stays there. */
static void pmtu__search(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 limit = 1400;
	int i;

	pmtu_established(b, 2);
	for (i = 0; i < 30; i++) {
		tcp_bench_advance(b, 10 * BENCH_MS);
		pmtu_write(b, 30000);
		tcp_bench_flush(b);
		lock_sock(&b->tp->ms.sk);
		if (b->tp->mtup_size > limit)
			KUNIT_EXPECT_FALSE(test, b->tp->mtup_start !=
					   b->tp->snd_una &&
					   mini_tcp_mtu_probe_lost(b->tp));
		if (b->tp->mtup_size > limit)
			mini_tcp_mtu_probe_failed(b->tp);
		release_sock(&b->tp->ms.sk);
		tcp_bench_in(b, ACK, 1, b->tp->snd_nxt - b->tp->iss, 0, WND);
		b->tp->cc.cwnd = 60000;
	}
	KUNIT_EXPECT_GT(test, b->tp->cc.mss + HDR, limit - 8);
	KUNIT_EXPECT_LE(test, b->tp->cc.mss + HDR, limit);
}

/* The route's MTU is another one: no probe is larger than that. */
static void pmtu__probe_on_a_smaller_path(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	pmtu_established(b, 2);
	b->tp->mtup_when = b->now;
	b->tp->ms.path.mtu = 1200;
	mini_tcp_sync_mss(b->tp);
	pmtu_write(b, 20000);
	/* (1200 + 1064) / 2 */
	TCP_EXPECT_OUT(b, ACK, 1, 1, 1132 - HDR);
	KUNIT_EXPECT_EQ(test, b->tp->mtup_size, 1132U);
}

/* RFC 4821 7.5: the loss of a probe alone is not congestion. */
static void pmtu__probe_lost(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 cwnd;
	int i;

	pmtu_established(b, 2);
	cwnd = b->tp->cc.cwnd;
	pmtu_write(b, 20000);
	tcp_bench_flush(b);
	for (i = 0; i < 3; i++)
		tcp_bench_in(b, ACK, 1, 1, 0, WND);
	KUNIT_EXPECT_EQ(test, b->tp->mtup_size, 0U);
	KUNIT_EXPECT_EQ(test, b->tp->mtup_high, 1281U);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 1024U);
	KUNIT_EXPECT_GE(test, b->tp->cc.cwnd, cwnd);
	/* And again, as segments that are known to pass. */
	TCP_EXPECT_OUT(b, ACK, 1, 1, 1024);
}

/* RFC 4821 7.7: large packets vanish: sizes go down until some arrive. */
static void pmtu__black_hole(struct kunit *test)
{
	static const u32 mss[] = { 1460, 1460, 1460, 1024, 512, 256, 128, 64,
				   48, 48 };
	struct mini_net *mn;
	struct tcp_bench *b = test->priv;
	int i;

	pmtu_established(b, 0);
	mn = mini_tcp_mn(b->tp);
	mn->sysctl.tcp_mtu_probing = 1;
	pmtu_write(b, 1460);
	for (i = 0; i < ARRAY_SIZE(mss); i++) {
		while (b->tp->retransmits == i)
			tcp_bench_advance(b, 100 * BENCH_MS);
		KUNIT_EXPECT_EQ_MSG(test, b->tp->cc.mss, mss[i],
				    "timeout %d", i + 1);
	}
	mn->sysctl.tcp_mtu_probing = 0;
}

/* Half of a peer's small window is a segment (RFC 9293 3.8.6.2.1). */
static void pmtu__small_window(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	pmtu_established(b, 0);
	b->tp->max_wnd = 1200;
	b->tp->snd_wnd = 1200;
	mini_tcp_sync_mss(b->tp);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 600U);
	b->tp->max_wnd = 500;
	mini_tcp_sync_mss(b->tp);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 500U);
	tcp_bench_in(b, ACK, 1, 1, 0, 10000);
	pmtu_write(b, 2920);
	KUNIT_EXPECT_EQ(test, b->tp->cc.mss, 1460U);
}

static struct kunit_case tcp_pmtu_cases[] = {
	KUNIT_CASE(pmtu__first_claim),
	KUNIT_CASE(pmtu__false_claims),
	KUNIT_CASE(pmtu__doubted_claim),
	KUNIT_CASE(pmtu__floor),
	KUNIT_CASE(pmtu__probe_arrives),
	KUNIT_CASE(pmtu__probe_on_a_smaller_path),
	KUNIT_CASE(pmtu__search),
	KUNIT_CASE(pmtu__probe_lost),
	KUNIT_CASE(pmtu__black_hole),
	KUNIT_CASE(pmtu__small_window),
	{}
};

struct kunit_suite mini_tcp_pmtu_test_suite = {
	.name = "mini_tcp_pmtu",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_pmtu_cases,
};
