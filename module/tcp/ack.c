// SPDX-License-Identifier: GPL-2.0
/*
 * Acknowledgements: is it acceptable, what does it take off the queue, what
 * does it say of the round trip and of the window (RFC 9293 section 3.10.7.4
 * fifth, RFC 5961 section 5, RFC 6298, RFC 7323 section 4).
 *
 * Locks on entry: the socket lock.
 */
#include "recovery.h"

/**
 * mini_tcp_rtt_sample() - one measurement of the round trip (RFC 6298 section 2)
 * @tp: connection, locked
 * @rtt_us: microseconds
 */
void mini_tcp_rtt_sample(struct mini_tcp_sock *tp, u32 rtt_us)
{
	u32 rttvar;
	s32 err;

	rtt_us = clamp_t(u32, rtt_us, 1, MINI_TCP_RTO_MAX);
	if (!tp->srtt_us) {
		tp->srtt_us = rtt_us << 3;
		tp->rttvar_us = rtt_us << 1;
	} else {
		err = rtt_us - (tp->srtt_us >> 3);
		tp->srtt_us += err;
		tp->rttvar_us += abs(err) - (tp->rttvar_us >> 2);
	}
	/* A floor under the variance: delayed ACKs are no loss. */
	rttvar = max_t(u32, tp->rttvar_us, MINI_TCP_RTO_MIN);
	tp->rto_us = min_t(u32, (tp->srtt_us >> 3) + rttvar, MINI_TCP_RTO_MAX);
}

/*
 * The smallest round trip of the last tcp_min_rtt_wlen seconds: of the first
 * and the second half of that time, each by itself.
 */
static void mini_tcp_min_rtt_sample(struct mini_tcp_sock *tp, u32 rtt_us,
				    u64 now)
{
	u64 half = (u64)READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_min_rtt_wlen) *
		   USEC_PER_SEC / 2;

	if (now - tp->min_rtt_time >= half) {
		tp->min_rtt_old = now - tp->min_rtt_time >= 2 * half ?
				  U32_MAX : tp->min_rtt_new;
		tp->min_rtt_new = U32_MAX;
		tp->min_rtt_time = now;
	}
	if (rtt_us < tp->min_rtt_new)
		tp->min_rtt_new = rtt_us;
	tp->cc.min_rtt_us = min(tp->min_rtt_old, tp->min_rtt_new);
}

/**
 * mini_tcp_rtt_first() - the handshake's measurement
 * @tp: connection, locked
 * @rtt_us: microseconds, from a SYN that was sent once
 * @now: microseconds
 */
void mini_tcp_rtt_first(struct mini_tcp_sock *tp, u32 rtt_us, u64 now)
{
	mini_tcp_rtt_sample(tp, rtt_us);
	mini_tcp_min_rtt_sample(tp, max(rtt_us, 1U), now);
}

/**
 * mini_tcp_rearm_timeout() - start the retransmission timer (RFC 6298 section 5)
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_rearm_timeout(struct mini_tcp_sock *tp, u64 now)
{
	mini_tcp_clear_timer(tp, MINI_TCP_T_TLP);
	if (tp->snd_una == tp->snd_nxt) {
		mini_tcp_clear_timer(tp, MINI_TCP_T_RTO);
		mini_tcp_clear_timer(tp, MINI_TCP_T_REO);
		return;
	}
	tp->fl->rto_at = now + min_t(u64, (u64)tp->rto_us << tp->backoff,
				 MINI_TCP_RTO_MAX);
	mini_tcp_set_timer(tp, MINI_TCP_T_RTO, tp->fl->rto_at);
}

/**
 * mini_tcp_rearm_rto() - watch over what is outstanding, from now on
 * @tp: connection, locked
 * @now: microseconds
 *
 * By a loss probe if it may be one, else by the retransmission timer.
 */
void mini_tcp_rearm_rto(struct mini_tcp_sock *tp, u64 now)
{
	mini_tcp_rearm_timeout(tp, now);
	if (tp->snd_una != tp->snd_nxt)
		mini_tcp_tlp_arm(tp, now);
}

/* A segment, or its part up to @end_seq, is acknowledged by @a. */
static void mini_tcp_segment_acked(struct mini_tcp_sock *tp,
				   struct mini_tcp_acked *a,
				   const struct mini_tcp_cb *cb, u32 end_seq)
{
	/* All of that is known since its SACK. */
	if (unlikely(cb->mark & MINI_TCP_CB_SACKED))
		return;
	mini_tcp_rack_delivered(tp, a, cb, end_seq);
	mini_tcp_rate_delivered(a, cb, end_seq);
	if (unlikely(cb->mark & MINI_TCP_CB_EVER_RETRANS)) {
		a->rtx_delivered = 1;
		return;
	}
	a->sent = max(a->sent, cb->sent);
	if (!seq_after(end_seq, tp->fl->recover))
		a->orig_delivered = 1;
	/* RFC 8985 6.2 step 3: behind what SACK had told of? */
	if (unlikely(tp->fack_valid) && seq_before(end_seq, tp->fl->fack))
		mini_tcp_reordered(tp, cb->seq);
}

