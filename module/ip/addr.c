// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses of this host, and the routes that follow from them.
 *
 * An address makes a LOCAL route to itself, a UNICAST route to its subnet,
 * and a BROADCAST route to its subnet's broadcast address (RFC 1122 section
 * 3.2.1.3; RFC 3021: none in a /31).  On the loopback the whole subnet is
 * LOCAL.  The limited broadcast address is no route: mini_addr_type() knows
 * it.
 *
 * Locks on entry: RTNL for changes, rcu_read_lock() for readers.
 */
#define pr_fmt(fmt) "mini: " fmt

#include <linux/inetdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "../event.h"
#include "igmp.h"
#include "ip_int.h"

u8 mini_addr_type(struct mini_net *mn, const struct in6_addr *addr)
{
	struct mini_route_result res __uninitialized;
	u8 type;

	if (mini_addr_is_v4(addr)) {
		if (ipv4_is_multicast(mini_addr_v4(addr)))
			return 0;
		if (ipv4_is_lbcast(mini_addr_v4(addr)))
			return MINI_ROUTE_BROADCAST;
	} else if (ipv6_addr_is_multicast(addr)) {
		return 0;
	}
	rcu_read_lock();
	type = mini_route_lookup(mn, addr, 0, 0, &res);
	rcu_read_unlock();
	/* What is not this host's is somebody's, wherever he may be. */
	if (type != MINI_ROUTE_LOCAL && type != MINI_ROUTE_BROADCAST)
		return MINI_ROUTE_UNICAST;
	return type;
}

/* Others on the link hear of this device's addresses. */
static bool addr_announces(const struct mini_dev *mdev)
{
	return mini_dev_usable(mdev) &&
	       !(mdev->flags & (MINI_DEV_F_LOOPBACK | MINI_DEV_F_NOARP));
}

/* The host part of an IPv4 address, all ones. */
static __be32 addr_host_mask(u8 plen)
{
	return ~inet_make_mask(plen - MINI_V4_PLEN(0));
}

static int addr_check(const struct mini_dev *mdev, const struct in6_addr *addr,
		      u8 plen, struct netlink_ext_ack *extack)
{
	__be32 host;
	__be32 v4;

	if (!mini_addr_is_v4(addr)) {
		NL_SET_ERR_MSG(extack, "not an IPv4 address");
		return -EAFNOSUPPORT;
	}
	if (plen < MINI_V4_PLEN(1) || plen > MINI_V4_PLEN(32)) {
		NL_SET_ERR_MSG(extack, "prefix length is not within 1 to 32");
		return -EINVAL;
	}
	v4 = mini_addr_v4(addr);
	if (ipv4_is_zeronet(v4) || ipv4_is_multicast(v4) ||
	    ipv4_is_lbcast(v4)) {
		NL_SET_ERR_MSG(extack, "not an address that a host can have");
		return -EINVAL;
	}
	if (ipv4_is_loopback(v4) && !(mdev->flags & MINI_DEV_F_LOOPBACK)) {
		NL_SET_ERR_MSG(extack,
			       "127.0.0.0/8 belongs to the loopback alone");
		return -EINVAL;
	}
	host = addr_host_mask(plen);
	if (plen < MINI_V4_PLEN(31) && (v4 & host) == host) {
		NL_SET_ERR_MSG(extack,
			       "this is the broadcast address of its subnet");
		return -EINVAL;
	}
	if (plen < MINI_V4_PLEN(31) && !(v4 & host)) {
		NL_SET_ERR_MSG(extack, "this is the address of the subnet itself");
		return -EINVAL;
	}
	return 0;
}

static int addr_add_routes(const struct mini_ifaddr *ifa)
{
	struct mini_dev *mdev = ifa->mdev;
	struct in6_addr prefix;
	int err;

	err = mini_route_auto(mdev, &ifa->addr, 128, MINI_ROUTE_LOCAL,
			      &ifa->addr);
	if (err || ifa->plen == 128)
		return err;
	ipv6_addr_prefix(&prefix, &ifa->addr, ifa->plen);
	err = mini_route_auto(mdev, &prefix, ifa->plen,
			      mdev->flags & MINI_DEV_F_LOOPBACK ?
			      MINI_ROUTE_LOCAL : MINI_ROUTE_UNICAST,
			      &ifa->addr);
	if (err || ifa->plen == 127)
		return err;
	mini_addr_set_v4(&prefix, mini_addr_v4(&ifa->addr) |
				  addr_host_mask(ifa->plen));
	return mini_route_auto(mdev, &prefix, 128, MINI_ROUTE_BROADCAST,
			       &ifa->addr);
}

