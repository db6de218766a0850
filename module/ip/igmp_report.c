// SPDX-License-Identifier: GPL-2.0
/*
 * IGMP's messages, written and sent (RFC 3376 section 4.2, RFC 2236 section 2):
 * TTL 1, router alert (RFC 2113), precedence of network control.
 *
 * Locks on entry: the device's group lock while they are written, none to send.
 */
#include <linux/pkt_sched.h>
#include <net/ip.h>

#include "igmp.h"

/* Router alert: type, length, value 0 */
#define IGMP_ROUTER_ALERT	(IPOPT_RA << 24 | 4 << 16)
#define IGMP_IP_LEN		(sizeof(struct iphdr) + 4)

/* 224.0.0.22, section 4.2.14 */
#define IGMP_V3_ROUTERS		0xe0000016

/* However large the device's packets are: no report needs an order of pages. */
#define IGMP_ROOM_MAX		1480

static struct sk_buff *igmp_alloc(unsigned int room)
{
	struct sk_buff *skb;

	skb = alloc_skb(MINI_LINK_HEADROOM + IGMP_IP_LEN + room, GFP_ATOMIC);
	if (skb)
		skb_reserve(skb, MINI_LINK_HEADROOM + IGMP_IP_LEN);
	return skb;
}

void mini_igmp_out_init(struct mini_igmp_out *out, const struct mini_dev *mdev,
			struct sk_buff_head *list)
{
	out->list = list;
	out->skb = NULL;
	out->room = clamp_t(unsigned int, READ_ONCE(mdev->mtu), 68,
			    IGMP_ROOM_MAX) - IGMP_IP_LEN;
}

void mini_igmp_out_end(struct mini_igmp_out *out)
{
	struct igmpv3_report *h;

	if (!out->skb)
		return;
	h = (struct igmpv3_report *)out->skb->data;
	h->csum = ip_compute_csum(h, out->skb->len);
	__skb_queue_tail(out->list, out->skb);
	out->skb = NULL;
}

/* Room for @len more octets, in a new report if need be. */
static bool igmp_out_room(struct mini_igmp_out *out, unsigned int len)
{
	struct igmpv3_report *h;

	if (out->skb && out->skb->len + len > out->room)
		mini_igmp_out_end(out);
	if (out->skb)
		return true;
	out->skb = igmp_alloc(out->room);
	if (!out->skb)
		return false;
	h = skb_put_zero(out->skb, sizeof(*h));
	h->type = IGMPV3_HOST_MEMBERSHIP_REPORT;
	return true;
}

static struct igmpv3_grec *igmp_put_record(struct mini_igmp_out *out,
					   const struct mini_mc_group *g,
					   u8 type, unsigned int n)
{
	struct igmpv3_report *h;
	struct igmpv3_grec *rec;

	if (!igmp_out_room(out, sizeof(*rec) + n * sizeof(__be32)))
		return NULL;
	h = (struct igmpv3_report *)out->skb->data;
	be16_add_cpu(&h->ngrec, 1);
	rec = skb_put_zero(out->skb, sizeof(*rec));
	rec->grec_type = type;
	rec->grec_mca = mini_addr_v4(&g->addr);
	return rec;
}

static bool igmp_excludes(u8 type)
{
	return type == IGMPV3_MODE_IS_EXCLUDE ||
	       type == IGMPV3_CHANGE_TO_EXCLUDE;
}

void mini_igmp_put(struct mini_igmp_out *out, const struct mini_mc_group *g,
		   u8 type, mini_igmp_pick_t pick, bool empty)
{
	unsigned int most = (out->room - sizeof(struct igmpv3_report) -
			     sizeof(struct igmpv3_grec)) / sizeof(__be32);
	struct igmpv3_grec *rec = NULL;
	const struct mini_mc_source *s;
	unsigned int left = 0;

	list_for_each_entry(s, &g->sources, list)
		left += pick(g, s);
	if (!left) {
		if (empty)
			igmp_put_record(out, g, type, 0);
		return;
	}
	list_for_each_entry(s, &g->sources, list) {
		if (!pick(g, s))
			continue;
		if (!rec) {
			rec = igmp_put_record(out, g, type, min(left, most));
			if (!rec)
				return;
		}
		*(__be32 *)skb_put(out->skb, sizeof(__be32)) =
			mini_addr_v4(&s->addr);
		be16_add_cpu(&rec->grec_nsrcs, 1);
		left--;
		if (ntohs(rec->grec_nsrcs) < most)
			continue;
		/* Section 4.2.16: of "all but these" one packet must do. */
		if (igmp_excludes(type))
			return;
		rec = NULL;
	}
}

