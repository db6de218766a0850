/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The internet layer: addresses, routes, input, output, ICMP.
 */
#ifndef _MINI_IP_H
#define _MINI_IP_H

#include <linux/ip.h>
#include <linux/workqueue.h>
#include <net/ip.h>

#include "../mini.h"
#include "../link/acd.h"
#include "../link/link.h"

/**
 * struct mini_flow - what a route is looked up for
 * @dst: destination
 * @src: source, or unspecified: chosen by the look-up
 * @oif: device that must be used, 0 if any
 * @mark: SO_MARK
 * @proto: IP protocol
 * @tos: TOS
 * @hash: tells this flow from others to @dst, where a route has several next
 *	hops; 0: they all go one way
 * @freebind: @src need not be an address of this host
 */
struct mini_flow {
	struct in6_addr dst;
	struct in6_addr src;
	int oif;
	u32 mark;
	u32 hash;
	u8 proto;
	u8 tos;
	bool freebind;
};

/**
 * struct mini_path - a looked-up way to a destination, kept by its user
 * @mdev: device out, referenced; NULL: nothing looked up
 * @neigh: next hop's entry, referenced, or NULL (loopback, no link header,
 *	broadcast)
 * @src: the source to use
 * @dst: the destination
 * @genid: mn->genid when it was looked up
 * @mtu: octets of an IP packet: the device's, or less where the path to @dst
 *	is known to carry less
 * @mtu_locked: the path carries less than routers may be asked for: packets
 *	go without Don't Fragment
 * @type: enum mini_route_type of the destination; 0 for multicast
 * @by_hash: flows of another hash may go another way
 * @congctl: TCP's congestion control that the route names, "": none
 */
struct mini_path {
	struct mini_dev *mdev;
	struct mini_neigh *neigh;
	struct in6_addr src;
	struct in6_addr dst;
	int genid;
	u32 mtu;
	bool mtu_locked;
	bool by_hash;
	u8 type;
	char congctl[MINI_CONG_NAME_MAX];
};

/**
 * mini_path_lookup() - find the way for a flow
 * @mn: the instance
 * @fl: the flow
 * @path: receives the way; what it held before is NOT released
 *
 * The path's @dst is the flow's, but for 0.0.0.0, which means this host: its
 * source, or 127.0.0.1.
 *
 * Context: any.  Return: 0; -ENETUNREACH without a route or for another host's
 * source, -ENETDOWN if its device is down, -ENODEV if @fl->oif is not attached,
 * -EINVAL, -EHOSTUNREACH, -EACCES as a blackhole, unreachable or prohibit route
 * says,
 * -EINVAL for a group's source or an address of 127/8 that would leave the host,
 * -EADDRNOTAVAIL if this host has no address, -ENOBUFS when the neighbour
 * table is full.  On error @path->mdev is NULL.
 */
int mini_path_lookup(struct mini_net *mn, const struct mini_flow *fl,
		     struct mini_path *path);
void mini_path_release(struct mini_path *path);

static inline bool mini_path_valid(const struct mini_net *mn,
				   const struct mini_path *path)
{
	return path->mdev && path->genid == atomic_read(&mn->genid);
}

/**
 * struct mini_ip_cb - of a packet that came in, in skb->cb
 * @transport: a transport's own
 * @frag_size: octets of the largest fragment, with its header; 0: it came whole
 */
struct mini_ip_cb {
	u8 transport[18] __aligned(4);
	u16 frag_size;
};

static inline struct mini_ip_cb *mini_ip_cb(const struct sk_buff *skb)
{
	return (struct mini_ip_cb *)skb->cb;
}

/* What becomes of a packet that is larger than the MTU. */
enum mini_ip_frag {
	MINI_FRAG_BY_DF,	/* cut, unless Don't Fragment is set */
	MINI_FRAG_CUT,		/* cut, and sent without Don't Fragment */
	MINI_FRAG_NEVER,	/* refused */
};

/**
 * struct mini_ip_opts - IP options that a socket sends; constant
 * @rcu: frees it
 * @len: octets, a multiple of 4
 * @data: the options, checked by mini_options_user()
 */
struct mini_ip_opts {
	struct rcu_head rcu;
	u8 len;
	u8 data[40];
};

/**
 * mini_options_user() - options that a program wants to send
 * @opts: what it gave; padded to a multiple of 4 octets, whatever follows the
 *	end cleared
 * @len: octets of it
 * @raw: it has CAP_NET_RAW
 *
 * Return: 0; -EINVAL where they are malformed, there twice, or of a kind that
 * takes CAP_NET_RAW; of a source route -EPERM, or -EOPNOTSUPP with it.
 */
