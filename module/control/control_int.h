/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inside of control/: what its files tell each other.
 */
#ifndef _MINI_CONTROL_INT_H
#define _MINI_CONTROL_INT_H

#include <net/genetlink.h>

#include "control.h"

struct ctl_table;
struct ctl_table_header;

/**
 * struct mini_control_net - what control keeps of a namespace
 * @header: net.mini as registered; NULL in a kernel without sysctls
 * @table: its entries, which point into the instance's knobs
 */
struct mini_control_net {
	struct ctl_table_header *header;
	struct ctl_table *table;
};

/* stat.c: events first, then drops. */
#define MINI_STAT_COUNT		(MINI_MIB_COUNT + MINI_DROP_COUNT)

const char *mini_stat_name(unsigned int i);
u64 mini_stat_value(const struct mini_net *mn, unsigned int i);
int mini_stat_net_init(struct mini_net *mn);
void mini_stat_net_exit(struct mini_net *mn);

/* sysctl.c */
void mini_sysctl_net_init(struct mini_net *mn);
int mini_sysctl_net_open(struct mini_net *mn);
void mini_sysctl_net_close(struct mini_net *mn);

/* diag.c */
int mini_diag_open(void);
void mini_diag_close(void);

/* genl.c */
extern struct genl_family mini_genl_family;

int mini_genl_open(void);
void mini_genl_close(void);

/**
 * mini_genl_check_addr() - a policy's check: 4 or 16 octets
 * @attr: attribute
 * @extack: where the reason goes
 */
int mini_genl_check_addr(const struct nlattr *attr,
			 struct netlink_ext_ack *extack);

/**
 * mini_genl_get_addr() - the address in an attribute, v4-mapped
 * @info: request
 * @attr: the attribute's number; it is present
 * @addr: receives the address
 *
 * Return: 0; -EAFNOSUPPORT for IPv6.
 */
int mini_genl_get_addr(struct genl_info *info, int attr, struct in6_addr *addr);

/**
 * mini_genl_get_plen() - the length of a prefix of an IPv4 address
 * @info: request
 * @attr: the attribute's number; it is present
 * @plen: receives the length as the stack counts it, of a v4-mapped address
 *
 * Return: 0; -EINVAL above 32.
 */
int mini_genl_get_plen(struct genl_info *info, int attr, u8 *plen);

/* Four octets of a v4-mapped address, sixteen of another. */
int mini_genl_put_addr(struct sk_buff *skb, int attr,
		       const struct in6_addr *addr);

/* A length as user space counts it. */
static inline u8 mini_genl_plen(const struct in6_addr *addr, u8 plen)
{
	return plen >= 96 && (mini_addr_is_v4(addr)) ? plen - 96 : plen;
}

/* The instance of the namespace that a request came from. */
static inline struct mini_net *mini_genl_net(const struct genl_info *info)
{
	return mini_pernet(genl_info_net((struct genl_info *)info));
}

static inline struct mini_net *mini_genl_dump_net(struct netlink_callback *cb)
{
	return mini_pernet(sock_net(cb->skb->sk));
}

/* A message of a dump; genlmsg_end() or genlmsg_cancel() it. */
void *mini_genl_dump_put(struct sk_buff *skb, struct netlink_callback *cb,
			 u8 cmd);

/* A u32 that an int can hold. */
#define MINI_POLICY_IFINDEX	NLA_POLICY_MIN(NLA_S32, 1)

/* genl_event.c: between registering the family and unregistering it. */
void mini_genl_event_open(void);
void mini_genl_event_close(void);

/* The attributes of an object, in dumps and events; 0 or -EMSGSIZE. */
struct mini_dev;
struct mini_ifaddr;
struct mini_route_cfg;
struct mini_neigh_info;
int mini_genl_dev_fill(struct sk_buff *skb, struct mini_dev *mdev, bool stats);
int mini_genl_addr_fill(struct sk_buff *skb, const struct mini_ifaddr *ifa);
int mini_genl_route_fill(struct sk_buff *skb,
			 const struct mini_route_cfg *cfg);
int mini_genl_neigh_fill(struct sk_buff *skb,
			 const struct mini_neigh_info *ni);

/* genl_dev.c, and so on for addr, route, neigh, group, stat */
extern const struct nla_policy mini_dev_policy[MINI_A_DEV_PROXY_ARP + 1];
extern const struct nla_policy mini_addr_policy[MINI_A_ADDR_FLAGS + 1];
extern const struct nla_policy mini_route_policy[MINI_A_ROUTE_NEXTHOP + 1];
extern const struct nla_policy mini_batch_policy[MINI_A_BATCH_DEL + 1];
extern const struct nla_policy mini_neigh_policy[MINI_A_NEIGH_LLADDR + 1];

int mini_genl_dev_attach(struct sk_buff *skb, struct genl_info *info);
int mini_genl_dev_detach(struct sk_buff *skb, struct genl_info *info);
int mini_genl_dev_set(struct sk_buff *skb, struct genl_info *info);
int mini_genl_dev_dump(struct sk_buff *skb, struct netlink_callback *cb);
int mini_genl_addr_add(struct sk_buff *skb, struct genl_info *info);
int mini_genl_addr_del(struct sk_buff *skb, struct genl_info *info);
int mini_genl_addr_dump(struct sk_buff *skb, struct netlink_callback *cb);
int mini_genl_route_add(struct sk_buff *skb, struct genl_info *info);
int mini_genl_route_del(struct sk_buff *skb, struct genl_info *info);
int mini_genl_route_batch(struct sk_buff *skb, struct genl_info *info);
int mini_genl_route_get(struct sk_buff *skb, struct genl_info *info);
int mini_genl_route_dump(struct sk_buff *skb, struct netlink_callback *cb);
int mini_genl_neigh_add(struct sk_buff *skb, struct genl_info *info);
int mini_genl_neigh_del(struct sk_buff *skb, struct genl_info *info);
int mini_genl_neigh_dump(struct sk_buff *skb, struct netlink_callback *cb);
int mini_genl_group_dump(struct sk_buff *skb, struct netlink_callback *cb);
int mini_genl_stat_dump(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* _MINI_CONTROL_INT_H */
