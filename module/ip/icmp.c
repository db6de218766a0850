// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP (RFC 792, RFC 1122 section 3.2.2): echo and requests for a timestamp
 * are answered, errors of others go to icmp_err.c, errors of our own are sent
 * from here.
 *
 * Locks on entry: none; softirq, rcu_read_lock().
 */
#include <linux/icmp.h>
#include <linux/slab.h>
#include <net/inet_ecn.h>
#include <net/ip.h>

#include "ip_int.h"

/* RFC 1812 section 4.3.2.3: no error is longer, whole, than this. */
#define ICMP_ERROR_MAX		576
/* RFC 1812 section 4.3.2.5: errors have the precedence of control. */
#define ICMP_ERROR_TOS		0xc0
/* and the type of service of what they are about. */
#define ICMP_ERROR_TOS_KEPT	0x1c

/**
 * struct mini_icmp_net - the errors that may still be sent: a token bucket
 * @lock: BH; guards the rest
 * @credit: tokens, in parts of 1/HZ
 * @stamp: jiffies when @credit was brought up to date
 * @full: nothing was taken yet
 * @rcu: frees it
 */
struct mini_icmp_net {
	/* Guards all below. */
	spinlock_t lock;
	u64 credit;
	unsigned long stamp;
	bool full;
	struct rcu_head rcu;
};

/* Written at module initialisation. */
static const struct mini_icmp_ping *icmp_ping __read_mostly;

void mini_icmp_set_ping(const struct mini_icmp_ping *ping)
{
	icmp_ping = ping;
}

bool mini_icmp_allow(struct mini_net *mn, unsigned long now)
{
	int rate = READ_ONCE(mn->sysctl.icmp_ratelimit);
	u64 max = (u64)max(READ_ONCE(mn->sysctl.icmp_burst), 1) * HZ;
	struct mini_icmp_net *in = READ_ONCE(mn->icmp);
	bool ok;

	if (rate <= 0)
		return true;
	if (!in)
		return false;
	spin_lock_bh(&in->lock);
	if (in->full) {
		in->full = false;
		in->credit = max;
	} else {
		in->credit += (u64)(now - in->stamp) * rate;
	}
	in->credit = min(in->credit, max);
	in->stamp = now;
	ok = in->credit >= HZ;
	if (ok)
		in->credit -= HZ;
	spin_unlock_bh(&in->lock);
	if (!ok)
		mini_inc(mn, MINI_MIB_ICMP_OUT_RATELIMITED);
	return ok;
}

/*
 * RFC 1122 section 3.2.2.6: what was recorded goes back, and is recorded
 * further.  The header of the way in becomes that of the way out.
 */
static void icmp_echo_options(const struct mini_rx *rx, struct sk_buff *skb,
			      const struct mini_ip_hdr *h)
{
	struct mini_flow fl = {
		.dst = rx->saddr,
		.src = rx->daddr,
		.proto = h->proto,
		.tos = h->tos,
		.freebind = true,
	};
	struct mini_net *mn = rx->mn;
	struct mini_path path;
	struct iphdr *iph;

	if (mini_path_lookup(mn, &fl, &path)) {
		mini_drop(mn, skb, MINI_DROP_IP_NO_ROUTE);
		return;
	}
	iph = skb_push(skb, ip_hdrlen(skb));
	iph->tos = h->tos;
	iph->id = 0;
	iph->frag_off = 0;
	iph->ttl = READ_ONCE(mn->sysctl.ip_default_ttl);
	iph->saddr = mini_addr_v4(&rx->daddr);
	iph->daddr = mini_addr_v4(&rx->saddr);
	mini_options_answer(iph);
	mini_ip_xmit_header(mn, &path, skb, path.mtu, false);
	mini_path_release(&path);
}

/* The packet goes back with another type; its header is writable. */
static void icmp_send_back(struct mini_rx *rx, struct sk_buff *skb, u8 type)
{
	const struct mini_ip_hdr h = {
		.proto = IPPROTO_ICMP,
		.tos = rx->tos & ~INET_ECN_MASK,
	};
	struct icmphdr *icmp;

	/* Nothing of its way in may follow it out. */
	skb_orphan(skb);
	skb_scrub_packet(skb, true);
	skb->ip_summed = CHECKSUM_NONE;
	icmp = (struct icmphdr *)skb->data;
	icmp->type = type;
	icmp->checksum = 0;
	icmp->checksum = csum_fold(skb_checksum(skb, 0, skb->len, 0));
	mini_inc(rx->mn, MINI_MIB_ICMP_OUT_MSGS);
	if (unlikely(ip_hdr(skb)->ihl > 5))
		icmp_echo_options(rx, skb, &h);
	else
		mini_ip_reply(rx, skb, &h);
}

