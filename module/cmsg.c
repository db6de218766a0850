// SPDX-License-Identifier: GPL-2.0
/*
 * Control messages of IP: what sendmsg() asks for one packet, and what
 * recvmsg() tells of one (RFC 1122 section 4.1.4).
 *
 * Locks on entry: none.
 */
#include <linux/ip.h>
#include <linux/socket.h>
#include <linux/udp.h>
#include <net/route.h>

#include "sock.h"

/* An integer, or an octet as a program may send it. */
static int mini_cmsg_int(const struct cmsghdr *cmsg, int *val)
{
	if (cmsg->cmsg_len == CMSG_LEN(sizeof(int)))
		*val = *(const int *)CMSG_DATA(cmsg);
	else if (cmsg->cmsg_len == CMSG_LEN(sizeof(u8)))
		*val = *(const u8 *)CMSG_DATA(cmsg);
	else
		return -EINVAL;
	return 0;
}

static int mini_cmsg_ip(const struct cmsghdr *cmsg, struct mini_cmsg *cm)
{
	const struct in_pktinfo *info;
	int err;
	int val;

	switch (cmsg->cmsg_type) {
	case IP_PKTINFO:
		if (cmsg->cmsg_len != CMSG_LEN(sizeof(*info)))
			return -EINVAL;
		info = (const struct in_pktinfo *)CMSG_DATA(cmsg);
		/* No device has such a number. */
		if (info->ipi_ifindex < 0)
			return -ENODEV;
		if (info->ipi_ifindex)
			cm->oif = info->ipi_ifindex;
		if (info->ipi_spec_dst.s_addr)
			mini_addr_set_v4(&cm->src, info->ipi_spec_dst.s_addr);
		return 0;
	case IP_TTL:
		if (cmsg->cmsg_len != CMSG_LEN(sizeof(int)))
			return -EINVAL;
		val = *(const int *)CMSG_DATA(cmsg);
		if (val < 1 || val > 255)
			return -EINVAL;
		cm->ttl = val;
		return 0;
	case IP_TOS:
		err = mini_cmsg_int(cmsg, &val);
		if (err || val < 0 || val > 255)
			return -EINVAL;
		cm->tos = val;
		cm->priority = rt_tos2priority(val);
		return 0;
	}
	return -EINVAL;
}

static int mini_cmsg_udp(const struct cmsghdr *cmsg, struct mini_cmsg *cm)
{
	if (cmsg->cmsg_type != UDP_SEGMENT ||
	    cmsg->cmsg_len != CMSG_LEN(sizeof(u16)))
		return -EINVAL;
	cm->gso_size = *(const u16 *)CMSG_DATA(cmsg);
	return 0;
}

static bool mini_cmsg_is_udp(const struct sock *sk)
{
	return sk->sk_type == SOCK_DGRAM && sk->sk_protocol == IPPROTO_UDP;
}

int mini_cmsg_send(struct mini_sock *ms, struct msghdr *msg,
		   struct mini_cmsg *cm)
{
	struct sock *sk = &ms->sk;
	struct cmsghdr *cmsg;
	int err;

	cm->src = ms->conn.tuple.laddr;
	cm->oif = READ_ONCE(sk->sk_bound_dev_if);
	cm->ttl = mini_sk_ttl(ms);
	cm->tos = READ_ONCE(ms->tos);
	sockcm_init(&cm->sockc, sk);
	cm->sockc.mark = READ_ONCE(sk->sk_mark);
	cm->mark = cm->sockc.mark;
	cm->priority = READ_ONCE(sk->sk_priority);
	if (!msg->msg_controllen)
		return 0;

	/* The socket level's own: SO_MARK, SO_TIMESTAMPING, SO_TXTIME. */
	err = sock_cmsg_send(sk, msg, &cm->sockc);
	if (err)
		return err;
	cm->mark = cm->sockc.mark;
	cm->priority = mini_sockcm_priority(&cm->sockc, cm->priority);
	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		err = 0;
		if (cmsg->cmsg_level == SOL_IP)
			err = mini_cmsg_ip(cmsg, cm);
		else if (cmsg->cmsg_level == SOL_UDP && mini_cmsg_is_udp(sk))
			err = mini_cmsg_udp(cmsg, cm);
		if (err)
			return err;
	}
	return 0;
}

