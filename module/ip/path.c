// SPDX-License-Identifier: GPL-2.0
/*
 * Paths: from a flow to a device, a next hop and a source address (RFC 1122
 * section 3.3.1, RFC 6724's idea of source selection in IPv4's small form).
 *
 * Each CPU remembers some that it looked up last: what answers a packet goes
 * the way that the last answer went, and a connection is opened by several
 * look-ups of one path.
 *
 * Locks on entry: none; rcu_read_lock() is taken here.
 */
#include <linux/hash.h>
#include <linux/percpu.h>

#include "ip_int.h"

#define PATH_SLOT_BITS	3

/**
 * struct mini_path_slot - a path that was looked up; its CPU's, BH off
 * @path: the way; it holds NO reference
 * @src: the source that was asked for, perhaps none
 * @oif: the device that was asked for, or 0
 * @lost: mini_neigh_lost() then: while it is the same, @path.neigh is there
 * @freebind: @src need not be this host's
 *
 * As long as no configuration has changed, @path.mdev is there, too.
 */
struct mini_path_slot {
	struct mini_path path;
	struct in6_addr src;
	int oif;
	u32 lost;
	bool freebind;
};

struct mini_path_slot __percpu *mini_paths_alloc(void)
{
	return __alloc_percpu(sizeof(struct mini_path_slot) <<
			      PATH_SLOT_BITS,
			      __alignof__(struct mini_path_slot));
}

/* What a look-up finds, before it takes references. */
struct path_way {
	struct mini_dev *mdev;
	const struct mini_nexthops *via;	/* NULL for a group without */
	struct mini_nexthop *nh;		/* NULL as @via */
	struct in6_addr dst;
	struct in6_addr redirect;		/* a better next hop, if... */
	bool redirected;			/* ...a redirect told one */
	u8 type;
	u8 plen;				/* of the route */
};

/* Routes and the list of devices outlive their devices by a grace period. */
static bool path_hold(struct path_way *way, struct mini_path *path)
{
	if (!refcount_inc_not_zero(&way->mdev->refcnt))
		return false;
	path->mdev = way->mdev;
	return true;
}

/*
 * Whatever the source: it may not be known at the first look-up, and the
 * second shall lead the same way.  0 where no route asks for it.
 */
static u32 path_hash(struct mini_net *mn, const struct mini_flow *fl)
{
	if (likely(!mini_nexthop_groups(mn)))
		return 0;
	return mini_route_hash(NULL, &fl->dst, fl->hash);
}

/*
 * Multicast and limited broadcast leave by the device that the program, its
 * source address or a route chooses.
 */
static int path_find_group(struct mini_net *mn, const struct mini_flow *fl,
			   struct path_way *way)
{
	struct mini_route_result res;
	struct mini_dev *mdev = NULL;
	u8 type;

	if (fl->oif) {
		mdev = mini_dev_by_index(mn, fl->oif);
		if (!mdev)
			return -ENODEV;
	} else if (!mini_addr_any(&fl->src)) {
		if (mini_route_lookup(mn, &fl->src, 0, 0, &res) ==
		    MINI_ROUTE_LOCAL)
			mdev = res.nh->mdev;
	}
	if (!mdev) {
		type = mini_route_lookup(mn, &way->dst, 0, path_hash(mn, fl),
					 &res);
		if (!type)
			return res.down ? -ENETDOWN : -ENETUNREACH;
		if (!res.nh)
			return mini_route_errno(type);
		way->via = res.via;
		way->nh = res.nh;
		way->plen = res.plen;
		mdev = res.nh->mdev;
	}
	if (!mini_dev_usable(mdev))
		return -ENETDOWN;
	way->mdev = mdev;
	return 0;
}

static int path_find_route(struct mini_net *mn, const struct mini_flow *fl,
			   struct path_way *way)
{
	struct mini_route_result res;

	way->type = mini_route_lookup(mn, &way->dst, fl->oif,
				      path_hash(mn, fl), &res);
	if (!way->type) {
		if (fl->oif && !mini_dev_by_index(mn, fl->oif))
			return -ENODEV;
		return res.down ? -ENETDOWN : -ENETUNREACH;
	}
	if (unlikely(!res.nh))
		return mini_route_errno(way->type);
	way->via = res.via;
	way->nh = res.nh;
	way->plen = res.plen;
	way->mdev = way->type == MINI_ROUTE_LOCAL ? mini_dev_loopback(mn) :
						    res.nh->mdev;
	way->redirected = mini_redirect_get(mn, &way->dst, res.nh,
					    &way->redirect);
	return 0;
}

static int path_find(struct mini_net *mn, const struct mini_flow *fl,
		     struct path_way *way)
{
	bool lbcast;

