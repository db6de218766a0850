// SPDX-License-Identifier: GPL-2.0
/*
 * Recovery: from the scoreboard to what is sent again.  A connection is
 *
 *	OPEN		nothing is missing
 *	DISORDER	something is, and may only be late
 *	CWR		the window is being reduced for a congestion mark
 *	RECOVERY	segments are lost; proportional rate reduction
 *	LOSS		the retransmission timer expired; slow start
 *
 * (RFC 6675 with RFC 8985's detection, RFC 5681, RFC 6582 without SACK.)
 *
 * Locks on entry: the socket lock.
 */
#include "../trace.h"
#include "recovery.h"

/**
 * mini_tcp_recovery_init() - a connection that has not sent anything
 * @tp: connection, locked
 */
void mini_tcp_recovery_init(struct mini_tcp_sock *tp)
{
	struct mini_cc *cc = &tp->cc;

	mini_tcp_scoreboard_init(tp);
	mini_tcp_flight_reset(tp);
	tp->dupacks = 0;
	tp->undo_valid = 0;
	tp->frto = 0;
	tp->fack_valid = 0;
	tp->dsack_round_on = 0;
	tp->reo_wnd_mult = 1;
	tp->reo_wnd_persist = 0;
	tp->tlp_active = 0;
	tp->tlp_late = 0;
	tp->reordering = MINI_TCP_DUPACKS;
	tp->reord_seen = 0;
	tp->dsack_dups = 0;
	tp->min_rtt_new = U32_MAX;
	tp->min_rtt_old = U32_MAX;
	tp->min_rtt_time = 0;
	tp->rate_us = 0;
	cc->min_rtt_us = U32_MAX;
	cc->delivered = 0;
	cc->lost = 0;
	cc->delivered_time = 0;
	cc->first_tx_time = 0;
	cc->app_limited = 0;
	cc->cwnd_limited = 0;
	cc->state = MINI_CC_OPEN;
}

static void mini_tcp_trace(struct mini_tcp_sock *tp, const char *event)
{
	trace_mini_tcp_cong(&tp->ms, tp->cc.cwnd, tp->cc.ssthresh, event);
}

/* No reduction is under way: is something missing? */
static void mini_tcp_calm(struct mini_tcp_sock *tp)
{
	tp->cc.state = tp->sacked_out || tp->lost_out ? MINI_CC_DISORDER :
		       MINI_CC_OPEN;
}

/**
 * mini_tcp_enter_recovery() - segments are lost: reduce, send them again
 * @tp: connection, locked; not in recovery
 * @delivered: octets that the ACK at hand delivers
 * @now: microseconds
 */
void mini_tcp_enter_recovery(struct mini_tcp_sock *tp, u32 delivered, u64 now)
{
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_FAST_RETRANS);
	if (tp->cc.state == MINI_CC_CWR) {
		/* One reduction a window; a mark's cannot be undone. */
		tp->undo_valid = 0;
		tp->fl->recover = tp->snd_nxt;
	} else {
		mini_tcp_prr_start(tp, MINI_CC_WHY_LOSS, delivered);
		mini_tcp_undo_start(tp);
	}
	tp->tlp_active = 0;
	tp->cc.state = MINI_CC_RECOVERY;
	mini_cc_event(&tp->cc, MINI_CC_EV_RECOVERY, now);
	mini_tcp_trace(tp, "recovery");
}

/**
 * mini_tcp_leave_recovery() - all that was out when it began is delivered
 * @tp: connection, locked
 * @how: for the tracepoint
 * @now: microseconds
 */
void mini_tcp_leave_recovery(struct mini_tcp_sock *tp, const char *how, u64 now)
{
	mini_tcp_rack_recovered(tp);
	if (tp->rto_stamp) {
		tp->total_rto_time += div_u64(now - tp->rto_stamp,
					      USEC_PER_MSEC);
		tp->rto_stamp = 0;
	}
	tp->frto = 0;
	if (!tp->sack_ok)
		mini_tcp_reno_reset(tp);
	mini_tcp_calm(tp);
	mini_cc_event(&tp->cc, MINI_CC_EV_RECOVERED, now);
	mini_tcp_trace(tp, how);
}

/**
 * mini_tcp_enter_cwr() - a congestion mark: reduce, nothing is lost
 * @tp: connection, locked
 * @now: microseconds
 *
 * Once a window (RFC 3168 section 6.1.2); nothing to do in recovery.
 */
void mini_tcp_enter_cwr(struct mini_tcp_sock *tp, u64 now)
{
	if (tp->cc.state >= MINI_CC_CWR)
		return;
	tp->undo_valid = 0;
	mini_tcp_prr_start(tp, MINI_CC_WHY_ECN, 0);
	tp->cc.state = MINI_CC_CWR;
	mini_cc_event(&tp->cc, MINI_CC_EV_RECOVERY, now);
	mini_tcp_trace(tp, "cwr");
}

