// SPDX-License-Identifier: GPL-2.0
/*
 * Which of several next hops a flow takes: by weight, past those that are
 * dead, and always the same.
 */
#include <linux/rtnetlink.h>

#include "host_test.h"

#define ONE	(TEST_IFINDEX + 1)
#define TWO	(TEST_IFINDEX + 2)

#define FLOWS	4096

static struct mini_dev *test_dev[2];

/* Entries of the gateways, as far as the choice asks for them */
static struct mini_neigh test_neigh[2];

/* 192.0.2.0/24 by 10.0.0.254 on one device and 10.0.1.254 on another */
static void two_ways(struct kunit *test, u16 weight_one, u16 weight_two)
{
	const struct mini_nexthop_cfg nhs[] = {
		{ .gateway = TEST_ADDR(10, 0, 0, 254), .weight = weight_one },
		{ .gateway = TEST_ADDR(10, 0, 1, 254), .weight = weight_two },
	};
	const struct mini_route_cfg cfg = {
		.dst = TEST_ADDR(192, 0, 2, 0),
		.plen = MINI_V4_PLEN(24),
		.type = MINI_ROUTE_UNICAST,
		.nhs = nhs,
		.n_nhs = ARRAY_SIZE(nhs),
	};
	int err;

	test_dev[0] = mini_test_dev(test, ONE, MINI_DEV_F_UP |
						 MINI_DEV_F_NOARP);
	test_dev[1] = mini_test_dev(test, TWO, MINI_DEV_F_UP |
						 MINI_DEV_F_NOARP);
	KUNIT_ASSERT_EQ(test, 0, mini_test_addr_add(test_dev[0],
						    TEST_ADDR(10, 0, 0, 1),
						    24));
	KUNIT_ASSERT_EQ(test, 0, mini_test_addr_add(test_dev[1],
						    TEST_ADDR(10, 0, 1, 1),
						    24));
	rtnl_lock();
	err = mini_route_add(test->priv, &cfg, NULL);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, 0, err);
}

/* Which of the two a hash leads to, -1: none */
static int way_of(struct kunit *test, u32 hash)
{
	struct in6_addr dst = TEST_ADDR(192, 0, 2, 1);
	struct mini_route_result res;
	int way = -1;

	rcu_read_lock();
	if (mini_route_lookup(test->priv, &dst, 0, hash, &res) ==
	    MINI_ROUTE_UNICAST && res.nh)
		way = res.nh->mdev == test_dev[1];
	rcu_read_unlock();
	return way;
}

/* Hashes at even distances: how many lead to the second? */
static unsigned int by_second(struct kunit *test)
{
	unsigned int n = 0;
	unsigned int i;
	int way;

	for (i = 0; i < FLOWS; i++) {
		way = way_of(test, i * (U32_MAX / FLOWS + 1));
		KUNIT_ASSERT_GE(test, way, 0);
		n += way;
	}
	return n;
}

/* What is known of a gateway's answers */
static void set_neigh(struct kunit *test, int way, u8 state,
		      unsigned long updated)
{
	struct in6_addr dst = TEST_ADDR(192, 0, 2, 1);
	struct mini_neigh *n = &test_neigh[way];
	struct mini_route_result res;

	n->state = state;
	n->updated = updated;
	rcu_read_lock();
	if (mini_route_lookup(test->priv, &dst, test_dev[way]->ifindex, 0,
			      &res) == MINI_ROUTE_UNICAST)
		rcu_assign_pointer(res.nh->neigh, n);
	else
		KUNIT_FAIL(test, "no route by device %d", way);
	rcu_read_unlock();
}

/* Nobody counts references to them. */
static void forget_neigh(struct kunit *test, int way)
{
	struct in6_addr dst = TEST_ADDR(192, 0, 2, 1);
	struct mini_route_result res;

	rcu_read_lock();
	if (mini_route_lookup(test->priv, &dst, test_dev[way]->ifindex, 0,
			      &res) == MINI_ROUTE_UNICAST)
		RCU_INIT_POINTER(res.nh->neigh, NULL);
	rcu_read_unlock();
}

static void nexthop_test_exit(struct kunit *test)
{
	int way;

	if (!test->priv)
		return;
	for (way = 0; way < 2; way++) {
		test_dev[way]->flags |= MINI_DEV_F_UP;
		forget_neigh(test, way);
	}
	mini_test_host_exit(test);
}

static void nexthops__by_weight(struct kunit *test)
{
	two_ways(test, 1, 3);
	KUNIT_EXPECT_EQ(test, FLOWS / 4 * 3, by_second(test));
}