	way->via = NULL;
	way->nh = NULL;
	way->plen = 0;
	way->redirected = false;
	way->dst = fl->dst;
	/* To nobody in particular is to oneself, as AF_INET has it. */
	if (mini_addr_any(&fl->dst)) {
		if (mini_addr_any(&fl->src))
			mini_addr_set_v4(&way->dst, htonl(INADDR_LOOPBACK));
		else
			way->dst = fl->src;
	}
	if (!mini_addr_is_v4(&way->dst))
		return -ENETUNREACH;
	lbcast = ipv4_is_lbcast(mini_addr_v4(&way->dst));
	if (lbcast || ipv4_is_multicast(mini_addr_v4(&way->dst))) {
		way->type = lbcast ? MINI_ROUTE_BROADCAST : 0;
		return path_find_group(mn, fl, way);
	}
	return path_find_route(mn, fl, way);
}

static const struct in6_addr *path_next_hop(const struct path_way *way)
{
	if (unlikely(way->redirected))
		return &way->redirect;
	if (way->nh && !mini_addr_any(&way->nh->gateway))
		return &way->nh->gateway;
	return &way->dst;
}

/* Freebind may lend another host's address, never a group's. */
static int path_source_check(struct mini_net *mn, const struct mini_flow *fl)
{
	u8 type = mini_addr_type(mn, &fl->src);

	if (type == MINI_ROUTE_LOCAL)
		return 0;
	if (type != MINI_ROUTE_UNICAST)
		return -EINVAL;
	return fl->freebind ? 0 : -ENETUNREACH;
}

static int path_source(struct mini_net *mn, const struct mini_flow *fl,
		       const struct path_way *way, struct mini_path *path)
{
	int err;

	if (!mini_addr_any(&fl->src)) {
		err = path_source_check(mn, fl);
		if (err)
			return err;
		path->src = fl->src;
	} else if (way->via && !mini_addr_any(&way->via->prefsrc)) {
		path->src = way->via->prefsrc;
	} else if (!mini_addr_select(way->mdev, path_next_hop(way),
				     &path->src)) {
		/* Only who asks for an address may speak without one. */
		if (way->type != MINI_ROUTE_BROADCAST)
			return -EADDRNOTAVAIL;
		mini_addr_set_v4(&path->src, 0);
	}
	return 0;
}

/* The next hop's entry, with a reference; NULL: the table is full. */
static struct mini_neigh *path_neigh(const struct path_way *way)
{
	struct mini_neigh *n;

	if (!way->redirected && !mini_addr_any(&way->nh->gateway)) {
		n = mini_nexthop_neigh(way->nh);
		if (n && refcount_inc_not_zero(&n->refcnt))
			return n;
	}
	return mini_neigh_get(way->mdev, path_next_hop(way));
}

/* Whatever is known of the path may be of another device, and larger. */
static void path_mtu(struct mini_net *mn, const struct path_way *way,
		     struct mini_path *path)
{
	u32 mtu;

	path->mtu = READ_ONCE(way->mdev->mtu);
	path->mtu_locked = false;
	if (way->type != MINI_ROUTE_UNICAST)
		return;
	mtu = mini_pmtu_get(mn, &way->dst, &path->mtu_locked);
	if (unlikely(mtu && mtu < path->mtu))
		path->mtu = mtu;
}

static int path_fill(struct mini_net *mn, const struct mini_flow *fl,
		     struct path_way *way, struct mini_path *path)
{
	bool loopback;
	int err;

	err = path_source(mn, fl, way, path);
	if (err)
		return err;
	path->dst = way->dst;
	path->type = way->type;
	path->by_hash = way->via && way->via->n > 1;
	path_mtu(mn, way, path);
	path->congctl[0] = '\0';
	if (way->via && unlikely(way->via->congctl[0]))
		strscpy(path->congctl, way->via->congctl,
			sizeof(path->congctl));
	loopback = READ_ONCE(way->mdev->flags) & MINI_DEV_F_LOOPBACK;
	/* RFC 1122 section 3.2.1.3 (g): 127/8 is never seen on a link. */
	if (!loopback && (ipv4_is_loopback(mini_addr_v4(&path->src)) ||
			  ipv4_is_loopback(mini_addr_v4(&path->dst))))
		return -EINVAL;
	if (path->type == MINI_ROUTE_UNICAST && !loopback &&
	    !(READ_ONCE(way->mdev->flags) & MINI_DEV_F_NOARP)) {
		path->neigh = path_neigh(way);
		if (!path->neigh)
			return -ENOBUFS;
	}
	if (!path_hold(way, path)) {
		if (path->neigh)
			mini_neigh_put(path->neigh);
		path->neigh = NULL;
		return -ENETUNREACH;
	}
	return 0;
}

