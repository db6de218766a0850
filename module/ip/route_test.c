// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses, routes and paths on a host with two devices without ARP:
 * 10.0.0.1/24 on one, 10.0.1.1/24 and 10.0.1.2/24 on two.
 */
#include <linux/rtnetlink.h>

#include "host_test.h"

#define ONE	(TEST_IFINDEX + 1)
#define TWO	(TEST_IFINDEX + 2)
#define UP	(MINI_DEV_F_UP | MINI_DEV_F_NOARP)
#define NONE	((struct in6_addr){})

struct test_devs {
	struct mini_dev *one;
	struct mini_dev *two;
};

static struct test_devs test_two_devs(struct kunit *test)
{
	struct test_devs d = {
		.one = mini_test_dev(test, ONE, UP),
		.two = mini_test_dev(test, TWO, UP),
	};

	KUNIT_ASSERT_EQ(test, 0, mini_test_addr_add(d.one,
						    TEST_ADDR(10, 0, 0, 1),
						    24));
	KUNIT_ASSERT_EQ(test, 0, mini_test_addr_add(d.two,
						    TEST_ADDR(10, 0, 1, 1),
						    24));
	KUNIT_ASSERT_EQ(test, 0, mini_test_addr_add(d.two,
						    TEST_ADDR(10, 0, 1, 2),
						    24));
	return d;
}

static u8 test_type(struct kunit *test, struct in6_addr addr)
{
	return mini_addr_type(test->priv, &addr);
}

/* Look a path up; what it says is compared, then it is let go. */
static int test_path(struct kunit *test, struct mini_flow fl,
		     struct mini_path *path)
{
	int err = mini_path_lookup(test->priv, &fl, path);

	if (!err)
		mini_path_release(path);
	return err;
}

static void expect_src(struct kunit *test, struct mini_flow fl,
		       struct in6_addr want)
{
	struct mini_path path = {};

	KUNIT_EXPECT_EQ(test, 0, test_path(test, fl, &path));
	KUNIT_EXPECT_TRUE_MSG(test, mini_addr_equal(&path.src, &want),
			      "source %pI6c, not %pI6c", &path.src, &want);
}

static unsigned int test_routes(struct mini_net *mn)
{
	return mn->ip->routes.entries;
}

static void addr_type__tells_own_from_others(struct kunit *test)
{
	test_two_devs(test);
	KUNIT_EXPECT_EQ(test, test_type(test, TEST_ADDR(10, 0, 0, 1)),
			MINI_ROUTE_LOCAL);
	KUNIT_EXPECT_EQ(test, test_type(test, TEST_ADDR(10, 0, 1, 2)),
			MINI_ROUTE_LOCAL);
	KUNIT_EXPECT_EQ(test, test_type(test, TEST_ADDR(10, 0, 0, 2)),
			MINI_ROUTE_UNICAST);
	KUNIT_EXPECT_EQ(test, test_type(test, TEST_ADDR(10, 0, 0, 255)),
			MINI_ROUTE_BROADCAST);
	KUNIT_EXPECT_EQ(test, test_type(test, TEST_ADDR(255, 255, 255, 255)),
			MINI_ROUTE_BROADCAST);
	KUNIT_EXPECT_EQ(test, test_type(test, TEST_ADDR(127, 1, 2, 3)),
			MINI_ROUTE_LOCAL);
	KUNIT_EXPECT_EQ(test, test_type(test, TEST_ADDR(224, 0, 0, 1)), 0);
	KUNIT_EXPECT_EQ(test, test_type(test, TEST_ADDR(192, 0, 2, 1)),
			MINI_ROUTE_UNICAST);
}

static void addr_add__refuses_what_no_host_has(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_dev(test, ONE, UP);
	struct in6_addr v6 = IN6ADDR_LOOPBACK_INIT;
	int err;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_addr_add(mdev, TEST_ADDR(0, 0, 0, 0), 24));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_addr_add(mdev, TEST_ADDR(224, 0, 0, 5), 24));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_addr_add(mdev, TEST_ADDR(255, 255, 255, 255),
					   32));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_addr_add(mdev, TEST_ADDR(127, 0, 0, 2), 8));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_addr_add(mdev, TEST_ADDR(10, 0, 0, 255), 24));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_addr_add(mdev, TEST_ADDR(10, 0, 0, 0), 24));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_addr_add(mdev, TEST_ADDR(10, 0, 0, 1), 33));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_addr_add(mdev, TEST_ADDR(10, 0, 0, 1), 0));
	rtnl_lock();
	err = mini_ifaddr_add(mdev, &v6, 128, NULL);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, -EAFNOSUPPORT, err);
	KUNIT_EXPECT_TRUE(test, list_empty(&mdev->addrs));
}

