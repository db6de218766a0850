// SPDX-License-Identifier: GPL-2.0
/*
 * mini attach DEV --take: Linux's IPv4 addresses and routes of a device move
 * over to mini.
 *
 * What Linux has is read first, and refused as a whole if a part of it has no
 * counterpart.  Then every step may fail, and each failure puts back what was
 * there, from the messages that Linux described it with.  Signals wait until
 * it is over: the terminal may well hang on the device in question.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "mini.h"

struct saved {
	struct nlmsghdr *nlh;	/* as Linux told it */
	char what[512];		/* as a user would write it */
	bool deleted;
};

struct list {
	struct saved *items;
	size_t n;
};

struct take {
	const char *name;
	uint32_t ifindex;
	struct nl *linux_nl;
	struct nl *mini_nl;
	struct list addrs;
	struct list routes;
	struct prefix *addresses;	/* for mini */
	size_t naddresses;
	struct route *added;		/* routes for mini */
	size_t nadded;
	bool attached;
	char why[1024];			/* the first thing that went wrong */
};

static void save(struct list *list, const struct nlmsghdr *nlh,
		 const char *what)
{
	struct saved *item;

	list->items = xrealloc(list->items, list->n + 1, sizeof(*item));
	item = &list->items[list->n++];
	item->nlh = memcpy(xrealloc(NULL, 1, nlh->nlmsg_len), nlh,
			   nlh->nlmsg_len);
	item->deleted = false;
	snprintf(item->what, sizeof(item->what), "%s", what);
}

static void add_address(struct take *take, const struct prefix *p)
{
	take->addresses = xrealloc(take->addresses, take->naddresses + 1,
				   sizeof(*p));
	take->addresses[take->naddresses++] = *p;
}

static void add_route(struct take *take, const struct route *r)
{
	take->added = xrealloc(take->added, take->nadded + 1, sizeof(*r));
	take->added[take->nadded++] = *r;
}

static bool ipv6_link_local(const struct ip *ip)
{
	return ip->octets[0] == 0xfe && (ip->octets[1] & 0xc0) == 0x80;
}

static void linux_addr(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[IFA_MAX + 1];
	char text[ADDR_STRLEN], what[512];
	struct take *take = arg;
	struct prefix p, peer;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifa) ||
	    ifa->ifa_index != take->ifindex)
		return;
	nl_parse(nlh, sizeof(*ifa), tb, IFA_MAX);
	if (!attr_ip(tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS], &p.ip))
		return;
	p.bits = ifa->ifa_prefixlen;
	if (ifa->ifa_family == AF_INET6) {
		if (!ipv6_link_local(&p.ip))
			die("%s has the IPv6 address %s; only IPv4 can be taken so far",
			    take->name, prefix_str(&p, text));
		return;
	}
	if (ifa->ifa_family != AF_INET)
		return;
	if (attr_ip(tb[IFA_ADDRESS], &peer.ip) &&
	    !ip_equal(&peer.ip, &p.ip)) {
		struct route r = { .ifindex = take->ifindex };

		/* Point to point: the prefix is the peer's, reached by route. */
		r.dst.ip = peer.ip;
		r.dst.bits = p.bits;
		prefix_mask(&r.dst);
		p.bits = 32;
		add_route(take, &r);
	}
	snprintf(what, sizeof(what), "address %s", prefix_str(&p, text));
	save(&take->addrs, nlh, what);
	add_address(take, &p);
}

/* Routes that Linux made because of an address come with it here too. */
static bool follows_from_address(const struct take *take,
				 const struct route *r)
{
	struct prefix net;

	for (size_t i = 0; i < take->naddresses; i++) {
		net = take->addresses[i];
		prefix_mask(&net);
		if (net.bits == r->dst.bits && ip_equal(&net.ip, &r->dst.ip))
			return true;
	}
	for (size_t i = 0; i < take->nadded; i++)
		if (take->added[i].dst.bits == r->dst.bits &&
		    ip_equal(&take->added[i].dst.ip, &r->dst.ip))
			return true;
	return false;
}

static bool multipath_uses(const struct nlattr *a, uint32_t ifindex)
{
	const char *at = mnl_attr_get_payload(a);
	int left = mnl_attr_get_payload_len(a);
	struct rtnexthop nh;

	while (left >= (int)sizeof(nh)) {
		memcpy(&nh, at, sizeof(nh));
		if (nh.rtnh_len < sizeof(nh) || nh.rtnh_len > left)
			return false;
		if (nh.rtnh_ifindex == (int)ifindex)
			return true;
		at += RTNH_ALIGN(nh.rtnh_len);
		left -= RTNH_ALIGN(nh.rtnh_len);
	}
	return false;
}

