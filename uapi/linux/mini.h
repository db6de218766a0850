/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * AF_MINI: what programs share with the module.
 *
 * An AF_MINI socket takes and returns struct sockaddr_in, and option levels,
 * names and numbers are those of AF_INET; only what has no AF_INET twin is
 * named here.
 *
 * Byte order: every address and port in these interfaces is in network byte
 * order; everything else is in host byte order.
 */
#ifndef _UAPI_LINUX_MINI_H
#define _UAPI_LINUX_MINI_H

#include <linux/types.h>

/*
 * The kernel takes no new family numbers, so AF_MINI borrows one that is
 * defined and has never been implemented.  A module loaded with another
 * family= says so in /sys/module/mini/parameters/family.
 */
#define AF_MINI		18
#define PF_MINI		AF_MINI

/* Option level and options that only AF_MINI has. */
#define SOL_MINI	19785
#define MINI_DOMAIN	1	/* int: AF_INET (default) or AF_INET6 */
#define MINI_REUSEPORT	2	/* int: SO_REUSEPORT where the core keeps it */

/* The generic netlink family; Documentation/netlink/specs/mini.yaml. */
#define MINI_GENL_NAME		"mini"
#define MINI_GENL_VERSION	1
/* Multicast groups: what happens to each kind of object, as it happens. */
#define MINI_GENL_MCGRP_DEV	"dev"
#define MINI_GENL_MCGRP_ADDR	"addr"
#define MINI_GENL_MCGRP_ROUTE	"route"
#define MINI_GENL_MCGRP_NEIGH	"neigh"

enum mini_cmd {
	MINI_CMD_UNSPEC,
	MINI_CMD_DEV_ATTACH,
	MINI_CMD_DEV_DETACH,
	MINI_CMD_DEV_GET,
	MINI_CMD_ADDR_ADD,
	MINI_CMD_ADDR_DEL,
	MINI_CMD_ADDR_GET,
	MINI_CMD_ROUTE_ADD,
	MINI_CMD_ROUTE_DEL,
	MINI_CMD_ROUTE_GET,
	MINI_CMD_NEIGH_ADD,
	MINI_CMD_NEIGH_DEL,
	MINI_CMD_NEIGH_GET,
	MINI_CMD_STAT_GET,
	/* Events: messages like those of the dumps. */
	MINI_CMD_DEV_ADD_NTF,
	MINI_CMD_DEV_DEL_NTF,
	MINI_CMD_DEV_CHANGE_NTF,
	MINI_CMD_ADDR_ADD_NTF,
	MINI_CMD_ADDR_DEL_NTF,
	MINI_CMD_ADDR_CHANGE_NTF,
	MINI_CMD_ROUTE_ADD_NTF,
	MINI_CMD_ROUTE_DEL_NTF,
	MINI_CMD_NEIGH_CHANGE_NTF,
	MINI_CMD_NEIGH_DEL_NTF,
	MINI_CMD_DEV_SET,
	MINI_CMD_ROUTE_BATCH,
	MINI_CMD_GROUP_GET,

	__MINI_CMD_MAX,
	MINI_CMD_MAX = __MINI_CMD_MAX - 1
};

/*
 * Devices: DEV_ATTACH, DEV_DETACH take IFINDEX, DEV_SET what is to be set as
 * well; DEV_GET dumps all of them.
 */
enum mini_dev_attr {
	MINI_A_DEV_UNSPEC,
	MINI_A_DEV_IFINDEX,	/* u32 */
	MINI_A_DEV_NAME,	/* string, reply only */
	MINI_A_DEV_MTU,		/* u32, octets, reply only */
	MINI_A_DEV_HWADDR,	/* binary, reply only; absent without link header */
	MINI_A_DEV_FLAGS,	/* u32, enum mini_dev_flags, reply only */
	MINI_A_DEV_RX_PACKETS,	/* u64, reply only */
	MINI_A_DEV_RX_BYTES,	/* u64, reply only */
	MINI_A_DEV_TX_PACKETS,	/* u64, reply only */
	MINI_A_DEV_TX_BYTES,	/* u64, reply only */
	MINI_A_DEV_PAD,
	MINI_A_DEV_CHANGED,	/* u32, DEV_CHANGE_NTF only: see below */
	MINI_A_DEV_PROXY_ARP,	/* u8, DEV_SET only: 0 or 1 */

	__MINI_A_DEV_MAX,
	MINI_A_DEV_MAX = __MINI_A_DEV_MAX - 1
};

enum mini_dev_flags {
	MINI_DEV_F_UP		= 1 << 0,
	MINI_DEV_F_CARRIER	= 1 << 1,
	MINI_DEV_F_LOOPBACK	= 1 << 2,	/* the stack's own, not attached */
	MINI_DEV_F_NOARP	= 1 << 3,	/* no link header, no neighbours */
	MINI_DEV_F_PROXY_ARP	= 1 << 4,	/* answers for hosts behind it */
};

