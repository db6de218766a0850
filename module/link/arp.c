// SPDX-License-Identifier: GPL-2.0
/*
 * ARP (RFC 826), with the care for addresses of RFC 5227.
 *
 * Only who asks for an address of this host gets an entry of its own; what
 * others tell is used where an entry exists.  So hosts on the link cannot fill
 * the table with announcements.
 *
 * Locks on entry: softirq, rcu_read_lock() for what comes in; rcu_read_lock(),
 * BH off for questions; RTNL for announcements.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "../wire/wire.h"
#include "arp.h"
#include "link_int.h"

/**
 * mini_arp_judge() - what an ARP packet means to this host
 * @arp: packet
 * @at: what the host knows about it
 * @verdict: receives what is to be done
 */
void mini_arp_judge(const struct mini_wire_arp *arp,
		    const struct mini_arp_at *at,
		    struct mini_arp_verdict *verdict)
{
	bool request = arp->op == MINI_WIRE_ARP_REQUEST;

	memset(verdict, 0, sizeof(*verdict));
	if (at->from_us) {
		verdict->drop = MINI_DROP_ARP_SENDER;
		return;
	}
	if (at->sender_is_local) {
		verdict->conflict = true;
		return;
	}
	/* Somebody is about to take an address: only tell if it is ours. */
	if (!arp->spa) {
		if (request && at->target_is_local)
			verdict->reply = true;
		else
			verdict->drop = MINI_DROP_ARP_NOT_FOR_US;
		return;
	}
	if (ipv4_is_multicast(arp->spa) || ipv4_is_lbcast(arp->spa) ||
	    ipv4_is_loopback(arp->spa)) {
		verdict->drop = MINI_DROP_ARP_SENDER;
		return;
	}
	verdict->learn = true;
	verdict->event = MINI_NEIGH_CLAIM;
	if (!at->target_is_local && !(request && at->target_is_proxied))
		return;
	if (request) {
		verdict->event = MINI_NEIGH_REQUEST;
		verdict->create = true;
		verdict->reply = true;
	} else if (at->to_us) {
		verdict->event = MINI_NEIGH_REPLY;
	}
}

/* Build an ARP packet and send it; BH is off. */
static void arp_output(struct mini_dev *mdev, struct net_device *dev,
		       const struct mini_wire_arp *arp, const u8 *dest)
{
	unsigned int room = LL_RESERVED_SPACE(dev);
	struct sk_buff *skb;

	skb = alloc_skb(room + MINI_WIRE_ARP_LEN + dev->needed_tailroom,
			GFP_ATOMIC);
	if (!skb)
		return;
	skb_reserve(skb, room);
	skb_reset_network_header(skb);
	mini_wire_arp_build(skb_put(skb, MINI_WIRE_ARP_LEN), arp);
	skb->protocol = htons(ETH_P_ARP);
	skb->dev = dev;
	skb->priority = TC_PRIO_CONTROL;
	if (dev_hard_header(skb, dev, ETH_P_ARP, dest, NULL, skb->len) < 0) {
		mini_drop(mdev->mn, skb, MINI_DROP_LINK_HEADER);
		return;
	}
	skb_reset_mac_header(skb);
	mini_inc(mdev->mn, arp->op == MINI_WIRE_ARP_REPLY ?
			   MINI_MIB_ARP_OUT_REPLIES :
			   MINI_MIB_ARP_OUT_REQUESTS);
	mini_link_send(mdev, dev, skb);
}

/**
 * mini_arp_solicit() - ask for a neighbour's link address
 * @mdev: device
 * @target: neighbour
 * @lladdr: whom to ask; NULL: all
 *
 * A host without an address has nobody to answer to, and does not ask.
 */
void mini_arp_solicit(struct mini_dev *mdev, const struct in6_addr *target,
		      const u8 *lladdr)
{
	const struct mini_link_addr_ops *ops = READ_ONCE(mini_link_ops);
	struct net_device *dev = rcu_dereference(mdev->dev);
	struct mini_wire_arp arp = { .op = MINI_WIRE_ARP_REQUEST };
	struct in6_addr src;

	if (!dev || !mini_addr_is_v4(target) || !ops->source ||
	    !ops->source(mdev, target, &src))
		return;
	ether_addr_copy(arp.sha, dev->dev_addr);
	arp.spa = mini_addr_v4(&src);
	arp.tpa = mini_addr_v4(target);
	arp_output(mdev, dev, &arp, lladdr ? lladdr : dev->broadcast);
}

