// SPDX-License-Identifier: GPL-2.0
/*
 * Data through TCP: order, windows, acknowledgments, loss and time, on a clock
 * and a wire of the test's own (RFC 9293, 5681, 6298, 6582).
 */
#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define FIN	MINI_TCP_FIN
#define PSH	MINI_TCP_PSH
#define WND	BENCH_WND

static void data__delayed_ack(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 39 * BENCH_MS);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, 1, 101, 0);
	TCP_EXPECT_SILENCE(b);
}

static void data__second_segment_acked_at_once(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, ACK, 1, 1, BENCH_MSS, WND);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_in(b, ACK, 1 + BENCH_MSS, 1, BENCH_MSS, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 1 + 2 * BENCH_MSS, 0);
	tcp_bench_expect_stream(b, 2 * BENCH_MSS);
}

static void data__out_of_order(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, ACK, 201, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 0);
	tcp_bench_in(b, ACK, 101, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 0);
	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 301, 0);
	tcp_bench_expect_stream(b, 300);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&b->tp->ooo));
}

static void data__overlaps(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, ACK, 151, 1, 100, WND);	/* 151-250 */
	tcp_bench_in(b, ACK, 201, 1, 100, WND);	/* 201-300 */
	tcp_bench_in(b, ACK, 161, 1, 10, WND);	/* covered */
	tcp_bench_in(b, ACK, 141, 1, 200, WND);	/* covers both */
	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	tcp_bench_in(b, ACK, 51, 1, 100, WND);	/* half old, half new */
	tcp_bench_expect_stream(b, 340);
	tcp_bench_in(b, ACK, 1, 1, 341, WND);	/* one octet is new */
	tcp_bench_expect_stream(b, 341);
}

static void data__fin_out_of_order(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, ACK | FIN, 101, 1, 100, WND);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	tcp_bench_flush(b);
	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	TCP_EXPECT_STATE(b, TCP_CLOSE_WAIT);
	TCP_EXPECT_OUT(b, ACK, 1, 202, 0);
}

/* The peer's last segment again, now with its FIN: only the FIN is new. */
static void data__fin_behind_old_text(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct sock *sk = &b->tp->ms.sk;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	tcp_bench_in(b, ACK | FIN, 1, 1, 100, WND);
	TCP_EXPECT_STATE(b, TCP_CLOSE_WAIT);
	TCP_EXPECT_OUT(b, ACK, 1, 102, 0);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&sk->sk_receive_queue), 1U);
	KUNIT_EXPECT_EQ(test, b->tp->bytes_received, 100ULL);
}

/* Every comparison has 2^32 between its operands once. */
static void data__sequence_numbers_wrap(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 i;

	tcp_bench_established(b, -1500U, -1500U);
	for (i = 0; i < 4; i++) {
		tcp_bench_in(b, ACK, 1 + i * 1000, 1, 1000, WND);
		b->tp->quickacks = 0;
	}
	tcp_bench_expect_stream(b, 4000);
	tcp_bench_flush(b);
	tcp_bench_in(b, ACK, 5001, 1, 1000, WND);
	tcp_bench_in(b, ACK, 4001, 1, 1000, WND);
	tcp_bench_flush(b);
	tcp_bench_write(b, 4000);
	for (i = 0; i < 4; i++)
		TCP_EXPECT_OUT(b, ACK, 1 + i * 1000, 6001, 1000);
	tcp_bench_in(b, ACK, 6001, 2001, 0, WND);
	KUNIT_EXPECT_EQ(test, mini_tcp_inflight(b->tp), 2000U);
	tcp_bench_in(b, ACK, 6001, 4001, 0, WND);
	KUNIT_EXPECT_EQ(test, mini_tcp_inflight(b->tp), 0U);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&b->tp->ms.sk.sk_write_queue));
}

static void window__beyond_is_cut(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 wnd;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	wnd = mini_tcp_rcv_wnd(b->tp);
	tcp_bench_in(b, ACK, wnd + 2, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 0);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&b->tp->ooo));
	tcp_bench_in(b, ACK, wnd - 49, 1, 100, WND);
	KUNIT_ASSERT_FALSE(test, RB_EMPTY_ROOT(&b->tp->ooo));
	KUNIT_EXPECT_EQ(test, rb_to_skb(rb_first(&b->tp->ooo))->len, 50U);
}

