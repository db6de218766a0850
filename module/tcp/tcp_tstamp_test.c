// SPDX-License-Identifier: GPL-2.0
/*
 * Timestamps, PAWS and window scale (RFC 7323), on a clock and a wire of the
 * test's own.
 */
#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define FIN	MINI_TCP_FIN
#define SYN	MINI_TCP_SYN
#define RST	MINI_TCP_RST
#define PSH	MINI_TCP_PSH
#define WND	BENCH_WND
#define DAY	(24ULL * 3600 * USEC_PER_SEC)

/* ESTABLISHED with timestamps, the peer's last one @recent. */
static struct tcp_bench *ts_open(struct kunit *test, u32 recent)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->tstamp_ok = 1;
	b->tp->ts_off = 7000;
	b->tp->ts_recent = recent;
	b->tp->ts_recent_time = b->now;
	return b;
}

static void ts_in(struct tcp_bench *b, u8 flags, u32 seq, u32 ack, u32 len,
		  u32 tsval)
{
	struct mini_wire_tcp h = tcp_bench_header(b, flags, seq, ack);

	tcp_bench_stamp(b, &h, tsval, b->now);
	tcp_bench_in_h(b, &h, len);
}

/* The next segment sent echoes @echo; all have a timestamp of now. */
static void ts_expect(struct tcp_bench *b, u8 flags, u32 ack, u32 echo)
{
	struct tcp_sent s = {};

	KUNIT_ASSERT_TRUE(b->test, tcp_bench_out(b, &s));
	KUNIT_EXPECT_EQ(b->test, s.h.flags & ~MINI_TCP_PSH, flags);
	KUNIT_EXPECT_EQ(b->test, s.h.ack - b->irs, ack);
	KUNIT_EXPECT_TRUE(b->test, s.h.opts.saw_tstamp);
	KUNIT_EXPECT_EQ(b->test, s.h.opts.tsval,
			mini_tcp_tsval(b->tp->ts_off, b->now));
	KUNIT_EXPECT_EQ(b->test, s.h.opts.tsecr, echo);
}

/* Section 3.2: data, ACK, probe, FIN, and the reset of a connection. */
static void ts__in_every_segment(struct kunit *test)
{
	struct tcp_bench *b = ts_open(test, 500);
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_write(b, 100);
	ts_expect(b, ACK, 1, 500);
	ts_in(b, ACK, 1, 101, BENCH_MSS, 501);
	ts_in(b, ACK, 1001, 101, BENCH_MSS, 502);
	ts_expect(b, ACK, 2001, 501);
	b->now += 5 * BENCH_MS;
	mini_tcp_send_probe(tp, b->now);
	ts_expect(b, ACK, 2001, 501);
	tcp_bench_close(b);
	ts_expect(b, FIN | ACK, 2001, 501);
	mini_tcp_send_rst(tp, b->now);
	ts_expect(b, RST | ACK, 2001, 501);
}

static void ts__missing_is_taken(struct kunit *test)
{
	struct tcp_bench *b = ts_open(test, 500);

	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 101U);
	KUNIT_EXPECT_EQ(test, b->tp->ts_recent, 500U);
}

static void ts__not_agreed_is_ignored(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent s = {};

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	ts_in(b, ACK, 1, 1, 100, 1000);
	ts_in(b, ACK, 101, 1, 100, 10);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 201U);
	tcp_bench_write(b, 10);
	KUNIT_ASSERT_TRUE(test, tcp_bench_out(b, &s));
	KUNIT_EXPECT_FALSE(test, s.h.opts.saw_tstamp);
}

/* Section 4.3, the first case: an ACK for three segments echoes the first. */
static void ts_recent__of_a_delayed_ack(struct kunit *test)
{
	struct tcp_bench *b = ts_open(test, 500);

	ts_in(b, ACK | PSH, 1, 1, 100, 501);
	b->now += BENCH_MS;
	ts_in(b, ACK | PSH, 101, 1, 100, 502);
	b->now += BENCH_MS;
	ts_in(b, ACK | PSH, 201, 1, 100, 503);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_write(b, 10);
	ts_expect(b, ACK, 301, 501);
	/* What follows begins where that ACK stood. */
	ts_in(b, ACK | PSH, 301, 11, 100, 504);
	b->now += BENCH_MS;
	tcp_bench_write(b, 10);
	ts_expect(b, ACK, 401, 504);
}