/* What changed: the flags that did, and these. */
enum mini_dev_changed {
	MINI_DEV_C_MTU		= 1 << 16,
	MINI_DEV_C_HWADDR	= 1 << 17,
	MINI_DEV_C_NAME		= 1 << 18,
};

/* Addresses: ADD takes ADDRESS, PREFIXLEN, IFINDEX; DEL the same. */
enum mini_addr_attr {
	MINI_A_ADDR_UNSPEC,
	MINI_A_ADDR_ADDRESS,	/* binary: 4 octets (IPv4) or 16 (IPv6) */
	MINI_A_ADDR_PREFIXLEN,	/* u8: 0-32 or 0-128 */
	MINI_A_ADDR_IFINDEX,	/* u32; 1 is the stack's own loopback */
	MINI_A_ADDR_FLAGS,	/* u32, enum mini_addr_flags; ADD: only DAD */

	__MINI_A_ADDR_MAX,
	MINI_A_ADDR_MAX = __MINI_A_ADDR_MAX - 1
};

enum mini_addr_flags {
	MINI_ADDR_F_DUPLICATE	= 1 << 0,	/* another host claims it */
	MINI_ADDR_F_TENTATIVE	= 1 << 1,	/* not in use yet: others are asked */
	MINI_ADDR_F_DAD		= 1 << 2,	/* in ADDR_ADD: ask others first */
};

/* Routes: ADD takes DST, PREFIXLEN and GATEWAY or IFINDEX (or both). */
enum mini_route_attr {
	MINI_A_ROUTE_UNSPEC,
	MINI_A_ROUTE_DST,	/* binary: 4 or 16 octets, host bits zero */
	MINI_A_ROUTE_PREFIXLEN,	/* u8 */
	MINI_A_ROUTE_GATEWAY,	/* binary: 4 or 16 octets */
	MINI_A_ROUTE_IFINDEX,	/* u32 */
	MINI_A_ROUTE_METRIC,	/* u32, lower is preferred, 0 by default */
	MINI_A_ROUTE_PREFSRC,	/* binary: an address of this host */
	MINI_A_ROUTE_TYPE,	/* u8, enum mini_route_type */
	MINI_A_ROUTE_FLAGS,	/* u32, enum mini_route_flags, reply only */
	MINI_A_ROUTE_CONGCTL,	/* string: TCP's congestion control */
	MINI_A_ROUTE_NEXTHOP,	/* nest, repeated: enum mini_nexthop_attr */

	__MINI_A_ROUTE_MAX,
	MINI_A_ROUTE_MAX = __MINI_A_ROUTE_MAX - 1
};

/* One of several next hops, instead of GATEWAY and IFINDEX. */
enum mini_nexthop_attr {
	MINI_A_NEXTHOP_UNSPEC,
	MINI_A_NEXTHOP_GATEWAY,	/* binary: 4 or 16 octets */
	MINI_A_NEXTHOP_IFINDEX,	/* u32 */
	MINI_A_NEXTHOP_WEIGHT,	/* u32, 1 to 256, 1 by default */
	MINI_A_NEXTHOP_FLAGS,	/* u32, enum mini_route_flags, reply only */

	__MINI_A_NEXTHOP_MAX,
	MINI_A_NEXTHOP_MAX = __MINI_A_NEXTHOP_MAX - 1
};

/*
 * Many routes in one message, in their order; the first that is refused ends
 * it, the error's offset tells which that was, those before it stay.
 */
enum mini_batch_attr {
	MINI_A_BATCH_UNSPEC,
	MINI_A_BATCH_ADD,	/* nest: enum mini_route_attr */
	MINI_A_BATCH_DEL,	/* nest: enum mini_route_attr */

	__MINI_A_BATCH_MAX,
	MINI_A_BATCH_MAX = __MINI_A_BATCH_MAX - 1
};

enum mini_route_type {
	MINI_ROUTE_UNICAST	= 1,
	MINI_ROUTE_LOCAL	= 2,	/* follows from an address */
	MINI_ROUTE_BROADCAST	= 3,	/* follows from an address */
	MINI_ROUTE_BLACKHOLE	= 4,	/* dropped, EINVAL */
	MINI_ROUTE_UNREACHABLE	= 5,	/* EHOSTUNREACH, ICMP host unreachable */
	MINI_ROUTE_PROHIBIT	= 6,	/* EACCES, ICMP admin prohibited */
};

enum mini_route_flags {
	MINI_ROUTE_F_AUTO	= 1 << 0,	/* made by an address */
	MINI_ROUTE_F_DOWN	= 1 << 1,	/* its device is down */
	MINI_ROUTE_F_DEAD	= 1 << 2,	/* a next hop that does not answer */
};

