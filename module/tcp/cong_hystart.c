// SPDX-License-Identifier: GPL-2.0
/*
 * HyStart++ (RFC 9406), for the first slow start of a connection: a round trip
 * that grows means a queue that grows.  Then Conservative Slow Start probes at
 * a quarter of the speed for five rounds, and either goes back, if the round
 * trip fell again, or ends slow start.
 *
 * One ACK of a receiver that merges segments stands for dozens of them.  So the
 * limit L on the growth of one ACK is left open, growth counting what was newly
 * delivered; and its round trip counts as the samples that an ACK of every
 * second segment had given: a round of a few ACKs would never have enough, and
 * slow start never end.
 *
 * Locks on entry: the connection's socket lock.
 */
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "cong_hystart.h"

/* RFC 9406 section 4.3. */
#define HYSTART_MIN_RTT_THRESH	(4 * USEC_PER_MSEC)
#define HYSTART_MAX_RTT_THRESH	(16 * USEC_PER_MSEC)
#define HYSTART_RTT_DIVISOR	8
#define HYSTART_RTT_SAMPLES	8
#define HYSTART_CSS_DIVISOR	4
#define HYSTART_CSS_ROUNDS	5

static void mini_hystart_round(struct mini_hystart *hs,
			       const struct mini_cc *cc)
{
	hs->last_min = hs->started ? hs->cur_min : U32_MAX;
	hs->cur_min = U32_MAX;
	hs->samples = 0;
	hs->window_end = cc->snd_nxt;
	hs->started = 1;
}

/* RFC 9406 4.2: what a round trip measured in this round says. */
static void mini_hystart_rtt(struct mini_hystart *hs, u32 rtt_us, u32 samples)
{
	u32 thresh;

	hs->cur_min = min(hs->cur_min, rtt_us);
	hs->samples = min_t(u32, hs->samples + samples, HYSTART_RTT_SAMPLES);
	if (hs->samples < HYSTART_RTT_SAMPLES)
		return;
	if (hs->css) {
		/* It was no queue after all: back to slow start. */
		if (hs->cur_min < hs->css_base)
			hs->css = 0;
		return;
	}
	if (hs->last_min == U32_MAX)
		return;
	thresh = clamp_t(u32, hs->last_min / HYSTART_RTT_DIVISOR,
			 HYSTART_MIN_RTT_THRESH, HYSTART_MAX_RTT_THRESH);
	if (hs->cur_min >= hs->last_min &&
	    hs->cur_min - hs->last_min >= thresh) {
		hs->css = 1;
		hs->css_base = hs->cur_min;
		hs->css_rounds = 0;
	}
}

/**
 * mini_hystart_acked() - an ACK in the first slow start
 * @hs: zeroed at the connection's start
 * @cc: ssthresh is set to cwnd when slow start is over
 * @ack: the ACK
 *
 * Return: octets to add to cwnd.  RFC 9406 section 4.2.
 */
u32 mini_hystart_acked(struct mini_hystart *hs, struct mini_cc *cc,
		       const struct mini_cc_ack *ack)
{
	if (!hs->started)
		mini_hystart_round(hs, cc);
	if (ack->rtt_us)
		mini_hystart_rtt(hs, ack->rtt_us,
				 DIV_ROUND_UP(ack->delivered, 2 * cc->mss));
	/* Of a window that was not used it is not told: that may be long ago. */
	if ((s32)(cc->snd_una - hs->window_end) >= 0 ||
	    (s32)(hs->window_end - cc->snd_nxt) > 0) {
		mini_hystart_round(hs, cc);
		if (hs->css && ++hs->css_rounds >= HYSTART_CSS_ROUNDS) {
			hs->css = 0;
			cc->ssthresh = cc->cwnd;
			return 0;
		}
	}
	return hs->css ? ack->delivered / HYSTART_CSS_DIVISOR : ack->delivered;
}
