// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP redirects.  Those that are sent (RFC 1812 section 5.2.7.2): a host sent
 * this router a packet that goes back to where it came from; it could reach the
 * next hop by itself.  Those that come in (RFC 1122 section 3.2.2.2): the
 * gateway of a destination knows a better one; pmtu.c remembers it.
 *
 * Locks on entry: none; softirq, rcu_read_lock().
 */
#include <linux/icmp.h>
#include <linux/jiffies.h>

#include "../wire/wire.h"
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

/*
 * Anybody on the link can write a redirect.  It must come from the gateway that
 * is used now, by its device, and name a neighbour on that device.
 */
static bool redirect_good(const struct mini_rx *rx, const struct in6_addr *dst,
			  const struct in6_addr *gateway,
			  struct mini_nexthop **nh)
{
	struct mini_net *mn = rx->mn;
	struct mini_route_result res;
	struct in6_addr now;
	u8 type;

	if (READ_ONCE(rx->mdev->flags) &
	    (MINI_DEV_F_NOARP | MINI_DEV_F_LOOPBACK))
		return false;
	if (mini_addr_equal(gateway, &rx->saddr) ||
	    mini_addr_type(mn, gateway) != MINI_ROUTE_UNICAST ||
	    !redirect_same_subnet(rx->mdev, gateway, gateway))
		return false;
	if (!mini_addr_v4(dst) || mini_addr_type(mn, dst) != MINI_ROUTE_UNICAST)
		return false;
	type = mini_route_lookup(mn, dst, 0, mini_route_hash(NULL, dst, 0),
				 &res);
	if (type != MINI_ROUTE_UNICAST || res.nh->mdev != rx->mdev)
		return false;
	if (!mini_redirect_get(mn, dst, res.nh, &now))
		now = res.nh->gateway;
	*nh = res.nh;
	return mini_addr_equal(&now, &rx->saddr);
}

void mini_redirect_rcv(struct mini_rx *rx, struct sk_buff *skb)
{
	struct mini_net *mn = rx->mn;
	struct mini_wire_ipv4 quote;
	const struct icmphdr *icmp;
	struct in6_addr gateway;
	struct mini_nexthop *nh;
	struct in6_addr dst;

	mini_inc(mn, MINI_MIB_ICMP_IN_REDIRECTS);
	if (!mini_icmp_quote(rx, skb, &quote))
		return;
	icmp = (const struct icmphdr *)skb->data;
	mini_addr_set_v4(&dst, quote.daddr);
	mini_addr_set_v4(&gateway, icmp->un.gateway);
	/* One of a whole net is taken for the host alone. */
	if (icmp->code > ICMP_REDIR_HOSTTOS ||
	    !READ_ONCE(mn->sysctl.accept_redirects) ||
	    !redirect_good(rx, &dst, &gateway, &nh) ||
	    !mini_redirect_learn(mn, &dst, nh, &gateway)) {
		mini_drop(mn, skb, MINI_DROP_ICMP_REDIRECT);
		return;
	}
	mini_pmtu_news(mn);
	consume_skb(skb);
}
