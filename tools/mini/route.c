// SPDX-License-Identifier: GPL-2.0
/* mini route: which packets leave by which device, through which router. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mini.h"

struct filter {
	uint32_t ifindex;	/* 0: any */
	bool all;		/* also what follows from addresses */
};

int route_change(struct nl *nl, uint8_t cmd, const struct route *r)
{
	struct nlmsghdr *nlh = nl_cmd(nl, cmd, 0);

	put_ip(nlh, MINI_A_ROUTE_DST, &r->dst.ip);
	mnl_attr_put_u8(nlh, MINI_A_ROUTE_PREFIXLEN, r->dst.bits);
	put_ip(nlh, MINI_A_ROUTE_GATEWAY, &r->gateway);
	if (r->ifindex)
		mnl_attr_put_u32(nlh, MINI_A_ROUTE_IFINDEX, r->ifindex);
	if (r->has_metric)
		mnl_attr_put_u32(nlh, MINI_A_ROUTE_METRIC, r->metric);
	put_ip(nlh, MINI_A_ROUTE_PREFSRC, &r->src);
	if (r->congctl[0])
		mnl_attr_put_strz(nlh, MINI_A_ROUTE_CONGCTL, r->congctl);
	return nl_ack(nl, nlh);
}

static const char *dst_str(const struct prefix *dst, char *buf)
{
	if (!dst->bits)
		return "default";
	if (dst->bits == dst->ip.len * 8)
		return ip_str(&dst->ip, buf);
	return prefix_str(dst, buf);
}

/* As a user would write it. */
const char *route_str(const struct route *r, char *buf, size_t size)
{
	char text[ADDR_STRLEN], name[IF_NAMESIZE];
	size_t at;

	at = snprintf(buf, size, "%s", dst_str(&r->dst, text));
	if (at < size && r->gateway.len)
		at += snprintf(buf + at, size - at, " via %s",
			       ip_str(&r->gateway, text));
	if (at < size && r->ifindex)
		at += snprintf(buf + at, size - at, " dev %s",
			       dev_str(r->ifindex, name));
	if (at < size && r->src.len)
		at += snprintf(buf + at, size - at, " src %s",
			       ip_str(&r->src, text));
	if (at < size && r->metric)
		at += snprintf(buf + at, size - at, " metric %u", r->metric);
	if (at < size && r->congctl[0])
		snprintf(buf + at, size - at, " congctl %s", r->congctl);
	return buf;
}

static const char *type_str(uint8_t type)
{
	switch (type) {
	case MINI_ROUTE_LOCAL:
		return "local";
	case MINI_ROUTE_BROADCAST:
		return "broadcast";
	default:
		return "unicast";
	}
}

static void route_json(const struct route *r, uint8_t type, uint32_t flags)
{
	char text[ADDR_STRLEN], name[IF_NAMESIZE];

	json_str("type", type_str(type));
	json_str("dst", dst_str(&r->dst, text));
	if (r->gateway.len)
		json_str("gateway", ip_str(&r->gateway, text));
	if (r->ifindex)
		json_str("dev", dev_str(r->ifindex, name));
	if (r->src.len)
		json_str("prefsrc", ip_str(&r->src, text));
	json_uint("metric", r->metric);
	if (r->congctl[0])
		json_str("congctl", r->congctl);
	json_open("flags", '[');
	if (flags & MINI_ROUTE_F_AUTO)
		json_str(NULL, "auto");
	if (flags & MINI_ROUTE_F_DOWN)
		json_str(NULL, "down");
	json_close();
	json_close();
}

static void route_row(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[MINI_A_ROUTE_MAX + 1];
	const struct filter *filter = arg;
	struct route r = { 0 };
	uint8_t type;
	uint32_t flags;
	char buf[512];

	nl_parse(nlh, sizeof(struct genlmsghdr), tb, MINI_A_ROUTE_MAX);
	type = attr_u8(tb[MINI_A_ROUTE_TYPE]);
	if (!filter->all &&
	    (type == MINI_ROUTE_LOCAL || type == MINI_ROUTE_BROADCAST))
		return;
	r.ifindex = attr_u32(tb[MINI_A_ROUTE_IFINDEX]);
	if (filter->ifindex && filter->ifindex != r.ifindex)
		return;
	if (!attr_ip(tb[MINI_A_ROUTE_DST], &r.dst.ip))
		return;
	r.dst.bits = attr_u8(tb[MINI_A_ROUTE_PREFIXLEN]);
	attr_ip(tb[MINI_A_ROUTE_GATEWAY], &r.gateway);
	attr_ip(tb[MINI_A_ROUTE_PREFSRC], &r.src);
	r.metric = attr_u32(tb[MINI_A_ROUTE_METRIC]);
	flags = attr_u32(tb[MINI_A_ROUTE_FLAGS]);
	if (tb[MINI_A_ROUTE_CONGCTL])
		snprintf(r.congctl, sizeof(r.congctl), "%s",
			 mnl_attr_get_str(tb[MINI_A_ROUTE_CONGCTL]));
	row_begin();
	if (options.json) {
		route_json(&r, type, flags);
		return;
	}
	printf("%s%s%s%s%s\n",
	       type == MINI_ROUTE_LOCAL || type == MINI_ROUTE_BROADCAST ?
	       type_str(type) : "",
	       type == MINI_ROUTE_LOCAL || type == MINI_ROUTE_BROADCAST ?
	       " " : "",
	       route_str(&r, buf, sizeof(buf)),
	       flags & MINI_ROUTE_F_AUTO ? " auto" : "",
	       flags & MINI_ROUTE_F_DOWN ? " down" : "");
}

