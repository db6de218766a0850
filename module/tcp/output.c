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

/* How long a program's cork holds: RFC 9293 3.8.6.2.1's override. */
#define MINI_TCP_CORK_TIME	(200 * USEC_PER_MSEC)

/* What a push may disregard. */
#define PUSH_NAGLE	BIT(0)	/* Nagle and cork */
#define PUSH_WND	BIT(1)	/* that a window is silly */

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
	MINI_TCP_WAIT_RATE,
	MINI_TCP_WAIT_BELOW,	/* enough is in this host's queues */
};

/**
 * mini_tcp_snd_start() - ESTABLISHED: the sender's variables begin here
 * @tp: connection, locked
 */
void mini_tcp_snd_start(struct mini_tcp_sock *tp)
{
	tp->pushed_seq = tp->write_seq;
	tp->snd_sml = tp->snd_una;
	tp->urg_out = 0;
	mini_tcp_mtu_start(tp);
}

/* Does urgent data wait for its acknowledgment? */
bool mini_tcp_urgent(struct mini_tcp_sock *tp)
{
	if (likely(!tp->urg_out))
		return false;
	if (seq_after(tp->snd_up, tp->snd_una))
		return true;
	tp->urg_out = 0;
	return false;
}

/*
 * May the short last segment leave?  Nagle's rule (RFC 9293 3.7.4) in
 * Minshall's form: not while another short one is unacknowledged.
 */
static bool mini_tcp_short_ok(struct mini_tcp_sock *tp,
			      const struct sk_buff *skb, unsigned int how)
{
	if (how & PUSH_NAGLE || mini_tcp_cb(skb)->flags & MINI_TCP_FIN ||
	    mini_tcp_urgent(tp))
		return true;
	if (tp->cork)
		return false;
	return tp->nodelay || !seq_after(tp->snd_sml, tp->snd_una) ||
	       seq_after(tp->snd_sml, tp->snd_nxt);
}

/*
 * How much of @skb, the head of what is unsent, may leave now?  @len receives
 * the octets, a multiple of mss unless all of @skb.
 */
