// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4 input: from the link layer to a transport (RFC 791, RFC 1122 section
 * 3.2, RFC 1812 section 5.3.7 for martians).
 *
 * Each field is checked once, here or in wire/; what a handler receives it
 * may believe.  A packet of a connection finds it (mini_proto.demux) before
 * any route is looked up: who has a connection owns its local address.
 *
 * Locks on entry: none; softirq, rcu_read_lock().
 */
#include <linux/icmp.h>
#include <net/ip.h>

#include "../wire/wire.h"
#include "igmp.h"
#include "ip_int.h"

/* By IP protocol number; written at module initialisation. */
static const struct mini_proto *input_protos[256] __read_mostly;
static const struct mini_ip_tap *input_tap __read_mostly;

void mini_ip_register(const struct mini_proto *proto)
{
	input_protos[proto->protocol] = proto;
}

void mini_ip_unregister(const struct mini_proto *proto)
{
	input_protos[proto->protocol] = NULL;
}

const struct mini_proto *mini_ip_proto(u8 protocol)
{
	return input_protos[protocol];
}

void mini_ip_set_tap(const struct mini_ip_tap *tap)
{
	input_tap = tap;
}

const struct mini_ip_tap *mini_ip_tap(void)
{
	return input_tap;
}

/* Sent by this host: over the loopback, or to many and heard here, too. */
static inline bool input_is_loopback(const struct mini_rx *rx,
				     const struct sk_buff *skb)
{
	return rx->mdev->flags & MINI_DEV_F_LOOPBACK ||
	       skb->pkt_type == PACKET_LOOPBACK;
}

/*
 * Nobody's address may ask for one (RFC 2131), and tell of groups (RFC 3376
 * section 4.2.13), and nothing else.
 */
static bool input_zeronet_ok(const struct mini_rx *rx, __be32 saddr,
			     __be32 daddr)
{
	return !saddr && (ipv4_is_lbcast(daddr) ||
			  ipv4_is_local_multicast(daddr) ||
			  (ipv4_is_multicast(daddr) &&
			   rx->proto == IPPROTO_IGMP));
}

/* Of neither 0/8, 127/8, nor above all hosts' addresses. */
static inline bool input_is_plain(__be32 addr)
{
	u32 a = ntohl(addr);

	return a - 0x01000000 < 0xdf000000 && a >> 24 != 127;
}

/*
 * What the addresses alone tell; input_source_ok() and input_route() ask the
 * routing table for the rest.
 */
static enum mini_drop_reason input_check_addrs(const struct mini_rx *rx,
					       const struct sk_buff *skb)
{
	__be32 saddr = mini_addr_v4(&rx->saddr);
	__be32 daddr = mini_addr_v4(&rx->daddr);

	if (likely(input_is_plain(saddr) && input_is_plain(daddr)))
		return 0;
	if (ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr))
		return MINI_DROP_IP_MARTIAN_SOURCE;
	if (ipv4_is_zeronet(daddr))
		return MINI_DROP_IP_MARTIAN_DEST;
	if (unlikely(ipv4_is_zeronet(saddr)) &&
	    !input_zeronet_ok(rx, saddr, daddr))
		return MINI_DROP_IP_MARTIAN_SOURCE;
	if (input_is_loopback(rx, skb))
		return 0;
	if (ipv4_is_loopback(saddr))
		return MINI_DROP_IP_MARTIAN_SOURCE;
	if (ipv4_is_loopback(daddr))
		return MINI_DROP_IP_MARTIAN_DEST;
	return 0;
}

/*
 * From outside comes no packet of this host's own, nor of a subnet as such;
 * not even to a connection, which may be one of this host with itself.
 */
static inline bool input_source_ok(const struct mini_rx *rx,
				   const struct sk_buff *skb)
{
	if (input_is_loopback(rx, skb) ||
	    !mini_addr_maybe_own(rx->mn, &rx->saddr))
		return true;
	return mini_addr_type(rx->mn, &rx->saddr) == MINI_ROUTE_UNICAST;
}

/*
 * Is it surely another host's, and to be passed on?  The few whose hash is
 * that of an own address are found out by their route.
 */
