// SPDX-License-Identifier: GPL-2.0
/*
 * The birth of a connection's socket from its half-open record, the queue in
 * which it waits, and accept() (RFC 9293 section 3.10.7.4, 3.9.1).
 *
 * Locks on entry: rcu_read_lock() for what packets call; none for accept().
 */
#include <linux/slab.h>
#include <linux/tcp.h>

#include "open.h"

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
	tp->mss_peer = req->mss;
	tp->snd_wscale = req->snd_wscale;
	tp->rcv_wscale = req->rcv_wscale;
	tp->wscale_ok = req->wscale_ok;
	tp->tstamp_ok = req->tstamp_ok;
	tp->sack_ok = req->sack_ok;
	tp->ecn_ok = req->ecn_ok;
	tp->ts_recent = req->ts_recent;
	tp->ts_recent_time = now;
	tp->ts_off = req->ts_off;
	tp->total_retrans = req->retrans;
	tp->txhash = mini_tcp_flow_hash(&req->conn.tuple);
	if (req->rtt_us)
		mini_tcp_rtt_first(tp, req->rtt_us, now);
}

/*
 * The row of the table: a record's place, or one of its own after a cookie.
 * The winner of two CPUs with the same ACK has the connection.
 */
static bool mini_tcp_child_row(struct mini_tcp_req *req, struct mini_net *mn,
			       struct mini_tcp_sock *tp)
{
	if (req->cookie)
		return !mini_tcp_conn_insert(mn, &tp->ms.conn);
	if (!mini_tcp_conn_replace(mn, &req->conn, &tp->ms.conn))
		return false;
	/* Whoever ends the record at this moment may be freeing it. */
	tp->saved_syn = xchg(&req->saved_syn, NULL);
	return true;
}

/**
 * mini_tcp_child() - a listener's socket for a connection
 * @rx: the packet
 * @req: what was agreed upon
 * @now: microseconds
 *
 * It owns the row of the table from here on, and a reference for the accept
 * queue besides the caller's.
 *
 * Context: softirq, rcu_read_lock().  Return: the socket, SYN-RECEIVED, locked,
 * or NULL.
 */
struct sock *mini_tcp_child(struct mini_rx *rx, struct mini_tcp_req *req,
			    u64 now)
{
	struct sock *lsk = req->listener;
	struct mini_port *port = READ_ONCE(mini_sk(lsk)->port.port);
	struct mini_tcp_sock *tp;
	struct sock *sk;

	/* The listener may be another port's by now. */
	if (!port || port->key.port != req->conn.tuple.lport)
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
	if (!mini_tcp_child_row(req, rx->mn, tp))
		goto err;
	mini_tcp_path(tp);
	mini_tcp_cong_pick(tp);
	mini_inc(rx->mn, MINI_MIB_TCP_PASSIVE_OPENS);
	return sk;

err:
	sk->sk_state = TCP_CLOSE;
	sock_set_flag(sk, SOCK_DEAD);
	__acquire(&sk->sk_lock.slock);	/* by sk_clone_lock() */
	bh_unlock_sock(sk);
	mini_tcp_cong_release(tp);
	/* Not in its last moment: readers of the port's users may stand on it. */
	mini_port_release(&tp->ms.port);
	/* Two references: one a socket's, one of the caller of the clone. */
	sock_put(sk);
	sock_put(sk);
	return NULL;
}

/* Into the accept queue, unless the listener has closed meanwhile. */
bool mini_tcp_enqueue(struct mini_tcp_sock *lp, struct mini_tcp_sock *tp)
{
	struct sock *lsk = mini_tcp_to_sk(lp);
	bool ok;

	spin_lock_bh(&lp->lsn->qlock);
	ok = lp->lsn->accepting;
	if (ok) {
		list_add_tail(&tp->accept_node, &lp->lsn->accept_queue);
		WRITE_ONCE(lp->lsn->accept_count, lp->lsn->accept_count + 1);
	}
	spin_unlock_bh(&lp->lsn->qlock);
	if (ok)
		lsk->sk_data_ready(lsk);
	return ok;
}

/*
 * No child: another CPU may have made it of another segment, and then this one
 * is the child's.
 */