static void arp_reply(struct mini_dev *mdev, struct net_device *dev,
		      const struct mini_wire_arp *request)
{
	struct mini_wire_arp arp = { .op = MINI_WIRE_ARP_REPLY };

	ether_addr_copy(arp.sha, dev->dev_addr);
	ether_addr_copy(arp.tha, request->sha);
	arp.spa = request->tpa;
	arp.tpa = request->spa;
	arp_output(mdev, dev, &arp, request->sha);
}

/*
 * RFC 5227 section 3: a request, of nobody's link address, for one's own; from
 * 0.0.0.0 it is a probe (section 2.1).
 */
static void arp_announce(struct mini_dev *mdev, struct net_device *dev,
			 __be32 sender, __be32 addr)
{
	struct mini_wire_arp arp = { .op = MINI_WIRE_ARP_REQUEST };

	ether_addr_copy(arp.sha, dev->dev_addr);
	arp.spa = sender;
	arp.tpa = addr;
	arp_output(mdev, dev, &arp, dev->broadcast);
}

static void arp_tell_all(struct mini_dev *mdev, const struct in6_addr *addr,
			 bool probe)
{
	struct net_device *dev;

	if (!mini_addr_is_v4(addr) ||
	    READ_ONCE(mdev->flags) & MINI_DEV_F_NOARP)
		return;
	rcu_read_lock();
	local_bh_disable();
	dev = rcu_dereference_rtnl(mdev->dev);
	if (dev)
		arp_announce(mdev, dev, probe ? 0 : mini_addr_v4(addr),
			     mini_addr_v4(addr));
	local_bh_enable();
	rcu_read_unlock();
}

/**
 * mini_arp_announce() - tell all hosts on a link that an address is ours
 * @mdev: device
 * @addr: address
 *
 * Context: process, RTNL held.
 */
void mini_arp_announce(struct mini_dev *mdev, const struct in6_addr *addr)
{
	arp_tell_all(mdev, addr, false);
}

/**
 * mini_arp_probe() - ask all hosts on a link whether an address is theirs
 * @mdev: device
 * @addr: address, not in use here
 *
 * Context: process, RTNL held.
 */
void mini_arp_probe(struct mini_dev *mdev, const struct in6_addr *addr)
{
	arp_tell_all(mdev, addr, true);
}

/*
 * An address that this host probes for is taken if another one speaks from it,
 * or probes for it too (RFC 5227 section 2.1.1).
 */
static void arp_hear(struct mini_dev *mdev, const struct mini_wire_arp *arp)
{
	const struct mini_link_addr_ops *ops = READ_ONCE(mini_link_ops);
	struct in6_addr addr;

	if (!ops->heard)
		return;
	if (arp->spa)
		mini_addr_set_v4(&addr, arp->spa);
	else if (arp->op == MINI_WIRE_ARP_REQUEST)
		mini_addr_set_v4(&addr, arp->tpa);
	else
		return;
	ops->heard(mdev, &addr, arp->sha);
}

/*
 * RFC 5227 section 2.4: hold on to the address, and say so, but not oftener
 * than every DEFEND_INTERVAL, or two hosts would shout at each other forever.
 */
static void arp_conflict(struct mini_dev *mdev, struct net_device *dev,
			 const struct mini_wire_arp *arp)
{
	const struct mini_link_addr_ops *ops = READ_ONCE(mini_link_ops);
	unsigned long now = jiffies;
	struct in6_addr addr;

	mini_inc(mdev->mn, MINI_MIB_ARP_CONFLICTS);
	mini_addr_set_v4(&addr, arp->spa);
	if (ops->conflict)
		ops->conflict(mdev, &addr, arp->sha);
	if (time_before(now, READ_ONCE(mdev->defended) +
			     MINI_ARP_DEFEND_INTERVAL * HZ))
		return;
	WRITE_ONCE(mdev->defended, now);
	arp_announce(mdev, dev, arp->spa, arp->spa);
}

