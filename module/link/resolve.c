// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a neighbour's state machine: its timer, the packets that wait for its
 * address, the questions that are asked.
 *
 * An event is a step of mini_neigh_fsm() under the entry's lock; what the step
 * wants sent is sent after the lock is released, since a device may bring
 * the answer at once.
 *
 * The timer holds a reference to its entry while it is armed, and is armed
 * and disarmed under the entry's lock only.
 *
 * Locks on entry: rcu_read_lock(); BH off unless said otherwise.
 */
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/sizes.h>

#include "../trace.h"
#include "link_int.h"

/* RFC 4861 section 6.3.2: draw ReachableTime anew every few hours. */
#define RESOLVE_REACHABLE_RENEW	(2 * 60 * 60 * HZ)

/*
 * All neighbours of a namespace together hold so many times what one may, and
 * this at least: who asks us from addresses that do not exist would else have
 * a table full of answers wait.
 */
#define RESOLVE_QUEUES		16
#define RESOLVE_QUEUED_MIN	SZ_1M

/**
 * struct resolve_todo - what a step wants done, once the lock is released
 * @actions: enum mini_neigh_action
 * @lladdr: for MINI_NEIGH_ASK_ONE
 * @packets: for MINI_NEIGH_FLUSH and MINI_NEIGH_FAIL
 */
struct resolve_todo {
	u16 actions;
	u8 lladdr[ETH_ALEN] __aligned(2);
	struct sk_buff_head packets;
};

static unsigned long resolve_jiffies(int ms)
{
	return max(1UL, msecs_to_jiffies(ms));
}

/*
 * ReachableTime; a race of two who draw it is harmless, each draws well.
 */
static unsigned long resolve_reachable(struct mini_link_net *ln, int base)
{
	unsigned long now = jiffies;
	unsigned long time;

	if (likely(READ_ONCE(ln->reachable_base) == base &&
		   time_before(now, READ_ONCE(ln->reachable_until))))
		return READ_ONCE(ln->reachable);
	time = mini_neigh_reachable_time(resolve_jiffies(base),
					 get_random_u32());
	WRITE_ONCE(ln->reachable, time);
	WRITE_ONCE(ln->reachable_until, now + RESOLVE_REACHABLE_RENEW);
	WRITE_ONCE(ln->reachable_base, base);
	return time;
}

static void resolve_params(const struct mini_neigh *n,
			   struct mini_neigh_params *p)
{
	struct mini_net *mn = n->key.mdev->mn;
	const struct mini_sysctl *s = &mn->sysctl;

	p->reachable = resolve_reachable(mn->link,
					 READ_ONCE(s->neigh_base_reachable_ms));
	p->retrans = resolve_jiffies(READ_ONCE(s->neigh_retrans_ms));
	p->delay_probe = resolve_jiffies(READ_ONCE(s->neigh_delay_probe_ms));
	p->ucast_probes = READ_ONCE(s->neigh_ucast_probes);
	p->mcast_probes = READ_ONCE(s->neigh_mcast_probes);
}

/* The one place where a state changes. */
void mini_neigh_set_state(struct mini_neigh *n, u8 state)
	__must_hold(&n->lock)
{
	u8 old = n->state;

	if (state == old)
		return;
	if (state == MINI_NEIGH_NONE)
		mini_neigh_tell(n, MINI_EVENT_DEL);
	if (state == MINI_NEIGH_FAILED)
		mini_inc(n->key.mdev->mn, MINI_MIB_NEIGH_FAILED);
	n->updated = jiffies;
	/* Who sees the state sees the header that belongs to it. */
	smp_store_release(&n->state, state);
	if (state == MINI_NEIGH_FAILED && READ_ONCE(n->relied))
		mini_genid_bump(n->key.mdev->mn);
	trace_mini_neigh_state(n, old, state);
	if (state != MINI_NEIGH_NONE)
		mini_neigh_tell(n, MINI_EVENT_CHANGE);
}

/* Make the Ethernet header of what is known. */
void mini_neigh_set_hh(struct mini_neigh *n, const u8 *source)
	__must_hold(&n->lock)
{
	struct ethhdr *eth = (struct ethhdr *)n->hh;

	write_seqlock(&n->hh_lock);
	ether_addr_copy(eth->h_dest, n->hwaddr);
	ether_addr_copy(eth->h_source, source);
	eth->h_proto = mini_addr_is_v4(&n->key.addr) ? htons(ETH_P_IP) :
						       htons(ETH_P_IPV6);
	write_sequnlock(&n->hh_lock);
}

