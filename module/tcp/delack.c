// SPDX-License-Identifier: GPL-2.0
/*
 * When data is acknowledged: at once or later (RFC 9293 section 3.8.6.3, RFC
 * 5681 section 4.2).
 *
 * An ACK leaves at once for the second full segment, for what is out of order
 * or closes a hole, for what came again; and while quick ACKs are left, which
 * a sender gets who needs them to open its window: at the start, after a
 * pause, after trouble.  Else it waits for tp->ato_us, which follows the
 * peer's rhythm, to ride on an answer.  tp->pingpong: the program does answer:
 * then quick ACKs would be wasted.
 *
 * A quick ACK of a short message may ride, too, if the program is about to read
 * it: it leaves with the answer or, if there is none, as soon as the program
 * waits for more; after a tick of the clock in any case.
 *
 * What is out of order is acknowledged at once until the sender has seen that
 * there is a hole.  Further ACKs of the same hole would only be work for both
 * ends: one of them may speak for those of the twentieth part of a round trip.
 *
 * Locks on entry: the socket lock.
 */
#include <linux/hrtimer.h>

#include "tcp_int.h"

/* Duplicate ACKs that leave at once: RFC 5681 section 3.2. */
#define MINI_TCP_COMP_DUPS	3
/* The round trip has so many times the longest wait. */
#define MINI_TCP_COMP_PARTS	20

/* A program that reads answers within this time, us, or has no answer. */
#define MINI_TCP_ANSWERS_IN	USEC_PER_MSEC

/* A program that read so long ago, us, is about to read again. */
#define MINI_TCP_READS_AGAIN	USEC_PER_MSEC

#define MINI_TCP_ATO_MAX	(200 * USEC_PER_MSEC)
#define MINI_TCP_ATO_LIMIT	(500 * USEC_PER_MSEC)	/* RFC 9293 MUST-40 */

static u32 mini_tcp_ato_min(const struct mini_tcp_sock *tp)
{
	return READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_delack_ms) * USEC_PER_MSEC;
}

/**
 * mini_tcp_more_quickacks() - the next segments are acknowledged each
 * @tp: connection, locked
 *
 * As many as half the window has, unless the program answers what it reads.
 */
void mini_tcp_more_quickacks(struct mini_tcp_sock *tp)
{
	u32 n = tp->rcv_wnd / (2 * tp->rcv_mss);

	n = clamp_t(u32, n, 2, MINI_TCP_QUICKACKS);
	tp->quickacks = max_t(u32, tp->quickacks, n);
}

/**
 * mini_tcp_quickack() - acknowledge the next segments without delay
 * @tp: connection, locked
 */
void mini_tcp_quickack(struct mini_tcp_sock *tp)
{
	mini_tcp_more_quickacks(tp);
	tp->pingpong = 0;
	tp->ato_us = mini_tcp_ato_min(tp);
}

/* The peer's rhythm: data that follows sooner makes the delay shorter. */
static void mini_tcp_learn_ato(struct mini_tcp_sock *tp, u32 len, u64 now)
{
	u32 least = mini_tcp_ato_min(tp);
	u64 gap = now - tp->last_data_rcv;

	/*
	 * A full segment after a silence of more than a round trip: the first
	 * of a flight, or a probe whether the last ACK was lost (RFC 8985
	 * section 7), whose sender waits for the answer.  Where messages are
	 * answered it is the next question, as likely as not.
	 */
	if (len >= tp->rcv_mss && tp->rcv_rtt_us && !tp->pingpong &&
	    gap > 2 * tp->rcv_rtt_us)
		tp->ack_now = 1;
	if (!tp->ato_us) {
		mini_tcp_more_quickacks(tp);
		tp->ato_us = least;
	} else if (gap <= least / 2) {
		tp->ato_us = tp->ato_us / 2 + least / 2;
	} else if (gap < tp->ato_us) {
		tp->ato_us = min_t(u32, tp->ato_us / 2 + gap, tp->rto_us);
	} else if (gap > tp->rto_us) {
		/* It paused, and is in slow start again. */
		mini_tcp_more_quickacks(tp);
	}
	tp->last_data_rcv = now;
}

/*
 * No segment is larger than this end allows: what is was joined on its way in
 * by something that does not tell of it.
 */
static u32 mini_tcp_most_mss(const struct mini_tcp_sock *tp)
{
	u32 mtu = tp->ms.path.mtu;

	return mtu ? mini_tcp_mss_for(mtu) : U16_MAX;
}

