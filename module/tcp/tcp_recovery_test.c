// SPDX-License-Identifier: GPL-2.0
/*
 * What counts as lost, and when: RACK and loss probes, step by step (RFC 8985,
 * 2883).
 */
#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define SEG(k)	BENCH_SEG(k)
#define RTT	BENCH_RTT

#define EXPECT_SEG(b, k)	TCP_EXPECT_OUT(b, ACK, SEG(k), 1, BENCH_MSS)

static void rack__third_sacked_segment(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 5);

	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(2));
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(3));
	TCP_EXPECT_SILENCE(b);
	TCP_EXPECT_CC(b, MINI_CC_DISORDER);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(4));
	EXPECT_SEG(b, 0);
	TCP_EXPECT_SILENCE(b);
	TCP_EXPECT_CC(b, MINI_CC_RECOVERY);
	KUNIT_EXPECT_EQ(test, b->tp->cc.ssthresh, 2500U);
	tcp_bench_sack(b, SEG(5), 0);
	TCP_EXPECT_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, 2500U);
	KUNIT_EXPECT_EQ(test, mini_tcp_inflight(b->tp), 0U);
}

/* One SACKed segment is enough, a quarter of the round trip later. */
static void rack__reordering_timer(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 2);

	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(2));
	tcp_bench_advance(b, RTT / 4 - 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1);
	EXPECT_SEG(b, 0);
	TCP_EXPECT_CC(b, MINI_CC_RECOVERY);
}

static void rack__late_within_the_window(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 2);

	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(2));
	tcp_bench_advance(b, RTT / 4 - 1);
	tcp_bench_sack(b, SEG(2), 0);
	tcp_bench_advance(b, RTT);
	TCP_EXPECT_SILENCE(b);
	TCP_EXPECT_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_EQ(test, b->tp->reord_seen, 1U);
	/* From now on three SACKed segments alone prove nothing. */
	tcp_bench_write(b, 5000);
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(2), 1, SEG(3), SEG(7));
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, RTT / 4);
	EXPECT_SEG(b, 2);
}

/* RFC 8985 figure 1. */
static void rack__rfc8985_figure_1(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 4);

	/* P1, P2, P3 are lost. */
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(1), 0);
	tcp_bench_advance(b, 2 * RTT + 2 * BENCH_MS - 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1);
	EXPECT_SEG(b, 3);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(1), 1, SEG(3), SEG(4));
	/* P1 and P2 are lost; the window, which lets out one, is no matter. */
	EXPECT_SEG(b, 1);
	b->tp->cc.cwnd = 10000;
	mini_tcp_resend_lost(b->tp, b->now);
	EXPECT_SEG(b, 2);
	TCP_EXPECT_SILENCE(b);
	/* P1's retransmission is lost, P2's arrives. */
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(1), 1, SEG(2), SEG(4));
	EXPECT_SEG(b, 1);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(4), 0);
	TCP_EXPECT_CC(b, MINI_CC_OPEN);
}

/* What is lost twice is sent three times, without a timeout. */
static void rack__lost_retransmission(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 8);

	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(4));
	EXPECT_SEG(b, 0);
	tcp_bench_write(b, 3000);
	tcp_bench_advance(b, 1000);
	/* New data leaves behind the retransmission, and overtakes it. */
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(8));
	EXPECT_SEG(b, 8);
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(9));
	EXPECT_SEG(b, 0);
	KUNIT_EXPECT_EQ(test, b->tp->total_retrans, 2U);
	TCP_EXPECT_CC(b, MINI_CC_RECOVERY);
}

/* D-SACK: the window of reordering widens, once a round trip, and persists. */
static void rack__dsack_widens(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 4);
	u32 i;

	for (i = 0; i < 2; i++)
		tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(4));
	EXPECT_SEG(b, 0);
	tcp_bench_sack(b, SEG(4), 1, SEG(0), SEG(1));
	KUNIT_EXPECT_EQ(test, b->tp->dsack_dups, 1U);
	KUNIT_EXPECT_EQ(test, b->tp->reo_wnd_mult, 2);
	KUNIT_EXPECT_EQ(test, b->tp->reo_wnd_persist, 15);
	/* It also said that the reduction was for nothing. */
	TCP_EXPECT_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_GE(test, b->tp->cc.cwnd, 10000U);
	/* A duplicate that no retransmission explains: the network's. */
	tcp_bench_sack(b, SEG(4), 1, SEG(0), SEG(1));
	KUNIT_EXPECT_EQ(test, b->tp->reo_wnd_mult, 2);
}

static void tlp__new_data_first(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);

	b->tp->cc.cwnd = 2000;
	tcp_bench_write(b, 4000);
	EXPECT_SEG(b, 0);
	EXPECT_SEG(b, 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 2 * RTT + 2 * BENCH_MS);
	/* One segment more than cwnd. */
	EXPECT_SEG(b, 2);
	TCP_EXPECT_SILENCE(b);
	KUNIT_EXPECT_EQ(test, b->tp->total_retrans, 0U);
	/* Not again: the timeout is next. */
	tcp_bench_advance(b, b->tp->rto_us - 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1);
	EXPECT_SEG(b, 0);
	TCP_EXPECT_CC(b, MINI_CC_LOSS);
}