void mini_neigh_arm(struct mini_neigh *n, unsigned long expires)
	__must_hold(&n->lock)
{
	if (!mod_timer(&n->timer, expires))
		refcount_inc(&n->refcnt);
}

/* The caller has a reference of its own. */
void mini_neigh_disarm(struct mini_neigh *n)
	__must_hold(&n->lock)
{
	if (timer_delete(&n->timer))
		refcount_dec(&n->refcnt);
}

/* Give out all that waits. */
void mini_neigh_empty(struct mini_neigh *n, struct sk_buff_head *packets)
	__must_hold(&n->lock)
{
	skb_queue_splice_tail_init(&n->queue, packets);
	atomic_long_sub(n->queue_bytes, &n->key.mdev->mn->link->queued);
	n->queue_bytes = 0;
}

static void resolve_learn(struct mini_neigh *n, const u8 *lladdr)
	__must_hold(&n->lock)
{
	struct net_device *dev = rcu_dereference(n->key.mdev->dev);

	ether_addr_copy(n->hwaddr, lladdr);
	if (dev)
		mini_neigh_set_hh(n, dev->dev_addr);
}

/* One step; what is left to do is added to @todo. */
static void resolve_step(struct mini_neigh *n, enum mini_neigh_event event,
			 const u8 *lladdr, struct resolve_todo *todo)
	__must_hold(&n->lock)
{
	struct mini_neigh_at at = {
		.state = n->state,
		.probes = n->probes,
		.same = lladdr && mini_neigh_has_lladdr(n->state) &&
			ether_addr_equal(n->hwaddr, lladdr),
		.confirmed = READ_ONCE(n->confirmed),
	};
	struct mini_neigh_params p;
	struct mini_neigh_step step;
	unsigned long now = jiffies;

	resolve_params(n, &p);
	mini_neigh_fsm(&at, event, now, &p, &step);
	if (step.actions & MINI_NEIGH_LEARN)
		resolve_learn(n, lladdr);
	if (step.actions & MINI_NEIGH_CONFIRMED)
		WRITE_ONCE(n->confirmed, now);
	n->probes = step.probes;
	mini_neigh_set_state(n, step.state);
	/* Another link address in the same state is news, too. */
	if (step.actions & MINI_NEIGH_LEARN && !at.same &&
	    at.state == step.state)
		mini_neigh_tell(n, MINI_EVENT_CHANGE);
	if (step.actions & MINI_NEIGH_DISARM)
		mini_neigh_disarm(n);
	if (step.actions & MINI_NEIGH_ARM)
		mini_neigh_arm(n, step.expires);
	if (step.actions & MINI_NEIGH_ASK_ONE)
		ether_addr_copy(todo->lladdr, n->hwaddr);
	if (step.actions & (MINI_NEIGH_FLUSH | MINI_NEIGH_FAIL))
		mini_neigh_empty(n, &todo->packets);
	todo->actions |= step.actions;
}

static void resolve_event(struct mini_neigh *n, enum mini_neigh_event event,
			  const u8 *lladdr, struct resolve_todo *todo)
	__must_hold(&n->lock)
{
	todo->actions = 0;
	__skb_queue_head_init(&todo->packets);
	resolve_step(n, event, lladdr, todo);
	/* Packets that waited are a use of what was just learnt. */
	if (n->state == MINI_NEIGH_STALE && !skb_queue_empty(&todo->packets))
		resolve_step(n, MINI_NEIGH_OUTPUT, NULL, todo);
}

/* No lock is held: what was wanted is sent, or reported. */
static void resolve_finish(struct mini_neigh *n, struct resolve_todo *todo)
{
	struct mini_dev *mdev = n->key.mdev;
	struct net_device *dev = rcu_dereference(mdev->dev);
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&todo->packets))) {
		if (todo->actions & MINI_NEIGH_FAIL)
			mini_link_unreach(mdev, skb);
		else if (dev)
			mini_link_xmit_hh(mdev, dev, n, skb);
		else
			mini_drop(mdev->mn, skb, MINI_DROP_LINK_DEV_DOWN);
	}
	if (todo->actions & MINI_NEIGH_ASK_ONE)
		mini_arp_solicit(mdev, &n->key.addr, todo->lladdr);
	if (todo->actions & MINI_NEIGH_ASK_ALL)
		mini_arp_solicit(mdev, &n->key.addr, NULL);
}

