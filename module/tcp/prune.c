// SPDX-License-Identifier: GPL-2.0
/*
 * What received data may cost: sk_rcvbuf bounds the true size of all that
 * waits in and out of order, tcp_mem that of all sockets together.
 *
 * The window is half of sk_rcvbuf at least, and data in it may come in as
 * small pieces as the peer likes.  When the memory is used up, neighbours that
 * waste it are copied together; then what is farthest from rcv_nxt is thrown
 * away, which was not acknowledged yet (RFC 2018 section 8).
 *
 * Locks on entry: the socket lock.
 */
#include "tcp_int.h"

/* Octets that are copied together at once. */
#define MINI_TCP_COLLAPSE_MAX	SZ_64K

/* What a segment of @len octets of payload and nothing else may cost. */
static u32 mini_tcp_dense(u32 len)
{
	return len + len / 4 + 256;
}

static bool mini_tcp_sparse(const struct sk_buff *skb)
{
	return skb->truesize > mini_tcp_dense(skb->len) &&
	       !(mini_tcp_cb(skb)->flags & MINI_TCP_FIN);
}

static struct sk_buff *mini_tcp_next(struct mini_tcp_sock *tp,
				     struct sk_buff *skb, bool ooo)
{
	struct sk_buff_head *queue = &mini_tcp_to_sk(tp)->sk_receive_queue;

	if (ooo)
		return skb_rb_next(skb);
	return skb_queue_is_last(queue, skb) ? NULL :
	       skb_queue_next(queue, skb);
}

/* Empty segments for [seq, end) in @fresh; false without memory. */
static bool mini_tcp_fresh_alloc(struct sk_buff_head *fresh, u32 seq, u32 end)
{
	struct sk_buff *skb;
	u32 n;

	for (; seq != end; seq += n) {
		n = min_t(u32, end - seq, SKB_MAX_ORDER(0, 0));
		skb = alloc_skb(n, GFP_ATOMIC | __GFP_NOWARN);
		if (!skb)
			return false;
		mini_tcp_cb(skb)->seq = seq;
		mini_tcp_cb(skb)->end_seq = seq + n;
		mini_tcp_cb(skb)->flags = MINI_TCP_ACK;
		__skb_queue_tail(fresh, skb);
	}
	return true;
}

static bool mini_tcp_fresh_fill(struct mini_tcp_sock *tp,
				struct sk_buff_head *fresh, struct sk_buff *skb,
				bool ooo)
{
	struct sk_buff *to;
	u32 seq, n;

	skb_queue_walk(fresh, to) {
		seq = mini_tcp_cb(to)->seq;
		while (seq != mini_tcp_cb(to)->end_seq) {
			struct mini_tcp_cb *cb = mini_tcp_cb(skb);

			if (!seq_after(cb->end_seq, seq)) {
				skb = mini_tcp_next(tp, skb, ooo);
				continue;
			}
			n = min(cb->end_seq - seq,
				mini_tcp_cb(to)->end_seq - seq);
			if (skb_copy_bits(skb, seq - cb->seq, skb_put(to, n),
					  n))
				return false;
			seq += n;
		}
	}
	return true;
}

static void mini_tcp_unqueue(struct mini_tcp_sock *tp, struct sk_buff *skb,
			     bool ooo)
{
	if (ooo)
		mini_tcp_ooo_erase(tp, skb);
	else
		__skb_unlink(skb, &mini_tcp_to_sk(tp)->sk_receive_queue);
}

/*
 * Put copies in the place of @first and what follows it as far as @end.
 * Return: the segment behind, NULL: none; or an ERR_PTR, and nothing changed.
 */
static struct sk_buff *mini_tcp_collapse_run(struct mini_tcp_sock *tp,
					     struct sk_buff *first, u32 end,
					     bool ooo)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u32 start = mini_tcp_cb(first)->seq;
	struct sk_buff *skb = first, *next, *to;
	struct sk_buff_head fresh;

	if (!ooo && seq_after(tp->copied_seq, start))
		start = tp->copied_seq;
	__skb_queue_head_init(&fresh);
	if (!mini_tcp_fresh_alloc(&fresh, start, end) ||
	    !mini_tcp_fresh_fill(tp, &fresh, first, ooo)) {
		__skb_queue_purge(&fresh);
		return ERR_PTR(-ENOMEM);
	}
	while (skb && !seq_after(mini_tcp_cb(skb)->end_seq, end)) {
		next = mini_tcp_next(tp, skb, ooo);
		mini_tcp_unqueue(tp, skb, ooo);
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_RCV_COLLAPSED);
		kfree_skb(skb);
		skb = next;
	}
	while ((to = __skb_dequeue(&fresh)) != NULL) {
		skb_set_owner_r(to, sk);
		if (ooo)
			mini_tcp_ooo_link(tp, to);
		else if (skb)
			__skb_queue_before(&sk->sk_receive_queue, skb, to);
		else
			__skb_queue_tail(&sk->sk_receive_queue, to);
	}
	return skb;
}

