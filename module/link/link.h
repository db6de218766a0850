/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The link layer: attached devices, frames in and out, neighbours.
 *
 * In: the device's rx_handler, in softirq, after GRO.  The frame's EtherType
 * chooses the handler that a higher layer registered; it gets the packet with
 * skb->data at its network header.
 * Out: mini_link_xmit() puts the link header in front and hands the frame to
 * dev_queue_xmit(), or to the loopback's queue.
 */
#ifndef _MINI_LINK_H
#define _MINI_LINK_H

#include <linux/if_ether.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/seqlock.h>
#include <linux/timer.h>

#include "../mini.h"

struct mini_mc_dev;

/**
 * struct mini_dev - a device that belongs to this stack
 * @mn: the instance
 * @dev: the net_device, under RCU or RTNL; NULL for the loopback and after
 *	detach
 * @list: in the instance's list of devices, RCU, changed under RTNL
 * @refcnt: holders; the last one frees after a grace period
 * @ifindex: of the net_device; 1 for the loopback
 * @flags: enum mini_dev_flags, kept current by the notifier
 * @mtu: octets of an IP packet
 * @name: kept current by the notifier
 * @stats: packets and octets, per CPU
 * @addrs: the IP layer's list of its addresses, RCU, changed under RTNL
 * @mc: the IP layer's groups on it, RCU, changed under RTNL
 * @tentative: how many of them nobody uses yet; changed under RTNL
 * @veth: one end of a pair, veth.c
 * @defended: when ARP last defended an address on it, jiffies
 */
struct mini_dev {
	struct mini_net *mn;
	struct net_device __rcu *dev;
	netdevice_tracker dev_tracker;
	struct list_head list;
	refcount_t refcnt;
	int ifindex;
	u32 flags;
	u32 mtu;
	char name[IFNAMSIZ];
	struct pcpu_sw_netstats __percpu *stats;
	struct list_head addrs;
	struct mini_mc_dev __rcu *mc;
	unsigned int tentative;
	bool veth;
	unsigned long defended;
	struct rcu_head rcu;
};

/**
 * struct mini_neigh - what is known of the next hop @addr on @mdev
 *
 * @lock guards all that changes; @hh is read without it, under @hh_lock.
 * RFC 4861 section 7.3 names the states; ARP's entries follow them too.
 */
struct mini_neigh {
	struct rhash_head node;
	struct mini_neigh_key {
		struct in6_addr addr;
		struct mini_dev *mdev;
	} key;
	u8 state;			/* enum mini_neigh_state */
	u8 probes;
	bool dead;			/* no longer in the table */
	bool relied;			/* paths change when it fails */
	seqlock_t hh_lock;
	u8 hh[ETH_HLEN] __aligned(2);	/* ready Ethernet header */
	u8 hwaddr[ETH_ALEN];
	unsigned long confirmed;	/* jiffies */
	unsigned long used;		/* jiffies */
	unsigned long updated;		/* jiffies of the last state change */
	spinlock_t lock;
	refcount_t refcnt;
	struct timer_list timer;
	struct sk_buff_head queue;	/* waiting for resolution */
	unsigned int queue_bytes;
	unsigned long serial;		/* rises with each new entry */
	struct list_head gc_list;
	struct rcu_head rcu;
};

/* What happened to a packet's next hop, for the packet's owner. */
typedef void (*mini_neigh_unreach_t)(struct mini_dev *mdev,
				     struct sk_buff *skb);

/**
 * mini_link_register() - take the packets of an EtherType
 * @type: EtherType, network byte order
 * @rcv: called in softirq under rcu_read_lock() with skb->data at the network
 *	header; consumes the packet
 *
 * Once per type, at module initialisation, before devices are attached.
 */
void mini_link_register(__be16 type,
			void (*rcv)(struct mini_dev *mdev, struct sk_buff *skb));

/**
 * mini_link_set_unreach() - who hears of packets whose next hop never answered
 * @fn: consumes the packet (network header set); softirq, no lock held
 */
void mini_link_set_unreach(mini_neigh_unreach_t fn);

/*
 * Does @addr belong to this host on this device (ARP must answer)?  And the
 * address to ask from.  Registered by the IP layer, called under
 * rcu_read_lock().
 */
