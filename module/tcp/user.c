// SPDX-License-Identifier: GPL-2.0
/*
 * What a program writes and reads: sendmsg, recvmsg, poll (RFC 9293 section
 * 3.10.2 SEND, 3.10.3 RECEIVE).
 *
 * Context: process.  Locks on entry: none; sendmsg and recvmsg take the socket
 * lock, poll does not.
 */
#include <linux/poll.h>

#include "tcp_int.h"

/* A new segment at the queue's end, or NULL without memory. */
struct sk_buff *mini_tcp_new_segment(struct mini_tcp_sock *tp)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct sk_buff *skb;

	skb = alloc_skb_fclone(MINI_TCP_HEADROOM, sk->sk_allocation);
	if (!skb)
		return NULL;
	if (!sk_wmem_schedule(sk, skb->truesize)) {
		__kfree_skb(skb);
		return NULL;
	}
	mini_tcp_queue_segment(tp, skb, MINI_TCP_ACK);
	return skb;
}

/* An empty segment whose filling failed must not be sent. */
static void mini_tcp_drop_empty(struct mini_tcp_sock *tp)
{
	struct sk_buff *skb = skb_peek_tail(&tp->ms.sk.sk_write_queue);

	if (skb && !skb->len &&
	    mini_tcp_cb(skb)->seq == mini_tcp_cb(skb)->end_seq)
		mini_tcp_unsent_free(tp, skb);
}

/*
 * Copy from the program to the end of @skb, into the socket's page fragment.
 * Return: octets copied; 0: @skb takes no more; -ENOMEM, -EFAULT.
 */
static int mini_tcp_fill(struct mini_tcp_sock *tp, struct sk_buff *skb,
			 struct msghdr *msg, int room)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct page_frag *pfrag = sk_page_frag(sk);
	int i = skb_shinfo(skb)->nr_frags;
	bool merge = true;
	int copy, err;

	if (!sk_page_frag_refill(sk, pfrag))
		return -ENOMEM;
	if (!skb_can_coalesce(skb, i, pfrag->page, pfrag->offset)) {
		if (i >= MAX_SKB_FRAGS)
			return 0;
		merge = false;
	}
	copy = min_t(int, room, pfrag->size - pfrag->offset);
	copy = min_t(int, copy, msg_data_left(msg));
	if (!sk_wmem_schedule(sk, copy))
		return -ENOMEM;
	err = skb_copy_to_page_nocache(sk, &msg->msg_iter, skb, pfrag->page,
				       pfrag->offset, copy);
	if (err)
		return err;
	if (merge) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], copy);
	} else {
		skb_fill_page_desc(skb, i, pfrag->page, pfrag->offset, copy);
		get_page(pfrag->page);
	}
	pfrag->offset += copy;
	tp->write_seq += copy;
	mini_tcp_cb(skb)->end_seq += copy;
	return copy;
}

/* The segment that takes the next octet, made if the last one is full. */
static struct sk_buff *mini_tcp_tail(struct mini_tcp_sock *tp, int *room)
{
	struct sk_buff *skb = skb_peek_tail(&tp->ms.sk.sk_write_queue);

	if (skb && skb->len < tp->gso_max) {
		*room = tp->gso_max - skb->len;
		return skb;
	}
	*room = tp->gso_max;
	return sk_stream_memory_free(&tp->ms.sk) ? mini_tcp_new_segment(tp) :
	       NULL;
}

/* Wait for room; what is queued goes out meanwhile. */
static int mini_tcp_wait_room(struct mini_tcp_sock *tp, long *timeo)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u64 now = mini_tcp_now();

	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	mini_tcp_push(tp, now);
	mini_tcp_rearm(tp, now);
	return sk_stream_wait_memory(sk, timeo);
}

/* Copy all of @msg into the queue; @copied tells how far it came. */
static int mini_tcp_append(struct mini_tcp_sock *tp, struct msghdr *msg,
			   long *timeo, int *copied)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct sk_buff *skb;
	int room, n, err;

	while (msg_data_left(msg)) {
		if (sk->sk_err || sk->sk_shutdown & SEND_SHUTDOWN)
			return -EPIPE;
		skb = mini_tcp_tail(tp, &room);
		n = skb ? mini_tcp_fill(tp, skb, msg, room) : -ENOMEM;
		if (n == 0) {
			skb = sk_stream_memory_free(sk) ?
			      mini_tcp_new_segment(tp) : NULL;
			n = skb ? mini_tcp_fill(tp, skb, msg, tp->gso_max) :
			    -ENOMEM;
		}
		if (n == -ENOMEM) {
			mini_tcp_drop_empty(tp);
			err = mini_tcp_wait_room(tp, timeo);
			if (err)
				return err;
			continue;
		}
		if (n < 0) {
			mini_tcp_drop_empty(tp);
			return n;
		}
		*copied += n;
		/* A full segment need not wait for the rest. */
		if (skb->len >= tp->gso_max && msg_data_left(msg))
			mini_tcp_push(tp, mini_tcp_now());
	}
	return 0;
}

