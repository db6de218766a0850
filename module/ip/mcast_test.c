// SPDX-License-Identifier: GPL-2.0
/*
 * Members' filters merged, held against asking each member; and which report
 * IGMP sends when, on a clock of the test's own.
 */
#include <linux/prandom.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "host_test.h"
#include "igmp.h"

#define ONE	(TEST_IFINDEX + 1)
#define T0	1000000UL
#define HALF	0x80000000U

#define GROUP	TEST_ADDR(239, 1, 2, 3)
#define GROUP2	TEST_ADDR(239, 1, 2, 4)

struct mcast_test {
	struct mini_net *mn;
	struct mini_dev *mdev;
	struct mini_mc_dev *mc;
	struct sk_buff_head out;
	unsigned long next;
	bool more;
};

/* test->priv is the host's while it is made and ended. */
static struct mcast_test mt;

static int mcast_test_init(struct kunit *test)
{
	int err = mini_test_host_init(test);

	if (err)
		return err;
	mt.mn = test->priv;
	mt.mn->sysctl.igmp_qrv = 2;
	mt.mn->sysctl.force_igmp_version = 0;
	mt.mdev = mini_test_dev(test, ONE, MINI_DEV_F_UP);
	__skb_queue_head_init(&mt.out);
	rtnl_lock();
	err = mini_mc_attach(mt.mdev);
	mt.mc = rtnl_dereference(mt.mdev->mc);
	rtnl_unlock();
	return err;
}

static void mcast_test_exit(struct kunit *test)
{
	__skb_queue_purge(&mt.out);
	rtnl_lock();
	mini_mc_detach(mt.mdev);
	rtnl_unlock();
	mini_test_host_exit(test);
}

/* A filter of the sources 10.0.0.n for each bit n of @bits. */
static struct mini_mc_filter *filter_of(struct kunit *test, u8 mode, u32 bits)
{
	struct mini_mc_filter *f;
	unsigned int i;

	f = kunit_kzalloc(test, struct_size(f, src, 32), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f);
	f->mode = mode;
	for (i = 0; i < 32; i++) {
		if (bits & BIT(i))
			f->src[f->n++] = TEST_ADDR(10, 0, 0, i);
	}
	return f;
}

static int change(const struct in6_addr *group,
		  const struct mini_mc_filter *old,
		  const struct mini_mc_filter *new)
{
	int joined;
	int err = mini_mc_apply(mt.mc, group, old, new, &joined);

	/* What follows is on the test's clock. */
	spin_lock_bh(&mt.mc->lock);
	mt.mc->change_due = T0;
	spin_unlock_bh(&mt.mc->lock);
	return err ? err : joined;
}

static bool accepts(unsigned int host)
{
	struct in6_addr group = GROUP;
	struct in6_addr src = TEST_ADDR(10, 0, 0, host);
	bool ret;

	rcu_read_lock();
	ret = mini_mc_accepts(mt.mdev, &group, &src, IPPROTO_UDP);
	rcu_read_unlock();
	return ret;
}

static bool known(const struct in6_addr *group)
{
	bool ret;

	spin_lock_bh(&mt.mc->lock);
	ret = mini_mc_find(mt.mc, group);
	spin_unlock_bh(&mt.mc->lock);
	return ret;
}

static bool sources(const struct in6_addr *group)
{
	struct mini_mc_group *g;
	bool n = false;

	spin_lock_bh(&mt.mc->lock);
	g = mini_mc_find(mt.mc, group);
	if (g)
		n = !list_empty(&g->sources);
	spin_unlock_bh(&mt.mc->lock);
	return n;
}

static void run(unsigned long now, u32 random)
{
	spin_lock_bh(&mt.mc->lock);
	mt.more = mini_igmp_run(mt.mc, now, random, &mt.out, &mt.next);
	spin_unlock_bh(&mt.mc->lock);
}

static void query_in(u8 version, const struct in6_addr *group,
		     unsigned long max_resp, u8 qrv, unsigned int n,
		     const __be32 *src, unsigned long now, u32 random)
{
	struct mini_igmp_query q = {
		.version = version,
		.max_resp = max_resp,
		.qrv = qrv,
		.n = n,
		.src = src,
	};

	if (group)
		q.group = *group;
	spin_lock_bh(&mt.mc->lock);
	mini_igmp_query_in(mt.mc, &q, now, random);
	spin_unlock_bh(&mt.mc->lock);
}