/*
 * Without SACK: the third duplicate, or in recovery an ACK of a part, says that
 * the first segment is lost (RFC 5681 section 3.2, RFC 6582 section 3.2).
 */
static void mini_tcp_reno_detect(struct mini_tcp_sock *tp,
				 const struct mini_tcp_acked *a)
{
	struct sk_buff *skb = mini_tcp_rtx_head(tp);
	u32 len;

	if (tp->cc.state == MINI_CC_RECOVERY ? !a->acked :
	    tp->cc.state == MINI_CC_LOSS || tp->dupacks < MINI_TCP_DUPACKS ||
	    seq_before(tp->snd_una, tp->fl->recover))
		return;
	if (!skb || mini_tcp_cb(skb)->mark & MINI_TCP_CB_LOST)
		return;
	/* One segment of it, which begins where the peer waits. */
	len = tp->cc.mss + mini_tcp_before_una(tp, skb);
	if (skb->len > len && !mini_tcp_split(tp, skb, len, GFP_ATOMIC))
		return;
	mini_tcp_mark_lost(tp, skb);
}

static void mini_tcp_detect(struct mini_tcp_sock *tp,
			    const struct mini_tcp_acked *a)
{
	if (tp->sack_ok)
		mini_tcp_rack_detect(tp, a->now);
	else
		mini_tcp_reno_detect(tp, a);
}

/* An ACK after a timeout. */
static void mini_tcp_loss_ack(struct mini_tcp_sock *tp,
			      const struct mini_tcp_acked *a)
{
	if ((a->acked && mini_tcp_may_undo(tp, a)) ||
	    (tp->frto && mini_tcp_frto_ack(tp, a))) {
		mini_tcp_undo(tp, a);
		tp->retransmits = 0;
		mini_tcp_leave_recovery(tp, "undone", a->now);
	} else if (!seq_before(tp->snd_una, tp->fl->recover)) {
		mini_tcp_leave_recovery(tp, "recovered", a->now);
	}
}

/* An ACK in fast recovery. */
static void mini_tcp_fast_ack(struct mini_tcp_sock *tp,
			      const struct mini_tcp_acked *a)
{
	bool done = !seq_before(tp->snd_una, tp->fl->recover);

	if (mini_tcp_may_undo(tp, a)) {
		mini_tcp_undo(tp, a);
		mini_tcp_leave_recovery(tp, "undone", a->now);
	} else if (done) {
		mini_tcp_prr_end(tp);
		mini_tcp_leave_recovery(tp, "recovered", a->now);
	}
}

/**
 * mini_tcp_recovery_ack() - what an ACK means where not all is well
 * @tp: connection, locked; the scoreboard knows the ACK already
 * @a: the ACK
 */
void mini_tcp_recovery_ack(struct mini_tcp_sock *tp,
			   const struct mini_tcp_acked *a)
{
	u32 delivered = tp->cc.delivered - a->prior_delivered;

	mini_tcp_rack_reo_wnd(tp, a);
	switch (tp->cc.state) {
	case MINI_CC_LOSS:
		mini_tcp_loss_ack(tp, a);
		break;
	case MINI_CC_RECOVERY:
		mini_tcp_fast_ack(tp, a);
		break;
	case MINI_CC_CWR:
		/* Something above must be acknowledged: the peer saw CWR. */
		if (seq_after(tp->snd_una, tp->fl->recover)) {
			mini_tcp_prr_end(tp);
			mini_tcp_leave_recovery(tp, "reduced", a->now);
		}
		break;
	default:
		/* Recovery is over, and now it shows that it was for nothing */
		if (a->dsack && mini_tcp_may_undo(tp, a))
			mini_tcp_undo(tp, a);
	}
	if (!mini_tcp_frto_waits(tp))
		mini_tcp_detect(tp, a);
	if (tp->rtx_pending && !mini_tcp_in_recovery(tp) &&
	    mini_tcp_mtu_probe_lost(tp))
		mini_tcp_resend_lost(tp, a->now);
	else if (tp->rtx_pending && !mini_tcp_in_recovery(tp))
		mini_tcp_enter_recovery(tp, delivered, a->now);
	else if (tp->cc.state < MINI_CC_CWR)
		mini_tcp_calm(tp);
}

/**
 * mini_tcp_recovery_timer() - time alone showed that segments are lost
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_recovery_timer(struct mini_tcp_sock *tp, u64 now)
{
	if (!mini_tcp_in_recovery(tp))
		mini_tcp_enter_recovery(tp, 0, now);
	if (tp->cc.state == MINI_CC_RECOVERY && !tp->cc.ops->control)
		mini_tcp_prr_ack(tp, 0, false, true);
	mini_tcp_resend_lost(tp, now);
}

/*
 * How much of @skb may be sent again: whole segments if it does not fit,
 * 0: wait.
 */
