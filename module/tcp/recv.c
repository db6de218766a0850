// SPDX-License-Identifier: GPL-2.0
/*
 * What a program reads: recvmsg, poll (RFC 9293 section 3.10.3 RECEIVE).
 *
 * Context: process.  Locks on entry: none; recvmsg takes the socket lock, poll
 * does not.
 */
#include <linux/poll.h>
#include <net/busy_poll.h>

#include "open.h"

/* One recvmsg() on its way. */
struct mini_tcp_read {
	struct msghdr *msg;
	u32 *seq;		/* where to read: copied_seq, or a peek's own */
	u32 peek_seq;
	u32 peek_off;		/* SO_PEEK_OFF */
	u32 skipped;		/* urgent octets */
	bool stamps;		/* the program wants to know when it came */
	struct sk_buff *stamped;	/* referenced: the last that was read */
	size_t left;
	int copied;
	int target;		/* octets that are worth returning for */
	int flags;
	long timeo;
	u32 disconnects;	/* tp->disconnects when the program asked */
};

/* The octets before it were read: a mark is where a read ends. */
static bool mini_tcp_at_mark(const struct mini_tcp_sock *tp,
			     const struct mini_tcp_read *r)
{
	return unlikely(tp->urg_data) && r->copied && tp->urg_seq == *r->seq;
}

/* SO_TIMESTAMP and its like: the time of the last octet counts. */
static void mini_tcp_read_stamp(struct mini_tcp_read *r, struct sk_buff *skb)
{
	if (!skb->tstamp && !skb_hwtstamps(skb)->hwtstamp)
		return;
	if (r->stamped)
		consume_skb(r->stamped);
	r->stamped = skb_get(skb);
}

/* Copy what @skb has from *seq on; true if @skb is used up. */
static bool mini_tcp_read_skb(struct mini_tcp_sock *tp, struct sk_buff *skb,
			      struct mini_tcp_read *r, int *err)
{
	u32 offset = *r->seq - mini_tcp_cb(skb)->seq;
	size_t used = min_t(size_t, skb->len - offset, r->left);

	if (unlikely(tp->urg_data)) {
		u32 mark = tp->urg_seq - *r->seq;

		if (mark && mark < used) {
			used = mark;
		} else if (!mark &&
			   !sock_flag(mini_tcp_to_sk(tp), SOCK_URGINLINE)) {
			/* It is for MSG_OOB, or was. */
			WRITE_ONCE(*r->seq, *r->seq + 1);
			r->skipped++;
			offset++;
			used = min_t(size_t, skb->len - offset, r->left);
		}
	}
	if (!(r->flags & MSG_TRUNC)) {
		*err = mini_skb_read(skb, offset, r->msg, used);
		if (*err)
			return false;
	}
	if (unlikely(r->stamps))
		mini_tcp_read_stamp(r, skb);
	WRITE_ONCE(*r->seq, *r->seq + used);
	r->copied += used;
	r->left -= used;
	if (unlikely(tp->urg_data) && seq_after(tp->copied_seq, tp->urg_seq))
		WRITE_ONCE(tp->urg_data, 0);
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
		if (!r->left || mini_tcp_at_mark(tp, r))
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

/* What the peer learns of it, and where the next peek begins. */
static void mini_tcp_recv_done(struct mini_tcp_sock *tp,
			       const struct mini_tcp_read *r)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u64 now = mini_tcp_now();

	if (unlikely(r->flags & MSG_PEEK)) {
		if (r->copied)
			sk_peek_offset_fwd(sk, r->copied);
	} else if (r->copied) {
		sk_peek_offset_bwd(sk, r->copied);
		mini_tcp_rcv_tune(tp, now);
		mini_tcp_ack_read(tp, r->copied, now);
	} else {
		mini_tcp_ack_waiting(tp, now);
	}
	mini_tcp_rearm(tp, now);
	if (unlikely(r->stamped)) {
		sock_recv_timestamp(r->msg, sk, r->stamped);
		consume_skb(r->stamped);
	}
}

static bool mini_tcp_wants_stamps(const struct sock *sk)
{
	return sock_flag(sk, SOCK_RCVTSTAMP) ||
	       READ_ONCE(sk->sk_tsflags) & (SOF_TIMESTAMPING_SOFTWARE |
					    SOF_TIMESTAMPING_RAW_HARDWARE);
}

static int mini_tcp_recv_locked(struct mini_tcp_sock *tp,
				struct mini_tcp_read *r)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	int err;

	/* As Linux: what is queued may be another connection's. */
	if (unlikely(tp->disconnects != r->disconnects))
		return -EPIPE;
	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	if (unlikely(r->flags & MSG_OOB))
		return mini_tcp_recv_oob(tp, r->msg, r->left, r->flags);
	r->target = sock_rcvlowat(sk, r->flags & MSG_WAITALL, r->left);
	r->seq = &tp->copied_seq;
	r->stamps = mini_tcp_wants_stamps(sk);
	if (unlikely(r->flags & MSG_PEEK)) {
		r->peek_off = max(sk_peek_offset(sk, r->flags), 0);
		r->peek_seq = tp->copied_seq + r->peek_off;
		r->seq = &r->peek_seq;
	}
	for (;;) {
		err = mini_tcp_read_queue(tp, r);
		if (err || mini_tcp_at_mark(tp, r))
			break;
		/* Who asks for nothing has it as soon as there is something. */
		if (!r->left &&
		    (r->copied || !skb_queue_empty(&sk->sk_receive_queue)))
			break;
		err = mini_tcp_read_verdict(sk, r);
		if (err)
			break;
		/* Before it sleeps: the peer may wait for a window. */
		if (r->copied && !(r->flags & MSG_PEEK))
			mini_tcp_ack_read(tp, r->copied, mini_tcp_now());
		if (unlikely(tp->ack_waits))
			mini_tcp_ack_waiting(tp, mini_tcp_now());
		sk_wait_data(sk, &r->timeo,
			     skb_peek_tail(&sk->sk_receive_queue));
		if (unlikely(tp->disconnects != r->disconnects)) {
			if (r->stamped)
				consume_skb(r->stamped);
			return r->copied ?: -EPIPE;
		}
		/* A second reader may have moved on. */
		if (r->flags & MSG_PEEK && r->peek_seq - r->peek_off -
		    r->skipped - r->copied != tp->copied_seq) {
			r->skipped = 0;
			r->peek_seq = tp->copied_seq + r->peek_off + r->copied;
		}
	}
	mini_tcp_recv_done(tp, r);
	return r->copied ?: min(err, 0);
}

