// SPDX-License-Identifier: GPL-2.0
/*
 * Devices: which net_devices belong to this stack, and what becomes of them.
 *
 * An attached device has our rx_handler, whose data is its struct mini_dev:
 * that is how the notifier finds it, without a table of its own.
 *
 * Locks on entry: RTNL for attach, detach and the notifier; rcu_read_lock()
 * or RTNL for look-ups.
 */
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>

#include "../event.h"
#include "link_int.h"

/* RFC 791: every link carries packets of this size. */
#define DEV_MTU_MIN	68
#define DEV_LOOPBACK_MTU	65536

/* The IP layer's; there is none before it starts. */
static const struct mini_link_addr_ops dev_no_ops;
const struct mini_link_addr_ops *mini_link_ops = &dev_no_ops;

void mini_link_set_addr_ops(const struct mini_link_addr_ops *ops)
{
	WRITE_ONCE(mini_link_ops, ops);
}

struct mini_dev *mini_dev_alloc(struct mini_net *mn, int ifindex,
				const char *name)
{
	struct mini_dev *mdev;

	mdev = kzalloc(sizeof(*mdev), GFP_KERNEL_ACCOUNT);
	if (!mdev)
		return NULL;
	mdev->stats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!mdev->stats) {
		kfree(mdev);
		return NULL;
	}
	mdev->mn = mn;
	mdev->ifindex = ifindex;
	strscpy(mdev->name, name, sizeof(mdev->name));
	refcount_set(&mdev->refcnt, 1);
	INIT_LIST_HEAD(&mdev->list);
	INIT_LIST_HEAD(&mdev->addrs);
	return mdev;
}

static void dev_free_rcu(struct rcu_head *head)
{
	struct mini_dev *mdev = container_of(head, struct mini_dev, rcu);

	free_percpu(mdev->stats);
	kfree(mdev);
}

void mini_dev_put(struct mini_dev *mdev)
{
	if (refcount_dec_and_test(&mdev->refcnt))
		call_rcu(&mdev->rcu, dev_free_rcu);
}

struct mini_dev *mini_dev_by_index(struct mini_net *mn, int ifindex)
{
	struct mini_dev *mdev;

	list_for_each_entry_rcu(mdev, &mn->link->devs, list,
				lockdep_rtnl_is_held()) {
		if (mdev->ifindex == ifindex)
			return mdev;
	}
	return NULL;
}

struct mini_dev *mini_dev_loopback(struct mini_net *mn)
{
	return mn->link->lo;
}

struct list_head *mini_dev_list(struct mini_net *mn)
{
	return &mn->link->devs;
}

/* The device's struct mini_dev if it is attached; RTNL or RCU. */
static struct mini_dev *dev_of(struct net_device *dev)
{
	if (rcu_access_pointer(dev->rx_handler) != mini_link_rx)
		return NULL;
	return rcu_dereference_rtnl(dev->rx_handler_data);
}

static u32 dev_flags(const struct net_device *dev)
{
	u32 flags = 0;

	if (dev->flags & IFF_UP)
		flags |= MINI_DEV_F_UP;
	if (netif_carrier_ok(dev))
		flags |= MINI_DEV_F_CARRIER;
	if (dev->type == ARPHRD_NONE || dev->flags & IFF_NOARP)
		flags |= MINI_DEV_F_NOARP;
	return flags;
}

/* Does Linux's own stack use the device? */
static bool dev_has_ipv4(const struct net_device *dev)
{
	const struct in_device *in_dev = __in_dev_get_rtnl(dev);

	return in_dev && rtnl_dereference(in_dev->ifa_list);
}

/* IPv6 gives every device a link-local address by itself: not counted. */
static bool dev_has_ipv6(const struct net_device *dev)
{
#if IS_ENABLED(CONFIG_IPV6)
	struct inet6_dev *idev = __in6_dev_get(dev);
	struct inet6_ifaddr *ifa;
	bool found = false;

	if (!idev)
		return false;
	read_lock_bh(&idev->lock);
	list_for_each_entry(ifa, &idev->addr_list, if_list) {
		if (!(ipv6_addr_type(&ifa->addr) & IPV6_ADDR_LINKLOCAL))
			found = true;
	}
	read_unlock_bh(&idev->lock);
	return found;
#else
	return false;
#endif
}