static void window__right_edge_never_moves_left(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct sock *sk = &b->tp->ms.sk;
	u32 edge, i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	edge = b->tp->rcv_nxt + mini_tcp_rcv_wnd(b->tp);
	/* Nothing is read, and the program even shrinks the buffer. */
	sk->sk_rcvbuf = 8192;
	for (i = 0; i < 20; i++) {
		tcp_bench_in(b, ACK, 1 + i * 1000, 1, 1000, WND);
		KUNIT_EXPECT_FALSE(test, seq_before(b->tp->rcv_nxt +
						    mini_tcp_rcv_wnd(b->tp),
						    edge));
	}
}

static void window__closed_by_peer(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, ACK, 1, 1, 1, 0);
	tcp_bench_advance(b, 40 * BENCH_MS);
	tcp_bench_flush(b);
	tcp_bench_write(b, 2000);
	TCP_EXPECT_SILENCE(b);
	/* Probes: an old octet's place, nothing in it; ever rarer. */
	tcp_bench_advance(b, b->tp->rto_us);
	TCP_EXPECT_OUT(b, ACK, 0, 2, 0);
	tcp_bench_in(b, ACK, 2, 1, 0, 0);
	tcp_bench_advance(b, 2 * b->tp->rto_us - 1);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1);
	TCP_EXPECT_OUT(b, ACK, 0, 2, 0);
	tcp_bench_in(b, ACK, 2, 1, 0, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 2, 1000);
	TCP_EXPECT_OUT(b, ACK, 1001, 2, 1000);
}

/* Answered probes keep a connection, but not one that nobody owns. */
static void window__closed_on_orphan(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct sock *sk = &b->tp->ms.sk;
	u32 i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, ACK, 1, 1, 0, 0);
	tcp_bench_write(b, 1000);
	for (i = 0; i < 40; i++) {
		tcp_bench_advance(b, 120 * USEC_PER_SEC);
		tcp_bench_in(b, ACK, 1, 1, 0, 0);
	}
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	tcp_bench_close(b);
	sock_hold(sk);
	sock_set_flag(sk, SOCK_DEAD);
	tcp_bench_advance(b, 240 * USEC_PER_SEC);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
	sock_reset_flag(sk, SOCK_DEAD);
}

/* TCP_USER_TIMEOUT holds for what a shut window keeps back, too. */
static void window__closed_past_user_timeout(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->user_timeout = 10000;
	tcp_bench_in(b, ACK, 1, 1, 0, 0);
	tcp_bench_write(b, 1000);
	for (i = 0; i < 20; i++) {
		if (i == 8)
			TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
		tcp_bench_advance(b, USEC_PER_SEC);
		tcp_bench_in(b, ACK, 1, 1, 0, 0);
	}
	TCP_EXPECT_STATE(b, TCP_CLOSE);
	KUNIT_EXPECT_EQ(test, b->tp->ms.sk.sk_err, ETIMEDOUT);
}

static void nagle__short_segment_waits(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_write(b, 10);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 10);
	tcp_bench_write(b, 10);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_in(b, ACK, 1, 11, 0, WND);
	TCP_EXPECT_OUT(b, ACK, 11, 1, 10);
	b->tp->nodelay = 1;
	tcp_bench_write(b, 10);
	TCP_EXPECT_OUT(b, ACK, 21, 1, 10);
}

/* RFC 6298 section 2, by hand: R, then R/2 of error, then none. */
static void rto__rfc6298_numbers(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;

	mini_tcp_init_sock(tp);
	KUNIT_EXPECT_EQ(test, tp->rto_us, 1000000U);
	mini_tcp_rtt_sample(tp, 800000);
	KUNIT_EXPECT_EQ(test, tp->srtt_us >> 3, 800000U);
	KUNIT_EXPECT_EQ(test, tp->rttvar_us, 4 * 400000U);
	KUNIT_EXPECT_EQ(test, tp->rto_us, 800000U + 4 * 400000U);
	mini_tcp_rtt_sample(tp, 400000);
	/* RTTVAR = 3/4 * 400 + 1/4 * 400, SRTT = 7/8 * 800 + 1/8 * 400 */
	KUNIT_EXPECT_EQ(test, tp->srtt_us >> 3, 750000U);
	KUNIT_EXPECT_EQ(test, tp->rttvar_us, 4 * 400000U);
	KUNIT_EXPECT_EQ(test, tp->rto_us, 750000U + 4 * 400000U);
	mini_tcp_rtt_sample(tp, 750000);
	KUNIT_EXPECT_EQ(test, tp->rttvar_us, 4 * 300000U);
	KUNIT_EXPECT_EQ(test, tp->rto_us, 750000U + 4 * 300000U);
}

