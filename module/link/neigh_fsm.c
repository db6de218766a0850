// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine of a neighbour: RFC 4861 sections 7.3.2, 7.3.3 and
 * appendix C, used for ARP too (RFC 1122 section 2.3.2.1 leaves the way to
 * find out that an entry is old to the host).
 *
 * ARP's reply does not say whether it was asked for.  It counts as an answer
 * only while a question is out (INCOMPLETE, PROBE); else it is a claim like
 * any other, and makes nothing reachable.
 *
 * Locks on entry: none needed; nothing is touched but the arguments.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>

#include "../../uapi/linux/mini.h"
#include "neigh_fsm.h"

/**
 * mini_neigh_reachable_time() - how long a confirmation holds
 * @base: on average
 * @random: 32 random bits
 *
 * RFC 4861 section 6.3.2: between 0.5 and 1.5 of @base, so that hosts that
 * started together do not ask together.
 *
 * Return: at least 1, in the unit of @base.
 */
unsigned long mini_neigh_reachable_time(unsigned long base, u32 random)
{
	return max(1UL, base / 2 + (unsigned long)(((u64)base * random) >> 32));
}

static void fsm_arm(struct mini_neigh_step *step, unsigned long expires)
{
	step->actions |= MINI_NEIGH_ARM;
	step->expires = expires;
}

static void fsm_to_reachable(struct mini_neigh_step *step, unsigned long now,
			     const struct mini_neigh_params *p)
{
	step->state = MINI_NEIGH_REACHABLE;
	step->probes = 0;
	step->actions |= MINI_NEIGH_CONFIRMED;
	fsm_arm(step, now + p->reachable);
}

static void fsm_to_stale(struct mini_neigh_step *step)
{
	step->state = MINI_NEIGH_STALE;
	step->probes = 0;
	step->actions |= MINI_NEIGH_DISARM;
}

static void fsm_ask(struct mini_neigh_step *step, u16 how, unsigned long now,
		    const struct mini_neigh_params *p)
{
	step->probes++;
	step->actions |= how;
	fsm_arm(step, now + p->retrans);
}

static void fsm_output(const struct mini_neigh_at *at, unsigned long now,
		       const struct mini_neigh_params *p,
		       struct mini_neigh_step *step)
{
	switch (at->state) {
	case MINI_NEIGH_NONE:
	case MINI_NEIGH_FAILED:
		step->state = MINI_NEIGH_INCOMPLETE;
		step->probes = 0;
		fsm_ask(step, MINI_NEIGH_ASK_ALL, now, p);
		break;
	case MINI_NEIGH_STALE:
		step->state = MINI_NEIGH_DELAY;
		fsm_arm(step, now + p->delay_probe);
		break;
	}
}

static void fsm_timer(const struct mini_neigh_at *at, unsigned long now,
		      const struct mini_neigh_params *p,
		      struct mini_neigh_step *step)
{
	switch (at->state) {
	case MINI_NEIGH_INCOMPLETE:
		if (at->probes < p->mcast_probes) {
			fsm_ask(step, MINI_NEIGH_ASK_ALL, now, p);
			break;
		}
		step->state = MINI_NEIGH_FAILED;
		step->actions |= MINI_NEIGH_FAIL;
		break;
	case MINI_NEIGH_REACHABLE:
		/* Confirmations move the end without touching the timer. */
		if (time_before(now, at->confirmed + p->reachable))
			fsm_arm(step, at->confirmed + p->reachable);
		else
			fsm_to_stale(step);
		break;
	case MINI_NEIGH_DELAY:
		step->state = MINI_NEIGH_PROBE;
		step->probes = 0;
		fsm_ask(step, MINI_NEIGH_ASK_ONE, now, p);
		break;
	case MINI_NEIGH_PROBE:
		if (at->probes < p->ucast_probes) {
			fsm_ask(step, MINI_NEIGH_ASK_ONE, now, p);
			break;
		}
		step->state = MINI_NEIGH_FAILED;
		step->actions |= MINI_NEIGH_FAIL;
		break;
	}
}