/* After a FIN there is something to read yet: that this is the end. */
static int mini_tcp_inq(const struct mini_tcp_sock *tp)
{
	int inq = mini_tcp_unread(tp);

	return inq ?: sock_flag(&tp->ms.sk, SOCK_DONE);
}

/* Is there nothing but to wait for data?  Asked without the lock. */
static bool mini_tcp_must_wait(const struct sock *sk)
{
	return skb_queue_empty_lockless(&sk->sk_receive_queue) &&
	       READ_ONCE(sk->sk_state) == TCP_ESTABLISHED &&
	       !READ_ONCE(sk->sk_err) && !READ_ONCE(sk->sk_shutdown) &&
	       !READ_ONCE(mini_tcp_sk(sk)->ack_waits);
}

/*
 * A program that asks for what has not come need not hold the socket to find
 * that out, only to read it.  r->timeo receives what is left of it.
 */
static void mini_tcp_wait_first(struct sock *sk, struct mini_tcp_read *r)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);

	add_wait_queue(sk_sleep(sk), &wait);
	sk_set_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	/* Pairs with skwq_has_sleeper(): it sees us, or we what came. */
	smp_mb();
	while (r->timeo && mini_tcp_must_wait(sk) &&
	       READ_ONCE(tp->disconnects) == r->disconnects &&
	       !signal_pending(current))
		r->timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, r->timeo);
	sk_clear_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	remove_wait_queue(sk_sleep(sk), &wait);
}

int mini_tcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct mini_tcp_read r __uninitialized;
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	int inq = -1;
	bool wait;
	int ret;

	if (unlikely(flags & MSG_ERRQUEUE))
		return mini_errqueue_recv(&tp->ms, msg, len);
	if (unlikely(sk_can_busy_loop(sk)) &&
	    skb_queue_empty_lockless(&sk->sk_receive_queue) &&
	    READ_ONCE(sk->sk_state) == TCP_ESTABLISHED)
		sk_busy_loop(sk, flags & MSG_DONTWAIT);
	r.msg = msg;
	r.left = len;
	r.flags = flags;
	r.copied = 0;
	r.skipped = 0;
	r.stamped = NULL;
	r.disconnects = READ_ONCE(tp->disconnects);
	r.timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	wait = r.timeo && len && !(flags & MSG_OOB) && mini_tcp_must_wait(sk);
	if (wait)
		mini_tcp_wait_first(sk, &r);
	lock_sock(sk);
	if (!wait)
		r.disconnects = tp->disconnects;
	ret = mini_tcp_recv_locked(tp, &r);
	if (unlikely(tp->inq | msg->msg_get_inq) && ret >= 0)
		inq = mini_tcp_inq(tp);
	release_sock(sk);
	if (likely(inq < 0))
		return ret;
	/* io_uring asks so. */
	if (msg->msg_get_inq)
		msg->msg_inq = inq;
	if (tp->inq)
		put_cmsg(msg, SOL_TCP, TCP_CM_INQ, sizeof(inq), &inq);
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

	/* An urgent octet that is kept apart is nothing to be read. */
	if (unlikely(READ_ONCE(tp->urg_data)) &&
	    READ_ONCE(tp->urg_seq) == READ_ONCE(tp->copied_seq) &&
	    !sock_flag(sk, SOCK_URGINLINE))
		waiting--;
	if (waiting <= 0 || skb_queue_empty_lockless(&sk->sk_receive_queue))
		return false;
	return waiting >= sock_rcvlowat(sk, 0, INT_MAX) ||
	       mini_tcp_rcv_wnd(tp) <= READ_ONCE(tp->rcv_mss);
}

/*
 * It read all, and asks for more before it answers.  A call that holds the
 * socket is not waited for: the ACK leaves with what that sends, or in time.
 */
static noinline void mini_tcp_poll_waits(struct sock *sk)
{
	spin_lock_bh(&sk->sk_lock.slock);
	if (!sock_owned_by_user(sk) && skb_queue_empty(&sk->sk_receive_queue))
		mini_tcp_ack_waiting(mini_tcp_sk(sk), mini_tcp_now());
	spin_unlock_bh(&sk->sk_lock.slock);
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
		return mini_tcp_accept_count(tp) ? EPOLLIN | EPOLLRDNORM : 0;

	shutdown = READ_ONCE(sk->sk_shutdown);
	if (shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (state == TCP_SYN_SENT && tp->fo_defer)
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (state != TCP_SYN_SENT &&
	    (state != TCP_SYN_RECV || READ_ONCE(tp->fo_listener))) {
		if (mini_tcp_readable(tp))
			mask |= EPOLLIN | EPOLLRDNORM;
		else if (unlikely(READ_ONCE(tp->ack_waits)))
			mini_tcp_poll_waits(sk);
		if (unlikely(READ_ONCE(tp->urg_data) & MINI_TCP_URG_VALID))
			mask |= EPOLLPRI;
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
