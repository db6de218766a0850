// SPDX-License-Identifier: GPL-2.0
/*
 * How fast segments leave: at a rate if there is one, and never so many that a
 * queue of this host fills with one connection's.
 *
 * The rate is the congestion control's, bounded by SO_MAX_PACING_RATE; one
 * hrtimer a connection runs while the rate, and nothing else, holds data back.
 *
 * Each transmission of a queued segment is charged to sk_wmem_alloc until a
 * device has sent it.  Who frees it may hold any lock, so it only puts the
 * connection on a list of this CPU; a tasklet pushes on.
 *
 * Locks on entry: the socket lock, unless said otherwise.
 */
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/percpu.h>

#include "tcp_int.h"

/* A wait that is longer is looked at again: the rate may have risen, us. */
#define PACE_LOOK	(100 * USEC_PER_MSEC)

/* Below this round trip bursts are not spread, us: it is a local network. */
#define PACE_RTT_MIN	2000

struct mini_tcp_tsq {
	struct tasklet_struct tasklet;
	struct list_head socks;
};

static DEFINE_PER_CPU(struct mini_tcp_tsq, mini_tcp_tsq);

/**
 * mini_tcp_pacing_rate() - octets a second that may leave
 * @tp: connection
 *
 * Context: any.  Return: the rate; 0: there is none.
 */
u64 mini_tcp_pacing_rate(const struct mini_tcp_sock *tp)
{
	unsigned long most = READ_ONCE(tp->ms.sk.sk_max_pacing_rate);
	u64 rate = tp->cc.pacing_rate;

	if (likely(most == ~0UL))
		return rate;
	/* A rate of nothing would be none at all. */
	return max_t(u64, rate ? min_t(u64, rate, most) : most, 1);
}

/* What leaves in a millisecond: at the rate, or as cwnd and RTT would have it. */
static u32 mini_tcp_ms_worth(const struct mini_tcp_sock *tp)
{
	u64 rate = mini_tcp_pacing_rate(tp);
	u32 srtt = tp->srtt_us >> 3;

	if (rate)
		return min_t(u64, rate >> 10, INT_MAX);
	if (srtt < PACE_RTT_MIN)
		return INT_MAX;
	return min_t(u64, div_u64(2000ULL * tp->cc.cwnd, srtt), INT_MAX);
}

/**
 * mini_tcp_burst() - octets that may leave as one packet
 * @tp: connection, locked
 *
 * About a millisecond's worth, so that a queue is not shared in large lumps;
 * two segments at least.
 *
 * Return: a multiple of mss, gso_max at most.
 */
u32 mini_tcp_burst(const struct mini_tcp_sock *tp)
{
	u32 worth = mini_tcp_ms_worth(tp);

	if (likely(worth >= tp->gso_max))
		return tp->gso_max;
	worth = max(worth, 2 * tp->cc.mss);
	return min(rounddown(worth, tp->cc.mss), tp->gso_max);
}

/* The earliest time to send, ns; the engine's clock has microseconds only. */
static bool mini_tcp_pace_due(const struct mini_tcp_sock *tp, u64 now)
{
	return tp->fl->pace_next < (now + 1) * NSEC_PER_USEC;
}

/*
 * The rate has risen while a segment waits for its time: that comes sooner.
 * The product is that of few octets, sent already, and a second.
 */
static void mini_tcp_pace_faster(struct mini_tcp_sock *tp, u64 rate, u64 now_ns)
{
	u64 left = tp->fl->pace_next - now_ns;

	tp->fl->pace_next = now_ns + div64_u64(left * tp->fl->pace_rate, rate);
	tp->fl->pace_rate = rate;
}

/**
 * mini_tcp_pace_blocked() - does the rate hold the next segment back?
 * @tp: connection, locked
 * @now: microseconds
 *
 * If so, mini_tcp_resume() will be called when its time has come.
 */
