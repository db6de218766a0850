// SPDX-License-Identifier: GPL-2.0
/*
 * What is remembered of single destinations: path MTUs, better gateways.
 */
#include "host_test.h"

#define FAR(n)		mini_test_v4(0xc0000200 + (n))
#define GATEWAY		mini_test_v4(0x0a000002)
#define BETTER		mini_test_v4(0x0a000009)

/* Destinations kept, by pmtu.c. */
#define TEST_MOST	4096

static int pmtu_test_init(struct kunit *test)
{
	int err = mini_test_host_init(test);
	struct mini_net *mn = test->priv;

	if (err)
		return err;
	mn->sysctl.mtu_expires = 600;
	mn->sysctl.min_pmtu = 552;
	return 0;
}

static u32 test_mtu(struct mini_net *mn, struct in6_addr dst, bool *locked)
{
	u32 mtu;

	rcu_read_lock();
	mtu = mini_pmtu_get(mn, &dst, locked);
	rcu_read_unlock();
	return mtu;
}

static bool test_learn(struct mini_net *mn, struct in6_addr dst, u32 mtu)
{
	return mini_pmtu_learn(mn, &dst, mtu);
}

static void pmtu__is_of_one_destination(struct kunit *test)
{
	struct mini_net *mn = test->priv;
	bool locked = true;

	KUNIT_EXPECT_EQ(test, 0, test_mtu(mn, FAR(1), &locked));
	KUNIT_EXPECT_TRUE(test, test_learn(mn, FAR(1), 1400));
	KUNIT_EXPECT_EQ(test, 1400, test_mtu(mn, FAR(1), &locked));
	KUNIT_EXPECT_FALSE(test, locked);
	KUNIT_EXPECT_EQ(test, 0, test_mtu(mn, FAR(2), &locked));
	KUNIT_EXPECT_EQ(test, 1, mini_test_event(mn, MINI_MIB_IP_PMTU_LEARNED));
}

static void pmtu__only_becomes_less(struct kunit *test)
{
	struct mini_net *mn = test->priv;
	bool locked;

	KUNIT_EXPECT_TRUE(test, test_learn(mn, FAR(1), 1400));
	KUNIT_EXPECT_FALSE(test, test_learn(mn, FAR(1), 1400));
	KUNIT_EXPECT_FALSE(test, test_learn(mn, FAR(1), 1401));
	KUNIT_EXPECT_EQ(test, 1400, test_mtu(mn, FAR(1), &locked));
	KUNIT_EXPECT_TRUE(test, test_learn(mn, FAR(1), 1399));
	KUNIT_EXPECT_EQ(test, 1399, test_mtu(mn, FAR(1), &locked));
}

static void pmtu__has_a_floor(struct kunit *test)
{
	struct mini_net *mn = test->priv;
	bool locked = true;

	KUNIT_EXPECT_TRUE(test, test_learn(mn, FAR(1), 552));
	KUNIT_EXPECT_EQ(test, 552, test_mtu(mn, FAR(1), &locked));
	KUNIT_EXPECT_FALSE(test, locked);
	KUNIT_EXPECT_TRUE(test, test_learn(mn, FAR(1), 551));
	KUNIT_EXPECT_EQ(test, 552, test_mtu(mn, FAR(1), &locked));
	KUNIT_EXPECT_TRUE(test, locked);
	/* What nobody may cut does not become so again. */
	KUNIT_EXPECT_FALSE(test, test_learn(mn, FAR(1), 552));
	KUNIT_EXPECT_EQ(test, 552, test_mtu(mn, FAR(1), &locked));
	KUNIT_EXPECT_TRUE(test, locked);
	KUNIT_EXPECT_TRUE(test, test_learn(mn, FAR(2), 1));
	KUNIT_EXPECT_EQ(test, 552, test_mtu(mn, FAR(2), &locked));
}

static void pmtu__ages(struct kunit *test)
{
	struct mini_net *mn = test->priv;
	bool locked;

	mn->sysctl.mtu_expires = 0;
	test_learn(mn, FAR(1), 1000);
	KUNIT_EXPECT_EQ(test, 0, test_mtu(mn, FAR(1), &locked));
	/* Then more is believed again. */
	mn->sysctl.mtu_expires = 600;
	KUNIT_EXPECT_TRUE(test, test_learn(mn, FAR(1), 1400));
	KUNIT_EXPECT_EQ(test, 1400, test_mtu(mn, FAR(1), &locked));
}

static void pmtu__the_oldest_makes_room(struct kunit *test)
{
	struct mini_net *mn = test->priv;
	bool locked;
	u32 i;

	for (i = 0; i < TEST_MOST; i++)
		KUNIT_EXPECT_TRUE(test, test_learn(mn, FAR(i), 1000));
	KUNIT_EXPECT_EQ(test, 1000, test_mtu(mn, FAR(0), &locked));
	/* What is told again is young again. */
	KUNIT_EXPECT_TRUE(test, test_learn(mn, FAR(0), 999));
	KUNIT_EXPECT_TRUE(test, test_learn(mn, FAR(TEST_MOST), 1000));
	KUNIT_EXPECT_EQ(test, 999, test_mtu(mn, FAR(0), &locked));
	KUNIT_EXPECT_EQ(test, 0, test_mtu(mn, FAR(1), &locked));
	KUNIT_EXPECT_EQ(test, 1000, test_mtu(mn, FAR(2), &locked));
	KUNIT_EXPECT_EQ(test, 1000, test_mtu(mn, FAR(TEST_MOST), &locked));
}