static void rto__backs_off_and_karn(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 rto, srtt, i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	rto = b->tp->rto_us;
	srtt = b->tp->srtt_us;
	tcp_bench_write(b, 1000);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 1000);
	for (i = 0; i < 4; i++) {
		tcp_bench_advance(b, (rto << i) - 1);
		TCP_EXPECT_SILENCE(b);
		tcp_bench_advance(b, 1);
		TCP_EXPECT_OUT(b, ACK, 1, 1, 1000);
		KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, BENCH_MSS);
	}
	/* An ACK that may be for any of the five measures nothing. */
	tcp_bench_in(b, ACK, 1, 1001, 0, WND);
	KUNIT_EXPECT_EQ(test, b->tp->srtt_us, srtt);
	KUNIT_EXPECT_EQ(test, b->tp->backoff, 4);
}

/* RFC 6298 (5.7): a SYN that was sent twice tells no round trip. */
static void rto__after_a_lost_syn(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_advance(b, USEC_PER_SEC);
	tcp_bench_in(b, MINI_TCP_SYN | ACK, 0, 1, 0, WND);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, b->tp->rto_us, 3000000U);
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, b->tp->cc.mss);
}

static void rto__gives_up(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_write(b, 1000);
	tcp_bench_advance(b, 3600 * USEC_PER_SEC);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
	KUNIT_EXPECT_EQ(test, b->tp->ms.sk.sk_err, ETIMEDOUT);
}

static void loss__timeout_resends_all(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	mini_tcp_cong_set(b->tp, "newreno", true);
	tcp_bench_write(b, 8000);
	tcp_bench_flush(b);
	tcp_bench_advance(b, b->tp->rto_us);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 1000);
	TCP_EXPECT_SILENCE(b);
	KUNIT_EXPECT_EQ(test, b->tp->cc.ssthresh, 4000U);
	/* Slow start: two for one. */
	tcp_bench_in(b, ACK, 1, 1001, 0, WND);
	TCP_EXPECT_OUT(b, ACK, 1001, 1, 1000);
	TCP_EXPECT_OUT(b, ACK, 2001, 1, 1000);
	TCP_EXPECT_SILENCE(b);
	/* The rest had arrived. */
	tcp_bench_in(b, ACK, 1, 8001, 0, WND);
	TCP_EXPECT_SILENCE(b);
	KUNIT_EXPECT_EQ(test, (int)b->tp->cc.state, (int)MINI_CC_OPEN);
	KUNIT_EXPECT_EQ(test, mini_tcp_inflight(b->tp), 0U);
}

static void loss__three_duplicate_acks(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	mini_tcp_cong_set(b->tp, "newreno", true);
	tcp_bench_write(b, 10000);
	tcp_bench_flush(b);
	tcp_bench_in(b, ACK, 1, 1, 0, WND);
	tcp_bench_in(b, ACK, 1, 1, 0, WND);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_in(b, ACK, 1, 1, 0, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 1000);
	TCP_EXPECT_SILENCE(b);
	KUNIT_EXPECT_EQ(test, b->tp->cc.ssthresh, 5000U);
	/* Six are thought to be out, and the one that was sent again. */
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, 7000U);
	/* Partial: the third segment is missing, too (RFC 6582). */
	tcp_bench_in(b, ACK, 1, 2001, 0, WND);
	TCP_EXPECT_OUT(b, ACK, 2001, 1, 1000);
	TCP_EXPECT_SILENCE(b);
	/* Full: out of recovery, half the window. */
	tcp_bench_in(b, ACK, 1, 10001, 0, WND);
	KUNIT_EXPECT_EQ(test, (int)b->tp->cc.state, (int)MINI_CC_OPEN);
	KUNIT_EXPECT_LE(test, b->tp->cc.cwnd, 5000U);
}

/* RFC 5681 3.2: duplicates that no segment can have caused open no window. */
static void loss__forged_duplicates(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	mini_tcp_cong_set(b->tp, "newreno", true);
	tcp_bench_write(b, 50000);
	for (i = 0; i < 1000; i++)
		tcp_bench_in(b, ACK, 1, 1, 0, WND);
	/* Half of the ten, three, and the ten that were out. */
	KUNIT_EXPECT_LE(test, b->tp->cc.cwnd, 18000U);
	KUNIT_EXPECT_LE(test, mini_tcp_inflight(b->tp), 18000U);
}