int mini_options_user(struct mini_ip_opts *opts, unsigned int len, bool raw);

/**
 * struct mini_ip_hdr - what output needs to build the IP header
 * @proto: IP protocol
 * @ttl: TTL
 * @tos: TOS
 * @df: set Don't Fragment
 * @dev_mtu: the MTU is the device's, whatever is known of the path
 * @frag: enum mini_ip_frag
 * @ttl0: a @ttl of 0 is meant: to a group, on this host alone
 * @quiet: this host shall not hear what it sends to a group
 * @opts: options, or NULL; under the caller's rcu_read_lock()
 */
struct mini_ip_hdr {
	u8 proto;
	u8 ttl;
	u8 tos;
	bool df;
	bool dev_mtu;
	u8 frag;
	bool ttl0;
	bool quiet;
	const struct mini_ip_opts *opts;
};

/* The MTU that a socket's packets go by; @how is its IP_MTU_DISCOVER. */
static inline u32 mini_path_mtu(const struct mini_path *path, u8 how)
{
	u32 mtu = path->mtu;

	if (unlikely(how >= IP_PMTUDISC_PROBE))
		mtu = READ_ONCE(path->mdev->mtu);
	return min_t(u32, mtu, IP_MAX_MTU);
}

/* The largest packet, whole, that IP_MTU_DISCOVER lets a program send. */
static inline u32 mini_path_limit(const struct mini_path *path, u8 how)
{
	if (how < IP_PMTUDISC_DO || how == IP_PMTUDISC_OMIT)
		return IP_MAX_MTU;
	return mini_path_mtu(path, how);
}

/**
 * mini_ip_hdr_discover() - what IP_MTU_DISCOVER means for a datagram
 * @h: receives it: df, dev_mtu, frag
 * @path: its way
 * @how: the option's value
 */
static inline void mini_ip_hdr_discover(struct mini_ip_hdr *h,
					const struct mini_path *path, u8 how)
{
	/* What nearly every socket has. */
	if (likely(how == IP_PMTUDISC_WANT)) {
		h->df = !path->mtu_locked;
		h->frag = MINI_FRAG_CUT;
		return;
	}
	h->df = how == IP_PMTUDISC_DO || how == IP_PMTUDISC_PROBE;
	h->dev_mtu = how >= IP_PMTUDISC_PROBE;
	h->frag = how == IP_PMTUDISC_DONT || how == IP_PMTUDISC_OMIT ?
		  MINI_FRAG_CUT : MINI_FRAG_NEVER;
}

/**
 * mini_ip_xmit() - put an IP header in front of a transport segment, send it
 * @mn: the instance
 * @path: a valid path (from path->src to path->dst)
 * @skb: segment, consumed; data at the transport header (transport_header
 *	set), room for IP and link headers in front, checksum done or
 *	CHECKSUM_PARTIAL, GSO fields set by the transport
 * @h: header fields
 *
 * Context: softirq or process; takes rcu_read_lock() itself.
 * Return: 0, -EMSGSIZE if larger than the MTU (and neither GSO nor to be cut)
 * or than IP can say, or mini_link_xmit()'s error or NET_XMIT_*.
 */
int mini_ip_xmit(struct mini_net *mn, const struct mini_path *path,
		 struct sk_buff *skb, const struct mini_ip_hdr *h);

/**
 * mini_ip_xmit_header() - send a packet that brings its IP header
 * @mn: the instance
 * @path: a valid path; its addresses need not be the header's
 * @skb: packet, consumed; data at the IP header, as long as it says and
 *	contiguous, room for a link header in front, transport_header set
 * @mtu: a larger packet is cut, or refused if it has Don't Fragment
 * @quiet: as in struct mini_ip_hdr
 *
 * What AF_INET writes of it is written here: total length and checksum, the
 * source where it is 0, the identification where it is 0 and may not be.
 *
 * Context: as mini_ip_xmit().  Return: 0, -EMSGSIZE, or mini_link_xmit()'s
 * error or NET_XMIT_*.
 */
int mini_ip_xmit_header(struct mini_net *mn, const struct mini_path *path,
			struct sk_buff *skb, u32 mtu, bool quiet);

