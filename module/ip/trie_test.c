// SPDX-License-Identifier: GPL-2.0
/*
 * The trie against a list that is searched from end to end.
 */
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "trie.h"

#define TEST_MAX	200
#define TEST_STEPS	100000

struct test_entry {
	struct mini_trie_entry e;
	struct in6_addr key;
	u8 plen;
	unsigned int serial;		/* order of insertion */
	bool in;
};

struct test_ctx {
	struct mini_trie trie;
	struct rnd_state rnd;
	struct test_entry *entry[TEST_MAX];
	unsigned int serial;
	unsigned int in;
};

/*
 * Few bits vary, so that prefixes meet; they lie at both ends of the key and
 * around the boundaries of its words.
 */
static void test_key(struct test_ctx *ctx, struct in6_addr *key)
{
	u32 r = prandom_u32_state(&ctx->rnd);

	memset(key, 0, sizeof(*key));
	key->s6_addr[0] = (r & 1) << 7;
	key->s6_addr[3] = r >> 1 & 1;
	key->s6_addr[4] = (r >> 2 & 1) << 7;
	key->s6_addr[7] = r >> 3 & 3;
	key->s6_addr[8] = (r >> 5 & 3) << 6;
	key->s6_addr[12] = r >> 7 & 0xc3;
	key->s6_addr[15] = r >> 16 & 0x0f;
}

static u8 test_plen(struct test_ctx *ctx)
{
	static const u8 plens[] = {
		0, 1, 31, 32, 33, 62, 63, 64, 65, 66, 95, 96, 97, 98, 103,
		104, 120, 124, 125, 126, 127, 128,
	};

	return plens[prandom_u32_state(&ctx->rnd) % ARRAY_SIZE(plens)];
}

/* Best by the list: longest, then least order, then oldest. */
static struct test_entry *test_list_best(struct test_ctx *ctx,
					 const struct in6_addr *addr, u8 max)
{
	struct test_entry *best = NULL;
	unsigned int i;

	for (i = 0; i < TEST_MAX; i++) {
		struct test_entry *t = ctx->entry[i];

		if (!t || !t->in || t->plen > max ||
		    !ipv6_prefix_equal(&t->key, addr, t->plen))
			continue;
		if (best && (t->plen < best->plen ||
			     (t->plen == best->plen &&
			      (t->e.order > best->e.order ||
			       (t->e.order == best->e.order &&
				t->serial > best->serial)))))
			continue;
		best = t;
	}
	return best;
}

static struct test_entry *test_trie_best(struct test_ctx *ctx,
					 const struct in6_addr *addr, u8 max)
{
	struct mini_trie_entry *best;

	rcu_read_lock();
	best = max == 128 ? mini_trie_lookup(&ctx->trie, addr) :
			    mini_trie_lookup_max(&ctx->trie, addr, max);
	rcu_read_unlock();
	return best ? container_of(best, struct test_entry, e) : NULL;
}

static void test_insert(struct kunit *test, struct test_ctx *ctx,
			struct test_entry *t)
{
	test_key(ctx, &t->key);
	t->plen = test_plen(ctx);
	t->e.order = prandom_u32_state(&ctx->rnd) % 4;
	t->serial = ctx->serial++;
	KUNIT_ASSERT_EQ(test, 0,
			mini_trie_insert(&ctx->trie, &t->key, t->plen, &t->e));
	t->in = true;
	ctx->in++;
}

static void test_remove(struct test_ctx *ctx, struct test_entry *t)
{
	mini_trie_remove(&ctx->trie, &t->e);
	t->in = false;
	ctx->in--;
}

/* Each prefix once, in order, with all its entries. */
static void test_check_walk(struct kunit *test, struct test_ctx *ctx)
{
	struct mini_trie_entry *prev = NULL;
	struct mini_trie_entry *head;
	struct mini_trie_entry *e;
	unsigned int count = 0;
	int cmp;

	for (head = mini_trie_first(&ctx->trie); head;
	     head = mini_trie_next(&ctx->trie, &head->key, head->plen)) {
		for (e = head; e; e = rcu_dereference_protected(e->next, true))
			count++;
		KUNIT_ASSERT_PTR_EQ(test, head,
				    mini_trie_find(&ctx->trie, &head->key,
						   head->plen));
		if (prev) {
			cmp = memcmp(&prev->key, &head->key,
				     sizeof(head->key));
			KUNIT_ASSERT_TRUE(test, cmp < 0 ||
					  (!cmp && prev->plen < head->plen));
		}
		prev = head;
	}
	KUNIT_ASSERT_EQ(test, count, ctx->in);
	KUNIT_ASSERT_EQ(test, ctx->trie.entries, ctx->in);
}