bool mini_tcp_pace_blocked(struct mini_tcp_sock *tp, u64 now)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u64 rate = mini_tcp_pacing_rate(tp);
	u64 when;

	if (likely(!rate) || mini_tcp_pace_due(tp, now))
		return false;
	if (rate > tp->fl->pace_rate) {
		mini_tcp_pace_faster(tp, rate, now * NSEC_PER_USEC);
		if (mini_tcp_pace_due(tp, now))
			return false;
	}
	when = min(tp->fl->pace_next, (now + PACE_LOOK) * NSEC_PER_USEC);
	if (tp->detached) {
		mini_tcp_set_timer(tp, MINI_TCP_T_PACE,
				   DIV_ROUND_UP_ULL(when, NSEC_PER_USEC));
	} else if (!hrtimer_is_queued(&tp->fl->pace_timer)) {
		sock_hold(sk);
		hrtimer_start(&tp->fl->pace_timer, ns_to_ktime(when),
			      HRTIMER_MODE_ABS_PINNED_SOFT);
	}
	return true;
}

/**
 * mini_tcp_pace_sent() - a segment left: when may the next one?
 * @tp: connection, locked
 * @len: payload octets
 * @now: microseconds
 *
 * What a late timer lost is made good, up to half of this segment's time.
 */
void mini_tcp_pace_sent(struct mini_tcp_sock *tp, u32 len, u64 now)
{
	u64 rate = mini_tcp_pacing_rate(tp);
	u64 now_ns, late, took;

	if (likely(!rate))
		return;
	now_ns = now * NSEC_PER_USEC;
	if (unlikely(tp->fl->pace_next > now_ns && rate > tp->fl->pace_rate))
		mini_tcp_pace_faster(tp, rate, now_ns);
	took = div64_u64((u64)len * NSEC_PER_SEC, rate);
	late = now_ns > tp->fl->pace_next ? now_ns - tp->fl->pace_next : 0;
	tp->fl->pace_next = max(tp->fl->pace_next, now_ns) + took -
			min(late, took / 2);
	tp->fl->pace_rate = rate;
}

/**
 * mini_tcp_tsq_full() - are enough octets of the connection below already?
 * @tp: connection, locked
 * @len: payload octets that would be added
 *
 * Two packets of this size, or a millisecond's worth if that is more, up to
 * net.mini.tcp_limit_output_bytes.  If so, mini_tcp_resume() will be called
 * when some of them are gone.
 */
bool mini_tcp_tsq_full(struct mini_tcp_sock *tp, u32 len)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u32 limit = 2 * SKB_TRUESIZE(len);

	if (likely(sk_wmem_alloc_get(sk) <= limit))
		return false;
	limit = max(limit, mini_tcp_ms_worth(tp));
	limit = min_t(u32, limit,
		      READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_limit_output_bytes));
	/* Whatever the limit, one packet may be on its way. */
	if (sk_wmem_alloc_get(sk) <= limit || !tp->rtx_tail)
		return false;
	set_bit(MINI_TCP_TSQ_THROTTLED, &tp->tsq);
	/* Pairs with mini_tcp_tsq_freed(): it sees the bit, or this the room. */
	smp_mb__after_atomic();
	return sk_wmem_alloc_get(sk) > limit;
}

/**
 * mini_tcp_tsq_busy() - is the last transmission of a segment still below?
 * @tp: connection, locked
 * @skb: in the tree of what was sent
 *
 * Then to send it again would only make the queue longer; mini_tcp_resume()
 * will be called.
 */
bool mini_tcp_tsq_busy(struct mini_tcp_sock *tp, const struct sk_buff *skb)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	if (likely(!skb_fclone_busy(sk, skb)))
		return false;
	set_bit(MINI_TCP_TSQ_THROTTLED, &tp->tsq);
	/* Pairs with mini_tcp_tsq_freed(). */
	smp_mb__after_atomic();
	return skb_fclone_busy(sk, skb);
}

/**
 * mini_tcp_tsq_wait() - push on when something below is gone: it was full
 * @tp: connection, locked
 */
void mini_tcp_tsq_wait(struct mini_tcp_sock *tp)
{
	set_bit(MINI_TCP_TSQ_THROTTLED, &tp->tsq);
}

