// SPDX-License-Identifier: GPL-2.0
/*
 * What may leave when: Nagle, cork, silly windows, PSH, urgent data, probes of
 * a silent peer (RFC 9293 3.7.4, 3.8.4 to 3.8.6), on a clock and a wire of the
 * test's own.
 */
#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define PSH	MINI_TCP_PSH
#define FIN	MINI_TCP_FIN
#define RST	MINI_TCP_RST
#define SYN	MINI_TCP_SYN
#define WND	BENCH_WND

/* The program writes, and octets join the last segment as sendmsg() does. */
static void tcp_append(struct tcp_bench *b, u32 len)
{
	struct mini_tcp_sock *tp = b->tp;
	struct sk_buff *skb;
	struct page *page;
	u32 n;

	lock_sock(&tp->ms.sk);
	for (; len; len -= n) {
		skb = skb_peek_tail(&tp->ms.sk.sk_write_queue);
		if (!skb || skb->len >= tp->gso_max)
			skb = mini_tcp_new_segment(tp);
		page = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(b->test, skb);
		KUNIT_ASSERT_NOT_NULL(b->test, page);
		n = min3(len, tp->gso_max - skb->len, (u32)PAGE_SIZE);
		skb_fill_page_desc(skb, skb_shinfo(skb)->nr_frags, page, 0, n);
		skb->len += n;
		skb->data_len += n;
		skb->truesize += n;
		sk_wmem_queued_add(&tp->ms.sk, n);
		sk_mem_charge(&tp->ms.sk, n);
		tp->write_seq += n;
		mini_tcp_cb(skb)->end_seq += n;
	}
	release_sock(&tp->ms.sk);
}

static void tcp_push(struct tcp_bench *b)
{
	lock_sock(&b->tp->ms.sk);
	mini_tcp_push(b->tp, b->now);
	release_sock(&b->tp->ms.sk);
}

static void tcp_write(struct tcp_bench *b, u32 len)
{
	tcp_append(b, len);
	tcp_push(b);
}

/* Octets that left, and how many segments. */
static u32 tcp_sent_octets(struct tcp_bench *b, u32 *segs)
{
	struct tcp_sent s;
	u32 octets = 0;

	*segs = 0;
	while (tcp_bench_out(b, &s)) {
		octets += s.len;
		*segs += DIV_ROUND_UP(s.len, BENCH_MSS);
	}
	return octets;
}

/*
 * Nagle's table: @flight was written first and is not acknowledged, then @len
 * is written: how much of it leaves?
 */
static const struct {
	const char *name;
	u32 flight;
	u32 len;
	u32 leaves;
	bool nodelay;
	bool cork;
} nagle_rows[] = {
	{ "short, nothing in flight", 0, 100, 100 },
	{ "full, nothing in flight", 0, 1000, 1000 },
	{ "short behind a short one", 100, 100, 0 },
	{ "full behind a short one", 100, 1000, 1000 },
	{ "long behind a short one", 100, 1100, 1000 },
	{ "short behind full ones", 2000, 100, 100 },
	{ "short behind full and short", 2100, 100, 0 },
	{ "long behind full ones", 2000, 1100, 1100 },
	{ "nodelay: short behind short", 100, 100, 100, .nodelay = true },
	{ "cork: short", 0, 100, 0, .cork = true },
	{ "cork: full", 0, 2000, 2000, .cork = true },
	{ "cork: long", 0, 2100, 2000, .cork = true },
	{ "cork is stronger than nodelay", 0, 100, 0, true, true },
};

static void output__nagle(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 segs, i;

	for (i = 0; i < ARRAY_SIZE(nagle_rows); i++) {
		if (i) {
			tcp_bench_exit(test);
			tcp_bench_init(test);
			b = test->priv;
		}
		tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
		b->tp->gso_max = 8 * BENCH_MSS;
		tcp_write(b, nagle_rows[i].flight);
		KUNIT_EXPECT_EQ(test, tcp_sent_octets(b, &segs),
				nagle_rows[i].flight);
		b->tp->nodelay = nagle_rows[i].nodelay;
		b->tp->cork = nagle_rows[i].cork;
		tcp_write(b, nagle_rows[i].len);
		KUNIT_EXPECT_EQ_MSG(test, tcp_sent_octets(b, &segs),
				    nagle_rows[i].leaves, "%s",
				    nagle_rows[i].name);
	}
}

