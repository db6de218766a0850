// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams out (RFC 768, RFC 1122 section 4.1.3): sendmsg().
 *
 * Locks on entry: none, and none is taken but to bind a socket that has no
 * port yet, or to cork.  What connect() changes meanwhile is seen old or new:
 * two threads that connect and send at once must not care.
 *
 * A socket remembers the way to one destination.  It is never changed, only
 * replaced, so a sender under RCU reads it without a lock.  A connected socket
 * renews it when addresses or routes have changed; another keeps the way to a
 * destination that it sends to twice in succession.
 */
#include <linux/jhash.h>
#include <linux/slab.h>
#include <net/tcp_states.h>

#include "udp_int.h"

/**
 * struct mini_udp_way - a looked-up way, constant once senders can see it
 * @fl: what it was looked up for
 * @path: what was found
 * @rcu: frees it
 */
struct mini_udp_way {
	struct mini_flow fl;
	struct mini_path path;
	struct rcu_head rcu;
};

static void mini_udp_way_free_rcu(struct rcu_head *rcu)
{
	struct mini_udp_way *way = container_of(rcu, struct mini_udp_way, rcu);

	mini_path_release(&way->path);
	kfree(way);
}

static void mini_udp_way_replace(struct mini_udp_sock *us,
				 struct mini_udp_way *way)
{
	way = unrcu_pointer(xchg(&us->way, RCU_INITIALIZER(way)));
	if (way)
		call_rcu(&way->rcu, mini_udp_way_free_rcu);
}

void mini_udp_way_set(struct mini_udp_sock *us, const struct mini_flow *fl,
		      struct mini_path *path)
{
	struct mini_udp_way *way;

	way = kmalloc(sizeof(*way), GFP_KERNEL);
	if (!way) {
		mini_path_release(path);
		return;
	}
	way->fl = *fl;
	way->path = *path;
	mini_udp_way_replace(us, way);
}

void mini_udp_way_clear(struct mini_udp_sock *us)
{
	mini_udp_way_replace(us, NULL);
}

static bool mini_udp_way_fits(const struct mini_udp_way *way,
			      const struct mini_flow *fl)
{
	return (!way->path.by_hash || way->fl.hash == fl->hash) &&
	       mini_addr_equal(&way->fl.dst, &fl->dst) &&
	       mini_addr_equal(&way->fl.src, &fl->src) &&
	       way->fl.oif == fl->oif && way->fl.mark == fl->mark &&
	       way->fl.tos == fl->tos && way->fl.freebind == fl->freebind;
}

/* Was the destination before this one the same? */
static bool mini_udp_again(struct mini_udp_sock *us, const struct mini_flow *fl)
{
	u32 hash = jhash2((const u32 *)&fl->dst, 4, 1);
	bool again = READ_ONCE(us->last) == hash;

	WRITE_ONCE(us->last, hash);
	return again;
}

/* Nothing is wrong and there is room: as sock_alloc_send_pskb(). */
static struct sk_buff *mini_udp_alloc(struct sock *sk, size_t size)
{
	struct sk_buff *skb;

	if (unlikely(READ_ONCE(sk->sk_err) ||
		     READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN ||
		     sk_wmem_alloc_get(sk) >= READ_ONCE(sk->sk_sndbuf)))
		return NULL;
	skb = mini_udp_skb_get(size);
	if (skb)
		skb_set_owner_w(skb, sk);
	return skb;
}

