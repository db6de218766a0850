/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AF_MINI: what every layer shares.
 *
 * The layers, lowest first.  A layer includes the headers of lower layers
 * only; what a lower layer hands up, it hands to a handler registered with it.
 *
 *	socket/ control/	what programs and administrators see
 *	tcp/ udp/ raw/		transports, and sockets beside them
 *	port/			who owns which local port
 *	ip/			addresses, routes, input, output, ICMP
 *	link/			devices, frames in and out, neighbours
 *	wire/			headers
 *
 * Locks, outermost first; a path may skip rows, never go back:
 *
 *	rtnl_lock		configuration: devices, addresses, routes
 *	socket lock		lock_sock(), or bh_lock_sock() in softirq
 *	port bucket lock	port/port.c, BH
 *	accept queue lock	tcp/listen.c, BH
 *	group lock		ip/mcast.c, a device's, BH
 *	neighbour lock		link/neigh.c, BH
 *
 * Packets take none of the first: devices, addresses, routes, neighbours,
 * ports and connections are all found under rcu_read_lock().
 *
 * Lifetime: an instance lives as long as its network namespace.  A device
 * reference (struct mini_dev) may outlive the net_device: mdev->dev is an RCU
 * pointer that becomes NULL at detach.
 */
#ifndef _MINI_MINI_H
#define _MINI_MINI_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "../uapi/linux/mini.h"
#include "compat.h"
#include "mib.h"

struct mini_link_net;
struct mini_ip_net;
struct mini_icmp_net;
struct mini_reass_net;
struct mini_pmtu_net;
struct mini_port_net;
struct mini_udp_net;
struct mini_tcp_net;
struct mini_raw_net;
struct mini_control_net;

/* Names of congestion controls, with the final NUL. */
#define MINI_CONG_NAME_MAX	16

/**
 * struct mini_sysctl - net.mini.*, one set a namespace; plain loads and
 * stores with READ_ONCE(), WRITE_ONCE()
 *
 * Times are in milliseconds where the name ends in _ms, else in seconds;
 * sizes are in octets.
 */
struct mini_sysctl {
	int ip_default_ttl;
	int ip_forward;
	int proxy_arp;			/* on all devices */
	int send_redirects;
	int accept_redirects;
	int rp_filter;			/* 0: no, 1: strict, 2: loose */
	int mtu_expires;		/* seconds a path MTU is remembered */
	int min_pmtu;			/* octets, least that is believed */
	int ipfrag_high_thresh;		/* octets of all fragments kept */
	int ipfrag_time;		/* seconds for all to come */
	int ipfrag_max_dist;		/* others of one sender between */
	int icmp_echo_ignore_all;
	int igmp_qrv;			/* how often a change is told */
	int igmp_max_memberships;	/* of a socket */
	int igmp_max_msf;		/* sources of a membership */
	int force_igmp_version;		/* 0: as the querier */
	int icmp_ratelimit;		/* errors a second, 0: no limit */
	int icmp_burst;
	int neigh_base_reachable_ms;
	int neigh_retrans_ms;
	int neigh_delay_probe_ms;
	int neigh_ucast_probes;
	int neigh_mcast_probes;
	int neigh_gc_stale_ms;
	int neigh_max_entries;
	int neigh_queue_bytes;
	int ip_local_port_range[2];
	unsigned long *ip_local_reserved_ports;	/* bits, NULL: never set */
	int ip_unprivileged_port_start;
	kgid_t ping_group_range[2];	/* who may have an echo socket */
	int somaxconn;
	int udp_rmem;			/* default SO_RCVBUF of a UDP socket */
	int udp_wmem;
	int tcp_rmem[3];		/* min, default, max */
	int tcp_wmem[3];
	int tcp_timestamps;
	int tcp_sack;
	int tcp_dsack;
	int tcp_window_scaling;
	int tcp_syn_retries;
	int tcp_synack_retries;
	int tcp_retries2;
	int tcp_orphan_retries;
	int tcp_fin_timeout;		/* seconds, FIN-WAIT-2 without a program */
	int tcp_time_wait;		/* seconds, 2 MSL */
	int tcp_max_tw_buckets;
	int tcp_tw_reuse;		/* 0: no, 1: yes, 2: of the loopback */
	int tcp_rfc1337;
	int tcp_max_orphans;
	int tcp_max_syn_backlog;
	int tcp_syncookies;		/* 0: no, 1: in need, 2: always */
	int tcp_abort_on_overflow;
	int tcp_fastopen;		/* enum mini_tcp_fo_bits */
	int tcp_syn_linear_timeouts;
	int tcp_keepalive_time;
	int tcp_keepalive_intvl;
	int tcp_keepalive_probes;
	int tcp_challenge_ack_limit;	/* a second */
	int tcp_invalid_ratelimit_ms;
	int tcp_early_retrans;		/* 0: no loss probes */
	int tcp_frto;
	int tcp_slow_start_after_idle;
	int tcp_min_rtt_wlen;		/* seconds */
	int tcp_delack_ms;
	int tcp_comp_sack_delay_ns;
	int tcp_comp_sack_nr;
	u32 tcp_notsent_lowat;
	int tcp_ecn;			/* 1: ask for it, 2: if the peer asks */
	int tcp_ecn_fallback;
	int tcp_ecn_abe;
	int tcp_limit_output_bytes;
	int tcp_retries1;
	int tcp_mtu_probing;		/* 1: after timeouts, 2: always */
	int tcp_base_mss;
	int tcp_mtu_probe_floor;
	int tcp_probe_interval;		/* seconds */
	int tcp_probe_threshold;	/* octets */
	char tcp_congestion_control[MINI_CONG_NAME_MAX];
};

