// SPDX-License-Identifier: GPL-2.0
/*
 * SIOCGIFADDR and its like (netdevice(7)): which addresses a program can use.
 * They are this stack's; what these calls tell of a device itself (its index,
 * its flags), and SIOCGIFCONF's list, the core answers for all families.
 *
 * Locks on entry: none; RTNL is taken.
 */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/uaccess.h>

#include "socket_int.h"

static __be32 mini_ifreq_mask(const struct mini_ifaddr *ifa)
{
	return inet_make_mask(ifa->plen - 96);
}

/* Of a link that has broadcasts, and an address that leaves room for one. */
static __be32 mini_ifreq_broadcast(const struct mini_ifaddr *ifa)
{
	if (ifa->mdev->flags & MINI_DEV_F_LOOPBACK || ifa->plen > 96 + 30)
		return 0;
	return mini_addr_v4(&ifa->addr) | ~mini_ifreq_mask(ifa);
}

static __be32 mini_ifreq_value(const struct mini_ifaddr *ifa, unsigned int cmd)
{
	switch (cmd) {
	case SIOCGIFBRDADDR:
		return mini_ifreq_broadcast(ifa);
	case SIOCGIFNETMASK:
		return mini_ifreq_mask(ifa);
	default:
		return mini_addr_v4(&ifa->addr);
	}
}

static void mini_ifreq_fill(struct ifreq *ifr, __be32 addr)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr->ifr_addr;

	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = addr;
}

static struct mini_dev *mini_ifreq_dev(struct mini_net *mn, const char *name)
{
	struct mini_dev *mdev;

	list_for_each_entry(mdev, mini_dev_list(mn), list) {
		if (!strcmp(mdev->name, name))
			return mdev;
	}
	return NULL;
}

/* "eth0:1" of old names eth0: addresses have no names here. */
static int mini_ifreq_get(struct mini_net *mn, unsigned int cmd,
			  void __user *arg)
{
	struct mini_ifaddr *ifa = NULL;
	struct mini_dev *mdev;
	struct ifreq ifr;
	void __user *data;
	int err = -ENODEV;

	if (get_user_ifreq(&ifr, &data, arg))
		return -EFAULT;
	ifr.ifr_name[IFNAMSIZ - 1] = '\0';
	ifr.ifr_name[strcspn(ifr.ifr_name, ":")] = '\0';
	rtnl_lock();
	mdev = mini_ifreq_dev(mn, ifr.ifr_name);
	if (mdev) {
		ifa = list_first_entry_or_null(&mdev->addrs,
					       struct mini_ifaddr, list);
		err = ifa ? 0 : -EADDRNOTAVAIL;
	}
	if (ifa)
		mini_ifreq_fill(&ifr, mini_ifreq_value(ifa, cmd));
	rtnl_unlock();
	if (err)
		return err;
	return put_user_ifreq(&ifr, arg) ? -EFAULT : 0;
}

int mini_ifreq_ioctl(struct mini_net *mn, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case SIOCGIFADDR:
	case SIOCGIFDSTADDR:
	case SIOCGIFBRDADDR:
	case SIOCGIFNETMASK:
		return mini_ifreq_get(mn, cmd, arg);
	default:
		return -ENOIOCTLCMD;
	}
}
