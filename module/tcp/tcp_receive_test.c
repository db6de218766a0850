// SPDX-License-Identifier: GPL-2.0
/*
 * The receiving side, on a clock and a wire of the test's own: SACK and D-SACK
 * blocks (RFC 2018, 2883), the out-of-order queue against a plain bitmap, when
 * data is acknowledged, PAWS (RFC 7323).
 */
#include <linux/random.h>

#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define PSH	MINI_TCP_PSH
#define WND	BENCH_WND
#define BLOCKS	4

/* A segment in, and what the ACK for it says; numbers from 5000 on. */
struct rcv_step {
	u32 seq;
	u32 end;
	u32 ack;
	u8 n;
	struct mini_tcp_block b[BLOCKS];
};

/* RFC 2018 section 4, case 2: the first of eight segments is lost. */
static const struct rcv_step rfc2018_case2[] = {
	{ 5500, 6000, 5000, 1, { { 5500, 6000 } } },
	{ 6000, 6500, 5000, 1, { { 5500, 6500 } } },
	{ 6500, 7000, 5000, 1, { { 5500, 7000 } } },
	{ 7000, 7500, 5000, 1, { { 5500, 7500 } } },
	{ 7500, 8000, 5000, 1, { { 5500, 8000 } } },
	{ 8000, 8500, 5000, 1, { { 5500, 8500 } } },
	{ 8500, 9000, 5000, 1, { { 5500, 9000 } } },
	{ 5000, 5500, 9000, 0 },
	{}
};

/* ... case 3: the second, fourth, sixth and eighth; then two come late. */
static const struct rcv_step rfc2018_case3[] = {
	{ 5000, 5500, 5500, 0 },
	{ 6000, 6500, 5500, 1, { { 6000, 6500 } } },
	{ 7000, 7500, 5500, 2, { { 7000, 7500 }, { 6000, 6500 } } },
	{ 8000, 8500, 5500, 3,
	  { { 8000, 8500 }, { 7000, 7500 }, { 6000, 6500 } } },
	{ 6500, 7000, 5500, 2, { { 6000, 7500 }, { 8000, 8500 } } },
	{ 5500, 6000, 7500, 1, { { 8000, 8500 } } },
	{}
};

/* RFC 2883 section 4.1.1 and 4.1.2: duplicates, nothing and something missing */
static const struct rcv_step rfc2883_whole[] = {
	{ 5000, 5500, 5500, 0 },
	{ 5500, 6000, 6000, 0 },
	{ 5000, 5500, 6000, 1, { { 5000, 5500 } } },
	/* It is told once. */
	{ 6500, 7000, 6000, 1, { { 6500, 7000 } } },
	{ 5500, 6000, 6000, 2, { { 5500, 6000 }, { 6500, 7000 } } },
	/* 4.1.3: a duplicate of what is out of order, and what holds it. */
	{ 7000, 7500, 6000, 1, { { 6500, 7500 } } },
	{ 6500, 7000, 6000, 2, { { 6500, 7000 }, { 6500, 7500 } } },
	{}
};

/* Section 4.2: a part of the segment is a duplicate. */
static const struct rcv_step rfc2883_part[] = {
	{ 5000, 5500, 5500, 0 },
	{ 6000, 6500, 5500, 1, { { 6000, 6500 } } },
	/* 4.2.1: the first half is old. */
	{ 5000, 6000, 6500, 1, { { 5000, 5500 } } },
	/* 4.2.2: two parts of one hole; the part that was known is told. */
	{ 7000, 7500, 6500, 1, { { 7000, 7500 } } },
	{ 7250, 8000, 6500, 2, { { 7250, 7500 }, { 7000, 8000 } } },
	{ 8500, 9000, 6500, 2, { { 8500, 9000 }, { 7000, 8000 } } },
	/* It joins two blocks, and covers a part of each. */
	{ 7500, 8750, 6500, 2, { { 7500, 8000 }, { 7000, 9000 } } },
	/* In order, and over all that was out of order. */
	{ 6500, 9500, 9500, 1, { { 7000, 9000 } } },
	{}
};

