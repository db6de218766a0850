// SPDX-License-Identifier: GPL-2.0
/*
 * Time: the engine writes deadlines, one kernel timer a connection serves
 * them.  It is armed for the earliest deadline and not moved when that one
 * moves back: it fires too early then, and is armed anew.
 *
 * RFC 6298 (retransmission), RFC 9293 3.8.3 (giving up); who asks a silent
 * peer stands in probe.c.
 *
 * Locks on entry: the socket lock, but for mini_tcp_timer_fn().
 */
#include "tcp_int.h"

#define MINI_TCP_THIN_TIMEOUTS	6

/**
 * __mini_tcp_rearm() - mini_tcp_rearm(), when there is an earlier deadline
 * @tp: connection, locked
 * @now: microseconds
 */
void __mini_tcp_rearm(struct mini_tcp_sock *tp, u64 now)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	unsigned long when;
	u64 first = 0;
	u64 late;
	int i;

	tp->timer_news = false;
	if (tp->detached)
		return;
	for (i = 0; i < MINI_TCP_T_COUNT; i++)
		if (tp->deadline[i] && (!first || tp->deadline[i] < first))
			first = tp->deadline[i];
	if (!first)
		return;
	/* The kernel's timers are late by up to an eighth of their time. */
	late = first + (first > now ? (first - now) / 7 : 0);
	if (tp->timer_at && tp->timer_at <= late)
		return;
	when = jiffies + (first > now ?
			  nsecs_to_jiffies((first - now) * NSEC_PER_USEC) : 0) + 1;
	tp->timer_at = late;
	sk_reset_timer(sk, &tp->timer, when);
}

/**
 * mini_tcp_stop_timers() - no deadline is left, and no timer runs
 * @tp: connection, locked
 */
void mini_tcp_stop_timers(struct mini_tcp_sock *tp)
{
	memset(tp->deadline, 0, sizeof(tp->deadline));
	mini_tcp_pace_stop(tp);
	mini_tcp_comp_stop(tp);
	sk_stop_timer(mini_tcp_to_sk(tp), &tp->timer);
	tp->timer_at = 0;
}

/* mini_tcp_sock.timer has fired. */
void mini_tcp_timer_fn(struct timer_list *t)
{
	struct mini_tcp_sock *tp = timer_container_of(tp, t, timer);

	mini_tcp_do_bh(tp, MINI_TCP_DEFERRED_TIMER);
	sock_put(mini_tcp_to_sk(tp));
}

/**
 * mini_tcp_give_up() - nothing was heard of the peer for too long
 * @tp: connection, locked; CLOSED when this returns
 */
void mini_tcp_give_up(struct mini_tcp_sock *tp)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	mini_inc(mini_tcp_mn(tp), sk->sk_state == TCP_SYN_SENT ||
		 sk->sk_state == TCP_SYN_RECV ? MINI_MIB_TCP_ATTEMPT_FAILS :
		 MINI_MIB_TCP_ABORT_ON_TIMEOUT);
	mini_tcp_abort_silent(tp, READ_ONCE(sk->sk_err_soft) ?: ETIMEDOUT);
}

/**
 * mini_tcp_exhausted() - is R2 reached (RFC 9293 3.8.3)?
 * @tp: connection, locked
 * @tries: in a row without an answer
 * @since: when the wait began, us; 0: not known
 * @now: microseconds
 *
 * By count or, if the program said so (TCP_USER_TIMEOUT), by time.
 */
bool mini_tcp_exhausted(struct mini_tcp_sock *tp, u8 tries, u64 since, u64 now)
{
	struct mini_sysctl *ctl = &mini_tcp_mn(tp)->sysctl;
	struct sock *sk = mini_tcp_to_sk(tp);
	int limit = READ_ONCE(ctl->tcp_retries2);

	if (sk->sk_state == TCP_SYN_SENT)
		limit = (tp->syn_retries ?: READ_ONCE(ctl->tcp_syn_retries)) +
			READ_ONCE(ctl->tcp_syn_linear_timeouts);
	else if (sk->sk_state == TCP_SYN_RECV)
		limit = READ_ONCE(ctl->tcp_synack_retries);
	else if (sock_flag(sk, SOCK_DEAD))
		limit = READ_ONCE(ctl->tcp_orphan_retries) ?: 8;
	if (tp->user_timeout && since)
		return now - since >= (u64)tp->user_timeout * USEC_PER_MSEC;
	return tries >= limit;
}

/**
 * mini_tcp_user_deadline() - a deadline, or the user timeout's if that is sooner
 * @tp: connection, locked
 * @when: microseconds
 * @since: when the wait began, us; 0: not known
 *
 * Return: when to look at the connection next, us.
 */
