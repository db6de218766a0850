// SPDX-License-Identifier: GPL-2.0
/*
 * The receiving side, on a clock and a wire of the test's own: SACK and D-SACK
 * blocks (RFC 2018, 2883), the out-of-order queue against a plain bitmap, what
 * received data costs, when it is acknowledged, PAWS (RFC 7323), the window.
 */
#include <linux/random.h>

#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define PSH	MINI_TCP_PSH
#define WND	60000
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

static void rcv_established(struct tcp_bench *b, u32 irs)
{
	tcp_bench_established(b, BENCH_ISS, irs);
	b->tp->sack_ok = 1;
}

/* The last segment sent, the others are dropped; false: none. */
static bool rcv_last(struct tcp_bench *b, struct tcp_sent *s)
{
	bool any = false;

	while (tcp_bench_out(b, s))
		any = true;
	return any;
}

static void rcv_steps(struct kunit *test, const struct rcv_step *s, u32 irs)
{
	struct tcp_bench *b = test->priv;
	u32 base = irs + 1;
	struct tcp_sent out;
	int i;

	rcv_established(b, irs);
	for (; s->end; s++) {
		tcp_bench_in(b, ACK, s->seq - 5000 + 1, 1, s->end - s->seq,
			     WND);
		tcp_bench_advance(b, 50 * BENCH_MS);
		KUNIT_ASSERT_TRUE(test, rcv_last(b, &out));
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

	rcv_established(b, BENCH_IRS);
	b->tp->tstamp_ok = 1;
	for (i = 0; i < 5; i++)
		tcp_bench_in(b, ACK, 101 + 200 * i, 1, 100, WND);
	tcp_bench_advance(b, BENCH_MS);
	KUNIT_ASSERT_TRUE(test, rcv_last(b, &out));
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
	KUNIT_ASSERT_TRUE(test, rcv_last(b, &out));
	KUNIT_EXPECT_EQ(test, out.h.opts.num_sacks, 0);
	KUNIT_EXPECT_EQ(test, out.h.hdr_len, 20);
}

static void sack__no_dsack(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_sysctl *ctl = &mini_tcp_mn(b->tp)->sysctl;
	struct tcp_sent out;

	rcv_established(b, BENCH_IRS);
	ctl->tcp_dsack = 0;
	tcp_bench_in(b, ACK, 101, 1, 100, WND);
	tcp_bench_in(b, ACK, 101, 1, 100, WND);
	ctl->tcp_dsack = 1;
	KUNIT_ASSERT_TRUE(test, rcv_last(b, &out));
	KUNIT_EXPECT_EQ(test, out.h.opts.num_sacks, 1);
}

/* What lies left of the window is a duplicate, too. */
static void sack__dsack_left_of_the_window(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent out;

	rcv_established(b, BENCH_IRS);
	tcp_bench_in(b, ACK, 1, 1, 1000, WND);
	tcp_bench_in(b, ACK, 1001, 1, 1000, WND);
	tcp_bench_flush(b);
	tcp_bench_in(b, ACK, 1, 1, 500, WND);
	KUNIT_ASSERT_TRUE(test, rcv_last(b, &out));
	KUNIT_ASSERT_EQ(test, out.h.opts.num_sacks, 1);
	KUNIT_EXPECT_EQ(test, out.h.opts.sacks[0].start - b->irs, 1U);
	KUNIT_EXPECT_EQ(test, out.h.opts.sacks[0].end - b->irs, 501U);
	/* A probe of one octet left of the window is none. */
	tcp_bench_in(b, ACK, 2000, 1, 0, WND);
	KUNIT_ASSERT_TRUE(test, rcv_last(b, &out));
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

	rcv_established(b, BENCH_IRS);
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
	KUNIT_ASSERT_TRUE(test, rcv_last(b, &out));
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
	rcv_established(b, irs);
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
		if (!rcv_last(b, &out))
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

/* A segment of @len octets that costs a page for each. */
static void rcv_wasteful(struct tcp_bench *b, u32 seq, u32 len)
{
	struct mini_wire_tcp h = {
		.seq = b->irs + seq,
		.ack = b->tp->iss + 1,
		.window = WND,
		.flags = ACK,
		.hdr_len = 20,
	};
	struct sk_buff *skb = alloc_skb(0, GFP_KERNEL);
	struct page *page = alloc_page(GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(b->test, skb);
	KUNIT_ASSERT_NOT_NULL(b->test, page);
	for (i = 0; i < len; i++)
		((u8 *)page_address(page))[i] = seq + i;
	skb_add_rx_frag(skb, 0, page, 0, len, PAGE_SIZE);
	lock_sock(&b->tp->ms.sk);
	mini_tcp_rcv(b->tp, skb, &h, b->now);
	release_sock(&b->tp->ms.sk);
}

/* A window of 8 KB, half of the buffer, as at the start of every connection. */
static u32 rcv_small_buffer(struct tcp_bench *b)
{
	rcv_established(b, BENCH_IRS);
	b->tp->ms.sk.sk_rcvbuf = SZ_16K;
	b->tp->rcv_wnd = SZ_8K;
	return SZ_8K;
}

/* No queue holds more than the buffer and one segment more. */
static void rcv_expect_bounded(struct tcp_bench *b)
{
	struct sock *sk = &b->tp->ms.sk;

	KUNIT_ASSERT_LE(b->test, atomic_read(&sk->sk_rmem_alloc),
			sk->sk_rcvbuf + (int)PAGE_SIZE + SZ_1K);
}

/* Nothing beyond what waits out of order is told of. */
static void rcv_expect_queued(struct tcp_bench *b, u32 end)
{
	const struct sk_buff *last = b->tp->ooo_last;

	if (last)
		KUNIT_ASSERT_FALSE(b->test,
				   seq_after(end, mini_tcp_cb(last)->end_seq));
}

/* Octets one by one fill a window: all are taken, at the price of a buffer. */
static void memory__small_segments_in_order(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 wnd, i;

	wnd = rcv_small_buffer(b);
	for (i = 0; i < wnd; i++) {
		rcv_wasteful(b, 1 + i, 1);
		rcv_expect_bounded(b);
		tcp_bench_flush(b);
	}
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 1 + wnd);
	tcp_bench_expect_stream(b, wnd);
	kunit_info(test, "%u octets of window cost %d of memory", wnd,
		   atomic_read(&b->tp->ms.sk.sk_rmem_alloc));
}

/* The same behind a hole; then it is filled. */
static void memory__small_segments_out_of_order(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 wnd, i;

	wnd = rcv_small_buffer(b);
	for (i = wnd - 1; i > 0; i--) {
		rcv_wasteful(b, 1 + i, 1);
		rcv_expect_bounded(b);
		tcp_bench_flush(b);
	}
	rcv_wasteful(b, 1, 1);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 1 + wnd);
	tcp_bench_expect_stream(b, wnd);
}

/*
 * Islands that cannot be joined: the farthest go, no block tells of them any
 * longer, and what is in order is still taken.
 */
static void memory__islands_are_pruned(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent out;
	u32 seq, i, j;

	/* From the far end: each is nearer than what is held. */
	for (seq = rcv_small_buffer(b) - 1; seq > 1; seq -= 2) {
		rcv_wasteful(b, seq, 1);
		rcv_expect_bounded(b);
		tcp_bench_advance(b, BENCH_MS);
		KUNIT_ASSERT_TRUE(test, rcv_last(b, &out));
		for (j = 0; j < out.h.opts.num_sacks; j++)
			rcv_expect_queued(b, out.h.opts.sacks[j].end);
	}
	KUNIT_EXPECT_FALSE(test, RB_EMPTY_ROOT(&b->tp->ooo));
	/* The nearest octet was never given up. */
	KUNIT_EXPECT_EQ(test, mini_tcp_cb(skb_rb_first(&b->tp->ooo))->seq -
			b->irs, 3U);
	for (i = 0; i < 8; i++)
		tcp_bench_in(b, ACK, 1 + i * 1000, 1, 1000, WND);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 8001U);
	rcv_expect_bounded(b);
}

