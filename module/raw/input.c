// SPDX-License-Identifier: GPL-2.0
/*
 * Packets and ICMP errors to raw sockets: each socket whose protocol,
 * addresses and device fit gets a copy with the IP header (RFC 1122 section
 * 3.2.2 asks for ICMP to reach programs), whether or not this stack has a
 * transport of that protocol.
 *
 * Packets take this way only while mini_net.raw_socks says that there is a
 * raw socket at all.
 *
 * Locks on entry: rcu_read_lock(), softirq; the lists change under their lock,
 * in process context.
 */
#include <linux/icmp.h>
#include <linux/slab.h>
#include <net/tcp_states.h>

#include "raw_int.h"

/* bind() says where from one hears, connect() only where none has. */
bool mini_raw_addr_match(const struct mini_sock *ms,
			 const struct in6_addr *laddr, int ifindex)
{
	const struct in6_addr *own = &ms->bound;
	int bound_if = READ_ONCE(ms->sk.sk_bound_dev_if);

	if (mini_addr_any(own))
		own = &ms->conn.tuple.laddr;
	if (!mini_addr_any(own) && !mini_addr_equal(own, laddr))
		return false;
	return !bound_if || !ifindex || bound_if == ifindex;
}

bool mini_raw_match(const struct mini_raw_sock *rs,
		    const struct mini_raw_key *key)
{
	const struct sock *sk = &rs->ms.sk;

	if (sk->sk_protocol != key->protocol)
		return false;
	/* Pairs with mini_raw_connect(): who sees the state sees the peer. */
	if (smp_load_acquire(&sk->sk_state) == TCP_ESTABLISHED &&
	    !mini_addr_equal(&rs->ms.conn.tuple.raddr, key->raddr))
		return false;
	return mini_raw_addr_match(&rs->ms, key->laddr, key->ifindex);
}

static bool raw_wants(const struct mini_raw_sock *rs, u8 protocol,
		      const struct sk_buff *skb)
{
	u32 filter = READ_ONCE(rs->icmp_filter);
	const u8 *type;
	u8 buf;

	if (protocol != IPPROTO_ICMP)
		return true;
	if (skb->len < sizeof(struct icmphdr))
		return false;
	type = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	return type && !mini_raw_filtered(filter, *type);
}

static void raw_deliver(struct mini_raw_sock *rs, struct mini_net *mn,
			int ifindex, const struct sk_buff *skb)
{
	struct sk_buff *copy;

	copy = skb_clone((struct sk_buff *)skb, GFP_ATOMIC);
	if (!copy) {
		sk_drops_inc(&rs->ms.sk);
		return;
	}
	skb_orphan(copy);
	__skb_push(copy, skb_network_header_len(copy));
	copy->skb_iif = ifindex;
	/* It counts the socket's drops, and runs its filter. */
	if (sock_queue_rcv_skb(&rs->ms.sk, copy))
		mini_drop(mn, copy, MINI_DROP_RAW_RCVBUF);
}

/* Return: whether a program takes care of the protocol. */
static bool raw_rcv(const struct mini_rx *rx, const struct sk_buff *skb)
{
	const struct mini_raw_key key = {
		.raddr = &rx->saddr,
		.laddr = &rx->daddr,
		.ifindex = rx->mdev->ifindex,
		.protocol = rx->proto,
	};
	struct mini_raw_net *rn = READ_ONCE(rx->mn->raw);
	struct mini_raw_sock *rs;
	bool taken = false;

	if (!rn)
		return false;
	hlist_for_each_entry_rcu(rs, &rn->lists[rx->proto], node) {
		struct sock *sk = &rs->ms.sk;

		if (!mini_raw_match(rs, &key))
			continue;
		if (!rx->dst_type && !mini_sk_hears(&rs->ms, &rx->daddr,
						    &rx->saddr, key.ifindex))
			continue;
		taken = true;
		/* A full one costs no copy. */
		if (atomic_read(&sk->sk_rmem_alloc) >=
		    READ_ONCE(sk->sk_rcvbuf)) {
			sk_drops_inc(sk);
			continue;
		}
		if (raw_wants(rs, rx->proto, skb))
			raw_deliver(rs, rx->mn, key.ifindex, skb);
	}
	return taken;
}

