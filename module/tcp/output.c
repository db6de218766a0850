// SPDX-License-Identifier: GPL-2.0
/*
 * Output: what may be sent now, and how a segment is built (RFC 9293 section
 * 3.10.2 SEND, 3.8.6.2.1 silly windows, 3.7.4 Nagle; RFC 5681 cwnd).
 *
 * sk_write_queue holds everything from snd_una on: sent segments first, then,
 * from send_head, what waits for the window, cwnd or Nagle.  A queued segment
 * is up to gso_max octets of page fragments without any header; each
 * transmission is a clone of it with headers in front.
 *
 * Locks on entry: the socket lock.
 */
#include <linux/tcp.h>

#include "../trace.h"
#include "tcp_int.h"

/* What a passive peer or a full sndbuf may not delay longer: a corked tail. */
#define MINI_TCP_CORK_TIME	(200 * USEC_PER_MSEC)

/**
 * mini_tcp_path() - make sure that the way to the peer is current
 * @tp: connection, locked
 *
 * Return: 0 or mini_path_lookup()'s error; then the old way is forgotten.
 */
int mini_tcp_path(struct mini_tcp_sock *tp)
{
	struct mini_sock *ms = &tp->ms;
	struct mini_path path;
	struct mini_flow fl;
	int err;

	if (likely(mini_path_valid(ms->mn, &ms->path)) || tp->detached)
		return 0;
	mini_sk_flow(ms, &ms->conn.tuple.raddr, &fl);
	err = mini_path_lookup(ms->mn, &fl, &path);
	mini_path_release(&ms->path);
	if (err)
		return err;
	ms->path = path;
	mini_tcp_sync_mss(tp);
	return 0;
}

/* The MSS option's value for a packet size (RFC 9293 section 3.7.1). */
u32 mini_tcp_mss_for(u32 mtu)
{
	u32 hdrs = sizeof(struct iphdr) + sizeof(struct tcphdr);

	/* No path, no MTU: then 0 is given. */
	return clamp_t(u32, mtu, hdrs + MINI_TCP_MSS_MIN, U16_MAX) - hdrs;
}

/* From path MTU, peer's MSS and options in use to mss and gso_max. */
void mini_tcp_sync_mss(struct mini_tcp_sock *tp)
{
	struct mini_dev *mdev = tp->ms.path.mdev;
	struct net_device *dev;
	u32 gso = GSO_LEGACY_MAX_SIZE;
	u32 segs = U16_MAX;
	u32 mss;

	if (!mdev)
		return;
	mss = mini_tcp_mss_for(min(tp->ms.path.mtu, tp->pmtu));
	mss = min_t(u32, mss, tp->mss_peer);
	if (tp->mss_user)
		mss = min_t(u32, mss, tp->mss_user);
	if (tp->tstamp_ok)
		mss -= MINI_WIRE_TCPOLEN_TSTAMP_ALIGNED;
	tp->mss = max(mss, MINI_TCP_MSS_MIN);

	rcu_read_lock();
	dev = rcu_dereference(mdev->dev);
	if (dev) {
		gso = min_t(u32, gso, READ_ONCE(dev->gso_max_size));
		segs = READ_ONCE(dev->gso_max_segs);
	}
	rcu_read_unlock();
	/* An administrator may set a device's limit to anything. */
	gso -= min_t(u32, gso, sizeof(struct ipv6hdr) + MINI_TCP_HDR_MAX + 1);
	gso = min_t(u64, gso, (u64)segs * tp->mss);
	tp->gso_max = max(gso / tp->mss, 1U) * tp->mss;
}

int mini_tcp_xmit_ip(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	struct mini_sock *ms = &tp->ms;
	const struct mini_ip_hdr h = {
		.proto = IPPROTO_TCP,
		.ttl = mini_sk_ttl(ms),
		.tos = ms->tos,
		.df = ms->pmtudisc != IP_PMTUDISC_DONT,
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
		.flags = flags,
		/* RFC 7323 2.2: the window of a SYN is never scaled. */
		.window = min_t(u32, tp->rcv_wnd, U16_MAX),
	};

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
	mini_wire_tcp_build(skb_push(skb, sizeof(struct tcphdr) +
				     mini_wire_tcp_optlen(&h)), &h);
}

