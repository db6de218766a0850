// SPDX-License-Identifier: GPL-2.0
/*
 * What counts as lost, and when: RACK, loss probes, and what takes a reduction
 * back (RFC 8985, 3522, 4015, 5682, 2883).
 */
#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define WND	60000
#define RTT	(10 * BENCH_MS)
/* First octet of segment n: one was sent before to measure the round trip. */
#define S(n)	(1001 + (n) * BENCH_MSS)

/* SACK, NewReno's window, a round trip of 10 ms, @n segments on their way. */
static struct tcp_bench *rack_start(struct kunit *test, u32 n)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->sack_ok = 1;
	mini_tcp_cong_set(b->tp, "newreno", true);
	tcp_bench_write(b, 1000);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(0), 0);
	KUNIT_EXPECT_EQ(test, b->tp->cc.min_rtt_us, RTT);
	tcp_bench_flush(b);
	if (n) {
		tcp_bench_write(b, n * 1000);
		tcp_bench_flush(b);
	}
	return b;
}

#define EXPECT_STATE_CC(b, _state)					\
	KUNIT_EXPECT_EQ((b)->test, (int)(b)->tp->cc.state, (int)(_state))

static void rack__third_sacked_segment(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 5);

	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(0), 1, S(1), S(2));
	tcp_bench_sack(b, S(0), 1, S(1), S(3));
	TCP_EXPECT_SILENCE(b);
	EXPECT_STATE_CC(b, MINI_CC_DISORDER);
	tcp_bench_sack(b, S(0), 1, S(1), S(4));
	TCP_EXPECT_OUT(b, ACK, S(0), 1, 1000);
	TCP_EXPECT_SILENCE(b);
	EXPECT_STATE_CC(b, MINI_CC_RECOVERY);
	KUNIT_EXPECT_EQ(test, b->tp->cc.ssthresh, 2500U);
	tcp_bench_sack(b, S(5), 0);
	EXPECT_STATE_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, 2500U);
	KUNIT_EXPECT_EQ(test, mini_tcp_inflight(b->tp), 0U);
}

/* One SACKed segment is enough, a quarter of the round trip later. */
static void rack__reordering_timer(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 2);

	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(0), 1, S(1), S(2));
	tcp_bench_advance(b, RTT / 4 - 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1);
	TCP_EXPECT_OUT(b, ACK, S(0), 1, 1000);
	EXPECT_STATE_CC(b, MINI_CC_RECOVERY);
}

static void rack__late_within_the_window(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 2);

	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(0), 1, S(1), S(2));
	tcp_bench_advance(b, RTT / 4 - 1);
	tcp_bench_sack(b, S(2), 0);
	tcp_bench_advance(b, RTT);
	TCP_EXPECT_SILENCE(b);
	EXPECT_STATE_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_EQ(test, b->tp->reord_seen, 1U);
	/* From now on three SACKed segments alone prove nothing. */
	tcp_bench_write(b, 5000);
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(2), 1, S(3), S(7));
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, RTT / 4);
	TCP_EXPECT_OUT(b, ACK, S(2), 1, 1000);
}

/* RFC 8985 figure 1. */
static void rack__rfc8985_figure_1(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 4);

	/* P1, P2, P3 are lost. */
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(1), 0);
	tcp_bench_advance(b, 2 * RTT + 2 * BENCH_MS - 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1);
	TCP_EXPECT_OUT(b, ACK, S(3), 1, 1000);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(1), 1, S(3), S(4));
	/* P1 and P2 are lost; the window, which lets out one, is no matter. */
	TCP_EXPECT_OUT(b, ACK, S(1), 1, 1000);
	b->tp->cc.cwnd = 10000;
	mini_tcp_resend_lost(b->tp, b->now);
	TCP_EXPECT_OUT(b, ACK, S(2), 1, 1000);
	TCP_EXPECT_SILENCE(b);
	/* P1's retransmission is lost, P2's arrives. */
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(1), 1, S(2), S(4));
	TCP_EXPECT_OUT(b, ACK, S(1), 1, 1000);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(4), 0);
	EXPECT_STATE_CC(b, MINI_CC_OPEN);
}

