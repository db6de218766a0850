// SPDX-License-Identifier: GPL-2.0
/*
 * The loopback: packets from this host to itself.
 *
 * Each CPU has a queue, and a tasklet that works on it in softirq, some packets
 * at a time: who sends may hold locks that a receiver takes.  Where a softirq
 * could run, nobody does, and the sender itself does the tasklet's work.
 * Packets pass as they are: no checksum is computed (CHECKSUM_PARTIAL says that
 * none is needed), super-segments stay whole.
 *
 * Locks on entry: rcu_read_lock() for mini_loopback_xmit().
 */
#include <linux/errqueue.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "link_int.h"

#define LOOPBACK_QUEUE	1000
#define LOOPBACK_BUDGET	64

/* What was sent to many by a device, which may have gone since. */
static void loopback_deliver_heard(struct mini_net *mn, struct sk_buff *skb)
{
	struct mini_dev *mdev = mini_dev_by_index(mn, skb->skb_iif);

	if (!mdev) {
		mini_drop(mn, skb, MINI_DROP_LINK_DEV_DOWN);
		return;
	}
	skb->pkt_type = PACKET_LOOPBACK;
	mini_link_deliver(mdev, skb);
}

static void loopback_deliver(struct mini_dev *mdev, struct sk_buff *skb)
{
	skb_orphan(skb);
	if (unlikely(skb->skb_iif)) {
		loopback_deliver_heard(mdev->mn, skb);
		return;
	}
	skb->pkt_type = PACKET_HOST;
	mini_link_count(mdev, skb->len, true);
	mini_link_deliver(mdev, skb);
}

/* BH is off.  Return: whether all is delivered. */
static bool loopback_work(struct mini_loopback_cpu *lc)
{
	struct sk_buff *skb;
	int budget = LOOPBACK_BUDGET;

	lc->running = true;
	while (budget--) {
		skb = __skb_dequeue(&lc->batch);
		if (!skb) {
			spin_lock(&lc->in.lock);
			skb_queue_splice_tail_init(&lc->in, &lc->batch);
			spin_unlock(&lc->in.lock);
			skb = __skb_dequeue(&lc->batch);
			if (!skb)
				break;
		}
		loopback_deliver(lc->mdev, skb);
	}
	lc->running = false;
	return budget >= 0;
}

static void loopback_run(struct tasklet_struct *t)
{
	struct mini_loopback_cpu *lc = from_tasklet(lc, t, tasklet);
	bool done;

	rcu_read_lock();
	done = loopback_work(lc);
	rcu_read_unlock();
	if (!done)
		tasklet_schedule(t);
}

/* As on the way into a queue, and out of it. */
static void loopback_stamp(struct sk_buff *skb)
{
	u8 flags = skb_shinfo(skb)->tx_flags;

	if (likely(!(flags & (SKBTX_SCHED_TSTAMP | SKBTX_SW_TSTAMP))))
		return;
	if (flags & SKBTX_SCHED_TSTAMP)
		__skb_tstamp_tx(skb, NULL, NULL, skb->sk, SCM_TSTAMP_SCHED);
	if (flags & SKBTX_SW_TSTAMP)
		skb_tstamp_tx(skb, NULL);
}

/* @iif: the device it seems to come in by, 0: the loopback. */
static int loopback_queue(struct mini_dev *mdev, struct sk_buff *skb, int iif)
{
	struct mini_link_net *ln = mdev->mn->link;
	enum mini_drop_reason reason = 0;
	struct mini_loopback_cpu *lc;
	unsigned int len = skb->len;

	skb->dev = NULL;
	skb->skb_iif = iif;
	skb_dst_drop(skb);
	skb_clear_tstamp(skb);
	skb_reset_mac_header(skb);
	/* This CPU delivers, and before the sender goes on if it may. */
	local_bh_disable();
	lc = this_cpu_ptr(ln->loopback);
	spin_lock(&lc->in.lock);
	if (unlikely(READ_ONCE(ln->stopped)))
		reason = MINI_DROP_LINK_DEV_DOWN;
	else if (unlikely(skb_queue_len(&lc->in) >= LOOPBACK_QUEUE))
		reason = MINI_DROP_LINK_LOOPBACK_FULL;
	if (unlikely(reason)) {
		spin_unlock(&lc->in.lock);
		local_bh_enable();
		mini_drop(mdev->mn, skb, reason);
		return reason == MINI_DROP_LINK_DEV_DOWN ? -ENETDOWN : 0;
	}
	__skb_queue_tail(&lc->in, skb);
	spin_unlock(&lc->in.lock);
	if (likely(!iif))
		mini_link_count(mdev, len, false);
	if (!lc->running &&
	    (softirq_count() != SOFTIRQ_DISABLE_OFFSET || !loopback_work(lc)))
		tasklet_schedule(&lc->tasklet);
	local_bh_enable();
	return 0;
}

int mini_loopback_xmit(struct mini_dev *mdev, struct sk_buff *skb)
{
	loopback_stamp(skb);
	return loopback_queue(mdev, skb, 0);
}

void mini_link_hear(struct mini_dev *mdev, struct sk_buff *skb)
{
	loopback_queue(mdev->mn->link->lo, skb, mdev->ifindex);
}

int mini_loopback_init(struct mini_link_net *ln)
{
	struct mini_loopback_cpu *lc;
	int cpu;

	ln->loopback = alloc_percpu(struct mini_loopback_cpu);
	if (!ln->loopback)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		lc = per_cpu_ptr(ln->loopback, cpu);
		skb_queue_head_init(&lc->in);
		__skb_queue_head_init(&lc->batch);
		tasklet_setup(&lc->tasklet, loopback_run);
		lc->mdev = ln->lo;
	}
	return 0;
}

/* Nobody queues any more: ln->stopped is set, and was seen. */
void mini_loopback_stop(struct mini_link_net *ln)
{
	struct mini_loopback_cpu *lc;
	int cpu;

	for_each_possible_cpu(cpu) {
		lc = per_cpu_ptr(ln->loopback, cpu);
		tasklet_kill(&lc->tasklet);
		skb_queue_purge(&lc->in);
		__skb_queue_purge(&lc->batch);
	}
}

void mini_loopback_free(struct mini_link_net *ln)
{
	free_percpu(ln->loopback);
}
