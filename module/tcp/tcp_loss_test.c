// SPDX-License-Identifier: GPL-2.0
/*
 * The scoreboard, and what is sent again when (RFC 2018, 2883, 3042, 5681,
 * 6582, 6675, 9937).
 */
#include "recovery.h"
#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define WND	BENCH_WND
#define RTT	BENCH_RTT
#define S(n)	(1 + (n) * BENCH_MSS)

#define EXPECT_STATE_CC(b, _state)					\
	KUNIT_EXPECT_EQ((b)->test, (int)(b)->tp->cc.state, (int)(_state))

/* NewReno's window, @n segments on their way, each no larger than @most. */
static struct tcp_bench *loss_start_at(struct kunit *test, u32 iss, bool sack,
				       u32 n, u32 most)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, iss, BENCH_IRS);
	b->tp->sack_ok = sack;
	b->tp->gso_max = most;
	b->tp->cc.cwnd = max(n, 10U) * 1000;
	mini_tcp_cong_set(b->tp, "newreno", true);
	tcp_bench_write(b, n * 1000);
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	return b;
}

static struct tcp_bench *loss_start(struct kunit *test, bool sack, u32 n)
{
	return loss_start_at(test, BENCH_ISS, sack, n, BENCH_MSS);
}

static void loss_expect_clean(struct tcp_bench *b)
{
	const struct mini_tcp_sock *tp = b->tp;

	EXPECT_STATE_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_EQ(b->test, mini_tcp_inflight(tp), 0U);
	KUNIT_EXPECT_EQ(b->test, tp->sacked_out + tp->lost_out +
			tp->retrans_out + tp->rtx_pending, 0U);
	KUNIT_EXPECT_TRUE(b->test, RB_EMPTY_ROOT(&tp->rtx));
}

/* RFC 2018 section 4: eight segments, the first is lost. */
static void sack__rfc2018_first_lost(struct kunit *test)
{
	struct tcp_bench *b = loss_start(test, true, 8);
	u32 i;

	for (i = 2; i <= 8; i++)
		tcp_bench_sack(b, S(0), 1, S(1), S(i));
	KUNIT_EXPECT_EQ(test, b->tp->sacked_out, 7000U);
	KUNIT_EXPECT_EQ(test, b->tp->lost_out, 1000U);
	TCP_EXPECT_OUT(b, ACK, S(0), 1, 1000);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_sack(b, S(8), 0);
	loss_expect_clean(b);
}

/* And: the second, fourth, sixth and eighth are lost. */
static void sack__rfc2018_every_second_lost(struct kunit *test)
{
	struct tcp_bench *b = loss_start(test, true, 8);

	tcp_bench_sack(b, S(1), 0);
	tcp_bench_sack(b, S(1), 1, S(2), S(3));
	tcp_bench_sack(b, S(1), 2, S(4), S(5), S(2), S(3));
	tcp_bench_sack(b, S(1), 3, S(6), S(7), S(4), S(5), S(2), S(3));
	KUNIT_EXPECT_EQ(test, b->tp->sacked_out, 3000U);
	/* The last one may still come: nothing behind it has. */
	KUNIT_EXPECT_EQ(test, b->tp->lost_out, 3000U);
	TCP_EXPECT_OUT(b, ACK, S(1), 1, 1000);
	tcp_bench_sack(b, S(3), 2, S(6), S(7), S(4), S(5));
	TCP_EXPECT_OUT(b, ACK, S(3), 1, 1000);
	tcp_bench_flush(b);
	tcp_bench_sack(b, S(7), 0);
	tcp_bench_sack(b, S(8), 0);
	loss_expect_clean(b);
}

/* The same blocks again, in any order, change nothing. */
static void sack__repeated(struct kunit *test)
{
	struct tcp_bench *b = loss_start(test, true, 10);
	u64 delivered;
	u32 i;

	tcp_bench_sack(b, S(0), 2, S(6), S(7), S(2), S(3));
	delivered = b->tp->cc.delivered;
	for (i = 0; i < 5; i++) {
		tcp_bench_sack(b, S(0), 2, S(2), S(3), S(6), S(7));
		tcp_bench_sack(b, S(0), 1, S(6), S(7));
		tcp_bench_sack(b, S(0), 0);
	}
	KUNIT_EXPECT_EQ(test, b->tp->sacked_out, 2000U);
	KUNIT_EXPECT_EQ(test, b->tp->cc.delivered, delivered);
}