struct mini_link_addr_ops {
	bool (*is_local)(struct mini_dev *mdev, const struct in6_addr *addr);
	/* Is @target behind this router, for @sender on @mdev? */
	bool (*proxies)(struct mini_dev *mdev, const struct in6_addr *target,
			const struct in6_addr *sender);
	bool (*source)(struct mini_dev *mdev, const struct in6_addr *target,
		       struct in6_addr *src);
	void (*conflict)(struct mini_dev *mdev, const struct in6_addr *addr,
			 const u8 *hwaddr);
	/* @mdev has come, nothing receives from it yet; RTNL held. */
	int (*attach)(struct mini_dev *mdev);
	/* @mdev is going, packets still leave by it; RTNL held. */
	void (*leave)(struct mini_dev *mdev);
	/* @hwaddr shows that it has, or wants, what may be tentative here. */
	void (*heard)(struct mini_dev *mdev, const struct in6_addr *addr,
		      const u8 *hwaddr);
	/* @mdev is going: forget its addresses and routes; RTNL held. */
	void (*detach)(struct mini_dev *mdev);
	/* Device came up, went down, changed MTU or address; RTNL held. */
	void (*change)(struct mini_dev *mdev);
};

void mini_link_set_addr_ops(const struct mini_link_addr_ops *ops);

/* Devices.  Attach and detach: process context, RTNL held. */
int mini_dev_attach(struct mini_net *mn, int ifindex,
		    struct netlink_ext_ack *extack);
int mini_dev_detach(struct mini_net *mn, int ifindex,
		    struct netlink_ext_ack *extack);
/* Look-ups: rcu_read_lock() or RTNL; no reference is taken. */
struct mini_dev *mini_dev_by_index(struct mini_net *mn, int ifindex);
struct mini_dev *mini_dev_loopback(struct mini_net *mn);
int mini_dev_set_proxy_arp(struct mini_dev *mdev, bool on,
			   struct netlink_ext_ack *extack);
/* Whether packets are forwarded has changed; RTNL held. */
void mini_dev_set_lro(struct mini_net *mn);
/* Every device of the instance, the loopback first; RCU or RTNL. */
struct list_head *mini_dev_list(struct mini_net *mn);

static inline struct mini_dev *mini_dev_hold(struct mini_dev *mdev)
{
	refcount_inc(&mdev->refcnt);
	return mdev;
}

void mini_dev_put(struct mini_dev *mdev);

static inline bool mini_dev_usable(const struct mini_dev *mdev)
{
	return READ_ONCE(mdev->flags) & MINI_DEV_F_UP;
}

/**
 * mini_neigh_lost() - how many entries a namespace has let go so far
 * @mn: the instance
 *
 * While this is what it was, what was found then is still there.  Context:
 * rcu_read_lock(), which keeps it there a while longer.
 */
u32 mini_neigh_lost(const struct mini_net *mn);

/**
 * mini_neigh_get() - the entry of a next hop, made if there is none
 * @mdev: device
 * @addr: next hop's address
 *
 * Context: softirq or process.  Return: the entry with a reference for the
 * caller (mini_neigh_put()), or NULL if the table is full of entries in use.
 */
struct mini_neigh *mini_neigh_get(struct mini_dev *mdev,
				  const struct in6_addr *addr);
void mini_neigh_put(struct mini_neigh *n);

/**
 * mini_neigh_rcu() - the entry of a next hop, made if there is none
 * @mdev: device
 * @addr: next hop's address
 *
 * As mini_neigh_get(), but the entry is the caller's only as long as its
 * rcu_read_lock() holds.
 */
struct mini_neigh *mini_neigh_rcu(struct mini_dev *mdev,
				  const struct in6_addr *addr);

void __mini_neigh_confirm(struct mini_neigh *n);

/**
 * mini_neigh_confirm() - forward progress was seen: the next hop is reachable
 * @n: entry, may be NULL
 *
 * RFC 4861 section 7.3.1.  Cheap: called for each acknowledged segment.
 */
static inline void mini_neigh_confirm(struct mini_neigh *n)
{
	unsigned long now = jiffies;

	if (!n)
		return;
	if (unlikely(READ_ONCE(n->state) != MINI_NEIGH_REACHABLE))
		__mini_neigh_confirm(n);
	else if (READ_ONCE(n->confirmed) != now)
		WRITE_ONCE(n->confirmed, now);
}

/* Administrator's entries; process context. */
int mini_neigh_add(struct mini_dev *mdev, const struct in6_addr *addr,
		   const u8 *lladdr, struct netlink_ext_ack *extack);
