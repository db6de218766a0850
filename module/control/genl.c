// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family "mini": its operations, and what the files of
 * the objects (genl_*.c) share.  Documentation/netlink/specs/mini.yaml
 * describes it to user space.
 *
 * Locks on entry: none, operations run in parallel; those that change
 * something take RTNL.  A request acts on the namespace of its socket.
 */
#include "../event.h"
#include "control_int.h"

int mini_genl_check_addr(const struct nlattr *attr,
			 struct netlink_ext_ack *extack)
{
	if (nla_len(attr) == sizeof(struct in_addr) ||
	    nla_len(attr) == sizeof(struct in6_addr))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "an address has 4 octets, or 16 of IPv6");
	return -EINVAL;
}

int mini_genl_get_addr(struct genl_info *info, int attr, struct in6_addr *addr)
{
	const struct nlattr *nla = info->attrs[attr];

	if (nla_len(nla) != sizeof(struct in_addr)) {
		NL_SET_ERR_MSG_ATTR(info->extack, nla,
				    "only IPv4 addresses are supported");
		return -EAFNOSUPPORT;
	}
	mini_addr_set_v4(addr, nla_get_in_addr(nla));
	return 0;
}

int mini_genl_get_plen(struct genl_info *info, int attr, u8 *plen)
{
	const struct nlattr *nla = info->attrs[attr];
	u8 len = nla_get_u8(nla);

	if (len > 32) {
		NL_SET_ERR_MSG_ATTR(info->extack, nla,
				    "an IPv4 prefix has at most 32 bits");
		return -EINVAL;
	}
	*plen = 96 + len;
	return 0;
}

int mini_genl_put_addr(struct sk_buff *skb, int attr,
		       const struct in6_addr *addr)
{
	if (mini_addr_is_v4(addr))
		return nla_put_in_addr(skb, attr, mini_addr_v4(addr));
	return nla_put_in6_addr(skb, attr, addr);
}

void *mini_genl_dump_put(struct sk_buff *skb, struct netlink_callback *cb,
			 u8 cmd)
{
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &mini_genl_family, NLM_F_MULTI, cmd);
	if (hdr)
		genl_dump_check_consistent(cb, hdr);
	return hdr;
}

#define MINI_GENL_CHANGE(command, what, fn)				\
	{								\
		.cmd = command,						\
		.doit = fn,						\
		.policy = mini_##what##_policy,				\
		.maxattr = ARRAY_SIZE(mini_##what##_policy) - 1,	\
		.flags = GENL_UNS_ADMIN_PERM,				\
	}
#define MINI_GENL_DUMP(command, fn)					\
	{								\
		.cmd = command,						\
		.dumpit = fn,						\
	}

static const struct genl_ops mini_genl_ops[] = {
	MINI_GENL_CHANGE(MINI_CMD_DEV_ATTACH, dev, mini_genl_dev_attach),
	MINI_GENL_CHANGE(MINI_CMD_DEV_DETACH, dev, mini_genl_dev_detach),
	MINI_GENL_CHANGE(MINI_CMD_DEV_SET, dev, mini_genl_dev_set),
	MINI_GENL_DUMP(MINI_CMD_DEV_GET, mini_genl_dev_dump),
	MINI_GENL_CHANGE(MINI_CMD_ADDR_ADD, addr, mini_genl_addr_add),
	MINI_GENL_CHANGE(MINI_CMD_ADDR_DEL, addr, mini_genl_addr_del),
	MINI_GENL_DUMP(MINI_CMD_ADDR_GET, mini_genl_addr_dump),
	MINI_GENL_CHANGE(MINI_CMD_ROUTE_ADD, route, mini_genl_route_add),
	MINI_GENL_CHANGE(MINI_CMD_ROUTE_DEL, route, mini_genl_route_del),
	{
		.cmd = MINI_CMD_ROUTE_GET,
		.doit = mini_genl_route_get,
		.dumpit = mini_genl_route_dump,
		.policy = mini_route_policy,
		.maxattr = MINI_A_ROUTE_NEXTHOP,
	},
	MINI_GENL_CHANGE(MINI_CMD_ROUTE_BATCH, batch, mini_genl_route_batch),
	MINI_GENL_CHANGE(MINI_CMD_NEIGH_ADD, neigh, mini_genl_neigh_add),
	MINI_GENL_CHANGE(MINI_CMD_NEIGH_DEL, neigh, mini_genl_neigh_del),
	MINI_GENL_DUMP(MINI_CMD_NEIGH_GET, mini_genl_neigh_dump),
	MINI_GENL_DUMP(MINI_CMD_STAT_GET, mini_genl_stat_dump),
	MINI_GENL_DUMP(MINI_CMD_GROUP_GET, mini_genl_group_dump),
};

static const struct genl_multicast_group mini_genl_groups[] = {
	[MINI_EVENT_DEV] = { .name = MINI_GENL_MCGRP_DEV },
	[MINI_EVENT_ADDR] = { .name = MINI_GENL_MCGRP_ADDR },
	[MINI_EVENT_ROUTE] = { .name = MINI_GENL_MCGRP_ROUTE },
	[MINI_EVENT_NEIGH] = { .name = MINI_GENL_MCGRP_NEIGH },
};

struct genl_family mini_genl_family __ro_after_init = {
	.name = MINI_GENL_NAME,
	.version = MINI_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.ops = mini_genl_ops,
	.n_ops = ARRAY_SIZE(mini_genl_ops),
	.resv_start_op = MINI_CMD_UNSPEC + 1,
	.mcgrps = mini_genl_groups,
	.n_mcgrps = ARRAY_SIZE(mini_genl_groups),
};

int mini_genl_open(void)
{
	int err = genl_register_family(&mini_genl_family);

	if (!err)
		mini_genl_event_open();
	return err;
}

void mini_genl_close(void)
{
	mini_genl_event_close();
	genl_unregister_family(&mini_genl_family);
}
