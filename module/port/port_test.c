// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: who may share a port, how one is chosen, how long a bucket lives.
 */
#include <kunit/test.h>
#include <net/sock.h>

#include "port.h"

#define LOW	40000

struct mini_port_test {
	struct mini_net mn;
	struct mini_port_user user[16];
	struct sock sk[16];	/* of which only the options are looked at */
};

static void mini_port_test_reuse(struct mini_port_test *t, int i, bool reuse,
				 bool reuseport)
{
	t->user[i].reuse = reuse;
	t->user[i].reuseport = reuseport;
	t->sk[i].sk_reuse = reuse;
	t->sk[i].sk_reuseport = reuseport;
}

static int mini_port_test_init(struct kunit *test)
{
	struct mini_port_test *t;
	int i;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_EQ(test, mini_port_net_init(&t->mn), 0);
	t->mn.sysctl.ip_local_port_range[0] = LOW;
	t->mn.sysctl.ip_local_port_range[1] = LOW + 9;
	for (i = 0; i < ARRAY_SIZE(t->user); i++) {
		t->user[i].sk = &t->sk[i];
		/* Who leaves a group of SO_REUSEPORT takes it. */
		rwlock_init(&t->sk[i].sk_callback_lock);
	}
	test->priv = t;
	return 0;
}

static void mini_port_test_exit(struct kunit *test)
{
	struct mini_port_test *t = test->priv;
	int i;

	if (!t || !t->mn.port)
		return;
	for (i = 0; i < ARRAY_SIZE(t->user); i++)
		mini_port_release(&t->user[i]);
	/* Complains of a bucket that outlived its users. */
	mini_port_net_exit(&t->mn);
	/* Buckets wait for their readers; the users do not. */
	rcu_barrier();
}

struct mini_port_half_case {
	u32 addr;
	int ifindex;
	int uid;
	bool reuse;
	bool reuseport;
	bool listening;
	bool record;
};

static void mini_port_test_fill(struct mini_port_test *t, int i,
				const struct mini_port_half_case *c)
{
	struct mini_port_user *u = &t->user[i];

	u->addr = in6addr_any;
	if (c->addr)
		mini_addr_set_v4(&u->addr, htonl(c->addr));
	u->ifindex = c->ifindex;
	u->uid = KUIDT_INIT(c->uid);
	mini_port_test_reuse(t, i, c->reuse, c->reuseport);
	u->listening = 0;
	u->connected = 0;
	u->sk = c->record ? NULL : &t->sk[i];
}

