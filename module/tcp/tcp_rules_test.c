// SPDX-License-Identifier: GPL-2.0
/*
 * Single rules of RFC 9293 and 6298 that no other test shows, on a clock and a
 * wire of the test's own.  Documentation/rfc-9293.rst says which test is for
 * which rule.
 */
#include <linux/delay.h>
#include <linux/socket.h>

#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define RST	MINI_TCP_RST
#define PSH	MINI_TCP_PSH
#define WND	BENCH_WND

/* The program writes by the system call's own way: PSH, one segment a copy. */
static void rules_send(struct tcp_bench *b, u32 len, int flags)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | flags };
	struct kvec vec = { .iov_len = len };

	vec.iov_base = kunit_kzalloc(b->test, len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(b->test, vec.iov_base);
	/* The call reads the machine's clock; the bench's is another. */
	b->tp->last_sent = 0;
	KUNIT_EXPECT_EQ(b->test, (int)len,
			kernel_sendmsg(b->sock, &msg, &vec, 1, len));
}

/* MUST-1, REC-1: the largest window there is, without and with its scale. */
static void window__is_unsigned(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tp->cc.cwnd = 1000 * BENCH_MSS;
	tcp_bench_in(b, ACK, 1, 1, 0, 65535);
	tcp_bench_write(b, 70 * BENCH_MSS);
	KUNIT_EXPECT_EQ(test, tp->snd_nxt - tp->snd_una, 65U * BENCH_MSS);

	tp->snd_wscale = MINI_TCP_MAX_WSCALE;
	tcp_bench_in(b, ACK, 1, 1, 0, 65535);
	KUNIT_EXPECT_EQ(test, tp->snd_wnd, 65535U << 14);
	KUNIT_EXPECT_EQ(test, tp->snd_nxt - tp->snd_una, 70U * BENCH_MSS);
}

/* SHLD-14 turned round: the peer takes back what it had offered. */
static void window__shrinks(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;
	struct tcp_sent s;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_write(b, 8 * BENCH_MSS);
	tcp_bench_flush(b);
	tcp_bench_in(b, ACK, 1, 1001, 0, 3000);
	tcp_bench_write(b, 2 * BENCH_MSS);
	TCP_EXPECT_SILENCE(b);
	KUNIT_EXPECT_EQ(test, tp->snd_nxt - tp->iss, 8001U);
	/* What was sent counts on, beyond the window as well. */
	tcp_bench_advance(b, 2 * USEC_PER_SEC);
	KUNIT_ASSERT_TRUE(test, tcp_bench_out(b, &s));
	tcp_bench_flush(b);
	tcp_bench_in(b, ACK, 1, 6001, 0, 1000);
	KUNIT_EXPECT_EQ(test, tp->snd_una - tp->iss, 6001U);
	KUNIT_EXPECT_EQ(test, tp->snd_nxt - tp->iss, 8001U);
	tcp_bench_in(b, ACK, 1, 8001, 0, 0);
	tcp_bench_flush(b);
	tcp_bench_in(b, ACK, 1, 8001, 0, WND);
	TCP_EXPECT_OUT(b, ACK, 8001, 1, BENCH_MSS);
}

/* It even takes all back, and answers each attempt for hours. */
static void window__shrinks_for_long(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;
	struct tcp_sent s;
	u32 tries = 0;
	u32 i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_write(b, 2 * BENCH_MSS);
	tcp_bench_flush(b);
	tcp_bench_in(b, ACK, 1, 1, 0, 0);
	for (i = 0; i < 4 * 3600; i++) {
		tcp_bench_advance(b, USEC_PER_SEC);
		if (!tcp_bench_out(b, &s))
			continue;
		tries++;
		tcp_bench_flush(b);
		tcp_bench_in(b, ACK, 1, 1, 0, 0);
	}
	TCP_EXPECT_STATE(b, TCP_ESTABLISHED);
	/* Every two minutes at least, and no more often than that in the end */
	KUNIT_EXPECT_GE(test, tries, 110U);
	KUNIT_EXPECT_LE(test, tries, 140U);
	tcp_bench_in(b, ACK, 1, 1, 0, WND);
	tcp_bench_advance(b, 150 * USEC_PER_SEC);
	tcp_bench_in(b, ACK, 1, 1 + 2 * BENCH_MSS, 0, WND);
	KUNIT_EXPECT_EQ(test, tp->snd_una, tp->write_seq);
}

