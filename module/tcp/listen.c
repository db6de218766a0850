// SPDX-License-Identifier: GPL-2.0
/*
 * The passive side: a SYN becomes a small record in the connection table, its
 * ACK a socket in the listener's accept queue (RFC 9293 section 3.10.7.2,
 * 3.10.7.4 for SYN-RECEIVED).
 *
 * The listener's socket lock is not taken by packets: its qlock guards the
 * list of half-open connections and the accept queue.  A half-open connection
 * has one reference of its row and the listener's list together, and one of
 * its timer.
 *
 * Locks on entry: rcu_read_lock() for what packets call.
 */
#include <linux/slab.h>
#include <linux/tcp.h>

#include "tcp_int.h"

static void mini_tcp_req_put(struct mini_tcp_req *req)
{
	if (!refcount_dec_and_test(&req->refcnt))
		return;
	sock_put(req->listener);
	kfree_rcu(req, rcu);
}

/*
 * Off the listener's list; true for the one who took it off, who must drop
 * the reference.
 */
static bool mini_tcp_req_unlist(struct mini_tcp_req *req)
{
	struct mini_tcp_sock *lp = mini_tcp_sk(req->listener);
	bool mine;

	spin_lock_bh(&lp->qlock);
	mine = !list_empty(&req->list);
	if (mine) {
		list_del_init(&req->list);
		lp->req_count--;
	}
	spin_unlock_bh(&lp->qlock);
	return mine;
}

static void mini_tcp_req_drop(struct mini_tcp_req *req)
{
	if (!mini_tcp_req_unlist(req))
		return;
	mini_tcp_conn_remove(mini_sk(req->listener)->mn, &req->conn);
	if (timer_delete(&req->timer))
		mini_tcp_req_put(req);
	mini_tcp_req_put(req);
}

static u64 mini_tcp_req_rto(const struct mini_tcp_req *req)
{
	/* tcp_synack_retries may be more than there are bits to shift. */
	u32 shift = min_t(u32, req->retrans, 16);

	return min_t(u64, (u64)MINI_TCP_RTO_INITIAL << shift, MINI_TCP_RTO_MAX);
}

static void mini_tcp_req_timer(struct timer_list *t)
{
	struct mini_tcp_req *req = timer_container_of(req, t, timer);
	struct mini_tcp_sock *lp = mini_tcp_sk(req->listener);
	struct mini_net *mn = mini_tcp_mn(lp);
	u64 now = mini_tcp_now();
	bool ended;

	rcu_read_lock();
	if (req->retrans >= READ_ONCE(mn->sysctl.tcp_synack_retries)) {
		mini_inc(mn, MINI_MIB_TCP_ATTEMPT_FAILS);
		mini_tcp_req_drop(req);
		mini_tcp_req_put(req);
	} else {
		WRITE_ONCE(req->retrans, req->retrans + 1);
		spin_lock(&lp->qlock);
		/* The timer's reference goes on with it, unless it was ended */
		ended = list_empty(&req->list);
		if (!ended)
			mod_timer(&req->timer, jiffies +
				  usecs_to_jiffies(mini_tcp_req_rto(req)));
		spin_unlock(&lp->qlock);
		if (ended) {
			mini_tcp_req_put(req);
		} else {
			mini_inc(mn, MINI_MIB_TCP_SYN_RETRANS);
			mini_tcp_send_synack(req, now);
		}
	}
	rcu_read_unlock();
}

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

		if (!u->sk || READ_ONCE(u->sk->sk_state) != TCP_LISTEN)
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

static void mini_tcp_req_options(struct mini_tcp_req *req, struct mini_net *mn,
				 const struct mini_wire_tcp *h)
{
	req->mss = h->opts.saw_mss ?
		   max_t(u32, h->opts.mss, MINI_TCP_MSS_MIN) :
		   MINI_TCP_MSS_DEFAULT;
	req->wscale_ok = h->opts.saw_wscale &&
			 READ_ONCE(mn->sysctl.tcp_window_scaling);
	req->snd_wscale = req->wscale_ok ? h->opts.wscale : 0;
	req->rcv_wscale = req->wscale_ok ?
			  mini_tcp_wscale_for(mn, req->listener) : 0;
	req->tstamp_ok = h->opts.saw_tstamp &&
			 READ_ONCE(mn->sysctl.tcp_timestamps);
	req->ts_recent = req->tstamp_ok ? h->opts.tsval : 0;
	req->sack_ok = h->opts.sack_ok;
}

