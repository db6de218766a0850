// SPDX-License-Identifier: GPL-2.0
/*
 * The congestion controls on struct mini_cc alone: CUBIC against its closed
 * formula (RFC 9438), HyStart++ against made-up round trips (RFC 9406), Reno's
 * growth (RFC 5681), and each over a virtual link, a bottleneck with a rate, a
 * round trip and a buffer, where the clock is a number.
 */
#include <kunit/test.h>
#include <linux/math64.h>
#include <linux/time64.h>

#include "../kunit.h"
#include "tcp_int.h"

#define MSS		1000U
#define MS		USEC_PER_MSEC
#define START		(1000ULL * USEC_PER_SEC)
/* A connection whose sequence numbers wrap soon. */
#define SEQ_START	(U32_MAX - 20 * MSS)

/**
 * struct bench - a control and its time
 * @cc: what it sees
 * @priv: its cc.priv
 * @now: microseconds
 */
struct bench {
	struct mini_cc cc;
	u64 priv[MINI_CC_PRIV / sizeof(u64)];
	u64 now;
};

static void bench_start(struct bench *b, const struct mini_cc_ops *ops,
			u32 cwnd, u32 ssthresh, u32 rtt_us)
{
	memset(b, 0, sizeof(*b));
	b->now = START;
	b->cc.ops = ops;
	b->cc.mss = MSS;
	b->cc.cwnd = cwnd;
	b->cc.ssthresh = ssthresh;
	b->cc.srtt_us = rtt_us;
	b->cc.min_rtt_us = rtt_us;
	b->cc.used = 1;
	b->cc.abe = 1;
	b->cc.snd_una = SEQ_START;
	b->cc.snd_nxt = SEQ_START + cwnd;
	b->cc.inflight = cwnd;
	b->cc.priv = b->priv;
	b->cc.started = 1;
	if (ops->init)
		ops->init(&b->cc);
}

/* An ACK of @octets, and as much as cwnd allows is sent. */
static void bench_ack(struct bench *b, u32 octets, u32 rtt_us)
{
	struct mini_cc_ack ack = {
		.now = b->now,
		.acked = octets,
		.delivered = octets,
		.rtt_us = rtt_us,
		.prior_inflight = b->cc.inflight,
	};

	b->cc.snd_una += octets;
	b->cc.delivered += octets;
	b->cc.inflight = b->cc.snd_nxt - b->cc.snd_una;
	b->cc.ops->acked(&b->cc, &ack);
	if (b->cc.inflight < b->cc.cwnd) {
		b->cc.snd_nxt = b->cc.snd_una + b->cc.cwnd;
		b->cc.inflight = b->cc.cwnd;
	}
}

/* A round trip: a window is acknowledged in @acks steps. */
static void bench_round(struct bench *b, u32 acks, u32 rtt_us)
{
	u32 left = b->cc.cwnd;
	u32 step = max(left / acks, 1U);
	u64 end = b->now + rtt_us;

	while (left) {
		u32 n = left < 2 * step ? left : step;

		b->now += rtt_us / acks;
		bench_ack(b, n, rtt_us);
		left -= n;
	}
	b->now = end;
}

/* A congestion event, and what recovery makes of the window. */
static void bench_reduce(struct bench *b, enum mini_cc_why why)
{
	b->cc.ssthresh = b->cc.ops->ssthresh(&b->cc, why);
	b->cc.cwnd = b->cc.ssthresh;
	b->cc.snd_nxt = b->cc.snd_una + b->cc.cwnd;
	mini_cc_event(&b->cc, MINI_CC_EV_RECOVERY, b->now);
	mini_cc_event(&b->cc, MINI_CC_EV_RECOVERED, b->now);
}