static void sack__hostile(struct kunit *test)
{
	struct tcp_bench *b = loss_start(test, true, 10);

	tcp_bench_sack(b, S(1), 1, S(3), S(2));		/* turned round */
	tcp_bench_sack(b, S(1), 1, S(2), S(2));		/* empty */
	tcp_bench_sack(b, S(1), 1, S(9), S(11));	/* never sent */
	tcp_bench_sack(b, S(1), 1, S(50), S(51));
	tcp_bench_sack(b, S(1), 1, S(2), S(2) + (1U << 31));
	tcp_bench_sack(b, S(1), 1, S(2) - (1U << 30), S(3));	/* too old */
	KUNIT_EXPECT_EQ(test, b->tp->sacked_out, 0U);
	EXPECT_STATE_CC(b, MINI_CC_OPEN);
	/* Each over the other: every octet counts once. */
	tcp_bench_sack(b, S(1), 4, S(2), S(5), S(3), S(4), S(4), S(8), S(2),
		       S(3));
	KUNIT_EXPECT_EQ(test, b->tp->sacked_out, 6000U);
	/* Half a segment is none. */
	tcp_bench_sack(b, S(1), 1, S(8) + 1, S(9));
	tcp_bench_sack(b, S(1), 1, S(8), S(9) - 1);
	KUNIT_EXPECT_EQ(test, b->tp->sacked_out, 6000U);
	/* But piece by piece it becomes one. */
	tcp_bench_sack(b, S(1), 1, S(8), S(8) + 600);
	tcp_bench_sack(b, S(1), 1, S(8), S(9));
	KUNIT_EXPECT_EQ(test, b->tp->sacked_out, 7000U);
}

static void sack__across_the_wrap(struct kunit *test)
{
	u32 iss = -4500U;
	struct tcp_bench *b = loss_start_at(test, iss, true, 10, BENCH_MSS);

	tcp_bench_sack(b, S(1), 2, S(4), S(5), S(6), S(9));
	KUNIT_EXPECT_EQ(test, b->tp->sacked_out, 4000U);
	TCP_EXPECT_OUT(b, ACK, S(1), 1, 1000);
	tcp_bench_flush(b);
	tcp_bench_sack(b, S(10), 0);
	loss_expect_clean(b);
}

/* A super-segment is cut where segments end, at the block's edges. */
static void sack__within_a_super_segment(struct kunit *test)
{
	struct tcp_bench *b = loss_start_at(test, BENCH_ISS, true, 10, 10000);
	struct tcp_sent s;

	tcp_bench_sack(b, S(0), 1, S(2), S(3));
	KUNIT_EXPECT_EQ(test, b->tp->sacked_out, 1000U);
	tcp_bench_sack(b, S(0), 1, S(2) - 1, S(4) + 999);
	KUNIT_EXPECT_EQ(test, b->tp->sacked_out, 2000U);
	/* The head is acknowledged in part, and not at a segment's end. */
	tcp_bench_sack(b, S(0) + 1500, 1, S(2), S(8));
	KUNIT_EXPECT_EQ(test, b->tp->sacked_out, 6000U);
	/* What came out of order once gets time. */
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, RTT);
	KUNIT_EXPECT_EQ(test, b->tp->lost_out, 500U);
	KUNIT_ASSERT_TRUE(test, tcp_bench_out(b, &s));
	KUNIT_EXPECT_EQ(test, s.h.seq - b->tp->iss, S(0) + 1500);
	KUNIT_EXPECT_EQ(test, s.len, 500U);
	tcp_bench_sack(b, S(10), 0);
	loss_expect_clean(b);
}

/* What is lost together is sent again together, as far as the window goes. */
static void sack__super_segment_lost(struct kunit *test)
{
	struct tcp_bench *b = loss_start_at(test, BENCH_ISS, true, 20, 10000);
	struct tcp_sent s;
	u32 again = 0;

	tcp_bench_sack(b, S(0), 1, S(10), S(20));
	KUNIT_EXPECT_EQ(test, b->tp->lost_out, 10000U);
	while (tcp_bench_out(b, &s)) {
		KUNIT_EXPECT_EQ(test, s.h.seq - b->tp->iss, S(0) + again);
		again += s.len;
	}
	KUNIT_EXPECT_EQ(test, again, 10000U);
	KUNIT_EXPECT_EQ(test, b->tp->bytes_retrans, 10000ULL);
	KUNIT_EXPECT_EQ(test, b->tp->total_retrans, 10U);
}

