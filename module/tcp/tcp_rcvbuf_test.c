// SPDX-License-Identifier: GPL-2.0
/*
 * The receive buffer, on a clock and a wire of the test's own: what received
 * data costs and what is given up for it, the window that is offered, and what
 * is left of both when all of TCP is short of memory.
 */
#include "../ip/host_test.h"
#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define WND	BENCH_WND

/* A segment of @len octets that costs a page for each. */
static void rcv_wasteful(struct tcp_bench *b, u32 seq, u32 len)
{
	struct mini_wire_tcp h = tcp_bench_header(b, ACK, seq, 1);
	struct sk_buff *skb = alloc_skb(0, GFP_KERNEL);
	struct page *page = alloc_page(GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(b->test, skb);
	KUNIT_ASSERT_NOT_NULL(b->test, page);
	for (i = 0; i < len; i++)
		((u8 *)page_address(page))[i] = seq + i;
	skb_add_rx_frag(skb, 0, page, 0, len, PAGE_SIZE);
	tcp_bench_in_skb(b, &h, skb);
}

/* A window of 8 KB, half of the buffer, as at the start of every connection. */
static u32 rcv_small_buffer(struct tcp_bench *b)
{
	tcp_bench_receiver(b, BENCH_IRS);
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
		KUNIT_ASSERT_TRUE(test, tcp_bench_last(b, &out));
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

/* Islands of one octet and little waste: @from and every second one below. */
static void rcv_islands(struct tcp_bench *b, u32 from)
{
	struct mini_net *mn = mini_tcp_mn(b->tp);
	u64 pruned = mini_test_event(mn, MINI_MIB_TCP_RCV_PRUNED);
	u32 seq = from;

	while (mini_test_event(mn, MINI_MIB_TCP_RCV_PRUNED) == pruned) {
		KUNIT_ASSERT_GT(b->test, seq, 1000U);
		tcp_bench_in(b, ACK, seq, 1, 1, WND);
		seq -= 2;
	}
}

/* What could not be made denser is not walked through for each segment. */
static void memory__dense_is_left_alone(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_net *mn = mini_tcp_mn(b->tp);
	u64 collapsed;

	rcv_small_buffer(b);
	rcv_islands(b, 8001);
	KUNIT_ASSERT_EQ(test, b->tp->dense, 1);
	collapsed = mini_test_event(mn, MINI_MIB_TCP_RCV_COLLAPSED);
	rcv_wasteful(b, 501, 1);
	rcv_wasteful(b, 401, 1);
	rcv_wasteful(b, 301, 1);
	KUNIT_EXPECT_EQ(test, collapsed,
			mini_test_event(mn, MINI_MIB_TCP_RCV_COLLAPSED));
	rcv_expect_bounded(b);
	/* Something in order came: it is worth another look. */
	tcp_bench_in(b, ACK, 1, 1, 1, WND);
	rcv_wasteful(b, 201, 1);
	rcv_wasteful(b, 101, 1);
	KUNIT_EXPECT_GT(test,
			mini_test_event(mn, MINI_MIB_TCP_RCV_COLLAPSED),
			collapsed);
}

/* However large the next segment is: a queue that holds nothing takes it. */
static void memory__empty_takes_a_huge_one(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct sock *sk = &b->tp->ms.sk;

	rcv_small_buffer(b);
	/* What a driver still holds is charged, too. */
	atomic_add(sk->sk_rcvbuf + 1, &sk->sk_rmem_alloc);
	tcp_bench_in(b, ACK, 1, 1, 1000, WND);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 1001U);
	/* It holds something now. */
	tcp_bench_in(b, ACK, 1001, 1, 1000, WND);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 1001U);
	atomic_sub(sk->sk_rcvbuf + 1, &sk->sk_rmem_alloc);
	tcp_bench_in(b, ACK, 1001, 1, 1000, WND);
	tcp_bench_expect_stream(b, 2000);
}

/*
 * The program has just read and is about to read again: the ACK of two segments
 * waits for it.
 */
static void delack__at_the_reading(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_receiver(b, BENCH_IRS);
	b->tp->last_read = b->now;
	tcp_bench_in(b, ACK, 1, 1, BENCH_MSS, WND);
	tcp_bench_in(b, ACK, 1 + BENCH_MSS, 1, BENCH_MSS, WND);
	TCP_EXPECT_SILENCE(b);
	/* All but an octet: it is the data that asks, not its end. */
	rcv_read(b, 2 * BENCH_MSS - 1);
	TCP_EXPECT_OUT(b, ACK, 1, 1 + 2 * BENCH_MSS, 0);
}

/* But a sender whose window is half used up is not kept waiting. */
static void delack__half_a_window_is_enough(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 half, seq;

	tcp_bench_receiver(b, BENCH_IRS);
	b->tp->last_read = b->now;
	half = b->tp->rcv_wnd / 2;
	for (seq = 1; seq + BENCH_MSS <= 1 + half; seq += BENCH_MSS) {
		tcp_bench_in(b, ACK, seq, 1, BENCH_MSS, WND);
		TCP_EXPECT_SILENCE(b);
	}
	tcp_bench_in(b, ACK, seq, 1, BENCH_MSS, WND);
	TCP_EXPECT_OUT(b, ACK, 1, seq + BENCH_MSS, 0);
}