/* The only report written, of one record of this type with @n sources. */
static void expect_record(struct kunit *test, const struct in6_addr *group,
			  u8 type, unsigned int n)
{
	struct sk_buff *skb = __skb_dequeue(&mt.out);
	const struct igmpv3_report *h;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	h = (const struct igmpv3_report *)skb->data;
	KUNIT_EXPECT_EQ(test, IGMPV3_HOST_MEMBERSHIP_REPORT, h->type);
	KUNIT_EXPECT_EQ(test, 1, ntohs(h->ngrec));
	KUNIT_EXPECT_EQ(test, type, h->grec[0].grec_type);
	KUNIT_EXPECT_EQ(test, n, ntohs(h->grec[0].grec_nsrcs));
	KUNIT_EXPECT_EQ(test, mini_addr_v4(group), h->grec[0].grec_mca);
	KUNIT_EXPECT_EQ(test, 16 + 4 * n, skb->len);
	KUNIT_EXPECT_EQ(test, 0, ip_compute_csum(skb->data, skb->len));
	kfree_skb(skb);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&mt.out));
}

static void expect_old(struct kunit *test, const struct in6_addr *group,
		       u8 type)
{
	struct sk_buff *skb = __skb_dequeue(&mt.out);
	const struct igmphdr *h;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	h = (const struct igmphdr *)skb->data;
	KUNIT_EXPECT_EQ(test, type, h->type);
	KUNIT_EXPECT_EQ(test, mini_addr_v4(group), h->group);
	KUNIT_EXPECT_EQ(test, 8, skb->len);
	kfree_skb(skb);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&mt.out));
}

#define expect_quiet(test)						\
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&mt.out))

/* RFC 3376 section 3.2: whatever some member wants passes, and nothing else. */
static void merge__against_each_member(struct kunit *test)
{
	struct mini_mc_filter *members[6] = {};
	struct in6_addr group = GROUP;
	struct rnd_state rnd;
	unsigned int i, host, m;
	bool want;

	prandom_seed_state(&rnd, 3376);
	for (i = 0; i < 3000; i++) {
		u32 r = prandom_u32_state(&rnd);
		struct mini_mc_filter *new = NULL;

		m = r % ARRAY_SIZE(members);
		if (r & BIT(10))
			new = filter_of(test, r & BIT(11) ? MCAST_INCLUDE :
							    MCAST_EXCLUDE,
					r >> 16 & 0xff);
		if (!new && !members[m])
			continue;
		KUNIT_ASSERT_LE(test, -1, change(&group, members[m], new));
		members[m] = new;
		for (host = 0; host < 10; host++) {
			struct in6_addr src = TEST_ADDR(10, 0, 0, host);

			want = false;
			for (m = 0; m < ARRAY_SIZE(members); m++)
				want |= members[m] &&
					mini_mc_filter_allows(members[m], &src);
			KUNIT_ASSERT_EQ(test, want, accepts(host));
		}
		/* What has been told is forgotten. */
		while (run(T0 + i * HZ * 2, HALF), mt.more)
			i++;
		__skb_queue_purge(&mt.out);
	}
}

static void merge__first_and_last_member(struct kunit *test)
{
	struct mini_mc_filter *all = filter_of(test, MCAST_EXCLUDE, 0);
	struct mini_mc_filter *some = filter_of(test, MCAST_INCLUDE, 6);
	struct in6_addr group = GROUP;

	KUNIT_EXPECT_EQ(test, 1, change(&group, NULL, all));
	KUNIT_EXPECT_EQ(test, 0, change(&group, NULL, some));
	KUNIT_EXPECT_EQ(test, 0, change(&group, all, NULL));
	KUNIT_EXPECT_FALSE(test, accepts(3));
	KUNIT_EXPECT_TRUE(test, accepts(2));
	KUNIT_EXPECT_EQ(test, -1, change(&group, some, NULL));
	KUNIT_EXPECT_FALSE(test, accepts(2));
}

static void merge__source_named_twice(struct kunit *test)
{
	struct mini_mc_filter *f = filter_of(test, MCAST_EXCLUDE, 2);
	struct in6_addr group = GROUP;

	f->src[f->n++] = f->src[0];
	KUNIT_EXPECT_EQ(test, 1, change(&group, NULL, f));
	KUNIT_EXPECT_FALSE(test, accepts(1));
	KUNIT_EXPECT_EQ(test, -1, change(&group, f, NULL));
}