static enum mini_tcp_verdict mini_tcp_may_send(struct mini_tcp_sock *tp,
					       struct sk_buff *skb,
					       unsigned int how, u32 burst,
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
	room = min3(room, (u32)wnd, burst);
	/* Each segment has an urgent pointer of its own. */
	if (unlikely(tp->urg_out) && mini_tcp_urgent(tp))
		room = min(room, tp->cc.mss);
	if (skb->len <= room) {
		if (skb->len % tp->cc.mss &&
		    skb_queue_is_last(&tp->ms.sk.sk_write_queue, skb) &&
		    !mini_tcp_short_ok(tp, skb, how)) {
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
	if ((u32)wnd < tp->cc.mss && !(how & PUSH_WND) &&
	    (u32)wnd < tp->max_wnd / 2)
		return MINI_TCP_WAIT_WND;
	*len = min3((u32)wnd, skb->len, tp->cc.mss);
	return MINI_TCP_SEND;
}

static void mini_tcp_arm_persist(struct mini_tcp_sock *tp, u64 when)
{
	if (!tp->deadline[MINI_TCP_T_PERSIST])
		mini_tcp_set_timer(tp, MINI_TCP_T_PERSIST, when);
}

/*
 * A queue of this host is part of the path: that it is full is congestion.  No
 * mark, though, whose queue is known to be short (RFC 8511).
 */
static void mini_tcp_local_congestion(struct mini_tcp_sock *tp, u64 now)
{
	if (tp->cc.state >= MINI_CC_CWR)
		return;
	tp->cc.abe = 0;
	mini_tcp_enter_cwr(tp, now);
}

/* Something went wrong below: did the segment leave all the same? */
static bool mini_tcp_left(struct mini_tcp_sock *tp, struct sk_buff *skb,
			  int err, u64 now)
{
	struct mini_net *mn = mini_tcp_mn(tp);

	switch (err) {
	case -ENOBUFS:
		/* Not even tried if there was no memory for the clone. */
		return mini_tcp_cb(skb)->sent;
	case NET_XMIT_CN:
		mini_inc(mn, MINI_MIB_TCP_LOCAL_MARKS);
		return true;
	case NET_XMIT_DROP:
		mini_inc(mn, MINI_MIB_TCP_LOCAL_DROPS);
		mini_tcp_cb(skb)->sent = 0;
		tp->bytes_sent -= skb->len;
		mini_tcp_tsq_wait(tp);
		mini_tcp_local_congestion(tp, now);
		return false;
	default:
		return true;
	}
}

/**
 * mini_tcp_push_one() - send a piece of what is unsent
 * @tp: connection, locked; its path is valid
 * @skb: head of the queue
 * @len: octets; the rest is cut off and stays
 * @now: microseconds
 *
 * Return: false if it could not leave: memory is short, or a queue below full.
 */
bool mini_tcp_push_one(struct mini_tcp_sock *tp, struct sk_buff *skb, u32 len,
		       u64 now)
{
	int err;

	if (len < skb->len && !mini_tcp_split(tp, skb, len, GFP_ATOMIC))
		return false;
	mini_tcp_ack_rides(tp, now);
	/* What a device drops, the retransmission timer repairs. */
	err = mini_tcp_transmit_queued(tp, skb, now);
	if (unlikely(err) && !mini_tcp_left(tp, skb, err, now))
		return false;
	if (unlikely(tp->mtu_acked < tp->mtu_used) && len >= tp->cc.mss)
		mini_tcp_mtu_sent(tp, mini_tcp_cb(skb)->end_seq);
	if (len % tp->cc.mss)
		tp->snd_sml = mini_tcp_cb(skb)->end_seq;
	mini_tcp_rtx_move(tp, skb);
	if (unlikely(err == NET_XMIT_CN))
		mini_tcp_local_congestion(tp, now);
	return true;
}

/* Send while it may be; the verdict on what stays, MINI_TCP_SEND if nothing. */
static enum mini_tcp_verdict mini_tcp_push_all(struct mini_tcp_sock *tp,
					       unsigned int how, u64 now)
{
	enum mini_tcp_verdict why = MINI_TCP_SEND;
	u32 burst = mini_tcp_burst(tp);
	struct sk_buff *skb;
	u32 len;

	while ((skb = mini_tcp_send_head(tp)) != NULL) {
		len = 0;
		if (unlikely(tp->mtup_on) && !mini_tcp_pace_blocked(tp, now))
			len = mini_tcp_mtu_probe(tp, skb, now);
		if (likely(!len))
			why = mini_tcp_may_send(tp, skb, how, burst, &len);
		if (why != MINI_TCP_SEND)
			break;
		if (mini_tcp_pace_blocked(tp, now))
			return MINI_TCP_WAIT_RATE;
		if (mini_tcp_tsq_full(tp, len)) {
			mini_tcp_mtu_probe_unsent(tp);
			return MINI_TCP_WAIT_BELOW;
		}
		if (!mini_tcp_push_one(tp, skb, len, now)) {
			mini_tcp_mtu_probe_unsent(tp);
			mini_tcp_arm_persist(tp, now + tp->rto_us);
			break;
		}
		mini_tcp_clear_timer(tp, MINI_TCP_T_PERSIST);
	}
	return why;
}

/**
 * mini_tcp_chrono() - the sender's time is spent on something else from here on
 * @tp: connection, locked
 * @what: that
 * @now: microseconds
 */
void mini_tcp_chrono(struct mini_tcp_sock *tp, enum mini_tcp_chrono what,
		     u64 now)
{
	if (tp->chrono == what)
		return;
	tp->chrono_us[tp->chrono] += now - tp->chrono_since;
	tp->chrono_since = now;
	tp->chrono = what;
}

/* Something is in flight or unsent: what is it that keeps the sender? */
static enum mini_tcp_chrono mini_tcp_kept(const struct mini_tcp_sock *tp,
					  enum mini_tcp_verdict why)
{
	const struct socket *sock = tp->ms.sk.sk_socket;

	if (unlikely(why == MINI_TCP_WAIT_WND))
		return MINI_TCP_RWND_LIMITED;
	if (why == MINI_TCP_SEND && sock &&
	    unlikely(test_bit(SOCK_NOSPACE, &sock->flags)))
		return MINI_TCP_SNDBUF_LIMITED;
	return MINI_TCP_BUSY;
}

static void __mini_tcp_push(struct mini_tcp_sock *tp, unsigned int how, u64 now)
{
	enum mini_tcp_verdict why;
	u32 before = tp->snd_nxt;

	if (mini_tcp_path(tp) && tp->snd_una == tp->snd_nxt) {
		/* No way out at the moment: try later, as if it were lost. */
		mini_tcp_arm_persist(tp, now + tp->rto_us);
		return;
	}
	mini_tcp_cong_need(tp);
	if (unlikely(tp->mtu_watch))
		mini_tcp_mtu_look(tp, now);
	/* It was half of a window that was smaller. */
	if (unlikely(tp->mss_wnd) && tp->mss_wnd != tp->max_wnd)
		mini_tcp_sync_mss(tp);
	if (before == tp->snd_una)
		mini_tcp_cwnd_restart(tp, now);
	why = mini_tcp_push_all(tp, how, now);
	mini_tcp_cwnd_validate(tp, why == MINI_TCP_WAIT_CWND, now);
	if (tp->snd_nxt != before)
		mini_tcp_data_sent(tp, now);
	mini_tcp_chrono(tp, mini_tcp_kept(tp, why), now);
	/* Nobody's ACK will come to open the window: ask (RFC 9293 3.8.6.1) */
	if (tp->snd_una == tp->snd_nxt) {
		if (why == MINI_TCP_WAIT_WND)
			mini_tcp_arm_persist(tp, now + tp->rto_us);
		else if (why == MINI_TCP_WAIT_NAGLE)
			mini_tcp_arm_persist(tp, now + MINI_TCP_CORK_TIME);
	}
	/* What left may have made room below TCP_NOTSENT_LOWAT. */
	if (unlikely(mini_tcp_lowat(tp) != U32_MAX) && tp->snd_nxt != before)
		mini_tcp_check_space(tp);
}

/**
 * mini_tcp_push() - send what window, cwnd and Nagle let leave
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_push(struct mini_tcp_sock *tp, u64 now)
{
	/* Before the handshake's end only Fast Open's server may send data. */
	if (mini_tcp_send_head(tp) &&
	    (!((1 << tp->ms.sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) ||
	     tp->fo_listener))
		__mini_tcp_push(tp, 0, now);
	else if (tp->chrono != MINI_TCP_IDLE && tp->snd_una == tp->snd_nxt)
		mini_tcp_chrono(tp, MINI_TCP_IDLE, now);
}

/**
 * mini_tcp_push_later() - more is written at once: a segment may fill till then
 * @tp: connection, locked
 * @now: microseconds
 *
 * If nothing comes after all, it leaves as from under a cork, or with an ACK.
 */
void mini_tcp_push_later(struct mini_tcp_sock *tp, u64 now)
{
	struct sk_buff *head = mini_tcp_send_head(tp);

	if (!head)
		return;
	if (!skb_queue_is_last(&tp->ms.sk.sk_write_queue, head) ||
	    head->len >= tp->gso_max)
		mini_tcp_push(tp, now);
	else if (tp->snd_una == tp->snd_nxt)
		mini_tcp_arm_persist(tp, now + MINI_TCP_CORK_TIME);
}

/**
 * mini_tcp_push_nodelay() - send what window and cwnd let leave, corked or not
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_push_nodelay(struct mini_tcp_sock *tp, u64 now)
{
	if (mini_tcp_send_head(tp))
		__mini_tcp_push(tp, PUSH_NAGLE, now);
}

/**
 * mini_tcp_check_space() - wake who waits for room to write, if there is some
 * @tp: connection, locked
 */
void mini_tcp_check_space(struct mini_tcp_sock *tp)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	/* Pairs with mini_tcp_poll(): room is seen there, or the bit here. */
	smp_mb();
	if (sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags) &&
	    sk_stream_is_writeable(sk))
		sk->sk_write_space(sk);
}