/* Section 4.3, the second and third case: a hole, and what fills it. */
static void ts_recent__at_a_hole(struct kunit *test)
{
	struct tcp_bench *b = ts_open(test, 500);

	ts_in(b, ACK, 1, 1, BENCH_MSS, 501);
	b->now += BENCH_MS;
	mini_tcp_send_ack(b->tp, b->now);
	ts_expect(b, ACK, 1001, 501);
	ts_in(b, ACK, 2001, 1, BENCH_MSS, 503);
	ts_expect(b, ACK, 1001, 501);
	ts_in(b, ACK, 3001, 1, BENCH_MSS, 504);
	ts_expect(b, ACK, 1001, 501);
	/* Its retransmission: what is echoed measures that. */
	ts_in(b, ACK, 1001, 1, BENCH_MSS, 506);
	ts_expect(b, ACK, 4001, 506);
}

/* RFC 5961 5: who does not know what was sent may not set what is echoed. */
static void ts_recent__not_with_a_forged_ack(struct kunit *test)
{
	struct tcp_bench *b = ts_open(test, 500);

	ts_in(b, ACK, 1, 2, 10, 600);
	KUNIT_EXPECT_EQ(test, b->tp->ts_recent, 500U);
	ts_in(b, ACK, 1, 1 - b->tp->max_wnd - 1, 10, 600);
	KUNIT_EXPECT_EQ(test, b->tp->ts_recent, 500U);
	ts_in(b, ACK, 1, 1, 10, 600);
	KUNIT_EXPECT_EQ(test, b->tp->ts_recent, 600U);
}

static void paws__old_is_answered(struct kunit *test)
{
	struct tcp_bench *b = ts_open(test, 500);

	ts_in(b, ACK, 1, 1, 100, 499);
	ts_expect(b, ACK, 1, 500);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 1U);
	/* The same again is no older. */
	ts_in(b, ACK, 1, 1, 100, 500);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 101U);
}

/* Section 5.3: it comes before the window, and before ACK and SYN. */
static void paws__goes_first(struct kunit *test)
{
	struct tcp_bench *b = ts_open(test, 500);

	tcp_bench_write(b, 100);
	tcp_bench_flush(b);
	ts_in(b, ACK, 1, 101, 0, 499);
	KUNIT_EXPECT_EQ(test, b->tp->snd_una - b->tp->iss, 1U);
	ts_in(b, FIN | ACK, 1, 101, 0, 499);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
}

static void paws__not_for_a_reset(struct kunit *test)
{
	struct tcp_bench *b = ts_open(test, 500);

	ts_in(b, RST, 1, 0, 0, 1);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
	KUNIT_EXPECT_EQ(test, b->tp->ms.sk.sk_err, ECONNRESET);
}

static void paws__wraps(struct kunit *test)
{
	static const u32 edge[] = { 0, 1U << 31 };
	struct tcp_bench *b;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(edge); i++) {
		if (i) {
			tcp_bench_exit(test);
			tcp_bench_init(test);
		}
		b = ts_open(test, edge[i] - 2);
		ts_in(b, ACK, 1, 1, 10, edge[i] + 2);
		KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 11U);
		KUNIT_EXPECT_EQ(test, b->tp->ts_recent, edge[i] + 2);
		tcp_bench_advance(b, 500 * BENCH_MS);
		ts_in(b, ACK, 11, 1, 10, edge[i] - 2);
		KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 11U);
		ts_in(b, ACK, 11, 1, 10, edge[i] + 2 + (1U << 31) - 1);
		KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 21U);
	}
}

/* Section 5.5: so old, it proves nothing, and what comes is the new one. */
static void paws__forgets_after_24_days(struct kunit *test)
{
	struct tcp_bench *b = ts_open(test, 500);

	tcp_bench_advance(b, 24 * DAY - USEC_PER_SEC);
	ts_in(b, ACK, 1, 1, 10, 499);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 1U);
	tcp_bench_flush(b);
	tcp_bench_advance(b, 2 * USEC_PER_SEC);
	ts_in(b, ACK, 1, 1, BENCH_MSS, 499);
	tcp_bench_flush(b);
	mini_tcp_send_ack(b->tp, b->now);
	ts_expect(b, ACK, 1001, 499);
	ts_in(b, ACK, 1001, 1, 10, 498);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_nxt - b->irs, 1001U);
}

