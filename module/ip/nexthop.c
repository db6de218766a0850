// SPDX-License-Identifier: GPL-2.0
/*
 * Next hops: what many routes have in common, kept once.
 *
 * A route of a million has a gateway of a few.  All routes that agree in type,
 * next hops, source and congestion control share one struct mini_nexthops; it
 * also keeps the gateway's neighbour entry, so that forwarding needs no look-up
 * of it.  Several next hops share the flows by hash and weight (RFC 2992's
 * concern: a flow keeps its way).
 *
 * Locks on entry: RTNL for mini_nexthops_get() and _put(), rcu_read_lock() for
 * the rest.
 */
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "ip_int.h"

/* How often a gateway that failed is tried with a packet. */
#define NEXTHOP_RETRY	(5 * HZ)

static u32 nexthops_hash(const void *data, u32 len, u32 seed)
{
	const struct mini_nexthops *via = data;
	u32 hash = __ipv6_addr_jhash(&via->prefsrc, seed ^ via->type ^
				     via->flags << 8 ^ via->n << 16);
	unsigned int i;

	for (i = 0; i < via->n; i++) {
		const struct mini_nexthop *nh = &via->nh[i];

		hash = __ipv6_addr_jhash(&nh->gateway,
					 hash ^ nh->mdev->ifindex ^
					 nh->weight << 16);
	}
	return hash;
}

static bool nexthop_same(const struct mini_nexthop *a,
			 const struct mini_nexthop *b)
{
	return a->mdev == b->mdev && a->weight == b->weight &&
	       mini_addr_equal(&a->gateway, &b->gateway);
}

static int nexthops_differ(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct mini_nexthops *a = arg->key;
	const struct mini_nexthops *b = obj;
	unsigned int i;

	if (a->type != b->type || a->flags != b->flags || a->n != b->n ||
	    a->cong_owner != b->cong_owner ||
	    !mini_addr_equal(&a->prefsrc, &b->prefsrc) ||
	    strcmp(a->congctl, b->congctl))
		return 1;
	for (i = 0; i < a->n; i++) {
		if (!nexthop_same(&a->nh[i], &b->nh[i]))
			return 1;
	}
	return 0;
}

static const struct rhashtable_params nexthops_params = {
	.head_offset = offsetof(struct mini_nexthops, node),
	.hashfn = nexthops_hash,
	.obj_hashfn = nexthops_hash,
	.obj_cmpfn = nexthops_differ,
	.automatic_shrinking = true,
};

static struct mini_nexthops *nexthops_build(const struct mini_route_cfg *cfg,
					    struct mini_dev *const *mdev,
					    unsigned int n)
{
	struct mini_nexthops *via;
	unsigned int i;

	via = kzalloc(struct_size(via, nh, n), GFP_KERNEL_ACCOUNT);
	if (!via)
		return NULL;
	via->flags = cfg->flags;
	via->type = cfg->type;
	via->n = n;
	via->prefsrc = cfg->prefsrc;
	via->cong_owner = cfg->cong_owner;
	strscpy(via->congctl, cfg->congctl, sizeof(via->congctl));
	for (i = 0; i < n; i++) {
		via->nh[i].mdev = mdev[i];
		via->nh[i].gateway = n > 1 ? cfg->nhs[i].gateway : cfg->gateway;
		via->nh[i].weight = n > 1 ? cfg->nhs[i].weight : 1;
		via->nh[i].shares = n > 1;
	}
	return via;
}

struct mini_nexthops *mini_nexthops_get(struct mini_ip_net *ip,
					const struct mini_route_cfg *cfg,
					struct mini_dev *const *mdev,
					unsigned int n)
{
	struct mini_nexthops *found;
	struct mini_nexthops *via;
	unsigned int i;

	via = nexthops_build(cfg, mdev, n);
	if (!via)
		return NULL;
	rcu_read_lock();
	found = rhashtable_lookup(&ip->nexthops, via, nexthops_params);
	rcu_read_unlock();
	/* RTNL keeps it. */
	if (found) {
		kfree(via);
		module_put(cfg->cong_owner);
		found->users++;
		return found;
	}
	if (rhashtable_insert_fast(&ip->nexthops, &via->node,
				   nexthops_params)) {
		kfree(via);
		return NULL;
	}
	for (i = 0; i < n; i++)
		mini_dev_hold(mdev[i]);
	via->users = 1;
	if (n > 1)
		WRITE_ONCE(ip->groups, ip->groups + 1);
	return via;
}

/* Nobody looks any more: nobody finds a neighbour for it, either. */
static void nexthops_free_rcu(struct rcu_head *head)
{
	struct mini_nexthops *via = container_of(head, struct mini_nexthops,
						 rcu);
	struct mini_neigh *neigh;
	unsigned int i;

	for (i = 0; i < via->n; i++) {
		neigh = rcu_dereference_protected(via->nh[i].neigh, true);
		if (neigh)
			mini_neigh_put(neigh);
		mini_dev_put(via->nh[i].mdev);
	}
	kfree(via);
}

