// SPDX-License-Identifier: GPL-2.0
/*
 * Fragments out (RFC 791 section 3.2): a packet larger than the MTU is cut into
 * as few as can carry it.  Each has the identification of the whole; of the
 * options only those marked for it go into fragments after the first.
 *
 * The other way round is reass.c.
 *
 * Locks on entry: rcu_read_lock().
 */
#include <net/ip.h>

#include "ip_int.h"

/* Fragments begin at multiples of it (RFC 791). */
#define FRAG_UNIT	8

/* After the first fragment, only copied options stay; none moves. */
static void frag_trim_options(struct iphdr *iph)
{
	unsigned int left = iph->ihl * 4 - sizeof(*iph);
	u8 *opt = (u8 *)(iph + 1);
	unsigned int len;

	/* A raw socket may have sent nonsense, which ends it. */
	for (; (len = mini_option_len(opt, left)); opt += len, left -= len) {
		if (!IPOPT_COPIED(*opt))
			memset(opt, IPOPT_NOOP, len);
	}
}

/* What is asked of the whole once is asked of its first fragment. */
static void frag_times(struct sk_buff *to, const struct sk_buff *from,
		       bool first)
{
	if (unlikely(from->tstamp))
		mini_skb_copy_delivery_time(to, from);
	if (unlikely(skb_shinfo(from)->tx_flags & SKBTX_ANY_TSTAMP) && first) {
		skb_shinfo(to)->tx_flags |= skb_shinfo(from)->tx_flags &
					    SKBTX_ANY_TSTAMP;
		skb_shinfo(to)->tskey = skb_shinfo(from)->tskey;
	}
}

static int frag_send(struct mini_net *mn, const struct mini_path *path,
		     struct sk_buff *skb, struct ip_frag_state *state)
{
	unsigned int hlen = state->hlen;
	bool first = true;
	struct sk_buff *frag;
	int err = 0;

	while (state->left) {
		frag = ip_frag_next(skb, state);
		if (IS_ERR(frag))
			return -ENOBUFS;
		frag_times(frag, skb, first);
		if (first && hlen > sizeof(struct iphdr))
			frag_trim_options(ip_hdr(skb));
		first = false;
		mini_inc(mn, MINI_MIB_IP_FRAG_CREATES);
		err = mini_link_xmit(path->mdev, path->neigh, frag, &path->dst,
				     path->type);
		/* Without one of them, the others are of no use. */
		if (err && err != NET_XMIT_CN)
			return err;
	}
	return err;
}

static int frag_one(struct mini_net *mn, const struct mini_path *path,
		    struct sk_buff *skb, unsigned int mtu)
{
	unsigned int hlen = ip_hdrlen(skb);
	struct ip_frag_state state;
	int err;

	err = -EMSGSIZE;
	if (mtu < hlen + FRAG_UNIT)
		goto out;
	err = -ENOBUFS;
	if (hlen > sizeof(struct iphdr) && skb_cow_head(skb, 0))
		goto out;
	/* Of the whole; nobody down there could compute it. */
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		goto out;
	ip_frag_init(skb, hlen, MINI_LINK_HEADROOM, mtu - hlen, false, &state);
	err = frag_send(mn, path, skb, &state);
out:
	mini_inc(mn, err && err != NET_XMIT_CN ? MINI_MIB_IP_FRAG_FAILS :
						 MINI_MIB_IP_FRAG_OKS);
	if (err && err != NET_XMIT_CN)
		kfree_skb(skb);
	else
		consume_skb(skb);
	return err;
}

/* Each segment is a packet, which may fit. */
static int frag_super(struct mini_net *mn, const struct mini_path *path,
		      struct sk_buff *skb, unsigned int mtu)
{
	struct sk_buff *list, *next;
	int ret = 0;
	int err;

	list = skb_gso_segment(skb, NETIF_F_SG | NETIF_F_HW_CSUM);
	if (IS_ERR_OR_NULL(list)) {
		mini_drop(mn, skb, MINI_DROP_NO_MEMORY);
		return -ENOBUFS;
	}
	consume_skb(skb);
	skb_list_walk_safe(list, skb, next) {
		skb_mark_not_on_list(skb);
		if (skb->len > mtu)
			err = frag_one(mn, path, skb, mtu);
		else
			err = mini_link_xmit(path->mdev, path->neigh, skb,
					     &path->dst, path->type);
		if (err)
			ret = err;
	}
	return ret;
}

int mini_ip_fragment(struct mini_net *mn, const struct mini_path *path,
		     struct sk_buff *skb, unsigned int mtu)
{
	skb_reset_network_header(skb);
	if (unlikely(skb_is_gso(skb)))
		return frag_super(mn, path, skb, mtu);
	return frag_one(mn, path, skb, mtu);
}