/* The address that an answer to @skb should come from. */
static __be32 mini_cmsg_spec_dst(struct mini_sock *ms, struct sk_buff *skb,
				 int ifindex)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct mini_flow fl = { .oif = ifindex };
	struct mini_path path = {};
	struct in6_addr addr;
	__be32 src;

	mini_addr_set_v4(&addr, iph->daddr);
	if (mini_addr_type(ms->mn, &addr) == MINI_ROUTE_LOCAL)
		return iph->daddr;
	mini_addr_set_v4(&fl.dst, iph->saddr);
	if (mini_path_lookup(ms->mn, &fl, &path))
		return 0;
	src = mini_addr_v4(&path.src);
	mini_path_release(&path);
	return src;
}

/* Where a datagram was sent: that of an error's quote is elsewhere. */
static void mini_cmsg_origdst(struct msghdr *msg, struct sk_buff *skb)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = ip_hdr(skb)->daddr,
	};
	__be16 ports[2];

	/* PACKET_OUTGOING: of an error queue. */
	if (skb->pkt_type == PACKET_OUTGOING ||
	    skb_copy_bits(skb, skb_transport_offset(skb), ports, sizeof(ports)))
		return;
	sin.sin_port = ports[1];
	put_cmsg(msg, SOL_IP, IP_ORIGDSTADDR, sizeof(sin), &sin);
}

/* As they came, this host's entries in them; and to be sent back. */
static void mini_cmsg_options(struct mini_sock *ms, struct msghdr *msg,
			      const struct iphdr *iph)
{
	unsigned int len = iph->ihl * 4 - sizeof(*iph);
	struct {
		struct iphdr iph;
		u8 opts[MAX_IPOPTLEN];
	} back;

	if (ms->recvopts)
		put_cmsg(msg, SOL_IP, IP_RECVOPTS, len, (void *)(iph + 1));
	if (!ms->retopts)
		return;
	memcpy(&back, iph, iph->ihl * 4);
	mini_options_answer(&back.iph);
	put_cmsg(msg, SOL_IP, IP_RETOPTS, len, back.opts);
}

void mini_cmsg_recv_some(struct mini_sock *ms, struct msghdr *msg,
			 struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (ms->pktinfo) {
		struct in_pktinfo info = {
			.ipi_ifindex = skb->skb_iif ? skb->skb_iif :
						      LOOPBACK_IFINDEX,
			.ipi_addr.s_addr = iph->daddr,
		};

		info.ipi_spec_dst.s_addr = mini_cmsg_spec_dst(ms, skb,
							      info.ipi_ifindex);
		put_cmsg(msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
	}
	if (ms->recvttl) {
		int ttl = iph->ttl;

		put_cmsg(msg, SOL_IP, IP_TTL, sizeof(ttl), &ttl);
	}
	if (ms->recvtos) {
		u8 tos = iph->tos;

		put_cmsg(msg, SOL_IP, IP_TOS, sizeof(tos), &tos);
	}
	/* PACKET_OUTGOING: of an error queue. */
	if (unlikely(iph->ihl > 5) && skb->pkt_type != PACKET_OUTGOING &&
	    (ms->recvopts || ms->retopts))
		mini_cmsg_options(ms, msg, iph);
	if (unlikely(ms->origdst))
		mini_cmsg_origdst(msg, skb);
	/* PACKET_OUTGOING: as above. */
	if (unlikely(ms->recvfragsize) && skb->pkt_type != PACKET_OUTGOING &&
	    mini_ip_cb(skb)->frag_size) {
		int size = mini_ip_cb(skb)->frag_size;

		put_cmsg(msg, SOL_IP, IP_RECVFRAGSIZE, sizeof(size), &size);
	}
}
