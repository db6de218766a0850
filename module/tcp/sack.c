// SPDX-License-Identifier: GPL-2.0
/*
 * What the peer says of data out of order: its SACK blocks (RFC 2018), what
 * arrived twice (RFC 2883), and of a peer without SACK its duplicate ACKs
 * (RFC 5681, RFC 6582), which are counted as if each were a block of a
 * segment.
 *
 * A block is believed only within what is outstanding.  Blocks that were in
 * the ACK before cost nothing; of the others only the new part is looked at.
 *
 * Locks on entry: the socket lock.
 */
#include "recovery.h"

/*
 * RFC 2883 section 4: the first block is a duplicate if the ACK covers it or
 * if the second block does.
 */
static bool mini_tcp_is_dsack(const struct mini_wire_tcp *h)
{
	u32 start = h->opts.sacks[0].start;
	u32 end = h->opts.sacks[0].end;

	if (seq_before(start, h->ack))
		return true;
	return h->opts.num_sacks > 1 &&
	       seq_leq(h->opts.sacks[1].start, start) &&
	       seq_leq(end, h->opts.sacks[1].end);
}

static void mini_tcp_dsack_in(struct mini_tcp_sock *tp,
			      struct mini_tcp_acked *a)
{
	u32 start = a->h->opts.sacks[0].start;
	u32 end = a->h->opts.sacks[0].end;
	u32 len = end - start;

	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_DSACK_IN);
	tp->dsack_dups += DIV_ROUND_UP(len, tp->cc.mss);
	/* More than was ever sent again: the network doubles packets. */
	if (tp->dsack_dups > tp->total_retrans)
		return;
	a->dsack = 1;
	if (tp->tlp_active && tp->tlp_retrans && end == tp->fl->tlp_end_seq)
		a->dsack_tlp = 1;
	mini_tcp_undo_dsack(tp, start, end);
}

/* Can the block be true?  @dsack: it may lie below what is acknowledged. */
static bool mini_tcp_block_ok(const struct mini_tcp_sock *tp, u32 start,
			      u32 end, bool dsack)
{
	if (!seq_before(start, end) || seq_after(end, tp->snd_nxt))
		return false;
	if (!dsack)
		return true;
	return !seq_before(start, tp->snd_una - tp->max_wnd) &&
	       !seq_before(end, tp->snd_una - tp->max_wnd);
}

/*
 * The blocks of the ACK that say something new, sorted, into @to: how many.
 */
static u32 mini_tcp_blocks(struct mini_tcp_sock *tp, struct mini_tcp_acked *a,
			   struct mini_tcp_block *to)
{
	const struct mini_wire_tcp_opts *o = &a->h->opts;
	u32 i, j, n = 0;

	for (i = 0; i < o->num_sacks; i++) {
		u32 start = o->sacks[i].start;
		u32 end = o->sacks[i].end;
		bool dsack = !i && mini_tcp_is_dsack(a->h);

		/* An ACK that was overtaken: its blocks may be history. */
		if (!mini_tcp_block_ok(tp, start, end, dsack ||
				       seq_leq(end, tp->snd_una))) {
			mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_SACK_DISCARD);
			continue;
		}
		if (dsack)
			mini_tcp_dsack_in(tp, a);
		if (seq_leq(end, tp->snd_una))
			continue;
		for (j = n++; j && seq_before(start, to[j - 1].start); j--)
			to[j] = to[j - 1];
		to[j].start = start;
		to[j].end = end;
	}
	return n;
}

/* One segment is SACKed whole. */
static void mini_tcp_sack_segment(struct mini_tcp_sock *tp,
				  struct mini_tcp_acked *a, struct sk_buff *skb)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	bool once = !(cb->mark & MINI_TCP_CB_EVER_RETRANS);

	a->sacked += mini_tcp_seg_out(tp, cb);
	mini_tcp_rack_delivered(tp, a, cb, cb->end_seq);
	mini_tcp_rate_delivered(a, cb, cb->end_seq);
	/* RFC 8985 step 3: behind what was delivered before it? */
	if (!tp->fack_valid || seq_after(cb->end_seq, tp->fl->fack)) {
		tp->fl->fack = cb->end_seq;
		tp->fack_valid = 1;
	} else if (once && seq_before(cb->end_seq, tp->fl->fack)) {
		mini_tcp_reordered(tp, cb->seq);
	}
	if (once) {
		a->sent = max(a->sent, cb->sent);
		if (!seq_after(cb->end_seq, tp->fl->recover))
			a->orig_delivered = 1;
	} else {
		a->rtx_delivered = 1;
	}
	mini_tcp_mark_sacked(tp, skb);
}

/*
 * How the block covers @skb.  Only whole segments as they went on the wire
 * count: a super-segment is cut at multiples of mss.  @cut receives where,
 * octets from its start, 0: nowhere.
 *
 * Return: the part before the cut, or all of @skb, is covered.
 */
