// SPDX-License-Identifier: GPL-2.0
/*
 * The routing table (RFC 1812 section 5.2.4.3, longest match): what is in it,
 * how it changes, and the look-up.
 *
 * Addresses make LOCAL, BROADCAST and subnet routes of their own
 * (mini_route_auto()); the administrator adds UNICAST ones.  Routes of a
 * device that is down stay, and look-ups pass them by.
 *
 * Locks on entry: RTNL for changes, rcu_read_lock() for mini_route_find().
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "../event.h"
#include "ip_int.h"

static struct mini_route *route_of(struct mini_trie_entry *e)
{
	return container_of(e, struct mini_route, entry);
}

static void route_changed(struct mini_net *mn)
{
	/* Who sees the new number sees the change: mini_path_lookup(). */
	smp_mb__before_atomic();
	mini_genid_bump(mn);
}

void mini_route_find(const struct mini_net *mn, const struct in6_addr *dst,
		     int oif, struct mini_route_result *res)
{
	const struct mini_ip_net *ip = READ_ONCE(mn->ip);
	struct mini_trie_entry *e;
	struct mini_trie_node *node;

	res->route = NULL;
	res->down = false;
	if (!ip)
		return;
	for (node = mini_trie_top(&ip->routes, dst); node;
	     node = mini_trie_down(node, dst)) {
		hlist_for_each_entry_rcu(e, &node->entries, list) {
			struct mini_route *r = route_of(e);

			if (oif && r->mdev->ifindex != oif)
				continue;
			/* Own addresses stay own on a device that is down. */
			if (r->type != MINI_ROUTE_LOCAL &&
			    !mini_dev_usable(r->mdev)) {
				res->down = true;
				continue;
			}
			res->route = r;
			break;
		}
	}
}

struct mini_dev *mini_route_onlink(struct mini_net *mn,
				   const struct in6_addr *gateway, int ifindex)
{
	struct mini_route *best = NULL;
	struct mini_trie_entry *e;
	struct mini_trie_node *node;

	rcu_read_lock();
	for (node = mini_trie_top(&mn->ip->routes, gateway); node;
	     node = mini_trie_down(node, gateway)) {
		hlist_for_each_entry_rcu(e, &node->entries, list) {
			struct mini_route *r = route_of(e);

			if (ifindex && r->mdev->ifindex != ifindex)
				continue;
			best = r;
			break;
		}
	}
	rcu_read_unlock();
	/* RTNL keeps the route where it is. */
	if (!best || best->type != MINI_ROUTE_UNICAST ||
	    !mini_addr_any(&best->gateway))
		return NULL;
	return best->mdev;
}

/* Keep mini_addr_maybe_own() true of all LOCAL and BROADCAST routes. */
static void route_count_own(struct mini_ip_net *ip, u8 type,
			    const struct in6_addr *dst, u8 plen, int n)
{
	u32 *count = &ip->own_prefixes;

	if (type == MINI_ROUTE_UNICAST)
		return;
	if (plen == 128)
		count = &ip->own[mini_addr_own_hash(dst)];
	else if (ipv4_is_loopback(mini_addr_v4(dst)))
		return;
	WRITE_ONCE(*count, *count + n);
}

static void route_to_cfg(const struct mini_route *r, struct mini_route_cfg *cfg)
{
	*cfg = (struct mini_route_cfg) {
		.dst = r->entry.node->key,
		.gateway = r->gateway,
		.prefsrc = r->prefsrc,
		.plen = r->entry.node->plen,
		.type = r->type,
		.ifindex = r->mdev->ifindex,
		.metric = r->metric,
		.flags = r->flags,
	};
	strscpy(cfg->congctl, r->congctl, sizeof(cfg->congctl));
	if (!mini_dev_usable(r->mdev))
		cfg->flags |= MINI_ROUTE_F_DOWN;
}

/* Tell who listens what became of a route. */
static void route_tell(struct mini_net *mn, const struct mini_route *r,
		       enum mini_event event)
{
	struct mini_route_cfg cfg;

