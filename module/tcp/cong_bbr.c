// SPDX-License-Identifier: GPL-2.0
/*
 * BBR: a rate-based control.  It keeps a model of the path, the rate of its
 * bottleneck and its round trip without a queue, paces by the rate and bounds
 * what is in flight by their product, instead of filling the buffer until it
 * overflows.
 *
 * Written from draft-cardwell-iccrg-bbr-congestion-control: version 1 (-00)
 * for the filters, the four states and the eight phases of ProbeBW; from later
 * versions (-02, draft-ietf-ccwg-bbr) the gain of Startup, the half window of
 * ProbeRTT, and the bound that loss sets: when probing for more loses over 2 %
 * of what is in flight, or is marked, inflight_hi remembers how much that was;
 * outside of probing a share of it stays unused, and the next probe raises it.
 * Left out: the short-term bounds (bw_lo, inflight_lo), ECN's alpha, the
 * separate phases REFILL and CRUISE, ACK aggregation's filter.
 *
 * Gains are in units of 1/256; rates in octets a second; in the filter of
 * 16 octets a second.
 *
 * Locks on entry: the connection's socket lock.
 */
#include <linux/build_bug.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/sizes.h>
#include <linux/time64.h>
#include <linux/win_minmax.h>

#include "tcp_int.h"

#define BBR_UNIT		256
#define BBR_BW_SHIFT		4
#define BBR_BW_ROUNDS		10
#define BBR_GAIN_STARTUP	710	/* 4 ln 2: doubles the rate a round */
#define BBR_GAIN_DRAIN		90
#define BBR_GAIN_CWND		512
#define BBR_FULL_ROUNDS		3	/* without 25 % more: the pipe is full */
#define BBR_PHASES		8
#define BBR_PHASE_UP		0
#define BBR_PHASE_DOWN		1
#define BBR_MIN_RTT_WINDOW	(10 * USEC_PER_SEC)
#define BBR_PROBE_RTT_TIME	(200 * USEC_PER_MSEC)
#define BBR_MIN_SEGMENTS	4
#define BBR_LOSS_SHARE		50	/* 1/50: 2 % */
#define BBR_STARTUP_LOSSES	6	/* segments */
#define BBR_INF			U32_MAX

enum bbr_mode {
	BBR_STARTUP,
	BBR_DRAIN,
	BBR_PROBE_BW,
	BBR_PROBE_RTT,
};

static const u16 bbr_phase_gain[BBR_PHASES] = {
	320, 192, 256, 256, 256, 256, 256, 256
};

/**
 * struct bbr - mini_cc.priv
 * @bw: largest delivery rate of the last ten rounds
 * @rounds: rounds so far, modulo 2^32
 * @round_end: the round ends when data is acknowledged that was sent when
 *	mini_cc.delivered was so high
 * @round_lost: mini_cc.lost when it began
 * @full_bw: rate to be beaten by 25 % for Startup to go on
 * @phase_start: when the phase of ProbeBW began, us
 * @min_rtt_stamp: when @min_rtt was measured, us
 * @probe_rtt_end: when ProbeRTT may end, us, 0: still too much in flight
 * @stale_until: rates of what was sent before mini_cc.delivered was so high
 *	are those of ProbeRTT, not of the path
 * @min_rtt: microseconds, U32_MAX: none
 * @prior_cwnd: the window to come back to
 * @inflight_hi: octets in flight that were too many, BBR_INF: none known
 * @mode: enum bbr_mode
 * @phase: of ProbeBW
 * @full_rounds: rounds in which @full_bw was not beaten
 * @round_start: this ACK begins a round
 * @full: Startup found the rate
 * @bounded: @inflight_hi was set in this round
 * @conserve: the first round of recovery: send what was delivered
 * @idle_restart: sending again after a silence
 * @probe_rtt_round: a round of ProbeRTT passed
 */
struct bbr {
	struct minmax bw;
	u32 rounds;
	u64 round_end;
	u64 round_lost;
	u64 full_bw;
	u64 phase_start;
	u64 min_rtt_stamp;
	u64 probe_rtt_end;
	u64 stale_until;
	u32 min_rtt;
	u32 prior_cwnd;
	u32 inflight_hi;
	u8 mode;
	u8 phase;
	u8 full_rounds;
	u8 round_start:1,
	   full:1,
	   bounded:1,
	   conserve:1,
	   idle_restart:1,
	   probe_rtt_round:1;
};