/* The short segment's ACK lets the next short one leave, with what joined. */
static void output__nagle_released_by_ack(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_write(b, 100);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 100);
	tcp_write(b, 50);
	tcp_write(b, 60);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_in(b, ACK, 1, 101, 0, WND);
	TCP_EXPECT_OUT(b, ACK, 101, 1, 110);
	TCP_EXPECT_SILENCE(b);
}

/* A short segment acknowledged, full ones in flight: that is Minshall's. */
static void output__nagle_looks_at_short_ones(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_write(b, 100);
	tcp_write(b, 1000);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 100);
	TCP_EXPECT_OUT(b, ACK, 101, 1, 1000);
	tcp_bench_in(b, ACK, 1, 101, 0, WND);
	tcp_write(b, 10);
	TCP_EXPECT_OUT(b, ACK, 1101, 1, 10);
	tcp_write(b, 10);
	TCP_EXPECT_SILENCE(b);
}

static void output__fin_flushes(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_write(b, 100);
	tcp_write(b, 100);
	tcp_bench_flush(b);
	tcp_bench_close(b);
	TCP_EXPECT_OUT(b, ACK | FIN, 101, 1, 100);
}

static void output__cork_holds_200_ms(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->cork = 1;
	tcp_write(b, 100);
	tcp_bench_advance(b, 199 * BENCH_MS);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 100);
	KUNIT_EXPECT_EQ(test, (int)b->tp->probes, 0);
	KUNIT_EXPECT_EQ(test, (int)b->tp->backoff, 0);
	/* The limit counts from when nothing is in flight any more. */
	tcp_write(b, 100);
	tcp_bench_advance(b, 50 * BENCH_MS);
	tcp_bench_in(b, ACK, 1, 101, 0, WND);
	tcp_bench_advance(b, 199 * BENCH_MS);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, 101, 1, 100);
}

/* RFC 9293 3.8.6.2.1: (1) a segment, (3) half the window, (4) time. */
static void output__silly_window(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_write(b, 1000);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 1000);
	tcp_bench_in(b, ACK, 1, 1001, 0, 200);
	tcp_write(b, 5000);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_in(b, ACK, 1, 1001, 0, 1100);
	TCP_EXPECT_OUT(b, ACK, 1001, 1, 1000);
	tcp_bench_in(b, ACK, 1, 2001, 0, 999);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, b->tp->rto_us);
	TCP_EXPECT_OUT(b, ACK, 2001, 1, 999);
	KUNIT_EXPECT_EQ(test, (int)b->tp->probes, 0);
}

/* A peer whose window never was a segment large: half of it will do. */
static void output__small_peer(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->max_wnd = 600;
	b->tp->snd_wnd = 600;
	tcp_write(b, 2000);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 600);
	tcp_bench_in(b, ACK, 1, 601, 0, 299);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_in(b, ACK, 1, 601, 0, 300);
	TCP_EXPECT_OUT(b, ACK, 601, 1, 300);
}

/* Probes double up to two minutes, and go on while they are answered. */
static void output__persist(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u64 sent, want;
	int i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, ACK, 1, 1, 0, 0);
	tcp_write(b, 100);
	TCP_EXPECT_SILENCE(b);
	want = b->tp->rto_us;
	for (i = 0; i < 20; i++) {
		sent = b->now;
		tcp_bench_advance(b, want - BENCH_MS);
		TCP_EXPECT_SILENCE(b);
		while (skb_queue_empty(&b->wire))
			tcp_bench_advance(b, 1 * BENCH_MS);
		KUNIT_EXPECT_LE(test, b->now - sent, want + BENCH_MS);
		TCP_EXPECT_OUT(b, ACK, 0, 1, 0);
		tcp_bench_in(b, ACK, 1, 1, 0, 0);
		want = min_t(u64, want * 2, 120 * USEC_PER_SEC);
	}
	KUNIT_EXPECT_EQ(test, want, 120ULL * USEC_PER_SEC);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	tcp_bench_in(b, ACK, 1, 1, 0, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 100);
}