	if (likely(!mini_event_wanted(mn, MINI_EVENT_ROUTE)))
		return;
	route_to_cfg(r, &cfg);
	mini_event_route(mn, &cfg, event);
}

static int route_insert(struct mini_net *mn, struct mini_dev *mdev,
			const struct mini_route_cfg *cfg)
{
	struct mini_route *r;
	int err;

	r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	if (!r)
		return -ENOMEM;
	r->mdev = mini_dev_hold(mdev);
	r->gateway = cfg->gateway;
	r->prefsrc = cfg->prefsrc;
	r->metric = cfg->metric;
	r->flags = cfg->flags;
	r->type = cfg->type;
	strscpy(r->congctl, cfg->congctl, sizeof(r->congctl));
	r->cong_owner = cfg->cong_owner;
	/* No unicast route takes an own address away from this host. */
	if (r->type == MINI_ROUTE_UNICAST)
		r->entry.order = min_t(u32, r->metric, U32_MAX - 1) + 1;
	err = mini_trie_insert(&mn->ip->routes, &cfg->dst, cfg->plen,
			       &r->entry);
	if (err) {
		mini_dev_put(mdev);
		kfree(r);
		return err;
	}
	route_count_own(mn->ip, r->type, &cfg->dst, cfg->plen, 1);
	route_tell(mn, r, MINI_EVENT_ADD);
	return 0;
}

static void route_remove(struct mini_net *mn, struct mini_route *r)
{
	const struct mini_trie_node *node = r->entry.node;

	route_tell(mn, r, MINI_EVENT_DEL);
	route_count_own(mn->ip, r->type, &node->key, node->plen, -1);
	mini_trie_remove(&mn->ip->routes, &r->entry);
	/* Readers may still look at the device: it too waits for them. */
	mini_dev_put(r->mdev);
	/* The name alone is read there. */
	module_put(r->cong_owner);
	kfree_rcu(r, rcu);
}

int mini_route_auto(struct mini_dev *mdev, const struct in6_addr *dst, u8 plen,
		    u8 type, const struct in6_addr *src)
{
	struct mini_route_cfg cfg = {
		.dst = *dst,
		.prefsrc = *src,
		.plen = plen,
		.type = type,
		.flags = MINI_ROUTE_F_AUTO,
	};
	int err;

	err = route_insert(mdev->mn, mdev, &cfg);
	if (!err)
		route_changed(mdev->mn);
	return err;
}

void mini_route_flush(struct mini_net *mn,
		      bool (*match)(const struct mini_route *r, const void *arg),
		      const void *arg)
{
	struct mini_trie_entry *e;
	struct mini_trie_node *next;
	struct mini_trie_node *node;
	struct hlist_node *tmp;

	ASSERT_RTNL();
	for (node = mini_trie_first(&mn->ip->routes); node; node = next) {
		/* A node with entries outlives the removal of another's. */
		next = mini_trie_next(node);
		hlist_for_each_entry_safe(e, tmp, &node->entries, list) {
			if (match(route_of(e), arg))
				route_remove(mn, route_of(e));
		}
	}
	route_changed(mn);
}

/* A prefix that may be routed: RFC 1122 section 3.2.1.3's rules. */
static int route_check_dst(const struct mini_route_cfg *cfg,
			   struct netlink_ext_ack *extack)
{
	struct in6_addr prefix;

	if (!mini_addr_is_v4(&cfg->dst)) {
		NL_SET_ERR_MSG(extack, "destination is not an IPv4 address");
		return -EAFNOSUPPORT;
	}
	if (cfg->plen < MINI_V4_PLEN(0) || cfg->plen > MINI_V4_PLEN(32)) {
		NL_SET_ERR_MSG(extack, "prefix length is not within 0 to 32");
		return -EINVAL;
	}
	ipv6_addr_prefix(&prefix, &cfg->dst, cfg->plen);
	if (!mini_addr_equal(&prefix, &cfg->dst)) {
		NL_SET_ERR_MSG(extack,
			       "destination has bits set after its prefix");
		return -EINVAL;
	}
	if (ipv4_is_loopback(mini_addr_v4(&cfg->dst))) {
		NL_SET_ERR_MSG(extack, "127.0.0.0/8 never leaves this host");
		return -EINVAL;
	}
	if (ipv4_is_lbcast(mini_addr_v4(&cfg->dst))) {
		NL_SET_ERR_MSG(extack, "255.255.255.255 takes no route");
		return -EINVAL;
	}
	return 0;
}

