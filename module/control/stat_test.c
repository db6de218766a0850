// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: counters, and how lengths of prefixes are told.
 */
#include <kunit/test.h>
#include <linux/skbuff.h>

#include "../kunit.h"
#include "control_int.h"

static void mini_stat_name__all_differ(struct kunit *test)
{
	unsigned int i;
	unsigned int j;

	for (i = 0; i < MINI_STAT_COUNT; i++) {
		KUNIT_ASSERT_NOT_NULL(test, mini_stat_name(i));
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, mini_stat_name(i),
					    mini_stat_name(j));
	}
}

static void mini_stat_value__counts_events_and_drops(struct kunit *test)
{
	struct mini_net *mn;
	struct sk_buff *skb;

	mn = kunit_kzalloc(test, sizeof(*mn), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mn);
	/* For the tracepoint of drops. */
	mn->net = &init_net;
	KUNIT_ASSERT_EQ(test, 0, mini_stat_net_init(mn));

	mini_inc(mn, MINI_MIB_TCP_IN_SEGS);
	mini_add(mn, MINI_MIB_TCP_IN_SEGS, 41);
	KUNIT_EXPECT_EQ(test, (u64)42,
			mini_stat_value(mn, MINI_MIB_TCP_IN_SEGS));
	KUNIT_EXPECT_EQ(test, (u64)0,
			mini_stat_value(mn, MINI_MIB_TCP_OUT_SEGS));

	skb = alloc_skb(64, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, skb);
	if (skb) {
		mini_drop(mn, skb, MINI_DROP_IP_CSUM);
		KUNIT_EXPECT_EQ(test, (u64)1,
				mini_stat_value(mn, MINI_MIB_COUNT +
						MINI_DROP_IP_CSUM));
	}
	mini_stat_net_exit(mn);
}

static void mini_genl_plen__as_user_space_counts(struct kunit *test)
{
	struct in6_addr v4;

	mini_addr_set_v4(&v4, htonl(0x0a000000));
	KUNIT_EXPECT_EQ(test, 8, mini_genl_plen(&v4, 104));
	KUNIT_EXPECT_EQ(test, 64, mini_genl_plen(&in6addr_any, 64));
}

static struct kunit_case mini_stat_test_cases[] = {
	KUNIT_CASE(mini_stat_name__all_differ),
	KUNIT_CASE(mini_stat_value__counts_events_and_drops),
	KUNIT_CASE(mini_genl_plen__as_user_space_counts),
	{}
};

struct kunit_suite mini_stat_test_suite = {
	.name = "mini-stat",
	.test_cases = mini_stat_test_cases,
};
