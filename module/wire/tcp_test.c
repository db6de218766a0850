// SPDX-License-Identifier: GPL-2.0
/*
 * TCP headers and options, good and bad.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/tcp.h>

#include "../compat.h"
#include "../kunit.h"
#include "wire_test.h"

#define TEST_HDR_MAX	60
#define TEST_OPT_MAX	40
#define TEST_NOISE	4000
#define TEST_GUARD	0xa5

#define OPT_EOL		0
#define OPT_NOP		1
#define OPT_MSS		2
#define OPT_WSCALE	3
#define OPT_SACK_PERM	4
#define OPT_SACK	5
#define OPT_TSTAMP	8

/* An option that tells whether a parser came so far. */
#define TEST_MSS	1460
static const u8 test_mss_opt[] = { OPT_MSS, 4, TEST_MSS >> 8, TEST_MSS & 255 };

static enum mini_drop_reason test_tcp(struct kunit *test, const void *data,
				      size_t len, struct mini_wire_tcp *tcp)
{
	u8 *p = test_exact(test, data, len);
	enum mini_drop_reason reason;

	/* What a caller had there before must not show through. */
	memset(tcp, 0xff, sizeof(*tcp));
	reason = mini_wire_tcp_parse(p, len, tcp);
	kfree(p);
	return reason;
}

static void test_tcp_fill(u8 *p, unsigned int hdr_len)
{
	static const u8 hdr[20] = {
		0x30, 0x39, 0, 80, 1, 2, 3, 4, 5, 6, 7, 8,
		0x50, MINI_TCP_ACK, 0xfe, 0xdc, 0xab, 0xcd, 0x11, 0x22,
	};

	memcpy(p, hdr, sizeof(hdr));
	p[12] = hdr_len / 4 << 4;
	memset(p + 20, OPT_NOP, hdr_len - 20);
}

/* Parse @len octets of options, a multiple of 4, behind a good header. */
static void test_opts(struct kunit *test, const u8 *opts, unsigned int len,
		      struct mini_wire_tcp *tcp)
{
	u8 p[TEST_HDR_MAX];

	test_tcp_fill(p, 20 + len);
	memcpy(p + 20, opts, len);
	KUNIT_ASSERT_EQ(test, test_tcp(test, p, 20 + len, tcp), 0);
	KUNIT_EXPECT_EQ(test, tcp->hdr_len, 20 + len);
}

static void test_no_opts(struct kunit *test, const struct mini_wire_tcp *tcp)
{
	KUNIT_EXPECT_FALSE(test, tcp->opts.saw_mss);
	KUNIT_EXPECT_FALSE(test, tcp->opts.saw_wscale);
	KUNIT_EXPECT_FALSE(test, tcp->opts.saw_tstamp);
	KUNIT_EXPECT_FALSE(test, tcp->opts.sack_ok);
	KUNIT_EXPECT_EQ(test, tcp->opts.num_sacks, 0);
}

static void tcp_parse__fields(struct kunit *test)
{
	struct mini_wire_tcp tcp;
	u8 p[20];

	test_tcp_fill(p, 20);
	KUNIT_ASSERT_EQ(test, test_tcp(test, p, 20, &tcp), 0);
	KUNIT_EXPECT_EQ(test, ntohs(tcp.sport), 12345);
	KUNIT_EXPECT_EQ(test, ntohs(tcp.dport), 80);
	KUNIT_EXPECT_EQ(test, tcp.seq, 0x01020304u);
	KUNIT_EXPECT_EQ(test, tcp.ack, 0x05060708u);
	KUNIT_EXPECT_EQ(test, tcp.window, 0xfedc);
	KUNIT_EXPECT_EQ(test, tcp.urg, 0x1122);
	KUNIT_EXPECT_EQ(test, tcp.flags, MINI_TCP_ACK);
	KUNIT_EXPECT_EQ(test, tcp.hdr_len, 20);
	test_no_opts(test, &tcp);
}

