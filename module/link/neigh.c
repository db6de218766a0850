// SPDX-License-Identifier: GPL-2.0
/*
 * The table of neighbours of a namespace.
 *
 * An entry is found under RCU and holds a reference to its device.  It has a
 * reference for the table, one for its armed timer, and one for each path
 * that leads by it.  What nobody but the table refers to is collected when it
 * has not been used for neigh_gc_stale_ms.  A full table gives up its oldest
 * entries that no path leads by, those without a timer first; never those
 * that are INCOMPLETE, where packets wait, nor the administrator's.
 *
 * Locks on entry: none; rcu_read_lock() or a reference where said.  The
 * table's lock guards who enters and leaves, and is taken before an entry's.
 */
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "../event.h"
#include "../trace.h"
#include "link_int.h"

/* A full table gives up this part of it at once, the rest can wait. */
#define NEIGH_GC_SHARE		8
#define NEIGH_GC_PAUSE		(HZ / 10)
#define NEIGH_GC_INTERVAL_MIN	HZ
#define NEIGH_GC_INTERVAL_MAX	(30 * HZ)

/* Hosts on the link choose addresses: they shall not choose buckets. */
static siphash_key_t neigh_hash_key __read_mostly;

static u32 neigh_hash(const void *data, u32 len, u32 seed)
{
	const struct mini_neigh_key *key = data;
	const u64 *addr = (const u64 *)&key->addr;

	return siphash_3u64(addr[0], addr[1],
			    (u64)seed << 32 | (u32)key->mdev->ifindex,
			    &neigh_hash_key);
}

static int neigh_differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct mini_neigh_key *key = arg->key;
	const struct mini_neigh *n = obj;

	return n->key.mdev != key->mdev ||
	       !mini_addr_equal(&n->key.addr, &key->addr);
}

static const struct rhashtable_params neigh_table_params = {
	.head_offset = offsetof(struct mini_neigh, node),
	.key_offset = offsetof(struct mini_neigh, key),
	.key_len = sizeof(struct mini_neigh_key),
	.hashfn = neigh_hash,
	.obj_cmpfn = neigh_differs,
	.automatic_shrinking = true,
};

/* The last reference is gone, and with it the entry's place in the table. */
static void neigh_free(struct mini_neigh *n)
{
	mini_dev_put(n->key.mdev);
	kfree_rcu(n, rcu);
}

void mini_neigh_put(struct mini_neigh *n)
{
	if (refcount_dec_and_test(&n->refcnt))
		neigh_free(n);
}

/* Nobody will find it any more. */
static void neigh_unlink(struct mini_link_net *ln, struct mini_neigh *n)
	__must_hold(&ln->neigh_lock)
{
	rhashtable_remove_fast(&ln->neighs, &n->node, neigh_table_params);
	list_del_rcu(&n->gc_list);
	/* Who reads the new number does not find it; before its grace period. */
	smp_store_release(&ln->neigh_lost, ln->neigh_lost + 1);
}

u32 mini_neigh_lost(const struct mini_net *mn)
{
	/* Pairs with the release of who lost it. */
	return smp_load_acquire(&mn->link->neigh_lost);
}

/* Take an entry out, used or not; what waits in it goes to @packets. */
static void neigh_kill(struct mini_link_net *ln, struct mini_neigh *n,
		       struct sk_buff_head *packets)
	__must_hold(&ln->neigh_lock)
{
	neigh_unlink(ln, n);
	spin_lock(&n->lock);
	WRITE_ONCE(n->dead, true);
	mini_neigh_disarm(n);
	mini_neigh_set_state(n, MINI_NEIGH_NONE);
	mini_neigh_empty(n, packets);
	spin_unlock(&n->lock);
	mini_neigh_put(n);
}

static void neigh_drop(struct mini_net *mn, struct sk_buff_head *packets)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(packets)))
		mini_drop(mn, skb, MINI_DROP_LINK_DEV_DOWN);
}

/*
 * Take an entry out if only the table refers to it; under @pressure also if
 * its timer does.  What waits for an address waits on.
 */