static void cubic_root__is_the_integer_part(struct kunit *test)
{
	u64 y;

	KUNIT_EXPECT_EQ(test, mini_cubic_root(0), 0U);
	KUNIT_EXPECT_EQ(test, mini_cubic_root(U64_MAX), 2642245U);
	for (y = 1; y <= 2642245; y += y / 64 + 1) {
		KUNIT_ASSERT_EQ(test, (u64)mini_cubic_root(y * y * y), y);
		KUNIT_ASSERT_EQ(test, (u64)mini_cubic_root(y * y * y - 1),
				y - 1);
	}
}

/*
 * RFC 9438 figure 1 in other units: t and K of 100 us, found by trying.
 * Segments, rounded down.
 */
static u32 formula_k(u32 w_max)
{
	u64 k = 0;
	u64 step;

	/* C K^3 = (1 - beta) W_max: 4 K^3 = 3 W_max 10^12. */
	for (step = 1 << 20; step; step >>= 1)
		if (4 * (k + step) * (k + step) * (k + step) <=
		    3ULL * w_max * 1000000000000ULL)
			k += step;
	return k;
}

static s64 formula(u32 w_max, u64 t_us)
{
	s64 d = (s64)div_u64(t_us, 100) - formula_k(w_max);

	/* 0.4 d^3 / 10^12 segments */
	return w_max + div64_s64(4 * d * d * d, 10000000000000LL);
}

/*
 * 100 seconds after a loss.  cwnd follows W_cubic(t): one round trip's growth
 * either way, and two segments.
 */
static void cubic_curve(struct kunit *test, u32 w_max, u32 rtt_us)
{
	struct bench b;
	u64 begun = 0;
	s64 want, slack, got;
	u64 t;

	bench_start(&b, &mini_tcp_cubic, w_max * MSS, w_max * MSS, rtt_us);
	bench_reduce(&b, MINI_CC_WHY_LOSS);
	KUNIT_EXPECT_EQ(test, b.cc.cwnd, w_max * MSS / 10 * 7);
	while (!begun || b.now - begun < 100 * USEC_PER_SEC) {
		bench_round(&b, 16, rtt_us);
		/* The stage began with the first ACK. */
		if (!begun)
			begun = b.now - rtt_us + rtt_us / 16;
		t = b.now - begun;
		want = formula(w_max, t);
		slack = formula(w_max, t + rtt_us) -
			formula(w_max, t > rtt_us ? t - rtt_us : 0) + 2;
		got = b.cc.cwnd / MSS;
		if (abs(got - want) <= slack)
			continue;
		KUNIT_FAIL(test,
			   "W_max %u, RTT %u us, t %llu us: cwnd %lld, formula %lld, slack %lld",
			   w_max, rtt_us, t, got, want, slack);
		return;
	}
}

static void cubic__follows_the_formula(struct kunit *test)
{
	cubic_curve(test, 50, 200 * MS);
	cubic_curve(test, 200, 100 * MS);
	cubic_curve(test, 500, 100 * MS);
	cubic_curve(test, 500, 40 * MS);
	cubic_curve(test, 5000, 50 * MS);
	cubic_curve(test, 5000, 20 * MS);
}

/* Short round trips: Reno's line is above the curve (RFC 9438 4.3). */
static void cubic__reno_friendly(struct kunit *test)
{
	const u32 w_max = 100;
	struct bench b;
	u32 rounds = 0;
	u32 from;

	bench_start(&b, &mini_tcp_cubic, w_max * MSS, w_max * MSS, MS);
	bench_reduce(&b, MINI_CC_WHY_LOSS);
	from = b.cc.cwnd;
	/* 9/17 of a segment a round trip, up to the window of before... */
	while (b.cc.cwnd < w_max * MSS && rounds < 1000) {
		bench_round(&b, 8, MS);
		rounds++;
	}
	KUNIT_EXPECT_GE(test, rounds, (w_max - from / MSS) * 17 / 9 - 2);
	KUNIT_EXPECT_LE(test, rounds, (w_max - from / MSS) * 17 / 9 + 3);
	/* ...then a whole one. */
	from = b.cc.cwnd;
	for (rounds = 0; rounds < 40; rounds++)
		bench_round(&b, 8, MS);
	KUNIT_EXPECT_GE(test, b.cc.cwnd, from + 39 * MSS);
	KUNIT_EXPECT_LE(test, b.cc.cwnd, from + 41 * MSS);
}