static void icmp_echo(struct mini_rx *rx, struct sk_buff *skb)
{
	struct mini_net *mn = rx->mn;

	mini_inc(mn, MINI_MIB_ICMP_IN_ECHOS);
	/* RFC 1122 section 3.2.2.6 lets a host be silent to a broadcast. */
	if (rx->dst_type != MINI_ROUTE_LOCAL ||
	    READ_ONCE(mn->sysctl.icmp_echo_ignore_all)) {
		mini_drop(mn, skb, MINI_DROP_ICMP_ECHO_IGNORED);
		return;
	}
	if (skb_ensure_writable(skb, sizeof(struct icmphdr))) {
		mini_drop(mn, skb, MINI_DROP_NO_MEMORY);
		return;
	}
	mini_inc(mn, MINI_MIB_ICMP_OUT_ECHO_REPS);
	icmp_send_back(rx, skb, ICMP_ECHOREPLY);
}

/* RFC 1122 section 3.2.2.8: when it came and when it leaves are one time. */
static void icmp_timestamp(struct mini_rx *rx, struct sk_buff *skb)
{
	struct icmp_times {
		struct icmphdr icmp;
		__be32 originate;
		__be32 receive;
		__be32 transmit;
	} *times;
	struct mini_net *mn = rx->mn;

	mini_inc(mn, MINI_MIB_ICMP_IN_TIMESTAMPS);
	if (rx->dst_type != MINI_ROUTE_LOCAL) {
		mini_drop(mn, skb, MINI_DROP_ICMP_ECHO_IGNORED);
		return;
	}
	if (skb->len < sizeof(*times)) {
		mini_inc(mn, MINI_MIB_ICMP_IN_ERRORS);
		mini_drop(mn, skb, MINI_DROP_ICMP_SHORT);
		return;
	}
	if (pskb_trim(skb, sizeof(*times)) ||
	    skb_ensure_writable(skb, sizeof(*times))) {
		mini_drop(mn, skb, MINI_DROP_NO_MEMORY);
		return;
	}
	times = (struct icmp_times *)skb->data;
	times->icmp.code = 0;
	times->receive = mini_options_time();
	times->transmit = times->receive;
	mini_inc(mn, MINI_MIB_ICMP_OUT_TIMESTAMP_REPS);
	icmp_send_back(rx, skb, ICMP_TIMESTAMPREPLY);
}

/* To whoever asked; a group never did. */
static void icmp_reply(struct mini_rx *rx, struct sk_buff *skb)
{
	if (icmp_ping && rx->dst_type == MINI_ROUTE_LOCAL)
		icmp_ping->rcv(rx, skb);
	else
		consume_skb(skb);
}

static void icmp_err(struct mini_net *mn, const struct mini_icmp_err *e)
{
	if (icmp_ping)
		icmp_ping->err(mn, e);
}

static void icmp_rcv(struct mini_rx *rx, struct sk_buff *skb)
{
	struct mini_net *mn = rx->mn;

	mini_inc(mn, MINI_MIB_ICMP_IN_MSGS);
	if (!pskb_may_pull(skb, sizeof(struct icmphdr))) {
		mini_inc(mn, MINI_MIB_ICMP_IN_ERRORS);
		mini_drop(mn, skb, MINI_DROP_ICMP_SHORT);
		return;
	}
	if (skb_checksum_simple_validate(skb)) {
		mini_inc(mn, MINI_MIB_ICMP_IN_ERRORS);
		mini_drop(mn, skb, MINI_DROP_ICMP_CSUM);
		return;
	}
	switch (skb->data[0]) {
	case ICMP_ECHO:
		icmp_echo(rx, skb);
		return;
	case ICMP_TIMESTAMP:
		icmp_timestamp(rx, skb);
		return;
	case ICMP_REDIRECT:
		mini_redirect_rcv(rx, skb);
		return;
	case ICMP_ECHOREPLY:
		mini_inc(mn, MINI_MIB_ICMP_IN_ECHO_REPS);
		fallthrough;
	case ICMP_EXT_ECHOREPLY:
		icmp_reply(rx, skb);
		return;
	case ICMP_DEST_UNREACH:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		mini_icmp_rcv_err(rx, skb);
		return;
	default:
		/* RFC 1122 section 3.2.2: unknown types are silently dropped */
		mini_drop(mn, skb, MINI_DROP_ICMP_TYPE);
		return;
	}
}