/*
 * The size of the peer's full segments, as far as it shows: the largest, or
 * what came twice in a row and cannot be the end of what was written.
 */
static void mini_tcp_learn_mss(struct mini_tcp_sock *tp,
			       const struct sk_buff *skb)
{
	u32 len = skb_shinfo(skb)->gso_size ?: skb->len;
	u8 flags = mini_tcp_cb(skb)->flags;

	if (likely(len >= tp->rcv_mss)) {
		if (unlikely(len > tp->rcv_mss))
			tp->rcv_mss = min(len, mini_tcp_most_mss(tp));
		tp->rcv_small = 0;
		/* The end of a burst may just fill its segment. */
		if (flags & MINI_TCP_PSH && skb->len == len)
			tp->ack_pushed = max_t(u8, tp->ack_pushed, 1);
		return;
	}
	if (len >= MINI_TCP_MSS_DEFAULT ||
	    (len >= MINI_TCP_MSS_MIN && !(flags & MINI_TCP_PSH))) {
		if (len == tp->rcv_small) {
			tp->rcv_mss = len;
			tp->rcv_small = 0;
			return;
		}
		tp->rcv_small = len;
	}
	tp->ack_pushed = min(tp->ack_pushed + 1, 2);
}

/**
 * mini_tcp_ack_data() - data arrived in the window
 * @tp: connection, locked
 * @skb: the segment, payload only
 * @now: microseconds
 */
void mini_tcp_ack_data(struct mini_tcp_sock *tp, const struct sk_buff *skb,
		       u64 now)
{
	mini_tcp_learn_mss(tp, skb);
	mini_tcp_learn_ato(tp, skb->len, now);
}

static void mini_tcp_ack_later(struct mini_tcp_sock *tp, u64 now)
{
	u32 least = mini_tcp_ato_min(tp);
	u32 most = MINI_TCP_ATO_LIMIT;
	u32 ato = tp->ato_us;
	u64 when;

	if (ato > least) {
		if (tp->pingpong || tp->ack_pushed)
			most = MINI_TCP_ATO_MAX;
		/* Not longer than the round trip: the peer waits for it. */
		if (tp->srtt_us)
			most = min(most, max(tp->srtt_us >> 3, least));
		ato = min(ato, most);
	}
	when = now + ato;
	if (tp->deadline[MINI_TCP_T_DELACK] &&
	    tp->deadline[MINI_TCP_T_DELACK] <= when) {
		/*
		 * Nearly due: the timer need not be waited for, unless it only
		 * sees to an answer that is on its way.
		 */
		if (!tp->ack_waits &&
		    tp->deadline[MINI_TCP_T_DELACK] <= now + ato / 4)
			tp->ack_now = 1;
		return;
	}
	mini_tcp_set_timer(tp, MINI_TCP_T_DELACK, when);
}

/* Does a program wait for something of the socket? */
static bool mini_tcp_reader_sleeps(const struct sock *sk)
{
	bool sleeps;

	rcu_read_lock();
	sleeps = skwq_has_sleeper(rcu_dereference(sk->sk_wq));
	rcu_read_unlock();
	return sleeps;
}

/*
 * More than a segment is unacknowledged.  Will the program read it right now,
 * for it waits, or has just read?  Then the ACK that follows the reading tells
 * of the window that it opens, too.  An ACK for every second segment of a fast
 * sender would be answered by two segments each: small ones for both ends.
 */
static bool mini_tcp_reader_comes(struct mini_tcp_sock *tp, u64 now)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	if (tp->rcv_nxt - tp->copied_seq < READ_ONCE(sk->sk_rcvlowat) ||
	    tp->rcv_nxt - tp->last_ack_sent > tp->rcv_wnd / 2 ||
	    mini_tcp_window_whole(tp))
		return false;
	return now - tp->last_read < MINI_TCP_READS_AGAIN ||
	       mini_tcp_reader_sleeps(sk);
}

/*
 * A quick ACK is due, of the end of what the peer wrote, and a program waits
 * for that, will be told of the connection and of it at once, or has just asked
 * and is on its way to read the answer.
 */
static bool mini_tcp_answer_comes(const struct mini_tcp_sock *tp, u64 now)
{
	const struct sock *sk = &tp->ms.sk;

	if (!tp->ack_pushed || tp->ack_waits ||
	    sk->sk_state != TCP_ESTABLISHED ||
	    tp->rcv_nxt - tp->last_ack_sent > tp->rcv_mss ||
	    tp->rcv_nxt - tp->copied_seq < READ_ONCE(sk->sk_rcvlowat))
		return false;
	return !list_empty(&tp->accept_node) || mini_tcp_reader_sleeps(sk) ||
	       now - tp->last_sent < MINI_TCP_ANSWERS_IN;
}

