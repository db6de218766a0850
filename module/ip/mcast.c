// SPDX-License-Identifier: GPL-2.0
/*
 * Groups of a device (RFC 1112 section 7.1, RFC 3376 section 3): the wishes of
 * all members merged, and whose packets pass.
 *
 * A packet is looked up under RCU, without a lock: a group by hash, then its
 * sources if any member named some.
 *
 * Locks on entry: RTNL for members that come and go, rcu_read_lock() for
 * packets.  The device's own lock is taken here.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "igmp.h"

static struct hlist_head *mc_bucket(const struct mini_mc_dev *mc,
				    const struct in6_addr *addr)
{
	u32 hash = hash_32((__force u32)mini_addr_v4(addr), MINI_MC_HASH_BITS);

	return (struct hlist_head *)&mc->groups[hash];
}

struct mini_mc_group *mini_mc_next(const struct mini_mc_dev *mc,
				   const struct mini_mc_group *g)
{
	const struct hlist_head *b = g ? mc_bucket(mc, &g->addr) : mc->groups;
	struct hlist_node __rcu **at = g ? &hlist_next_rcu(&g->node) :
					   &hlist_first_rcu(b);
	struct hlist_node *node;

	node = rcu_dereference_check(*at, lockdep_is_held(&mc->lock));
	while (!node && ++b < mc->groups + ARRAY_SIZE(mc->groups))
		node = rcu_dereference_check(hlist_first_rcu(b),
					     lockdep_is_held(&mc->lock));
	return hlist_entry_safe(node, struct mini_mc_group, node);
}

/* Under the lock or RCU. */
static struct mini_mc_group *mc_lookup(const struct mini_mc_dev *mc,
				       const struct in6_addr *addr)
{
	struct mini_mc_group *g;

	hlist_for_each_entry_rcu(g, mc_bucket(mc, addr), node,
				 lockdep_is_held(&mc->lock)) {
		if (mini_addr_equal(&g->addr, addr))
			return g;
	}
	return NULL;
}

struct mini_mc_group *mini_mc_find(struct mini_mc_dev *mc,
				   const struct in6_addr *addr)
{
	lockdep_assert_held(&mc->lock);
	return mc_lookup(mc, addr);
}

struct mini_mc_source *mini_mc_source_find(struct mini_mc_group *g,
					   const struct in6_addr *addr)
{
	struct mini_mc_source *s;

	list_for_each_entry(s, &g->sources, list) {
		if (mini_addr_equal(&s->addr, addr))
			return s;
	}
	return NULL;
}

bool mini_mc_accepts(const struct mini_dev *mdev, const struct in6_addr *group,
		     const struct in6_addr *src, u8 proto)
{
	const struct mini_mc_dev *mc = rcu_dereference(mdev->mc);
	const struct mini_mc_source *s;
	const struct mini_mc_group *g;
	u8 mode;

	/* RFC 1112 section 7.2: the one group that nobody must join. */
	if (mini_addr_v4(group) == htonl(INADDR_ALLHOSTS_GROUP))
		return true;
	g = mc ? mc_lookup(mc, group) : NULL;
	if (!g || !mini_mc_users(g))
		return false;
	if (proto == IPPROTO_IGMP)
		return true;
	mode = mini_mc_mode(g);
	list_for_each_entry_rcu(s, &g->sources, list) {
		if (!mini_addr_equal(&s->addr, src))
			continue;
		return mini_mc_listed(g, s) == (mode == MCAST_INCLUDE);
	}
	return mode == MCAST_EXCLUDE;
}

static void mc_source_free(struct mini_mc_source *s)
{
	list_del_rcu(&s->list);
	kfree_rcu(s, rcu);
}

static void mc_group_free(struct mini_mc_group *g)
{
	struct mini_mc_source *s;
	struct mini_mc_source *tmp;

	list_for_each_entry_safe(s, tmp, &g->sources, list)
		mc_source_free(s);
	hlist_del_rcu(&g->node);
	kfree_rcu(g, rcu);
}

