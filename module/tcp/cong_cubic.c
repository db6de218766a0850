// SPDX-License-Identifier: GPL-2.0
/*
 * CUBIC (RFC 9438), with HyStart++ (RFC 9406) for the first slow start and
 * ABE (RFC 8511) for congestion marks.  The default.
 *
 * The window after a reduction is W_cubic(t) = C (t - K)^3 + W_max segments,
 * t in seconds and C = 0.4: fast far from the window of the last congestion,
 * slow near it.  Here windows are octets and times milliseconds.
 *
 * t runs only while cwnd limits the sender (section 5.8): each stretch between
 * two ACKs in which it did not, and each silence, moves the epoch forward.
 *
 * A reduction starts from cwnd, which only grows while it limits the sender,
 * not from what happens to be in flight (section 4.6 leaves the choice).
 *
 * Locks on entry: the connection's socket lock.
 */
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "cong_hystart.h"
#include "tcp_int.h"

/* beta_cubic, RFC 9438 4.6; and for marks, RFC 8511 3.1: of 100. */
#define CUBIC_BETA		70
#define CUBIC_BETA_ABE		85
/* alpha_cubic = 3 (1 - beta) / (1 + beta), RFC 9438 4.3: 9/17 for 0.7. */
#define CUBIC_ALPHA_NUM		9
#define CUBIC_ALPHA_DEN		17
/* Beyond it the curve is above any window. */
#define CUBIC_MS_MAX		BIT(18)

/**
 * struct cubic_epoch - a congestion avoidance stage, RFC 9438 section 4.1.2
 * @start: t_epoch, us; 0: begins with the next ACK
 * @grown: fraction of an octet that cwnd is ahead, times cwnd
 * @est_acked: octets acknowledged towards the next segment of @w_est, times
 *	alpha_cubic's numerator
 * @w_max: window before the last reduction, octets, 0: unknown
 * @origin: plateau of the curve, octets
 * @k_ms: K: from @start to the plateau
 * @w_est: what Reno would have, octets
 * @cwnd_prior: cwnd before the last reduction, octets
 */
struct cubic_epoch {
	u64 start;
	u64 grown;
	u64 est_acked;
	u32 w_max;
	u32 origin;
	u32 k_ms;
	u32 w_est;
	u32 cwnd_prior;
};

/**
 * struct cubic - mini_cc.priv
 * @epoch: the present stage
 * @undo: the stage before the last reduction, for when it was for nothing
 * @last_ack: when cwnd could last have grown, us
 * @undo_cwnd: cwnd before the last reduction
 * @hystart: slow start
 */
struct cubic {
	struct cubic_epoch epoch;
	struct cubic_epoch undo;
	u64 last_ack;
	u32 undo_cwnd;
	struct mini_hystart hystart;
};

static struct cubic *cubic_of(struct mini_cc *cc)
{
	BUILD_BUG_ON(sizeof(struct cubic) > MINI_CC_PRIV);
	return (struct cubic *)cc->priv;
}

/**
 * mini_cubic_root() - the integer part of a cube root
 * @x: any
 *
 * Newton's step for y^3 = x is y - (y^3 - x) / 3y^2 = (2y + x/y^2) / 3.  From
 * above the root it only falls, in whole numbers too, and the first time that
 * it does not, y is the root's integer part: were y^3 still above x, then
 * x/y^2 < y and the step would go down.
 *
 * Return: the largest y with y^3 <= x.
 */
u32 mini_cubic_root(u64 x)
{
	u64 y, next;

	if (!x)
		return 0;
	/* x < 2^fls: a power of two that is not below the root. */
	next = 1ULL << DIV_ROUND_UP(fls64(x), 3);
	do {
		y = next;
		next = div64_u64(2 * y + div64_u64(x, y * y), 3);
	} while (next < y);
	return y;
}