static void nexthops__a_device_that_is_down(struct kunit *test)
{
	two_ways(test, 1, 1);
	KUNIT_EXPECT_EQ(test, FLOWS / 2, by_second(test));
	test_dev[0]->flags &= ~MINI_DEV_F_UP;
	KUNIT_EXPECT_EQ(test, FLOWS, by_second(test));
	test_dev[1]->flags &= ~MINI_DEV_F_UP;
	KUNIT_EXPECT_EQ(test, -1, way_of(test, 0));
	test_dev[0]->flags |= MINI_DEV_F_UP;
	KUNIT_EXPECT_EQ(test, 0, by_second(test));
}

static void nexthops__a_gateway_that_is_dead(struct kunit *test)
{
	two_ways(test, 1, 1);
	set_neigh(test, 0, MINI_NEIGH_FAILED, jiffies);
	KUNIT_EXPECT_EQ(test, FLOWS, by_second(test));
	/* While it is asked again, too */
	set_neigh(test, 0, MINI_NEIGH_INCOMPLETE, jiffies);
	KUNIT_EXPECT_EQ(test, FLOWS, by_second(test));
	set_neigh(test, 0, MINI_NEIGH_REACHABLE, jiffies);
	KUNIT_EXPECT_EQ(test, FLOWS / 2, by_second(test));
	/* Dead for long: a packet may try */
	set_neigh(test, 0, MINI_NEIGH_FAILED, jiffies - 60 * HZ);
	KUNIT_EXPECT_EQ(test, FLOWS / 2, by_second(test));
}

/* Somebody has to tell that it is so. */
static void nexthops__all_dead(struct kunit *test)
{
	two_ways(test, 1, 1);
	set_neigh(test, 0, MINI_NEIGH_FAILED, jiffies);
	set_neigh(test, 1, MINI_NEIGH_FAILED, jiffies);
	KUNIT_EXPECT_EQ(test, FLOWS / 2, by_second(test));
}

static void nexthops__flows_keep_their_way(struct kunit *test)
{
	unsigned int moved = 0;
	unsigned int i;
	int before;
	u32 hash;

	two_ways(test, 1, 1);
	for (i = 0; i < 256; i++) {
		hash = i << 24;
		before = way_of(test, hash);
		set_neigh(test, 0, MINI_NEIGH_FAILED, jiffies);
		if (before == 1)
			KUNIT_EXPECT_EQ(test, 1, way_of(test, hash));
		else
			moved++;
		set_neigh(test, 0, MINI_NEIGH_REACHABLE, jiffies);
		KUNIT_EXPECT_EQ(test, before, way_of(test, hash));
	}
	KUNIT_EXPECT_EQ(test, 128, moved);
}

/* What sockets say of their flows leads to both; the same to the same. */
static void path__by_hash(struct kunit *test)
{
	struct mini_flow fl = { .dst = TEST_ADDR(192, 0, 2, 1) };
	struct mini_net *mn = test->priv;
	unsigned int second = 0;
	struct mini_dev *mdev;
	struct mini_path path;
	int again;

	two_ways(test, 1, 1);
	for (fl.hash = 1; fl.hash <= 128; fl.hash++) {
		mdev = NULL;
		for (again = 0; again < 2; again++) {
			KUNIT_ASSERT_EQ(test, 0,
					mini_path_lookup(mn, &fl, &path));
			KUNIT_EXPECT_TRUE(test, path.by_hash);
			if (mdev)
				KUNIT_EXPECT_PTR_EQ(test, mdev, path.mdev);
			mdev = path.mdev;
			/* The source that was found changes nothing. */
			fl.src = path.src;
			mini_path_release(&path);
		}
		fl.src = in6addr_any;
		second += mdev == test_dev[1];
	}
	KUNIT_EXPECT_GT(test, second, 16);
	KUNIT_EXPECT_LT(test, second, 112);
	/* One way alone asks for no hash. */
	fl.dst = TEST_ADDR(10, 0, 1, 2);
	KUNIT_ASSERT_EQ(test, 0, mini_path_lookup(mn, &fl, &path));
	KUNIT_EXPECT_FALSE(test, path.by_hash);
	mini_path_release(&path);
}

static struct kunit_case nexthop_test_cases[] = {
	KUNIT_CASE(nexthops__by_weight),
	KUNIT_CASE(nexthops__a_device_that_is_down),
	KUNIT_CASE(nexthops__a_gateway_that_is_dead),
	KUNIT_CASE(nexthops__all_dead),
	KUNIT_CASE(nexthops__flows_keep_their_way),
	KUNIT_CASE(path__by_hash),
	{}
};

struct kunit_suite mini_nexthop_test_suite = {
	.name = "mini_nexthop",
	.init = mini_test_host_init,
	.exit = nexthop_test_exit,
	.test_cases = nexthop_test_cases,
};
