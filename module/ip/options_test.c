// SPDX-License-Identifier: GPL-2.0
/*
 * IP options: what is found wrong with them, of a packet and of a program, and
 * what is written into them.
 */
#include <linux/random.h>
#include <net/ip.h>

#include "host_test.h"

#define HOST		htonl(0x0a000001)
#define OTHER		htonl(0x0a000002)

struct test_header {
	struct iphdr iph;
	u8 opts[40];
};

static void test_header(struct test_header *h, const u8 *opts, unsigned int len)
{
	memset(h, 0, sizeof(*h));
	h->iph.version = 4;
	h->iph.ihl = 5 + len / 4;
	h->iph.saddr = OTHER;
	h->iph.daddr = HOST;
	memcpy(h->opts, opts, len);
}

static bool test_sum_right(const struct test_header *h)
{
	return !ip_fast_csum((const u8 *)&h->iph, h->iph.ihl);
}

static void options__what_is_wrong(struct kunit *test)
{
	static const struct {
		u8 opts[12];
		enum mini_drop_reason reason;
		unsigned int pointer;
	} cases[] = {
		{ { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, 0, 0 },
		{ { 0, 7, 0, 0 }, 0, 0 },
		{ { 7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, 0, 0 },
		{ { 7, 11, 12 }, 0, 0 },
		{ { 7, 1 }, MINI_DROP_IP_OPTIONS, 20 },
		{ { 7, 13, 4 }, MINI_DROP_IP_OPTIONS, 20 },
		{ { 1, 7, 2, 4 }, MINI_DROP_IP_OPTIONS, 22 },
		{ { 7, 11, 3 }, MINI_DROP_IP_OPTIONS, 22 },
		{ { 7, 11, 9 }, MINI_DROP_IP_OPTIONS, 22 },
		{ { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 7 },
		  MINI_DROP_IP_OPTIONS, 31 },
		{ { 68, 12, 5, 0 }, 0, 0 },
		{ { 68, 12, 4, 0 }, MINI_DROP_IP_OPTIONS, 22 },
		{ { 68, 12, 9, 1 }, MINI_DROP_IP_OPTIONS, 22 },
		{ { 68, 12, 13, 0xf0 }, MINI_DROP_IP_OPTIONS, 23 },
		{ { 68, 12, 13, 0xe0 }, 0, 0 },
		{ { 148, 3 }, MINI_DROP_IP_OPTIONS, 21 },
		{ { 131, 7, 4, 10, 0, 0, 2 }, MINI_DROP_IP_SOURCE_ROUTE, 0 },
		{ { 137, 7, 4, 10, 0, 0, 2 }, MINI_DROP_IP_SOURCE_ROUTE, 0 },
		{ { 30, 4, 0xaa, 0xaa }, 0, 0 },
	};
	enum mini_drop_reason reason;
	unsigned int pointer;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		pointer = 0;
		reason = mini_options_check(cases[i].opts, 12, &pointer);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].reason, reason, "case %u",
				    i);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].pointer, pointer, "case %u",
				    i);
	}
}

static void options__record_route(struct kunit *test)
{
	static const u8 rr[12] = { 7, 11, 4 };
	struct mini_net *mn = test->priv;
	struct test_header h;

	test_header(&h, rr, sizeof(rr));
	mini_options_record(mn, &h.iph, HOST);
	KUNIT_EXPECT_EQ(test, 8, h.opts[2]);
	KUNIT_EXPECT_EQ(test, HOST, *(__be32 *)(h.opts + 3));
	KUNIT_EXPECT_TRUE(test, test_sum_right(&h));
	mini_options_record(mn, &h.iph, OTHER);
	KUNIT_EXPECT_EQ(test, 12, h.opts[2]);
	KUNIT_EXPECT_EQ(test, OTHER, *(__be32 *)(h.opts + 7));
	/* Full. */
	mini_options_record(mn, &h.iph, htonl(0x0a000003));
	KUNIT_EXPECT_EQ(test, 12, h.opts[2]);
	KUNIT_EXPECT_EQ(test, HOST, *(__be32 *)(h.opts + 3));
	KUNIT_EXPECT_EQ(test, OTHER, *(__be32 *)(h.opts + 7));
	KUNIT_EXPECT_EQ(test, 0, h.opts[11]);
	KUNIT_EXPECT_TRUE(test, test_sum_right(&h));
}