static int route_check_gateway(struct mini_net *mn,
			       const struct mini_route_cfg *cfg,
			       struct netlink_ext_ack *extack)
{
	if (!mini_addr_is_v4(&cfg->gateway)) {
		NL_SET_ERR_MSG(extack, "gateway is not an IPv4 address");
		return -EAFNOSUPPORT;
	}
	switch (mini_addr_type(mn, &cfg->gateway)) {
	case MINI_ROUTE_UNICAST:
		return 0;
	case MINI_ROUTE_LOCAL:
		NL_SET_ERR_MSG(extack, "gateway is an address of this host");
		return -EINVAL;
	default:
		NL_SET_ERR_MSG(extack, "gateway is not a unicast address");
		return -EINVAL;
	}
}

/* The device of a new route, or ERR_PTR(). */
static struct mini_dev *route_check_dev(struct mini_net *mn,
					const struct mini_route_cfg *cfg,
					struct netlink_ext_ack *extack)
{
	struct mini_dev *mdev = NULL;

	if (cfg->ifindex) {
		mdev = mini_dev_by_index(mn, cfg->ifindex);
		if (!mdev) {
			NL_SET_ERR_MSG(extack, "device is not attached");
			return ERR_PTR(-ENODEV);
		}
		if (mdev->flags & MINI_DEV_F_LOOPBACK) {
			NL_SET_ERR_MSG(extack, "the loopback takes no routes");
			return ERR_PTR(-EINVAL);
		}
	}
	if (!mini_addr_any(&cfg->gateway)) {
		mdev = mini_route_onlink(mn, &cfg->gateway, cfg->ifindex);
		if (!mdev) {
			NL_SET_ERR_MSG(extack,
				       "gateway is not on a connected subnet");
			return ERR_PTR(-ENETUNREACH);
		}
	}
	if (!mdev) {
		NL_SET_ERR_MSG(extack, "a route needs a gateway or a device");
		return ERR_PTR(-EINVAL);
	}
	return mdev;
}

static bool route_metric_taken(struct mini_net *mn,
			       const struct mini_route_cfg *cfg)
{
	struct mini_trie_entry *e;
	struct mini_trie_node *node;

	node = mini_trie_find(&mn->ip->routes, &cfg->dst, cfg->plen);
	if (!node)
		return false;
	hlist_for_each_entry(e, &node->entries, list) {
		if (route_of(e)->type == MINI_ROUTE_UNICAST &&
		    route_of(e)->metric == cfg->metric)
			return true;
	}
	return false;
}

/**
 * mini_route_add() - add an administrator's route
 * @mn: the instance
 * @cfg: the route; @type UNICAST or 0; its reference to the congestion
 *	control's module is the route's if this succeeds
 * @extack: receives what is wrong
 *
 * Context: RTNL held.
 * Return: 0; -EINVAL, -EAFNOSUPPORT for what cannot be routed; -ENODEV;
 * -ENETUNREACH if the gateway is not on link; -EEXIST; -ENOMEM.
 */
int mini_route_add(struct mini_net *mn, const struct mini_route_cfg *cfg,
		   struct netlink_ext_ack *extack)
{
	struct mini_route_cfg new = *cfg;
	struct mini_dev *mdev;
	int err;