/* Push what was written: at once, or later if more is to come. */
static void mini_tcp_finish_send(struct mini_tcp_sock *tp, bool more)
{
	struct sk_buff *tail = skb_peek_tail(&tp->ms.sk.sk_write_queue);
	u64 now = mini_tcp_now();
	bool cork = tp->cork;

	if (tail && !more)
		mini_tcp_cb(tail)->flags |= MINI_TCP_PSH;
	tp->cork |= more;
	mini_tcp_push(tp, now);
	tp->cork = cork;
	mini_tcp_rearm(tp, now);
}

static int mini_tcp_sendmsg_locked(struct mini_tcp_sock *tp,
				   struct msghdr *msg, size_t size)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	int flags = msg->msg_flags;
	int copied = 0;
	long timeo;
	int err;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	timeo = sock_sndtimeo(sk, flags & MSG_DONTWAIT);
	if ((1 << sk->sk_state) & ~(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)) {
		err = sk_stream_wait_connect(sk, &timeo);
		if (err)
			goto out;
	}
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	err = mini_tcp_append(tp, msg, &timeo, &copied);
	if (copied && sk->sk_state != TCP_CLOSE)
		mini_tcp_finish_send(tp, flags & MSG_MORE);
	if (copied)
		return copied;
out:
	if (!err)
		return 0;
	err = sk_stream_error(sk, flags, err);
	/* Somebody may wait for room that an earlier try found missing. */
	if (skb_queue_empty(&sk->sk_write_queue) &&
	    !tp->rtx_tail && err == -EAGAIN)
		sk->sk_write_space(sk);
	return err;
}

int mini_tcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size)
{
	int ret;

	lock_sock(sk);
	ret = mini_tcp_sendmsg_locked(mini_tcp_sk(sk), msg, size);
	release_sock(sk);
	return ret;
}

/* One recvmsg() on its way. */
struct mini_tcp_read {
	struct msghdr *msg;
	u32 *seq;		/* where to read: copied_seq, or a peek's own */
	u32 peek_seq;
	size_t left;
	int copied;
	int target;		/* octets that are worth returning for */
	int flags;
	long timeo;
};

/* Copy what @skb has from *seq on; true if @skb is used up. */
static bool mini_tcp_read_skb(struct mini_tcp_sock *tp, struct sk_buff *skb,
			      struct mini_tcp_read *r, int *err)
{
	u32 offset = *r->seq - mini_tcp_cb(skb)->seq;
	size_t used = min_t(size_t, skb->len - offset, r->left);

	if (!(r->flags & MSG_TRUNC)) {
		*err = skb_copy_datagram_msg(skb, offset, r->msg, used);
		if (*err)
			return false;
	}
	WRITE_ONCE(*r->seq, *r->seq + used);
	r->copied += used;
	r->left -= used;
	return offset + used == skb->len;
}

/* Read from the queue as far as it goes.  Return: 0 or -EFAULT. */
static int mini_tcp_read_queue(struct mini_tcp_sock *tp,
			       struct mini_tcp_read *r)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct sk_buff *skb, *next;
	int err = 0;

	skb_queue_walk_safe(&sk->sk_receive_queue, skb, next) {
		u32 offset = *r->seq - mini_tcp_cb(skb)->seq;

		/* A peek walks over what it has seen. */
		if (offset >= skb->len)
			continue;
		if (!r->left)
			break;
		if (!mini_tcp_read_skb(tp, skb, r, &err) || err)
			break;
		if (r->flags & MSG_PEEK)
			continue;
		__skb_unlink(skb, &sk->sk_receive_queue);
		consume_skb(skb);
	}
	return err;
}

/*
 * Nothing more is queued: what does that mean?  1: end of file or enough;
 * 0: wait; else a negative errno.
 */
