// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine of TCP, event by event (RFC 9293 section 3.10.7).
 *
 *	From		Event			To		Sent
 *	SYN-SENT	SYN,ACK			ESTABLISHED	ACK
 *	SYN-SENT	SYN			SYN-RECEIVED	SYN,ACK
 *	SYN-RECEIVED	ACK of SYN		ESTABLISHED	-
 *	SYN-SENT	RST,ACK of SYN		CLOSED		-
 *	SYN-SENT	RST			SYN-SENT	-
 *	SYN-SENT	ACK of what was not sent SYN-SENT	RST
 *	SYN-SENT	R2 passes		CLOSED		SYN...
 *	ESTABLISHED	FIN			CLOSE-WAIT	ACK
 *	ESTABLISHED	CLOSE			FIN-WAIT-1	FIN
 *	ESTABLISHED	RST at rcv_nxt		CLOSED		-
 *	ESTABLISHED	RST in window		ESTABLISHED	ACK
 *	ESTABLISHED	RST out of window	ESTABLISHED	-
 *	ESTABLISHED	SYN			ESTABLISHED	ACK
 *	ESTABLISHED	ACK beyond snd_nxt	ESTABLISHED	ACK
 *	ESTABLISHED	no ACK bit		ESTABLISHED	-
 *	CLOSE-WAIT	CLOSE			LAST-ACK	FIN
 *	LAST-ACK	ACK of FIN		CLOSED		-
 *	FIN-WAIT-1	ACK of FIN		FIN-WAIT-2	-
 *	FIN-WAIT-1	FIN			CLOSING		ACK
 *	FIN-WAIT-1	FIN, ACK of FIN		TIME-WAIT	ACK
 *	FIN-WAIT-2	FIN			TIME-WAIT	ACK
 *	CLOSING		ACK of FIN		TIME-WAIT	-
 */
#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define FIN	MINI_TCP_FIN
#define SYN	MINI_TCP_SYN
#define RST	MINI_TCP_RST
#define WND	BENCH_WND

/* In TIME-WAIT a record stands for the socket, which is closed. */
#define TCP_EXPECT_TIME_WAIT(b)						\
do {									\
	TCP_EXPECT_STATE(b, TCP_CLOSE);					\
	KUNIT_EXPECT_EQ((b)->test, (b)->tp->ms.sk.sk_err, 0);		\
} while (0)

static void syn_sent__syn_ack(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	TCP_EXPECT_OUT(b, SYN, 0, 0, 0);
	tcp_bench_in(b, SYN | ACK, 0, 1, 0, WND);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 0);
	TCP_EXPECT_SILENCE(b);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&b->tp->ms.sk.sk_write_queue));
}

static void syn_sent__syn(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_flush(b);
	tcp_bench_in(b, SYN, 0, 0, 0, WND);
	TCP_EXPECT_STATE(b, TCP_SYN_RECV);
	TCP_EXPECT_OUT(b, SYN | ACK, 0, 1, 0);
	tcp_bench_in(b, ACK, 1, 1, 0, WND);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
}

static void syn_sent__crossing_syn_acks(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, SYN, 0, 0, 0, WND);
	tcp_bench_flush(b);
	/* The other end answers our SYN with the same. */
	tcp_bench_in(b, SYN | ACK, 0, 1, 0, WND);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
}

static void syn_sent__crossing_syn_acks_with_text(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct sk_buff *skb;

	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, SYN, 0, 0, 0, WND);
	tcp_bench_in(b, SYN | ACK, 0, 1, 10, WND);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 11U);
	skb = skb_peek(&b->tp->ms.sk.sk_receive_queue);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, mini_tcp_cb(skb)->seq, b->tp->copied_seq);
}

static void syn_sent__rst_ack(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_flush(b);
	tcp_bench_in(b, RST | ACK, 0, 1, 0, 0);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
	KUNIT_EXPECT_EQ(test, b->tp->ms.sk.sk_err, ECONNREFUSED);
	TCP_EXPECT_SILENCE(b);
}

static void syn_sent__rst_without_ack(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_flush(b);
	tcp_bench_in(b, RST, 0, 0, 0, 0);
	TCP_EXPECT_STATE(b, TCP_SYN_SENT);
	TCP_EXPECT_SILENCE(b);
}

