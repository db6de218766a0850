// SPDX-License-Identifier: GPL-2.0
/*
 * What is lost, when it is sent again, and what it costs: RACK and TLP (RFC
 * 8985), the sender's side of SACK (RFC 2018, 2883), PRR (RFC 9937), on a clock
 * and a wire of the test's own.
 *
 * Segments have 1000 octets; segment k is 1000k+1 up to 1000k+1001.  The round
 * trip is 10 ms.
 */
#include "recovery.h"
#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define SEG(k)	BENCH_SEG(k)
#define RTT	BENCH_RTT

#define EXPECT_SEG(b, k)	TCP_EXPECT_OUT(b, ACK, SEG(k), 1, BENCH_MSS)

/* @n segments are on their way for a round trip. */
static struct tcp_bench *rack_open(struct kunit *test, u32 n)
{
	struct tcp_bench *b = tcp_bench_measured(test, n);

	tcp_bench_advance(b, RTT);
	return b;
}

/* 6.2 step 5: one later segment is here; the rest of a quarter round trip. */
static void rack__waits_for_reordering(struct kunit *test)
{
	struct tcp_bench *b = rack_open(test, 10);

	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(2));
	TCP_EXPECT_SILENCE(b);
	TCP_EXPECT_CC(b, MINI_CC_DISORDER);
	tcp_bench_advance(b, RTT / 4 - 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1);
	EXPECT_SEG(b, 0);
	TCP_EXPECT_CC(b, MINI_CC_RECOVERY);
	TCP_EXPECT_SILENCE(b);
}

/* Step 4: three later segments, and reordering was never seen: at once. */
static void rack__three_segments_are_enough(struct kunit *test)
{
	struct tcp_bench *b = rack_open(test, 10);

	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(3));
	TCP_EXPECT_SILENCE(b);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(4));
	EXPECT_SEG(b, 0);
	TCP_EXPECT_CC(b, MINI_CC_RECOVERY);
}

/* Sent together, the sequence number decides: nothing before it, no loss. */
static void rack__order_within_a_burst(struct kunit *test)
{
	struct tcp_bench *b = rack_open(test, 6);

	tcp_bench_sack(b, SEG(0), 0);
	tcp_bench_sack(b, SEG(1), 0);
	tcp_bench_sack(b, SEG(1), 1, SEG(2), SEG(5));
	/* Segment 1 is lost; 5 was sent behind what arrived. */
	EXPECT_SEG(b, 1);
	TCP_EXPECT_SILENCE(b);
	KUNIT_EXPECT_EQ(test, b->tp->lost_out, BENCH_MSS);
}

/* 5.1: what was sent again may be lost again. */
static void rack__lost_retransmission(struct kunit *test)
{
	struct tcp_bench *b = rack_open(test, 14);

	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(4));
	EXPECT_SEG(b, 0);
	tcp_bench_flush(b);
	b->now += BENCH_MS;
	/* More arrives, and lets out new segments, behind that one in time. */
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(10));
	KUNIT_ASSERT_EQ(test, b->tp->snd_nxt, b->tp->iss + SEG(14));
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	KUNIT_EXPECT_EQ(test, b->tp->retrans_out, BENCH_MSS);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(14));
	EXPECT_SEG(b, 0);
	TCP_EXPECT_CC(b, MINI_CC_RECOVERY);
}

/* Step 2: an ACK too soon for the retransmission is the original's. */
static void rack__original_tells_nothing(struct kunit *test)
{
	struct tcp_bench *b = rack_open(test, 10);
	struct mini_tcp_sock *tp = b->tp;
	u64 leader;

	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(4));
	EXPECT_SEG(b, 0);
	leader = tp->fl->rack_xmit_ts;
	b->now += BENCH_MS;
	tcp_bench_sack(b, SEG(4), 0);
	KUNIT_EXPECT_EQ(test, tp->fl->rack_xmit_ts, leader);
	KUNIT_EXPECT_EQ(test, tp->lost_out, 0U);
}

