// SPDX-License-Identifier: GPL-2.0
/*
 * How connections open: SYN cookies, Fast Open's cookies, who may follow whom
 * out of TIME-WAIT, TCP_DEFER_ACCEPT's seconds.
 */
#include <kunit/test.h>

#include "../kunit.h"
#include "open.h"

#define EPOCH	BIT_ULL(26)	/* us, of a SYN cookie's secret */
#define NOW	(1000 * EPOCH + 17)
#define IRS	0xfffffff0U
#define OPTS	0x57		/* window scale 7, SACK, timestamps */

static struct mini_tcp_cookies *open_cookies(struct kunit *test)
{
	struct mini_tcp_cookies *c = kunit_kzalloc(test, sizeof(*c),
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	mini_tcp_cookie_net_init(c);
	return c;
}

static struct mini_tuple open_tuple(u32 raddr, u16 rport)
{
	struct mini_tuple t = {
		.rport = htons(rport),
		.lport = htons(80),
	};

	mini_addr_set_v4(&t.raddr, htonl(raddr));
	mini_addr_set_v4(&t.laddr, htonl(0x0a000001));
	return t;
}

/* What comes back is what went, the MSS rounded down to a usual one. */
static void cookie__mss(struct kunit *test)
{
	static const struct { u16 mss, back; } row[] = {
		{ 48, 48 }, { 255, 48 }, { 256, 256 }, { 535, 256 },
		{ 536, 536 }, { 1219, 536 }, { 1220, 1220 }, { 1440, 1440 },
		{ 1459, 1440 }, { 1460, 1460 }, { 8959, 1460 },
		{ 8960, 8960 }, { 65535, 8960 },
	};
	struct mini_tcp_cookies *c = open_cookies(test);
	struct mini_tuple t = open_tuple(0x0a000002, 40000);
	int i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		u16 mss = row[i].mss;
		u32 cookie = mini_tcp_cookie_make(c, &t, IRS, &mss, OPTS, NOW);

		KUNIT_EXPECT_EQ(test, mss, row[i].back);
		KUNIT_EXPECT_EQ(test, mini_tcp_cookie_open(c, &t, IRS, cookie,
							   OPTS, NOW),
				row[i].back);
	}
}

/* It is good for this epoch and the next one. */
static void cookie__age(struct kunit *test)
{
	struct mini_tcp_cookies *c = open_cookies(test);
	struct mini_tuple t = open_tuple(0x0a000002, 40000);
	u64 made = NOW - NOW % EPOCH;	/* an epoch's first moment */
	u16 mss = 1460;
	u32 cookie = mini_tcp_cookie_make(c, &t, IRS, &mss, OPTS, made);

	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_open(c, &t, IRS, cookie, OPTS,
						   made + EPOCH - 1), 1460);
	/* Others are made meanwhile: the old secret stays for an epoch. */
	mini_tcp_cookie_make(c, &t, IRS, &mss, OPTS, made + EPOCH);
	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_open(c, &t, IRS, cookie, OPTS,
						   made + 2 * EPOCH - 1), 1460);
	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_open(c, &t, IRS, cookie, OPTS,
						   made + 2 * EPOCH), 0);
	mini_tcp_cookie_make(c, &t, IRS, &mss, OPTS, made + 2 * EPOCH);
	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_open(c, &t, IRS, cookie, OPTS,
						   made + 2 * EPOCH), 0);
	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_open(c, &t, IRS, cookie, OPTS,
						   made + 4 * EPOCH), 0);
}

/* Nothing opens before a secret was made: zero is none. */
static void cookie__no_secret(struct kunit *test)
{
	struct mini_tcp_cookies *c = open_cookies(test);
	struct mini_tuple t = open_tuple(0x0a000002, 40000);
	struct mini_tcp_cookies *other = open_cookies(test);
	u16 mss = 1460;
	u32 cookie = mini_tcp_cookie_make(c, &t, IRS, &mss, OPTS, 0);

	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_open(c, &t, IRS, cookie, OPTS, 0),
			1460);
	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_open(other, &t, IRS, cookie, OPTS,
						   0), 0);
	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_open(other, &t, IRS, 0, OPTS, 0),
			0);
}

