// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams in (RFC 768, RFC 1122 section 4.1.3): checks, demultiplexing,
 * delivery; ICMP errors for datagrams that went out.
 *
 * Locks on entry: rcu_read_lock(), softirq.  Sockets are found in their port's
 * bucket without a lock or a reference: they are freed a grace period after
 * they left it, and what still gets into the queue of a dying one is purged
 * with it.
 */
#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/jhash.h>
#include <linux/netdevice.h>
#include <net/busy_poll.h>
#include <net/tcp_states.h>

#include "udp_int.h"
#include "../wire/wire.h"

static __always_inline int udp_score(const struct mini_port_user *u,
				     const struct mini_udp_key *key)
{
	const struct mini_tuple *tuple;
	const struct sock *sk = u->sk;
	int score = 0;
	int ifindex;
	__be16 rport;

	if (!sk)
		return -1;
	if (!mini_addr_any(&u->addr)) {
		if (!mini_addr_equal(&u->addr, &key->daddr))
			return -1;
		score += 2;
	}
	/* Pairs with mini_udp_connect(): who sees the state sees the peer. */
	if (smp_load_acquire(&sk->sk_state) == TCP_ESTABLISHED) {
		tuple = &mini_sk(sk)->conn.tuple;
		rport = READ_ONCE(tuple->rport);
		/* connect() to port 0 names the host alone */
		if (rport && rport != key->sport)
			return -1;
		if (!mini_addr_equal(&tuple->raddr, &key->saddr))
			return -1;
		score += 4;
	}
	ifindex = READ_ONCE(sk->sk_bound_dev_if);
	if (ifindex) {
		if (key->ifindex && ifindex != key->ifindex)
			return -1;
		score += 1;
	}
	return score;
}

int mini_udp_score(const struct mini_port_user *u,
		   const struct mini_udp_key *key)
{
	return udp_score(u, key);
}

static u32 mini_udp_hash(const struct mini_udp_key *key)
{
	static u32 seed __read_mostly;

	net_get_random_once(&seed, sizeof(seed));
	return jhash_2words((__force u32)key->sport << 16 |
			    (__force u32)key->dport,
			    jhash2((const u32 *)&key->saddr, 8, seed), seed);
}

struct sock *mini_udp_lookup(const struct mini_port *port,
			     const struct mini_udp_key *key)
{
	const struct mini_port_user *u;
	struct sock *found = NULL;
	u32 hash = 0, equals = 0;
	int best = -1;

	hlist_for_each_entry_rcu(u, &port->users, node) {
		int score = udp_score(u, key);

		if (score > best) {
			best = score;
			found = u->sk;
			equals = u->reuseport;
		} else if (score == best && score >= 0 && equals &&
			   u->reuseport) {
			/* Each of n equals keeps the flow with chance 1/n. */
			if (equals++ == 1)
				hash = mini_udp_hash(key);
			if (!reciprocal_scale(hash, equals))
				found = u->sk;
			hash = jhash_1word(hash, equals);
		}
	}
	return found;
}

/*
 * Which of @sk's group takes the datagram: who has this peer, else as a BPF
 * program or the flow says.  A member that took a peer or a device after bind()
 * may be named, and is passed over.
 */
static noinline struct sock *mini_udp_group_pick(struct sock *sk,
						 const struct mini_udp_key *key,
						 struct sk_buff *skb)
{
	struct sock *found;

	if (READ_ONCE(sk->sk_state) == TCP_ESTABLISHED)
		return sk;
	found = mini_port_group_pick(sk, mini_udp_hash(key), skb,
				     sizeof(struct udphdr));
	return mini_udp_score(&mini_sk(found)->port, key) < 0 ? sk : found;
}

/* To one socket: consumes @skb, whose data are at the payload. */
static void mini_udp_deliver(struct mini_net *mn, struct sock *sk,
			     struct sk_buff *skb)
{
	enum mini_drop_reason reason;

	/* Filters are written for packets that begin with the UDP header. */
	if (rcu_access_pointer(sk->sk_filter)) {
		__skb_push(skb, sizeof(struct udphdr));
		if (sk_filter_trim_cap(sk, skb, sizeof(struct udphdr))) {
			sk_drops_inc(sk);
			mini_drop(mn, skb, MINI_DROP_UDP_FILTER);
			return;
		}
		__skb_pull(skb, sizeof(struct udphdr));
	}
	sk_incoming_cpu_update(sk);
	sk_mark_napi_id(sk, skb);
	reason = mini_udp_queue(sk, skb);
	if (reason) {
		mini_drop(mn, skb, reason);
		return;
	}
	mini_inc(mn, MINI_MIB_UDP_IN_DATAGRAMS);
}