static bool addr_made_route(const struct mini_route *r, const void *arg)
{
	const struct mini_ifaddr *ifa = arg;

	return (r->via->flags & MINI_ROUTE_F_AUTO) &&
	       mini_route_dev(r) == ifa->mdev &&
	       mini_addr_equal(&r->via->prefsrc, &ifa->addr);
}

static bool addr_is_prefsrc(const struct mini_route *r, const void *arg)
{
	const struct mini_ifaddr *ifa = arg;

	return mini_addr_equal(&r->via->prefsrc, &ifa->addr);
}

/*
 * The gateway was in the subnet of the address that has gone; of several, the
 * last one that was in any.
 */
static bool addr_was_way_to_gateway(const struct mini_route *r, const void *arg)
{
	const struct mini_ifaddr *ifa = arg;
	bool was = false;
	unsigned int i;

	for (i = 0; i < r->via->n; i++) {
		const struct mini_nexthop *nh = &r->via->nh[i];

		if (mini_addr_any(&nh->gateway) ||
		    mini_route_onlink(nh->mdev->mn, &nh->gateway,
				      nh->mdev->ifindex))
			return false;
		was |= nh->mdev == ifa->mdev;
	}
	return was;
}

/* The address is no longer in its device's list: nothing may depend on it. */
static void addr_forget(struct mini_ifaddr *ifa)
{
	struct mini_net *mn = ifa->mdev->mn;

	mini_route_flush(mn, addr_made_route, ifa);
	/* Another device may have the same address. */
	if (mini_addr_type(mn, &ifa->addr) != MINI_ROUTE_LOCAL)
		mini_route_flush(mn, addr_is_prefsrc, ifa);
	mini_route_flush(mn, addr_was_way_to_gateway, ifa);
}

static struct mini_ifaddr *addr_find(struct mini_dev *mdev,
				     const struct in6_addr *addr)
{
	struct mini_ifaddr *ifa;

	list_for_each_entry_rcu(ifa, &mdev->addrs, list,
				lockdep_rtnl_is_held()) {
		if (mini_addr_equal(&ifa->addr, addr))
			return ifa;
	}
	return NULL;
}

void mini_ifaddr_put(struct mini_ifaddr *ifa)
{
	if (refcount_dec_and_test(&ifa->refcnt))
		kfree_rcu(ifa, rcu);
}

/* It is in no list any more: forget what followed from it, and let it go. */
static void addr_end(struct mini_ifaddr *ifa)
{
	ifa->dead = true;
	mini_ifaddr_acd_stop(ifa);
	if (ifa->flags & MINI_ADDR_F_TENTATIVE)
		WRITE_ONCE(ifa->mdev->tentative, ifa->mdev->tentative - 1);
	mini_event_addr(ifa, MINI_EVENT_DEL);
	addr_forget(ifa);
	mini_ifaddr_put(ifa);
}

/**
 * mini_ifaddr_claim() - begin to use a tentative address: nobody else has it
 * @ifa: address
 *
 * Context: RTNL held.  Return: 0; -ENOMEM: it stays tentative.
 */
int mini_ifaddr_claim(struct mini_ifaddr *ifa)
{
	int err;

	err = addr_add_routes(ifa);
	if (err) {
		addr_forget(ifa);
		return err;
	}
	WRITE_ONCE(ifa->mdev->tentative, ifa->mdev->tentative - 1);
	set_mask_bits(&ifa->flags, MINI_ADDR_F_TENTATIVE, 0);
	/* What was looked up since its routes are there chose another source. */
	mini_genid_bump(ifa->mdev->mn);
	mini_event_addr(ifa, MINI_EVENT_CHANGE);
	return 0;
}