/* MUST-66: with its own window shut it still hears a reset, and only that. */
static void window__shut_hears_reset(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tp->ms.sk.sk_rcvbuf = 0;
	tp->rcv_wnd = 0;
	tp->rcv_wup = tp->rcv_nxt;
	tcp_bench_in(b, ACK, 1, 1, 100, WND);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 0);
	KUNIT_EXPECT_EQ(test, tp->rcv_nxt - b->irs, 1U);
	/* Its ACK field counts, though. */
	tcp_bench_write(b, 100);
	tcp_bench_flush(b);
	tcp_bench_in(b, ACK, 1, 101, 0, WND);
	KUNIT_EXPECT_EQ(test, tp->snd_una - tp->iss, 101U);
	tcp_bench_in(b, RST, 1, 0, 0, 0);
	TCP_EXPECT_STATE(b, TCP_CLOSE);
	KUNIT_EXPECT_EQ(test, tp->ms.sk.sk_err, ECONNRESET);
}

/* MUST-38: a window that opens by crumbs is left alone, but not for ever. */
static void sws__sender_waits_for_a_segment(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent s;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_in(b, ACK, 1, 1, 0, 0);
	tcp_bench_write(b, 5 * BENCH_MSS);
	tcp_bench_in(b, ACK, 1, 1, 0, 100);
	tcp_bench_in(b, ACK, 1, 1, 0, 300);
	tcp_bench_in(b, ACK, 1, 1, 0, BENCH_MSS - 1);
	TCP_EXPECT_SILENCE(b);
	/* The override time of section 3.8.6.2.1 is a second at most. */
	tcp_bench_advance(b, USEC_PER_SEC);
	KUNIT_ASSERT_TRUE(test, tcp_bench_out(b, &s));
	KUNIT_EXPECT_EQ(test, s.h.seq - b->tp->iss, 1U);
	KUNIT_EXPECT_EQ(test, s.len, BENCH_MSS - 1);
}

/* Rule (3) there: half of the largest window the peer ever had will do. */
static void sws__half_a_small_window(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->max_wnd = 800;
	tcp_bench_in(b, ACK, 1, 1, 0, 0);
	tcp_bench_write(b, 5 * BENCH_MSS);
	tcp_bench_in(b, ACK, 1, 1, 0, 399);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_in(b, ACK, 1, 1, 0, 400);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 400);
}

/* MUST-39: crumbs that are read do not move the window's right edge. */
static void sws__receiver_opens_by_a_segment(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;
	struct msghdr msg = {};
	u32 edge, moved, sent;
	u32 moves = 0, still = 0;
	struct kvec vec;
	char buf[200];

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tp->ms.sk.sk_userlocks |= SOCK_RCVBUF_LOCK;
	tp->ms.sk.sk_rcvbuf = 40000;
	/* Fill it, so that the window is what is left. */
	for (sent = 1; sent < 32000; sent += 200) {
		if (mini_tcp_rcv_wnd(tp) < 200)
			break;
		tcp_bench_in(b, ACK, sent, 1, 200, WND);
	}
	tp->rcv_mss = BENCH_MSS;
	tp->rcv_wnd = 0;
	tp->rcv_wup = tp->rcv_nxt;
	edge = tp->rcv_nxt;
	while (tp->copied_seq != tp->rcv_nxt) {
		vec.iov_base = buf;
		vec.iov_len = sizeof(buf);
		KUNIT_ASSERT_EQ(test, 200,
				kernel_recvmsg(b->sock, &msg, &vec, 1,
					       sizeof(buf), MSG_DONTWAIT));
		/* As if an ACK were due each time. */
		lock_sock(&tp->ms.sk);
		mini_tcp_send_ack(tp, b->now);
		release_sock(&tp->ms.sk);
		moved = tp->rcv_nxt + mini_tcp_rcv_wnd(tp) - edge;
		edge += moved;
		if (moved) {
			KUNIT_EXPECT_GE(test, moved, BENCH_MSS);
			moves++;
		} else {
			still++;
		}
	}
	KUNIT_EXPECT_GT(test, moves, 0U);
	KUNIT_EXPECT_GT(test, still, 0U);
}