static bool arp_is_local(struct mini_dev *mdev, __be32 v4)
{
	const struct mini_link_addr_ops *ops = READ_ONCE(mini_link_ops);
	struct in6_addr addr;

	if (!ops->is_local || !v4)
		return false;
	mini_addr_set_v4(&addr, v4);
	return ops->is_local(mdev, &addr);
}

/*
 * Proxy ARP (RFC 1027): a router that is asked to answers for hosts that it
 * would forward to by another device; the answer brings it their packets.
 */
static bool arp_is_proxied(struct mini_dev *mdev,
			   const struct mini_wire_arp *arp)
{
	const struct mini_link_addr_ops *ops = READ_ONCE(mini_link_ops);
	const struct mini_sysctl *s = &mdev->mn->sysctl;
	struct in6_addr target;
	struct in6_addr sender;

	if (likely(!(READ_ONCE(mdev->flags) & MINI_DEV_F_PROXY_ARP) &&
		   !READ_ONCE(s->proxy_arp)))
		return false;
	if (arp->op != MINI_WIRE_ARP_REQUEST || !arp->spa || !ops->proxies ||
	    !READ_ONCE(s->ip_forward))
		return false;
	mini_addr_set_v4(&target, arp->tpa);
	mini_addr_set_v4(&sender, arp->spa);
	return ops->proxies(mdev, &target, &sender);
}

static void arp_learn(struct mini_dev *mdev, const struct mini_wire_arp *arp,
		      const struct mini_arp_verdict *verdict)
{
	struct mini_neigh *n;
	struct in6_addr addr;

	mini_addr_set_v4(&addr, arp->spa);
	n = verdict->create ? mini_neigh_get(mdev, &addr) :
			      mini_neigh_find(mdev, &addr);
	if (!n)
		return;
	mini_neigh_input(n, verdict->event, arp->sha);
	mini_neigh_put(n);
}

/* Read an ARP packet; 0 is good. */
static enum mini_drop_reason arp_parse(struct mini_dev *mdev,
				       struct sk_buff *skb,
				       struct mini_wire_arp *arp)
{
	if (READ_ONCE(mdev->flags) & MINI_DEV_F_NOARP)
		return MINI_DROP_LINK_NO_HANDLER;
	if (!pskb_may_pull(skb, MINI_WIRE_ARP_LEN))
		return MINI_DROP_ARP_SHORT;
	return mini_wire_arp_parse(skb->data, skb_headlen(skb), arp);
}

/* An ARP packet came in; consumes it. */
void mini_arp_rcv(struct mini_dev *mdev, struct sk_buff *skb)
{
	struct net_device *dev = rcu_dereference(mdev->dev);
	struct mini_arp_verdict verdict;
	enum mini_drop_reason reason;
	struct mini_wire_arp arp;
	struct mini_arp_at at;

	reason = dev ? arp_parse(mdev, skb, &arp) : MINI_DROP_LINK_DEV_DOWN;
	if (reason) {
		mini_drop(mdev->mn, skb, reason);
		return;
	}
	mini_inc(mdev->mn, arp.op == MINI_WIRE_ARP_REQUEST ?
			   MINI_MIB_ARP_IN_REQUESTS : MINI_MIB_ARP_IN_REPLIES);
	at.from_us = ether_addr_equal(arp.sha, dev->dev_addr);
	if (unlikely(READ_ONCE(mdev->tentative)) && !at.from_us)
		arp_hear(mdev, &arp);
	at.to_us = skb->pkt_type == PACKET_HOST;
	at.sender_is_local = arp_is_local(mdev, arp.spa);
	at.target_is_local = arp_is_local(mdev, arp.tpa);
	at.target_is_proxied = !at.target_is_local &&
			       arp_is_proxied(mdev, &arp);
	mini_arp_judge(&arp, &at, &verdict);
	if (verdict.drop) {
		mini_drop(mdev->mn, skb, verdict.drop);
		return;
	}
	if (verdict.conflict)
		arp_conflict(mdev, dev, &arp);
	if (verdict.learn)
		arp_learn(mdev, &arp, &verdict);
	if (verdict.reply)
		arp_reply(mdev, dev, &arp);
	consume_skb(skb);
}