/* Why mini cannot have this route, NULL if it can. */
static const char *unfit(const struct rtmsg *rtm, const struct nlattr **tb,
			 uint32_t table)
{
	if (table != RT_TABLE_MAIN)
		return "is not in the main table";
	if (rtm->rtm_type != RTN_UNICAST)
		return "is not unicast";
	if (rtm->rtm_tos)
		return "is for one type of service only";
	if (rtm->rtm_flags & RTNH_F_ONLINK)
		return "has a gateway outside the device's networks (onlink)";
	if (tb[RTA_MULTIPATH])
		return "has several next hops";
	if (tb[RTA_NH_ID])
		return "uses a nexthop object";
	if (tb[RTA_VIA])
		return "has an IPv6 gateway";
	if (tb[RTA_ENCAP])
		return "encapsulates";
	return NULL;
}

static void linux_route(const struct nlmsghdr *nlh, void *arg)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[RTA_MAX + 1];
	struct route r = { 0 };
	struct take *take = arg;
	char what[512], text[500];
	const char *problem;
	uint32_t table;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*rtm) ||
	    rtm->rtm_family != AF_INET || (rtm->rtm_flags & RTM_F_CLONED))
		return;
	nl_parse(nlh, sizeof(*rtm), tb, RTA_MAX);
	if (attr_u32(tb[RTA_OIF]) != take->ifindex &&
	    !(tb[RTA_MULTIPATH] &&
	      multipath_uses(tb[RTA_MULTIPATH], take->ifindex)))
		return;
	table = tb[RTA_TABLE] ? attr_u32(tb[RTA_TABLE]) : rtm->rtm_table;
	if (table == RT_TABLE_LOCAL)
		return;
	r.ifindex = take->ifindex;
	if (!attr_ip(tb[RTA_DST], &r.dst.ip))
		r.dst.ip.len = 4;
	r.dst.bits = rtm->rtm_dst_len;
	attr_ip(tb[RTA_GATEWAY], &r.gateway);
	attr_ip(tb[RTA_PREFSRC], &r.src);
	r.metric = attr_u32(tb[RTA_PRIORITY]);
	r.has_metric = tb[RTA_PRIORITY];
	route_str(&r, text, sizeof(text));
	problem = unfit(rtm, tb, table);
	if (problem)
		die("cannot take %s over: its route %s %s", take->name, text,
		    problem);
	snprintf(what, sizeof(what), "route %s", text);
	save(&take->routes, nlh, what);
	if (rtm->rtm_protocol == RTPROT_KERNEL &&
	    follows_from_address(take, &r))
		return;
	if (tb[RTA_METRICS])
		complain("note: the metrics of route %s (mtu, window...) stay behind",
			 text);
	add_route(take, &r);
}

static struct nlmsghdr *linux_request(struct take *take,
				      const struct saved *item, uint16_t type,
				      uint16_t flags)
{
	struct nlmsghdr *nlh = nl_msg(take->linux_nl, type, flags);
	size_t len = mnl_nlmsg_get_payload_len(item->nlh);

	memcpy(mnl_nlmsg_put_extra_header(nlh, len),
	       mnl_nlmsg_get_payload(item->nlh), len);
	return nlh;
}

static bool failed(struct take *take, const char *doing, const char *what,
		   const struct nl *nl)
{
	snprintf(take->why, sizeof(take->why), "cannot %s %s: %s", doing, what,
		 nl_why(nl));
	return false;
}

/*
 * Last first: routes through a router before the route to that router,
 * secondary addresses before the primary one that would take them along.
 */
static bool delete_list(struct take *take, struct list *list, uint16_t type)
{
	struct saved *item;
	int err;

	for (size_t i = list->n; i--;) {
		item = &list->items[i];
		err = nl_ack(take->linux_nl,
			     linux_request(take, item, type, 0));
		if (err && err != -ESRCH && err != -EADDRNOTAVAIL)
			return failed(take, "delete Linux's", item->what,
				      take->linux_nl);
		item->deleted = true;
	}
	return true;
}