/* Not one bit may differ, of the cookie or of what it stands for. */
static void cookie__forgery(struct kunit *test)
{
	struct mini_tcp_cookies *c = open_cookies(test);
	struct mini_tuple t = open_tuple(0x0a000002, 40000);
	struct mini_tuple other = open_tuple(0x0a000003, 40000);
	struct mini_tuple port = open_tuple(0x0a000002, 40001);
	u16 mss = 1460;
	u32 cookie;
	int i;

	/* The secret of the epoch before must not open either. */
	mini_tcp_cookie_make(c, &t, IRS, &mss, OPTS, NOW - EPOCH);
	cookie = mini_tcp_cookie_make(c, &t, IRS, &mss, OPTS, NOW);
	for (i = 0; i < 32; i++)
		KUNIT_EXPECT_EQ(test,
				mini_tcp_cookie_open(c, &t, IRS, cookie ^ BIT(i),
						     OPTS, NOW), 0);
	for (i = 0; i < 7; i++)
		KUNIT_EXPECT_EQ(test,
				mini_tcp_cookie_open(c, &t, IRS, cookie,
						     OPTS ^ BIT(i), NOW), 0);
	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_open(c, &t, IRS + 1, cookie, OPTS,
						   NOW), 0);
	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_open(c, &other, IRS, cookie, OPTS,
						   NOW), 0);
	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_open(c, &port, IRS, cookie, OPTS,
						   NOW), 0);
}

/* The options are in the low bits, and time does not run ahead. */
static void cookie__timestamp(struct kunit *test)
{
	static const u32 clocks[] = { 0, 1, 63, 64, 1000000, 0x7fffffff,
				      0x80000000, 0xffffffff };
	int i, opts;

	for (i = 0; i < ARRAY_SIZE(clocks); i++) {
		for (opts = 0; opts < 64; opts++) {
			u32 val = mini_tcp_cookie_tsval(clocks[i], opts | 0x40);

			KUNIT_EXPECT_EQ(test, val & 63, (u32)opts);
			KUNIT_EXPECT_LT(test, clocks[i] - val, 64U);
		}
	}
}

static void cookie__options(struct kunit *test)
{
	struct mini_tcp_req req = { .wscale_ok = 1, .snd_wscale = 9,
				    .sack_ok = 1 };

	/* There is nowhere to put them. */
	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_opts(&req), 0);
	req.tstamp_ok = 1;
	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_opts(&req), 0x59);
	req.sack_ok = 0;
	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_opts(&req), 0x49);
	req.wscale_ok = 0;
	KUNIT_EXPECT_EQ(test, mini_tcp_cookie_opts(&req), 0x4f);
}

static void open_fo_option(const siphash_key_t *key, const struct mini_tuple *t,
			   struct mini_wire_tcp_opts *o)
{
	memset(o, 0, sizeof(*o));
	mini_tcp_fo_cookie(key, t, o->fastopen);
	o->fastopen_len = MINI_TCP_FO_COOKIE;
	o->saw_fastopen = 1;
}

/* Who owns the address, whatever the port; the second key is on its way out. */
static void fastopen__cookie(struct kunit *test)
{
	struct mini_tcp_fo_keys keys = {
		.key = { { { 1, 2 } }, { { 3, 4 } } },
		.count = 1,
	};
	struct mini_tuple t = open_tuple(0x0a000002, 40000);
	struct mini_tuple port = open_tuple(0x0a000002, 40001);
	struct mini_tuple other = open_tuple(0x0a000003, 40000);
	struct mini_wire_tcp_opts o;

	open_fo_option(&keys.key[0], &t, &o);
	KUNIT_EXPECT_EQ(test, mini_tcp_fo_check(&keys, &t, &o), 1);
	KUNIT_EXPECT_EQ(test, mini_tcp_fo_check(&keys, &port, &o), 1);
	KUNIT_EXPECT_EQ(test, mini_tcp_fo_check(&keys, &other, &o), 0);
	o.fastopen[7] ^= 1;
	KUNIT_EXPECT_EQ(test, mini_tcp_fo_check(&keys, &t, &o), 0);
	o.fastopen[7] ^= 1;
	o.fastopen_len = 4;
	KUNIT_EXPECT_EQ(test, mini_tcp_fo_check(&keys, &t, &o), 0);

	open_fo_option(&keys.key[1], &t, &o);
	KUNIT_EXPECT_EQ(test, mini_tcp_fo_check(&keys, &t, &o), 0);
	keys.count = 2;
	KUNIT_EXPECT_EQ(test, mini_tcp_fo_check(&keys, &t, &o), 2);
}

