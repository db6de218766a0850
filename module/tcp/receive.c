// SPDX-License-Identifier: GPL-2.0
/*
 * Data that arrives: in order to the program, out of order to a tree until
 * the hole is filled; the end of the stream; the window that is offered
 * (RFC 9293 sections 3.10.7.4 seventh and eighth, 3.8.6.2.2, 3.8.6.3).
 *
 * What waits is charged to the socket with its true size, so that sk_rcvbuf
 * bounds what a peer can make this host hold.
 *
 * Locks on entry: the socket lock.
 */
#include "tcp_int.h"

/* A byte of payload may cost as much again in headers and slack. */
static u32 mini_tcp_win_from(int space)
{
	return space > 0 ? space / 2 : 0;
}

u32 mini_tcp_full_space(const struct sock *sk)
{
	return mini_tcp_win_from(READ_ONCE(sk->sk_rcvbuf));
}

u32 mini_tcp_space(const struct sock *sk)
{
	return mini_tcp_win_from(READ_ONCE(sk->sk_rcvbuf) -
				 atomic_read(&sk->sk_rmem_alloc) -
				 READ_ONCE(sk->sk_backlog.len));
}

/* RFC 7323 2.3: a scale that reaches the largest buffer there may ever be. */
u8 mini_tcp_wscale_for(const struct mini_net *mn, const struct sock *sk)
{
	u32 space = READ_ONCE(sk->sk_rcvbuf);
	u8 scale = 0;

	if (!READ_ONCE(mn->sysctl.tcp_window_scaling))
		return 0;
	if (!(sk->sk_userlocks & SOCK_RCVBUF_LOCK))
		space = max_t(u32, space, READ_ONCE(mn->sysctl.tcp_rmem[2]));
	while (space > U16_MAX && scale < MINI_TCP_MAX_WSCALE) {
		space >>= 1;
		scale++;
	}
	return scale;
}

/**
 * mini_tcp_select_window() - the window to offer in the segment being built
 * @tp: connection, locked
 *
 * Its right edge never moves left; it moves right by a segment or half the
 * buffer at least (RFC 9293 3.8.6.2.2).
 *
 * Return: octets, a multiple of what the scale can say.
 */
u32 mini_tcp_select_window(struct mini_tcp_sock *tp)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u32 unit = 1U << tp->rcv_wscale;
	u32 cur = mini_tcp_rcv_wnd(tp);
	u32 full = mini_tcp_full_space(sk);
	u32 step = min_t(u32, tp->rcv_mss, full / 2);
	u32 new = mini_tcp_space(sk);

	if (mini_tcp_memory_low())
		new = min(new, 4U * tp->rcv_mss);
	new = min_t(u64, new, (u64)U16_MAX << tp->rcv_wscale);
	new = round_down(new, unit);
	if (new < cur + step)
		new = min_t(u64, round_up(cur, unit),
			    (u64)U16_MAX << tp->rcv_wscale);
	tp->rcv_wnd = new;
	tp->rcv_wup = tp->rcv_nxt;
	return new;
}

/**
 * mini_tcp_window_read() - the program has read: is the news worth an ACK?
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_window_read(struct mini_tcp_sock *tp, u64 now)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u32 cur, space;

	if (sk->sk_shutdown & RCV_SHUTDOWN ||
	    !((1 << sk->sk_state) &
	      (TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2)))
		return;
	cur = mini_tcp_rcv_wnd(tp);
	if (2 * cur > mini_tcp_full_space(sk))
		return;
	space = mini_tcp_space(sk);
	if (space >= 2 * cur &&
	    space >= min_t(u32, tp->rcv_mss, mini_tcp_full_space(sk) / 2))
		mini_tcp_send_ack(tp, now);
}

/* The time that a window takes to arrive stands for the round trip. */
static void mini_tcp_rcv_rtt(struct mini_tcp_sock *tp, u64 now)
{
	u32 sample;

	if (tp->rcv_rtt_time) {
		if (seq_before(tp->rcv_nxt, tp->rcv_rtt_seq))
			return;
		sample = max_t(u64, now - tp->rcv_rtt_time, 1);
		if (!tp->rcv_rtt_us || sample < tp->rcv_rtt_us)
			tp->rcv_rtt_us = sample;
		else
			tp->rcv_rtt_us += (sample - tp->rcv_rtt_us) >> 3;
	}
	tp->rcv_rtt_seq = tp->rcv_nxt + tp->rcv_wnd;
	tp->rcv_rtt_time = now;
}

/**
 * mini_tcp_rcv_tune() - let the buffer follow what the program reads
 * @tp: connection, locked
 * @now: microseconds
 *
 * Twice what it read in a round trip, so that the window is never what
 * limits a sender whose data is wanted.
 */