/* What is lost twice is sent three times, without a timeout. */
static void rack__lost_retransmission(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 8);

	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(0), 1, S(1), S(4));
	TCP_EXPECT_OUT(b, ACK, S(0), 1, 1000);
	tcp_bench_write(b, 3000);
	tcp_bench_advance(b, 1000);
	/* New data leaves behind the retransmission, and overtakes it. */
	tcp_bench_sack(b, S(0), 1, S(1), S(8));
	TCP_EXPECT_OUT(b, ACK, S(8), 1, 1000);
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(0), 1, S(1), S(9));
	TCP_EXPECT_OUT(b, ACK, S(0), 1, 1000);
	KUNIT_EXPECT_EQ(test, b->tp->total_retrans, 2U);
	EXPECT_STATE_CC(b, MINI_CC_RECOVERY);
}

/* D-SACK: the window of reordering widens, once a round trip, and persists. */
static void rack__dsack_widens(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 4);
	u32 i;

	for (i = 0; i < 2; i++)
		tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(0), 1, S(1), S(4));
	TCP_EXPECT_OUT(b, ACK, S(0), 1, 1000);
	tcp_bench_sack(b, S(4), 1, S(0), S(1));
	KUNIT_EXPECT_EQ(test, b->tp->dsack_dups, 1U);
	KUNIT_EXPECT_EQ(test, b->tp->reo_wnd_mult, 2);
	KUNIT_EXPECT_EQ(test, b->tp->reo_wnd_persist, 15);
	/* It also said that the reduction was for nothing. */
	EXPECT_STATE_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_GE(test, b->tp->cc.cwnd, 10000U);
	/* A duplicate that no retransmission explains: the network's. */
	tcp_bench_sack(b, S(4), 1, S(0), S(1));
	KUNIT_EXPECT_EQ(test, b->tp->reo_wnd_mult, 2);
}

static void tlp__new_data_first(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 0);

	b->tp->cc.cwnd = 2000;
	tcp_bench_write(b, 4000);
	TCP_EXPECT_OUT(b, ACK, S(0), 1, 1000);
	TCP_EXPECT_OUT(b, ACK, S(1), 1, 1000);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 2 * RTT + 2 * BENCH_MS);
	/* One segment more than cwnd. */
	TCP_EXPECT_OUT(b, ACK, S(2), 1, 1000);
	TCP_EXPECT_SILENCE(b);
	KUNIT_EXPECT_EQ(test, b->tp->total_retrans, 0U);
	/* Not again: the timeout is next. */
	tcp_bench_advance(b, b->tp->rto_us - 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1);
	TCP_EXPECT_OUT(b, ACK, S(0), 1, 1000);
	EXPECT_STATE_CC(b, MINI_CC_LOSS);
}

/* A short probe is a short segment: Nagle holds the next one back. */
static void tlp__short_new_data(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 0);

	b->tp->cc.cwnd = 2000;
	tcp_bench_write(b, 2500);
	tcp_bench_flush(b);
	tcp_bench_advance(b, 2 * RTT + 2 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, S(2), 1, 500);
	b->tp->cc.cwnd = 10000;
	tcp_bench_write(b, 300);
	tcp_bench_sack(b, S(2), 0);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_sack(b, S(2) + 500, 0);
	TCP_EXPECT_OUT(b, ACK, S(2) + 500, 1, 300);
}