static void output__persist_unanswered(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, ACK, 1, 1, 0, 0);
	tcp_write(b, 100);
	tcp_bench_advance(b, 900 * USEC_PER_SEC);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	tcp_bench_advance(b, 300 * USEC_PER_SEC);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
	KUNIT_EXPECT_EQ(test, b->tp->ms.sk.sk_err, ETIMEDOUT);
}

/* The user timeout ends the wait for a window at its time, not a probe's. */
static void output__persist_user_timeout(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u64 from;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->user_timeout = 5000;
	tcp_bench_in(b, ACK, 1, 1, 0, 0);
	tcp_write(b, 100);
	while (skb_queue_empty(&b->wire))
		tcp_bench_advance(b, 1 * BENCH_MS);
	from = b->now;
	tcp_bench_advance(b, 4998 * BENCH_MS);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	tcp_bench_advance(b, 3 * BENCH_MS);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
	KUNIT_EXPECT_GT(test, b->now, from);
}

static void output__keepalive(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	int i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	sock_set_flag(&b->tp->ms.sk, SOCK_KEEPOPEN);
	b->tp->keepalive_time = 10;
	b->tp->keepalive_intvl = 3;
	b->tp->keepalive_probes = 4;
	mini_tcp_arm_keepalive(b->tp, b->now);
	/* What this end sends says nothing of the peer. */
	tcp_bench_advance(b, 9999 * BENCH_MS);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, 0, 1, 0);
	/* An answer: the time runs from it. */
	tcp_bench_advance(b, 1000 * BENCH_MS);
	tcp_bench_in(b, ACK, 1, 1, 0, WND);
	tcp_bench_advance(b, 9999 * BENCH_MS);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1 * BENCH_MS);
	for (i = 0; i < 4; i++) {
		TCP_EXPECT_OUT(b, ACK, 0, 1, 0);
		tcp_bench_advance(b, 2999 * BENCH_MS);
		TCP_EXPECT_SILENCE(b);
		tcp_bench_advance(b, 1 * BENCH_MS);
	}
	TCP_EXPECT_OUT(b, RST | ACK, 1, 1, 0);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
	KUNIT_EXPECT_EQ(test, b->tp->ms.sk.sk_err, ETIMEDOUT);
}

static void output__keepalive_user_timeout(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	sock_set_flag(&b->tp->ms.sk, SOCK_KEEPOPEN);
	b->tp->keepalive_time = 10;
	b->tp->keepalive_intvl = 30;
	b->tp->user_timeout = 15000;
	mini_tcp_arm_keepalive(b->tp, b->now);
	tcp_bench_advance(b, 14999 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, 0, 1, 0);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	tcp_bench_advance(b, 2 * BENCH_MS);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
}

static void tcp_expect_urg(struct tcp_bench *b, u32 seq, u32 len, int urg)
{
	struct tcp_sent s = {};

	KUNIT_ASSERT_TRUE(b->test, tcp_bench_out(b, &s));
	KUNIT_EXPECT_EQ(b->test, s.h.seq - b->tp->iss, seq);
	KUNIT_EXPECT_EQ(b->test, s.len, len);
	KUNIT_EXPECT_EQ(b->test, !!(s.h.flags & MINI_TCP_URG), urg > 0);
	if (urg > 0)
		KUNIT_EXPECT_EQ(b->test, (int)s.h.urg, urg);
}