/* From the UDP header to what a reader wants. */
static void mini_udp_to_payload(struct sk_buff *skb,
				const struct mini_udp_key *key)
{
	struct mini_udp_cb *cb = mini_udp_cb(skb);

	skb_orphan(skb);
	skb_pull(skb, sizeof(struct udphdr));
	skb->skb_iif = key->ifindex;
	cb->saddr = key->saddr;
	cb->sport = key->sport;
}

/*
 * Many datagrams of one flow in one packet: made by a sender on this machine
 * (UDP_SEGMENT, on the loopback or over veth), or by GRO.
 */
static bool mini_udp_is_super(const struct sk_buff *skb)
{
	return skb_is_gso(skb) &&
	       skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4;
}

/* Did the socket ask for such (UDP_GRO)?  The data must lie in one packet. */
static bool mini_udp_takes_super(const struct sock *sk,
				 const struct sk_buff *skb)
{
	return READ_ONCE(mini_udp_sk(sk)->gro) &&
	       !(skb_shinfo(skb)->gso_type & SKB_GSO_FRAGLIST);
}

/*
 * Take one apart; data at the UDP header, consumed.  Return: the list, each
 * with its IP header in front; NULL if it could not be.
 */
static struct sk_buff *mini_udp_cut(struct mini_net *mn, struct sk_buff *skb)
{
	struct sk_buff *list;

	/* Those made on this machine have no sums yet, and need none. */
	__skb_push(skb, skb_network_header_len(skb));
	list = __skb_gso_segment(skb, NETIF_F_SG | NETIF_F_HW_CSUM, false);
	if (IS_ERR_OR_NULL(list)) {
		mini_drop(mn, skb, MINI_DROP_UDP_LENGTH);
		return NULL;
	}
	consume_skb(skb);
	return list;
}

static void mini_udp_deliver_cut(struct mini_net *mn, struct sock *sk,
				 const struct mini_udp_key *key,
				 struct sk_buff *skb)
{
	struct sk_buff *list = mini_udp_cut(mn, skb), *next;

	skb_list_walk_safe(list, skb, next) {
		skb_mark_not_on_list(skb);
		__skb_pull(skb, skb_transport_offset(skb));
		mini_udp_to_payload(skb, key);
		mini_udp_deliver(mn, sk, skb);
	}
}

/* Broadcast and multicast: to each socket that wants it (RFC 1122 3.3.6). */
static void mini_udp_deliver_all(struct mini_net *mn,
				 const struct mini_port *port,
				 const struct mini_udp_key *key,
				 struct sk_buff *skb, bool group)
{
	const struct mini_port_user *u;
	struct sock *last = NULL;
	struct sk_buff *copy;

	hlist_for_each_entry_rcu(u, &port->users, node) {
		if (mini_udp_score(u, key) < 0)
			continue;
		if (group && !mini_sk_hears(mini_sk(u->sk), &key->daddr,
					    &key->saddr, key->ifindex))
			continue;
		if (last) {
			copy = skb_clone(skb, GFP_ATOMIC);
			if (copy)
				mini_udp_deliver(mn, last, copy);
			else
				sk_drops_inc(last);
		}
		last = u->sk;
	}
	if (last) {
		mini_udp_deliver(mn, last, skb);
	} else {
		mini_inc(mn, MINI_MIB_UDP_NO_PORTS);
		mini_drop(mn, skb, MINI_DROP_UDP_NO_SOCKET);
	}
}

static void mini_udp_no_socket(struct mini_rx *rx, struct sk_buff *skb)
{
	mini_inc(rx->mn, MINI_MIB_UDP_NO_PORTS);
	mini_icmp_send_unreach(rx, skb, ICMP_PORT_UNREACH);
	mini_drop(rx->mn, skb, MINI_DROP_UDP_NO_SOCKET);
}

