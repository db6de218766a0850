/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What of the delivery rate is noted as each segment is sent: see rate.c.
 *
 * All of it is called with the socket lock held.
 */
#ifndef _MINI_TCP_RATE_H
#define _MINI_TCP_RATE_H

#include "tcp_int.h"

/* Bring what a control reads up to date. */
static inline void mini_tcp_cc_sync(struct mini_tcp_sock *tp)
{
	struct mini_cc *cc = &tp->cc;

	cc->inflight = mini_tcp_inflight(tp);
	cc->srtt_us = tp->srtt_us >> 3;
	cc->snd_una = tp->snd_una;
	cc->snd_nxt = tp->snd_nxt;
}

/**
 * mini_tcp_rate_sent() - a segment is being sent: note what is delivered so far
 * @tp: connection, locked
 * @cb: the segment
 * @now: microseconds
 */
static inline void mini_tcp_rate_sent(struct mini_tcp_sock *tp,
				      struct mini_tcp_cb *cb, u64 now)
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
 * mini_tcp_rate_check_app_limited() - has the program stopped filling the pipe?
 * @tp: connection, locked
 *
 * Called before new data is queued: whatever is delivered of what is in flight
 * now shows the program's rate, not the network's.
 */
static inline void mini_tcp_rate_check_app_limited(struct mini_tcp_sock *tp)
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

#endif /* _MINI_TCP_RATE_H */
