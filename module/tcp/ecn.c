// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit congestion notification (RFC 3168): a router marks instead of
 * dropping, the receiver echoes the mark until the sender says that it slowed
 * down.
 *
 * Agreed upon by SYN (ECE, CWR) and SYN-ACK (ECE).  New data alone is sent as
 * capable: what is sent again, ACKs and probes are not (section 6.1.5).
 *
 * Locks on entry: the socket lock.
 */
#include <net/inet_ecn.h>

#include "tcp_int.h"

/**
 * mini_tcp_ecn_syn() - flags that the SYN carries besides
 * @tp: connection, locked
 *
 * A middlebox may drop SYNs that ask: what is sent again does not ask, unless
 * tcp_ecn_fallback is off (RFC 3168 section 6.1.1.1).
 *
 * Return: MINI_TCP_ECE and MINI_TCP_CWR, or 0.
 */
u8 mini_tcp_ecn_syn(const struct mini_tcp_sock *tp)
{
	if (!tp->ecn_ask)
		return 0;
	/* Nothing but the SYN has been sent. */
	if (tp->segs_out &&
	    READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_ecn_fallback))
		return 0;
	return MINI_TCP_ECE | MINI_TCP_CWR;
}

/**
 * mini_tcp_ecn_wanted() - does a SYN ask for ECN, and will this end agree?
 * @mn: the instance
 * @h: the SYN
 *
 * A SYN that is itself marked as capable came through a box that overwrites
 * the bits: nothing it says of them can be believed.
 */
bool mini_tcp_ecn_wanted(const struct mini_net *mn,
			 const struct mini_wire_tcp *h)
{
	const u8 ask = MINI_TCP_ECE | MINI_TCP_CWR;

	return (h->flags & ask) == ask && !h->ecn &&
	       READ_ONCE(mn->sysctl.tcp_ecn);
}

/**
 * mini_tcp_ecn_out() - the bits of a segment that is about to leave
 * @tp: connection, locked; uses ECN
 * @skb: the segment
 * @flags: of the header
 * @seq: sequence number
 * @len: octets of payload
 *
 * Sets tp->ect for the IP header, and the mark for segmentation that CWR
 * belongs to the first segment alone.
 *
 * Return: @flags with ECE and CWR as they are due.
 */
u8 mini_tcp_ecn_out(struct mini_tcp_sock *tp, struct sk_buff *skb, u8 flags,
		    u32 seq, u32 len)
{
	tp->ect = INET_ECN_NOT_ECT;
	if (flags & (MINI_TCP_SYN | MINI_TCP_RST))
		return flags;
	if (tp->ecn_ece)
		flags |= MINI_TCP_ECE;
	if (!len || seq_before(seq, tp->snd_nxt))
		return flags;
	tp->ect = INET_ECN_ECT_0;
	if (unlikely(tp->ecn_cwr)) {
		tp->ecn_cwr = 0;
		flags |= MINI_TCP_CWR;
		if (skb_is_gso(skb))
			skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_ECN;
	}
	return flags;
}

/**
 * mini_tcp_ecn_in() - data arrived: was it marked?
 * @tp: connection, locked; uses ECN
 * @h: header of a segment with payload, some of it new
 *
 * RFC 3168 section 6.1.3.  CWR ends the echo, also where the segment that
 * carries it is marked anew.
 */
void mini_tcp_ecn_in(struct mini_tcp_sock *tp, const struct mini_wire_tcp *h)
{
	if (h->flags & MINI_TCP_CWR) {
		tp->ecn_ece = 0;
		/* The sender may be down to one segment: do not let it wait. */
		tp->ack_now = 1;
	}
	if (!h->ecn)
		return;
	tp->ecn_seen = 1;
	if (h->ecn != INET_ECN_CE)
		return;
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_ECN_MARKS_IN);
	if (!tp->ecn_ece) {
		tp->ecn_ece = 1;
		tp->ack_now = 1;
	}
}

/**
 * mini_tcp_ecn_echo() - the peer tells of a mark
 * @tp: connection, locked; uses ECN
 * @delivered: octets that its ACK delivers
 * @now: microseconds
 *
 * One reduction a window (RFC 3168 section 6.1.2): none while one is under way.
 */
void mini_tcp_ecn_echo(struct mini_tcp_sock *tp, u32 delivered, u64 now)
{
	tp->delivered_ce += delivered;
	if (tp->cc.state >= MINI_CC_CWR)
		return;
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_ECN_REDUCTIONS);
	tp->cc.abe = READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_ecn_abe);
	mini_tcp_enter_cwr(tp, now);
}
