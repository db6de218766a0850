// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that programs' octets are copied to, used again.
 *
 * A page that a socket has filled is kept for a while: when the last packet
 * that refers to it is gone, it takes new octets, instead of one that the page
 * allocator would have to find and, on most kernels, to clear first.  Each
 * processor has a ring of them, the oldest first: as many as all that its
 * connections have under way takes.  No more stay than were asked for during
 * the last second, nor when the kernel is short of memory.
 *
 * Locks on entry: none; a ring's own lock is taken.  Context: process.
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "compat.h"
#include "pages.h"

/* All rings together have no more than such a part of memory, */
#define MINI_PAGES_PART		8
/* and each no fewer and no more pages than these. */
#define MINI_PAGES_FEW		64
#define MINI_PAGES_MANY		4096
/* What sk_page_frag_refill() gets if it can. */
#define MINI_PAGES_SIZE		SZ_32K
/* So many are looked at for one that nobody refers to any more. */
#define MINI_PAGES_TRIES	32
/* So many are looked at in a turn when memory is short. */
#define MINI_PAGES_BATCH	16
/* Less at the end of a page is not worth a copy of its own. */
#define MINI_PAGES_LEAST	32

/**
 * struct mini_pages - a processor's pages
 * @lock: for all of it
 * @asked: how often a page was asked for since the ring was looked through
 * @head: the oldest
 * @count: pages
 * @page: room for mini_pages_room
 */
struct mini_pages {
	spinlock_t lock;	/* for all of it */
	unsigned int asked;
	unsigned int head;
	unsigned int count;
	struct page **page;
};

static DEFINE_PER_CPU_ALIGNED(struct mini_pages, mini_pages) = {
	.lock = __SPIN_LOCK_UNLOCKED(mini_pages.lock),
};

/* Of each ring; written before there is a socket. */
static unsigned int mini_pages_room __read_mostly;
unsigned int mini_pages_most __read_mostly;
static struct shrinker *mini_pages_shrinker;

static DECLARE_DEFERRABLE_WORK(mini_pages_work, mini_pages_age);

static struct page *mini_pages_pop(struct mini_pages *ring)
{
	struct page *page = ring->page[ring->head];

	if (++ring->head == mini_pages_room)
		ring->head = 0;
	ring->count--;
	return page;
}

static void mini_pages_push(struct mini_pages *ring, struct page *page)
{
	unsigned int tail = ring->head + ring->count++;

	if (tail >= mini_pages_room)
		tail -= mini_pages_room;
	ring->page[tail] = page;
}

/* A page that only the ring refers to; NULL: none of the oldest. */
static struct page *mini_pages_find(struct mini_pages *ring)
{
	unsigned int tries = min_t(unsigned int, ring->count, MINI_PAGES_TRIES);
	struct page *page;

	while (tries--) {
		page = mini_pages_pop(ring);
		if (page_ref_count(page) == 1)
			return page;
		mini_pages_push(ring, page);
	}
	return NULL;
}

/* No reserves, and none of the small ones that are got where memory is short. */
static bool mini_pages_wants(struct page *page)
{
	return page_size(page) >= MINI_PAGES_SIZE && !page_is_pfmemalloc(page);
}

/* @pfrag's page is full: keep it, and give @pfrag an older one. */
static noinline void mini_pages_swap(struct page_frag *pfrag)
{
	struct mini_pages *ring = raw_cpu_ptr(&mini_pages);
	struct page *full = pfrag->page;
	struct page *drop = NULL;
	struct page *page;

	spin_lock(&ring->lock);
	ring->asked++;
	page = mini_pages_find(ring);
	if (mini_pages_wants(full)) {
		/* Who refers to the oldest does not let go of it soon. */
		if (ring->count >= mini_pages_most)
			drop = mini_pages_pop(ring);
		mini_pages_push(ring, full);
	} else {
		drop = full;
	}
	spin_unlock(&ring->lock);
	if (drop)
		put_page(drop);
	if (!delayed_work_pending(&mini_pages_work))
		schedule_delayed_work(&mini_pages_work, HZ);
	pfrag->page = page;
	pfrag->offset = 0;
	pfrag->size = page ? page_size(page) : 0;
}

