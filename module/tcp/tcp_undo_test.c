// SPDX-License-Identifier: GPL-2.0
/*
 * What was sent again for nothing, and the reduction that is taken back: Eifel
 * (RFC 3522, 4015), D-SACK (RFC 3708), F-RTO (RFC 5682).
 */
#include "recovery.h"
#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define SEG(k)	BENCH_SEG(k)
#define RTT	BENCH_RTT

#define EXPECT_SEG(b, k)	TCP_EXPECT_OUT(b, ACK, SEG(k), 1, BENCH_MSS)

/* Eifel: the ACK answers the original, not what was sent again. */
static void undo__eifel(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 6);
	u64 then = b->now;
	u32 cwnd = b->tp->cc.cwnd;

	b->tp->tstamp_ok = 1;
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(4));
	EXPECT_SEG(b, 0);
	KUNIT_EXPECT_LT(test, b->tp->cc.ssthresh, cwnd);
	tcp_bench_advance(b, 2 * BENCH_MS);
	tcp_bench_sack_then(b, then, SEG(4), 0);
	TCP_EXPECT_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_GE(test, b->tp->cc.cwnd, cwnd);
	KUNIT_EXPECT_GE(test, b->tp->cc.ssthresh, cwnd);
	KUNIT_EXPECT_EQ(test, b->tp->lost_out, 0U);
}

static void undo__not_by_a_new_echo(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 6);
	u32 cwnd = b->tp->cc.cwnd;

	b->tp->tstamp_ok = 1;
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(4));
	tcp_bench_sack_then(b, b->now, SEG(6), 0);
	KUNIT_EXPECT_LT(test, b->tp->cc.cwnd, cwnd);
}

/* After a timeout, all of what was sent comes to be acknowledged, late. */
static void undo__timeout_by_eifel(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 6);
	u64 then = b->now;
	u32 cwnd = b->tp->cc.cwnd;

	b->tp->tstamp_ok = 1;
	b->tp->tlp_active = 1;
	tcp_bench_advance(b, b->tp->rto_us + 2 * RTT + 10 * BENCH_MS);
	TCP_EXPECT_CC(b, MINI_CC_LOSS);
	tcp_bench_flush(b);
	tcp_bench_sack_then(b, then, SEG(1), 0);
	TCP_EXPECT_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_GE(test, b->tp->cc.cwnd, cwnd);
	KUNIT_EXPECT_EQ(test, b->tp->lost_out, 0U);
	TCP_EXPECT_SILENCE(b);
}

/* RFC 3522: an echo from before the retransmission. */
static void undo__by_timestamp(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 10);
	struct mini_tcp_sock *tp = b->tp;
	u64 then = b->now;

	tp->tstamp_ok = 1;
	tcp_bench_advance(b, RTT);
	tcp_bench_sack_then(b, then, SEG(0), 1, SEG(1), SEG(5));
	TCP_EXPECT_CC(b, MINI_CC_RECOVERY);
	KUNIT_EXPECT_LT(test, tp->cc.ssthresh, MINI_CC_SSTHRESH_INF);
	tcp_bench_flush(b);
	b->now += 2 * BENCH_MS;
	tcp_bench_sack_then(b, then, SEG(6), 0);
	KUNIT_EXPECT_LT(test, tp->cc.state, MINI_CC_CWR);
	KUNIT_EXPECT_GE(test, tp->cc.ssthresh, MINI_CC_SSTHRESH_INF);
	KUNIT_EXPECT_GE(test, tp->cc.cwnd, 10 * BENCH_MSS);
}

/* An echo of the retransmission undoes nothing. */
static void undo__not_by_the_retransmission(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 10);
	struct mini_tcp_sock *tp = b->tp;
	u64 then = b->now;

	tp->tstamp_ok = 1;
	tcp_bench_advance(b, RTT);
	tcp_bench_sack_then(b, then, SEG(0), 1, SEG(1), SEG(5));
	then = b->now;
	tcp_bench_advance(b, RTT);
	tcp_bench_sack_then(b, then, SEG(10), 0);
	TCP_EXPECT_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_LT(test, tp->cc.ssthresh, MINI_CC_SSTHRESH_INF);
}

/* RFC 3708: all that was sent again is reported as doubled. */
static void undo__by_dsack(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 10);
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(4));
	EXPECT_SEG(b, 0);
	b->now += 2 * BENCH_MS;
	tcp_bench_sack(b, SEG(4), 0);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(6), 1, SEG(0), SEG(1));
	KUNIT_EXPECT_LT(test, tp->cc.state, MINI_CC_CWR);
	KUNIT_EXPECT_GE(test, tp->cc.ssthresh, MINI_CC_SSTHRESH_INF);
}

