// SPDX-License-Identifier: GPL-2.0
/*
 * Output: what may be sent now (RFC 9293 section 3.10.2 SEND, 3.8.6.2.1 silly
 * windows, 3.7.4 Nagle; RFC 5681 cwnd).
 *
 * Locks on entry: the socket lock.
 */
#include <linux/tcp.h>

#include "../trace.h"
#include "tcp_int.h"

/* What a passive peer or a full sndbuf may not delay longer: a corked tail. */
#define MINI_TCP_CORK_TIME	(200 * USEC_PER_MSEC)

int mini_tcp_send_syn(struct mini_tcp_sock *tp, u64 now)
{
	struct sk_buff *skb = mini_tcp_send_head(tp);

	/* Sent or not, the timer tries again: memory may be short for once. */
	mini_tcp_rtx_move(tp, skb);
	mini_tcp_set_timer(tp, MINI_TCP_T_RTO, now + tp->rto_us);
	return mini_tcp_transmit_queued(tp, skb, now);
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
	room = inflight ? tp->cc.cwnd - min(inflight, tp->cc.cwnd) :
	       max(tp->cc.cwnd, tp->cc.mss);
	if (!mini_tcp_loss_done(tp) || room < min(tp->cc.mss, skb->len) || !room)
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
		if (skb->len % tp->cc.mss &&
		    skb_queue_is_last(&tp->ms.sk.sk_write_queue, skb) &&
		    !mini_tcp_short_ok(tp, skb, force)) {
			*len = rounddown(skb->len, tp->cc.mss);
			return *len ? MINI_TCP_SEND : MINI_TCP_WAIT_NAGLE;
		}
		*len = skb->len;
		return MINI_TCP_SEND;
	}
	*len = rounddown(room, tp->cc.mss);
	if (*len)
		return MINI_TCP_SEND;
	/* Less than a segment fits the window: not worth it if it's silly. */
	if ((u32)wnd < tp->cc.mss && !force && (u32)wnd < tp->max_wnd / 2)
		return MINI_TCP_WAIT_WND;
	*len = min3((u32)wnd, skb->len, tp->cc.mss);
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
	mini_tcp_rtx_move(tp, skb);
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
		if (mini_tcp_send_head(tp))
			mini_tcp_arm_persist(tp, now + tp->rto_us);
		return;
	}
	/* RFC 5681 4.1: what cwnd knew is stale after a silence. */
	if (tp->snd_una == tp->snd_nxt && mini_tcp_send_head(tp) && tp->last_sent &&
	    now - tp->last_sent > tp->rto_us) {
		u32 restart = MINI_TCP_INIT_CWND * tp->cc.mss;

		if (tp->cc.cwnd > restart) {
			tp->cc.ssthresh = max(tp->cc.ssthresh,
					   tp->cc.cwnd / 4 * 3);
			tp->cc.cwnd = restart;
			if (tp->cc.ops->event)
				tp->cc.ops->event(&tp->cc, MINI_CC_EV_IDLE, now);
		}
	}
	tp->cc.cwnd_limited = 0;
	while ((skb = mini_tcp_send_head(tp)) != NULL) {
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
		tp->cc.cwnd_limited = 1;
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
	if (mini_tcp_send_head(tp))
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
			mini_tcp_rtx_free(tp, skb);
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

	if (mini_tcp_send_head(tp))
		__mini_tcp_push(tp, true, now);
	if (tp->snd_nxt == before)
		mini_tcp_transmit_empty(tp, MINI_TCP_ACK, tp->snd_una - 1, now);
}