static struct bbr *bbr_of(struct mini_cc *cc)
{
	BUILD_BUG_ON(sizeof(struct bbr) > MINI_CC_PRIV);
	return (struct bbr *)cc->priv;
}

static u64 bbr_bw(const struct bbr *b)
{
	return (u64)minmax_get(&b->bw) << BBR_BW_SHIFT;
}

/* @gain times the bandwidth-delay product; the initial window without one. */
static u32 bbr_bdp(const struct bbr *b, const struct mini_cc *cc, u32 gain)
{
	u64 bdp;

	if (b->min_rtt == U32_MAX)
		return MINI_TCP_INIT_CWND * cc->mss;
	bdp = mul_u64_u32_div(bbr_bw(b), b->min_rtt, USEC_PER_SEC);
	return min_t(u64, bdp * gain / BBR_UNIT, MINI_CC_CWND_MAX);
}

static bool bbr_probing(const struct bbr *b)
{
	return b->mode == BBR_STARTUP ||
	       (b->mode == BBR_PROBE_BW && b->phase <= BBR_PHASE_DOWN);
}

static u32 bbr_pacing_gain(const struct bbr *b)
{
	switch (b->mode) {
	case BBR_STARTUP:
		return BBR_GAIN_STARTUP;
	case BBR_DRAIN:
		return BBR_GAIN_DRAIN;
	case BBR_PROBE_BW:
		return bbr_phase_gain[b->phase];
	default:
		return BBR_UNIT;
	}
}

/* One percent below the estimate: what queue there is drains. */
static void bbr_set_pacing(const struct bbr *b, struct mini_cc *cc, u32 gain)
{
	u64 rate = div_u64(bbr_bw(b) * gain / BBR_UNIT * 99, 100);

	/* Until the rate is found, a low sample is no reason to slow down. */
	if (rate && (b->full || rate > cc->pacing_rate))
		cc->pacing_rate = rate;
}

static void bbr_first_rate(struct mini_cc *cc)
{
	u32 rtt = cc->srtt_us ?: USEC_PER_MSEC;

	cc->pacing_rate = div_u64((u64)max(cc->cwnd, cc->mss) * USEC_PER_SEC,
				  rtt) * BBR_GAIN_STARTUP / BBR_UNIT;
}

static void bbr_enter_probe_bw(struct bbr *b, u64 now)
{
	b->mode = BBR_PROBE_BW;
	/* Any phase but DOWN: flows that share a path shall not beat in time */
	b->phase = BBR_PHASE_DOWN + 1 + get_random_u32() % (BBR_PHASES - 1);
	if (b->phase == BBR_PHASES)
		b->phase = BBR_PHASE_UP;
	b->phase_start = now;
}

static void bbr_count_rounds(struct bbr *b, struct mini_cc *cc,
			     const struct mini_cc_ack *ack)
{
	b->round_start = 0;
	if (!ack->rate_us || ack->prior_delivered < b->round_end)
		return;
	b->round_end = cc->delivered;
	b->round_lost = cc->lost - ack->lost;
	b->rounds++;
	b->round_start = 1;
	b->bounded = 0;
	b->conserve = 0;
}

static void bbr_sample_bw(struct bbr *b, const struct mini_cc_ack *ack)
{
	u64 bw;

	if (!ack->rate_us)
		return;
	bw = div64_u64(ack->rate_delivered * USEC_PER_SEC, ack->rate_us);
	bw = min_t(u64, bw >> BBR_BW_SHIFT, U32_MAX);
	/* A sender that had too little to send shows a lower bound. */
	if ((ack->app_limited || b->mode == BBR_PROBE_RTT ||
	     ack->prior_delivered < b->stale_until) &&
	    bw < minmax_get(&b->bw))
		return;
	minmax_running_max(&b->bw, BBR_BW_ROUNDS, b->rounds, bw);
}

/* Does what is in flight lose too much?  Then that is the bound. */
static void bbr_bound_inflight(struct bbr *b, const struct mini_cc *cc,
			       const struct mini_cc_ack *ack)
{
	u64 lost = cc->lost - b->round_lost;
	u32 floor;

	if (b->bounded || !bbr_probing(b))
		return;
	if (!ack->ece && lost * BBR_LOSS_SHARE <= ack->prior_inflight)
		return;
	if (b->mode == BBR_STARTUP) {
		if (!ack->ece && lost < BBR_STARTUP_LOSSES * cc->mss)
			return;
		b->full = 1;
	}
	b->bounded = 1;
	floor = bbr_bdp(b, cc, BBR_UNIT * 7 / 10);
	b->inflight_hi = max3(ack->prior_inflight, floor,
			      BBR_MIN_SEGMENTS * cc->mss);
}

