// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4 output: a header in front of a transport segment (RFC 791 section 3.1,
 * RFC 1122 section 3.2.1), and the transports' checksums.
 *
 * Who has a path pays for no look-up here.
 *
 * Locks on entry: none; rcu_read_lock() is taken here.
 */
#include <net/ip.h>

#include "igmp.h"
#include "ip_int.h"

/*
 * RFC 6864: an atomic datagram needs no identification.  Others of one pair
 * of addresses and protocol count up from a place that an outsider cannot
 * know; segmentation counts on from it.
 */
static __be16 output_id(struct mini_net *mn, const struct mini_path *path,
			const struct sk_buff *skb, u8 proto, bool df)
{
	struct mini_ip_net *ip = READ_ONCE(mn->ip);
	unsigned int segs = 1;
	u32 hash;

	if (df || !ip)
		return 0;
	if (skb_is_gso(skb))
		segs = max_t(unsigned int, 1, skb_shinfo(skb)->gso_segs);
	hash = siphash_3u32((__force u32)mini_addr_v4(&path->dst),
			    (__force u32)mini_addr_v4(&path->src), proto,
			    &ip->id_key);
	segs = atomic_fetch_add(segs, &ip->ids[hash % MINI_IP_IDS]);
	return htons((hash >> 16) + segs);
}

/* Behind the header's fixed part, where there is room; checksum and all. */
static noinline void output_options(struct mini_net *mn, struct iphdr *iph,
				    const struct mini_ip_opts *opts)
{
	iph->ihl += opts->len / 4;
	memcpy(iph + 1, opts->data, opts->len);
	/* This host is the first on a recorded route. */
	mini_options_record(mn, iph, iph->saddr);
}

static unsigned int output_hlen(const struct mini_ip_hdr *h)
{
	return sizeof(struct iphdr) + (unlikely(h->opts) ? h->opts->len : 0);
}

static void output_header(struct mini_net *mn, const struct mini_path *path,
			  struct sk_buff *skb, const struct mini_ip_hdr *h,
			  bool df)
{
	__be16 id = output_id(mn, path, skb, h->proto, df);
	struct iphdr *iph;

	iph = skb_push(skb, output_hlen(h));
	skb_reset_network_header(skb);
	/* Version 4 and five words in one store, as the TOS with them. */
	*(__be16 *)iph = htons(0x4500 | h->tos);
	iph->tot_len = htons(skb->len);
	iph->id = id;
	iph->frag_off = df ? htons(IP_DF) : 0;
	iph->ttl = h->ttl || h->ttl0 ? h->ttl :
				       READ_ONCE(mn->sysctl.ip_default_ttl);
	iph->protocol = h->proto;
	iph->check = 0;
	iph->saddr = mini_addr_v4(&path->src);
	iph->daddr = mini_addr_v4(&path->dst);
	if (unlikely(h->opts))
		output_options(mn, iph, h->opts);
	else
		iph->check = ip_fast_csum(iph, 5);
	skb->protocol = htons(ETH_P_IP);
}

/*
 * A host is among those who hear its broadcasts (RFC 919 section 7), and what
 * it sends to groups that it has joined (RFC 1112 section 6.1), unless the
 * program does not want it.  False: that was all, nobody else may (TTL 0).
 */
static noinline bool output_hear(const struct mini_path *path,
				 struct sk_buff *skb, bool quiet)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct mini_dev *mdev = path->mdev;
	struct sk_buff *copy;

	/* There, a packet comes back by itself. */
	if (mdev->flags & MINI_DEV_F_LOOPBACK)
		return true;
	if (path->type == MINI_ROUTE_BROADCAST ||
	    (!quiet && mini_mc_accepts(mdev, &path->dst, &path->src,
				       iph->protocol))) {
		copy = skb_clone(skb, GFP_ATOMIC);
		if (copy)
			mini_link_hear(mdev, copy);
	}
	return path->type || iph->ttl;
}