static bool neigh_collect(struct mini_link_net *ln, struct mini_neigh *n,
			  bool pressure)
	__must_hold(&ln->neigh_lock)
{
	bool collected = false;
	bool armed;

	spin_lock(&n->lock);
	armed = timer_pending(&n->timer);
	if (n->state == MINI_NEIGH_PERMANENT ||
	    n->state == MINI_NEIGH_INCOMPLETE || (armed && !pressure) ||
	    refcount_read(&n->refcnt) > 1 + armed)
		goto unlock;
	if (armed)
		mini_neigh_disarm(n);
	if (refcount_dec_if_one(&n->refcnt)) {
		WRITE_ONCE(n->dead, true);
		mini_neigh_set_state(n, MINI_NEIGH_NONE);
		collected = true;
	} else if (armed) {
		/* Somebody found it a moment ago. */
		mini_neigh_arm(n, n->timer.expires);
	}
unlock:
	spin_unlock(&n->lock);
	if (!collected)
		return false;
	neigh_unlink(ln, n);
	mini_inc(ln->mn, MINI_MIB_NEIGH_COLLECTED);
	neigh_free(n);
	return true;
}

/* Collect some, the oldest first; returns how many are still wanted. */
static unsigned int neigh_collect_some(struct mini_link_net *ln,
				       unsigned int want, bool pressure)
	__must_hold(&ln->neigh_lock)
{
	struct mini_neigh *n;
	struct mini_neigh *tmp;

	list_for_each_entry_safe(n, tmp, &ln->neigh_list, gc_list) {
		if (!want)
			break;
		if (neigh_collect(ln, n, pressure))
			want--;
	}
	return want;
}

/* The table is full: make room; false if everything is in use. */
static bool neigh_make_room(struct mini_link_net *ln, unsigned int max)
	__must_hold(&ln->neigh_lock)
{
	unsigned int want = max / NEIGH_GC_SHARE + 1;

	/* Too little was found a moment ago: not through it all again. */
	if (ln->gc_paused && time_before(jiffies, ln->gc_pause))
		return false;
	ln->gc_paused = false;
	/* Hosts that nobody here talks to may not keep others out. */
	want = neigh_collect_some(ln, want, false);
	if (want)
		want = neigh_collect_some(ln, want, true);
	if (want) {
		ln->gc_paused = true;
		ln->gc_pause = jiffies + NEIGH_GC_PAUSE;
	}
	return atomic_read(&ln->neighs.nelems) < max;
}

static unsigned long neigh_gc_interval(struct mini_link_net *ln)
{
	int ms = READ_ONCE(ln->mn->sysctl.neigh_gc_stale_ms);

	return clamp_t(unsigned long, msecs_to_jiffies(ms) / 2,
		       NEIGH_GC_INTERVAL_MIN, NEIGH_GC_INTERVAL_MAX);
}

static void neigh_gc_schedule(struct mini_link_net *ln)
{
	queue_delayed_work(system_power_efficient_wq, &ln->gc_work,
			   neigh_gc_interval(ln));
}

static void neigh_gc_work(struct work_struct *work)
{
	struct mini_link_net *ln = container_of(to_delayed_work(work),
						struct mini_link_net, gc_work);
	unsigned long age;
	struct mini_neigh *n;
	struct mini_neigh *tmp;
	unsigned long now;

	age = msecs_to_jiffies(READ_ONCE(ln->mn->sysctl.neigh_gc_stale_ms));
	spin_lock_bh(&ln->neigh_lock);
	now = jiffies;
	list_for_each_entry_safe(n, tmp, &ln->neigh_list, gc_list) {
		if (time_after_eq(now, READ_ONCE(n->used) + age) &&
		    time_after_eq(now, READ_ONCE(n->updated) + age))
			neigh_collect(ln, n, false);
	}
	if (!list_empty(&ln->neigh_list) && !ln->stopped)
		neigh_gc_schedule(ln);
	spin_unlock_bh(&ln->neigh_lock);
}