/**
 * __mini_tcp_tsq_freed() - mini_tcp_tsq_freed(), where somebody waits for it
 * @tp: connection; it may be closed, and a program's or a softirq's own
 */
void __mini_tcp_tsq_freed(struct mini_tcp_sock *tp)
{
	struct mini_tcp_tsq *tsq;
	unsigned long flags;

	if (test_and_set_bit(MINI_TCP_TSQ_QUEUED, &tp->tsq))
		return;
	/* Nobody but its last packets may hold the socket: let it go. */
	if (!refcount_inc_not_zero(&tp->ms.sk.sk_refcnt))
		return;
	local_irq_save(flags);
	tsq = this_cpu_ptr(&mini_tcp_tsq);
	list_add_tail(&tp->tsq_node, &tsq->socks);
	tasklet_schedule(&tsq->tasklet);
	local_irq_restore(flags);
}

/**
 * mini_tcp_resume() - what held data back may be over: send on
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_resume(struct mini_tcp_sock *tp, u64 now)
{
	if ((1 << tp->ms.sk.sk_state) &
	    ~(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT | TCPF_FIN_WAIT1 |
	      TCPF_CLOSING | TCPF_LAST_ACK))
		return;
	if (!mini_tcp_loss_done(tp))
		mini_tcp_resend_lost(tp, now);
	mini_tcp_push(tp, now);
	mini_tcp_rearm(tp, now);
}

static void mini_tcp_tsq_run(struct tasklet_struct *t)
{
	struct mini_tcp_tsq *tsq = from_tasklet(tsq, t, tasklet);
	struct mini_tcp_sock *tp, *next;
	LIST_HEAD(socks);

	local_irq_disable();
	list_splice_init(&tsq->socks, &socks);
	local_irq_enable();

	list_for_each_entry_safe(tp, next, &socks, tsq_node) {
		list_del(&tp->tsq_node);
		clear_bit(MINI_TCP_TSQ_THROTTLED, &tp->tsq);
		/* Whoever sees it not queued may put it on a list at once. */
		smp_mb__before_atomic();
		clear_bit(MINI_TCP_TSQ_QUEUED, &tp->tsq);
		mini_tcp_do_bh(tp, MINI_TCP_DEFERRED_PUSH);
		sock_put(mini_tcp_to_sk(tp));
	}
}

static enum hrtimer_restart mini_tcp_pace_fire(struct hrtimer *timer)
{
	struct mini_tcp_sock *tp = container_of(timer, struct mini_tcp_flight,
						pace_timer)->tp;

	mini_tcp_do_bh(tp, MINI_TCP_DEFERRED_PUSH);
	sock_put(mini_tcp_to_sk(tp));
	return HRTIMER_NORESTART;
}

/**
 * mini_tcp_pace_birth() - once in the life of a flight
 * @fl: nobody else knows it yet
 */
void mini_tcp_pace_birth(struct mini_tcp_flight *fl)
{
	hrtimer_setup(&fl->pace_timer, mini_tcp_pace_fire, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_PINNED_SOFT);
}

/**
 * mini_tcp_pace_stop() - nothing will be sent any more
 * @tp: locked
 */
void mini_tcp_pace_stop(struct mini_tcp_sock *tp)
{
	if (!mini_tcp_has_flight(tp))
		return;
	tp->fl->pace_next = 0;
	/* If it fires at this moment, it finds the connection closed. */
	if (hrtimer_try_to_cancel(&tp->fl->pace_timer) == 1)
		__sock_put(mini_tcp_to_sk(tp));
}

void mini_tcp_pace_init(void)
{
	struct mini_tcp_tsq *tsq;
	int cpu;

	for_each_possible_cpu(cpu) {
		tsq = per_cpu_ptr(&mini_tcp_tsq, cpu);
		INIT_LIST_HEAD(&tsq->socks);
		tasklet_setup(&tsq->tasklet, mini_tcp_tsq_run);
	}
}

/* There is no socket any more. */
void mini_tcp_pace_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		tasklet_kill(&per_cpu_ptr(&mini_tcp_tsq, cpu)->tasklet);
}