static void ts__clock_is_a_millisecond(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mini_tcp_tsval(5, 0), 5U);
	KUNIT_EXPECT_EQ(test, mini_tcp_tsval(5, 999), 5U);
	KUNIT_EXPECT_EQ(test, mini_tcp_tsval(5, 1000), 6U);
	KUNIT_EXPECT_EQ(test, mini_tcp_tsval(-5, 7000), 2U);
	/* 2^32 ms are 49 days; nothing jumps there. */
	KUNIT_EXPECT_EQ(test, mini_tcp_tsval(0, (1ULL << 32) * 1000 + 1000),
			1U);
}

/* One clock for two hosts, whatever the ports: RFC 6191 compares it. */
static void ts__start_is_of_the_hosts(struct kunit *test)
{
	struct mini_tuple t = { .rport = htons(80), .lport = htons(40000) };
	u32 off;

	mini_addr_set_v4(&t.laddr, htonl(0x0a000001));
	mini_addr_set_v4(&t.raddr, htonl(0x0a000002));
	off = mini_tcp_ts_offset(&t);
	t.lport = htons(40001);
	t.rport = htons(443);
	KUNIT_EXPECT_EQ(test, mini_tcp_ts_offset(&t), off);
	mini_addr_set_v4(&t.raddr, htonl(0x0a000003));
	KUNIT_EXPECT_NE(test, mini_tcp_ts_offset(&t), off);
}

/* Section 2.2: the window of a SYN is as it stands there. */
static void wscale__not_of_a_syn(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;
	struct mini_wire_tcp h;

	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	tp->rcv_wscale = 3;
	h = tcp_bench_header(b, SYN | ACK, 0, 1);
	h.window = 5000;
	h.opts.saw_wscale = 1;
	h.opts.wscale = 7;
	tcp_bench_in_h(b, &h, 0);
	KUNIT_EXPECT_EQ(test, tp->snd_wnd, 5000U);
	KUNIT_EXPECT_EQ(test, tp->rcv_wscale, 3);
	tcp_bench_in(b, ACK, 1, 1, 0, 5000);
	KUNIT_EXPECT_EQ(test, tp->snd_wnd, 5000U << 7);
	/* Outside of a SYN the option means nothing. */
	h.flags = ACK;
	h.seq = b->irs + 1;
	h.opts.wscale = 2;
	tcp_bench_in_h(b, &h, 0);
	KUNIT_EXPECT_EQ(test, tp->snd_wnd, 5000U << 7);
}

/* ... and a peer without it gets no scaled window either. */
static void wscale__from_both_or_none(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	b->tp->rcv_wscale = 3;
	tcp_bench_in(b, SYN | ACK, 0, 1, 0, 5000);
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, b->tp->rcv_wscale, 0);
	KUNIT_EXPECT_EQ(test, b->tp->snd_wscale, 0);
}

static struct kunit_case tcp_tstamp_cases[] = {
	KUNIT_CASE(ts__in_every_segment),
	KUNIT_CASE(ts__missing_is_taken),
	KUNIT_CASE(ts__not_agreed_is_ignored),
	KUNIT_CASE(ts_recent__of_a_delayed_ack),
	KUNIT_CASE(ts_recent__at_a_hole),
	KUNIT_CASE(ts_recent__not_with_a_forged_ack),
	KUNIT_CASE(paws__old_is_answered),
	KUNIT_CASE(paws__goes_first),
	KUNIT_CASE(paws__not_for_a_reset),
	KUNIT_CASE(paws__wraps),
	KUNIT_CASE(paws__forgets_after_24_days),
	KUNIT_CASE(ts__clock_is_a_millisecond),
	KUNIT_CASE(ts__start_is_of_the_hosts),
	KUNIT_CASE(wscale__not_of_a_syn),
	KUNIT_CASE(wscale__from_both_or_none),
	{}
};

struct kunit_suite mini_tcp_tstamp_test_suite = {
	.name = "mini_tcp_tstamp",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_tstamp_cases,
};