static struct test_ctx *test_ctx_new(struct kunit *test, u64 seed)
{
	struct test_ctx *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	mini_trie_init(&ctx->trie);
	prandom_seed_state(&ctx->rnd, seed);
	for (i = 0; i < TEST_MAX; i++) {
		ctx->entry[i] = kunit_kzalloc(test, sizeof(*ctx->entry[i]),
					      GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, ctx->entry[i]);
	}
	return ctx;
}

static void trie__random_changes_agree_with_list(struct kunit *test)
{
	struct test_ctx *ctx = test_ctx_new(test, 20);
	struct test_entry *t;
	struct in6_addr addr;
	unsigned int i;
	u8 max;

	for (i = 0; i < TEST_STEPS; i++) {
		t = ctx->entry[prandom_u32_state(&ctx->rnd) % TEST_MAX];
		if (t->in)
			test_remove(ctx, t);
		else
			test_insert(test, ctx, t);
		test_key(ctx, &addr);
		max = i & 3 ? 128 : prandom_u32_state(&ctx->rnd) % 128;
		KUNIT_ASSERT_PTR_EQ(test, test_trie_best(ctx, &addr, max),
				    test_list_best(ctx, &addr, max));
		if (i % 4096 == 0)
			test_check_walk(test, ctx);
		if (i % 256 == 0)
			cond_resched();
	}
	for (i = 0; i < TEST_MAX; i++)
		if (ctx->entry[i]->in)
			test_remove(ctx, ctx->entry[i]);
	KUNIT_EXPECT_EQ(test, ctx->trie.entries, 0);
	KUNIT_EXPECT_EQ(test, ctx->trie.nodes, 0);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(ctx->trie.root));
	rcu_barrier();
}

static void trie__empty_has_nothing(struct kunit *test)
{
	struct in6_addr any = IN6ADDR_ANY_INIT;
	struct mini_trie trie;

	mini_trie_init(&trie);
	rcu_read_lock();
	KUNIT_EXPECT_NULL(test, mini_trie_lookup(&trie, &any));
	rcu_read_unlock();
	KUNIT_EXPECT_NULL(test, mini_trie_first(&trie));
	KUNIT_EXPECT_NULL(test, mini_trie_find(&trie, &any, 0));
	KUNIT_EXPECT_NULL(test, mini_trie_find(&trie, &any, 128));
	KUNIT_EXPECT_NULL(test, mini_trie_next(&trie, &any, 0));
}

static void trie__default_route_matches_all(struct kunit *test)
{
	struct in6_addr key = IN6ADDR_LOOPBACK_INIT;
	struct mini_trie_entry e = { .order = 0 };
	struct mini_trie trie;

	mini_trie_init(&trie);
	KUNIT_ASSERT_EQ(test, 0, mini_trie_insert(&trie, &key, 0, &e));
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, &e, mini_trie_lookup(&trie, &key));
	rcu_read_unlock();
	/* Bits after the prefix do not count. */
	KUNIT_EXPECT_TRUE(test, ipv6_addr_any(&e.key));
	mini_trie_remove(&trie, &e);
	KUNIT_EXPECT_NULL(test, mini_trie_first(&trie));
}

/* A whole octet of single prefixes leaves a node no number to spare. */
static void trie__full_node_takes_another(struct kunit *test)
{
	struct mini_trie_entry *e = kunit_kcalloc(test, 258, sizeof(*e),
						  GFP_KERNEL);
	struct in6_addr key = IN6ADDR_ANY_INIT;
	struct mini_trie trie;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, e);
	mini_trie_init(&trie);
	KUNIT_ASSERT_EQ(test, 0, mini_trie_insert(&trie, &key, 127, &e[256]));
	KUNIT_ASSERT_EQ(test, 0, mini_trie_insert(&trie, &key, 120, &e[257]));
	for (i = 256; i--;) {
		key.s6_addr[15] = i;
		KUNIT_ASSERT_EQ(test, 0,
				mini_trie_insert(&trie, &key, 128, &e[i]));
	}
	for (i = 0; i < 256; i++) {
		key.s6_addr[15] = i;
		KUNIT_EXPECT_PTR_EQ(test, &e[i],
				    mini_trie_find(&trie, &key, 128));
	}
	/* Hidden by longer ones altogether, and still there. */
	key.s6_addr[15] = 0;
	KUNIT_EXPECT_PTR_EQ(test, &e[256], mini_trie_find(&trie, &key, 127));
	mini_trie_remove(&trie, &e[0]);
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, &e[256], mini_trie_lookup(&trie, &key));
	rcu_read_unlock();
	mini_trie_remove(&trie, &e[256]);
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, &e[257], mini_trie_lookup(&trie, &key));
	rcu_read_unlock();
	mini_trie_remove(&trie, &e[257]);
	for (i = 1; i < 256; i++)
		mini_trie_remove(&trie, &e[i]);
	KUNIT_EXPECT_EQ(test, trie.nodes, 0);
	rcu_barrier();
}