static void addr_add__same_twice_exists(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_dev(test, ONE, UP);

	KUNIT_EXPECT_EQ(test, 0,
			mini_test_addr_add(mdev, TEST_ADDR(10, 0, 0, 1), 24));
	KUNIT_EXPECT_EQ(test, -EEXIST,
			mini_test_addr_add(mdev, TEST_ADDR(10, 0, 0, 1), 24));
}

static void addr_add__host_and_point_to_point(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_dev(test, ONE, UP);
	unsigned int before = test_routes(test->priv);

	KUNIT_EXPECT_EQ(test, 0,
			mini_test_addr_add(mdev, TEST_ADDR(10, 0, 0, 1), 32));
	KUNIT_EXPECT_EQ(test, before + 1, test_routes(test->priv));
	KUNIT_EXPECT_EQ(test, 0,
			mini_test_addr_add(mdev, TEST_ADDR(10, 0, 0, 9), 31));
	KUNIT_EXPECT_EQ(test, before + 3, test_routes(test->priv));
	KUNIT_EXPECT_EQ(test, MINI_ROUTE_UNICAST,
			test_type(test, TEST_ADDR(10, 0, 0, 8)));
}

static void addr_del__takes_what_follows_from_it(struct kunit *test)
{
	struct mini_net *mn = test->priv;
	unsigned int before = test_routes(mn);
	struct test_devs d = test_two_devs(test);

	KUNIT_EXPECT_EQ(test, 0,
			mini_test_route_add(mn, TEST_ADDR(0, 0, 0, 0), 0,
					    TEST_ADDR(10, 0, 0, 254), 0, 0));
	KUNIT_EXPECT_EQ(test, -EADDRNOTAVAIL,
			mini_test_addr_del(d.one, TEST_ADDR(10, 0, 0, 9), 24));
	KUNIT_EXPECT_EQ(test, -EADDRNOTAVAIL,
			mini_test_addr_del(d.one, TEST_ADDR(10, 0, 0, 1), 16));
	KUNIT_EXPECT_EQ(test, 0,
			mini_test_addr_del(d.one, TEST_ADDR(10, 0, 0, 1), 24));
	/* The default route's gateway went out of reach. */
	KUNIT_EXPECT_EQ(test, before + 6, test_routes(mn));
	KUNIT_EXPECT_EQ(test, 0,
			mini_test_addr_del(d.two, TEST_ADDR(10, 0, 1, 1), 24));
	/* Its neighbour's subnet route is still there. */
	KUNIT_EXPECT_EQ(test, before + 3, test_routes(mn));
	KUNIT_EXPECT_EQ(test, MINI_ROUTE_BROADCAST,
			test_type(test, TEST_ADDR(10, 0, 1, 255)));
	KUNIT_EXPECT_EQ(test, 0,
			mini_test_addr_del(d.two, TEST_ADDR(10, 0, 1, 2), 24));
	KUNIT_EXPECT_EQ(test, before, test_routes(mn));
}

static void addr_del__another_device_has_it_too(struct kunit *test)
{
	struct test_devs d = test_two_devs(test);

	KUNIT_ASSERT_EQ(test, 0, mini_test_addr_add(d.two,
						    TEST_ADDR(10, 0, 0, 1),
						    32));
	KUNIT_EXPECT_EQ(test, 0,
			mini_test_addr_del(d.one, TEST_ADDR(10, 0, 0, 1), 24));
	KUNIT_EXPECT_EQ(test, MINI_ROUTE_LOCAL,
			test_type(test, TEST_ADDR(10, 0, 0, 1)));
}