static void syn_sent__unacceptable_ack(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_flush(b);
	tcp_bench_in(b, SYN | ACK, 0, 2, 0, WND);
	TCP_EXPECT_STATE(b, TCP_SYN_SENT);
	TCP_EXPECT_OUT(b, RST, 2, 0, 0);
	tcp_bench_in(b, RST | ACK, 0, 2, 0, WND);
	TCP_EXPECT_STATE(b, TCP_SYN_SENT);
	TCP_EXPECT_SILENCE(b);
}

static void syn_sent__retries(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 wait = 1;
	int i;

	b->tp->syn_retries = 4;
	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_flush(b);
	for (i = 0; i < 4; i++, wait *= 2) {
		tcp_bench_advance(b, wait * USEC_PER_SEC - BENCH_MS);
		TCP_EXPECT_SILENCE(b);
		tcp_bench_advance(b, BENCH_MS);
		TCP_EXPECT_OUT(b, SYN, 0, 0, 0);
	}
	tcp_bench_advance(b, wait * USEC_PER_SEC);
	TCP_EXPECT_SILENCE(b);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
	KUNIT_EXPECT_EQ(test, b->tp->ms.sk.sk_err, ETIMEDOUT);
}

static void established__fin(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, FIN | ACK, 1, 1, 0, WND);
	TCP_EXPECT_STATE(b, TCP_CLOSE_WAIT);
	KUNIT_EXPECT_TRUE(test, b->tp->ms.sk.sk_shutdown & RCV_SHUTDOWN);
	/* It waits for close(), to ride on our FIN, but not long. */
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 40 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, 1, 2, 0);
	/* The same FIN again: the ACK was lost. */
	tcp_bench_in(b, FIN | ACK, 1, 1, 0, WND);
	TCP_EXPECT_STATE(b, TCP_CLOSE_WAIT);
	TCP_EXPECT_OUT(b, ACK, 1, 2, 0);
}

static void close_wait__close(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, FIN | ACK, 1, 1, 0, WND);
	tcp_bench_flush(b);
	tcp_bench_close(b);
	TCP_EXPECT_STATE(b, TCP_LAST_ACK);
	TCP_EXPECT_OUT(b, FIN | ACK, 1, 2, 0);
	tcp_bench_in(b, ACK, 2, 2, 0, WND);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
	TCP_EXPECT_SILENCE(b);
}

static void fin_wait1__ack(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_close(b);
	TCP_EXPECT_STATE(b, TCP_FIN_WAIT1);
	TCP_EXPECT_OUT(b, FIN | ACK, 1, 1, 0);
	tcp_bench_in(b, ACK, 1, 2, 0, WND);
	TCP_EXPECT_STATE(b, TCP_FIN_WAIT2);
	/* Half closed: the peer may go on for as long as it likes. */
	tcp_bench_in(b, ACK, 1, 2, 100, WND);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 101U);
	tcp_bench_flush(b);
	tcp_bench_in(b, FIN | ACK, 101, 2, 0, WND);
	TCP_EXPECT_OUT(b, ACK, 2, 102, 0);
	TCP_EXPECT_TIME_WAIT(b);
}

static void fin_wait1__fin(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_close(b);
	tcp_bench_flush(b);
	tcp_bench_in(b, FIN | ACK, 1, 1, 0, WND);
	TCP_EXPECT_STATE(b, TCP_CLOSING);
	TCP_EXPECT_OUT(b, ACK, 2, 2, 0);
	tcp_bench_in(b, ACK, 2, 2, 0, WND);
	TCP_EXPECT_TIME_WAIT(b);
}

static void fin_wait1__fin_with_ack_of_fin(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_close(b);
	tcp_bench_flush(b);
	tcp_bench_in(b, FIN | ACK, 1, 2, 0, WND);
	TCP_EXPECT_OUT(b, ACK, 2, 2, 0);
	TCP_EXPECT_TIME_WAIT(b);
}

static void established__rst_exact(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, RST, 1, 0, 0, 0);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
	KUNIT_EXPECT_EQ(test, b->tp->ms.sk.sk_err, ECONNRESET);
	TCP_EXPECT_SILENCE(b);
}

static void established__rst_in_window(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, RST, 2, 0, 0, 0);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 0);
}

