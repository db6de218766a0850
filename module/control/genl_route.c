// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: routes.  Add, delete, one or many; look up, dump.
 *
 * Locks on entry: none; changes and the dump take RTNL.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "../ip/ip.h"
#include "../tcp/tcp.h"
#include "control_int.h"

static const struct nla_policy nexthop_policy[MINI_A_NEXTHOP_WEIGHT + 1] = {
	[MINI_A_NEXTHOP_GATEWAY] =
		NLA_POLICY_VALIDATE_FN(NLA_BINARY, mini_genl_check_addr),
	[MINI_A_NEXTHOP_IFINDEX] = MINI_POLICY_IFINDEX,
	[MINI_A_NEXTHOP_WEIGHT] = NLA_POLICY_RANGE(NLA_U32, 1,
						   MINI_NEXTHOP_WEIGHT_MAX),
};

const struct nla_policy mini_route_policy[MINI_A_ROUTE_NEXTHOP + 1] = {
	[MINI_A_ROUTE_DST] = NLA_POLICY_VALIDATE_FN(NLA_BINARY,
						    mini_genl_check_addr),
	[MINI_A_ROUTE_PREFIXLEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[MINI_A_ROUTE_GATEWAY] = NLA_POLICY_VALIDATE_FN(NLA_BINARY,
							mini_genl_check_addr),
	[MINI_A_ROUTE_IFINDEX] = MINI_POLICY_IFINDEX,
	[MINI_A_ROUTE_METRIC] = { .type = NLA_U32 },
	[MINI_A_ROUTE_PREFSRC] = NLA_POLICY_VALIDATE_FN(NLA_BINARY,
							mini_genl_check_addr),
	[MINI_A_ROUTE_FLAGS] = { .type = NLA_REJECT },
	[MINI_A_ROUTE_CONGCTL] = { .type = NLA_NUL_STRING,
				   .len = MINI_CONG_NAME_MAX - 1 },
	/* LOCAL and BROADCAST follow from addresses: mini_route_add(). */
	[MINI_A_ROUTE_TYPE] = NLA_POLICY_RANGE(NLA_U8, MINI_ROUTE_UNICAST,
					       MINI_ROUTE_PROHIBIT),
	[MINI_A_ROUTE_NEXTHOP] = NLA_POLICY_NESTED(nexthop_policy),
};

const struct nla_policy mini_batch_policy[MINI_A_BATCH_DEL + 1] = {
	[MINI_A_BATCH_ADD] = NLA_POLICY_NESTED(mini_route_policy),
	[MINI_A_BATCH_DEL] = NLA_POLICY_NESTED(mini_route_policy),
};

/* A route's attributes: of a message, or of a nest in a batch. */
struct genl_route {
	struct nlattr **tb;
	const struct nlattr *head;	/* all of them, for those repeated */
	int len;
	struct netlink_ext_ack *extack;
	struct mini_route_cfg cfg;
	struct mini_nexthop_cfg *nhs;	/* room for MINI_NEXTHOPS_MAX */
};

/* A host's address; missing, it stays unspecified. */
static int genl_route_addr(const struct nlattr *nla, struct in6_addr *addr,
			   struct netlink_ext_ack *extack)
{
	if (!nla)
		return 0;
	if (nla_len(nla) != sizeof(struct in_addr)) {
		NL_SET_ERR_MSG_ATTR(extack, nla,
				    "only IPv4 addresses are supported");
		return -EAFNOSUPPORT;
	}
	mini_addr_set_v4(addr, nla_get_in_addr(nla));
	if (mini_addr_any(addr)) {
		NL_SET_ERR_MSG_ATTR(extack, nla, "0.0.0.0 is no host's address");
		return -EINVAL;
	}
	return 0;
}

static int genl_route_dst(struct genl_route *r)
{
	const struct nlattr *dst = r->tb[MINI_A_ROUTE_DST];
	const struct nlattr *plen = r->tb[MINI_A_ROUTE_PREFIXLEN];
	struct in6_addr net;

	if (!dst || !plen) {
		NL_SET_ERR_MSG(r->extack,
			       "a destination and its prefix length are needed");
		return -EINVAL;
	}
	if (nla_len(dst) != sizeof(struct in_addr)) {
		NL_SET_ERR_MSG_ATTR(r->extack, dst,
				    "only IPv4 addresses are supported");
		return -EAFNOSUPPORT;
	}
	if (nla_get_u8(plen) > 32) {
		NL_SET_ERR_MSG_ATTR(r->extack, plen,
				    "an IPv4 prefix has at most 32 bits");
		return -EINVAL;
	}
	mini_addr_set_v4(&r->cfg.dst, nla_get_in_addr(dst));
	r->cfg.plen = 96 + nla_get_u8(plen);
	ipv6_addr_prefix(&net, &r->cfg.dst, r->cfg.plen);
	if (!ipv6_addr_equal(&net, &r->cfg.dst)) {
		NL_SET_ERR_MSG_ATTR(r->extack, dst,
				    "the destination has bits beyond its prefix");
		return -EINVAL;
	}
	return 0;
}

static int genl_route_nexthop(struct genl_route *r, const struct nlattr *nla)
{
	struct nlattr *tb[MINI_A_NEXTHOP_WEIGHT + 1];
	struct mini_nexthop_cfg *nh;
	int err;

	if (r->cfg.n_nhs == MINI_NEXTHOPS_MAX) {
		NL_SET_ERR_MSG_ATTR(r->extack, nla,
				    "a route has at most 32 next hops");
		return -EINVAL;
	}
	err = nla_parse_nested(tb, MINI_A_NEXTHOP_WEIGHT, nla, nexthop_policy,
			       r->extack);
	if (err)
		return err;
	nh = &r->nhs[r->cfg.n_nhs++];
	memset(nh, 0, sizeof(*nh));
	nh->weight = 1;
	if (tb[MINI_A_NEXTHOP_WEIGHT])
		nh->weight = nla_get_u32(tb[MINI_A_NEXTHOP_WEIGHT]);
	if (tb[MINI_A_NEXTHOP_IFINDEX])
		nh->ifindex = nla_get_u32(tb[MINI_A_NEXTHOP_IFINDEX]);
	return genl_route_addr(tb[MINI_A_NEXTHOP_GATEWAY], &nh->gateway,
			       r->extack);
}

static int genl_route_nexthops(struct genl_route *r)
{
	const struct nlattr *nla;
	int err;
	int rem;

	if (!r->tb[MINI_A_ROUTE_NEXTHOP])
		return 0;
	if (r->tb[MINI_A_ROUTE_GATEWAY] || r->tb[MINI_A_ROUTE_IFINDEX]) {
		NL_SET_ERR_MSG(r->extack,
			       "next hops have gateways and devices of their own");
		return -EINVAL;
	}
	r->nhs = kmalloc_array(MINI_NEXTHOPS_MAX, sizeof(*r->nhs), GFP_KERNEL);
	if (!r->nhs)
		return -ENOMEM;
	r->cfg.nhs = r->nhs;
	nla_for_each_attr(nla, r->head, r->len, rem) {
		if (nla_type(nla) != MINI_A_ROUTE_NEXTHOP)
			continue;
		err = genl_route_nexthop(r, nla);
		if (err)
			return err;
	}
	return 0;
}

/* genl_route_done() it, whatever it returns. */
static int genl_route_parse(struct genl_route *r)
{
	struct mini_route_cfg *cfg = &r->cfg;
	struct nlattr **tb = r->tb;
	int err;

	r->nhs = NULL;
	memset(cfg, 0, sizeof(*cfg));
	err = genl_route_dst(r);
	if (err)
		return err;
	err = genl_route_addr(tb[MINI_A_ROUTE_GATEWAY], &cfg->gateway,
			      r->extack);
	if (err)
		return err;
	err = genl_route_addr(tb[MINI_A_ROUTE_PREFSRC], &cfg->prefsrc,
			      r->extack);
	if (err)
		return err;
	if (tb[MINI_A_ROUTE_TYPE])
		cfg->type = nla_get_u8(tb[MINI_A_ROUTE_TYPE]);
	if (tb[MINI_A_ROUTE_IFINDEX])
		cfg->ifindex = nla_get_u32(tb[MINI_A_ROUTE_IFINDEX]);
	if (tb[MINI_A_ROUTE_METRIC])
		cfg->metric = nla_get_u32(tb[MINI_A_ROUTE_METRIC]);
	if (tb[MINI_A_ROUTE_CONGCTL])
		nla_strscpy(cfg->congctl, tb[MINI_A_ROUTE_CONGCTL],
			    sizeof(cfg->congctl));
	return genl_route_nexthops(r);
}

static void genl_route_done(struct genl_route *r)
{
	kfree(r->nhs);
}

/* What the route's type and its way have to do with each other. */
static int genl_route_check_way(const struct genl_route *r)
{
	if (r->cfg.type > MINI_ROUTE_UNICAST ||
	    r->tb[MINI_A_ROUTE_GATEWAY] || r->tb[MINI_A_ROUTE_IFINDEX] ||
	    r->cfg.n_nhs)
		return 0;
	NL_SET_ERR_MSG(r->extack, "a gateway or a device is needed");
	return -EINVAL;
}

static int genl_route_congctl(struct genl_route *r)
{
	int err;

	if (!r->cfg.congctl[0])
		return 0;
	err = mini_tcp_cong_get(r->cfg.congctl, &r->cfg.cong_owner);
	if (err)
		NL_SET_ERR_MSG_ATTR(r->extack, r->tb[MINI_A_ROUTE_CONGCTL],
				    "no congestion control of that name");
	return err;
}

static struct genl_route genl_route_of(struct genl_info *info)
{
	return (struct genl_route){
		.tb = info->attrs,
		.head = nlmsg_attrdata(info->nlhdr, GENL_HDRLEN),
		.len = nlmsg_attrlen(info->nlhdr, GENL_HDRLEN),
		.extack = info->extack,
	};
}

int mini_genl_route_add(struct sk_buff *skb, struct genl_info *info)
{
	struct genl_route r = genl_route_of(info);
	int err;

	err = genl_route_parse(&r);
	if (!err)
		err = genl_route_check_way(&r);
	if (!err) {
		mini_tcp_cong_load(r.cfg.congctl);
		err = genl_route_congctl(&r);
	}
	if (err)
		goto out;
	rtnl_lock();
	err = mini_route_add(mini_genl_net(info), &r.cfg, info->extack);
	rtnl_unlock();
	if (err)
		module_put(r.cfg.cong_owner);
out:
	genl_route_done(&r);
	return err;
}

int mini_genl_route_del(struct sk_buff *skb, struct genl_info *info)
{
	struct genl_route r = genl_route_of(info);
	int err;

	err = genl_route_parse(&r);
	if (!err) {
		rtnl_lock();
		err = mini_route_del(mini_genl_net(info), &r.cfg,
				     info->extack);
		rtnl_unlock();
	}
	genl_route_done(&r);
	return err;
}

/* One change of a batch; RTNL held. */
static int genl_batch_one(struct mini_net *mn, const struct nlattr *nla,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[MINI_A_ROUTE_NEXTHOP + 1];
	struct genl_route r = {
		.tb = tb,
		.head = nla_data(nla),
		.len = nla_len(nla),
		.extack = extack,
	};
	int err;

	/* The policy has been kept already. */
	err = nla_parse_nested(tb, MINI_A_ROUTE_NEXTHOP, nla, NULL, extack);
	if (err)
		return err;
	err = genl_route_parse(&r);
	if (err)
		goto out;
	if (nla_type(nla) == MINI_A_BATCH_DEL) {
		err = mini_route_batch_del(mn, &r.cfg, extack);
		goto out;
	}
	err = genl_route_check_way(&r);
	if (!err)
		err = genl_route_congctl(&r);
	if (!err) {
		err = mini_route_batch_add(mn, &r.cfg, extack);
		if (err)
			module_put(r.cfg.cong_owner);
	}
out:
	genl_route_done(&r);
	return err;
}

/* Modules are loaded before RTNL is taken: theirs may want it, and it waits. */
static void genl_batch_load(const struct genl_info *info)
{
	char name[MINI_CONG_NAME_MAX];
	const struct nlattr *nla;
	const struct nlattr *cong;
	int rem;

	nla_for_each_attr(nla, nlmsg_attrdata(info->nlhdr, GENL_HDRLEN),
			  nlmsg_attrlen(info->nlhdr, GENL_HDRLEN), rem) {
		if (nla_type(nla) != MINI_A_BATCH_ADD)
			continue;
		cong = nla_find_nested(nla, MINI_A_ROUTE_CONGCTL);
		if (!cong)
			continue;
		nla_strscpy(name, cong, sizeof(name));
		/* The batch will come no further. */
		if (!mini_tcp_cong_load(name))
			break;
	}
}

int mini_genl_route_batch(struct sk_buff *skb, struct genl_info *info)
{
	struct mini_net *mn = mini_genl_net(info);
	const struct nlattr *nla;
	int err = 0;
	int rem;

	genl_batch_load(info);
	rtnl_lock();
	nla_for_each_attr(nla, nlmsg_attrdata(info->nlhdr, GENL_HDRLEN),
			  nlmsg_attrlen(info->nlhdr, GENL_HDRLEN), rem) {
		err = genl_batch_one(mn, nla, info->extack);
		if (err) {
			NL_SET_BAD_ATTR(info->extack, nla);
			break;
		}
		cond_resched();
	}
	mini_route_batch_end(mn);
	rtnl_unlock();
	return err;
}

int mini_genl_route_get(struct sk_buff *skb, struct genl_info *info)
{
	struct mini_flow fl = {};
	struct mini_route_cfg cfg;
	struct sk_buff *msg;
	void *hdr;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, MINI_A_ROUTE_DST))
		return -EINVAL;
	err = mini_genl_get_addr(info, MINI_A_ROUTE_DST, &fl.dst);
	if (!err && info->attrs[MINI_A_ROUTE_PREFSRC])
		err = mini_genl_get_addr(info, MINI_A_ROUTE_PREFSRC, &fl.src);
	if (err)
		return err;
	if (info->attrs[MINI_A_ROUTE_IFINDEX])
		fl.oif = nla_get_u32(info->attrs[MINI_A_ROUTE_IFINDEX]);
	err = mini_route_get(mini_genl_net(info), &fl, &cfg);
	if (err)
		return err;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &mini_genl_family, 0,
				MINI_CMD_ROUTE_GET);
	if (!hdr || mini_genl_route_fill(msg, &cfg)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/* Each of several next hops. */
static int genl_route_fill_nexthops(struct sk_buff *skb,
				    const struct mini_nexthops *via)
{
	const struct mini_nexthop *nh;
	struct nlattr *nest;

	for (nh = via->nh; nh < via->nh + via->n; nh++) {
		u32 flags = 0;

		if (!mini_dev_usable(nh->mdev))
			flags |= MINI_ROUTE_F_DOWN;
		if (READ_ONCE(nh->failed))
			flags |= MINI_ROUTE_F_DEAD;
		nest = nla_nest_start(skb, MINI_A_ROUTE_NEXTHOP);
		if (!nest ||
		    nla_put_u32(skb, MINI_A_NEXTHOP_IFINDEX,
				nh->mdev->ifindex) ||
		    nla_put_u32(skb, MINI_A_NEXTHOP_WEIGHT, nh->weight) ||
		    nla_put_u32(skb, MINI_A_NEXTHOP_FLAGS, flags))
			return -EMSGSIZE;
		if (!mini_addr_any(&nh->gateway) &&
		    mini_genl_put_addr(skb, MINI_A_NEXTHOP_GATEWAY,
				       &nh->gateway))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
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
	if (cfg->via && cfg->via->n > 1)
		return genl_route_fill_nexthops(skb, cfg->via);
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
	BUILD_BUG_ON(sizeof(struct mini_route_iter) >
		     sizeof(cb->ctx) - sizeof(cb->args[0]));
	if (!mini_route_walk(mn, (struct mini_route_iter *)&cb->args[1],
			     mini_genl_route_put, &d))
		cb->args[0] = 1;
	rtnl_unlock();
	return skb->len;
}
