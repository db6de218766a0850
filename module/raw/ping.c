// SPDX-License-Identifier: GPL-2.0
/*
 * Echo sockets, SOCK_DGRAM of IPPROTO_ICMP: a program that may not have a raw
 * socket sends echo requests, and gets the replies to them and no others
 * (RFC 792, RFC 8335 for the extended ones).
 *
 * The identifier of the messages is the socket's port: bind() chooses it, the
 * kernel writes it.  Sockets stand in a table of ports like those of UDP, in
 * which neither address nor device makes one identifier two.
 *
 * Locks on entry: none for calls; bind and whoever needs an identifier takes
 * the socket lock.  rcu_read_lock() and softirq for packets.
 */
#include <linux/cred.h>
#include <linux/icmp.h>
#include <linux/uio.h>
#include <net/tcp_states.h>

#include "raw_int.h"

static bool ping_gid_in(const struct mini_sysctl *sysctl, kgid_t gid)
{
	return gid_lte(sysctl->ping_group_range[0], gid) &&
	       gid_lte(gid, sysctl->ping_group_range[1]);
}

/* May the caller have an echo socket?  One of its groups must be allowed. */
static bool ping_allowed(const struct mini_net *mn)
{
	struct group_info *groups;
	bool ok;
	int i;

	if (ping_gid_in(&mn->sysctl, current_egid()))
		return true;
	groups = get_current_groups();
	for (i = 0, ok = false; i < groups->ngroups && !ok; i++)
		ok = ping_gid_in(&mn->sysctl, groups->gid[i]);
	put_group_info(groups);
	return ok;
}

static int ping_sock_init(struct sock *sk)
{
	sk->sk_reuse = SK_CAN_REUSE;
	return ping_allowed(mini_sk(sk)->mn) ? 0 : -EACCES;
}

static void ping_unhash(struct sock *sk)
{
	mini_port_release(&mini_sk(sk)->port);
}

/**
 * mini_ping_ident() - give an echo socket its identifier if it has none
 * @ms: the socket
 * @ident: network byte order, 0: one that nobody has
 *
 * Context: process, socket lock held.  Return: 0, -EADDRINUSE, -ENOMEM.
 */
int mini_ping_ident(struct mini_sock *ms, __be16 ident)
{
	int err;

	if (ms->port.port)
		return 0;
	mini_sk_port_fill(ms);
	ms->port.addr = in6addr_any;
	ms->port.ifindex = 0;
	err = mini_port_bind(ms->mn, IPPROTO_ICMP, &ms->port, ident);
	if (!err)
		WRITE_ONCE(ms->conn.tuple.lport, mini_port_num(&ms->port));
	return err;
}

/* As bind() of UDP, but for ports: none needs a privilege. */
static int ping_bind_name(const struct mini_sock *ms,
			  const mini_sockaddr *uaddr, int len,
			  struct in6_addr *addr, __be16 *ident)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)uaddr;
	u8 type;
	int err;

	if (len >= (int)sizeof(*sin) && sin->sin_family == AF_UNSPEC &&
	    sin->sin_addr.s_addr == htonl(INADDR_ANY)) {
		*addr = in6addr_any;
		*ident = sin->sin_port;
		return 0;
	}
	err = mini_name_from_user(ms, uaddr, len, addr, ident);
	if (err || mini_addr_any(addr))
		return err;
	type = mini_addr_type(ms->mn, addr);
	if (type == MINI_ROUTE_LOCAL ||
	    (type == MINI_ROUTE_UNICAST && ms->freebind))
		return 0;
	return -EADDRNOTAVAIL;
}

static int ping_bind(struct sock *sk, mini_sockaddr *uaddr, int len)
{
	struct mini_sock *ms = mini_sk(sk);
	struct in6_addr addr;
	__be16 ident;
	int err;

	err = ping_bind_name(ms, uaddr, len, &addr, &ident);
	if (err)
		return err;
	lock_sock(sk);
	err = ms->port.port ? -EINVAL : mini_ping_ident(ms, ident);
	if (!err) {
		ms->bound = addr;
		ms->conn.tuple.laddr = addr;
		if (!mini_addr_any(&addr))
			sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
		if (ident)
			sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	}
	release_sock(sk);
	return err;
}

/* What an unprivileged program may say. */
static bool ping_may_send(const struct icmphdr *icmp)
{
	return !icmp->code &&
	       (icmp->type == ICMP_ECHO || icmp->type == ICMP_EXT_ECHO);
}

static int ping_dest(const struct mini_sock *ms, const struct msghdr *msg,
		     struct in6_addr *dst)
{
	__be16 port;

	if (msg->msg_name)
		return mini_name_from_user(ms, msg->msg_name, msg->msg_namelen,
					   dst, &port);
	/* Pairs with mini_raw_connect(). */
	if (smp_load_acquire(&ms->sk.sk_state) != TCP_ESTABLISHED)
		return -EDESTADDRREQ;
	*dst = ms->conn.tuple.raddr;
	return 0;
}

