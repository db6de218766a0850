/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of raw/ share.
 */
#ifndef _MINI_RAW_INT_H
#define _MINI_RAW_INT_H

#include <linux/ip.h>

#include "raw.h"

/* One list of sockets for each value of the protocol field. */
#define MINI_RAW_LISTS	256

/**
 * struct mini_raw_net - the raw sockets of a namespace
 * @lock: guards changes of the lists
 * @lists: struct mini_raw_sock by the low octet of its protocol, RCU
 * @rcu: frees it
 */
struct mini_raw_net {
	spinlock_t lock;	/* process context */
	struct hlist_head lists[MINI_RAW_LISTS];
	struct rcu_head rcu;
};

/**
 * struct mini_raw_sock - a raw socket; an echo socket is a struct mini_sock
 * @ms: what all sockets share; the port in its tuple is the protocol
 * @node: in the list of its protocol
 * @icmp_filter: ICMP_FILTER: bit n set, messages of type n are not wanted
 */
struct mini_raw_sock {
	struct mini_sock ms;
	struct hlist_node node;
	u32 icmp_filter;
};

static inline struct mini_raw_sock *mini_raw_sk(const struct sock *sk)
{
	return (struct mini_raw_sock *)sk;
}

/**
 * struct mini_raw_key - what a packet is matched by
 * @raddr: the other end's address
 * @laddr: this host's
 * @ifindex: the device, 0: not asked
 * @protocol: of the IP header
 */
struct mini_raw_key {
	const struct in6_addr *raddr;
	const struct in6_addr *laddr;
	int ifindex;
	u8 protocol;
};

/* input.c */

/**
 * mini_raw_addr_match() - is a packet to this address and device for a socket?
 * @ms: the socket, raw or echo
 * @laddr: the address
 * @ifindex: the device, 0: not asked
 */
bool mini_raw_addr_match(const struct mini_sock *ms,
			 const struct in6_addr *laddr, int ifindex);

/**
 * mini_raw_match() - is a packet for a raw socket?
 * @rs: the socket
 * @key: the packet
 */
bool mini_raw_match(const struct mini_raw_sock *rs,
		    const struct mini_raw_key *key);

/**
 * mini_raw_filtered() - does ICMP_FILTER keep a message from a socket?
 * @filter: the option's value
 * @type: ICMP type
 */
static inline bool mini_raw_filtered(u32 filter, u8 type)
{
	/* The option knows of no type above 31. */
	return type < 32 && filter & BIT(type);
}

void mini_raw_hash(struct mini_raw_sock *rs);
void mini_raw_unhash(struct sock *sk);

extern const struct mini_ip_tap mini_raw_tap;

/* output.c */

/**
 * mini_raw_route() - the way of one packet to send
 * @ms: the socket
 * @msg: of sendmsg(): flags and control messages
 * @dst: where to
 * @cm: receives what holds for this packet
 * @path: receives the way, to be released
 *
 * Context: process, no lock needed.
 * Return: 0, -EACCES for a broadcast without SO_BROADCAST, errors of
 * mini_cmsg_send() and mini_path_lookup().
 */
int mini_raw_route(struct mini_sock *ms, struct msghdr *msg,
		   const struct in6_addr *dst, struct mini_cmsg *cm,
		   struct mini_path *path);

/**
 * mini_raw_check_size() - does a packet fit its way?
 * @ms: the socket; its error queue is told if not
 * @path: the way
 * @len: octets with the IP header
 * @how: IP_MTU_DISCOVER's value to go by
 *
 * Context: process, no lock needed.  Return: 0 or -EMSGSIZE.
 */
int mini_raw_check_size(struct mini_sock *ms, const struct mini_path *path,
			size_t len, u8 how);

/**
 * mini_raw_build() - a packet with what is left of the program's data
 * @sk: the socket, charged for it
 * @msg: of sendmsg()
 * @room: octets to leave free in front, beside link and IP header
 * @len: octets of data
 * @wait: for room in the send buffer; tells of errors and shutdown(), too
 * @err: receives a negative errno when NULL is returned
 *
 * Context: process, no lock needed; may sleep.
 */
struct sk_buff *mini_raw_build(struct sock *sk, struct msghdr *msg,
			       size_t room, size_t len, bool wait, int *err);

/**
 * mini_raw_xmit() - send a packet that has no IP header yet; consumes it
 * @ms: the socket
 * @skb: data behind the IP header
 * @path: the way
 * @cm: what holds for this packet
 *
 * Return: 0, -ENOBUFS when a queue of this host was full, errors of
 * mini_ip_xmit().
 */
int mini_raw_xmit(struct mini_sock *ms, struct sk_buff *skb,
		  const struct mini_path *path, const struct mini_cmsg *cm);

int mini_raw_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);

/* sock.c: methods of both, and parts of them */
int mini_raw_connect(struct sock *sk, mini_sockaddr *uaddr, int len);
int mini_raw_disconnect(struct sock *sk, int flags);
void mini_raw_close(struct sock *sk, long timeout);

/**
 * mini_raw_recv() - recvmsg() of both
 * @sk: the socket
 * @msg: of recvmsg()
 * @len: octets of room
 * @flags: MSG_*
 * @full: receives the size of the packet
 *
 * Context: process, no lock needed.  Return: octets copied or an errno.
 */
int mini_raw_recv(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		  unsigned int *full);

/**
 * mini_raw_sock_err() - tell a socket of an ICMP error
 * @ms: the socket, raw or echo
 * @e: the error
 * @data: what the error queue shall show of the packet, of the quote
 *
 * Only who asked for it by IP_RECVERR hears of everything; others must be
 * connected, and the error a hard one.
 * Context: softirq, rcu_read_lock().
 */
void mini_raw_sock_err(struct mini_sock *ms, const struct mini_icmp_err *e,
		       const u8 *data);

/* ping.c */
extern const struct mini_icmp_ping mini_ping_handler;
int mini_ping_ident(struct mini_sock *ms, __be16 ident);

#endif /* _MINI_RAW_INT_H */