/* A change is told at once, and again once (RFC 3376 section 5.1). */
static void igmp__change_is_told_twice(struct kunit *test)
{
	struct mini_mc_filter *all = filter_of(test, MCAST_EXCLUDE, 0);
	struct in6_addr group = GROUP;

	change(&group, NULL, all);
	run(T0, HALF);
	expect_record(test, &group, IGMPV3_CHANGE_TO_EXCLUDE, 0);
	KUNIT_ASSERT_TRUE(test, mt.more);
	KUNIT_EXPECT_EQ(test, T0 + 1 + HZ / 2, mt.next);
	run(mt.next - 1, HALF);
	expect_quiet(test);
	run(mt.next, HALF);
	expect_record(test, &group, IGMPV3_CHANGE_TO_EXCLUDE, 0);
	KUNIT_EXPECT_FALSE(test, mt.more);
	change(&group, all, NULL);
	run(T0, 0);
	expect_record(test, &group, IGMPV3_CHANGE_TO_INCLUDE, 0);
	run(mt.next, 0);
	expect_record(test, &group, IGMPV3_CHANGE_TO_INCLUDE, 0);
	KUNIT_EXPECT_FALSE(test, mt.more);
	KUNIT_EXPECT_FALSE(test, known(&group));
}

static void igmp__sources_that_change(struct kunit *test)
{
	struct mini_mc_filter *one = filter_of(test, MCAST_INCLUDE, 2);
	struct mini_mc_filter *two = filter_of(test, MCAST_INCLUDE, 12);
	struct in6_addr group = GROUP;
	struct sk_buff *skb;

	mt.mc->qrv = 1;
	change(&group, NULL, one);
	run(T0, 0);
	expect_record(test, &group, IGMPV3_ALLOW_NEW_SOURCES, 1);
	change(&group, one, two);
	run(T0, 0);
	skb = skb_peek(&mt.out);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	/* ALLOW of two, BLOCK of one */
	KUNIT_EXPECT_EQ(test, 2,
			ntohs(((struct igmpv3_report *)skb->data)->ngrec));
	KUNIT_EXPECT_EQ(test, 8 + 8 + 8 + 8 + 4, skb->len);
	__skb_queue_purge(&mt.out);
	change(&group, two, NULL);
	run(T0, 0);
	expect_record(test, &group, IGMPV3_BLOCK_OLD_SOURCES, 2);
	KUNIT_EXPECT_FALSE(test, mt.more);
}

/* A member that changes nothing of the sum is nobody's business. */
static void igmp__no_change_no_report(struct kunit *test)
{
	struct mini_mc_filter *all = filter_of(test, MCAST_EXCLUDE, 0);
	struct mini_mc_filter *one = filter_of(test, MCAST_INCLUDE, 2);
	struct in6_addr hosts = TEST_ADDR(224, 0, 0, 1);
	struct in6_addr group = GROUP;

	mt.mc->qrv = 1;
	change(&group, NULL, all);
	run(T0, 0);
	expect_record(test, &group, IGMPV3_CHANGE_TO_EXCLUDE, 0);
	change(&group, NULL, all);
	change(&group, NULL, one);
	change(&group, all, NULL);
	change(&hosts, NULL, all);
	change(&hosts, all, NULL);
	run(T0, 0);
	expect_quiet(test);
}

static void join_quietly(struct kunit *test, const struct in6_addr *group,
			 const struct mini_mc_filter *f)
{
	mt.mc->qrv = 1;
	change(group, NULL, f);
	run(T0, 0);
	__skb_queue_purge(&mt.out);
	KUNIT_ASSERT_FALSE(test, mt.more);
}