/* RFC 9438 4.7: who lost below the last W_max leaves room: 0.85 of it. */
static void cubic__fast_convergence(struct kunit *test)
{
	struct bench b;
	int i;

	bench_start(&b, &mini_tcp_cubic, 200 * MSS, 200 * MSS, 200 * MS);
	bench_reduce(&b, MINI_CC_WHY_LOSS);
	KUNIT_EXPECT_EQ(test, b.cc.cwnd, 140 * MSS);
	bench_reduce(&b, MINI_CC_WHY_LOSS);
	KUNIT_EXPECT_EQ(test, b.cc.cwnd, 98 * MSS);
	/* W_max 140 * 0.85 = 119, K = cbrt(21 / 0.4) = 3.75 s. */
	for (i = 0; i < 19; i++)
		bench_round(&b, 16, 200 * MS);
	KUNIT_EXPECT_GE(test, b.cc.cwnd, 117 * MSS);
	KUNIT_EXPECT_LE(test, b.cc.cwnd, 121 * MSS);
}

/* Section 4.2: neither silence nor a program that writes little counts. */
static void cubic__idle_time_does_not_count(struct kunit *test)
{
	struct bench b;
	u32 before;
	int i;

	bench_start(&b, &mini_tcp_cubic, 500 * MSS, 500 * MSS, 100 * MS);
	bench_reduce(&b, MINI_CC_WHY_LOSS);
	for (i = 0; i < 30; i++)
		bench_round(&b, 16, 100 * MS);
	before = b.cc.cwnd;
	b.now += 60 * USEC_PER_SEC;
	mini_cc_event(&b.cc, MINI_CC_EV_TX_START, b.now);
	bench_round(&b, 16, 100 * MS);
	KUNIT_EXPECT_GE(test, b.cc.cwnd, before);
	KUNIT_EXPECT_LE(test, b.cc.cwnd, before + before / 20);

	before = b.cc.cwnd;
	b.cc.used = 0;
	for (i = 0; i < 600; i++)
		bench_round(&b, 16, 100 * MS);
	KUNIT_EXPECT_EQ(test, b.cc.cwnd, before);
	b.cc.used = 1;
	bench_round(&b, 16, 100 * MS);
	KUNIT_EXPECT_LE(test, b.cc.cwnd, before + before / 20);
}

/* Section 4.8: K = 0, and the plateau is where congestion avoidance began. */
static void cubic__after_a_timeout(struct kunit *test)
{
	struct bench b;
	int i;

	bench_start(&b, &mini_tcp_cubic, 500 * MSS, 500 * MSS, 100 * MS);
	b.cc.ssthresh = b.cc.ops->ssthresh(&b.cc, MINI_CC_WHY_TIMEOUT);
	KUNIT_EXPECT_EQ(test, b.cc.ssthresh, 350 * MSS);
	b.cc.state = MINI_CC_LOSS;
	b.cc.cwnd = MSS;
	mini_cc_event(&b.cc, MINI_CC_EV_LOSS, b.now);
	/* Slow start, without HyStart++, to the threshold. */
	for (i = 0; i < 9; i++)
		bench_round(&b, 8, 100 * MS);
	b.cc.state = MINI_CC_OPEN;
	KUNIT_EXPECT_GE(test, b.cc.cwnd, 350 * MSS);
	/* 0.4 * 5^3 = 50 segments in the next five seconds; Reno's 26. */
	for (i = 0; i < 50; i++)
		bench_round(&b, 16, 100 * MS);
	KUNIT_EXPECT_GE(test, b.cc.cwnd, 392 * MSS);
	KUNIT_EXPECT_LE(test, b.cc.cwnd, 406 * MSS);
}

