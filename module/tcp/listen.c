// SPDX-License-Identifier: GPL-2.0
/*
 * The passive side: who listens, and what a SYN meets there (RFC 9293 section
 * 3.10.7.2).  A SYN becomes a small record in the connection table (req.c), its
 * ACK a socket in the listener's accept queue (accept.c).
 *
 * The listener's socket lock is not taken by packets: its qlock guards the
 * list of half-open connections and the accept queue.
 *
 * Locks on entry: rcu_read_lock() for what packets call.
 */
#include <linux/jhash.h>
#include <linux/slab.h>
#include <linux/tcp.h>

#include "open.h"

/**
 * mini_tcp_listener_lookup() - who takes connections at the packet's
 * destination
 * @rx: the packet
 * @port: local port, network byte order
 *
 * The most specific bind wins.  Context: rcu_read_lock().
 */
struct sock *mini_tcp_listener_lookup(const struct mini_rx *rx, __be16 port)
{
	struct mini_port_user *u;
	struct sock *best = NULL;
	struct mini_port *p;
	int best_score = -1;

	p = mini_port_lookup(rx->mn, IPPROTO_TCP, port);
	if (!p)
		return NULL;
	hlist_for_each_entry_rcu(u, &p->users, node) {
		int ifindex = READ_ONCE(u->ifindex);
		int score = 0;

		/* Of another port: it has left this one while we stood on it */
		if (READ_ONCE(u->port) != p)
			continue;
		/* Pairs with mini_tcp_set_state(): what it listens with. */
		if (!u->sk || smp_load_acquire(&u->sk->sk_state) != TCP_LISTEN)
			continue;
		if (!mini_addr_any(&u->addr)) {
			if (!mini_addr_equal(&u->addr, &rx->daddr))
				continue;
			score += 2;
		}
		if (ifindex) {
			if (ifindex != rx->mdev->ifindex)
				continue;
			score++;
		}
		if (score > best_score) {
			best = u->sk;
			best_score = score;
		}
	}
	return best;
}

/**
 * mini_tcp_listener_pick() - which of a listener's SO_REUSEPORT group takes it
 * @rx: the packet
 * @sk: a listener that it fits, in a group
 * @skb: data behind the TCP header
 * @h: the header
 *
 * Context: softirq, rcu_read_lock().
 */
struct sock *mini_tcp_listener_pick(const struct mini_rx *rx, struct sock *sk,
				    struct sk_buff *skb,
				    const struct mini_wire_tcp *h)
{
	static u32 seed __read_mostly;
	struct sock *found;
	u32 hash;

	net_get_random_once(&seed, sizeof(seed));
	hash = jhash_2words((__force u32)h->sport << 16 |
			    (__force u32)h->dport,
			    __ipv6_addr_jhash(&rx->saddr, seed), seed);
	found = mini_port_group_pick(sk, hash, skb, 0);
	/* Who sees it listen sees the part that listen() made. */
	return smp_load_acquire(&found->sk_state) == TCP_LISTEN ? found : sk;
}

/*
 * The oldest half-open connection gives way, if its peer has let a SYN-ACK pass
 * unanswered (RFC 4987 section 3.4).
 */
static bool mini_tcp_listen_recycle(struct mini_tcp_sock *lp)
{
	struct mini_tcp_req *req;

	spin_lock_bh(&lp->lsn->qlock);
	req = list_first_entry_or_null(&lp->lsn->reqs, struct mini_tcp_req, list);
	if (req && READ_ONCE(req->retrans))
		refcount_inc(&req->refcnt);
	else
		req = NULL;
	spin_unlock_bh(&lp->lsn->qlock);
	if (!req)
		return false;
	mini_inc(mini_tcp_mn(lp), MINI_MIB_TCP_ATTEMPT_FAILS);
	mini_tcp_req_drop(req);
	mini_tcp_req_put(req);
	return true;
}