static void igmp__general_query(struct kunit *test)
{
	struct in6_addr group = GROUP;
	struct in6_addr hosts = TEST_ADDR(224, 0, 0, 1);

	join_quietly(test, &group, filter_of(test, MCAST_EXCLUDE, 6));
	join_quietly(test, &hosts, filter_of(test, MCAST_EXCLUDE, 0));
	query_in(3, NULL, 10 * HZ, 2, 0, NULL, T0, HALF);
	KUNIT_EXPECT_EQ(test, 2, mini_igmp_qrv(mt.mc));
	run(T0 + 5 * HZ, 0);
	expect_quiet(test);
	KUNIT_ASSERT_TRUE(test, mt.more);
	KUNIT_EXPECT_EQ(test, T0 + 1 + 5 * HZ, mt.next);
	/* Rule 1: what is sooner stands; a sooner one takes its place. */
	query_in(3, NULL, 20 * HZ, 2, 0, NULL, T0, HALF);
	KUNIT_EXPECT_EQ(test, T0 + 1 + 5 * HZ, mt.mc->answer_due);
	query_in(3, NULL, 2 * HZ, 2, 0, NULL, T0, HALF);
	KUNIT_EXPECT_EQ(test, T0 + 1 + HZ, mt.mc->answer_due);
	/* It also answers for the group alone. */
	query_in(3, &group, 10 * HZ, 2, 0, NULL, T0, HALF);
	run(T0 + 1 + HZ, 0);
	expect_record(test, &group, IGMPV3_MODE_IS_EXCLUDE, 2);
	KUNIT_EXPECT_FALSE(test, mt.more);
}

static void igmp__group_query(struct kunit *test)
{
	struct in6_addr group = GROUP;
	struct in6_addr other = GROUP2;

	join_quietly(test, &group, filter_of(test, MCAST_INCLUDE, 2));
	query_in(3, &other, HZ, 0, 0, NULL, T0, 0);
	run(T0 + 10 * HZ, 0);
	expect_quiet(test);
	KUNIT_EXPECT_FALSE(test, mt.more);
	query_in(3, &group, HZ, 0, 0, NULL, T0, 0);
	run(T0 + 1, 0);
	expect_record(test, &group, IGMPV3_MODE_IS_INCLUDE, 1);
}

/* Rules 3 to 5, and B-A of section 5.2. */
static void igmp__source_query(struct kunit *test)
{
	__be32 ask[] = { htonl(0x0a000001), htonl(0x0a000009) };
	__be32 more[] = { htonl(0x0a000008) };
	struct in6_addr group = GROUP;

	join_quietly(test, &group, filter_of(test, MCAST_EXCLUDE, 2));
	query_in(3, &group, 10 * HZ, 0, 2, ask, T0, HALF);
	query_in(3, &group, 2 * HZ, 0, 1, more, T0, HALF);
	run(T0 + 1 + HZ, 0);
	/* .1 is excluded; .9 and .8 are wanted */
	expect_record(test, &group, IGMPV3_MODE_IS_INCLUDE, 2);
	KUNIT_EXPECT_FALSE(test, mt.more);
	/* Only of what is not wanted: no answer. */
	query_in(3, &group, HZ, 0, 1, ask, T0, 0);
	run(T0 + 1, 0);
	expect_quiet(test);
	/* Once the whole group is asked for, sources add nothing. */
	query_in(3, &group, HZ, 0, 0, NULL, T0, 0);
	query_in(3, &group, HZ, 0, 1, more, T0, 0);
	run(T0 + 1, 0);
	expect_record(test, &group, IGMPV3_MODE_IS_EXCLUDE, 1);
}

static void igmp__too_many_sources_asked(struct kunit *test)
{
	__be32 *ask = kunit_kzalloc(test, 300 * sizeof(*ask), GFP_KERNEL);
	struct in6_addr group = GROUP;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, ask);
	for (i = 0; i < 300; i++)
		ask[i] = htonl(0x0b000000 + i);
	join_quietly(test, &group, filter_of(test, MCAST_EXCLUDE, 0));
	query_in(3, &group, HZ, 0, 200, ask, T0, 0);
	query_in(3, &group, HZ, 0, 100, ask + 200, T0, 0);
	run(T0 + 1, 0);
	expect_record(test, &group, IGMPV3_MODE_IS_EXCLUDE, 0);
	KUNIT_EXPECT_FALSE(test, sources(&group));
}

