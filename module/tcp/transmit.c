// SPDX-License-Identifier: GPL-2.0
/*
 * Transmission: from a segment to a packet on its way (RFC 9293 section 3.1,
 * 3.7.1, RFC 7323).
 *
 * A queued segment is page fragments without any header; each transmission is
 * a clone of it with headers in front.
 *
 * Locks on entry: the socket lock.
 */
#include <linux/tcp.h>

#include "open.h"
#include "rate.h"

/**
 * __mini_tcp_path() - mini_tcp_path(), when something has changed
 * @tp: connection, locked
 *
 * Return: 0 or mini_path_lookup()'s error.
 */
int __mini_tcp_path(struct mini_tcp_sock *tp)
{
	struct mini_sock *ms = &tp->ms;
	struct mini_path path __uninitialized;
	struct mini_flow fl __uninitialized;
	int err;

	if (tp->detached)
		return 0;
	mini_sk_flow(ms, &ms->conn.tuple.raddr, &fl);
	fl.hash = tp->txhash;
	err = mini_path_lookup(ms->mn, &fl, &path);
	mini_path_release(&ms->path);
	if (err)
		return err;
	ms->path = path;
	mini_tcp_sync_mss(tp);
	return 0;
}

/* Linux's ip_dont_fragment(). */
static bool mini_tcp_df(const struct mini_tcp_sock *tp)
{
	u8 how = tp->ms.pmtudisc;

	return how == IP_PMTUDISC_DO ||
	       (how == IP_PMTUDISC_WANT && !tp->df_off &&
		!tp->ms.path.mtu_locked);
}

int mini_tcp_xmit_ip(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	struct mini_sock *ms = &tp->ms;
	const struct mini_ip_hdr h = {
		.proto = IPPROTO_TCP,
		.ttl = mini_sk_ttl(ms),
		.tos = ms->tos | tp->ect,
		.df = mini_tcp_df(tp),
	};
	int err = mini_tcp_path(tp);

	if (unlikely(err)) {
		kfree_skb(skb);
		return err;
	}
	skb_set_hash(skb, tp->txhash, PKT_HASH_TYPE_L4);
	skb->mark = READ_ONCE(ms->sk.sk_mark);
	skb->priority = READ_ONCE(ms->sk.sk_priority);
	return mini_ip_xmit(ms->mn, &ms->path, skb, &h);
}

/* SYN and SYN-ACK carry the options that are agreed upon only once. */
static void mini_tcp_push_syn_header(struct mini_tcp_sock *tp,
				     struct sk_buff *skb, u8 flags, u32 seq,
				     u64 now)
{
	bool first = !(flags & MINI_TCP_ACK);
	struct mini_sysctl *ctl = &mini_tcp_mn(tp)->sysctl;
	struct mini_wire_tcp h = {
		.sport = tp->ms.conn.tuple.lport,
		.dport = tp->ms.conn.tuple.rport,
		.seq = seq,
		.ack = first ? 0 : tp->rcv_nxt,
		.flags = flags | (first ? mini_tcp_ecn_syn(tp) : 0),
		/* RFC 7323 2.2: the window of a SYN is never scaled. */
		.window = min_t(u32, tp->rcv_wnd, U16_MAX),
	};

	h.opts.sack_ok = first ? READ_ONCE(ctl->tcp_sack) : tp->sack_ok;
	h.opts.saw_mss = 1;
	h.opts.mss = mini_tcp_mss_for(tp->ms.path.mtu);
	if (tp->mss_user)
		h.opts.mss = min(h.opts.mss, tp->mss_user);
	if (first ? READ_ONCE(ctl->tcp_window_scaling) : tp->wscale_ok) {
		h.opts.saw_wscale = 1;
		h.opts.wscale = tp->rcv_wscale;
	}
	if (first ? READ_ONCE(ctl->tcp_timestamps) : tp->tstamp_ok) {
		h.opts.saw_tstamp = 1;
		h.opts.tsval = mini_tcp_tsval(tp->ts_off, now);
		h.opts.tsecr = first ? 0 : tp->ts_recent;
	}
	if (first)
		mini_tcp_fastopen_option(tp, &h);
	else if (tp->fo_give && tp->fo_listener)
		mini_tcp_fastopen_give(tp->fo_listener, &tp->ms.conn.tuple,
				       &h.opts);
	mini_wire_tcp_build(skb_push(skb, sizeof(struct tcphdr) +
				     mini_wire_tcp_optlen(&h)), &h);
}

/*
 * The room that SACK blocks get in a header.  A segment of mss octets takes
 * none: the ACK that is due follows it by itself.  The segments that are cut
 * from a larger one can be that much shorter.
 */
