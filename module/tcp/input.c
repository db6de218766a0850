// SPDX-License-Identifier: GPL-2.0
/*
 * A segment's arrival: to whom it belongs, and what it does there, in the
 * order of RFC 9293 section 3.10.7, with RFC 5961's defences and RFC 7323's
 * timestamps.
 *
 * Locks on entry: rcu_read_lock() for what IP calls; the socket lock for
 * mini_tcp_rcv() and what it calls.
 */
#include <linux/filter.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <net/busy_poll.h>
#include <net/inet_ecn.h>

#include "open.h"

/* What mini_tcp_rcv() works on, besides the connection. */
struct mini_tcp_seg {
	struct sk_buff *skb;
	const struct mini_wire_tcp *h;
	u32 seq;
	u32 end_seq;
	u64 now;
};

static void mini_tcp_rx_tuple(const struct mini_rx *rx, __be16 sport,
			      __be16 dport, struct mini_tuple *t)
{
	t->raddr = rx->saddr;
	t->laddr = rx->daddr;
	t->rport = sport;
	t->lport = dport;
}

static bool mini_tcp_dev_match(const struct sock *sk, const struct mini_rx *rx)
{
	int bound = READ_ONCE(sk->sk_bound_dev_if);

	return !bound || bound == rx->mdev->ifindex ||
	       rx->mdev->flags & MINI_DEV_F_LOOPBACK;
}

/* mini_proto.demux: the one look-up that a segment costs. */
bool mini_tcp_demux(struct mini_rx *rx, struct sk_buff *skb)
{
	struct { __be16 source, dest; } *ports, buf;
	struct mini_conn *conn;
	struct mini_tuple t __uninitialized;

	ports = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	if (!ports)
		return false;
	mini_tcp_rx_tuple(rx, ports->source, ports->dest, &t);
	conn = mini_tcp_conn_lookup(rx->mn, &t);
	if (!conn)
		return false;
	if (conn->kind == MINI_CONN_SOCK &&
	    !mini_tcp_dev_match(&container_of(conn, struct mini_sock, conn)->sk,
				rx))
		return false;
	rx->conn = conn;
	return true;
}

/**
 * mini_tcp_deliver() - hand a segment to its connection
 * @rx: the packet
 * @sk: the connection, not locked
 * @skb: data behind the TCP header; consumed
 * @h: its header
 *
 * Context: softirq, rcu_read_lock().
 */
void mini_tcp_deliver(struct mini_rx *rx, struct sock *sk, struct sk_buff *skb,
		      const struct mini_wire_tcp *h)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	unsigned int limit;
	u64 now;

	sk_incoming_cpu_update(sk);
	sk_mark_napi_id(sk, skb);
	bh_lock_sock_nested(sk);
	if (!sock_owned_by_user(sk)) {
		now = mini_tcp_now();
		mini_tcp_rcv(tp, skb, h, now);
		mini_tcp_rearm(tp, now);
	} else {
		/*
		 * The buffer twice: what release_sock() has handed over counts
		 * there, and in the backlog until the last is handed over.
		 */
		limit = 2U * READ_ONCE(sk->sk_rcvbuf) +
			READ_ONCE(sk->sk_sndbuf) + SZ_64K;
		if (sk_add_backlog(sk, skb, limit))
			mini_drop(rx->mn, skb, MINI_DROP_TCP_BACKLOG);
	}
	bh_unlock_sock(sk);
}

/* release_sock() hands over what came while a process owned the socket. */
int mini_tcp_backlog_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	u64 now = mini_tcp_now();
	struct mini_wire_tcp h __uninitialized;

	/* Checked before it was queued: the header stands and is linear. */
	mini_wire_tcp_parse(skb_transport_header(skb),
			    skb->data - skb_transport_header(skb), &h);
	h.ecn = ip_hdr(skb)->tos & INET_ECN_MASK;
	mini_tcp_rcv(tp, skb, &h, now);
	mini_tcp_rearm(tp, now);
	return 0;
}