static void mini_port_bind__conflicts(struct kunit *test)
{
	static const struct {
		struct mini_port_half_case first;
		struct mini_port_half_case second;
		int ret;
	} rows[] = {
		/* Addresses and devices that overlap, and that do not. */
		{ { 0 }, { 0 }, -EADDRINUSE },
		{ { 0 }, { 1 }, -EADDRINUSE },
		{ { 1 }, { 0 }, -EADDRINUSE },
		{ { 1 }, { 1 }, -EADDRINUSE },
		{ { 1 }, { 2 }, 0 },
		{ { 0, 3 }, { 0, 3 }, -EADDRINUSE },
		{ { 0, 3 }, { 0, 0 }, -EADDRINUSE },
		{ { 0, 3 }, { 0, 4 }, 0 },
		{ { 1, 3 }, { 1, 4 }, 0 },
		/* SO_REUSEADDR: both, and nobody listens. */
		{ { .reuse = 1 }, { .reuse = 1 }, 0 },
		{ { .reuse = 1 }, { .reuse = 0 }, -EADDRINUSE },
		{ { .reuse = 0 }, { .reuse = 1 }, -EADDRINUSE },
		{ { .reuse = 1, .listening = 1 }, { .reuse = 1 },
		  -EADDRINUSE },
		{ { .addr = 1, .reuse = 1, .listening = 1 },
		  { .addr = 2, .reuse = 1 }, 0 },
		/* SO_REUSEPORT: both, of one owner. */
		{ { .reuseport = 1 }, { .reuseport = 1 }, 0 },
		{ { .reuseport = 1, .listening = 1 }, { .reuseport = 1 }, 0 },
		{ { .reuseport = 1, .uid = 5 }, { .reuseport = 1, .uid = 6 },
		  -EADDRINUSE },
		{ { .reuseport = 1 }, { .reuseport = 0 }, -EADDRINUSE },
		{ { .reuseport = 1 }, { .reuse = 1 }, -EADDRINUSE },
		/* TIME-WAIT records: only without SO_REUSEADDR. */
		{ { .record = 1 }, { .reuse = 0 }, -EADDRINUSE },
		{ { .record = 1 }, { .reuse = 1 }, 0 },
		{ { .addr = 1, .record = 1 }, { .addr = 2 }, 0 },
	};
	struct mini_port_test *t = test->priv;
	struct mini_port_user *a = &t->user[0], *b = &t->user[1];
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		mini_port_test_fill(t, 0, &rows[i].first);
		mini_port_test_fill(t, 1, &rows[i].second);
		KUNIT_ASSERT_EQ(test, mini_port_bind(&t->mn, IPPROTO_TCP, a,
						     htons(80)), 0);
		a->listening = rows[i].first.listening;
		KUNIT_EXPECT_EQ_MSG(test, mini_port_bind(&t->mn, IPPROTO_TCP,
							 b, htons(80)),
				    rows[i].ret, "row %d", i);
		KUNIT_EXPECT_EQ(test, ntohs(mini_port_num(b)),
				rows[i].ret ? 0 : 80);
		mini_port_release(b);
		mini_port_release(a);
	}
}

static void mini_port_bind__options_of_now(struct kunit *test)
{
	struct mini_port_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, mini_port_bind(&t->mn, IPPROTO_UDP, &t->user[0],
					     htons(53)), 0);
	mini_port_test_reuse(t, 1, true, false);
	KUNIT_EXPECT_EQ(test, mini_port_bind(&t->mn, IPPROTO_UDP, &t->user[1],
					     htons(53)), -EADDRINUSE);
	t->sk[0].sk_reuse = 1;
	KUNIT_EXPECT_EQ(test, mini_port_bind(&t->mn, IPPROTO_UDP, &t->user[1],
					     htons(53)), 0);
}

static void mini_port_bind__protocols_apart(struct kunit *test)
{
	struct mini_port_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, mini_port_bind(&t->mn, IPPROTO_TCP, &t->user[0],
					     htons(53)), 0);
	KUNIT_EXPECT_EQ(test, mini_port_bind(&t->mn, IPPROTO_UDP, &t->user[1],
					     htons(53)), 0);
	KUNIT_EXPECT_PTR_NE(test, t->user[0].port, t->user[1].port);
}

static void mini_port_bind_zero__exhaustion(struct kunit *test)
{
	struct mini_port_test *t = test->priv;
	u32 seen = 0;
	int num;
	int i;

	for (i = 0; i < 10; i++) {
		mini_port_test_reuse(t, i, true, true);
		KUNIT_ASSERT_EQ(test, mini_port_bind(&t->mn, IPPROTO_UDP,
						     &t->user[i], 0), 0);
		num = ntohs(mini_port_num(&t->user[i]));
		KUNIT_ASSERT_GE(test, num, LOW);
		KUNIT_ASSERT_LE(test, num, LOW + 9);
		/* The half that connect() takes last comes first. */
		KUNIT_EXPECT_EQ(test, (num - LOW) & 1, i < 5);
		KUNIT_EXPECT_FALSE(test, seen & BIT(num - LOW));
		seen |= BIT(num - LOW);
	}
	/* A port that is chosen is nobody else's, whatever all have set. */
	mini_port_test_reuse(t, 10, true, true);
	KUNIT_EXPECT_EQ(test, mini_port_bind(&t->mn, IPPROTO_UDP, &t->user[10],
					     0), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, mini_port_bind(&t->mn, IPPROTO_TCP, &t->user[10],
					     0), 0);
	mini_port_release(&t->user[4]);
	KUNIT_EXPECT_EQ(test, mini_port_bind(&t->mn, IPPROTO_UDP, &t->user[11],
					     0), 0);
}

