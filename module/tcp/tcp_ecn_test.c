// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion marks, rule by rule (RFC 3168), on a clock and a wire of the
 * test's own.
 */
#include <net/inet_ecn.h>

#include "recovery.h"
#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define ECE	MINI_TCP_ECE
#define CWR	MINI_TCP_CWR
#define WND	BENCH_WND
#define SEG(k)	BENCH_SEG(k)

static struct tcp_bench *ecn_open(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->ecn_ok = 1;
	return b;
}

static void ecn_in(struct tcp_bench *b, u8 flags, u32 seq, u32 ack, u32 len,
		   u8 mark)
{
	struct mini_wire_tcp h = tcp_bench_header(b, flags, seq, ack);

	h.ecn = mark;
	tcp_bench_in_h(b, &h, len);
}

static u8 ecn_flags(struct tcp_bench *b)
{
	struct tcp_sent s = {};

	KUNIT_EXPECT_TRUE(b->test, tcp_bench_out(b, &s));
	return s.h.flags & (ECE | CWR);
}

/* Section 6.1.2, 6.1.4, 6.1.5: new data, and nothing else. */
static void ecn__new_data_is_capable(struct kunit *test)
{
	struct tcp_bench *b = ecn_open(test);
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_write(b, BENCH_MSS);
	KUNIT_EXPECT_EQ(test, tp->ect, INET_ECN_ECT_0);
	tcp_bench_advance(b, 2 * USEC_PER_SEC);
	KUNIT_EXPECT_GT(test, tp->total_retrans, 0U);
	KUNIT_EXPECT_EQ(test, tp->ect, INET_ECN_NOT_ECT);
	tcp_bench_in(b, ACK, 1, SEG(1), 0, WND);
	tcp_bench_write(b, BENCH_MSS);
	KUNIT_EXPECT_EQ(test, tp->ect, INET_ECN_ECT_0);
	mini_tcp_send_ack(tp, b->now);
	KUNIT_EXPECT_EQ(test, tp->ect, INET_ECN_NOT_ECT);
}

/* Section 6.1.3: every ACK has ECE until CWR came; anew for a new mark. */
static void ecn__echo_lasts_until_cwr(struct kunit *test)
{
	struct tcp_bench *b = ecn_open(test);

	ecn_in(b, ACK, SEG(0), 1, BENCH_MSS, INET_ECN_CE);
	KUNIT_EXPECT_EQ(test, ecn_flags(b), ECE);
	ecn_in(b, ACK, SEG(1), 1, BENCH_MSS, INET_ECN_ECT_0);
	ecn_in(b, ACK, SEG(2), 1, BENCH_MSS, INET_ECN_ECT_0);
	KUNIT_EXPECT_EQ(test, ecn_flags(b), ECE);
	tcp_bench_flush(b);
	ecn_in(b, ACK | CWR, SEG(3), 1, BENCH_MSS, INET_ECN_ECT_0);
	KUNIT_EXPECT_EQ(test, ecn_flags(b), 0);
	tcp_bench_flush(b);
	ecn_in(b, ACK | CWR, SEG(4), 1, BENCH_MSS, INET_ECN_CE);
	KUNIT_EXPECT_EQ(test, ecn_flags(b), ECE);
}

/* Section 6.1.2: one reduction a window, and CWR on what is sent next. */
static void ecn__reduces_once_a_window(struct kunit *test)
{
	struct tcp_bench *b = ecn_open(test);
	struct mini_tcp_sock *tp = b->tp;
	u32 ssthresh, i;

	tp->cc.cwnd = 20 * BENCH_MSS;
	tcp_bench_write(b, 50 * BENCH_MSS);
	tcp_bench_flush(b);
	b->now += 10 * BENCH_MS;
	ecn_in(b, ACK | ECE, 1, SEG(2), 0, 0);
	KUNIT_EXPECT_EQ(test, (int)tp->cc.state, (int)MINI_CC_CWR);
	ssthresh = tp->cc.ssthresh;
	KUNIT_EXPECT_LT(test, ssthresh, 20 * BENCH_MSS);
	for (i = 4; i <= 20; i += 2)
		ecn_in(b, ACK | ECE, 1, SEG(i), 0, 0);
	KUNIT_EXPECT_EQ(test, tp->cc.ssthresh, ssthresh);
	KUNIT_EXPECT_EQ(test, tp->total_retrans, 0U);
	/* The first segment after it says so, the others do not. */
	KUNIT_EXPECT_EQ(test, ecn_flags(b), CWR);
	while (skb_queue_len(&b->wire))
		KUNIT_EXPECT_EQ(test, ecn_flags(b), 0);
	KUNIT_EXPECT_LE(test, mini_tcp_inflight(tp), ssthresh + BENCH_MSS);
	/* What was sent after the reduction is marked again: once more. */
	while (tp->cc.state == MINI_CC_CWR)
		ecn_in(b, ACK, 1, SEG(++i), 0, 0);
	ecn_in(b, ACK | ECE, 1, SEG(++i), 0, 0);
	KUNIT_EXPECT_LT(test, tp->cc.ssthresh, ssthresh);
}

/* Section 6.1.2: CWR after a timeout, too. */
static void ecn__cwr_after_a_timeout(struct kunit *test)
{
	struct tcp_bench *b = ecn_open(test);

	tcp_bench_write(b, 2 * BENCH_MSS);
	tcp_bench_advance(b, USEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, (int)b->tp->cc.state, (int)MINI_CC_LOSS);
	tcp_bench_flush(b);
	tcp_bench_in(b, ACK, 1, SEG(2), 0, WND);
	tcp_bench_write(b, BENCH_MSS);
	KUNIT_EXPECT_EQ(test, ecn_flags(b), CWR);
}

static struct kunit_case tcp_ecn_cases[] = {
	KUNIT_CASE(ecn__new_data_is_capable),
	KUNIT_CASE(ecn__echo_lasts_until_cwr),
	KUNIT_CASE(ecn__reduces_once_a_window),
	KUNIT_CASE(ecn__cwr_after_a_timeout),
	{}
};

struct kunit_suite mini_tcp_ecn_test_suite = {
	.name = "mini_tcp_ecn",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_ecn_cases,
};