static u32 mini_tcp_may_resend(const struct mini_tcp_sock *tp,
			       const struct sk_buff *skb)
{
	const struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	u32 inflight = mini_tcp_inflight(tp);
	u32 mss = tp->cc.mss;
	s32 wnd = tp->snd_una + tp->snd_wnd - cb->seq;
	u32 room = 0;

	if (inflight < tp->cc.cwnd)
		room = tp->cc.cwnd - inflight;
	/* At least one segment may always be on its way. */
	if (!inflight)
		room = max(room, mss);
	if (room < min(mss, mini_tcp_seg_out(tp, cb)))
		return 0;
	/* A window that shrank; the first segment asks whether it still is. */
	if (wnd < (s32)min(mss, skb->len)) {
		if (seq_after(cb->seq, tp->snd_una))
			return 0;
		wnd = mss;
	}
	room = max(min3(room, (u32)wnd, tp->gso_max), mss);
	return rounddown(room, mss);
}

/**
 * mini_tcp_resend_lost() - send again what is lost, oldest first, up to cwnd
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_resend_lost(struct mini_tcp_sock *tp, u64 now)
{
	struct sk_buff *skb;
	u32 most;

	if (mini_tcp_frto_waits(tp))
		return;
	while ((skb = mini_tcp_next_lost(tp)) != NULL) {
		most = min(mini_tcp_may_resend(tp, skb), mini_tcp_burst(tp));
		if (!most || mini_tcp_pace_blocked(tp, now) ||
		    mini_tcp_tsq_full(tp, min(most, skb->len)) ||
		    mini_tcp_retransmit(tp, skb, most, now))
			break;
	}
}

/* RFC 8985 section 6.3: what a timeout takes for lost. */
static void mini_tcp_timeout_mark(struct mini_tcp_sock *tp, u64 now)
{
	struct sk_buff *head = mini_tcp_rtx_head(tp);
	bool reneged = mini_tcp_cb(head)->mark & MINI_TCP_CB_SACKED;
	struct sk_buff *skb;

	if (!tp->sack_ok) {
		mini_tcp_reno_reset(tp);
	} else if (reneged) {
		/* RFC 2018 section 8: the peer dropped what it had told of. */
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_SACK_RENEGED);
		mini_tcp_unmark_sacked(tp);
	}
	for (skb = head; skb; skb = skb_rb_next(skb)) {
		const struct mini_tcp_cb *cb = mini_tcp_cb(skb);

		if (cb->mark & MINI_TCP_CB_SACKED)
			continue;
		/* What left a moment ago may still arrive. */
		if (tp->sack_ok && !reneged && skb != head &&
		    !mini_tcp_rack_expired(tp, cb, now))
			continue;
		mini_tcp_mark_lost(tp, skb);
	}
}

/**
 * mini_tcp_loss_timeout() - the retransmission timer expired
 * @tp: connection, locked; something is outstanding
 * @now: microseconds
 *
 * RFC 5681 section 3.1, RFC 6298 (5.4), RFC 8985 section 6.3.
 */
void mini_tcp_loss_timeout(struct mini_tcp_sock *tp, u64 now)
{
	struct mini_cc *cc = &tp->cc;
	bool fresh = !mini_tcp_in_recovery(tp);

	/* Once a window, and not again for the same segment. */
	if (cc->state < MINI_CC_CWR || !seq_before(tp->snd_una, tp->fl->recover) ||
	    (cc->state == MINI_CC_LOSS && !tp->retransmits)) {
		mini_tcp_cong_need(tp);
		mini_tcp_cc_sync(tp);
		tp->fl->prior_cwnd = cc->cwnd;
		tp->fl->prior_ssthresh = cc->ssthresh;
		cc->ssthresh = cc->ops->ssthresh(cc, MINI_CC_WHY_TIMEOUT);
		tp->ecn_cwr = tp->ecn_ok;
		mini_tcp_undo_start(tp);
	}
	mini_tcp_timeout_mark(tp, now);
	tp->fl->recover = tp->snd_nxt;
	tp->tlp_active = 0;
	tp->dupacks = 0;
	tp->frto = (fresh || tp->retransmits) &&
		   READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_frto);
	mini_tcp_clear_timer(tp, MINI_TCP_T_REO);
	cc->state = MINI_CC_LOSS;
	mini_tcp_cc_sync(tp);
	cc->cwnd = cc->inflight + cc->mss;
	mini_cc_event(cc, MINI_CC_EV_LOSS, now);
	mini_tcp_trace(tp, "timeout");
	/* The timer is the last resort: a rate that decayed may not hold it. */
	tp->fl->pace_next = 0;
	mini_tcp_resend_lost(tp, now);
}