enum mini_tcp_listen_way {
	MINI_TCP_LISTEN_TAKE,	/* a record */
	MINI_TCP_LISTEN_COOKIE,	/* nothing but a cookie */
	MINI_TCP_LISTEN_REFUSE,
};

/*
 * May one more connection be half-open?  As Linux has it: a SYN is dropped when
 * the accept queue is full; as many may be half open as may wait for accept(),
 * and then cookies help, or else @tcp_max_syn_backlog less a quarter is the
 * limit, too.  Who comes back from TIME-WAIT has proved to exist.
 */
static enum mini_tcp_listen_way mini_tcp_listen_way(struct mini_tcp_sock *lp,
						    bool known)
{
	struct mini_net *mn = mini_tcp_mn(lp);
	int cookies = READ_ONCE(mn->sysctl.tcp_syncookies);
	u32 most = READ_ONCE(mn->sysctl.tcp_max_syn_backlog);
	u32 half_open = READ_ONCE(lp->lsn->req_count);

	if (mini_tcp_accept_full(lp)) {
		mini_inc(mn, MINI_MIB_TCP_LISTEN_OVERFLOWS);
		return MINI_TCP_LISTEN_REFUSE;
	}
	if (known)
		return MINI_TCP_LISTEN_TAKE;
	if (cookies == 2)
		return MINI_TCP_LISTEN_COOKIE;
	if (!cookies)
		most -= most / 4;
	if (half_open <= (u32)READ_ONCE(lp->lsn->backlog) && half_open < most)
		return MINI_TCP_LISTEN_TAKE;
	if (cookies)
		return MINI_TCP_LISTEN_COOKIE;
	return mini_tcp_listen_recycle(lp) ? MINI_TCP_LISTEN_TAKE :
					     MINI_TCP_LISTEN_REFUSE;
}

static void mini_tcp_listen_cookie(struct mini_rx *rx, struct sock *sk,
				   struct sk_buff *skb,
				   const struct mini_wire_tcp *h, u64 now)
{
	struct mini_tcp_req req;

	mini_tcp_req_init(&req, rx, sk, h);
	mini_tcp_req_syn(&req, h, now);
	mini_tcp_cookie_send(&req, now);
	consume_skb(skb);
}

/*
 * Row, list and timer under one lock: whoever ends the record takes it off the
 * list first, and then must find the other two.
 */
static enum mini_drop_reason mini_tcp_listen_add(struct mini_tcp_sock *lp,
						 struct mini_tcp_req *req)
{
	enum mini_drop_reason why = MINI_DROP_TCP_CLOSED;

	spin_lock_bh(&lp->lsn->qlock);
	if (lp->lsn->accepting) {
		/* Another CPU may have taken the same SYN: one is enough. */
		why = mini_tcp_conn_insert(mini_tcp_mn(lp), &req->conn) ?
		      MINI_DROP_TCP_OLD_DATA : MINI_DROP_NOT_SPECIFIED;
	}
	if (!why) {
		list_add_tail(&req->list, &lp->lsn->reqs);
		WRITE_ONCE(lp->lsn->req_count, lp->lsn->req_count + 1);
		mod_timer(&req->timer, jiffies +
			  usecs_to_jiffies(mini_tcp_req_rto(req)));
	}
	spin_unlock_bh(&lp->lsn->qlock);
	return why;
}

/* The first sequence number; @least: or that, unless it is 0. */
static u32 mini_tcp_listen_iss(const struct mini_tuple *t, u32 least)
{
	u32 iss = mini_tcp_isn(t);

	return least && seq_before(iss, least) ? least : iss;
}

/*
 * Fast Open: true if the SYN made a connection, else @give receives whether the
 * SYN-ACK gives a cookie.
 */