/* The same, where its echo says so and not its haste. */
static void rack__original_by_its_echo(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 10);
	struct mini_tcp_sock *tp = b->tp;
	u64 then = b->now;

	tp->tstamp_ok = 1;
	tcp_bench_advance(b, RTT);
	tcp_bench_sack_then(b, then, SEG(0), 1, SEG(1), SEG(4));
	EXPECT_SEG(b, 0);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack_then(b, then, SEG(4), 0);
	KUNIT_EXPECT_EQ(test, tp->fl->rack_xmit_ts, then);
}

/* Step 3, and what step 4 makes of it: a quarter, then, for everybody. */
static void rack__reordering_seen(struct kunit *test)
{
	struct tcp_bench *b = rack_open(test, 10);
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(2));
	KUNIT_EXPECT_EQ(test, tp->reord_seen, 0U);
	b->now += BENCH_MS;
	tcp_bench_sack(b, SEG(2), 0);
	KUNIT_EXPECT_EQ(test, tp->reord_seen, 1U);
	TCP_EXPECT_CC(b, MINI_CC_OPEN);
	tcp_bench_flush(b);
	/* Three segments are not enough any more, but time is. */
	tcp_bench_sack(b, SEG(2), 1, SEG(3), SEG(7));
	TCP_EXPECT_CC(b, MINI_CC_DISORDER);
	KUNIT_EXPECT_EQ(test, tp->lost_out, 0U);
	tcp_bench_advance(b, RTT / 4 - 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1);
	EXPECT_SEG(b, 2);
}

/* Step 4: each round with a D-SACK widens it, up to SRTT; sixteen recoveries. */
static void rack__dsack_widens(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);
	struct mini_tcp_sock *tp = b->tp;
	u32 i;

	tp->total_retrans = 1000;
	tcp_bench_write(b, BENCH_MSS);
	for (i = 0; i < 3; i++) {
		tcp_bench_write(b, BENCH_MSS);
		b->now += RTT;
		tcp_bench_sack(b, SEG(i + 1), 1, SEG(0), SEG(1));
		/* Twice in a round counts once. */
		tcp_bench_sack(b, SEG(i + 1), 1, SEG(0), SEG(1));
	}
	KUNIT_EXPECT_EQ(test, tp->reo_wnd_mult, 4);
	tcp_bench_sack(b, SEG(4), 0);
	tp->reord_seen = 1;
	tp->reo_wnd_mult = 3;
	tcp_bench_write(b, 6 * BENCH_MSS);
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(4), 1, SEG(5), SEG(8));
	KUNIT_EXPECT_EQ(test, tp->deadline[MINI_TCP_T_REO],
			b->now + 3 * RTT / 4);
	tp->reo_wnd_mult = 200;
	tcp_bench_sack(b, SEG(4), 1, SEG(5), SEG(9));
	KUNIT_EXPECT_EQ(test, tp->deadline[MINI_TCP_T_REO],
			b->now + (tp->srtt_us >> 3));
	for (i = 0; i < 15; i++)
		mini_tcp_rack_recovered(tp);
	KUNIT_EXPECT_EQ(test, tp->reo_wnd_mult, 200);
	mini_tcp_rack_recovered(tp);
	KUNIT_EXPECT_EQ(test, tp->reo_wnd_mult, 1);
}

/* 6.3: a timeout takes the first segment, and what is as old, for lost. */
static void rack__timeout_spares_the_young(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_write(b, 2 * BENCH_MSS);
	tcp_bench_advance(b, 3 * RTT);
	tcp_bench_flush(b);
	tcp_bench_advance(b, tp->deadline[MINI_TCP_T_RTO] - b->now - BENCH_MS);
	tcp_bench_write(b, BENCH_MSS);
	tcp_bench_flush(b);
	tcp_bench_advance(b, BENCH_MS);
	TCP_EXPECT_CC(b, MINI_CC_LOSS);
	EXPECT_SEG(b, 0);
	KUNIT_EXPECT_EQ(test, tp->lost_out, 2 * BENCH_MSS);
	KUNIT_EXPECT_EQ(test, tp->cc.cwnd, 2 * BENCH_MSS);
}