/**
 * struct mini_net - the stack of one network namespace
 * @net: the namespace
 * @genid: advances with each change of devices, addresses or routes; a cached
 *	path whose genid differs is looked up again
 * @mib: counters
 * @sysctl: knobs
 * @raw_socks: how many raw sockets listen: while there is none, no packet is
 *	shown to them
 *
 * The pointers are the layers' own, set by their mini_*_net_init().
 */
struct mini_net {
	struct net *net;
	atomic_t genid;
	struct mini_mib_percpu __percpu *mib;
	struct mini_sysctl sysctl;
	unsigned int raw_socks;

	struct mini_link_net *link;
	struct mini_ip_net *ip;
	struct mini_icmp_net *icmp;
	struct mini_reass_net *reass;
	struct mini_pmtu_net *pmtu;
	struct mini_port_net *port;
	struct mini_udp_net *udp;
	struct mini_tcp_net *tcp;
	struct mini_raw_net *raw;
	struct mini_control_net *control;
};

extern unsigned int mini_net_id;
extern int mini_family;

static inline struct mini_net *mini_pernet(const struct net *net)
{
	return net_generic(net, mini_net_id);
}

/* Who sees the new number sees what changed before it: mini_path_lookup(). */
static inline void mini_genid_bump(struct mini_net *mn)
{
	/* Pairs with the barrier in mini_path_lookup(). */
	smp_mb__before_atomic();
	atomic_inc(&mn->genid);
}

/* Counters; any context. */
static inline void mini_inc(struct mini_net *mn, enum mini_mib id)
{
	this_cpu_inc(mn->mib->event[id]);
}

static inline void mini_add(struct mini_net *mn, enum mini_mib id, u64 n)
{
	this_cpu_add(mn->mib->event[id], n);
}

/**
 * mini_drop - count, trace and free a packet that goes no further
 * @mn: the instance
 * @skb: the packet, consumed
 * @reason: why
 *
 * Context: any.
 */
void mini_drop(struct mini_net *mn, struct sk_buff *skb,
	       enum mini_drop_reason reason);

/* IPv4 addresses above the IP layer are v4-mapped IPv6 addresses. */
static inline void mini_addr_set_v4(struct in6_addr *a, __be32 v4)
{
	ipv6_addr_set_v4mapped(v4, a);
}

static inline __be32 mini_addr_v4(const struct in6_addr *a)
{
	return a->s6_addr32[3];
}

static inline bool mini_addr_is_v4(const struct in6_addr *a)
{
	return ipv6_addr_v4mapped(a);
}

/* Unspecified in either version: :: or ::ffff:0.0.0.0. */
static inline bool mini_addr_any(const struct in6_addr *a)
{
	return ipv6_addr_any(a) ||
	       (ipv6_addr_v4mapped(a) && !a->s6_addr32[3]);
}

static inline bool mini_addr_equal(const struct in6_addr *a,
				   const struct in6_addr *b)
{
	return ipv6_addr_equal(a, b);
}

/**
 * struct mini_rx - a packet on its way up, valid while its handler runs
 * @mn: the instance
 * @mdev: the device it came in by (the loopback's for local packets)
 * @saddr: source; v4-mapped for IPv4
 * @daddr: destination
 * @conn: the connection that an early demultiplexing found, or NULL
 * @len: octets after the IP header, from the header's own length
 * @proto: IP protocol
 * @ttl: TTL or hop limit
 * @tos: TOS or traffic class
 * @dst_type: what @daddr is to this host: enum mini_route_type; 0 for
 *	multicast
 */
struct mini_rx {
	struct mini_net *mn;
	struct mini_dev *mdev;
	struct in6_addr saddr;
	struct in6_addr daddr;
	void *conn;
	u32 len;
	u8 proto;
	u8 ttl;
	u8 tos;
	u8 dst_type;
};

#endif /* _MINI_MINI_H */
