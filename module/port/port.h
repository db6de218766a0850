/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ports: who owns which local port, for both transports' demultiplexing; and
 * which identifier of echo requests.
 *
 * A port in use is a bucket in its protocol's table; its users are sockets and
 * TCP's TIME-WAIT records.  Readers walk buckets and users under RCU; changes
 * hold the bucket's lock.
 *
 * Those who were bound are apart from those who came by mini_port_connect() or
 * mini_port_join(): packets reach the latter through the table of connections,
 * so who looks for a listener does not pass them all.
 */
#ifndef _MINI_PORT_H
#define _MINI_PORT_H

#include <linux/rculist.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>

#include "../mini.h"

struct mini_port_array;
struct sock;
struct sk_buff;

struct mini_port_key {
	__be16 port;
	u8 protocol;
	u8 pad;
};

/**
 * struct mini_port - a port somebody uses
 * @key: protocol and port
 * @table: it is in, by its number
 * @lock: guards all that follows; BH
 * @dead: last user left, the bucket is no longer in the table
 * @bound: users that no connection may share the port with: sockets that have
 *	no peer
 * @users: struct mini_port_user, those who were bound, RCU
 * @guests: the other sockets
 * @records: the others: no sockets
 * @rcu: frees it
 */
struct mini_port {
	struct mini_port_key key;
	struct mini_port_array *table;
	spinlock_t lock;		/* guards what follows */
	bool dead;
	unsigned int bound;
	struct hlist_head users;
	struct hlist_head guests;
	struct hlist_head records;
	struct rcu_head rcu;
};

/**
 * struct mini_port_user - one who uses a port
 * @node: in the bucket
 * @port: the bucket, NULL: none; written by the owner under its own lock
 * @sk: the socket, NULL for a record (TIME-WAIT, which only conflicts);
 *	constant while @port is set
 * @addr: local address, unspecified: any
 * @ifindex: bound device, 0: any
 * @uid: owner, for SO_REUSEPORT
 * @range: IP_LOCAL_PORT_RANGE: the lowest port in the low half, the highest in
 *	the high one; 0: net.mini.ip_local_port_range's
 * @reuse: SO_REUSEADDR was set at bind(); between sockets what is set now
 *	counts
 * @reuseport: the same of SO_REUSEPORT
 * @listening: takes connections (TCP)
 * @connected: has a peer: connections may share the port
 *
 * Sockets with SO_REUSEPORT that have address, device and owner in common are
 * one group of the kernel's (sk_reuseport_cb), which chooses among them: UDP's
 * from bind() on, TCP's while they listen.
 *
 * Its owner frees it a grace period after mini_port_release(), or later.
 */
struct mini_port_user {
	struct hlist_node node;
	struct mini_port *port;
	struct sock *sk;
	struct in6_addr addr;
	int ifindex;
	kuid_t uid;
	u32 range;
	u8 reuse:1,
	   reuseport:1,
	   listening:1,
	   connected:1;
};

/**
 * mini_port_bind() - take a port, refusing conflicts as AF_INET does
 * @mn: the instance
 * @protocol: IPPROTO_TCP, IPPROTO_UDP, or IPPROTO_ICMP for identifiers
 * @u: the user, filled but for @port
 * @port: the port, network byte order; 0: one is chosen at random from
 *	ip_local_port_range, or the part of it that @u->range leaves, but for
 *	ip_local_reserved_ports; first among the half of the other parity
 *	than connect()'s
 *
 * Conflict: two users of one port whose addresses overlap (equal, or one of
 * them any) and whose devices overlap, unless both set SO_REUSEADDR and
 * neither listens (TCP), both set SO_REUSEADDR (UDP), or both set SO_REUSEPORT
 * and have the same owner.  A record stands in the way only of users without
 * SO_REUSEADDR.  A port that is chosen here is never shared by overlapping
 * users, whatever they have set.
 *
 * Context: process, socket lock held.  Return: 0 with u->port set;
 * -EADDRINUSE; -ENOMEM.
 */