/* One more hole than the option has blocks: the oldest gives way. */
static const struct rcv_step sack_overflow[] = {
	{ 5100, 5200, 5000, 1, { { 5100, 5200 } } },
	{ 5300, 5400, 5000, 2, { { 5300, 5400 }, { 5100, 5200 } } },
	{ 5500, 5600, 5000, 3,
	  { { 5500, 5600 }, { 5300, 5400 }, { 5100, 5200 } } },
	{ 5700, 5800, 5000, 4,
	  { { 5700, 5800 }, { 5500, 5600 }, { 5300, 5400 }, { 5100, 5200 } } },
	{ 5900, 6000, 5000, 4,
	  { { 5900, 6000 }, { 5700, 5800 }, { 5500, 5600 }, { 5300, 5400 } } },
	/* What was forgotten is known whole when it is heard of again. */
	{ 5200, 5210, 5000, 4,
	  { { 5100, 5210 }, { 5900, 6000 }, { 5700, 5800 }, { 5500, 5600 } } },
	{ 5000, 5100, 5210, 3,
	  { { 5900, 6000 }, { 5700, 5800 }, { 5500, 5600 } } },
	{}
};

static void rcv_steps(struct kunit *test, const struct rcv_step *s, u32 irs)
{
	struct tcp_bench *b = test->priv;
	u32 base = irs + 1;
	struct tcp_sent out;
	int i;

	tcp_bench_receiver(b, irs);
	for (; s->end; s++) {
		tcp_bench_in(b, ACK, s->seq - 5000 + 1, 1, s->end - s->seq,
			     WND);
		tcp_bench_advance(b, 50 * BENCH_MS);
		KUNIT_ASSERT_TRUE(test, tcp_bench_last(b, &out));
		KUNIT_EXPECT_EQ_MSG(test, out.h.ack - base + 5000, s->ack,
				    "segment %u", s->seq);
		KUNIT_ASSERT_EQ_MSG(test, out.h.opts.num_sacks, s->n,
				    "segment %u", s->seq);
		for (i = 0; i < s->n; i++) {
			KUNIT_EXPECT_EQ_MSG(test, out.h.opts.sacks[i].start -
					    base + 5000, s->b[i].start,
					    "segment %u", s->seq);
			KUNIT_EXPECT_EQ_MSG(test, out.h.opts.sacks[i].end -
					    base + 5000, s->b[i].end,
					    "segment %u", s->seq);
		}
	}
}

static const struct {
	const char *name;
	const struct rcv_step *steps;
} rcv_cases[] = {
	{ "RFC 2018 case 2", rfc2018_case2 },
	{ "RFC 2018 case 3", rfc2018_case3 },
	{ "RFC 2883 4.1", rfc2883_whole },
	{ "RFC 2883 4.2", rfc2883_part },
	{ "more holes than blocks", sack_overflow },
};

static void rcv_case_desc(const typeof(rcv_cases[0]) *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(rcv, rcv_cases, rcv_case_desc);

static void sack__blocks(struct kunit *test)
{
	const typeof(rcv_cases[0]) *c = test->param_value;

	rcv_steps(test, c->steps, BENCH_IRS);
}

/* The same numbers with 2^32 among them. */
static void sack__blocks_wrap(struct kunit *test)
{
	const typeof(rcv_cases[0]) *c = test->param_value;

	rcv_steps(test, c->steps, -2000U);
}

/* Beside timestamps there is room for three. */
static void sack__three_beside_timestamps(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent out;
	u32 i;

	tcp_bench_receiver(b, BENCH_IRS);
	b->tp->tstamp_ok = 1;
	for (i = 0; i < 5; i++)
		tcp_bench_in(b, ACK, 101 + 200 * i, 1, 100, WND);
	tcp_bench_advance(b, BENCH_MS);
	KUNIT_ASSERT_TRUE(test, tcp_bench_last(b, &out));
	KUNIT_EXPECT_EQ(test, out.h.opts.num_sacks, 3);
	KUNIT_EXPECT_TRUE(test, out.h.opts.saw_tstamp);
	KUNIT_EXPECT_EQ(test, out.h.opts.sacks[0].start - b->irs, 901U);
	KUNIT_EXPECT_EQ(test, out.h.hdr_len, 20 + 12 + 4 + 3 * 8);
}

static void sack__not_agreed(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent out;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, ACK, 101, 1, 100, WND);
	tcp_bench_in(b, ACK, 101, 1, 100, WND);
	KUNIT_ASSERT_TRUE(test, tcp_bench_last(b, &out));
	KUNIT_EXPECT_EQ(test, out.h.opts.num_sacks, 0);
	KUNIT_EXPECT_EQ(test, out.h.hdr_len, 20);
}

