/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Groups that this host hears on a device: the members' filters, merged (RFC
 * 3376 section 3), and what IGMP tells of them.
 *
 * A member is a socket's membership.  It says from which sources it wants a
 * group's packets: INCLUDE, from these alone; EXCLUDE, from all but these.
 */
#ifndef _MINI_MCAST_H
#define _MINI_MCAST_H

#include <linux/in.h>

#include "ip.h"

/**
 * struct mini_mc_filter - from whom a member wants to hear; constant once it is
 * seen
 * @rcu: frees it
 * @mode: MCAST_INCLUDE or MCAST_EXCLUDE
 * @n: number of sources
 * @src: sources, each once
 */
struct mini_mc_filter {
	struct rcu_head rcu;
	u8 mode;
	unsigned int n;
	struct in6_addr src[];
};

/* Does a filter let a source through? */
static inline bool mini_mc_filter_allows(const struct mini_mc_filter *f,
					 const struct in6_addr *src)
{
	unsigned int i;

	for (i = 0; i < f->n; i++) {
		if (mini_addr_equal(&f->src[i], src))
			return f->mode == MCAST_INCLUDE;
	}
	return f->mode == MCAST_EXCLUDE;
}

/**
 * mini_mc_find_dev() - the device that a group is joined on
 * @mn: the instance
 * @group: the group
 * @ifindex: the device's number, or 0
 * @addr: or an address of it, unspecified: the device that a route to the
 *	group names
 *
 * Context: process, RTNL held.  Return: the device or NULL.
 */
struct mini_dev *mini_mc_find_dev(struct mini_net *mn,
				  const struct in6_addr *group, int ifindex,
				  const struct in6_addr *addr);

/**
 * mini_mc_change() - a member comes, goes, or wants other sources
 * @mn: the instance
 * @ifindex: the device; one that is detached has its groups kept
 * @group: the group
 * @old: what the member wanted until now, NULL: it was none
 * @new: what it wants from now on, NULL: it leaves
 *
 * Routers are told by IGMP if the sum of all members' wishes has changed.
 *
 * Context: process, RTNL held.  Return: 0; -ENODEV if there is neither the
 * device nor a member on it; -ENOBUFS.  With @new NULL nothing fails.
 */
int mini_mc_change(struct mini_net *mn, int ifindex,
		   const struct in6_addr *group,
		   const struct mini_mc_filter *old,
		   const struct mini_mc_filter *new);

/**
 * struct mini_mc_info - what user space is told of a group
 * @group: the group
 * @ifindex: of the device
 * @users: members
 * @mode: MCAST_INCLUDE or MCAST_EXCLUDE, of all members together
 * @version: of IGMP that is spoken on the device, 0: none
 * @reports: a report of it is due
 * @timer: in so many milliseconds
 * @n: number of sources
 * @src: the first of them
 */
#define MINI_MC_INFO_SOURCES	32

struct mini_mc_info {
	struct in6_addr group;
	int ifindex;
	u32 users;
	u8 mode;
	u8 version;
	bool reports;
	u32 timer;
	u32 n;
	struct in6_addr src[MINI_MC_INFO_SOURCES];
};

/**
 * mini_mc_walk() - call @fn for each group of each device
 * @mn: the instance
 * @iter: walk's place, zeroed at the start; kept between calls of one dump
 * @fn: returns 0 to go on; else the walk stops and will start at this group
 * @arg: for @fn
 *
 * Context: process; @fn must not sleep.  Return: 0 at the end, else what @fn
 * returned.
 */
int mini_mc_walk(struct mini_net *mn, unsigned long *iter,
		 int (*fn)(const struct mini_mc_info *info, void *arg),
		 void *arg);

#endif /* _MINI_MCAST_H */