static inline bool input_is_transit(const struct mini_rx *rx,
				    const struct sk_buff *skb)
{
	__be32 daddr = mini_addr_v4(&rx->daddr);

	return READ_ONCE(rx->mn->sysctl.ip_forward) &&
	       !mini_addr_maybe_own(rx->mn, &rx->daddr) &&
	       !ipv4_is_multicast(daddr) && !ipv4_is_lbcast(daddr) &&
	       !input_is_loopback(rx, skb);
}

/* RFC 3704: would an answer to this source leave by where it came from? */
static noinline bool input_rp_ok(const struct mini_rx *rx,
				 const struct sk_buff *skb, int filter)
{
	struct mini_route_result res;
	unsigned int i;

	if (input_is_loopback(rx, skb) ||
	    ipv4_is_zeronet(mini_addr_v4(&rx->saddr)))
		return true;
	if (mini_route_lookup(rx->mn, &rx->saddr, 0, 0, &res) !=
	    MINI_ROUTE_UNICAST)
		return false;
	if (filter == 2)
		return true;
	for (i = 0; i < res.via->n; i++) {
		if (res.via->nh[i].mdev == rx->mdev)
			return true;
	}
	return false;
}

/*
 * What the routes say of the destination.  Most packets are for one address of
 * this host: while no address or route changes, its CPU remembers it.
 */
static inline u8 input_dst_type(const struct mini_rx *rx)
{
	struct mini_ip_net *ip = READ_ONCE(rx->mn->ip);
	__be32 daddr = mini_addr_v4(&rx->daddr);
	int genid = atomic_read(&rx->mn->genid);
	struct mini_local_slot *slot;
	u8 type;

	if (unlikely(!ip))
		return mini_addr_type(rx->mn, &rx->daddr);
	slot = this_cpu_ptr(ip->cpu)->local +
	       hash_32((__force u32)daddr, MINI_IP_LOCAL_BITS);
	if (likely(slot->addr == daddr && slot->genid == genid))
		return MINI_ROUTE_LOCAL;
	/* A change after this reading makes the slot look old, not the new. */
	smp_rmb();
	type = mini_addr_type(rx->mn, &rx->daddr);
	if (type == MINI_ROUTE_LOCAL) {
		slot->addr = daddr;
		slot->genid = genid;
	}
	return type;
}

/* What is the destination to this host? */
static enum mini_drop_reason input_route(struct mini_rx *rx,
					 const struct sk_buff *skb)
{
	rx->dst_type = input_dst_type(rx);
	if (rx->dst_type == MINI_ROUTE_UNICAST)
		return MINI_DROP_IP_NOT_LOCAL;
	if (!rx->dst_type &&
	    !mini_mc_accepts(rx->mdev, &rx->daddr, &rx->saddr, rx->proto))
		return MINI_DROP_IP_NOT_MEMBER;
	/* RFC 1122 section 3.3.6 */
	if (rx->dst_type == MINI_ROUTE_LOCAL &&
	    (skb->pkt_type == PACKET_BROADCAST ||
	     skb->pkt_type == PACKET_MULTICAST))
		return MINI_DROP_IP_UNICAST_IN_L2_MULTICAST;
	if (rx->dst_type != MINI_ROUTE_LOCAL &&
	    rx->proto != IPPROTO_UDP && rx->proto != IPPROTO_ICMP &&
	    rx->proto != IPPROTO_IGMP &&
	    !READ_ONCE(rx->mn->raw_socks))
		return MINI_DROP_IP_NOT_UNICAST;
	return 0;
}

/* @taken: a raw socket has a copy of it. */
static void input_no_proto(struct mini_rx *rx, struct sk_buff *skb, bool taken)
{
	if (taken) {
		mini_inc(rx->mn, MINI_MIB_IP_IN_DELIVERS);
		consume_skb(skb);
		return;
	}
	mini_icmp_send_unreach(rx, skb, ICMP_PROT_UNREACH);
	mini_drop(rx->mn, skb, MINI_DROP_IP_NO_PROTO);
}

/*
 * RFC 2113: a router looks at what carries the option, wherever it goes.  If a
 * program takes it, as a whole, it goes no further.
 */
static noinline bool input_alert(struct mini_rx *rx, struct sk_buff *skb)
{
	if (!READ_ONCE(rx->mn->raw_socks) || skb->pkt_type != PACKET_HOST ||
	    !mini_options_alert(ip_hdr(skb)) || !input_tap->alert(rx, NULL))
		return false;
	if (ip_is_fragment(ip_hdr(skb))) {
		skb = mini_reass(rx, skb);
		if (!skb)
			return true;
	}
	input_tap->alert(rx, skb);
	consume_skb(skb);
	return true;
}