static void mini_port_bind_zero__strange_ranges(struct kunit *test)
{
	static const struct {
		int low;
		int high;
		int min;
		int max;
	} rows[] = {
		{ 5000, 5000, 5000, 5000 },
		{ 65535, 65535, 65535, 65535 },
		{ 65534, 65535, 65534, 65535 },
		{ 6000, 5000, 6000, 6000 },
		{ 0, 1, 1, 1 },
		{ -7, 70000, 1, 65535 },
	};
	struct mini_port_test *t = test->priv;
	int num;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		t->mn.sysctl.ip_local_port_range[0] = rows[i].low;
		t->mn.sysctl.ip_local_port_range[1] = rows[i].high;
		KUNIT_ASSERT_EQ(test, mini_port_bind(&t->mn, IPPROTO_TCP,
						     &t->user[0], 0), 0);
		num = ntohs(mini_port_num(&t->user[0]));
		KUNIT_EXPECT_GE(test, num, rows[i].min);
		KUNIT_EXPECT_LE(test, num, rows[i].max);
		mini_port_release(&t->user[0]);
	}
}

static void mini_port_listen_ok__one_listener(struct kunit *test)
{
	struct mini_port_test *t = test->priv;
	struct mini_port_user *a = &t->user[0], *b = &t->user[1];

	mini_port_test_reuse(t, 0, true, false);
	mini_port_test_reuse(t, 1, true, false);
	KUNIT_ASSERT_EQ(test, mini_port_bind(&t->mn, IPPROTO_TCP, a,
					     htons(80)), 0);
	KUNIT_ASSERT_EQ(test, mini_port_bind(&t->mn, IPPROTO_TCP, b,
					     htons(80)), 0);
	KUNIT_EXPECT_EQ(test, mini_port_listen_ok(a), 0);
	KUNIT_EXPECT_EQ(test, mini_port_listen_ok(b), -EADDRINUSE);
	KUNIT_EXPECT_FALSE(test, b->listening);
	/* Again, to change the backlog. */
	KUNIT_EXPECT_EQ(test, mini_port_listen_ok(a), 0);
	mini_port_unlisten(a);
	KUNIT_EXPECT_EQ(test, mini_port_listen_ok(b), 0);
}

struct mini_port_claims {
	int calls;
	u32 ports;		/* bit n: LOW + n was tried */
	int take;		/* the port that is taken, 0: the first */
	int ret;		/* for the others */
};

static int mini_port_test_claim(void *arg, __be16 port)
{
	struct mini_port_claims *c = arg;

	c->calls++;
	c->ports |= BIT(ntohs(port) - LOW);
	return !c->take || c->take == ntohs(port) ? 0 : c->ret;
}

static void mini_port_connect__tries_all(struct kunit *test)
{
	struct mini_port_claims c = { .take = 1, .ret = -EADDRNOTAVAIL };
	struct mini_port_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, mini_port_connect(&t->mn, IPPROTO_TCP,
						&t->user[0], 12345,
						mini_port_test_claim, &c),
			-EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, c.calls, 10);
	KUNIT_EXPECT_EQ(test, c.ports, 0x3ff);
	KUNIT_EXPECT_PTR_EQ(test, t->user[0].port, NULL);
	/* The last of the second half is found too. */
	c.take = LOW + 9;
	KUNIT_EXPECT_EQ(test, mini_port_connect(&t->mn, IPPROTO_TCP,
						&t->user[0], 777,
						mini_port_test_claim, &c), 0);
	KUNIT_EXPECT_EQ(test, ntohs(mini_port_num(&t->user[0])), LOW + 9);
	KUNIT_EXPECT_TRUE(test, t->user[0].connected);
}

