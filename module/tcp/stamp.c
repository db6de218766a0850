// SPDX-License-Identifier: GPL-2.0
/*
 * Time stamps of a stream (SO_TIMESTAMPING, SO_TIMESTAMP): when the last octet
 * of a send() was given to a queue, to a device, was acknowledged by the peer;
 * the kernel puts them on the error queue.  A segment carries the request of
 * the last send() that added to it.
 *
 * With SOF_TIMESTAMPING_OPT_ID a stamp tells which octet it is of, counted
 * from where the stream was when the option was set: tp->stamp_base, which
 * holds while sk_tskey is set (the core clears it when the option is set anew).
 *
 * Locks on entry: the socket lock, but for what says otherwise.
 */
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <net/tcp.h>

#include "open.h"

static void mini_tcp_stamp_begin(struct mini_tcp_sock *tp)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u32 flags = READ_ONCE(sk->sk_tsflags);

	if (!(flags & SOF_TIMESTAMPING_OPT_ID) || atomic_read(&sk->sk_tskey))
		return;
	tp->stamp_base = tp->snd_una;
	if (flags & SOF_TIMESTAMPING_OPT_ID_TCP)
		tp->stamp_base = tp->write_seq;
	atomic_set(&sk->sk_tskey, 1);
}

void mini_tcp_stamp_ids(struct sock *sk)
{
	lock_sock(sk);
	mini_tcp_stamp_begin(mini_tcp_sk(sk));
	release_sock(sk);
}

/**
 * mini_tcp_stamp_ask() - which stamps does a send() want?
 * @tp: connection, locked
 * @msg: its control messages may ask for some (SO_TIMESTAMPING)
 * @ask: receives what is asked for
 *
 * Return: 0, -EINVAL, -EPERM.
 */
int mini_tcp_stamp_ask(struct mini_tcp_sock *tp, struct msghdr *msg,
		       struct sockcm_cookie *ask)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	mini_tcp_stamp_begin(tp);
	sockcm_init(ask, sk);
	return msg->msg_controllen ? sock_cmsg_send(sk, msg, ask) : 0;
}

/**
 * mini_tcp_stamp_tail() - the last octet written is to be stamped
 * @tp: connection, locked
 * @ask: how
 */
void mini_tcp_stamp_tail(struct mini_tcp_sock *tp,
			 const struct sockcm_cookie *ask)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	struct mini_tcp_cb *cb;

	/* To a core that takes it for AF_INET's it must not be given. */
	if (!skb || sk_is_tcp(sk) ||
	    !(ask->tsflags & SOF_TIMESTAMPING_TX_RECORD_MASK))
		return;
	cb = mini_tcp_cb(skb);
	mini_sock_tx_timestamp(sk, ask, &skb_shinfo(skb)->tx_flags);
	if (ask->tsflags & SOF_TIMESTAMPING_TX_ACK)
		cb->mark |= MINI_TCP_CB_STAMP;
	cb->stamp_seq = tp->write_seq - 1;
	skb_shinfo(skb)->tskey = cb->stamp_seq - tp->stamp_base;
}

/**
 * mini_tcp_stamp_split() - a segment was cut: in which half is the octet?
 * @skb: the first half, with all that was asked for
 * @rest: the second, its control block filled
 */
void mini_tcp_stamp_split(struct sk_buff *skb, struct sk_buff *rest)
{
	struct skb_shared_info *from = skb_shinfo(skb);
	struct skb_shared_info *to = skb_shinfo(rest);

	if (seq_before(mini_tcp_cb(skb)->stamp_seq, mini_tcp_cb(rest)->seq)) {
		mini_tcp_cb(rest)->mark &= ~MINI_TCP_CB_STAMP;
		return;
	}
	mini_tcp_cb(skb)->mark &= ~MINI_TCP_CB_STAMP;
	to->tx_flags |= from->tx_flags & SKBTX_ANY_TSTAMP;
	to->tskey = from->tskey;
	from->tx_flags &= ~SKBTX_ANY_TSTAMP;
}

/**
 * mini_tcp_stamp_acked() - a segment is acknowledged, all or in part
 * @tp: connection, locked
 * @skb: the segment
 * @ack: up to here
 */
void mini_tcp_stamp_acked(struct mini_tcp_sock *tp, struct sk_buff *skb,
			  u32 ack)
{
	unsigned long anchor = skb->_skb_refdst;
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);
	struct sk_buff *clone;

	if (!seq_before(cb->stamp_seq, ack))
		return;
	cb->mark &= ~MINI_TCP_CB_STAMP;
	/* In the tree, its links look like a route and a device. */
	skb->_skb_refdst = 0;
	clone = skb_clone(skb, GFP_ATOMIC);
	skb->_skb_refdst = anchor;
	if (!clone)
		return;
	clone->dev = NULL;
	mini_skb_want_ack_stamp(clone);
	__skb_tstamp_tx(clone, NULL, NULL, mini_tcp_to_sk(tp), SCM_TSTAMP_ACK);
	consume_skb(clone);
}
