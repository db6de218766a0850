// SPDX-License-Identifier: GPL-2.0
/*
 * Sending without a copy: segments refer to pages that belong to somebody
 * else.
 *
 * MSG_ZEROCOPY pins the program's own.  It may change them once it is told, on
 * the error queue, that no segment refers to them any more; the kernel counts
 * what is pinned against RLIMIT_MEMLOCK.  io_uring brings a notifier of its
 * own.  sendfile() and splice() pass pages of the page cache or of a pipe.
 *
 * A segment with pinned pages takes no octets of another kind behind them: who
 * is told of them must not wait for more.
 *
 * Locks on entry: the socket lock, but for what says otherwise.
 */
#include <linux/skbuff.h>

#include "open.h"

/* Without scatter and gather a device would make a copy; it is made here. */
static bool mini_tcp_can_gather(const struct mini_tcp_sock *tp)
{
	const struct mini_dev *mdev = tp->ms.path.mdev;
	struct net_device *dev;
	bool ok;

	if (!mdev)
		return false;
	if (mdev->flags & MINI_DEV_F_LOOPBACK)
		return true;
	rcu_read_lock();
	dev = rcu_dereference(mdev->dev);
	ok = dev && dev->features & NETIF_F_SG;
	rcu_read_unlock();
	return ok;
}

/**
 * mini_tcp_pages_begin() - how are the octets of a sendmsg() to be queued?
 * @tp: connection, locked
 * @w: the call; its how and uarg are set
 * @size: octets, not 0
 *
 * Return: 0; -ENOBUFS: no more may be pinned, or too many notices are unread.
 */
int mini_tcp_pages_begin(struct mini_tcp_sock *tp, struct mini_tcp_write *w,
			 size_t size)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	bool gather = mini_tcp_can_gather(tp);

	if (w->how == MINI_TCP_SPLICE || mini_msg_splices(w->msg)) {
		w->how = gather ? MINI_TCP_SPLICE : MINI_TCP_COPY;
		return 0;
	}
	if (w->msg->msg_ubuf) {
		w->uarg = w->msg->msg_ubuf;
	} else if (sock_flag(sk, SOCK_ZEROCOPY)) {
		struct sk_buff *tail = skb_peek_tail(&sk->sk_write_queue);

		w->uarg = mini_msg_zerocopy_get(sk, size, skb_zcopy(tail));
		if (!w->uarg)
			return -ENOBUFS;
		if (!gather)
			uarg_to_msgzc(w->uarg)->zerocopy = 0;
	} else {
		return 0;
	}
	if (gather)
		w->how = MINI_TCP_PIN;
	return 0;
}

/**
 * mini_tcp_pages_end() - the call is done with its notifier
 * @w: the call
 * @sent: octets of it were queued: else there is nothing to tell
 */
void mini_tcp_pages_end(struct mini_tcp_write *w, bool sent)
{
	/* io_uring holds its own. */
	if (w->uarg == w->msg->msg_ubuf)
		return;
	if (sent)
		net_zcopy_put(w->uarg);
	else
		net_zcopy_put_abort(w->uarg, true);
}

/**
 * mini_tcp_fill_pages() - hang pages on the end of a segment
 * @tp: connection, locked
 * @skb: the segment, not cloned
 * @w: the call, its how not MINI_TCP_COPY
 * @room: octets, not 0
 *
 * Return: octets queued; 0: @skb takes no more; -ENOMEM, -EFAULT, -EIO.
 */
int mini_tcp_fill_pages(struct mini_tcp_sock *tp, struct sk_buff *skb,
			struct mini_tcp_write *w, int room)
{
	size_t most = min_t(size_t, room, msg_data_left(w->msg));
	struct sock *sk = mini_tcp_to_sk(tp);
	int n;

	if (w->how == MINI_TCP_SPLICE && skb_zcopy(skb))
		return 0;
	if (!sk_wmem_schedule(sk, most))
		return -ENOMEM;
	if (w->how == MINI_TCP_PIN) {
		/* It counts what it adds to the socket's memory. */
		n = mini_zerocopy_fill(sk, skb, w->msg, most, w->uarg);
	} else {
		n = mini_skb_splice(skb, &w->msg->msg_iter, most,
				    sk->sk_allocation);
		if (n > 0) {
			skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
			sk_wmem_queued_add(sk, n);
			sk_mem_charge(sk, n);
		}
	}
	if (!n || n == -EMSGSIZE || n == -EEXIST)
		return skb->len ? 0 : -EIO;
	if (n < 0)
		return n;
	tp->write_seq += n;
	mini_tcp_cb(skb)->end_seq += n;
	return n;
}