/*
 * The run of wasteful neighbours that begins with @skb: @end receives its end.
 * Return: the segment behind it, NULL: none; @gain: the octets to be won.
 */
static struct sk_buff *mini_tcp_run(struct mini_tcp_sock *tp,
				    struct sk_buff *skb, bool ooo, u32 *end,
				    int *gain)
{
	u32 start = mini_tcp_cb(skb)->seq;
	int cost = 0;

	*end = start;
	while (skb && mini_tcp_sparse(skb) &&
	       seq_leq(mini_tcp_cb(skb)->seq, *end) &&
	       mini_tcp_cb(skb)->end_seq - start <= MINI_TCP_COLLAPSE_MAX) {
		cost += skb->truesize;
		*end = mini_tcp_cb(skb)->end_seq;
		skb = mini_tcp_next(tp, skb, ooo);
	}
	*gain = cost - (int)mini_tcp_dense(*end - start) - (int)SZ_1K;
	return skb;
}

/**
 * mini_tcp_collapse() - copy together what wastes memory
 * @tp: connection, locked
 * @ooo: of what is out of order, else of what is in order
 */
void mini_tcp_collapse(struct mini_tcp_sock *tp, bool ooo)
{
	struct sk_buff *skb, *next;
	u32 end;
	int gain;

	skb = ooo ? skb_rb_first(&tp->ooo) :
	      skb_peek(&mini_tcp_to_sk(tp)->sk_receive_queue);
	while (skb) {
		if (!mini_tcp_sparse(skb)) {
			skb = mini_tcp_next(tp, skb, ooo);
			continue;
		}
		next = mini_tcp_run(tp, skb, ooo, &end, &gain);
		if (gain > 0) {
			next = mini_tcp_collapse_run(tp, skb, end, ooo);
			if (IS_ERR(next))
				return;
		} else if (next == skb) {
			next = mini_tcp_next(tp, skb, ooo);
		}
		skb = next;
	}
}

/* Drop the farthest from rcv_nxt, but nothing that comes before @seq. */
static void mini_tcp_prune_ooo(struct mini_tcp_sock *tp, u32 seq)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	int goal = READ_ONCE(sk->sk_rcvbuf) / 8;
	struct sk_buff *skb;

	while ((skb = tp->ooo_last) != NULL) {
		if (!seq_after(mini_tcp_cb(skb)->seq, seq))
			break;
		goal -= skb->truesize;
		mini_tcp_ooo_erase(tp, skb);
		mini_drop(mini_tcp_mn(tp), skb, MINI_DROP_TCP_OFO_PRUNED);
		/* Some at once: the next segments want room, too. */
		if (goal <= 0 && atomic_read(&sk->sk_rmem_alloc) <=
				 READ_ONCE(sk->sk_rcvbuf))
			break;
	}
	mini_tcp_sack_cut(tp, tp->ooo_last ?
			  mini_tcp_cb(tp->ooo_last)->end_seq : tp->rcv_nxt);
}

static bool mini_tcp_rmem_ok(struct sock *sk, struct sk_buff *skb)
{
	return atomic_read(&sk->sk_rmem_alloc) <= READ_ONCE(sk->sk_rcvbuf) &&
	       sk_rmem_schedule(sk, skb, skb->truesize);
}

/* Make room for @skb: what mini_tcp_rmem_get() does when memory is short. */
static noinline bool mini_tcp_make_room(struct mini_tcp_sock *tp,
					struct sk_buff *skb, bool in_order)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u32 seq = mini_tcp_cb(skb)->seq;
	int before = atomic_read(&sk->sk_rmem_alloc);

	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_RCV_PRUNED);
	/* What could not be made denser is not looked at for each segment. */
	if (!tp->dense || tp->dense_nxt != tp->rcv_nxt) {
		mini_tcp_collapse(tp, true);
		mini_tcp_collapse(tp, false);
		tp->dense = before - atomic_read(&sk->sk_rmem_alloc) <
			    READ_ONCE(sk->sk_rcvbuf) / 8;
		tp->dense_nxt = tp->rcv_nxt;
		if (mini_tcp_rmem_ok(sk, skb))
			return true;
	}
	mini_tcp_prune_ooo(tp, in_order ? tp->rcv_nxt : seq);
	if (mini_tcp_rmem_ok(sk, skb))
		return true;
	/*
	 * An empty queue takes what comes, or a huge segment never could; and
	 * whatever other sockets hold, or this one would stand still.  What is
	 * charged beyond the limit is counted by the next that asks.
	 */
	return in_order && skb_queue_empty(&sk->sk_receive_queue);
}

/**
 * mini_tcp_rmem_get() - is there room for @skb?
 * @tp: connection, locked
 * @skb: received, within the window
 * @in_order: it holds rcv_nxt
 *
 * Return: true if @skb may be queued and charged.
 */
bool mini_tcp_rmem_get(struct mini_tcp_sock *tp, struct sk_buff *skb,
		       bool in_order)
{
	if (likely(mini_tcp_rmem_ok(mini_tcp_to_sk(tp), skb)))
		return true;
	return mini_tcp_make_room(tp, skb, in_order);
}