static struct mini_tcp_req *mini_tcp_req_alloc(const struct mini_rx *rx,
					       struct sock *sk,
					       const struct mini_wire_tcp *h,
					       u64 now)
{
	struct mini_tcp_req *req = kzalloc(sizeof(*req), GFP_ATOMIC);
	struct mini_tuple *t;

	if (!req)
		return NULL;
	if (!refcount_inc_not_zero(&sk->sk_refcnt)) {
		kfree(req);
		return NULL;
	}
	t = &req->conn.tuple;
	t->raddr = rx->saddr;
	t->laddr = rx->daddr;
	t->rport = h->sport;
	t->lport = h->dport;
	req->conn.kind = MINI_CONN_REQ;
	req->listener = sk;
	INIT_LIST_HEAD(&req->list);
	timer_setup(&req->timer, mini_tcp_req_timer, 0);
	refcount_set(&req->refcnt, 2);
	req->irs = h->seq;
	req->iss = mini_tcp_isn(t);
	req->ts_off = mini_tcp_ts_offset(t);
	req->sent = now;
	req->tos = mini_sk(sk)->tos;
	req->rcv_wnd = min_t(u32, mini_tcp_full_space(sk), U16_MAX);
	mini_tcp_req_options(req, rx->mn, h);
	return req;
}

/*
 * The oldest half-open connection gives way, if its peer has let a SYN-ACK pass
 * unanswered (RFC 4987 section 3.4).
 */
static bool mini_tcp_listen_recycle(struct mini_tcp_sock *lp)
{
	struct mini_tcp_req *req;

	spin_lock_bh(&lp->qlock);
	req = list_first_entry_or_null(&lp->reqs, struct mini_tcp_req, list);
	if (req && READ_ONCE(req->retrans))
		refcount_inc(&req->refcnt);
	else
		req = NULL;
	spin_unlock_bh(&lp->qlock);
	if (!req)
		return false;
	mini_inc(mini_tcp_mn(lp), MINI_MIB_TCP_ATTEMPT_FAILS);
	mini_tcp_req_drop(req);
	mini_tcp_req_put(req);
	return true;
}

/* May one more connection be half-open?  Both queues have their limit. */
static bool mini_tcp_listen_room(struct mini_tcp_sock *lp)
{
	u32 half = READ_ONCE(mini_tcp_mn(lp)->sysctl.tcp_max_syn_backlog);
	u32 backlog = READ_ONCE(lp->backlog);

	if (READ_ONCE(lp->accept_count) > backlog)
		return false;
	return READ_ONCE(lp->req_count) < max(half, backlog) ||
	       mini_tcp_listen_recycle(lp);
}

/**
 * mini_tcp_listen_rcv() - a segment for a listening socket (RFC 9293
 * 3.10.7.2)
 * @rx: the packet
 * @sk: the listener
 * @skb: consumed
 * @h: its TCP header
 */
void mini_tcp_listen_rcv(struct mini_rx *rx, struct sock *sk,
			 struct sk_buff *skb, const struct mini_wire_tcp *h)
{
	struct mini_tcp_sock *lp = mini_tcp_sk(sk);
	enum mini_drop_reason why = MINI_DROP_TCP_CLOSED;
	struct mini_tcp_req *req;
	u64 now = mini_tcp_now();

	if (h->flags & MINI_TCP_RST) {
		mini_drop(rx->mn, skb, MINI_DROP_TCP_RESET);
		return;
	}
	if (h->flags & MINI_TCP_ACK) {
		mini_tcp_reply_rst(rx, skb, h);
		mini_drop(rx->mn, skb, MINI_DROP_TCP_NO_SOCKET);
		return;
	}
	if (!(h->flags & MINI_TCP_SYN) || h->flags & MINI_TCP_FIN) {
		mini_drop(rx->mn, skb, MINI_DROP_TCP_FLAGS);
		return;
	}
	if (!mini_tcp_listen_room(lp)) {
		mini_inc(rx->mn, MINI_MIB_TCP_LISTEN_OVERFLOWS);
		mini_drop(rx->mn, skb, MINI_DROP_TCP_LISTEN_FULL);
		return;
	}
	req = mini_tcp_req_alloc(rx, sk, h, now);
	if (!req) {
		mini_drop(rx->mn, skb, MINI_DROP_NO_MEMORY);
		return;
	}
	/*
	 * Row, list and timer under one lock: whoever ends the record takes it
	 * off the list first, and then must find the other two.
	 */
	spin_lock_bh(&lp->qlock);
	if (lp->accepting) {
		/* Another CPU may have taken the same SYN: one is enough. */
		why = mini_tcp_conn_insert(rx->mn, &req->conn) ?
		      MINI_DROP_TCP_OLD_DATA : MINI_DROP_NOT_SPECIFIED;
	}
	if (!why) {
		list_add_tail(&req->list, &lp->reqs);
		lp->req_count++;
		mod_timer(&req->timer, jiffies +
			  usecs_to_jiffies(mini_tcp_req_rto(req)));
	}
	spin_unlock_bh(&lp->qlock);
	if (why) {
		refcount_set(&req->refcnt, 1);
		mini_tcp_req_put(req);
		mini_drop(rx->mn, skb, why);
		return;
	}
	mini_tcp_send_synack(req, now);
	consume_skb(skb);
}