/* True if the group itself is of no more use. */
static bool mc_group_prune(struct mini_mc_group *g)
{
	struct mini_mc_source *s;
	struct mini_mc_source *tmp;

	list_for_each_entry_safe(s, tmp, &g->sources, list) {
		if (!s->users[MCAST_INCLUDE] && !s->users[MCAST_EXCLUDE] &&
		    !s->repeats && !s->asked)
			mc_source_free(s);
	}
	return !mini_mc_users(g) && !g->repeats && list_empty(&g->sources);
}

void mini_mc_prune(struct mini_mc_dev *mc)
{
	struct mini_mc_group *g;
	struct hlist_node *tmp;
	unsigned int i;

	lockdep_assert_held(&mc->lock);
	for (i = 0; i < ARRAY_SIZE(mc->groups); i++) {
		hlist_for_each_entry_safe(g, tmp, &mc->groups[i], node) {
			if (mc_group_prune(g))
				mc_group_free(g);
		}
	}
}

/* Sources that a filter may need, before the lock is taken. */
static int mc_spares(struct list_head *spares, unsigned int n)
{
	struct mini_mc_source *s;

	while (n--) {
		s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
		if (!s)
			return -ENOBUFS;
		list_add(&s->list, spares);
	}
	return 0;
}

static void mc_spares_free(struct list_head *spares)
{
	struct mini_mc_source *s;
	struct mini_mc_source *tmp;

	list_for_each_entry_safe(s, tmp, spares, list)
		kfree(s);
}

static struct mini_mc_source *mc_source_get(struct mini_mc_group *g,
					    const struct in6_addr *addr,
					    struct list_head *spares)
{
	struct mini_mc_source *s = mini_mc_source_find(g, addr);

	if (s)
		return s;
	s = list_first_entry(spares, struct mini_mc_source, list);
	list_del(&s->list);
	s->addr = *addr;
	list_add_tail_rcu(&s->list, &g->sources);
	return s;
}

/* A program may name a source twice. */
static bool mc_named_before(const struct mini_mc_filter *f, unsigned int i)
{
	unsigned int j;

	for (j = 0; j < i; j++) {
		if (mini_addr_equal(&f->src[j], &f->src[i]))
			return true;
	}
	return false;
}

static void mc_count(struct mini_mc_group *g, const struct mini_mc_filter *f,
		     int by, struct list_head *spares)
{
	struct mini_mc_source *s;
	unsigned int i;

	if (!f)
		return;
	/* Sources first: who sees the member sees whom it wants. */
	for (i = 0; i < f->n; i++) {
		if (mc_named_before(f, i))
			continue;
		s = by > 0 ? mc_source_get(g, &f->src[i], spares) :
			     mini_mc_source_find(g, &f->src[i]);
		if (s)
			WRITE_ONCE(s->users[f->mode], s->users[f->mode] + by);
	}
	WRITE_ONCE(g->users[f->mode], g->users[f->mode] + by);
}

/* One member's wishes take the place of others; the lock is held. */
static void mc_merge(struct mini_mc_dev *mc, struct mini_mc_group *g,
		     const struct mini_mc_filter *old,
		     const struct mini_mc_filter *new,
		     struct list_head *spares)
{
	u8 repeats = mini_igmp_qrv(mc);
	u8 mode = mini_mc_mode(g);
	struct mini_mc_source *s;
	bool told = false;

	list_for_each_entry(s, &g->sources, list)
		s->was = mini_mc_listed(g, s);
	mc_count(g, new, 1, spares);
	mc_count(g, old, -1, spares);
	if (mini_mc_silent(g) || mc->dead)
		return;
	if (mini_mc_mode(g) != mode) {
		/* The whole list will be told. */
		g->repeats = repeats;
		list_for_each_entry(s, &g->sources, list)
			s->repeats = 0;
		told = true;
	} else {
		list_for_each_entry(s, &g->sources, list) {
			if (mini_mc_listed(g, s) == s->was)
				continue;
			s->repeats = repeats;
			told = true;
		}
	}
	if (told) {
		mc->change = true;
		mc->change_due = jiffies;
	}
}