/**
 * mini_ip_fragment() - send a packet in fragments (RFC 791 section 3.2)
 * @mn: the instance
 * @path: a valid path; its addresses need not be the header's
 * @skb: packet, consumed; data at the IP header, which is contiguous and as
 *	long as it says, skb->len its total length, Don't Fragment as may be:
 *	it is not looked at; may be a fragment, and a super-segment
 * @mtu: octets that no fragment exceeds
 *
 * Context: softirq or process, rcu_read_lock() held.
 * Return: 0; -EMSGSIZE when the header leaves no room for data, -ENOBUFS
 * without memory; or mini_link_xmit()'s error or NET_XMIT_*, after which no
 * further fragment was sent.
 */
int mini_ip_fragment(struct mini_net *mn, const struct mini_path *path,
		     struct sk_buff *skb, unsigned int mtu);

/**
 * mini_ip_reply() - answer a received packet without a socket
 * @rx: the received packet: addresses are swapped
 * @skb: transport segment, as for mini_ip_xmit()
 * @h: header fields; ttl 0 takes the sysctl's
 *
 * Used for RST, SYN-ACK of half-open connections, echo replies.
 * Context: softirq.  Return: 0 or a negative errno.
 */
int mini_ip_reply(const struct mini_rx *rx, struct sk_buff *skb,
		  const struct mini_ip_hdr *h);

/**
 * mini_ip_send() - look up and send, for those who keep no path
 * @mn: the instance
 * @fl: flow, with its source chosen or not
 * @skb: as for mini_ip_xmit(); checksums that need the source require @fl->src
 * @h: header fields
 */
int mini_ip_send(struct mini_net *mn, const struct mini_flow *fl,
		 struct sk_buff *skb, const struct mini_ip_hdr *h);

/**
 * struct mini_proto - a transport, as IP input knows it
 * @protocol: IPPROTO_*
 * @rcv: takes a packet, skb->data at the transport header, network_header and
 *	transport_header set, trimmed to rx->len; consumes it
 * @demux: optional: does the packet belong to a connection?  Sees the packet
 *	as @rcv does, but may not change or keep it; sets rx->conn and returns
 *	true.  Then no route is looked up: who has a connection owns its
 *	local address
 * @err: an ICMP error quotes a packet that this transport sent
 *
 * All are called in softirq under rcu_read_lock().
 */
struct mini_icmp_err;
struct mini_proto {
	u8 protocol;
	void (*rcv)(struct mini_rx *rx, struct sk_buff *skb);
	bool (*demux)(struct mini_rx *rx, struct sk_buff *skb);
	void (*err)(struct mini_net *mn, const struct mini_icmp_err *e);
};

/**
 * struct mini_icmp_err - an ICMP error, parsed
 * @proto: IP protocol of the quoted packet
 * @laddr: this host's address (source of the quoted packet)
 * @raddr: its destination
 * @reporter: who sent the error
 * @type: ICMP type
 * @code: ICMP code
 * @errno: positive errno for the program
 * @hard: the connection or destination is gone for good (RFC 1122 4.2.3.9)
 * @mtu: next-hop MTU of a fragmentation-needed error, 0 if not one
 * @info: ee_info of an error queue: @mtu; of a parameter problem, where it is
 * @len: size of the packet quoted, octets, by its own header
 * @ifindex: device that the error came in by, 0: found out by this host
 * @hdr_len: octets of the quoted IP header, which stands before @payload
 * @payload: the quoted transport header, at least 8 octets
 * @payload_len: octets there
 * @skb: the ICMP packet, for error queues (not to be kept: clone it); NULL:
 *	nothing can be queued
 */
struct mini_icmp_err {
	struct in6_addr laddr;
	struct in6_addr raddr;
	struct in6_addr reporter;
	u8 proto;
	u8 type;
	u8 code;
	u8 hdr_len;
	int errno_;
	bool hard;
	int ifindex;
	u32 mtu;
	u32 info;
	u32 len;
	const u8 *payload;
	unsigned int payload_len;
	struct sk_buff *skb;
};

/**
 * mini_pmtu_learn() - the path to a destination carries no more than this
 * @mn: the instance
 * @dst: the destination
 * @mtu: octets; below net.mini.min_pmtu packets go without Don't Fragment
 *
 * Paths that are looked up from now on go by it; those that are kept do when
 * mini_genid_bump() is called.
 * Context: any.  Return: whether it was news.
 */
bool mini_pmtu_learn(struct mini_net *mn, const struct in6_addr *dst, u32 mtu);