/* From the record to the socket: what was agreed upon, and fresh queues. */
static void mini_tcp_child_fill(struct mini_tcp_sock *tp,
				const struct mini_tcp_req *req, u64 now)
{
	struct mini_sock *ms = &tp->ms;
	struct sock *sk = mini_tcp_to_sk(tp);

	ms->conn.tuple = req->conn.tuple;
	ms->conn.kind = MINI_CONN_SOCK;
	memset(&ms->path, 0, sizeof(ms->path));
	ms->port.port = NULL;
	ms->port.sk = sk;
	ms->port.addr = req->conn.tuple.laddr;
	ms->port.listening = 0;
	ms->port.connected = 1;
	INIT_HLIST_NODE(&ms->port.node);
	mini_tcp_birth(tp);
	mini_tcp_init_sock(tp);
	mini_tcp_set_state(tp, TCP_SYN_RECV);

	tp->irs = req->irs;
	tp->rcv_nxt = req->irs + 1;
	tp->rcv_wup = tp->rcv_nxt;
	tp->copied_seq = tp->rcv_nxt;
	tp->last_ack_sent = tp->rcv_nxt;
	tp->rcv_wnd = req->rcv_wnd;
	tp->iss = req->iss;
	tp->snd_una = req->iss;
	tp->snd_nxt = req->iss + 1;
	tp->write_seq = tp->snd_nxt;
	tp->recover = req->iss;
	tp->mss_peer = req->mss;
	tp->snd_wscale = req->snd_wscale;
	tp->rcv_wscale = req->rcv_wscale;
	tp->wscale_ok = req->wscale_ok;
	tp->tstamp_ok = req->tstamp_ok;
	tp->sack_ok = req->sack_ok;
	tp->ts_recent = req->ts_recent;
	tp->ts_recent_time = now;
	tp->ts_off = req->ts_off;
	tp->total_retrans = req->retrans;
	tp->txhash = get_random_u32() | 1;
	if (!req->retrans)
		mini_tcp_rtt_sample(tp, max_t(u64, now - req->sent, 1));
}

/*
 * The socket of an accepted handshake, locked, or NULL.  It owns the row of
 * the table from here on, and a reference for the accept queue.
 */
static struct sock *mini_tcp_child(struct mini_rx *rx, struct mini_tcp_req *req,
				   u64 now)
{
	struct sock *lsk = req->listener;
	struct mini_port *port = READ_ONCE(mini_sk(lsk)->port.port);
	struct mini_tcp_sock *tp;
	struct sock *sk;

	if (!port)
		return NULL;
	sk = sk_clone_lock(lsk, GFP_ATOMIC);
	if (!sk)
		return NULL;
	tp = mini_tcp_sk(sk);
	atomic_inc(&mini_sk_count);
	mini_tcp_child_fill(tp, req, now);
	mini_tcp_cong_inherit(tp);
	if (mini_port_join(&tp->ms.port, port))
		goto err;
	/* The winner of two CPUs with the same ACK has the connection. */
	if (!mini_tcp_conn_replace(rx->mn, &req->conn, &tp->ms.conn))
		goto err;
	mini_tcp_path(tp);
	mini_inc(rx->mn, MINI_MIB_TCP_PASSIVE_OPENS);
	return sk;

err:
	sk->sk_state = TCP_CLOSE;
	sock_set_flag(sk, SOCK_DEAD);
	__acquire(&sk->sk_lock.slock);	/* by sk_clone_lock() */
	bh_unlock_sock(sk);
	mini_tcp_cong_release(tp);
	/* Two references: one a socket's, one of the caller of the clone. */
	sock_put(sk);
	sock_put(sk);
	return NULL;
}