/* RFC 2018 section 8: a peer throws away what it had reported. */
static void sack__reneging(struct kunit *test)
{
	struct tcp_bench *b = loss_start(test, true, 5);

	tcp_bench_sack(b, S(0), 1, S(1), S(4));
	tcp_bench_flush(b);
	/* The hole is filled, and the ACK stops where SACK had gone on. */
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(1), 0);
	KUNIT_EXPECT_EQ(test, b->tp->sacked_out, 3000U);
	/* The last one was sent before what filled the hole: it is lost. */
	TCP_EXPECT_OUT(b, ACK, S(4), 1, 1000);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 10 * BENCH_MS);
	EXPECT_STATE_CC(b, MINI_CC_LOSS);
	KUNIT_EXPECT_EQ(test, b->tp->sacked_out, 0U);
	TCP_EXPECT_OUT(b, ACK, S(1), 1, 1000);
	tcp_bench_sack(b, S(5), 0);
	loss_expect_clean(b);
}

/* RFC 3042: each of the first two ACKs out of order lets a segment out. */
static void limited__transmit(struct kunit *test)
{
	struct tcp_bench *b = loss_start(test, true, 10);

	tcp_bench_write(b, 5000);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_sack(b, S(0), 1, S(1), S(2));
	TCP_EXPECT_OUT(b, ACK, S(10), 1, 1000);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_sack(b, S(0), 1, S(1), S(3));
	TCP_EXPECT_OUT(b, ACK, S(11), 1, 1000);
	TCP_EXPECT_SILENCE(b);
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, 10000U);
}

static void limited__transmit_without_sack(struct kunit *test)
{
	struct tcp_bench *b = loss_start(test, false, 10);

	tcp_bench_write(b, 5000);
	tcp_bench_sack(b, S(0), 0);
	TCP_EXPECT_OUT(b, ACK, S(10), 1, 1000);
	tcp_bench_sack(b, S(0), 0);
	TCP_EXPECT_OUT(b, ACK, S(11), 1, 1000);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_sack(b, S(0), 0);
	TCP_EXPECT_OUT(b, ACK, S(0), 1, 1000);
	TCP_EXPECT_SILENCE(b);
}

/*
 * RFC 6937 section 4: 20 segments, the first is lost, half of it remains.  From
 * the third ACK on, of d delivered since 11 d / 20 are let out, whole segments;
 * once 11 are in flight, one for one.
 */
static void prr__first_of_twenty(struct kunit *test)
{
	/* How many segments each ACK of 1, 2, ... 19 lets out. */
	static const char want[] = "NNR00N0N0N0NN0N00NN";
	struct tcp_bench *b = loss_start(test, true, 20);
	struct tcp_sent s;
	char got;
	u32 i;

	tcp_bench_write(b, 20000);
	for (i = 0; i < 19; i++) {
		tcp_bench_sack(b, S(0), 1, S(1), S(2 + i));
		got = '0';
		if (tcp_bench_out(b, &s))
			got = s.h.seq - b->tp->iss == S(0) ? 'R' : 'N';
		KUNIT_EXPECT_EQ_MSG(test, got, want[i], "ACK %u", i + 1);
		TCP_EXPECT_SILENCE(b);
	}
	KUNIT_EXPECT_EQ(test, b->tp->cc.ssthresh, 11000U);
	KUNIT_EXPECT_LE(test, mini_tcp_inflight(b->tp), 11000U);
	tcp_bench_sack(b, S(20), 0);
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, 11000U);
}

/* RFC 6937 section 4: of 20 the first 15 are lost: no burst, no standstill. */
static void prr__fifteen_of_twenty(struct kunit *test)
{
	struct tcp_bench *b = loss_start(test, true, 20);
	struct tcp_sent s;
	u32 i, n = 0;

	tcp_bench_sack(b, S(0), 1, S(15), S(16));
	tcp_bench_sack(b, S(0), 1, S(15), S(17));
	TCP_EXPECT_SILENCE(b);
	for (i = 18; i <= 20; i++) {
		tcp_bench_sack(b, S(0), 1, S(15), S(i));
		while (tcp_bench_out(b, &s)) {
			KUNIT_EXPECT_EQ(test, s.h.seq - b->tp->iss, S(n));
			n++;
		}
	}
	/* As many as were delivered, and not more: nothing is known yet. */
	KUNIT_EXPECT_GE(test, n, 3U);
	KUNIT_EXPECT_LE(test, n, 5U);
	/* With each hole filled, the window grows by a segment. */
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(1), 1, S(15), S(20));
	KUNIT_EXPECT_EQ(test, skb_queue_len(&b->wire), 2U);
}

