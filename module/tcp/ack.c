// SPDX-License-Identifier: GPL-2.0
/*
 * Acknowledgements: is it acceptable, what does it take off the queue, what
 * does it say of the round trip and of the window (RFC 9293 section 3.10.7.4
 * fifth, RFC 5961 section 5, RFC 6298, RFC 7323 section 4).
 *
 * Locks on entry: the socket lock.
 */
#include "tcp_int.h"

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

/* RFC 6298 (5.2), (5.3). */
void mini_tcp_rearm_rto(struct mini_tcp_sock *tp, u64 now)
{
	if (tp->snd_una == tp->snd_nxt) {
		mini_tcp_clear_timer(tp, MINI_TCP_T_RTO);
		return;
	}
	mini_tcp_set_timer(tp, MINI_TCP_T_RTO, now +
			   min_t(u64, (u64)tp->rto_us << tp->backoff,
				 MINI_TCP_RTO_MAX));
}

/*
 * Free what is acknowledged whole.  @rtt_us receives the round trip of the
 * newest segment that was sent just once (Karn), 0: there is none.
 */
static void mini_tcp_clean_queue(struct mini_tcp_sock *tp, u64 now,
				 u32 *rtt_us)
{
	bool retransmitted = false;
	struct sk_buff *skb;
	u64 sent = 0;

	*rtt_us = 0;
	while ((skb = mini_tcp_rtx_head(tp)) != NULL) {
		struct mini_tcp_cb *cb = mini_tcp_cb(skb);

		if (seq_after(cb->end_seq, tp->snd_una))
			break;
		if (cb->flags & MINI_TCP_CB_RETRANS)
			retransmitted = true;
		else
			sent = cb->sent;
		mini_tcp_rtx_free(tp, skb);
	}
	if (sent && !retransmitted)
		*rtt_us = max_t(u64, now - sent, 1);
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

static void mini_tcp_new_ack(struct mini_tcp_sock *tp,
			     const struct mini_wire_tcp *h, u64 now)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u32 prior_una = tp->snd_una;
	u32 acked = h->ack - prior_una;
	bool limited = tp->cc.cwnd_limited;
	u32 rtt_us;

	tp->snd_una = h->ack;
	tp->bytes_acked += acked;
	mini_tcp_clean_queue(tp, now, &rtt_us);
	if (!rtt_us)
		rtt_us = mini_tcp_tstamp_rtt(tp, h, now);
	/* Karn: what was sent twice does not say that the time is long enough */
	if (rtt_us) {
		mini_tcp_rtt_sample(tp, rtt_us);
		tp->backoff = 0;
	}
	tp->retransmits = 0;
	tp->probes = 0;
	mini_tcp_loss_acked(tp, prior_una, acked, limited, now);
	mini_tcp_rearm_rto(tp, now);
	mini_neigh_confirm(tp->ms.path.neigh);
	mini_tcp_grow_sndbuf(tp);
	/* Pairs with mini_tcp_poll(): room is seen there, or the bit here. */
	smp_mb();
	if (sk_stream_is_writeable(sk) && sk->sk_socket &&
	    test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		sk->sk_write_space(sk);
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
	bool wnd_changed;

	if (seq_after(h->ack, tp->snd_nxt) ||
	    seq_before(h->ack, tp->snd_una - tp->max_wnd)) {
		if (mini_tcp_challenge_allowed(mini_tcp_mn(tp), now))
			mini_tcp_send_ack(tp, now);
		return MINI_DROP_TCP_BAD_ACK;
	}
	/* The peer is heard: what a router said before explains nothing. */
	if (tp->ms.sk.sk_err_soft)
		WRITE_ONCE(tp->ms.sk.sk_err_soft, 0);
	/* Older, but not too old: its data may still be new. */
	if (seq_before(h->ack, tp->snd_una))
		return MINI_DROP_NOT_SPECIFIED;

	wnd_changed = mini_tcp_update_wnd(tp, h);
	if (h->ack != tp->snd_una) {
		mini_tcp_new_ack(tp, h, now);
		return MINI_DROP_NOT_SPECIFIED;
	}
	/* The answer to a probe: the peer lives, its window is still shut. */
	tp->probes = 0;
	/* RFC 9293 3.8.6: so, if it was shut over what is outstanding. */
	if (!tp->snd_wnd && tp->retransmits > 1 &&
	    !sock_flag(mini_tcp_to_sk(tp), SOCK_DEAD))
		tp->retransmits = 1;
	/* RFC 5681 section 2: what a duplicate ACK is. */
	if (!wnd_changed && !skb->len && tp->snd_una != tp->snd_nxt &&
	    !(h->flags & (MINI_TCP_SYN | MINI_TCP_FIN))) {
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_DUP_ACKS_IN);
		mini_tcp_loss_dupack(tp, now);
	}
	return MINI_DROP_NOT_SPECIFIED;
}
