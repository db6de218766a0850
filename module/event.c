// SPDX-License-Identifier: GPL-2.0
/*
 * Events, from the layers where they happen to who carries them to user space.
 *
 * Locks on entry: any but a hard interrupt's.
 */
#include <linux/rcupdate.h>

#include "event.h"

static const struct mini_event_ops __rcu *event_ops;

void mini_event_set_ops(const struct mini_event_ops *ops)
{
	rcu_assign_pointer(event_ops, ops);
	if (!ops)
		synchronize_rcu();
}

bool mini_event_wanted(struct mini_net *mn, enum mini_event_group group)
{
	const struct mini_event_ops *ops;
	bool wanted;

	rcu_read_lock();
	ops = rcu_dereference(event_ops);
	wanted = ops && ops->wanted(mn, group);
	rcu_read_unlock();
	return wanted;
}

void mini_event_dev(struct mini_dev *mdev, enum mini_event event, u32 changed)
{
	const struct mini_event_ops *ops;

	rcu_read_lock();
	ops = rcu_dereference(event_ops);
	if (ops)
		ops->dev(mdev, event, changed);
	rcu_read_unlock();
}

void mini_event_addr(const struct mini_ifaddr *ifa, enum mini_event event)
{
	const struct mini_event_ops *ops;

	rcu_read_lock();
	ops = rcu_dereference(event_ops);
	if (ops)
		ops->addr(ifa, event);
	rcu_read_unlock();
}

void mini_event_route(struct mini_net *mn, const struct mini_route_cfg *cfg,
		      enum mini_event event)
{
	const struct mini_event_ops *ops;

	rcu_read_lock();
	ops = rcu_dereference(event_ops);
	if (ops)
		ops->route(mn, cfg, event);
	rcu_read_unlock();
}

void mini_event_neigh(struct mini_net *mn, const struct mini_neigh_info *info,
		      enum mini_event event)
{
	const struct mini_event_ops *ops;

	rcu_read_lock();
	ops = rcu_dereference(event_ops);
	if (ops)
		ops->neigh(mn, info, event);
	rcu_read_unlock();
}