int mini_port_bind(struct mini_net *mn, u8 protocol, struct mini_port_user *u,
		   __be16 port);

/**
 * mini_port_listen_ok() - may @u listen, given who else uses its port?
 * @u: a user that has a port
 *
 * Sets u->listening when it may.  Return: 0 or -EADDRINUSE.
 */
int mini_port_listen_ok(struct mini_port_user *u);

/* @u listens no more but keeps its port; u->port may be NULL. */
void mini_port_unlisten(struct mini_port_user *u);

/**
 * mini_port_connect() - choose a local port for a connection (RFC 6056,
 * algorithm 3)
 * @mn: the instance
 * @protocol: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @u: the user, filled but for @port; joins the chosen bucket as @connected
 * @offset: keyed hash of addresses and the peer's port
 * @claim: tries a port: 0 takes it, -EADDRNOTAVAIL goes on to the next, any
 *	other ends the search.  Called with the bucket's lock held, perhaps
 *	more than once for a port (never again after it returned 0)
 * @arg: for @claim
 *
 * A port may be shared with other connected users, not with a user that is
 * bound without a peer.  Context: process, socket lock held.
 * Return: 0 with u->port set; -EADDRNOTAVAIL; -ENOMEM; @claim's error.
 */
int mini_port_connect(struct mini_net *mn, u8 protocol,
		      struct mini_port_user *u, u32 offset,
		      int (*claim)(void *arg, __be16 port), void *arg);

/**
 * mini_port_join() - share a port with one who has it: a child its listener's,
 * a TIME-WAIT record its socket's
 * @u: joins
 * @port: bucket; a user that cannot leave meanwhile is in it, or the caller
 *	has held rcu_read_lock() since it saw one
 *
 * Context: any.  Return: 0, or -ESTALE if the bucket died.
 */
int mini_port_join(struct mini_port_user *u, struct mini_port *port);

/* Change what others see of a user: its address, or @connected. */
void mini_port_update(struct mini_port_user *u, const struct in6_addr *addr,
		      bool connected);

/* The user's socket was bound to another device; u->port may be NULL. */
void mini_port_set_dev(struct mini_port_user *u, int ifindex);

/* Leave; the last one frees the bucket.  Any context; u->port may be NULL. */
void mini_port_release(struct mini_port_user *u);

/**
 * mini_port_group_pick() - which of a group takes a packet?
 * @sk: one that it fits
 * @hash: of the packet's flow
 * @skb: the packet, data at the transport header
 * @hdrlen: of that header: a BPF program sees what is behind it
 *
 * Context: rcu_read_lock().  Return: a member that has no peer, or @sk if it is
 * in no group.
 */
struct sock *mini_port_group_pick(struct sock *sk, u32 hash,
				  struct sk_buff *skb, int hdrlen);

/**
 * mini_port_lookup() - the bucket of a port
 * @mn: the instance
 * @protocol: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @port: the port, network byte order
 *
 * Context: rcu_read_lock().  Return: the bucket or NULL.
 */
struct mini_port *mini_port_lookup(struct mini_net *mn, u8 protocol,
				   __be16 port);

static inline __be16 mini_port_num(const struct mini_port_user *u)
{
	const struct mini_port *port = READ_ONCE(u->port);

	return port ? port->key.port : 0;
}

/**
 * mini_port_walk() - call @fn for each user of a protocol, for sock_diag;
 * guests are left out
 * @mn: the instance
 * @protocol: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @iter: walk's place, zeroed at the start; kept between calls of one dump
 * @fn: under rcu_read_lock(); nonzero stops, and the walk resumes at this user
 * @arg: for @fn
 *
 * Ports come in ascending order.  Return: 0 at the end, else what @fn returned.
 */
int mini_port_walk(struct mini_net *mn, u8 protocol, unsigned long *iter,
		   int (*fn)(struct mini_port_user *u, void *arg), void *arg);

int mini_port_init(void);
void mini_port_exit(void);
int mini_port_net_init(struct mini_net *mn);
void mini_port_net_exit(struct mini_net *mn);

#endif /* _MINI_PORT_H */
