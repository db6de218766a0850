// SPDX-License-Identifier: GPL-2.0
/*
 * RACK: a segment is lost when one that was sent after it has been delivered,
 * and time enough has passed that reordering does not explain it (RFC 8985
 * section 6).  This one rule finds lost originals, lost retransmissions and
 * lost tails.
 *
 * Locks on entry: the socket lock.
 */
#include "recovery.h"

#define RACK_REO_PERSIST	16	/* RFC 8985 6.2 step 4: recoveries */
#define RACK_REO_MULT_MAX	255
#define RACK_REORDERING_MAX	300U	/* segments, as tcp_max_reordering */

/**
 * mini_tcp_reordered() - step 3: an original was delivered behind a later one
 * @tp: connection, locked
 * @seq: its first octet
 */
void mini_tcp_reordered(struct mini_tcp_sock *tp, u32 seq)
{
	u32 segs = 0;

	if (tp->fack_valid && seq_after(tp->fl->fack, seq))
		segs = DIV_ROUND_UP(tp->fl->fack - seq, tp->cc.mss);
	tp->reordering = clamp(segs, tp->reordering, RACK_REORDERING_MAX);
	tp->reord_seen++;
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_REORDERED);
}

/**
 * mini_tcp_rack_reo_wnd() - step 4: D-SACKs widen the reordering window
 * @tp: connection, locked
 * @a: the ACK
 *
 * Once a round trip.
 */
void mini_tcp_rack_reo_wnd(struct mini_tcp_sock *tp,
			   const struct mini_tcp_acked *a)
{
	if (tp->dsack_round_on && !seq_before(tp->snd_una, tp->fl->dsack_round))
		tp->dsack_round_on = 0;
	if (!a->dsack || tp->dsack_round_on)
		return;
	tp->dsack_round_on = 1;
	tp->fl->dsack_round = tp->snd_nxt;
	tp->reo_wnd_persist = RACK_REO_PERSIST;
	if (tp->reo_wnd_mult < RACK_REO_MULT_MAX)
		tp->reo_wnd_mult++;
}

/* Step 4: a recovery ended; after sixteen the window is narrow again. */
void mini_tcp_rack_recovered(struct mini_tcp_sock *tp)
{
	if (tp->reo_wnd_persist && !--tp->reo_wnd_persist)
		tp->reo_wnd_mult = 1;
}

/* The reordering window, us. */
static u32 mini_tcp_reo_wnd(const struct mini_tcp_sock *tp)
{
	u32 mss = tp->cc.mss;
	u64 wnd;

	/* Who never saw reordering waits for nothing, as with 3 duplicates. */
	if (!tp->reord_seen) {
		if (mini_tcp_in_recovery(tp))
			return 0;
		if (tp->fl->sacked_segs >= MINI_TCP_DUPACKS ||
		    tp->sacked_out > (MINI_TCP_DUPACKS - 1) * mss)
			return 0;
	}
	if (tp->cc.min_rtt_us == U32_MAX)
		return tp->srtt_us >> 3;
	wnd = (u64)tp->reo_wnd_mult * tp->cc.min_rtt_us / 4;
	return min_t(u64, wnd, tp->srtt_us >> 3);
}

/* How long until @cb must count as lost, us; 0 or less: it does. */
static s64 mini_tcp_rack_left(const struct mini_tcp_sock *tp,
			      const struct mini_tcp_cb *cb, u32 reo_wnd,
			      u64 now)
{
	return cb->sent + tp->fl->rack_rtt_us + reo_wnd - now;
}

/* RFC 8985 section 6.3: at a timeout, is it old enough to be lost? */
bool mini_tcp_rack_expired(const struct mini_tcp_sock *tp,
			   const struct mini_tcp_cb *cb, u64 now)
{
	return mini_tcp_rack_left(tp, cb, mini_tcp_reo_wnd(tp), now) <= 0;
}

/**
 * mini_tcp_rack_detect() - step 5: mark what is lost
 * @tp: connection, locked
 * @now: microseconds
 *
 * Arms the reordering timer for what may turn out to be.
 */
void mini_tcp_rack_detect(struct mini_tcp_sock *tp, u64 now)
{
	u32 reo_wnd = mini_tcp_reo_wnd(tp);
	struct sk_buff *skb, *next;
	s64 wait = 0;

	mini_tcp_clear_timer(tp, MINI_TCP_T_REO);
	if (!tp->fl->rack_xmit_ts)
		return;
	list_for_each_entry_safe(skb, next, &tp->fl->tsorted, tcp_tsorted_anchor) {
		const struct mini_tcp_cb *cb = mini_tcp_cb(skb);
		s64 left;

		if (cb->sent > tp->fl->rack_xmit_ts)
			break;
		/* Sent at the same time, but behind. */
		if (!mini_tcp_sent_after(tp->fl->rack_xmit_ts, tp->fl->rack_end_seq,
					 cb->sent, cb->end_seq))
			continue;
		left = mini_tcp_rack_left(tp, cb, reo_wnd, now);
		if (left <= 0) {
			mini_tcp_mark_lost(tp, skb);
			continue;
		}
		/* The list is by time: each further one waits longer. */
		wait = max(wait, left);
	}
	if (wait)
		mini_tcp_set_timer(tp, MINI_TCP_T_REO, now + wait);
}

/**
 * mini_tcp_reo_timeout() - the reordering timer expired (RFC 8985 section 6.2)
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_reo_timeout(struct mini_tcp_sock *tp, u64 now)
{
	u64 lost = tp->cc.lost;

	if (tp->snd_una == tp->snd_nxt)
		return;
	mini_tcp_rack_detect(tp, now);
	if (tp->cc.lost != lost) {
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_REO_TIMEOUTS);
		mini_tcp_recovery_timer(tp, now);
	}
	if (!tp->deadline[MINI_TCP_T_RTO] && !tp->deadline[MINI_TCP_T_TLP])
		mini_tcp_rearm_rto(tp, now);
}
