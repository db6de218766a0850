// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: events, to the four multicast groups.  A message is the one
 * that a dump of the object has, under a command of its own.
 *
 * What cannot be sent is not kept quiet: the listeners' sockets get ENOBUFS.
 *
 * Locks on entry: rcu_read_lock(), perhaps RTNL or a neighbour's lock.
 */
#include "../event.h"
#include "../ip/ip.h"
#include "control_int.h"

/* By enum mini_event_group, then enum mini_event. */
static const u8 event_cmds[MINI_EVENT_GROUPS][3] = {
	[MINI_EVENT_DEV] = {
		[MINI_EVENT_ADD] = MINI_CMD_DEV_ADD_NTF,
		[MINI_EVENT_DEL] = MINI_CMD_DEV_DEL_NTF,
		[MINI_EVENT_CHANGE] = MINI_CMD_DEV_CHANGE_NTF,
	},
	[MINI_EVENT_ADDR] = {
		[MINI_EVENT_ADD] = MINI_CMD_ADDR_ADD_NTF,
		[MINI_EVENT_DEL] = MINI_CMD_ADDR_DEL_NTF,
		[MINI_EVENT_CHANGE] = MINI_CMD_ADDR_CHANGE_NTF,
	},
	[MINI_EVENT_ROUTE] = {
		[MINI_EVENT_ADD] = MINI_CMD_ROUTE_ADD_NTF,
		[MINI_EVENT_DEL] = MINI_CMD_ROUTE_DEL_NTF,
		[MINI_EVENT_CHANGE] = MINI_CMD_ROUTE_ADD_NTF,
	},
	[MINI_EVENT_NEIGH] = {
		[MINI_EVENT_ADD] = MINI_CMD_NEIGH_CHANGE_NTF,
		[MINI_EVENT_DEL] = MINI_CMD_NEIGH_DEL_NTF,
		[MINI_EVENT_CHANGE] = MINI_CMD_NEIGH_CHANGE_NTF,
	},
};

/* One event on its way. */
struct event_msg {
	struct mini_net *mn;
	enum mini_event_group group;
	struct sk_buff *skb;
	void *hdr;
};

static bool event_wanted(struct mini_net *mn, enum mini_event_group group)
{
	return genl_has_listeners(&mini_genl_family, mn->net, group);
}

static void event_lost(const struct event_msg *m)
{
	genl_set_err(&mini_genl_family, m->mn->net, 0, m->group, -ENOBUFS);
}

/* False: there is nothing to fill. */
static bool event_begin(struct event_msg *m, struct mini_net *mn,
			enum mini_event_group group, enum mini_event event)
{
	if (likely(!event_wanted(mn, group)))
		return false;
	m->mn = mn;
	m->group = group;
	m->skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!m->skb) {
		event_lost(m);
		return false;
	}
	m->hdr = genlmsg_put(m->skb, 0, 0, &mini_genl_family, 0,
			     event_cmds[group][event]);
	return true;
}

/* Who was too slow has ENOBUFS from netlink itself. */
static void event_end(struct event_msg *m, int err)
{
	if (err || !m->hdr) {
		nlmsg_free(m->skb);
		event_lost(m);
		return;
	}
	genlmsg_end(m->skb, m->hdr);
	genlmsg_multicast_netns(&mini_genl_family, m->mn->net, m->skb, 0,
				m->group, GFP_ATOMIC);
}

static void event_dev(struct mini_dev *mdev, enum mini_event event, u32 changed)
{
	struct event_msg m;
	int err;

	if (!event_begin(&m, mdev->mn, MINI_EVENT_DEV, event))
		return;
	err = m.hdr ? mini_genl_dev_fill(m.skb, mdev, false) : -EMSGSIZE;
	if (!err && changed)
		err = nla_put_u32(m.skb, MINI_A_DEV_CHANGED, changed);
	event_end(&m, err);
}

static void event_addr(const struct mini_ifaddr *ifa, enum mini_event event)
{
	struct event_msg m;

	if (event_begin(&m, ifa->mdev->mn, MINI_EVENT_ADDR, event))
		event_end(&m, m.hdr ? mini_genl_addr_fill(m.skb, ifa) :
				      -EMSGSIZE);
}

static void event_route(struct mini_net *mn, const struct mini_route_cfg *cfg,
			enum mini_event event)
{
	struct event_msg m;

	if (event_begin(&m, mn, MINI_EVENT_ROUTE, event))
		event_end(&m, m.hdr ? mini_genl_route_fill(m.skb, cfg) :
				      -EMSGSIZE);
}

static void event_neigh(struct mini_net *mn, const struct mini_neigh_info *info,
			enum mini_event event)
{
	struct event_msg m;

	if (event_begin(&m, mn, MINI_EVENT_NEIGH, event))
		event_end(&m, m.hdr ? mini_genl_neigh_fill(m.skb, info) :
				      -EMSGSIZE);
}

static const struct mini_event_ops event_ops = {
	.wanted = event_wanted,
	.dev = event_dev,
	.addr = event_addr,
	.route = event_route,
	.neigh = event_neigh,
};

void mini_genl_event_open(void)
{
	mini_event_set_ops(&event_ops);
}

void mini_genl_event_close(void)
{
	mini_event_set_ops(NULL);
}
