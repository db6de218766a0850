// SPDX-License-Identifier: GPL-2.0
/*
 * Frames in, from a device's rx_handler to who registered for their EtherType;
 * and out, behind an Ethernet header (RFC 894, RFC 1112 section 6.4 for
 * groups) or none, to dev_queue_xmit().
 *
 * Out, a resolved next hop costs a copy of its ready header and no lock.
 *
 * Locks on entry: rcu_read_lock().
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/if_inet6.h>
#include <net/ip.h>

#include "link_int.h"

typedef void (*frame_handler_t)(struct mini_dev *mdev, struct sk_buff *skb);

/* By EtherType: frame_slot(); written before any device is attached. */
static frame_handler_t frame_handlers[3] __read_mostly;
static mini_neigh_unreach_t frame_unreach __read_mostly;

static int frame_slot(__be16 type)
{
	switch (type) {
	case htons(ETH_P_IP):
		return 0;
	case htons(ETH_P_ARP):
		return 1;
	case htons(ETH_P_IPV6):
		return 2;
	default:
		return -1;
	}
}

void mini_link_register(__be16 type,
			void (*rcv)(struct mini_dev *mdev, struct sk_buff *skb))
{
	int slot = frame_slot(type);

	if (slot >= 0)
		WRITE_ONCE(frame_handlers[slot], rcv);
}

void mini_link_set_unreach(mini_neigh_unreach_t fn)
{
	WRITE_ONCE(frame_unreach, fn);
}

/* Give back a packet whose next hop did not answer; consumes it. */
void mini_link_unreach(struct mini_dev *mdev, struct sk_buff *skb)
{
	mini_neigh_unreach_t fn = READ_ONCE(frame_unreach);

	if (fn)
		fn(mdev, skb);
	else
		mini_drop(mdev->mn, skb, MINI_DROP_NEIGH_FAILED);
}

/* Count one frame; BH is off. */
static __always_inline void frame_count(struct mini_dev *mdev,
					unsigned int len, bool in)
{
	struct pcpu_sw_netstats *stats = this_cpu_ptr(mdev->stats);

	u64_stats_update_begin(&stats->syncp);
	if (in) {
		u64_stats_inc(&stats->rx_packets);
		u64_stats_add(&stats->rx_bytes, len);
	} else {
		u64_stats_inc(&stats->tx_packets);
		u64_stats_add(&stats->tx_bytes, len);
	}
	u64_stats_update_end(&stats->syncp);
	mini_inc(mdev->mn, in ? MINI_MIB_LINK_IN_FRAMES :
				MINI_MIB_LINK_OUT_FRAMES);
}

void mini_link_count(struct mini_dev *mdev, unsigned int len, bool in)
{
	frame_count(mdev, len, in);
}

static __always_inline void frame_deliver(struct mini_dev *mdev,
					  struct sk_buff *skb, int slot)
{
	frame_handler_t rcv = slot < 0 ? NULL : READ_ONCE(frame_handlers[slot]);

	if (unlikely(!rcv)) {
		mini_drop(mdev->mn, skb, MINI_DROP_LINK_NO_HANDLER);
		return;
	}
	skb_reset_network_header(skb);
	rcv(mdev, skb);
}

/* Hand a packet up; skb->data is at its network header.  Consumes it. */
void mini_link_deliver(struct mini_dev *mdev, struct sk_buff *skb)
{
	frame_deliver(mdev, skb, frame_slot(skb->protocol));
}

/* A frame that nobody else refers to, the link header taken off. */
static __always_inline void frame_rx(struct mini_dev *mdev,
				     struct sk_buff *skb, unsigned int hlen,
				     int slot)
{
	frame_count(mdev, skb->len + hlen, true);
	if (unlikely(skb->pkt_type == PACKET_OTHERHOST)) {
		mini_drop(mdev->mn, skb, MINI_DROP_LINK_OTHER_HOST);
		return;
	}
	skb_orphan(skb);
	frame_deliver(mdev, skb, slot);
}

/**
 * mini_link_rx() - rx_handler of an attached device
 * @pskb: frame, the link header taken off
 *
 * What is not for this stack at all goes on to Linux.
 */