/* Forged errors about many destinations. */
static void pmtu__much_news_is_one(struct kunit *test)
{
	unsigned long end = jiffies + msecs_to_jiffies(5000);
	struct mini_net *mn = test->priv;
	struct mini_icmp_err e = { .mtu = 1000, .len = 1500 };
	int before = atomic_read(&mn->genid);
	u32 i;
	int n;

	/* One is believed at once. */
	e.raddr = FAR(0);
	mini_pmtu_claim(mn, &e, IP_PMTUDISC_WANT);
	KUNIT_EXPECT_EQ(test, before + 1, atomic_read(&mn->genid));
	for (i = 1; i < 2000; i++) {
		e.raddr = FAR(i);
		mini_pmtu_claim(mn, &e, IP_PMTUDISC_WANT);
	}
	n = atomic_read(&mn->genid);
	KUNIT_EXPECT_LT(test, n, before + 500);
	/* But none is forgotten, nor the last. */
	e.raddr = FAR(i);
	mini_pmtu_claim(mn, &e, IP_PMTUDISC_WANT);
	while (atomic_read(&mn->genid) == n && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_NE(test, n, atomic_read(&mn->genid));
}

static bool test_redirected(struct mini_net *mn, struct in6_addr dst,
			    const struct mini_nexthop *nh,
			    struct in6_addr gateway)
{
	struct in6_addr got;
	bool ok;

	rcu_read_lock();
	ok = mini_redirect_get(mn, &dst, nh, &got);
	rcu_read_unlock();
	return ok && mini_addr_equal(&got, &gateway);
}

static void redirect__is_of_one_next_hop(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_one_dev(test);
	struct mini_net *mn = test->priv;
	struct mini_nexthop nh = { .mdev = mdev, .gateway = GATEWAY };
	struct mini_nexthop other = nh;
	struct in6_addr better = BETTER;
	struct in6_addr far = FAR(1);
	bool locked;

	KUNIT_EXPECT_FALSE(test, test_redirected(mn, FAR(1), &nh, BETTER));
	KUNIT_EXPECT_TRUE(test, mini_redirect_learn(mn, &far, &nh, &better));
	KUNIT_EXPECT_TRUE(test, test_redirected(mn, FAR(1), &nh, BETTER));
	KUNIT_EXPECT_FALSE(test, test_redirected(mn, FAR(2), &nh, BETTER));
	other.gateway = mini_test_v4(0x0a000003);
	KUNIT_EXPECT_FALSE(test, test_redirected(mn, FAR(1), &other, BETTER));
	/* It says nothing of the MTU, nor the MTU of it. */
	KUNIT_EXPECT_EQ(test, 0, test_mtu(mn, FAR(1), &locked));
	KUNIT_EXPECT_TRUE(test, test_learn(mn, FAR(1), 1400));
	KUNIT_EXPECT_TRUE(test, test_redirected(mn, FAR(1), &nh, BETTER));
	better = mini_test_v4(0x0a00000a);
	KUNIT_EXPECT_TRUE(test, mini_redirect_learn(mn, &far, &nh, &better));
	KUNIT_EXPECT_TRUE(test, test_redirected(mn, FAR(1), &nh, better));
	KUNIT_EXPECT_EQ(test, 1400, test_mtu(mn, FAR(1), &locked));
	/* Its gateway is dead. */
	KUNIT_EXPECT_TRUE(test, mini_redirect_forget(mn, &far));
	KUNIT_EXPECT_FALSE(test, mini_redirect_forget(mn, &far));
	KUNIT_EXPECT_FALSE(test, test_redirected(mn, FAR(1), &nh, better));
	KUNIT_EXPECT_EQ(test, 1400, test_mtu(mn, FAR(1), &locked));
}

static struct kunit_case mini_ip_pmtu_test_cases[] = {
	KUNIT_CASE(pmtu__is_of_one_destination),
	KUNIT_CASE(pmtu__only_becomes_less),
	KUNIT_CASE(pmtu__has_a_floor),
	KUNIT_CASE(pmtu__ages),
	KUNIT_CASE(pmtu__the_oldest_makes_room),
	KUNIT_CASE(pmtu__much_news_is_one),
	KUNIT_CASE(redirect__is_of_one_next_hop),
	{}
};

struct kunit_suite mini_ip_pmtu_test_suite = {
	.name = "mini_ip_pmtu",
	.init = pmtu_test_init,
	.exit = mini_test_host_exit,
	.test_cases = mini_ip_pmtu_test_cases,
};
