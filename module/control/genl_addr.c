// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: addresses.  Add, delete, dump.
 *
 * Locks on entry: none; changes take RTNL, the dump RCU.
 */
#include <linux/rtnetlink.h>

#include "../ip/ip.h"
#include "control_int.h"

const struct nla_policy mini_addr_policy[MINI_A_ADDR_FLAGS + 1] = {
	[MINI_A_ADDR_ADDRESS] = NLA_POLICY_VALIDATE_FN(NLA_BINARY,
						       mini_genl_check_addr),
	[MINI_A_ADDR_PREFIXLEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[MINI_A_ADDR_IFINDEX] = MINI_POLICY_IFINDEX,
	[MINI_A_ADDR_FLAGS] = NLA_POLICY_MASK(NLA_U32, MINI_ADDR_F_DAD),
};

static int mini_genl_addr_change(struct genl_info *info,
				 int (*fn)(struct mini_dev *mdev,
					   const struct in6_addr *addr,
					   u8 plen,
					   struct netlink_ext_ack *extack))
{
	const struct nlattr *ifindex = info->attrs[MINI_A_ADDR_IFINDEX];
	struct in6_addr addr;
	struct mini_dev *mdev;
	u8 plen;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, MINI_A_ADDR_ADDRESS) ||
	    GENL_REQ_ATTR_CHECK(info, MINI_A_ADDR_PREFIXLEN) ||
	    GENL_REQ_ATTR_CHECK(info, MINI_A_ADDR_IFINDEX)) {
		NL_SET_ERR_MSG(info->extack,
			       "an address, its prefix length and a device are needed");
		return -EINVAL;
	}
	err = mini_genl_get_addr(info, MINI_A_ADDR_ADDRESS, &addr);
	if (err)
		return err;
	err = mini_genl_get_plen(info, MINI_A_ADDR_PREFIXLEN, &plen);
	if (err)
		return err;

	rtnl_lock();
	mdev = mini_dev_by_index(mini_genl_net(info), nla_get_u32(ifindex));
	if (mdev) {
		NL_SET_BAD_ATTR(info->extack, info->attrs[MINI_A_ADDR_ADDRESS]);
		err = fn(mdev, &addr, plen, info->extack);
	} else {
		NL_SET_ERR_MSG_ATTR(info->extack, ifindex,
				    "the device is not attached");
		err = -ENODEV;
	}
	rtnl_unlock();
	return err;
}

int mini_genl_addr_add(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *flags = info->attrs[MINI_A_ADDR_FLAGS];

	if (flags && nla_get_u32(flags) & MINI_ADDR_F_DAD)
		return mini_genl_addr_change(info, mini_ifaddr_add_probed);
	return mini_genl_addr_change(info, mini_ifaddr_add);
}

int mini_genl_addr_del(struct sk_buff *skb, struct genl_info *info)
{
	return mini_genl_addr_change(info, mini_ifaddr_del);
}

int mini_genl_addr_fill(struct sk_buff *skb, const struct mini_ifaddr *ifa)
{
	if (mini_genl_put_addr(skb, MINI_A_ADDR_ADDRESS, &ifa->addr) ||
	    nla_put_u8(skb, MINI_A_ADDR_PREFIXLEN,
		       mini_genl_plen(&ifa->addr, ifa->plen)) ||
	    nla_put_u32(skb, MINI_A_ADDR_IFINDEX, ifa->mdev->ifindex) ||
	    nla_put_u32(skb, MINI_A_ADDR_FLAGS, READ_ONCE(ifa->flags)))
		return -EMSGSIZE;
	return 0;
}

static int mini_genl_addr_put(struct sk_buff *skb, struct netlink_callback *cb,
			      const struct mini_ifaddr *ifa)
{
	void *hdr;

	hdr = mini_genl_dump_put(skb, cb, MINI_CMD_ADDR_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (mini_genl_addr_fill(skb, ifa)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int mini_genl_addr_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct mini_net *mn = mini_genl_dump_net(cb);
	const struct mini_ifaddr *ifa;
	struct mini_dev *mdev;
	long i = 0;

	cb->seq = atomic_read(&mn->genid);
	rcu_read_lock();
	list_for_each_entry_rcu(mdev, mini_dev_list(mn), list) {
		list_for_each_entry_rcu(ifa, &mdev->addrs, list) {
			if (i++ < cb->args[0])
				continue;
			if (mini_genl_addr_put(skb, cb, ifa))
				goto full;
			cb->args[0] = i;
		}
	}
full:
	rcu_read_unlock();
	return skb->len;
}