static struct mini_neigh *neigh_alloc(struct mini_dev *mdev,
				      const struct in6_addr *addr)
{
	struct mini_neigh *n;

	n = kzalloc(sizeof(*n), GFP_ATOMIC | __GFP_NOWARN);
	if (!n)
		return NULL;
	if (!refcount_inc_not_zero(&mdev->refcnt)) {
		kfree(n);
		return NULL;
	}
	n->key.addr = *addr;
	n->key.mdev = mdev;
	n->state = MINI_NEIGH_NONE;
	n->used = jiffies;
	n->confirmed = n->used;
	n->updated = n->used;
	seqlock_init(&n->hh_lock);
	spin_lock_init(&n->lock);
	/* The table's, and the caller's. */
	refcount_set(&n->refcnt, 2);
	timer_setup(&n->timer, mini_neigh_timer, 0);
	__skb_queue_head_init(&n->queue);
	return n;
}

/* Put an entry into the table, unless it stands there already. */
static struct mini_neigh *neigh_insert(struct mini_link_net *ln,
				       struct mini_neigh *n)
	__must_hold(&ln->neigh_lock)
{
	unsigned int max = READ_ONCE(ln->mn->sysctl.neigh_max_entries);
	struct mini_neigh *old;

	/* A device that is going has had its entries taken out. */
	if (ln->stopped || !rcu_access_pointer(n->key.mdev->dev))
		return NULL;
	old = rhashtable_lookup_fast(&ln->neighs, &n->key, neigh_table_params);
	if (old) {
		/* Under the lock the table's reference holds. */
		refcount_inc(&old->refcnt);
		return old;
	}
	if (atomic_read(&ln->neighs.nelems) >= max && !neigh_make_room(ln, max))
		return NULL;
	if (rhashtable_insert_fast(&ln->neighs, &n->node, neigh_table_params))
		return NULL;
	n->serial = ++ln->neigh_serial;
	list_add_tail_rcu(&n->gc_list, &ln->neigh_list);
	mini_inc(ln->mn, MINI_MIB_NEIGH_CREATED);
	neigh_gc_schedule(ln);
	return n;
}

static struct mini_neigh *neigh_make(struct mini_dev *mdev,
				     const struct in6_addr *addr)
{
	struct mini_link_net *ln = mdev->mn->link;
	struct mini_neigh *found;
	struct mini_neigh *n;

	n = neigh_alloc(mdev, addr);
	if (!n)
		return NULL;
	spin_lock_bh(&ln->neigh_lock);
	found = neigh_insert(ln, n);
	spin_unlock_bh(&ln->neigh_lock);
	if (found != n)
		neigh_free(n);
	if (!found)
		mini_inc(mdev->mn, MINI_MIB_NEIGH_TABLE_FULL);
	return found;
}

/**
 * mini_neigh_find() - the entry of a next hop, if there is one
 * @mdev: device
 * @addr: next hop's address
 *
 * Return: the entry with a reference for the caller, or NULL.
 */
struct mini_neigh *mini_neigh_find(struct mini_dev *mdev,
				   const struct in6_addr *addr)
{
	struct mini_link_net *ln = mdev->mn->link;
	struct mini_neigh_key key;
	struct mini_neigh *n;

	key.addr = *addr;
	key.mdev = mdev;
	rcu_read_lock();
	n = rhashtable_lookup(&ln->neighs, &key, neigh_table_params);
	if (n && !refcount_inc_not_zero(&n->refcnt))
		n = NULL;
	rcu_read_unlock();
	return n;
}

struct mini_neigh *mini_neigh_get(struct mini_dev *mdev,
				  const struct in6_addr *addr)
{
	struct mini_neigh *n = mini_neigh_find(mdev, addr);

	return n ? n : neigh_make(mdev, addr);
}

struct mini_neigh *mini_neigh_rcu(struct mini_dev *mdev,
				  const struct in6_addr *addr)
{
	struct mini_neigh_key key = { .addr = *addr, .mdev = mdev };
	struct mini_neigh *n;

	n = rhashtable_lookup(&mdev->mn->link->neighs, &key,
			      neigh_table_params);
	if (unlikely(!n)) {
		n = neigh_make(mdev, addr);
		/* The table has a reference of its own. */
		if (n)
			mini_neigh_put(n);
	}
	return n;
}