rx_handler_result_t mini_link_rx(struct sk_buff **pskb)
{
	rx_handler_result_t result = RX_HANDLER_CONSUMED;
	struct sk_buff *skb = *pskb;
	int slot = frame_slot(skb->protocol);
	struct mini_dev *mdev;

	if (slot < 0 || skb->pkt_type == PACKET_LOOPBACK)
		return RX_HANDLER_PASS;
	/* IEEE 802.1Q section 6.9: VLAN 0 is a priority, and no VLAN. */
	if (unlikely(skb_vlan_tag_present(skb)) && skb_vlan_tag_get_id(skb))
		return RX_HANDLER_PASS;
	mdev = rcu_dereference(skb->dev->rx_handler_data);
	if (likely(list_empty(&skb->dev->ptype_specific))) {
		skb = skb_share_check(skb, GFP_ATOMIC);
	} else {
		/*
		 * A packet socket asks for this device's frames of one type
		 * (arping, DHCP clients): it sees them, and nobody else.
		 */
		result = RX_HANDLER_EXACT;
		skb = skb_clone(skb, GFP_ATOMIC);
	}
	if (!skb)
		return result;
	__vlan_hwaccel_clear_tag(skb);
	frame_rx(mdev, skb, skb->mac_len, slot);
	return result;
}

void mini_link_rx_own(struct mini_dev *mdev, struct sk_buff *skb)
{
	frame_rx(mdev, skb, ETH_HLEN, frame_slot(skb->protocol));
}

/*
 * A frame that is complete; consumes it.  BH is off.  Return: 0, a negative
 * errno, or NET_XMIT_*, which are positive: a queue was full.
 */
static __always_inline int frame_send(struct mini_dev *mdev,
				      struct net_device *dev,
				      struct sk_buff *skb)
{
	int err;

	skb->dev = dev;
	frame_count(mdev, skb->len, false);
	if (mdev->veth && mini_veth_xmit(mdev, dev, skb))
		return 0;
	err = dev_queue_xmit(skb);
	if (likely(!err))
		return 0;
	mini_inc(mdev->mn, MINI_MIB_LINK_OUT_ERRORS);
	return err;
}

int mini_link_send(struct mini_dev *mdev, struct net_device *dev,
		   struct sk_buff *skb)
{
	return frame_send(mdev, dev, skb);
}

/* Make room for an Ethernet header that nobody else reads. */
static noinline bool frame_make_room(struct mini_dev *mdev,
				     struct net_device *dev,
				     struct sk_buff *skb)
{
	if (!skb_cow_head(skb, LL_RESERVED_SPACE(dev)))
		return true;
	mini_drop(mdev->mn, skb, MINI_DROP_NO_MEMORY);
	return false;
}

static inline bool frame_room(struct mini_dev *mdev, struct net_device *dev,
			      struct sk_buff *skb)
{
	if (likely(skb_headroom(skb) >= ETH_HLEN && !skb_header_cloned(skb)))
		return true;
	return frame_make_room(mdev, dev, skb);
}

/* Send to a neighbour whose header is known; BH is off. */
static __always_inline int frame_xmit_hh(struct mini_dev *mdev,
					 struct net_device *dev,
					 struct mini_neigh *n,
					 struct sk_buff *skb)
{
	unsigned int seq;
	u8 *hdr;

	if (!frame_room(mdev, dev, skb))
		return -ENOBUFS;
	hdr = __skb_push(skb, ETH_HLEN);
	do {
		seq = read_seqbegin(&n->hh_lock);
		memcpy(hdr, n->hh, ETH_HLEN);
	} while (read_seqretry(&n->hh_lock, seq));
	skb_reset_mac_header(skb);
	return frame_send(mdev, dev, skb);
}

int mini_link_xmit_hh(struct mini_dev *mdev, struct net_device *dev,
		      struct mini_neigh *n, struct sk_buff *skb)
{
	return frame_xmit_hh(mdev, dev, n, skb);
}

/* The MAC address of what is no neighbour. */
static bool frame_map(const struct net_device *dev,
		      const struct in6_addr *daddr, u8 dst_type, u8 *mac)
{
	if (dst_type == MINI_ROUTE_BROADCAST)
		ether_addr_copy(mac, dev->broadcast);
	else if (mini_addr_is_v4(daddr) &&
		 ipv4_is_multicast(mini_addr_v4(daddr)))
		ip_eth_mc_map(mini_addr_v4(daddr), mac);
	else if (ipv6_addr_is_multicast(daddr))
		ipv6_eth_mc_map(daddr, mac);
	else if (dev->flags & IFF_NOARP)
		/* Whoever is at the other end takes what it gets. */
		ether_addr_copy(mac, dev->dev_addr);
	else
		return false;
	return true;
}