/* 7.2, 7.3: two round trips, the last segment; the timeout counts from then. */
static void tlp__last_segment_again(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 3);
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_advance(b, 2 * (tp->srtt_us >> 3) - 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 3 * BENCH_MS);
	EXPECT_SEG(b, 2);
	TCP_EXPECT_SILENCE(b);
	KUNIT_EXPECT_LT(test, tp->cc.state, MINI_CC_CWR);
	KUNIT_EXPECT_EQ(test, tp->deadline[MINI_TCP_T_TLP], 0ULL);
	/* No second probe: the next is the timeout. */
	tcp_bench_advance(b, tp->deadline[MINI_TCP_T_RTO] - b->now - 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1);
	EXPECT_SEG(b, 0);
	TCP_EXPECT_CC(b, MINI_CC_LOSS);
}

/* 7.2: the ACK of a single segment may be delayed; not beyond the timeout. */
static void tlp__single_segment_waits_longer(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 1);
	struct mini_tcp_sock *tp = b->tp;
	u64 rto = b->now + tp->rto_us;

	KUNIT_EXPECT_GE(test, tp->deadline[MINI_TCP_T_TLP],
			b->now + 200 * BENCH_MS);
	KUNIT_EXPECT_LE(test, tp->deadline[MINI_TCP_T_TLP], rto);
	tcp_bench_advance(b, rto - b->now);
	EXPECT_SEG(b, 0);
	KUNIT_EXPECT_LT(test, tp->cc.state, MINI_CC_LOSS);
}

/* 7.3: new data is the better probe, whatever cwnd says, and one is enough. */
static void tlp__new_data(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_write(b, 15 * BENCH_MSS);
	KUNIT_ASSERT_EQ(test, tp->snd_nxt, tp->iss + SEG(10));
	tcp_bench_flush(b);
	tcp_bench_advance(b, 3 * RTT);
	EXPECT_SEG(b, 10);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 5 * RTT);
	TCP_EXPECT_SILENCE(b);
	/* 7.4: it repaired nothing. */
	tcp_bench_sack(b, SEG(11), 0);
	KUNIT_EXPECT_FALSE(test, tp->tlp_active);
	KUNIT_EXPECT_GE(test, tp->cc.ssthresh, MINI_CC_SSTHRESH_INF);
}

/* 7.2: where something is known to be missing RACK's clock runs instead. */
static void tlp__not_with_sacked_data(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_write(b, 6 * BENCH_MSS);
	KUNIT_EXPECT_NE(test, tp->deadline[MINI_TCP_T_TLP], 0ULL);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(1), 1, SEG(2), SEG(3));
	KUNIT_EXPECT_EQ(test, tp->deadline[MINI_TCP_T_TLP], 0ULL);
	tcp_bench_advance(b, RTT);
	TCP_EXPECT_CC(b, MINI_CC_RECOVERY);
	KUNIT_EXPECT_EQ(test, tp->deadline[MINI_TCP_T_TLP], 0ULL);
}

/* Nor is what the peer reported told it again: RACK's clock is about to run. */
static void tlp__not_what_is_sacked(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 3);
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_advance(b, 2 * RTT + BENCH_MS);
	tcp_bench_sack(b, SEG(0), 1, SEG(2), SEG(3));
	KUNIT_ASSERT_EQ(test, tp->deadline[MINI_TCP_T_TLP],
			b->now + BENCH_MS);
	tcp_bench_advance(b, BENCH_MS);
	TCP_EXPECT_SILENCE(b);
	KUNIT_EXPECT_EQ(test, tp->retrans_out, 0U);
	tcp_bench_advance(b, 2 * BENCH_MS);
	EXPECT_SEG(b, 0);
	TCP_EXPECT_CC(b, MINI_CC_RECOVERY);
}

static u8 rack_seen;

static void rack_see(struct mini_cc *cc, enum mini_cc_event event, u64 now)
{
	if (event == MINI_CC_EV_RECOVERY)
		rack_seen = cc->state;
}