static struct mini_ifaddr *addr_make(struct mini_dev *mdev,
				     const struct in6_addr *addr, u8 plen,
				     u32 flags)
{
	struct mini_ifaddr *ifa;

	ifa = kzalloc(sizeof(*ifa), GFP_KERNEL_ACCOUNT);
	if (!ifa)
		return NULL;
	ifa->addr = *addr;
	ifa->plen = plen;
	ifa->flags = flags;
	ifa->mdev = mdev;
	refcount_set(&ifa->refcnt, 1);
	mini_ifaddr_acd_setup(ifa);
	if (flags & MINI_ADDR_F_TENTATIVE)
		WRITE_ONCE(mdev->tentative, mdev->tentative + 1);
	list_add_tail_rcu(&ifa->list, &mdev->addrs);
	mini_event_addr(ifa, MINI_EVENT_ADD);
	return ifa;
}

/**
 * mini_ifaddr_add() - give a device an address
 * @mdev: device, or the loopback
 * @addr: address
 * @plen: prefix length, 96 + IPv4's own
 * @extack: receives what is wrong
 *
 * Context: RTNL held.  Return: 0; -EAFNOSUPPORT; -EINVAL for an address that
 * no host can have; -EEXIST if the device has it, with whatever prefix;
 * -ENOMEM.
 */
int mini_ifaddr_add(struct mini_dev *mdev, const struct in6_addr *addr, u8 plen,
		    struct netlink_ext_ack *extack)
{
	struct mini_ifaddr *ifa;
	int err;

	ASSERT_RTNL();
	err = addr_check(mdev, addr, plen, extack);
	if (err)
		return err;
	if (addr_find(mdev, addr)) {
		NL_SET_ERR_MSG(extack, "the device has this address already");
		return -EEXIST;
	}
	ifa = addr_make(mdev, addr, plen, 0);
	if (!ifa)
		return -ENOMEM;
	err = addr_add_routes(ifa);
	if (err) {
		list_del_rcu(&ifa->list);
		addr_end(ifa);
		return err;
	}
	if (addr_announces(mdev))
		mini_arp_announce(mdev, addr);
	return 0;
}

/**
 * mini_ifaddr_add_probed() - give a device an address if nobody has it
 * @mdev: device with neighbours
 * @addr: address
 * @plen: prefix length, 96 + IPv4's own
 * @extack: receives what is wrong
 *
 * The address is tentative until all on the link were asked (RFC 5227); it
 * stays so if somebody has it.
 *
 * Context: RTNL held.  Return: as mini_ifaddr_add(); -EOPNOTSUPP where there
 * is nobody to ask.
 */
int mini_ifaddr_add_probed(struct mini_dev *mdev, const struct in6_addr *addr,
			   u8 plen, struct netlink_ext_ack *extack)
{
	struct mini_ifaddr *ifa;
	int err;

	ASSERT_RTNL();
	if (mdev->flags & MINI_DEV_F_NOARP) {
		NL_SET_ERR_MSG(extack, "the device has no neighbours to ask");
		return -EOPNOTSUPP;
	}
	err = addr_check(mdev, addr, plen, extack);
	if (err)
		return err;
	if (addr_find(mdev, addr)) {
		NL_SET_ERR_MSG(extack, "the device has this address already");
		return -EEXIST;
	}
	ifa = addr_make(mdev, addr, plen,
			MINI_ADDR_F_TENTATIVE | MINI_ADDR_F_DAD);
	if (!ifa)
		return -ENOMEM;
	mini_ifaddr_acd_start(ifa);
	return 0;
}

/**
 * mini_ifaddr_del() - take an address from a device, and what follows from it
 * @mdev: device, or the loopback
 * @addr: address
 * @plen: its prefix length
 * @extack: receives what is wrong
 *
 * Context: RTNL held.  Return: 0 or -EADDRNOTAVAIL.
 */
int mini_ifaddr_del(struct mini_dev *mdev, const struct in6_addr *addr, u8 plen,
		    struct netlink_ext_ack *extack)
{
	struct mini_ifaddr *ifa;

	ASSERT_RTNL();
	ifa = addr_find(mdev, addr);
	if (!ifa) {
		NL_SET_ERR_MSG(extack, "the device does not have this address");
		return -EADDRNOTAVAIL;
	}
	if (ifa->plen != plen) {
		NL_SET_ERR_MSG(extack, "the address has another prefix length");
		return -EADDRNOTAVAIL;
	}
	list_del_rcu(&ifa->list);
	addr_end(ifa);
	return 0;
}