/* Neighbours: ADD makes a permanent entry of ADDRESS, IFINDEX, LLADDR. */
enum mini_neigh_attr {
	MINI_A_NEIGH_UNSPEC,
	MINI_A_NEIGH_ADDRESS,	/* binary: 4 or 16 octets */
	MINI_A_NEIGH_IFINDEX,	/* u32 */
	MINI_A_NEIGH_LLADDR,	/* binary: 6 octets */
	MINI_A_NEIGH_STATE,	/* u8, enum mini_neigh_state, reply only */
	MINI_A_NEIGH_CONFIRMED,	/* u32, ms since the last confirmation, reply */
	MINI_A_NEIGH_USED,	/* u32, ms since the last use, reply only */
	MINI_A_NEIGH_PROBES,	/* u8, probes unanswered, reply only */
	MINI_A_NEIGH_QUEUED,	/* u32, packets waiting, reply only */

	__MINI_A_NEIGH_MAX,
	MINI_A_NEIGH_MAX = __MINI_A_NEIGH_MAX - 1
};

/* RFC 4861 section 7.3.2, and PERMANENT for what the administrator set. */
enum mini_neigh_state {
	MINI_NEIGH_NONE,
	MINI_NEIGH_INCOMPLETE,
	MINI_NEIGH_REACHABLE,
	MINI_NEIGH_STALE,
	MINI_NEIGH_DELAY,
	MINI_NEIGH_PROBE,
	MINI_NEIGH_FAILED,
	MINI_NEIGH_PERMANENT,
};

/* Multicast groups: GROUP_GET dumps those that have members. */
enum mini_group_attr {
	MINI_A_GROUP_UNSPEC,
	MINI_A_GROUP_ADDRESS,	/* binary: 4 or 16 octets */
	MINI_A_GROUP_IFINDEX,	/* u32 */
	MINI_A_GROUP_USERS,	/* u32, sockets that are members */
	MINI_A_GROUP_MODE,	/* u8, MCAST_INCLUDE or MCAST_EXCLUDE */
	MINI_A_GROUP_VERSION,	/* u8, of IGMP; without, there is none */
	MINI_A_GROUP_TIMER,	/* u32, ms until a report; without, none is due */
	MINI_A_GROUP_SOURCES,	/* u32, how many the filter has */
	MINI_A_GROUP_SOURCE,	/* binary: 4 or 16 octets; repeated, the first 32 */

	__MINI_A_GROUP_MAX,
	MINI_A_GROUP_MAX = __MINI_A_GROUP_MAX - 1
};

/* Counters: STAT_GET dumps one message a counter. */
enum mini_stat_attr {
	MINI_A_STAT_UNSPEC,
	MINI_A_STAT_NAME,	/* string, "TcpInSegs", "drop/IP_CSUM" */
	MINI_A_STAT_VALUE,	/* u64 */
	MINI_A_STAT_PAD,

	__MINI_A_STAT_MAX,
	MINI_A_STAT_MAX = __MINI_A_STAT_MAX - 1
};

/*
 * sock_diag: a SOCK_DIAG_BY_FAMILY dump whose sdiag_family is the module's
 * family number.  States are TCP's of <linux/tcp.h> (1 ESTABLISHED ... 12
 * NEW_SYN_RECV); an unconnected UDP socket is in state 7 (CLOSE), a connected
 * one in 1, as are echo sockets (IPPROTO_ICMP, their port is the identifier)
 * and raw sockets (IPPROTO_RAW, their port is the protocol).
 */
struct mini_diag_req {
	__u8	family;
	__u8	protocol;	/* IPPROTO_TCP, _UDP, _ICMP, _RAW, 0 for all */
	__u16	pad;
	__u32	states;		/* bit n: sockets in state n; 0 for all */
	__u32	ext;		/* bit (MINI_DIAG_x - 1): attribute wanted */
};

struct mini_diag_msg {
	__u8	family;		/* the module's */
	__u8	domain;		/* AF_INET or AF_INET6: how to print */
	__u8	protocol;
	__u8	state;
	__u8	laddr[16];	/* IPv4 as v4-mapped, all zero: wildcard */
	__u8	raddr[16];
	__be16	lport;
	__be16	rport;
	__u32	ifindex;	/* bound device, 0 if none */
	__u32	rqueue;		/* octets unread; listening: connections to accept */
	__u32	wqueue;		/* octets unacknowledged; listening: the backlog */
	__u32	uid;
	__u32	inode;		/* 0: no descriptor (orphan, TIME_WAIT, half-open) */
	__u32	timer;		/* enum mini_diag_timer */
	__u32	expires;	/* of that timer, ms */
	__u32	retrans;	/* of that timer: how often it has backed off */
	__u32	cookie[2];
};

enum mini_diag_timer {
	MINI_DIAG_TIMER_OFF,
	MINI_DIAG_TIMER_RTO,
	MINI_DIAG_TIMER_KEEPALIVE,
	MINI_DIAG_TIMER_TIMEWAIT,
	MINI_DIAG_TIMER_PERSIST,
};

enum mini_diag_attr {
	MINI_DIAG_UNSPEC,
	MINI_DIAG_INFO,		/* struct tcp_info */
	MINI_DIAG_CONG,		/* string: congestion control */

	__MINI_DIAG_MAX,
	MINI_DIAG_MAX = __MINI_DIAG_MAX - 1
};

#endif /* _UAPI_LINUX_MINI_H */