/* Take off the tree what is acknowledged, and SND.UNA with it. */
static void mini_tcp_clean_queue(struct mini_tcp_sock *tp,
				 struct mini_tcp_acked *a)
{
	u32 sacked = tp->sacked_out;
	u32 ack = a->h->ack;
	struct sk_buff *skb;

	while ((skb = mini_tcp_rtx_head(tp)) != NULL) {
		const struct mini_tcp_cb *cb = mini_tcp_cb(skb);

		if (unlikely(cb->mark & MINI_TCP_CB_STAMP))
			mini_tcp_stamp_acked(tp, skb, ack);
		if (seq_after(cb->end_seq, ack)) {
			if (seq_before(cb->seq, ack)) {
				mini_tcp_segment_acked(tp, a, cb, ack);
				mini_tcp_ack_part(tp, skb, ack);
			}
			break;
		}
		mini_tcp_segment_acked(tp, a, cb, cb->end_seq);
		mini_tcp_rtx_free(tp, skb);
	}
	a->acked = ack - tp->snd_una;
	tp->snd_una = ack;
	tp->bytes_acked += a->acked;
	if (unlikely(!tp->sack_ok && sacked))
		mini_tcp_reno_acked(tp, a->acked);
	else
		tp->cc.delivered += a->acked - (sacked - tp->sacked_out);
	tp->dupacks = 0;
	if (unlikely(tp->fack_valid) && seq_leq(tp->fl->fack, ack))
		tp->fack_valid = 0;
	/* Left behind, it would be ahead again after 2^31 octets. */
	if (tp->cc.state < MINI_CC_CWR && seq_after(ack, tp->fl->recover))
		tp->fl->recover = ack;
}

/* RFC 7323 4.1: the echoed timestamp tells even of what was sent again. */
static u32 mini_tcp_tstamp_rtt(const struct mini_tcp_sock *tp,
			       const struct mini_wire_tcp *h, u64 now)
{
	u32 ms;

	if (!tp->tstamp_ok || !h->opts.saw_tstamp || !h->opts.tsecr)
		return 0;
	ms = mini_tcp_tsval(tp->ts_off, now) - h->opts.tsecr;
	if (ms > MINI_TCP_RTO_MAX / USEC_PER_MSEC)
		return 0;
	return max_t(u32, ms * USEC_PER_MSEC, USEC_PER_MSEC / 2);
}

/* RFC 9293 3.10.7.4: SND.WND follows the newest segment only. */
static bool mini_tcp_update_wnd(struct mini_tcp_sock *tp,
				const struct mini_wire_tcp *h)
{
	u32 wnd = (u32)h->window << tp->snd_wscale;
	bool changed;

	if (!seq_after(h->ack, tp->snd_una) &&
	    !seq_after(h->seq, tp->snd_wl1) &&
	    !(h->seq == tp->snd_wl1 && seq_leq(tp->snd_wl2, h->ack)))
		return false;
	changed = wnd != tp->snd_wnd;
	tp->snd_wnd = wnd;
	tp->snd_wl1 = h->seq;
	tp->snd_wl2 = h->ack;
	tp->max_wnd = max(tp->max_wnd, wnd);
	if (changed && wnd) {
		mini_tcp_clear_timer(tp, MINI_TCP_T_PERSIST);
		tp->probes = 0;
		if (tp->snd_una == tp->snd_nxt)
			tp->backoff = 0;
	}
	return changed;
}

/* The sender's buffer follows cwnd, so that it does not starve the path. */
static void mini_tcp_grow_sndbuf(struct mini_tcp_sock *tp)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u32 max = READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_wmem[2]);
	u32 want;

	if (sk->sk_userlocks & SOCK_SNDBUF_LOCK)
		return;
	want = min_t(u64, 4ULL * tp->cc.cwnd, max);
	if (want > sk->sk_sndbuf && !mini_tcp_memory_low())
		WRITE_ONCE(sk->sk_sndbuf, want);
}

