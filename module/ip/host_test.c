// SPDX-License-Identifier: GPL-2.0
/*
 * A host for the IP layer's tests, and sockets for those above it.
 */
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "host_test.h"

struct in6_addr mini_test_v4(u32 v4)
{
	struct in6_addr addr = in6addr_any;

	if (v4)
		mini_addr_set_v4(&addr, htonl(v4));
	return addr;
}

int mini_test_host_init(struct kunit *test)
{
	struct mini_net *mn;
	int err;

	mn = kzalloc(sizeof(*mn), GFP_KERNEL);
	if (!mn)
		return -ENOMEM;
	mn->net = &init_net;
	atomic_set(&mn->genid, 1);
	mn->sysctl = mini_pernet(&init_net)->sysctl;
	mn->mib = alloc_percpu(struct mini_mib_percpu);
	err = -ENOMEM;
	if (!mn->mib)
		goto err_free;
	err = mini_link_net_init(mn);
	if (err)
		goto err_mib;
	err = mini_ip_net_init(mn);
	if (err)
		goto err_link;
	test->priv = mn;
	return 0;

err_link:
	mini_link_net_exit(mn);
err_mib:
	free_percpu(mn->mib);
err_free:
	kfree(mn);
	return err;
}

void mini_test_host_exit(struct kunit *test)
{
	struct mini_net *mn = test->priv;
	struct mini_dev *mdev;
	struct mini_dev *tmp;

	if (!mn)
		return;
	rtnl_lock();
	list_for_each_entry_safe(mdev, tmp, mini_dev_list(mn), list) {
		if (mdev->flags & MINI_DEV_F_LOOPBACK)
			continue;
		mini_addr_flush(mdev);
		list_del_rcu(&mdev->list);
		mini_dev_put(mdev);
	}
	rtnl_unlock();
	mini_ip_net_stop(mn);
	mini_ip_net_exit(mn);
	mini_link_net_exit(mn);
	/* Packets that were under way, devices and routes are gone. */
	rcu_barrier();
	free_percpu(mn->mib);
	kfree(mn);
}

struct mini_dev *mini_test_dev(struct kunit *test, int ifindex, u32 flags)
{
	struct mini_net *mn = test->priv;
	struct mini_dev *mdev;

	mdev = kzalloc(sizeof(*mdev), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mdev);
	mdev->stats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!mdev->stats)
		kfree(mdev);
	KUNIT_ASSERT_NOT_NULL(test, (void __force *)mdev->stats);
	mdev->mn = mn;
	INIT_LIST_HEAD(&mdev->addrs);
	refcount_set(&mdev->refcnt, 1);
	mdev->ifindex = ifindex;
	mdev->flags = flags;
	mdev->mtu = 1500;
	snprintf(mdev->name, sizeof(mdev->name), "test%d", ifindex);
	rtnl_lock();
	list_add_tail_rcu(&mdev->list, mini_dev_list(mn));
	rtnl_unlock();
	return mdev;
}

struct mini_dev *mini_test_one_dev(struct kunit *test)
{
	struct mini_dev *mdev = mini_test_dev(test, TEST_IFINDEX + 1,
					      MINI_DEV_F_UP | MINI_DEV_F_NOARP);

	KUNIT_ASSERT_EQ(test, 0,
			mini_test_addr_add(mdev, TEST_ADDR(10, 0, 0, 1), 24));
	return mdev;
}

int mini_test_addr_add(struct mini_dev *mdev, struct in6_addr addr, u8 plen)
{
	int err;

	rtnl_lock();
	err = mini_ifaddr_add(mdev, &addr, MINI_V4_PLEN(plen), NULL);
	rtnl_unlock();
	return err;
}

int mini_test_addr_del(struct mini_dev *mdev, struct in6_addr addr, u8 plen)
{
	int err;

	rtnl_lock();
	err = mini_ifaddr_del(mdev, &addr, MINI_V4_PLEN(plen), NULL);
	rtnl_unlock();
	return err;
}

int mini_test_route_add(struct mini_net *mn, struct in6_addr dst, u8 plen,
			struct in6_addr gateway, int ifindex, u32 metric)
{
	struct mini_route_cfg cfg = {
		.dst = dst,
		.plen = MINI_V4_PLEN(plen),
		.gateway = gateway,
		.ifindex = ifindex,
		.metric = metric,
		.type = MINI_ROUTE_UNICAST,
	};
	int err;

	rtnl_lock();
	err = mini_route_add(mn, &cfg, NULL);
	rtnl_unlock();
	return err;
}

u64 mini_test_event(struct mini_net *mn, enum mini_mib id)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(mn->mib, cpu)->event[id];
	return sum;
}

u64 mini_test_drops(struct mini_net *mn, enum mini_drop_reason id)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(mn->mib, cpu)->drop[id];
	return sum;
}

struct mini_test_sock *mini_test_sock_open(struct kunit *test, int type,
					   int protocol)
{
	struct mini_test_sock *ts;

	ts = kunit_kzalloc(test, sizeof(*ts), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ts);
	ts->mn = mini_pernet(&init_net);
	ts->mdev.mn = ts->mn;
	ts->mdev.ifindex = 77;
	KUNIT_ASSERT_EQ(test, 0, sock_create_kern(&init_net, mini_family, type,
						  protocol, &ts->sock));
	return ts;
}

int mini_test_recv(struct mini_test_sock *ts, void *buf, int len, int flags)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = { 0 };

	return kernel_recvmsg(ts->sock, &msg, &vec, 1, len,
			      flags | MSG_DONTWAIT);
}

struct sk_buff *mini_test_packet(struct kunit *test, struct mini_test_sock *ts,
				 u32 src, u32 dst, u8 protocol,
				 const void *data, int len, struct mini_rx *rx)
{
	struct sk_buff *skb;
	struct iphdr *iph;

	*rx = (struct mini_rx) {
		.mn = ts->mn,
		.mdev = &ts->mdev,
		.saddr = mini_test_v4(src),
		.daddr = mini_test_v4(dst),
		.len = len,
		.proto = protocol,
		.ttl = 64,
		.dst_type = MINI_ROUTE_LOCAL,
	};
	skb = alloc_skb(64 + sizeof(*iph) + len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 64);
	skb_reset_network_header(skb);
	iph = skb_put_zero(skb, sizeof(*iph));
	iph->version = 4;
	iph->ihl = 5;
	iph->tot_len = htons(sizeof(*iph) + len);
	iph->saddr = htonl(src);
	iph->daddr = htonl(dst);
	iph->protocol = protocol;
	skb_put_data(skb, data, len);
	skb_pull(skb, sizeof(*iph));
	skb_reset_transport_header(skb);
	return skb;
}