bool mini_page_frag_refill(struct sock *sk, struct page_frag *pfrag)
{
	if (likely(pfrag->page)) {
		if (page_ref_count(pfrag->page) == 1)
			pfrag->offset = 0;
		if (likely(pfrag->offset + MINI_PAGES_LEAST <= pfrag->size))
			return true;
		mini_pages_swap(pfrag);
	}
	return sk_page_frag_refill(sk, pfrag);
}

/* Give back the oldest until @keep are left. */
static void mini_pages_trim(struct mini_pages *ring, unsigned int keep)
{
	struct page *page;

	for (;;) {
		spin_lock(&ring->lock);
		page = ring->count > keep ? mini_pages_pop(ring) : NULL;
		spin_unlock(&ring->lock);
		if (!page)
			return;
		put_page(page);
	}
}

void mini_pages_age(struct work_struct *work)
{
	bool again = false;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct mini_pages *ring = per_cpu_ptr(&mini_pages, cpu);
		unsigned int asked;

		spin_lock(&ring->lock);
		asked = ring->asked;
		ring->asked = 0;
		spin_unlock(&ring->lock);
		again |= asked;
		mini_pages_trim(ring, asked);
		cond_resched();
	}
	if (again)
		schedule_delayed_work(&mini_pages_work, HZ);
}

void mini_pages_flush(void)
{
	int cpu;

	cancel_delayed_work_sync(&mini_pages_work);
	for_each_possible_cpu(cpu)
		mini_pages_trim(per_cpu_ptr(&mini_pages, cpu), 0);
}

static unsigned long mini_pages_shrink_count(struct shrinker *shrinker,
					     struct shrink_control *sc)
{
	unsigned long n = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		n += READ_ONCE(per_cpu(mini_pages, cpu).count);
	return n ?: SHRINK_EMPTY;
}

/* Of the @most oldest those that nobody refers to.  Return: how many went. */
static unsigned long mini_pages_reclaim(struct mini_pages *ring,
					unsigned long most)
{
	unsigned long n = 0;
	struct page *page;

	most = min_t(unsigned long, most, READ_ONCE(ring->count));
	while (most--) {
		spin_lock(&ring->lock);
		page = ring->count ? mini_pages_pop(ring) : NULL;
		if (page && page_ref_count(page) != 1) {
			mini_pages_push(ring, page);
			page = NULL;
		}
		spin_unlock(&ring->lock);
		if (!page)
			continue;
		mini_account_reclaimed(compound_nr(page));
		put_page(page);
		n++;
	}
	return n;
}

static unsigned long mini_pages_shrink_scan(struct shrinker *shrinker,
					    struct shrink_control *sc)
{
	unsigned long n = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		n += mini_pages_reclaim(per_cpu_ptr(&mini_pages, cpu),
					sc->nr_to_scan);
	return n;
}

static unsigned int mini_pages_wanted(void)
{
	unsigned long n = totalram_pages() /
			  DIV_ROUND_UP(MINI_PAGES_SIZE, PAGE_SIZE) /
			  MINI_PAGES_PART / num_possible_cpus();

	return clamp_t(unsigned long, n, MINI_PAGES_FEW, MINI_PAGES_MANY);
}

int mini_pages_init(void)
{
	int cpu;

	mini_pages_room = mini_pages_wanted();
	mini_pages_most = mini_pages_room;
	for_each_possible_cpu(cpu) {
		size_t size = mini_pages_room * sizeof(struct page *);
		struct page **page = kvzalloc_node(size, GFP_KERNEL,
						   cpu_to_node(cpu));

		if (!page)
			goto err;
		per_cpu(mini_pages, cpu).page = page;
	}
	mini_pages_shrinker = mini_shrinker_register(mini_pages_shrink_count,
						     mini_pages_shrink_scan,
						     MINI_PAGES_BATCH,
						     "mini-pages");
	if (mini_pages_shrinker)
		return 0;
err:
	mini_pages_exit();
	return -ENOMEM;
}

void mini_pages_exit(void)
{
	int cpu;

	if (mini_pages_shrinker)
		mini_shrinker_free(mini_pages_shrinker);
	mini_pages_flush();
	for_each_possible_cpu(cpu)
		kvfree(per_cpu(mini_pages, cpu).page);
}
