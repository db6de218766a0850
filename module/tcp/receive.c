// SPDX-License-Identifier: GPL-2.0
/*
 * Data that arrives: in order to the program, out of order to a tree until
 * the hole is filled; the end of the stream (RFC 9293 section 3.10.7.4 seventh
 * and eighth).
 *
 * What waits is charged to the socket with its true size, so that sk_rcvbuf
 * bounds what a peer can make this host hold.
 *
 * Locks on entry: the socket lock.
 */
#include <net/busy_poll.h>

#include "open.h"

/* Segments, of what was behind a hole. */
#define MINI_TCP_SHORT_FLIGHT	4

/**
 * mini_tcp_rcv_init() - what the receiving side of a connection starts from
 * @tp: socket; its queues are empty
 */
void mini_tcp_rcv_init(struct mini_tcp_sock *tp)
{
	tp->rcv_mss = MINI_TCP_MSS_DEFAULT;
	tp->ooo = RB_ROOT;
	tp->ooo_last = NULL;
	tp->num_sacks = 0;
	tp->dsack_due = 0;
	tp->pingpong = 0;
	tp->quickacks = 0;
	tp->ack_pushed = 0;
	tp->comp_acks = 0;
	tp->comp_dups = 0;
	tp->comp_blocks = 0;
	tp->comp_rcv_nxt = 0;
	tp->ato_us = 0;
	tp->rcv_small = 0;
	tp->last_data_rcv = 0;
	tp->last_read = 0;
	tp->urg_data = 0;
	tp->win_ratio = 128;
	tp->dense = 0;
	tp->rcvq_len = 0;
	tp->rcvq_true = 0;
	tp->rcv_rtt_us = 0;
	tp->rcv_rtt_time = 0;
	tp->rcv_rtt_tsecr = 0;
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
	/* The time of the last octet is the one that is told. */
	if (unlikely(skb->tstamp))
		to->tstamp = skb->tstamp;
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

/* What few programs want to know: when it came, and by which queue. */
static void mini_tcp_mark_arrival(struct sock *sk, struct sk_buff *skb)
{
	/* No device did: it came by the loopback. */
	if (unlikely(sk->sk_flags & SK_FLAGS_TIMESTAMP) && !skb->tstamp)
		__net_timestamp(skb);
#ifdef CONFIG_NET_RX_BUSY_POLL
	if (unlikely(READ_ONCE(sk->sk_ll_usec)))
		sk_mark_napi_id(sk, skb);
#endif
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
	mini_tcp_mark_arrival(sk, skb);
	if (!seq_after(cb->end_seq, tp->rcv_nxt)) {
		tp->ack_now = 1;
		/* Data flows: it was doubled on its way, no ACK was lost. */
		if (now - tp->last_data_rcv >= tp->rcv_rtt_us)
			mini_tcp_quickack(tp);
		mini_tcp_dsack_set(tp, cb->seq, cb->end_seq);
		mini_drop(mn, skb, MINI_DROP_TCP_OLD_DATA);
		return;
	}
	if (!mini_tcp_trim(tp, skb)) {
		tp->ack_now = 1;
		mini_tcp_quickack(tp);
		mini_drop(mn, skb, mini_tcp_rcv_wnd(tp) ?
			  MINI_DROP_TCP_OUT_OF_WINDOW :
			  MINI_DROP_TCP_ZERO_WINDOW);
		return;
	}
	skb_dst_drop(skb);
	if (seq_after(cb->seq, tp->rcv_nxt)) {
		u32 before = tp->num_sacks ? tp->fl->sacks[0].start : tp->rcv_nxt;

		mini_tcp_ooo_insert(tp, skb);
		mini_tcp_ack_ooo(tp, before, now);
		return;
	}
	if (!mini_tcp_rmem_get(tp, skb, true)) {
		tp->ack_now = 1;
		mini_drop(mn, skb, MINI_DROP_TCP_RCVBUF);
		return;
	}
	if (unlikely(cb->seq != tp->rcv_nxt))
		mini_tcp_dsack_set(tp, cb->seq, tp->rcv_nxt);
	mini_tcp_ack_data(tp, skb, now);
	tp->rcvq_len += skb->len;
	tp->rcvq_true += skb->truesize;
	fin = mini_tcp_queue_rcv(tp, skb, false);
	if (unlikely(had_hole)) {
		u32 end = tp->rcv_nxt;

		/* RFC 5681 4.2: what closes a hole, all or in part. */
		tp->ack_now = 1;
		if (!fin)
			fin = mini_tcp_ooo_drain(tp);
		/*
		 * A path that loses data loses ACKs, and a short flight has few
		 * of them: without the last the sender waits for a timer.
		 */
		if (tp->rcv_nxt - end <= MINI_TCP_SHORT_FLIGHT * tp->rcv_mss)
			mini_tcp_more_quickacks(tp);
	}
	mini_tcp_rcv_rtt(tp, now);
	/*
	 * The program closes, too, as soon as it knows: its FIN can carry the
	 * ACK (as Linux's).
	 */
	if (fin && (1 << sk->sk_state) & (TCPF_SYN_RECV | TCPF_ESTABLISHED))
		tp->pingpong = 1;
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
	mini_tcp_ooo_purge(tp);

	switch (sk->sk_state) {
	case TCP_SYN_RECV:
	case TCP_ESTABLISHED:
		mini_tcp_set_state(tp, TCP_CLOSE_WAIT);
		break;
	case TCP_FIN_WAIT1:
		tp->ack_now = 1;
		mini_tcp_set_state(tp, TCP_CLOSING);
		break;
	case TCP_FIN_WAIT2:
		mini_tcp_send_ack(tp, now);
		mini_tcp_time_wait(tp, now);
		return;
	default:
		tp->ack_now = 1;
		return;
	}
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);
		sk_wake_async(sk, SOCK_WAKE_WAITD,
			      sk->sk_shutdown == SHUTDOWN_MASK ?
			      POLL_HUP : POLL_IN);
	}
}
