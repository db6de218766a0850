// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: neighbours.  Add and delete what the administrator set,
 * dump all.
 *
 * Locks on entry: none; changes take RTNL, which keeps the device.
 */
#include <linux/rtnetlink.h>

#include "../link/link.h"
#include "control_int.h"

const struct nla_policy mini_neigh_policy[MINI_A_NEIGH_LLADDR + 1] = {
	[MINI_A_NEIGH_ADDRESS] = NLA_POLICY_VALIDATE_FN(NLA_BINARY,
							mini_genl_check_addr),
	[MINI_A_NEIGH_IFINDEX] = MINI_POLICY_IFINDEX,
	[MINI_A_NEIGH_LLADDR] = NLA_POLICY_EXACT_LEN(ETH_ALEN),
};

/* The device and the address that both requests name; RTNL is held. */
static struct mini_dev *mini_genl_neigh_parse(struct genl_info *info,
					      struct in6_addr *addr)
{
	const struct nlattr *ifindex = info->attrs[MINI_A_NEIGH_IFINDEX];
	struct mini_dev *mdev;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, MINI_A_NEIGH_ADDRESS) ||
	    GENL_REQ_ATTR_CHECK(info, MINI_A_NEIGH_IFINDEX)) {
		NL_SET_ERR_MSG(info->extack,
			       "an address and a device are needed");
		return ERR_PTR(-EINVAL);
	}
	err = mini_genl_get_addr(info, MINI_A_NEIGH_ADDRESS, addr);
	if (err)
		return ERR_PTR(err);
	mdev = mini_dev_by_index(mini_genl_net(info), nla_get_u32(ifindex));
	if (!mdev) {
		NL_SET_ERR_MSG_ATTR(info->extack, ifindex,
				    "the device is not attached");
		return ERR_PTR(-ENODEV);
	}
	NL_SET_BAD_ATTR(info->extack, info->attrs[MINI_A_NEIGH_ADDRESS]);
	return mdev;
}

int mini_genl_neigh_add(struct sk_buff *skb, struct genl_info *info)
{
	struct in6_addr addr;
	struct mini_dev *mdev;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, MINI_A_NEIGH_LLADDR)) {
		NL_SET_ERR_MSG(info->extack, "a link address is needed");
		return -EINVAL;
	}

	rtnl_lock();
	mdev = mini_genl_neigh_parse(info, &addr);
	if (IS_ERR(mdev))
		err = PTR_ERR(mdev);
	else
		err = mini_neigh_add(mdev, &addr,
				     nla_data(info->attrs[MINI_A_NEIGH_LLADDR]),
				     info->extack);
	rtnl_unlock();
	return err;
}

int mini_genl_neigh_del(struct sk_buff *skb, struct genl_info *info)
{
	struct in6_addr addr;
	struct mini_dev *mdev;
	int err;

	rtnl_lock();
	mdev = mini_genl_neigh_parse(info, &addr);
	if (IS_ERR(mdev))
		err = PTR_ERR(mdev);
	else
		err = mini_neigh_del(mdev, &addr, info->extack);
	rtnl_unlock();
	return err;
}

int mini_genl_neigh_fill(struct sk_buff *skb, const struct mini_neigh_info *ni)
{
	if (mini_genl_put_addr(skb, MINI_A_NEIGH_ADDRESS, &ni->addr) ||
	    nla_put_u32(skb, MINI_A_NEIGH_IFINDEX, ni->ifindex) ||
	    nla_put_u8(skb, MINI_A_NEIGH_STATE, ni->state) ||
	    nla_put_u32(skb, MINI_A_NEIGH_CONFIRMED, ni->confirmed_ms) ||
	    nla_put_u32(skb, MINI_A_NEIGH_USED, ni->used_ms) ||
	    nla_put_u8(skb, MINI_A_NEIGH_PROBES, ni->probes) ||
	    nla_put_u32(skb, MINI_A_NEIGH_QUEUED, ni->queued) ||
	    (ni->has_lladdr &&
	     nla_put(skb, MINI_A_NEIGH_LLADDR, ETH_ALEN, ni->lladdr)))
		return -EMSGSIZE;
	return 0;
}

struct mini_genl_neigh_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

static int mini_genl_neigh_put(const struct mini_neigh_info *ni, void *arg)
{
	struct mini_genl_neigh_dump *d = arg;
	struct sk_buff *skb = d->skb;
	void *hdr;

	hdr = mini_genl_dump_put(skb, d->cb, MINI_CMD_NEIGH_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (mini_genl_neigh_fill(skb, ni)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int mini_genl_neigh_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct mini_genl_neigh_dump d = { .skb = skb, .cb = cb };

	if (cb->args[0])
		return 0;
	if (!mini_neigh_walk(mini_genl_dump_net(cb),
			     (unsigned long *)&cb->args[1],
			     mini_genl_neigh_put, &d))
		cb->args[0] = 1;
	return skb->len;
}
