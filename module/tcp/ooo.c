// SPDX-License-Identifier: GPL-2.0
/*
 * The out-of-order queue: what lies beyond rcv_nxt, in a tree by sequence
 * number, until the hole in front of it is filled (RFC 9293 section 3.10.7.4,
 * seventh; MUST-31).
 *
 * No segment in the tree holds another one whole, so that both ends of the
 * segments rise along it; two may overlap.
 *
 * Locks on entry: the socket lock.
 */
#include "tcp_int.h"

/* How far a block that SACK had forgotten is looked for, in segments. */
#define MINI_TCP_ISLAND_WALK	16

/**
 * mini_tcp_ooo_erase() - take a segment out of the tree
 * @tp: connection, locked
 * @skb: in the tree; the caller's from here on
 */
void mini_tcp_ooo_erase(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	if (skb == tp->ooo_last)
		tp->ooo_last = skb_rb_prev(skb);
	rb_erase(&skb->rbnode, &tp->ooo);
	/* The node lies over next, prev and dev. */
	RB_CLEAR_NODE(&skb->rbnode);
	skb->next = NULL;
	skb->prev = NULL;
	skb->dev = NULL;
}

/**
 * mini_tcp_ooo_purge() - forget all that is out of order
 * @tp: connection, locked
 */
void mini_tcp_ooo_purge(struct mini_tcp_sock *tp)
{
	struct sk_buff *skb;

	while ((skb = tp->ooo_last) != NULL) {
		mini_tcp_ooo_erase(tp, skb);
		kfree_skb(skb);
	}
	tp->num_sacks = 0;
}

/* The octets around [start, end) that wait without a hole; not too far. */
static void mini_tcp_ooo_island(struct sk_buff *skb, u32 *start, u32 *end)
{
	struct sk_buff *other;
	int i;

	if (seq_before(mini_tcp_cb(skb)->seq, *start))
		*start = mini_tcp_cb(skb)->seq;
	other = skb_rb_prev(skb);
	for (i = 0; other && i < MINI_TCP_ISLAND_WALK; i++) {
		if (seq_before(mini_tcp_cb(other)->end_seq, *start))
			break;
		*start = mini_tcp_cb(other)->seq;
		other = skb_rb_prev(other);
	}
	other = skb;
	for (i = 0; other && i < MINI_TCP_ISLAND_WALK; i++) {
		if (seq_after(mini_tcp_cb(other)->seq, *end))
			break;
		if (seq_after(mini_tcp_cb(other)->end_seq, *end))
			*end = mini_tcp_cb(other)->end_seq;
		other = skb_rb_next(other);
	}
}

/* [start, end), in @skb or part of it, was just received: to be told first */
static void mini_tcp_ooo_report(struct mini_tcp_sock *tp, struct sk_buff *skb,
				u32 start, u32 end)
{
	int i;

	if (!tp->sack_ok)
		return;
	for (i = 0; i < tp->num_sacks; i++)
		if (seq_leq(tp->fl->sacks[i].start, start) &&
		    seq_leq(start, tp->fl->sacks[i].end))
			break;
	if (i == tp->num_sacks)
		mini_tcp_ooo_island(skb, &start, &end);
	mini_tcp_sack_add(tp, start, end);
}

/* What follows in the tree and is covered by @skb is of no more use. */
static void mini_tcp_ooo_uncover(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	struct sk_buff *next;

	while ((next = skb_rb_next(skb)) != NULL) {
		struct mini_tcp_cb *ncb = mini_tcp_cb(next);

		if (!seq_before(ncb->seq, cb->end_seq))
			break;
		if (seq_after(ncb->end_seq, cb->end_seq)) {
			mini_tcp_dsack_set(tp, ncb->seq, cb->end_seq);
			break;
		}
		mini_tcp_dsack_set(tp, ncb->seq, ncb->end_seq);
		mini_tcp_ooo_erase(tp, next);
		mini_drop(mini_tcp_mn(tp), next, MINI_DROP_TCP_OFO_DUPLICATE);
	}
}

/*
 * The place for [seq, end): the predecessor in @prev, NULL: it comes first.
 * The descent meets it, whatever the tree's shape.
 */
static struct rb_node **mini_tcp_ooo_place(struct mini_tcp_sock *tp, u32 seq,
					   struct rb_node **parent,
					   struct sk_buff **prev)
{
	struct rb_node **link = &tp->ooo.rb_node;
	struct sk_buff *last = tp->ooo_last;