/* Who delays the answer to new data is asked by what none delays. */
static void tlp__again_if_the_answer_was_late(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);
	u32 last;

	b->tp->cc.cwnd = 2000;
	tcp_bench_write(b, 9000);
	EXPECT_SEG(b, 0);
	EXPECT_SEG(b, 1);
	tcp_bench_advance(b, 2 * RTT + 2 * BENCH_MS);
	EXPECT_SEG(b, 2);
	tcp_bench_advance(b, 40 * BENCH_MS);
	tcp_bench_sack(b, SEG(3), 0);
	/* There is more to send, and yet: the last segment again. */
	tcp_bench_flush(b);
	KUNIT_EXPECT_NOT_NULL(test, mini_tcp_send_head(b->tp));
	last = b->tp->snd_nxt - b->tp->iss - BENCH_MSS;
	tcp_bench_advance(b, (b->tp->srtt_us >> 2) + 2 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, last, 1, BENCH_MSS);
	TCP_EXPECT_SILENCE(b);
}

/* A short probe is a short segment: Nagle holds the next one back. */
static void tlp__short_new_data(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);

	b->tp->cc.cwnd = 2000;
	tcp_bench_write(b, 2500);
	tcp_bench_flush(b);
	tcp_bench_advance(b, 2 * RTT + 2 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, SEG(2), 1, 500);
	b->tp->cc.cwnd = 10000;
	tcp_bench_write(b, 300);
	tcp_bench_sack(b, SEG(2), 0);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_sack(b, SEG(2) + 500, 0);
	TCP_EXPECT_OUT(b, ACK, SEG(2) + 500, 1, 300);
}

static void tlp__repairs_a_loss(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 2);
	u32 cwnd = b->tp->cc.cwnd;

	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(1), 0);
	/* A single segment: its ACK may be delayed; but no later than this. */
	KUNIT_EXPECT_LT(test, b->tp->rto_us, 2 * RTT + 200 * BENCH_MS);
	tcp_bench_advance(b, b->tp->rto_us - 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1);
	EXPECT_SEG(b, 1);
	KUNIT_EXPECT_TRUE(test, b->tp->tlp_active);
	/* The ACK of the probe alone may be the original's. */
	tcp_bench_sack(b, SEG(2), 0);
	KUNIT_EXPECT_TRUE(test, b->tp->tlp_active);
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, cwnd);
	/* Then comes no duplicate, but the peer goes on: it was lost. */
	tcp_bench_write(b, 1000);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(3), 0);
	KUNIT_EXPECT_FALSE(test, b->tp->tlp_active);
	KUNIT_EXPECT_LT(test, b->tp->cc.cwnd, cwnd);
}

static void tlp__both_copies_arrived(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 2);
	u32 cwnd = b->tp->cc.cwnd;

	tcp_bench_advance(b, 2 * RTT + 2 * BENCH_MS);
	EXPECT_SEG(b, 1);
	tcp_bench_sack(b, SEG(2), 0);
	KUNIT_EXPECT_TRUE(test, b->tp->tlp_active);
	tcp_bench_sack(b, SEG(2), 1, SEG(1), SEG(2));
	KUNIT_EXPECT_FALSE(test, b->tp->tlp_active);
	tcp_bench_write(b, 1000);
	tcp_bench_sack(b, SEG(3), 0);
	KUNIT_EXPECT_GE(test, b->tp->cc.cwnd, cwnd);
}

static void tlp__not_where_something_is_missing(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 3);

	tcp_bench_advance(b, RTT);
	KUNIT_EXPECT_NE(test, b->tp->deadline[MINI_TCP_T_TLP], 0ULL);
	KUNIT_EXPECT_EQ(test, b->tp->deadline[MINI_TCP_T_RTO], 0ULL);
	tcp_bench_sack(b, SEG(1), 1, SEG(2), SEG(3));
	KUNIT_EXPECT_EQ(test, b->tp->deadline[MINI_TCP_T_TLP], 0ULL);
	KUNIT_EXPECT_NE(test, b->tp->deadline[MINI_TCP_T_RTO], 0ULL);
}

/* Karn: an ACK of something sent twice measures nothing, whatever else it says */
static void rtt__not_beside_a_retransmission(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 6);
	u32 srtt;

	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(4));
	EXPECT_SEG(b, 0);
	srtt = b->tp->srtt_us;
	tcp_bench_advance(b, 3 * RTT);
	/* Segments 4 and 5 were sent once, four round trips ago. */
	tcp_bench_sack(b, SEG(6), 0);
	KUNIT_EXPECT_EQ(test, b->tp->srtt_us, srtt);
}

/* Progress: the timeouts before it do not count when the next are counted. */
static void timeout__counts_anew(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 4);
	struct mini_tcp_sock *tp = b->tp;

	while (tp->retransmits < 3)
		tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(1), 0);
	KUNIT_EXPECT_EQ(test, (int)tp->retransmits, 0);
	TCP_EXPECT_CC(b, MINI_CC_LOSS);
}

static struct kunit_case tcp_recovery_cases[] = {
	KUNIT_CASE(rack__third_sacked_segment),
	KUNIT_CASE(rack__reordering_timer),
	KUNIT_CASE(rack__late_within_the_window),
	KUNIT_CASE(rack__rfc8985_figure_1),
	KUNIT_CASE(rack__lost_retransmission),
	KUNIT_CASE(rack__dsack_widens),
	KUNIT_CASE(tlp__new_data_first),
	KUNIT_CASE(tlp__again_if_the_answer_was_late),
	KUNIT_CASE(tlp__short_new_data),
	KUNIT_CASE(tlp__repairs_a_loss),
	KUNIT_CASE(tlp__both_copies_arrived),
	KUNIT_CASE(tlp__not_where_something_is_missing),
	KUNIT_CASE(rtt__not_beside_a_retransmission),
	KUNIT_CASE(timeout__counts_anew),
	{}
};

struct kunit_suite mini_tcp_recovery_test_suite = {
	.name = "mini_tcp_recovery",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_recovery_cases,
};
