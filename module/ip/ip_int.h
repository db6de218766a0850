/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inside of the internet layer: what its own files share.
 */
#ifndef _MINI_IP_INT_H
#define _MINI_IP_INT_H

#include <linux/hash.h>
#include <linux/siphash.h>

#include "ip.h"
#include "trie.h"

#define MINI_IP_IDS	256
#define MINI_IP_OWN_BITS	8
#define MINI_IP_LOCAL_BITS	3

struct mini_path_slot;

/**
 * struct mini_local_slot - an address that was found to be this host's
 * @addr: IPv4, 0: none yet
 * @genid: mn->genid before it was looked up
 */
struct mini_local_slot {
	__be32 addr;
	int genid;
};

/**
 * struct mini_ip_cpu - what a CPU remembers of an instance's addresses; BH off
 * @local: by hash_32() of the address
 */
struct mini_ip_cpu {
	struct mini_local_slot local[1 << MINI_IP_LOCAL_BITS];
};

/**
 * struct mini_ip_net - the layer's part of an instance
 * @routes: struct mini_route; changed under RTNL, read under RCU
 * @nexthops: struct mini_nexthops, by content; RTNL
 * @groups: those of them with several next hops
 * @id_key: of the hash that chooses a counter of @ids
 * @ids: identification fields, shared by the pairs of addresses of one hash
 * @own: LOCAL and BROADCAST routes of single addresses, counted by hash;
 *	changed under RTNL, read without lock
 * @own_prefixes: such routes of more than one address, but for 127/8
 * @rcu: frees it
 * @mc_kept: struct mini_mc_dev of detached devices that still have members;
 *	RTNL
 * @redirected: when a host was last redirected, by its hash; jiffies, 0: never
 * @paths: path.c's, what was looked up last
 * @cpu: input.c's
 */
struct mini_ip_net {
	struct mini_trie routes;
	struct rhashtable nexthops;
	unsigned int groups;
	siphash_key_t id_key;
	atomic_t ids[MINI_IP_IDS];
	u32 own[1 << MINI_IP_OWN_BITS];
	u32 own_prefixes;
	struct list_head mc_kept;
	struct rcu_head rcu;
	unsigned long redirected[1 << MINI_IP_OWN_BITS];
	struct mini_path_slot __percpu *paths;
	struct mini_ip_cpu __percpu *cpu;
};

/**
 * struct mini_route - a route; constant once it is in the table
 * @entry: in the table; order is 0 for own addresses, else 1 + metric
 * @via: what it shares with others: type, next hops, source
 */
struct mini_route {
	struct mini_trie_entry entry;
	struct mini_nexthops *via;
};

#define MINI_V4_PLEN(n)		(96 + (n))

/* Routes of which one alone has @mdev for a next hop name it; else NULL. */
static inline struct mini_dev *mini_route_dev(const struct mini_route *r)
{
	return r->via->n == 1 ? r->via->nh[0].mdev : NULL;
}

/* route.c: at module initialisation, and when all routes are gone. */
int mini_route_cache_init(void);
void mini_route_cache_exit(void);

/* nexthop.c */
int mini_nexthops_init(struct mini_ip_net *ip);
void mini_nexthops_exit(struct mini_ip_net *ip);

/**
 * mini_nexthops_get() - the shared object of a route's next hops
 * @ip: the instance's
 * @cfg: the route; its reference to the congestion control's module is taken
 *	over if this succeeds
 * @mdev: a device for each next hop
 * @n: how many next hops; with 1, @cfg->gateway is its gateway, with more
 *	@cfg->nhs tells
 *
 * Context: RTNL held.  Return: it, for the route; NULL: no memory.
 */
struct mini_nexthops *mini_nexthops_get(struct mini_ip_net *ip,
					const struct mini_route_cfg *cfg,
					struct mini_dev *const *mdev,
					unsigned int n);

/* A route is gone; RTNL held. */
void mini_nexthops_put(struct mini_ip_net *ip, struct mini_nexthops *via);