/* Into the accept queue, unless the listener has closed meanwhile. */
static bool mini_tcp_enqueue(struct mini_tcp_sock *lp, struct mini_tcp_sock *tp)
{
	struct sock *lsk = mini_tcp_to_sk(lp);
	bool ok;

	spin_lock_bh(&lp->qlock);
	ok = lp->accepting;
	if (ok) {
		list_add_tail(&tp->accept_node, &lp->accept_queue);
		WRITE_ONCE(lp->accept_count, lp->accept_count + 1);
	}
	spin_unlock_bh(&lp->qlock);
	if (ok)
		lsk->sk_data_ready(lsk);
	return ok;
}

static void mini_tcp_req_complete(struct mini_rx *rx, struct mini_tcp_req *req,
				  struct sk_buff *skb,
				  const struct mini_wire_tcp *h, u64 now)
{
	struct mini_tcp_sock *lp = mini_tcp_sk(req->listener);
	struct mini_tcp_sock *tp;
	struct sock *sk;

	if (READ_ONCE(lp->accept_count) > READ_ONCE(lp->backlog)) {
		/* The client's next segment, or our SYN-ACK, tries again. */
		mini_inc(rx->mn, MINI_MIB_TCP_LISTEN_OVERFLOWS);
		mini_drop(rx->mn, skb, MINI_DROP_TCP_LISTEN_FULL);
		return;
	}
	sk = mini_tcp_child(rx, req, now);
	if (!sk) {
		mini_drop(rx->mn, skb, MINI_DROP_NO_MEMORY);
		return;
	}
	__acquire(&sk->sk_lock.slock);	/* by sk_clone_lock() */
	tp = mini_tcp_sk(sk);
	/* The row is the child's now; the record goes. */
	if (mini_tcp_req_unlist(req)) {
		if (timer_delete(&req->timer))
			mini_tcp_req_put(req);
		mini_tcp_req_put(req);
	}
	mini_tcp_rcv(tp, skb, h, now);
	if (sk->sk_state == TCP_SYN_RECV || sk->sk_state == TCP_CLOSE ||
	    !mini_tcp_enqueue(lp, tp)) {
		/* Refused by its own ACK, or nobody will ever accept it. */
		sock_set_flag(sk, SOCK_DEAD);
		if (sk->sk_state != TCP_CLOSE)
			mini_tcp_abort(tp, ECONNABORTED);
		else
			mini_tcp_destroy(sk);
	} else {
		mini_tcp_rearm(tp, now);
	}
	bh_unlock_sock(sk);
	sock_put(sk);
}

/**
 * mini_tcp_req_rcv() - a segment for a half-open connection (RFC 9293
 * 3.10.7.4, SYN-RECEIVED)
 * @rx: the packet
 * @req: half-open connection
 * @skb: consumed
 * @h: its TCP header
 */
void mini_tcp_req_rcv(struct mini_rx *rx, struct mini_tcp_req *req,
		      struct sk_buff *skb, const struct mini_wire_tcp *h)
{
	enum mini_drop_reason why = MINI_DROP_TCP_OUT_OF_WINDOW;
	u64 now = mini_tcp_now();
	u32 nxt = req->irs + 1;

	/* The same SYN: our SYN-ACK was lost. */
	if (h->flags & MINI_TCP_SYN && h->seq == req->irs &&
	    !(h->flags & (MINI_TCP_RST | MINI_TCP_ACK))) {
		mini_tcp_send_synack(req, now);
		consume_skb(skb);
		return;
	}
	if (req->tstamp_ok && h->opts.saw_tstamp &&
	    !(h->flags & MINI_TCP_RST) &&
	    (s32)(h->opts.tsval - req->ts_recent) < 0) {
		mini_inc(rx->mn, MINI_MIB_TCP_PAWS_REJECTED);
		mini_tcp_send_synack(req, now);
		mini_drop(rx->mn, skb, MINI_DROP_TCP_PAWS);
		return;
	}
	if (h->seq - nxt > req->rcv_wnd) {
		if (!(h->flags & MINI_TCP_RST) &&
		    mini_tcp_challenge_allowed(rx->mn, now))
			mini_tcp_send_synack(req, now);
		goto drop;
	}
	if (h->flags & MINI_TCP_RST) {
		why = MINI_DROP_TCP_RESET;
		if (h->seq == nxt) {
			mini_inc(rx->mn, MINI_MIB_TCP_ATTEMPT_FAILS);
			mini_tcp_req_drop(req);
		} else if (mini_tcp_challenge_allowed(rx->mn, now)) {
			mini_tcp_send_synack(req, now);
		}
		goto drop;
	}
	why = MINI_DROP_TCP_FLAGS;
	if (h->flags & MINI_TCP_SYN) {
		if (mini_tcp_challenge_allowed(rx->mn, now))
			mini_tcp_send_synack(req, now);
		goto drop;
	}
	why = MINI_DROP_TCP_NO_ACK;
	if (!(h->flags & MINI_TCP_ACK))
		goto drop;
	why = MINI_DROP_TCP_BAD_ACK;
	if (h->ack != req->iss + 1) {
		mini_tcp_reply_rst(rx, skb, h);
		goto drop;
	}
	mini_tcp_req_complete(rx, req, skb, h, now);
	return;
drop:
	mini_drop(rx->mn, skb, why);
}

