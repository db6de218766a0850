// SPDX-License-Identifier: GPL-2.0
/*
 * The receive queue of a UDP socket: accounting, waiting, reading.
 *
 * Locks on entry: none.  The queue's own lock guards the queue and with it
 * sk_forward_alloc, which softirq and any number of readers change: a
 * datagram is charged when it is put in, and uncharged when it is taken out,
 * both under that lock, so that neither packets nor readers need the socket's.
 */
#include <linux/net.h>

#include "udp_int.h"

/* What a socket keeps of its global allowance, not to ask for each datagram. */
#define MINI_UDP_SPARE	(2 * PAGE_SIZE)

enum mini_drop_reason mini_udp_queue(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;

	if (atomic_read(&sk->sk_rmem_alloc) >= READ_ONCE(sk->sk_rcvbuf))
		goto full;

	/* The device may go before the datagram is read. */
	skb->dev = NULL;
	/* No device told the time: it came by the loopback. */
	if (unlikely(sk->sk_flags & SK_FLAGS_TIMESTAMP) && !skb->tstamp)
		__net_timestamp(skb);
	spin_lock(&queue->lock);
	if (!sk_rmem_schedule(sk, skb, skb->truesize)) {
		spin_unlock(&queue->lock);
		goto full;
	}
	skb_set_owner_r(skb, sk);
	sock_skb_set_dropcount(sk, skb);
	__skb_queue_tail(queue, skb);
	spin_unlock(&queue->lock);

	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
	return 0;

full:
	sk_drops_inc(sk);
	return MINI_DROP_UDP_RCVBUF;
}

/* The queue's lock is held. */
static void mini_udp_unqueue(struct sock *sk, struct sk_buff *skb)
{
	int spare;

	__skb_unlink(skb, &sk->sk_receive_queue);
	skb->destructor = NULL;
	skb->sk = NULL;
	atomic_sub(skb->truesize, &sk->sk_rmem_alloc);
	sk_forward_alloc_add(sk, skb->truesize);
	spare = sk->sk_forward_alloc - sk_unused_reserved_mem(sk);
	if (spare > (int)MINI_UDP_SPARE)
		__sk_mem_reclaim(sk, spare - MINI_UDP_SPARE);
}

/*
 * The first datagram: the queue's lock is held.  Without MSG_PEEK it becomes
 * the caller's alone, else it is shared with the queue.  With SO_PEEK_OFF
 * (*@off >= 0) those before the offset are passed over, and *@off becomes the
 * offset within the one that is found.
 */
static struct sk_buff *mini_udp_take(struct sock *sk, int flags, int *off)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	int ahead = max(*off, 0);
	struct sk_buff *skb;

	skb_queue_walk(queue, skb) {
		if (!(flags & MSG_PEEK)) {
			mini_udp_unqueue(sk, skb);
			return skb;
		}
		if (*off < 0 || ahead < skb->len ||
		    (!skb->len && !ahead && !skb->peeked)) {
			/* An empty one has no offset: peek at it once. */
			if (!skb->len && *off >= 0)
				skb->peeked = 1;
			*off = ahead;
			return skb_get(skb);
		}
		ahead -= skb->len;
	}
	return NULL;
}

/* As mini_udp_take(), but waits if the program will: NULL with *err. */
static struct sk_buff *mini_udp_dequeue(struct sock *sk, int flags, int *off,
					int *err)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	struct sk_buff *skb, *last;

	do {
		*err = sock_error(sk);
		if (*err)
			return NULL;
		*off = flags & MSG_PEEK ? READ_ONCE(sk->sk_peek_off) : 0;
		/* An empty queue's last element is the queue itself. */
		last = (struct sk_buff *)queue;
		if (!skb_queue_empty_lockless(queue)) {
			spin_lock_bh(&queue->lock);
			skb = mini_udp_take(sk, flags, off);
			last = queue->prev;
			spin_unlock_bh(&queue->lock);
			if (likely(skb))
				return skb;
		}
		if (READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN)
			return NULL;
		if (!timeo) {
			*err = -EAGAIN;
			return NULL;
		}
	} while (!__skb_wait_for_more_packets(sk, queue, err, &timeo, last));
	return NULL;
}

int mini_udp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct mini_sock *ms = mini_sk(sk);
	const struct mini_udp_cb *cb;
	struct sk_buff *skb;
	size_t copied;
	int off, err;

	if (unlikely(flags & MSG_ERRQUEUE))
		return mini_errqueue_recv(ms, msg, len);

	skb = mini_udp_dequeue(sk, flags, &off, &err);
	if (!skb)
		return err;
	off = max(off, 0);

	copied = min_t(size_t, len, skb->len - off);
	if (copied < skb->len - off)
		msg->msg_flags |= MSG_TRUNC;
	err = mini_skb_read(skb, off, msg, copied);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	if (flags & MSG_PEEK)
		sk_peek_offset_fwd(sk, copied);
	else
		sk_peek_offset_bwd(sk, skb->len);

	sock_recv_cmsgs(msg, sk, skb);
	if (msg->msg_name) {
		cb = mini_udp_cb(skb);
		msg->msg_namelen = mini_name_to_user(ms, &cb->saddr, cb->sport,
						     msg->msg_name);
	}
	if (unlikely(READ_ONCE(mini_udp_sk(sk)->gro)) &&
	    skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4) {
		int size = skb_shinfo(skb)->gso_size;

		put_cmsg(msg, SOL_UDP, UDP_GRO, sizeof(size), &size);
	}
	mini_cmsg_recv(ms, msg, skb);
	err = flags & MSG_TRUNC ? skb->len : copied;
	mini_udp_skb_put(skb);
	return err;
}

int mini_udp_first_len(struct sock *sk)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	struct sk_buff *skb;
	int len;

	spin_lock_bh(&queue->lock);
	skb = skb_peek(queue);
	len = skb ? skb->len : 0;
	spin_unlock_bh(&queue->lock);
	return len;
}
