// SPDX-License-Identifier: GPL-2.0
/*
 * Corking: one datagram out of several calls (MSG_MORE, UDP_CORK).
 *
 * The first call says where to, and how; the following ones add data, whatever
 * else they say.  The data after the first call's lie in the socket's page
 * fragment, copied once.  An error throws away what was collected.
 *
 * Locks on entry: what says so, the socket lock; others take it.
 */
#include <linux/slab.h>

#include "udp_int.h"

/**
 * struct mini_udp_cork - a datagram that is being collected
 * @skb: its data so far
 * @path: the way, looked up by the first call
 * @fl: what for
 * @cm: the first call's control messages
 * @dport: destination port, network byte order
 */
struct mini_udp_cork {
	struct sk_buff *skb;
	struct mini_path path;
	struct mini_flow fl;
	struct mini_cmsg cm;
	__be16 dport;
};

static void cork_free(struct mini_udp_cork *cork)
{
	mini_path_release(&cork->path);
	kfree(cork);
}

void mini_udp_cork_drop(struct mini_udp_sock *us)
{
	struct mini_udp_cork *cork = us->cork;

	if (!cork)
		return;
	WRITE_ONCE(us->cork, NULL);
	kfree_skb(cork->skb);
	cork_free(cork);
}

int mini_udp_cork_push(struct mini_udp_sock *us)
{
	struct mini_udp_cork *cork = us->cork;
	struct mini_net *mn = us->ms.mn;
	int err = 0;

	if (!cork)
		return 0;
	WRITE_ONCE(us->cork, NULL);
	if (!mini_path_valid(mn, &cork->path)) {
		mini_path_release(&cork->path);
		err = mini_path_lookup(mn, &cork->fl, &cork->path);
	}
	if (err)
		kfree_skb(cork->skb);
	else
		err = mini_udp_xmit(us, &cork->path, cork->skb, cork->dport,
				    &cork->cm);
	cork_free(cork);
	return err;
}

/* Copy @len octets behind those that are there. */
static int cork_add(struct sock *sk, struct sk_buff *skb,
		    struct iov_iter *from, size_t len)
{
	struct page_frag *pfrag = &sk->sk_frag;
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	size_t copy;
	int i;

	while (len) {
		if (!skb_page_frag_refill(32, pfrag, sk->sk_allocation))
			return -ENOBUFS;
		i = shinfo->nr_frags;
		copy = min_t(size_t, len, pfrag->size - pfrag->offset);
		if (i == MAX_SKB_FRAGS &&
		    !skb_can_coalesce(skb, i, pfrag->page, pfrag->offset))
			return -EMSGSIZE;
		if (copy_page_from_iter(pfrag->page, pfrag->offset, copy,
					from) != copy)
			return -EFAULT;
		if (skb_can_coalesce(skb, i, pfrag->page, pfrag->offset)) {
			skb_frag_size_add(&shinfo->frags[i - 1], copy);
		} else {
			get_page(pfrag->page);
			skb_fill_page_desc(skb, i, pfrag->page, pfrag->offset,
					   copy);
		}
		pfrag->offset += copy;
		skb->len += copy;
		skb->data_len += copy;
		skb->truesize += copy;
		refcount_add(copy, &sk->sk_wmem_alloc);
		len -= copy;
	}
	return 0;
}

/* The most that one datagram, or one packet of segments, can carry. */
static size_t cork_limit(const struct mini_udp_cork *cork, u8 how)
{
	size_t whole = cork->cm.gso_size ? IP_MAX_MTU :
		       mini_path_limit(&cork->path, how);

	return whole - sizeof(struct iphdr) - sizeof(struct udphdr);
}

/* Add data; send, unless there is @more to come.  The socket is locked. */
static int cork_append(struct mini_udp_sock *us, struct msghdr *msg, size_t len,
		       bool more)
{
	struct mini_udp_cork *cork = us->cork;
	struct sock *sk = &us->ms.sk;
	size_t have = cork->skb ? cork->skb->len : 0;
	u8 how = READ_ONCE(us->ms.pmtudisc);
	int err;

	if (have + len > cork_limit(cork, how)) {
		mini_errqueue_local(&us->ms, EMSGSIZE, &cork->path.dst,
				    READ_ONCE(us->ms.conn.tuple.rport),
				    mini_path_mtu(&cork->path, how));
		err = -EMSGSIZE;
	} else if (cork->skb) {
		err = cork_add(sk, cork->skb, &msg->msg_iter, len);
	} else {
		cork->skb = mini_udp_build(sk, msg, len, &err);
	}
	if (err)
		mini_udp_cork_drop(us);
	else if (!more)
		err = mini_udp_cork_push(us);
	return err;
}

int mini_udp_cork_more(struct mini_udp_sock *us, struct msghdr *msg, size_t len,
		       bool more)
{
	struct sock *sk = &us->ms.sk;
	int err = 1;

	lock_sock(sk);
	if (us->cork)
		err = cork_append(us, msg, len, more);
	release_sock(sk);
	return err;
}

int mini_udp_cork_start(struct mini_udp_sock *us, const struct mini_flow *fl,
			__be16 dport, const struct mini_cmsg *cm,
			struct msghdr *msg, size_t len)
{
	struct sock *sk = &us->ms.sk;
	struct mini_udp_cork *cork;
	int err;

	cork = kzalloc(sizeof(*cork), GFP_KERNEL);
	if (!cork)
		return -ENOBUFS;
	cork->fl = *fl;
	cork->dport = dport;
	cork->cm = *cm;
	err = mini_path_lookup(us->ms.mn, fl, &cork->path);
	if (!err && cork->path.type == MINI_ROUTE_BROADCAST &&
	    !sock_flag(sk, SOCK_BROADCAST))
		err = -EACCES;
	if (err) {
		cork_free(cork);
		return err;
	}
	lock_sock(sk);
	if (us->cork) {
		/* Another thread began one meanwhile. */
		cork_free(cork);
		err = -EINVAL;
	} else {
		WRITE_ONCE(us->cork, cork);
		err = cork_append(us, msg, len, true);
	}
	release_sock(sk);
	return err;
}

void mini_udp_splice_eof(struct socket *sock)
{
	struct mini_udp_sock *us = mini_udp_sk(sock->sk);
	struct sock *sk = sock->sk;

	if (sk->sk_prot != &mini_udp_prot || !READ_ONCE(us->cork) ||
	    READ_ONCE(us->corkflag))
		return;
	lock_sock(sk);
	if (!us->corkflag)
		mini_udp_cork_push(us);
	release_sock(sk);
}