static void igmp__version_2(struct kunit *test)
{
	struct mini_mc_filter *all = filter_of(test, MCAST_EXCLUDE, 0);
	struct in6_addr group = GROUP;
	struct in6_addr other = GROUP2;

	join_quietly(test, &group, all);
	mt.mc->qrv = 2;
	query_in(2, NULL, HZ, 0, 0, NULL, T0, HALF);
	KUNIT_EXPECT_EQ(test, 2, mini_igmp_version(mt.mc, T0));
	run(T0 + 1 + HZ, 0);
	expect_old(test, &group, IGMPV2_HOST_MEMBERSHIP_REPORT);
	/* Another host's report will do. */
	query_in(2, &group, HZ, 0, 0, NULL, T0, HALF);
	spin_lock_bh(&mt.mc->lock);
	mini_igmp_report_in(mt.mc, &group, T0);
	spin_unlock_bh(&mt.mc->lock);
	run(T0 + 1 + HZ, 0);
	expect_quiet(test);
	/* It was the last to report, so it is the one to be missed. */
	change(&group, all, NULL);
	run(T0, 0);
	expect_quiet(test);
	change(&other, NULL, all);
	run(T0, HALF);
	expect_old(test, &other, IGMPV2_HOST_MEMBERSHIP_REPORT);
	KUNIT_EXPECT_EQ(test, T0 + 1 + 5 * HZ, mt.next);
	change(&other, all, NULL);
	run(T0, 0);
	expect_old(test, &other, IGMP_HOST_LEAVE_MESSAGE);
	KUNIT_EXPECT_FALSE(test, mt.more);
	/* Section 8.12: 2 times 125 s, and the response interval. */
	KUNIT_EXPECT_EQ(test, 2,
			mini_igmp_version(mt.mc, T0 + 251 * HZ - 1));
	KUNIT_EXPECT_EQ(test, 3, mini_igmp_version(mt.mc, T0 + 251 * HZ));
}

static void igmp__version_1(struct kunit *test)
{
	struct mini_mc_filter *all = filter_of(test, MCAST_EXCLUDE, 0);
	struct in6_addr group = GROUP;

	query_in(2, NULL, HZ, 0, 0, NULL, T0, 0);
	query_in(1, NULL, 10 * HZ, 0, 0, NULL, T0, 0);
	KUNIT_EXPECT_EQ(test, 1, mini_igmp_version(mt.mc, T0));
	mt.mc->qrv = 1;
	change(&group, NULL, all);
	run(T0, 0);
	expect_old(test, &group, IGMP_HOST_MEMBERSHIP_REPORT);
	change(&group, all, NULL);
	run(T0, 0);
	expect_quiet(test);
	/* The younger querier is forgotten first: both count. */
	KUNIT_EXPECT_EQ(test, 1, mini_igmp_version(mt.mc, T0 + 255 * HZ));
	KUNIT_EXPECT_EQ(test, 3, mini_igmp_version(mt.mc, T0 + 261 * HZ));
}

/* Section 7.2.1: with the version, what is under way ends. */
static void igmp__version_changes(struct kunit *test)
{
	struct mini_mc_filter *all = filter_of(test, MCAST_EXCLUDE, 0);
	struct in6_addr group = GROUP;
	struct in6_addr other = GROUP2;

	join_quietly(test, &other, all);
	mt.mc->qrv = 2;
	change(&group, NULL, all);
	run(T0, HALF);
	expect_record(test, &group, IGMPV3_CHANGE_TO_EXCLUDE, 0);
	query_in(2, &other, HZ, 0, 0, NULL, T0, 0);
	run(T0 + 10 * HZ, 0);
	expect_old(test, &other, IGMPV2_HOST_MEMBERSHIP_REPORT);
	KUNIT_EXPECT_FALSE(test, mt.more);
}

static void igmp__version_forced(struct kunit *test)
{
	mt.mn->sysctl.force_igmp_version = 3;
	query_in(2, NULL, HZ, 0, 0, NULL, T0, 0);
	KUNIT_EXPECT_EQ(test, 3, mini_igmp_version(mt.mc, T0));
	mt.mn->sysctl.force_igmp_version = 1;
	KUNIT_EXPECT_EQ(test, 1, mini_igmp_version(mt.mc, T0));
}

/* More sources than a packet holds: "these" in two, "all but these" in one. */
static void igmp__long_lists(struct kunit *test)
{
	struct in6_addr group = GROUP;
	struct mini_mc_filter *f;
	struct sk_buff *skb;
	unsigned int i;

	f = kunit_kzalloc(test, struct_size(f, src, 500), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f);
	f->n = 500;
	for (i = 0; i < f->n; i++)
		f->src[i] = TEST_ADDR(10, 1, i >> 8, i);
	f->mode = MCAST_INCLUDE;
	mt.mc->qrv = 1;
	change(&group, NULL, f);
	run(T0, 0);
	KUNIT_EXPECT_EQ(test, 2, skb_queue_len(&mt.out));
	i = 0;
	while ((skb = __skb_dequeue(&mt.out))) {
		KUNIT_EXPECT_GE(test, 1500 - 24, skb->len);
		i += (skb->len - 16) / 4;
		kfree_skb(skb);
	}
	KUNIT_EXPECT_EQ(test, 500, i);
	query_in(3, NULL, HZ, 0, 0, NULL, T0, 0);
	run(T0 + 1, 0);
	KUNIT_EXPECT_EQ(test, 2, skb_queue_len(&mt.out));
	__skb_queue_purge(&mt.out);
	change(&group, f, NULL);
	run(T0, 0);
	__skb_queue_purge(&mt.out);
	f->mode = MCAST_EXCLUDE;
	change(&group, NULL, f);
	run(T0, 0);
	KUNIT_EXPECT_EQ(test, 1, skb_queue_len(&mt.out));
}