static void tlp__repairs_a_loss(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 2);
	u32 cwnd = b->tp->cc.cwnd;

	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(1), 0);
	/* A single segment: its ACK may be delayed; but no later than this. */
	KUNIT_EXPECT_LT(test, b->tp->rto_us, 2 * RTT + 200 * BENCH_MS);
	tcp_bench_advance(b, b->tp->rto_us - 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1);
	TCP_EXPECT_OUT(b, ACK, S(1), 1, 1000);
	KUNIT_EXPECT_TRUE(test, b->tp->tlp_active);
	/* The ACK of the probe alone may be the original's. */
	tcp_bench_sack(b, S(2), 0);
	KUNIT_EXPECT_TRUE(test, b->tp->tlp_active);
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, cwnd);
	/* Then comes no duplicate, but the peer goes on: it was lost. */
	tcp_bench_write(b, 1000);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(3), 0);
	KUNIT_EXPECT_FALSE(test, b->tp->tlp_active);
	KUNIT_EXPECT_LT(test, b->tp->cc.cwnd, cwnd);
}

static void tlp__both_copies_arrived(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 2);
	u32 cwnd = b->tp->cc.cwnd;

	tcp_bench_advance(b, 2 * RTT + 2 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, S(1), 1, 1000);
	tcp_bench_sack(b, S(2), 0);
	KUNIT_EXPECT_TRUE(test, b->tp->tlp_active);
	tcp_bench_sack(b, S(2), 1, S(1), S(2));
	KUNIT_EXPECT_FALSE(test, b->tp->tlp_active);
	tcp_bench_write(b, 1000);
	tcp_bench_sack(b, S(3), 0);
	KUNIT_EXPECT_GE(test, b->tp->cc.cwnd, cwnd);
}

static void tlp__not_where_something_is_missing(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 3);

	tcp_bench_advance(b, RTT);
	KUNIT_EXPECT_NE(test, b->tp->deadline[MINI_TCP_T_TLP], 0ULL);
	KUNIT_EXPECT_EQ(test, b->tp->deadline[MINI_TCP_T_RTO], 0ULL);
	tcp_bench_sack(b, S(1), 1, S(2), S(3));
	KUNIT_EXPECT_EQ(test, b->tp->deadline[MINI_TCP_T_TLP], 0ULL);
	KUNIT_EXPECT_NE(test, b->tp->deadline[MINI_TCP_T_RTO], 0ULL);
}

/* The peer sends an ACK that echoes what was sent at @then. */
static void undo_ack(struct tcp_bench *b, u32 ack, u64 then)
{
	struct mini_wire_tcp h = {
		.seq = b->tp->rcv_nxt,
		.ack = b->tp->iss + ack,
		.window = WND,
		.flags = ACK,
		.hdr_len = 32,
	};

	h.opts.saw_tstamp = 1;
	h.opts.tsval = b->tp->ts_recent + 1;
	h.opts.tsecr = mini_tcp_tsval(b->tp->ts_off, then);
	tcp_bench_in_h(b, &h, 0);
}

/* Eifel: the ACK answers the original, not what was sent again. */
static void undo__eifel(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 6);
	u64 then = b->now;
	u32 cwnd = b->tp->cc.cwnd;

	b->tp->tstamp_ok = 1;
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(0), 1, S(1), S(4));
	TCP_EXPECT_OUT(b, ACK, S(0), 1, 1000);
	KUNIT_EXPECT_LT(test, b->tp->cc.ssthresh, cwnd);
	tcp_bench_advance(b, 2 * BENCH_MS);
	undo_ack(b, S(4), then);
	EXPECT_STATE_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_GE(test, b->tp->cc.cwnd, cwnd);
	KUNIT_EXPECT_GE(test, b->tp->cc.ssthresh, cwnd);
	KUNIT_EXPECT_EQ(test, b->tp->lost_out, 0U);
}

static void undo__not_by_a_new_echo(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 6);
	u32 cwnd = b->tp->cc.cwnd;

	b->tp->tstamp_ok = 1;
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(0), 1, S(1), S(4));
	undo_ack(b, S(6), b->now);
	KUNIT_EXPECT_LT(test, b->tp->cc.cwnd, cwnd);
}

