/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loss recovery's inside: what its files call of each other.
 *
 *	ack.c		what an acknowledgment takes off the queue
 *	scoreboard.c	what each segment in the tree is, and the counts of it
 *	sack.c		the peer's SACK blocks, or its duplicate ACKs
 *	rack.c		which segments are lost: RACK's clock
 *	tlp.c		tail loss probes
 *	recovery.c	the states, and what is sent again when
 *	prr.c		the window in recovery
 *	undo.c		was it all for nothing?
 *	cwnd.c		is the window used? after a silence?
 *	rate.c, rate.h	delivery rate
 *
 * All of it is called with the socket lock held.
 */
#ifndef _MINI_TCP_RECOVERY_H
#define _MINI_TCP_RECOVERY_H

#include "rate.h"

/**
 * struct mini_tcp_acked - what one segment told of what was sent
 * @h: its header
 * @now: when it came, us
 * @prior_una: SND.UNA before it
 * @prior_inflight: octets in flight before it
 * @prior_delivered: octets delivered before it
 * @acked: octets cumulatively acknowledged
 * @sacked: octets newly reported by SACK
 * @sent: when the newest segment was sent that it delivers, of those sent
 *	just once; 0: there is none
 * @rtt_us: round trip, 0: none
 * @rate_delivered: mini_cc.delivered when the newest segment that it delivers
 *	was sent
 * @rate_time: mini_cc.delivered_time then, 0: no segment
 * @rate_sent: when that was
 * @rate_end: its end
 * @rate_send_us: how long it took to send what was sent until then
 * @rate_limited: there was too little to send at that time
 * @dup: RFC 5681's duplicate
 * @dsack: it carries a D-SACK
 * @dsack_tlp: which says that the loss probe was not needed
 * @orig_delivered: it delivers what was sent before recovery and just once
 * @rtx_delivered: it delivers what was sent again
 */
struct mini_tcp_acked {
	const struct mini_wire_tcp *h;
	u64 now;
	u32 prior_una;
	u32 prior_inflight;
	u64 prior_delivered;
	u32 acked;
	u32 sacked;
	u64 sent;
	u32 rtt_us;
	u64 rate_delivered;
	u64 rate_time;
	u64 rate_sent;
	u32 rate_end;
	u32 rate_send_us;
	u8 rate_limited:1,
	   dup:1,
	   dsack:1,
	   dsack_tlp:1,
	   orig_delivered:1,
	   rtx_delivered:1;
};

/* Octets of a sent segment that await acknowledgment. */
static inline u32 mini_tcp_seg_out(const struct mini_tcp_sock *tp,
				   const struct mini_tcp_cb *cb)
{
	u32 start = seq_before(cb->seq, tp->snd_una) ? tp->snd_una : cb->seq;

	return seq_after(cb->end_seq, start) ? cb->end_seq - start : 0;
}

/* Octets of @skb, the first of the tree, that are acknowledged already. */
static inline u32 mini_tcp_before_una(const struct mini_tcp_sock *tp,
				      const struct sk_buff *skb)
{
	s32 done = tp->snd_una - mini_tcp_cb(skb)->seq;

	return max(done, 0);
}

/* RFC 8985 section 5.1: was the first sent later, or together but behind? */
static inline bool mini_tcp_sent_after(u64 t1, u32 end1, u64 t2, u32 end2)
{
	return t1 > t2 || (t1 == t2 && seq_after(end1, end2));
}

/**
 * mini_tcp_rack_delivered() - RFC 8985 section 6.2 steps 1 and 2
 * @tp: connection, locked
 * @a: the ACK that delivers it
 * @cb: a segment, delivered by this ACK
 * @end_seq: its end, or that of its part that is delivered
 */
static inline void mini_tcp_rack_delivered(struct mini_tcp_sock *tp,
					   const struct mini_tcp_acked *a,
					   const struct mini_tcp_cb *cb,
					   u32 end_seq)
{
	const struct mini_wire_tcp_opts *o = &a->h->opts;
	u64 rtt = a->now - cb->sent;

	if (unlikely(cb->mark & MINI_TCP_CB_EVER_RETRANS)) {
		/* Is it the original that came?  Then it tells nothing. */
		if (tp->tstamp_ok && o->saw_tstamp && o->tsecr &&
		    (s32)(o->tsecr - mini_tcp_tsval(tp->ts_off, cb->sent)) < 0)
			return;
		if (tp->cc.min_rtt_us != U32_MAX && rtt < tp->cc.min_rtt_us)
			return;
	}
	tp->fl->rack_rtt_us = min_t(u64, rtt, U32_MAX);
	if (mini_tcp_sent_after(cb->sent, end_seq, tp->fl->rack_xmit_ts,
				tp->fl->rack_end_seq)) {
		tp->fl->rack_xmit_ts = cb->sent;
		tp->fl->rack_end_seq = end_seq;
	}
}