static void bbr_check_full(struct bbr *b, const struct mini_cc_ack *ack)
{
	if (b->full || !b->round_start || ack->app_limited)
		return;
	if (bbr_bw(b) >= b->full_bw + b->full_bw / 4) {
		b->full_bw = bbr_bw(b);
		b->full_rounds = 0;
		return;
	}
	b->full = ++b->full_rounds >= BBR_FULL_ROUNDS;
}

/* ProbeBW: a phase lasts min_rtt, and as long as its purpose asks for. */
static void bbr_advance_phase(struct bbr *b, const struct mini_cc *cc,
			      const struct mini_cc_ack *ack)
{
	bool over = ack->now - b->phase_start > b->min_rtt;

	switch (b->phase) {
	case BBR_PHASE_UP:
		if (!b->bounded && b->inflight_hi != BBR_INF)
			b->inflight_hi = min_t(u64, (u64)b->inflight_hi +
					       ack->delivered / 4,
					       MINI_CC_CWND_MAX);
		over = over && (b->bounded || ack->lost ||
				ack->prior_inflight >=
				bbr_bdp(b, cc, bbr_phase_gain[BBR_PHASE_UP]));
		break;
	case BBR_PHASE_DOWN:
		over = over || ack->prior_inflight <= bbr_bdp(b, cc, BBR_UNIT);
		break;
	}
	if (!over)
		return;
	b->phase = (b->phase + 1) % BBR_PHASES;
	b->phase_start = ack->now;
}

static void bbr_restore_cwnd(struct bbr *b, struct mini_cc *cc)
{
	cc->cwnd = max(cc->cwnd, b->prior_cwnd);
}

static void bbr_save_cwnd(struct bbr *b, const struct mini_cc *cc)
{
	if (cc->state < MINI_CC_RECOVERY && b->mode != BBR_PROBE_RTT)
		b->prior_cwnd = cc->cwnd;
	else
		b->prior_cwnd = max(b->prior_cwnd, cc->cwnd);
}

static void bbr_exit_probe_rtt(struct bbr *b, struct mini_cc *cc, u64 now)
{
	b->min_rtt_stamp = now;
	b->stale_until = cc->delivered + cc->inflight;
	bbr_restore_cwnd(b, cc);
	if (b->full)
		bbr_enter_probe_bw(b, now);
	else
		b->mode = BBR_STARTUP;
}

static void bbr_probe_rtt(struct bbr *b, struct mini_cc *cc, u64 now)
{
	u32 most = max(bbr_bdp(b, cc, BBR_UNIT / 2),
		       BBR_MIN_SEGMENTS * cc->mss);

	if (!b->probe_rtt_end) {
		if (cc->inflight > most)
			return;
		b->probe_rtt_end = now + BBR_PROBE_RTT_TIME;
		b->probe_rtt_round = 0;
		b->round_end = cc->delivered;
		return;
	}
	if (b->round_start)
		b->probe_rtt_round = 1;
	if (b->probe_rtt_round && now >= b->probe_rtt_end)
		bbr_exit_probe_rtt(b, cc, now);
}

static void bbr_update_min_rtt(struct bbr *b, struct mini_cc *cc,
			       const struct mini_cc_ack *ack)
{
	bool expired = b->min_rtt != U32_MAX &&
		       ack->now - b->min_rtt_stamp > BBR_MIN_RTT_WINDOW;

	if (ack->rtt_us && (ack->rtt_us <= b->min_rtt || expired)) {
		b->min_rtt = ack->rtt_us;
		b->min_rtt_stamp = ack->now;
	}
	if (expired && !b->idle_restart && b->mode != BBR_PROBE_RTT) {
		bbr_save_cwnd(b, cc);
		b->mode = BBR_PROBE_RTT;
		b->probe_rtt_end = 0;
	}
	if (b->mode == BBR_PROBE_RTT)
		bbr_probe_rtt(b, cc, ack->now);
	if (ack->delivered)
		b->idle_restart = 0;
}

/* What a burst of segmentation offload and of merged ACKs holds. */
static u32 bbr_quantum(const struct mini_cc *cc)
{
	u64 octets = div_u64(cc->pacing_rate, MSEC_PER_SEC);

	return clamp_t(u64, octets, 2 * cc->mss, SZ_64K);
}