static enum mini_drop_reason mini_tcp_check(struct mini_rx *rx,
					    struct sk_buff *skb,
					    struct mini_wire_tcp *h)
{
	enum mini_drop_reason why;
	unsigned int hdrlen;

	if (rx->dst_type != MINI_ROUTE_LOCAL)
		return MINI_DROP_TCP_NOT_UNICAST;
	if (!pskb_may_pull(skb, sizeof(struct tcphdr)))
		return MINI_DROP_TCP_SHORT;
	hdrlen = tcp_hdr(skb)->doff * 4;
	if (hdrlen < sizeof(struct tcphdr) || !pskb_may_pull(skb, hdrlen))
		return MINI_DROP_TCP_DATA_OFFSET;
	if (!mini_csum_ok(rx, skb))
		return MINI_DROP_TCP_CSUM;
	why = mini_wire_tcp_parse(skb->data, hdrlen, h);
	if (why)
		return why;
	h->ecn = ip_hdr(skb)->tos & INET_ECN_MASK;
	__skb_pull(skb, hdrlen);
	return MINI_DROP_NOT_SPECIFIED;
}

/*
 * IP_MINTTL and the socket's filter, which may also cut the data: it is written
 * for packets that begin with the TCP header.  True: @skb was dropped.
 */
static noinline bool mini_tcp_refused(struct mini_rx *rx, struct sock *sk,
				      struct sk_buff *skb)
{
	unsigned int hdrlen = skb->data - skb_transport_header(skb);

	if (rx->ttl < READ_ONCE(mini_sk(sk)->minttl)) {
		mini_drop(rx->mn, skb, MINI_DROP_TCP_MINTTL);
		return true;
	}
	if (!rcu_access_pointer(sk->sk_filter))
		return false;
	__skb_push(skb, hdrlen);
	if (sk_filter_trim_cap(sk, skb, hdrlen)) {
		mini_drop(rx->mn, skb, MINI_DROP_TCP_FILTER);
		return true;
	}
	__skb_pull(skb, hdrlen);
	return false;
}

static bool mini_tcp_screened(const struct sock *sk)
{
	return rcu_access_pointer(sk->sk_filter) ||
	       READ_ONCE(mini_sk(sk)->minttl);
}

/**
 * mini_tcp_ip_rcv() - mini_proto.rcv: a segment from IP
 * @rx: the packet
 * @skb: the packet
 *
 * Context: softirq, rcu_read_lock().
 */
void mini_tcp_ip_rcv(struct mini_rx *rx, struct sk_buff *skb)
{
	struct mini_conn *conn = rx->conn;
	enum mini_drop_reason why;
	struct mini_wire_tcp h __uninitialized;
	struct sock *sk;
	u32 iss = 0;

	mini_inc(rx->mn, MINI_MIB_TCP_IN_SEGS);
	why = mini_tcp_check(rx, skb, &h);
	if (unlikely(why)) {
		mini_drop(rx->mn, skb, why);
		return;
	}
	if (likely(conn && conn->kind == MINI_CONN_SOCK)) {
		sk = &container_of(conn, struct mini_sock, conn)->sk;
		if (unlikely(mini_tcp_screened(sk)) &&
		    mini_tcp_refused(rx, sk, skb))
			return;
		mini_tcp_deliver(rx, sk, skb, &h);
		return;
	}
	if (conn && conn->kind == MINI_CONN_REQ) {
		struct mini_tcp_req *req = container_of(conn,
							struct mini_tcp_req,
							conn);

		if (mini_tcp_screened(req->listener) &&
		    mini_tcp_refused(rx, req->listener, skb))
			return;
		mini_tcp_req_rcv(rx, req, skb, &h);
		return;
	}
	if (conn && !mini_tcp_tw_rcv(rx, container_of(conn, struct mini_tcp_tw,
						      conn), skb, &h, &iss))
		return;
	sk = mini_tcp_listener_lookup(rx, h.dport);
	if (sk) {
		if (rcu_access_pointer(sk->sk_reuseport_cb))
			sk = mini_tcp_listener_pick(rx, sk, skb, &h);
		if (mini_tcp_screened(sk) && mini_tcp_refused(rx, sk, skb))
			return;
		mini_tcp_listen_rcv(rx, sk, skb, &h, iss);
		return;
	}
	mini_tcp_reply_rst(rx, skb, &h);
	mini_drop(rx->mn, skb, MINI_DROP_TCP_NO_SOCKET);
}