/**
 * mini_tcp_ack_waiting() - the program has read all and waits for more
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_ack_waiting(struct mini_tcp_sock *tp, u64 now)
{
	if (tp->ack_waits && !((1 << tp->ms.sk.sk_state) &
			       (TCPF_CLOSE | TCPF_LISTEN)))
		mini_tcp_send_ack(tp, now);
}

/**
 * mini_tcp_schedule_ack() - data was taken in order: acknowledge it, when?
 * @tp: connection, locked
 * @now: microseconds
 *
 * Leaves the answer in tp->ack_now or in the delayed-ACK timer.
 */
void mini_tcp_schedule_ack(struct mini_tcp_sock *tp, u64 now)
{
	if (tp->ack_now)
		return;
	if (tp->quickacks && !tp->pingpong && mini_tcp_answer_comes(tp, now)) {
		tp->ack_waits = 1;
		mini_tcp_set_timer(tp, MINI_TCP_T_DELACK,
				   now + MINI_TCP_ANSWERS_IN);
	} else if ((tp->quickacks && !tp->pingpong) ||
		   (tp->rcv_nxt - tp->last_ack_sent > tp->rcv_mss &&
		    !mini_tcp_reader_comes(tp, now))) {
		tp->ack_now = 1;
	} else {
		mini_tcp_ack_later(tp, now);
	}
}

/**
 * mini_tcp_ack_read() - the program has read: is it time for an ACK?
 * @tp: connection, locked
 * @copied: octets that were read, 0: it is about to wait
 * @now: microseconds
 */
void mini_tcp_ack_read(struct mini_tcp_sock *tp, u32 copied, u64 now)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	if (copied)
		tp->last_read = now;
	if (!((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |
				     TCPF_FIN_WAIT2 | TCPF_CLOSE_WAIT)))
		return;
	if (tp->deadline[MINI_TCP_T_DELACK] && !tp->ack_waits &&
	    (tp->rcv_nxt - tp->last_ack_sent > tp->rcv_mss ||
	     /* All is read, and the program has nothing to answer. */
	     (copied && (tp->ack_pushed > 1 ||
			 (tp->ack_pushed && !tp->pingpong)) &&
	      !atomic_read(&sk->sk_rmem_alloc)))) {
		mini_tcp_send_ack(tp, now);
		return;
	}
	if (copied && !(sk->sk_shutdown & RCV_SHUTDOWN) &&
	    mini_tcp_window_news(tp))
		mini_tcp_send_ack(tp, now);
}

/**
 * mini_tcp_ack_timer() - a delayed ACK is due
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_ack_timer(struct mini_tcp_sock *tp, u64 now)
{
	u32 ato = tp->ato_us;

	if (tp->ack_waits) {
		mini_tcp_send_ack(tp, now);
		return;
	}
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_DELAYED_ACKS);
	if (tp->pingpong) {
		/* The answer did not come in time: do not count on it. */
		tp->pingpong = 0;
		ato = mini_tcp_ato_min(tp);
	} else {
		ato = min(2 * ato, tp->rto_us);
	}
	tp->ato_us = min_t(u32, ato, MINI_TCP_ATO_LIMIT);
	mini_tcp_send_ack(tp, now);
}

/**
 * mini_tcp_set_quickack() - TCP_QUICKACK
 * @tp: socket, locked
 * @val: 0: ACKs may wait; odd: they may not; even: what waits leaves, and then
 *	they may
 * @now: microseconds
 */
void mini_tcp_set_quickack(struct mini_tcp_sock *tp, int val, u64 now)
{
	tp->pingpong = !(val & 1);
	if (!val || !tp->deadline[MINI_TCP_T_DELACK] ||
	    !((1 << tp->ms.sk.sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)))
		return;
	mini_tcp_send_ack(tp, now);
	mini_tcp_rearm(tp, now);
}

/* How long ACKs of what is out of order may be held back, ns; 0: not at all. */
static u32 mini_tcp_comp_delay(const struct mini_tcp_sock *tp)
{
	u32 most = READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_comp_sack_delay_ns);
	u32 rtt = tp->rcv_rtt_us;
	u32 srtt = tp->srtt_us >> 3;

	if (srtt && (!rtt || srtt < rtt))
		rtt = srtt;
	return min_t(u64, most,
		     (u64)rtt * (NSEC_PER_USEC / MINI_TCP_COMP_PARTS));
}

