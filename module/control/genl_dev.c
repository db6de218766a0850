// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: devices.  Attach, detach, dump.
 *
 * Locks on entry: none; changes take RTNL, the dump RCU.
 */
#include <linux/rtnetlink.h>

#include "../link/link.h"
#include "control_int.h"

const struct nla_policy mini_dev_policy[MINI_A_DEV_PROXY_ARP + 1] = {
	[MINI_A_DEV_IFINDEX] = MINI_POLICY_IFINDEX,
	[MINI_A_DEV_PROXY_ARP] = NLA_POLICY_MAX(NLA_U8, 1),
};

static int mini_genl_dev_change(struct genl_info *info,
				int (*fn)(struct mini_net *mn, int ifindex,
					  struct netlink_ext_ack *extack))
{
	const struct nlattr *nla = info->attrs[MINI_A_DEV_IFINDEX];
	int err;

	if (GENL_REQ_ATTR_CHECK(info, MINI_A_DEV_IFINDEX)) {
		NL_SET_ERR_MSG(info->extack, "which device is not said");
		return -EINVAL;
	}

	NL_SET_BAD_ATTR(info->extack, nla);
	rtnl_lock();
	err = fn(mini_genl_net(info), nla_get_u32(nla), info->extack);
	rtnl_unlock();
	return err;
}

int mini_genl_dev_attach(struct sk_buff *skb, struct genl_info *info)
{
	return mini_genl_dev_change(info, mini_dev_attach);
}

int mini_genl_dev_detach(struct sk_buff *skb, struct genl_info *info)
{
	return mini_genl_dev_change(info, mini_dev_detach);
}

int mini_genl_dev_set(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *on = info->attrs[MINI_A_DEV_PROXY_ARP];
	const struct nlattr *nla = info->attrs[MINI_A_DEV_IFINDEX];
	struct mini_dev *mdev;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, MINI_A_DEV_IFINDEX) ||
	    GENL_REQ_ATTR_CHECK(info, MINI_A_DEV_PROXY_ARP)) {
		NL_SET_ERR_MSG(info->extack,
			       "a device and what to set are needed");
		return -EINVAL;
	}

	rtnl_lock();
	mdev = mini_dev_by_index(mini_genl_net(info), nla_get_u32(nla));
	if (mdev) {
		NL_SET_BAD_ATTR(info->extack, nla);
		err = mini_dev_set_proxy_arp(mdev, nla_get_u8(on),
					     info->extack);
	} else {
		NL_SET_ERR_MSG_ATTR(info->extack, nla,
				    "the device is not attached");
		err = -ENODEV;
	}
	rtnl_unlock();
	return err;
}

/* Sums over all CPUs: a dump has them, an event has not. */
static int mini_genl_dev_fill_stats(struct sk_buff *skb,
				    const struct mini_dev *mdev)
{
	struct rtnl_link_stats64 stats = {};

	dev_fetch_sw_netstats(&stats, mdev->stats);
	if (nla_put_u64_64bit(skb, MINI_A_DEV_RX_PACKETS, stats.rx_packets,
			      MINI_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, MINI_A_DEV_RX_BYTES, stats.rx_bytes,
			      MINI_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, MINI_A_DEV_TX_PACKETS, stats.tx_packets,
			      MINI_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, MINI_A_DEV_TX_BYTES, stats.tx_bytes,
			      MINI_A_DEV_PAD))
		return -EMSGSIZE;
	return 0;
}

int mini_genl_dev_fill(struct sk_buff *skb, struct mini_dev *mdev, bool stats)
{
	const struct net_device *dev = rcu_dereference(mdev->dev);

	if (nla_put_u32(skb, MINI_A_DEV_IFINDEX, mdev->ifindex) ||
	    nla_put_string(skb, MINI_A_DEV_NAME, mdev->name) ||
	    nla_put_u32(skb, MINI_A_DEV_MTU, READ_ONCE(mdev->mtu)) ||
	    nla_put_u32(skb, MINI_A_DEV_FLAGS, READ_ONCE(mdev->flags)))
		return -EMSGSIZE;
	if (dev && dev->addr_len &&
	    nla_put(skb, MINI_A_DEV_HWADDR, dev->addr_len, dev->dev_addr))
		return -EMSGSIZE;
	return stats ? mini_genl_dev_fill_stats(skb, mdev) : 0;
}

int mini_genl_dev_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct mini_net *mn = mini_genl_dump_net(cb);
	struct mini_dev *mdev;
	long i = 0;

	cb->seq = atomic_read(&mn->genid);
	rcu_read_lock();
	list_for_each_entry_rcu(mdev, mini_dev_list(mn), list) {
		void *hdr;

		if (i++ < cb->args[0])
			continue;
		hdr = mini_genl_dump_put(skb, cb, MINI_CMD_DEV_GET);
		if (!hdr)
			break;
		if (mini_genl_dev_fill(skb, mdev, true)) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
		cb->args[0] = i;
	}
	rcu_read_unlock();
	return skb->len;
}
