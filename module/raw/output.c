// SPDX-License-Identifier: GPL-2.0
/*
 * Raw packets out: behind an IP header of ours, or with the program's own
 * (IP_HDRINCL), of which we write what AF_INET writes.
 *
 * Locks on entry: none, and none is taken.
 */
#include <linux/icmp.h>
#include <linux/uio.h>
#include <net/tcp_states.h>

#include "raw_int.h"

int mini_raw_route(struct mini_sock *ms, struct msghdr *msg,
		   const struct in6_addr *dst, struct mini_cmsg *cm,
		   struct mini_path *path)
{
	struct mini_flow fl;
	int err;

	err = mini_cmsg_send(ms, msg, cm);
	if (err)
		return err;
	mini_sk_flow(ms, dst, &fl);
	if (!mini_addr_any(&cm->src))
		fl.src = cm->src;
	if (cm->oif)
		fl.oif = cm->oif;
	fl.mark = cm->mark;
	fl.tos = cm->tos;
	/* Whoever writes the header may write any source. */
	fl.freebind = ms->hdrincl;
	err = mini_path_lookup(ms->mn, &fl, path);
	if (err)
		return err;
	if (path->type == MINI_ROUTE_BROADCAST &&
	    !sock_flag(&ms->sk, SOCK_BROADCAST)) {
		mini_path_release(path);
		return -EACCES;
	}
	if (msg->msg_flags & MSG_CONFIRM)
		mini_neigh_confirm(path->neigh);
	return 0;
}

/*
 * Who sends behind a header of ours does not wait for room, nor hears of
 * errors and shutdown() here: as AF_INET has it.
 */
static struct sk_buff *raw_alloc_nowait(struct sock *sk, size_t head,
					size_t data, int *err)
{
	struct sk_buff *skb = NULL;

	*err = -ENOBUFS;
	if (refcount_read(&sk->sk_wmem_alloc) <=
	    2 * (unsigned int)READ_ONCE(sk->sk_sndbuf))
		skb = alloc_skb_with_frags(head, data, PAGE_ALLOC_COSTLY_ORDER,
					   err, sk->sk_allocation);
	if (skb)
		skb_set_owner_w(skb, sk);
	return skb;
}

