// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: routes.  Add, delete, dump.
 *
 * Locks on entry: none; changes and the dump take RTNL.
 */
#include <linux/rtnetlink.h>

#include "../ip/ip.h"
#include "../tcp/tcp.h"
#include "control_int.h"

const struct nla_policy mini_route_policy[MINI_A_ROUTE_CONGCTL + 1] = {
	[MINI_A_ROUTE_DST] = NLA_POLICY_VALIDATE_FN(NLA_BINARY,
						    mini_genl_check_addr),
	[MINI_A_ROUTE_PREFIXLEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[MINI_A_ROUTE_GATEWAY] = NLA_POLICY_VALIDATE_FN(NLA_BINARY,
							mini_genl_check_addr),
	[MINI_A_ROUTE_IFINDEX] = MINI_POLICY_IFINDEX,
	[MINI_A_ROUTE_METRIC] = { .type = NLA_U32 },
	[MINI_A_ROUTE_PREFSRC] = NLA_POLICY_VALIDATE_FN(NLA_BINARY,
							mini_genl_check_addr),
	/* The other types follow from addresses. */
	[MINI_A_ROUTE_FLAGS] = { .type = NLA_REJECT },
	[MINI_A_ROUTE_CONGCTL] = { .type = NLA_NUL_STRING,
				   .len = MINI_CONG_NAME_MAX - 1 },
	[MINI_A_ROUTE_TYPE] = NLA_POLICY_RANGE(NLA_U8, MINI_ROUTE_UNICAST,
					       MINI_ROUTE_UNICAST),
};

/* An attribute that may be missing: then the address stays unspecified. */
static int mini_genl_route_addr(struct genl_info *info, int attr,
				struct in6_addr *addr)
{
	int err;

	if (!info->attrs[attr])
		return 0;
	err = mini_genl_get_addr(info, attr, addr);
	if (err)
		return err;
	if (mini_addr_any(addr)) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attr],
				    "0.0.0.0 is no host's address");
		return -EINVAL;
	}
	return 0;
}

static int mini_genl_route_parse(struct genl_info *info,
				 struct mini_route_cfg *cfg)
{
	struct in6_addr net;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, MINI_A_ROUTE_DST) ||
	    GENL_REQ_ATTR_CHECK(info, MINI_A_ROUTE_PREFIXLEN)) {
		NL_SET_ERR_MSG(info->extack,
			       "a destination and its prefix length are needed");
		return -EINVAL;
	}
	memset(cfg, 0, sizeof(*cfg));
	cfg->type = MINI_ROUTE_UNICAST;
	err = mini_genl_get_addr(info, MINI_A_ROUTE_DST, &cfg->dst);
	if (err)
		return err;
	err = mini_genl_get_plen(info, MINI_A_ROUTE_PREFIXLEN, &cfg->plen);
	if (err)
		return err;
	ipv6_addr_prefix(&net, &cfg->dst, cfg->plen);
	if (!ipv6_addr_equal(&net, &cfg->dst)) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[MINI_A_ROUTE_DST],
				    "the destination has bits beyond its prefix");
		return -EINVAL;
	}
	err = mini_genl_route_addr(info, MINI_A_ROUTE_GATEWAY, &cfg->gateway);
	if (err)
		return err;
	err = mini_genl_route_addr(info, MINI_A_ROUTE_PREFSRC, &cfg->prefsrc);
	if (err)
		return err;
	if (info->attrs[MINI_A_ROUTE_IFINDEX])
		cfg->ifindex = nla_get_u32(info->attrs[MINI_A_ROUTE_IFINDEX]);
	if (info->attrs[MINI_A_ROUTE_METRIC])
		cfg->metric = nla_get_u32(info->attrs[MINI_A_ROUTE_METRIC]);
	if (info->attrs[MINI_A_ROUTE_CONGCTL])
		nla_strscpy(cfg->congctl, info->attrs[MINI_A_ROUTE_CONGCTL],
			    sizeof(cfg->congctl));
	return 0;
}