/**
 * mini_neigh_flush() - forget the neighbours on a device
 * @mdev: device
 * @permanent: those of the administrator too
 *
 * Context: process or softirq.
 */
void mini_neigh_flush(struct mini_dev *mdev, bool permanent)
{
	struct mini_link_net *ln = mdev->mn->link;
	struct sk_buff_head packets;
	struct mini_neigh *n;
	struct mini_neigh *tmp;

	__skb_queue_head_init(&packets);
	spin_lock_bh(&ln->neigh_lock);
	list_for_each_entry_safe(n, tmp, &ln->neigh_list, gc_list) {
		if (n->key.mdev == mdev &&
		    (permanent || n->state != MINI_NEIGH_PERMANENT))
			neigh_kill(ln, n, &packets);
	}
	spin_unlock_bh(&ln->neigh_lock);
	neigh_drop(mdev->mn, &packets);
}

/* The device's own address changed: it stands in every ready header. */
void mini_neigh_readdress(struct mini_dev *mdev)
{
	struct mini_link_net *ln = mdev->mn->link;
	struct net_device *dev;
	struct mini_neigh *n;

	rcu_read_lock();
	dev = rcu_dereference(mdev->dev);
	list_for_each_entry_rcu(n, &ln->neigh_list, gc_list) {
		if (!dev || n->key.mdev != mdev)
			continue;
		spin_lock_bh(&n->lock);
		if (mini_neigh_has_lladdr(n->state))
			mini_neigh_set_hh(n, dev->dev_addr);
		spin_unlock_bh(&n->lock);
	}
	rcu_read_unlock();
}

static int neigh_check(struct mini_dev *mdev, const struct in6_addr *addr,
		       const u8 *lladdr, struct netlink_ext_ack *extack)
{
	if (mdev->flags & MINI_DEV_F_NOARP) {
		NL_SET_ERR_MSG(extack, "the device has no neighbours");
		return -EOPNOTSUPP;
	}
	if (!mini_addr_is_v4(addr)) {
		NL_SET_ERR_MSG(extack, "not an IPv4 address");
		return -EAFNOSUPPORT;
	}
	if (mini_addr_any(addr) || ipv4_is_multicast(mini_addr_v4(addr)) ||
	    ipv4_is_lbcast(mini_addr_v4(addr))) {
		NL_SET_ERR_MSG(extack, "not an address that a host can have");
		return -EINVAL;
	}
	if (!is_valid_ether_addr(lladdr)) {
		NL_SET_ERR_MSG(extack,
			       "not a link address that a host can have");
		return -EINVAL;
	}
	return 0;
}

/**
 * mini_neigh_add() - the administrator says a neighbour's link address
 * @mdev: device
 * @addr: neighbour's address
 * @lladdr: its link address
 * @extack: receives what is wrong
 *
 * An entry that is there becomes PERMANENT.
 *
 * Context: process, RTNL held.  Return: 0; -EOPNOTSUPP; -EAFNOSUPPORT;
 * -EINVAL; -ENOBUFS.
 */
int mini_neigh_add(struct mini_dev *mdev, const struct in6_addr *addr,
		   const u8 *lladdr, struct netlink_ext_ack *extack)
{
	struct mini_neigh *n;
	int err;

	err = neigh_check(mdev, addr, lladdr, extack);
	if (err)
		return err;
	n = mini_neigh_get(mdev, addr);
	if (!n) {
		NL_SET_ERR_MSG(extack, "the table of neighbours is full");
		return -ENOBUFS;
	}
	rcu_read_lock();
	mini_neigh_input(n, MINI_NEIGH_SET, lladdr);
	rcu_read_unlock();
	mini_neigh_put(n);
	return 0;
}

/**
 * mini_neigh_del() - forget a neighbour
 * @mdev: device
 * @addr: neighbour's address
 * @extack: receives what is wrong
 *
 * Context: process, RTNL held.  Return: 0; -ENOENT.
 */