/* What comes farther than all that is held does not push that out. */
static void memory__farthest_is_refused(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct sk_buff *last;
	u32 i;

	rcv_small_buffer(b);
	for (i = 2; i < 200; i += 2)
		rcv_wasteful(b, 1 + i, 1);
	last = b->tp->ooo_last;
	tcp_bench_flush(b);
	rcv_wasteful(b, 5001, 1);
	KUNIT_EXPECT_PTR_EQ(test, b->tp->ooo_last, last);
	KUNIT_EXPECT_EQ(test, mini_tcp_cb(skb_rb_first(&b->tp->ooo))->seq -
			b->irs, 3U);
}

static void delack__waits_forty_ms(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	rcv_established(b, BENCH_IRS);
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

	rcv_established(b, BENCH_IRS);
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

	rcv_established(b, BENCH_IRS);
	tcp_bench_advance(b, b->tp->rto_us + BENCH_MS);
	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 101, 0);
}

static void delack__quick_after_a_duplicate(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	rcv_established(b, BENCH_IRS);
	b->tp->pingpong = 1;
	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 101, 0);
	tcp_bench_in(b, ACK, 101, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 201, 0);
}

/* Who answers does not need quick ACKs: the answer brings them. */
static void delack__answers_carry_it(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 i;

	rcv_established(b, BENCH_IRS);
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

	rcv_established(b, BENCH_IRS);
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

static void delack__hole_and_its_end_at_once(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	rcv_established(b, BENCH_IRS);
	tcp_bench_in(b, ACK, 101, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 0);
	tcp_bench_in(b, ACK, 1, 1, 50, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 51, 0);
	tcp_bench_in(b, ACK, 51, 1, 50, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 201, 0);
	tcp_bench_in(b, ACK, 201, 1, 50, WND);
	TCP_EXPECT_SILENCE(b);
}

/* The first three leave at once, then one speaks for all of 50 us. */
static void delack__beyond_a_hole_compressed(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent out;
	u32 seq = 1 + BENCH_MSS;
	int i;

	rcv_established(b, BENCH_IRS);
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
	struct mini_wire_tcp h = {
		.seq = BENCH_IRS + 1, .ack = BENCH_ISS + 1, .window = WND,
		.flags = ACK, .hdr_len = 20,
	};
	struct sk_buff *skb = alloc_skb(8000, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	rcv_established(b, BENCH_IRS);
	skb_put_zero(skb, 8000);
	skb_shinfo(skb)->gso_size = 1400;
	lock_sock(&b->tp->ms.sk);
	mini_tcp_rcv(b->tp, skb, &h, b->now);
	release_sock(&b->tp->ms.sk);
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

	rcv_established(b, BENCH_IRS);
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
	struct mini_wire_tcp h = {
		.ack = BENCH_ISS + 1, .window = WND, .hdr_len = 32,
	};

	rcv_established(b, BENCH_IRS);
	tcp_bench_in(b, ACK, 1, 1, 1000, WND);
	tcp_bench_advance(b, 50 * BENCH_MS);
	b->tp->tstamp_ok = 1;
	b->tp->ts_recent = TSVAL;
	b->tp->ts_recent_time = b->now;
	tcp_bench_advance(b, c->idle_days * 24ULL * 3600 * USEC_PER_SEC);
	tcp_bench_flush(b);
	h.flags = c->flags;
	h.seq = b->irs + c->seq;
	h.opts.saw_tstamp = c->tstamp;
	h.opts.tsval = c->tsval;
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

/* The program reads @len octets. */
static void rcv_read(struct tcp_bench *b, u32 len)
{
	struct mini_tcp_sock *tp = b->tp;
	struct sock *sk = &tp->ms.sk;
	struct sk_buff *skb;

	lock_sock(sk);
	tp->copied_seq += len;
	while ((skb = skb_peek(&sk->sk_receive_queue)) != NULL &&
	       seq_leq(mini_tcp_cb(skb)->end_seq, tp->copied_seq)) {
		__skb_unlink(skb, &sk->sk_receive_queue);
		kfree_skb(skb);
	}
	mini_tcp_rcv_tune(tp, b->now);
	mini_tcp_ack_read(tp, len, b->now);
	release_sock(sk);
}

/* RFC 9293 3.8.6.2.2: a shut window opens by a segment or half, not sooner. */
static void window__no_silly_one(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent out;
	u32 wnd, seq = 1;

	rcv_established(b, BENCH_IRS);
	b->tp->ms.sk.sk_userlocks |= SOCK_RCVBUF_LOCK;
	while ((wnd = mini_tcp_rcv_wnd(b->tp)) != 0) {
		u32 len = min(wnd, BENCH_MSS);

		tcp_bench_in(b, ACK, seq, 1, len, WND);
		tcp_bench_advance(b, 50 * BENCH_MS);
		seq += len;
	}
	KUNIT_ASSERT_TRUE(test, rcv_last(b, &out));
	KUNIT_EXPECT_EQ(test, out.h.window, 0);
	rcv_read(b, 100);
	TCP_EXPECT_SILENCE(b);
	rcv_read(b, 10 * BENCH_MSS);
	KUNIT_ASSERT_TRUE(test, rcv_last(b, &out));
	KUNIT_EXPECT_GE(test, out.h.window, BENCH_MSS);
}

/* The window is never what limits a sender in slow start that is read. */
static void window__follows_slow_start(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 cwnd = 10 * BENCH_MSS;
	u32 seq = 1, sent;
	u32 max = mini_tcp_mn(b->tp)->sysctl.tcp_rmem[2];

	rcv_established(b, BENCH_IRS);
	b->tp->rcv_wscale = 7;
	b->tp->rcv_rtt_us = 100 * BENCH_MS;
	mini_tcp_rcv_tune_start(b->tp, b->now);
	while (cwnd < max / 2) {
		KUNIT_ASSERT_GE(test, mini_tcp_full_space(&b->tp->ms.sk), cwnd);
		tcp_bench_advance(b, 100 * BENCH_MS);
		for (sent = 0; sent < cwnd; sent += BENCH_MSS, seq += BENCH_MSS) {
			tcp_bench_in(b, ACK, seq, 1, BENCH_MSS, WND);
			rcv_read(b, BENCH_MSS);
		}
		tcp_bench_flush(b);
		KUNIT_ASSERT_EQ(test, b->tp->rcv_nxt - b->irs, seq);
		cwnd *= 2;
	}
	KUNIT_EXPECT_LE(test, b->tp->ms.sk.sk_rcvbuf, (int)max);
}

/* Nothing grows for a program that said how much it wants. */
static void window__sockbuf_lock(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct sock *sk = &b->tp->ms.sk;
	int before = sk->sk_rcvbuf;
	u32 i;

	rcv_established(b, BENCH_IRS);
	sk->sk_userlocks |= SOCK_RCVBUF_LOCK;
	b->tp->rcv_rtt_us = BENCH_MS;
	for (i = 0; i < 200; i++) {
		tcp_bench_in(b, ACK, 1 + i * BENCH_MSS, 1, BENCH_MSS, WND);
		b->now += 100;
		rcv_read(b, BENCH_MSS);
	}
	KUNIT_EXPECT_EQ(test, sk->sk_rcvbuf, before);
}

static void window__clamp(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent out;

	KUNIT_EXPECT_EQ(test, mini_tcp_set_window_clamp(b->tp, 5000), 0);
	rcv_established(b, BENCH_IRS);
	b->tp->rcv_wnd = 5000;
	tcp_bench_in(b, ACK, 1, 1, 1000, WND);
	rcv_read(b, 1000);
	tcp_bench_advance(b, 50 * BENCH_MS);
	KUNIT_ASSERT_TRUE(test, rcv_last(b, &out));
	KUNIT_EXPECT_EQ(test, out.h.window, 5000);
	KUNIT_EXPECT_EQ(test, mini_tcp_set_window_clamp(b->tp, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mini_tcp_set_window_clamp(b->tp, 1), 0);
	KUNIT_EXPECT_EQ(test, b->tp->window_clamp, (u32)SOCK_MIN_RCVBUF / 2);
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
	KUNIT_CASE(memory__small_segments_in_order),
	KUNIT_CASE(memory__small_segments_out_of_order),
	KUNIT_CASE(memory__islands_are_pruned),
	KUNIT_CASE(memory__farthest_is_refused),
	KUNIT_CASE(delack__waits_forty_ms),
	KUNIT_CASE(delack__quick_at_the_start),
	KUNIT_CASE(delack__quick_after_a_pause),
	KUNIT_CASE(delack__quick_after_a_duplicate),
	KUNIT_CASE(delack__answers_carry_it),
	KUNIT_CASE(delack__grows_with_the_gaps),
	KUNIT_CASE(delack__hole_and_its_end_at_once),
	KUNIT_CASE(delack__beyond_a_hole_compressed),
	KUNIT_CASE(delack__mss_of_super_segments),
	KUNIT_CASE(delack__quickack_option),
	KUNIT_CASE_PARAM(paws__table, paws_gen_params),
	KUNIT_CASE(window__no_silly_one),
	KUNIT_CASE(window__follows_slow_start),
	KUNIT_CASE(window__sockbuf_lock),
	KUNIT_CASE(window__clamp),
	{}
};

struct kunit_suite mini_tcp_receive_test_suite = {
	.name = "mini_tcp_receive",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_receive_cases,
};
