// SPDX-License-Identifier: GPL-2.0
/*
 * Work for a connection that softirq finds in a process's hands: a bit is set,
 * and release_sock() does what the bits say.  Each bit that is set holds a
 * reference of the socket.
 *
 * Locks on entry: said of each.
 */
#include "tcp_int.h"

static void mini_tcp_timers_due(struct mini_tcp_sock *tp, u64 now)
{
	/* It has fired: what it is armed for next is yet to be seen. */
	tp->timer_at = 0;
	tp->timer_news = true;
	mini_tcp_timers_run(tp, now);
	mini_tcp_rearm(tp, now);
}

/* Any of them may meet a connection that has ended. */
static void (* const mini_tcp_work[MINI_TCP_DEFERRED_COUNT])
		(struct mini_tcp_sock *tp, u64 now) = {
	[MINI_TCP_DEFERRED_TIMER] = mini_tcp_timers_due,
	[MINI_TCP_DEFERRED_MTU] = mini_tcp_mtu_err,
	[MINI_TCP_DEFERRED_PUSH] = mini_tcp_resume,
	[MINI_TCP_DEFERRED_ACK] = mini_tcp_comp_flush,
};

/**
 * mini_tcp_defer() - have release_sock() do something
 * @tp: connection; bh_lock_sock() is held, and a process owns the socket
 * @what: to do
 *
 * Context: softirq.
 */
void mini_tcp_defer(struct mini_tcp_sock *tp, enum mini_tcp_deferred what)
{
	if (!test_and_set_bit(what, &tp->deferred))
		sock_hold(mini_tcp_to_sk(tp));
}

/**
 * mini_tcp_do_bh() - do something now, or have release_sock() do it
 * @tp: connection, not locked; the caller has a reference
 * @what: to do
 *
 * Context: softirq.
 */
void mini_tcp_do_bh(struct mini_tcp_sock *tp, enum mini_tcp_deferred what)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk))
		mini_tcp_work[what](tp, mini_tcp_now());
	else
		mini_tcp_defer(tp, what);
	bh_unlock_sock(sk);
}

/**
 * mini_tcp_release_cb() - proto.release_cb: a process is done with the socket
 * @sk: socket; its spinlock is held, and the process still owns it
 */
void mini_tcp_release_cb(struct sock *sk)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	u64 now;
	int i;

	if (likely(!READ_ONCE(tp->deferred)))
		return;
	now = mini_tcp_now();
	for (i = 0; i < MINI_TCP_DEFERRED_COUNT; i++) {
		if (!test_and_clear_bit(i, &tp->deferred))
			continue;
		mini_tcp_work[i](tp, now);
		__sock_put(sk);
	}
}