static void sack__no_dsack(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_sysctl *ctl = &mini_tcp_mn(b->tp)->sysctl;
	struct tcp_sent out;

	tcp_bench_receiver(b, BENCH_IRS);
	ctl->tcp_dsack = 0;
	tcp_bench_in(b, ACK, 101, 1, 100, WND);
	tcp_bench_in(b, ACK, 101, 1, 100, WND);
	ctl->tcp_dsack = 1;
	KUNIT_ASSERT_TRUE(test, tcp_bench_last(b, &out));
	KUNIT_EXPECT_EQ(test, out.h.opts.num_sacks, 1);
}

/* What lies left of the window is a duplicate, too. */
static void sack__dsack_left_of_the_window(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent out;

	tcp_bench_receiver(b, BENCH_IRS);
	tcp_bench_in(b, ACK, 1, 1, 1000, WND);
	tcp_bench_in(b, ACK, 1001, 1, 1000, WND);
	tcp_bench_flush(b);
	tcp_bench_in(b, ACK, 1, 1, 500, WND);
	KUNIT_ASSERT_TRUE(test, tcp_bench_last(b, &out));
	KUNIT_ASSERT_EQ(test, out.h.opts.num_sacks, 1);
	KUNIT_EXPECT_EQ(test, out.h.opts.sacks[0].start - b->irs, 1U);
	KUNIT_EXPECT_EQ(test, out.h.opts.sacks[0].end - b->irs, 501U);
	/* A probe of one octet left of the window is none. */
	tcp_bench_in(b, ACK, 2000, 1, 0, WND);
	KUNIT_ASSERT_TRUE(test, tcp_bench_last(b, &out));
	KUNIT_EXPECT_EQ(test, out.h.opts.num_sacks, 0);
}

/*
 * Data to send while something is out of order: a short segment carries the
 * blocks, a full one leaves the ACK to follow, a large one is cut smaller.
 */
static void sack__beside_data(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent out;
	struct sk_buff *skb;

	tcp_bench_receiver(b, BENCH_IRS);
	tcp_bench_in(b, ACK, 101, 1, 100, WND);
	tcp_bench_flush(b);
	b->tp->nodelay = 1;
	tcp_bench_write(b, 100);
	KUNIT_ASSERT_TRUE(test, tcp_bench_out(b, &out));
	KUNIT_EXPECT_EQ(test, out.len, 100U);
	KUNIT_EXPECT_EQ(test, out.h.opts.num_sacks, 1);
	tcp_bench_write(b, BENCH_MSS);
	KUNIT_ASSERT_TRUE(test, tcp_bench_out(b, &out));
	KUNIT_EXPECT_EQ(test, out.len, BENCH_MSS);
	KUNIT_EXPECT_EQ(test, out.h.opts.num_sacks, 0);
	/* With an ACK due, it goes without data behind the full segment. */
	tcp_bench_write(b, 4 * BENCH_MSS);
	tcp_bench_flush(b);
	tcp_bench_in(b, ACK, 301, 1101, 100, WND);
	KUNIT_ASSERT_TRUE(test, tcp_bench_last(b, &out));
	KUNIT_EXPECT_EQ(test, out.len, 0U);
	KUNIT_EXPECT_EQ(test, out.h.opts.num_sacks, 2);

	b->tp->gso_max = 4 * BENCH_MSS;
	tcp_bench_in(b, ACK, 1, 5101, 0, WND);
	tcp_bench_flush(b);
	tcp_bench_write(b, 4 * BENCH_MSS);
	skb = skb_peek(&b->wire);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_size + 4U + 2 * 8,
			BENCH_MSS);
}

#define MAP_OCTETS	4000U

/*
 * Segments of random places and sizes, many of them twice, against a bitmap:
 * rcv_nxt and the stream are right, no block tells of what is not held, the
 * first one has what came.
 */