/* A route with several devices goes with the last of them. */
static bool addr_route_of_dev(const struct mini_route *r, const void *arg)
{
	bool of_dev = false;
	unsigned int i;

	for (i = 0; i < r->via->n; i++) {
		const struct mini_dev *mdev = r->via->nh[i].mdev;

		if (mdev == arg)
			of_dev = true;
		else if (rcu_access_pointer(mdev->dev))
			return false;
	}
	return of_dev;
}

void mini_addr_flush(struct mini_dev *mdev)
{
	struct mini_ifaddr *ifa;
	struct mini_ifaddr *tmp;

	ASSERT_RTNL();
	if (!mdev->mn->ip)
		return;
	list_for_each_entry_safe(ifa, tmp, &mdev->addrs, list) {
		list_del_rcu(&ifa->list);
		addr_end(ifa);
	}
	mini_route_flush(mdev->mn, addr_route_of_dev, mdev);
}

static bool addr_is_tentative(const struct mini_ifaddr *ifa)
{
	return READ_ONCE(ifa->flags) & MINI_ADDR_F_TENTATIVE;
}

bool mini_addr_select(struct mini_dev *mdev, const struct in6_addr *target,
		      struct in6_addr *src)
{
	struct mini_ifaddr *any = NULL;
	struct mini_ifaddr *ifa;
	struct mini_dev *other;

	list_for_each_entry_rcu(ifa, &mdev->addrs, list) {
		if (addr_is_tentative(ifa))
			continue;
		if (target && ipv6_prefix_equal(&ifa->addr, target, ifa->plen))
			goto found;
		if (!any)
			any = ifa;
	}
	ifa = any;
	if (ifa)
		goto found;
	list_for_each_entry_rcu(other, mini_dev_list(mdev->mn), list) {
		list_for_each_entry_rcu(ifa, &other->addrs, list) {
			if (!ipv4_is_loopback(mini_addr_v4(&ifa->addr)) &&
			    !addr_is_tentative(ifa))
				goto found;
		}
	}
	return false;
found:
	*src = ifa->addr;
	return true;
}

/* A host answers on a device for the addresses of that device alone. */
static bool addr_is_local(struct mini_dev *mdev, const struct in6_addr *addr)
{
	struct mini_route_result res;

	return mini_route_lookup(mdev->mn, addr, mdev->ifindex, 0, &res) ==
	       MINI_ROUTE_LOCAL;
}

/* By which device do packets for another host leave? */
static struct mini_dev *addr_way_to(struct mini_net *mn,
				    const struct in6_addr *addr)
{
	struct mini_route_result res;

	if (mini_route_lookup(mn, addr, 0, 0, &res) != MINI_ROUTE_UNICAST)
		return NULL;
	return res.nh->mdev;
}

/* Who asks must be where he says, and whom he asks for somewhere else. */
static bool addr_proxies(struct mini_dev *mdev, const struct in6_addr *target,
			 const struct in6_addr *sender)
{
	struct mini_dev *out;

	if (ipv4_is_multicast(mini_addr_v4(target)) ||
	    ipv4_is_lbcast(mini_addr_v4(target)))
		return false;
	out = addr_way_to(mdev->mn, target);
	return out && out != mdev && mini_dev_usable(out) &&
	       addr_way_to(mdev->mn, sender) == mdev;
}

static bool addr_source(struct mini_dev *mdev, const struct in6_addr *target,
			struct in6_addr *src)
{
	return mini_addr_select(mdev, target, src);
}

static void addr_mark_duplicate(struct mini_ifaddr *ifa, const u8 *hwaddr)
{
	if (READ_ONCE(ifa->flags) & MINI_ADDR_F_DUPLICATE)
		return;
	set_mask_bits(&ifa->flags, 0, MINI_ADDR_F_DUPLICATE);
	mini_event_addr(ifa, MINI_EVENT_CHANGE);
	net_warn_ratelimited("%s: %pM claims our address %pI4\n",
			     ifa->mdev->name, hwaddr, &ifa->addr.s6_addr32[3]);
}

