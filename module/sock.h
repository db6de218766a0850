/* SPDX-License-Identifier: GPL-2.0 */
/*
 * struct mini_sock: the part of a socket that both transports share.
 */
#ifndef _MINI_SOCK_H
#define _MINI_SOCK_H

#include <linux/rhashtable-types.h>
#include <net/sock.h>

#include "mini.h"
#include "ip/ip.h"
#include "ip/mcast.h"
#include "port/port.h"

/**
 * struct mini_tuple - the names of both ends, as the tables compare them
 * @raddr: peer's address, v4-mapped or unspecified
 * @laddr: own address, v4-mapped or unspecified
 * @rport: peer's port, network byte order, 0 if none
 * @lport: own port, network byte order, 0 if none
 */
struct mini_tuple {
	struct in6_addr raddr;
	struct in6_addr laddr;
	__be16 rport;
	__be16 lport;
};

enum mini_conn_kind {
	MINI_CONN_SOCK,		/* struct mini_sock */
	MINI_CONN_REQ,		/* half-open, a listener's */
	MINI_CONN_TW,		/* TIME-WAIT record */
};

/**
 * struct mini_conn - a row of the connection table
 * @node: in the table
 * @tuple: the key
 * @hash: of it, for the table alone; constant while the row is there
 * @kind: what contains it: enum mini_conn_kind
 */
struct mini_conn {
	struct rhash_head node;
	struct mini_tuple tuple;
	u32 hash;
	u8 kind;
};

/**
 * struct mini_sock - a socket of either transport
 * @sk: the kernel's part, first; sk_family is mini_family
 * @mn: the instance
 * @conn: row of the connection table (TCP); its tuple names both transports'
 *	ends.  Written under the socket lock; the tuple is constant while the
 *	row is in a table
 * @bound: what bind() was told (unspecified: any); conn.tuple.laddr returns
 *	to it at disconnect
 * @port: membership in a port's list of users
 * @path: the way to the peer, valid once connected; under the socket lock
 * @domain: AF_INET or AF_INET6: the form of names given to the program
 * @ttl: IP_TTL, -1: the sysctl's
 * @tos: IP_TOS
 * @pmtudisc: IP_MTU_DISCOVER's value
 * @recverr, @pktinfo, @recvttl, @recvtos: as the socket options
 * @freebind: IP_FREEBIND
 * @hdrincl: IP_HDRINCL
 * @ralert: IP_ROUTER_ALERT
 * @bind_no_port: IP_BIND_ADDRESS_NO_PORT: bind() to port 0 leaves the choice
 *	of a port to connect()
 * @transparent: IP_TRANSPARENT: packets may carry any address
 * @origdst: IP_RECVORIGDSTADDR
 * @recvfragsize: IP_RECVFRAGSIZE
 * @passsec, @recvopts, @retopts, @rfc4884, @mc_loop, @mc_all: kept for who reads
 *	them back
 * @flow_if: one of @mc_addr, @mc_index, @uc_index was set
 * @minttl: IP_MINTTL, of a stream
 * @groups: struct mini_member, RCU, changed under the socket lock
 * @mc_ttl: IP_MULTICAST_TTL
 * @mc_addr: IP_MULTICAST_IF: source of what goes to multicast addresses
 * @mc_index: and the device for it, 0: the route's
 * @uc_index: IP_UNICAST_IF, 0: the route's
 * @ipopts: IP_OPTIONS, or NULL; changed under the socket lock
 */