static noinline bool mini_tcp_listen_fastopen(struct mini_rx *rx,
					      struct sock *sk,
					      struct sk_buff *skb,
					      const struct mini_wire_tcp *h,
					      u32 iss, bool *give, u64 now)
{
	struct mini_tcp_sock *lp = mini_tcp_sk(sk);
	u8 save = READ_ONCE(lp->save_syn);
	struct mini_tcp_req req;

	mini_tcp_req_init(&req, rx, sk, h);
	if (!mini_tcp_fastopen_syn(lp, &req.conn.tuple, h, skb->len, give, now))
		return false;
	mini_tcp_req_syn(&req, h, now);
	req.iss = mini_tcp_listen_iss(&req.conn.tuple, iss);
	/* No row of its own: the child takes one. */
	req.cookie = true;
	if (save)
		req.saved_syn = mini_tcp_req_save_syn(skb, save);
	mini_tcp_fastopen_child(rx, &req, skb, h, *give, now);
	kfree(req.saved_syn);
	return true;
}

/* A record of the SYN. */
static void mini_tcp_listen_take(struct mini_rx *rx, struct sock *sk,
				 struct sk_buff *skb,
				 const struct mini_wire_tcp *h, u32 iss,
				 bool give, u64 now)
{
	struct mini_tcp_sock *lp = mini_tcp_sk(sk);
	u8 save = READ_ONCE(lp->save_syn);
	enum mini_drop_reason why;
	struct mini_tcp_req *req;

	req = mini_tcp_req_alloc(rx, sk, h, now);
	if (!req) {
		mini_drop(rx->mn, skb, MINI_DROP_NO_MEMORY);
		return;
	}
	req->iss = mini_tcp_listen_iss(&req->conn.tuple, iss);
	req->fo_give = give;
	if (save)
		req->saved_syn = mini_tcp_req_save_syn(skb, save);
	/* Both are gone when it is ended: this one is for the SYN-ACK. */
	refcount_inc(&req->refcnt);
	why = mini_tcp_listen_add(lp, req);
	if (why) {
		refcount_set(&req->refcnt, 1);
		mini_drop(rx->mn, skb, why);
	} else {
		mini_tcp_send_synack(req, now);
		consume_skb(skb);
	}
	mini_tcp_req_put(req);
}

/**
 * mini_tcp_listen_rcv() - a segment for a listening socket (RFC 9293
 * 3.10.7.2)
 * @rx: the packet
 * @sk: the listener
 * @skb: consumed
 * @h: its TCP header
 * @iss: the SYN ended a TIME-WAIT: the new connection begins there or above;
 *	0: it did not
 */
void mini_tcp_listen_rcv(struct mini_rx *rx, struct sock *sk,
			 struct sk_buff *skb, const struct mini_wire_tcp *h,
			 u32 iss)
{
	u64 now = mini_tcp_now();
	bool give = false;

	if (h->flags & MINI_TCP_RST) {
		mini_drop(rx->mn, skb, MINI_DROP_TCP_RESET);
		return;
	}
	if (h->flags & MINI_TCP_ACK) {
		if (!(h->flags & MINI_TCP_SYN) &&
		    mini_tcp_cookie_rcv(rx, sk, skb, h, now))
			return;
		mini_tcp_reply_rst(rx, skb, h);
		mini_drop(rx->mn, skb, MINI_DROP_TCP_NO_SOCKET);
		return;
	}
	if (!(h->flags & MINI_TCP_SYN) || h->flags & MINI_TCP_FIN) {
		mini_drop(rx->mn, skb, MINI_DROP_TCP_FLAGS);
		return;
	}
	switch (mini_tcp_listen_way(mini_tcp_sk(sk), iss)) {
	case MINI_TCP_LISTEN_TAKE:
		if (READ_ONCE(mini_tcp_sk(sk)->lsn->fo_max) &&
		    mini_tcp_listen_fastopen(rx, sk, skb, h, iss, &give, now))
			return;
		mini_tcp_listen_take(rx, sk, skb, h, iss, give, now);
		break;
	case MINI_TCP_LISTEN_COOKIE:
		mini_tcp_listen_cookie(rx, sk, skb, h, now);
		break;
	case MINI_TCP_LISTEN_REFUSE:
		mini_inc(rx->mn, MINI_MIB_TCP_LISTEN_DROPS);
		mini_drop(rx->mn, skb, MINI_DROP_TCP_LISTEN_FULL);
	}
}