static bool move(struct take *take)
{
	char text[512];

	if (!delete_list(take, &take->routes, RTM_DELROUTE) ||
	    !delete_list(take, &take->addrs, RTM_DELADDR))
		return false;
	if (dev_change(take->mini_nl, MINI_CMD_DEV_ATTACH, take->ifindex))
		return failed(take, "attach", take->name, take->mini_nl);
	take->attached = true;
	for (size_t i = 0; i < take->naddresses; i++)
		if (addr_change(take->mini_nl, MINI_CMD_ADDR_ADD,
				&take->addresses[i], take->ifindex,
				false))
			return failed(take, "add address",
				      prefix_str(&take->addresses[i], text),
				      take->mini_nl);
	/* Routers must be within reach before the routes through them. */
	for (int with_gateway = 0; with_gateway < 2; with_gateway++)
		for (size_t i = 0; i < take->nadded; i++) {
			const struct route *r = &take->added[i];

			if (!r->gateway.len != !with_gateway)
				continue;
			if (route_change(take->mini_nl, MINI_CMD_ROUTE_ADD, r))
				return failed(take, "add route",
					      route_str(r, text, sizeof(text)),
					      take->mini_nl);
		}
	return true;
}

static bool is_gatewayed(const struct saved *item)
{
	const struct nlattr *tb[RTA_MAX + 1];

	nl_parse(item->nlh, sizeof(struct rtmsg), tb, RTA_MAX);
	return tb[RTA_GATEWAY];
}

static bool put_back(struct take *take, const struct saved *item,
		     uint16_t type)
{
	struct nlmsghdr *nlh;
	struct rtmsg *rtm;
	int err;

	nlh = linux_request(take, item, type, NLM_F_CREATE);
	if (type == RTM_NEWROUTE) {
		/* The rest of the flags is state, not configuration. */
		rtm = mnl_nlmsg_get_payload(nlh);
		rtm->rtm_flags &= RTNH_F_ONLINK | RTNH_F_PERVASIVE;
		nlh->nlmsg_flags |= NLM_F_APPEND;
	}
	err = nl_ack(take->linux_nl, nlh);
	if (!err || err == -EEXIST)
		return true;
	complain("cannot put back %s: %s", item->what,
		 nl_why(take->linux_nl));
	return false;
}

/* Returns whether Linux has everything again. */
static bool restore(struct take *take)
{
	bool good = true;

	if (take->attached &&
	    dev_change(take->mini_nl, MINI_CMD_DEV_DETACH, take->ifindex)) {
		complain("cannot detach %s again: %s", take->name,
			 nl_why(take->mini_nl));
		good = false;
	}
	for (size_t i = 0; i < take->addrs.n; i++)
		if (take->addrs.items[i].deleted)
			good &= put_back(take, &take->addrs.items[i],
					 RTM_NEWADDR);
	for (int with_gateway = 0; with_gateway < 2; with_gateway++)
		for (size_t i = 0; i < take->routes.n; i++) {
			const struct saved *item = &take->routes.items[i];

			if (item->deleted && is_gatewayed(item) == with_gateway)
				good &= put_back(take, item, RTM_NEWROUTE);
		}
	return good;
}

static void read_linux(struct take *take)
{
	struct nlmsghdr *nlh;
	struct rtgenmsg *gen;

	nlh = nl_msg(take->linux_nl, RTM_GETADDR, 0);
	gen = mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifaddrmsg));
	gen->rtgen_family = AF_UNSPEC;
	if (nl_dump(take->linux_nl, nlh, linux_addr, take))
		die("cannot read Linux's addresses: %s", nl_why(take->linux_nl));
	nlh = nl_msg(take->linux_nl, RTM_GETROUTE, 0);
	gen = mnl_nlmsg_put_extra_header(nlh, sizeof(struct rtmsg));
	gen->rtgen_family = AF_INET;
	if (nl_dump(take->linux_nl, nlh, linux_route, take))
		die("cannot read Linux's routes: %s", nl_why(take->linux_nl));
}

static void forget(struct take *take)
{
	for (size_t i = 0; i < take->addrs.n; i++)
		free(take->addrs.items[i].nlh);
	for (size_t i = 0; i < take->routes.n; i++)
		free(take->routes.items[i].nlh);
	free(take->addrs.items);
	free(take->routes.items);
	free(take->addresses);
	free(take->added);
	nl_close(take->linux_nl);
	nl_close(take->mini_nl);
}

int dev_take(const char *name, uint32_t ifindex)
{
	struct take take = { .name = name, .ifindex = ifindex };
	sigset_t all, before;
	bool good, back = true;

	take.mini_nl = nl_open_mini();
	take.linux_nl = nl_open(NETLINK_ROUTE);
	read_linux(&take);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	good = move(&take);
	if (!good)
		back = restore(&take);
	if (!good)
		complain("%s; %s %s", take.why, name, back ?
			 "is back as Linux had it" :
			 "is not as it was, see above");
	sigprocmask(SIG_SETMASK, &before, NULL);
	forget(&take);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