/**
 * mini_tcp_may_answer() - may a segment that should not be here be answered?
 * @mn: the instance
 * @last: when one was last answered, us; 0: never; now, if this one may be
 * @now: microseconds
 *
 * Once in net.mini.tcp_invalid_ratelimit_ms (RFC 5961 section 7): a storm of
 * strays shall not make one of answers.
 *
 * Context: softirq.  No lock is needed: of two at a time both may pass.
 */
bool mini_tcp_may_answer(const struct mini_net *mn, u64 *last, u64 now)
{
	u64 limit = READ_ONCE(mn->sysctl.tcp_invalid_ratelimit_ms) *
		    USEC_PER_MSEC;
	u64 before = READ_ONCE(*last);

	if (before && now - before < limit)
		return false;
	WRITE_ONCE(*last, now);
	return true;
}

/* RFC 5961 section 10: so many challenge ACKs a second and namespace. */
bool mini_tcp_challenge_allowed(struct mini_net *mn, u64 now)
{
	u64 second = div_u64(now, USEC_PER_SEC);
	struct mini_tcp_net *tn = mn->tcp;
	bool ok = false;

	spin_lock_bh(&tn->lock);
	if (tn->challenge_second != second) {
		u32 limit = READ_ONCE(mn->sysctl.tcp_challenge_ack_limit);

		/* An unpredictable budget tells a blind attacker nothing. */
		tn->challenge_second = second;
		tn->challenge_left = limit / 2 +
				     get_random_u32() % (limit / 2 + 1);
	}
	if (tn->challenge_left) {
		tn->challenge_left--;
		ok = true;
	}
	spin_unlock_bh(&tn->lock);
	if (ok)
		mini_inc(mn, MINI_MIB_TCP_CHALLENGE_ACKS);
	return ok;
}

static void mini_tcp_seg_drop(struct mini_tcp_sock *tp,
			      struct mini_tcp_seg *seg,
			      enum mini_drop_reason why)
{
	mini_drop(mini_tcp_mn(tp), seg->skb, why);
}

static void mini_tcp_take_syn_options(struct mini_tcp_sock *tp,
				      const struct mini_tcp_seg *seg)
{
	const struct mini_wire_tcp_opts *o = &seg->h->opts;
	struct mini_sysctl *ctl = &mini_tcp_mn(tp)->sysctl;

	tp->mss_peer = o->saw_mss ? max_t(u32, o->mss, MINI_TCP_MSS_MIN) :
		       MINI_TCP_MSS_DEFAULT;
	tp->wscale_ok = o->saw_wscale && READ_ONCE(ctl->tcp_window_scaling);
	tp->snd_wscale = tp->wscale_ok ? o->wscale : 0;
	if (!tp->wscale_ok)
		tp->rcv_wscale = 0;
	tp->tstamp_ok = o->saw_tstamp && READ_ONCE(ctl->tcp_timestamps);
	if (tp->tstamp_ok) {
		tp->ts_recent = o->tsval;
		tp->ts_recent_time = seg->now;
	}
	tp->sack_ok = o->sack_ok && READ_ONCE(ctl->tcp_sack);
	/* RFC 3168 6.1.1: ECE alone agrees, both bits are a mere echo. */
	tp->ecn_ok = tp->ecn_ask &&
		     (seg->h->flags & (MINI_TCP_ACK | MINI_TCP_ECE |
				       MINI_TCP_CWR)) ==
		     (MINI_TCP_ACK | MINI_TCP_ECE);
	mini_tcp_sync_mss(tp);
}