int mini_tcp_listen(struct sock *sk, int backlog)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	int err;

	if (sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN)
		return -EINVAL;
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	WRITE_ONCE(tp->backlog, backlog);
	if (sk->sk_state == TCP_LISTEN)
		return 0;
	err = mini_port_listen_ok(&tp->ms.port);
	if (err)
		return err;
	spin_lock_bh(&tp->qlock);
	tp->accepting = true;
	spin_unlock_bh(&tp->qlock);
	mini_tcp_set_state(tp, TCP_LISTEN);
	return 0;
}

static struct mini_tcp_sock *mini_tcp_dequeue(struct mini_tcp_sock *lp)
{
	struct mini_tcp_sock *tp;

	spin_lock_bh(&lp->qlock);
	tp = list_first_entry_or_null(&lp->accept_queue, struct mini_tcp_sock,
				      accept_node);
	if (tp) {
		list_del_init(&tp->accept_node);
		WRITE_ONCE(lp->accept_count, lp->accept_count - 1);
	}
	spin_unlock_bh(&lp->qlock);
	return tp;
}

static int mini_tcp_accept_wait(struct sock *sk, long timeo)
{
	struct mini_tcp_sock *lp = mini_tcp_sk(sk);
	DEFINE_WAIT(wait);
	int err;

	for (;;) {
		/* Exclusive: one connection wakes one of many accept()s. */
		prepare_to_wait_exclusive(sk_sleep(sk), &wait,
					  TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (!READ_ONCE(lp->accept_count))
			timeo = schedule_timeout(timeo);
		lock_sock(sk);
		err = 0;
		if (READ_ONCE(lp->accept_count))
			break;
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		err = sock_intr_errno(timeo);
		if (signal_pending(current))
			break;
		err = -EAGAIN;
		if (!timeo)
			break;
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

/**
 * mini_tcp_accept() - take a connection off the accept queue
 * @sk: the listener
 * @arg: flags: O_NONBLOCK: do not wait; err: receives a negative errno if NULL
 *	is returned
 *
 * Context: process, no lock.  Return: the connection's socket, its reference
 * the caller's.
 */
struct sock *mini_tcp_accept(struct sock *sk, struct proto_accept_arg *arg)
{
	struct mini_tcp_sock *lp = mini_tcp_sk(sk);
	struct mini_tcp_sock *tp;

	lock_sock(sk);
	arg->err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		goto fail;
	while (!(tp = mini_tcp_dequeue(lp))) {
		arg->err = -EAGAIN;
		if (arg->flags & O_NONBLOCK)
			goto fail;
		arg->err = mini_tcp_accept_wait(sk, sock_rcvtimeo(sk, false));
		if (arg->err)
			goto fail;
	}
	release_sock(sk);
	arg->err = 0;
	return mini_tcp_to_sk(tp);

fail:
	release_sock(sk);
	return NULL;
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

	spin_lock_bh(&lp->qlock);
	lp->accepting = false;
	spin_unlock_bh(&lp->qlock);

	for (;;) {
		spin_lock_bh(&lp->qlock);
		req = list_first_entry_or_null(&lp->reqs, struct mini_tcp_req,
					       list);
		if (req)
			refcount_inc(&req->refcnt);
		spin_unlock_bh(&lp->qlock);
		if (!req)
			break;
		mini_tcp_req_drop(req);
		mini_tcp_req_put(req);
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
	}
}