static void mini_tcp_req_lost(struct mini_rx *rx,
			      const struct mini_tcp_req *req,
			      struct sk_buff *skb,
			      const struct mini_wire_tcp *h)
{
	struct mini_conn *conn = mini_tcp_conn_lookup(rx->mn, &req->conn.tuple);

	if (conn && conn->kind == MINI_CONN_SOCK)
		mini_tcp_deliver(rx, &container_of(conn, struct mini_sock,
						   conn)->sk, skb, h);
	else
		mini_drop(rx->mn, skb, MINI_DROP_NO_MEMORY);
}

/* The program does not accept fast enough for one more. */
static void mini_tcp_req_overflow(struct mini_rx *rx, struct mini_tcp_req *req,
				  struct sk_buff *skb,
				  const struct mini_wire_tcp *h)
{
	mini_inc(rx->mn, MINI_MIB_TCP_LISTEN_OVERFLOWS);
	mini_inc(rx->mn, MINI_MIB_TCP_LISTEN_DROPS);
	/* The client's next segment, or our SYN-ACK, tries again. */
	if (READ_ONCE(rx->mn->sysctl.tcp_abort_on_overflow) && !req->cookie) {
		mini_inc(rx->mn, MINI_MIB_TCP_ATTEMPT_FAILS);
		mini_tcp_reply_rst(rx, skb, h);
		mini_tcp_req_drop(req);
	}
	mini_drop(rx->mn, skb, MINI_DROP_TCP_LISTEN_FULL);
}

/**
 * mini_tcp_req_complete() - the ACK of our SYN came: a connection is born
 * @rx: the packet
 * @req: half-open connection
 * @skb: consumed
 * @h: its TCP header
 * @now: microseconds
 */
void mini_tcp_req_complete(struct mini_rx *rx, struct mini_tcp_req *req,
			   struct sk_buff *skb, const struct mini_wire_tcp *h,
			   u64 now)
{
	struct mini_tcp_sock *lp = mini_tcp_sk(req->listener);
	struct mini_tcp_sock *tp;
	struct sock *sk;

	if (mini_tcp_accept_full(lp)) {
		mini_tcp_req_overflow(rx, req, skb, h);
		return;
	}
	sk = mini_tcp_child(rx, req, now);
	if (!sk) {
		mini_tcp_req_lost(rx, req, skb, h);
		return;
	}
	__acquire(&sk->sk_lock.slock);	/* by sk_clone_lock() */
	tp = mini_tcp_sk(sk);
	/* The row is the child's now; the record goes. */
	if (!req->cookie && mini_tcp_req_unlist(req)) {
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

/* The connection that waited longest for accept(), or NULL. */
struct mini_tcp_sock *mini_tcp_dequeue(struct mini_tcp_sock *lp)
{
	struct mini_tcp_sock *tp;

	spin_lock_bh(&lp->lsn->qlock);
	tp = list_first_entry_or_null(&lp->lsn->accept_queue, struct mini_tcp_sock,
				      accept_node);
	if (tp) {
		list_del_init(&tp->accept_node);
		WRITE_ONCE(lp->lsn->accept_count, lp->lsn->accept_count - 1);
	}
	spin_unlock_bh(&lp->lsn->qlock);
	return tp;
}

/* @timeo: how long still, jiffies; left is what was not needed. */
static int mini_tcp_accept_wait(struct sock *sk, long *timeo)
{
	struct mini_tcp_sock *lp = mini_tcp_sk(sk);
	DEFINE_WAIT(wait);
	int err;

	for (;;) {
		/* Exclusive: one connection wakes one of many accept()s. */
		prepare_to_wait_exclusive(sk_sleep(sk), &wait,
					  TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (!mini_tcp_accept_count(lp))
			*timeo = schedule_timeout(*timeo);
		lock_sock(sk);
		err = 0;
		if (mini_tcp_accept_count(lp))
			break;
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		err = sock_intr_errno(*timeo);
		if (signal_pending(current))
			break;
		err = -EAGAIN;
		if (!*timeo)
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
	long timeo;

	lock_sock(sk);
	arg->err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		goto fail;
	timeo = sock_rcvtimeo(sk, arg->flags & O_NONBLOCK);
	while (!(tp = mini_tcp_dequeue(lp))) {
		arg->err = -EAGAIN;
		if (!timeo)
			goto fail;
		arg->err = mini_tcp_accept_wait(sk, &timeo);
		if (arg->err)
			goto fail;
	}
	release_sock(sk);
	arg->err = 0;
	arg->is_empty = !mini_tcp_accept_count(lp);
	return mini_tcp_to_sk(tp);

fail:
	release_sock(sk);
	return NULL;
}