/* All that is sent before the urgent octet tells of it, none behind it. */
static void output__urgent(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->gso_max = 8 * BENCH_MSS;
	tcp_append(b, 2500);
	b->tp->snd_up = b->tp->write_seq;
	b->tp->urg_out = 1;
	tcp_push(b);
	/* Cut at mss: GSO would copy one pointer into all. */
	tcp_expect_urg(b, 1, 1000, 2500);
	tcp_expect_urg(b, 1001, 1000, 1500);
	tcp_expect_urg(b, 2001, 500, 500);
	tcp_write(b, 1000);
	tcp_expect_urg(b, 2501, 1000, 0);
	tcp_bench_in(b, ACK, 1, 2501, 0, WND);
	KUNIT_EXPECT_FALSE(test, mini_tcp_urgent(b->tp));
	tcp_write(b, 2000);
	tcp_expect_urg(b, 3501, 2000, 0);
}

/* Urgent data waits for no Nagle, and is announced to a shut window. */
static void output__urgent_now(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_write(b, 100);
	tcp_bench_flush(b);
	tcp_append(b, 1);
	b->tp->snd_up = b->tp->write_seq;
	b->tp->urg_out = 1;
	tcp_push(b);
	tcp_expect_urg(b, 101, 1, 1);
	tcp_bench_in(b, ACK, 1, 102, 0, 0);
	tcp_append(b, 1);
	b->tp->snd_up = b->tp->write_seq;
	b->tp->urg_out = 1;
	tcp_push(b);
	tcp_bench_advance(b, b->tp->rto_us);
	tcp_expect_urg(b, 102, 0, 1);
	tcp_expect_urg(b, 101, 0, 2);
}

static void output__urgent_far_ahead(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->cc.cwnd = 200000;
	b->tp->snd_wnd = 200000;
	b->tp->max_wnd = 200000;
	tcp_append(b, 70000);
	b->tp->snd_up = b->tp->write_seq;
	b->tp->urg_out = 1;
	tcp_push(b);
	tcp_expect_urg(b, 1, 1000, 65535);
	tcp_expect_urg(b, 1001, 1000, 65535);
}

/* A rate lets two segments leave at a time, then their time has to pass. */
static void output__paced(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 segs, i, n;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->gso_max = 8 * BENCH_MSS;
	b->tp->cc.pacing_rate = 1000000;
	b->tp->cc.cwnd = 20000;
	/* A pause saves up half a segment's time, and no more. */
	for (i = 0; i < 2; i++) {
		tcp_write(b, 10000);
		KUNIT_EXPECT_EQ(test, tcp_sent_octets(b, &segs), 2000U);
		tcp_bench_advance(b, 999);
		TCP_EXPECT_SILENCE(b);
		tcp_bench_advance(b, 1);
		for (n = 0; n < 4; n++) {
			KUNIT_EXPECT_EQ(test, tcp_sent_octets(b, &segs), 2000U);
			tcp_bench_advance(b, 1999);
			TCP_EXPECT_SILENCE(b);
			tcp_bench_advance(b, 1);
		}
		TCP_EXPECT_SILENCE(b);
		tcp_bench_in(b, ACK, 1, 1 + 10000 * (i + 1), 0, WND);
		tcp_bench_advance(b, 100 * BENCH_MS);
	}
}

/* What waits for a rate waits no longer than the rate of today says. */
static void output__pace_rises(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct sock *sk = &b->tp->ms.sk;
	u32 segs;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	/* A segment a second. */
	sk->sk_max_pacing_rate = 1000;
	tcp_write(b, 4000);
	KUNIT_EXPECT_EQ(test, tcp_sent_octets(b, &segs), 1000U);
	tcp_bench_in(b, ACK, 1, 1001, 0, WND);
	/* After a pause in half of its time. */
	tcp_bench_advance(b, 499 * BENCH_MS);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, BENCH_MS);
	KUNIT_EXPECT_EQ(test, tcp_sent_octets(b, &segs), 1000U);
	tcp_bench_in(b, ACK, 1, 2001, 0, WND);
	/* A tenth of a second later 900 octets are still to be waited for. */
	sk->sk_max_pacing_rate = 100000;
	tcp_bench_advance(b, 108 * BENCH_MS);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 2 * BENCH_MS);
	KUNIT_EXPECT_EQ(test, tcp_sent_octets(b, &segs), 1000U);
	tcp_bench_advance(b, 11 * BENCH_MS);
	KUNIT_EXPECT_EQ(test, tcp_sent_octets(b, &segs), 1000U);
	sk->sk_max_pacing_rate = ~0UL;
}

