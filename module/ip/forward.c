// SPDX-License-Identifier: GPL-2.0
/*
 * Forwarding: packets of others find their way from one device to another
 * (RFC 1812 chapter 5).
 *
 * A packet costs one look-up of a route and one of a neighbour, both under
 * RCU: no reference is taken, no lock.  The link header came off when it was
 * received; the IP header loses one from its TTL, and its checksum follows
 * without being computed again (RFC 1624); a new link header goes in front.
 * A super-segment stays whole if its segments fit.
 *
 * Locks on entry: none; softirq, rcu_read_lock().
 */
#include <linux/icmp.h>
#include <net/ip.h>
#include <net/route.h>

#include "../wire/wire.h"
#include "ip_int.h"

/* Where a packet goes next. */
struct forward_way {
	struct mini_dev *mdev;
	struct mini_neigh *neigh;	/* NULL: the device asks for none */
	const struct in6_addr *next_hop;
};

/* RFC 3927 section 7: of one link alone. */
static bool forward_is_link_local(const struct in6_addr *addr)
{
	return (mini_addr_v4(addr) & htonl(0xffff0000)) == htonl(0xa9fe0000);
}

static noinline void
forward_refuse(const struct mini_rx *rx, struct sk_buff *skb,
	       enum mini_drop_reason reason, u8 type, u8 code, u32 info)
{
	mini_icmp_send(rx, skb, type, code, info);
	mini_drop(rx->mn, skb, reason);
}

/* May it travel on at all?  Consumes it if not. */
static inline bool forward_check(const struct mini_rx *rx, struct sk_buff *skb)
{
	/* RFC 1812 section 5.3.4: it was not sent to this router alone. */
	if (unlikely(skb->pkt_type != PACKET_HOST)) {
		mini_drop(rx->mn, skb, MINI_DROP_IP_UNICAST_IN_L2_MULTICAST);
		return false;
	}
	/* Nobody could take apart what a device put together so. */
	if (unlikely(skb_warn_if_lro(skb))) {
		mini_drop(rx->mn, skb, MINI_DROP_IP_FORWARD_LRO);
		return false;
	}
	if (unlikely(forward_is_link_local(&rx->saddr) ||
		     forward_is_link_local(&rx->daddr))) {
		mini_drop(rx->mn, skb, MINI_DROP_IP_LINK_LOCAL);
		return false;
	}
	if (unlikely(rx->ttl <= 1)) {
		forward_refuse(rx, skb, MINI_DROP_IP_TTL, ICMP_TIME_EXCEEDED,
			       ICMP_EXC_TTL, 0);
		return false;
	}
	return true;
}

/* No way: what does the route say, if there is one? */
static void forward_no_way(const struct mini_rx *rx, struct sk_buff *skb,
			   u8 type)
{
	u8 code = ICMP_NET_UNREACH;

	mini_inc(rx->mn, MINI_MIB_IP_OUT_NO_ROUTES);
	if (type == MINI_ROUTE_BLACKHOLE) {
		mini_drop(rx->mn, skb, MINI_DROP_IP_NO_ROUTE);
		return;
	}
	if (type == MINI_ROUTE_UNREACHABLE)
		code = ICMP_HOST_UNREACH;
	else if (type == MINI_ROUTE_PROHIBIT)
		code = ICMP_PKT_FILTERED;
	forward_refuse(rx, skb, MINI_DROP_IP_NO_ROUTE, ICMP_DEST_UNREACH, code,
		       0);
}

/* The flow's, where a route has several next hops: fragments go one way. */
static u32 forward_hash(const struct mini_rx *rx)
{
	if (likely(!mini_nexthop_groups(rx->mn)))
		return 0;
	return mini_route_hash(&rx->saddr, &rx->daddr, 0);
}

/* The next hop's entry; NULL, and the packet is gone, if there is no room. */
static struct mini_neigh *forward_neigh(const struct mini_rx *rx,
					struct sk_buff *skb,
					const struct forward_way *way,
					struct mini_nexthop *nh)
{
	struct mini_neigh *neigh;

	neigh = way->next_hop == &nh->gateway ?
		mini_nexthop_neigh(nh) :
		mini_neigh_rcu(way->mdev, way->next_hop);
	if (unlikely(!neigh))
		forward_refuse(rx, skb, MINI_DROP_NEIGH_FAILED,
			       ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	return neigh;
}

/*
 * Look the way up, whatever it is.  Consumes the packet and returns false if
 * there is none.
 */
static noinline bool forward_route_any(const struct mini_rx *rx,
				       struct sk_buff *skb,
				       struct forward_way *way)
{
	struct mini_route_result res;
	struct mini_nexthop *nh;
	u8 type;