static int frame_xmit_mapped(struct mini_dev *mdev, struct net_device *dev,
			     struct sk_buff *skb, const struct in6_addr *daddr,
			     u8 dst_type)
{
	u8 mac[ETH_ALEN] __aligned(2);
	struct ethhdr *eth;

	if (!frame_map(dev, daddr, dst_type, mac)) {
		mini_drop(mdev->mn, skb, MINI_DROP_LINK_HEADER);
		return -ENETUNREACH;
	}
	if (!frame_room(mdev, dev, skb))
		return -ENOBUFS;
	eth = skb_push(skb, ETH_HLEN);
	ether_addr_copy(eth->h_dest, mac);
	ether_addr_copy(eth->h_source, dev->dev_addr);
	eth->h_proto = skb->protocol;
	skb_reset_mac_header(skb);
	return frame_send(mdev, dev, skb);
}

/* To a neighbour, whatever is known of it; BH is off. */
static __always_inline int frame_xmit_neigh(struct mini_dev *mdev,
					    struct net_device *dev,
					    struct mini_neigh *n,
					    struct sk_buff *skb)
{
	unsigned long now = jiffies;
	u8 state;

	if (READ_ONCE(n->used) != now)
		WRITE_ONCE(n->used, now);
	/* Who sees such a state sees the header that was made before it. */
	state = smp_load_acquire(&n->state);
	/* Packets may go, and there is nothing to do beside. */
	if (likely(BIT(state) & (BIT(MINI_NEIGH_REACHABLE) |
				 BIT(MINI_NEIGH_PERMANENT) |
				 BIT(MINI_NEIGH_DELAY) |
				 BIT(MINI_NEIGH_PROBE))))
		return frame_xmit_hh(mdev, dev, n, skb);
	return mini_neigh_output(n, dev, skb);
}

static int frame_xmit(struct mini_dev *mdev, struct net_device *dev,
		      struct mini_neigh *n, struct sk_buff *skb,
		      const struct in6_addr *daddr, u8 dst_type)
{
	if (dev->type != ARPHRD_ETHER) {
		skb_reset_mac_header(skb);
		return frame_send(mdev, dev, skb);
	}
	if (!n)
		return frame_xmit_mapped(mdev, dev, skb, daddr, dst_type);
	return frame_xmit_neigh(mdev, dev, n, skb);
}

int mini_link_xmit(struct mini_dev *mdev, struct mini_neigh *n,
		   struct sk_buff *skb, const struct in6_addr *daddr,
		   u8 dst_type)
{
	u32 flags = READ_ONCE(mdev->flags);
	struct net_device *dev;
	int err;

	if (flags & MINI_DEV_F_LOOPBACK)
		return mini_loopback_xmit(mdev, skb);
	dev = rcu_dereference(mdev->dev);
	if (unlikely(!dev || !(flags & MINI_DEV_F_UP))) {
		mini_drop(mdev->mn, skb, MINI_DROP_LINK_DEV_DOWN);
		return -ENETDOWN;
	}
	/* The MTU may have shrunk since the packet was made. */
	if (unlikely(skb->len > READ_ONCE(mdev->mtu) && !skb_is_gso(skb))) {
		mini_drop(mdev->mn, skb, MINI_DROP_LINK_TOO_BIG);
		return 0;
	}
	local_bh_disable();
	err = frame_xmit(mdev, dev, n, skb, daddr, dst_type);
	local_bh_enable();
	return err;
}

int mini_link_forward(struct mini_dev *mdev, struct mini_neigh *n,
		      struct sk_buff *skb)
{
	struct net_device *dev = rcu_dereference(mdev->dev);

	if (unlikely(!dev)) {
		mini_drop(mdev->mn, skb, MINI_DROP_LINK_DEV_DOWN);
		return -ENETDOWN;
	}
	return frame_xmit_neigh(mdev, dev, n, skb);
}