/* Is the received packet an ICMP error, or could it be one? */
static bool icmp_is_error(const struct mini_rx *rx, const struct sk_buff *skb)
{
	const u8 *type;
	u8 buf;

	if (rx->proto != IPPROTO_ICMP)
		return false;
	type = skb_header_pointer(skb, skb_transport_offset(skb), 1, &buf);
	return !type || (*type != ICMP_ECHO && *type != ICMP_ECHOREPLY);
}

/* One host, which may be told something (RFC 1812 section 4.3.2.7). */
static bool icmp_source_is_host(struct mini_net *mn,
				const struct in6_addr *addr)
{
	__be32 saddr = mini_addr_v4(addr);

	if (ipv4_is_zeronet(saddr) || ipv4_is_multicast(saddr))
		return false;
	return mini_addr_type(mn, addr) != MINI_ROUTE_BROADCAST;
}

/* RFC 1122 section 3.2.2: what no error is sent about. */
static bool icmp_may_answer(const struct mini_rx *rx, const struct sk_buff *skb)
{
	/* To a group, in the packet or in the frame */
	if (!rx->dst_type || rx->dst_type == MINI_ROUTE_BROADCAST)
		return false;
	if (skb->pkt_type != PACKET_HOST)
		return false;
	/* A fragment that is not the first */
	if (ip_hdr(skb)->frag_off & htons(IP_OFFSET))
		return false;
	if (icmp_is_error(rx, skb))
		return false;
	return icmp_source_is_host(rx->mn, &rx->saddr);
}

static void icmp_count_error(struct mini_net *mn, u8 type)
{
	mini_inc(mn, MINI_MIB_ICMP_OUT_MSGS);
	switch (type) {
	case ICMP_DEST_UNREACH:
		mini_inc(mn, MINI_MIB_ICMP_OUT_DEST_UNREACHS);
		break;
	case ICMP_TIME_EXCEEDED:
		mini_inc(mn, MINI_MIB_ICMP_OUT_TIME_EXCDS);
		break;
	case ICMP_PARAMETERPROB:
		mini_inc(mn, MINI_MIB_ICMP_OUT_PARM_PROBS);
		break;
	case ICMP_REDIRECT:
		mini_inc(mn, MINI_MIB_ICMP_OUT_REDIRECTS);
		break;
	}
}

/* The second word of an error, by its type (RFC 792, RFC 1191 section 4). */
static __be32 icmp_error_rest(u8 type, u8 code, u32 info)
{
	switch (type) {
	case ICMP_DEST_UNREACH:
		return code == ICMP_FRAG_NEEDED ?
		       htonl(min_t(u32, info, U16_MAX)) : 0;
	case ICMP_PARAMETERPROB:
		return htonl(info << 24);
	case ICMP_REDIRECT:
		return htonl(info);
	default:
		return 0;
	}
}

/* An error about @skb, its IP header and what follows quoted. */
static struct sk_buff *icmp_error(struct mini_net *mn,
				  const struct sk_buff *skb, u8 type, u8 code,
				  u32 info)
{
	unsigned int quote;
	struct icmphdr *icmp;
	struct sk_buff *err;

	quote = min_t(unsigned int, skb->len - skb_network_offset(skb),
		      ICMP_ERROR_MAX - sizeof(struct iphdr) - sizeof(*icmp));
	err = alloc_skb(MINI_LINK_HEADROOM + ICMP_ERROR_MAX, GFP_ATOMIC);
	if (!err)
		return NULL;
	skb_reserve(err, MINI_LINK_HEADROOM + sizeof(struct iphdr));
	skb_reset_transport_header(err);
	icmp = skb_put_zero(err, sizeof(*icmp));
	icmp->type = type;
	icmp->code = code;
	icmp->un.gateway = icmp_error_rest(type, code, info);
	if (skb_copy_bits(skb, skb_network_offset(skb), skb_put(err, quote),
			  quote)) {
		kfree_skb(err);
		return NULL;
	}
	icmp->checksum = csum_fold(csum_partial(icmp, err->len, 0));
	icmp_count_error(mn, type);
	return err;
}