struct mini_sock {
	struct sock sk;
	struct mini_net *mn;
	struct mini_conn conn;
	struct in6_addr bound;
	struct mini_port_user port;
	struct mini_path path;
	u16 domain;
	s16 ttl;
	u8 tos;
	u8 pmtudisc;
	u8 recverr:1,
	   freebind:1,
	   hdrincl:1,
	   ralert:1,
	   bind_no_port:1,
	   transparent:1;
	u8 passsec:1,
	   flow_if:1,
	   rfc4884:1,
	   mc_loop:1,
	   mc_all:1;
	/* What recvmsg() tells: mini_cmsg_recv() looks at all at once. */
	u8 pktinfo:1,
	   recvttl:1,
	   recvtos:1,
	   recvopts:1,
	   retopts:1,
	   origdst:1,
	   recvfragsize:1;
	u8 minttl;
	u8 mc_ttl;
	int mc_index;
	int uc_index;
	struct in6_addr mc_addr;
	struct hlist_head groups;
	struct mini_ip_opts __rcu *ipopts;
};

static inline struct mini_sock *mini_sk(const struct sock *sk)
{
	return (struct mini_sock *)sk;
}

/* IP_MULTICAST_IF, IP_UNICAST_IF: which device, if nothing else says it. */
void mini_sk_flow_if(const struct mini_sock *ms, struct mini_flow *fl);

/*
 * The flow that a socket's packets to @dst follow; transports set the hash.
 */
static inline void mini_sk_flow(const struct mini_sock *ms,
				const struct in6_addr *dst,
				struct mini_flow *fl)
{
	fl->dst = *dst;
	fl->src = ms->conn.tuple.laddr;
	fl->oif = READ_ONCE(ms->sk.sk_bound_dev_if);
	fl->mark = READ_ONCE(ms->sk.sk_mark);
	fl->proto = ms->sk.sk_protocol;
	fl->tos = ms->tos;
	fl->hash = 0;
	/* IP_FREEBIND lends an address to bind(), not to packets. */
	fl->freebind = ms->transparent;
	if (unlikely(ms->flow_if))
		mini_sk_flow_if(ms, fl);
}

/* What tells a datagram socket's flows apart, mini_flow.hash */
static inline u32 mini_sk_flow_hash(const struct mini_sock *ms, __be16 rport)
{
	return (u32)ntohs(READ_ONCE(ms->conn.tuple.lport)) << 16 |
	       ntohs(rport);
}

static inline int mini_sk_ttl(const struct mini_sock *ms)
{
	int ttl = READ_ONCE(ms->ttl);

	return ttl >= 0 ? ttl : READ_ONCE(ms->mn->sysctl.ip_default_ttl);
}

/* Multicast stays on the link unless told otherwise (RFC 1112 section 6.1). */
static inline void mini_sk_group_hdr(const struct mini_sock *ms,
				     struct mini_ip_hdr *h)
{
	if (h->ttl == mini_sk_ttl(ms))
		h->ttl = READ_ONCE(ms->mc_ttl);
	h->ttl0 = true;
	h->quiet = !ms->mc_loop;
}

/* Octets of options in the socket's packets. */
unsigned int mini_sk_options_len(const struct mini_sock *ms);

/* As mini_ip_xmit(), with options. */
int mini_sk_xmit_options(const struct mini_sock *ms,
			 const struct mini_path *path, struct sk_buff *skb,
			 struct mini_ip_hdr *h);

/**
 * mini_sk_xmit() - send a packet of a socket, behind its options if it has any
 * @ms: the socket
 * @path: as of mini_ip_xmit()
 * @skb: likewise
 * @h: likewise, its @opts not set
 */
static inline int mini_sk_xmit(const struct mini_sock *ms,
			       const struct mini_path *path,
			       struct sk_buff *skb, struct mini_ip_hdr *h)
{
	if (unlikely(rcu_access_pointer(ms->ipopts)))
		return mini_sk_xmit_options(ms, path, skb, h);
	return mini_ip_xmit(ms->mn, path, skb, h);
}

/**
 * struct mini_member - a socket's membership in a group on a device
 * @node: in mini_sock.groups, RCU
 * @group: the group
 * @ifindex: the device; it may be detached by now, and come back
 * @addr: the address of it that the program named, or unspecified
 * @filter: from whom it wants to hear; RCU, never NULL
 * @rcu: frees it
 */