/* RFC 9293 3.8.6.2.2: a shut window opens by a segment or half, not sooner. */
static void window__no_silly_one(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent out;
	u32 wnd, seq = 1;

	tcp_bench_receiver(b, BENCH_IRS);
	b->tp->ms.sk.sk_userlocks |= SOCK_RCVBUF_LOCK;
	while ((wnd = mini_tcp_rcv_wnd(b->tp)) != 0) {
		u32 len = min(wnd, BENCH_MSS);

		tcp_bench_in(b, ACK, seq, 1, len, WND);
		tcp_bench_advance(b, 50 * BENCH_MS);
		seq += len;
	}
	KUNIT_ASSERT_TRUE(test, tcp_bench_last(b, &out));
	KUNIT_EXPECT_EQ(test, out.h.window, 0);
	rcv_read(b, 100);
	TCP_EXPECT_SILENCE(b);
	rcv_read(b, 10 * BENCH_MSS);
	KUNIT_ASSERT_TRUE(test, tcp_bench_last(b, &out));
	KUNIT_EXPECT_GE(test, out.h.window, BENCH_MSS);
}

/* The window is never what limits a sender in slow start that is read. */
static void window__follows_slow_start(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 cwnd = 10 * BENCH_MSS;
	u32 seq = 1, sent;
	u32 max = mini_tcp_mn(b->tp)->sysctl.tcp_rmem[2];

	tcp_bench_receiver(b, BENCH_IRS);
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

	tcp_bench_receiver(b, BENCH_IRS);
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
	tcp_bench_receiver(b, BENCH_IRS);
	b->tp->rcv_wnd = 5000;
	tcp_bench_in(b, ACK, 1, 1, 1000, WND);
	rcv_read(b, 1000);
	tcp_bench_advance(b, 50 * BENCH_MS);
	KUNIT_ASSERT_TRUE(test, tcp_bench_last(b, &out));
	KUNIT_EXPECT_EQ(test, out.h.window, 5000);
	KUNIT_EXPECT_EQ(test, mini_tcp_set_window_clamp(b->tp, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mini_tcp_set_window_clamp(b->tp, 1), 0);
	KUNIT_EXPECT_EQ(test, b->tp->window_clamp, (u32)SOCK_MIN_RCVBUF / 2);
}

#define PRESSURE_PAGES	1000	/* that others hold */

/* net.mini.tcp_mem: so many pages are short, so many are all there is. */
static void pressure_set(struct tcp_bench *b, unsigned long pressure,
			 unsigned long limit)
{
	const unsigned long mem[3] = { pressure, pressure, limit };
	struct sock *sk = &b->tp->ms.sk;

	mini_tcp_mem_set(mem);
	if (pressure < PRESSURE_PAGES)
		sk->sk_prot->enter_memory_pressure(sk);
	else
		sk->sk_prot->leave_memory_pressure(sk);
}

struct pressure {
	struct proto *prot;
	unsigned long mem[3];
};

static void pressure_restore(void *arg)
{
	struct pressure *was = arg;

	atomic_long_sub(PRESSURE_PAGES, was->prot->memory_allocated);
	mini_tcp_mem_set(was->mem);
	was->prot->leave_memory_pressure(NULL);
}

/* What the test changes ends with it, however it ends. */
static void pressure_start(struct kunit *test)
{
	struct pressure *was = kunit_kzalloc(test, sizeof(*was), GFP_KERNEL);
	struct tcp_bench *b = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, was);
	was->prot = b->tp->ms.sk.sk_prot;
	mini_tcp_mem_get(was->mem);
	atomic_long_add(PRESSURE_PAGES, was->prot->memory_allocated);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, pressure_restore,
							was), 0);
}

/* Memory is short: four segments of window, but nothing is taken back. */
static void pressure__small_window(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;
	u32 seq = 1, edge, i;

	tcp_bench_receiver(b, BENCH_IRS);
	pressure_start(test);
	edge = tp->rcv_nxt + mini_tcp_rcv_wnd(tp);
	pressure_set(b, PRESSURE_PAGES / 2, LONG_MAX);
	for (i = 0; i < 70; i++, seq += BENCH_MSS) {
		tcp_bench_in(b, ACK, seq, 1, BENCH_MSS, WND);
		rcv_read(b, BENCH_MSS);
		tcp_bench_advance(b, 50 * BENCH_MS);
		KUNIT_ASSERT_TRUE(test, mini_tcp_memory_low());
		KUNIT_ASSERT_FALSE(test, seq_before(tp->rcv_nxt +
						    mini_tcp_rcv_wnd(tp), edge));
		edge = tp->rcv_nxt + mini_tcp_rcv_wnd(tp);
	}
	KUNIT_EXPECT_EQ(test, mini_tcp_rcv_wnd(tp), 4 * BENCH_MSS);
	/* It is over. */
	pressure_set(b, LONG_MAX, LONG_MAX);
	tcp_bench_in(b, ACK, seq, 1, BENCH_MSS, WND);
	rcv_read(b, BENCH_MSS);
	tcp_bench_advance(b, 50 * BENCH_MS);
	KUNIT_EXPECT_GT(test, mini_tcp_rcv_wnd(tp), 10 * BENCH_MSS);
}