static int mini_tcp_read_verdict(struct sock *sk, struct mini_tcp_read *r)
{
	if (r->copied >= r->target)
		return 1;
	if (r->copied) {
		if (sk->sk_err || sk->sk_state == TCP_CLOSE ||
		    sk->sk_shutdown & RCV_SHUTDOWN || !r->timeo ||
		    signal_pending(current))
			return 1;
		return 0;
	}
	if (sock_flag(sk, SOCK_DONE))
		return 1;
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 1;
	/* Never connected: SOCK_DONE would say if it had been. */
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;
	if (!r->timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(r->timeo);
	return 0;
}

static int mini_tcp_recv_locked(struct mini_tcp_sock *tp,
				struct mini_tcp_read *r)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u64 now;
	int err;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	r->target = sock_rcvlowat(sk, r->flags & MSG_WAITALL, r->left);
	r->timeo = sock_rcvtimeo(sk, r->flags & MSG_DONTWAIT);
	r->peek_seq = tp->copied_seq;
	r->seq = r->flags & MSG_PEEK ? &r->peek_seq : &tp->copied_seq;
	for (;;) {
		err = mini_tcp_read_queue(tp, r);
		if (err)
			break;
		/* Who asks for nothing has it as soon as there is something. */
		if (!r->left &&
		    (r->copied || !skb_queue_empty(&sk->sk_receive_queue)))
			break;
		err = mini_tcp_read_verdict(sk, r);
		if (err)
			break;
		if (!(r->flags & MSG_PEEK)) {
			/* Before it sleeps: the peer may wait for a window. */
			mini_tcp_window_read(tp, mini_tcp_now());
		}
		sk_wait_data(sk, &r->timeo,
			     skb_peek_tail(&sk->sk_receive_queue));
		/* A second reader or disconnect() may have moved on. */
		if (r->flags & MSG_PEEK && r->peek_seq - r->copied !=
		    tp->copied_seq)
			r->peek_seq = tp->copied_seq + r->copied;
	}
	if (!(r->flags & MSG_PEEK) && r->copied) {
		now = mini_tcp_now();
		mini_tcp_rcv_tune(tp, now);
		mini_tcp_window_read(tp, now);
	}
	mini_tcp_rearm(tp, mini_tcp_now());
	return r->copied ?: min(err, 0);
}

int mini_tcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct mini_tcp_read r = { .msg = msg, .left = len, .flags = flags };
	int ret;

	if (flags & MSG_ERRQUEUE)
		return -EAGAIN;
	/* No urgent data is ever kept apart. */
	if (flags & MSG_OOB)
		return -EINVAL;
	lock_sock(sk);
	ret = mini_tcp_recv_locked(mini_tcp_sk(sk), &r);
	release_sock(sk);
	return ret;
}

/*
 * As much as SO_RCVLOWAT asks for; or all that will ever come, because the
 * window is used up and only a read can open it.
 */
static bool mini_tcp_readable(const struct mini_tcp_sock *tp)
{
	const struct sock *sk = &tp->ms.sk;
	int waiting = READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq);

	if (waiting <= 0 || skb_queue_empty_lockless(&sk->sk_receive_queue))
		return false;
	return waiting >= sock_rcvlowat(sk, 0, INT_MAX) ||
	       mini_tcp_rcv_wnd(tp) <= READ_ONCE(tp->rcv_mss);
}

/**
 * mini_tcp_poll() - poll(), for all states
 * @file: the descriptor's file
 * @sock: the socket
 * @wait: where to wait
 *
 * Return: the events that hold.
 */
__poll_t mini_tcp_poll(struct file *file, struct socket *sock,
		       struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	__poll_t mask = 0;
	u8 shutdown;
	int state;

	sock_poll_wait(file, sock, wait);
	/* Pairs with mini_tcp_set_state(): what came before it is seen. */
	state = smp_load_acquire(&sk->sk_state);
	if (state == TCP_LISTEN)
		return READ_ONCE(tp->accept_count) ? EPOLLIN | EPOLLRDNORM : 0;

	shutdown = READ_ONCE(sk->sk_shutdown);
	if (shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (state != TCP_SYN_SENT && state != TCP_SYN_RECV) {
		if (mini_tcp_readable(tp))
			mask |= EPOLLIN | EPOLLRDNORM;
		if (shutdown & SEND_SHUTDOWN) {
			mask |= EPOLLOUT | EPOLLWRNORM;
		} else if (sk_stream_is_writeable(sk)) {
			mask |= EPOLLOUT | EPOLLWRNORM;
		} else {
			sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
			set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
			/* Room may have come between the test and the bit. */
			smp_mb__after_atomic();
			if (sk_stream_is_writeable(sk))
				mask |= EPOLLOUT | EPOLLWRNORM;
		}
	}
	/* Pairs with the writer that sets sk_err before it wakes. */
	smp_rmb();
	if (READ_ONCE(sk->sk_err) ||
	    !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	return mask;
}