/* To ESTABLISHED, from whichever side. */
static void mini_tcp_established(struct mini_tcp_sock *tp, u64 now)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	mini_tcp_set_state(tp, TCP_ESTABLISHED);
	mini_tcp_snd_start(tp);
	tp->cc.cwnd = MINI_TCP_INIT_CWND * tp->cc.mss;
	/* RFC 6298 5.7: a SYN that was lost says little; start with less. */
	if (tp->total_retrans)
		tp->cc.cwnd = tp->cc.mss;
	/* And if it gave no sample, the first data has longer to come back. */
	if (!tp->srtt_us)
		tp->rto_us = MINI_TCP_RTO_UNKNOWN;
	mini_tcp_cong_start(tp);
	tp->retransmits = 0;
	tp->backoff = 0;
	mini_tcp_rcv_tune_start(tp, now);
	tp->last_rcv = now;
	mini_tcp_arm_keepalive(tp, now);
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);
		sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
	}
}

/* The SYN is acknowledged: take it off the queue, measure. */
static void mini_tcp_syn_acked(struct mini_tcp_sock *tp,
			       const struct mini_tcp_seg *seg)
{
	struct sk_buff *skb = mini_tcp_rtx_head(tp);

	if (skb && mini_tcp_cb(skb)->flags & MINI_TCP_SYN) {
		if (!(mini_tcp_cb(skb)->mark & MINI_TCP_CB_EVER_RETRANS))
			mini_tcp_rtt_first(tp, seg->now -
					   mini_tcp_cb(skb)->sent, seg->now);
		mini_tcp_rtx_free(tp, skb);
	}
	tp->snd_una = tp->iss + 1;
	mini_tcp_clear_timer(tp, MINI_TCP_T_RTO);
}

static void mini_tcp_init_snd_wnd(struct mini_tcp_sock *tp,
				  const struct mini_tcp_seg *seg, u8 scale)
{
	tp->snd_wnd = (u32)seg->h->window << scale;
	tp->max_wnd = tp->snd_wnd;
	tp->snd_wl1 = seg->seq;
	tp->snd_wl2 = seg->h->ack;
}

/* RFC 9293 3.10.7.3. */
static void mini_tcp_rcv_syn_sent(struct mini_tcp_sock *tp,
				  struct mini_tcp_seg *seg)
{
	const struct mini_wire_tcp *h = seg->h;
	struct sk_buff *skb;
	bool ack = h->flags & MINI_TCP_ACK;

