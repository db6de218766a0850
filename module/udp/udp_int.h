/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP's inside: what its files share.
 */
#ifndef _MINI_UDP_INT_H
#define _MINI_UDP_INT_H

#include <linux/udp.h>

#include "udp.h"

/* No call can give more, corked or not. */
#define MINI_UDP_MAX_CALL	0xffff

static inline struct mini_udp_sock *mini_udp_sk(const struct sock *sk)
{
	return (struct mini_udp_sock *)sk;
}

/**
 * struct mini_udp_cb - of a datagram in a receive queue
 * @saddr: who sent it
 * @sport: from which port
 */
struct mini_udp_cb {
	struct in6_addr saddr;
	__be16 sport;
};

static inline struct mini_udp_cb *mini_udp_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(offsetofend(struct mini_udp_cb, sport) >
		     offsetof(struct mini_ip_cb, frag_size));
	return (struct mini_udp_cb *)skb->cb;
}

/* input.c */

/**
 * struct mini_udp_key - what a datagram is demultiplexed by
 * @saddr: its source
 * @daddr: its destination
 * @sport: source port
 * @dport: destination port
 * @ifindex: the device it came in by, 0: not asked
 */
struct mini_udp_key {
	struct in6_addr saddr;
	struct in6_addr daddr;
	__be16 sport;
	__be16 dport;
	int ifindex;
};

/**
 * mini_udp_score() - how well does a datagram fit a socket?
 * @u: the socket, as a user of the port
 * @key: the datagram
 *
 * Return: -1 if it is not for this socket; else more for one that asked for
 * this peer (4), this local address (2), this device (1).
 */
int mini_udp_score(const struct mini_port_user *u,
		   const struct mini_udp_key *key);

/**
 * mini_udp_lookup() - the one socket that a unicast datagram is for
 * @port: bucket of the destination port
 * @key: the datagram
 *
 * Context: rcu_read_lock().  Return: the socket with the best score, of
 * several the newest, or with SO_REUSEPORT one chosen by the flow; or NULL.
 */
struct sock *mini_udp_lookup(const struct mini_port *port,
			     const struct mini_udp_key *key);

void mini_udp_rcv(struct mini_rx *rx, struct sk_buff *skb);
void mini_udp_err(struct mini_net *mn, const struct mini_icmp_err *e);

/* queue.c */

/**
 * mini_udp_queue() - give a datagram to a socket
 * @sk: the socket
 * @skb: data at the payload, mini_udp_cb filled; taken when 0 is returned
 *
 * Context: softirq.  Return: 0 or the reason to drop it.
 */
enum mini_drop_reason mini_udp_queue(struct sock *sk, struct sk_buff *skb);

int mini_udp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
		     int flags);

/* Octets of the first datagram, 0 if there is none. */
int mini_udp_first_len(struct sock *sk);

/* recycle.c */

/*
 * Octets of the heads that are kept: such as alloc_skb() makes for a datagram of
 * some 80 octets, and for one that fills an Ethernet frame.
 */
#define MINI_UDP_HEAD_SMALL	192
#define MINI_UDP_HEAD_MEDIUM	448	/* none of the small ones has more */
#define MINI_UDP_HEAD_LARGE	1664
#define MINI_UDP_HEAD_MAX	2048
/* How many of each size a CPU keeps. */
#define MINI_UDP_KEEP		32

/**
 * mini_udp_skb_get() - a packet that was kept, as good as new
 * @size: octets of its head
 *
 * Context: process.  Return: the packet, or NULL: allocate one.
 */
struct sk_buff *mini_udp_skb_get(size_t size);

/**
 * mini_udp_skb_put() - a packet was read: keep or free it
 * @skb: in no queue, of no socket; the caller's reference is consumed
 *
 * Context: process.
 */
void mini_udp_skb_put(struct sk_buff *skb);

/* Free what is kept; there is no socket any more. */
void mini_udp_recycle_exit(void);

/* output.c */
int mini_udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);

/*
 * Put @path (taken over) where senders find it, or forget what is there.
 * Without memory nothing is remembered: the next sender looks up again.
 */
void mini_udp_way_set(struct mini_udp_sock *us, const struct mini_flow *fl,
		      struct mini_path *path);
void mini_udp_way_clear(struct mini_udp_sock *us);

/**
 * mini_udp_build() - a packet with a program's data and room for headers
 * @sk: who pays; the call waits for room in its SO_SNDBUF if @msg permits
 * @msg: the data
 * @len: octets of them
 * @err: receives 0 or a negative errno
 *
 * Context: process.  Return: the packet, NULL on error.
 */
struct sk_buff *mini_udp_build(struct sock *sk, struct msghdr *msg, size_t len,
			       int *err);

/**
 * mini_udp_segment() - UDP_SEGMENT: mark a payload of several datagrams
 * @sk: who sends
 * @mtu: of the way
 * @skb: the payload; it goes down as one packet, which the device, or the
 *	kernel in front of it, cuts.  A payload of one is a datagram
 * @size: octets of payload in each
 *
 * Return: 0, -EMSGSIZE for more than @mtu, -EINVAL for too many or without
 * checksums.
 */
int mini_udp_segment(const struct sock *sk, u32 mtu, struct sk_buff *skb,
		     unsigned int size);

/**
 * mini_udp_xmit() - send a payload as a datagram, or as several of one size
 * @us: the socket
 * @path: the way, valid
 * @skb: the payload, consumed
 * @dport: destination port, network byte order
 * @cm: what else holds for it
 *
 * Context: process.
 * Return: 0, -EACCES, -EMSGSIZE, -EINVAL (segments), or IP's error.
 */
int mini_udp_xmit(struct mini_udp_sock *us, const struct mini_path *path,
		  struct sk_buff *skb, __be16 dport,
		  const struct mini_cmsg *cm);

/* cork.c */

/**
 * mini_udp_cork_start() - the first part of a datagram
 * @us: the socket
 * @fl: the flow
 * @dport: destination port, network byte order
 * @cm: what holds for the datagram
 * @msg: data
 * @len: octets of them
 *
 * Context: process, socket not locked.  Return: 0; -EINVAL when another thread
 * corked the socket meanwhile; an errno of mini_path_lookup() or sendmsg().
 */
int mini_udp_cork_start(struct mini_udp_sock *us, const struct mini_flow *fl,
			__be16 dport, const struct mini_cmsg *cm,
			struct msghdr *msg, size_t len);

/**
 * mini_udp_cork_more() - a further part
 * @us: the socket
 * @msg: data; what else it says does not count
 * @len: octets of them
 * @more: not the last one
 *
 * Context: process, socket not locked.
 * Return: 0, 1 if nothing is corked, an errno: then what was corked is gone.
 */
int mini_udp_cork_more(struct mini_udp_sock *us, struct msghdr *msg, size_t len,
		       bool more);

/* Send what is corked.  The socket is locked.  Return: as mini_udp_xmit(). */
int mini_udp_cork_push(struct mini_udp_sock *us);

/* Throw it away.  The socket is locked, or nobody else has it. */
void mini_udp_cork_drop(struct mini_udp_sock *us);

#endif /* _MINI_UDP_INT_H */