static void addr_conflict(struct mini_dev *mdev, const struct in6_addr *addr,
			  const u8 *hwaddr)
{
	struct mini_ifaddr *ifa = addr_find(mdev, addr);

	if (ifa)
		addr_mark_duplicate(ifa, hwaddr);
}

static void addr_heard(struct mini_dev *mdev, const struct in6_addr *addr,
		       const u8 *hwaddr)
{
	struct mini_ifaddr *ifa = addr_find(mdev, addr);

	if (!ifa || !addr_is_tentative(ifa))
		return;
	mini_inc(mdev->mn, MINI_MIB_ARP_CONFLICTS);
	addr_mark_duplicate(ifa, hwaddr);
}

static void addr_change(struct mini_dev *mdev)
{
	struct mini_ifaddr *ifa;

	if (!mdev->mn->ip)
		return;
	/* Who sees the new number sees the device's new state. */
	smp_mb__before_atomic();
	mini_genid_bump(mdev->mn);
	if (mini_dev_usable(mdev))
		mini_mc_up(mdev);
	if (!addr_announces(mdev))
		return;
	list_for_each_entry(ifa, &mdev->addrs, list) {
		/* A conflict that persists will be noticed again. */
		if (ifa->flags & MINI_ADDR_F_DUPLICATE) {
			set_mask_bits(&ifa->flags, MINI_ADDR_F_DUPLICATE, 0);
			mini_event_addr(ifa, MINI_EVENT_CHANGE);
		}
		if (addr_is_tentative(ifa)) {
			mini_ifaddr_acd_start(ifa);
			continue;
		}
		mini_arp_announce(mdev, &ifa->addr);
	}
}

const struct mini_link_addr_ops mini_addr_link_ops = {
	.is_local = addr_is_local,
	.proxies = addr_proxies,
	.source = addr_source,
	.conflict = addr_conflict,
	.heard = addr_heard,
	.attach = mini_mc_attach,
	.leave = mini_mc_detach,
	.detach = mini_addr_flush,
	.change = addr_change,
};

int mini_addr_net_init(struct mini_net *mn)
{
	struct in6_addr addr;
	struct mini_ip_net *ip;
	int err;

	ip = kzalloc(sizeof(*ip), GFP_KERNEL);
	if (!ip)
		return -ENOMEM;
	INIT_LIST_HEAD(&ip->mc_kept);
	mini_trie_init(&ip->routes);
	ip->paths = mini_paths_alloc();
	ip->cpu = alloc_percpu(struct mini_ip_cpu);
	err = ip->paths && ip->cpu ? mini_nexthops_init(ip) : -ENOMEM;
	if (err) {
		free_percpu(ip->cpu);
		free_percpu(ip->paths);
		kfree(ip);
		return err;
	}
	get_random_bytes(&ip->id_key, sizeof(ip->id_key));
	rtnl_lock();
	WRITE_ONCE(mn->ip, ip);
	mini_addr_set_v4(&addr, htonl(INADDR_LOOPBACK));
	err = mini_mc_attach(mini_dev_loopback(mn));
	if (!err)
		err = mini_ifaddr_add(mini_dev_loopback(mn), &addr,
				      MINI_V4_PLEN(8), NULL);
	rtnl_unlock();
	if (err)
		mini_addr_net_exit(mn);
	return err;
}

static void addr_net_free(struct rcu_head *rcu)
{
	struct mini_ip_net *ip = container_of(rcu, struct mini_ip_net, rcu);

	free_percpu(ip->cpu);
	free_percpu(ip->paths);
	kfree(ip);
}

/* Those that lead nowhere belong to no device. */
static bool addr_route_any(const struct mini_route *r, const void *arg)
{
	return true;
}

void mini_addr_net_exit(struct mini_net *mn)
{
	struct mini_ip_net *ip = mn->ip;
	struct mini_dev *mdev;

	rtnl_lock();
	list_for_each_entry(mdev, mini_dev_list(mn), list) {
		mini_mc_detach(mdev);
		mini_addr_flush(mdev);
	}
	mini_mc_kept_free(ip);
	mini_route_flush(mn, addr_route_any, NULL);
	/* Devices may still bring packets: they find no route at all. */
	WRITE_ONCE(mn->ip, NULL);
	rtnl_unlock();
	mini_nexthops_exit(ip);
	call_rcu(&ip->rcu, addr_net_free);
}