void route_event_row(const struct nlmsghdr *nlh)
{
	struct filter all = { .all = true };

	route_row(nlh, &all);
}

static int show(struct args *args)
{
	struct filter filter = { 0 };
	const char *word;

	while ((word = args_next(args))) {
		if (!strcmp(word, "all"))
			filter.all = true;
		else if (!strcmp(word, "dev") && !filter.ifindex)
			filter.ifindex = parse_dev(args_need(args, "the device after dev"));
		else
			die_usage("\"%s\" is not expected here", word);
	}
	nl_show(MINI_CMD_ROUTE_GET, '[', route_row, &filter);
	return EXIT_SUCCESS;
}

static void parse_dst(const char *word, struct route *r)
{
	char text[ADDR_STRLEN];
	struct prefix net;

	parse_prefix(word, &r->dst);
	if (!prefix_has_host_bits(&r->dst))
		return;
	net = r->dst;
	prefix_mask(&net);
	die_usage("%s names a host, not a network; do you mean %s?", word,
		  prefix_str(&net, text));
}

static void parse_metric(struct args *args, struct route *r)
{
	r->metric = parse_u32(args_need(args, "the number after metric"),
			      "metric", UINT32_MAX);
	r->has_metric = true;
}

static void parse_congctl(struct args *args, struct route *r)
{
	const char *name = args_need(args, "the name after congctl");

	if (!name[0] || strlen(name) >= sizeof(r->congctl))
		die_usage("\"%s\" is not a congestion control", name);
	strcpy(r->congctl, name);
}

static void parse_route(struct args *args, struct route *r)
{
	const char *dst = NULL, *word;

	while ((word = args_next(args))) {
		if (!strcmp(word, "via") && !r->gateway.len)
			parse_ip(args_need(args, "the address after via"),
				 &r->gateway);
		else if (!strcmp(word, "dev") && !r->ifindex)
			r->ifindex = parse_dev(args_need(args, "the device after dev"));
		else if (!strcmp(word, "src") && !r->src.len)
			parse_ip(args_need(args, "the address after src"),
				 &r->src);
		else if (!strcmp(word, "metric") && !r->has_metric)
			parse_metric(args, r);
		else if (!strcmp(word, "congctl") && !r->congctl[0])
			parse_congctl(args, r);
		else if (!dst)
			dst = word;
		else
			die_usage("\"%s\" is not expected here", word);
	}
	if (!dst)
		die_usage("which route? (default or PREFIX)");
	if (!strcmp(dst, "default"))
		r->dst.ip.len = r->gateway.len ? r->gateway.len : 4;
	else
		parse_dst(dst, r);
	if ((r->gateway.len && r->gateway.len != r->dst.ip.len) ||
	    (r->src.len && r->src.len != r->dst.ip.len))
		die_usage("IPv4 and IPv6 do not mix in one route");
}

static int change(struct args *args, uint8_t cmd, const char *verb)
{
	struct route r = { 0 };
	struct nl *nl;
	char buf[512];

	parse_route(args, &r);
	if (cmd == MINI_CMD_ROUTE_ADD && !r.gateway.len && !r.ifindex)
		die_usage("through what? (via GATEWAY, dev DEV or both)");
	nl = nl_open_mini();
	if (route_change(nl, cmd, &r))
		die("cannot %s route %s: %s", verb,
		    route_str(&r, buf, sizeof(buf)), nl_why(nl));
	nl_close(nl);
	return EXIT_SUCCESS;
}

int cmd_route(struct args *args)
{
	switch (args_action(args)) {
	case ACTION_ADD:
		return change(args, MINI_CMD_ROUTE_ADD, "add");
	case ACTION_DEL:
		return change(args, MINI_CMD_ROUTE_DEL, "delete");
	default:
		return show(args);
	}
}
