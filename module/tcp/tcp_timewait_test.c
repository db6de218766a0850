// SPDX-License-Identifier: GPL-2.0
/*
 * Records: TIME-WAIT, and FIN-WAIT-2 of a program that is gone, with every
 * event that may befall them (RFC 9293 section 3.10.7.4, RFC 1337, RFC 6191),
 * around 0, 2^31 and 2^32.
 *
 * A record answers through IP, which has no way to the peer here: counters
 * tell what it would have sent.
 */
#include "../ip/host_test.h"
#include "open.h"
#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define FIN	MINI_TCP_FIN
#define SYN	MINI_TCP_SYN
#define RST	MINI_TCP_RST
#define WND	60000
#define RECENT	5000U		/* the peer's last timestamp */

enum row_end {
	STAYS,
	ANEW,			/* its time begins again */
	GONE,
	HAS_FIN,		/* FIN-WAIT-2 has its FIN */
};

struct row {
	const char *event;
	u8 from;
	u8 flags;
	u32 seq;		/* from RCV.NXT */
	u32 ack;		/* from SND.NXT */
	u16 len;
	s8 ts;			/* from RECENT, 0: no timestamp */
	bool no_rfc1337;
	enum row_end end;
	u8 acks;
	u8 resets;
};

#define TW	TCP_TIME_WAIT
#define FW2	TCP_FIN_WAIT2

static const struct row rows[] = {
	{ "the FIN again", TW, FIN | ACK, -1, .end = ANEW, .acks = 1 },
	{ "the FIN again, with text", TW, FIN | ACK, -101, .len = 100,
	  .end = ANEW, .acks = 1 },
	{ "the FIN again, old timestamp", TW, FIN | ACK, -1, .ts = -1,
	  .end = STAYS, .acks = 1 },
	{ "an older FIN", TW, FIN | ACK, -100, .acks = 1 },
	{ "old text", TW, ACK, -100, .len = 100, .acks = 1 },
	{ "text at RCV.NXT", TW, ACK, .len = 100, .acks = 1 },
	{ "text half the space away", TW, ACK, 1U << 31, .len = 1, .acks = 1 },
	{ "ACK at RCV.NXT", TW, ACK },
	{ "ACK elsewhere", TW, ACK, -1, .acks = 1 },
	{ "ACK with an old timestamp", TW, ACK, .ts = -1, .acks = 1 },
	{ "RST at RCV.NXT", TW, RST },
	{ "RST at RCV.NXT, tcp_rfc1337 off", TW, RST, .no_rfc1337 = true,
	  .end = GONE },
	{ "RST elsewhere, tcp_rfc1337 off", TW, RST, 1, .no_rfc1337 = true },
	{ "RST with an old timestamp", TW, RST, .ts = -1 },
	{ "SYN, and nobody listens", TW, SYN, 1000, .ts = 1, .acks = 1 },
	{ "an old SYN", TW, SYN, -1000, .ts = -1, .acks = 1 },
	{ "SYN,ACK", TW, SYN | ACK, 1000, .acks = 1 },

	{ "FIN", FW2, FIN | ACK, .end = HAS_FIN, .acks = 1 },
	{ "FIN beyond a hole", FW2, FIN | ACK, 100, .acks = 1 },
	{ "FIN beyond the window", FW2, FIN | ACK, 200000, .acks = 1 },
	{ "FIN, old timestamp", FW2, FIN | ACK, .ts = -1, .acks = 1 },
	{ "FIN with text", FW2, FIN | ACK, .len = 100, .end = GONE,
	  .resets = 1 },
	{ "text", FW2, ACK, .len = 100, .end = GONE, .resets = 1 },
	{ "text, half of it new", FW2, ACK, -50, .len = 100, .end = GONE,
	  .resets = 1 },
	{ "old text", FW2, ACK, -100, .len = 100, .acks = 1 },
	{ "text without ACK", FW2, 0, .len = 100 },
	{ "ACK", FW2, ACK },
	{ "ACK beyond SND.NXT", FW2, ACK, .ack = 1, .acks = 1 },
	{ "RST at RCV.NXT", FW2, RST, .end = GONE },
	{ "RST in the window", FW2, RST, 1, .acks = 1 },
	{ "RST below the window", FW2, RST, -1 },
	{ "SYN at RCV.NXT", FW2, SYN, .acks = 1 },
	{ "SYN below the window", FW2, SYN, -1000, .acks = 1 },
};

static void row_desc(const struct row *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s: %s",
		 row->from == TW ? "TIME-WAIT" : "FIN-WAIT-2", row->event);
}

KUNIT_ARRAY_PARAM(rows, rows, row_desc);

static const struct {
	const char *name;
	u32 iss;
	u32 irs;
} places[] = {
	{ "", BENCH_ISS, BENCH_IRS },
	{ ", at 2^31", (1U << 31) - 2, (1U << 31) - 2 },
	{ ", at 2^32", -2, -2 },
};

static struct mini_tcp_tw *record_find(struct tcp_bench *b)
{
	struct mini_conn *conn;