/* RFC 6298 section 3, RFC 7323 section 4: the round trip, if @a tells one. */
static void mini_tcp_ack_rtt(struct mini_tcp_sock *tp, struct mini_tcp_acked *a)
{
	/* Of two copies nobody knows which one is answered (Karn). */
	if (a->sent && !a->rtx_delivered)
		a->rtt_us = clamp_t(u64, a->now - a->sent, 1, U32_MAX);
	else if (a->acked)
		a->rtt_us = mini_tcp_tstamp_rtt(tp, a->h, a->now);
	if (!a->rtt_us)
		return;
	mini_tcp_rtt_sample(tp, a->rtt_us);
	/* Karn: what was sent twice does not say that the time is long enough */
	tp->backoff = 0;
	/* A timestamp's millisecond is too coarse for a minimum. */
	if (a->sent)
		mini_tcp_min_rtt_sample(tp, a->rtt_us, a->now);
}

/*
 * Is the ACK worth the control's while?  A window that is not used does not
 * grow, and builds no queue that slow start had to find.
 */
static bool mini_tcp_cong_wants(const struct mini_cc *cc)
{
	if (!(cc->ops->flags & MINI_CC_ALL_ACKS))
		return cc->used;
	return mini_cc_may_grow(cc) || !mini_cc_slow_start(cc);
}

/* Tell the control, which sets the window; in recovery PRR does. */
static void mini_tcp_cong_ack(struct mini_tcp_sock *tp,
			      const struct mini_tcp_acked *a)
{
	struct mini_cc *cc = &tp->cc;
	struct mini_cc_ack ack __uninitialized;

	mini_tcp_cong_need(tp);
	ack.now = a->now;
	ack.acked = a->acked;
	ack.delivered = cc->delivered - a->prior_delivered;
	ack.lost = cc->lost - tp->fl->lost_told;
	ack.rtt_us = a->rtt_us;
	ack.prior_inflight = a->prior_inflight;
	ack.ece = tp->ecn_ok && a->h->flags & MINI_TCP_ECE;
	mini_tcp_rate_sample(tp, a, &ack);
	tp->fl->lost_told = cc->lost;
	if (cc->ops->control) {
		if (!ack.delivered && !ack.lost)
			return;
		mini_tcp_cc_sync(tp);
		cc->ops->control(cc, &ack);
	} else if (cc->state == MINI_CC_RECOVERY || cc->state == MINI_CC_CWR) {
		mini_tcp_prr_ack(tp, ack.delivered, a->acked && !ack.lost,
				 ack.lost);
	} else if (ack.acked || (tp->reord_seen && ack.delivered)) {
		/* Behind what is late, only SACK tells that data arrives. */
		cc->used = mini_tcp_cwnd_used(tp);
		if (!mini_tcp_cong_wants(cc))
			return;
		mini_tcp_cc_sync(tp);
		cc->ops->acked(cc, &ack);
	}
}

/* News for who waits to write, and of the peer's being there. */
static void mini_tcp_una_advanced(struct mini_tcp_sock *tp)
{
	mini_neigh_confirm(tp->ms.path.neigh);
	mini_tcp_grow_sndbuf(tp);
	mini_tcp_check_space(tp);
}

/*
 * RFC 2018 section 8: what was SACKed cannot be missing at the front; a peer
 * where it is has thrown it away.  It gets a moment to contradict.
 */
static void mini_tcp_check_reneging(struct mini_tcp_sock *tp, u64 now)
{
	const struct sk_buff *skb = mini_tcp_rtx_head(tp);
	u64 when = now + max_t(u32, tp->srtt_us >> 4, 10 * USEC_PER_MSEC);

	if (!skb || !(mini_tcp_cb(skb)->mark & MINI_TCP_CB_SACKED))
		return;
	mini_tcp_clear_timer(tp, MINI_TCP_T_TLP);
	mini_tcp_set_timer(tp, MINI_TCP_T_RTO, min(when, tp->fl->rto_at));
}

/* Where there is more to an ACK than progress. */
static void mini_tcp_ack_slow(struct mini_tcp_sock *tp, struct mini_tcp_acked *a)
{
	if (a->h->opts.num_sacks && tp->sack_ok)
		mini_tcp_sack_in(tp, a);
	else if (!tp->sack_ok && a->dup)
		mini_tcp_reno_dupack(tp);
	mini_tcp_ack_rtt(tp, a);
	if (tp->tlp_active)
		mini_tcp_tlp_ack(tp, a);
	mini_tcp_recovery_ack(tp, a);
}

static bool mini_tcp_all_well(const struct mini_tcp_sock *tp,
			      const struct mini_tcp_acked *a)
{
	return tp->cc.state == MINI_CC_OPEN && !tp->tlp_active && !a->dup &&
	       !tp->lost_out && !tp->retrans_out && !a->h->opts.num_sacks;
}