/**
 * mini_cubic_window() - W_cubic, RFC 9438 figure 1
 * @origin: the plateau, octets
 * @k_ms: when it is reached
 * @t_ms: now
 * @mss: octets of a segment
 *
 * Return: octets, 0 to MINI_CC_CWND_MAX.
 */
u32 mini_cubic_window(u32 origin, u32 k_ms, u32 t_ms, u32 mss)
{
	u64 d = min_t(u64, abs((s64)t_ms - k_ms), CUBIC_MS_MAX);
	u64 off;

	/*
	 * 0.4 d^3 mss for d in seconds is 2 d^3 mss / 5e9 for milliseconds, and
	 * 5e9 is 5^10 2^9; d^3 has 54 bits, so that nothing overflows.
	 */
	off = div_u64((d * d * d >> 8) * min_t(u32, mss, U16_MAX), 9765625);
	if (t_ms < k_ms)
		return off < origin ? origin - off : 0;
	return min_t(u64, origin + off, MINI_CC_CWND_MAX);
}

/* RFC 9438 4.2, figure 2: cbrt((W_max - cwnd_epoch) / C) seconds. */
static u32 cubic_k_ms(u32 w_max, u32 cwnd, u32 mss)
{
	return mini_cubic_root(div_u64((w_max - cwnd) * 2500000000ULL, mss));
}

static void cubic_begin(struct cubic_epoch *e, const struct mini_cc *cc,
			u64 now)
{
	e->start = now;
	e->grown = 0;
	e->est_acked = 0;
	e->w_est = cc->cwnd;
	if (cc->cwnd < e->w_max) {
		e->k_ms = cubic_k_ms(e->w_max, cc->cwnd, cc->mss);
		e->origin = e->w_max;
	} else {
		/* Sections 4.8, 4.10: nothing is known of a plateau ahead. */
		e->k_ms = 0;
		e->origin = cc->cwnd;
		if (!e->w_max)
			e->cwnd_prior = cc->cwnd;
	}
}

/* RFC 9438 4.3, figure 4: alpha segments a window, one once it caught up. */
static void cubic_grow_est(struct cubic_epoch *e, const struct mini_cc *cc,
			   u32 acked)
{
	bool caught_up = e->w_est >= e->cwnd_prior;
	u64 per_mss = (u64)CUBIC_ALPHA_DEN * cc->cwnd;
	u32 n;

	e->est_acked += (u64)acked *
			(caught_up ? CUBIC_ALPHA_DEN : CUBIC_ALPHA_NUM);
	if (e->est_acked < per_mss)
		return;
	n = div64_u64(e->est_acked, per_mss);
	e->est_acked -= n * per_mss;
	e->w_est = min_t(u64, e->w_est + (u64)n * cc->mss, MINI_CC_CWND_MAX);
}

/* RFC 9438 4.2 to 4.5: an ACK in congestion avoidance. */
static void cubic_avoid(struct cubic_epoch *e, struct mini_cc *cc, u32 acked,
			u64 now)
{
	u32 t_ms, target, most, inc;

	if (!e->start)
		cubic_begin(e, cc, now);
	cubic_grow_est(e, cc, acked);
	t_ms = min_t(u64, div_u64(now - e->start, USEC_PER_MSEC), U32_MAX / 2);
	if (mini_cubic_window(e->origin, e->k_ms, t_ms, cc->mss) < e->w_est) {
		cc->cwnd = max(cc->cwnd, e->w_est);
		return;
	}
	target = mini_cubic_window(e->origin, e->k_ms,
				   t_ms + cc->srtt_us / USEC_PER_MSEC, cc->mss);
	most = cc->cwnd + cc->cwnd / 2;
	target = clamp(target, cc->cwnd, most);
	/* (target - cwnd) / cwnd for each segment acknowledged. */
	e->grown += (u64)(target - cc->cwnd) * acked;
	if (e->grown < cc->cwnd)
		return;
	inc = div_u64(e->grown, cc->cwnd);
	e->grown -= (u64)inc * cc->cwnd;
	cc->cwnd = min_t(u64, (u64)cc->cwnd + inc, MINI_CC_CWND_MAX);
}