/* Section 4.9: a spurious reduction leaves no trace. */
static void cubic__undo(struct kunit *test)
{
	struct bench a, b;
	int i;

	bench_start(&a, &mini_tcp_cubic, 500 * MSS, 500 * MSS, 100 * MS);
	bench_reduce(&a, MINI_CC_WHY_LOSS);
	for (i = 0; i < 20; i++)
		bench_round(&a, 16, 100 * MS);
	b = a;
	b.cc.priv = b.priv;
	b.cc.ssthresh = b.cc.ops->ssthresh(&b.cc, MINI_CC_WHY_LOSS);
	b.cc.cwnd = b.cc.ssthresh;
	b.cc.state = MINI_CC_RECOVERY;
	b.cc.cwnd = b.cc.ops->undo(&b.cc);
	b.cc.ssthresh = a.cc.ssthresh;
	b.cc.state = MINI_CC_OPEN;
	KUNIT_EXPECT_EQ(test, b.cc.cwnd, a.cc.cwnd);
	for (i = 0; i < 50; i++) {
		bench_round(&a, 16, 100 * MS);
		bench_round(&b, 16, 100 * MS);
	}
	KUNIT_EXPECT_EQ(test, b.cc.cwnd, a.cc.cwnd);
}

/* RFC 8511: a mark costs less than a loss; not without the sysctl. */
static void ecn__costs_less(struct kunit *test)
{
	struct bench b;

	bench_start(&b, &mini_tcp_cubic, 100 * MSS, 100 * MSS, 100 * MS);
	KUNIT_EXPECT_EQ(test, b.cc.ops->ssthresh(&b.cc, MINI_CC_WHY_ECN),
			85 * MSS);
	bench_start(&b, &mini_tcp_cubic, 100 * MSS, 100 * MSS, 100 * MS);
	b.cc.abe = 0;
	KUNIT_EXPECT_EQ(test, b.cc.ops->ssthresh(&b.cc, MINI_CC_WHY_ECN),
			70 * MSS);
	bench_start(&b, &mini_tcp_newreno, 100 * MSS, 100 * MSS, 100 * MS);
	KUNIT_EXPECT_EQ(test, b.cc.ops->ssthresh(&b.cc, MINI_CC_WHY_ECN),
			80 * MSS);
	KUNIT_EXPECT_EQ(test, b.cc.ops->ssthresh(&b.cc, MINI_CC_WHY_LOSS),
			50 * MSS);
	b.cc.abe = 0;
	KUNIT_EXPECT_EQ(test, b.cc.ops->ssthresh(&b.cc, MINI_CC_WHY_ECN),
			50 * MSS);
}

/* RFC 5681 3.1: doubles, then a segment a round trip; at 2^32 as anywhere. */
static void newreno__a_segment_a_round(struct kunit *test)
{
	struct bench b;
	int i;

	bench_start(&b, &mini_tcp_newreno, 10 * MSS, 80 * MSS, 10 * MS);
	for (i = 1; i <= 3; i++) {
		bench_round(&b, 10, 10 * MS);
		KUNIT_EXPECT_EQ(test, b.cc.cwnd, (10U << i) * MSS);
	}
	for (i = 1; i <= 20; i++) {
		bench_round(&b, 10, 10 * MS);
		KUNIT_EXPECT_EQ(test, b.cc.cwnd, (80 + i) * MSS);
	}
	KUNIT_EXPECT_LT(test, b.cc.snd_nxt, SEQ_START);
}

/*
 * RFC 9406 4.2: 4 ms more than the round before: a quarter of the growth for 5
 * rounds, then slow start is over.
 */