/**
 * mini_tcp_lsn_get() - have what a listener needs
 * @tp: a socket that listens or may
 *
 * Context: process, socket lock held.  Return: 0, -ENOMEM.
 */
int mini_tcp_lsn_get(struct mini_tcp_sock *tp)
{
	struct mini_tcp_lsn *lsn;

	if (tp->lsn)
		return 0;
	lsn = kzalloc(sizeof(*lsn), GFP_KERNEL_ACCOUNT);
	if (!lsn)
		return -ENOMEM;
	spin_lock_init(&lsn->qlock);
	INIT_LIST_HEAD(&lsn->reqs);
	INIT_LIST_HEAD(&lsn->accept_queue);
	INIT_LIST_HEAD(&lsn->fo_rsts);
	/* poll() and sock_diag look without the lock. */
	smp_store_release(&tp->lsn, lsn);
	return 0;
}

/* The socket's end. */
void mini_tcp_lsn_free(struct mini_tcp_sock *tp)
{
	if (!tp->lsn)
		return;
	kfree(rcu_dereference_protected(tp->lsn->fo_keys, true));
	kfree(tp->lsn);
}

int mini_tcp_listen(struct sock *sk, int backlog)
{
	const int all = MINI_TCP_FO_SERVER | MINI_TCP_FO_SERVER_ALL;
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	struct mini_tcp_lsn *lsn;
	int err;

	if (sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN)
		return -EINVAL;
	err = mini_tcp_lsn_get(tp);
	if (err)
		return err;
	lsn = tp->lsn;
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	WRITE_ONCE(lsn->backlog, backlog);
	if (sk->sk_state == TCP_LISTEN)
		return 0;
	err = mini_port_listen_ok(&tp->ms.port);
	if (err)
		return err;
	lsn->cookie_sent = 0;
	if (!lsn->fo_max &&
	    (READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_fastopen) & all) == all)
		lsn->fo_max = backlog;
	spin_lock_bh(&lsn->qlock);
	lsn->accepting = true;
	spin_unlock_bh(&lsn->qlock);
	mini_tcp_set_state(tp, TCP_LISTEN);
	return 0;
}

/**
 * mini_tcp_listen_stop() - a listener closes: nobody will accept any more
 * @lp: the listener
 *
 * Context: process, socket lock held, BH on.
 */
void mini_tcp_listen_stop(struct mini_tcp_sock *lp)
{
	struct mini_tcp_req *req;
	struct mini_tcp_sock *tp;

	spin_lock_bh(&lp->lsn->qlock);
	lp->lsn->accepting = false;
	spin_unlock_bh(&lp->lsn->qlock);
	mini_tcp_fastopen_stop(lp);

	for (;;) {
		spin_lock_bh(&lp->lsn->qlock);
		req = list_first_entry_or_null(&lp->lsn->reqs, struct mini_tcp_req,
					       list);
		if (req)
			refcount_inc(&req->refcnt);
		spin_unlock_bh(&lp->lsn->qlock);
		if (!req)
			break;
		mini_tcp_req_drop(req);
		mini_tcp_req_put(req);
		cond_resched();
	}
	while ((tp = mini_tcp_dequeue(lp)) != NULL) {
		struct sock *sk = mini_tcp_to_sk(tp);

		local_bh_disable();
		bh_lock_sock_nested(sk);
		sock_hold(sk);
		sock_orphan(sk);
		if (sk->sk_state == TCP_CLOSE)
			mini_tcp_destroy(sk);
		else
			mini_tcp_abort(tp, ECONNRESET);
		bh_unlock_sock(sk);
		local_bh_enable();
		sock_put(sk);
		cond_resched();
	}
}