/* The header of every other segment: written without a detour. */
static void mini_tcp_push_header(struct mini_tcp_sock *tp, struct sk_buff *skb,
				 u8 flags, u32 seq, u64 now)
{
	unsigned int len = sizeof(struct tcphdr);
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
	if (tp->tstamp_ok) {
		opt = (__be32 *)(th + 1);
		*opt++ = htonl(MINI_WIRE_TCPOPT_TSTAMP_WORD);
		*opt++ = htonl(mini_tcp_tsval(tp->ts_off, now));
		*opt = htonl(tp->ts_recent);
	}
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
	u32 len = skb->len;

	if (unlikely(flags & MINI_TCP_SYN))
		mini_tcp_push_syn_header(tp, skb, flags, seq, now);
	else
		mini_tcp_push_header(tp, skb, flags, seq, now);
	skb_reset_transport_header(skb);
	if (len > tp->mss) {
		skb_shinfo(skb)->gso_size = tp->mss;
		skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(len, tp->mss);
		skb_shinfo(skb)->gso_type =
			mini_addr_is_v4(&tp->ms.conn.tuple.raddr) ?
			SKB_GSO_TCPV4 : SKB_GSO_TCPV6;
	} else {
		skb_shinfo(skb)->gso_size = 0;
		skb_shinfo(skb)->gso_segs = 0;
		skb_shinfo(skb)->gso_type = 0;
	}
	mini_csum_out(skb, &tp->ms.conn.tuple.laddr, &tp->ms.conn.tuple.raddr,
		      IPPROTO_TCP, offsetof(struct tcphdr, check));

	if (flags & MINI_TCP_ACK) {
		tp->last_ack_sent = tp->rcv_nxt;
		if (tp->quickacks)
			tp->quickacks--;
		tp->ack_now = 0;
		mini_tcp_clear_timer(tp, MINI_TCP_T_DELACK);
	}
	tp->segs_out++;
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_OUT_SEGS);
	return tp->xmit(tp, skb);
}

/* A segment without payload, outside the queue. */
static int mini_tcp_transmit_empty(struct mini_tcp_sock *tp, u8 flags, u32 seq,
				   u64 now)
{
	struct sk_buff *skb = alloc_skb(MINI_TCP_HEADROOM, GFP_ATOMIC);

	if (!skb)
		return -ENOBUFS;
	skb_reserve(skb, MINI_TCP_HEADROOM);
	return mini_tcp_transmit(tp, skb, flags, seq, now);
}

/* Send the queued segment @skb, now or again: a clone of it. */
static int mini_tcp_transmit_queued(struct mini_tcp_sock *tp,
				    struct sk_buff *skb, u64 now)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	struct sk_buff *clone;
	u8 flags = cb->flags;

	/* A clone that has not been freed yet still needs its headers. */
	clone = skb_cloned(skb) ? pskb_copy(skb, GFP_ATOMIC) :
		skb_clone(skb, GFP_ATOMIC);
	if (unlikely(!clone))
		return -ENOBUFS;
	cb->sent = now;
	tp->last_sent = now;
	tp->bytes_sent += skb->len;
	return mini_tcp_transmit(tp, clone, flags, cb->seq, now);
}

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
	cb->sent = 0;
	__skb_queue_tail(&sk->sk_write_queue, skb);
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
	if (!tp->send_head)
		tp->send_head = skb;
}

/* Queue a SYN or FIN that goes by itself; process context. */
void mini_tcp_queue_ctl(struct mini_tcp_sock *tp, u8 flags)
{
	struct sk_buff *skb;

	/* A FIN or SYN must not get lost for want of memory: wait for it. */
	skb = alloc_skb_fclone(MINI_TCP_HEADROOM, GFP_KERNEL | __GFP_NOFAIL);
	mini_tcp_queue_segment(tp, skb, flags);
	mini_tcp_cb(skb)->end_seq = ++tp->write_seq;
}

static void mini_tcp_advance_head(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	struct sk_buff_head *queue = &mini_tcp_to_sk(tp)->sk_write_queue;

	tp->send_head = skb_queue_is_last(queue, skb) ? NULL :
			skb_queue_next(queue, skb);
	tp->snd_nxt = mini_tcp_cb(skb)->end_seq;
}

int mini_tcp_send_syn(struct mini_tcp_sock *tp, u64 now)
{
	struct sk_buff *skb = tp->send_head;

	/* Sent or not, the timer tries again: memory may be short for once. */
	mini_tcp_advance_head(tp, skb);
	mini_tcp_set_timer(tp, MINI_TCP_T_RTO, now + tp->rto_us);
	return mini_tcp_transmit_queued(tp, skb, now);
}