/* It told its link address, and nothing says that it hears us. */
static void fsm_claim(const struct mini_neigh_at *at,
		      struct mini_neigh_step *step)
{
	switch (at->state) {
	case MINI_NEIGH_INCOMPLETE:
		step->actions |= MINI_NEIGH_LEARN | MINI_NEIGH_FLUSH;
		fsm_to_stale(step);
		break;
	case MINI_NEIGH_REACHABLE:
	case MINI_NEIGH_STALE:
	case MINI_NEIGH_DELAY:
	case MINI_NEIGH_PROBE:
		if (at->same)
			break;
		step->actions |= MINI_NEIGH_LEARN;
		fsm_to_stale(step);
		break;
	}
}

static void fsm_reply(const struct mini_neigh_at *at, unsigned long now,
		      const struct mini_neigh_params *p,
		      struct mini_neigh_step *step)
{
	switch (at->state) {
	case MINI_NEIGH_INCOMPLETE:
		step->actions |= MINI_NEIGH_LEARN | MINI_NEIGH_FLUSH;
		fsm_to_reachable(step, now, p);
		break;
	case MINI_NEIGH_PROBE:
		if (!at->same)
			step->actions |= MINI_NEIGH_LEARN;
		fsm_to_reachable(step, now, p);
		break;
	default:
		fsm_claim(at, step);
	}
}

/* It wants to talk to us: this is the one claim that makes an entry. */
static void fsm_request(const struct mini_neigh_at *at,
			struct mini_neigh_step *step)
{
	switch (at->state) {
	case MINI_NEIGH_NONE:
	case MINI_NEIGH_FAILED:
		step->actions |= MINI_NEIGH_LEARN;
		fsm_to_stale(step);
		break;
	default:
		fsm_claim(at, step);
	}
}

static void fsm_confirm(const struct mini_neigh_at *at, unsigned long now,
			const struct mini_neigh_params *p,
			struct mini_neigh_step *step)
{
	switch (at->state) {
	case MINI_NEIGH_REACHABLE:
		step->actions |= MINI_NEIGH_CONFIRMED;
		break;
	case MINI_NEIGH_STALE:
	case MINI_NEIGH_DELAY:
	case MINI_NEIGH_PROBE:
		fsm_to_reachable(step, now, p);
		break;
	}
}

static void fsm_set(struct mini_neigh_step *step)
{
	step->state = MINI_NEIGH_PERMANENT;
	step->probes = 0;
	step->actions |= MINI_NEIGH_LEARN | MINI_NEIGH_FLUSH |
			 MINI_NEIGH_DISARM;
}

/**
 * mini_neigh_fsm() - one step of a neighbour
 * @at: where it is
 * @event: what happens
 * @now: jiffies
 * @p: times and limits
 * @step: receives where it goes, and what is to be done
 *
 * Only MINI_NEIGH_SET changes what is PERMANENT.
 */
void mini_neigh_fsm(const struct mini_neigh_at *at,
		    enum mini_neigh_event event, unsigned long now,
		    const struct mini_neigh_params *p,
		    struct mini_neigh_step *step)
{
	step->state = at->state;
	step->probes = at->probes;
	step->actions = 0;
	step->expires = 0;
	switch (event) {
	case MINI_NEIGH_OUTPUT:
		fsm_output(at, now, p, step);
		break;
	case MINI_NEIGH_TIMER:
		fsm_timer(at, now, p, step);
		break;
	case MINI_NEIGH_REPLY:
		fsm_reply(at, now, p, step);
		break;
	case MINI_NEIGH_CLAIM:
		fsm_claim(at, step);
		break;
	case MINI_NEIGH_REQUEST:
		fsm_request(at, step);
		break;
	case MINI_NEIGH_CONFIRM:
		fsm_confirm(at, now, p, step);
		break;
	case MINI_NEIGH_SET:
		fsm_set(step);
		break;
	}
}
