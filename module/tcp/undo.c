// SPDX-License-Identifier: GPL-2.0
/*
 * Was the window reduced for nothing?  Three witnesses: an ACK that echoes a
 * timestamp from before the first retransmission (Eifel, RFC 3522), D-SACK for
 * all that was sent again (RFC 3708), and after a timeout the delivery of what
 * was sent just once (F-RTO, RFC 5682).  Then the window of before comes back
 * (RFC 4015), and nothing counts as lost.
 *
 * Locks on entry: the socket lock.
 */
#include "../trace.h"
#include "recovery.h"

/* The window is about to be reduced: keep what is needed to take it back. */
void mini_tcp_undo_start(struct mini_tcp_sock *tp)
{
	tp->undo_valid = 1;
	tp->fl->undo_marker = tp->snd_una;
	tp->fl->undo_retrans = tp->retrans_out;
	if (!tp->retrans_out)
		tp->fl->retrans_stamp = 0;
}

/* D-SACK: a retransmission of this reduction was not needed. */
void mini_tcp_undo_dsack(struct mini_tcp_sock *tp, u32 start, u32 end)
{
	if (tp->undo_valid && seq_after(end, tp->fl->undo_marker))
		tp->fl->undo_retrans -= min(tp->fl->undo_retrans, end - start);
}

/*
 * Eifel: was the ACK caused by a segment from before the first retransmission?
 * Only one that advances SND.UNA echoes the segment that caused it.
 */
static bool mini_tcp_eifel(const struct mini_tcp_sock *tp,
			   const struct mini_tcp_acked *a)
{
	const struct mini_wire_tcp_opts *o = &a->h->opts;
	u32 stamp;

	if (!a->acked)
		return false;
	if (!tp->fl->retrans_stamp)
		return true;
	stamp = mini_tcp_tsval(tp->ts_off, tp->fl->retrans_stamp);
	return tp->tstamp_ok && o->saw_tstamp && o->tsecr &&
	       (s32)(o->tsecr - stamp) < 0;
}

/**
 * mini_tcp_may_undo() - does the ACK show that nothing was lost?
 * @tp: connection, locked
 * @a: the ACK
 */
bool mini_tcp_may_undo(const struct mini_tcp_sock *tp,
		       const struct mini_tcp_acked *a)
{
	if (!tp->undo_valid)
		return false;
	if (tp->fl->retrans_stamp && !tp->fl->undo_retrans)
		return true;
	return mini_tcp_in_recovery(tp) && mini_tcp_eifel(tp, a);
}

/**
 * mini_tcp_undo() - back to the window of before
 * @tp: connection, locked
 * @a: the ACK
 *
 * The caller leaves recovery.
 */
void mini_tcp_undo(struct mini_tcp_sock *tp, const struct mini_tcp_acked *a)
{
	struct mini_cc *cc = &tp->cc;
	u32 cwnd = tp->fl->prior_cwnd;

	mini_inc(mini_tcp_mn(tp), cc->state == MINI_CC_LOSS ?
		 MINI_MIB_TCP_UNDO_TIMEOUT : MINI_MIB_TCP_UNDO_RECOVERY);
	/* What came late had been overtaken. */
	if (a->acked && mini_tcp_eifel(tp, a))
		mini_tcp_reordered(tp, a->prior_una);
	if (tp->lost_out)
		mini_tcp_unmark_lost(tp);
	mini_tcp_cc_sync(tp);
	if (cc->ops->undo)
		cwnd = cc->ops->undo(cc);
	cc->cwnd = max(cc->cwnd, cwnd);
	cc->ssthresh = max(cc->ssthresh, tp->fl->prior_ssthresh);
	tp->undo_valid = 0;
	tp->fl->retrans_stamp = 0;
	mini_cc_event(cc, MINI_CC_EV_UNDO, a->now);
	trace_mini_tcp_cong(&tp->ms, cc->cwnd, cc->ssthresh, "undo");
}

/* RFC 5682 step 2b: two segments of new data, if there are. */
static bool mini_tcp_frto_probe(struct mini_tcp_sock *tp, u64 now)
{
	if (!mini_tcp_send_fresh(tp, now))
		return false;
	mini_tcp_send_fresh(tp, now);
	return true;
}

/**
 * mini_tcp_frto_ack() - F-RTO: an ACK after a timeout (RFC 5682 section 3.1)
 * @tp: connection, locked; in MINI_CC_LOSS, F-RTO is on
 * @a: the ACK
 *
 * Return: true if the timeout was spurious.
 */
bool mini_tcp_frto_ack(struct mini_tcp_sock *tp, const struct mini_tcp_acked *a)
{
	/* Step 3b: what was sent once, before the timeout, has arrived. */
	if (a->orig_delivered && tp->undo_valid)
		return true;
	if (seq_after(tp->snd_nxt, tp->fl->recover)) {
		/* Step 3a: only the new data came: there is a hole. */
		if (a->sacked || a->dup)
			tp->frto = 0;
		return false;
	}
	if (!a->acked || !seq_before(tp->snd_una, tp->fl->recover)) {
		if (a->dup || a->sacked)
			tp->frto = 0;
		return false;
	}
	/* Step 2b. */
	if (!mini_tcp_frto_probe(tp, a->now))
		tp->frto = 0;
	return false;
}