int mini_neigh_del(struct mini_dev *mdev, const struct in6_addr *addr,
		   struct netlink_ext_ack *extack)
{
	struct mini_link_net *ln = mdev->mn->link;
	struct sk_buff_head packets;
	struct mini_neigh_key key;
	struct mini_neigh *n;

	__skb_queue_head_init(&packets);
	key.addr = *addr;
	key.mdev = mdev;
	spin_lock_bh(&ln->neigh_lock);
	n = rhashtable_lookup_fast(&ln->neighs, &key, neigh_table_params);
	if (n)
		neigh_kill(ln, n, &packets);
	spin_unlock_bh(&ln->neigh_lock);
	if (!n) {
		NL_SET_ERR_MSG(extack, "no such neighbour");
		return -ENOENT;
	}
	neigh_drop(mdev->mn, &packets);
	/* Paths that lead by it find another entry. */
	mini_genid_bump(mdev->mn);
	return 0;
}

static void neigh_info(struct mini_neigh *n, struct mini_neigh_info *info)
	__must_hold(&n->lock)
{
	unsigned long confirmed;
	unsigned long used;
	unsigned long now;

	/* Packets move both on meanwhile: the clock is read last. */
	confirmed = READ_ONCE(n->confirmed);
	used = READ_ONCE(n->used);
	now = jiffies;
	info->addr = n->key.addr;
	info->ifindex = n->key.mdev->ifindex;
	info->state = n->state;
	info->probes = n->probes;
	info->has_lladdr = mini_neigh_has_lladdr(n->state);
	ether_addr_copy(info->lladdr, n->hwaddr);
	info->confirmed_ms = jiffies_to_msecs(now - confirmed);
	info->used_ms = jiffies_to_msecs(now - used);
	info->queued = skb_queue_len(&n->queue);
}

/**
 * mini_neigh_tell() - tell who listens what became of a neighbour
 * @n: entry
 * @event: MINI_EVENT_CHANGE, or MINI_EVENT_DEL before its last state is gone
 *
 * Under the lock, so that states are told in their order.
 */
void mini_neigh_tell(struct mini_neigh *n, enum mini_event event)
	__must_hold(&n->lock)
{
	struct mini_neigh_info info = {};

	if (likely(!mini_event_wanted(n->key.mdev->mn, MINI_EVENT_NEIGH)))
		return;
	neigh_info(n, &info);
	mini_event_neigh(n->key.mdev->mn, &info, event);
}

int mini_neigh_walk(struct mini_net *mn, unsigned long *iter,
		    int (*fn)(const struct mini_neigh_info *info, void *arg),
		    void *arg)
{
	struct mini_link_net *ln = mn->link;
	struct mini_neigh_info info = {};
	struct mini_neigh *n;
	int ret = 0;

	rcu_read_lock();
	/* In the order of creation: what has been told stays told. */
	list_for_each_entry_rcu(n, &ln->neigh_list, gc_list) {
		if (n->serial <= *iter)
			continue;
		spin_lock_bh(&n->lock);
		neigh_info(n, &info);
		spin_unlock_bh(&n->lock);
		ret = fn(&info, arg);
		if (ret)
			break;
		*iter = n->serial;
	}
	rcu_read_unlock();
	return ret;
}

void mini_neigh_init(void)
{
	get_random_bytes(&neigh_hash_key, sizeof(neigh_hash_key));
}

int mini_neigh_table_init(struct mini_link_net *ln)
{
	spin_lock_init(&ln->neigh_lock);
	INIT_LIST_HEAD(&ln->neigh_list);
	INIT_DELAYED_WORK(&ln->gc_work, neigh_gc_work);
	return rhashtable_init(&ln->neighs, &neigh_table_params);
}

/* Detaching the devices has emptied it. */
void mini_neigh_table_free(struct mini_link_net *ln)
{
	cancel_delayed_work_sync(&ln->gc_work);
	rhashtable_destroy(&ln->neighs);
}
