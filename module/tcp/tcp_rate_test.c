// SPDX-License-Identifier: GPL-2.0
/*
 * The delivery rate that an ACK measures (draft-ietf-ccwg-bbr section 4.1), as
 * a control is told of it.
 */
#include "recovery.h"
#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define SEG(k)	BENCH_SEG(k)
#define RTT	BENCH_RTT
#define MS	BENCH_MS

/* What the control was told last. */
static struct mini_cc_ack rate_told;

static void rate_note(struct mini_cc *cc, const struct mini_cc_ack *ack)
{
	rate_told = *ack;
}

static u32 rate_ssthresh(struct mini_cc *cc, enum mini_cc_why why)
{
	return cc->cwnd;
}

/* A control that takes notes, and leaves the window as it is. */
static const struct mini_cc_ops rate_ops = {
	.name = "notes",
	.ssthresh = rate_ssthresh,
	.control = rate_note,
};

static struct tcp_bench *rate_open(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);

	memset(&rate_told, 0, sizeof(rate_told));
	b->tp->cc.ops = &rate_ops;
	return b;
}

#define EXPECT_RATE(test, segs, us)					\
do {									\
	KUNIT_EXPECT_EQ(test, rate_told.rate_delivered,			\
			(u64)(segs) * BENCH_MSS);			\
	KUNIT_EXPECT_EQ(test, rate_told.rate_us, (u64)(us));		\
} while (0)

/* A window in a round trip. */
static void rate__of_a_window(struct kunit *test)
{
	struct tcp_bench *b = rate_open(test);

	tcp_bench_write(b, 10 * BENCH_MSS);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(10), 0);
	EXPECT_RATE(test, 10, RTT);
	KUNIT_EXPECT_EQ(test, rate_told.delivered, 10 * BENCH_MSS);
	KUNIT_EXPECT_EQ(test, rate_told.prior_delivered, (u64)BENCH_MSS);
	KUNIT_EXPECT_FALSE(test, rate_told.app_limited);
	/* What SACK tells of is delivered, too; a bare repetition is not. */
	tcp_bench_write(b, 10 * BENCH_MSS);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(10), 1, SEG(11), SEG(13));
	EXPECT_RATE(test, 2, RTT);
	memset(&rate_told, 0, sizeof(rate_told));
	tcp_bench_sack(b, SEG(10), 1, SEG(11), SEG(13));
	EXPECT_RATE(test, 0, 0);
}

/* Silence is no time in which nothing was delivered. */
static void rate__after_a_silence(struct kunit *test)
{
	struct tcp_bench *b = rate_open(test);

	tcp_bench_advance(b, 5 * RTT);
	tcp_bench_write(b, BENCH_MSS);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(1), 0);
	EXPECT_RATE(test, 1, RTT);
}

/* ACKs close together: no faster than it was sent.  The newest one counts. */
static void rate__no_faster_than_sent(struct kunit *test)
{
	struct tcp_bench *b = rate_open(test);

	tcp_bench_write(b, BENCH_MSS);
	tcp_bench_advance(b, 6 * MS);
	tcp_bench_write(b, BENCH_MSS);
	tcp_bench_advance(b, 8 * MS);
	tcp_bench_sack(b, SEG(1), 0);
	EXPECT_RATE(test, 1, 14 * MS);
	tcp_bench_advance(b, 4 * MS);
	tcp_bench_write(b, BENCH_MSS);
	tcp_bench_advance(b, 10 * MS);
	/* Sent in 18 ms from the first on, acknowledged in 14. */
	tcp_bench_sack(b, SEG(3), 0);
	EXPECT_RATE(test, 2, 18 * MS);
}

/* And no faster than it was acknowledged, however fast it was sent. */
static void rate__no_faster_than_acknowledged(struct kunit *test)
{
	struct tcp_bench *b = rate_open(test);

	tcp_bench_write(b, 4 * BENCH_MSS);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(2), 0);
	tcp_bench_write(b, 2 * BENCH_MSS);
	tcp_bench_advance(b, 15 * MS);
	/* Sent within a round trip, but it took one and a half. */
	tcp_bench_sack(b, SEG(6), 0);
	EXPECT_RATE(test, 4, 15 * MS);
}

/* What was sent again is measured from then on. */
static void rate__of_a_retransmission(struct kunit *test)
{
	struct tcp_bench *b = rate_open(test);

	tcp_bench_write(b, 10 * BENCH_MSS);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(4));
	EXPECT_RATE(test, 3, RTT);
	KUNIT_ASSERT_EQ(test, b->tp->retrans_out, BENCH_MSS);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(10), 0);
	EXPECT_RATE(test, 7, RTT);
	KUNIT_EXPECT_EQ(test, rate_told.prior_delivered, 4ULL * BENCH_MSS);
}

/*
 * Two that were sent again too soon, so that the originals' ACKs come within
 * a millisecond: shorter than any round trip, no rate at all.
 */