/**
 * mini_nexthops_select() - the next hop of a flow
 * @via: the next hops, more than one
 * @oif: only of this device, 0: of any
 * @hash: of the flow
 * @down: set where none is because a device is down
 *
 * Weights say how the flows are shared out.  A next hop whose device is down
 * or whose gateway does not answer hands its flows to the others; those of the
 * others stay where they are.
 *
 * Context: rcu_read_lock().  Return: a next hop or NULL.
 */
struct mini_nexthop *mini_nexthops_select(struct mini_nexthops *via, int oif,
					  u32 hash, bool *down);

/* Has any route several next hops? */
static inline bool mini_nexthop_groups(const struct mini_net *mn)
{
	const struct mini_ip_net *ip = READ_ONCE(mn->ip);

	return ip && READ_ONCE(ip->groups);
}

static inline u32 mini_addr_own_hash(const struct in6_addr *addr)
{
	return hash_32(ipv6_addr_hash(addr), MINI_IP_OWN_BITS);
}

/*
 * False: @addr is surely no address or broadcast address of this host (nor
 * asked about is 127/8).  For most packets' sources this spares a look-up.
 */
static inline bool mini_addr_maybe_own(const struct mini_net *mn,
				       const struct in6_addr *addr)
{
	const struct mini_ip_net *ip = READ_ONCE(mn->ip);

	return !ip || READ_ONCE(ip->own[mini_addr_own_hash(addr)]) ||
	       READ_ONCE(ip->own_prefixes);
}

/* A route that follows from address @src of @mdev; RTNL held. */
int mini_route_auto(struct mini_dev *mdev, const struct in6_addr *dst, u8 plen,
		    u8 type, const struct in6_addr *src);

/**
 * mini_route_flush() - remove the routes that @match chooses
 * Context: RTNL held.
 */
void mini_route_flush(struct mini_net *mn,
		      bool (*match)(const struct mini_route *r, const void *arg),
		      const void *arg);

/**
 * mini_route_onlink() - the device that reaches a gateway without a gateway
 * @mn: the instance
 * @gateway: its address
 * @ifindex: only on this device, 0: on any
 *
 * Devices that are down count.  Context: RTNL held.
 * Return: the device or NULL.
 */
struct mini_dev *mini_route_onlink(struct mini_net *mn,
				   const struct in6_addr *gateway, int ifindex);

/**
 * mini_addr_select() - choose an address to send from
 * @mdev: device out
 * @target: next hop, or NULL: any address of the device will do
 * @src: receives the address
 *
 * First one whose prefix has @target in it, then any of the device, then any
 * of the host that is not its loopback's.
 * Context: rcu_read_lock().  Return: false if there is none.
 */
bool mini_addr_select(struct mini_dev *mdev, const struct in6_addr *target,
		      struct in6_addr *src);

/* Forget the addresses and routes of a device; RTNL held. */
void mini_addr_flush(struct mini_dev *mdev);

/* For tests, whose transports come and go while nobody sends to them. */
void mini_ip_unregister(const struct mini_proto *proto);

/* The registered transport, or NULL. */
const struct mini_proto *mini_ip_proto(u8 protocol);

/* From the link layer: an IPv4 packet; softirq, rcu_read_lock(). */
void mini_ipv4_rcv(struct mini_dev *mdev, struct sk_buff *skb);

/**
 * mini_forward() - pass on a packet that is for another host
 * @rx: the packet; dst_type is MINI_ROUTE_UNICAST
 * @skb: it, consumed; data at the transport header, as a struct mini_proto
 *	sees it
 *
 * Context: softirq, rcu_read_lock().
 */
void mini_forward(const struct mini_rx *rx, struct sk_buff *skb);

/**
 * mini_option_len() - octets of an IP option
 * @opt: it
 * @left: octets of the header from here on
 *
 * Context: any.  Return: 0: none follows, or its length is nonsense.
 */
unsigned int mini_option_len(const u8 *opt, unsigned int left);

/**
 * mini_options_check() - look through the options of a packet that came in
 * @opts: the options
 * @len: their octets, up to 40
 * @pointer: receives which octet of the IP header is wrong
 *
 * Return: 0; MINI_DROP_IP_OPTIONS, and a parameter problem is to be told;
 * MINI_DROP_IP_SOURCE_ROUTE.
 */
enum mini_drop_reason mini_options_check(const u8 *opts, unsigned int len,
					 unsigned int *pointer);

