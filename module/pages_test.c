// SPDX-License-Identifier: GPL-2.0
/* Pages that are used again: only those that nobody refers to. */
#include <kunit/test.h>
#include <linux/mm.h>
#include <net/sock.h>

#include "kunit.h"
#include "pages.h"

#define PAGES	80
#define MOST	64

struct pages_test {
	struct sock sk;
	struct page_frag frag;
	struct page *held[PAGES];
	unsigned int most;
};

static int pages_test_init(struct kunit *test)
{
	struct pages_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	t->sk.sk_allocation = GFP_KERNEL;
	test->priv = t;
	/* One processor's ring. */
	migrate_disable();
	mini_pages_flush();
	t->most = mini_pages_most;
	mini_pages_most = MOST;
	return 0;
}

static void pages_test_exit(struct kunit *test)
{
	struct pages_test *t = test->priv;
	int i;

	if (t->frag.page)
		put_page(t->frag.page);
	for (i = 0; i < PAGES; i++)
		if (t->held[i])
			put_page(t->held[i]);
	mini_pages_flush();
	mini_pages_most = t->most;
	migrate_enable();
}

/* Fill a page, as a packet that is held. */
static struct page *pages_test_fill(struct kunit *test, int i)
{
	struct pages_test *t = test->priv;

	KUNIT_ASSERT_TRUE(test, mini_page_frag_refill(&t->sk, &t->frag));
	KUNIT_EXPECT_EQ(test, t->frag.offset, 0);
	get_page(t->frag.page);
	t->held[i] = t->frag.page;
	t->frag.offset = t->frag.size;
	return t->frag.page;
}

static void pages_test_free(struct kunit *test, int i)
{
	struct pages_test *t = test->priv;

	put_page(t->held[i]);
	t->held[i] = NULL;
}

static void pages__a_free_one_comes_again(struct kunit *test)
{
	struct page *first = pages_test_fill(test, 0);
	struct page *second = pages_test_fill(test, 1);

	KUNIT_EXPECT_PTR_NE(test, first, second);
	pages_test_free(test, 0);
	KUNIT_EXPECT_PTR_EQ(test, pages_test_fill(test, 2), first);
}

static void pages__one_in_use_does_not(struct kunit *test)
{
	struct page *page;
	int i, j;

	/* More than are kept: the rest must not be lost either. */
	for (i = 0; i < PAGES; i++) {
		page = pages_test_fill(test, i);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_PTR_NE(test, page,
					    ((struct pages_test *)
					     test->priv)->held[j]);
	}
}

static void pages__the_rest_of_one_is_used_first(struct kunit *test)
{
	struct pages_test *t = test->priv;
	struct page *page = pages_test_fill(test, 0);

	t->frag.offset = t->frag.size - 64;
	KUNIT_ASSERT_TRUE(test, mini_page_frag_refill(&t->sk, &t->frag));
	KUNIT_EXPECT_PTR_EQ(test, t->frag.page, page);
	KUNIT_EXPECT_EQ(test, t->frag.offset, t->frag.size - 64);
	/* Nobody reads it any more: from its start. */
	pages_test_free(test, 0);
	KUNIT_ASSERT_TRUE(test, mini_page_frag_refill(&t->sk, &t->frag));
	KUNIT_EXPECT_PTR_EQ(test, t->frag.page, page);
	KUNIT_EXPECT_EQ(test, t->frag.offset, 0);
}

static void pages__flushed_ones_are_given_back(struct kunit *test)
{
	struct page *first = pages_test_fill(test, 0);

	pages_test_fill(test, 1);
	KUNIT_EXPECT_EQ(test, page_ref_count(first), 2);
	mini_pages_flush();
	KUNIT_EXPECT_EQ(test, page_ref_count(first), 1);
}

/* No more stay than were asked for in a second; then none was. */
static void pages__unused_ones_go(struct kunit *test)
{
	struct pages_test *t = test->priv;
	int i;

	for (i = 0; i < 10; i++)
		pages_test_fill(test, i);
	/* Nine are in the ring, and there it stays so. */
	mini_pages_age(NULL);
	for (i = 0; i < 9; i++)
		KUNIT_EXPECT_EQ(test, page_ref_count(t->held[i]), 2);
	pages_test_fill(test, 10);
	pages_test_fill(test, 11);
	/* The two newest of eleven: one is still being filled. */
	mini_pages_age(NULL);
	for (i = 0; i < 9; i++)
		KUNIT_EXPECT_EQ(test, page_ref_count(t->held[i]), 1);
	KUNIT_EXPECT_EQ(test, page_ref_count(t->held[9]), 2);
	KUNIT_EXPECT_EQ(test, page_ref_count(t->held[10]), 2);
	mini_pages_age(NULL);
	KUNIT_EXPECT_EQ(test, page_ref_count(t->held[10]), 1);
}

static struct kunit_case mini_pages_test_cases[] = {
	KUNIT_CASE(pages__a_free_one_comes_again),
	KUNIT_CASE(pages__one_in_use_does_not),
	KUNIT_CASE(pages__the_rest_of_one_is_used_first),
	KUNIT_CASE(pages__flushed_ones_are_given_back),
	KUNIT_CASE(pages__unused_ones_go),
	{}
};

struct kunit_suite mini_pages_test_suite = {
	.name = "mini_pages",
	.init = pages_test_init,
	.exit = pages_test_exit,
	.test_cases = mini_pages_test_cases,
};