static void mini_tcp_comp_arm(struct mini_tcp_sock *tp, u32 delay, u64 now)
{
	if (tp->detached) {
		if (!tp->deadline[MINI_TCP_T_COMP])
			mini_tcp_set_timer(tp, MINI_TCP_T_COMP, now +
					   DIV_ROUND_UP(delay, NSEC_PER_USEC));
	} else if (!hrtimer_is_queued(&tp->fl->comp_timer)) {
		sock_hold(mini_tcp_to_sk(tp));
		hrtimer_start(&tp->fl->comp_timer, ns_to_ktime(delay),
			      HRTIMER_MODE_REL_PINNED_SOFT);
	}
}

/**
 * mini_tcp_ack_ooo() - data was taken out of order: acknowledge it, when?
 * @tp: connection, locked
 * @before: where the newest SACK block began before that; rcv_nxt: none
 * @now: microseconds
 *
 * At once (RFC 5681 section 4.2) for a sender that counts, and while there is
 * more to tell than one option holds.  Else the answer may wait for
 * net.mini.tcp_comp_sack_delay_ns, or for so many as tcp_comp_sack_nr says.
 */
void mini_tcp_ack_ooo(struct mini_tcp_sock *tp, u32 before, u64 now)
{
	struct mini_sysctl *ctl = &mini_tcp_mn(tp)->sysctl;
	u32 delay;

	if (tp->ack_now)
		return;
	if (tp->comp_rcv_nxt != tp->rcv_nxt) {
		tp->comp_rcv_nxt = tp->rcv_nxt;
		tp->comp_dups = 0;
	}
	if (tp->num_sacks && tp->fl->sacks[0].start != before)
		tp->comp_blocks++;
	if (!tp->num_sacks || tp->dsack_due ||
	    tp->comp_dups < MINI_TCP_COMP_DUPS ||
	    tp->comp_blocks >= MINI_WIRE_TCP_SACKS - 1 ||
	    tp->comp_acks >= READ_ONCE(ctl->tcp_comp_sack_nr)) {
		if (tp->comp_dups < MINI_TCP_COMP_DUPS)
			tp->comp_dups++;
		tp->ack_now = 1;
		return;
	}
	delay = mini_tcp_comp_delay(tp);
	if (!delay) {
		tp->ack_now = 1;
		return;
	}
	tp->comp_acks++;
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_ACK_COMPRESSED);
	mini_tcp_comp_arm(tp, delay, now);
}

/**
 * mini_tcp_comp_flush() - no ACK may be held back any longer
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_comp_flush(struct mini_tcp_sock *tp, u64 now)
{
	if (!tp->comp_acks || tp->ms.sk.sk_state == TCP_CLOSE)
		return;
	mini_tcp_send_ack(tp, now);
	mini_tcp_rearm(tp, now);
}

static enum hrtimer_restart mini_tcp_comp_fire(struct hrtimer *timer)
{
	struct mini_tcp_sock *tp = container_of(timer, struct mini_tcp_flight,
						comp_timer)->tp;

	mini_tcp_do_bh(tp, MINI_TCP_DEFERRED_ACK);
	sock_put(mini_tcp_to_sk(tp));
	return HRTIMER_NORESTART;
}

/**
 * mini_tcp_comp_sent() - an ACK that tells all left
 * @tp: connection, locked
 */
void mini_tcp_comp_sent(struct mini_tcp_sock *tp)
{
	tp->comp_blocks = 0;
	if (tp->comp_acks)
		mini_tcp_comp_stop(tp);
}

/**
 * mini_tcp_comp_birth() - once in the life of a flight
 * @fl: nobody else knows it yet
 */
void mini_tcp_comp_birth(struct mini_tcp_flight *fl)
{
	hrtimer_setup(&fl->comp_timer, mini_tcp_comp_fire, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_SOFT);
}

/**
 * mini_tcp_comp_stop() - nothing is held back
 * @tp: connection, locked
 */
void mini_tcp_comp_stop(struct mini_tcp_sock *tp)
{
	tp->comp_acks = 0;
	mini_tcp_clear_timer(tp, MINI_TCP_T_COMP);
	/* If it fires at this moment, it finds nothing to do. */
	if (mini_tcp_has_flight(tp) &&
	    hrtimer_try_to_cancel(&tp->fl->comp_timer) == 1)
		__sock_put(mini_tcp_to_sk(tp));
}