/* All eight control bits pass, each by itself; reserved bits mean nothing. */
static void tcp_parse__flags(struct kunit *test)
{
	struct mini_wire_tcp tcp;
	unsigned int i;
	u8 p[20];

	test_tcp_fill(p, 20);
	for (i = 0; i < 256; i++) {
		p[12] = 0x50 | (i & 0xf);
		p[13] = i;
		KUNIT_EXPECT_EQ(test, test_tcp(test, p, 20, &tcp), 0);
		KUNIT_EXPECT_EQ(test, tcp.flags, i);
		KUNIT_EXPECT_EQ(test, tcp.hdr_len, 20);
	}
}

/* Each data offset against each number of octets. */
static void tcp_parse__every_length(struct kunit *test)
{
	unsigned int off, len;
	struct mini_wire_tcp tcp;
	u8 p[TEST_HDR_MAX + 4];

	for (off = 0; off < 16; off++) {
		test_tcp_fill(p, TEST_HDR_MAX);
		p[12] = off << 4;
		for (len = 0; len <= sizeof(p); len++)
			KUNIT_EXPECT_EQ_MSG(test, test_tcp(test, p, len, &tcp),
					    len < 20 ? MINI_DROP_TCP_SHORT :
					    off < 5 || off * 4 > len ?
					    MINI_DROP_TCP_DATA_OFFSET : 0,
					    "offset %u, %u octets", off, len);
	}
}

/*
 * A known kind counts only with its own length; every other kind is stepped
 * over by whatever length it states, 2 at least.
 */
static void test_kind_and_length(struct kunit *test, u8 *p, unsigned int kind,
				 unsigned int olen)
{
	struct mini_wire_tcp_opts *o;
	struct mini_wire_tcp tcp;
	bool fits = olen >= 2 && olen <= TEST_OPT_MAX;
	bool reached = olen >= 2 && olen <= TEST_OPT_MAX - 4;
	unsigned int sacks = 0;
	u8 *opts = p + 20;
	unsigned int i;

	test_tcp_fill(p, TEST_HDR_MAX);
	opts[0] = kind;
	opts[1] = olen;
	for (i = 2; i < min_t(unsigned int, olen, TEST_OPT_MAX); i++)
		opts[i] = i;
	if (reached)
		memcpy(opts + olen, test_mss_opt, 4);
	memset(&tcp, 0xff, sizeof(tcp));
	KUNIT_ASSERT_EQ(test, mini_wire_tcp_parse(p, TEST_HDR_MAX, &tcp), 0);

	o = &tcp.opts;
	if (fits && kind == OPT_SACK && olen >= 10 && (olen - 2) % 8 == 0)
		sacks = (olen - 2) / 8;
	KUNIT_EXPECT_EQ_MSG(test, !!o->saw_mss,
			    reached || (kind == OPT_MSS && olen == 4),
			    "kind %u length %u", kind, olen);
	if (reached)
		KUNIT_EXPECT_EQ(test, o->mss, TEST_MSS);
	KUNIT_EXPECT_EQ_MSG(test, !!o->saw_wscale,
			    kind == OPT_WSCALE && olen == 3,
			    "kind %u length %u", kind, olen);
	KUNIT_EXPECT_EQ_MSG(test, !!o->sack_ok,
			    kind == OPT_SACK_PERM && olen == 2,
			    "kind %u length %u", kind, olen);
	KUNIT_EXPECT_EQ_MSG(test, !!o->saw_tstamp,
			    kind == OPT_TSTAMP && olen == 10,
			    "kind %u length %u", kind, olen);
	KUNIT_EXPECT_EQ_MSG(test, o->num_sacks, sacks,
			    "kind %u length %u", kind, olen);
}