	/* Only this test or a minute ends a record: it stays behind the lock. */
	rcu_read_lock();
	conn = mini_tcp_conn_lookup(mini_tcp_mn(b->tp),
				    &b->tp->ms.conn.tuple);
	rcu_read_unlock();
	return conn && conn->kind == MINI_CONN_TW ?
	       container_of(conn, struct mini_tcp_tw, conn) : NULL;
}

/* A record in the place of a connection that had timestamps or not. */
static struct mini_tcp_tw *record_make(struct tcp_bench *b, u8 state, bool ts,
				       u32 iss, u32 irs)
{
	static u32 turn;
	struct mini_tcp_sock *tp = b->tp;
	struct sock *sk = &tp->ms.sk;
	struct mini_tcp_tw *tw;

	/* Challenge ACKs are counted by the second. */
	b->now += 2 * USEC_PER_SEC * ++turn;
	tcp_bench_established(b, iss, irs);
	KUNIT_EXPECT_EQ(b->test, 0,
			mini_tcp_conn_insert(mini_tcp_mn(tp), &tp->ms.conn));
	tcp_bench_close(b);
	tp->tstamp_ok = ts;
	tp->ts_recent = RECENT;
	if (state == FW2) {
		sock_hold(sk);
		sock_set_flag(sk, SOCK_DEAD);
		tcp_bench_in(b, ACK, 1, 2, 0, WND);
		sock_reset_flag(sk, SOCK_DEAD);
	} else {
		tcp_bench_in(b, FIN | ACK, 1, 2, 0, WND);
	}
	tcp_bench_flush(b);
	tw = record_find(b);
	KUNIT_ASSERT_NOT_NULL(b->test, tw);
	KUNIT_EXPECT_EQ(b->test, tw->state, state);
	tw->expires = 0;
	return tw;
}

static void record_in(struct tcp_bench *b, struct mini_tcp_tw *tw,
		      const struct mini_wire_tcp *h, u32 len)
{
	struct mini_net *mn = mini_tcp_mn(b->tp);
	struct mini_rx rx = {
		.mn = mn,
		.saddr = tw->conn.tuple.raddr,
		.daddr = tw->conn.tuple.laddr,
		.dst_type = MINI_ROUTE_LOCAL,
		.proto = IPPROTO_TCP,
	};
	struct sk_buff *skb = alloc_skb(max(len, 1U), GFP_KERNEL);
	u32 iss;

	KUNIT_ASSERT_NOT_NULL(b->test, skb);
	skb_put_zero(skb, len);
	local_bh_disable();
	rcu_read_lock();
	rx.mdev = list_first_or_null_rcu(mini_dev_list(mn), struct mini_dev,
					 list);
	KUNIT_EXPECT_FALSE(b->test, mini_tcp_tw_rcv(&rx, tw, skb, h, &iss));
	rcu_read_unlock();
	local_bh_enable();
}

static void row_run(struct tcp_bench *b, const struct row *row, u32 iss,
		    u32 irs, const char *where)
{
	struct mini_net *mn = mini_tcp_mn(b->tp);
	struct kunit *test = b->test;
	struct mini_tcp_tw *tw = record_make(b, row->from, row->ts, iss, irs);
	int rfc1337 = mn->sysctl.tcp_rfc1337;
	struct mini_wire_tcp h = {
		.sport = tw->conn.tuple.rport,
		.dport = tw->conn.tuple.lport,
		.seq = tw->rcv_nxt + row->seq,
		.ack = tw->snd_nxt + row->ack,
		.window = WND,
		.flags = row->flags,
		.hdr_len = 20,
	};
	u64 sent, resets;

	h.opts.saw_tstamp = !!row->ts;
	h.opts.tsval = RECENT + row->ts;
	mn->sysctl.tcp_rfc1337 = !row->no_rfc1337;
	resets = mini_test_event(mn, MINI_MIB_TCP_OUT_RSTS);
	sent = mini_test_event(mn, MINI_MIB_TCP_OUT_SEGS);
	record_in(b, tw, &h, row->len);
	sent = mini_test_event(mn, MINI_MIB_TCP_OUT_SEGS) - sent;
	resets = mini_test_event(mn, MINI_MIB_TCP_OUT_RSTS) - resets;
	mn->sysctl.tcp_rfc1337 = rfc1337;

	KUNIT_EXPECT_EQ_MSG(test, resets, (u64)row->resets, "resets%s", where);
	KUNIT_EXPECT_EQ_MSG(test, sent - resets, (u64)row->acks, "ACKs%s",
			    where);
	tw = record_find(b);
	KUNIT_EXPECT_EQ_MSG(test, !tw, row->end == GONE, "gone%s", where);
	if (!tw)
		return;
	KUNIT_EXPECT_EQ_MSG(test, tw->state,
			    row->end == HAS_FIN ? TW : row->from, "state%s",
			    where);
	KUNIT_EXPECT_EQ_MSG(test, !!tw->expires,
			    row->end == ANEW || row->end == HAS_FIN,
			    "time%s", where);
}