int mini_mc_apply(struct mini_mc_dev *mc, const struct in6_addr *group,
		  const struct mini_mc_filter *old,
		  const struct mini_mc_filter *new, int *joined)
{
	struct mini_mc_group *spare = NULL;
	struct mini_mc_group *g;
	bool before;
	LIST_HEAD(spares);
	int err = 0;

	*joined = 0;
	if (new) {
		err = mc_spares(&spares, new->n);
		spare = kzalloc(sizeof(*spare), GFP_KERNEL_ACCOUNT);
		if (err || !spare) {
			err = -ENOBUFS;
			goto out;
		}
		spare->addr = *group;
		INIT_LIST_HEAD(&spare->sources);
	}
	spin_lock_bh(&mc->lock);
	g = mini_mc_find(mc, group);
	if (!g && spare) {
		g = spare;
		spare = NULL;
		hlist_add_head_rcu(&g->node, mc_bucket(mc, group));
	}
	if (g) {
		before = mini_mc_users(g);
		mc_merge(mc, g, old, new, &spares);
		*joined = !!mini_mc_users(g) - before;
		if (mc_group_prune(g))
			mc_group_free(g);
	}
	spin_unlock_bh(&mc->lock);
out:
	mc_spares_free(&spares);
	kfree(spare);
	return err;
}

/* Those of a device that was detached; NULL: it had no members */
static struct mini_mc_dev *mc_kept(struct mini_net *mn, int ifindex)
{
	struct mini_mc_dev *mc;

	if (!mn->ip)
		return NULL;
	list_for_each_entry(mc, &mn->ip->mc_kept, kept) {
		if (mc->mdev->ifindex == ifindex)
			return mc;
	}
	return NULL;
}

static bool mc_is_empty(struct mini_mc_dev *mc)
{
	bool empty;

	spin_lock_bh(&mc->lock);
	empty = !mini_mc_next(mc, NULL);
	spin_unlock_bh(&mc->lock);
	return empty;
}

static void mc_kept_free(struct mini_mc_dev *mc)
{
	list_del(&mc->kept);
	mini_mc_free(mc);
}

int mini_mc_change(struct mini_net *mn, int ifindex,
		   const struct in6_addr *group,
		   const struct mini_mc_filter *old,
		   const struct mini_mc_filter *new)
{
	struct mini_dev *mdev = mini_dev_by_index(mn, ifindex);
	struct mini_mc_dev *mc;
	int joined;
	int err;

	ASSERT_RTNL();
	mc = mdev ? rtnl_dereference(mdev->mc) : mc_kept(mn, ifindex);
	if (!mc)
		return -ENODEV;
	err = mini_mc_apply(mc, group, old, new, &joined);
	if (err)
		return err;
	if (!mdev) {
		if (mc_is_empty(mc))
			mc_kept_free(mc);
		return 0;
	}
	if (joined)
		mini_link_mc(mdev, group, joined > 0);
	mini_igmp_kick(mc);
	return 0;
}

/* The device that has an address; all of 127/8 is the loopback's. */
static struct mini_dev *mc_dev_of(struct mini_net *mn,
				  const struct in6_addr *addr)
{
	struct mini_ifaddr *ifa;
	struct mini_dev *mdev;

	list_for_each_entry(mdev, mini_dev_list(mn), list) {
		list_for_each_entry(ifa, &mdev->addrs, list) {
			if (mini_addr_equal(&ifa->addr, addr))
				return mdev;
		}
	}
	return ipv4_is_loopback(mini_addr_v4(addr)) ? mini_dev_loopback(mn) :
						      NULL;
}

