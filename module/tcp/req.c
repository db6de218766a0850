// SPDX-License-Identifier: GPL-2.0
/*
 * Half-open connections: a small record from SYN to the ACK of our SYN-ACK
 * (RFC 9293 section 3.10.7.4 for SYN-RECEIVED).
 *
 * A record has one reference of its row of the table and the listener's list
 * together, and one of its timer.
 *
 * Locks on entry: rcu_read_lock() for what packets call.
 */
#include <linux/slab.h>
#include <linux/tcp.h>

#include "tcp_int.h"

void mini_tcp_req_put(struct mini_tcp_req *req)
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
bool mini_tcp_req_unlist(struct mini_tcp_req *req)
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

void mini_tcp_req_drop(struct mini_tcp_req *req)
{
	if (!mini_tcp_req_unlist(req))
		return;
	mini_tcp_conn_remove(mini_sk(req->listener)->mn, &req->conn);
	if (timer_delete(&req->timer))
		mini_tcp_req_put(req);
	mini_tcp_req_put(req);
}

u64 mini_tcp_req_rto(const struct mini_tcp_req *req)
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
	req->sack_ok = h->opts.sack_ok && READ_ONCE(mn->sysctl.tcp_sack);
}

struct mini_tcp_req *mini_tcp_req_alloc(const struct mini_rx *rx,
					struct sock *sk,
					const struct mini_wire_tcp *h, u64 now)
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