/* A control is told of recovery when it has begun. */
static void recovery__control_sees_the_state(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);
	static struct mini_cc_ops ops;

	ops = mini_tcp_newreno;
	ops.event = rack_see;
	b->tp->cc.ops = &ops;
	tcp_bench_write(b, 10 * BENCH_MSS);
	tcp_bench_advance(b, RTT);
	rack_seen = MINI_CC_OPEN;
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(4));
	KUNIT_EXPECT_EQ(test, rack_seen, (u8)MINI_CC_RECOVERY);
}

/* Without SACK: what is lost was not what duplicate ACKs told of. */
static void reno__lost_and_told_of(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);
	struct mini_tcp_sock *tp = b->tp;
	struct sk_buff *skb;

	tp->sack_ok = 0;
	tcp_bench_write(b, 6 * BENCH_MSS);
	tcp_bench_sack(b, SEG(0), 0);
	tcp_bench_sack(b, SEG(0), 0);
	KUNIT_ASSERT_EQ(test, tp->sacked_out, 2 * BENCH_MSS);
	/* As ICMP does that tells of a smaller path. */
	for (skb = mini_tcp_rtx_head(tp); skb; skb = skb_rb_next(skb))
		mini_tcp_mark_lost(tp, skb);
	KUNIT_EXPECT_EQ(test, mini_tcp_inflight(tp), 0U);
}

/* RFC 5482: to the millisecond, however long the next timeout would be. */
static void timeout__of_the_user(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);
	struct mini_tcp_sock *tp = b->tp;

	tp->sack_ok = 0;
	tp->user_timeout = 3000;
	tcp_bench_write(b, BENCH_MSS);
	tcp_bench_advance(b, 3000 * BENCH_MS - 1);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	tcp_bench_advance(b, 1);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
}

/* And from when the segment first left, not from its loss probe. */
static void timeout__of_the_user_after_a_probe(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);
	struct mini_tcp_sock *tp = b->tp;

	tp->user_timeout = 300;
	tcp_bench_write(b, BENCH_MSS);
	tcp_bench_flush(b);
	/* A probe in the place of the first timeout. */
	tcp_bench_advance(b, tp->rto_us);
	KUNIT_ASSERT_TRUE(test, tp->tlp_active);
	EXPECT_SEG(b, 0);
	tcp_bench_advance(b, tp->rto_us - 1);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	tcp_bench_advance(b, 1);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
}

/* TCP_THIN_LINEAR_TIMEOUTS: six timeouts of the same length. */
static void timeout__thin_stream(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);
	struct mini_tcp_sock *tp = b->tp;
	int i;

	tp->sack_ok = 0;
	tp->thin_lto = 1;
	tcp_bench_write(b, BENCH_MSS);
	for (i = 0; i < 7; i++) {
		KUNIT_EXPECT_EQ(test, (int)tp->backoff, 0);
		tcp_bench_advance(b, tp->deadline[MINI_TCP_T_RTO] - b->now);
	}
	KUNIT_EXPECT_EQ(test, (int)tp->backoff, 1);
}

static struct tcp_bench *tlp_probed(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 3);

	tcp_bench_advance(b, 3 * RTT);
	EXPECT_SEG(b, 2);
	KUNIT_EXPECT_TRUE(test, b->tp->tlp_active);
	return b;
}

/* 7.4: a D-SACK of the probe: it was not needed. */
static void tlp__dsack(struct kunit *test)
{
	struct tcp_bench *b = tlp_probed(test);

	tcp_bench_sack(b, SEG(3), 1, SEG(2), SEG(3));
	KUNIT_EXPECT_FALSE(test, b->tp->tlp_active);
	KUNIT_EXPECT_GE(test, b->tp->cc.ssthresh, MINI_CC_SSTHRESH_INF);
}

/* A second ACK alike says the same without D-SACK. */
static void tlp__bare_duplicate(struct kunit *test)
{
	struct tcp_bench *b = tlp_probed(test);

	tcp_bench_sack(b, SEG(3), 0);
	KUNIT_EXPECT_TRUE(test, b->tp->tlp_active);
	tcp_bench_sack(b, SEG(3), 0);
	KUNIT_EXPECT_FALSE(test, b->tp->tlp_active);
	tcp_bench_write(b, BENCH_MSS);
	tcp_bench_sack(b, SEG(4), 0);
	KUNIT_EXPECT_GE(test, b->tp->cc.ssthresh, MINI_CC_SSTHRESH_INF);
}

