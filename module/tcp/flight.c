// SPDX-License-Identifier: GPL-2.0
/*
 * The part of a connection that is there only while it is busy: flight.h.
 *
 * Whoever queues a segment to send has it, and keeps it until all is
 * acknowledged; so does whoever keeps a segment that came out of order, or has
 * a D-SACK to send. Nobody else writes to it. A connection without one refers
 * to mini_tcp_no_flight, so that reading need not ask.
 *
 * A quiet connection gives it back after a second or so, and two round trips,
 * as a D-SACK may take one: by then what it knows of the last flight (RFC 8985's
 * newest segment, what an undo would restore) says nothing of the next.
 *
 * Locks on entry: the socket lock.
 */
#include <linux/slab.h>

#include "tcp_int.h"

/* Quiet for so long at least, us. */
#define MINI_TCP_FLIGHT_QUIET	USEC_PER_SEC

const struct mini_tcp_flight mini_tcp_no_flight = {
	.tsorted = {
		(struct list_head *)&mini_tcp_no_flight.tsorted,
		(struct list_head *)&mini_tcp_no_flight.tsorted,
	},
};

static struct kmem_cache *mini_tcp_flights __read_mostly;

/* srtt_us is times 8. */
static u64 mini_tcp_flight_quiet(const struct mini_tcp_sock *tp)
{
	return max_t(u64, MINI_TCP_FLIGHT_QUIET, tp->srtt_us >> 2);
}

/* As if nothing had ever been sent, but for the timers, which may run. */
static void mini_tcp_flight_fresh(struct mini_tcp_sock *tp)
{
	struct mini_tcp_flight *fl = tp->fl;

	/* Not @tp: a timer that runs at this moment reads it. */
	memset((void *)fl + offsetofend(struct mini_tcp_flight, tp), 0,
	       offsetof(struct mini_tcp_flight, comp_timer) -
	       offsetofend(struct mini_tcp_flight, tp));
	INIT_LIST_HEAD(&fl->tsorted);
	fl->recover = tp->snd_una;
	fl->cwnd_round = tp->snd_una;
	fl->lost_told = tp->cc.lost;
}

/**
 * __mini_tcp_flight_get() - the slow part of mini_tcp_flight_get()
 * @tp: connection without one
 * @gfp: how to allocate
 *
 * Return: false without memory.
 */
bool __mini_tcp_flight_get(struct mini_tcp_sock *tp, gfp_t gfp)
{
	struct mini_tcp_flight *fl = kmem_cache_alloc(mini_tcp_flights, gfp);

	if (!fl)
		return false;
	tp->fl = fl;
	fl->tp = tp;
	mini_tcp_flight_fresh(tp);
	mini_tcp_comp_birth(fl);
	mini_tcp_pace_birth(fl);
	return true;
}

/* A socket is born, or a copy of another. */
void mini_tcp_flight_birth(struct mini_tcp_sock *tp)
{
	tp->fl = (struct mini_tcp_flight *)&mini_tcp_no_flight;
}

/* Another connection begins. */
void mini_tcp_flight_reset(struct mini_tcp_sock *tp)
{
	if (mini_tcp_has_flight(tp))
		mini_tcp_flight_fresh(tp);
}

/**
 * mini_tcp_flight_free() - give it back
 * @tp: connection; neither of the timers is armed or running
 */
void mini_tcp_flight_free(struct mini_tcp_sock *tp)
{
	if (!mini_tcp_has_flight(tp))
		return;
	kmem_cache_free(mini_tcp_flights, tp->fl);
	mini_tcp_flight_birth(tp);
}

/* Nothing is on its way, unsent, out of order or to be told. */
static bool mini_tcp_quiet(const struct mini_tcp_sock *tp)
{
	return !tp->rtx_tail && !mini_tcp_send_head(tp) && !tp->ooo_last &&
	       !(tp->num_sacks | tp->dsack_due | tp->comp_acks) &&
	       tp->cc.state == MINI_CC_OPEN;
}

/**
 * mini_tcp_flight_over() - MINI_TCP_T_QUIET: give it back, if it still is quiet
 * @tp: connection
 * @now: microseconds
 */
void mini_tcp_flight_over(struct mini_tcp_sock *tp, u64 now)
{
	if (!mini_tcp_has_flight(tp) || !mini_tcp_quiet(tp) ||
	    now - tp->last_sent < max_t(u64, MINI_TCP_FLIGHT_QUIET / 2,
					tp->srtt_us >> 2) ||
	    tp->fl->pace_next > now * NSEC_PER_USEC ||
	    hrtimer_active(&tp->fl->comp_timer) ||
	    hrtimer_active(&tp->fl->pace_timer))
		return;
	tp->tlp_active = 0;
	tp->undo_valid = 0;
	tp->fack_valid = 0;
	tp->dsack_round_on = 0;
	tp->num_sack_cache = 0;
	mini_tcp_flight_free(tp);
}

/**
 * mini_tcp_flight_look() - the connection's timer has fired: is it quiet?
 * @tp: connection
 * @now: microseconds
 *
 * The timer that a segment armed is left to fire when the segment is
 * acknowledged, so who has sent something gets here when it is over.
 */
void mini_tcp_flight_look(struct mini_tcp_sock *tp, u64 now)
{
	if (tp->deadline[MINI_TCP_T_QUIET])
		return;
	mini_tcp_flight_over(tp, now);
	if (mini_tcp_has_flight(tp) && mini_tcp_quiet(tp))
		mini_tcp_set_timer(tp, MINI_TCP_T_QUIET,
				   now + mini_tcp_flight_quiet(tp));
}

/**
 * mini_tcp_flight_rcv() - have a flight for what came out of order, or again
 * @tp: connection
 *
 * No timer may be armed that would give it back.
 *
 * Return: false without memory.
 */
bool mini_tcp_flight_rcv(struct mini_tcp_sock *tp)
{
	if (mini_tcp_has_flight(tp))
		return true;
	if (!__mini_tcp_flight_get(tp, GFP_ATOMIC))
		return false;
	mini_tcp_set_timer(tp, MINI_TCP_T_QUIET,
			   tp->last_rcv + mini_tcp_flight_quiet(tp));
	return true;
}

int mini_tcp_flight_init(void)
{
	mini_tcp_flights = KMEM_CACHE(mini_tcp_flight, SLAB_ACCOUNT);
	return mini_tcp_flights ? 0 : -ENOMEM;
}

void mini_tcp_flight_exit(void)
{
	kmem_cache_destroy(mini_tcp_flights);
}
