// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP redirects that are sent (RFC 1812 section 5.2.7.2): a host sent this
 * router a packet that goes back to where it came from; it could reach the
 * next hop by itself.
 *
 * Locks on entry: none; softirq, rcu_read_lock().
 */
#include <linux/icmp.h>
#include <linux/jiffies.h>

#include "ip_int.h"

/* Each host is told so often; who does not listen is told no faster. */
#define REDIRECT_INTERVAL	HZ

/* Are both on one subnet of this device?  RFC 1812: else it is no advice. */
static bool redirect_same_subnet(struct mini_dev *mdev,
				 const struct in6_addr *a,
				 const struct in6_addr *b)
{
	struct mini_ifaddr *ifa;

	list_for_each_entry_rcu(ifa, &mdev->addrs, list) {
		if (ipv6_prefix_equal(&ifa->addr, a, ifa->plen) &&
		    ipv6_prefix_equal(&ifa->addr, b, ifa->plen))
			return true;
	}
	return false;
}

bool mini_redirect_allow(struct mini_net *mn, const struct in6_addr *host,
			 unsigned long now)
{
	struct mini_ip_net *ip = READ_ONCE(mn->ip);
	unsigned long *stamp;

	if (!ip)
		return false;
	stamp = &ip->redirected[mini_addr_own_hash(host)];
	/* Two at once may both pass: it is a rate, not a lock. */
	if (READ_ONCE(*stamp) &&
	    time_before(now, READ_ONCE(*stamp) + REDIRECT_INTERVAL))
		return false;
	WRITE_ONCE(*stamp, now ? now : 1);
	return true;
}

void mini_redirect_send(const struct mini_rx *rx, const struct sk_buff *skb,
			const struct in6_addr *next_hop)
{
	struct mini_net *mn = rx->mn;

	if (!READ_ONCE(mn->sysctl.send_redirects) ||
	    READ_ONCE(rx->mdev->flags) & MINI_DEV_F_NOARP ||
	    mini_addr_equal(next_hop, &rx->saddr) ||
	    !redirect_same_subnet(rx->mdev, &rx->saddr, next_hop) ||
	    !mini_redirect_allow(mn, &rx->saddr, jiffies))
		return;
	mini_icmp_send(rx, skb, ICMP_REDIRECT, ICMP_REDIR_HOST,
		       ntohl(mini_addr_v4(next_hop)));
}