/* @icmp: the program's header; identifier and checksum are ours. */
static int ping_send(struct mini_sock *ms, struct msghdr *msg, size_t len,
		     struct icmphdr *icmp, const struct mini_path *path,
		     const struct mini_cmsg *cm)
{
	struct sk_buff *skb;
	int err;

	err = mini_raw_check_size(ms, path, len + sizeof(struct iphdr) +
				  mini_sk_options_len(ms),
				  READ_ONCE(ms->pmtudisc));
	if (err)
		return err;
	skb = mini_raw_build(&ms->sk, msg, sizeof(*icmp), len - sizeof(*icmp),
			     true, &err);
	if (!skb)
		return err;
	icmp->checksum = 0;
	icmp->un.echo.id = READ_ONCE(ms->conn.tuple.lport);
	memcpy(skb_push(skb, sizeof(*icmp)), icmp, sizeof(*icmp));
	icmp = (struct icmphdr *)skb->data;
	icmp->checksum = csum_fold(skb_checksum(skb, 0, skb->len, 0));
	return mini_raw_xmit(ms, skb, path, cm);
}

static int ping_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct mini_sock *ms = mini_sk(sk);
	struct mini_path path;
	struct in6_addr dst;
	struct mini_cmsg cm;
	struct icmphdr icmp;
	int err;

	if (unlikely(!READ_ONCE(ms->port.port))) {
		lock_sock(sk);
		err = mini_ping_ident(ms, 0);
		release_sock(sk);
		if (err)
			return -EAGAIN;
	}
	if (len > IP_MAX_MTU)
		return -EMSGSIZE;
	if (len < sizeof(icmp))
		return -EINVAL;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (memcpy_from_msg(&icmp, msg, sizeof(icmp)))
		return -EFAULT;
	if (!ping_may_send(&icmp))
		return -EINVAL;
	err = ping_dest(ms, msg, &dst);
	if (err)
		return err;
	err = mini_raw_route(ms, msg, &dst, &cm, &path);
	if (err)
		return err;
	err = ping_send(ms, msg, len, &icmp, &path, &cm);
	mini_path_release(&path);
	return err ? err : len;
}

static int ping_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
			int flags)
{
	unsigned int full;

	return mini_raw_recv(sk, msg, len, flags, &full);
}

/* Whose identifier it is; @ifindex 0: from any device. */
static struct mini_sock *ping_lookup(struct mini_net *mn, __be16 ident,
				     const struct in6_addr *laddr, int ifindex)
{
	struct mini_port *port = mini_port_lookup(mn, IPPROTO_ICMP, ident);
	const struct mini_port_user *u;

	if (!port)
		return NULL;
	hlist_for_each_entry_rcu(u, &port->users, node) {
		struct mini_sock *ms = mini_sk(u->sk);

		if (mini_raw_addr_match(ms, laddr, ifindex))
			return ms;
	}
	return NULL;
}

/* A reply that came in, its checksum verified; consumes it. */
static void ping_rcv(struct mini_rx *rx, struct sk_buff *skb)
{
	const struct icmphdr *icmp = (const struct icmphdr *)skb->data;
	struct mini_sock *ms;

	ms = ping_lookup(rx->mn, icmp->un.echo.id, &rx->daddr,
			 rx->mdev->ifindex);
	if (!ms) {
		/* Of a raw socket's, or to a program that is gone. */
		consume_skb(skb);
		return;
	}
	skb_orphan(skb);
	skb->skb_iif = rx->mdev->ifindex;
	/* It counts the socket's drops, and runs its filter. */
	if (sock_queue_rcv_skb(&ms->sk, skb))
		mini_drop(rx->mn, skb, MINI_DROP_PING_RCVBUF);
}

static void ping_err(struct mini_net *mn, const struct mini_icmp_err *e)
{
	const struct icmphdr *icmp = (const struct icmphdr *)e->payload;
	struct mini_sock *ms;

	if (e->payload_len < sizeof(*icmp) || !ping_may_send(icmp))
		return;
	ms = ping_lookup(mn, icmp->un.echo.id, &e->laddr, e->ifindex);
	if (!ms)
		return;
	/* Who lets packets be fragmented need not hear of their size. */
	if (e->type == ICMP_DEST_UNREACH && e->code == ICMP_FRAG_NEEDED &&
	    READ_ONCE(ms->pmtudisc) == IP_PMTUDISC_DONT) {
		mini_pmtu_claim(mn, e, IP_PMTUDISC_DONT);
		return;
	}
	mini_raw_sock_err(ms, e, e->payload);
}

const struct mini_icmp_ping mini_ping_handler = {
	.rcv = ping_rcv,
	.err = ping_err,
};

MINI_DEFINE_PROTO_RECVMSG(ping_prot_recvmsg, ping_recvmsg)

struct proto mini_ping_prot = {
	.name		= "MINI-PING",
	/* NULL: open sockets pin the module by their family. */
	.owner		= NULL,
	.obj_size	= sizeof(struct mini_sock),
	.init		= ping_sock_init,
	.close		= mini_raw_close,
	.bind		= ping_bind,
	.connect	= mini_raw_connect,
	.disconnect	= mini_raw_disconnect,
	.sendmsg	= ping_sendmsg,
	.recvmsg	= ping_prot_recvmsg,
	.unhash		= ping_unhash,
};