static void trie__order_decides_within_a_prefix(struct kunit *test)
{
	struct in6_addr key = IN6ADDR_LOOPBACK_INIT;
	struct mini_trie trie;
	struct mini_trie_entry e[3] = {
		{ .order = 7 }, { .order = 2 }, { .order = 2 },
	};
	unsigned int i;

	mini_trie_init(&trie);
	for (i = 0; i < ARRAY_SIZE(e); i++)
		KUNIT_ASSERT_EQ(test, 0,
				mini_trie_insert(&trie, &key, 128, &e[i]));
	KUNIT_EXPECT_EQ(test, trie.nodes, 1);
	KUNIT_EXPECT_PTR_EQ(test, mini_trie_first(&trie), &e[1]);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(e[1].next), &e[2]);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(e[2].next), &e[0]);
	mini_trie_remove(&trie, &e[1]);
	KUNIT_EXPECT_PTR_EQ(test, mini_trie_first(&trie), &e[2]);
	mini_trie_remove(&trie, &e[2]);
	mini_trie_remove(&trie, &e[0]);
	KUNIT_EXPECT_EQ(test, trie.nodes, 0);
	rcu_barrier();
}

struct test_reader {
	struct mini_trie trie;
	struct in6_addr addr;
	struct mini_trie_entry *want;
	unsigned long looks;
	unsigned long misses;
};

static int test_read(void *arg)
{
	struct test_reader *r = arg;
	struct mini_trie_entry *best;

	while (!kthread_should_stop()) {
		rcu_read_lock();
		best = mini_trie_lookup(&r->trie, &r->addr);
		rcu_read_unlock();
		r->looks++;
		r->misses += best != r->want;
		cond_resched();
	}
	return 0;
}

/* A prefix stays while all around it come and go: it is always found. */
static void trie__reader_finds_what_stays(struct kunit *test)
{
	struct test_reader *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	struct mini_trie_entry *e = kunit_kcalloc(test, 64, sizeof(*e),
						  GFP_KERNEL);
	struct mini_trie_entry stays = { .order = 0 };
	bool in[64] = {};
	struct task_struct *task;
	struct rnd_state rnd;
	struct in6_addr key;
	unsigned int i;
	unsigned int n;
	int err = 0;

	KUNIT_ASSERT_NOT_NULL(test, r);
	KUNIT_ASSERT_NOT_NULL(test, e);
	prandom_seed_state(&rnd, 7);
	mini_trie_init(&r->trie);
	ipv6_addr_set_v4mapped(htonl(0x0a000001), &r->addr);
	r->want = &stays;
	KUNIT_ASSERT_EQ(test, 0,
			mini_trie_insert(&r->trie, &r->addr, 120, &stays));
	task = kthread_run(test_read, r, "mini_trie_test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	for (i = 0; i < 6000 && !err; i++) {
		n = prandom_u32_state(&rnd) % 64;
		if (in[n]) {
			mini_trie_remove(&r->trie, &e[n]);
			in[n] = false;
		} else {
			/* Shorter prefixes of it, and neighbours */
			key = r->addr;
			key.s6_addr[14] ^= n & 1;
			key.s6_addr[15] = 1 << (n & 7);
			if (n & 1)
				key.s6_addr[15] |= 2;
			err = mini_trie_insert(&r->trie, &key,
					       n & 1 ? 128 - n / 4 : 88 + n / 2,
					       &e[n]);
			in[n] = !err;
		}
		cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, 0, err);
	KUNIT_EXPECT_EQ(test, 0, r->misses);
	KUNIT_EXPECT_GT(test, r->looks, 0);
	for (i = 0; i < 64; i++)
		if (in[i])
			mini_trie_remove(&r->trie, &e[i]);
	mini_trie_remove(&r->trie, &stays);
	KUNIT_EXPECT_EQ(test, r->trie.nodes, 0);
	rcu_barrier();
}

static struct kunit_case mini_trie_test_cases[] = {
	KUNIT_CASE(trie__empty_has_nothing),
	KUNIT_CASE(trie__default_route_matches_all),
	KUNIT_CASE(trie__full_node_takes_another),
	KUNIT_CASE(trie__order_decides_within_a_prefix),
	KUNIT_CASE(trie__random_changes_agree_with_list),
	KUNIT_CASE(trie__reader_finds_what_stays),
	{}
};

struct kunit_suite mini_trie_test_suite = {
	.name = "mini_trie",
	.test_cases = mini_trie_test_cases,
};