static void hystart__round_trip_rises(struct kunit *test)
{
	struct bench b;
	u32 cwnd;
	int i;

	bench_start(&b, &mini_tcp_cubic, 10 * MSS, MINI_CC_SSTHRESH_INF,
		    20 * MS);
	for (i = 1; i <= 3; i++) {
		bench_round(&b, 10, 20 * MS);
		KUNIT_EXPECT_EQ(test, b.cc.cwnd, (10U << i) * MSS);
	}
	/* Rises by less than the threshold are passed over. */
	for (i = 4; i <= 5; i++) {
		bench_round(&b, 80, 23 * MS);
		KUNIT_EXPECT_EQ(test, b.cc.cwnd, (10U << i) * MSS);
	}
	/* The first round at 27 ms may still hold a sample of before. */
	bench_round(&b, 80, 27 * MS);
	bench_round(&b, 80, 27 * MS);
	KUNIT_EXPECT_LT(test, b.cc.cwnd, 1100 * MSS);
	KUNIT_EXPECT_EQ(test, b.cc.ssthresh, MINI_CC_SSTHRESH_INF);
	for (i = 0; i < 10 && mini_cc_slow_start(&b.cc); i++) {
		cwnd = b.cc.cwnd;
		bench_round(&b, 80, 27 * MS);
		KUNIT_EXPECT_LE(test, b.cc.cwnd, cwnd + cwnd / 4);
	}
	KUNIT_EXPECT_GE(test, i, 4);
	KUNIT_EXPECT_LE(test, i, 5);
	KUNIT_EXPECT_LT(test, b.cc.ssthresh, MINI_CC_SSTHRESH_INF);
}

/* And falls again: it was noise, slow start goes on. */
static void hystart__round_trip_falls_again(struct kunit *test)
{
	struct bench b;
	u32 cwnd;
	int i;

	bench_start(&b, &mini_tcp_cubic, 10 * MSS, MINI_CC_SSTHRESH_INF,
		    20 * MS);
	for (i = 0; i < 3; i++)
		bench_round(&b, 20, 20 * MS);
	bench_round(&b, 20, 30 * MS);
	bench_round(&b, 20, 30 * MS);
	KUNIT_EXPECT_GE(test, b.cc.cwnd, 200 * MSS);
	KUNIT_EXPECT_LT(test, b.cc.cwnd, 260 * MSS);
	bench_round(&b, 20, 20 * MS);
	for (i = 0; i < 3; i++) {
		cwnd = b.cc.cwnd;
		bench_round(&b, 20, 20 * MS);
		KUNIT_EXPECT_EQ(test, b.cc.cwnd, 2 * cwnd);
	}
	KUNIT_EXPECT_EQ(test, b.cc.ssthresh, MINI_CC_SSTHRESH_INF);
}

/* A receiver that merges segments acknowledges a window by two ACKs. */
static void hystart__few_acks_are_enough(struct kunit *test)
{
	struct bench b;
	int i;

	bench_start(&b, &mini_tcp_cubic, 64 * MSS, MINI_CC_SSTHRESH_INF,
		    20 * MS);
	for (i = 0; i < 3; i++)
		bench_round(&b, 2, 20 * MS);
	KUNIT_EXPECT_EQ(test, b.cc.cwnd, 512 * MSS);
	for (i = 0; i < 10 && mini_cc_slow_start(&b.cc); i++)
		bench_round(&b, 2, 30 * MS);
	KUNIT_EXPECT_LE(test, i, 7);
	KUNIT_EXPECT_LT(test, b.cc.cwnd, 4096 * MSS);
}

#define LINK_PACKETS	4096U

struct link_packet {
	u64 sent;
	u64 back;		/* when its ACK arrives; 0: dropped */
	u64 prior_delivered;
	u64 prior_time;
	u64 first_tx;
};