/* After a timeout, all of what was sent comes to be acknowledged, late. */
static void undo__timeout_by_eifel(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 6);
	u64 then = b->now;
	u32 cwnd = b->tp->cc.cwnd;

	b->tp->tstamp_ok = 1;
	b->tp->tlp_active = 1;
	tcp_bench_advance(b, b->tp->rto_us + 2 * RTT + 10 * BENCH_MS);
	EXPECT_STATE_CC(b, MINI_CC_LOSS);
	tcp_bench_flush(b);
	undo_ack(b, S(1), then);
	EXPECT_STATE_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_GE(test, b->tp->cc.cwnd, cwnd);
	KUNIT_EXPECT_EQ(test, b->tp->lost_out, 0U);
	TCP_EXPECT_SILENCE(b);
}

/* To a timeout past the probe; the wire is empty then. */
static void frto_start(struct tcp_bench *b)
{
	u32 i;

	for (i = 0; i < 400 && b->tp->cc.state != MINI_CC_LOSS; i++)
		tcp_bench_advance(b, BENCH_MS);
	EXPECT_STATE_CC(b, MINI_CC_LOSS);
	tcp_bench_flush(b);
}

/* RFC 5682: new data instead of a second retransmission, and it was in vain. */
static void frto__spurious(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 6);
	u32 cwnd = b->tp->cc.cwnd;

	frto_start(b);
	tcp_bench_write(b, 5000);
	tcp_bench_flush(b);
	tcp_bench_sack(b, S(1), 0);
	TCP_EXPECT_OUT(b, ACK, S(6), 1, 1000);
	TCP_EXPECT_OUT(b, ACK, S(7), 1, 1000);
	TCP_EXPECT_SILENCE(b);
	/* Never sent again, and acknowledged: */
	tcp_bench_sack(b, S(2), 0);
	EXPECT_STATE_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_GE(test, b->tp->cc.cwnd, cwnd);
}

static void frto__real(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 6);

	frto_start(b);
	tcp_bench_write(b, 5000);
	tcp_bench_flush(b);
	tcp_bench_sack(b, S(1), 0);
	TCP_EXPECT_OUT(b, ACK, S(6), 1, 1000);
	TCP_EXPECT_OUT(b, ACK, S(7), 1, 1000);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(1), 1, S(6), S(7));
	EXPECT_STATE_CC(b, MINI_CC_LOSS);
	TCP_EXPECT_OUT(b, ACK, S(1), 1, 1000);
	KUNIT_EXPECT_FALSE(test, b->tp->frto);
}

/* Nothing new to send: RFC 5682 leaves it at that. */
static void frto__no_new_data(struct kunit *test)
{
	struct tcp_bench *b = rack_start(test, 6);

	frto_start(b);
	tcp_bench_sack(b, S(1), 0);
	TCP_EXPECT_OUT(b, ACK, S(1), 1, 1000);
	EXPECT_STATE_CC(b, MINI_CC_LOSS);
}

static struct kunit_case tcp_recovery_cases[] = {
	KUNIT_CASE(rack__third_sacked_segment),
	KUNIT_CASE(rack__reordering_timer),
	KUNIT_CASE(rack__late_within_the_window),
	KUNIT_CASE(rack__rfc8985_figure_1),
	KUNIT_CASE(rack__lost_retransmission),
	KUNIT_CASE(rack__dsack_widens),
	KUNIT_CASE(tlp__new_data_first),
	KUNIT_CASE(tlp__short_new_data),
	KUNIT_CASE(tlp__repairs_a_loss),
	KUNIT_CASE(tlp__both_copies_arrived),
	KUNIT_CASE(tlp__not_where_something_is_missing),
	KUNIT_CASE(undo__eifel),
	KUNIT_CASE(undo__not_by_a_new_echo),
	KUNIT_CASE(undo__timeout_by_eifel),
	KUNIT_CASE(frto__spurious),
	KUNIT_CASE(frto__real),
	KUNIT_CASE(frto__no_new_data),
	{}
};

struct kunit_suite mini_tcp_recovery_test_suite = {
	.name = "mini_tcp_recovery",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_recovery_cases,
};
