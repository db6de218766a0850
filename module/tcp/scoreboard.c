// SPDX-License-Identifier: GPL-2.0
/*
 * The scoreboard: what is known of each segment in the tree of what was sent,
 * and the counts of it from which the octets in flight follow (RFC 6675
 * section 4's pipe, without a walk).
 *
 * A segment that is in the network, as far as anybody knows, stands in
 * tp->fl->tsorted, in the order of transmission.  One that is SACKed, or lost and
 * not sent again yet, stands there no more.
 *
 * Locks on entry: the socket lock.
 */
#include <linux/export.h>
#include <linux/list_sort.h>

#include "../trace.h"
#include "recovery.h"

/* @len octets of the segment are no longer outstanding. */
static void mini_tcp_uncount(struct mini_tcp_sock *tp,
			     const struct mini_tcp_cb *cb, u32 len)
{
	if (cb->mark & MINI_TCP_CB_SACKED)
		tp->sacked_out -= len;
	if (cb->mark & MINI_TCP_CB_RETRANS)
		tp->retrans_out -= len;
	if (cb->mark & MINI_TCP_CB_LOST) {
		tp->lost_out -= len;
		if (!(cb->mark & MINI_TCP_CB_RETRANS))
			tp->rtx_pending -= len;
	}
}

/**
 * mini_tcp_scoreboard_init() - nothing is outstanding
 * @tp: connection, locked; its tree is empty
 */
void mini_tcp_scoreboard_init(struct mini_tcp_sock *tp)
{
	tp->sacked_out = 0;
	tp->lost_out = 0;
	tp->retrans_out = 0;
	tp->rtx_pending = 0;
	tp->num_sack_cache = 0;
}

/**
 * mini_tcp_scoreboard_split() - a segment of the tree was cut in two
 * @tp: connection, locked
 * @skb: the first part
 * @rest: the second, all the first one's marks copied
 */
void mini_tcp_scoreboard_split(struct mini_tcp_sock *tp, struct sk_buff *skb,
			       struct sk_buff *rest)
{
	if (list_empty(&skb->tcp_tsorted_anchor))
		INIT_LIST_HEAD(&rest->tcp_tsorted_anchor);
	else
		list_add(&rest->tcp_tsorted_anchor, &skb->tcp_tsorted_anchor);
	if (mini_tcp_cb(skb)->mark & MINI_TCP_CB_SACKED)
		tp->fl->sacked_segs++;
}

/**
 * mini_tcp_scoreboard_del() - a segment leaves the tree
 * @tp: connection, locked
 * @skb: still in the tree
 *
 * The list shares its place with what kfree_skb() looks at.
 */
void mini_tcp_scoreboard_del(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	const struct mini_tcp_cb *cb = mini_tcp_cb(skb);

	if (unlikely(cb->mark)) {
		mini_tcp_uncount(tp, cb, mini_tcp_seg_out(tp, cb));
		if (cb->mark & MINI_TCP_CB_SACKED)
			tp->fl->sacked_segs--;
		if (tp->fl->lost_hint == skb)
			tp->fl->lost_hint = skb_rb_next(skb);
	}
	if (list_is_singular(&tp->fl->tsorted) &&
	    list_is_first(&skb->tcp_tsorted_anchor, &tp->fl->tsorted))
		INIT_LIST_HEAD(&tp->fl->tsorted);
	else
		__list_del_entry(&skb->tcp_tsorted_anchor);
	skb->_skb_refdst = 0;
	skb->destructor = NULL;
}

/**
 * mini_tcp_ack_part() - only the head of a segment is acknowledged
 * @tp: connection, locked; SND.UNA is that of before
 * @skb: first of the tree
 * @ack: inside of @skb
 */
void mini_tcp_ack_part(struct mini_tcp_sock *tp, struct sk_buff *skb, u32 ack)
{
	const struct mini_tcp_cb *cb = mini_tcp_cb(skb);

	if (unlikely(cb->mark))
		mini_tcp_uncount(tp, cb, mini_tcp_seg_out(tp, cb) -
				 (cb->end_seq - ack));
}

/**
 * mini_tcp_rtx_find() - the sent segment that holds a sequence number
 * @tp: connection, locked
 * @seq: sequence number
 *
 * Return: it, the next one if none does, NULL if there is no next one.
 */
struct sk_buff *mini_tcp_rtx_find(const struct mini_tcp_sock *tp, u32 seq)
{
	struct rb_node *node = tp->rtx.rb_node;
	struct sk_buff *found = NULL;