/* Without a bench of its own a record looks for its knobs in init_net. */
static void open_tw(struct mini_tcp_tw *tw)
{
	memset(tw, 0, sizeof(*tw));
	tw->mn = mini_pernet(&init_net);
	tw->state = TCP_TIME_WAIT;
	tw->conn.tuple = open_tuple(0x0a000002, 40000);
	tw->rcv_nxt = 0xffffff00;
	tw->snd_nxt = 5000;
	tw->ts_recent = 0xfffffff0;
	tw->ts_recent_time = NOW;
}

#define SYN_AT(_seq)		.flags = MINI_TCP_SYN, .seq = (_seq)
#define STAMP(_val)		.opts = { .saw_tstamp = 1, .tsval = (_val) }

/* RFC 6191 section 2, row by row; rcv_nxt 0xffffff00, ts_recent 0xfffffff0. */
static void time_wait__reopens(struct kunit *test)
{
	static const struct {
		struct mini_wire_tcp h;
		bool stamped;		/* the old connection had timestamps */
		bool reopens;
		const char *what;
	} row[] = {
		{ { SYN_AT(0xffffff01) }, false, true, "higher number" },
		{ { SYN_AT(0x00000100) }, false, true, "higher, wrapped" },
		{ { SYN_AT(0xffffff00) }, false, false, "same number" },
		{ { SYN_AT(0xfffffe00) }, false, false, "lower number" },
		{ { SYN_AT(0xffffff01) }, true, true, "higher, unstamped" },
		{ { SYN_AT(0xfffffe00) }, true, false, "lower, unstamped" },
		{ { SYN_AT(0xfffffe00), STAMP(0xfffffff1) }, true, true,
		  "lower, newer" },
		{ { SYN_AT(0xfffffe00), STAMP(0x00000010) }, true, true,
		  "lower, newer, wrapped" },
		{ { SYN_AT(0xffffff01), STAMP(0xffffffef) }, true, false,
		  "higher, older" },
		{ { SYN_AT(0xffffff01), STAMP(0xfffffff0) }, true, true,
		  "higher, same stamp" },
		{ { SYN_AT(0xfffffe00), STAMP(0xfffffff0) }, true, false,
		  "lower, same stamp" },
		{ { SYN_AT(0xfffffe00), STAMP(1) }, false, true,
		  "stamped, the old one was not" },
		{ { .flags = MINI_TCP_SYN | MINI_TCP_ACK, .seq = 0 }, false,
		  false, "SYN-ACK" },
		{ { .flags = MINI_TCP_SYN | MINI_TCP_RST, .seq = 0 }, false,
		  false, "SYN, RST" },
		{ { .flags = MINI_TCP_SYN | MINI_TCP_FIN, .seq = 0 }, false,
		  false, "SYN, FIN" },
		{ { .flags = MINI_TCP_ACK, .seq = 0 }, false, false, "ACK" },
	};
	struct mini_tcp_tw *tw = kunit_kzalloc(test, sizeof(*tw), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, tw);
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		open_tw(tw);
		tw->tstamp_ok = row[i].stamped;
		KUNIT_EXPECT_EQ_MSG(test, mini_tcp_tw_reopens(tw, &row[i].h),
				    row[i].reopens, "%s", row[i].what);
		tw->state = TCP_FIN_WAIT2;
		KUNIT_EXPECT_FALSE(test, mini_tcp_tw_reopens(tw, &row[i].h));
	}
}