int mini_genl_route_add(struct sk_buff *skb, struct genl_info *info)
{
	struct mini_route_cfg cfg;
	int err;

	err = mini_genl_route_parse(info, &cfg);
	if (err)
		return err;
	if (!info->attrs[MINI_A_ROUTE_GATEWAY] &&
	    !info->attrs[MINI_A_ROUTE_IFINDEX]) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, MINI_A_ROUTE_GATEWAY);
		NL_SET_ERR_MSG(info->extack, "a gateway or a device is needed");
		return -EINVAL;
	}

	if (cfg.congctl[0]) {
		err = mini_tcp_cong_get(cfg.congctl, &cfg.cong_owner);
		if (err) {
			NL_SET_ERR_MSG_ATTR(info->extack,
					    info->attrs[MINI_A_ROUTE_CONGCTL],
					    "no congestion control of that name");
			return err;
		}
	}

	rtnl_lock();
	err = mini_route_add(mini_genl_net(info), &cfg, info->extack);
	rtnl_unlock();
	if (err)
		module_put(cfg.cong_owner);
	return err;
}

int mini_genl_route_del(struct sk_buff *skb, struct genl_info *info)
{
	struct mini_route_cfg cfg;
	int err;

	err = mini_genl_route_parse(info, &cfg);
	if (err)
		return err;

	rtnl_lock();
	err = mini_route_del(mini_genl_net(info), &cfg, info->extack);
	rtnl_unlock();
	return err;
}

int mini_genl_route_fill(struct sk_buff *skb, const struct mini_route_cfg *cfg)
{
	if (mini_genl_put_addr(skb, MINI_A_ROUTE_DST, &cfg->dst) ||
	    nla_put_u8(skb, MINI_A_ROUTE_PREFIXLEN,
		       mini_genl_plen(&cfg->dst, cfg->plen)) ||
	    nla_put_u32(skb, MINI_A_ROUTE_METRIC, cfg->metric) ||
	    nla_put_u8(skb, MINI_A_ROUTE_TYPE, cfg->type) ||
	    nla_put_u32(skb, MINI_A_ROUTE_FLAGS, cfg->flags))
		return -EMSGSIZE;
	if (!mini_addr_any(&cfg->gateway) &&
	    mini_genl_put_addr(skb, MINI_A_ROUTE_GATEWAY, &cfg->gateway))
		return -EMSGSIZE;
	if (!mini_addr_any(&cfg->prefsrc) &&
	    mini_genl_put_addr(skb, MINI_A_ROUTE_PREFSRC, &cfg->prefsrc))
		return -EMSGSIZE;
	if (cfg->congctl[0] &&
	    nla_put_string(skb, MINI_A_ROUTE_CONGCTL, cfg->congctl))
		return -EMSGSIZE;
	if (cfg->ifindex &&
	    nla_put_u32(skb, MINI_A_ROUTE_IFINDEX, cfg->ifindex))
		return -EMSGSIZE;
	return 0;
}

struct mini_genl_route_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

static int mini_genl_route_put(const struct mini_route_cfg *cfg, void *arg)
{
	struct mini_genl_route_dump *d = arg;
	struct sk_buff *skb = d->skb;
	void *hdr;

	hdr = mini_genl_dump_put(skb, d->cb, MINI_CMD_ROUTE_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (mini_genl_route_fill(skb, cfg)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int mini_genl_route_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct mini_genl_route_dump d = { .skb = skb, .cb = cb };
	struct mini_net *mn = mini_genl_dump_net(cb);

	if (cb->args[0])
		return 0;
	rtnl_lock();
	cb->seq = atomic_read(&mn->genid);
	if (!mini_route_walk(mn, (unsigned long *)&cb->args[1],
			     mini_genl_route_put, &d))
		cb->args[0] = 1;
	rtnl_unlock();
	return skb->len;
}