/**
 * struct link - one flow over a bottleneck
 * @b: the control
 * @rate: octets a second
 * @rtt: without a queue, us
 * @buffer: octets that may wait
 * @busy: when the last packet that was taken will have left
 * @next_send: pacing: not before
 * @head: oldest packet of @ring without an answer
 * @tail: next to be sent
 * @recover: recovery ends when this one is answered
 * @dropped: packets
 * @rtt_sum: of all ACKs since the last look, us
 * @rtt_count: how many
 * @least: least in flight since the last look, octets
 * @ring: by number modulo LINK_PACKETS
 */
struct link {
	struct bench b;
	u64 rate;
	u32 rtt;
	u32 buffer;
	u64 busy;
	u64 next_send;
	u32 head;
	u32 tail;
	u32 recover;
	u32 dropped;
	u64 rtt_sum;
	u32 rtt_count;
	u32 least;
	struct link_packet ring[LINK_PACKETS];
};

/* 10 Mbit/s, 40 ms: so many octets are their product. */
#define LINK_RATE	1250000U
#define LINK_RTT	(40 * MS)
#define LINK_BDP	(LINK_RATE / 25)

static struct link *link_start(struct kunit *test,
			       const struct mini_cc_ops *ops, u32 buffer)
{
	struct link *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, l);
	bench_start(&l->b, ops, 10 * MSS, MINI_CC_SSTHRESH_INF, LINK_RTT);
	l->b.cc.snd_nxt = l->b.cc.snd_una;
	l->b.cc.inflight = 0;
	l->b.cc.delivered_time = l->b.now;
	l->b.cc.first_tx_time = l->b.now;
	l->rate = LINK_RATE;
	l->rtt = LINK_RTT;
	l->buffer = buffer;
	return l;
}

static void link_send(struct link *l)
{
	struct link_packet *p = &l->ring[l->tail++ % LINK_PACKETS];
	struct mini_cc *cc = &l->b.cc;
	u64 now = l->b.now;
	u64 start = max(l->busy, now);

	if (!cc->inflight) {
		cc->first_tx_time = now;
		cc->delivered_time = now;
	}
	p->sent = now;
	p->prior_delivered = cc->delivered;
	p->prior_time = cc->delivered_time;
	p->first_tx = cc->first_tx_time;
	p->back = 0;
	if (div_u64((start - now) * l->rate, USEC_PER_SEC) <= l->buffer) {
		l->busy = start + div64_u64((u64)MSS * USEC_PER_SEC, l->rate);
		p->back = l->busy + l->rtt;
	} else {
		l->dropped++;
	}
	cc->snd_nxt += MSS;
	cc->inflight += MSS;
	if (cc->pacing_rate)
		l->next_send = max(l->next_send, now) +
			       div64_u64((u64)MSS * USEC_PER_SEC,
					 cc->pacing_rate);
}

static void link_lost(struct link *l)
{
	struct mini_cc *cc = &l->b.cc;

	if (cc->state == MINI_CC_OPEN) {
		cc->ssthresh = cc->ops->ssthresh(cc, MINI_CC_WHY_LOSS);
		if (!cc->ops->control)
			cc->cwnd = cc->ssthresh;
		cc->state = MINI_CC_RECOVERY;
		l->recover = l->tail;
		mini_cc_event(cc, MINI_CC_EV_RECOVERY, l->b.now);
	}
}