static void mini_port_connect__claim_error(struct kunit *test)
{
	struct mini_port_claims c = { .take = 1, .ret = -ENOMEM };
	struct mini_port_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, mini_port_connect(&t->mn, IPPROTO_TCP,
						&t->user[0], 0,
						mini_port_test_claim, &c),
			-ENOMEM);
	KUNIT_EXPECT_EQ(test, c.calls, 1);
}

/* RFC 6056, algorithm 3: the same peer gets one port after the other. */
static void mini_port_connect__advances(struct kunit *test)
{
	struct mini_port_claims c = { 0 };
	struct mini_port_test *t = test->priv;
	int i;

	for (i = 0; i < 5; i++) {
		KUNIT_ASSERT_EQ(test,
				mini_port_connect(&t->mn, IPPROTO_TCP,
						  &t->user[i], 99,
						  mini_port_test_claim, &c), 0);
		mini_port_release(&t->user[i]);
	}
	KUNIT_EXPECT_EQ(test, c.ports, 0x155);
}

static void mini_port_connect__sharing(struct kunit *test)
{
	struct mini_port_claims c = { 0 };
	struct mini_port_test *t = test->priv;
	struct mini_port_user *bound = &t->user[0], *record = &t->user[3];

	t->mn.sysctl.ip_local_port_range[1] = LOW;
	KUNIT_ASSERT_EQ(test, mini_port_bind(&t->mn, IPPROTO_TCP, bound,
					     htons(LOW)), 0);
	KUNIT_EXPECT_EQ(test, mini_port_connect(&t->mn, IPPROTO_TCP,
						&t->user[1], 0,
						mini_port_test_claim, &c),
			-EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, c.calls, 0);

	mini_port_update(bound, &in6addr_any, true);
	KUNIT_EXPECT_EQ(test, mini_port_connect(&t->mn, IPPROTO_TCP,
						&t->user[1], 0,
						mini_port_test_claim, &c), 0);
	KUNIT_EXPECT_PTR_EQ(test, bound->port, t->user[1].port);

	/* A record does not keep others out either. */
	record->sk = NULL;
	KUNIT_ASSERT_EQ(test, mini_port_join(record, bound->port), 0);
	KUNIT_EXPECT_EQ(test, mini_port_connect(&t->mn, IPPROTO_TCP,
						&t->user[2], 0,
						mini_port_test_claim, &c), 0);

	/* Disconnected, its port is its own again. */
	mini_port_update(bound, &in6addr_any, false);
	KUNIT_EXPECT_EQ(test, mini_port_connect(&t->mn, IPPROTO_TCP,
						&t->user[4], 0,
						mini_port_test_claim, &c),
			-EADDRNOTAVAIL);
	mini_port_release(bound);
	KUNIT_EXPECT_EQ(test, mini_port_connect(&t->mn, IPPROTO_TCP,
						&t->user[4], 0,
						mini_port_test_claim, &c), 0);
}