	/* The program thinks that it is connected, but no SYN has left yet. */
	if (tp->fo_defer) {
		mini_tcp_seg_drop(tp, seg, MINI_DROP_TCP_CLOSED);
		return;
	}
	/* First, the ACK bit. */
	if (ack && (seq_leq(h->ack, tp->iss) ||
		    seq_after(h->ack, tp->snd_nxt + tp->syn_data))) {
		if (!(h->flags & MINI_TCP_RST))
			mini_tcp_send_rst_for(tp, h, seg->now);
		mini_tcp_seg_drop(tp, seg, MINI_DROP_TCP_BAD_ACK);
		return;
	}
	/* Second, RST: only the answer to our SYN may refuse it. */
	if (h->flags & MINI_TCP_RST) {
		if (ack)
			mini_tcp_abort_silent(tp, ECONNREFUSED);
		mini_tcp_seg_drop(tp, seg, MINI_DROP_TCP_RESET);
		return;
	}
	/* Fourth, SYN. */
	if (!(h->flags & MINI_TCP_SYN)) {
		mini_tcp_seg_drop(tp, seg, MINI_DROP_TCP_FLAGS);
		return;
	}
	tp->irs = seg->seq;
	tp->rcv_nxt = seg->seq + 1;
	tp->rcv_wup = tp->rcv_nxt;
	tp->copied_seq = tp->rcv_nxt;
	tp->last_ack_sent = tp->rcv_nxt;
	mini_tcp_take_syn_options(tp, seg);
	mini_tcp_init_snd_wnd(tp, seg, 0);
	if (ack) {
		mini_tcp_syn_acked(tp, seg);
		if (tp->fo_asked)
			mini_tcp_fastopen_synack(tp, h, seg->now);
		mini_tcp_established(tp, seg->now);
		mini_neigh_confirm(tp->ms.path.neigh);
		tp->ack_now = 1;
		/* Text or FIN that came along; the SYN is behind us. */
		mini_tcp_cb(seg->skb)->seq = tp->rcv_nxt;
		mini_tcp_data(tp, seg->skb, seg->now);
		return;
	}
	/* Both ends opened: answer with the same SYN, and an ACK. */
	mini_tcp_set_state(tp, TCP_SYN_RECV);
	skb = mini_tcp_rtx_head(tp);
	if (skb) {
		mini_tcp_cb(skb)->flags |= MINI_TCP_ACK;
		mini_tcp_retransmit(tp, skb, tp->cc.mss, seg->now);
	}
	consume_skb(seg->skb);
}

/* Out-of-window segments get an ACK, but no storm of them. */
static void mini_tcp_oow_ack(struct mini_tcp_sock *tp,
			     const struct mini_tcp_seg *seg)
{
	/* Text again: the peer must learn that it is here. */
	if ((!seg->skb->len || seg->h->flags & MINI_TCP_SYN) &&
	    !mini_tcp_may_answer(mini_tcp_mn(tp), &tp->oow_ack_time, seg->now))
		return;
	if (seq_before(seg->seq, tp->rcv_nxt) && seg->seq != seg->end_seq) {
		mini_tcp_quickack(tp);
		mini_tcp_dsack_set(tp, seg->seq,
				   seq_before(seg->end_seq, tp->rcv_nxt) ?
				   seg->end_seq : tp->rcv_nxt);
	}
	mini_tcp_send_ack(tp, seg->now);
}

/*
 * RFC 7323 section 5.3: is the segment older than what was seen?  A timestamp
 * that rested for 24 days proves nothing.
 */
static bool mini_tcp_paws_ok(const struct mini_tcp_sock *tp,
			     const struct mini_tcp_seg *seg)
{
	if (!tp->tstamp_ok || !seg->h->opts.saw_tstamp)
		return true;
	if ((s32)(seg->h->opts.tsval - tp->ts_recent) >= 0)
		return true;
	return seg->now - tp->ts_recent_time > MINI_TCP_PAWS_IDLE;
}

/*
 * First: the sequence number.  A segment that ends at or behind what was last
 * acknowledged, or begins at the window's right edge at the latest, has news
 * for us even if its text has not.
 */
static bool mini_tcp_seq_ok(struct mini_tcp_sock *tp, struct mini_tcp_seg *seg)
{
	if (!mini_tcp_paws_ok(tp, seg) && !(seg->h->flags & MINI_TCP_RST)) {
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_PAWS_REJECTED);
		mini_tcp_oow_ack(tp, seg);
		mini_tcp_seg_drop(tp, seg, MINI_DROP_TCP_PAWS);
		return false;
	}
	if (!seq_before(seg->end_seq, tp->rcv_wup) &&
	    seq_leq(seg->seq, tp->rcv_nxt + mini_tcp_rcv_wnd(tp)))
		return true;
	if (!(seg->h->flags & MINI_TCP_RST))
		mini_tcp_oow_ack(tp, seg);
	mini_tcp_seg_drop(tp, seg, seq_before(seg->end_seq, tp->rcv_wup) ?
			  MINI_DROP_TCP_OLD_DATA : MINI_DROP_TCP_OUT_OF_WINDOW);
	return false;
}