struct mini_dev *mini_mc_find_dev(struct mini_net *mn,
				  const struct in6_addr *group, int ifindex,
				  const struct in6_addr *addr)
{
	struct mini_flow fl = { .dst = *group };
	struct mini_dev *mdev;
	struct mini_path path;

	ASSERT_RTNL();
	if (ifindex)
		return mini_dev_by_index(mn, ifindex);
	if (!mini_addr_any(addr))
		return mc_dev_of(mn, addr);
	if (mini_path_lookup(mn, &fl, &path))
		return NULL;
	/* RTNL keeps it in the list of devices. */
	mdev = path.mdev;
	mini_path_release(&path);
	return mdev;
}

struct mini_mc_dev *mini_mc_alloc(struct mini_dev *mdev)
{
	struct mini_mc_dev *mc = kzalloc(sizeof(*mc), GFP_KERNEL_ACCOUNT);

	if (!mc)
		return NULL;
	mc->mdev = mini_dev_hold(mdev);
	mc->interval = MINI_IGMP_QUERY_INTERVAL;
	INIT_LIST_HEAD(&mc->kept);
	spin_lock_init(&mc->lock);
	timer_setup(&mc->timer, mini_igmp_timer, 0);
	return mc;
}

/* No report leaves from now on. */
static void mc_stop(struct mini_mc_dev *mc)
{
	spin_lock_bh(&mc->lock);
	mc->dead = true;
	spin_unlock_bh(&mc->lock);
	timer_delete_sync(&mc->timer);
}

void mini_mc_free(struct mini_mc_dev *mc)
{
	struct mini_mc_group *g;
	struct hlist_node *tmp;
	unsigned int i;

	mc_stop(mc);
	spin_lock_bh(&mc->lock);
	for (i = 0; i < ARRAY_SIZE(mc->groups); i++) {
		hlist_for_each_entry_safe(g, tmp, &mc->groups[i], node)
			mc_group_free(g);
	}
	spin_unlock_bh(&mc->lock);
	mini_dev_put(mc->mdev);
	kfree_rcu(mc, rcu);
}

static const struct in6_addr mc_all_hosts = {
	.s6_addr = { [10] = 0xff, 0xff, 224, 0, 0, 1 },
};

/* The device's own filter, for all groups; RTNL is held. */
static void mc_link_all(struct mini_mc_dev *mc, bool on)
{
	struct mini_mc_group *g;

	mini_link_mc(mc->mdev, &mc_all_hosts, on);
	/* Under RTNL nobody joins or leaves meanwhile. */
	rcu_read_lock();
	for (g = mini_mc_next(mc, NULL); g; g = mini_mc_next(mc, g)) {
		if (mini_mc_users(g))
			mini_link_mc(mc->mdev, &g->addr, on);
	}
	rcu_read_unlock();
}

/*
 * Those that were kept become the device's.  Whoever saw them before has gone:
 * a detached device is waited for.
 */
static struct mini_mc_dev *mc_take_up(struct mini_dev *mdev)
{
	struct mini_mc_dev *mc = mc_kept(mdev->mn, mdev->ifindex);

	if (!mc)
		return NULL;
	list_del_init(&mc->kept);
	spin_lock_bh(&mc->lock);
	mini_dev_put(mc->mdev);
	mc->mdev = mini_dev_hold(mdev);
	mc->dead = false;
	spin_unlock_bh(&mc->lock);
	return mc;
}

int mini_mc_attach(struct mini_dev *mdev)
{
	struct mini_mc_dev *mc = mc_take_up(mdev);

	if (!mc)
		mc = mini_mc_alloc(mdev);
	if (!mc)
		return -ENOMEM;
	rcu_assign_pointer(mdev->mc, mc);
	mc_link_all(mc, true);
	if (mini_dev_usable(mdev))
		mini_mc_up(mdev);
	return 0;
}