/**
 * mini_options_alert() - do the options ask routers to look at the packet?
 * @iph: header whose options mini_options_check() found good
 */
bool mini_options_alert(const struct iphdr *iph);

/**
 * mini_options_record() - fill in record route and timestamp
 * @mn: the instance
 * @iph: header whose options mini_options_check() found good, writable; its
 *	checksum is made again
 * @addr: this host's address, as they are to have it
 */
void mini_options_record(struct mini_net *mn, struct iphdr *iph, __be32 addr);

/**
 * mini_redirect_send() - tell a host of a better first hop, if that is due
 * @rx: its packet, which leaves by the device that brought it
 * @skb: the packet, not consumed
 * @next_hop: where it goes
 */
void mini_redirect_send(const struct mini_rx *rx, const struct sk_buff *skb,
			const struct in6_addr *next_hop);

/**
 * mini_redirect_allow() - may a host be redirected again?
 * @mn: the instance
 * @host: its address
 * @now: jiffies
 */
bool mini_redirect_allow(struct mini_net *mn, const struct in6_addr *host,
			 unsigned long now);

/* redirect.c: a redirect came in; data at the ICMP header; consumes it. */
void mini_redirect_rcv(struct mini_rx *rx, struct sk_buff *skb);

struct mini_wire_ipv4;

/**
 * mini_icmp_quote() - what an ICMP message that came in quotes
 * @rx: the message
 * @skb: it; data at the ICMP header, contiguous as far as the quote is needed
 * @quote: receives the quoted IP header
 *
 * Return: whether it can be a packet that this host sent, the beginning of it;
 * if not, @skb was dropped, and counted.
 */
bool mini_icmp_quote(const struct mini_rx *rx, struct sk_buff *skb,
		     struct mini_wire_ipv4 *quote);

/* icmp_err.c: an ICMP error came in; data at the ICMP header; consumes it. */
void mini_icmp_rcv_err(struct mini_rx *rx, struct sk_buff *skb);

/**
 * mini_icmp_send_self() - tell this host as another would that its packet did
 * not arrive
 * @mdev: the device it was to leave by
 * @skb: the packet, not consumed; network header set
 * @code: of ICMP_DEST_UNREACH
 *
 * Context: any.
 */
void mini_icmp_send_self(struct mini_dev *mdev, struct sk_buff *skb, u8 code);

/**
 * mini_icmp_send_forwarded() - tell the sender of a forwarded packet what
 * became of it
 * @mdev: the device it was to leave by
 * @skb: the packet, not consumed; network header set
 * @type: as of mini_icmp_send()
 * @code: likewise
 * @info: likewise
 *
 * For where the struct mini_rx is gone.  Context: softirq, rcu_read_lock().
 */
void mini_icmp_send_forwarded(struct mini_dev *mdev, struct sk_buff *skb,
			      u8 type, u8 code, u32 info);

/* Give an error to those whom it concerns: raw sockets, the transport. */
void mini_icmp_err_deliver(struct mini_net *mn, const struct mini_icmp_err *e);

/* input.c: who is shown packets, or NULL. */
const struct mini_ip_tap *mini_ip_tap(void);

/* icmp_err.c: as mini_neigh_unreach_t. */
void mini_icmp_unreach(struct mini_dev *mdev, struct sk_buff *skb);

/**
 * mini_icmp_allow() - take a token for one more ICMP error
 * @mn: the instance
 * @now: jiffies
 */
bool mini_icmp_allow(struct mini_net *mn, unsigned long now);

extern const struct mini_link_addr_ops mini_addr_link_ops;

int mini_addr_net_init(struct mini_net *mn);
void mini_addr_net_exit(struct mini_net *mn);
void mini_icmp_init(void);
int mini_icmp_net_init(struct mini_net *mn);
void mini_icmp_net_exit(struct mini_net *mn);

#define MINI_REASS_SOURCES	128

/**
 * struct mini_reass_src - senders of one hash
 * @queues: their datagrams that miss fragments, the oldest first
 * @mem: octets that those take
 * @rid: counts their fragments
 */
struct mini_reass_src {
	struct list_head queues;
	unsigned long mem;
	atomic_t rid;
};