/* To another host */
static inline void input_forward(struct mini_rx *rx, struct sk_buff *skb)
{
	if (unlikely(ip_hdr(skb)->ihl > 5) && input_alert(rx, skb))
		return;
	mini_forward(rx, skb);
}

/* What input_route() said is to be done with it: passed on, or dropped. */
static void input_not_ours(struct mini_rx *rx, struct sk_buff *skb,
			   enum mini_drop_reason reason)
{
	if (reason == MINI_DROP_IP_NOT_LOCAL &&
	    rx->dst_type == MINI_ROUTE_UNICAST &&
	    READ_ONCE(rx->mn->sysctl.ip_forward) &&
	    !input_is_loopback(rx, skb))
		input_forward(rx, skb);
	else
		mini_drop(rx->mn, skb, reason);
}

/*
 * Only the whole tells whose it is; only this host's fragments are put
 * together.  NULL: it was not the last.
 */
static struct sk_buff *input_fragment(struct mini_rx *rx, struct sk_buff *skb)
{
	enum mini_drop_reason reason = input_route(rx, skb);

	if (!reason)
		return mini_reass(rx, skb);
	input_not_ours(rx, skb, reason);
	return NULL;
}

static void input_deliver(struct mini_rx *rx, struct sk_buff *skb)
{
	const struct mini_proto *proto = input_protos[rx->proto];
	enum mini_drop_reason reason;
	bool taken = false;

	if (unlikely(ip_is_fragment(ip_hdr(skb)))) {
		skb = input_fragment(rx, skb);
		if (!skb)
			return;
	}
	if (proto && proto->demux && skb->pkt_type == PACKET_HOST &&
	    proto->demux(rx, skb)) {
		rx->dst_type = MINI_ROUTE_LOCAL;
	} else {
		reason = input_route(rx, skb);
		if (reason) {
			input_not_ours(rx, skb, reason);
			return;
		}
	}
	if (unlikely(ip_hdr(skb)->ihl > 5) &&
	    rx->dst_type == MINI_ROUTE_LOCAL) {
		/* Who reads along has the packet as it came. */
		if (skb_cow_head(skb, 0)) {
			mini_drop(rx->mn, skb, MINI_DROP_NO_MEMORY);
			return;
		}
		mini_options_record(rx->mn, ip_hdr(skb),
				    mini_addr_v4(&rx->daddr));
	}
	if (unlikely(READ_ONCE(rx->mn->raw_socks)))
		taken = input_tap->rcv(rx, skb);
	if (!proto) {
		input_no_proto(rx, skb, taken);
		return;
	}
	/* A program of this host lent its pages for sending, not for reading. */
	if (unlikely(skb_orphan_frags_rx(skb, GFP_ATOMIC))) {
		mini_drop(rx->mn, skb, MINI_DROP_NO_MEMORY);
		return;
	}
	mini_inc(rx->mn, MINI_MIB_IP_IN_DELIVERS);
	proto->rcv(rx, skb);
}

/* Check the header and take it off; 0 is good. */
static __always_inline enum mini_drop_reason
input_header(struct mini_rx *rx, struct sk_buff *skb)
{
	struct mini_wire_ipv4 ip __uninitialized;
	enum mini_drop_reason reason;
	unsigned int hlen;
	int filter;

	if (unlikely(!pskb_may_pull(skb, sizeof(struct iphdr))))
		return MINI_DROP_IP_SHORT;
	/* The parser reads options too, for the checksum. */
	hlen = (skb->data[0] & 0xf) * 4;
	if (unlikely(!pskb_may_pull(skb, hlen)))
		return MINI_DROP_IP_HEADER_LEN;
	reason = mini_wire_ipv4_parse(skb->data, skb->len, &ip);
	if (unlikely(reason))
		return reason;
	/* Ethernet pads short packets. */
	if (unlikely(pskb_trim_rcsum(skb, ip.tot_len)))
		return MINI_DROP_NO_MEMORY;

	mini_addr_set_v4(&rx->saddr, ip.saddr);
	mini_addr_set_v4(&rx->daddr, ip.daddr);
	rx->len = ip.tot_len - ip.hdr_len;
	rx->proto = ip.proto;
	rx->ttl = ip.ttl;
	rx->tos = ip.tos;
	skb_reset_network_header(skb);
	__skb_pull(skb, ip.hdr_len);
	skb_reset_transport_header(skb);
	reason = input_check_addrs(rx, skb);
	if (unlikely(reason))
		return reason;
	if (unlikely(!input_source_ok(rx, skb)))
		return MINI_DROP_IP_MARTIAN_SOURCE;
	filter = READ_ONCE(rx->mn->sysctl.rp_filter);
	if (unlikely(filter) && !input_rp_ok(rx, skb, filter))
		return MINI_DROP_IP_RP_FILTER;
	return 0;
}