static void rcv_random(struct kunit *test, u32 irs)
{
	struct tcp_bench *b = test->priv;
	DECLARE_BITMAP(map, MAP_OCTETS);
	struct tcp_sent out;
	u32 nxt, i, j;

	bitmap_zero(map, MAP_OCTETS);
	tcp_bench_receiver(b, irs);
	for (i = 0; i < 1500; i++) {
		u32 seq = get_random_u32() % MAP_OCTETS;
		u32 len = 1 + get_random_u32() % 120;

		/* The first octets come last, or there would be no queue. */
		if (i < 1200 && seq < 40)
			continue;
		len = min(len, MAP_OCTETS - seq);
		bitmap_set(map, seq, len);
		tcp_bench_in(b, ACK, 1 + seq, 1, len, WND);
		nxt = find_first_zero_bit(map, MAP_OCTETS);
		KUNIT_ASSERT_EQ(test, b->tp->rcv_nxt - b->irs - 1, nxt);
		if (!tcp_bench_last(b, &out))
			continue;
		for (j = 0; j < out.h.opts.num_sacks; j++) {
			u32 s = out.h.opts.sacks[j].start - b->irs - 1;
			u32 e = out.h.opts.sacks[j].end - b->irs - 1;

			KUNIT_ASSERT_LT(test, s, e);
			KUNIT_ASSERT_LE(test, e, MAP_OCTETS);
			KUNIT_ASSERT_GE(test, find_next_zero_bit(map,
								 MAP_OCTETS, s),
					(unsigned long)e);
		}
		if (seq > nxt) {
			KUNIT_ASSERT_GE(test, out.h.opts.num_sacks, 1);
			KUNIT_ASSERT_LE(test, out.h.opts.sacks[0].start -
					b->irs - 1, seq + len);
		}
	}
	tcp_bench_in(b, ACK, 1, 1, 1000, WND);
	for (i = 0; i < MAP_OCTETS; i += 50)
		tcp_bench_in(b, ACK, 1 + i, 1, 50, WND);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&b->tp->ooo));
	KUNIT_EXPECT_PTR_EQ(test, b->tp->ooo_last, (struct sk_buff *)NULL);
	KUNIT_EXPECT_EQ(test, b->tp->num_sacks, 0);
	tcp_bench_expect_stream(b, MAP_OCTETS);
}

static void ooo__random_against_bitmap(struct kunit *test)
{
	rcv_random(test, BENCH_IRS);
}

static void ooo__random_wrap(struct kunit *test)
{
	rcv_random(test, -1500U);
}

static void delack__waits_forty_ms(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_receiver(b, BENCH_IRS);
	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	tcp_bench_advance(b, 39 * BENCH_MS);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, 1, 101, 0);
}

/* At the start, as many as half the window has segments, 16 at most. */
static void delack__quick_at_the_start(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 i;

	tcp_bench_receiver(b, BENCH_IRS);
	b->tp->ato_us = 0;
	for (i = 0; i < 16; i++) {
		tcp_bench_in(b, ACK, 1 + 100 * i, 1, 100, WND);
		TCP_EXPECT_OUT(b, ACK, 1, 101 + 100 * i, 0);
	}
	tcp_bench_in(b, ACK, 1601, 1, 100, WND);
	TCP_EXPECT_SILENCE(b);
}

static void delack__quick_after_a_pause(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_receiver(b, BENCH_IRS);
	tcp_bench_advance(b, b->tp->rto_us + BENCH_MS);
	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 101, 0);
}

static void delack__quick_after_a_duplicate(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_receiver(b, BENCH_IRS);
	b->tp->pingpong = 1;
	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 101, 0);
	tcp_bench_in(b, ACK, 101, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 201, 0);
	/* Within a round trip it was the network that doubled it. */
	b->tp->quickacks = 0;
	b->tp->rcv_rtt_us = 5 * BENCH_MS;
	tcp_bench_in(b, ACK, 101, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 201, 0);
	KUNIT_EXPECT_EQ(test, b->tp->quickacks, 0);
}

/* Who answers does not need quick ACKs: the answer brings them. */
static void delack__answers_carry_it(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 i;

	tcp_bench_receiver(b, BENCH_IRS);
	b->tp->quickacks = 16;
	tcp_bench_in(b, ACK | PSH, 1, 1, 10, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 11, 0);
	tcp_bench_write(b, 10);
	TCP_EXPECT_OUT(b, ACK, 1, 11, 10);
	for (i = 1; i < 5; i++) {
		tcp_bench_in(b, ACK | PSH, 1 + 10 * i, 1 + 10 * i, 10, WND);
		TCP_EXPECT_SILENCE(b);
		tcp_bench_write(b, 10);
		TCP_EXPECT_OUT(b, ACK, 1 + 10 * i, 11 + 10 * i, 10);
	}
	/* An answer that does not come: the timer sends the ACK. */
	tcp_bench_in(b, ACK | PSH, 51, 51, 10, WND);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 200 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, 51, 61, 0);
	KUNIT_EXPECT_EQ(test, b->tp->pingpong, 0);
}

