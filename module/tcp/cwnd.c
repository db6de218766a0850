// SPDX-License-Identifier: GPL-2.0
/*
 * The congestion window and its use: one that was not filled teaches nothing
 * (RFC 7661), and one that was not used for a while is stale (RFC 5681 section
 * 4.1, RFC 2861).
 *
 * Locks on entry: the socket lock.
 */
#include "../trace.h"
#include "recovery.h"

/**
 * mini_tcp_cwnd_validate() - note whether cwnd, and nothing else, stops sending
 * @tp: connection, locked
 * @limited: there is more to send, and cwnd does not let it out
 * @now: microseconds
 *
 * Called when all was sent that may be.  The answer holds for a window: until
 * what is outstanding now is acknowledged, or the window is used more.
 */
void mini_tcp_cwnd_validate(struct mini_tcp_sock *tp, bool limited, u64 now)
{
	u32 out = tp->snd_nxt - tp->snd_una;

	if (limited || !seq_before(tp->snd_una, tp->fl->cwnd_round) ||
	    (!tp->cc.cwnd_limited && out > tp->fl->max_out)) {
		tp->cc.cwnd_limited = limited;
		tp->fl->max_out = out;
		tp->fl->cwnd_round = tp->snd_nxt;
	}
}

/**
 * mini_tcp_cwnd_used() - may the window grow?
 * @tp: connection, locked
 *
 * In slow start to twice what was used, so that a program that writes now and
 * then does not start from nothing; later only if all of it was.
 */
bool mini_tcp_cwnd_used(const struct mini_tcp_sock *tp)
{
	return tp->cc.cwnd_limited ||
	       (mini_cc_slow_start(&tp->cc) && tp->cc.cwnd < 2 * tp->fl->max_out);
}

/**
 * mini_tcp_cwnd_restart() - sending begins again: is the window stale?
 * @tp: connection, locked; nothing is outstanding
 * @now: microseconds
 *
 * Half of it goes with each timeout's length of silence, down to the initial
 * window; ssthresh remembers where it was.
 */
void mini_tcp_cwnd_restart(struct mini_tcp_sock *tp, u64 now)
{
	struct mini_cc *cc = &tp->cc;
	u32 restart = MINI_TCP_INIT_CWND * cc->mss;
	u64 idle;

	if (!tp->last_sent || now - tp->last_sent <= tp->rto_us)
		return;
	mini_tcp_cc_sync(tp);
	mini_cc_event(cc, MINI_CC_EV_IDLE, now);
	if (cc->ops->control || cc->cwnd <= restart ||
	    !READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_slow_start_after_idle))
		return;
	cc->ssthresh = max(cc->ssthresh, cc->cwnd / 4 * 3);
	for (idle = now - tp->last_sent;
	     idle > tp->rto_us && cc->cwnd > restart; idle -= tp->rto_us)
		cc->cwnd /= 2;
	cc->cwnd = max(cc->cwnd, restart);
	trace_mini_tcp_cong(&tp->ms, cc->cwnd, cc->ssthresh, "idle");
}