struct sk_buff *mini_udp_build(struct sock *sk, struct msghdr *msg, size_t len,
			       int *err)
{
	size_t room = MINI_LINK_HEADROOM + sizeof(struct ipv6hdr) +
		      sizeof(struct udphdr);
	size_t linear = min_t(size_t, len, SKB_MAX_HEAD(room));
	struct sk_buff *skb;

	skb = mini_udp_alloc(sk, room + len);
	if (!skb) {
		skb = sock_alloc_send_pskb(sk, room + linear, len - linear,
					   msg->msg_flags & MSG_DONTWAIT, err,
					   PAGE_ALLOC_COSTLY_ORDER);
		if (!skb)
			return NULL;
	}
	skb_reserve(skb, room);
	skb_put(skb, linear);
	if (likely(linear == len)) {
		/* There is room for it: whose memory that is, is not asked. */
		*err = _copy_from_iter(skb->data, len, &msg->msg_iter) == len ?
		       0 : -EFAULT;
	} else {
		skb->data_len = len - linear;
		skb->len = len;
		*err = skb_copy_datagram_from_iter(skb, 0, &msg->msg_iter, len);
	}
	if (unlikely(*err)) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

int mini_udp_segment(const struct sock *sk, u32 mtu, struct sk_buff *skb,
		     unsigned int size)
{
	unsigned int hlen = sizeof(struct iphdr) + sizeof(struct udphdr);
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	if (hlen + min(skb->len, size) > mtu)
		return -EMSGSIZE;
	if (skb->len > size * UDP_MAX_SEGMENTS || sk->sk_no_check_tx)
		return -EINVAL;
	if (skb->len <= size)
		return 0;
	shinfo->gso_size = size;
	shinfo->gso_type = SKB_GSO_UDP_L4;
	shinfo->gso_segs = DIV_ROUND_UP(skb->len, size);
	return 0;
}

/* What few ask for: when it left, and when it shall leave. */
static void mini_udp_times(const struct sock *sk, struct sk_buff *skb,
			   const struct sockcm_cookie *sockc)
{
	mini_skb_setup_tx_timestamp(skb, sockc);
	if (sockc->transmit_time)
		mini_skb_set_txtime(skb, sockc->transmit_time, sk->sk_clockid);
}

int mini_udp_xmit(struct mini_udp_sock *us, const struct mini_path *path,
		  struct sk_buff *skb, __be16 dport,
		  const struct mini_cmsg *cm)
{
	struct mini_sock *ms = &us->ms;
	struct sock *sk = &ms->sk;
	struct mini_ip_hdr h = {
		.proto = IPPROTO_UDP,
		.ttl = cm->ttl,
		.tos = cm->tos,
	};
	u8 how = READ_ONCE(ms->pmtudisc);
	struct udphdr *uh;
	int err;

	if (path->type == MINI_ROUTE_BROADCAST &&
	    !sock_flag(sk, SOCK_BROADCAST)) {
		kfree_skb(skb);
		return -EACCES;
	}
	if (unlikely(cm->gso_size)) {
		err = mini_udp_segment(sk, mini_path_mtu(path, how) -
				       mini_sk_options_len(ms), skb,
				       cm->gso_size);
		if (err) {
			kfree_skb(skb);
			return err;
		}
	}
	if (unlikely(cm->sockc.tsflags || cm->sockc.transmit_time))
		mini_udp_times(sk, skb, &cm->sockc);
	if (unlikely(!path->type))
		mini_sk_group_hdr(ms, &h);

	mini_ip_hdr_discover(&h, path, how);

	uh = skb_push(skb, sizeof(*uh));
	skb_reset_transport_header(skb);
	uh->source = READ_ONCE(ms->conn.tuple.lport);
	uh->dest = dport;
	uh->len = htons(skb->len);
	uh->check = 0;
	if (!sk->sk_no_check_tx)
		mini_csum_out(skb, &path->src, &path->dst, IPPROTO_UDP,
			      offsetof(struct udphdr, check));
	skb->priority = cm->priority;
	skb->mark = cm->mark;

	err = mini_sk_xmit(ms, path, skb, &h);
	/* A queue was full, as queues are at times: who asked is told. */
	if (unlikely(err > 0))
		err = ms->recverr ? net_xmit_errno(err) : 0;
	else if (unlikely(err == -EMSGSIZE))
		/* As AF_INET: the port of a peer, not of a name. */
		mini_errqueue_local(ms, EMSGSIZE, &path->dst,
				    READ_ONCE(ms->conn.tuple.rport),
				    mini_path_mtu(path, how));
	if (!err)
		mini_inc(ms->mn, MINI_MIB_UDP_OUT_DATAGRAMS);
	return err;
}

/* Look up the way, and remember it if it will be asked for again. */
static noinline int mini_udp_send_new(struct mini_udp_sock *us,
				      const struct mini_flow *fl,
				      struct sk_buff *skb, __be16 dport,
				      const struct msghdr *msg,
				      const struct mini_cmsg *cm)
{
	struct mini_path path __uninitialized;
	int err;

	err = mini_path_lookup(us->ms.mn, fl, &path);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	if (msg->msg_flags & MSG_CONFIRM)
		mini_neigh_confirm(path.neigh);
	err = mini_udp_xmit(us, &path, skb, dport, cm);
	if (!msg->msg_name || mini_udp_again(us, fl))
		mini_udp_way_set(us, fl, &path);
	else
		mini_path_release(&path);
	return err;
}

/* Find the way, send.  Consumes @skb. */
static int mini_udp_send(struct mini_udp_sock *us, const struct mini_flow *fl,
			 struct sk_buff *skb, __be16 dport,
			 const struct msghdr *msg, const struct mini_cmsg *cm)
{
	struct mini_net *mn = us->ms.mn;
	struct mini_udp_way *way;
	int err;

	rcu_read_lock();
	way = rcu_dereference(us->way);
	if (way && mini_path_valid(mn, &way->path) &&
	    mini_udp_way_fits(way, fl)) {
		if (msg->msg_flags & MSG_CONFIRM)
			mini_neigh_confirm(way->path.neigh);
		err = mini_udp_xmit(us, &way->path, skb, dport, cm);
		rcu_read_unlock();
		return err;
	}
	rcu_read_unlock();
	return mini_udp_send_new(us, fl, skb, dport, msg, cm);
}

/* Where to: the name given, or the peer's. */
static int mini_udp_dest(struct mini_sock *ms, struct msghdr *msg,
			 struct in6_addr *addr, __be16 *port)
{
	const struct sockaddr_in *sin = msg->msg_name;
	int err;

	if (sin && msg->msg_namelen >= sizeof(*sin) &&
	    unlikely(sin->sin_family == AF_UNSPEC)) {
		/* As AF_INET takes it: programs of old do not say. */
		*addr = in6addr_any;
		if (sin->sin_addr.s_addr)
			mini_addr_set_v4(addr, sin->sin_addr.s_addr);
		*port = sin->sin_port;
		mini_sk_dest(ms, addr);
	} else if (sin) {
		err = mini_name_from_user(ms, msg->msg_name, msg->msg_namelen,
					  addr, port);
		if (err)
			return err;
		mini_sk_dest(ms, addr);
	} else {
		/* Pairs with mini_udp_connect(). */
		if (smp_load_acquire(&ms->sk.sk_state) != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		*addr = ms->conn.tuple.raddr;
		*port = READ_ONCE(ms->conn.tuple.rport);
		/* connect() to port 0: nobody is there, but it may be sent. */
		return 0;
	}
	return *port ? 0 : -EINVAL;
}

static int mini_udp_autobind(struct mini_sock *ms)
{
	int err;

	lock_sock(&ms->sk);
	err = mini_sk_autobind(ms);
	release_sock(&ms->sk);
	return err;
}

int mini_udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct mini_udp_sock *us = mini_udp_sk(sk);
	struct mini_sock *ms = &us->ms;
	struct mini_flow fl __uninitialized;
	struct mini_cmsg cm __uninitialized;
	struct in6_addr dst;
	struct sk_buff *skb;
	__be16 dport;
	bool more;
	int err;

	/* As with AF_INET, whatever else is wrong. */
	if (unlikely(!READ_ONCE(ms->port.port)) && mini_udp_autobind(ms))
		return -EAGAIN;
	if (len > MINI_UDP_MAX_CALL)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	more = READ_ONCE(us->corkflag) || msg->msg_flags & MINI_MSG_MORE;
	if (unlikely(READ_ONCE(us->cork))) {
		err = mini_udp_cork_more(us, msg, len, more);
		if (err <= 0)
			return err ? err : len;
	}
	err = mini_udp_dest(ms, msg, &dst, &dport);
	if (err)
		return err;
	cm.gso_size = READ_ONCE(us->gso_size);
	err = mini_cmsg_send(ms, msg, &cm);
	if (err)
		return err;
	mini_sk_flow(ms, &dst, &fl);
	fl.hash = mini_sk_flow_hash(ms, dport);
	if (!mini_addr_any(&cm.src))
		fl.src = cm.src;
	if (cm.oif)
		fl.oif = cm.oif;
	fl.mark = cm.mark;
	fl.tos = cm.tos;

	if (unlikely(more)) {
		err = mini_udp_cork_start(us, &fl, dport, &cm, msg, len);
		return err ? err : len;
	}
	skb = mini_udp_build(sk, msg, len, &err);
	if (!skb)
		return err;
	err = mini_udp_send(us, &fl, skb, dport, msg, &cm);
	return err ? err : len;
}
