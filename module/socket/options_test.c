// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: options of level IPPROTO_IP.
 */
#include <kunit/test.h>
#include <linux/in.h>

#include "../kunit.h"
#include "socket_int.h"

struct mini_options_test {
	struct mini_net mn;
	struct mini_sock ms;
};

static int mini_options_test_init(struct kunit *test)
{
	struct mini_options_test *t;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->mn.sysctl.ip_default_ttl = 64;
	t->ms.mn = &t->mn;
	t->ms.ttl = -1;
	t->ms.sk.sk_type = SOCK_DGRAM;
	skb_queue_head_init(&t->ms.sk.sk_error_queue);
	test->priv = t;
	return 0;
}

static void mini_ip_set__values(struct kunit *test)
{
	static const struct {
		int name;
		int val;
		int ret;
		int got;
	} cases[] = {
		{ IP_TTL, 1, 0, 1 },
		{ IP_TTL, 255, 0, 255 },
		{ IP_TTL, 0, -EINVAL, 255 },
		{ IP_TTL, 256, -EINVAL, 255 },
		{ IP_TTL, -2, -EINVAL, 255 },
		{ IP_TTL, -1, 0, 64 },
		{ IP_TOS, 0x10, 0, 0x10 },
		{ IP_TOS, 0x1ff, 0, 0xff },
		{ IP_MTU_DISCOVER, IP_PMTUDISC_DO, 0, IP_PMTUDISC_DO },
		{ IP_MTU_DISCOVER, IP_PMTUDISC_OMIT, 0, IP_PMTUDISC_OMIT },
		{ IP_MTU_DISCOVER, 6, -EINVAL, IP_PMTUDISC_OMIT },
		{ IP_MTU_DISCOVER, -1, -EINVAL, IP_PMTUDISC_OMIT },
		{ IP_RECVERR, 2, 0, 1 },
		{ IP_RECVERR, 0, 0, 0 },
		{ IP_PKTINFO, 1, 0, 1 },
		{ IP_RECVTTL, 1, 0, 1 },
		{ IP_RECVTOS, 1, 0, 1 },
		{ IP_FREEBIND, 1, 0, 1 },
		{ IP_BIND_ADDRESS_NO_PORT, 1, 0, 1 },
	};
	struct mini_options_test *t = test->priv;
	int val;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_EXPECT_EQ_MSG(test, cases[i].ret,
				    mini_ip_set(&t->ms, cases[i].name,
						cases[i].val),
				    "case %d", i);
		KUNIT_EXPECT_EQ(test, 0,
				mini_ip_get(&t->ms, cases[i].name, &val));
		KUNIT_EXPECT_EQ_MSG(test, cases[i].got, val, "case %d", i);
	}
}

static void mini_ip_set__stream_keeps_ecn(struct kunit *test)
{
	struct mini_options_test *t = test->priv;

	t->ms.sk.sk_type = SOCK_STREAM;
	t->ms.tos = 0x02;
	KUNIT_EXPECT_EQ(test, 0, mini_ip_set(&t->ms, IP_TOS, 0x11));
	KUNIT_EXPECT_EQ(test, 0x12, t->ms.tos);
}

static void mini_ip_set__unknown(struct kunit *test)
{
	struct mini_options_test *t = test->priv;
	int val;

	KUNIT_EXPECT_EQ(test, -ENOPROTOOPT, mini_ip_set(&t->ms, 9999, 1));
	KUNIT_EXPECT_EQ(test, -ENOPROTOOPT, mini_ip_get(&t->ms, 9999, &val));
	/* What can only be read. */
	KUNIT_EXPECT_EQ(test, -ENOPROTOOPT, mini_ip_set(&t->ms, IP_MTU, 1500));
}

static void mini_ip_get__mtu_needs_a_path(struct kunit *test)
{
	struct mini_options_test *t = test->priv;
	struct mini_dev mdev = {};
	int val;

	KUNIT_EXPECT_EQ(test, -ENOTCONN, mini_ip_get(&t->ms, IP_MTU, &val));
	t->ms.path.mdev = &mdev;
	t->ms.path.mtu = 1400;
	KUNIT_EXPECT_EQ(test, 0, mini_ip_get(&t->ms, IP_MTU, &val));
	KUNIT_EXPECT_EQ(test, 1400, val);
}

static struct kunit_case mini_options_test_cases[] = {
	KUNIT_CASE(mini_ip_set__values),
	KUNIT_CASE(mini_ip_set__stream_keeps_ecn),
	KUNIT_CASE(mini_ip_set__unknown),
	KUNIT_CASE(mini_ip_get__mtu_needs_a_path),
	{}
};

struct kunit_suite mini_options_test_suite = {
	.name = "mini-options",
	.init = mini_options_test_init,
	.test_cases = mini_options_test_cases,
};