static u32 mini_tcp_sack_room(const struct mini_tcp_sock *tp, u32 len, u8 flags)
{
	u32 room = mini_tcp_sack_len(tp);

	if (flags & MINI_TCP_RST ||
	    (len <= tp->cc.mss && len + room > tp->cc.mss))
		return 0;
	return room;
}

/*
 * RFC 9293 3.8.5, as everybody does it (RFC 6093): the pointer leads to the
 * octet behind the urgent one.  It does not reach farther than 65535; where it
 * would have to, the announcement says only that more is to come.
 */
static void mini_tcp_put_urg(struct mini_tcp_sock *tp, struct tcphdr *th,
			     u32 seq)
{
	u32 ahead = tp->snd_up - seq;

	if (!mini_tcp_urgent(tp) || !seq_before(seq, tp->snd_up))
		return;
	if (ahead > U16_MAX) {
		if (!seq_after(seq + U16_MAX, tp->snd_nxt))
			return;
		ahead = U16_MAX;
	}
	th->urg = 1;
	th->urg_ptr = htons(ahead);
}

/* The header of every other segment: written without a detour. */
static void mini_tcp_push_header(struct mini_tcp_sock *tp, struct sk_buff *skb,
				 u8 flags, u32 seq, u32 sack, u64 now)
{
	unsigned int len = sizeof(struct tcphdr) + sack;
	struct tcphdr *th;
	__be32 *opt;

	if (tp->tstamp_ok)
		len += MINI_WIRE_TCPOLEN_TSTAMP_ALIGNED;
	th = skb_push(skb, len);
	th->source = tp->ms.conn.tuple.lport;
	th->dest = tp->ms.conn.tuple.rport;
	th->seq = htonl(seq);
	th->ack_seq = htonl(tp->rcv_nxt);
	*((__be16 *)th + 6) = htons((len >> 2) << 12 | flags);
	th->window = htons(mini_tcp_select_window(tp) >> tp->rcv_wscale);
	th->check = 0;
	th->urg_ptr = 0;
	opt = (__be32 *)(th + 1);
	if (tp->tstamp_ok) {
		*opt++ = htonl(MINI_WIRE_TCPOPT_TSTAMP_WORD);
		*opt++ = htonl(mini_tcp_tsval(tp->ts_off, now));
		*opt++ = htonl(tp->ts_recent);
	}
	if (unlikely(sack))
		mini_tcp_sack_put(tp, opt, sack);
	if (unlikely(tp->urg_out))
		mini_tcp_put_urg(tp, th, seq);
}

/* RFC 4821: larger than mss, and to arrive as it is. */
static bool mini_tcp_is_probe(const struct mini_tcp_sock *tp, u32 seq, u32 len)
{
	return unlikely(tp->mtup_size) && seq == tp->mtup_start &&
	       len == tp->mtup_end - seq;
}

/**
 * mini_tcp_transmit() - put a TCP header in front of @skb and send it
 * @tp: connection, locked
 * @skb: payload only; consumed
 * @flags: of the header
 * @seq: sequence number
 * @now: microseconds
 */
static int mini_tcp_transmit(struct mini_tcp_sock *tp, struct sk_buff *skb,
			     u8 flags, u32 seq, u64 now)
{
	bool tell = tp->num_sacks | tp->dsack_due;
	u32 mss = tp->cc.mss;
	u32 len = skb->len;
	u32 sack = 0;
	u32 segs = 1;

	if (unlikely(tell) && !(flags & MINI_TCP_SYN))
		sack = mini_tcp_sack_room(tp, len, flags);
	if (len > mss && !mini_tcp_is_probe(tp, seq, len)) {
		mss -= sack;
		skb_shinfo(skb)->gso_size = mss;
		segs = DIV_ROUND_UP(len, mss);
		/*
		 * A burst ends here.  A receiver that joins segments need not
		 * wait for more, and its ACK ends with the burst: were one
		 * segment left over, each further pair that it acknowledges
		 * would be parted by what other flows sent, and what that ACK
		 * lets out comes behind theirs when a queue is full.
		 */
		flags |= MINI_TCP_PSH;
		skb_shinfo(skb)->gso_segs = segs;
		skb_shinfo(skb)->gso_type =
			mini_addr_is_v4(&tp->ms.conn.tuple.raddr) ?
			SKB_GSO_TCPV4 : SKB_GSO_TCPV6;
	} else {
		skb_shinfo(skb)->gso_size = 0;
		skb_shinfo(skb)->gso_segs = 0;
		skb_shinfo(skb)->gso_type = 0;
	}
	if (unlikely(tp->ecn_ok))
		flags = mini_tcp_ecn_out(tp, skb, flags, seq, len);
	if (unlikely(flags & MINI_TCP_SYN))
		mini_tcp_push_syn_header(tp, skb, flags, seq, now);
	else
		mini_tcp_push_header(tp, skb, flags, seq, sack, now);
	skb_reset_transport_header(skb);
	mini_csum_out(skb, &tp->ms.conn.tuple.laddr, &tp->ms.conn.tuple.raddr,
		      IPPROTO_TCP, offsetof(struct tcphdr, check));

	if (flags & MINI_TCP_ACK) {
		mini_tcp_ack_sent(tp);
		if (likely(!tell || sack)) {
			tp->ack_now = 0;
			if (unlikely(tp->comp_acks | tp->comp_blocks))
				mini_tcp_comp_sent(tp);
		}
		mini_tcp_clear_timer(tp, MINI_TCP_T_DELACK);
	}
	tp->segs_out += segs;
	if (len)
		tp->data_segs_out += segs;
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_OUT_SEGS);
	return tp->xmit(tp, skb);
}