static void rate__not_within_a_round_trip(struct kunit *test)
{
	struct tcp_bench *b = rate_open(test);

	tcp_bench_write(b, 10 * BENCH_MSS);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(5));
	KUNIT_ASSERT_EQ(test, b->tp->retrans_out, BENCH_MSS);
	tcp_bench_advance(b, MS);
	tcp_bench_sack(b, SEG(5), 1, SEG(6), SEG(9));
	KUNIT_ASSERT_EQ(test, b->tp->retrans_out, BENCH_MSS);
	tcp_bench_advance(b, MS);
	tcp_bench_sack(b, SEG(9), 0);
	KUNIT_EXPECT_EQ(test, b->tp->cc.min_rtt_us, (u32)RTT);
	KUNIT_EXPECT_GT(test, rate_told.delivered, 0U);
	EXPECT_RATE(test, 0, 0);
}

/* The program wrote too little: samples say so until that is delivered. */
static void rate__of_a_slow_program(struct kunit *test)
{
	struct tcp_bench *b = rate_open(test);
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_write(b, 2 * BENCH_MSS);
	tcp_bench_flush(b);
	mini_tcp_rate_check_app_limited(tp);
	tcp_bench_write(b, BENCH_MSS);
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(2), 0);
	KUNIT_EXPECT_FALSE(test, rate_told.app_limited);
	KUNIT_EXPECT_FALSE(test, tp->rate_app_limited);
	tcp_bench_advance(b, 5 * MS);
	tcp_bench_sack(b, SEG(3), 0);
	KUNIT_EXPECT_TRUE(test, rate_told.app_limited);
	EXPECT_RATE(test, 3, 15 * MS);
	/* As fast as what was seen before: worth telling. */
	KUNIT_EXPECT_TRUE(test, tp->rate_app_limited);
	KUNIT_EXPECT_EQ(test, tp->rate_us, 15ULL * MS);
	/* That is past. */
	KUNIT_EXPECT_EQ(test, tp->cc.app_limited, 0ULL);
	tcp_bench_write(b, 4 * BENCH_MSS);
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(7), 0);
	KUNIT_EXPECT_FALSE(test, rate_told.app_limited);
	EXPECT_RATE(test, 4, RTT);
	KUNIT_EXPECT_FALSE(test, tp->rate_app_limited);
	/* A slow program tells nothing of the path. */
	tcp_bench_write(b, BENCH_MSS);
	mini_tcp_rate_check_app_limited(tp);
	tcp_bench_write(b, BENCH_MSS);
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(9), 0);
	KUNIT_EXPECT_TRUE(test, rate_told.app_limited);
	EXPECT_RATE(test, 2, RTT);
	KUNIT_EXPECT_FALSE(test, tp->rate_app_limited);
	KUNIT_EXPECT_EQ(test, tp->rate_delivered, 4ULL * BENCH_MSS);
}

/* Nor does the program count as slow while something else is in the way. */
static void rate__not_the_programs_fault(struct kunit *test)
{
	struct tcp_bench *b = rate_open(test);
	struct mini_tcp_sock *tp = b->tp;

	/* The window is full. */
	tcp_bench_write(b, 10 * BENCH_MSS);
	tcp_bench_flush(b);
	mini_tcp_rate_check_app_limited(tp);
	KUNIT_EXPECT_EQ(test, tp->cc.app_limited, 0ULL);
	/* Enough waits to be sent. */
	tcp_bench_write(b, BENCH_MSS);
	tp->cc.cwnd = 20 * BENCH_MSS;
	mini_tcp_rate_check_app_limited(tp);
	KUNIT_EXPECT_EQ(test, tp->cc.app_limited, 0ULL);
	tcp_bench_advance(b, RTT);
	tp->cc.cwnd = BENCH_MSS;
	/* Something lost waits to be sent again. */
	tcp_bench_sack(b, SEG(0), 1, SEG(4), SEG(10));
	tp->cc.cwnd = 20 * BENCH_MSS;
	KUNIT_ASSERT_GT(test, tp->rtx_pending, 0U);
	tp->write_seq -= BENCH_MSS;
	mini_tcp_rate_check_app_limited(tp);
	tp->write_seq += BENCH_MSS;
	KUNIT_EXPECT_EQ(test, tp->cc.app_limited, 0ULL);
}

static struct kunit_case tcp_rate_cases[] = {
	KUNIT_CASE(rate__of_a_window),
	KUNIT_CASE(rate__after_a_silence),
	KUNIT_CASE(rate__no_faster_than_sent),
	KUNIT_CASE(rate__no_faster_than_acknowledged),
	KUNIT_CASE(rate__of_a_retransmission),
	KUNIT_CASE(rate__not_within_a_round_trip),
	KUNIT_CASE(rate__of_a_slow_program),
	KUNIT_CASE(rate__not_the_programs_fault),
	{}
};

struct kunit_suite mini_tcp_rate_test_suite = {
	.name = "mini_tcp_rate",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_rate_cases,
};