struct mini_member {
	struct hlist_node node;
	struct in6_addr group;
	int ifindex;
	struct in6_addr addr;
	struct mini_mc_filter __rcu *filter;
	struct rcu_head rcu;
};

/**
 * struct mini_group_ref - a group as a program names it
 * @group: the group
 * @addr: an address of the device, or unspecified
 * @ifindex: the device, or 0
 */
struct mini_group_ref {
	struct in6_addr group;
	struct in6_addr addr;
	int ifindex;
};

/**
 * mini_group_join() - become a member that hears all sources
 * @ms: the socket
 * @ref: the group
 *
 * Context: process, RTNL and socket lock held, as for all that follow but
 * mini_group_drop_all() and mini_sk_hears().
 * Return: 0; -EINVAL if it is no group, -ENODEV, -EADDRINUSE for a member,
 * -ENOBUFS above net.mini.igmp_max_memberships and without memory.
 */
int mini_group_join(struct mini_sock *ms, const struct mini_group_ref *ref);

/* Return: 0, -ENODEV, -EADDRNOTAVAIL for who is no member. */
int mini_group_leave(struct mini_sock *ms, const struct mini_group_ref *ref);

/**
 * mini_group_source() - add or remove one source of a membership
 * @ms: the socket
 * @ref: the group
 * @src: the source
 * @mode: MCAST_INCLUDE: hear it, joining if need be; MCAST_EXCLUDE: do not
 * @add: or undo that
 *
 * Return: 0; -EINVAL if it is no group, for who is no member, or has sources
 * of the other mode; -ENODEV; -EADDRNOTAVAIL if the source is there already or
 * is not; -ENOBUFS above net.mini.igmp_max_msf.
 */
int mini_group_source(struct mini_sock *ms, const struct mini_group_ref *ref,
		      const struct in6_addr *src, u8 mode, bool add);

/**
 * mini_group_set_filter() - all sources of a membership at once
 * @ms: the socket
 * @ref: the group
 * @f: mode and sources; MCAST_INCLUDE without any leaves.  Taken over
 *
 * Return: 0, -EINVAL, -ENODEV, -EADDRNOTAVAIL, -ENOBUFS.
 */
int mini_group_set_filter(struct mini_sock *ms,
			  const struct mini_group_ref *ref,
			  struct mini_mc_filter *f);

/**
 * mini_group_get_filter() - a membership's filter, valid under the socket lock
 * @ms: the socket
 * @ref: the group
 * @find: the device is found as for a join; else @ref->ifindex is it
 *
 * Return: the filter, or ERR_PTR: -EINVAL, -ENODEV, -EADDRNOTAVAIL.
 */
const struct mini_mc_filter *
mini_group_get_filter(struct mini_sock *ms, const struct mini_group_ref *ref,
		      bool find);

/* Room for a filter of @n sources, or NULL. */
struct mini_mc_filter *mini_group_filter_alloc(u8 mode, unsigned int n);

/* The socket is closed: leave all.  Process context, no lock held. */
void mini_group_drop_all(struct mini_sock *ms);

/**
 * mini_sk_hears() - does a socket want a packet to a group?
 * @ms: the socket
 * @group: the group
 * @src: who sent it
 * @ifindex: device it came in by
 *
 * Who is no member hears what others of the host have joined, unless
 * IP_MULTICAST_ALL is off.  Context: rcu_read_lock().
 */
bool mini_sk_hears(const struct mini_sock *ms, const struct in6_addr *group,
		   const struct in6_addr *src, int ifindex);

/**
 * mini_name_from_user() - an address that a program gave, checked
 * @ms: the socket: its domain says which form is taken
 * @uaddr: the program's struct sockaddr_in (family AF_INET or AF_MINI)
 * @len: its length, as given by the program
 * @addr: receives the address, v4-mapped; all zero for INADDR_ANY
 * @port: receives the port, network byte order
 *
 * Return: 0, -EINVAL if too short, -EAFNOSUPPORT for another family.
 */