static void established__rst_out_of_window(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, RST, 100000, 0, 0, 0);
	tcp_bench_in(b, RST, -1, 0, 0, 0);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	TCP_EXPECT_SILENCE(b);
}

static void established__syn(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, SYN, 1, 0, 0, WND);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 0);
}

static void established__ack_not_sent(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, ACK, 1, 5000, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 0);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 1U);
	KUNIT_EXPECT_EQ(test, b->tp->snd_una - b->tp->iss, 1U);
}

static void established__no_ack_bit(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, 0, 1, 0, 100, WND);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 1U);
	TCP_EXPECT_SILENCE(b);
}

/* RFC 5961 7, RFC 9293 3.10.7.4: twice a second at most, but for text. */
static void established__strays_get_few_answers(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u32 i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	for (i = 0; i < 5; i++)
		tcp_bench_in(b, SYN, 10, 1, 0, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 0);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 499 * BENCH_MS);
	tcp_bench_in(b, RST, 10, 1, 0, WND);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1 * BENCH_MS);
	for (i = 0; i < 5; i++)
		tcp_bench_in(b, ACK, -10, 1, 0, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 0);
	TCP_EXPECT_SILENCE(b);
	/* Text again: the peer must learn each time that it is here. */
	for (i = 0; i < 5; i++)
		tcp_bench_in(b, ACK, -10, 1, 5, WND);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&b->wire), 5U);
}

/* RFC 5961 10: half the limit of the host at least, all of it at most. */
static void challenge__limit_of_the_host(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_net *mn = mini_tcp_mn(b->tp);
	u32 limit = mn->sysctl.tcp_challenge_ack_limit;
	/* A second that no other case counts in. */
	u64 now = b->now + 3600 * USEC_PER_SEC;
	u32 round, allowed, i;

	mn->sysctl.tcp_challenge_ack_limit = 20;
	for (round = 0; round < 20; round++, now += USEC_PER_SEC) {
		for (i = 0, allowed = 0; i < 100; i++)
			allowed += mini_tcp_challenge_allowed(mn, now);
		KUNIT_EXPECT_GE(test, allowed, 10U);
		KUNIT_EXPECT_LE(test, allowed, 20U);
	}
	mn->sysctl.tcp_challenge_ack_limit = limit;
}

static void established__paws(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_wire_tcp h;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->tstamp_ok = 1;
	b->tp->ts_recent = 1000;
	b->tp->ts_recent_time = b->now;
	h = tcp_bench_header(b, ACK, 1, 1);
	tcp_bench_stamp(b, &h, 999, b->now);
	tcp_bench_in_h(b, &h, 10);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 1U);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 0);
	h.opts.tsval = 1001;
	tcp_bench_in_h(b, &h, 10);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 11U);
	KUNIT_EXPECT_EQ(test, b->tp->ts_recent, 1001U);
}

static struct kunit_case tcp_state_cases[] = {
	KUNIT_CASE(syn_sent__syn_ack),
	KUNIT_CASE(syn_sent__syn),
	KUNIT_CASE(syn_sent__crossing_syn_acks),
	KUNIT_CASE(syn_sent__crossing_syn_acks_with_text),
	KUNIT_CASE(syn_sent__rst_ack),
	KUNIT_CASE(syn_sent__rst_without_ack),
	KUNIT_CASE(syn_sent__unacceptable_ack),
	KUNIT_CASE(syn_sent__retries),
	KUNIT_CASE(established__fin),
	KUNIT_CASE(close_wait__close),
	KUNIT_CASE(fin_wait1__ack),
	KUNIT_CASE(fin_wait1__fin),
	KUNIT_CASE(fin_wait1__fin_with_ack_of_fin),
	KUNIT_CASE(established__rst_exact),
	KUNIT_CASE(established__rst_in_window),
	KUNIT_CASE(established__rst_out_of_window),
	KUNIT_CASE(established__syn),
	KUNIT_CASE(established__ack_not_sent),
	KUNIT_CASE(established__no_ack_bit),
	KUNIT_CASE(established__strays_get_few_answers),
	KUNIT_CASE(challenge__limit_of_the_host),
	KUNIT_CASE(established__paws),
	{}
};

struct kunit_suite mini_tcp_state_test_suite = {
	.name = "mini_tcp_state",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_state_cases,
};
