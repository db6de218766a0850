// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that programs' octets are copied to, used again.
 *
 * A page that a socket has filled is kept for a while: when the last packet
 * that refers to it is gone, it takes new octets, instead of one that the page
 * allocator would have to find and, on most kernels, to clear first.  Each
 * processor has a ring of them, the oldest first.  What was not asked for
 * during a second goes back to the kernel.
 *
 * Locks on entry: none; a ring's own lock is taken.  Context: process.
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "pages.h"

#define MINI_PAGES_MOST		64
/* What sk_page_frag_refill() gets if it can. */
#define MINI_PAGES_SIZE		SZ_32K
/* So many are looked at for one that nobody refers to any more. */
#define MINI_PAGES_TRIES	4
/* Less at the end of a page is not worth a copy of its own. */
#define MINI_PAGES_LEAST	32

struct mini_pages {
	spinlock_t lock;
	bool used;			/* since they were looked through */
	unsigned int head;
	unsigned int count;
	struct page *page[MINI_PAGES_MOST];
};

static DEFINE_PER_CPU_ALIGNED(struct mini_pages, mini_pages) = {
	.lock = __SPIN_LOCK_UNLOCKED(mini_pages.lock),
};

static void mini_pages_age(struct work_struct *work);
static DECLARE_DEFERRABLE_WORK(mini_pages_work, mini_pages_age);

static struct page *mini_pages_pop(struct mini_pages *ring)
{
	struct page *page = ring->page[ring->head];

	ring->head = (ring->head + 1) % MINI_PAGES_MOST;
	ring->count--;
	return page;
}

static void mini_pages_push(struct mini_pages *ring, struct page *page)
{
	unsigned int tail = ring->head + ring->count++;

	ring->page[tail % MINI_PAGES_MOST] = page;
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
	ring->used = true;
	page = mini_pages_find(ring);
	if (mini_pages_wants(full)) {
		/* Who refers to the oldest does not let go of it soon. */
		if (ring->count == MINI_PAGES_MOST)
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

/* Give back all that @ring has. */
static void mini_pages_drain(struct mini_pages *ring)
{
	struct page *page;

	for (;;) {
		spin_lock(&ring->lock);
		page = ring->count ? mini_pages_pop(ring) : NULL;
		spin_unlock(&ring->lock);
		if (!page)
			return;
		put_page(page);
	}
}

static void mini_pages_age(struct work_struct *work)
{
	bool again = false;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct mini_pages *ring = per_cpu_ptr(&mini_pages, cpu);

		if (READ_ONCE(ring->used)) {
			WRITE_ONCE(ring->used, false);
			again = true;
		} else {
			mini_pages_drain(ring);
		}
	}
	if (again)
		schedule_delayed_work(&mini_pages_work, HZ);
}

void mini_pages_flush(void)
{
	int cpu;

	cancel_delayed_work_sync(&mini_pages_work);
	for_each_possible_cpu(cpu)
		mini_pages_drain(per_cpu_ptr(&mini_pages, cpu));
}