int mini_neigh_del(struct mini_dev *mdev, const struct in6_addr *addr,
		   struct netlink_ext_ack *extack);

/* For dumps: a consistent copy of what user space sees. */
struct mini_neigh_info {
	struct in6_addr addr;
	int ifindex;
	u8 state;
	u8 probes;
	bool has_lladdr;
	u8 lladdr[ETH_ALEN];
	u32 confirmed_ms;
	u32 used_ms;
	u32 queued;
};

/**
 * mini_neigh_walk() - call @fn for each neighbour of the instance
 * @mn: the instance
 * @iter: walk's place, zeroed at the start; kept between calls of one dump
 * @fn: returns 0 to go on; else the walk stops and will start at this entry
 * @arg: for @fn
 *
 * Process context.  Return: 0 at the end, else what @fn returned.
 */
int mini_neigh_walk(struct mini_net *mn, unsigned long *iter,
		    int (*fn)(const struct mini_neigh_info *info, void *arg),
		    void *arg);

/**
 * mini_link_xmit() - send an IP packet to a next hop
 * @mdev: device; the loopback's delivers to this host
 * @n: next hop's entry; NULL where the device has no link header, for the
 *	loopback, and for broadcast and multicast
 * @skb: packet, consumed; data at the network header, skb->protocol set
 * @daddr: destination, used to map broadcast and multicast to a MAC address
 *	when @n is NULL
 * @dst_type: enum mini_route_type of the destination, 0 for multicast
 *
 * Context: softirq or process, rcu_read_lock() held, BH may be on.
 * Return: 0; the negative errno of what is known at once (-ENETDOWN,
 * -ENOBUFS); or NET_XMIT_DROP, NET_XMIT_CN, which are positive: a queue of this
 * host was full.
 */
int mini_link_xmit(struct mini_dev *mdev, struct mini_neigh *n,
		   struct sk_buff *skb, const struct in6_addr *daddr,
		   u8 dst_type);

/**
 * mini_link_forward() - mini_link_xmit() for packets that are passed on
 * @mdev: device that is up and has neighbours
 * @n: next hop's entry
 * @skb: packet, consumed; data at the network header, skb->protocol set, no
 *	larger than the device's MTU
 *
 * Context: softirq, rcu_read_lock() held.  Return: as mini_link_xmit().
 */
int mini_link_forward(struct mini_dev *mdev, struct mini_neigh *n,
		      struct sk_buff *skb);

/**
 * mini_link_hear() - let this host hear what it sent to many
 * @mdev: the device it was sent by, and seems to come in by
 * @skb: a copy, consumed; data at the network header, skb->protocol set
 *
 * The receiver sees PACKET_LOOPBACK as its skb->pkt_type.
 *
 * Context: as mini_link_xmit().
 */
void mini_link_hear(struct mini_dev *mdev, struct sk_buff *skb);

/**
 * mini_link_mc() - let a device take a group's frames, or no longer
 * @mdev: device; nothing happens where there is no link header
 * @group: the group
 * @on: as many times as not
 *
 * Context: process, RTNL held.
 */
void mini_link_mc(struct mini_dev *mdev, const struct in6_addr *group, bool on);

/* Announce @addr by gratuitous ARP (RFC 5227 section 3); RTNL held. */
void mini_arp_announce(struct mini_dev *mdev, const struct in6_addr *addr);

/* Ask all on the link for @addr, in nobody's name (section 2.1); RTNL held. */
void mini_arp_probe(struct mini_dev *mdev, const struct in6_addr *addr);

/*
 * Head room for the link: what Ethernet and virtual devices need.  A device
 * that needs more makes room by itself.  With it, the headers of TCP and the
 * kernel's skb_shared_info fill 512 octets, a size that the allocator has.
 */
#define MINI_LINK_HEADROOM	64

int mini_link_init(void);
void mini_link_exit(void);
int mini_link_net_init(struct mini_net *mn);

/**
 * mini_link_net_stop() - let no packet enter the stack any more
 * @mn: the instance
 *
 * Detaches every device and ends the loopback's delivery; what is sent to it
 * later is dropped.  When this returns, no handler runs and none will.
 *
 * Context: process; takes RTNL, sleeps for a grace period.
 */
void mini_link_net_stop(struct mini_net *mn);

/* Frees what is left; stops first if nobody did. */
void mini_link_net_exit(struct mini_net *mn);

#endif /* _MINI_LINK_H */