static u32 cubic_slow_start(struct cubic *c, struct mini_cc *cc,
			    const struct mini_cc_ack *ack)
{
	u32 grow, room;

	if (cc->ssthresh >= MINI_CC_SSTHRESH_INF) {
		grow = mini_hystart_acked(&c->hystart, cc, ack);
		if (mini_cc_may_grow(cc))
			cc->cwnd = min_t(u64, (u64)cc->cwnd + grow,
					 MINI_CC_CWND_MAX);
		return 0;
	}
	room = cc->ssthresh - cc->cwnd;
	grow = mini_cc_may_grow(cc) ? min(ack->delivered, room) : 0;
	cc->cwnd += grow;
	return ack->delivered - grow;
}

static void cubic_acked(struct mini_cc *cc, const struct mini_cc_ack *ack)
{
	struct cubic *c = cubic_of(cc);
	u32 acked = ack->delivered;

	if (unlikely(!mini_cc_may_grow(cc)) && c->epoch.start)
		c->epoch.start += ack->now - c->last_ack;
	c->last_ack = ack->now;
	if (mini_cc_slow_start(cc))
		acked = cubic_slow_start(c, cc, ack);
	if (acked && mini_cc_may_grow(cc) && !mini_cc_slow_start(cc))
		cubic_avoid(&c->epoch, cc, acked, ack->now);
}

/* RFC 9438 4.6, 4.7; 4.8 after a timeout. */
static u32 cubic_ssthresh(struct mini_cc *cc, enum mini_cc_why why)
{
	u32 beta = why == MINI_CC_WHY_ECN && cc->abe ? CUBIC_BETA_ABE :
						       CUBIC_BETA;
	struct cubic *c = cubic_of(cc);
	struct cubic_epoch *e = &c->epoch;

	/* The second timeout in a row finds nothing worth remembering. */
	if (cc->state != MINI_CC_LOSS) {
		c->undo = *e;
		c->undo_cwnd = cc->cwnd;
	}
	e->cwnd_prior = cc->cwnd;
	if (why == MINI_CC_WHY_TIMEOUT)
		e->w_max = 0;
	else if (cc->cwnd < e->w_max)
		e->w_max = div_u64((u64)cc->cwnd * (100 + beta), 200);
	else
		e->w_max = cc->cwnd;
	e->start = 0;
	return max_t(u32, div_u64((u64)cc->cwnd * beta, 100), 2 * cc->mss);
}

/* RFC 9438 4.9: all as it was. */
static u32 cubic_undo(struct mini_cc *cc)
{
	struct cubic *c = cubic_of(cc);

	c->epoch = c->undo;
	return max(cc->cwnd, c->undo_cwnd);
}

static void cubic_event(struct mini_cc *cc, enum mini_cc_event event, u64 now)
{
	struct cubic *c = cubic_of(cc);

	switch (event) {
	case MINI_CC_EV_TX_START:
		/* Section 4.2: the silence does not count. */
		if (c->epoch.start && now > c->last_ack)
			c->epoch.start += now - c->last_ack;
		c->last_ack = now;
		/* Of ACKs that used no window nobody told it. */
		mini_hystart_anew(&c->hystart);
		break;
	case MINI_CC_EV_IDLE:
		/* A smaller cwnd: a stage of its own. */
		c->epoch.start = 0;
		break;
	default:
		break;
	}
}

struct mini_cc_ops mini_tcp_cubic = {
	.name = "cubic",
	.priv_size = sizeof(struct cubic),
	.ssthresh = cubic_ssthresh,
	.acked = cubic_acked,
	.undo = cubic_undo,
	.event = cubic_event,
	.flags = MINI_CC_ALL_ACKS,
	.owner = THIS_MODULE,
	.allowed = true,
};
