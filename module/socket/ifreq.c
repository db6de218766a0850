// SPDX-License-Identifier: GPL-2.0
/*
 * SIOCGIFADDR, SIOCGIFCONF and their like (netdevice(7)): which addresses a
 * program can use.  They are this stack's; what these calls tell of a device
 * itself (its index, its flags) the core answers for all families.
 *
 * Locks on entry: none; RTNL is taken.
 */
#include <linux/compat.h>
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

/**
 * struct mini_ifconf - what a program gave SIOCGIFCONF
 * @size: of a struct ifreq of its
 * @len: room in octets
 * @pos: where to write, NULL: only the length is asked for
 * @done: octets written, or needed
 */
struct mini_ifconf {
	int size;
	int len;
	char __user *pos;
	int done;
};

static int mini_ifconf_read(struct mini_ifconf *c, void __user *arg)
{
#ifdef CONFIG_COMPAT
	if (in_compat_syscall()) {
		struct compat_ifconf ifc;

		if (copy_from_user(&ifc, arg, sizeof(ifc)))
			return -EFAULT;
		c->size = sizeof(struct compat_ifreq);
		c->len = ifc.ifc_len;
		c->pos = compat_ptr(ifc.ifcbuf);
		return 0;
	}
#endif
	{
		struct ifconf ifc;

		if (copy_from_user(&ifc, arg, sizeof(ifc)))
			return -EFAULT;
		c->size = sizeof(struct ifreq);
		c->len = ifc.ifc_len;
		c->pos = ifc.ifc_buf;
	}
	return 0;
}

static int mini_ifconf_put(struct mini_ifconf *c, const struct mini_ifaddr *ifa)
{
	struct ifreq ifr = {};

	if (c->pos) {
		if (c->len - c->done < c->size)
			return 0;
		strscpy(ifr.ifr_name, ifa->mdev->name, sizeof(ifr.ifr_name));
		mini_ifreq_fill(&ifr, mini_addr_v4(&ifa->addr));
		/* The shorter form is the longer one's beginning. */
		if (copy_to_user(c->pos + c->done, &ifr, c->size))
			return -EFAULT;
	}
	c->done += c->size;
	return 0;
}

static int mini_ifconf_get(struct mini_net *mn, void __user *arg)
{
	struct mini_ifconf c = {};
	struct mini_ifaddr *ifa;
	struct mini_dev *mdev;
	int err;

	err = mini_ifconf_read(&c, arg);
	if (err)
		return err;
	rtnl_lock();
	list_for_each_entry(mdev, mini_dev_list(mn), list) {
		list_for_each_entry(ifa, &mdev->addrs, list) {
			err = mini_ifconf_put(&c, ifa);
			if (err)
				goto out;
		}
	}
out:
	rtnl_unlock();
	/* The length is the first member in both forms. */
	if (!err && put_user(c.done, (int __user *)arg))
		err = -EFAULT;
	return err;
}

int mini_ifreq_ioctl(struct mini_net *mn, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case SIOCGIFCONF:
		return mini_ifconf_get(mn, arg);
	case SIOCGIFADDR:
	case SIOCGIFDSTADDR:
	case SIOCGIFBRDADDR:
	case SIOCGIFNETMASK:
		return mini_ifreq_get(mn, cmd, arg);
	default:
		return -ENOIOCTLCMD;
	}
}