/* Nothing of the kind, and the peer goes on: the probe repaired a loss. */
static void tlp__repaired_a_loss(struct kunit *test)
{
	struct tcp_bench *b = tlp_probed(test);

	tcp_bench_sack(b, SEG(3), 0);
	tcp_bench_write(b, BENCH_MSS);
	tcp_bench_sack(b, SEG(4), 0);
	KUNIT_EXPECT_FALSE(test, b->tp->tlp_active);
	KUNIT_EXPECT_LT(test, b->tp->cc.ssthresh, MINI_CC_SSTHRESH_INF);
	TCP_EXPECT_CC(b, MINI_CC_OPEN);
}

/* RFC 2018 5: what is SACKed stays home, even after a timeout. */
static void sack__is_not_sent_again(struct kunit *test)
{
	struct tcp_bench *b = rack_open(test, 8);
	struct mini_tcp_sock *tp = b->tp;
	struct tcp_sent s;
	u32 i;

	tcp_bench_sack(b, SEG(0), 2, SEG(3), SEG(5), SEG(6), SEG(7));
	tcp_bench_flush(b);
	tcp_bench_advance(b, 2 * USEC_PER_SEC);
	TCP_EXPECT_CC(b, MINI_CC_LOSS);
	for (i = 1; i <= 3; i++) {
		tcp_bench_advance(b, RTT);
		tcp_bench_sack(b, SEG(i), 2, SEG(3), SEG(5), SEG(6), SEG(7));
	}
	while (tcp_bench_out(b, &s)) {
		u32 at = s.h.seq - tp->iss;

		KUNIT_EXPECT_FALSE(test, at >= SEG(3) && at < SEG(5));
		KUNIT_EXPECT_FALSE(test, at >= SEG(6) && at < SEG(7));
	}
	KUNIT_EXPECT_EQ(test, tp->sacked_out, 3 * BENCH_MSS);
}

/* RFC 2018 8: the front is SACKed and does not go: it was thrown away. */
static void sack__peer_reneged(struct kunit *test)
{
	struct tcp_bench *b = rack_open(test, 5);
	struct mini_tcp_sock *tp = b->tp;
	struct tcp_sent s;
	u32 seen = 0;

	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(4));
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	/* Up to a segment that had been SACKed, and no farther. */
	tcp_bench_sack(b, SEG(1), 0);
	tcp_bench_advance(b, USEC_PER_SEC);
	TCP_EXPECT_CC(b, MINI_CC_LOSS);
	KUNIT_EXPECT_EQ(test, tp->sacked_out, 0U);
	while (tcp_bench_out(b, &s))
		seen |= s.h.seq - tp->iss == SEG(1);
	KUNIT_EXPECT_TRUE(test, seen);
}

/* Blocks that cannot be: empty, reversed, of what was not sent, of old. */
static void sack__absurd_blocks(struct kunit *test)
{
	static const u32 bad[][2] = {
		{ SEG(2), SEG(2) },
		{ SEG(3), SEG(2) },
		{ SEG(9), SEG(11) },
		{ SEG(20), SEG(21) },
		{ -70000U, -69000U },
		{ SEG(2), SEG(2) + (1U << 31) },
		{ 1U << 31, (1U << 31) + 1000 },
	};
	struct tcp_bench *b = rack_open(test, 10);
	struct mini_tcp_sock *tp = b->tp;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tcp_bench_sack(b, SEG(0), 1, bad[i][0], bad[i][1]);
		KUNIT_EXPECT_EQ_MSG(test, tp->sacked_out, 0U, "block %u", i);
	}
	KUNIT_EXPECT_EQ(test, tp->lost_out, 0U);
	KUNIT_EXPECT_EQ(test, tp->reo_wnd_mult, 1);
	TCP_EXPECT_SILENCE(b);
}