/* MUST-60: a corked tail does not wait for a program that forgot it. */
static void cork__lets_go_in_time(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->cork = 1;
	tcp_bench_write(b, 10);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 199 * BENCH_MS);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 1 * BENCH_MS);
	TCP_EXPECT_OUT(b, ACK, 1, 1, 10);
}

/* MUST-61, SHLD-27, SHLD-28: small writes leave as full segments, one PSH. */
static void psh__on_the_last_segment(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent s;
	u32 seq = 1;
	u32 i;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->nodelay = 1;
	tcp_bench_in(b, ACK, 1, 1, 0, 0);
	for (i = 0; i < 9; i++)
		rules_send(b, 300, 0);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_in(b, ACK, 1, 1, 0, WND);
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_TRUE(test, tcp_bench_out(b, &s));
		KUNIT_EXPECT_EQ(test, s.h.seq - b->tp->iss, seq);
		KUNIT_EXPECT_EQ(test, s.len, i < 2 ? BENCH_MSS : 700U);
		if (i == 2)
			KUNIT_EXPECT_TRUE(test, s.h.flags & PSH);
		seq += s.len;
	}
	TCP_EXPECT_SILENCE(b);
	/* One write of more than a segment: its last one has the bit. */
	rules_send(b, 2500, 0);
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_TRUE(test, tcp_bench_out(b, &s));
		KUNIT_EXPECT_EQ(test, !!(s.h.flags & PSH), i == 2);
	}
	/* And none of a program that has more to say. */
	rules_send(b, 1000, MSG_MORE);
	KUNIT_ASSERT_TRUE(test, tcp_bench_out(b, &s));
	KUNIT_EXPECT_FALSE(test, s.h.flags & PSH);
}

/* Segments that leave together: the last has the bit, whatever follows. */
static void psh__on_a_burst(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct tcp_sent s;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	b->tp->gso_max = 4 * BENCH_MSS;
	b->tp->nodelay = 1;
	b->tp->cc.cwnd = 20 * BENCH_MSS;
	rules_send(b, 4 * BENCH_MSS, MSG_MORE);
	KUNIT_ASSERT_TRUE(test, tcp_bench_out(b, &s));
	KUNIT_EXPECT_EQ(test, s.len, 4U * BENCH_MSS);
	KUNIT_EXPECT_TRUE(test, s.h.flags & PSH);
	/* One alone ends nothing. */
	rules_send(b, BENCH_MSS, MSG_MORE);
	KUNIT_ASSERT_TRUE(test, tcp_bench_out(b, &s));
	KUNIT_EXPECT_EQ(test, s.len, (u32)BENCH_MSS);
	KUNIT_EXPECT_FALSE(test, s.h.flags & PSH);
}

/* MUST-8, SHLD-1: a clock of about 4 us, and another start for each name. */
static void isn__clock_and_key(struct kunit *test)
{
	struct mini_tuple t = { .rport = htons(80), .lport = htons(40000) };
	u32 first, ticks, i;
	u32 near = 0;
	u64 ns;

	mini_addr_set_v4(&t.laddr, htonl(0x0a000001));
	mini_addr_set_v4(&t.raddr, htonl(0x0a000002));
	ns = ktime_get_real_ns();
	first = mini_tcp_isn(&t);
	usleep_range(10000, 20000);
	ticks = mini_tcp_isn(&t) - first;
	ns = ktime_get_real_ns() - ns;
	KUNIT_EXPECT_GE(test, ticks, 10000U / 5);
	KUNIT_EXPECT_LE(test, ticks, (u32)(ns >> 12) + 1);
	for (i = 1; i <= 100; i++) {
		t.lport = htons(40000 + i);
		near += mini_tcp_isn(&t) - first < 1U << 24;
	}
	/* One in 256 comes near by chance. */
	KUNIT_EXPECT_LE(test, near, 8U);
}