void mini_tcp_rcv_tune(struct mini_tcp_sock *tp, u64 now)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u32 rtt = tp->srtt_us >> 3;
	u32 copied;
	u64 want;

	if (tp->rcv_rtt_us && (!rtt || tp->rcv_rtt_us < rtt))
		rtt = tp->rcv_rtt_us;
	if (!rtt || now - tp->rcvq_time < rtt)
		return;
	copied = tp->copied_seq - tp->rcvq_seq;
	tp->rcvq_time = now;
	tp->rcvq_seq = tp->copied_seq;
	if (sk->sk_userlocks & SOCK_RCVBUF_LOCK || mini_tcp_memory_low())
		return;
	want = 4ULL * copied + 16ULL * tp->rcv_mss;
	want = min_t(u64, want, READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_rmem[2]));
	if (want > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, want);
}

/**
 * mini_tcp_rmem_get() - is there room for @skb?
 * @tp: connection, locked
 * @skb: received
 * @in_order: it holds rcv_nxt; what is out of order was not acknowledged and
 *	may be thrown away for it
 *
 * Return: true if @skb may be queued and charged.
 */
bool mini_tcp_rmem_get(struct mini_tcp_sock *tp, struct sk_buff *skb,
		       bool in_order)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	if (atomic_read(&sk->sk_rmem_alloc) <= READ_ONCE(sk->sk_rcvbuf) &&
	    sk_rmem_schedule(sk, skb, skb->truesize))
		return true;
	if (!in_order)
		return false;
	if (!RB_EMPTY_ROOT(&tp->ooo)) {
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_RCV_PRUNED);
		mini_tcp_ooo_purge(tp);
	}
	/* An empty queue takes what comes, or a huge segment never could. */
	return (skb_queue_empty(&sk->sk_receive_queue) ||
		atomic_read(&sk->sk_rmem_alloc) <= READ_ONCE(sk->sk_rcvbuf)) &&
	       sk_rmem_schedule(sk, skb, skb->truesize);
}

/**
 * mini_tcp_coalesce() - join a segment to one that is queued
 * @tp: connection, locked
 * @to: queued and charged
 * @skb: neither; consumed if true is returned
 *
 * Return: true if @to ends where @skb begins and now holds its octets.
 */
bool mini_tcp_coalesce(struct mini_tcp_sock *tp, struct sk_buff *to,
		       struct sk_buff *skb)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct mini_tcp_cb *cb = mini_tcp_cb(to);
	bool stolen;
	int delta;

	if (cb->end_seq != mini_tcp_cb(skb)->seq || cb->flags & MINI_TCP_FIN)
		return false;
	if (!skb_try_coalesce(to, skb, &stolen, &delta))
		return false;
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	cb->end_seq = mini_tcp_cb(skb)->end_seq;
	cb->flags |= mini_tcp_cb(skb)->flags & MINI_TCP_FIN;
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_RCV_COALESCED);
	kfree_skb_partial(skb, stolen);
	return true;
}

/**
 * mini_tcp_queue_rcv() - hand a segment to the program
 * @tp: connection, locked
 * @skb: holds rcv_nxt, or is a FIN there; consumed
 * @owned: it is charged to the socket already
 *
 * Return: true if it carried FIN.
 */
bool mini_tcp_queue_rcv(struct mini_tcp_sock *tp, struct sk_buff *skb,
			bool owned)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	bool fin = cb->flags & MINI_TCP_FIN;
	u32 text = cb->end_seq - fin - tp->rcv_nxt;

	tp->bytes_received += text;
	tp->rcv_nxt = cb->end_seq;
	/* A FIN alone, or behind old text: nobody would ever read it away. */
	if (!text) {
		kfree_skb(skb);
		return fin;
	}
	if (tail && mini_tcp_coalesce(tp, tail, skb))
		return fin;
	__skb_queue_tail(&sk->sk_receive_queue, skb);
	if (!owned)
		skb_set_owner_r(skb, sk);
	return fin;
}

/* RFC 9293 3.8.6.3: at the latest the second full segment is acknowledged. */
static void mini_tcp_schedule_ack(struct mini_tcp_sock *tp, u64 now)
{
	if (tp->rcv_nxt - tp->last_ack_sent > tp->rcv_mss || tp->quickacks) {
		tp->ack_now = 1;
		return;
	}
	if (!tp->deadline[MINI_TCP_T_DELACK])
		mini_tcp_set_timer(tp, MINI_TCP_T_DELACK, now +
				   READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_delack_ms) *
				   USEC_PER_MSEC);
}