static void bbr_set_cwnd(struct bbr *b, struct mini_cc *cc,
			 const struct mini_cc_ack *ack)
{
	u32 most = BBR_MIN_SEGMENTS * cc->mss;
	u32 target = bbr_bdp(b, cc, BBR_GAIN_CWND) + 3 * bbr_quantum(cc);
	u32 cwnd = cc->cwnd;

	if (ack->lost)
		cwnd = cwnd > ack->lost ? max(cwnd - ack->lost, cc->mss) :
		       cc->mss;
	if (b->conserve) {
		cwnd = max(cwnd, cc->inflight + ack->delivered);
	} else if (b->full) {
		cwnd = min(cwnd + ack->delivered, target);
	} else if (cwnd < target ||
		   cc->delivered < MINI_TCP_INIT_CWND * cc->mss) {
		cwnd += ack->delivered;
	}
	cwnd = max(cwnd, most);
	if (b->inflight_hi != BBR_INF)
		cwnd = min(cwnd, bbr_probing(b) ? b->inflight_hi :
			   b->inflight_hi / 20 * 17);
	if (b->mode == BBR_PROBE_RTT)
		cwnd = min(cwnd, bbr_bdp(b, cc, BBR_UNIT / 2));
	cc->cwnd = clamp(cwnd, most, MINI_CC_CWND_MAX);
}

static void bbr_control(struct mini_cc *cc, const struct mini_cc_ack *ack)
{
	struct bbr *b = bbr_of(cc);

	bbr_count_rounds(b, cc, ack);
	bbr_sample_bw(b, ack);
	bbr_bound_inflight(b, cc, ack);
	bbr_check_full(b, ack);
	if (b->mode == BBR_STARTUP && b->full)
		b->mode = BBR_DRAIN;
	if (b->mode == BBR_DRAIN && cc->inflight <= bbr_bdp(b, cc, BBR_UNIT))
		bbr_enter_probe_bw(b, ack->now);
	else if (b->mode == BBR_PROBE_BW)
		bbr_advance_phase(b, cc, ack);
	bbr_update_min_rtt(b, cc, ack);
	bbr_set_pacing(b, cc, bbr_pacing_gain(b));
	bbr_set_cwnd(b, cc, ack);
}

static void bbr_init(struct mini_cc *cc)
{
	struct bbr *b = bbr_of(cc);

	b->min_rtt = U32_MAX;
	b->inflight_hi = BBR_INF;
	b->round_lost = cc->lost;
	b->round_end = cc->delivered;
	minmax_reset(&b->bw, 0, 0);
	bbr_first_rate(cc);
}

/* No threshold: the window follows the model.  Asked when trouble begins. */
static u32 bbr_ssthresh(struct mini_cc *cc, enum mini_cc_why why)
{
	bbr_save_cwnd(bbr_of(cc), cc);
	return MINI_CC_SSTHRESH_INF;
}

static u32 bbr_undo(struct mini_cc *cc)
{
	struct bbr *b = bbr_of(cc);

	b->conserve = 0;
	return max(cc->cwnd, b->prior_cwnd);
}

static void bbr_event(struct mini_cc *cc, enum mini_cc_event event, u64 now)
{
	struct bbr *b = bbr_of(cc);

	switch (event) {
	case MINI_CC_EV_RECOVERY:
		if (cc->state != MINI_CC_RECOVERY)
			break;
		b->conserve = 1;
		b->round_end = cc->delivered;
		break;
	case MINI_CC_EV_LOSS:
		b->conserve = 0;
		b->round_end = cc->delivered;
		break;
	case MINI_CC_EV_RECOVERED:
		b->conserve = 0;
		bbr_restore_cwnd(b, cc);
		break;
	case MINI_CC_EV_TX_START:
		if (!minmax_get(&b->bw)) {
			bbr_first_rate(cc);
			break;
		}
		if (!cc->app_limited)
			break;
		b->idle_restart = 1;
		if (b->mode == BBR_PROBE_BW)
			bbr_set_pacing(b, cc, BBR_UNIT);
		else if (b->mode == BBR_PROBE_RTT && b->probe_rtt_end &&
			 now >= b->probe_rtt_end)
			bbr_exit_probe_rtt(b, cc, now);
		break;
	default:
		break;
	}
}

struct mini_cc_ops mini_tcp_bbr = {
	.name = "bbr",
	.priv_size = sizeof(struct bbr),
	.init = bbr_init,
	.ssthresh = bbr_ssthresh,
	.control = bbr_control,
	.undo = bbr_undo,
	.event = bbr_event,
	.flags = MINI_CC_PACED,
	.owner = THIS_MODULE,
};
