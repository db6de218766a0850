// SPDX-License-Identifier: GPL-2.0
/*
 * The queues of what the program wrote: sk_write_queue holds what was not sent
 * yet, in order; tp->rtx, a tree by sequence number, what was sent and awaits
 * acknowledgment.  A segment is up to gso_max octets of page fragments.
 *
 * Locks on entry: the socket lock.
 */
#include "tcp_int.h"

/*
 * Put a fresh segment, still empty, at the queue's end; it begins at
 * write_seq.
 */
void mini_tcp_queue_segment(struct mini_tcp_sock *tp, struct sk_buff *skb,
			    u8 flags)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);

	skb_reserve(skb, MINI_TCP_HEADROOM);
	__skb_header_release(skb);
	skb->ip_summed = CHECKSUM_PARTIAL;
	cb->seq = tp->write_seq;
	cb->end_seq = tp->write_seq;
	cb->flags = flags;
	cb->mark = 0;
	cb->sent = 0;
	cb->delivered_time = 0;
	__skb_queue_tail(&sk->sk_write_queue, skb);
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
}

/* Queue a SYN or FIN that goes by itself; process context. */
void mini_tcp_queue_ctl(struct mini_tcp_sock *tp, u8 flags)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct sk_buff *skb;

	mini_tcp_flight_get(tp, GFP_KERNEL | __GFP_NOFAIL);
	/* A FIN or SYN must not get lost for want of memory: wait for it. */
	skb = alloc_skb_fclone(MINI_TCP_HEADROOM, GFP_KERNEL | __GFP_NOFAIL);
	/*
	 * Nor because TCP has used up its own: then the socket owes these few
	 * octets until it is granted more, or frees them.
	 */
	sk_wmem_schedule(sk, skb->truesize);
	mini_tcp_queue_segment(tp, skb, flags);
	mini_tcp_cb(skb)->end_seq = ++tp->write_seq;
}

static bool mini_tcp_sent(const struct mini_tcp_sock *tp,
			  const struct mini_tcp_cb *cb)
{
	return seq_before(cb->seq, tp->snd_nxt);
}

/* Hang @skb in the tree right behind @prev, the last one if NULL. */
static void mini_tcp_rtx_insert(struct mini_tcp_sock *tp, struct sk_buff *prev,
				struct sk_buff *skb)
{
	struct rb_node *parent = NULL;
	struct rb_node **link = &tp->rtx.rb_node;

	if (!prev)
		prev = tp->rtx_tail;
	if (prev) {
		parent = &prev->rbnode;
		link = &parent->rb_right;
		while (*link) {
			parent = *link;
			link = &parent->rb_left;
		}
	}
	rb_link_node(&skb->rbnode, parent, link);
	rb_insert_color(&skb->rbnode, &tp->rtx);
	if (prev == tp->rtx_tail)
		tp->rtx_tail = skb;
}

/**
 * mini_tcp_rtx_move() - the first unsent segment was sent
 * @tp: connection, locked
 * @skb: head of sk_write_queue; moves to the end of the tree, SND.NXT with it
 */
void mini_tcp_rtx_move(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	__skb_unlink(skb, &mini_tcp_to_sk(tp)->sk_write_queue);
	mini_tcp_rtx_insert(tp, NULL, skb);
	list_add_tail(&skb->tcp_tsorted_anchor, &tp->fl->tsorted);
	tp->snd_nxt = mini_tcp_cb(skb)->end_seq;
}

/* What it was charged with stays the socket's until sk_mem_reclaim(). */
static void mini_tcp_free_write_skb(struct sock *sk, struct sk_buff *skb)
{
	sk_wmem_queued_add(sk, -skb->truesize);
	sk_forward_alloc_add(sk, skb->truesize);
	mini_tcp_skb_put(skb);
}