/**
 * mini_pmtu_claim() - ICMP says so, and quotes a packet of a socket's
 * @mn: the instance
 * @e: the error, of any type
 * @how: the socket's IP_MTU_DISCOVER, which may not care
 *
 * Context: softirq.
 */
void mini_pmtu_claim(struct mini_net *mn, const struct mini_icmp_err *e,
		     u8 how);

/* At module initialisation; protocol numbers are registered once. */
void mini_ip_register(const struct mini_proto *proto);

/**
 * struct mini_ip_tap - who is shown packets that are for this host, and errors,
 * beside the transport; only while mini_net.raw_socks is not 0
 * @rcv: a packet, as mini_proto.rcv sees it; may not change or keep it, a clone
 *	it may.  Returns whether somebody takes care of the protocol
 * @alert: a packet to another host that carries router alert, likewise; NULL:
 *	only asks whether somebody would take it, and would be all it goes to
 * @err: an ICMP error, before the transport hears of it
 *
 * Both are called in softirq under rcu_read_lock().
 */
struct mini_ip_tap {
	bool (*rcv)(const struct mini_rx *rx, const struct sk_buff *skb);
	bool (*alert)(const struct mini_rx *rx, const struct sk_buff *skb);
	void (*err)(struct mini_net *mn, const struct mini_icmp_err *e);
};

/* At module initialisation, once. */
void mini_ip_set_tap(const struct mini_ip_tap *tap);

/**
 * struct mini_icmp_ping - who sends echo requests
 * @rcv: a reply; data at the ICMP header, the checksum verified; consumes it
 * @err: an ICMP error quotes an ICMP message of this host
 *
 * Both are called in softirq under rcu_read_lock().
 */
struct mini_icmp_ping {
	void (*rcv)(struct mini_rx *rx, struct sk_buff *skb);
	void (*err)(struct mini_net *mn, const struct mini_icmp_err *e);
};

/* At module initialisation, once. */
void mini_icmp_set_ping(const struct mini_icmp_ping *ping);

/**
 * mini_icmp_send() - tell the sender what became of its packet
 * @rx: the received packet; dst_type must be known: nothing is sent if it is
 *	a group's (0 is)
 * @skb: it, not consumed; network and transport header set, all from the IP
 *	header on is there
 * @type: ICMP_DEST_UNREACH, ICMP_TIME_EXCEEDED, ICMP_PARAMETERPROB or
 *	ICMP_REDIRECT
 * @code: of the type
 * @info: host byte order: of ICMP_FRAG_NEEDED the MTU, of a parameter problem
 *	which octet of the IP header, of a redirect the gateway; else 0
 *
 * Keeps the rules of when not to (RFC 1122 section 3.2.2, RFC 1812 section
 * 4.3.2.7), and the rate limit.
 * Context: softirq, rcu_read_lock().
 */
void mini_icmp_send(const struct mini_rx *rx, const struct sk_buff *skb,
		    u8 type, u8 code, u32 info);

/* Leave of a header's options what an answer takes back; no checksum. */
void mini_options_answer(struct iphdr *iph);

/**
 * mini_icmp_send_unreach() - tell the sender that nobody took its packet
 * @rx: the received packet
 * @skb: it, not consumed
 * @code: ICMP_PORT_UNREACH, ICMP_PROT_UNREACH, ICMP_HOST_UNREACH…
 *
 * As mini_icmp_send().
 */
void mini_icmp_send_unreach(const struct mini_rx *rx, struct sk_buff *skb,
			    u8 code);

/**
 * mini_csum_ok() - verify a transport checksum over the pseudo header
 * @rx: the packet
 * @skb: data at the transport header
 *
 * Trusts what the device verified; completes in software otherwise.
 */
static inline bool mini_csum_ok(const struct mini_rx *rx, struct sk_buff *skb)
{
	return !skb_checksum_validate(skb, rx->proto, inet_compute_pseudo);
}

/**
 * mini_csum_out() - prepare a transport checksum for output
 * @skb: data at the transport header
 * @path: source and destination
 * @proto: IP protocol
 * @offset: of the checksum field in the transport header
 *
 * Leaves CHECKSUM_PARTIAL with the pseudo header's sum in the field: device,
 * GSO or dev_queue_xmit() completes it.
 */
static inline void
mini_csum_out(struct sk_buff *skb, const struct in6_addr *saddr,
	      const struct in6_addr *daddr, u8 proto, int offset)
{
	__sum16 *field = (__sum16 *)(skb->data + offset);

	*field = ~csum_tcpudp_magic(mini_addr_v4(saddr), mini_addr_v4(daddr),
				    skb->len, proto, 0);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb->data - skb->head;
	skb->csum_offset = offset;
}

