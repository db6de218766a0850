// SPDX-License-Identifier: GPL-2.0
/*
 * Address conflict detection: the steps from an address that somebody wishes
 * for to one that is this host's (RFC 5227 sections 2.1.1 and 2.3).
 *
 * Locks on entry: the caller's, whose address it is.
 */
#include <linux/kernel.h>

#include "acd.h"

static void acd_wait(struct mini_acd_step *step, u32 delay)
{
	step->actions |= MINI_ACD_WAIT;
	step->delay = delay;
}

/* A number of @lo to @hi, both included. */
static u32 acd_between(u32 random, u32 lo, u32 hi)
{
	return lo + random % (hi - lo + 1);
}

/**
 * mini_acd_start() - an address is wanted: begin to ask
 * @acd: of the address
 * @random: any
 * @step: receives when the first question is due: hosts that start together
 *	shall not ask together
 */
void mini_acd_start(struct mini_acd *acd, u32 random,
		    struct mini_acd_step *step)
{
	acd->state = MINI_ACD_PROBING;
	acd->left = MINI_ACD_PROBE_NUM;
	step->actions = 0;
	acd_wait(step, acd_between(random, 0, MINI_ACD_PROBE_WAIT));
}

/**
 * mini_acd_next() - the time that the last step asked for is over
 * @acd: of the address
 * @conflict: meanwhile another host showed that it has, or wants, the address
 * @random: any
 * @step: receives what is to be done
 *
 * When nothing is left to wait for, @step has no MINI_ACD_WAIT.
 */
void mini_acd_next(struct mini_acd *acd, bool conflict, u32 random,
		   struct mini_acd_step *step)
{
	step->actions = 0;
	step->delay = 0;
	if (acd->state == MINI_ACD_PROBING && conflict) {
		acd->state = MINI_ACD_CONFLICT;
		return;
	}
	if (acd->state == MINI_ACD_PROBING && acd->left) {
		step->actions = MINI_ACD_PROBE;
		acd->left--;
		acd_wait(step, acd->left ?
			       acd_between(random, MINI_ACD_PROBE_MIN,
					   MINI_ACD_PROBE_MAX) :
			       MINI_ACD_ANNOUNCE_WAIT);
		return;
	}
	if (acd->state == MINI_ACD_PROBING) {
		step->actions = MINI_ACD_CLAIM;
		acd->state = MINI_ACD_ANNOUNCING;
		acd->left = MINI_ACD_ANNOUNCE_NUM;
	}
	if (acd->state != MINI_ACD_ANNOUNCING)
		return;
	step->actions |= MINI_ACD_ANNOUNCE;
	if (--acd->left)
		acd_wait(step, MINI_ACD_ANNOUNCE_INTERVAL);
	else
		acd->state = MINI_ACD_IDLE;
}