/* Until the connection ends; microseconds. */
static u64 rules_patience(struct tcp_bench *b)
{
	u64 begin = b->now;

	while (b->tp->ms.sk.sk_state != TCP_CLOSE &&
	       b->now - begin < 7200ULL * USEC_PER_SEC) {
		tcp_bench_advance(b, USEC_PER_SEC);
		tcp_bench_flush(b);
	}
	return b->now - begin;
}

/* SHLD-11, MUST-23: R2 for data and for a SYN, with the sysctls' defaults. */
static void r2__is_long_enough(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	u64 took;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_write(b, 100);
	took = rules_patience(b);
	KUNIT_EXPECT_GE(test, took, 100ULL * USEC_PER_SEC);
	KUNIT_EXPECT_LT(test, took, 3600ULL * USEC_PER_SEC);

	tcp_bench_exit(test);
	tcp_bench_init(test);
	b = test->priv;
	tcp_bench_syn_sent(b, BENCH_ISS, BENCH_IRS);
	took = rules_patience(b);
	KUNIT_EXPECT_GE(test, took, 180ULL * USEC_PER_SEC);
	KUNIT_EXPECT_LT(test, took, 600ULL * USEC_PER_SEC);
}

/* MUST-25, MUST-28: not unless asked for, and not before two hours. */
static void keepalive__two_hours(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tcp_bench_advance(b, 3 * 3600ULL * USEC_PER_SEC);
	TCP_EXPECT_SILENCE(b);
	sock_set_flag(&b->tp->ms.sk, SOCK_KEEPOPEN);
	tcp_bench_in(b, ACK, 1, 1, 0, WND - 1);
	b->tp->last_rcv = b->now;
	b->tp->last_sent = b->now;
	mini_tcp_arm_keepalive(b->tp, b->now);
	tcp_bench_advance(b, 7199ULL * USEC_PER_SEC);
	TCP_EXPECT_SILENCE(b);
	tcp_bench_advance(b, 2 * USEC_PER_SEC);
	TCP_EXPECT_OUT(b, ACK, 0, 1, 0);
}

/* RFC 6298 section 2 by hand, with the floor and the ceiling of section 2.4 */
static void rto__bounds(struct kunit *test)
{
	static const struct {
		u32 rtt;
		u32 rto;
	} first[] = {
		/* SRTT + max(4 * RTTVAR, floor), RTTVAR = RTT / 2 */
		{ 10, 10 + 200000 },
		{ 50000, 50000 + 200000 },
		{ 100000, 100000 + 200000 },
		{ 200000, 200000 + 400000 },
		{ 1000000, 3000000 },
		{ 30000000, 90000000 },
		{ 60000000, 120000000 },
		{ U32_MAX, 120000000 },
	};
	struct tcp_bench *b = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(first); i++) {
		mini_tcp_init_sock(b->tp);
		mini_tcp_rtt_sample(b->tp, first[i].rtt);
		KUNIT_EXPECT_EQ_MSG(test, b->tp->rto_us, first[i].rto,
				    "after %u us", first[i].rtt);
	}
}

