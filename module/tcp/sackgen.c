// SPDX-License-Identifier: GPL-2.0
/*
 * What this end says of data that is out of order: the SACK option (RFC 2018
 * section 3 and 4), and with D-SACK what arrived twice (RFC 2883 section 4).
 *
 * tp->fl->sacks has the blocks of which something arrived last, the newest first;
 * none touches another.  It holds what one option can say: what was reported
 * three times and had to give way is not remembered.
 *
 * Locks on entry: the socket lock.
 */
#include "tcp_int.h"

#define MINI_TCP_SACK_WORD	0x01010500	/* NOP, NOP, kind 5; length 0 */

static bool mini_tcp_block_touches(const struct mini_tcp_block *b,
				   u32 start, u32 end)
{
	return seq_leq(b->start, end) && seq_leq(start, b->end);
}

static void mini_tcp_sack_forget(struct mini_tcp_sock *tp, u8 i)
{
	tp->num_sacks--;
	memmove(&tp->fl->sacks[i], &tp->fl->sacks[i + 1],
		(tp->num_sacks - i) * sizeof(tp->fl->sacks[0]));
}

/**
 * mini_tcp_sack_add() - octets wait out of order: report them first
 * @tp: connection, locked
 * @start: first sequence number
 * @end: one past the last
 *
 * The block that is reported holds what was known before at either side of it
 * (RFC 2018 section 4).
 */
void mini_tcp_sack_add(struct mini_tcp_sock *tp, u32 start, u32 end)
{
	u8 i = 0;

	if (!tp->sack_ok)
		return;
	while (i < tp->num_sacks) {
		struct mini_tcp_block *b = &tp->fl->sacks[i];

		if (!mini_tcp_block_touches(b, start, end)) {
			i++;
			continue;
		}
		if (seq_before(b->start, start))
			start = b->start;
		if (seq_after(b->end, end))
			end = b->end;
		mini_tcp_sack_forget(tp, i);
	}
	if (tp->num_sacks == ARRAY_SIZE(tp->fl->sacks))
		tp->num_sacks--;
	memmove(&tp->fl->sacks[1], &tp->fl->sacks[0],
		tp->num_sacks * sizeof(tp->fl->sacks[0]));
	tp->fl->sacks[0].start = start;
	tp->fl->sacks[0].end = end;
	tp->num_sacks++;
}

/**
 * mini_tcp_sack_cut() - report nothing that is acknowledged or not held
 * @tp: connection, locked
 * @end: nothing from here on is held (RFC 2018 section 8)
 */
void mini_tcp_sack_cut(struct mini_tcp_sock *tp, u32 end)
{
	u8 i = 0;

	while (i < tp->num_sacks) {
		struct mini_tcp_block *b = &tp->fl->sacks[i];

		if (seq_after(b->end, end))
			b->end = end;
		if (seq_leq(b->end, tp->rcv_nxt) || seq_leq(b->end, b->start))
			mini_tcp_sack_forget(tp, i);
		else
			i++;
	}
}

/**
 * mini_tcp_dsack_set() - the next ACK tells that these octets came again
 * @tp: connection, locked
 * @start: first sequence number
 * @end: one past the last
 *
 * What came again while an ACK is due already makes one block with it where
 * they touch, else the later one is not told (RFC 2883 section 4, 2).
 */
void mini_tcp_dsack_set(struct mini_tcp_sock *tp, u32 start, u32 end)
{
	struct mini_net *mn = mini_tcp_mn(tp);

	if (!tp->sack_ok || !READ_ONCE(mn->sysctl.tcp_dsack) ||
	    !seq_before(start, end) || !mini_tcp_flight_rcv(tp))
		return;
	mini_inc(mn, seq_before(start, tp->rcv_nxt) ?
		 MINI_MIB_TCP_DSACKS_OLD : MINI_MIB_TCP_DSACKS_OFO);
	if (!tp->dsack_due) {
		tp->dsack_due = 1;
		tp->fl->dsack.start = start;
		tp->fl->dsack.end = end;
		return;
	}
	if (!mini_tcp_block_touches(&tp->fl->dsack, start, end))
		return;
	if (seq_before(start, tp->fl->dsack.start))
		tp->fl->dsack.start = start;
	if (seq_after(end, tp->fl->dsack.end))
		tp->fl->dsack.end = end;
}

/**
 * mini_tcp_sack_len() - the room that SACK wants in the next header
 * @tp: connection, locked
 *
 * Return: octets, a multiple of 4; 0: nothing to tell.
 */
u32 mini_tcp_sack_len(const struct mini_tcp_sock *tp)
{
	u32 most = tp->tstamp_ok ? MINI_WIRE_TCP_SACKS - 1 :
		   MINI_WIRE_TCP_SACKS;
	u32 n = min_t(u32, tp->num_sacks + tp->dsack_due, most);

	return n ? 4 + 8 * n : 0;
}

static __be32 *mini_tcp_sack_put_block(__be32 *opt,
				       const struct mini_tcp_block *b)
{
	*opt++ = htonl(b->start);
	*opt++ = htonl(b->end);
	return opt;
}

/**
 * mini_tcp_sack_put() - write the option
 * @tp: connection, locked
 * @opt: @len octets of a header
 * @len: what mini_tcp_sack_len() gave, not 0
 *
 * A duplicate is told just once (RFC 2883 section 4).
 */
void mini_tcp_sack_put(struct mini_tcp_sock *tp, __be32 *opt, u32 len)
{
	__be32 *end = opt + len / 4;
	u8 i = 0;

	/* Kind and length; the padding is in front, the length without it. */
	*opt++ = htonl(MINI_TCP_SACK_WORD | (len - 2));
	if (tp->dsack_due) {
		opt = mini_tcp_sack_put_block(opt, &tp->fl->dsack);
		tp->dsack_due = 0;
	}
	while (opt < end)
		opt = mini_tcp_sack_put_block(opt, &tp->fl->sacks[i++]);
}
