// SPDX-License-Identifier: GPL-2.0
/*
 * What a program writes: sendmsg, sendfile (RFC 9293 section 3.10.2 SEND).
 *
 * Context: process.  Locks on entry: none; the socket lock is taken here.
 */
#include "open.h"
#include "pages.h"
#include "rate.h"

/* A new segment at the queue's end, or NULL without memory. */
struct sk_buff *mini_tcp_new_segment(struct mini_tcp_sock *tp)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct sk_buff *skb;

	if (!mini_tcp_flight_get(tp, sk->sk_allocation))
		return NULL;
	skb = mini_tcp_skb_get(sk->sk_allocation);
	if (!skb)
		return NULL;
	if (!sk_wmem_schedule(sk, skb->truesize)) {
		mini_tcp_skb_put(skb);
		return NULL;
	}
	mini_tcp_queue_segment(tp, skb, MINI_TCP_ACK);
	return skb;
}

/* proto.stream_memory_free: unsent data is below TCP_NOTSENT_LOWAT. */
bool mini_tcp_stream_memory_free(const struct sock *sk, int wake)
{
	const struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	u32 lowat = mini_tcp_lowat(tp);

	if (likely(lowat == U32_MAX))
		return true;
	return (u64)(READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_nxt)) << wake
	       < lowat;
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
int mini_tcp_fill(struct mini_tcp_sock *tp, struct sk_buff *skb,
		  struct msghdr *msg, int room)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct page_frag *pfrag = sk_page_frag(sk);
	int i = skb_shinfo(skb)->nr_frags;
	bool merge = true;
	int copy, done;

	/* Who is told of pinned pages must not wait for these octets. */
	if (unlikely(skb_zcopy(skb)))
		return 0;
	if (!mini_page_frag_refill(sk, pfrag))
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
	/* Room for it there is: whom the page belongs to need not be asked. */
	done = _copy_from_iter(page_address(pfrag->page) + pfrag->offset, copy,
			       &msg->msg_iter);
	if (unlikely(done != copy)) {
		iov_iter_revert(&msg->msg_iter, done);
		return -EFAULT;
	}
	skb->len += copy;
	skb->data_len += copy;
	skb->truesize += copy;
	sk_wmem_queued_add(sk, copy);
	sk_mem_charge(sk, copy);
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

	/* Of Fast Open's data a clone may be on its way: it has these pages. */
	if (skb && skb->len < tp->gso_max && likely(!skb_cloned(skb))) {
		*room = tp->gso_max - skb->len;
		return skb;
	}
	*room = tp->gso_max;
	return sk_stream_memory_free(&tp->ms.sk) ? mini_tcp_new_segment(tp) :
	       NULL;
}

/* The peer's reader should not wait for more than what is written so far. */
static void mini_tcp_mark_push(struct mini_tcp_sock *tp)
{
	struct sk_buff *tail = skb_peek_tail(&tp->ms.sk.sk_write_queue);

	if (!tail)
		return;
	mini_tcp_cb(tail)->flags |= MINI_TCP_PSH;
	tp->pushed_seq = tp->write_seq;
}

/*
 * Wait for room; what is queued goes out meanwhile, all of it.  Return: 0;
 * -EPIPE, also when another thread disconnected the socket; -EAGAIN; a signal's
 * errno.
 */
static int mini_tcp_wait_room(struct mini_tcp_sock *tp, long *timeo)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u64 now = mini_tcp_now();
	u32 disconnects;
	int err;

	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	mini_tcp_mark_push(tp);
	mini_tcp_push_nodelay(tp, now);
	mini_tcp_rearm(tp, now);
	disconnects = tp->disconnects;
	err = sk_stream_wait_memory(sk, timeo);
	return unlikely(tp->disconnects != disconnects) ? -EPIPE : err;
}

static int mini_tcp_fill_how(struct mini_tcp_sock *tp, struct sk_buff *skb,
			     struct mini_tcp_write *w, int room)
{
	if (likely(w->how == MINI_TCP_COPY))
		return mini_tcp_fill(tp, skb, w->msg, room);
	return mini_tcp_fill_pages(tp, skb, w, room);
}

/* Put all of the message into the queue; w->copied tells how far it came. */
static int mini_tcp_append(struct mini_tcp_sock *tp, struct mini_tcp_write *w)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct sk_buff *skb;
	int room, n, err;

	while (msg_data_left(w->msg)) {
		if (sk->sk_err || sk->sk_shutdown & SEND_SHUTDOWN)
			return -EPIPE;
		skb = mini_tcp_tail(tp, &room);
		n = skb ? mini_tcp_fill_how(tp, skb, w, room) : -ENOMEM;
		if (n == 0) {
			skb = sk_stream_memory_free(sk) ?
			      mini_tcp_new_segment(tp) : NULL;
			n = skb ? mini_tcp_fill_how(tp, skb, w, tp->gso_max) :
			    -ENOMEM;
		}
		if (n == -ENOMEM) {
			mini_tcp_drop_empty(tp);
			err = mini_tcp_wait_room(tp, &w->timeo);
			if (err)
				return err;
			continue;
		}
		if (n < 0) {
			mini_tcp_drop_empty(tp);
			return n;
		}
		w->copied += n;
		if (skb->len < tp->gso_max || !msg_data_left(w->msg))
			continue;
		/* A full segment need not wait for the rest. */
		if (tp->write_seq - tp->pushed_seq > tp->max_wnd / 2)
			mini_tcp_mark_push(tp);
		mini_tcp_push(tp, mini_tcp_now());
	}
	return 0;
}