/* Another control does not wait for what the one before wanted. */
static void output__pace_of_another_control(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 segs;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->cc.pacing_rate = 100;
	tcp_write(b, 2000);
	KUNIT_EXPECT_EQ(test, tcp_sent_octets(b, &segs), 1000U);
	lock_sock(&b->tp->ms.sk);
	KUNIT_EXPECT_EQ(test, mini_tcp_cong_set(b->tp, "cubic", true), 0);
	b->tp->cc.pacing_rate = 99;
	release_sock(&b->tp->ms.sk);
	tcp_bench_advance(b, 100 * BENCH_MS);
	KUNIT_EXPECT_EQ(test, tcp_sent_octets(b, &segs), 1000U);
}

/* The retransmission timer is the last resort: no rate holds it. */
static void output__timeout_is_not_paced(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	/* What is left of a filter after an outage: a segment in 100 s. */
	b->tp->cc.pacing_rate = 10;
	tcp_write(b, 2000);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 1000);
	tcp_bench_advance(b, b->tp->rto_us - 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 1000);
	TCP_EXPECT_SILENCE(b);
}

/* A millisecond's worth leaves as one packet; SO_MAX_PACING_RATE is a bound. */
static void output__pacing_burst(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct sock *sk = &b->tp->ms.sk;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->gso_max = 60 * BENCH_MSS;
	KUNIT_EXPECT_EQ(test, mini_tcp_pacing_rate(b->tp), 0ULL);
	b->tp->srtt_us = 100 << 3;
	KUNIT_EXPECT_EQ(test, mini_tcp_burst(b->tp), 60 * BENCH_MSS);
	b->tp->cc.pacing_rate = 10240000;
	KUNIT_EXPECT_EQ(test, mini_tcp_burst(b->tp), 10 * BENCH_MSS);
	sk->sk_max_pacing_rate = 5120000;
	KUNIT_EXPECT_EQ(test, mini_tcp_pacing_rate(b->tp), 5120000ULL);
	KUNIT_EXPECT_EQ(test, mini_tcp_burst(b->tp), 5 * BENCH_MSS);
	b->tp->cc.pacing_rate = 0;
	KUNIT_EXPECT_EQ(test, mini_tcp_pacing_rate(b->tp), 5120000ULL);
	sk->sk_max_pacing_rate = 100;
	KUNIT_EXPECT_EQ(test, mini_tcp_burst(b->tp), 2 * BENCH_MSS);
	sk->sk_max_pacing_rate = 0;
	KUNIT_EXPECT_EQ(test, mini_tcp_pacing_rate(b->tp), 1ULL);
	sk->sk_max_pacing_rate = ~0UL;
	/* Without a rate: twice cwnd in a round trip. */
	b->tp->srtt_us = 20000 << 3;
	b->tp->cc.cwnd = 100000;
	KUNIT_EXPECT_EQ(test, mini_tcp_burst(b->tp), 10 * BENCH_MSS);
}

static int tcp_output_hold(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	struct tcp_bench *b = tp->ms.sk.sk_user_data;

	__skb_queue_tail(&b->wire, skb);
	return 0;
}