static void mini_udp_rcv_one(struct mini_rx *rx, struct sk_buff *skb)
{
	struct mini_net *mn = rx->mn;
	enum mini_drop_reason reason;
	struct mini_wire_udp wire;
	struct mini_udp_key key __uninitialized;
	struct mini_port *port;
	struct sock *sk;

	if (!pskb_may_pull(skb, min_t(u32, rx->len, sizeof(struct udphdr)))) {
		reason = MINI_DROP_UDP_SHORT;
		goto drop;
	}
	reason = mini_wire_udp_parse(skb->data, rx->len, &wire);
	if (reason)
		goto drop;
	if (wire.len < skb->len && pskb_trim_rcsum(skb, wire.len)) {
		reason = MINI_DROP_NO_MEMORY;
		goto drop;
	}
	/* Whoever is told of it gets no more than the datagram. */
	rx->len = wire.len;
	if (wire.check && !skb_csum_unnecessary(skb) &&
	    unlikely(!mini_csum_ok(rx, skb))) {
		reason = MINI_DROP_UDP_CSUM;
		goto drop;
	}

	key.saddr = rx->saddr;
	key.daddr = rx->daddr;
	key.sport = wire.sport;
	key.dport = wire.dport;
	key.ifindex = rx->mdev->ifindex;

	port = mini_port_lookup(mn, IPPROTO_UDP, wire.dport);
	sk = NULL;
	if (rx->dst_type == MINI_ROUTE_LOCAL) {
		if (port)
			sk = mini_udp_lookup(port, &key);
		if (!sk) {
			mini_udp_no_socket(rx, skb);
			return;
		}
		if (unlikely(rcu_access_pointer(sk->sk_reuseport_cb)))
			sk = mini_udp_group_pick(sk, &key, skb);
	} else if (!port) {
		mini_inc(mn, MINI_MIB_UDP_NO_PORTS);
		reason = MINI_DROP_UDP_NO_SOCKET;
		goto drop;
	}

	if (unlikely(mini_udp_is_super(skb)) && sk &&
	    !mini_udp_takes_super(sk, skb)) {
		mini_udp_deliver_cut(mn, sk, &key, skb);
		return;
	}
	mini_udp_to_payload(skb, &key);
	if (sk)
		mini_udp_deliver(mn, sk, skb);
	else
		mini_udp_deliver_all(mn, port, &key, skb, !rx->dst_type);
	return;

drop:
	mini_drop(mn, skb, reason);
}

/* To nobody in particular: each datagram finds its sockets. */
static void mini_udp_rcv_super(struct mini_rx *rx, struct sk_buff *skb)
{
	struct sk_buff *list = mini_udp_cut(rx->mn, skb), *next;
	struct mini_rx one = *rx;

	skb_list_walk_safe(list, skb, next) {
		skb_mark_not_on_list(skb);
		__skb_pull(skb, skb_transport_offset(skb));
		one.len = skb->len;
		mini_udp_rcv_one(&one, skb);
	}
}

void mini_udp_rcv(struct mini_rx *rx, struct sk_buff *skb)
{
	if (unlikely(rx->dst_type != MINI_ROUTE_LOCAL) &&
	    mini_udp_is_super(skb))
		mini_udp_rcv_super(rx, skb);
	else
		mini_udp_rcv_one(rx, skb);
}

/*
 * An error for a datagram of ours: it concerns the socket that an answer
 * would have gone to (RFC 1122 section 4.1.3.3).
 */
void mini_udp_err(struct mini_net *mn, const struct mini_icmp_err *e)
{
	/* An error may come another way than the datagram left: any device. */
	struct mini_udp_key key = {
		.saddr = e->raddr,
		.daddr = e->laddr,
	};
	struct mini_port *port;
	struct mini_sock *ms;
	struct sock *sk;
	bool hard;

	if (e->payload_len < sizeof(struct udphdr))
		return;
	memcpy(&key.dport, e->payload + offsetof(struct udphdr, source),
	       sizeof(key.dport));
	memcpy(&key.sport, e->payload + offsetof(struct udphdr, dest),
	       sizeof(key.sport));

	port = mini_port_lookup(mn, IPPROTO_UDP, key.dport);
	if (!port)
		return;
	sk = mini_udp_lookup(port, &key);
	if (!sk || sock_flag(sk, SOCK_DEAD))
		return;
	ms = mini_sk(sk);
	hard = e->hard || e->type == ICMP_PARAMETERPROB;
	if (e->mtu) {
		mini_pmtu_claim(mn, e, READ_ONCE(ms->pmtudisc));
		if (READ_ONCE(ms->pmtudisc) == IP_PMTUDISC_DONT)
			return;
		hard = true;
	}
	/*
	 * Who sends to many peers cannot tell whose error it is but from the
	 * queue, and only who asked for all of them wants the passing ones.
	 */
	if (ms->recverr)
		mini_errqueue_icmp(sk, e, key.sport,
				   e->payload + sizeof(struct udphdr));
	else if (READ_ONCE(sk->sk_state) != TCP_ESTABLISHED || !hard)
		return;
	WRITE_ONCE(sk->sk_err, e->errno_);
	sk_error_report(sk);
}
