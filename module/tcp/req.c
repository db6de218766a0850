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

#include "open.h"

void mini_tcp_req_put(struct mini_tcp_req *req)
{
	if (!refcount_dec_and_test(&req->refcnt))
		return;
	sock_put(req->listener);
	kfree(xchg(&req->saved_syn, NULL));
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

	spin_lock_bh(&lp->lsn->qlock);
	mine = !list_empty(&req->list);
	if (mine) {
		list_del_init(&req->list);
		WRITE_ONCE(lp->lsn->req_count, lp->lsn->req_count - 1);
	}
	spin_unlock_bh(&lp->lsn->qlock);
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

/* Time until the next SYN-ACK, us: RFC 6298 (5.5). */
u64 mini_tcp_req_rto(const struct mini_tcp_req *req)
{
	/* tcp_synack_retries may be more than there are bits to shift. */
	u32 shift = min_t(u32, req->timeouts, 16);

	return min_t(u64, (u64)MINI_TCP_RTO_INITIAL << shift, MINI_TCP_RTO_MAX);
}

static void mini_tcp_req_resend(struct mini_tcp_req *req, u64 now)
{
	if (req->retrans < U8_MAX)
		WRITE_ONCE(req->retrans, req->retrans + 1);
	mini_inc(mini_sk(req->listener)->mn, MINI_MIB_TCP_SYN_RETRANS);
	mini_tcp_send_synack(req, now);
}

/*
 * How many time-outs a record lives: where more than half of what the listener
 * takes is half open, the silent ones go early.
 */
static u8 mini_tcp_req_limit(const struct mini_tcp_sock *lp)
{
	const struct mini_tcp_lsn *lsn = lp->lsn;
	u8 limit = READ_ONCE(lp->syn_retries) ?:
		   READ_ONCE(mini_tcp_mn(lp)->sysctl.tcp_synack_retries);

	if (2 * READ_ONCE(lsn->req_count) >
	    max_t(u32, READ_ONCE(lsn->backlog), 8))
		limit = min_t(u8, limit, 2);
	return limit;
}

/*
 * Has the record been there long enough?  One that was acknowledged waits for
 * data as long as TCP_DEFER_ACCEPT says.
 */
static bool mini_tcp_req_expired(const struct mini_tcp_req *req)
{
	const struct mini_tcp_sock *lp = mini_tcp_sk(req->listener);
	u8 defer = READ_ONCE(lp->defer_accept);

	return req->timeouts >= mini_tcp_req_limit(lp) &&
	       !(defer && READ_ONCE(req->acked) && req->timeouts < defer);
}

/* A peer that waits with its data hears of us only when time is nearly up. */
static bool mini_tcp_req_quiet(const struct mini_tcp_req *req)
{
	u8 defer = READ_ONCE(mini_tcp_sk(req->listener)->defer_accept);

	return defer && READ_ONCE(req->acked) && req->timeouts < defer - 1;
}

static void mini_tcp_req_timer(struct timer_list *t)
{
	struct mini_tcp_req *req = timer_container_of(req, t, timer);
	struct mini_tcp_sock *lp = mini_tcp_sk(req->listener);
	u64 now = mini_tcp_now();
	bool quiet, ended;

	rcu_read_lock();
	if (mini_tcp_req_expired(req)) {
		mini_inc(mini_tcp_mn(lp), MINI_MIB_TCP_ATTEMPT_FAILS);
		mini_tcp_req_drop(req);
		mini_tcp_req_put(req);
		goto out;
	}
	quiet = mini_tcp_req_quiet(req);
	if (req->timeouts < U8_MAX)
		WRITE_ONCE(req->timeouts, req->timeouts + 1);
	spin_lock(&lp->lsn->qlock);
	/* The timer's reference goes on with it, unless it was ended. */
	ended = list_empty(&req->list);
	if (!ended) {
		mod_timer(&req->timer, jiffies +
			  usecs_to_jiffies(mini_tcp_req_rto(req)));
		/* Another CPU may end it from here on: its memory is RCU's. */
	}
	spin_unlock(&lp->lsn->qlock);
	if (ended)
		mini_tcp_req_put(req);
	else if (!quiet)
		mini_tcp_req_resend(req, now);
out:
	rcu_read_unlock();
}

/* What both sides can do, of what the peer's SYN offers. */
static void mini_tcp_req_options(struct mini_tcp_req *req,
				 const struct mini_wire_tcp *h)
{
	struct mini_net *mn = mini_sk(req->listener)->mn;

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
	req->ecn_ok = mini_tcp_ecn_wanted(mn, h);
}

/**
 * mini_tcp_req_init() - a record of nothing but names
 * @req: the record
 * @rx: the packet
 * @sk: the listener; no reference is taken
 * @h: its TCP header
 */
void mini_tcp_req_init(struct mini_tcp_req *req, const struct mini_rx *rx,
		       struct sock *sk, const struct mini_wire_tcp *h)
{
	struct mini_tuple *t = &req->conn.tuple;

	memset(req, 0, sizeof(*req));
	t->raddr = rx->saddr;
	t->laddr = rx->daddr;
	t->rport = h->sport;
	t->lport = h->dport;
	req->conn.kind = MINI_CONN_REQ;
	req->listener = sk;
	INIT_LIST_HEAD(&req->list);
	req->tos = mini_sk(sk)->tos;
	req->rcv_wnd = min_t(u32, mini_tcp_full_space(sk), U16_MAX);
}

/**
 * mini_tcp_req_syn() - fill a record with what a SYN says
 * @req: from mini_tcp_req_init()
 * @h: header of the SYN
 * @now: microseconds
 */
void mini_tcp_req_syn(struct mini_tcp_req *req, const struct mini_wire_tcp *h,
		      u64 now)
{
	req->irs = h->seq;
	req->ts_off = mini_tcp_ts_offset(&req->conn.tuple);
	req->sent = now;
	mini_tcp_req_options(req, h);
}

/**
 * mini_tcp_req_alloc() - a record that stays
 * @rx: the packet
 * @sk: the listener; referenced
 * @h: header of its SYN
 * @now: microseconds
 *
 * Two references are the caller's.  Return: the record, iss not chosen yet, or
 * NULL without memory.
 */
struct mini_tcp_req *mini_tcp_req_alloc(const struct mini_rx *rx,
					struct sock *sk,
					const struct mini_wire_tcp *h, u64 now)
{
	struct mini_tcp_req *req = kmalloc(sizeof(*req), GFP_ATOMIC);

	if (!req)
		return NULL;
	if (!refcount_inc_not_zero(&sk->sk_refcnt)) {
		kfree(req);
		return NULL;
	}
	mini_tcp_req_init(req, rx, sk, h);
	timer_setup(&req->timer, mini_tcp_req_timer, 0);
	refcount_set(&req->refcnt, 2);
	mini_tcp_req_syn(req, h, now);
	return req;
}

/**
 * mini_tcp_req_save_syn() - TCP_SAVE_SYN: keep the headers of the SYN
 * @skb: the SYN, data behind its TCP header; headers are linear
 * @how: TCP_SAVE_SYN's value: 1: from the IP header on, 2: from the link's
 *
 * Return: the copy, the caller's to free, or NULL without memory.
 */
struct mini_tcp_saved_syn *mini_tcp_req_save_syn(const struct sk_buff *skb,
						 u8 how)
{
	const u8 *start = how == 2 && skb_mac_header_was_set(skb) ?
			  skb_mac_header(skb) : skb_network_header(skb);
	u32 len = skb->data - start;
	struct mini_tcp_saved_syn *saved;

	saved = kmalloc(struct_size(saved, data, len), GFP_ATOMIC);
	if (!saved)
		return NULL;
	saved->len = len;
	memcpy(saved->data, start, len);
	return saved;
}

/* May a stray segment be answered?  There must be no storm of answers. */
static bool mini_tcp_req_may_answer(struct mini_tcp_req *req, u64 now)
{
	return mini_tcp_may_answer(mini_sk(req->listener)->mn,
				   &req->oow_ack_time, now);
}

static void mini_tcp_req_answer(const struct mini_rx *rx,
				struct mini_tcp_req *req, u64 now)
{
	if (mini_tcp_req_may_answer(req, now))
		mini_tcp_reply_req(rx, req, now);
}

/* RFC 9293 3.10.7.4, the checks before the ACK; true if the segment passes. */
static bool mini_tcp_req_segment_ok(struct mini_rx *rx,
				    struct mini_tcp_req *req,
				    const struct mini_wire_tcp *h, u64 now,
				    enum mini_drop_reason *why)
{
	u32 nxt = req->irs + 1;

	*why = MINI_DROP_TCP_PAWS;
	if (req->tstamp_ok && h->opts.saw_tstamp &&
	    !(h->flags & MINI_TCP_RST) &&
	    (s32)(h->opts.tsval - READ_ONCE(req->ts_recent)) < 0) {
		mini_inc(rx->mn, MINI_MIB_TCP_PAWS_REJECTED);
		mini_tcp_req_answer(rx, req, now);
		return false;
	}
	*why = MINI_DROP_TCP_OUT_OF_WINDOW;
	if (h->seq - nxt > req->rcv_wnd) {
		if (!(h->flags & MINI_TCP_RST))
			mini_tcp_req_answer(rx, req, now);
		return false;
	}
	if (h->flags & MINI_TCP_RST) {
		*why = MINI_DROP_TCP_RESET;
		if (h->seq == nxt) {
			mini_inc(rx->mn, MINI_MIB_TCP_ATTEMPT_FAILS);
			mini_tcp_req_drop(req);
		} else if (mini_tcp_challenge_allowed(rx->mn, now)) {
			mini_tcp_reply_req(rx, req, now);
		}
		return false;
	}
	*why = MINI_DROP_TCP_FLAGS;
	if (h->flags & MINI_TCP_SYN) {
		if (mini_tcp_challenge_allowed(rx->mn, now))
			mini_tcp_reply_req(rx, req, now);
		return false;
	}
	*why = MINI_DROP_TCP_NO_ACK;
	return h->flags & MINI_TCP_ACK;
}

/* The peer has our SYN; true if the program wants no more than that. */
static bool mini_tcp_req_acked(struct mini_tcp_req *req,
			       const struct sk_buff *skb,
			       const struct mini_wire_tcp *h, u64 now)
{
	u8 defer = READ_ONCE(mini_tcp_sk(req->listener)->defer_accept);

	if (!READ_ONCE(req->acked)) {
		if (!READ_ONCE(req->retrans))
			req->rtt_us = max_t(u64, now - req->sent, 1);
		WRITE_ONCE(req->acked, true);
	}
	return !defer || READ_ONCE(req->timeouts) >= defer || skb->len ||
	       h->flags & MINI_TCP_FIN;
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
	enum mini_drop_reason why;
	u64 now = mini_tcp_now();

	/* The same SYN: our SYN-ACK was lost. */
	if (h->flags & MINI_TCP_SYN && h->seq == req->irs &&
	    !(h->flags & (MINI_TCP_RST | MINI_TCP_ACK))) {
		if (mini_tcp_req_may_answer(req, now))
			mini_tcp_req_resend(req, now);
		consume_skb(skb);
		return;
	}
	if (!mini_tcp_req_segment_ok(rx, req, h, now, &why)) {
		mini_drop(rx->mn, skb, why);
		return;
	}
	if (h->ack != req->iss + 1) {
		mini_tcp_reply_rst(rx, skb, h);
		mini_drop(rx->mn, skb, MINI_DROP_TCP_BAD_ACK);
		return;
	}
	if (!mini_tcp_req_acked(req, skb, h, now)) {
		mini_inc(rx->mn, MINI_MIB_TCP_DEFER_ACCEPT_DROPS);
		consume_skb(skb);
		return;
	}
	mini_tcp_req_complete(rx, req, skb, h, now);
}

/**
 * mini_tcp_req_icmp_err() - an ICMP error quotes our SYN-ACK
 * @req: half-open connection
 * @e: the error
 * @seq: sequence number that it quotes
 *
 * The peer cannot be reached, or wants no more of it: the record goes, so that
 * a late ACK is refused.  A smaller packet size says nothing of a SYN-ACK.
 */
void mini_tcp_req_icmp_err(struct mini_tcp_req *req,
			   const struct mini_icmp_err *e, u32 seq)
{
	if (seq != req->iss || e->mtu)
		return;
	mini_inc(mini_sk(req->listener)->mn, MINI_MIB_TCP_ATTEMPT_FAILS);
	mini_tcp_req_drop(req);
}
