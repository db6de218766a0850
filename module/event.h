/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events: changes of devices, addresses, routes and neighbours, told to who
 * listens.  Those who change something tell it; control/genl_event.c carries
 * it on.  While nobody listens, an event costs one test.
 *
 * Events of one kind keep the order in which things happened: those of
 * devices, addresses and routes come under RTNL, those of a neighbour under its
 * lock.  An address's state may change in softirq, too.
 */
#ifndef _MINI_EVENT_H
#define _MINI_EVENT_H

#include "mini.h"

struct mini_dev;
struct mini_ifaddr;
struct mini_route_cfg;
struct mini_neigh_info;

/* In the order of the multicast groups. */
enum mini_event_group {
	MINI_EVENT_DEV,
	MINI_EVENT_ADDR,
	MINI_EVENT_ROUTE,
	MINI_EVENT_NEIGH,
	MINI_EVENT_GROUPS,
};

enum mini_event {
	MINI_EVENT_ADD,
	MINI_EVENT_DEL,
	MINI_EVENT_CHANGE,
};

/**
 * struct mini_event_ops - who carries events to user space
 * @wanted: does anybody listen?
 * @dev: @changed has bits of enum mini_dev_flags and enum mini_dev_changed
 * @addr: an address
 * @route: a route
 * @neigh: a neighbour
 *
 * All are called under rcu_read_lock(), in any context but hard interrupts,
 * perhaps under RTNL or a neighbour's lock.
 */
struct mini_event_ops {
	bool (*wanted)(struct mini_net *mn, enum mini_event_group group);
	void (*dev)(struct mini_dev *mdev, enum mini_event event, u32 changed);
	void (*addr)(const struct mini_ifaddr *ifa, enum mini_event event);
	void (*route)(struct mini_net *mn, const struct mini_route_cfg *cfg,
		      enum mini_event event);
	void (*neigh)(struct mini_net *mn, const struct mini_neigh_info *info,
		      enum mini_event event);
};

/**
 * mini_event_set_ops() - start to carry events, or end it
 * @ops: NULL: no more; when this returns, none of the former is being called
 *
 * Context: process; sleeps for a grace period if @ops is NULL.
 */
void mini_event_set_ops(const struct mini_event_ops *ops);

/* Is anybody told?  Then it pays to put together what the event says. */
bool mini_event_wanted(struct mini_net *mn, enum mini_event_group group);

void mini_event_dev(struct mini_dev *mdev, enum mini_event event, u32 changed);
void mini_event_addr(const struct mini_ifaddr *ifa, enum mini_event event);
void mini_event_route(struct mini_net *mn, const struct mini_route_cfg *cfg,
		      enum mini_event event);
void mini_event_neigh(struct mini_net *mn, const struct mini_neigh_info *info,
		      enum mini_event event);

#endif /* _MINI_EVENT_H */
