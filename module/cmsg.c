// SPDX-License-Identifier: GPL-2.0
/*
 * Control messages of IP: what sendmsg() asks for one packet, and what
 * recvmsg() tells of one (RFC 1122 section 4.1.4).
 *
 * Locks on entry: none.
 */
#include <linux/ip.h>
#include <linux/socket.h>

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
		if (info->ipi_ifindex < 0)
			return -EINVAL;
		if (info->ipi_ifindex)
			cm->oif = info->ipi_ifindex;
		if (info->ipi_spec_dst.s_addr)
			mini_addr_set_v4(&cm->src, info->ipi_spec_dst.s_addr);
		return 0;
	case IP_TTL:
		err = mini_cmsg_int(cmsg, &val);
		if (err || val < 1 || val > 255)
			return -EINVAL;
		cm->ttl = val;
		return 0;
	case IP_TOS:
		err = mini_cmsg_int(cmsg, &val);
		if (err || val < 0 || val > 255)
			return -EINVAL;
		cm->tos = val;
		return 0;
	}
	return -EINVAL;
}

int mini_cmsg_send(struct mini_sock *ms, struct msghdr *msg,
		   struct mini_cmsg *cm)
{
	struct sockcm_cookie sockc = { .mark = READ_ONCE(ms->sk.sk_mark) };
	struct cmsghdr *cmsg;
	int err;

	cm->src = ms->conn.tuple.laddr;
	cm->oif = READ_ONCE(ms->sk.sk_bound_dev_if);
	cm->ttl = mini_sk_ttl(ms);
	cm->tos = READ_ONCE(ms->tos);
	cm->mark = sockc.mark;
	if (!msg->msg_controllen)
		return 0;

	/* The socket level's own: SO_MARK. */
	err = sock_cmsg_send(&ms->sk, msg, &sockc);
	if (err)
		return err;
	cm->mark = sockc.mark;
	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level != SOL_IP)
			continue;
		err = mini_cmsg_ip(cmsg, cm);
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

void mini_cmsg_recv(struct mini_sock *ms, struct msghdr *msg,
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
}
