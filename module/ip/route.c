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

static struct kmem_cache *route_cache __read_mostly;

int mini_route_cache_init(void)
{
	int err = mini_trie_cache_init();

	if (err)
		return err;
	/* Whoever may add routes pays for them. */
	route_cache = KMEM_CACHE(mini_route, SLAB_ACCOUNT);
	if (!route_cache)
		mini_trie_cache_exit();
	return route_cache ? 0 : -ENOMEM;
}

void mini_route_cache_exit(void)
{
	/* Which waits for the last routes, too. */
	mini_trie_cache_exit();
	kmem_cache_destroy(route_cache);
}

static void route_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(route_cache,
			container_of(head, struct mini_route, entry.rcu));
}

static u32 route_metric(const struct mini_route *r)
{
	return r->entry.order ? r->entry.order - 1 : 0;
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
	res->via = via;
	res->nh = nh;
	return true;
}

/* The best one cannot be used: go on with what comes after it. */
static u8 route_lookup_more(const struct mini_ip_net *ip,
			    const struct in6_addr *dst, int oif, u32 hash,
			    struct mini_trie_entry *head,
			    struct mini_route_result *res)
{
	struct mini_trie_entry *e = rcu_dereference(head->next);
	u8 plen = head->plen;

	for (;;) {
		for (; e; e = rcu_dereference(e->next)) {
			if (!route_suits(route_of(e), oif, hash, res))
				continue;
			res->plen = plen;
			return res->via->type;
		}
		if (!plen)
			return 0;
		e = mini_trie_lookup_max(&ip->routes, dst, plen - 1);
		if (!e)
			return 0;
		plen = e->plen;
	}
}

u8 mini_route_lookup(const struct mini_net *mn, const struct in6_addr *dst,
		     int oif, u32 hash, struct mini_route_result *res)
{
	const struct mini_ip_net *ip = READ_ONCE(mn->ip);
	struct mini_trie_entry *e;

	res->via = NULL;
	res->nh = NULL;
	res->plen = 0;
	res->down = false;
	if (unlikely(!ip))
		return 0;
	e = mini_trie_lookup(&ip->routes, dst);
	if (unlikely(!e))
		return 0;
	if (likely(route_suits(route_of(e), oif, hash, res))) {
		res->plen = e->plen;
		return res->via->type;
	}
	return route_lookup_more(ip, dst, oif, hash, e, res);
}

/* The best route to an address that is by a device alone, or by any. */
static struct mini_route *route_best(struct mini_net *mn,
				     const struct in6_addr *addr, int ifindex)
{
	struct mini_trie_entry *head;
	struct mini_trie_entry *e;
	struct mini_dev *mdev;
	unsigned int max = 128;

	do {
		head = mini_trie_lookup_max(&mn->ip->routes, addr, max);
		for (e = head; e; e = rcu_dereference(e->next)) {
			mdev = mini_route_dev(route_of(e));
			if (!ifindex || (mdev && mdev->ifindex == ifindex))
				return route_of(e);
		}
		max = head ? head->plen - 1 : 0;
	} while (head && head->plen);
	return NULL;
}