/* Are the options good?  The sender is told where they are not. */
static enum mini_drop_reason input_options(struct mini_rx *rx,
					   struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	enum mini_drop_reason reason;
	unsigned int pointer;

	reason = mini_options_check((const u8 *)(iph + 1),
				    iph->ihl * 4 - sizeof(*iph), &pointer);
	if (reason == MINI_DROP_IP_OPTIONS) {
		rx->dst_type = mini_addr_type(rx->mn, &rx->daddr);
		/* RFC 1122 section 3.2.1.3: a host is silent of others' packets. */
		if (rx->dst_type != MINI_ROUTE_UNICAST ||
		    READ_ONCE(rx->mn->sysctl.ip_forward))
			mini_icmp_send(rx, skb, ICMP_PARAMETERPROB, 0, pointer);
	}
	return reason;
}

void mini_ipv4_rcv(struct mini_dev *mdev, struct sk_buff *skb)
{
	enum mini_drop_reason reason;
	struct mini_rx rx __uninitialized;

	rx.mn = mdev->mn;
	rx.mdev = mdev;
	mini_inc(rx.mn, MINI_MIB_IP_IN_RECEIVES);
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return;
	/* A sender on this machine may have left the time of its pacing. */
	skb_clear_delivery_time(skb);
	mini_ip_cb(skb)->frag_size = 0;
	reason = input_header(&rx, skb);
	if (!reason && unlikely(ip_hdr(skb)->ihl > 5))
		reason = input_options(&rx, skb);
	if (unlikely(reason)) {
		mini_drop(rx.mn, skb, reason);
		return;
	}
	rx.conn = NULL;
	if (input_is_transit(&rx, skb)) {
		rx.dst_type = MINI_ROUTE_UNICAST;
		input_forward(&rx, skb);
		return;
	}
	input_deliver(&rx, skb);
}

int mini_ip_init(void)
{
	int err = mini_route_cache_init();

	if (err)
		return err;
	err = mini_reass_init();
	if (err)
		goto err_routes;
	err = mini_acd_init();
	if (err)
		goto err_reass;
	mini_link_register(htons(ETH_P_IP), mini_ipv4_rcv);
	mini_link_set_addr_ops(&mini_addr_link_ops);
	mini_link_set_unreach(mini_icmp_unreach);
	mini_icmp_init();
	mini_igmp_init();
	return 0;

err_reass:
	mini_reass_exit();
err_routes:
	mini_route_cache_exit();
	return err;
}

void mini_ip_exit(void)
{
	mini_acd_exit();
	mini_reass_exit();
	mini_route_cache_exit();
}

int mini_ip_net_init(struct mini_net *mn)
{
	int err;

	err = mini_icmp_net_init(mn);
	if (err)
		return err;
	err = mini_reass_net_init(mn);
	if (err)
		goto err_icmp;
	err = mini_pmtu_net_init(mn);
	if (err)
		goto err_reass;
	err = mini_addr_net_init(mn);
	if (err)
		goto err_pmtu;
	return 0;

err_pmtu:
	mini_pmtu_net_exit(mn);
err_reass:
	mini_reass_net_exit(mn);
err_icmp:
	mini_icmp_net_exit(mn);
	return err;
}

void mini_ip_net_stop(struct mini_net *mn)
{
	mini_reass_net_stop(mn);
}

void mini_ip_net_exit(struct mini_net *mn)
{
	mini_addr_net_exit(mn);
	mini_pmtu_net_exit(mn);
	mini_reass_net_exit(mn);
	mini_icmp_net_exit(mn);
}