static void tcp_opts__every_kind_and_length(struct kunit *test)
{
	unsigned int kind, olen;
	u8 *p = kunit_kmalloc(test, TEST_HDR_MAX, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	for (kind = 2; kind < 256; kind++) {
		for (olen = 0; olen < 256; olen++)
			test_kind_and_length(test, p, kind, olen);
		cond_resched();
	}
}

/* An option of any kind and length, wherever the header ends. */
static void tcp_opts__beyond_the_end(struct kunit *test)
{
	static const u8 kinds[] = {
		OPT_MSS, OPT_WSCALE, OPT_SACK_PERM, OPT_SACK, OPT_TSTAMP, 254,
	};
	unsigned int len, at, i, olen;
	struct mini_wire_tcp tcp;
	u8 opts[TEST_OPT_MAX];

	for (len = 4; len <= TEST_OPT_MAX; len += 4) {
		for (at = 0; at < len; at++) {
			for (i = 0; i < ARRAY_SIZE(kinds); i++) {
				memset(opts, OPT_NOP, sizeof(opts));
				opts[at] = kinds[i];
				olen = len - at + 1;
				if (at + 1 < len)
					opts[at + 1] = olen;
				test_opts(test, opts, len, &tcp);
				test_no_opts(test, &tcp);
			}
		}
	}
}

/* What stood before the malformed option still counts (RFC 9293 MUST-7). */
static void tcp_opts__malformed_ends_the_rest(struct kunit *test)
{
	static const u8 bad[] = { 0, 1, 10, 255 };
	struct mini_wire_tcp tcp;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		u8 opts[] = {
			OPT_WSCALE, 3, 7, 99, bad[i], OPT_NOP, OPT_NOP,
			OPT_MSS, 4, 5, 0xb4, OPT_EOL,
		};

		test_opts(test, opts, sizeof(opts), &tcp);
		KUNIT_EXPECT_TRUE(test, tcp.opts.saw_wscale);
		KUNIT_EXPECT_EQ(test, tcp.opts.wscale, 7);
		KUNIT_EXPECT_FALSE_MSG(test, tcp.opts.saw_mss,
				       "length %u", bad[i]);
	}
}

static void tcp_opts__eol_ends(struct kunit *test)
{
	static const u8 opts[] = {
		OPT_SACK_PERM, 2, OPT_NOP, OPT_EOL, OPT_MSS, 4, 5, 0xb4,
	};
	struct mini_wire_tcp tcp;

	test_opts(test, opts, sizeof(opts), &tcp);
	KUNIT_EXPECT_TRUE(test, tcp.opts.sack_ok);
	KUNIT_EXPECT_FALSE(test, tcp.opts.saw_mss);
}

static void tcp_opts__mss(struct kunit *test)
{
	static const u16 values[] = { 0, 1, 47, 536, 1460, 0x8000, 0xffff };
	u8 opts[4] = { OPT_MSS, 4 };
	struct mini_wire_tcp tcp;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		opts[2] = values[i] >> 8;
		opts[3] = values[i];
		test_opts(test, opts, sizeof(opts), &tcp);
		KUNIT_EXPECT_EQ(test, !!tcp.opts.saw_mss, values[i] != 0);
		KUNIT_EXPECT_EQ(test, tcp.opts.mss, values[i]);
	}
}

static void tcp_opts__wscale_clamped(struct kunit *test)
{
	u8 opts[4] = { OPT_WSCALE, 3, 0, OPT_EOL };
	struct mini_wire_tcp tcp;
	unsigned int i;

	for (i = 0; i < 256; i++) {
		opts[2] = i;
		test_opts(test, opts, sizeof(opts), &tcp);
		KUNIT_EXPECT_TRUE(test, tcp.opts.saw_wscale);
		KUNIT_EXPECT_EQ(test, tcp.opts.wscale, min(i, 14u));
	}
}

static void tcp_opts__sack_blocks(struct kunit *test)
{
	u8 opts[TEST_OPT_MAX];
	struct mini_wire_tcp tcp;
	unsigned int n, i;

	for (n = 1; n <= 4; n++) {
		memset(opts, OPT_NOP, sizeof(opts));
		opts[2] = OPT_SACK;
		opts[3] = 2 + 8 * n;
		for (i = 0; i < 2 * n; i++)
			put_unaligned_be32(0xfffffff0 + 7 * i, opts + 4 + 4 * i);
		test_opts(test, opts, 4 + 8 * n, &tcp);
		KUNIT_ASSERT_EQ(test, tcp.opts.num_sacks, n);
		for (i = 0; i < n; i++) {
			KUNIT_EXPECT_EQ(test, tcp.opts.sacks[i].start,
					(u32)(0xfffffff0 + 14 * i));
			KUNIT_EXPECT_EQ(test, tcp.opts.sacks[i].end,
					(u32)(0xfffffff0 + 14 * i + 7));
		}
	}
}