/* Push what was written: at once, or later if more is to come. */
static void mini_tcp_finish_send(struct mini_tcp_sock *tp, int flags)
{
	u64 now = mini_tcp_now();
	bool cork = tp->cork;

	if (unlikely(flags & MSG_OOB)) {
		tp->snd_up = tp->write_seq;
		tp->urg_out = 1;
	}
	if (!(flags & MSG_MORE) ||
	    tp->write_seq - tp->pushed_seq > tp->max_wnd / 2)
		mini_tcp_mark_push(tp);
	if (flags & MSG_MORE && !(flags & MSG_OOB))
		tp->cork = 1;
	if (flags & MINI_MSG_PAGES_FOLLOW && tp->pushed_seq != tp->write_seq)
		mini_tcp_push_later(tp, now);
	else
		mini_tcp_push(tp, now);
	tp->cork = cork;
	mini_tcp_rearm(tp, now);
}

/* A SYN first, perhaps with data; then the handshake's end. */
static int mini_tcp_send_begin(struct mini_tcp_sock *tp,
			       struct mini_tcp_write *w)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	int flags = w->msg->msg_flags;
	u32 disconnects;
	int err;

	if (unlikely(flags & MSG_FASTOPEN || tp->fo_defer)) {
		err = mini_tcp_fastopen_sendmsg(tp, w->msg, &w->copied);
		if (err)
			return err;
	}
	w->timeo = sock_sndtimeo(sk, flags & MSG_DONTWAIT);
	if (likely(!((1 << sk->sk_state) &
		     ~(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)) ||
		   tp->fo_listener))
		return 0;
	disconnects = tp->disconnects;
	err = sk_stream_wait_connect(sk, &w->timeo);
	if (!err && unlikely(tp->disconnects != disconnects))
		err = -EPIPE;
	return err;
}

/* Queue the message and send what may be sent. */
static int mini_tcp_write(struct mini_tcp_sock *tp, struct mini_tcp_write *w)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct sockcm_cookie ask, *stamp = NULL;
	u32 disconnects = tp->disconnects;
	int flags = w->msg->msg_flags;
	int err;

	err = mini_tcp_send_begin(tp, w);
	if (unlikely(err)) {
		if (err == -EINPROGRESS && w->copied)
			return 0;
		w->copied = 0;
		return err;
	}
	if (unlikely(w->msg->msg_controllen || READ_ONCE(sk->sk_tsflags))) {
		stamp = &ask;
		err = mini_tcp_stamp_ask(tp, w->msg, stamp);
		if (err) {
			w->copied = 0;
			return err;
		}
	}
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	mini_tcp_rate_check_app_limited(tp);
	err = mini_tcp_append(tp, w);
	if (w->copied && sk->sk_state != TCP_CLOSE &&
	    likely(tp->disconnects == disconnects)) {
		if (unlikely(stamp))
			mini_tcp_stamp_tail(tp, stamp);
		mini_tcp_finish_send(tp, err ? flags & ~(MSG_OOB |
							 MINI_MSG_MORE) :
					       flags);
	}
	return err;
}

static int mini_tcp_sendmsg_locked(struct mini_tcp_sock *tp,
				   struct msghdr *msg, size_t size,
				   enum mini_tcp_how how)
{
	struct mini_tcp_write w = { .msg = msg, .how = how };
	struct sock *sk = mini_tcp_to_sk(tp);
	int err = 0;

	if (unlikely(msg->msg_flags & MSG_ZEROCOPY || mini_msg_splices(msg) ||
		     how != MINI_TCP_COPY) && size)
		err = mini_tcp_pages_begin(tp, &w, size);
	if (likely(!err))
		err = mini_tcp_write(tp, &w);
	if (unlikely(w.uarg))
		mini_tcp_pages_end(&w, w.copied > 0);
	if (w.copied)
		return w.copied;
	if (!err)
		return 0;
	err = sk_stream_error(sk, msg->msg_flags, err);
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
	ret = mini_tcp_sendmsg_locked(mini_tcp_sk(sk), msg, size,
				      MINI_TCP_COPY);
	release_sock(sk);
	return ret;
}

int mini_tcp_sendpages(struct sock *sk, struct msghdr *msg, size_t size)
{
	int ret;

	lock_sock(sk);
	ret = mini_tcp_sendmsg_locked(mini_tcp_sk(sk), msg, size,
				      MINI_TCP_SPLICE);
	release_sock(sk);
	return ret;
}

void mini_tcp_splice_eof(struct socket *sock)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sock->sk);
	u64 now;

	/* What was written last said that there is more. */
	if (!mini_tcp_send_head(tp))
		return;
	lock_sock(sock->sk);
	now = mini_tcp_now();
	mini_tcp_mark_push(tp);
	mini_tcp_push(tp, now);
	mini_tcp_rearm(tp, now);
	release_sock(sock->sk);
}