u64 mini_tcp_user_deadline(const struct mini_tcp_sock *tp, u64 when, u64 since)
{
	if (likely(!tp->user_timeout) || !since)
		return when;
	return min(when, since + (u64)tp->user_timeout * USEC_PER_MSEC);
}

static void mini_tcp_data_timeout(struct mini_tcp_sock *tp, u64 now)
{
	/* Before it is sent again: it may have been too large. */
	mini_tcp_mtu_timeout(tp, now);
	mini_tcp_loss_timeout(tp, now);
}

/*
 * Does the next timeout take as long as this one?  The first SYNs may follow
 * each other at the same pace, and so may what a program with little to send
 * wants to have there soon (TCP_THIN_LINEAR_TIMEOUTS), six times.
 */
static bool mini_tcp_linear(const struct mini_tcp_sock *tp)
{
	struct mini_sysctl *ctl = &mini_tcp_mn(tp)->sysctl;

	if (tp->ms.sk.sk_state == TCP_SYN_SENT)
		return tp->retransmits <=
		       READ_ONCE(ctl->tcp_syn_linear_timeouts);
	return unlikely(tp->thin_lto) &&
	       tp->ms.sk.sk_state == TCP_ESTABLISHED &&
	       tp->retransmits <= MINI_TCP_THIN_TIMEOUTS &&
	       tp->snd_nxt - tp->snd_una < 4 * tp->cc.mss;
}

/* RFC 6298 (5.4) to (5.7). */
static void mini_tcp_timeout(struct mini_tcp_sock *tp, u64 now)
{
	struct sk_buff *skb = mini_tcp_rtx_head(tp);
	const struct mini_tcp_cb *cb;

	if (tp->snd_una == tp->snd_nxt || !skb)
		return;
	cb = mini_tcp_cb(skb);
	/* RFC 5482: the user timeout runs from when the segment first left. */
	if (!tp->retransmits && !(cb->mark & MINI_TCP_CB_EVER_RETRANS &&
				  cb->seq == tp->fl->stuck_seq))
		tp->fl->stuck_since = cb->sent;
	if (mini_tcp_exhausted(tp, tp->retransmits, tp->fl->stuck_since, now)) {
		mini_tcp_give_up(tp);
		return;
	}
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_TIMEOUTS);
	tp->total_rto++;
	if (!tp->retransmits)
		tp->total_rto_recoveries++;
	if (!tp->rto_stamp)
		tp->rto_stamp = now;
	if (mini_tcp_cb(skb)->flags & MINI_TCP_SYN)
		mini_tcp_retransmit(tp, skb, tp->cc.mss, now);
	else if (!mini_tcp_tsq_busy(tp, skb))
		mini_tcp_data_timeout(tp, now);
	if (tp->retransmits < U8_MAX)
		tp->retransmits++;
	if (tp->backoff < 16 && !mini_tcp_linear(tp))
		tp->backoff++;
	mini_tcp_rearm_timeout(tp, now);
	mini_tcp_set_timer(tp, MINI_TCP_T_RTO,
			   mini_tcp_user_deadline(tp, tp->fl->rto_at,
						  tp->fl->stuck_since));
}

static void mini_tcp_fin_wait_over(struct mini_tcp_sock *tp, u64 now)
{
	if (tp->ms.sk.sk_state == TCP_FIN_WAIT2)
		mini_tcp_done(tp);
}

/**
 * mini_tcp_timers_run() - do what is due
 * @tp: connection, locked
 * @now: microseconds
 *
 * The connection may have ended when this returns.
 */
void mini_tcp_timers_run(struct mini_tcp_sock *tp, u64 now)
{
	static void (* const due[MINI_TCP_T_COUNT])(struct mini_tcp_sock *tp,
						    u64 now) = {
		[MINI_TCP_T_REO] = mini_tcp_reo_timeout,
		[MINI_TCP_T_TLP] = mini_tcp_tlp_timeout,
		[MINI_TCP_T_RTO] = mini_tcp_timeout,
		[MINI_TCP_T_PERSIST] = mini_tcp_persist,
		[MINI_TCP_T_DELACK] = mini_tcp_ack_timer,
		[MINI_TCP_T_KEEPALIVE] = mini_tcp_keepalive,
		[MINI_TCP_T_FIN_WAIT] = mini_tcp_fin_wait_over,
		[MINI_TCP_T_PACE] = mini_tcp_resume,
		[MINI_TCP_T_COMP] = mini_tcp_comp_flush,
		[MINI_TCP_T_QUIET] = mini_tcp_flight_over,
	};
	int i;

	for (i = 0; i < MINI_TCP_T_COUNT; i++) {
		if (tp->ms.sk.sk_state == TCP_CLOSE)
			return;
		if (!tp->deadline[i] || tp->deadline[i] > now)
			continue;
		mini_tcp_clear_timer(tp, i);
		due[i](tp, now);
	}
	mini_tcp_flight_look(tp, now);
}