/**
 * struct mini_reass_net - fragments that an instance waits for
 * @mn: the instance
 * @dir: the kernel's part
 * @lock: BH; taken within a queue's; guards lists and memory of @src
 * @key: of the hash that chooses one of @src
 * @rcu: frees it
 * @src: senders, by a hash of their addresses
 */
struct mini_reass_net {
	struct mini_net *mn;
	struct fqdir *dir;
	/* Guards lists and memory of @src. */
	spinlock_t lock;
	siphash_key_t key;
	struct rcu_head rcu;
	struct mini_reass_src src[MINI_REASS_SOURCES];
};

/**
 * mini_reass() - a fragment came in for this host
 * @rx: the packet, its addresses checked and dst_type known; of a whole
 *	datagram len, ttl and tos are set anew
 * @skb: it, consumed; data at what follows the IP header, network and
 *	transport header set
 *
 * Context: softirq, rcu_read_lock().
 * Return: the datagram, if this was its last missing fragment, with data and
 * headers as @skb's were; NULL: there is nothing to deliver now.
 */
struct sk_buff *mini_reass(struct mini_rx *rx, struct sk_buff *skb);

/* path.c: a namespace's room for what was looked up last, or NULL. */
struct mini_path_slot __percpu *mini_paths_alloc(void);

/* Is anything known of @dst, be it of its MTU or a redirect?  RCU is held. */
bool mini_pmtu_known(const struct mini_net *mn, const struct in6_addr *dst);

/**
 * mini_pmtu_get() - what is known of the path to a destination
 * @mn: the instance
 * @dst: it
 * @locked: set if Don't Fragment is not to be
 *
 * Context: rcu_read_lock().  Return: octets, 0: nothing is known.
 */
u32 mini_pmtu_get(const struct mini_net *mn, const struct in6_addr *dst,
		  bool *locked);

/**
 * mini_redirect_learn() - a destination has a better next hop
 * @mn: the instance
 * @dst: the destination
 * @nh: the next hop that its route names
 * @gateway: the better one
 *
 * It holds for five minutes, or until the route names another next hop.  Paths
 * that are kept go by it after mini_pmtu_news().
 * Context: any.  Return: whether it is remembered.
 */
bool mini_redirect_learn(struct mini_net *mn, const struct in6_addr *dst,
			 const struct mini_nexthop *nh,
			 const struct in6_addr *gateway);

/**
 * mini_redirect_get() - is there a better next hop?
 * @mn: the instance
 * @dst: destination
 * @nh: the next hop that its route names
 * @gateway: receives the better one
 *
 * Context: rcu_read_lock().
 */
bool mini_redirect_get(const struct mini_net *mn, const struct in6_addr *dst,
		       const struct mini_nexthop *nh,
		       struct in6_addr *gateway);

/* It does not answer: back to the route's.  Returns whether there was one. */
bool mini_redirect_forget(struct mini_net *mn, const struct in6_addr *dst);

/* Milliseconds since midnight UT (RFC 791 section 3.1). */
__be32 mini_options_time(void);

/*
 * Something was learnt: paths that are kept are to be looked up again, at once
 * or, where there is much news, a tenth of a second later.  Context: any.
 */
void mini_pmtu_news(struct mini_net *mn);

int mini_pmtu_net_init(struct mini_net *mn);
void mini_pmtu_net_exit(struct mini_net *mn);

int mini_reass_init(void);
void mini_reass_exit(void);
int mini_reass_net_init(struct mini_net *mn);
void mini_reass_net_stop(struct mini_net *mn);
void mini_reass_net_exit(struct mini_net *mn);

/* acd.c, and what it needs of addr.c */
void mini_ifaddr_put(struct mini_ifaddr *ifa);
int mini_ifaddr_claim(struct mini_ifaddr *ifa);
void mini_ifaddr_acd_setup(struct mini_ifaddr *ifa);
void mini_ifaddr_acd_start(struct mini_ifaddr *ifa);
void mini_ifaddr_acd_stop(struct mini_ifaddr *ifa);
int mini_acd_init(void);
void mini_acd_exit(void);

#endif /* _MINI_IP_INT_H */