/* A slow peer: the delay grows, below the round trip, below half a second. */
static void delack__grows_with_the_gaps(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 i;

	tcp_bench_receiver(b, BENCH_IRS);
	b->tp->srtt_us = (100 * BENCH_MS) << 3;
	b->tp->rto_us = 300 * BENCH_MS;
	for (i = 0; i < 8; i++) {
		tcp_bench_in(b, ACK, 1 + 100 * i, 1, 100, WND);
		tcp_bench_advance(b, 150 * BENCH_MS);
		tcp_bench_flush(b);
	}
	KUNIT_EXPECT_GT(test, b->tp->ato_us, (u32)(40 * BENCH_MS));
	KUNIT_EXPECT_LE(test, b->tp->ato_us, (u32)(300 * BENCH_MS));
	tcp_bench_in(b, ACK, 801, 1, 100, WND);
	tcp_bench_advance(b, 99 * BENCH_MS);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, 1, 901, 0);
}

/* MUST-40: however slow the peer, half a second is the longest. */
static void delack__never_beyond_half_a_second(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_receiver(b, BENCH_IRS);
	b->tp->srtt_us = (3000 * BENCH_MS) << 3;
	b->tp->rto_us = 6000 * BENCH_MS;
	b->tp->ato_us = 400 * BENCH_MS;
	/* A rhythm that leaves the delay as it is. */
	b->tp->last_data_rcv = b->now - USEC_PER_SEC;
	tcp_bench_in(b, ACK, 1, 1, BENCH_MSS, WND);
	tcp_bench_advance(b, 399 * BENCH_MS);
	TCP_EXPECT_SILENCE(b);
	/* An ACK by the timer doubles it, but for this limit. */
	tcp_bench_advance(b, 1 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, 1, 1 + BENCH_MSS, 0);
	KUNIT_EXPECT_EQ(test, b->tp->ato_us, (u32)(500 * BENCH_MS));
}

static void delack__hole_and_its_end_at_once(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_receiver(b, BENCH_IRS);
	tcp_bench_in(b, ACK, 101, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 0);
	tcp_bench_in(b, ACK, 1, 1, 50, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 51, 0);
	tcp_bench_in(b, ACK, 51, 1, 50, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 201, 0);
	/* Where data is lost, ACKs are: the next are not held back. */
	tcp_bench_in(b, ACK, 201, 1, 50, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 251, 0);
}

/* A full segment after more than a round trip may be a loss probe. */
static void delack__probe_answered_at_once(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 len, n;

	tcp_bench_receiver(b, BENCH_IRS);
	len = b->tp->rcv_mss;
	b->tp->rcv_rtt_us = 5 * BENCH_MS;
	b->tp->last_data_rcv = b->now;
	for (n = 0; n < 3; n++) {
		/* A short one, a full one soon after, a full one alone. */
		u32 cut = n ? 0 : 100;

		tcp_bench_advance(b, n < 2 ? 9 * BENCH_MS : 11 * BENCH_MS);
		tcp_bench_in(b, ACK, b->tp->rcv_nxt - BENCH_IRS, 1, len - cut,
			     WND);
		if (n < 2) {
			TCP_EXPECT_SILENCE(b);
			b->tp->last_ack_sent = b->tp->rcv_nxt;
		}
	}
	TCP_EXPECT_OUT(b, ACK, 1, b->tp->rcv_nxt - BENCH_IRS, 0);
}