/**
 * mini_tcp_split() - cut a queued segment in two
 * @tp: connection, locked
 * @skb: stands in sk_write_queue; keeps the first @len octets
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
	__skb_queue_after(&sk->sk_write_queue, skb, rest);
	return rest;
}

/* Why the tail of the queue waits. */
enum mini_tcp_verdict {
	MINI_TCP_SEND,
	MINI_TCP_WAIT_CWND,
	MINI_TCP_WAIT_WND,
	MINI_TCP_WAIT_NAGLE,
};

/* RFC 9293 3.7.4, 3.8.6.2.1: may the short last segment leave? */
static bool mini_tcp_short_ok(const struct mini_tcp_sock *tp,
			      const struct sk_buff *skb, bool force)
{
	if (force || mini_tcp_cb(skb)->flags & MINI_TCP_FIN)
		return true;
	if (tp->cork)
		return false;
	return tp->nodelay || tp->snd_una == tp->snd_nxt;
}

/*
 * How much of @skb, the head of what is unsent, may leave now?  @len receives
 * the octets, a multiple of mss unless all of @skb.
 */
static enum mini_tcp_verdict mini_tcp_may_send(struct mini_tcp_sock *tp,
					       struct sk_buff *skb, bool force,
					       u32 *len)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	u32 inflight = mini_tcp_inflight(tp);
	s32 wnd = tp->snd_una + tp->snd_wnd - cb->seq;
	u32 room;

	/* At least one segment may always be on its way. */
	room = inflight ? tp->cwnd - min(inflight, tp->cwnd) :
	       max(tp->cwnd, tp->mss);
	if (!mini_tcp_loss_done(tp) || room < min(tp->mss, skb->len) || !room)
		return MINI_TCP_WAIT_CWND;
	if (wnd <= 0 && skb->len)
		return MINI_TCP_WAIT_WND;
	/* A FIN alone may be sent into a closed window. */
	if (!skb->len) {
		*len = 0;
		return MINI_TCP_SEND;
	}
	room = min3(room, (u32)wnd, tp->gso_max);
	if (skb->len <= room) {
		if (skb->len % tp->mss &&
		    skb_queue_is_last(&tp->ms.sk.sk_write_queue, skb) &&
		    !mini_tcp_short_ok(tp, skb, force)) {
			*len = rounddown(skb->len, tp->mss);
			return *len ? MINI_TCP_SEND : MINI_TCP_WAIT_NAGLE;
		}
		*len = skb->len;
		return MINI_TCP_SEND;
	}
	*len = rounddown(room, tp->mss);
	if (*len)
		return MINI_TCP_SEND;
	/* Less than a segment fits the window: not worth it if it's silly. */
	if ((u32)wnd < tp->mss && !force && (u32)wnd < tp->max_wnd / 2)
		return MINI_TCP_WAIT_WND;
	*len = min3((u32)wnd, skb->len, tp->mss);
	return MINI_TCP_SEND;
}

static void mini_tcp_arm_persist(struct mini_tcp_sock *tp, u64 when)
{
	if (!tp->deadline[MINI_TCP_T_PERSIST])
		mini_tcp_set_timer(tp, MINI_TCP_T_PERSIST, when);
}

static bool mini_tcp_push_one(struct mini_tcp_sock *tp, struct sk_buff *skb,
			      u32 len, u64 now)
{
	if (len < skb->len && !mini_tcp_split(tp, skb, len, GFP_ATOMIC))
		return false;
	/* Data soon after data: the next ACK can ride on it, too. */
	if (tp->rcv_nxt != tp->last_ack_sent)
		tp->quickacks = 0;
	/* What a device or a queue drops, the retransmission timer repairs. */
	if (mini_tcp_transmit_queued(tp, skb, now) == -ENOBUFS &&
	    !mini_tcp_cb(skb)->sent)
		return false;
	mini_tcp_advance_head(tp, skb);
	if (!tp->deadline[MINI_TCP_T_RTO])
		mini_tcp_set_timer(tp, MINI_TCP_T_RTO, now + tp->rto_us);
	return true;
}