static int output_link(struct mini_net *mn, const struct mini_path *path,
		       struct sk_buff *skb, u32 mtu, bool quiet)
{
	int err = 0;

	rcu_read_lock();
	if (unlikely(path->type == MINI_ROUTE_BROADCAST || !path->type) &&
	    !output_hear(path, skb, quiet)) {
		consume_skb(skb);
		goto out;
	}
	/* Segments of a super-packet were made to fit by who made it. */
	if (unlikely(skb->len > mtu && !skb_is_gso(skb)))
		err = mini_ip_fragment(mn, path, skb, mtu);
	else
		err = mini_link_xmit(path->mdev, path->neigh, skb, &path->dst,
				     path->type);
out:
	rcu_read_unlock();
	return err;
}

static bool output_may_cut(const struct mini_ip_hdr *h)
{
	return h->frag == MINI_FRAG_CUT ||
	       (h->frag == MINI_FRAG_BY_DF && !h->df);
}

int mini_ip_xmit(struct mini_net *mn, const struct mini_path *path,
		 struct sk_buff *skb, const struct mini_ip_hdr *h)
{
	unsigned int hlen = output_hlen(h);
	unsigned int len = skb->len + hlen;
	bool df = h->df;
	u32 mtu;
	int err;

	mini_inc(mn, MINI_MIB_IP_OUT_REQUESTS);
	mtu = unlikely(h->dev_mtu) ? READ_ONCE(path->mdev->mtu) : path->mtu;
	if (unlikely(len > IP_MAX_MTU || (len > mtu && !skb_is_gso(skb)))) {
		if (len > IP_MAX_MTU || !output_may_cut(h)) {
			kfree_skb(skb);
			return -EMSGSIZE;
		}
		df = false;
	}
	if (unlikely(skb_headroom(skb) < hlen + ETH_HLEN ||
		     skb_header_cloned(skb))) {
		err = skb_cow_head(skb, hlen + MINI_LINK_HEADROOM);
		if (err) {
			mini_drop(mn, skb, MINI_DROP_NO_MEMORY);
			return -ENOBUFS;
		}
	}
	output_header(mn, path, skb, h, df);
	return output_link(mn, path, skb, mtu, h->quiet);
}

int mini_ip_xmit_header(struct mini_net *mn, const struct mini_path *path,
			struct sk_buff *skb, u32 mtu, bool quiet)
{
	struct iphdr *iph = (struct iphdr *)skb->data;

	mini_inc(mn, MINI_MIB_IP_OUT_REQUESTS);
	if (skb->len > mtu && iph->frag_off & htons(IP_DF)) {
		kfree_skb(skb);
		return -EMSGSIZE;
	}
	skb_reset_network_header(skb);
	if (!iph->saddr)
		iph->saddr = mini_addr_v4(&path->src);
	iph->tot_len = htons(skb->len);
	if (!iph->id)
		iph->id = output_id(mn, path, skb, iph->protocol,
				    iph->frag_off & htons(IP_DF));
	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
	skb->protocol = htons(ETH_P_IP);
	return output_link(mn, path, skb, mtu, quiet);
}

int mini_ip_send(struct mini_net *mn, const struct mini_flow *fl,
		 struct sk_buff *skb, const struct mini_ip_hdr *h)
{
	struct mini_path path;
	int err;

	err = mini_path_lookup(mn, fl, &path);
	if (err) {
		mini_drop(mn, skb, MINI_DROP_IP_NO_ROUTE);
		return err;
	}
	err = mini_ip_xmit(mn, &path, skb, h);
	mini_path_release(&path);
	return err;
}

int mini_ip_reply(const struct mini_rx *rx, struct sk_buff *skb,
		  const struct mini_ip_hdr *h)
{
	struct mini_flow fl = {
		.dst = rx->saddr,
		.src = rx->daddr,
		.proto = h->proto,
		.tos = h->tos,
		/* Input has found it to be an address of this host. */
		.freebind = true,
	};

	return mini_ip_send(rx->mn, &fl, skb, h);
}
