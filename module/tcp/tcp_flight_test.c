// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of a busy connection: flight.c gives it back when the connection
 * is quiet and no sooner, recycle.c hands out again what nobody refers to.
 */
#include <linux/bottom_half.h>

#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define WND	BENCH_WND
#define SECOND	USEC_PER_SEC

static struct tcp_bench *flight_start(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->sack_ok = 1;
	return b;
}

/* One segment there, and its ACK a round trip later. */
static void flight_exchange(struct tcp_bench *b, u32 seq)
{
	tcp_bench_write(b, BENCH_MSS);
	TCP_EXPECT_OUT(b, ACK, seq, 1, BENCH_MSS);
	tcp_bench_advance(b, BENCH_RTT);
	tcp_bench_in(b, ACK, 1, seq + BENCH_MSS, 0, WND);
}

/*
 * Time passes.  The kernel's timer, which a segment armed, is left to fire when
 * there is no deadline any more; that is when the flight is looked at.
 */
static void flight_pass(struct tcp_bench *b, u64 us)
{
	tcp_bench_advance(b, us / 4);
	lock_sock(&b->tp->ms.sk);
	mini_tcp_timers_run(b->tp, b->now);
	release_sock(&b->tp->ms.sk);
	tcp_bench_advance(b, us - us / 4);
}

static void flight__given_back_when_quiet(struct kunit *test)
{
	struct tcp_bench *b = flight_start(test);

	flight_exchange(b, BENCH_SEG(0));
	KUNIT_EXPECT_TRUE(test, mini_tcp_has_flight(b->tp));
	flight_pass(b, SECOND / 2);
	KUNIT_EXPECT_TRUE(test, mini_tcp_has_flight(b->tp));
	flight_pass(b, 3 * SECOND);
	KUNIT_EXPECT_FALSE(test, mini_tcp_has_flight(b->tp));
	TCP_EXPECT_SILENCE(b);
}

/* What was learned of losses is gone with it, and is learned anew. */
static void flight__taken_again(struct kunit *test)
{
	struct tcp_bench *b = flight_start(test);
	u32 i;

	flight_exchange(b, BENCH_SEG(0));
	flight_pass(b, 4 * SECOND);
	KUNIT_ASSERT_FALSE(test, mini_tcp_has_flight(b->tp));
	b->tp->gso_max = BENCH_MSS;
	tcp_bench_write(b, 8 * BENCH_MSS);
	tcp_bench_flush(b);
	KUNIT_EXPECT_TRUE(test, mini_tcp_has_flight(b->tp));
	tcp_bench_advance(b, BENCH_RTT);
	for (i = 3; i <= 9; i++)
		tcp_bench_sack(b, BENCH_SEG(1), 1, BENCH_SEG(2), BENCH_SEG(i));
	TCP_EXPECT_OUT(b, ACK, BENCH_SEG(1), 1, BENCH_MSS);
	tcp_bench_advance(b, BENCH_RTT);
	tcp_bench_sack(b, BENCH_SEG(9), 0);
	TCP_EXPECT_CC(b, MINI_CC_OPEN);
	flight_pass(b, 4 * SECOND);
	KUNIT_EXPECT_FALSE(test, mini_tcp_has_flight(b->tp));
}

/* The peer does not answer: the retransmissions need it. */
static void flight__kept_while_unacknowledged(struct kunit *test)
{
	struct tcp_bench *b = flight_start(test);

	tcp_bench_write(b, BENCH_MSS);
	flight_pass(b, 5 * SECOND);
	KUNIT_EXPECT_TRUE(test, mini_tcp_has_flight(b->tp));
	KUNIT_EXPECT_GE(test, skb_queue_len(&b->wire), 3U);
}

/* Nor is it quiet before the first timeout, when all seems well. */
static void flight__kept_before_a_late_timeout(struct kunit *test)
{
	struct tcp_bench *b = flight_start(test);

	b->tp->sack_ok = 0;		/* no probe */
	b->tp->rto_us = 8 * SECOND;
	tcp_bench_write(b, BENCH_MSS);
	flight_pass(b, 6 * SECOND);
	KUNIT_EXPECT_TRUE(test, mini_tcp_has_flight(b->tp));
	KUNIT_EXPECT_EQ(test, skb_queue_len(&b->wire), 1U);
}

/* The window is closed: what waits for it, and the probes. */
static void flight__kept_while_unsent(struct kunit *test)
{
	struct tcp_bench *b = flight_start(test);

	tcp_bench_in(b, ACK, 1, 1, 0, 0);
	tcp_bench_write(b, BENCH_MSS);
	flight_pass(b, 5 * SECOND);
	KUNIT_EXPECT_TRUE(test, mini_tcp_has_flight(b->tp));
}

static void flight__kept_while_a_hole(struct kunit *test)
{
	struct tcp_bench *b = flight_start(test);

	flight_pass(b, 4 * SECOND);
	KUNIT_EXPECT_FALSE(test, mini_tcp_has_flight(b->tp));
	tcp_bench_in(b, ACK, BENCH_SEG(1), 1, BENCH_MSS, WND);
	flight_pass(b, 5 * SECOND);
	KUNIT_EXPECT_TRUE(test, mini_tcp_has_flight(b->tp));
	KUNIT_EXPECT_EQ(test, (u32)b->tp->num_sacks, 1U);
	tcp_bench_in(b, ACK, BENCH_SEG(0), 1, BENCH_MSS, WND);
	flight_pass(b, 5 * SECOND);
	KUNIT_EXPECT_FALSE(test, mini_tcp_has_flight(b->tp));
}

