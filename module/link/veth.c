// SPDX-License-Identifier: GPL-2.0
/*
 * Frames over a veth pair, received in the sender's call.
 *
 * A veth gives what is sent to its peer: by a queue of this CPU, which a
 * softirq works on as soon as the sender lets softirqs run, that is before its
 * call goes on.  Where a softirq could run, then, the peer receives at once,
 * and all happens in the same order and on the same CPU, without queue and
 * softirq.
 *
 * Whoever may look at a frame on its way out sees it: where there is one (a
 * packet socket, a queueing discipline, a filter), or where veth would do more
 * than that (XDP, GRO), the frame goes through the device.  So on the way in:
 * where nobody looks, and the peer is attached, its frame goes straight to the
 * stack; else netif_receive_skb() gets it.
 *
 * What is sent while a frame is received waits in the CPU's list until the
 * receiver is done and has released its locks.
 *
 * Locks on entry: rcu_read_lock(); BH off.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <net/rtnetlink.h>
#include <net/sch_generic.h>

#include "../compat.h"
#include "link_int.h"

/* Frames received in one call; what follows goes to the CPU's queue. */
#define VETH_BUDGET	64

/* What veth offers unless somebody told it not to. */
#define VETH_FEATURES	(NETIF_F_HW_CSUM | NETIF_F_SG | NETIF_F_FRAGLIST)

/**
 * struct veth_cpu - what this CPU receives
 * @running: a frame is being received
 * @waiting: frames that were sent meanwhile, with their device
 */
struct veth_cpu {
	bool running;
	struct sk_buff_head waiting;
};

static DEFINE_PER_CPU(struct veth_cpu, veth_cpu);

bool mini_veth_is(const struct net_device *dev)
{
	const struct rtnl_link_ops *ops = dev->rtnl_link_ops;

	return ops && !strcmp(ops->kind, "veth") &&
	       dev->netdev_ops->ndo_get_peer_dev && mini_veth_counts(dev);
}

/* Does nothing but the device happen to what is sent by it? */
static bool veth_out_plain(struct net_device *dev)
{
	const struct netdev_queue *txq = netdev_get_tx_queue(dev, 0);

	return dev->real_num_tx_queues == 1 &&
	       !rcu_dereference_bh(txq->qdisc)->enqueue &&
	       (dev->features & VETH_FEATURES) == VETH_FEATURES &&
	       !mini_dev_has_egress(dev) && !dev_nit_active(dev);
}

/* As dev_xdp_prog_count(), which is a call. */
static bool veth_has_xdp(const struct net_device *peer)
{
	unsigned int mode;

	for (mode = 0; mode < __MAX_XDP_MODE; mode++)
		if (peer->xdp_state[mode].prog || peer->xdp_state[mode].link)
			return true;
	return false;
}

/* Does veth give it to the CPU's queue, and not to a NAPI of its own? */
static bool veth_in_plain(const struct net_device *peer)
{
	return !(peer->features & NETIF_F_GRO) && !veth_has_xdp(peer);
}

/* Can the packet be received as it is, and does nobody ask for its times? */
static bool veth_skb_plain(const struct net_device *peer, struct sk_buff *skb)
{
	if (skb_shinfo(skb)->tx_flags || skb_vlan_tag_present(skb))
		return false;
	if (skb_is_gso(skb) &&
	    netif_needs_gso(skb, netif_skb_features(skb)))
		return false;
	return __is_skb_forwardable(peer, skb, true);
}

/*
 * Has nobody but this stack asked for what @peer receives?  Packet sockets,
 * filters, time stamps and steering are netif_receive_skb()'s.
 */
static bool veth_in_own(struct net_device *peer)
{
	return rcu_access_pointer(peer->rx_handler) == mini_link_rx &&
	       !dev_nit_active(peer) && list_empty(&peer->ptype_specific) &&
	       !mini_dev_has_ingress(peer) && !mini_dev_steers(peer) &&
	       !static_branch_unlikely(&netstamp_needed_key);
}

static void veth_receive_one(struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	struct mini_dev *mdev;

	if (likely(veth_in_own(dev))) {
		mdev = rcu_dereference(dev->rx_handler_data);
		/* What has come from somewhere is not this host's own. */
		skb->skb_iif = dev->ifindex;
		mini_link_rx_own(mdev, skb);
	} else {
		netif_receive_skb(skb);
	}
}

static void veth_receive(struct veth_cpu *vc, struct sk_buff *skb)
{
	int budget = VETH_BUDGET;

	vc->running = true;
	do {
		veth_receive_one(skb);
		skb = __skb_dequeue(&vc->waiting);
	} while (skb && --budget);
	vc->running = false;
	while (skb) {
		__netif_rx(skb);
		skb = __skb_dequeue(&vc->waiting);
	}
}

/*
 * What a frame is that arrives: its header taken off, and nothing left of where
 * it was.  False: it was dropped, and counted.
 */
static bool veth_forward(struct net_device *peer, struct sk_buff *skb)
{
	const struct ethhdr *eth = (struct ethhdr *)skb->data;

	if (unlikely(!ether_addr_equal_64bits(eth->h_dest, peer->dev_addr) ||
		     skb_zcopy(skb)))
		return !__dev_forward_skb(peer, skb);
	skb_scrub_packet(skb, !net_eq(dev_net(peer), dev_net(skb->dev)));
	skb->priority = 0;
	skb->dev = peer;
	skb->protocol = eth->h_proto;
	skb_reset_mac_header(skb);
	skb->mac_len = ETH_HLEN;
	__skb_pull(skb, ETH_HLEN);
	skb_postpull_rcsum(skb, eth, ETH_HLEN);
	return true;
}

/**
 * mini_veth_xmit() - let the peer receive a frame now
 * @mdev: device
 * @dev: its net_device, a veth
 * @skb: complete frame, skb->dev is @dev
 *
 * Context: rcu_read_lock(), BH off; in softirq, and where the caller's caller
 * had switched BH off already, nothing is done: it may hold locks that a
 * receiver takes.  Return: whether the frame was consumed; if not, it is
 * unchanged.
 */
bool mini_veth_xmit(struct mini_dev *mdev, struct net_device *dev,
		    struct sk_buff *skb)
{
	struct veth_cpu *vc = this_cpu_ptr(&veth_cpu);
	unsigned int len = skb->len;
	struct net_device *peer;

	if (!vc->running && softirq_count() != SOFTIRQ_DISABLE_OFFSET)
		return false;
	/* What was sent before waits for the softirq: go behind it. */
	if (local_softirq_pending() & BIT(NET_RX_SOFTIRQ))
		return false;
	peer = dev->netdev_ops->ndo_get_peer_dev(dev);
	if (unlikely(!peer) || !veth_out_plain(dev) || !veth_in_plain(peer) ||
	    !veth_skb_plain(peer, skb))
		return false;
	if (unlikely(!veth_forward(peer, skb)))
		return true;
	dev_sw_netstats_tx_add(dev, 1, len);
	mini_inc(mdev->mn, MINI_MIB_LINK_OUT_DIRECT);
	if (vc->running)
		__skb_queue_tail(&vc->waiting, skb);
	else
		veth_receive(vc, skb);
	return true;
}

void mini_veth_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		__skb_queue_head_init(&per_cpu(veth_cpu, cpu).waiting);
}
