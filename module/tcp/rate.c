// SPDX-License-Identifier: GPL-2.0
/*
 * The rate at which the network delivers, measured with each ACK: what was
 * delivered between the transmission of a segment and its delivery, over the
 * longer of the times that it took to send that much and to have it
 * acknowledged (draft-ietf-ccwg-bbr section 4.1, delivery rate estimation).
 *
 * Locks on entry: the socket lock.
 */
#include "recovery.h"

/**
 * mini_tcp_rate_sent() - a segment is being sent: note what is delivered so far
 * @tp: connection, locked
 * @cb: the segment
 * @now: microseconds
 */
void mini_tcp_rate_sent(struct mini_tcp_sock *tp, struct mini_tcp_cb *cb,
			u64 now)
{
	struct mini_cc *cc = &tp->cc;

	/* Out of silence: time begins here. */
	if (tp->snd_una == tp->snd_nxt) {
		cc->first_tx_time = now;
		cc->delivered_time = now;
		mini_tcp_cc_sync(tp);
		mini_cc_event(cc, MINI_CC_EV_TX_START, now);
	}
	cb->sent = now;
	cb->delivered = cc->delivered;
	cb->delivered_time = cc->delivered_time;
	cb->first_tx_time = cc->first_tx_time;
	cb->app_limited = cc->app_limited != 0;
}

/**
 * mini_tcp_rate_sample() - the rate that an ACK measured
 * @tp: connection, locked
 * @a: the ACK
 * @ack: receives it
 */
void mini_tcp_rate_sample(struct mini_tcp_sock *tp,
			  const struct mini_tcp_acked *a,
			  struct mini_cc_ack *ack)
{
	struct mini_cc *cc = &tp->cc;
	u64 us;

	ack->rate_delivered = 0;
	ack->rate_us = 0;
	ack->prior_delivered = 0;
	ack->app_limited = 0;
	if (cc->app_limited && cc->delivered > cc->app_limited)
		cc->app_limited = 0;
	if (!ack->delivered)
		return;
	cc->delivered_time = a->now;
	if (!a->rate_time)
		return;
	cc->first_tx_time = a->rate_sent;
	ack->prior_delivered = a->rate_delivered;
	ack->app_limited = a->rate_limited;
	us = max_t(u64, a->rate_send_us, a->now - a->rate_time);
	/* Faster than any round trip: ACKs were aggregated, or are forged. */
	if (!us || us < cc->min_rtt_us)
		return;
	ack->rate_delivered = cc->delivered - a->rate_delivered;
	ack->rate_us = us;
	if (!a->rate_limited || !tp->rate_us ||
	    ack->rate_delivered * tp->rate_us >= tp->rate_delivered * us) {
		tp->rate_delivered = ack->rate_delivered;
		tp->rate_us = us;
		tp->rate_app_limited = a->rate_limited;
	}
}

/**
 * mini_tcp_rate_check_app_limited() - has the program stopped filling the pipe?
 * @tp: connection, locked
 *
 * Called before new data is queued: whatever is delivered of what is in flight
 * now shows the program's rate, not the network's.
 */
void mini_tcp_rate_check_app_limited(struct mini_tcp_sock *tp)
{
	u32 inflight;

	if (tp->write_seq - tp->snd_nxt >= tp->cc.mss || tp->rtx_pending)
		return;
	/* Something still waits for the device. */
	if (sk_wmem_alloc_get(mini_tcp_to_sk(tp)) > SKB_TRUESIZE(1))
		return;
	inflight = mini_tcp_inflight(tp);
	if (inflight < tp->cc.cwnd)
		tp->cc.app_limited = tp->cc.delivered + inflight ?: 1;
}