static bool mini_tcp_covers(const struct mini_tcp_sock *tp,
			    const struct mini_tcp_block *b,
			    const struct sk_buff *skb, u32 *cut)
{
	const struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	bool from_start = seq_leq(b->start, cb->seq) ||
			  seq_leq(b->start, tp->snd_una);
	u32 mss = tp->cc.mss;

	*cut = 0;
	if (from_start && !seq_before(b->end, cb->end_seq))
		return true;
	if (from_start)
		*cut = rounddown(b->end - cb->seq, mss);
	else
		*cut = roundup(b->start - cb->seq, mss);
	if (*cut >= skb->len || seq_leq(cb->seq + *cut, tp->snd_una))
		*cut = 0;
	return from_start && *cut;
}

/*
 * Mark what @b covers, from @from to @to.  Each segment is seen once.
 *
 * Return: false without memory for a cut.
 */
static bool mini_tcp_sack_walk(struct mini_tcp_sock *tp,
			       struct mini_tcp_acked *a,
			       const struct mini_tcp_block *b, u32 from, u32 to)
{
	struct sk_buff *skb = mini_tcp_rtx_find(tp, from);
	bool covered;
	u32 cut;

	for (; skb && seq_before(mini_tcp_cb(skb)->seq, to);
	     skb = skb_rb_next(skb)) {
		if (mini_tcp_cb(skb)->mark & MINI_TCP_CB_SACKED)
			continue;
		covered = mini_tcp_covers(tp, b, skb, &cut);
		if (cut && !mini_tcp_split(tp, skb, cut, GFP_ATOMIC))
			return false;
		if (!covered)
			continue;
		mini_tcp_sack_segment(tp, a, skb);
		/* What was cut off lies behind the block. */
		if (cut)
			break;
	}
	return true;
}

/* What of @b is not in the blocks of the ACK before? */
static bool mini_tcp_sack_block(struct mini_tcp_sock *tp,
				struct mini_tcp_acked *a,
				const struct mini_tcp_block *b)
{
	u32 from = b->start;
	u32 i;

	if (seq_before(from, tp->snd_una))
		from = tp->snd_una;
	for (i = 0; i < tp->num_sack_cache; i++) {
		const struct mini_tcp_block *c = &tp->fl->sack_cache[i];

		if (seq_leq(c->end, from))
			continue;
		if (seq_leq(b->end, c->start))
			break;
		if (seq_before(from, c->start) &&
		    !mini_tcp_sack_walk(tp, a, b, from, c->start))
			return false;
		from = c->end;
	}
	return !seq_before(from, b->end) ||
	       mini_tcp_sack_walk(tp, a, b, from, b->end);
}

/**
 * mini_tcp_sack_in() - the SACK blocks of an ACK
 * @tp: connection, locked; what is cumulatively acknowledged has left the tree
 * @a: the ACK; receives what it delivers
 */
void mini_tcp_sack_in(struct mini_tcp_sock *tp, struct mini_tcp_acked *a)
{
	struct mini_tcp_block blocks[MINI_WIRE_TCP_SACKS];
	u32 i, n;

	n = mini_tcp_blocks(tp, a, blocks);
	for (i = 0; i < n; i++) {
		/* Look at all of it again when there is memory. */
		if (!mini_tcp_sack_block(tp, a, &blocks[i])) {
			n = 0;
			break;
		}
	}
	memcpy(tp->fl->sack_cache, blocks, n * sizeof(blocks[0]));
	tp->num_sack_cache = n;
}

/*
 * Without SACK a duplicate ACK tells of a segment that has arrived, but not of
 * which one.  No more of them count than can have been caused by what was out
 * when recovery began, whatever a peer may claim (RFC 5681 section 3.2 (4)).
 */
void mini_tcp_reno_dupack(struct mini_tcp_sock *tp)
{
	u32 most = tp->snd_nxt - tp->snd_una - tp->lost_out;
	u32 add;

	if (tp->dupacks < U8_MAX)
		tp->dupacks++;
	if (mini_tcp_in_recovery(tp))
		most = min(most, tp->fl->recover_fs);
	if (tp->sacked_out >= most)
		return;
	add = min(tp->cc.mss, most - tp->sacked_out);
	tp->sacked_out += add;
	tp->fl->sacked_segs++;
	tp->cc.delivered += add;
}

/* New data was acknowledged: it was told of by duplicates, but for a segment */
void mini_tcp_reno_acked(struct mini_tcp_sock *tp, u32 acked)
{
	u32 told = min(tp->sacked_out, acked - min(acked, tp->cc.mss));
	u32 most;

	tp->cc.delivered += acked - told;
	tp->sacked_out -= told;
	/* What is acknowledged shrinks what may be out of order. */
	most = tp->snd_nxt - tp->snd_una - tp->lost_out;
	tp->sacked_out = min(tp->sacked_out, most);
	tp->fl->sacked_segs = DIV_ROUND_UP(tp->sacked_out, tp->cc.mss);
	tp->dupacks = 0;
}

void mini_tcp_reno_reset(struct mini_tcp_sock *tp)
{
	tp->sacked_out = 0;
	tp->fl->sacked_segs = 0;
	tp->dupacks = 0;
}