/* The layout that nearly all stacks send, and others that mean the same. */
static void tcp_opts__tstamp_layouts(struct kunit *test)
{
	static const u8 layouts[][16] = {
		{ 1, 1, 8, 10, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4 },
		{ 8, 10, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 1, 1 },
		{ 8, 10, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 0, 0 },
		{ 1, 8, 10, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 1 },
		{ 1, 1, 8, 10, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 1, 1, 1, 0 },
	};
	struct mini_wire_tcp tcp, first;
	unsigned int i;

	test_opts(test, layouts[0], 12, &first);
	KUNIT_EXPECT_TRUE(test, first.opts.saw_tstamp);
	KUNIT_EXPECT_EQ(test, first.opts.tsval, 0xdeadbeefu);
	KUNIT_EXPECT_EQ(test, first.opts.tsecr, 0x01020304u);
	for (i = 1; i < ARRAY_SIZE(layouts); i++) {
		test_opts(test, layouts[i], i == 4 ? 16 : 12, &tcp);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(&tcp.opts, &first.opts,
						 sizeof(tcp.opts)), 0,
				    "layout %u", i);
	}
	KUNIT_EXPECT_FALSE(test, first.opts.saw_mss);
	KUNIT_EXPECT_FALSE(test, first.opts.saw_wscale);
	KUNIT_EXPECT_FALSE(test, first.opts.sack_ok);
	KUNIT_EXPECT_EQ(test, first.opts.num_sacks, 0);
}

/* Options by the bits of @mask, @sacks blocks; false: too many for a header. */
static bool test_combine(struct mini_wire_tcp *tcp, unsigned int mask,
			 unsigned int sacks)
{
	struct mini_wire_tcp_opts *o = &tcp->opts;
	unsigned int i;

	memset(tcp, 0, sizeof(*tcp));
	tcp->sport = htons(1025);
	tcp->dport = htons(65535);
	tcp->seq = 0xfffffffe;
	tcp->ack = 0x80000001;
	tcp->window = 0x7fff;
	tcp->urg = 5;
	tcp->flags = MINI_TCP_SYN | MINI_TCP_ACK | MINI_TCP_ECE;
	o->saw_mss = mask & 1;
	o->mss = mask & 1 ? 1400 : 0;
	o->saw_wscale = mask >> 1 & 1;
	o->wscale = mask & 2 ? 11 : 0;
	o->sack_ok = mask >> 2 & 1;
	o->saw_tstamp = mask >> 3 & 1;
	o->tsval = mask & 8 ? 0x01020304 : 0;
	o->tsecr = mask & 8 ? 0xf0f1f2f3 : 0;
	o->num_sacks = sacks;
	for (i = 0; i < sacks; i++) {
		o->sacks[i].start = 1000 * i;
		o->sacks[i].end = 1000 * i + 500;
	}
	return mini_wire_tcp_optlen(tcp) <= TEST_OPT_MAX;
}