/**
 * mini_tcp_transmit_syn_data() - our SYN, and data with it (RFC 7413)
 * @tp: connection, locked
 * @data: segment behind the SYN, stays in its queue; no more than mss octets
 * @now: microseconds
 *
 * Return: 0; -ENOBUFS: nothing was sent; the path's error.
 */
int mini_tcp_transmit_syn_data(struct mini_tcp_sock *tp, struct sk_buff *data,
			       u64 now)
{
	struct sk_buff *clone = skb_clone(data, GFP_ATOMIC);

	if (!clone)
		return -ENOBUFS;
	tp->last_sent = now;
	tp->bytes_sent += data->len;
	return mini_tcp_transmit(tp, clone, MINI_TCP_SYN, tp->iss, now);
}

/* A segment without payload, outside the queue. */
int mini_tcp_transmit_empty(struct mini_tcp_sock *tp, u8 flags, u32 seq,
			    u64 now)
{
	struct sk_buff *skb = alloc_skb(MINI_TCP_HEADROOM, GFP_ATOMIC);

	if (!skb)
		return -ENOBUFS;
	skb_reserve(skb, MINI_TCP_HEADROOM);
	return mini_tcp_transmit(tp, skb, flags, seq, now);
}

/* Send the queued segment @skb, now or again: a clone of it. */
int mini_tcp_transmit_queued(struct mini_tcp_sock *tp, struct sk_buff *skb,
			     u64 now)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	struct sk_buff *clone;
	unsigned long anchor = skb->_skb_refdst;
	u8 flags = cb->flags;

	/*
	 * A clone that has not been freed yet still needs its headers.  A sent
	 * segment's place in tp->fl->tsorted looks like a route to be copied.
	 */
	skb->_skb_refdst = 0;
	clone = skb_cloned(skb) ? pskb_copy(skb, GFP_ATOMIC) :
		skb_clone(skb, GFP_ATOMIC);
	skb->_skb_refdst = anchor;
	if (unlikely(!clone))
		return -ENOBUFS;
	/*
	 * sock_wfree() tells mini_tcp_tsq_freed() when it is gone; what cuts a
	 * packet knows it, and has the charge follow the last part.
	 */
	clone->sk = mini_tcp_to_sk(tp);
	clone->destructor = sock_wfree;
	refcount_add(clone->truesize, &clone->sk->sk_wmem_alloc);
	mini_tcp_pace_sent(tp, skb->len, now);
	mini_tcp_rate_sent(tp, cb, now);
	tp->last_sent = now;
	tp->bytes_sent += skb->len;
	return mini_tcp_transmit(tp, clone, flags, cb->seq, now);
}

void mini_tcp_send_ack(struct mini_tcp_sock *tp, u64 now)
{
	if (mini_tcp_transmit_empty(tp, MINI_TCP_ACK, tp->snd_nxt, now) ==
	    -ENOBUFS)
		mini_tcp_set_timer(tp, MINI_TCP_T_DELACK, now +
				   READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_delack_ms) *
				   USEC_PER_MSEC);
}

/* Refuse one segment, whatever the connection's state: SEQ=SEG.ACK. */
void mini_tcp_send_rst_for(struct mini_tcp_sock *tp,
			   const struct mini_wire_tcp *h, u64 now)
{
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_OUT_RSTS);
	mini_tcp_transmit_empty(tp, MINI_TCP_RST, h->ack, now);
}

void mini_tcp_send_rst(struct mini_tcp_sock *tp, u64 now)
{
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_OUT_RSTS);
	mini_tcp_transmit_empty(tp, MINI_TCP_RST | MINI_TCP_ACK, tp->snd_nxt,
				now);
}