void mini_igmp_put_old(const struct mini_dev *mdev, struct sk_buff_head *list,
		       u8 type, const struct in6_addr *group)
{
	struct sk_buff *skb = igmp_alloc(sizeof(struct igmphdr));
	struct igmphdr *h;

	if (!skb)
		return;
	h = skb_put_zero(skb, sizeof(*h));
	h->type = type;
	h->group = mini_addr_v4(group);
	h->csum = ip_compute_csum(h, sizeof(*h));
	__skb_queue_tail(list, skb);
}

static __be32 igmp_dest(const struct igmphdr *h)
{
	switch (h->type) {
	case IGMPV3_HOST_MEMBERSHIP_REPORT:
		return htonl(IGMP_V3_ROUTERS);
	case IGMP_HOST_LEAVE_MESSAGE:
		return htonl(INADDR_ALLRTRS_GROUP);
	default:
		return h->group;
	}
}

/* Section 4.2.13: the interface's own, or none; not one that is asked for. */
static __be32 igmp_source(struct mini_dev *mdev)
{
	struct mini_ifaddr *ifa;

	list_for_each_entry_rcu(ifa, &mdev->addrs, list) {
		if (!(READ_ONCE(ifa->flags) & MINI_ADDR_F_TENTATIVE))
			return mini_addr_v4(&ifa->addr);
	}
	return 0;
}

static void igmp_send_one(struct mini_dev *mdev, struct sk_buff *skb)
{
	const struct igmphdr *h = (const struct igmphdr *)skb->data;
	__be32 dest = igmp_dest(h);
	struct in6_addr daddr;
	struct iphdr *iph;

	mini_inc(mdev->mn, h->type == IGMP_HOST_LEAVE_MESSAGE ?
		 MINI_MIB_IGMP_OUT_LEAVES : MINI_MIB_IGMP_OUT_REPORTS);
	skb_reset_transport_header(skb);
	iph = skb_push(skb, IGMP_IP_LEN);
	skb_reset_network_header(skb);
	memset(iph, 0, IGMP_IP_LEN);
	iph->version = 4;
	iph->ihl = IGMP_IP_LEN / 4;
	iph->tos = 0xc0;
	iph->tot_len = htons(skb->len);
	iph->frag_off = htons(IP_DF);
	iph->ttl = 1;
	iph->protocol = IPPROTO_IGMP;
	iph->saddr = igmp_source(mdev);
	iph->daddr = dest;
	*(__be32 *)(iph + 1) = htonl(IGMP_ROUTER_ALERT);
	iph->check = ip_fast_csum(iph, iph->ihl);
	skb->protocol = htons(ETH_P_IP);
	skb->priority = TC_PRIO_CONTROL;
	mini_inc(mdev->mn, MINI_MIB_IP_OUT_REQUESTS);
	mini_addr_set_v4(&daddr, dest);
	mini_link_xmit(mdev, NULL, skb, &daddr, 0);
}

void mini_igmp_send(struct mini_dev *mdev, struct sk_buff_head *list)
{
	struct sk_buff *skb;

	/* Nobody else is there to hear of it. */
	if (mdev->flags & MINI_DEV_F_LOOPBACK || !mini_dev_usable(mdev)) {
		__skb_queue_purge(list);
		return;
	}
	rcu_read_lock();
	while ((skb = __skb_dequeue(list)))
		igmp_send_one(mdev, skb);
	rcu_read_unlock();
}