struct mini_dev *mini_route_onlink(struct mini_net *mn,
				   const struct in6_addr *gateway, int ifindex)
{
	struct mini_route *best;

	rcu_read_lock();
	best = route_best(mn, gateway, ifindex);
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
		.dst = r->entry.key,
		.prefsrc = via->prefsrc,
		.plen = r->entry.plen,
		.type = via->type,
		.metric = route_metric(r),
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

	r = kmem_cache_zalloc(route_cache, GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	r->via = mini_nexthops_get(mn->ip, cfg, mdev, n);
	if (!r->via)
		goto err_free;
	/* No route takes an own address away from this host. */
	if (!route_type_own(cfg->type))
		r->entry.order = cfg->metric + 1;
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
	kmem_cache_free(route_cache, r);
	return err;
}

static void route_remove(struct mini_net *mn, struct mini_route *r)
{
	route_tell(mn, r, MINI_EVENT_DEL);
	route_count_own(mn->ip, r->via->type, &r->entry.key, r->entry.plen,
			-1);
	mini_trie_remove(&mn->ip->routes, &r->entry);
	/* Readers may still look at both. */
	mini_nexthops_put(mn->ip, r->via);
	call_rcu(&r->entry.rcu, route_free_rcu);
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
		mini_genid_bump(mdev->mn);
	return err;
}

void mini_route_flush(struct mini_net *mn,
		      bool (*match)(const struct mini_route *r, const void *arg),
		      const void *arg)
{
	struct mini_trie *t = &mn->ip->routes;
	struct mini_trie_entry *after;
	struct mini_trie_entry *next;
	struct mini_trie_entry *e;

	ASSERT_RTNL();
	for (e = mini_trie_first(t); e; e = after) {
		after = mini_trie_next(t, &e->key, e->plen);
		for (; e; e = next) {
			next = rcu_dereference_protected(e->next, true);
			if (match(route_of(e), arg))
				route_remove(mn, route_of(e));
		}
		cond_resched();
	}
	mini_genid_bump(mn);
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

	e = mini_trie_find(&mn->ip->routes, &cfg->dst, cfg->plen);
	for (; e; e = rcu_dereference_protected(e->next, true)) {
		if (!route_type_own(route_of(e)->via->type) &&
		    route_metric(route_of(e)) == cfg->metric)
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
	if (cfg->metric == U32_MAX) {
		NL_SET_ERR_MSG(extack, "the largest metric is 4294967294");
		return -EINVAL;
	}
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

int mini_route_batch_add(struct mini_net *mn, const struct mini_route_cfg *cfg,
			 struct netlink_ext_ack *extack)
{
	struct mini_route_cfg new = *cfg;

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
	return route_add(mn, &new, extack);
}

void mini_route_batch_end(struct mini_net *mn)
{
	mini_genid_bump(mn);
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
	int err = mini_route_batch_add(mn, cfg, extack);

	if (!err)
		mini_genid_bump(mn);
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
	if (cfg->metric && cfg->metric != route_metric(r))
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

int mini_route_batch_del(struct mini_net *mn, const struct mini_route_cfg *cfg,
			 struct netlink_ext_ack *extack)
{
	struct mini_trie_entry *e;
	bool by_address = false;

	ASSERT_RTNL();
	if (cfg->plen > 128) {
		NL_SET_ERR_MSG(extack, "prefix length out of range");
		return -EINVAL;
	}
	e = mini_trie_find(&mn->ip->routes, &cfg->dst, cfg->plen);
	for (; e; e = rcu_dereference_protected(e->next, true)) {
		struct mini_route *r = route_of(e);

		if (!route_matches(r, cfg))
			continue;
		if (!route_type_own(r->via->type)) {
			route_remove(mn, r);
			return 0;
		}
		by_address = true;
	}
	if (by_address) {
		NL_SET_ERR_MSG(extack,
			       "this route follows from an address: delete that");
		return -EINVAL;
	}
	NL_SET_ERR_MSG(extack, "no such route");
	return -ESRCH;
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
	int err = mini_route_batch_del(mn, cfg, extack);

	if (!err)
		mini_genid_bump(mn);
	return err;
}

/* The routes of one prefix, from where the walk is. */
static int route_walk_prefix(struct mini_trie_entry *e,
			     struct mini_route_iter *iter,
			     int (*fn)(const struct mini_route_cfg *cfg,
				       void *arg),
			     void *arg)
{
	struct mini_route_cfg cfg;
	unsigned int i = 0;
	int err;

	for (; e; e = rcu_dereference_protected(e->next, true)) {
		if (i++ < iter->skip)
			continue;
		route_to_cfg(route_of(e), &cfg);
		err = fn(&cfg, arg);
		if (err)
			return err;
		iter->skip = i;
	}
	iter->skip = 0;
	return 0;
}

int mini_route_walk(struct mini_net *mn, struct mini_route_iter *iter,
		    int (*fn)(const struct mini_route_cfg *cfg, void *arg),
		    void *arg)
{
	struct mini_trie_entry *e = NULL;
	int err;

	ASSERT_RTNL();
	if (!mn->ip)
		return 0;
	/* The prefix where it stopped, or if that has gone, the next. */
	if (iter->begun)
		e = mini_trie_find(&mn->ip->routes, &iter->key, iter->plen);
	if (!e) {
		iter->skip = 0;
		e = iter->begun ?
		    mini_trie_next(&mn->ip->routes, &iter->key, iter->plen) :
		    mini_trie_first(&mn->ip->routes);
	}
	for (; e; e = mini_trie_next(&mn->ip->routes, &e->key, e->plen)) {
		iter->key = e->key;
		iter->plen = e->plen;
		iter->begun = true;
		err = route_walk_prefix(e, iter, fn, arg);
		if (err)
			return err;
	}
	return 0;
}