void mini_icmp_send(const struct mini_rx *rx, const struct sk_buff *skb,
		    u8 type, u8 code, u32 info)
{
	const struct mini_ip_hdr h = {
		.proto = IPPROTO_ICMP,
		.tos = (rx->tos & ICMP_ERROR_TOS_KEPT) | ICMP_ERROR_TOS,
	};
	struct mini_flow fl = {
		.dst = rx->saddr,
		.proto = IPPROTO_ICMP,
		.tos = h.tos,
	};
	struct mini_net *mn = rx->mn;
	struct sk_buff *err;

	if (!icmp_may_answer(rx, skb))
		return;
	/* What this host sends itself floods nobody. */
	if (!(rx->mdev->flags & MINI_DEV_F_LOOPBACK) &&
	    !mini_icmp_allow(mn, jiffies))
		return;
	err = icmp_error(mn, skb, type, code, info);
	if (!err)
		return;
	/*
	 * A host answers from the address that it was asked by, a router from
	 * one of the device that leads to the sender: RFC 1812 section 4.3.2.4.
	 */
	if (rx->dst_type == MINI_ROUTE_LOCAL) {
		fl.src = rx->daddr;
		fl.freebind = true;
	} else if (type == ICMP_REDIRECT) {
		/* Section 5.2.7.2: it counts only if the gateway sent it. */
		if (mini_addr_select(rx->mdev, &rx->saddr, &fl.src))
			fl.oif = rx->mdev->ifindex;
	}
	mini_ip_send(mn, &fl, err, &h);
}

void mini_icmp_send_unreach(const struct mini_rx *rx, struct sk_buff *skb,
			    u8 code)
{
	mini_icmp_send(rx, skb, ICMP_DEST_UNREACH, code, 0);
}

void mini_icmp_send_self(struct mini_dev *mdev, struct sk_buff *skb, u8 code)
{
	const struct mini_ip_hdr h = {
		.proto = IPPROTO_ICMP,
		.tos = ICMP_ERROR_TOS,
	};
	struct mini_flow fl = { .proto = IPPROTO_ICMP };
	struct mini_net *mn = mdev->mn;
	struct sk_buff *err;

	mini_addr_set_v4(&fl.src, ip_hdr(skb)->saddr);
	fl.dst = fl.src;
	err = icmp_error(mn, skb, ICMP_DEST_UNREACH, code, 0);
	if (err)
		mini_ip_send(mn, &fl, err, &h);
}

void mini_icmp_send_forwarded(struct mini_dev *mdev, struct sk_buff *skb,
			      u8 type, u8 code, u32 info)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct mini_rx rx = {
		.mn = mdev->mn,
		.mdev = mdev,
		.proto = iph->protocol,
		.ttl = iph->ttl,
		.tos = iph->tos,
		.dst_type = MINI_ROUTE_UNICAST,
	};

	mini_addr_set_v4(&rx.saddr, iph->saddr);
	mini_addr_set_v4(&rx.daddr, iph->daddr);
	skb_set_transport_header(skb, skb_network_offset(skb) + iph->ihl * 4);
	rx.len = skb->len - skb_transport_offset(skb);
	mini_icmp_send(&rx, skb, type, code, info);
}

static const struct mini_proto icmp_proto = {
	.protocol = IPPROTO_ICMP,
	.rcv = icmp_rcv,
	.err = icmp_err,
};

void mini_icmp_init(void)
{
	mini_ip_register(&icmp_proto);
}

int mini_icmp_net_init(struct mini_net *mn)
{
	struct mini_icmp_net *in;

	in = kzalloc(sizeof(*in), GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	spin_lock_init(&in->lock);
	in->full = true;
	WRITE_ONCE(mn->icmp, in);
	return 0;
}

void mini_icmp_net_exit(struct mini_net *mn)
{
	struct mini_icmp_net *in = mn->icmp;

	WRITE_ONCE(mn->icmp, NULL);
	kfree_rcu(in, rcu);
}