/*
 * Where a flow's path would be remembered, or NULL: where flows are told apart,
 * and where something is known of the destination, there is more to look at.
 */
static struct mini_path_slot *path_slot(struct mini_net *mn,
					const struct mini_flow *fl)
{
	struct mini_ip_net *ip = READ_ONCE(mn->ip);
	u32 hash;

	if (unlikely(!ip || READ_ONCE(ip->groups) ||
		     mini_pmtu_known(mn, &fl->dst)))
		return NULL;
	hash = hash_32((__force u32)mini_addr_v4(&fl->dst), PATH_SLOT_BITS);
	return this_cpu_ptr(ip->paths) + hash;
}

/* A source that was chosen serves who asks for it, too. */
static bool path_fits(const struct mini_path_slot *slot,
		      const struct mini_flow *fl)
{
	if (slot->oif != fl->oif || (slot->freebind && !fl->freebind) ||
	    !mini_addr_equal(&slot->path.dst, &fl->dst))
		return false;
	return mini_addr_equal(&slot->src, &fl->src) ||
	       (!mini_addr_any(&fl->src) &&
		mini_addr_equal(&slot->path.src, &fl->src));
}

/*
 * Nothing changed and nobody was lost since the slot was filled, so that what
 * it names is there at least until rcu_read_unlock().
 */
static bool path_recall(struct mini_net *mn, const struct mini_flow *fl,
			struct mini_path *path, u32 lost)
{
	const struct mini_path_slot *slot;
	bool found = false;

	local_bh_disable();
	slot = path_slot(mn, fl);
	if (slot && slot->path.mdev && slot->path.genid == path->genid &&
	    slot->lost == lost && path_fits(slot, fl)) {
		*path = slot->path;
		found = true;
	}
	local_bh_enable();
	if (!found)
		return false;
	if (path->neigh && !refcount_inc_not_zero(&path->neigh->refcnt))
		goto gone;
	if (likely(refcount_inc_not_zero(&path->mdev->refcnt)))
		return true;
	if (path->neigh)
		mini_neigh_put(path->neigh);
gone:
	path->neigh = NULL;
	path->mdev = NULL;
	return false;
}

static void path_remember(struct mini_net *mn, const struct mini_flow *fl,
			  const struct mini_path *path, u32 lost)
{
	struct mini_path_slot *slot;

	if ((path->type != MINI_ROUTE_UNICAST &&
	     path->type != MINI_ROUTE_LOCAL) || mini_addr_any(&fl->dst))
		return;
	local_bh_disable();
	slot = path_slot(mn, fl);
	if (slot) {
		slot->path = *path;
		slot->src = fl->src;
		slot->oif = fl->oif;
		slot->lost = lost;
		slot->freebind = fl->freebind;
	}
	local_bh_enable();
}

int mini_path_lookup(struct mini_net *mn, const struct mini_flow *fl,
		     struct mini_path *path)
{
	struct path_way way;
	u32 lost;
	int err;

	path->mdev = NULL;
	path->neigh = NULL;
	rcu_read_lock();
	path->genid = atomic_read(&mn->genid);
	lost = mini_neigh_lost(mn);
	/* A change after this reading makes the path look old, not the new. */
	smp_rmb();
	if (path_recall(mn, fl, path, lost)) {
		rcu_read_unlock();
		return 0;
	}
	err = path_find(mn, fl, &way);
	if (!err)
		err = path_fill(mn, fl, &way, path);
	if (!err)
		path_remember(mn, fl, path, lost);
	rcu_read_unlock();
	if (err == -ENETUNREACH || err == -ENETDOWN)
		mini_inc(mn, MINI_MIB_IP_OUT_NO_ROUTES);
	return err;
}

void mini_path_release(struct mini_path *path)
{
	if (path->neigh)
		mini_neigh_put(path->neigh);
	if (path->mdev)
		mini_dev_put(path->mdev);
	path->neigh = NULL;
	path->mdev = NULL;
}

int mini_route_get(struct mini_net *mn, const struct mini_flow *fl,
		   struct mini_route_cfg *cfg)
{
	struct mini_path path = {};
	struct path_way way;
	int err;

	rcu_read_lock();
	err = path_find(mn, fl, &way);
	if (!err)
		err = path_source(mn, fl, &way, &path);
	if (!err) {
		*cfg = (struct mini_route_cfg) {
			.dst = way.dst,
			.prefsrc = path.src,
			.plen = way.plen,
			.type = way.type,
			.ifindex = way.mdev->ifindex,
		};
		if (way.nh)
			cfg->gateway = way.redirected ? way.redirect :
							way.nh->gateway;
		if (way.via)
			strscpy(cfg->congctl, way.via->congctl,
				sizeof(cfg->congctl));
	}
	rcu_read_unlock();
	return err;
}