int mini_name_from_user(const struct mini_sock *ms, const void *uaddr, int len,
			struct in6_addr *addr, __be16 *port);

/**
 * mini_name_to_user() - write the name of an end as the domain wants it
 * @ms: the socket
 * @addr: address
 * @port: port, network byte order
 * @uaddr: at least sizeof(struct sockaddr_storage) octets
 *
 * Return: octets written.
 */
int mini_name_to_user(const struct mini_sock *ms, const struct in6_addr *addr,
		      __be16 port, void *uaddr);

/**
 * mini_sk_dest() - where "any" leads: this host
 * @ms: the socket
 * @addr: a destination that a program gave; if it is unspecified, it becomes
 *	the socket's own address, or the loopback's
 */
static inline void mini_sk_dest(const struct mini_sock *ms,
				struct in6_addr *addr)
{
	if (!mini_addr_any(addr))
		return;
	if (mini_addr_any(&ms->conn.tuple.laddr))
		mini_addr_set_v4(addr, htonl(INADDR_LOOPBACK));
	else
		*addr = ms->conn.tuple.laddr;
}

/**
 * mini_sk_port_fill() - describe the socket to the table of ports
 * @ms: the socket; its user record gets everything but the port
 *
 * Context: process, socket lock held, no port taken yet.
 */
void mini_sk_port_fill(struct mini_sock *ms);

/**
 * mini_sk_rehash() - both transports' proto->rehash: the socket was bound to
 * another device
 * @sk: the socket
 *
 * Context: process, socket lock held.
 */
void mini_sk_rehash(struct sock *sk);

/**
 * mini_sk_autobind() - give a socket a local port if it has none
 * @ms: the socket; address stays as it is
 *
 * Context: process, socket lock held.  Return: 0, -EADDRINUSE, -ENOMEM.
 */
int mini_sk_autobind(struct mini_sock *ms);

/**
 * struct mini_cmsg - what control messages say of one packet to send
 * @src: source, unspecified: the socket's
 * @oif: device, 0: the socket's
 * @mark: SO_MARK
 * @priority: of the packet in queues: SO_PRIORITY, or what the TOS means
 * @sockc: what the socket level asked for: time stamps, a time to leave
 * @gso_size: UDP_SEGMENT; the caller sets what holds without a control message
 * @ttl: TTL
 * @tos: TOS
 */
struct mini_cmsg {
	struct in6_addr src;
	int oif;
	u32 mark;
	u32 priority;
	struct sockcm_cookie sockc;
	u16 gso_size;
	u8 ttl;
	u8 tos;
};

/**
 * mini_cmsg_send() - the control messages of sendmsg(): IP_PKTINFO, IP_TTL,
 * IP_TOS, those of SOL_SOCKET, and UDP_SEGMENT
 * @ms: the socket, its values are the defaults
 * @msg: may be without control messages
 * @cm: receives what holds for this packet
 *
 * Context: process, no lock needed.  Return: 0, -EINVAL, -ENODEV, -EPERM.
 */
int mini_cmsg_send(struct mini_sock *ms, struct msghdr *msg,
		   struct mini_cmsg *cm);

/* mini_cmsg_recv(), of a socket that asked for anything. */
void mini_cmsg_recv_some(struct mini_sock *ms, struct msghdr *msg,
			 struct sk_buff *skb);

/**
 * mini_cmsg_recv() - tell recvmsg() what it asked for: IP_PKTINFO, IP_RECVTTL,
 * IP_RECVTOS, IP_RECVORIGDSTADDR, IP_RECVFRAGSIZE
 * @ms: the socket
 * @msg: control messages are appended
 * @skb: the packet; its network header is intact, skb_iif is where it came in
 *	(0: the loopback)
 *
 * Context: process, no lock needed.
 */
static inline void mini_cmsg_recv(struct mini_sock *ms, struct msghdr *msg,
				  struct sk_buff *skb)
{
	if (unlikely(ms->pktinfo || ms->recvttl || ms->recvtos ||
		     ms->recvopts || ms->retopts || ms->origdst ||
		     ms->recvfragsize))
		mini_cmsg_recv_some(ms, msg, skb);
}