static void options__timestamp(struct kunit *test)
{
	struct mini_net *mn = test->priv;
	u8 ts[12] = { 68, 12, 5, IPOPT_TS_TSONLY };
	struct test_header h;
	__be32 addr = HOST;

	mini_test_one_dev(test);
	test_header(&h, ts, sizeof(ts));
	mini_options_record(mn, &h.iph, HOST);
	mini_options_record(mn, &h.iph, HOST);
	KUNIT_EXPECT_EQ(test, 13, h.opts[2]);
	KUNIT_EXPECT_EQ(test, 0, h.opts[3]);
	/* No room: counted. */
	mini_options_record(mn, &h.iph, HOST);
	KUNIT_EXPECT_EQ(test, 0x10, h.opts[3]);
	KUNIT_EXPECT_EQ(test, 13, h.opts[2]);
	ts[3] = IPOPT_TS_TSANDADDR;
	test_header(&h, ts, sizeof(ts));
	mini_options_record(mn, &h.iph, HOST);
	KUNIT_EXPECT_EQ(test, 13, h.opts[2]);
	KUNIT_EXPECT_EQ(test, HOST, *(__be32 *)(h.opts + 4));
	/* Of those named. */
	ts[3] = IPOPT_TS_PRESPEC;
	memcpy(ts + 4, &addr, sizeof(addr));
	test_header(&h, ts, sizeof(ts));
	mini_options_record(mn, &h.iph, HOST);
	KUNIT_EXPECT_EQ(test, 13, h.opts[2]);
	addr = OTHER;
	memcpy(ts + 4, &addr, sizeof(addr));
	test_header(&h, ts, sizeof(ts));
	mini_options_record(mn, &h.iph, HOST);
	KUNIT_EXPECT_EQ(test, 5, h.opts[2]);
	KUNIT_EXPECT_EQ(test, 0, *(u32 *)(h.opts + 8));
	KUNIT_EXPECT_TRUE(test, test_sum_right(&h));
}

static void options__answer(struct kunit *test)
{
	static const u8 opts[20] = {
		30, 3, 0xaa, 7, 7, 8, 10, 0, 0, 1, 148, 4, 0, 0, 0, 99, 98,
	};
	static const u8 back[20] = {
		1, 1, 1, 7, 7, 8, 10, 0, 0, 1, 1, 1, 1, 1,
	};
	struct test_header h;

	test_header(&h, opts, sizeof(opts));
	mini_options_answer(&h.iph);
	KUNIT_EXPECT_EQ(test, 0, memcmp(h.opts, back, sizeof(back)));
}

/* What a program may give: whatever is taken, a packet may carry. */
static void options__of_a_program(struct kunit *test)
{
	struct mini_net *mn = test->priv;
	struct mini_ip_opts opts;
	struct test_header h;
	unsigned int taken = 0;
	unsigned int pointer;
	unsigned int i, len;

	for (i = 0; i < 20000; i++) {
		len = get_random_u32() % 41;
		memset(&opts, 0, sizeof(opts));
		get_random_bytes(opts.data, len);
		/* Kinds, lengths and pointers that are likelier to be good. */
		if (len > 4) {
			opts.data[0] = i & 1 ? IPOPT_RR : IPOPT_TIMESTAMP;
			opts.data[1] = get_random_u32() % 16;
			opts.data[2] = get_random_u32() % 20;
			opts.data[3] &= 0xf3;
		}
		if (mini_options_user(&opts, len, true))
			continue;
		taken++;
		KUNIT_EXPECT_EQ(test, 0, opts.len % 4);
		KUNIT_EXPECT_LE(test, opts.len, 40);
		test_header(&h, opts.data, opts.len);
		KUNIT_EXPECT_EQ(test, 0,
				mini_options_check(h.opts, opts.len, &pointer));
		mini_options_record(mn, &h.iph, HOST);
		KUNIT_EXPECT_TRUE(test, test_sum_right(&h));
		mini_options_answer(&h.iph);
	}
	KUNIT_EXPECT_LT(test, 100, taken);
}

static struct kunit_case mini_ip_options_test_cases[] = {
	KUNIT_CASE(options__what_is_wrong),
	KUNIT_CASE(options__record_route),
	KUNIT_CASE(options__timestamp),
	KUNIT_CASE(options__answer),
	KUNIT_CASE(options__of_a_program),
	{}
};

struct kunit_suite mini_ip_options_test_suite = {
	.name = "mini_ip_options",
	.init = mini_test_host_init,
	.exit = mini_test_host_exit,
	.test_cases = mini_ip_options_test_cases,
};
