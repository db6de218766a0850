// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent data received (RFC 9293 section 3.8.5 and 3.10.7.4, sixth; RFC 6093),
 * as programs know it: the urgent pointer leads behind the octet that is
 * urgent, one octet at most is kept apart, for MSG_OOB, and reading stops at
 * the mark.
 *
 * tp->urg_data is MINI_TCP_URG_NOTYET while the octet itself is on its way,
 * MINI_TCP_URG_VALID and the octet when it is here, MINI_TCP_URG_READ when the
 * program has it, and 0 once reading has passed the mark, tp->urg_seq.
 *
 * Locks on entry: the socket lock.
 */
#include "tcp_int.h"

/*
 * The mark moves on while the octet at the old one stands next to be read and
 * was meant for MSG_OOB: nobody reads it any more.
 */
static void mini_tcp_urg_skip(struct mini_tcp_sock *tp)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct sk_buff *skb = skb_peek(&sk->sk_receive_queue);

	WRITE_ONCE(tp->copied_seq, tp->copied_seq + 1);
	if (skb && seq_leq(mini_tcp_cb(skb)->seq + skb->len, tp->copied_seq)) {
		__skb_unlink(skb, &sk->sk_receive_queue);
		consume_skb(skb);
	}
}

static void mini_tcp_urg_mark(struct mini_tcp_sock *tp, u32 seq)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	/* Read already; or old; or no news. */
	if (seq_after(tp->copied_seq, seq) || seq_before(seq, tp->rcv_nxt) ||
	    (tp->urg_data && !seq_after(seq, tp->urg_seq)))
		return;
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_URGENT_IN);
	sk_send_sigurg(sk);
	if (tp->urg_data && tp->urg_seq == tp->copied_seq &&
	    !sock_flag(sk, SOCK_URGINLINE) && tp->copied_seq != tp->rcv_nxt)
		mini_tcp_urg_skip(tp);
	WRITE_ONCE(tp->urg_seq, seq);
	WRITE_ONCE(tp->urg_data, MINI_TCP_URG_NOTYET);
}

/**
 * mini_tcp_rcv_urgent() - a segment in the window: does its text hold what is
 * urgent?
 * @tp: connection, locked, in a state that takes text
 * @skb: payload only, cb filled
 * @h: its header
 *
 * Context: before the text is queued.
 */
void mini_tcp_rcv_urgent(struct mini_tcp_sock *tp, struct sk_buff *skb,
			 const struct mini_wire_tcp *h)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u32 offset;
	u8 octet;

	/* RFC 6093 section 2.2, what everybody does: one behind the octet. */
	if (h->flags & MINI_TCP_URG)
		mini_tcp_urg_mark(tp, h->seq + h->urg - !!h->urg);
	if (tp->urg_data != MINI_TCP_URG_NOTYET)
		return;
	offset = tp->urg_seq - mini_tcp_cb(skb)->seq;
	if (offset >= skb->len || skb_copy_bits(skb, offset, &octet, 1))
		return;
	WRITE_ONCE(tp->urg_data, MINI_TCP_URG_VALID | octet);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}

/**
 * mini_tcp_recv_oob() - recvmsg() with MSG_OOB
 * @tp: connection, locked
 * @msg: receives the octet
 * @len: room there
 * @flags: MSG_PEEK leaves it, MSG_TRUNC does not copy
 *
 * Return: 1, 0 (end of the stream, or no room), -EINVAL (nothing urgent is
 * kept apart), -EAGAIN (announced, but not here), -ENOTCONN, -EFAULT.
 */
int mini_tcp_recv_oob(struct mini_tcp_sock *tp, struct msghdr *msg, size_t len,
		      int flags)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u8 octet = tp->urg_data;

	if (sock_flag(sk, SOCK_URGINLINE) || !tp->urg_data ||
	    tp->urg_data == MINI_TCP_URG_READ)
		return -EINVAL;
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (tp->urg_data & MINI_TCP_URG_VALID) {
		if (!(flags & MSG_PEEK))
			WRITE_ONCE(tp->urg_data, MINI_TCP_URG_READ);
		msg->msg_flags |= MSG_OOB;
		if (!len) {
			msg->msg_flags |= MSG_TRUNC;
			return 0;
		}
		if (!(flags & MSG_TRUNC) && memcpy_to_msg(msg, &octet, 1))
			return -EFAULT;
		return 1;
	}
	if (sk->sk_state == TCP_CLOSE || sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	return -EAGAIN;
}

/**
 * mini_tcp_unread() - what SIOCINQ tells: octets to read before the mark, or
 * before the end
 * @tp: connection, locked
 */
u32 mini_tcp_unread(const struct mini_tcp_sock *tp)
{
	const struct sock *sk = &tp->ms.sk;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		return 0;
	if (tp->urg_data && !sock_flag(sk, SOCK_URGINLINE) &&
	    !seq_before(tp->urg_seq, tp->copied_seq) &&
	    seq_before(tp->urg_seq, tp->rcv_nxt))
		return tp->urg_seq - tp->copied_seq;
	/* A FIN is no octet to be read. */
	return tp->rcv_nxt - tp->copied_seq -
	       (tp->rcv_nxt != tp->copied_seq && sock_flag(sk, SOCK_DONE));
}