static int dev_check(struct net_device *dev, struct netlink_ext_ack *extack)
{
	if (dev_of(dev)) {
		NL_SET_ERR_MSG(extack, "the device is attached already");
		return -EEXIST;
	}
	if (dev->flags & IFF_LOOPBACK) {
		NL_SET_ERR_MSG(extack,
			       "this stack has a loopback of its own");
		return -EOPNOTSUPP;
	}
	if (dev->type != ARPHRD_ETHER && dev->type != ARPHRD_NONE) {
		NL_SET_ERR_MSG(extack,
			       "neither Ethernet nor a device without link header");
		return -EOPNOTSUPP;
	}
	if (dev->mtu < DEV_MTU_MIN) {
		NL_SET_ERR_MSG(extack, "the MTU is too small for IPv4");
		return -EOPNOTSUPP;
	}
	if (netdev_master_upper_dev_get(dev)) {
		NL_SET_ERR_MSG(extack,
			       "the device is a port of another (bridge, bond, ...)");
		return -EBUSY;
	}
	if (dev_has_ipv4(dev)) {
		NL_SET_ERR_MSG(extack,
			       "the device has IPv4 addresses of Linux: remove them, or take them over");
		return -EADDRINUSE;
	}
	if (dev_has_ipv6(dev)) {
		NL_SET_ERR_MSG(extack,
			       "the device has IPv6 addresses of Linux: remove them, or take them over");
		return -EADDRINUSE;
	}
	return 0;
}

/* What a device puts together without a trace cannot be forwarded. */
static void dev_set_lro(struct mini_net *mn, struct net_device *dev)
{
	if (READ_ONCE(mn->sysctl.ip_forward))
		dev_disable_lro(dev);
}

void mini_dev_set_lro(struct mini_net *mn)
{
	struct mini_dev *mdev;

	ASSERT_RTNL();
	list_for_each_entry(mdev, &mn->link->devs, list) {
		if (rtnl_dereference(mdev->dev))
			dev_set_lro(mn, rtnl_dereference(mdev->dev));
	}
}

/**
 * mini_dev_attach() - take a device over
 * @mn: the instance
 * @ifindex: of a device in its namespace
 * @extack: receives what is wrong
 *
 * Context: process, RTNL held.  Return: 0; -ENODEV; -EEXIST if it is attached;
 * -EOPNOTSUPP for what cannot be; -EBUSY if somebody else takes its frames;
 * -EADDRINUSE if Linux has addresses on it; -ENOMEM.
 */
int mini_dev_attach(struct mini_net *mn, int ifindex,
		    struct netlink_ext_ack *extack)
{
	struct mini_link_net *ln = mn->link;
	struct net_device *dev;
	struct mini_dev *mdev;
	int err;

	ASSERT_RTNL();
	dev = __dev_get_by_index(mn->net, ifindex);
	if (!dev || ln->stopped) {
		NL_SET_ERR_MSG(extack, "no such device");
		return -ENODEV;
	}
	err = dev_check(dev, extack);
	if (err)
		return err;
	mdev = mini_dev_alloc(mn, ifindex, dev->name);
	if (!mdev)
		return -ENOMEM;
	mdev->flags = dev_flags(dev);
	mdev->mtu = dev->mtu;
	mdev->veth = mini_veth_is(dev);
	mdev->defended = jiffies - HZ * MINI_ARP_DEFEND_INTERVAL;
	netdev_hold(dev, &mdev->dev_tracker, GFP_KERNEL);
	rcu_assign_pointer(mdev->dev, dev);
	err = mini_link_ops->attach ? mini_link_ops->attach(mdev) : 0;
	if (err)
		goto err_put;
	err = netdev_rx_handler_register(dev, mini_link_rx, mdev);
	if (err) {
		NL_SET_ERR_MSG(extack,
			       "the device's frames go to somebody else already");
		if (mini_link_ops->leave)
			mini_link_ops->leave(mdev);
		goto err_put;
	}
	list_add_tail_rcu(&mdev->list, &ln->devs);
	dev_set_lro(mn, dev);
	mini_genid_bump(mn);
	mini_event_dev(mdev, MINI_EVENT_ADD, 0);
	return 0;

err_put:
	RCU_INIT_POINTER(mdev->dev, NULL);
	netdev_put(dev, &mdev->dev_tracker);
	mini_dev_put(mdev);
	return err;
}