/**
 * mini_tcp_retransmit() - send a queued segment again
 * @tp: connection, locked
 * @skb: was sent before
 * @most: octets, gso_max at most: the rest is cut off and stays behind it
 * @now: microseconds
 *
 * Return: 0; -ENOBUFS; -EBUSY: its last transmission still waits in a queue of
 * this host; the path's error; NET_XMIT_*.
 */
int mini_tcp_retransmit(struct mini_tcp_sock *tp, struct sk_buff *skb,
			u32 most, u64 now)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	u32 segs = tp->segs_out;
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
	}
	/* Each segment has an urgent pointer of its own. */
	if (unlikely(tp->urg_out) && mini_tcp_urgent(tp))
		most = min(most, tp->cc.mss);
	if (skb->len > most && !mini_tcp_split(tp, skb, most, GFP_ATOMIC))
		return -ENOBUFS;

	/* Whoever sends it again takes it for lost. */
	if (unlikely(tp->mtup_size) &&
	    mini_tcp_cb(skb)->seq == tp->mtup_start)
		mini_tcp_mtu_probe_failed(tp);
	if (unlikely(mini_tcp_tsq_busy(tp, skb))) {
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_SPURIOUS_RTX_HELD);
		return -EBUSY;
	}
	cb = mini_tcp_cb(skb);
	/* RFC 5482: the user timeout runs from when the first one first left */
	if (cb->seq == tp->snd_una && !(cb->mark & MINI_TCP_CB_EVER_RETRANS)) {
		tp->fl->stuck_since = cb->sent;
		tp->fl->stuck_seq = cb->seq;
	}
	err = mini_tcp_transmit_queued(tp, skb, now);
	/* It may be lost on its way out, but not for want of memory here. */
	if (tp->segs_out != segs)
		mini_tcp_mark_retrans(tp, skb, now);
	return err;
}

/**
 * mini_tcp_send_probe() - make the peer say where it stands
 * @tp: connection, locked
 * @now: microseconds
 *
 * Sends new data where the window takes some; else an ACK with a sequence
 * number just left of the window, which the peer must answer (RFC 9293
 * sections 3.8.4, 3.8.6.1, 3.10.7.4).  Urgent data is announced even where the
 * window is shut (section 3.8.5).
 */
void mini_tcp_send_probe(struct mini_tcp_sock *tp, u64 now)
{
	u32 before = tp->snd_nxt;

	if (mini_tcp_send_head(tp))
		__mini_tcp_push(tp, PUSH_NAGLE | PUSH_WND, now);
	if (tp->snd_nxt != before)
		return;
	if (mini_tcp_urgent(tp))
		mini_tcp_transmit_empty(tp, MINI_TCP_ACK, tp->snd_una, now);
	mini_tcp_transmit_empty(tp, MINI_TCP_ACK, tp->snd_una - 1, now);
}
