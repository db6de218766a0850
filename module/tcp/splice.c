// SPDX-License-Identifier: GPL-2.0
/*
 * What is received leaves without a copy: into a pipe (splice()), or to a user
 * in the kernel.
 *
 * Context: process.
 */
#include <linux/fs.h>
#include <linux/net.h>

#include "tcp_int.h"

/* splice() on its way. */
struct mini_tcp_splice {
	struct pipe_inode_info *pipe;
	unsigned int flags;
};

/* The segment that holds the next octet, or NULL; @len: octets to read there */
static struct sk_buff *mini_tcp_read_head(const struct mini_tcp_sock *tp,
					  u32 *offset, size_t *len)
{
	struct sk_buff *skb = skb_peek(&tp->ms.sk.sk_receive_queue);

	if (!skb)
		return NULL;
	*offset = tp->copied_seq - mini_tcp_cb(skb)->seq;
	*len = skb->len - *offset;
	/* Up to the urgent octet; that one is for recv() alone. */
	if (unlikely(tp->urg_data))
		*len = min_t(u32, *len, tp->urg_seq - tp->copied_seq);
	return *len ? skb : NULL;
}

int mini_tcp_read_sock(struct sock *sk, read_descriptor_t *desc,
		       sk_read_actor_t actor)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	struct sk_buff *skb;
	int copied = 0;
	size_t len;
	u32 offset;
	u64 now;
	int n;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	while ((skb = mini_tcp_read_head(tp, &offset, &len)) != NULL) {
		n = actor(desc, skb, offset, len);
		if (n <= 0) {
			copied = copied ?: n;
			break;
		}
		n = min_t(size_t, n, len);
		WRITE_ONCE(tp->copied_seq, tp->copied_seq + n);
		copied += n;
		if (offset + n == skb->len) {
			__skb_unlink(skb, &sk->sk_receive_queue);
			consume_skb(skb);
		}
		if (!desc->count)
			break;
	}
	if (copied <= 0)
		return copied;
	now = mini_tcp_now();
	sk_peek_offset_bwd(sk, copied);
	mini_tcp_rcv_tune(tp, now);
	mini_tcp_ack_read(tp, copied, now);
	mini_tcp_rearm(tp, now);
	return copied;
}

static int mini_tcp_splice_actor(read_descriptor_t *desc, struct sk_buff *skb,
				 unsigned int offset, size_t len)
{
	const struct mini_tcp_splice *s = desc->arg.data;
	int n;

	len = min(len, desc->count);
	n = skb_splice_bits(skb, skb->sk, offset, s->pipe, len, s->flags);
	if (n > 0)
		desc->count -= n;
	return n;
}

/*
 * Nothing is queued and nothing was read: 1 if there is no more to wait for,
 * 0: it came, perhaps; else a negative errno.
 */
static int mini_tcp_splice_wait(struct mini_tcp_sock *tp, long *timeo)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u32 disconnects = tp->disconnects;

	if (sock_flag(sk, SOCK_DONE))
		return 1;
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 1;
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;
	if (!*timeo)
		return -EAGAIN;
	/* An urgent octet is next: it would be waited for in vain. */
	if (!skb_queue_empty(&sk->sk_receive_queue))
		return 1;
	if (signal_pending(current))
		return sock_intr_errno(*timeo);
	sk_wait_data(sk, timeo, NULL);
	return tp->disconnects == disconnects ? 0 : -EPIPE;
}

/* What was read is enough. */
static bool mini_tcp_splice_stop(const struct sock *sk)
{
	return sk->sk_err || sk->sk_state == TCP_CLOSE ||
	       sk->sk_shutdown & RCV_SHUTDOWN || signal_pending(current);
}

ssize_t mini_tcp_splice_read(struct socket *sock, loff_t *ppos,
			     struct pipe_inode_info *pipe, size_t len,
			     unsigned int flags)
{
	struct mini_tcp_splice s = { .pipe = pipe, .flags = flags };
	read_descriptor_t desc = { .arg.data = &s, .count = len };
	struct sock *sk = sock->sk;
	ssize_t spliced = 0;
	long timeo;
	int n = 0;

	/* A socket has no place to read from but the next octet. */
	if (unlikely(*ppos))
		return -ESPIPE;
	lock_sock(sk);
	timeo = sock_rcvtimeo(sk, sock->file->f_flags & O_NONBLOCK);
	while (desc.count) {
		n = mini_tcp_read_sock(sk, &desc, mini_tcp_splice_actor);
		if (n < 0)
			break;
		spliced += n;
		if (!n) {
			if (spliced)
				break;
			n = mini_tcp_splice_wait(mini_tcp_sk(sk), &timeo);
			if (n)
				break;
			continue;
		}
		if (!timeo)
			break;
		/* What came meanwhile is taken along. */
		release_sock(sk);
		lock_sock(sk);
		if (mini_tcp_splice_stop(sk))
			break;
	}
	release_sock(sk);
	return spliced ?: min(n, 0);
}