/* The size of the peer's segments, as far as it shows. */
static void mini_tcp_learn_mss(struct mini_tcp_sock *tp,
			       const struct sk_buff *skb)
{
	u32 len = skb_shinfo(skb)->gso_size ?: skb->len;

	len = min_t(u32, len, U16_MAX);
	if (len > tp->rcv_mss)
		tp->rcv_mss = len;
}

/*
 * Cut what lies beyond the window; true if something is left.  The window's
 * right edge never moved left, so no honest peer sends beyond it.
 */
static bool mini_tcp_trim(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	u32 edge = tp->rcv_nxt + mini_tcp_rcv_wnd(tp);
	u32 len;

	if (!seq_after(cb->end_seq, edge))
		return true;
	/* A FIN is an octet of sequence space, not of the buffer. */
	if (cb->flags & MINI_TCP_FIN && cb->end_seq - 1 == edge)
		return true;
	if (!seq_before(cb->seq, edge))
		return false;
	len = edge - cb->seq;
	if (pskb_trim(skb, len))
		return false;
	cb->flags &= ~MINI_TCP_FIN;
	cb->end_seq = edge;
	return true;
}

/**
 * mini_tcp_data() - the text and FIN of an acceptable segment
 * @tp: connection, locked
 * @skb: payload only, cb filled; consumed
 * @now: microseconds
 *
 * An ACK is left in tp->ack_now or the delayed-ACK timer.
 */
void mini_tcp_data(struct mini_tcp_sock *tp, struct sk_buff *skb, u64 now)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	struct sock *sk = mini_tcp_to_sk(tp);
	struct mini_net *mn = mini_tcp_mn(tp);
	bool had_hole = !RB_EMPTY_ROOT(&tp->ooo);
	bool fin;

	if (cb->seq == cb->end_seq) {
		consume_skb(skb);
		return;
	}
	if (!seq_after(cb->end_seq, tp->rcv_nxt)) {
		tp->ack_now = 1;
		mini_tcp_dsack_set(tp, cb->seq, cb->end_seq);
		mini_drop(mn, skb, MINI_DROP_TCP_OLD_DATA);
		return;
	}
	if (!mini_tcp_trim(tp, skb)) {
		tp->ack_now = 1;
		mini_drop(mn, skb, mini_tcp_rcv_wnd(tp) ?
			  MINI_DROP_TCP_OUT_OF_WINDOW :
			  MINI_DROP_TCP_ZERO_WINDOW);
		return;
	}
	skb_dst_drop(skb);
	mini_tcp_learn_mss(tp, skb);
	if (seq_after(cb->seq, tp->rcv_nxt)) {
		/* RFC 5681 4.2: at once, so that the sender can count. */
		tp->ack_now = 1;
		mini_tcp_ooo_insert(tp, skb);
		return;
	}
	if (!mini_tcp_rmem_get(tp, skb, true)) {
		tp->ack_now = 1;
		mini_drop(mn, skb, MINI_DROP_TCP_RCVBUF);
		return;
	}
	if (unlikely(cb->seq != tp->rcv_nxt))
		mini_tcp_dsack_set(tp, cb->seq, tp->rcv_nxt);
	fin = mini_tcp_queue_rcv(tp, skb, false);
	if (!fin && had_hole) {
		fin = mini_tcp_ooo_drain(tp);
		tp->ack_now = 1;
	}
	mini_tcp_rcv_rtt(tp, now);
	mini_tcp_schedule_ack(tp, now);
	if (fin)
		mini_tcp_fin(tp, now);
	else if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}

/**
 * mini_tcp_fin() - the peer has no more to say (RFC 9293 3.10.7.4 eighth)
 * @tp: connection, locked
 * @now: microseconds
 *
 * rcv_nxt is past the FIN.  May end the connection's socket: TIME-WAIT.
 */
void mini_tcp_fin(struct mini_tcp_sock *tp, u64 now)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	sk->sk_shutdown |= RCV_SHUTDOWN;
	sock_set_flag(sk, SOCK_DONE);
	tp->ack_now = 1;
	mini_tcp_ooo_purge(tp);

	switch (sk->sk_state) {
	case TCP_SYN_RECV:
	case TCP_ESTABLISHED:
		mini_tcp_set_state(tp, TCP_CLOSE_WAIT);
		break;
	case TCP_FIN_WAIT1:
		mini_tcp_set_state(tp, TCP_CLOSING);
		break;
	case TCP_FIN_WAIT2:
		mini_tcp_send_ack(tp, now);
		mini_tcp_time_wait(tp, now);
		return;
	default:
		return;
	}
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);
		sk_wake_async(sk, SOCK_WAKE_WAITD,
			      sk->sk_shutdown == SHUTDOWN_MASK ?
			      POLL_HUP : POLL_IN);
	}
}