/* A challenge ACK (RFC 5961): few a connection, few a namespace. */
static void mini_tcp_challenge(struct mini_tcp_sock *tp,
			       const struct mini_tcp_seg *seg)
{
	struct mini_net *mn = mini_tcp_mn(tp);

	if (mini_tcp_may_answer(mn, &tp->oow_ack_time, seg->now) &&
	    mini_tcp_challenge_allowed(mn, seg->now))
		mini_tcp_send_ack(tp, seg->now);
}

/* Second: RST, which must hit rcv_nxt to the octet (RFC 5961 section 3). */
static void mini_tcp_rcv_rst(struct mini_tcp_sock *tp, struct mini_tcp_seg *seg)
{
	int err = ECONNRESET;

	if (seg->seq != tp->rcv_nxt) {
		mini_tcp_challenge(tp, seg);
		mini_tcp_seg_drop(tp, seg, MINI_DROP_TCP_OUT_OF_WINDOW);
		return;
	}
	mini_tcp_fastopen_done(tp, true);
	if (tp->ms.sk.sk_state == TCP_CLOSE_WAIT)
		err = EPIPE;
	if (tp->ms.sk.sk_state == TCP_ESTABLISHED ||
	    tp->ms.sk.sk_state == TCP_CLOSE_WAIT)
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_ESTAB_RESETS);
	mini_tcp_abort_silent(tp, err);
	mini_tcp_seg_drop(tp, seg, MINI_DROP_TCP_RESET);
}

/* Fourth: SYN in a synchronised state (RFC 5961 section 4). */
static void mini_tcp_rcv_syn(struct mini_tcp_sock *tp, struct mini_tcp_seg *seg)
{
	if (tp->ms.sk.sk_state == TCP_SYN_RECV && seg->seq == tp->irs) {
		/* Simultaneous open: our SYN-ACK got lost. */
		struct sk_buff *skb = mini_tcp_rtx_head(tp);

		if (skb && mini_tcp_cb(skb)->flags & MINI_TCP_SYN)
			mini_tcp_retransmit(tp, skb, tp->cc.mss, seg->now);
	} else {
		mini_tcp_challenge(tp, seg);
	}
	mini_tcp_seg_drop(tp, seg, MINI_DROP_TCP_FLAGS);
}

/* Fifth, in SYN-RECEIVED: does it complete the handshake? */
static bool mini_tcp_rcv_third(struct mini_tcp_sock *tp,
			       struct mini_tcp_seg *seg)
{
	if (seq_leq(seg->h->ack, tp->iss) ||
	    seq_after(seg->h->ack, tp->snd_nxt)) {
		mini_tcp_send_rst_for(tp, seg->h, seg->now);
		mini_tcp_seg_drop(tp, seg, MINI_DROP_TCP_BAD_ACK);
		return false;
	}
	/* The window of a SYN is not scaled, the one of its ACK is. */
	mini_tcp_init_snd_wnd(tp, seg, seg->h->flags & MINI_TCP_SYN ? 0 :
			      tp->snd_wscale);
	mini_tcp_syn_acked(tp, seg);
	mini_tcp_established(tp, seg->now);
	/* Fast Open: data left before, and may be acknowledged, too. */
	if (tp->rtx_tail) {
		mini_tcp_rearm_rto(tp, seg->now);
		mini_tcp_ack(tp, seg->skb, seg->h, seg->now);
	}
	mini_tcp_fastopen_done(tp, false);
	/*
	 * Both ends opened: the SYN came again, and is acknowledged again. Text
	 * begins behind it.
	 */
	if (seg->h->flags & MINI_TCP_SYN) {
		mini_tcp_cb(seg->skb)->seq++;
		tp->ack_now = 1;
	}
	return true;
}

/*
 * FIN-WAIT-2: a program that is gone cannot read what the peer may send.
 * @bare: the segment says no more than that.
 */