/* ... of this reduction: a duplicate of what came before it says nothing. */
static void undo__not_by_an_older_dsack(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 10);

	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(4));
	EXPECT_SEG(b, 0);
	b->now += 2 * BENCH_MS;
	tcp_bench_sack(b, SEG(0), 1, SEG(0) - BENCH_MSS, SEG(0));
	KUNIT_EXPECT_EQ(test, b->tp->dsack_dups, 1U);
	TCP_EXPECT_CC(b, MINI_CC_RECOVERY);
	KUNIT_EXPECT_LT(test, b->tp->cc.ssthresh, MINI_CC_SSTHRESH_INF);
}

/* To a timeout past the probe; the wire is empty then. */
static void frto_start(struct tcp_bench *b)
{
	u32 i;

	for (i = 0; i < 400 && b->tp->cc.state != MINI_CC_LOSS; i++)
		tcp_bench_advance(b, BENCH_MS);
	TCP_EXPECT_CC(b, MINI_CC_LOSS);
	tcp_bench_flush(b);
}

/* RFC 5682: new data instead of a second retransmission, and it was in vain. */
static void frto__spurious(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 6);
	u32 cwnd = b->tp->cc.cwnd;

	frto_start(b);
	tcp_bench_write(b, 5000);
	tcp_bench_flush(b);
	tcp_bench_sack(b, SEG(1), 0);
	EXPECT_SEG(b, 6);
	EXPECT_SEG(b, 7);
	TCP_EXPECT_SILENCE(b);
	/* Never sent again, and acknowledged: */
	tcp_bench_sack(b, SEG(2), 0);
	TCP_EXPECT_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_GE(test, b->tp->cc.cwnd, cwnd);
}

static void frto__real(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 6);

	frto_start(b);
	tcp_bench_write(b, 5000);
	tcp_bench_flush(b);
	tcp_bench_sack(b, SEG(1), 0);
	EXPECT_SEG(b, 6);
	EXPECT_SEG(b, 7);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(1), 1, SEG(6), SEG(7));
	TCP_EXPECT_CC(b, MINI_CC_LOSS);
	EXPECT_SEG(b, 1);
	KUNIT_EXPECT_FALSE(test, b->tp->frto);
}

/* Nothing new to send: RFC 5682 leaves it at that. */
static void frto__no_new_data(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 6);

	frto_start(b);
	tcp_bench_sack(b, SEG(1), 0);
	EXPECT_SEG(b, 1);
	TCP_EXPECT_CC(b, MINI_CC_LOSS);
}

/* RFC 5682: after the timeout what was sent once comes in. */
static void frto__spurious_undoes_all(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 16);
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_advance(b, 2 * USEC_PER_SEC);
	TCP_EXPECT_CC(b, MINI_CC_LOSS);
	tcp_bench_flush(b);
	/* Step 2b: new data, nothing of the old. */
	tcp_bench_sack(b, SEG(1), 0);
	if (tp->cc.state == MINI_CC_LOSS) {
		KUNIT_EXPECT_TRUE(test, seq_after(tp->snd_nxt,
						  tp->iss + SEG(10)));
		tcp_bench_sack(b, SEG(3), 0);
	}
	KUNIT_EXPECT_LT(test, tp->cc.state, MINI_CC_CWR);
	KUNIT_EXPECT_EQ(test, tp->lost_out, 0U);
	KUNIT_EXPECT_GE(test, tp->cc.cwnd, 10 * BENCH_MSS);
	KUNIT_EXPECT_GE(test, tp->cc.ssthresh, MINI_CC_SSTHRESH_INF);
}

/* A hole is a hole: slow start sends it all again. */
static void frto__not_spurious(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 10);
	struct mini_tcp_sock *tp = b->tp;
	struct tcp_sent s;
	u32 again = 0;
	u32 i;

	tcp_bench_advance(b, 2 * USEC_PER_SEC);
	tcp_bench_flush(b);
	for (i = 1; i <= 9; i++) {
		tcp_bench_advance(b, RTT);
		tcp_bench_sack(b, SEG(i), 0);
		while (tcp_bench_out(b, &s))
			again += s.len / BENCH_MSS;
	}
	KUNIT_EXPECT_GE(test, again, 8U);
	KUNIT_EXPECT_LT(test, tp->cc.ssthresh, MINI_CC_SSTHRESH_INF);
}

static struct kunit_case tcp_undo_cases[] = {
	KUNIT_CASE(undo__eifel),
	KUNIT_CASE(undo__not_by_a_new_echo),
	KUNIT_CASE(undo__timeout_by_eifel),
	KUNIT_CASE(undo__by_timestamp),
	KUNIT_CASE(undo__not_by_the_retransmission),
	KUNIT_CASE(undo__by_dsack),
	KUNIT_CASE(undo__not_by_an_older_dsack),
	KUNIT_CASE(frto__spurious),
	KUNIT_CASE(frto__real),
	KUNIT_CASE(frto__no_new_data),
	KUNIT_CASE(frto__spurious_undoes_all),
	KUNIT_CASE(frto__not_spurious),
	{}
};

struct kunit_suite mini_tcp_undo_test_suite = {
	.name = "mini_tcp_undo",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_undo_cases,
};