/**
 * mini_tcp_rate_delivered() - a segment, or its first part, is delivered
 * @a: the ACK; the newest segment that it delivers is the one measured
 * @cb: the segment
 * @end_seq: its end, or that of the part
 */
static inline void mini_tcp_rate_delivered(struct mini_tcp_acked *a,
					   const struct mini_tcp_cb *cb,
					   u32 end_seq)
{
	if (!cb->delivered_time)
		return;
	if (a->rate_time && !mini_tcp_sent_after(cb->sent, end_seq,
						 a->rate_sent, a->rate_end))
		return;
	a->rate_delivered = cb->delivered;
	a->rate_time = cb->delivered_time;
	a->rate_sent = cb->sent;
	a->rate_end = end_seq;
	a->rate_limited = cb->app_limited;
	a->rate_send_us = cb->sent - cb->first_tx_time;
}

static inline bool mini_tcp_in_recovery(const struct mini_tcp_sock *tp)
{
	return tp->cc.state >= MINI_CC_RECOVERY;
}

/*
 * RFC 5682 step 2b: new data is out, whose ACK tells whether the timeout was
 * needed; until then nothing else is sent again.
 */
static inline bool mini_tcp_frto_waits(const struct mini_tcp_sock *tp)
{
	return tp->frto && seq_after(tp->snd_nxt, tp->fl->recover);
}

/* scoreboard.c */
void mini_tcp_mark_sacked(struct mini_tcp_sock *tp, struct sk_buff *skb);
void mini_tcp_mark_lost(struct mini_tcp_sock *tp, struct sk_buff *skb);
void mini_tcp_unmark_lost(struct mini_tcp_sock *tp);
void mini_tcp_unmark_sacked(struct mini_tcp_sock *tp);
void mini_tcp_ack_part(struct mini_tcp_sock *tp, struct sk_buff *skb, u32 ack);
struct sk_buff *mini_tcp_rtx_find(const struct mini_tcp_sock *tp, u32 seq);
struct sk_buff *mini_tcp_next_lost(struct mini_tcp_sock *tp);

/* sack.c */
void mini_tcp_sack_in(struct mini_tcp_sock *tp, struct mini_tcp_acked *a);
void mini_tcp_reno_dupack(struct mini_tcp_sock *tp);
void mini_tcp_reno_acked(struct mini_tcp_sock *tp, u32 acked);
void mini_tcp_reno_reset(struct mini_tcp_sock *tp);

/* rack.c */
void mini_tcp_rack_reo_wnd(struct mini_tcp_sock *tp,
			   const struct mini_tcp_acked *a);
void mini_tcp_rack_recovered(struct mini_tcp_sock *tp);
void mini_tcp_rack_detect(struct mini_tcp_sock *tp, u64 now);
bool mini_tcp_rack_expired(const struct mini_tcp_sock *tp,
			   const struct mini_tcp_cb *cb, u64 now);
void mini_tcp_reordered(struct mini_tcp_sock *tp, u32 seq);

/* tlp.c */
void mini_tcp_tlp_arm(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_tlp_ack(struct mini_tcp_sock *tp, const struct mini_tcp_acked *a);
bool mini_tcp_send_fresh(struct mini_tcp_sock *tp, u64 now);

/* recovery.c */
void mini_tcp_recovery_ack(struct mini_tcp_sock *tp,
			   const struct mini_tcp_acked *a);
void mini_tcp_enter_recovery(struct mini_tcp_sock *tp, u32 delivered,
			     u64 now);
void mini_tcp_recovery_timer(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_leave_recovery(struct mini_tcp_sock *tp, const char *how,
			     u64 now);

/* prr.c */
void mini_tcp_prr_start(struct mini_tcp_sock *tp, enum mini_cc_why why,
			u32 delivered);
void mini_tcp_prr_ack(struct mini_tcp_sock *tp, u32 delivered, bool safe,
		      bool lost);
void mini_tcp_prr_end(struct mini_tcp_sock *tp);

/* undo.c */
void mini_tcp_undo_start(struct mini_tcp_sock *tp);
void mini_tcp_undo_dsack(struct mini_tcp_sock *tp, u32 start, u32 end);
bool mini_tcp_may_undo(const struct mini_tcp_sock *tp,
		       const struct mini_tcp_acked *a);
void mini_tcp_undo(struct mini_tcp_sock *tp, const struct mini_tcp_acked *a);
bool mini_tcp_frto_ack(struct mini_tcp_sock *tp,
		       const struct mini_tcp_acked *a);

/* cwnd.c */
bool mini_tcp_cwnd_used(const struct mini_tcp_sock *tp);

/* rate.c */
void mini_tcp_rate_sample(struct mini_tcp_sock *tp,
			  const struct mini_tcp_acked *a,
			  struct mini_cc_ack *ack);

#endif /* _MINI_TCP_RECOVERY_H */
