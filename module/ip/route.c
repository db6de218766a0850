// SPDX-License-Identifier: GPL-2.0
/*
 * The routing table (RFC 1812 section 5.2.4.3, longest match): what is in it,
 * how it changes, and the look-up.
 *
 * Addresses make LOCAL, BROADCAST and subnet routes of their own
 * (mini_route_auto()); the administrator adds UNICAST ones.  Routes of a
 * device that is down stay, and look-ups pass them by.
 *
 * Locks on entry: RTNL for changes, rcu_read_lock() for
 * mini_route_lookup().
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

/* May the route be used?  Then its next hop is chosen. */
static bool route_suits(struct mini_route *r, int oif, u32 hash,
			struct mini_route_result *res)
{
	struct mini_nexthops *via = r->via;
	struct mini_nexthop *nh = &via->nh[0];

	if (unlikely(via->n != 1)) {
		if (via->n) {
			nh = mini_nexthops_select(via, oif, hash, &res->down);
			if (!nh)
				return false;
		} else {
			nh = NULL;
		}
	} else {
		if (oif && nh->mdev->ifindex != oif)
			return false;
		/* Own addresses stay own on a device that is down. */
		if (unlikely(!mini_dev_usable(nh->mdev)) &&
		    via->type != MINI_ROUTE_LOCAL) {
			res->down = true;
			return false;
		}
	}
	res->route = r;
	res->via = via;
	res->nh = nh;
	return true;
}

u8 mini_route_lookup(const struct mini_net *mn, const struct in6_addr *dst,
		     int oif, u32 hash, struct mini_route_result *res)
{
	const struct mini_ip_net *ip = READ_ONCE(mn->ip);
	struct mini_trie_entry *e;
	struct mini_trie_node *node;

	res->route = NULL;
	res->via = NULL;
	res->nh = NULL;
	res->plen = 0;
	res->down = false;
	if (!ip)
		return 0;
	for (node = mini_trie_top(&ip->routes, dst); node;
	     node = mini_trie_down(node, dst)) {
		hlist_for_each_entry_rcu(e, &node->entries, list) {
			if (!route_suits(route_of(e), oif, hash, res))
				continue;
			res->plen = node->plen;
			break;
		}
	}
	return res->via ? res->via->type : 0;
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
			struct mini_dev *mdev = mini_route_dev(route_of(e));

			if (ifindex && (!mdev || mdev->ifindex != ifindex))
				continue;
			best = route_of(e);
			break;
		}
	}
	rcu_read_unlock();
	/* RTNL keeps the route where it is. */
	if (!best || best->via->type != MINI_ROUTE_UNICAST ||
	    best->via->n != 1 || !mini_addr_any(&best->via->nh[0].gateway))
		return NULL;
	return best->via->nh[0].mdev;
}

/* A route that says only why not. */
static bool route_type_refuses(u8 type)
{
	return type == MINI_ROUTE_BLACKHOLE || type == MINI_ROUTE_UNREACHABLE ||
	       type == MINI_ROUTE_PROHIBIT;
}

/* Those that only addresses make. */
static bool route_type_own(u8 type)
{
	return type == MINI_ROUTE_LOCAL || type == MINI_ROUTE_BROADCAST;
}

/* Keep mini_addr_maybe_own() true of all LOCAL and BROADCAST routes. */
static void route_count_own(struct mini_ip_net *ip, u8 type,
			    const struct in6_addr *dst, u8 plen, int n)
{
	u32 *count = &ip->own_prefixes;

	if (!route_type_own(type))
		return;
	if (plen == 128)
		count = &ip->own[mini_addr_own_hash(dst)];
	else if (ipv4_is_loopback(mini_addr_v4(dst)))
		return;
	WRITE_ONCE(*count, *count + n);
}

/* Can any of its next hops be used? */
static bool route_is_down(const struct mini_nexthops *via)
{
	unsigned int i;

	for (i = 0; i < via->n; i++) {
		if (mini_dev_usable(via->nh[i].mdev))
			return false;
	}
	return via->n;
}