void mini_mc_detach(struct mini_dev *mdev)
{
	struct mini_mc_dev *mc = rtnl_dereference(mdev->mc);

	if (!mc)
		return;
	mini_igmp_farewell(mc);
	mc_link_all(mc, false);
	RCU_INIT_POINTER(mdev->mc, NULL);
	mc_stop(mc);
	spin_lock_bh(&mc->lock);
	mini_igmp_forget(mc);
	spin_unlock_bh(&mc->lock);
	if (mc_is_empty(mc))
		mini_mc_free(mc);
	else
		list_add(&mc->kept, &mdev->mn->ip->mc_kept);
}

void mini_mc_kept_free(struct mini_ip_net *ip)
{
	struct mini_mc_dev *mc;
	struct mini_mc_dev *tmp;

	list_for_each_entry_safe(mc, tmp, &ip->mc_kept, kept)
		mc_kept_free(mc);
}

void mini_mc_up(struct mini_dev *mdev)
{
	struct mini_mc_dev *mc = rtnl_dereference(mdev->mc);
	struct mini_mc_group *g;

	if (!mc || mdev->flags & MINI_DEV_F_LOOPBACK)
		return;
	spin_lock_bh(&mc->lock);
	for (g = mini_mc_next(mc, NULL); g; g = mini_mc_next(mc, g)) {
		if (!mini_mc_users(g) || mini_mc_silent(g))
			continue;
		g->repeats = mini_igmp_qrv(mc);
		mc->change = true;
		mc->change_due = jiffies;
	}
	spin_unlock_bh(&mc->lock);
	mini_igmp_kick(mc);
}

static void mc_info_due(struct mini_mc_info *info, bool due, unsigned long at,
			unsigned long now)
{
	u32 ms = time_after(at, now) ? jiffies_to_msecs(at - now) : 0;

	if (!due || (info->reports && info->timer <= ms))
		return;
	info->reports = true;
	info->timer = ms;
}

static void mc_info(struct mini_mc_dev *mc, const struct mini_mc_group *g,
		    struct mini_mc_info *info)
{
	unsigned long now = jiffies;
	struct mini_mc_source *s;

	info->group = g->addr;
	info->ifindex = mc->mdev->ifindex;
	info->users = mini_mc_users(g);
	info->mode = mini_mc_mode(g);
	info->version = mc->mdev->flags & MINI_DEV_F_LOOPBACK ? 0 :
			mini_igmp_version(mc, now);
	info->reports = false;
	if (info->version && !mini_mc_silent(g)) {
		mc_info_due(info, g->pending, g->due, now);
		mc_info_due(info, mc->answer, mc->answer_due, now);
		mc_info_due(info, mc->change && mini_igmp_has_change(g),
			    mc->change_due, now);
	}
	info->n = 0;
	list_for_each_entry(s, &g->sources, list) {
		if (!mini_mc_listed(g, s))
			continue;
		if (info->n < ARRAY_SIZE(info->src))
			info->src[info->n] = s->addr;
		info->n++;
	}
}

/* @iter: number of groups that are done. */
int mini_mc_walk(struct mini_net *mn, unsigned long *iter,
		 int (*fn)(const struct mini_mc_info *info, void *arg),
		 void *arg)
{
	struct mini_mc_info *info;
	struct mini_mc_group *g;
	struct mini_mc_dev *mc;
	struct mini_dev *mdev;
	unsigned long at = 0;
	int ret = 0;

	info = kmalloc(sizeof(*info), GFP_KERNEL);
	if (!info)
		return -ENOMEM;
	rcu_read_lock();
	list_for_each_entry_rcu(mdev, mini_dev_list(mn), list) {
		mc = rcu_dereference(mdev->mc);
		if (!mc)
			continue;
		spin_lock_bh(&mc->lock);
		for (g = mini_mc_next(mc, NULL); g; g = mini_mc_next(mc, g)) {
			if (ret || !mini_mc_users(g) || at++ < *iter)
				continue;
			mc_info(mc, g, info);
			ret = fn(info, arg);
			if (!ret)
				*iter = at;
		}
		spin_unlock_bh(&mc->lock);
		if (ret)
			break;
	}
	rcu_read_unlock();
	kfree(info);
	return ret;
}