static void route_add__checks_what_it_is_given(struct kunit *test)
{
	struct mini_net *mn = test->priv;

	test_two_devs(test);
	/* Neither gateway nor device; no such device */
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_route_add(mn, TEST_ADDR(192, 0, 2, 0), 24,
					    NONE, 0, 0));
	KUNIT_EXPECT_EQ(test, -ENODEV,
			mini_test_route_add(mn, TEST_ADDR(192, 0, 2, 0), 24,
					    NONE, TEST_IFINDEX + 9, 0));
	/* Gateway: out of reach, on the other device, own, broadcast */
	KUNIT_EXPECT_EQ(test, -ENETUNREACH,
			mini_test_route_add(mn, TEST_ADDR(192, 0, 2, 0), 24,
					    TEST_ADDR(192, 0, 2, 1), 0, 0));
	KUNIT_EXPECT_EQ(test, -ENETUNREACH,
			mini_test_route_add(mn, TEST_ADDR(192, 0, 2, 0), 24,
					    TEST_ADDR(10, 0, 0, 2), TWO, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_route_add(mn, TEST_ADDR(192, 0, 2, 0), 24,
					    TEST_ADDR(10, 0, 0, 1), 0, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_route_add(mn, TEST_ADDR(192, 0, 2, 0), 24,
					    TEST_ADDR(10, 0, 0, 255), 0, 0));
	/* Destination: host bits, loopback */
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_route_add(mn, TEST_ADDR(192, 0, 2, 1), 24,
					    NONE, ONE, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_route_add(mn, TEST_ADDR(127, 1, 0, 0), 16,
					    NONE, ONE, 0));
	/* Metrics tell routes apart */
	KUNIT_EXPECT_EQ(test, 0,
			mini_test_route_add(mn, TEST_ADDR(192, 0, 2, 0), 24,
					    NONE, ONE, 0));
	KUNIT_EXPECT_EQ(test, -EEXIST,
			mini_test_route_add(mn, TEST_ADDR(192, 0, 2, 0), 24,
					    NONE, TWO, 0));
	KUNIT_EXPECT_EQ(test, 0,
			mini_test_route_add(mn, TEST_ADDR(192, 0, 2, 0), 24,
					    NONE, TWO, 5));
}

static int test_route_del(struct mini_net *mn, struct in6_addr dst, u8 plen)
{
	struct mini_route_cfg cfg = {
		.dst = dst,
		.plen = MINI_V4_PLEN(plen),
	};
	int err;

	rtnl_lock();
	err = mini_route_del(mn, &cfg, NULL);
	rtnl_unlock();
	return err;
}

static void route_del__removes_unicast_alone(struct kunit *test)
{
	struct mini_net *mn = test->priv;

	test_two_devs(test);
	KUNIT_EXPECT_EQ(test, -ESRCH,
			test_route_del(mn, TEST_ADDR(192, 0, 2, 0), 24));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			test_route_del(mn, TEST_ADDR(10, 0, 0, 1), 32));
	KUNIT_EXPECT_EQ(test, 0,
			test_route_del(mn, TEST_ADDR(10, 0, 0, 0), 24));
	KUNIT_EXPECT_EQ(test, -ESRCH,
			test_route_del(mn, TEST_ADDR(10, 0, 0, 0), 24));
}

static int test_stop_at_three(const struct mini_route_cfg *cfg, void *arg)
{
	unsigned int *seen = arg;

	if (*seen % 4 == 3) {
		(*seen)++;
		return -EMSGSIZE;
	}
	(*seen)++;
	return 0;
}

static void route_walk__resumes_where_it_stopped(struct kunit *test)
{
	struct mini_net *mn = test->priv;
	unsigned int stops = 0;
	unsigned int seen = 0;
	struct mini_route_iter iter = {};

	test_two_devs(test);
	rtnl_lock();
	while (mini_route_walk(mn, &iter, test_stop_at_three, &seen))
		stops++;
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, seen - stops, test_routes(mn));
}

static void path__longest_prefix_then_metric(struct kunit *test)
{
	struct mini_net *mn = test->priv;
	struct mini_flow fl = { .dst = TEST_ADDR(192, 0, 2, 9) };
	struct mini_path path;

	test_two_devs(test);
	KUNIT_EXPECT_EQ(test, -ENETUNREACH, test_path(test, fl, &path));
	KUNIT_EXPECT_EQ(test, 0,
			mini_test_route_add(mn, TEST_ADDR(0, 0, 0, 0), 0,
					    TEST_ADDR(10, 0, 0, 254), 0, 0));
	expect_src(test, fl, TEST_ADDR(10, 0, 0, 1));
	KUNIT_EXPECT_EQ(test, 0,
			mini_test_route_add(mn, TEST_ADDR(192, 0, 2, 0), 24,
					    TEST_ADDR(10, 0, 1, 254), 0, 7));
	expect_src(test, fl, TEST_ADDR(10, 0, 1, 1));
	KUNIT_EXPECT_EQ(test, 0,
			mini_test_route_add(mn, TEST_ADDR(192, 0, 2, 0), 24,
					    TEST_ADDR(10, 0, 0, 254), 0, 3));
	expect_src(test, fl, TEST_ADDR(10, 0, 0, 1));
}