/* A D-SACK takes a round trip, and two are waited for. */
static void flight__kept_for_two_round_trips(struct kunit *test)
{
	struct tcp_bench *b = flight_start(test);

	flight_exchange(b, BENCH_SEG(0));
	b->tp->srtt_us = 8 * 4 * SECOND;
	flight_pass(b, 6 * SECOND);
	KUNIT_EXPECT_TRUE(test, mini_tcp_has_flight(b->tp));
	flight_pass(b, 12 * SECOND);
	KUNIT_EXPECT_FALSE(test, mini_tcp_has_flight(b->tp));
}

/* What is handed out again is as if it were new. */
static void recycle__like_new(struct kunit *test)
{
	struct sk_buff *skb, *again;

	local_bh_disable();
	skb = mini_tcp_skb_get(GFP_ATOMIC);
	if (skb) {
		skb_reserve(skb, 100);
		skb_put_zero(skb, 20);
		skb->mark = 7;
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb_shinfo(skb)->gso_size = BENCH_MSS;
		skb_shinfo(skb)->gso_segs = 2;
		skb_shinfo(skb)->tx_flags = SKBTX_ANY_TSTAMP;
		mini_tcp_skb_put(skb);
	}
	again = mini_tcp_skb_get(GFP_ATOMIC);
	local_bh_enable();
	KUNIT_ASSERT_NOT_NULL(test, again);
	KUNIT_EXPECT_PTR_EQ(test, again, skb);
	KUNIT_EXPECT_EQ(test, again->len, 0U);
	KUNIT_EXPECT_EQ(test, skb_headroom(again), 0U);
	KUNIT_EXPECT_GE(test, skb_tailroom(again), (int)MINI_TCP_HEADROOM);
	KUNIT_EXPECT_EQ(test, again->mark, 0U);
	KUNIT_EXPECT_EQ(test, (int)again->ip_summed, CHECKSUM_NONE);
	KUNIT_EXPECT_EQ(test, (u32)skb_shinfo(again)->gso_size, 0U);
	KUNIT_EXPECT_EQ(test, (u32)skb_shinfo(again)->gso_segs, 0U);
	KUNIT_EXPECT_EQ(test, (u32)skb_shinfo(again)->tx_flags, 0U);
	KUNIT_EXPECT_EQ(test, refcount_read(&again->users), 1);
	mini_tcp_skb_put(again);
}

/* A transmission that is below still, or a tap's copy, reads it. */
static void recycle__not_while_cloned(struct kunit *test)
{
	struct sk_buff *skb, *clone, *next;

	local_bh_disable();
	skb = mini_tcp_skb_get(GFP_ATOMIC);
	clone = skb ? skb_clone(skb, GFP_ATOMIC) : NULL;
	if (skb)
		mini_tcp_skb_put(skb);
	next = mini_tcp_skb_get(GFP_ATOMIC);
	local_bh_enable();
	KUNIT_EXPECT_NOT_NULL(test, clone);
	KUNIT_EXPECT_NOT_NULL(test, next);
	KUNIT_EXPECT_PTR_NE(test, next, skb);
	if (clone && next)
		KUNIT_EXPECT_PTR_NE(test, next->head, clone->head);
	kfree_skb(clone);
	if (next)
		mini_tcp_skb_put(next);
}

/* More than are kept are freed, and none is handed out twice. */
static void recycle__many(struct kunit *test)
{
	static const u32 n = 100;
	struct sk_buff **all = kunit_kcalloc(test, n, sizeof(*all), GFP_KERNEL);
	u32 i, k, round;

	KUNIT_ASSERT_NOT_NULL(test, all);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < n; i++) {
			all[i] = mini_tcp_skb_get(GFP_KERNEL);
			KUNIT_EXPECT_NOT_NULL(test, all[i]);
			for (k = 0; k < i && all[i]; k++)
				if (all[k] == all[i]) {
					KUNIT_FAIL(test, "%u is %u", i, k);
					return;
				}
		}
		for (i = 0; i < n; i++)
			if (all[i])
				mini_tcp_skb_put(all[i]);
	}
}

static struct kunit_case mini_tcp_flight_cases[] = {
	KUNIT_CASE(flight__given_back_when_quiet),
	KUNIT_CASE(flight__taken_again),
	KUNIT_CASE(flight__kept_while_unacknowledged),
	KUNIT_CASE(flight__kept_before_a_late_timeout),
	KUNIT_CASE(flight__kept_while_unsent),
	KUNIT_CASE(flight__kept_while_a_hole),
	KUNIT_CASE(flight__kept_for_two_round_trips),
	KUNIT_CASE(recycle__like_new),
	KUNIT_CASE(recycle__not_while_cloned),
	KUNIT_CASE(recycle__many),
	{}
};

struct kunit_suite mini_tcp_flight_test_suite = {
	.name = "mini_tcp_flight",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = mini_tcp_flight_cases,
};