static void dev_detach(struct net_device *dev, struct mini_dev *mdev)
{
	struct mini_net *mn = mdev->mn;

	if (mini_link_ops->leave)
		mini_link_ops->leave(mdev);
	list_del_rcu(&mdev->list);
	WRITE_ONCE(mdev->flags, mdev->flags & ~MINI_DEV_F_UP);
	RCU_INIT_POINTER(mdev->dev, NULL);
	/* Waits for who receives from it and sends by it. */
	netdev_rx_handler_unregister(dev);
	if (mini_link_ops->detach)
		mini_link_ops->detach(mdev);
	mini_neigh_flush(mdev, true);
	mini_genid_bump(mn);
	mini_event_dev(mdev, MINI_EVENT_DEL, 0);
	netdev_put(dev, &mdev->dev_tracker);
	mini_dev_put(mdev);
}

/**
 * mini_dev_detach() - give a device back
 * @mn: the instance
 * @ifindex: of an attached device
 * @extack: receives what is wrong
 *
 * Its addresses, routes and neighbours go.
 *
 * Context: process, RTNL held; sleeps.  Return: 0; -ENODEV; -EOPNOTSUPP for
 * the loopback.
 */
int mini_dev_detach(struct mini_net *mn, int ifindex,
		    struct netlink_ext_ack *extack)
{
	struct mini_dev *mdev;

	ASSERT_RTNL();
	mdev = mini_dev_by_index(mn, ifindex);
	if (!mdev) {
		NL_SET_ERR_MSG(extack, "the device is not attached");
		return -ENODEV;
	}
	if (mdev->flags & MINI_DEV_F_LOOPBACK) {
		NL_SET_ERR_MSG(extack, "the loopback belongs to the stack");
		return -EOPNOTSUPP;
	}
	dev_detach(rtnl_dereference(mdev->dev), mdev);
	return 0;
}

/**
 * mini_dev_set_proxy_arp() - answer for hosts behind this router, or do not
 * @mdev: device where others ask
 * @on: answer
 * @extack: receives what is wrong
 *
 * Context: process, RTNL held.  Return: 0; -EOPNOTSUPP where there is no ARP.
 */
int mini_dev_set_proxy_arp(struct mini_dev *mdev, bool on,
			   struct netlink_ext_ack *extack)
{
	u32 flags = mdev->flags & ~MINI_DEV_F_PROXY_ARP;

	ASSERT_RTNL();
	if (flags & MINI_DEV_F_NOARP) {
		NL_SET_ERR_MSG(extack, "the device has no neighbours");
		return -EOPNOTSUPP;
	}
	if (on)
		flags |= MINI_DEV_F_PROXY_ARP;
	if (flags == mdev->flags)
		return 0;
	WRITE_ONCE(mdev->flags, flags);
	mini_event_dev(mdev, MINI_EVENT_CHANGE, MINI_DEV_F_PROXY_ARP);
	return 0;
}

/* Flags may have changed, and @changed did: tell who depends on them. */
static void dev_changed(struct net_device *dev, struct mini_dev *mdev,
			u32 changed)
{
	u32 flags = dev_flags(dev) | (mdev->flags & MINI_DEV_F_PROXY_ARP);
	u32 lost = mdev->flags & ~flags;

	changed |= flags ^ mdev->flags;
	if (!changed)
		return;
	WRITE_ONCE(mdev->flags, flags);
	WRITE_ONCE(mdev->mtu, dev->mtu);
	/* Behind the plug there may be another network the next time. */
	if (lost & (MINI_DEV_F_UP | MINI_DEV_F_CARRIER))
		mini_neigh_flush(mdev, false);
	mini_genid_bump(mdev->mn);
	mini_event_dev(mdev, MINI_EVENT_CHANGE, changed);
	if (mini_link_ops->change)
		mini_link_ops->change(mdev);
}