	type = mini_route_lookup(rx->mn, &rx->daddr, 0, forward_hash(rx), &res);
	if (unlikely(type != MINI_ROUTE_UNICAST)) {
		forward_no_way(rx, skb, type);
		return false;
	}
	nh = res.nh;
	way->mdev = nh->mdev;
	way->next_hop = &rx->daddr;
	way->neigh = NULL;
	if (!mini_addr_any(&nh->gateway))
		way->next_hop = &nh->gateway;
	if (READ_ONCE(way->mdev->flags) & MINI_DEV_F_NOARP)
		return true;
	way->neigh = forward_neigh(rx, skb, way, nh);
	return way->neigh;
}

/*
 * What nearly all packets find: a route with one gateway, whose entry is
 * known.  The others begin anew.
 */
static __always_inline bool forward_route(const struct mini_rx *rx,
					  struct sk_buff *skb,
					  struct forward_way *way)
{
	const struct mini_ip_net *ip = READ_ONCE(rx->mn->ip);
	const struct mini_trie_entry *e = NULL;
	struct mini_nexthops *via;
	struct mini_neigh *n;

	if (likely(ip))
		e = mini_trie_lookup(&ip->routes, &rx->daddr);
	if (unlikely(!e))
		return forward_route_any(rx, skb, way);
	via = container_of(e, struct mini_route, entry)->via;
	if (unlikely(via->n != 1 || via->type != MINI_ROUTE_UNICAST))
		return forward_route_any(rx, skb, way);
	/* Only a gateway has an entry here. */
	n = rcu_dereference(via->nh[0].neigh);
	way->mdev = via->nh[0].mdev;
	if (unlikely(!n || READ_ONCE(n->dead) ||
		     (READ_ONCE(way->mdev->flags) &
		      (MINI_DEV_F_UP | MINI_DEV_F_NOARP)) != MINI_DEV_F_UP))
		return forward_route_any(rx, skb, way);
	way->next_hop = &via->nh[0].gateway;
	way->neigh = n;
	return true;
}

static inline bool forward_fits(const struct sk_buff *skb, unsigned int mtu)
{
	if (likely(skb->len <= mtu))
		return true;
	return skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu);
}

/* What is too large goes on in pieces. */
static noinline void
forward_fragment(const struct mini_rx *rx, struct sk_buff *skb,
		 const struct forward_way *way, unsigned int mtu)
{
	struct mini_path path = {
		.mdev = way->mdev,
		.neigh = way->neigh,
		.dst = rx->daddr,
		.src = rx->saddr,
		.mtu = mtu,
		.type = MINI_ROUTE_UNICAST,
	};

	mini_ip_fragment(rx->mn, &path, skb, mtu);
}

/* Routers on a recorded route give the address that it leaves by. */
static noinline void
forward_options(const struct mini_rx *rx, struct sk_buff *skb,
		const struct forward_way *way)
{
	struct in6_addr addr;

	if (!mini_addr_select(way->mdev, way->next_hop, &addr))
		addr = in6addr_any;
	mini_options_record(rx->mn, ip_hdr(skb), mini_addr_v4(&addr));
}

/* Nothing of its way in may follow it out. */
static inline void forward_scrub(const struct mini_rx *rx, struct sk_buff *skb)
{
	skb_clear_tstamp(skb);
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	/* A sum over the whole packet no longer holds when a part changes. */
	skb_forward_csum(skb);
	skb->priority = rt_tos2priority(rx->tos);
}

void mini_forward(const struct mini_rx *rx, struct sk_buff *skb)
{
	struct mini_net *mn = rx->mn;
	struct forward_way way;
	unsigned int mtu;
	bool fits;

	__skb_push(skb, skb_transport_offset(skb) - skb_network_offset(skb));
	if (!forward_check(rx, skb) || !forward_route(rx, skb, &way))
		return;
	if (unlikely(way.mdev == rx->mdev))
		mini_redirect_send(rx, skb, way.next_hop);
	/* Who reads along has the packet as it came. */
	if (unlikely(skb_cow_head(skb, ETH_HLEN))) {
		mini_drop(mn, skb, MINI_DROP_NO_MEMORY);
		return;
	}
	mtu = READ_ONCE(way.mdev->mtu);
	fits = forward_fits(skb, mtu);
	if (unlikely(!fits && ip_hdr(skb)->frag_off & htons(IP_DF))) {
		/* RFC 1191 section 4 */
		mini_inc(mn, MINI_MIB_IP_FRAG_FAILS);
		forward_refuse(rx, skb, MINI_DROP_IP_FRAG_NEEDED,
			       ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
		return;
	}
	forward_scrub(rx, skb);
	ip_decrease_ttl(ip_hdr(skb));
	mini_inc(mn, MINI_MIB_IP_FORWARDED);
	if (unlikely(ip_hdr(skb)->ihl > 5))
		forward_options(rx, skb, &way);
	if (unlikely(!fits)) {
		forward_fragment(rx, skb, &way, mtu);
		return;
	}
	if (likely(way.neigh))
		mini_link_forward(way.mdev, way.neigh, skb);
	else
		mini_link_xmit(way.mdev, NULL, skb, &rx->daddr,
			       MINI_ROUTE_UNICAST);
}