/* An ACK that says something of what was sent. */
static void mini_tcp_ack_tells(struct mini_tcp_sock *tp,
			       struct mini_tcp_acked *a)
{
	/* Quiet for long: it says nothing new, whatever its blocks say. */
	if (unlikely(!mini_tcp_has_flight(tp)))
		return;
	a->prior_una = tp->snd_una;
	a->prior_inflight = mini_tcp_inflight(tp);
	a->prior_delivered = tp->cc.delivered;
	if (seq_after(a->h->ack, tp->snd_una)) {
		mini_tcp_clean_queue(tp, a);
		tp->probes = 0;
	}
	if (likely(mini_tcp_all_well(tp, a)))
		mini_tcp_ack_rtt(tp, a);
	else
		mini_tcp_ack_slow(tp, a);
	if (a->acked)
		tp->retransmits = 0;
	if (unlikely(tp->ecn_ok) && a->h->flags & MINI_TCP_ECE &&
	    !seq_before(a->h->ack, tp->snd_una))
		mini_tcp_ecn_echo(tp, tp->cc.delivered - a->prior_delivered,
				  a->now);
	mini_tcp_cong_ack(tp, a);
	if (unlikely(tp->rtx_pending))
		mini_tcp_resend_lost(tp, a->now);
	if (a->acked) {
		mini_tcp_rearm_rto(tp, a->now);
		if (unlikely(tp->sacked_out) && tp->sack_ok)
			mini_tcp_check_reneging(tp, a->now);
		mini_tcp_una_advanced(tp);
	}
}

/* What only means something together with another field is left as it is. */
static void mini_tcp_acked_init(struct mini_tcp_acked *a,
				const struct mini_wire_tcp *h, u64 now)
{
	a->h = h;
	a->now = now;
	a->acked = 0;
	a->sacked = 0;
	a->sent = 0;
	a->rtt_us = 0;
	a->rate_time = 0;
	a->rate_limited = 0;
	a->dup = 0;
	a->dsack = 0;
	a->dsack_tlp = 0;
	a->orig_delivered = 0;
	a->rtx_delivered = 0;
}

/**
 * mini_tcp_ack() - the ACK field of an acceptable segment
 * @tp: connection, locked
 * @skb: the segment: payload only (skb->len is SEG.LEN less SYN and FIN)
 * @h: its header
 * @now: microseconds
 *
 * Return: 0, or the reason to drop the segment; a challenge ACK was sent if
 * RFC 5961 section 5 wants one.
 */
enum mini_drop_reason mini_tcp_ack(struct mini_tcp_sock *tp,
				   struct sk_buff *skb,
				   const struct mini_wire_tcp *h, u64 now)
{
	struct mini_tcp_acked a __uninitialized;
	bool wnd_changed;

	if (seq_after(h->ack, tp->snd_nxt) ||
	    seq_before(h->ack, tp->snd_una - tp->max_wnd)) {
		if (mini_tcp_challenge_allowed(mini_tcp_mn(tp), now))
			mini_tcp_send_ack(tp, now);
		return MINI_DROP_TCP_BAD_ACK;
	}
	mini_tcp_acked_init(&a, h, now);
	/* The peer is heard: what a router said before explains nothing. */
	if (tp->ms.sk.sk_err_soft)
		WRITE_ONCE(tp->ms.sk.sk_err_soft, 0);
	/* Older, but not too old: its blocks and its data may still be new. */
	if (seq_before(h->ack, tp->snd_una)) {
		if (h->opts.num_sacks && tp->sack_ok)
			mini_tcp_ack_tells(tp, &a);
		return MINI_DROP_NOT_SPECIFIED;
	}

	wnd_changed = mini_tcp_update_wnd(tp, h);
	if (h->ack == tp->snd_una) {
		/* The answer to a probe: the peer lives, its window is shut. */
		tp->probes = 0;
		/* RFC 9293 3.8.6: so, if it was shut over what is out. */
		if (!tp->snd_wnd && tp->retransmits > 1 &&
		    !sock_flag(mini_tcp_to_sk(tp), SOCK_DEAD))
			tp->retransmits = 1;
		/* RFC 5681 section 2: what a duplicate ACK is. */
		a.dup = !wnd_changed && !skb->len &&
			tp->snd_una != tp->snd_nxt &&
			!(h->flags & (MINI_TCP_SYN | MINI_TCP_FIN));
		if (!a.dup && !h->opts.num_sacks) {
			/* RFC 8985 7.4: both copies came, and all the rest. */
			if (unlikely(tp->tlp_active) && !wnd_changed &&
			    !skb->len && tp->tlp_retrans &&
			    h->ack == tp->fl->tlp_end_seq)
				tp->tlp_active = 0;
			return MINI_DROP_NOT_SPECIFIED;
		}
		if (a.dup)
			mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_DUP_ACKS_IN);
	}
	mini_tcp_ack_tells(tp, &a);
	return MINI_DROP_NOT_SPECIFIED;
}