/* The first three leave at once, then one speaks for all of 50 us. */
static void delack__beyond_a_hole_compressed(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent out;
	u32 seq = 1 + BENCH_MSS;
	int i;

	tcp_bench_receiver(b, BENCH_IRS);
	b->tp->rcv_rtt_us = BENCH_MS;
	b->tp->srtt_us = 0;
	for (i = 0; i < 3; i++, seq += BENCH_MSS) {
		tcp_bench_in(b, ACK, seq, 1, BENCH_MSS, WND);
		TCP_EXPECT_OUT(b, ACK, 1, 1, 0);
	}
	for (i = 0; i < 4; i++, seq += BENCH_MSS)
		tcp_bench_in(b, ACK, seq, 1, BENCH_MSS, WND);
	tcp_bench_advance(b, 49);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1);
	KUNIT_ASSERT_TRUE(test, tcp_bench_out(b, &out));
	KUNIT_EXPECT_EQ(test, out.h.opts.sacks[0].end - b->irs, seq);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 50 * BENCH_MS);
	TCP_EXPECT_SILENCE(b);

	/* What closes the hole waits for nothing, and leaves no timer. */
	tcp_bench_in(b, ACK, seq, 1, BENCH_MSS, WND);
	TCP_EXPECT_SILENCE(b);
	seq += BENCH_MSS;
	tcp_bench_in(b, ACK, 1, 1, BENCH_MSS, WND);
	TCP_EXPECT_OUT(b, ACK, 1, seq, 0);
	KUNIT_EXPECT_EQ(test, b->tp->deadline[MINI_TCP_T_COMP], 0ULL);

	/* No more than so many; and not for a sender that counts. */
	mini_tcp_mn(b->tp)->sysctl.tcp_comp_sack_nr = 2;
	seq += BENCH_MSS;
	for (i = 0; i < 6; i++, seq += BENCH_MSS)
		tcp_bench_in(b, ACK, seq, 1, BENCH_MSS, WND);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&b->wire), 4U);
	mini_tcp_mn(b->tp)->sysctl.tcp_comp_sack_nr = 44;
	tcp_bench_flush(b);
	b->tp->sack_ok = 0;
	b->tp->num_sacks = 0;
	for (i = 0; i < 3; i++, seq += BENCH_MSS)
		tcp_bench_in(b, ACK, seq, 1, BENCH_MSS, WND);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&b->wire), 3U);
}

/* Segments joined on the way in count as what they were. */
static void delack__mss_of_super_segments(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct sk_buff *skb = alloc_skb(8000, GFP_KERNEL);
	struct mini_wire_tcp h;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	tcp_bench_receiver(b, BENCH_IRS);
	skb_put_zero(skb, 8000);
	skb_shinfo(skb)->gso_size = 1400;
	h = tcp_bench_header(b, ACK, 1, 1);
	tcp_bench_in_skb(b, &h, skb);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_mss, 1400U);
	TCP_EXPECT_OUT(b, ACK, 1, 8001, 0);
	/* A path with smaller segments: two of a size say so. */
	tcp_bench_in(b, ACK, 8001, 1, 700, WND);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_mss, 1400U);
	tcp_bench_in(b, ACK, 8701, 1, 700, WND);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_mss, 700U);
	/* Ends of what was written do not. */
	tcp_bench_in(b, ACK | PSH, 9401, 1, 60, WND);
	tcp_bench_in(b, ACK | PSH, 9461, 1, 60, WND);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_mss, 700U);
}

static void delack__quickack_option(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_receiver(b, BENCH_IRS);
	lock_sock(&b->tp->ms.sk);
	b->tp->quickacks = 4;
	mini_tcp_set_quickack(b->tp, 0, b->now);
	release_sock(&b->tp->ms.sk);
	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	TCP_EXPECT_SILENCE(b);
	lock_sock(&b->tp->ms.sk);
	mini_tcp_set_quickack(b->tp, 1, b->now);
	release_sock(&b->tp->ms.sk);
	TCP_EXPECT_OUT(b, ACK, 1, 101, 0);
	tcp_bench_in(b, ACK, 101, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 201, 0);
	lock_sock(&b->tp->ms.sk);
	mini_tcp_set_quickack(b->tp, 2, b->now);
	release_sock(&b->tp->ms.sk);
	KUNIT_EXPECT_EQ(test, b->tp->pingpong, 1);
}

#define TSVAL	0xffffff00U	/* ts_recent: about to wrap */