/**
 * mini_errqueue_icmp() - put an ICMP error into a socket's error queue
 * @sk: the socket the error is for; the caller has asked for its IP_RECVERR
 * @e: the error
 * @port: destination port of what was sent, network byte order, 0 if it has
 *	none: with e->raddr the name that recvmsg(MSG_ERRQUEUE) tells
 * @payload: within e->payload or at its end: where what the program sent
 *	begins
 *
 * The caller sets sk_err and reports it.  Nothing is queued when memory or
 * SO_RCVBUF is exhausted.
 *
 * Context: softirq, or process; no lock needed, the socket's may be held.
 */
void mini_errqueue_icmp(struct sock *sk, const struct mini_icmp_err *e,
			__be16 port, const u8 *payload);

/**
 * mini_errqueue_local() - this host itself refuses a packet: tell the queue,
 * if IP_RECVERR is set
 * @ms: the socket
 * @err: positive errno, which the call fails with, too
 * @daddr: where the packet would have gone
 * @port: its destination port, network byte order
 * @info: of EMSGSIZE the MTU
 *
 * Context: any; no lock needed.
 */
void mini_errqueue_local(struct mini_sock *ms, int err,
			 const struct in6_addr *daddr, __be16 port, u32 info);

/**
 * mini_errqueue_recv() - recvmsg(MSG_ERRQUEUE), of every type of socket
 * @ms: the socket
 * @msg: receives what had been sent, the name it was sent to, and a control
 *	message IP_RECVERR: struct sock_extended_err and the offender's name
 * @len: room
 *
 * Context: process, no lock needed.
 * Return: octets copied, -EAGAIN if the queue is empty, -EFAULT.
 */
int mini_errqueue_recv(struct mini_sock *ms, struct msghdr *msg, size_t len);

/* Start the life of the shared part, after sock_init_data(). */
void mini_sk_init(struct mini_sock *ms, struct mini_net *mn);

/* From sk_destruct: what the shared part still holds. */
void mini_sk_destruct(struct sock *sk);

/**
 * mini_skb_renew() - make of a packet that was used what alloc_skb() makes
 * @skb: nobody else refers to it or to its head, which is a plain one; it has no
 *	fragments, and nothing that freeing it would let go of
 *
 * Any context.
 */
static inline void mini_skb_renew(struct sk_buff *skb)
{
	struct skb_shared_info *info = skb_shinfo(skb);

	memset(skb, 0, offsetof(struct sk_buff, tail));
	skb->data = skb->head;
	skb_reset_tail_pointer(skb);
	skb->mac_header = (typeof(skb->mac_header))~0U;
	skb->transport_header = (typeof(skb->transport_header))~0U;
	skb->alloc_cpu = raw_smp_processor_id();
	skb->truesize = SKB_TRUESIZE(skb_end_offset(skb));
	memset(info, 0, offsetof(struct skb_shared_info, dataref));
	atomic_set(&info->dataref, 1);
}

/**
 * mini_skb_read() - copy from a packet to a program
 * @skb: the packet
 * @offset: of the first octet
 * @msg: where to
 * @len: octets; not more than there are from @offset on
 *
 * Does what skb_copy_datagram_msg() does; but that @len lies within @skb was
 * seen to, and is not looked for again by what the memory belongs to.
 *
 * Context: process.
 * Return: 0, or -EFAULT: nothing counts as copied.
 */
int mini_skb_read(const struct sk_buff *skb, unsigned int offset,
		  struct msghdr *msg, size_t len);

/*
 * Sockets that exist in the module, orphans included: rmmod waits until there
 * is none, because packets in a qdisc may be the last to hold one.
 */
extern atomic_t mini_sk_count;
extern wait_queue_head_t mini_sk_wait;

#endif /* _MINI_SOCK_H */