/* RFC 6582's "recover" must not come to lie ahead when numbers wrap. */
static void loss__recover_follows(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 step = 1U << 30;
	u32 i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	/* As if 3 GB had been sent and acknowledged without a loss. */
	for (i = 0; i < 3; i++) {
		b->tp->iss += step;
		b->tp->snd_una += step;
		b->tp->snd_nxt += step;
		b->tp->write_seq += step;
		tcp_bench_write(b, 1000);
		b->tp->iss += 1000;
		tcp_bench_in(b, ACK, 1, 1, 0, WND);
	}
	tcp_bench_write(b, 5000);
	tcp_bench_flush(b);
	for (i = 0; i < 3; i++)
		tcp_bench_in(b, ACK, 1, 1, 0, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 1000);
}

static void loss__not_duplicates(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_write(b, 5000);
	tcp_bench_flush(b);
	/* News of the window, or data, make an ACK no duplicate. */
	for (i = 1; i <= 4; i++)
		tcp_bench_in(b, ACK, 1, 1, 0, WND - i);
	for (i = 0; i < 4; i++)
		tcp_bench_in(b, ACK, 1 + i * 10, 1, 10, WND - 4);
	KUNIT_EXPECT_EQ(test, b->tp->total_retrans, 0U);
}

static void cwnd__slow_start_then_avoidance(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 una = 1;
	u32 i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->cc.ssthresh = 20000;
	tcp_bench_write(b, 200000);
	for (i = 0; i < 10; i++) {
		una += 1000;
		tcp_bench_in(b, ACK, 1, una, 0, WND);
	}
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, 20000U);
	for (i = 0; i < 20; i++) {
		una += 1000;
		tcp_bench_in(b, ACK, 1, una, 0, WND);
	}
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, 21000U);
}

/* A window that the program does not fill does not grow. */
static void cwnd__application_limited(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	for (i = 0; i < 20; i++) {
		tcp_bench_write(b, 1000);
		tcp_bench_in(b, ACK, 1, 1001 + i * 1000, 0, WND);
	}
	KUNIT_EXPECT_EQ(test, b->tp->cc.cwnd, 10000U);
}

static void keepalive__probes_then_gives_up(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->keepalive_time = 10;
	b->tp->keepalive_intvl = 2;
	b->tp->keepalive_probes = 3;
	sock_set_flag(&b->tp->ms.sk, SOCK_KEEPOPEN);
	mini_tcp_arm_keepalive(b->tp, b->now);
	tcp_bench_advance(b, 10 * USEC_PER_SEC);
	TCP_EXPECT_OUT(b, ACK, 0, 1, 0);
	/* It answers: all is well for as long again. */
	tcp_bench_in(b, ACK, 1, 1, 0, WND);
	tcp_bench_advance(b, 9 * USEC_PER_SEC);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 2 * USEC_PER_SEC);
	TCP_EXPECT_OUT(b, ACK, 0, 1, 0);
	for (i = 0; i < 2; i++) {
		tcp_bench_advance(b, 2 * USEC_PER_SEC);
		TCP_EXPECT_OUT(b, ACK, 0, 1, 0);
	}
	tcp_bench_advance(b, 2 * USEC_PER_SEC);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
	KUNIT_EXPECT_EQ(test, b->tp->ms.sk.sk_err, ETIMEDOUT);
}

/* The peer dies behind its shut window: the probes' count is left alone. */
static void keepalive__beside_a_shut_window(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->keepalive_time = 1;
	sock_set_flag(&b->tp->ms.sk, SOCK_KEEPOPEN);
	mini_tcp_arm_keepalive(b->tp, b->now);
	tcp_bench_in(b, ACK, 1, 1, 0, 0);
	tcp_bench_write(b, 1000);
	tcp_bench_advance(b, 3600 * USEC_PER_SEC);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
	KUNIT_EXPECT_EQ(test, b->tp->ms.sk.sk_err, ETIMEDOUT);
}

/* Data on its way asks the peer by itself, for as long as it may take. */
static void keepalive__not_beside_data(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent s;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->keepalive_time = 1;
	b->tp->keepalive_intvl = 1;
	b->tp->keepalive_probes = 1;
	sock_set_flag(&b->tp->ms.sk, SOCK_KEEPOPEN);
	mini_tcp_arm_keepalive(b->tp, b->now);
	tcp_bench_write(b, 1000);
	tcp_bench_advance(b, 10 * USEC_PER_SEC);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	while (tcp_bench_out(b, &s))
		KUNIT_EXPECT_EQ(test, s.len, 1000U);
}