static int dev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct mini_dev *mdev = dev_of(dev);

	if (!mdev)
		return NOTIFY_DONE;
	switch (event) {
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		dev_changed(dev, mdev, 0);
		break;
	case NETDEV_CHANGEMTU:
		if (dev->mtu < DEV_MTU_MIN)
			dev_detach(dev, mdev);
		else
			dev_changed(dev, mdev, dev->mtu == mdev->mtu ?
					       0 : MINI_DEV_C_MTU);
		break;
	case NETDEV_CHANGEADDR:
		mini_neigh_readdress(mdev);
		dev_changed(dev, mdev, MINI_DEV_C_HWADDR);
		break;
	case NETDEV_PRE_TYPE_CHANGE:
		/* What kind of header it takes was decided at attach. */
		return notifier_from_errno(-EBUSY);
	case NETDEV_CHANGENAME:
		strscpy(mdev->name, dev->name, sizeof(mdev->name));
		mini_event_dev(mdev, MINI_EVENT_CHANGE, MINI_DEV_C_NAME);
		break;
	case NETDEV_UNREGISTER:
		/* Also on its way to another namespace. */
		dev_detach(dev, mdev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block dev_notifier = {
	.notifier_call = dev_event,
};

int mini_link_net_init(struct mini_net *mn)
{
	struct mini_link_net *ln;
	int err = -ENOMEM;

	ln = kzalloc(sizeof(*ln), GFP_KERNEL);
	if (!ln)
		return -ENOMEM;
	ln->mn = mn;
	INIT_LIST_HEAD(&ln->devs);
	ln->lo = mini_dev_alloc(mn, LOOPBACK_IFINDEX, "lo");
	if (!ln->lo)
		goto err_free;
	ln->lo->flags = MINI_DEV_F_UP | MINI_DEV_F_CARRIER |
			MINI_DEV_F_LOOPBACK | MINI_DEV_F_NOARP;
	ln->lo->mtu = DEV_LOOPBACK_MTU;
	list_add_rcu(&ln->lo->list, &ln->devs);
	err = mini_neigh_table_init(ln);
	if (err)
		goto err_lo;
	err = mini_loopback_init(ln);
	if (err)
		goto err_neigh;
	mn->link = ln;
	return 0;

err_neigh:
	mini_neigh_table_free(ln);
err_lo:
	mini_dev_put(ln->lo);
err_free:
	kfree(ln);
	return err;
}

void mini_link_net_stop(struct mini_net *mn)
{
	struct mini_link_net *ln = mn->link;
	struct mini_dev *mdev;
	struct mini_dev *tmp;

	if (ln->stopped)
		return;
	rtnl_lock();
	WRITE_ONCE(ln->stopped, true);
	list_for_each_entry_safe(mdev, tmp, &ln->devs, list) {
		if (mdev != ln->lo)
			dev_detach(rtnl_dereference(mdev->dev), mdev);
	}
	rtnl_unlock();
	/* For timers of neighbours, and who is about to use the loopback. */
	synchronize_net();
	mini_loopback_stop(ln);
}

void mini_link_net_exit(struct mini_net *mn)
{
	struct mini_link_net *ln = mn->link;

	mini_link_net_stop(mn);
	mini_neigh_table_free(ln);
	mini_loopback_free(ln);
	list_del_rcu(&ln->lo->list);
	mini_dev_put(ln->lo);
	mn->link = NULL;
	kfree(ln);
}

int mini_link_init(void)
{
	mini_neigh_init();
	mini_veth_init();
	mini_link_register(htons(ETH_P_ARP), mini_arp_rcv);
	return register_netdevice_notifier(&dev_notifier);
}

void mini_link_exit(void)
{
	unregister_netdevice_notifier(&dev_notifier);
}