static void mini_port_release__bucket_dies(struct kunit *test)
{
	struct mini_port_test *t = test->priv;
	struct mini_port *port;

	KUNIT_ASSERT_EQ(test, mini_port_bind(&t->mn, IPPROTO_UDP, &t->user[0],
					     htons(7)), 0);
	rcu_read_lock();
	port = mini_port_lookup(&t->mn, IPPROTO_UDP, htons(7));
	KUNIT_EXPECT_PTR_EQ(test, port, t->user[0].port);
	KUNIT_EXPECT_EQ(test, mini_port_join(&t->user[1], port), 0);

	mini_port_release(&t->user[0]);
	KUNIT_EXPECT_PTR_EQ(test, mini_port_lookup(&t->mn, IPPROTO_UDP,
						   htons(7)), port);
	mini_port_release(&t->user[1]);
	KUNIT_EXPECT_PTR_EQ(test, mini_port_lookup(&t->mn, IPPROTO_UDP,
						   htons(7)), NULL);
	/* Who found it before must look again. */
	KUNIT_EXPECT_EQ(test, mini_port_join(&t->user[2], port), -ESTALE);
	rcu_read_unlock();

	KUNIT_EXPECT_EQ(test, mini_port_bind(&t->mn, IPPROTO_UDP, &t->user[0],
					     htons(7)), 0);
	mini_port_release(&t->user[0]);
	mini_port_release(&t->user[0]);
}

/* Collects users; stops the walk at each of them once. */
struct mini_port_walker {
	struct mini_port_user *seen[16];
	int count;
	bool stop;
};

static int mini_port_test_step(struct mini_port_user *u, void *arg)
{
	struct mini_port_walker *w = arg;

	w->stop = !w->stop;
	if (w->stop)
		return 1;
	if (w->count < ARRAY_SIZE(w->seen))
		w->seen[w->count] = u;
	w->count++;
	return 0;
}

static void mini_port_walk__resumes(struct kunit *test)
{
	static const u16 ports[] = { 9, 1, 65535, 9, 300, 9, 65535, 299 };
	struct mini_port_walker w = { .count = 0 };
	struct mini_port_test *t = test->priv;
	unsigned long iter = 0;
	u32 once = 0;
	int calls = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		mini_port_test_reuse(t, i, true, false);
		KUNIT_ASSERT_EQ(test, mini_port_bind(&t->mn, IPPROTO_UDP,
						     &t->user[i],
						     htons(ports[i])), 0);
	}
	while (mini_port_walk(&t->mn, IPPROTO_UDP, &iter, mini_port_test_step,
			      &w) && calls < 100)
		calls++;
	KUNIT_EXPECT_EQ(test, calls, (int)ARRAY_SIZE(ports));
	KUNIT_ASSERT_EQ(test, w.count, (int)ARRAY_SIZE(ports));
	for (i = 0; i < w.count; i++) {
		once |= BIT(w.seen[i] - t->user);
		if (i)
			KUNIT_EXPECT_LE(test,
					ntohs(mini_port_num(w.seen[i - 1])),
					ntohs(mini_port_num(w.seen[i])));
	}
	KUNIT_EXPECT_EQ(test, once, 0xff);
	/* At its end a walk stays there. */
	KUNIT_EXPECT_EQ(test, mini_port_walk(&t->mn, IPPROTO_UDP, &iter,
					     mini_port_test_step, &w), 0);
	KUNIT_EXPECT_EQ(test, w.count, (int)ARRAY_SIZE(ports));
}

static struct kunit_case mini_port_test_cases[] = {
	KUNIT_CASE(mini_port_bind__conflicts),
	KUNIT_CASE(mini_port_bind__options_of_now),
	KUNIT_CASE(mini_port_bind__protocols_apart),
	KUNIT_CASE(mini_port_bind_zero__exhaustion),
	KUNIT_CASE(mini_port_bind_zero__strange_ranges),
	KUNIT_CASE(mini_port_listen_ok__one_listener),
	KUNIT_CASE(mini_port_connect__tries_all),
	KUNIT_CASE(mini_port_connect__claim_error),
	KUNIT_CASE(mini_port_connect__advances),
	KUNIT_CASE(mini_port_connect__sharing),
	KUNIT_CASE(mini_port_release__bucket_dies),
	KUNIT_CASE(mini_port_walk__resumes),
	{}
};

struct kunit_suite mini_port_test_suite = {
	.name = "mini-port",
	.init = mini_port_test_init,
	.exit = mini_port_test_exit,
	.test_cases = mini_port_test_cases,
};