/* Addresses.  Changes: process context, RTNL held. */
struct mini_ifaddr {
	struct list_head list;		/* mdev->addrs */
	struct in6_addr addr;
	u8 plen;			/* 0-128: IPv4's is 96 + its own */
	u32 flags;			/* enum mini_addr_flags */
	bool dead;			/* no longer in the list; RTNL */
	struct mini_dev *mdev;
	refcount_t refcnt;		/* the list's, and that of the work */
	struct mini_acd acd;		/* RTNL */
	struct delayed_work acd_work;
	struct rcu_head rcu;
};

int mini_ifaddr_add_probed(struct mini_dev *mdev, const struct in6_addr *addr,
			   u8 plen, struct netlink_ext_ack *extack);
int mini_ifaddr_add(struct mini_dev *mdev, const struct in6_addr *addr, u8 plen,
		    struct netlink_ext_ack *extack);
int mini_ifaddr_del(struct mini_dev *mdev, const struct in6_addr *addr, u8 plen,
		    struct netlink_ext_ack *extack);

/**
 * mini_addr_type() - what an address is to this host
 * @mn: the instance
 * @addr: address
 *
 * Return: MINI_ROUTE_LOCAL, MINI_ROUTE_BROADCAST (limited and directed),
 * MINI_ROUTE_UNICAST (someone else's, or nobody's), 0 for multicast.
 * Context: any.
 */
u8 mini_addr_type(struct mini_net *mn, const struct in6_addr *addr);

/**
 * struct mini_nexthop - where packets of a route go
 * @mdev: device out, referenced; of a LOCAL route, the device with the address
 * @gateway: next hop, or unspecified: the destination itself, on link
 * @neigh: @gateway's entry, referenced, or NULL; mini_nexthop_neigh()
 * @weight: share of the flows, among the route's next hops
 * @failed: @gateway did not answer, and has not since
 * @shares: one of several
 */
struct mini_nexthop {
	struct mini_dev *mdev;
	struct in6_addr gateway;
	struct mini_neigh __rcu *neigh;
	u16 weight;
	bool failed;
	bool shares;
};

/**
 * struct mini_nexthops - what routes have in common; shared by all that are
 * alike, constant but for @users and the neighbours
 * @node: in mini_ip_net.nexthops
 * @users: routes; RTNL
 * @flags: enum mini_route_flags, but for DOWN
 * @type: enum mini_route_type
 * @n: how many: 0 where the type says all; more than one: ECMP
 * @prefsrc: source to use, or unspecified
 * @congctl: TCP's congestion control, "": as the namespace says
 * @cong_owner: its module, referenced, or NULL
 * @nh: by the administrator's order
 */
struct mini_nexthops {
	struct rhash_head node;
	unsigned int users;
	u32 flags;
	u8 type;
	u8 n;
	char congctl[MINI_CONG_NAME_MAX];
	struct module *cong_owner;
	struct in6_addr prefsrc;
	struct rcu_head rcu;
	struct mini_nexthop nh[];
};

struct mini_route;

/**
 * struct mini_route_result - where a look-up of routes went
 * @via: the route's part that it shares with others, NULL: there is no route
 * @nh: the next hop that was chosen; NULL for blackhole, unreachable, prohibit
 * @plen: length of the prefix, 0-128
 * @down: one was passed by because its device is down
 */
struct mini_route_result {
	const struct mini_nexthops *via;
	struct mini_nexthop *nh;
	u8 plen;
	bool down;
};

/**
 * mini_route_lookup() - the best route to an address, and its next hop
 * @mn: the instance
 * @dst: the address; neither multicast nor 255.255.255.255, which need no route
 * @oif: only next hops of this device, 0: of any
 * @hash: of the flow, mini_route_hash(): chooses among several next hops
 * @res: receives the answer, valid under the caller's rcu_read_lock()
 *
 * The longest prefix, then the least metric.  Next hops whose device is down
 * are passed by; in a group, those whose neighbour failed too.
 *
 * Context: rcu_read_lock().  Return: enum mini_route_type; 0: no route.
 */
u8 mini_route_lookup(const struct mini_net *mn, const struct in6_addr *dst,
		     int oif, u32 hash, struct mini_route_result *res);

/**
 * mini_route_hash() - a flow's hash
 * @src: source, NULL: not known yet
 * @dst: destination
 * @ports: both ports, any order that stays the same, or 0
 */
