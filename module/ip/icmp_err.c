// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors about packets that this host sent (RFC 792, RFC 1122 sections
 * 3.2.2 and 4.2.3.9, RFC 1191): parsed, put into a program's terms, given to
 * the transport that the quoted packet belongs to.
 *
 * An error is only as good as its quote, and anybody can write one: what is
 * checked here is that the quote could be of a packet of ours; whether it is,
 * the transport must tell by its ports and sequence numbers (RFC 5927).
 *
 * Locks on entry: none; softirq, rcu_read_lock().
 */
#include <linux/icmp.h>

#include "../wire/wire.h"
#include "ip_int.h"

/* Octets of a quote that are made contiguous, where there are as many. */
#define ICMP_QUOTE_PULL	128

/* RFC 791: every link carries this much. */
#define ICMP_MTU_MIN	68

struct icmp_meaning {
	int errno_;
	bool hard;
};

/*
 * Destination unreachable, by code: RFC 1122 section 3.2.2.1's list, with the
 * errnos that AF_INET gives.  Hard: trying again is of no use.
 */
static const struct icmp_meaning icmp_unreach_meaning[] = {
	[ICMP_NET_UNREACH]	= { ENETUNREACH,	false },
	[ICMP_HOST_UNREACH]	= { EHOSTUNREACH,	false },
	[ICMP_PROT_UNREACH]	= { ENOPROTOOPT,	true },
	[ICMP_PORT_UNREACH]	= { ECONNREFUSED,	true },
	[ICMP_FRAG_NEEDED]	= { EMSGSIZE,		false },
	[ICMP_SR_FAILED]	= { EOPNOTSUPP,		false },
	[ICMP_NET_UNKNOWN]	= { ENETUNREACH,	true },
	[ICMP_HOST_UNKNOWN]	= { EHOSTDOWN,		true },
	[ICMP_HOST_ISOLATED]	= { ENONET,		true },
	[ICMP_NET_ANO]		= { ENETUNREACH,	true },
	[ICMP_HOST_ANO]		= { EHOSTUNREACH,	true },
	[ICMP_NET_UNR_TOS]	= { ENETUNREACH,	false },
	[ICMP_HOST_UNR_TOS]	= { EHOSTUNREACH,	false },
	[ICMP_PKT_FILTERED]	= { EHOSTUNREACH,	true },
	[ICMP_PREC_VIOLATION]	= { EHOSTUNREACH,	true },
	[ICMP_PREC_CUTOFF]	= { EHOSTUNREACH,	true },
};

/* RFC 1191 section 7.1: MTUs that links have, for routers that tell none. */
static const u16 icmp_plateaus[] = {
	32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, ICMP_MTU_MIN,
};

static u32 icmp_next_mtu(u32 told, u32 sent)
{
	unsigned int i;

	/* More than was sent: who goes by it finds nothing to change. */
	if (told >= ICMP_MTU_MIN)
		return told;
	for (i = 0; i < ARRAY_SIZE(icmp_plateaus) - 1; i++) {
		if (icmp_plateaus[i] < sent)
			break;
	}
	return icmp_plateaus[i];
}

/* Put type and code into a program's terms; false: nobody need hear of it. */
static bool icmp_meaning(struct mini_icmp_err *e)
{
	switch (e->type) {
	case ICMP_DEST_UNREACH:
		if (e->code >= ARRAY_SIZE(icmp_unreach_meaning))
			return false;
		e->errno_ = icmp_unreach_meaning[e->code].errno_;
		e->hard = icmp_unreach_meaning[e->code].hard;
		return true;
	case ICMP_TIME_EXCEEDED:
		/* A fragment was lost: whoever waits for it will ask. */
		if (e->code == ICMP_EXC_FRAGTIME)
			return false;
		e->errno_ = EHOSTUNREACH;
		e->hard = false;
		return true;
	case ICMP_PARAMETERPROB:
		e->errno_ = EPROTO;
		e->hard = false;
		return true;
	default:
		return false;
	}
}

void mini_icmp_err_deliver(struct mini_net *mn, const struct mini_icmp_err *e)
{
	const struct mini_proto *proto = mini_ip_proto(e->proto);

	if (unlikely(READ_ONCE(mn->raw_socks)))
		mini_ip_tap()->err(mn, e);
	if (proto && proto->err)
		proto->err(mn, e);
}

/*
 * The quote begins with the IP header of a packet that this host sent to
 * somebody, and eight octets of it follow (RFC 792).
 */
static bool icmp_quote_ok(const struct mini_rx *rx, struct sk_buff *skb,
			  struct mini_wire_ipv4 *quote)
{
	unsigned int offset = sizeof(struct icmphdr);
	unsigned int hlen;