	ASSERT_RTNL();
	if (cfg->type && cfg->type != MINI_ROUTE_UNICAST) {
		NL_SET_ERR_MSG(extack,
			       "local and broadcast routes follow from addresses");
		return -EINVAL;
	}
	new.type = MINI_ROUTE_UNICAST;
	new.flags = 0;
	err = route_check_dst(cfg, extack);
	if (err)
		return err;
	if (!mini_addr_any(&cfg->gateway)) {
		err = route_check_gateway(mn, cfg, extack);
		if (err)
			return err;
	}
	if (!mini_addr_any(&cfg->prefsrc) &&
	    mini_addr_type(mn, &cfg->prefsrc) != MINI_ROUTE_LOCAL) {
		NL_SET_ERR_MSG(extack,
			       "source is not an address of this host");
		return -EINVAL;
	}
	mdev = route_check_dev(mn, cfg, extack);
	if (IS_ERR(mdev))
		return PTR_ERR(mdev);
	if (route_metric_taken(mn, cfg)) {
		NL_SET_ERR_MSG(extack,
			       "a route to this prefix with this metric exists");
		return -EEXIST;
	}
	err = route_insert(mn, mdev, &new);
	if (!err)
		route_changed(mn);
	return err;
}

/* What is not given matches any. */
static bool route_matches(const struct mini_route *r,
			  const struct mini_route_cfg *cfg)
{
	if (cfg->metric && cfg->metric != r->metric)
		return false;
	if (cfg->ifindex && cfg->ifindex != r->mdev->ifindex)
		return false;
	if (!mini_addr_any(&cfg->gateway) &&
	    !mini_addr_equal(&cfg->gateway, &r->gateway))
		return false;
	if (cfg->congctl[0] && strcmp(cfg->congctl, r->congctl))
		return false;
	return mini_addr_any(&cfg->prefsrc) ||
	       mini_addr_equal(&cfg->prefsrc, &r->prefsrc);
}

/**
 * mini_route_del() - remove a unicast route
 * @mn: the instance
 * @cfg: its prefix; of gateway, device, source, metric and congestion control,
 *	what is not zero must match too; the first route that matches goes
 * @extack: receives what is wrong
 *
 * Context: RTNL held.  Return: 0; -ESRCH; -EINVAL for a route that only its
 * address can take away.
 */
int mini_route_del(struct mini_net *mn, const struct mini_route_cfg *cfg,
		   struct netlink_ext_ack *extack)
{
	struct mini_trie_entry *e;
	struct mini_trie_node *node;
	bool by_address = false;

	ASSERT_RTNL();
	if (cfg->plen > 128) {
		NL_SET_ERR_MSG(extack, "prefix length out of range");
		return -EINVAL;
	}
	node = mini_trie_find(&mn->ip->routes, &cfg->dst, cfg->plen);
	if (!node)
		goto none;
	hlist_for_each_entry(e, &node->entries, list) {
		struct mini_route *r = route_of(e);

		if (!route_matches(r, cfg))
			continue;
		if (r->type != MINI_ROUTE_UNICAST) {
			by_address = true;
			continue;
		}
		route_remove(mn, r);
		route_changed(mn);
		return 0;
	}
	if (by_address) {
		NL_SET_ERR_MSG(extack,
			       "this route follows from an address: delete that");
		return -EINVAL;
	}
none:
	NL_SET_ERR_MSG(extack, "no such route");
	return -ESRCH;
}

int mini_route_walk(struct mini_net *mn, unsigned long *iter,
		    int (*fn)(const struct mini_route_cfg *cfg, void *arg),
		    void *arg)
{
	struct mini_trie_entry *e;
	struct mini_trie_node *node;
	struct mini_route_cfg cfg;
	unsigned long i = 0;
	int err;

	ASSERT_RTNL();
	if (!mn->ip)
		return 0;
	for (node = mini_trie_first(&mn->ip->routes); node;
	     node = mini_trie_next(node)) {
		hlist_for_each_entry(e, &node->entries, list) {
			if (i++ < *iter)
				continue;
			route_to_cfg(route_of(e), &cfg);
			err = fn(&cfg, arg);
			if (err)
				return err;
			*iter = i;
		}
	}
	return 0;
}