u32 mini_route_hash(const struct in6_addr *src, const struct in6_addr *dst,
		    u32 ports);

/**
 * mini_nexthop_neigh() - the entry of a next hop's gateway
 * @nh: has a gateway, on a device with neighbours (not NOARP, not loopback)
 *
 * Context: rcu_read_lock(), which keeps the entry; no reference is taken.
 * Return: the entry, or NULL if the table of neighbours is full.
 */
struct mini_neigh *mini_nexthop_neigh(struct mini_nexthop *nh);

/* What a route of @type says to who sends: 0 or a negative errno. */
static inline int mini_route_errno(u8 type)
{
	switch (type) {
	case MINI_ROUTE_BLACKHOLE:
		return -EINVAL;
	case MINI_ROUTE_UNREACHABLE:
		return -EHOSTUNREACH;
	case MINI_ROUTE_PROHIBIT:
		return -EACCES;
	}
	return 0;
}

/* One of several next hops, as the administrator names it. */
struct mini_nexthop_cfg {
	struct in6_addr gateway;	/* unspecified: on link */
	int ifindex;			/* 0: found by the gateway */
	u16 weight;			/* 1-256 */
};

#define MINI_NEXTHOPS_MAX	32
#define MINI_NEXTHOP_WEIGHT_MAX	256

/* Routes.  Changes: process context, RTNL held. */
struct mini_route_cfg {
	struct in6_addr dst;
	struct in6_addr gateway;	/* unspecified: on link */
	struct in6_addr prefsrc;	/* unspecified: chosen */
	u8 plen;			/* 0-128 */
	u8 type;			/* enum mini_route_type */
	int ifindex;			/* 0: found by the gateway */
	u32 metric;
	u32 flags;			/* enum mini_route_flags */
	char congctl[MINI_CONG_NAME_MAX];	/* "": as the namespace says */
	struct module *cong_owner;	/* of it, referenced, or NULL */
	/* Several next hops, instead of gateway and ifindex. */
	const struct mini_nexthop_cfg *nhs;
	unsigned int n_nhs;
	/* Of a walk: all of them. */
	const struct mini_nexthops *via;
};

int mini_route_add(struct mini_net *mn, const struct mini_route_cfg *cfg,
		   struct netlink_ext_ack *extack);
int mini_route_del(struct mini_net *mn, const struct mini_route_cfg *cfg,
		   struct netlink_ext_ack *extack);

/**
 * struct mini_route_iter - a walk's place, zeroed at the start
 * @key: of the prefix that comes next
 * @plen: its bits
 * @skip: how many routes of it have been told
 * @begun: the walk has begun
 */
struct mini_route_iter {
	struct in6_addr key;
	u32 skip;
	u8 plen;
	bool begun;
};

/**
 * mini_route_walk() - call @fn for each route, in the order of prefixes
 * @mn: the instance
 * @iter: walk's place; kept between calls of one dump, it outlives changes
 * @fn: returns 0 to go on; else the walk stops and will start at this route
 * @arg: for @fn
 *
 * Process context, RTNL held.
 */
int mini_route_walk(struct mini_net *mn, struct mini_route_iter *iter,
		    int (*fn)(const struct mini_route_cfg *cfg, void *arg),
		    void *arg);

/* Many changes at once: the generation advances once, at the end.  RTNL. */
int mini_route_batch_add(struct mini_net *mn, const struct mini_route_cfg *cfg,
			 struct netlink_ext_ack *extack);
int mini_route_batch_del(struct mini_net *mn, const struct mini_route_cfg *cfg,
			 struct netlink_ext_ack *extack);
void mini_route_batch_end(struct mini_net *mn);

/**
 * mini_route_get() - what a packet of a flow would do
 * @mn: the instance
 * @fl: the flow
 * @cfg: receives @fl->dst, the length of the deciding prefix (0 if none did),
 *	type, device, gateway, source; @via is NULL
 *
 * Context: process.  Return: 0 or mini_path_lookup()'s error.
 */
int mini_route_get(struct mini_net *mn, const struct mini_flow *fl,
		   struct mini_route_cfg *cfg);

int mini_ip_init(void);
void mini_ip_exit(void);
int mini_ip_net_init(struct mini_net *mn);
void mini_ip_net_stop(struct mini_net *mn);
void mini_ip_net_exit(struct mini_net *mn);

/* Octets that fragments of datagrams not yet whole take. */
long mini_reass_mem(const struct mini_net *mn);

#endif /* _MINI_IP_H */