static void path__passes_by_a_device_that_is_down(struct kunit *test)
{
	struct test_devs d = test_two_devs(test);
	struct mini_net *mn = test->priv;
	struct mini_flow fl = { .dst = TEST_ADDR(192, 0, 2, 9) };
	struct mini_path path;

	KUNIT_EXPECT_EQ(test, 0,
			mini_test_route_add(mn, TEST_ADDR(192, 0, 2, 0), 24,
					    TEST_ADDR(10, 0, 1, 254), 0, 0));
	d.two->flags &= ~MINI_DEV_F_UP;
	KUNIT_EXPECT_EQ(test, -ENETDOWN, test_path(test, fl, &path));
	KUNIT_EXPECT_EQ(test, 0,
			mini_test_route_add(mn, TEST_ADDR(0, 0, 0, 0), 0,
					    TEST_ADDR(10, 0, 0, 254), 0, 0));
	expect_src(test, fl, TEST_ADDR(10, 0, 0, 1));
	/* Own addresses do not depend on it. */
	fl.dst = TEST_ADDR(10, 0, 1, 1);
	expect_src(test, fl, TEST_ADDR(10, 0, 1, 1));
}

static void path__to_own_address_is_the_loopback(struct kunit *test)
{
	struct mini_flow fl = { .dst = TEST_ADDR(10, 0, 1, 2) };
	struct mini_net *mn = test->priv;
	struct mini_path path;

	test_two_devs(test);
	KUNIT_ASSERT_EQ(test, 0, mini_path_lookup(mn, &fl, &path));
	KUNIT_EXPECT_PTR_EQ(test, path.mdev, mini_dev_loopback(mn));
	KUNIT_EXPECT_NULL(test, path.neigh);
	KUNIT_EXPECT_EQ(test, path.type, MINI_ROUTE_LOCAL);
	KUNIT_EXPECT_TRUE(test, mini_path_valid(mn, &path));
	mini_path_release(&path);
	expect_src(test, fl, TEST_ADDR(10, 0, 1, 2));
	fl.dst = TEST_ADDR(127, 9, 9, 9);
	expect_src(test, fl, TEST_ADDR(127, 0, 0, 1));
	fl.dst = TEST_ADDR(0, 0, 0, 0);
	expect_src(test, fl, TEST_ADDR(127, 0, 0, 1));
}

static void path__source_must_be_own(struct kunit *test)
{
	struct mini_flow fl = {
		.dst = TEST_ADDR(10, 0, 0, 2),
		.src = TEST_ADDR(10, 0, 0, 3),
	};
	struct mini_path path;

	test_two_devs(test);
	KUNIT_EXPECT_EQ(test, -ENETUNREACH, test_path(test, fl, &path));
	fl.freebind = true;
	expect_src(test, fl, TEST_ADDR(10, 0, 0, 3));
	fl.freebind = false;
	fl.src = TEST_ADDR(10, 0, 1, 2);
	expect_src(test, fl, TEST_ADDR(10, 0, 1, 2));
	/* 127/8 does not leave the host. */
	fl.src = TEST_ADDR(127, 0, 0, 1);
	KUNIT_EXPECT_EQ(test, -EINVAL, test_path(test, fl, &path));
}

static void path__bound_device_is_used(struct kunit *test)
{
	struct mini_flow fl = { .dst = TEST_ADDR(10, 0, 1, 9), .oif = TWO };
	struct mini_path path;

	test_two_devs(test);
	expect_src(test, fl, TEST_ADDR(10, 0, 1, 1));
	fl.oif = ONE;
	KUNIT_EXPECT_EQ(test, -ENETUNREACH, test_path(test, fl, &path));
	/* An own address, if it is that device's */
	fl.dst = TEST_ADDR(10, 0, 1, 1);
	KUNIT_EXPECT_EQ(test, -ENETUNREACH, test_path(test, fl, &path));
	fl.oif = TWO;
	expect_src(test, fl, TEST_ADDR(10, 0, 1, 1));
}