/* The same round trips with and without: only then do buffers grow. */
static void pressure__buffers_stay(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;
	struct sock *sk = &tp->ms.sk;
	u32 seq = 1, ack = 1;
	int rcvbuf, sndbuf, round, i;

	tcp_bench_receiver(b, BENCH_IRS);
	pressure_start(test);
	tp->rcv_rtt_us = 100 * BENCH_MS;
	mini_tcp_rcv_tune_start(tp, b->now);
	WRITE_ONCE(sk->sk_sndbuf, SZ_16K);
	tp->cc.cwnd = 20 * BENCH_MSS;
	rcvbuf = sk->sk_rcvbuf;
	sndbuf = sk->sk_sndbuf;
	for (round = 0; round < 2; round++) {
		if (!round)
			pressure_set(b, PRESSURE_PAGES / 2, LONG_MAX);
		tcp_bench_advance(b, 100 * BENCH_MS);
		for (i = 0; i < 20 + 100 * round; i++, seq += BENCH_MSS) {
			tp->rcv_wnd = max(tp->rcv_wnd, 10 * BENCH_MSS);
			tcp_bench_in(b, ACK, seq, ack, BENCH_MSS, WND);
			rcv_read(b, BENCH_MSS);
		}
		tcp_bench_advance(b, 100 * BENCH_MS);
		tcp_bench_write(b, BENCH_MSS);
		ack += BENCH_MSS;
		tcp_bench_in(b, ACK, seq, ack, BENCH_MSS, WND);
		rcv_read(b, BENCH_MSS);
		seq += BENCH_MSS;
		if (round)
			break;
		KUNIT_ASSERT_EQ(test, tp->rcv_nxt - b->irs, seq);
		KUNIT_EXPECT_GT(test, tp->rcvq_space, 10 * BENCH_MSS);
		KUNIT_EXPECT_EQ(test, sk->sk_rcvbuf, rcvbuf);
		KUNIT_EXPECT_EQ(test, sk->sk_sndbuf, sndbuf);
		pressure_set(b, LONG_MAX, LONG_MAX);
	}
	KUNIT_EXPECT_GT(test, sk->sk_rcvbuf, rcvbuf);
	KUNIT_EXPECT_GT(test, sk->sk_sndbuf, sndbuf);
}

/* There is none left: data is refused, and told of at once, until there is. */
static void pressure__none_left(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;
	u32 seq = 1, i;

	tcp_bench_receiver(b, BENCH_IRS);
	pressure_start(test);
	pressure_set(b, PRESSURE_PAGES / 4, PRESSURE_PAGES / 2);
	/* What the socket was lent before may take a few. */
	for (i = 0; i < 8; i++, seq += BENCH_MSS) {
		tcp_bench_flush(b);
		tcp_bench_in(b, ACK, seq, 1, BENCH_MSS, WND);
		if (tp->rcv_nxt - b->irs == seq)
			break;
	}
	KUNIT_ASSERT_LT(test, i, 8U);
	TCP_EXPECT_OUT(b, ACK, 1, seq, 0);
	TCP_EXPECT_SILENCE(b);
	/* Nor what is out of order, of which nothing may be told then. */
	tcp_bench_in(b, ACK, seq + BENCH_MSS, 1, BENCH_MSS, WND);
	TCP_EXPECT_OUT(b, ACK, 1, seq, 0);
	KUNIT_EXPECT_EQ(test, tp->num_sacks, 0);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&tp->ooo));
	pressure_set(b, LONG_MAX, LONG_MAX);
	tcp_bench_in(b, ACK, seq, 1, BENCH_MSS, WND);
	tcp_bench_expect_stream(b, seq - 1 + BENCH_MSS);
}

static struct kunit_case tcp_rcvbuf_cases[] = {
	KUNIT_CASE(memory__small_segments_in_order),
	KUNIT_CASE(memory__small_segments_out_of_order),
	KUNIT_CASE(memory__islands_are_pruned),
	KUNIT_CASE(memory__farthest_is_refused),
	KUNIT_CASE(memory__dense_is_left_alone),
	KUNIT_CASE(memory__empty_takes_a_huge_one),
	KUNIT_CASE(delack__at_the_reading),
	KUNIT_CASE(delack__half_a_window_is_enough),
	KUNIT_CASE(window__no_silly_one),
	KUNIT_CASE(window__follows_slow_start),
	KUNIT_CASE(window__sockbuf_lock),
	KUNIT_CASE(window__clamp),
	KUNIT_CASE(pressure__small_window),
	KUNIT_CASE(pressure__buffers_stay),
	KUNIT_CASE(pressure__none_left),
	{}
};

struct kunit_suite mini_tcp_rcvbuf_test_suite = {
	.name = "mini_tcp_rcvbuf",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_rcvbuf_cases,
};