static void mini_tcp_enter_fin_wait2(struct mini_tcp_sock *tp, bool bare,
				     u64 now)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	mini_tcp_set_state(tp, TCP_FIN_WAIT2);
	sk->sk_shutdown |= SEND_SHUTDOWN;
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_state_change(sk);
	else
		mini_tcp_fin_wait2_orphan(tp, bare, now);
}

/* Fifth: what an acknowledged FIN changes; false if the connection ended. */
static bool mini_tcp_fin_acked(struct mini_tcp_sock *tp,
			       const struct mini_tcp_seg *seg)
{
	bool bare = !seg->skb->len && !(seg->h->flags & MINI_TCP_FIN);
	struct sock *sk = mini_tcp_to_sk(tp);
	u64 now = seg->now;

	if (!tp->fin_queued || tp->snd_una != tp->write_seq)
		return true;
	mini_tcp_fastopen_done(tp, false);
	switch (sk->sk_state) {
	case TCP_FIN_WAIT1:
		mini_tcp_enter_fin_wait2(tp, bare, now);
		return sk->sk_state != TCP_CLOSE;
	case TCP_CLOSING:
		mini_tcp_time_wait(tp, now);
		return false;
	case TCP_LAST_ACK:
		mini_tcp_done(tp);
		return false;
	}
	return true;
}

/*
 * Seventh: nobody will read what came after close(): the peer must learn that
 * it is lost (RFC 9293 3.10.4, RFC 1122 4.2.2.13).
 */
static bool mini_tcp_unwanted(const struct mini_tcp_sock *tp,
			      const struct mini_tcp_seg *seg)
{
	u32 text_end = seg->end_seq - !!(seg->h->flags & MINI_TCP_FIN);

	return tp->ms.sk.sk_shutdown & RCV_SHUTDOWN && seg->skb->len &&
	       seq_after(text_end, tp->rcv_nxt);
}

static void mini_tcp_rcv_text(struct mini_tcp_sock *tp,
			      struct mini_tcp_seg *seg)
{
	if (unlikely(tp->ecn_ok) && seg->skb->len &&
	    seq_after(seg->end_seq, tp->rcv_nxt))
		mini_tcp_ecn_in(tp, seg->h);
	switch (tp->ms.sk.sk_state) {
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
		if (mini_tcp_unwanted(tp, seg)) {
			mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_ABORT_ON_DATA);
			mini_tcp_send_rst_for(tp, seg->h, seg->now);
			mini_tcp_abort_silent(tp, ECONNRESET);
			mini_tcp_seg_drop(tp, seg, MINI_DROP_TCP_CLOSED);
			return;
		}
		fallthrough;
	case TCP_ESTABLISHED:
		if (unlikely(seg->h->flags & MINI_TCP_URG ||
			     tp->urg_data == MINI_TCP_URG_NOTYET))
			mini_tcp_rcv_urgent(tp, seg->skb, seg->h);
		if (tp->tstamp_ok && seg->skb->len >= tp->rcv_mss)
			mini_tcp_rcv_rtt_ts(tp, seg->h, seg->now);
		mini_tcp_data(tp, seg->skb, seg->now);
		return;
	default:
		/* The peer's FIN is here: nothing new can follow it. */
		if (seg->seq != seg->end_seq)
			tp->ack_now = 1;
		consume_skb(seg->skb);
	}
}

/* RFC 9293 3.10.7.4: all states but CLOSED, LISTEN, SYN-SENT. */
static void mini_tcp_rcv_synchronized(struct mini_tcp_sock *tp,
				      struct mini_tcp_seg *seg)
{
	const struct mini_wire_tcp *h = seg->h;
	struct sock *sk = mini_tcp_to_sk(tp);
	enum mini_drop_reason why;