	while (node) {
		struct sk_buff *skb = rb_to_skb(node);

		if (seq_after(mini_tcp_cb(skb)->end_seq, seq)) {
			found = skb;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/**
 * mini_tcp_mark_sacked() - the peer has it, out of order
 * @tp: connection, locked
 * @skb: in the tree, not SACKed yet
 */
void mini_tcp_mark_sacked(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	u32 len = mini_tcp_seg_out(tp, cb);

	mini_tcp_uncount(tp, cb, len);
	cb->mark &= ~(MINI_TCP_CB_LOST | MINI_TCP_CB_RETRANS);
	cb->mark |= MINI_TCP_CB_SACKED;
	tp->sacked_out += len;
	tp->fl->sacked_segs++;
	tp->cc.delivered += len;
	list_del_init(&skb->tcp_tsorted_anchor);
}

/**
 * mini_tcp_mark_lost() - it is lost: to be sent again, or once more
 * @tp: connection, locked
 * @skb: in the tree, not SACKed
 */
void mini_tcp_mark_lost(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	u32 len = mini_tcp_seg_out(tp, cb);

	if ((cb->mark & (MINI_TCP_CB_LOST | MINI_TCP_CB_RETRANS)) ==
	    MINI_TCP_CB_LOST)
		return;
	if (cb->mark & MINI_TCP_CB_RETRANS) {
		tp->retrans_out -= len;
		cb->mark &= ~MINI_TCP_CB_RETRANS;
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_LOST_RETRANS);
	}
	if (!(cb->mark & MINI_TCP_CB_LOST)) {
		tp->lost_out += len;
		cb->mark |= MINI_TCP_CB_LOST;
	}
	/* What duplicate ACKs told of is one of the others. */
	if (unlikely(!tp->sack_ok))
		tp->sacked_out = min(tp->sacked_out,
				     tp->snd_nxt - tp->snd_una - tp->lost_out);
	if (!tp->rtx_pending ||
	    (tp->fl->lost_hint &&
	     seq_before(cb->seq, mini_tcp_cb(tp->fl->lost_hint)->seq)))
		tp->fl->lost_hint = skb;
	tp->rtx_pending += len;
	tp->cc.lost += len;
	list_del_init(&skb->tcp_tsorted_anchor);
}

/**
 * mini_tcp_next_lost() - the oldest segment that is lost and not sent again
 * @tp: connection, locked
 *
 * Return: it, or NULL.
 */
struct sk_buff *mini_tcp_next_lost(struct mini_tcp_sock *tp)
{
	struct sk_buff *skb;

	if (!tp->rtx_pending)
		return NULL;
	skb = tp->fl->lost_hint ?: mini_tcp_rtx_head(tp);
	while (skb && (mini_tcp_cb(skb)->mark &
		       (MINI_TCP_CB_LOST | MINI_TCP_CB_RETRANS)) !=
		      MINI_TCP_CB_LOST)
		skb = skb_rb_next(skb);
	tp->fl->lost_hint = skb;
	return skb;
}

/**
 * mini_tcp_mark_retrans() - a segment was sent again
 * @tp: connection, locked
 * @skb: in the tree
 * @now: microseconds
 */
void mini_tcp_mark_retrans(struct mini_tcp_sock *tp, struct sk_buff *skb,
			   u64 now)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	u32 len = mini_tcp_seg_out(tp, cb);
	u32 segs = DIV_ROUND_UP(max(skb->len, 1U), tp->cc.mss);

	if (!(cb->mark & MINI_TCP_CB_RETRANS)) {
		cb->mark |= MINI_TCP_CB_RETRANS | MINI_TCP_CB_EVER_RETRANS;
		tp->retrans_out += len;
		if (cb->mark & MINI_TCP_CB_LOST)
			tp->rtx_pending -= len;
	}
	list_move_tail(&skb->tcp_tsorted_anchor, &tp->fl->tsorted);
	if (!tp->fl->retrans_stamp)
		tp->fl->retrans_stamp = now;
	tp->fl->undo_retrans += len;
	tp->total_retrans += segs;
	tp->bytes_retrans += skb->len;
	mini_add(mini_tcp_mn(tp), cb->flags & MINI_TCP_SYN ?
		 MINI_MIB_TCP_SYN_RETRANS : MINI_MIB_TCP_RETRANS_SEGS, segs);
	trace_mini_tcp_retransmit(&tp->ms, cb->seq, skb->len);
}

static int mini_tcp_tsorted_cmp(void *priv, const struct list_head *a,
				const struct list_head *b)
{
	const struct mini_tcp_cb *ca, *cb;

	ca = mini_tcp_cb(list_entry(a, struct sk_buff, tcp_tsorted_anchor));
	cb = mini_tcp_cb(list_entry(b, struct sk_buff, tcp_tsorted_anchor));
	return mini_tcp_sent_after(ca->sent, ca->end_seq, cb->sent,
				   cb->end_seq);
}

/**
 * mini_tcp_unmark_lost() - nothing is lost after all
 * @tp: connection, locked
 */
void mini_tcp_unmark_lost(struct mini_tcp_sock *tp)
{
	struct sk_buff *skb;

	for (skb = mini_tcp_rtx_head(tp); skb; skb = skb_rb_next(skb)) {
		struct mini_tcp_cb *cb = mini_tcp_cb(skb);

		if (!(cb->mark & MINI_TCP_CB_LOST))
			continue;
		cb->mark &= ~MINI_TCP_CB_LOST;
		if (!(cb->mark & MINI_TCP_CB_RETRANS))
			list_add_tail(&skb->tcp_tsorted_anchor, &tp->fl->tsorted);
	}
	tp->lost_out = 0;
	tp->rtx_pending = 0;
	tp->fl->lost_hint = NULL;
	list_sort(NULL, &tp->fl->tsorted, mini_tcp_tsorted_cmp);
}

/**
 * mini_tcp_unmark_sacked() - the peer may have thrown away what it SACKed
 * @tp: connection, locked
 *
 * RFC 2018 section 8: a timeout forgets what SACK said.  The caller marks all
 * of it lost.
 */
void mini_tcp_unmark_sacked(struct mini_tcp_sock *tp)
{
	struct sk_buff *skb;

	for (skb = mini_tcp_rtx_head(tp); skb; skb = skb_rb_next(skb))
		mini_tcp_cb(skb)->mark &= ~MINI_TCP_CB_SACKED;
	tp->sacked_out = 0;
	tp->fl->sacked_segs = 0;
	tp->num_sack_cache = 0;
}