void mini_nexthops_put(struct mini_ip_net *ip, struct mini_nexthops *via)
{
	if (--via->users)
		return;
	rhashtable_remove_fast(&ip->nexthops, &via->node, nexthops_params);
	if (via->n > 1)
		WRITE_ONCE(ip->groups, ip->groups - 1);
	/* The name alone is read by who still sees it. */
	module_put(via->cong_owner);
	call_rcu(&via->rcu, nexthops_free_rcu);
}

/* There is no entry, or one that has left the table: get another. */
static struct mini_neigh *nexthop_resolve(struct mini_nexthop *nh,
					  struct mini_neigh *old)
{
	struct mini_neigh *new = mini_neigh_get(nh->mdev, &nh->gateway);
	struct mini_neigh *seen;

	if (!new)
		return NULL;
	/* Paths by it are to be looked up again when it fails. */
	if (nh->shares)
		WRITE_ONCE(new->relied, true);
	seen = unrcu_pointer(cmpxchg(&nh->neigh, RCU_INITIALIZER(old),
				     RCU_INITIALIZER(new)));
	if (seen != old) {
		/* Another packet was faster. */
		mini_neigh_put(new);
		return seen;
	}
	if (old)
		mini_neigh_put(old);
	return new;
}

struct mini_neigh *mini_nexthop_neigh(struct mini_nexthop *nh)
{
	struct mini_neigh *n = rcu_dereference(nh->neigh);

	if (likely(n && !READ_ONCE(n->dead)))
		return n;
	return nexthop_resolve(nh, n);
}

/* May a group use it?  A gateway that failed is tried now and then. */
static bool nexthop_good(struct mini_nexthop *nh)
{
	struct mini_neigh *n = rcu_dereference(nh->neigh);

	if (!n)
		return true;
	switch (READ_ONCE(n->state)) {
	case MINI_NEIGH_FAILED:
		WRITE_ONCE(nh->failed, true);
		return time_after(jiffies,
				  READ_ONCE(n->updated) + NEXTHOP_RETRY);
	case MINI_NEIGH_NONE:
	case MINI_NEIGH_INCOMPLETE:
		return !READ_ONCE(nh->failed);
	default:
		if (READ_ONCE(nh->failed))
			WRITE_ONCE(nh->failed, false);
		return true;
	}
}

/*
 * The one that the hash falls to, by weight, among those with their bit in
 * @mask.
 */
static struct mini_nexthop *nexthops_pick(struct mini_nexthops *via, u32 mask,
					  u32 hash)
{
	unsigned int total = 0;
	unsigned int at;
	unsigned int i;

	for (i = 0; i < via->n; i++)
		total += mask & BIT(i) ? via->nh[i].weight : 0;
	at = reciprocal_scale(hash, total);
	for (i = 0; i < via->n; i++) {
		if (!(mask & BIT(i)))
			continue;
		if (at < via->nh[i].weight)
			break;
		at -= via->nh[i].weight;
	}
	return &via->nh[i];
}

struct mini_nexthop *mini_nexthops_select(struct mini_nexthops *via, int oif,
					  u32 hash, bool *down)
{
	struct mini_nexthop *nh;
	u32 good = 0;
	u32 all = 0;
	u32 up = 0;
	unsigned int i;

	for (i = 0; i < via->n; i++) {
		nh = &via->nh[i];
		if (oif && nh->mdev->ifindex != oif)
			continue;
		all |= BIT(i);
		if (!mini_dev_usable(nh->mdev)) {
			*down = true;
			continue;
		}
		up |= BIT(i);
		if (nexthop_good(nh))
			good |= BIT(i);
	}
	if (!up)
		return NULL;
	/* None answers: the packets that wait will tell. */
	if (!good)
		good = up;
	nh = nexthops_pick(via, all, hash);
	if (likely(good & BIT(nh - via->nh)))
		return nh;
	/* Another hash, or all of its flows would go to one neighbour. */
	return nexthops_pick(via, good, jhash_1word(hash, via->n));
}

u32 mini_route_hash(const struct in6_addr *src, const struct in6_addr *dst,
		    u32 ports)
{
	static u32 seed __read_mostly;

	net_get_random_once(&seed, sizeof(seed));
	return jhash_3words(src ? ipv6_addr_hash(src) : 0, ipv6_addr_hash(dst),
			    ports, seed);
}

int mini_nexthops_init(struct mini_ip_net *ip)
{
	return rhashtable_init(&ip->nexthops, &nexthops_params);
}

/* The routes are gone. */
void mini_nexthops_exit(struct mini_ip_net *ip)
{
	rhashtable_destroy(&ip->nexthops);
}