	pskb_may_pull(skb, min_t(unsigned int, skb->len, ICMP_QUOTE_PULL));
	if (!pskb_may_pull(skb, offset + sizeof(struct iphdr)))
		return false;
	hlen = (skb->data[offset] & 0xf) * 4;
	if (!pskb_may_pull(skb, offset + hlen + MINI_WIRE_ICMP_QUOTE))
		return false;
	if (mini_wire_icmp_quote_parse(skb->data + offset,
				       skb_headlen(skb) - offset, quote))
		return false;
	/* Only the first fragment tells whose it is. */
	if (quote->frag_off)
		return false;
	/* Errors go to the source of what they are about. */
	return quote->saddr == mini_addr_v4(&rx->daddr) &&
	       rx->dst_type == MINI_ROUTE_LOCAL;
}

bool mini_icmp_quote(const struct mini_rx *rx, struct sk_buff *skb,
		     struct mini_wire_ipv4 *quote)
{
	if (likely(icmp_quote_ok(rx, skb, quote)))
		return true;
	mini_inc(rx->mn, MINI_MIB_ICMP_IN_ERRORS);
	mini_drop(rx->mn, skb, MINI_DROP_ICMP_QUOTE);
	return false;
}

void mini_icmp_rcv_err(struct mini_rx *rx, struct sk_buff *skb)
{
	struct mini_net *mn = rx->mn;
	struct mini_wire_ipv4 quote;
	struct mini_icmp_err e = {
		.reporter = rx->saddr,
		.skb = skb,
	};
	const struct icmphdr *icmp;
	unsigned int offset;

	if (!mini_icmp_quote(rx, skb, &quote))
		return;
	icmp = (const struct icmphdr *)skb->data;
	if (icmp->type == ICMP_DEST_UNREACH)
		mini_inc(mn, MINI_MIB_ICMP_IN_DEST_UNREACHS);
	e.type = icmp->type;
	e.code = icmp->code;
	if (!icmp_meaning(&e)) {
		mini_drop(mn, skb, MINI_DROP_ICMP_TYPE);
		return;
	}
	if (e.type == ICMP_DEST_UNREACH && e.code == ICMP_FRAG_NEEDED)
		e.mtu = icmp_next_mtu(ntohs(icmp->un.frag.mtu), quote.tot_len);
	e.info = e.type == ICMP_PARAMETERPROB ?
		 ntohl(icmp->un.gateway) >> 24 : e.mtu;
	e.len = quote.tot_len;
	mini_addr_set_v4(&e.laddr, quote.saddr);
	mini_addr_set_v4(&e.raddr, quote.daddr);
	offset = sizeof(*icmp) + quote.hdr_len;
	e.payload = skb->data + offset;
	e.payload_len = skb_headlen(skb) - offset;
	e.hdr_len = quote.hdr_len;
	e.proto = quote.proto;
	e.ifindex = rx->mdev->ifindex;
	mini_icmp_err_deliver(mn, &e);
	consume_skb(skb);
}

/*
 * A next hop did not answer: what a router would say of it, the sender hears
 * from its own host.
 */
void mini_icmp_unreach(struct mini_dev *mdev, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct mini_icmp_err e = {
		.type = ICMP_DEST_UNREACH,
		.code = ICMP_HOST_UNREACH,
		.errno_ = EHOSTUNREACH,
		.skb = skb,
	};
	unsigned int hlen = iph->ihl * 4;
	unsigned int have;

	if (skb->protocol != htons(ETH_P_IP))
		goto drop;
	/* Another host's: a router has brought it here. */
	if (skb->skb_iif) {
		rcu_read_lock();
		mini_icmp_send_forwarded(mdev, skb, ICMP_DEST_UNREACH,
					 ICMP_HOST_UNREACH, 0);
		rcu_read_unlock();
		goto drop;
	}
	mini_addr_set_v4(&e.laddr, iph->saddr);
	mini_addr_set_v4(&e.raddr, iph->daddr);
	if (mini_redirect_forget(mdev->mn, &e.raddr))
		mini_pmtu_news(mdev->mn);
	/* Raw sockets are to see the message that says so. */
	if (unlikely(READ_ONCE(mdev->mn->raw_socks))) {
		mini_icmp_send_self(mdev, skb, ICMP_HOST_UNREACH);
		goto drop;
	}
	/* Output built both headers contiguously. */
	have = skb_tail_pointer(skb) - skb_network_header(skb);
	if (have < hlen + MINI_WIRE_ICMP_QUOTE)
		goto drop;
	e.reporter = e.laddr;
	e.payload = skb_network_header(skb) + hlen;
	e.payload_len = have - hlen;
	e.hdr_len = hlen;
	e.proto = iph->protocol;
	rcu_read_lock();
	mini_icmp_err_deliver(mdev->mn, &e);
	rcu_read_unlock();
drop:
	mini_drop(mdev->mn, skb, MINI_DROP_NEIGH_FAILED);
}