static void __mini_tcp_push(struct mini_tcp_sock *tp, bool force, u64 now)
{
	enum mini_tcp_verdict why = MINI_TCP_SEND;
	struct sk_buff *skb;
	u32 len;

	if (mini_tcp_path(tp) && tp->snd_una == tp->snd_nxt) {
		/* No way out at the moment: try later, as if it were lost. */
		if (tp->send_head)
			mini_tcp_arm_persist(tp, now + tp->rto_us);
		return;
	}
	/* RFC 5681 4.1: what cwnd knew is stale after a silence. */
	if (tp->snd_una == tp->snd_nxt && tp->send_head && tp->last_sent &&
	    now - tp->last_sent > tp->rto_us) {
		u32 restart = MINI_TCP_INIT_CWND * tp->mss;

		if (tp->cwnd > restart) {
			tp->ssthresh = max(tp->ssthresh,
					   tp->cwnd / 4 * 3);
			tp->cwnd = restart;
			if (tp->cong->event)
				tp->cong->event(tp, MINI_TCP_CONG_IDLE);
		}
	}
	tp->cwnd_limited = 0;
	while ((skb = tp->send_head) != NULL) {
		why = mini_tcp_may_send(tp, skb, force, &len);
		if (why != MINI_TCP_SEND)
			break;
		if (!mini_tcp_push_one(tp, skb, len, now)) {
			mini_tcp_arm_persist(tp, now + tp->rto_us);
			break;
		}
		mini_tcp_clear_timer(tp, MINI_TCP_T_PERSIST);
	}
	if (why == MINI_TCP_WAIT_CWND)
		tp->cwnd_limited = 1;
	/* Nobody's ACK will come to open the window: ask (RFC 9293 3.8.6.1) */
	if (tp->snd_una == tp->snd_nxt) {
		if (why == MINI_TCP_WAIT_WND)
			mini_tcp_arm_persist(tp, now + tp->rto_us);
		else if (why == MINI_TCP_WAIT_NAGLE)
			mini_tcp_arm_persist(tp, now + MINI_TCP_CORK_TIME);
	}
}

/**
 * mini_tcp_push() - send what window, cwnd and Nagle let leave
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_push(struct mini_tcp_sock *tp, u64 now)
{
	if (tp->send_head)
		__mini_tcp_push(tp, false, now);
}

/**
 * mini_tcp_retransmit() - send a queued segment again
 * @tp: connection, locked
 * @skb: was sent before
 * @most: octets, gso_max at most: the rest is cut off and stays behind it
 * @now: microseconds
 *
 * Return: 0; -ENOBUFS; the path's error.
 */
int mini_tcp_retransmit(struct mini_tcp_sock *tp, struct sk_buff *skb,
			u32 most, u64 now)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	struct sock *sk = mini_tcp_to_sk(tp);
	int err;

	err = mini_tcp_path(tp);
	if (err)
		return err;
	/* The part that the peer acknowledged meanwhile stays at home. */
	if (seq_before(cb->seq, tp->snd_una) && skb->len) {
		u32 done = min_t(u32, tp->snd_una - cb->seq, skb->len);
		struct sk_buff *rest = skb;

		if (done < skb->len) {
			rest = mini_tcp_split(tp, skb, done, GFP_ATOMIC);
			if (!rest)
				return -ENOBUFS;
			__skb_unlink(skb, &sk->sk_write_queue);
			mini_tcp_free_write_skb(sk, skb);
		}
		skb = rest;
		cb = mini_tcp_cb(skb);
	}
	if (skb->len > most && !mini_tcp_split(tp, skb, most, GFP_ATOMIC))
		return -ENOBUFS;

	cb->flags |= MINI_TCP_CB_RETRANS;
	tp->total_retrans++;
	tp->bytes_retrans += skb->len;
	mini_inc(mini_tcp_mn(tp), cb->flags & MINI_TCP_SYN ?
		 MINI_MIB_TCP_SYN_RETRANS : MINI_MIB_TCP_RETRANS_SEGS);
	trace_mini_tcp_retransmit(&tp->ms, cb->seq, skb->len);
	return mini_tcp_transmit_queued(tp, skb, now);
}

void mini_tcp_send_ack(struct mini_tcp_sock *tp, u64 now)
{
	if (mini_tcp_transmit_empty(tp, MINI_TCP_ACK, tp->snd_nxt, now) ==
	    -ENOBUFS)
		mini_tcp_set_timer(tp, MINI_TCP_T_DELACK, now +
				   READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_delack_ms) *
				   USEC_PER_MSEC);
}

/**
 * mini_tcp_send_probe() - make the peer say where it stands
 * @tp: connection, locked
 * @now: microseconds
 *
 * Sends new data where the window takes some; else an ACK with a sequence
 * number just left of the window, which the peer must answer (RFC 9293
 * sections 3.8.4, 3.8.6.1, 3.10.7.4).
 */
void mini_tcp_send_probe(struct mini_tcp_sock *tp, u64 now)
{
	u32 before = tp->snd_nxt;

	if (tp->send_head)
		__mini_tcp_push(tp, true, now);
	if (tp->snd_nxt == before)
		mini_tcp_transmit_empty(tp, MINI_TCP_ACK, tp->snd_una - 1, now);
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