/* RFC 2883 4: below the ACK, or inside of the second block. */
static void sack__both_forms_of_dsack(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);
	struct mini_tcp_sock *tp = b->tp;

	tp->total_retrans = 10;
	tcp_bench_write(b, 8 * BENCH_MSS);
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	tcp_bench_sack(b, SEG(2), 1, SEG(0), SEG(1));
	KUNIT_EXPECT_EQ(test, tp->reo_wnd_mult, 2);
	tp->dsack_round_on = 0;
	tcp_bench_sack(b, SEG(2), 2, SEG(3), SEG(4), SEG(3), SEG(5));
	KUNIT_EXPECT_EQ(test, tp->reo_wnd_mult, 3);
	KUNIT_EXPECT_EQ(test, tp->sacked_out, 2 * BENCH_MSS);
}

/* One block reaches beyond the other: no D-SACK, a mere overlap. */
static void sack__overlap_is_no_dsack(struct kunit *test)
{
	struct tcp_bench *b = rack_open(test, 8);
	struct mini_tcp_sock *tp = b->tp;

	tp->total_retrans = 10;
	tcp_bench_sack(b, SEG(0), 2, SEG(3), SEG(6), SEG(3), SEG(5));
	KUNIT_EXPECT_EQ(test, tp->dsack_dups, 0U);
	KUNIT_EXPECT_EQ(test, tp->reo_wnd_mult, 1);
	KUNIT_EXPECT_EQ(test, tp->sacked_out, 3 * BENCH_MSS);
}

/* RFC 3042: each of the first two segments that arrive lets a new one out. */
static void limited__transmit(struct kunit *test)
{
	struct tcp_bench *b = rack_open(test, 15);

	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(2));
	EXPECT_SEG(b, 10);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(3));
	EXPECT_SEG(b, 11);
	TCP_EXPECT_SILENCE(b);
}

/*
 * RFC 9937 section 6: 20 segments out, the first lost, an ACK for each of the
 * others.  What leaves in that round trip is ssthresh, spread over it.
 */
static void prr__in_proportion(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);
	struct mini_tcp_sock *tp = b->tp;
	u32 sent = 0;
	u32 half, i;

	tp->cc.cwnd = 20 * BENCH_MSS;
	tcp_bench_write(b, 60 * BENCH_MSS);
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	for (i = 2; i <= 20; i++) {
		tcp_bench_sack(b, SEG(0), 1, SEG(1), SEG(i));
		sent += skb_queue_len(&b->wire);
		/* Never more than a few ahead of the proportion. */
		KUNIT_EXPECT_LE(test, sent, i / 2 + 3);
		tcp_bench_flush(b);
	}
	TCP_EXPECT_CC(b, MINI_CC_RECOVERY);
	half = tp->cc.ssthresh / BENCH_MSS;
	KUNIT_EXPECT_GE(test, sent, half - 1);
	KUNIT_EXPECT_LE(test, sent, half + 2);
	/* All of it is here: the window is what was chosen. */
	tcp_bench_sack(b, tp->fl->recover - tp->iss, 0);
	TCP_EXPECT_CC(b, MINI_CC_OPEN);
	KUNIT_EXPECT_EQ(test, tp->cc.cwnd, tp->cc.ssthresh);
}

/* Most of the flight is lost: no burst, but slow start back to ssthresh. */
static void prr__after_heavy_loss(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 0);
	struct mini_tcp_sock *tp = b->tp;
	u32 before, i;

	tp->cc.cwnd = 20 * BENCH_MSS;
	tcp_bench_write(b, 20 * BENCH_MSS);
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	/* Only the last four arrived. */
	for (i = 17; i <= 20; i++) {
		before = skb_queue_len(&b->wire);
		tcp_bench_sack(b, SEG(0), 1, SEG(16), SEG(i));
		KUNIT_EXPECT_LE(test, skb_queue_len(&b->wire) - before, 2U);
	}
	TCP_EXPECT_CC(b, MINI_CC_RECOVERY);
	KUNIT_EXPECT_GE(test, skb_queue_len(&b->wire), 1U);
	KUNIT_EXPECT_LE(test, mini_tcp_inflight(tp), tp->cc.ssthresh);
	/* Good ACKs: one more than was delivered. */
	tcp_bench_flush(b);
	tcp_bench_advance(b, RTT);
	before = tp->snd_una;
	tcp_bench_sack(b, SEG(1), 1, SEG(16), SEG(20));
	KUNIT_EXPECT_EQ(test, skb_queue_len(&b->wire), 2U);
}