static void route_to_cfg(const struct mini_route *r, struct mini_route_cfg *cfg)
{
	const struct mini_nexthops *via = r->via;

	*cfg = (struct mini_route_cfg) {
		.dst = r->entry.node->key,
		.prefsrc = via->prefsrc,
		.plen = r->entry.node->plen,
		.type = via->type,
		.metric = r->metric,
		.flags = via->flags,
		.via = via,
	};
	if (via->n == 1) {
		cfg->gateway = via->nh[0].gateway;
		cfg->ifindex = via->nh[0].mdev->ifindex;
	}
	strscpy(cfg->congctl, via->congctl, sizeof(cfg->congctl));
	if (route_is_down(via))
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

static int route_insert(struct mini_net *mn, struct mini_dev *const *mdev,
			unsigned int n, const struct mini_route_cfg *cfg)
{
	struct mini_route *r;
	int err = -ENOMEM;

	r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	if (!r)
		return -ENOMEM;
	r->via = mini_nexthops_get(mn->ip, cfg, mdev, n);
	if (!r->via)
		goto err_free;
	r->metric = cfg->metric;
	/* No route takes an own address away from this host. */
	if (!route_type_own(cfg->type))
		r->entry.order = min_t(u32, r->metric, U32_MAX - 1) + 1;
	err = mini_trie_insert(&mn->ip->routes, &cfg->dst, cfg->plen,
			       &r->entry);
	if (err)
		goto err_via;
	route_count_own(mn->ip, cfg->type, &cfg->dst, cfg->plen, 1);
	route_tell(mn, r, MINI_EVENT_ADD);
	return 0;

err_via:
	/* Who called still has the reference to the module. */
	if (cfg->cong_owner)
		__module_get(cfg->cong_owner);
	mini_nexthops_put(mn->ip, r->via);
err_free:
	kfree(r);
	return err;
}

static void route_remove(struct mini_net *mn, struct mini_route *r)
{
	const struct mini_trie_node *node = r->entry.node;

	route_tell(mn, r, MINI_EVENT_DEL);
	route_count_own(mn->ip, r->via->type, &node->key, node->plen, -1);
	mini_trie_remove(&mn->ip->routes, &r->entry);
	/* Readers may still look at both. */
	mini_nexthops_put(mn->ip, r->via);
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

	err = route_insert(mdev->mn, &mdev, 1, &cfg);
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
			       const struct in6_addr *gateway,
			       struct netlink_ext_ack *extack)
{
	if (!mini_addr_is_v4(gateway)) {
		NL_SET_ERR_MSG(extack, "gateway is not an IPv4 address");
		return -EAFNOSUPPORT;
	}
	switch (mini_addr_type(mn, gateway)) {
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

/* The device of a next hop, or ERR_PTR(). */
static struct mini_dev *route_check_nexthop(struct mini_net *mn,
					    const struct in6_addr *gateway,
					    int ifindex,
					    struct netlink_ext_ack *extack)
{
	struct mini_dev *mdev = NULL;
	int err;

	if (ifindex) {
		mdev = mini_dev_by_index(mn, ifindex);
		if (!mdev) {
			NL_SET_ERR_MSG(extack, "device is not attached");
			return ERR_PTR(-ENODEV);
		}
		if (mdev->flags & MINI_DEV_F_LOOPBACK) {
			NL_SET_ERR_MSG(extack, "the loopback takes no routes");
			return ERR_PTR(-EINVAL);
		}
	}
	if (!mini_addr_any(gateway)) {
		err = route_check_gateway(mn, gateway, extack);
		if (err)
			return ERR_PTR(err);
		mdev = mini_route_onlink(mn, gateway, ifindex);
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

/* The devices of a group's next hops; how many, or a negative errno. */
static int route_check_group(struct mini_net *mn,
			     const struct mini_route_cfg *cfg,
			     struct mini_dev **mdev,
			     struct netlink_ext_ack *extack)
{
	unsigned int i;

	if (cfg->n_nhs > MINI_NEXTHOPS_MAX) {
		NL_SET_ERR_MSG(extack, "a route has at most 32 next hops");
		return -EINVAL;
	}
	for (i = 0; i < cfg->n_nhs; i++) {
		const struct mini_nexthop_cfg *nh = &cfg->nhs[i];

		if (!nh->weight || nh->weight > MINI_NEXTHOP_WEIGHT_MAX) {
			NL_SET_ERR_MSG(extack,
				       "a weight is not within 1 to 256");
			return -EINVAL;
		}
		mdev[i] = route_check_nexthop(mn, &nh->gateway, nh->ifindex,
					      extack);
		if (IS_ERR(mdev[i]))
			return PTR_ERR(mdev[i]);
	}
	return cfg->n_nhs;
}

/* Where the route goes; how many ways, or a negative errno. */
static int route_check_ways(struct mini_net *mn,
			    const struct mini_route_cfg *cfg,
			    struct mini_dev **mdev,
			    struct netlink_ext_ack *extack)
{
	if (route_type_refuses(cfg->type)) {
		if (!cfg->ifindex && !cfg->n_nhs &&
		    mini_addr_any(&cfg->gateway))
			return 0;
		NL_SET_ERR_MSG(extack, "a route of this type leads nowhere");
		return -EINVAL;
	}
	if (cfg->n_nhs)
		return route_check_group(mn, cfg, mdev, extack);
	mdev[0] = route_check_nexthop(mn, &cfg->gateway, cfg->ifindex, extack);
	return PTR_ERR_OR_ZERO(mdev[0]) ?: 1;
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
		if (!route_type_own(route_of(e)->via->type) &&
		    route_of(e)->metric == cfg->metric)
			return true;
	}
	return false;
}

static int route_add(struct mini_net *mn, const struct mini_route_cfg *cfg,
		     struct netlink_ext_ack *extack)
{
	struct mini_dev *mdev[MINI_NEXTHOPS_MAX];
	int err;
	int n;

	err = route_check_dst(cfg, extack);
	if (err)
		return err;
	if (!mini_addr_any(&cfg->prefsrc) &&
	    mini_addr_type(mn, &cfg->prefsrc) != MINI_ROUTE_LOCAL) {
		NL_SET_ERR_MSG(extack,
			       "source is not an address of this host");
		return -EINVAL;
	}
	n = route_check_ways(mn, cfg, mdev, extack);
	if (n < 0)
		return n;
	if (route_metric_taken(mn, cfg)) {
		NL_SET_ERR_MSG(extack,
			       "a route to this prefix with this metric exists");
		return -EEXIST;
	}
	return route_insert(mn, mdev, n, cfg);
}

/**
 * mini_route_add() - add an administrator's route
 * @mn: the instance
 * @cfg: the route; @type BLACKHOLE, UNREACHABLE, PROHIBIT, UNICAST or 0, which
 *	is UNICAST; its reference to the congestion control's module is the
 *	route's if this succeeds
 * @extack: receives what is wrong
 *
 * Context: RTNL held.
 * Return: 0; -EINVAL, -EAFNOSUPPORT for what cannot be routed; -ENODEV;
 * -ENETUNREACH if a gateway is not on link; -EEXIST; -ENOMEM.
 */
int mini_route_add(struct mini_net *mn, const struct mini_route_cfg *cfg,
		   struct netlink_ext_ack *extack)
{
	struct mini_route_cfg new = *cfg;
	int err;

	ASSERT_RTNL();
	if (route_type_own(cfg->type)) {
		NL_SET_ERR_MSG(extack,
			       "local and broadcast routes follow from addresses");
		return -EINVAL;
	}
	if (!new.type)
		new.type = MINI_ROUTE_UNICAST;
	new.flags = 0;
	/* A group of one is no group. */
	if (cfg->n_nhs == 1) {
		new.gateway = cfg->nhs->gateway;
		new.ifindex = cfg->nhs->ifindex;
		new.n_nhs = 0;
	}
	err = route_add(mn, &new, extack);
	if (!err)
		route_changed(mn);
	return err;
}

static bool nexthop_matches(const struct mini_nexthop *nh,
			    const struct in6_addr *gateway, int ifindex)
{
	if (ifindex && ifindex != nh->mdev->ifindex)
		return false;
	return mini_addr_any(gateway) ||
	       mini_addr_equal(gateway, &nh->gateway);
}

/* A gateway or device that is given must be the route's only one. */
static bool route_ways_match(const struct mini_nexthops *via,
			     const struct mini_route_cfg *cfg)
{
	unsigned int i;

	if (!cfg->n_nhs) {
		if (!cfg->ifindex && mini_addr_any(&cfg->gateway))
			return true;
		return via->n == 1 && nexthop_matches(&via->nh[0],
						      &cfg->gateway,
						      cfg->ifindex);
	}
	if (cfg->n_nhs != via->n)
		return false;
	for (i = 0; i < via->n; i++) {
		if (!nexthop_matches(&via->nh[i], &cfg->nhs[i].gateway,
				     cfg->nhs[i].ifindex))
			return false;
	}
	return true;
}

/* What is not given matches any. */
static bool route_matches(const struct mini_route *r,
			  const struct mini_route_cfg *cfg)
{
	if (cfg->metric && cfg->metric != r->metric)
		return false;
	if (cfg->type && cfg->type != r->via->type)
		return false;
	if (cfg->congctl[0] && strcmp(cfg->congctl, r->via->congctl))
		return false;
	if (!mini_addr_any(&cfg->prefsrc) &&
	    !mini_addr_equal(&cfg->prefsrc, &r->via->prefsrc))
		return false;
	return route_ways_match(r->via, cfg);
}

/**
 * mini_route_del() - remove an administrator's route, or a subnet's
 * @mn: the instance
 * @cfg: its prefix; of type, next hops, source, metric and congestion control,
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
		if (route_type_own(r->via->type)) {
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