struct sk_buff *mini_raw_build(struct sock *sk, struct msghdr *msg,
			       size_t room, size_t len, bool wait, int *err)
{
	size_t linear;
	struct sk_buff *skb;

	room += MINI_LINK_HEADROOM + sizeof(struct iphdr);
	linear = min_t(size_t, len, SKB_MAX_HEAD(room));
	if (wait)
		skb = sock_alloc_send_pskb(sk, room + linear, len - linear,
					   msg->msg_flags & MSG_DONTWAIT, err,
					   PAGE_ALLOC_COSTLY_ORDER);
	else
		skb = raw_alloc_nowait(sk, room + linear, len - linear, err);
	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	skb_put(skb, linear);
	skb->data_len = len - linear;
	skb->len = len;
	*err = skb_copy_datagram_from_iter(skb, 0, &msg->msg_iter, len);
	if (*err) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

static int raw_xmit_errno(int err)
{
	return err > 0 ? net_xmit_errno(err) : err;
}

int mini_raw_xmit(struct mini_sock *ms, struct sk_buff *skb,
		  const struct mini_path *path, const struct mini_cmsg *cm)
{
	struct mini_ip_hdr h = {
		.proto = ms->sk.sk_protocol,
		.ttl = cm->ttl,
		.tos = cm->tos,
	};

	mini_ip_hdr_discover(&h, path, READ_ONCE(ms->pmtudisc));
	if (!path->type)
		mini_sk_group_hdr(ms, &h);
	skb_reset_transport_header(skb);
	skb->priority = READ_ONCE(ms->sk.sk_priority);
	skb->mark = cm->mark;
	if (h.proto == IPPROTO_ICMP)
		mini_inc(ms->mn, MINI_MIB_ICMP_OUT_MSGS);
	return raw_xmit_errno(mini_sk_xmit(ms, path, skb, &h));
}

int mini_raw_check_size(struct mini_sock *ms, const struct mini_path *path,
			size_t len, u8 how)
{
	if (len <= mini_path_limit(path, how))
		return 0;
	mini_errqueue_local(ms, EMSGSIZE, &path->dst,
			    READ_ONCE(ms->conn.tuple.rport),
			    mini_path_mtu(path, how));
	return -EMSGSIZE;
}

static int raw_send(struct mini_sock *ms, struct msghdr *msg, size_t len,
		    const struct mini_path *path, const struct mini_cmsg *cm)
{
	struct sk_buff *skb;
	int err;

	err = mini_raw_check_size(ms, path, len + sizeof(struct iphdr) +
				  mini_sk_options_len(ms),
				  READ_ONCE(ms->pmtudisc));
	if (err)
		return err;
	skb = mini_raw_build(&ms->sk, msg, 0, len, false, &err);
	if (!skb)
		return err;
	return mini_raw_xmit(ms, skb, path, cm);
}

/* The program's header must be one as far as we go by it. */
static bool raw_header_ok(struct sk_buff *skb)
{
	unsigned int hlen = (skb->data[0] & 0xf) * 4;

	return hlen >= sizeof(struct iphdr) && pskb_may_pull(skb, hlen);
}

static int raw_send_hdrincl(struct mini_sock *ms, struct msghdr *msg,
			    size_t len, const struct mini_path *path,
			    const struct mini_cmsg *cm)
{
	u32 mtu = mini_path_mtu(path, READ_ONCE(ms->pmtudisc));
	const struct iphdr *iph;
	struct sk_buff *skb;
	int err;

	/* What the path carries is the program's care, but for cutting. */
	err = mini_raw_check_size(ms, path, len, IP_PMTUDISC_INTERFACE);
	if (err)
		return err;
	if (len < sizeof(struct iphdr))
		return -EINVAL;
	skb = mini_raw_build(&ms->sk, msg, 0, len, true, &err);
	if (!skb)
		return err;
	if (!raw_header_ok(skb)) {
		kfree_skb(skb);
		return -EINVAL;
	}
	iph = (const struct iphdr *)skb->data;
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, iph->ihl * 4);
	skb->priority = READ_ONCE(ms->sk.sk_priority);
	skb->mark = cm->mark;
	if (iph->protocol == IPPROTO_ICMP)
		mini_inc(ms->mn, MINI_MIB_ICMP_OUT_MSGS);
	return raw_xmit_errno(mini_ip_xmit_header(ms->mn, path, skb, mtu,
						  !ms->mc_loop));
}

/* Where to; a name without a family is taken, as old programs give it. */
static int raw_dest(const struct mini_sock *ms, const struct msghdr *msg,
		    struct in6_addr *dst)
{
	const struct sockaddr_in *sin = msg->msg_name;
	__be16 port;

	if (!msg->msg_namelen) {
		/* Pairs with mini_raw_connect(). */
		if (smp_load_acquire(&ms->sk.sk_state) != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		*dst = ms->conn.tuple.raddr;
		return 0;
	}
	if (msg->msg_namelen >= (int)sizeof(*sin) &&
	    sin->sin_family == AF_UNSPEC) {
		mini_addr_set_v4(dst, sin->sin_addr.s_addr);
		return 0;
	}
	return mini_name_from_user(ms, sin, msg->msg_namelen, dst, &port);
}

int mini_raw_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct mini_sock *ms = mini_sk(sk);
	bool hdrincl = ms->hdrincl;
	struct mini_path path;
	struct in6_addr dst;
	struct mini_cmsg cm;
	int err;

	if (len > IP_MAX_MTU)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = raw_dest(ms, msg, &dst);
	if (err)
		return err;
	if (!hdrincl && msg->msg_flags & MSG_MORE)
		return -EOPNOTSUPP;
	/* AF_INET reads type and code before all else, or fails to. */
	if (!hdrincl && sk->sk_protocol == IPPROTO_ICMP && len < 2)
		return -EFAULT;
	/* Who writes the header writes its options. */
	if (hdrincl && unlikely(rcu_access_pointer(ms->ipopts)))
		return -EINVAL;
	err = mini_raw_route(ms, msg, &dst, &cm, &path);
	if (err)
		return err;
	if (hdrincl)
		err = raw_send_hdrincl(ms, msg, len, &path, &cm);
	else
		err = raw_send(ms, msg, len, &path, &cm);
	mini_path_release(&path);
	/* A full queue is for those to hear who hear of all errors. */
	if (err == -ENOBUFS && !ms->recverr)
		err = 0;
	return err ? err : len;
}