	*parent = NULL;
	*prev = NULL;
	/* After a loss, what follows comes in order. */
	if (last && !seq_before(seq, mini_tcp_cb(last)->seq)) {
		*prev = last;
		*parent = &last->rbnode;
		return &last->rbnode.rb_right;
	}
	while (*link) {
		struct sk_buff *skb = rb_to_skb(*link);

		*parent = *link;
		if (seq_before(seq, mini_tcp_cb(skb)->seq)) {
			link = &(*link)->rb_left;
		} else {
			*prev = skb;
			link = &(*link)->rb_right;
		}
	}
	return link;
}

static void mini_tcp_ooo_hang(struct mini_tcp_sock *tp, struct sk_buff *skb,
			      struct sk_buff *prev, struct rb_node *parent,
			      struct rb_node **link)
{
	rb_link_node(&skb->rbnode, parent, link);
	rb_insert_color(&skb->rbnode, &tp->ooo);
	if (prev == tp->ooo_last)
		tp->ooo_last = skb;
}

/**
 * mini_tcp_ooo_link() - put a segment into the tree
 * @tp: connection, locked
 * @skb: charged; neither holds another one of the tree whole nor lies in one
 */
void mini_tcp_ooo_link(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	struct rb_node **link, *parent;
	struct sk_buff *prev;

	link = mini_tcp_ooo_place(tp, mini_tcp_cb(skb)->seq, &parent, &prev);
	mini_tcp_ooo_hang(tp, skb, prev, parent, link);
}

/**
 * mini_tcp_ooo_insert() - a segment beyond rcv_nxt
 * @tp: connection, locked
 * @skb: within the window; consumed
 */
void mini_tcp_ooo_insert(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	struct mini_net *mn = mini_tcp_mn(tp);
	u32 seq = cb->seq, end = cb->end_seq;
	struct rb_node **link, *parent;
	struct sk_buff *prev;

	mini_inc(mn, MINI_MIB_TCP_OUT_OF_ORDER);
	tp->rcv_ooopack += max_t(u16, skb_shinfo(skb)->gso_segs, 1);
	if (!mini_tcp_flight_rcv(tp) ||
	    !mini_tcp_rmem_get(tp, skb, false)) {
		mini_drop(mn, skb, MINI_DROP_TCP_RCVBUF);
		return;
	}
	link = mini_tcp_ooo_place(tp, seq, &parent, &prev);
	if (prev && seq_before(seq, mini_tcp_cb(prev)->end_seq)) {
		u32 known = mini_tcp_cb(prev)->end_seq;

		if (seq_leq(end, known)) {
			mini_tcp_dsack_set(tp, seq, end);
			mini_tcp_ooo_report(tp, prev, seq, end);
			mini_drop(mn, skb, MINI_DROP_TCP_OFO_DUPLICATE);
			return;
		}
		mini_tcp_dsack_set(tp, seq, known);
	}
	if (prev && mini_tcp_coalesce(tp, prev, skb)) {
		skb = prev;
	} else {
		skb_set_owner_r(skb, mini_tcp_to_sk(tp));
		mini_tcp_ooo_hang(tp, skb, prev, parent, link);
		/* The same beginning, and longer: the shorter one is covered. */
		if (prev && mini_tcp_cb(prev)->seq == seq) {
			mini_tcp_ooo_erase(tp, prev);
			mini_drop(mn, prev, MINI_DROP_TCP_OFO_DUPLICATE);
		}
	}
	if (skb != tp->ooo_last)
		mini_tcp_ooo_uncover(tp, skb);
	mini_tcp_ooo_report(tp, skb, seq, end);
}

/**
 * mini_tcp_ooo_drain() - rcv_nxt moved: hand over what it has reached
 * @tp: connection, locked
 *
 * Return: true if the FIN was among it.
 */
bool mini_tcp_ooo_drain(struct mini_tcp_sock *tp)
{
	struct rb_node *node;
	bool fin = false;

	while (!fin && (node = rb_first(&tp->ooo)) != NULL) {
		struct sk_buff *skb = rb_to_skb(node);
		struct mini_tcp_cb *cb = mini_tcp_cb(skb);

		if (seq_after(cb->seq, tp->rcv_nxt))
			break;
		mini_tcp_ooo_erase(tp, skb);
		if (seq_before(cb->seq, tp->rcv_nxt))
			mini_tcp_dsack_set(tp, cb->seq,
					   seq_before(cb->end_seq, tp->rcv_nxt) ?
					   cb->end_seq : tp->rcv_nxt);
		if (seq_after(cb->end_seq, tp->rcv_nxt))
			fin = mini_tcp_queue_rcv(tp, skb, true);
		else
			kfree_skb(skb);
	}
	if (tp->num_sacks)
		mini_tcp_sack_cut(tp, tp->rcv_nxt + S32_MAX);
	return fin;
}