/* tcp_tw_reuse: what connect() may take over. */
static void time_wait__reusable(struct kunit *test)
{
	static const struct {
		int how;
		u32 raddr;
		bool stamped;
		u64 age;
		bool reusable;
	} row[] = {
		{ 1, 0x0a000002, true, USEC_PER_SEC, true },
		{ 1, 0x0a000002, true, USEC_PER_SEC - 1, false },
		{ 1, 0x0a000002, false, USEC_PER_SEC, false },
		{ 0, 0x0a000002, true, USEC_PER_SEC, false },
		{ 2, 0x0a000002, true, USEC_PER_SEC, false },
		{ 2, 0x7f000001, true, USEC_PER_SEC, true },
		{ 2, 0x7f000001, true, 0, false },
		{ 0, 0x7f000001, true, USEC_PER_SEC, false },
	};
	struct mini_tcp_tw *tw = kunit_kzalloc(test, sizeof(*tw), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, tw);
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		open_tw(tw);
		tw->conn.tuple = open_tuple(row[i].raddr, 80);
		tw->tstamp_ok = row[i].stamped;
		KUNIT_EXPECT_EQ_MSG(test,
				    mini_tcp_tw_reusable(tw, row[i].how,
							 NOW + row[i].age),
				    row[i].reusable, "row %d", i);
		tw->state = TCP_FIN_WAIT2;
		KUNIT_EXPECT_FALSE(test,
				   mini_tcp_tw_reusable(tw, row[i].how,
							NOW + row[i].age));
	}
}

/* RFC 9293 3.6.1: beyond the old connection's window, and 0 means none. */
static void time_wait__next_number(struct kunit *test)
{
	struct mini_tcp_tw *tw = kunit_kzalloc(test, sizeof(*tw), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tw);
	open_tw(tw);
	KUNIT_EXPECT_EQ(test, mini_tcp_tw_iss(tw), 5000U + 65537);
	tw->snd_nxt = -65537;
	KUNIT_EXPECT_EQ(test, mini_tcp_tw_iss(tw), 1U);
	tw->snd_nxt = 0xffffffff;
	KUNIT_EXPECT_EQ(test, mini_tcp_tw_iss(tw), 65536U);
}

/* Seconds, rounded up to time-outs of 1, 2, 4 ... 64, 120, 120 seconds. */
static void defer_accept__seconds(struct kunit *test)
{
	static const struct { int set, timeouts, get; } row[] = {
		{ 0, 0, 0 }, { -5, 0, 0 }, { 1, 1, 1 }, { 2, 2, 3 },
		{ 3, 2, 3 }, { 4, 3, 7 }, { 127, 7, 127 }, { 128, 8, 247 },
		{ 247, 8, 247 }, { 248, 9, 367 }, { INT_MAX, 255, 29887 },
	};
	struct mini_tcp_sock *tp = kunit_kzalloc(test, sizeof(*tp), GFP_KERNEL);
	int i, val;

	KUNIT_ASSERT_NOT_NULL(test, tp);
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		KUNIT_EXPECT_EQ(test, mini_tcp_open_set(tp, TCP_DEFER_ACCEPT,
							row[i].set), 0);
		KUNIT_EXPECT_EQ(test, (int)tp->defer_accept, row[i].timeouts);
		KUNIT_EXPECT_EQ(test, mini_tcp_open_get(tp, TCP_DEFER_ACCEPT,
							&val), 0);
		KUNIT_EXPECT_EQ(test, val, row[i].get);
	}
}

static struct kunit_case tcp_open_cases[] = {
	KUNIT_CASE(cookie__mss),
	KUNIT_CASE(cookie__age),
	KUNIT_CASE(cookie__no_secret),
	KUNIT_CASE(cookie__forgery),
	KUNIT_CASE(cookie__timestamp),
	KUNIT_CASE(cookie__options),
	KUNIT_CASE(fastopen__cookie),
	KUNIT_CASE(time_wait__reopens),
	KUNIT_CASE(time_wait__reusable),
	KUNIT_CASE(time_wait__next_number),
	KUNIT_CASE(defer_accept__seconds),
	{}
};

struct kunit_suite mini_tcp_open_test_suite = {
	.name = "mini_tcp_open",
	.test_cases = tcp_open_cases,
};