/* IP_ROUTER_ALERT: of all packets of the protocol, wherever they go. */
static bool raw_alert(const struct mini_rx *rx, const struct sk_buff *skb)
{
	struct mini_raw_net *rn = READ_ONCE(rx->mn->raw);
	struct mini_raw_sock *rs;
	bool taken = false;

	if (!rn)
		return false;
	hlist_for_each_entry_rcu(rs, &rn->lists[rx->proto], node) {
		const struct sock *sk = &rs->ms.sk;
		int bound = READ_ONCE(sk->sk_bound_dev_if);

		if (!rs->ms.ralert || sk->sk_protocol != rx->proto ||
		    (bound && bound != rx->mdev->ifindex))
			continue;
		taken = true;
		if (skb)
			raw_deliver(rs, rx->mn, rx->mdev->ifindex, skb);
	}
	return taken;
}

static void raw_err(struct mini_net *mn, const struct mini_icmp_err *e)
{
	const struct mini_raw_key key = {
		.raddr = &e->raddr,
		.laddr = &e->laddr,
		.ifindex = e->ifindex,
		.protocol = e->proto,
	};
	struct mini_raw_net *rn = READ_ONCE(mn->raw);
	struct mini_raw_sock *rs;

	if (!rn)
		return;
	hlist_for_each_entry_rcu(rs, &rn->lists[e->proto], node) {
		if (!mini_raw_match(rs, &key))
			continue;
		/* Who writes headers is shown them. */
		mini_raw_sock_err(&rs->ms, e, rs->ms.hdrincl ?
				  e->payload - e->hdr_len : e->payload);
	}
}

const struct mini_ip_tap mini_raw_tap = {
	.rcv = raw_rcv,
	.alert = raw_alert,
	.err = raw_err,
};

void mini_raw_hash(struct mini_raw_sock *rs)
{
	struct mini_net *mn = rs->ms.mn;
	struct mini_raw_net *rn = mn->raw;

	spin_lock(&rn->lock);
	hlist_add_head_rcu(&rs->node,
			   &rn->lists[rs->ms.sk.sk_protocol % MINI_RAW_LISTS]);
	WRITE_ONCE(mn->raw_socks, mn->raw_socks + 1);
	spin_unlock(&rn->lock);
}

/* A second time it does nothing. */
void mini_raw_unhash(struct sock *sk)
{
	struct mini_raw_sock *rs = mini_raw_sk(sk);
	struct mini_net *mn = rs->ms.mn;
	struct mini_raw_net *rn = mn->raw;

	spin_lock(&rn->lock);
	if (!hlist_unhashed(&rs->node)) {
		hlist_del_init_rcu(&rs->node);
		WRITE_ONCE(mn->raw_socks, mn->raw_socks - 1);
	}
	spin_unlock(&rn->lock);
}

int mini_raw_walk(struct mini_net *mn, unsigned long *iter,
		  int (*fn)(struct sock *sk, void *arg), void *arg)
{
	struct mini_raw_net *rn = mn->raw;
	struct mini_raw_sock *rs;
	unsigned long n;
	int ret;

	rcu_read_lock();
	for (; iter[0] < MINI_RAW_LISTS; iter[0]++, iter[1] = 0) {
		n = 0;
		hlist_for_each_entry_rcu(rs, &rn->lists[iter[0]], node) {
			if (n++ < iter[1])
				continue;
			ret = fn(&rs->ms.sk, arg);
			if (ret) {
				rcu_read_unlock();
				return ret;
			}
			iter[1]++;
		}
	}
	rcu_read_unlock();
	return 0;
}

int mini_raw_net_init(struct mini_net *mn)
{
	struct mini_raw_net *rn;

	/* An array of empty lists is one of zeroes. */
	rn = kzalloc(sizeof(*rn), GFP_KERNEL);
	if (!rn)
		return -ENOMEM;
	spin_lock_init(&rn->lock);
	WRITE_ONCE(mn->raw, rn);
	return 0;
}

void mini_raw_net_exit(struct mini_net *mn)
{
	struct mini_raw_net *rn = mn->raw;

	WRITE_ONCE(mn->raw, NULL);
	kfree_rcu(rn, rcu);
}
