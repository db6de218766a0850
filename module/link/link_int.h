/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the link layer share.
 *
 *	dev.c		devices: attach, detach, the notifier
 *	frame.c		frames in and out
 *	veth.c		frames over a veth pair
 *	loopback.c	packets from this host to itself
 *	neigh.c		the table of neighbours
 *	resolve.c	runs the state machine: timers, waiting packets, questions
 *	neigh_fsm.c	the state machine
 *	arp.c		ARP
 *
 * Locks inside the layer, outermost first: the table's lock (neigh_lock), an
 * entry's lock.  No frame is sent and no handler is called under either.
 */
#ifndef _MINI_LINK_INT_H
#define _MINI_LINK_INT_H

#include <linux/interrupt.h>
#include <linux/workqueue.h>

#include "../event.h"
#include "link.h"
#include "neigh_fsm.h"

/**
 * struct mini_loopback_cpu - packets that one CPU sent to this host
 * @in: waiting, bounded; under its own lock
 * @batch: taken from @in; of this CPU with BH off
 * @running: packets are being delivered, these among them
 * @tasklet: delivers
 * @mdev: the loopback
 */
struct mini_loopback_cpu {
	struct sk_buff_head in;
	struct sk_buff_head batch;
	bool running;
	struct tasklet_struct tasklet;
	struct mini_dev *mdev;
};

/**
 * struct mini_link_net - the link layer of one namespace
 * @mn: the instance
 * @devs: devices, the loopback first; RCU, changed under RTNL
 * @lo: the loopback
 * @loopback: its packets, per CPU
 * @stopped: no packet enters the stack any more, nor is a neighbour made
 * @neighs: neighbours by address and device
 * @neigh_lock: guards what follows, and who enters and leaves @neighs
 * @neigh_list: neighbours in the order of their creation; read under RCU
 * @neigh_serial: of the newest
 * @queued: octets that wait in all of them together
 * @gc_pause: until then (jiffies) too little can be collected to look for it
 * @gc_paused: @gc_pause holds
 * @gc_work: collects what nobody has used for long
 * @reachable: jiffies; RFC 4861's ReachableTime, renewed now and then
 * @reachable_base: what @reachable was drawn from, ms
 * @reachable_until: when @reachable is drawn anew, jiffies
 */
struct mini_link_net {
	struct mini_net *mn;
	struct list_head devs;
	struct mini_dev *lo;
	struct mini_loopback_cpu __percpu *loopback;
	bool stopped;
	u32 neigh_lost;		/* entries taken out so far; neigh_lock */

	struct rhashtable neighs;
	spinlock_t neigh_lock;	/* who is in the table, and its list; BH */
	struct list_head neigh_list;
	unsigned long neigh_serial;
	atomic_long_t queued;
	unsigned long gc_pause;
	bool gc_paused;
	struct delayed_work gc_work;
	unsigned long reachable;
	int reachable_base;
	unsigned long reachable_until;
};

/* dev.c */
extern const struct mini_link_addr_ops *mini_link_ops;
struct mini_dev *mini_dev_alloc(struct mini_net *mn, int ifindex,
				const char *name);

/* frame.c */
rx_handler_result_t mini_link_rx(struct sk_buff **pskb);
/* An Ethernet frame that nobody else wants, its header taken off; consumes it. */
void mini_link_rx_own(struct mini_dev *mdev, struct sk_buff *skb);
void mini_link_deliver(struct mini_dev *mdev, struct sk_buff *skb);
void mini_link_unreach(struct mini_dev *mdev, struct sk_buff *skb);
int mini_link_send(struct mini_dev *mdev, struct net_device *dev,
		   struct sk_buff *skb);
int mini_link_xmit_hh(struct mini_dev *mdev, struct net_device *dev,
		      struct mini_neigh *n, struct sk_buff *skb);
void mini_link_count(struct mini_dev *mdev, unsigned int len, bool in);

/* loopback.c */
int mini_loopback_init(struct mini_link_net *ln);
void mini_loopback_stop(struct mini_link_net *ln);
void mini_loopback_free(struct mini_link_net *ln);
int mini_loopback_xmit(struct mini_dev *mdev, struct sk_buff *skb);

/* veth.c */
void mini_veth_init(void);
bool mini_veth_is(const struct net_device *dev);
bool mini_veth_xmit(struct mini_dev *mdev, struct net_device *dev,
		    struct sk_buff *skb);

/* neigh.c */
void mini_neigh_init(void);
int mini_neigh_table_init(struct mini_link_net *ln);
void mini_neigh_table_free(struct mini_link_net *ln);
void mini_neigh_flush(struct mini_dev *mdev, bool permanent);
void mini_neigh_readdress(struct mini_dev *mdev);
void mini_neigh_tell(struct mini_neigh *n, enum mini_event event);
struct mini_neigh *mini_neigh_find(struct mini_dev *mdev,
				   const struct in6_addr *addr);

/* resolve.c */
static inline bool mini_neigh_has_lladdr(u8 state)
{
	return state == MINI_NEIGH_REACHABLE || state == MINI_NEIGH_STALE ||
	       state == MINI_NEIGH_DELAY || state == MINI_NEIGH_PROBE ||
	       state == MINI_NEIGH_PERMANENT;
}

void mini_neigh_timer(struct timer_list *t);
void mini_neigh_set_state(struct mini_neigh *n, u8 state);
void mini_neigh_set_hh(struct mini_neigh *n, const u8 *source);
void mini_neigh_arm(struct mini_neigh *n, unsigned long expires);
void mini_neigh_disarm(struct mini_neigh *n);
void mini_neigh_empty(struct mini_neigh *n, struct sk_buff_head *packets);
int mini_neigh_output(struct mini_neigh *n, struct net_device *dev,
		      struct sk_buff *skb);
void mini_neigh_input(struct mini_neigh *n, enum mini_neigh_event event,
		      const u8 *lladdr);

/* arp.c; seconds, RFC 5227 section 1.1 */
#define MINI_ARP_DEFEND_INTERVAL	10

void mini_arp_rcv(struct mini_dev *mdev, struct sk_buff *skb);
void mini_arp_solicit(struct mini_dev *mdev, const struct in6_addr *target,
		      const u8 *lladdr);

#endif /* _MINI_LINK_INT_H */