/* The ACK of the oldest packet that was not dropped. */
static void link_ack(struct link *l)
{
	struct mini_cc *cc = &l->b.cc;
	struct mini_cc_ack ack = {
		.now = l->b.now,
		.prior_inflight = cc->inflight,
	};
	struct link_packet *p;

	for (;;) {
		p = &l->ring[l->head++ % LINK_PACKETS];
		cc->snd_una += MSS;
		cc->inflight -= MSS;
		if (p->back)
			break;
		/* What was sent before it, and is not here, is lost. */
		ack.lost += MSS;
		cc->lost += MSS;
	}
	cc->delivered += MSS;
	cc->delivered_time = l->b.now;
	cc->first_tx_time = p->sent;
	ack.acked = MSS + ack.lost;
	ack.delivered = MSS;
	ack.rtt_us = l->b.now - p->sent;
	ack.rate_delivered = cc->delivered - p->prior_delivered;
	ack.rate_us = max(l->b.now - p->prior_time, p->sent - p->first_tx);
	ack.prior_delivered = p->prior_delivered;
	l->rtt_sum += ack.rtt_us;
	l->rtt_count++;
	if (ack.lost)
		link_lost(l);
	if (cc->state == MINI_CC_RECOVERY && (s32)(l->head - l->recover) >= 0) {
		cc->state = MINI_CC_OPEN;
		mini_cc_event(cc, MINI_CC_EV_RECOVERED, l->b.now);
	}
	if (cc->ops->control)
		cc->ops->control(cc, &ack);
	else if (cc->state == MINI_CC_OPEN)
		cc->ops->acked(cc, &ack);
	l->least = min(l->least, cc->inflight);
}

/* The oldest packet whose ACK is to come; NULL: all in flight is dropped. */
static const struct link_packet *link_next(const struct link *l)
{
	u32 i;

	for (i = l->head; i != l->tail; i++)
		if (l->ring[i % LINK_PACKETS].back)
			return &l->ring[i % LINK_PACKETS];
	return NULL;
}

/* So many microseconds pass.  Return: octets delivered meanwhile. */
static u64 link_run(struct kunit *test, struct link *l, u64 us)
{
	u64 before = l->b.cc.delivered;
	u64 end = l->b.now + us;

	l->rtt_sum = 0;
	l->rtt_count = 0;
	l->least = U32_MAX;
	while (l->b.now < end) {
		const struct link_packet *p = link_next(l);
		u64 next = p ? p->back : end;

		if (l->b.cc.inflight + MSS <= l->b.cc.cwnd &&
		    max(l->next_send, l->b.now) <= next) {
			l->b.now = max(l->next_send, l->b.now);
			KUNIT_ASSERT_LT(test, l->tail - l->head, LINK_PACKETS);
			link_send(l);
			continue;
		}
		KUNIT_ASSERT_NOT_NULL_MSG(test, p, "the flow stands still");
		l->b.now = max(l->b.now, next);
		link_ack(l);
	}
	return l->b.cc.delivered - before;
}

static u32 link_mean_rtt(const struct link *l)
{
	return div_u64(l->rtt_sum, max(l->rtt_count, 1U));
}

static void bbr__finds_the_rate(struct kunit *test)
{
	struct link *l = link_start(test, &mini_tcp_bbr, 2 * LINK_BDP);
	u64 got;

	link_run(test, l, 2 * USEC_PER_SEC);
	/* Startup's queue is drained: the round trip is the path's again. */
	got = link_run(test, l, 6 * USEC_PER_SEC);
	KUNIT_EXPECT_GE(test, got, LINK_RATE * 6ULL / 100 * 95);
	KUNIT_EXPECT_LE(test, link_mean_rtt(l), LINK_RTT / 4 * 5);
	KUNIT_EXPECT_GE(test, l->least, LINK_BDP / 4 * 3);
	/*
	 * The path grows longer.  Ten seconds later ProbeRTT looks: half the
	 * product for a moment, then all of the new one.
	 */
	l->rtt += 20 * MS;
	link_run(test, l, 9 * USEC_PER_SEC);
	KUNIT_EXPECT_GE(test, l->least, LINK_BDP / 4 * 3);
	link_run(test, l, 2 * USEC_PER_SEC);
	KUNIT_EXPECT_LE(test, l->least, LINK_BDP / 4 * 3 + 2 * MSS);
	link_run(test, l, 1 * USEC_PER_SEC);
	got = link_run(test, l, 6 * USEC_PER_SEC);
	KUNIT_EXPECT_GE(test, got, LINK_RATE * 6ULL / 100 * 95);
	KUNIT_EXPECT_GE(test, l->least, LINK_BDP);
}