/*
 * A quick ACK of a short message waits for the answer of a program that is to
 * read it; for no second message, and not when the program waits, too.
 */
static void established__quick_ack_rides(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;
	LIST_HEAD(queue);

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	/* As one that waits for accept(). */
	list_add(&tp->accept_node, &queue);
	tp->quickacks = 16;
	tcp_bench_in(b, ACK | PSH, 1, 1, 10, WND);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_in(b, ACK | PSH, 11, 1, 10, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 21, 0);

	tcp_bench_in(b, ACK | PSH, 21, 1, 10, WND);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, 1, 31, 0);

	tcp_bench_in(b, ACK | PSH, 31, 1, 10, WND);
	TCP_EXPECT_SILENCE(b);
	mini_tcp_ack_waiting(tp, b->now);
	TCP_EXPECT_OUT(b, ACK, 1, 41, 0);
	mini_tcp_ack_waiting(tp, b->now);
	TCP_EXPECT_SILENCE(b);

	tcp_bench_in(b, ACK | PSH, 41, 1, 10, WND);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_write(b, 10);
	TCP_EXPECT_OUT(b, ACK, 1, 51, 10);
	list_del_init(&tp->accept_node);
	tcp_bench_advance(b, 2 * BENCH_MS);
	TCP_EXPECT_SILENCE(b);
}

/* So for a program that has just asked, and is about to read the answer. */
static void established__quick_ack_after_a_question(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->quickacks = 16;
	tcp_bench_write(b, 10);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 10);
	b->tp->pingpong = 0;
	tcp_bench_in(b, ACK | PSH, 1, 11, 10, WND);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, 11, 11, 0);
	/* It asked long ago. */
	tcp_bench_advance(b, BENCH_MS);
	tcp_bench_in(b, ACK | PSH, 11, 11, 10, WND);
	TCP_EXPECT_OUT(b, ACK, 11, 21, 0);
}

/* A FIN behind the answer is acknowledged with it: by ours, or in time. */
static void established__fin_waits_with_the_answer(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->quickacks = 16;
	tcp_bench_write(b, 10);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 10);
	b->tp->pingpong = 0;
	tcp_bench_in(b, ACK | PSH, 1, 11, 10, WND);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_in(b, ACK | FIN, 11, 11, 0, WND);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, 11, 12, 0);
	TCP_EXPECT_STATE(b, TCP_CLOSE_WAIT);
}

static struct kunit_case tcp_data_cases[] = {
	KUNIT_CASE(data__delayed_ack),
	KUNIT_CASE(data__second_segment_acked_at_once),
	KUNIT_CASE(data__out_of_order),
	KUNIT_CASE(data__overlaps),
	KUNIT_CASE(data__fin_out_of_order),
	KUNIT_CASE(data__fin_behind_old_text),
	KUNIT_CASE(data__sequence_numbers_wrap),
	KUNIT_CASE(window__beyond_is_cut),
	KUNIT_CASE(window__right_edge_never_moves_left),
	KUNIT_CASE(window__closed_by_peer),
	KUNIT_CASE(window__closed_on_orphan),
	KUNIT_CASE(window__closed_past_user_timeout),
	KUNIT_CASE(nagle__short_segment_waits),
	KUNIT_CASE(rto__rfc6298_numbers),
	KUNIT_CASE(rto__backs_off_and_karn),
	KUNIT_CASE(rto__after_a_lost_syn),
	KUNIT_CASE(rto__gives_up),
	KUNIT_CASE(loss__timeout_resends_all),
	KUNIT_CASE(loss__three_duplicate_acks),
	KUNIT_CASE(loss__forged_duplicates),
	KUNIT_CASE(loss__recover_follows),
	KUNIT_CASE(loss__not_duplicates),
	KUNIT_CASE(cwnd__slow_start_then_avoidance),
	KUNIT_CASE(cwnd__application_limited),
	KUNIT_CASE(keepalive__probes_then_gives_up),
	KUNIT_CASE(keepalive__beside_a_shut_window),
	KUNIT_CASE(keepalive__not_beside_data),
	KUNIT_CASE(established__quick_ack_rides),
	KUNIT_CASE(established__quick_ack_after_a_question),
	KUNIT_CASE(established__fin_waits_with_the_answer),
	{}
};

struct kunit_suite mini_tcp_data_test_suite = {
	.name = "mini_tcp_data",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_data_cases,
};