/* Nothing else is in the tree, as where one segment is one question. */
static bool mini_tcp_rtx_alone(const struct mini_tcp_sock *tp,
			       const struct sk_buff *skb)
{
	return skb == tp->rtx_tail && tp->rtx.rb_node == &skb->rbnode &&
	       !skb->rbnode.rb_left;
}

/**
 * mini_tcp_rtx_free() - a sent segment is acknowledged, or given up
 * @tp: connection, locked
 * @skb: in the tree
 */
void mini_tcp_rtx_free(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	mini_tcp_scoreboard_del(tp, skb);
	if (mini_tcp_rtx_alone(tp, skb)) {
		tp->rtx = RB_ROOT;
		tp->rtx_tail = NULL;
	} else {
		if (skb == tp->rtx_tail)
			tp->rtx_tail = skb_rb_prev(skb);
		rb_erase(&skb->rbnode, &tp->rtx);
	}
	mini_tcp_free_write_skb(mini_tcp_to_sk(tp), skb);
}

/**
 * mini_tcp_unsent_free() - a segment will not be sent
 * @tp: connection, locked
 * @skb: in sk_write_queue
 */
void mini_tcp_unsent_free(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	__skb_unlink(skb, &sk->sk_write_queue);
	mini_tcp_free_write_skb(sk, skb);
}

/**
 * mini_tcp_write_purge() - forget all that was written
 * @tp: connection, locked
 */
void mini_tcp_write_purge(struct mini_tcp_sock *tp)
{
	struct sk_buff *skb;

	while ((skb = mini_tcp_rtx_head(tp)) != NULL)
		mini_tcp_rtx_free(tp, skb);
	while ((skb = mini_tcp_send_head(tp)) != NULL)
		mini_tcp_unsent_free(tp, skb);
	sk_mem_reclaim(mini_tcp_to_sk(tp));
}

/**
 * mini_tcp_split() - cut a queued segment in two
 * @tp: connection, locked
 * @skb: sent or unsent; keeps the first @len octets
 * @len: below skb->len
 * @gfp: for the allocations
 *
 * Return: the second part, queued behind the first, or NULL without memory.
 */
struct sk_buff *mini_tcp_split(struct mini_tcp_sock *tp, struct sk_buff *skb,
			       u32 len, gfp_t gfp)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	struct mini_tcp_cb *ncb;
	struct sk_buff *rest;
	int old = skb->truesize;
	u32 moved = skb->len - len;

	rest = alloc_skb_fclone(MINI_TCP_HEADROOM, gfp);
	if (!rest)
		return NULL;
	/* Clones on their way share the list of fragments. */
	if (skb_cloned(skb)) {
		if (pskb_expand_head(skb, 0, 0, gfp)) {
			kfree_skb(rest);
			return NULL;
		}
		__skb_header_release(skb);
	}
	skb_reserve(rest, MINI_TCP_HEADROOM);
	__skb_header_release(rest);
	rest->ip_summed = skb->ip_summed;
	skb_split(skb, rest, len);
	skb->truesize -= moved;
	rest->truesize += moved;
	sk_wmem_queued_add(sk, skb->truesize + rest->truesize - old);
	sk_mem_charge(sk, skb->truesize + rest->truesize - old);

	ncb = mini_tcp_cb(rest);
	*ncb = *cb;
	ncb->seq = cb->seq + len;
	cb->end_seq = ncb->seq;
	cb->flags &= ~(MINI_TCP_FIN | MINI_TCP_PSH);
	if (unlikely(skb_shinfo(skb)->tx_flags & SKBTX_ANY_TSTAMP ||
		     cb->mark & MINI_TCP_CB_STAMP))
		mini_tcp_stamp_split(skb, rest);
	if (mini_tcp_sent(tp, cb)) {
		mini_tcp_rtx_insert(tp, skb, rest);
		mini_tcp_scoreboard_split(tp, skb, rest);
	} else {
		__skb_queue_after(&sk->sk_write_queue, skb, rest);
	}
	return rest;
}