/* RFC 9937 section 6: a part of an octet is let out as one. */
static void prr__rounds_up(struct kunit *test)
{
	struct tcp_bench *b = loss_start(test, true, 20);
	struct mini_tcp_sock *tp = b->tp;

	tp->cc.ssthresh = 11000;
	tp->fl->recover_fs = 20000;
	tp->fl->prr_delivered = 0;
	tp->fl->prr_sent = tp->bytes_sent - 1000;
	/* 1818 * 11 / 20 is 999.9, 1819 of them 1000.45. */
	mini_tcp_prr_ack(tp, 1818, false, false);
	KUNIT_EXPECT_EQ(test, tp->cc.cwnd, mini_tcp_inflight(tp));
	mini_tcp_prr_ack(tp, 1, false, false);
	KUNIT_EXPECT_EQ(test, tp->cc.cwnd, mini_tcp_inflight(tp) + 1);
}

/* RFC 3168 6.1.2, RFC 9937: a mark reduces once a window, without a loss. */
static void cwr__once_a_window(struct kunit *test)
{
	struct tcp_bench *b = loss_start(test, true, 10);
	u32 i;

	mini_tcp_enter_cwr(b->tp, b->now);
	EXPECT_STATE_CC(b, MINI_CC_CWR);
	KUNIT_EXPECT_EQ(test, b->tp->cc.ssthresh, 5000U);
	tcp_bench_write(b, 20000);
	for (i = 1; i <= 10; i++) {
		tcp_bench_sack(b, S(i), 0);
		mini_tcp_enter_cwr(b->tp, b->now);
	}
	EXPECT_STATE_CC(b, MINI_CC_CWR);
	KUNIT_EXPECT_EQ(test, b->tp->cc.ssthresh, 5000U);
	KUNIT_EXPECT_LE(test, mini_tcp_inflight(b->tp), 5000U);
	tcp_bench_sack(b, S(11), 0);
	EXPECT_STATE_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, 5000U);
	KUNIT_EXPECT_EQ(test, b->tp->total_retrans, 0U);
}

/* RFC 6582: each ACK of a part sends the next segment again. */
static void newreno__partial_acks(struct kunit *test)
{
	struct tcp_bench *b = loss_start(test, false, 10);
	u32 i;

	for (i = 0; i < 7; i++)
		tcp_bench_sack(b, S(0), 0);
	TCP_EXPECT_OUT(b, ACK, S(0), 1, 1000);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(3), 0);
	TCP_EXPECT_OUT(b, ACK, S(3), 1, 1000);
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, S(7), 0);
	TCP_EXPECT_OUT(b, ACK, S(7), 1, 1000);
	EXPECT_STATE_CC(b, MINI_CC_RECOVERY);
	KUNIT_EXPECT_EQ(test, b->tp->total_retrans, 3U);
	tcp_bench_sack(b, S(10), 0);
	loss_expect_clean(b);
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, 5000U);
}

/* A timeout: all that is old enough counts as lost, what just left does not. */
static void rto__spares_what_just_left(struct kunit *test)
{
	struct tcp_bench *b = loss_start(test, true, 4);
	u32 i;

	tcp_bench_sack(b, S(1), 0);
	b->tp->tlp_active = 1;
	for (i = 0; i < 500 && b->tp->cc.state != MINI_CC_LOSS; i++) {
		if (i == b->tp->rto_us / BENCH_MS + 15)
			tcp_bench_write(b, 1000);
		tcp_bench_advance(b, BENCH_MS);
	}
	EXPECT_STATE_CC(b, MINI_CC_LOSS);
	KUNIT_EXPECT_EQ(test, b->tp->lost_out, 3000U);
	KUNIT_EXPECT_EQ(test, b->tp->cc.ssthresh, 2000U);
	tcp_bench_flush(b);
	tcp_bench_sack(b, S(5), 0);
	loss_expect_clean(b);
}

static struct kunit_case tcp_loss_cases[] = {
	KUNIT_CASE(sack__rfc2018_first_lost),
	KUNIT_CASE(sack__rfc2018_every_second_lost),
	KUNIT_CASE(sack__repeated),
	KUNIT_CASE(sack__hostile),
	KUNIT_CASE(sack__across_the_wrap),
	KUNIT_CASE(sack__within_a_super_segment),
	KUNIT_CASE(sack__super_segment_lost),
	KUNIT_CASE(sack__reneging),
	KUNIT_CASE(limited__transmit),
	KUNIT_CASE(limited__transmit_without_sack),
	KUNIT_CASE(prr__first_of_twenty),
	KUNIT_CASE(prr__fifteen_of_twenty),
	KUNIT_CASE(prr__rounds_up),
	KUNIT_CASE(cwr__once_a_window),
	KUNIT_CASE(newreno__partial_acks),
	KUNIT_CASE(rto__spares_what_just_left),
	{}
};

struct kunit_suite mini_tcp_loss_test_suite = {
	.name = "mini_tcp_loss",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_loss_cases,
};