/* RFC 5681 3.1: a second timeout of a segment does not halve again. */
static void loss__second_timeout(struct kunit *test)
{
	struct tcp_bench *b = tcp_bench_measured(test, 10);
	struct mini_tcp_sock *tp = b->tp;
	u32 ssthresh;

	while (tp->retransmits < 1)
		tcp_bench_advance(b, RTT);
	ssthresh = tp->cc.ssthresh;
	KUNIT_EXPECT_EQ(test, ssthresh, 5 * BENCH_MSS);
	while (tp->retransmits < 3)
		tcp_bench_advance(b, RTT);
	KUNIT_EXPECT_EQ(test, tp->cc.ssthresh, ssthresh);
}

/* RFC 6928, and RFC 5681 4.1: ten segments, at the start and after a rest. */
static void cwnd__initial_and_restart(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, MINI_TCP_SYN | ACK, 0, 1, 0, BENCH_WND);
	KUNIT_EXPECT_EQ(test, tp->cc.cwnd, 10 * tp->cc.mss);

	tcp_bench_exit(test);
	tcp_bench_init(test);
	b = tcp_bench_measured(test, 0);
	tp = b->tp;
	tp->cc.cwnd = 40 * BENCH_MSS;
	tcp_bench_advance(b, 60 * USEC_PER_SEC);
	tcp_bench_write(b, BENCH_MSS);
	KUNIT_EXPECT_EQ(test, tp->cc.cwnd, 10 * BENCH_MSS);
	KUNIT_EXPECT_GE(test, tp->cc.ssthresh, 30 * BENCH_MSS);
}

static struct kunit_case tcp_rack_cases[] = {
	KUNIT_CASE(rack__waits_for_reordering),
	KUNIT_CASE(rack__three_segments_are_enough),
	KUNIT_CASE(rack__order_within_a_burst),
	KUNIT_CASE(rack__lost_retransmission),
	KUNIT_CASE(rack__original_tells_nothing),
	KUNIT_CASE(rack__original_by_its_echo),
	KUNIT_CASE(rack__reordering_seen),
	KUNIT_CASE(rack__dsack_widens),
	KUNIT_CASE(rack__timeout_spares_the_young),
	KUNIT_CASE(tlp__last_segment_again),
	KUNIT_CASE(tlp__single_segment_waits_longer),
	KUNIT_CASE(tlp__new_data),
	KUNIT_CASE(tlp__not_with_sacked_data),
	KUNIT_CASE(tlp__not_what_is_sacked),
	KUNIT_CASE(recovery__control_sees_the_state),
	KUNIT_CASE(reno__lost_and_told_of),
	KUNIT_CASE(timeout__of_the_user),
	KUNIT_CASE(timeout__of_the_user_after_a_probe),
	KUNIT_CASE(timeout__thin_stream),
	KUNIT_CASE(tlp__dsack),
	KUNIT_CASE(tlp__bare_duplicate),
	KUNIT_CASE(tlp__repaired_a_loss),
	KUNIT_CASE(sack__is_not_sent_again),
	KUNIT_CASE(sack__peer_reneged),
	KUNIT_CASE(sack__absurd_blocks),
	KUNIT_CASE(sack__both_forms_of_dsack),
	KUNIT_CASE(sack__overlap_is_no_dsack),
	KUNIT_CASE(limited__transmit),
	KUNIT_CASE(prr__in_proportion),
	KUNIT_CASE(prr__after_heavy_loss),
	KUNIT_CASE(loss__second_timeout),
	KUNIT_CASE(cwnd__initial_and_restart),
	{}
};

struct kunit_suite mini_tcp_rack_test_suite = {
	.name = "mini_tcp_rack",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_rack_cases,
};