/* (5.1) on, (5.2) off, (5.3) anew: by what is outstanding. */
static void rto__runs_while_data_is_out(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;
	u64 *rto = &tp->deadline[MINI_TCP_T_RTO];

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	KUNIT_EXPECT_EQ(test, *rto, 0ULL);
	tcp_bench_write(b, 2 * BENCH_MSS);
	KUNIT_EXPECT_EQ(test, *rto, b->now + tp->rto_us);
	b->now += 10 * BENCH_MS;
	/* An ACK of nothing new leaves it alone. */
	tcp_bench_in(b, ACK, 1, 1, 0, WND - 1);
	KUNIT_EXPECT_EQ(test, *rto, b->now - 10 * BENCH_MS + tp->rto_us);
	tcp_bench_in(b, ACK, 1, 1001, 0, WND);
	KUNIT_EXPECT_EQ(test, *rto, b->now + tp->rto_us);
	tcp_bench_in(b, ACK, 1, 2001, 0, WND);
	KUNIT_EXPECT_EQ(test, *rto, 0ULL);
}

/* Karn: backed off it stays until something sent once is acknowledged. */
static void rto__backed_off_until_a_sample(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;
	u64 *rto = &tp->deadline[MINI_TCP_T_RTO];
	u32 once;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	once = tp->rto_us;
	tcp_bench_write(b, BENCH_MSS);
	while (tp->backoff < 2)
		tcp_bench_advance(b, BENCH_MS);
	/* For which of the three is it? */
	tcp_bench_in(b, ACK, 1, 1001, 0, WND);
	tcp_bench_write(b, BENCH_MSS);
	KUNIT_EXPECT_GE(test, *rto, b->now + 4 * once);
	b->now += 10 * BENCH_MS;
	tcp_bench_in(b, ACK, 1, 2001, 0, WND);
	tcp_bench_write(b, BENCH_MSS);
	KUNIT_EXPECT_EQ(test, *rto, b->now + tp->rto_us);
	KUNIT_EXPECT_LE(test, tp->rto_us, once);
}

/* Windows and their marks compared where the numbers wrap. */
static void wrap__window_updates(struct kunit *test)
{
	static const u32 origin[] = { 1000, (1U << 31) - 2, -2 };
	struct tcp_bench *b;
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(origin); i++) {
		if (i) {
			tcp_bench_exit(test);
			tcp_bench_init(test);
		}
		b = test->priv;
		tcp_bench_established(b, origin[i], origin[i]);
		tcp_bench_write(b, 4);
		/* Newer by ACK, by SEQ, and the same again: each counts. */
		for (k = 0; k < 4; k++) {
			tcp_bench_in(b, ACK, 1 + k, 1 + k, 1, 5000 + k);
			KUNIT_EXPECT_EQ(test, b->tp->snd_wnd, 5000 + k);
			tcp_bench_in(b, ACK, 2 + k, 1 + k, 0, 6000 + k);
			KUNIT_EXPECT_EQ(test, b->tp->snd_wnd, 6000 + k);
			/* An older one does not. */
			tcp_bench_in(b, ACK, 1 + k, 1 + k, 1, 100);
			KUNIT_EXPECT_EQ(test, b->tp->snd_wnd, 6000 + k);
		}
	}
}

static struct kunit_case tcp_rules_cases[] = {
	KUNIT_CASE(window__is_unsigned),
	KUNIT_CASE(window__shrinks),
	KUNIT_CASE(window__shrinks_for_long),
	KUNIT_CASE(window__shut_hears_reset),
	KUNIT_CASE(sws__sender_waits_for_a_segment),
	KUNIT_CASE(sws__half_a_small_window),
	KUNIT_CASE(sws__receiver_opens_by_a_segment),
	KUNIT_CASE(cork__lets_go_in_time),
	KUNIT_CASE(psh__on_the_last_segment),
	KUNIT_CASE(psh__on_a_burst),
	KUNIT_CASE(isn__clock_and_key),
	KUNIT_CASE(r2__is_long_enough),
	KUNIT_CASE(keepalive__two_hours),
	KUNIT_CASE(rto__bounds),
	KUNIT_CASE(rto__runs_while_data_is_out),
	KUNIT_CASE(rto__backed_off_until_a_sample),
	KUNIT_CASE(wrap__window_updates),
	{}
};

struct kunit_suite mini_tcp_rules_test_suite = {
	.name = "mini_tcp_rules",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_rules_cases,
};