/* What a queue holds bounds what may follow; what leaves it lets more follow. */
static void output__bounded_below(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct sock *sk = &b->tp->ms.sk;
	u32 len;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->xmit = tcp_output_hold;
	b->tp->cc.cwnd = 30000;
	b->tp->srtt_us = 200000 << 3;
	tcp_write(b, 20000);
	len = skb_queue_len(&b->wire);
	KUNIT_EXPECT_GE(test, len, 2U);
	KUNIT_EXPECT_LT(test, len, 10U);
	KUNIT_EXPECT_GT(test, sk_wmem_alloc_get(sk), 2000);
	tcp_push(b);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&b->wire), len);
	/* Still there: it is not sent again. */
	lock_sock(sk);
	KUNIT_EXPECT_EQ(test, mini_tcp_retransmit(b->tp,
						  mini_tcp_rtx_head(b->tp),
						  BENCH_MSS, b->now), -EBUSY);
	release_sock(sk);
	local_bh_disable();
	kfree_skb(__skb_dequeue(&b->wire));
	kfree_skb(__skb_dequeue(&b->wire));
	/* The tasklet runs here. */
	local_bh_enable();
	KUNIT_EXPECT_GT(test, skb_queue_len(&b->wire), len - 2);
	while (!skb_queue_empty(&b->wire)) {
		local_bh_disable();
		kfree_skb(__skb_dequeue(&b->wire));
		local_bh_enable();
	}
	KUNIT_EXPECT_EQ(test, b->tp->snd_nxt - b->tp->iss, 20001U);
	KUNIT_EXPECT_EQ(test, sk_wmem_alloc_get(sk), 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&sk->sk_refcnt), 1U);
}

/* The memory of a SYN and of a FIN is counted as any other. */
static void output__syn_and_fin_are_counted(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct sock *sk = &b->tp->ms.sk;

	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	KUNIT_EXPECT_GT(test, sk->sk_wmem_queued, 0);
	KUNIT_EXPECT_GE(test, sk->sk_forward_alloc, 0);
	tcp_bench_in(b, SYN | ACK, 0, 1, 0, WND);
	tcp_bench_flush(b);
	KUNIT_EXPECT_EQ(test, sk->sk_wmem_queued, 0);
	lock_sock(sk);
	sk_mem_reclaim(sk);
	release_sock(sk);
	tcp_bench_close(b);
	TCP_EXPECT_OUT(b, FIN | ACK, 1, 1, 0);
	KUNIT_EXPECT_GT(test, sk->sk_wmem_queued, 0);
	KUNIT_EXPECT_GE(test, sk->sk_forward_alloc, 0);
}

/* Without memory they leave all the same. */
static void output__fin_without_memory(struct kunit *test)
{
	static const unsigned long none[3];
	struct tcp_bench *b = test->priv;
	struct sock *sk = &b->tp->ms.sk;
	unsigned long mem[3];

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	lock_sock(sk);
	sk_mem_reclaim(sk);
	release_sock(sk);
	mini_tcp_mem_get(mem);
	mini_tcp_mem_set(none);
	tcp_bench_close(b);
	mini_tcp_mem_set(mem);
	TCP_EXPECT_OUT(b, FIN | ACK, 1, 1, 0);
	tcp_bench_in(b, ACK, 1, 2, 0, WND);
	KUNIT_EXPECT_EQ(test, sk->sk_wmem_queued, 0);
	KUNIT_EXPECT_GE(test, sk->sk_forward_alloc, 0);
}

static u32 tcp_output_events;

static void tcp_output_event(struct mini_cc *cc, enum mini_cc_event event,
			     u64 now)
{
	tcp_output_events++;
}

/* A control hears of nothing before it was started. */
static void output__control_not_started(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	static struct mini_cc_ops ops;

	ops = mini_tcp_newreno;
	ops.event = tcp_output_event;
	b->tp->cc.ops = &ops;
	tcp_output_events = 0;
	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	mini_cc_event(&b->tp->cc, MINI_CC_EV_TX_START, b->now);
	KUNIT_EXPECT_EQ(test, tcp_output_events, 0U);
	tcp_bench_advance(b, 10 * BENCH_MS);
	tcp_bench_in(b, SYN | ACK, 0, 1, 0, WND);
	tcp_write(b, 500);
	KUNIT_EXPECT_GT(test, tcp_output_events, 0U);
}

static int tcp_output_drop(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	kfree_skb(skb);
	return NET_XMIT_DROP;
}