static void record__each_row(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		if (i) {
			tcp_bench_exit(test);
			tcp_bench_init(test);
		}
		row_run(test->priv, test->param_value, places[i].iss,
			places[i].irs, places[i].name);
		mini_tcp_tw_purge(mini_tcp_mn(((struct tcp_bench *)
					       test->priv)->tp));
	}
}

/* What only strays ask for has an answer twice a second at most. */
static void record__strays_get_few_answers(struct kunit *test)
{
	struct tcp_bench *b = test->priv;
	struct mini_net *mn = mini_tcp_mn(b->tp);
	struct mini_wire_tcp h = { .flags = ACK };
	struct mini_tcp_tw *tw;
	u64 sent;
	u32 i;

	tw = record_make(b, TW, false, BENCH_ISS, BENCH_IRS);
	h.seq = tw->rcv_nxt - 1;
	h.ack = tw->snd_nxt;
	sent = mini_test_event(mn, MINI_MIB_TCP_OUT_SEGS);
	for (i = 0; i < 10; i++)
		record_in(b, tw, &h, 0);
	KUNIT_EXPECT_EQ(test, sent + 1,
			mini_test_event(mn, MINI_MIB_TCP_OUT_SEGS));
	/* But each repeated FIN has its own. */
	h.flags |= FIN;
	for (i = 0; i < 10; i++)
		record_in(b, tw, &h, 0);
	KUNIT_EXPECT_EQ(test, sent + 11,
			mini_test_event(mn, MINI_MIB_TCP_OUT_SEGS));
	mini_tcp_tw_purge(mn);
}

/* RFC 6191 section 2, each line. */
static const struct reopen {
	bool had_ts;
	bool has_ts;
	s32 ts;			/* from the last one */
	s32 seq;		/* from RCV.NXT */
	bool yes;
} reopens[] = {
	{ true, true, 1, 1000, true },
	{ true, true, 1, -1000, true },
	{ true, true, 0, 1, true },
	{ true, true, 0, 0, false },
	{ true, true, 0, -1000, false },
	{ true, true, -1, 1000, false },
	{ true, true, S32_MIN, 1000, false },
	{ true, false, 0, 1, true },
	{ true, false, 0, -1, false },
	{ false, true, -1000, -1000, true },
	{ false, false, 0, 1, true },
	{ false, false, 0, 0, false },
	{ false, false, 0, -1, false },
};

static void record__reopens(struct kunit *test)
{
	struct mini_net *mn = mini_pernet(&init_net);
	struct mini_tcp_tw tw = { .mn = mn, .state = TW };
	struct mini_wire_tcp h = { };
	u32 i, k;

	for (k = 0; k < ARRAY_SIZE(places); k++) {
		for (i = 0; i < ARRAY_SIZE(reopens); i++) {
			const struct reopen *r = &reopens[i];

			tw.rcv_nxt = places[k].irs;
			tw.tstamp_ok = r->had_ts;
			tw.ts_recent = places[k].irs;
			h.flags = SYN;
			h.seq = tw.rcv_nxt + r->seq;
			h.opts.saw_tstamp = r->has_ts;
			h.opts.tsval = tw.ts_recent + r->ts;
			KUNIT_EXPECT_EQ_MSG(test,
					    mini_tcp_tw_reopens(&tw, &h),
					    r->yes, "line %u%s", i,
					    places[k].name);
			/* Only a SYN, and nothing else. */
			h.flags = SYN | ACK;
			KUNIT_EXPECT_FALSE(test, mini_tcp_tw_reopens(&tw, &h));
			h.flags = SYN | FIN;
			KUNIT_EXPECT_FALSE(test, mini_tcp_tw_reopens(&tw, &h));
		}
	}
	tw.state = FW2;
	h.flags = SYN;
	KUNIT_EXPECT_FALSE(test, mini_tcp_tw_reopens(&tw, &h));
}

/* MAY-2: the new connection begins above all that the old one used. */
static void record__next_iss(struct kunit *test)
{
	static const u32 last[] = { 0, 1000, (1U << 31) - 5, -5, -65537U };
	struct mini_tcp_tw tw = { };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(last); i++) {
		tw.snd_nxt = last[i];
		KUNIT_EXPECT_TRUE(test, seq_after(mini_tcp_tw_iss(&tw),
						  last[i] + U16_MAX));
		/* 0 would say that there is no old connection. */
		KUNIT_EXPECT_NE(test, mini_tcp_tw_iss(&tw), 0U);
	}
}

static struct kunit_case tcp_timewait_cases[] = {
	KUNIT_CASE_PARAM(record__each_row, rows_gen_params),
	KUNIT_CASE(record__strays_get_few_answers),
	KUNIT_CASE(record__reopens),
	KUNIT_CASE(record__next_iss),
	{}
};

struct kunit_suite mini_tcp_timewait_test_suite = {
	.name = "mini_tcp_timewait",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_timewait_cases,
};