static void test_round_trip(struct kunit *test, const struct mini_wire_tcp *tcp)
{
	unsigned int len = 20 + mini_wire_tcp_optlen(tcp);
	u8 p[TEST_HDR_MAX + 4];
	struct mini_wire_tcp back;
	unsigned int i;

	memset(p, TEST_GUARD, sizeof(p));
	KUNIT_ASSERT_EQ(test, mini_wire_tcp_build(p, tcp), len);
	KUNIT_EXPECT_EQ(test, len % 4, 0);
	for (i = len; i < sizeof(p); i++)
		KUNIT_EXPECT_EQ(test, p[i], TEST_GUARD);
	KUNIT_EXPECT_EQ(test, p[12], len / 4 << 4);
	KUNIT_EXPECT_EQ(test, p[16] | p[17], 0);

	KUNIT_ASSERT_EQ(test, test_tcp(test, p, len, &back), 0);
	KUNIT_EXPECT_EQ(test, ntohs(back.sport), ntohs(tcp->sport));
	KUNIT_EXPECT_EQ(test, ntohs(back.dport), ntohs(tcp->dport));
	KUNIT_EXPECT_EQ(test, back.seq, tcp->seq);
	KUNIT_EXPECT_EQ(test, back.ack, tcp->ack);
	KUNIT_EXPECT_EQ(test, back.window, tcp->window);
	KUNIT_EXPECT_EQ(test, back.urg, tcp->urg);
	KUNIT_EXPECT_EQ(test, back.flags, tcp->flags);
	KUNIT_EXPECT_EQ(test, back.hdr_len, len);
	KUNIT_EXPECT_EQ(test, memcmp(&back.opts, &tcp->opts,
				     offsetof(struct mini_wire_tcp_opts, sacks) +
				     8 * tcp->opts.num_sacks), 0);
}

static void tcp_build__parses_back(struct kunit *test)
{
	unsigned int mask, sacks, done = 0;
	struct mini_wire_tcp tcp;

	for (mask = 0; mask < 16; mask++) {
		for (sacks = 0; sacks <= 4; sacks++) {
			if (!test_combine(&tcp, mask, sacks))
				continue;
			test_round_trip(test, &tcp);
			done++;
		}
	}
	/* All sets without blocks, and those that leave room for some. */
	KUNIT_EXPECT_GE(test, done, 16 + 16);
}

static void tcp_parse__noise(struct kunit *test)
{
	struct mini_wire_tcp tcp;
	struct rnd_state rnd;
	u8 p[TEST_HDR_MAX];
	unsigned int i, len;

	prandom_seed_state(&rnd, 9293);
	for (i = 0; i < TEST_NOISE; i++) {
		prandom_bytes_state(&rnd, p, sizeof(p));
		len = prandom_u32_state(&rnd) % (sizeof(p) + 1);
		/* Half of them look like options: small kinds and lengths. */
		if (i & 1) {
			unsigned int k;

			p[12] = len / 4 << 4;
			for (k = 20; k < sizeof(p); k++)
				p[k] &= 15;
		}
		if (test_tcp(test, p, len, &tcp))
			continue;
		KUNIT_EXPECT_GE(test, tcp.hdr_len, 20);
		KUNIT_EXPECT_LE(test, tcp.hdr_len, len);
		KUNIT_EXPECT_LE(test, tcp.opts.num_sacks, 4);
		KUNIT_EXPECT_LE(test, tcp.opts.wscale, 14);
		KUNIT_EXPECT_EQ(test, !!tcp.opts.saw_mss, tcp.opts.mss != 0);
	}
}

static struct kunit_case mini_wire_tcp_test_cases[] = {
	KUNIT_CASE(tcp_parse__fields),
	KUNIT_CASE(tcp_parse__flags),
	KUNIT_CASE(tcp_parse__every_length),
	KUNIT_CASE(tcp_opts__every_kind_and_length),
	KUNIT_CASE(tcp_opts__beyond_the_end),
	KUNIT_CASE(tcp_opts__malformed_ends_the_rest),
	KUNIT_CASE(tcp_opts__eol_ends),
	KUNIT_CASE(tcp_opts__mss),
	KUNIT_CASE(tcp_opts__wscale_clamped),
	KUNIT_CASE(tcp_opts__sack_blocks),
	KUNIT_CASE(tcp_opts__tstamp_layouts),
	KUNIT_CASE(tcp_build__parses_back),
	KUNIT_CASE(tcp_parse__noise),
	{}
};

struct kunit_suite mini_wire_tcp_test_suite = {
	.name = "mini_wire_tcp",
	.test_cases = mini_wire_tcp_test_cases,
};
