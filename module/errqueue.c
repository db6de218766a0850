// SPDX-License-Identifier: GPL-2.0
/*
 * The error queue of a socket (IP_RECVERR, MSG_ERRQUEUE): what ICMP and this
 * host itself said of packets that were sent (RFC 1122 sections 4.1.3.3 and
 * 4.2.4.1).  Timestamps of packets that left and completions of zero copy come
 * to the same queue from the kernel's core, and are read here, too.
 *
 * The queue is sk_error_queue, each entry a packet whose data are what the
 * program had sent, as far as it was quoted.
 *
 * Locks on entry: none; the queue has its own.
 */
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/net_tstamp.h>

#include "sock.h"

/*
 * Of entries made here: where the packet had been sent, in that part of
 * sock_exterr_skb which is its maker's.
 */
static struct in6_addr *errqueue_dest(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct in6_addr) >
		     sizeof(SKB_EXT_ERR(skb)->header));
	return (struct in6_addr *)&SKB_EXT_ERR(skb)->header;
}

static void errqueue_put(struct sock *sk, struct sk_buff *skb,
			 const struct sock_extended_err *ee,
			 const struct in6_addr *daddr, __be16 port)
{
	struct sock_exterr_skb *serr = SKB_EXT_ERR(skb);

	BUILD_BUG_ON(sizeof(*serr) > sizeof(skb->cb));
	memset(serr, 0, sizeof(*serr));
	serr->ee = *ee;
	serr->port = port;
	*errqueue_dest(skb) = *daddr;
	/* The device may go before the entry is read. */
	skb->dev = NULL;
	if (sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}

void mini_errqueue_icmp(struct sock *sk, const struct mini_icmp_err *e,
			__be16 port, const u8 *payload)
{
	struct sock_extended_err ee = {
		.ee_errno = e->errno_,
		.ee_origin = SO_EE_ORIGIN_ICMP,
		.ee_type = e->type,
		.ee_code = e->code,
		.ee_info = e->info,
	};
	struct sk_buff *skb;

	skb = e->skb ? skb_clone(e->skb, GFP_ATOMIC) : NULL;
	if (!skb)
		return;
	/* In the linear part: the quote was checked there. */
	__skb_pull(skb, payload - skb->data);
	errqueue_put(sk, skb, &ee, &e->raddr, port);
}

void mini_errqueue_local(struct mini_sock *ms, int err,
			 const struct in6_addr *daddr, __be16 port, u32 info)
{
	struct sock_extended_err ee = {
		.ee_errno = err,
		.ee_origin = SO_EE_ORIGIN_LOCAL,
		.ee_info = info,
	};
	struct sk_buff *skb;

	if (!ms->recverr)
		return;
	skb = alloc_skb(0, GFP_ATOMIC);
	if (skb)
		errqueue_put(&ms->sk, skb, &ee, daddr, port);
}

/*
 * Does the packet tell who is to blame, and how it came or went?  Not a local
 * error's, which is empty.
 */
static bool errqueue_has_packet(const struct sock *sk, struct sk_buff *skb)
{
	const struct sock_exterr_skb *serr = SKB_EXT_ERR(skb);

	switch (serr->ee.ee_origin) {
	case SO_EE_ORIGIN_ICMP:
		return true;
	case SO_EE_ORIGIN_TIMESTAMPING:
		/* Only a copy of what was sent has a device. */
		if (!(READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_OPT_CMSG) ||
		    !serr->header.h4.iif)
			return false;
		skb->skb_iif = serr->header.h4.iif;
		return true;
	default:
		return false;
	}
}

int mini_errqueue_recv(struct mini_sock *ms, struct msghdr *msg, size_t len)
{
	struct sock *sk = &ms->sk;
	struct sock_exterr_skb *serr;
	struct in6_addr offender;
	struct sk_buff *skb;
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in offender;
	} told = {};
	size_t copied;
	int err;

	msg->msg_namelen = 0;
	skb = sock_dequeue_err_skb(sk);
	if (!skb)
		return -EAGAIN;
	copied = min_t(size_t, len, skb->len);
	if (copied < skb->len)
		msg->msg_flags |= MSG_TRUNC;
	err = mini_skb_read(skb, 0, msg, copied);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	sock_recv_timestamp(msg, sk, skb);

	serr = SKB_EXT_ERR(skb);
	if (msg->msg_name && (serr->ee.ee_origin == SO_EE_ORIGIN_ICMP ||
			      serr->ee.ee_origin == SO_EE_ORIGIN_LOCAL))
		msg->msg_namelen = mini_name_to_user(ms, errqueue_dest(skb),
						     serr->port, msg->msg_name);
	told.ee = serr->ee;
	if (errqueue_has_packet(sk, skb)) {
		mini_addr_set_v4(&offender, ip_hdr(skb)->saddr);
		mini_name_to_user(ms, &offender, 0, &told.offender);
		mini_cmsg_recv(ms, msg, skb);
	}
	put_cmsg(msg, SOL_IP, IP_RECVERR, sizeof(told), &told);
	msg->msg_flags |= MSG_ERRQUEUE;
	consume_skb(skb);
	return copied;
}
