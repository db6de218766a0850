// SPDX-License-Identifier: GPL-2.0
/*
 * Which groups' frames a device lets through (RFC 1112 section 6.4): the
 * device's own filter, by MAC address.  Several groups share one; the kernel
 * counts.
 *
 * Locks on entry: RTNL.
 */
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/if_inet6.h>
#include <net/ip.h>

#include "link_int.h"

void mini_link_mc(struct mini_dev *mdev, const struct in6_addr *group, bool on)
{
	struct net_device *dev = rtnl_dereference(mdev->dev);
	u8 mac[ETH_ALEN];

	if (!dev || dev->type != ARPHRD_ETHER)
		return;
	if (mini_addr_is_v4(group))
		ip_eth_mc_map(mini_addr_v4(group), mac);
	else
		ipv6_eth_mc_map(group, mac);
	if (on)
		dev_mc_add(dev, mac);
	else
		dev_mc_del(dev, mac);
}
