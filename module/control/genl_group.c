// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: the multicast groups of each device.
 *
 * Locks on entry: none.
 */
#include "../ip/mcast.h"
#include "control_int.h"

struct mini_genl_group_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

static int mini_genl_group_fill(struct sk_buff *skb,
				const struct mini_mc_info *mi)
{
	unsigned int n = min_t(u32, mi->n, MINI_MC_INFO_SOURCES);
	unsigned int i;

	if (mini_genl_put_addr(skb, MINI_A_GROUP_ADDRESS, &mi->group) ||
	    nla_put_u32(skb, MINI_A_GROUP_IFINDEX, mi->ifindex) ||
	    nla_put_u32(skb, MINI_A_GROUP_USERS, mi->users) ||
	    nla_put_u8(skb, MINI_A_GROUP_MODE, mi->mode) ||
	    (mi->version &&
	     nla_put_u8(skb, MINI_A_GROUP_VERSION, mi->version)) ||
	    (mi->reports &&
	     nla_put_u32(skb, MINI_A_GROUP_TIMER, mi->timer)) ||
	    nla_put_u32(skb, MINI_A_GROUP_SOURCES, mi->n))
		return -EMSGSIZE;
	for (i = 0; i < n; i++) {
		if (mini_genl_put_addr(skb, MINI_A_GROUP_SOURCE, &mi->src[i]))
			return -EMSGSIZE;
	}
	return 0;
}

static int mini_genl_group_put(const struct mini_mc_info *mi, void *arg)
{
	struct mini_genl_group_dump *d = arg;
	void *hdr;

	hdr = mini_genl_dump_put(d->skb, d->cb, MINI_CMD_GROUP_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (mini_genl_group_fill(d->skb, mi)) {
		genlmsg_cancel(d->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(d->skb, hdr);
	return 0;
}

int mini_genl_group_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct mini_genl_group_dump d = { .skb = skb, .cb = cb };
	int err;

	if (cb->args[0])
		return 0;
	err = mini_mc_walk(mini_genl_dump_net(cb),
			   (unsigned long *)&cb->args[1],
			   mini_genl_group_put, &d);
	if (err == -ENOMEM)
		return err;
	cb->args[0] = !err;
	return skb->len;
}