	/* The same SYN, perhaps without the data that Fast Open took. */
	if (unlikely(h->flags & MINI_TCP_SYN) && tp->fo_listener &&
	    sk->sk_state == TCP_SYN_RECV && seg->seq == tp->irs &&
	    !(h->flags & (MINI_TCP_ACK | MINI_TCP_RST))) {
		mini_tcp_rcv_syn(tp, seg);
		return;
	}
	if (!mini_tcp_seq_ok(tp, seg))
		return;
	if (unlikely(h->flags & MINI_TCP_RST)) {
		mini_tcp_rcv_rst(tp, seg);
		return;
	}
	if (unlikely(h->flags & MINI_TCP_SYN) &&
	    !(sk->sk_state == TCP_SYN_RECV && h->flags & MINI_TCP_ACK &&
	      seg->seq == tp->irs)) {
		mini_tcp_rcv_syn(tp, seg);
		return;
	}
	if (unlikely(!(h->flags & MINI_TCP_ACK))) {
		mini_tcp_seg_drop(tp, seg, MINI_DROP_TCP_NO_ACK);
		return;
	}
	/*
	 * RFC 7323 4.3: the timestamp to echo; PAWS let pass what is older.
	 * Not of a segment whose ACK cannot be meant (RFC 5961 section 5).
	 */
	if (tp->tstamp_ok && h->opts.saw_tstamp &&
	    seq_leq(seg->seq, tp->last_ack_sent) &&
	    seq_leq(h->ack, tp->snd_nxt) &&
	    !seq_before(h->ack, tp->snd_una - tp->max_wnd)) {
		tp->ts_recent = h->opts.tsval;
		tp->ts_recent_time = seg->now;
	}
	tp->last_rcv = seg->now;
	if (sk->sk_state == TCP_SYN_RECV) {
		if (!mini_tcp_rcv_third(tp, seg))
			return;
	} else {
		why = mini_tcp_ack(tp, seg->skb, h, seg->now);
		if (why) {
			mini_tcp_seg_drop(tp, seg, why);
			return;
		}
	}
	if (!mini_tcp_fin_acked(tp, seg)) {
		consume_skb(seg->skb);
		return;
	}
	mini_tcp_rcv_text(tp, seg);
}

/**
 * mini_tcp_rcv() - SEGMENT ARRIVES for a connection
 * @tp: connection, locked
 * @skb: data behind the TCP header; consumed
 * @h: its header, parsed
 * @now: microseconds
 *
 * The connection may have ended when this returns: sk_state is TCP_CLOSE.
 */
void mini_tcp_rcv(struct mini_tcp_sock *tp, struct sk_buff *skb,
		  const struct mini_wire_tcp *h, u64 now)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	struct sock *sk = mini_tcp_to_sk(tp);
	struct mini_tcp_seg seg = {
		.skb = skb,
		.h = h,
		.seq = h->seq,
		.end_seq = h->seq + skb->len + !!(h->flags & MINI_TCP_SYN) +
			   !!(h->flags & MINI_TCP_FIN),
		.now = now,
	};
	u32 segs;

	cb->seq = seg.seq;
	cb->end_seq = seg.end_seq;
	cb->flags = h->flags;
	cb->sent = 0;
	segs = max_t(u16, skb_shinfo(skb)->gso_segs, 1);
	tp->segs_in += segs;
	if (skb->len)
		tp->data_segs_in += segs;

	switch (sk->sk_state) {
	case TCP_CLOSE:
	case TCP_LISTEN:
		mini_tcp_seg_drop(tp, &seg, MINI_DROP_TCP_CLOSED);
		return;
	case TCP_SYN_SENT:
		mini_tcp_rcv_syn_sent(tp, &seg);
		break;
	default:
		mini_tcp_rcv_synchronized(tp, &seg);
	}
	/* Not before: what an ACK freed was good for the data it came with. */
	sk_mem_reclaim(sk);
	if (sk->sk_state == TCP_CLOSE)
		return;
	mini_tcp_push(tp, now);
	if (tp->ack_now)
		mini_tcp_send_ack(tp, now);
}