void mini_neigh_timer(struct timer_list *t)
{
	struct mini_neigh *n = timer_container_of(n, t, timer);
	struct resolve_todo todo;

	rcu_read_lock();
	spin_lock(&n->lock);
	/* Pending again: armed anew while this run waited for the lock. */
	if (n->dead || timer_pending(&n->timer)) {
		spin_unlock(&n->lock);
	} else {
		resolve_event(n, MINI_NEIGH_TIMER, NULL, &todo);
		spin_unlock(&n->lock);
		resolve_finish(n, &todo);
	}
	rcu_read_unlock();
	mini_neigh_put(n);
}

/**
 * mini_neigh_input() - something was heard of a neighbour, or said about it
 * @n: entry, the caller has a reference
 * @event: what
 * @lladdr: the link address that was told, or NULL
 *
 * Context: rcu_read_lock(); BH may be on.
 */
void mini_neigh_input(struct mini_neigh *n, enum mini_neigh_event event,
		      const u8 *lladdr)
{
	struct resolve_todo todo;

	spin_lock_bh(&n->lock);
	if (n->dead) {
		spin_unlock_bh(&n->lock);
		return;
	}
	resolve_event(n, event, lladdr, &todo);
	spin_unlock(&n->lock);
	resolve_finish(n, &todo);
	local_bh_enable();
}

/*
 * Let a packet wait.  If too much waits here, older ones go; if too much waits
 * everywhere, and these do not make room, the packet itself.
 */
static void resolve_wait(struct mini_neigh *n, struct net_device *dev,
			 struct sk_buff *skb, struct sk_buff_head *dropped)
	__must_hold(&n->lock)
{
	struct mini_net *mn = n->key.mdev->mn;
	long limit = READ_ONCE(mn->sysctl.neigh_queue_bytes);
	long limit_all = max(limit * RESOLVE_QUEUES, (long)RESOLVE_QUEUED_MIN);
	atomic_long_t *all = &mn->link->queued;
	long size = skb->truesize;
	struct sk_buff *old;

	/* The device that it came by may go meanwhile; this one waits for us. */
	skb->dev = dev;
	while (n->queue_bytes + size > limit ||
	       atomic_long_read(all) + size > limit_all) {
		old = __skb_dequeue(&n->queue);
		if (!old)
			break;
		n->queue_bytes -= old->truesize;
		atomic_long_sub(old->truesize, all);
		__skb_queue_tail(dropped, old);
	}
	if (atomic_long_read(all) + size > limit_all) {
		__skb_queue_tail(dropped, skb);
		return;
	}
	/* One packet may wait here, or nothing large would ever be sent. */
	n->queue_bytes += size;
	atomic_long_add(size, all);
	__skb_queue_tail(&n->queue, skb);
}

/**
 * mini_neigh_output() - send a packet to a neighbour that is not ready for it
 * @n: entry
 * @dev: its device
 * @skb: packet, consumed
 *
 * Return: 0, or -ENOBUFS.
 */
int mini_neigh_output(struct mini_neigh *n, struct net_device *dev,
		      struct sk_buff *skb)
{
	struct mini_dev *mdev = n->key.mdev;
	struct sk_buff_head dropped;
	struct resolve_todo todo;

	__skb_queue_head_init(&dropped);
	spin_lock(&n->lock);
	if (n->dead) {
		/* The path that led here is out of date. */
		spin_unlock(&n->lock);
		mini_drop(mdev->mn, skb, MINI_DROP_NEIGH_FAILED);
		return 0;
	}
	resolve_event(n, MINI_NEIGH_OUTPUT, NULL, &todo);
	if (n->state == MINI_NEIGH_INCOMPLETE) {
		resolve_wait(n, dev, skb, &dropped);
		skb = NULL;
	}
	spin_unlock(&n->lock);
	resolve_finish(n, &todo);
	while (!skb_queue_empty(&dropped))
		mini_drop(mdev->mn, __skb_dequeue(&dropped),
			  MINI_DROP_NEIGH_QUEUE_FULL);
	return skb ? mini_link_xmit_hh(mdev, dev, n, skb) : 0;
}

/**
 * __mini_neigh_confirm() - mini_neigh_confirm(), of what is not REACHABLE
 * @n: entry
 */
void __mini_neigh_confirm(struct mini_neigh *n)
{
	u8 state = READ_ONCE(n->state);

	if (state == MINI_NEIGH_STALE || state == MINI_NEIGH_DELAY ||
	    state == MINI_NEIGH_PROBE) {
		rcu_read_lock();
		mini_neigh_input(n, MINI_NEIGH_CONFIRM, NULL);
		rcu_read_unlock();
	}
}