/* RFC 7323 section 5.3, R1 to R3, and section 4.3, what is echoed. */
static const struct {
	const char *name;
	u8 flags;
	u32 seq;		/* relative; 1001 is next, 1 was acknowledged */
	u32 len;
	u32 tsval;
	bool tstamp;
	u32 idle_days;
	bool taken;
	u32 recent;		/* afterwards */
} paws_cases[] = {
	{ "the same", ACK, 1001, 10, TSVAL, true, 0, true, TSVAL },
	{ "newer", ACK, 1001, 10, TSVAL + 1, true, 0, true, TSVAL + 1 },
	{ "newer, wrapped", ACK, 1001, 10, 0x10, true, 0, true, 0x10 },
	{ "older", ACK, 1001, 10, TSVAL - 1, true, 0, false, TSVAL },
	{ "half a circle older", ACK, 1001, 10, TSVAL + 0x80000001, true, 0,
	  false, TSVAL },
	{ "older, after 23 days", ACK, 1001, 10, TSVAL - 1, true, 23, false,
	  TSVAL },
	{ "older, after 25 days", ACK, 1001, 10, TSVAL - 1, true, 25, true,
	  TSVAL - 1 },
	{ "newer, beyond a hole", ACK, 1101, 10, TSVAL + 5, true, 0, false,
	  TSVAL },
	{ "none", ACK, 1001, 10, 0, false, 0, true, TSVAL },
	{ "older, with RST", MINI_TCP_RST, 1001, 0, TSVAL - 1, true, 0, true,
	  TSVAL },
};

static void paws_desc(const typeof(paws_cases[0]) *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(paws, paws_cases, paws_desc);

static void paws__table(struct kunit *test)
{
	const typeof(paws_cases[0]) *c = test->param_value;
	struct tcp_bench *b = test->priv;
	struct mini_wire_tcp h;

	tcp_bench_receiver(b, BENCH_IRS);
	tcp_bench_in(b, ACK, 1, 1, 1000, WND);
	tcp_bench_advance(b, 50 * BENCH_MS);
	b->tp->tstamp_ok = 1;
	b->tp->ts_recent = TSVAL;
	b->tp->ts_recent_time = b->now;
	tcp_bench_advance(b, c->idle_days * 24ULL * 3600 * USEC_PER_SEC);
	tcp_bench_flush(b);
	h = tcp_bench_header(b, c->flags, c->seq, 1);
	if (c->tstamp)
		tcp_bench_stamp(b, &h, c->tsval, b->now);
	tcp_bench_in_h(b, &h, c->len);
	KUNIT_EXPECT_EQ(test, b->tp->ts_recent, c->recent);
	if (c->flags & MINI_TCP_RST)
		TCP_EXPECT_STATE(b, TCP_CLOSE);
	else
		KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs,
				c->taken ? c->seq + c->len : 1001);
	if (!c->taken)
		TCP_EXPECT_OUT(b, ACK, 1, 1001, 0);
}

static struct kunit_case tcp_receive_cases[] = {
	KUNIT_CASE_PARAM(sack__blocks, rcv_gen_params),
	KUNIT_CASE_PARAM(sack__blocks_wrap, rcv_gen_params),
	KUNIT_CASE(sack__three_beside_timestamps),
	KUNIT_CASE(sack__not_agreed),
	KUNIT_CASE(sack__no_dsack),
	KUNIT_CASE(sack__dsack_left_of_the_window),
	KUNIT_CASE(sack__beside_data),
	KUNIT_CASE(ooo__random_against_bitmap),
	KUNIT_CASE(ooo__random_wrap),
	KUNIT_CASE(delack__waits_forty_ms),
	KUNIT_CASE(delack__quick_at_the_start),
	KUNIT_CASE(delack__quick_after_a_pause),
	KUNIT_CASE(delack__quick_after_a_duplicate),
	KUNIT_CASE(delack__answers_carry_it),
	KUNIT_CASE(delack__grows_with_the_gaps),
	KUNIT_CASE(delack__never_beyond_half_a_second),
	KUNIT_CASE(delack__hole_and_its_end_at_once),
	KUNIT_CASE(delack__probe_answered_at_once),
	KUNIT_CASE(delack__beyond_a_hole_compressed),
	KUNIT_CASE(delack__mss_of_super_segments),
	KUNIT_CASE(delack__quickack_option),
	KUNIT_CASE_PARAM(paws__table, paws_gen_params),
	{}
};

struct kunit_suite mini_tcp_receive_test_suite = {
	.name = "mini_tcp_receive",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_receive_cases,
};