static void igmp__queries_are_checked(struct kunit *test)
{
	struct {
		struct igmpv3_query h;
		__be32 src[2];
	} q = {
		.h = {
			.type = IGMP_HOST_MEMBERSHIP_QUERY,
			.code = 0x8f,
			.qrv = 7,
			.qqic = 125,
			.group = htonl(0xef010203),
			.nsrcs = htons(2),
		},
	};
	struct mini_igmp_query out;

	KUNIT_EXPECT_TRUE(test, mini_igmp_parse(&q, 20, &out));
	KUNIT_EXPECT_EQ(test, 3, out.version);
	KUNIT_EXPECT_EQ(test, 2, out.n);
	KUNIT_EXPECT_EQ(test, 7, out.qrv);
	KUNIT_EXPECT_EQ(test, 125, out.interval);
	KUNIT_EXPECT_EQ(test, msecs_to_jiffies(24800), out.max_resp);
	KUNIT_EXPECT_FALSE(test, mini_igmp_parse(&q, 19, &out));
	KUNIT_EXPECT_FALSE(test, mini_igmp_parse(&q, 12, &out));
	KUNIT_EXPECT_FALSE(test, mini_igmp_parse(&q, 11, &out));
	KUNIT_EXPECT_FALSE(test, mini_igmp_parse(&q, 7, &out));
	q.h.group = 0;
	KUNIT_EXPECT_FALSE(test, mini_igmp_parse(&q, 20, &out));
	q.h.group = htonl(0x0a000001);
	KUNIT_EXPECT_FALSE(test, mini_igmp_parse(&q, 8, &out));
	q.h.group = 0;
	KUNIT_EXPECT_TRUE(test, mini_igmp_parse(&q, 8, &out));
	KUNIT_EXPECT_EQ(test, 2, out.version);
	KUNIT_EXPECT_EQ(test, msecs_to_jiffies(14300), out.max_resp);
	q.h.code = 0;
	KUNIT_EXPECT_TRUE(test, mini_igmp_parse(&q, 8, &out));
	KUNIT_EXPECT_EQ(test, 1, out.version);
	KUNIT_EXPECT_EQ(test, 10 * HZ, out.max_resp);
	KUNIT_EXPECT_EQ(test, 127, mini_igmp_code(127));
	KUNIT_EXPECT_EQ(test, 128, mini_igmp_code(128));
	KUNIT_EXPECT_EQ(test, 31744, mini_igmp_code(255));
}

static struct kunit_case mcast_test_cases[] = {
	KUNIT_CASE(merge__against_each_member),
	KUNIT_CASE(merge__first_and_last_member),
	KUNIT_CASE(merge__source_named_twice),
	KUNIT_CASE(igmp__change_is_told_twice),
	KUNIT_CASE(igmp__sources_that_change),
	KUNIT_CASE(igmp__no_change_no_report),
	KUNIT_CASE(igmp__general_query),
	KUNIT_CASE(igmp__group_query),
	KUNIT_CASE(igmp__source_query),
	KUNIT_CASE(igmp__too_many_sources_asked),
	KUNIT_CASE(igmp__version_2),
	KUNIT_CASE(igmp__version_1),
	KUNIT_CASE(igmp__version_changes),
	KUNIT_CASE(igmp__version_forced),
	KUNIT_CASE(igmp__long_lists),
	KUNIT_CASE(igmp__queries_are_checked),
	{}
};

struct kunit_suite mini_mcast_test_suite = {
	.name = "mini_mcast",
	.init = mcast_test_init,
	.exit = mcast_test_exit,
	.test_cases = mcast_test_cases,
};
