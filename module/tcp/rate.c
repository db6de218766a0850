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