static void path__groups_need_a_device(struct kunit *test)
{
	struct mini_flow fl = { .dst = TEST_ADDR(255, 255, 255, 255) };
	struct test_devs d = test_two_devs(test);
	struct mini_path path;

	KUNIT_EXPECT_EQ(test, -ENETUNREACH, test_path(test, fl, &path));
	fl.oif = TEST_IFINDEX;
	KUNIT_EXPECT_EQ(test, -ENODEV, test_path(test, fl, &path));
	fl.oif = TWO;
	KUNIT_EXPECT_EQ(test, 0, test_path(test, fl, &path));
	KUNIT_EXPECT_EQ(test, path.type, MINI_ROUTE_BROADCAST);
	fl.oif = 0;
	fl.src = TEST_ADDR(10, 0, 1, 2);
	fl.dst = TEST_ADDR(224, 0, 0, 1);
	KUNIT_ASSERT_EQ(test, 0, mini_path_lookup(test->priv, &fl, &path));
	KUNIT_EXPECT_PTR_EQ(test, path.mdev, d.two);
	KUNIT_EXPECT_EQ(test, path.type, 0);
	mini_path_release(&path);
}

static void path__without_address_only_broadcast(struct kunit *test)
{
	struct mini_flow fl = { .dst = TEST_ADDR(255, 255, 255, 255),
				.oif = ONE };
	struct mini_net *mn = test->priv;
	struct mini_path path;

	mini_test_dev(test, ONE, UP);
	expect_src(test, fl, TEST_ADDR(0, 0, 0, 0));
	KUNIT_ASSERT_EQ(test, 0,
			mini_test_route_add(mn, TEST_ADDR(0, 0, 0, 0), 0,
					    NONE, ONE, 0));
	fl.dst = TEST_ADDR(192, 0, 2, 1);
	KUNIT_EXPECT_EQ(test, -EADDRNOTAVAIL, test_path(test, fl, &path));
}

static void path__is_stale_after_a_change(struct kunit *test)
{
	struct mini_flow fl = { .dst = TEST_ADDR(10, 0, 0, 9) };
	struct test_devs d = test_two_devs(test);
	struct mini_net *mn = test->priv;
	struct mini_path path;

	KUNIT_ASSERT_EQ(test, 0, mini_path_lookup(mn, &fl, &path));
	KUNIT_EXPECT_TRUE(test, mini_path_valid(mn, &path));
	KUNIT_EXPECT_EQ(test, 0,
			mini_test_addr_del(d.two, TEST_ADDR(10, 0, 1, 2), 24));
	KUNIT_EXPECT_FALSE(test, mini_path_valid(mn, &path));
	mini_path_release(&path);
	KUNIT_EXPECT_FALSE(test, mini_path_valid(mn, &path));
}

static struct kunit_case mini_route_test_cases[] = {
	KUNIT_CASE(addr_type__tells_own_from_others),
	KUNIT_CASE(addr_add__refuses_what_no_host_has),
	KUNIT_CASE(addr_add__same_twice_exists),
	KUNIT_CASE(addr_add__host_and_point_to_point),
	KUNIT_CASE(addr_del__takes_what_follows_from_it),
	KUNIT_CASE(addr_del__another_device_has_it_too),
	KUNIT_CASE(route_add__checks_what_it_is_given),
	KUNIT_CASE(route_del__removes_unicast_alone),
	KUNIT_CASE(route_walk__resumes_where_it_stopped),
	KUNIT_CASE(path__longest_prefix_then_metric),
	KUNIT_CASE(path__passes_by_a_device_that_is_down),
	KUNIT_CASE(path__to_own_address_is_the_loopback),
	KUNIT_CASE(path__source_must_be_own),
	KUNIT_CASE(path__bound_device_is_used),
	KUNIT_CASE(path__groups_need_a_device),
	KUNIT_CASE(path__without_address_only_broadcast),
	KUNIT_CASE(path__is_stale_after_a_change),
	{}
};

struct kunit_suite mini_route_test_suite = {
	.name = "mini_route",
	.init = mini_test_host_init,
	.exit = mini_test_host_exit,
	.test_cases = mini_route_test_cases,
};