/* A buffer of a quarter of the product: the bound keeps the loss low. */
static void bbr__bounded_by_loss(struct kunit *test)
{
	struct link *l = link_start(test, &mini_tcp_bbr, LINK_BDP / 4);
	u32 sent, dropped;
	u64 got;

	link_run(test, l, 3 * USEC_PER_SEC);
	sent = l->tail;
	dropped = l->dropped;
	got = link_run(test, l, 6 * USEC_PER_SEC);
	KUNIT_EXPECT_GE(test, got, LINK_RATE * 6ULL / 100 * 80);
	KUNIT_EXPECT_LE(test, (l->dropped - dropped) * 100, 3 * (l->tail - sent));
}

/* The rate changes: up is found within the cycles of a second or two. */
static void bbr__rate_doubles(struct kunit *test)
{
	struct link *l = link_start(test, &mini_tcp_bbr, 2 * LINK_BDP);
	u64 got;

	link_run(test, l, 3 * USEC_PER_SEC);
	l->rate *= 2;
	link_run(test, l, 4 * USEC_PER_SEC);
	got = link_run(test, l, 2 * USEC_PER_SEC);
	KUNIT_EXPECT_GE(test, got, 2 * LINK_RATE * 2ULL / 100 * 90);
	l->rate /= 4;
	link_run(test, l, 4 * USEC_PER_SEC);
	got = link_run(test, l, 2 * USEC_PER_SEC);
	KUNIT_EXPECT_GE(test, got, LINK_RATE / 2 * 2ULL / 100 * 90);
	KUNIT_EXPECT_LE(test, link_mean_rtt(l), 3 * LINK_RTT);
}

static void cubic__fills_a_link(struct kunit *test)
{
	struct link *l = link_start(test, &mini_tcp_cubic, LINK_BDP);

	link_run(test, l, 2 * USEC_PER_SEC);
	KUNIT_EXPECT_GE(test, link_run(test, l, 20 * USEC_PER_SEC),
			LINK_RATE * 20ULL / 100 * 97);
	/* HyStart++ and a curve that is flat at the top: few losses. */
	KUNIT_EXPECT_LE(test, l->dropped * 100, l->tail);
}

static void newreno__fills_a_link(struct kunit *test)
{
	struct link *l = link_start(test, &mini_tcp_newreno, LINK_BDP);

	link_run(test, l, 2 * USEC_PER_SEC);
	KUNIT_EXPECT_GE(test, link_run(test, l, 20 * USEC_PER_SEC),
			LINK_RATE * 20ULL / 100 * 95);
}

static struct kunit_case mini_tcp_cong_test_cases[] = {
	KUNIT_CASE(cubic_root__is_the_integer_part),
	KUNIT_CASE(cubic__follows_the_formula),
	KUNIT_CASE(cubic__reno_friendly),
	KUNIT_CASE(cubic__fast_convergence),
	KUNIT_CASE(cubic__idle_time_does_not_count),
	KUNIT_CASE(cubic__after_a_timeout),
	KUNIT_CASE(cubic__undo),
	KUNIT_CASE(cubic__fills_a_link),
	KUNIT_CASE(ecn__costs_less),
	KUNIT_CASE(newreno__a_segment_a_round),
	KUNIT_CASE(newreno__fills_a_link),
	KUNIT_CASE(hystart__round_trip_rises),
	KUNIT_CASE(hystart__round_trip_falls_again),
	KUNIT_CASE(hystart__few_acks_are_enough),
	KUNIT_CASE(bbr__finds_the_rate),
	KUNIT_CASE(bbr__bounded_by_loss),
	KUNIT_CASE(bbr__rate_doubles),
	{}
};

struct kunit_suite mini_tcp_cong_test_suite = {
	.name = "mini_tcp_cong",
	.test_cases = mini_tcp_cong_test_cases,
};