static int tcp_output_congested(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	kfree_skb(skb);
	return NET_XMIT_CN;
}

/* What a queue of this host dropped has not left, and is congestion. */
static void output__dropped_below(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	int (*xmit)(struct mini_tcp_sock *tp, struct sk_buff *skb);

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	xmit = b->tp->xmit;
	b->tp->xmit = tcp_output_drop;
	tcp_write(b, 500);
	KUNIT_EXPECT_EQ(test, b->tp->snd_nxt, b->tp->snd_una);
	KUNIT_EXPECT_EQ(test, b->tp->bytes_sent, 0ULL);
	KUNIT_EXPECT_EQ(test, (int)b->tp->cc.state, MINI_CC_CWR);
	KUNIT_EXPECT_EQ(test, b->tp->cc.ssthresh, 2 * BENCH_MSS);
	b->tp->xmit = xmit;
	tcp_bench_advance(b, b->tp->rto_us);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 500);
	tcp_bench_in(b, ACK, 1, 501, 0, WND);
	KUNIT_EXPECT_EQ(test, (int)b->tp->cc.state, MINI_CC_OPEN);
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, 2 * BENCH_MSS);
}

/* One that is nearly full says so: one reduction a window. */
static void output__congested_below(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;
	int (*xmit)(struct mini_tcp_sock *tp, struct sk_buff *skb);

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	/* What a mark may cost less does not count here. */
	tp->cc.abe = 1;
	tcp_write(b, 7000);
	xmit = tp->xmit;
	tp->xmit = tcp_output_congested;
	tcp_write(b, 2000);
	KUNIT_EXPECT_EQ(test, tp->snd_nxt - tp->snd_una, 9000U);
	KUNIT_EXPECT_EQ(test, (int)tp->cc.state, MINI_CC_CWR);
	KUNIT_EXPECT_EQ(test, tp->cc.ssthresh, 4000U);
	tp->xmit = xmit;
	tcp_bench_in(b, ACK, 1, 8001, 0, WND);
	KUNIT_EXPECT_EQ(test, (int)tp->cc.state, MINI_CC_CWR);
	tcp_bench_in(b, ACK, 1, 9001, 0, WND);
	KUNIT_EXPECT_EQ(test, (int)tp->cc.state, MINI_CC_OPEN);
	KUNIT_EXPECT_EQ(test, tp->cc.cwnd, 4000U);
}

static struct kunit_case tcp_output_cases[] = {
	KUNIT_CASE(output__paced),
	KUNIT_CASE(output__pacing_burst),
	KUNIT_CASE(output__pace_rises),
	KUNIT_CASE(output__pace_of_another_control),
	KUNIT_CASE(output__timeout_is_not_paced),
	KUNIT_CASE(output__bounded_below),
	KUNIT_CASE(output__syn_and_fin_are_counted),
	KUNIT_CASE(output__fin_without_memory),
	KUNIT_CASE(output__control_not_started),
	KUNIT_CASE(output__dropped_below),
	KUNIT_CASE(output__congested_below),
	KUNIT_CASE(output__nagle),
	KUNIT_CASE(output__nagle_released_by_ack),
	KUNIT_CASE(output__nagle_looks_at_short_ones),
	KUNIT_CASE(output__fin_flushes),
	KUNIT_CASE(output__cork_holds_200_ms),
	KUNIT_CASE(output__silly_window),
	KUNIT_CASE(output__small_peer),
	KUNIT_CASE(output__persist),
	KUNIT_CASE(output__persist_unanswered),
	KUNIT_CASE(output__persist_user_timeout),
	KUNIT_CASE(output__keepalive),
	KUNIT_CASE(output__keepalive_user_timeout),
	KUNIT_CASE(output__urgent),
	KUNIT_CASE(output__urgent_now),
	KUNIT_CASE(output__urgent_far_ahead),
	{}
};

struct kunit_suite mini_tcp_output_test_suite = {
	.name = "mini_tcp_output",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_output_cases,
};
